//! Copies what a compilation may know of the running program into a [`Snapshot`], under the GIL.
//!
//! Code: the bytecode with its specialised opcodes, what instrumentation covers put back to the base opcode.
//! Names: the values of globals, builtins and module attributes that are likely to stay, each with the assumption
//! that it does. Live values: their types, and those of what they contain, a few items deep.
//!
//! Nothing here runs Python code: dicts are only searched for exact strs, and objects are looked at, not asked.

use crate::entry::{long_value, wide_value};
use crate::gil::read;
use crate::invalidate::{self, Assumption};
use crate::names::{lookup, region};
use crate::{aside, config, frame, known, layout, link, live, place, tier};
use pyo3::ffi::{self, PyObject};
use std::collections::BTreeSet;
use std::ffi::{CStr, c_int};
use whipsnake_abi::bytecode::{self, Instr};
use whipsnake_abi::layout as abi;
use whipsnake_abi::opcode as op;
use whipsnake_hir::ir::EntryMode;
use whipsnake_hir::maps::{HashMap, HashSet};
use whipsnake_hir::snapshot::{ClassInfo, Code, CodeId, Const, Desc, EntryPoint, Feedback, LocalKind, Shape, Snapshot, WITH_METHODS};
use whipsnake_hir::types::{Ty, TySet};

unsafe extern "C" {
    fn PyCode_GetCode(code: *mut PyObject) -> *mut PyObject;
}

/// How deep calls are followed into other functions.
pub const CALL_DEPTH: u32 = 4;
/// Where functions are not looked into any more: what they hold may name them, or others without end.
pub const DEEPEST: u32 = CALL_DEPTH + 1;
/// Code units of all code in a snapshot.
const TOTAL_UNITS: usize = 20_000;
/// How deep modules and tuples are followed.
pub const DATA_DEPTH: u32 = 3;
/// Items of a constant tuple.
const TUPLE_ITEMS: usize = 64;
/// Bytes of a constant str whose text is copied.
const TEXT: usize = 4096;

/// What is live where a compilation was asked for.
pub enum Source<'a> {
    Call {
        func: *mut PyObject,
        args: &'a [*mut PyObject],
    },
    /// An interpreter's frame; `again`: what was compiled for others did not fit it.
    Frame {
        frame: *mut u8,
        again: bool,
    },
}

/// A snapshot and what it takes for granted.
pub struct Captured {
    pub snapshot: Snapshot,
    pub assumptions: Vec<Assumption>,
    /// Leaf objects that nothing watched keeps alive: the compilation has to hold them.
    pub kept: Vec<*mut PyObject>,
    pub globals: *mut PyObject,
    pub builtins: *mut PyObject,
    /// Addresses by `CodeId`.
    pub codes: Vec<*mut PyObject>,
}

/// A capture on its way.
pub struct Cx {
    pub codes: Vec<Option<Code>>,
    pub pointers: Vec<*mut PyObject>,
    units: usize,
    /// By code and globals.
    pub known: HashMap<(usize, usize), CodeId>,
    pub assumptions: Vec<Assumption>,
    pub kept: Vec<*mut PyObject>,
    pub methods: HashMap<(Ty, String), Const>,
    pub classes: HashMap<u64, ClassInfo>,
    /// Versions of the classes whose instances functions with this code are called on, by address.
    pub receivers: HashMap<usize, BTreeSet<u32>>,
    /// Versions of the classes of what may be of several: items of a container, an attribute's content.
    pub several: BTreeSet<u32>,
    /// Addresses of the classes that may be values; see [`Cx::lasts`].
    pub class_values: BTreeSet<u64>,
    /// How deep in calls each code is.
    pub depths: Vec<u32>,
    /// See [`Snapshot::attr_shapes`].
    pub attr_shapes: HashMap<(u32, u32), Shape>,
    /// See [`Snapshot::attr_dying`].
    pub attr_dying: HashSet<(u32, u32)>,
}

/// The namespaces some code runs in.
#[derive(Clone, Copy)]
pub struct Spaces {
    pub globals: *mut PyObject,
    pub builtins: *mut PyObject,
    /// Module level and class bodies: where names are stored.
    pub locals: *mut PyObject,
}

