//! The optimiser: passes over a function, in the order [`run`] lists them.

pub mod alias;
pub mod bounds;
pub mod dce;
pub mod demand;
pub mod fold;
pub mod gvn;
pub mod interval;
pub mod items;
pub mod licm;
pub mod memory;
pub mod modulus;
pub mod nest;
pub mod params;
pub mod preheader;
mod proof;
pub mod range;
pub mod rc;
pub mod rewrite;
pub mod slices;
pub mod tuples;
pub mod unbox_sink;

use crate::ir::Function;
use crate::snapshot::Options;
use crate::verify::{verify, verify_ownership};

/// What the passes may look at besides the function.
#[derive(Clone, Copy, Debug)]
pub struct PassCx {
    pub options: Options,
}

type Pass = fn(&mut Function);

/// The passes by name.
pub const PASSES: &[(&str, Pass)] = &[
    ("params", params::run),
    ("nest", nest::run),
    ("preheader", preheader::run),
    ("fold", fold::run),
    ("gvn", gvn::run),
    ("alias", alias::run),
    ("licm", licm::run),
    ("dce", dce::run),
    ("rc", rc::run),
    ("bounds", bounds::run),
    ("range", range::run),
    ("demand", demand::run),
    ("modulus", modulus::run),
    ("slices", slices::run),
    ("items", items::run),
    ("tuples", tuples::run),
    ("unbox_sink", unbox_sink::run),
];

/// What runs, in order.
#[rustfmt::skip]
const PIPELINE: &[&str] = &[
    // Clean up after the builder, so that the rest sees straight code and few parameters.
    "params", "fold", "rc", "params",
    // Know each thing once; counts that types found to be leaves allow more pairs.
    "gvn", "fold", "tuples", "rc", "unbox_sink", "fold", "dce", "params",
    // Loops.
    "nest", "params", "preheader", "alias", "licm", "gvn", "bounds", "range", "demand", "fold", "params", "rc",
    "items", "gvn", "licm", "tuples", "unbox_sink", "dce", "params", "dce",
    "slices", "modulus",
];

/// Optimises a function in place. With `options.verify` (or debug assertions), every pass's output is verified; an error
/// names the pass that broke an invariant.
pub fn run(f: &mut Function, cx: &PassCx) -> Result<(), String> {
    let verifying = cx.options.verify || cfg!(debug_assertions);
    let check = |f: &Function, after: &str| {
        if !verifying {
            return Ok(());
        }
        verify(f)
            .and_then(|()| verify_ownership(f))
            .map_err(|e| format!("after {after}: {e}\n{f}"))
    };
    check(f, "build")?;
    if !cx.options.optimise {
        return Ok(());
    }
    for step in PIPELINE {
        let (name, pass) = PASSES.iter().find(|p| p.0 == *step).ok_or_else(|| format!("no pass {step}"))?;
        pass(f);
        check(f, name)?;
    }
    Ok(())
}
