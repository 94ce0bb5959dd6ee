//! What the control flow's shape asks of the lowering.
//!
//! **Rotation.** A loop whose header only decides whether to go on costs a jump a round when the test is at the top. Where
//! the header is short and free of effects, each latch gets a copy of it instead of a jump to it, so the test is at
//! the bottom; the original remains as the test before the first round. The header's values then have two definitions, so
//! they become variables of the function builder, which merges them where they meet.
//!
//! **Quiet blocks.** A call in a cold block that rejoins a loop makes the register allocator keep every float of the
//! loop in memory, as no float register survives a call. In loops without any other call such calls go through thunks
//! that preserve all registers.
//!
//! **Calls to itself.** Code of a function that runs no Python code but by calling itself is still valid when such a call has
//! stayed in compiled code to its end: whatever left on the way was followed by a check. Where that is so, the check after a
//! call is only made when the call itself came back through the interpreter. Results of such calls come from two sides, so they are
//! variables, too.
//!
//! **Deferred values.** What only exits need, and what only the edge to the next block needs, is computed there and not
//! where it is defined: the next number of a `range` at the latch, where it can take the register of the current one,
//! and in each exit. So that nothing lives longer for it, such a value has one operand besides constants.

use crate::powers;
use whipsnake_hir::dom::{Dom, Loops};
use whipsnake_hir::effects::Mem;
use whipsnake_hir::helpers::Helper;
use whipsnake_hir::ir::{Block, Function, InstData, Value};
use whipsnake_hir::ops::{Math2, Op, Opnd};

/// The longest header that is copied, in instructions that are not constants.
const LONGEST_HEADER: usize = 6;

pub(crate) struct Flow {
    /// Reachable blocks, each after its dominators.
    pub order: Vec<Block>,
    loops: Loops,
    /// By block: a header whose latches get a copy of it.
    rotated: Vec<bool>,
    /// By value: defined in such a header, or the result of a call to itself.
    variable: Vec<bool>,
    checks_itself: bool,
    /// By value: computed where it is used.
    deferred: Vec<bool>,
    /// By block: in a loop whose other blocks call nothing.
    quiet: Vec<bool>,
    /// By block: all edges to it come from blocks lowered before it.
    forward: Vec<bool>,
}

fn is_const(op: &Op) -> bool {
    matches!(
        op,
        Op::ConstInt { .. } | Op::ConstFloat { .. } | Op::ConstBool { .. } | Op::ConstObj { .. } | Op::ConstNull
    )
}

/// Whether the op's likely path calls a function.
fn calls(f: &Function, inst: &InstData) -> bool {
    match inst.op {
        Op::Call {
            helper: Helper::ListAppend | Helper::ListAppendInt | Helper::ListAppendFloat,
        } => false,
        Op::Call { .. } | Op::Shortcut { .. } | Op::CallNative { .. } | Op::CallSelf | Op::ListNew | Op::TupleNew | Op::FMath1 { .. } => {
            true
        }
        Op::FMath2 { f: op } => !matches!(op, Math2::Copysign | Math2::PyFloorDiv | Math2::PyMod) && powers::exponent(f, inst).is_none(),
        _ => false,
    }
}

/// Computes from one unboxed operand, besides constants, without looking at memory or leaving.
fn is_simple(f: &Function, inst: &InstData) -> bool {
    let info = inst.op.info();
    let e = inst.op.effects();
    !is_const(&inst.op)
        && !e.exits
        && !e.fresh
        && e.mergeable()
        && e.reads == Mem::NONE
        && info.operands.iter().all(|o| matches!(o, Opnd::I | Opnd::F | Opnd::B))
        && inst.args.iter().filter(|&&a| f.const_op(a).is_none()).count() == 1
}

