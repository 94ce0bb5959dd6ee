//! Containers: subscripts, displays, unpacking.

use super::env::SlotV;
use super::{Builder, op};
use crate::helpers::Helper;
use crate::ir::{Def, Reason, Role, Slot, Value};
use crate::ops::Op;
use crate::snapshot::Desc;
use crate::types::{Repr, Ty};
use std::rc::Rc;
use whipsnake_abi::bytecode::Instr;

/// Type codes of `array.array` whose items are ints.
pub(super) const INT_CODES: &str = "bBhHiIlLqQ";

impl Builder<'_> {
    /// The container type to assume for a subscript.
    pub(super) fn container_ty(&self, depth: usize, ins: &Instr, index_is_int: bool) -> Ty {
        let t = self.assume(depth, ins);
        if t != Ty::Any || self.polymorphic(ins) {
            return t;
        }
        match ins.raw {
            op::BINARY_OP_SUBSCR_LIST_INT | op::BINARY_OP_SUBSCR_LIST_SLICE | op::STORE_SUBSCR_LIST_INT => Ty::List,
            op::BINARY_OP_SUBSCR_TUPLE_INT => Ty::Tuple,
            op::BINARY_OP_SUBSCR_STR_INT => Ty::Str,
            op::BINARY_OP_SUBSCR_DICT | op::STORE_SUBSCR_DICT => Ty::Dict,
            op::BINARY_OP if index_is_int && !self.code().warm => Ty::Any,
            op::BINARY_OP | op::STORE_SUBSCR if index_is_int => Ty::List,
            _ => Ty::Any,
        }
    }

    fn index_ty(&self, depth: usize, ins: &Instr) -> Ty {
        let t = self.assume(depth, ins);
        if t != Ty::Any {
            return t;
        }
        match ins.raw {
            op::BINARY_OP_SUBSCR_LIST_INT | op::BINARY_OP_SUBSCR_TUPLE_INT | op::BINARY_OP_SUBSCR_STR_INT | op::STORE_SUBSCR_LIST_INT => {
                Ty::Int
            }
            _ => Ty::Any,
        }
    }

    pub(super) fn is_int(t: Ty) -> bool {
        matches!(t, Ty::Int | Ty::Bool)
    }

    /// The checked index for a container of this length.
    fn index(&mut self, depth: usize, len: Value) -> Value {
        let i = self.want_int(depth);
        self.val(Op::Index, &[i, len], Reason::Bounds)
    }

    /// `container[index]`: stack is container, index.
    pub(super) fn subscr(&mut self, ins: &Instr) {
        if let (Slot::Tuple(items), Slot::Val { v, .. }) = (self.peek(1).clone(), self.peek(0).clone())
            && self.f.repr(v) == Repr::Int
            && let Some(i) = self.f.const_int(v)
            && let Some(item) = usize::try_from(if i < 0 { i + items.len() as i64 } else { i })
                .ok()
                .and_then(|i| items.get(i))
        {
            // The tuple gives up its own references.
            let mut item = item.clone();
            item.for_each_val_mut(&mut |_, owned| *owned = false);
            let item = self.own(item);
            return self.finish(2, Some(item));
        }
        if self.plain_method(ins, "__getitem__", 2, 1, Role::Call) {
            return;
        }
        if self.get_apart(ins) {
            return;
        }
        self.settle(2);
        if self.constant_slice(ins) {
            return;
        }
        let it = self.index_ty(0, ins);
        let ct = self.container_ty(1, ins, Self::is_int(it));
        let fb = self.feedback(ins.start);
        if Self::is_int(it) && !fb.generic && !fb.bigint && self.subscr_int(ct, ins) {
            return;
        }
        if ct == Ty::Dict && !fb.generic && self.dict_key(0, ins) {
            self.expect(1, Ty::Dict);
            if let Some(v) = self.helper(Helper::DictGetItem, 2, &[], Ty::Any) {
                return self.finish_val(2, v);
            }
        }
        self.generic_subscr(ins);
    }

    /// Whether the slot is, or is taken for, a str or int key; guards it.
    pub(super) fn dict_key(&mut self, depth: usize, ins: &Instr) -> bool {
        let t = match self.assume(depth, ins) {
            Ty::Any if !self.polymorphic(ins) => Ty::Str,
            t => t,
        };
        let ok = matches!(t, Ty::Str | Ty::Int);
        if ok {
            self.expect(depth, t);
        }
        ok
    }

    fn generic_subscr(&mut self, ins: &Instr) {
        match self.helper(Helper::GetItem, 2, &[], Ty::Any) {
            Some(v) => {
                self.finish_val(2, v);
                self.after(Helper::GetItem);
            }
            None => self.leave(Reason::Unsupported(ins.op)),
        }
    }

    /// The character of a str at a checked index: as its code point while those met are below 256, else as an object.
    pub(super) fn char_at(&mut self, s: Value, index: Value, ins: &Instr) -> SlotV {
        if self.feedback(ins.start).domain {
            let v = self.obj(Op::Call { helper: Helper::StrGet }, &[s, index], Reason::None, Ty::Str);
            return Slot::Val { v, owned: true };
        }
        let v = self.val(Op::StrOrdAt, &[s, index], Reason::None);
        let limit = self.int(256);
        let ok = self.val(Op::ICmp { cc: crate::ops::Cc::Lt }, &[v, limit], Reason::None);
        self.emit(Op::GuardTrue, &[ok], Reason::Domain);
        Slot::Chr { v }
    }

    /// Notes what an item of a container looks like.
    pub(super) fn hint_item(&mut self, container: &SlotV, index: Value, item: Value) {
        let Some(h) = self.hint(container) else { return };
        let plain = match self.f.value(index).def {
            Def::Inst(i) if matches!(self.f.inst(i).op, Op::Index | Op::IndexPos) => self.f.inst(i).args[0],
            _ => index,
        };
        if let Some(h) = h.item_at(self.f.const_int(plain)) {
            self.hints.insert(item, Rc::new(h.clone()));
        }
    }

    /// Pushes an item borrowed from a container as an owned slot, and ends the op.
    fn finish_item(&mut self, n: usize, container: &SlotV, index: Value, v: Value) {
        self.hint_item(container, index, v);
        self.emit(Op::IncRef, &[v], Reason::None);
        self.finish_val(n, v);
    }

    fn subscr_int(&mut self, ct: Ty, ins: &Instr) -> bool {
        let slot = self.peek(1).clone();
        if matches!(slot, Slot::Tuple(_)) && self.want_obj(1).is_none() {
            return false;
        }
        let slot = if matches!(slot, Slot::Tuple(_)) {
            self.peek(1).clone()
        } else {
            slot
        };
        let simple = match &slot {
            Slot::Val { v, .. } => self.f.repr(*v) == Repr::Obj,
            Slot::Const(_) => true,
            _ => false,
        };
        if !simple {
            return false;
        }
        match ct {
            Ty::List | Ty::Tuple => {
                let c = self.slot_obj(&slot);
                self.guard(c, ct);
                let (len, get) = if ct == Ty::List {
                    (Op::ListLen, Op::ListGet)
                } else {
                    (Op::TupleLen, Op::TupleGet)
                };
                let n = self.val(len, &[c], Reason::None);
                let i = self.index(0, n);
                let v = self.obj(get, &[c, i], Reason::None, Ty::Any);
                self.finish_item(2, &slot, i, v);
            }
            Ty::Str => {
                let c = self.slot_obj(&slot);
                self.guard(c, ct);
                let n = self.val(Op::StrLen, &[c], Reason::None);
                let i = self.index(0, n);
                let ch = self.char_at(c, i, ins);
                self.finish(2, Some(ch));
            }
            Ty::Bytes | Ty::Bytearray => {
                let c = self.slot_obj(&slot);
                self.guard(c, ct);
                let (len, get) = if ct == Ty::Bytes {
                    (Op::BytesLen, Op::BytesGet)
                } else {
                    (Op::BytearrayLen, Op::BytearrayGet)
                };
                let n = self.val(len, &[c], Reason::None);
                let i = self.index(0, n);
                let v = self.val(get, &[c, i], Reason::None);
                self.finish_val(2, v);
            }
            Ty::Array => {
                let Some(code) = self.hint(&slot).and_then(|h| h.typecode) else {
                    return false;
                };
                let c = self.slot_obj(&slot);
                self.guard(c, ct);
                let get = if INT_CODES.contains(code) {
                    Op::ArrayGetInt { code }
                } else if matches!(code, 'd' | 'f') {
                    Op::ArrayGetFloat { code }
                } else {
                    return false;
                };
                self.emit(Op::GuardArrayCode { code }, &[c], Reason::Type(Ty::Array));
                let n = self.val(Op::ArrayLen, &[c], Reason::None);
                let i = self.index(0, n);
                let v = self.val(get, &[c, i], Reason::Overflow);
                self.finish_val(2, v);
            }
            _ => return false,
        }
        true
    }

    /// Makes a list of the `n` slots on top, if they can be objects.
    pub(super) fn list_of(&mut self, n: usize) -> bool {
        if (0..n).rev().any(|d| self.want_obj(d).is_none()) {
            return false;
        }
        let mut vals: Vec<Value> = (0..n).map(|_| self.pop_owned().expect("boxed above")).collect();
        vals.reverse();
        let v = self.obj(Op::ListNew, &vals, Reason::None, Ty::List);
        self.push_val(v);
        true
    }

    pub(super) fn container(&mut self, ins: &Instr) {
        let n = ins.arg as usize;
        match ins.op {
            op::STORE_SUBSCR => self.store_subscr(ins),
            op::DELETE_SUBSCR => match self.helper(Helper::DelItem, 2, &[], Ty::Any) {
                Some(_) => {
                    self.finish(2, None);
                    self.after(Helper::DelItem);
                }
                None => self.leave(Reason::Unsupported(ins.op)),
            },
            op::BINARY_SLICE => self.binary_slice(ins),
            op::BUILD_TUPLE => {
                if (0..n).any(|d| {
                    !matches!(
                        self.peek(d),
                        Slot::Val { .. } | Slot::Const(_) | Slot::Tuple(_) | Slot::Chr { .. } | Slot::Complex { .. } | Slot::Wide { .. }
                    )
                }) {
                    return self.leave(Reason::Unsupported(ins.op));
                }
                let mut items: Vec<SlotV> = (0..n).map(|_| self.pop()).collect();
                items.reverse();
                let items = items.into_iter().map(|s| self.own(s)).collect();
                self.push(Slot::Tuple(items));
            }
            op::BUILD_LIST if n == 0 && self.gathers(ins) => self.push(Slot::List(Vec::new())),
            op::BUILD_LIST => {
                if !self.list_of(n) {
                    self.leave(Reason::Unsupported(ins.op));
                }
            }
            op::LIST_APPEND => {
                let list = self.peek(n).clone();
                if let Slot::List(_) = list {
                    return self.gather_item(n);
                }
                let Slot::Val { v: l, .. } = list else {
                    return self.leave(Reason::Unsupported(ins.op));
                };
                self.guard(l, Ty::List);
                if !self.append(l, 1, None) {
                    self.leave(Reason::Unsupported(ins.op));
                }
            }
            op::UNPACK_SEQUENCE => self.unpack(ins, n),
            op::BUILD_SLICE => self.build_slice(ins, n),
            op::STORE_SLICE => self.store_slice(ins),
            op::LIST_EXTEND => self.list_extend(ins, n),
            op::BUILD_MAP if n == 0 => {
                let v = self.obj(Op::Call { helper: Helper::DictEmpty }, &[], Reason::Domain, Ty::Dict);
                self.push_val(v);
            }
            op::DICT_MERGE => {
                let dicts = self.ty(n) == Ty::Dict && self.want_obj(0).is_some();
                if !dicts || self.feedback(ins.start).generic || self.feedback(ins.start).domain {
                    return self.leave(Reason::Unsupported(ins.op));
                }
                self.expect(0, Ty::Dict);
                let (target, more) = (self.peek(n).clone(), self.peek(0).clone());
                let (target, more) = (self.slot_obj(&target), self.slot_obj(&more));
                let helper = Helper::DictMerge;
                self.emit(Op::Call { helper }, &[target, more], Reason::Domain);
                self.finish(1, None);
            }
            op::BUILD_MAP => self.build(Helper::DictNew, 2 * n, Ty::Dict, ins),
            op::BUILD_SET => self.build(Helper::SetNew, n, Ty::Set, ins),
            op::CALL_INTRINSIC_1 if ins.arg == op::intrinsic1::LIST_TO_TUPLE && matches!(self.peek(0), Slot::List(_)) => {
                if let Slot::List(items) = self.pop() {
                    self.push(Slot::Tuple(items));
                }
            }
            op::CALL_INTRINSIC_1 if ins.arg == op::intrinsic1::LIST_TO_TUPLE && self.ty(0) == Ty::List => {
                let Some(list) = self.want_obj(0) else {
                    return self.leave(Reason::Unsupported(ins.op));
                };
                let helper = Helper::TupleFrom;
                let v = self.obj(Op::Call { helper }, &[list], Reason::None, Ty::Tuple);
                self.finish_val(1, v);
            }
            op::BUILD_STRING => self.build(Helper::StrJoin, n, Ty::Str, ins),
            op::FORMAT_SIMPLE => {
                if self.ty(0) == Ty::Str {
                    return;
                }
                self.build(Helper::FormatSimple, 1, Ty::Any, ins);
            }
            op::FORMAT_WITH_SPEC => self.build(Helper::FormatWith, 2, Ty::Any, ins),
            op::CONVERT_VALUE => {
                if self.want_obj(0).is_none() {
                    return self.leave(Reason::Unsupported(ins.op));
                }
                match self.helper(Helper::Convert, 1, &[i64::from(ins.arg)], Ty::Any) {
                    Some(v) => {
                        self.finish_val(1, v);
                        self.after(Helper::Convert);
                    }
                    None => self.leave(Reason::Unsupported(ins.op)),
                }
            }
            op::MAP_ADD => self.put_item(Helper::SetItem, n + 1, 2, ins),
            op::SET_ADD => self.put_item(Helper::SetAdd, n, 1, ins),
            _ => self.leave(Reason::Unsupported(ins.op)),
        }
    }

    /// A comprehension's new item, the top `n` slots, goes into the container at `depth`.
    fn put_item(&mut self, helper: Helper, depth: usize, n: usize, ins: &Instr) {
        for d in [depth].into_iter().chain((0..n).rev()) {
            if self.want_obj(d).is_none() {
                return self.leave(Reason::Unsupported(ins.op));
            }
        }
        let slots: Vec<SlotV> = [depth].into_iter().chain((0..n).rev()).map(|d| self.peek(d).clone()).collect();
        let args: Vec<Value> = slots.iter().map(|s| self.slot_obj(s)).collect();
        self.count_op(helper);
        let (put, reason) = self.calling(helper);
        self.emit(put, &args, reason);
        self.finish(n, None);
        self.after(helper);
    }

    fn build(&mut self, h: Helper, n: usize, ty: Ty, ins: &Instr) {
        match self.helper(h, n, &[], ty) {
            Some(v) => {
                self.finish_val(n, v);
                self.after(h);
            }
            None => self.leave(Reason::Unsupported(ins.op)),
        }
    }

    /// Appends the top slot to a list (borrowed), popping `n` slots and pushing `result`.
    pub(super) fn append(&mut self, list: Value, n: usize, result: Option<SlotV>) -> bool {
        let slot = self.peek(0).clone();
        let raw = match &slot {
            Slot::Val { v, .. } => match self.f.repr(*v) {
                Repr::Int => Some((Helper::ListAppendInt, *v)),
                Repr::Float => Some((Helper::ListAppendFloat, *v)),
                _ => None,
            },
            _ => None,
        };
        if let Some((helper, v)) = raw {
            self.emit(Op::Call { helper }, &[list, v], Reason::Domain);
            self.finish(n, result);
            return true;
        }
        let helper = Helper::ListAppend;
        if !self.emit_stealing(Op::Call { helper }, &[list], 0, Reason::Domain) {
            return false;
        }
        self.finish(n, result);
        true
    }

    /// `container[index] = value`: stack is value, container, index.
    fn store_subscr(&mut self, ins: &Instr) {
        if self.plain_method(ins, "__setitem__", 3, 1, Role::Discard) {
            return;
        }
        if self.set_apart(ins) {
            return;
        }
        self.settle(3);
        let it = self.index_ty(0, ins);
        let ct = self.container_ty(1, ins, Self::is_int(it));
        let fb = self.feedback(ins.start);
        let slot = self.peek(1).clone();
        let simple = matches!(&slot, Slot::Val { v, .. } if self.f.repr(*v) == Repr::Obj);
        if Self::is_int(it) && simple && !fb.generic && !fb.bigint && self.store_int(ct, &slot) {
            return;
        }
        let helper = if ct == Ty::Dict && simple && !fb.generic && self.dict_key(0, ins) {
            self.expect(1, Ty::Dict);
            Helper::DictSetItem
        } else {
            Helper::SetItem
        };
        // Stack order is value, container, key.
        let (Some(value), Some(container), Some(key)) = (self.want_obj(2), self.want_obj(1), self.want_obj(0)) else {
            return self.leave(Reason::Unsupported(ins.op));
        };
        if helper == Helper::DictSetItem {
            self.guard_other_dict(container);
        }
        self.count_op(helper);
        let (set, reason) = match self.calling(helper) {
            (set, _) if helper == Helper::DictSetItem => (set, Reason::Finaliser),
            known => known,
        };
        self.emit(set, &[container, key, value], reason);
        self.finish(3, None);
        if helper == Helper::SetItem {
            self.after(helper);
        }
    }

    fn store_int(&mut self, ct: Ty, slot: &SlotV) -> bool {
        let value = self.peek(2).clone();
        let repr = match &value {
            Slot::Val { v, .. } => self.f.repr(*v),
            _ => Repr::Obj,
        };
        match ct {
            Ty::List => {
                let held = self.hint(slot).and_then(|h| h.item.as_ref().map(|i| i.ty));
                let c = self.slot_obj(slot);
                self.guard(c, ct);
                let n = self.val(Op::ListLen, &[c], Reason::None);
                let i = self.index(0, n);
                match (repr, &value) {
                    (Repr::Float, Slot::Val { v, .. }) => {
                        self.emit(Op::ListSetFloat, &[c, i, *v], Reason::Finaliser);
                    }
                    (Repr::Int, Slot::Val { v, .. }) => {
                        self.emit(Op::ListSetInt, &[c, i, *v], Reason::Finaliser);
                    }
                    _ if held.is_some_and(Ty::releases) => {
                        let Some(old) = self.emit_swap(Op::ListSwap, &[c, i], 2, Reason::None) else {
                            return false;
                        };
                        self.finish(3, None);
                        self.release(old);
                        return true;
                    }
                    _ => {
                        if !self.emit_stealing(Op::ListSet, &[c, i], 2, Reason::Finaliser) {
                            return false;
                        }
                    }
                }
            }
            Ty::Bytearray => {
                if !Self::is_int(self.slot_ty(&value)) {
                    return false;
                }
                let c = self.slot_obj(slot);
                self.guard(c, ct);
                let n = self.val(Op::BytearrayLen, &[c], Reason::None);
                let i = self.index(0, n);
                let v = self.want_int(2);
                self.emit(Op::BytearraySet, &[c, i, v], Reason::Domain);
            }
            Ty::Array => {
                let Some(code) = self.hint(slot).and_then(|h| h.typecode) else {
                    return false;
                };
                let c = self.slot_obj(slot);
                let float = matches!(code, 'd' | 'f');
                let vt = self.slot_ty(&value);
                if !(float && matches!(vt, Ty::Float | Ty::Int) || INT_CODES.contains(code) && Self::is_int(vt)) {
                    return false;
                }
                self.guard(c, ct);
                self.emit(Op::GuardArrayCode { code }, &[c], Reason::Type(Ty::Array));
                let n = self.val(Op::ArrayLen, &[c], Reason::None);
                let i = self.index(0, n);
                if float {
                    let v = self.want_float(2);
                    self.emit(Op::ArraySetFloat { code }, &[c, i, v], Reason::None);
                } else {
                    let v = self.want_int(2);
                    self.emit(Op::ArraySetInt { code }, &[c, i, v], Reason::Domain);
                }
            }
            _ => return false,
        }
        self.finish(3, None);
        true
    }

    /// Extends the list `n` below the top slot by the top slot's items: a display of stars or constants.
    fn list_extend(&mut self, ins: &Instr, n: usize) {
        let list = self.peek(n).clone();
        let Slot::Val { v: l, .. } = list else {
            return self.leave(Reason::Unsupported(ins.op));
        };
        let Some(items) = self.want_obj(0) else {
            return self.leave(Reason::Unsupported(ins.op));
        };
        self.count_op(Helper::ListExtend);
        let (extend, reason) = self.calling(Helper::ListExtend);
        self.emit(extend, &[l, items], reason);
        self.finish(1, None);
        self.after(Helper::ListExtend);
    }

    fn unpack(&mut self, ins: &Instr, n: usize) {
        match self.peek(0).clone() {
            Slot::Tuple(items) if items.len() == n => {
                self.pop();
                for s in items.into_iter().rev() {
                    self.push(s);
                }
                return;
            }
            Slot::Const(o) => {
                if let Some(Desc::Tuple(items)) = self.descs.get(&o).map(|c| c.desc.clone())
                    && items.len() == n
                {
                    self.pop();
                    for c in items.iter().rev() {
                        let s = self.const_slot(c);
                        self.push(s);
                    }
                    return;
                }
            }
            _ => {}
        }
        let mut t = self.assume(0, ins);
        if t == Ty::Any && !self.polymorphic(ins) {
            t = if ins.raw == op::UNPACK_SEQUENCE_LIST { Ty::List } else { Ty::Tuple };
        }
        if !matches!(t, Ty::List | Ty::Tuple) || self.feedback(ins.start).generic {
            return self.leave(Reason::Unsupported(ins.op));
        }
        let slot = self.peek(0).clone();
        let Some(c) = self.want_obj(0) else {
            return self.leave(Reason::Unsupported(ins.op));
        };
        self.guard(c, t);
        let (len, get) = if t == Ty::List {
            (Op::ListLen, Op::ListGet)
        } else {
            (Op::TupleLen, Op::TupleGet)
        };
        let have = self.val(len, &[c], Reason::None);
        let want = self.int(n as i64);
        let same = self.val(Op::ICmp { cc: crate::ops::Cc::Eq }, &[have, want], Reason::None);
        self.emit(Op::GuardTrue, &[same], Reason::Bounds);
        let mut items = Vec::with_capacity(n);
        for i in 0..n {
            let ix = self.int(i as i64);
            let v = self.obj(get, &[c, ix], Reason::None, Ty::Any);
            self.hint_item(&slot, ix, v);
            self.emit(Op::IncRef, &[v], Reason::None);
            items.push(Slot::Val { v, owned: true });
        }
        let seq = self.pop();
        for s in items.into_iter().rev() {
            self.push(s);
        }
        self.release(seq);
    }
}
