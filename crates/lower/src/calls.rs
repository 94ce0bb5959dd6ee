//! Calls of runtime helpers, of other compiled functions, and of the function itself.

use crate::api::{ctx, status};
use crate::cx::{CBlock, CVal, Cx, Fallible, Shape};
use crate::entries::native_signature;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{self as clif, InstBuilder, types};
use whipsnake_abi::layout::tstate;
use whipsnake_hir::helpers::Helper;
use whipsnake_hir::ir::{InstData, Reason, Role, StateId};
use whipsnake_hir::ops::Res;
use whipsnake_hir::types::Repr;

/// Python frames that must remain available before a call to itself goes native.
const RECURSION_RESERVE: i64 = 8;
/// What `iter_next` answers instead of an object when an exception is set.
const ITER_RAISED: i64 = 1;
/// What a shortcut answers when it declines.
const QUICK_DECLINED: i64 = -2;
const QUICK_ITER_DECLINED: i64 = 2;

/// The machine type of a helper's result.
fn result_type(res: Res) -> clif::Type {
    match res {
        Res::O | Res::N | Res::I => types::I64,
        Res::F => types::F64,
        Res::B => types::I8,
        Res::None => types::I32,
        Res::A | Res::R => unreachable!("no helper row has such a result"),
    }
}

/// What a helper's shortcut answers where it declines.
fn declined(helper: Helper) -> i64 {
    match helper.info().result {
        _ if helper == Helper::IterNext => QUICK_ITER_DECLINED,
        Res::O | Res::N => 0,
        _ => QUICK_DECLINED,
    }
}

impl Cx<'_, '_> {
    /// Stores words in a buffer on the stack; returns its address and their number.
    pub fn spread(&mut self, words: &[CVal]) -> (CVal, CVal) {
        let buf = self.arg_buffer(words.len() as u32);
        let flags = self.mem.stack;
        for (n, &w) in words.iter().enumerate() {
            self.store_wide(flags, w, buf, 8 * n as i32);
        }
        let n = self.iconst(words.len() as i64);
        (buf, n)
    }

    /// The address of a helper.
    pub fn helper_address(&self, helper: Helper) -> Fallible<u64> {
        match self.t.helpers[helper as usize] {
            0 => Err(format!("helper {helper} has no address")),
            a => Ok(a),
        }
    }

    /// What a helper is given for the operands.
    fn helper_args(&mut self, inst: &InstData) -> Vec<CVal> {
        let info = inst.op.info();
        let values: Vec<CVal> = inst.args.iter().map(|&a| self.val(a)).collect();
        if !info.variadic {
            return values;
        }
        let (fixed, rest) = values.split_at(info.operands.len() - 1);
        let mut args = fixed.to_vec();
        let (buf, n) = self.spread(rest);
        args.extend([buf, n]);
        args
    }

    /// Calls a helper's shortcut, and leaves where that declines.
    pub fn call_shortcut(&mut self, inst: &InstData, helper: Helper) -> Fallible<Option<CVal>> {
        let info = helper.info();
        let address = self.t.quick[helper as usize];
        if address == 0 {
            return Err(format!("helper {helper} has no shortcut"));
        }
        let args = self.helper_args(inst);
        let r = self.call_value(address, &args, result_type(info.result));
        let declined = self.icmp_imm(IntCC::Equal, r, declined(helper));
        let to = self.exit(inst);
        self.leave_if(declined, to);
        Ok((info.result != Res::None).then_some(r))
    }

    pub fn call_helper(&mut self, inst: &InstData, helper: Helper) -> Fallible<Option<CVal>> {
        let info = helper.info();
        let addr = self.helper_address(helper)?;
        let args = self.helper_args(inst);
        let ty = result_type(info.result);
        let r = if info.effects.user {
            let state = inst.state.ok_or_else(|| format!("{helper} has no frame state"))?;
            self.call_visibly(inst, state, helper, &args)
        } else {
            let r = self.call_value(addr, &args, ty);
            if info.effects.exits {
                let to = self.exit(inst);
                self.leave_on_failure(helper, r, to);
            }
            r
        };
        Ok((info.result != Res::None).then_some(r))
    }

    /// Calls a helper that may run Python code: its shortcut, if it has one, and where that declines, in a cold block, the
    /// helper itself with the state's frames visible.
    fn call_visibly(&mut self, inst: &InstData, state: StateId, helper: Helper, args: &[CVal]) -> CVal {
        let info = helper.info();
        let ty = result_type(info.result);
        // Carried names are written back when the module's frame becomes visible.
        let writes_names = self.f.root_state(state).carries(&self.f.names);
        let quick = if writes_names { 0 } else { self.t.quick[helper as usize] };
        let (done, result) = self.join_block(ty);
        let was_cold = self.cold;
        if quick != 0 {
            let r = self.call_value(quick, args, ty);
            let slow = self.cold_block();
            let declined = self.icmp_imm(IntCC::Equal, r, declined(helper));
            self.brif(declined, slow, &[], done, &[r]);
            self.at(slow);
            self.cold = true;
        }
        let r = if helper == Helper::CallPos && !writes_names {
            let (number, buf) = self.save_state(state);
            self.call_anything(number, buf, args)
        } else {
            self.frames_begin(state);
            let r = self.call_value(self.t.helpers[helper as usize], args, ty);
            self.frames_end();
            r
        };
        if info.effects.raises {
            let to = self.exit_for(inst, Reason::Raised);
            self.leave_on_failure(helper, r, to);
        }
        self.jump(done, &[r]);
        self.cold = was_cold;
        self.at(done);
        result
    }

