//! Ways into a function's body, besides its own calls: machine functions of their own in front of it.
//!
//! **The entry** finds the parameters in the `Ctx`'s words; the runtime has checked and unboxed them, and has pushed an activation.
//!
//! **The native entry** is for compiled callers. It is called with objects, checks and unboxes them as the runtime would, pushes the
//! activation itself, and boxes the result. Where an argument does not fit it answers [`status::DECLINED`]: nothing has happened,
//! and the runtime finds out what to do.

use crate::api::{Native, Target, activation, ctx, header, status};
use crate::cx::{CBlock, CVal, Cx, Fallible, Shape};
use cranelift_codegen::ir::{AbiParam, InstBuilder, Signature, StackSlotData, StackSlotKind, types};
use cranelift_codegen::isa::CallConv;
use whipsnake_abi::layout::{complex, float, func, tuple};
use whipsnake_hir::ir::{Function, Kind};
use whipsnake_hir::types::{Repr, Ty};

/// The machine signature of the body: status and result.
pub(crate) fn body_signature(f: &Function) -> Signature {
    let mut sig = Signature::new(CallConv::SystemV);
    sig.params.push(AbiParam::new(types::I64));
    let params = &f.block(f.entry).params;
    sig.params.extend(params.iter().map(|&p| AbiParam::new(Cx::ty(f.repr(p)))));
    sig.returns.push(AbiParam::new(types::I64));
    sig.returns.push(AbiParam::new(Cx::ty(f.ret)));
    sig
}

pub(crate) fn entry_signature() -> Signature {
    let mut sig = Signature::new(CallConv::SystemV);
    sig.params.push(AbiParam::new(types::I64));
    sig.returns.push(AbiParam::new(types::I64));
    sig
}

pub(crate) fn native_signature() -> Signature {
    let mut sig = Signature::new(CallConv::SystemV);
    sig.params.extend([AbiParam::new(types::I64); 3]);
    sig.returns.extend([AbiParam::new(types::I64); 2]);
    sig
}

/// Whether objects can be checked against the entry's kinds here.
pub(crate) fn has_native(f: &Function, t: &Target, n: &Native) -> bool {
    let plain = |k: &Kind| match k {
        Kind::Obj(ty) => *ty == Ty::Any || t.types[*ty as usize] != 0,
        Kind::Maybe | Kind::Const(_) | Kind::Int | Kind::Float | Kind::Bool | Kind::Complex => true,
        _ => false,
    };
    f.entry_stack.is_empty() && f.entry_locals.len() >= n.parameters && f.entry_locals.iter().all(plain)
}

impl Cx<'_, '_> {
    /// Opens the function's first block; its parameters.
    fn open_entry(&mut self) -> Vec<CVal> {
        let start = self.new_block();
        self.b.append_block_params_for_function_params(start);
        self.at(start);
        let params = self.b.block_params(start).to_vec();
        self.ctx = params[0];
        params
    }

    /// Calls the body; status and value.
    fn call_body(&mut self, args: &[CVal]) -> (CVal, CVal) {
        let Shape::Body(body) = self.shape else {
            unreachable!("only a body has other ways in")
        };
        let mut all = vec![self.ctx];
        all.extend(args);
        let call = self.b.ins().call(body, &all);
        let [st, value] = *self.b.inst_results(call) else {
            unreachable!("a body returns a status and a value")
        };
        (st, value)
    }

    /// The entry: parameters from the words, the result back into word 0.
    pub fn entry_from_words(&mut self) {
        self.open_entry();
        let params = &self.f.block(self.f.entry).params;
        let args: Vec<CVal> = (params.iter().enumerate())
            .map(|(n, &p)| self.load_word(self.f.repr(p), n as u16))
            .collect();
        let (st, value) = self.call_body(&args);
        let (returned, done) = (self.new_block(), self.new_block());
        self.brif(st, done, &[], returned, &[]);
        self.at(returned);
        let (flags, p) = (self.mem.ctx, self.ctx);
        self.store_wide(flags, value, p, Self::word_offset(0));
        self.jump(done, &[]);
        self.at(done);
        self.b.ins().return_(&[st]);
        self.b.seal_all_blocks();
    }