impl Flow {
    pub fn new(f: &Function) -> Flow {
        let dom = Dom::new(f);
        let loops = Loops::new(&dom);
        let n = f.blocks.len();
        let mut flow = Flow {
            order: dom.rpo.clone(),
            rotated: vec![false; n],
            variable: vec![false; f.values.len()],
            checks_itself: true,
            deferred: Vec::new(),
            quiet: vec![false; n],
            forward: vec![false; n],
            loops,
        };
        for l in 0..flow.loops.loops.len() {
            let header = flow.loops.loops[l].header;
            if flow.may_rotate(f, l, header) {
                flow.rotated[header.index()] = true;
                let insts = f.block(header).insts.iter().filter_map(|&i| f.inst(i).result);
                for v in f.block(header).params.iter().copied().chain(insts) {
                    flow.variable[v.index()] = true;
                }
            }
        }
        for &i in flow.order.iter().flat_map(|&b| &f.block(b).insts) {
            let inst = f.inst(i);
            match (inst.op, inst.result) {
                (Op::CallSelf, Some(r)) => flow.variable[r.index()] = true,
                (op, _) => flow.checks_itself &= !op.effects().user,
            }
        }
        flow.deferred = flow.deferrable(f);
        let loud: Vec<bool> = (0..n)
            .map(|b| !f.blocks[b].cold && f.blocks[b].insts.iter().any(|&i| calls(f, f.inst(i))))
            .collect();
        let mut loud_loop = vec![false; flow.loops.loops.len()];
        for &b in &flow.order {
            if let (true, Some(l)) = (loud[b.index()], flow.loops.innermost(b)) {
                loud_loop[l] = true;
            }
        }
        for &b in &flow.order {
            flow.quiet[b.index()] = flow.loops.innermost(b).is_some_and(|l| !loud_loop[l]);
            flow.forward[b.index()] = dom.preds[b.index()]
                .iter()
                .all(|p| dom.pos(p.block) < dom.pos(b) && !flow.rotated[p.block.index()]);
        }
        flow
    }

    fn deferrable(&self, f: &Function) -> Vec<bool> {
        let mut deferred: Vec<bool> = vec![false; f.values.len()];
        for &i in self.order.iter().flat_map(|&b| &f.block(b).insts) {
            let inst = f.inst(i);
            if let Some(v) = inst.result {
                deferred[v.index()] = !self.is_variable(v) && is_simple(f, inst);
            }
        }
        for &b in self.order.iter().filter(|&&b| !f.block(b).cold) {
            for &i in &f.block(b).insts {
                f.inst(i).args.iter().for_each(|a| deferred[a.index()] = false);
            }
        }
        deferred
    }

    fn may_rotate(&self, f: &Function, l: usize, header: Block) -> bool {
        let block = f.block(header);
        let Some((&last, body)) = block.insts.split_last() else {
            return false;
        };
        let branch = f.inst(last);
        let cheap = |i: &InstData| !i.op.effects().exits && i.op.effects().mergeable() && !calls(f, i);
        branch.op == Op::Branch
            && branch.targets.iter().filter(|t| self.loops.contains(l, t.block)).count() == 1
            && branch.targets.iter().all(|t| t.block != header)
            && body.iter().all(|&i| is_const(&f.inst(i).op) || cheap(f.inst(i)))
            && body.iter().filter(|&&i| !is_const(&f.inst(i).op)).count() <= LONGEST_HEADER
    }

    pub fn is_rotated(&self, b: Block) -> bool {
        self.rotated[b.index()]
    }
    pub fn is_variable(&self, v: Value) -> bool {
        self.variable[v.index()]
    }
    /// The function runs no Python code but by calling itself.
    pub fn checks_itself(&self) -> bool {
        self.checks_itself
    }
    pub fn is_deferred(&self, v: Value) -> bool {
        self.deferred[v.index()]
    }
    pub fn is_quiet(&self, b: Block) -> bool {
        self.quiet[b.index()]
    }
    pub fn is_in_loop(&self, b: Block) -> bool {
        self.loops.innermost(b).is_some()
    }
    /// Nothing lowered later branches to this block.
    pub fn is_forward(&self, b: Block) -> bool {
        self.forward[b.index()]
    }

    /// Whether a jump goes back to the header of a loop around it.
    pub fn is_back_edge(&self, from: Block, to: Block) -> bool {
        self.loops
            .innermost(to)
            .is_some_and(|l| self.loops.loops[l].header == to && self.loops.contains(l, from))
    }

    /// Whether a branch's first target stays in the loop that its second leaves.
    pub fn prefers_first(&self, from: Block, yes: Block, no: Block) -> bool {
        self.loops
            .innermost(from)
            .is_some_and(|l| self.loops.contains(l, yes) && !self.loops.contains(l, no))
    }
}
