//! Removes instructions whose results nothing needs.
//!
//! Roots are instructions with an effect, control flow, and checks: an op that exits is a root unless its exit is only
//! a matter of representation (an int beyond 64 bits), because leaving is how the interpreter gets to raise what the
//! program can observe (`x // 0` with the result dropped). Frame states keep values alive.

use crate::dom::Dom;
use crate::helpers::Helper;
use crate::ir::{Def, Function, Inst, Value};
use crate::ops::Op;

/// The largest exponent or count of a shift that can do no more than make an int large.
const MODERATE: i64 = 1 << 16;

/// The pass.
pub fn run(f: &mut Function) {
    let d = Dom::new(f);
    let mut live = vec![false; f.insts.len()];
    let mut states = vec![false; f.states.len()];
    let mut work: Vec<Inst> = Vec::new();
    for &b in &d.rpo {
        for &i in &f.block(b).insts {
            if is_root(f, i) {
                live[i.index()] = true;
                work.push(i);
            }
        }
        if let Some(s) = f.block(b).entry_state {
            mark_state(f, s, &mut states, &mut live, &mut work);
        }
    }
    while let Some(i) = work.pop() {
        let data = f.inst(i);
        for &v in data.args.iter().chain(data.targets.iter().flat_map(|t| &t.args)) {
            mark(f, v, &mut live, &mut work);
        }
        if let Some(s) = data.state {
            mark_state(f, s, &mut states, &mut live, &mut work);
        }
    }
    for &b in &d.rpo {
        let mut insts = std::mem::take(&mut f.block_mut(b).insts);
        insts.retain(|&i| {
            if !live[i.index()]
                && let Some(v) = f.inst(i).result
            {
                f.values[v.index()].def = Def::Gone;
            }
            live[i.index()]
        });
        f.block_mut(b).insts = insts;
    }
}

fn mark(f: &Function, v: Value, live: &mut [bool], work: &mut Vec<Inst>) {
    if let Def::Inst(i) = f.value(v).def
        && !std::mem::replace(&mut live[i.index()], true)
    {
        work.push(i);
    }
}

fn mark_state(f: &Function, s: crate::ir::StateId, states: &mut [bool], live: &mut [bool], work: &mut Vec<Inst>) {
    let mut cur = Some(s);
    while let Some(id) = cur {
        if std::mem::replace(&mut states[id.index()], true) {
            break;
        }
        let st = f.state(id);
        for slot in st.slots() {
            slot.for_each(&mut |&v| mark(f, v, live, work));
        }
        cur = st.parent;
    }
}

/// Whether the instruction must stay even if its result is unused.
pub fn is_root(f: &Function, i: Inst) -> bool {
    let d = f.inst(i);
    if !d.op.effects().removable() || d.op.is_terminator() || d.result.is_none() {
        return true;
    }
    if !f.may_leave(i) {
        return false;
    }
    // A count that is negative or enormous is an error.
    let moderate = |k: usize| f.const_int(d.args[k]).is_some_and(|c| (0..=MODERATE).contains(&c));
    match d.op {
        Op::IAdd { .. }
        | Op::ISub { .. }
        | Op::IMul { .. }
        | Op::INeg { .. }
        | Op::IAbs
        | Op::UnboxInt
        | Op::UnboxLow
        | Op::Narrow
        | Op::IUMulHigh { .. }
        | Op::Call {
            helper: Helper::WideMulHigh | Helper::WideShlHigh,
        }
        | Op::IFCmp { .. }
        | Op::ArrayGetInt { .. } => false,
        Op::IShl { .. } | Op::IPow => !moderate(1),
        _ => true,
    }
}
