//! Constant folding and identities that hold exactly.
//!
//! Constants are first gathered in the entry block, one each. Then one walk over the blocks in reverse post-order
//! evaluates ops on constants and applies identities; an op becomes a constant in place, or its result is replaced by
//! an older value. Ints are folded when the exact result fits 64 bits (otherwise the exit must happen), floats only
//! where the result has the same bits whatever the other operand is: `x - 0.0` and `x * 1.0`, never `x + 0.0` or
//! `x * 0.0`. A guard that always holds goes; one that never holds becomes the end of its block. An unboxed box is its
//! content; a box of an unboxed object is *not* the object, whose reference belongs to someone else.

use super::rewrite::Replace;
use crate::dom::Dom;
use crate::helpers::Helper;
use crate::ir::{Def, Function, Inst, Reason, Value};
use crate::maps::HashMap;
use crate::ops::{Cc, FClass, Op, Ovf, Round};
use crate::types::{Repr, Ty};

/// The pass.
pub fn run(f: &mut Function) {
    let d = Dom::new(f);
    let mut repl = Replace::new(f);
    gather(f, &d, &mut repl);
    let mut consts = Vec::new();
    for &b in &d.rpo {
        let mut kept = Vec::with_capacity(f.block(b).insts.len());
        for i in std::mem::take(&mut f.block_mut(b).insts) {
            repl.inst(f, i);
            match fold(f, &mut consts, i) {
                Fold::Keep => {
                    if f.inst(i).op.effects().exits && !f.may_leave(i) {
                        let d = f.inst_mut(i);
                        (d.state, d.reason) = (None, Reason::None);
                    }
                    kept.push(i);
                }
                Fold::Op(op) => {
                    let d = f.inst_mut(i);
                    (d.op, d.state, d.reason) = (op, None, Reason::None);
                    d.args.clear();
                    kept.push(i);
                }
                Fold::Same(v) => repl.set(f.inst(i).result.expect("only results are replaced"), v),
                Fold::Drop => {}
                Fold::Leave => {
                    let d = f.inst_mut(i);
                    d.op = Op::Exit;
                    d.args.clear();
                    kept.push(i);
                    break;
                }
            }
        }
        f.block_mut(b).insts = kept;
    }
    f.block_mut(f.entry).insts.splice(0..0, consts);
    repl.apply(f);
}

/// Moves constants to the start of the entry block, one of each.
fn gather(f: &mut Function, d: &Dom, repl: &mut Replace) {
    let mut known: HashMap<Op, Value> = HashMap::default();
    let mut first = Vec::new();
    for &b in &d.rpo {
        for i in std::mem::take(&mut f.block_mut(b).insts) {
            match (f.inst(i).op, f.inst(i).result) {
                (
                    op @ (Op::ConstInt { .. } | Op::ConstFloat { .. } | Op::ConstBool { .. } | Op::ConstObj { .. } | Op::ConstNull),
                    Some(v),
                ) => match known.get(&op) {
                    Some(&w) => repl.set(v, w),
                    None => {
                        known.insert(op, v);
                        first.push(i);
                    }
                },
                _ => f.block_mut(b).insts.push(i),
            }
        }
    }
    f.block_mut(f.entry).insts.splice(0..0, first);
}

/// What becomes of an instruction.
enum Fold {
    Keep,
    /// This op without operands (a constant).
    Op(Op),
    /// Its result is this value.
    Same(Value),
    /// A check that holds.
    Drop,
    /// A check that never holds.
    Leave,
}

fn int(v: i64) -> Fold {
    Fold::Op(Op::ConstInt { v })
}
fn float(v: f64) -> Fold {
    Fold::Op(Op::ConstFloat { bits: v.to_bits() })
}
fn bool(v: bool) -> Fold {
    Fold::Op(Op::ConstBool { v })
}
fn opt_int(v: Option<i64>) -> Fold {
    v.map_or(Fold::Keep, int)
}

