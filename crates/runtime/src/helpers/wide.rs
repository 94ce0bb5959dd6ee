//! Ints of up to 128 bits, each as a low word (unsigned) and a high word (signed).
//!
//! A result that does not fit, or whose high word is the number that says so, is left to the interpreter: `i64::MIN`.

use super::Obj;
use crate::frame;
use pyo3::ffi;
use std::ffi::{c_int, c_void};

unsafe extern "C" {
    fn PyLong_FromNativeBytes(buffer: *const c_void, n: usize, flags: c_int) -> Obj;
}

/// The machine's byte order, and a sign.
const NATIVE: c_int = -1;
/// "Leave before any effect."
const LEAVE: i64 = i64::MIN;

fn join(lo: i64, hi: i64) -> i128 {
    i128::from(hi) << 64 | i128::from(lo as u64)
}

fn high(v: Option<i128>) -> i64 {
    v.map_or(LEAVE, |v| (v >> 64) as i64)
}

fn low(v: Option<i128>) -> i64 {
    v.map_or(LEAVE, |v| v as i64)
}

/// A new int; never null.
pub unsafe extern "C" fn boxed(lo: i64, hi: i64) -> Obj {
    let v = join(lo, hi);
    // SAFETY: the buffer is as long as said.
    let p = unsafe {
        if let Ok(v) = u64::try_from(v) {
            ffi::PyLong_FromUnsignedLongLong(v)
        } else if let Ok(v) = i64::try_from(v) {
            ffi::PyLong_FromLongLong(v)
        } else {
            PyLong_FromNativeBytes((&raw const v).cast(), size_of_val(&v), NATIVE)
        }
    };
    if p.is_null() {
        frame::out_of_memory();
    }
    p
}

/// The nearest float, to even where two are as near.
pub unsafe extern "C" fn to_float(lo: i64, hi: i64) -> f64 {
    join(lo, hi) as f64
}

pub unsafe extern "C" fn mul_high(a: i64, b: i64, c: i64, d: i64) -> i64 {
    high(join(a, b).checked_mul(join(c, d)))
}

/// Quotient and remainder of a number that is not negative by an unsigned word, where the quotient fits a word: one division.
#[cfg(target_arch = "x86_64")]
fn by_word(lo: i64, hi: i64, divisor: i64) -> Option<(u64, u64)> {
    if (hi as u64) >= divisor as u64 {
        return None;
    }
    let (quotient, remainder);
    // SAFETY: the divisor is greater than the high word, so it is not zero and the quotient fits.
    unsafe {
        std::arch::asm!(
            "div {}", in(reg) divisor, inlateout("rax") lo => quotient, inlateout("rdx") hi => remainder,
            options(pure, nomem, nostack)
        );
    }
    Some((quotient, remainder))
}

#[cfg(not(target_arch = "x86_64"))]
fn by_word(_: i64, _: i64, _: i64) -> Option<(u64, u64)> {
    None
}

/// Floored quotient and remainder.
fn divide(a: i64, b: i64, c: i64, d: i64) -> Option<(i128, i128)> {
    if d == 0
        && b >= 0
        && let Some((q, r)) = by_word(a, b, c)
    {
        return Some((q.into(), r.into()));
    }
    let (x, y) = (join(a, b), join(c, d));
    let (q, r) = (x.checked_div(y)?, x.checked_rem(y)?);
    Some(if r != 0 && (r < 0) != (y < 0) { (q - 1, r + y) } else { (q, r) })
}

pub unsafe extern "C" fn div(a: i64, b: i64, c: i64, d: i64) -> i64 {
    low(divide(a, b, c, d).map(|x| x.0))
}

pub unsafe extern "C" fn div_high(a: i64, b: i64, c: i64, d: i64) -> i64 {
    high(divide(a, b, c, d).map(|x| x.0))
}

pub unsafe extern "C" fn modulo(a: i64, b: i64, c: i64, d: i64) -> i64 {
    low(divide(a, b, c, d).map(|x| x.1))
}

pub unsafe extern "C" fn modulo_high(a: i64, b: i64, c: i64, d: i64) -> i64 {
    high(divide(a, b, c, d).map(|x| x.1))
}

/// Counts are from 0 to 127.
pub unsafe extern "C" fn shl_high(lo: i64, hi: i64, n: i64) -> i64 {
    let v = join(lo, hi);
    let shifted = v << n;
    high((shifted >> n == v).then_some(shifted))
}

pub unsafe extern "C" fn shr(lo: i64, hi: i64, n: i64) -> i64 {
    (join(lo, hi) >> n) as i64
}

pub unsafe extern "C" fn shr_high(lo: i64, hi: i64, n: i64) -> i64 {
    (join(lo, hi) >> n >> 64) as i64
}
