//! Whether freeing an object runs Python code.
//!
//! What an object holds may die with it, so the question is followed through: [`Dying`] counts the references that go, and an
//! object of which all go is looked at in turn. Builtin containers and instances of classes without finalisers free only
//! memory; whatever has a finaliser, a weak reference, or is of another type is taken to run code.

use super::Obj;
use super::iters::source;
use super::quick::{Kind, items, kind, leaf};
use super::tables::GENERAL;
use crate::gil::read;
use crate::known;
use pyo3::ffi::{self, PySliceObject, PyTypeObject};
use std::mem::MaybeUninit;
use std::ptr;
use whipsnake_abi::layout::{MANAGED_DICT, cell, dict, dict_keys, func, inline_values, method, object};

unsafe extern "C" {
    static mut PyCell_Type: PyTypeObject;
    static mut PyMethod_Type: PyTypeObject;
}

/// Shared objects followed, and how deep, before giving up.
const LIMIT: usize = 32;
/// `Py_TPFLAGS_INLINE_VALUES`, `Py_TPFLAGS_MANAGED_WEAKREF`, `Py_TPFLAGS_MANAGED_DICT`.
const INLINE_VALUES: u64 = 1 << 2;
const MANAGED_WEAKREF: u64 = 1 << 3;
const HAS_MANAGED_DICT: u64 = 1 << 4;
/// Where the list of weak references is, when the interpreter keeps it in front of the object.
const MANAGED_WEAKREFS: isize = MANAGED_DICT as isize - 8;
/// A member that is a slot of `__slots__`.
const OBJECT_MEMBER: i32 = 16;

/// References that go when an object does. Most objects hold leaves alone, so what is found is only set up as far as it is used.
struct Dying {
    /// Objects that others hold too, and how many of their references have gone.
    found: [MaybeUninit<(Obj, i32)>; LIMIT],
    n: usize,
    depth: usize,
}

/// Whether freeing an object runs no Python code.
///
/// # Safety
/// The GIL is held; the object is live, or its count has just reached zero.
pub unsafe fn frees_only_memory(o: Obj) -> bool {
    // SAFETY: as said; what it holds is live.
    unsafe { Dying::new().dies(o) }
}

/// Whether giving up one reference to each of these runs no Python code.
///
/// # Safety
/// The GIL is held; live objects.
pub unsafe fn loses_only_memory(objects: &[Obj]) -> bool {
    let mut d = Dying::new();
    // SAFETY: as said.
    unsafe { d.lose(objects) }
}

/// Whether taking everything out of a list or dict runs no Python code.
///
/// # Safety
/// The GIL is held; an exact list or dict.
pub unsafe fn empties_quietly(o: Obj) -> bool {
    // SAFETY: as said.
    unsafe { ffi::PyObject_Size(o) <= LIMIT as isize && Dying::new().takes_along(o) }
}

/// The pairs of a dict whose keys are all exact strs, unless its values are kept elsewhere. Places that are not in use hold null.
unsafe fn names_and_values<'a>(d: Obj) -> Option<&'a [[Obj; 2]]> {
    // SAFETY: a whole dict, which is not changed meanwhile; its table has as many entries in a row as it says.
    unsafe {
        let keys: Obj = read(d, dict::KEYS);
        if read::<u8>(keys, dict_keys::KIND) == GENERAL || read::<usize>(d, dict::VALUES) != 0 {
            return None;
        }
        let start = dict_keys::INDICES + (1usize << read::<u8>(keys, dict_keys::LOG2_INDEX_BYTES));
        Some(std::slice::from_raw_parts(
            keys.byte_add(start).cast(),
            read(keys, dict_keys::NENTRIES),
        ))
    }
}

impl Dying {
    fn new() -> Dying {
        Dying {
            found: [const { MaybeUninit::uninit() }; LIMIT],
            n: 0,
            depth: 0,
        }
    }

    fn found(&mut self) -> &mut [(Obj, i32)] {
        // SAFETY: the first `n` are set up.
        unsafe { std::slice::from_raw_parts_mut(self.found.as_mut_ptr().cast(), self.n) }
    }

    /// One reference to each goes. Neighbours are mostly of one type, so that is told by one comparison.
    #[inline(always)]
    unsafe fn lose(&mut self, objects: &[Obj]) -> bool {
        let mut usual = ptr::null_mut();
        objects.iter().all(|&o| {
            // SAFETY: live objects, or null.
            unsafe {
                if o.is_null() {
                    return true;
                }
                let ty = ffi::Py_TYPE(o);
                if ty == usual {
                    return true;
                }
                if leaf(kind(o)) {
                    usual = ty;
                    return true;
                }
                self.loses_other(o)
            }
        })
    }

    /// One reference to the object goes.
    #[inline(always)]
    unsafe fn loses(&mut self, o: Obj) -> bool {
        // SAFETY: a live object.
        unsafe { o.is_null() || leaf(kind(o)) || self.loses_other(o) }
    }

    /// The same of what is no leaf.
    unsafe fn loses_other(&mut self, o: Obj) -> bool {
        // SAFETY: a live object.
        unsafe {
            let count = read::<i32>(o, object::REFCNT);
            if count == 1 {
                // Nobody else can lead to it.
                return self.dies(o);
            }
            let known = self.n;
            let gone = match self.found().iter_mut().find(|f| f.0 == o) {
                Some(f) => {
                    f.1 += 1;
                    f.1
                }
                None if known == LIMIT => return false,
                None => {
                    self.found[known].write((o, 1));
                    self.n += 1;
                    1
                }
            };
            count != gone || self.dies(o)
        }
    }

