//! The abstract frame: what each local and stack slot holds while bytecode is read, and
//! who owns the references.
//!
//! Slots mirror the interpreter's: a slot flagged `owned` holds a reference of its own, exactly where the
//! interpreter's frame would hold one (or where a borrowed one is not provably kept alive). Storing to a local
//! releases what it held; popping an operand releases it after the op. So the frame state of any
//! bytecode is the environment itself.

use super::Builder;
use crate::effects::Mem;
use crate::helpers::Helper;
use crate::ir::{FrameState, FuncSlot, Reason, Role, Slot, StateId, Value};
use crate::maps::HashMap;
use crate::ops::{ObjId, Op};
use crate::snapshot::{CodeId, Const, Desc, Shape};
use crate::types::{Repr, Ty};
use std::rc::Rc;

/// A slot over SSA values.
pub(super) type SlotV = Slot<Value>;

/// One Python frame: the function itself, or one inlined into it.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub code: CodeId,
    /// Identifies the chain of call sites that led here (0: the root).
    pub inline: u32,
    pub role: Role,
    /// The function object, for inlined frames.
    pub func: SlotV,
    pub locals: Vec<SlotV>,
    pub stack: Vec<SlotV>,
    /// Start of the current instruction; in a calling frame, of the CALL.
    pub bci: u32,
    /// In a calling frame: its state while the callee runs.
    pub calling: Option<StateId>,
    /// In a module's own frame: the loop, by its header, whose names are carried here.
    pub carried: Option<u32>,
}

/// Places of one code in which shortcuts have declined before none is relied on any more: each costs a compilation to find out.
const DECLINED: usize = 2;

/// Values that may be known without being named.
const FEW: usize = 64;

