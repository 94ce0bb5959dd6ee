//! Whether compiled code pays where it is entered by calls: measured. (Entries in the middle of a frame: [`crate::worth`].)
//!
//! A hooked function is called through its vectorcall, while the interpreter pushes the frame of one that is not hooked
//! in place: a small function that its callers do not inline may lose more by that than it gains. So of a version's first calls some,
//! at random, are given to the interpreter instead, and the times of both kinds compared: their means, where a time that is far longer than
//! most counts as not quite so long, and the error of that. It goes on until one side has won clearly, or time is up. What the interpreter would have saved, had it been the one to push
//! the frame, is taken off its time in proportion to the calls that came from there. When compiled code does not win, the place
//! closes, and its functions get their own vectorcall back. A version that would still win over a call through
//! the vectorcall stays for compiled callers.
//!
//! A time counts only if it says something: not when a call within was part of another version's trial (inner ones are settled first),
//! not when the code was left by an exit from which something may yet be learned. Calls of the same version within are subtracted.
//! Functions that call themselves natively are not tried, nor those whose calls take so long that entering them does not matter, unless what
//! they do goes mostly through CPython's own machinery.
//! A version that has won is tried again some thousand calls later: what its callees cost the interpreter may have changed with their
//! own trials.

use crate::config;
use crate::ctx;
use crate::gil::read;
use crate::hints::Hint;
use crate::tier::state;
use crate::version::Version;
use crate::visible;
use pyo3::ffi::{self, PyObject, PyThreadState};
use std::cell::{Cell, RefCell};
use std::ptr;
use std::time::Instant;
use whipsnake_abi::layout;
use whipsnake_abi::opcode as op;

/// Ints made and freed to see how fast the machine is just now (a fifth of a microsecond on a quiet one).
const OBJECTS: u32 = 16;

/// Times of each kind before the first look at them; then at twice as many, and so on.
const ROUND: usize = 32;
const MOST_ROUNDS: usize = 8 * ROUND;
/// Times that may be dropped for one that counts.
const WASTE: u32 = 8;
/// Calls that are left by an exit and do not count for it.
const LEARNING: u32 = 40;
/// Nanoseconds that may go by in the interpreter's calls.
const LONGEST: u64 = 2_000_000;
/// The same, and how many calls make a comparison, where only that tells whether compiled code pays at all.
const LONGEST_DOUBT: u64 = 40_000_000;
const ENOUGH_DOUBT: usize = 3;
/// Nanoseconds that a call takes when it does not matter how it is entered.
const LONG_CALL: u64 = 20_000;
/// Compiled calls that are looked at for that before any is given to the interpreter.
const FIRST_LOOK: usize = 4;
/// A trial that was won is repeated when there have been so many times as many entries, but for the last one.
const AGAIN: u64 = 16;
const FIRST_PAUSE: u64 = 128;
const LAST_TRIAL: u64 = 30_000;
/// Standard errors that make a difference clear.
pub const CLEAR: f64 = 2.5;
/// Nanoseconds that a call saves which the interpreter makes by pushing the frame itself, over one by the vectorcall through a hook
/// (measured: about 26).
const IN_PLACE: f64 = 28.0;
/// Nanoseconds that a call is taken to gain where nobody has measured it.
const UNMEASURED: u64 = 1000;
/// Times longer than so many times the median count as that: calls that raise take long, but what interrupts the program takes longer.
const LONGER: u32 = 24;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Arm {
    Compiled,
    Interpreted,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    Wins,
    /// It does not pay for calls that the interpreter makes in place.
    LosesInPlace,
    /// It does not pay at all.
    Loses,
}

/// The trial of one version that is entered by calls.
pub struct Trial {
    /// The number of entries from which it goes on.
    resumes: Cell<u64>,
    won: Cell<bool>,
    /// Nanoseconds that a call gains, as far as they were measured.
    gain: Cell<u64>,
    /// Calls since.
    taken: Cell<u64>,
    random: Cell<u32>,
    /// Nanoseconds, by [`Arm`].
    times: [RefCell<Vec<u32>>; 2],
    interpreting: Cell<u64>,
    look_at: Cell<usize>,
    calls: Cell<u32>,
    /// Those that the interpreter would have made in place.
    in_place: Cell<u32>,
    wasted: Cell<u32>,
    left: Cell<u32>,
}

/// An entry whose time is being taken; they are nested by way of the thread's context.
pub struct Sample {
    /// Null for an entry in the middle of a frame.
    trial: *const Trial,
    version: u64,
    /// Nanoseconds spent in calls of the same version.
    within: Cell<u64>,
    spoilt: Cell<bool>,
    /// When it was left by an exit.
    pub left: Cell<Option<Instant>>,
    /// When its code began to run, its values laid out, and when an exit began to put them back.
    pub began: Cell<Option<Instant>>,
    pub ended: Cell<Option<Instant>>,
    pub outer: *const Sample,
}

