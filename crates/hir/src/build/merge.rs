//! How the environment crosses a merge point.
//!
//! Merge points are specialised by the kinds of all slots ([`K`]): the first edge creates a version of the block,
//! another edge with other kinds another version, up to [`MAX_VERSIONS`]; after that kinds are joined. A loop whose
//! variables change kind in the first iteration is thereby peeled once.

use super::env::{Frame, SlotV};
use super::instances::named;
use super::kinds::{EnvKind, FrameKind, FuncKind, GenKind, InstKind, K};
use super::unroll::Rounds;
use super::{Builder, Way};
use crate::ir::{Block, FuncSlot, GenSlot, InstSlot, Reason, Role, Slot, Target, Value};
use crate::ops::Op;
use crate::snapshot::Desc;
use crate::types::{Repr, Ty};
use smallvec::SmallVec;

/// Versions of one merge point before kinds are joined.
const MAX_VERSIONS: usize = 4;

/// Which merge point at a code unit.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Point {
    /// Where branches join.
    Join,
    /// The way into a loop, from outside it. It leads to the header and nothing else, so that the header's other edges are this
    /// loop's own, however an enclosing loop was peeled; hoisted code goes there.
    LoopEntry,
    /// A loop's header.
    Loop,
    /// The return of an inlined call.
    Return,
}

/// A merge point: inlining context, code unit, which of those there, and the rounds of loops laid out around it.
pub(super) type Key = (u32, u32, Point, Rounds);

#[derive(Clone, Debug)]
pub(super) struct MergeVersion {
    kind: EnvKind,
    block: Block,
}

/// The slot of a frame that a path leads to.
fn slot_at<'a>(fr: &'a mut Frame, locals: usize, path: &[usize]) -> &'a mut SlotV {
    let (first, rest) = path.split_first().expect("a path has a start");
    let mut slot = if *first < locals {
        &mut fr.locals[*first]
    } else {
        &mut fr.stack[first - locals]
    };
    for &n in rest {
        slot = match slot {
            Slot::Gen(g) => {
                let inside = g.locals.len();
                if n < inside { &mut g.locals[n] } else { &mut g.stack[n - inside] }
            }
            Slot::Inst(i) => &mut i.fields[n].1,
            _ => unreachable!("paths lead into generators and instances"),
        };
    }
    slot
}

/// The instances in a slot that are objects in the kind.
fn wanted_whole(slot: &SlotV, k: &K, ids: &mut Vec<u32>) {
    match (slot, k) {
        (Slot::Inst(i), K::Inst(k)) => i.slots().zip(&k.fields).for_each(|(s, (_, k))| wanted_whole(s, k, ids)),
        (Slot::Gen(g), K::Gen(k)) => g.slots().zip(k.kinds()).for_each(|(s, k)| wanted_whole(s, k, ids)),
        _ => ids.extend(named(slot)),
    }
}

