//! Shortcuts for attributes: loads and stores that find a plain value where the interpreter's own ways of looking lead, without
//! descriptors that run code.

use super::quick::{DECLINED, Kind, items, kind, leaf, may_go, or_decline};
use super::tables::GENERAL;
use super::{Obj, dict, or_leave};
use crate::gil::read;
use crate::layout as here;
use pyo3::ffi::{self, PyTypeObject};
use std::ffi::{CStr, c_int};
use std::ptr;
use std::sync::OnceLock;
use whipsnake_abi::layout::{MANAGED_DICT, dict as dict_object, dict_keys};
use whipsnake_hir::types::Ty;

unsafe extern "C" {
    static mut PyStaticMethod_Type: PyTypeObject;
    static mut PyClassMethod_Type: PyTypeObject;
    fn _PyObject_GenericGetAttrWithDict(o: Obj, name: Obj, dict: Obj, suppress: c_int) -> Obj;
    fn _PyType_Lookup(class: *mut PyTypeObject, name: Obj) -> Obj;
}

/// The address of a slot's function.
macro_rules! slot {
    ($ty:expr, $field:ident) => {
        (*$ty).$field.map_or(0, |f| f as *const () as usize)
    };
}
pub(super) use slot;

/// Whether what a class has by some name takes part in a load without running Python code, whatever else the object has.
unsafe fn is_tame(found: Obj) -> bool {
    // SAFETY: a live object that a class holds; the fields are those of the exact types.
    unsafe {
        let class = ffi::Py_TYPE(found);
        let is = |t: *mut PyTypeObject| class == t;
        (*class).tp_descr_get.is_none()
            || is(&raw mut ffi::PyMemberDescr_Type)
            || is(&raw mut ffi::PyMethodDescr_Type)
            || class as u64 == here::type_of(Ty::Func)
            || is(&raw mut PyStaticMethod_Type)
            || is(&raw mut PyClassMethod_Type)
            || is(&raw mut ffi::PyGetSetDescr_Type) && is_tame_field(found.cast())
            || is_field_of_tuple(class)
    }
}

/// Whether what a builtin class computes for this attribute is only taken from a field: of an exception, or the name of a function.
unsafe fn is_tame_field(found: *mut ffi::PyGetSetDescrObject) -> bool {
    // SAFETY: a live descriptor, with the definition that its class has for ever.
    unsafe {
        let owner = (*found).d_common.d_type;
        let name = || CStr::from_ptr((*(*found).d_getset).name);
        owner == ffi::PyExc_BaseException.cast::<PyTypeObject>()
            || owner == &raw mut ffi::PyFunction_Type && matches!(name().to_bytes(), b"__name__" | b"__qualname__")
    }
}

/// Whether this is the type of a named tuple's fields.
unsafe fn is_field_of_tuple(class: *mut PyTypeObject) -> bool {
    // SAFETY: a live class, whose name is a C string.
    unsafe {
        ffi::PyType_GetFlags(class) & ffi::Py_TPFLAGS_IMMUTABLETYPE != 0 && CStr::from_ptr((*class).tp_name) == c"collections._tuplegetter"
    }
}

/// Whether looking a name up among what an object has itself compares strs alone.
unsafe fn has_only_names(o: Obj, class: *mut PyTypeObject) -> bool {
    // SAFETY: a live object of this class; a dict in its place is live or null.
    unsafe {
        let at = if ffi::PyType_GetFlags(class) & ffi::Py_TPFLAGS_MANAGED_DICT != 0 {
            MANAGED_DICT as isize
        } else {
            (*class).tp_dictoffset
        };
        if at == 0 {
            return true;
        }
        let d: Obj = *o.byte_offset(at).cast();
        let usual = at == MANAGED_DICT as isize || at > 0;
        usual && (d.is_null() || read::<u8>(read::<Obj>(d, dict_object::KEYS), dict_keys::KIND) != GENERAL)
    }
}

/// An attribute found the usual way, without descriptors that run code: of an instance, a class or a module.
pub(super) unsafe extern "C" fn quick_get_attr(o: Obj, name: Obj) -> Obj {
    // SAFETY: a live object and an exact str; looking it up in the class runs no code, and neither do these descriptors.
    unsafe {
        let class = ffi::Py_TYPE(o);
        if slot!(class, tp_getattro) != ffi::PyObject_GenericGetAttr as *const () as usize {
            return special_get_attr(o, class, name);
        }
        let found = _PyType_Lookup(class, name);
        if !found.is_null() && !is_tame(found) || !has_only_names(o, class) {
            return ptr::null_mut();
        }
        or_leave(ffi::PyObject_GenericGetAttr(o, name))
    }
}

