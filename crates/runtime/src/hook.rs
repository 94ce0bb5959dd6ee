//! Where the interpreter calls in: events of `sys.monitoring`, and the vectorcall of compiled functions.
//!
//! Events: the tool id that Python reserves for optimisers, with `PY_START` and `JUMP`. The callbacks are builtin
//! functions with the fast calling convention; they are all that an interpreted program pays, so they do
//! as little as possible before they know that something is hot.
//!
//! Functions: a compiled function's vectorcall is replaced by [`trampoline`], which binds the arguments
//! into an array, hands them to the tier, and falls back to the function's own vectorcall for whatever is unusual.
//! Setting a vectorcall clears the function's version, so specialised call sites let go of it; un-hooking gives both back.
//!
//! Other tools: while any other tool, `settrace` or `setprofile` watches everything, or one watches a code object
//! locally, that code is not entered compiled, so debuggers, profilers and coverage see every event. Before somebody looks
//! at events themselves, ours are off ([`aside`]).

use crate::gil::{AddressMap, Gil, no_hash, read, write};
use crate::helpers::dict::{self, Found};
use crate::tier::{self, Answer};
use crate::{aside, budget, ctx, invalidate, known, selfcheck, visible};
use pyo3::exceptions::PyRuntimeError;
use pyo3::ffi::{self, PyObject, PyThreadState};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::ffi::c_int;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};
use whipsnake_abi::layout;

unsafe extern "C" {
    fn PyFunction_SetVectorcall(func: *mut PyObject, vectorcall: ffi::vectorcallfunc);
    pub fn _PyFunction_SetVersion(func: *mut PyObject, version: u32);
}

/// `sys.monitoring.OPTIMIZER_ID`.
const TOOL: u8 = 5;
/// Every tool but ours, in each byte of a word.
const OTHERS: u64 = u64::from_ne_bytes([!(1 << TOOL); 8]);
/// Kinds of events that can be asked for in one code object.
const LOCAL_EVENTS: usize = 11;
/// Parameters that the trampoline binds; functions with more are called through the interpreter.
const MAX_PARAMETERS: usize = 32;

static ENABLED: AtomicBool = AtomicBool::new(false);
/// `sys.monitoring.DISABLE`, immortal for our purposes: `sys` holds it.
static DISABLE: AtomicPtr<PyObject> = AtomicPtr::new(std::ptr::null_mut());
/// The function that the trampoline has just handed to the interpreter: its `PY_START` is no bypass.
static FALLBACK: AtomicPtr<PyObject> = AtomicPtr::new(std::ptr::null_mut());
/// The vectorcall that Python functions are born with.
static STOCK: OnceLock<ffi::vectorcallfunc> = OnceLock::new();
/// Hooked functions and the versions they had; borrowed: a function watcher says when one goes.
static HOOKED: Gil<AddressMap<usize, u32>> = Gil::new(AddressMap::with_hasher(no_hash()));

pub fn is_enabled() -> bool {
    ENABLED.load(Ordering::Relaxed)
}

/// Whether code objects can have states yet.
pub fn is_prepared() -> bool {
    STOCK.get().is_some()
}

pub fn take_fallback() -> *mut PyObject {
    FALLBACK.swap(std::ptr::null_mut(), Ordering::Relaxed)
}

/// Whether compiled code of `code` may be entered now: the compiler is on and no other tool watches.
///
/// # Safety
/// `ts` is the current thread's state; `code` is a live code object.
#[inline(always)]
pub unsafe fn may_run(ts: *mut PyThreadState, code: *mut PyObject) -> bool {
    // SAFETY: the contract.
    unsafe { !monitored(ts) && codes_untraced(ts, &[code]) && is_enabled() && !aside::is_aside() }
}

