//! Globals, builtins, and the names of a module in its own code.
//!
//! A module's names live in its dict, and compiled code reads and stores them there. Only in loops in which nothing runs that could look
//! at the dict are they *carried*: as slots behind the locals of the root frame, unboxed where the loop stores them. Whether names are
//! carried is a matter of the code unit alone ([`Builder::carry_names`]), so that the edges into a merge point agree: on the way into the
//! outermost such loop its names are taken from the dict, on the way out those that it stores are put back, and an exit within it does the same.
//!
//! Which loops run code that could look shows while they are built: [`Builder::note_look`] notes them, and the whole is built once
//! more without carrying names there.
//!
//! A carried name's slot is null where the dict has the value (or the name is not bound). What the dict still holds under a carried name that has been stored is of a type
//! whose freeing nobody notices: a store over anything else, or to a name that may not be bound, goes to the dict as well.

use super::env::{Frame, SlotV};
use super::{Builder, op};
use crate::helpers::Helper;
use crate::ir::{Kind, Reason, Slot, Value};
use crate::ops::Op;
use crate::snapshot::{CodeId, Entry};
use crate::types::{Repr, Ty};
use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;
use whipsnake_abi::bytecode::Instr;

impl Builder<'_> {
    /// Module level, on entry: finds out where in the region names are carried, and gives each name a slot; those of the loop that is entered, if
    /// it carries them, with their values.
    pub(super) fn enter_names(&mut self, frame: &mut Frame, region: &Range<u32>) {
        let info = self.infos[0].clone();
        let inside = info
            .instrs
            .iter()
            .filter(|i| region.contains(&i.start) && !self.snap.entry.dict_known);
        for i in inside {
            let mut around = info.loops_around(i.start).into_iter();
            if let Some((header, _)) = around.find(|(header, _)| region.contains(header) && !self.looked_at.contains(header)) {
                self.carriers.insert(i.start, header);
            }
        }
        let snap = self.snap;
        let whole = self.carriers.get(&region.start) == Some(&region.start);
        for (n, stored) in self.names_in(|bci| region.contains(&bci) && self.carriers.contains_key(&bci)) {
            self.f.names.push((n, stored));
            let mut slot = Slot::Null;
            if whole {
                let shape = snap.entry.names.iter().find(|(m, _)| *m == n).map(|(_, shape)| shape);
                let kind = self.entry_kind(shape, stored);
                slot = self.entry_param(&kind, shape, true);
                self.f.entry_locals.push(kind);
            }
            frame.locals.push(slot);
        }
        frame.carried = whole.then_some(region.start);
    }

    /// The module's variables that its code names in some places, and whether it stores them there.
    fn names_in(&self, place: impl Fn(u32) -> bool) -> BTreeMap<u32, bool> {
        let code = &self.snap.codes[0];
        let bound = |n: &u32| self.snap.entry.names.iter().any(|(m, _)| m == n);
        let mut names = BTreeMap::new();
        for i in self.infos[0].instrs.iter().filter(|i| place(i.start)) {
            match i.op {
                op::LOAD_NAME if bound(&i.arg) && !code.globals.contains_key(&i.arg) => drop(names.entry(i.arg).or_insert(false)),
                op::STORE_NAME | op::STORE_GLOBAL => drop(names.insert(i.arg, true)),
                _ => {}
            }
        }
        names
    }

    /// Where names come behind the root frame's locals.
    fn first_name(&self) -> usize {
        self.snap.codes[0].localsplus.len()
    }

    /// Brings the names to where they are on reaching this code unit of the root frame.
    pub(super) fn carry_names(&mut self, bci: u32) {
        if self.f.names.is_empty() || self.frames.len() != 1 || self.region.as_ref().is_none_or(|r| !r.contains(&bci)) {
            return;
        }
        let want = self.carriers.get(&bci).copied();
        let have = self.frames[0].carried;
        if have == want {
            return;
        }
        if have.is_some() {
            self.put_names();
        }
        if let Some(header) = want {
            self.take_names(header, bci);
        }
        self.frames[0].carried = want;
    }

    /// Sets a name's slot, and answers with what was there.
    fn set_name(&mut self, slot: usize, to: SlotV) -> SlotV {
        self.frames[0].calling = None;
        self.state_cache = None;
        std::mem::replace(&mut self.frames[0].locals[slot], to)
    }

    /// Puts what is carried into the dict.
    fn put_names(&mut self) {
        for i in 0..self.f.names.len() {
            let (name, stored) = self.f.names[i];
            let at = self.first_name() + i;
            let slot = self.frames[0].locals[at].clone();
            if stored && !matches!(slot, Slot::Null) {
                self.put_name(name, &slot);
            }
            let slot = self.set_name(at, Slot::Null);
            self.release(slot);
        }
    }

    /// Stores a slot under a name of the root frame's code, in the dict. Exits first where that could run code.
    fn put_name(&mut self, name: u32, slot: &SlotV) {
        let bci = self.frames[0].bci;
        let direct = match slot {
            Slot::Val { v, .. } if matches!(self.f.repr(*v), Repr::Int | Repr::Float) => {
                self.entry_of(CodeId(0), name, bci).map(|e| (*v, e))
            }
            _ => None,
        };
        if let Some((v, (dict, entry))) = direct {
            let offset = entry.offset;
            let store = match self.f.repr(v) {
                Repr::Int => Op::EntrySetInt { offset },
                _ => Op::EntrySetFloat { offset },
            };
            self.emit(store, &[dict, v], Reason::Finaliser);
            return;
        }
        let Some((v, owned)) = self.box_slot(slot) else {
            return self.leave(Reason::Unsupported(op::STORE_NAME));
        };
        let code = &self.snap.codes[0];
        let (globals, key) = (code.globals_ptr, code.name_ptrs[name as usize]);
        let (d, k) = (self.raw_obj(globals, Ty::Dict), self.raw_obj(key, Ty::Str));
        let helper = Helper::DictSetName;
        self.emit(Op::Call { helper }, &[d, k, v], Reason::Finaliser);
        let made = !matches!(slot, Slot::Val { v: same, .. } if *same == v);
        if made && owned {
            self.release(Slot::Val { v, owned });
        }
    }

    /// Takes the names of the loop with this header from the dict. One that is not bound there as it was when this was captured stays in the dict.
    fn take_names(&mut self, header: u32, bci: u32) {
        let fb = self.feedback(bci);
        let settled = fb.types.is_empty() && !fb.bigint && !fb.huge;
        for (name, stored) in self.names_in(|bci| self.carriers.get(&bci) == Some(&header)) {
            let Some((dict, entry)) = self.entry_of(CodeId(0), name, bci) else {
                continue;
            };
            let v = self.obj(Op::EntryGet { offset: entry.offset }, &[dict], Reason::None, Ty::Any);
            self.emit(Op::GuardNotNull, &[v], Reason::Unbound);
            let kind = self.entry_kind(Some(&entry.shape), stored);
            if settled && entry.shape.ty != Ty::Any {
                self.guard(v, entry.shape.ty);
            }
            let word = |v: Value| Slot::Val { v, owned: false };
            let slot = match kind {
                Kind::Int if settled => word(self.val(Op::UnboxInt, &[v], Reason::BigInt)),
                Kind::Float if settled => word(self.val(Op::UnboxFloat, &[v], Reason::None)),
                Kind::Bool if settled => word(self.val(Op::UnboxBool, &[v], Reason::None)),
                Kind::Complex if settled => {
                    let [re, im] = self.parts_of(v);
                    Slot::Complex { re, im }
                }
                Kind::Word | Kind::Wide if settled => {
                    let [lo, hi] = self.words_of(v);
                    Slot::Wide { lo, hi }
                }
                _ => {
                    self.hints.insert(v, Rc::new(entry.shape));
                    self.emit(Op::IncRef, &[v], Reason::None);
                    Slot::Val { v, owned: true }
                }
            };
            let i = self
                .f
                .names
                .iter()
                .position(|(n, _)| *n == name)
                .expect("the names of every such loop have slots");
            self.set_name(self.first_name() + i, slot);
        }
    }

    /// The slot of a name while names are carried.
    fn name_slot(&self, name: &str) -> Option<usize> {
        let root = self.snap.code(self.frames[0].code);
        if self.frames[0].carried.is_none() || self.code().globals_ptr != root.globals_ptr {
            return None;
        }
        let at = self.f.names.iter().position(|(n, _)| root.names[*n as usize] == name)?;
        Some(self.first_name() + at)
    }

    /// Pushes a global or builtin; false when it left instead.
    pub(super) fn load_global(&mut self, name_ix: u32, bci: u32) -> bool {
        let carried = self
            .name_slot(&self.code().names[name_ix as usize])
            .map(|i| self.frames[0].locals[i].clone());
        match carried {
            Some(Slot::Val { v, .. }) if self.f.repr(v) == Repr::Obj => {
                if self.nullable.contains(&v) {
                    self.emit(Op::GuardNotNull, &[v], Reason::Unbound);
                }
                self.emit(Op::IncRef, &[v], Reason::None);
                self.push(Slot::Val { v, owned: true });
                return true;
            }
            Some(slot @ (Slot::Val { .. } | Slot::Const(_) | Slot::Chr { .. } | Slot::Complex { .. } | Slot::Wide { .. })) => {
                self.push(slot);
                return true;
            }
            Some(Slot::Null) | None => {}
            Some(_) => {
                self.leave(Reason::Unbound);
                return false;
            }
        }
        if let Some(c) = self.code().globals.get(&name_ix).cloned() {
            let s = self.const_slot(&c);
            self.push(s);
            return true;
        }
        if let Some((dict, entry)) = self.entry(name_ix, bci) {
            let v = self.obj(Op::EntryGet { offset: entry.offset }, &[dict], Reason::None, Ty::Any);
            self.emit(Op::GuardNotNull, &[v], Reason::Unbound);
            self.hints.insert(v, Rc::new(entry.shape));
            self.emit(Op::IncRef, &[v], Reason::None);
            self.push_val(v);
            return true;
        }
        let (globals, key) = (self.code().globals_ptr, self.code().name_ptrs[name_ix as usize]);
        let Some(v) = self.dict_name(globals, key) else { return false };
        self.push_val(v);
        true
    }

    /// The dict of the globals, guarded to have the name at that entry; `None` where that is not known.
    fn entry(&mut self, name: u32, bci: u32) -> Option<(Value, Entry)> {
        self.entry_of(self.frames.last().expect("open").code, name, bci)
    }

    /// The same for a name of this code.
    fn entry_of(&mut self, code: CodeId, name: u32, bci: u32) -> Option<(Value, Entry)> {
        let code = self.snap.code(code);
        let generic = code.feedback.get(&bci).is_some_and(|fb| fb.generic);
        let entry = code.entries.get(&name).filter(|_| !generic)?.clone();
        let dict = self.raw_obj(code.globals_ptr, Ty::Dict);
        self.emit(Op::GuardEntries { ver: entry.version }, &[dict], Reason::Domain);
        Some((dict, entry))
    }

    /// Stores to a global that is in its module's dict already.
    fn store_entry(&mut self, ins: &Instr) -> bool {
        let Some((dict, entry)) = self.entry(ins.arg, ins.start) else {
            return false;
        };
        let offset = entry.offset;
        let unboxed = matches!(*self.peek(0), Slot::Val { v, .. } if matches!(self.f.repr(v), Repr::Float | Repr::Int));
        if !unboxed && (self.feedback(ins.start).generic || entry.shape.ty.releases()) {
            let Some(old) = self.emit_swap(Op::EntrySwap { offset }, &[dict], 0, Reason::None) else {
                return false;
            };
            self.finish(1, None);
            self.release(old);
            return true;
        }
        let ops = [Op::EntrySetFloat { offset }, Op::EntrySetInt { offset }, Op::EntrySet { offset }];
        if !self.store_in_place(ops, dict, 0) {
            return false;
        }
        self.finish(1, None);
        true
    }

    fn dict_name(&mut self, dict: u64, key: u64) -> Option<Value> {
        if dict == 0 || key == 0 {
            self.leave(Reason::Unbound);
            return None;
        }
        let d = self.raw_obj(dict, Ty::Dict);
        let k = self.raw_obj(key, Ty::Str);
        Some(self.obj(
            Op::Call {
                helper: Helper::DictGetName,
            },
            &[d, k],
            Reason::Unbound,
            Ty::Any,
        ))
    }

    pub(super) fn store_name(&mut self, ins: &Instr) {
        let name = &self.code().names[ins.arg as usize];
        if let Some(i) = self.name_slot(name) {
            let (n, stored) = self.f.names[i - self.first_name()];
            if stored && !self.feedback(ins.start).generic && self.is_plain(0) {
                return self.store_carried(i, n);
            }
            let old = self.set_name(i, Slot::Null);
            self.release(old);
        }
        if !self.store_entry(ins) {
            self.store_in_dict(ins);
        }
    }

    /// Stores the topmost operand, whose freeing nobody would notice, in a carried name's slot.
    fn store_carried(&mut self, slot: usize, name: u32) {
        let old = self.frames[0].locals[slot].clone();
        let covered = match &old {
            Slot::Val { v, .. } => self.f.repr(*v) != Repr::Obj || !self.nullable.contains(v) && self.value_ty(*v).is_leaf(),
            Slot::Null => false,
            _ => true,
        };
        if !covered {
            let old = self.set_name(slot, Slot::Null);
            self.release(old);
            let new = self.peek(0).clone();
            self.put_name(name, &new);
            if !self.open {
                return;
            }
        }
        let new = match self.peek(0).clone() {
            Slot::Null => return self.leave(Reason::Unbound),
            Slot::Val { .. } | Slot::Const(_) | Slot::Chr { .. } | Slot::Complex { .. } | Slot::Wide { .. } => {
                let s = self.pop();
                self.own(s)
            }
            _ => match self.pop_owned() {
                Some(v) => Slot::Val { v, owned: true },
                None => return self.leave(Reason::Unsupported(op::STORE_NAME)),
            },
        };
        let old = self.set_name(slot, new);
        self.release(old);
    }

    /// Whether the slot holds nothing whose freeing could be noticed. An object that was of such a type when
    /// this was captured is guarded to be one.
    fn is_plain(&mut self, depth: usize) -> bool {
        match self.peek(depth).clone() {
            Slot::Val { v, .. } if self.f.repr(v) == Repr::Obj => {
                if let (Ty::Any, Some(h)) = (self.value_ty(v), self.hints.get(&v).cloned())
                    && h.ty.is_leaf()
                {
                    self.guard(v, h.ty);
                }
                self.value_ty(v).is_leaf()
            }
            Slot::Tuple(_) => false,
            _ => true,
        }
    }

    fn store_in_dict(&mut self, ins: &Instr) {
        let (globals, key) = (self.code().globals_ptr, self.code().name_ptrs[ins.arg as usize]);
        let module = self.frames.len() == 1 && self.snap.entry.module_level;
        if globals == 0 || key == 0 || (module && self.snap.code(self.frames[0].code).globals_ptr != globals) {
            return self.leave(Reason::Unsupported(ins.op));
        }
        if self.want_obj(0).is_none() {
            return self.leave(Reason::Unsupported(ins.op));
        }
        let slot = self.peek(0).clone();
        let v = self.slot_obj(&slot);
        let d = self.raw_obj(globals, Ty::Dict);
        let k = self.raw_obj(key, Ty::Str);
        self.count_op(Helper::StoreName);
        self.emit(Op::Call { helper: Helper::StoreName }, &[d, k, v], Reason::Raised);
        self.finish(1, None);
        self.after_user();
    }

    /// Leaves where what was assumed does not hold any more.
    pub(super) fn check_valid(&mut self) {
        let st = self.next_state();
        self.emit_at(Op::GuardValid, &[], Reason::Invalidated, st, None);
    }

    /// After arbitrary code ran: watched facts may be gone, and names are not to be carried around it.
    pub(super) fn after_user(&mut self) {
        self.check_valid();
        self.note_look();
    }

    /// Before a helper reads or changes a dict in a loop that carries names: it must not be the dict that has them. Nobody in this module
    /// asks for that one, but others may hand it over.
    pub(super) fn guard_other_dict(&mut self, d: Value) {
        if self.frames[0].carried.is_some() && self.value_ty(d) == Ty::Dict {
            let own = self.raw_obj(self.snap.codes[0].globals_ptr, Ty::Dict);
            let same = self.val(Op::ObjIs, &[d, own], Reason::None);
            self.emit(Op::GuardFalse, &[same], Reason::Cold);
        }
    }

    /// Behind what may have looked at the module's dict: the loops around it shall not carry names. A shortcut may have, too: the
    /// module itself is an object like any other, and its attributes are the names.
    pub(super) fn note_look(&mut self) {
        if self.frames[0].carried.is_some() {
            let around = self.infos[0].loops_around(self.frames[0].bci);
            self.looked_at.extend(around.into_keys());
        }
    }
}
