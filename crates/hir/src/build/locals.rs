//! Locals, constants, names, globals and cells.

use super::callee::borrowed;
use super::env::SlotV;
use super::generators::is_iterator;
use super::{Builder, op};
use crate::helpers::Helper;
use crate::ir::{Reason, Slot, Value};
use crate::ops::Op;
use crate::snapshot::{Const, Desc, Intrinsic, Shape};
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
                    let known = self.snap.intrinsic_ptrs.iter().find(|(i, ptr)| i.is_class() && **ptr == h.ptr);
                    if let (Some((i, ptr)), false) = (known, self.feedback(ins.start).polymorphic_call) {
                        let desc = Desc::Intrinsic(*i);
                        let class = Slot::Const(self.obj_id(&Const { ptr: *ptr, desc }));
                        let want = self.slot_obj(&class);
                        let same = self.val(Op::ObjIs, &[v, want], Reason::None);
                        self.emit(Op::GuardTrue, &[same], Reason::Callee);
                        return self.push(class);
                    }
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
            Slot::Inst(_) if borrow => self.push(borrowed(&slot)),
            Slot::Inst(_) => {
                let slot = self.own(borrowed(&slot));
                self.push(slot);
            }
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
            Slot::Null
            | Slot::Const(_)
            | Slot::Val { .. }
            | Slot::Chr { .. }
            | Slot::Complex { .. }
            | Slot::Wide { .. }
            | Slot::Inst(_) => {
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

    /// An object that the snapshot's owner keeps alive, by address.
    pub(super) fn raw_obj(&mut self, ptr: u64, ty: Ty) -> crate::ir::Value {
        let desc = crate::snapshot::Desc::Other(ty);
        let slot: SlotV = Slot::Const(self.obj_id(&Const { ptr, desc }));
        self.slot_obj(&slot)
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
            Slot::Inst(_) => Some(self.own(borrowed(&slot))),
            Slot::Tuple(_) => {
                let v = self.want_obj(depth)?;
                self.emit(Op::IncRef, &[v], Reason::None);
                Some(Slot::Val { v, owned: true })
            }
            _ => None,
        }
    }
}