/// Whether another tool watches everything.
///
/// # Safety
/// `ts` is a live thread's state.
#[inline(always)]
pub unsafe fn monitored(ts: *mut PyThreadState) -> bool {
    // SAFETY: the contract.
    let all = u128::from_ne_bytes(unsafe { monitors(ts) });
    (all as u64 | (all >> 64) as u64) & OTHERS != 0
}

/// The tools that watch everything, a bit set for each kind of event.
///
/// # Safety
/// `ts` is the current thread's state.
#[inline(always)]
pub unsafe fn monitors(ts: *mut PyThreadState) -> [u8; 16] {
    // SAFETY: the interpreter state outlives its threads.
    unsafe {
        let interp: *const u8 = read(ts, layout::tstate::INTERP);
        interp.add(layout::interp::MONITORS).cast::<[u8; 16]>().read()
    }
}

/// Whether no other tool watches `code` locally, and its instructions are not marked for one that has stopped watching
/// (they are until the code is started by the interpreter again).
///
/// # Safety
/// A live code object.
#[inline(always)]
pub unsafe fn untraced(code: *mut PyObject) -> bool {
    // SAFETY: a live code object; its monitoring data start with 11 bytes of local monitors, then 11 of those its
    // instructions are marked for.
    unsafe {
        let data: *const u8 = read(code, layout::code::MONITORING);
        if data.is_null() {
            return true;
        }
        let word = |offset| data.add(offset).cast::<u64>().read_unaligned();
        (word(0) | word(8) | word(14)) & OTHERS == 0
    }
}

/// Whether another tool watches `code` locally.
///
/// # Safety
/// A live code object.
pub unsafe fn watched(code: *mut PyObject) -> bool {
    // SAFETY: as in `untraced`.
    unsafe {
        let data: *const u8 = read(code, layout::code::MONITORING);
        !data.is_null() && (0..LOCAL_EVENTS).any(|i| u64::from(*data.add(i)) & OTHERS & 0xff != 0)
    }
}

/// Whether another tool has registered.
///
/// # Safety
/// `ts` is the current thread's state.
#[inline(always)]
pub unsafe fn has_other_tools(ts: *mut PyThreadState) -> bool {
    // SAFETY: the contract.
    let names = unsafe { tool_names(ts) };
    (0..names.len()).any(|i| i != usize::from(TOOL) && !names[i].is_null())
}

/// Whether no other tool watches one of these locally. What `sys.settrace` does so comes with watching everything.
///
/// # Safety
/// `ts` is the current thread's state; live code objects.
#[inline(always)]
pub unsafe fn codes_untraced(ts: *mut PyThreadState, codes: &[*mut PyObject]) -> bool {
    // SAFETY: the contract.
    unsafe { !has_other_tools(ts) || codes.iter().all(|c| untraced(*c)) }
}

/// The names under which tools have registered (borrowed), null for those that are free.
///
/// # Safety
/// `ts` is the current thread's state.
#[inline(always)]
pub unsafe fn tool_names(ts: *mut PyThreadState) -> [*mut PyObject; 8] {
    // SAFETY: the interpreter state outlives its threads.
    unsafe {
        let interp: *const u8 = read(ts, layout::tstate::INTERP);
        interp.add(layout::interp::TOOL_NAMES).cast::<[*mut PyObject; 8]>().read()
    }
}

/// While it lives, events fire as if no callback ran: compiled code runs user code from within one.
pub struct Quiet {
    ts: *mut PyThreadState,
    tracing: c_int,
    what: c_int,
}

impl Quiet {
    /// # Safety
    /// `ts` is the current thread's state and outlives the value.
    pub unsafe fn new(ts: *mut PyThreadState) -> Quiet {
        // SAFETY: the contract; both are plain ints of the thread state.
        unsafe {
            let q = Quiet {
                ts,
                tracing: read(ts, layout::tstate::TRACING),
                what: read(ts, layout::tstate::WHAT_EVENT),
            };
            write(ts, layout::tstate::TRACING, 0 as c_int);
            write(ts, layout::tstate::WHAT_EVENT, -1 as c_int);
            q
        }
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        // SAFETY: as in `new`.
        unsafe {
            write(self.ts, layout::tstate::TRACING, self.tracing);
            write(self.ts, layout::tstate::WHAT_EVENT, self.what);
        }
    }
}

