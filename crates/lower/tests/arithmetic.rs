//! Runs the arithmetic ops over edge cases, with variable and with constant operands, against plain Rust.

mod common;

use common::apply;
use common::machine::{Machine, Outcome, py_divmod};
use whipsnake_hir::ops::{Cc, FClass, Math1, Math2, Op, Ovf, Round};

const INTS: &[i64] = &[
    i64::MIN,
    i64::MIN + 1,
    -(1 << 62),
    -(1 << 53) - 1,
    -(1 << 53),
    -(1 << 40) + 3,
    -(1 << 32),
    -(1 << 31) - 1,
    -1000,
    -17,
    -10,
    -7,
    -3,
    -2,
    -1,
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    10,
    17,
    63,
    64,
    100,
    641,
    1000,
    65536,
    (1 << 31) - 1,
    1 << 32,
    (1 << 32) + 1,
    3_037_000_499,
    3_037_000_500,
    (1 << 40) + 7,
    (1 << 53) - 1,
    1 << 53,
    (1 << 53) + 1,
    (1 << 62) - 1,
    1 << 62,
    i64::MAX - 1,
    i64::MAX,
];

const FLOATS: &[f64] = &[
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -0.5,
    1.5,
    -1.5,
    2.5,
    -2.5,
    0.1,
    0.3,
    3.0,
    -3.0,
    7.0,
    -7.25,
    1e-300,
    5e-324,
    -5e-324,
    1e300,
    -1e300,
    1e17,
    4503599627370497.5,
    9007199254740992.0,
    4.611686018427387e18,
    4.611686018427388e18,
    -4.611686018427388e18,
    9.3e18,
    f64::MAX,
    f64::MIN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
];

fn check_int1(op: Op, want: impl Fn(i64) -> Option<u64>) {
    let mut m = Machine::new(&apply(op, &[]));
    for &x in INTS {
        check(&format!("{op:?} {x}"), m.run(&[x as u64]), want(x), &[x as u64]);
    }
}

/// `None`: it must leave, with the operands as they were.
fn check(what: &str, got: Outcome, want: Option<u64>, args: &[u64]) {
    match (got, want) {
        (Outcome::Returned(g), Some(w)) => assert_eq!(g, w, "{what}"),
        (Outcome::Exited(_, _, locals, _), None) => assert_eq!(locals, args, "{what}"),
        (g, w) => panic!("{what}: {g:?}, not {w:?}"),
    }
}

fn check_int2(op: Op, want: impl Fn(i64, i64) -> Option<u64>) {
    let mut vars = Machine::new(&apply(op, &[]));
    for &x in INTS {
        let mut left = Machine::new(&apply(op, &[(0, x)]));
        let mut right = Machine::new(&apply(op, &[(1, x)]));
        for &y in INTS {
            let what = format!("{op:?} {x} {y}");
            let args = [x as u64, y as u64];
            check(&what, vars.run(&args), want(x, y), &args);
            check(&format!("{what} (left constant)"), left.run(&args), want(x, y), &args);
            let args = [y as u64, x as u64];
            check(&format!("{op:?} {y} {x} (right constant)"), right.run(&args), want(y, x), &args);
        }
    }
}

fn fits(v: i128) -> Option<u64> {
    i64::try_from(v).ok().map(|v| v as u64)
}

#[test]
fn checked_ints() {
    let ovf = Ovf::Check;
    check_int2(Op::IAdd { ovf }, |x, y| fits(i128::from(x) + i128::from(y)));
    check_int2(Op::ISub { ovf }, |x, y| fits(i128::from(x) - i128::from(y)));
    check_int2(Op::IMul { ovf }, |x, y| fits(i128::from(x) * i128::from(y)));
    check_int1(Op::INeg { ovf }, |x| fits(-i128::from(x)));
    check_int1(Op::IAbs, |x| fits(i128::from(x).abs()));
}

#[test]
fn wrapping_ints() {
    let ovf = Ovf::Wrap;
    check_int2(Op::IAdd { ovf }, |x, y| Some(x.wrapping_add(y) as u64));
    check_int2(Op::ISub { ovf }, |x, y| Some(x.wrapping_sub(y) as u64));
    check_int2(Op::IMul { ovf }, |x, y| Some(x.wrapping_mul(y) as u64));
    check_int1(Op::INeg { ovf }, |x| Some(x.wrapping_neg() as u64));
}

