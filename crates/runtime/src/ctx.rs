//! What one thread running compiled code shares with it.
//!
//! A thread has one [`Ctx`], made when it first enters compiled code and freed when the thread ends. Compiled code
//! knows the offsets of the first fields. `words` carries arguments in and exit values out; they are live only
//! between the caller's stores and the callee's first loads, so nested entries share them.
//!
//! `current` is the innermost activation: it says which version is running, for which function or frame. Entering
//! pushes one (on the C stack) and leaving pops it. Calls of a version to itself stay within one activation.

use crate::frame::{InterpFrame, StackRef};
use crate::trial::Sample;
use crate::version::Version;
use pyo3::ffi::{PyObject, PyThreadState};
use std::cell::{Cell, RefCell};
use std::mem::offset_of;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use whipsnake_hir::types::Repr;
use whipsnake_lower::activation;
use whipsnake_lower::ctx as offsets;

/// Words for arguments and exit values.
pub const WORDS: usize = offsets::WORD_COUNT;

#[repr(C)]
pub struct Ctx {
    pub tstate: *mut PyThreadState,
    /// The interpreter's eval breaker as it was on entry, pending bits cleared.
    pub breaker: u64,
    /// Guards until the next forced exit; counts only when forcing is on.
    pub forced: i64,
    /// Turns until a loop that counts them leaves; see [`crate::race`].
    pub turns: i64,
    /// The innermost call on its way that may have left its caller's frames invisible.
    pub deferred: *const Deferred,
    /// The address on the C stack below which compiled code calls nothing compiled.
    pub stack_limit: usize,
    pub current: *const Activation,
    pub words: [u64; WORDS],
    // From here on compiled code does not look.
    /// What each `frames_begin` that has not ended yet made visible.
    pub visible: Vec<Visible>,
    /// What was put into the locals of visible frames.
    pub shown: Vec<StackRef>,
    /// Locals that were written to from outside while they were visible.
    pub writes: Vec<Write>,
    /// Frame objects of visible frames that somebody kept.
    pub kept: Vec<Kept>,
    /// Boxes for visible locals, the first `boxes_used` of them in use. Those of a thread that ended are not freed.
    pub boxes: [BoxSlot; BOXES],
    pub boxes_used: usize,
    /// The innermost call whose time is being taken.
    pub sample: *const Sample,
}

/// Unboxed locals that can be visible at the same time in boxes kept by the thread.
pub const BOXES: usize = 64;

/// A box that is filled again and again.
#[derive(Clone, Copy)]
pub struct BoxSlot {
    pub bits: u64,
    pub repr: Repr,
    /// An int or a float, owned; null at first.
    pub obj: *mut PyObject,
}

const _: () = {
    assert!(offset_of!(Ctx, tstate) == offsets::TSTATE as usize);
    assert!(offset_of!(Ctx, breaker) == offsets::BREAKER as usize);
    assert!(offset_of!(Ctx, forced) == offsets::FORCED as usize);
    assert!(offset_of!(Ctx, turns) == offsets::TURNS as usize);
    assert!(offset_of!(Ctx, deferred) == offsets::DEFERRED as usize);
    assert!(offset_of!(Ctx, stack_limit) == offsets::STACK_LIMIT as usize);
    assert!(offset_of!(Ctx, current) == offsets::CURRENT as usize);
    assert!(offset_of!(Ctx, words) == offsets::WORDS as usize);
    assert!(offset_of!(Activation, version) == activation::VERSION as usize);
    assert!(offset_of!(Activation, func) == activation::FUNC as usize);
    assert!(offset_of!(Activation, frame) == activation::FRAME as usize);
    assert!(offset_of!(Activation, previous) == activation::PREVIOUS as usize);
    assert!(offset_of!(Activation, deferred) == activation::DEFERRED as usize);
    assert!(size_of::<Activation>() == activation::SIZE as usize);
    assert!(size_of::<Deferred>() == 8 * offsets::HEADER_WORDS);
};

/// One entry into compiled code. Native entries push it themselves.
#[repr(C)]
pub struct Activation {
    /// Kept alive by whoever entered.
    pub version: *const Arc<Version>,
    /// Call mode: the function called.
    pub func: *mut PyObject,
    /// Frame mode: the interpreter's frame.
    pub frame: *mut InterpFrame,
    pub previous: *const Activation,
    /// The innermost deferred call when it was entered: those within are its own.
    pub deferred: *const Deferred,
}

