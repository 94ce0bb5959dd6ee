//! Generators that only a loop or a builtin sees: their frames are inlined into the consumer.
//!
//! Calling a generator function yields a [`Slot::Gen`]: its frame, taken apart. FOR_ITER pushes that frame as it would push a
//! called function's, YIELD_VALUE takes it down again and leaves the rest of it in the iterator's slot, and the walk goes on behind the
//! FOR_ITER with the item. As where the generator stands is part of the slot's kind, merge points tell its states apart, and its
//! loop becomes part of the consumer's.
//!
//! A builtin that consumes a generator (`sum`, `min`, `list`, ...) has a frame of its own between the two ([`Role::Native`]): its locals
//! are what it has gathered. An exit from within finishes the builtin in the runtime.
//!
//! Only generators that can be dropped at any item without running code are taken apart: none of their yields is inside a `try` or
//! `with`.

use super::env::{Frame, SlotV};
use super::merge::Point;
use super::unroll::Loop;
use super::{Builder, op};
use crate::helpers::Helper;
use crate::ir::{FuncSlot, GenSlot, Native, Reason, Role, Slot, Value};
use crate::ops::{Cc, Op, Ovf};
use crate::snapshot::{Const, Desc, FuncInfo, Intrinsic};
use crate::types::{Repr, Ty};
use whipsnake_abi::bytecode::Instr;

/// Bit of the argument of a RESUME behind a yield: the yield is in no block of the function's own.
const RESUME_AT_DEPTH_ONE: u32 = 4;
/// SET_FUNCTION_ATTRIBUTE: positional defaults.
const DEFAULTS: u32 = 1;
/// SET_FUNCTION_ATTRIBUTE: closure.
const CLOSURE: u32 = 8;
/// `CO_GENERATOR`.
pub(super) const GENERATOR: u32 = 0x20;

