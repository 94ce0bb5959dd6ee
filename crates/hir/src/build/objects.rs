//! Objects: attributes loaded and stored where the inline cache says they are, methods, properties.

use super::{Builder, op};
use crate::helpers::Helper;
use crate::ir::{Reason, Slot, Value};
use crate::ops::Op;
use crate::snapshot::{AttrSite, Const, Desc, Intrinsic};
use crate::types::{Repr, Ty};
use whipsnake_abi::bytecode::Instr;

impl Builder<'_> {
    pub(super) fn load_attr(&mut self, ins: &Instr) {
        let name = self.code().names[(ins.arg >> 1) as usize].clone();
        let method = ins.arg & 1 == 1;
        let slot = self.peek(0).clone();
        if let Some(Desc::Module { attrs }) = self.desc(&slot).map(|c| &c.desc)
            && let Some(c) = attrs.get(&name).cloned()
        {
            let s = self.const_slot(&c);
            self.finish(1, Some(s));
            if method {
                self.push(Slot::Null);
            }
            return;
        }
        if !method && self.complex_part(&name, ins) {
            return;
        }
        let known = match self.list_method(&name, ins) {
            Some(i) => Some((i, Ty::List)),
            None => self.complex_method(&name, ins).map(|i| (i, Ty::Complex)),
        };
        if method && let Some((i, ty)) = known {
            self.expect(0, ty);
            let ptr = self.snap.intrinsic_ptrs[&i];
            let s = Slot::Const(self.obj_id(&Const {
                ptr,
                desc: Desc::Intrinsic(i),
            }));
            let this = self.pop();
            self.push(s);
            self.push(this);
            return;
        }
        let fb = self.feedback(ins.start);
        if !fb.generic && !fb.polymorphic_call && self.attr_site(ins, method) {
            return;
        }
        let Some(v) = self.want_obj(0) else {
            return self.leave(Reason::Unsupported(ins.op));
        };
        let key = self.code().name_ptrs[(ins.arg >> 1) as usize];
        let k = self.raw_obj(key, Ty::Str);
        self.count_op(Helper::GetAttr);
        let r = self.obj(Op::Call { helper: Helper::GetAttr }, &[v, k], Reason::Raised, Ty::Any);
        self.finish_val(1, r);
        if method {
            self.push(Slot::Null);
        }
        self.after_user();
    }

    /// An attribute that the inline cache has located.
    fn attr_site(&mut self, ins: &Instr, method: bool) -> bool {
        let Some(site) = self.code().attrs.get(&ins.start).cloned() else {
            return false;
        };
        let slot = self.peek(0).clone();
        let boxed = matches!(slot, Slot::Const(_)) || matches!(slot, Slot::Val { v, .. } if self.f.repr(v) == Repr::Obj);
        if !boxed || matches!(&site, AttrSite::Property { .. }) && method {
            return false;
        }
        let o = self.slot_obj(&slot);
        let (AttrSite::Value { version, .. }
        | AttrSite::Method { version, .. }
        | AttrSite::Property { version, .. }
        | AttrSite::Constant { version, .. }) = site;
        self.emit(Op::GuardVersion { ver: version }, &[o], Reason::Callee);
        match site {
            AttrSite::Value { at, .. } => {
                let v = self.obj(Op::AttrGet { at }, &[o], Reason::Unbound, Ty::Any);
                self.emit(Op::IncRef, &[v], Reason::None);
                self.finish_val(1, v);
                if method {
                    self.push(Slot::Null);
                }
            }
            AttrSite::Method { keys, func, .. } => {
                self.guard_keys(o, keys);
                if !method {
                    return false;
                }
                let f = Slot::Const(self.obj_id(&func));
                let this = self.pop();
                self.push(f);
                self.push(this);
            }
            AttrSite::Constant { keys, value, .. } => {
                self.guard_keys(o, keys);
                let s = self.const_slot(&value);
                self.finish(1, Some(s));
                if method {
                    self.push(Slot::Null);
                }
            }
            AttrSite::Property { getter, .. } => {
                let Desc::Func(info) = getter.desc.clone() else { return false };
                let f = self.obj_id(&getter);
                if !self.inlinable(&info, 1) {
                    return false;
                }
                let this = self.pop();
                self.push(Slot::Const(f));
                self.push(Slot::Null);
                self.push(this);
                self.inline(ins, &info, 1, false);
            }
        }
        true
    }

    fn guard_keys(&mut self, o: Value, ver: u32) {
        if ver != 0 {
            self.emit(Op::GuardKeys { ver }, &[o], Reason::Callee);
        }
    }

    /// The list method behind a method load, when the receiver is or is taken for a list.
    fn list_method(&self, name: &str, ins: &Instr) -> Option<Intrinsic> {
        let i = match name {
            "append" => Intrinsic::ListAppend,
            "pop" => Intrinsic::ListPop,
            _ => return None,
        };
        let t = self.assume(0, ins);
        let boxed = matches!(self.peek(0), Slot::Val { v, .. } if self.f.repr(*v) == Repr::Obj);
        let guess = t == Ty::Any && ins.raw == op::LOAD_ATTR_METHOD_NO_DICT && !self.polymorphic(ins);
        (boxed && (t == Ty::List || guess) && self.snap.intrinsic_ptrs.contains_key(&i)).then_some(i)
    }

    pub(super) fn store_attr(&mut self, ins: &Instr) {
        let boxed = matches!(self.peek(0), Slot::Val { v, .. } if self.f.repr(*v) == Repr::Obj);
        if let (Some(AttrSite::Value { version, at }), true) = (self.code().attrs.get(&ins.start).cloned(), boxed)
            && !self.feedback(ins.start).generic
            && !self.feedback(ins.start).polymorphic_call
        {
            let slot = self.peek(0).clone();
            let o = self.slot_obj(&slot);
            self.emit(Op::GuardVersion { ver: version }, &[o], Reason::Callee);
            match self.peek(1).clone() {
                Slot::Val { v, .. } if self.f.repr(v) == Repr::Float => {
                    self.emit(Op::AttrSetFloat { at }, &[o, v], Reason::Finaliser);
                }
                Slot::Val { v, .. } if self.f.repr(v) == Repr::Int => {
                    self.emit(Op::AttrSetInt { at }, &[o, v], Reason::Finaliser);
                }
                _ => {
                    if !self.emit_stealing(Op::AttrSet { at }, &[o], 1, Reason::Finaliser) {
                        return self.leave(Reason::Unsupported(ins.op));
                    }
                }
            }
            return self.finish(2, None);
        }
        if self.want_obj(0).is_none() || self.want_obj(1).is_none() {
            return self.leave(Reason::Unsupported(ins.op));
        }
        let (o, v) = (self.peek(0).clone(), self.peek(1).clone());
        let (o, v) = (self.slot_obj(&o), self.slot_obj(&v));
        let key = self.code().name_ptrs[ins.arg as usize];
        let k = self.raw_obj(key, Ty::Str);
        self.count_op(Helper::SetAttr);
        self.emit(Op::Call { helper: Helper::SetAttr }, &[o, k, v], Reason::Raised);
        self.finish(2, None);
        self.after_user();
    }
}
