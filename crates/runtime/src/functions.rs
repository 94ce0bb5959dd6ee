//! Functions that captured code may call: what is copied of them, and of those that a call has met.

use crate::capture::{CALL_DEPTH, Cx, DEEPEST, Spaces, flags, tuple_items, ty_of};
use crate::gil::read;
use crate::hints::Hint;
use crate::invalidate::{self, Assumption};
use crate::names::lookup;
use crate::{hook, tier};
use pyo3::ffi::{self, PyObject};
use std::ffi::c_int;
use whipsnake_abi::layout as abi;
use whipsnake_hir::snapshot::{Callee, CodeId, Const, Desc, FuncInfo, Shape};
use whipsnake_hir::types::Ty;

/// Code units of one callee.
const CALLEE_UNITS: usize = 600;

impl Cx {
    /// Code that may be compiled into its caller.
    ///
    /// # Safety
    /// The GIL is held; what it is given is alive.
    pub unsafe fn callee(&mut self, code: *mut PyObject, globals: *mut PyObject, builtins: *mut PyObject, depth: u32) -> Option<CodeId> {
        // SAFETY: live objects.
        unsafe {
            if tier::peek(code).is_some_and(|s| s.hint.get() == Hint::Nojit)
                || ffi::PyDict_CheckExact(globals) == 0
                || ffi::PyDict_CheckExact(builtins) == 0
            {
                return None;
            }
            if let Some(id) = self.known.get(&(code as usize, globals as usize)) {
                return Some(*id);
            }
            let coroutine = flags(code) & (ffi::CO_COROUTINE | ffi::CO_ASYNC_GENERATOR) as u32 != 0;
            // The body of a class works on a namespace that it is given.
            if flags(code) & ffi::CO_OPTIMIZED as u32 == 0 {
                return None;
            }
            if depth >= CALL_DEPTH || coroutine || ffi::Py_SIZE(code) as usize > CALLEE_UNITS {
                return None;
            }
            let id = CodeId(self.codes.len() as u32);
            let spaces = Spaces {
                globals,
                builtins,
                locals: std::ptr::null_mut(),
            };
            self.add(code, spaces, depth + 1, None)?;
            Some(id)
        }
    }

    /// A function that others of the same code may take the place of: made within another function, presumably again and
    /// again. Nothing watches it; its code is held.
    ///
    /// # Safety
    /// The GIL is held; an exact, live function.
    pub unsafe fn one_of_many(&mut self, func: *mut PyObject, depth: u32) -> Option<FuncInfo> {
        // SAFETY: the contract.
        unsafe {
            let (id, globals) = self.ordinary(func, depth)?;
            self.kept.push(read(func, abi::func::CODE));
            Some(self.of_many(id, globals, defaults_of(func)))
        }
    }

    /// A function's code and globals, if it is one that compiled code may call by itself.
    unsafe fn ordinary(&mut self, func: *mut PyObject, depth: u32) -> Option<(CodeId, *mut PyObject)> {
        // SAFETY: an exact, live function.
        unsafe {
            if !hook::is_ordinary(func) {
                return None;
            }
            let globals: *mut PyObject = read(func, abi::func::GLOBALS);
            let id = self.callee(read(func, abi::func::CODE), globals, read(func, abi::func::BUILTINS), depth)?;
            Some((id, globals))
        }
    }

    fn of_many(&self, code: CodeId, globals: *mut PyObject, defaults: usize) -> FuncInfo {
        // SAFETY: an immortal object.
        let none = unsafe { ffi::Py_None() } as u64;
        FuncInfo {
            code,
            defaults: vec![
                Const {
                    ptr: none,
                    desc: Desc::None
                };
                defaults
            ],
            kwdefaults: Vec::new(),
            closure: Vec::new(),
            globals: globals as u64,
            one_of_many: true,
        }
    }

    /// Functions that a call has met, as far as they can still be found.
    ///
    /// # Safety
    /// The GIL is held; what it is given is alive.
    pub unsafe fn met(&mut self, callees: &[Callee], spaces: Spaces, depth: u32) -> Vec<FuncInfo> {
        let mut found = Vec::new();
        for c in callees {
            // SAFETY: a code object with a state is alive; namespaces are this code's own, or a module's.
            unsafe {
                let Some(code) = tier::living(c.code as usize) else { continue };
                let Some((globals, builtins)) = namespace(c.globals as usize, spaces) else {
                    continue;
                };
                if let Some(id) = self.callee(code, globals, builtins, depth) {
                    self.kept.push(code);
                    found.push(self.of_many(id, globals, c.defaults));
                }
            }
        }
        found
    }

