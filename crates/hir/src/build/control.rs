//! Comparisons, jumps and returns.

use super::merge::Point;
use super::{Builder, Refusal, op};
use crate::helpers::Helper;
use crate::ir::{Def, EntryMode, Reason, Role, Slot, Target, Value};
use crate::ops::{Cc, Op};
use crate::snapshot::{Desc, Size};
use crate::types::{Repr, Ty};
use smallvec::SmallVec;
use whipsnake_abi::bytecode::Instr;

/// The ints that CPython has one object each for.
const SINGLE_INTS: std::ops::RangeInclusive<i64> = -5..=256;

const CCS: [Cc; 6] = [Cc::Lt, Cc::Le, Cc::Eq, Cc::Ne, Cc::Gt, Cc::Ge];

impl Builder<'_> {
    pub(super) fn compare(&mut self, ins: &Instr) {
        match ins.op {
            op::COMPARE_OP => self.compare_op(ins),
            op::IS_OP => self.is_op(ins),
            _ => self.contains(ins),
        }
    }

    fn compare_op(&mut self, ins: &Instr) {
        if self.compare_method(ins) {
            return;
        }
        self.settle(2);
        let cc = CCS[(ins.arg >> 5) as usize % 6];
        if let Some(v) = self.mixed_compare(cc, ins) {
            return self.finish_val(2, v);
        }
        let (mut tl, mut tr) = (self.assume(1, ins), self.assume(0, ins));
        if (tl == Ty::Any || tr == Ty::Any) && !self.polymorphic(ins) {
            let g = match ins.raw {
                op::COMPARE_OP_INT => Ty::Int,
                op::COMPARE_OP_FLOAT => Ty::Float,
                op::COMPARE_OP_STR => Ty::Str,
                _ => Ty::Any,
            };
            // One that has run and compares strs would be specialised, had it met nothing else.
            let strs = ins.raw != op::COMPARE_OP || !self.code().warm;
            let pick = |known: Ty| match (g, known) {
                (Ty::Any, Ty::Int | Ty::Float) => known,
                (Ty::Any, Ty::Str) if strs => known,
                _ => g,
            };
            if tl == Ty::Any && tr == Ty::Any {
                (tl, tr) = (g, g);
            } else if tl == Ty::Any {
                tl = pick(tr);
            } else {
                tr = pick(tl);
            }
        }
        let int = |t: Ty| matches!(t, Ty::Int | Ty::Bool);
        let fb = self.feedback(ins.start);
        let v = match (tl, tr) {
            (a, b) if int(a) && int(b) && self.width(&fb) == Size::Wide => {
                self.expect_bools(&[tr, tl]);
                let (l, r) = (self.want_words(1), self.want_words(0));
                self.wide_cmp(cc, l, r)
            }
            (a, b) if int(a) && int(b) && self.width(&fb) == Size::Int => {
                self.expect_bools(&[tr, tl]);
                let (l, r) = (self.want_int(1), self.want_int(0));
                self.val(Op::ICmp { cc }, &[l, r], Reason::None)
            }
            (Ty::Int, Ty::Int) => {
                self.expect(1, Ty::Int);
                self.expect(0, Ty::Int);
                match self.helper(Helper::LongCmp, 2, &[cc as i64], Ty::Any) {
                    Some(v) => v,
                    None => return self.leave(Reason::Unsupported(ins.op)),
                }
            }
            (Ty::Float, Ty::Float) => {
                let (l, r) = (self.want_float(1), self.want_float(0));
                self.val(Op::FCmp { cc }, &[l, r], Reason::None)
            }
            (a, Ty::Float) if int(a) && !fb.generic && !fb.bigint => {
                let (l, r) = (self.want_int(1), self.want_float(0));
                self.val(Op::IFCmp { cc }, &[l, r], Reason::Domain)
            }
            (Ty::Float, b) if int(b) && !fb.generic && !fb.bigint => {
                let (l, r) = (self.want_float(1), self.want_int(0));
                self.val(Op::IFCmp { cc: cc.swap() }, &[r, l], Reason::Domain)
            }
            (Ty::Str, Ty::Str) if let Some((l, r)) = self.chars() => self.val(Op::ICmp { cc }, &[l, r], Reason::None),
            (Ty::Str, Ty::Str) => {
                self.expect(1, Ty::Str);
                self.expect(0, Ty::Str);
                match self.helper(Helper::StrCmp, 2, &[cc as i64], Ty::Any) {
                    Some(v) => v,
                    None => return self.leave(Reason::Unsupported(ins.op)),
                }
            }
            _ if let Some(v) = self.complex_compare(cc, tl, tr, ins) => v,
            _ => {
                // The interpreter's COMPARE_OP makes a bool at once: no frame state lies between.
                let helper = if ins.arg & 16 != 0 { Helper::CompareBool } else { Helper::Compare };
                let Some(v) = self.helper(helper, 2, &[cc as i64], Ty::Any) else {
                    return self.leave(Reason::Unsupported(ins.op));
                };
                self.finish_val(2, v);
                self.after(helper);
                return;
            }
        };
        self.finish_val(2, v);
    }

    /// The code points of the two operands, when both are single characters known as such.
    fn chars(&mut self) -> Option<(Value, Value)> {
        let l = self.char_of(1)?;
        let r = self.char_of(0)?;
        Some((l, r))
    }

    fn char_of(&mut self, depth: usize) -> Option<Value> {
        match self.peek(depth) {
            Slot::Chr { v } => Some(*v),
            slot => match &self.desc(slot)?.desc {
                Desc::Str { text, .. } => {
                    let mut chars = text.chars();
                    let c = chars.next().filter(|_| chars.next().is_none())?;
                    Some(self.int(i64::from(u32::from(c))))
                }
                _ => None,
            },
        }
    }

    fn is_op(&mut self, ins: &Instr) {
        let invert = ins.arg == 1;
        let (tl, tr) = (self.ty(1), self.ty(0));
        let none = |s: &super::SlotV, b: &Self| matches!(s, Slot::Const(_)) && b.slot_ty(s) == Ty::None;
        let raw = |s: &super::SlotV, b: &Self| {
            matches!(s, Slot::Val { v, .. } if matches!(b.f.repr(*v), Repr::Int | Repr::Float))
                || matches!(s, Slot::Tuple(_) | Slot::Complex { .. } | Slot::Wide { .. })
        };
        let (l, r) = (self.peek(1).clone(), self.peek(0).clone());
        // Distinct exact types, or None against anything known to be something else.
        let differ = tl != Ty::Any && tr != Ty::Any && tl != tr;
        let bools = tl == Ty::Bool && tr == Ty::Bool;
        let same_none = none(&l, self) && none(&r, self);
        let same_inst = self.same_instance(&l, &r);
        let same_const = matches!((&l, &r), (Slot::Const(a), Slot::Const(b)) if a == b);
        let v = if same_none || same_const {
            self.boolean(!invert)
        } else if let Some(same) = same_inst {
            self.boolean(same != invert)
        } else if differ {
            self.boolean(invert)
        } else if bools {
            let (a, b) = (self.slot_bool(&l), self.slot_bool(&r));
            let x = self.val(Op::BXor, &[a, b], Reason::None);
            if invert { x } else { self.val(Op::BNot, &[x], Reason::None) }
        } else if let (Some(a), Some(b)) = (self.small_int(&l, &r), self.small_int(&r, &l)) {
            let x = self.val(Op::ICmp { cc: Cc::Eq }, &[a, b], Reason::None);
            if invert { self.val(Op::BNot, &[x], Reason::None) } else { x }
        } else if raw(&l, self) || raw(&r, self) {
            // Identity of an int or float that was never boxed: the interpreter decides.
            return self.leave(Reason::Unsupported(ins.op));
        } else {
            let (Some(a), Some(b)) = (self.want_obj(1), self.want_obj(0)) else {
                return self.leave(Reason::Unsupported(ins.op));
            };
            let x = self.val(Op::ObjIs, &[a, b], Reason::None);
            if invert { self.val(Op::BNot, &[x], Reason::None) } else { x }
        };
        self.finish_val(2, v);
    }

    /// An unboxed int, where it or the other one is a constant that there is only one object for: those are the same where they are equal.
    fn small_int(&self, slot: &super::SlotV, other: &super::SlotV) -> Option<Value> {
        let int = |s: &super::SlotV| match s {
            Slot::Val { v, .. } if self.f.repr(*v) == Repr::Int => Some(*v),
            _ => None,
        };
        let small = |v: Value| matches!(self.f.const_op(v), Some(Op::ConstInt { v }) if SINGLE_INTS.contains(&v));
        let (mine, theirs) = (int(slot)?, int(other)?);
        (small(mine) || small(theirs)).then_some(mine)
    }

    /// `needle in container`: stack is needle, container.
    fn contains(&mut self, ins: &Instr) {
        let mut container = self.assume(0, ins);
        if container == Ty::Any && !self.polymorphic(ins) {
            container = match ins.raw {
                op::CONTAINS_OP_DICT => Ty::Dict,
                op::CONTAINS_OP_SET => Ty::Set,
                _ => Ty::Any,
            };
        }
        if self.contains_apart(container, ins) {
            return;
        }
        let fast = match container {
            Ty::Str if self.assume(1, ins) == Ty::Str => {
                self.expect(1, Ty::Str);
                self.expect(0, Ty::Str);
                self.helper(Helper::StrContains, 2, &[], Ty::Any)
            }
            Ty::Dict if !self.feedback(ins.start).generic && self.dict_key(1, ins) => {
                self.expect(0, Ty::Dict);
                match (self.want_obj(0), self.want_obj(1)) {
                    (Some(d), Some(k)) => Some(self.val(
                        Op::Call {
                            helper: Helper::DictContains,
                        },
                        &[d, k],
                        Reason::Domain,
                    )),
                    _ => None,
                }
            }
            _ => None,
        };
        let found = match fast {
            Some(v) => Some(v),
            None => self.helper(Helper::Contains, 2, &[], Ty::Any),
        };
        let Some(mut v) = found else {
            return self.leave(Reason::Unsupported(ins.op));
        };
        if ins.arg == 1 {
            v = self.val(Op::BNot, &[v], Reason::None);
        }
        self.finish_val(2, v);
        if fast.is_none() {
            self.after(Helper::Contains);
        }
    }

    pub(super) fn control(&mut self, ins: &Instr) -> Result<(), Refusal> {
        match ins.op {
            op::JUMP_FORWARD => {
                let t = ins.jump_target().expect("a jump");
                self.goto(t);
            }
            op::JUMP_BACKWARD | op::JUMP_BACKWARD_NO_INTERRUPT => {
                let t = ins.jump_target().expect("a jump");
                let laid_out = !self.frames.last().expect("open").stack.is_empty() && self.is_unrolled(self.peek(0));
                if ins.op == op::JUMP_BACKWARD && !laid_out {
                    let st = self.state_at(t);
                    self.emit_at(Op::SafePoint, &[], Reason::SafePoint, st, None);
                }
                self.goto_merge(Point::Loop, t);
            }
            op::RETURN_VALUE => self.ret(),
            _ => self.pop_jump(ins),
        }
        Ok(())
    }

    /// Goes to a code unit of the current frame, from before it.
    pub(super) fn goto(&mut self, bci: u32) {
        let info = self.info(self.frames.last().expect("open").code);
        let point = if info.loop_headers.contains(&bci) {
            Point::LoopEntry
        } else {
            Point::Join
        };
        self.goto_merge(point, bci);
    }

    fn pop_jump(&mut self, ins: &Instr) {
        let target = ins.jump_target().expect("a jump");
        let cond = match ins.op {
            op::POP_JUMP_IF_NONE | op::POP_JUMP_IF_NOT_NONE => {
                let slot = self.peek(0).clone();
                match self.slot_ty(&slot) {
                    Ty::None => self.boolean(true),
                    Ty::Any if !matches!(slot, Slot::Inst(_)) => {
                        let Some(v) = self.want_obj(0) else {
                            return self.leave(Reason::Unsupported(ins.op));
                        };
                        let none = self.none_slot();
                        let n = self.slot_obj(&none);
                        self.val(Op::ObjIs, &[v, n], Reason::None)
                    }
                    _ => self.boolean(false),
                }
            }
            _ => {
                let slot = self.peek(0).clone();
                self.slot_bool(&slot)
            }
        };
        let jump_if = matches!(ins.op, op::POP_JUMP_IF_TRUE | op::POP_JUMP_IF_NONE);
        let tested = match self.peek(0) {
            Slot::Val { v, .. } if self.f.repr(*v) == Repr::Obj => Some(*v),
            _ => None,
        };
        self.finish(1, None);
        let none_test = matches!(ins.op, op::POP_JUMP_IF_NONE | op::POP_JUMP_IF_NOT_NONE);
        match self.f.const_op(cond) {
            Some(Op::ConstBool { v }) => {
                let to = if v == jump_if { target } else { ins.next };
                if self.is_merge(to) {
                    self.goto(to);
                } else {
                    self.next_bci = to;
                }
            }
            _ => {
                let (yes, no) = if jump_if { (target, ins.next) } else { (ins.next, target) };
                let learn = if none_test { tested } else { None };
                self.branch(cond, yes, no, learn);
            }
        }
    }

    /// Ends the block with a two-way branch to code units of the current frame. `none_if_true`: an object that is None on
    /// the true side.
    pub(super) fn branch(&mut self, cond: Value, yes: u32, no: u32, none_if_true: Option<Value>) {
        let (y, n) = (self.f.new_block(), self.f.new_block());
        self.branch_blocks(cond, y, n);
        self.forget_unnamed();
        for (block, bci, is_yes) in [(n, no, false), (y, yes, true)] {
            let mut frames = self.frames.clone();
            frames.iter_mut().for_each(|f| f.calling = None);
            frames.last_mut().expect("open").bci = bci;
            let mut known = self.known.clone();
            if let (true, Some(v)) = (is_yes, none_if_true) {
                known.insert(v, Ty::None);
            }
            let merge = self.is_merge(bci);
            if merge {
                // The edge's block only converts the environment and jumps on.
                let saved = (
                    std::mem::replace(&mut self.frames, frames),
                    std::mem::replace(&mut self.known, known),
                    self.cur,
                );
                self.cur = block;
                self.open = true;
                self.state_cache = None;
                self.goto(bci);
                (self.frames, self.known, self.cur) = saved;
                self.open = false;
            } else {
                let fresh = self.fresh.clone();
                self.queue(block, frames, bci, known, fresh, super::Way::Walk);
            }
        }
    }

    fn is_merge(&self, bci: u32) -> bool {
        let info = self.info(self.frames.last().expect("open").code);
        info.preds.get(&bci).copied().unwrap_or(0) > 1
    }

    pub(super) fn branch_blocks(&mut self, cond: Value, yes: crate::ir::Block, no: crate::ir::Block) {
        let (i, _) = self.f.make_inst(Op::Branch, &[cond], None, Reason::None, None);
        let inst = self.f.inst_mut(i);
        inst.targets.push(Target {
            block: yes,
            args: SmallVec::new(),
        });
        inst.targets.push(Target {
            block: no,
            args: SmallVec::new(),
        });
        let cur = self.cur;
        self.f.block_mut(cur).insts.push(i);
        self.open = false;
    }

    fn ret(&mut self) {
        match self.frames.last().expect("open").role {
            Role::Generator => return self.exhausted(),
            _ if self.frames.len() > 1 => return self.inlined_return(),
            _ => {}
        }
        if self.f.mode != EntryMode::Call {
            return self.leave(Reason::Done);
        }
        let repr = match self.peek(0) {
            Slot::Val { v, .. } => match self.f.repr(*v) {
                Repr::Obj => self.value_ty(*v).unboxed().unwrap_or(Repr::Obj),
                r => r,
            },
            _ => Repr::Obj,
        };
        // What a call to itself returns is one of the other returns.
        if !self.is_own_result() {
            self.returns.insert(repr);
        }
        let v = match self.ret {
            Repr::Obj => match self.pop_owned() {
                Some(v) => v,
                None => return self.leave(Reason::Unsupported(op::RETURN_VALUE)),
            },
            want if want == repr => {
                let slot = self.peek(0).clone();
                let v = match want {
                    Repr::Int => self.slot_int(&slot),
                    Repr::Float => self.want_float(0),
                    _ => self.slot_bool(&slot),
                };
                self.finish(1, None);
                v
            }
            _ => return self.leave(Reason::Cold),
        };
        let locals = std::mem::take(&mut self.top().locals);
        let n = locals.len();
        self.top().locals = vec![Slot::Null; n];
        self.state_cache = None;
        let owned = self.f.repr(v) == Repr::Obj;
        // While locals are released the result still belongs to the frame.
        self.push(Slot::Val { v, owned });
        for s in locals.into_iter().rev() {
            self.release(s);
        }
        self.pop();
        let (i, _) = self.f.make_inst(Op::Return, &[v], None, Reason::None, None);
        let cur = self.cur;
        self.f.block_mut(cur).insts.push(i);
        self.open = false;
    }

    /// Whether the operator that the current frame's result is for makes a bool of it.
    fn wants_bool(&self) -> bool {
        let caller = &self.frames[self.frames.len() - 2];
        let info = self.info(caller.code);
        info.at(caller.bci).is_some_and(|i| i.op == op::COMPARE_OP && i.arg & 16 != 0)
    }

    /// Whether the top of the stack is the result of the function's call to itself.
    fn is_own_result(&self) -> bool {
        let Slot::Val { v, .. } = self.peek(0) else { return false };
        matches!(self.f.value(*v).def, Def::Inst(i) if self.f.inst(i).op == Op::CallSelf)
    }

    /// Back in the caller: the callee's locals are released, its result pushed.
    fn inlined_return(&mut self) {
        let slot = self.peek(0).clone();
        match self.top().role {
            Role::Init => match slot {
                Slot::Val { v, .. } if self.slot_ty(&slot) == Ty::Any => self.guard(v, Ty::None),
                _ if self.slot_ty(&slot) == Ty::None => {}
                _ => return self.leave(Reason::Cold),
            },
            Role::Operator => {
                self.check_operator_result(&slot);
                if self.open && self.wants_bool() {
                    match slot {
                        Slot::Val { v, .. } if self.slot_ty(&slot) == Ty::Any => self.guard(v, Ty::Bool),
                        _ if self.slot_ty(&slot) == Ty::Bool => {}
                        _ => self.leave(Reason::Cold),
                    }
                }
                if !self.open {
                    return;
                }
            }
            Role::New => {
                self.check_new_result(&slot);
                if !self.open {
                    return;
                }
            }
            Role::Call | Role::Generator | Role::Native(_) | Role::Discard | Role::Next => {}
        }
        let slot = match slot {
            Slot::Val { .. }
            | Slot::Const(_)
            | Slot::Tuple(_)
            | Slot::Chr { .. }
            | Slot::Complex { .. }
            | Slot::Wide { .. }
            | Slot::Inst(_) => {
                self.pop();
                self.own(slot)
            }
            _ => return self.leave(Reason::Unsupported(op::RETURN_VALUE)),
        };
        let locals = std::mem::take(&mut self.top().locals);
        let n = locals.len();
        self.top().locals = vec![Slot::Null; n];
        self.push(slot);
        for s in locals.into_iter().rev() {
            self.release(s);
        }
        let slot = self.pop();
        let callee = self.frames.pop().expect("a caller is left");
        self.state_cache = None;
        self.top().calling = None;
        // The function goes last, when its frame is gone; the result is safe on the caller's stack.
        self.push(slot);
        self.release(callee.func);
        let slot = self.pop();
        let several = self.code().callees.contains_key(&self.frames.last().expect("open").bci);
        let single = self.info(callee.code).returns == 1 && !several;
        let (caller, call_bci) = (self.top().code, self.top().bci);
        let call = *self.info(caller).at(call_bci).expect("the call's own unit");
        let next = call.next;
        match callee.role {
            Role::Discard => self.release(slot),
            Role::Operator => self.finish(2, Some(slot)),
            Role::New => self.finish(call.arg as usize + 2, Some(slot)),
            Role::Init => {}
            Role::Call | Role::Generator | Role::Native(_) | Role::Next => self.push(slot),
        }
        if single {
            self.top().bci = next;
            return;
        }
        self.goto_merge(Point::Return, next);
    }
}
