//! Builtins with ops of their own. Each looks at the operand types it can do and declines (false) otherwise;
//! the call then goes through CPython.

use super::env::SlotV;
use super::unroll::Loop;
use super::{Builder, op};
use crate::helpers::Helper;
use crate::ir::{Reason, Slot, Value};
use crate::ops::{Cc, FClass, Math1, Math2, Op, Round};
use crate::snapshot::{Desc, Intrinsic};
use crate::types::{Repr, Ty};
use whipsnake_abi::bytecode::Instr;

fn math1(i: Intrinsic) -> Option<Math1> {
    Some(match i {
        Intrinsic::MathSin => Math1::Sin,
        Intrinsic::MathCos => Math1::Cos,
        Intrinsic::MathTan => Math1::Tan,
        Intrinsic::MathAsin => Math1::Asin,
        Intrinsic::MathAcos => Math1::Acos,
        Intrinsic::MathAtan => Math1::Atan,
        Intrinsic::MathSinh => Math1::Sinh,
        Intrinsic::MathCosh => Math1::Cosh,
        Intrinsic::MathTanh => Math1::Tanh,
        Intrinsic::MathAsinh => Math1::Asinh,
        Intrinsic::MathAcosh => Math1::Acosh,
        Intrinsic::MathAtanh => Math1::Atanh,
        Intrinsic::MathExp => Math1::Exp,
        Intrinsic::MathExp2 => Math1::Exp2,
        Intrinsic::MathExpm1 => Math1::Expm1,
        Intrinsic::MathLog => Math1::Log,
        Intrinsic::MathLog2 => Math1::Log2,
        Intrinsic::MathLog10 => Math1::Log10,
        Intrinsic::MathLog1p => Math1::Log1p,
        Intrinsic::MathCbrt => Math1::Cbrt,
        Intrinsic::MathErf => Math1::Erf,
        Intrinsic::MathErfc => Math1::Erfc,
        _ => return None,
    })
}

