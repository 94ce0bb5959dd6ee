//! Where compiled code finds the native entries of others.
//!
//! Each code object that is called has a [`Link`] in its state: the native entry of what is compiled for it, and for how many arguments that
//! is. Compiled callers that know the code have the link's address; the runtime finds it for the others. Where there is nothing to enter, the link has an
//! entry that declines. Links follow what is compiled ([`relink`]), and all of them are cut while another tool is registered: it
//! would have to be asked at each call whether it watches the callee.

use crate::ctx::Ctx;
use crate::gil::read;
use crate::hook;
use crate::invalidate::Compiled;
use crate::tier::{Class, CodeState, peek, state, states};
use crate::version::{Answer, NativeFn};
use pyo3::ffi::{self, PyObject, PyThreadState};
use std::cell::Cell;
use std::ptr;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use whipsnake_abi::layout;
use whipsnake_lower::status;

/// The native entry of what is compiled for a code object. Compiled callers have its address.
#[repr(C)]
pub struct Link {
    entry: Cell<NativeFn>,
    /// How many arguments it wants.
    parameters: Cell<usize>,
}

impl Link {
    /// The entry for so many arguments.
    pub fn entry(&self, given: usize) -> Option<NativeFn> {
        (self.parameters.get() == given).then(|| self.entry.get())
    }
}

/// Nothing to enter.
impl Default for Link {
    fn default() -> Link {
        Link {
            entry: Cell::new(no_entry),
            parameters: Cell::new(usize::MAX),
        }
    }
}

/// Stands for the native entry where there is none.
unsafe extern "C" fn no_entry(_ctx: *mut Ctx, _func: *mut PyObject, _args: *const *mut PyObject) -> Answer {
    Answer {
        status: status::DECLINED,
        value: ptr::null_mut(),
    }
}

/// The eval breaker without its pending bits when links were last known to be right, and whether compiled code was called natively then.
static LINKED_AT: AtomicU64 = AtomicU64::new(u64::MAX);
static LINKED: AtomicBool = AtomicBool::new(false);

/// What tools watch may have changed: compiled code calls others natively only while no other tool is registered.
/// `breaker` counts such changes.
///
/// # Safety
/// The GIL is held; `ts` is the current thread's state.
#[inline(always)]
pub unsafe fn check_links(ts: *mut PyThreadState, breaker: u64) {
    if LINKED_AT.load(Ordering::Relaxed) != breaker {
        // SAFETY: the contract.
        unsafe { relink_all(ts, breaker) };
    }
}

#[cold]
unsafe fn relink_all(ts: *mut PyThreadState, breaker: u64) {
    // SAFETY: the contract of `check_links`.
    unsafe {
        LINKED_AT.store(breaker, Ordering::Relaxed);
        let may = !hook::has_other_tools(ts);
        if LINKED.swap(may, Ordering::Relaxed) != may {
            states().into_iter().for_each(choose);
        }
    }
}

/// Where the native entry of what is compiled for a code object is kept; 0 if calls of it are not compiled.
///
/// # Safety
/// The GIL is held and `code` is a live code object.
pub unsafe fn link_of(code: *mut PyObject) -> u64 {
    // SAFETY: the contract.
    let s = unsafe { state(code) };
    if s.class == Class::Call { ptr::from_ref(&s.link) as u64 } else { 0 }
}

/// The native entry of what is compiled for a Python function, for so many arguments; [`no_entry`] at times.
///
/// # Safety
/// The GIL is held; a live object.
#[inline(always)]
pub unsafe fn native_entry(func: *mut PyObject, given: usize) -> Option<NativeFn> {
    // SAFETY: the contract; a function's code is read when it is one.
    unsafe {
        if ffi::PyFunction_Check(func) == 0 {
            return None;
        }
        peek(read(func, layout::func::CODE))?.link.entry(given)
    }
}

/// Something has been compiled for a code object, or has ended.
///
/// # Safety
/// As for [`peek`].
pub unsafe fn relink(code: *mut PyObject) {
    // SAFETY: the contract.
    if let Some(s) = unsafe { peek(code) } {
        choose(s);
    }
}

/// Chooses what compiled callers enter.
fn choose(s: &CodeState) {
    let first = |c: &Rc<Compiled>| c.version.get().and_then(|v| Some((v.native?, v.parameters)));
    let found = s.call.versions.borrow().iter().find_map(first);
    let (entry, parameters) = found.filter(|_| LINKED.load(Ordering::Relaxed)).unwrap_or((no_entry, usize::MAX));
    s.link.entry.set(entry);
    s.link.parameters.set(parameters);
}
