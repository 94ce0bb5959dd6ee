//! What classes say: methods of builtin types by name, and classes written in Python.

use crate::attributes::{MOST_CLASSES, wrapped};
use crate::capture::{CALL_DEPTH, Cx, DATA_DEPTH, text, tuple_items, ty_of};
use crate::gil::read;
use crate::invalidate::{self, Assumption};
use crate::{known, layout};
use pyo3::ffi::{self, PyObject};
use std::ffi::c_int;
use whipsnake_abi::bytecode::Instr;
use whipsnake_abi::layout as abi;
use whipsnake_abi::opcode as op;
use whipsnake_hir::maps::HashMap;
use whipsnake_hir::snapshot::{ClassAttr, ClassInfo, Const, Desc, Feedback};
use whipsnake_hir::types::Ty;

unsafe extern "C" {
    fn PyUnstable_Type_AssignVersionTag(class: *mut ffi::PyTypeObject) -> c_int;
    fn _PyType_Lookup(class: *mut ffi::PyTypeObject, name: *mut PyObject) -> *mut PyObject;
}

impl Cx {
    /// The methods of builtin types that the code may mean by the names it calls methods by.
    ///
    /// # Safety
    /// The GIL is held; the arguments belong to one live code object.
    pub unsafe fn builtin_methods(&mut self, names: &[*mut PyObject], instrs: &[Instr]) {
        for i in instrs.iter().filter(|i| i.op == op::LOAD_ATTR && i.arg & 1 == 1) {
            let name = names[(i.arg >> 1) as usize];
            // SAFETY: GIL held; names are exact strs; a builtin type and what it holds stay for ever.
            unsafe {
                let Some(key) = text(name) else { continue };
                for ty in Ty::ALL {
                    let class = layout::types()[*ty as usize] as *mut ffi::PyTypeObject;
                    if class.is_null() || matches!(ty, Ty::Module | Ty::Type | Ty::Any) {
                        continue;
                    }
                    let found = _PyType_Lookup(class, name);
                    if !found.is_null() && ffi::Py_TYPE(found) == &raw mut ffi::PyMethodDescr_Type {
                        let known = self.describe(found, 0, &[], CALL_DEPTH);
                        self.methods.insert((*ty, key.clone()), known);
                    }
                }
            }
        }
    }

    /// Notes a class written in Python; its version, 0 for any other.
    ///
    /// # Safety
    /// The GIL is held; a live class.
    pub unsafe fn class(&mut self, class: *mut ffi::PyTypeObject, depth: u32) -> u32 {
        // SAFETY: GIL held; a live class, whose version is assigned here if need be. Looking an attribute up in a class runs no
        // code; what it finds is in some namespace of the class.
        unsafe {
            if let Some(c) = self.classes.get(&(class as u64)) {
                return c.version;
            }
            let written = |c: *mut ffi::PyTypeObject| ffi::PyType_GetFlags(c) & ffi::Py_TPFLAGS_HEAPTYPE != 0;
            if !written(class) || depth >= CALL_DEPTH || PyUnstable_Type_AssignVersionTag(class) == 0 {
                return 0;
            }
            let version = read::<u32>(class.cast::<PyObject>(), abi::type_object::VERSION_TAG);
            let bases = tuple_items((*class).tp_mro);
            let object = &raw mut ffi::PyBaseObject_Type;
            let dealloc = |c: *mut ffi::PyTypeObject| (*c).tp_dealloc.map_or(0, |f| f as usize);
            let pure = |c: *mut ffi::PyTypeObject| c == object || written(c) && dealloc(c) == known::instance_dealloc();
            let pure = bases.iter().all(|c| pure(c.cast()));
            let silent = (*class).tp_finalize.is_none() && (*class).tp_del.is_none();
            let of_tuple = ffi::PyType_FastSubclass(class, ffi::Py_TPFLAGS_TUPLE_SUBCLASS) != 0;
            let own = |of: *mut ffi::PyTypeObject| known::special_name("__class__").map(|key| _PyType_Lookup(of, key));
            let info = ClassInfo {
                version,
                candid: own(class) == own(object),
                pure,
                quiet: pure && silent,
                tuple: of_tuple && silent && dealloc(class) == known::instance_dealloc(),
                new: None,
                bases: bases.into_iter().map(|c| c as u64).collect(),
                special: HashMap::default(),
                init: None,
                lasting: false,
                kind: ty_of(class.cast()),
                attrs: HashMap::default(),
                places: HashMap::default(),
            };
            // Noted first: its methods may name it.
            self.classes.insert(class as u64, info);
            let mut special = HashMap::default();
            for &(name, key) in known::special_names() {
                let found = _PyType_Lookup(class, key as *mut PyObject);
                if found.is_null() || ffi::Py_TYPE(found) == &raw mut ffi::PyWrapperDescr_Type {
                    continue;
                }
                let known = (ty_of(found) == Ty::Func).then(|| self.describe(found, 0, &[], depth));
                self.receives(found, version);
                special.insert(name, known.filter(|k| matches!(k.desc, Desc::Func(_))));
            }
            let kind = &raw const ffi::PyType_Type;
            let meta = &*ffi::Py_TYPE(class.cast());
            let (calls, news) = (meta.tp_call.map(|f| f as usize), (*class).tp_new.map(|f| f as usize));
            let plain = calls == (*kind).tp_call.map(|f| f as usize)
                && news == (*object).tp_new.map(|f| f as usize)
                && (*class).tp_alloc.map(|f| f as usize) == Some(ffi::PyType_GenericAlloc as *const () as usize)
                && ffi::PyType_GetFlags(class) & ffi::Py_TPFLAGS_IS_ABSTRACT == 0;
            let init = special.remove("__init__").flatten().filter(|_| plain);
            special.remove("__new__");
            special.remove("__class__");
            let quits = (*class).tp_init.map(|f| f as usize) == (*object).tp_init.map(|f| f as usize);
            let calls = calls == (*kind).tp_call.map(|f| f as usize);
            let new = if calls && quits { self.new_function(class, depth) } else { None };
            if let Some(c) = self.classes.get_mut(&(class as u64)) {
                c.special = special;
                c.init = init;
                c.new = new;
            }
            version
        }
    }

