//! What is hot, what has been compiled for it, and what becomes of exits.
//!
//! Each code object that an event has been seen for has a [`CodeState`]. (Not in its `co_extra`: only code that nobody keeps anything in can be sent to
//! other interpreters. A watcher tells when a code object goes.) A state has *places*:
//! the entry by a call, the entry at its first instruction (for calls that do not come through the function's vectorcall,
//! and for functions whose arguments need the interpreter to bind them), and one per loop header. A place counts, asks
//! for a compilation when it is hot, holds up to [`VARIANTS`] versions for different kinds of values, and closes, with a
//! reason, when compiling it is refused or does not pay. How compilations are asked for and installed is in [`crate::jobs`].
//! What exits teach is in [`crate::learn`], whether entering pays in [`crate::trial`].
//!
//! Invariants: all of this happens under the GIL; a place outlives every event that concerns it, because
//! whoever works with one holds the code object; no loan of a `RefCell` here is held across a call into Python.

use crate::aside;
use crate::capture::{self, Source};
use crate::config;
use crate::entry::{Entered, enter_call, enter_frame, has_room, takes_call};
use crate::fleeting;
use crate::gil::{AddressMap, Gil, no_hash, read};
use crate::hints::Hint;
use crate::hook;
use crate::invalidate::Compiled;
use crate::jobs::{install_finished, request};
use crate::link::Link;
use crate::place::{Place, PlaceView};
use crate::race;
use crate::trial::{self, Arm, Verdict};
use crate::version::Version;
use crate::worth;
use pyo3::ffi::{self, PyObject, PyThreadState};
use std::cell::{Cell, RefCell};
use std::ffi::c_int;
use std::rc::Rc;
use std::sync::Arc;
use whipsnake_abi::layout;
use whipsnake_hir::ir::EntryMode;
use whipsnake_hir::maps::HashMap;
use whipsnake_hir::snapshot::{Feedback, add_classes};
use whipsnake_hir::types::TySet;

/// Versions of one place for different kinds of values.
pub const VARIANTS: usize = 3;

/// How a function's code can be entered.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// By a call with its arguments.
    Call,
    /// Only in a frame that the interpreter has set up (`*args`, `**kwargs`).
    Frame,
    /// Only in its loops (generators, modules, class bodies).
    Loops,
    /// Never: it looks at the events that other code gives.
    Onlooker,
    /// Never: it counts references.
    Never,
}

/// Parameters whose arguments' classes are noted.
const PARAMETERS: usize = 3;
/// Calls by compiled code of a function that was refused before it is compiled for such callers.
const WANTED: u32 = 100;

/// Everything known of one code object.
pub struct CodeState {
    /// Borrowed: the state dies with it.
    pub code: *mut PyObject,
    pub class: Class,
    pub hint: Cell<Hint>,
    pub calls: Cell<u32>,
    pub call: Place,
    pub start: Place,
    pub loops: RefCell<Vec<Rc<Place>>>,
    /// How compiled code calls it.
    pub link: Link,
    /// By parameter, the first [`PARAMETERS`]: versions of the classes of the arguments that calls have had.
    pub met: RefCell<Vec<Vec<u32>>>,
    /// By code unit.
    pub feedback: RefCell<HashMap<u32, Feedback>>,
    /// Its kind; see [`fleeting`].
    kind: u64,
    /// Its compiled caller left it in the middle of a loop, or a generator that it consumes is hot: compile loops without waiting.
    pub eager: Cell<bool>,
}

/// Every state there is, by code object.
static STATES: Gil<AddressMap<usize, *mut CodeState>> = Gil::new(AddressMap::with_hasher(no_hash()));

/// The state of a code object, if it has one.
///
/// # Safety
/// The GIL is held and `code` is a live code object.
#[inline(always)]
pub unsafe fn peek<'a>(code: *mut PyObject) -> Option<&'a CodeState> {
    // SAFETY: a state is taken out of the map before it is freed, with its code object.
    unsafe { STATES.with(|all| all.get(&(code as usize)).map(|s| &**s)) }
}

