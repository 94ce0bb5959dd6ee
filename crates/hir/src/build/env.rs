//! The abstract frame: what each local and stack slot holds while bytecode is read, how it crosses a merge, and
//! who owns the references.
//!
//! Slots mirror the interpreter's: a slot flagged `owned` holds a reference of its own, exactly where the
//! interpreter's frame would hold one (or where a borrowed one is not provably kept alive). Storing to a local
//! releases what it held; popping an operand releases it after the op. So the frame state of any
//! bytecode is the environment itself.
//!
//! Merge points are specialised by the kinds of all slots ([`K`]): the first edge creates a version of the block,
//! another edge with other kinds another version, up to [`MAX_VERSIONS`]; after that kinds are joined. A loop whose
//! variables change kind in the first iteration is thereby peeled once.

use super::Builder;
use crate::helpers::Helper;
use crate::ir::{Block, FrameState, Reason, Slot, StateId, Target, Value};
use crate::ops::{ObjId, Op};
use crate::snapshot::{CodeId, Const, Desc, Shape};
use crate::types::{Repr, Ty};
use smallvec::SmallVec;
use std::rc::Rc;

/// A slot over SSA values.
pub(super) type SlotV = Slot<Value>;

/// Versions of one merge point before kinds are joined.
const MAX_VERSIONS: usize = 4;

/// One Python frame: the function itself, or one inlined into it.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub code: CodeId,
    /// Identifies the chain of call sites that led here (0: the root).
    pub inline: u32,
    /// The function object, for inlined frames.
    pub func: Option<ObjId>,
    pub locals: Vec<SlotV>,
    pub stack: Vec<SlotV>,
    /// Start of the current instruction; in a calling frame, of the CALL.
    pub bci: u32,
    /// In a calling frame: its state while the callee runs.
    pub calling: Option<StateId>,
}

/// The kind of a slot at a merge point.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum K {
    Null,
    Int,
    Float,
    Bool,
    Obj {
        ty: Ty,
        owned: bool,
    },
    /// An owned object or null.
    Maybe,
    Const(ObjId),
    Tuple(Vec<K>),
    Zip(Vec<K>),
    Range,
    RangeIter,
    ListIter(Box<K>),
    TupleIter(Box<K>),
    StrIter(Box<K>),
    ListRevIter(Box<K>),
    Enumerate(Box<K>),
    Slice(bool, bool),
}

/// Kinds of a whole environment.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct EnvKind(Vec<FrameKind>);

#[derive(Clone, PartialEq, Debug)]
struct FrameKind {
    inline: u32,
    bci: u32,
    locals: Vec<K>,
    stack: Vec<K>,
}

/// A merge point: inlining context, code unit, and whether it is the return into a caller.
pub(super) type Key = (u32, u32, bool);

#[derive(Clone, Debug)]
pub(super) struct MergeVersion {
    kind: EnvKind,
    block: Block,
}

impl K {
    /// The kind both fit into, if there is one that slots can be converted to in place.
    fn join(&self, other: &K) -> Option<K> {
        use K::*;
        if self == other {
            return Some(self.clone());
        }
        match (self, other) {
            (Obj { ty, owned }, Obj { ty: t2, owned: o2 }) => Some(Obj {
                ty: ty.join(*t2),
                owned: *owned || *o2,
            }),
            (Int, Obj { ty: Ty::Int, .. }) | (Obj { ty: Ty::Int, .. }, Int) => Some(Int),
            (Float, Obj { ty: Ty::Float, .. }) | (Obj { ty: Ty::Float, .. }, Float) => Some(Float),
            (Bool, Obj { ty: Ty::Bool, .. }) | (Obj { ty: Ty::Bool, .. }, Bool) => Some(Bool),
            (Maybe | Null, b) if b.boxable() => Some(Maybe),
            (a, Maybe | Null) if a.boxable() => Some(Maybe),
            (a, b) if a.boxable() && b.boxable() => Some(Obj { ty: Ty::Any, owned: true }),
            (ListIter(a), ListIter(b)) => Some(ListIter(Box::new(a.join(b)?))),
            (TupleIter(a), TupleIter(b)) => Some(TupleIter(Box::new(a.join(b)?))),
            (StrIter(a), StrIter(b)) => Some(StrIter(Box::new(a.join(b)?))),
            (ListRevIter(a), ListRevIter(b)) => Some(ListRevIter(Box::new(a.join(b)?))),
            (Enumerate(a), Enumerate(b)) => Some(Enumerate(Box::new(a.join(b)?))),
            (Zip(a), Zip(b)) if a.len() == b.len() => a.iter().zip(b).map(|(x, y)| x.join(y)).collect::<Option<Vec<_>>>().map(Zip),
            _ => None,
        }
    }

