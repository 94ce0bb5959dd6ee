//! Ints beyond 64 bits, as two words: hashes, random number generators, products that are reduced at once.
//!
//! An int of up to 128 bits is a low word, unsigned, and a high word, signed ([`Slot::Wide`]); an int below `2**64` that is not
//! negative has the constant 0 for its high word. There are few ops for it: each operator becomes arithmetic on words, and
//! what a mask cuts off (`x * k & 0xffffffffffffffff`) is simply not used, so that it goes with its overflow check. Results
//! known to fit 64 bits become ordinary ints again; 128 bits exceeded leave, and teach to do without all this.
//!
//! Operators are done this way where an exit has shown an int too large for one word, or where an operand is known to be so
//! large. At a loop's header an int of two words is guessed to be one that is not negative ([`Builder::expect_words`]).

use super::Builder;
use super::arith::Arith;
use super::env::SlotV;
use crate::helpers::Helper;
use crate::ir::{Def, Reason, Slot, Value};
use crate::ops::{Cc, Op, Ovf};
use crate::snapshot::{Desc, Feedback, Shape, Size};
use crate::types::{Repr, Ty};
use std::rc::Rc;

/// Low and high word.
pub(super) type Words = [Value; 2];

/// How deep definitions are looked into.
const DEPTH: u32 = 6;

