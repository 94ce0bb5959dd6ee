//! Shortcuts: the work of helpers that may run Python code, for operands with which they do not.
//!
//! Making frames visible costs far more than adding two strings, so compiled code tries these first, without. A shortcut
//! looks at the exact types of its operands. Only builtin ones go further, and of containers only those whose items cannot
//! bring in code of their own. It declines whenever Python code might run, a frame might be looked at, or something failed:
//! then nothing has happened, no exception is set, and the helper proper does the work and meets the error itself. One thing
//! is let pass: an iterator over dict items may drop its last pair, and what that pair alone kept.

use super::attrs::{self, slot};
use super::builtin::{self, Standard};
use super::dict::{self, Found};
use super::generic::{self, binary};
use super::patterns;
use super::tables::{One, in_set, keys_of};
use super::{Obj, clear, frees_only_memory, int, iters, or_leave, text};
use crate::gil::read;
use crate::layout as here;
use pyo3::ffi::{self, PySliceObject};
use std::ptr;
use whipsnake_abi::layout::{list, object, set, tuple};
use whipsnake_abi::opcode::nb;
use whipsnake_hir::helpers::Helper;
use whipsnake_hir::types::Ty;

/// "Declined", where null does not say it.
pub(super) const DECLINED: i32 = -2;
/// The longest container that is looked through item by item: what is asked for may take less time than looking.
const LONGEST_LOOK: isize = 32;
/// Entries of the largest table of a set that is.
const WIDEST_LOOK: usize = 256;

/// What an object is, as far as it matters here.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    Str,
    Bytes,
    None,
    List,
    Tuple,
    Dict,
    Set,
    Range,
    Slice,
    Other,
}
use Kind::*;

#[inline]
pub(super) unsafe fn kind(o: Obj) -> Kind {
    // SAFETY: a live object.
    let ty = unsafe { ffi::Py_TYPE(o) };
    let is = |t: *mut ffi::PyTypeObject| ty == t;
    if is(&raw mut ffi::PyLong_Type) {
        // SAFETY: an exact int.
        if unsafe { int::is_huge(o) } { Other } else { Number }
    } else if is(&raw mut ffi::PyFloat_Type) || is(&raw mut ffi::PyBool_Type) {
        Number
    } else if is(&raw mut ffi::PyUnicode_Type) {
        Str
    } else if is(&raw mut ffi::PyList_Type) {
        List
    } else if is(&raw mut ffi::PyTuple_Type) {
        Tuple
    } else if is(&raw mut ffi::PyDict_Type) {
        Dict
    } else if is(&raw mut ffi::PySlice_Type) {
        Slice
    } else if is(&raw mut ffi::PySet_Type) {
        Set
    } else if is(&raw mut ffi::PyBytes_Type) {
        Bytes
    } else if is(&raw mut ffi::PyRange_Type) {
        Range
    } else if is(&raw mut ffi::PyComplex_Type) {
        Number
    } else if ty as u64 == here::type_of(Ty::None) {
        None
    } else {
        Other
    }
}

pub(super) fn leaf(k: Kind) -> bool {
    matches!(k, Number | Str | Bytes | None)
}

pub(super) unsafe fn is_int(o: Obj) -> bool {
    // SAFETY: a live object.
    unsafe { ffi::PyLong_CheckExact(o) != 0 }
}

/// The items of a list or tuple.
pub(super) unsafe fn items<'a>(o: Obj, k: Kind) -> &'a [Obj] {
    // SAFETY: an exact list or tuple, as `k` says; it is not changed while they are looked at.
    unsafe {
        let (n, p): (usize, *const Obj) = if k == List {
            (read(o, list::LEN), read(o, list::ITEMS))
        } else {
            (read(o, tuple::LEN), o.byte_add(tuple::ITEMS).cast())
        };
        if n == 0 { &[] } else { std::slice::from_raw_parts(p, n) }
    }
}

pub(super) unsafe fn all_leaves(o: Obj, k: Kind) -> bool {
    // SAFETY: as in `items`; the items are live.
    unsafe {
        let items = items(o, k);
        items.len() as isize <= LONGEST_LOOK && items.iter().all(|&i| leaf(kind(i)))
    }
}

/// A leaf, or a list or tuple of leaves.
unsafe fn plain(o: Obj) -> bool {
    // SAFETY: a live object.
    unsafe {
        let k = kind(o);
        leaf(k) || matches!(k, List | Tuple) && all_leaves(o, k)
    }
}

