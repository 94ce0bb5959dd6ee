//! Calls of builtin functions and of methods of builtin types: under which conditions ([`Care`]) they run no Python code, so that
//! no frames need be visible.

use super::attrs::{quick_get_attr, quick_isinstance};
use super::dict::{self, Found};
use super::freeing::{empties_quietly, frees_only_memory};
use super::quick::{Kind, all_leaves, all_plain, has_length, is_int, is_key, items, kind, leaf};
use super::tables::{One, in_set};
use super::{Obj, clear, generic, heap, or_leave};
use crate::gil::read;
use crate::known;
use pyo3::ffi::{self, PyMethodDescrObject};
use std::ffi::CStr;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};
use whipsnake_abi::layout::object;
use whipsnake_hir::builtins::Care;

/// The helper proper.
pub unsafe extern "C" fn call(callable: Obj, _care: i64, args: *const Obj, n: usize) -> Obj {
    // SAFETY: a live callable and `n` live arguments.
    unsafe { generic::call_pos(callable, args, n) }
}

/// Its shortcut; see [`super::quick`].
pub unsafe extern "C" fn quick_call(callable: Obj, care: i64, args: *const Obj, n: usize) -> Obj {
    // SAFETY: a live callable and `n` live arguments.
    unsafe {
        let care = Care::ALL[care as usize];
        // Of a method bound to its object, the promise is about that and the arguments.
        let mut with_object = [ptr::null_mut(); 1 + MOST_OF_METHOD];
        if of_object(care) && ffi::Py_TYPE(callable) == &raw mut ffi::PyCFunction_Type {
            if n > MOST_OF_METHOD {
                return ptr::null_mut();
            }
            with_object[0] = (*callable.cast::<ffi::PyCFunctionObject>()).m_self;
            with_object[1..=n].copy_from_slice(std::slice::from_raw_parts(args, n));
            return quick_method(callable, care, with_object.as_ptr(), n + 1, 1);
        }
        quick_method(callable, care, args, n, 0)
    }
}

/// The most arguments of a method whose object matters.
const MOST_OF_METHOD: usize = 2;

/// Whether the condition is about a method's object first of all.
fn of_object(care: Care) -> bool {
    !matches!(
        care,
        Care::Any | Care::Free | Care::Plain | Care::Len | Care::IsInstance | Care::GetAttr | Care::HeapPush | Care::HeapPop
    )
}

/// The same, where a method's object is the first of the arguments; `bound` of them the callable has already.
unsafe fn quick_method(callable: Obj, care: Care, args: *const Obj, n: usize, bound: usize) -> Obj {
    // SAFETY: as above.
    unsafe {
        if care == Care::SetAdd && n == 2 && kind(*args) == Kind::Set && is_key(*args.add(1)) {
            return match in_set(*args, &One::new(*args.add(1))) {
                Some(false) if ffi::PySet_Add(*args, *args.add(1)) == 0 => ffi::Py_NewRef(ffi::Py_None()),
                Some(true) => ffi::Py_NewRef(ffi::Py_None()),
                _ => {
                    clear();
                    ptr::null_mut()
                }
            };
        }
        if let (Care::DictGet | Care::DictSetDefault, 2 | 3) = (care, n)
            && is_dict(*args)
        {
            return lookup(care, args, n);
        }
        match (care, n) {
            (Care::IsInstance, 2) => {
                return match quick_isinstance(*args, *args.add(1)) {
                    Some(true) => ffi::Py_NewRef(ffi::Py_True()),
                    Some(false) => ffi::Py_NewRef(ffi::Py_False()),
                    None => ptr::null_mut(),
                };
            }
            (Care::GetAttr, 2) if kind(*args.add(1)) == Kind::Str => return quick_get_attr(*args, *args.add(1)),
            (Care::HeapPush, 2) if kind(*args) == Kind::List => {
                return if heap::push(*args, *args.add(1)) {
                    ffi::Py_NewRef(ffi::Py_None())
                } else {
                    ptr::null_mut()
                };
            }
            (Care::HeapPop, 1) if kind(*args) == Kind::List => return heap::pop(*args),
            _ => {}
        }
        if may_call(callable, care, args, n) {
            or_leave(direct(callable, args.add(bound), n - bound))
        } else {
            ptr::null_mut()
        }
    }
}