fn floor_div(x: i64, y: i64) -> Option<(i128, i128)> {
    let (x, y) = (i128::from(x), i128::from(y));
    if y == 0 {
        return None;
    }
    let (q, r) = (x / y, x % y);
    Some(if r != 0 && (r < 0) != (y < 0) { (q - 1, r + y) } else { (q, r) })
}

#[test]
fn int_division() {
    check_int2(Op::IFloorDiv, |x, y| floor_div(x, y).and_then(|(q, _)| fits(q)));
    check_int2(Op::IMod, |x, y| floor_div(x, y).and_then(|(_, r)| fits(r)));
}

#[test]
fn int_division_by_many_constants() {
    let mut divisors: Vec<i64> = (-40..200).collect();
    divisors.extend((1..63).flat_map(|n| [(1 << n) - 1, 1 << n, (1 << n) + 1, (1i64 << n) / 3 * 2 + 1]));
    for d in divisors {
        let mut div = Machine::new(&apply(Op::IFloorDiv, &[(1, d)]));
        let mut rem = Machine::new(&apply(Op::IMod, &[(1, d)]));
        let near = [
            d,
            -d,
            d.wrapping_mul(3),
            d.wrapping_mul(1 << 20),
            (i64::MAX / d.max(1)).wrapping_mul(d),
            (i64::MIN / d.max(1)).wrapping_mul(d),
        ];
        let around = near.iter().flat_map(|&n| [n.wrapping_sub(1), n, n.wrapping_add(1)]);
        for x in INTS.iter().copied().chain(around) {
            let args = [x as u64, d as u64];
            let want = floor_div(x, d);
            check(&format!("{x} // {d}"), div.run(&args), want.and_then(|w| fits(w.0)), &args);
            check(&format!("{x} % {d}"), rem.run(&args), want.and_then(|w| fits(w.1)), &args);
        }
    }
}

#[test]
fn int_true_division() {
    let exact = |v: i64| v.unsigned_abs() <= 1 << 53;
    check_int2(Op::ITrueDiv, |x, y| {
        (y != 0 && exact(x) && exact(y)).then(|| (x as f64 / y as f64).to_bits())
    });
}

#[test]
fn int_powers() {
    check_int2(Op::IPow, |x, y| {
        let e = u32::try_from(y)
            .ok()
            .or((y > 0 && (-1..=1).contains(&x)).then_some((y & 1) as u32 + 2))?;
        x.checked_pow(e).map(|v| v as u64)
    });
}

#[test]
fn int_bits() {
    check_int2(Op::IAnd, |x, y| Some((x & y) as u64));
    check_int2(Op::IOr, |x, y| Some((x | y) as u64));
    check_int2(Op::IXor, |x, y| Some((x ^ y) as u64));
    check_int1(Op::IBits, |x| Some(u64::from(64 - x.unsigned_abs().leading_zeros())));
    check_int1(Op::INot, |x| Some(!x as u64));
    check_int2(Op::IShr, |x, n| (n >= 0).then(|| (x >> n.min(63)) as u64));
    let kept = |x: i64, n: i64| (0..64).contains(&n) && (x << n) >> n == x;
    let ovf = Ovf::Check;
    let mut vars = Machine::new(&apply(Op::IShl { ovf }, &[]));
    for &x in INTS {
        for &n in INTS {
            let args = [x as u64, n as u64];
            let want = kept(x, n).then(|| (x << n) as u64);
            check(&format!("{x} << {n}"), vars.run(&args), want, &args);
            let mut right = Machine::new(&apply(Op::IShl { ovf }, &[(1, n)]));
            let want = if x == 0 && n >= 0 { Some(0) } else { want };
            check(&format!("{x} << {n} (constant)"), right.run(&args), want, &args);
        }
    }
}

fn compare<T: PartialOrd>(cc: Cc, x: T, y: T) -> u64 {
    u64::from(match cc {
        Cc::Lt => x < y,
        Cc::Le => x <= y,
        Cc::Eq => x == y,
        Cc::Ne => x != y,
        Cc::Gt => x > y,
        Cc::Ge => x >= y,
    })
}

#[test]
fn comparisons() {
    for &cc in Cc::ALL {
        check_int2(Op::ICmp { cc }, |x, y| Some(compare(cc, x, y)));
        check_float2(Op::FCmp { cc }, |x, y| Some(compare(cc, x, y)));
        let mut m = Machine::new(&apply(Op::IFCmp { cc }, &[]));
        for &x in INTS {
            for &y in FLOATS {
                let args = [x as u64, y.to_bits()];
                let want = (x.unsigned_abs() <= 1 << 53).then(|| compare(cc, x as f64, y));
                check(&format!("{x} {cc} {y}"), m.run(&args), want, &args);
            }
        }
    }
}