/// What is known of an object's type wherever it is defined.
pub fn obj_ty(f: &Function, v: Value) -> Ty {
    match f.const_op(v) {
        Some(Op::ConstObj { obj }) => f.objs[obj.0 as usize].ty,
        _ => f.value(v).ty,
    }
}

fn def_of(f: &Function, v: Value) -> Option<(Op, &[Value])> {
    match f.value(v).def {
        Def::Inst(i) => Some((f.inst(i).op, &f.inst(i).args)),
        _ => None,
    }
}

fn const_float(f: &Function, v: Value) -> Option<f64> {
    match f.const_op(v) {
        Some(Op::ConstFloat { bits }) => Some(f64::from_bits(bits)),
        _ => None,
    }
}

fn const_bool(f: &Function, v: Value) -> Option<bool> {
    match f.const_op(v) {
        Some(Op::ConstBool { v }) => Some(v),
        _ => None,
    }
}

fn cmp<T: PartialOrd>(cc: Cc, a: T, b: T) -> bool {
    match cc {
        Cc::Lt => a < b,
        Cc::Le => a <= b,
        Cc::Eq => a == b,
        Cc::Ne => a != b,
        Cc::Gt => a > b,
        Cc::Ge => a >= b,
    }
}

const WIDE_BOX: Op = Op::Call { helper: Helper::WideBox };
/// Integers up to this magnitude are exact as floats.
const EXACT: i64 = 1 << 53;

fn fold(f: &mut Function, consts: &mut Vec<Inst>, i: Inst) -> Fold {
    commute(f, i);
    let d = f.inst(i);
    let op = d.op;
    let (a, b) = (d.args.first().copied(), d.args.get(1).copied());
    let (Some(a), b) = (a, b.or(a)) else { return Fold::Keep };
    let b = b.expect("follows from the first");
    match op {
        Op::IAdd { .. }
        | Op::ISub { .. }
        | Op::IMul { .. }
        | Op::INeg { .. }
        | Op::IAbs
        | Op::IFloorDiv
        | Op::IMod
        | Op::ITrueDiv
        | Op::IPow
        | Op::IAnd
        | Op::IOr
        | Op::IXor
        | Op::INot
        | Op::IBits
        | Op::IShl { .. }
        | Op::IShr
        | Op::IUShr
        | Op::IMulHigh
        | Op::IUMulHigh { .. }
        | Op::IUDiv
        | Op::IURem
        | Op::IToF => int_op(f, consts, i, a, b),
        Op::ICmp { cc } => int_cmp(f, cc, a, b),
        Op::IUCmp { cc } => match (f.const_int(a), f.const_int(b)) {
            (Some(x), Some(y)) => bool(cmp(cc, x as u64, y as u64)),
            _ if a == b => bool(matches!(cc, Cc::Le | Cc::Eq | Cc::Ge)),
            (_, Some(0)) if matches!(cc, Cc::Lt | Cc::Ge) => bool(cc == Cc::Ge),
            _ => Fold::Keep,
        },
        Op::Narrow => match (f.const_int(a), f.const_int(b), def_of(f, b)) {
            (Some(x), Some(y), _) if y == x >> 63 => Fold::Same(a),
            (_, _, Some((Op::IShr, args))) if args[0] == a && f.const_int(args[1]) == Some(63) => Fold::Same(a),
            _ => Fold::Keep,
        },
        Op::FAdd
        | Op::FSub
        | Op::FMul
        | Op::FDiv
        | Op::FNeg
        | Op::FAbs
        | Op::FSqrt
        | Op::FCmp { .. }
        | Op::FIs { .. }
        | Op::FToI { .. } => float_op(f, consts, i, a, b),
        Op::IFCmp { cc } => match (f.const_int(a), const_float(f, b)) {
            (Some(x), Some(y)) if (-EXACT..=EXACT).contains(&x) => bool(cmp(cc, x as f64, y)),
            _ => Fold::Keep,
        },
        Op::BNot | Op::BAnd | Op::BOr | Op::BXor | Op::BToI | Op::Select | Op::Branch => bool_op(f, i, op, a, b),
        _ => object_op(f, i, op, a, b),
    }
}

