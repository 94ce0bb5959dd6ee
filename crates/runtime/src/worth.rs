//! Whether it pays to enter compiled code in the middle of a frame.
//!
//! Such an entry cannot be given to the interpreter for comparison. So what a version's entries gain is judged by how long they take: what
//! takes long compiled would take several times as long interpreted, and moving the frame's content in and out costs what it costs. How much that is
//! is measured along with it, so that it is right on a slow or busy machine too. What an exit has the interpreter do is not part of an entry.
//! Where something is called in the loop, its time says little: its turns are counted, and what they save is estimated. Whether a loop pays whose
//! time goes into CPython's own machinery is found out by [`crate::race`].
//!
//! Entries are judged in windows of [`FRAMES`], the first at once and each other one when there have been [`AGAIN`] times as many. A window in which they were
//! over too soon, taken together, closes the place. The longest entry of a window does not count: it may contain what interrupted the program.

use crate::ctx;
use crate::entry::Entered;
use crate::invalidate::Compiled;
use crate::place::Place;
use crate::race;
use crate::trial::{Sample, is_forced, speed};
use crate::version::Version;
use std::ptr;
use std::rc::Rc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Instant;

/// Entries that are judged together.
pub const FRAMES: u64 = 300;
/// From so many times as many entries on they are judged again.
const AGAIN: u64 = 16;
/// What such an entry has to take, in the time of a [`speed`]: else it costs more than it saves.
const BRIEF: u32 = 2;
/// The same in the time that laying out its values takes; they have to be put back, too.
const LAYOUT: i64 = 4;
/// What the turns of an entry have to save, in bytecodes, where they are counted.
const SAVED: i64 = 100;
/// Nanoseconds that a bytecode is taken for.
const BYTECODE: i64 = 3;

/// What a version's entries have gained, roughly in nanoseconds, less what they cost. Changed with the GIL held.
#[derive(Default)]
pub struct Balance {
    /// Of the window that is open.
    sum: AtomicI64,
    /// The largest gain in it.
    most: AtomicI64,
    /// The number of entries at which the next window opens.
    opens: AtomicU64,
    /// Of the last window that has closed.
    verdict: AtomicI64,
}

impl Balance {
    /// Whether an entry counts that comes after so many.
    fn is_open(&self, entries: u64) -> bool {
        entries >= self.opens.load(Ordering::Relaxed)
    }

    /// Counts an entry's gain; true at the end of a window that has lost. There have been so many entries.
    fn has_lost(&self, gain: i64, entries: u64) -> bool {
        let sum = self.sum.load(Ordering::Relaxed).saturating_add(gain);
        let most = self.most.load(Ordering::Relaxed).max(gain);
        if entries < self.opens.load(Ordering::Relaxed) + FRAMES {
            self.sum.store(sum, Ordering::Relaxed);
            self.most.store(most, Ordering::Relaxed);
            return false;
        }
        self.sum.store(0, Ordering::Relaxed);
        self.most.store(0, Ordering::Relaxed);
        self.opens.store(entries.saturating_mul(AGAIN), Ordering::Relaxed);
        self.verdict.store(sum.saturating_sub(most), Ordering::Relaxed);
        sum < most
    }

    /// What so many entries gained, going by those that were looked at.
    pub fn gained_by(&self, entries: u64) -> u64 {
        let each = self.gained().max(0).cast_unsigned() / entries.clamp(1, FRAMES);
        each.saturating_mul(entries)
    }

    /// What a window's entries gained: those of the last that has closed, else of the first.
    pub fn gained(&self) -> i64 {
        if self.opens.load(Ordering::Relaxed) == 0 {
            self.sum.load(Ordering::Relaxed)
        } else {
            self.verdict.load(Ordering::Relaxed)
        }
    }
}

/// Enters a version, and looks at what that gains. The place closes when it loses.
///
/// # Safety
/// The GIL is held; whoever enters holds what the version names.
pub unsafe fn of_frame(place: &Place, c: &Rc<Compiled>, version: &Version, enter: impl FnOnce() -> Entered) -> Entered {
    let counts = version.balance.is_open(version.entries());
    // SAFETY: the contract.
    let (entered, gain) = unsafe {
        match version.saved_a_turn {
            Some(saved) => {
                let (entered, turns) = race::of_frame(place, version, enter);
                let gain = turns.map_or(0, |n| (n.saturating_mul(i64::from(saved)) - SAVED).saturating_mul(BYTECODE));
                (entered, gain)
            }
            None if counts => timed(version, enter),
            None => return enter(),
        }
    };
    if !counts || matches!(entered, Entered::Mismatch | Entered::TooDeep) {
        return entered;
    }
    // SAFETY: GIL held; the place's code is alive.
    if version.balance.has_lost(gain, version.entries()) && !place.is_dead() && !unsafe { is_forced(place.code) } {
        place.close(place.bci(), "its loop is over too soon to be worth entering".into());
        // SAFETY: GIL held; whoever runs it holds what it names.
        unsafe { c.invalidate() };
    }
    entered
}

/// An entry, and by how many nanoseconds its code ran longer than what it has to, given what laying out its values took.
unsafe fn timed(version: &Version, enter: impl FnOnce() -> Entered) -> (Entered, i64) {
    // SAFETY: GIL held.
    let cost = i64::from(BRIEF * unsafe { speed() });
    let ctx = ctx::get();
    // SAFETY: this thread's context; the sample is unlinked before it goes, and nested ones are unlinked by then.
    let (entered, ran, laid_out) = unsafe {
        let sample = Sample::new(ptr::null(), version.id, (*ctx).sample);
        (*ctx).sample = &sample;
        let start = Instant::now();
        let entered = enter();
        let end = sample.ended.get().unwrap_or_else(Instant::now);
        (*ctx).sample = sample.outer;
        let began = sample.began.get().unwrap_or(start);
        (entered, end - began, began - start)
    };
    let cost = cost.max(LAYOUT * laid_out.as_nanos() as i64);
    (entered, ran.as_nanos() as i64 - cost)
}
