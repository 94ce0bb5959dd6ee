//! What several passes need: replacing values everywhere, use counts, editing edges.

use crate::dom::Dom;
use crate::ir::{Block, Def, FrameState, Function, Inst, StateId, Value};

/// A set of replacements, chains allowed, applied at once to operands, edges and frame states.
pub struct Replace {
    to: Vec<Value>,
    any: bool,
}

impl Replace {
    pub fn new(f: &Function) -> Replace {
        Replace {
            to: (0..f.values.len() as u32).map(Value).collect(),
            any: false,
        }
    }

    /// What stands for `v` now.
    pub fn find(&mut self, v: Value) -> Value {
        if v.index() >= self.to.len() {
            return v;
        }
        let mut root = v;
        while self.to[root.index()] != root {
            root = self.to[root.index()];
        }
        let mut cur = v;
        while self.to[cur.index()] != root {
            cur = std::mem::replace(&mut self.to[cur.index()], root);
        }
        root
    }

    /// `v` is `by` from now on. `by` may be newer than this set.
    pub fn set(&mut self, v: Value, by: Value) {
        let by = self.find(by);
        while self.to.len() <= by.index() {
            self.to.push(Value(self.to.len() as u32));
        }
        debug_assert!(self.find(v) == v && v != by);
        self.to[v.index()] = by;
        self.any = true;
    }

    /// Rewrites one instruction's operands and edges.
    pub fn inst(&mut self, f: &mut Function, i: Inst) {
        if !self.any {
            return;
        }
        let d = f.inst_mut(i);
        for v in d.args.iter_mut().chain(d.targets.iter_mut().flat_map(|t| &mut t.args)) {
            *v = self.find(*v);
        }
    }

    /// Rewrites everything. The replaced values are gone.
    pub fn apply(mut self, f: &mut Function) {
        if !self.any {
            return;
        }
        for b in 0..f.blocks.len() {
            for n in 0..f.blocks[b].insts.len() {
                let i = f.blocks[b].insts[n];
                self.inst(f, i);
            }
        }
        for s in &mut f.states {
            for slot in s.slots_mut() {
                let mut changed = false;
                slot.for_each(&mut |v| changed |= self.find(*v) != *v);
                if changed {
                    *slot = slot.map(&mut |v| self.find(*v));
                }
            }
        }
        for v in 0..self.to.len().min(f.values.len()) {
            if self.to[v].index() != v {
                f.values[v].def = Def::Gone;
            }
        }
    }
}

/// The block each value is defined in.
pub fn homes(f: &Function, d: &Dom) -> Vec<Block> {
    let mut home = vec![f.entry; f.values.len()];
    for &b in &d.rpo {
        let results = f.block(b).insts.iter().filter_map(|&i| f.inst(i).result);
        for v in f.block(b).params.iter().copied().chain(results) {
            home[v.index()] = b;
        }
    }
    home
}

/// How often each value is named by operands, edges and by the frame states in use.
pub struct Uses {
    pub insts: Vec<u32>,
    pub states: Vec<u32>,
}

impl Uses {
    pub fn count(f: &Function) -> Uses {
        let mut u = Uses {
            insts: vec![0; f.values.len()],
            states: vec![0; f.values.len()],
        };
        for b in &f.blocks {
            for &i in &b.insts {
                let d = f.inst(i);
                for v in d.args.iter().chain(d.targets.iter().flat_map(|t| &t.args)) {
                    u.insts[v.index()] += 1;
                }
            }
        }
        for (s, used) in f.used_states().into_iter().enumerate() {
            if used {
                for slot in f.states[s].slots() {
                    slot.for_each(&mut |v| u.states[v.index()] += 1);
                }
            }
        }
        u
    }

    pub fn total(&self, v: Value) -> u32 {
        self.insts[v.index()] + self.states[v.index()]
    }
}

/// Empties the blocks that cannot be reached; their values are gone.
pub fn remove_unreachable(f: &mut Function) -> Dom {
    let d = Dom::new(f);
    for b in 0..f.blocks.len() {
        if d.reachable(Block(b as u32)) {
            continue;
        }
        let data = std::mem::take(&mut f.blocks[b]);
        for v in data.params {
            f.values[v.index()].def = Def::Gone;
        }
        for i in data.insts {
            if let Some(v) = f.inst(i).result {
                f.values[v.index()].def = Def::Gone;
            }
        }
    }
    d
}

/// A copy of a state, calling frames included, with every leaf mapped.
pub fn map_state(f: &mut Function, s: StateId, to: &mut impl FnMut(Value) -> Value) -> StateId {
    let parent = f.state(s).parent.map(|p| map_state(f, p, to));
    let new = FrameState {
        parent,
        ..f.state(s).map(&mut |v| to(*v))
    };
    f.add_state(new)
}
