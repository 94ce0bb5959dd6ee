//! Removes what blocks carry needlessly: unreachable blocks, parameters that always stand for another value, empty
//! blocks on the way, and cuts between blocks that always follow each other.
//!
//! **Parameters** are numbered optimistically: a round over the blocks in reverse post-order takes every parameter for
//! what its arguments known so far agree on. A second look, with all arguments known, refutes some; they differ for good,
//! and the next round starts anew with that. Only ever splitting finds the copies that circulate through nested loops, in
//! about as many rounds as loops are nested. Parameters of one block that differ, but with pairwise the same arguments, stand
//! for the first of them. A representative dominates the parameter: on every edge it is what the argument stands for.
//!
//! **Threading** redirects an edge that leads to a block with nothing but a jump, or nothing but a branch on a
//! parameter for which the edge passes a constant.

use super::rewrite::{Replace, Uses, remove_unreachable};
use crate::dom::Dom;
use crate::ir::{Block, Def, Function, InstData, Target, Value};
use crate::maps::HashMap;
use crate::ops::Op;
use crate::types::Ty;
use smallvec::SmallVec;

/// The pass.
pub fn run(f: &mut Function) {
    // Each round removes blocks or parameters; chains are followed within a round, so few rounds are needed.
    for _ in 0..6 {
        let d = remove_unreachable(f);
        let mut changed = redundant_params(f, &d);
        changed |= unused_params(f);
        changed |= thread(f);
        remove_unreachable(f);
        changed |= merge(f);
        if !changed {
            break;
        }
    }
}

const TOP: Value = Value(u32::MAX);

/// What is known of a parameter's arguments.
#[derive(Clone, Copy, PartialEq)]
enum Args {
    /// They have agreed so far.
    Agree,
    /// They differ; another parameter of the block may still have the same ones.
    Differ,
    /// They are like no other parameter's.
    Own,
}

/// The edges into a block.
fn edges<'a>(f: &'a Function, d: &Dom, b: Block) -> SmallVec<[&'a Target; 4]> {
    let edge = |p: &crate::dom::Pred| &f.inst(f.terminator(p.block).expect("a predecessor ends")).targets[p.target];
    d.preds[b.index()].iter().map(edge).collect()
}

/// What each value stands for.
fn representatives(f: &Function, d: &Dom, blocks: &[Block]) -> Vec<Value> {
    let mut rep: Vec<Value> = (0..f.values.len() as u32).map(Value).collect();
    let mut args = vec![Args::Agree; f.values.len()];
    let mut seen: HashMap<SmallVec<[Value; 4]>, Value> = HashMap::default();
    loop {
        // Forward: every parameter anew from the arguments known.
        for &b in blocks {
            f.block(b).params.iter().for_each(|p| rep[p.index()] = TOP);
        }
        for &b in blocks {
            let edges = edges(f, d, b);
            seen.clear();
            for (n, &p) in f.block(b).params.iter().enumerate() {
                let key: SmallVec<[Value; 4]> = edges.iter().map(|t| rep[t.args[n].index()]).collect();
                let mut known = key.iter().copied().filter(|&v| v != TOP);
                let first = known.next();
                if args[p.index()] == Args::Agree && known.any(|v| Some(v) != first) {
                    args[p.index()] = Args::Differ;
                }
                rep[p.index()] = match args[p.index()] {
                    Args::Agree => first.unwrap_or(p),
                    Args::Differ => *seen.entry(key).or_insert(p),
                    Args::Own => p,
                };
            }
        }
        // Check: with all arguments known, does it hold?
        let mut refuted = Vec::new();
        for &b in blocks {
            let edges = edges(f, d, b);
            for (n, &p) in f.block(b).params.iter().enumerate() {
                let by = rep[p.index()];
                match args[p.index()] {
                    Args::Agree if edges.iter().any(|t| rep[t.args[n].index()] != by) => refuted.push((p, Args::Differ)),
                    Args::Differ if by != p => {
                        let Def::Param(_, m) = f.value(by).def else { continue };
                        if edges.iter().any(|t| rep[t.args[n].index()] != rep[t.args[m as usize].index()]) {
                            refuted.push((p, Args::Own));
                        }
                    }
                    _ => {}
                }
            }
        }
        if refuted.is_empty() {
            return rep;
        }
        refuted.into_iter().for_each(|(p, a)| args[p.index()] = a);
    }
}

fn redundant_params(f: &mut Function, d: &Dom) -> bool {
    let blocks: Vec<Block> = d
        .rpo
        .iter()
        .copied()
        .filter(|&b| b != f.entry && !f.block(b).params.is_empty())
        .collect();
    let rep = representatives(f, d, &blocks);
    let mut repl = Replace::new(f);
    let mut any = false;
    for &b in &blocks {
        let keep: Vec<bool> = f
            .block(b)
            .params
            .iter()
            .map(|p| rep[p.index()] == *p || rep[p.index()] == TOP)
            .collect();
        if keep.iter().all(|&k| k) {
            continue;
        }
        any = true;
        for (n, p) in f.block(b).params.clone().into_iter().enumerate() {
            if !keep[n] {
                let by = rep[p.index()];
                // Two parameters of one block are the same object: what is known of one is known of both.
                if matches!(f.value(by).def, Def::Param(own, _) if own == b) && f.value(by).ty == Ty::Any {
                    f.values[by.index()].ty = f.value(p).ty;
                }
                repl.set(p, by);
            }
        }
        drop_params(f, d, b, &keep);
    }
    repl.apply(f);
    any
}

