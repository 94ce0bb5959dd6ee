//! Unboxed ints.
//!
//! Overflow checks take the cheapest form the operands allow: an addition of a constant compares the result with the
//! operand, a multiplication by a constant tests the operand's range, anything else asks for the overflow flag.
//!
//! Division of two variables first tries 32-bit unsigned division (much faster, and no sign to correct). Division by a
//! constant never divides: a power of two shifts, anything else above one multiplies. For `d > 1` not a power of two and
//! `l = ceil(log2 d)`, `m = floor(2**(63+l) / d) + 1` fits 64 bits, and `umulhi(n, m) >> (l-1)` is `n / d` for every
//! `0 <= n < 2**63`. A negative dividend goes through its complement, because `floor(x / d) == !(!x / d)`.

use crate::cx::{CVal, Cx};
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{InstBuilder, types};
use whipsnake_hir::ir::InstData;
use whipsnake_hir::ops::{Cc, Ovf};

/// The largest magnitude up to which every int is a float.
const EXACT: i64 = 1 << 53;

pub(crate) fn int_cc(cc: Cc) -> IntCC {
    match cc {
        Cc::Lt => IntCC::SignedLessThan,
        Cc::Le => IntCC::SignedLessThanOrEqual,
        Cc::Eq => IntCC::Equal,
        Cc::Ne => IntCC::NotEqual,
        Cc::Gt => IntCC::SignedGreaterThan,
        Cc::Ge => IntCC::SignedGreaterThanOrEqual,
    }
}

/// Multiplier and shift for the division of `0 <= n < 2**63` by a divisor above one that is not a power of two.
fn magic(d: u64) -> (u64, u32) {
    let l = 64 - (d - 1).leading_zeros();
    let m = (1u128 << (63 + l)) / u128::from(d) + 1;
    (m as u64, l - 1)
}

impl Cx<'_, '_> {
    pub fn iadd(&mut self, inst: &InstData, ovf: Ovf) -> CVal {
        let (x, y) = (self.arg(inst, 0), self.arg(inst, 1));
        if ovf == Ovf::Wrap {
            return self.b.ins().iadd(x, y);
        }
        let (x, c) = match (self.const_arg(inst, 0), self.const_arg(inst, 1)) {
            (_, Some(c)) => (x, c),
            (Some(c), None) => (y, c),
            (None, None) => {
                let (sum, over) = self.b.ins().sadd_overflow(x, y);
                self.exit_if(over, inst);
                return sum;
            }
        };
        let sum = self.b.ins().iadd_imm_s(x, c);
        let cc = if c < 0 { IntCC::SignedGreaterThan } else { IntCC::SignedLessThan };
        if c != 0 {
            let over = self.icmp(cc, sum, x);
            self.exit_if(over, inst);
        }
        sum
    }

    pub fn isub(&mut self, inst: &InstData, ovf: Ovf) -> CVal {
        let (x, y) = (self.arg(inst, 0), self.arg(inst, 1));
        if ovf == Ovf::Wrap {
            return self.b.ins().isub(x, y);
        }
        if let Some(c) = self.const_arg(inst, 1) {
            let diff = self.b.ins().iadd_imm_s(x, c.wrapping_neg());
            let cc = if c < 0 { IntCC::SignedLessThan } else { IntCC::SignedGreaterThan };
            if c != 0 {
                let over = self.icmp(cc, diff, x);
                self.exit_if(over, inst);
            }
            return diff;
        }
        let (diff, over) = self.b.ins().ssub_overflow(x, y);
        self.exit_if(over, inst);
        diff
    }

    pub fn imul(&mut self, inst: &InstData, ovf: Ovf) -> CVal {
        let (x, y) = (self.arg(inst, 0), self.arg(inst, 1));
        if ovf == Ovf::Wrap {
            return self.b.ins().imul(x, y);
        }
        let by_const = match (self.const_arg(inst, 0), self.const_arg(inst, 1)) {
            (_, Some(c)) => Some((x, c)),
            (Some(c), None) => Some((y, c)),
            (None, None) => None,
        };
        match by_const {
            Some((_, 0)) => self.iconst(0),
            Some((x, 1)) => x,
            Some((x, -1)) => self.negate(inst, x),
            Some((x, c)) => {
                // The least and greatest operand whose product fits.
                let (a, b) = (i64::MIN / c, i64::MAX / c);
                let (lo, hi) = (a.min(b), a.max(b));
                let above = self.b.ins().iadd_imm_s(x, lo.wrapping_neg());
                let over = self.icmp_imm(IntCC::UnsignedGreaterThan, above, hi.wrapping_sub(lo));
                self.exit_if(over, inst);
                if c > 0 && c.count_ones() == 1 {
                    self.b.ins().ishl_imm_u(x, i64::from(c.trailing_zeros()))
                } else {
                    self.b.ins().imul_imm_s(x, c)
                }
            }
            None => {
                let (product, over) = self.b.ins().smul_overflow(x, y);
                self.exit_if(over, inst);
                product
            }
        }
    }

