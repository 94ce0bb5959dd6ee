//! Exact lists and tuples.

use super::int::{boxed, boxed_float};
use super::{Obj, clear, leave, or_leave};
use crate::gil::{read, write};
use pyo3::ffi;
use std::ptr;
use whipsnake_abi::layout::list::{ALLOCATED, ITEMS, LEN};

pub unsafe extern "C" fn append(list: Obj, item: Obj) -> i32 {
    // SAFETY: an exact list; below its allocated size a place is free to be filled. The item's reference goes to the list,
    // unless -1 is returned.
    unsafe {
        let n: isize = read(list, LEN);
        if n < read::<isize>(list, ALLOCATED) {
            let items: *mut Obj = read(list, ITEMS);
            *items.add(n as usize) = item;
            write(list, LEN, n + 1);
            return 0;
        }
        if ffi::PyList_Append(list, item) < 0 {
            clear();
            return -1;
        }
        ffi::Py_DECREF(item);
        0
    }
}

pub unsafe extern "C" fn append_int(list: Obj, i: i64) -> i32 {
    // SAFETY: an exact list; the new object is the list's or is released.
    unsafe { append_or_drop(list, boxed(i)) }
}

pub unsafe extern "C" fn append_float(list: Obj, f: f64) -> i32 {
    // SAFETY: as above.
    unsafe { append_or_drop(list, boxed_float(f)) }
}

unsafe fn append_or_drop(list: Obj, item: Obj) -> i32 {
    // SAFETY: the caller owns the item.
    unsafe {
        let r = append(list, item);
        if r < 0 {
            ffi::Py_DECREF(item);
        }
        r
    }
}

pub unsafe extern "C" fn pop(list: Obj) -> Obj {
    // SAFETY: an exact list. The last item's reference moves to the caller. Where the list's own routine would shrink the
    // memory, it is left to it; it then drops one of two references.
    unsafe {
        let n: isize = read(list, LEN);
        if n == 0 {
            return leave();
        }
        let items: *mut Obj = read(list, ITEMS);
        let item = *items.add(n as usize - 1);
        if n > read::<isize>(list, ALLOCATED) / 2 {
            write(list, LEN, n - 1);
            return item;
        }
        ffi::Py_INCREF(item);
        if ffi::PyList_SetSlice(list, n - 1, n, ptr::null_mut()) < 0 {
            ffi::Py_DECREF(item);
            return leave();
        }
        item
    }
}

pub unsafe extern "C" fn repeat(list: Obj, n: i64) -> Obj {
    // SAFETY: an exact list.
    or_leave(unsafe { ffi::PySequence_Repeat(list, n as isize) })
}

/// Two lists or two tuples.
pub unsafe extern "C" fn concat(a: Obj, b: Obj) -> Obj {
    // SAFETY: both exact lists, or both exact tuples.
    or_leave(unsafe { ffi::PySequence_Concat(a, b) })
}

pub unsafe extern "C" fn slice(list: Obj, lo: i64, hi: i64) -> Obj {
    // SAFETY: an exact list; the bounds are clamped to it.
    unsafe {
        let n: i64 = read::<isize>(list, LEN) as i64;
        let clamp = |i: i64| if i < 0 { i.saturating_add(n).max(0) } else { i.min(n) };
        or_leave(ffi::PyList_GetSlice(list, clamp(lo) as isize, clamp(hi) as isize))
    }
}

pub unsafe extern "C" fn list_from(seq: Obj) -> Obj {
    // SAFETY: an exact list or tuple.
    or_leave(unsafe { ffi::PySequence_List(seq) })
}

pub unsafe extern "C" fn slice_new(start: Obj, stop: Obj, step: Obj) -> Obj {
    // SAFETY: live objects.
    or_leave(unsafe { ffi::PySlice_New(start, stop, step) })
}

/// A tuple of a list's items.
pub unsafe extern "C" fn tuple_from(list: Obj) -> Obj {
    // SAFETY: an exact list.
    crate::rebuild::made(unsafe { ffi::PyList_AsTuple(list) })
}
