//! Control-flow facts: predecessors, reverse post-order, dominators and natural loops.
//!
//! Everything is computed at once from a function and goes stale when blocks or edges change. Dominators are found by
//! iterating over the reverse post-order until nothing changes, intersecting the predecessors' chains; dominance
//! queries compare intervals of a depth-first numbering of the dominator tree. A loop is the natural loop of all
//! back-edges to one header (an edge whose target dominates its source). Edges that go backwards without such a header
//! (irreducible flow) make no loop; passes that meet them see only an unprocessed predecessor.

use crate::ir::{Block, Function};
use smallvec::SmallVec;

/// One incoming edge: the source block and which of its targets it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pred {
    pub block: Block,
    pub target: usize,
}

/// Predecessors, orders and dominators of the reachable blocks.
#[derive(Clone, Debug)]
pub struct Dom {
    /// Reachable blocks, each after its dominators.
    pub rpo: Vec<Block>,
    /// Incoming edges from reachable blocks.
    pub preds: Vec<SmallVec<[Pred; 4]>>,
    pos: Vec<u32>,
    idom: Vec<u32>,
    pre: Vec<u32>,
    post: Vec<u32>,
}

const NONE: u32 = u32::MAX;

impl Dom {
    pub fn new(f: &Function) -> Dom {
        let n = f.blocks.len();
        let mut d = Dom {
            rpo: Vec::with_capacity(n),
            preds: vec![SmallVec::new(); n],
            pos: vec![NONE; n],
            idom: vec![NONE; n],
            pre: vec![0; n],
            post: vec![0; n],
        };
        d.order(f);
        d.dominators(f.entry);
        d.number(f.entry);
        d
    }

    fn order(&mut self, f: &Function) {
        let mut seen = vec![false; f.blocks.len()];
        let mut stack = vec![(f.entry, 0usize)];
        seen[f.entry.index()] = true;
        while let Some((b, next)) = stack.last_mut() {
            let succs = f.succs(*b);
            // The last successor first, so that the first comes first in the reversed order.
            let k = succs.len().checked_sub(1 + *next);
            match k {
                Some(k) => {
                    *next += 1;
                    let s = succs[k];
                    if !seen[s.index()] {
                        seen[s.index()] = true;
                        stack.push((s, 0));
                    }
                }
                None => {
                    self.rpo.push(*b);
                    stack.pop();
                }
            }
        }
        self.rpo.reverse();
        for (i, b) in self.rpo.iter().enumerate() {
            self.pos[b.index()] = i as u32;
        }
        for i in 0..self.rpo.len() {
            let block = self.rpo[i];
            for (target, s) in f.succs(block).into_iter().enumerate() {
                self.preds[s.index()].push(Pred { block, target });
            }
        }
    }

    fn dominators(&mut self, entry: Block) {
        // By position in the reverse post-order; the entry is its own.
        let mut idom = vec![NONE; self.rpo.len()];
        if let Some(first) = idom.first_mut() {
            *first = 0;
        }
        let mut changed = true;
        while changed {
            changed = false;
            for (i, &b) in self.rpo.iter().enumerate().skip(1) {
                let mut new = NONE;
                for p in &self.preds[b.index()] {
                    let p = self.pos[p.block.index()];
                    if idom[p as usize] == NONE {
                        continue;
                    }
                    new = if new == NONE { p } else { intersect(&idom, p, new) };
                }
                if idom[i] != new {
                    idom[i] = new;
                    changed = true;
                }
            }
        }
        for (i, &b) in self.rpo.iter().enumerate() {
            if b != entry {
                self.idom[b.index()] = self.rpo[idom[i] as usize].0;
            }
        }
    }

