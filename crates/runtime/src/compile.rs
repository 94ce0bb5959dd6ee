//! Runs the compiler: on a thread of its own without the GIL, or at once when asked to.
//!
//! A job is plain data; so is what comes back. The thread is started when there is a job, blocks all signals (they are
//! the program's), and ends before a fork and at exit. Jobs that wait then are kept, and a new thread takes them up.
//! In a child that was forked behind our back the thread is missing: its jobs are given up.
//! A panic of the compiler is a refusal.

use crate::budget;
use crate::config::{self, Level};
use crate::jobs;
use crate::layout;
use crate::place::Refused;
use crate::version::{self, About, Slot, Version};
use pyo3::ffi::{self, PyCodeObject};
use std::cell::Cell;
use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::Duration;
use whipsnake_hir::ir::EntryMode;
use whipsnake_hir::snapshot::Snapshot;
use whipsnake_hir::verify::verify_ownership;
use whipsnake_hir::{build, pass};
use whipsnake_lower::{LowerOptions, Native};

/// Something to compile.
pub struct Job {
    pub id: u64,
    pub snapshot: Snapshot,
    /// Addresses of the snapshot's code objects.
    pub codes: Vec<usize>,
    /// Refuse what would mostly call back into the interpreter, and put off what the budget does not allow.
    pub held: bool,
    /// Compiled callers alone will enter it: it does not matter how short it is.
    pub for_callers: bool,
    /// How often its place has been compiled before.
    pub before: u32,
    /// Whether what was captured holds still.
    pub valid: Arc<AtomicBool>,
}

/// What became of it.
pub struct Output {
    pub id: u64,
    /// Processor time that it took.
    pub micros: u64,
    pub result: Result<Arc<Version>, Unmade>,
}

/// Why there is no version.
pub enum Unmade {
    Refused(Refused),
    /// The budget does not allow this charge now.
    TooDear(Duration),
    /// What was captured holds no more.
    Stale,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    finished: Vec<Output>,
    stop: bool,
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    wake: Condvar,
}

struct Worker {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    /// The process that the thread belongs to.
    process: u32,
}

static WORKER: Mutex<Option<Worker>> = Mutex::new(None);
/// Whether there is anything to install or to reopen; checked at every event.
static NEWS: AtomicBool = AtomicBool::new(false);
/// Whether this process was forked by a thread other than the main one. It ends when that thread does, without a word to
/// anybody, if there is no other thread: there must be none of ours.
static ORPHAN: AtomicBool = AtomicBool::new(false);
/// After exit has begun nothing is compiled any more.
static CLOSED: AtomicBool = AtomicBool::new(false);

/// How long there must be nothing to compile before the memory that compiling took is given back.
const PAUSE: Duration = Duration::from_millis(300);
/// How long the thread sleeps at least and at most when something waits for the budget.
const SHORT_NAP: Duration = Duration::from_millis(20);
const LONG_NAP: Duration = Duration::from_secs(5);
const MOST_NAPS: u32 = 8;

fn lock<T>(m: &Mutex<T>) -> MutexGuard<'_, T> {
    m.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

#[inline(always)]
pub fn has_news() -> bool {
    NEWS.load(Ordering::Relaxed)
}

/// Takes what is finished.
pub fn take_finished() -> Vec<Output> {
    NEWS.store(false, Ordering::Relaxed);
    match &*lock(&WORKER) {
        Some(w) => std::mem::take(&mut lock(&w.shared.queue).finished),
        None => Vec::new(),
    }
}

/// Hands in a job; the result, if it was compiled at once.
///
/// # Safety
/// The GIL is held.
pub unsafe fn submit(job: Job) -> Option<Output> {
    if CLOSED.load(Ordering::Relaxed) {
        let reason = "the program is ending".to_string();
        return Some(Output {
            id: job.id,
            micros: 0,
            result: Err(Unmade::Refused(Refused { bci: 0, reason })),
        });
    }
    if config::get().sync {
        return Some(run(job));
    }
    let mut worker = lock(&WORKER);
    let process = std::process::id();
    if let Some(w) = worker.take_if(|w| w.process != process) {
        // The thread's locks may be held for ever in this copy of the process.
        std::mem::forget(w);
        drop(worker);
        let id = job.id;
        // SAFETY: GIL held by contract.
        unsafe { jobs::forget_pending(id) };
        worker = lock(&WORKER);
    }
    let w = worker.get_or_insert_with(|| Worker {
        shared: Arc::default(),
        thread: None,
        process,
    });
    let mut queue = lock(&w.shared.queue);
    queue.jobs.push_back(job);
    if w.thread.is_none() {
        queue.stop = false;
        w.thread = start(w.shared.clone());
    }
    w.shared.wake.notify_one();
    if w.thread.is_none() {
        // No thread to be had: compile here.
        let job = queue.jobs.pop_back()?;
        drop(queue);
        drop(worker);
        return Some(run(job));
    }
    None
}

