//! Float functions: the C library's own where CPython's `math` calls them, and CPython's where it computes itself.
//!
//! Where a result is NaN or infinite and an argument was not, compiled code leaves and lets the interpreter decide, so
//! these need not know of errors.

use whipsnake_hir::ops::{Math1, Math2};

/// The C library's functions.
mod c {
    unsafe extern "C" {
        pub fn sin(x: f64) -> f64;
        pub fn cos(x: f64) -> f64;
        pub fn tan(x: f64) -> f64;
        pub fn asin(x: f64) -> f64;
        pub fn acos(x: f64) -> f64;
        pub fn atan(x: f64) -> f64;
        pub fn sinh(x: f64) -> f64;
        pub fn cosh(x: f64) -> f64;
        pub fn tanh(x: f64) -> f64;
        pub fn asinh(x: f64) -> f64;
        pub fn acosh(x: f64) -> f64;
        pub fn atanh(x: f64) -> f64;
        pub fn exp(x: f64) -> f64;
        pub fn exp2(x: f64) -> f64;
        pub fn expm1(x: f64) -> f64;
        pub fn log(x: f64) -> f64;
        pub fn log2(x: f64) -> f64;
        pub fn log10(x: f64) -> f64;
        pub fn log1p(x: f64) -> f64;
        pub fn cbrt(x: f64) -> f64;
        pub fn erf(x: f64) -> f64;
        pub fn erfc(x: f64) -> f64;
        pub fn atan2(y: f64, x: f64) -> f64;
        pub fn fmod(x: f64, y: f64) -> f64;
        pub fn pow(x: f64, y: f64) -> f64;
        pub fn copysign(x: f64, y: f64) -> f64;
        pub fn hypot(x: f64, y: f64) -> f64;
    }
}

/// Where a function of one argument is.
pub fn one(f: Math1) -> u64 {
    let f: unsafe extern "C" fn(f64) -> f64 = match f {
        Math1::Sin => c::sin,
        Math1::Cos => c::cos,
        Math1::Tan => c::tan,
        Math1::Asin => c::asin,
        Math1::Acos => c::acos,
        Math1::Atan => c::atan,
        Math1::Sinh => c::sinh,
        Math1::Cosh => c::cosh,
        Math1::Tanh => c::tanh,
        Math1::Asinh => c::asinh,
        Math1::Acosh => c::acosh,
        Math1::Atanh => c::atanh,
        Math1::Exp => c::exp,
        Math1::Exp2 => c::exp2,
        Math1::Expm1 => c::expm1,
        Math1::Log => c::log,
        Math1::Log2 => c::log2,
        Math1::Log10 => c::log10,
        Math1::Log1p => c::log1p,
        Math1::Cbrt => c::cbrt,
        Math1::Erf => c::erf,
        Math1::Erfc => c::erfc,
    };
    f as usize as u64
}

/// Where a function of two arguments is.
pub fn two(f: Math2) -> u64 {
    type Plain = unsafe extern "C" fn(f64, f64) -> f64;
    type Leaving = unsafe extern "C" fn(f64, f64, *mut i64) -> f64;
    match f {
        Math2::Atan2 => c::atan2 as Plain as usize as u64,
        Math2::Fmod => c::fmod as Plain as usize as u64,
        Math2::Pow => c::pow as Plain as usize as u64,
        Math2::Copysign => c::copysign as Plain as usize as u64,
        Math2::Modulus => c::hypot as Plain as usize as u64,
        Math2::Hypot if is_x86_feature_detected!("fma") => hypot_with_fma as Plain as usize as u64,
        Math2::Hypot => hypot as Plain as usize as u64,
        Math2::PyPow => py_pow as Leaving as usize as u64,
        Math2::PyFloorDiv => py_floor_div as Leaving as usize as u64,
        Math2::PyMod => py_mod as Leaving as usize as u64,
    }
}

/// Python's float `**`. Leaves where C's `pow` gives NaN or infinity from finite operands: there Python raises, or
/// answers with a complex number.
unsafe extern "C" fn py_pow(x: f64, y: f64, leave: *mut i64) -> f64 {
    // SAFETY: no preconditions; compiled code passes a place of its own.
    unsafe {
        let r = c::pow(x, y);
        *leave = i64::from(!r.is_finite() && x.is_finite() && y.is_finite());
        r
    }
}

