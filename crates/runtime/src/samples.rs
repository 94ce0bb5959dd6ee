//! What the attributes of live instances hold: a guess at the types of attribute loads.
//!
//! The inline cache of an attribute instruction says where the attribute is, but nothing of the value. So the instances that can be
//! reached from the live values and the globals that the codes name are looked at, a few of each class. What is found is only ever assumed, never relied on.

use crate::capture::{Cx, class_version, ty_of};
use crate::gil::read;
use crate::known::{self, IterType};
use crate::live;
use crate::names::lookup;
use pyo3::ffi::{self, PyObject};
use std::collections::VecDeque;
use whipsnake_abi::layout as abi;
use whipsnake_hir::maps::{HashMap, HashSet};
use whipsnake_hir::ops::AttrAt;
use whipsnake_hir::snapshot::AttrSite;
use whipsnake_hir::types::Ty;

/// Objects looked at.
const MOST_OBJECTS: usize = 256;
/// Items of a container that are looked at.
const ITEMS: isize = 4;
/// Values of one attribute that are compared.
const VALUES: u32 = 4;

impl Cx {
    /// Samples the attributes that the codes load, starting from these objects.
    ///
    /// # Safety
    /// The GIL is held; live objects, or null.
    pub unsafe fn sample_attributes(&mut self, live: &[*mut PyObject]) {
        let mut wanted: HashMap<u32, Vec<AttrAt>> = HashMap::default();
        let sites = self.codes.iter().flatten().flat_map(|c| c.attrs.values());
        for site in sites.flat_map(|s| s.cached.iter().chain(&s.others)) {
            if let AttrSite::Value { version, at } = *site {
                let places = wanted.entry(version).or_default();
                if !places.contains(&at) {
                    places.push(at);
                }
            }
        }
        if wanted.is_empty() {
            return;
        }
        let mut queue: VecDeque<*mut PyObject> = live.iter().copied().collect();
        for code in self.codes.iter().flatten() {
            // SAFETY: the namespaces and names of live code.
            queue.extend(
                code.name_ptrs
                    .iter()
                    .map(|name| unsafe { lookup(code.globals_ptr as *mut PyObject, *name as *mut PyObject) }),
            );
        }
        let mut seen = HashSet::default();
        let mut taken: HashMap<(u32, u32), u32> = HashMap::default();
        while let Some(o) = queue.pop_front() {
            if o.is_null() || !seen.insert(o) {
                continue;
            }
            if seen.len() > MOST_OBJECTS {
                break;
            }
            // SAFETY: a live object.
            unsafe {
                contents(o, &mut queue);
                let version = class_version(o);
                for at in wanted.get(&version).into_iter().flatten() {
                    let value = held(o, *at);
                    if value.is_null() || ty_of(value) == Ty::None {
                        // Nothing yet, or nothing any more: what it holds when it is used is something else.
                        continue;
                    }
                    queue.push_back(value);
                    let n = taken.entry((version, at.offset)).or_default();
                    *n += 1;
                    if ffi::Py_REFCNT(value) == 1 && !ty_of(value).is_leaf() {
                        self.attr_dying.insert((version, at.offset));
                    }
                    if *n <= VALUES {
                        let shape = self.shape(value, live::DEPTH);
                        let known = self.attr_shapes.remove(&(version, at.offset));
                        let joined = known.map_or_else(|| shape.clone(), |k| live::join(k, shape.clone()));
                        self.attr_shapes.insert((version, at.offset), joined);
                    }
                }
            }
        }
    }
}

/// What an instance holds at a place; null for nothing.
unsafe fn held(o: *mut PyObject, at: AttrAt) -> *mut PyObject {
    // SAFETY: a live instance of the class that has this place. Where the byte says that the inline values are not in use, they are not looked at.
    unsafe {
        if at.valid != 0 && read::<u8>(o, at.valid as usize) == 0 {
            return std::ptr::null_mut();
        }
        read(o, at.offset as usize)
    }
}

/// Some of what a container of a builtin type holds.
unsafe fn contents(o: *mut PyObject, to: &mut VecDeque<*mut PyObject>) {
    // SAFETY: a live object, whose fields are read by its exact type; nothing runs meanwhile.
    unsafe {
        match ty_of(o) {
            Ty::List => to.extend((0..ffi::PyList_GET_SIZE(o).min(ITEMS)).map(|i| ffi::PyList_GET_ITEM(o, i))),
            Ty::Tuple => to.extend((0..ffi::PyTuple_GET_SIZE(o).min(ITEMS)).map(|i| ffi::PyTuple_GET_ITEM(o, i))),
            Ty::Dict => {
                let (mut pos, mut value) = (0, std::ptr::null_mut());
                for _ in 0..ITEMS {
                    if ffi::PyDict_Next(o, &mut pos, std::ptr::null_mut(), &mut value) == 0 {
                        break;
                    }
                    to.push_back(value);
                }
            }
            Ty::Cell => to.push_back(read(o, abi::cell::REF)),
            _ => {}
        }
        if let Some(IterType::List | IterType::ListReversed | IterType::Tuple) = known::iter_type(o) {
            to.push_back(read(o, abi::seq_iter::SEQ));
        }
    }
}
