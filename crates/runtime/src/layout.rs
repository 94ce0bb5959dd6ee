//! Whether the process is laid out as `abi::layout` says, and the addresses that differ from process to process.
//!
//! The offsets were generated from one interpreter's headers. [`self_check`] compares them with the running one: with
//! the table that the interpreter itself carries (`_Py_DebugOffsets`) where that covers them, and by behaviour for the
//! rest: an object is made through the public API, and its fields are read at the offsets and compared with what was put
//! in. Frames and the thread state are looked at from inside a call. Every difference is reported; with any, nothing
//! may be enabled.

use crate::config::{self, Level};
use crate::frame::{self, InterpFrame};
use crate::gil::read;
use crate::helpers::dict::{self, Found};
use crate::unwind::LASTI_TAGGED;
use pyo3::exceptions::PyValueError;
use pyo3::ffi::{self, PyObject, PyThreadState};
use pyo3::prelude::*;
use pyo3::types::{PyCFunction, PyDict, PyTuple, PyType};
use std::ffi::CStr;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use whipsnake_abi::layout;
use whipsnake_hir::types::Ty;

unsafe extern "C" {
    static _PyRuntime: u8;
    static mut PyRangeIter_Type: ffi::PyTypeObject;
    static mut PyListIter_Type: ffi::PyTypeObject;
    static mut PyListRevIter_Type: ffi::PyTypeObject;
    static mut PyTupleIter_Type: ffi::PyTypeObject;
    static mut PyUnicodeIter_Type: ffi::PyTypeObject;
    static mut PyBytesIter_Type: ffi::PyTypeObject;
    static mut PyByteArrayIter_Type: ffi::PyTypeObject;
    static mut PyEnum_Type: ffi::PyTypeObject;
    static mut PyZip_Type: ffi::PyTypeObject;
    static mut PyCell_Type: ffi::PyTypeObject;
    static mut PyFunction_Type: ffi::PyTypeObject;
    fn PyUnstable_Type_AssignVersionTag(ty: *mut ffi::PyTypeObject) -> i32;
}

#[allow(clippy::declare_interior_mutable_const)]
const ZERO: AtomicU64 = AtomicU64::new(0);
static TYPES: [AtomicU64; Ty::ALL.len()] = [ZERO; Ty::ALL.len()];
static ASCII_ITER: AtomicU64 = ZERO;
static ARRAY_ITER: AtomicU64 = ZERO;

/// The address of a type object, 0 where there is none. Valid after [`init`].
#[inline]
pub fn type_of(ty: Ty) -> u64 {
    TYPES[ty as usize].load(Ordering::Relaxed)
}

/// The addresses of all type objects, in order of [`Ty::ALL`].
pub fn types() -> [u64; Ty::ALL.len()] {
    std::array::from_fn(|i| TYPES[i].load(Ordering::Relaxed))
}

/// The address of `array.array`.
pub fn array_type() -> u64 {
    type_of(Ty::Array)
}

/// The iterators over a str, bytes, bytearray or array.array: index and sequence lie alike in all.
pub fn is_str_iter(ty: u64) -> bool {
    ty == ASCII_ITER.load(Ordering::Relaxed)
        || ty == array_iter()
        || ty == ptr::addr_of!(PyUnicodeIter_Type) as u64
        || ty == bytes_iter()
        || ty == bytearray_iter()
}
fn bytes_iter() -> u64 {
    ptr::addr_of!(PyBytesIter_Type) as u64
}
fn bytearray_iter() -> u64 {
    ptr::addr_of!(PyByteArrayIter_Type) as u64
}
/// Known once `array.array` is.
pub fn array_iter() -> u64 {
    ARRAY_ITER.load(Ordering::Relaxed)
}
pub fn list_rev_iter_type() -> u64 {
    ptr::addr_of!(PyListRevIter_Type) as u64
}
pub fn enumerate_type() -> u64 {
    ptr::addr_of!(PyEnum_Type) as u64
}
pub fn zip_type() -> u64 {
    ptr::addr_of!(PyZip_Type) as u64
}

/// The address of the preallocated int of the smallest value.
pub fn small_ints() -> u64 {
    ptr::addr_of!(_PyRuntime) as u64 + layout::SMALL_INTS as u64
}

/// Looks up the types, but for `array.array` ([`find_array`]).
pub fn init(py: Python<'_>) -> Result<(), String> {
    look_up(py).map_err(|e| format!("its types cannot be found ({e})"))
}

