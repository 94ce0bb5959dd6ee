//! State that the GIL protects, and raw access to the interpreter's structs.
//!
//! Invariant: a closure handed to [`Gil::with`] runs no Python code and does not come back to the same cell. Python
//! code is run by anything that may drop a reference or call an object, so callers take what they need out of the
//! cell first. A breach is caught by a flag and ends the process instead of corrupting it.

use std::cell::{Cell, UnsafeCell};
use std::hash::{BuildHasherDefault, Hasher};

/// A value that only the thread holding the GIL touches.
pub struct Gil<T> {
    busy: Cell<bool>,
    value: UnsafeCell<T>,
}

// SAFETY: every access goes through `with`, whose contract is that the caller holds the GIL: one thread at a time.
unsafe impl<T> Sync for Gil<T> {}

impl<T> Gil<T> {
    pub const fn new(value: T) -> Self {
        Gil {
            busy: Cell::new(false),
            value: UnsafeCell::new(value),
        }
    }

    /// Lends the value.
    ///
    /// # Safety
    /// The caller holds the GIL, and `f` runs no Python code.
    pub unsafe fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        assert!(!self.busy.replace(true), "state of the compiler was entered twice");
        // SAFETY: the GIL keeps other threads out and the flag keeps this one from a second loan.
        let r = f(unsafe { &mut *self.value.get() });
        self.busy.set(false);
        r
    }
}

/// Reads a field of one of the interpreter's structs.
///
/// # Safety
/// `base + offset` is the address of an initialised `T` (offsets come from `abi::layout`, checked at start-up).
#[inline(always)]
pub unsafe fn read<T: Copy>(base: *const impl Sized, offset: usize) -> T {
    // SAFETY: the caller's promise; fields are naturally aligned, as the compiler of CPython laid them out.
    unsafe { base.cast::<u8>().add(offset).cast::<T>().read() }
}

/// Writes a field of one of the interpreter's structs.
///
/// # Safety
/// As for [`read`], and the field may be written.
#[inline(always)]
pub unsafe fn write<T: Copy>(base: *mut impl Sized, offset: usize, value: T) {
    // SAFETY: the caller's promise.
    unsafe { base.cast::<u8>().add(offset).cast::<T>().write(value) }
}

/// A hash for addresses: one multiplication.
#[derive(Default)]
pub struct AddressHasher(u64);

impl Hasher for AddressHasher {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for b in bytes {
            self.write_u64(u64::from(*b));
        }
    }
    fn write_usize(&mut self, v: usize) {
        self.write_u64(v as u64);
    }
    fn write_isize(&mut self, v: isize) {
        self.write_u64(v as u64);
    }
    fn write_u64(&mut self, v: u64) {
        self.0 = (self.0 ^ v).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23);
    }
}

/// A map keyed by addresses or by hashes.
pub type AddressMap<K, V> = std::collections::HashMap<K, V, BuildHasherDefault<AddressHasher>>;
/// An empty map, usable in a static.
pub const fn no_hash() -> BuildHasherDefault<AddressHasher> {
    BuildHasherDefault::new()
}
