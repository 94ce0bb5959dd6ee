//! Storing in place of a reference that a container holds, where compiled code does not do it itself.
//!
//! Nothing happens where the old object would die and is not of a leaf type: freeing it could run code, and the values that compiled code has
//! borrowed from the place may be part of it.

use super::Obj;
use super::quick::{Kind, kind};
use super::spares::{box_float, box_int, dealloc_leaf};
use crate::gil::read;
use pyo3::ffi;
use whipsnake_abi::layout::{inline_values, object};
use whipsnake_hir::ops::AttrAt;
use whipsnake_lower::attr_at;

/// Whether freeing an object touches nothing else.
unsafe fn is_leaf(o: Obj) -> bool {
    // SAFETY: a live object.
    unsafe {
        matches!(kind(o), Kind::Number | Kind::Str | Kind::Bytes | Kind::None)
            || ffi::PyLong_CheckExact(o) != 0
            || ffi::Py_TYPE(o) == &raw mut ffi::PyComplex_Type
    }
}

/// Stores what `make` makes, a reference for the place. 0: nothing has happened.
#[inline(always)]
unsafe fn store(place: *mut Obj, make: impl FnOnce() -> Obj) -> i32 {
    // SAFETY: called by compiled code with a place of a live container, which holds a reference or null.
    unsafe {
        let old = *place;
        let last = !old.is_null() && read::<i32>(old, object::REFCNT) == 1;
        if last && !is_leaf(old) {
            return 0;
        }
        *place = make();
        if last {
            dealloc_leaf(old);
        } else if !old.is_null() {
            ffi::Py_DECREF(old);
        }
        1
    }
}

pub unsafe extern "C" fn object(place: *mut Obj, new: Obj) -> i32 {
    // SAFETY: called by compiled code, as its part that this calls asks.
    unsafe { store(place, || new) }
}
pub unsafe extern "C" fn int(place: *mut Obj, new: i64) -> i32 {
    // SAFETY: called by compiled code, as its part that this calls asks.
    unsafe { store(place, || box_int(new)) }
}
pub unsafe extern "C" fn float(place: *mut Obj, new: f64) -> i32 {
    // SAFETY: called by compiled code, as its part that this calls asks.
    unsafe { store(place, || box_float(new)) }
}

/// Notes that the attribute is the latest that an instance got.
///
/// # Safety
/// The GIL is held, and the instance has its attributes inline there, or in slots.
pub unsafe fn note_order(o: Obj, at: AttrAt) {
    if at.valid == 0 {
        return;
    }
    // SAFETY: the contract. The order is kept behind as many places for values as there are, an index a byte.
    unsafe {
        let values = o.cast::<u8>().add(at.valid as usize - inline_values::VALID);
        let first = values.add(inline_values::VALUES);
        let index = o.cast::<u8>().add(at.offset as usize).offset_from(first) as usize / size_of::<Obj>();
        let capacity = usize::from(*values.add(inline_values::CAPACITY));
        let size = values.add(inline_values::SIZE);
        *first.add(size_of::<Obj>() * capacity + usize::from(*size)) = index as u8;
        *size += 1;
    }
}

#[inline(always)]
unsafe fn set(o: Obj, at: i64, make: impl FnOnce() -> Obj) -> i32 {
    let at = attr_at::unpack(at);
    // SAFETY: called by compiled code with an instance that has this attribute's place.
    unsafe {
        let place = o.cast::<u8>().add(at.offset as usize).cast::<Obj>();
        let first = (*place).is_null();
        let stored = store(place, make);
        if first {
            note_order(o, at);
        }
        stored
    }
}

pub unsafe extern "C" fn set_object(o: Obj, at: i64, new: Obj) -> i32 {
    // SAFETY: called by compiled code, as its part that this calls asks.
    unsafe { set(o, at, || new) }
}
pub unsafe extern "C" fn set_int(o: Obj, at: i64, new: i64) -> i32 {
    // SAFETY: called by compiled code, as its part that this calls asks.
    unsafe { set(o, at, || box_int(new)) }
}
pub unsafe extern "C" fn set_float(o: Obj, at: i64, new: f64) -> i32 {
    // SAFETY: called by compiled code, as its part that this calls asks.
    unsafe { set(o, at, || box_float(new)) }
}
