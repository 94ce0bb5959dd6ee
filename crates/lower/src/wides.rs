//! Words of ints beyond 64 bits.
//!
//! A boxed int is a magnitude in digits of 30 bits, and a sign. Its low word is that of the magnitude, negated with the sign;
//! the high word is the complement of the magnitude's, where the int is negative, and one more if the low word is 0.

use crate::cx::{CVal, Cx};
use crate::ints::int_cc;
use crate::objects::COMPACT_BELOW;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, types};
use whipsnake_abi::layout::{self, long};
use whipsnake_hir::ir::InstData;
use whipsnake_hir::ops::{Cc, Ovf};

/// Digits of the largest ints that are taken apart.
const MOST_DIGITS: i64 = 4;
const SHIFT: i64 = layout::LONG_SHIFT as i64;

fn unsigned_cc(cc: Cc) -> IntCC {
    int_cc(cc).unsigned()
}

impl Cx<'_, '_> {
    pub fn iushr(&mut self, inst: &InstData) -> CVal {
        let x = self.arg(inst, 0);
        match self.const_arg(inst, 1) {
            Some(n) if (0..64).contains(&n) => self.b.ins().ushr_imm_u(x, n),
            Some(_) => self.iconst(0),
            None => {
                let n = self.arg(inst, 1);
                self.b.ins().ushr(x, n)
            }
        }
    }

    pub fn iucmp(&mut self, inst: &InstData, cc: Cc) -> CVal {
        let (x, y) = (self.arg(inst, 0), self.arg(inst, 1));
        self.icmp(unsigned_cc(cc), x, y)
    }

    pub fn iumulhigh(&mut self, inst: &InstData, ovf: Ovf) -> CVal {
        let high = self.binary(inst, |b, x, y| b.umulhi(x, y));
        if ovf == Ovf::Check {
            let over = self.icmp_imm(IntCC::SignedLessThan, high, 0);
            self.exit_if(over, inst);
        }
        high
    }

    /// The divisor, which is not zero from here on.
    fn divisor(&mut self, inst: &InstData) -> CVal {
        let y = self.arg(inst, 1);
        match self.const_arg(inst, 1) {
            Some(0) => return self.exit_always(inst),
            Some(_) => {}
            None => {
                let zero = self.icmp_imm(IntCC::Equal, y, 0);
                self.exit_if(zero, inst);
            }
        }
        y
    }

    pub fn iudiv(&mut self, inst: &InstData) -> CVal {
        let y = self.divisor(inst);
        let x = self.arg(inst, 0);
        self.b.ins().udiv(x, y)
    }

    pub fn iurem(&mut self, inst: &InstData) -> CVal {
        let y = self.divisor(inst);
        let x = self.arg(inst, 0);
        self.b.ins().urem(x, y)
    }

    pub fn narrow(&mut self, inst: &InstData) -> CVal {
        let (lo, hi) = (self.arg(inst, 0), self.arg(inst, 1));
        if self.const_arg(inst, 1) == Some(0) {
            let over = self.icmp_imm(IntCC::SignedLessThan, lo, 0);
            self.exit_if(over, inst);
        } else {
            let sign = self.b.ins().sshr_imm_u(lo, 63);
            let fits = self.icmp(IntCC::Equal, sign, hi);
            self.exit_unless(fits, inst);
        }
        lo
    }

    /// The tag of a boxed int, and whether it has at most one digit.
    fn tag(&mut self, p: CVal) -> (CVal, CVal) {
        let tag = self.load(types::I64, self.mem.boxed, p, long::TAG);
        (tag, self.icmp_imm(IntCC::UnsignedLessThan, tag, COMPACT_BELOW))
    }

    fn digit_at(&mut self, p: CVal, n: i64) -> CVal {
        let flags = self.mem.boxed;
        let digit = self.b.ins().uload32(flags, p, long::DIGITS as i32 + 4 * n as i32);
        match n * SHIFT {
            0 => digit,
            shift if shift < 64 => self.b.ins().ishl_imm_u(digit, shift),
            shift => self.b.ins().ishl_imm_u(digit, shift - 64),
        }
    }

