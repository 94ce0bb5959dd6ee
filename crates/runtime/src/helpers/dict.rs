//! Dicts and sets.
//!
//! [`find`] walks the table itself ([`super::tables`]), and gives up at a key that it may not compare. Only the table of an instance's attributes, which keeps its
//! values elsewhere, is searched by CPython.

use super::attrs::slot;
use super::quick::{Kind, kind};
use super::tables::{GENERAL, One, Search, UNICODE, hash_of, search};
use super::{Obj, clear, leave};
use crate::frame;
use crate::gil::{read, write};
use crate::layout as here;
use pyo3::ffi;
use std::ptr;
use whipsnake_abi::layout::{dict, dict_keys, interp, object};
use whipsnake_hir::types::Ty;

unsafe extern "C" {
    fn _PyDict_GetItem_KnownHash(dict: Obj, key: Obj, hash: isize) -> Obj;
}

/// The outcome of a search.
#[derive(PartialEq, Eq, Debug)]
pub enum Found {
    /// The value, borrowed.
    Value(Obj),
    Missing,
    /// A key in the way may not be compared.
    Unsafe,
}

/// Whether an object's hash and comparisons are those of its identity.
///
/// # Safety
/// The GIL is held; a live object.
pub unsafe fn is_itself(o: Obj) -> bool {
    // SAFETY: the contract.
    unsafe {
        let (ty, base) = (ffi::Py_TYPE(o), &raw const ffi::PyBaseObject_Type);
        slot!(ty, tp_hash) == slot!(base, tp_hash) && slot!(ty, tp_richcompare) == slot!(base, tp_richcompare)
    }
}

/// Looks an exact str or number or None, a tuple of such plain values, or what is only equal to itself, up in a dict (or the dict that an
/// object of a derived class is) without running Python code.
///
/// # Safety
/// The GIL is held; operands as said.
pub unsafe fn find(d: Obj, key: Obj) -> Found {
    // SAFETY: the contract.
    unsafe {
        let keys: *mut u8 = read(d, dict::KEYS);
        if read::<usize>(d, dict::VALUES) == 0 {
            return match search(keys, &One::new(key)) {
                Search::At(value) => Found::Value(*value),
                Search::Missing => Found::Missing,
                Search::Unsafe => Found::Unsafe,
            };
        }
        let value = _PyDict_GetItem_KnownHash(d, key, hash_of(key));
        if !value.is_null() {
            return Found::Value(value);
        }
        if !ffi::PyErr_Occurred().is_null() {
            clear();
            return Found::Unsafe;
        }
        Found::Missing
    }
}

/// Whether an object is a str, a number or None, or a tuple of such, or of such tuples: hashing it, and comparing it with its like, runs no
/// code.
///
/// # Safety
/// The GIL is held; a live object.
pub unsafe fn is_plain(o: Obj, depth: usize) -> bool {
    const DEEPEST: usize = 3;
    const LONGEST: isize = 16;
    // SAFETY: the contract; items of an exact tuple are live.
    unsafe {
        match kind(o) {
            Kind::Str | Kind::Number | Kind::None => true,
            Kind::Tuple => {
                let n = ffi::PyTuple_GET_SIZE(o);
                depth < DEEPEST && n <= LONGEST && (0..n).all(|i| is_plain(ffi::PyTuple_GET_ITEM(o, i), depth + 1))
            }
            Kind::Other => is_derived(o),
            _ => false,
        }
    }
}

/// Whether an object's class leaves hashing and comparing to `int` or `str`.
///
/// # Safety
/// The GIL is held; a live object.
pub unsafe fn is_derived(o: Obj) -> bool {
    // SAFETY: the contract.
    unsafe {
        let ty = ffi::Py_TYPE(o);
        [&raw const ffi::PyLong_Type, &raw const ffi::PyUnicode_Type]
            .into_iter()
            .any(|base| slot!(ty, tp_hash) == slot!(base, tp_hash) && slot!(ty, tp_richcompare) == slot!(base, tp_richcompare))
    }
}

/// The value of a key, a new reference; leaves when it is missing or hard to find.
pub unsafe extern "C" fn get_item(d: Obj, key: Obj) -> Obj {
    // SAFETY: an exact dict and an exact str or int.
    unsafe {
        match find(d, key) {
            Found::Value(v) => ffi::Py_NewRef(v),
            Found::Missing | Found::Unsafe => leave(),
        }
    }
}