impl Sample {
    pub fn new(trial: *const Trial, version: u64, outer: *const Sample) -> Sample {
        Sample {
            trial,
            version,
            within: Cell::new(0),
            spoilt: Cell::new(false),
            left: Cell::new(None),
            began: Cell::new(None),
            ended: Cell::new(None),
            outer,
        }
    }

    /// Whether the code was left by an exit from which something may be learned.
    pub fn has_left(&self) -> bool {
        self.left.get().is_some()
    }
}

impl Trial {
    pub fn new() -> Trial {
        Trial {
            resumes: Cell::new(0),
            won: Cell::new(false),
            gain: Cell::new(UNMEASURED),
            taken: Cell::new(0),
            random: Cell::new(0x9e37_79b9),
            times: Default::default(),
            interpreting: Cell::new(0),
            look_at: Cell::new(ROUND),
            calls: Cell::new(0),
            in_place: Cell::new(0),
            wasted: Cell::new(0),
            left: Cell::new(0),
        }
    }

    /// Whether nothing is to be measured at this entry.
    #[inline(always)]
    pub fn is_over(&self, entries: u64) -> bool {
        entries < self.resumes.get()
    }

    pub fn is_won(&self) -> bool {
        self.won.get()
    }

    /// Counts a call that is not on trial.
    pub fn count_call(&self) {
        self.taken.set(self.taken.get() + 1);
    }

    /// Nanoseconds that those calls have gained, all of them.
    pub fn gained(&self) -> u64 {
        self.taken.get().saturating_mul(self.gain.get())
    }

    /// Ends it for good.
    pub fn end(&self) {
        self.resumes.set(u64::MAX);
        self.times.iter().for_each(|t| drop(t.take()));
    }

    /// Ends it until the version has been entered so much more often, and for good in the end.
    pub fn pause(&self, entries: u64) {
        self.end();
        if entries < LAST_TRIAL {
            self.resumes.set(entries.saturating_mul(AGAIN).max(AGAIN * FIRST_PAUSE));
            for c in [&self.wasted, &self.calls, &self.in_place] {
                c.set(0);
            }
            self.interpreting.set(0);
            self.look_at.set(ROUND);
        }
    }

    /// Begins anew at the next call.
    pub fn restart(&self) {
        self.pause(0);
        self.won.set(false);
        self.resumes.set(0);
    }

    /// Who shall run the next call.
    ///
    /// # Safety
    /// The GIL is held; `ts` is the current thread's, making a call.
    pub unsafe fn next(&self, ts: *mut PyThreadState) -> Arm {
        self.calls.set(self.calls.get() + 1);
        // SAFETY: the contract.
        if unsafe { is_in_place(ts) } {
            self.in_place.set(self.in_place.get() + 1);
        }
        let mut x = self.random.get();
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        self.random.set(x);
        if x & 0x100 != 0 || self.times[0].borrow().len() < FIRST_LOOK {
            Arm::Compiled
        } else {
            Arm::Interpreted
        }
    }

    /// Runs a call and takes its time; the nanoseconds, if they count.
    ///
    /// # Safety
    /// The GIL is held. The trial outlives the call.
    pub unsafe fn measure<R>(&self, version: u64, run: impl FnOnce() -> R) -> (R, Option<u64>) {
        let ctx = ctx::get();
        // SAFETY: this thread's context; the sample is unlinked before it goes, and nested ones are unlinked by then.
        unsafe {
            let sample = Sample::new(self, version, (*ctx).sample);
            (*ctx).sample = &sample;
            let start = Instant::now();
            let result = run();
            let taken = start.elapsed().as_nanos() as u64;
            (*ctx).sample = sample.outer;
            if let Some(outer) = sample.outer.as_ref() {
                if ptr::eq(outer.trial, self) {
                    outer.within.set(outer.within.get() + taken);
                } else {
                    outer.spoilt.set(true);
                }
            }
            let learning = sample.left.get().is_some() && self.left.get() < LEARNING;
            if learning {
                self.left.set(self.left.get() + 1);
            }
            let counts = !sample.spoilt.get() && !learning;
            (result, counts.then(|| taken.saturating_sub(sample.within.get())))
        }
    }

