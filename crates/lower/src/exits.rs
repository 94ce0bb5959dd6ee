//! Ways out: frame states as locations, one cold block per exit, visible frames around Python code.
//!
//! Each distinct (state, reason, culprit) gets an exit number and one cold block that all guards with that
//! key branch to. It stores the state's values into the `Ctx`'s words and calls the exit handler. Constants are not
//! stored but described ([`Loc`]), and a value named more than once has one word; exits share the code that stores what they
//! have in common ([`crate::words`]).

use crate::api::{ExitPoint, Loc, ctx};
use crate::cx::{CBlock, CVal, Cx, Fallible, Shape};
use crate::words::{Rank, Trie, Words};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, types};
use std::rc::Rc;
use whipsnake_hir::ir::{FrameState, Function, InstData, Origin, Reason, Slot, StateId, Value};
use whipsnake_hir::maps::{HashMap, HashSet};
use whipsnake_hir::ops::Op;
use whipsnake_hir::types::Repr;

/// What an exit hands over besides its state.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Culprit {
    None,
    Value(Value),
    /// An object that only the lowering knows.
    Native(CVal),
}

struct Pending {
    block: CBlock,
    state: StateId,
    culprit: Culprit,
}

/// The code that exits share.
struct Tails {
    trie: Trie,
    /// By node: where it and those before it are stored, with the exit's number as a parameter.
    blocks: Vec<Option<CBlock>>,
    /// Those still to be filled.
    open: Vec<usize>,
}

/// The exits of one function.
pub(crate) struct Exits {
    index: HashMap<(StateId, Reason, Culprit, Option<Origin>), usize>,
    pending: Vec<Pending>,
    points: Vec<ExitPoint>,
    rank: Rank,
    words: Vec<Option<Rc<Words>>>,
    /// Too many values for the `Ctx`.
    overflow: bool,
}

impl Exits {
    pub fn new(f: &Function) -> Exits {
        Exits {
            index: HashMap::default(),
            pending: Vec::new(),
            points: Vec::new(),
            rank: Rank::new(f),
            words: vec![None; f.states.len()],
            overflow: false,
        }
    }

    fn words(&mut self, f: &Function, s: StateId) -> Rc<Words> {
        if let Some(w) = &self.words[s.index()] {
            return w.clone();
        }
        let parent = f.state(s).parent.map(|p| self.words(f, p));
        let w = Words::new(f, &self.rank, s, parent.as_deref());
        // One word stays free for the culprit.
        self.overflow |= w.order.len() >= ctx::WORD_COUNT;
        let w = Rc::new(w);
        self.words[s.index()] = Some(w.clone());
        w
    }
}

/// Where a value is, given its state's words.
fn loc(f: &Function, words: &Words, v: Value) -> Loc {
    match f.const_op(v) {
        Some(Op::ConstInt { v }) => Loc::Int(v),
        Some(Op::ConstFloat { bits }) => Loc::Float(bits),
        Some(Op::ConstBool { v }) => Loc::Bool(v),
        Some(Op::ConstObj { obj }) => Loc::Obj(obj),
        Some(Op::ConstNull) => Loc::Null,
        _ => Loc::Word {
            index: words.index[&v],
            repr: f.repr(v),
        },
    }
}

impl Cx<'_, '_> {
    /// The cold block that leaves through this instruction's state for this reason.
    pub fn exit_for(&mut self, inst: &InstData, reason: Reason) -> CBlock {
        let culprit = match reason {
            Reason::Type(_) | Reason::Callee | Reason::BigInt => inst.args.first().copied(),
            _ => None,
        };
        let culprit = match culprit {
            Some(v) if self.f.repr(v) == Repr::Obj => Culprit::Value(v),
            _ => Culprit::None,
        };
        self.exit_block(inst, reason, culprit)
    }

    /// The cold block that leaves for the instruction's own reason.
    pub fn exit(&mut self, inst: &InstData) -> CBlock {
        self.exit_for(inst, inst.reason)
    }

