//! Integer ranges: drops overflow and bounds checks that cannot fail, and comparisons that are settled, by what
//! [`super::proof`] knows.

use super::interval::{Range, exact};
use super::proof::Analysis;
use super::rewrite::Replace;
use crate::dom::Dom;
use crate::ir::{Block, Def, Function, Inst, Reason, Value};
use crate::ops::{Op, Ovf};
use crate::types::Repr;

/// The pass.
pub fn run(f: &mut Function) {
    let d = Dom::new(f);
    let a = Analysis::new(f, &d);
    let mut repl = Replace::new(f);
    let mut consts = Vec::new();
    for &b in &d.rpo {
        let mut kept = Vec::with_capacity(f.block(b).insts.len());
        // The block stays whole meanwhile: proofs look at its end, when it is its own predecessor.
        for (n, i) in (0..).zip(f.block(b).insts.clone()) {
            a.set_here(n);
            match improve(&a, f, b, i) {
                Better::Same => kept.push(i),
                Better::Op(op) => {
                    let inst = f.inst_mut(i);
                    inst.op = op;
                    if !op.effects().exits {
                        (inst.state, inst.reason) = (None, Reason::None);
                    }
                    kept.push(i);
                }
                Better::Value(v) => repl.set(f.inst(i).result.expect("it has one"), v),
                Better::Bool(v) => {
                    for n in 0..2 {
                        let x = f.inst(i).args[n];
                        if relies(f, x, 8) {
                            let (proof, _) = f.make_inst(Op::Proof, &[x], None, Reason::None, None);
                            kept.push(proof);
                        }
                    }
                    let (k, c) = f.make_inst(Op::ConstBool { v }, &[], None, Reason::None, None);
                    consts.push(k);
                    repl.set(f.inst(i).result.expect("a condition has one"), c.expect("a constant has one"));
                }
                Better::Floats(op) => {
                    // The same on exact floats.
                    for k in 0..f.inst(i).args.len() {
                        let v = f.inst(i).args[k];
                        if f.repr(v) == Repr::Int {
                            let (conv, x) = f.make_inst(Op::IToF, &[v], None, Reason::None, None);
                            kept.push(conv);
                            f.inst_mut(i).args[k] = x.expect("a conversion has one");
                        }
                    }
                    let inst = f.inst_mut(i);
                    inst.op = op;
                    if !op.effects().exits {
                        (inst.state, inst.reason) = (None, Reason::None);
                    }
                    kept.push(i);
                }
            }
        }
        f.block_mut(b).insts = kept;
    }
    f.block_mut(f.entry).insts.splice(0..0, consts);
    repl.apply(f);
}

/// Whether the value's interval may owe something to an exit that goes when nothing uses the value any more: one for ints
/// beyond 64 bits.
fn relies(f: &Function, v: Value, depth: u32) -> bool {
    match f.value(v).def {
        Def::Inst(i) if f.const_int(v).is_none() => {
            let inst = f.inst(i);
            let ints = || inst.args.iter().filter(|&&a| f.repr(a) == Repr::Int);
            depth == 0 || f.may_leave(i) || ints().any(|&a| relies(f, a, depth - 1))
        }
        Def::Inst(_) => false,
        _ => true,
    }
}

enum Better {
    Same,
    Op(Op),
    Value(Value),
    Bool(bool),
    Floats(Op),
}

/// What may stand in an instruction's place.
fn improve(a: &Analysis, f: &Function, b: Block, i: Inst) -> Better {
    let inst = f.inst(i);
    let r = |n: usize| a.at(inst.args[n], b);
    match inst.op {
        Op::IAdd { ovf: Ovf::Check }
        | Op::ISub { ovf: Ovf::Check }
        | Op::IMul { ovf: Ovf::Check }
        | Op::INeg { ovf: Ovf::Check }
        | Op::IShl { ovf: Ovf::Check } => {
            let (Some(x), Some(y)) = (r(0), r(inst.args.len() - 1)) else {
                return Better::Same;
            };
            let ovf = Ovf::Wrap;
            match exact(inst.op, x, y) {
                Some(w) if w.fits() => Better::Op(match inst.op {
                    Op::IAdd { .. } => Op::IAdd { ovf },
                    Op::ISub { .. } => Op::ISub { ovf },
                    Op::IMul { .. } => Op::IMul { ovf },
                    Op::INeg { .. } => Op::INeg { ovf },
                    _ => Op::IShl { ovf },
                }),
                _ => Better::Same,
            }
        }
        Op::IAbs if r(0).is_some_and(Range::non_negative) => Better::Value(inst.args[0]),
        Op::IMod => match (r(0), r(1)) {
            (Some(x), Some(m)) if x.lo >= 0 && x.hi < m.lo => Better::Value(inst.args[0]),
            _ => Better::Same,
        },
        Op::ICmp { cc } => match (r(0), r(1)) {
            (Some(x), Some(y)) => x.compare(cc, y).map_or(Better::Same, Better::Bool),
            _ => Better::Same,
        },
        Op::Index | Op::IndexPos => {
            let (index, len) = (inst.args[0], inst.args[1]);
            if !r(0).is_some_and(Range::non_negative) {
                Better::Same
            } else if a.less(f, b, index, len) {
                Better::Value(index)
            } else {
                Better::Op(Op::IndexPos)
            }
        }
        Op::IFCmp { cc } if r(0).is_some_and(is_exact_float) => Better::Floats(Op::FCmp { cc }),
        Op::ITrueDiv if r(0).is_some_and(is_exact_float) && r(1).is_some_and(is_exact_float) => Better::Floats(Op::FDiv),
        _ => Better::Same,
    }
}

/// Every int of the interval is exact as a float.
fn is_exact_float(r: Range) -> bool {
    r.lo >= -(1 << 53) && r.hi <= 1 << 53
}
