//! What is known of ints: intervals, facts, and proofs from them.
//!
//! **Intervals.** Every int value gets an interval, by iterating over the blocks in reverse post-order from "no value
//! yet" upwards. Growing bounds at loop headers jump to the next of a few thresholds after some rounds, so this ends;
//! a few more rounds then shrink what the jumps overshot, each round starting from sound intervals and keeping them so.
//!
//! **Facts** are comparisons of two ints that hold from some block on: the condition of the only edge to it (so an element of
//! a `range` loop has not reached the stop), a check passed in a dominating block, that a value which only falls in a loop is at
//! most what it entered with. An operand's interval in a block is its own, cut by the facts that
//! hold there with the other side's interval. Proofs of `x < y` follow facts and `+ c` from `x` to `y`, a few steps deep.
//! Additions of constants are taken apart only where they cannot wrap around.

use super::interval::{MAX_LEN, Range, eval, exact};
use super::rewrite::homes;
use crate::dom::{Dom, Loops, Pred};
use crate::ir::{Block, Def, Function, Inst, Kind, Value};
use crate::maps::HashMap;
use crate::ops::{Cc, Op, Ovf};
use crate::types::Repr;
use smallvec::SmallVec;
use std::cell::Cell;

/// `value cc other`, from a block on.
#[derive(Clone, Copy)]
struct Fact {
    from: Block,
    /// In `from` itself only behind the instruction of this number (0: everywhere).
    after: u32,
    cc: Cc,
    other: Other,
}

#[derive(Clone, Copy, PartialEq)]
enum Other {
    Value(Value),
    Const(i64),
}

/// What is known of a function's ints.
pub(super) struct Analysis<'a> {
    d: &'a Dom,
    /// By value: its interval everywhere; nothing: never computed.
    range: Vec<Option<Range>>,
    /// Additions and subtractions that are the mathematical ones.
    exact: Vec<bool>,
    facts: HashMap<Value, Vec<Fact>>,
    /// Where each value is defined.
    home: Vec<Block>,
    /// Steps left of the proof under way.
    fuel: Cell<u32>,
    /// How many instructions of the block looked at are behind us.
    here: Cell<u32>,
}

/// Facts kept of one value.
const MAX_FACTS: usize = 48;
/// Rounds before bounds jump.
const PATIENCE: usize = 3;
const SHRINK: usize = 3;
/// Rounds after which nothing is known of anything.
const MAX_ROUNDS: usize = 60;
/// Steps of a proof: in a row, and in all.
const DEPTH: u32 = 7;
const FUEL: u32 = 200;

