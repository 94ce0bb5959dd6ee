//! Gives every loop header one block that leads to it and to nothing else, where invariants can be hoisted to.

use super::rewrite::map_state;
use crate::dom::{Dom, Loops};
use crate::ir::{Block, Function, Reason, StateId, Target, Value};
use crate::maps::HashMap;
use crate::ops::Op;

/// The pass.
pub fn run(f: &mut Function) {
    let d = Dom::new(f);
    for l in &Loops::new(&d).loops {
        if of(f, &d, l.header).is_none() {
            insert(f, &d, l.header);
        }
    }
}

/// The preheader of a header, if it has one.
pub fn of(f: &Function, d: &Dom, header: Block) -> Option<Block> {
    let mut outside = d.preds[header.index()].iter().filter(|p| !d.dominates(header, p.block));
    let p = outside.next()?.block;
    (outside.next().is_none() && header != f.entry && f.succs(p).len() == 1).then_some(p)
}

fn insert(f: &mut Function, d: &Dom, header: Block) {
    let pre = f.new_block();
    f.block_mut(pre).cold = f.block(header).cold;
    let mut args = Vec::new();
    for p in f.block(header).params.clone() {
        let v = *f.value(p);
        args.push(f.add_param(pre, v.repr, v.ty));
    }
    jump(f, pre, header, &args);
    for p in &d.preds[header.index()] {
        if !d.dominates(header, p.block) {
            let t = f.terminator(p.block).expect("a predecessor ends");
            f.inst_mut(t).targets[p.target].block = pre;
        }
    }
    if header == f.entry {
        f.entry = pre;
    }
}

fn jump(f: &mut Function, from: Block, to: Block, args: &[Value]) {
    let (i, _) = f.make_inst(Op::Jump, &[], None, Reason::None, None);
    f.inst_mut(i).targets.push(Target {
        block: to,
        args: args.iter().copied().collect(),
    });
    f.block_mut(from).insts.push(i);
}

/// The header's entry state as seen from the preheader.
pub fn entering_state(f: &mut Function, pre: Block, header: Block) -> StateId {
    let s = f.block(header).entry_state.expect("asked before");
    let t = f.terminator(pre).expect("a preheader ends");
    let pairs: HashMap<Value, Value> = f
        .block(header)
        .params
        .iter()
        .copied()
        .zip(f.inst(t).targets[0].args.iter().copied())
        .collect();
    map_state(f, s, &mut |v| pairs.get(&v).copied().unwrap_or(v))
}
