//! Dicts and sets asked for tuples that are never made: compiled code hands over the items.

use super::tables::{Apart, Search, in_set, search};
use super::{Obj, dict, leave};
use crate::gil::read;
use pyo3::ffi;
use std::slice;
use whipsnake_abi::layout;

/// The key, unless it cannot be looked up without running Python code.
unsafe fn key<'a>(items: *const Obj, n: usize) -> Option<Apart<'a>> {
    // SAFETY: `n` live objects, by the callers.
    unsafe { Apart::new(slice::from_raw_parts(items, n)) }
}

/// Looks the tuple of these items up in an exact dict.
unsafe fn find(d: Obj, items: *const Obj, n: usize) -> Search {
    // SAFETY: an exact dict; one with a table of attributes has no tuples for keys.
    unsafe {
        match key(items, n) {
            Some(key) if read::<usize>(d, layout::dict::VALUES) == 0 => search(read(d, layout::dict::KEYS), &key),
            _ => Search::Unsafe,
        }
    }
}

/// The value, a new reference; leaves when it is missing or hard to find.
pub unsafe extern "C" fn get(d: Obj, items: *const Obj, n: usize) -> Obj {
    // SAFETY: as in `find`.
    unsafe {
        match find(d, items, n) {
            Search::At(value) => ffi::Py_NewRef(*value),
            Search::Missing | Search::Unsafe => leave(),
        }
    }
}

/// Whether an exact dict has the key; -1 to leave.
pub unsafe extern "C" fn in_dict(d: Obj, items: *const Obj, n: usize) -> i8 {
    // SAFETY: as in `find`.
    unsafe {
        match find(d, items, n) {
            Search::At(_) => 1,
            Search::Missing => 0,
            Search::Unsafe => -1,
        }
    }
}

/// Whether an exact set has the item; -1 to leave.
pub unsafe extern "C" fn is_in_set(s: Obj, items: *const Obj, n: usize) -> i8 {
    // SAFETY: an exact set, and what `key` wants.
    unsafe { key(items, n).and_then(|key| in_set(s, &key)).map_or(-1, i8::from) }
}

/// Sets the key to a value; makes the tuple when it is new. -1 to leave before anything is done, as [`dict::set_item`] does.
pub unsafe extern "C" fn set(d: Obj, value: Obj, items: *const Obj, n: usize) -> i32 {
    // SAFETY: as in `find`; storing compares with no other keys than the search has met.
    unsafe {
        if read::<u8>(d, layout::dict::WATCHER_TAG) != 0 {
            return -1;
        }
        match find(d, items, n) {
            Search::Unsafe => -1,
            Search::At(place) if dict::replace(d, place, value) => 0,
            Search::At(place) if dict::dies_aloud(*place) => -1,
            Search::At(_) | Search::Missing => {
                (0..n).for_each(|i| ffi::Py_INCREF(*items.add(i)));
                let key = super::tuple_new(items, n);
                let done = dict::store(d, key, value);
                ffi::Py_DECREF(key);
                done
            }
        }
    }
}
