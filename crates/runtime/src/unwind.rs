//! An exception on its way through a frame that compiled code left to: the traceback entry, the search for a handler,
//! the stack as the handler expects it, and the events for tools that have started to watch meanwhile. What the
//! interpreter does itself once it runs the frame, but it can only be started at an instruction, not in the middle
//! of one that raised.

use crate::frame::{self, InterpFrame};
use crate::hook;
use crate::version::CodeFacts;
use pyo3::ffi::{self, PyObject, PyThreadState};
use std::sync::atomic::{AtomicBool, Ordering};

unsafe extern "C" {
    fn PyTraceBack_Here(frame: *mut ffi::PyFrameObject) -> i32;
    fn PyThreadState_GetFrame(tstate: *mut PyThreadState) -> *mut ffi::PyFrameObject;
    fn _PyEval_MonitorRaise(tstate: *mut PyThreadState, frame: *mut InterpFrame, instr: *mut u16);
    fn _PyMonitoring_FireExceptionHandledEvent(state: *mut MonitoringState, code: *mut PyObject, offset: i32) -> i32;
    fn _PyMonitoring_FirePyUnwindEvent(state: *mut MonitoringState, code: *mut PyObject, offset: i32) -> i32;
}

/// `PyMonitoringState`: the tools that an event is for.
#[repr(C)]
struct MonitoringState {
    active: u8,
    opaque: u8,
}

/// Places of events in the interpreter's table of tools.
const EXCEPTION_HANDLED: usize = 12;
const PY_UNWIND: usize = 13;

/// Whether handlers expect the raising instruction as a tagged integer; else as an int object. Found out at start-up.
pub static LASTI_TAGGED: AtomicBool = AtomicBool::new(true);

/// Adds a traceback entry for a frame, which is made current, to the exception that is set, and says that it was raised.
///
/// # Safety
/// `f` is a complete frame of the current thread, its `instr_ptr` the raising instruction, which ends before the unit
/// `next`; an exception is set.
pub unsafe fn trace(tstate: *mut PyThreadState, f: *mut InterpFrame, code: &CodeFacts, next: u32) {
    // SAFETY: the caller's promise. The frame object is a new reference.
    unsafe {
        frame::set_current(tstate, f);
        let obj = PyThreadState_GetFrame(tstate);
        if !obj.is_null() {
            PyTraceBack_Here(obj);
            ffi::Py_DECREF(obj.cast::<PyObject>());
        }
        if hook::monitored(tstate) {
            // The interpreter names an instruction's last unit.
            _PyEval_MonitorRaise(tstate, f, frame::code_units(code.ptr).add(next as usize - 1));
        }
    }
}

/// Makes a frame, the current one, ready for the exception that is set to leave it, where the instruction that ends
/// before the unit `next` raised: releases the operands, and says so to tools.
///
/// # Safety
/// As for [`handle`].
pub unsafe fn leaves(tstate: *mut PyThreadState, f: *mut InterpFrame, next: u32) {
    // SAFETY: the caller's promise; each reference popped is released once.
    unsafe {
        while (*f).stackpointer > InterpFrame::stack_base(f) {
            let r = InterpFrame::pop(f);
            frame::close(r);
        }
        if hook::monitored(tstate) {
            let mut state = MonitoringState {
                active: hook::monitors(tstate)[PY_UNWIND],
                opaque: 0,
            };
            // What a callback raises takes the exception's place.
            _PyMonitoring_FirePyUnwindEvent(&mut state, InterpFrame::code(f).cast(), (next as i32 - 1) * 2);
        }
    }
}

/// Prepares a frame in which the instruction at `unit` raised to go on at the handler; false, with the exception still
/// set and the frame as it was, when there is none. The exception has its traceback entry already, and the frame is current.
///
/// # Safety
/// `f` is a live frame running `code`; an exception is set.
pub unsafe fn handle(tstate: *mut PyThreadState, f: *mut InterpFrame, code: &CodeFacts, unit: u32) -> bool {
    let Some(entry) = code.handler(unit) else {
        return false;
    };
    // SAFETY: the stack of a frame at an instruction that the entry covers is at least as deep as the entry says, and the
    // code's stack size has room for what a handler gets. Each reference popped is released once.
    unsafe {
        let exc = ffi::PyErr_GetRaisedException();
        let base = InterpFrame::stack_base(f);
        while (*f).stackpointer > base.add(entry.depth as usize) {
            let r = InterpFrame::pop(f);
            frame::close(r);
        }
        if entry.lasti {
            let r = if LASTI_TAGGED.load(Ordering::Relaxed) {
                frame::tagged_int(unit)
            } else {
                let i = ffi::PyLong_FromLong(i64::from(unit));
                if i.is_null() {
                    frame::out_of_memory();
                }
                frame::steal(i)
            };
            InterpFrame::push(f, r);
        }
        InterpFrame::push(f, frame::steal(exc));
        (*f).instr_ptr = frame::code_units(code.ptr).add(entry.target as usize);
        if hook::monitored(tstate) {
            let mut state = MonitoringState {
                active: hook::monitors(tstate)[EXCEPTION_HANDLED],
                opaque: 0,
            };
            ffi::PyErr_SetRaisedException(ffi::Py_NewRef(exc));
            if _PyMonitoring_FireExceptionHandledEvent(&mut state, InterpFrame::code(f).cast(), entry.target as i32 * 2) < 0 {
                return handle(tstate, f, code, entry.target - 1);
            }
            ffi::PyErr_Clear();
        }
    }
    true
}
