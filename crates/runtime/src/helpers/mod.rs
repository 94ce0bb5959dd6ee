//! The functions that compiled code calls, and where they are.
//!
//! Their conventions are those of `whipsnake_hir::helpers`. All are called with the GIL held by compiled code that keeps
//! its operands alive; each operand has the type that its row says. A helper that may not raise clears the exception of
//! whatever it tried, and asks compiled code to leave instead: the interpreter then meets the error itself.
//!
//! None of them panics; should one, the process ends there, since a panic may not leave an `extern "C"` function.

mod apart;
mod attrs;
mod builtin;
pub mod dict;
mod freeing;
mod generic;
mod heap;
mod int;
mod iters;
mod math;
mod patterns;
mod quick;
mod replace;
mod seq;
mod spares;
mod tables;
mod text;
mod wide;

pub use freeing::{frees_only_memory, loses_only_memory};
pub use spares::harvest;
pub use wide::boxed as boxed_wide;

use crate::version::Slot;
use crate::{exit, frame, gil, hook, layout, rebuild, visible};
use pyo3::ffi::{self, PyObject};
use whipsnake_abi::layout::{SMALL_INT_STRIDE, tuple};
use whipsnake_hir::helpers::Helper;
use whipsnake_hir::ops::{AttrAt, Math1, Math2};
use whipsnake_lower::{Stored, Target};

unsafe extern "C" {
    fn PyList_New(n: isize) -> *mut PyObject;
    fn _PyTuple_FromArraySteal(items: *const Obj, n: isize) -> Obj;
    fn PyFunction_New(code: Obj, globals: Obj) -> Obj;
    fn _PyType_Lookup(class: *mut ffi::PyTypeObject, name: Obj) -> Obj;
    fn _PyObject_GetMethod(o: Obj, name: Obj, method: *mut Obj) -> std::ffi::c_int;
}

/// "Leave" for a row with an object: nothing is set and nothing has happened.
fn leave() -> *mut PyObject {
    clear();
    std::ptr::null_mut()
}

/// Drops the exception of an attempt that the interpreter will repeat.
#[cold]
fn clear() {
    // SAFETY: the GIL is held; there may or may not be an exception.
    unsafe { ffi::PyErr_Clear() }
}

/// The result of an attempt, or "leave" when it failed.
#[inline]
fn or_leave(p: *mut PyObject) -> *mut PyObject {
    if p.is_null() { leave() } else { p }
}

/// The answer to a comparison by its number: 0 lt, 1 le, 2 eq, 3 ne, 4 gt, 5 ge.
fn by_order(order: std::cmp::Ordering, cc: i64) -> i8 {
    i8::from(match cc {
        0 => order.is_lt(),
        1 => order.is_le(),
        2 => order.is_eq(),
        3 => order.is_ne(),
        4 => order.is_gt(),
        _ => order.is_ge(),
    })
}

/// The address of a function item.
macro_rules! address {
    ($f:expr, ($($arg:ty),*) $(-> $ret:ty)?) => { $f as unsafe extern "C" fn($($arg),*) $(-> $ret)? as usize as u64 };
}

type Obj = *mut PyObject;