/// Sets a key, unless that might run Python code, or somebody watches the dict.
pub unsafe extern "C" fn set_item(d: Obj, key: Obj, value: Obj) -> i32 {
    // SAFETY: an exact dict and an exact str or int. The search has met every key that storing compares with; the old
    // value, if any, is either held by others too or of a type that frees only memory.
    unsafe {
        if read::<u8>(d, dict::WATCHER_TAG) != 0 {
            return -1;
        }
        if read::<usize>(d, dict::VALUES) != 0 {
            return set_name(d, key, value);
        }
        match search(read(d, dict::KEYS), &One::new(key)) {
            Search::Unsafe => return -1,
            Search::At(place) if replace(d, place, value) => return 0,
            Search::At(place) if dies_aloud(*place) => return -1,
            Search::At(_) | Search::Missing => {}
        }
        store(d, key, value)
    }
}

/// Puts a value in the place of another, unless that is for others to do.
///
/// # Safety
/// The GIL is held; a place in an exact dict that nobody watches, and a live object.
pub unsafe fn replace(d: Obj, place: *mut Obj, value: Obj) -> bool {
    // SAFETY: the contract; what goes is either held by others too or of a type that frees only memory.
    unsafe {
        if dies_aloud(*place) || !may_hold(d, value) {
            return false;
        }
        let old = ptr::replace(place, ffi::Py_NewRef(value));
        ffi::Py_DECREF(old);
        true
    }
}

/// The same, whoever watches.
pub unsafe extern "C" fn set_name(d: Obj, key: Obj, value: Obj) -> i32 {
    // SAFETY: as for `set_item`.
    unsafe {
        match find(d, key) {
            Found::Unsafe => -1,
            Found::Value(old) if dies_aloud(old) => -1,
            Found::Value(_) | Found::Missing => store(d, key, value),
        }
    }
}

/// Stores by CPython's own routine; -1 to leave, without memory.
///
/// # Safety
/// As for `set_item`.
pub unsafe fn store(d: Obj, key: Obj, value: Obj) -> i32 {
    // SAFETY: as for `set_item`.
    unsafe {
        if ffi::PyDict_SetItem(d, key, value) < 0 {
            clear();
            return -1;
        }
        0
    }
}

/// Whether dropping a reference to an object might do more than free memory.
///
/// # Safety
/// The GIL is held; a live object.
pub unsafe fn dies_aloud(o: Obj) -> bool {
    // SAFETY: a live object.
    unsafe { read::<i32>(o, object::REFCNT) == 1 && !is_leaf(o) }
}

/// Whether a dict can get another value for a key without the collector being told of the dict.
unsafe fn may_hold(d: Obj, value: Obj) -> bool {
    // SAFETY: an exact dict and a live object.
    unsafe { ffi::PyType_GetFlags(ffi::Py_TYPE(value)) & ffi::Py_TPFLAGS_HAVE_GC == 0 || ffi::PyObject_GC_IsTracked(d) != 0 }
}

/// Whether freeing an object frees only memory.
unsafe fn is_leaf(obj: Obj) -> bool {
    // SAFETY: a live object.
    let ty = unsafe { ffi::Py_TYPE(obj) };
    let usual = [&raw mut ffi::PyLong_Type, &raw mut ffi::PyFloat_Type, &raw mut ffi::PyUnicode_Type];
    usual.contains(&ty) || Ty::ALL.iter().any(|&t| t.is_leaf() && here::type_of(t) == ty as u64)
}

/// Puts the items of one dict into another: 0, or -1 to leave before anything is done, unless all keys are strs and none is in both.
pub unsafe extern "C" fn merge(d: Obj, more: Obj) -> i32 {
    // SAFETY: two exact dicts; looking strs up among strs runs no code, and nothing is replaced.
    unsafe {
        let names = |d: Obj| ffi::PyDict_Size(d) == 0 || read::<u8>(read::<Obj>(d, dict::KEYS), dict_keys::KIND) != GENERAL;
        if !names(d) || !names(more) {
            return -1;
        }
        let (mut at, mut key) = (0, ptr::null_mut());
        while ffi::PyDict_Size(d) != 0 && ffi::PyDict_Next(more, &mut at, &mut key, ptr::null_mut()) != 0 {
            if find(d, key) != Found::Missing {
                return -1;
            }
        }
        if ffi::PyDict_Update(d, more) < 0 {
            clear();
            return -1;
        }
        0
    }
}

