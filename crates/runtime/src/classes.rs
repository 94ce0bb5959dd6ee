//! What classes say: where the inline caches of attribute instructions have found things, methods of builtin types by name, and
//! classes written in Python.

use crate::capture::{CALL_DEPTH, Cx, DATA_DEPTH, text, tuple_items, ty_of};
use crate::gil::{read, write};
use crate::invalidate::Assumption;
use crate::{known, layout};
use pyo3::ffi::{self, PyMemberDescrObject, PyObject};
use std::collections::HashMap;
use std::ffi::c_int;
use std::sync::atomic::{AtomicU32, Ordering};
use whipsnake_abi::bytecode::{self, Instr};
use whipsnake_abi::layout as abi;
use whipsnake_abi::opcode as op;
use whipsnake_hir::ops::AttrAt;
use whipsnake_hir::snapshot::{AttrSite, AttrSites, ClassInfo, Const, Desc, Feedback};
use whipsnake_hir::types::Ty;

unsafe extern "C" {
    fn PyUnstable_Type_AssignVersionTag(class: *mut ffi::PyTypeObject) -> c_int;
    fn PyUnicode_Equal(a: *mut PyObject, b: *mut PyObject) -> c_int;
    fn _PyType_Lookup(class: *mut ffi::PyTypeObject, name: *mut PyObject) -> *mut PyObject;
}

/// `Py_TPFLAGS_INLINE_VALUES`.
const INLINE_VALUES: std::ffi::c_ulong = 1 << 2;
/// Classes for which all the attributes of one code object are located.
const MOST_CLASSES: usize = 8;

impl Cx {
    /// Where attribute instructions find what they look for, by code unit: what their inline caches say, and the same for the other classes
    /// that the code has met.
    ///
    /// # Safety
    /// The GIL is held; the arguments belong to one live code object.
    pub unsafe fn attributes(
        &mut self,
        bytes: &[u8],
        instrs: &[Instr],
        names: &[*mut PyObject],
        feedback: &HashMap<u32, Feedback>,
        depth: u32,
    ) -> HashMap<u32, AttrSites> {
        let mut sites: HashMap<u32, AttrSites> = HashMap::new();
        let mut versions: Vec<u32> = feedback.values().flat_map(|f| f.met.iter().copied()).collect();
        let polymorphic = !versions.is_empty();
        for i in instrs.iter().filter(|i| matches!(i.op, op::LOAD_ATTR | op::STORE_ATTR)) {
            // SAFETY: the contract.
            if let Some(site) = unsafe { self.cached_attribute(bytes, i, depth) } {
                versions.push(site.version());
                sites.entry(i.start).or_default().cached = Some(site);
            }
        }
        versions.sort_unstable();
        versions.dedup();
        if !polymorphic || versions.len() > MOST_CLASSES {
            return sites;
        }
        for i in instrs.iter().filter(|i| matches!(i.op, op::LOAD_ATTR | op::STORE_ATTR)) {
            let (index, method) = match i.op {
                op::LOAD_ATTR => (i.arg >> 1, i.arg & 1 == 1),
                _ => (i.arg, false),
            };
            let known = sites.get(&i.start).and_then(|s| s.cached.as_ref()).map(AttrSite::version);
            for &version in versions.iter().filter(|v| Some(**v) != known) {
                // SAFETY: a type found by its version is alive; the name is one of the code's.
                let found = unsafe {
                    type_of_version(version)
                        .and_then(|class| self.located(class.cast(), names[index as usize], i.op == op::STORE_ATTR, method, depth))
                };
                if let Some(site) = found {
                    sites.entry(i.start).or_default().others.push(site);
                }
            }
        }
        sites
    }

