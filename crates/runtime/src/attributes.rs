//! Where instances have their attributes.
//!
//! The inline cache of an attribute instruction says it for one class. For others that exits have met, and for the classes whose methods the
//! code is compiled as, it is found out here, as the interpreter's own specialisation would. This comes when everything else has been
//! captured, and may bring more code in, for which it is done as well.

use crate::capture::{Cx, DATA_DEPTH, tuple_items, ty_of};
use crate::classes::type_of_version;
use crate::gil::{read, write};
use crate::invalidate::{self, Assumption};
use crate::known;
use pyo3::ffi::{self, PyMemberDescrObject, PyObject};
use std::collections::BTreeSet;
use std::ffi::{CStr, c_int};
use std::sync::atomic::{AtomicU32, Ordering};
use whipsnake_abi::bytecode::{self, Instr};
use whipsnake_abi::layout as abi;
use whipsnake_abi::opcode as op;
use whipsnake_hir::maps::HashMap;
use whipsnake_hir::ops::AttrAt;
use whipsnake_hir::snapshot::{AttrSite, AttrSites, Const, Desc, Shape};
use whipsnake_hir::types::Ty;

unsafe extern "C" {
    fn PyUnicode_Equal(a: *mut PyObject, b: *mut PyObject) -> c_int;
    fn _PyType_Lookup(class: *mut ffi::PyTypeObject, name: *mut PyObject) -> *mut PyObject;
    fn PyType_GetDict(class: *mut ffi::PyTypeObject) -> *mut PyObject;
    static mut PyStaticMethod_Type: ffi::PyTypeObject;
    static mut PyClassMethod_Type: ffi::PyTypeObject;
}

/// `Py_TPFLAGS_INLINE_VALUES`.
const INLINE_VALUES: std::ffi::c_ulong = 1 << 2;
/// Classes for which attributes of one code object are located, and those that may be values.
pub const MOST_CLASSES: usize = 12;

/// The classes that a code object is looked at with.
#[derive(Clone, PartialEq)]
struct Classes {
    /// By version: those whose methods it is.
    receivers: BTreeSet<u32>,
    /// By version: those derived from `tuple`.
    tuples: BTreeSet<u32>,
    /// By address: those that may be values.
    values: BTreeSet<u64>,
}

impl Cx {
    /// What the inline caches of attribute instructions say, by code unit.
    ///
    /// # Safety
    /// The GIL is held; the arguments belong to one live code object.
    pub unsafe fn attributes(&mut self, bytes: &[u8], instrs: &[Instr], depth: u32) -> HashMap<u32, AttrSites> {
        let mut sites: HashMap<u32, AttrSites> = HashMap::default();
        for i in instrs.iter().filter(|i| matches!(i.op, op::LOAD_ATTR | op::STORE_ATTR)) {
            // SAFETY: the contract.
            if let Some(site) = unsafe { self.cached_attribute(bytes, i, depth) } {
                sites.entry(i.start).or_default().cached = Some(site);
            }
        }
        sites
    }

    /// Notes that a function may be called as a method of instances of this class.
    ///
    /// # Safety
    /// The GIL is held; a live object.
    pub unsafe fn receives(&mut self, func: *mut PyObject, version: u32) {
        // SAFETY: the contract; the field is that of an exact function.
        unsafe {
            if version != 0 && ty_of(func) == Ty::Func {
                let code: usize = read(func, abi::func::CODE);
                self.receivers.entry(code).or_default().insert(version);
            }
        }
    }

