//! What the compiler did: totals, and reports on what is compiled and what is not.

use crate::gil::Gil;
use crate::place::{Past, PlaceView, Refused};
use crate::tier::{self, CodeState};
use crate::version::Version;
use crate::{codemem, hook};
use pyo3::ffi::{self, PyObject};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use whipsnake_hir::ir::Reason;

/// Totals since the start. What versions count themselves is added when they go.
pub struct Stats {
    pub functions_compiled: u64,
    pub loops_compiled: u64,
    pub compile_us: u64,
    pub refused: u64,
    pub recompiles: u64,
    /// Compilations put off for want of time.
    pub put_off: u64,
    pub invalidated: u64,
    entries: u64,
    exits: BTreeMap<Reason, u64>,
}

static STATS: Gil<Stats> = Gil::new(Stats {
    functions_compiled: 0,
    loops_compiled: 0,
    compile_us: 0,
    refused: 0,
    recompiles: 0,
    put_off: 0,
    invalidated: 0,
    entries: 0,
    exits: BTreeMap::new(),
});

/// Lends the totals. Called only where the GIL is held, like everything in the tier.
pub fn with<R>(f: impl FnOnce(&mut Stats) -> R) -> R {
    // SAFETY: the tier and the module's functions hold the GIL; the closures count and nothing else.
    unsafe { STATS.with(f) }
}

/// Keeps the counts of a version that goes.
pub fn bury(v: &Version) {
    with(|s| add(v, &mut s.entries, &mut s.exits));
}

fn add(v: &Version, entries: &mut u64, exits: &mut BTreeMap<Reason, u64>) {
    *entries += v.entries();
    for (exit, count) in v.exits.iter().zip(&v.exit_counts) {
        let n = count.load(Ordering::Relaxed);
        if n > 0 {
            *exits.entry(exit.reason).or_default() += u64::from(n);
        }
    }
}

/// The reason as reports name it; details such as the type expected are left to the exit's own entry.
fn family(r: Reason) -> String {
    match r {
        Reason::Type(_) => "type".into(),
        Reason::Unsupported(_) => "unsupported".into(),
        r => r.to_string(),
    }
}

/// `stats()`.
pub fn totals<'py>(py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
    let d = PyDict::new(py);
    let (mut entries, mut exits) = with(|s| (s.entries, s.exits.clone()));
    // SAFETY: GIL held (`py`).
    for s in unsafe { tier::states() } {
        for p in s.places() {
            for v in p.versions.iter().filter_map(|c| c.version.get()) {
                add(v, &mut entries, &mut exits);
            }
        }
    }
    let by_reason = PyDict::new(py);
    let mut families: BTreeMap<String, u64> = BTreeMap::new();
    for (r, n) in &exits {
        *families.entry(family(*r)).or_default() += n;
    }
    for (r, n) in &families {
        by_reason.set_item(r, n)?;
    }
    d.set_item("enabled", hook::is_enabled())?;
    let s = with(|s| {
        [
            ("functions_compiled", s.functions_compiled),
            ("loops_compiled", s.loops_compiled),
            ("compile_us_total", s.compile_us),
            ("refused", s.refused),
            ("recompiles", s.recompiles),
            ("put_off", s.put_off),
            ("invalidated", s.invalidated),
        ]
    });
    for (key, n) in s {
        d.set_item(key, n)?;
    }
    d.set_item("code_bytes", codemem::used())?;
    d.set_item("entries", entries)?;
    d.set_item("exits", families.values().sum::<u64>())?;
    d.set_item("exits_by_reason", by_reason)?;
    Ok(d)
}

/// The line of a code unit.
fn line(code: *mut PyObject, bci: u32) -> i32 {
    // SAFETY: callers hold the GIL and the code object.
    unsafe { ffi::PyCode_Addr2Line(code.cast(), bci as i32 * 2) }
}

