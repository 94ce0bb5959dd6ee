//! Which word holds which value of a frame state, and which states begin alike.
//!
//! A state's values take the words from 0 on: those of its calling frames first, so that their locations do not depend on
//! which inlined frame is left, then its own. In each part the value that more states name comes first. So the words of
//! states that have much in common begin alike, and written one after the other they make a trie with few nodes:
//! each node is one word to be stored, and exits share the code for the nodes that they have in common. Sharing is sound as
//! whatever a node's value is defined by dominates every exit below the node, and so the code that they share.

use whipsnake_hir::ir::{Function, StateId, Value};
use whipsnake_hir::maps::HashMap;

/// Which value each word holds, for a state and its calling frames.
#[derive(Clone, Default)]
pub(crate) struct Words {
    pub order: Vec<Value>,
    pub index: HashMap<Value, u16>,
}

/// By value: the number of states that name it.
pub(crate) struct Rank(Vec<u32>);

impl Rank {
    pub fn new(f: &Function) -> Rank {
        let mut named = vec![0; f.values.len()];
        let mut seen = vec![false; f.states.len()];
        for inst in f.blocks.iter().flat_map(|b| &b.insts).map(|&i| f.inst(i)) {
            let mut next = inst.state.filter(|s| !std::mem::replace(&mut seen[s.index()], true));
            while let Some(s) = next {
                for slot in f.state(s).slots() {
                    slot.for_each(&mut |v| named[v.index()] += 1);
                }
                next = f.state(s).parent;
            }
        }
        Rank(named)
    }
}

impl Words {
    /// The words of a state, given those of its calling frame.
    pub fn new(f: &Function, rank: &Rank, s: StateId, parent: Option<&Words>) -> Words {
        let mut w = parent.cloned().unwrap_or_default();
        let mut own = Vec::new();
        for slot in f.state(s).slots() {
            slot.for_each(&mut |&v| {
                if f.const_op(v).is_none() && !w.index.contains_key(&v) {
                    own.push(v);
                }
            });
        }
        own.sort_unstable_by_key(|v| (std::cmp::Reverse(rank.0[v.index()]), v.index()));
        own.dedup();
        for v in own {
            w.index.insert(v, w.order.len() as u16);
            w.order.push(v);
        }
        w
    }
}

/// A word to be stored, and before it those of its parents.
pub(crate) struct Node {
    /// Nothing is stored at the root.
    pub value: Option<Value>,
    pub parent: usize,
    /// Its word.
    pub index: u16,
    /// Nodes and exits that go on here.
    pub uses: u32,
}

/// The words of all states that are left through.
pub(crate) struct Trie {
    pub nodes: Vec<Node>,
    edges: HashMap<(usize, Value), usize>,
}

impl Trie {
    pub const ROOT: usize = 0;

    pub fn new() -> Trie {
        let root = Node {
            value: None,
            parent: Trie::ROOT,
            index: 0,
            uses: 0,
        };
        Trie {
            nodes: vec![root],
            edges: HashMap::default(),
        }
    }

    /// The node of an exit's last word.
    pub fn insert(&mut self, words: &Words) -> usize {
        let mut at = Trie::ROOT;
        for (n, &v) in words.order.iter().enumerate() {
            at = *self.edges.entry((at, v)).or_insert_with(|| {
                self.nodes[at].uses += 1;
                self.nodes.push(Node {
                    value: Some(v),
                    parent: at,
                    index: n as u16,
                    uses: 0,
                });
                self.nodes.len() - 1
            });
        }
        self.nodes[at].uses += 1;
        at
    }
}