    /// Locates the attributes of other classes than those the inline caches know; see the module's description.
    ///
    /// # Safety
    /// The GIL is held; everything captured is alive.
    pub unsafe fn locate_others(&mut self) {
        // With which classes each code has been dealt with: it may become a method of another one meanwhile.
        let mut done: Vec<Option<Classes>> = Vec::new();
        loop {
            done.resize(self.codes.len(), None);
            let tuples: BTreeSet<u32> = self.classes.values().filter(|c| c.tuple).map(|c| c.version).collect();
            let now = |at: usize| Classes {
                receivers: self.receivers.get(&(self.pointers[at] as usize)).cloned().unwrap_or_default(),
                tuples: tuples.clone(),
                values: self.class_values.clone(),
            };
            let Some(at) = (0..done.len()).find(|at| done[*at].as_ref() != Some(&now(*at))) else {
                break;
            };
            let key = now(at);
            // SAFETY: the contract.
            unsafe {
                self.locate_in(at, &key.receivers, &key.tuples);
                self.load_from_classes(at, &key.values);
            }
            done[at] = Some(key);
        }
    }

    /// What the code may load from classes that are values. Where it asks for classes of objects, all may be.
    unsafe fn load_from_classes(&mut self, id: usize, values: &BTreeSet<u64>) {
        let Some(code) = &self.codes[id] else { return };
        let Ok(instrs) = bytecode::decode(&code.bytes) else { return };
        let depth = self.depths[id];
        let loaded: BTreeSet<u32> = instrs.iter().filter(|i| i.op == op::LOAD_ATTR).map(|i| i.arg >> 1).collect();
        let asks = code.names.iter().any(|n| n == "type" || n == "__class__");
        let names: Vec<*mut PyObject> = loaded.iter().map(|i| code.name_ptrs[*i as usize] as *mut PyObject).collect();
        // SAFETY: the contract of `locate_others`; classes are alive, and names are exact strs.
        unsafe {
            for &class in values {
                self.class_attributes(class as *mut ffi::PyTypeObject, &names, depth);
            }
            if asks {
                let mut all: Vec<u64> = self.classes.keys().copied().collect();
                all.sort_unstable();
                for class in all {
                    self.lasts(class as *mut ffi::PyTypeObject, depth);
                }
            }
        }
    }

    /// Notes the classes of what stands for several objects.
    pub fn note_several(&mut self, shape: &Shape) {
        if shape.classes.len() > 1 {
            self.several.extend(&shape.classes);
        }
        for part in shape.item.as_deref().into_iter().chain(&shape.fields) {
            self.note_several(part);
        }
    }

    /// The same in one code object, which is called as a method of instances of these classes. Fields of named tuples never get an inline cache: so
    /// they are located for every class derived from `tuple` that has been met.
    unsafe fn locate_in(&mut self, id: usize, receivers: &BTreeSet<u32>, tuples: &BTreeSet<u32>) {
        let Some(code) = &self.codes[id] else { return };
        let met: BTreeSet<u32> = code.feedback.values().flat_map(|f| f.met.iter().copied()).collect();
        let cached = code.attrs.values().filter_map(|s| s.cached.as_ref()).map(AttrSite::version);
        let mut everywhere: BTreeSet<u32> = if met.is_empty() {
            met
        } else {
            met.into_iter().chain(cached).collect()
        };
        everywhere.extend(&self.several);
        let arguments = code.met.clone();
        let most = |n: usize| n > 0 && n <= MOST_CLASSES;
        if !most(receivers.len() + everywhere.len() + tuples.len() + arguments.iter().map(Vec::len).sum::<usize>()) {
            return;
        }
        let names = code.name_ptrs.clone();
        if code.names.iter().any(|n| n == "__setattr__") {
            let texts = code.consts.iter().filter_map(|c| match &c.desc {
                Desc::Str { text, .. } => Some((text.clone(), c.ptr as *mut PyObject)),
                _ => None,
            });
            let texts: Vec<_> = texts.collect();
            // SAFETY: constants of live code.
            unsafe { self.places_by_name(&texts, receivers) };
        }
        let Some(code) = &self.codes[id] else { return };
        let Ok(instrs) = bytecode::decode(&code.bytes) else { return };
        let depth = self.depths[id];
        for (n, i) in instrs.iter().enumerate() {
            let (index, method) = match i.op {
                op::LOAD_ATTR => (i.arg >> 1, i.arg & 1 == 1),
                op::LOAD_SUPER_ATTR => (i.arg >> 2, i.arg & 1 == 1),
                op::STORE_ATTR => (i.arg, false),
                _ => continue,
            };
            let name = names[index as usize] as *mut PyObject;
            let of = if n > 0 { loaded(&instrs[n - 1]) } else { None };
            let mut mine = if of == Some(0) { receivers.clone() } else { BTreeSet::new() };
            mine.extend(of.and_then(|of| arguments.get(of as usize)).into_iter().flatten());
            if i.op == op::LOAD_ATTR && i.raw == i.op {
                mine.extend(tuples);
            }
            for &version in everywhere.union(&mine) {
                let Some(code) = &self.codes[id] else { return };
                let known = code.attrs.get(&i.start);
                if known.is_some_and(|s| s.cached.iter().chain(&s.others).any(|a| a.version() == version)) {
                    continue;
                }
                // SAFETY: the contract; a type found by its version is alive, and names are exact strs.
                let found = unsafe {
                    type_of_version(version).and_then(|class| match i.op {
                        op::LOAD_SUPER_ATTR if method => self.behind(class.cast(), self.pointers[id], name, depth),
                        op::LOAD_SUPER_ATTR => None,
                        _ => self.located(class.cast(), name, i.op == op::STORE_ATTR, method, depth),
                    })
                };
                if let (Some(site), Some(code)) = (found, &mut self.codes[id]) {
                    code.attrs.entry(i.start).or_default().others.push(site);
                }
            }
        }
    }

