//! Checks that a list stored to is not the list that rows are taken from, and one appended to none that is read.
//!
//! In `for j in ...: c[i][j] = ...` the row `c[i]` is the same in every iteration, unless the store changes `c` itself, which
//! it would if the row were `c`. Nobody writes such programs, so before the store a check is put that the two differ, and the
//! other passes then hoist the row with everything known of it, and the check too.
//!
//! So it is with `out.append(f(a[i]))`: were `out` the list that is read, it would get longer.
//!
//! It is done in innermost loops in which nothing but such stores changes lists, for lists that come from
//! outside the loop, and whose item, at an index that is the same in every iteration, is used as a list, where a store is to an item.

use super::memory::{appends, stored_list};
use crate::dom::{Dom, Loops};
use crate::effects::Mem;
use crate::ir::{Def, Function, Inst, Reason, Value};
use crate::maps::{HashMap, HashSet};
use crate::ops::Op;

/// The most checks put into one loop.
const MAX_CHECKS: usize = 8;

/// The pass.
pub fn run(f: &mut Function) {
    let d = Dom::new(f);
    let loops = Loops::new(&d);
    let mut inner = vec![true; loops.loops.len()];
    for l in &loops.loops {
        if let Some(p) = l.parent {
            inner[p] = false;
        }
    }
    for (n, _) in inner.iter().enumerate().filter(|x| *x.1) {
        let found = Finder::new(f, &loops, n).pairs();
        if !found.is_empty() && found.len() <= MAX_CHECKS {
            put(f, &loops, n, &found);
        }
    }
}

struct Finder<'a> {
    f: &'a Function,
    inside: HashSet<Value>,
    insts: Vec<Inst>,
    memo: HashMap<Value, bool>,
}

impl<'a> Finder<'a> {
    fn new(f: &'a Function, loops: &Loops, n: usize) -> Finder<'a> {
        let blocks = &loops.loops[n].blocks;
        let insts: Vec<Inst> = blocks.iter().flat_map(|&b| f.block(b).insts.iter().copied()).collect();
        let results = insts.iter().filter_map(|&i| f.inst(i).result);
        let inside = blocks
            .iter()
            .flat_map(|&b| f.block(b).params.iter().copied())
            .chain(results)
            .collect();
        Finder {
            f,
            inside,
            insts,
            memo: HashMap::default(),
        }
    }

    /// Stores, and the lists they shall not be to.
    fn pairs(&mut self) -> Vec<(Inst, Value)> {
        let f = self.f;
        let mut stores = Vec::new();
        for &i in &self.insts {
            if stored_list(f, i).is_some() {
                stores.push(i);
            } else if f.inst(i).op.effects().writes.overlaps(Mem::LIST_ITEMS) {
                return Vec::new();
            }
        }
        if stores.is_empty() {
            return Vec::new();
        }
        let lists: HashSet<Value> = self
            .insts
            .iter()
            .filter(|&&i| uses_list(f.inst(i).op))
            .map(|&i| f.inst(i).args[0])
            .collect();
        let mut bases: Vec<Value> = Vec::new();
        for i in self.insts.clone() {
            let d = f.inst(i);
            if d.op == Op::ListGet
                && d.result.is_some_and(|v| lists.contains(&v))
                && !self.inside.contains(&d.args[0])
                && !bases.contains(&d.args[0])
                && self.invariant(d.args[1])
            {
                bases.push(d.args[0]);
            }
        }
        let mut read: Vec<Value> = Vec::new();
        for d in self.insts.iter().map(|&i| f.inst(i)) {
            let reads = matches!(d.op, Op::ListGet | Op::ListLen | Op::ListItems);
            if reads && !self.inside.contains(&d.args[0]) && !read.contains(&d.args[0]) {
                read.push(d.args[0]);
            }
        }
        let list = |i: Inst| f.inst(i).args[0];
        let others = |i: Inst| if appends(f.inst(i).op) { &read } else { &bases };
        stores
            .iter()
            .flat_map(|&i| others(i).iter().filter(move |&&t| t != list(i)).map(move |&t| (i, t)))
            .collect()
    }

    /// Whether a value is the same in every iteration, if only items of lists change.
    fn invariant(&mut self, v: Value) -> bool {
        if !self.inside.contains(&v) {
            return true;
        }
        if let Some(&known) = self.memo.get(&v) {
            return known;
        }
        self.memo.insert(v, false);
        let Def::Inst(i) = self.f.value(v).def else { return false };
        let d = self.f.inst(i);
        let e = d.op.effects();
        let yes = e.mergeable() && !e.reads.overlaps(Mem::LIST_ITEMS) && d.args.clone().into_iter().all(|a| self.invariant(a));
        self.memo.insert(v, yes);
        yes
    }
}

fn uses_list(op: Op) -> bool {
    matches!(
        op,
        Op::ListGet | Op::ListLen | Op::ListSet | Op::ListSwap | Op::ListSetFloat | Op::ListSetInt
    )
}

fn put(f: &mut Function, loops: &Loops, n: usize, pairs: &[(Inst, Value)]) {
    for &b in &loops.loops[n].blocks {
        let mut out = Vec::with_capacity(f.block(b).insts.len() + pairs.len());
        for i in std::mem::take(&mut f.block_mut(b).insts) {
            for &(store, t) in pairs.iter().filter(|p| p.0 == i) {
                let (r, state) = (f.inst(store).args[0], f.inst(store).state);
                let (c, same) = f.make_inst(Op::ObjIs, &[r, t], None, Reason::None, None);
                let same = same.expect("a comparison has a result");
                let (g, _) = f.make_inst(Op::GuardFalse, &[same], state, Reason::Domain, None);
                out.extend([c, g]);
            }
            out.push(i);
        }
        f.block_mut(b).insts = out;
    }
}
