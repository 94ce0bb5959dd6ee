//! What exits teach.
//!
//! Exits are counted per version. When one becomes hot, what it taught is recorded as feedback for
//! its bytecode, the version ends, and the place compiles again with the wider fact, at most [`jobs::RECOMPILES`] times. An exit that
//! teaches nothing and ends many entries closes the place, or, in an inlined function, has it called from then on.

use crate::capture;
use crate::config;
use crate::entry::wide_value;
use crate::functions;
use crate::gil::read;
use crate::invalidate::Compiled;
use crate::jobs::{self, find};
use crate::tier::{peek, state};
use crate::trial;
use crate::version::Version;
use crate::worth;
use pyo3::ffi::PyObject;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use whipsnake_abi::layout;
use whipsnake_hir::ir::{EntryMode, Origin, Reason, Role};
use whipsnake_hir::snapshot::{CLASSES, Callee, Feedback};
use whipsnake_hir::types::Ty;

/// Functions that are remembered of one call.
const CALLEES: usize = 3;
/// Exits by one way before it is learned from, and the share of entries (one in so many) that it must be.
const HOT_EXIT: u32 = 20;
const HOT_SHARE: u64 = 100;
/// Exits by one way that teaches nothing before the place closes, and their share.
const VAIN_EXIT: u32 = 300;
const VAIN_SHARE: u64 = 8;
/// Times that a loop ends before those around it are looked at.
const NESTED: u32 = 8;
/// Nanoseconds that an exception may take to be raised and to leave.
const RAISING: i64 = 5_000;

/// Counts an exit and learns from hot ones. Called before the frame is rebuilt; runs no Python code.
///
/// # Safety
/// The GIL is held; `culprit` is a live object, `operands` by their depth on the stack are live or null.
pub unsafe fn on_exit(v: &Arc<Version>, exit_id: u32, culprit: Option<*mut PyObject>, operands: &[*mut PyObject]) {
    let exit = &v.exits[exit_id as usize];
    let n = v.exit_counts[exit_id as usize].fetch_add(1, Ordering::Relaxed) + 1;
    trial::ends(v.id);
    match exit.reason {
        Reason::Done => {
            if let (EntryMode::Frame { bci }, NESTED) = (v.mode, n) {
                // SAFETY: the version's code is held by whoever runs it.
                unsafe { look_around(v, bci) };
            }
            return;
        }
        Reason::Invalidated | Reason::None => return,
        Reason::SafePoint => {
            if v.mode == EntryMode::Call && n == 1 {
                // SAFETY: the version's code is held by whoever runs it.
                unsafe {
                    if let Some(c) = find(v.id)
                        && let Some(s) = peek(c.codes[0])
                    {
                        s.eager.set(true);
                    }
                }
            }
            return;
        }
        _ => {}
    }
    trial::left(v.id);
    if exit.reason == Reason::Callee
        && n <= HOT_EXIT
        && let Some(o) = culprit
    {
        // SAFETY: GIL held; a live object.
        let (c, met) = unsafe { (find(v.id), capture::class_version(o)) };
        if let (Some(c), true) = (c, met != 0) {
            c.strangers.borrow_mut().entry(exit_id).or_default().insert(met);
        }
    }
    let entries = v.entries();
    if n < HOT_EXIT || u64::from(n) * HOT_SHARE < entries || config::get().options.exit_every > 0 {
        return;
    }
    // SAFETY: as above; the place is alive while its code is.
    unsafe {
        let Some(c) = find(v.id).filter(|c| c.is_valid()) else {
            return;
        };
        let place = &*c.place.get();
        let at = exit.origin;
        let learned = learn(&c, exit_id, at, exit.reason, culprit, operands);
        if learned || n == HOT_EXIT {
            config::log(config::Level::Debug, || {
                format!(
                    "left {} times by {} at {} of {}: {}",
                    n,
                    exit.reason,
                    at.bci,
                    capture::describe_code(c.codes[at.code.0 as usize]),
                    if learned { "compiled again with that" } else { "nothing new" }
                )
            });
        }
        if learned {
            note_strangers(&c, v);
            if place.compiles.get() > jobs::RECOMPILES {
                place.close(
                    place.bci(),
                    format!("compiled {} times, and still leaves by {}", place.compiles.get(), exit.reason),
                );
            }
            c.invalidate();
        } else if n >= VAIN_EXIT && u64::from(n) * VAIN_SHARE > entries && !is_long(v, exit.reason, entries) {
            // Nothing to learn, many entries end here, and they are not known to be long: running it does not pay, at least with
            // what was inlined.
            if !call_it(&c, v, exit.state) {
                place.close(at.bci, format!("leaves too often by {}", exit.reason));
            }
            c.invalidate();
        }
    }
}

