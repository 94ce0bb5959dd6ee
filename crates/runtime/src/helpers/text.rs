//! Exact `str` operands.

use super::{Obj, by_order, clear, leave, or_leave};
use crate::gil::read;
use crate::rebuild::made;
use pyo3::ffi;
use whipsnake_abi::layout;

unsafe extern "C" {
    fn PyUnicode_Equal(a: Obj, b: Obj) -> i32;
    fn PyUnicode_FromOrdinal(ordinal: i32) -> Obj;
    fn PyUnicode_Resize(s: *mut Obj, length: isize) -> i32;
    fn PyUnicode_CopyCharacters(to: Obj, to_start: isize, from: Obj, from_start: isize, n: isize) -> isize;
    fn _PyUnicode_JoinArray(separator: Obj, items: *const Obj, n: isize) -> Obj;
}

pub unsafe extern "C" fn concat(a: Obj, b: Obj) -> Obj {
    // SAFETY: both are exact strings.
    or_leave(unsafe { ffi::PyUnicode_Concat(a, b) })
}

/// `a + b`, taking over the reference to `a`: a string that nobody else holds and that is wide enough grows where it is.
pub unsafe extern "C" fn append(a: Obj, b: Obj) -> Obj {
    // SAFETY: both are exact strings. A string with one reference is only this function's, and resizing leaves it alone when it
    // fails; copying cannot fail within a string that has just been resized.
    unsafe {
        let (n, more) = (ffi::PyUnicode_GetLength(a), ffi::PyUnicode_GetLength(b));
        let whole = n.checked_add(more).filter(|_| n > 0 && more > 0);
        if let Some(whole) = whole.filter(|_| ffi::Py_REFCNT(a) == 1 && holds_as_wide(a, b)) {
            let mut grown = a;
            if PyUnicode_Resize(&mut grown, whole) < 0 {
                return leave();
            }
            let copied = PyUnicode_CopyCharacters(grown, n, b, 0, more);
            debug_assert_eq!(copied, more);
            return grown;
        }
        let sum = concat(a, b);
        if !sum.is_null() {
            ffi::Py_DECREF(a);
        }
        sum
    }
}

/// Whether the characters of `a` take as many bytes as those of `b` need.
unsafe fn holds_as_wide(a: Obj, b: Obj) -> bool {
    // SAFETY: exact strings.
    let [a, b] = unsafe { [a, b].map(|s| read::<u32>(s, layout::str::STATE)) };
    let kind = |state: u32| (state >> layout::STR_KIND_SHIFT) & 7;
    let ascii = |state: u32| (state >> layout::STR_ASCII_BIT) & 1 == 1;
    kind(b) <= kind(a) && (ascii(b) || !ascii(a))
}

pub unsafe extern "C" fn get(s: Obj, i: i64) -> Obj {
    // SAFETY: the index has been checked.
    made(unsafe { PyUnicode_FromOrdinal(ffi::PyUnicode_ReadChar(s, i as isize) as i32) })
}

/// The immortal str of one character below 256.
pub unsafe extern "C" fn latin_chr(c: i64) -> Obj {
    // SAFETY: such strs are static and immortal, so the reference is as good as borrowed.
    made(unsafe { PyUnicode_FromOrdinal(c as i32) })
}

pub unsafe extern "C" fn compare(a: Obj, b: Obj, cc: i64) -> i8 {
    // SAFETY: both are exact strings, whose comparison does not fail.
    unsafe {
        match cc {
            2 => PyUnicode_Equal(a, b) as i8,
            3 => i8::from(PyUnicode_Equal(a, b) == 0),
            _ => by_order(ffi::PyUnicode_Compare(a, b).cmp(&0), cc),
        }
    }
}

pub unsafe extern "C" fn ord(s: Obj) -> i64 {
    // SAFETY: an exact string; it is read where it has a character.
    unsafe {
        if ffi::PyUnicode_GetLength(s) == 1 {
            i64::from(ffi::PyUnicode_ReadChar(s, 0))
        } else {
            i64::MIN
        }
    }
}

pub unsafe extern "C" fn chr(i: i64) -> Obj {
    if !(0..=0x10_ffff).contains(&i) {
        return leave();
    }
    // SAFETY: within the range of code points.
    or_leave(unsafe { PyUnicode_FromOrdinal(i as i32) })
}

pub unsafe extern "C" fn contains(needle: Obj, haystack: Obj) -> i8 {
    // SAFETY: both are exact strings. Only a lack of memory fails; then the search is done without any.
    unsafe {
        let found = ffi::PyUnicode_Contains(haystack, needle);
        if found >= 0 {
            return found as i8;
        }
        clear();
        let (n, h) = (ffi::PyUnicode_GetLength(needle), ffi::PyUnicode_GetLength(haystack));
        let same = |at: isize| (0..n).all(|i| ffi::PyUnicode_ReadChar(haystack, at + i) == ffi::PyUnicode_ReadChar(needle, i));
        i8::from((0..=h - n).any(same))
    }
}

/// Joins formatted pieces, as BUILD_STRING does.
pub unsafe extern "C" fn join(items: *const Obj, n: usize) -> Obj {
    // SAFETY: `n` exact strings; the separator is released.
    unsafe {
        let empty = ffi::PyUnicode_FromStringAndSize(std::ptr::null(), 0);
        if empty.is_null() {
            return empty;
        }
        let joined = _PyUnicode_JoinArray(empty, items, n as isize);
        ffi::Py_DECREF(empty);
        joined
    }
}

/// `format(x, "")` as FORMAT_SIMPLE does: an exact string is itself.
pub unsafe extern "C" fn format_simple(x: Obj) -> Obj {
    // SAFETY: a live object.
    unsafe {
        if ffi::PyUnicode_CheckExact(x) != 0 {
            ffi::Py_NewRef(x)
        } else {
            ffi::PyObject_Format(x, std::ptr::null_mut())
        }
    }
}

/// `str`, `repr` or `ascii`, numbered 1 to 3.
pub unsafe extern "C" fn convert(o: Obj, how: i64) -> Obj {
    // SAFETY: a live object.
    unsafe {
        match how {
            1 => ffi::PyObject_Str(o),
            2 => ffi::PyObject_Repr(o),
            _ => ffi::PyObject_ASCII(o),
        }
    }
}