impl Builder<'_> {
    // ---- how to do an operator

    /// How large the int in a slot is known or guessed to be.
    fn size_of(&self, slot: &SlotV) -> Size {
        match slot {
            Slot::Wide { .. } => Size::Wide,
            Slot::Const(_) => match self.desc(slot).map(|c| &c.desc) {
                Some(Desc::BigInt) => Size::Huge,
                _ => Size::Int,
            },
            Slot::Val { v, .. } if self.f.repr(*v) == Repr::Obj => match self.hint(slot).map_or(Size::Int, |h| h.size) {
                Size::Word => Size::Wide,
                s => s,
            },
            _ => Size::Int,
        }
    }

    /// How to do an operator on the top two slots: on ints of 64 bits, of 128, or of any size.
    pub(super) fn width(&self, fb: &Feedback) -> Size {
        self.width_of(1, fb).max(self.width_of(0, fb))
    }

    pub(super) fn width_of(&self, depth: usize, fb: &Feedback) -> Size {
        if fb.huge {
            return Size::Huge;
        }
        let taught = if fb.overflow || fb.bigint { Size::Wide } else { Size::Int };
        taught.max(self.size_of(self.peek(depth)))
    }

    /// What is guessed of a result for which 128 bits have been too few.
    pub(super) fn huge_int(&self) -> Rc<Shape> {
        Rc::new(Shape {
            size: Size::Huge,
            ..Shape::of(Ty::Int)
        })
    }

    /// Guesses, on the way to a loop's header, that ints of two words are not negative and fit one.
    pub(super) fn expect_words(&mut self, bci: u32) {
        if self.feedback(bci).overflow {
            return;
        }
        for f in 0..self.frames.len() {
            let locals = self.frames[f].locals.len();
            for i in 0..locals + self.frames[f].stack.len() {
                let fr = &self.frames[f];
                let slot = fr.locals.get(i).unwrap_or_else(|| &fr.stack[i - locals]);
                let Slot::Wide { lo, hi } = *slot else { continue };
                if self.f.const_op(hi).is_some() {
                    continue;
                }
                let zero = self.zero();
                let small = self.val(Op::ICmp { cc: Cc::Eq }, &[hi, zero], Reason::None);
                let st = self.state_at(bci);
                self.emit_at(Op::GuardTrue, &[small], Reason::Overflow, st, None);
                let fr = &mut self.frames[f];
                let slot = if i < locals { &mut fr.locals[i] } else { &mut fr.stack[i - locals] };
                *slot = Slot::Wide { lo, hi: zero };
                fr.calling = None;
                self.state_cache = None;
            }
        }
    }

    // ---- words

    /// The constant 0, defined before everything.
    pub(super) fn zero(&mut self) -> Value {
        if let Some(z) = self.zero {
            return z;
        }
        let v = self.early_int(0);
        self.zero = Some(v);
        v
    }

    fn is_zero(&self, v: Value) -> bool {
        self.f.const_int(v) == Some(0)
    }

    /// Whether a word is known not to be negative.
    fn non_negative(&self, v: Value, depth: u32) -> bool {
        let Def::Inst(i) = self.f.value(v).def else { return false };
        let inst = self.f.inst(i);
        let arg = |n: usize| depth > 0 && self.non_negative(inst.args[n], depth - 1);
        match inst.op {
            Op::ConstInt { v } => v >= 0,
            Op::IAnd => arg(0) || arg(1),
            Op::IOr | Op::IXor => arg(0) && arg(1),
            Op::IMod => arg(1),
            Op::IFloorDiv => arg(0) && arg(1),
            Op::IShr => arg(0),
            Op::IUShr => self.f.const_int(inst.args[1]).is_some_and(|c| c > 0) || arg(0),
            Op::IURem => arg(1) || arg(0),
            Op::IUDiv => self.f.const_int(inst.args[1]).is_some_and(|c| c > 1) || arg(0),
            Op::IUMulHigh { ovf: Ovf::Check } | Op::BToI | Op::BytesGet | Op::BytearrayGet | Op::StrOrdAt => true,
            Op::ListLen | Op::TupleLen | Op::StrLen | Op::BytesLen | Op::BytearrayLen | Op::ArrayLen | Op::Index | Op::IndexPos => true,
            Op::ArrayGetInt { code } => matches!(code, 'B' | 'H' | 'I'),
            _ => false,
        }
    }

    /// The high word of an int of 64 bits.
    pub(super) fn sign(&mut self, v: Value) -> Value {
        match self.f.const_int(v) {
            Some(c) if c < 0 => self.int(-1),
            _ if self.non_negative(v, DEPTH) => self.zero(),
            _ => {
                let n = self.int(63);
                self.val(Op::IShr, &[v, n], Reason::None)
            }
        }
    }

    /// Whether the int fits 64 bits by the way it was made.
    fn is_single(&self, [lo, hi]: Words) -> bool {
        if self.is_zero(hi) {
            return self.non_negative(lo, DEPTH);
        }
        if let (Some(l), Some(h)) = (self.f.const_int(lo), self.f.const_int(hi)) {
            return h == l >> 63;
        }
        match self.f.value(hi).def {
            Def::Inst(i) => {
                let inst = self.f.inst(i);
                inst.op == Op::IShr && inst.args[0] == lo && self.f.const_int(inst.args[1]) == Some(63)
            }
            _ => false,
        }
    }

    /// The words as a slot, an ordinary int where they are known to be one.
    pub(super) fn int_slot(&self, words: Words) -> SlotV {
        let [lo, hi] = words;
        match self.is_single(words) {
            true => Slot::Val { v: lo, owned: false },
            false => Slot::Wide { lo, hi },
        }
    }

    /// The words of an object known to be an int.
    pub(super) fn words_of(&mut self, v: Value) -> Words {
        let lo = self.val(Op::UnboxLow, &[v], Reason::Huge);
        [lo, self.val(Op::UnboxHigh, &[v, lo], Reason::None)]
    }

    /// The slot as words; an object of unknown type is guarded.
    pub(super) fn want_words(&mut self, depth: usize) -> Words {
        let slot = self.peek(depth).clone();
        let boxed = match slot {
            Slot::Wide { lo, hi } => return [lo, hi],
            Slot::Val { v, .. } => self.f.repr(v) == Repr::Obj,
            _ => true,
        };
        if !boxed || self.slot_ty(&slot) == Ty::Bool {
            let v = self.slot_int(&slot);
            return [v, self.sign(v)];
        }
        let v = self.slot_obj(&slot);
        self.guard(v, Ty::Int);
        self.words_of(v)
    }

    /// The int a pair of constants is.
    fn const_words(&self, [lo, hi]: Words) -> Option<i128> {
        let (lo, hi) = (self.f.const_int(lo)?, self.f.const_int(hi)?);
        Some(i128::from(hi) << 64 | i128::from(lo as u64))
    }

    fn const_pair(&mut self, v: i128) -> Words {
        let hi = match (v >> 64) as i64 {
            0 => self.zero(),
            h => self.int(h),
        };
        [self.int(v as i64), hi]
    }

    // ---- single steps

    fn word(&mut self, o: Op, args: &[Value]) -> Value {
        self.val(o, args, Reason::None)
    }

    /// A step that leaves when the result does not fit.
    fn fitting(&mut self, o: Op, args: &[Value]) -> Value {
        self.val(o, args, Reason::Huge)
    }

    fn wide_call(&mut self, helper: Helper, args: &[Value], reason: Reason) -> Value {
        self.val(Op::Call { helper }, args, reason)
    }

    /// `&`, `|`, `^` of words; the high ones are often constants.
    fn bitwise(&mut self, o: Op, x: Value, y: Value) -> Value {
        let (cx, cy) = (self.f.const_int(x), self.f.const_int(y));
        match (o, cx, cy) {
            (Op::IAnd, Some(0), _) | (Op::IAnd, _, Some(0)) => self.zero(),
            (Op::IAnd, Some(-1), _) | (Op::IOr | Op::IXor, Some(0), _) => y,
            (Op::IAnd, _, Some(-1)) | (Op::IOr | Op::IXor, _, Some(0)) => x,
            _ => self.word(o, &[x, y]),
        }
    }

    fn checked_sum(&mut self, x: Value, y: Value) -> Value {
        match (self.is_zero(x), self.is_zero(y)) {
            (true, _) => y,
            (_, true) => x,
            _ => self.fitting(Op::IAdd { ovf: Ovf::Check }, &[x, y]),
        }
    }

    fn checked_difference(&mut self, x: Value, y: Value) -> Value {
        if self.is_zero(y) {
            return x;
        }
        self.fitting(Op::ISub { ovf: Ovf::Check }, &[x, y])
    }

    /// 1 when an unsigned word is below another, else 0.
    fn below(&mut self, x: Value, y: Value) -> Value {
        let b = self.word(Op::IUCmp { cc: Cc::Lt }, &[x, y]);
        self.word(Op::BToI, &[b])
    }

    // ---- operators

    pub(super) fn wide_binary(&mut self, a: Arith) -> bool {
        let by_const = match *self.peek(0) {
            Slot::Val { v, .. } => self.f.const_int(v).map(i128::from),
            Slot::Wide { lo, hi } => self.const_words([lo, hi]),
            _ => None,
        };
        match a {
            Arith::Pow | Arith::Matmul => return false,
            Arith::Lshift | Arith::Rshift if by_const.is_some_and(|c| !(0..=127).contains(&c)) => return false,
            _ => {}
        }
        if a == Arith::TrueDiv {
            // By a power of two: scaling is exact.
            let Some(k) = by_const.filter(|c| c.count_ones() == 1 && *c > 0) else {
                return self.wide_true_div();
            };
            return self.scaled_down(k.trailing_zeros());
        }
        let (x, y) = (self.want_words(1), self.want_words(0));
        let words = match a {
            Arith::Add => self.wide_add(x, y),
            Arith::Sub => self.wide_sub(x, y),
            Arith::Mul => self.wide_mul(x, y),
            Arith::FloorDiv => self.wide_div(x, y),
            Arith::Mod => self.wide_mod(x, y),
            Arith::And | Arith::Or | Arith::Xor => {
                let o = match a {
                    Arith::And => Op::IAnd,
                    Arith::Or => Op::IOr,
                    _ => Op::IXor,
                };
                [0, 1].map(|n| self.bitwise(o, x[n], y[n]))
            }
            Arith::Lshift => self.wide_shl(x, y),
            _ => self.wide_shr(x, y),
        };
        let slot = self.int_slot(words);
        self.finish(2, Some(slot));
        true
    }

    /// `/` by a power of two that does not fit a word of its own.
    fn wide_true_div(&mut self) -> bool {
        let Slot::Wide { lo, hi } = *self.peek(0) else { return false };
        match self.const_words([lo, hi]) {
            Some(c) if c > 0 && c.count_ones() == 1 => self.scaled_down(c.trailing_zeros()),
            _ => false,
        }
    }

    fn scaled_down(&mut self, bits: u32) -> bool {
        let x = self.want_words(1);
        let x = self.wide_to_float(x);
        let scale = self.float((-f64::from(bits)).exp2());
        let v = self.word(Op::FMul, &[x, scale]);
        self.finish_val(2, v);
        true
    }

    pub(super) fn wide_to_float(&mut self, words: Words) -> Value {
        let [lo, hi] = words;
        if self.is_single(words) {
            self.word(Op::IToF, &[lo])
        } else if self.is_zero(hi) {
            self.word(Op::IUToF, &[lo])
        } else {
            self.wide_call(Helper::WideToFloat, &words, Reason::None)
        }
    }

    fn wide_add(&mut self, x: Words, y: Words) -> Words {
        let lo = self.word(Op::IAdd { ovf: Ovf::Wrap }, &[x[0], y[0]]);
        let carry = self.below(lo, x[0]);
        let hi = self.checked_sum(x[1], y[1]);
        [lo, self.checked_sum(hi, carry)]
    }

    pub(super) fn wide_sub(&mut self, x: Words, y: Words) -> Words {
        let lo = self.word(Op::ISub { ovf: Ovf::Wrap }, &[x[0], y[0]]);
        let borrow = self.below(x[0], y[0]);
        let hi = self.checked_difference(x[1], y[1]);
        [lo, self.checked_difference(hi, borrow)]
    }

    fn wide_mul(&mut self, x: Words, y: Words) -> Words {
        let lo = self.word(Op::IMul { ovf: Ovf::Wrap }, &[x[0], y[0]]);
        let wrap = Op::IUMulHigh { ovf: Ovf::Wrap };
        let (x_word, y_word) = (self.is_zero(x[1]), self.is_zero(y[1]));
        let hi = if self.is_single(x) && self.is_single(y) {
            self.word(Op::IMulHigh, &[x[0], y[0]])
        } else if x_word && y_word {
            // One factor below 2**63 keeps the product below 2**127.
            match self.non_negative(x[0], DEPTH) || self.non_negative(y[0], DEPTH) {
                true => self.word(wrap, &[x[0], y[0]]),
                false => self.fitting(Op::IUMulHigh { ovf: Ovf::Check }, &[x[0], y[0]]),
            }
        } else if x_word && self.is_single(y) || y_word && self.is_single(x) {
            // The unsigned product counts a negative factor 2**64 too large.
            let (word, single) = if x_word { (x, y) } else { (y, x) };
            let high = self.word(wrap, &[word[0], single[0]]);
            let excess = self.bitwise(Op::IAnd, single[1], word[0]);
            self.word(Op::ISub { ovf: Ovf::Wrap }, &[high, excess])
        } else {
            self.wide_call(Helper::WideMulHigh, &[x[0], x[1], y[0], y[1]], Reason::Huge)
        };
        [lo, hi]
    }

    /// The exponent, when the words are a constant power of two.
    fn power_of_two(&self, y: Words) -> Option<u32> {
        let c = self.const_words(y)?;
        (c > 0 && c.count_ones() == 1).then(|| c.trailing_zeros())
    }

    /// `//` and `%` where both operands fit 64 bits.
    fn single_div(&mut self, o: Op, x: Words, y: Words) -> Option<Words> {
        if !self.is_single(x) || !self.is_single(y) {
            return None;
        }
        let v = self.val(o, &[x[0], y[0]], Reason::ZeroDivision);
        Some([v, self.sign(v)])
    }

    fn wide_div(&mut self, x: Words, y: Words) -> Words {
        if let Some(words) = self.single_div(Op::IFloorDiv, x, y) {
            return words;
        }
        if let Some(n) = self.power_of_two(y) {
            return self.shr_const(x, n);
        }
        if self.is_zero(x[1]) && self.is_zero(y[1]) {
            return [self.val(Op::IUDiv, &[x[0], y[0]], Reason::ZeroDivision), self.zero()];
        }
        let args = [x[0], x[1], y[0], y[1]];
        [Helper::WideDiv, Helper::WideDivHigh].map(|h| self.wide_call(h, &args, Reason::ZeroDivision))
    }

    fn wide_mod(&mut self, x: Words, y: Words) -> Words {
        if let Some(words) = self.single_div(Op::IMod, x, y) {
            return words;
        }
        if let Some(n) = self.power_of_two(y) {
            let mask = self.const_pair((1i128 << n).wrapping_sub(1));
            return [0, 1].map(|n| self.bitwise(Op::IAnd, x[n], mask[n]));
        }
        if self.is_zero(x[1]) && self.is_zero(y[1]) {
            return [self.val(Op::IURem, &[x[0], y[0]], Reason::ZeroDivision), self.zero()];
        }
        let args = [x[0], x[1], y[0], y[1]];
        let lo = self.wide_call(Helper::WideMod, &args, Reason::ZeroDivision);
        // The remainder lies between 0 and the divisor.
        let hi = if self.is_zero(y[1]) && !self.is_single(y) {
            self.zero()
        } else if self.is_single(y) {
            let n = self.int(63);
            self.word(Op::IShr, &[lo, n])
        } else {
            self.wide_call(Helper::WideModHigh, &args, Reason::ZeroDivision)
        };
        [lo, hi]
    }

    fn wide_shl(&mut self, x: Words, y: Words) -> Words {
        if let Some(n) = self.const_words(y) {
            return self.shl_const(x, n as i64);
        }
        let n = self.shift_count(y);
        let zero = self.zero();
        let limit = self.int(64);
        let near = self.word(Op::IUCmp { cc: Cc::Lt }, &[n, limit]);
        let shifted = self.word(Op::IShl { ovf: Ovf::Wrap }, &[x[0], n]);
        let lo = self.word(Op::Select, &[near, shifted, zero]);
        [lo, self.wide_call(Helper::WideShlHigh, &[x[0], x[1], n], Reason::Huge)]
    }

    /// A variable count, from 0 to 127; anything else leaves.
    fn shift_count(&mut self, y: Words) -> Value {
        let n = self.val(Op::Narrow, &y, Reason::Huge);
        let limit = self.int(128);
        let ok = self.word(Op::IUCmp { cc: Cc::Lt }, &[n, limit]);
        self.emit(Op::GuardTrue, &[ok], Reason::Huge);
        n
    }

    fn shl_const(&mut self, x: Words, n: i64) -> Words {
        if n == 0 {
            return x;
        }
        let check = Op::IShl { ovf: Ovf::Check };
        if n >= 64 {
            let v = match self.is_single(x) {
                true => x[0],
                false => self.fitting(Op::Narrow, &x),
            };
            let count = self.int(n - 64);
            let hi = if n == 64 { v } else { self.fitting(check, &[v, count]) };
            return [self.zero(), hi];
        }
        let (count, rest) = (self.int(n), self.int(64 - n));
        let lo = self.word(Op::IShl { ovf: Ovf::Wrap }, &[x[0], count]);
        let over = self.word(Op::IUShr, &[x[0], rest]);
        if self.is_zero(x[1]) {
            return [lo, over];
        }
        let hi = self.fitting(check, &[x[1], count]);
        [lo, self.word(Op::IOr, &[hi, over])]
    }

    fn wide_shr(&mut self, x: Words, y: Words) -> Words {
        if let Some(n) = self.const_words(y) {
            return self.shr_const(x, n as u32);
        }
        let n = self.shift_count(y);
        if self.is_zero(x[1]) {
            let zero = self.zero();
            let limit = self.int(64);
            let near = self.word(Op::IUCmp { cc: Cc::Lt }, &[n, limit]);
            let shifted = self.word(Op::IUShr, &[x[0], n]);
            return [self.word(Op::Select, &[near, shifted, zero]), zero];
        }
        [Helper::WideShr, Helper::WideShrHigh].map(|h| self.wide_call(h, &[x[0], x[1], n], Reason::None))
    }

    fn shr_const(&mut self, x: Words, n: u32) -> Words {
        if n == 0 {
            return x;
        }
        let count = self.int(i64::from(n));
        if self.is_single(x) {
            let v = self.word(Op::IShr, &[x[0], count]);
            return [v, self.sign(v)];
        }
        if self.is_zero(x[1]) {
            if n >= 64 {
                return [self.zero(); 2];
            }
            return [self.word(Op::IUShr, &[x[0], count]), x[1]];
        }
        if n >= 64 {
            let count = self.int(i64::from(n) - 64);
            let v = self.word(Op::IShr, &[x[1], count]);
            return [v, self.sign(v)];
        }
        let rest = self.int(64 - i64::from(n));
        let low = self.word(Op::IUShr, &[x[0], count]);
        let from_high = self.word(Op::IShl { ovf: Ovf::Wrap }, &[x[1], rest]);
        [self.word(Op::IOr, &[low, from_high]), self.word(Op::IShr, &[x[1], count])]
    }

    pub(super) fn wide_cmp(&mut self, cc: Cc, x: Words, y: Words) -> Value {
        let words = self.is_zero(x[1]) && self.is_zero(y[1]);
        let low = self.word(Op::IUCmp { cc }, &[x[0], y[0]]);
        if words {
            return low;
        }
        let same = self.word(Op::ICmp { cc: Cc::Eq }, &[x[1], y[1]]);
        let strict = match cc {
            Cc::Le => Cc::Lt,
            Cc::Ge => Cc::Gt,
            cc => cc,
        };
        match cc {
            Cc::Eq => self.word(Op::BAnd, &[same, low]),
            Cc::Ne => {
                let differ = self.word(Op::BNot, &[same]);
                self.word(Op::BOr, &[differ, low])
            }
            _ => {
                let high = self.word(Op::ICmp { cc: strict }, &[x[1], y[1]]);
                let tie = self.word(Op::BAnd, &[same, low]);
                self.word(Op::BOr, &[high, tie])
            }
        }
    }
}