    /// Whether a class may be named by compiled code: it is written in Python, and that it stays as it is can be assumed. What the codes load from it is noted
    /// by [`Cx::locate_others`].
    ///
    /// # Safety
    /// The GIL is held; a live class.
    pub unsafe fn lasts(&mut self, class: *mut ffi::PyTypeObject, depth: u32) -> bool {
        // SAFETY: the contract.
        unsafe {
            let full = self.class_values.len() >= MOST_CLASSES && !self.class_values.contains(&(class as u64));
            if full || self.class(class, depth) == 0 || invalidate::is_changing_class(class.cast()) {
                return false;
            }
            if self.class_values.insert(class as u64) {
                self.assumptions.push(Assumption::Class(class.cast()));
                self.classes.entry(class as u64).and_modify(|c| c.lasting = true);
            }
            true
        }
    }

    /// A class's own `__new__`, if that is a Python function.
    unsafe fn new_function(&mut self, class: *mut ffi::PyTypeObject, depth: u32) -> Option<Const> {
        // SAFETY: a live class; looking an attribute up in it runs no code, and what it finds is in some namespace of the class.
        unsafe {
            let found = _PyType_Lookup(class, known::special_name("__new__")?);
            if found.is_null() {
                return None;
            }
            let (func, of_class) = wrapped(found)?;
            let known = (ty_of(func) == Ty::Func && !of_class).then(|| self.describe(func, 0, &[], depth))?;
            matches!(known.desc, Desc::Func(_)).then_some(known)
        }
    }

    /// Notes attributes of a class itself, of those names that it has. Only for classes that keep to how `type` looks attributes up; what
    /// their own class (the metaclass) has comes first there, so such names are left out.
    ///
    /// # Safety
    /// The GIL is held; a live class, and exact strs.
    pub unsafe fn class_attributes(&mut self, class: *mut ffi::PyTypeObject, names: &[*mut PyObject], depth: u32) {
        // SAFETY: the contract. Looking an attribute up in a class runs no code; what is found is held by a namespace of the class.
        unsafe {
            let meta = ffi::Py_TYPE(class.cast());
            let kind = &raw mut ffi::PyType_Type;
            let plain = (*meta).tp_getattro.map(|f| f as usize) == (*kind).tp_getattro.map(|f| f as usize);
            if names.is_empty() || !plain || self.class(class, depth) == 0 || invalidate::is_changing_class(class.cast()) {
                return;
            }
            let mut assumed = false;
            for &name in names {
                let Some(key) = text(name) else { continue };
                if self.classes[&(class as u64)].attrs.contains_key(&key) || !_PyType_Lookup(meta, name).is_null() {
                    continue;
                }
                let found = _PyType_Lookup(class, name);
                if found.is_null() {
                    continue;
                }
                // A method is described with its code, which may name the class.
                let Some(attr) = self.class_attribute(found, depth) else { continue };
                if let Some(c) = self.classes.get_mut(&(class as u64)) {
                    c.attrs.insert(key, attr);
                    assumed = true;
                }
            }
            if assumed {
                self.assumptions.push(Assumption::Class(class.cast()));
                if meta != kind {
                    self.assumptions.push(Assumption::Class(meta.cast()));
                }
            }
        }
    }