    /// Leaves when a helper's result says that it failed.
    pub fn leave_on_failure(&mut self, helper: Helper, r: CVal, to: CBlock) {
        let failed = match helper.info().result {
            _ if helper == Helper::IterNext => self.icmp_imm(IntCC::Equal, r, ITER_RAISED),
            Res::O | Res::N => self.icmp_imm(IntCC::Equal, r, 0),
            Res::I => self.icmp_imm(IntCC::Equal, r, i64::MIN),
            Res::B | Res::None => self.icmp_imm(IntCC::Equal, r, -1),
            Res::F | Res::A | Res::R => unreachable!("no such row may fail"),
        };
        self.leave_if(failed, to);
    }

    /// The frames of a state that count as Python calls.
    fn python_frames(&self, state: StateId) -> i64 {
        let states = std::iter::successors(Some(state), |&s| self.f.state(s).parent);
        states.filter(|&s| !matches!(self.f.state(s).role, Role::Native(_))).count() as i64
    }

    /// Makes the frames left what they were before a call: not computed from what is there, which has to come through memory.
    fn restore_recursion(&mut self, left: CVal) {
        let ts = self.load(types::I64, self.mem.ctx, self.ctx, ctx::TSTATE as usize);
        self.store(self.mem.tstate, left, ts, tstate::PY_RECURSION_REMAINING);
    }

    /// Links a call that is made in a state, which is stored.
    fn link_call(&mut self, state: StateId) {
        let record = self.call_record();
        let number = self.iconst(i64::from(state.0));
        let outer = self.load(types::I64, self.mem.ctx, self.ctx, ctx::DEFERRED as usize);
        self.store(self.mem.stack, outer, record, 0);
        self.store(self.mem.stack, number, record, 8);
        self.store(self.mem.ctx, record, self.ctx, ctx::DEFERRED as usize);
    }

    /// Calls something through the runtime, with what a state's frames show stored: callable, arguments, their number.
    fn call_anything(&mut self, number: CVal, buf: CVal, args: &[CVal]) -> CVal {
        let all: Vec<CVal> = [self.ctx, number, buf].into_iter().chain(args.iter().copied()).collect();
        self.call_value(self.t.call, &all, types::I64)
    }

    /// Branches away when either stack is nearly used up, and leaves when something waits for the interpreter, which looks whenever a
    /// function starts; how many Python frames are left.
    fn room(&mut self, inst: &InstData, full: CBlock) -> CVal {
        let ts = self.load(types::I64, self.mem.ctx, self.ctx, ctx::TSTATE as usize);
        let waits = self.exit_for(inst, Reason::SafePoint);
        let then = self.load(types::I64, self.mem.ctx, self.ctx, ctx::BREAKER as usize);
        let now = self.load(types::I64, self.mem.tstate, ts, tstate::EVAL_BREAKER);
        let same = self.icmp(IntCC::Equal, then, now);
        self.leave_unless(same, waits);
        let left = self.load(types::I32, self.mem.tstate, ts, tstate::PY_RECURSION_REMAINING);
        let deep = self.icmp_imm(IntCC::SignedLessThanOrEqual, left, RECURSION_RESERVE);
        self.leave_if(deep, full);
        let sp = self.b.ins().get_stack_pointer(types::I64);
        let limit = self.load(types::I64, self.mem.ctx, self.ctx, ctx::STACK_LIMIT as usize);
        let deep = self.icmp(IntCC::UnsignedLessThan, sp, limit);
        self.leave_if(deep, full);
        left
    }

    /// The most Python frames there may be.
    fn recursion_limit(&mut self) -> CVal {
        let ts = self.load(types::I64, self.mem.ctx, self.ctx, ctx::TSTATE as usize);
        self.load(types::I32, self.mem.tstate, ts, tstate::PY_RECURSION_LIMIT)
    }

    /// Before a call of something compiled, its state stored: the frames that it adds are counted, and it is linked to the calls around it. The
    /// limit of frames, which the call may change.
    fn begin_call(&mut self, state: StateId, left: CVal) -> CVal {
        let frames = self.python_frames(state);
        let fewer = self.b.ins().iadd_imm_s(left, -frames);
        self.restore_recursion(fewer);
        self.link_call(state);
        self.recursion_limit()
    }