fn look_up(py: Python<'_>) -> PyResult<()> {
    // SAFETY: "a" is a string; the iterator is a live object.
    let ascii_iter = "a".into_pyobject(py)?.try_iter()?;
    ASCII_ITER.store(ascii_iter.get_type().as_ptr() as u64, Ordering::Relaxed);
    for &ty in Ty::ALL {
        let address = match ty {
            Ty::Any | Ty::Array => 0,
            Ty::Int => ptr::addr_of!(ffi::PyLong_Type) as u64,
            Ty::Float => ptr::addr_of!(ffi::PyFloat_Type) as u64,
            Ty::Bool => ptr::addr_of!(ffi::PyBool_Type) as u64,
            Ty::None => py.None().bind(py).get_type().as_ptr() as u64,
            Ty::Str => ptr::addr_of!(ffi::PyUnicode_Type) as u64,
            Ty::Bytes => ptr::addr_of!(ffi::PyBytes_Type) as u64,
            Ty::Complex => ptr::addr_of!(ffi::PyComplex_Type) as u64,
            Ty::Bytearray => ptr::addr_of!(ffi::PyByteArray_Type) as u64,
            Ty::List => ptr::addr_of!(ffi::PyList_Type) as u64,
            Ty::Tuple => ptr::addr_of!(ffi::PyTuple_Type) as u64,
            Ty::Dict => ptr::addr_of!(ffi::PyDict_Type) as u64,
            Ty::Set => ptr::addr_of!(ffi::PySet_Type) as u64,
            Ty::Range => ptr::addr_of!(ffi::PyRange_Type) as u64,
            Ty::RangeIter => ptr::addr_of!(PyRangeIter_Type) as u64,
            Ty::ListIter => ptr::addr_of!(PyListIter_Type) as u64,
            Ty::TupleIter => ptr::addr_of!(PyTupleIter_Type) as u64,
            Ty::Cell => ptr::addr_of!(PyCell_Type) as u64,
            Ty::Func => ptr::addr_of!(PyFunction_Type) as u64,
            Ty::Builtin => ptr::addr_of!(ffi::PyCFunction_Type) as u64,
            Ty::Module => ptr::addr_of!(ffi::PyModule_Type) as u64,
            Ty::Type => ptr::addr_of!(ffi::PyType_Type) as u64,
        };
        TYPES[ty as usize].store(address, Ordering::Relaxed);
    }
    Ok(())
}

/// Looks up `array.array` once the program has imported it, and keeps it alive for ever: only programs that use it pay for
/// it, and one that looks finds no module that it has not asked for. Where its layout is another it stays unknown.
pub fn find_array(py: Python<'_>) {
    static FOUND: AtomicBool = AtomicBool::new(false);
    if FOUND.load(Ordering::Relaxed) {
        return;
    }
    let imported = || py.import("sys")?.getattr("modules")?.cast_into::<PyDict>()?.get_item("array");
    let Ok(Some(module)) = imported() else { return };
    FOUND.store(true, Ordering::Relaxed);
    let report = Report::default();
    match module
        .getattr("array")
        .and_then(|array| arrays(&array, &report).map(|iterator| (array, iterator)))
    {
        Ok((array, iterator)) if report.problems().is_empty() => {
            TYPES[Ty::Array as usize].store(array.into_ptr() as u64, Ordering::Relaxed);
            ARRAY_ITER.store(iterator.into_ptr() as u64, Ordering::Relaxed);
        }
        _ => config::log(Level::Info, || "array.array is not what it should be: it is not compiled".into()),
    }
}

/// Problems found so far.
#[derive(Clone, Default)]
struct Report(Arc<Mutex<Vec<String>>>);

impl Report {
    fn same<T: PartialEq + std::fmt::Debug>(&self, what: &str, got: T, want: T) {
        if got != want {
            self.add(format!("{what}: {got:?} instead of {want:?}"));
        }
    }
    fn holds(&self, what: &str, ok: bool) {
        if !ok {
            self.add(format!("does not hold: {what}"));
        }
    }
    fn add(&self, problem: String) {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push(problem);
    }
    fn problems(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clone()
    }
}