    /// As [`Cx::exit_for`], handing over an object and its reference.
    pub fn exit_with(&mut self, inst: &InstData, reason: Reason, object: CVal) -> CBlock {
        self.exit_block(inst, reason, Culprit::Native(object))
    }

    fn exit_block(&mut self, inst: &InstData, reason: Reason, culprit: Culprit) -> CBlock {
        let state = inst.state.expect("an op that may leave has a frame state");
        let origin = self.f.origin(inst);
        if let Some(&i) = self.exits.index.get(&(state, reason, culprit, inst.origin)) {
            return self.exits.pending[i].block;
        }
        let words = self.exits.words(self.f, state);
        let spare = Loc::Word {
            index: words.order.len() as u16,
            repr: Repr::Obj,
        };
        let culprit_loc = match culprit {
            Culprit::None => None,
            Culprit::Value(v) if self.f.const_op(v).is_some() || words.index.contains_key(&v) => Some(loc(self.f, &words, v)),
            Culprit::Value(_) | Culprit::Native(_) => Some(spare),
        };
        let block = self.cold_block();
        self.exits
            .index
            .insert((state, reason, culprit, inst.origin), self.exits.pending.len());
        self.exits.pending.push(Pending {
            block,
            state,
            culprit: if culprit_loc == Some(spare) { culprit } else { Culprit::None },
        });
        self.exits.points.push(ExitPoint {
            state: state.0,
            reason,
            origin: origin.expect("it has a state"),
            culprit: culprit_loc,
        });
        block
    }

    /// Leaves when the condition holds.
    pub fn exit_if(&mut self, cond: CVal, inst: &InstData) {
        let to = self.exit(inst);
        self.leave_if(cond, to);
    }

    /// Leaves unless the condition holds.
    pub fn exit_unless(&mut self, cond: CVal, inst: &InstData) {
        let to = self.exit(inst);
        self.leave_unless(cond, to);
    }

    /// Counts down to the next forced exit, before an op that may leave.
    pub fn forced_exit(&mut self, inst: &InstData) {
        let (flags, p) = (self.mem.ctx, self.ctx);
        let left = self.b.ins().load(types::I64, flags, p, ctx::FORCED);
        let left = self.b.ins().iadd_imm_s(left, -1);
        self.b.ins().store(flags, left, p, ctx::FORCED);
        let due = self.icmp_imm(IntCC::SignedLessThanOrEqual, left, 0);
        let reset = self.cold_block();
        let go_on = self.new_block();
        self.brif(due, reset, &[], go_on, &[]);
        self.at(reset);
        let again = self.iconst(i64::from(self.o.exit_every));
        self.b.ins().store(flags, again, p, ctx::FORCED);
        let to = self.exit(inst);
        self.jump(to, &[]);
        self.at(go_on);
    }

    /// Fills the exit blocks. All share the call.
    pub fn finish_exits(&mut self) {
        let pending = std::mem::take(&mut self.exits.pending);
        let mut trie = Trie::new();
        let mut ends = Vec::with_capacity(pending.len());
        for p in &pending {
            ends.push(trie.insert(&self.exits.words(self.f, p.state)));
        }
        let mut tails = Tails {
            blocks: vec![None; trie.nodes.len()],
            trie,
            open: Vec::new(),
        };
        for (n, (p, end)) in pending.iter().zip(ends).enumerate() {
            self.at(p.block);
            self.b.seal_block(p.block);
            let culprit = match p.culprit {
                Culprit::None => None,
                Culprit::Value(v) => Some(self.val(v)),
                Culprit::Native(v) => Some(v),
            };
            if let Some(v) = culprit {
                let words = self.exits.words(self.f, p.state).order.len();
                let (flags, ctx) = (self.mem.ctx, self.ctx);
                self.store_wide(flags, v, ctx, Self::word_offset(words as u16));
            }
            let number = self.b.ins().iconst(types::I32, n as i64);
            self.store_from(&mut tails, end, number);
        }
        while let Some(node) = tails.open.pop() {
            let block = tails.blocks[node].expect("an open tail has a block");
            self.at(block);
            let number = self.b.block_params(block)[0];
            if node == Trie::ROOT {
                let status = self.call_value(self.t.exit_handler, &[self.ctx, number], types::I64);
                self.leave(status);
            } else {
                let parent = self.store_node(&tails, node);
                self.store_from(&mut tails, parent, number);
            }
        }
    }

