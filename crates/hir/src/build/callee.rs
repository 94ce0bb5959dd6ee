//! Which Python function a call goes to.
//!
//! A callee is either a constant (a global that is watched, or a value guarded to be one certain object), or one of the functions
//! that its code stands for: then code and globals are checked, and closure and defaults come from the function at hand. Where a
//! call has met several, they are tried one after the other, each with the call inlined behind its test.

use super::Builder;
use super::env::SlotV;
use crate::ir::{Reason, Slot, Value};
use crate::ops::{FuncField, Op};
use crate::snapshot::{CodeId, Const, Desc, FuncInfo, Shape};
use crate::types::{Repr, Ty};
use whipsnake_abi::bytecode::Instr;

/// Functions that are told apart at one call.
const MAX_CALLEES: usize = 4;

/// Whose function is called.
pub(super) enum Callee {
    /// Nothing is known, or nothing of use.
    Unknown,
    /// What the slot holds is known to be, or has been checked to be, such a function.
    Function(Box<FuncInfo>),
    /// The slot has become this constant.
    Constant(Desc),
}

/// The same slot, its references somebody else's.
pub(super) fn borrowed(s: &SlotV) -> SlotV {
    let mut s = s.clone();
    s.for_each_val_mut(&mut |_, owned| *owned = false);
    s
}