/// The state of a code object, made if need be.
///
/// # Safety
/// As for [`peek`].
pub unsafe fn state<'a>(code: *mut PyObject) -> &'a CodeState {
    // SAFETY: the contract of `peek`; `code_goes` takes the pointer back.
    unsafe {
        if let Some(s) = peek(code) {
            return s;
        }
        let c = config::get();
        let s = Box::into_raw(Box::new(CodeState {
            code,
            class: capture::class_of(code),
            hint: Cell::new(Hint::None),
            calls: Cell::new(0),
            call: Place::new(code, EntryMode::Call, c.calls),
            start: Place::new(code, EntryMode::Frame { bci: 0 }, c.calls),
            loops: RefCell::default(),
            link: Link::default(),
            met: RefCell::default(),
            feedback: RefCell::default(),
            kind: fleeting::kind_of(code),
            eager: Cell::new(false),
        }));
        STATES.with(|all| all.insert(code as usize, s));
        &*s
    }
}

/// A code object goes.
///
/// # Safety
/// The GIL is held, and nobody is in the code: whoever is holds it.
pub unsafe fn code_goes(code: *mut PyObject) {
    // SAFETY: the contract; the pointer is that of a box. Invalidating first ends every version that names the code.
    unsafe {
        let Some(state) = STATES.with(|all| all.remove(&(code as usize))) else {
            return;
        };
        let s = &*state;
        if matches!(s.class, Class::Call | Class::Frame | Class::Loops) {
            fleeting::died(s.kind, s.was_hot());
        }
        let mut places: Vec<*const Place> = vec![&s.call, &s.start];
        places.extend(s.loops.borrow().iter().map(Rc::as_ptr));
        for p in places {
            (*p).died();
            for c in (*p).versions.take() {
                c.place.set(std::ptr::null());
                c.invalidate();
            }
        }
        drop(Box::from_raw(state));
    }
}

/// Every state there is, for reports.
///
/// # Safety
/// The GIL is held; the references do not outlive the code objects.
pub unsafe fn states<'a>() -> Vec<&'a CodeState> {
    // SAFETY: states are taken out of the list before they are freed.
    unsafe { STATES.with(|all| all.values().map(|s| &**s).collect()) }
}

impl CodeState {
    /// The place of the loop whose header is at this byte offset.
    fn loop_at(&self, target: u32) -> Rc<Place> {
        let bci = target / 2;
        if let Some(p) = self.loops.borrow().iter().find(|p| p.bci() == bci) {
            return p.clone();
        }
        let c = config::get();
        let due = if c.at_once || self.hint.get() == Hint::Jit {
            1
        } else {
            c.back_edges
        };
        let p = Rc::new(Place::new(self.code, EntryMode::Frame { bci }, due));
        self.loops.borrow_mut().push(p.clone());
        p
    }

    /// All places that were ever counted.
    pub fn places(&self) -> Vec<Rc<PlaceView>> {
        let view = |p: &Place, kind| {
            Rc::new(PlaceView {
                kind,
                bci: p.bci(),
                versions: p.versions.borrow().clone(),
                past: p.past.borrow().clone(),
                refused: p.refused.borrow().clone(),
                pending: p.pending.get(),
                waits: p.waits(),
            })
        };
        let mut all = vec![view(&self.call, "function"), view(&self.start, "function")];
        all.extend(self.loops.borrow().iter().map(|p| view(p, "loop")));
        all
    }

    /// Follows a new hint: what was refused may be tried again, or what is compiled ends.
    ///
    /// # Safety
    /// The GIL is held.
    pub unsafe fn rejudge(&self, hint: Hint) {
        let loops = self.loops.borrow().clone();
        let places = [&self.call, &self.start].into_iter().chain(loops.iter().map(|p| &**p));
        for p in places {
            if hint == Hint::Nojit {
                // SAFETY: the contract.
                unsafe { end(p) };
            } else {
                p.reopen(hint == Hint::Jit);
            }
        }
    }

    /// Notes the classes of a call's arguments.
    ///
    /// # Safety
    /// The GIL is held; live objects, or null.
    unsafe fn note_classes(&self, args: impl Iterator<Item = *mut PyObject>) {
        let mut met = self.met.borrow_mut();
        for (n, o) in args.take(PARAMETERS).enumerate() {
            // SAFETY: the contract.
            let version = if o.is_null() { 0 } else { unsafe { capture::class_version(o) } };
            if version != 0 {
                if met.len() <= n {
                    met.resize(n + 1, Vec::new());
                }
                add_classes(&mut met[n], &[version]);
            }
        }
    }

