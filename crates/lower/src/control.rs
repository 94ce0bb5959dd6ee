//! Entry, blocks, terminators, and the dispatch on ops.

use crate::api::ctx;
use crate::cx::{CVal, Cx, Fallible, Shape};
use crate::floats::float_cc;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{BlockArg, InstBuilder, types};
use whipsnake_abi::layout::{bytes, list, str, tstate, tuple};
use whipsnake_hir::ir::{Block, InstData, Target};
use whipsnake_hir::ops::Op;

impl<'a> Cx<'a, '_> {
    /// Lowers the whole function.
    pub fn function(&mut self, order: &[Block]) -> Fallible<()> {
        let start = self.new_block();
        self.b.append_block_params_for_function_params(start);
        self.at(start);
        self.ctx = self.b.block_params(start)[0];
        let params = &self.f.block(self.f.entry).params;
        if params.len() > ctx::WORD_COUNT {
            return Err("too many parameters".to_string());
        }
        let args: Vec<CVal> = match self.shape {
            Shape::Entry => params
                .iter()
                .enumerate()
                .map(|(n, &p)| self.load_word(self.f.repr(p), n as u16))
                .collect(),
            Shape::Body(_) => self.b.block_params(start)[1..].to_vec(),
        };
        let entry = self.block(self.f.entry);
        self.jump(entry, &args);
        let f = self.f;
        for &b in order {
            let block = self.block(b);
            self.at(block);
            self.cold = f.block(b).cold;
            for &i in &f.block(b).insts {
                self.inst(f.inst(i))?;
            }
        }
        self.cold = false;
        self.finish_exits();
        self.b.seal_all_blocks();
        Ok(())
    }

    fn inst(&mut self, inst: &'a InstData) -> Fallible<()> {
        if self.o.exit_every > 0 && inst.op.effects().exits && inst.op != Op::Exit {
            self.forced_exit(inst);
        }
        let value = self.op(inst)?;
        if let Some(r) = inst.result {
            self.set(r, value.ok_or_else(|| format!("{:?} was lowered to nothing", inst.op))?);
        }
        Ok(())
    }

    /// Lowers one op; its value, if it has one.
    fn op(&mut self, inst: &'a InstData) -> Fallible<Option<CVal>> {
        let value = match inst.op {
            Op::ConstInt { v } => self.iconst(v),
            Op::ConstFloat { bits } => self.f64const(f64::from_bits(bits)),
            Op::ConstBool { v } => self.b.ins().iconst(types::I8, i64::from(v)),
            Op::ConstObj { obj } => self.addr(self.f.objs[obj.0 as usize].ptr),
            Op::ConstNull => self.iconst(0),

            Op::IAdd { ovf } => self.iadd(inst, ovf),
            Op::ISub { ovf } => self.isub(inst, ovf),
            Op::IMul { ovf } => self.imul(inst, ovf),
            Op::INeg { ovf } => self.ineg(inst, ovf),
            Op::IAbs => self.iabs(inst),
            Op::IFloorDiv => self.ifloordiv(inst),
            Op::IMod => self.imod(inst),
            Op::ITrueDiv => self.itruediv(inst),
            Op::IPow => self.ipow(inst),
            Op::IAnd | Op::BAnd => self.binary(inst, |b, x, y| b.band(x, y)),
            Op::IOr | Op::BOr => self.binary(inst, |b, x, y| b.bor(x, y)),
            Op::IXor | Op::BXor => self.binary(inst, |b, x, y| b.bxor(x, y)),
            Op::INot => self.unary(inst, |b, x| b.bnot(x)),
            Op::IShl { ovf } => self.ishl(inst, ovf),
            Op::IShr => self.ishr(inst),
            Op::ICmp { cc } => self.icmp_op(inst, cc),
            Op::IToF => self.unary(inst, |b, x| b.fcvt_from_sint(types::F64, x)),

            Op::FAdd => self.binary(inst, |b, x, y| b.fadd(x, y)),
            Op::FSub => self.binary(inst, |b, x, y| b.fsub(x, y)),
            Op::FMul => self.binary(inst, |b, x, y| b.fmul(x, y)),
            Op::FDiv => self.fdiv(inst),
            Op::FNeg => self.unary(inst, |b, x| b.fneg(x)),
            Op::FAbs => self.unary(inst, |b, x| b.fabs(x)),
            Op::FSqrt => self.fsqrt(inst),
            Op::FCmp { cc } => self.fcmp_op(inst, cc),
            Op::FMath1 { f } => self.fmath1(inst, f),
            Op::FMath2 { f } => self.fmath2(inst, f),
            Op::FIs { class } => self.fis(inst, class),
            Op::FToI { mode } => self.ftoi(inst, mode),
            Op::IFCmp { cc } => self.ifcmp(inst, float_cc(cc)),

            Op::BNot => self.bnot(inst),
            Op::BToI => self.unary(inst, |b, x| b.uextend(types::I64, x)),
            Op::Select => self.select(inst),

            Op::BoxInt => {
                let v = self.arg(inst, 0);
                self.box_int(v)
            }
            Op::BoxFloat => {
                let v = self.arg(inst, 0);
                self.box_float(v)
            }
            Op::BoxBool => {
                let v = self.arg(inst, 0);
                self.box_bool(v)
            }
            Op::UnboxInt => self.unbox_int(inst),
            Op::UnboxFloat => self.unbox_float(inst),
            Op::UnboxBool => self.unbox_bool(inst),

            Op::GuardType { ty } => return self.guard_type(inst, ty).map(|()| None),
            Op::GuardIs { obj } => return self.none(|cx| cx.guard_is(inst, obj)),
            Op::GuardNotNull | Op::GuardTrue => return self.none(|cx| cx.guard_nonzero(inst)),
            Op::GuardFalse => return self.none(|cx| cx.guard_zero(inst)),
            Op::GuardArrayCode { code } => return self.none(|cx| cx.guard_array_code(inst, code)),
            Op::GuardValid => return self.none(|cx| cx.guard_valid(inst)),
            Op::TypeIs { ty } => {
                let p = self.arg(inst, 0);
                self.type_is(p, ty)?
            }
            Op::ObjIs => self.binary(inst, |b, x, y| b.icmp(IntCC::Equal, x, y)),
            Op::IsNull => self.unary(inst, |b, x| b.icmp_imm_s(IntCC::Equal, x, 0)),

            Op::IncRef => return self.none(|cx| cx.incref(cx.arg(inst, 0))),
            Op::XIncRef => return self.none(|cx| cx.unless_null(cx.arg(inst, 0), |cx| cx.incref(cx.arg(inst, 0)))),
            Op::DecRefLeaf => return self.none(|cx| cx.decref_leaf(cx.arg(inst, 0))),
            Op::DecRef => return self.none(|cx| cx.decref(cx.arg(inst, 0), inst.state)),
            Op::XDecRef => return self.none(|cx| cx.unless_null(cx.arg(inst, 0), |cx| cx.decref(cx.arg(inst, 0), inst.state))),

            Op::ListLen => self.field(inst, self.mem.list_shape, list::LEN),
            Op::TupleLen => self.field(inst, self.mem.fixed, tuple::LEN),
            Op::Index => self.index(inst),
            Op::IndexPos => self.index_pos(inst),
            Op::ListGet => self.list_get(inst),
            Op::TupleGet => self.tuple_get(inst),
            Op::ListSet => return self.list_set(inst).map(|()| None),
            Op::ListSetFloat => return self.list_set_float(inst).map(|()| None),
            Op::ListSetInt => return self.list_set_int(inst).map(|()| None),
            Op::ListNew => self.sequence_new(inst, self.t.list_new),
            Op::TupleNew => self.sequence_new(inst, self.t.tuple_new),

            Op::StrLen => self.field(inst, self.mem.fixed, str::LEN),
            Op::StrOrdAt => self.str_ord_at(inst),
            Op::BytesLen => self.field(inst, self.mem.fixed, bytes::LEN),
            Op::BytesGet => self.bytes_get(inst),
            Op::BytearrayLen => self.field(inst, self.mem.buffer_shape, whipsnake_abi::layout::bytearray::LEN),
            Op::BytearrayGet => self.bytearray_get(inst),
            Op::BytearraySet => return self.none(|cx| cx.bytearray_set(inst)),
            Op::ArrayLen => self.field(inst, self.mem.buffer_shape, whipsnake_abi::layout::array::LEN),
            Op::ArrayGetInt { code } => self.array_get_int(inst, code)?,
            Op::ArrayGetFloat { code } => self.array_get_float(inst, code)?,
            Op::ArraySetInt { code } => return self.array_set_int(inst, code).map(|()| None),
            Op::ArraySetFloat { code } => return self.array_set_float(inst, code).map(|()| None),

            Op::CellGet => self.field(inst, self.mem.cell, whipsnake_abi::layout::cell::REF),
            Op::CellSet => return self.cell_set(inst).map(|()| None),

            Op::GuardVersion { ver } => return self.none(|cx| cx.guard_version(inst, ver)),
            Op::GuardKeys { ver } => return self.none(|cx| cx.guard_keys(inst, ver)),
            Op::AttrGet { at } => self.attr_get(inst, at),
            Op::AttrSet { at } => return self.attr_set(inst, at).map(|()| None),
            Op::AttrSetFloat { at } => return self.attr_set_float(inst, at).map(|()| None),
            Op::AttrSetInt { at } => return self.attr_set_int(inst, at).map(|()| None),

            Op::Call { helper } => return self.call_helper(inst, helper),
            Op::CallSelf => self.call_self(inst)?,

            Op::Jump => return self.none(|cx| cx.jump_to(&inst.targets[0])),
            Op::Branch => return self.none(|cx| cx.branch(inst)),
            Op::Return => return self.none(|cx| cx.ret(inst)),
            Op::Exit => {
                return self.none(|cx| {
                    let to = cx.exit(inst);
                    cx.jump(to, &[]);
                });
            }
            Op::SafePoint => return self.none(|cx| cx.safepoint(inst)),
        };
        Ok(Some(value))
    }

    fn none(&mut self, f: impl FnOnce(&mut Self)) -> Fallible<Option<CVal>> {
        f(self);
        Ok(None)
    }

    fn args_of(&self, t: &Target) -> Vec<BlockArg> {
        t.args.iter().map(|&a| self.val(a).into()).collect()
    }

    fn jump_to(&mut self, t: &Target) {
        let args = self.args_of(t);
        let to = self.block(t.block);
        self.b.ins().jump(to, &args);
    }

    fn branch(&mut self, inst: &InstData) {
        let [yes, no] = &inst.targets[..] else {
            unreachable!("a branch has two targets")
        };
        let cond = self.arg(inst, 0);
        let (then, els) = (self.args_of(yes), self.args_of(no));
        let (yes, no) = (self.block(yes.block), self.block(no.block));
        self.b.ins().brif(cond, yes, &then, no, &els);
    }

    fn ret(&mut self, inst: &InstData) {
        let v = self.arg(inst, 0);
        let ok = self.iconst(crate::api::status::RETURNED);
        match self.shape {
            Shape::Entry => {
                let (flags, p) = (self.mem.ctx, self.ctx);
                self.store_wide(flags, v, p, Self::word_offset(0));
                self.b.ins().return_(&[ok]);
            }
            Shape::Body(_) => {
                self.b.ins().return_(&[ok, v]);
            }
        }
    }

    /// Leaves when the thread's eval breaker is not what it was on entry.
    fn safepoint(&mut self, inst: &InstData) {
        let ts = self.load(types::I64, self.mem.ctx, self.ctx, ctx::TSTATE as usize);
        let now = self.load(types::I64, self.mem.tstate, ts, tstate::EVAL_BREAKER);
        let then = self.load(types::I64, self.mem.ctx, self.ctx, ctx::BREAKER as usize);
        let same = self.icmp(IntCC::Equal, now, then);
        self.exit_unless(same, inst);
    }
}
