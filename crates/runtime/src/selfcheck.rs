//! Whether this interpreter is one that Whipsnake may touch.
//!
//! Version and build are compared first, then the opcodes and layouts that the crates were generated for, then what only
//! shows when it runs. A difference keeps the compiler off.

use crate::{hook, layout};
use pyo3::ffi;
use pyo3::prelude::*;
use std::sync::OnceLock;
use whipsnake_abi::opcode;

/// Why the compiler cannot serve this interpreter; empty when it can.
pub fn problems(py: Python<'_>) -> Vec<String> {
    // SAFETY: set before any code runs.
    let version = unsafe { ffi::Py_Version };
    if version >> 16 != 0x030e {
        return vec![format!("it serves CPython 3.14 and this is {}", Python::version_str())];
    }
    if let Some(p) = build_problem(py) {
        return vec![p];
    }
    CHECKED.get_or_init(|| layouts(py)).clone()
}

/// What was found the first time: none of it can change.
static CHECKED: OnceLock<Vec<String>> = OnceLock::new();

fn layouts(py: Python<'_>) -> Vec<String> {
    if let Err(e) = layout::init(py) {
        return vec![format!("the interpreter's types cannot be found ({e})")];
    }
    layout::self_check(py)
}

fn build_problem(py: Python<'_>) -> Option<String> {
    let sys = py.import("sys").ok()?;
    let with_gil = sys
        .call_method0("_is_gil_enabled")
        .and_then(|r| r.extract::<bool>())
        .unwrap_or(true);
    if !with_gil || cfg!(Py_GIL_DISABLED) {
        return Some("it serves builds with the GIL and this one runs without".into());
    }
    // SAFETY: GIL held; both are interpreters of this process.
    if unsafe { ffi::PyInterpreterState_Get() != ffi::PyInterpreterState_Main() } {
        return Some("it serves the main interpreter and this is a sub-interpreter".into());
    }
    if !cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        return Some("it serves Linux on x86-64".into());
    }
    None
}

/// Opcodes and layouts that differ from what the crates were generated for.
pub fn differences(py: Python<'_>) -> Vec<String> {
    let mut all = problems(py);
    if let Err(e) = opcodes(py, &mut all) {
        all.push(format!("the opcodes cannot be read ({e})"));
    }
    all
}

fn opcodes(py: Python<'_>, out: &mut Vec<String>) -> PyResult<()> {
    let module = py.import("opcode")?;
    for table in ["opmap", "_specialized_opmap"] {
        for (name, number) in module.getattr(table)?.extract::<std::collections::BTreeMap<String, u16>>()? {
            // Numbers above 255 are the compiler's pseudo opcodes, which no bytecode holds.
            let Ok(number) = u8::try_from(number) else { continue };
            if opcode::name(number) != name {
                out.push(format!("opcode {number} is {name}, expected {:?}", opcode::name(number)));
            }
        }
    }
    for (name, entries) in module
        .getattr("_inline_cache_entries")?
        .extract::<std::collections::BTreeMap<String, usize>>()?
    {
        let number: u16 = module.getattr("opmap")?.get_item(&name)?.extract()?;
        if let Ok(number) = u8::try_from(number)
            && opcode::caches(number) != entries
        {
            out.push(format!(
                "{name} has {entries} inline cache entries, expected {}",
                opcode::caches(number)
            ));
        }
    }
    Ok(())
}

/// Checks that the interpreter's tables of tools are where they are looked for: it has just been told of this one and its name.
pub fn monitors_where_expected(tool: u8, name: &Bound<'_, PyAny>) -> Result<(), String> {
    // SAFETY: called from `enable` with the GIL held.
    let (all, names) = unsafe {
        let ts = ffi::PyThreadState_GetUnchecked();
        (hook::monitors(ts), hook::tool_names(ts))
    };
    let ours = 1u8 << tool;
    let marked = all.iter().filter(|b| **b & ours != 0).count();
    if marked == hook::EVENTS.len() && names[usize::from(tool)] == name.as_ptr() {
        Ok(())
    } else {
        Err("the interpreter keeps its table of monitoring tools elsewhere".into())
    }
}