    /// Behind it: goes to `done` when it has stayed in compiled code; goes on in a cold block else. (What changes the limit has had the frames shown.)
    fn end_call(&mut self, st: CVal, left: CVal, limit: CVal, done: CBlock, value: &[CVal]) {
        let (plain, odd) = (self.new_block(), self.cold_block());
        let record = self.call_record();
        let outer = self.load(types::I64, self.mem.stack, record, 0);
        let both = self.b.ins().bor(st, outer);
        let is_odd = self.b.ins().band_imm_s(both, 1);
        self.brif(is_odd, odd, &[], plain, &[]);
        self.at(plain);
        self.restore_recursion(left);
        self.store(self.mem.ctx, outer, self.ctx, ctx::DEFERRED as usize);
        self.jump(done, value);
        self.at(odd);
        self.call(self.t.call_end, &[self.ctx, left, limit], None);
    }

    /// Calls a Python function by the native entry of what is compiled for it; where that does not take the call, by way of the runtime.
    pub fn call_native(&mut self, inst: &InstData, link: u64) -> CVal {
        let state = inst.state.expect("a call has a frame state");
        let args: Vec<CVal> = inst.args.iter().map(|&a| self.val(a)).collect();
        let (list, n) = self.spread(&args[1..]);
        let raised = self.exit_for(inst, Reason::Raised);
        let (done, result) = self.join_block(types::I64);
        let slow = self.cold_block();
        let (number, buf) = self.save_state(state);
        let left = self.room(inst, slow);
        let limit = self.begin_call(state, left);
        let place = self.addr(link);
        let entry = self.load(types::I64, self.mem.valid, place, 0);
        let sig = self.b.import_signature(native_signature());
        let call = self.b.ins().call_indirect(sig, entry, &[self.ctx, args[0], list]);
        let [st, value] = *self.b.inst_results(call) else {
            unreachable!("a native entry returns a status and a value")
        };
        self.end_call(st, left, limit, done, &[value]);
        let unfinished = self.cold_block();
        let exited = self.icmp_imm(IntCC::UnsignedLessThanOrEqual, st, status::EXITED);
        self.brif(exited, done, &[value], unfinished, &[]);
        self.at(unfinished);
        let declined = self.icmp_imm(IntCC::Equal, st, status::DECLINED);
        self.brif(declined, slow, &[], raised, &[]);
        self.at(slow);
        let r = self.call_anything(number, buf, &[args[0], list, n]);
        self.leave_on_failure(Helper::CallPos, r, raised);
        self.jump(done, &[r]);
        self.at(done);
        result
    }

    /// Calls the function's own body. Leaves beforehand when the interpreter is wanted, and when either stack is nearly used up: it then raises
    /// the RecursionError where it is due. The state is stored and the call linked to those on their way, so that somebody who looks
    /// meanwhile sees its frames. The check that comes next, if it is only needed after a call that did
    /// not stay in compiled code (see [`Flow`](crate::flow::Flow)), is made there.
    pub fn call_self(&mut self, inst: &InstData, check: Option<&InstData>) -> Fallible<()> {
        let Shape::Body(me) = self.shape else {
            unreachable!("a function that calls itself is lowered as a body")
        };
        let ret = self.f.ret;
        let full = self.exit_for(inst, Reason::Domain);
        let left = self.room(inst, full);
        let state = inst.state.expect("a call has a frame state");
        self.save_state(state);
        let limit = self.begin_call(state, left);
        let mut args = vec![self.ctx];
        args.extend(inst.args.iter().map(|&a| self.val(a)));
        let call = self.b.ins().call(me, &args);
        let [st, value] = *self.b.inst_results(call) else {
            unreachable!("a body returns a status and a value")
        };
        let r = inst.result.expect("a call has a result");
        self.set(r, value);
        let (done, boxed, checks, unfinished) = (self.new_block(), self.cold_block(), self.cold_block(), self.cold_block());
        self.end_call(st, left, limit, done, &[]);
        self.brif(st, unfinished, &[], checks, &[]);
        self.at(unfinished);
        let raised = self.exit_for(inst, Reason::Raised);
        let exited = self.icmp_imm(IntCC::Equal, st, status::EXITED);
        self.brif(exited, boxed, &[], raised, &[]);
        self.at(boxed);
        let object = self.load_word(Repr::Obj, 0);
        if ret == Repr::Obj {
            self.set(r, object);
            self.jump(checks, &[]);
        } else {
            let stray = self.exit_with(inst, Reason::Stray, object);
            let repr = self.b.ins().iconst(types::I32, ret as i64);
            let ok = self.call_value(self.t.unbox_result, &[self.ctx, object, repr], types::I32);
            let unboxed = self.cold_block();
            self.brif(ok, unboxed, &[], stray, &[]);
            self.at(unboxed);
            let v = self.load_word(ret, 0);
            self.set(r, v);
            self.jump(checks, &[]);
        }
        self.at(checks);
        if let Some(check) = check {
            self.guard_valid(check);
        }
        self.jump(done, &[]);
        self.at(done);
        Ok(())
    }
}
