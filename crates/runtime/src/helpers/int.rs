//! Ints of any size, and what else is computed on exact numbers.

use super::tables::small_int;
use super::{Obj, by_order, leave, or_leave};
use crate::frame;
use crate::gil::read;
use crate::rebuild::made;
use pyo3::ffi;
use std::ffi::c_int;
use whipsnake_abi::layout::{LONG_NON_SIZE_BITS, LONG_SHIFT, LONG_SIGN_MASK, long};
use whipsnake_abi::opcode::nb;

/// A binary slot of a number.
pub type BinaryFn = unsafe extern "C" fn(Obj, Obj) -> Obj;

unsafe extern "C" {
    fn _PyLong_Add(a: Obj, b: Obj) -> Obj;
    fn _PyLong_Subtract(a: Obj, b: Obj) -> Obj;
    fn _PyLong_Multiply(a: Obj, b: Obj) -> Obj;
    /// What BINARY_OP does, by its argument.
    pub static _PyEval_BinaryOps: [BinaryFn; 27];
}

macro_rules! binary {
    ($($name:ident = $f:path;)*) => { $(
        pub unsafe extern "C" fn $name(a: Obj, b: Obj) -> Obj {
            // SAFETY: both are exact ints.
            or_leave(unsafe { $f(a, b) })
        }
    )* };
}

/// Digits, of 30 bits, of the largest int that CPython itself computes everything with; with more, it may import Python code to divide or
/// to convert to decimal.
const MOST_DIGITS: usize = 256;
/// Digits of the largest int that fits 64 bits.
const MOST_WORD_DIGITS: usize = 3;
/// The sign bits of a negative int.
pub const NEGATIVE: usize = 2;
/// Characters of the longest text that it converts to an int by itself.
const LONGEST_TEXT: isize = 2000;

/// Whether an exact int is so large that Python code may compute with it.
pub unsafe fn is_huge(o: Obj) -> bool {
    // SAFETY: an exact int.
    unsafe { read::<usize>(o, long::TAG) >> LONG_NON_SIZE_BITS > MOST_DIGITS }
}

/// Whether an object is such an int, or a text that may be converted to one.
pub unsafe fn may_import(o: Obj) -> bool {
    // SAFETY: a live object, read as its exact type.
    unsafe {
        ffi::PyLong_CheckExact(o) != 0 && is_huge(o) || ffi::PyUnicode_CheckExact(o) != 0 && ffi::PyUnicode_GET_LENGTH(o) > LONGEST_TEXT
    }
}

pub unsafe extern "C" fn floor_div(a: Obj, b: Obj) -> Obj {
    // SAFETY: both are exact ints.
    unsafe {
        if is_huge(a) {
            return std::ptr::null_mut();
        }
        or_leave(ffi::PyNumber_FloorDivide(a, b))
    }
}

binary! {
    add = _PyLong_Add;
    sub = _PyLong_Subtract;
    mul = _PyLong_Multiply;
    modulo = ffi::PyNumber_Remainder;
    and = ffi::PyNumber_And;
    or = ffi::PyNumber_Or;
    xor = ffi::PyNumber_Xor;
    lshift = ffi::PyNumber_Lshift;
    rshift = ffi::PyNumber_Rshift;
}

pub unsafe extern "C" fn neg(a: Obj) -> Obj {
    // SAFETY: an exact int.
    or_leave(unsafe { ffi::PyNumber_Negative(a) })
}

pub unsafe extern "C" fn compare(a: Obj, b: Obj, cc: i64) -> i8 {
    if a == b {
        return by_order(std::cmp::Ordering::Equal, cc);
    }
    // SAFETY: both are exact ints, whose comparison does not fail.
    unsafe { ffi::PyObject_RichCompareBool(a, b, cc as c_int) as i8 }
}

pub unsafe extern "C" fn num_binary(a: Obj, b: Obj, op: i64) -> Obj {
    // SAFETY: exact numbers, and the argument of a BINARY_OP.
    unsafe {
        if may_import(a) || may_import(b) {
            return std::ptr::null_mut();
        }
        or_leave(_PyEval_BinaryOps[op as usize](a, b))
    }
}

/// The value of a float, or of an int of one digit, which is exact as a float.
unsafe fn as_float(o: Obj) -> Option<f64> {
    // SAFETY: a live object, read as its exact type.
    unsafe {
        if ffi::PyFloat_CheckExact(o) != 0 {
            return Some(ffi::PyFloat_AS_DOUBLE(o));
        }
        small_int(o).map(|i| i as f64)
    }
}