/// Something waits for the budget: the thread is to watch it.
pub fn nudge() {
    if let Some(w) = &mut *lock(&WORKER)
        && w.process == std::process::id()
    {
        if w.thread.is_none() && !lock(&w.shared.queue).stop {
            w.thread = start(w.shared.clone());
        }
        w.shared.wake.notify_one();
    }
}

/// Ends the thread when it is done with the job at hand.
pub fn pause() {
    let thread = match &mut *lock(&WORKER) {
        Some(w) if w.process == std::process::id() => {
            lock(&w.shared.queue).stop = true;
            w.shared.wake.notify_one();
            w.thread.take()
        }
        _ => None,
    };
    if let Some(t) = thread {
        // A panic in the thread has nothing to add.
        let _ = t.join();
    }
}

/// Called in the child of a fork with the process that forked and its thread that did.
pub fn born(parent: u32, thread: u32) {
    if parent != std::process::id() && parent != thread {
        ORPHAN.store(true, Ordering::Relaxed);
    }
}

/// Takes up jobs that waited while the thread was paused.
pub fn resume() {
    if let Some(w) = &mut *lock(&WORKER)
        && w.process == std::process::id()
        && w.thread.is_none()
    {
        let mut queue = lock(&w.shared.queue);
        queue.stop = false;
        if !queue.jobs.is_empty() || budget::is_awaited() {
            w.thread = start(w.shared.clone());
        }
    }
}

/// Nothing is compiled from here on.
pub fn close() {
    CLOSED.store(true, Ordering::Relaxed);
    if let Some(w) = &*lock(&WORKER)
        && w.process == std::process::id()
    {
        lock(&w.shared.queue).jobs.clear();
    }
    pause();
}

fn start(shared: Arc<Shared>) -> Option<JoinHandle<()>> {
    spawn(16 << 20, move || work(&shared))
}

/// Starts a thread that leaves all signals to the program, where there may be one.
pub fn spawn(stack: usize, body: impl FnOnce() + Send + 'static) -> Option<JoinHandle<()>> {
    if ORPHAN.load(Ordering::Relaxed) {
        return None;
    }
    // A thread starts with its creator's signal mask: all blocked while it is made.
    // SAFETY: plain calls on a set of our own.
    let old = unsafe {
        let mut all: libc::sigset_t = std::mem::zeroed();
        let mut old: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&mut all);
        libc::pthread_sigmask(libc::SIG_SETMASK, &all, &mut old);
        old
    };
    let thread = std::thread::Builder::new().name("whipsnake".into()).stack_size(stack).spawn(body);
    // SAFETY: as above; `old` was filled in.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &old, std::ptr::null_mut()) };
    thread.ok()
}

fn work(shared: &Shared) {
    let mut queue = lock(&shared.queue);
    let mut tidy = true;
    let mut naps = 0;
    loop {
        if queue.stop {
            return;
        }
        let Some(job) = queue.jobs.pop_front() else {
            let left = budget::time_left();
            if left == Some(Duration::ZERO) {
                // At the next event, or, if none comes, as soon as the main thread looks up.
                NEWS.store(true, Ordering::Release);
                // SAFETY: may be called by any thread; a full queue loses nothing, as it is tried again.
                unsafe { ffi::Py_AddPendingCall(Some(reopen), std::ptr::null_mut()) };
            }
            // A program that takes no time, or does not look up, is woken up for ever more rarely.
            let nap = left.map(|t| (t.clamp(SHORT_NAP, LONG_NAP) * (1 << naps)).min(LONG_NAP));
            naps = (naps + 1).min(MOST_NAPS);
            let Some(nap) = nap.into_iter().chain((!tidy).then_some(PAUSE)).min() else {
                queue = shared.wake.wait(queue).unwrap_or_else(|poisoned| poisoned.into_inner());
                continue;
            };
            let (again, waited) = shared
                .wake
                .wait_timeout(queue, nap)
                .unwrap_or_else(|poisoned| poisoned.into_inner());
            queue = again;
            if !tidy && waited.timed_out() && queue.jobs.is_empty() && !queue.stop {
                drop(queue);
                // SAFETY: no preconditions.
                unsafe { libc::malloc_trim(0) };
                tidy = true;
                queue = lock(&shared.queue);
            }
            continue;
        };
        (tidy, naps) = (false, 0);
        drop(queue);
        let output = run(job);
        queue = lock(&shared.queue);
        queue.finished.push(output);
        NEWS.store(true, Ordering::Release);
    }
}

/// In the main thread: has events come back.
extern "C" fn reopen(_: *mut std::ffi::c_void) -> std::ffi::c_int {
    // SAFETY: pending calls are made with the GIL held.
    unsafe { jobs::install_finished() };
    0
}

thread_local! {
    static COMPILING: Cell<bool> = const { Cell::new(false) };
}

/// Has panics of the compiler reported as refusals only, not on standard error as well.
pub fn quiet_panics() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if COMPILING.get() {
            config::log(Level::Warning, || format!("the compiler failed: {info}"));
        } else {
            usual(info);
        }
    }));
}

