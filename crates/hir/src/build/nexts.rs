//! Iterators that are instances of classes written in Python.
//!
//! An `__iter__` that only gives back the object is nothing; a loop's FOR_ITER goes on in the class's `__next__`
//! ([`Role::Next`]), whose result is the item. `raise StopIteration` there, where no handler is around it, is the end of the loop: nobody
//! gets to see the exception. Whatever else ends the frame, the runtime does what FOR_ITER would.

use super::Builder;
use crate::ir::{Reason, Role, Slot};
use crate::snapshot::{ClassInfo, Const, Desc};
use crate::types::Ty;
use whipsnake_abi::bytecode::{self, Instr};
use whipsnake_abi::opcode as op;

impl<'s> Builder<'s> {
    /// The class of the object on top of the stack, if that is known or likely, and its method of this name.
    fn method_of_top(&self, ins: &Instr, name: &str) -> Option<(&'s ClassInfo, &'s Const)> {
        let fb = self.feedback(ins.start);
        if fb.generic || fb.polymorphic_call || self.assume(0, ins) != Ty::Any {
            return None;
        }
        let class = self.class_of(0, ins)?;
        let method = class.special.get(name)?.as_ref()?;
        class.pure.then_some((class, method))
    }

    /// GET_ITER of an object that is its own iterator.
    pub(super) fn is_own_iterator(&mut self, ins: &Instr) -> bool {
        let Some((class, method)) = self.method_of_top(ins, "__iter__") else {
            return false;
        };
        let Desc::Func(info) = &method.desc else { return false };
        let gives_itself = bytecode::decode(&self.snap.codes[info.code.0 as usize].bytes).is_ok_and(|all| {
            let ops: Vec<_> = all.iter().map(|i| (i.op, i.arg)).collect();
            matches!(
                ops[..],
                [(op::RESUME, _), (op::LOAD_FAST | op::LOAD_FAST_BORROW, 0), (op::RETURN_VALUE, _)]
            )
        });
        // Without a `__next__` it is none, and GET_ITER says so.
        if !gives_itself || !matches!(class.special.get("__next__"), Some(Some(_))) {
            return false;
        }
        self.guard_class_of_top(class);
        true
    }

    /// FOR_ITER that goes on in a `__next__`. The iterator stays where it is.
    pub(super) fn enter_next(&mut self, ins: &Instr) -> bool {
        let Some((class, method)) = self.method_of_top(ins, "__next__") else {
            return false;
        };
        let Desc::Func(info) = &method.desc else { return false };
        if !self.inlinable(info, 1) || !self.plain_arguments(1) {
            return false;
        }
        self.guard_class_of_top(class);
        let this = self.peek(0).clone();
        let this = self.borrowed(this);
        let func = self.obj_id(method);
        self.open_frame(ins, func, info, vec![this], Role::Next);
        true
    }

    /// `raise`.
    pub(super) fn raise(&mut self, ins: &Instr) {
        let frame = self.frames.last().expect("open");
        let stops = matches!(frame.stack[..], [Slot::Const(o)] if self.f.objs[o.0 as usize].ptr == self.snap.stop_iteration);
        if frame.role != Role::Next || !stops || ins.arg != 1 || self.info(frame.code).has_handler(ins.start) {
            return self.leave(Reason::Unsupported(ins.op));
        }
        // While the locals go the class is still there to be raised.
        self.drop_frame();
        let caller = self.frames.last().expect("a loop is left");
        let for_iter = *self.info(caller.code).at(caller.bci).expect("the FOR_ITER's own unit");
        self.goto(for_iter.jump_target().expect("FOR_ITER jumps") + 1);
    }
}