impl Builder<'_> {
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
            Slot::Tuple(items) => K::Tuple(self.kinds_of(items)),
            Slot::List(items) => K::List(self.kinds_of(items)),
            Slot::Zip(items) => K::Zip(self.kinds_of(items)),
            Slot::Range { .. } => K::Range,
            Slot::RangeIter { .. } => K::RangeIter,
            Slot::RangeBy { next, stop, step } => match [*next, *stop, *step].map(|v| self.f.const_int(v)) {
                [Some(next), Some(to), Some(step)] if self.is_marked(*stop) => K::RangeAt { next, stop: to, step },
                [_, _, step] => K::RangeBy(step),
            },
            Slot::ListIter { list, .. } => K::ListIter(boxed(list)),
            Slot::TupleIter { tuple, index } => match (self.unrolled(tuple), self.f.const_int(*index)) {
                (Some(len), Some(index)) => K::TupleAt {
                    tuple: boxed(tuple),
                    len,
                    index,
                },
                _ => K::TupleIter(boxed(tuple)),
            },
            Slot::StrIter { s, .. } => K::StrIter(boxed(s)),
            Slot::ListRevIter { list, .. } => K::ListRevIter(boxed(list)),
            Slot::Enumerate { inner, .. } => K::Enumerate(boxed(inner)),
            Slot::Chr { .. } => K::Chr,
            Slot::Func(func) => K::Func(Box::new(FuncKind {
                code: func.code,
                globals: func.globals,
                closure: self.kinds_of(&func.closure),
                defaults: self.kinds_of(&func.defaults),
            })),
            Slot::Gen(g) => K::Gen(Box::new(GenKind {
                func: self.kind_of(&g.func),
                code: g.code,
                bci: g.bci,
                locals: self.kinds_of(&g.locals),
                stack: self.kinds_of(&g.stack),
            })),
            Slot::Inst(i) => K::Inst(Box::new(InstKind {
                id: i.id,
                class: i.class,
                fields: i.fields.iter().map(|(at, s)| (*at, self.kind_of(s))).collect(),
            })),
            Slot::Complex { .. } => K::Complex,
            Slot::Wide { hi, .. } if self.f.const_int(*hi) == Some(0) => K::Word,
            Slot::Wide { .. } => K::Wide,
        }
    }

    fn kinds_of(&self, slots: &[SlotV]) -> Vec<K> {
        slots.iter().map(|s| self.kind_of(s)).collect()
    }

    fn env_kind(&self) -> EnvKind {
        let frames = self.frames.iter().map(|fr| FrameKind {
            inline: fr.inline,
            bci: if fr.inline == self.frames.last().expect("open").inline {
                0
            } else {
                fr.bci
            },
            func: self.kind_of(&fr.func),
            locals: self.kinds_of(&fr.locals),
            stack: self.kinds_of(&fr.stack),
        });
        let mut kind = EnvKind(frames.collect());
        kind.number();
        kind
    }

    /// Brings slots to forms that do not multiply versions: locals that the code stores to own their objects, and constants of
    /// no interest to the compiler become plain objects.
    pub(super) fn normalise(&mut self) {
        let innermost = self.frames.len() - 1;
        for f in 0..self.frames.len() {
            let info = self.info(self.frames[f].code);
            let native = matches!(self.frames[f].role, Role::Native(_));
            for i in 0..self.frames[f].locals.len() {
                let stored = native || info.stored(i);
                let slot = self.frames[f].locals[i].clone();
                let plain = match &slot {
                    Slot::Const(_) if stored => self.plain_const(slot.clone()),
                    _ => slot.clone(),
                };
                let fixed = if stored { self.own(plain) } else { plain };
                if fixed != slot {
                    self.frames[f].locals[i] = fixed;
                    self.state_cache = None;
                    self.frames[f].calling = None;
                }
            }
            if f < innermost {
                continue;
            }
            for i in 0..self.frames[f].stack.len() {
                let slot = self.frames[f].stack[i].clone();
                let ends = info.at(self.frames[f].bci).is_some_and(|i| i.op == super::op::POP_ITER);
                let over = ends || self.frames[f].stack.last().is_some_and(|it| self.is_unrolled(it));
                if let (Slot::List(_), false) = (&slot, over) {
                    let (v, owned) = self.box_slot(&slot).expect("what is in a list can be boxed");
                    self.frames[f].stack[i] = Slot::Val { v, owned };
                    self.state_cache = None;
                }
                if matches!(slot, Slot::Const(_)) {
                    let fixed = self.plain_const(slot);
                    self.frames[f].stack[i] = fixed;
                    self.state_cache = None;
                }
            }
        }
    }

    /// Locals (frame, index) whose value cannot matter to what runs: certain to be written before they are read, of a
    /// kind whose freeing runs no code, in code that does not look at its own frame. Someone else who looks at the frame finds them
    /// unset; they are given up only where keeping them would take another version of the block.
    fn spare_locals(&self) -> Vec<(usize, usize)> {
        let innermost = self.frames.len() - 1;
        let mut out = Vec::new();
        for (f, fr) in self.frames.iter().enumerate() {
            if matches!(fr.role, Role::Native(_)) {
                continue;
            }
            let info = self.info(fr.code);
            let resumes = if f == innermost {
                fr.bci
            } else {
                info.at(fr.bci).map_or(fr.bci, |i| i.next)
            };
            let dead = |i: &usize| info.stored(*i) && info.is_local(*i) && info.is_dead(resumes, *i) && self.droppable(&fr.locals[*i]);
            out.extend((0..fr.locals.len()).filter(dead).map(|i| (f, i)));
        }
        out
    }

    /// Whether nobody can tell when the slot's content goes: freeing it runs no code, and no other slot borrows from it.
    fn droppable(&self, slot: &SlotV) -> bool {
        match slot {
            Slot::Val { v, .. } if self.f.repr(*v) != Repr::Obj => true,
            Slot::Val { v, owned } => {
                let mut slots = self.frames.iter().flat_map(|f| f.locals.iter().chain(&f.stack).chain([&f.func]));
                // Behind a merge the borrower's parameter is not the owner's, so any object of this type may be it.
                let ty = self.value_ty(*v);
                let same = |w: &Value| self.f.repr(*w) == Repr::Obj && [ty, Ty::Any].contains(&self.value_ty(*w));
                let borrowed = *owned && slots.any(|s| s.borrows(&same));
                !borrowed && !self.nullable.contains(v) && ty.is_leaf()
            }
            Slot::Const(_) | Slot::Chr { .. } | Slot::Complex { .. } | Slot::Wide { .. } => true,
            Slot::Inst(i) => i.slots().all(|s| self.droppable(s)),
            _ => false,
        }
    }

    /// Gives up those of the spare locals that `keep` does not want.
    fn drop_spare(&mut self, spare: &[(usize, usize)], keep: &EnvKind) {
        for &(f, i) in spare {
            if keep.0[f].locals[i] == K::Null {
                let slot = std::mem::replace(&mut self.frames[f].locals[i], Slot::Null);
                self.frames[f].calling = None;
                self.state_cache = None;
                self.release(slot);
            }
        }
    }

    pub(super) fn plain_const(&mut self, slot: SlotV) -> SlotV {
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
    pub(super) fn goto_merge(&mut self, point: Point, bci: u32) {
        self.top().bci = bci;
        self.state_cache = None;
        self.carry_names(bci);
        if !self.open {
            return;
        }
        self.normalise();
        if matches!(point, Point::Loop | Point::LoopEntry) {
            self.expect_words(bci);
        }
        let mut kind = self.env_kind();
        let key = (self.top().inline, bci, point, kind.rounds());
        let known = self.versions.entry(key.clone()).or_default();
        let mut target = known.iter().find(|v| v.kind == kind).cloned();
        if target.is_none() && !known.is_empty() {
            // A version that differs in locals that do not matter will do; past the first few, no new one is made for their sake.
            let known = known.clone();
            let spare = self.spare_locals();
            target = known.iter().find(|v| kind.fits_without(&v.kind, &spare)).cloned();
            let keep = match &target {
                Some(t) => t.kind.clone(),
                None if known.len() >= MAX_VERSIONS => kind.without(&spare),
                None => kind.clone(),
            };
            self.drop_spare(&spare, &keep);
            kind = self.env_kind();
            target = target.or_else(|| known.iter().find(|v| v.kind == kind).cloned());
        }
        let versions = &self.versions[&key];
        let mut want = kind;
        if target.is_none() && versions.len() >= MAX_VERSIONS {
            let fb = self.feedback(bci);
            let box_ints = fb.bigint || fb.huge;
            // What a builtin has gathered stays apart: an int or a float that is not known which could not be gathered further.
            let gatherers: Vec<usize> = (0..self.frames.len())
                .filter(|&i| matches!(self.frames[i].role, Role::Native(_)))
                .collect();
            let alike = |v: &MergeVersion| gatherers.iter().all(|&i| v.kind.0[i].locals == want.0[i].locals);
            let mut candidates = versions.iter().rev().filter(|v| alike(v)).peekable();
            let first = candidates.peek().is_none();
            let joined = candidates.find_map(|v| v.kind.join(&want, box_ints));
            match joined {
                None if first && versions.len() < 4 * MAX_VERSIONS => {}
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
        self.settle_env(&want);
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
                self.open_version(block, &want, &args, bci, point);
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

    /// Makes the instances that the target takes as objects.
    fn settle_env(&mut self, want: &EnvKind) {
        let mut ids = Vec::new();
        for (fr, fk) in self.frames.iter().zip(&want.0) {
            let slots = fr.locals.iter().chain(&fr.stack).chain([&fr.func]);
            let kinds = fk.locals.iter().chain(&fk.stack).chain([&fk.func]);
            slots.zip(kinds).for_each(|(slot, k)| wanted_whole(slot, k, &mut ids));
        }
        for id in ids {
            self.make_instance(id);
        }
    }

    /// Unboxes the slots that the target takes unboxed. This may exit, so it comes before references change hands.
    fn unbox_env(&mut self, want: &EnvKind) {
        for (i, fk) in want.0.iter().enumerate() {
            let locals = self.frames[i].locals.len();
            for (j, k) in fk.locals.iter().chain(&fk.stack).enumerate() {
                let mut path = vec![j];
                self.unbox_at(i, locals, &mut path, k);
            }
        }
    }

    /// Unboxes the slot that the path leads to (index in the frame, locals first, then into what is taken apart), and what
    /// is inside it.
    fn unbox_at(&mut self, frame: usize, locals: usize, path: &mut Vec<usize>, k: &K) {
        let slot = slot_at(&mut self.frames[frame], locals, path).clone();
        if let (Slot::Gen(_), K::Gen(g)) = (&slot, k) {
            for (n, k) in g.locals.iter().chain(&g.stack).enumerate() {
                path.push(n);
                self.unbox_at(frame, locals, path, k);
                path.pop();
            }
            return;
        }
        if let (Slot::Inst(_), K::Inst(i)) = (&slot, k) {
            for (n, (_, k)) in i.fields.iter().enumerate() {
                path.push(n);
                self.unbox_at(frame, locals, path, k);
                path.pop();
            }
            return;
        }
        let Slot::Val { v, owned } = slot else { return };
        let unboxed = |v: Value| Slot::Val { v, owned: false };
        let slot = match (self.f.repr(v), k) {
            (Repr::Int, K::Wide) => Slot::Wide { lo: v, hi: self.sign(v) },
            (Repr::Obj, K::Wide) => {
                let [lo, hi] = self.words_of(v);
                Slot::Wide { lo, hi }
            }
            (Repr::Obj, K::Complex) => {
                let [re, im] = self.parts_of(v);
                Slot::Complex { re, im }
            }
            (Repr::Obj, K::Int) => unboxed(self.val(Op::UnboxInt, &[v], Reason::BigInt)),
            (Repr::Obj, K::Float) => unboxed(self.val(Op::UnboxFloat, &[v], Reason::None)),
            (Repr::Obj, K::Bool) => unboxed(self.val(Op::UnboxBool, &[v], Reason::None)),
            _ => return,
        };
        if owned && self.f.repr(v) == Repr::Obj {
            self.emit(Op::DecRefLeaf, &[v], Reason::None);
        }
        let fr = &mut self.frames[frame];
        *slot_at(fr, locals, path) = slot;
        fr.calling = None;
        self.state_cache = None;
    }

    /// Converts the environment to the wanted kinds, collecting the values to pass.
    fn pass_env(&mut self, want: &EnvKind, args: &mut SmallVec<[Value; 8]>) -> bool {
        for (i, fk) in want.0.iter().enumerate() {
            let func = self.frames[i].func.clone();
            if !self.pass(&func, &fk.func, args) {
                return false;
            }
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
            (Slot::Null, K::Null) | (Slot::Const(_), K::Const(_)) | (Slot::RangeBy { .. }, K::RangeAt { .. }) => true,
            (Slot::RangeBy { next, stop, .. }, K::RangeBy(Some(_))) => {
                args.extend([*next, *stop]);
                true
            }
            (Slot::TupleIter { tuple, .. }, K::TupleAt { tuple: k, .. }) => self.pass(tuple, k, args),
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
            (
                Slot::Val { .. }
                | Slot::Const(_)
                | Slot::Tuple(_)
                | Slot::List(_)
                | Slot::Chr { .. }
                | Slot::Complex { .. }
                | Slot::Wide { .. }
                | Slot::Func(_),
                K::Obj { .. } | K::Maybe,
            ) => {
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
            (Slot::Wide { lo, .. }, K::Word) => {
                args.push(*lo);
                true
            }
            (Slot::Tuple(items), K::Tuple(ks)) | (Slot::List(items), K::List(ks)) | (Slot::Zip(items), K::Zip(ks)) => {
                items.len() == ks.len() && items.iter().zip(ks).all(|(s, k)| self.pass(s, k, args))
            }
            (Slot::Func(func), K::Func(k)) => func
                .slots()
                .zip(k.closure.iter().chain(&k.defaults))
                .all(|(s, k)| self.pass(s, k, args)),
            (Slot::Inst(i), K::Inst(k)) => i.slots().zip(&k.fields).all(|(s, (_, k))| self.pass(s, k, args)),
            (Slot::Gen(g), K::Gen(k)) => g.slots().zip(k.kinds()).all(|(s, k)| self.pass(s, k, args)),
            (Slot::Range { .. }, K::Range)
            | (Slot::RangeIter { .. }, K::RangeIter)
            | (Slot::Chr { .. }, K::Chr)
            | (Slot::RangeBy { .. }, K::RangeBy(None))
            | (Slot::Complex { .. }, K::Complex)
            | (Slot::Wide { .. }, K::Wide) => {
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
    fn open_version(&mut self, block: Block, kind: &EnvKind, args: &[Value], bci: u32, point: Point) {
        let mut frames = self.frames.clone();
        let mut at = 0;
        self.renamed.clear();
        for (i, fk) in kind.0.iter().enumerate() {
            frames[i].calling = None;
            frames[i].func = self.bind(block, &fk.func, args, &mut at);
            for (j, k) in fk.locals.iter().enumerate() {
                frames[i].locals[j] = self.bind(block, k, args, &mut at);
            }
            for (j, k) in fk.stack.iter().enumerate() {
                frames[i].stack[j] = self.bind(block, k, args, &mut at);
            }
        }
        frames.last_mut().expect("open").bci = bci;
        if matches!(point, Point::Loop | Point::LoopEntry) {
            std::mem::swap(&mut self.frames, &mut frames);
            let st = self.state_at(bci);
            let no_hoist = self.feedback(bci).no_hoist;
            let data = self.f.block_mut(block);
            (data.entry_state, data.no_hoist) = (Some(st), no_hoist);
            std::mem::swap(&mut self.frames, &mut frames);
        }
        let way = if point == Point::LoopEntry { Way::EntersLoop } else { Way::Walk };
        self.queue(block, frames, bci, Default::default(), Default::default(), way);
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
            K::RangeBy(step) => {
                let [next, stop] = [0; 2].map(|_| leaf(self, Repr::Int, Ty::Int));
                let step = match step {
                    Some(step) => self.early_int(*step),
                    None => leaf(self, Repr::Int, Ty::Int),
                };
                Slot::RangeBy { next, stop, step }
            }
            K::Chr => Slot::Chr {
                v: leaf(self, Repr::Int, Ty::Int),
            },
            K::Func(k) => Slot::Func(Box::new(FuncSlot {
                code: k.code,
                globals: k.globals,
                closure: k.closure.iter().map(|k| self.bind(block, k, args, at)).collect(),
                defaults: k.defaults.iter().map(|k| self.bind(block, k, args, at)).collect(),
            })),
            K::Gen(k) => Slot::Gen(Box::new(GenSlot {
                func: self.bind(block, &k.func, args, at),
                code: k.code,
                bci: k.bci,
                locals: k.locals.iter().map(|k| self.bind(block, k, args, at)).collect(),
                stack: k.stack.iter().map(|k| self.bind(block, k, args, at)).collect(),
            })),
            K::Inst(k) => {
                let next = self.instances;
                let id = *self.renamed.entry(k.id).or_insert(next);
                self.instances += u32::from(id == next);
                Slot::Inst(Box::new(InstSlot {
                    id,
                    class: k.class,
                    fields: k.fields.iter().map(|(place, k)| (*place, self.bind(block, k, args, at))).collect(),
                }))
            }
            K::Word => {
                let lo = leaf(self, Repr::Int, Ty::Int);
                let hi = self.zero();
                Slot::Wide { lo, hi }
            }
            K::Wide => {
                let [lo, hi] = [0; 2].map(|_| leaf(self, Repr::Int, Ty::Int));
                Slot::Wide { lo, hi }
            }
            K::Complex => {
                let [re, im] = [0; 2].map(|_| leaf(self, Repr::Float, Ty::Float));
                Slot::Complex { re, im }
            }
            K::Tuple(ks) => Slot::Tuple(ks.iter().map(|k| self.bind(block, k, args, at)).collect()),
            K::List(ks) => Slot::List(ks.iter().map(|k| self.bind(block, k, args, at)).collect()),
            K::Zip(ks) => Slot::Zip(ks.iter().map(|k| self.bind(block, k, args, at)).collect()),
            K::ListIter(k) => {
                let list = Box::new(self.bind(block, k, args, at));
                let index = self.bind_index(block, at);
                Slot::ListIter { list, index }
            }
            K::TupleAt { tuple, len, index } => {
                let tuple = Box::new(self.bind(block, tuple, args, at));
                if let Slot::Val { v, .. } = *tuple {
                    self.unroll(v, *len);
                }
                let index = self.early_int(*index);
                Slot::TupleIter { tuple, index }
            }
            K::RangeAt { next, stop, step } => Slot::RangeBy {
                next: self.early_int(*next),
                stop: self.marked_stop(*stop),
                step: self.early_int(*step),
            },
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
}
