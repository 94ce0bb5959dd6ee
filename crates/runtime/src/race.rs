//! Whether a loop that mostly goes through CPython's own machinery is faster compiled: a race.
//!
//! Such a loop gains little, or loses: what its turns take is spent in places that compiled code only reaches in another way. What its operations
//! are says too little about it ([`whipsnake_hir::build::Built::is_doubtful`]), so its first turns are run by turns by the interpreter and by compiled code, some at a time, at
//! random, and the loop is closed if it does not win. The time of a heat is the thread's own, from one event at the loop's back-edge to another, and so contains
//! whatever else the program does in between, equally on both sides: a loop that is soon over pays for being entered
//! each time, as it will later. Compiled code counts its turns down and leaves at a safe point when a heat is over. What the
//! events of interpreted turns take, which a closed loop does without, is taken off.
//!
//! A heat does not count if another race went on meanwhile, or if the first exits were taken that something may be learned from.

use crate::budget::thread_time;
use crate::config;
use crate::ctx::{self, Ctx};
use crate::entry::Entered;
use crate::place::Place;
use crate::tier;
use crate::trial::{self, Arm, CLEAR, Sample, Verdict};
use crate::version::Version;
use std::cell::{Cell, RefCell};
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Heats on each side before the first look; then at twice as many, and so on.
const ROUND: usize = 16;
const MOST_ROUNDS: usize = 4 * ROUND;
/// Turns of the first heat, and of any.
const FIRST: i64 = 4;
const LEAST: i64 = 2;
const MOST: i64 = 512;
/// Nanoseconds that a heat shall take.
const HEAT: i64 = 20_000;
/// Heats that do not count before the race is given up, and those of them for what is learned.
const WASTE: u32 = 64;
const LEARNING: u32 = 12;
/// What the event of an interpreted turn takes, in hundredths of [`trial::speed`]'s unit (measured).
const EVENT: i64 = 45;
/// How far that may be off: what loses by less may as well have won.
const UNSURE: u32 = 10;
/// Of a turn's time, one part in so many is a draw.
const DRAW: f64 = 64.0;

/// Heats run so far, in all races.
static HEATS: AtomicU64 = AtomicU64::new(0);

/// The race of the versions of one loop.
pub struct Race {
    on: Cell<bool>,
    arm: Cell<Arm>,
    /// When the heat began, on the thread of this context.
    since: Cell<Option<Duration>>,
    thread: Cell<*const Ctx>,
    /// Turns of this heat, so far and in all.
    turns: Cell<i64>,
    goal: Cell<i64>,
    heats: Cell<u64>,
    spoilt: Cell<bool>,
    wasted: Cell<u32>,
    learned: Cell<u32>,
    random: Cell<u32>,
    /// Nanoseconds a turn, by [`Arm`].
    times: [RefCell<Vec<u32>>; 2],
}

impl Race {
    pub fn new() -> Race {
        Race {
            on: Cell::new(false),
            arm: Cell::new(Arm::Interpreted),
            since: Cell::new(None),
            thread: Cell::new(ptr::null()),
            turns: Cell::new(0),
            goal: Cell::new(FIRST),
            heats: Cell::new(0),
            spoilt: Cell::new(false),
            wasted: Cell::new(0),
            learned: Cell::new(0),
            random: Cell::new(0x9e37_79b9),
            times: Default::default(),
        }
    }

    /// Begins it, or begins it anew for another version.
    pub fn start(&self) {
        self.end();
        self.on.set(true);
        self.since.set(None);
        self.wasted.set(0);
        self.learned.set(0);
    }

    fn end(&self) {
        self.on.set(false);
        self.times.iter().for_each(|t| drop(t.take()));
    }

    #[inline]
    pub fn is_on(&self) -> bool {
        self.on.get()
    }

    /// A turn has ended: the verdict, if there is one now.
    unsafe fn turn(&self, ctx: *const Ctx) -> Option<Verdict> {
        self.turns.set(self.turns.get() + 1);
        let here = self.since.get().is_some() && self.thread.get() == ctx;
        if here && self.turns.get() < self.goal.get() {
            return None;
        }
        let verdict = if here {
            // SAFETY: the caller's promise.
            unsafe { self.heat_ends() }
        } else {
            None
        };
        self.begin(ctx);
        verdict
    }

    fn begin(&self, ctx: *const Ctx) {
        let [compiled, interpreted] = [0, 1].map(|i| self.times[i].borrow().len());
        let mut x = self.random.get();
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        self.random.set(x);
        let compiled_next = compiled < interpreted || compiled == interpreted && x & 0x100 != 0;
        self.arm.set(if compiled_next { Arm::Compiled } else { Arm::Interpreted });
        self.turns.set(0);
        self.spoilt.set(false);
        self.heats.set(HEATS.load(Ordering::Relaxed));
        self.thread.set(ctx);
        self.since.set(Some(thread_time()));
    }