/// A loop has ended again and again: those around it, which begin before it, need not run as often as others to be compiled.
unsafe fn look_around(v: &Version, header: u32) {
    // SAFETY: the version's code is held by whoever runs it.
    unsafe {
        if let Some(c) = find(v.id)
            && let Some(s) = peek(c.codes[0])
        {
            let loops = s.loops.borrow();
            for place in loops.iter().filter(|p| p.bci() < header) {
                place.due.set(place.due.get().min(place.count.get().saturating_add(1)));
            }
        }
    }
}

/// Whether the version's entries, as far as they were looked at, were worth it. An exception takes time of its own, whoever raises it.
fn is_long(v: &Version, reason: Reason, entries: u64) -> bool {
    let raising = if reason == Reason::Raised { RAISING } else { 0 };
    v.balance.gained() > raising * entries.min(worth::FRAMES).cast_signed()
}

/// Keeps the function that the state is in from being inlined where it was; false if it was not, or that is known already.
unsafe fn call_it(c: &Compiled, v: &Version, state_id: u32) -> bool {
    let Some(parent) = v.states[state_id as usize].parent else {
        return false;
    };
    let caller = &v.states[parent.0 as usize];
    if matches!(caller.role, Role::Native(_)) {
        return false;
    }
    // SAFETY: codes of a version that somebody runs are alive.
    let s = unsafe { state(c.codes[caller.code.0 as usize]) };
    let mut all = s.feedback.borrow_mut();
    let fb = all.entry(caller.bci).or_default();
    let new = !std::mem::replace(&mut fb.polymorphic_call, true);
    if new {
        fb.revision = REVISIONS.fetch_add(1, Ordering::Relaxed) + 1;
    }
    new
}

/// Counts changes to feedback, to tell which versions were compiled before one.
pub static REVISIONS: AtomicU64 = AtomicU64::new(0);

/// Notes the classes that a version has met where it did not expect them, at all its exits: one compilation then does for all.
unsafe fn note_strangers(c: &Compiled, v: &Version) {
    for (exit, met) in c.strangers.borrow().iter() {
        let at = v.exits[*exit as usize].origin;
        // SAFETY: codes of a version that somebody runs are alive.
        let s = unsafe { state(c.codes[at.code.0 as usize]) };
        let mut all = s.feedback.borrow_mut();
        let fb = all.entry(at.bci).or_default();
        let new: Vec<u32> = met.iter().copied().filter(|m| !fb.met.contains(m)).collect();
        if !new.is_empty() && fb.met.len() + new.len() <= CLASSES {
            fb.met.extend(new);
            fb.revision = REVISIONS.fetch_add(1, Ordering::Relaxed) + 1;
        }
    }
}

