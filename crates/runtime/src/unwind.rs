//! An exception on its way through a frame that compiled code left to: the traceback entry, the search for a handler,
//! and the stack as the handler expects it. What the interpreter does itself once it runs the frame, but it can only be
//! started at an instruction, not in the middle of one that raised.

use crate::frame::{self, InterpFrame};
use crate::version::CodeFacts;
use pyo3::ffi::{self, PyObject, PyThreadState};
use std::sync::atomic::{AtomicBool, Ordering};

unsafe extern "C" {
    fn PyTraceBack_Here(frame: *mut ffi::PyFrameObject) -> i32;
    fn PyThreadState_GetFrame(tstate: *mut PyThreadState) -> *mut ffi::PyFrameObject;
}

/// Whether handlers expect the raising instruction as a tagged integer; else as an int object. Found out at start-up.
pub static LASTI_TAGGED: AtomicBool = AtomicBool::new(true);

/// Adds a traceback entry for a frame, which is made current, to the exception that is set.
///
/// # Safety
/// `f` is a complete frame of the current thread, its `instr_ptr` the raising instruction; an exception is set.
pub unsafe fn trace(tstate: *mut PyThreadState, f: *mut InterpFrame) {
    // SAFETY: the caller's promise. The frame object is a new reference.
    unsafe {
        frame::set_current(tstate, f);
        let obj = PyThreadState_GetFrame(tstate);
        if !obj.is_null() {
            PyTraceBack_Here(obj);
            ffi::Py_DECREF(obj.cast::<PyObject>());
        }
    }
}

/// Prepares a frame in which the instruction at `unit` raised to go on at the handler; false, with the exception still
/// set and the frame as it was, when there is none. The exception has its traceback entry already.
///
/// # Safety
/// `f` is a live frame running `code`; an exception is set.
pub unsafe fn handle(f: *mut InterpFrame, code: &CodeFacts, unit: u32) -> bool {
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
    }
    true
}
