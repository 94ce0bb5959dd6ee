//! Tuples and cells that nothing but the function itself gets to see are not made.
//!
//! Such a tuple is only counted and named by frame states ([`super::fold`] has replaced what is asked of it by its length and items). A
//! reference to it becomes a reference to each of its items, and states name the items, so that an exit makes the tuple. Where it dies,
//! the items are released in the order in which a tuple releases them, the last one first.
//!
//! A state that names the tuple twice would make two: then it stays. So do cells that any state names: what is stored to a cell
//! that somebody has seen would be lost.

use super::rewrite::Uses;
use crate::dom::Dom;
use crate::helpers::Helper;
use crate::ir::{Def, Function, Inst, Slot, StateId, Value};
use crate::maps::HashMap;
use crate::ops::Op;

const CELL_NEW: Op = Op::Call { helper: Helper::CellNew };

fn is_cell(f: &Function, v: Value) -> bool {
    matches!(f.value(v).def, Def::Inst(i) if f.inst(i).op == CELL_NEW)
}

/// The pass. What is in such a tuple may be another.
pub fn run(f: &mut Function) {
    while take_apart(f) {}
}

/// One level; whether there was any.
fn take_apart(f: &mut Function) -> bool {
    let d = Dom::new(f);
    let uses = Uses::count(f);
    let mut counted = vec![0u32; f.values.len()];
    let mut made: Vec<(Value, Vec<Value>)> = Vec::new();
    for &b in &d.rpo {
        for &i in &f.block(b).insts {
            let data = f.inst(i);
            if data.op.is_count() {
                counted[data.args[0].index()] += 1;
            } else if let (Op::TupleNew | CELL_NEW, Some(v)) = (data.op, data.result) {
                made.push((v, data.args.to_vec()));
            }
        }
    }
    made.retain(|(v, _)| uses.insts[v.index()] == counted[v.index()]);
    let inner: Vec<Value> = made.iter().flat_map(|(_, items)| items).copied().collect();
    // From the outside in: an inner one's items are items of the outer one's first.
    made.retain(|(v, _)| !inner.contains(v));
    let mut items: HashMap<Value, Vec<Value>> = made.into_iter().collect();
    for (s, used) in f.used_states().into_iter().enumerate() {
        if used {
            let mut named = HashMap::default();
            name(f, StateId(s as u32), &items, &mut named);
            items.retain(|v, _| named.get(v).is_none_or(|n| *n < 2 && !is_cell(f, *v)));
        }
    }
    if items.is_empty() {
        return false;
    }
    for &b in &d.rpo {
        let mut kept = Vec::new();
        for i in std::mem::take(&mut f.block_mut(b).insts) {
            let data = f.inst(i);
            match data.args.first().and_then(|v| items.get(v)) {
                Some(items) if data.op.is_count() => count_items(f, i, items, &mut kept),
                _ if data.result.is_some_and(|v| items.contains_key(&v)) => {}
                _ => kept.push(i),
            }
        }
        f.block_mut(b).insts = kept;
    }
    for slot in f.states.iter_mut().flat_map(|s| s.slots_mut()) {
        slot.for_each_val_slot(&mut |s| {
            if let Slot::Val { v, owned } = *s
                && let Some(items) = items.get(&v)
            {
                *s = Slot::Tuple(items.iter().map(|&v| Slot::Val { v, owned }).collect());
            }
        });
    }
    for v in items.keys() {
        f.values[v.index()].def = Def::Gone;
    }
    true
}

/// How often a state names each of the tuples, calling frames included.
fn name(f: &Function, s: StateId, items: &HashMap<Value, Vec<Value>>, named: &mut HashMap<Value, u32>) {
    let state = f.state(s);
    for slot in state.slots() {
        slot.for_each(&mut |v| {
            if items.contains_key(v) {
                *named.entry(*v).or_default() += 1;
            }
        });
    }
    if let Some(parent) = state.parent {
        name(f, parent, items, named);
    }
}

/// The same count of every item instead of one of the tuple.
fn count_items(f: &mut Function, i: Inst, items: &[Value], kept: &mut Vec<Inst>) {
    let data = f.inst(i);
    let (op, state, reason, origin) = match data.op {
        Op::XIncRef => (Op::IncRef, data.state, data.reason, data.origin),
        Op::XDecRef => (Op::DecRef, data.state, data.reason, data.origin),
        op => (op, data.state, data.reason, data.origin),
    };
    for &item in items.iter().rev() {
        let leaf = op == Op::DecRef && f.value(item).ty.is_leaf();
        let (op, state) = if leaf { (Op::DecRefLeaf, None) } else { (op, state) };
        let (new, _) = f.make_inst(op, &[item], state, reason, None);
        f.inst_mut(new).origin = origin;
        kept.push(new);
    }
}