impl<'a> Analysis<'a> {
    pub fn new(f: &Function, d: &'a Dom) -> Analysis<'a> {
        let loops = Loops::new(d);
        let mut a = Analysis {
            d,
            range: vec![None; f.values.len()],
            exact: vec![false; f.insts.len()],
            facts: HashMap::default(),
            home: homes(f, d),
            fuel: Cell::new(0),
            here: Cell::new(0),
        };
        a.entered(f);
        a.collect(f, &loops);
        a.solve(f, &loops);
        loops.loops.iter().for_each(|l| a.rising(f, l.header));
        a
    }

    /// How many instructions of the block that is asked about next are behind us.
    pub fn set_here(&self, n: u32) {
        self.here.set(n);
    }

    /// Asks about the end of blocks.
    fn at_end<T>(&self, ask: impl FnOnce(&Self) -> T) -> T {
        let here = self.here.replace(u32::MAX);
        let answer = ask(self);
        self.here.set(here);
        answer
    }

    // ---- facts

    fn add(&mut self, v: Value, from: Block, after: u32, cc: Cc, other: Other) {
        let list = self.facts.entry(v).or_default();
        if list.len() < MAX_FACTS {
            list.push(Fact { from, after, cc, other });
        }
    }

    fn add_both(&mut self, a: Value, b: Value, from: Block, after: u32, cc: Cc) {
        self.add(a, from, after, cc, Other::Value(b));
        self.add(b, from, after, cc.swap(), Other::Value(a));
    }

    fn assume(&mut self, f: &Function, c: Value, truth: bool, from: Block, after: u32) {
        let Some((op, args)) = def(f, c) else { return };
        match op {
            Op::ICmp { cc } => self.add_both(args[0], args[1], from, after, if truth { cc } else { cc.negate() }),
            Op::BNot => self.assume(f, args[0], !truth, from, after),
            Op::BAnd if truth => args.iter().for_each(|&a| self.assume(f, a, true, from, after)),
            Op::BOr if !truth => args.iter().for_each(|&a| self.assume(f, a, false, from, after)),
            _ => {}
        }
    }

    fn collect(&mut self, f: &Function, loops: &Loops) {
        for &b in &self.d.rpo {
            if let [p] = self.d.preds[b.index()][..] {
                let t = f.inst(f.terminator(p.block).expect("a predecessor ends"));
                if t.op == Op::Branch {
                    self.assume(f, t.args[0], p.target == 0, b, 0);
                }
            }
            for (n, &i) in (1..).zip(&f.block(b).insts) {
                let inst = f.inst(i);
                match (inst.op, inst.result) {
                    (Op::GuardTrue | Op::GuardFalse, _) => self.assume(f, inst.args[0], inst.op == Op::GuardTrue, b, n),
                    (Op::Index | Op::IndexPos, Some(v)) => {
                        self.add(v, b, 0, Cc::Lt, Other::Value(inst.args[1]));
                        if inst.op == Op::IndexPos {
                            self.add_both(inst.args[0], inst.args[1], b, n, Cc::Lt);
                            self.add(inst.args[0], b, n, Cc::Ge, Other::Const(0));
                        }
                    }
                    _ => {}
                }
            }
        }
        for l in &loops.loops {
            self.falling(f, l.header);
        }
    }

    /// A parameter that back-edges only lower is at most what the loop was entered with; one they only raise, at least.
    fn falling(&mut self, f: &Function, header: Block) {
        let (entering, back): (Vec<_>, Vec<_>) = self.d.preds[header.index()]
            .iter()
            .partition(|p| !self.d.dominates(header, p.block));
        let [entry] = entering[..] else { return };
        for (n, &p) in f.block(header).params.iter().enumerate() {
            if f.repr(p) != Repr::Int {
                continue;
            }
            let steps: Option<Vec<i64>> = back.iter().map(|e| step_from(f, argument(f, *e, n), p)).collect();
            let Some(steps) = steps else { continue };
            let start = Other::Value(argument(f, entry, n));
            if steps.iter().all(|&c| c <= 0) {
                self.add(p, header, 0, Cc::Le, start);
            } else if steps.iter().all(|&c| c >= 0) {
                self.add(p, header, 0, Cc::Ge, start);
            }
        }
    }

    /// A parameter to which back-edges add only what is known not to be negative is at least what the loop was entered with.
    fn rising(&mut self, f: &Function, header: Block) {
        let (entering, back): (Vec<_>, Vec<_>) = self.d.preds[header.index()]
            .iter()
            .partition(|p| !self.d.dominates(header, p.block));
        let [entry] = entering[..] else { return };
        for (n, &p) in f.block(header).params.iter().enumerate() {
            let adds = |e: &&Pred| match def(f, argument(f, **e, n)) {
                Some((Op::IAdd { ovf: Ovf::Check }, args)) => args[0] == p && self.at(args[1], e.block).is_some_and(|by| by.lo >= 0),
                _ => false,
            };
            if back.iter().all(|e| adds(&e)) {
                self.add(p, header, 0, Cc::Ge, Other::Value(argument(f, entry, n)));
            }
        }
    }

    /// What is known of the steps of iterators that the function is entered with.
    fn entered(&mut self, f: &Function) {
        let mut n = 0;
        for kind in f.entry_locals.iter().chain(&f.entry_stack) {
            let start = n;
            kind.leaves(&mut |_, _| n += 1);
            if let Kind::RangeUp = kind {
                let step = f.block(f.entry).params[start + 2];
                self.add(step, f.entry, 0, Cc::Gt, Other::Const(0));
            }
        }
    }

    // ---- intervals

    fn holds(&self, x: &Fact, b: Block) -> bool {
        self.d.dominates(x.from, b) && (x.from != b || x.after <= self.here.get())
    }

    fn plain(&self, o: Other) -> Option<Range> {
        match o {
            Other::Value(v) => self.range[v.index()],
            Other::Const(c) => Some(Range::one(c)),
        }
    }

    /// The interval of `v` in `b`.
    pub fn at(&self, v: Value, b: Block) -> Option<Range> {
        let mut r = self.range[v.index()]?;
        for x in self.facts.get(&v).into_iter().flatten() {
            if self.holds(x, b) {
                // A side that has no interval yet makes the place unreachable for now.
                r = r.given(x.cc, self.plain(x.other)?)?;
            }
        }
        Some(r)
    }

    /// The interval of `v` where `c` has this value as well.
    fn given(&self, f: &Function, v: Value, b: Block, c: Value, truth: bool) -> Option<Range> {
        let r = self.at(v, b)?;
        match def(f, c) {
            Some((Op::ICmp { cc }, args)) => {
                let cc = if truth { cc } else { cc.negate() };
                if args[0] == v {
                    r.given(cc, self.at(args[1], b)?)
                } else if args[1] == v {
                    r.given(cc.swap(), self.at(args[0], b)?)
                } else {
                    Some(r)
                }
            }
            Some((Op::BNot, args)) => self.given(f, v, b, args[0], !truth),
            _ => Some(r),
        }
    }

    fn solve(&mut self, f: &Function, loops: &Loops) {
        let mut headers = vec![false; f.blocks.len()];
        loops.loops.iter().for_each(|l| headers[l.header.index()] = true);
        let mut rounds = 0;
        while self.round(f, &headers, rounds, false) {
            rounds += 1;
            if rounds == MAX_ROUNDS {
                self.range.iter_mut().for_each(|r| *r = Some(Range::FULL));
                break;
            }
        }
        for _ in 0..SHRINK {
            self.round(f, &headers, 0, true);
        }
        for &b in &self.d.rpo {
            for (n, &i) in (0..).zip(&f.block(b).insts) {
                let inst = f.inst(i);
                self.set_here(n);
                self.exact[i.index()] = match inst.op {
                    Op::IAdd { ovf: Ovf::Check } | Op::ISub { ovf: Ovf::Check } => true,
                    Op::IAdd { .. } | Op::ISub { .. } => match (self.at(inst.args[0], b), self.at(inst.args[1], b)) {
                        (Some(x), Some(y)) => exact(inst.op, x, y).is_some_and(|w| w.fits()),
                        _ => false,
                    },
                    _ => false,
                };
            }
        }
    }

    fn round(&mut self, f: &Function, headers: &[bool], round: usize, shrink: bool) -> bool {
        let mut changed = false;
        for &b in &self.d.rpo {
            for (n, &p) in f.block(b).params.iter().enumerate() {
                if f.repr(p) != Repr::Int {
                    continue;
                }
                let mut new = if b == f.entry { Some(Range::FULL) } else { None };
                for e in &self.d.preds[b.index()] {
                    let t = f.inst(f.terminator(e.block).expect("a predecessor ends"));
                    let arg = t.targets[e.target].args[n];
                    let r = self.at_end(|a| match t.op {
                        Op::Branch => a.given(f, arg, e.block, t.args[0], e.target == 0),
                        _ => a.at(arg, e.block),
                    });
                    new = join(new, r);
                }
                changed |= self.update(p, new, headers[b.index()] && round >= PATIENCE, shrink);
            }
            for (n, &i) in (0..).zip(&f.block(b).insts) {
                let inst = f.inst(i);
                self.set_here(n);
                if let Some(v) = inst.result.filter(|&v| f.repr(v) == Repr::Int) {
                    let new = self.result(f, b, i);
                    // Cycles pass through headers, except in irreducible flow: there everything jumps at last.
                    changed |= self.update(v, new, round > 40, shrink);
                }
            }
        }
        changed
    }

    fn update(&mut self, v: Value, new: Option<Range>, jump: bool, shrink: bool) -> bool {
        let old = self.range[v.index()];
        let next = match (old, new) {
            (None, n) => {
                if shrink {
                    return false;
                }
                n
            }
            (Some(o), None) => Some(o),
            (Some(o), Some(n)) if shrink => o.meet(n).or(Some(o)),
            (Some(o), Some(n)) => {
                let u = o.union(n);
                if jump && u != o { Some(widen(o, u)) } else { Some(u) }
            }
        };
        self.range[v.index()] = next;
        next != old
    }

    /// The interval of an instruction's result; nothing while an operand has none.
    fn result(&self, f: &Function, b: Block, i: Inst) -> Option<Range> {
        let inst = f.inst(i);
        if let Op::ConstInt { v } = inst.op {
            return Some(Range::one(v));
        }
        let arg = |n: usize| match inst.args.get(n) {
            Some(&v) if f.repr(v) == Repr::Int => self.at(v, b).map(Some),
            _ => Some(None),
        };
        if inst.op == Op::Select {
            let (c, x, y) = (inst.args[0], inst.args[1], inst.args[2]);
            return join(self.given(f, x, b, c, true), self.given(f, y, b, c, false));
        }
        let x = arg(0)?.unwrap_or(Range::FULL);
        let y = arg(1)?.unwrap_or(Range::FULL);
        if matches!(inst.op, Op::IMul { .. }) && inst.args[0] == inst.args[1] {
            let m = eval(Op::IAbs, x, x);
            let square = exact(inst.op, m, m)?;
            return if square.fits() || inst.op == (Op::IMul { ovf: Ovf::Check }) {
                square.clip()
            } else {
                Some(Range::FULL)
            };
        }
        match inst.op {
            Op::IAdd { ovf } | Op::ISub { ovf } | Op::IMul { ovf } | Op::INeg { ovf } | Op::IShl { ovf } => match exact(inst.op, x, y) {
                Some(w) if w.fits() || ovf == Ovf::Check => w.clip(),
                _ => Some(Range::FULL),
            },
            op => Some(eval(op, x, y)),
        }
    }

    // ---- proofs

    /// `v` as another value plus a constant.
    pub fn parts(&self, f: &Function, mut v: Value) -> (Value, i128) {
        let mut c = 0;
        for _ in 0..8 {
            let Def::Inst(i) = f.value(v).def else { break };
            let inst = f.inst(i);
            let (Op::IAdd { .. } | Op::ISub { .. }) = inst.op else { break };
            let Some(k) = f.const_int(inst.args[1]) else { break };
            if !self.exact[i.index()] {
                break;
            }
            c += if matches!(inst.op, Op::IAdd { .. }) {
                i128::from(k)
            } else {
                -i128::from(k)
            };
            v = inst.args[0];
        }
        (v, c)
    }

    /// Whether `x < y` in block `b`.
    pub fn less(&self, f: &Function, b: Block, x: Value, y: Value) -> bool {
        if let (Some(x), Some(y)) = (self.at(x, b), self.at(y, b))
            && x.hi < y.lo
        {
            return true;
        }
        let (y, c) = self.parts(f, y);
        self.fuel.set(FUEL);
        self.at_most(f, b, x, y, c - 1, DEPTH)
    }

    /// Whether `x <= y + c` in block `b`.
    fn at_most(&self, f: &Function, b: Block, x: Value, y: Value, c: i128, depth: u32) -> bool {
        let (x, k) = self.parts(f, x);
        let c = c - k;
        if x == y {
            return c >= 0;
        }
        if let (Some(x), Some(y)) = (self.at(x, b), self.at(y, b))
            && i128::from(x.hi) <= i128::from(y.lo) + c
        {
            return true;
        }
        let fuel = self.fuel.get();
        if depth == 0 || fuel == 0 {
            return false;
        }
        self.fuel.set(fuel - 1);
        let known = self.facts.get(&x).into_iter().flatten().filter(|e| self.holds(e, b));
        let mut bounds: SmallVec<[(Value, i128); 8]> = known
            .filter_map(|e| match (e.cc, e.other) {
                (Cc::Lt, Other::Value(o)) => Some((o, -1)),
                (Cc::Le | Cc::Eq, Other::Value(o)) => Some((o, 0)),
                _ => None,
            })
            .collect();
        self.natural_bounds(f, b, x, &mut bounds);
        bounds.into_iter().any(|(o, less)| self.at_most(f, b, o, y, c - less, depth - 1)) || self.all_ways(f, b, x, y, c, depth - 1)
    }

    /// Some `o` and `c` such that `x <= o + c` in block `b`, where `wanted` holds of `o`.
    pub fn bounded_by(&self, f: &Function, b: Block, x: Value, wanted: &impl Fn(Value) -> bool, depth: u32) -> Option<(Value, i128)> {
        let (x, k) = self.parts(f, x);
        if wanted(x) {
            return Some((x, k));
        }
        if depth == 0 {
            return None;
        }
        let known = self.facts.get(&x).into_iter().flatten().filter(|e| self.holds(e, b));
        let mut bounds: SmallVec<[(Value, i128); 8]> = known
            .filter_map(|e| match (e.cc, e.other) {
                (Cc::Lt, Other::Value(o)) => Some((o, -1)),
                (Cc::Le | Cc::Eq, Other::Value(o)) => Some((o, 0)),
                _ => None,
            })
            .collect();
        self.natural_bounds(f, b, x, &mut bounds);
        bounds.sort_by_key(|o| !wanted(o.0));
        let found = |(o, c)| self.bounded_by(f, b, o, wanted, depth - 1).map(|(o, more)| (o, c + more));
        bounds.into_iter().find_map(found).map(|(o, c)| (o, c + k))
    }

    /// Some `o` and `c` such that `x >= o + c` in block `b`, where `wanted` holds of `o`.
    pub fn bounded_below_by(&self, f: &Function, b: Block, x: Value, wanted: &impl Fn(Value) -> bool) -> Option<(Value, i128)> {
        let (x, k) = self.parts(f, x);
        if wanted(x) {
            return Some((x, k));
        }
        let mut known = self.facts.get(&x).into_iter().flatten().filter(|e| self.holds(e, b));
        known.find_map(|e| match (e.cc, e.other) {
            (Cc::Gt, Other::Value(o)) if wanted(o) => Some((o, k + 1)),
            (Cc::Ge | Cc::Eq, Other::Value(o)) if wanted(o) => Some((o, k)),
            _ => None,
        })
    }

    /// Whether everything that `x` may be is at most `y + c`: both sides of a choice, or the arguments for a parameter, where
    /// they are passed. Passing itself on adds nothing; `y` must be defined before all of that.
    fn all_ways(&self, f: &Function, b: Block, x: Value, y: Value, c: i128, depth: u32) -> bool {
        match f.value(x).def {
            Def::Inst(i) if f.inst(i).op == Op::Select => f.inst(i).args[1..].iter().all(|&side| self.at_most(f, b, side, y, c, depth)),
            Def::Param(to, n) if to != f.entry && self.d.preds[to.index()].len() <= 4 => self.d.preds[to.index()].iter().all(|&p| {
                let arg = argument(f, p, n.into());
                let before = self.d.dominates(self.home[y.index()], p.block);
                before && (arg == x || self.at_end(|a| a.at_most(f, p.block, arg, y, c, depth)))
            }),
            _ => false,
        }
    }

    /// Values that `x` is at most (plus the constant) by the way it is computed.
    fn natural_bounds(&self, f: &Function, b: Block, x: Value, out: &mut SmallVec<[(Value, i128); 8]>) {
        let Some((op, args)) = def(f, x) else { return };
        let non_negative = |v: Value| self.at(v, b).is_some_and(|r| r.lo >= 0);
        match op {
            // A zero divisor has exited.
            Op::IMod if non_negative(args[1]) => {
                out.push((args[1], -1));
                if non_negative(args[0]) {
                    out.push((args[0], 0));
                }
            }
            Op::IFloorDiv if non_negative(args[0]) && non_negative(args[1]) => out.push((args[0], 0)),
            Op::IShr if non_negative(args[0]) => out.push((args[0], 0)),
            Op::IAnd => out.extend(args.iter().filter(|&&a| non_negative(a)).map(|&a| (a, 0))),
            Op::ISub { ovf: Ovf::Check } if non_negative(args[1]) => out.push((args[0], 0)),
            Op::Select => {
                // The smaller of two.
                if let Some((Op::ICmp { cc }, c)) = def(f, args[0]) {
                    let min = match cc {
                        Cc::Lt | Cc::Le => c[0] == args[1] && c[1] == args[2],
                        Cc::Gt | Cc::Ge => c[0] == args[2] && c[1] == args[1],
                        _ => false,
                    };
                    if min {
                        out.extend([(args[1], 0), (args[2], 0)]);
                    }
                }
            }
            _ => {}
        }
    }
}

fn join(a: Option<Range>, b: Option<Range>) -> Option<Range> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.union(b)),
        (a, b) => a.or(b),
    }
}