// ---- functions

unsafe fn vectorcall(func: *mut PyObject) -> usize {
    // SAFETY: a live function, by the contract of every caller.
    unsafe { read(func, layout::func::VECTORCALL) }
}

/// Whether calls of this function come through the trampoline.
///
/// # Safety
/// A live function.
pub unsafe fn is_hooked(func: *mut PyObject) -> bool {
    // SAFETY: the contract.
    unsafe { vectorcall(func) == trampoline as *const () as usize }
}

/// Whether it has the vectorcall it was born with, or ours.
///
/// # Safety
/// A live function.
pub unsafe fn is_ordinary(func: *mut PyObject) -> bool {
    // SAFETY: the contract.
    unsafe { is_hooked(func) || STOCK.get().is_some_and(|s| *s as usize == vectorcall(func)) }
}

/// Sends the calls of a function through the trampoline.
///
/// # Safety
/// The GIL is held; a live function.
pub unsafe fn hook(func: *mut PyObject) {
    // SAFETY: the contract. Functions with a foreign vectorcall are left alone.
    unsafe {
        if is_hooked(func) || !is_ordinary(func) {
            return;
        }
        let version: u32 = read(func, layout::func::VERSION);
        HOOKED.with(|h| h.insert(func as usize, version));
        PyFunction_SetVectorcall(func, trampoline);
    }
}

/// Gives a function its own vectorcall and its version back.
///
/// # Safety
/// The GIL is held; a live function.
pub unsafe fn unhook(func: *mut PyObject) {
    // SAFETY: the contract; code and defaults are as they were when it was hooked, or `unhook_changed` was called.
    unsafe {
        if let (Some(version), Some(stock)) = (HOOKED.with(|h| h.remove(&(func as usize))), STOCK.get()) {
            PyFunction_SetVectorcall(func, *stock);
            _PyFunction_SetVersion(func, version);
        }
    }
}

/// Functions that lost their hook for the time being; borrowed, like those that have one.
static RESTING: Gil<AddressMap<usize, ()>> = Gil::new(AddressMap::with_hasher(no_hash()));
static ANY_RESTING: AtomicBool = AtomicBool::new(false);

/// Takes a hook off until [`wake`].
///
/// # Safety
/// The GIL is held; a live, hooked function.
pub unsafe fn rest(func: *mut PyObject) {
    // SAFETY: the contract.
    unsafe {
        unhook(func);
        RESTING.with(|r| r.insert(func as usize, ()));
    }
    ANY_RESTING.store(true, Ordering::Relaxed);
}

/// Puts hooks back that were taken off for a time which is over.
///
/// # Safety
/// The GIL is held.
#[inline(always)]
pub unsafe fn wake() {
    if ANY_RESTING.load(Ordering::Relaxed) {
        ANY_RESTING.store(false, Ordering::Relaxed);
        // SAFETY: GIL held; functions leave the list before they are freed.
        unsafe {
            for f in RESTING.with(std::mem::take).into_keys() {
                hook(f as *mut PyObject);
            }
        }
    }
}

/// A function without a hook goes or changes: it gets none back.
///
/// # Safety
/// The GIL is held.
pub unsafe fn forget_resting(func: *mut PyObject) {
    if ANY_RESTING.load(Ordering::Relaxed) {
        // SAFETY: the contract.
        unsafe { RESTING.with(|r| r.remove(&(func as usize))) };
    }
}

/// As [`unhook`], for a function about to get other code or defaults: its old version must not come back.
///
/// # Safety
/// The GIL is held; a live function.
pub unsafe fn unhook_changed(func: *mut PyObject) {
    // SAFETY: the contract.
    unsafe {
        if let (Some(_), Some(stock)) = (HOOKED.with(|h| h.remove(&(func as usize))), STOCK.get()) {
            PyFunction_SetVectorcall(func, *stock);
        }
    }
}