    /// Stores the words from a node on, up to one that others store too, and goes on there.
    fn store_from(&mut self, tails: &mut Tails, mut node: usize, number: CVal) {
        while node != Trie::ROOT && tails.trie.nodes[node].uses == 1 {
            node = self.store_node(tails, node);
        }
        let to = match tails.blocks[node] {
            Some(to) => to,
            None => {
                let to = self.cold_block();
                self.b.append_block_param(to, types::I32);
                tails.blocks[node] = Some(to);
                tails.open.push(node);
                to
            }
        };
        self.jump(to, &[number]);
    }

    /// Stores a node's word; returns the node before it.
    fn store_node(&mut self, tails: &Tails, node: usize) -> usize {
        let node = &tails.trie.nodes[node];
        let v = self.val(node.value.expect("only the root has no value"));
        let (flags, ctx) = (self.mem.ctx, self.ctx);
        self.store_wide(flags, v, ctx, Self::word_offset(node.index));
        node.parent
    }

    /// Returns with a status other than "returned".
    fn leave(&mut self, status: CVal) {
        match self.shape {
            Shape::Entry => self.b.ins().return_(&[status]),
            Shape::Body(_) => {
                let none = self.zero(self.f.ret);
                self.b.ins().return_(&[status, none])
            }
        };
    }

    /// Any value of this representation.
    pub fn zero(&mut self, repr: Repr) -> CVal {
        match repr {
            Repr::Float => self.f64const(0.0),
            r => self.b.ins().iconst(Self::ty(r), 0),
        }
    }

    /// Stores what a state's frames would show, their locals and functions, in a buffer on the stack, behind room for the record of a call;
    /// returns the state's number and the buffer.
    pub fn save_state(&mut self, state: StateId) -> (CVal, CVal) {
        let words = self.exits.words(self.f, state);
        let buf = self.state_buffer(words.order.len());
        let flags = self.mem.stack;
        let mut shown = HashSet::default();
        for s in std::iter::successors(Some(state), |&s| self.f.state(s).parent).map(|s| self.f.state(s)) {
            for slot in s.locals.iter().chain([&s.func]) {
                slot.for_each(&mut |&v| {
                    shown.insert(v);
                });
            }
        }
        for (n, &v) in words.order.iter().enumerate().filter(|(_, v)| shown.contains(v)) {
            let v = self.val(v);
            self.store_wide(flags, v, buf, 8 * n as i32);
        }
        let number = self.b.ins().iconst(types::I32, i64::from(state.0));
        (number, buf)
    }

    /// Makes the state's frames visible.
    pub fn frames_begin(&mut self, state: StateId) {
        let (number, buf) = self.save_state(state);
        self.call(self.t.frames_begin, &[self.ctx, number, buf], None);
    }

    pub fn frames_end(&mut self) {
        self.call(self.t.frames_end, &[self.ctx], None);
    }

    /// The exits taken and the states described, once everything is lowered.
    pub fn take_exits(&mut self) -> Fallible<(Vec<ExitPoint>, Vec<FrameState<Loc>>)> {
        if self.exits.overflow {
            return Err("too many live values".to_string());
        }
        let states = (0..self.f.states.len())
            .map(|n| {
                let state = &self.f.states[n];
                match self.exits.words[n].as_deref() {
                    Some(w) => state.map(&mut |&v| loc(self.f, w, v)),
                    // No exit leads there.
                    None => FrameState {
                        parent: state.parent,
                        role: state.role,
                        code: state.code,
                        func: Slot::Null,
                        bci: state.bci,
                        locals: Vec::new(),
                        stack: Vec::new(),
                    },
                }
            })
            .collect();
        Ok((std::mem::take(&mut self.exits.points), states))
    }
}