    /// What loading this from the class that has it comes to.
    unsafe fn class_attribute(&mut self, found: *mut PyObject, depth: u32) -> Option<ClassAttr> {
        // SAFETY: a live object that a class holds; it holds what it wraps.
        unsafe {
            if let Some((func, of_class)) = wrapped(found) {
                let known = self.class_value(func, depth);
                return if of_class {
                    matches!(known.desc, Desc::Func(_)).then_some(ClassAttr::Method(known))
                } else {
                    Some(ClassAttr::Plain(known))
                };
            }
            let whole = ty_of(found) == Ty::Func || self.is_no_descriptor(found);
            whole.then(|| ClassAttr::Plain(self.class_value(found, depth)))
        }
    }

    /// Whether something that a class holds is no descriptor. Where its own class may be changed, that this does not make it one is assumed.
    ///
    /// # Safety
    /// The GIL is held; a live object.
    pub unsafe fn is_no_descriptor(&mut self, o: *mut PyObject) -> bool {
        // SAFETY: a live object and its class, whose version is assigned here if need be.
        unsafe {
            let of = ffi::Py_TYPE(o);
            if (*of).tp_descr_get.is_some() {
                return false;
            }
            let fixed = ffi::PyType_GetFlags(of) & ffi::Py_TPFLAGS_IMMUTABLETYPE != 0;
            let stays = fixed || !invalidate::is_changing_class(of.cast()) && PyUnstable_Type_AssignVersionTag(of) != 0;
            if stays && !fixed {
                self.assumptions.push(Assumption::Class(of.cast()));
            }
            stays
        }
    }

    /// An object that a class which is assumed to stay as it is keeps alive.
    unsafe fn class_value(&mut self, o: *mut PyObject, depth: u32) -> Const {
        // SAFETY: a live object.
        unsafe {
            if ty_of(o) == Ty::Func {
                self.assumptions.push(Assumption::Func(o));
            }
            self.describe(o, DATA_DEPTH, &[], depth)
        }
    }

    /// Notes the classes that exits of some code have met.
    ///
    /// # Safety
    /// The GIL is held.
    pub unsafe fn learned_classes(&mut self, feedback: &HashMap<u32, Feedback>, depth: u32) {
        for &version in feedback.values().flat_map(|f| f.classes.values()) {
            // SAFETY: a type found by its version is alive.
            unsafe {
                if let Some(class) = type_of_version(version) {
                    self.class(class.cast(), depth);
                }
            }
        }
    }
}

/// The type with a version tag, if it is still known by it.
///
/// The interpreter's table of types by version has one place for many of them, and the versions of its own types, given from 1 up, are soon
/// overtaken by those of a program's classes, whose first one is a multiple of the table's size: the builtin types of interest are asked
/// one by one.
///
/// # Safety
/// The GIL is held.
pub unsafe fn type_of_version(version: u32) -> Option<*mut PyObject> {
    // SAFETY: the contract; the cache holds live types or null, and builtin types live for ever.
    unsafe {
        let interp: *const u8 = read(ffi::PyThreadState_GetUnchecked(), abi::tstate::INTERP);
        let slot = version as usize % abi::NUMBER_OF_VERSIONS;
        let ty: *mut PyObject = read(interp, abi::interp::TYPE_VERSION_CACHE + slot * size_of::<usize>());
        let is_it = |ty: &*mut PyObject| version != 0 && !ty.is_null() && read::<u32>(*ty, abi::type_object::VERSION_TAG) == version;
        let builtin = || layout::types().into_iter().map(|t| t as *mut PyObject).find(is_it);
        Some(ty).filter(is_it).or_else(builtin)
    }
}