/// Constants go to the right of commutative ops and comparisons.
fn commute(f: &mut Function, i: Inst) {
    let d = f.inst(i);
    let op = match d.op {
        op @ (Op::IAdd { .. } | Op::IMul { .. } | Op::IAnd | Op::IOr | Op::IXor | Op::FAdd | Op::FMul | Op::BAnd | Op::BOr | Op::BXor) => {
            op
        }
        Op::ICmp { cc } => Op::ICmp { cc: cc.swap() },
        Op::FCmp { cc } => Op::FCmp { cc: cc.swap() },
        _ => return,
    };
    if f.const_op(d.args[0]).is_some() && f.const_op(d.args[1]).is_none() {
        let d = f.inst_mut(i);
        d.op = op;
        d.args.swap(0, 1);
    }
}

fn int_op(f: &mut Function, consts: &mut Vec<Inst>, i: Inst, a: Value, b: Value) -> Fold {
    let op = f.inst(i).op;
    let (ca, cb) = (f.const_int(a), f.const_int(b));
    if let (Some(x), Some(y)) = (ca, cb) {
        return match op {
            Op::ITrueDiv if y != 0 && x.unsigned_abs() <= EXACT as u64 && y.unsigned_abs() <= EXACT as u64 => float(x as f64 / y as f64),
            Op::IToF => float(x as f64),
            _ => opt_int(eval_int(op, x, y)),
        };
    }
    match (op, ca, cb) {
        (Op::IAdd { .. } | Op::ISub { .. } | Op::IOr | Op::IXor | Op::IShl { .. } | Op::IShr | Op::IUShr, _, Some(0)) => Fold::Same(a),
        (Op::IMul { .. } | Op::IFloorDiv | Op::IUDiv | Op::IPow, _, Some(1)) | (Op::IAnd, _, Some(-1)) => Fold::Same(a),
        (Op::IMul { .. } | Op::IAnd, _, Some(0)) | (Op::IMod, _, Some(1 | -1)) => int(0),
        (Op::IOr, _, Some(-1)) => int(-1),
        (Op::IPow, _, Some(0)) => int(1),
        (Op::ISub { .. } | Op::IXor, ..) if a == b => int(0),
        (Op::IAnd | Op::IOr, ..) if a == b => Fold::Same(a),
        (Op::IPow, _, Some(2)) => {
            let d = f.inst_mut(i);
            d.op = Op::IMul { ovf: Ovf::Check };
            d.args[1] = a;
            Fold::Keep
        }
        // Python's % by a positive power of two is the low bits, its // an arithmetic shift.
        (Op::IMod, _, Some(m)) if m > 0 && m & (m - 1) == 0 => in_place(f, consts, i, Op::IAnd, Op::ConstInt { v: m - 1 }),
        (Op::IFloorDiv, _, Some(m)) if m > 0 && m & (m - 1) == 0 => in_place(
            f,
            consts,
            i,
            Op::IShr,
            Op::ConstInt {
                v: i64::from(m.trailing_zeros()),
            },
        ),
        (Op::INot, ..) => match def_of(f, a) {
            Some((Op::INot, args)) => Fold::Same(args[0]),
            _ => Fold::Keep,
        },
        _ => Fold::Keep,
    }
}

/// Makes the instruction `op(first operand, constant)`, with a constant that cannot make it exit.
fn in_place(f: &mut Function, consts: &mut Vec<Inst>, i: Inst, op: Op, c: Op) -> Fold {
    let (k, v) = f.make_inst(c, &[], None, Reason::None, None);
    consts.push(k);
    let d = f.inst_mut(i);
    d.op = op;
    d.args[1] = v.expect("a constant has a result");
    if !op.effects().exits {
        (d.state, d.reason) = (None, Reason::None);
    }
    Fold::Keep
}