    /// What the inline cache of an attribute instruction says.
    unsafe fn cached_attribute(&mut self, bytes: &[u8], i: &Instr, depth: u32) -> Option<AttrSite> {
        if i.raw == i.op {
            return None;
        }
        // Cache entries: counter, type version, keys version or offset, then a borrowed object.
        let word = |n: usize| bytecode::cache_u32(bytes, i, n).unwrap_or(0);
        let version = word(1);
        let at = |valid: u32| AttrAt {
            offset: bytecode::cache_u16(bytes, i, 3).map_or(0, u32::from),
            valid,
        };
        // SAFETY: GIL held. A type found by its version is alive, and while it has that version the
        // objects its caches name are in its namespaces.
        unsafe {
            let ty = type_of_version(version)?;
            self.class(ty.cast(), depth);
            let object = || (u64::from(word(5)) | u64::from(word(7)) << 32) as *mut PyObject;
            match i.raw {
                op::LOAD_ATTR_INSTANCE_VALUE | op::STORE_ATTR_INSTANCE_VALUE => {
                    // Inline values follow the basic object and start with four bytes, the last of which
                    // says whether they are valid.
                    let basic = read::<isize>(ty, abi::type_object::BASICSIZE) as u32;
                    Some(AttrSite::Value {
                        version,
                        at: at(basic + abi::inline_values::VALID as u32),
                    })
                }
                op::LOAD_ATTR_SLOT | op::STORE_ATTR_SLOT => Some(AttrSite::Value { version, at: at(0) }),
                op::LOAD_ATTR_METHOD_WITH_VALUES
                | op::LOAD_ATTR_METHOD_NO_DICT
                | op::LOAD_ATTR_PROPERTY
                | op::LOAD_ATTR_NONDESCRIPTOR_WITH_VALUES
                | op::LOAD_ATTR_NONDESCRIPTOR_NO_DICT => {
                    let found = self.held(object(), depth)?;
                    let with_keys = matches!(i.raw, op::LOAD_ATTR_METHOD_WITH_VALUES | op::LOAD_ATTR_NONDESCRIPTOR_WITH_VALUES);
                    let keys = if with_keys { word(3) } else { 0 };
                    Some(match i.raw {
                        op::LOAD_ATTR_PROPERTY => AttrSite::Property { version, getter: found },
                        op::LOAD_ATTR_METHOD_WITH_VALUES | op::LOAD_ATTR_METHOD_NO_DICT => AttrSite::Method {
                            version,
                            keys,
                            ty: known::exact_type(ty),
                            func: found,
                        },
                        _ => AttrSite::Constant {
                            version,
                            keys,
                            value: found,
                        },
                    })
                }
                _ => None,
            }
        }
    }

    /// Something that a class holds, where it may be named by compiled code.
    unsafe fn held(&mut self, o: *mut PyObject, depth: u32) -> Option<Const> {
        // SAFETY: a live object, by the callers.
        let found = unsafe { self.describe(o, DATA_DEPTH, &[], depth) };
        match found.desc {
            // Of a C class, which outlives all that is compiled.
            Desc::Intrinsic(_) | Desc::Builtin(_) => {}
            _ if found.desc.ty() == Ty::Func => self.assumptions.push(Assumption::Func(o)),
            // Nothing watches the class, so what it holds has to be held, and has to be such that this is
            // not noticed.
            _ if found.desc.ty().is_leaf() => self.kept.push(o),
            _ => return None,
        }
        Some(found)
    }