fn entry<'py>(
    py: Python<'py>,
    s: &CodeState,
    p: &PlaceView,
    v: &Past,
    valid: bool,
    line_of: impl Fn(usize) -> i32,
) -> PyResult<Bound<'py, PyDict>> {
    let d = PyDict::new(py);
    // SAFETY: GIL held; the state's code object is alive while the state is.
    let co = unsafe { Bound::from_borrowed_ptr(py, s.code) };
    d.set_item("name", co.getattr("co_qualname")?)?;
    d.set_item("file", co.getattr("co_filename")?)?;
    d.set_item("line", line(s.code, p.bci))?;
    d.set_item("kind", p.kind)?;
    d.set_item("offset", p.bci * 2)?;
    d.set_item("compile_us", v.compile_us)?;
    d.set_item("code_bytes", v.code_bytes)?;
    d.set_item("hir_ops", v.hir_ops)?;
    d.set_item("entries", v.entries)?;
    d.set_item("valid", valid)?;
    let exits = PyList::empty(py);
    for (i, (reason, _, count)) in v.exits.iter().enumerate() {
        let e = PyDict::new(py);
        e.set_item("reason", reason.to_string())?;
        e.set_item("line", line_of(i))?;
        e.set_item("count", count)?;
        exits.append(e)?;
    }
    d.set_item("exits", exits)?;
    Ok(d)
}

/// Adds what there is and was of one code object; whether anything of it is valid.
fn versions_of<'py>(py: Python<'py>, s: &CodeState, out: &Bound<'py, PyList>) -> PyResult<bool> {
    let mut any = false;
    for p in s.places() {
        for past in &p.past {
            out.append(entry(py, s, &p, past, false, |i| line(s.code, past.exits[i].1))?)?;
        }
        for c in &p.versions {
            let Some(v) = c.version.get() else { continue };
            // Where the exits are, code compiled in from elsewhere included.
            let taken = v.exits.iter().zip(&v.exit_counts).filter(|(_, n)| n.load(Ordering::Relaxed) > 0);
            let lines: Vec<i32> = taken
                .map(|(e, _)| {
                    let state = &v.states[e.state as usize];
                    line(c.codes[state.code.0 as usize], state.bci)
                })
                .collect();
            let line_of = |i: usize| lines.get(i).copied().unwrap_or(-1);
            out.append(entry(py, s, &p, &Past::new(v), c.is_valid(), line_of)?)?;
            any |= c.is_valid();
        }
    }
    Ok(any)
}

/// `compiled()`.
pub fn compiled(py: Python<'_>) -> PyResult<Bound<'_, PyList>> {
    let list = PyList::empty(py);
    // SAFETY: GIL held; no Python code of the program's runs while the list is made.
    for s in unsafe { tier::states() } {
        versions_of(py, s, &list)?;
    }
    Ok(list)
}

/// `explain(code)`.
pub fn explain<'py>(code: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
    let py = code.py();
    let d = PyDict::new(py);
    let (list, refused) = (PyList::empty(py), PyList::empty(py));
    let mut state = "not seen";
    let mut hint = None;
    // SAFETY: GIL held; checked to be a code object, held by the caller.
    let known = unsafe {
        if ffi::PyCode_Check(code.as_ptr()) == 0 {
            return Err(pyo3::exceptions::PyTypeError::new_err("a code object is needed"));
        }
        if hook::is_prepared() { tier::peek(code.as_ptr()) } else { None }
    };
    if let Some(s) = known {
        hint = s.hint.get().name();
        let valid = versions_of(py, s, &list)?;
        let places = s.places();
        for Refused { bci, reason } in places.iter().filter_map(|p| p.refused.as_ref()) {
            let e = PyDict::new(py);
            e.set_item("offset", bci * 2)?;
            e.set_item("line", line(s.code, *bci))?;
            e.set_item("reason", reason)?;
            refused.append(e)?;
        }
        state = if valid {
            "compiled"
        } else if places.iter().any(|p| p.pending) {
            "being compiled"
        } else if places.iter().any(|p| p.waits) {
            "waiting for time to compile"
        } else if !refused.is_empty() {
            "refused"
        } else {
            "not hot"
        };
    }
    d.set_item("compiled", list)?;
    d.set_item("refused", refused)?;
    d.set_item("hint", hint)?;
    d.set_item("state", state)?;
    Ok(d)
}
