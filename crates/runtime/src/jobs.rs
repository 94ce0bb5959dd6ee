//! Asks for compilations, and installs what comes back.
//!
//! A job is on its way until [`install`] takes its result, under the GIL, at the next event; its entry here holds the code object,
//! and with it the place. The compiler's thread sees nothing of this.

use crate::budget;
use crate::capture::{self, Source};
use crate::compile::{self, Job, Output, Unmade};
use crate::config;
use crate::frame;
use crate::gil::{AddressMap, Gil, no_hash};
use crate::hook;
use crate::invalidate::{self, Compiled};
use crate::layout::find_array;
use crate::link;
use crate::place::Place;
use crate::stats;
use crate::tier::{VARIANTS, state};
use crate::trial;
use pyo3::ffi::{self, PyObject};
use std::rc::{Rc, Weak};
use std::time::Duration;
use whipsnake_hir::ir::EntryMode;

/// Compilations of one place after the first.
pub const RECOMPILES: u32 = 8;

/// What a compilation on its way belongs to.
struct Pending {
    compiled: Rc<Compiled>,
    /// Owned, so that the place cannot go.
    code: *mut PyObject,
}

struct Jobs {
    pending: AddressMap<u64, Pending>,
    by_version: AddressMap<u64, Weak<Compiled>>,
    next: u64,
}

static JOBS: Gil<Jobs> = Gil::new(Jobs {
    pending: AddressMap::with_hasher(no_hash()),
    by_version: AddressMap::with_hasher(no_hash()),
    next: 1,
});

/// What is hot while a module is imported is rarely needed again: it has to be so many times as hot.
const PATIENCE: u32 = 8;

/// Captures what is live and hands it to the compiler, unless there is no time for it.
///
/// # Safety
/// The GIL is held, the place's code is alive, and so is what the source names.
pub unsafe fn request(place: &Place, source: Source<'_>) {
    // SAFETY: GIL held; the place's code is alive.
    let held = !unsafe { trial::is_forced(place.code) };
    // SAFETY: GIL held.
    if held && place.compiles.get() == 0 && !place.imported.get() && unsafe { frame::is_importing(ffi::PyThreadState_GetUnchecked()) } {
        place.imported.set(true);
        return place.due.set(place.count.get().saturating_mul(PATIENCE));
    }
    let charge = place.charge.get().max(budget::UNKNOWN);
    if held && !config::get().sync && !budget::allows(charge) {
        place.put_off(charge);
        return compile::nudge();
    }
    if place.compiles.get() > RECOMPILES {
        place.close(
            place.bci(),
            format!(
                "compiled {} times, and its assumptions failed again and again",
                place.compiles.get()
            ),
        );
        return;
    }
    // SAFETY: as above.
    if held && place.mode.get() == EntryMode::Call && unsafe { state(place.code) }.has_lost() {
        return place.adjourn(0, "one of its loops runs no faster compiled".into(), true);
    }
    // SAFETY: GIL held; `source` names live objects; the code object is held until the job is done.
    unsafe {
        let widen = match source {
            // All special versions were tried: arguments of several types are taken as they come.
            Source::Call { .. } if place.compiles.get() as usize >= VARIANTS => place.seen.borrow().clone(),
            _ => Vec::new(),
        };
        find_array(pyo3::Python::assume_attached());
        let captured = match capture::capture(place.code, place.mode.get(), &source, &widen) {
            Ok(c) => c,
            Err(reason) => return place.close(place.bci(), reason),
        };
        let codes = captured.codes.iter().map(|c| *c as usize).collect();
        let compiled = Compiled::new(place, &captured);
        invalidate::depend(&compiled, &captured.assumptions);
        let valid = compiled.validity();
        if place.compiles.get() > 0 {
            stats::with(|s| s.recompiles += 1);
        }
        place.compiles.set(place.compiles.get() + 1);
        place.pending.set(true);
        ffi::Py_INCREF(place.code);
        let id = JOBS.with(|jobs| {
            let id = jobs.next;
            jobs.next += 1;
            jobs.pending.insert(
                id,
                Pending {
                    compiled,
                    code: place.code,
                },
            );
            id
        });
        let job = Job {
            id,
            snapshot: captured.snapshot,
            codes,
            held,
            for_callers: place.shunned.get(),
            before: place.compiles.get() - 1,
            valid,
        };
        if let Some(output) = compile::submit(job) {
            install(output);
        }
    }
}

/// Installs what the background thread has finished.
///
/// # Safety
/// The GIL is held.
#[inline(always)]
pub unsafe fn install_finished() {
    // SAFETY: the contract.
    unsafe { invalidate::sweep() };
    if compile::has_news() {
        for output in compile::take_finished() {
            // SAFETY: the contract.
            unsafe { install(output) };
        }
        if budget::time_left() == Some(Duration::ZERO) {
            hook::reopen();
        }
    }
}

unsafe fn install(output: Output) {
    // SAFETY: GIL held; the pending entry keeps the code object and with it the place.
    unsafe {
        let Some(Pending { compiled, code }) = JOBS.with(|jobs| jobs.pending.remove(&output.id)) else {
            return;
        };
        let place = &*compiled.place.get();
        place.pending.set(false);
        stats::with(|s| s.compile_us += output.micros);
        match output.result {
            Err(Unmade::Refused(refused)) => place.close(refused.bci, refused.reason),
            Err(Unmade::TooDear(charge)) => {
                // It was looked at, not compiled.
                place.compiles.set(place.compiles.get() - 1);
                place.put_off(charge);
            }
            Err(Unmade::Stale) => place.due.set(place.count.get().saturating_add(1)),
            Ok(_) if !compiled.is_valid() => place.due.set(place.count.get().saturating_add(1)),
            Ok(version) => {
                config::log(config::Level::Info, || {
                    format!(
                        "compiled {} at {} in {} us",
                        capture::describe_code(code),
                        place.bci(),
                        output.micros
                    )
                });
                stats::with(|s| match place.mode.get() {
                    EntryMode::Frame { .. } if !std::ptr::eq(place, &state(code).start) => s.loops_compiled += 1,
                    _ => s.functions_compiled += 1,
                });
                JOBS.with(|jobs| {
                    if jobs.by_version.len() % 64 == 63 {
                        jobs.by_version.retain(|_, c| c.strong_count() > 0);
                    }
                    jobs.by_version.insert(version.id, Rc::downgrade(&compiled));
                });
                place.charge.set(Duration::ZERO);
                if version.doubtful && !trial::is_forced(code) {
                    place.race.start();
                }
                compiled.install(version);
                place.versions.borrow_mut().push(compiled);
                link::relink(code);
            }
        }
        ffi::Py_DECREF(code);
    }
}

/// The compilations on their way, but one, are lost (a fork left the thread that did them behind).
///
/// # Safety
/// The GIL is held.
pub unsafe fn forget_pending(except: u64) {
    // SAFETY: GIL held; each entry keeps its code object until it is released here.
    unsafe {
        let lost: Vec<Pending> = JOBS.with(|jobs| jobs.pending.extract_if(|id, _| *id != except).map(|(_, p)| p).collect());
        for p in lost {
            let place = p.compiled.place.get();
            (*place).pending.set(false);
            drop(p.compiled);
            ffi::Py_DECREF(p.code);
        }
    }
}

/// The compilation that a version belongs to.
///
/// # Safety
/// The GIL is held.
pub unsafe fn find(version: u64) -> Option<Rc<Compiled>> {
    // SAFETY: the contract.
    unsafe { JOBS.with(|jobs| jobs.by_version.get(&version).and_then(Weak::upgrade)) }
}