impl Frame {
    fn state(&self, parent: Option<StateId>, bci: u32) -> FrameState {
        FrameState {
            parent,
            role: self.role,
            code: self.code,
            func: self.func.clone(),
            bci,
            locals: self.locals.clone(),
            stack: self.stack.clone(),
        }
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

    /// Gives up a slot's references. Code that this may run sees the frame at the current instruction, as it is after it.
    pub(super) fn release(&mut self, slot: SlotV) {
        match slot {
            Slot::Val { v, owned: true } if self.f.repr(v) == Repr::Obj => {
                if !self.nullable.contains(&v) && self.value_ty(v).is_leaf() {
                    self.emit(Op::DecRefLeaf, &[v], Reason::None);
                    return;
                }
                let op = if self.nullable.contains(&v) { Op::XDecRef } else { Op::DecRef };
                let bci = self.top().bci;
                let st = self.state_at(bci);
                self.emit_at(op, &[v], Reason::None, st, None);
            }
            Slot::Tuple(items) | Slot::List(items) | Slot::Zip(items) => items.into_iter().for_each(|s| self.release(s)),
            Slot::ListIter { list: s, .. }
            | Slot::TupleIter { tuple: s, .. }
            | Slot::StrIter { s, .. }
            | Slot::ListRevIter { list: s, .. } => self.release(*s),
            Slot::Enumerate { inner, .. } => self.release(*inner),
            Slot::Func(func) => {
                let func = *func;
                func.closure.into_iter().chain(func.defaults).for_each(|s| self.release(s));
            }
            Slot::Inst(i) => self.release_instance(*i),
            Slot::Gen(g) => {
                let g = *g;
                let frame = g.locals.into_iter().chain(g.stack);
                frame.rev().chain([g.func]).for_each(|s| self.release(s));
            }
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
            // A state made before a frame further out changed names that frame as it was.
            let made = self.frames[i].calling.filter(|&s| self.f.state(s).parent == parent);
            let st = match made {
                Some(s) => s,
                None => {
                    let fr = &self.frames[i];
                    let s = self.f.add_state(fr.state(parent, fr.bci));
                    self.frames[i].calling = Some(s);
                    s
                }
            };
            parent = Some(st);
        }
        let fr = self.frames.last().expect("a frame is always open");
        let state = fr.state(parent, bci);
        self.f.add_state(state)
    }

    // ---- emitting

    /// Emits with the state before the current instruction, where the op needs one.
    pub(super) fn emit(&mut self, op: Op, args: &[Value], reason: Reason) -> Option<Value> {
        let state = self.state_for(op);
        self.emit_in(op, args, reason, state, None)
    }

    /// The state before the current instruction, if the op needs one. What runs code that may look at the frames finds instances in them.
    fn state_for(&mut self, op: Op) -> Option<StateId> {
        let e = op.effects();
        if e.user {
            self.settle_all();
        }
        (e.exits || e.raises || e.user).then(|| self.state())
    }

    pub(super) fn emit_at(&mut self, op: Op, args: &[Value], reason: Reason, state: StateId, ty: Option<(Repr, Ty)>) -> Option<Value> {
        self.emit_in(op, args, reason, Some(state), ty)
    }

    fn emit_in(&mut self, op: Op, args: &[Value], reason: Reason, state: Option<StateId>, ty: Option<(Repr, Ty)>) -> Option<Value> {
        if op.effects().user || matches!(op, Op::Shortcut { .. }) {
            self.fresh.clear();
        }
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
        let state = self.state_for(op);
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

    /// Before the environment is copied: forgets what is known of values that no frame names any more, as nothing can ask for it.
    pub(super) fn forget_unnamed(&mut self) {
        if self.known.len() < FEW {
            return;
        }
        let mut named = HashMap::default();
        for frame in &self.frames {
            for slot in frame.locals.iter().chain(&frame.stack).chain([&frame.func]) {
                slot.for_each(&mut |v| {
                    if let Some(&ty) = self.known.get(v) {
                        named.insert(*v, ty);
                    }
                });
            }
        }
        self.known = named;
    }

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
            Slot::List(_) => Ty::List,
            Slot::Chr { .. } => Ty::Str,
            Slot::Complex { .. } => Ty::Complex,
            Slot::Wide { .. } => Ty::Int,
            Slot::Range { .. } => Ty::Range,
            Slot::Func(_) => Ty::Func,
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
            Slot::Wide { lo, hi } => self.val(Op::Narrow, &[*lo, *hi], Reason::BigInt),
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
            Ty::Int if let Slot::Wide { lo, hi } = slot => self.wide_to_float([lo, hi]),
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

    /// The slot as a float, taken for a number of this type where that is not known.
    pub(super) fn want_real(&mut self, depth: usize, ty: Ty) -> Value {
        self.expect(depth, ty);
        self.want_float(depth)
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
    pub(super) fn box_slot(&mut self, slot: &SlotV) -> Option<(Value, bool)> {
        Some(match slot {
            Slot::Val { v, owned } => match self.f.repr(*v) {
                Repr::Obj => (*v, *owned),
                Repr::Int => (self.obj(Op::BoxInt, &[*v], Reason::None, Ty::Int), true),
                Repr::Float => (self.obj(Op::BoxFloat, &[*v], Reason::None, Ty::Float), true),
                Repr::Bool => (self.obj(Op::BoxBool, &[*v], Reason::None, Ty::Bool), false),
            },
            Slot::Const(_) => (self.slot_obj(slot), false),
            Slot::Chr { v } => {
                let helper = Helper::LatinChr;
                (self.obj(Op::Call { helper }, &[*v], Reason::None, Ty::Str), false)
            }
            Slot::Wide { lo, hi } => {
                let helper = Helper::WideBox;
                (self.obj(Op::Call { helper }, &[*lo, *hi], Reason::None, Ty::Int), true)
            }
            Slot::Complex { re, im } => (self.obj(Op::BoxComplex, &[*re, *im], Reason::None, Ty::Complex), true),
            Slot::Tuple(items) => (self.made_of(Op::TupleNew, items, Ty::Tuple)?, true),
            Slot::List(items) => (self.made_of(Op::ListNew, items, Ty::List)?, true),
            Slot::Func(func) => (self.function_object(func)?, true),
            _ => return None,
        })
    }

    /// Makes a tuple or list of the slots; their references go into it.
    fn made_of(&mut self, new: Op, items: &[SlotV], ty: Ty) -> Option<Value> {
        let mut vals = Vec::with_capacity(items.len());
        for it in items {
            let (v, owned) = self.box_slot(it)?;
            if !owned {
                self.emit(Op::IncRef, &[v], Reason::None);
            }
            vals.push(v);
        }
        Some(self.obj(new, &vals, Reason::None, ty))
    }

    /// Makes the object of a function taken apart; the slot's references go into it.
    fn function_object(&mut self, func: &FuncSlot<Value>) -> Option<Value> {
        let mut args = Vec::with_capacity(4);
        for o in [func.code, func.globals] {
            args.push(self.slot_obj(&Slot::Const(o)));
        }
        for items in [&func.closure, &func.defaults] {
            let tuple = if items.is_empty() {
                self.none_slot()
            } else {
                Slot::Tuple(items.clone())
            };
            args.push(self.box_slot(&tuple)?.0);
        }
        let v = self.obj(Op::Call { helper: Helper::FuncNew }, &args, Reason::None, Ty::Func);
        if let Some(Desc::Code(code)) = self.descs.get(&func.code).map(|c| &c.desc) {
            let globals = self.f.objs[func.globals.0 as usize].ptr;
            let shape = self.shape_of_code(*code, globals, func.defaults.len());
            self.hints.insert(v, Rc::new(shape));
        }
        Some(v)
    }
    /// Makes the slot at `depth` an object and returns it, borrowed from the slot. `None` when only an exit can build it.
    pub(super) fn want_obj(&mut self, depth: usize) -> Option<Value> {
        let slot = self.peek(depth).clone();
        if let Slot::Val { v, .. } = slot
            && self.f.repr(v) == Repr::Obj
        {
            return Some(v);
        }
        let slot = self.settled(slot, depth);
        let (v, owned) = self.box_slot(&slot)?;
        if !matches!(slot, Slot::Const(_)) {
            self.set_slot(depth, Slot::Val { v, owned });
        }
        Some(v)
    }

    /// Takes the top slot's reference for an op that steals it, or for a slot that must own. Pops it.
    pub(super) fn pop_owned(&mut self) -> Option<Value> {
        let slot = self.settled(self.peek(0).clone(), 0);
        let (v, owned) = self.box_slot(&slot)?;
        self.pop();
        if !owned {
            let op = if self.nullable.contains(&v) { Op::XIncRef } else { Op::IncRef };
            self.emit(op, &[v], Reason::None);
        }
        Some(v)
    }

    /// Emits an op whose last operand is the slot at `depth`, stolen. The slot owns its reference while the op may still exit;
    /// then the slot is empty. Returns false when only an exit can build the slot's object.
    pub(super) fn emit_stealing(&mut self, op: Op, args: &[Value], depth: usize, reason: Reason) -> bool {
        let slot = self.settled(self.peek(depth).clone(), depth);
        let Some((v, owned)) = self.box_slot(&slot) else { return false };
        if !owned {
            self.emit(Op::IncRef, &[v], Reason::None);
        }
        self.set_slot(depth, Slot::Val { v, owned: true });
        let mut args = args.to_vec();
        args.push(v);
        self.emit(op, &args, reason);
        self.set_slot(depth, Slot::Null);
        true
    }

    /// Emits an op that stores the slot at `depth`, whose reference it takes over, and answers with what was there; the slot is
    /// empty afterwards. `None` when only an exit can build the slot's object.
    pub(super) fn emit_swap(&mut self, op: Op, args: &[Value], depth: usize, reason: Reason) -> Option<SlotV> {
        let slot = self.settled(self.peek(depth).clone(), depth);
        let (v, owned) = self.box_slot(&slot)?;
        if !owned {
            self.emit(Op::IncRef, &[v], Reason::None);
        }
        self.set_slot(depth, Slot::Val { v, owned: true });
        let mut args = args.to_vec();
        args.push(v);
        let old = self.obj(op, &args, reason, Ty::Any);
        if !matches!(op, Op::EntrySwap { .. } | Op::ListSwap) {
            self.nullable.insert(old);
        }
        self.set_slot(depth, Slot::Null);
        Some(Slot::Val { v: old, owned: true })
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
            Slot::List(items) => Slot::List(items.into_iter().map(|s| self.own(s)).collect()),
            Slot::Inst(mut i) => {
                for (_, field) in &mut i.fields {
                    *field = self.own(std::mem::replace(field, Slot::Null));
                }
                Slot::Inst(i)
            }
            Slot::Func(func) => {
                let mut func = *func;
                func.closure = func.closure.into_iter().map(|s| self.own(s)).collect();
                func.defaults = func.defaults.into_iter().map(|s| self.own(s)).collect();
                Slot::Func(Box::new(func))
            }
            s => s,
        }
    }

    // ---- constants

    pub(super) fn obj_id(&mut self, c: &Const) -> ObjId {
        let id = self.f.obj(crate::ir::ObjInfo {
            ptr: c.ptr,
            ty: c.desc.ty(),
        });
        match (self.descs.get_mut(&id).map(|known| &mut known.desc), &c.desc) {
            // Each code object names attributes of its own.
            (Some(Desc::Module { attrs }), Desc::Module { attrs: more }) => {
                attrs.extend(more.iter().map(|(k, v)| (k.clone(), v.clone())));
            }
            (Some(_), _) => {}
            (None, _) => drop(self.descs.insert(id, c.clone())),
        }
        id
    }

    pub(super) fn const_slot(&mut self, c: &Const) -> SlotV {
        match &c.desc {
            Desc::Int(i) => Slot::Val {
                v: self.int(*i),
                owned: false,
            },
            // Of a NaN, identity is what containers compare by.
            Desc::Complex(re, im) if re.is_nan() || im.is_nan() => Slot::Const(self.obj_id(c)),
            Desc::Float(x) if !x.is_nan() => Slot::Val {
                v: self.float(*x),
                owned: false,
            },
            Desc::Bool(b) => Slot::Val {
                v: self.boolean(*b),
                owned: false,
            },
            Desc::Wide(v) => Slot::Wide {
                lo: self.int(*v as i64),
                hi: self.int((*v >> 64) as i64),
            },
            Desc::Complex(re, im) => Slot::Complex {
                re: self.float(*re),
                im: self.float(*im),
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

    /// The op that calls a helper here, and why it may leave: one that may run Python code is called by its shortcut alone, until that has been seen to
    /// decline, here or in some other places of the same code.
    pub(super) fn calling(&self, h: Helper) -> (Op, Reason) {
        let fb = &self.code().feedback;
        let here = fb.get(&self.frames.last().expect("open").bci);
        let declined = here.is_some_and(|fb| fb.domain || fb.generic) || fb.values().filter(|fb| fb.domain).count() >= DECLINED;
        match h.info().effects {
            e if e.user && h.has_shortcut() && !declined => (Op::Shortcut { helper: h }, Reason::Domain),
            e if e.raises => (Op::Call { helper: h }, Reason::Raised),
            _ => (Op::Call { helper: h }, Reason::Domain),
        }
    }

    /// Behind a helper that was called as `calling` says, its operands popped.
    pub(super) fn after(&mut self, h: Helper) {
        match self.calling(h).0 {
            Op::Shortcut { .. } => {
                if h.shortcut_changes() {
                    self.check_valid();
                }
                self.note_look();
            }
            _ => self.after_user(),
        }
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
        if let (true, Some(&d)) = (info.effects.reads.overlaps(Mem::DICT), args.first()) {
            self.guard_other_dict(d);
        }
        let (op, reason) = self.calling(h);
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
