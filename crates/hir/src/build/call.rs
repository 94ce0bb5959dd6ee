//! Calls: Python functions are inlined, or called natively (the function itself directly, others by their links); everything else goes through CPython.

use super::callee::{Callee, borrowed};
use super::cost::UNCOMMON;
use super::env::{Frame, SlotV};
use super::generators::GENERATOR;
use super::{Builder, CO_VARARGS, CO_VARKEYWORDS, Refusal, op};
use crate::builtins::{Builtin, Care};
use crate::helpers::Helper;
use crate::ir::{EntryMode, Kind, Reason, Role, Slot, Value};
use crate::ops::{Cc, ObjId, Op};
use crate::snapshot::{CodeId, Const, Desc, FuncInfo, Intrinsic, LocalKind, Shape, add_classes};
use crate::types::{Repr, Ty};
use std::rc::Rc;
use whipsnake_abi::bytecode::Instr;

/// Generator, coroutine, async generator.
const NOT_INLINED_FLAGS: u32 = 0x20 | 0x80 | 0x200;
/// What an instance's generator method may not be either.
const VARIABLE: u32 = CO_VARARGS | CO_VARKEYWORDS;
/// Frames stacked by inlining, the root included.
const MAX_INLINE_DEPTH: usize = 6;
/// Code units of the largest callee that is inlined in a loop of the root; in what is inlined itself it is half of that, and so on. A call of something large
/// costs little beside what it does, and code that is inlined is compiled once more for each place.
const MAX_INLINE_UNITS: usize = 400;
/// The same for one with a loop.
const MAX_LOOP_UNITS: usize = 160;
/// The same outside of loops.
const MAX_UNITS_ONCE: usize = 120;
/// The same there when the function has grown to [`LATE`] instructions.
const MAX_UNITS_LATE: usize = 64;
const LATE: usize = 600;
/// The same where it is a method of one of several classes that are told apart.
const MAX_UNITS_APART: usize = 48;

/// Where the parameters of a call's callee come from.
struct Binding {
    /// For each parameter the number of its argument; none: its default.
    parameters: Vec<Option<usize>>,
    /// Arguments for `*args`.
    rest: Vec<usize>,
    /// Names and arguments for `**kwargs`.
    named: Vec<(Const, usize)>,
}