/// Compares the layout with the running interpreter; what differs, in words. Empty when all is as expected.
pub fn self_check(py: Python<'_>) -> Vec<String> {
    let report = Report::default();
    if debug_offsets(&report) {
        for (name, check) in [
            ("objects", objects as fn(Python<'_>, &Report) -> PyResult<()>),
            ("tables", tables),
            ("instances", instances),
            ("iterators", iterators),
            ("functions", functions),
            ("frames", frames),
            ("handlers", handlers),
        ] {
            if let Err(e) = check(py, &report) {
                report.add(format!("{name} could not be checked ({e})"));
            }
        }
    }
    report.problems()
}

/// Whether the interpreter's own table is there and agrees; without, nothing else is looked at.
fn debug_offsets(report: &Report) -> bool {
    use layout::debug_offsets as d;
    // SAFETY: `_PyRuntime` starts with the table; its first bytes are read before its layout is relied on.
    unsafe {
        let base = ptr::addr_of!(_PyRuntime);
        let cookie = std::slice::from_raw_parts(base, 8);
        if cookie != b"xdebugpy" {
            report.holds("the table of debug offsets is there", false);
            return false;
        }
        let version: u64 = read(base, d::VERSION);
        report.same("version", version >> 16, layout::VERSION_HEX >> 16);
        report.same("free-threaded", read::<u64>(base, d::FREE_THREADED), 0);
        if !report.problems().is_empty() {
            return false;
        }
        for (what, at, want) in [
            ("size of the runtime", d::RUNTIME_SIZE, layout::RUNTIME_SIZE),
            ("size of an interpreter", d::INTERPRETER_SIZE, layout::INTERPRETER_SIZE),
            ("size of a thread state", d::THREAD_SIZE, layout::tstate::SIZE),
            ("tstate.interp", d::THREAD_INTERP, layout::tstate::INTERP),
            ("tstate.current_frame", d::THREAD_CURRENT_FRAME, layout::tstate::CURRENT_FRAME),
            ("tstate.datastack_chunk", d::THREAD_DATASTACK_CHUNK, layout::tstate::DATASTACK_CHUNK),
            ("tstate.eval_breaker", d::EVAL_BREAKER, layout::tstate::EVAL_BREAKER),
            ("size of a frame", d::FRAME_SIZE, layout::FRAME_SIZE),
            ("frame.previous", d::FRAME_PREVIOUS, layout::frame::PREVIOUS),
            ("frame.executable", d::FRAME_EXECUTABLE, layout::frame::EXECUTABLE),
            ("frame.instr_ptr", d::FRAME_INSTR_PTR, layout::frame::INSTR_PTR),
            ("frame.localsplus", d::FRAME_LOCALSPLUS, layout::frame::LOCALSPLUS),
            ("frame.owner", d::FRAME_OWNER, layout::frame::OWNER),
            ("frame.stackpointer", d::FRAME_STACKPOINTER, layout::frame::STACKPOINTER),
            ("size of a code object", d::CODE_SIZE, layout::code::SIZE),
            ("code.argcount", d::CODE_ARGCOUNT, layout::code::ARGCOUNT),
            ("code.filename", d::CODE_FILENAME, layout::code::FILENAME),
            ("code.qualname", d::CODE_QUALNAME, layout::code::QUALNAME),
            ("code.localsplusnames", d::CODE_LOCALSPLUSNAMES, layout::code::LOCALSPLUSNAMES),
            ("code.localspluskinds", d::CODE_LOCALSPLUSKINDS, layout::code::LOCALSPLUSKINDS),
            ("code.co_code_adaptive", d::CODE_ADAPTIVE, layout::code::CODE_ADAPTIVE),
            ("object.type", d::OBJECT_TYPE, layout::object::TYPE),
            ("size of a type", d::TYPE_SIZE, layout::TYPE_SIZE),
            ("type.flags", d::TYPE_FLAGS, layout::type_object::FLAGS),
            ("tuple.items", d::TUPLE_ITEMS, layout::tuple::ITEMS),
            ("tuple.size", d::TUPLE_LEN, layout::tuple::LEN),
            ("list.items", d::LIST_ITEMS, layout::list::ITEMS),
            ("list.size", d::LIST_LEN, layout::list::LEN),
            ("dict.keys", d::DICT_KEYS, layout::dict::KEYS),
            ("dict.values", d::DICT_VALUES, layout::dict::VALUES),
            ("float.value", d::FLOAT_VALUE, layout::float::VALUE),
            ("int.tag", d::LONG_TAG, layout::long::TAG),
            ("int.digits", d::LONG_DIGITS, layout::long::DIGITS),
            ("bytes.size", d::BYTES_LEN, layout::bytes::LEN),
            ("bytes.data", d::BYTES_DATA, layout::bytes::DATA),
            ("str.state", d::STR_STATE, layout::str::STATE),
            ("str.length", d::STR_LEN, layout::str::LEN),
            ("size of an ASCII str", d::STR_ASCII_SIZE, layout::str::ASCII_DATA),
        ] {
            report.same(what, read::<u64>(base, at), want as u64);
        }
    }
    report.problems().is_empty()
}

/// Evaluates an expression.
fn eval<'py>(py: Python<'py>, code: &CStr) -> PyResult<Bound<'py, PyAny>> {
    py.eval(code, None, None)
}

/// Reads a field of an object.
fn field<T: Copy>(obj: &Bound<'_, PyAny>, offset: usize) -> T {
    // SAFETY: the caller names a field that an object of this type has by the layout; should the layout be wrong, this
    // still reads within or close to a live heap object, and the comparison reports it.
    unsafe { read(obj.as_ptr(), offset) }
}

/// Reads from an address that a field held, if it looks like one.
fn at<T: Copy>(address: usize, offset: usize) -> Option<T> {
    // SAFETY: only plausible, aligned addresses are followed; they come from fields checked to be pointers.
    (address > 0x1000 && address.is_multiple_of(8)).then(|| unsafe { read(address as *const u8, offset) })
}