/// Where a helper is.
fn helper(h: Helper) -> u64 {
    match h {
        Helper::LongAdd => address!(int::add, (Obj, Obj) -> Obj),
        Helper::LongSub => address!(int::sub, (Obj, Obj) -> Obj),
        Helper::LongMul => address!(int::mul, (Obj, Obj) -> Obj),
        Helper::LongFloorDiv => address!(int::floor_div, (Obj, Obj) -> Obj),
        Helper::LongMod => address!(int::modulo, (Obj, Obj) -> Obj),
        Helper::LongAnd => address!(int::and, (Obj, Obj) -> Obj),
        Helper::LongOr => address!(int::or, (Obj, Obj) -> Obj),
        Helper::LongXor => address!(int::xor, (Obj, Obj) -> Obj),
        Helper::LongLshift => address!(int::lshift, (Obj, Obj) -> Obj),
        Helper::LongRshift => address!(int::rshift, (Obj, Obj) -> Obj),
        Helper::LongNeg => address!(int::neg, (Obj) -> Obj),
        Helper::LongCmp => address!(int::compare, (Obj, Obj, i64) -> i8),
        Helper::WideBox => address!(wide::boxed, (i64, i64) -> Obj),
        Helper::WideToFloat => address!(wide::to_float, (i64, i64) -> f64),
        Helper::WideMulHigh => address!(wide::mul_high, (i64, i64, i64, i64) -> i64),
        Helper::WideDiv => address!(wide::div, (i64, i64, i64, i64) -> i64),
        Helper::WideDivHigh => address!(wide::div_high, (i64, i64, i64, i64) -> i64),
        Helper::WideMod => address!(wide::modulo, (i64, i64, i64, i64) -> i64),
        Helper::WideModHigh => address!(wide::modulo_high, (i64, i64, i64, i64) -> i64),
        Helper::WideShlHigh => address!(wide::shl_high, (i64, i64, i64) -> i64),
        Helper::WideShr => address!(wide::shr, (i64, i64, i64) -> i64),
        Helper::WideShrHigh => address!(wide::shr_high, (i64, i64, i64) -> i64),
        Helper::NumBinary => address!(int::num_binary, (Obj, Obj, i64) -> Obj),
        Helper::RealBinary => address!(int::real_binary, (Obj, Obj, i64) -> Obj),
        Helper::CallNumeric => address!(int::call, (Obj, *const Obj, usize) -> Obj),
        Helper::FloatRound => address!(int::float_round, (f64, i64) -> Obj),
        Helper::FloatToLong => address!(int::float_to_long, (f64) -> Obj),
        Helper::StrConcat => address!(text::concat, (Obj, Obj) -> Obj),
        Helper::StrAppend => address!(text::append, (Obj, Obj) -> Obj),
        Helper::StrGet => address!(text::get, (Obj, i64) -> Obj),
        Helper::StrCmp => address!(text::compare, (Obj, Obj, i64) -> i8),
        Helper::StrOrd => address!(text::ord, (Obj) -> i64),
        Helper::LatinChr => address!(text::latin_chr, (i64) -> Obj),
        Helper::StrChr => address!(text::chr, (i64) -> Obj),
        Helper::TypeOf => address!(type_of, (Obj) -> Obj),
        Helper::StrContains => address!(text::contains, (Obj, Obj) -> i8),
        Helper::StrJoin => address!(text::join, (*const Obj, usize) -> Obj),
        Helper::FormatSimple => address!(text::format_simple, (Obj) -> Obj),
        Helper::FormatWith => address!(ffi::PyObject_Format, (Obj, Obj) -> Obj),
        Helper::Convert => address!(text::convert, (Obj, i64) -> Obj),
        Helper::IsSequence => address!(patterns::is_sequence, (Obj) -> i8),
        Helper::IsMapping => address!(patterns::is_mapping, (Obj) -> i8),
        Helper::Length => address!(patterns::length, (Obj) -> i64),
        Helper::MatchKeys => address!(patterns::keys, (Obj, Obj) -> Obj),
        Helper::MatchClass => address!(patterns::class, (Obj, Obj, Obj, i64) -> Obj),
        Helper::TupleRest => address!(seq::tuple_rest, (Obj, i64, i64) -> Obj),
        Helper::SetAdd => address!(ffi::PySet_Add, (Obj, Obj) -> i32),
        Helper::ListAppend => address!(seq::append, (Obj, Obj) -> i32),
        Helper::ListAppendInt => address!(seq::append_int, (Obj, i64) -> i32),
        Helper::ListAppendFloat => address!(seq::append_float, (Obj, f64) -> i32),
        Helper::ListPop => address!(seq::pop, (Obj) -> Obj),
        Helper::ListRepeat => address!(seq::repeat, (Obj, i64) -> Obj),
        Helper::ListConcat | Helper::TupleConcat => address!(seq::concat, (Obj, Obj) -> Obj),
        Helper::ListSlice => address!(seq::slice, (Obj, i64, i64) -> Obj),
        Helper::NewTuple => address!(new_tuple, (Obj, *const Obj, usize) -> Obj),
        Helper::NewInstance => address!(new_instance, (Obj) -> Obj),
        Helper::GetMethod => address!(get_method, (Obj, Obj) -> Obj),
        Helper::ListSliceStep => address!(seq::slice_step, (Obj, i64, i64, i64, i64) -> Obj),
        Helper::ListMoveSlice => address!(seq::move_slice, (Obj, i64, i64, Obj, i64, i64, i64, i64) -> i32),
        Helper::ListSetSlice => address!(seq::set_slice, (Obj, i64, i64, Obj) -> i32),
        Helper::ListFrom => address!(seq::list_from, (Obj) -> Obj),
        Helper::TupleFrom => address!(seq::tuple_from, (Obj) -> Obj),
        Helper::ListSort => address!(ffi::PyList_Sort, (Obj) -> i32),
        Helper::DictLen => address!(dict::dict_len, (Obj) -> i64),
        Helper::SetLen => address!(dict::set_len, (Obj) -> i64),
        Helper::DictGetItem => address!(dict::get_item, (Obj, Obj) -> Obj),
        Helper::DictSetItem => address!(dict::set_item, (Obj, Obj, Obj) -> i32),
        Helper::DictMerge => address!(dict::merge, (Obj, Obj) -> i32),
        Helper::DictContains => address!(dict::contains, (Obj, Obj) -> i8),
        Helper::DictGetApart => address!(apart::get, (Obj, *const Obj, usize) -> Obj),
        Helper::DictHasApart => address!(apart::in_dict, (Obj, *const Obj, usize) -> i8),
        Helper::SetHasApart => address!(apart::is_in_set, (Obj, *const Obj, usize) -> i8),
        Helper::DictSetApart => address!(apart::set, (Obj, Obj, *const Obj, usize) -> i32),
        Helper::DictSetName => address!(dict::set_name, (Obj, Obj, Obj) -> i32),
        Helper::DictGetName => address!(dict::get_item, (Obj, Obj) -> Obj),
        Helper::DictNew => address!(dict::new, (*const Obj, usize) -> Obj),
        Helper::DictEmpty => address!(dict::empty, () -> Obj),
        Helper::KwDict => address!(dict::of_names, (*const Obj, usize) -> Obj),
        Helper::SetNew => address!(dict::set_new, (*const Obj, usize) -> Obj),
        Helper::Binary => address!(generic::binary, (Obj, Obj, i64) -> Obj),
        Helper::Compare => address!(generic::compare, (Obj, Obj, i64) -> Obj),
        Helper::CompareBool => address!(generic::compare_bool, (Obj, Obj, i64) -> i8),
        Helper::Negate => address!(ffi::PyNumber_Negative, (Obj) -> Obj),
        Helper::Invert => address!(ffi::PyNumber_Invert, (Obj) -> Obj),
        Helper::Truth => address!(generic::truth, (Obj) -> i8),
        Helper::Contains => address!(generic::contains, (Obj, Obj) -> i8),
        Helper::GetItem => address!(ffi::PyObject_GetItem, (Obj, Obj) -> Obj),
        Helper::ListExtend => address!(generic::list_extend, (Obj, Obj) -> i32),
        Helper::SetItem => address!(ffi::PyObject_SetItem, (Obj, Obj, Obj) -> i32),
        Helper::DelItem => address!(ffi::PyObject_DelItem, (Obj, Obj) -> i32),
        Helper::GetAttr => address!(ffi::PyObject_GetAttr, (Obj, Obj) -> Obj),
        Helper::SuperAttr => address!(generic::super_attr, (Obj, Obj, Obj) -> Obj),
        Helper::SetAttr => address!(ffi::PyObject_SetAttr, (Obj, Obj, Obj) -> i32),
        Helper::GetIter => address!(ffi::PyObject_GetIter, (Obj) -> Obj),
        Helper::IterNext => address!(generic::iter_next, (Obj) -> Obj),
        Helper::CallPos => address!(generic::call_pos, (Obj, *const Obj, usize) -> Obj),
        Helper::CallKw => address!(generic::call_kw, (Obj, Obj, *const Obj, usize) -> Obj),
        Helper::CallEx => address!(generic::call_ex, (Obj, Obj, *const Obj, usize) -> Obj),
        Helper::CallBuiltin => address!(builtin::call, (Obj, i64, *const Obj, usize) -> Obj),
        Helper::StoreName => address!(generic::store_name, (Obj, Obj, Obj) -> i32),
        Helper::FuncNew => address!(function_new, (Obj, Obj, Obj, Obj) -> Obj),
        Helper::CellNew => address!(cell_new, (Obj) -> Obj),
        Helper::SliceNew => address!(seq::slice_new, (Obj, Obj, Obj) -> Obj),
    }
}

