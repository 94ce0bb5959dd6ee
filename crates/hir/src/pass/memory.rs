//! Which memory an instruction reads and writes, finer than [`Mem`].
//!
//! * What only user code changes, or what changes as much, has a class of its own.
//! * Attributes are told apart by their offset in the instance: stores at one never touch another.
//! * Some lists are told apart: where a check that `r` is not `t` dominates a store to the items of `r`, or one that makes `r` longer,
//!   `t` is untouched. The pass [`super::alias`] puts such checks.

use crate::dom::{Dom, Loops};
use crate::effects::Mem;
use crate::helpers::Helper;
use crate::ir::{Block, Def, Function, Inst, Value};
use crate::maps::HashMap;
use crate::ops::{AttrAt, Op};

/// Number of classes: the bits of [`Mem`], user code, attributes by offset, items and shapes of certain lists.
pub const CLASSES: usize = 64;
const USER: usize = 16;
const ATTRS: usize = 17;
const LISTS: usize = 32;

const ITEMS: u64 = Mem::LIST_ITEMS.0 as u64;
const SHAPE: u64 = Mem::LIST_SHAPE.0 as u64;
/// The classes of the items of lists that have their own; those of their shapes are the bits next to them.
const ALL_ITEMS: u64 = 0x5555_5555 << LISTS;
const ALL_SHAPES: u64 = ALL_ITEMS << 1;

/// The classes of one function.
pub struct Memory {
    /// Lists that have classes of their own: that of the items.
    lists: HashMap<Value, u64>,
    /// By store: classes of the items of lists that it does not touch.
    apart: HashMap<Inst, u64>,
}

/// The class of an attribute's offset. Different offsets never overlap.
fn attr_class(at: AttrAt) -> u64 {
    1 << (ATTRS + at.offset as usize / 8 % (LISTS - ATTRS))
}

/// The lists compared, when the instruction checks that they differ.
fn differ(f: &Function, i: Inst) -> Option<(Value, Value)> {
    let d = f.inst(i);
    if d.op != Op::GuardFalse {
        return None;
    }
    let Def::Inst(c) = f.value(d.args[0]).def else { return None };
    let c = f.inst(c);
    (c.op == Op::ObjIs).then(|| (c.args[0], c.args[1]))
}

/// The list whose items an instruction stores to, or that it appends to.
pub fn stored_list(f: &Function, i: Inst) -> Option<Value> {
    let d = f.inst(i);
    let stores = matches!(d.op, Op::ListSet | Op::ListSwap | Op::ListSetFloat | Op::ListSetInt) || appends(d.op);
    stores.then(|| d.args[0])
}

/// Whether the op makes its first operand, a list, longer by an item.
pub fn appends(op: Op) -> bool {
    use Helper::{ListAppend, ListAppendFloat, ListAppendInt};
    matches!(
        op,
        Op::Call {
            helper: ListAppend | ListAppendInt | ListAppendFloat
        }
    )
}

impl Memory {
    pub fn new(f: &Function, d: &Dom) -> Memory {
        let mut m = Memory {
            lists: HashMap::default(),
            apart: HashMap::default(),
        };
        let mut known: HashMap<Value, Vec<(Value, Block)>> = HashMap::default();
        for &b in &d.rpo {
            for &i in &f.block(b).insts {
                if let Some((r, t)) = differ(f, i) {
                    let next = LISTS + 2 * m.lists.len();
                    if next < CLASSES {
                        m.lists.entry(t).or_insert(1 << next);
                    }
                    known.entry(r).or_default().push((t, b));
                } else if let Some(list) = stored_list(f, i).and_then(|r| known.get(&r)) {
                    // Blocks come after their dominators, so what is known here was checked before.
                    let apart = list.iter().filter(|x| d.dominates(x.1, b)).filter_map(|x| m.lists.get(&x.0));
                    let apart = apart.fold(0, |all, class| all | class);
                    m.apart.insert(i, apart);
                }
            }
        }
        m
    }

    /// The classes an op depends on.
    pub fn reads(&self, op: Op, args: &[Value]) -> u64 {
        match op {
            Op::GuardValid => 1 << USER,
            Op::AttrGet { at } => attr_class(at),
            Op::ListGet => self.lists.get(&args[0]).map_or(SHAPE | ITEMS, |items| items | items << 1),
            Op::ListLen | Op::ListItems => self.lists.get(&args[0]).map_or(SHAPE, |items| items << 1),
            _ => u64::from(op.effects().reads.0),
        }
    }

    /// The classes an instruction changes.
    pub fn writes(&self, f: &Function, i: Inst) -> u64 {
        let op = f.inst(i).op;
        let e = op.effects();
        // A shortcut that may change anything runs no code of the program's, but watchers.
        let anything = e.user || e.writes == Mem::ALL;
        let mut all = u64::from(e.writes.0) | u64::from(anything) << USER;
        let apart = self.apart.get(&i).copied().unwrap_or(0);
        if e.writes.overlaps(Mem::LIST_ITEMS) {
            all |= ALL_ITEMS & !apart;
        }
        if e.writes.overlaps(Mem::LIST_SHAPE) {
            all |= ALL_SHAPES & !(apart << 1);
        }
        match op {
            Op::AttrSet { at } | Op::AttrSetFloat { at } | Op::AttrSetInt { at } | Op::AttrSwap { at } | Op::AttrInit { at } => {
                attr_class(at)
            }
            _ if e.writes.overlaps(Mem::ATTR) => all | ((1 << LISTS) - (1 << ATTRS)),
            _ => all,
        }
    }

    /// What each loop changes, inner loops included.
    pub fn loop_writes(&self, f: &Function, loops: &Loops) -> Vec<u64> {
        let mut out = vec![0; loops.loops.len()];
        for (n, l) in loops.loops.iter().enumerate() {
            for &b in l.blocks.iter().filter(|&&b| loops.innermost(b) == Some(n)) {
                for &i in &f.block(b).insts {
                    out[n] |= self.writes(f, i);
                }
            }
        }
        for n in (0..out.len()).rev() {
            if let Some(p) = loops.loops[n].parent {
                out[p] |= out[n];
            }
        }
        out
    }
}