/// Captures everything for one compilation of `code`.
///
/// # Safety
/// The GIL is held; `code` and what `source` names are alive; a frame is the running one of this code.
pub unsafe fn capture(code: *mut PyObject, mode: EntryMode, source: &Source<'_>, widen: &[TySet]) -> Result<Captured, String> {
    /// Each time more names are known to change.
    const ATTEMPTS: usize = 8;
    let changes = |a: &Assumption| match *a {
        // SAFETY: GIL held by contract.
        Assumption::Key { dict, hash, .. } => unsafe { invalidate::is_changing(dict, hash) },
        _ => false,
    };
    for _ in 0..ATTEMPTS {
        // SAFETY: the contract.
        let captured = unsafe { capture_once(code, mode, source, widen) }?;
        // One of the codes may store what another took for constant: now that this is known, once more.
        if !captured.assumptions.iter().any(changes) {
            return Ok(captured);
        }
    }
    Err("what it takes for constant is changed by itself".into())
}

/// One attempt; what it takes for constant may turn out to be stored by code that it finds later.
unsafe fn capture_once(code: *mut PyObject, mode: EntryMode, source: &Source<'_>, widen: &[TySet]) -> Result<Captured, String> {
    // SAFETY: the contract, handed on. Everything reached from live objects is alive while the GIL is held and no
    // Python code runs.
    unsafe {
        let spaces = match source {
            Source::Call { func, .. } => Spaces {
                globals: read(*func, abi::func::GLOBALS),
                builtins: read(*func, abi::func::BUILTINS),
                locals: std::ptr::null_mut(),
            },
            Source::Frame { frame, .. } => {
                let optimised = flags(code) & ffi::CO_OPTIMIZED as u32 != 0;
                Spaces {
                    globals: read(*frame, abi::frame::GLOBALS),
                    builtins: read(*frame, abi::frame::BUILTINS),
                    locals: if optimised {
                        std::ptr::null_mut()
                    } else {
                        read(*frame, abi::frame::LOCALS)
                    },
                }
            }
        };
        let dict = |o: *mut PyObject| ffi::PyDict_CheckExact(o) != 0;
        if !dict(spaces.globals) || !dict(spaces.builtins) || (!spaces.locals.is_null() && !dict(spaces.locals)) {
            return Err("its globals, builtins or locals are not plain dicts".into());
        }
        if !spaces.locals.is_null() && spaces.locals != spaces.globals {
            return Err("its names live in a namespace that is not the module's".into());
        }
        let mut cx = Cx {
            codes: Vec::new(),
            pointers: Vec::new(),
            units: 0,
            known: HashMap::default(),
            assumptions: Vec::new(),
            kept: Vec::new(),
            methods: HashMap::default(),
            classes: HashMap::default(),
            receivers: HashMap::default(),
            several: BTreeSet::new(),
            class_values: BTreeSet::new(),
            depths: Vec::new(),
            attr_shapes: HashMap::default(),
            attr_dying: HashSet::default(),
        };
        let header = match mode {
            EntryMode::Frame { bci } => Some(bci),
            EntryMode::Call => None,
        };
        let instrs = cx
            .add(code, spaces, 0, header)
            .ok_or("its bytecode cannot be decoded, or is too long")?;
        let mut entry = EntryPoint {
            mode,
            locals: Vec::new(),
            stack: Vec::new(),
            names: Vec::new(),
            module_level: !spaces.locals.is_null(),
            dict_known: !spaces.locals.is_null() && gets_namespace(code),
        };
        let live = match source {
            Source::Call { func, args } => {
                for (i, a) in args.iter().enumerate() {
                    let mut s = cx.shape(*a, live::DEPTH);
                    let ty = place::widest(widen, i, s.ty);
                    if ty != s.ty {
                        s = Shape::of(Ty::Any);
                    }
                    entry.locals.push(Some(s));
                }
                let closure: *mut PyObject = read(*func, abi::func::CLOSURE);
                if !closure.is_null() {
                    let cells = tuple_items(closure);
                    let all = read::<c_int>(code, abi::code::NLOCALSPLUS) as usize;
                    entry.locals.resize(all - cells.len(), None);
                    entry.locals.extend(cells.iter().map(|c| Some(cx.shape(*c, live::DEPTH))));
                    [args, &cells[..]].concat()
                } else {
                    args.to_vec()
                }
            }
            Source::Frame { frame, again } => {
                let (locals, stack) = slots(*frame, code);
                entry.locals = locals.iter().map(|o| (!o.is_null()).then(|| cx.shape(*o, live::DEPTH))).collect();
                entry.stack = stack.iter().map(|o| cx.stack_shape(*o, !again)).collect();
                if entry.module_level {
                    entry.names = cx.bound_names(code, spaces.locals, &instrs, header.unwrap_or(0));
                }
                [locals, stack].concat()
            }
        };
        if let Some(Some(first)) = entry.locals.first() {
            cx.receivers.entry(code as usize).or_default().extend(&first.classes);
        }
        for shape in entry.locals.iter().flatten() {
            cx.note_several(shape);
        }
        cx.locate_others();
        cx.sample_attributes(&live);
        for shape in cx.attr_shapes.values().cloned().collect::<Vec<_>>() {
            cx.note_several(&shape);
        }
        // The classes of what attributes hold bring in code of their own.
        cx.locate_others();
        let codes = cx
            .codes
            .into_iter()
            .collect::<Option<Vec<_>>>()
            .ok_or("a callee was captured halfway")?;
        Ok(Captured {
            snapshot: Snapshot {
                codes,
                entry,
                none: ffi::Py_None() as u64,
                true_: ffi::Py_True() as u64,
                false_: ffi::Py_False() as u64,
                intrinsic_ptrs: known::addresses(),
                methods: cx.methods,
                classes: cx.classes,
                attr_shapes: cx.attr_shapes,
                attr_dying: cx.attr_dying,
                not_implemented: ffi::Py_NotImplemented() as u64,
                with_names: WITH_METHODS.map(|name| known::special_name(name).map_or(0, |key| key as u64)),
                stop_iteration: ffi::PyExc_StopIteration as u64,
                options: config::get().options,
            },
            assumptions: cx.assumptions,
            kept: cx.kept,
            globals: spaces.globals,
            builtins: spaces.builtins,
            codes: cx.pointers,
        })
    }
}

