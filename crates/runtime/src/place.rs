//! One way into one code object: what has been counted for it, compiled for it, and why it is left to the interpreter.

use crate::invalidate::Compiled;
use crate::link;
use crate::race::Race;
use crate::tier::VARIANTS;
use crate::version::Version;
use crate::{budget, capture, compile, config, jobs, stats};
use pyo3::ffi::PyObject;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use whipsnake_hir::ir::{EntryMode, Reason};
use whipsnake_hir::types::{Ty, TySet};

/// Entries in vain before another version is made for the kinds met.
const MISMATCHES: u32 = 4;
/// Entries in vain before a closed place gives up what it still has.
const VAIN: u32 = 1000;

/// How often what was measured and closed is measured again.
const HEARINGS: u32 = 3;
/// Calls that no version takes before they are weighed against the others, again and again.
const STRAYS: u64 = 1024;
/// Nanoseconds that such a call takes longer than without a hook (measured: 60 to 80).
const DETOUR: u64 = 70;

/// One way into one code object.
pub struct Place {
    /// The code object it belongs to; borrowed.
    pub code: *mut PyObject,
    pub mode: Cell<EntryMode>,
    pub count: Cell<u32>,
    /// The count at which a compilation is asked for.
    pub due: Cell<u32>,
    pub versions: RefCell<Vec<Rc<Compiled>>>,
    pub pending: Cell<bool>,
    /// It was hot while a module was imported.
    pub imported: Cell<bool>,
    pub compiles: Cell<u32>,
    /// What compiling it is expected to cost, once that is known, until it is done; see [`crate::budget`].
    pub charge: Cell<Duration>,
    pub mismatches: Cell<u32>,
    /// Calls that no version took.
    pub strays: Cell<u64>,
    pub closed: Cell<bool>,
    /// How often its case has been heard again, and the program's own time from which it may be once more.
    hearings: Cell<u32>,
    again: Cell<Option<Duration>>,
    /// Nanoseconds that the budget was told of as spent in vain.
    regretted: Cell<u64>,
    /// Its versions are for compiled callers only: calls by the interpreter do not pay.
    pub shunned: Cell<bool>,
    /// It is a loop that runs no faster compiled.
    pub lost: Cell<bool>,
    /// Whether it does.
    pub race: Race,
    /// Calls by compiled code since it was refused.
    pub wanted: Cell<u32>,
    pub refused: RefCell<Option<Refused>>,
    /// Versions that have ended, for reports.
    pub past: RefCell<Vec<Past>>,
    /// For calls: the types that each argument has had.
    pub seen: RefCell<Vec<TySet>>,
}

impl Place {
    pub fn new(code: *mut PyObject, mode: EntryMode, due: u32) -> Place {
        Place {
            code,
            mode: Cell::new(mode),
            count: Cell::new(0),
            due: Cell::new(due),
            versions: RefCell::default(),
            pending: Cell::new(false),
            imported: Cell::new(false),
            compiles: Cell::new(0),
            charge: Cell::new(Duration::ZERO),
            mismatches: Cell::new(0),
            strays: Cell::new(0),
            closed: Cell::new(false),
            hearings: Cell::new(0),
            again: Cell::new(None),
            regretted: Cell::new(0),
            shunned: Cell::new(false),
            lost: Cell::new(false),
            race: Race::new(),
            wanted: Cell::new(0),
            refused: RefCell::default(),
            past: RefCell::default(),
            seen: RefCell::default(),
        }
    }

    /// A version has ended: allows another, a little later.
    pub fn forget(&self, gone: &Compiled) {
        self.versions.borrow_mut().retain(|c| !std::ptr::eq(&**c, gone));
        self.due.set(self.count.get().saturating_add(1));
        // SAFETY: whoever ends a version holds the GIL, and its place's code is alive.
        unsafe { link::relink(self.code) };
    }

    /// There is no time to compile it now, at this charge: it asks again when events have come back, or, where versions that do not fit
    /// still have it counted, when it has been reached half as often again.
    pub fn put_off(&self, charge: Duration) {
        let now = self.count.get();
        self.charge.set(charge);
        budget::wait_for(charge);
        self.due.set(now.saturating_add(now / 2).saturating_add(1));
        stats::with(|s| s.put_off += 1);
    }

