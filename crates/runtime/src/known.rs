//! The interpreter's own functions, classes and iterator types, as they were before any program changed a name.

use pyo3::ffi::{self, PyObject};
use pyo3::prelude::*;
use pyo3::types::{PyCFunction, PyTuple, PyType};
use std::collections::HashMap;
use std::sync::OnceLock;
use whipsnake_hir::snapshot::Intrinsic;

/// An iterator type that entering compiled code can take apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IterType {
    Range,
    List,
    ListReversed,
    Tuple,
    Str,
    Bytes,
    Bytearray,
    Enumerate,
    Zip,
}

struct Known {
    intrinsics: Vec<(usize, Intrinsic)>,
    iterators: Vec<(usize, IterType)>,
}

static KNOWN: OnceLock<Known> = OnceLock::new();

/// Calls one of the interpreter's own functions: a new reference, or null with an exception set.
///
/// # Safety
/// The GIL is held; live objects (borrowed). The intrinsic was found at start-up, as every one that compiled code uses was.
pub unsafe fn call(which: Intrinsic, args: &[*mut PyObject]) -> *mut PyObject {
    let known = KNOWN.get().map_or(&[][..], |k| &k.intrinsics);
    let (function, _) = known.iter().find(|(_, i)| *i == which).expect("in use, so it was found");
    // SAFETY: the contract; the function is held for ever.
    unsafe { ffi::PyObject_Vectorcall(*function as *mut PyObject, args.as_ptr(), args.len(), std::ptr::null_mut()) }
}

/// Finds them; once a process. All of them are held for ever.
pub fn init(py: Python<'_>) -> PyResult<()> {
    if KNOWN.get().is_some() {
        return Ok(());
    }
    let mut intrinsics = Vec::new();
    for &i in Intrinsic::ALL {
        let (module, name) = i.path();
        let (module, class) = module.split_once('.').map_or((module, None), |(m, c)| (m, Some(c)));
        let mut place = py.import(module)?.into_any();
        if let Some(class) = class {
            place = place.getattr(class)?;
        }
        // A name that is missing or replaced is an intrinsic no longer.
        let Ok(found) = place.getattr(name) else { continue };
        let own = if class.is_some() {
            found.getattr("__objclass__").is_ok_and(|c| c.is(&place))
        } else if i.is_class() {
            // SAFETY: any object.
            found.is_instance_of::<PyType>() && unsafe { ffi::PyType_GetFlags(found.as_ptr().cast()) } & ffi::Py_TPFLAGS_HEAPTYPE == 0
        } else {
            found.is_instance_of::<PyCFunction>() && found.getattr("__module__")?.extract::<String>().is_ok_and(|m| m == module)
        };
        if own && found.getattr("__name__")?.extract::<String>()? == name {
            intrinsics.push((found.into_ptr() as usize, i));
        }
    }
    let samples = py.eval(
        c"(iter(range(1)), iter([]), reversed([]), iter(()), iter('a'), iter('\\u20ac'), iter(b''), iter(bytearray()), enumerate(()), zip())",
        None,
        None,
    )?;
    use IterType::*;
    let types = [Range, List, ListReversed, Tuple, Str, Str, Bytes, Bytearray, Enumerate, Zip];
    let iterators = samples
        .cast_into::<PyTuple>()?
        .iter()
        .zip(types)
        .map(|(o, t)| (o.get_type().into_ptr() as usize, t))
        .collect();
    let _ = KNOWN.set(Known { intrinsics, iterators });
    Ok(())
}

/// The builtin that this object is.
pub fn intrinsic(o: *mut PyObject) -> Option<Intrinsic> {
    KNOWN.get()?.intrinsics.iter().find(|(p, _)| *p == o as usize).map(|(_, i)| *i)
}

/// The address of every builtin.
pub fn addresses() -> HashMap<Intrinsic, u64> {
    let known = KNOWN.get().map(|k| &k.intrinsics[..]).unwrap_or_default();
    known.iter().map(|(p, i)| (*i, *p as u64)).collect()
}

/// The iterator type of an object.
///
/// # Safety
/// The GIL is held; a live object.
pub unsafe fn iter_type(o: *mut PyObject) -> Option<IterType> {
    // SAFETY: the contract.
    let ty = unsafe { ffi::Py_TYPE(o) } as usize;
    KNOWN.get()?.iterators.iter().find(|(p, _)| *p == ty).map(|(_, t)| *t)
}