    /// Where instances of a class have an attribute, found as the interpreter's own specialisation would.
    unsafe fn located(
        &mut self,
        class: *mut ffi::PyTypeObject,
        name: *mut PyObject,
        store: bool,
        method: bool,
        depth: u32,
    ) -> Option<AttrSite> {
        // SAFETY: GIL held, a live class and an exact str. Looking an attribute up in a class runs no code; descriptors are looked at
        // when their exact type says what they are.
        unsafe {
            let version = self.class(class, depth);
            let plain = if store {
                (*class).tp_setattro.map(|f| f as usize) == Some(ffi::PyObject_GenericSetAttr as *const () as usize)
            } else {
                (*class).tp_getattro.map(|f| f as usize) == Some(ffi::PyObject_GenericGetAttr as *const () as usize)
            };
            if version == 0 || !plain {
                return None;
            }
            let flags = ffi::PyType_GetFlags(class);
            let inline = flags & INLINE_VALUES != 0;
            let dict = flags & ffi::Py_TPFLAGS_MANAGED_DICT != 0 || (*class).tp_dictoffset != 0;
            let found = _PyType_Lookup(class, name);
            let basic = (*class).tp_basicsize as u32;
            if found.is_null() {
                let index = if inline { key_index(class, name)? } else { return None };
                let offset = basic + (abi::inline_values::VALUES + index * size_of::<usize>()) as u32;
                let valid = basic + abi::inline_values::VALID as u32;
                return Some(AttrSite::Value {
                    version,
                    at: AttrAt { offset, valid },
                });
            }
            if ffi::Py_TYPE(found) == &raw mut ffi::PyMemberDescr_Type {
                let member = &*(*found.cast::<PyMemberDescrObject>()).d_member;
                let plain = member.type_code == ffi::Py_T_OBJECT_EX && member.flags == 0;
                let offset = u16::try_from(member.offset).ok().filter(|_| plain)?;
                return Some(AttrSite::Value {
                    version,
                    at: AttrAt {
                        offset: u32::from(offset),
                        valid: 0,
                    },
                });
            }
            if store {
                return None;
            }
            if ffi::Py_TYPE(found) == &raw mut ffi::PyProperty_Type {
                let getter = ffi::PyObject_GetAttrString(found, c"fget".as_ptr());
                if getter.is_null() {
                    ffi::PyErr_Clear();
                    return None;
                }
                // The property holds it.
                ffi::Py_DECREF(getter);
                let getter = self.held(getter, depth).filter(|g| g.desc.ty() == Ty::Func)?;
                return Some(AttrSite::Property { version, getter });
            }
            let keys = match (dict, inline) {
                (false, _) => 0,
                (true, true) if key_index(class, name).is_none() => keys_version(class)?,
                _ => return None,
            };
            let is_function = ty_of(found) == Ty::Func;
            if is_function != method || !is_function && (*ffi::Py_TYPE(found)).tp_descr_get.is_some() {
                return None;
            }
            let found = self.held(found, depth)?;
            Some(if is_function {
                AttrSite::Method {
                    version,
                    keys,
                    ty: Ty::Any,
                    func: found,
                }
            } else {
                AttrSite::Constant {
                    version,
                    keys,
                    value: found,
                }
            })
        }
    }

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
            let info = ClassInfo {
                version,
                pure: bases.iter().all(|c| pure(c.cast())),
                bases: bases.into_iter().map(|c| c as u64).collect(),
                special: HashMap::new(),
                init: None,
            };
            // Noted first: its methods may name it.
            self.classes.insert(class as u64, info);
            let mut special = HashMap::new();
            for &(name, key) in known::special_names() {
                let found = _PyType_Lookup(class, key as *mut PyObject);
                if found.is_null() || ffi::Py_TYPE(found) == &raw mut ffi::PyWrapperDescr_Type {
                    continue;
                }
                let known = (ty_of(found) == Ty::Func).then(|| self.describe(found, 0, &[], depth));
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
            if let Some(c) = self.classes.get_mut(&(class as u64)) {
                c.special = special;
                c.init = init;
            }
            version
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

/// The keys that a class's instances share.
unsafe fn shared_keys(class: *mut ffi::PyTypeObject) -> Option<*mut u8> {
    const SPLIT: u8 = 2;
    // SAFETY: a heap type with inline values, by the callers; its keys are null or live.
    unsafe {
        let keys: *mut u8 = read(class.cast::<PyObject>(), abi::heap_type::CACHED_KEYS);
        (!keys.is_null() && read::<u8>(keys, abi::dict_keys::KIND) == SPLIT).then_some(keys)
    }
}

/// The place of a name among the keys that a class's instances share.
unsafe fn key_index(class: *mut ffi::PyTypeObject, name: *mut PyObject) -> Option<usize> {
    // SAFETY: as in `shared_keys`; behind the index there are so many entries {key, value}, the keys exact strs.
    unsafe {
        let keys = shared_keys(class)?;
        let n: isize = read(keys, abi::dict_keys::NENTRIES);
        let entries = keys.add(abi::dict_keys::INDICES + (1 << read::<u8>(keys, abi::dict_keys::LOG2_INDEX_BYTES)));
        (0..n as usize).find(|i| PyUnicode_Equal(read(entries, 16 * i), name) == 1)
    }
}

/// The version of the keys that a class's instances share, which changes when there is another key. CPython gives them their versions when it
/// first needs one, counting up from 1; where it has not yet, one from the upper end is given.
unsafe fn keys_version(class: *mut ffi::PyTypeObject) -> Option<u32> {
    static GIVEN: AtomicU32 = AtomicU32::new(0);
    const FIRST: u32 = 0xc000_0000;
    // SAFETY: as in `shared_keys`; whoever changes the keys sets the version to 0.
    unsafe {
        let keys = shared_keys(class)?;
        let version: u32 = read(keys, abi::dict_keys::VERSION);
        if version != 0 {
            return Some(version);
        }
        let given = GIVEN.fetch_add(1, Ordering::Relaxed);
        if given >= u32::MAX - FIRST {
            return None;
        }
        write(keys, abi::dict_keys::VERSION, FIRST + given);
        Some(FIRST + given)
    }
}

/// The type with a version tag, if it is still known by it.
unsafe fn type_of_version(version: u32) -> Option<*mut PyObject> {
    // SAFETY: GIL held by the callers; the cache holds live types or null.
    unsafe {
        let interp: *const u8 = read(ffi::PyThreadState_GetUnchecked(), abi::tstate::INTERP);
        let slot = version as usize % abi::NUMBER_OF_VERSIONS;
        let ty: *mut PyObject = read(interp, abi::interp::TYPE_VERSION_CACHE + slot * size_of::<usize>());
        (version != 0 && !ty.is_null() && read::<u32>(ty, abi::type_object::VERSION_TAG) == version).then_some(ty)
    }
}
