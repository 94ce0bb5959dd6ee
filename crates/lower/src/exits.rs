//! Ways out: frame states as locations, one cold block per exit, visible frames around Python code.
//!
//! Each distinct (state, reason, culprit) gets an exit number and one cold block that all guards with that
//! key branch to. It stores the state's values into the `Ctx`'s words and calls the exit handler. Constants are not
//! stored but described ([`Loc`]), and a value named more than once has one word. The words of a calling frame
//! come before those of the frames inlined in it, so that its locations do not depend on which of them is left.

use crate::api::{ExitPoint, Loc, ctx};
use crate::cx::{CBlock, CVal, Cx, Fallible, Shape};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, types};
use std::collections::HashMap;
use std::rc::Rc;
use whipsnake_hir::ir::{FrameState, Function, InstData, Origin, Reason, Slot, StateId, Value};
use whipsnake_hir::ops::Op;
use whipsnake_hir::types::Repr;

/// Which value each word holds, for a state and its calling frames.
#[derive(Clone, Default)]
struct Words {
    order: Vec<Value>,
    index: HashMap<Value, u16>,
}

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

/// The exits of one function.
pub(crate) struct Exits {
    index: HashMap<(StateId, Reason, Culprit, Option<Origin>), usize>,
    pending: Vec<Pending>,
    points: Vec<ExitPoint>,
    words: Vec<Option<Rc<Words>>>,
    /// Too many values for the `Ctx`.
    overflow: bool,
}

impl Exits {
    pub fn new(f: &Function) -> Exits {
        Exits {
            index: HashMap::new(),
            pending: Vec::new(),
            points: Vec::new(),
            words: vec![None; f.states.len()],
            overflow: false,
        }
    }

    fn words(&mut self, f: &Function, s: StateId) -> Rc<Words> {
        if let Some(w) = &self.words[s.index()] {
            return w.clone();
        }
        let state = f.state(s);
        let mut w = match state.parent {
            Some(p) => (*self.words(f, p)).clone(),
            None => Words::default(),
        };
        for slot in state.slots() {
            slot.for_each(&mut |&v| {
                if f.const_op(v).is_none() && !w.index.contains_key(&v) {
                    w.index.insert(v, w.order.len() as u16);
                    w.order.push(v);
                }
            });
        }
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

    /// Fills the exit blocks. Exits from the same state share the code that stores it; all share the call.
    pub fn finish_exits(&mut self) {
        let pending = std::mem::take(&mut self.exits.pending);
        if pending.is_empty() {
            return;
        }
        let tail = self.cold_block();
        let id = self.b.append_block_param(tail, types::I32);
        let mut per_state: HashMap<StateId, u32> = HashMap::new();
        for p in &pending {
            *per_state.entry(p.state).or_default() += 1;
        }
        let mut shared: HashMap<StateId, CBlock> = HashMap::new();
        for (n, p) in pending.iter().enumerate() {
            self.at(p.block);
            self.b.seal_block(p.block);
            let words = self.exits.words(self.f, p.state);
            let culprit = match p.culprit {
                Culprit::None => None,
                Culprit::Value(v) => Some(self.val(v)),
                Culprit::Native(v) => Some(v),
            };
            let (flags, ctx) = (self.mem.ctx, self.ctx);
            if let Some(v) = culprit {
                self.store_wide(flags, v, ctx, Self::word_offset(words.order.len() as u16));
            }
            let number = self.b.ins().iconst(types::I32, n as i64);
            if per_state[&p.state] == 1 || words.order.is_empty() {
                self.store_words(&words, ctx, Self::word_offset(0));
                self.jump(tail, &[number]);
            } else if let Some(&to) = shared.get(&p.state) {
                self.jump(to, &[number]);
            } else {
                let to = self.cold_block();
                let number_in = self.b.append_block_param(to, types::I32);
                shared.insert(p.state, to);
                self.jump(to, &[number]);
                self.at(to);
                self.store_words(&words, ctx, Self::word_offset(0));
                self.jump(tail, &[number_in]);
            }
        }
        self.at(tail);
        let version = self.addr(self.t.version);
        let status = self.call_value(self.t.exit_handler, &[self.ctx, version, id], types::I64);
        self.leave(status);
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

    fn store_words(&mut self, words: &Words, p: CVal, offset: i32) {
        let flags = if p == self.ctx { self.mem.ctx } else { self.mem.stack };
        for (n, &v) in words.order.iter().enumerate() {
            let v = self.val(v);
            self.store_wide(flags, v, p, offset + 8 * n as i32);
        }
    }

    /// Stores a state's values in a buffer on the stack; returns the state's number and the buffer.
    pub fn save_state(&mut self, state: StateId) -> (CVal, CVal) {
        let words = self.exits.words(self.f, state);
        let buf = self.state_buffer(words.order.len() as u32);
        self.store_words(&words, buf, 0);
        let number = self.b.ins().iconst(types::I32, i64::from(state.0));
        (number, buf)
    }

    /// Makes the state's frames visible.
    pub fn frames_begin(&mut self, state: StateId) {
        let (number, buf) = self.save_state(state);
        let version = self.addr(self.t.version);
        self.call(self.t.frames_begin, &[self.ctx, version, number, buf], None);
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
