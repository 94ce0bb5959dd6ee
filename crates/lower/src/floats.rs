//! Unboxed floats.

use crate::cx::{CVal, Cx};
use crate::powers;
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, types};
use cranelift_frontend::FuncInstBuilder;
use whipsnake_hir::ir::InstData;
use whipsnake_hir::ops::{Cc, FClass, Math1, Math2, Round};

pub(crate) fn float_cc(cc: Cc) -> FloatCC {
    match cc {
        Cc::Lt => FloatCC::LessThan,
        Cc::Le => FloatCC::LessThanOrEqual,
        Cc::Eq => FloatCC::Equal,
        Cc::Ne => FloatCC::NotEqual,
        Cc::Gt => FloatCC::GreaterThan,
        Cc::Ge => FloatCC::GreaterThanOrEqual,
    }
}

/// Squares whose difference is more than this part of them are different beyond any rounding.
const SQUARES_APART: f64 = 1e-14;
/// Squares below this are of numbers whose modulus does not overflow.
const LARGEST_SQUARE: f64 = 1e300;
/// Quotients below this are told from their neighbours by every step of Python's float division.
const LARGEST_INLINE_QUOTIENT: f64 = 1125899906842624.0;

impl<'b> Cx<'_, 'b> {
    /// Exits when the n-th operand is a zero.
    fn exit_if_zero(&mut self, inst: &InstData, n: usize) {
        match self.const_float_arg(inst, n) {
            Some(c) if c != 0.0 => {}
            _ => {
                let x = self.arg(inst, n);
                let bits = self.b.ins().bitcast(types::I64, MemFlagsData::new(), x);
                let magnitude = self.b.ins().iadd(bits, bits);
                self.exit_unless(magnitude, inst);
            }
        }
    }

    pub fn fdiv(&mut self, inst: &InstData) -> CVal {
        self.exit_if_zero(inst, 1);
        self.float_binary(inst, |b, x, y| b.fdiv(x, y))
    }

    pub fn fsqrt(&mut self, inst: &InstData) -> CVal {
        let x = self.arg(inst, 0);
        let zero = self.f64const(0.0);
        let negative = self.b.ins().fcmp(FloatCC::LessThan, x, zero);
        self.exit_if(negative, inst);
        self.b.ins().sqrt(x)
    }

    /// A float instruction, a constant on the right taken from memory.
    pub fn float_binary(&mut self, inst: &InstData, op: impl FnOnce(FuncInstBuilder<'_, 'b>, CVal, CVal) -> CVal) -> CVal {
        let x = self.arg(inst, 0);
        let y = self.right(inst.args[1]);
        op(self.b.ins(), x, y)
    }

    /// As [`Cx::float_binary`], where a constant on the left may go to the right.
    pub fn commutative_float(&mut self, inst: &InstData, op: impl FnOnce(FuncInstBuilder<'_, 'b>, CVal, CVal) -> CVal) -> CVal {
        if self.const_float_arg(inst, 0).is_none() {
            return self.float_binary(inst, op);
        }
        let x = self.arg(inst, 1);
        let y = self.right(inst.args[0]);
        op(self.b.ins(), x, y)
    }

    /// A comparison, or its opposite as `with` makes it.
    pub fn fcmp_with(&mut self, inst: &InstData, cc: Cc, with: impl FnOnce(FloatCC) -> FloatCC) -> CVal {
        let (x, y, cc) = match self.const_float_arg(inst, 0) {
            Some(_) => (inst.args[1], inst.args[0], cc.swap()),
            None => (inst.args[0], inst.args[1], cc),
        };
        let x = self.val(x);
        let y = self.right(y);
        self.b.ins().fcmp(with(float_cc(cc)), x, y)
    }

    pub fn fis(&mut self, inst: &InstData, class: FClass) -> CVal {
        let x = self.arg(inst, 0);
        let against_inf = |cx: &mut Self, cc| {
            let inf = cx.f64const(f64::INFINITY);
            let magnitude = cx.b.ins().fabs(x);
            cx.b.ins().fcmp(cc, magnitude, inf)
        };
        match class {
            FClass::IsNan => self.b.ins().fcmp(FloatCC::Unordered, x, x),
            FClass::IsInf => against_inf(self, FloatCC::Equal),
            FClass::IsFinite => against_inf(self, FloatCC::LessThan),
        }
    }

    /// `x - x`, which is NaN exactly for NaN and the infinities, compared with itself.
    fn not_finite(&mut self, x: CVal) -> CVal {
        let d = self.b.ins().fsub(x, x);
        self.b.ins().fcmp(FloatCC::Unordered, d, d)
    }

    fn is_nan(&mut self, x: CVal) -> CVal {
        self.b.ins().fcmp(FloatCC::Unordered, x, x)
    }

    /// The error rule of CPython's `math`: a result that is NaN without a NaN operand, or infinite from finite operands,
    /// leaves. A finite result costs one test.
    fn exit_on_math_error(&mut self, inst: &InstData, operands: &[CVal], r: CVal) {
        let (special, go_on) = (self.cold_block(), self.new_block());
        let odd = self.not_finite(r);
        self.brif(odd, special, &[], go_on, &[]);
        self.at(special);
        // Any NaN operand: fine.
        for &x in operands {
            let next = self.cold_block();
            let nan = self.is_nan(x);
            self.brif(nan, go_on, &[], next, &[]);
            self.at(next);
        }
        let to = self.exit(inst);
        let next = self.cold_block();
        let nan = self.is_nan(r);
        self.brif(nan, to, &[], next, &[]);
        self.at(next);
        // An infinite result: fine from an infinite operand.
        for (n, &x) in operands.iter().enumerate() {
            let infinite = self.not_finite(x);
            if n + 1 == operands.len() {
                self.brif(infinite, go_on, &[], to, &[]);
            } else {
                let next = self.cold_block();
                self.brif(infinite, go_on, &[], next, &[]);
                self.at(next);
            }
        }
        self.at(go_on);
    }

    pub fn fmath1(&mut self, inst: &InstData, f: Math1) -> CVal {
        let x = self.arg(inst, 0);
        let r = self.call_value(self.t.math1[f as usize], &[x], types::F64);
        self.exit_on_math_error(inst, &[x], r);
        r
    }

    pub fn fmath2(&mut self, inst: &InstData, f: Math2) -> CVal {
        let (x, y) = (self.arg(inst, 0), self.arg(inst, 1));
        if let (true, Some(e)) = (self.has_fma, powers::exponent(self.f, inst)) {
            return self.power(x, e, |cx| match f {
                Math2::PyPow => cx.flagged_math(inst, f, x, y, true),
                _ => {
                    let r = cx.cold_call_value(cx.t.math2[f as usize], &[x, y], types::F64);
                    cx.exit_on_math_error(inst, &[x, y], r);
                    r
                }
            });
        }
        match f {
            Math2::Copysign => self.b.ins().fcopysign(x, y),
            Math2::Atan2 | Math2::Fmod | Math2::Pow | Math2::Hypot | Math2::Modulus => {
                let r = self.call_value(self.t.math2[f as usize], &[x, y], types::F64);
                self.exit_on_math_error(inst, &[x, y], r);
                r
            }
            Math2::PyPow => self.flagged_math(inst, f, x, y, false),
            Math2::PyFloorDiv | Math2::PyMod => {
                self.exit_if_zero(inst, 1);
                if self.has_fma {
                    self.positive_divmod(inst, f, x, y)
                } else {
                    self.flagged_math(inst, f, x, y, false)
                }
            }
        }
    }

    /// A function of the runtime that says by a flag whether to leave.
    fn flagged_math(&mut self, inst: &InstData, f: Math2, x: CVal, y: CVal, cold: bool) -> CVal {
        let flag = self.arg_buffer(1);
        let (addr, args) = (self.t.math2[f as usize], [x, y, flag]);
        let r = if cold {
            self.cold_call_value(addr, &args, types::F64)
        } else {
            self.call_value(addr, &args, types::F64)
        };
        let leave = self.load(types::I64, self.mem.stack, flag, 0);
        self.exit_if(leave, inst);
        r
    }

    /// Python's `x // y` and `x % y`, inline for `x >= 0`, `y > 0` and a moderate quotient.
    ///
    /// `q = floor(x / y)` after rounding is the exact floor or one more (the rounded quotient is never below an integer that
    /// the exact one reaches). `r = x - q*y` by a fused multiply-add is rounded once; when `q` is the exact floor, `r` is
    /// the remainder `fmod` gives, which is a float, so it is exact, and not negative; when `q` is one more, `r` is negative.
    fn positive_divmod(&mut self, inst: &InstData, f: Math2, x: CVal, y: CVal) -> CVal {
        let (done, result) = self.join_block(types::F64);
        let slow = self.cold_block();
        let ratio = self.b.ins().fdiv(x, y);
        let q = self.b.ins().floor(ratio);
        let minus_q = self.b.ins().fneg(q);
        let r = self.b.ins().fma(minus_q, y, x);
        let zero = self.f64const(0.0);
        let positive = self.b.ins().fcmp(FloatCC::GreaterThan, y, zero);
        self.leave_unless(positive, slow);
        let exact = self.b.ins().fcmp(FloatCC::GreaterThanOrEqual, r, zero);
        self.leave_unless(exact, slow);
        let not_below = self.b.ins().fcmp(FloatCC::GreaterThanOrEqual, x, zero);
        self.leave_unless(not_below, slow);
        let limit = self.f64const(LARGEST_INLINE_QUOTIENT);
        let moderate = self.b.ins().fcmp(FloatCC::LessThan, q, limit);
        self.leave_unless(moderate, slow);
        self.jump(done, &[if f == Math2::PyMod { r } else { q }]);
        self.at(slow);
        let r = self.flagged_math(inst, f, x, y, true);
        self.jump(done, &[r]);
        self.at(done);
        result
    }

    pub fn ftoi(&mut self, inst: &InstData, mode: Round) -> CVal {
        let x = self.arg(inst, 0);
        let rounded = match mode {
            // The conversion truncates, and truncation stays below the limit exactly when the operand does.
            Round::Trunc => x,
            Round::Floor => self.b.ins().floor(x),
            Round::Ceil => self.b.ins().ceil(x),
            Round::Even => self.b.ins().nearest(x),
        };
        let limit = self.f64const((1i64 << 62) as f64);
        let magnitude = self.b.ins().fabs(rounded);
        let fits = self.b.ins().fcmp(FloatCC::LessThan, magnitude, limit);
        self.exit_unless(fits, inst);
        self.b.ins().fcvt_to_sint(types::I64, rounded)
    }

    /// Compares squares. Their error, a few units in the last place, is far less than `SQUARES_APART`; so is that of the C
    /// library's `hypot`, which decides where they are closer, too large, or NaN.
    pub fn modulus_cmp(&mut self, inst: &InstData, cc: Cc) -> CVal {
        let (x, y) = (self.arg(inst, 0), self.arg(inst, 1));
        let limit = self.const_float_arg(inst, 2).unwrap_or(f64::NAN);
        let (done, result) = self.join_block(types::I8);
        let close = self.cold_block();
        let (xx, yy) = (self.b.ins().fmul(x, x), self.b.ins().fmul(y, y));
        let square = self.b.ins().fadd(xx, yy);
        let limit_square = self.f64const(limit * limit);
        let difference = self.b.ins().fsub(square, limit_square);
        let difference = self.b.ins().fabs(difference);
        let margin = self.f64const(limit * limit * SQUARES_APART);
        let apart = self.b.ins().fcmp(FloatCC::GreaterThan, difference, margin);
        self.leave_unless(apart, close);
        let largest = self.f64const(LARGEST_SQUARE);
        let moderate = self.b.ins().fcmp(FloatCC::LessThan, square, largest);
        self.leave_unless(moderate, close);
        let truth = self.b.ins().fcmp(float_cc(cc), square, limit_square);
        self.jump(done, &[truth]);
        self.at(close);
        let r = self.cold_call_value(self.t.math2[Math2::Modulus as usize], &[x, y], types::F64);
        self.exit_on_math_error(inst, &[x, y], r);
        let limit = self.right(inst.args[2]);
        let truth = self.b.ins().fcmp(float_cc(cc), r, limit);
        self.jump(done, &[truth]);
        self.at(done);
        result
    }

    /// One comparison where all is well; which of the two is NaN is looked into in a cold block.
    pub fn guard_part(&mut self, inst: &InstData) {
        let (x, y) = (self.arg(inst, 0), self.arg(inst, 1));
        let either = self.b.ins().fcmp(FloatCC::Unordered, x, y);
        let (odd, go_on) = (self.cold_block(), self.new_block());
        self.brif(either, odd, &[], go_on, &[]);
        self.at(odd);
        let first = self.b.ins().fcmp(FloatCC::Unordered, x, x);
        let second = self.b.ins().fcmp(FloatCC::Unordered, y, y);
        let both = self.b.ins().band(first, second);
        let to = self.exit(inst);
        self.brif(both, to, &[], go_on, &[]);
        self.at(go_on);
    }

    pub fn select(&mut self, inst: &InstData) -> CVal {
        let (c, x, y) = (self.arg(inst, 0), self.arg(inst, 1), self.arg(inst, 2));
        self.b.ins().select(c, x, y)
    }

    pub fn bnot(&mut self, inst: &InstData) -> CVal {
        let x = self.arg(inst, 0);
        self.icmp_imm(IntCC::Equal, x, 0)
    }
}