    /// Whether compiling it was worth it.
    fn was_hot(&self) -> bool {
        let loops = self.loops.borrow();
        let places = || loops.iter().map(Rc::as_ref).chain([&self.call, &self.start]);
        let gained: u64 = places().map(Place::gained).sum();
        gained > places().map(Place::compile_ns).sum()
    }

    /// Whether one of its loops was found to be no faster compiled.
    pub fn has_lost(&self) -> bool {
        self.loops.borrow().iter().any(|p| p.lost.get())
    }

    /// Whether its inline caches say anything.
    pub fn is_warm(&self) -> bool {
        self.calls.get() >= 8 || self.loops.borrow().iter().any(|p| p.count.get() >= 8)
    }
}

/// What a callback tells the interpreter.
pub enum Answer {
    Continue,
    /// No more events from this instruction.
    Disable,
    /// An exception is set.
    Raise,
}

/// Whether code that has not been counted yet is of a kind that is not worth it.
unsafe fn is_fleeting(code: *mut PyObject) -> bool {
    // SAFETY: GIL held and a live code object, by the callers.
    unsafe { peek(code).is_none() && !config::get().anything && fleeting::is_fleeting(code) }
}

/// A jump: `source` and `target` in bytes.
///
/// # Safety
/// The GIL is held; `code` is the code of the running frame.
pub unsafe fn on_jump(code: *mut PyObject, source: u32, target: u32) -> Answer {
    if target > source {
        return Answer::Disable;
    }
    // SAFETY: the contract; the running frame keeps the code.
    unsafe {
        install_finished();
        if is_fleeting(code) {
            return Answer::Disable;
        }
        let s = state(code);
        let place = s.loop_at(target);
        place.hear_again();
        if place.is_dead() || s.hint.get() == Hint::Nojit || matches!(s.class, Class::Onlooker | Class::Never) {
            return Answer::Disable;
        }
        place.count.set(place.count.get().saturating_add(1));
        let ts = ffi::PyThreadState_GetUnchecked();
        if !hook::may_run(ts, code) {
            return Answer::Continue;
        }
        if has_room(ts) {
            hook::wake();
        }
        if s.eager.get() && place.compiles.get() == 0 && !place.waits() {
            place.due.set(place.count.get());
        }
        at_place(&place, ts)
    }
}

/// In an interpreter frame at a place: enters a version, or asks for one.
unsafe fn at_place(place: &Place, ts: *mut PyThreadState) -> Answer {
    // SAFETY: `ts` is the current thread's, running the frame whose event this is.
    unsafe {
        let frame: *mut u8 = read(ts, layout::tstate::CURRENT_FRAME);
        if place.has_versions() {
            if let Some(answer) = try_frame(place, ts, frame) {
                return answer;
            }
            let globals: *mut PyObject = read(frame, layout::frame::GLOBALS);
            if !place.knows(globals) {
                // The same code in another namespace, as `exec` runs it: that says nothing about its kinds.
                place.compiles.set(0);
            }
            if !place.missed() {
                if place.is_vain() {
                    end(place);
                    return Answer::Disable;
                }
                return Answer::Continue;
            }
            if !place.has_room(globals) {
                place.close(place.bci(), "the kinds of its values keep changing".into());
                return Answer::Continue;
            }
        } else if place.pending.get() || !(place.is_due() || place.waits()) {
            return Answer::Continue;
        }
        hurry_consumer(place.code, frame);
        let again = place.has_versions();
        request(place, Source::Frame { frame, again });
        if place.is_dead() || (place.waits() && !place.has_versions()) {
            return Answer::Disable;
        }
        // Synchronous compilation has installed it.
        try_frame(place, ts, frame).unwrap_or(Answer::Continue)
    }
}

/// A loop in a generator is hot: compiled by itself it would be left at each item, while whoever consumes the generator may have it
/// inlined. So that is compiled at the next opportunity.
unsafe fn hurry_consumer(code: *mut PyObject, frame: *mut u8) {
    // SAFETY: a live code object, and the running frame of it; frames in between are alive.
    unsafe {
        if read::<c_int>(code, layout::code::FLAGS) & ffi::CO_GENERATOR == 0 {
            return;
        }
        let mut f: *mut u8 = read(frame, layout::frame::PREVIOUS);
        let consumer = loop {
            if f.is_null() {
                return;
            }
            // Entries to the interpreter have frames of their own, which run no code object.
            let code = (read::<usize>(f, layout::frame::EXECUTABLE) & !1) as *mut PyObject;
            if ffi::Py_TYPE(code) == &raw mut ffi::PyCode_Type {
                break code;
            }
            f = read(f, layout::frame::PREVIOUS);
        };
        let s = state(consumer);
        s.eager.set(true);
        if !s.call.has_versions() {
            s.call.due.set(s.call.due.get().min(s.call.count.get().saturating_add(1)));
        }
    }
}

