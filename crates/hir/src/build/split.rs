//! Operands that are sometimes ints and sometimes floats.
//!
//! A table of ints with `float("inf")` for what is not reached yet makes each operator meet both. Where exits have taught just
//! that, the operand's type is tested in front of the instruction, which is then built once for each outcome, unboxed both
//! times. Behind it the ways join again, one version for each kind of the result, so code does not double with every operator.
//! (Where a float is always among the operands, and in what is inlined, code stays whole: [`super::mixed`].)

use super::{Builder, Way, op};
use crate::ir::{Reason, Slot};
use crate::ops::Op;
use crate::types::{Repr, Ty, TySet};
use whipsnake_abi::bytecode::Instr;

/// Ints and floats.
pub(super) const BOTH: TySet = TySet(1 << Ty::Int as u32 | 1 << Ty::Float as u32);

impl Builder<'_> {
    /// The operands, as depths, to be told apart: those of an instruction that has met ints and floats in one place, in so far as
    /// nothing else has been met.
    pub(super) fn varying(&self, ins: &Instr) -> Vec<usize> {
        let operands = match ins.op {
            op::BINARY_OP if ins.arg == op::nb::NB_SUBSCR => 0,
            op::BINARY_OP if !self.stays_whole(ins) => 2,
            op::UNARY_NEGATIVE => 1,
            op::CALL if ins.arg <= 2 => ins.arg as usize,
            _ => 0,
        };
        let Some(taught) = self.code().feedback.get(&ins.start) else {
            return Vec::new();
        };
        let met = |&depth: &usize| taught.types.get(&(depth as u8)).copied().unwrap_or_default();
        if !(0..operands).any(|depth| met(&depth) == BOTH) {
            return Vec::new();
        }
        (0..operands).rev().filter(|depth| met(depth).0 & !BOTH.0 == 0).collect()
    }

    /// Tests the types of these operands: where one is a float, the instruction is built apart. Goes on with ints.
    pub(super) fn split(&mut self, varying: &[usize], ins: &Instr) {
        for &depth in varying {
            let v = match self.peek(depth) {
                Slot::Val { v, .. } if self.f.repr(*v) == Repr::Obj => *v,
                _ => continue,
            };
            if self.value_ty(v) != Ty::Any {
                continue;
            }
            let is_float = self.val(Op::TypeIs { ty: Ty::Float }, &[v], Reason::None);
            let (float, other) = (self.f.new_block(), self.f.new_block());
            self.branch_blocks(is_float, float, other);
            self.forget_unnamed();
            let mut known = self.known.clone();
            known.insert(v, Ty::Float);
            let mut frames = self.frames.clone();
            frames.iter_mut().for_each(|f| f.calling = None);
            self.queue(
                float,
                frames,
                ins.start,
                known,
                self.fresh.clone(),
                Way::Again { ruled_out: self.ruled_out },
            );
            self.cur = other;
            self.open = true;
            self.guard(v, Ty::Int);
        }
    }
}
