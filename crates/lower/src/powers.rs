//! Powers of floats with small constant exponents, without calling the C library's `pow` where its answer is certain.
//!
//! The power is computed as a sum of two floats, `high + low`, good to some hundred bits. The C libraries of Linux state an
//! error of at most 0.54 units in the last place for `pow`, of which 0.511 are its exponential's and the rest in
//! proportion to the logarithm of the result: at most 0.513 where that is moderate. (Older ones round correctly.) So
//! unless the power is within 0.013 units of the middle between two floats, `pow` gives the float nearest to it, which is
//! `high`. That it is further away shows by `high + low * MARGIN` being `high` still: `low` may grow by 4 % at least, which is
//! 0.019 units where the middle is half a unit away; just below a power of two both halve. Four in a hundred operands,
//! results that are not moderate, zeros, infinities, NaN and negative numbers under a root all fail the tests, and `pow` is called.

use crate::cx::{CVal, Cx};
use cranelift_codegen::ir::condcodes::FloatCC;
use cranelift_codegen::ir::{InstBuilder, types};
use whipsnake_hir::ir::{Function, InstData};
use whipsnake_hir::ops::{Math2, Op};

const MARGIN: f64 = 1.04;
/// Results are moderate between this and its reciprocal: 2**64.
const MODERATE: f64 = 18446744073709551616.0;
/// The largest exponent in magnitude.
const LARGEST: f64 = 8.0;

/// An unevaluated sum of two floats, the second far smaller.
#[derive(Clone, Copy)]
struct Sum {
    high: CVal,
    /// `None`: zero.
    low: Option<CVal>,
}

/// The exponent, when the op is a power that is computed here on a processor with fused multiply-add.
pub(crate) fn exponent(f: &Function, inst: &InstData) -> Option<f64> {
    let Op::FMath2 {
        f: Math2::PyPow | Math2::Pow,
    } = inst.op
    else {
        return None;
    };
    let Some(Op::ConstFloat { bits }) = f.const_op(inst.args[1]) else {
        return None;
    };
    let y = f64::from_bits(bits);
    // Whole and a half ones. Up to one half nothing but the root is left.
    let fits = y.abs() <= LARGEST && y != 0.0 && y != 1.0 && (y + y).fract() == 0.0;
    fits.then_some(y)
}

impl Cx<'_, '_> {
    fn fma(&mut self, x: CVal, y: CVal, z: CVal) -> CVal {
        self.b.ins().fma(x, y, z)
    }

    /// `x * y` without loss.
    fn exact_product(&mut self, x: CVal, y: CVal) -> Sum {
        let high = self.b.ins().fmul(x, y);
        let minus = self.b.ins().fneg(high);
        Sum {
            high,
            low: Some(self.fma(x, y, minus)),
        }
    }

    fn product(&mut self, x: Sum, y: Sum) -> Sum {
        let Sum { high, low } = self.exact_product(x.high, y.high);
        let mut low = low.expect("a product has a low part");
        for (a, b) in [(x.high, y.low), (y.high, x.low)] {
            if let Some(b) = b {
                low = self.fma(a, b, low);
            }
        }
        Sum { high, low: Some(low) }
    }

    fn root(&mut self, x: CVal) -> Sum {
        let high = self.b.ins().sqrt(x);
        let minus = self.b.ins().fneg(high);
        let rest = self.fma(minus, high, x);
        let twice = self.b.ins().fadd(high, high);
        Sum {
            high,
            low: Some(self.b.ins().fdiv(rest, twice)),
        }
    }

    fn reciprocal(&mut self, x: Sum) -> Sum {
        let one = self.f64const(1.0);
        let high = self.b.ins().fdiv(one, x.high);
        let minus = self.b.ins().fneg(high);
        let mut rest = self.fma(minus, x.high, one);
        if let Some(low) = x.low {
            rest = self.fma(minus, low, rest);
        }
        Sum {
            high,
            low: Some(self.b.ins().fmul(rest, high)),
        }
    }

    /// `x ** n` by squaring, for `n > 0`.
    fn whole_power(&mut self, x: Sum, mut n: u32) -> Sum {
        let mut square = x;
        let mut all = None;
        loop {
            if n & 1 == 1 {
                all = Some(match all {
                    None => square,
                    Some(a) => self.product(a, square),
                });
            }
            n >>= 1;
            if n == 0 {
                return all.expect("the highest bit of the exponent is set");
            }
            square = self.product(square, square);
        }
    }

    /// The power, and a part of it that may be large enough to be rounded in.
    fn power_sum(&mut self, x: CVal, y: f64) -> Sum {
        let (whole, half) = (y.abs().trunc() as u32, y.fract() != 0.0);
        let x = Sum { high: x, low: None };
        let power = match (whole, half) {
            (0, _) => self.root(x.high),
            (n, false) => self.whole_power(x, n),
            (n, true) => {
                let power = self.whole_power(x, n);
                let root = self.root(x.high);
                self.product(power, root)
            }
        };
        if y < 0.0 { self.reciprocal(power) } else { power }
    }

    /// `x ** y` as the C library's `pow` gives it; `slow` calls that.
    pub fn power(&mut self, x: CVal, y: f64, slow: impl FnOnce(&mut Self) -> CVal) -> CVal {
        let Sum { high, low } = self.power_sum(x, y);
        let (done, result) = self.join_block(types::F64);
        let uncertain = self.cold_block();
        let (high, low) = match low {
            // A square and a root are rounded already.
            Some(low) if y == 2.0 || y == 0.5 => (high, low),
            Some(low) => {
                let sum = self.b.ins().fadd(high, low);
                let gone = self.b.ins().fsub(high, sum);
                (sum, self.b.ins().fadd(gone, low))
            }
            None => unreachable!("the first power is left to the C library"),
        };
        let margin = self.f64const(MARGIN);
        let grown = self.b.ins().fmul(low, margin);
        let grown = self.b.ins().fadd(high, grown);
        let certain = self.b.ins().fcmp(FloatCC::Equal, grown, high);
        self.leave_unless(certain, uncertain);
        // An odd power may be negative.
        let magnitude = if y.fract() == 0.0 && y % 2.0 != 0.0 {
            self.b.ins().fabs(high)
        } else {
            high
        };
        for (cc, limit) in [(FloatCC::GreaterThan, MODERATE.recip()), (FloatCC::LessThan, MODERATE)] {
            let limit = self.f64const(limit);
            let moderate = self.b.ins().fcmp(cc, magnitude, limit);
            self.leave_unless(moderate, uncertain);
        }
        self.jump(done, &[high]);
        self.at(uncertain);
        let was_cold = std::mem::replace(&mut self.cold, true);
        let r = slow(self);
        self.jump(done, &[r]);
        self.cold = was_cold;
        self.at(done);
        result
    }
}
