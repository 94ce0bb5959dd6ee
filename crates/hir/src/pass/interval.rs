//! Integer intervals: for each op, an interval that holds every result for operands from the given ones.

use crate::ops::{Cc, Op};

/// All of `lo..=hi`; never empty.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Range {
    pub lo: i64,
    pub hi: i64,
}

/// No length reaches this.
pub const MAX_LEN: i64 = 1 << 59;

impl Range {
    pub const FULL: Range = Range {
        lo: i64::MIN,
        hi: i64::MAX,
    };
    pub const LEN: Range = Range { lo: 0, hi: MAX_LEN };

    pub fn new(lo: i64, hi: i64) -> Range {
        debug_assert!(lo <= hi);
        Range { lo, hi }
    }
    pub fn one(v: i64) -> Range {
        Range { lo: v, hi: v }
    }
    pub fn constant(self) -> Option<i64> {
        (self.lo == self.hi).then_some(self.lo)
    }
    pub fn contains(self, v: i64) -> bool {
        self.lo <= v && v <= self.hi
    }
    pub fn non_negative(self) -> bool {
        self.lo >= 0
    }
    pub fn union(self, o: Range) -> Range {
        Range {
            lo: self.lo.min(o.lo),
            hi: self.hi.max(o.hi),
        }
    }
    pub fn meet(self, o: Range) -> Option<Range> {
        let (lo, hi) = (self.lo.max(o.lo), self.hi.min(o.hi));
        (lo <= hi).then_some(Range { lo, hi })
    }
    /// What remains of it where it compares so with something from `o`; nothing when it cannot.
    pub fn given(self, cc: Cc, o: Range) -> Option<Range> {
        let limit = match cc {
            Cc::Lt => Range {
                lo: i64::MIN,
                hi: o.hi.checked_sub(1)?,
            },
            Cc::Le => Range { lo: i64::MIN, hi: o.hi },
            Cc::Gt => Range {
                lo: o.lo.checked_add(1)?,
                hi: i64::MAX,
            },
            Cc::Ge => Range { lo: o.lo, hi: i64::MAX },
            Cc::Eq => o,
            Cc::Ne => {
                let Some(c) = o.constant() else { return Some(self) };
                let lo = if self.lo == c { self.lo.checked_add(1)? } else { self.lo };
                let hi = if self.hi == c { self.hi.checked_sub(1)? } else { self.hi };
                return (lo <= hi).then_some(Range { lo, hi });
            }
        };
        self.meet(limit)
    }
    /// The outcome of a comparison, where it is the same for all.
    pub fn compare(self, cc: Cc, o: Range) -> Option<bool> {
        if self.given(cc, o).is_none() {
            Some(false)
        } else if self.given(cc.negate(), o).is_none() {
            Some(true)
        } else {
            None
        }
    }
}

/// An interval of exact results, possibly beyond 64 bits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wide {
    pub lo: i128,
    pub hi: i128,
}

impl Wide {
    fn of(all: &[i128]) -> Wide {
        Wide {
            lo: all.iter().copied().min().unwrap_or(0),
            hi: all.iter().copied().max().unwrap_or(0),
        }
    }
    pub fn fits(self) -> bool {
        self.lo >= i128::from(i64::MIN) && self.hi <= i128::from(i64::MAX)
    }
    /// The part within 64 bits; nothing when there is none.
    pub fn clip(self) -> Option<Range> {
        let lo = self.lo.max(i128::from(i64::MIN));
        let hi = self.hi.min(i128::from(i64::MAX));
        (lo <= hi).then_some(Range {
            lo: lo as i64,
            hi: hi as i64,
        })
    }
}

/// Exact results of an op that can overflow; nothing when a shift count may be out of 0..64.
pub fn exact(op: Op, a: Range, b: Range) -> Option<Wide> {
    let [al, ah, bl, bh] = [a.lo, a.hi, b.lo, b.hi].map(i128::from);
    Some(match op {
        Op::IAdd { .. } => Wide { lo: al + bl, hi: ah + bh },
        Op::ISub { .. } => Wide { lo: al - bh, hi: ah - bl },
        Op::IMul { .. } => Wide::of(&[al * bl, al * bh, ah * bl, ah * bh]),
        Op::INeg { .. } => Wide { lo: -ah, hi: -al },
        Op::IShl { .. } if bl >= 0 && bh < 64 => Wide::of(&[al << bl, al << bh, ah << bl, ah << bh]),
        _ => return None,
    })
}

/// All ones up to the highest bit of a number that is not negative.
fn ones(v: i64) -> i64 {
    if v == 0 { 0 } else { (u64::MAX >> v.leading_zeros()) as i64 }
}

fn floor_div(a: i64, d: i64) -> i64 {
    // The divisor is positive: floored and Euclidean quotients agree.
    a.div_euclid(d)
}

