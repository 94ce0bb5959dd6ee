//! The interpreter's own functions, classes and iterator types, as they were before any program changed a name.

use crate::layout;
use pyo3::ffi::{self, PyObject};
use pyo3::prelude::*;
use pyo3::types::{PyCFunction, PyString, PyTuple, PyType};
use std::ffi::{CStr, c_char};
use std::sync::OnceLock;
use whipsnake_hir::builtins::{self, Builtin, Care};
use whipsnake_hir::maps::HashMap;
use whipsnake_hir::snapshot::{BINARY_METHODS, COMPARE_METHODS, Intrinsic, OTHER_METHODS};
use whipsnake_hir::types::Ty;

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
    Array,
    Enumerate,
    Zip,
}

struct Known {
    special: Vec<(&'static str, usize)>,
    dealloc: usize,
    intrinsics: Vec<(usize, Intrinsic)>,
    iterators: Vec<(usize, IterType)>,
    /// The namespace that the import machinery runs in.
    importing: usize,
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
            let is_owner = |name| found.getattr(name).is_ok_and(|c| c.is(&place));
            is_owner("__objclass__") || is_owner("__self__")
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
    let names = BINARY_METHODS
        .as_flattened()
        .iter()
        .chain(&COMPARE_METHODS)
        .chain(&OTHER_METHODS)
        .chain(&["__init__", "__new__", "__class__"]);
    let special = names.map(|n| (*n, PyString::intern(py, n).into_ptr() as usize)).collect();
    let class = py.eval(c"type('C', (), {})", None, None)?;
    // SAFETY: a class.
    let dealloc = unsafe { (*class.as_ptr().cast::<ffi::PyTypeObject>()).tp_dealloc }.map_or(0, |f| f as usize);
    let _ = KNOWN.set(Known {
        special,
        dealloc,
        intrinsics,
        iterators,
        importing: py.import("_frozen_importlib")?.dict().as_ptr() as usize,
    });
    Ok(())
}

/// Whether a namespace is that of the import machinery.
pub fn imports(globals: *mut PyObject) -> bool {
    KNOWN.get().is_some_and(|k| k.importing == globals as usize)
}

/// The address of every builtin.
pub fn addresses() -> HashMap<Intrinsic, u64> {
    let known = KNOWN.get().map(|k| &k.intrinsics[..]).unwrap_or_default();
    known.iter().map(|(p, i)| (*i, *p as u64)).collect()
}

/// The special methods of interest, with the addresses of their interned names.
pub fn special_names() -> &'static [(&'static str, usize)] {
    KNOWN.get().map_or(&[], |k| &k.special)
}

/// The interned name of one of them.
pub fn special_name(name: &str) -> Option<*mut PyObject> {
    let found = special_names().iter().find(|(n, _)| *n == name);
    found.map(|(_, key)| *key as *mut PyObject)
}

/// The `tp_dealloc` of classes written in Python.
pub fn instance_dealloc() -> usize {
    KNOWN.get().map_or(0, |k| k.dealloc)
}

/// The builtin that this object is.
pub fn intrinsic(o: *mut PyObject) -> Option<Intrinsic> {
    KNOWN.get()?.intrinsics.iter().find(|(p, _)| *p == o as usize).map(|(_, i)| *i)
}

/// Whether an object is a builtin that lives for ever, or a method of a class that nobody can change.
///
/// # Safety
/// The GIL is held; a live object.
pub unsafe fn is_eternal(o: *mut PyObject) -> bool {
    // SAFETY: the contract; the field is that of the exact type.
    unsafe {
        let of_fixed_class = || {
            let d = &*o.cast::<ffi::PyMethodDescrObject>();
            ffi::PyType_GetFlags(d.d_common.d_type) & ffi::Py_TPFLAGS_IMMUTABLETYPE != 0
        };
        intrinsic(o).is_some() || ffi::Py_TYPE(o) == &raw mut ffi::PyMethodDescr_Type && of_fixed_class()
    }
}