fn objects(py: Python<'_>, report: &Report) -> PyResult<()> {
    let check_int = |text: &CStr, tag: usize, digits: &[u32]| -> PyResult<()> {
        let n = eval(py, text)?;
        report.same(&format!("tag of {n}"), field(&n, layout::long::TAG), tag);
        for (i, &d) in digits.iter().enumerate() {
            report.same(&format!("digit {i} of {n}"), field::<u32>(&n, layout::long::DIGITS + 4 * i), d);
        }
        Ok(())
    };
    check_int(c"int('1000')", 8, &[1000])?;
    check_int(c"int('-1000')", 8 | 2, &[1000])?;
    check_int(c"2**30 + 5", 16, &[5, 1])?;
    check_int(c"-(2**60 + 7)", 24 | 2, &[7, 0, 1])?;
    report.same("tag of 0", field::<usize>(&eval(py, c"0")?, layout::long::TAG) & 3, 1);
    for i in layout::SMALL_INT_MIN..=layout::SMALL_INT_MAX {
        let want = small_ints() + (i - layout::SMALL_INT_MIN) as u64 * layout::SMALL_INT_STRIDE as u64;
        report.same(&format!("address of {i}"), i.into_pyobject(py)?.as_ptr() as u64, want);
    }
    report.same("float.value", field(&eval(py, c"float('2.5')")?, layout::float::VALUE), 2.5);
    let c = eval(py, c"complex(1.5, -2.5)")?;
    report.same("complex.real", field(&c, layout::complex::VALUE), 1.5);
    report.same("complex.imag", field(&c, layout::complex::VALUE + 8), -2.5);

    let fresh = eval(py, c"object()")?;
    report.same("reference count", field::<u32>(&fresh, layout::object::REFCNT), 1);
    report.same("type", field(&fresh, layout::object::TYPE), fresh.get_type().as_ptr());
    report.holds(
        "None is immortal",
        field::<i32>(&py.None().into_bound(py), layout::object::REFCNT) < 0,
    );
    report.same(
        "flags of None",
        field::<u16>(&py.None().into_bound(py), layout::object::FLAGS) & 1,
        1,
    );
    report.same("flags of an object", field::<u16>(&fresh, layout::object::FLAGS) & 1, 0);

    let list = eval(py, c"[10000, 10001, 10002]")?;
    report.same("list.size", field::<isize>(&list, layout::list::LEN), 3);
    report.holds("list.allocated", field::<isize>(&list, layout::list::ALLOCATED) >= 3);
    let second = at(field(&list, layout::list::ITEMS), 8);
    report.same("list.items", second, Some(list.get_item(1)?.as_ptr()));
    let tuple = eval(py, c"tuple([10000, 10001])")?;
    report.same("tuple.size", field::<isize>(&tuple, layout::tuple::LEN), 2);
    report.same("tuple.items", field(&tuple, layout::tuple::ITEMS + 8), tuple.get_item(1)?.as_ptr());
    let cell = eval(py, c"(lambda x: (lambda: x).__closure__[0])(object())")?;
    report.same("cell.ref", field(&cell, layout::cell::REF), cell.getattr("cell_contents")?.as_ptr());
    let method = eval(py, c"type('C', (), {'m': lambda self: 0})().m")?;
    report.same(
        "method.func",
        field(&method, layout::method::FUNC),
        method.getattr("__func__")?.as_ptr(),
    );
    report.same(
        "method.self",
        field(&method, layout::method::SELF),
        method.getattr("__self__")?.as_ptr(),
    );
    report.same("dict.used", field::<isize>(&eval(py, c"{1: 2, 3: 4}")?, layout::dict::USED), 2);
    report.same("set.used", field::<isize>(&eval(py, c"{5, 6, 7}")?, layout::set::USED), 3);

    let bytes = eval(py, c"bytes([65, 66, 67])")?;
    report.same("bytes.size", field::<isize>(&bytes, layout::bytes::LEN), 3);
    report.same("bytes.data", field::<[u8; 3]>(&bytes, layout::bytes::DATA), [65, 66, 67]);
    let buffer = eval(py, c"bytearray([65, 66, 67])")?;
    report.same("bytearray.size", field::<isize>(&buffer, layout::bytearray::LEN), 3);
    // SAFETY: a live bytearray.
    let start = unsafe { ffi::PyByteArray_AsString(buffer.as_ptr()) };
    report.same("bytearray.start", field(&buffer, layout::bytearray::START), start);
    let view = py.import("builtins")?.getattr("memoryview")?.call1((&buffer,))?;
    report.same("bytearray.exports", field::<isize>(&buffer, layout::bytearray::EXPORTS), 1);
    drop(view);
    for (text, kind, ascii, data) in [
        (c"'x' * 3", 1u32, 1u32, layout::str::ASCII_DATA),
        (c"'\\xe9' * 3", 1, 0, layout::str::COMPACT_DATA),
        (c"'\\u20ac' * 3", 2, 0, layout::str::COMPACT_DATA),
        (c"'\\U0001f600' * 3", 4, 0, layout::str::COMPACT_DATA),
    ] {
        let s = eval(py, text)?;
        let state: u32 = field(&s, layout::str::STATE);
        report.same("str.length", field::<isize>(&s, layout::str::LEN), 3);
        report.same("str.kind", state >> layout::STR_KIND_SHIFT & 7, kind);
        report.same("str.compact", state >> layout::STR_COMPACT_BIT & 1, 1);
        report.same("str.ascii", state >> layout::STR_ASCII_BIT & 1, ascii);
        let first = match kind {
            1 => u32::from(field::<u8>(&s, data)),
            2 => u32::from(field::<u16>(&s, data)),
            _ => field::<u32>(&s, data),
        };
        report.same("str.data", first, s.extract::<String>()?.chars().next().map_or(0, u32::from));
    }
    Ok(())
}

/// Checks the type; returns that of its iterators.
fn arrays<'py>(array: &Bound<'py, PyAny>, report: &Report) -> PyResult<Bound<'py, PyType>> {
    for code in ["b", "h", "i", "q", "d"] {
        let a = array.call1((code, [7, 8, 9]))?;
        report.same("array.size", field::<isize>(&a, layout::array::LEN), 3);
        let address: usize = a.call_method0("buffer_info")?.get_item(0)?.extract()?;
        report.same("array.items", field::<usize>(&a, layout::array::ITEMS), address);
        let descr: usize = field(&a, layout::array::DESCR);
        let typecode = at::<u8>(descr, layout::array_descr::TYPECODE);
        report.same("array.typecode", typecode, Some(code.as_bytes()[0]));
        let itemsize = at::<i32>(descr, layout::array_descr::ITEMSIZE);
        report.same("array.itemsize", itemsize, Some(a.getattr("itemsize")?.extract()?));
    }
    let a = array.call1(("d", [7, 8, 9]))?;
    let it = a.try_iter()?.into_any();
    it.call_method0("__next__")?;
    report.same("array iterator, index", field::<isize>(&it, layout::seq_iter::INDEX), 1);
    report.same("array iterator, sequence", field(&it, layout::seq_iter::SEQ), a.as_ptr());
    Ok(it.get_type())
}

