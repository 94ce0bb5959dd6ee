//! Standing aside: no events of ours while a program looks at events itself.
//!
//! The interpreter loses the `opcode` events of a frame whose `f_trace_opcodes` was set before `sys.settrace()` if the two
//! tools then ask for one kind of event (it makes the table that says which tool wants which instruction only then, and
//! leaves it empty). `sys.monitoring` tells who asks for the events that are ours. And the interpreter's own compiler leaves
//! loops that give events alone, which `sys._jit` shows. So a function that sets `f_trace_opcodes`, asks `sys.monitoring`
//! who is there or uses `sys._jit` ([`looks`]: it shows in the names its code uses) is never
//! compiled, and when one starts, all our events are switched off before its first instruction.
//!
//! They come back when nothing of the kind is running any more: a thread asks the interpreter now and then
//! to run [`come_back`], which looks at all frames. The thread lives only while we stand aside, and neither across a fork
//! nor past the end of the program.

use crate::compile;
use crate::gil::read;
use crate::hook;
use pyo3::ffi::{self, PyObject};
use pyo3::prelude::*;
use pyo3::types::PyString;
use std::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use whipsnake_abi::layout;

/// How often is looked whether to come back.
const PERIOD: Duration = Duration::from_millis(50);

static ASIDE: AtomicBool = AtomicBool::new(false);
/// Names by which code gives away that it looks at events: two that say so, and some that say so beside `monitoring`.
static NAMES: OnceLock<[Py<PyString>; 6]> = OnceLock::new();
/// The name of the function that shows how many references there are.
static COUNT: OnceLock<Py<PyString>> = OnceLock::new();
static WATCH: Mutex<Option<(Sender<()>, JoinHandle<()>)>> = Mutex::new(None);

/// Whether our events are off for the time being.
#[inline(always)]
pub fn is_aside() -> bool {
    ASIDE.load(Ordering::Relaxed)
}

/// Once a process.
pub fn prepare(py: Python<'_>) {
    let names = ["f_trace_opcodes", "_jit", "monitoring", "get_events", "get_tool", "_all_events"];
    let _ = NAMES.set(names.map(|n| PyString::intern(py, n).unbind()));
    let _ = COUNT.set(PyString::intern(py, "getrefcount").unbind());
}

/// Whether code looks at events.
///
/// # Safety
/// The GIL is held; a live code object.
pub unsafe fn looks(code: *mut PyObject) -> bool {
    let Some([opcodes, jit, monitoring, others @ ..]) = NAMES.get() else {
        return false;
    };
    // SAFETY: the contract.
    let uses = |name: &Py<PyString>| unsafe { names(code, name) };
    uses(opcodes) || uses(jit) || (uses(monitoring) && others.iter().any(uses))
}

/// Whether code asks for numbers of references: compiled code does with fewer.
///
/// # Safety
/// As for [`looks`].
pub unsafe fn counts_references(code: *mut PyObject) -> bool {
    // SAFETY: the contract.
    COUNT.get().is_some_and(|name| unsafe { names(code, name) })
}

/// Whether `name` is among the names of globals and attributes that code uses.
unsafe fn names(code: *mut PyObject, name: &Py<PyString>) -> bool {
    // SAFETY: the names of a code object are a tuple of interned strings, as ours are.
    unsafe {
        let all: *mut PyObject = read(code, layout::code::NAMES);
        (0..ffi::PyTuple_GET_SIZE(all)).any(|i| ffi::PyTuple_GET_ITEM(all, i) == name.as_ptr())
    }
}

/// Switches our events off until nobody looks.
///
/// # Safety
/// The GIL is held.
pub unsafe fn step() {
    if is_aside() || !hook::is_enabled() {
        return;
    }
    // SAFETY: the contract.
    let py = unsafe { Python::assume_attached() };
    // Set first: the interpreter runs no code for this, but compiled code must not be entered any more.
    ASIDE.store(true, Ordering::Relaxed);
    if hook::switch_events(py, false).is_ok() {
        watch();
    } else {
        ASIDE.store(false, Ordering::Relaxed);
    }
}

/// Gives up standing aside, because the compiler is switched off or the program ends.
pub fn stop() {
    ASIDE.store(false, Ordering::Relaxed);
    pause();
}

/// Ends the thread.
pub fn pause() {
    let watch = WATCH.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some((stop, thread)) = watch {
        drop(stop);
        // It neither takes the GIL nor panics.
        let _ = thread.join();
    }
}

/// Goes on after a fork, on both sides.
pub fn resume() {
    if is_aside() {
        watch();
    }
}

fn watch() {
    let (stop, stopped) = mpsc::channel::<()>();
    let ask = move || {
        while stopped.recv_timeout(PERIOD) == Err(RecvTimeoutError::Timeout) {
            // SAFETY: may be called by any thread. When the queue is full another time will do.
            unsafe { ffi::Py_AddPendingCall(Some(come_back), std::ptr::null_mut()) };
        }
    };
    // Without a thread we stay aside: the program only runs slower.
    if let Some(thread) = compile::spawn(64 << 10, ask) {
        *WATCH.lock().unwrap_or_else(PoisonError::into_inner) = Some((stop, thread));
    }
}

/// Switches events on again if nobody looks any more. The interpreter's main thread calls it between two instructions.
extern "C" fn come_back(_: *mut c_void) -> c_int {
    // SAFETY: pending calls are made with the GIL held.
    unsafe {
        if is_aside() && hook::is_enabled() && !is_watched() {
            stop();
            // A failure leaves no events on, which is as good as standing aside for ever.
            let _ = hook::switch_events(Python::assume_attached(), true);
            hook::wake();
        }
    }
    0
}

/// Whether another tool watches, or code that looks at events is running.
unsafe fn is_watched() -> bool {
    // SAFETY: GIL held by the caller; threads and frames do not change meanwhile. Frames that are the interpreter's own
    // have no code object.
    unsafe {
        let mut ts = ffi::PyInterpreterState_ThreadHead(ffi::PyInterpreterState_Get());
        while !ts.is_null() {
            if hook::monitored(ts) {
                return true;
            }
            let mut frame: *mut u8 = read(ts, layout::tstate::CURRENT_FRAME);
            while !frame.is_null() {
                let code = (read::<usize>(frame, layout::frame::EXECUTABLE) & !1) as *mut PyObject;
                if !code.is_null() && ffi::PyCode_Check(code) != 0 && (looks(code) || hook::watched(code)) {
                    return true;
                }
                frame = read(frame, layout::frame::PREVIOUS);
            }
            ts = ffi::PyThreadState_Next(ts);
        }
        false
    }
}