/// Enters the first version that fits the frame.
unsafe fn try_frame(place: &Place, ts: *mut PyThreadState, frame: *mut u8) -> Option<Answer> {
    // SAFETY: GIL held; `frame` runs the place's code.
    if unsafe { place.race.is_on() && !race::takes_turn(place) } {
        return Some(Answer::Continue);
    }
    let mut i = 0;
    while let Some(c) = place.variant(i) {
        i += 1;
        // SAFETY: `ts` and `frame` are current; the frame keeps its code, and `enter`/`leave` keep what the version
        // names. The tracing fields are put back before the interpreter looks at them again.
        unsafe {
            let Some(version) = c.version.get() else { continue };
            let globals: *mut PyObject = read(frame, layout::frame::GLOBALS);
            let builtins: *mut PyObject = read(frame, layout::frame::BUILTINS);
            if globals != c.globals || builtins != c.builtins || !hook::codes_untraced(ts, &c.codes) {
                continue;
            }
            c.enter();
            let quiet = hook::Quiet::new(ts);
            let entered = worth::of_frame(place, &c, version, || enter_frame(version, ts, frame.cast()));
            drop(quiet);
            c.leave();
            match entered {
                Entered::Continue => return Some(Answer::Continue),
                Entered::Raised => return Some(Answer::Raise),
                Entered::TooDeep => return Some(Answer::Continue),
                Entered::Mismatch => {}
                Entered::Value(_) => unreachable!("a frame is not called"),
            }
        }
    }
    None
}

/// A function's first instruction.
///
/// # Safety
/// As for [`on_jump`].
pub unsafe fn on_start(code: *mut PyObject, offset: u32) -> Answer {
    // SAFETY: the contract; the running frame keeps the code and its function.
    unsafe {
        install_finished();
        let fallback = hook::take_fallback();
        if is_fleeting(code) {
            return Answer::Disable;
        }
        let s = state(code);
        if s.class == Class::Onlooker {
            aside::step();
            return Answer::Continue;
        }
        if matches!(s.class, Class::Loops | Class::Never) || s.hint.get() == Hint::Nojit {
            return Answer::Disable;
        }
        s.calls.set(s.calls.get().saturating_add(1));
        let ts = ffi::PyThreadState_GetUnchecked();
        if !hook::may_run(ts, code) {
            return Answer::Continue;
        }
        if has_room(ts) {
            hook::wake();
        }
        let frame: *mut u8 = read(ts, layout::tstate::CURRENT_FRAME);
        let func = read::<usize>(frame, layout::frame::FUNCOBJ) & !1;
        let func = func as *mut PyObject;
        let jit = s.hint.get() == Hint::Jit;
        let c = config::get();

        s.call.hear_again();
        if s.class == Class::Call && !s.call.is_dead() && ffi::PyFunction_Check(func) != 0 {
            let p = &s.call;
            s.note_classes(capture::first_locals(frame, code));
            p.count.set(p.count.get().saturating_add(1));
            if p.has_versions() {
                if has_room(ts) && p.wants_calls() {
                    hook::hook(func);
                }
            } else if !hook::is_hooked(func) && !p.pending.get() && (jit || p.is_due() || p.waits()) {
                let args = capture::frame_arguments(frame, code);
                request(p, Source::Call { func, args: &args });
                if p.wants_calls() {
                    hook::hook(func);
                }
                if p.waits() {
                    return Answer::Disable;
                }
            }
        }
        let p = &s.start;
        if p.closed.get() {
            return if s.class == Class::Frame || s.call.closed.get() {
                Answer::Disable
            } else {
                Answer::Continue
            };
        }
        let wanted = match s.class {
            // Entering through the event costs more than a short function saves; its loops are entered by themselves.
            Class::Frame => c.at_once,
            Class::Call => c.at_once,
            Class::Loops | Class::Onlooker | Class::Never => false,
        };
        if !wanted || fallback == func {
            // Nothing more to count: the event would only cost.
            let settled =
                s.class == Class::Frame || s.call.closed.get() || s.call.shunned.get() || (s.call.has_versions() && hook::is_hooked(func));
            return if settled && !wanted { Answer::Disable } else { Answer::Continue };
        }
        // Behind the RESUME whose event this is.
        p.mode.set(EntryMode::Frame { bci: offset / 2 + 1 });
        p.count.set(s.calls.get());
        at_place(p, ts)
    }
}