impl Builder<'_> {
    /// Finds out what the slot at `depth` calls, guarding as needed.
    pub(super) fn callee(&mut self, ins: &Instr, depth: usize) -> Callee {
        self.pin_class(ins, depth, |c| c.init.is_some() || c.new.is_some());
        let slot = self.peek(depth).clone();
        if let Some(c) = self.desc(&slot) {
            return Callee::Constant(c.desc.clone());
        }
        if let Slot::Func(func) = &slot {
            return self.info_of(func).map_or(Callee::Unknown, |info| Callee::Function(Box::new(info)));
        }
        let Slot::Val { v, owned } = slot else { return Callee::Unknown };
        if self.f.repr(v) != Repr::Obj || !matches!(self.value_ty(v), Ty::Any | Ty::Func) {
            return Callee::Unknown;
        }
        let hinted = self.hints.get(&v).and_then(|h| h.func.clone());
        let hinted = hinted.and_then(|c| match c.desc {
            Desc::Func(info) => Some((c.ptr, info)),
            _ => None,
        });
        let met = self.code().callees.get(&ins.start).cloned().unwrap_or_default();
        if let (Some((ptr, info)), true) = (&hinted, met.is_empty())
            && !info.one_of_many
        {
            let desc = Desc::Func(info.clone());
            let obj = self.obj_id(&Const {
                ptr: *ptr,
                desc: desc.clone(),
            });
            self.emit(Op::GuardIs { obj }, &[v], Reason::Callee);
            self.set_slot(depth, Slot::Const(obj));
            if owned {
                let st = self.state();
                self.emit_at(Op::DecRef, &[v], Reason::None, st, None);
            }
            return Callee::Constant(desc);
        }
        let mut all: Vec<FuncInfo> = hinted.into_iter().map(|h| h.1).collect();
        for f in met {
            if !all.iter().any(|o| o.code == f.code) {
                all.push(f);
            }
        }
        if all.len() > MAX_CALLEES {
            return Callee::Unknown;
        }
        self.one_of(v, all)
    }

    /// Tests the candidates in turn, from where an earlier walk of this instruction left off.
    fn one_of(&mut self, v: Value, all: Vec<FuncInfo>) -> Callee {
        let first = std::mem::take(&mut self.ruled_out);
        let last = all.len().saturating_sub(1);
        let Some(info) = all.into_iter().nth(first) else {
            return Callee::Unknown;
        };
        self.guard_callee(v);
        let code = self.code_obj(info.code);
        if first < last {
            let here = self.emit(Op::CodeIs { obj: code }, &[v], Reason::None).expect("has a result");
            self.candidate(here, first + 1);
        } else {
            self.emit(Op::GuardCode { obj: code }, &[v], Reason::Callee);
        }
        let desc = Desc::Other(Ty::Dict);
        let globals = self.obj_id(&Const { ptr: info.globals, desc });
        self.emit(Op::GuardGlobals { obj: globals }, &[v], Reason::Callee);
        Callee::Function(Box::new(info))
    }

    fn guard_callee(&mut self, v: Value) {
        if self.value_ty(v) != Ty::Func {
            self.emit(Op::GuardType { ty: Ty::Func }, &[v], Reason::Callee);
            self.known.insert(v, Ty::Func);
        }
    }

    fn code_obj(&mut self, code: CodeId) -> crate::ops::ObjId {
        let ptr = self.snap.code(code).ptr;
        self.obj_id(&Const {
            ptr,
            desc: Desc::Code(code),
        })
    }

    /// The cells of a callee's closure, borrowed from it.
    pub(super) fn closure_of(&mut self, func: &SlotV, info: &FuncInfo) -> Vec<SlotV> {
        match func {
            Slot::Const(_) => (info.closure.iter()).map(|c| Slot::Const(self.obj_id(c))).collect(),
            Slot::Func(f) => f.closure.iter().map(borrowed).collect(),
            _ => {
                let n = self.free_variables(info);
                if n == 0 {
                    return Vec::new();
                }
                let func = self.slot_obj(func);
                let cells = self.tuple_of(func, FuncField::Closure);
                (0..n as i64)
                    .map(|i| {
                        let i = self.int(i);
                        let v = self.obj(Op::TupleGet, &[cells, i], Reason::None, Ty::Cell);
                        Slot::Val { v, owned: false }
                    })
                    .collect()
            }
        }
    }

    /// A tuple that the function holds. It is guarded to be there, however sure that is where its code is known: what is done with it
    /// may be moved to where another function is at hand.
    fn tuple_of(&mut self, func: Value, field: FuncField) -> Value {
        let tuple = self.obj(Op::FuncGet { field }, &[func], Reason::None, Ty::Any);
        self.emit(Op::GuardNotNull, &[tuple], Reason::Callee);
        self.guard(tuple, Ty::Tuple);
        tuple
    }

    /// How many free variables the function's code has.
    pub(super) fn free_variables(&self, info: &FuncInfo) -> usize {
        let kinds = &self.snap.code(info.code).localsplus;
        kinds.iter().filter(|k| **k == crate::snapshot::LocalKind::Free).count()
    }

    /// The last `n` positional defaults of a callee, each with a reference of its own.
    pub(super) fn defaults_of(&mut self, func: &SlotV, info: &FuncInfo, n: usize) -> Vec<SlotV> {
        let skip = info.defaults.len() - n;
        match func {
            Slot::Const(_) => info.defaults[skip..].iter().map(|c| self.const_slot(c)).collect(),
            Slot::Func(f) => {
                let values: Vec<SlotV> = f.defaults[skip..].iter().map(borrowed).collect();
                values.into_iter().map(|s| self.own(s)).collect()
            }
            _ if n == 0 => Vec::new(),
            _ => {
                let func = self.slot_obj(func);
                let tuple = self.tuple_of(func, FuncField::Defaults);
                let len = self.val(Op::TupleLen, &[tuple], Reason::None);
                let want = self.int(info.defaults.len() as i64);
                let same = self.val(Op::ICmp { cc: crate::ops::Cc::Eq }, &[len, want], Reason::None);
                self.emit(Op::GuardTrue, &[same], Reason::Callee);
                let values: Vec<Value> = (skip..info.defaults.len())
                    .map(|i| {
                        let i = self.int(i as i64);
                        self.obj(Op::TupleGet, &[tuple, i], Reason::None, Ty::Any)
                    })
                    .collect();
                (values.into_iter())
                    .map(|v| {
                        self.emit(Op::IncRef, &[v], Reason::None);
                        Slot::Val { v, owned: true }
                    })
                    .collect()
            }
        }
    }

    /// What a function made of this code looks like.
    pub(super) fn shape_of_code(&self, code: CodeId, globals: u64, defaults: usize) -> Shape {
        let none = Const {
            ptr: self.snap.none,
            desc: Desc::None,
        };
        let info = FuncInfo {
            code,
            defaults: vec![none; defaults],
            kwdefaults: vec![None; self.snap.code(code).kwonly as usize],
            closure: Vec::new(),
            globals,
            one_of_many: true,
        };
        let func = Const {
            ptr: 0,
            desc: Desc::Func(info),
        };
        Shape {
            func: Some(Box::new(func)),
            ..Shape::of(Ty::Func)
        }
    }

    /// Goes on with a candidate where the test holds; where it does not, the current instruction is walked once more with that many
    /// candidates ruled out.
    pub(super) fn candidate(&mut self, test: Value, ruled_out: usize) {
        let (yes, no) = (self.f.new_block(), self.f.new_block());
        self.branch_blocks(test, yes, no);
        self.forget_unnamed();
        let (frames, known) = (self.frames.clone(), self.known.clone());
        let bci = self.top().bci;
        let fresh = self.fresh.clone();
        self.queue(no, frames, bci, known, fresh, super::Way::Again { ruled_out });
        self.cur = yes;
        self.open = true;
        self.state_cache = None;
    }
}
