//! Calls: inlining of Python functions, native self-calls, everything else through CPython.

use super::env::{Frame, SlotV};
use super::{Builder, Refusal, op};
use crate::helpers::Helper;
use crate::ir::{EntryMode, Kind, Reason, Slot, Value};
use crate::ops::{ObjId, Op};
use crate::snapshot::{CodeId, Const, Desc, FuncInfo, LocalKind};
use crate::types::Ty;
use whipsnake_abi::bytecode::Instr;

/// `*args`, `**kwargs`, generator, coroutine, async generator.
const NOT_INLINED_FLAGS: u32 = 0x04 | 0x08 | 0x20 | 0x80 | 0x200;
/// Frames stacked by inlining, the root included.
const MAX_INLINE_DEPTH: usize = 6;
/// Code units of the largest callee that is inlined.
const MAX_INLINE_UNITS: usize = 400;
/// Instructions after which nothing more is inlined.
const INLINE_BUDGET: usize = 8_000;

impl Builder<'_> {
    pub(super) fn call_family(&mut self, ins: &Instr) -> Result<(), Refusal> {
        match ins.op {
            op::CALL => self.call(ins),
            op::CALL_KW => self.call_kw(ins),
            op::LOAD_ATTR => self.load_attr(ins),
            _ => self.store_attr(ins),
        }
        Ok(())
    }

    fn call(&mut self, ins: &Instr) {
        let n = ins.arg as usize;
        let callee = self.peek(n + 1).clone();
        let has_self = !matches!(self.peek(n), Slot::Null);
        let fb = self.feedback(ins.start);
        if fb.generic || fb.polymorphic_call {
            return self.generic_call(ins);
        }
        let callee = self.known_callee(callee, n + 1);
        match self.desc(&callee).map(|c| c.desc.clone()) {
            Some(Desc::Func(info)) => self.call_function(ins, &callee, &info, n, has_self),
            Some(Desc::Intrinsic(i)) => {
                if !self.intrinsic(i, n, has_self, ins) {
                    self.generic_call(ins);
                }
            }
            _ => self.generic_call(ins),
        }
    }

    /// A callee that was a certain function when this was captured is guarded to be it, and then is a constant.
    fn known_callee(&mut self, callee: SlotV, depth: usize) -> SlotV {
        let Slot::Val { v, owned } = callee else { return callee };
        let Some(func) = self.hints.get(&v).and_then(|h| h.func.clone()) else {
            return callee;
        };
        let obj = self.obj_id(&func);
        self.emit(Op::GuardIs { obj }, &[v], Reason::Callee);
        self.set_slot(depth, Slot::Const(obj));
        if owned {
            let st = self.state();
            self.emit_at(Op::DecRef, &[v], Reason::None, st, None);
        }
        Slot::Const(obj)
    }

    fn generic_call(&mut self, ins: &Instr) {
        let n = ins.arg as usize;
        for d in 0..n + 2 {
            if !matches!(self.peek(d), Slot::Null) && self.want_obj(d).is_none() {
                return self.leave(Reason::Unsupported(ins.op));
            }
        }
        let args: Vec<Value> = (0..n + 2)
            .rev()
            .filter_map(|d| {
                let s = self.peek(d).clone();
                (!matches!(s, Slot::Null)).then(|| self.slot_obj(&s))
            })
            .collect();
        self.count_op(Helper::CallPos);
        let v = self.obj(Op::Call { helper: Helper::CallPos }, &args, Reason::Raised, Ty::Any);
        self.finish_val(n + 2, v);
        self.after_user();
    }

    fn call_kw(&mut self, ins: &Instr) {
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

    fn call_function(&mut self, ins: &Instr, callee: &SlotV, info: &FuncInfo, n: usize, has_self: bool) {
        let nargs = n + usize::from(has_self);
        let code = self.snap.code(info.code);
        let argcount = code.argcount as usize;
        let plain = code.flags & NOT_INLINED_FLAGS == 0 && code.kwonly == 0 && !info.kwdefaults;
        let fits = nargs <= argcount && argcount - nargs <= info.defaults.len();
        if !plain || !fits {
            return self.generic_call(ins);
        }
        let recursive = self.frames.iter().any(|f| f.code == info.code);
        if recursive {
            let native = info.code == CodeId(0) && self.f.mode == EntryMode::Call && self.self_callable && nargs == argcount && !has_self;
            if !native || !self.call_self(n) {
                self.generic_call(ins);
            }
            return;
        }
        if !self.inlinable(info, nargs) {
            return self.generic_call(ins);
        }
        let Slot::Const(func) = *callee else {
            return self.generic_call(ins);
        };
        self.inline(ins, func, info, n, has_self);
    }

    /// Whether a call with this many arguments may be inlined here.
    pub(super) fn inlinable(&self, info: &FuncInfo, nargs: usize) -> bool {
        let code = self.snap.code(info.code);
        let argcount = code.argcount as usize;
        let plain = code.flags & NOT_INLINED_FLAGS == 0 && code.kwonly == 0 && !info.kwdefaults;
        let fits = nargs <= argcount && argcount - nargs <= info.defaults.len();
        let cells = code.localsplus.iter().any(|k| matches!(k, LocalKind::Cell | LocalKind::ArgCell));
        let frees = code.localsplus.iter().filter(|k| **k == LocalKind::Free).count();
        plain
            && fits
            && !cells
            && frees == info.closure.len()
            && self.frames.len() < MAX_INLINE_DEPTH
            && code.bytes.len() / 2 <= MAX_INLINE_UNITS
            && self.f.insts.len() <= INLINE_BUDGET
            && self.frames.iter().all(|f| f.code != info.code)
    }

    /// Opens a frame for the callee; the walk goes on in its bytecode.
    pub(super) fn inline(&mut self, ins: &Instr, func: ObjId, info: &FuncInfo, n: usize, has_self: bool) {
        let code = self.snap.code(info.code);
        let argcount = code.argcount as usize;
        // Slots that only an exit can build may not become locals.
        for d in 0..n + usize::from(has_self) {
            let kind_ok = matches!(self.peek(d), Slot::Val { .. } | Slot::Const(_) | Slot::Chr { .. });
            if !kind_ok && self.want_obj(d).is_none() {
                return self.generic_call(ins);
            }
        }
        let mut args: Vec<SlotV> = (0..n).map(|_| self.pop()).collect();
        let this = self.pop();
        if has_self {
            args.push(this);
        }
        args.reverse();
        self.pop();
        let given = args.len();
        let first_default = argcount - info.defaults.len();
        for i in given..argcount {
            let s = self.const_slot(&info.defaults[i - first_default]);
            args.push(s);
        }
        let mut locals = args;
        let mut cells = info.closure.iter();
        for k in &code.localsplus[argcount..] {
            locals.push(match k {
                LocalKind::Free => {
                    let c: &Const = cells.next().expect("counted by the caller");
                    Slot::Const(self.obj_id(&Const {
                        ptr: c.ptr,
                        desc: Desc::Other(Ty::Cell),
                    }))
                }
                _ => Slot::Null,
            });
        }
        let caller = self.frames.last().expect("open");
        let key = (caller.inline, ins.start);
        let fresh = self.inline_ids.len() as u32 + 1;
        let inline = *self.inline_ids.entry(key).or_insert(fresh);
        self.top().calling = None;
        self.state_cache = None;
        self.frames.push(Frame {
            code: info.code,
            inline,
            func: Some(func),
            locals,
            stack: Vec::new(),
            bci: 0,
            calling: None,
        });
    }

    /// Calls this very function natively, unboxed where its entry takes arguments unboxed.
    fn call_self(&mut self, n: usize) -> bool {
        let kinds = self.f.entry_locals.clone();
        let mut args = Vec::with_capacity(n);
        for (i, k) in kinds.iter().enumerate() {
            let d = n - 1 - i;
            let t = self.ty(d);
            let fits = match k {
                Kind::Int => matches!(t, Ty::Int | Ty::Any),
                Kind::Float => matches!(t, Ty::Float | Ty::Any),
                Kind::Bool => t == Ty::Bool,
                Kind::Obj(want) => *want == Ty::Any || t == *want || t == Ty::Any,
                _ => false,
            };
            if !fits {
                return false;
            }
        }
        for (i, k) in kinds.iter().enumerate() {
            let d = n - 1 - i;
            let v = match k {
                Kind::Int => self.want_int(d),
                Kind::Float => self.want_float(d),
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
        self.calls_self = true;
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
