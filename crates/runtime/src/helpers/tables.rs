//! Walks of the tables of dicts and sets, the way CPython does them, but none that would run Python code: a key is compared with those of the same hash, and
//! between plain values (exact strs, numbers, None, tuples of such) that runs none. Another type's `__eq__` may do anything; a walk gives up there.

use super::Obj;
use super::dict::{is_itself, is_plain};
use crate::gil::read;
use crate::layout as here;
use pyo3::ffi;
use whipsnake_abi::layout::{LONG_NON_SIZE_BITS, LONG_SIGN_MASK, dict_keys, long, set, tuple};
use whipsnake_hir::types::Ty;

unsafe extern "C" {
    fn PyUnicode_Equal(a: Obj, b: Obj) -> i32;
}

/// `dk_kind` of a table with keys of any type.
pub const GENERAL: u8 = 0;
/// The same where all are strs.
pub const UNICODE: u8 = 1;
/// Index entries that point nowhere.
const EMPTY: i64 = -1;

/// What is looked up.
pub trait Key {
    fn hash(&self) -> isize;
    /// Whether it is the same object.
    fn is(&self, other: Obj) -> bool;
    /// Whether it equals a key of the same hash, if that can be said without running Python code.
    ///
    /// # Safety
    /// The GIL is held; a live object.
    unsafe fn equals(&self, other: Obj) -> Option<bool>;
}

/// A plain value, or what is only equal to itself.
pub struct One {
    key: Obj,
    hash: isize,
}

impl One {
    /// # Safety
    /// The GIL is held; a live object of these kinds.
    pub unsafe fn new(key: Obj) -> One {
        // SAFETY: the contract.
        let hash = unsafe { hash_of(key) };
        One { key, hash }
    }
}

impl Key for One {
    fn hash(&self) -> isize {
        self.hash
    }
    fn is(&self, other: Obj) -> bool {
        other == self.key
    }
    unsafe fn equals(&self, other: Obj) -> Option<bool> {
        // SAFETY: the contract of `new` and of the trait.
        unsafe { equal(self.key, other) }
    }
}

/// A tuple that has not been made, by its items.
pub struct Apart<'a> {
    items: &'a [Obj],
    hash: isize,
}

impl Apart<'_> {
    /// None if hashing or comparing the items might run Python code.
    ///
    /// # Safety
    /// The GIL is held; live objects.
    pub unsafe fn new(items: &[Obj]) -> Option<Apart<'_>> {
        // SAFETY: the contract.
        unsafe {
            let plain = items.iter().all(|&o| is_plain(o, 1) || is_itself(o));
            plain.then(|| Apart {
                items,
                hash: tuple_hash(items),
            })
        }
    }
}

impl Key for Apart<'_> {
    fn hash(&self) -> isize {
        self.hash
    }
    fn is(&self, _other: Obj) -> bool {
        false
    }
    unsafe fn equals(&self, other: Obj) -> Option<bool> {
        // SAFETY: a live object; items of an exact tuple are live.
        unsafe {
            if ffi::PyTuple_CheckExact(other) != 0 {
                return equal_items(self.items, items_of(other));
            }
            (is_itself(other) || is_plain(other, 0)).then_some(false)
        }
    }
}

/// The hash of a tuple of these items, as CPython computes it (after xxHash).
unsafe fn tuple_hash(items: &[Obj]) -> isize {
    const PRIMES: [u64; 3] = [11_400_714_785_074_694_791, 14_029_467_366_897_019_727, 2_870_177_450_012_600_261];
    const LENGTH: u64 = PRIMES[2] ^ 3_527_539;
    const FOR_MINUS_ONE: isize = 1_546_275_796;
    let mut acc = PRIMES[2];
    for &o in items {
        // SAFETY: live objects whose hash runs no code.
        let lane = unsafe { hash_of(o) } as u64;
        acc = acc
            .wrapping_add(lane.wrapping_mul(PRIMES[1]))
            .rotate_left(31)
            .wrapping_mul(PRIMES[0]);
    }
    acc = acc.wrapping_add(items.len() as u64 ^ LENGTH);
    match acc as isize {
        -1 => FOR_MINUS_ONE,
        hash => hash,
    }
}