/// The condition for a callable that compiled code knows nothing of. Looking it up by name takes a while, so it is remembered for
/// the entry in the table of functions of a module or class.
pub unsafe fn care(callable: Obj) -> Care {
    const PLACES: usize = 64;
    #[allow(clippy::declare_interior_mutable_const)]
    const EMPTY: (AtomicUsize, AtomicUsize) = (AtomicUsize::new(0), AtomicUsize::new(0));
    static MET: [(AtomicUsize, AtomicUsize); PLACES] = [EMPTY; PLACES];
    // SAFETY: a live object, read as its exact type. The GIL is held, so the two halves of a place belong together.
    unsafe {
        let ty = ffi::Py_TYPE(callable);
        let entry = if ty == &raw mut ffi::PyCFunction_Type {
            (*callable.cast::<ffi::PyCFunctionObject>()).m_ml
        } else if ty == &raw mut ffi::PyMethodDescr_Type {
            (*callable.cast::<PyMethodDescrObject>()).d_method
        } else {
            return Care::Any;
        } as usize;
        let (met, care) = &MET[entry / size_of::<ffi::PyMethodDef>() % PLACES];
        if met.load(Ordering::Relaxed) != entry {
            care.store(known::care(callable) as usize, Ordering::Relaxed);
            met.store(entry, Ordering::Relaxed);
        }
        Care::ALL[care.load(Ordering::Relaxed)]
    }
}

/// Calls the C function itself, as the interpreter's specialised calls do, where the number of arguments is right.
unsafe fn direct(callable: Obj, args: *const Obj, n: usize) -> Obj {
    // SAFETY: a live callable and `n` live arguments. A method is only called on an object of exactly its class. Each calling
    // convention is the one that the flags name.
    unsafe {
        let ty = ffi::Py_TYPE(callable);
        let (def, this, given) = if ty == &raw mut ffi::PyMethodDescr_Type {
            let d = &*callable.cast::<PyMethodDescrObject>();
            if n == 0 || ffi::Py_TYPE(*args) != d.d_common.d_type {
                return generic::call_pos(callable, args, n);
            }
            (&*d.d_method, *args, 1)
        } else if ty == &raw mut ffi::PyCFunction_Type {
            let f = &*callable.cast::<ffi::PyCFunctionObject>();
            (&*f.m_ml, f.m_self, 0)
        } else {
            return generic::call_pos(callable, args, n);
        };
        let (rest, count) = (args.add(given).cast_mut(), n - given);
        match (def.ml_flags, count) {
            (ffi::METH_NOARGS, 0) => (def.ml_meth.PyCFunction)(this, ptr::null_mut()),
            (ffi::METH_O, 1) => (def.ml_meth.PyCFunction)(this, *rest),
            (ffi::METH_FASTCALL, _) => (def.ml_meth.PyCFunctionFast)(this, rest, count as isize),
            (WITH_KEYWORDS, _) => (def.ml_meth.PyCFunctionFastWithKeywords)(this, rest, count as isize, ptr::null_mut()),
            _ => generic::call_pos(callable, args, n),
        }
    }
}

/// The calling convention of functions that take keywords.
const WITH_KEYWORDS: i32 = ffi::METH_FASTCALL | ffi::METH_KEYWORDS;

unsafe fn may_call(callable: Obj, care: Care, args: *const Obj, n: usize) -> bool {
    // SAFETY: as above; arguments are only looked at as far as there are any.
    unsafe {
        let arg = |i: usize| *args.add(i);
        let first = if n == 0 { Kind::None } else { kind(arg(0)) };
        match care {
            Care::Any | Care::IsInstance | Care::GetAttr | Care::HeapPush | Care::HeapPop => false,
            Care::Free => true,
            Care::Rest => n > 0 && all_plain(args.add(1), n - 1),
            Care::Alone => n == 1,
            Care::Clear => n == 1 && matches!(first, Kind::List | Kind::Dict) && empties_quietly(arg(0)),
            Care::Plain => all_plain(args, n),
            Care::Len => n == 1 && (has_length(first) || is_sized(arg(0))),
            Care::StrJoin => n == 2 && first == Kind::Str && matches!(kind(arg(1)), Kind::List | Kind::Tuple),
            Care::DictGet | Care::DictSetDefault | Care::SetAdd => false,
            Care::DictPop => is_dict(arg(0)) && matches!(n, 2 | 3) && is_key(arg(1)) && dict::find(arg(0), arg(1)) != Found::Unsafe,
            Care::SetRemove => first == Kind::Set && n == 2 && is_key(arg(1)) && in_set(arg(0), &One::new(arg(1))).is_some(),
            Care::ListAppend => first == Kind::List && n == 2,
            Care::ListInsert => first == Kind::List && n == 3 && is_int(arg(1)),
            Care::ListExtend => first == Kind::List && n == 2 && has_length(kind(arg(1))),
            Care::ListFind => n == 2 && matches!(first, Kind::List | Kind::Tuple) && may_search(arg(0), first, arg(1)),
            Care::ListSort => n == 1 && first == Kind::List && may_sort(arg(0)),
            Care::ListPop => first == Kind::List && (n == 1 || n == 2 && is_int(arg(1))),
            Care::DequeAppend => n == 2 && may_append(callable, arg(0), 0),
            Care::DequeAppendLeft => n == 2 && may_append(callable, arg(0), -1),
        }
    }
}