/// Hash tables: the search that compiled code uses finds what the dict's own finds.
fn tables(py: Python<'_>, report: &Report) -> PyResult<()> {
    const MIXED: &CStr = c"(lambda d: [d.pop(7 * i) for i in range(0, 400, 3)] and d)({**{7 * i: i for i in range(400)}, 'k': 4, 2.5: 5})";
    for (text, kind) in [(MIXED, 0u8), (c"{1: 'a', 'b': 2}", 0), (c"{'b': 'c', 'd': 'e'}", 1), (c"{}", 1)] {
        let d = eval(py, text)?;
        report.same(
            "kind of a table",
            at(field(&d, layout::dict::KEYS), layout::dict_keys::KIND),
            Some(kind),
        );
        let keys = eval(py, c"[*range(-7, 2900, 23), 1, 7, 2**70, 'b', 'd', 'k', 'none']")?;
        for key in keys.try_iter()? {
            let key = key?;
            let want = d.call_method1("get", (&key,))?;
            // SAFETY: an exact dict, and an exact int or str.
            let got = match unsafe { dict::find(d.as_ptr(), key.as_ptr()) } {
                Found::Value(v) => v,
                _ => py.None().as_ptr(),
            };
            report.same(&format!("the value of {key}"), got, want.as_ptr());
        }
    }
    key_versions(py, report)?;
    let set = eval(py, c"{object() for _ in range(3)}")?;
    report.same("set.mask", field::<usize>(&set, layout::set::MASK), 7);
    let items: Vec<usize> = set.try_iter()?.map(|o| o.map(|o| o.as_ptr() as usize)).collect::<PyResult<_>>()?;
    let table = field::<usize>(&set, layout::set::TABLE);
    let entries = (0..8).filter_map(|i| at::<usize>(table, 16 * i)).filter(|&p| p != 0);
    report.same("set.table", entries.collect::<Vec<_>>(), items);
    Ok(())
}

/// Calls after which the interpreter has specialised what a function does.
const SPECIALISED: usize = 40;

/// Where the interpreter counts the versions that it gives to the keys of globals.
fn key_versions(py: Python<'_>, report: &Report) -> PyResult<()> {
    let next = || {
        // SAFETY: a field of the running interpreter, whose size has been compared.
        unsafe { read::<u32>(ffi::PyInterpreterState_Get().cast::<u8>(), layout::interp::NEXT_KEYS_VERSION) }
    };
    let before = next();
    let globals = PyDict::new(py);
    globals.set_item("a", 1)?;
    let f = py.eval(c"lambda: a", Some(&globals), None)?;
    for _ in 0..SPECIALISED {
        f.call0()?;
    }
    let version = at::<u32>(field(globals.as_any(), layout::dict::KEYS), layout::dict_keys::VERSION);
    report.same("version of keys", version, Some(before));
    report.same("next version of keys", next(), before + 1);
    Ok(())
}

/// Instances of heap types: inline values, the managed dict, the keys that a class caches, version tags.
fn instances(py: Python<'_>, report: &Report) -> PyResult<()> {
    use layout::{heap_type, inline_values, type_object};
    const INSTANCE: &CStr = c"type('C', (), {'__init__': lambda self: setattr(self, 'a', 1000)})()";
    let o = eval(py, INSTANCE)?;
    let class = o.get_type();
    let basic = field::<isize>(&class, type_object::BASICSIZE);
    report.same("type.basicsize", basic, class.getattr("__basicsize__")?.extract()?);
    let valid = |o: &Bound<'_, PyAny>| field::<u8>(o, basic as usize + inline_values::VALID);
    let managed = |o: &Bound<'_, PyAny>| {
        let before = o.as_ptr().wrapping_byte_offset(layout::MANAGED_DICT as isize);
        // SAFETY: a type with inline values keeps the pointer in front of its instances.
        unsafe { read::<*mut PyObject>(before, 0) }
    };
    report.same("inline values are valid", valid(&o), 1);
    report.same("no dict yet", managed(&o), ptr::null_mut());
    let first = field::<*mut PyObject>(&o, basic as usize + inline_values::VALUES);
    report.same("the first inline value", first, o.getattr("a")?.as_ptr());
    let values = basic as usize;
    let byte = |offset: usize| usize::from(field::<u8>(&o, values + offset));
    report.same("inline values set", byte(inline_values::SIZE), 1);
    let order = inline_values::VALUES + 8 * byte(inline_values::CAPACITY);
    report.same("the first attribute set", byte(order), 0);
    o.setattr("b", 1001)?;
    o.setattr("c", 1002)?;
    report.same("inline values set later", byte(inline_values::SIZE), 3);
    report.same("the last attribute set", byte(order + 2), 2);
    let dict = o.getattr("__dict__")?;
    report.same("the managed dict", managed(&o), dict.as_ptr());
    report.same("inline values with a dict", valid(&o), 1);
    o.setattr("__dict__", PyDict::new(py))?;
    report.same("inline values replaced", valid(&o), 0);
    let keys = field::<usize>(&class, heap_type::CACHED_KEYS);
    report.same("kind of cached keys", at(keys, layout::dict_keys::KIND), Some(2u8));
    // SAFETY: a live type.
    let tagged = unsafe { PyUnstable_Type_AssignVersionTag(class.as_type_ptr()) };
    let mro = class.getattr("__mro__")?;
    report.same(
        "method resolution order",
        field::<usize>(&class, type_object::MRO),
        mro.as_ptr() as usize,
    );
    let tag = field::<u32>(&class, type_object::VERSION_TAG);
    report.holds("type.version_tag", tagged == 1 && tag != 0);
    class.setattr("b", 1)?;
    report.holds(
        "a changed type changes its version",
        field::<u32>(&class, type_object::VERSION_TAG) != tag,
    );
    Ok(())
}