/// A hooked function is being freed.
///
/// # Safety
/// The GIL is held.
pub unsafe fn forget(func: *mut PyObject) {
    // SAFETY: the contract.
    unsafe { HOOKED.with(|h| h.remove(&(func as usize))) };
}

/// The vectorcall of compiled functions.
unsafe extern "C" fn trampoline(func: *mut PyObject, args: *const *mut PyObject, nargsf: usize, kwnames: *mut PyObject) -> *mut PyObject {
    // SAFETY: CPython calls this by the vectorcall protocol, with the GIL, for a function that is hooked.
    unsafe {
        let interpret = || {
            FALLBACK.store(func, Ordering::Relaxed);
            visible::show_deferred(ctx::get());
            match STOCK.get() {
                Some(stock) => stock(func, args, nargsf, kwnames),
                None => unreachable!("a hooked function was ordinary"),
            }
        };
        let code: *mut PyObject = read(func, layout::func::CODE);
        if let Some(s) = tier::peek(code) {
            let given = ffi::PyVectorcall_NARGS(nargsf) as usize;
            let count: c_int = read(code, layout::code::ARGCOUNT);
            let keyword_only: c_int = read(code, layout::code::KWONLYARGCOUNT);
            let free: c_int = read(code, layout::code::NFREEVARS);
            let wanted = (count + keyword_only) as usize;
            let result = if kwnames.is_null() && given == wanted && keyword_only == 0 && free == 0 {
                tier::on_call(func, code, s, std::slice::from_raw_parts(args, given), &interpret)
            } else {
                let mut bound = [std::ptr::null_mut(); MAX_PARAMETERS];
                let total = wanted + free as usize;
                if total <= MAX_PARAMETERS && bind(func, code, args, given, kwnames, count as usize, wanted, &mut bound) {
                    // The cells of its closure follow the arguments.
                    let closure: *mut PyObject = read(func, layout::func::CLOSURE);
                    for (i, slot) in bound[wanted..total].iter_mut().enumerate() {
                        *slot = ffi::PyTuple_GET_ITEM(closure, i as ffi::Py_ssize_t);
                    }
                    tier::on_call(func, code, s, &bound[..total], &interpret)
                } else {
                    None
                }
            };
            if let Some(r) = result {
                return r;
            }
        }
        interpret()
    }
}

/// Whether a call of this by compiled code is one of compiled code.
///
/// # Safety
/// The GIL is held; a live object.
pub unsafe fn is_entered_compiled(callable: *mut PyObject) -> bool {
    // SAFETY: the contract; a function's code is read when it is one.
    unsafe {
        ffi::PyFunction_Check(callable) != 0
            && is_ordinary(callable)
            && tier::peek(read(callable, layout::func::CODE)).is_some_and(|s| s.call.has_versions())
    }
}

/// Calls such a function.
///
/// # Safety
/// The GIL is held; [`is_entered_compiled`] has said so, and the arguments are live.
pub unsafe fn enter(func: *mut PyObject, args: *const *mut PyObject, n: usize) -> *mut PyObject {
    // SAFETY: the contract.
    unsafe { trampoline(func, args, n, std::ptr::null_mut()) }
}

/// A call by compiled code: it uses what is compiled for a function also where that does not pay for the interpreter's calls.
///
/// # Safety
/// The GIL is held; `args` are as the vectorcall protocol says.
pub unsafe fn call(callable: *mut PyObject, args: *const *mut PyObject, nargs: usize, kwnames: *mut PyObject) -> *mut PyObject {
    // SAFETY: the contract; a function's code is read when it is one.
    unsafe {
        if ffi::PyFunction_Check(callable) != 0
            && tier::peek(read(callable, layout::func::CODE)).is_some_and(|s| s.call.shunned.get() && s.call.has_versions())
            && is_ordinary(callable)
        {
            return trampoline(callable, args, nargs, kwnames);
        }
        ffi::PyObject_Vectorcall(callable, args, nargs, kwnames)
    }
}

