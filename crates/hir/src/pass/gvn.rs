//! Value numbering over the dominator tree: equal computations, loads and checks are done once, and what a branch or a
//! check has established is used behind it.
//!
//! Blocks are visited in reverse post-order. A table maps an op, its operands and the *versions* of the memory classes
//! it reads to the results known; an entry counts where its block dominates. Every write makes a new version of the
//! classes it touches; a merge keeps a version if all predecessors agree, a loop header if, besides, nothing in the
//! loop writes the class. One more version stands for "no user code ran", which is all that validity depends on.
//!
//! A store leaves an entry for the load of the same place. A store of an unboxed number leaves the number as the
//! content of what a later load yields, so that the load is left without uses.
//!
//! Memory classes and their refinements are explained in [`super::memory`].
//!
//! Conditions known true or false, comparisons of two ints as a set of possible orders, and types proved by checks are
//! kept per block in the same way.

use super::fold::obj_ty;
use super::memory::{CLASSES, Memory};
use super::rewrite::Replace;
use crate::dom::{Dom, Loops};
use crate::effects::Mem;
use crate::helpers::Helper;
use crate::ir::{Block, Def, Function, Inst, Reason, Value};
use crate::maps::HashMap;
use crate::ops::{Cc, Op};
use crate::types::Ty;
use smallvec::SmallVec;
use std::hash::Hash;

/// The pass.
pub fn run(f: &mut Function) {
    let d = Dom::new(f);
    let loops = Loops::new(&d);
    let memory = Memory::new(f, &d);
    let written = memory.loop_writes(f, &loops);
    let mut g = Gvn {
        memory,
        d: &d,
        repl: Replace::new(f),
        table: Scoped::default(),
        contents: Scoped::default(),
        bools: Scoped::default(),
        orders: Scoped::default(),
        types: Scoped::default(),
        version: [0; CLASSES],
        last: 0,
        out: vec![None; f.blocks.len()],
        consts: Vec::new(),
    };
    for &b in &d.rpo {
        g.enter(f, &loops, &written, b);
        let mut kept = Vec::with_capacity(f.block(b).insts.len());
        for i in std::mem::take(&mut f.block_mut(b).insts) {
            g.repl.inst(f, i);
            if g.inst(f, b, i) {
                kept.push(i);
            }
        }
        f.block_mut(b).insts = kept;
        g.out[b.index()] = Some(g.version);
    }
    let (repl, consts) = (g.repl, g.consts);
    f.block_mut(f.entry).insts.splice(0..0, consts);
    repl.apply(f);
}

/// Facts with the block from which on they hold.
struct Scoped<K, T> {
    map: HashMap<K, SmallVec<[(Block, T); 2]>>,
}

impl<K, T> Default for Scoped<K, T> {
    fn default() -> Self {
        Scoped { map: HashMap::default() }
    }
}

impl<K: Eq + Hash, T: Copy> Scoped<K, T> {
    /// The newest fact that holds in `b`.
    fn get(&self, d: &Dom, b: Block, k: &K) -> Option<T> {
        self.map.get(k)?.iter().rev().find(|(from, _)| d.dominates(*from, b)).map(|x| x.1)
    }
    fn add(&mut self, b: Block, k: K, t: T) {
        let list = self.map.entry(k).or_default();
        // Long lists of entries from unrelated blocks would make lookups slow.
        if list.len() >= 16 {
            list.remove(0);
        }
        list.push((b, t));
    }
}

type Versions = [u32; CLASSES];

#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    op: Op,
    args: SmallVec<[Value; 4]>,
    versions: SmallVec<[u32; 4]>,
}

/// Possible orders of a pair of ints.
const LT: u8 = 1;
const EQ: u8 = 2;
const GT: u8 = 4;

fn order_mask(cc: Cc) -> u8 {
    match cc {
        Cc::Lt => LT,
        Cc::Le => LT | EQ,
        Cc::Eq => EQ,
        Cc::Ne => LT | GT,
        Cc::Gt => GT,
        Cc::Ge => GT | EQ,
    }
}

/// The pair in a fixed order, and the comparison that fits it.
fn ordered(cc: Cc, a: Value, b: Value) -> ((Value, Value), u8) {
    if a <= b {
        ((a, b), order_mask(cc))
    } else {
        ((b, a), order_mask(cc.swap()))
    }
}

struct Gvn<'a> {
    d: &'a Dom,
    memory: Memory,
    repl: Replace,
    /// Results of ops; ops without a result stand for themselves with no value.
    table: Scoped<Key, Option<Value>>,
    /// Unboxed numbers stored where the load of this key reads.
    contents: Scoped<Key, Value>,
    bools: Scoped<Value, bool>,
    orders: Scoped<(Value, Value), u8>,
    types: Scoped<Value, Ty>,
    version: Versions,
    last: u32,
    /// Versions at the end of each block visited.
    out: Vec<Option<Versions>>,
    /// New constants for the entry block.
    consts: Vec<Inst>,
}