    unsafe fn heat_ends(&self) -> Option<Verdict> {
        let taken = thread_time().saturating_sub(self.since.get()?).as_nanos() as i64;
        let alone = HEATS.load(Ordering::Relaxed) == self.heats.get();
        if !alone || self.spoilt.get() {
            self.wasted.set(self.wasted.get() + 1);
            return (self.wasted.get() > WASTE).then_some(Verdict::Wins);
        }
        HEATS.fetch_add(1, Ordering::Relaxed);
        let turns = self.turns.get();
        let mut each = taken / turns;
        self.goal.set((HEAT / each.max(1)).clamp(LEAST, MOST));
        if self.arm.get() == Arm::Interpreted {
            // SAFETY: the caller's promise.
            each -= EVENT * i64::from(unsafe { trial::speed() }) / 100;
        }
        let of_arm = &self.times[self.arm.get() as usize];
        of_arm.borrow_mut().push(each.clamp(1, i64::from(u32::MAX)) as u32);
        let least = self.times.iter().map(|t| t.borrow().len()).min().unwrap_or(0);
        if least < ROUND || !least.is_power_of_two() || self.times.iter().any(|t| t.borrow().len() != least) {
            return None;
        }
        let [compiled, interpreted] = [0, 1].map(|i| usual(&self.times[i].borrow()));
        let error = (compiled.1 + interpreted.1).sqrt();
        let lost = compiled.0 - interpreted.0;
        if lost.abs() < CLEAR * error && least < MOST_ROUNDS {
            return None;
        }
        config::log(config::Level::Debug, || {
            format!(
                "race after {least} heats each: {:.0} ns a turn compiled, {:.0} ns interpreted, error {error:.0} ns",
                compiled.0, interpreted.0
            )
        });
        // SAFETY: the caller's promise.
        let unsure = f64::from(UNSURE * unsafe { trial::speed() }) / 100.0;
        Some(if lost < interpreted.0 / DRAW + unsure {
            Verdict::Wins
        } else {
            Verdict::Loses
        })
    }
}

/// The mean of the middle half of the times, and the square of its error: now and then a heat contains what has nothing to do with the loop.
fn usual(times: &[u32]) -> (f64, f64) {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let n = sorted.len();
    let (low, high) = (n / 4, n - n / 4);
    let middle = &sorted[low..high];
    let mean = middle.iter().map(|t| f64::from(*t)).sum::<f64>() / middle.len() as f64;
    let (least, most) = (sorted[low], sorted[high - 1]);
    let spread = sorted
        .iter()
        .map(|t| (f64::from(*t.clamp(&least, &most)) - mean).powi(2))
        .sum::<f64>()
        / n as f64;
    let share = middle.len() as f64 / n as f64;
    (mean, spread / (share * share * n as f64))
}

/// A turn of a place's loop has ended: whether compiled code runs the next ones. When the race is lost, the place closes.
///
/// # Safety
/// The GIL is held; the place's code is running.
pub unsafe fn takes_turn(place: &Place) -> bool {
    let race = &place.race;
    // SAFETY: GIL held; whoever runs a version holds what it names.
    unsafe {
        match race.turn(ctx::get()) {
            None => return race.arm.get() == Arm::Compiled,
            Some(verdict) => {
                race.end();
                if verdict == Verdict::Wins {
                    return true;
                }
            }
        }
        let calls = place.versions.borrow().iter().any(|c| c.version.get().is_some_and(|v| v.calls));
        place.adjourn(place.bci(), "its loop runs no faster compiled".into(), calls);
        place.lost.set(true);
        tier::end(place);
    }
    false
}

/// Enters a version whose loop counts its turns; how many it made, if it was not left because a heat was over.
///
/// # Safety
/// The GIL is held; whoever enters holds what the version names.
pub unsafe fn of_frame(place: &Place, version: &Version, enter: impl FnOnce() -> Entered) -> (Entered, Option<i64>) {
    let race = &place.race;
    let ctx = ctx::get();
    let limit = if race.is_on() {
        race.goal.get() - race.turns.get()
    } else {
        i64::MAX
    };
    // SAFETY: this thread's context; the sample is unlinked before it goes, and nested ones are unlinked by then.
    unsafe {
        let before = std::mem::replace(&mut (*ctx).turns, limit);
        let sample = Sample::new(ptr::null(), version.id, (*ctx).sample);
        (*ctx).sample = &sample;
        let entered = enter();
        (*ctx).sample = sample.outer;
        let left = std::mem::replace(&mut (*ctx).turns, before);
        let turns = limit - left;
        if race.is_on() {
            race.turns.set(race.turns.get().saturating_add(turns));
            let learning = sample.has_left() && race.learned.get() < LEARNING;
            race.learned.set(race.learned.get() + u32::from(learning));
            if learning || matches!(entered, Entered::Mismatch | Entered::TooDeep) {
                race.spoilt.set(true);
            }
        }
        (entered, (left > 0).then_some(turns))
    }
}
