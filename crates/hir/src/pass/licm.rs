//! Hoists what does not change in a loop to its preheader, inner loops first.
//!
//! An op moves when its operands are defined outside, nothing in the loop writes what it reads, it has no effect, and
//! it is safe where it goes:
//! * An op that **exits** goes only if the header has an entry state: hoisted, it leaves with that state, the entering
//!   edge's arguments in place of the parameters, so the interpreter starts the loop itself. That is right whatever the
//!   loop does; to be worth it, every iteration that comes around must have executed the op, and nothing but a type may have
//!   failed there before (`no_hoist`).
//! * An op that **looks into an object** must find there, already in the preheader, what it relies on: the object's
//!   type known by its definition or by a check that dominates, an index that was checked against the length of that
//!   very object by an op that dominates.
//! * Other pure ops may be executed in vain.
//!
//! Nothing moves out of cold blocks.

use super::fold::{is_null, obj_ty};
use super::memory::Memory;
use super::preheader;
use super::rewrite::homes;
use crate::dom::{Dom, Loops};
use crate::ir::{Block, Def, EntryMode, Function, Inst, Kind, Reason, StateId, Value};
use crate::maps::{HashMap, HashSet};
use crate::ops::{Op, Opnd};
use crate::types::{Repr, Ty};

/// The pass. Headers have preheaders.
pub fn run(f: &mut Function) {
    let d = Dom::new(f);
    let loops = Loops::new(&d);
    let memory = Memory::new(f, &d);
    let written = memory.loop_writes(f, &loops);
    let mut l = Licm {
        d: &d,
        loops: &loops,
        memory,
        home: homes(f, &d),
        checks: HashMap::default(),
        versions: HashMap::default(),
        varying: HashSet::default(),
        non_null: non_null(f, &d),
    };
    for &b in &d.rpo {
        l.edge_checks(f, b);
        for &i in &f.block(b).insts {
            l.note_check(f, b, i);
        }
    }
    for n in (0..loops.loops.len()).rev() {
        let header = loops.loops[n].header;
        if let Some(pre) = preheader::of(f, &d, header) {
            l.hoist(f, n, pre, written[n]);
        }
    }
}

/// Which values are objects that cannot be null: parameters optimistically, from their arguments.
fn non_null(f: &Function, d: &Dom) -> Vec<bool> {
    let mut ok: Vec<bool> = (0..f.values.len() as u32)
        .map(|v| f.value(Value(v)).ty != Ty::Any || is_null(f, Value(v)) == Some(false))
        .collect();
    let mut entry = Vec::new();
    for k in f.entry_locals.iter().chain(&f.entry_stack) {
        k.leaves(&mut |_, _| entry.push(*k != Kind::Maybe || f.mode == EntryMode::Call));
    }
    let params: Vec<(Block, usize, Value)> = d
        .rpo
        .iter()
        .flat_map(|&b| f.block(b).params.iter().enumerate().map(move |(n, &p)| (b, n, p)))
        .collect();
    for &(b, n, p) in &params {
        ok[p.index()] = b != f.entry || entry[n];
    }
    loop {
        let mut changed = false;
        for &(b, n, p) in &params {
            let null = |p: &crate::dom::Pred| {
                let t = f.terminator(p.block).expect("a predecessor ends");
                !ok[f.inst(t).targets[p.target].args[n].index()]
            };
            if ok[p.index()] && f.value(p).ty == Ty::Any && d.preds[b.index()].iter().any(null) {
                ok[p.index()] = false;
                changed = true;
            }
        }
        if !changed {
            return ok;
        }
    }
}

struct Licm<'a> {
    d: &'a Dom,
    loops: &'a Loops,
    memory: Memory,
    home: Vec<Block>,
    /// Types proved by checks (`Any`: only not null), and from which block on.
    checks: HashMap<Value, Vec<(Block, Ty)>>,
    /// Version tags checked of the object's type, and from which block on.
    versions: HashMap<Value, Vec<(Block, u32)>>,
    /// Values whose type is tested for several versions: which one it is holds on one way only.
    varying: HashSet<Value>,
    non_null: Vec<bool>,
}

