//! Entry, blocks, terminators, and the dispatch on ops.

use crate::api::ctx;
use crate::cx::{CVal, Cx, Fallible, Shape};
use crate::floats::float_cc;
use cranelift_codegen::ir::condcodes::{CondCode, FloatCC, IntCC};
use cranelift_codegen::ir::{InstBuilder, types};
use whipsnake_abi::layout::{bytes, func, list, str, tstate, tuple};
use whipsnake_hir::helpers::Helper;
use whipsnake_hir::ir::{Def, EntryMode, InstData, Target, Value};
use whipsnake_hir::ops::{FuncField, Op};

impl<'a> Cx<'a, '_> {
    /// Lowers the whole function.
    pub fn function(&mut self) -> Fallible<()> {
        let (f, flow) = (self.f, self.flow);
        let start = self.new_block();
        self.b.append_block_params_for_function_params(start);
        self.at(start);
        self.b.seal_block(start);
        self.ctx = self.b.block_params(start)[0];
        let params = &f.block(f.entry).params;
        if params.len() > ctx::WORD_COUNT {
            return Err("too many parameters".to_string());
        }
        let args: Vec<CVal> = match self.shape {
            Shape::Entry => (params.iter().enumerate())
                .map(|(n, &p)| self.load_word(f.repr(p), n as u16))
                .collect(),
            Shape::Body(_) => self.b.block_params(start)[1..].to_vec(),
        };
        let entry = self.block(f.entry);
        self.jump(entry, &args);
        for &b in &flow.order {
            let block = self.block(b);
            self.at(block);
            if flow.is_forward(b) {
                self.b.seal_block(block);
            }
            self.current = b;
            self.cold = f.block(b).cold;
            for (n, &p) in f.block(b).params.iter().enumerate() {
                let v = self.b.block_params(block)[n];
                self.set(p, v);
            }
            let mut insts = f.block(b).insts.iter().map(|&i| f.inst(i)).peekable();
            while let Some(inst) = insts.next() {
                if inst.op == Op::CallSelf {
                    let check = insts.next_if(|next| flow.checks_itself() && next.op == Op::GuardValid);
                    self.call_self(inst, check)?;
                } else {
                    self.inst(inst)?;
                }
            }
        }
        self.cold = false;
        self.finish_exits();
        self.b.seal_all_blocks();
        Ok(())
    }

    /// Lowers a header once more, at the end of a latch.
    fn copy_header(&mut self, t: &'a Target) -> Fallible<()> {
        let f = self.f;
        let args: Vec<CVal> = t.args.iter().map(|&a| self.val(a)).collect();
        for (&p, v) in f.block(t.block).params.iter().zip(args) {
            self.set(p, v);
        }
        for &i in &f.block(t.block).insts {
            self.inst(f.inst(i))?;
        }
        Ok(())
    }

    /// A deferred value.
    pub fn compute(&mut self, inst: &'a InstData) -> CVal {
        let value = self.op(inst).expect("what is deferred needs nothing of the process");
        value.expect("what is deferred has a value")
    }

    fn inst(&mut self, inst: &'a InstData) -> Fallible<()> {
        if inst.result.is_some_and(|r| self.flow.is_deferred(r)) {
            return Ok(());
        }
        if self.o.exit_every > 0 && inst.op.effects().exits && inst.state.is_some() && inst.op != Op::Exit {
            self.forced_exit(inst);
        }
        let value = self.op(inst)?;
        if let (Some(r), Some(v)) = (inst.result, value) {
            self.set(r, v);
        }
        Ok(())
    }

    /// Lowers one op; its value, if it has one.
    fn op(&mut self, inst: &'a InstData) -> Fallible<Option<CVal>> {
        let value = match inst.op {
            // Made where they are used; here only for the sake of a float that no use can have in memory.
            Op::ConstInt { .. } | Op::ConstBool { .. } | Op::ConstObj { .. } | Op::ConstNull => return Ok(None),
            Op::ConstFloat { bits } => self.f64const(f64::from_bits(bits)),

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
            Op::IBits => self.ibits(inst),
            Op::INot => self.unary(inst, |b, x| b.bnot(x)),
            Op::IShl { ovf } => self.ishl(inst, ovf),
            Op::IShr => self.ishr(inst),
            Op::ICmp { cc } => self.icmp_op(inst, cc),
            Op::IToF => self.unary(inst, |b, x| b.fcvt_from_sint(types::F64, x)),

            Op::IUShr => self.iushr(inst),
            Op::IUCmp { cc } => self.iucmp(inst, cc),
            Op::IUMulHigh { ovf } => self.iumulhigh(inst, ovf),
            Op::IMulHigh => self.binary(inst, |b, x, y| b.smulhi(x, y)),
            Op::IUDiv => self.iudiv(inst),
            Op::IURem => self.iurem(inst),
            Op::IUToF => self.unary(inst, |b, x| b.fcvt_from_uint(types::F64, x)),
            Op::Narrow => self.narrow(inst),
            Op::UnboxLow => self.unbox_low(inst),
            Op::UnboxHigh => self.unbox_high(inst),

            Op::FAdd => self.commutative_float(inst, |b, x, y| b.fadd(x, y)),
            Op::FSub => self.float_binary(inst, |b, x, y| b.fsub(x, y)),
            Op::FMul => self.commutative_float(inst, |b, x, y| b.fmul(x, y)),
            Op::FDiv => self.fdiv(inst),
            Op::FNeg => self.unary(inst, |b, x| b.fneg(x)),
            Op::FAbs => self.unary(inst, |b, x| b.fabs(x)),
            Op::FSqrt => self.fsqrt(inst),
            Op::FCmp { cc } => self.fcmp_with(inst, cc, |cc| cc),
            Op::FMath1 { f } => self.fmath1(inst, f),
            Op::FMath2 { f } => self.fmath2(inst, f),
            Op::FIs { class } => self.fis(inst, class),
            Op::FToI { mode } => self.ftoi(inst, mode),
            Op::ModulusCmp { cc } => self.modulus_cmp(inst, cc),
            Op::GuardPart => return self.none(|cx| cx.guard_part(inst)),
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
            Op::BoxBool => self.box_bool(inst.args[0]),
            Op::BoxComplex => {
                let (re, im) = (self.arg(inst, 0), self.arg(inst, 1));
                self.box_complex(re, im)
            }
            Op::ComplexReal => self.complex_part(inst, 0),
            Op::ComplexImag => self.complex_part(inst, 8),
            Op::UnboxInt => self.unbox_int(inst),
            Op::UnboxFloat => self.unbox_float(inst),
            Op::RealOf => return self.real_of(inst).map(Some),
            Op::UnboxBool => self.unbox_bool(inst),

            Op::GuardType { ty } => return self.guard_type(inst, ty).map(|()| None),
            Op::GuardIs { obj } => return self.none(|cx| cx.guard_is(inst, obj)),
            Op::GuardNotNull | Op::GuardTrue => return self.none(|cx| cx.guard_nonzero(inst)),
            Op::GuardFalse => return self.none(|cx| cx.guard_zero(inst)),
            Op::GuardArrayCode { code } => return self.none(|cx| cx.guard_array_code(inst, code)),
            Op::Proof => return Ok(None),
            Op::GuardValid => return self.none(|cx| cx.guard_valid(inst)),
            Op::TypeIs { ty } => {
                let p = self.arg(inst, 0);
                self.type_is(p, ty)?
            }
            Op::ObjIs => self.binary(inst, |b, x, y| b.icmp(IntCC::Equal, x, y)),
            Op::IsNull => self.unary(inst, |b, x| b.icmp_imm_s(IntCC::Equal, x, 0)),

            Op::IncRef => return self.none(|cx| cx.on_object(inst, false, Self::incref)),
            Op::XIncRef => return self.none(|cx| cx.on_object(inst, true, Self::incref)),
            Op::DecRefLeaf => {
                return self.none(|cx| {
                    let ty = cx.f.value(inst.args[0]).ty;
                    cx.on_object(inst, false, |cx, p| cx.decref_leaf(p, ty));
                });
            }
            Op::DecRef => return self.none(|cx| cx.on_object(inst, false, |cx, p| cx.decref(p, inst.state))),
            Op::XDecRef => return self.none(|cx| cx.on_object(inst, true, |cx, p| cx.decref(p, inst.state))),

            Op::ListLen => self.field(inst, self.mem.list_shape, list::LEN),
            Op::ListItems => self.field(inst, self.mem.list_shape, list::ITEMS),
            Op::TupleLen => self.field(inst, self.mem.fixed, tuple::LEN),
            Op::Index => self.index(inst),
            Op::IndexPos => self.index_pos(inst),
            Op::ListGet => self.list_get(inst),
            Op::TupleGet => self.tuple_get(inst),
            Op::ListSwap => self.list_swap(inst),
            Op::ListSet => return self.none(|cx| cx.list_set(inst)),
            Op::ListSetFloat => return self.list_set_float(inst).map(|()| None),
            Op::ListSetInt => return self.list_set_int(inst).map(|()| None),
            Op::ListNew => self.sequence_new(inst, self.t.list_new),
            Op::TupleNew => self.sequence_new(inst, self.t.tuple_new),

            Op::StrLen => self.field(inst, self.mem.fixed, str::LEN),
            Op::StrOrdAt => self.str_ord_at(inst),
            Op::BytesLen => self.field(inst, self.mem.fixed, bytes::LEN),
            Op::BytesGet => self.bytes_get(inst),
            Op::BytearrayLen => self.field(inst, self.mem.buffer_shape, whipsnake_abi::layout::bytearray::LEN),
            Op::BytearrayItems => self.field(inst, self.mem.buffer_shape, whipsnake_abi::layout::bytearray::START),
            Op::BytearrayGet => self.bytearray_get(inst),
            Op::BytearraySet => return self.none(|cx| cx.bytearray_set(inst)),
            Op::ArrayLen => self.field(inst, self.mem.buffer_shape, whipsnake_abi::layout::array::LEN),
            Op::ArrayItems => self.field(inst, self.mem.buffer_shape, whipsnake_abi::layout::array::ITEMS),
            Op::ArrayGetInt { code } => self.array_get_int(inst, code)?,
            Op::ArrayGetFloat { code } => self.array_get_float(inst, code)?,
            Op::ArraySetInt { code } => return self.array_set_int(inst, code).map(|()| None),
            Op::ArraySetFloat { code } => return self.array_set_float(inst, code).map(|()| None),

            Op::CellGet => self.field(inst, self.mem.cell, whipsnake_abi::layout::cell::REF),
            Op::CellSwap => self.cell_swap(inst),
            Op::CellSet => return self.none(|cx| cx.cell_set(inst)),

            Op::GuardEntries { ver } => return self.none(|cx| cx.guard_entries(inst, ver)),
            Op::EntryGet { offset } => self.entry_get(inst, offset),
            Op::EntrySwap { offset } => self.entry_swap(inst, offset),
            Op::EntrySet { offset } => return self.none(|cx| cx.entry_set(inst, offset)),
            Op::EntrySetFloat { offset } => return self.entry_set_float(inst, offset).map(|()| None),
            Op::EntrySetInt { offset } => return self.entry_set_int(inst, offset).map(|()| None),

            Op::GuardCode { obj } => return self.none(|cx| cx.guard_function(inst, func::CODE, obj)),
            Op::GuardGlobals { obj } => return self.none(|cx| cx.guard_function(inst, func::GLOBALS, obj)),
            Op::CodeIs { obj } => self.function_has(inst, func::CODE, obj),
            Op::FuncGet { field } => {
                let offset = match field {
                    FuncField::Defaults => func::DEFAULTS,
                    FuncField::Closure => func::CLOSURE,
                };
                self.field(inst, self.mem.func, offset)
            }

            Op::VersionIs { ver } => self.version_is(inst, ver),
            Op::GuardVersion { ver } => return self.none(|cx| cx.guard_version(inst, ver)),
            Op::GuardMro { index } => return self.none(|cx| cx.guard_mro(inst, index)),
            Op::GuardKeys { ver } => return self.none(|cx| cx.guard_keys(inst, ver)),
            Op::AttrGet { at } => self.attr_get(inst, at),
            Op::AttrSet { at } => return self.none(|cx| cx.attr_set(inst, at)),
            Op::AttrSetFloat { at } => return self.attr_set_float(inst, at).map(|()| None),
            Op::AttrSetInt { at } => return self.attr_set_int(inst, at).map(|()| None),
            Op::AttrSwap { at } => self.attr_swap(inst, at),
            Op::AttrInit { at } => return self.none(|cx| cx.attr_init(inst, at)),
            Op::GuardClassKeys { ver } => return self.none(|cx| cx.guard_class_keys(inst, ver)),
            Op::GuardClass { ver } => return self.none(|cx| cx.guard_class(inst, ver)),

            Op::Call {
                helper: helper @ (Helper::ListAppend | Helper::ListAppendInt | Helper::ListAppendFloat),
            } => return self.list_append(inst, helper).map(|()| None),
            Op::Call { helper } => return self.call_helper(inst, helper),
            Op::Shortcut { helper } => return self.call_shortcut(inst, helper),
            Op::CallNative { link } => self.call_native(inst, link),
            Op::CallSelf => unreachable!("lowered with what follows"),

            Op::Jump => return self.jump_to(&inst.targets[0]).map(|()| None),
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

    fn args_of(&mut self, t: &Target) -> Vec<CVal> {
        t.args.iter().map(|&a| self.val(a)).collect()
    }

    fn jump_to(&mut self, t: &'a Target) -> Fallible<()> {
        if self.flow.is_rotated(t.block) && self.flow.is_back_edge(self.current, t.block) && !self.cold {
            return self.copy_header(t);
        }
        let args = self.args_of(t);
        let to = self.block(t.block);
        self.jump(to, &args);
        Ok(())
    }

    /// A block's first successor is laid out last by Cranelift: the target that stays in the loop must come second.
    fn branch(&mut self, inst: &InstData) {
        let [yes, no] = &inst.targets[..] else {
            unreachable!("a branch has two targets")
        };
        let swap = self.flow.prefers_first(self.current, yes.block, no.block);
        let cond = if swap { self.negated(inst.args[0]) } else { self.val(inst.args[0]) };
        let (first, second) = if swap { (no, yes) } else { (yes, no) };
        let (then, els) = (self.args_of(first), self.args_of(second));
        let (first, second) = (self.block(first.block), self.block(second.block));
        self.brif(cond, first, &then, second, &els);
    }

    /// The opposite of a condition; a comparison is made again, as its opposite.
    fn negated(&mut self, cond: Value) -> CVal {
        if let Def::Inst(i) = self.f.value(cond).def {
            let inst = self.f.inst(i);
            match inst.op {
                Op::ICmp { cc } => return self.icmp_op(inst, cc.negate()),
                Op::FCmp { cc } => return self.fcmp_with(inst, cc, FloatCC::complement),
                _ => {}
            }
        }
        let cond = self.val(cond);
        self.icmp_imm(IntCC::Equal, cond, 0)
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
        let then = self.load(types::I64, self.mem.ctx, self.ctx, ctx::BREAKER as usize);
        // Last, so that the comparison takes it from memory.
        let now = self.load(types::I64, self.mem.tstate, ts, tstate::EVAL_BREAKER);
        let same = self.icmp(IntCC::Equal, then, now);
        self.exit_unless(same, inst);
        if self.o.count_turns && self.is_entered_loop(inst) {
            let left = self.load(types::I64, self.mem.ctx, self.ctx, ctx::TURNS as usize);
            let left = self.b.ins().iadd_imm_s(left, -1);
            self.store(self.mem.ctx, left, self.ctx, ctx::TURNS as usize);
            let some = self.icmp_imm(IntCC::NotEqual, left, 0);
            self.exit_unless(some, inst);
        }
    }

    /// Whether a safe point is at the back-edge of the loop in whose header the code is entered.
    fn is_entered_loop(&self, inst: &InstData) -> bool {
        let (EntryMode::Frame { bci }, Some(state)) = (self.f.mode, inst.state) else {
            return false;
        };
        let state = &self.f.states[state.0 as usize];
        state.parent.is_none() && state.bci == bci
    }
}