/// Results of an op on ints where it does not exit. Ops that can overflow are given by [`exact`].
pub fn eval(op: Op, a: Range, b: Range) -> Range {
    match op {
        Op::IAbs => {
            let hi = a.lo.unsigned_abs().max(a.hi.unsigned_abs()).min(i64::MAX as u64) as i64;
            let lo = if a.contains(0) {
                0
            } else {
                a.lo.unsigned_abs().min(a.hi.unsigned_abs()).min(i64::MAX as u64) as i64
            };
            Range { lo, hi }
        }
        // A zero divisor exits.
        Op::IFloorDiv if b.lo >= 0 && b.hi > 0 => {
            let least = b.lo.max(1);
            Range {
                lo: floor_div(a.lo, least).min(floor_div(a.lo, b.hi)),
                hi: floor_div(a.hi, least).max(floor_div(a.hi, b.hi)),
            }
        }
        Op::IMod if b.lo >= 0 && b.hi > 0 => {
            if a.lo >= 0 && a.hi < b.lo {
                a
            } else {
                let hi = b.hi - 1;
                Range {
                    lo: 0,
                    hi: if a.lo >= 0 { hi.min(a.hi) } else { hi },
                }
            }
        }
        Op::IMod if b.hi <= 0 && b.lo < 0 => Range { lo: b.lo + 1, hi: 0 },
        Op::IPow if a.lo >= 0 => Range { lo: 0, hi: i64::MAX },
        Op::IAnd => match (a.lo >= 0, b.lo >= 0) {
            (true, true) => Range { lo: 0, hi: a.hi.min(b.hi) },
            (true, false) => Range { lo: 0, hi: a.hi },
            (false, true) => Range { lo: 0, hi: b.hi },
            (false, false) => Range {
                lo: i64::MIN,
                hi: a.hi.max(b.hi).max(-1),
            },
        },
        Op::IOr if a.lo >= 0 && b.lo >= 0 => Range {
            lo: a.lo.max(b.lo),
            hi: ones(a.hi) | ones(b.hi),
        },
        Op::IXor if a.lo >= 0 && b.lo >= 0 => Range {
            lo: 0,
            hi: ones(a.hi) | ones(b.hi),
        },
        Op::IBits => Range { lo: 0, hi: 64 },
        Op::INot => Range { lo: !a.hi, hi: !a.lo },
        Op::IShr => {
            let (near, far) = (b.lo.clamp(0, 63), b.hi.clamp(0, 63));
            Range {
                lo: (a.lo >> near).min(a.lo >> far),
                hi: (a.hi >> near).max(a.hi >> far),
            }
        }
        Op::IUShr if b.lo >= 1 && b.hi < 64 => Range {
            lo: 0,
            hi: if a.lo >= 0 { a.hi >> b.lo } else { (u64::MAX >> b.lo) as i64 },
        },
        Op::IUMulHigh {
            ovf: crate::ops::Ovf::Check,
        } => Range { lo: 0, hi: i64::MAX },
        Op::IUDiv if b.lo >= 2 => Range {
            lo: 0,
            hi: (u64::MAX / b.lo as u64) as i64,
        },
        Op::IURem if b.lo >= 1 => Range { lo: 0, hi: b.hi - 1 },
        Op::Narrow => a,
        Op::StrOrdAt => Range { lo: 0, hi: 0x10_ffff },
        Op::BytesGet | Op::BytearrayGet => Range { lo: 0, hi: 255 },
        Op::ArrayGetInt { code } => match code {
            'b' => Range { lo: -128, hi: 127 },
            'B' => Range { lo: 0, hi: 255 },
            'h' => Range { lo: -0x8000, hi: 0x7fff },
            'H' => Range { lo: 0, hi: 0xffff },
            'i' => Range {
                lo: i64::from(i32::MIN),
                hi: i64::from(i32::MAX),
            },
            'I' => Range {
                lo: 0,
                hi: i64::from(u32::MAX),
            },
            'L' | 'Q' => Range { lo: 0, hi: i64::MAX },
            _ => Range::FULL,
        },
        Op::ListLen | Op::TupleLen | Op::StrLen | Op::BytesLen | Op::BytearrayLen | Op::ArrayLen => Range::LEN,
        Op::Index | Op::IndexPos => Range {
            lo: 0,
            hi: (b.hi - i64::from(b.hi > 0)).max(0),
        },
        Op::BToI => Range { lo: 0, hi: 1 },
        Op::FToI { .. } => Range {
            lo: -(1 << 62),
            hi: 1 << 62,
        },
        Op::Call {
            helper: crate::helpers::Helper::StrOrd,
        } => Range { lo: 0, hi: 0x10_ffff },
        Op::Call {
            helper: crate::helpers::Helper::DictLen | crate::helpers::Helper::SetLen,
        } => Range::LEN,
        _ => Range::FULL,
    }
}
