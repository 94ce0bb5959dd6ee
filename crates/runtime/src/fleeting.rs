//! Code that is made again and again, and is gone before it is hot: cells given to `exec`, functions and classes made from templates.
//!
//! Counting its back-edges costs more than the loops themselves do, and compiling it more than is gained. So it is noted of what kind the
//! code objects are that die without compiled code having been of use to them, and when many of one kind have, only a few of the next ones
//! are counted at all. One of those that compiled code serves well makes the whole kind count again.

use crate::gil::{Gil, read};
use pyo3::ffi::{self, PyObject};
use std::collections::HashMap;
use std::ffi::c_int;
use std::hash::{DefaultHasher, Hash, Hasher};
use whipsnake_abi::layout::code as co;

/// Deaths after which a kind is known.
const DEATHS: u32 = 8;
/// One in so many of a known kind is counted.
const SAMPLED: u32 = 8;
/// Kinds that are remembered.
const KINDS: usize = 1024;

#[derive(Default)]
struct Kind {
    deaths: u32,
    asked: u32,
}

static KNOWN: Gil<Option<HashMap<u64, Kind>>> = Gil::new(None);

/// What code objects made from one template have in common: where they say they come from, their length, and the names they use.
///
/// # Safety
/// The GIL is held; a live code object.
pub unsafe fn kind_of(code: *mut PyObject) -> u64 {
    let mut h = DefaultHasher::new();
    // SAFETY: the contract; a code object's texts are strs and its names a tuple of strs, whose hashes run no code.
    unsafe {
        for field in [co::FILENAME, co::QUALNAME, co::NAMES] {
            ffi::PyObject_Hash(read(code, field)).hash(&mut h);
        }
        read::<c_int>(code, co::FIRSTLINENO).hash(&mut h);
        ffi::Py_SIZE(code).hash(&mut h);
    }
    h.finish()
}

/// Whether code of this kind is not worth counting.
///
/// # Safety
/// The GIL is held; a live code object.
pub unsafe fn is_fleeting(code: *mut PyObject) -> bool {
    // SAFETY: the contract.
    unsafe {
        if KNOWN.with(|k| k.is_none()) {
            return false;
        }
        let kind = kind_of(code);
        KNOWN.with(|k| {
            let Some(k) = k.as_mut().and_then(|k| k.get_mut(&kind)).filter(|k| k.deaths >= DEATHS) else {
                return false;
            };
            k.asked = k.asked.wrapping_add(1);
            k.asked % SAMPLED != 0
        })
    }
}

/// A code object that was counted dies; `hot`: compiling it was worth it.
///
/// # Safety
/// The GIL is held.
pub unsafe fn died(kind: u64, hot: bool) {
    // SAFETY: the contract.
    unsafe {
        KNOWN.with(|k| {
            let k = k.get_or_insert_default();
            if hot {
                k.remove(&kind);
            } else {
                if k.len() >= KINDS {
                    k.retain(|_, kind| kind.deaths >= DEATHS);
                    if k.len() >= KINDS {
                        k.clear();
                    }
                }
                k.entry(kind).or_default().deaths += 1;
            }
        });
    }
}
