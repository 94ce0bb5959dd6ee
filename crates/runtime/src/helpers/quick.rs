//! Shortcuts: the work of helpers that may run Python code, for operands with which they do not.
//!
//! Making frames visible costs far more than adding two strings, so compiled code tries these first, without. A shortcut
//! looks at the exact types of its operands. Only builtin ones go further, and of containers only those whose items cannot
//! bring in code of their own. It declines whenever Python code might run, a frame might be looked at, or something failed:
//! then nothing has happened, no exception is set, and the helper proper does the work and meets the error itself. One thing
//! is let pass: an iterator over dict items may drop its last pair, and what that pair alone kept.

use super::dict::{self, Found};
use super::generic::{self, binary};
use super::{Obj, clear, or_leave, seq, text};
use crate::gil::{Gil, read};
use crate::layout as here;
use pyo3::ffi::{self, PyCFunctionObject, PySliceObject};
use std::ffi::CStr;
use std::ptr;
use whipsnake_abi::layout::{list, object, seq_iter, set, tuple};
use whipsnake_abi::opcode::nb;
use whipsnake_hir::helpers::Helper;
use whipsnake_hir::types::Ty;

/// "Declined", where null does not say it.
const DECLINED: i32 = -2;
/// The same for an iterator, whose null means that it is done.
const ITER_DECLINED: Obj = ptr::without_provenance_mut(2);
/// Where iterators over dicts and sets keep what they iterate over: in their first field.
const SOURCE: usize = object::TYPE + 8;
/// The longest container that is looked through item by item.
const LONGEST_LOOK: isize = 4096;

/// What an object is, as far as it matters here.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
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