/// A call by compiled code of something compiled: the caller's frames are made visible when somebody may look at them. It lies on the caller's
/// stack, in front of the leaves of the call's state; compiled code writes and links it.
#[repr(C)]
pub struct Deferred {
    /// The call around it; the lowest bit says whether its own frames are visible, and with them those of all calls around it.
    outer: Cell<usize>,
    pub state: u64,
}

impl Deferred {
    const SHOWN: usize = 1;

    /// The record in front of a state's leaves, within the call `outer`.
    ///
    /// # Safety
    /// There is room for one.
    pub unsafe fn before(words: *const u64, outer: *const Deferred, state: u32) -> *const Deferred {
        // SAFETY: the contract.
        unsafe {
            let d = words.cast::<Deferred>().sub(1).cast_mut();
            d.write(Deferred {
                outer: Cell::new(outer as usize),
                state: u64::from(state),
            });
            d
        }
    }

    pub fn outer(&self) -> *const Deferred {
        (self.outer.get() & !Self::SHOWN) as *const Deferred
    }

    pub fn is_shown(&self) -> bool {
        self.outer.get() & Self::SHOWN != 0
    }

    pub fn set_shown(&self) {
        self.outer.set(self.outer.get() | Self::SHOWN);
    }

    /// The state's leaves.
    pub fn words(&self) -> *const u64 {
        ptr::from_ref(self).wrapping_add(1).cast()
    }
}

/// Frames made visible during one helper call.
#[derive(Clone, Copy)]
pub struct Visible {
    /// The innermost one.
    pub frame: *mut InterpFrame,
    /// How many were pushed.
    pub pushed: u32,
    /// The thread's current frame before.
    pub before: *mut InterpFrame,
    /// Boxes in use before.
    pub boxes: usize,
    /// Locals shown before.
    pub shown: usize,
}

/// A frame object that outlived the call during which its frame was visible.
pub struct Kept {
    /// The frame, counted from the outermost one of the state.
    pub level: usize,
    /// Owned.
    pub obj: *mut PyObject,
}

/// A local written to through a frame object.
pub struct Write {
    /// The frame, counted from the outermost one of the state.
    pub level: usize,
    pub index: usize,
    /// The new content, owned.
    pub value: StackRef,
}

/// Guards between two forced exits; 0 for never.
static EXIT_EVERY: AtomicU32 = AtomicU32::new(0);

/// Sets the distance between forced exits, for threads that have not run compiled code yet.
pub fn set_exit_every(n: u32) {
    EXIT_EVERY.store(n, Ordering::Relaxed);
}

struct Owner(RefCell<Option<Box<Ctx>>>);

impl Drop for Owner {
    fn drop(&mut self) {
        let _ = CURRENT.try_with(|c| c.set(ptr::null_mut()));
    }
}

thread_local! {
    static CURRENT: Cell<*mut Ctx> = const { Cell::new(ptr::null_mut()) };
    static OWNER: Owner = const { Owner(RefCell::new(None)) };
}

/// This thread's context, null if it has none yet.
pub fn existing() -> *mut Ctx {
    CURRENT.with(Cell::get)
}

/// This thread's context.
#[inline]
pub fn get() -> *mut Ctx {
    let p = existing();
    if p.is_null() { create() } else { p }
}

#[cold]
fn create() -> *mut Ctx {
    let mut ctx = Box::new(Ctx {
        tstate: ptr::null_mut(),
        breaker: 0,
        forced: i64::from(EXIT_EVERY.load(Ordering::Relaxed)),
        turns: i64::MAX,
        deferred: ptr::null(),
        stack_limit: 0,
        current: ptr::null(),
        words: [0; WORDS],
        visible: Vec::new(),
        shown: Vec::new(),
        writes: Vec::new(),
        kept: Vec::new(),
        boxes: [BoxSlot {
            bits: 0,
            repr: Repr::Obj,
            obj: ptr::null_mut(),
        }; BOXES],
        boxes_used: 0,
        sample: ptr::null(),
    });
    let p: *mut Ctx = &mut *ctx;
    OWNER.with(|o| *o.0.borrow_mut() = Some(ctx));
    CURRENT.with(|c| c.set(p));
    p
}
