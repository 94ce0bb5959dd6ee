//! `whipsnake._native`: everything that touches the interpreter.
//!
//! The interpreter calls in through [`hook`]; [`tier`] decides what is worth compiling, [`budget`] what there is time for; [`capture`] copies what the
//! compiler may know; [`compile`] runs it; [`entry`] goes into compiled code and [`exit`] comes out of it, with the
//! interpreter's [`frame`]s rebuilt; [`invalidate`] ends code whose assumptions fall.

mod aside;
mod attributes;
mod budget;
mod capture;
mod classes;
mod codemem;
mod compile;
mod config;
mod ctx;
mod entry;
mod exit;
mod fleeting;
mod frame;
mod functions;
mod generator;
mod gil;
mod helpers;
mod hints;
mod hook;
mod invalidate;
mod jobs;
mod known;
mod layout;
mod learn;
mod link;
mod live;
mod names;
mod natives;
mod operators;
mod place;
mod race;
mod rebuild;
mod samples;
mod selfcheck;
mod stats;
mod tier;
mod trial;
mod unwind;
mod version;
mod visible;
mod worth;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use std::sync::{Mutex, PoisonError};

/// Can this interpreter be served, and if not, why.
#[pyfunction]
fn availability(py: Python<'_>) -> (bool, String) {
    match selfcheck::problems(py).into_iter().next() {
        Some(reason) => (false, reason),
        None => (true, String::new()),
    }
}

/// What differs from the expected opcodes and layouts; empty when all is well.
#[pyfunction]
fn opcode_self_check(py: Python<'_>) -> Vec<String> {
    selfcheck::differences(py)
}

/// Takes the settings; once, before the first `enable()`.
#[pyfunction]
fn configure(settings: &Bound<'_, PyDict>) -> PyResult<()> {
    config::set(settings)?;
    let c = config::get();
    ctx::set_exit_every(c.options.exit_every);
    if let Some(bytes) = c.code_bytes {
        codemem::set_cap_kib(bytes / 1024);
    }
    Ok(())
}

/// Switches the compiler on.
#[pyfunction]
fn enable(py: Python<'_>) -> PyResult<()> {
    hook::enable(py)
}

/// Switches the compiler off; compiled code is left at the next chance.
#[pyfunction]
fn disable(py: Python<'_>) -> PyResult<()> {
    hook::disable_now(py)
}

/// Is the compiler on?
#[pyfunction]
fn is_enabled() -> bool {
    hook::is_enabled()
}

/// Is the calling Python code running as machine code right now?
#[pyfunction]
fn is_active(py: Python<'_>) -> bool {
    hook::is_caller_compiled(py)
}

/// Totals since the start.
#[pyfunction]
#[pyo3(name = "stats")]
fn stats_(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    stats::totals(py)
}

/// What is compiled.
#[pyfunction]
fn compiled(py: Python<'_>) -> PyResult<Bound<'_, PyList>> {
    stats::compiled(py)
}

/// What became of a code object.
#[pyfunction]
fn explain<'py>(code: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
    stats::explain(code)
}

/// Sets what is wished for a code object: "jit", "nojit" or None.
#[pyfunction]
#[pyo3(signature = (code, hint))]
fn set_hint(code: &Bound<'_, PyAny>, hint: Option<&str>) -> PyResult<()> {
    hints::set(code, hint)
}

/// At exit: stops compiling and leaves everything to the interpreter.
#[pyfunction]
fn _stop(py: Python<'_>) -> PyResult<()> {
    py.detach(compile::close);
    hook::disable_now(py)
}

/// The process and the thread that fork.
static FORKING: Mutex<(u32, u32)> = Mutex::new((0, 0));

/// Before a fork: no thread of ours may be halfway through anything.
#[pyfunction]
fn _before_fork(py: Python<'_>) {
    // SAFETY: no preconditions.
    let thread = unsafe { libc::gettid() } as u32;
    *FORKING.lock().unwrap_or_else(PoisonError::into_inner) = (std::process::id(), thread);
    py.detach(|| {
        aside::pause();
        compile::pause();
    });
}

/// After a fork, on both sides: what was stopped goes on. A child compiles when it has something of its own.
#[pyfunction]
fn _after_fork() {
    let (process, thread) = *FORKING.lock().unwrap_or_else(PoisonError::into_inner);
    compile::born(process, thread);
    aside::resume();
    compile::resume();
    if process != std::process::id() && budget::is_awaited() {
        // A child has a budget of its own.
        hook::reopen();
    }
}

#[pymodule]
fn _native(m: &Bound<'_, PyModule>) -> PyResult<()> {
    compile::quiet_panics();
    m.add_function(wrap_pyfunction!(availability, m)?)?;
    m.add_function(wrap_pyfunction!(opcode_self_check, m)?)?;
    m.add_function(wrap_pyfunction!(configure, m)?)?;
    m.add_function(wrap_pyfunction!(enable, m)?)?;
    m.add_function(wrap_pyfunction!(disable, m)?)?;
    m.add_function(wrap_pyfunction!(is_enabled, m)?)?;
    m.add_function(wrap_pyfunction!(is_active, m)?)?;
    m.add_function(wrap_pyfunction!(stats_, m)?)?;
    m.add_function(wrap_pyfunction!(compiled, m)?)?;
    m.add_function(wrap_pyfunction!(explain, m)?)?;
    m.add_function(wrap_pyfunction!(set_hint, m)?)?;
    m.add_function(wrap_pyfunction!(_stop, m)?)?;
    m.add_function(wrap_pyfunction!(_before_fork, m)?)?;
    m.add_function(wrap_pyfunction!(_after_fork, m)?)?;
    Ok(())
}