/// What compiled code needs to know of this process.
pub fn target(slot: &Slot, array_type: u64) -> Target {
    let mut types = layout::types();
    types[whipsnake_hir::types::Ty::Array as usize] = array_type;
    Target {
        header: std::ptr::from_ref(&*slot.header) as u64,
        exit_handler: exit::exit_handler as *const () as u64,
        frames_begin: visible::frames_begin as *const () as u64,
        frames_end: visible::frames_end as *const () as u64,
        call_end: visible::call_end as *const () as u64,
        call: visible::call as *const () as u64,
        dealloc: visible::dealloc as *const () as u64,
        dealloc_leaf: address!(spares::dealloc_leaf, (Obj)),
        large_int: address!(int::large, (Obj) -> u64),
        replace: Stored::ALL.map(|stored| match stored {
            Stored::Object => address!(replace::object, (*mut Obj, Obj) -> i32),
            Stored::Int => address!(replace::int, (*mut Obj, i64) -> i32),
            Stored::Float => address!(replace::float, (*mut Obj, f64) -> i32),
        }),
        set_attr: Stored::ALL.map(|stored| match stored {
            Stored::Object => address!(replace::set_object, (Obj, i64, Obj) -> i32),
            Stored::Int => address!(replace::set_int, (Obj, i64, i64) -> i32),
            Stored::Float => address!(replace::set_float, (Obj, i64, f64) -> i32),
        }),
        unbox_result: exit::unbox_result as *const () as u64,
        box_int: address!(spares::box_int, (i64) -> Obj),
        box_float: address!(spares::box_float, (f64) -> Obj),
        spare_ints: spares::ints(),
        spare_floats: spares::floats(),
        spare_complexes: spares::complexes(),
        box_complex: address!(spares::box_complex, (f64, f64) -> Obj),
        list_new: address!(list_new, (*const Obj, usize) -> Obj),
        tuple_new: address!(tuple_new, (*const Obj, usize) -> Obj),
        helpers: std::array::from_fn(|i| helper(Helper::ALL[i])),
        quick: std::array::from_fn(|i| quick::shortcut(Helper::ALL[i])),
        math1: std::array::from_fn(|i| math::one(Math1::ALL[i])),
        math2: std::array::from_fn(|i| math::two(Math2::ALL[i])),
        types,
        other_watchers: !(1 << crate::invalidate::dict_watcher()),
        // SAFETY: the addresses of the singletons.
        true_: unsafe { ffi::Py_True() } as u64,
        // SAFETY: as above.
        false_: unsafe { ffi::Py_False() } as u64,
        small_ints: layout::small_ints(),
        small_int_stride: SMALL_INT_STRIDE as u64,
    }
}