    fn negate(&mut self, inst: &InstData, x: CVal) -> CVal {
        let over = self.icmp_imm(IntCC::Equal, x, i64::MIN);
        self.exit_if(over, inst);
        self.b.ins().ineg(x)
    }

    pub fn ineg(&mut self, inst: &InstData, ovf: Ovf) -> CVal {
        let x = self.arg(inst, 0);
        match ovf {
            Ovf::Check => self.negate(inst, x),
            Ovf::Wrap => self.b.ins().ineg(x),
        }
    }

    pub fn iabs(&mut self, inst: &InstData) -> CVal {
        let x = self.arg(inst, 0);
        let over = self.icmp_imm(IntCC::Equal, x, i64::MIN);
        self.exit_if(over, inst);
        self.b.ins().iabs(x)
    }

    pub fn ibits(&mut self, inst: &InstData) -> CVal {
        let x = self.arg(inst, 0);
        // The least number has no positive counterpart, but its bits are those of its magnitude.
        let magnitude = self.b.ins().iabs(x);
        let zeros = self.b.ins().clz(magnitude);
        let all = self.iconst(64);
        self.b.ins().isub(all, zeros)
    }

    /// `x // d` for a constant `d > 0`.
    fn floordiv_const(&mut self, x: CVal, d: i64) -> CVal {
        if d.count_ones() == 1 {
            return self.b.ins().sshr_imm_u(x, i64::from(d.trailing_zeros()));
        }
        let (m, shift) = magic(d.unsigned_abs());
        let sign = self.b.ins().sshr_imm_u(x, 63);
        let n = self.b.ins().bxor(x, sign);
        let m = self.addr(m);
        let q = self.b.ins().umulhi(n, m);
        let q = self.b.ins().ushr_imm_u(q, i64::from(shift));
        self.b.ins().bxor(q, sign)
    }

    /// Quotient by machine division, for a divisor neither 0 nor -1, and the remainder that goes with it.
    fn divide(&mut self, x: CVal, y: CVal) -> (CVal, CVal) {
        let q = self.b.ins().sdiv(x, y);
        let back = self.b.ins().imul(q, y);
        let r = self.b.ins().isub(x, back);
        (q, r)
    }

    /// 1 when the truncated division must be corrected downwards: a remainder whose sign is not the divisor's.
    fn must_floor(&mut self, r: CVal, y: CVal) -> CVal {
        let mixed = self.b.ins().bxor(r, y);
        let mixed = self.icmp_imm(IntCC::SignedLessThan, mixed, 0);
        let inexact = self.icmp_imm(IntCC::NotEqual, r, 0);
        self.b.ins().band(mixed, inexact)
    }

    fn floored_quotient(&mut self, x: CVal, y: CVal) -> CVal {
        let (q, r) = self.divide(x, y);
        let fix = self.must_floor(r, y);
        let fix = self.b.ins().uextend(types::I64, fix);
        self.b.ins().isub(q, fix)
    }

    fn floored_remainder(&mut self, x: CVal, y: CVal) -> CVal {
        let (_, r) = self.divide(x, y);
        let fix = self.must_floor(r, y);
        let fixed = self.b.ins().iadd(r, y);
        self.b.ins().select(fix, fixed, r)
    }

