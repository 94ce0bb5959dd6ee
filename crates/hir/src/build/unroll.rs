//! Short loops over tuples of known length, and over ranges between constants, are laid out round by round.
//!
//! Where such an iterator stands is a constant, and part of its slot's kind: merge points tell the rounds apart ([`Rounds`] is part
//! of their keys), so that each has code of its own, in which items are those at constant indices. Tuples made just before then
//! need not be made at all. Each round has its own budget of versions.

use super::env::SlotV;
use super::kinds::{EnvKind, K};
use super::{Builder, op};
use crate::ir::{Def, Reason, Slot, Value};
use crate::ops::Op;
use crate::snapshot::{CodeId, Desc};
use smallvec::SmallVec;
use whipsnake_abi::bytecode::Instr;

/// Rounds of a loop that is laid out.
const MOST_ROUNDS: usize = 8;
/// Bytecodes laid out for one loop, in all.
const MOST_CODE: usize = 256;
/// How often the body of a loop inside may be laid out itself.
const INNER: usize = 3;
/// What a call counts for: it may be inlined.
const CALL: usize = 16;
/// Operations built after which loops stay loops.
const LARGE: usize = 2000;

/// Where the iterators stand whose loops are laid out.
pub(super) type Rounds = SmallVec<[i64; 2]>;

/// A loop: its FOR_ITER, and the code that has it.
pub(super) type Loop = (CodeId, Instr);

