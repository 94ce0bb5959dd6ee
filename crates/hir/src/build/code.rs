//! A code object as the builder needs it: decoded, with its loops, merge points and live locals.

use super::Refusal;
use crate::maps::{HashMap, HashSet};
use crate::snapshot::Code;
use std::collections::BTreeMap;
use whipsnake_abi::bytecode::{self, Instr};
use whipsnake_abi::{exception_table, opcode as op};

/// A code object, decoded once.
pub(crate) struct CodeInfo {
    pub(super) instrs: Vec<Instr>,
    /// Index of the instruction that starts at a code unit.
    pub(super) index: HashMap<u32, usize>,
    /// Number of edges into each instruction start.
    pub(super) preds: HashMap<u32, u32>,
    pub(super) loop_headers: HashSet<u32>,
    stored: Vec<bool>,
    /// The local whose attribute an instruction loads or stores, where it comes straight from there and is never stored to.
    owners: HashMap<u32, usize>,
    pub(super) returns: usize,
    /// Code units that a handler covers.
    covered: Vec<std::ops::Range<u32>>,
    /// First and last code unit of each loop.
    loops: Vec<(u32, u32)>,
    /// Locals that may be read before they are written again, by code unit; empty when the code looks at its own frame.
    live: HashMap<u32, Vec<u64>>,
}

impl CodeInfo {
    pub(super) fn new(code: &Code) -> Result<CodeInfo, Refusal> {
        let instrs = bytecode::decode(&code.bytes).map_err(|e| Refusal {
            bci: None,
            reason: format!("undecodable bytecode: {e}"),
        })?;
        let index: HashMap<u32, usize> = instrs.iter().enumerate().map(|(i, ins)| (ins.start, i)).collect();
        let mut preds: HashMap<u32, u32> = HashMap::default();
        let mut loop_headers = HashSet::default();
        let mut stored = vec![false; code.localsplus.len()];
        let mut returns = 0;
        let mut loops = Vec::new();
        let mut mark = |i: u32| {
            if let Some(s) = stored.get_mut(i as usize) {
                *s = true;
            }
        };
        for ins in &instrs {
            if let Some(t) = ins.jump_target() {
                let t = if ins.op == op::FOR_ITER { t + 1 } else { t };
                *preds.entry(t).or_default() += 1;
                if t <= ins.start {
                    loop_headers.insert(t);
                    loops.push((t, ins.start));
                }
            }
            if !ends(ins.op) {
                *preds.entry(ins.next).or_default() += 1;
            }
            stores(ins).for_each(&mut mark);
            returns += usize::from(ins.op == op::RETURN_VALUE);
        }
        let live = liveness(code, &instrs);
        let owners = owners(&instrs, &stored);
        Ok(CodeInfo {
            owners,
            instrs,
            index,
            preds,
            loop_headers,
            stored,
            returns,
            covered: exception_table::parse(&code.exception_table)
                .iter()
                .map(|e| e.start..e.end)
                .collect(),
            loops,
            live,
        })
    }

    /// The attribute instructions on the same object as this one, as far as that shows: it included, if so.
    pub(super) fn alike(&self, bci: u32) -> impl Iterator<Item = u32> {
        let owner = self.owners.get(&bci);
        self.owners.iter().filter(move |(_, o)| Some(*o) == owner).map(|(at, _)| *at)
    }

    /// Whether the code ever stores to the local.
    pub(super) fn stored(&self, i: usize) -> bool {
        self.stored.get(i).copied().unwrap_or(true)
    }

    /// Whether the loops around a code unit store to the local; anything does where there are none.
    pub(super) fn stored_around(&self, i: usize, bci: u32) -> bool {
        let around = self.loops_around(bci);
        let first = around.values().map(|r| r.start).min().unwrap_or(0);
        let last = around.values().map(|r| r.end).max().unwrap_or(u32::MAX);
        let inside = self.instrs.iter().filter(|ins| (first..last).contains(&ins.start));
        inside.flat_map(stores).any(|local| local as usize == i)
    }

    /// The code units of the loop with this header, up to its last jump back; to the end when it is none.
    pub(super) fn loop_at(&self, header: u32) -> std::ops::Range<u32> {
        let back = |i: &&Instr| i.op == op::JUMP_BACKWARD && i.jump_target() == Some(header);
        let last = self.instrs.iter().filter(back).map(|i| i.next).max();
        header..last.unwrap_or(u32::MAX)
    }