/// As `check`, any NaN being as good as another.
fn check_float(what: &str, got: Outcome, want: Option<f64>, args: &[u64]) {
    match (&got, want) {
        (Outcome::Returned(g), Some(w)) if w.is_nan() => assert!(f64::from_bits(*g).is_nan(), "{what}"),
        _ => check(what, got, want.map(f64::to_bits), args),
    }
}

fn check_float1(op: Op, want: impl Fn(f64) -> Option<f64>) {
    let mut m = Machine::new(&apply(op, &[]));
    for &x in FLOATS {
        check_float(&format!("{op:?} {x}"), m.run(&[x.to_bits()]), want(x), &[x.to_bits()]);
    }
}

fn check_float2(op: Op, want: impl Fn(f64, f64) -> Option<u64>) {
    let mut m = Machine::new(&apply(op, &[]));
    for &x in FLOATS {
        for &y in FLOATS {
            let args = [x.to_bits(), y.to_bits()];
            let what = format!("{op:?} {x} {y}");
            let want = want(x, y);
            match (m.run(&args), want) {
                (Outcome::Returned(g), Some(w)) if f64::from_bits(w).is_nan() => assert!(f64::from_bits(g).is_nan(), "{what}"),
                (got, _) => check(&what, got, want, &args),
            }
        }
    }
}

#[test]
fn floats() {
    check_float2(Op::FAdd, |x, y| Some((x + y).to_bits()));
    check_float2(Op::FSub, |x, y| Some((x - y).to_bits()));
    check_float2(Op::FMul, |x, y| Some((x * y).to_bits()));
    check_float2(Op::FDiv, |x, y| (y != 0.0).then(|| (x / y).to_bits()));
    check_float1(Op::FNeg, |x| Some(-x));
    check_float1(Op::FAbs, |x| Some(x.abs()));
    // As a number, a negative argument is one below zero.
    check_float1(Op::FSqrt, |x| if x < 0.0 { None } else { Some(x.sqrt()) });
    let mut m = Machine::new(&apply(Op::IToF, &[]));
    for &x in INTS {
        check_float("itof", m.run(&[x as u64]), Some(x as f64), &[]);
    }
}

#[test]
fn float_classes() {
    type Class = fn(f64) -> bool;
    let classes: [(FClass, Class); 3] = [
        (FClass::IsNan, f64::is_nan),
        (FClass::IsInf, f64::is_infinite),
        (FClass::IsFinite, f64::is_finite),
    ];
    for (class, want) in classes {
        let mut m = Machine::new(&apply(Op::FIs { class }, &[]));
        for &x in FLOATS {
            check("fis", m.run(&[x.to_bits()]), Some(u64::from(want(x))), &[]);
        }
    }
}

#[test]
fn float_floor_division() {
    let divmod = |x: f64, y: f64| (y != 0.0).then(|| py_divmod(x, y));
    check_float2(Op::FMath2 { f: Math2::PyFloorDiv }, |x, y| divmod(x, y).map(|d| d.0.to_bits()));
    check_float2(Op::FMath2 { f: Math2::PyMod }, |x, y| divmod(x, y).map(|d| d.1.to_bits()));
}

/// Random numbers, the same ones each time.
fn random() -> impl FnMut() -> u64 {
    let mut seed = 0x9e37_79b9_7f4a_7c15u64;
    move || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    }
}

/// The inline path against the exact rule, on operands near multiples of each other.
#[test]
fn float_floor_division_at_random() {
    let mut div = Machine::new(&apply(Op::FMath2 { f: Math2::PyFloorDiv }, &[]));
    let mut rem = Machine::new(&apply(Op::FMath2 { f: Math2::PyMod }, &[]));
    let mut random = random();
    for n in 0..200_000 {
        let y = f64::from_bits(random() >> 12 | (1000 + random() % 60) << 52);
        let q = (random() >> (random() % 63)) as f64;
        let x = match n % 4 {
            0 => f64::from_bits(random() >> 12 | (960 + random() % 130) << 52),
            1 => f64::from_bits((q * y).to_bits().wrapping_add(random() % 5).wrapping_sub(2)),
            2 => q * 0.1,
            _ => q * y,
        };
        let y = if n % 4 == 2 { 0.1 } else { y };
        let args = [x.to_bits(), y.to_bits()];
        let (d, m) = py_divmod(x, y);
        check_float(&format!("{x} // {y}"), div.run(&args), Some(d), &args);
        check_float(&format!("{x} % {y}"), rem.run(&args), Some(m), &args);
    }
}

