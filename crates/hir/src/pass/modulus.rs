//! Settles `abs(z) < c` without the square root.
//!
//! Where the absolute value of a complex number is only compared with a constant, the comparison takes its place
//! ([`Op::ModulusCmp`]): the lowering compares squares, and computes the absolute value itself only where that is too close
//! to tell.

use super::rewrite::{Replace, Uses};
use crate::dom::Dom;
use crate::ir::{Def, Function, Inst, Reason, Value};
use crate::ops::{Math2, Op};
use crate::types::{Repr, Ty};

/// Limits whose squares are far from the ends of the range of floats.
const LIMITS: std::ops::Range<f64> = 1e-100..1e100;

/// The pass.
pub fn run(f: &mut Function) {
    let d = Dom::new(f);
    let uses = Uses::count(f);
    let mut repl = Replace::new(f);
    let mut limits = Vec::new();
    for &b in &d.rpo {
        for i in f.block(b).insts.clone() {
            let Some((modulus, limit, op)) = comparison(f, &uses, i) else {
                continue;
            };
            // The constant has to come before the absolute value.
            let (k, c) = f.make_inst(Op::ConstFloat { bits: limit.to_bits() }, &[], None, Reason::None, None);
            limits.push(k);
            let truth = f.new_value(Repr::Bool, Ty::Bool, Def::Inst(modulus));
            let inst = f.inst_mut(modulus);
            inst.op = op;
            inst.args.push(c.expect("a constant has a result"));
            if let Some(old) = inst.result.replace(truth) {
                f.values[old.index()].def = Def::Gone;
            }
            f.block_mut(b).insts.retain(|&k| k != i);
            repl.set(f.inst(i).result.expect("a comparison has a result"), truth);
        }
    }
    f.block_mut(f.entry).insts.splice(0..0, limits);
    repl.apply(f);
}

/// The absolute value that is used by this comparison with a constant only, the constant, and the op for both.
fn comparison(f: &Function, uses: &Uses, i: Inst) -> Option<(Inst, f64, Op)> {
    let Op::FCmp { cc } = f.inst(i).op else { return None };
    let constant = |v: Value| match f.const_op(v) {
        Some(Op::ConstFloat { bits }) => Some(f64::from_bits(bits)).filter(|x| LIMITS.contains(x)),
        _ => None,
    };
    let (x, y) = (f.inst(i).args[0], f.inst(i).args[1]);
    let (v, limit, cc) = match (constant(x), constant(y)) {
        (None, Some(c)) => (x, c, cc),
        (Some(c), None) => (y, c, cc.swap()),
        _ => return None,
    };
    let Def::Inst(modulus) = f.value(v).def else { return None };
    let only = f.inst(modulus).op == Op::FMath2 { f: Math2::Modulus } && uses.total(v) == 1;
    only.then_some((modulus, limit, Op::ModulusCmp { cc }))
}