/// A call of a hooked function: its result, or nothing when the interpreter shall run it, which `interpret` does.
///
/// # Safety
/// The GIL is held; `args` are as many borrowed objects as the code has parameters, then the cells of the closure.
pub unsafe fn on_call(
    func: *mut PyObject,
    code: *mut PyObject,
    s: &CodeState,
    args: &[*mut PyObject],
    interpret: &dyn Fn() -> *mut PyObject,
) -> Option<*mut PyObject> {
    // SAFETY: the contract; the caller holds the function, and the code is held here across the call.
    unsafe {
        let place = &s.call;
        let ts = ffi::PyThreadState_GetUnchecked();
        if place.is_dead() || (place.shunned.get() && hook::is_hooked(func)) {
            hook::unhook(func);
            return None;
        }
        if !hook::may_run(ts, code) {
            // To tools that watch calls, one by way of a vectorcall looks like one of a builtin.
            hook::rest(func);
            return None;
        }
        hook::wake();
        let globals: *mut PyObject = read(func, layout::func::GLOBALS);
        let builtins: *mut PyObject = read(func, layout::func::BUILTINS);
        let mut i = 0;
        while let Some(c) = place.variant(i) {
            i += 1;
            let Some(version) = c.version.get() else { continue };
            if c.globals != globals || c.builtins != builtins || !hook::codes_untraced(ts, &c.codes) {
                continue;
            }
            ffi::Py_INCREF(code);
            c.enter();
            let settled = c.trial.is_over(version.entries());
            let entered = if settled {
                enter_call(version, ts, func, args.as_ptr())
            } else {
                call_on_trial(place, &c, version, ts, func, args, interpret)
            };
            c.leave();
            if settled && matches!(entered, Entered::Value(_)) {
                c.trial.count_call();
            }
            drop(c);
            ffi::Py_DECREF(code);
            match entered {
                Entered::Value(v) => return Some(v),
                Entered::Raised => return Some(std::ptr::null_mut()),
                Entered::TooDeep => {
                    // Calls by the interpreter itself do not take C stack; so it shall make them.
                    hook::rest(func);
                    return None;
                }
                Entered::Mismatch => {}
                Entered::Continue => unreachable!("a call is not a frame"),
            }
        }
        install_finished();
        let parameters = read::<c_int>(code, layout::code::ARGCOUNT) + read::<c_int>(code, layout::code::KWONLYARGCOUNT);
        let args = &args[..parameters as usize];
        place.count.set(place.count.get().saturating_add(1));
        note_types(place, args);
        if place.has_versions() {
            if place.strayed() && !place.pending.get() && !trial::is_forced(code) {
                place.close(0, "most calls of it bring other kinds of values than it is compiled for".into());
                place.shunned.set(true);
                return None;
            }
            if !place.missed() {
                if place.is_vain() {
                    end(place);
                }
                return None;
            }
            if place.versions.borrow().len() >= VARIANTS {
                // One version for everything seen takes the place of the special ones.
                end(place);
            }
            request(place, Source::Call { func, args });
        } else if !place.pending.get() && place.is_due() {
            request(place, Source::Call { func, args });
            if place.waits() && !place.has_versions() {
                hook::unhook(func);
            }
        }
        None
    }
}