    /// The low word of the magnitude of an int of two or more digits.
    fn low_magnitude(&mut self, p: CVal, digits: CVal, done: crate::cx::CBlock) {
        let (d0, d1) = (self.digit_at(p, 0), self.digit_at(p, 1));
        let two = self.b.ins().bor(d0, d1);
        let more = self.cold_block();
        let is_two = self.icmp_imm(IntCC::Equal, digits, 2);
        self.brif(is_two, done, &[two], more, &[]);
        self.at(more);
        let d2 = self.digit_at(p, 2);
        let all = self.b.ins().bor(two, d2);
        self.jump(done, &[all]);
    }

    /// One digit in line; more in a cold block.
    pub fn unbox_low(&mut self, inst: &InstData) -> CVal {
        let p = self.arg(inst, 0);
        let (done, magnitude) = self.join_block(types::I64);
        let (large, compact) = (self.cold_block(), self.new_block());
        let (tag, few) = self.tag(p);
        self.brif(few, compact, &[], large, &[]);
        self.at(large);
        let to = self.exit(inst);
        let digits = self.b.ins().ushr_imm_u(tag, layout::LONG_NON_SIZE_BITS as i64);
        let many = self.icmp_imm(IntCC::UnsignedGreaterThan, digits, MOST_DIGITS);
        let fits = self.cold_block();
        self.brif(many, to, &[], fits, &[]);
        self.at(fits);
        self.low_magnitude(p, digits, done);
        self.at(compact);
        let d0 = self.digit_at(p, 0);
        self.jump(done, &[d0]);
        self.at(done);
        let sign = self.tag_sign(tag);
        self.b.ins().imul(magnitude, sign)
    }

    pub fn unbox_high(&mut self, inst: &InstData) -> CVal {
        let p = self.arg(inst, 0);
        let (done, high) = self.join_block(types::I64);
        let large = self.cold_block();
        let (tag, few) = self.tag(p);
        // -1 for negative ints of one digit.
        let sign = self.tag_sign(tag);
        let negative = self.b.ins().sshr_imm_u(sign, 63);
        self.brif(few, done, &[negative], large, &[]);

        self.at(large);
        let digits = self.b.ins().ushr_imm_u(tag, layout::LONG_NON_SIZE_BITS as i64);
        let (signed, magnitude) = self.join_block(types::I64);
        let (three, four) = (self.cold_block(), self.cold_block());
        let is_two = self.icmp_imm(IntCC::Equal, digits, 2);
        self.brif(is_two, done, &[negative], three, &[]);
        self.at(three);
        let flags = self.mem.boxed;
        let d2 = self.b.ins().uload32(flags, p, long::DIGITS as i32 + 8);
        let top = self.b.ins().ushr_imm_u(d2, 64 - 2 * SHIFT);
        let is_three = self.icmp_imm(IntCC::Equal, digits, 3);
        self.brif(is_three, signed, &[top], four, &[]);
        self.at(four);
        let d3 = self.digit_at(p, 3);
        let both = self.b.ins().bor(top, d3);
        self.jump(signed, &[both]);

        self.at(signed);
        let (d0, d1, d2) = (self.digit_at(p, 0), self.digit_at(p, 1), self.digit_at(p, 2));
        let low = self.b.ins().bor(d0, d1);
        let low = self.b.ins().bor(low, d2);
        let none = self.icmp_imm(IntCC::Equal, low, 0);
        let none = self.b.ins().uextend(types::I64, none);
        let none = self.b.ins().band(none, negative);
        let flipped = self.b.ins().bxor(magnitude, negative);
        let word = self.b.ins().iadd(flipped, none);
        self.jump(done, &[word]);
        self.at(done);
        high
    }
}