    /// The native entry.
    pub fn native_entry(&mut self, n: &Native) -> Fallible<()> {
        let [_, callee, given] = self.open_entry()[..] else {
            unreachable!("a native entry has three parameters")
        };
        let declined = self.cold_block();
        for (field, want) in [(func::GLOBALS, n.globals), (func::BUILTINS, n.builtins)] {
            let have = self.load(types::I64, self.mem.func, callee, field);
            let same = self.is_addr(have, want);
            self.leave_unless(same, declined);
        }
        let mut args = Vec::new();
        for (i, kind) in self.f.entry_locals.iter().enumerate().take(n.parameters) {
            let o = self.load(types::I64, self.mem.stack, given, 8 * i);
            self.take_argument(kind, o, declined, &mut args)?;
        }
        if self.f.entry_locals.len() > n.parameters {
            let cells = self.load(types::I64, self.mem.func, callee, func::CLOSURE);
            for i in 0..self.f.entry_locals.len() - n.parameters {
                args.push(self.load(types::I64, self.mem.fixed, cells, tuple::ITEMS + 8 * i));
            }
        }

        let slot = StackSlotData::new(StackSlotKind::ExplicitSlot, activation::SIZE, 3);
        let slot = self.b.create_sized_stack_slot(slot);
        let record = self.b.ins().stack_addr(types::I64, slot, 0);
        let head = self.addr(self.t.header);
        let put = |cx: &mut Self, v: CVal, field: i32| cx.store(cx.mem.stack, v, record, field as usize);
        let version = self.load(types::I64, self.mem.valid, head, header::VERSION as usize);
        put(self, version, activation::VERSION);
        put(self, callee, activation::FUNC);
        let none = self.iconst(0);
        put(self, none, activation::FRAME);
        let previous = self.load(types::I64, self.mem.ctx, self.ctx, ctx::CURRENT as usize);
        put(self, previous, activation::PREVIOUS);
        let deferred = self.load(types::I64, self.mem.ctx, self.ctx, ctx::DEFERRED as usize);
        put(self, deferred, activation::DEFERRED);
        self.store(self.mem.ctx, record, self.ctx, ctx::CURRENT as usize);
        self.count(head, types::I64, header::ENTRIES, 1);
        self.count(head, types::I32, header::INSIDE, 1);
        let (st, value) = self.call_body(&args);
        self.count(head, types::I32, header::INSIDE, -1);
        let previous = self.load(types::I64, self.mem.stack, record, activation::PREVIOUS as usize);
        self.store(self.mem.ctx, previous, self.ctx, ctx::CURRENT as usize);
        let (returned, left) = (self.new_block(), self.cold_block());
        self.brif(st, left, &[], returned, &[]);

        self.at(returned);
        let result = match self.f.ret {
            Repr::Obj => value,
            Repr::Int => self.box_int_in_line(value),
            Repr::Float => self.box_float(value),
            Repr::Bool => {
                let (t, f) = (self.addr(self.t.true_), self.addr(self.t.false_));
                self.b.ins().select(value, t, f)
            }
        };
        self.b.ins().return_(&[st, result]);
        self.at(left);
        let result = self.load_word(Repr::Obj, 0);
        self.b.ins().return_(&[st, result]);
        self.at(declined);
        let st = self.iconst(status::DECLINED);
        let none = self.iconst(0);
        self.b.ins().return_(&[st, none]);
        self.b.seal_all_blocks();
        Ok(())
    }

    /// Adds to a number in memory.
    fn count(&mut self, p: CVal, ty: cranelift_codegen::ir::Type, field: i32, by: i64) {
        let n = self.load(ty, self.mem.valid, p, field as usize);
        let n = self.b.ins().iadd_imm_s(n, by);
        self.store(self.mem.valid, n, p, field as usize);
    }

    /// Checks an argument and takes it apart into the body's parameters.
    fn take_argument(&mut self, kind: &Kind, o: CVal, declined: CBlock, args: &mut Vec<CVal>) -> Fallible<()> {
        let ty = match kind {
            Kind::Obj(ty) => *ty,
            Kind::Int => Ty::Int,
            Kind::Float => Ty::Float,
            Kind::Bool => Ty::Bool,
            Kind::Complex => Ty::Complex,
            _ => Ty::Any,
        };
        if ty != Ty::Any {
            let fits = self.type_is(o, ty)?;
            self.leave_unless(fits, declined);
        }
        match kind {
            Kind::Const(id) => {
                let same = self.is_addr(o, self.f.objs[id.0 as usize].ptr);
                self.leave_unless(same, declined);
            }
            Kind::Int => args.push(self.int_value(o, declined)),
            Kind::Float => args.push(self.load(types::F64, self.mem.boxed, o, float::VALUE)),
            Kind::Bool => args.push(self.is_addr(o, self.t.true_)),
            Kind::Complex => {
                for part in [complex::VALUE, complex::VALUE + 8] {
                    args.push(self.load(types::F64, self.mem.fixed, o, part));
                }
            }
            _ => args.push(o),
        }
        Ok(())
    }
}
