//! Arithmetic: BINARY_OP and the unary operators.

use super::{Builder, op};
use crate::helpers::Helper;
use crate::ir::{Reason, Role, Slot, Value};
use crate::ops::{Cc, Math2, Op, Ovf};
use crate::snapshot::Size;
use crate::types::{Ty, TySet};
use whipsnake_abi::bytecode::Instr;
use whipsnake_abi::opcode::nb;

/// The operator behind BINARY_OP's argument, in-place forms folded in (immutable operands do not tell).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Arith {
    Add,
    And,
    FloorDiv,
    Lshift,
    Mul,
    Mod,
    Or,
    Pow,
    Rshift,
    Sub,
    TrueDiv,
    Xor,
    Matmul,
}

pub(super) fn operator(arg: u32) -> (Arith, bool) {
    let inplace = arg >= nb::NB_INPLACE_ADD;
    let base = if inplace { arg - nb::NB_INPLACE_ADD } else { arg };
    let a = match base {
        0 => Arith::Add,
        1 => Arith::And,
        2 => Arith::FloorDiv,
        3 => Arith::Lshift,
        4 => Arith::Matmul,
        5 => Arith::Mul,
        6 => Arith::Mod,
        7 => Arith::Or,
        8 => Arith::Pow,
        9 => Arith::Rshift,
        10 => Arith::Sub,
        11 => Arith::TrueDiv,
        _ => Arith::Xor,
    };
    (a, inplace)
}

fn intish(t: Ty) -> bool {
    matches!(t, Ty::Int | Ty::Bool)
}

fn numeric(t: Ty) -> bool {
    matches!(t, Ty::Int | Ty::Bool | Ty::Float)
}