/// Removes the parameters of `b` not kept, and the arguments for them.
fn drop_params(f: &mut Function, d: &Dom, b: Block, keep: &[bool]) {
    for p in &d.preds[b.index()] {
        let t = f.terminator(p.block).expect("a predecessor ends");
        let mut n = 0;
        f.inst_mut(t).targets[p.target].args.retain(|_| {
            n += 1;
            keep[n - 1]
        });
    }
    let mut n = 0;
    f.block_mut(b).params.retain(|_| {
        n += 1;
        keep[n - 1]
    });
    renumber(f, b);
}

fn renumber(f: &mut Function, b: Block) {
    for (n, p) in f.block(b).params.clone().into_iter().enumerate() {
        f.values[p.index()].def = Def::Param(b, n as u16);
    }
}

/// Parameters that nothing but arguments to such parameters names.
fn unused_params(f: &mut Function) -> bool {
    let d = Dom::new(f);
    let mut live = vec![false; f.values.len()];
    let mut work: Vec<Value> = Vec::new();
    let mark = |v: Value, live: &mut Vec<bool>, work: &mut Vec<Value>| {
        if !std::mem::replace(&mut live[v.index()], true) {
            work.push(v);
        }
    };
    for (s, used) in f.used_states().into_iter().enumerate() {
        if used {
            for slot in f.states[s].slots() {
                slot.for_each(&mut |v| mark(*v, &mut live, &mut work));
            }
        }
    }
    for &b in &d.rpo {
        for &i in &f.block(b).insts {
            for &v in &f.inst(i).args {
                mark(v, &mut live, &mut work);
            }
        }
    }
    for &p in &f.block(f.entry).params {
        mark(p, &mut live, &mut work);
    }
    while let Some(v) = work.pop() {
        if let Def::Param(b, n) = f.value(v).def {
            for p in &d.preds[b.index()] {
                let t = f.terminator(p.block).expect("a predecessor ends");
                let a = f.inst(t).targets[p.target].args[n as usize];
                if !std::mem::replace(&mut live[a.index()], true) {
                    work.push(a);
                }
            }
        }
    }
    let mut any = false;
    for &b in &d.rpo {
        let keep: Vec<bool> = f.block(b).params.iter().map(|p| live[p.index()]).collect();
        if keep.iter().all(|&k| k) {
            continue;
        }
        any = true;
        for p in f.block(b).params.clone() {
            if !live[p.index()] {
                f.values[p.index()].def = Def::Gone;
            }
        }
        drop_params(f, &d, b, &keep);
    }
    any
}

/// Whether a block is nothing but a jump or branch, and its parameters are used nowhere else. Redirecting edges keeps it so.
fn passage(f: &Function, b: Block, uses: &Uses) -> bool {
    let data = f.block(b);
    let [i] = data.insts[..] else { return false };
    let d = f.inst(i);
    if data.entry_state.is_some() || b == f.entry || !matches!(d.op, Op::Jump | Op::Branch) {
        return false;
    }
    let own = |p: Value| {
        d.args
            .iter()
            .chain(d.targets.iter().flat_map(|t| &t.args))
            .filter(|&&v| v == p)
            .count() as u32
    };
    data.params.iter().all(|&p| uses.total(p) == own(p))
}

fn thread(f: &mut Function) -> bool {
    let uses = Uses::count(f);
    let passages: Vec<bool> = (0..f.blocks.len()).map(|b| passage(f, Block(b as u32), &uses)).collect();
    let mut any = false;
    for b in 0..f.blocks.len() {
        let Some(t) = f.terminator(Block(b as u32)) else { continue };
        for k in 0..f.inst(t).targets.len() {
            for _ in 0..32 {
                let target = &f.inst(t).targets[k];
                let Some(new) = through(f, target, &passages) else { break };
                if new.block == target.block {
                    break;
                }
                f.inst_mut(t).targets[k] = new;
                any = true;
            }
        }
        let d = f.inst_mut(t);
        if d.op == Op::Branch && d.targets[0] == d.targets[1] {
            d.op = Op::Jump;
            d.args.clear();
            d.targets.truncate(1);
            any = true;
        }
    }
    any
}

/// Where an edge really leads, when its target is a mere passage.
fn through(f: &Function, edge: &Target, passages: &[bool]) -> Option<Target> {
    if !passages[edge.block.index()] {
        return None;
    }
    let d: &InstData = f.inst(f.terminator(edge.block)?);
    let params = &f.block(edge.block).params;
    let subst = |v: Value| params.iter().position(|&p| p == v).map_or(v, |n| edge.args[n]);
    let next = match d.op {
        Op::Jump => &d.targets[0],
        _ => match f.const_op(subst(d.args[0])) {
            Some(Op::ConstBool { v }) if params.contains(&d.args[0]) => &d.targets[usize::from(!v)],
            _ => return None,
        },
    };
    Some(Target {
        block: next.block,
        args: next.args.iter().map(|&v| subst(v)).collect(),
    })
}

/// Joins blocks to their only predecessor when that only leads to them.
fn merge(f: &mut Function) -> bool {
    let d = Dom::new(f);
    let mut repl = Replace::new(f);
    let mut any = false;
    // In reverse order a block has swallowed its follower before its own predecessor swallows it.
    for &b in d.rpo.iter().rev() {
        let Some(t) = f.terminator(b).filter(|&t| f.inst(t).op == Op::Jump) else {
            continue;
        };
        let Target { block: next, args } = f.inst(t).targets[0].clone();
        if next == b || next == f.entry || d.preds[next.index()].len() != 1 {
            continue;
        }
        let data = std::mem::take(f.block_mut(next));
        for (&p, &a) in data.params.iter().zip(&args) {
            repl.set(p, a);
        }
        let block = f.block_mut(b);
        block.insts.pop();
        block.insts.extend(data.insts);
        any = true;
    }
    repl.apply(f);
    any
}