    /// A function that may be compiled into its caller.
    ///
    /// # Safety
    /// The GIL is held; what it is given is alive.
    pub unsafe fn function(&mut self, func: *mut PyObject, depth: u32) -> Option<FuncInfo> {
        // SAFETY: an exact, live function.
        unsafe {
            let (id, globals) = self.ordinary(func, depth)?;
            self.assumptions.push(Assumption::Func(func));
            let constants = |cx: &mut Cx, tuple: *mut PyObject| {
                if tuple.is_null() {
                    return Vec::new();
                }
                tuple_items(tuple).into_iter().map(|o| cx.describe(o, 1, &[], DEEPEST)).collect()
            };
            let kwdefaults: *mut PyObject = read(func, abi::func::KWDEFAULTS);
            Some(FuncInfo {
                code: id,
                defaults: constants(self, read(func, abi::func::DEFAULTS)),
                kwdefaults: self.keyword_defaults(read(func, abi::func::CODE), kwdefaults),
                closure: self.closure(read(func, abi::func::CLOSURE), depth),
                globals: globals as u64,
                one_of_many: false,
            })
        }
    }

    /// The cells of a function that calls have got to at this depth, each with what it holds now: a function that is called from there may
    /// be compiled in too.
    unsafe fn closure(&mut self, cells: *mut PyObject, depth: u32) -> Vec<Const> {
        // SAFETY: null or a live tuple of cells, whose contents are null or live.
        unsafe {
            let cells = if cells.is_null() { Vec::new() } else { tuple_items(cells) };
            (cells.into_iter())
                .map(|cell| {
                    let content: *mut PyObject = read(cell, abi::cell::REF);
                    let held = match () {
                        _ if content.is_null() => return self.describe(cell, 0, &[], CALL_DEPTH),
                        _ if ty_of(content) != Ty::Func => self.shape(content, 0),
                        // Functions may lead to each other in circles, so there is an end to it.
                        _ if depth + 1 >= CALL_DEPTH => Shape::of(Ty::Func),
                        _ => {
                            let known = self.describe(content, 0, &[], depth + 1);
                            Shape {
                                func: matches!(known.desc, Desc::Func(_)).then(|| Box::new(known)),
                                ..Shape::of(Ty::Func)
                            }
                        }
                    };
                    Const {
                        ptr: cell as u64,
                        desc: Desc::Cell(Box::new(held)),
                    }
                })
                .collect()
        }
    }

    /// The defaults of a function's keyword-only parameters.
    unsafe fn keyword_defaults(&mut self, code: *mut PyObject, defaults: *mut PyObject) -> Vec<Option<Const>> {
        // SAFETY: a live code object, whose names are exact strs, and null or the dict of its function, which holds the values.
        unsafe {
            let (count, n) = (
                read::<c_int>(code, abi::code::ARGCOUNT) as usize,
                read::<c_int>(code, abi::code::KWONLYARGCOUNT) as usize,
            );
            let names = tuple_items(read(code, abi::code::LOCALSPLUSNAMES));
            (names[count..count + n].iter())
                .map(|&name| {
                    if defaults.is_null() || ffi::PyDict_CheckExact(defaults) == 0 {
                        return None;
                    }
                    let (value, hash) = (lookup(defaults, name), ffi::PyObject_Hash(name));
                    if value.is_null() || invalidate::is_changing(defaults, hash) {
                        return None;
                    }
                    self.assumptions.push(Assumption::Key {
                        dict: defaults,
                        hash,
                        value,
                    });
                    Some(self.describe(value, 1, &[], DEEPEST))
                })
                .collect()
        }
    }
}

/// How many positional defaults a function has.
///
/// # Safety
/// The GIL is held; a live function.
pub unsafe fn defaults_of(func: *mut PyObject) -> usize {
    // SAFETY: the contract; the field is null or a tuple.
    unsafe {
        let defaults: *mut PyObject = read(func, abi::func::DEFAULTS);
        if defaults.is_null() {
            0
        } else {
            ffi::PyTuple_GET_SIZE(defaults) as usize
        }
    }
}

/// Whether a function was made within another one.
///
/// # Safety
/// The GIL is held; a live function.
pub unsafe fn is_nested(func: *mut PyObject) -> bool {
    // SAFETY: the contract.
    unsafe { flags(read(func, abi::func::CODE)) & ffi::CO_NESTED as u32 != 0 }
}

/// The globals at an address with their builtins, if they are this code's own or a loaded module's.
unsafe fn namespace(at: usize, own: Spaces) -> Option<(*mut PyObject, *mut PyObject)> {
    if at == own.globals as usize {
        return Some((own.globals, own.builtins));
    }
    // SAFETY: GIL held by the callers; lookups in exact dicts by exact strs, whose results are borrowed and used at once.
    unsafe {
        let modules = ffi::PyImport_GetModuleDict();
        let (mut pos, mut module) = (0, std::ptr::null_mut());
        if ffi::PyDict_CheckExact(modules) == 0 {
            return None;
        }
        while ffi::PyDict_Next(modules, &mut pos, std::ptr::null_mut(), &mut module) != 0 {
            if ty_of(module) != Ty::Module || ffi::PyModule_GetDict(module) as usize != at {
                continue;
            }
            let dict = at as *mut PyObject;
            let builtins = ffi::PyDict_GetItemString(dict, c"__builtins__".as_ptr());
            if builtins.is_null() {
                return None;
            }
            let builtins = match ty_of(builtins) {
                Ty::Module => ffi::PyModule_GetDict(builtins),
                _ => builtins,
            };
            return Some((dict, builtins));
        }
        None
    }
}