impl Builder<'_> {
    /// The type to assume of the slot at `depth`: known, taught by exits, or hinted; `Any` when there is no telling.
    pub(super) fn assume(&self, depth: usize, ins: &Instr) -> Ty {
        let known = self.ty(depth);
        if known != Ty::Any {
            return known;
        }
        let taught = self.taught(ins, depth);
        if !taught.is_empty() {
            return taught.only().unwrap_or(Ty::Any);
        }
        self.hint(self.peek(depth)).map_or(Ty::Any, |h| h.ty)
    }

    /// The types that exits have shown of an operand.
    pub(super) fn taught(&self, ins: &Instr, depth: usize) -> TySet {
        let depth = depth.min(u8::MAX as usize) as u8;
        self.feedback(ins.start).types.get(&depth).copied().unwrap_or_default()
    }

    /// Whether exits have shown that an operand here varies in type, or is of a type that has no ops of its own.
    pub(super) fn polymorphic(&self, ins: &Instr) -> bool {
        let varies = |s: &TySet| s.0.count_ones() > 1 || s.contains(Ty::Any);
        self.feedback(ins.start).types.values().any(varies)
    }

    pub(super) fn binary(&mut self, ins: &Instr) {
        if self.binary_method(ins) {
            return;
        }
        self.settle(2);
        if self.mixed_binary(ins) {
            return;
        }
        let (a, inplace) = operator(ins.arg);
        let (mut tl, mut tr) = (self.assume(1, ins), self.assume(0, ins));
        let instance = |depth| self.class_of(depth, ins).is_some();
        if (tl == Ty::Any || tr == Ty::Any) && !self.polymorphic(ins) && !instance(1) && !instance(0) {
            self.guess(a, ins, &mut tl, &mut tr);
        }
        let fb = self.feedback(ins.start);
        if intish(tl) && intish(tr) {
            if tl == Ty::Bool && tr == Ty::Bool && matches!(a, Arith::And | Arith::Or | Arith::Xor) {
                return self.bool_binary(a);
            }
            self.expect_bools(&[tr, tl]);
            let width = self.width(&fb);
            let done = !fb.generic
                && match width {
                    Size::Int => self.int_binary(a),
                    Size::Word | Size::Wide => self.wide_binary(a),
                    Size::Huge => false,
                };
            if done || self.long_binary(a, tl, tr, ins, width == Size::Huge) {
                return;
            }
        } else if numeric(tl) && numeric(tr) && !fb.generic {
            if self.float_binary(a, tl, tr) {
                return;
            }
        } else if (numeric(tl) || tl == Ty::Complex) && (numeric(tr) || tr == Ty::Complex) && !fb.generic {
            if !fb.domain && !fb.bigint && self.complex_binary(a, tl, tr) {
                return;
            }
            self.expect(1, tl);
            self.expect(0, tr);
            if let Some(v) = self.helper(Helper::NumBinary, 2, &[i64::from(ins.arg)], Ty::Complex) {
                return self.finish_val(2, v);
            }
        } else if !fb.generic && self.sequence_binary(a, inplace, tl, tr, ins) {
            return;
        }
        let repeated = match (a, tl, tr) {
            (Arith::Mul, Ty::Str | Ty::Tuple | Ty::Bytes, Ty::Int) => tl,
            (Arith::Mul, Ty::Int, Ty::Str | Ty::Tuple | Ty::Bytes) => tr,
            _ => Ty::Any,
        };
        if repeated != Ty::Any && !fb.generic {
            self.expect(1, tl);
            self.expect(0, tr);
            return self.generic_binary(ins, repeated);
        }
        self.generic_binary(ins, Ty::Any);
    }

    /// The operator by CPython, with what type its result is.
    fn generic_binary(&mut self, ins: &Instr, ty: Ty) {
        match self.helper(Helper::Binary, 2, &[i64::from(ins.arg)], ty) {
            Some(v) => {
                self.finish_val(2, v);
                self.after(Helper::Binary);
            }
            None => self.leave(Reason::Unsupported(ins.op)),
        }
    }

    /// Fills in unknown operand types from the specialised opcode, the other operand and the operator.
    fn guess(&self, a: Arith, ins: &Instr, tl: &mut Ty, tr: &mut Ty) {
        let both = match ins.raw {
            op::BINARY_OP_ADD_INT | op::BINARY_OP_SUBTRACT_INT | op::BINARY_OP_MULTIPLY_INT => Some(Ty::Int),
            op::BINARY_OP_ADD_FLOAT | op::BINARY_OP_SUBTRACT_FLOAT | op::BINARY_OP_MULTIPLY_FLOAT => Some(Ty::Float),
            op::BINARY_OP_ADD_UNICODE | op::BINARY_OP_INPLACE_ADD_UNICODE => Some(Ty::Str),
            op::BINARY_OP_EXTEND if matches!(a, Arith::And | Arith::Or | Arith::Xor) => Some(Ty::Int),
            _ => None,
        };
        let other = |t: Ty| match t {
            Ty::Bool => Ty::Int,
            t => t,
        };
        let fallback = match a {
            Arith::TrueDiv => Ty::Float,
            Arith::And | Arith::Or | Arith::Xor | Arith::Lshift | Arith::Rshift | Arith::FloorDiv | Arith::Mod => Ty::Int,
            _ => Ty::Any,
        };
        let pick = |known: Ty| match both {
            Some(t) => t,
            None if ins.raw == op::BINARY_OP_EXTEND => match known {
                // One side is a float, the other a small int.
                Ty::Float => Ty::Int,
                Ty::Int => Ty::Float,
                _ => Ty::Any,
            },
            None if matches!(known, Ty::Float | Ty::Complex) || (intish(known) && a != Arith::TrueDiv) => other(known),
            None => fallback,
        };
        if *tl == Ty::Any && *tr == Ty::Any {
            *tl = pick(Ty::Any);
            *tr = *tl;
        } else if *tl == Ty::Any {
            *tl = pick(*tr);
        } else {
            *tr = pick(*tl);
        }
    }

    /// Guards an operand that stays boxed.
    pub(super) fn expect(&mut self, depth: usize, ty: Ty) {
        let slot = self.peek(depth).clone();
        let boxed = match &slot {
            Slot::Val { v, .. } => self.f.repr(*v) == crate::types::Repr::Obj,
            Slot::Const(_) => self.slot_ty(&slot) != ty,
            _ => false,
        };
        if boxed {
            let v = self.slot_obj(&slot);
            self.guard(v, ty);
        }
    }

    /// Checks that operands which are taken for bools are: objects of unknown type would be taken for ints. Types by depth.
    pub(super) fn expect_bools(&mut self, types: &[Ty]) {
        for depth in (0..types.len()).rev().filter(|&d| types[d] == Ty::Bool) {
            self.expect(depth, Ty::Bool);
        }
    }

    fn bool_binary(&mut self, a: Arith) {
        let (l, r) = (self.peek(1).clone(), self.peek(0).clone());
        let (l, r) = (self.slot_bool(&l), self.slot_bool(&r));
        let o = match a {
            Arith::And => Op::BAnd,
            Arith::Or => Op::BOr,
            _ => Op::BXor,
        };
        let v = self.val(o, &[l, r], Reason::None);
        self.finish_val(2, v);
    }

    fn int_binary(&mut self, a: Arith) -> bool {
        let ovf = Ovf::Check;
        let (o, reason) = match a {
            Arith::Add => (Op::IAdd { ovf }, Reason::Overflow),
            Arith::Sub => (Op::ISub { ovf }, Reason::Overflow),
            Arith::Mul => (Op::IMul { ovf }, Reason::Overflow),
            Arith::FloorDiv => (Op::IFloorDiv, Reason::ZeroDivision),
            Arith::Mod => (Op::IMod, Reason::ZeroDivision),
            Arith::And => (Op::IAnd, Reason::None),
            Arith::Or => (Op::IOr, Reason::None),
            Arith::Xor => (Op::IXor, Reason::None),
            Arith::Lshift => (Op::IShl { ovf }, Reason::Overflow),
            Arith::Rshift => (Op::IShr, Reason::Domain),
            Arith::Pow => (Op::IPow, Reason::Overflow),
            Arith::TrueDiv => (Op::ITrueDiv, Reason::Domain),
            Arith::Matmul => return false,
        };
        let l = self.want_int(1);
        let r = self.want_int(0);
        let v = self.val(o, &[l, r], reason);
        self.finish_val(2, v);
        true
    }

    /// Ints of any size, boxed.
    fn long_binary(&mut self, a: Arith, tl: Ty, tr: Ty, ins: &Instr, huge: bool) -> bool {
        let h = match a {
            Arith::Add => Helper::LongAdd,
            Arith::Sub => Helper::LongSub,
            Arith::Mul => Helper::LongMul,
            Arith::FloorDiv => Helper::LongFloorDiv,
            Arith::Mod => Helper::LongMod,
            Arith::And => Helper::LongAnd,
            Arith::Or => Helper::LongOr,
            Arith::Xor => Helper::LongXor,
            Arith::Lshift => Helper::LongLshift,
            Arith::Rshift => Helper::LongRshift,
            Arith::Pow | Arith::TrueDiv => Helper::NumBinary,
            Arith::Matmul => return false,
        };
        if tl != Ty::Int || tr != Ty::Int {
            return false;
        }
        self.expect(1, Ty::Int);
        self.expect(0, Ty::Int);
        let (extra, ty) = match a {
            Arith::Pow => (vec![i64::from(ins.arg)], Ty::Any),
            Arith::TrueDiv => (vec![i64::from(ins.arg)], Ty::Float),
            _ => (vec![], Ty::Int),
        };
        let Some(v) = self.helper(h, 2, &extra, ty) else { return false };
        if huge && matches!(a, Arith::Add | Arith::Sub | Arith::Mul | Arith::Lshift | Arith::Pow) {
            self.hints.insert(v, self.huge_int());
        }
        self.finish_val(2, v);
        true
    }

    fn float_binary(&mut self, a: Arith, tl: Ty, tr: Ty) -> bool {
        let (o, reason) = match a {
            Arith::Add => (Op::FAdd, Reason::None),
            Arith::Sub => (Op::FSub, Reason::None),
            Arith::Mul => (Op::FMul, Reason::None),
            Arith::TrueDiv => (Op::FDiv, Reason::ZeroDivision),
            Arith::FloorDiv => (Op::FMath2 { f: Math2::PyFloorDiv }, Reason::ZeroDivision),
            Arith::Mod => (Op::FMath2 { f: Math2::PyMod }, Reason::ZeroDivision),
            Arith::Pow => (Op::FMath2 { f: Math2::PyPow }, Reason::Domain),
            _ => return false,
        };
        let l = self.want_real(1, tl);
        let r = self.want_real(0, tr);
        let v = self.val(o, &[l, r], reason);
        self.finish_val(2, v);
        true
    }

    fn sequence_binary(&mut self, a: Arith, inplace: bool, tl: Ty, tr: Ty, ins: &Instr) -> bool {
        if (a, tl, tr) == (Arith::Add, Ty::Str, Ty::Str) && self.append_to_local(ins) {
            return true;
        }
        let h = match (a, tl, tr) {
            (Arith::Add, Ty::Str, Ty::Str) => Helper::StrConcat,
            (Arith::Add, Ty::Tuple, Ty::Tuple) => Helper::TupleConcat,
            (Arith::Add, Ty::List, Ty::List) if !inplace => Helper::ListConcat,
            (Arith::Mul, Ty::List, Ty::Int) if !inplace => Helper::ListRepeat,
            _ => return false,
        };
        self.expect(1, tl);
        if h == Helper::ListRepeat {
            let n = self.want_int(0);
            let Some(list) = self.want_obj(1) else { return false };
            let v = self.obj(Op::Call { helper: h }, &[list, n], Reason::Domain, Ty::List);
            self.finish_val(2, v);
            return true;
        }
        self.expect(0, tr);
        match self.helper(h, 2, &[], tl) {
            Some(v) => self.finish_val(2, v),
            None => return false,
        }
        true
    }

    /// `s += t` or `s = s + t` of strings in a local variable: takes its reference and stores the result at once, as the interpreter does,
    /// so that a string that nobody else holds grows in place.
    fn append_to_local(&mut self, ins: &Instr) -> bool {
        let Some(store) = self.following(ins, op::STORE_FAST) else {
            return false;
        };
        let (i, after) = (store.arg as usize, store.next);
        let Slot::Val { v, owned: true } = self.top().locals[i] else {
            return false;
        };
        let Slot::Val { v: left, owned } = *self.peek(1) else {
            return false;
        };
        if left != v {
            return false;
        }
        let mut uses = 0;
        for slot in self.frames.iter().flat_map(|f| f.locals.iter().chain(&f.stack)) {
            slot.for_each(&mut |&w| uses += u32::from(w == v));
        }
        if uses != 2 {
            return false;
        }
        self.expect(1, Ty::Str);
        self.expect(0, Ty::Str);
        let Some(right) = self.want_obj(0) else { return false };
        if owned {
            // The stack's own reference goes: the local variable's is still there.
            self.set_slot(1, Slot::Val { v, owned: false });
            self.emit(Op::DecRefLeaf, &[v], Reason::None);
        }
        let helper = Helper::StrAppend;
        let v = self.obj(Op::Call { helper }, &[v, right], Reason::Domain, Ty::Str);
        self.finish(2, None);
        self.top().locals[i] = Slot::Val { v, owned: true };
        self.state_cache = None;
        self.next_bci = after;
        true
    }

    pub(super) fn unary(&mut self, ins: &Instr) {
        match ins.op {
            op::UNARY_NEGATIVE if self.plain_method(ins, "__neg__", 1, 0, Role::Call) => {}
            op::UNARY_NEGATIVE => {
                self.settle(1);
                self.negate(ins);
            }
            op::UNARY_INVERT if self.assume(0, ins) == Ty::Int && self.width_of(0, &self.feedback(ins.start)) == Size::Wide => {
                let x = self.want_words(0);
                let words = x.map(|x| self.val(Op::INot, &[x], Reason::None));
                let slot = self.int_slot(words);
                self.finish(1, Some(slot));
            }
            op::UNARY_INVERT if self.assume(0, ins) == Ty::Int && self.width_of(0, &self.feedback(ins.start)) == Size::Int => {
                let v = self.want_int(0);
                let r = self.val(Op::INot, &[v], Reason::None);
                self.finish_val(1, r);
            }
            op::UNARY_INVERT => self.generic_unary(Helper::Invert, ins),
            op::UNARY_NOT => {
                let s = self.peek(0).clone();
                let b = self.slot_bool(&s);
                let r = self.val(Op::BNot, &[b], Reason::None);
                self.finish_val(1, r);
            }
            _ => match self.truth(ins) {
                Some(b) => self.finish_val(1, b),
                None => {
                    let Some(b) = self.helper(Helper::Truth, 1, &[], Ty::Any) else {
                        return self.leave(Reason::Unsupported(ins.op));
                    };
                    self.finish_val(1, b);
                    self.after(Helper::Truth);
                }
            },
        }
    }

    fn generic_unary(&mut self, h: Helper, ins: &Instr) {
        match self.helper(h, 1, &[], Ty::Any) {
            Some(v) => {
                self.finish_val(1, v);
                self.after(h);
            }
            None => self.leave(Reason::Unsupported(ins.op)),
        }
    }

    fn negate(&mut self, ins: &Instr) {
        let fb = self.feedback(ins.start);
        let mut t = self.assume(0, ins);
        if t == Ty::Any && !self.polymorphic(ins) {
            t = Ty::Float;
        }
        match t {
            Ty::Float => {
                let v = self.want_float(0);
                let r = self.val(Op::FNeg, &[v], Reason::None);
                self.finish_val(1, r);
            }
            Ty::Complex => {
                let parts = self.want_complex(0);
                let [re, im] = parts.map(|x| self.val(Op::FNeg, &[x], Reason::None));
                self.finish(1, Some(Slot::Complex { re, im }));
            }
            Ty::Int if self.width_of(0, &fb) == Size::Wide => {
                let zero = self.zero();
                let x = self.want_words(0);
                let words = self.wide_sub([zero, zero], x);
                let slot = self.int_slot(words);
                self.finish(1, Some(slot));
            }
            Ty::Int | Ty::Bool if self.width_of(0, &fb) == Size::Int => {
                let v = self.want_int(0);
                let r = self.val(Op::INeg { ovf: Ovf::Check }, &[v], Reason::Overflow);
                self.finish_val(1, r);
            }
            Ty::Int => {
                self.expect(0, Ty::Int);
                match self.helper(Helper::LongNeg, 1, &[], Ty::Int) {
                    Some(v) => self.finish_val(1, v),
                    None => self.leave(Reason::Unsupported(ins.op)),
                }
            }
            _ => self.generic_unary(Helper::Negate, ins),
        }
    }

    /// The truth of the top slot, where no user code decides it.
    pub(super) fn truth(&mut self, ins: &Instr) -> Option<Value> {
        let guess = match ins.raw {
            op::TO_BOOL_BOOL => Ty::Bool,
            op::TO_BOOL_INT => Ty::Int,
            op::TO_BOOL_LIST => Ty::List,
            op::TO_BOOL_STR => Ty::Str,
            _ => Ty::Any,
        };
        let slot = self.peek(0).clone();
        let mut t = self.assume(0, ins);
        if t == Ty::Any && !self.polymorphic(ins) {
            t = guess;
        }
        let zero = |b: &mut Self, len: Op, v: Value| {
            let n = b.val(len, &[v], Reason::None);
            let z = b.int(0);
            b.val(Op::ICmp { cc: Cc::Ne }, &[n, z], Reason::None)
        };
        Some(match t {
            Ty::Bool => self.slot_bool(&slot),
            Ty::Int if let Slot::Wide { lo, hi } = slot => {
                let v = self.val(Op::IOr, &[lo, hi], Reason::None);
                let z = self.int(0);
                self.val(Op::ICmp { cc: Cc::Ne }, &[v, z], Reason::None)
            }
            Ty::Int if !self.feedback(ins.start).bigint => {
                let v = self.want_int(0);
                let z = self.int(0);
                self.val(Op::ICmp { cc: Cc::Ne }, &[v, z], Reason::None)
            }
            Ty::Float => {
                let v = self.want_float(0);
                let z = self.float(0.0);
                self.val(Op::FCmp { cc: Cc::Ne }, &[v, z], Reason::None)
            }
            Ty::Complex => {
                let parts = self.want_complex(0);
                let z = self.float(0.0);
                let [re, im] = parts.map(|x| self.val(Op::FCmp { cc: Cc::Ne }, &[x, z], Reason::None));
                self.val(Op::BOr, &[re, im], Reason::None)
            }
            Ty::None => {
                self.expect(0, Ty::None);
                self.boolean(false)
            }
            Ty::List | Ty::Tuple | Ty::Str | Ty::Bytes | Ty::Bytearray => {
                self.expect(0, t);
                let v = self.want_obj(0)?;
                let len = match t {
                    Ty::List => Op::ListLen,
                    Ty::Tuple => Op::TupleLen,
                    Ty::Str => Op::StrLen,
                    Ty::Bytes => Op::BytesLen,
                    _ => Op::BytearrayLen,
                };
                zero(self, len, v)
            }
            Ty::Dict | Ty::Set => {
                self.expect(0, t);
                let v = self.want_obj(0)?;
                let helper = if t == Ty::Dict { Helper::DictLen } else { Helper::SetLen };
                zero(self, Op::Call { helper }, v)
            }
            Ty::Func | Ty::Builtin | Ty::Module => {
                self.expect(0, t);
                self.boolean(true)
            }
            _ => return None,
        })
    }
}