/// The flags of a code object.
///
/// # Safety
/// A live code object.
pub unsafe fn flags(code: *mut PyObject) -> u32 {
    // SAFETY: a live code object, as every caller has.
    unsafe { read::<c_int>(code, abi::code::FLAGS) as u32 }
}

/// How a code object can be entered.
///
/// # Safety
/// A live code object.
pub unsafe fn class_of(code: *mut PyObject) -> tier::Class {
    // SAFETY: the contract.
    let f = unsafe { flags(code) };
    let has = |bits: c_int| f & bits as u32 != 0;
    // SAFETY (both): the contract.
    if unsafe { aside::looks(code) } {
        tier::Class::Onlooker
    } else if unsafe { aside::counts_references(code) } {
        tier::Class::Never
    } else if !has(ffi::CO_OPTIMIZED) || has(ffi::CO_GENERATOR | ffi::CO_COROUTINE | ffi::CO_ASYNC_GENERATOR) {
        tier::Class::Loops
    } else if has(ffi::CO_VARARGS | ffi::CO_VARKEYWORDS) {
        tier::Class::Frame
    } else {
        tier::Class::Call
    }
}

/// Name, file and line, for messages.
pub fn describe_code(code: *mut PyObject) -> String {
    // SAFETY: callers hold the GIL and the code object.
    unsafe {
        format!(
            "{} ({}:{})",
            attribute_text(code, c"co_qualname"),
            attribute_text(code, c"co_filename"),
            read::<c_int>(code, abi::code::FIRSTLINENO)
        )
    }
}

/// The text of one of a code object's members; reading it runs no Python code.
unsafe fn attribute_text(code: *mut PyObject, name: &CStr) -> String {
    // SAFETY: GIL held and a live code object, by the callers; the new reference is released here.
    unsafe {
        let o = ffi::PyObject_GetAttrString(code, name.as_ptr());
        if o.is_null() {
            ffi::PyErr_Clear();
            return String::new();
        }
        let t = text(o).unwrap_or_default();
        ffi::Py_DECREF(o);
        t
    }
}