/// Powers that are not left to the C library are what it gives.
#[test]
fn constant_exponents() {
    let mut random = random();
    for twice in -17..=17i32 {
        let y = f64::from(twice) / 2.0;
        let op = Op::FMath2 { f: Math2::PyPow };
        let mut m = Machine::new(&apply(op, &[(1, y.to_bits() as i64)]));
        let mut check = |x: f64| {
            let args = [x.to_bits(), y.to_bits()];
            let want = x.powf(y);
            let leaves = !want.is_finite() && x.is_finite();
            check_float(&format!("{x:?} ** {y}"), m.run(&args), (!leaves).then_some(want), &args);
        };
        FLOATS.iter().for_each(|&x| check(x));
        (1..2000).for_each(|n| check(f64::from(n)));
        for n in 0..60_000u64 {
            // Of any size, moderate, and with few digits.
            let bits = random();
            let x = match n % 4 {
                0 => f64::from_bits(bits),
                1 => f64::from_bits(bits & !(0x7ff << 52) | (1003 + bits % 40) << 52),
                2 => f64::from_bits(bits >> 12 | (1015 + bits % 16) << 52),
                _ => (bits % 1_000_000) as f64 / 1000.0,
            };
            check(x);
        }
    }
}

#[test]
fn math_errors_leave() {
    let rule = |args: &[f64], r: f64| {
        let bad = r.is_nan() && !args.iter().any(|a| a.is_nan()) || r.is_infinite() && args.iter().all(|a| a.is_finite());
        (!bad).then_some(r)
    };
    check_float1(Op::FMath1 { f: Math1::Exp }, |x| rule(&[x], x.exp()));
    check_float1(Op::FMath1 { f: Math1::Log }, |x| rule(&[x], x.ln()));
    check_float1(Op::FMath1 { f: Math1::Sin }, |x| rule(&[x], x.sin()));
    check_float2(Op::FMath2 { f: Math2::Pow }, |x, y| rule(&[x, y], x.powf(y)).map(f64::to_bits));
    check_float2(Op::FMath2 { f: Math2::Fmod }, |x, y| rule(&[x, y], x % y).map(f64::to_bits));
    check_float2(Op::FMath2 { f: Math2::Copysign }, |x, y| Some(x.copysign(y).to_bits()));
    check_float2(Op::FMath2 { f: Math2::PyPow }, |x, y| {
        let r = x.powf(y);
        (r.is_finite() || !x.is_finite() || !y.is_finite()).then_some(r.to_bits())
    });
}

#[test]
fn float_to_int() {
    type Rounding = fn(f64) -> f64;
    let rounds: [(Round, Rounding); 4] = [
        (Round::Trunc, f64::trunc),
        (Round::Floor, f64::floor),
        (Round::Ceil, f64::ceil),
        (Round::Even, f64::round_ties_even),
    ];
    for (mode, round) in rounds {
        let mut m = Machine::new(&apply(Op::FToI { mode }, &[]));
        for &x in FLOATS {
            let r = round(x);
            let want = (r.abs() < (1i64 << 62) as f64).then_some(r as i64 as u64);
            check(&format!("{mode} {x}"), m.run(&[x.to_bits()]), want, &[x.to_bits()]);
        }
    }
}

#[test]
fn bools() {
    for x in 0..2u64 {
        for y in 0..2u64 {
            let run = |op, args: &[u64]| Machine::new(&apply(op, &[])).run(args);
            assert_eq!(run(Op::BAnd, &[x, y]), Outcome::Returned(x & y));
            assert_eq!(run(Op::BOr, &[x, y]), Outcome::Returned(x | y));
            assert_eq!(run(Op::BXor, &[x, y]), Outcome::Returned(x ^ y));
            assert_eq!(run(Op::BNot, &[x]), Outcome::Returned(1 - x));
            assert_eq!(run(Op::BToI, &[x]), Outcome::Returned(x));
            assert_eq!(run(Op::Select, &[x, 11, 22]), Outcome::Returned(if x == 1 { 11 } else { 22 }));
        }
    }
}