fn iterators(py: Python<'_>, report: &Report) -> PyResult<()> {
    let next = |it: &Bound<'_, PyAny>| it.call_method0("__next__").map(drop);
    let range = eval(py, c"range(1000, 5000, 7)")?;
    for (name, offset) in [
        ("start", layout::range::START),
        ("stop", layout::range::STOP),
        ("step", layout::range::STEP),
    ] {
        report.same(
            &format!("range.{name}"),
            field::<*mut PyObject>(&range, offset),
            range.getattr(name)?.as_ptr(),
        );
    }
    let it = eval(py, c"iter(range(1000, 1100, 7))")?;
    report.same("type of a range iterator", it.get_type().as_ptr() as u64, type_of(Ty::RangeIter));
    next(&it)?;
    report.same("range_iterator.start", field::<i64>(&it, layout::range_iter::START), 1007);
    report.same("range_iterator.step", field::<i64>(&it, layout::range_iter::STEP), 7);
    report.same("range_iterator.len", field::<i64>(&it, layout::range_iter::LEN), 14);
    for (what, seq, make, index, ty) in [
        ("list iterator", c"[1, 2, 3]", "iter", 1, type_of(Ty::ListIter)),
        ("tuple iterator", c"tuple([1, 2, 3])", "iter", 1, type_of(Ty::TupleIter)),
        ("reversed list iterator", c"[1, 2, 3]", "reversed", 1, list_rev_iter_type()),
        ("str iterator", c"'abc'", "iter", 1, ASCII_ITER.load(Ordering::Relaxed)),
        (
            "wide str iterator",
            c"'\\u20acabc'",
            "iter",
            1,
            ptr::addr_of!(PyUnicodeIter_Type) as u64,
        ),
        ("bytes iterator", c"b'abc'", "iter", 1, bytes_iter()),
        ("bytearray iterator", c"bytearray(b'abc')", "iter", 1, bytearray_iter()),
    ] {
        let seq = eval(py, seq)?;
        let it = py.import("builtins")?.getattr(make)?.call1((&seq,))?;
        next(&it)?;
        report.same(&format!("type of a {what}"), it.get_type().as_ptr() as u64, ty);
        report.same(&format!("{what}, index"), field::<isize>(&it, layout::seq_iter::INDEX), index);
        report.same(&format!("{what}, sequence"), field(&it, layout::seq_iter::SEQ), seq.as_ptr());
    }
    let inner = eval(py, c"iter([1, 2])")?;
    let it = py.import("builtins")?.getattr("enumerate")?.call1((&inner, 41))?;
    next(&it)?;
    report.same("enumerate.index", field::<isize>(&it, layout::enumerate::INDEX), 42);
    report.same("enumerate.inner", field(&it, layout::enumerate::INNER), inner.as_ptr());
    report.same("enumerate.long_index", field::<usize>(&it, layout::enumerate::LONG_INDEX), 0);
    for strict in [false, true] {
        let kw = PyDict::new(py);
        kw.set_item("strict", strict)?;
        let it = py.import("builtins")?.getattr("zip")?.call((&inner, &inner), Some(&kw))?;
        report.same("zip.count", field::<isize>(&it, layout::zip::COUNT), 2);
        report.same("zip.strict", field::<i32>(&it, layout::zip::STRICT), i32::from(strict));
        let first = at(field(&it, layout::zip::INNER), layout::tuple::ITEMS);
        report.same("zip.inner", first, Some(inner.as_ptr()));
    }
    let slice = eval(py, c"slice(1000, 2000, 3000)")?;
    for (name, offset) in [
        ("start", layout::slice::START),
        ("stop", layout::slice::STOP),
        ("step", layout::slice::STEP),
    ] {
        report.same(
            &format!("slice.{name}"),
            field::<*mut PyObject>(&slice, offset),
            slice.getattr(name)?.as_ptr(),
        );
    }
    Ok(())
}

/// A function with everything that a function can have.
const PROBE: &CStr = c"
def make(cell):
    def probe(call, second=2000, *, third=3000):
        try:
            return call(cell)
        finally:
            del second
    return probe
probe = make(object())
";

fn probe_function(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    let globals = PyDict::new(py);
    globals.set_item("__builtins__", py.import("builtins")?.dict())?;
    py.run(PROBE, Some(&globals), None)?;
    globals.get_item("probe")?.ok_or_else(|| PyValueError::new_err("no function"))
}