impl Builder<'_> {
    pub(super) fn call_family(&mut self, ins: &Instr) -> Result<(), Refusal> {
        match ins.op {
            op::CALL => self.call(ins),
            op::CALL_KW => self.call_kw(ins),
            op::CALL_FUNCTION_EX => self.call_ex(ins),
            op::LOAD_ATTR => self.load_attr(ins),
            op::LOAD_SUPER_ATTR => self.load_super_attr(ins),
            _ => self.store_attr(ins),
        }
        Ok(())
    }

    fn call(&mut self, ins: &Instr) {
        let n = ins.arg as usize;
        let has_self = !matches!(self.peek(n), Slot::Null);
        let fb = self.feedback(ins.start);
        if fb.generic || fb.polymorphic_call {
            return self.generic_call(ins);
        }
        match self.callee(ins, n + 1) {
            Callee::Constant(Desc::Func(info)) => self.call_function(ins, &info, n, has_self),
            Callee::Function(info) => self.call_function(ins, &info, n, has_self),
            Callee::Constant(Desc::Intrinsic(Intrinsic::ObjectSetattr)) if n == 3 && !has_self && self.set_by_name() => {}
            Callee::Constant(Desc::Intrinsic(Intrinsic::Isinstance)) if n == 2 && self.isinstance_of(ins) => {}
            Callee::Constant(Desc::Intrinsic(Intrinsic::TupleNewOf)) if n == 2 && !has_self && self.new_named_tuple() => {}
            Callee::Constant(Desc::Intrinsic(i)) => {
                self.settle(n + usize::from(has_self));
                if !self.intrinsic(i, n, has_self, ins) {
                    self.call_builtin(ins, i.builtin());
                }
            }
            Callee::Constant(Desc::Builtin(b)) => self.call_builtin(ins, b),
            Callee::Constant(_) if !has_self && self.call_class(ins) => {}
            _ => self.generic_call(ins),
        }
    }

    /// A builtin function, or a method with its object: called without its frames being made visible where the runtime finds that it may.
    fn call_builtin(&mut self, ins: &Instr, b: Builtin) {
        if b.care == Care::Any {
            return self.generic_call(ins);
        }
        let n = ins.arg as usize;
        for d in 0..n + 2 {
            if !matches!(self.peek(d), Slot::Null) && self.want_obj(d).is_none() {
                return self.leave(Reason::Unsupported(ins.op));
            }
        }
        let objs: Vec<SlotV> = (0..n + 2)
            .rev()
            .map(|d| self.peek(d).clone())
            .filter(|s| !matches!(s, Slot::Null))
            .collect();
        let mut args: Vec<Value> = objs.iter().map(|s| self.slot_obj(s)).collect();
        args.insert(1, self.int(b.care as i64));
        let helper = Helper::CallBuiltin;
        self.count_op(helper);
        let (call, reason) = self.calling(helper);
        let v = self.obj(call, &args, reason, b.result);
        self.finish_val(n + 2, v);
        self.after(helper);
    }

    /// Makes a call's operands objects: callable and arguments, borrowed. None: they cannot be, and the code has left.
    fn call_operands(&mut self, ins: &Instr) -> Option<Vec<Value>> {
        let n = ins.arg as usize;
        for d in 0..n + 2 {
            if !matches!(self.peek(d), Slot::Null) && self.want_obj(d).is_none() {
                self.leave(Reason::Unsupported(ins.op));
                return None;
            }
        }
        let operands = (0..n + 2).rev().filter_map(|d| {
            let s = self.peek(d).clone();
            (!matches!(s, Slot::Null)).then(|| self.slot_obj(&s))
        });
        Some(operands.collect())
    }

    /// Calls a function that is not inlined: by its native entry, where its arguments are all there.
    fn call_native(&mut self, ins: &Instr, info: &FuncInfo) {
        let n = ins.arg as usize;
        let code = self.snap.code(info.code);
        let given = n + usize::from(!matches!(self.peek(n), Slot::Null));
        let known = matches!(self.peek(n + 1), Slot::Const(_));
        let missing = (code.argcount as usize)
            .checked_sub(given)
            .filter(|m| *m == 0 || known && *m <= info.defaults.len());
        let plain = code.link != 0 && code.kwonly == 0 && code.flags & (NOT_INLINED_FLAGS | VARIABLE) == 0;
        let (Some(missing), true) = (missing, plain) else {
            return self.generic_call(ins);
        };
        let Some(mut args) = self.call_operands(ins) else { return };
        for default in &info.defaults[info.defaults.len() - missing..] {
            let slot = Slot::Const(self.obj_id(default));
            args.push(self.slot_obj(&slot));
        }
        self.count_native();
        let v = self.obj(Op::CallNative { link: code.link }, &args, Reason::SafePoint, Ty::Any);
        self.finish_val(n + 2, v);
        self.after_user();
    }

    fn generic_call(&mut self, ins: &Instr) {
        let n = ins.arg as usize;
        let Some(args) = self.call_operands(ins) else { return };
        let before = self.generic_cost;
        self.count_op(Helper::CallPos);
        if matches!(self.peek(n + 1), Slot::Val { v, .. } if self.uncommon.contains(v)) {
            self.generic_cost -= (self.generic_cost - before) * (UNCOMMON - 1) / UNCOMMON;
        }
        let v = self.obj(Op::Call { helper: Helper::CallPos }, &args, Reason::Raised, Ty::Any);
        self.finish_val(n + 2, v);
        self.after_user();
    }

    fn call_kw(&mut self, ins: &Instr) {
        let fb = self.feedback(ins.start);
        if fb.generic || fb.polymorphic_call || !self.inline_kw(ins) {
            self.generic_call_kw(ins);
        }
    }

    /// A call with keywords of a Python function or of a class with a Python `__init__`, inlined: keywords go where the parameters are.
    fn inline_kw(&mut self, ins: &Instr) -> bool {
        let n = ins.arg as usize;
        let has_self = !matches!(self.peek(n + 1), Slot::Null);
        let callee = self.peek(n + 2).clone();
        let Slot::Const(object) = callee else { return false };
        let Some(Desc::Tuple(names)) = self.desc(self.peek(0)).map(|c| c.desc.clone()) else {
            return false;
        };
        let snap = self.snap;
        let class = snap.classes.get(&self.f.objs[object.0 as usize].ptr).filter(|_| !has_self);
        let function = match (self.desc(&callee).map(|c| c.desc.clone()), class.and_then(|c| c.init.as_ref())) {
            (Some(Desc::Func(info)), _) => (object, info),
            (_, Some(init)) => match &init.desc {
                Desc::Func(info) => (self.obj_id(init), info.clone()),
                _ => return false,
            },
            _ => return false,
        };
        let (func, info) = function;
        let ahead = usize::from(has_self || class.is_some());
        let Some(binding) = self.binding(&info, n - names.len() + ahead, &names) else {
            return false;
        };
        if !self.may_open(&info, NOT_INLINED_FLAGS) {
            return false;
        }
        // The names lie on top of the arguments.
        let names_slot = self.pop();
        let fit = self.plain_arguments(n + usize::from(has_self));
        self.push(names_slot);
        if !fit {
            return false;
        }
        // Arguments by their depth on the stack.
        let depth = |k: usize| 1 + n - 1 - (k - ahead);
        for (_, k) in &binding.named {
            if self.want_obj(depth(*k)).is_none() {
                return false;
            }
        }
        let instance = class.map(|c| self.new_instance_slots(object, c));
        let extra = self.keyword_dict(&info, &binding, depth);
        self.pop();
        let mut args: Vec<SlotV> = (0..n).map(|_| self.pop()).collect();
        let this = self.pop();
        self.pop();
        if has_self {
            args.push(this);
        }
        let role = if instance.is_some() { Role::Init } else { Role::Call };
        if let Some([this, made]) = instance {
            args.push(this);
            self.push(made);
        }
        args.reverse();
        let func = Slot::Const(func);
        let defaults = self.missing_defaults(&func, &info, &binding);
        let cells = self.closure_of(&func, &info);
        let locals = self.locals_of(&info, args, &binding, defaults, extra, cells);
        self.push_frame(ins, &info, func, locals, role);
        true
    }

    /// Where the callee's parameters come from, for so many positional arguments and these keywords after them. None where the call
    /// would fail, or a default is not known.
    fn binding(&self, info: &FuncInfo, positional: usize, names: &[Const]) -> Option<Binding> {
        let code = self.snap.code(info.code);
        let (count, all) = (code.argcount as usize, (code.argcount + code.kwonly) as usize);
        if positional > count && code.flags & CO_VARARGS == 0 {
            return None;
        }
        let mut parameters: Vec<Option<usize>> = (0..all).map(|i| (i < positional.min(count)).then_some(i)).collect();
        let mut named = Vec::new();
        for (k, name) in names.iter().enumerate() {
            let Desc::Str { text, .. } = &name.desc else { return None };
            let at = (code.posonly as usize..all).find(|i| code.parameters[*i] == *text);
            match at {
                Some(at) if parameters[at].is_none() => parameters[at] = Some(positional + k),
                None if code.flags & CO_VARKEYWORDS != 0 => named.push((name.clone(), positional + k)),
                _ => return None,
            }
        }
        let first_default = count.checked_sub(info.defaults.len())?;
        let has_default = |i: usize| match i.checked_sub(count) {
            Some(k) => info.kwdefaults.get(k).is_some_and(Option::is_some),
            None => i >= first_default,
        };
        let complete = (0..all).all(|i| parameters[i].is_some() || has_default(i));
        complete.then(|| Binding {
            parameters,
            rest: (count..positional).collect(),
            named,
        })
    }

    /// The defaults of the positional parameters that get no argument, each with a reference of its own.
    fn missing_defaults(&mut self, func: &SlotV, info: &FuncInfo, binding: &Binding) -> Vec<SlotV> {
        let count = self.snap.code(info.code).argcount as usize;
        let first = count - info.defaults.len();
        let missing: Vec<usize> = (0..count).filter(|i| binding.parameters[*i].is_none()).collect();
        match func {
            Slot::Const(_) => missing.iter().map(|i| self.const_slot(&info.defaults[i - first])).collect(),
            // Without keywords it is the last ones that are missing.
            _ => self.defaults_of(func, info, missing.len()),
        }
    }

    /// What `**kwargs` gets, if the callee has that: the last thing before the arguments are taken off the stack, where they lie so deep.
    fn keyword_dict(&mut self, info: &FuncInfo, binding: &Binding, depth: impl Fn(usize) -> usize) -> Option<SlotV> {
        if self.snap.code(info.code).flags & CO_VARKEYWORDS == 0 {
            return None;
        }
        let mut items = Vec::new();
        for (name, k) in &binding.named {
            items.push(self.raw_obj(name.ptr, Ty::Str));
            let value = self.peek(depth(*k)).clone();
            items.push(self.slot_obj(&value));
        }
        let dict = self.obj(Op::Call { helper: Helper::KwDict }, &items, Reason::None, Ty::Dict);
        // The dict holds the values now.
        for (_, k) in &binding.named {
            if let Slot::Val { v, owned: true } = *self.peek(depth(*k)) {
                self.set_slot(depth(*k), Slot::Val { v, owned: false });
                let st = self.state();
                self.emit_at(Op::DecRef, &[v], Reason::None, st, None);
            }
        }
        Some(Slot::Val { v: dict, owned: true })
    }

    /// The locals that a callee's frame starts with.
    fn locals_of(
        &mut self,
        info: &FuncInfo,
        args: Vec<SlotV>,
        binding: &Binding,
        defaults: Vec<SlotV>,
        extra: Option<SlotV>,
        cells: Vec<SlotV>,
    ) -> Vec<SlotV> {
        let code = self.snap.code(info.code);
        let count = code.argcount as usize;
        let mut defaults = defaults.into_iter();
        let mut locals: Vec<SlotV> = Vec::with_capacity(code.localsplus.len());
        for (i, from) in binding.parameters.iter().enumerate() {
            locals.push(match (from, i.checked_sub(count)) {
                (Some(k), _) => args[*k].clone(),
                (None, None) => defaults.next().expect("one for each"),
                (None, Some(k)) => {
                    let known = info.kwdefaults[k].as_ref().expect("the binding is complete");
                    self.const_slot(known)
                }
            });
        }
        if code.flags & CO_VARARGS != 0 {
            locals.push(Slot::Tuple(binding.rest.iter().map(|k| args[*k].clone()).collect()));
        }
        locals.extend(extra);
        self.with_cells(info, locals, cells)
    }

    /// `f(*args, **kwargs)`: inlined where the arguments are known one by one and there are no keywords.
    fn call_ex(&mut self, ins: &Instr) {
        let fb = self.feedback(ins.start);
        let spread = !fb.generic && !fb.polymorphic_call && !fb.domain;
        if spread && self.inline_spread(ins) {
            return;
        }
        self.settle_spread();
        let keywords = !matches!(self.peek(0), Slot::Null);
        if fb.generic || keywords && self.want_obj(0).is_none() || self.want_obj(3).is_none() || self.want_obj(1).is_none() {
            return self.leave(Reason::Unsupported(ins.op));
        }
        if self.assume(1, ins) == Ty::List {
            // What the interpreter does first, too.
            self.expect(1, Ty::List);
            let list = self.slot_obj(&self.peek(1).clone());
            let helper = Helper::TupleFrom;
            let v = self.obj(Op::Call { helper }, &[list], Reason::None, Ty::Tuple);
            let list = self.peek(1).clone();
            self.set_slot(1, Slot::Val { v, owned: true });
            self.release(list);
        }
        self.expect(1, Ty::Tuple);
        let slots = [Some(3), Some(1), keywords.then_some(0)].into_iter().flatten();
        let args: Vec<Value> = slots
            .map(|d| {
                let s = self.peek(d).clone();
                self.slot_obj(&s)
            })
            .collect();
        let helper = Helper::CallEx;
        self.count_op(helper);
        let v = self.obj(Op::Call { helper }, &args, Reason::Raised, Ty::Any);
        self.finish_val(4, v);
        self.after_user();
    }

    /// A tuple that was loaded from a local to be spread becomes an object in both places: it is one and the same.
    fn settle_spread(&mut self) {
        let spread = self.peek(1).clone();
        let locals = &self.top().locals;
        if let Slot::Tuple(_) = spread
            && let Some(i) = locals.iter().position(|l| borrowed(l) == spread)
        {
            let local = locals[i].clone();
            if let Some((v, owned)) = self.box_slot(&local) {
                self.top().locals[i] = Slot::Val { v, owned };
                self.set_slot(1, Slot::Val { v, owned: false });
            }
        }
    }

    fn inline_spread(&mut self, ins: &Instr) -> bool {
        let Slot::Tuple(items) = self.peek(1).clone() else { return false };
        let plain = |s: &SlotV| {
            matches!(
                s,
                Slot::Val { .. } | Slot::Const(_) | Slot::Chr { .. } | Slot::Complex { .. } | Slot::Wide { .. }
            )
        };
        let keywords = self.peek(0).clone();
        let fits = match &keywords {
            Slot::Null => true,
            s => self.slot_ty(s) == Ty::Dict,
        };
        if !fits || !items.iter().all(plain) {
            return false;
        }
        let info = match self.callee(ins, 3) {
            Callee::Constant(Desc::Func(info)) => info,
            Callee::Function(info) => *info,
            _ => return false,
        };
        if !self.inlinable(&info, items.len()) {
            return false;
        }
        // What may exit comes before anything changes hands.
        if !matches!(keywords, Slot::Null) {
            let dict = self.slot_obj(&keywords);
            let helper = Helper::DictLen;
            let len = self.val(Op::Call { helper }, &[dict], Reason::None);
            let zero = self.int(0);
            let none = self.val(Op::ICmp { cc: Cc::Eq }, &[len, zero], Reason::None);
            self.emit(Op::GuardTrue, &[none], Reason::Domain);
        }
        let func = self.peek(3).clone();
        let cells = self.closure_of(&func, &info);
        let binding = self.binding(&info, items.len(), &[]).expect("asked before");
        let defaults = self.missing_defaults(&func, &info, &binding);
        let extra = self.keyword_dict(&info, &binding, |k| k);
        self.set_slot(0, Slot::Null);
        self.release(keywords);
        for _ in 0..3 {
            self.pop();
        }
        let func = self.pop();
        let locals = self.locals_of(&info, items, &binding, defaults, extra, cells);
        self.push_frame(ins, &info, func, locals, Role::Call);
        true
    }

    fn generic_call_kw(&mut self, ins: &Instr) {
        let n = ins.arg as usize;
        for d in 0..n + 3 {
            if !matches!(self.peek(d), Slot::Null) && self.want_obj(d).is_none() {
                return self.leave(Reason::Unsupported(ins.op));
            }
        }
        let get = |b: &mut Self, d: usize| {
            let s = b.peek(d).clone();
            b.slot_obj(&s)
        };
        let mut args = vec![get(self, n + 2), get(self, 0)];
        if !matches!(self.peek(n + 1), Slot::Null) {
            args.push(get(self, n + 1));
        }
        for d in (1..=n).rev() {
            args.push(get(self, d));
        }
        self.count_op(Helper::CallKw);
        let v = self.obj(Op::Call { helper: Helper::CallKw }, &args, Reason::Raised, Ty::Any);
        self.finish_val(n + 3, v);
        self.after_user();
    }

    fn call_function(&mut self, ins: &Instr, info: &FuncInfo, n: usize, has_self: bool) {
        let nargs = n + usize::from(has_self);
        let code = self.snap.code(info.code);
        let argcount = code.argcount as usize;
        if code.flags & GENERATOR != 0 && self.call_generator(ins, info, n, has_self) {
            return;
        }
        if code.flags & NOT_INLINED_FLAGS != 0 || self.binding(info, nargs, &[]).is_none() {
            return self.generic_call(ins);
        }
        let recursive = self.frames.iter().any(|f| f.code == info.code);
        if recursive {
            let native =
                info.code == CodeId(0) && self.f.mode == EntryMode::Call && self.self_callable && nargs == argcount && code.kwonly == 0;
            if !native || !self.call_self(info, n, nargs) {
                self.call_native(ins, info);
            }
            return;
        }
        // One of several that may be called here.
        let one_of = has_self && matches!(self.peek(n), Slot::Val { v, .. } if self.told_apart.contains(v));
        let too_large = one_of && code.bytes.len() / 2 > MAX_UNITS_APART;
        if too_large || !self.inlinable(info, nargs) || !self.plain_arguments(nargs) {
            return self.call_native(ins, info);
        }
        self.inline(ins, info, n, has_self);
    }

    /// Whether a call with this many arguments may be inlined here.
    pub(super) fn inlinable(&self, info: &FuncInfo, nargs: usize) -> bool {
        self.may_open(info, NOT_INLINED_FLAGS) && self.binding(info, nargs, &[]).is_some()
    }

    /// Whether a generator made with this many arguments may have its frame inlined here.
    pub(super) fn inlinable_generator(&self, info: &FuncInfo, nargs: usize) -> bool {
        let flags = NOT_INLINED_FLAGS & !GENERATOR | VARIABLE;
        self.snap.code(info.code).kwonly == 0 && self.may_open(info, flags) && self.binding(info, nargs, &[]).is_some()
    }

    /// Whether a frame for this function may be opened here; its code has none of these flags.
    fn may_open(&self, info: &FuncInfo, flags: u32) -> bool {
        let code = self.snap.code(info.code);
        code.flags & flags == 0
            && (info.one_of_many || self.free_variables(info) == info.closure.len())
            && self.frames.len() < MAX_INLINE_DEPTH
            && code.bytes.len() / 2 <= self.most_units(info.code)
            && self.f.insts.len() < self.inline_budget
            && self.frames.iter().all(|f| f.code != info.code)
    }

    /// Code units that this code may have to be inlined here.
    fn most_units(&self, code: CodeId) -> usize {
        let most = match () {
            _ if self.weight() > 1 && self.info(code).loop_headers.is_empty() => MAX_INLINE_UNITS,
            _ if self.weight() > 1 => MAX_LOOP_UNITS,
            _ if self.f.insts.len() < LATE => MAX_UNITS_ONCE,
            _ => MAX_UNITS_LATE,
        };
        most >> (self.frames.len() - 1)
    }

    /// Opens a frame for the callee, whose arguments can become locals; the walk goes on in its bytecode.
    pub(super) fn inline(&mut self, ins: &Instr, info: &FuncInfo, n: usize, has_self: bool) {
        let (func, locals) = self.bind_arguments(info, n, has_self);
        self.push_frame(ins, info, func, locals, Role::Call);
    }

    /// Opens a frame for a function with these arguments, which are off the stack; defaults are added.
    pub(super) fn open_frame(&mut self, ins: &Instr, func: ObjId, info: &FuncInfo, args: Vec<SlotV>, role: Role) {
        let func = Slot::Const(func);
        let binding = self.binding(info, args.len(), &[]).expect("asked before");
        let defaults = self.missing_defaults(&func, info, &binding);
        let extra = self.keyword_dict(info, &binding, |k| k);
        let cells = self.closure_of(&func, info);
        let locals = self.locals_of(info, args, &binding, defaults, extra, cells);
        self.push_frame(ins, info, func, locals, role);
    }

    fn push_frame(&mut self, ins: &Instr, info: &FuncInfo, func: SlotV, locals: Vec<SlotV>, role: Role) {
        let caller = self.frames.last().expect("open");
        let key = (caller.inline, ins.start, info.code);
        let fresh = self.inline_ids.len() as u32 + 1;
        let inline = *self.inline_ids.entry(key).or_insert(fresh);
        self.top().calling = None;
        self.state_cache = None;
        self.hint_parameters(info.code, &locals);
        self.frames.push(Frame {
            code: info.code,
            inline,
            role,
            func,
            locals,
            stack: Vec::new(),
            bci: 0,
            calling: None,
            carried: None,
        });
    }

    /// Of arguments whose class is not known, those that calls of the function have had are likely.
    pub(super) fn hint_parameters(&mut self, code: CodeId, locals: &[SlotV]) {
        let snap = self.snap;
        for (met, slot) in snap.codes[code.0 as usize].met.iter().zip(locals) {
            let Slot::Val { v, .. } = *slot else { continue };
            let known = self.class_hints.contains_key(&v) || self.hints.get(&v).is_some_and(|h| h.ty != Ty::Any || h.classes.len() == 1);
            if met.is_empty() || self.f.repr(v) != Repr::Obj || self.value_ty(v) != Ty::Any || known {
                continue;
            }
            let mut shape = self.hints.get(&v).map_or_else(|| Shape::of(Ty::Any), |h| (**h).clone());
            add_classes(&mut shape.classes, met);
            self.hints.insert(v, Rc::new(shape));
        }
    }

    /// Makes the top `n` slots such that they can become locals: those that only an exit can build may not.
    pub(super) fn plain_arguments(&mut self, n: usize) -> bool {
        (0..n).all(|d| {
            let plain = matches!(
                self.peek(d),
                Slot::Val { .. } | Slot::Const(_) | Slot::Chr { .. } | Slot::Complex { .. } | Slot::Wide { .. } | Slot::Inst(_)
            );
            plain || self.want_obj(d).is_some()
        })
    }

    /// Takes a call's operands off the stack: the function, and the locals that its frame starts with.
    pub(super) fn bind_arguments(&mut self, info: &FuncInfo, n: usize, has_self: bool) -> (SlotV, Vec<SlotV>) {
        // What may exit comes before anything changes hands.
        let callee = self.peek(n + 1).clone();
        let cells = self.closure_of(&callee, info);
        let given = n + usize::from(has_self);
        let binding = self.binding(info, given, &[]).expect("asked before");
        let defaults = self.missing_defaults(&callee, info, &binding);
        let extra = self.keyword_dict(info, &binding, |k| k);
        let mut args: Vec<SlotV> = (0..n).map(|_| self.pop()).collect();
        let this = self.pop();
        if has_self {
            args.push(this);
        }
        args.reverse();
        let func = self.pop();
        let locals = self.locals_of(info, args, &binding, defaults, extra, cells);
        (func, locals)
    }

    /// The locals that a frame starts with: arguments, then cells where the code has free variables.
    fn with_cells(&self, info: &FuncInfo, mut locals: Vec<SlotV>, cells: Vec<SlotV>) -> Vec<SlotV> {
        let mut cells = cells.into_iter();
        for k in &self.snap.code(info.code).localsplus[locals.len()..] {
            locals.push(match k {
                LocalKind::Free => cells.next().expect("counted by the caller"),
                _ => Slot::Null,
            });
        }
        locals
    }

    /// Calls this very function natively, unboxed where its entry takes arguments unboxed. A function with a closure is the same one
    /// where its cells are. `nargs` counts the object that a method is called on, `n` does not.
    fn call_self(&mut self, info: &FuncInfo, n: usize, nargs: usize) -> bool {
        let kinds = self.f.entry_locals[..nargs].to_vec();
        let mut args = Vec::with_capacity(nargs);
        for (i, k) in kinds.iter().enumerate() {
            let d = nargs - 1 - i;
            let t = self.ty(d);
            let fits = match k {
                Kind::Int => matches!(t, Ty::Int | Ty::Any),
                Kind::Float => matches!(t, Ty::Float | Ty::Any),
                Kind::Bool => t == Ty::Bool,
                Kind::Complex => matches!(t, Ty::Complex | Ty::Any),
                Kind::Obj(want) => *want == Ty::Any || t == *want || t == Ty::Any,
                _ => false,
            };
            if !fits {
                return false;
            }
        }
        for (i, k) in kinds.iter().enumerate() {
            let d = nargs - 1 - i;
            let v = match k {
                Kind::Int => self.want_int(d),
                Kind::Float => self.want_float(d),
                Kind::Complex => {
                    let [re, im] = self.want_complex(d);
                    args.push(re);
                    im
                }
                Kind::Bool => {
                    let s = self.peek(d).clone();
                    self.slot_bool(&s)
                }
                Kind::Obj(want) => {
                    let Some(v) = self.want_obj(d) else { return false };
                    if *want != Ty::Any {
                        self.guard(v, *want);
                    }
                    v
                }
                _ => return false,
            };
            args.push(v);
        }
        let callee = self.peek(n + 1).clone();
        let cells = self.closure_of(&callee, info);
        let first = self.frames[0].locals.len() - cells.len();
        for (i, theirs) in cells.iter().enumerate() {
            let ours = self.frames[0].locals[first + i].clone();
            let (theirs, ours) = (self.slot_obj(theirs), self.slot_obj(&ours));
            let same = self.val(Op::ObjIs, &[theirs, ours], Reason::None);
            self.emit(Op::GuardTrue, &[same], Reason::Callee);
            args.push(ours);
        }
        self.calls_self = true;
        self.settle_all();
        let st = self.state();
        let ret = self.ret;
        let v = self
            .emit_at(Op::CallSelf, &args, Reason::Domain, st, Some((ret, ret.ty())))
            .expect("has a result");
        self.finish_val(n + 2, v);
        self.after_user();
        true
    }
}