    /// How many instructions there are in these code units.
    pub(super) fn instructions_in(&self, units: &std::ops::Range<u32>) -> u64 {
        self.instrs.iter().filter(|i| units.contains(&i.start)).count() as u64
    }

    /// The code units of the loops that the code unit is in, by header.
    pub(super) fn loops_around(&self, bci: u32) -> BTreeMap<u32, std::ops::Range<u32>> {
        let mut found = BTreeMap::new();
        for &(header, last) in self.loops.iter().filter(|(a, b)| (*a..=*b).contains(&bci)) {
            let end = found.entry(header).or_insert(header..last + 1);
            end.end = end.end.max(last + 1);
        }
        found
    }

    /// The code units of the loops around one, the outermost with all it contains; none when it is in no loop, or they are all there is.
    pub(super) fn nest_at(&self, bci: u32) -> Option<std::ops::Range<u32>> {
        let mut around = bci..bci;
        for _ in 0..=self.loops.len() {
            for &(first, last) in &self.loops {
                if first <= around.start && around.start <= last || around.contains(&first) {
                    around = first.min(around.start)..around.end.max(last + 1);
                }
            }
        }
        let end = self.instrs.last().map_or(0, |i| i.next);
        (!around.is_empty() && around.end < end).then_some(around)
    }

    /// Whether an exception raised at this code unit is handled in this code.
    pub(super) fn has_handler(&self, unit: u32) -> bool {
        self.covered.iter().any(|c| c.contains(&unit))
    }

    /// How many loops the code unit is in (several jumps back to one header count once).
    pub(super) fn loop_depth(&self, bci: u32) -> u32 {
        self.loops_around(bci).len() as u32
    }

    pub(super) fn at(&self, bci: u32) -> Option<&Instr> {
        self.index.get(&bci).map(|&i| &self.instrs[i])
    }

    /// Whether the slot is one of the code's own locals (module-level names come behind them).
    pub(super) fn is_local(&self, i: usize) -> bool {
        i < self.stored.len()
    }

    /// Whether the local is certain to be written before it is read, from this code unit on.
    pub(super) fn is_dead(&self, bci: u32, local: usize) -> bool {
        self.live.get(&bci).is_some_and(|set| set[local / 64] & (1 << (local % 64)) == 0)
    }
}

/// Names of functions through which code looks at its own locals.
const LOOKS_AT_FRAME: [&str; 7] = ["locals", "vars", "dir", "eval", "exec", "_getframe", "currentframe"];

/// Live locals at every instruction, by backward data flow; exception handlers are successors of what they protect.
fn liveness(code: &Code, instrs: &[Instr]) -> HashMap<u32, Vec<u64>> {
    if code.names.iter().any(|n| LOOKS_AT_FRAME.contains(&n.as_str())) {
        return HashMap::default();
    }
    let words = code.localsplus.len().div_ceil(64);
    let mut live: HashMap<u32, Vec<u64>> = instrs.iter().map(|i| (i.start, vec![0; words])).collect();
    let handlers = exception_table::parse(&code.exception_table);
    let mut changed = true;
    while changed {
        changed = false;
        for ins in instrs.iter().rev() {
            let mut set = vec![0u64; words];
            let mut add = |from: Option<&Vec<u64>>| {
                for (a, b) in set.iter_mut().zip(from.into_iter().flatten()) {
                    *a |= *b;
                }
            };
            if let Some(t) = ins.jump_target() {
                add(live.get(&t));
                add(live.get(&(t + u32::from(ins.op == op::FOR_ITER))));
            }
            if !ends(ins.op) {
                add(live.get(&ins.next));
            }
            let (uses, defs) = locals_of(ins);
            for d in defs.into_iter().flatten() {
                set[d as usize / 64] &= !(1 << (d % 64));
            }
            for h in handlers.iter().filter(|h| h.start <= ins.offset && ins.offset < h.end) {
                for (a, b) in set.iter_mut().zip(live.get(&h.target).into_iter().flatten()) {
                    *a |= *b;
                }
            }
            for u in uses.into_iter().flatten() {
                set[u as usize / 64] |= 1 << (u % 64);
            }
            let known = live.get_mut(&ins.start).expect("every start is in the map");
            if *known != set {
                *known = set;
                changed = true;
            }
        }
    }
    live
}