fn functions(py: Python<'_>, report: &Report) -> PyResult<()> {
    let f = probe_function(py)?;
    for (name, offset) in [
        ("__globals__", layout::func::GLOBALS),
        ("__builtins__", layout::func::BUILTINS),
        ("__name__", layout::func::NAME),
        ("__qualname__", layout::func::QUALNAME),
        ("__code__", layout::func::CODE),
        ("__defaults__", layout::func::DEFAULTS),
        ("__kwdefaults__", layout::func::KWDEFAULTS),
        ("__closure__", layout::func::CLOSURE),
    ] {
        report.same(&format!("function.{name}"), field(&f, offset), f.getattr(name)?.as_ptr());
    }
    // SAFETY: a live function.
    let vectorcall = unsafe { ffi::PyVectorcall_Function(f.as_ptr()) };
    report.same(
        "function.vectorcall",
        field::<usize>(&f, layout::func::VECTORCALL),
        vectorcall.map_or(0, |p| p as usize),
    );
    let code = f.getattr("__code__")?;
    for (name, offset) in [
        ("co_argcount", layout::code::ARGCOUNT),
        ("co_posonlyargcount", layout::code::POSONLYARGCOUNT),
        ("co_kwonlyargcount", layout::code::KWONLYARGCOUNT),
        ("co_stacksize", layout::code::STACKSIZE),
        ("co_firstlineno", layout::code::FIRSTLINENO),
        ("co_nlocals", layout::code::NLOCALS),
        ("co_flags", layout::code::FLAGS),
    ] {
        report.same(&format!("code.{name}"), field::<i32>(&code, offset), code.getattr(name)?.extract()?);
    }
    for (name, offset) in [
        ("co_consts", layout::code::CONSTS),
        ("co_names", layout::code::NAMES),
        ("co_exceptiontable", layout::code::EXCEPTIONTABLE),
    ] {
        report.same(&format!("code.{name}"), field(&code, offset), code.getattr(name)?.as_ptr());
    }
    let free = code.getattr("co_freevars")?.len()? as i32;
    let (locals, stack) = (
        field::<i32>(&code, layout::code::NLOCALS),
        field::<i32>(&code, layout::code::STACKSIZE),
    );
    report.same("code.nfreevars", field::<i32>(&code, layout::code::NFREEVARS), free);
    report.same("code.nlocalsplus", field::<i32>(&code, layout::code::NLOCALSPLUS), locals + free);
    let header = (layout::frame::LOCALSPLUS / 8) as i32;
    report.same(
        "code.framesize",
        field::<i32>(&code, layout::code::FRAMESIZE),
        locals + free + stack + header,
    );
    let bytes: Vec<u8> = code.getattr("co_code")?.extract()?;
    let resume = whipsnake_abi::bytecode::decode(&bytes).ok().and_then(|instrs| {
        let first = instrs.iter().find(|i| i.op == whipsnake_abi::opcode::RESUME)?;
        Some(first.offset as i32)
    });
    report.same(
        "code.firsttraceable",
        Some(field::<i32>(&code, layout::code::FIRSTTRACEABLE)),
        resume,
    );
    Ok(())
}

/// What is the case while a Python function calls this.
fn frames(py: Python<'_>, report: &Report) -> PyResult<()> {
    let f = probe_function(py)?;
    // SAFETY: the GIL is held.
    let tstate = unsafe { ffi::PyThreadState_Get() };
    // SAFETY: the fields compared here are within the live thread state, whose size has been compared.
    let (outer, calls) = unsafe {
        (
            frame::current(tstate) as usize,
            read::<i32>(tstate, layout::tstate::PY_RECURSION_REMAINING),
        )
    };
    let ran = Arc::new(AtomicBool::new(false));
    let probe = Probe {
        report: report.clone(),
        function: f.clone().unbind(),
        tstate: tstate as usize,
        outer,
        calls,
        ran: ran.clone(),
    };
    let call = PyCFunction::new_closure(py, None, None, move |args: &Bound<'_, PyTuple>, _: Option<&Bound<'_, PyDict>>| {
        probe.look(args.py());
    })?;
    f.call1((call,))?;
    report.holds("the probe was called", ran.load(Ordering::Relaxed));
    Ok(())
}

struct Probe {
    report: Report,
    function: Py<PyAny>,
    tstate: usize,
    outer: usize,
    calls: i32,
    ran: Arc<AtomicBool>,
}

