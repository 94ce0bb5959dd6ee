//! Dicts and sets.
//!
//! Looking a key up compares it with keys of the same hash. Between exact strs and exact ints that runs no Python
//! code, but another type's `__eq__` may do anything. [`find`] therefore walks the table itself, the way CPython does, and
//! gives up at a key that it may not compare. Only the table of an instance's attributes, which keeps its values elsewhere, is searched by
//! CPython.

use super::attrs::slot;
use super::quick::{Kind, kind};
use super::{Obj, clear, leave};
use crate::frame;
use crate::gil::{read, write};
use crate::layout as here;
use pyo3::ffi;
use std::ptr;
use whipsnake_abi::layout::{LONG_NON_SIZE_BITS, LONG_SIGN_MASK, dict, dict_keys, interp, long, object};
use whipsnake_hir::types::Ty;

unsafe extern "C" {
    fn _PyDict_GetItem_KnownHash(dict: Obj, key: Obj, hash: isize) -> Obj;
    fn PyUnicode_Equal(a: Obj, b: Obj) -> i32;
}

/// `dk_kind` of a table with keys of any type.
pub const GENERAL: u8 = 0;
const UNICODE: u8 = 1;
/// Index entries that point nowhere.
const EMPTY: i64 = -1;

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
            return match search(keys, key, hash_of(key)) {
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

/// The hash of a key that [`find`] takes.
unsafe fn hash_of(key: Obj) -> isize {
    // SAFETY: a live object; a str keeps its hash once it has been asked for. Hashing a key of these kinds runs no code.
    unsafe {
        if ffi::PyUnicode_CheckExact(key) != 0 {
            let hash = (*key.cast::<ffi::PyASCIIObject>()).hash;
            return if hash == -1 { ffi::PyObject_Hash(key) } else { hash };
        }
        match small_int(key) {
            // An int of one digit is its own hash, but for the number that stands for an error.
            Some(-1) => -2,
            Some(i) => i as isize,
            None => ffi::PyObject_Hash(key),
        }
    }
}

/// The value of an exact int of at most one digit.
unsafe fn small_int(o: Obj) -> Option<i64> {
    // SAFETY: a live object; the fields are those of an exact int.
    unsafe {
        if ffi::PyLong_CheckExact(o) == 0 {
            return None;
        }
        let tag: usize = read(o, long::TAG);
        let sign = 1 - (tag & LONG_SIGN_MASK) as i64;
        (tag < 2 << LONG_NON_SIZE_BITS).then(|| sign * i64::from(read::<u32>(o, long::DIGITS)))
    }
}

/// The outcome of a walk: where the value is.
enum Search {
    At(*mut Obj),
    Missing,
    Unsafe,
}

/// Walks a table: open addressing, the hash's higher bits mixed in step by step.
unsafe fn search(keys: *mut u8, key: Obj, hash: isize) -> Search {
    // SAFETY: the table has a power of two of index entries, whose width depends on their number, and then the entries that
    // they point at: {hash, key, value}, or {key, value} where all keys are strs. There is always an empty index, so the walk ends.
    unsafe {
        let size_bits = read::<u8>(keys, dict_keys::LOG2_SIZE);
        let indices = keys.add(dict_keys::INDICES);
        let entries = indices.add(1 << read::<u8>(keys, dict_keys::LOG2_INDEX_BYTES));
        let general = read::<u8>(keys, dict_keys::KIND) == GENERAL;
        let (size, at_key) = if general { (24, 8) } else { (16, 0) };
        let mask = (1usize << size_bits) - 1;
        let mut perturb = hash as usize;
        let mut i = hash as usize & mask;
        loop {
            let ix = match size_bits {
                0..8 => i64::from(read::<i8>(indices, i)),
                8..16 => i64::from(read::<i16>(indices, 2 * i)),
                16..32 => i64::from(read::<i32>(indices, 4 * i)),
                _ => read::<i64>(indices, 8 * i),
            };
            if ix == EMPTY {
                return Search::Missing;
            }
            if ix >= 0 {
                let entry = entries.add(size * ix as usize);
                let other: Obj = read(entry, at_key);
                let its_hash = || if general { read::<isize>(entry, 0) } else { hash_of(other) };
                let same = if other == key {
                    Some(true)
                } else if its_hash() == hash {
                    equal(key, other)
                } else {
                    Some(false)
                };
                match same {
                    Some(true) => return Search::At(entry.add(at_key + size_of::<Obj>()).cast()),
                    Some(false) => {}
                    None => return Search::Unsafe,
                }
            }
            perturb >>= 5;
            i = i.wrapping_mul(5).wrapping_add(perturb).wrapping_add(1) & mask;
        }
    }
}

/// Whether a key that [`find`] takes equals another, if that can be said without running Python code.
pub unsafe fn equal(key: Obj, other: Obj) -> Option<bool> {
    // SAFETY: live objects; the comparison of these exact types runs no code and does not fail.
    unsafe {
        if let (Some(a), Some(b)) = (small_int(key), small_int(other)) {
            return Some(a == b);
        }
        let (a, b) = (ffi::Py_TYPE(key) as u64, ffi::Py_TYPE(other) as u64);
        let (str_, tuple_) = (here::type_of(Ty::Str), here::type_of(Ty::Tuple));
        if b == str_ {
            return Some(a == str_ && PyUnicode_Equal(key, other) == 1);
        }
        if b == tuple_ {
            return if a == tuple_ { equal_tuples(key, other) } else { Some(false) };
        }
        if is_itself(other) {
            return Some(false);
        }
        is_plain(other, 0).then(|| ffi::PyObject_RichCompareBool(key, other, ffi::Py_EQ) == 1)
    }
}

/// The same of two exact tuples: the first items that differ decide.
unsafe fn equal_tuples(key: Obj, other: Obj) -> Option<bool> {
    // SAFETY: live tuples and their items.
    unsafe {
        let n = ffi::PyTuple_GET_SIZE(key);
        if n != ffi::PyTuple_GET_SIZE(other) {
            return Some(false);
        }
        for i in 0..n {
            let (a, b) = (ffi::PyTuple_GET_ITEM(key, i), ffi::PyTuple_GET_ITEM(other, i));
            if a != b && !equal(a, b)? {
                return Some(false);
            }
        }
        Some(true)
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
        match search(read(d, dict::KEYS), key, hash_of(key)) {
            Search::Unsafe => return -1,
            Search::At(place) if dies_aloud(*place) => return -1,
            Search::At(place) if may_hold(d, value) => {
                let old = ptr::replace(place, ffi::Py_NewRef(value));
                ffi::Py_DECREF(old);
                return 0;
            }
            Search::At(_) | Search::Missing => {}
        }
        store(d, key, value)
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

unsafe fn store(d: Obj, key: Obj, value: Obj) -> i32 {
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
unsafe fn dies_aloud(o: Obj) -> bool {
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