impl Builder<'_> {
    // ---- making functions

    pub(super) fn make_function(&mut self, ins: &Instr) {
        let Some(Desc::Code(_)) = self.desc(self.peek(0)).map(|c| &c.desc) else {
            return self.leave(Reason::Unsupported(ins.op));
        };
        let Slot::Const(code) = *self.peek(0) else {
            return self.leave(Reason::Unsupported(ins.op));
        };
        let globals = self.globals();
        self.finish(
            1,
            Some(Slot::Func(Box::new(FuncSlot {
                code,
                globals,
                closure: Vec::new(),
                defaults: Vec::new(),
            }))),
        );
    }

    /// The globals of the current code.
    fn globals(&mut self) -> crate::ops::ObjId {
        let ptr = self.code().globals_ptr;
        let desc = Desc::Other(Ty::Dict);
        self.obj_id(&Const { ptr, desc })
    }

    /// Gives the function on top a closure or defaults: the tuple below it.
    pub(super) fn set_function_attribute(&mut self, ins: &Instr) {
        let items = match self.peek(1).clone() {
            Slot::Tuple(items) => Some(items),
            Slot::Const(o) => match self.descs.get(&o).map(|c| c.desc.clone()) {
                Some(Desc::Tuple(items)) => Some(items.iter().map(|c| self.const_slot(c)).collect()),
                _ => None,
            },
            _ => None,
        };
        let (Slot::Func(func), Some(items)) = (self.peek(0).clone(), items) else {
            return self.leave(Reason::Unsupported(ins.op));
        };
        let mut func = *func;
        match ins.arg {
            DEFAULTS => func.defaults = items,
            CLOSURE => func.closure = items,
            _ => return self.leave(Reason::Unsupported(ins.op)),
        }
        self.pop();
        self.pop();
        self.push(Slot::Func(Box::new(func)));
    }

    // ---- making generators

    /// What a function taken apart is called as.
    pub(super) fn info_of(&self, func: &FuncSlot<Value>) -> Option<FuncInfo> {
        let Some(Desc::Code(code)) = self.descs.get(&func.code).map(|c| &c.desc) else {
            return None;
        };
        let globals = self.f.objs[func.globals.0 as usize].ptr;
        let shape = self.shape_of_code(*code, globals, func.defaults.len());
        match shape.func.map(|c| c.desc) {
            Some(Desc::Func(info)) => Some(info),
            _ => None,
        }
    }

    /// Whether a generator of this code may be taken apart.
    fn separable(&self, info: &FuncInfo) -> bool {
        let code = &self.infos[info.code.0 as usize];
        let mut yields = 0;
        for pair in code.instrs.windows(2) {
            if pair[0].op == op::YIELD_VALUE {
                yields += 1;
                if pair[1].op != op::RESUME || pair[1].arg & RESUME_AT_DEPTH_ONE == 0 {
                    return false;
                }
            }
        }
        yields > 0 && !code.instrs.iter().any(|i| matches!(i.op, op::SEND | op::GET_YIELD_FROM_ITER))
    }

    /// Calls a generator function whose generator goes straight to a consumer that can take it apart: `n` arguments.
    pub(super) fn call_generator(&mut self, ins: &Instr, info: &FuncInfo, n: usize, has_self: bool) -> bool {
        let given = n + usize::from(has_self);
        if !self.inlinable_generator(info, given) || !self.separable(info) || !self.feeds_consumer(ins) {
            return false;
        }
        let code = self.snap.code(info.code);
        // The frame starts as it is when the generator is made: behind RETURN_GENERATOR.
        let decoded = self.infos[info.code.0 as usize].clone();
        let Some(start) = decoded.instrs.iter().position(|i| i.op == op::RETURN_GENERATOR) else {
            return false;
        };
        let iterates = is_iterator(self.peek(0)) && code.argcount == 1;
        if !iterates && !self.plain_arguments(given) {
            return false;
        }
        let (func, locals) = self.bind_arguments(info, n, has_self);
        // A generator outlives the call's operands.
        let mut locals: Vec<SlotV> = locals.into_iter().map(|s| self.own(s)).collect();
        for cell in decoded.instrs[..start].iter().filter(|i| i.op == op::MAKE_CELL) {
            let local = &mut locals[cell.arg as usize];
            *local = self.new_cell(local).expect("arguments are plain, other locals unset");
        }
        let func = self.own(func);
        self.push(Slot::Gen(Box::new(GenSlot {
            func,
            code: info.code,
            bci: decoded.instrs[start].next,
            locals,
            stack: Vec::new(),
        })));
        true
    }

    /// Whether what the call `ins` yields is consumed at once: by a loop, or by the call of a builtin that has nothing else to
    /// do.
    fn feeds_consumer(&self, ins: &Instr) -> bool {
        self.consumed(ins, 0)
    }

    /// The same, while `extra` more slots are on the stack than at the call.
    fn consumed(&self, ins: &Instr, extra: usize) -> bool {
        let info = self.info(self.frames.last().expect("open").code);
        let Some(next) = info.at(ins.next) else { return false };
        let alone = info.preds.get(&next.start).copied().unwrap_or(0) <= 1;
        match next.op {
            // The loop's header; its other edge is the loop's own.
            op::FOR_ITER => true,
            op::GET_ITER => alone && info.at(next.next).is_some_and(|i| i.op == op::FOR_ITER),
            op::CALL if next.arg == 1 && alone => {
                // Below this call's operands: the builtin and its empty self slot.
                let below = ins.arg as usize + 2 + extra;
                let depth = self.frames.last().expect("open").stack.len();
                depth >= below + 2
                    && matches!(self.peek(below), Slot::Null)
                    && matches!(self.desc(self.peek(below + 1)).map(|c| &c.desc), Some(Desc::Intrinsic(i)) if native_of(*i).is_some())
                    && !self.met_surprises(next.start)
            }
            _ => false,
        }
    }

    /// Whether exits have shown that items vary in type, or are not numbers, where a builtin consumes them.
    fn met_surprises(&self, call: u32) -> bool {
        let fb = self.feedback(call);
        fb.generic || fb.domain || fb.overflow || fb.bigint || fb.types.values().any(|t| t.0.count_ones() > 1)
    }

    /// Whether the iterator that the GET_ITER `at` makes of the slot `operands` above the function goes straight to a generator
    /// expression that is taken apart; then the loop there.
    pub(super) fn feeds_generator(&self, at: &Instr, operands: usize) -> Option<Loop> {
        let frame = self.frames.last().expect("open");
        let info = self.info(frame.code);
        let call = info.at(at.next).filter(|i| i.op == op::CALL && i.arg == 0)?;
        let func = frame.stack.len().checked_sub(operands + 1).map(|i| &frame.stack[i])?;
        let Slot::Func(func) = func else { return None };
        let callee = self.info_of(func)?;
        let code = &self.infos[callee.code.0 as usize];
        let for_iter = code.instrs.iter().find(|i| i.op == op::FOR_ITER)?;
        let fits = self.snap.code(callee.code).argcount == 1 && self.inlinable_generator(&callee, 1) && self.separable(&callee);
        // As the stack will stand at the call: the iterable's operands are one slot then.
        (fits && self.consumed(call, operands - 1)).then_some((callee.code, *for_iter))
    }

    // ---- resuming and yielding

    /// Pushes the frame of the generator in the top slot, to go on where it stands.
    pub(super) fn resume(&mut self) {
        let Slot::Gen(g) = self.pop() else {
            unreachable!("the caller looked")
        };
        let g = *g;
        let caller = self.frames.last().expect("open");
        let key = (caller.inline, caller.bci, g.code);
        let fresh = self.inline_ids.len() as u32 + 1;
        let inline = *self.inline_ids.entry(key).or_insert(fresh);
        self.top().calling = None;
        self.state_cache = None;
        let mut stack = g.stack;
        stack.push(self.none_slot());
        self.frames.push(Frame {
            code: g.code,
            inline,
            role: Role::Generator,
            func: g.func,
            locals: g.locals,
            stack,
            bci: g.bci,
            calling: None,
            carried: None,
        });
    }

    /// Takes the generator's frame down; its consumer goes on with the item.
    pub(super) fn yield_value(&mut self, ins: &Instr) {
        if self.frames.last().expect("open").role != Role::Generator {
            self.count_leaving();
            return self.leave(Reason::Unsupported(ins.op));
        }
        let Some(item) = self.pop_item() else {
            return self.leave(Reason::Unsupported(ins.op));
        };
        self.normalise();
        let frame = self.frames.pop().expect("checked");
        self.state_cache = None;
        self.top().calling = None;
        self.push(Slot::Gen(Box::new(GenSlot {
            func: frame.func,
            code: frame.code,
            bci: ins.next,
            locals: frame.locals,
            stack: frame.stack,
        })));
        self.push(item);
        if let Role::Native(native) = self.top().role {
            return self.gather(native);
        }
        let caller = self.frames.last().expect("a generator has a consumer");
        let next = self.info(caller.code).at(caller.bci).expect("the FOR_ITER's own unit").next;
        self.top().bci = next;
    }

    /// Takes an item off the stack, with a reference of its own; `None` when only an exit can build it.
    pub(super) fn pop_item(&mut self) -> Option<SlotV> {
        match self.peek(0) {
            Slot::Val { .. } | Slot::Const(_) | Slot::Tuple(_) | Slot::Chr { .. } | Slot::Complex { .. } | Slot::Wide { .. } => {
                let item = self.pop();
                Some(self.own(item))
            }
            _ => self.pop_owned().map(|v| Slot::Val { v, owned: true }),
        }
    }

    /// Takes the topmost frame down; its stack holds nothing that is to be released.
    pub(super) fn drop_frame(&mut self) {
        let locals = std::mem::take(&mut self.top().locals);
        let n = locals.len();
        self.top().locals = vec![Slot::Null; n];
        for s in locals.into_iter().rev() {
            self.release(s);
        }
        let frame = self.frames.pop().expect("a frame is open");
        self.state_cache = None;
        self.top().calling = None;
        self.release(frame.func);
    }

    /// The generator whose frame is on top has returned: its consumer's loop ends.
    pub(super) fn exhausted(&mut self) {
        self.finish(1, None);
        self.drop_frame();
        if let Role::Native(native) = self.top().role {
            return self.gathered(native);
        }
        let caller = self.frames.last().expect("a generator has a consumer");
        let for_iter = *self.info(caller.code).at(caller.bci).expect("the FOR_ITER's own unit");
        // POP_ITER takes the exhausted generator off the stack; nothing looks at it there.
        let none = self.none_slot();
        self.push(none);
        let end = for_iter.jump_target().expect("FOR_ITER jumps") + 1;
        self.goto(end);
    }

    // ---- builtins that consume

    /// A call of a builtin with one argument that is a generator taken apart.
    pub(super) fn consume(&mut self, i: Intrinsic, ins: &Instr) -> bool {
        let (Slot::Gen(_), Some(native)) = (self.peek(0), native_of(i)) else {
            return false;
        };
        let gathered = match native {
            Native::Sum => {
                let zero = self.int(0);
                vec![Slot::Val { v: zero, owned: false }, Slot::Null]
            }
            Native::Min | Native::Max => vec![Slot::Null],
            Native::List | Native::Tuple if self.is_laid_out() => vec![Slot::List(Vec::new())],
            Native::List | Native::Tuple | Native::Sorted => {
                let v = self.obj(Op::ListNew, &[], Reason::None, Ty::List);
                vec![Slot::Val { v, owned: true }]
            }
        };
        let generator = self.pop();
        self.finish(2, None);
        let caller = self.frames.last().expect("open");
        let key = (caller.inline, ins.start, caller.code);
        let fresh = self.inline_ids.len() as u32 + 1;
        let inline = *self.inline_ids.entry(key).or_insert(fresh);
        let code = caller.code;
        self.top().calling = None;
        self.state_cache = None;
        self.frames.push(Frame {
            code,
            inline,
            role: Role::Native(native),
            func: Slot::Null,
            locals: gathered,
            stack: vec![generator],
            bci: ins.start,
            calling: None,
            carried: None,
        });
        self.goto_merge(Point::LoopEntry, ins.start);
        true
    }

    /// Whether the generator on top yields an item in each round of a loop that is laid out, and no others.
    fn is_laid_out(&self) -> bool {
        let Slot::Gen(g) = self.peek(0) else { return false };
        let instrs = &self.infos[g.code.0 as usize].instrs;
        let branches = |i: &Instr| {
            i.op == op::FOR_ITER
                || matches!(
                    i.op,
                    op::POP_JUMP_IF_TRUE | op::POP_JUMP_IF_FALSE | op::POP_JUMP_IF_NONE | op::POP_JUMP_IF_NOT_NONE
                )
        };
        g.locals.first().is_some_and(|s| self.is_unrolled(s)) && instrs.iter().filter(|i| branches(i)).count() == 1
    }

    /// Deals with the item on top of the stack, which has the generator below it.
    fn gather(&mut self, native: Native) {
        let done = match native {
            Native::Sum => self.add_item(),
            Native::Min => self.keep_item(Cc::Lt),
            Native::Max => self.keep_item(Cc::Gt),
            Native::List | Native::Tuple | Native::Sorted => match self.frames.last().expect("open").locals[0] {
                Slot::Val { v: list, .. } => self.append(list, 1, None),
                Slot::List(_) => {
                    let item = self.pop();
                    if let Slot::List(items) = &mut self.top().locals[0] {
                        items.push(item);
                    }
                    true
                }
                _ => unreachable!("it gathers in a list, or items one by one"),
            },
        };
        if !done {
            return self.leave(Reason::Domain);
        }
        if self.open {
            let bci = self.top().bci;
            if !self.is_unrolled(self.peek(0)) {
                let st = self.state_at(bci);
                self.emit_at(Op::SafePoint, &[], Reason::SafePoint, st, None);
            }
            self.goto_merge(Point::Loop, bci);
        }
    }

    /// `sum`: ints stay ints while they fit; the first float starts a compensated sum. Anything else is left to the runtime.
    fn add_item(&mut self) -> bool {
        let total = self.frames.last().expect("open").locals[0].clone();
        let Slot::Val { v: acc, .. } = total else { return false };
        let item = self.item_ty(self.f.repr(acc));
        let compensation = self.frames.last().expect("open").locals[1].clone();
        match (self.f.repr(acc), item) {
            (Repr::Int, Ty::Int | Ty::Bool) => {
                self.expect_bools(&[item]);
                let x = self.want_int(0);
                let v = self.val(Op::IAdd { ovf: Ovf::Check }, &[acc, x], Reason::Overflow);
                self.gathered_is(0, v);
            }
            (Repr::Int, Ty::Float) => {
                let x = self.want_float(0);
                let a = self.val(Op::IToF, &[acc], Reason::None);
                let v = self.val(Op::FAdd, &[a, x], Reason::None);
                let zero = self.float(0.0);
                self.gathered_is(0, v);
                self.gathered_is(1, zero);
            }
            (Repr::Float, Ty::Float | Ty::Int | Ty::Bool) => {
                let x = self.want_real(0, item);
                let Slot::Val { v: lo, .. } = compensation else { return false };
                let t = self.val(Op::FAdd, &[acc, x], Reason::None);
                let (size, size_x) = (self.val(Op::FAbs, &[acc], Reason::None), self.val(Op::FAbs, &[x], Reason::None));
                let larger = self.val(Op::FCmp { cc: Cc::Ge }, &[size, size_x], Reason::None);
                let big = self.val(Op::Select, &[larger, acc, x], Reason::None);
                let small = self.val(Op::Select, &[larger, x, acc], Reason::None);
                let lost = self.val(Op::FSub, &[big, t], Reason::None);
                let lost = self.val(Op::FAdd, &[lost, small], Reason::None);
                let lo = self.val(Op::FAdd, &[lo, lost], Reason::None);
                self.gathered_is(0, t);
                self.gathered_is(1, lo);
            }
            _ => return false,
        }
        self.finish(1, None);
        true
    }

    /// The type to take the item on top for: known, taught, hinted, or that of what has been gathered.
    fn item_ty(&self, gathered: Repr) -> Ty {
        let call = self.frames.last().expect("open").bci;
        let taught = || self.feedback(call).types.get(&0).and_then(|t| t.only()).unwrap_or(Ty::Any);
        let hinted = || self.hint(self.peek(0)).map_or(Ty::Any, |h| h.ty);
        let found = [self.ty(0), taught(), hinted(), gathered.ty()];
        found.into_iter().find(|t| *t != Ty::Any).unwrap_or(Ty::Any)
    }

    fn gathered_is(&mut self, n: usize, v: Value) {
        self.top().locals[n] = Slot::Val { v, owned: false };
        self.state_cache = None;
    }

    /// `min` and `max` of numbers: an item that compares like this with the best so far takes its place.
    fn keep_item(&mut self, cc: Cc) -> bool {
        let best = self.frames.last().expect("open").locals[0].clone();
        let repr = match &best {
            Slot::Val { v, .. } => Some(self.f.repr(*v)),
            _ => None,
        };
        let item = self.item_ty(repr.unwrap_or(Repr::Obj));
        let v = match (item, repr) {
            (Ty::Int, None | Some(Repr::Int)) => self.want_int(0),
            (Ty::Float, None | Some(Repr::Float)) => self.want_float(0),
            _ => return false,
        };
        let v = match best {
            Slot::Val { v: best, .. } => {
                let cmp = if item == Ty::Int { Op::ICmp { cc } } else { Op::FCmp { cc } };
                let wins = self.val(cmp, &[v, best], Reason::None);
                self.val(Op::Select, &[wins, v, best], Reason::None)
            }
            _ => v,
        };
        self.gathered_is(0, v);
        self.finish(1, None);
        true
    }

    /// The builtin's result: its frame goes, and the caller has it.
    fn gathered(&mut self, native: Native) {
        let result = self.frames.last().expect("open").locals[0].clone();
        let result = match (native, result) {
            (Native::Min | Native::Max, Slot::Null) => return self.leave(Reason::Domain),
            // Ints on one way and floats on another have met as an object: whether there is a compensation, only the runtime can tell.
            (Native::Sum, Slot::Val { v, .. }) if self.f.repr(v) == Repr::Obj => return self.leave(Reason::Domain),
            (Native::Sum, Slot::Val { v: hi, .. }) if self.f.repr(hi) == Repr::Float => {
                let Slot::Val { v: lo, .. } = self.frames.last().expect("open").locals[1] else {
                    unreachable!("a float's compensation is there")
                };
                let v = self.compensated(hi, lo);
                Slot::Val { v, owned: false }
            }
            (_, slot) => slot,
        };
        self.frames.pop();
        self.state_cache = None;
        self.top().calling = None;
        let call = self.top().bci;
        let next = self
            .info(self.frames.last().expect("open").code)
            .at(call)
            .expect("the call's own unit")
            .next;
        self.push(result);
        match native {
            Native::Tuple if matches!(self.peek(0), Slot::List(_)) => {
                if let Slot::List(items) = self.pop() {
                    self.push(Slot::Tuple(items));
                }
            }
            Native::List => {
                self.want_obj(0).expect("a list");
            }
            Native::Tuple => {
                let list = self.want_obj(0).expect("a list");
                let helper = Helper::TupleFrom;
                let v = self.obj(Op::Call { helper }, &[list], Reason::None, Ty::Tuple);
                self.finish_val(1, v);
            }
            Native::Sorted => {
                let list = self.want_obj(0).expect("a list");
                let helper = Helper::ListSort;
                self.count_op(helper);
                self.emit(Op::Call { helper }, &[list], Reason::Raised);
            }
            _ => {}
        }
        self.goto_merge(Point::Return, next);
    }

    /// `hi + lo`, unless the compensation is zero or not finite.
    fn compensated(&mut self, hi: Value, lo: Value) -> Value {
        let zero = self.float(0.0);
        let some = self.val(Op::FCmp { cc: Cc::Ne }, &[lo, zero], Reason::None);
        let class = crate::ops::FClass::IsFinite;
        let finite = self.val(Op::FIs { class }, &[lo], Reason::None);
        let both = self.val(Op::BAnd, &[some, finite], Reason::None);
        let sum = self.val(Op::FAdd, &[hi, lo], Reason::None);
        self.val(Op::Select, &[both, sum, hi], Reason::None)
    }
}

/// The builtins that take a generator apart.
fn native_of(i: Intrinsic) -> Option<Native> {
    Some(match i {
        Intrinsic::Sum => Native::Sum,
        Intrinsic::Min => Native::Min,
        Intrinsic::Max => Native::Max,
        Intrinsic::List => Native::List,
        Intrinsic::Tuple => Native::Tuple,
        Intrinsic::Sorted => Native::Sorted,
        _ => return None,
    })
}

/// Whether the slot is an iterator taken apart.
pub(super) fn is_iterator(s: &SlotV) -> bool {
    matches!(
        s,
        Slot::RangeIter { .. }
            | Slot::RangeBy { .. }
            | Slot::ListIter { .. }
            | Slot::TupleIter { .. }
            | Slot::StrIter { .. }
            | Slot::ListRevIter { .. }
            | Slot::Enumerate { .. }
            | Slot::Zip(_)
            | Slot::Gen(_)
    )
}