/// The hash of a plain value or of what is only equal to itself.
///
/// # Safety
/// The GIL is held; a live object of these kinds.
pub unsafe fn hash_of(key: Obj) -> isize {
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
///
/// # Safety
/// The GIL is held; a live object.
pub unsafe fn small_int(o: Obj) -> Option<i64> {
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

/// The outcome of a dict's walk: where the value is.
pub enum Search {
    At(*mut Obj),
    Missing,
    Unsafe,
}

/// Walks a dict's table: open addressing, the hash's higher bits mixed in step by step.
///
/// # Safety
/// The GIL is held; the keys of a live dict whose values are with them.
pub unsafe fn search(keys: *mut u8, key: &impl Key) -> Search {
    // SAFETY: the table has a power of two of index entries, whose width depends on their number, and then the entries that
    // they point at: {hash, key, value}, or {key, value} where all keys are strs. There is always an empty index, so the walk ends.
    unsafe {
        let hash = key.hash();
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
                let same = match () {
                    _ if key.is(other) => Some(true),
                    _ if its_hash() == hash => key.equals(other),
                    _ => Some(false),
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

/// Whether a set has this key, if that can be said without running Python code. After each place of the probe sequence come a few
/// neighbours, as long as they are within the table.
///
/// # Safety
/// The GIL is held; a live set.
pub unsafe fn in_set(s: Obj, key: &impl Key) -> Option<bool> {
    const NEIGHBOURS: usize = 9;
    // SAFETY: the table has `mask + 1` entries {key, hash} and always an empty one.
    unsafe {
        let hash = key.hash();
        let mask: usize = read(s, set::MASK);
        let table: *const (Obj, isize) = read(s, set::TABLE);
        let mut perturb = hash as usize;
        let mut i = hash as usize & mask;
        loop {
            let last = if i + NEIGHBOURS <= mask { i + NEIGHBOURS } else { i };
            for n in i..=last {
                let (other, h) = *table.add(n);
                if other.is_null() {
                    return Some(false);
                }
                if h == hash && (key.is(other) || key.equals(other)?) {
                    return Some(true);
                }
            }
            perturb >>= 5;
            i = i.wrapping_mul(5).wrapping_add(1).wrapping_add(perturb) & mask;
        }
    }
}

/// What is in a set, while it is not changed. (What CPython leaves behind for a key that has been taken out has the hash -1, as no key has.)
///
/// # Safety
/// The GIL is held; a live set.
pub unsafe fn keys_of(s: Obj) -> impl Iterator<Item = Obj> {
    // SAFETY: as in `in_set`.
    let table = unsafe {
        let mask: usize = read(s, set::MASK);
        std::slice::from_raw_parts(read::<*const (Obj, isize)>(s, set::TABLE), mask + 1)
    };
    table
        .iter()
        .filter(|(key, hash)| !key.is_null() && *hash != -1)
        .map(|(key, _)| *key)
}

/// Whether a plain value, or what is only equal to itself, equals another object, if that can be said without running Python code.
unsafe fn equal(key: Obj, other: Obj) -> Option<bool> {
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
            if a != tuple_ {
                return Some(false);
            }
            return equal_items(items_of(key), items_of(other));
        }
        if is_itself(other) {
            return Some(false);
        }
        is_plain(other, 0).then(|| ffi::PyObject_RichCompareBool(key, other, ffi::Py_EQ) == 1)
    }
}

/// The items of an exact tuple, while it lives.
///
/// # Safety
/// A live tuple, for as long as they are used.
pub unsafe fn items_of<'a>(t: Obj) -> &'a [Obj] {
    // SAFETY: a live tuple; they follow its length.
    unsafe { std::slice::from_raw_parts(t.cast::<u8>().add(tuple::ITEMS).cast(), ffi::PyTuple_GET_SIZE(t) as usize) }
}

/// Whether the items of two tuples are equal: the first that differ decide.
unsafe fn equal_items(items: &[Obj], others: &[Obj]) -> Option<bool> {
    if items.len() != others.len() {
        return Some(false);
    }
    for (&a, &b) in items.iter().zip(others) {
        // SAFETY: live objects.
        if a != b && !unsafe { equal(a, b) }? {
            return Some(false);
        }
    }
    Some(true)
}
