//! The optimiser: passes over a function, in the order [`run`] lists them.

use crate::ir::Function;
use crate::snapshot::Options;
use crate::verify::{verify, verify_ownership};

/// What the passes may look at besides the function.
#[derive(Clone, Copy, Debug)]
pub struct PassCx {
    pub options: Options,
}

type Pass = fn(&mut Function);

/// The passes by name, for tests that run one of them.
pub const PASSES: &[(&str, Pass)] = &[];

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
    for (name, pass) in PASSES {
        pass(f);
        check(f, name)?;
    }
    Ok(())
}