    /// The object goes.
    unsafe fn dies(&mut self, o: Obj) -> bool {
        if self.depth == LIMIT {
            return false;
        }
        self.depth += 1;
        // SAFETY: the caller's promise.
        let only_memory = unsafe { self.takes_along(o) };
        self.depth -= 1;
        only_memory
    }

    /// What an object holds loses a reference each.
    unsafe fn takes_along(&mut self, o: Obj) -> bool {
        // SAFETY: a whole object; each arm looks at what the exact type has.
        unsafe {
            match kind(o) {
                Kind::Number | Kind::Str | Kind::Bytes | Kind::None | Kind::Range => true,
                Kind::Slice => {
                    let s = &*o.cast::<PySliceObject>();
                    [s.start, s.stop, s.step].into_iter().all(|p| self.loses(p))
                }
                k @ (Kind::List | Kind::Tuple) => self.lose(items(o, k)),
                Kind::Dict => {
                    if let Some(pairs) = names_and_values(o) {
                        return pairs.iter().all(|p| self.loses(p[1]));
                    }
                    let (mut at, mut key, mut value) = (0, ptr::null_mut(), ptr::null_mut());
                    while ffi::PyDict_Next(o, &mut at, &mut key, &mut value) != 0 {
                        if !self.loses(key) || !self.loses(value) {
                            return false;
                        }
                    }
                    true
                }
                Kind::Set => false,
                Kind::Other if ffi::Py_TYPE(o) == &raw mut PyCell_Type => self.loses(read(o, cell::REF)),
                Kind::Other if ffi::Py_TYPE(o) == &raw mut ffi::PyFunction_Type => self.function_dies(o),
                Kind::Other if ffi::Py_TYPE(o) == &raw mut ffi::PyCFunction_Type => {
                    let f = &*o.cast::<ffi::PyCFunctionObject>();
                    f.m_weakreflist.is_null() && self.loses(f.m_self) && self.loses(f.m_module)
                }
                Kind::Other if ffi::Py_TYPE(o) == &raw mut PyMethod_Type => {
                    let watched: Obj = read(o, PyMethod_Type.tp_weaklistoffset as usize);
                    watched.is_null() && self.loses(read(o, method::FUNC)) && self.loses(read(o, method::SELF))
                }
                Kind::Other => match source(o) {
                    Some(s) => self.loses(s),
                    None => self.instance_dies(o, ffi::Py_TYPE(o)),
                },
            }
        }
    }

    /// A function goes.
    unsafe fn function_dies(&mut self, o: Obj) -> bool {
        // SAFETY: a whole function; what it holds is in a row.
        unsafe {
            let watched: Obj = read(o, ffi::PyFunction_Type.tp_weaklistoffset as usize);
            watched.is_null() && (func::GLOBALS..func::VECTORCALL).step_by(8).all(|at| self.loses(read(o, at)))
        }
    }

    /// An instance of a class written in Python goes.
    unsafe fn instance_dies(&mut self, o: Obj, class: *mut PyTypeObject) -> bool {
        // SAFETY: a whole object of this class. What the flags promise is at the places they promise; the members of a class
        // follow its own structure.
        unsafe {
            let t = &*class;
            let flags = ffi::PyType_GetFlags(class);
            let lasts = read::<i32>(class.cast::<ffi::PyObject>(), object::REFCNT) != 1;
            if flags & ffi::Py_TPFLAGS_HEAPTYPE == 0 || t.tp_finalize.is_some() || t.tp_del.is_some() || !lasts {
                return false;
            }
            let pointer = |offset: isize| o.byte_offset(offset).cast::<Obj>().read();
            let has = |bit: u64| flags & bit as std::ffi::c_ulong != 0;
            if has(MANAGED_WEAKREF) {
                if !pointer(MANAGED_WEAKREFS).is_null() {
                    return false;
                }
            } else if t.tp_weaklistoffset > 0 && !pointer(t.tp_weaklistoffset).is_null() {
                return false;
            }
            if has(HAS_MANAGED_DICT) {
                if !pointer(MANAGED_DICT as isize).is_null() {
                    return false;
                }
            } else if t.tp_dictoffset != 0 {
                return false;
            }
            if has(INLINE_VALUES) {
                let values = o.byte_offset(t.tp_basicsize);
                let n = read::<u8>(values, inline_values::CAPACITY);
                let first: *const Obj = values.byte_add(inline_values::VALUES).cast();
                if !(0..usize::from(n)).all(|i| self.loses(*first.add(i))) {
                    return false;
                }
            }
            let mut base = class;
            while base != &raw mut ffi::PyBaseObject_Type {
                if (*base).tp_dealloc.map_or(0, |f| f as usize) != known::instance_dealloc() {
                    // A class written in C does its own part.
                    return false;
                }
                let members: *const ffi::PyMemberDef = base.byte_offset((*ffi::Py_TYPE(base.cast())).tp_basicsize).cast();
                for i in 0..ffi::Py_SIZE(base.cast()) as usize {
                    let m = &*members.add(i);
                    if m.type_code != OBJECT_MEMBER || !self.loses(pointer(m.offset)) {
                        return false;
                    }
                }
                base = (*base).tp_base;
            }
            true
        }
    }
}