/// The text of an exact str, unless it holds lone surrogates.
///
/// # Safety
/// The GIL is held; a live object.
pub unsafe fn text(o: *mut PyObject) -> Option<String> {
    // SAFETY: the contract; the UTF-8 belongs to the str.
    unsafe {
        if ffi::PyUnicode_CheckExact(o) == 0 {
            return None;
        }
        let mut n = 0;
        let p = ffi::PyUnicode_AsUTF8AndSize(o, &mut n);
        if p.is_null() {
            ffi::PyErr_Clear();
            return None;
        }
        let bytes = std::slice::from_raw_parts(p.cast::<u8>(), n as usize);
        std::str::from_utf8(bytes).ok().map(str::to_owned)
    }
}

/// The arguments of a function that is about to run its first instruction (borrowed).
///
/// # Safety
/// `frame` is the running frame of `code`.
pub unsafe fn frame_arguments(frame: *mut u8, code: *mut PyObject) -> Vec<*mut PyObject> {
    // SAFETY: the contract.
    unsafe {
        let n = read::<c_int>(code, abi::code::ARGCOUNT) + read::<c_int>(code, abi::code::KWONLYARGCOUNT);
        let (mut locals, _) = slots(frame, code);
        locals.truncate(n as usize);
        for l in &mut locals {
            // A parameter that an inner function captures is in its cell already.
            if !l.is_null() && ffi::Py_TYPE(*l) == &raw mut ffi::PyCell_Type {
                let content: *mut PyObject = read(*l, abi::cell::REF);
                if !content.is_null() {
                    *l = content;
                }
            }
        }
        locals
    }
}

/// The parameters of a function that is about to run its first instruction, cells as they are (borrowed).
///
/// # Safety
/// As for [`frame_arguments`]; they live as long as the frame.
pub unsafe fn first_locals(frame: *mut u8, code: *mut PyObject) -> impl Iterator<Item = *mut PyObject> {
    // SAFETY: the contract.
    let all = unsafe {
        let first = frame.add(abi::frame::LOCALSPLUS).cast::<frame::StackRef>();
        std::slice::from_raw_parts(first, read::<c_int>(code, abi::code::ARGCOUNT) as usize)
    };
    all.iter().map(|r| frame::object(*r))
}

/// Locals and operands of a frame (borrowed; null where unset).
unsafe fn slots(frame: *mut u8, code: *mut PyObject) -> (Vec<*mut PyObject>, Vec<*mut PyObject>) {
    // SAFETY: the running frame; its stack pointer was saved before the callback.
    unsafe {
        let n = read::<c_int>(code, abi::code::NLOCALSPLUS) as usize;
        let first = frame.add(abi::frame::LOCALSPLUS).cast::<frame::StackRef>();
        let end: *const frame::StackRef = read(frame, abi::frame::STACKPOINTER);
        let all = std::slice::from_raw_parts(first, end.offset_from(first) as usize);
        let get = |r: &frame::StackRef| frame::object(*r);
        (all[..n].iter().map(get).collect(), all[n..].iter().map(get).collect())
    }
}

/// The exact type of a live object, as far as the compiler knows it.
///
/// # Safety
/// The GIL is held; a live object.
pub unsafe fn ty_of(o: *mut PyObject) -> Ty {
    // SAFETY: the contract.
    unsafe { known::exact_type(ffi::Py_TYPE(o).cast()) }
}

/// The version of an object's class, if that is written in Python; else 0.
///
/// # Safety
/// The GIL is held; a live object.
pub unsafe fn class_version(o: *mut PyObject) -> u32 {
    // SAFETY: the contract.
    unsafe {
        let class = ffi::Py_TYPE(o);
        if ffi::PyType_GetFlags(class) & ffi::Py_TPFLAGS_HEAPTYPE == 0 {
            return 0;
        }
        read(class.cast::<PyObject>(), abi::type_object::VERSION_TAG)
    }
}