/// Remainder with the divisor's sign, for a divisor that is not zero.
fn remainder(x: f64, y: f64) -> f64 {
    // Exact for all finite operands, as C's `fmod`.
    let r = x % y;
    if r == 0.0 {
        0f64.copysign(y)
    } else if (y < 0.0) != (r < 0.0) {
        r + y
    } else {
        r
    }
}

/// Python's float `%`: leaves on a zero divisor.
unsafe extern "C" fn py_mod(x: f64, y: f64, leave: *mut i64) -> f64 {
    // SAFETY: compiled code passes a place of its own.
    unsafe { *leave = i64::from(y == 0.0) };
    remainder(x, y)
}

/// Python's float `//`: leaves on a zero divisor.
unsafe extern "C" fn py_floor_div(x: f64, y: f64, leave: *mut i64) -> f64 {
    // SAFETY: compiled code passes a place of its own.
    unsafe { *leave = i64::from(y == 0.0) };
    // The quotient of what remains after taking the remainder away is very nearly an integer; it is rounded to one.
    let r = x % y;
    let mut quotient = (x - r) / y;
    if r != 0.0 && (y < 0.0) != (r < 0.0) {
        quotient -= 1.0;
    }
    if quotient == 0.0 {
        return 0f64.copysign(x / y);
    }
    let floor = quotient.floor();
    if quotient - floor > 0.5 { floor + 1.0 } else { floor }
}

/// `math.hypot` of two numbers as CPython computes it: scaled by a power of two, squared without loss, summed with the
/// rounding errors kept, and corrected once after the square root.
unsafe extern "C" fn hypot(x: f64, y: f64) -> f64 {
    norm(x, y)
}

/// The same on a processor with an instruction for exact products, which takes a tenth of the time.
#[target_feature(enable = "fma")]
unsafe extern "C" fn hypot_with_fma(x: f64, y: f64) -> f64 {
    norm(x, y)
}

#[inline(always)]
fn norm(x: f64, y: f64) -> f64 {
    let (x, y) = (x.abs(), y.abs());
    if x.is_infinite() || y.is_infinite() {
        return f64::INFINITY;
    }
    if x.is_nan() || y.is_nan() {
        return f64::NAN;
    }
    let max = if x > y { x } else { y };
    if max == 0.0 {
        return max;
    }
    if max < f64::MIN_POSITIVE {
        // Subnormal: the scale would overflow.
        return f64::MIN_POSITIVE * scaled(x / f64::MIN_POSITIVE, y / f64::MIN_POSITIVE, max / f64::MIN_POSITIVE);
    }
    scaled(x, y, max)
}

/// A product as an unevaluated sum of two floats.
#[inline(always)]
fn exact_square(x: f64, y: f64) -> (f64, f64) {
    let hi = x * y;
    (hi, x.mul_add(y, -hi))
}

/// A sum as an unevaluated sum of two floats, when the first is not smaller in magnitude.
#[inline(always)]
fn exact_sum(a: f64, b: f64) -> (f64, f64) {
    let hi = a + b;
    (hi, (a - hi) + b)
}

/// For the larger of the two, which is normal.
#[inline(always)]
fn scaled(x: f64, y: f64, max: f64) -> f64 {
    // The power of two that takes it to between a half and one.
    let exponent = (max.to_bits() >> 52) as i64 - 1022;
    let scale = if exponent < 1023 {
        f64::from_bits(((1023 - exponent) as u64) << 52)
    } else {
        // Subnormal.
        f64::from_bits(1 << (1074 - exponent))
    };
    let (mut sum, mut low_products, mut low_sums) = (1.0, 0.0, 0.0);
    let mut add = |(hi, lo): (f64, f64)| {
        let (s, rest) = exact_sum(sum, hi);
        sum = s;
        low_products += lo;
        low_sums += rest;
        sum - 1.0 + (low_products + low_sums)
    };
    add(exact_square(x * scale, x * scale));
    let root = add(exact_square(y * scale, y * scale)).sqrt();
    let error = add(exact_square(-root, root));
    (root + error / (2.0 * root)) / scale
}