    /// Remembers a version whose last user has gone.
    pub fn bury(&self, v: &Version) {
        self.past.borrow_mut().push(Past::new(v));
    }

    /// Leaves the place to the interpreter.
    pub fn close(&self, bci: u32, reason: String) {
        config::log(config::Level::Info, || {
            format!("not compiled: {} at {bci}: {reason}", capture::describe_code(self.code))
        });
        stats::with(|s| s.refused += 1);
        if !self.closed.replace(true) {
            self.regret();
        }
        *self.refused.borrow_mut() = Some(Refused { bci, reason });
    }

    /// Leaves the place to the interpreter for the time being, if the version that was measured calls others: what a call costs it changes as they are
    /// compiled.
    pub fn adjourn(&self, bci: u32, reason: String, calls: bool) {
        self.close(bci, reason);
        if calls && self.hearings.get() < HEARINGS {
            self.hearings.set(self.hearings.get() + 1);
            let at = budget::later();
            self.again.set(Some(at));
            budget::wait_until(at);
            compile::nudge();
        }
    }

    /// Opens it again if the time has come.
    pub fn hear_again(&self) {
        let Some(at) = self.again.get().filter(|_| self.closed.get()) else {
            return;
        };
        if !budget::is_past(at) {
            return budget::wait_until(at);
        }
        self.again.set(None);
        self.closed.set(false);
        self.shunned.set(false);
        self.lost.set(false);
        self.refused.borrow_mut().take();
        self.compiles.set(self.compiles.get().min(jobs::RECOMPILES - 1));
        self.due.set(self.count.get().saturating_add(1));
        self.versions.borrow().iter().for_each(|c| c.trial.restart());
    }

    /// Nothing more will come of it, at least for now: tells the budget what was compiled in vain.
    fn regret(&self) {
        let vain = self.compile_ns().saturating_sub(self.gained());
        let told = self.regretted.replace(vain.max(self.regretted.get()));
        budget::regret(Duration::from_nanos(vain.saturating_sub(told)));
    }

    /// Its code dies.
    pub fn died(&self) {
        if !self.closed.get() {
            self.regret();
        }
    }

    /// Opens a closed place again, for a new hint.
    pub fn reopen(&self, due_now: bool) {
        self.closed.set(false);
        self.shunned.set(false);
        self.lost.set(false);
        self.compiles.set(0);
        self.refused.borrow_mut().take();
        if due_now {
            self.due.set(0);
        }
    }

    /// Whether it is hot.
    pub fn is_due(&self) -> bool {
        // By a call, the first one has gone through the frame that was already there.
        let at_once = config::get().at_once && (self.mode.get() != EntryMode::Call || self.count.get() >= 2);
        at_once || self.count.get() >= self.due.get()
    }

    pub fn bci(&self) -> u32 {
        match self.mode.get() {
            EntryMode::Call => 0,
            EntryMode::Frame { bci } => bci,
        }
    }

    pub fn variant(&self, i: usize) -> Option<Rc<Compiled>> {
        self.versions.borrow().get(i).cloned()
    }

    pub fn has_versions(&self) -> bool {
        !self.versions.borrow().is_empty()
    }

    /// Whether it has versions for this namespace.
    pub fn knows(&self, globals: *mut PyObject) -> bool {
        self.versions.borrow().iter().any(|c| c.globals == globals)
    }

    /// Whether another version may be made for this namespace; if need be, the oldest one for another namespace goes.
    ///
    /// # Safety
    /// As for [`Compiled::invalidate`].
    pub unsafe fn has_room(&self, globals: *mut PyObject) -> bool {
        let foreign = {
            let versions = self.versions.borrow();
            if versions.len() < VARIANTS {
                return true;
            }
            versions.iter().find(|c| c.globals != globals).cloned()
        };
        if let Some(c) = &foreign {
            // SAFETY: the contract.
            unsafe { c.invalidate() };
        }
        foreign.is_some()
    }

    /// Whether functions shall be hooked for it.
    pub fn wants_calls(&self) -> bool {
        self.has_versions() && !self.shunned.get()
    }

