//! Names: what globals, builtins and the attributes of modules are bound to, what of it may be taken for constant, and where
//! the others are.

use crate::capture::{Cx, DATA_DEPTH, Spaces, text, ty_of};
use crate::helpers::dict;
use crate::invalidate::{self, Assumption};
use crate::live;
use pyo3::ffi::{self, PyObject};
use whipsnake_abi::bytecode::Instr;
use whipsnake_abi::opcode as op;
use whipsnake_hir::maps::{HashMap, HashSet};
use whipsnake_hir::snapshot::{Const, Desc, Entry};
use whipsnake_hir::types::Ty;

impl Cx {
    /// The names that the code reads and that may be taken for constant; and those that are variables: known to change, or a module's
    /// data in its own code.
    ///
    /// # Safety
    /// The GIL is held; the arguments belong to one live code object and its namespaces.
    pub unsafe fn globals_of(
        &mut self,
        names: &[*mut PyObject],
        region: &[Instr],
        spaces: Spaces,
        depth: u32,
    ) -> (HashMap<u32, Const>, Vec<u32>) {
        let mut read_names = Vec::new();
        let mut stored = HashSet::default();
        let mut attributes = HashSet::default();
        for i in region {
            match i.op {
                op::LOAD_GLOBAL => read_names.push((i.arg >> 1, false)),
                op::LOAD_NAME => read_names.push((i.arg, true)),
                op::STORE_GLOBAL | op::DELETE_GLOBAL | op::STORE_NAME | op::DELETE_NAME => drop(stored.insert(i.arg)),
                op::LOAD_ATTR => drop(attributes.insert(i.arg >> 1)),
                _ => {}
            }
        }
        let named = |i: &u32| names.get(*i as usize).copied();
        let attributes: Vec<*mut PyObject> = attributes.iter().filter_map(named).collect();
        // Of a class only what is loaded from it right away: its instances have attributes of the same names.
        let mut of_class: HashMap<u32, Vec<*mut PyObject>> = HashMap::default();
        for pair in region.windows(2) {
            let from = match pair[0].op {
                op::LOAD_GLOBAL if pair[0].arg & 1 == 0 => pair[0].arg >> 1,
                op::LOAD_NAME => pair[0].arg,
                _ => continue,
            };
            if let (op::LOAD_ATTR, Some(name)) = (pair[1].op, named(&(pair[1].arg >> 1))) {
                of_class.entry(from).or_default().push(name);
            }
        }
        let mut globals = HashMap::default();
        let mut variables: Vec<u32> = stored.iter().copied().collect();
        for (index, by_name) in read_names {
            let Some(&name) = names.get(index as usize) else { continue };
            if stored.contains(&index) || globals.contains_key(&index) || variables.contains(&index) {
                continue;
            }
            // SAFETY: names are exact strs, whose hash runs no code; the namespaces are exact dicts.
            unsafe {
                let hash = ffi::PyObject_Hash(name);
                let mut path = vec![spaces.globals, spaces.builtins];
                if by_name && spaces.locals != spaces.globals {
                    path.insert(0, spaces.locals);
                }
                if path.iter().any(|d| invalidate::is_changing(*d, hash)) {
                    variables.push(index);
                    continue;
                }
                let Some(at) = path.iter().position(|d| !lookup(*d, name).is_null()) else {
                    continue;
                };
                let value = lookup(path[at], name);
                if by_name && !stays(value) {
                    variables.push(index);
                    continue;
                }
                for (i, dict) in path.iter().enumerate().take(at + 1) {
                    self.assumptions.push(Assumption::Key {
                        dict: *dict,
                        hash,
                        value: if i == at { value } else { std::ptr::null_mut() },
                    });
                }
                let attributes = if ffi::PyType_Check(value) != 0 {
                    of_class.get(&index).map_or(&[][..], Vec::as_slice)
                } else {
                    &attributes
                };
                let known = self.describe(value, DATA_DEPTH, attributes, depth);
                globals.insert(index, known);
            }
        }
        (globals, variables)
    }

    /// Where the variables are. From now on nothing may take the values of those that the code stores for constant.
    ///
    /// # Safety
    /// The GIL is held; the arguments belong to one live code object and its namespaces.
    pub unsafe fn entries(&mut self, names: &[*mut PyObject], region: &[Instr], variables: &[u32], spaces: Spaces) -> HashMap<u32, Entry> {
        let mut found = HashMap::default();
        for &index in variables {
            let Some(&name) = names.get(index as usize) else { continue };
            // SAFETY: the globals are an exact dict, names exact strs.
            unsafe {
                let Some((version, offset, value)) = dict::entry(spaces.globals, name) else {
                    continue;
                };
                if region
                    .iter()
                    .any(|i| matches!(i.op, op::STORE_GLOBAL | op::STORE_NAME) && i.arg == index)
                {
                    invalidate::set_changing(spaces.globals, ffi::PyObject_Hash(name));
                }
                if found.is_empty() {
                    self.assumptions.push(Assumption::Dict(spaces.globals));
                }
                let shape = self.shape(value, live::DEPTH);
                found.insert(index, Entry { version, offset, shape });
            }
        }
        found
    }

    /// What is known of a module: its attributes of these names, but for those that change.
    ///
    /// # Safety
    /// The GIL is held; an exact module, and exact strs.
    pub unsafe fn module(&mut self, module: *mut PyObject, data: u32, attributes: &[*mut PyObject], depth: u32) -> Desc {
        let mut attrs = HashMap::default();
        // SAFETY: an exact module and its dict; names are exact strs.
        unsafe {
            let dict = ffi::PyModule_GetDict(module);
            for &name in attributes {
                let Some(key) = text(name).filter(|k| !k.starts_with("__")) else {
                    continue;
                };
                let (value, hash) = (lookup(dict, name), ffi::PyObject_Hash(name));
                if value.is_null() || invalidate::is_changing(dict, hash) {
                    continue;
                }
                self.assumptions.push(Assumption::Key { dict, hash, value });
                let known = self.describe(value, data - 1, attributes, depth);
                attrs.insert(key, known);
            }
        }
        Desc::Module { attrs }
    }
}

/// The code units of the loop at `header`; everything without one.
pub fn region(instrs: &[Instr], header: Option<u32>) -> std::ops::Range<u32> {
    let Some(header) = header else { return 0..u32::MAX };
    let last = instrs
        .iter()
        .filter(|i| i.op == op::JUMP_BACKWARD && i.jump_target() == Some(header))
        .map(|i| i.next)
        .max();
    header..last.unwrap_or(u32::MAX)
}

/// Whether a module-level value is more likely a definition than data.
unsafe fn stays(o: *mut PyObject) -> bool {
    // SAFETY: a live object.
    let ty = unsafe { ty_of(o) };
    matches!(
        ty,
        Ty::None | Ty::Bool | Ty::Int | Ty::Float | Ty::Str | Ty::Tuple | Ty::Func | Ty::Builtin | Ty::Module | Ty::Type
    )
}

/// The value of an exact str key (borrowed), null if there is none.
///
/// # Safety
/// The GIL is held; an exact dict and an exact str.
pub unsafe fn lookup(dict: *mut PyObject, name: *mut PyObject) -> *mut PyObject {
    // SAFETY: an exact dict and an exact str. Keys of other types could run code when compared; a namespace
    // has them so rarely that the lookup is allowed, as the interpreter's own is.
    unsafe {
        let v = ffi::PyDict_GetItemWithError(dict, name);
        if v.is_null() && !ffi::PyErr_Occurred().is_null() {
            ffi::PyErr_Clear();
        }
        v
    }
}
