//! `heapq.heappush` and `heapq.heappop` of items whose order takes no Python code to tell.
//!
//! All comparisons, the same ones that the C functions make, come before the list is touched: where one of them cannot be made
//! here, nothing has happened.

use super::quick::{Kind, items, kind, leaf};
use super::{Obj, clear};
use crate::gil::read;
use pyo3::ffi;
use std::ptr;
use whipsnake_abi::layout::list;

/// Longest path from the root to a leaf.
const DEEPEST: usize = 64;

/// `a < b`, or nothing where that cannot be said here.
unsafe fn less(a: Obj, b: Obj) -> Option<bool> {
    // SAFETY: live objects; comparing numbers or strs with their like runs no code.
    unsafe {
        let (x, y) = (kind(a), kind(b));
        match (x, y) {
            (Kind::Number, Kind::Number) | (Kind::Str, Kind::Str) => compared(a, b, ffi::Py_LT),
            (Kind::Tuple, Kind::Tuple) => {
                let (a, b) = (items(a, x), items(b, y));
                for (&p, &q) in a.iter().zip(b) {
                    if p == q {
                        continue;
                    }
                    let (x, y) = (kind(p), kind(q));
                    if !(leaf(x) && x == y) {
                        return None;
                    }
                    if !compared(p, q, ffi::Py_EQ)? {
                        return less(p, q);
                    }
                }
                Some(a.len() < b.len())
            }
            _ => None,
        }
    }
}

unsafe fn compared(a: Obj, b: Obj, how: i32) -> Option<bool> {
    // SAFETY: live objects, as in `less`.
    match unsafe { ffi::PyObject_RichCompareBool(a, b, how) } {
        -1 => {
            clear();
            None
        }
        answer => Some(answer == 1),
    }
}

/// `heappush(heap, item)`; false where it was not done.
pub(super) unsafe fn push(heap: Obj, item: Obj) -> bool {
    // SAFETY: an exact list and a live object; the list's room is as long as it says.
    unsafe {
        let now = items(heap, Kind::List);
        let mut at = now.len();
        while at > 0 {
            let parent = (at - 1) / 2;
            match less(item, now[parent]) {
                Some(true) => at = parent,
                Some(false) => break,
                None => return false,
            }
        }
        if ffi::PyList_Append(heap, item) < 0 {
            clear();
            return false;
        }
        let p: *mut Obj = read(heap, list::ITEMS);
        let mut hole = read::<usize>(heap, list::LEN) - 1;
        while hole > at {
            let parent = (hole - 1) / 2;
            *p.add(hole) = *p.add(parent);
            hole = parent;
        }
        *p.add(at) = item;
        true
    }
}

/// `heappop(heap)`: the item, whose reference the list gives up; null where it was not done.
pub(super) unsafe fn pop(heap: Obj) -> Obj {
    // SAFETY: an exact list; the last item's reference goes over to its new place, the first one's to the caller.
    unsafe {
        let now = items(heap, Kind::List);
        let Some((&last, rest)) = now.split_last() else {
            return ptr::null_mut();
        };
        // The way that the smaller children show from the root down, which the last item takes in full before it comes up again.
        let mut way = [0usize; DEEPEST];
        let mut depth = 0;
        let mut at = 0;
        while at < rest.len() / 2 {
            let mut child = 2 * at + 1;
            if child + 1 < rest.len() {
                match less(rest[child], rest[child + 1]) {
                    Some(true) => {}
                    Some(false) => child += 1,
                    None => return ptr::null_mut(),
                }
            }
            depth += 1;
            way[depth] = child;
            at = child;
        }
        while depth > 0 {
            // What is above it by then is what was here.
            match less(last, rest[way[depth]]) {
                Some(true) => depth -= 1,
                Some(false) => break,
                None => return ptr::null_mut(),
            }
        }
        let first = now[0];
        let n = now.len();
        // The list's own way of giving up its last item; the reference taken for it goes with the item.
        ffi::Py_INCREF(last);
        if ffi::PyList_SetSlice(heap, n as isize - 1, n as isize, ptr::null_mut()) < 0 {
            ffi::Py_DECREF(last);
            clear();
            return ptr::null_mut();
        }
        if n == 1 {
            return last;
        }
        let p: *mut Obj = read(heap, list::ITEMS);
        for d in 0..depth {
            *p.add(way[d]) = *p.add(way[d + 1]);
        }
        *p.add(way[depth]) = last;
        first
    }
}