/// Whether an object is a dict, or of a class derived from `dict`: its methods work on any of them alike.
unsafe fn is_dict(o: Obj) -> bool {
    // SAFETY: a live object.
    unsafe { ffi::PyDict_Check(o) != 0 }
}

/// What is known of the standard library's own classes, by name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Standard {
    No,
    /// Its length is a field.
    Sized,
    /// The same, and it is `collections.defaultdict`.
    DefaultDict,
}

/// What an object's class is. Telling it by name takes a while, so it is remembered for the class's version, which no other class ever has.
pub(super) unsafe fn standard(o: Obj) -> Standard {
    const PLACES: usize = 64;
    static MET: [AtomicUsize; PLACES] = [const { AtomicUsize::new(0) }; PLACES];
    // SAFETY: a live object; a class's name is a C string.
    unsafe {
        let ty = ffi::Py_TYPE(o);
        if ffi::PyType_GetFlags(ty) & ffi::Py_TPFLAGS_IMMUTABLETYPE == 0 {
            return Standard::No;
        }
        let version = (*ty).tp_version_tag as usize;
        let place = &MET[version % PLACES];
        let met = place.load(Ordering::Relaxed);
        if version != 0 && met >> 2 == version {
            return [Standard::No, Standard::Sized, Standard::DefaultDict][met & 3];
        }
        let found = named(CStr::from_ptr((*ty).tp_name));
        if version != 0 {
            place.store(version << 2 | found as usize, Ordering::Relaxed);
        }
        found
    }
}

fn named(class: &CStr) -> Standard {
    const SIZED: [&CStr; 8] = [
        c"array.array",
        c"bytearray",
        c"collections.OrderedDict",
        c"collections.deque",
        c"dict_items",
        c"dict_keys",
        c"dict_values",
        c"frozenset",
    ];
    match class {
        c if c == c"collections.defaultdict" => Standard::DefaultDict,
        c if SIZED.contains(&c) => Standard::Sized,
        _ => Standard::No,
    }
}

/// Whether an object is of one of the standard library's own classes whose length is a field.
pub(super) unsafe fn is_sized(o: Obj) -> bool {
    // SAFETY: a live object.
    unsafe { standard(o) != Standard::No }
}

/// `dict.get` and `dict.setdefault`, done here: one search is enough.
unsafe fn lookup(care: Care, args: *const Obj, n: usize) -> Obj {
    // SAFETY: a dict, a key, and perhaps a default.
    unsafe {
        let (d, key) = (*args, *args.add(1));
        if !is_key(key) {
            return ptr::null_mut();
        }
        match dict::find(d, key) {
            Found::Value(v) => ffi::Py_NewRef(v),
            Found::Unsafe => ptr::null_mut(),
            Found::Missing => {
                let v = if n == 3 { *args.add(2) } else { ffi::Py_None() };
                if care == Care::DictSetDefault && ffi::PyDict_SetItem(d, key, v) < 0 {
                    clear();
                    return ptr::null_mut();
                }
                ffi::Py_NewRef(v)
            }
        }
    }
}

/// Whether comparing every item with `needle` runs no code, and gives no warning as str with bytes may.
unsafe fn may_search(list: Obj, k: Kind, needle: Obj) -> bool {
    // SAFETY: a live list or tuple, as `k` says, and a live object.
    unsafe {
        let bytes = |o: Obj| kind(o) == Kind::Bytes;
        leaf(kind(needle)) && !bytes(needle) && all_leaves(list, k) && !items(list, k).iter().any(|&i| bytes(i))
    }
}

/// Whether all items are of one builtin type that has an order, or tuples of leaves.
unsafe fn may_sort(list: Obj) -> bool {
    // SAFETY: a live list and its items.
    unsafe {
        let items = items(list, Kind::List);
        let Some(&first) = items.first() else { return true };
        let k = kind(first);
        matches!(k, Kind::Number | Kind::Str | Kind::Tuple) && items.iter().all(|&i| kind(i) == k && (k != Kind::Tuple || all_leaves(i, k)))
    }
}

/// Whether the item at one end of a deque, which appending to a full one drops, runs no code when it goes.
unsafe fn may_append(method: Obj, deque: Obj, end: isize) -> bool {
    // SAFETY: a live method of a deque and a live object; of an exact deque, items are taken without code of anyone else's.
    unsafe {
        if ffi::Py_TYPE(method) != &raw mut ffi::PyMethodDescr_Type
            || ffi::Py_TYPE(deque) != (*method.cast::<PyMethodDescrObject>()).d_common.d_type
        {
            return false;
        }
        if ffi::Py_SIZE(deque) == 0 {
            return true;
        }
        let item = ffi::PySequence_GetItem(deque, end);
        if item.is_null() {
            clear();
            return false;
        }
        ffi::Py_DECREF(item);
        // The deque still holds it.
        leaf(kind(item)) || read::<i32>(item, object::REFCNT) != 1 || frees_only_memory(item)
    }
}