    /// Division of variables: `narrow` of operands that are 32-bit unsigned, else `wide`, with `by_minus_one` apart.
    fn divide_variables(
        &mut self,
        inst: &InstData,
        x: CVal,
        y: CVal,
        narrow: impl FnOnce(&mut Self, CVal, CVal) -> CVal,
        wide: impl FnOnce(&mut Self, CVal, CVal) -> CVal,
        by_minus_one: impl FnOnce(&mut Self, CVal) -> CVal,
    ) -> CVal {
        let (done, result) = self.join_block(types::I64);
        let (small, large) = (self.new_block(), self.cold_block());
        let either = self.b.ins().bor(x, y);
        let high = self.b.ins().ushr_imm_u(either, 32);
        self.brif(high, large, &[], small, &[]);

        self.at(small);
        let zero = self.icmp_imm(IntCC::Equal, y, 0);
        self.exit_if(zero, inst);
        let (x32, y32) = (self.b.ins().ireduce(types::I32, x), self.b.ins().ireduce(types::I32, y));
        let n = narrow(self, x32, y32);
        let n = self.b.ins().uextend(types::I64, n);
        self.jump(done, &[n]);

        self.at(large);
        let (special, plain) = (self.cold_block(), self.cold_block());
        let near = self.b.ins().iadd_imm_s(y, 1);
        let near = self.icmp_imm(IntCC::UnsignedLessThanOrEqual, near, 1);
        self.brif(near, special, &[], plain, &[]);
        self.at(plain);
        let w = wide(self, x, y);
        self.jump(done, &[w]);
        self.at(special);
        let zero = self.icmp_imm(IntCC::Equal, y, 0);
        let to = self.exit(inst);
        let minus_one = self.cold_block();
        self.brif(zero, to, &[], minus_one, &[]);
        self.at(minus_one);
        let s = by_minus_one(self, x);
        self.jump(done, &[s]);

        self.at(done);
        result
    }

    pub fn ifloordiv(&mut self, inst: &InstData) -> CVal {
        let (x, y) = (self.arg(inst, 0), self.arg(inst, 1));
        match self.const_arg(inst, 1) {
            Some(0) => self.exit_always(inst),
            Some(-1) => self.negate(inst, x),
            Some(d) if d > 0 => self.floordiv_const(x, d),
            Some(_) => self.floored_quotient(x, y),
            None => self.divide_variables(
                inst,
                x,
                y,
                |cx, x, y| cx.b.ins().udiv(x, y),
                Self::floored_quotient,
                |cx, x| cx.negate(inst, x),
            ),
        }
    }

    pub fn imod(&mut self, inst: &InstData) -> CVal {
        let (x, y) = (self.arg(inst, 0), self.arg(inst, 1));
        match self.const_arg(inst, 1) {
            Some(0) => self.exit_always(inst),
            Some(1 | -1) => self.iconst(0),
            Some(d) if d > 0 && d.count_ones() == 1 => self.b.ins().band_imm_s(x, d - 1),
            Some(d) if d > 0 => {
                let q = self.floordiv_const(x, d);
                let back = self.b.ins().imul_imm_s(q, d);
                self.b.ins().isub(x, back)
            }
            Some(_) => self.floored_remainder(x, y),
            None => self.divide_variables(
                inst,
                x,
                y,
                |cx, x, y| cx.b.ins().urem(x, y),
                Self::floored_remainder,
                |cx, _| cx.iconst(0),
            ),
        }
    }

    /// Leaves; what follows is unreachable and gets a value all the same.
    pub fn exit_always(&mut self, inst: &InstData) -> CVal {
        let to = self.exit(inst);
        self.jump(to, &[]);
        let dead = self.new_block();
        self.at(dead);
        let result = inst.result.map_or(whipsnake_hir::types::Repr::Int, |r| self.f.repr(r));
        self.zero(result)
    }

    /// The n-th operand as a float; exits when it is beyond 2**53 in magnitude.
    pub fn exact_float(&mut self, inst: &InstData, n: usize) -> CVal {
        let x = self.arg(inst, n);
        if let Some(c) = self.const_arg(inst, n)
            && c.unsigned_abs() <= EXACT.unsigned_abs()
        {
            return self.f64const(c as f64);
        }
        let above = self.b.ins().iadd_imm_s(x, EXACT);
        let inexact = self.icmp_imm(IntCC::UnsignedGreaterThan, above, 2 * EXACT);
        self.exit_if(inexact, inst);
        self.b.ins().fcvt_from_sint(types::F64, x)
    }

    pub fn itruediv(&mut self, inst: &InstData) -> CVal {
        let y = self.arg(inst, 1);
        match self.const_arg(inst, 1) {
            Some(0) => return self.exit_always(inst),
            Some(_) => {}
            None => {
                let zero = self.icmp_imm(IntCC::Equal, y, 0);
                self.exit_if(zero, inst);
            }
        }
        let (x, y) = (self.exact_float(inst, 0), self.exact_float(inst, 1));
        self.b.ins().fdiv(x, y)
    }

    fn checked_mul(&mut self, inst: &InstData, x: CVal, y: CVal) -> CVal {
        let (product, over) = self.b.ins().smul_overflow(x, y);
        self.exit_if(over, inst);
        product
    }

