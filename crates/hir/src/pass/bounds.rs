//! Bounds checks of a loop, made once before it.
//!
//! In `for j in range(n): s += a[j]` every `j` is below `n`, so all checks hold if `n <= len(a)`, which the loop does not
//! change. This pass puts such a check into the preheader, where the range pass finds it and drops those inside.
//!
//! It looks at checks that are made in every round against a length from outside the loop, whose index is below something
//! from outside by what [`super::proof`] knows, or below a constant, and not negative, or so if something from outside is not. The
//! check goes in front of the outermost loop that allows it. When it fails, the interpreter runs the loop, and
//! the code is compiled again without (`no_hoist`): the loop may leave before the last round.

use super::preheader;
use super::proof::Analysis;
use super::rewrite::homes;
use crate::dom::{Dom, Loops};
use crate::ir::{Block, Function, Inst, Reason, Value};
use crate::maps::{HashMap, HashSet};
use crate::ops::{Cc, Op, Ovf};

/// Steps from an index to what bounds it.
const DEPTH: u32 = 3;
/// Larger constants are not taken for bounds: they come from the types of things.
const LARGEST_BOUND: i64 = 1 << 24;
/// Distances that cannot make a difference of lengths overflow.
const LARGEST_DISTANCE: i128 = 1 << 32;

/// `left <= right - less`; a constant has no value.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Check {
    left: Side,
    right: Side,
    less: i64,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Side {
    Value(Value),
    Const(i64),
}

/// The pass. Headers have preheaders.
pub fn run(f: &mut Function) {
    let d = Dom::new(f);
    let loops = Loops::new(&d);
    if loops.loops.is_empty() {
        return;
    }
    let home = homes(f, &d);
    let a = Analysis::new(f, &d);
    let mut found: Vec<(Block, usize, Check)> = Vec::new();
    for &b in d.rpo.iter().filter(|&&b| !f.block(b).cold) {
        let Some(n) = loops.innermost(b) else { continue };
        if !loops.loops[n].latches.iter().all(|&l| d.dominates(b, l)) {
            continue;
        }
        for (k, &i) in (0..).zip(&f.block(b).insts) {
            a.set_here(k);
            if let Some(checks) = needed(f, &a, &loops, n, &home, b, i) {
                for c in checks {
                    if let Some((pre, l)) = place(f, &d, &loops, n, &home, &c) {
                        found.push((pre, l, c));
                    }
                }
            }
        }
    }
    let mut done = HashSet::default();
    let mut states = HashMap::default();
    for (pre, l, c) in found {
        if done.insert((pre, c)) {
            let header = loops.loops[l].header;
            let state = *states.entry(pre).or_insert_with(|| preheader::entering_state(f, pre, header));
            let mut b = Before { f, pre };
            let cond = b.condition(c);
            let (guard, _) = f.make_inst(Op::GuardTrue, &[cond], Some(state), Reason::Hoisted, None);
            put(f, pre, guard);
        }
    }
}

/// The checks in front of loop `n` that make a bounds check in it needless.
fn needed(f: &Function, a: &Analysis, loops: &Loops, n: usize, home: &[Block], b: Block, i: Inst) -> Option<Vec<Check>> {
    let inst = f.inst(i);
    if !matches!(inst.op, Op::Index | Op::IndexPos) {
        return None;
    }
    let (index, len) = (inst.args[0], inst.args[1]);
    let outside = |v: Value| f.const_int(v).is_none() && !loops.contains(n, home[v.index()]);
    if !outside(len) || outside(index) {
        return None;
    }
    let range = a.at(index, b)?;
    let mut out = Vec::new();
    if range.lo < 0 {
        // start + c >= 0, as -c <= start
        let (o, c) = a.bounded_below_by(f, b, index, &outside)?;
        let c = within(c)?;
        out.push(Check {
            left: Side::Const(-c),
            right: Side::Value(o),
            less: 0,
        });
    }
    if !a.less(f, b, index, len) {
        out.push(match a.bounded_by(f, b, index, &outside, DEPTH) {
            // o + c < len
            Some((o, c)) if o != len => Check {
                left: Side::Value(o),
                right: Side::Value(len),
                less: within(c + 1)?,
            },
            _ if range.hi < LARGEST_BOUND => Check {
                left: Side::Const(range.hi + 1),
                right: Side::Value(len),
                less: 0,
            },
            _ => return None,
        });
    }
    Some(out)
}

fn within(c: i128) -> Option<i64> {
    (-LARGEST_DISTANCE..=LARGEST_DISTANCE).contains(&c).then_some(c as i64)
}

/// The preheader of the outermost loop around loop `n` before which the check can be made, and which leads to every round of `n`.
fn place(f: &Function, d: &Dom, loops: &Loops, n: usize, home: &[Block], c: &Check) -> Option<(Block, usize)> {
    let mut best = None;
    let mut cur = Some(n);
    let mut at: Option<Block> = None;
    while let Some(l) = cur {
        let lp = &loops.loops[l];
        let outside = |s: Side| match s {
            Side::Value(v) => !loops.contains(l, home[v.index()]),
            Side::Const(_) => true,
        };
        let always = at.is_none_or(|b| lp.latches.iter().all(|&latch| d.dominates(b, latch)));
        if !outside(c.left) || !outside(c.right) || !always {
            break;
        }
        let header = f.block(lp.header);
        let Some(pre) = preheader::of(f, d, lp.header).filter(|_| header.may_hoist()) else {
            break;
        };
        best = Some((pre, l));
        at = Some(pre);
        cur = lp.parent;
    }
    best
}

fn put(f: &mut Function, pre: Block, i: Inst) {
    let insts = &mut f.block_mut(pre).insts;
    let end = insts.len() - 1;
    insts.insert(end, i);
}

struct Before<'a> {
    f: &'a mut Function,
    pre: Block,
}

impl Before<'_> {
    fn op(&mut self, op: Op, args: &[Value]) -> Value {
        let (i, v) = self.f.make_inst(op, args, None, Reason::None, None);
        put(self.f, self.pre, i);
        v.expect("an int or a condition")
    }

    fn value(&mut self, s: Side) -> Value {
        match s {
            Side::Value(v) => v,
            Side::Const(v) => self.op(Op::ConstInt { v }, &[]),
        }
    }

    fn condition(&mut self, c: Check) -> Value {
        let (left, mut right) = (self.value(c.left), self.value(c.right));
        if c.less != 0 {
            // A length, so this does not wrap.
            let less = self.value(Side::Const(c.less));
            right = self.op(Op::ISub { ovf: Ovf::Wrap }, &[right, less]);
        }
        self.op(Op::ICmp { cc: Cc::Le }, &[left, right])
    }
}