pub(super) unsafe fn all_plain(args: *const Obj, n: usize) -> bool {
    // SAFETY: `n` live arguments.
    unsafe { (0..n).all(|i| plain(*args.add(i))) }
}

/// A key whose hash and comparisons run no code of their own: what `dict::find` takes.
pub(super) unsafe fn is_key(o: Obj) -> bool {
    // SAFETY: a live object.
    unsafe {
        match kind(o) {
            Str | Number | None => true,
            Tuple => dict::is_plain(o, 0),
            Other => dict::is_itself(o) || dict::is_derived(o),
            _ => false,
        }
    }
}

/// Whether an object's slot of its class is the one that dicts have: of classes derived from `dict`, those that leave this to it.
macro_rules! as_dict {
    ($o:expr, $table:ident, $slot:ident) => {{
        let ty = ffi::Py_TYPE($o);
        ffi::PyType_FastSubclass(ty, ffi::Py_TPFLAGS_DICT_SUBCLASS) != 0
            && !(*ty).$table.is_null()
            && (*(*ty).$table).$slot.map(|f| f as usize) == (*ffi::PyDict_Type.$table).$slot.map(|f| f as usize)
    }};
}

/// The value of a key in an object that takes items as dicts do; a defaultdict makes what it has not by calling its factory.
unsafe fn dict_item(o: Obj, key: Obj) -> Obj {
    // SAFETY: an object whose class is derived from dict, and a key. The factory follows the dict's own structure.
    unsafe {
        match dict::find(o, key) {
            Found::Value(v) => ffi::Py_NewRef(v),
            Found::Missing if builtin::standard(o) == Standard::DefaultDict => {
                let factory: Obj = read(o, ffi::PyDict_Type.tp_basicsize as usize);
                let plain = [
                    &raw mut ffi::PyList_Type,
                    &raw mut ffi::PyDict_Type,
                    &raw mut ffi::PySet_Type,
                    &raw mut ffi::PyLong_Type,
                    &raw mut ffi::PyFloat_Type,
                    &raw mut ffi::PyUnicode_Type,
                    &raw mut ffi::PyBool_Type,
                    &raw mut ffi::PyTuple_Type,
                ];
                if plain.into_iter().any(|t| t.cast() == factory) {
                    or_leave(ffi::PyObject_GetItem(o, key))
                } else {
                    ptr::null_mut()
                }
            }
            Found::Missing | Found::Unsafe => ptr::null_mut(),
        }
    }
}

/// An int, or a slice of ints.
unsafe fn is_index(o: Obj) -> bool {
    // SAFETY: a live object, and the parts of a live slice.
    unsafe {
        if kind(o) != Slice {
            return is_int(o);
        }
        let s = &*o.cast::<PySliceObject>();
        [s.start, s.stop, s.step].iter().all(|&p| is_int(p) || kind(p) == None)
    }
}

pub(super) fn or_decline(r: i32) -> i32 {
    if r < 0 {
        clear();
        return DECLINED;
    }
    r
}

unsafe extern "C" fn quick_binary(a: Obj, b: Obj, op: i64) -> Obj {
    // SAFETY: live objects, and the argument of a BINARY_OP; each case is what the operator does with these types.
    unsafe {
        let (x, y) = (kind(a), kind(b));
        let op_is = |plain: u32, in_place: u32| op == i64::from(plain) || op == i64::from(in_place);
        let fine = match (x, y) {
            (Number, Number) => true,
            _ if op == i64::from(nb::NB_SUBSCR) => return quick_get_item(a, b),
            (Str, _) if op_is(nb::NB_REMAINDER, nb::NB_INPLACE_REMAINDER) => matches!(y, Number | Str) || y == Tuple && all_leaves(b, y),
            (Str, Str) | (Bytes, Bytes) | (Tuple, Tuple) | (List, List) => op_is(nb::NB_ADD, nb::NB_INPLACE_ADD),
            (Str | Bytes | Tuple, Number) | (Number, Str | Bytes | Tuple) => op_is(nb::NB_MULTIPLY, nb::NB_INPLACE_MULTIPLY),
            (List, Number) | (Number, List) => op == i64::from(nb::NB_MULTIPLY),
            (Set, Set) => all_keys(a) && all_keys(b) && is_of_sets(op),
            _ => false,
        };
        if fine { or_leave(binary(a, b, op)) } else { ptr::null_mut() }
    }
}