impl Gvn<'_> {
    fn enter(&mut self, f: &Function, loops: &Loops, written: &[u64], b: Block) {
        let preds = &self.d.preds[b.index()];
        let header = loops.innermost(b).filter(|&l| loops.loops[l].header == b);
        let mut merged: Option<Versions> = None;
        let mut fresh = header.map_or(0, |l| written[l]);
        for p in preds {
            match self.out[p.block.index()] {
                Some(v) => match &mut merged {
                    None => merged = Some(v),
                    Some(m) => (0..CLASSES).filter(|&c| m[c] != v[c]).for_each(|c| fresh |= 1 << c),
                },
                None if self.d.dominates(b, p.block) => {}
                None => fresh = u64::MAX,
            }
        }
        self.version = merged.unwrap_or([0; CLASSES]);
        self.bump(fresh);
        if let [p] = preds[..] {
            let t = f.inst(f.terminator(p.block).expect("a predecessor ends"));
            if t.op == Op::Branch {
                self.assume(f, b, t.args[0], p.target == 0);
            }
        }
    }

    fn bump(&mut self, classes: u64) {
        for c in (0..CLASSES).filter(|c| classes >> c & 1 != 0) {
            self.last += 1;
            self.version[c] = self.last;
        }
    }

    fn key(&self, op: Op, args: &[Value]) -> Key {
        let mut args: SmallVec<[Value; 4]> = args.iter().copied().collect();
        let commutes = matches!(
            op,
            Op::IAdd { .. }
                | Op::IMul { .. }
                | Op::IAnd
                | Op::IOr
                | Op::IXor
                | Op::FAdd
                | Op::FMul
                | Op::BAnd
                | Op::BOr
                | Op::BXor
                | Op::ObjIs
        );
        if commutes {
            args.sort();
        }
        let reads = self.memory.reads(op, &args);
        let versions = (0..CLASSES).filter(|c| reads >> c & 1 != 0).map(|c| self.version[c]).collect();
        Key { op, args, versions }
    }

    /// From `b` on the condition has this value.
    fn assume(&mut self, f: &Function, b: Block, c: Value, truth: bool) {
        let c = self.repl.find(c);
        self.bools.add(b, c, truth);
        let Def::Inst(i) = f.value(c).def else { return };
        let d = f.inst(i);
        match d.op {
            Op::BNot => self.assume(f, b, d.args[0], !truth),
            Op::BAnd if truth => d.args.iter().for_each(|&a| self.assume(f, b, a, true)),
            Op::BOr if !truth => d.args.iter().for_each(|&a| self.assume(f, b, a, false)),
            Op::ICmp { cc } => {
                let (pair, mask) = ordered(
                    if truth { cc } else { cc.negate() },
                    self.repl.find(d.args[0]),
                    self.repl.find(d.args[1]),
                );
                let known = self.orders.get(self.d, b, &pair).unwrap_or(LT | EQ | GT);
                self.orders.add(b, pair, known & mask);
            }
            Op::TypeIs { ty } if truth => self.types.add(b, self.repl.find(d.args[0]), ty),
            _ => {}
        }
    }

    fn known_type(&self, f: &Function, b: Block, v: Value) -> Ty {
        match obj_ty(f, v) {
            Ty::Any => self.types.get(self.d, b, &v).unwrap_or(Ty::Any),
            t => t,
        }
    }

    /// The value of a condition, where something behind us has settled it.
    fn settled(&self, f: &Function, b: Block, i: Inst) -> Option<bool> {
        let d = f.inst(i);
        match d.op {
            Op::ICmp { cc } => {
                let (pair, mask) = ordered(cc, d.args[0], d.args[1]);
                let known = self.orders.get(self.d, b, &pair)?;
                if known & !mask == 0 {
                    Some(true)
                } else if known & mask == 0 {
                    Some(false)
                } else {
                    None
                }
            }
            Op::TypeIs { ty } => match self.known_type(f, b, d.args[0]) {
                Ty::Any => None,
                t => Some(t == ty),
            },
            _ => None,
        }
    }

    fn const_bool(&mut self, f: &mut Function, v: bool) -> Value {
        let (i, c) = f.make_inst(Op::ConstBool { v }, &[], None, Reason::None, None);
        self.consts.push(i);
        c.expect("a constant has a result")
    }

    /// Looks at one instruction; false removes it.
    fn inst(&mut self, f: &mut Function, b: Block, i: Inst) -> bool {
        if let (Op::DecRef | Op::XDecRef, Some(&v)) = (f.inst(i).op, f.inst(i).args.first())
            && self.known_type(f, b, v).is_leaf()
        {
            let d = f.inst_mut(i);
            (d.op, d.state) = (Op::DecRefLeaf, None);
        }
        let op = f.inst(i).op;
        let e = op.effects();
        let first = f.inst(i).args.first().copied();
        match (op, first) {
            (Op::GuardType { ty }, Some(v)) => {
                if self.known_type(f, b, v) == ty {
                    return false;
                }
                self.types.add(b, v, ty);
            }
            (Op::GuardIs { obj }, Some(v)) => {
                let ty = f.objs[obj.0 as usize].ty;
                if ty != Ty::Any {
                    self.types.add(b, v, ty);
                }
            }
            (Op::GuardTrue | Op::GuardFalse, Some(c)) => {
                let want = op == Op::GuardTrue;
                if self.bools.get(self.d, b, &c) == Some(want) {
                    return false;
                }
                self.assume(f, b, c, want);
                return true;
            }
            (Op::Branch, Some(c)) => {
                if let Some(truth) = self.bools.get(self.d, b, &c) {
                    let c = self.const_bool(f, truth);
                    f.inst_mut(i).args[0] = c;
                }
                return true;
            }
            _ => {}
        }
        if let Some(truth) = self.settled(f, b, i) {
            let c = self.const_bool(f, truth);
            self.repl.set(f.inst(i).result.expect("a condition has a result"), c);
            return false;
        }
        if e.writes != Mem::NONE || e.user {
            self.bump(self.memory.writes(f, i));
            self.stored(f, b, i);
            return true;
        }
        if !e.mergeable() || op.is_terminator() {
            self.stored(f, b, i);
            return true;
        }
        let args = &f.inst(i).args;
        let key = self.key(op, op.items().map_or(args, |(_, n)| &args[..n]));
        if let Some(known) = self.table.get(self.d, b, &key) {
            if let (Some(v), Some(w)) = (f.inst(i).result, known) {
                if f.value(w).ty == Ty::Any {
                    let ty = f.value(v).ty;
                    if ty != Ty::Any {
                        self.types.add(b, w, ty);
                    }
                }
                self.repl.set(v, w);
            }
            return false;
        }
        if let (Some(v), Some(number)) = (f.inst(i).result, self.contents.get(self.d, b, &key)) {
            let (ty, unbox) = match f.repr(number) {
                crate::types::Repr::Float => (Ty::Float, Op::UnboxFloat),
                _ => (Ty::Int, Op::UnboxInt),
            };
            self.types.add(b, v, ty);
            let unbox = self.key(unbox, &[v]);
            self.table.add(b, unbox, Some(number));
        }
        self.table.add(b, key, f.inst(i).result);
        true
    }

    /// Notes what a store leaves for later loads.
    fn stored(&mut self, f: &Function, b: Block, i: Inst) {
        let d = f.inst(i);
        match d.op {
            Op::ListSet | Op::ListSwap => {
                let key = self.key(Op::ListGet, &d.args[..2]);
                self.table.add(b, key, Some(d.args[2]));
            }
            Op::ListSetFloat | Op::ListSetInt => {
                let key = self.key(Op::ListGet, &d.args[..2]);
                self.contents.add(b, key, d.args[2]);
            }
            Op::CellSet | Op::CellSwap => {
                let key = self.key(Op::CellGet, &d.args[..1]);
                self.table.add(b, key, Some(d.args[1]));
            }
            Op::Call { helper: Helper::CellNew } => {
                let cell = d.result.expect("a cell");
                let key = self.key(Op::CellGet, &[cell]);
                self.table.add(b, key, Some(d.args[0]));
            }
            Op::EntrySet { offset } | Op::EntrySwap { offset } => {
                let key = self.key(Op::EntryGet { offset }, &d.args[..1]);
                self.table.add(b, key, Some(d.args[1]));
            }
            Op::EntrySetFloat { offset } | Op::EntrySetInt { offset } => {
                let key = self.key(Op::EntryGet { offset }, &d.args[..1]);
                self.contents.add(b, key, d.args[1]);
            }
            Op::AttrSet { at } | Op::AttrSwap { at } | Op::AttrInit { at } => {
                let key = self.key(Op::AttrGet { at }, &d.args[..1]);
                self.table.add(b, key, Some(d.args[1]));
            }
            Op::AttrSetFloat { at } | Op::AttrSetInt { at } => {
                let key = self.key(Op::AttrGet { at }, &d.args[..1]);
                self.contents.add(b, key, d.args[1]);
            }
            _ => {}
        }
    }
}
