//! Boxes for numbers, made ahead.
//!
//! Compiled code that boxes takes one that is ready and writes the number into it, instead of calling an allocator each time; when
//! none is left, a call makes a batch of them. They are ordinary ints, floats and complex numbers of the interpreter's, with one reference
//! each, which nobody has. Numbers that die in compiled code, and those in lists that do, are put aside again: a program that
//! makes a list of numbers from the last one over and over would otherwise spend its time in the allocator. Guarded by the GIL.
//!
//! **Order.** Boxes are handed out in the order in which the allocator, or the list that they are from, had them: what a program
//! makes in a row lies in a row. Otherwise each list made from the last one would be a little more out of order in memory, and
//! walking it would miss the processor's caches in the end.

use super::Obj;
use super::int::{NEGATIVE, boxed, boxed_complex, boxed_float};
use super::quick::{Kind, items, kind};
use crate::gil::{read, write};
use pyo3::ffi;
use std::cell::UnsafeCell;
use std::ptr;
use whipsnake_abi::layout::{LONG_NON_SIZE_BITS, LONG_SHIFT, SMALL_INT_MAX, SMALL_INT_MIN, complex, float, long, object};
use whipsnake_lower::spares::MOST;

/// Boxes made at once.
const BATCH: usize = 32;
/// How deep lists are followed.
const DEPTH: u32 = 2;

/// Laid out as compiled code expects: [`whipsnake_lower::spares`].
#[repr(C)]
struct Spares {
    count: i64,
    boxes: [Obj; MOST],
}

struct Shared(UnsafeCell<Spares>);

// SAFETY: only touched with the GIL held.
unsafe impl Sync for Shared {}

impl Shared {
    const fn new() -> Shared {
        let boxes = [std::ptr::null_mut(); MOST];
        Shared(UnsafeCell::new(Spares { count: 0, boxes }))
    }
    fn address(&self) -> u64 {
        self.0.get() as u64
    }
    #[allow(clippy::mut_from_ref)]
    unsafe fn get(&self) -> &mut Spares {
        // SAFETY: the GIL is held, and none of the borrowers runs code that comes back here.
        unsafe { &mut *self.0.get() }
    }
    /// Makes a batch where there are none.
    unsafe fn refill(&self, make: impl Fn() -> Obj) {
        // SAFETY: the caller's promise.
        let s = unsafe { self.get() };
        if s.count == 0 {
            s.boxes[..BATCH].iter_mut().rev().for_each(|b| *b = make());
            s.count = BATCH as i64;
        }
    }
    /// One of those that there are.
    unsafe fn take(&self) -> Obj {
        // SAFETY: the caller's promise.
        let s = unsafe { self.get() };
        s.count -= 1;
        s.boxes[s.count as usize]
    }
    /// Puts one aside, if there is room.
    unsafe fn keep(&self, o: Obj) -> bool {
        // SAFETY: the caller's promise.
        let s = unsafe { self.get() };
        let room = (s.count as usize) < MOST;
        if room {
            s.boxes[s.count as usize] = o;
            s.count += 1;
        }
        room
    }
}

/// Gives up the last reference to an object of a leaf type.
pub unsafe extern "C" fn dealloc_leaf(o: Obj) {
    // SAFETY: called by compiled code, with an object that only it holds.
    unsafe {
        let ty = ffi::Py_TYPE(o);
        let kept = if ty == &raw mut ffi::PyFloat_Type {
            FLOATS.keep(o)
        } else {
            ty == &raw mut ffi::PyComplex_Type && COMPLEXES.keep(o)
        };
        if !kept {
            ffi::Py_DECREF(o);
        }
    }
}

static INTS: Shared = Shared::new();
static FLOATS: Shared = Shared::new();
static COMPLEXES: Shared = Shared::new();

pub fn ints() -> u64 {
    INTS.address()
}
pub fn floats() -> u64 {
    FLOATS.address()
}
pub fn complexes() -> u64 {
    COMPLEXES.address()
}

/// Takes the numbers out of a list that is about to be freed, and out of lists that it alone holds.
///
/// # Safety
/// The GIL is held; a live object, which nobody will look at again but to free it.
pub unsafe fn harvest(list: Obj) {
    // SAFETY: the contract.
    unsafe { harvest_in(list, DEPTH) }
}

unsafe fn harvest_in(list: Obj, depth: u32) {
    // SAFETY: the contract. Of an exact list, each item is live or null; where one is taken, the list is left with null.
    unsafe {
        if kind(list) != Kind::List {
            return;
        }
        let items = items(list, Kind::List);
        let Some(&first) = items.first().filter(|o| !o.is_null()) else {
            return;
        };
        let only = |o: Obj| !o.is_null() && read::<i32>(o, object::REFCNT) == 1;
        let (float, int) = (&raw mut ffi::PyFloat_Type, &raw mut ffi::PyLong_Type);
        let complex = &raw mut ffi::PyComplex_Type;
        let ty = ffi::Py_TYPE(first);
        if ty == &raw mut ffi::PyList_Type && depth > 0 {
            items.iter().filter(|o| only(**o)).for_each(|o| harvest_in(*o, depth - 1));
        }
        let spares = match ty {
            t if t == float => FLOATS.get(),
            t if t == complex => COMPLEXES.get(),
            t if t == int => INTS.get(),
            _ => return,
        };
        let places = items.as_ptr().cast_mut();
        let room = MOST - spares.count as usize;
        for i in (0..items.len().min(room)).rev() {
            let o = *places.add(i);
            let one_digit = || read::<usize>(o, long::TAG) >> LONG_NON_SIZE_BITS == 1;
            if only(o) && ffi::Py_TYPE(o) == ty && (ty != int || one_digit()) {
                spares.boxes[spares.count as usize] = o;
                spares.count += 1;
                *places.add(i) = ptr::null_mut();
            }
        }
    }
}

/// A new int; never null.
pub unsafe extern "C" fn box_int(i: i64) -> Obj {
    // SAFETY: called by compiled code. The boxes are of one digit, and of no preallocated int.
    unsafe {
        let magnitude = i.unsigned_abs();
        if (SMALL_INT_MIN..=SMALL_INT_MAX).contains(&i) || magnitude >> LONG_SHIFT != 0 {
            return boxed(i);
        }
        INTS.refill(|| boxed(1 << 20));
        let new = INTS.take();
        let sign = if i < 0 { NEGATIVE } else { 0 };
        write(new, long::TAG, 1 << LONG_NON_SIZE_BITS | sign);
        write(new, long::DIGITS, magnitude as u32);
        new
    }
}

/// A new float; never null.
pub unsafe extern "C" fn box_float(f: f64) -> Obj {
    // SAFETY: called by compiled code.
    unsafe {
        FLOATS.refill(|| boxed_float(0.0));
        let new = FLOATS.take();
        write(new, float::VALUE, f);
        new
    }
}

/// A new complex number; never null.
pub unsafe extern "C" fn box_complex(re: f64, im: f64) -> Obj {
    // SAFETY: called by compiled code.
    unsafe {
        COMPLEXES.refill(|| boxed_complex(0.0, 0.0));
        let new = COMPLEXES.take();
        write(new, complex::VALUE, [re, im]);
        new
    }
}
