//! Arithmetic and comparisons of objects that are ints at one time and floats at another.
//!
//! A vector made as `V(0, 0, 5)` meets one made from floats, and every operator of its methods meets both. Where exits have taught that, an operand is taken as the
//! number it is ([`Op::RealOf`]): with a float on the other side, or in a comparison or true division, ints and floats give the same as their values as
//! floats do (an int that is not exact as a float leaves). Of two such operands one is taken to be a float until both have been ints; then the
//! operator works on objects ([`Helper::RealBinary`]), and its result is such a number again. So code neither doubles with every operator nor has to learn
//! the same at each.

use super::arith::{Arith, operator};
use super::split::BOTH;
use super::{Builder, op};
use crate::helpers::Helper;
use crate::ir::{Reason, Slot, Value};
use crate::ops::{Cc, Op};
use crate::snapshot::Feedback;
use crate::types::{Repr, Ty};
use whipsnake_abi::bytecode::Instr;

/// Bytes of code in which all numbers that nothing is known of are expected to vary as soon as one has.
const SMALL: usize = 4096;

/// What an operand is, as far as this goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Number {
    /// A float, or taken for one.
    Float,
    /// An unboxed int.
    Int,
    /// An int object, or taken for one.
    Boxed,
    /// An object that may be either.
    Either,
}