impl Cx {
    /// Copies a code object and all it names; `None` when it cannot be decoded or is too long.
    ///
    /// # Safety
    /// As for [`capture`].
    pub unsafe fn add(&mut self, code: *mut PyObject, spaces: Spaces, depth: u32, header: Option<u32>) -> Option<Vec<Instr>> {
        // SAFETY: a live code object and its namespaces, by the contract of `capture`.
        unsafe {
            let bytes = bytecode_of(code)?;
            self.units += bytes.len() / 2;
            if self.units > TOTAL_UNITS {
                return None;
            }
            let instrs = bytecode::decode(&bytes).ok()?;
            let id = CodeId(self.codes.len() as u32);
            self.codes.push(None);
            self.pointers.push(code);
            self.depths.push(depth);
            self.known.insert((code as usize, spaces.globals as usize), id);
            let names = tuple_items(read(code, abi::code::NAMES));
            let state = tier::peek(code);
            let warm = state.is_some_and(tier::CodeState::is_warm)
                || instrs
                    .iter()
                    .any(|i| i.raw != i.op && !matches!(i.op, op::RESUME | op::JUMP_BACKWARD));
            // At module level, functions are made all over the place; what the loop itself makes counts.
            let inside = region(&instrs, header.filter(|_| !spaces.locals.is_null()));
            let made: HashSet<u32> = (instrs.windows(2))
                .filter(|w| w[0].op == op::LOAD_CONST && w[1].op == op::MAKE_FUNCTION && inside.contains(&w[0].start))
                .map(|w| w[0].arg)
                .collect();
            let consts = (tuple_items(read(code, abi::code::CONSTS)).into_iter().enumerate())
                .map(|(n, o)| self.constant(o, made.contains(&(n as u32)), spaces, depth))
                .collect();
            let feedback = state.map(|s| s.feedback.borrow().clone()).unwrap_or_default();
            let met: Vec<(u32, &Feedback)> = feedback
                .iter()
                .map(|(bci, fb)| (*bci, fb))
                .filter(|(_, fb)| !fb.callees.is_empty())
                .collect();
            let callees = met
                .into_iter()
                .map(|(bci, fb)| (bci, self.met(&fb.callees, spaces, depth)))
                .collect();
            let kinds: *mut PyObject = read(code, abi::code::LOCALSPLUSKINDS);
            let looked: Vec<Instr> = instrs.iter().filter(|i| inside.contains(&i.start)).copied().collect();
            let (globals, variables) = self.globals_of(&names, &looked, spaces, depth);
            let entries = self.entries(&names, &looked, &variables, spaces);
            let attrs = self.attributes(&bytes, &instrs, depth);
            self.builtin_methods(&names, &instrs);
            self.learned_classes(&feedback, depth);
            let number = |offset: usize| read::<c_int>(code, offset) as u32;
            self.codes[id.0 as usize] = Some(Code {
                name: attribute_text(code, c"co_qualname"),
                filename: attribute_text(code, c"co_filename"),
                bytes,
                consts,
                names: names.iter().map(|n| text(*n).unwrap_or_default()).collect(),
                name_ptrs: names.iter().map(|n| *n as u64).collect(),
                localsplus: bytes_of(kinds).iter().map(|k| local_kind(*k as usize)).collect(),
                parameters: tuple_items(read(code, abi::code::LOCALSPLUSNAMES))
                    .into_iter()
                    .take((number(abi::code::ARGCOUNT) + number(abi::code::KWONLYARGCOUNT)) as usize)
                    .map(|n| text(n).unwrap_or_default())
                    .collect(),
                argcount: number(abi::code::ARGCOUNT),
                kwonly: number(abi::code::KWONLYARGCOUNT),
                posonly: number(abi::code::POSONLYARGCOUNT),
                stacksize: number(abi::code::STACKSIZE),
                flags: flags(code),
                exception_table: bytes_of(read(code, abi::code::EXCEPTIONTABLE)).to_vec(),
                ptr: code as u64,
                link: link::link_of(code),
                globals,
                entries,
                globals_ptr: spaces.globals as u64,
                builtins_ptr: spaces.builtins as u64,
                attrs,
                callees,
                feedback,
                warm,
                met: state.map(|s| s.met.borrow().clone()).unwrap_or_default(),
            });
            Some(instrs)
        }
    }