/// Whether nothing follows the instruction in line.
fn ends(opcode: u8) -> bool {
    matches!(
        opcode,
        op::JUMP_FORWARD | op::JUMP_BACKWARD | op::JUMP_BACKWARD_NO_INTERRUPT | op::RETURN_VALUE | op::RAISE_VARARGS | op::RERAISE
    )
}

/// Locals that an instruction reads, and those it writes first.
fn locals_of(ins: &Instr) -> ([Option<u32>; 2], [Option<u32>; 2]) {
    let (hi, lo) = (Some(ins.arg >> 4), Some(ins.arg & 15));
    match ins.op {
        op::LOAD_FAST
        | op::LOAD_FAST_BORROW
        | op::LOAD_FAST_CHECK
        | op::LOAD_FAST_AND_CLEAR
        | op::DELETE_FAST
        | op::MAKE_CELL
        | op::LOAD_DEREF
        | op::STORE_DEREF
        | op::DELETE_DEREF
        | op::LOAD_FROM_DICT_OR_DEREF => ([Some(ins.arg), None], [None; 2]),
        op::LOAD_FAST_LOAD_FAST | op::LOAD_FAST_BORROW_LOAD_FAST_BORROW => ([hi, lo], [None; 2]),
        op::STORE_FAST => ([None; 2], [Some(ins.arg), None]),
        op::STORE_FAST_STORE_FAST => ([None; 2], [hi, lo]),
        op::STORE_FAST_LOAD_FAST if hi == lo => ([None; 2], [hi, None]),
        op::STORE_FAST_LOAD_FAST => ([lo, None], [hi, None]),
        _ => ([None; 2], [None; 2]),
    }
}

/// The locals whose attributes instructions load and store, where they come straight from there and are never stored to. In
/// `x.a += ...` the local is copied for the load, and what is left of it is stored to.
fn owners(instrs: &[Instr], stored: &[bool]) -> HashMap<u32, usize> {
    let mut found = HashMap::default();
    let mut copied: Vec<(usize, u32)> = Vec::new();
    for w in instrs.windows(3) {
        let [first, second, third] = w else { continue };
        let is_attr = |i: &Instr| matches!(i.op, op::LOAD_ATTR | op::STORE_ATTR);
        if let (true, Some(local)) = (is_attr(third), loaded_last(second)) {
            found.insert(third.start, local);
        }
        if let (op::COPY, op::LOAD_ATTR, Some(local)) = (second.op, third.op, loaded_last(first))
            && second.arg == 1
        {
            found.insert(third.start, local);
            copied.push((local, third.arg >> 1));
        }
        if (second.op, second.arg, third.op) == (op::SWAP, 2, op::STORE_ATTR) && copied.last().is_some_and(|c| c.1 == third.arg) {
            found.extend(copied.pop().map(|(local, _)| (third.start, local)));
        }
    }
    found.retain(|_, local| !stored[*local]);
    found
}

/// The local that an instruction leaves on top of the stack.
fn loaded_last(ins: &Instr) -> Option<usize> {
    match ins.op {
        op::LOAD_FAST | op::LOAD_FAST_BORROW => Some(ins.arg as usize),
        op::LOAD_FAST_LOAD_FAST | op::LOAD_FAST_BORROW_LOAD_FAST_BORROW => Some((ins.arg & 15) as usize),
        _ => None,
    }
}

/// The locals that an instruction stores to.
fn stores(ins: &Instr) -> impl Iterator<Item = u32> + use<> {
    let (first, second) = match ins.op {
        op::STORE_FAST | op::DELETE_FAST | op::LOAD_FAST_AND_CLEAR | op::MAKE_CELL => (Some(ins.arg), None),
        op::STORE_FAST_LOAD_FAST => (Some(ins.arg >> 4), None),
        op::STORE_FAST_STORE_FAST => (Some(ins.arg >> 4), Some(ins.arg & 15)),
        _ => (None, None),
    };
    first.into_iter().chain(second)
}