/// The exact result of an int op, when it fits and the op would not exit.
pub fn eval_int(op: Op, x: i64, y: i64) -> Option<i64> {
    let wrap = matches!(
        op,
        Op::IAdd { ovf: Ovf::Wrap } | Op::ISub { ovf: Ovf::Wrap } | Op::IMul { ovf: Ovf::Wrap } | Op::INeg { ovf: Ovf::Wrap }
    );
    match op {
        Op::IAdd { .. } if wrap => Some(x.wrapping_add(y)),
        Op::ISub { .. } if wrap => Some(x.wrapping_sub(y)),
        Op::IMul { .. } if wrap => Some(x.wrapping_mul(y)),
        Op::INeg { .. } if wrap => Some(x.wrapping_neg()),
        Op::IAdd { .. } => x.checked_add(y),
        Op::ISub { .. } => x.checked_sub(y),
        Op::IMul { .. } => x.checked_mul(y),
        Op::INeg { .. } => x.checked_neg(),
        Op::IAbs => x.checked_abs(),
        Op::IFloorDiv => x.checked_div_euclid(y).map(|q| {
            // Euclidean and floored quotients differ when the divisor is negative and there is a remainder.
            if y < 0 && x.wrapping_rem_euclid(y) != 0 { q - 1 } else { q }
        }),
        // The remainder by -1 is 0 even where the quotient overflows.
        Op::IMod => (y != 0)
            .then(|| x.wrapping_rem(y))
            .map(|r| if r != 0 && (r < 0) != (y < 0) { r + y } else { r }),
        Op::IPow => u32::try_from(y).ok().and_then(|y| x.checked_pow(y)),
        Op::IAnd => Some(x & y),
        Op::IOr => Some(x | y),
        Op::IXor => Some(x ^ y),
        Op::INot => Some(!x),
        Op::IBits => Some(i64::from(u64::BITS - x.unsigned_abs().leading_zeros())),
        Op::IShl { ovf } => {
            let wide = u32::try_from(y).ok().filter(|&y| y < 64).map(|y| i128::from(x) << y);
            match ovf {
                Ovf::Check if x == 0 && y >= 0 => Some(0),
                Ovf::Check => wide.and_then(|w| i64::try_from(w).ok()),
                Ovf::Wrap => wide.map(|w| w as i64),
            }
        }
        Op::IShr if y >= 0 => Some(x >> y.min(63)),
        Op::IUShr if (0..64).contains(&y) => Some((x as u64 >> y) as i64),
        Op::IMulHigh => Some(((i128::from(x) * i128::from(y)) >> 64) as i64),
        Op::IUMulHigh { ovf } => {
            let high = ((u128::from(x as u64) * u128::from(y as u64)) >> 64) as i64;
            (ovf == Ovf::Wrap || high >= 0).then_some(high)
        }
        Op::IUDiv => (x as u64).checked_div(y as u64).map(|q| q as i64),
        Op::IURem => (x as u64).checked_rem(y as u64).map(|r| r as i64),
        _ => None,
    }
}

fn int_cmp(f: &mut Function, cc: Cc, a: Value, b: Value) -> Fold {
    if a == b {
        return bool(matches!(cc, Cc::Le | Cc::Eq | Cc::Ge));
    }
    if let (Some(x), Some(y)) = (f.const_int(a), f.const_int(b)) {
        return bool(cmp(cc, x, y));
    }
    // A bool compared with 0 or 1.
    match (def_of(f, a), cc, f.const_int(b)) {
        (Some((Op::BToI, args)), Cc::Eq, Some(1)) | (Some((Op::BToI, args)), Cc::Ne, Some(0)) => Fold::Same(args[0]),
        _ => Fold::Keep,
    }
}