/// The iterator type of an object.
///
/// # Safety
/// The GIL is held; a live object.
pub unsafe fn iter_type(o: *mut PyObject) -> Option<IterType> {
    // SAFETY: the contract.
    let ty = unsafe { ffi::Py_TYPE(o) } as usize;
    if ty as u64 == layout::array_iter() {
        return Some(IterType::Array);
    }
    KNOWN.get()?.iterators.iter().find(|(p, _)| *p == ty).map(|(_, t)| *t)
}

/// A class as the compiler knows it.
pub fn exact_type(class: *mut PyObject) -> Ty {
    layout::types()
        .iter()
        .position(|a| *a == class as u64)
        .map_or(Ty::Any, |i| Ty::ALL[i])
}

/// The promise that holds for calls of this very object, whatever is known of the class that it may be a method of.
///
/// # Safety
/// The GIL is held; a live object.
pub unsafe fn care(o: *mut PyObject) -> Care {
    // SAFETY: the contract; fields are those of the exact type.
    unsafe {
        if ffi::Py_TYPE(o) != &raw mut ffi::PyMethodDescr_Type {
            return builtin(o).map_or(Care::Any, |b| b.care);
        }
        let d = &*o.cast::<ffi::PyMethodDescrObject>();
        named(d.d_common.d_type, d.d_method).map_or(Care::Any, |known| known.0)
    }
}

/// What is known of a class's method.
unsafe fn named(class: *mut ffi::PyTypeObject, method: *const ffi::PyMethodDef) -> Option<(Care, Ty)> {
    // SAFETY: a live class and its method; names are C strings.
    unsafe { Some(builtins::lookup(text((*class).tp_name)?, text((*method).ml_name)?)) }
}

unsafe fn text<'a>(p: *const c_char) -> Option<&'a str> {
    // SAFETY: null, or a C string that lives as long as its owner.
    unsafe { (!p.is_null()).then(|| CStr::from_ptr(p).to_str().ok()).flatten() }
}

/// What is known of a builtin function or of a method of a C class, by the names that its C code gives them.
///
/// # Safety
/// The GIL is held; a live object.
pub unsafe fn builtin(o: *mut PyObject) -> Option<Builtin> {
    // SAFETY: the contract; fields are those of the exact type, names are C strings that live as long as their owners.
    unsafe {
        let ty = ffi::Py_TYPE(o);
        if ty == &raw mut ffi::PyMethodDescr_Type {
            let d = &*o.cast::<ffi::PyMethodDescrObject>();
            let class = d.d_common.d_type;
            let (care, result) = named(class, d.d_method)?;
            let receiver = Some(exact_type(class.cast()));
            return Some(Builtin { care, result, receiver });
        }
        if ty != &raw mut ffi::PyCFunction_Type {
            return None;
        }
        let f = &*o.cast::<ffi::PyCFunctionObject>();
        let function = text((*f.m_ml).ml_name)?;
        let owner = if f.m_self.is_null() {
            None
        } else if ffi::PyModule_CheckExact(f.m_self) != 0 {
            let def = ffi::PyModule_GetDef(f.m_self);
            if def.is_null() { None } else { text((*def).m_name) }
        } else {
            // A method bound to an instance of a C class, or of a class derived from one.
            let bases = (*ffi::Py_TYPE(f.m_self)).tp_mro;
            let mut bases = (0..ffi::PyTuple_GET_SIZE(bases)).map(|i| ffi::PyTuple_GET_ITEM(bases, i).cast::<ffi::PyTypeObject>());
            let owner = bases.find(|b| !(**b).tp_methods.is_null() && has_method((**b).tp_methods, f.m_ml));
            owner.and_then(|b| text((*b).tp_name))
        };
        let (care, result) = builtins::lookup(owner.unwrap_or_default(), function);
        Some(Builtin {
            care,
            result,
            receiver: None,
        })
    }
}

/// Whether a class's table of methods has this entry.
unsafe fn has_method(mut table: *const ffi::PyMethodDef, entry: *const ffi::PyMethodDef) -> bool {
    // SAFETY: a class's table ends with an entry without a name.
    unsafe {
        while !(*table).ml_name.is_null() {
            if table == entry {
                return true;
            }
            table = table.add(1);
        }
        false
    }
}