    /// A constant of a code object. Code that functions are `made` of is taken along.
    unsafe fn constant(&mut self, o: *mut PyObject, made: bool, spaces: Spaces, depth: u32) -> Const {
        // SAFETY: a live object, and a live code object where it is one.
        unsafe {
            if made
                && ffi::Py_TYPE(o) == &raw mut ffi::PyCode_Type
                && flags(o) & ffi::CO_OPTIMIZED as u32 != 0
                && let Some(id) = self.callee(o, spaces.globals, spaces.builtins, depth)
            {
                let desc = Desc::Code(id);
                return Const { ptr: o as u64, desc };
            }
            self.describe(o, DATA_DEPTH, &[], CALL_DEPTH)
        }
    }

    /// What is known of an object that stays where it is.
    ///
    /// # Safety
    /// The GIL is held; live objects.
    pub unsafe fn describe(&mut self, o: *mut PyObject, data: u32, attributes: &[*mut PyObject], depth: u32) -> Const {
        // SAFETY: a live object.
        let desc = unsafe { self.desc(o, data, attributes, depth) };
        Const { ptr: o as u64, desc }
    }

    unsafe fn desc(&mut self, o: *mut PyObject, data: u32, attributes: &[*mut PyObject], depth: u32) -> Desc {
        // SAFETY: a live object; each arm looks at fields of the exact type it has checked.
        unsafe {
            if let Some(i) = known::intrinsic(o) {
                return Desc::Intrinsic(i);
            }
            if let Some(b) = known::builtin(o) {
                return Desc::Builtin(b);
            }
            if ffi::PyType_Check(o) != 0 {
                self.class(o.cast(), depth);
                self.class_attributes(o.cast(), attributes, depth);
            }
            if ffi::Py_TYPE(o) == &raw mut ffi::PySlice_Type {
                let s = &*o.cast::<ffi::PySliceObject>();
                let mut whole = true;
                let parts = [s.start, s.stop, s.step].map(|p| {
                    let value = if ty_of(p) == Ty::Int { long_value(p) } else { None };
                    whole &= ty_of(p) == Ty::None || value.is_some();
                    value
                });
                return if whole { Desc::Slice(parts) } else { Desc::Other(Ty::Any) };
            }
            match ty_of(o) {
                Ty::None => Desc::None,
                Ty::Bool => Desc::Bool(o == ffi::Py_True()),
                Ty::Int => match wide_value(o) {
                    Some(v) => i64::try_from(v).map_or(Desc::Wide(v), Desc::Int),
                    None => Desc::BigInt,
                },
                Ty::Float => Desc::Float(read(o, abi::float::VALUE)),
                Ty::Complex => Desc::Complex(read(o, abi::complex::VALUE), read(o, abi::complex::VALUE + 8)),
                Ty::Str => {
                    let len = ffi::PyUnicode_GET_LENGTH(o) as i64;
                    match text(o).filter(|t| t.len() <= TEXT) {
                        Some(text) => Desc::Str { len, text },
                        None => Desc::Other(Ty::Str),
                    }
                }
                Ty::Tuple if data > 0 && ffi::PyTuple_GET_SIZE(o) as usize <= TUPLE_ITEMS => Desc::Tuple(
                    tuple_items(o)
                        .into_iter()
                        .map(|i| self.describe(i, data - 1, &[], depth.max(CALL_DEPTH)))
                        .collect(),
                ),
                Ty::Module if data > 0 => self.module(o, data, attributes, depth),
                Ty::Func if depth < DEEPEST => self.function(o, depth).map_or(Desc::Other(Ty::Func), Desc::Func),
                Ty::Type => match layout::types().iter().position(|a| *a == o as u64) {
                    Some(i) => Desc::Class(Ty::ALL[i]),
                    None => Desc::Other(Ty::Type),
                },
                t => Desc::Other(t),
            }
        }
    }

