//! Tuples as keys: dicts and sets are asked for the items of one that has not been made.

use super::Builder;
use super::env::SlotV;
use crate::helpers::Helper;
use crate::ir::{Reason, Slot, Value};
use crate::ops::Op;
use crate::types::{Repr, Ty};
use whipsnake_abi::bytecode::Instr;

/// Items of the longest tuple that is not made.
const LONGEST: usize = 4;

impl Builder<'_> {
    /// Whether there is a tuple taken apart that may stay so as a key. Of a float, the object matters where it is a NaN.
    fn key_apart(&self, depth: usize, ins: &Instr) -> bool {
        let Slot::Tuple(items) = self.peek(depth) else { return false };
        let fits = |s: &SlotV| match s {
            Slot::Val { v, .. } => self.f.repr(*v) != Repr::Float,
            Slot::Const(_) | Slot::Chr { .. } => true,
            _ => false,
        };
        let fb = self.feedback(ins.start);
        items.len() <= LONGEST && !fb.generic && !fb.domain && items.iter().all(fits)
    }

    /// The container and the items of the key, made objects where they lie; behind the container come other operands.
    fn keyed(&mut self, container: usize, ty: Ty, others: &[Value], key: usize) -> Vec<Value> {
        let Slot::Tuple(items) = self.peek(key).clone() else {
            unreachable!("looked at before")
        };
        let mut boxed = Vec::with_capacity(items.len());
        let mut objects = Vec::with_capacity(items.len());
        for item in items.iter() {
            let (v, owned) = self.box_slot(item).expect("it can be an object");
            let stays = matches!(item, Slot::Const(_));
            boxed.push(if stays { item.clone() } else { Slot::Val { v, owned } });
            objects.push(v);
        }
        self.set_slot(key, Slot::Tuple(boxed));
        self.expect(container, ty);
        let container = self.peek(container).clone();
        let container = self.slot_obj(&container);
        self.guard_other_dict(container);
        let mut args = vec![container];
        args.extend(others);
        args.extend(objects);
        args
    }

    /// `d[a, b]`: stack is dict, key.
    pub(super) fn get_apart(&mut self, ins: &Instr) -> bool {
        if !self.key_apart(0, ins) || self.container_ty(1, ins, false) != Ty::Dict || self.want_obj(1).is_none() {
            return false;
        }
        let args = self.keyed(1, Ty::Dict, &[], 0);
        let helper = Helper::DictGetApart;
        let v = self.obj(Op::Call { helper }, &args, Reason::Domain, Ty::Any);
        self.finish_val(2, v);
        true
    }

    /// `d[a, b] = value`: stack is value, dict, key.
    pub(super) fn set_apart(&mut self, ins: &Instr) -> bool {
        if !self.key_apart(0, ins) || self.container_ty(1, ins, false) != Ty::Dict {
            return false;
        }
        if self.want_obj(1).is_none() || self.want_obj(2).is_none() {
            return false;
        }
        let value = self.peek(2).clone();
        let value = self.slot_obj(&value);
        let args = self.keyed(1, Ty::Dict, &[value], 0);
        let helper = Helper::DictSetApart;
        self.emit(Op::Call { helper }, &args, Reason::Finaliser);
        self.finish(3, None);
        true
    }

    /// `(a, b) in container`, of this type as far as that is known: stack is key, container.
    pub(super) fn contains_apart(&mut self, container: Ty, ins: &Instr) -> bool {
        if !self.key_apart(1, ins) {
            return false;
        }
        let helper = match container {
            Ty::Dict => Helper::DictHasApart,
            Ty::Set => Helper::SetHasApart,
            _ => return false,
        };
        if self.want_obj(0).is_none() {
            return false;
        }
        let args = self.keyed(0, container, &[], 1);
        let mut v = self.val(Op::Call { helper }, &args, Reason::Domain);
        if ins.arg == 1 {
            v = self.val(Op::BNot, &[v], Reason::None);
        }
        self.finish_val(2, v);
        true
    }
}
