//! A slice of a list that is made only to be stored into a slice of a list is not made: `a[i:j] = b[k:l:s]` is one step.
//!
//! What comes between the two must have no effect. Where it leaves, it does so with the state of the slice instead, from which the
//! interpreter works all of it out again.

use super::rewrite::Uses;
use crate::dom::Dom;
use crate::helpers::Helper;
use crate::ir::{Function, Inst, Reason};
use crate::ops::Op;

const STORE: Op = Op::Call {
    helper: Helper::ListSetSlice,
};
/// `list_slice_step`'s operand that says which bounds are missing: neither.
const BOTH: i64 = 0;

/// The pass.
pub fn run(f: &mut Function) {
    let uses = Uses::count(f);
    for b in Dom::new(f).rpo {
        let insts = f.block(b).insts.clone();
        let pairs: Vec<(usize, usize)> = (0..insts.len())
            .filter_map(|at| Some((at, store_of(f, &uses, &insts, at)?)))
            .collect();
        // Backwards, so that places stay what they are.
        for (at, store) in pairs.into_iter().rev() {
            join(f, b, at, store);
        }
    }
}

/// Where in a block the slice made at `at` is stored, if it is made for that alone.
fn store_of(f: &Function, uses: &Uses, insts: &[Inst], at: usize) -> Option<usize> {
    let made = f.inst(insts[at]);
    let Op::Call {
        helper: Helper::ListSlice | Helper::ListSliceStep,
    } = made.op
    else {
        return None;
    };
    let v = made.result?;
    if uses.insts[v.index()] != 1 {
        return None;
    }
    let (between, store) = insts[at + 1..]
        .iter()
        .position(|&i| !f.inst(i).op.effects().mergeable())
        .map(|n| (&insts[at + 1..at + 1 + n], at + 1 + n))?;
    let takes = f.inst(insts[store]).op == STORE && f.inst(insts[store]).args.last() == Some(&v);
    // Only the states in between may name it: they are given up.
    let named = between.iter().chain([&insts[store]]).filter(|&&i| {
        let state = f.inst(i).state;
        state.is_some_and(|s| names(f, s, v))
    });
    (takes && named.count() == uses.states[v.index()] as usize).then_some(store)
}

fn names(f: &Function, s: crate::ir::StateId, v: crate::ir::Value) -> bool {
    let mut found = false;
    let state = f.state(s);
    state.slots().for_each(|slot| slot.for_each(&mut |o| found |= *o == v));
    found || state.parent.is_some_and(|p| names(f, p, v))
}

fn join(f: &mut Function, b: crate::ir::Block, at: usize, store: usize) {
    let insts = f.block(b).insts.clone();
    let made = f.inst(insts[at]).clone();
    for &i in &insts[at + 1..=store] {
        let d = f.inst(i);
        if d.state.is_some() {
            let origin = f.origin(d);
            let d = f.inst_mut(i);
            d.origin = origin;
            d.state = made.state;
        }
    }
    let d = f.inst(insts[store]);
    let (state, origin) = (d.state.expect("it may leave"), d.origin);
    let mut args = d.args[..3].to_vec();
    args.extend(&made.args);
    let mut new = Vec::new();
    if made.args.len() == 3 {
        for v in [1, BOTH] {
            let (i, v) = f.make_inst(Op::ConstInt { v }, &[], None, Reason::None, None);
            new.push(i);
            args.push(v.expect("a constant is a value"));
        }
    }
    let helper = Helper::ListMoveSlice;
    let (i, _) = f.make_inst(Op::Call { helper }, &args, Some(state), Reason::Finaliser, None);
    f.inst_mut(i).origin = origin;
    new.push(i);
    let list = &mut f.block_mut(b).insts;
    list.splice(store..=store, new);
    list.remove(at);
}