/// Whether it is an operator that sets have, in place or not.
fn is_of_sets(op: i64) -> bool {
    matches!(
        op as u32 % nb::NB_INPLACE_ADD,
        nb::NB_AND | nb::NB_OR | nb::NB_SUBTRACT | nb::NB_XOR
    )
}

/// Whether a set is small and has only keys whose comparisons run no code.
unsafe fn all_keys(set: Obj) -> bool {
    // SAFETY: a live set; its keys are live.
    unsafe { read::<usize>(set, set::MASK) < WIDEST_LOOK && keys_of(set).all(|key| is_key(key)) }
}

unsafe extern "C" fn quick_compare(a: Obj, b: Obj, cc: i64) -> Obj {
    // SAFETY: live objects; comparing leaves runs no code, and between equal types gives no warning either.
    unsafe {
        match (kind(a), kind(b)) {
            (Str, Bytes) | (Bytes, Str) => ptr::null_mut(),
            (x, y) if leaf(x) && leaf(y) => or_leave(generic::compare(a, b, cc)),
            (Tuple, Tuple) if all_leaves(a, Tuple) && all_leaves(b, Tuple) => or_leave(generic::compare(a, b, cc)),
            (x, y) if (x == Other || y == Other) && compares_tamely(a, x) && compares_tamely(b, y) => or_leave(generic::compare(a, b, cc)),
            _ => ptr::null_mut(),
        }
    }
}

/// Whether an object's part in a comparison runs no code: a number, None, something that compares as its identity, or of a class that
/// leaves comparing to `int`.
unsafe fn compares_tamely(o: Obj, k: Kind) -> bool {
    // SAFETY: a live object.
    unsafe {
        let how = slot!(ffi::Py_TYPE(o), tp_richcompare);
        matches!(k, Number | None | Str)
            || k == Other
                && (how == slot!(&raw const ffi::PyBaseObject_Type, tp_richcompare)
                    || how == slot!(&raw const ffi::PyLong_Type, tp_richcompare))
    }
}

/// What such a comparison gives is a bool.
unsafe extern "C" fn quick_compare_bool(a: Obj, b: Obj, cc: i64) -> i8 {
    // SAFETY: as above.
    unsafe {
        let result = quick_compare(a, b, cc);
        if result.is_null() {
            return DECLINED as i8;
        }
        i8::from(result == ffi::Py_True())
    }
}

unsafe extern "C" fn quick_negate(a: Obj) -> Obj {
    // SAFETY: a live object.
    unsafe {
        if kind(a) == Number {
            or_leave(ffi::PyNumber_Negative(a))
        } else {
            ptr::null_mut()
        }
    }
}

/// Not of bools, which gives a warning.
unsafe extern "C" fn quick_invert(a: Obj) -> Obj {
    // SAFETY: a live object.
    unsafe {
        if is_int(a) {
            or_leave(ffi::PyNumber_Invert(a))
        } else {
            ptr::null_mut()
        }
    }
}

unsafe extern "C" fn quick_truth(a: Obj) -> i8 {
    // SAFETY: a live object; the truth of a builtin is its length or value.
    unsafe {
        if kind(a) == Slice || kind(a) == Other && !has_plain_truth(a) {
            return DECLINED as i8;
        }
        or_decline(ffi::PyObject_IsTrue(a)) as i8
    }
}

/// Whether an object is true whatever it holds, or as its length says, which is a field.
unsafe fn has_plain_truth(o: Obj) -> bool {
    // SAFETY: a live object; the tables of slots of its class are live or null.
    unsafe {
        let t = &*ffi::Py_TYPE(o);
        let number = t.tp_as_number.as_ref().is_none_or(|n| n.nb_bool.is_none());
        let mapping = t.tp_as_mapping.as_ref().is_none_or(|m| m.mp_length.is_none());
        let sequence = t.tp_as_sequence.as_ref().is_none_or(|s| s.sq_length.is_none());
        number && (mapping && sequence || builtin::is_sized(o))
    }
}

/// Whether an object is a set, or one that does not change.
unsafe fn is_set(o: Obj) -> bool {
    // SAFETY: a live object.
    unsafe { kind(o) == Set || ffi::Py_TYPE(o) == &raw mut ffi::PyFrozenSet_Type }
}