/// A new instance, as `object.__new__` makes one; leaves without memory.
unsafe extern "C" fn new_instance(class: Obj) -> Obj {
    // SAFETY: a class of Python's own making with the usual allocator.
    or_leave(unsafe { ffi::PyType_GenericAlloc(class.cast(), 0) })
}

/// An instance of a class derived from `tuple`, its items still to be put in.
///
/// # Safety
/// The GIL is held; a class of Python's own making with the usual allocator.
pub unsafe fn blank_tuple(class: Obj, n: isize) -> Obj {
    // SAFETY: the contract; the field is that of a tuple, whose hash nobody has asked for yet.
    unsafe {
        let made = rebuild::made(ffi::PyType_GenericAlloc(class.cast(), n));
        gil::write(made, tuple::HASH, -1isize);
        made
    }
}

/// A new instance of a class derived from `tuple`, as `tuple.__new__` makes one.
pub unsafe extern "C" fn new_tuple(class: Obj, items: *const Obj, n: usize) -> Obj {
    // SAFETY: a class of Python's own making with the usual allocator, and `n` live items.
    unsafe {
        let made = blank_tuple(class, n as isize);
        for (i, &item) in std::slice::from_raw_parts(items, n).iter().enumerate() {
            ffi::PyTuple_SET_ITEM(made, i as isize, ffi::Py_NewRef(item));
        }
        made
    }
}

/// The first store to an attribute of an instance that nobody else has seen; takes over the reference.
///
/// # Safety
/// The GIL is held; an instance of a class that keeps the attribute there, without a dict of its own.
pub unsafe fn init_attribute(o: Obj, at: AttrAt, value: Obj) {
    // SAFETY: the contract.
    unsafe {
        gil::write(o, at.offset as usize, value);
        replace::note_order(o, at);
    }
}