/// Bounds that grew go to the next threshold.
fn widen(old: Range, new: Range) -> Range {
    const UP: [i64; 6] = [0, 255, 1 << 31, 1 << 53, MAX_LEN, i64::MAX - 1];
    let hi = if new.hi > old.hi {
        UP.iter().copied().find(|&t| t >= new.hi).unwrap_or(i64::MAX)
    } else {
        old.hi
    };
    let lo = if new.lo < old.lo {
        UP.iter()
            .copied()
            .map(|t| if t == 0 { 0 } else { -t })
            .find(|&t| t <= new.lo)
            .unwrap_or(i64::MIN)
    } else {
        old.lo
    };
    Range { lo, hi }
}

/// What an edge passes for a parameter.
fn argument(f: &Function, p: Pred, n: usize) -> Value {
    f.inst(f.terminator(p.block).expect("a predecessor ends")).targets[p.target].args[n]
}

fn def(f: &Function, v: Value) -> Option<(Op, &[Value])> {
    match f.value(v).def {
        Def::Inst(i) => Some((f.inst(i).op, &f.inst(i).args)),
        _ => None,
    }
}

/// By how much `v` is more than `p`, following checked additions of constants.
fn step_from(f: &Function, mut v: Value, p: Value) -> Option<i64> {
    let mut sum = 0i64;
    for _ in 0..8 {
        if v == p {
            return Some(sum);
        }
        let (op, args) = def(f, v)?;
        let c = f.const_int(*args.get(1)?)?;
        sum = match op {
            Op::IAdd { ovf: Ovf::Check } => sum.checked_add(c)?,
            Op::ISub { ovf: Ovf::Check } => sum.checked_sub(c)?,
            _ => return None,
        };
        v = args[0];
    }
    None
}