/// 1, 0, or -1 to leave.
pub unsafe extern "C" fn contains(d: Obj, key: Obj) -> i8 {
    // SAFETY: an exact dict and an exact str or int.
    match unsafe { find(d, key) } {
        Found::Value(_) => 1,
        Found::Missing => 0,
        Found::Unsafe => -1,
    }
}

pub unsafe extern "C" fn dict_len(d: Obj) -> i64 {
    // SAFETY: an exact dict.
    unsafe { ffi::PyDict_Size(d) as i64 }
}

pub unsafe extern "C" fn set_len(s: Obj) -> i64 {
    // SAFETY: an exact set.
    unsafe { ffi::PySet_Size(s) as i64 }
}

/// A dict of alternating keys and values.
pub unsafe extern "C" fn new(items: *const Obj, n: usize) -> Obj {
    // SAFETY: `n` live objects; the dict is released when an item cannot be put in.
    unsafe {
        let d = ffi::PyDict_New();
        if d.is_null() {
            return d;
        }
        for i in (0..n).step_by(2) {
            if ffi::PyDict_SetItem(d, *items.add(i), *items.add(i + 1)) < 0 {
                ffi::Py_DECREF(d);
                return ptr::null_mut();
            }
        }
        d
    }
}

/// A new dict; null without memory.
pub unsafe extern "C" fn empty() -> Obj {
    // SAFETY: GIL held, as in all helpers.
    unsafe {
        let dict = ffi::PyDict_New();
        if dict.is_null() {
            ffi::PyErr_Clear();
        }
        dict
    }
}

/// A dict of alternating names (exact strs) and values; never null.
pub unsafe extern "C" fn of_names(items: *const Obj, n: usize) -> Obj {
    // SAFETY: `n` live objects, the keys exact strs, whose hashes and comparisons run no code.
    unsafe {
        let dict = ffi::PyDict_New();
        if dict.is_null() {
            frame::out_of_memory();
        }
        for i in (0..n).step_by(2) {
            if ffi::PyDict_SetItem(dict, *items.add(i), *items.add(i + 1)) < 0 {
                frame::out_of_memory();
            }
        }
        dict
    }
}

/// A set of the items.
pub unsafe extern "C" fn set_new(items: *const Obj, n: usize) -> Obj {
    // SAFETY: as in `new`.
    unsafe {
        let s = ffi::PySet_New(ptr::null_mut());
        if s.is_null() {
            return s;
        }
        for i in 0..n {
            if ffi::PySet_Add(s, *items.add(i)) < 0 {
                ffi::Py_DECREF(s);
                return ptr::null_mut();
            }
        }
        s
    }
}

/// The version of a table of str keys, a new one if it has none: as the interpreter gives them out when it specialises a global's
/// load. `None` when there are no more.
///
/// # Safety
/// The GIL is held; the keys of a live dict.
unsafe fn keys_version(keys: *mut u8) -> Option<u32> {
    // SAFETY: the interpreter's counter is a field of the running interpreter, changed under the GIL only.
    unsafe {
        let known: u32 = read(keys, dict_keys::VERSION);
        if known != 0 {
            return Some(known);
        }
        let next = ffi::PyInterpreterState_Get()
            .cast::<u8>()
            .add(interp::NEXT_KEYS_VERSION)
            .cast::<u32>();
        let version = next.read();
        if version == 0 {
            return None;
        }
        next.write(version.wrapping_add(1));
        write(keys, dict_keys::VERSION, version);
        Some(version)
    }
}

/// Where an exact dict of str keys has this very str: the version of its keys, the bytes from them to the pointer to the value, and the
/// value, borrowed. `None` where it has not.
pub unsafe fn entry(d: Obj, key: Obj) -> Option<(u32, u32, Obj)> {
    // SAFETY: an exact dict; the entries of keys of str alone are pairs of pointers, as many as `NENTRIES` says.
    unsafe {
        let keys: *mut u8 = read(d, dict::KEYS);
        if read::<u8>(keys, dict_keys::KIND) != UNICODE || read::<usize>(d, dict::VALUES) != 0 {
            return None;
        }
        let version = keys_version(keys)?;
        let start = dict_keys::INDICES + (1usize << read::<u8>(keys, dict_keys::LOG2_INDEX_BYTES));
        let n: usize = read(keys, dict_keys::NENTRIES);
        let at = (0..n).map(|i| start + 16 * i).find(|at| read::<Obj>(keys, *at) == key)? + 8;
        let value: Obj = read(keys, at);
        (!value.is_null()).then_some((version, at as u32, value))
    }
}