    fn number(&mut self, entry: Block) {
        let mut children: Vec<SmallVec<[Block; 4]>> = vec![SmallVec::new(); self.pos.len()];
        for &b in &self.rpo {
            if let Some(p) = self.idom(b) {
                children[p.index()].push(b);
            }
        }
        let mut clock = 0;
        let mut stack = vec![(entry, 0usize)];
        while let Some((b, next)) = stack.last_mut() {
            let i = b.index();
            if *next == 0 {
                clock += 1;
                self.pre[i] = clock;
            }
            match children[i].get(*next) {
                Some(&c) => {
                    *next += 1;
                    stack.push((c, 0));
                }
                None => {
                    self.post[i] = clock;
                    stack.pop();
                }
            }
        }
    }

    pub fn reachable(&self, b: Block) -> bool {
        self.pos[b.index()] != NONE
    }

    /// The position in [`Dom::rpo`] of a reachable block.
    pub fn pos(&self, b: Block) -> usize {
        self.pos[b.index()] as usize
    }

    /// The immediate dominator; none for the entry and for unreachable blocks.
    pub fn idom(&self, b: Block) -> Option<Block> {
        Some(self.idom[b.index()]).filter(|&i| i != NONE).map(Block)
    }

    /// Whether every path to `b` passes `a` (reflexive). Both reachable.
    pub fn dominates(&self, a: Block, b: Block) -> bool {
        self.pre[a.index()] <= self.pre[b.index()] && self.pre[b.index()] <= self.post[a.index()]
    }
}

fn intersect(idom: &[u32], mut a: u32, mut b: u32) -> u32 {
    while a != b {
        while a > b {
            a = idom[a as usize];
        }
        while b > a {
            b = idom[b as usize];
        }
    }
    a
}

/// A natural loop.
#[derive(Clone, Debug)]
pub struct Loop {
    pub header: Block,
    /// The loop directly around this one.
    pub parent: Option<usize>,
    /// Nesting depth, 1 for an outermost loop.
    pub depth: u32,
    /// All blocks, inner loops' included, the header first, in reverse post-order.
    pub blocks: Vec<Block>,
    /// Sources of the back-edges.
    pub latches: Vec<Block>,
}

/// All loops, outer ones before the loops inside them.
#[derive(Clone, Debug)]
pub struct Loops {
    pub loops: Vec<Loop>,
    /// By block: its innermost loop.
    of: Vec<u32>,
}

impl Loops {
    pub fn new(d: &Dom) -> Loops {
        let n = d.pos.len();
        let mut loops: Vec<Loop> = Vec::new();
        let mut of = vec![NONE; n];
        for &h in &d.rpo {
            let latches: Vec<Block> = d.preds[h.index()].iter().map(|p| p.block).filter(|&p| d.dominates(h, p)).collect();
            if latches.is_empty() {
                continue;
            }
            let id = loops.len() as u32;
            // Headers come in reverse post-order, so the loop that the header is in so far is the one around it.
            let parent = Some(of[h.index()]).filter(|&p| p != NONE);
            let mut blocks = vec![h];
            of[h.index()] = id;
            let mut work = latches.clone();
            while let Some(b) = work.pop() {
                if of[b.index()] == id {
                    continue;
                }
                of[b.index()] = id;
                blocks.push(b);
                work.extend(d.preds[b.index()].iter().map(|p| p.block));
            }
            blocks.sort_by_key(|&b| d.pos(b));
            let depth = parent.map_or(0, |p| loops[p as usize].depth) + 1;
            loops.push(Loop {
                header: h,
                parent: parent.map(|p| p as usize),
                depth,
                blocks,
                latches,
            });
        }
        Loops { loops, of }
    }

    /// The innermost loop a block is in.
    pub fn innermost(&self, b: Block) -> Option<usize> {
        Some(self.of[b.index()]).filter(|&i| i != NONE).map(|i| i as usize)
    }

    /// Whether a block is in a loop, at any depth.
    pub fn contains(&self, l: usize, b: Block) -> bool {
        let mut cur = self.innermost(b);
        while let Some(i) = cur {
            if i == l {
                return true;
            }
            cur = self.loops[i].parent;
        }
        false
    }
}