impl Probe {
    fn look(&self, py: Python<'_>) {
        use layout::{chunk, tstate as ts, tstate_impl as imp};
        self.ran.store(true, Ordering::Relaxed);
        let (report, f) = (&self.report, self.function.bind(py));
        let tstate = self.tstate as *mut PyThreadState;
        let local = 0u8;
        // SAFETY: the thread state is live and its size was compared; the frame is the one of the function that is
        // calling, at an address that the interpreter's own table vouches for.
        unsafe {
            report.same("tstate.interp", read(tstate, ts::INTERP), ffi::PyThreadState_GetInterpreter(tstate));
            let (calls, limit): (i32, i32) = (read(tstate, ts::PY_RECURSION_REMAINING), read(tstate, ts::PY_RECURSION_LIMIT));
            report.same("tstate.py_recursion_limit", limit, ffi::Py_GetRecursionLimit());
            report.same("tstate.py_recursion_remaining", calls, self.calls - 1);
            report.holds("recursion below its limit", calls > 0 && calls < limit);
            report.same("tstate.current_exception", read::<usize>(tstate, ts::CURRENT_EXCEPTION), 0);
            report.same("tstate.tracing", read::<i32>(tstate, ts::TRACING), 0);
            report.same("tstate.what_event", read::<i32>(tstate, ts::WHAT_EVENT), -1);
            let (hard, soft, top): (usize, usize, usize) = (
                read(tstate, imp::C_STACK_HARD_LIMIT),
                read(tstate, imp::C_STACK_SOFT_LIMIT),
                read(tstate, imp::C_STACK_TOP),
            );
            let here = ptr::addr_of!(local) as usize;
            report.holds("the limits of the C stack", hard <= soft && soft < here && here < top);

            let frame = frame::current(tstate);
            let code: *mut PyObject = read(f.as_ptr(), layout::func::CODE);
            if frame::object((*frame).executable) != code {
                report.holds("the calling frame runs the probe", false);
                return;
            }
            report.same("frame.funcobj", frame::object((*frame).funcobj), f.as_ptr());
            report.same("frame.globals", (*frame).globals, read(f.as_ptr(), layout::func::GLOBALS));
            report.same("frame.builtins", (*frame).builtins, read(f.as_ptr(), layout::func::BUILTINS));
            report.same("frame.locals", (*frame).locals, ptr::null_mut());
            report.same("frame.frame_obj", (*frame).frame_obj, ptr::null_mut());
            let obj = ffi::PyThreadState_GetFrame(tstate);
            report.same("frame.frame_obj of a frame with one", (*frame).frame_obj, obj.cast());
            report.same("frame object's frame", read(obj, layout::frame_object::FRAME), frame);
            report.same("frame object's caller", read::<usize>(obj, layout::frame_object::BACK), 0);
            ffi::Py_DECREF(obj.cast());
            report.same("frame.owner", usize::from((*frame).owner), layout::FRAME_OWNED_BY_THREAD);
            let second = frame::object(*InterpFrame::locals(frame).add(1));
            report.same("a local", crate::entry::long_value(second), Some(2000));
            let units = frame::code_units(code.cast());
            let at = ((*frame).instr_ptr as usize).wrapping_sub(units as usize);
            report.holds("frame.instr_ptr", at > 0 && at < 4096 && at.is_multiple_of(2));
            let stack = (*frame).stackpointer as usize;
            let base = InterpFrame::stack_base(frame) as usize;
            let room = 8 * read::<i32>(code, layout::code::STACKSIZE) as usize;
            report.holds("frame.stackpointer", base <= stack && stack <= base + room);
            let mut previous = (*frame).previous;
            let mut steps = 0;
            while !previous.is_null() && previous as usize != self.outer && steps < 4 {
                previous = (*previous).previous;
                steps += 1;
            }
            report.same("frame.previous leads to the caller", previous as usize, self.outer);

            let (piece, top, end): (usize, usize, usize) = (
                read(tstate, ts::DATASTACK_CHUNK),
                read(tstate, ts::DATASTACK_TOP),
                read(tstate, ts::DATASTACK_LIMIT),
            );
            let size = 8 * read::<i32>(code, layout::code::FRAMESIZE) as usize;
            report.same("tstate.datastack_top", top, frame as usize + size);
            if let Some(length) = at_field(piece, chunk::SIZE_FIELD) {
                report.same("tstate.datastack_limit", end, piece + length);
            }
            report.holds("the frame lies in its chunk", piece + chunk::DATA <= frame as usize && top <= end);
        }
    }
}

fn at_field(address: usize, offset: usize) -> Option<usize> {
    at(address, offset)
}

/// How handlers get the position of the raising instruction: looks at the stack of a `with` statement that handles one.
fn handlers(py: Python<'_>, report: &Report) -> PyResult<()> {
    const WITH: &CStr = c"
class Manager:
    def __enter__(self): pass
    def __exit__(self, *_):
        look()
        return True
def handle():
    with Manager():
        raise ValueError
handle()
";
    let found: Arc<[AtomicBool; 2]> = Arc::default();
    let seen = found.clone();
    // SAFETY: the GIL is held.
    let tstate = unsafe { ffi::PyThreadState_Get() } as usize;
    let look = PyCFunction::new_closure(py, None, None, move |_: &Bound<'_, PyTuple>, _: Option<&Bound<'_, PyDict>>| {
        // SAFETY: `__exit__` is calling, and `handle` called it: two live frames, the outer one complete, with an
        // interpreter's own frame between them when the call went through C. Its operands are alive.
        unsafe {
            let mut frame = (*frame::current(tstate as *mut PyThreadState)).previous;
            if usize::from((*frame).owner) != layout::FRAME_OWNED_BY_THREAD {
                frame = (*frame).previous;
            }
            let (base, end) = (InterpFrame::stack_base(frame), (*frame).stackpointer);
            for i in 0..end.offset_from(base) {
                let r = *base.offset(i);
                let obj = frame::object(r);
                if frame::is_tagged_int(r) {
                    seen[0].store(true, Ordering::Relaxed);
                } else if !obj.is_null() && ffi::Py_TYPE(obj) == ptr::addr_of_mut!(ffi::PyLong_Type) {
                    seen[1].store(true, Ordering::Relaxed);
                }
            }
        }
    })?;
    let globals = PyDict::new(py);
    globals.set_item("__builtins__", py.import("builtins")?.dict())?;
    globals.set_item("look", look)?;
    py.run(WITH, Some(&globals), None)?;
    let [tagged, boxed] = [0, 1].map(|i: usize| found[i].load(Ordering::Relaxed));
    report.holds("a handler gets the raising position in a known form", tagged != boxed);
    LASTI_TAGGED.store(tagged, Ordering::Relaxed);
    Ok(())
}