/// Binds arguments to parameters (borrowed). False for whatever is unusual: the interpreter then binds, or raises.
#[expect(clippy::too_many_arguments, reason = "the pieces of one call, taken apart by its only caller")]
unsafe fn bind(
    func: *mut PyObject,
    code: *mut PyObject,
    args: *const *mut PyObject,
    given: usize,
    kwnames: *mut PyObject,
    count: usize,
    wanted: usize,
    bound: &mut [*mut PyObject; MAX_PARAMETERS],
) -> bool {
    // SAFETY: `args` holds `given` positional arguments, then one for each of `kwnames`; the function and its code
    // are alive, and so are their defaults while nothing else runs. Only exact strs are compared, by identity.
    unsafe {
        if given > count {
            return false;
        }
        bound[..given].copy_from_slice(std::slice::from_raw_parts(args, given));
        if !kwnames.is_null() {
            let names: *mut PyObject = read(code, layout::code::LOCALSPLUSNAMES);
            let positional_only: c_int = read(code, layout::code::POSONLYARGCOUNT);
            for k in 0..ffi::PyTuple_GET_SIZE(kwnames) as usize {
                let name = ffi::PyTuple_GET_ITEM(kwnames, k as ffi::Py_ssize_t);
                let mut parameters = positional_only as usize..wanted;
                let Some(i) = parameters.find(|i| ffi::PyTuple_GET_ITEM(names, *i as ffi::Py_ssize_t) == name) else {
                    return false;
                };
                if !bound[i].is_null() {
                    return false;
                }
                bound[i] = *args.add(given + k);
            }
        }
        let defaults: *mut PyObject = read(func, layout::func::DEFAULTS);
        let number = if defaults.is_null() {
            0
        } else {
            ffi::PyTuple_GET_SIZE(defaults) as usize
        };
        for (i, slot) in bound.iter_mut().enumerate().take(count).skip(given) {
            if slot.is_null() {
                if i + number < count {
                    return false;
                }
                *slot = ffi::PyTuple_GET_ITEM(defaults, (i + number - count) as ffi::Py_ssize_t);
            }
        }
        let kwdefaults: *mut PyObject = read(func, layout::func::KWDEFAULTS);
        let names: *mut PyObject = read(code, layout::code::LOCALSPLUSNAMES);
        for (i, slot) in bound.iter_mut().enumerate().take(wanted).skip(count) {
            if !slot.is_null() {
                continue;
            }
            if kwdefaults.is_null() || ffi::PyDict_CheckExact(kwdefaults) == 0 {
                return false;
            }
            let Found::Value(v) = dict::find(kwdefaults, ffi::PyTuple_GET_ITEM(names, i as ffi::Py_ssize_t)) else {
                return false;
            };
            *slot = v;
        }
        true
    }
}

// ---- events

unsafe fn answer(a: Answer) -> *mut PyObject {
    // SAFETY: GIL held by the callbacks.
    unsafe {
        match a {
            Answer::Continue => ffi::Py_NewRef(ffi::Py_None()),
            Answer::Disable => ffi::Py_NewRef(DISABLE.load(Ordering::Relaxed)),
            Answer::Raise => std::ptr::null_mut(),
        }
    }
}

unsafe extern "C" fn jump_event(_module: *mut PyObject, args: *mut *mut PyObject, n: ffi::Py_ssize_t) -> *mut PyObject {
    // SAFETY: called by the monitoring of CPython with code, source and target; checked because anyone may call it.
    unsafe {
        if n != 3 || !is_running(*args) {
            return answer(Answer::Continue);
        }
        let (source, target) = (ffi::PyLong_AsLong(*args.add(1)), ffi::PyLong_AsLong(*args.add(2)));
        answer(tier::on_jump(*args, source as u32, target as u32))
    }
}

