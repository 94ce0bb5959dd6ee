//! What the program itself says of a function: `@whipsnake.jit` and `@whipsnake.nojit`.

use crate::{hook, selfcheck, tier};
use pyo3::exceptions::{PyRuntimeError, PyTypeError, PyValueError};
use pyo3::ffi;
use pyo3::prelude::*;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Hint {
    None,
    /// Compile at the first chance.
    Jit,
    /// Never compile, and do not compile into others.
    Nojit,
}

impl Hint {
    pub fn name(self) -> Option<&'static str> {
        match self {
            Hint::None => None,
            Hint::Jit => Some("jit"),
            Hint::Nojit => Some("nojit"),
        }
    }
}

/// Sets what is wished for one code object.
pub fn set(code: &Bound<'_, PyAny>, hint: Option<&str>) -> PyResult<()> {
    // SAFETY: any object.
    if unsafe { ffi::PyCode_Check(code.as_ptr()) } == 0 {
        return Err(PyTypeError::new_err("a code object is needed"));
    }
    let hint = match hint {
        None => Hint::None,
        Some("jit") => Hint::Jit,
        Some("nojit") => Hint::Nojit,
        Some(other) => return Err(PyValueError::new_err(format!("no such hint: {other:?}"))),
    };
    if let Some(p) = selfcheck::problems(code.py()).first() {
        return Err(PyRuntimeError::new_err(p.clone()));
    }
    hook::prepare(code.py())?;
    // SAFETY: GIL held; a live code object.
    let s = unsafe { tier::state(code.as_ptr()) };
    if s.hint.replace(hint) == hint {
        return Ok(());
    }
    // SAFETY: GIL held; the caller holds the code.
    unsafe { s.rejudge(hint) };
    hook::restart_events(code.py())
}
