//! Everything that may run Python code, through CPython itself.

use super::Obj;
use super::int::_PyEval_BinaryOps;
use pyo3::ffi;
use std::ffi::c_int;
use std::ptr;

unsafe extern "C" {
    fn _PyList_Extend(list: Obj, iterable: Obj) -> Obj;
    fn _PyObject_GetMethod(obj: Obj, name: Obj, method: *mut Obj) -> c_int;
}

/// Arguments of a method call that need no memory of their own.
const INLINE_ARGS: usize = 8;

pub unsafe extern "C" fn binary(a: Obj, b: Obj, op: i64) -> Obj {
    // SAFETY: live objects, and the argument of a BINARY_OP.
    unsafe { _PyEval_BinaryOps[op as usize](a, b) }
}

pub unsafe extern "C" fn compare(a: Obj, b: Obj, cc: i64) -> Obj {
    // SAFETY: live objects; the numbers are CPython's own.
    unsafe { ffi::PyObject_RichCompare(a, b, cc as c_int) }
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

pub unsafe extern "C" fn call_pos(callable: Obj, args: *const Obj, n: usize) -> Obj {
    // SAFETY: `n` live arguments.
    unsafe { ffi::PyObject_Vectorcall(callable, args, n, ptr::null_mut()) }
}

/// The last arguments are the values of the keywords.
pub unsafe extern "C" fn call_kw(callable: Obj, names: Obj, args: *const Obj, n: usize) -> Obj {
    // SAFETY: `n` live arguments, at least as many as the tuple has names.
    unsafe {
        let keywords = ffi::PyTuple_Size(names) as usize;
        ffi::PyObject_Vectorcall(callable, args, n - keywords, names)
    }
}

/// `obj.name(args)` without a bound method where there need not be one.
pub unsafe extern "C" fn call_method(name: Obj, obj: Obj, args: *const Obj, n: usize) -> Obj {
    // SAFETY: `n` live arguments; the copies are borrowed for the call. Before the first one there is a free place, as the
    // flag promises; the looked-up callable is released.
    unsafe {
        let mut method = ptr::null_mut();
        let unbound = _PyObject_GetMethod(obj, name, &mut method) != 0;
        if method.is_null() {
            return method;
        }
        let result = if unbound {
            let mut inline = [ptr::null_mut(); INLINE_ARGS + 2];
            let mut heap = Vec::new();
            let room: &mut [Obj] = if n <= INLINE_ARGS {
                &mut inline
            } else {
                heap.resize(n + 2, ptr::null_mut());
                &mut heap
            };
            room[1] = obj;
            for i in 0..n {
                room[i + 2] = *args.add(i);
            }
            let flag = ffi::PY_VECTORCALL_ARGUMENTS_OFFSET;
            ffi::PyObject_Vectorcall(method, room.as_ptr().add(1), (n + 1) | flag, ptr::null_mut())
        } else {
            ffi::PyObject_Vectorcall(method, args, n, ptr::null_mut())
        };
        ffi::Py_DECREF(method);
        result
    }
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