unsafe extern "C" fn start_event(_module: *mut PyObject, args: *mut *mut PyObject, n: ffi::Py_ssize_t) -> *mut PyObject {
    // SAFETY: as for `jump_event`, with code and offset.
    unsafe {
        if n != 2 || !is_running(*args) {
            return answer(Answer::Continue);
        }
        let offset = ffi::PyLong_AsLong(*args.add(1));
        answer(tier::on_start(*args, offset as u32))
    }
}

/// Whether `code` is the running frame's.
unsafe fn is_running(code: *mut PyObject) -> bool {
    // SAFETY: the current thread's frame, if there is one, is valid while a callback runs.
    unsafe {
        let frame: *mut u8 = read(ffi::PyThreadState_GetUnchecked(), layout::tstate::CURRENT_FRAME);
        !frame.is_null() && read::<usize>(frame, layout::frame::EXECUTABLE) & !1 == code as usize
    }
}

struct Definitions([ffi::PyMethodDef; 2]);
// SAFETY: never written; holds addresses of static data.
unsafe impl Sync for Definitions {}

static DEFINITIONS: Definitions = Definitions([
    ffi::PyMethodDef {
        ml_name: c"whipsnake_start".as_ptr(),
        ml_meth: ffi::PyMethodDefPointer {
            PyCFunctionFast: start_event,
        },
        ml_flags: ffi::METH_FASTCALL,
        ml_doc: std::ptr::null(),
    },
    ffi::PyMethodDef {
        ml_name: c"whipsnake_jump".as_ptr(),
        ml_meth: ffi::PyMethodDefPointer {
            PyCFunctionFast: jump_event,
        },
        ml_flags: ffi::METH_FASTCALL,
        ml_doc: std::ptr::null(),
    },
]);

/// Names of the events, in the order of [`DEFINITIONS`].
pub const EVENTS: [&str; 2] = ["PY_START", "JUMP"];

/// Everything that is needed once a process.
pub fn prepare(py: Python<'_>) -> PyResult<()> {
    if STOCK.get().is_some() {
        return Ok(());
    }
    let fresh = py.eval(c"lambda: None", None, None)?;
    // SAFETY: a fresh Python function has the vectorcall that all are born with; its field is a function pointer.
    let stock = unsafe { std::mem::transmute::<usize, ffi::vectorcallfunc>(vectorcall(fresh.as_ptr())) };
    // SAFETY: GIL held.
    unsafe { invalidate::start() }.map_err(PyRuntimeError::new_err)?;
    known::init(py)?;
    aside::prepare(py);
    let _ = STOCK.set(stock);
    let native = py.import("whipsnake._native")?;
    py.import("atexit")?.call_method1("register", (native.getattr("_stop")?,))?;
    let kwargs = PyDict::new(py);
    kwargs.set_item("before", native.getattr("_before_fork")?)?;
    kwargs.set_item("after_in_parent", native.getattr("_after_fork")?)?;
    kwargs.set_item("after_in_child", native.getattr("_after_fork")?)?;
    py.import("os")?.call_method("register_at_fork", (), Some(&kwargs))?;
    Ok(())
}

