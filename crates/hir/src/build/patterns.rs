//! `match`: sequences, mappings and classes. What is known of the subject's type decides at once; the rest is asked of CPython's own routines.

use super::Builder;
use super::op;
use crate::helpers::Helper;
use crate::ir::{Reason, Slot};
use crate::ops::{Op, Res};
use crate::types::{Repr, Ty};
use whipsnake_abi::bytecode::Instr;

impl Builder<'_> {
    pub(super) fn pattern(&mut self, ins: &Instr) {
        match ins.op {
            op::MATCH_SEQUENCE => self.is_kind(Helper::IsSequence),
            op::MATCH_MAPPING => self.is_kind(Helper::IsMapping),
            op::GET_LEN => self.get_len(ins),
            op::MATCH_KEYS => self.ask(ins, Helper::MatchKeys, 2, &[], 0),
            op::MATCH_CLASS => self.match_class(ins),
            _ => self.unpack_rest(ins),
        }
    }

    /// Pushes whether the subject on top of the stack is of a kind.
    fn is_kind(&mut self, helper: Helper) {
        let known = match self.ty(0) {
            Ty::Any => None,
            Ty::List | Ty::Tuple | Ty::Range | Ty::Array => Some(helper == Helper::IsSequence),
            Ty::Dict => Some(helper == Helper::IsMapping),
            _ => Some(false),
        };
        let v = match known {
            Some(known) => self.boolean(known),
            None => {
                let subject = self.peek(0).clone();
                let o = self.slot_obj(&subject);
                self.val(Op::Call { helper }, &[o], Reason::None)
            }
        };
        self.push_val(v);
    }

    /// Pushes the subject's length.
    fn get_len(&mut self, ins: &Instr) {
        if let Slot::Tuple(items) = self.peek(0) {
            let n = items.len() as i64;
            let n = self.int(n);
            return self.push_val(n);
        }
        let len = match self.ty(0) {
            Ty::List => Op::ListLen,
            Ty::Tuple => Op::TupleLen,
            Ty::Array => Op::ArrayLen,
            _ => return self.ask(ins, Helper::Length, 1, &[], 0),
        };
        let Some(o) = self.want_obj(0) else {
            return self.leave(Reason::Unsupported(ins.op));
        };
        let n = self.val(len, &[o], Reason::None);
        self.push_val(n);
    }

    /// `case C(...)`: stack is subject, class, names. What is captured may be the subject itself, so that has to be an object already.
    fn match_class(&mut self, ins: &Instr) {
        let is_object = match self.peek(2) {
            Slot::Val { v, .. } => self.f.repr(*v) == Repr::Obj,
            Slot::Const(_) => true,
            _ => false,
        };
        if !is_object {
            return self.leave(Reason::Unsupported(ins.op));
        }
        self.ask(ins, Helper::MatchClass, 3, &[i64::from(ins.arg)], 3);
    }

    /// Asks a helper about the top `n` slots, takes the top ones off the stack, and pushes the answer.
    fn ask(&mut self, ins: &Instr, helper: Helper, n: usize, extra: &[i64], taken: usize) {
        match self.helper(helper, n, extra, Ty::Any) {
            Some(v) => {
                let owned = helper.info().result == Res::N;
                self.finish(taken, Some(Slot::Val { v, owned }));
                self.after(helper);
            }
            None => self.leave(Reason::Unsupported(ins.op)),
        }
    }

    /// `a, *rest, z = sequence`, of a list or tuple.
    fn unpack_rest(&mut self, ins: &Instr) {
        let (before, behind) = (i64::from(ins.arg & 0xff), i64::from(ins.arg >> 8));
        let ty = self.assume(0, ins);
        if !matches!(ty, Ty::List | Ty::Tuple) || self.feedback(ins.start).generic {
            return self.leave(Reason::Unsupported(ins.op));
        }
        let Some(o) = self.want_obj(0) else {
            return self.leave(Reason::Unsupported(ins.op));
        };
        self.guard(o, ty);
        let (len, get) = if ty == Ty::List {
            (Op::ListLen, Op::ListGet)
        } else {
            (Op::TupleLen, Op::TupleGet)
        };
        let n = self.val(len, &[o], Reason::None);
        let least = self.int(before + behind);
        let enough = self.val(Op::ICmp { cc: crate::ops::Cc::Le }, &[least, n], Reason::None);
        self.emit(Op::GuardTrue, &[enough], Reason::Bounds);
        let behind_it = self.int(behind);
        let end = self.val(
            Op::ISub {
                ovf: crate::ops::Ovf::Wrap,
            },
            &[n, behind_it],
            Reason::None,
        );
        let start = self.int(before);
        let (rest, reason) = if ty == Ty::List {
            (Helper::ListSlice, Reason::Domain)
        } else {
            (Helper::TupleRest, Reason::None)
        };
        let rest = self.obj(Op::Call { helper: rest }, &[o, start, end], reason, Ty::List);
        let mut items = Vec::new();
        for i in 0..before + behind {
            let at = self.int(if i < before { i } else { i - before });
            let at = if i < before {
                at
            } else {
                self.val(
                    Op::IAdd {
                        ovf: crate::ops::Ovf::Wrap,
                    },
                    &[end, at],
                    Reason::None,
                )
            };
            let v = self.obj(get, &[o, at], Reason::None, Ty::Any);
            self.emit(Op::IncRef, &[v], Reason::None);
            items.push(Slot::Val { v, owned: true });
        }
        items.insert(before as usize, Slot::Val { v: rest, owned: true });
        let seq = self.pop();
        items.into_iter().rev().for_each(|s| self.push(s));
        self.release(seq);
    }
}
