//! Complex numbers, kept as two floats.
//!
//! Arithmetic is CPython 3.14's, part by part: a real operand stays real (`2.0 * z` multiplies two parts, it is not
//! `(2+0j) * z`); quotients are scaled by the larger part of the divisor; small integer powers multiply. Where a product
//! or quotient comes out as NaN in both parts CPython looks for infinities to recover: [`Op::GuardPart`] leaves there, as do
//! division by zero and results out of range.

use super::arith::Arith;
use super::env::SlotV;
use super::{Builder, op};
use crate::helpers::Helper;
use crate::ir::{Reason, Slot, Value};
use crate::ops::{Cc, FClass, Math1, Math2, Op};
use crate::snapshot::{Const, Desc, Intrinsic};
use crate::types::Ty;
use whipsnake_abi::bytecode::Instr;

/// Real and imaginary part.
type Parts = [Value; 2];

/// The largest exponent that CPython takes for small.
const MAX_POWER: f64 = 100.0;
/// Below this in magnitude, `exp` of the real part neither overflows nor is scaled.
const EXP_LIMIT: f64 = 700.0;

fn is_real(t: Ty) -> bool {
    matches!(t, Ty::Int | Ty::Bool | Ty::Float)
}

impl Builder<'_> {
    /// The parts of an object known to be a complex number.
    pub(super) fn parts_of(&mut self, v: Value) -> Parts {
        [Op::ComplexReal, Op::ComplexImag].map(|o| self.val(o, &[v], Reason::None))
    }

    /// The slot as a complex number; an object of unknown type is guarded.
    pub(super) fn want_complex(&mut self, depth: usize) -> Parts {
        let slot = self.peek(depth).clone();
        if let Slot::Complex { re, im } = slot {
            return [re, im];
        }
        let v = self.slot_obj(&slot);
        self.guard(v, Ty::Complex);
        self.parts_of(v)
    }

    fn fmul(&mut self, x: Value, y: Value) -> Value {
        self.val(Op::FMul, &[x, y], Reason::None)
    }
    fn fadd(&mut self, x: Value, y: Value) -> Value {
        self.val(Op::FAdd, &[x, y], Reason::None)
    }
    fn fsub(&mut self, x: Value, y: Value) -> Value {
        self.val(Op::FSub, &[x, y], Reason::None)
    }
    fn fneg(&mut self, x: Value) -> Value {
        self.val(Op::FNeg, &[x], Reason::None)
    }
    fn fdiv(&mut self, x: Value, y: Value) -> Value {
        self.val(Op::FDiv, &[x, y], Reason::ZeroDivision)
    }

    /// What a product or quotient must not be: NaN in both parts.
    fn checked(&mut self, z: Parts) -> Parts {
        self.emit(Op::GuardPart, &z, Reason::Domain);
        z
    }

    fn product(&mut self, [a, b]: Parts, [c, d]: Parts) -> Parts {
        let (ac, bd, ad, bc) = (self.fmul(a, c), self.fmul(b, d), self.fmul(a, d), self.fmul(b, c));
        let z = [self.fsub(ac, bd), self.fadd(ad, bc)];
        self.checked(z)
    }

    /// `(a + bi) / (c + di)`, without `b` for a real dividend. Divides by the larger of `c` and `d`, to which the other is in
    /// `ratio`; where neither is larger one is NaN, and so are `ratio` and both parts of the quotient.
    fn quotient(&mut self, a: Value, b: Option<Value>, [c, d]: Parts) -> Parts {
        let (abs_c, abs_d) = (self.val(Op::FAbs, &[c], Reason::None), self.val(Op::FAbs, &[d], Reason::None));
        let by_real = self.val(Op::FCmp { cc: Cc::Ge }, &[abs_c, abs_d], Reason::None);
        let pick = |cx: &mut Self, x: Value, y: Value| cx.val(Op::Select, &[by_real, x, y], Reason::None);
        let (large, small) = (pick(self, c, d), pick(self, d, c));
        let ratio = self.fdiv(small, large);
        let more = self.fmul(small, ratio);
        let denom = self.fadd(large, more);
        let (re, im) = match b {
            Some(b) => {
                let (x, y) = (pick(self, a, b), pick(self, b, a));
                let (scaled_y, scaled_x) = (self.fmul(y, ratio), self.fmul(x, ratio));
                let (forth, back) = (self.fsub(y, scaled_x), self.fsub(scaled_x, y));
                (self.fadd(x, scaled_y), pick(self, forth, back))
            }
            None => {
                let minus = self.fneg(a);
                let (scaled, scaled_minus) = (self.fmul(a, ratio), self.fmul(minus, ratio));
                (pick(self, a, scaled), pick(self, scaled_minus, minus))
            }
        };
        let z = [self.fdiv(re, denom), self.fdiv(im, denom)];
        self.checked(z)
    }

    /// A power by a small integer: square and multiply, starting from one (which matters to the signs of zeros).
    fn power(&mut self, z: Parts, n: i64) -> Parts {
        let one = [self.float(1.0), self.float(0.0)];
        let (mut result, mut square, mut left) = (one, z, n.unsigned_abs());
        while left != 0 {
            if left & 1 == 1 {
                result = self.product(result, square);
            }
            left >>= 1;
            if left != 0 {
                square = self.product(square, square);
            }
        }
        if n <= 0 {
            result = self.quotient(one[0], Some(one[1]), result);
        }
        // An infinite result is an overflow to be raised.
        for x in result {
            let finite = self.val(Op::FIs { class: FClass::IsFinite }, &[x], Reason::None);
            self.emit(Op::GuardTrue, &[finite], Reason::Domain);
        }
        result
    }

    /// The slot as a constant exponent that CPython takes for small.
    fn small_power(&self, depth: usize) -> Option<i64> {
        let Slot::Val { v, .. } = *self.peek(depth) else { return None };
        match self.f.const_op(v)? {
            Op::ConstInt { v } => (v.unsigned_abs() <= MAX_POWER as u64).then_some(v),
            Op::ConstFloat { bits } => {
                let x = f64::from_bits(bits);
                (x == x.floor() && x.abs() <= MAX_POWER).then_some(x as i64)
            }
            _ => None,
        }
    }

    /// An operator of which at least one operand is complex, the other complex or real.
    pub(super) fn complex_binary(&mut self, a: Arith, tl: Ty, tr: Ty) -> bool {
        let z = match (a, is_real(tl), is_real(tr)) {
            (Arith::Pow, false, true) => {
                let Some(n) = self.small_power(0) else { return false };
                let z = self.want_complex(1);
                self.power(z, n)
            }
            (Arith::Add | Arith::Sub | Arith::Mul | Arith::TrueDiv, false, false) => {
                let (x, y) = (self.want_complex(1), self.want_complex(0));
                match a {
                    Arith::Add => [self.fadd(x[0], y[0]), self.fadd(x[1], y[1])],
                    Arith::Sub => [self.fsub(x[0], y[0]), self.fsub(x[1], y[1])],
                    Arith::Mul => self.product(x, y),
                    _ => self.quotient(x[0], Some(x[1]), y),
                }
            }
            (Arith::Add | Arith::Mul, _, _) => {
                let (z, x) = if is_real(tl) { (0, 1) } else { (1, 0) };
                let (z, x) = (self.want_complex(z), self.want_real(x, if x == 1 { tl } else { tr }));
                match a {
                    Arith::Add => [self.fadd(z[0], x), z[1]],
                    _ => z.map(|part| self.fmul(part, x)),
                }
            }
            (Arith::Sub, false, true) => {
                let (z, x) = (self.want_complex(1), self.want_real(0, tr));
                [self.fsub(z[0], x), z[1]]
            }
            (Arith::Sub, true, false) => {
                let (x, z) = (self.want_real(1, tl), self.want_complex(0));
                [self.fsub(x, z[0]), self.fneg(z[1])]
            }
            (Arith::TrueDiv, false, true) => {
                let (z, x) = (self.want_complex(1), self.want_real(0, tr));
                z.map(|part| self.fdiv(part, x))
            }
            (Arith::TrueDiv, true, false) => {
                let (x, z) = (self.want_real(1, tl), self.want_complex(0));
                self.quotient(x, None, z)
            }
            _ => return false,
        };
        self.finish(2, Some(complex(z)));
        true
    }

    /// `==` and `!=` with a complex operand.
    pub(super) fn complex_compare(&mut self, cc: Cc, tl: Ty, tr: Ty, ins: &Instr) -> Option<Value> {
        let fb = self.feedback(ins.start);
        if !matches!(cc, Cc::Eq | Cc::Ne) || fb.generic || fb.bigint {
            return None;
        }
        let same = match (tl, tr) {
            (Ty::Complex, Ty::Complex) => {
                let (x, y) = (self.want_complex(1), self.want_complex(0));
                [0, 1].map(|i| self.val(Op::FCmp { cc: Cc::Eq }, &[x[i], y[i]], Reason::None))
            }
            (Ty::Complex, t) | (t, Ty::Complex) if is_real(t) => {
                let (z, x) = if tl == Ty::Complex { (1, 0) } else { (0, 1) };
                let z = self.want_complex(z);
                let re = if t == Ty::Float {
                    let x = self.want_float(x);
                    self.val(Op::FCmp { cc: Cc::Eq }, &[z[0], x], Reason::None)
                } else {
                    let x = self.want_int(x);
                    self.val(Op::IFCmp { cc: Cc::Eq }, &[x, z[0]], Reason::Domain)
                };
                let zero = self.float(0.0);
                [re, self.val(Op::FCmp { cc: Cc::Eq }, &[z[1], zero], Reason::None)]
            }
            _ => return None,
        };
        let same = self.val(Op::BAnd, &same, Reason::None);
        Some(if cc == Cc::Eq {
            same
        } else {
            self.val(Op::BNot, &[same], Reason::None)
        })
    }

    // ---- attributes and calls

    /// `z.real` and `z.imag`.
    pub(super) fn complex_part(&mut self, name: &str, ins: &Instr) -> bool {
        if !matches!(name, "real" | "imag") || self.assume(0, ins) != Ty::Complex {
            return false;
        }
        let [re, im] = self.want_complex(0);
        self.finish_val(1, if name == "real" { re } else { im });
        true
    }

    /// The method of a complex number behind a method load.
    pub(super) fn complex_method(&self, name: &str, ins: &Instr) -> Option<Intrinsic> {
        let i = Intrinsic::ComplexConjugate;
        let known = name == "conjugate" && self.assume(0, ins) == Ty::Complex && self.snap.intrinsic_ptrs.contains_key(&i);
        known.then_some(i)
    }

    /// `z.conjugate()`: stack is the method, the number.
    pub(super) fn conjugate(&mut self, i: Intrinsic, n: usize) -> bool {
        if i != Intrinsic::ComplexConjugate || n != 0 || self.ty(0) != Ty::Complex {
            return false;
        }
        let [re, im] = self.want_complex(0);
        let im = self.fneg(im);
        self.done_slot(0, complex([re, im]))
    }

    pub(super) fn complex_call(&mut self, i: Intrinsic, n: usize, ins: &Instr) -> bool {
        use Intrinsic::*;
        let fb = self.feedback(ins.start);
        if fb.generic || fb.bigint {
            return false;
        }
        match (i, n) {
            (Complex, 1) => match self.assume(0, ins) {
                Ty::Complex => {
                    self.expect(0, Ty::Complex);
                    let s = self.peek(0).clone();
                    let s = self.own(s);
                    self.set_slot(0, Slot::Null);
                    self.done_slot(1, s)
                }
                t if is_real(t) => {
                    let z = [self.want_real(0, t), self.float(0.0)];
                    self.done_slot(1, complex(z))
                }
                _ => false,
            },
            // Of a NaN, identity is what containers compare by.
            (Complex, 2) if (0..2).any(|d| self.is_known_nan(d)) => self.numeric_call(i, n, ins),
            (Complex, 2) => {
                let (tr, ti) = (self.assume(1, ins), self.assume(0, ins));
                is_real(tr) && is_real(ti) && {
                    let z = [self.want_real(1, tr), self.want_real(0, ti)];
                    self.done_slot(2, complex(z))
                }
            }
            (CmathPhase, 1) if self.assume(0, ins) == Ty::Complex => {
                let [re, im] = self.want_complex(0);
                let v = self.val(Op::FMath2 { f: Math2::Atan2 }, &[im, re], Reason::Domain);
                self.done(1, v)
            }
            (CmathRect, 2) if !fb.domain && self.float_arg(1, ins) && self.float_arg(0, ins) => {
                let (r, phi) = (self.real_arg(1, ins), self.real_arg(0, ins));
                self.guard_finite(r);
                let z = self.polar(r, phi);
                self.done_slot(2, complex(z))
            }
            (CmathExp, 1) if !fb.domain && self.assume(0, ins) == Ty::Complex => {
                let [re, im] = self.want_complex(0);
                let (size, limit) = (self.val(Op::FAbs, &[re], Reason::None), self.float(EXP_LIMIT));
                let moderate = self.val(Op::FCmp { cc: Cc::Lt }, &[size, limit], Reason::None);
                self.emit(Op::GuardTrue, &[moderate], Reason::Domain);
                let l = self.val(Op::FMath1 { f: Math1::Exp }, &[re], Reason::Domain);
                let z = self.polar(l, im);
                self.done_slot(1, complex(z))
            }
            (
                CmathExp | CmathLog | CmathSqrt | CmathSin | CmathCos | CmathTan | CmathSinh | CmathCosh | CmathTanh | CmathAsin
                | CmathAcos | CmathAtan | CmathPhase,
                1,
            )
            | (CmathRect, 2) => self.numeric_call(i, n, ins),
            _ => false,
        }
    }

    fn is_known_nan(&self, depth: usize) -> bool {
        matches!(self.desc(self.peek(depth)).map(|c| &c.desc), Some(Desc::Float(x)) if x.is_nan())
    }

    fn guard_finite(&mut self, x: Value) {
        let finite = self.val(Op::FIs { class: FClass::IsFinite }, &[x], Reason::None);
        self.emit(Op::GuardTrue, &[finite], Reason::Domain);
    }

    /// `r * (cos(phi) + sin(phi) i)`, for a finite angle.
    fn polar(&mut self, r: Value, phi: Value) -> Parts {
        self.guard_finite(phi);
        [Math1::Cos, Math1::Sin].map(|f| {
            let x = self.val(Op::FMath1 { f }, &[phi], Reason::Domain);
            self.fmul(r, x)
        })
    }

    /// A function of numbers, done by CPython.
    fn numeric_call(&mut self, i: Intrinsic, n: usize, ins: &Instr) -> bool {
        let Some(&ptr) = self.snap.intrinsic_ptrs.get(&i) else {
            return false;
        };
        let number = |t: Ty| is_real(t) || t == Ty::Complex;
        if ins.op != op::CALL || (0..n).any(|d| !number(self.assume(d, ins))) {
            return false;
        }
        let callee = Slot::Const(self.obj_id(&Const {
            ptr,
            desc: Desc::Intrinsic(i),
        }));
        let mut args = vec![self.slot_obj(&callee)];
        for d in (0..n).rev() {
            self.expect(d, self.assume(d, ins));
            let Some(v) = self.want_obj(d) else { return false };
            args.push(v);
        }
        let ty = if i == Intrinsic::CmathPhase { Ty::Float } else { Ty::Complex };
        let helper = Helper::CallNumeric;
        let v = self.obj(Op::Call { helper }, &args, Reason::Domain, ty);
        self.done(n, v)
    }
}

fn complex([re, im]: Parts) -> SlotV {
    Slot::Complex { re, im }
}