impl Licm<'_> {
    fn note_check(&mut self, f: &Function, b: Block, i: Inst) {
        let d = f.inst(i);
        if let Op::GuardVersion { ver } = d.op {
            self.versions.entry(d.args[0]).or_default().push((b, ver));
        }
        if let Op::VersionIs { .. } = d.op {
            self.varying.insert(d.args[0]);
        }
        let ty = match d.op {
            Op::GuardVersion { .. } => Ty::Any,
            Op::GuardType { ty } => ty,
            Op::GuardIs { obj } => f.objs[obj.0 as usize].ty,
            Op::GuardNotNull => Ty::Any,
            _ => return,
        };
        self.checks.entry(d.args[0]).or_default().push((b, ty));
    }

    /// What the only edge to a block proves.
    fn edge_checks(&mut self, f: &Function, b: Block) {
        let [p] = self.d.preds[b.index()][..] else { return };
        let t = f.inst(f.terminator(p.block).expect("a predecessor ends"));
        if t.op != Op::Branch {
            return;
        }
        if let Def::Inst(c) = f.value(t.args[0]).def {
            let c = f.inst(c);
            let proved = match c.op {
                Op::TypeIs { ty } if p.target == 0 => ty,
                Op::IsNull if p.target == 1 => Ty::Any,
                _ => return,
            };
            self.checks.entry(c.args[0]).or_default().push((b, proved));
        }
    }

    fn is_known(&self, f: &Function, at: Block, v: Value, ty: Ty) -> bool {
        obj_ty(f, v) == ty
            || self
                .checks
                .get(&v)
                .is_some_and(|l| l.iter().any(|&(b, t)| t == ty && self.d.dominates(b, at)))
    }

    fn is_non_null(&self, at: Block, v: Value) -> bool {
        self.non_null[v.index()] || self.checks.get(&v).is_some_and(|l| l.iter().any(|&(b, _)| self.d.dominates(b, at)))
    }

    /// Whether the object's type is known by its version, the same wherever it is checked.
    fn has_version(&self, at: Block, v: Value) -> bool {
        let Some(list) = self.versions.get(&v).filter(|_| !self.varying.contains(&v)) else {
            return false;
        };
        list.iter().all(|x| x.1 == list[0].1) && list.iter().any(|&(b, _)| self.d.dominates(b, at))
    }

    /// Whether executing the op at the end of `at` cannot touch what is not there.
    fn safe(&self, f: &Function, at: Block, i: Inst) -> bool {
        let d = f.inst(i);
        let want = match d.op {
            Op::GuardType { .. } | Op::TypeIs { .. } | Op::VersionIs { .. } | Op::GuardVersion { .. } => {
                return self.is_non_null(at, d.args[0]);
            }
            Op::GuardKeys { .. } | Op::AttrGet { .. } => return self.has_version(at, d.args[0]),
            // Only ever of a dict that is a constant.
            Op::GuardEntries { .. } => return true,
            Op::RealOf => return self.is_non_null(at, d.args[0]),
            Op::Select | Op::ObjIs | Op::IsNull | Op::GuardNotNull | Op::GuardIs { .. } => return true,
            Op::UnboxInt | Op::UnboxLow | Op::UnboxHigh => Ty::Int,
            Op::UnboxFloat => Ty::Float,
            Op::UnboxBool => Ty::Bool,
            Op::ComplexReal | Op::ComplexImag => Ty::Complex,
            Op::ListLen | Op::ListItems | Op::ListGet => Ty::List,
            Op::TupleLen | Op::TupleGet => Ty::Tuple,
            Op::StrLen | Op::StrOrdAt => Ty::Str,
            Op::BytesLen | Op::BytesGet => Ty::Bytes,
            Op::BytearrayLen | Op::BytearrayItems | Op::BytearrayGet => Ty::Bytearray,
            Op::GuardArrayCode { .. } | Op::ArrayLen | Op::ArrayItems | Op::ArrayGetInt { .. } | Op::ArrayGetFloat { .. } => Ty::Array,
            Op::CellGet => Ty::Cell,
            Op::GuardCode { .. } | Op::GuardGlobals { .. } | Op::CodeIs { .. } | Op::FuncGet { .. } => Ty::Func,
            // Looks into no object, or is a helper, whose operands' types are not spelled out.
            _ => return d.args.iter().all(|&v| f.repr(v) != Repr::Obj) && !d.op.info().operands.contains(&Opnd::O),
        };
        self.is_known(f, at, d.args[0], want) && d.args.get(1).is_none_or(|&index| checked(f, index, d.args[0]))
    }

    fn hoist(&mut self, f: &mut Function, n: usize, pre: Block, written: u64) {
        let l = &self.loops.loops[n];
        let mut moved: Vec<Inst> = Vec::new();
        let mut state: Option<StateId> = None;
        for &b in &l.blocks {
            if f.block(b).cold {
                continue;
            }
            let always = l.latches.iter().all(|&latch| self.d.dominates(b, latch));
            let mut insts = std::mem::take(&mut f.block_mut(b).insts);
            insts.retain(|&i| {
                if !self.invariant(f, n, pre, written, always, i) {
                    return true;
                }
                if f.inst(i).state.is_some() {
                    let s = *state.get_or_insert_with(|| preheader::entering_state(f, pre, l.header));
                    let origin = f.origin(f.inst(i));
                    let inst = f.inst_mut(i);
                    inst.state = Some(s);
                    match inst.reason {
                        // Another type, another callee: taught where it will be met.
                        Reason::Type(_) | Reason::Callee => inst.origin = origin,
                        _ => inst.reason = Reason::Hoisted,
                    }
                }
                if let Some(v) = f.inst(i).result {
                    self.home[v.index()] = pre;
                }
                self.note_check(f, pre, i);
                moved.push(i);
                false
            });
            f.block_mut(b).insts = insts;
        }
        let insts = &mut f.block_mut(pre).insts;
        let end = insts.len() - 1;
        insts.splice(end..end, moved);
    }

    fn invariant(&self, f: &Function, n: usize, pre: Block, written: u64, always: bool, i: Inst) -> bool {
        let d = f.inst(i);
        let e = d.op.effects();
        e.mergeable()
            && !d.op.is_terminator()
            && d.args.iter().all(|&v| !self.loops.contains(n, self.home[v.index()]))
            && self.memory.reads(d.op, &d.args) & written == 0
            && (!f.may_leave(i) || always && f.block(self.loops.loops[n].header).may_hoist())
            && self.safe(f, pre, i)
    }
}

/// Whether an index was checked against the length of this object.
fn checked(f: &Function, index: Value, object: Value) -> bool {
    let Def::Inst(i) = f.value(index).def else { return false };
    let d = f.inst(i);
    if !matches!(d.op, Op::Index | Op::IndexPos) {
        return false;
    }
    let Def::Inst(len) = f.value(d.args[1]).def else { return false };
    let len = f.inst(len);
    matches!(
        len.op,
        Op::ListLen | Op::TupleLen | Op::StrLen | Op::BytesLen | Op::BytearrayLen | Op::ArrayLen
    ) && len.args[0] == object
}