unsafe extern "C" fn type_of(o: Obj) -> Obj {
    // SAFETY: compiled code passes a live object, which holds its class.
    unsafe { ffi::Py_NewRef(ffi::Py_TYPE(o).cast()) }
}

/// The function that calling a method by this name calls with the object in front; leaves when it is not that simple.
unsafe extern "C" fn get_method(o: Obj, name: Obj) -> Obj {
    // SAFETY: a live object and an exact str. Looking a name up in a class runs no code, and neither does finding out whether an
    // object, whose names are strings, has an attribute of its own in front of it.
    unsafe {
        let class = ffi::Py_TYPE(o);
        let usual = ffi::PyObject_GenericGetAttr as *const () as usize;
        if (*class).tp_getattro.is_none_or(|f| f as *const () as usize != usual) {
            return std::ptr::null_mut();
        }
        let found = _PyType_Lookup(class, name);
        if found.is_null() || ffi::PyType_GetFlags(ffi::Py_TYPE(found)) & ffi::Py_TPFLAGS_METHOD_DESCRIPTOR == 0 {
            return std::ptr::null_mut();
        }
        let mut method = std::ptr::null_mut();
        if _PyObject_GetMethod(o, name, &raw mut method) == 1 {
            return method;
        }
        // What the object has by this name keeps it alive.
        ffi::Py_XDECREF(method);
        leave()
    }
}

/// A new list that takes over the references; never null.
unsafe extern "C" fn list_new(items: *const Obj, n: usize) -> Obj {
    // SAFETY: `n` items, each with a reference for the list, which has as many empty places.
    unsafe {
        let list = PyList_New(n as isize);
        if list.is_null() {
            frame::out_of_memory();
        }
        for i in 0..n {
            ffi::PyList_SET_ITEM(list, i as isize, *items.add(i));
        }
        list
    }
}

/// A new function as MAKE_FUNCTION makes it; takes over the references to closure and defaults (tuples, or null).
///
/// # Safety
/// The GIL is held; a live code object and its globals.
pub unsafe fn function(code: Obj, globals: Obj, closure: Obj, defaults: Obj) -> Obj {
    use whipsnake_abi::layout::{code as co, func};
    // SAFETY: the contract; the fields are those of a function just made, which nobody has seen.
    unsafe {
        let f = rebuild::made(PyFunction_New(code, globals));
        gil::write(f, func::CLOSURE, closure);
        gil::write(f, func::DEFAULTS, defaults);
        // So that call sites specialised for other functions of this code take it.
        if hook::is_ordinary(f) && !hook::is_hooked(f) {
            hook::_PyFunction_SetVersion(f, gil::read::<u32>(code, co::VERSION));
        }
        f
    }
}

unsafe extern "C" fn function_new(code: Obj, globals: Obj, closure: Obj, defaults: Obj) -> Obj {
    // SAFETY: compiled code's operands; None stands for nothing.
    unsafe {
        let some = |o: Obj| if o == ffi::Py_None() { std::ptr::null_mut() } else { o };
        function(code, globals, some(closure), some(defaults))
    }
}

/// A new cell, which takes over the reference.
unsafe extern "C" fn cell_new(content: Obj) -> Obj {
    // SAFETY: a live object or null; the cell is fresh.
    unsafe {
        let cell = rebuild::made(ffi::PyCell_New(content));
        ffi::Py_XDECREF(content);
        cell
    }
}

/// As `list_new`, a tuple; as in the interpreter, one of items that the collector never tracks is not tracked itself.
///
/// # Safety
/// `n` items, each with a reference that becomes the tuple's.
pub unsafe extern "C" fn tuple_new(items: *const Obj, n: usize) -> Obj {
    // SAFETY: the contract; a tuple that is not empty is fresh.
    unsafe {
        let tracked = (0..n).any(|i| ffi::PyType_GetFlags(ffi::Py_TYPE(*items.add(i))) & ffi::Py_TPFLAGS_HAVE_GC != 0);
        let tuple = _PyTuple_FromArraySteal(items, n as isize);
        if tuple.is_null() {
            frame::out_of_memory();
        }
        if n > 0 && !tracked {
            ffi::PyObject_GC_UnTrack(tuple.cast());
        }
        tuple
    }
}