unsafe extern "C" fn quick_contains(needle: Obj, container: Obj) -> i8 {
    // SAFETY: live objects; see the cases.
    unsafe {
        let (n, c) = (kind(needle), kind(container));
        match c {
            Str if n == Str => or_decline(ffi::PySequence_Contains(container, needle)) as i8,
            Range | Bytes if is_int(needle) => or_decline(ffi::PySequence_Contains(container, needle)) as i8,
            Dict | Other if is_key(needle) && as_dict!(container, tp_as_sequence, sq_contains) => match dict::find(container, needle) {
                Found::Value(_) => 1,
                Found::Missing => 0,
                Found::Unsafe => DECLINED as i8,
            },
            Set | Other if is_key(needle) && is_set(container) => match in_set(container, &One::new(needle)) {
                Some(found) => i8::from(found),
                Option::None => DECLINED as i8,
            },
            List | Tuple if leaf(n) => {
                for &item in items(container, c) {
                    let k = kind(item);
                    if item == needle {
                        return 1;
                    }
                    if !leaf(k) || (k == Bytes) != (n == Bytes) && (k == Str || n == Str) {
                        return DECLINED as i8;
                    }
                    if ffi::PyObject_RichCompareBool(item, needle, ffi::Py_EQ) == 1 {
                        return 1;
                    }
                }
                0
            }
            _ => DECLINED as i8,
        }
    }
}

unsafe extern "C" fn quick_length(o: Obj) -> i64 {
    // SAFETY: a live object; the lengths of these kinds are at hand.
    unsafe {
        if has_length(kind(o)) {
            ffi::PyObject_Size(o) as i64
        } else {
            i64::from(DECLINED)
        }
    }
}

unsafe extern "C" fn quick_get_item(o: Obj, key: Obj) -> Obj {
    // SAFETY: live objects.
    unsafe {
        match kind(o) {
            List | Tuple | Str | Bytes | Range if is_index(key) => or_leave(ffi::PyObject_GetItem(o, key)),
            Dict if is_key(key) => dict::get_item(o, key),
            Other if is_key(key) && as_dict!(o, tp_as_mapping, mp_subscript) => dict_item(o, key),
            _ => ptr::null_mut(),
        }
    }
}

/// Freeing what the item now is runs no code.
pub(super) unsafe fn may_go(old: Obj) -> bool {
    // SAFETY: a live object.
    unsafe { leaf(kind(old)) || read::<i32>(old, object::REFCNT) != 1 || frees_only_memory(old) }
}

unsafe extern "C" fn quick_set_item(o: Obj, key: Obj, value: Obj) -> i32 {
    // SAFETY: live objects; the old items are looked at before they go.
    unsafe {
        match kind(o) {
            List if is_int(key) => {
                let items = items(o, List);
                let n = ffi::PyLong_AsSsize_t(key);
                let n = if n < 0 { n + items.len() as isize } else { n };
                match items.get(n as usize) {
                    Some(&old) if may_go(old) => or_decline(ffi::PyObject_SetItem(o, key, value)),
                    _ => {
                        // The index may be too large even for a machine word.
                        clear();
                        DECLINED
                    }
                }
            }
            List if kind(key) == Slice && is_index(key) && matches!(kind(value), List | Tuple) && all_leaves(o, List) => {
                or_decline(ffi::PyObject_SetItem(o, key, value))
            }
            Dict | Other if is_key(key) && as_dict!(o, tp_as_mapping, mp_ass_subscript) => match dict::set_item(o, key, value) {
                0 => 0,
                _ => DECLINED,
            },
            _ => DECLINED,
        }
    }
}

unsafe extern "C" fn quick_del_item(o: Obj, key: Obj) -> i32 {
    // SAFETY: live objects; what goes is looked at before. A dict's own key goes with it, which is of a kind with this one.
    unsafe {
        match kind(o) {
            List if is_int(key) => {
                let items = items(o, List);
                let n = ffi::PyLong_AsSsize_t(key);
                let n = if n < 0 { n + items.len() as isize } else { n };
                match items.get(n as usize) {
                    Some(&old) if may_go(old) => or_decline(ffi::PyObject_DelItem(o, key)),
                    _ => {
                        clear();
                        DECLINED
                    }
                }
            }
            Dict | Other if is_key(key) && as_dict!(o, tp_as_mapping, mp_ass_subscript) => match dict::find(o, key) {
                Found::Value(old) if may_go(old) => or_decline(ffi::PyObject_DelItem(o, key)),
                _ => DECLINED,
            },
            _ => DECLINED,
        }
    }
}

