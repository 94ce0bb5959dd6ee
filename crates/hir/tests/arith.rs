//! Constant folding and intervals against exact arithmetic on wide ints.

use proptest::prelude::*;
use whipsnake_hir::ops::{Cc, Op, Ovf};
use whipsnake_hir::pass::fold::eval_int;
use whipsnake_hir::pass::interval::{Range, eval, exact};

/// Ints around the places where things change.
fn int() -> impl Strategy<Value = i64> {
    prop_oneof![
        -10i64..10,
        any::<i64>(),
        (0u32..64, -2i64..=2).prop_map(|(s, d)| (1i64 << s.min(62)).wrapping_add(d)),
        (0u32..64, -2i64..=2).prop_map(|(s, d)| (-1i64 << s).wrapping_add(d)),
        prop_oneof![Just(i64::MIN), Just(i64::MAX)],
    ]
}

fn ops() -> impl Strategy<Value = Op> {
    let ovf = Ovf::Check;
    prop::sample::select(vec![
        Op::IAdd { ovf },
        Op::ISub { ovf },
        Op::IMul { ovf },
        Op::INeg { ovf },
        Op::IShl { ovf },
        Op::IAbs,
        Op::IFloorDiv,
        Op::IMod,
        Op::IPow,
        Op::IAnd,
        Op::IOr,
        Op::IXor,
        Op::INot,
        Op::IBits,
        Op::IShr,
    ])
}

/// The op as Python defines it; nothing where it raises or is too large to be of interest.
fn reference(op: Op, x: i64, y: i64) -> Option<i128> {
    let (a, b) = (i128::from(x), i128::from(y));
    Some(match op {
        Op::IAdd { .. } => a + b,
        Op::ISub { .. } => a - b,
        Op::IMul { .. } => a * b,
        Op::INeg { .. } => -a,
        Op::IAbs => a.abs(),
        Op::IFloorDiv if b != 0 => (a - reference(Op::IMod, x, y)?) / b,
        Op::IMod if b != 0 => {
            let r = a % b;
            if r != 0 && (r < 0) != (b < 0) { r + b } else { r }
        }
        Op::IPow if b >= 0 => {
            let mut r: i128 = 1;
            for _ in 0..b.min(200) {
                r = r.checked_mul(a)?;
            }
            r
        }
        Op::IAnd => a & b,
        Op::IOr => a | b,
        Op::IXor => a ^ b,
        Op::INot => !a,
        Op::IBits => i128::from(128 - a.unsigned_abs().leading_zeros()),
        Op::IShl { .. } if x == 0 && y >= 0 => 0,
        Op::IShl { .. } if (0..=63).contains(&b) => a << b,
        Op::IShr if b >= 0 => a >> b.min(100),
        _ => return None,
    })
}

fn range() -> impl Strategy<Value = Range> {
    (int(), int()).prop_map(|(a, b)| Range::new(a.min(b), a.max(b)))
}

/// A member: an end, zero if it is in, or something in between.
fn member(r: Range) -> impl Strategy<Value = i64> {
    prop_oneof![
        Just(r.lo),
        Just(r.hi),
        Just(if r.contains(0) { 0 } else { r.lo }),
        any::<u64>().prop_map(move |k| (i128::from(r.lo) + i128::from(k) % (i128::from(r.hi) - i128::from(r.lo) + 1)) as i64)
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn folding(op in ops(), x in int(), y in int()) {
        // Large powers are not folded and not computed here either.
        prop_assume!(!(op == Op::IPow && y > 200));
        let want = reference(op, x, y).and_then(|w| i64::try_from(w).ok());
        if let Some(got) = eval_int(op, x, y) {
            prop_assert_eq!(Some(got), want);
        } else if !matches!(op, Op::IShl { .. }) {
            prop_assert_eq!(None, want);
        }
    }

    #[test]
    fn intervals((op, a, b, x, y) in (ops(), range(), range()).prop_flat_map(|(op, a, b)| (Just(op), Just(a), Just(b), member(a), member(b)))) {
        let Some(want) = reference(op, x, y) else { return Ok(()) };
        match op {
            Op::IAdd { .. } | Op::ISub { .. } | Op::IMul { .. } | Op::INeg { .. } | Op::IShl { .. } => {
                if let Some(w) = exact(op, a, b) {
                    prop_assert!(w.lo <= want && want <= w.hi, "{op:?} {a:?} {b:?}: {want} not in {w:?}");
                }
            }
            _ => {
                if let Ok(want) = i64::try_from(want) {
                    let r = eval(op, a, b);
                    prop_assert!(r.contains(want), "{op:?} {a:?} {b:?} on {x} {y}: {want} not in {r:?}");
                }
            }
        }
    }

    #[test]
    fn comparisons((cc, a, b, x, y) in (prop::sample::select(Cc::ALL.to_vec()), range(), range())
        .prop_flat_map(|(cc, a, b)| (Just(cc), Just(a), Just(b), member(a), member(b))))
    {
        let truth = match cc {
            Cc::Lt => x < y,
            Cc::Le => x <= y,
            Cc::Eq => x == y,
            Cc::Ne => x != y,
            Cc::Gt => x > y,
            Cc::Ge => x >= y,
        };
        if let Some(c) = a.compare(cc, b) {
            prop_assert_eq!(c, truth);
        }
        if truth {
            prop_assert!(a.given(cc, b).is_some_and(|r| r.contains(x)), "{cc:?} {a:?} {b:?} {x} {y}");
        }
    }
}