unsafe fn kind(o: Obj) -> Kind {
    // SAFETY: a live object.
    let ty = unsafe { ffi::Py_TYPE(o) };
    let is = |t: *mut ffi::PyTypeObject| ty == t;
    if is(&raw mut ffi::PyLong_Type) || is(&raw mut ffi::PyFloat_Type) || is(&raw mut ffi::PyBool_Type) {
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

fn leaf(k: Kind) -> bool {
    matches!(k, Number | Str | Bytes | None)
}

unsafe fn is_int(o: Obj) -> bool {
    // SAFETY: a live object.
    unsafe { ffi::PyLong_CheckExact(o) != 0 }
}

/// The items of a list or tuple.
unsafe fn items<'a>(o: Obj, k: Kind) -> &'a [Obj] {
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

unsafe fn all_leaves(o: Obj, k: Kind) -> bool {
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

unsafe fn all_plain(args: *const Obj, n: usize) -> bool {
    // SAFETY: `n` live arguments.
    unsafe { (0..n).all(|i| plain(*args.add(i))) }
}

/// A key whose hash and comparisons run no code of their own: what `dict::find` takes.
unsafe fn is_key(o: Obj) -> bool {
    // SAFETY: a live object.
    unsafe { is_int(o) || kind(o) == Str || kind(o) == Tuple && all_leaves(o, Tuple) }
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

fn or_decline(r: i32) -> i32 {
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
            _ => false,
        };
        if fine { or_leave(binary(a, b, op)) } else { ptr::null_mut() }
    }
}

unsafe extern "C" fn quick_compare(a: Obj, b: Obj, cc: i64) -> Obj {
    // SAFETY: live objects; comparing leaves runs no code, and between equal types gives no warning either.
    unsafe {
        match (kind(a), kind(b)) {
            (Str, Bytes) | (Bytes, Str) => ptr::null_mut(),
            (x, y) if leaf(x) && leaf(y) => or_leave(generic::compare(a, b, cc)),
            (Tuple, Tuple) if all_leaves(a, Tuple) && all_leaves(b, Tuple) => or_leave(generic::compare(a, b, cc)),
            _ => ptr::null_mut(),
        }
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
        if matches!(kind(a), Other | Slice) {
            return DECLINED as i8;
        }
        or_decline(ffi::PyObject_IsTrue(a)) as i8
    }
}

unsafe extern "C" fn quick_contains(needle: Obj, container: Obj) -> i8 {
    // SAFETY: live objects; see the cases.
    unsafe {
        let (n, c) = (kind(needle), kind(container));
        match c {
            Str if n == Str => or_decline(ffi::PySequence_Contains(container, needle)) as i8,
            Range | Bytes if is_int(needle) => or_decline(ffi::PySequence_Contains(container, needle)) as i8,
            Dict if is_key(needle) => match dict::find(container, needle) {
                Found::Value(_) => 1,
                Found::Missing => 0,
                Found::Unsafe => DECLINED as i8,
            },
            Set if is_key(needle) => match in_set(container, needle) {
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

/// Whether a set has this key, if that can be said without running Python code. The walk is CPython's: after each
/// place of the probe sequence a few neighbours, as long as they are within the table.
unsafe fn in_set(s: Obj, key: Obj) -> Option<bool> {
    const NEIGHBOURS: usize = 9;
    // SAFETY: the hash of such a key runs no code. The table has `mask + 1` entries {key, hash} and always an empty one.
    unsafe {
        let hash = ffi::PyObject_Hash(key);
        let mask: usize = read(s, set::MASK);
        let table: *const (Obj, isize) = read(s, set::TABLE);
        let mut perturb = hash as usize;
        let mut i = hash as usize & mask;
        loop {
            let last = if i + NEIGHBOURS <= mask { i + NEIGHBOURS } else { i };
            for n in i..=last {
                let (other, h) = *table.add(n);
                if other.is_null() {
                    return Some(false);
                }
                if h == hash && (other == key || dict::equal(key, other)?) {
                    return Some(true);
                }
            }
            perturb >>= 5;
            i = i.wrapping_mul(5).wrapping_add(1).wrapping_add(perturb) & mask;
        }
    }
}

unsafe extern "C" fn quick_get_item(o: Obj, key: Obj) -> Obj {
    // SAFETY: live objects.
    unsafe {
        match kind(o) {
            List | Tuple | Str | Bytes | Range if is_index(key) => or_leave(ffi::PyObject_GetItem(o, key)),
            Dict if is_key(key) => dict::get_item(o, key),
            _ => ptr::null_mut(),
        }
    }
}

/// Freeing what the item now is runs no code.
unsafe fn may_go(old: Obj) -> bool {
    // SAFETY: a live object.
    unsafe { read::<i32>(old, object::REFCNT) != 1 || leaf(kind(old)) }
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
            Dict if is_key(key) => match dict::set_item(o, key, value) {
                0 => 0,
                _ => DECLINED,
            },
            _ => DECLINED,
        }
    }
}

unsafe extern "C" fn quick_get_iter(o: Obj) -> Obj {
    // SAFETY: a live object.
    unsafe {
        match kind(o) {
            List | Tuple | Str | Bytes | Range | Dict | Set => or_leave(ffi::PyObject_GetIter(o)),
            _ => ptr::null_mut(),
        }
    }
}

/// What a builtin iterator iterates over, null when it is done; nothing for other objects.
unsafe fn source(it: Obj) -> Option<Obj> {
    // SAFETY: a live object; the types that are let through have the fields.
    unsafe {
        let ty = ffi::Py_TYPE(it);
        let address = ty as u64;
        let is = |t: *mut ffi::PyTypeObject| ty == t;
        if address == here::type_of(Ty::RangeIter) || here::is_str_iter(address) {
            // They hold nothing but numbers or a string.
            Some(ptr::null_mut())
        } else if address == here::type_of(Ty::ListIter) || address == here::type_of(Ty::TupleIter) {
            Some(read(it, seq_iter::SEQ))
        } else if is(&raw mut ffi::PyDictIterKey_Type)
            || is(&raw mut ffi::PyDictIterValue_Type)
            || is(&raw mut ffi::PyDictIterItem_Type)
            || is(&raw mut ffi::PySetIter_Type)
        {
            Some(read(it, SOURCE))
        } else {
            Option::None
        }
    }
}

unsafe extern "C" fn quick_iter_next(it: Obj) -> Obj {
    // SAFETY: a live iterator. Those that are let through drop what they iterate over when they are done: that must not be
    // the last reference to anything that holds objects.
    unsafe {
        match source(it) {
            Some(s) if s.is_null() || read::<i32>(s, object::REFCNT) != 1 => {}
            _ => return ITER_DECLINED,
        }
        let Some(next) = (*ffi::Py_TYPE(it)).tp_iternext else {
            return ITER_DECLINED;
        };
        let item = next(it);
        if item.is_null() && !ffi::PyErr_Occurred().is_null() {
            // Asked again, an iterator that has complained says that it is at its end: `iter_next` finds the exception.
            return ITER_DECLINED;
        }
        item
    }
}

// ---- calls

/// Builtin functions that do nothing but compute on plain operands; `math`'s are added.
const FUNCTIONS: [&CStr; 18] = [
    c"abs", c"all", c"any", c"bin", c"chr", c"divmod", c"hash", c"hex", c"len", c"max", c"min", c"oct", c"ord", c"pow", c"repr", c"round",
    c"sorted", c"sum",
];
/// Methods of dicts without arguments.
const DICT_METHODS: [&CStr; 4] = [c"copy", c"items", c"keys", c"values"];
/// Methods of strings that look elsewhere for what to do.
const ODD_STR_METHODS: [&CStr; 2] = [c"decode", c"encode"];

/// Addresses of functions and interned names, each kept alive for ever.
#[derive(Default)]
struct Known {
    /// In ascending order.
    functions: Vec<usize>,
    dict_methods: Vec<usize>,
    odd_str_methods: Vec<usize>,
    add: usize,
    append: usize,
    copy: usize,
    extend: usize,
    get: usize,
    insert: usize,
    pop: usize,
    reverse: usize,
    setdefault: usize,
}

static KNOWN: Gil<Option<&'static Known>> = Gil::new(Option::None);

fn known() -> &'static Known {
    // SAFETY: compiled code holds the GIL; the closure only copies.
    if let Some(k) = unsafe { KNOWN.with(|k| *k) } {
        return k;
    }
    let made: &'static Known = Box::leak(Box::new(find_known()));
    // SAFETY: as above.
    unsafe { KNOWN.with(|k| *k = Some(made)) };
    made
}

fn find_known() -> Known {
    // SAFETY: the GIL is held; the names are C strings. Missing modules or functions are left out, with the exception.
    unsafe {
        let name = |n: &CStr| ffi::PyUnicode_InternFromString(n.as_ptr()) as usize;
        let names = |list: &[&CStr]| list.iter().map(|n| name(n)).collect();
        let mut functions = Vec::new();
        for module in [c"builtins", c"math"] {
            let m = ffi::PyImport_ImportModule(module.as_ptr());
            if m.is_null() {
                clear();
                continue;
            }
            if module == c"builtins" {
                functions.extend(FUNCTIONS.iter().map(|n| ffi::PyObject_GetAttrString(m, n.as_ptr()) as usize));
                clear();
                continue;
            }
            let (mut at, mut key, mut value) = (0, ptr::null_mut(), ptr::null_mut());
            while ffi::PyDict_Next(ffi::PyModule_GetDict(m), &mut at, &mut key, &mut value) != 0 {
                functions.push(ffi::Py_NewRef(value) as usize);
            }
        }
        functions.retain(|&f| f != 0 && ffi::PyCFunction_CheckExact(f as Obj) != 0);
        functions.sort_unstable();
        Known {
            functions,
            dict_methods: names(&DICT_METHODS),
            odd_str_methods: names(&ODD_STR_METHODS),
            add: name(c"add"),
            append: name(c"append"),
            copy: name(c"copy"),
            extend: name(c"extend"),
            get: name(c"get"),
            insert: name(c"insert"),
            pop: name(c"pop"),
            reverse: name(c"reverse"),
            setdefault: name(c"setdefault"),
        }
    }
}

unsafe extern "C" fn quick_call_pos(callable: Obj, args: *const Obj, n: usize) -> Obj {
    // SAFETY: a live callable and `n` live arguments.
    unsafe {
        let ty = ffi::Py_TYPE(callable);
        let fine = if ty == &raw mut ffi::PyCFunction_Type {
            let f = &*callable.cast::<PyCFunctionObject>();
            if n == 1 && !f.m_self.is_null() && kind(f.m_self) == List && CStr::from_ptr((*f.m_ml).ml_name) == c"append" {
                return or_leave(none_if(ffi::PyList_Append(f.m_self, *args)));
            }
            known().functions.binary_search(&(callable as usize)).is_ok()
                && (all_plain(args, n) || n == 1 && CStr::from_ptr((*f.m_ml).ml_name) == c"len" && has_length(kind(*args)))
        } else if ty == &raw mut ffi::PyType_Type {
            may_construct(callable.cast(), args, n)
        } else {
            false
        };
        if fine {
            or_leave(generic::call_pos(callable, args, n))
        } else {
            ptr::null_mut()
        }
    }
}

fn has_length(k: Kind) -> bool {
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
        let computes = [
            &raw mut ffi::PyLong_Type,
            &raw mut ffi::PyFloat_Type,
            &raw mut ffi::PyBool_Type,
            &raw mut ffi::PyComplex_Type,
            &raw mut ffi::PyRange_Type,
            &raw mut ffi::PySet_Type,
        ];
        if computes.into_iter().any(is) {
            return all_plain(args, n);
        }
        // A str of bytes may give a warning.
        is(&raw mut ffi::PyUnicode_Type) && n == 1 && kind(*args) != Bytes && plain(*args) || is(&raw mut ffi::PyType_Type) && n == 1
    }
}

/// None for success, a new reference; null for failure.
unsafe fn none_if(r: i32) -> Obj {
    if r < 0 {
        return ptr::null_mut();
    }
    // SAFETY: the singleton.
    unsafe { ffi::Py_NewRef(ffi::Py_None()) }
}

unsafe extern "C" fn quick_call_method(name: Obj, obj: Obj, args: *const Obj, n: usize) -> Obj {
    // SAFETY: an interned name, a live object and `n` live arguments; builtin types have the methods named here.
    unsafe {
        let k = known();
        let id = name as usize;
        let arg = |i: usize| *args.add(i);
        let fine = match kind(obj) {
            Str | Bytes | Number => !k.odd_str_methods.contains(&id) && all_plain(args, n),
            List if id == k.pop && n == 0 => return seq::pop(obj),
            // Neither compares items nor drops any.
            List => match n {
                0 => id == k.copy || id == k.reverse,
                1 => id == k.append || id == k.extend && has_length(kind(arg(0))),
                2 => id == k.insert && is_int(arg(0)),
                _ => false,
            },
            Dict if k.dict_methods.contains(&id) => n == 0,
            Dict if (id == k.get || id == k.setdefault) && (n == 1 || n == 2) && is_key(arg(0)) => {
                return match dict::find(obj, arg(0)) {
                    Found::Value(v) => ffi::Py_NewRef(v),
                    Found::Unsafe => ptr::null_mut(),
                    Found::Missing => {
                        let v = if n == 2 { arg(1) } else { ffi::Py_None() };
                        if id == k.setdefault && ffi::PyDict_SetItem(obj, arg(0), v) < 0 {
                            clear();
                            return ptr::null_mut();
                        }
                        ffi::Py_NewRef(v)
                    }
                };
            }
            Set if id == k.add && n == 1 && is_key(arg(0)) => in_set(obj, arg(0)).is_some(),
            _ => false,
        };
        if fine {
            or_leave(generic::call_method(name, obj, args, n))
        } else {
            ptr::null_mut()
        }
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

/// Whether freeing an object runs no Python code: it holds at most leaves, or containers of leaves, or what others hold too.
///
/// # Safety
/// The GIL is held; the object is live, or its count has just reached zero.
pub unsafe fn frees_only_memory(o: Obj) -> bool {
    // SAFETY: as said; the contents are live.
    unsafe { frees_only_memory_within(o, 3) }
}

unsafe fn frees_only_memory_within(o: Obj, depth: u32) -> bool {
    // SAFETY: as above.
    unsafe {
        let fine = |item: Obj| leaf(kind(item)) || depth > 0 && frees_only_memory_within(item, depth - 1);
        match kind(o) {
            Number | Str | Bytes | None | Range => true,
            Slice => {
                let s = &*o.cast::<PySliceObject>();
                [s.start, s.stop, s.step].into_iter().all(fine)
            }
            k @ (List | Tuple) => items(o, k).iter().all(|&i| fine(i)),
            Dict => {
                let (mut at, mut key, mut value) = (0, ptr::null_mut(), ptr::null_mut());
                while ffi::PyDict_Next(o, &mut at, &mut key, &mut value) != 0 {
                    if !fine(key) || !fine(value) {
                        return false;
                    }
                }
                true
            }
            Set => false,
            Other => match source(o) {
                Some(s) => s.is_null() || read::<i32>(s, object::REFCNT) > 1 || fine(s),
                Option::None => false,
            },
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
        Helper::Negate => address!(quick_negate, (Obj) -> Obj),
        Helper::Invert => address!(quick_invert, (Obj) -> Obj),
        Helper::Truth => address!(quick_truth, (Obj) -> i8),
        Helper::Contains => address!(quick_contains, (Obj, Obj) -> i8),
        Helper::GetItem => address!(quick_get_item, (Obj, Obj) -> Obj),
        Helper::SetItem => address!(quick_set_item, (Obj, Obj, Obj) -> i32),
        Helper::GetIter => address!(quick_get_iter, (Obj) -> Obj),
        Helper::IterNext => address!(quick_iter_next, (Obj) -> Obj),
        Helper::CallPos => address!(quick_call_pos, (Obj, *const Obj, usize) -> Obj),
        Helper::CallMethod => address!(quick_call_method, (Obj, Obj, *const Obj, usize) -> Obj),
        Helper::ListExtend => address!(quick_list_extend, (Obj, Obj) -> i32),
        Helper::DictNew => address!(quick_dict_new, (*const Obj, usize) -> Obj),
        Helper::SetNew => address!(quick_set_new, (*const Obj, usize) -> Obj),
        Helper::StrJoin => address!(quick_str_join, (*const Obj, usize) -> Obj),
        Helper::FormatSimple => address!(quick_format, (Obj) -> Obj),
        Helper::StoreName => address!(quick_store_name, (Obj, Obj, Obj) -> i32),
        _ => 0,
    }
}
