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

use whipsnake_hir::dom::{Dom, Loops};
use whipsnake_hir::ir::{Block, Function, InstData};
use whipsnake_hir::ops::{Math2, Op};

/// The longest header that is copied, in instructions that are not constants.
const LONGEST_HEADER: usize = 6;

pub(crate) struct Flow {
    /// Reachable blocks, each after its dominators.
    pub order: Vec<Block>,
    loops: Loops,
    /// By block: a header whose latches get a copy of it.
    rotated: Vec<bool>,
    /// By value: defined in such a header.
    variable: Vec<bool>,
    /// By block: in a loop whose other blocks call nothing.
    quiet: Vec<bool>,
    /// By block: where its one incoming edge comes from, if there is only one.
    only_pred: Vec<Option<Block>>,
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
fn calls(inst: &InstData) -> bool {
    match inst.op {
        Op::Call { .. } | Op::CallSelf | Op::BoxInt | Op::BoxFloat | Op::BoxComplex | Op::ListNew | Op::TupleNew | Op::FMath1 { .. } => {
            true
        }
        Op::FMath2 { f } => !matches!(f, Math2::Copysign | Math2::PyFloorDiv | Math2::PyMod),
        _ => false,
    }
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
            quiet: vec![false; n],
            forward: vec![false; n],
            only_pred: vec![None; n],
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
        let loud: Vec<bool> = (0..n)
            .map(|b| !f.blocks[b].cold && f.blocks[b].insts.iter().any(|&i| calls(f.inst(i))))
            .collect();
        let mut loud_loop = vec![false; flow.loops.loops.len()];
        for &b in &flow.order {
            if let (true, Some(l)) = (loud[b.index()], flow.loops.innermost(b)) {
                loud_loop[l] = true;
            }
        }
        for &b in &flow.order {
            flow.quiet[b.index()] = flow.loops.innermost(b).is_some_and(|l| !loud_loop[l]);
            flow.only_pred[b.index()] = match dom.preds[b.index()][..] {
                [p] if !flow.rotated[p.block.index()] => Some(p.block),
                _ => None,
            };
            flow.forward[b.index()] = dom.preds[b.index()]
                .iter()
                .all(|p| dom.pos(p.block) < dom.pos(b) && !flow.rotated[p.block.index()]);
        }
        flow
    }

    fn may_rotate(&self, f: &Function, l: usize, header: Block) -> bool {
        let block = f.block(header);
        let Some((&last, body)) = block.insts.split_last() else {
            return false;
        };
        let branch = f.inst(last);
        let cheap = |i: &InstData| !i.op.effects().exits && i.op.effects().mergeable() && !calls(i);
        branch.op == Op::Branch
            && branch.targets.iter().filter(|t| self.loops.contains(l, t.block)).count() == 1
            && branch.targets.iter().all(|t| t.block != header)
            && body.iter().all(|&i| is_const(&f.inst(i).op) || cheap(f.inst(i)))
            && body.iter().filter(|&&i| !is_const(&f.inst(i).op)).count() <= LONGEST_HEADER
    }

    pub fn is_rotated(&self, b: Block) -> bool {
        self.rotated[b.index()]
    }
    pub fn is_variable(&self, v: whipsnake_hir::ir::Value) -> bool {
        self.variable[v.index()]
    }
    pub fn is_quiet(&self, b: Block) -> bool {
        self.quiet[b.index()]
    }
    /// The block whose end is always what comes before this block.
    pub fn only_pred(&self, b: Block) -> Option<Block> {
        self.only_pred[b.index()]
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