    /// Counts an entry that no version could take; whether another version shall be made. Each one takes more misses
    /// than the last, so that rare kinds are left to the interpreter.
    pub fn missed(&self) -> bool {
        self.mismatches.set(self.mismatches.get().saturating_add(1));
        let enough = if config::get().at_once {
            1
        } else {
            MISMATCHES << (2 * self.compiles.get().min(8))
        };
        let waits = self.waits() && self.count.get() < self.due.get();
        if waits || self.pending.get() || self.closed.get() || self.mismatches.get() < enough {
            return false;
        }
        self.mismatches.set(0);
        true
    }

    /// Nanoseconds that entering its versions has gained, roughly.
    pub fn gained(&self) -> u64 {
        let of_frames = |v: &Arc<Version>| v.balance.gained_by(v.entries());
        let of_version = |c: &Rc<Compiled>| c.trial.gained() + c.version.get().map_or(0, of_frames);
        self.versions.borrow().iter().map(of_version).sum()
    }

    /// Nanoseconds that went into compiling it.
    pub fn compile_ns(&self) -> u64 {
        let of_version = |c: &Rc<Compiled>| c.version.get().map_or(0, |v| v.compile_us);
        let now: u64 = self.versions.borrow().iter().map(of_version).sum();
        1000 * (now + self.past.borrow().iter().map(|p| p.compile_us).sum::<u64>())
    }

    /// Whether nothing more will be compiled and what there is hardly ever fits: then each attempt to enter only costs.
    pub fn is_vain(&self) -> bool {
        let entries = |c: &Rc<Compiled>| c.version.get().map_or(0, |v| v.entries());
        let missed = self.mismatches.get();
        self.closed.get() && missed >= VAIN && u64::from(missed) > self.versions.borrow().iter().map(entries).sum()
    }

    /// Counts a call that no version took; whether such calls, which take a detour to the interpreter, have by now lost more than the others have gained.
    pub fn strayed(&self) -> bool {
        let n = self.strays.get() + 1;
        self.strays.set(n);
        n.is_multiple_of(STRAYS) && n * DETOUR > self.versions.borrow().iter().map(|c| c.trial.gained()).sum()
    }

    /// Whether its compilation was put off.
    pub fn waits(&self) -> bool {
        !self.charge.get().is_zero() && !self.pending.get() && !self.closed.get() && !config::get().at_once
    }

    /// Nothing is compiled, and nothing will be.
    pub fn is_dead(&self) -> bool {
        self.closed.get() && !self.has_versions()
    }
}

/// What is remembered of a version that has ended.
#[derive(Clone)]
pub struct Past {
    pub compile_us: u64,
    pub code_bytes: usize,
    pub hir_ops: u32,
    pub entries: u64,
    /// How often it left, why, and where in its own code.
    pub exits: Vec<(Reason, u32, u32)>,
}

impl Past {
    pub fn new(v: &Version) -> Past {
        let taken = v.exits.iter().zip(&v.exit_counts).map(|(e, n)| (e, n.load(Ordering::Relaxed)));
        Past {
            compile_us: v.compile_us,
            code_bytes: v.code_bytes,
            hir_ops: v.hir_ops,
            entries: v.entries(),
            exits: taken
                .filter(|(_, n)| *n > 0)
                .map(|(e, n)| (e.reason, outermost(v, e.state), n))
                .collect(),
        }
    }
}

/// The code unit of the version's own code at which a state is, be it in code compiled in from elsewhere.
fn outermost(v: &Version, state: u32) -> u32 {
    let mut s = &v.states[state as usize];
    while let Some(parent) = s.parent {
        s = &v.states[parent.index()];
    }
    s.bci
}

/// Why a place is left to the interpreter.
#[derive(Clone, Debug)]
pub struct Refused {
    pub bci: u32,
    pub reason: String,
}

/// What reports show of a place.
pub struct PlaceView {
    pub kind: &'static str,
    pub bci: u32,
    pub versions: Vec<Rc<Compiled>>,
    pub past: Vec<Past>,
    pub refused: Option<Refused>,
    pub pending: bool,
    /// It is hot, but there has been no time for it.
    pub waits: bool,
}

/// The type table's entry for what a shape says; used where several types were met.
pub fn widest(seen: &[TySet], i: usize, now: Ty) -> Ty {
    match seen.get(i) {
        Some(set) if !set.is_empty() && set.only() != Some(now) => Ty::Any,
        _ => now,
    }
}