fn run(job: Job) -> Output {
    let begin = budget::thread_time();
    let id = job.id;
    COMPILING.set(true);
    let result = catch_unwind(AssertUnwindSafe(|| compile(job, begin))).unwrap_or_else(|panic| {
        let message = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("unknown");
        Err(Unmade::Refused(Refused {
            bci: 0,
            reason: format!("the compiler failed: {message}"),
        }))
    });
    COMPILING.set(false);
    let taken = budget::thread_time() - begin;
    budget::spend(taken);
    Output {
        id,
        micros: taken.as_micros() as u64,
        result,
    }
}

fn compile(job: Job, begin: Duration) -> Result<Arc<Version>, Unmade> {
    let Job {
        snapshot,
        codes,
        held,
        for_callers,
        before,
        valid,
        ..
    } = job;
    let fresh = || {
        if valid.load(Ordering::Relaxed) {
            Ok(())
        } else {
            Err(Unmade::Stale)
        }
    };
    fresh()?;
    let at = |reason: String| Unmade::Refused(Refused { bci: 0, reason });
    let c = config::get();
    let options = snapshot.options;
    let held_back = |charge| held && !config::get().sync && !budget::allows(charge);
    if held_back(budget::UNKNOWN) {
        // Others before it in the queue have taken the time.
        return Err(Unmade::TooDear(budget::UNKNOWN));
    }
    let built = build::build(&snapshot).map_err(|r| {
        Unmade::Refused(Refused {
            bci: r.bci.unwrap_or(0),
            reason: r.reason,
        })
    })?;
    if held && !for_callers && built.too_short() {
        return Err(at(
            "it is too short to be worth entering by itself (compiled callers inline it)".into()
        ));
    }
    if held && !built.pays() {
        return Err(at(format!(
            "it would mostly call back into the interpreter ({} of {} operations, weighted by loops)",
            built.generic_ops, built.fast_ops
        )));
    }
    fresh()?;
    let charge = budget::charge(built.function.insts.len(), built.saves(), before);
    if held_back(charge) {
        return Err(Unmade::TooDear(charge));
    }
    let (doubtful, saved_a_turn) = (built.is_doubtful(), built.saved_a_turn());
    let mut function = built.function;
    let slot = Slot::new();
    let title = format!("{}-{}", slot.id, snapshot.codes[0].name);
    if c.dump.hir {
        dump(&title, "built.hir", &function.to_string());
    }
    pass::run(&mut function, &pass::PassCx { options }).map_err(at)?;
    if c.dump.hir {
        dump(&title, "hir", &function.to_string());
    }
    fresh()?;
    // A mistake in counting references corrupts the program's memory long after; refusing costs one function its speed.
    verify_ownership(&function).map_err(|e| {
        at(format!(
            "the compiler found a mistake of its own: {}",
            e.lines().next().unwrap_or("")
        ))
    })?;
    let target = version::target(&slot, layout::array_type());
    let lowering = LowerOptions {
        verify: options.verify,
        exit_every: options.exit_every,
        count_turns: saved_a_turn.is_some(),
        native: native(&snapshot),
        want_clif: c.dump.clif,
        want_asm: c.dump.asm,
    };
    let compiled = whipsnake_lower::compile(&function, &target, &lowering).map_err(at)?;
    if let Some(text) = &compiled.clif {
        dump(&title, "clif", text);
    }
    if let Some(text) = &compiled.asm {
        dump(&title, "asm", text);
    }
    let ops = function.blocks.iter().map(|b| b.insts.len()).sum::<usize>() as u32;
    let codes: Vec<*mut PyCodeObject> = codes.into_iter().map(|p| p as *mut PyCodeObject).collect();
    Version::new(
        slot,
        &snapshot,
        &function,
        compiled,
        &codes,
        About {
            compile_us: (budget::thread_time() - begin).as_micros() as u64,
            hir_ops: ops,
            doubtful,
            saved_a_turn,
        },
    )
    .map_err(at)
}

/// What a native entry for it has to check; none for what is not entered by calls with positional arguments alone.
fn native(snapshot: &Snapshot) -> Option<Native> {
    let code = &snapshot.codes[0];
    (snapshot.entry.mode == EntryMode::Call && code.kwonly == 0).then_some(Native {
        parameters: code.argcount as usize,
        globals: code.globals_ptr,
        builtins: code.builtins_ptr,
    })
}

/// Writes a stage to its file, or to standard error.
fn dump(title: &str, stage: &str, text: &str) {
    if let Some(dir) = &config::get().dump_dir {
        let plain: String = title
            .chars()
            .map(|c| if c.is_alphanumeric() || c == '-' { c } else { '_' })
            .collect();
        let path = dir.join(format!("{plain}.{stage}"));
        if let Err(e) = std::fs::create_dir_all(dir).and_then(|()| std::fs::write(&path, text)) {
            config::log(Level::Warning, || format!("cannot write {}: {e}", path.display()));
        }
        return;
    }
    let mut all = String::new();
    let _ = writeln!(all, "---- {stage} of {title}");
    let _ = writeln!(all, "{text}");
    // One write, so that the dumps of two threads do not mix; a closed standard error loses nothing else.
    let _ = std::io::stderr().write_all(all.as_bytes());
}