// ---- calls

unsafe extern "C" fn quick_call_pos(callable: Obj, args: *const Obj, n: usize) -> Obj {
    // SAFETY: a live callable and `n` live arguments.
    unsafe {
        if ffi::Py_TYPE(callable) != &raw mut ffi::PyType_Type {
            return builtin::quick_call(callable, builtin::care(callable) as i64, args, n);
        }
        if may_construct(callable.cast(), args, n) {
            or_leave(generic::call_pos(callable, args, n))
        } else {
            ptr::null_mut()
        }
    }
}

pub(super) fn has_length(k: Kind) -> bool {
    !matches!(k, Other | Slice | None | Number)
}

/// Whether making an instance of a builtin class from these arguments runs no code.
unsafe fn may_construct(class: *mut ffi::PyTypeObject, args: *const Obj, n: usize) -> bool {
    // SAFETY: as in `quick_call_pos`.
    unsafe {
        let is = |t: *mut ffi::PyTypeObject| class == t;
        let iterates = is(&raw mut ffi::PyList_Type)
            || is(&raw mut ffi::PyTuple_Type)
            || is(&raw mut ffi::PyEnum_Type)
            || is(&raw mut ffi::PyZip_Type);
        if iterates && (0..n).all(|i| has_length(kind(*args.add(i)))) {
            return true;
        }
        if is(&raw mut ffi::PyLong_Type) && (0..n).any(|i| int::may_import(*args.add(i))) {
            return false;
        }
        if is(&raw mut ffi::PyBaseObject_Type) && n == 0 || is(&raw mut ffi::PyDict_Type) && (n == 0 || n == 1 && kind(*args) == Dict) {
            return true;
        }
        let computes = [
            &raw mut ffi::PyLong_Type,
            &raw mut ffi::PyFloat_Type,
            &raw mut ffi::PyBool_Type,
            &raw mut ffi::PyComplex_Type,
            &raw mut ffi::PyRange_Type,
            &raw mut ffi::PySet_Type,
            &raw mut ffi::PyFrozenSet_Type,
        ];
        let is_complex = |i: usize| ffi::Py_TYPE(*args.add(i)) == &raw mut ffi::PyComplex_Type;
        if is(&raw mut ffi::PyComplex_Type) && n > 1 && (0..n).any(is_complex) {
            // A part that is complex itself gives a warning.
            return false;
        }
        if computes.into_iter().any(is) {
            return all_plain(args, n);
        }
        // A str of bytes may give a warning.
        is(&raw mut ffi::PyUnicode_Type) && n == 1 && kind(*args) != Bytes && plain(*args) || is(&raw mut ffi::PyType_Type) && n == 1
    }
}

unsafe extern "C" fn quick_list_extend(list: Obj, items: Obj) -> i32 {
    // SAFETY: an exact list and a live object.
    unsafe {
        if has_length(kind(items)) {
            or_decline(generic::list_extend(list, items))
        } else {
            DECLINED
        }
    }
}

unsafe extern "C" fn quick_dict_new(items: *const Obj, n: usize) -> Obj {
    // SAFETY: `n` live objects, every other one a key.
    unsafe {
        if (0..n).step_by(2).all(|i| is_key(*items.add(i))) {
            or_leave(dict::new(items, n))
        } else {
            ptr::null_mut()
        }
    }
}

unsafe extern "C" fn quick_set_new(items: *const Obj, n: usize) -> Obj {
    // SAFETY: `n` live objects.
    unsafe {
        if (0..n).all(|i| is_key(*items.add(i))) {
            or_leave(dict::set_new(items, n))
        } else {
            ptr::null_mut()
        }
    }
}

unsafe extern "C" fn quick_str_join(items: *const Obj, n: usize) -> Obj {
    // SAFETY: `n` strings.
    or_leave(unsafe { text::join(items, n) })
}

unsafe extern "C" fn quick_format(o: Obj) -> Obj {
    // SAFETY: a live object.
    unsafe {
        if matches!(kind(o), Number | Str) {
            or_leave(text::format_simple(o))
        } else {
            ptr::null_mut()
        }
    }
}