    /// Keeps a call's time, none if it does not count; the verdict, when that is the end.
    pub fn note(&self, arm: Arm, taken: Option<u64>, version: &Version) -> Option<Verdict> {
        let entries = version.entries();
        if self.resumes.get() > entries {
            // Ended by a call within.
            return None;
        }
        let Some(taken) = taken else {
            self.wasted.set(self.wasted.get() + 1);
            let kept: usize = self.times.iter().map(|t| t.borrow().len()).sum();
            let hopeless = self.wasted.get() > WASTE * (ROUND + kept) as u32;
            return hopeless.then_some(Verdict::Wins);
        };
        let mut times = self.times[arm as usize].borrow_mut();
        times.push(taken.min(u64::from(u32::MAX)) as u32);
        if arm == Arm::Interpreted {
            self.interpreting.set(self.interpreting.get() + taken);
        } else if !version.doubtful && times.len() == FIRST_LOOK && times.iter().all(|t| u64::from(*t) > LONG_CALL) {
            return Some(Verdict::Wins);
        }
        drop(times);
        let least = self.times.iter().map(|t| t.borrow().len()).min().unwrap_or(0);
        let (longest, enough) = if version.doubtful {
            (LONGEST_DOUBT, ENOUGH_DOUBT)
        } else {
            (LONGEST, ROUND / 2)
        };
        let out_of_time = self.interpreting.get() > longest;
        if least < self.look_at.get() && !out_of_time {
            return None;
        }
        self.look_at.set(2 * self.look_at.get());
        let last = least >= MOST_ROUNDS;
        let (compiled, interpreted) = (mean(&self.times[0].borrow()), mean(&self.times[1].borrow()));
        let error = (compiled.1 + interpreted.1).sqrt();
        let in_place = IN_PLACE * f64::from(self.in_place.get()) / f64::from(self.calls.get().max(1));
        let lost = compiled.0 - (interpreted.0 - in_place);
        if out_of_time && (least < enough || lost < CLEAR * error) {
            return Some(Verdict::Wins);
        }
        if lost.abs() < CLEAR * error && !last && !out_of_time {
            return None;
        }
        config::log(config::Level::Debug, || {
            format!(
                "trial after {} calls: {:.0} ns compiled, {:.0} ns interpreted, of which {in_place:.0} could be saved, error {error:.0} ns",
                self.calls.get(),
                compiled.0,
                interpreted.0
            )
        });
        self.won.set(lost < 0.0);
        self.gain.set(if lost < 0.0 { -lost as u64 } else { 0 });
        Some(match () {
            _ if lost < 0.0 => Verdict::Wins,
            _ if lost - in_place < 0.0 => Verdict::LosesInPlace,
            _ => Verdict::Loses,
        })
    }
}

/// The mean of the times, none longer than so many times the median, and the square of its error.
fn mean(times: &[u32]) -> (f64, f64) {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let longest = sorted.get(times.len() / 2).map_or(0, |median| median.saturating_mul(LONGER));
    sorted.iter_mut().for_each(|t| *t = longest.min(*t));
    let n = sorted.len().max(1) as f64;
    let mean = sorted.iter().map(|t| f64::from(*t)).sum::<f64>() / n;
    let variance = sorted.iter().map(|t| (f64::from(*t) - mean).powi(2)).sum::<f64>() / n;
    (mean, variance / n)
}

/// The innermost entry whose time is being taken, if it is one of this version.
fn sample_of<'a>(version: u64) -> Option<&'a Sample> {
    let ctx = ctx::existing();
    if ctx.is_null() {
        return None;
    }
    // SAFETY: this thread's context; samples are unlinked before they go, and the callers do not keep them.
    unsafe { (*ctx).sample.as_ref() }.filter(|s| s.version == version)
}

/// A version was left by an exit: times that are being taken of it say little.
pub fn left(version: u64) {
    if let Some(sample) = sample_of(version) {
        sample.left.set(Some(Instant::now()));
    }
}

/// A version's code begins to run.
#[inline]
pub fn begins(version: u64) {
    if let Some(sample) = sample_of(version) {
        sample.began.set(Some(Instant::now()));
    }
}

/// An exit of a version begins.
#[inline]
pub fn ends(version: u64) {
    if let Some(sample) = sample_of(version) {
        sample.ended.set(Some(Instant::now()));
    }
}

/// Whether the call that is being made comes from an instruction that would push the frame of a Python function in place.
unsafe fn is_in_place(ts: *mut PyThreadState) -> bool {
    // SAFETY: the current thread's frame, if there is one; it stands at one of its code's instructions.
    unsafe {
        let frame: *mut u8 = read(ts, layout::tstate::CURRENT_FRAME);
        if frame.is_null() || visible::is_deferred() || ptr::eq(visible::active_frame().cast(), frame) {
            return false;
        }
        let at: *const u8 = read(frame, layout::frame::INSTR_PTR);
        op::pushes_frame(*at) || matches!(*at, op::CALL | op::CALL_KW | op::CALL_FUNCTION_EX)
    }
}

/// Whether a place is compiled and entered whatever comes of it.
///
/// # Safety
/// The GIL is held and the place's code is alive.
pub unsafe fn is_forced(code: *mut PyObject) -> bool {
    // SAFETY: the contract.
    config::get().anything || unsafe { state(code) }.hint.get() == Hint::Jit
}

/// Nanoseconds that a certain small work takes just now.
///
/// # Safety
/// The GIL is held.
pub unsafe fn speed() -> u32 {
    let start = Instant::now();
    for i in 0..OBJECTS {
        // SAFETY: the contract; each int is released at once.
        unsafe { ffi::Py_XDECREF(ffi::PyLong_FromLongLong(0x10_0000 + i64::from(i))) };
    }
    start.elapsed().as_nanos() as u32
}
