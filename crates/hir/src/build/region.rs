//! How much of a function is compiled with the loop that is entered.
//!
//! Best is all of it: compiled code then stays in compiled code. But what is compiled is paid for, and what comes behind a loop has often not been seen yet: it
//! would be compiled on guesses, and the first that is wrong would end the loop's version with it. So where the rest is much larger than
//! the loop, it is left out, and compiled when it is hot itself.

use super::code::CodeInfo;
use super::{First, run};
use crate::snapshot::Snapshot;
use crate::types::Repr;
use std::ops::Range;
use std::rc::Rc;

/// How much larger than the loop that is entered what is compiled with it may be, in instructions: so many times, and so many more.
const REACH: usize = 3;
const ROOM: usize = 150;

/// Chooses how much of the function is compiled with the loop that is entered: the code behind it, the loops around it without that, or only the inner ones of
/// these. What comes behind shall neither tell against the loop that is running, nor make it dear; it is compiled when it is hot itself.
pub(super) fn narrow(snap: &Snapshot, infos: &[Rc<CodeInfo>], header: u32, region: &mut Option<Range<u32>>, first: &mut First) {
    let mut around: Vec<_> = infos[0]
        .loops_around(header)
        .into_values()
        .filter(|r| r.contains(&header))
        .collect();
    around.sort_by_key(|r| r.len());
    let nest = infos[0].nest_at(header);
    let Some(own) = around.first().cloned() else { return };
    let size = |built: &First| built.as_ref().map_or(usize::MAX, |(b, _)| b.function.insts.len());
    let certain = |built: &First| built.as_ref().is_ok_and(|(b, _)| !b.is_doubtful());
    let small = size(first) <= ROOM;
    if certain(first) && small || nest.is_none() && certain(first) && around.len() == 1 {
        return;
    }
    let least = run(snap, infos, Repr::Obj, &Some(own.clone()));
    let most = size(&least).saturating_mul(REACH).saturating_add(ROOM);
    if certain(first) && size(first) <= most {
        return;
    }
    let mut wider: Vec<_> = around.into_iter().skip(1).chain(nest.filter(|n| *n != own)).collect();
    wider.dedup();
    while let Some(r) = wider.pop() {
        *first = run(snap, infos, Repr::Obj, &Some(r.clone()));
        if first.is_ok() && size(first) <= most {
            *region = Some(r);
            return;
        }
    }
    *region = Some(own);
    *first = least;
}