pub unsafe extern "C" fn real_binary(a: Obj, b: Obj, op: i64) -> Obj {
    // SAFETY: live objects, and the argument of a BINARY_OP.
    unsafe {
        let float = ffi::PyFloat_CheckExact(a) != 0 || ffi::PyFloat_CheckExact(b) != 0;
        if float && let (Some(x), Some(y)) = (as_float(a), as_float(b)) {
            // In place or not is the same.
            let result = match op as u32 % nb::NB_INPLACE_ADD {
                nb::NB_ADD => Some(x + y),
                nb::NB_SUBTRACT => Some(x - y),
                nb::NB_MULTIPLY => Some(x * y),
                nb::NB_TRUE_DIVIDE if y != 0.0 => Some(x / y),
                _ => None,
            };
            if let Some(result) = result {
                return made(ffi::PyFloat_FromDouble(result));
            }
        }
        let number = |o| ffi::PyFloat_CheckExact(o) != 0 || ffi::PyLong_CheckExact(o) != 0;
        if number(a) && number(b) { num_binary(a, b, op) } else { leave() }
    }
}

pub unsafe extern "C" fn float_round(f: f64, digits: i64) -> Obj {
    // SAFETY: the method of an exact float with an int runs no Python code; all references made here are released.
    unsafe {
        let args = [ffi::PyFloat_FromDouble(f), ffi::PyLong_FromLongLong(digits)];
        let name = ffi::PyUnicode_InternFromString(c"__round__".as_ptr());
        let ok = !name.is_null() && args.iter().all(|a| !a.is_null());
        let result = if ok {
            ffi::PyObject_VectorcallMethod(name, args.as_ptr(), 2, std::ptr::null_mut())
        } else {
            std::ptr::null_mut()
        };
        args.iter().for_each(|&a| ffi::Py_XDECREF(a));
        ffi::Py_XDECREF(name);
        or_leave(result)
    }
}

pub unsafe extern "C" fn float_to_long(f: f64) -> Obj {
    // SAFETY: no preconditions.
    or_leave(unsafe { ffi::PyLong_FromDouble(f) })
}

/// A new int; never null.
pub unsafe extern "C" fn boxed(i: i64) -> Obj {
    // SAFETY: no preconditions.
    let p = unsafe { ffi::PyLong_FromLongLong(i) };
    if p.is_null() {
        frame::out_of_memory();
    }
    p
}

/// The magnitude of an exact int of more than one digit; 0 if the int does not fit 64 bits.
pub unsafe extern "C" fn large(o: Obj) -> u64 {
    // SAFETY: an exact int, with as many digits as its tag says.
    unsafe {
        let tag: usize = read(o, long::TAG);
        let digits = tag >> LONG_NON_SIZE_BITS;
        if digits > MOST_WORD_DIGITS {
            return 0;
        }
        let of = |n: usize| u128::from(read::<u32>(o, long::DIGITS + n * size_of::<u32>())) << (n * LONG_SHIFT);
        let all: u128 = (0..digits).map(of).sum();
        let most = i64::MAX as u128 + u128::from(tag & LONG_SIGN_MASK == NEGATIVE);
        if all <= most { all as u64 } else { 0 }
    }
}

/// A builtin function of exact numbers.
pub unsafe extern "C" fn call(callable: Obj, args: *const Obj, n: usize) -> Obj {
    // SAFETY: `n` live arguments.
    unsafe {
        if (0..n).any(|i| may_import(*args.add(i))) {
            return std::ptr::null_mut();
        }
        or_leave(ffi::PyObject_Vectorcall(callable, args, n, std::ptr::null_mut()))
    }
}

/// A new complex number; never null.
pub unsafe fn boxed_complex(re: f64, im: f64) -> Obj {
    // SAFETY: no preconditions.
    let p = unsafe { ffi::PyComplex_FromDoubles(re, im) };
    if p.is_null() {
        frame::out_of_memory();
    }
    p
}

/// A new float; never null.
pub unsafe extern "C" fn boxed_float(f: f64) -> Obj {
    // SAFETY: no preconditions.
    let p = unsafe { ffi::PyFloat_FromDouble(f) };
    if p.is_null() {
        frame::out_of_memory();
    }
    p
}