    /// Module level: the names of the region that are bound in its namespace.
    unsafe fn bound_names(&mut self, code: *mut PyObject, locals: *mut PyObject, instrs: &[Instr], header: u32) -> Vec<(u32, Shape)> {
        let region = region(instrs, Some(header));
        let mut used: Vec<u32> = instrs
            .iter()
            .filter(|i| region.contains(&i.start) && matches!(i.op, op::LOAD_NAME | op::STORE_NAME | op::DELETE_NAME))
            .map(|i| i.arg)
            .collect();
        used.sort_unstable();
        used.dedup();
        // SAFETY: a live code object; its names are exact strs, the namespace an exact dict.
        unsafe {
            let names = tuple_items(read(code, abi::code::NAMES));
            used.into_iter()
                .filter_map(|i| {
                    let value = lookup(locals, *names.get(i as usize)?);
                    (!value.is_null()).then(|| (i, self.shape(value, live::DEPTH)))
                })
                .collect()
        }
    }
}

/// Whether the code, or code within it, names what a namespace can be got hold of by.
///
/// # Safety
/// The GIL is held; a live code object.
unsafe fn gets_namespace(code: *mut PyObject) -> bool {
    const WAYS: [&str; 9] = [
        "globals",
        "locals",
        "vars",
        "eval",
        "exec",
        "__dict__",
        "__globals__",
        "f_globals",
        "f_locals",
    ];
    // SAFETY: names are exact strs; constants that are code objects are alive while their owner is.
    unsafe {
        let named = |n: *mut PyObject| text(n).is_some_and(|n| WAYS.contains(&n.as_str()));
        tuple_items(read(code, abi::code::NAMES)).into_iter().any(named)
            || tuple_items(read(code, abi::code::CONSTS))
                .into_iter()
                .any(|c| ffi::Py_TYPE(c) == &raw mut ffi::PyCode_Type && gets_namespace(c))
    }
}

/// The items of an exact tuple (borrowed).
///
/// # Safety
/// The GIL is held; a live tuple.
pub unsafe fn tuple_items(t: *mut PyObject) -> Vec<*mut PyObject> {
    // SAFETY: a live tuple.
    unsafe { (0..ffi::PyTuple_GET_SIZE(t)).map(|i| ffi::PyTuple_GET_ITEM(t, i)).collect() }
}

unsafe fn bytes_of<'a>(b: *mut PyObject) -> &'a [u8] {
    // SAFETY: a live bytes object; used at once.
    unsafe { std::slice::from_raw_parts(ffi::PyBytes_AsString(b).cast(), ffi::PyBytes_Size(b) as usize) }
}

fn local_kind(kind: usize) -> LocalKind {
    let has = |bit: usize| kind & bit != 0;
    match (has(abi::CO_FAST_LOCAL), has(abi::CO_FAST_CELL), has(abi::CO_FAST_FREE)) {
        (_, _, true) => LocalKind::Free,
        (true, true, _) => LocalKind::ArgCell,
        (false, true, _) => LocalKind::Cell,
        _ => LocalKind::Local,
    }
}

/// The bytecode as it stands, with what instrumentation covers put back.
unsafe fn bytecode_of(code: *mut PyObject) -> Option<Vec<u8>> {
    // SAFETY: a live code object: its code units follow its header. `PyCode_GetCode` makes bytes of the base opcodes.
    unsafe {
        let n = ffi::Py_SIZE(code) as usize * abi::CODE_UNIT;
        let mut bytes = std::slice::from_raw_parts(code.cast::<u8>().add(abi::code::CODE_ADAPTIVE), n).to_vec();
        let plain = PyCode_GetCode(code);
        if plain.is_null() {
            ffi::PyErr_Clear();
            return None;
        }
        {
            let plain = bytes_of(plain);
            let mut at = 0;
            while 2 * at + 1 < n.min(plain.len()) {
                let (base, raw) = (plain[2 * at], bytes[2 * at]);
                let covered = raw == op::ENTER_EXECUTOR || op::name(raw).starts_with("INSTRUMENTED_") || op::base(raw) != base;
                if covered {
                    bytes[2 * at..2 * at + 2].copy_from_slice(&plain[2 * at..2 * at + 2]);
                }
                at += 1 + op::caches(base);
            }
        }
        ffi::Py_DECREF(plain);
        Some(bytes)
    }
}