/// Compiled code calls a function that is not compiled. If its first compilation was refused, it gets another one for such callers: they enter it
/// where the interpreter had better not.
///
/// # Safety
/// The GIL is held; an ordinary function and borrowed arguments.
pub unsafe fn on_compiled_call(func: *mut PyObject, args: &[*mut PyObject]) {
    // SAFETY: the contract; a function's code object has these fields.
    unsafe {
        let code: *mut PyObject = read(func, layout::func::CODE);
        let parameters = read::<c_int>(code, layout::code::ARGCOUNT) as usize;
        let Some(s) = peek(code).filter(|s| s.class == Class::Call && s.hint.get() != Hint::Nojit) else {
            return;
        };
        let place = &s.call;
        if place.pending.get() || place.has_versions() || parameters != args.len() || read::<c_int>(code, layout::code::KWONLYARGCOUNT) != 0
        {
            return;
        }
        install_finished();
        match (place.closed.get(), place.shunned.get()) {
            (true, false) if place.compiles.get() == 1 => {
                place.wanted.set(place.wanted.get() + 1);
                if place.wanted.get() < WANTED {
                    return;
                }
                place.reopen(false);
                place.shunned.set(true);
            }
            (false, true) => {
                place.count.set(place.count.get().saturating_add(1));
                if !place.is_due() {
                    return;
                }
            }
            _ => return,
        }
        request(place, Source::Call { func, args });
    }
}

/// One of the first calls of a version, run by it or by the interpreter; see [`crate::trial`].
#[cold]
unsafe fn call_on_trial(
    place: &Place,
    c: &Rc<Compiled>,
    version: &Arc<Version>,
    ts: *mut PyThreadState,
    func: *mut PyObject,
    args: &[*mut PyObject],
    interpret: &dyn Fn() -> *mut PyObject,
) -> Entered {
    // SAFETY: as in `on_call`, whose part this is.
    unsafe {
        if version.calls_self || trial::is_forced(place.code) {
            c.trial.end();
            return enter_call(version, ts, func, args.as_ptr());
        }
        if !takes_call(version, args.as_ptr()) {
            return Entered::Mismatch;
        }
        let arm = c.trial.next(ts);
        let (entered, taken) = c.trial.measure(version.id, || match arm {
            Arm::Compiled => enter_call(version, ts, func, args.as_ptr()),
            Arm::Interpreted => match interpret() {
                r if r.is_null() => Entered::Raised,
                r => Entered::Value(r),
            },
        });
        if let Entered::TooDeep = entered {
            return entered;
        }
        let Some(verdict) = c.trial.note(arm, taken, version) else {
            return entered;
        };
        c.trial.pause(version.entries());
        // Where versions for other kinds of values pay, this one stays beside them.
        let others = place.versions.borrow().iter().any(|o| o.trial.is_won());
        if verdict != Verdict::Wins && !others && !place.closed.get() {
            place.adjourn(
                0,
                "calls of it take longer compiled than interpreted (compiled callers may inline it)".into(),
                version.calls,
            );
            place.shunned.set(true);
            if verdict == Verdict::Loses {
                c.invalidate();
            }
        }
        entered
    }
}

/// Ends all versions of a place.
pub unsafe fn end(place: &Place) {
    for c in place.versions.take() {
        // SAFETY: GIL held; what it names is watched and alive.
        unsafe { c.invalidate() };
    }
}

/// Remembers the types of arguments that no version took.
unsafe fn note_types(place: &Place, args: &[*mut PyObject]) {
    let mut seen = place.seen.borrow_mut();
    seen.resize(args.len(), TySet::default());
    for (set, a) in seen.iter_mut().zip(args) {
        // SAFETY: live objects.
        set.insert(unsafe { capture::ty_of(*a) });
    }
}

/// The code object at an address, if one is there that has a state.
///
/// # Safety
/// The GIL is held; the result is borrowed.
pub unsafe fn living(code: usize) -> Option<*mut PyObject> {
    // SAFETY: states are taken out of the list before they are freed.
    unsafe { STATES.with(|all| all.get(&code).map(|s| (**s).code)) }
}

/// A function has been made: if its code is compiled, it starts out hooked.
///
/// # Safety
/// The GIL is held; `func` is a complete function.
pub unsafe fn on_function_created(func: *mut PyObject) {
    // SAFETY: the contract.
    unsafe {
        if hook::is_enabled()
            && !aside::is_aside()
            && let Some(s) = peek(read(func, layout::func::CODE))
            && s.call.wants_calls()
        {
            hook::hook(func);
        }
    }
}

/// A function goes or changes.
///
/// # Safety
/// The GIL is held.
pub unsafe fn on_function_changed(func: *mut PyObject, gone: bool) {
    // SAFETY: the contract.
    unsafe {
        if !hook::is_hooked(func) {
            hook::forget_resting(func);
        } else if gone {
            hook::forget(func);
        } else {
            hook::unhook_changed(func);
        }
    }
}
