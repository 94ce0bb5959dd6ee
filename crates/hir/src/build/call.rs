//! Calls and attributes: inlining of Python functions, native self-calls, everything else through CPython.

use super::env::{Frame, SlotV};
use super::{Builder, Refusal, op};
use crate::helpers::Helper;
use crate::ir::{EntryMode, Kind, Reason, Slot, Value};
use crate::ops::{ObjId, Op};
use crate::snapshot::{AttrSite, CodeId, Const, Desc, FuncInfo, Intrinsic, LocalKind};
use crate::types::{Repr, Ty};
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
    fn inlinable(&self, info: &FuncInfo, nargs: usize) -> bool {
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
    fn inline(&mut self, ins: &Instr, func: ObjId, info: &FuncInfo, n: usize, has_self: bool) {
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

    // ---- attributes

    fn load_attr(&mut self, ins: &Instr) {
        let name = self.code().names[(ins.arg >> 1) as usize].clone();
        let method = ins.arg & 1 == 1;
        let slot = self.peek(0).clone();
        if let Some(Desc::Module { attrs }) = self.desc(&slot).map(|c| &c.desc)
            && let Some(c) = attrs.get(&name).cloned()
        {
            let s = self.const_slot(&c);
            self.finish(1, Some(s));
            if method {
                self.push(Slot::Null);
            }
            return;
        }
        if method && let Some(i) = self.list_method(&name, ins) {
            self.expect(0, Ty::List);
            let ptr = self.snap.intrinsic_ptrs[&i];
            let s = Slot::Const(self.obj_id(&Const {
                ptr,
                desc: Desc::Intrinsic(i),
            }));
            let this = self.pop();
            self.push(s);
            self.push(this);
            return;
        }
        let fb = self.feedback(ins.start);
        if !fb.generic && !fb.polymorphic_call && self.attr_site(ins, method) {
            return;
        }
        let Some(v) = self.want_obj(0) else {
            return self.leave(Reason::Unsupported(ins.op));
        };
        let key = self.code().name_ptrs[(ins.arg >> 1) as usize];
        let k = self.raw_obj(key, Ty::Str);
        self.count_op(Helper::GetAttr);
        let r = self.obj(Op::Call { helper: Helper::GetAttr }, &[v, k], Reason::Raised, Ty::Any);
        self.finish_val(1, r);
        if method {
            self.push(Slot::Null);
        }
        self.after_user();
    }

    /// An attribute that the inline cache has located.
    fn attr_site(&mut self, ins: &Instr, method: bool) -> bool {
        let Some(site) = self.code().attrs.get(&ins.start).cloned() else {
            return false;
        };
        let slot = self.peek(0).clone();
        let boxed = matches!(slot, Slot::Const(_)) || matches!(slot, Slot::Val { v, .. } if self.f.repr(v) == Repr::Obj);
        if !boxed || matches!(&site, AttrSite::Property { .. }) && method {
            return false;
        }
        let o = self.slot_obj(&slot);
        let (AttrSite::Value { version, .. }
        | AttrSite::Method { version, .. }
        | AttrSite::Property { version, .. }
        | AttrSite::Constant { version, .. }) = site;
        self.emit(Op::GuardVersion { ver: version }, &[o], Reason::Callee);
        match site {
            AttrSite::Value { at, .. } => {
                let v = self.obj(Op::AttrGet { at }, &[o], Reason::Unbound, Ty::Any);
                self.emit(Op::IncRef, &[v], Reason::None);
                self.finish_val(1, v);
                if method {
                    self.push(Slot::Null);
                }
            }
            AttrSite::Method { keys, func, .. } => {
                self.guard_keys(o, keys);
                if !method {
                    return false;
                }
                let f = Slot::Const(self.obj_id(&func));
                let this = self.pop();
                self.push(f);
                self.push(this);
            }
            AttrSite::Constant { keys, value, .. } => {
                self.guard_keys(o, keys);
                let s = self.const_slot(&value);
                self.finish(1, Some(s));
                if method {
                    self.push(Slot::Null);
                }
            }
            AttrSite::Property { getter, .. } => {
                let Desc::Func(info) = getter.desc.clone() else { return false };
                let f = self.obj_id(&getter);
                if !self.inlinable(&info, 1) {
                    return false;
                }
                let this = self.pop();
                self.push(Slot::Const(f));
                self.push(Slot::Null);
                self.push(this);
                self.inline(ins, f, &info, 1, false);
            }
        }
        true
    }

    fn guard_keys(&mut self, o: Value, ver: u32) {
        if ver != 0 {
            self.emit(Op::GuardKeys { ver }, &[o], Reason::Callee);
        }
    }

    /// The list method behind a method load, when the receiver is or is taken for a list.
    fn list_method(&self, name: &str, ins: &Instr) -> Option<Intrinsic> {
        let i = match name {
            "append" => Intrinsic::ListAppend,
            "pop" => Intrinsic::ListPop,
            _ => return None,
        };
        let t = self.assume(0, ins);
        let boxed = matches!(self.peek(0), Slot::Val { v, .. } if self.f.repr(*v) == Repr::Obj);
        let guess = t == Ty::Any && ins.raw == op::LOAD_ATTR_METHOD_NO_DICT && !self.polymorphic(ins);
        (boxed && (t == Ty::List || guess) && self.snap.intrinsic_ptrs.contains_key(&i)).then_some(i)
    }

    fn store_attr(&mut self, ins: &Instr) {
        let boxed = matches!(self.peek(0), Slot::Val { v, .. } if self.f.repr(*v) == Repr::Obj);
        if let (Some(AttrSite::Value { version, at }), true) = (self.code().attrs.get(&ins.start).cloned(), boxed)
            && !self.feedback(ins.start).generic
            && !self.feedback(ins.start).polymorphic_call
        {
            let slot = self.peek(0).clone();
            let o = self.slot_obj(&slot);
            self.emit(Op::GuardVersion { ver: version }, &[o], Reason::Callee);
            match self.peek(1).clone() {
                Slot::Val { v, .. } if self.f.repr(v) == Repr::Float => {
                    self.emit(Op::AttrSetFloat { at }, &[o, v], Reason::Finaliser);
                }
                Slot::Val { v, .. } if self.f.repr(v) == Repr::Int => {
                    self.emit(Op::AttrSetInt { at }, &[o, v], Reason::Finaliser);
                }
                _ => {
                    if !self.emit_stealing(Op::AttrSet { at }, &[o], 1, Reason::Finaliser) {
                        return self.leave(Reason::Unsupported(ins.op));
                    }
                }
            }
            return self.finish(2, None);
        }
        if self.want_obj(0).is_none() || self.want_obj(1).is_none() {
            return self.leave(Reason::Unsupported(ins.op));
        }
        let (o, v) = (self.peek(0).clone(), self.peek(1).clone());
        let (o, v) = (self.slot_obj(&o), self.slot_obj(&v));
        let key = self.code().name_ptrs[ins.arg as usize];
        let k = self.raw_obj(key, Ty::Str);
        self.count_op(Helper::SetAttr);
        self.emit(Op::Call { helper: Helper::SetAttr }, &[o, k, v], Reason::Raised);
        self.finish(2, None);
        self.after_user();
    }
}
