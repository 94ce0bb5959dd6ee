//! Shortcuts for iteration: making and stepping iterators of the interpreter's own types, which run no Python code.

use super::attrs::slot;
use super::quick::{Kind::*, kind};
use super::{Obj, frees_only_memory, or_leave};
use crate::gil::read;
use crate::layout as here;
use pyo3::ffi::{self, PyTypeObject};
use std::ffi::CStr;
use std::ptr;
use whipsnake_abi::layout::{enumerate, list, object, seq_iter, tuple, zip};
use whipsnake_hir::types::Ty;

/// "Declined" for an iterator's next item, where null means that it is done.
const DECLINED: Obj = ptr::without_provenance_mut(2);
/// Where iterators over dicts and sets keep what they iterate over: in their first field.
const SOURCE: usize = object::TYPE + 8;
/// Iterators in iterators that are looked into.
const DEEPEST: usize = 3;

/// The iterator over a builtin container, or an iterator, which is its own.
pub(super) unsafe extern "C" fn quick_get_iter(o: Obj) -> Obj {
    // SAFETY: a live object.
    unsafe {
        let ty = ffi::Py_TYPE(o);
        let is = |t: *mut PyTypeObject| ty == t;
        let fine = match kind(o) {
            List | Tuple | Str | Bytes | Range | Dict | Set => true,
            Other => {
                slot!(ty, tp_iter) == ffi::PyObject_SelfIter as *const () as usize && (*ty).tp_iternext.is_some()
                    || is(&raw mut ffi::PyDictItems_Type)
                    || is(&raw mut ffi::PyDictKeys_Type)
                    || is(&raw mut ffi::PyDictValues_Type)
                    || is(&raw mut ffi::PyFrozenSet_Type)
                    || slot!(ty, tp_iter) == slot!(&raw const ffi::PyDict_Type, tp_iter)
            }
            _ => false,
        };
        if fine {
            or_leave(ffi::PyObject_GetIter(o))
        } else {
            ptr::null_mut()
        }
    }
}

/// What a builtin iterator iterates over, null when it is done; nothing for other objects.
pub(super) unsafe fn source(it: Obj) -> Option<Obj> {
    // SAFETY: a live object; the types that are let through have the fields.
    unsafe {
        let ty = ffi::Py_TYPE(it);
        let address = ty as u64;
        let is = |t: *mut PyTypeObject| ty == t;
        if address == here::type_of(Ty::RangeIter) || here::is_str_iter(address) {
            // They hold nothing but numbers or a string.
            Some(ptr::null_mut())
        } else if address == here::type_of(Ty::ListIter) || address == here::type_of(Ty::TupleIter) {
            Some(read(it, seq_iter::SEQ))
        } else if is(&raw mut ffi::PyDictIterKey_Type)
            || is(&raw mut ffi::PyDictIterValue_Type)
            || is(&raw mut ffi::PyDictIterItem_Type)
            || is(&raw mut ffi::PySetIter_Type)
        {
            Some(read(it, SOURCE))
        } else {
            Option::None
        }
    }
}

/// Whether the iterator's next step runs no code. One that is done drops what it iterates over: that must not be the last reference to
/// anything whose end could run some.
unsafe fn steps_quietly(it: Obj, depth: usize) -> bool {
    // SAFETY: a live iterator; each case reads what the exact type has.
    unsafe {
        if let Some(s) = source(it) {
            if s.is_null() || read::<i32>(s, object::REFCNT) != 1 {
                return true;
            }
            let length = match kind(s) {
                List => read::<isize>(s, list::LEN),
                Tuple => read::<isize>(s, tuple::LEN),
                _ => return false,
            };
            return read::<isize>(it, seq_iter::INDEX) < length || frees_only_memory(s);
        }
        if depth == DEEPEST {
            return false;
        }
        let ty = ffi::Py_TYPE(it);
        let address = ty as u64;
        if address == here::enumerate_type() {
            return read::<usize>(it, enumerate::LONG_INDEX) == 0 && steps_quietly(read(it, enumerate::INNER), depth + 1);
        }
        if address == here::zip_type() {
            let inner: Obj = read(it, zip::INNER);
            return !inner.is_null()
                && read::<i32>(it, zip::STRICT) == 0
                && (0..ffi::PyTuple_GET_SIZE(inner)).all(|i| steps_quietly(ffi::PyTuple_GET_ITEM(inner, i), depth + 1));
        }
        ffi::PyType_GetFlags(ty) & ffi::Py_TPFLAGS_IMMUTABLETYPE != 0 && CStr::from_ptr((*ty).tp_name) == c"_collections._deque_iterator"
    }
}

pub(super) unsafe extern "C" fn quick_iter_next(it: Obj) -> Obj {
    // SAFETY: a live iterator.
    unsafe {
        if !steps_quietly(it, 0) {
            return DECLINED;
        }
        let Some(next) = (*ffi::Py_TYPE(it)).tp_iternext else {
            return DECLINED;
        };
        let item = next(it);
        if item.is_null() && !ffi::PyErr_Occurred().is_null() {
            // Asked again, an iterator that has complained says that it is at its end: `iter_next` finds the exception.
            return DECLINED;
        }
        item
    }
}