    /// Square and multiply; the square is only taken while exponent bits are left, so that it overflows only where
    /// the power does.
    pub fn ipow(&mut self, inst: &InstData) -> CVal {
        let (x, e) = (self.arg(inst, 0), self.arg(inst, 1));
        if let Some(e) = self.const_arg(inst, 1) {
            return match u64::try_from(e) {
                Err(_) => self.exit_always(inst),
                Ok(e) => self.ipow_const(inst, x, e),
            };
        }
        let negative = self.icmp_imm(IntCC::SignedLessThan, e, 0);
        self.exit_if(negative, inst);
        let (head, body, multiply, shift, square) = (
            self.new_block(),
            self.new_block(),
            self.new_block(),
            self.new_block(),
            self.new_block(),
        );
        let (done, power) = self.join_block(types::I64);
        let [acc, base, left] = [(); 3].map(|()| self.b.append_block_param(head, types::I64));
        let shifted = self.b.append_block_param(shift, types::I64);
        let one = self.iconst(1);
        self.jump(head, &[one, x, e]);

        self.at(head);
        self.brif(left, body, &[], done, &[acc]);
        self.at(body);
        let odd = self.b.ins().band_imm_s(left, 1);
        self.brif(odd, multiply, &[], shift, &[acc]);
        self.at(multiply);
        let more = self.checked_mul(inst, acc, base);
        self.jump(shift, &[more]);
        self.at(shift);
        let rest = self.b.ins().ushr_imm_u(left, 1);
        self.brif(rest, square, &[], done, &[shifted]);
        self.at(square);
        let squared = self.checked_mul(inst, base, base);
        self.jump(head, &[shifted, squared, rest]);

        self.at(done);
        power
    }

    fn ipow_const(&mut self, inst: &InstData, x: CVal, mut e: u64) -> CVal {
        let mut acc = None;
        let mut base = x;
        while e != 0 {
            if e & 1 == 1 {
                acc = Some(match acc {
                    None => base,
                    Some(a) => self.checked_mul(inst, a, base),
                });
            }
            e >>= 1;
            if e != 0 {
                base = self.checked_mul(inst, base, base);
            }
        }
        acc.unwrap_or_else(|| self.iconst(1))
    }

    pub fn ishl(&mut self, inst: &InstData, ovf: Ovf) -> CVal {
        let (x, n) = (self.arg(inst, 0), self.arg(inst, 1));
        let constant = self.const_arg(inst, 1);
        match constant {
            Some(n) if n < 0 => return self.exit_always(inst),
            Some(n) if n > 63 => {
                if ovf == Ovf::Check {
                    let zero = self.icmp_imm(IntCC::Equal, x, 0);
                    self.exit_unless(zero, inst);
                }
                return self.iconst(0);
            }
            Some(_) => {}
            None if ovf == Ovf::Check => {
                let bad = self.icmp_imm(IntCC::UnsignedGreaterThan, n, 63);
                self.exit_if(bad, inst);
            }
            None => {}
        }
        let (shifted, back) = match constant {
            Some(n) => {
                let shifted = self.b.ins().ishl_imm_u(x, n);
                (shifted, self.b.ins().sshr_imm_u(shifted, n))
            }
            None => {
                let shifted = self.b.ins().ishl(x, n);
                (shifted, self.b.ins().sshr(shifted, n))
            }
        };
        if ovf == Ovf::Check {
            let kept = self.icmp(IntCC::Equal, back, x);
            self.exit_unless(kept, inst);
        }
        shifted
    }

    pub fn ishr(&mut self, inst: &InstData) -> CVal {
        let (x, n) = (self.arg(inst, 0), self.arg(inst, 1));
        match self.const_arg(inst, 1) {
            Some(n) if n < 0 => self.exit_always(inst),
            Some(n) => self.b.ins().sshr_imm_u(x, n.min(63)),
            None => {
                let negative = self.icmp_imm(IntCC::SignedLessThan, n, 0);
                self.exit_if(negative, inst);
                let most = self.iconst(63);
                let far = self.icmp_imm(IntCC::UnsignedGreaterThan, n, 63);
                let n = self.b.ins().select(far, most, n);
                self.b.ins().sshr(x, n)
            }
        }
    }

    pub fn icmp_op(&mut self, inst: &InstData, cc: Cc) -> CVal {
        let (x, y) = (self.arg(inst, 0), self.arg(inst, 1));
        self.icmp(int_cc(cc), x, y)
    }

    /// Exact comparison with a float, the int being one that is a float itself.
    pub fn ifcmp(&mut self, inst: &InstData, cc: FloatCC) -> CVal {
        let x = self.exact_float(inst, 0);
        let y = self.arg(inst, 1);
        self.b.ins().fcmp(cc, x, y)
    }
}
