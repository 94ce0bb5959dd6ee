//! How much processor time may go into compiling.
//!
//! Compiling is paid for before it gains anything, and nobody knows how long the program will go on. So all of it together may take
//! [`FLOOR`], and beyond that a [`SHARE`] of the processor time that the program itself has taken in this process. A job is charged
//! what it is likely to cost over the share of interpretation that it is likely to save, and half as much again for each compilation that
//! its place has had.
//!
//! Time that turns out to have been in vain counts [`REGRET`] times more: a program from which compiling gains little hardly pays for it.
//!
//! What the budget does not allow is put off, not refused. Counting on meanwhile would cost the program time, so the place's events
//! are switched off, and when there is room for the cheapest of those that wait, all events come back: whoever is reached first
//! asks first, which is likely to be the hottest. As that has every code object looked at again, it happens ever more rarely.
//!
//! What was measured and lost may be measured again when the program has run for as long again, up to a few times: that is waited for in the same way.
//!
//! What was asked for by name or by a low threshold is not held back, nor is anything where compiling is synchronous.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

/// What compiling may take in any case.
const FLOOR: Duration = Duration::from_millis(100);
/// Beyond that, one part in so many of the program's own time.
const SHARE: u32 = 8;
/// Of what is interpreted compiled code saves at least one part in so many, as far as charges go.
const LEAST: f64 = 0.34;

/// How many times more time counts that was in vain.
const REGRET: u32 = 3;

/// The charge of what has not been looked at yet.
pub const UNKNOWN: Duration = Duration::from_millis(1);

/// What an operation, as built, costs to compile, in microseconds (measured: 15 to 30).
const PER_OP: f64 = 20.0;

/// Microseconds spent, and the process that spent them.
static SPENT: AtomicU64 = AtomicU64::new(0);
/// What counts besides, as it was in vain.
static REGRETTED: AtomicU64 = AtomicU64::new(0);
static PROCESS: AtomicU32 = AtomicU32::new(0);
/// The lowest charge that was put off since events last came back, in microseconds.
static WAITING: AtomicU64 = AtomicU64::new(NOBODY);
const NOBODY: u64 = u64::MAX;
/// The program's own time from which events may come back, in microseconds.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// The program's own time from which something that was measured and closed may be measured again, in microseconds.
static HEARING: AtomicU64 = AtomicU64::new(NOBODY);
/// That is so much later, and then as much again as the program has run.
const ADJOURNED: Duration = Duration::from_millis(200);

/// Time between two returns of the events: this, and one part in so many of what has gone by.
const PAUSE: Duration = Duration::from_millis(100);
const PAUSE_SHARE: u32 = 8;

fn clock(id: libc::clockid_t) -> Duration {
    let mut t = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: a plain call that fills in `t`.
    unsafe { libc::clock_gettime(id, &mut t) };
    Duration::new(t.tv_sec as u64, t.tv_nsec as u32)
}

/// The processor time of this thread: what compiling costs, however busy the machine is.
pub fn thread_time() -> Duration {
    clock(libc::CLOCK_THREAD_CPUTIME_ID)
}

/// What this process has spent: a child of a fork starts with nothing spent, as its clock starts at zero.
fn spent() -> Duration {
    let now = std::process::id();
    if PROCESS.swap(now, Ordering::Relaxed) != now {
        SPENT.store(0, Ordering::Relaxed);
        REGRETTED.store(0, Ordering::Relaxed);
        NEXT.store(0, Ordering::Relaxed);
    }
    Duration::from_micros(SPENT.load(Ordering::Relaxed))
}

/// A job has taken this long.
pub fn spend(time: Duration) {
    spent();
    SPENT.fetch_add(time.as_micros() as u64, Ordering::Relaxed);
}

fn regretted() -> Duration {
    Duration::from_micros(REGRETTED.load(Ordering::Relaxed))
}

/// So much of it was in vain.
pub fn regret(time: Duration) {
    spent();
    let micros = (time * REGRET).as_micros() as u64;
    REGRETTED.fetch_add(micros, Ordering::Relaxed);
}

/// The charge for compiling so many operations that save this share (at most 1) of interpretation, at a place that has been
/// compiled so often before.
pub fn charge(ops: usize, saves: f64, before: u32) -> Duration {
    let micros = ops as f64 * PER_OP * (1.0 + 0.5 * f64::from(before)) / saves.clamp(LEAST, 1.0);
    Duration::from_micros(micros as u64)
}

/// What this process has taken itself.
fn own(spent: Duration) -> Duration {
    clock(libc::CLOCK_PROCESS_CPUTIME_ID).saturating_sub(spent)
}

/// Whether the budget has room for a charge.
pub fn allows(charge: Duration) -> bool {
    let spent = spent();
    spent + regretted() + charge <= FLOOR + own(spent) / SHARE
}

/// Something with this charge waits.
pub fn wait_for(charge: Duration) {
    WAITING.fetch_min(charge.as_micros() as u64, Ordering::Relaxed);
}

/// When something that was closed now is to be looked at again.
pub fn later() -> Duration {
    2 * own(spent()) + ADJOURNED
}

/// Something waits for this time.
pub fn wait_until(own_time: Duration) {
    HEARING.fetch_min(own_time.as_micros() as u64, Ordering::Relaxed);
}

/// Whether that time has come.
pub fn is_past(own_time: Duration) -> bool {
    own(spent()) >= own_time
}

/// Whether anything waits.
pub fn is_awaited() -> bool {
    [&WAITING, &HEARING].iter().any(|w| w.load(Ordering::Relaxed) != NOBODY)
}

/// How much more of its own time the program has to take before there is room for something that waits, or before something is to be looked at again, if
/// anything is.
pub fn time_left() -> Option<Duration> {
    let spent = spent();
    let waiting = |w: &AtomicU64| Some(w.load(Ordering::Relaxed)).filter(|t| *t != NOBODY).map(Duration::from_micros);
    let room = waiting(&WAITING).map(|charge| (spent + regretted() + charge).saturating_sub(FLOOR) * SHARE);
    let enough = room.into_iter().chain(waiting(&HEARING)).min()?;
    let next = Duration::from_micros(NEXT.load(Ordering::Relaxed));
    Some(enough.max(next).saturating_sub(own(spent)))
}

/// Events have come back, or cannot just now: the next time will be later.
pub fn pause() {
    let own = own(spent());
    let next = own + PAUSE + own / PAUSE_SHARE;
    NEXT.store(next.as_micros() as u64, Ordering::Relaxed);
}

/// Nothing waits any more, as all events come back.
pub fn open() {
    WAITING.store(NOBODY, Ordering::Relaxed);
    HEARING.store(NOBODY, Ordering::Relaxed);
}
