//! Classes as values: `cls`, `type(x)`, `x.__class__`, and what is loaded from them.
//!
//! A class in a variable is taken for the one that it was when the code was captured, and checked to be it, where that helps. That the
//! class stays as it is is assumed (`ClassInfo::lasting`), so it can be told by its address.

use super::Builder;
use crate::helpers::Helper;
use crate::ir::{Reason, Slot};
use crate::ops::Op;
use crate::snapshot::{ClassAttr, ClassInfo, Const, Desc, Intrinsic};
use crate::types::{Repr, Ty};
use whipsnake_abi::bytecode::Instr;

impl Builder<'_> {
    /// Makes the slot at `depth` the class that it is likely to be, if there is a use for that class.
    pub(super) fn pin_class(&mut self, ins: &Instr, depth: usize, useful: impl Fn(&ClassInfo) -> bool) {
        let Slot::Val { v, owned } = *self.peek(depth) else { return };
        let fb = self.feedback(ins.start);
        if self.f.repr(v) != Repr::Obj || fb.generic || fb.polymorphic_call {
            return;
        }
        let snap = self.snap;
        let likely = self.hints.get(&v).map_or(0, |h| h.ptr);
        let Some(known) = snap.classes.get(&likely).filter(|c| c.lasting && useful(c)) else {
            return;
        };
        let obj = self.class_obj(likely, known);
        self.emit(Op::GuardIs { obj }, &[v], Reason::Callee);
        self.set_slot(depth, Slot::Const(obj));
        if owned {
            let st = self.state();
            self.emit_at(Op::DecRef, &[v], Reason::None, st, None);
        }
    }

    fn class_obj(&mut self, ptr: u64, known: &ClassInfo) -> crate::ops::ObjId {
        let desc = Desc::Other(known.kind);
        self.obj_id(&Const { ptr, desc })
    }

    /// `x.__class__` of an instance whose class is known and does not say otherwise.
    pub(super) fn class_of_instance(&mut self, ins: &Instr) -> bool {
        if self.class_of(0, ins).is_none_or(|c| !c.candid) {
            return false;
        }
        let Some(class) = self.exact_class(ins) else { return false };
        self.finish(1, Some(class));
        true
    }

    /// `type(x)`.
    pub(super) fn type_of(&mut self, ins: &Instr) -> bool {
        if let Some(class) = self.exact_class(ins) {
            self.finish(3, Some(class));
            return true;
        }
        let Some(x) = self.want_obj(0) else { return false };
        let helper = Helper::TypeOf;
        let class = self.obj(Op::Call { helper }, &[x], Reason::None, Ty::Any);
        self.finish_val(3, class);
        true
    }

    /// The class of the object on top of the stack, if that is one written in Python which is known or likely.
    fn exact_class(&mut self, ins: &Instr) -> Option<super::env::SlotV> {
        let fb = self.feedback(ins.start);
        if fb.generic || fb.polymorphic_call {
            return None;
        }
        let known = self.class_of(0, ins).filter(|c| c.lasting)?;
        let (&ptr, _) = self.snap.classes.iter().find(|(_, c)| c.version == known.version)?;
        self.guard_class_of_top(known);
        Some(Slot::Const(self.class_obj(ptr, known)))
    }

    /// An attribute of a class that is known.
    pub(super) fn class_attr(&mut self, ins: &Instr, name: &str, method: bool) -> bool {
        self.pin_class(ins, 0, |c| c.attrs.contains_key(name));
        let slot = self.peek(0).clone();
        let Slot::Const(class) = slot else { return false };
        let object = self
            .desc(&slot)
            .is_some_and(|c| matches!(c.desc, Desc::Intrinsic(Intrinsic::Object)));
        if object && name == "__setattr__" {
            let i = Intrinsic::ObjectSetattr;
            let (ptr, desc) = (self.snap.intrinsic_ptrs[&i], Desc::Intrinsic(i));
            let setter = Slot::Const(self.obj_id(&Const { ptr, desc }));
            self.finish(1, Some(setter));
            if method {
                self.push(Slot::Null);
            }
            return true;
        }
        let known = self.snap.classes.get(&self.f.objs[class.0 as usize].ptr);
        match known.and_then(|c| c.attrs.get(name)).cloned() {
            Some(ClassAttr::Plain(value)) => {
                let s = self.const_slot(&value);
                self.finish(1, Some(s));
                if method {
                    self.push(Slot::Null);
                }
                true
            }
            Some(ClassAttr::Method(func)) if method => {
                let func = Slot::Const(self.obj_id(&func));
                let this = self.pop();
                self.push(func);
                self.push(this);
                true
            }
            _ => false,
        }
    }
}