impl Builder<'_> {
    /// Ends a call: `n` arguments, the callable and its self slot are popped.
    pub(super) fn done(&mut self, n: usize, v: Value) -> bool {
        self.finish_val(n + 2, v);
        true
    }

    pub(super) fn done_slot(&mut self, n: usize, s: SlotV) -> bool {
        self.finish(n + 2, Some(s));
        true
    }

    /// The type to take an argument for, `fallback` when nothing tells.
    fn arg_ty(&self, depth: usize, ins: &Instr, fallback: Ty) -> Ty {
        match self.assume(depth, ins) {
            Ty::Any if !self.polymorphic(ins) && self.simple(depth) => fallback,
            t => t,
        }
    }

    fn simple(&self, depth: usize) -> bool {
        matches!(self.peek(depth), Slot::Val { .. } | Slot::Const(_))
    }

    pub(super) fn intrinsic(&mut self, i: Intrinsic, n: usize, has_self: bool, ins: &Instr) -> bool {
        use Intrinsic::*;
        if has_self {
            return self.list_call(i, n) || self.conjugate(i, n) || self.bit_length(i, n, ins);
        }
        if n == 1 && self.consume(i, ins) {
            return true;
        }
        if let Some(f) = math1(i) {
            return n == 1 && self.float_arg(0, ins) && {
                let x = self.real_arg(0, ins);
                let v = self.val(Op::FMath1 { f }, &[x], Reason::Domain);
                self.done(1, v)
            };
        }
        match (i, n) {
            (OperatorIndex, 1) => {
                if self.arg_ty(0, ins, Ty::Any) != Ty::Int {
                    return false;
                }
                self.expect(0, Ty::Int);
                let s = self.peek(0).clone();
                let s = self.own(s);
                self.set_slot(0, Slot::Null);
                self.done_slot(1, s)
            }
            (Len, 1) => self.len(ins),
            (Abs, 1) => self.abs(ins),
            (Min, 2..) => self.min_max(Cc::Lt, n, ins),
            (Max, 2..) => self.min_max(Cc::Gt, n, ins),
            (Round, 1 | 2) => self.round(n, ins),
            (Divmod, 2) => self.divmod(ins),
            (Ord, 1) if matches!(self.peek(0), Slot::Chr { .. }) => {
                let Slot::Chr { v } = *self.peek(0) else { return false };
                self.done(1, v)
            }
            (Ord, 1) => {
                if self.arg_ty(0, ins, Ty::Str) != Ty::Str {
                    return false;
                }
                self.expect(0, Ty::Str);
                let Some(s) = self.want_obj(0) else { return false };
                let v = self.val(Op::Call { helper: Helper::StrOrd }, &[s], Reason::Domain);
                self.done(1, v)
            }
            (Chr, 1) => {
                if !Self::is_int(self.arg_ty(0, ins, Ty::Int)) {
                    return false;
                }
                let c = self.want_int(0);
                let v = self.obj(Op::Call { helper: Helper::StrChr }, &[c], Reason::Domain, Ty::Str);
                self.done(1, v)
            }
            (Isinstance, 2) => self.isinstance(ins),
            (Type, 1) => self.type_of(ins),
            (Int, 1) => self.int_of(ins, self::Round::Trunc),
            (Float, 1) => self.float_of(ins),
            (Bool, 1) => match self.truth(ins) {
                Some(b) => self.done(1, b),
                None => false,
            },
            (Range, 1..=3) => self.range(n, ins),
            (Enumerate, 1 | 2) => self.enumerate(n, ins),
            (Zip, 1..) => self.zip(n, ins),
            (Reversed, 1) => self.reversed(ins),
            (List, 1) => {
                let t = self.assume(0, ins);
                if !matches!(t, Ty::List | Ty::Tuple) {
                    return false;
                }
                let Some(s) = self.want_obj(0) else { return false };
                self.guard(s, t);
                let v = self.obj(Op::Call { helper: Helper::ListFrom }, &[s], Reason::Domain, Ty::List);
                self.done(1, v)
            }
            (MathSqrt, 1) => {
                self.float_arg(0, ins) && {
                    let x = self.real_arg(0, ins);
                    let v = self.val(Op::FSqrt, &[x], Reason::Domain);
                    self.done(1, v)
                }
            }
            (MathFabs, 1) => {
                self.float_arg(0, ins) && {
                    let x = self.real_arg(0, ins);
                    let v = self.val(Op::FAbs, &[x], Reason::None);
                    self.done(1, v)
                }
            }
            (MathFloor, 1) => self.int_of(ins, self::Round::Floor),
            (MathCeil, 1) => self.int_of(ins, self::Round::Ceil),
            (MathTrunc, 1) => self.int_of(ins, self::Round::Trunc),
            (MathAtan2, 2) => self.math2(Math2::Atan2, ins),
            (MathPow, 2) => self.math2(Math2::Pow, ins),
            (MathFmod, 2) => self.math2(Math2::Fmod, ins),
            (MathCopysign, 2) => self.math2(Math2::Copysign, ins),
            (MathHypot, 2) => self.math2(Math2::Hypot, ins),
            (MathIsnan, 1) => self.classify(FClass::IsNan, ins),
            (MathIsinf, 1) => self.classify(FClass::IsInf, ins),
            (MathIsfinite, 1) => self.classify(FClass::IsFinite, ins),
            (MathRadians, 1) => self.scaled(std::f64::consts::PI / 180.0, ins),
            (MathDegrees, 1) => self.scaled(180.0 / std::f64::consts::PI, ins),
            _ => self.complex_call(i, n, ins),
        }
    }

    pub(super) fn float_arg(&self, depth: usize, ins: &Instr) -> bool {
        matches!(self.arg_ty(depth, ins, Ty::Float), Ty::Float | Ty::Int | Ty::Bool)
    }

    /// An argument for which `float_arg` has said yes.
    pub(super) fn real_arg(&mut self, depth: usize, ins: &Instr) -> Value {
        let ty = self.arg_ty(depth, ins, Ty::Float);
        self.want_real(depth, ty)
    }

    fn scaled(&mut self, k: f64, ins: &Instr) -> bool {
        self.float_arg(0, ins) && {
            let x = self.real_arg(0, ins);
            let k = self.float(k);
            let v = self.val(Op::FMul, &[x, k], Reason::None);
            self.done(1, v)
        }
    }

    fn math2(&mut self, f: Math2, ins: &Instr) -> bool {
        self.float_arg(0, ins) && self.float_arg(1, ins) && {
            let (a, b) = (self.real_arg(1, ins), self.real_arg(0, ins));
            let v = self.val(Op::FMath2 { f }, &[a, b], Reason::Domain);
            self.done(2, v)
        }
    }

    fn classify(&mut self, class: FClass, ins: &Instr) -> bool {
        self.float_arg(0, ins) && {
            let x = self.real_arg(0, ins);
            let v = self.val(Op::FIs { class }, &[x], Reason::None);
            self.done(1, v)
        }
    }

    /// `list.append(x)`, `list.pop()`: stack is descriptor, list, arguments.
    fn list_call(&mut self, i: Intrinsic, n: usize) -> bool {
        let Slot::Val { v: list, .. } = *self.peek(n) else { return false };
        if self.value_ty(list) != Ty::List {
            return false;
        }
        match (i, n) {
            (Intrinsic::ListAppend, 1) => {
                let none = self.none_slot();
                self.append(list, 3, Some(none))
            }
            (Intrinsic::ListPop, 0) => {
                let v = self.obj(Op::Call { helper: Helper::ListPop }, &[list], Reason::Bounds, Ty::Any);
                self.done(0, v)
            }
            _ => false,
        }
    }

    /// `n.bit_length()`: stack is the method, the number.
    fn bit_length(&mut self, i: Intrinsic, n: usize, ins: &Instr) -> bool {
        if i != Intrinsic::IntBitLength || n != 0 || self.ty(0) != Ty::Int || self.feedback(ins.start).bigint {
            return false;
        }
        let x = self.want_int(0);
        let v = self.val(Op::IBits, &[x], Reason::None);
        self.done(0, v)
    }

    fn len(&mut self, ins: &Instr) -> bool {
        if let Slot::Tuple(items) = self.peek(0) {
            let v = items.len() as i64;
            let v = self.int(v);
            return self.done(1, v);
        }
        let t = self.assume(0, ins);
        if t == Ty::Any && self.simple(0) {
            return self.length_of_any();
        }
        let o = match t {
            Ty::List => Op::ListLen,
            Ty::Tuple => Op::TupleLen,
            Ty::Str => Op::StrLen,
            Ty::Bytes => Op::BytesLen,
            Ty::Bytearray => Op::BytearrayLen,
            Ty::Array => Op::ArrayLen,
            Ty::Dict => Op::Call { helper: Helper::DictLen },
            Ty::Set => Op::Call { helper: Helper::SetLen },
            _ => return false,
        };
        let Some(c) = self.want_obj(0) else { return false };
        self.guard(c, t);
        let v = self.val(o, &[c], Reason::None);
        self.done(1, v)
    }

    /// `len` of what is not known: of most builtin types it is at hand.
    fn length_of_any(&mut self) -> bool {
        let helper = Helper::Length;
        let Some(v) = self.helper(helper, 1, &[], Ty::Any) else {
            return false;
        };
        self.done(1, v);
        self.after(helper);
        true
    }

    fn abs(&mut self, ins: &Instr) -> bool {
        let v = match self.arg_ty(0, ins, Ty::Float) {
            Ty::Float => {
                let x = self.want_float(0);
                self.val(Op::FAbs, &[x], Reason::None)
            }
            Ty::Complex => {
                let parts = self.want_complex(0);
                self.val(Op::FMath2 { f: Math2::Modulus }, &parts, Reason::Domain)
            }
            Ty::Int | Ty::Bool if !self.feedback(ins.start).bigint => {
                let x = self.want_int(0);
                self.val(Op::IAbs, &[x], Reason::Overflow)
            }
            _ => return false,
        };
        self.done(1, v)
    }

    /// `min`/`max` of positional arguments: a later argument wins only when it compares strictly.
    fn min_max(&mut self, cc: Cc, n: usize, ins: &Instr) -> bool {
        let known = (0..n).map(|d| self.assume(d, ins)).find(|t| *t != Ty::Any);
        let t = known.unwrap_or(Ty::Float);
        if !matches!(t, Ty::Int | Ty::Float) || self.polymorphic(ins) || self.feedback(ins.start).bigint {
            return false;
        }
        let same = (0..n).all(|d| matches!(self.assume(d, ins), Ty::Any) && self.simple(d) || self.assume(d, ins) == t);
        if !same {
            return false;
        }
        let boxed = (0..n).all(|d| matches!(self.peek(d), Slot::Val { v, .. } if self.f.repr(*v) == Repr::Obj));
        let raw: Vec<Value> = (0..n)
            .rev()
            .map(|d| if t == Ty::Int { self.want_int(d) } else { self.want_float(d) })
            .collect();
        let mut best = raw[0];
        let mut best_obj = None;
        if boxed {
            best_obj = self.want_obj(n - 1);
        }
        for (k, &x) in raw.iter().enumerate().skip(1) {
            let cmp = if t == Ty::Int { Op::ICmp { cc } } else { Op::FCmp { cc } };
            let wins = self.val(cmp, &[x, best], Reason::None);
            best = self.val(Op::Select, &[wins, x, best], Reason::None);
            if let Some(o) = best_obj {
                let y = self.want_obj(n - 1 - k).expect("checked boxed");
                best_obj = Some(self.obj(Op::Select, &[wins, y, o], Reason::None, t));
            }
        }
        match best_obj {
            Some(o) => {
                self.known.insert(o, t);
                self.emit(Op::IncRef, &[o], Reason::None);
                self.done(n, o)
            }
            None => self.done(n, best),
        }
    }

    fn round(&mut self, n: usize, ins: &Instr) -> bool {
        if n == 1 {
            return self.int_of(ins, self::Round::Even);
        }
        if self.arg_ty(1, ins, Ty::Float) != Ty::Float || !Self::is_int(self.ty(0)) {
            return false;
        }
        let (x, d) = (self.want_float(1), self.want_int(0));
        let v = self.obj(
            Op::Call {
                helper: Helper::FloatRound,
            },
            &[x, d],
            Reason::Domain,
            Ty::Float,
        );
        self.done(2, v)
    }

    fn divmod(&mut self, ins: &Instr) -> bool {
        let (tl, tr) = (self.assume(1, ins), self.assume(0, ins));
        let fb = self.feedback(ins.start);
        if fb.generic || fb.bigint {
            return false;
        }
        let (q, r) = if Self::is_int(tl) && Self::is_int(tr) {
            let (a, b) = (self.want_int(1), self.want_int(0));
            let q = self.val(Op::IFloorDiv, &[a, b], Reason::ZeroDivision);
            (q, self.val(Op::IMod, &[a, b], Reason::ZeroDivision))
        } else if matches!(tl, Ty::Int | Ty::Float) && matches!(tr, Ty::Int | Ty::Float) {
            let (a, b) = (self.want_real(1, tl), self.want_real(0, tr));
            let q = self.val(Op::FMath2 { f: Math2::PyFloorDiv }, &[a, b], Reason::ZeroDivision);
            (q, self.val(Op::FMath2 { f: Math2::PyMod }, &[a, b], Reason::ZeroDivision))
        } else {
            return false;
        };
        let pair = [q, r].map(|v| Slot::Val { v, owned: false });
        self.done_slot(2, Slot::Tuple(pair.to_vec()))
    }

    /// `isinstance(x, C)` for a builtin class, where x's exact type is known or can be guarded.
    fn isinstance(&mut self, ins: &Instr) -> bool {
        let want = match self.desc(self.peek(0)).map(|c| &c.desc) {
            Some(Desc::Intrinsic(i)) => match i {
                Intrinsic::Int => Ty::Int,
                Intrinsic::Float => Ty::Float,
                Intrinsic::Complex => Ty::Complex,
                Intrinsic::Bool => Ty::Bool,
                Intrinsic::Str => Ty::Str,
                Intrinsic::List => Ty::List,
                Intrinsic::Tuple => Ty::Tuple,
                _ => return false,
            },
            _ => return false,
        };
        let t = self.assume(1, ins);
        if t == Ty::Any {
            return false;
        }
        self.expect(1, t);
        let yes = t == want || (want == Ty::Int && t == Ty::Bool);
        let v = self.boolean(yes);
        self.done(2, v)
    }

    /// `int(x)`, `round(x)`, `math.floor(x)`, ...
    fn int_of(&mut self, ins: &Instr, mode: Round) -> bool {
        let fb = self.feedback(ins.start);
        // `int` is as often called with a str; the others are for numbers.
        let ty = if mode == self::Round::Trunc {
            self.assume(0, ins)
        } else {
            self.arg_ty(0, ins, Ty::Float)
        };
        match ty {
            Ty::Float if !fb.generic => {
                let x = self.want_float(0);
                let v = self.val(Op::FToI { mode }, &[x], Reason::Domain);
                self.done(1, v)
            }
            Ty::Float if mode == self::Round::Trunc => {
                let x = self.want_float(0);
                let v = self.obj(
                    Op::Call {
                        helper: Helper::FloatToLong,
                    },
                    &[x],
                    Reason::Domain,
                    Ty::Int,
                );
                self.done(1, v)
            }
            Ty::Int => {
                self.expect(0, Ty::Int);
                let s = self.peek(0).clone();
                let s = self.own(s);
                self.set_slot(0, Slot::Null);
                self.done_slot(1, s)
            }
            Ty::Bool => {
                let v = self.want_int(0);
                self.done(1, v)
            }
            _ => false,
        }
    }

    fn float_of(&mut self, ins: &Instr) -> bool {
        match self.assume(0, ins) {
            Ty::Float => {
                self.expect(0, Ty::Float);
                let s = self.peek(0).clone();
                let s = self.own(s);
                self.set_slot(0, Slot::Null);
                self.done_slot(1, s)
            }
            t @ (Ty::Int | Ty::Bool) if !self.feedback(ins.start).bigint => {
                let x = self.want_real(0, t);
                self.done(1, x)
            }
            _ => false,
        }
    }

    // ---- iterables that only a loop sees

    fn range(&mut self, n: usize, ins: &Instr) -> bool {
        if !(self.feeds_loop(ins.next, n + 2) || self.feeds_reversed(ins.next)) || self.feedback(ins.start).bigint {
            return false;
        }
        if (0..n).any(|d| !Self::is_int(self.arg_ty(d, ins, Ty::Int))) {
            return false;
        }
        let (start, stop, step) = match n {
            1 => {
                let z = self.int(0);
                (z, self.want_int(0), None)
            }
            2 => (self.want_int(1), self.want_int(0), None),
            _ => (self.want_int(2), self.want_int(1), Some(self.want_int(0))),
        };
        let step = match step {
            None => self.int(1),
            Some(s) => {
                if self.f.const_int(s).is_none_or(|k| k == 0) {
                    let z = self.int(0);
                    let ok = self.val(Op::ICmp { cc: Cc::Ne }, &[s, z], Reason::None);
                    self.emit(Op::GuardTrue, &[ok], Reason::Domain);
                }
                s
            }
        };
        self.done_slot(n, Slot::Range { start, stop, step })
    }

    /// Whether the value built here is the one argument of `reversed` in a loop's head.
    fn feeds_reversed(&self, next: u32) -> bool {
        let info = self.info(self.frames.last().expect("open").code);
        let call = info.at(next).filter(|i| i.op == op::CALL && i.arg == 1);
        // Below the call being ended: its self slot and callable, then those of `reversed`.
        let Some(call) = call else { return false };
        let this = info.at(self.frames.last().expect("open").bci).map_or(0, |i| i.arg as usize);
        let stack = &self.frames.last().expect("open").stack;
        let callee = stack.len().checked_sub(this + 4).and_then(|i| stack.get(i));
        let reversed = callee
            .and_then(|s| self.desc(s))
            .is_some_and(|c| matches!(c.desc, Desc::Intrinsic(Intrinsic::Reversed)));
        reversed && self.feeds_loop(call.next, this + 4)
    }

    /// The iterator for a nested iterable (an argument of enumerate or zip), with the slot's reference.
    fn inner_iter(&mut self, depth: usize, ins: &Instr, of: Option<Loop>) -> Option<SlotV> {
        if let Slot::Range { .. } | Slot::Enumerate { .. } | Slot::Zip(_) | Slot::RangeIter { .. } | Slot::RangeBy { .. } = self.peek(depth)
        {
            let slot = self.peek(depth).clone();
            return Some(match slot {
                Slot::Range { start, stop, step } => self.range_iter(start, stop, step, of),
                s => s,
            });
        }
        let t = self.arg_ty(depth, ins, Ty::List);
        self.make_iter(depth, t, of)
    }

    fn enumerate(&mut self, n: usize, ins: &Instr) -> bool {
        if !self.feeds_loop(ins.next, n + 2) {
            return false;
        }
        if n == 2 && !Self::is_int(self.ty(0)) {
            return false;
        }
        let count = if n == 2 { self.want_int(0) } else { self.int(0) };
        let of = self.loop_fed(ins.next, n + 2);
        let Some(inner) = self.inner_iter(n - 1, ins, of) else {
            return false;
        };
        self.set_slot(n - 1, Slot::Null);
        self.done_slot(
            n,
            Slot::Enumerate {
                count,
                inner: Box::new(inner),
            },
        )
    }

    fn zip(&mut self, n: usize, ins: &Instr) -> bool {
        if !self.feeds_loop(ins.next, n + 2) {
            return false;
        }
        // All guards come before any iterator takes its reference.
        for d in 0..n {
            let t = match self.peek(d) {
                Slot::Range { .. } | Slot::Tuple(_) => continue,
                Slot::Val { .. } | Slot::Const(_) => self.arg_ty(d, ins, Ty::List),
                _ => return false,
            };
            if !matches!(t, Ty::List | Ty::Tuple | Ty::Str) || matches!(self.peek(d), Slot::Val { v, .. } if self.f.repr(*v) != Repr::Obj) {
                return false;
            }
            self.expect(d, t);
        }
        let of = self.loop_fed(ins.next, n + 2);
        let mut inner = Vec::with_capacity(n);
        for d in (0..n).rev() {
            let Some(it) = self.inner_iter(d, ins, of) else { return false };
            self.set_slot(d, Slot::Null);
            inner.push(it);
        }
        self.done_slot(n, Slot::Zip(inner))
    }

    fn reversed(&mut self, ins: &Instr) -> bool {
        if !self.feeds_loop(ins.next, 3) {
            return false;
        }
        let slot = self.peek(0).clone();
        if let Slot::Range { start, stop, step } = slot {
            return self.reversed_range(start, stop, step);
        }
        let info = self.info(self.frames.last().expect("open").code);
        let is_list = info.at(ins.next).is_some_and(|g| g.op == op::GET_ITER) && self.arg_ty(0, ins, Ty::List) == Ty::List;
        if !is_list || !matches!(&slot, Slot::Val { v, .. } if self.f.repr(*v) == Repr::Obj) {
            return false;
        }
        self.expect(0, Ty::List);
        let c = self.slot_obj(&slot);
        let len = self.val(Op::ListLen, &[c], Reason::None);
        let one = self.int(1);
        let index = self.val(
            Op::ISub {
                ovf: crate::ops::Ovf::Wrap,
            },
            &[len, one],
            Reason::None,
        );
        let list = Box::new(self.own(slot));
        self.set_slot(0, Slot::Null);
        self.done_slot(1, Slot::ListRevIter { list, index })
    }

    /// `reversed(range(start, stop, step))`: from the last item down.
    fn reversed_range(&mut self, start: Value, stop: Value, step: Value) -> bool {
        let len = self.range_len(start, stop, step);
        let ovf = crate::ops::Ovf::Check;
        let one = self.int(1);
        let last = self.val(Op::ISub { ovf }, &[len, one], Reason::Overflow);
        let span = self.val(Op::IMul { ovf }, &[last, step], Reason::Overflow);
        let next = self.val(Op::IAdd { ovf }, &[start, span], Reason::Overflow);
        let it = match self.f.const_int(step).and_then(i64::checked_neg) {
            Some(back) => {
                let stop = self.val(Op::ISub { ovf }, &[start, step], Reason::Overflow);
                let step = self.int(back);
                Slot::RangeBy { next, stop, step }
            }
            None => {
                let step = self.val(Op::INeg { ovf }, &[step], Reason::Overflow);
                Slot::RangeIter { next, step, len }
            }
        };
        self.done_slot(1, it)
    }
}