    fn boxable(&self) -> bool {
        matches!(
            self,
            K::Int | K::Float | K::Bool | K::Obj { .. } | K::Const(_) | K::Tuple(_) | K::Maybe | K::Null
        )
    }
}

impl EnvKind {
    fn join(&self, other: &EnvKind) -> Option<EnvKind> {
        let list = |a: &[K], b: &[K]| a.iter().zip(b).map(|(x, y)| x.join(y)).collect::<Option<Vec<_>>>();
        let frames = self.0.iter().zip(&other.0).map(|(a, b)| {
            let same = a.inline == b.inline && a.bci == b.bci && a.stack.len() == b.stack.len();
            same.then_some(())?;
            Some(FrameKind {
                inline: a.inline,
                bci: a.bci,
                locals: list(&a.locals, &b.locals)?,
                stack: list(&a.stack, &b.stack)?,
            })
        });
        frames.collect::<Option<Vec<_>>>().map(EnvKind)
    }
}

impl Builder<'_> {
    pub(super) fn top(&mut self) -> &mut Frame {
        self.frames.last_mut().expect("a frame is always open")
    }

    /// The slot `depth` below the top of the stack.
    pub(super) fn peek(&self, depth: usize) -> &SlotV {
        let stack = &self.frames.last().expect("a frame is always open").stack;
        &stack[stack.len() - 1 - depth]
    }

    pub(super) fn set_slot(&mut self, depth: usize, slot: SlotV) {
        self.state_cache = None;
        let stack = &mut self.top().stack;
        let n = stack.len();
        stack[n - 1 - depth] = slot;
    }

    pub(super) fn push(&mut self, slot: SlotV) {
        self.state_cache = None;
        self.top().stack.push(slot);
    }

    pub(super) fn pop(&mut self) -> SlotV {
        self.state_cache = None;
        self.top()
            .stack
            .pop()
            .expect("the compiler's stack effect keeps the stack non-empty")
    }

    /// Pushes an unboxed value, or an object the function owns.
    pub(super) fn push_val(&mut self, v: Value) {
        let owned = self.f.repr(v) == Repr::Obj;
        self.push(Slot::Val { v, owned });
    }

    /// Ends an op: pops its `n` operands, pushes the result, then releases the operands, as the interpreter does.
    pub(super) fn finish(&mut self, n: usize, result: Option<SlotV>) {
        let mut popped = Vec::with_capacity(n);
        for _ in 0..n {
            popped.push(self.pop());
        }
        if let Some(r) = result {
            self.push(r);
        }
        for s in popped {
            self.release(s);
        }
    }

    pub(super) fn finish_val(&mut self, n: usize, v: Value) {
        let owned = self.f.repr(v) == Repr::Obj;
        self.finish(n, Some(Slot::Val { v, owned }));
    }

    /// Gives up a slot's references. Code that this may run sees the frame as it is now, at the next instruction.
    pub(super) fn release(&mut self, slot: SlotV) {
        match slot {
            Slot::Val { v, owned: true } if self.f.repr(v) == Repr::Obj => {
                if self.nullable.contains(&v) {
                    let st = self.next_state();
                    self.emit_at(Op::XDecRef, &[v], Reason::None, st, None);
                } else if self.value_ty(v).is_leaf() {
                    self.emit(Op::DecRefLeaf, &[v], Reason::None);
                } else {
                    let st = self.next_state();
                    self.emit_at(Op::DecRef, &[v], Reason::None, st, None);
                }
            }
            Slot::Tuple(items) | Slot::Zip(items) => items.into_iter().for_each(|s| self.release(s)),
            Slot::ListIter { list: s, .. }
            | Slot::TupleIter { tuple: s, .. }
            | Slot::StrIter { s, .. }
            | Slot::ListRevIter { list: s, .. } => self.release(*s),
            Slot::Enumerate { inner, .. } => self.release(*inner),
            _ => {}
        }
    }

    /// The state with which the interpreter would start the next instruction.
    pub(super) fn next_state(&mut self) -> StateId {
        let next = self.next_bci;
        self.state_at(next)
    }

    /// The state before the current instruction (its operands still on the stack).
    pub(super) fn state(&mut self) -> StateId {
        if let Some(s) = self.state_cache {
            return s;
        }
        let bci = self.top().bci;
        let s = self.state_at(bci);
        self.state_cache = Some(s);
        s
    }

    pub(super) fn state_at(&mut self, bci: u32) -> StateId {
        let mut parent = None;
        for i in 0..self.frames.len() - 1 {
            let st = match self.frames[i].calling {
                Some(s) => s,
                None => {
                    let fr = &self.frames[i];
                    let state = FrameState {
                        parent,
                        code: fr.code,
                        func: fr.func,
                        bci: fr.bci,
                        locals: fr.locals.clone(),
                        stack: fr.stack.clone(),
                    };
                    let s = self.f.add_state(state);
                    self.frames[i].calling = Some(s);
                    s
                }
            };
            parent = Some(st);
        }
        let fr = self.frames.last().expect("a frame is always open");
        let state = FrameState {
            parent,
            code: fr.code,
            func: fr.func,
            bci,
            locals: fr.locals.clone(),
            stack: fr.stack.clone(),
        };
        self.f.add_state(state)
    }

    // ---- emitting

    /// Emits with the state before the current instruction, where the op needs one.
    pub(super) fn emit(&mut self, op: Op, args: &[Value], reason: Reason) -> Option<Value> {
        let e = op.effects();
        let state = (e.exits || e.raises || e.user).then(|| self.state());
        self.emit_in(op, args, reason, state, None)
    }

    pub(super) fn emit_at(&mut self, op: Op, args: &[Value], reason: Reason, state: StateId, ty: Option<(Repr, Ty)>) -> Option<Value> {
        self.emit_in(op, args, reason, Some(state), ty)
    }

    fn emit_in(&mut self, op: Op, args: &[Value], reason: Reason, state: Option<StateId>, ty: Option<(Repr, Ty)>) -> Option<Value> {
        let (i, v) = self.f.make_inst(op, args, state, reason, ty);
        let cur = self.cur;
        self.f.block_mut(cur).insts.push(i);
        v
    }

    /// Emits an op with an unboxed result, or an object of unknown type.
    pub(super) fn val(&mut self, op: Op, args: &[Value], reason: Reason) -> Value {
        self.emit(op, args, reason).expect("the op has a result")
    }

    /// Emits an op whose result is an object of this type.
    pub(super) fn obj(&mut self, op: Op, args: &[Value], reason: Reason, ty: Ty) -> Value {
        let e = op.effects();
        let state = (e.exits || e.raises || e.user).then(|| self.state());
        self.emit_in(op, args, reason, state, Some((Repr::Obj, ty)))
            .expect("the op has a result")
    }

    pub(super) fn int(&mut self, v: i64) -> Value {
        self.val(Op::ConstInt { v }, &[], Reason::None)
    }
    pub(super) fn float(&mut self, v: f64) -> Value {
        self.val(Op::ConstFloat { bits: v.to_bits() }, &[], Reason::None)
    }
    pub(super) fn boolean(&mut self, v: bool) -> Value {
        self.val(Op::ConstBool { v }, &[], Reason::None)
    }

    // ---- types

    /// The exact type known of a value here.
    pub(super) fn value_ty(&self, v: Value) -> Ty {
        let d = self.f.value(v);
        if d.repr != Repr::Obj {
            return d.repr.ty();
        }
        self.known.get(&v).copied().unwrap_or(d.ty)
    }

    pub(super) fn slot_ty(&self, s: &SlotV) -> Ty {
        match s {
            Slot::Val { v, .. } => self.value_ty(*v),
            Slot::Const(o) => self.f.objs[o.0 as usize].ty,
            Slot::Tuple(_) => Ty::Tuple,
            Slot::Range { .. } => Ty::Range,
            _ => Ty::Any,
        }
    }

    /// The type known of the slot `depth` below the top.
    pub(super) fn ty(&self, depth: usize) -> Ty {
        self.slot_ty(self.peek(depth))
    }

    pub(super) fn hint(&self, s: &SlotV) -> Option<Rc<Shape>> {
        match s {
            Slot::Val { v, .. } => self.hints.get(v).cloned(),
            _ => None,
        }
    }

    /// Guards an object's exact type.
    pub(super) fn guard(&mut self, v: Value, ty: Ty) {
        if self.value_ty(v) != ty {
            self.emit(Op::GuardType { ty }, &[v], Reason::Type(ty));
            self.known.insert(v, ty);
        }
    }

    /// The slot as a 64-bit int; an object of unknown type is guarded.
    pub(super) fn want_int(&mut self, depth: usize) -> Value {
        let slot = self.peek(depth).clone();
        self.slot_int(&slot)
    }

    pub(super) fn slot_int(&mut self, slot: &SlotV) -> Value {
        match slot {
            Slot::Val { v, .. } => match self.f.repr(*v) {
                Repr::Int => *v,
                Repr::Bool => self.val(Op::BToI, &[*v], Reason::None),
                Repr::Float => unreachable!("callers ask floats for floats"),
                Repr::Obj => {
                    if self.value_ty(*v) == Ty::Bool {
                        let b = self.val(Op::UnboxBool, &[*v], Reason::None);
                        return self.val(Op::BToI, &[b], Reason::None);
                    }
                    self.guard(*v, Ty::Int);
                    self.val(Op::UnboxInt, &[*v], Reason::BigInt)
                }
            },
            _ => {
                let v = self.slot_obj(slot);
                self.guard(v, Ty::Int);
                self.val(Op::UnboxInt, &[v], Reason::BigInt)
            }
        }
    }

    /// The slot as a float; ints are converted, an object of unknown type is guarded.
    pub(super) fn want_float(&mut self, depth: usize) -> Value {
        let slot = self.peek(depth).clone();
        match self.slot_ty(&slot) {
            Ty::Int | Ty::Bool => {
                let i = self.slot_int(&slot);
                self.val(Op::IToF, &[i], Reason::None)
            }
            _ => match &slot {
                Slot::Val { v, .. } if self.f.repr(*v) == Repr::Float => *v,
                _ => {
                    let v = self.slot_obj(&slot);
                    self.guard(v, Ty::Float);
                    self.val(Op::UnboxFloat, &[v], Reason::None)
                }
            },
        }
    }

    /// The slot as a bool, for slots known to hold one.
    pub(super) fn slot_bool(&mut self, slot: &SlotV) -> Value {
        let v = self.slot_obj_or_raw(slot);
        match self.f.repr(v) {
            Repr::Bool => v,
            _ => {
                self.guard(v, Ty::Bool);
                self.val(Op::UnboxBool, &[v], Reason::None)
            }
        }
    }

    fn slot_obj_or_raw(&mut self, slot: &SlotV) -> Value {
        match slot {
            Slot::Val { v, .. } => *v,
            _ => self.slot_obj(slot),
        }
    }

    /// The object in a slot that already is one (borrowed from the slot).
    pub(super) fn slot_obj(&mut self, slot: &SlotV) -> Value {
        match slot {
            Slot::Val { v, .. } if self.f.repr(*v) == Repr::Obj => *v,
            Slot::Const(o) => {
                let ty = self.f.objs[o.0 as usize].ty;
                self.obj(Op::ConstObj { obj: *o }, &[], Reason::None, ty)
            }
            _ => unreachable!("slot is boxed first"),
        }
    }

    /// Boxes a slot's content: an object, with whether the box is a new reference. `None` for slots that only
    /// an exit can build (iterators, ranges).
    fn box_slot(&mut self, slot: &SlotV) -> Option<(Value, bool)> {
        Some(match slot {
            Slot::Val { v, owned } => match self.f.repr(*v) {
                Repr::Obj => (*v, *owned),
                Repr::Int => (self.obj(Op::BoxInt, &[*v], Reason::None, Ty::Int), true),
                Repr::Float => (self.obj(Op::BoxFloat, &[*v], Reason::None, Ty::Float), true),
                Repr::Bool => (self.obj(Op::BoxBool, &[*v], Reason::None, Ty::Bool), false),
            },
            Slot::Const(_) => (self.slot_obj(slot), false),
            Slot::Tuple(items) => {
                let mut vals = Vec::with_capacity(items.len());
                for it in items.clone() {
                    let (v, owned) = self.box_slot(&it)?;
                    if !owned {
                        self.emit(Op::IncRef, &[v], Reason::None);
                    }
                    vals.push(v);
                }
                (self.obj(Op::TupleNew, &vals, Reason::None, Ty::Tuple), true)
            }
            _ => return None,
        })
    }

    /// Makes the slot at `depth` an object and returns it, borrowed from the slot. `None` when only an exit can build it.
    pub(super) fn want_obj(&mut self, depth: usize) -> Option<Value> {
        let slot = self.peek(depth).clone();
        if let Slot::Val { v, .. } = slot
            && self.f.repr(v) == Repr::Obj
        {
            return Some(v);
        }
        let (v, owned) = self.box_slot(&slot)?;
        if !matches!(slot, Slot::Const(_)) {
            self.set_slot(depth, Slot::Val { v, owned });
        }
        Some(v)
    }

    /// Takes the top slot's reference for an op that steals it, or for a slot that must own. Pops it.
    pub(super) fn pop_owned(&mut self) -> Option<Value> {
        let slot = self.peek(0).clone();
        let (v, owned) = self.box_slot(&slot)?;
        self.pop();
        if !owned {
            let op = if self.nullable.contains(&v) { Op::XIncRef } else { Op::IncRef };
            self.emit(op, &[v], Reason::None);
        }
        Some(v)
    }

    /// A slot with a reference of its own, for a place that outlives the source.
    pub(super) fn own(&mut self, slot: SlotV) -> SlotV {
        match slot {
            Slot::Val { v, owned: false } if self.f.repr(v) == Repr::Obj => {
                let op = if self.nullable.contains(&v) { Op::XIncRef } else { Op::IncRef };
                self.emit(op, &[v], Reason::None);
                Slot::Val { v, owned: true }
            }
            Slot::Tuple(items) => Slot::Tuple(items.into_iter().map(|s| self.own(s)).collect()),
            s => s,
        }
    }

    // ---- constants

    pub(super) fn obj_id(&mut self, c: &Const) -> ObjId {
        let id = self.f.obj(crate::ir::ObjInfo {
            ptr: c.ptr,
            ty: c.desc.ty(),
        });
        self.descs.entry(id).or_insert_with(|| c.clone());
        id
    }

    pub(super) fn const_slot(&mut self, c: &Const) -> SlotV {
        match &c.desc {
            Desc::Int(i) => Slot::Val {
                v: self.int(*i),
                owned: false,
            },
            Desc::Float(x) => Slot::Val {
                v: self.float(*x),
                owned: false,
            },
            Desc::Bool(b) => Slot::Val {
                v: self.boolean(*b),
                owned: false,
            },
            _ => Slot::Const(self.obj_id(c)),
        }
    }

    pub(super) fn none_slot(&mut self) -> SlotV {
        let c = Const {
            ptr: self.snap.none,
            desc: Desc::None,
        };
        Slot::Const(self.obj_id(&c))
    }

    /// What is known of a slot that holds a captured object.
    pub(super) fn desc(&self, s: &SlotV) -> Option<&Const> {
        match s {
            Slot::Const(o) => self.descs.get(o),
            _ => None,
        }
    }

    // ---- merges

    fn kind_of(&self, s: &SlotV) -> K {
        let boxed = |s: &SlotV| Box::new(self.kind_of(s));
        match s {
            Slot::Null => K::Null,
            Slot::Const(o) => K::Const(*o),
            Slot::Val { v, owned } => match self.f.repr(*v) {
                Repr::Int => K::Int,
                Repr::Float => K::Float,
                Repr::Bool => K::Bool,
                Repr::Obj if self.nullable.contains(v) => K::Maybe,
                Repr::Obj => K::Obj {
                    ty: self.value_ty(*v),
                    owned: *owned,
                },
            },
            Slot::Tuple(items) => K::Tuple(items.iter().map(|s| self.kind_of(s)).collect()),
            Slot::Zip(items) => K::Zip(items.iter().map(|s| self.kind_of(s)).collect()),
            Slot::Range { .. } => K::Range,
            Slot::RangeIter { .. } => K::RangeIter,
            Slot::ListIter { list, .. } => K::ListIter(boxed(list)),
            Slot::TupleIter { tuple, .. } => K::TupleIter(boxed(tuple)),
            Slot::StrIter { s, .. } => K::StrIter(boxed(s)),
            Slot::ListRevIter { list, .. } => K::ListRevIter(boxed(list)),
            Slot::Enumerate { inner, .. } => K::Enumerate(boxed(inner)),
            Slot::Slice { lo, hi } => K::Slice(lo.is_some(), hi.is_some()),
        }
    }

    fn env_kind(&self) -> EnvKind {
        let frames = self.frames.iter().map(|fr| FrameKind {
            inline: fr.inline,
            bci: if fr.inline == self.frames.last().expect("open").inline {
                0
            } else {
                fr.bci
            },
            locals: fr.locals.iter().map(|s| self.kind_of(s)).collect(),
            stack: fr.stack.iter().map(|s| self.kind_of(s)).collect(),
        });
        EnvKind(frames.collect())
    }

    /// Brings slots to forms that do not multiply versions: locals that the code stores to own their objects, and
    /// constants of no interest to the compiler become plain objects.
    fn normalise(&mut self) {
        for f in 0..self.frames.len() {
            let info = self.info(self.frames[f].code);
            for i in 0..self.frames[f].locals.len() {
                let slot = self.frames[f].locals[i].clone();
                let fixed = match &slot {
                    Slot::Const(_) if info.stored(i) => self.plain_const(slot.clone()),
                    _ => slot.clone(),
                };
                let fixed = if info.stored(i) { self.own(fixed) } else { fixed };
                if fixed != slot {
                    self.frames[f].locals[i] = fixed;
                    self.state_cache = None;
                    self.frames[f].calling = None;
                }
            }
            for i in 0..self.frames[f].stack.len() {
                let slot = self.frames[f].stack[i].clone();
                if matches!(slot, Slot::Const(_)) && f + 1 == self.frames.len() {
                    let fixed = self.plain_const(slot);
                    self.frames[f].stack[i] = fixed;
                    self.state_cache = None;
                }
            }
        }
    }

    fn plain_const(&mut self, slot: SlotV) -> SlotV {
        match self.desc(&slot).map(|c| &c.desc) {
            Some(Desc::Str { .. } | Desc::Tuple(_) | Desc::BigInt | Desc::Other(_)) => {
                let v = self.slot_obj(&slot);
                self.emit(Op::IncRef, &[v], Reason::None);
                Slot::Val { v, owned: true }
            }
            _ => slot,
        }
    }

    /// Goes to a merge point with the current environment: finds or makes the version for its kinds.
    pub(super) fn goto_merge(&mut self, key: Key, bci: u32, is_loop: bool) {
        self.top().bci = bci;
        self.state_cache = None;
        self.normalise();
        let kind = self.env_kind();
        let versions = self.versions.entry(key).or_default();
        let mut target = versions.iter().find(|v| v.kind == kind).cloned();
        let mut want = kind;
        if target.is_none() && versions.len() >= MAX_VERSIONS {
            let joined = versions.iter().rev().find_map(|v| v.kind.join(&want));
            match joined {
                Some(j) if versions.len() < 4 * MAX_VERSIONS => {
                    target = versions.iter().find(|v| v.kind == j).cloned();
                    want = j;
                }
                _ => {
                    let st = self.state_at(bci);
                    self.emit_at(Op::Exit, &[], Reason::Cold, st, None);
                    self.open = false;
                    return;
                }
            }
        }
        self.unbox_env(&want);
        let mut args: SmallVec<[Value; 8]> = SmallVec::new();
        if !self.pass_env(&want, &mut args) {
            let st = self.state_at(bci);
            self.emit_at(Op::Exit, &[], Reason::Cold, st, None);
            self.open = false;
            return;
        }
        let block = match target {
            Some(t) => t.block,
            None => {
                let block = self.f.new_block();
                self.versions
                    .get_mut(&key)
                    .expect("entered above")
                    .push(MergeVersion { kind: want.clone(), block });
                self.open_version(block, &want, &args, bci, is_loop);
                block
            }
        };
        self.jump(Target { block, args });
    }

    /// Ends the block with a jump.
    pub(super) fn jump(&mut self, t: Target) {
        let (i, _) = self.f.make_inst(Op::Jump, &[], None, Reason::None, None);
        self.f.inst_mut(i).targets.push(t);
        let cur = self.cur;
        self.f.block_mut(cur).insts.push(i);
        self.open = false;
    }

    /// Unboxes the slots that the target takes unboxed. This may exit, so it comes before references change hands.
    fn unbox_env(&mut self, want: &EnvKind) {
        for (i, fk) in want.0.iter().enumerate() {
            let locals = self.frames[i].locals.len();
            for (j, k) in fk.locals.iter().chain(&fk.stack).enumerate() {
                let fr = &self.frames[i];
                let slot = if j < locals {
                    fr.locals[j].clone()
                } else {
                    fr.stack[j - locals].clone()
                };
                let Slot::Val { v, owned } = slot else { continue };
                if self.f.repr(v) != Repr::Obj {
                    continue;
                }
                let raw = match k {
                    K::Int => self.val(Op::UnboxInt, &[v], Reason::BigInt),
                    K::Float => self.val(Op::UnboxFloat, &[v], Reason::None),
                    K::Bool => self.val(Op::UnboxBool, &[v], Reason::None),
                    _ => continue,
                };
                if owned {
                    self.emit(Op::DecRefLeaf, &[v], Reason::None);
                }
                let slot = Slot::Val { v: raw, owned: false };
                let fr = &mut self.frames[i];
                if j < locals {
                    fr.locals[j] = slot
                } else {
                    fr.stack[j - locals] = slot
                }
                fr.calling = None;
                self.state_cache = None;
            }
        }
    }

    /// Converts the environment to the wanted kinds, collecting the values to pass.
    fn pass_env(&mut self, want: &EnvKind, args: &mut SmallVec<[Value; 8]>) -> bool {
        for (i, fk) in want.0.iter().enumerate() {
            for (j, k) in fk.locals.iter().enumerate() {
                let slot = self.frames[i].locals[j].clone();
                if !self.pass(&slot, k, args) {
                    return false;
                }
            }
            for (j, k) in fk.stack.iter().enumerate() {
                let slot = self.frames[i].stack[j].clone();
                if !self.pass(&slot, k, args) {
                    return false;
                }
            }
        }
        true
    }

    fn pass(&mut self, slot: &SlotV, k: &K, args: &mut SmallVec<[Value; 8]>) -> bool {
        match (slot, k) {
            (Slot::Null, K::Null) | (Slot::Const(_), K::Const(_)) => true,
            (Slot::Null, K::Maybe) => {
                args.push(self.val(Op::ConstNull, &[], Reason::None));
                true
            }
            (Slot::Val { v, owned }, K::Obj { owned: want, .. }) if self.f.repr(*v) == Repr::Obj => {
                if *want && !*owned {
                    self.emit(Op::IncRef, &[*v], Reason::None);
                }
                args.push(*v);
                true
            }
            (Slot::Val { .. } | Slot::Const(_) | Slot::Tuple(_), K::Obj { .. } | K::Maybe) => {
                let Some((v, owned)) = self.box_slot(slot) else { return false };
                if !owned {
                    let op = if self.nullable.contains(&v) { Op::XIncRef } else { Op::IncRef };
                    self.emit(op, &[v], Reason::None);
                }
                args.push(v);
                true
            }
            (Slot::Val { v, .. }, K::Int | K::Float | K::Bool) => {
                args.push(*v);
                matches!(
                    (self.f.repr(*v), k),
                    (Repr::Int, K::Int) | (Repr::Float, K::Float) | (Repr::Bool, K::Bool)
                )
            }
            (Slot::Tuple(items), K::Tuple(ks)) | (Slot::Zip(items), K::Zip(ks)) => {
                items.len() == ks.len() && items.iter().zip(ks).all(|(s, k)| self.pass(s, k, args))
            }
            (Slot::Range { .. }, K::Range) | (Slot::RangeIter { .. }, K::RangeIter) | (Slot::Slice { .. }, K::Slice(..)) => {
                slot.for_each(&mut |v| args.push(*v));
                true
            }
            (Slot::ListIter { list: s, index }, K::ListIter(k))
            | (Slot::TupleIter { tuple: s, index }, K::TupleIter(k))
            | (Slot::StrIter { s, index }, K::StrIter(k))
            | (Slot::ListRevIter { list: s, index }, K::ListRevIter(k)) => {
                let ok = self.pass(s, k, args);
                args.push(*index);
                ok
            }
            (Slot::Enumerate { count, inner }, K::Enumerate(k)) => {
                args.push(*count);
                self.pass(inner, k, args)
            }
            _ => false,
        }
    }

    /// Gives a new version's block its parameters and queues it.
    fn open_version(&mut self, block: Block, kind: &EnvKind, args: &[Value], bci: u32, is_loop: bool) {
        let mut frames = self.frames.clone();
        let mut at = 0;
        for (i, fk) in kind.0.iter().enumerate() {
            frames[i].calling = None;
            for (j, k) in fk.locals.iter().enumerate() {
                frames[i].locals[j] = self.bind(block, k, args, &mut at);
            }
            for (j, k) in fk.stack.iter().enumerate() {
                frames[i].stack[j] = self.bind(block, k, args, &mut at);
            }
        }
        frames.last_mut().expect("open").bci = bci;
        if is_loop {
            std::mem::swap(&mut self.frames, &mut frames);
            let st = self.state_at(bci);
            self.f.block_mut(block).entry_state = Some(st);
            std::mem::swap(&mut self.frames, &mut frames);
        }
        self.queue(block, frames, bci, Default::default());
    }

    /// Parameters for a kind, as a slot over them.
    pub(super) fn bind(&mut self, block: Block, k: &K, args: &[Value], at: &mut usize) -> SlotV {
        let mut leaf = |b: &mut Self, repr: Repr, ty: Ty| {
            let v = b.f.add_param(block, repr, ty);
            if let Some(h) = args.get(*at).and_then(|a| b.hints.get(a)).cloned() {
                b.hints.insert(v, h);
            }
            *at += 1;
            v
        };
        match k {
            K::Null => Slot::Null,
            K::Const(o) => Slot::Const(*o),
            K::Int => Slot::Val {
                v: leaf(self, Repr::Int, Ty::Int),
                owned: false,
            },
            K::Float => Slot::Val {
                v: leaf(self, Repr::Float, Ty::Float),
                owned: false,
            },
            K::Bool => Slot::Val {
                v: leaf(self, Repr::Bool, Ty::Bool),
                owned: false,
            },
            K::Obj { ty, owned } => Slot::Val {
                v: leaf(self, Repr::Obj, *ty),
                owned: *owned,
            },
            K::Maybe => {
                let v = leaf(self, Repr::Obj, Ty::Any);
                self.nullable.insert(v);
                Slot::Val { v, owned: true }
            }
            K::Range => {
                let [start, stop, step] = [0; 3].map(|_| leaf(self, Repr::Int, Ty::Int));
                Slot::Range { start, stop, step }
            }
            K::RangeIter => {
                let [next, step, len] = [0; 3].map(|_| leaf(self, Repr::Int, Ty::Int));
                Slot::RangeIter { next, step, len }
            }
            K::Slice(lo, hi) => {
                let lo = lo.then(|| leaf(self, Repr::Int, Ty::Int));
                let hi = hi.then(|| leaf(self, Repr::Int, Ty::Int));
                Slot::Slice { lo, hi }
            }
            K::Tuple(ks) => Slot::Tuple(ks.iter().map(|k| self.bind(block, k, args, at)).collect()),
            K::Zip(ks) => Slot::Zip(ks.iter().map(|k| self.bind(block, k, args, at)).collect()),
            K::ListIter(k) => {
                let list = Box::new(self.bind(block, k, args, at));
                let index = self.bind_index(block, at);
                Slot::ListIter { list, index }
            }
            K::TupleIter(k) => {
                let tuple = Box::new(self.bind(block, k, args, at));
                let index = self.bind_index(block, at);
                Slot::TupleIter { tuple, index }
            }
            K::StrIter(k) => {
                let s = Box::new(self.bind(block, k, args, at));
                let index = self.bind_index(block, at);
                Slot::StrIter { s, index }
            }
            K::ListRevIter(k) => {
                let list = Box::new(self.bind(block, k, args, at));
                let index = self.bind_index(block, at);
                Slot::ListRevIter { list, index }
            }
            K::Enumerate(k) => {
                let count = self.bind_index(block, at);
                let inner = Box::new(self.bind(block, k, args, at));
                Slot::Enumerate { count, inner }
            }
        }
    }

    fn bind_index(&mut self, block: Block, at: &mut usize) -> Value {
        *at += 1;
        self.f.add_param(block, Repr::Int, Ty::Int)
    }

    /// Runs a helper through CPython on the top `n` slots as its operands (deepest first), then `extra` ints.
    /// Returns its result; the caller ends the op. `None` when an operand is something only an exit can build.
    pub(super) fn helper(&mut self, h: Helper, n: usize, extra: &[i64], ty: Ty) -> Option<Value> {
        for d in (0..n).rev() {
            self.want_obj(d)?;
        }
        let mut args: Vec<Value> = (0..n)
            .rev()
            .map(|d| {
                let s = self.peek(d).clone();
                self.slot_obj(&s)
            })
            .collect();
        for e in extra {
            args.push(self.int(*e));
        }
        self.count_op(h);
        let info = h.info();
        let reason = if info.effects.raises { Reason::Raised } else { Reason::Domain };
        let op = Op::Call { helper: h };
        Some(match info.result {
            crate::ops::Res::N | crate::ops::Res::O => self.obj(op, &args, reason, ty),
            crate::ops::Res::None => {
                self.emit(op, &args, reason);
                args[0]
            }
            _ => self.val(op, &args, reason),
        })
    }
}