impl Builder<'_> {
    /// The operand at a depth; none if it is taken for something else.
    fn number(&self, depth: usize, ins: &Instr) -> Option<Number> {
        let slot = self.peek(depth);
        match (slot, self.slot_ty(slot)) {
            (_, Ty::Float) => Some(Number::Float),
            (Slot::Val { v, .. }, Ty::Int) if self.f.repr(*v) == Repr::Int => Some(Number::Int),
            (Slot::Const(_), Ty::Int) => Some(Number::Int),
            (Slot::Val { v, .. }, Ty::Any) if self.is_either(*v, depth, ins) => Some(Number::Either),
            (Slot::Val { .. }, Ty::Any | Ty::Int) => match self.assume(depth, ins) {
                Ty::Float => Some(Number::Float),
                Ty::Int => Some(Number::Boxed),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether an object of unknown type is an int or a float: taught here, made by such an operator, or in code that has been left because a number was
    /// of the other type.
    fn is_either(&self, v: Value, depth: usize, ins: &Instr) -> bool {
        let hinted = self.hints.get(&v).map_or(Ty::Any, |h| h.ty);
        let taught = self.taught(ins, depth);
        if taught == BOTH || taught.is_empty() && self.hints.get(&v).is_some_and(|h| h.real) {
            return true;
        }
        let other = matches!(hinted, Ty::Int | Ty::Float) && !taught.is_empty() && !taught.contains(hinted);
        // Beside an int constant it was taken for an int only because of that.
        let constant = matches!(self.peek(1 - depth), Slot::Const(_))
            || matches!(self.peek(1 - depth), Slot::Val { v, .. } if self.f.const_int(*v).is_some());
        let instead = !taught.is_empty() && taught.0 | self.feedback(ins.start).wanted.0 == BOTH.0 && !constant;
        let likely = self.numbers.contains(&v) || other || instead || self.mixes();
        likely && taught.0 & !BOTH.0 == 0 && matches!(hinted, Ty::Any | Ty::Int | Ty::Float)
    }

    /// Whether the code, unless it is large, has been left because a number was of the other type: then all numbers may be.
    fn mixes(&self) -> bool {
        let code = self.code();
        let other = |fb: &Feedback| !fb.wanted.is_empty() && fb.types.values().any(|t| t.0 | fb.wanted.0 == BOTH.0);
        code.bytes.len() <= SMALL && code.feedback.values().any(other)
    }

    /// The operand as a float; where it is neither int nor float, or an int of more than a digit, the code leaves.
    fn real_of(&mut self, depth: usize, kind: Number) -> Value {
        match (kind, self.peek(depth)) {
            (Number::Either, Slot::Val { v, .. }) => {
                let v = *v;
                self.val(Op::RealOf, &[v], Reason::Type(Ty::Float))
            }
            _ => self.want_float(depth),
        }
    }

    /// The two operands, if one of them is either.
    fn numbers(&self, ins: &Instr) -> Option<(Number, Number)> {
        let both = [1, 0].map(|depth| self.number(depth, ins));
        if !both.contains(&Some(Number::Either)) {
            return None;
        }
        let other = |kind, depth| match kind {
            None | Some(Number::Boxed) => (kind.is_some() || self.is_untold(depth, ins)).then_some(Number::Either),
            k => k,
        };
        Some((other(both[0], 1)?, other(both[1], 0)?))
    }

    /// Whether nothing is known of an object.
    fn is_untold(&self, depth: usize, ins: &Instr) -> bool {
        let slot = self.peek(depth);
        matches!(slot, Slot::Val { .. })
            && self.slot_ty(slot) == Ty::Any
            && self.assume(depth, ins) == Ty::Any
            && self.taught(ins, depth).is_empty()
    }

    /// An operator, where an operand is either; false if it is not, or has to be split.
    pub(super) fn mixed_binary(&mut self, ins: &Instr) -> bool {
        let Some((l, r)) = self.numbers(ins).filter(|_| !self.feedback(ins.start).generic) else {
            return false;
        };
        let (a, _) = operator(ins.arg);
        let op = match a {
            Arith::Add => Op::FAdd,
            Arith::Sub => Op::FSub,
            Arith::Mul => Op::FMul,
            Arith::TrueDiv => Op::FDiv,
            _ => return false,
        };
        let reason = if a == Arith::TrueDiv { Reason::ZeroDivision } else { Reason::None };
        let float = l == Number::Float || r == Number::Float;
        let exact = a == Arith::TrueDiv && l == Number::Either && r == Number::Either;
        if !float && !exact && self.ints_meet(ins) {
            let Some(v) = self.helper(Helper::RealBinary, 2, &[i64::from(ins.arg)], Ty::Any) else {
                return false;
            };
            self.numbers.insert(v);
            self.finish_val(2, v);
            return true;
        }
        if !float && !exact {
            self.expect_a_float(l, r);
        }
        let (x, y) = (self.real_of(1, l), self.real_of(0, r));
        let v = self.val(op, &[x, y], reason);
        self.finish_val(2, v);
        true
    }

    /// Whether the operands are known, or likely, to be ints both at times.
    fn ints_meet(&self, ins: &Instr) -> bool {
        let hinted = |depth| self.hint(self.peek(depth)).is_some_and(|h| h.ty == Ty::Int);
        let info = self.info(self.frames.last().expect("open").code);
        let met = |at: u32, fb: &Feedback| {
            fb.domain && fb.types.values().any(|t| t.contains(Ty::Int)) && info.at(at).is_some_and(|i| i.op == op::BINARY_OP)
        };
        let elsewhere = || self.mixes() && self.code().feedback.iter().any(|(at, fb)| met(*at, fb));
        self.feedback(ins.start).domain || hinted(0) && hinted(1) || elsewhere()
    }

    /// Whether an operator need not be built apart for ints and floats.
    pub(super) fn stays_whole(&self, ins: &Instr) -> bool {
        let (a, _) = operator(ins.arg);
        let usual = matches!(a, Arith::Add | Arith::Sub | Arith::Mul | Arith::TrueDiv);
        let floats = |(l, r)| l != Number::Int && r != Number::Int && !self.ints_meet(ins) || l == Number::Float || r == Number::Float;
        self.frames.len() > 1 || usual && self.numbers(ins).is_some_and(floats)
    }

    /// Leaves unless one of the operands is a float.
    fn expect_a_float(&mut self, l: Number, r: Number) {
        let mut tests = Vec::new();
        for (depth, kind) in [(1, l), (0, r)] {
            if let (Number::Either, Slot::Val { v, .. }) = (kind, self.peek(depth)) {
                let v = *v;
                tests.push(self.val(Op::TypeIs { ty: Ty::Float }, &[v], Reason::None));
            }
        }
        let any = match tests[..] {
            [a, b] => self.val(Op::BOr, &[a, b], Reason::None),
            _ => tests[0],
        };
        self.emit(Op::GuardTrue, &[any], Reason::Domain);
    }

    /// A comparison's outcome, where an operand is either.
    pub(super) fn mixed_compare(&mut self, cc: Cc, ins: &Instr) -> Option<Value> {
        let (l, r) = self.numbers(ins)?;
        if self.feedback(ins.start).generic {
            return None;
        }
        Some(match (l, r) {
            (Number::Int, _) => {
                let (x, y) = (self.want_int(1), self.real_of(0, r));
                self.val(Op::IFCmp { cc }, &[x, y], Reason::Domain)
            }
            (_, Number::Int) => {
                let (x, y) = (self.real_of(1, l), self.want_int(0));
                self.val(Op::IFCmp { cc: cc.swap() }, &[y, x], Reason::Domain)
            }
            _ => {
                let (x, y) = (self.real_of(1, l), self.real_of(0, r));
                self.val(Op::FCmp { cc }, &[x, y], Reason::None)
            }
        })
    }
}