impl Builder<'_> {
    /// Whether a loop of so many rounds is short enough.
    fn may_unroll(&self, rounds: usize, (code, head): Loop) -> bool {
        if rounds > MOST_ROUNDS || self.f.insts.len() > LARGE {
            return false;
        }
        let info = &self.infos[code.0 as usize];
        let body = info.loop_at(head.start);
        let inside = || info.instrs.iter().filter(|i| body.contains(&i.start));
        let deep = info.loop_depth(head.start);
        let cost = |i: &Instr| {
            let once = if matches!(i.op, op::CALL | op::CALL_KW | op::CALL_FUNCTION_EX) {
                CALL
            } else {
                1
            };
            once * INNER.pow(info.loop_depth(i.start).saturating_sub(deep))
        };
        body.end != u32::MAX && rounds * inside().map(cost).sum::<usize>() <= MOST_CODE
    }

    /// The item on top goes into a list taken apart, which is `n` below it.
    pub(super) fn gather_item(&mut self, n: usize) {
        let Some(item) = self.pop_item() else {
            return self.leave(Reason::Unsupported(op::LIST_APPEND));
        };
        let mut list = self.peek(n - 1).clone();
        if let Slot::List(items) = &mut list {
            items.push(item);
        }
        self.set_slot(n - 1, list);
    }

    /// A loop has ended: what it gathered is a list like any other, unless it becomes a tuple at once.
    pub(super) fn end_gathering(&mut self) {
        let info = self.info(self.frames.last().expect("open").code);
        let stack = &self.frames.last().expect("open").stack;
        let tuple = info.at(self.next_bci).is_some_and(|i| i.op == op::CALL_INTRINSIC_1);
        if !tuple && matches!(stack.last(), Some(Slot::List(_))) {
            self.want_obj(0).expect("what is in a list can be boxed");
        }
    }

    /// Whether the list that is made by `ins` is for what a loop gathers, on the stack: that of a comprehension, or of `tuple` with a generator.
    pub(super) fn gathers(&self, ins: &Instr) -> bool {
        let info = self.info(self.frames.last().expect("open").code);
        let mut at = ins.next;
        let head = loop {
            match info.at(at) {
                Some(i) if i.op == op::FOR_ITER => break *i,
                Some(i) if i.jump_target().is_some() || matches!(i.op, op::BUILD_LIST | op::STORE_FAST | op::STORE_NAME) => return false,
                Some(i) => at = i.next,
                None => return false,
            }
        };
        let body = info.loop_at(head.start);
        let mut inside = info.instrs.iter().filter(|i| body.contains(&i.start));
        inside.any(|i| i.op == op::LIST_APPEND)
    }

    /// How many items a tuple has, where that shows.
    fn length(&self, tuple: &SlotV) -> Option<usize> {
        match tuple {
            Slot::Tuple(items) => Some(items.len()),
            Slot::Const(o) => match self.descs.get(o).map(|c| &c.desc) {
                Some(Desc::Tuple(items)) => Some(items.len()),
                _ => None,
            },
            Slot::Val { v, .. } => match self.f.value(*v).def {
                Def::Inst(i) if self.f.inst(i).op == Op::TupleNew => Some(self.f.inst(i).args.len()),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether the loop over the tuple in the slot is to be laid out; then how many items it has.
    pub(super) fn rounds_of(&self, tuple: &SlotV, of: Option<Loop>) -> Option<usize> {
        let n = self.length(tuple)?;
        self.may_unroll(n, of?).then_some(n)
    }

    /// Lays out the loop over a tuple that is an object.
    pub(super) fn unroll(&mut self, tuple: Value, len: usize) {
        self.unrolled.insert(tuple, len);
    }

    /// How many items a tuple has whose iterator's loop is laid out.
    pub(super) fn unrolled(&self, tuple: &SlotV) -> Option<usize> {
        match tuple {
            Slot::Val { v, .. } => self.unrolled.get(v).copied(),
            Slot::Const(_) => self.length(tuple),
            _ => None,
        }
    }

    /// The stop of the range from `start` to `stop`, such that its loop is laid out if it is to be.
    pub(super) fn stop_of(&mut self, start: Value, stop: Value, step: i64, of: Option<Loop>) -> Value {
        let (Some(from), Some(to), Some(of)) = (self.f.const_int(start), self.f.const_int(stop), of) else {
            return stop;
        };
        let rounds = (i128::from(to) - i128::from(from)) / i128::from(step) + 1;
        let beyond = to.checked_add(step).is_some();
        match usize::try_from(rounds.max(0)) {
            Ok(n) if beyond && self.may_unroll(n, of) => self.marked_stop(to),
            _ => stop,
        }
    }

    /// A constant, defined before everything, that as a range's stop says that its loop is laid out.
    pub(super) fn marked_stop(&mut self, stop: i64) -> Value {
        if let Some(&v) = self.stops.get(&stop) {
            return v;
        }
        let v = self.early_int(stop);
        self.stops.insert(stop, v);
        v
    }

    /// Whether the stop is a marked one.
    pub(super) fn is_marked(&self, stop: Value) -> bool {
        self.f.const_int(stop).is_some_and(|c| self.stops.get(&c) == Some(&stop))
    }

    /// A constant that is defined before everything.
    pub(super) fn early_int(&mut self, v: i64) -> Value {
        let (i, v) = self.f.make_inst(Op::ConstInt { v }, &[], None, Reason::None, None);
        let entry = self.f.entry;
        self.f.block_mut(entry).insts.insert(0, i);
        v.expect("a constant has a result")
    }

    /// Whether the loop that the iterator is for is laid out, so that it cannot go on for long.
    pub(super) fn is_unrolled(&self, iterator: &SlotV) -> bool {
        match iterator {
            Slot::TupleIter { tuple, .. } => self.unrolled(tuple).is_some(),
            Slot::RangeBy { stop, .. } => self.is_marked(*stop),
            Slot::Enumerate { inner, .. } => self.is_unrolled(inner),
            Slot::Zip(inner) => inner.iter().any(|s| self.is_unrolled(s)),
            // A generator over such an iterator, and where it stands in its own loop.
            Slot::Gen(g) => g.stack.last().or(g.locals.first()).is_some_and(|s| self.is_unrolled(s)),
            _ => false,
        }
    }
}

impl EnvKind {
    /// Where its iterators stand whose loops are laid out.
    pub(super) fn rounds(&self) -> Rounds {
        let mut out = Rounds::new();
        for fr in &self.0 {
            fr.locals.iter().chain(&fr.stack).for_each(|k| k.rounds(&mut out));
        }
        out
    }
}

impl K {
    fn rounds(&self, out: &mut Rounds) {
        match self {
            K::TupleAt { index, .. } => out.push(*index),
            K::RangeAt { next, .. } => out.push(*next),
            K::Enumerate(k) => k.rounds(out),
            K::Zip(ks) => ks.iter().for_each(|k| k.rounds(out)),
            K::Gen(g) => g.locals.iter().chain(&g.stack).for_each(|k| k.rounds(out)),
            _ => {}
        }
    }
}
