//! Slices of lists, without slice objects where the bounds are ints or missing; of anything else through CPython.

use super::{Builder, op};
use crate::helpers::Helper;
use crate::ir::{Reason, Slot, Value};
use crate::ops::Op;
use crate::snapshot::{Desc, Shape};
use crate::types::{Repr, Ty};
use std::rc::Rc;
use whipsnake_abi::bytecode::Instr;

/// A bound or step: an int, or missing.
type Part = Option<Value>;

impl Builder<'_> {
    /// The slot as a bound; `None` for what is neither an int nor missing.
    fn bound(&mut self, depth: usize) -> Option<Part> {
        match self.ty(depth) {
            Ty::None => Some(None),
            Ty::Int | Ty::Bool => Some(Some(self.want_int(depth))),
            _ => None,
        }
    }

    /// `list[lo:hi:step]` of the list at `depth`; the top `n` slots are popped.
    fn list_slice(&mut self, depth: usize, lo: Part, hi: Part, step: Part, n: usize) {
        let slot = self.peek(depth).clone();
        let c = self.slot_obj(&slot);
        self.guard(c, Ty::List);
        let missing = i64::from(lo.is_none()) | i64::from(hi.is_none()) << 1;
        let mut args = vec![c];
        args.push(lo.unwrap_or_else(|| self.int(i64::MIN)));
        args.push(hi.unwrap_or_else(|| self.int(i64::MAX)));
        let helper = match step {
            Some(step) => {
                args.push(step);
                args.push(self.int(missing));
                Helper::ListSliceStep
            }
            None => Helper::ListSlice,
        };
        let v = self.obj(Op::Call { helper }, &args, Reason::Domain, Ty::List);
        if let Some(h) = self.hint(&slot) {
            let fields = Vec::new();
            self.hints.insert(v, Rc::new(Shape { fields, ..(*h).clone() }));
        }
        self.finish_val(n, v);
    }

    /// Whether the slot is, or is taken for, a list.
    fn is_list(&self, depth: usize, ins: &Instr) -> bool {
        let boxed = matches!(self.peek(depth), Slot::Val { v, .. } if self.f.repr(*v) == Repr::Obj);
        boxed && self.assume(depth, ins) == Ty::List
    }

    /// `list[a:b:c]` with a slice that is a constant.
    pub(super) fn constant_slice(&mut self, ins: &Instr) -> bool {
        let Some(Desc::Slice(parts)) = self.desc(self.peek(0)).map(|c| c.desc.clone()) else {
            return false;
        };
        if !self.is_list(1, ins) || self.feedback(ins.start).generic || matches!(parts[2], Some(0 | i64::MIN)) {
            return false;
        }
        let [lo, hi, step] = parts.map(|p| p.map(|i| self.int(i)));
        let step = step.filter(|_| parts[2] != Some(1));
        self.list_slice(1, lo, hi, step, 2);
        true
    }

    /// Builds no slice that the next instruction takes a part of a list with: does both at once.
    fn sliced_at_once(&mut self, ins: &Instr, n: usize) -> bool {
        let Some(next) = self.following(ins, op::BINARY_OP).filter(|i| i.arg == op::nb::NB_SUBSCR) else {
            return false;
        };
        let fb = self.feedback(ins.start);
        if !self.is_list(n, &next) || fb.generic || fb.bigint || self.feedback(next.start).generic {
            return false;
        }
        // All looked at before anything is emitted.
        let whole = |t: Ty| matches!(t, Ty::None | Ty::Int | Ty::Bool);
        if !(0..n).all(|d| whole(self.ty(d))) {
            return false;
        }
        let parts: Vec<Part> = (0..n).rev().map(|d| self.bound(d).expect("looked at above")).collect();
        let step = parts.get(2).copied().flatten();
        if let Some(step) = step
            && self.f.const_int(step).is_none_or(|s| s == 0 || s == i64::MIN)
        {
            return false;
        }
        self.list_slice(n, parts[0], parts[1], step, n + 1);
        self.next_bci = next.next;
        true
    }

    /// `list[lo:hi] = list or tuple`: stack is value, list, lo, hi.
    fn list_store_slice(&mut self, ins: &Instr) -> bool {
        let fb = self.feedback(ins.start);
        let value = self.assume(3, ins);
        let whole = |t: Ty| matches!(t, Ty::None | Ty::Int | Ty::Bool);
        let fits = self.is_list(2, ins) && matches!(value, Ty::List | Ty::Tuple) && whole(self.ty(0)) && whole(self.ty(1));
        if !fits || fb.generic || fb.bigint {
            return false;
        }
        let Some(v) = self.want_obj(3) else { return false };
        self.guard(v, value);
        let list = self.peek(2).clone();
        let list = self.slot_obj(&list);
        self.guard(list, Ty::List);
        let lo = self.bound(1).expect("looked at above").unwrap_or_else(|| self.int(i64::MIN));
        let hi = self.bound(0).expect("looked at above").unwrap_or_else(|| self.int(i64::MAX));
        let helper = Helper::ListSetSlice;
        self.emit_stealing(Op::Call { helper }, &[list, lo, hi], 3, Reason::Finaliser);
        self.finish(4, None);
        true
    }

    /// `container[lo:hi]`: stack is container, lo, hi.
    pub(super) fn binary_slice(&mut self, ins: &Instr) {
        let list = self.assume(2, ins) == Ty::List;
        match (list, self.bound(1), self.bound(0)) {
            (true, Some(lo), Some(hi)) if !self.feedback(ins.start).bigint => {
                self.list_slice(2, lo, hi, None, 3);
            }
            _ => {
                if (0..3).any(|d| self.want_obj(d).is_none()) {
                    return self.leave(Reason::Unsupported(ins.op));
                }
                let (Some(c), Some(slice)) = (self.want_obj(2), self.slice_of(&[1, 0])) else {
                    return self.leave(Reason::Unsupported(ins.op));
                };
                let hi = self.peek(0).clone();
                self.set_slot(0, Slot::Val { v: slice, owned: true });
                self.release(hi);
                self.count_op(Helper::GetItem);
                let get = Op::Call { helper: Helper::GetItem };
                let v = self.obj(get, &[c, slice], Reason::Raised, Ty::Any);
                self.finish_val(3, v);
                self.after_user();
            }
        }
    }

    /// The slice object of two bounds (and None) or of the top three slots; none of them is popped.
    fn slice_of(&mut self, depths: &[usize]) -> Option<Value> {
        let mut args = Vec::with_capacity(3);
        for &d in depths {
            args.push(self.want_obj(d)?);
        }
        if args.len() == 2 {
            let none = self.none_slot();
            args.push(self.slot_obj(&none));
        }
        Some(self.obj(Op::Call { helper: Helper::SliceNew }, &args, Reason::Domain, Ty::Any))
    }

    pub(super) fn build_slice(&mut self, ins: &Instr, n: usize) {
        if self.sliced_at_once(ins, n) {
            return;
        }
        let depths: Vec<usize> = (0..n).rev().collect();
        match self.slice_of(&depths) {
            Some(v) => self.finish_val(n, v),
            None => self.leave(Reason::Unsupported(ins.op)),
        }
    }

    /// `container[lo:hi] = value`: stack is value, container, lo, hi.
    pub(super) fn store_slice(&mut self, ins: &Instr) {
        if self.list_store_slice(ins) {
            return;
        }
        let operands = (self.want_obj(3), self.want_obj(2));
        let (Some(value), Some(container), Some(slice)) = (operands.0, operands.1, self.slice_of(&[1, 0])) else {
            return self.leave(Reason::Unsupported(ins.op));
        };
        // The slice takes the place of the upper bound, so that an exit in the store releases it.
        let hi = self.peek(0).clone();
        self.set_slot(0, Slot::Val { v: slice, owned: true });
        self.release(hi);
        self.count_op(Helper::SetItem);
        self.emit(Op::Call { helper: Helper::SetItem }, &[container, slice, value], Reason::Raised);
        self.finish(4, None);
        self.after_user();
    }
}
