//! Exact lists and tuples.

use super::int::{boxed, boxed_float};
use super::quick::{Kind, items, kind};
use super::{Obj, clear, leave, loses_only_memory, or_leave};
use crate::gil::{read, write};
use pyo3::ffi;
use smallvec::SmallVec;
use std::ptr;
use whipsnake_abi::layout::list::{ALLOCATED, ITEMS, LEN};
use whipsnake_abi::layout::object;

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

/// A bound of a list of `n` items, counted from its start.
fn clamp(i: i64, n: i64) -> isize {
    (if i < 0 { i.saturating_add(n).max(0) } else { i.min(n) }) as isize
}

pub unsafe extern "C" fn slice(list: Obj, lo: i64, hi: i64) -> Obj {
    // SAFETY: an exact list; the bounds are clamped to it.
    unsafe {
        let n: i64 = read::<isize>(list, LEN) as i64;
        or_leave(ffi::PyList_GetSlice(list, clamp(lo, n), clamp(hi, n)))
    }
}

/// The first place in a sequence of `n` items that a slice takes, and how many it takes; `missing` as for `list_slice_step`.
fn places(n: isize, lo: i64, hi: i64, step: i64, missing: i64) -> (isize, isize) {
    let last = n - 1;
    // A bound in front of the first item and one behind the last, as the step's direction has them.
    let (least, most) = if step > 0 { (0, n) } else { (-1, last) };
    let bound = |i: i64| (if i < 0 { i.saturating_add(n as i64) } else { i } as isize).clamp(least, most);
    let start = match missing & 1 {
        0 => bound(lo),
        _ if step > 0 => 0,
        _ => last,
    };
    let stop = match missing & 2 {
        0 => bound(hi),
        _ if step > 0 => n,
        _ => -1,
    };
    let span = if step > 0 { stop - start } else { start - stop };
    let count = match step.unsigned_abs() as isize {
        _ if span <= 0 => 0,
        1 => span,
        by => 1 + (span - 1) / by,
    };
    (start, count)
}

pub unsafe extern "C" fn slice_step(list: Obj, lo: i64, hi: i64, step: i64, missing: i64) -> Obj {
    // SAFETY: an exact list; the indices lie within it, and each place of the new one is filled.
    unsafe {
        let (start, count) = places(read(list, LEN), lo, hi, step, missing);
        let new = ffi::PyList_New(count);
        if new.is_null() {
            return leave();
        }
        let items: *mut Obj = read(list, ITEMS);
        for k in 0..count {
            let item = *items.offset(start + k * step as isize);
            ffi::PyList_SET_ITEM(new, k, ffi::Py_NewRef(item));
        }
        new
    }
}

/// `list[lo:hi] = other[from:to:step]`, without the list in between where as many items come as go.
pub unsafe extern "C" fn move_slice(list: Obj, lo: i64, hi: i64, other: Obj, from: i64, to: i64, step: i64, missing: i64) -> i32 {
    // SAFETY: exact lists; all places are within them. Freeing the items that go runs no code, so nobody sees the list in between, and what
    // comes is held before anything goes.
    unsafe {
        let n: i64 = read::<isize>(list, LEN) as i64;
        let (lo, hi) = (clamp(lo, n), clamp(hi, n));
        let (start, count) = places(read(other, LEN), from, to, step, missing);
        if (hi - lo).max(0) != count {
            let value = slice_step(other, from, to, step, missing);
            if value.is_null() {
                return -1;
            }
            let done = set_slice(list, lo as i64, hi as i64, value);
            if done < 0 {
                ffi::Py_DECREF(value);
            }
            return done;
        }
        if count == 0 {
            return 0;
        }
        let old = std::slice::from_raw_parts_mut(read::<*mut Obj>(list, ITEMS).offset(lo), count as usize);
        if list == other && step == -1 && start == lo + count - 1 {
            old.reverse();
            return 0;
        }
        if !loses_only_memory(old) {
            return -1;
        }
        let items: *mut Obj = read(other, ITEMS);
        let new: SmallVec<[Obj; 32]> = (0..count)
            .map(|k| ffi::Py_NewRef(*items.offset(start + k * step as isize)))
            .collect();
        for (old, new) in old.iter_mut().zip(new) {
            ffi::Py_DECREF(std::mem::replace(old, new));
        }
        0
    }
}

pub unsafe extern "C" fn set_slice(list: Obj, lo: i64, hi: i64, value: Obj) -> i32 {
    // SAFETY: an exact list, and an exact list or tuple whose reference is taken over unless -1 is returned; the bounds are
    // clamped. Freeing the items that go runs no code, so nobody sees the list in between; what the value holds, the list holds
    // too by the time it goes.
    unsafe {
        let n: i64 = read::<isize>(list, LEN) as i64;
        let (lo, hi) = (clamp(lo, n), clamp(hi, n));
        let count = (hi - lo).max(0);
        let old: &mut [Obj] = if count == 0 {
            &mut []
        } else {
            std::slice::from_raw_parts_mut(read::<*mut Obj>(list, ITEMS).offset(lo), count as usize)
        };
        if !loses_only_memory(old) {
            return -1;
        }
        let k = kind(value);
        let new = items(value, k);
        if new.len() != old.len() || value == list {
            if ffi::PyList_SetSlice(list, lo, lo + count, value) < 0 {
                clear();
                return -1;
            }
        } else if k == Kind::List && read::<i32>(value, object::REFCNT) == 1 {
            // Nobody else has the value: it takes the old items along.
            let new: *mut Obj = read(value, ITEMS);
            ptr::swap_nonoverlapping(old.as_mut_ptr(), new, old.len());
        } else {
            for (old, &new) in old.iter_mut().zip(new) {
                ffi::Py_DECREF(std::mem::replace(old, ffi::Py_NewRef(new)));
            }
        }
        ffi::Py_DECREF(value);
        0
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

/// A list of the items of a tuple between two indices that it has.
pub unsafe extern "C" fn tuple_rest(t: Obj, start: i64, end: i64) -> Obj {
    // SAFETY: an exact tuple; each item gets a reference for the list.
    unsafe {
        let items: Vec<Obj> = (start..end).map(|i| ffi::Py_NewRef(ffi::PyTuple_GET_ITEM(t, i as isize))).collect();
        super::list_new(items.as_ptr(), items.len())
    }
}