fn float_op(f: &mut Function, consts: &mut Vec<Inst>, i: Inst, a: Value, b: Value) -> Fold {
    let op = f.inst(i).op;
    let (ca, cb) = (const_float(f, a), const_float(f, b));
    if let (Some(x), Some(y)) = (ca, cb) {
        return match op {
            Op::FAdd => float(x + y),
            Op::FSub => float(x - y),
            Op::FMul => float(x * y),
            Op::FDiv if y != 0.0 => float(x / y),
            Op::FNeg => float(-x),
            Op::FAbs => float(x.abs()),
            Op::FSqrt if x >= 0.0 => float(x.sqrt()),
            Op::FCmp { cc } => bool(cmp(cc, x, y)),
            Op::FIs { class } => bool(match class {
                FClass::IsNan => x.is_nan(),
                FClass::IsInf => x.is_infinite(),
                FClass::IsFinite => x.is_finite(),
            }),
            Op::FToI { mode } => {
                let r = match mode {
                    Round::Trunc => x.trunc(),
                    Round::Floor => x.floor(),
                    Round::Ceil => x.ceil(),
                    Round::Even => x.round_ties_even(),
                };
                if r.abs() < (1i64 << 62) as f64 { int(r as i64) } else { Fold::Keep }
            }
            _ => Fold::Keep,
        };
    }
    let bits = cb.map(f64::to_bits);
    let zero = 0f64.to_bits();
    match op {
        Op::FAdd if bits == Some((-0.0f64).to_bits()) => Fold::Same(a),
        Op::FSub if bits == Some(zero) => Fold::Same(a),
        Op::FMul | Op::FDiv if bits == Some(1f64.to_bits()) => Fold::Same(a),
        // The reciprocal of a power of two is exact, and so are both ways of scaling by it.
        Op::FDiv => match cb {
            Some(y) if y.is_normal() && y.to_bits() & ((1 << 52) - 1) == 0 && (1.0 / y).is_normal() => {
                in_place(f, consts, i, Op::FMul, Op::ConstFloat { bits: (1.0 / y).to_bits() })
            }
            _ => Fold::Keep,
        },
        Op::FNeg => match def_of(f, a) {
            Some((Op::FNeg, args)) => Fold::Same(args[0]),
            _ => Fold::Keep,
        },
        _ => Fold::Keep,
    }
}

fn bool_op(f: &mut Function, i: Inst, op: Op, a: Value, b: Value) -> Fold {
    let (ca, cb) = (const_bool(f, a), const_bool(f, b));
    match (op, ca, cb) {
        (Op::BNot, Some(x), _) => bool(!x),
        (Op::BNot, ..) => match def_of(f, a) {
            Some((Op::BNot, args)) => Fold::Same(args[0]),
            Some((Op::ICmp { cc }, args)) => {
                let args = args.to_vec();
                let d = f.inst_mut(i);
                d.op = Op::ICmp { cc: cc.negate() };
                d.args = args.into_iter().collect();
                Fold::Keep
            }
            _ => Fold::Keep,
        },
        (Op::BAnd, _, Some(true)) | (Op::BOr | Op::BXor, _, Some(false)) => Fold::Same(a),
        (Op::BAnd, _, Some(false)) => bool(false),
        (Op::BOr, _, Some(true)) => bool(true),
        (Op::BAnd | Op::BOr, ..) if a == b => Fold::Same(a),
        (Op::BXor, ..) if a == b => bool(false),
        (Op::BToI, Some(x), _) => int(i64::from(x)),
        (Op::Select, c, _) => {
            let (x, y) = (f.inst(i).args[1], f.inst(i).args[2]);
            match c {
                Some(c) => Fold::Same(if c { x } else { y }),
                None if x == y => Fold::Same(x),
                None if f.repr(x) == Repr::Bool && const_bool(f, x) == Some(true) && const_bool(f, y) == Some(false) => Fold::Same(a),
                None => Fold::Keep,
            }
        }
        (Op::Branch, Some(c), _) => {
            let d = f.inst_mut(i);
            d.op = Op::Jump;
            d.args.clear();
            d.targets.remove(usize::from(c));
            Fold::Keep
        }
        (Op::Branch, None, _) => {
            if let Some((Op::BNot, args)) = def_of(f, a) {
                let c = args[0];
                let d = f.inst_mut(i);
                d.args[0] = c;
                d.targets.swap(0, 1);
            }
            Fold::Keep
        }
        _ => Fold::Keep,
    }
}

