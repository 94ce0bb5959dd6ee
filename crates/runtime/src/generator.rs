//! Generator objects: made for those that compiled code kept taken apart, and set running for those it was in the middle of.
//!
//! A generator's frame is part of the object. While it runs, the frame is linked to the one that resumed it, and the
//! generator's exception state is on top of the thread's; when it yields, returns or raises, the interpreter undoes both.

use crate::frame::{self, InterpFrame};
use crate::gil::{read, write};
use crate::rebuild::made;
use pyo3::ffi::{self, PyObject, PyThreadState};
use std::ptr;
use whipsnake_abi::layout;

/// Python calls that making a generator may nest, whatever the program has left.
const ROOM: i32 = 16;
/// Parameters of the largest generator function that is taken apart.
const MAX_PARAMETERS: usize = 255;

/// A generator that has not started; its arguments are None.
///
/// # Safety
/// The GIL is held; `func` is a generator function that takes positional arguments only.
pub unsafe fn make(func: *mut PyObject) -> *mut PyObject {
    // SAFETY: the contract. Calling a generator function runs none of its code, so only memory can be missing.
    unsafe {
        let code: *mut PyObject = read(func, layout::func::CODE);
        let n = read::<i32>(code, layout::code::ARGCOUNT) as usize;
        let args = [ffi::Py_None(); MAX_PARAMETERS];
        let tstate = ffi::PyThreadState_GetUnchecked();
        frame::add_recursion(tstate, ROOM);
        let generator = made(ffi::PyObject_Vectorcall(func, args.as_ptr(), n, ptr::null_mut()));
        frame::add_recursion(tstate, -ROOM);
        generator
    }
}

/// The frame of a generator.
///
/// # Safety
/// A live generator.
pub unsafe fn frame(generator: *mut PyObject) -> *mut InterpFrame {
    // SAFETY: only an address is computed, within the object.
    unsafe { generator.cast::<u8>().add(layout::generator::FRAME).cast() }
}

unsafe fn set_state(generator: *mut PyObject, state: i64) {
    // SAFETY: a live generator, by the callers.
    unsafe { write(generator, layout::generator::FRAME_STATE, state as i8) }
}

/// Says that a generator waits to be resumed after an item.
///
/// # Safety
/// A live generator that is not running.
pub unsafe fn suspend(generator: *mut PyObject) {
    // SAFETY: the contract.
    unsafe { set_state(generator, layout::GENERATOR_SUSPENDED) }
}

/// Whether a generator that ran has yielded; else it has ended.
///
/// # Safety
/// A live generator.
pub unsafe fn has_yielded(generator: *mut PyObject) -> bool {
    // SAFETY: the contract.
    unsafe { i64::from(read::<i8>(generator, layout::generator::FRAME_STATE)) == layout::GENERATOR_SUSPENDED }
}

/// Makes a generator one that is running, resumed by `previous`.
///
/// # Safety
/// `tstate` is the current thread's state; a live generator that is not running; its frame runs or is cleared next.
pub unsafe fn run(tstate: *mut PyThreadState, generator: *mut PyObject, previous: *mut InterpFrame) {
    // SAFETY: the contract; the exception states are fields of live objects.
    unsafe {
        set_state(generator, layout::GENERATOR_EXECUTING as i64);
        (*frame(generator)).previous = previous;
        let own = generator.cast::<u8>().add(layout::generator::EXC_STATE);
        let top: *mut u8 = read(tstate, layout::tstate::EXC_INFO);
        write(own, layout::exc_info::PREVIOUS, top);
        write(tstate, layout::tstate::EXC_INFO, own);
    }
}
