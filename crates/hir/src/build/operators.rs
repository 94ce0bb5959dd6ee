//! Operators of classes written in Python: the special method that the interpreter would call first is inlined.
//!
//! Which one that is depends on both classes, so both are guarded. The left operand's method comes first, unless the right
//! operand's class derives from the left one's (then nothing is inlined), or the left operand is a builtin number, which leaves the
//! operation to the right one. A method that answers `NotImplemented` is left at its return: the runtime tries what is next.

use super::Builder;
use super::callee::borrowed;
use super::env::SlotV;
use crate::ir::{Reason, Role, Slot, Value};
use crate::ops::Op;
use crate::snapshot::{BINARY_METHODS, COMPARE_METHODS, ClassInfo, Const, Desc};
use crate::types::{Repr, Ty};
use whipsnake_abi::bytecode::Instr;

/// What is known of one operand.
enum Side<'s> {
    Instance(&'s ClassInfo),
    Builtin(Ty),
}

impl<'s> Builder<'s> {
    /// The class, written in Python, that the slot at `depth` is or is taken for an instance of.
    pub(super) fn class_of(&self, depth: usize, ins: &Instr) -> Option<&'s ClassInfo> {
        if let Some((_, class)) = self.apart(depth) {
            return Some(class);
        }
        let Slot::Val { v, .. } = self.peek(depth) else { return None };
        if self.f.repr(*v) != Repr::Obj || self.value_ty(*v) != Ty::Any {
            return None;
        }
        let fb = self.feedback(ins.start);
        let version = match fb.classes.get(&(depth as u8)) {
            Some(version) => *version,
            None => self.version_of(*v),
        };
        let snap = self.snap;
        snap.classes.values().find(|c| c.version == version && version != 0)
    }

    fn operand(&self, depth: usize, ins: &Instr) -> Option<Side<'s>> {
        match self.assume(depth, ins) {
            Ty::Any => self.class_of(depth, ins).map(Side::Instance),
            t => Some(Side::Builtin(t)),
        }
    }

    fn guard_side(&mut self, depth: usize, side: &Side<'_>) {
        match side {
            Side::Builtin(ty) => self.expect(depth, *ty),
            Side::Instance(_) if matches!(self.peek(depth), Slot::Inst(_)) => self.guard_apart(depth),
            Side::Instance(class) => {
                let slot = self.peek(depth).clone();
                let o = self.slot_obj(&slot);
                self.guard_version(o, class.version);
            }
        }
    }

    /// Exits unless the object on top of the stack is an instance of this class.
    pub(super) fn guard_class_of_top(&mut self, class: &'s ClassInfo) {
        self.guard_side(0, &Side::Instance(class));
    }

    /// A binary operator with an instance on one side.
    pub(super) fn binary_method(&mut self, ins: &Instr) -> bool {
        let [name, reflected, in_place] = BINARY_METHODS[ins.arg as usize % BINARY_METHODS.len()];
        let Some((left, right)) = self.sides(ins) else { return false };
        let number = |s: &Side<'_>| matches!(s, Side::Builtin(Ty::Int | Ty::Float | Ty::Bool));
        let (method, swap) = match (&left, &right) {
            (Side::Instance(a), _) => {
                let own = ins.arg as usize >= BINARY_METHODS.len() && a.special.contains_key(in_place);
                let fits = match &right {
                    Side::Instance(b) => comes_first(a, b),
                    b => number(b),
                };
                if own || !fits {
                    return false;
                }
                (a.special.get(name), false)
            }
            (a, Side::Instance(b)) if number(a) => (b.special.get(reflected), true),
            _ => return false,
        };
        let Some(Some(method)) = method else { return false };
        self.call_operator(ins, method, (&left, &right), swap)
    }

    /// A comparison with an instance on the left.
    pub(super) fn compare_method(&mut self, ins: &Instr) -> bool {
        let Some((left, right)) = self.sides(ins) else { return false };
        let Side::Instance(a) = &left else { return false };
        if matches!(&right, Side::Instance(b) if !comes_first(a, b)) {
            return false;
        }
        let Some(Some(method)) = a.special.get(COMPARE_METHODS[(ins.arg >> 5) as usize % 6]) else {
            return false;
        };
        self.call_operator(ins, method, (&left, &right), false)
    }

    /// Both operands, where something is known of each; instances are of classes that derive from no builtin one but `tuple`.
    fn sides(&self, ins: &Instr) -> Option<(Side<'s>, Side<'s>)> {
        let fb = self.feedback(ins.start);
        if fb.generic || fb.polymorphic_call {
            return None;
        }
        let (left, right) = (self.operand(1, ins)?, self.operand(0, ins)?);
        // What a tuple has for operators comes after the methods of classes derived from it, or is not taken for a method.
        let plain = |s: &Side<'_>| matches!(s, Side::Builtin(_)) || matches!(s, Side::Instance(c) if c.pure || c.tuple);
        (plain(&left) && plain(&right)).then_some((left, right))
    }

    fn call_operator(&mut self, ins: &Instr, method: &Const, (left, right): (&Side<'_>, &Side<'_>), swap: bool) -> bool {
        let Desc::Func(info) = &method.desc else { return false };
        if !self.inlinable(info, 2) || !self.plain_arguments(2) {
            return false;
        }
        self.guard_side(1, left);
        self.guard_side(0, right);
        let mut args: Vec<SlotV> = vec![self.peek(1).clone(), self.peek(0).clone()];
        if swap {
            args.reverse();
        }
        // The operands stay where they are until the operator is done.
        let args = args.into_iter().map(|s| self.borrowed(s)).collect();
        let func = self.obj_id(method);
        self.open_frame(ins, func, info, args, Role::Operator);
        true
    }

    /// Another reference to what a slot holds.
    pub(super) fn borrowed(&mut self, slot: SlotV) -> SlotV {
        match slot {
            Slot::Val { .. } | Slot::Inst(_) => self.own(borrowed(&slot)),
            s => s,
        }
    }

    /// `container[index]`, `container[index] = value`, `-x`: a method that takes all `n` operands, the object `at` deep.
    pub(super) fn plain_method(&mut self, ins: &Instr, name: &str, n: usize, at: usize, role: Role) -> bool {
        let fb = self.feedback(ins.start);
        if fb.generic || fb.polymorphic_call || self.assume(at, ins) != Ty::Any {
            return false;
        }
        let Some(class) = self.class_of(at, ins) else { return false };
        let Some(Some(method)) = class.special.get(name) else {
            return false;
        };
        let Desc::Func(info) = &method.desc else { return false };
        if !self.inlinable(info, n) || !self.plain_arguments(n) {
            return false;
        }
        self.guard_side(at, &Side::Instance(class));
        let mut args: Vec<SlotV> = (0..n).map(|_| self.pop()).collect();
        args.reverse();
        // The object comes first: a value to be stored lies below it.
        args.rotate_left(n - 1 - at);
        let func = self.obj_id(method);
        self.open_frame(ins, func, info, args, role);
        true
    }

    /// `isinstance(x, C)` where the class of `x` is known, or can be guarded, and `C` is a class that leaves the answer to its own order of
    /// classes.
    pub(super) fn isinstance_of(&mut self, ins: &Instr) -> bool {
        let Slot::Const(class) = *self.peek(0) else { return false };
        let of = self.f.objs[class.0 as usize];
        let written = self.snap.classes.contains_key(&of.ptr);
        // Several classes are told apart by the call itself.
        if of.ty != Ty::Type || !written || !self.feedback(ins.start).met.is_empty() {
            return false;
        }
        let Some(side) = self.operand(1, ins) else { return false };
        let yes = match &side {
            Side::Instance(c) if c.bases.contains(&of.ptr) => true,
            Side::Instance(c) if !c.candid => return false,
            Side::Instance(_) | Side::Builtin(_) => false,
        };
        self.guard_side(1, &side);
        let answer = self.boolean(yes);
        self.finish_val(4, answer);
        true
    }

    /// Leaves an inlined operator's method, at its return, with what the operator cannot have for a result.
    pub(super) fn check_operator_result(&mut self, slot: &SlotV) {
        if let Slot::Const(o) = slot
            && self.f.objs[o.0 as usize].ptr == self.snap.not_implemented
        {
            return self.leave(Reason::Cold);
        }
        let Slot::Val { v, .. } = *slot else { return };
        if self.slot_ty(slot) != Ty::Any || self.version_of(v) != 0 {
            return;
        }
        let never = self.raw_obj(self.snap.not_implemented, Ty::Any);
        let same = self.val(Op::ObjIs, &[v, never], Reason::None);
        self.emit(Op::GuardFalse, &[same], Reason::Cold);
    }

    /// The version of a value's class, if it is known to be or looked like an instance of a class written in Python.
    fn version_of(&self, v: Value) -> u32 {
        if let Some(f) = self.fresh.get(&v) {
            return f.version;
        }
        match self.class_hints.get(&v) {
            Some(version) => *version,
            None => match self.hints.get(&v).map(|h| h.classes.as_slice()) {
                Some([version]) => *version,
                _ => 0,
            },
        }
    }
}

/// Whether the left operand's method is called first.
fn comes_first(a: &ClassInfo, b: &ClassInfo) -> bool {
    a.version == b.version || !a.bases.first().is_some_and(|class| b.bases.contains(class))
}