fn object_op(f: &mut Function, i: Inst, op: Op, a: Value, b: Value) -> Fold {
    let content = |f: &Function, want: Op| match def_of(f, a) {
        Some((op, args)) if op == want => Some(args[0]),
        _ => None,
    };
    let unboxed = match op {
        Op::UnboxInt => content(f, Op::BoxInt),
        Op::UnboxFloat => content(f, Op::BoxFloat),
        Op::UnboxLow => content(f, Op::BoxInt).or_else(|| content(f, WIDE_BOX)),
        Op::UnboxHigh => match def_of(f, a) {
            Some((WIDE_BOX, args)) => Some(args[1]),
            _ => None,
        },
        Op::UnboxBool => content(f, Op::BoxBool),
        Op::ComplexReal => content(f, Op::BoxComplex),
        Op::ComplexImag => match def_of(f, a) {
            Some((Op::BoxComplex, args)) => Some(args[1]),
            _ => None,
        },
        _ => None,
    };
    if let Some(v) = unboxed {
        return Fold::Same(v);
    }
    if let (Op::TupleLen | Op::TupleGet, Some((Op::TupleNew, items))) = (op, def_of(f, a)) {
        let at = f.const_int(b).and_then(|n| usize::try_from(n).ok());
        return match at.and_then(|n| items.get(n)) {
            _ if op == Op::TupleLen => int(items.len() as i64),
            Some(&item) => Fold::Same(item),
            None => Fold::Keep,
        };
    }
    match op {
        Op::GuardType { ty } if obj_ty(f, a) == ty => Fold::Drop,
        Op::TypeIs { ty } if obj_ty(f, a) != Ty::Any => bool(obj_ty(f, a) == ty),
        Op::GuardIs { obj } => match f.const_op(a) {
            Some(Op::ConstObj { obj: o }) if o == obj => Fold::Drop,
            Some(Op::ConstObj { .. }) => Fold::Leave,
            _ => Fold::Keep,
        },
        Op::ObjIs if a == b => bool(true),
        Op::ObjIs => match (f.const_op(a), f.const_op(b)) {
            (Some(x), Some(y)) => bool(x == y),
            _ => Fold::Keep,
        },
        Op::IsNull | Op::GuardNotNull => match (op, is_null(f, a)) {
            (Op::IsNull, Some(n)) => bool(n),
            (Op::GuardNotNull, Some(false)) => Fold::Drop,
            (Op::GuardNotNull, Some(true)) => Fold::Leave,
            _ => Fold::Keep,
        },
        Op::GuardTrue | Op::GuardFalse => match const_bool(f, a) {
            Some(c) if c == (op == Op::GuardTrue) => Fold::Drop,
            Some(_) => Fold::Leave,
            None => {
                if let Some((Op::BNot, args)) = def_of(f, a) {
                    let c = args[0];
                    let d = f.inst_mut(i);
                    d.args[0] = c;
                    d.op = if op == Op::GuardTrue { Op::GuardFalse } else { Op::GuardTrue };
                }
                Fold::Keep
            }
        },
        Op::Index | Op::IndexPos => match (f.const_int(a), f.const_int(b)) {
            (Some(x), Some(n)) if x >= 0 && x < n => int(x),
            (Some(x), Some(n)) if op == Op::Index && x < 0 && x + n >= 0 => int(x + n),
            _ => Fold::Keep,
        },
        _ => Fold::Keep,
    }
}

/// Whether the object is the null pointer, where its definition tells.
pub fn is_null(f: &Function, v: Value) -> Option<bool> {
    match def_of(f, v)?.0 {
        Op::ConstNull => Some(true),
        Op::CellGet | Op::CellSwap | Op::FuncGet { .. } | Op::AttrSwap { .. } | Op::Select => None,
        Op::Call { helper: Helper::IterNext } => None,
        _ => Some(false),
    }
}
