//! Drops overflow checks of arithmetic of which only low bits are used, as in hashes and random number generators:
//! `(x * 31 + c) & 0xffffffff`.
//!
//! Modulo 2^64, sums, products, left shifts and bitwise ops depend only on their operands modulo 2^64, and `&` with a
//! constant that is not negative yields the same for all numbers equal modulo 2^64. So if every use of a result is such
//! an `&`, or an op of these kinds whose own result is used only so, it need not be exact. A frame state that
//! some exit can still reach is a use of the exact number; the states of checks that go along do not count. Starting from
//! all results of such ops, those with another use are taken out until nothing changes.

use crate::dom::Dom;
use crate::ir::{Def, Function, Inst, Reason, StateId, Value};
use crate::ops::{Op, Ovf};

/// The pass.
pub fn run(f: &mut Function) {
    let d = Dom::new(f);
    let mut a = Demand {
        low: vec![false; f.values.len()],
        states: vec![false; f.states.len()],
        work: Vec::new(),
    };
    let mut candidates = Vec::new();
    for &b in &d.rpo {
        for &i in &f.block(b).insts {
            if let Some(v) = f.inst(i).result.filter(|_| is_low(f, i)) {
                a.low[v.index()] = true;
                candidates.push(i);
            }
        }
    }
    if !candidates.iter().any(|&i| f.inst(i).op.effects().exits) {
        return;
    }
    for &b in &d.rpo {
        if let Some(s) = f.block(b).entry_state {
            a.state(f, s);
        }
        for &i in &f.block(b).insts {
            if !f.inst(i).result.is_some_and(|v| a.low[v.index()]) {
                a.uses(f, i);
            }
        }
    }
    while let Some(i) = a.work.pop() {
        a.uses(f, i);
    }
    for i in candidates {
        let inst = f.inst(i);
        if !a.low[inst.result.expect("candidates have one").index()] {
            continue;
        }
        let ovf = Ovf::Wrap;
        let op = match inst.op {
            Op::IAdd { .. } => Op::IAdd { ovf },
            Op::ISub { .. } => Op::ISub { ovf },
            Op::IMul { .. } => Op::IMul { ovf },
            Op::INeg { .. } => Op::INeg { ovf },
            Op::IShl { .. } => Op::IShl { ovf },
            _ => continue,
        };
        let inst = f.inst_mut(i);
        (inst.op, inst.state, inst.reason) = (op, None, Reason::None);
    }
}

/// Whether the result's low bits depend on the operands' low bits only.
fn is_low(f: &Function, i: Inst) -> bool {
    let inst = f.inst(i);
    match inst.op {
        Op::IAdd { .. } | Op::ISub { .. } | Op::IMul { .. } | Op::INeg { .. } | Op::IAnd | Op::IOr | Op::IXor | Op::INot => true,
        Op::IShl { .. } => f.const_int(inst.args[1]).is_some_and(|c| (0..64).contains(&c)),
        _ => false,
    }
}

struct Demand {
    /// Results used for their low bits only, as far as not refuted.
    low: Vec<bool>,
    /// States whose values must be exact.
    states: Vec<bool>,
    /// Instructions whose results turned out to be needed exactly.
    work: Vec<Inst>,
}

impl Demand {
    fn exact(&mut self, f: &Function, v: Value) {
        if std::mem::replace(&mut self.low[v.index()], false)
            && let Def::Inst(i) = f.value(v).def
        {
            self.work.push(i);
        }
    }

    fn state(&mut self, f: &Function, s: StateId) {
        if !std::mem::replace(&mut self.states[s.index()], true) {
            f.state_values(s, &mut |v| self.exact(f, v));
        }
    }

    /// An instruction that is executed exactly: what it uses must be exact.
    fn uses(&mut self, f: &Function, i: Inst) {
        let inst = f.inst(i);
        if let Some(s) = inst.state {
            self.state(f, s);
        }
        let masks = inst.op == Op::IAnd && f.const_int(inst.args[1]).is_some_and(|c| c >= 0);
        if !masks {
            for &v in inst.args.iter().chain(inst.targets.iter().flat_map(|t| &t.args)) {
                self.exact(f, v);
            }
        }
    }
}
