//! Everything that may run Python code, through CPython itself.

use super::Obj;
use super::int::_PyEval_BinaryOps;
use crate::hook;
use pyo3::ffi;
use std::ffi::c_int;
use std::ptr;

unsafe extern "C" {
    fn _PySuper_Lookup(class: *mut ffi::PyTypeObject, object: Obj, name: Obj, method: *mut c_int) -> Obj;
    fn _PyList_Extend(list: Obj, iterable: Obj) -> Obj;
}

pub unsafe extern "C" fn binary(a: Obj, b: Obj, op: i64) -> Obj {
    // SAFETY: live objects, and the argument of a BINARY_OP.
    unsafe { _PyEval_BinaryOps[op as usize](a, b) }
}

pub unsafe extern "C" fn compare(a: Obj, b: Obj, cc: i64) -> Obj {
    // SAFETY: live objects; the numbers are CPython's own.
    unsafe { ffi::PyObject_RichCompare(a, b, cc as c_int) }
}

pub unsafe extern "C" fn compare_bool(a: Obj, b: Obj, cc: i64) -> i8 {
    // SAFETY: as above; the result is released.
    unsafe {
        let result = ffi::PyObject_RichCompare(a, b, cc as c_int);
        if result.is_null() {
            return -1;
        }
        let truth = ffi::PyObject_IsTrue(result);
        ffi::Py_DECREF(result);
        truth as i8
    }
}

pub unsafe extern "C" fn truth(a: Obj) -> i8 {
    // SAFETY: a live object.
    unsafe { ffi::PyObject_IsTrue(a) as i8 }
}

pub unsafe extern "C" fn contains(needle: Obj, container: Obj) -> i8 {
    // SAFETY: live objects.
    unsafe { ffi::PySequence_Contains(container, needle) as i8 }
}

/// What [`iter_next`] returns with an exception set.
const ITER_RAISED: Obj = ptr::without_provenance_mut(1);

/// The next item; null when there is none. The exception of an attempt by the shortcut may be set already.
pub unsafe extern "C" fn iter_next(it: Obj) -> Obj {
    // SAFETY: a live iterator: what `iter()` returned has this slot.
    unsafe {
        if !ffi::PyErr_Occurred().is_null() {
            return ITER_RAISED;
        }
        let Some(next) = (*ffi::Py_TYPE(it)).tp_iternext else {
            ffi::PyErr_SetString(ffi::PyExc_TypeError, c"object is not an iterator".as_ptr());
            return ITER_RAISED;
        };
        let item = next(it);
        if item.is_null() && !ffi::PyErr_Occurred().is_null() {
            if ffi::PyErr_ExceptionMatches(ffi::PyExc_StopIteration) == 0 {
                return ITER_RAISED;
            }
            ffi::PyErr_Clear();
        }
        item
    }
}

/// An attribute by way of `super(class, object)`.
pub unsafe extern "C" fn super_attr(class: Obj, object: Obj, name: Obj) -> Obj {
    // SAFETY: live objects.
    unsafe {
        if ffi::PyType_Check(class) != 0 {
            return _PySuper_Lookup(class.cast(), object, name, ptr::null_mut());
        }
        let args = [class, object];
        let it = ffi::PyObject_Vectorcall((&raw mut ffi::PySuper_Type).cast(), args.as_ptr(), args.len(), ptr::null_mut());
        if it.is_null() {
            return it;
        }
        let found = ffi::PyObject_GetAttr(it, name);
        ffi::Py_DECREF(it);
        found
    }
}

pub unsafe extern "C" fn call_pos(callable: Obj, args: *const Obj, n: usize) -> Obj {
    // SAFETY: `n` live arguments.
    unsafe { hook::call(callable, args, n, ptr::null_mut()) }
}

/// The last arguments are the values of the keywords.
pub unsafe extern "C" fn call_kw(callable: Obj, names: Obj, args: *const Obj, n: usize) -> Obj {
    // SAFETY: `n` live arguments, at least as many as the tuple has names.
    unsafe {
        let keywords = ffi::PyTuple_Size(names) as usize;
        hook::call(callable, args, n - keywords, names)
    }
}

/// The last operand, if there is one, holds the keyword arguments.
pub unsafe extern "C" fn call_ex(callable: Obj, args: Obj, keywords: *const Obj, n: usize) -> Obj {
    // SAFETY: a live callable, an exact tuple, and an exact dict if there is any.
    unsafe { ffi::PyObject_Call(callable, args, if n == 0 { ptr::null_mut() } else { *keywords }) }
}

/// Binds a name in a namespace, as STORE_NAME does.
pub unsafe extern "C" fn store_name(namespace: Obj, name: Obj, value: Obj) -> i32 {
    // SAFETY: live objects.
    unsafe {
        if ffi::PyDict_CheckExact(namespace) != 0 {
            ffi::PyDict_SetItem(namespace, name, value)
        } else {
            ffi::PyObject_SetItem(namespace, name, value)
        }
    }
}

/// LIST_EXTEND, with its own words for what cannot be iterated over.
pub unsafe extern "C" fn list_extend(list: Obj, items: Obj) -> i32 {
    // SAFETY: a list and any object; the message's argument is a type name that outlives the call.
    unsafe {
        let none = _PyList_Extend(list, items);
        if !none.is_null() {
            ffi::Py_DECREF(none);
            return 0;
        }
        let ty = ffi::Py_TYPE(items);
        if ffi::PyErr_ExceptionMatches(ffi::PyExc_TypeError) != 0 && (*ty).tp_iter.is_none() && ffi::PySequence_Check(items) == 0 {
            ffi::PyErr_Clear();
            ffi::PyErr_Format(
                ffi::PyExc_TypeError,
                c"Value after * must be an iterable, not %.200s".as_ptr(),
                (*ty).tp_name,
            );
        }
        -1
    }
}
