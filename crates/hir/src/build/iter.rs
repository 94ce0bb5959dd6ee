//! Iteration: iterators are kept taken apart (index and container, next and remaining length) while only the loop sees them.

use super::env::SlotV;
use super::generators::is_iterator;
use super::subscr::INT_CODES;
use super::unroll::Loop;
use super::{Builder, Refusal, op};
use crate::helpers::Helper;
use crate::ir::{Reason, Slot, Value};
use crate::ops::{Cc, Op, Ovf};
use crate::snapshot::Desc;
use crate::types::{Repr, Ty};
use whipsnake_abi::bytecode::Instr;

/// An iterator's next step: whether there is one, and what it needs to make it.
enum Step {
    Range { next: Value, step: Value, len: Value },
    RangeBy { next: Value, stop: Value, step: Value },
    List { list: SlotV, index: Value },
    Tuple { tuple: SlotV, index: Value },
    Str { s: SlotV, index: Value },
    Reversed { list: SlotV, index: Value },
    Enumerate { count: Value, inner: Box<Step> },
    Zip(Vec<Step>),
}

impl Builder<'_> {
    pub(super) fn iteration(&mut self, ins: &Instr) -> Result<(), Refusal> {
        if ins.op == op::GET_ITER {
            self.get_iter(ins);
        } else {
            self.for_iter(ins);
        }
        Ok(())
    }

    /// The FOR_ITER that consumes what the current GET_ITER pushes, as the interpreter last specialised it.
    fn for_iter_after(&self, ins: &Instr) -> Option<Instr> {
        let info = self.info(self.frames.last().expect("open").code);
        let mut at = ins.next;
        loop {
            let i = info.at(at)?;
            match i.op {
                op::FOR_ITER => return Some(*i),
                // What a comprehension does between making the iterator and its loop.
                op::LOAD_FAST_AND_CLEAR | op::SWAP | op::BUILD_LIST | op::BUILD_SET | op::BUILD_MAP => at = i.next,
                _ => return None,
            }
        }
    }

    fn get_iter(&mut self, ins: &Instr) {
        let slot = self.peek(0).clone();
        if is_iterator(&slot) || self.is_own_iterator(ins) {
            return;
        }
        let Some(user) = self.loop_after(ins, 1) else {
            return self.generic_iter(ins);
        };
        if let Slot::Range { start, stop, step } = slot {
            let it = self.range_iter(start, stop, step, Some(user));
            self.pop();
            self.push(it);
            return;
        }
        let mut t = self.assume(0, ins);
        if t == Ty::Any && !self.polymorphic(ins) {
            t = match user.1.raw {
                op::FOR_ITER_LIST => Ty::List,
                op::FOR_ITER_TUPLE => Ty::Tuple,
                _ => Ty::Any,
            };
        }
        match self.make_iter(0, t, Some(user)) {
            Some(it) => {
                self.pop();
                self.push(it);
            }
            None => self.generic_iter(ins),
        }
    }

    /// The loop over what the current GET_ITER pushes, also that of a generator which is given the iterator; at its call, `operands`
    /// slots are above it.
    fn loop_after(&self, ins: &Instr, operands: usize) -> Option<Loop> {
        let own = self.for_iter_after(ins).map(|i| (self.frames.last().expect("open").code, i));
        own.or_else(|| self.feeds_generator(ins, operands))
    }

    /// The iterator over the sequence at `depth`, taking over that slot's reference; `None` unless it is a list, tuple or str. `of`:
    /// the loop it is for.
    pub(super) fn make_iter(&mut self, depth: usize, t: Ty, of: Option<Loop>) -> Option<SlotV> {
        let rounds = if t == Ty::Tuple {
            self.rounds_of(self.peek(depth), of)
        } else {
            None
        };
        if matches!(self.peek(depth), Slot::Tuple(_)) {
            self.want_obj(depth)?;
        }
        match self.peek(depth) {
            Slot::Val { v, .. } if self.f.repr(*v) == Repr::Obj => {}
            Slot::Const(_) => {}
            _ => return None,
        }
        if !matches!(t, Ty::List | Ty::Tuple | Ty::Str | Ty::Bytes | Ty::Bytearray | Ty::Array) {
            return None;
        }
        let slot = self.peek(depth).clone();
        if t == Ty::Array && self.typecode(&slot).is_none() {
            return None;
        }
        self.expect(depth, t);
        let zero = self.int(0);
        let slot = match (rounds, &slot) {
            (Some(len), Slot::Val { v, .. }) => {
                self.unroll(*v, len);
                slot
            }
            (None, Slot::Const(_)) => self.plain_const(slot),
            _ => slot,
        };
        let inner = Box::new(self.own(slot));
        // The slot on the stack must not release what the iterator now holds; the caller replaces it.
        Some(match t {
            Ty::List => Slot::ListIter { list: inner, index: zero },
            Ty::Tuple => Slot::TupleIter { tuple: inner, index: zero },
            _ => Slot::StrIter { s: inner, index: zero },
        })
    }

    fn generic_iter(&mut self, ins: &Instr) {
        match self.helper(Helper::GetIter, 1, &[], Ty::Any) {
            Some(v) => {
                self.finish_val(1, v);
                self.after(Helper::GetIter);
            }
            None => self.leave(Reason::Unsupported(ins.op)),
        }
    }

    /// `iter(range(start, stop, step))`, step not zero, for this loop. A step that is not known is taken for positive until one turns
    /// out not to be.
    pub(super) fn range_iter(&mut self, start: Value, stop: Value, step: Value, of: Option<Loop>) -> SlotV {
        if let Some(known) = self.f.const_int(step) {
            let stop = self.stop_of(start, stop, known, of);
            return Slot::RangeBy { next: start, stop, step };
        }
        let fb = self.feedback(self.frames.last().expect("open").bci);
        if fb.domain || fb.generic {
            let len = self.range_len(start, stop, step);
            return Slot::RangeIter { next: start, step, len };
        }
        let zero = self.int(0);
        let up = self.val(Op::ICmp { cc: Cc::Gt }, &[step, zero], Reason::None);
        self.emit(Op::GuardTrue, &[up], Reason::Domain);
        Slot::RangeBy { next: start, stop, step }
    }

    /// `len(range(start, stop, step))`, computed as CPython does.
    pub(super) fn range_len(&mut self, start: Value, stop: Value, step: Value) -> Value {
        let zero = self.int(0);
        let one = self.int(1);
        let ovf = Ovf::Check;
        match self.f.const_int(step) {
            Some(1) => {
                let d = self.val(Op::ISub { ovf }, &[stop, start], Reason::Overflow);
                self.at_least_zero(d, zero)
            }
            Some(-1) => {
                let d = self.val(Op::ISub { ovf }, &[start, stop], Reason::Overflow);
                self.at_least_zero(d, zero)
            }
            Some(k) => {
                let (hi, lo) = if k > 0 { (stop, start) } else { (start, stop) };
                let size = self.int(k.unsigned_abs().min(i64::MAX as u64) as i64);
                self.steps(hi, lo, size, one, zero)
            }
            None => {
                let up = self.val(Op::ICmp { cc: Cc::Gt }, &[step, zero], Reason::None);
                let hi = self.val(Op::Select, &[up, stop, start], Reason::None);
                let lo = self.val(Op::Select, &[up, start, stop], Reason::None);
                let size = self.val(Op::IAbs, &[step], Reason::Overflow);
                self.steps(hi, lo, size, one, zero)
            }
        }
    }

    fn at_least_zero(&mut self, d: Value, zero: Value) -> Value {
        let pos = self.val(Op::ICmp { cc: Cc::Gt }, &[d, zero], Reason::None);
        self.val(Op::Select, &[pos, d, zero], Reason::None)
    }

    /// `max(0, (hi - lo - 1) // size + 1)`.
    fn steps(&mut self, hi: Value, lo: Value, size: Value, one: Value, zero: Value) -> Value {
        let ovf = Ovf::Check;
        let d = self.val(Op::ISub { ovf }, &[hi, lo], Reason::Overflow);
        let d1 = self.val(Op::ISub { ovf }, &[d, one], Reason::Overflow);
        let q = self.val(Op::IFloorDiv, &[d1, size], Reason::ZeroDivision);
        let n = self.val(Op::IAdd { ovf }, &[q, one], Reason::Overflow);
        self.at_least_zero(n, zero)
    }

    fn for_iter(&mut self, ins: &Instr) {
        let end = ins.jump_target().expect("FOR_ITER jumps") + 1;
        let slot = self.peek(0).clone();
        if let Slot::Gen(_) = slot {
            return self.resume();
        }
        let Some(step) = self.step(&slot) else {
            return self.for_iter_object(ins, end);
        };
        let mut conds = Vec::new();
        self.conditions(&step, &mut conds);
        if conds.iter().any(|&c| self.f.const_op(c) == Some(Op::ConstBool { v: false })) {
            return self.goto(end);
        }
        let Some(more) = conds.into_iter().reduce(|a, b| self.val(Op::BAnd, &[a, b], Reason::None)) else {
            // Certain to have one more item.
            let item = self.advance(step, 0);
            return self.push(item);
        };
        let (body, done) = (self.f.new_block(), self.f.new_block());
        self.branch_blocks(more, body, done);
        // Exhausted: POP_ITER takes the iterator off the stack.
        self.side(done, end);
        // One more item.
        self.cur = body;
        self.open = true;
        self.state_cache = None;
        let item = self.advance(step, 0);
        self.push(item);
    }

    /// Continues at `bci` in `block` with the current environment, later.
    fn side(&mut self, block: crate::ir::Block, bci: u32) {
        let frames = self.frames.clone();
        let known = self.known.clone();
        self.cur = block;
        self.open = true;
        self.goto(bci);
        self.frames = frames;
        self.known = known;
        self.state_cache = None;
    }

    fn step(&self, slot: &SlotV) -> Option<Step> {
        Some(match slot {
            Slot::RangeIter { next, step, len } => Step::Range {
                next: *next,
                step: *step,
                len: *len,
            },
            Slot::RangeBy { next, stop, step } => Step::RangeBy {
                next: *next,
                stop: *stop,
                step: *step,
            },
            Slot::ListIter { list, index } => Step::List {
                list: (**list).clone(),
                index: *index,
            },
            Slot::TupleIter { tuple, index } => Step::Tuple {
                tuple: (**tuple).clone(),
                index: *index,
            },
            Slot::StrIter { s, .. } if self.slot_ty(s) == Ty::Array && self.typecode(s).is_none() => return None,
            Slot::StrIter { s, index } => Step::Str {
                s: (**s).clone(),
                index: *index,
            },
            Slot::ListRevIter { list, index } => Step::Reversed {
                list: (**list).clone(),
                index: *index,
            },
            Slot::Enumerate { count, inner } => Step::Enumerate {
                count: *count,
                inner: Box::new(self.step(inner)?),
            },
            Slot::Zip(inner) => Step::Zip(inner.iter().map(|s| self.step(s)).collect::<Option<Vec<_>>>()?),
            _ => return None,
        })
    }

    fn conditions(&mut self, step: &Step, out: &mut Vec<Value>) {
        match step {
            Step::Range { len, .. } => {
                let z = self.int(0);
                out.push(self.val(Op::ICmp { cc: Cc::Gt }, &[*len, z], Reason::None));
            }
            Step::RangeBy { next, stop, step } => {
                let cc = if self.f.const_int(*step).is_some_and(|step| step < 0) {
                    Cc::Gt
                } else {
                    Cc::Lt
                };
                match [*next, *stop].map(|v| self.f.const_int(v)) {
                    [Some(at), Some(to)] if self.is_marked(*stop) => {
                        if if cc == Cc::Lt { at >= to } else { at <= to } {
                            out.push(self.boolean(false));
                        }
                    }
                    _ => out.push(self.val(Op::ICmp { cc }, &[*next, *stop], Reason::None)),
                }
            }
            Step::Tuple { tuple, index } if self.unrolled(tuple).is_some() && self.f.const_int(*index).is_some() => {
                let at = self.f.const_int(*index).and_then(|i| usize::try_from(i).ok());
                if at >= self.unrolled(tuple) {
                    out.push(self.boolean(false));
                }
            }
            Step::List { list: s, index } | Step::Tuple { tuple: s, index } | Step::Str { s, index } => {
                let len = match step {
                    Step::List { .. } => Op::ListLen,
                    Step::Tuple { .. } => Op::TupleLen,
                    _ => match self.slot_ty(s) {
                        Ty::Bytes => Op::BytesLen,
                        Ty::Bytearray => Op::BytearrayLen,
                        Ty::Array => Op::ArrayLen,
                        _ => Op::StrLen,
                    },
                };
                let c = self.slot_obj(s);
                let n = self.val(len, &[c], Reason::None);
                out.push(self.val(Op::ICmp { cc: Cc::Lt }, &[*index, n], Reason::None));
            }
            Step::Reversed { list, index } => {
                // The list may have shrunk: CPython stops then.
                let c = self.slot_obj(list);
                let n = self.val(Op::ListLen, &[c], Reason::None);
                let z = self.int(0);
                out.push(self.val(Op::ICmp { cc: Cc::Ge }, &[*index, z], Reason::None));
                out.push(self.val(Op::ICmp { cc: Cc::Lt }, &[*index, n], Reason::None));
            }
            Step::Enumerate { inner, .. } => self.conditions(inner, out),
            Step::Zip(inner) => inner.iter().for_each(|s| self.conditions(s, out)),
        }
    }

    /// Makes the step: puts the advanced iterator at `depth` and returns the item (owned).
    fn advance(&mut self, step: Step, depth: usize) -> SlotV {
        let (slot, item) = self.stepped(step);
        self.set_slot(depth, slot);
        item
    }

    fn stepped(&mut self, step: Step) -> (SlotV, SlotV) {
        let one = self.int(1);
        let wrap = Ovf::Wrap;
        match step {
            Step::Range { next, step, len } => {
                let next2 = self.val(Op::IAdd { ovf: wrap }, &[next, step], Reason::None);
                let len2 = self.val(Op::ISub { ovf: wrap }, &[len, one], Reason::None);
                (
                    Slot::RangeIter {
                        next: next2,
                        step,
                        len: len2,
                    },
                    Slot::Val { v: next, owned: false },
                )
            }
            Step::RangeBy { next, stop, step } => {
                let ahead = match [next, step].map(|v| self.f.const_int(v)) {
                    [Some(at), Some(by)] if self.is_marked(stop) => self.int(at + by),
                    // Past a stop at the end of 64 bits there is no next value.
                    _ => self.val(Op::IAdd { ovf: Ovf::Check }, &[next, step], Reason::Overflow),
                };
                (Slot::RangeBy { next: ahead, stop, step }, Slot::Val { v: next, owned: false })
            }
            Step::List { list, index } => {
                let item = self.item(Op::ListGet, &list, index);
                let index = self.val(Op::IAdd { ovf: wrap }, &[index, one], Reason::None);
                (
                    Slot::ListIter {
                        list: Box::new(list),
                        index,
                    },
                    item,
                )
            }
            Step::Tuple { tuple, index } if self.unrolled(&tuple).is_some() && self.f.const_int(index).is_some() => {
                let at = self.f.const_int(index).expect("just asked");
                let item = match self.constant_item(&tuple, at) {
                    Some(item) => item,
                    None => self.item(Op::TupleGet, &tuple, index),
                };
                let index = self.int(at + 1);
                (
                    Slot::TupleIter {
                        tuple: Box::new(tuple),
                        index,
                    },
                    item,
                )
            }
            Step::Tuple { tuple, index } => {
                let item = self.item(Op::TupleGet, &tuple, index);
                let index = self.val(Op::IAdd { ovf: wrap }, &[index, one], Reason::None);
                (
                    Slot::TupleIter {
                        tuple: Box::new(tuple),
                        index,
                    },
                    item,
                )
            }
            Step::Str { s, index } => {
                let item = self.unit(&s, index);
                let index = self.val(Op::IAdd { ovf: wrap }, &[index, one], Reason::None);
                (Slot::StrIter { s: Box::new(s), index }, item)
            }
            Step::Reversed { list, index } => {
                let item = self.item(Op::ListGet, &list, index);
                let index = self.val(Op::ISub { ovf: wrap }, &[index, one], Reason::None);
                (
                    Slot::ListRevIter {
                        list: Box::new(list),
                        index,
                    },
                    item,
                )
            }
            Step::Enumerate { count, inner } => {
                // The count may outgrow 64 bits; that exit comes before the item's reference is taken.
                let next = self.val(Op::IAdd { ovf: Ovf::Check }, &[count, one], Reason::Overflow);
                let (inner, item) = self.stepped(*inner);
                let pair = Slot::Tuple(vec![Slot::Val { v: count, owned: false }, item]);
                (
                    Slot::Enumerate {
                        count: next,
                        inner: Box::new(inner),
                    },
                    pair,
                )
            }
            Step::Zip(inner) => {
                let (slots, items) = inner.into_iter().map(|s| self.stepped(s)).unzip();
                (Slot::Zip(slots), Slot::Tuple(items))
            }
        }
    }

    /// The type code that an array presumably has, where there are ops for its items.
    fn typecode(&self, array: &SlotV) -> Option<char> {
        let code = self.hint(array).and_then(|h| h.typecode);
        code.filter(|&c| INT_CODES.contains(c) || matches!(c, 'd' | 'f'))
    }

    /// The next item of a str, bytes, bytearray or array.
    fn unit(&mut self, s: &SlotV, index: Value) -> SlotV {
        let c = self.slot_obj(s);
        let ty = self.slot_ty(s);
        let (op, reason) = match ty {
            Ty::Bytes => (Op::BytesGet, Reason::None),
            Ty::Bytearray => (Op::BytearrayGet, Reason::None),
            Ty::Array => {
                let code = self.typecode(s).expect("arrays of other items are not taken apart");
                self.emit(Op::GuardArrayCode { code }, &[c], Reason::Type(Ty::Array));
                if INT_CODES.contains(code) {
                    (Op::ArrayGetInt { code }, Reason::Overflow)
                } else {
                    (Op::ArrayGetFloat { code }, Reason::None)
                }
            }
            _ => {
                let frame = self.frames.last().expect("open");
                let (bci, info) = (frame.bci, self.info(frame.code));
                let ins = *info.at(bci).expect("the current instruction");
                return self.char_at(c, index, &ins);
            }
        };
        let v = self.val(op, &[c, index], reason);
        Slot::Val { v, owned: false }
    }

    /// An item of a constant tuple.
    fn constant_item(&mut self, tuple: &SlotV, index: i64) -> Option<SlotV> {
        let item = match &self.desc(tuple)?.desc {
            Desc::Tuple(items) => items.get(usize::try_from(index).ok()?)?.clone(),
            _ => return None,
        };
        Some(self.const_slot(&item))
    }

    fn item(&mut self, get: Op, container: &SlotV, index: Value) -> SlotV {
        let c = self.slot_obj(container);
        let v = self.obj(get, &[c, index], Reason::None, Ty::Any);
        self.hint_item(container, index, v);
        self.emit(Op::IncRef, &[v], Reason::None);
        Slot::Val { v, owned: true }
    }

    /// An iterator that stays an object.
    fn for_iter_object(&mut self, ins: &Instr, end: u32) {
        if self.enter_next(ins) {
            return;
        }
        let Some(it) = self.want_obj(0) else {
            return self.leave(Reason::Unsupported(ins.op));
        };
        self.count_op(Helper::IterNext);
        let v = self.obj(Op::Call { helper: Helper::IterNext }, &[it], Reason::Raised, Ty::Any);
        let null = self.val(Op::IsNull, &[v], Reason::None);
        let (done, body) = (self.f.new_block(), self.f.new_block());
        self.branch_blocks(null, done, body);
        self.side(done, end);
        self.cur = body;
        self.open = true;
        self.push_val(v);
        self.after_user();
    }

    /// The loop whose GET_ITER is the next instruction, at which `operands` slots are one; see [`Builder::feeds_loop`].
    pub(super) fn loop_fed(&self, next: u32, operands: usize) -> Option<Loop> {
        let info = self.info(self.frames.last().expect("open").code);
        info.at(next).and_then(|i| self.loop_after(i, operands))
    }

    /// Whether the next instruction is the GET_ITER of a loop, so that an iterable built here of the top `operands` slots is seen by
    /// the loop alone.
    pub(super) fn feeds_loop(&self, next: u32, operands: usize) -> bool {
        let info = self.info(self.frames.last().expect("open").code);
        let alone = info.preds.get(&next).copied().unwrap_or(0) <= 1;
        info.at(next)
            .is_some_and(|i| i.op == op::GET_ITER && alone && self.loop_after(i, operands).is_some())
    }
}