/// An attribute of a class or a module.
unsafe fn special_get_attr(o: Obj, class: *mut PyTypeObject, name: Obj) -> Obj {
    // SAFETY: as in `quick_get_attr`.
    unsafe {
        if slot!(class, tp_getattro) == slot!(&raw const ffi::PyType_Type, tp_getattro) {
            // What the metaclass has by this name might come first.
            if !_PyType_Lookup(class, name).is_null() {
                return ptr::null_mut();
            }
            let found = _PyType_Lookup(o.cast(), name);
            if found.is_null() || !is_tame(found) || ffi::Py_TYPE(found) == &raw mut ffi::PyGetSetDescr_Type {
                return ptr::null_mut();
            }
            return or_leave(ffi::PyObject_GetAttr(o, name));
        }
        if ffi::PyModule_CheckExact(o) != 0 && _PyType_Lookup(class, name).is_null() {
            let d = ffi::PyModule_GetDict(o);
            if let dict::Found::Value(v) = dict::find(d, name) {
                return ffi::Py_NewRef(v);
            }
        }
        ptr::null_mut()
    }
}

/// An attribute stored in an instance, its slots included, or in a class.
pub(super) unsafe extern "C" fn quick_set_attr(o: Obj, name: Obj, value: Obj) -> i32 {
    // SAFETY: live objects, the name an exact str. What is replaced is looked at before it goes; the object holds it meanwhile.
    unsafe {
        let class = ffi::Py_TYPE(o);
        let found = _PyType_Lookup(class, name);
        let in_the_way = !found.is_null()
            && (!is_tame(found)
                || (*ffi::Py_TYPE(found)).tp_descr_set.is_some() && ffi::Py_TYPE(found) != &raw mut ffi::PyMemberDescr_Type);
        if in_the_way {
            return DECLINED;
        }
        let old = if slot!(class, tp_setattro) == ffi::PyObject_GenericSetAttr as *const () as usize {
            if !has_only_names(o, class) {
                return DECLINED;
            }
            // Null where there is none, and no exception.
            let old = _PyObject_GenericGetAttrWithDict(o, name, ptr::null_mut(), 1);
            if !old.is_null() {
                // The object or its class holds it, unless it was made for the occasion: a method bound to the object.
                let made = ffi::Py_REFCNT(old) == 1;
                ffi::Py_DECREF(old);
                if made {
                    return DECLINED;
                }
            }
            old
        } else if slot!(class, tp_setattro) == slot!(&raw const ffi::PyType_Type, tp_setattro) && is_ordinary_name(name) {
            _PyType_Lookup(o.cast(), name)
        } else {
            return DECLINED;
        };
        if !old.is_null() && !may_go(old) {
            return DECLINED;
        }
        or_decline(ffi::PyObject_SetAttr(o, name, value))
    }
}

/// Not the name of a special method: storing one changes what the class does.
unsafe fn is_ordinary_name(name: Obj) -> bool {
    // SAFETY: an exact str, looked at as far as it goes.
    unsafe {
        let underscore = |i: isize| ffi::PyUnicode_ReadChar(name, i) == u32::from(b'_');
        ffi::PyUnicode_GetLength(name) > 1 && !(underscore(0) && underscore(1))
    }
}

/// Whether an object is an instance of a class, or of one of a tuple of classes, where no class has a say of its own in that.
pub(super) unsafe fn quick_isinstance(o: Obj, class: Obj) -> Option<bool> {
    // SAFETY: live objects; the items of a tuple are live.
    unsafe {
        let ty = ffi::Py_TYPE(o);
        if ty.cast() == class {
            return Some(true);
        }
        if ffi::PyTuple_CheckExact(class) != 0 {
            for &item in items(class, Kind::Tuple) {
                if kind(item) == Kind::Tuple {
                    return None;
                }
                if quick_isinstance(o, item)? {
                    return Some(true);
                }
            }
            return Some(false);
        }
        if ffi::Py_TYPE(class) != &raw mut ffi::PyType_Type {
            return None;
        }
        if ffi::PyType_IsSubtype(ty, class.cast()) != 0 {
            return Some(true);
        }
        // It may claim to be of another class than it is.
        let name = CLASS.get_or_init(|| ffi::PyUnicode_InternFromString(c"__class__".as_ptr()) as usize);
        let claim = |t: *mut PyTypeObject| _PyType_Lookup(t, *name as Obj);
        let honest = leaf(kind(o))
            || slot!(ty, tp_getattro) == ffi::PyObject_GenericGetAttr as *const () as usize
                && *name != 0
                && claim(ty) == claim(&raw mut ffi::PyBaseObject_Type);
        honest.then_some(false)
    }
}

/// The interned name of the attribute that says what class an object is of.
static CLASS: OnceLock<usize> = OnceLock::new();
