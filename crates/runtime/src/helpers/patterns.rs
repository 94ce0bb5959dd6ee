//! What `match` asks about a subject.

use super::attrs::{quick_get_attr, quick_isinstance};
use super::dict::{self, Found};
use super::tables::items_of;
use super::{Obj, tuple_new};
use pyo3::ffi::{self, PyThreadState, PyTypeObject};
use std::ptr;
use std::sync::OnceLock;

unsafe extern "C" {
    fn _PyEval_MatchKeys(tstate: *mut PyThreadState, map: Obj, keys: Obj) -> Obj;
    fn _PyType_Lookup(class: *mut PyTypeObject, name: Obj) -> Obj;
    fn _PyEval_MatchClass(tstate: *mut PyThreadState, subject: Obj, class: Obj, count: ffi::Py_ssize_t, names: Obj) -> Obj;
}

/// `Py_TPFLAGS_SEQUENCE` and `Py_TPFLAGS_MAPPING`.
const SEQUENCE: std::ffi::c_ulong = 1 << 5;
const MAPPING: std::ffi::c_ulong = 1 << 6;
/// `_Py_TPFLAGS_MATCH_SELF`: what comes by position is the subject itself.
const MATCH_SELF: std::ffi::c_ulong = 1 << 22;
/// The most attributes or keys that the shortcuts take.
const MOST: usize = 8;

/// Whether an object's class counts as one of sequences.
pub unsafe extern "C" fn is_sequence(o: Obj) -> i8 {
    // SAFETY: a live object.
    i8::from(unsafe { ffi::PyType_GetFlags(ffi::Py_TYPE(o)) } & SEQUENCE != 0)
}

/// Whether an object's class counts as one of mappings.
pub unsafe extern "C" fn is_mapping(o: Obj) -> i8 {
    // SAFETY: a live object.
    i8::from(unsafe { ffi::PyType_GetFlags(ffi::Py_TYPE(o)) } & MAPPING != 0)
}

/// The length; `i64::MIN` with an exception set.
pub unsafe extern "C" fn length(o: Obj) -> i64 {
    // SAFETY: a live object.
    match unsafe { ffi::PyObject_Size(o) } {
        -1 => i64::MIN,
        n => n as i64,
    }
}

/// The values of the keys, a tuple, or None if one is missing; null with an exception set.
pub unsafe extern "C" fn keys(map: Obj, keys: Obj) -> Obj {
    // SAFETY: a live subject, and the tuple of keys that the compiler has made.
    unsafe { _PyEval_MatchKeys(ffi::PyThreadState_GetUnchecked(), map, keys) }
}

/// The attributes that a class pattern asks for, a tuple, or None if the subject does not match; null with an exception set.
pub unsafe extern "C" fn class(subject: Obj, class: Obj, names: Obj, count: i64) -> Obj {
    // SAFETY: live objects, and the tuple of names that the compiler has made.
    unsafe {
        let found = _PyEval_MatchClass(ffi::PyThreadState_GetUnchecked(), subject, class, count as ffi::Py_ssize_t, names);
        if found.is_null() && ffi::PyErr_Occurred().is_null() {
            return ffi::Py_NewRef(ffi::Py_None());
        }
        found
    }
}

/// Values gathered for a tuple, each with a reference.
struct Gathered {
    values: [Obj; MOST],
    n: usize,
}

impl Gathered {
    fn new() -> Gathered {
        Gathered {
            values: [ptr::null_mut(); MOST],
            n: 0,
        }
    }

    fn push(&mut self, value: Obj) {
        self.values[self.n] = value;
        self.n += 1;
    }

    unsafe fn into_tuple(self) -> Obj {
        // SAFETY: that many references, which go into the tuple.
        unsafe { tuple_new(self.values.as_ptr(), self.n) }
    }

    /// Lets go of them; what a shortcut declines with. They are held by the subject, too, so none dies.
    unsafe fn drop_all(self) -> Obj {
        // SAFETY: references of our own.
        self.values[..self.n].iter().for_each(|&v| unsafe { ffi::Py_DECREF(v) });
        ptr::null_mut()
    }
}

/// As [`keys`], for an exact dict and strs; null where that might run Python code.
pub unsafe extern "C" fn quick_keys(map: Obj, keys: Obj) -> Obj {
    // SAFETY: live objects; the keys are looked up without running code.
    unsafe {
        let keys = items_of(keys);
        let strs = keys.iter().all(|&k| ffi::PyUnicode_CheckExact(k) != 0);
        if ffi::PyDict_CheckExact(map) == 0 || !strs || keys.len() > MOST {
            return ptr::null_mut();
        }
        let mut found = Gathered::new();
        for (i, &key) in keys.iter().enumerate() {
            let twice = keys[..i].contains(&key);
            match dict::find(map, key) {
                Found::Value(v) if !twice => found.push(ffi::Py_NewRef(v)),
                Found::Missing if !twice => {
                    found.drop_all();
                    return ffi::Py_NewRef(ffi::Py_None());
                }
                _ => return found.drop_all(),
            }
        }
        found.into_tuple()
    }
}

/// As [`class`]; null where that might run Python code, and where it fails.
pub unsafe extern "C" fn quick_class(subject: Obj, class: Obj, names: Obj, count: i64) -> Obj {
    static MATCH_ARGS: OnceLock<usize> = OnceLock::new();
    // SAFETY: live objects; attributes are loaded where that runs no code, and what a class holds lives while nothing runs.
    unsafe {
        if ffi::Py_TYPE(class) != &raw mut ffi::PyType_Type {
            return ptr::null_mut();
        }
        match quick_isinstance(subject, class) {
            None => return ptr::null_mut(),
            Some(false) => return ffi::Py_NewRef(ffi::Py_None()),
            Some(true) => {}
        }
        let (names, count) = (items_of(names), count as usize);
        if names.len() + count > MOST {
            return ptr::null_mut();
        }
        let mut found = Gathered::new();
        let mut positional: &[Obj] = &[];
        if count > 0 {
            let key = *MATCH_ARGS.get_or_init(|| ffi::PyUnicode_InternFromString(c"__match_args__".as_ptr()) as usize);
            if key == 0 {
                ffi::PyErr_Clear();
                return ptr::null_mut();
            }
            let args = _PyType_Lookup(class.cast(), key as Obj);
            if args.is_null() {
                if count > 1 || ffi::PyType_GetFlags(class.cast()) & MATCH_SELF == 0 {
                    return ptr::null_mut();
                }
                found.push(ffi::Py_NewRef(subject));
            } else {
                if ffi::PyTuple_CheckExact(args) == 0 || items_of(args).len() < count {
                    return ptr::null_mut();
                }
                positional = &items_of(args)[..count];
            }
        }
        let all: Vec<Obj> = positional.iter().chain(names).copied().collect();
        for (i, &name) in all.iter().enumerate() {
            let known = ffi::PyUnicode_CheckExact(name) != 0 && !all[..i].iter().any(|&n| ffi::PyUnicode_Compare(n, name) == 0);
            let value = if known { quick_get_attr(subject, name) } else { ptr::null_mut() };
            if value.is_null() {
                return found.drop_all();
            }
            found.push(value);
        }
        found.into_tuple()
    }
}
