//! Locals, constants, names, globals and cells.

use super::callee::borrowed;
use super::env::SlotV;
use super::generators::is_iterator;
use super::{Builder, op};
use crate::helpers::Helper;
use crate::ir::{Reason, Slot, Value};
use crate::ops::Op;
use crate::snapshot::{Const, Desc, Entry, Intrinsic, Shape};
use crate::types::{Repr, Ty};
use std::rc::Rc;
use whipsnake_abi::bytecode::Instr;

impl Builder<'_> {
    pub(super) fn locals_op(&mut self, ins: &Instr) {
        let arg = ins.arg as usize;
        match ins.op {
            op::LOAD_CONST => {
                let c = self.code().consts[arg].clone();
                let s = self.const_slot(&c);
                self.push(s);
            }
            op::LOAD_SMALL_INT => {
                let v = self.int(i64::from(ins.arg));
                self.push_val(v);
            }
            op::LOAD_FAST | op::LOAD_FAST_CHECK => self.load_fast(arg, false),
            op::LOAD_FAST_BORROW => self.load_fast(arg, true),
            op::LOAD_FAST_LOAD_FAST | op::LOAD_FAST_BORROW_LOAD_FAST_BORROW => {
                // No code unit names the point between the halves, so both are checked before either is done.
                let borrow = ins.op == op::LOAD_FAST_BORROW_LOAD_FAST_BORROW;
                if self.loadable(arg >> 4) && self.loadable(arg & 15) {
                    self.load_fast(arg >> 4, borrow);
                    self.load_fast(arg & 15, borrow);
                }
            }
            op::LOAD_FAST_AND_CLEAR => {
                let s = std::mem::replace(&mut self.top().locals[arg], Slot::Null);
                self.push(s);
            }
            op::STORE_FAST => self.store_fast(arg),
            op::STORE_FAST_LOAD_FAST => {
                if arg >> 4 == arg & 15 || self.loadable(arg & 15) {
                    self.store_fast(arg >> 4);
                    if self.open {
                        self.load_fast(arg & 15, false);
                    }
                }
            }
            op::STORE_FAST_STORE_FAST => {
                self.store_fast(arg >> 4);
                self.store_fast(arg & 15);
            }
            op::DELETE_FAST => {
                if matches!(self.top().locals[arg], Slot::Null) {
                    return self.leave(Reason::Unbound);
                }
                self.check_bound(arg);
                self.state_cache = None;
                let old = std::mem::replace(&mut self.top().locals[arg], Slot::Null);
                self.release(old);
            }
            op::LOAD_GLOBAL => {
                let name = ins.arg >> 1;
                if self.load_global(name, ins.start) && ins.arg & 1 == 1 {
                    self.push(Slot::Null);
                }
            }
            op::LOAD_NAME => {
                self.load_global(ins.arg, ins.start);
            }
            op::STORE_NAME | op::STORE_GLOBAL => self.store_name(ins),
            op::LOAD_COMMON_CONSTANT => self.common_constant(ins),
            op::MAKE_CELL => self.make_cell(arg, ins),
            op::LOAD_DEREF => {
                let Some(cell) = self.cell(arg) else {
                    return self.leave(Reason::Unbound);
                };
                let v = self.obj(Op::CellGet, &[cell], Reason::None, Ty::Any);
                self.emit(Op::GuardNotNull, &[v], Reason::Unbound);
                let slot = self.top().locals[arg].clone();
                let held = match self.desc(&slot).map(|c| &c.desc) {
                    Some(Desc::Cell(shape)) => Some((**shape).clone()),
                    _ => self.hints.get(&cell).and_then(|h| h.item.as_deref().cloned()),
                };
                if let Some(h) = held {
                    self.hints.insert(v, std::rc::Rc::new(h));
                }
                self.emit(Op::IncRef, &[v], Reason::None);
                self.push_val(v);
            }
            op::STORE_DEREF => {
                let Some(cell) = self.cell(arg) else {
                    return self.leave(Reason::Unbound);
                };
                let held = self.hints.get(&cell).and_then(|h| h.item.as_ref()).map(|h| h.ty);
                if self.feedback(ins.start).generic || held.is_some_and(Ty::releases) {
                    let Some(old) = self.emit_swap(Op::CellSwap, &[cell], 0, Reason::None) else {
                        return self.leave(Reason::Unsupported(ins.op));
                    };
                    self.finish(1, None);
                    return self.release(old);
                }
                if !self.emit_stealing(Op::CellSet, &[cell], 0, Reason::Finaliser) {
                    return self.leave(Reason::Unsupported(ins.op));
                }
                self.finish(1, None);
            }
            _ => unreachable!("dispatched by opcode"),
        }
    }

    /// Whether a local can be loaded; leaves when it is unbound.
    fn loadable(&mut self, i: usize) -> bool {
        match self.top().locals[i] {
            Slot::Null => {
                self.leave(Reason::Unbound);
                false
            }
            _ => {
                self.check_bound(i);
                true
            }
        }
    }

    /// The builtins that LOAD_COMMON_CONSTANT names.
    fn common_constant(&mut self, ins: &Instr) {
        let i = match ins.arg {
            op::common_const::TUPLE => Intrinsic::Tuple,
            op::common_const::ALL => Intrinsic::All,
            op::common_const::ANY => Intrinsic::Any,
            _ => return self.leave(Reason::Unsupported(ins.op)),
        };
        let Some(&ptr) = self.snap.intrinsic_ptrs.get(&i) else {
            return self.leave(Reason::Unsupported(ins.op));
        };
        let desc = Desc::Intrinsic(i);
        let s = Slot::Const(self.obj_id(&Const { ptr, desc }));
        self.push(s);
    }

    fn make_cell(&mut self, i: usize, ins: &Instr) {
        let slot = self.top().locals[i].clone();
        match self.new_cell(&slot) {
            Some(cell) => {
                self.top().locals[i] = cell;
                self.state_cache = None;
            }
            None => self.leave(Reason::Unsupported(ins.op)),
        }
    }

    /// A new cell with a slot's content, which may be unset, and its reference. `None` for what only an exit can build.
    pub(super) fn new_cell(&mut self, slot: &SlotV) -> Option<SlotV> {
        let shape = self.hint(slot);
        let content = match slot {
            Slot::Null => self.val(Op::ConstNull, &[], Reason::None),
            _ => {
                let (v, owned) = self.box_slot(slot)?;
                if !owned {
                    self.emit(Op::IncRef, &[v], Reason::None);
                }
                v
            }
        };
        let helper = Helper::CellNew;
        let v = self.obj(Op::Call { helper }, &[content], Reason::None, Ty::Cell);
        if let Some(item) = shape {
            let cell = Shape {
                item: Some(Box::new((*item).clone())),
                ..Shape::of(Ty::Cell)
            };
            self.hints.insert(v, Rc::new(cell));
        }
        Some(Slot::Val { v, owned: true })
    }

    fn cell(&mut self, i: usize) -> Option<Value> {
        let slot = self.top().locals[i].clone();
        match slot {
            Slot::Val { v, .. } if self.f.repr(v) == Repr::Obj => {
                self.guard(v, Ty::Cell);
                Some(v)
            }
            Slot::Const(_) => Some(self.slot_obj(&slot)),
            _ => None,
        }
    }

    /// A local that may be null must be bound from here on.
    fn check_bound(&mut self, i: usize) {
        if let Slot::Val { v, .. } = self.top().locals[i]
            && self.nullable.contains(&v)
            && !self.nonnull.contains(&v)
        {
            self.emit(Op::GuardNotNull, &[v], Reason::Unbound);
            self.nonnull.insert(v);
        }
    }

    fn load_fast(&mut self, i: usize, borrow: bool) {
        let slot = self.top().locals[i].clone();
        match slot {
            Slot::Null => self.leave(Reason::Unbound),
            Slot::Val { v, .. } => {
                self.check_bound(i);
                if self.f.repr(v) == Repr::Obj && !borrow {
                    self.emit(Op::IncRef, &[v], Reason::None);
                    self.push(Slot::Val { v, owned: true });
                } else {
                    self.push(Slot::Val { v, owned: false });
                }
            }
            Slot::Const(_) | Slot::Chr { .. } | Slot::Complex { .. } | Slot::Wide { .. } => self.push(slot),
            Slot::Tuple(_) if borrow && self.is_spread_next() => self.push(borrowed(&slot)),
            // What `*args` gets becomes an object when it is first looked at.
            Slot::Tuple(_) => match self.box_slot(&slot) {
                Some((v, owned)) => {
                    self.top().locals[i] = Slot::Val { v, owned };
                    self.state_cache = None;
                    self.load_fast(i, borrow);
                }
                None => self.leave(Reason::Unsupported(op::LOAD_FAST)),
            },
            // The argument of a generator expression, which looks at it once.
            _ if is_iterator(&slot) && self.is_dead_next(i) => {
                self.top().locals[i] = Slot::Null;
                self.push(slot);
            }
            _ => self.leave(Reason::Unsupported(op::LOAD_FAST)),
        }
    }

    /// Whether what is loaded here is spread by a call next to it: `f(*args)` or `f(*args, **kwargs)`.
    fn is_spread_next(&self) -> bool {
        let info = self.info(self.frames.last().expect("open").code);
        let mut next = self.next_bci;
        let mut ops = std::iter::from_fn(|| {
            let i = info.at(next).copied()?;
            next = i.next;
            Some((i.op, i.arg))
        });
        match ops.next() {
            Some((op::PUSH_NULL, _)) => {}
            Some((op::BUILD_MAP, 0)) => {
                let kwargs = matches!(ops.next(), Some((op::LOAD_FAST | op::LOAD_FAST_BORROW, _)));
                if !kwargs || ops.next() != Some((op::DICT_MERGE, 1)) {
                    return false;
                }
            }
            _ => return false,
        }
        matches!(ops.next(), Some((op::CALL_FUNCTION_EX, _)))
    }

    /// Whether the local is not read behind the current instruction.
    fn is_dead_next(&self, i: usize) -> bool {
        let frame = self.frames.last().expect("open");
        self.info(frame.code).is_dead(self.next_bci, i)
    }

    fn store_fast(&mut self, i: usize) {
        let slot = self.peek(0).clone();
        let slot = match slot {
            Slot::Null | Slot::Const(_) | Slot::Val { .. } | Slot::Chr { .. } | Slot::Complex { .. } | Slot::Wide { .. } => {
                let s = self.pop();
                if let Slot::Val { v, .. } = &s
                    && self.nullable.contains(v)
                {
                    s
                } else {
                    self.own(s)
                }
            }
            _ => match self.pop_owned() {
                Some(v) => Slot::Val { v, owned: true },
                None => return self.leave(Reason::Unsupported(op::STORE_FAST)),
            },
        };
        let old = std::mem::replace(&mut self.top().locals[i], slot);
        self.state_cache = None;
        self.release(old);
    }

    /// Where a module-level name is carried as a local of the root frame, if it is one of this namespace.
    fn name_slot(&self, name: &str) -> Option<usize> {
        let root = self.snap.code(self.frames[0].code);
        if self.f.names.is_empty() || self.code().globals_ptr != root.globals_ptr {
            return None;
        }
        let at = self.f.names.iter().position(|(n, _)| root.names[*n as usize] == name)?;
        Some(root.localsplus.len() + at)
    }

    /// Pushes a global or builtin; false when it left instead.
    fn load_global(&mut self, name_ix: u32, bci: u32) -> bool {
        let name = self.code().names[name_ix as usize].clone();
        if let Some(i) = self.name_slot(&name) {
            let slot = self.frames[0].locals[i].clone();
            return match slot {
                Slot::Val { v, .. } => {
                    if self.nullable.contains(&v) {
                        self.emit(Op::GuardNotNull, &[v], Reason::Unbound);
                    }
                    if self.f.repr(v) == Repr::Obj {
                        self.emit(Op::IncRef, &[v], Reason::None);
                        self.push(Slot::Val { v, owned: true });
                    } else {
                        self.push(slot);
                    }
                    true
                }
                Slot::Const(_) | Slot::Chr { .. } | Slot::Complex { .. } | Slot::Wide { .. } => {
                    self.push(slot);
                    true
                }
                // Not carried at this point: the namespace has it, if anything does.
                Slot::Null => {
                    let (globals, key) = (self.code().globals_ptr, self.code().name_ptrs[name_ix as usize]);
                    let Some(v) = self.dict_name(globals, key) else { return false };
                    self.push_val(v);
                    true
                }
                _ => {
                    self.leave(Reason::Unbound);
                    false
                }
            };
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
        let fb = self.feedback(bci);
        let entry = self.code().entries.get(&name).filter(|_| !fb.generic)?.clone();
        let dict = self.raw_obj(self.code().globals_ptr, Ty::Dict);
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

    /// Stores the value so deep on the stack where `owner` keeps one, by the first of the ops if it is an unboxed float, the second if
    /// it is an unboxed int (both may write into the object that is there), the third otherwise.
    pub fn store_in_place(&mut self, [float, int, object]: [Op; 3], owner: Value, depth: usize) -> bool {
        match *self.peek(depth) {
            Slot::Val { v, .. } if self.f.repr(v) == Repr::Float => self.emit(float, &[owner, v], Reason::Finaliser),
            Slot::Val { v, .. } if self.f.repr(v) == Repr::Int => self.emit(int, &[owner, v], Reason::Finaliser),
            _ => return self.emit_stealing(object, &[owner], depth, Reason::Finaliser),
        };
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

    /// An object that the snapshot's owner keeps alive, by address.
    pub(super) fn raw_obj(&mut self, ptr: u64, ty: Ty) -> crate::ir::Value {
        let desc = crate::snapshot::Desc::Other(ty);
        let slot: SlotV = Slot::Const(self.obj_id(&Const { ptr, desc }));
        self.slot_obj(&slot)
    }

    fn store_name(&mut self, ins: &Instr) {
        let name = self.code().names[ins.arg as usize].clone();
        if let Some(i) = self.name_slot(&name) {
            let stored = self.f.names[i - self.snap.code(self.frames[0].code).localsplus.len()].1;
            if !stored {
                // Only names that the region itself stores are written back.
                return self.leave(Reason::Unsupported(ins.op));
            }
            if !self.is_plain(0) {
                // The namespace itself must let go of the old object, and hold the new one, at this very point.
                let old = self.frames[0].locals[i].clone();
                self.frames[0].locals[i] = Slot::Null;
                self.frames[0].calling = None;
                self.state_cache = None;
                self.release(old);
                return self.store_in_dict(ins);
            }
            let slot = match self.peek(0).clone() {
                Slot::Val { .. } | Slot::Const(_) | Slot::Chr { .. } | Slot::Complex { .. } | Slot::Wide { .. } => {
                    let s = self.pop();
                    self.own(s)
                }
                Slot::Null => return self.leave(Reason::Unbound),
                _ => match self.pop_owned() {
                    Some(v) => Slot::Val { v, owned: true },
                    None => return self.leave(Reason::Unsupported(ins.op)),
                },
            };
            let old = std::mem::replace(&mut self.frames[0].locals[i], slot);
            self.frames[0].calling = None;
            self.state_cache = None;
            self.release(old);
            return;
        }
        if !self.store_entry(ins) {
            self.store_in_dict(ins);
        }
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

    /// After arbitrary code ran: watched facts may be gone, and module-level names may have been rebound.
    pub(super) fn after_user(&mut self) {
        let st = self.next_state();
        self.emit_at(Op::GuardValid, &[], Reason::Invalidated, st, None);
        if self.f.names.is_empty() {
            return;
        }
        for i in 0..self.f.names.len() {
            let (name, _) = self.f.names[i];
            let i = self.snap.code(self.frames[0].code).localsplus.len() + i;
            let slot = self.frames[0].locals[i].clone();
            let (ty, boxed) = match slot {
                Slot::Val { v, .. } if self.nullable.contains(&v) => continue,
                Slot::Val { v, .. } => (self.value_ty(v), self.f.repr(v) == Repr::Obj),
                Slot::Complex { .. } => (Ty::Complex, false),
                Slot::Wide { .. } => (Ty::Int, false),
                Slot::Chr { .. } | Slot::Const(_) => (self.slot_ty(&slot), true),
                _ => continue,
            };
            let root = self.snap.code(self.frames[0].code);
            let (globals, key) = (root.globals_ptr, root.name_ptrs[name as usize]);
            let st = self.next_state();
            let d = self.raw_obj(globals, Ty::Dict);
            let k = self.raw_obj(key, Ty::Str);
            let v = self
                .emit_at(
                    Op::Call {
                        helper: Helper::DictGetName,
                    },
                    &[d, k],
                    Reason::Unbound,
                    st,
                    Some((Repr::Obj, Ty::Any)),
                )
                .expect("has a result");
            let new = Slot::Val { v, owned: true };
            let old_slot = std::mem::replace(&mut self.frames[0].locals[i], new);
            self.frames[0].calling = None;
            self.state_cache = None;
            self.release(old_slot.clone());
            if ty != Ty::Any {
                let st = self.next_state();
                self.emit_at(Op::GuardType { ty }, &[v], Reason::Type(ty), st, None);
                self.known.insert(v, ty);
            }
            if !boxed {
                let st = self.next_state();
                let mut emit = |o: Op, args: &[Value], reason: Reason| self.emit_at(o, args, reason, st, None).expect("has a result");
                let mut unbox = |o: Op, reason: Reason| emit(o, &[v], reason);
                let slot = match ty {
                    Ty::Complex => Slot::Complex {
                        re: unbox(Op::ComplexReal, Reason::None),
                        im: unbox(Op::ComplexImag, Reason::None),
                    },
                    Ty::Int if matches!(old_slot, Slot::Wide { .. }) => {
                        let lo = unbox(Op::UnboxLow, Reason::Huge);
                        let hi = emit(Op::UnboxHigh, &[v, lo], Reason::None);
                        Slot::Wide { lo, hi }
                    }
                    Ty::Int => unboxed(unbox(Op::UnboxInt, Reason::BigInt)),
                    Ty::Float => unboxed(unbox(Op::UnboxFloat, Reason::None)),
                    _ => unboxed(unbox(Op::UnboxBool, Reason::None)),
                };
                self.frames[0].locals[i] = slot;
                self.frames[0].calling = None;
                self.emit(Op::DecRefLeaf, &[v], Reason::None);
            }
        }
    }

    /// A second slot for what slot `depth` holds. `None` for what may exist only once.
    pub(super) fn duplicate(&mut self, slot: SlotV, depth: usize) -> Option<SlotV> {
        match slot {
            Slot::Null | Slot::Const(_) | Slot::Chr { .. } | Slot::Complex { .. } | Slot::Wide { .. } => Some(slot),
            Slot::Val { v, owned } => {
                if owned && self.f.repr(v) == Repr::Obj {
                    self.emit(Op::IncRef, &[v], Reason::None);
                }
                Some(Slot::Val { v, owned })
            }
            Slot::Tuple(_) => {
                let v = self.want_obj(depth)?;
                self.emit(Op::IncRef, &[v], Reason::None);
                Some(Slot::Val { v, owned: true })
            }
            _ => None,
        }
    }
}

fn unboxed(v: crate::ir::Value) -> SlotV {
    Slot::Val { v, owned: false }
}
