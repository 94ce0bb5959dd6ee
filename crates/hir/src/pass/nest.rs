//! Gives nested loops that share a header a header each.
//!
//! The builder makes one version of a loop header for all ways to get there with the same kinds, so starting an inner loop
//! anew in the next iteration of the outer one leads to the block that the inner loop's own back-edge leads to. Such a
//! header is a natural loop whose invariants are only those of the outermost loop. Back-edges are told apart by
//! the safe point passed last: it names the bytecode loop that goes round. Edges of outer loops, and those that enter, get
//! a block of their own in front of the header, one for each level.

use super::rewrite::map_state;
use crate::dom::{Dom, Loops, Pred};
use crate::ir::{Block, Function, Reason, StateId, Target, Value};
use crate::maps::HashMap;
use crate::ops::Op;
use std::collections::BTreeMap;

/// Inlining depth and code unit of a bytecode loop header; outer loops have smaller ones.
type Level = (u32, u32);

/// The pass.
pub fn run(f: &mut Function) {
    let d = Dom::new(f);
    for l in &Loops::new(&d).loops {
        if let (Some(s), true) = (f.block(l.header).entry_state, l.latches.len() > 1) {
            split(f, &d, l.header, s);
        }
    }
}

fn level(f: &Function, s: StateId) -> Level {
    let mut depth = 0;
    let mut cur = f.state(s).parent;
    while let Some(p) = cur {
        depth += 1;
        cur = f.state(p).parent;
    }
    (depth, f.state(s).bci)
}

fn split(f: &mut Function, d: &Dom, header: Block, state: StateId) {
    let own = level(f, state);
    let mut outer: BTreeMap<Level, Vec<Pred>> = BTreeMap::new();
    let mut entering = Vec::new();
    let mut inner = 0;
    for &p in &d.preds[header.index()] {
        if !d.dominates(header, p.block) {
            entering.push(p);
            continue;
        }
        match outermost(f, d, header, p.block).filter(|&l| l < own) {
            Some(l) => outer.entry(l).or_default().push(p),
            None => inner += 1,
        }
    }
    if inner == 0 || outer.is_empty() || entering.is_empty() {
        return;
    }
    // Innermost level first; what enters goes through all of them.
    let mut inside = header;
    for edges in outer.into_values().rev() {
        let front = in_front(f, inside, state, header);
        for p in edges {
            retarget(f, p, front);
        }
        inside = front;
    }
    for p in entering {
        retarget(f, p, inside);
    }
}

/// The outermost loop that goes round between the header and a back-edge from `b`.
fn outermost(f: &Function, d: &Dom, header: Block, b: Block) -> Option<Level> {
    let mut least = None;
    let mut cur = Some(b);
    while let Some(b) = cur.filter(|&b| b != header) {
        for &i in &f.block(b).insts {
            let inst = f.inst(i);
            if let (Op::SafePoint, Some(s)) = (inst.op, inst.state) {
                let l = level(f, s);
                least = Some(least.map_or(l, |m: Level| m.min(l)));
            }
        }
        cur = d.idom(b);
    }
    least
}

fn retarget(f: &mut Function, p: Pred, to: Block) {
    let t = f.terminator(p.block).expect("a predecessor ends");
    f.inst_mut(t).targets[p.target].block = to;
}

/// A new block that takes the parameters of `inside` and leads to it.
fn in_front(f: &mut Function, inside: Block, state: StateId, header: Block) -> Block {
    let front = f.new_block();
    let mut args: Vec<Value> = Vec::new();
    for p in f.block(inside).params.clone() {
        let v = *f.value(p);
        args.push(f.add_param(front, v.repr, v.ty));
    }
    let names: HashMap<Value, Value> = f.block(header).params.iter().copied().zip(args.iter().copied()).collect();
    let entry = map_state(f, state, &mut |v| names.get(&v).copied().unwrap_or(v));
    f.block_mut(front).entry_state = Some(entry);
    f.block_mut(front).no_hoist = f.block(header).no_hoist;
    f.block_mut(front).cold = f.block(header).cold;
    let (jump, _) = f.make_inst(Op::Jump, &[], None, Reason::None, None);
    f.inst_mut(jump).targets.push(Target {
        block: inside,
        args: args.into_iter().collect(),
    });
    f.block_mut(front).insts.push(jump);
    front
}