/// Switches on: takes the tool id, registers the callbacks, asks for events.
pub fn enable(py: Python<'_>) -> PyResult<()> {
    if is_enabled() {
        return Ok(());
    }
    let problems = selfcheck::problems(py);
    if let Some(p) = problems.first() {
        return Err(PyRuntimeError::new_err(p.clone()));
    }
    prepare(py)?;
    let monitoring = py.import("sys")?.getattr("monitoring")?;
    if let Err(e) = monitoring.call_method1("use_tool_id", (TOOL, "whipsnake")) {
        let owner = monitoring.call_method1("get_tool", (TOOL,))?;
        let error = PyRuntimeError::new_err(format!("another optimiser is active ({owner})"));
        error.set_cause(py, Some(e));
        return Err(error);
    }
    let disable = monitoring.getattr("DISABLE")?;
    DISABLE.store(disable.as_ptr(), Ordering::Relaxed);
    let events = monitoring.getattr("events")?;
    for (name, def) in EVENTS.iter().zip(&DEFINITIONS.0) {
        let event = events.getattr(*name)?;
        // SAFETY: the definition is static; GIL held.
        let callback = unsafe {
            Bound::from_owned_ptr_or_err(
                py,
                ffi::PyCFunction_NewEx(std::ptr::from_ref(def).cast_mut(), std::ptr::null_mut(), std::ptr::null_mut()),
            )
        }?;
        monitoring.call_method1("register_callback", (TOOL, &event, callback))?;
    }
    switch_events(py, true)?;
    // Events that were switched off place by place before a pause: hooks have come off since.
    monitoring.call_method0("restart_events")?;
    ENABLED.store(true, Ordering::Relaxed);
    let name = monitoring.call_method1("get_tool", (TOOL,))?;
    if let Err(problem) = selfcheck::monitors_where_expected(TOOL, &name) {
        disable_now(py)?;
        return Err(PyRuntimeError::new_err(problem));
    }
    Ok(())
}

/// Switches off. What is compiled stays and is taken up again when switched on; code that is running leaves at its next
/// safe point, because the set of events has changed.
pub fn disable_now(py: Python<'_>) -> PyResult<()> {
    if !ENABLED.swap(false, Ordering::Relaxed) {
        return Ok(());
    }
    aside::stop();
    switch_events(py, false)?;
    let monitoring = py.import("sys")?.getattr("monitoring")?;
    // Takes the callbacks back, too, unnoticed by the program's audit hooks.
    monitoring.call_method1("free_tool_id", (TOOL,))?;
    Ok(())
}

/// Asks for our events, or for none; without events no function is hooked either.
pub fn switch_events(py: Python<'_>, on: bool) -> PyResult<()> {
    let monitoring = py.import("sys")?.getattr("monitoring")?;
    let events = monitoring.getattr("events")?;
    let mut mask = 0u32;
    if on {
        for name in EVENTS {
            mask |= events.getattr(name)?.extract::<u32>()?;
        }
    } else {
        // SAFETY: GIL held (`py`); hooked functions are alive.
        unsafe {
            for f in HOOKED.with(|h| h.keys().copied().collect::<Vec<_>>()) {
                rest(f as *mut PyObject);
            }
        }
    }
    monitoring.call_method1("set_events", (TOOL, mask))?;
    Ok(())
}

/// Whether the Python code that called the module runs compiled.
pub fn is_caller_compiled(_py: Python<'_>) -> bool {
    // SAFETY: GIL held; a builtin has no frame of its own, so the current one is the caller's.
    let caller: *mut u8 = unsafe { read(ffi::PyThreadState_GetUnchecked(), layout::tstate::CURRENT_FRAME) };
    !caller.is_null() && visible::active_frame().cast() == caller
}

/// Has events come back for places that wait for the compiler's budget, unless another tool would notice.
pub fn reopen() {
    // SAFETY: called where events are handled, with the GIL held.
    unsafe {
        let ts = ffi::PyThreadState_GetUnchecked();
        budget::pause();
        if !is_enabled() || aside::is_aside() || monitored(ts) {
            return;
        }
        budget::open();
        let raised = ffi::PyErr_GetRaisedException();
        if restart_events(Python::assume_attached()).is_err() {
            ffi::PyErr_Clear();
        }
        ffi::PyErr_SetRaisedException(raised);
    }
}

/// Has events that were switched off, place by place, come again: something may be compiled now that was not.
pub fn restart_events(py: Python<'_>) -> PyResult<()> {
    if is_enabled() {
        py.import("sys")?.getattr("monitoring")?.call_method0("restart_events")?;
    }
    Ok(())
}