    /// Notes where instances of these classes keep attributes of these names.
    unsafe fn places_by_name(&mut self, names: &[(String, *mut PyObject)], classes: &BTreeSet<u32>) {
        for &version in classes {
            // SAFETY: GIL held; a type found by its version is alive, and names are exact strs. What `object.__setattr__` does is what is done where a
            // class has no `__setattr__` of its own.
            unsafe {
                let Some(class) = type_of_version(version) else { continue };
                for (text, name) in names {
                    if let Some(at) = place_of(class.cast(), *name)
                        && let Some(c) = self.classes.get_mut(&(class as u64))
                    {
                        c.places.insert(text.clone(), at);
                    }
                }
            }
        }
    }

    /// The method that `super()` finds in a method with this code, called on an instance of the class.
    unsafe fn behind(&mut self, class: *mut ffi::PyTypeObject, code: *mut PyObject, name: *mut PyObject, depth: u32) -> Option<AttrSite> {
        // SAFETY: GIL held, live objects; the dicts of classes are exact, and looked up in for an exact str.
        unsafe {
            let version = self.class(class, depth);
            if version == 0 {
                return None;
            }
            let order = tuple_items((*class).tp_mro);
            let index = order.iter().position(|c| defines(*c, code))?;
            let found = order[index + 1..].iter().find_map(|c| {
                let dict = PyType_GetDict(c.cast());
                if dict.is_null() {
                    return None;
                }
                let found = ffi::PyDict_GetItemWithError(dict, name);
                // The class holds it.
                ffi::Py_DECREF(dict);
                (!found.is_null()).then_some(found)
            })?;
            if ty_of(found) != Ty::Func {
                return None;
            }
            let func = self.held(found, version, depth)?;
            let index = index as u32;
            Some(AttrSite::Super { version, index, func })
        }
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
                    let found = self.held(object(), version, depth)?;
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
    unsafe fn held(&mut self, o: *mut PyObject, version: u32, depth: u32) -> Option<Const> {
        // SAFETY: a live object, by the callers.
        let found = unsafe {
            self.receives(o, version);
            self.describe(o, DATA_DEPTH, &[], depth)
        };
        match found.desc {
            // Of a C class that outlives all that is compiled.
            // SAFETY: a live object, by the callers.
            Desc::Intrinsic(_) | Desc::Builtin(_) if unsafe { known::is_eternal(o) } => {}
            _ if found.desc.ty() == Ty::Func => self.assumptions.push(Assumption::Func(o)),
            // Nothing watches the class, so what it holds has to be held, which nobody notices.
            _ if found.desc.ty().is_leaf() => self.kept.push(o),
            _ => {
                // SAFETY: GIL held; a type found by its version is alive.
                let class = unsafe { type_of_version(version).filter(|c| !invalidate::is_changing_class(*c)) }?;
                self.assumptions.push(Assumption::Class(class));
            }
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
            if let Some(at) = place_of(class, name) {
                return Some(AttrSite::Value { version, at });
            }
            let found = _PyType_Lookup(class, name);
            if let (false, Some(index)) = (store, field_index(class, name, found)) {
                return Some(AttrSite::Item { version, index });
            }
            if store || found.is_null() || ffi::Py_TYPE(found) == &raw mut ffi::PyMemberDescr_Type {
                return None;
            }
            let flags = ffi::PyType_GetFlags(class);
            let inline = flags & INLINE_VALUES != 0;
            let dict = flags & ffi::Py_TPFLAGS_MANAGED_DICT != 0 || (*class).tp_dictoffset != 0;
            if ffi::Py_TYPE(found) == &raw mut ffi::PyProperty_Type {
                let getter = member(found, c"fget")?;
                let getter = self.held(getter, version, depth).filter(|g| g.desc.ty() == Ty::Func)?;
                return Some(AttrSite::Property { version, getter });
            }
            let keys = match (dict, inline) {
                (false, _) => 0,
                (true, true) if key_index(class, name).is_none() => keys_version(class)?,
                _ => return None,
            };
            if let Some((func, of_class)) = wrapped(found) {
                let func = self.held(func, version, depth).filter(|f| f.desc.ty() == Ty::Func)?;
                if of_class && (!method || !self.lasts(class, depth)) {
                    return None;
                }
                return Some(if of_class {
                    let class = self.describe(class.cast(), 0, &[], depth);
                    AttrSite::ClassMethod {
                        version,
                        keys,
                        func,
                        class,
                    }
                } else {
                    let value = func;
                    AttrSite::Constant { version, keys, value }
                });
            }
            let is_function = ty_of(found) == Ty::Func;
            if is_function != method || !is_function && !self.is_no_descriptor(found) {
                return None;
            }
            let found = self.held(found, version, depth)?;
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
}

/// What an object has in a plain member (borrowed: it holds it).
///
/// # Safety
/// The GIL is held; a live object whose exact type has such a member.
unsafe fn member(o: *mut PyObject, name: &CStr) -> Option<*mut PyObject> {
    // SAFETY: the contract; reading a member runs no code.
    unsafe {
        let held = ffi::PyObject_GetAttrString(o, name.as_ptr());
        if held.is_null() {
            ffi::PyErr_Clear();
            return None;
        }
        ffi::Py_DECREF(held);
        Some(held)
    }
}

/// The object in a `staticmethod` or, then true, a `classmethod` (borrowed: it holds it).
///
/// # Safety
/// The GIL is held; a live object.
pub unsafe fn wrapped(o: *mut PyObject) -> Option<(*mut PyObject, bool)> {
    // SAFETY: the contract; both have this member.
    unsafe {
        let of_class = ffi::Py_TYPE(o) == &raw mut PyClassMethod_Type;
        if !of_class && ffi::Py_TYPE(o) != &raw mut PyStaticMethod_Type {
            return None;
        }
        Some((member(o, c"__func__")?, of_class))
    }
}

/// The local that an instruction leaves on top of the stack.
fn loaded(i: &Instr) -> Option<u32> {
    match i.op {
        op::LOAD_FAST | op::LOAD_FAST_BORROW => Some(i.arg),
        op::LOAD_FAST_LOAD_FAST | op::LOAD_FAST_BORROW_LOAD_FAST_BORROW => Some(i.arg & 15),
        _ => None,
    }
}

/// Whether a class defines a function with this code.
unsafe fn defines(class: *mut PyObject, code: *mut PyObject) -> bool {
    // SAFETY: GIL held and a live class, by the caller; its dict is exact and does not change meanwhile.
    unsafe {
        let dict = PyType_GetDict(class.cast());
        if dict.is_null() {
            return false;
        }
        let (mut at, mut value) = (0, std::ptr::null_mut());
        let mut found = false;
        while !found && ffi::PyDict_Next(dict, &mut at, std::ptr::null_mut(), &mut value) != 0 {
            found = ty_of(value) == Ty::Func && read::<*mut PyObject>(value, abi::func::CODE) == code;
        }
        ffi::Py_DECREF(dict);
        found
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

/// Where a named tuple has the field of this name, which its class holds `found` for.
unsafe fn field_index(class: *mut ffi::PyTypeObject, name: *mut PyObject, found: *mut PyObject) -> Option<u32> {
    /// Of a `_tuplegetter`, behind the basic object.
    const INDEX: usize = size_of::<ffi::PyObject>();
    // SAFETY: GIL held, live objects; the name of a class is a C string. No class written in Python is immutable, so that of this name is the one
    // that `_collections` has.
    unsafe {
        if found.is_null() || ffi::PyType_FastSubclass(class, ffi::Py_TPFLAGS_TUPLE_SUBCLASS) == 0 {
            return None;
        }
        let getter = ffi::Py_TYPE(found);
        let immutable = ffi::PyType_GetFlags(getter) & ffi::Py_TPFLAGS_IMMUTABLETYPE != 0;
        if !immutable || CStr::from_ptr((*getter).tp_name) != c"collections._tuplegetter" {
            return None;
        }
        // The class that has the getter, which may be one that this one derives from, has the names of the fields.
        let owner = tuple_items((*class).tp_mro).into_iter().find_map(|c| {
            let dict = (*c.cast::<ffi::PyTypeObject>()).tp_dict;
            (!dict.is_null() && ffi::PyDict_GetItemWithError(dict, name) == found).then_some(dict)
        })?;
        let fields = ffi::PyDict_GetItemString(owner, c"_fields".as_ptr());
        let fields = if fields.is_null() || ty_of(fields) != Ty::Tuple {
            Vec::new()
        } else {
            tuple_items(fields)
        };
        let index: isize = read(found, INDEX);
        let named = fields.get(usize::try_from(index).ok()?)?;
        (*named == name || PyUnicode_Equal(*named, name) == 1).then_some(index as u32)
    }
}

/// Where instances of a class keep an attribute, in a slot or among the inline values, if the class has nothing by that name that comes first.
unsafe fn place_of(class: *mut ffi::PyTypeObject, name: *mut PyObject) -> Option<AttrAt> {
    // SAFETY: GIL held, a live class and an exact str. Looking an attribute up in a class runs no code; a descriptor is read as its exact type says.
    unsafe {
        let found = _PyType_Lookup(class, name);
        let basic = (*class).tp_basicsize as u32;
        if found.is_null() {
            if ffi::PyType_GetFlags(class) & INLINE_VALUES == 0 {
                return None;
            }
            let index = key_index(class, name)?;
            let offset = basic + (abi::inline_values::VALUES + index * size_of::<usize>()) as u32;
            let valid = basic + abi::inline_values::VALID as u32;
            return Some(AttrAt { offset, valid });
        }
        if ffi::Py_TYPE(found) != &raw mut ffi::PyMemberDescr_Type {
            return None;
        }
        let member = &*(*found.cast::<PyMemberDescrObject>()).d_member;
        let plain = member.type_code == ffi::Py_T_OBJECT_EX && member.flags == 0;
        let offset = u32::from(u16::try_from(member.offset).ok().filter(|_| plain)?);
        Some(AttrAt { offset, valid: 0 })
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