unsafe extern "C" fn quick_format_with(o: Obj, spec: Obj) -> Obj {
    // SAFETY: live objects.
    unsafe {
        if matches!(kind(o), Number | Str) && kind(spec) == Str {
            or_leave(ffi::PyObject_Format(o, spec))
        } else {
            ptr::null_mut()
        }
    }
}

unsafe extern "C" fn quick_convert(o: Obj, how: i64) -> Obj {
    // SAFETY: a live object. The str of bytes may give a warning.
    unsafe {
        if plain(o) && kind(o) != Bytes {
            or_leave(text::convert(o, how))
        } else {
            ptr::null_mut()
        }
    }
}

unsafe extern "C" fn quick_set_add(set: Obj, item: Obj) -> i32 {
    // SAFETY: an exact set and a live object.
    unsafe {
        if kind(set) == Set && is_key(item) && in_set(set, &One::new(item)).is_some() {
            or_decline(ffi::PySet_Add(set, item))
        } else {
            DECLINED
        }
    }
}

unsafe extern "C" fn quick_store_name(namespace: Obj, name: Obj, value: Obj) -> i32 {
    // SAFETY: live objects.
    unsafe {
        if kind(namespace) == Dict && is_key(name) && dict::set_item(namespace, name, value) == 0 {
            0
        } else {
            DECLINED
        }
    }
}

/// The address of a helper's shortcut, 0 where there is none.
pub fn shortcut(h: Helper) -> u64 {
    macro_rules! address {
        ($f:expr, ($($arg:ty),*) -> $ret:ty) => { $f as unsafe extern "C" fn($($arg),*) -> $ret as usize as u64 };
    }
    match h {
        Helper::Binary => address!(quick_binary, (Obj, Obj, i64) -> Obj),
        Helper::Compare => address!(quick_compare, (Obj, Obj, i64) -> Obj),
        Helper::CompareBool => address!(quick_compare_bool, (Obj, Obj, i64) -> i8),
        Helper::Negate => address!(quick_negate, (Obj) -> Obj),
        Helper::Invert => address!(quick_invert, (Obj) -> Obj),
        Helper::Truth => address!(quick_truth, (Obj) -> i8),
        Helper::Contains => address!(quick_contains, (Obj, Obj) -> i8),
        Helper::Length => address!(quick_length, (Obj) -> i64),
        Helper::GetItem => address!(quick_get_item, (Obj, Obj) -> Obj),
        Helper::SetItem => address!(quick_set_item, (Obj, Obj, Obj) -> i32),
        Helper::DelItem => address!(quick_del_item, (Obj, Obj) -> i32),
        Helper::GetAttr => address!(attrs::quick_get_attr, (Obj, Obj) -> Obj),
        Helper::SetAttr => address!(attrs::quick_set_attr, (Obj, Obj, Obj) -> i32),
        Helper::GetIter => address!(iters::quick_get_iter, (Obj) -> Obj),
        Helper::IterNext => address!(iters::quick_iter_next, (Obj) -> Obj),
        Helper::CallPos => address!(quick_call_pos, (Obj, *const Obj, usize) -> Obj),
        Helper::CallBuiltin => address!(builtin::quick_call, (Obj, i64, *const Obj, usize) -> Obj),
        Helper::ListExtend => address!(quick_list_extend, (Obj, Obj) -> i32),
        Helper::DictNew => address!(quick_dict_new, (*const Obj, usize) -> Obj),
        Helper::SetNew => address!(quick_set_new, (*const Obj, usize) -> Obj),
        Helper::StrJoin => address!(quick_str_join, (*const Obj, usize) -> Obj),
        Helper::FormatSimple => address!(quick_format, (Obj) -> Obj),
        Helper::FormatWith => address!(quick_format_with, (Obj, Obj) -> Obj),
        Helper::Convert => address!(quick_convert, (Obj, i64) -> Obj),
        Helper::MatchKeys => address!(patterns::quick_keys, (Obj, Obj) -> Obj),
        Helper::MatchClass => address!(patterns::quick_class, (Obj, Obj, Obj, i64) -> Obj),
        Helper::SetAdd => address!(quick_set_add, (Obj, Obj) -> i32),
        Helper::StoreName => address!(quick_store_name, (Obj, Obj, Obj) -> i32),
        _ => 0,
    }
}