/// Records what an exit teaches; whether that is anything new to this version.
unsafe fn learn(
    c: &Compiled,
    exit_id: u32,
    at: Origin,
    reason: Reason,
    culprit: Option<*mut PyObject>,
    operands: &[*mut PyObject],
) -> bool {
    // SAFETY: codes of a version that somebody runs are alive.
    let s = unsafe { state(c.codes[at.code.0 as usize]) };
    let mut all = s.feedback.borrow_mut();
    let fb = all.entry(at.bci).or_default();
    let set = |flag: &mut bool| !std::mem::replace(flag, true);
    let new = match reason {
        Reason::Type(wanted) => {
            if matches!(wanted, Ty::Int | Ty::Float) {
                fb.wanted.insert(wanted);
            }
            let Some(culprit) = culprit else { return fb.revision > c.born };
            // SAFETY: a live object.
            let ty = unsafe { capture::ty_of(culprit) };
            let mut new = false;
            for depth in at.depth.map_or(0..4, |d| d..d + 1) {
                let types = fb.types.entry(depth).or_default();
                new |= !types.contains(ty);
                types.insert(ty);
            }
            if let (Ty::Any, Some(depth)) = (ty, at.depth) {
                // SAFETY: a live object.
                unsafe { note_class(fb, depth, culprit) };
            }
            // Met before and still not handled: give up on a special form.
            new || (fb.revision <= c.born && set(&mut fb.generic))
        }
        Reason::Overflow => set(&mut fb.overflow),
        Reason::BigInt => {
            // SAFETY: what failed to be a small int is a live one.
            let huge = culprit.is_some_and(|c| unsafe { capture::ty_of(c) == Ty::Int && wide_value(c).is_none() });
            set(&mut fb.bigint) | (huge && set(&mut fb.huge))
        }
        Reason::Huge => set(&mut fb.huge),
        Reason::Cold => set(&mut fb.reached),
        Reason::Bounds | Reason::ZeroDivision | Reason::Finaliser => set(&mut fb.generic),
        // First another form of the same op, by what it has met, then the generic one.
        Reason::Domain => {
            for (depth, &o) in operands.iter().enumerate().filter(|(_, o)| !o.is_null()) {
                // SAFETY: a live object.
                unsafe {
                    let ty = capture::ty_of(o);
                    fb.types.entry(depth as u8).or_default().insert(ty);
                    if ty == Ty::Any {
                        note_class(fb, depth as u8, o);
                    }
                }
            }
            set(&mut fb.domain) || (fb.revision <= c.born && set(&mut fb.generic))
        }
        Reason::Callee => {
            // SAFETY: a live object.
            let met = culprit.and_then(|o| unsafe { callee(o) });
            match met {
                Some(met) if fb.callees.contains(&met) => fb.revision <= c.born && set(&mut fb.polymorphic_call),
                Some(met) if fb.callees.len() < CALLEES => {
                    fb.callees.push(met);
                    true
                }
                Some(_) => set(&mut fb.polymorphic_call),
                None => {
                    let met = c.strangers.borrow().get(&exit_id).cloned().unwrap_or_default();
                    let new: Vec<u32> = met.iter().copied().filter(|m| !fb.met.contains(m)).collect();
                    if met.is_empty() || fb.met.len() + new.len() > CLASSES {
                        set(&mut fb.polymorphic_call)
                    } else if new.is_empty() {
                        fb.revision <= c.born && set(&mut fb.polymorphic_call)
                    } else {
                        fb.met.extend(new);
                        true
                    }
                }
            }
        }
        Reason::Hoisted => set(&mut fb.no_hoist),
        Reason::Stray => set(&mut fb.polymorphic_call),
        _ => false,
    };
    if new {
        fb.revision = REVISIONS.fetch_add(1, Ordering::Relaxed) + 1;
    }
    // What another version has taught since this one was compiled is news to this one.
    new || fb.revision > c.born
}

/// Notes the class of an operand, if it is written in Python; 0 where they differ.
unsafe fn note_class(fb: &mut Feedback, depth: u8, o: *mut PyObject) {
    // SAFETY: a live object, by the caller's promise.
    let version = unsafe { capture::class_version(o) };
    let class = fb.classes.entry(depth).or_insert(version);
    if *class != version {
        *class = 0;
    }
}

/// What a call has met, if it is a Python function.
unsafe fn callee(o: *mut PyObject) -> Option<Callee> {
    // SAFETY: a live object, whose fields are read when it is a function.
    unsafe {
        if capture::ty_of(o) != Ty::Func {
            return None;
        }
        let code: *mut PyObject = read(o, layout::func::CODE);
        // So that it can be found again, or not, when it may be gone.
        state(code);
        Some(Callee {
            code: code as u64,
            globals: read(o, layout::func::GLOBALS),
            defaults: functions::defaults_of(o),
        })
    }
}
