//! Boxes, guards, tests and reference counts.
//!
//! A reference count is the 32-bit word at the start of an object; negative as a signed number means immortal, and
//! such counts are left alone.

use crate::api::{ctx, header, spares};
use crate::cx::{CBlock, CVal, Cx, Fallible};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, types};
use whipsnake_abi::layout::{self, complex, float, long, object, tstate};
use whipsnake_hir::ir::{InstData, StateId, Value};
use whipsnake_hir::ops::{ObjId, Op};
use whipsnake_hir::types::Ty;

/// Tags below these have at most one digit, or two.
pub(crate) const COMPACT_BELOW: i64 = 2 << layout::LONG_NON_SIZE_BITS;
const TWO_DIGITS_BELOW: i64 = 3 << layout::LONG_NON_SIZE_BITS;

impl Cx<'_, '_> {
    // ---- boxes

    pub fn box_int(&mut self, v: CVal) -> CVal {
        if self.is_hot() {
            self.box_int_in_line(v)
        } else {
            self.cold_call_value(self.t.box_int, &[v], types::I64)
        }
    }

    pub fn box_int_in_line(&mut self, v: CVal) -> CVal {
        let (done, result) = self.join_block(types::I64);
        let large = self.new_block();
        let p = self.small_int(v, large);
        self.jump(done, &[p]);
        self.at(large);
        let call = self.cold_block();
        let magnitude = self.b.ins().iabs(v);
        let one_digit = self.icmp_imm(IntCC::UnsignedLessThan, magnitude, 1 << layout::LONG_SHIFT);
        self.leave_unless(one_digit, call);
        let p = self.take_spare(self.t.spare_ints, call);
        self.write_digit(p, v, magnitude);
        self.jump(done, &[p]);
        self.box_by_call(call, self.t.box_int, &[v], done);
        result
    }

    /// The preallocated int of a value; goes to the block where there is none.
    pub fn small_int(&mut self, v: CVal, large: CBlock) -> CVal {
        let nth = self.b.ins().iadd_imm_s(v, -layout::SMALL_INT_MIN);
        let is_small = self.icmp_imm(IntCC::UnsignedLessThanOrEqual, nth, layout::SMALL_INT_MAX - layout::SMALL_INT_MIN);
        self.leave_unless(is_small, large);
        let stride = self.t.small_int_stride.cast_signed();
        let off = if stride.count_ones() == 1 {
            self.b.ins().ishl_imm_u(nth, i64::from(stride.trailing_zeros()))
        } else {
            self.b.ins().imul_imm_s(nth, stride)
        };
        let base = self.addr(self.t.small_ints);
        self.b.ins().iadd(base, off)
    }

    /// Where no box is ready: calls for one. Goes on where both ways meet.
    fn box_by_call(&mut self, call: CBlock, function: u64, parts: &[CVal], done: CBlock) {
        self.at(call);
        let p = self.cold_call_value(function, parts, types::I64);
        self.jump(done, &[p]);
        self.at(done);
    }

    /// Makes an int of one digit another one.
    pub fn write_digit(&mut self, p: CVal, v: CVal, magnitude: CVal) {
        let boxed = self.mem.boxed;
        // The sign bit is 2 for a negative number.
        let sign = self.b.ins().ushr_imm_u(v, 63);
        let sign = self.b.ins().iadd(sign, sign);
        let tag = self.b.ins().bor_imm_s(sign, 1 << layout::LONG_NON_SIZE_BITS);
        self.store(boxed, tag, p, long::TAG);
        let digit = self.b.ins().ireduce(types::I32, magnitude);
        self.store(boxed, digit, p, long::DIGITS);
    }

    /// A box made ahead; goes to the block where there is none.
    fn take_spare(&mut self, spares: u64, none: CBlock) -> CVal {
        let flags = self.mem.spares;
        let at = self.addr(spares);
        let n = self.load(types::I64, flags, at, spares::COUNT);
        self.leave_unless(n, none);
        let last = self.element(at, n, 3);
        let p = self.load(types::I64, flags, last, spares::BOXES - 8);
        let fewer = self.b.ins().iadd_imm_s(n, -1);
        self.store(flags, fewer, at, spares::COUNT);
        p
    }

    pub fn box_float(&mut self, v: CVal) -> CVal {
        let (done, result) = self.join_block(types::I64);
        let call = self.cold_block();
        let p = self.take_spare(self.t.spare_floats, call);
        self.store(self.mem.boxed, v, p, float::VALUE);
        self.jump(done, &[p]);
        self.box_by_call(call, self.t.box_float, &[v], done);
        result
    }

    pub fn box_complex(&mut self, re: CVal, im: CVal) -> CVal {
        let (done, result) = self.join_block(types::I64);
        let call = self.cold_block();
        let p = self.take_spare(self.t.spare_complexes, call);
        self.store(self.mem.boxed, re, p, complex::VALUE);
        self.store(self.mem.boxed, im, p, complex::VALUE + 8);
        self.jump(done, &[p]);
        self.box_by_call(call, self.t.box_complex, &[re, im], done);
        result
    }

    pub fn box_bool(&mut self, v: Value) -> CVal {
        if let Some(Op::ConstBool { v }) = self.f.const_op(v) {
            return self.addr(if v { self.t.true_ } else { self.t.false_ });
        }
        let v = self.val(v);
        let (t, f) = (self.addr(self.t.true_), self.addr(self.t.false_));
        self.b.ins().select(v, t, f)
    }

    /// 1, 0 or -1: the sign in an int's tag.
    pub fn tag_sign(&mut self, tag: CVal) -> CVal {
        let sign = self.b.ins().band_imm_s(tag, layout::LONG_SIGN_MASK as i64);
        let one = self.iconst(1);
        self.b.ins().isub(one, sign)
    }

    fn digit(&mut self, p: CVal, n: usize) -> CVal {
        let flags = self.mem.boxed;
        self.b.ins().uload32(flags, p, (long::DIGITS + 4 * n) as i32)
    }

    pub fn unbox_int(&mut self, inst: &InstData) -> CVal {
        let p = self.arg(inst, 0);
        let to = self.exit(inst);
        self.int_value(p, to)
    }

    /// The value of an int object; leaves when it does not fit 64 bits. In line are one digit, and in loops two.
    pub fn int_value(&mut self, p: CVal, to: CBlock) -> CVal {
        let (done, magnitude) = self.join_block(types::I64);
        let (large, compact) = (self.cold_block(), self.new_block());
        let tag = self.load(types::I64, self.mem.boxed, p, long::TAG);
        let few = self.icmp_imm(IntCC::UnsignedLessThan, tag, COMPACT_BELOW);
        self.brif(few, compact, &[], large, &[]);

        let hot = self.is_hot();
        self.at(large);
        if hot {
            let more = self.cold_block();
            let two = self.icmp_imm(IntCC::UnsignedLessThan, tag, TWO_DIGITS_BELOW);
            let pair = self.cold_block();
            self.brif(two, pair, &[], more, &[]);
            self.at(pair);
            let (low, high) = (self.digit(p, 0), self.digit(p, 1));
            let high = self.b.ins().ishl_imm_u(high, layout::LONG_SHIFT as i64);
            let all = self.b.ins().bor(low, high);
            self.jump(done, &[all]);
            self.at(more);
        }
        let all = self.cold_call_value(self.t.large_int, &[p], types::I64);
        self.brif(all, done, &[all], to, &[]);

        self.at(compact);
        let d0 = self.digit(p, 0);
        self.jump(done, &[d0]);
        self.at(done);
        let sign = self.tag_sign(tag);
        self.b.ins().imul(magnitude, sign)
    }

    pub fn unbox_float(&mut self, inst: &InstData) -> CVal {
        let p = self.arg(inst, 0);
        self.load(types::F64, self.mem.boxed, p, float::VALUE)
    }

    pub fn real_of(&mut self, inst: &InstData) -> Fallible<CVal> {
        let p = self.arg(inst, 0);
        let to = self.exit(inst);
        let (done, value) = self.join_block(types::F64);
        let (float, other) = (self.new_block(), self.new_block());
        let is_float = self.type_is(p, Ty::Float)?;
        self.brif(is_float, float, &[], other, &[]);
        self.at(float);
        let v = self.load(types::F64, self.mem.boxed, p, float::VALUE);
        self.jump(done, &[v]);
        self.at(other);
        let is_int = self.type_is(p, Ty::Int)?;
        self.leave_unless(is_int, to);
        let tag = self.load(types::I64, self.mem.boxed, p, long::TAG);
        let few = self.icmp_imm(IntCC::UnsignedLessThan, tag, COMPACT_BELOW);
        self.leave_unless(few, to);
        let (magnitude, sign) = (self.digit(p, 0), self.tag_sign(tag));
        let i = self.b.ins().imul(magnitude, sign);
        let v = self.b.ins().fcvt_from_sint(types::F64, i);
        self.jump(done, &[v]);
        self.at(done);
        Ok(value)
    }

    pub fn complex_part(&mut self, inst: &InstData, offset: usize) -> CVal {
        let p = self.arg(inst, 0);
        self.load(types::F64, self.mem.fixed, p, complex::VALUE + offset)
    }

    pub fn unbox_bool(&mut self, inst: &InstData) -> CVal {
        let p = self.arg(inst, 0);
        self.is_addr(p, self.t.true_)
    }

    // ---- guards and tests

    /// Whether a pointer is this address.
    pub fn is_addr(&mut self, p: CVal, addr: u64) -> CVal {
        self.icmp_imm(IntCC::Equal, p, addr.cast_signed())
    }

    pub fn type_of(&mut self, p: CVal) -> CVal {
        self.load(types::I64, self.mem.fixed, p, object::TYPE)
    }

    pub fn type_is(&mut self, p: CVal, ty: Ty) -> Fallible<CVal> {
        let want = self.type_addr(ty)?;
        let have = self.type_of(p);
        Ok(self.is_addr(have, want))
    }

    pub fn guard_type(&mut self, inst: &InstData, ty: Ty) -> Fallible<()> {
        let p = self.arg(inst, 0);
        let same = self.type_is(p, ty)?;
        self.exit_unless(same, inst);
        Ok(())
    }

    pub fn guard_is(&mut self, inst: &InstData, obj: ObjId) {
        let p = self.arg(inst, 0);
        let same = self.is_addr(p, self.f.objs[obj.0 as usize].ptr);
        self.exit_unless(same, inst);
    }

    /// Whether the function has this object at the offset.
    pub fn function_has(&mut self, inst: &InstData, offset: usize, obj: ObjId) -> CVal {
        let p = self.field(inst, self.mem.func, offset);
        self.is_addr(p, self.f.objs[obj.0 as usize].ptr)
    }

    pub fn guard_function(&mut self, inst: &InstData, offset: usize, obj: ObjId) {
        let same = self.function_has(inst, offset, obj);
        self.exit_unless(same, inst);
    }

    /// Exits when the operand, a pointer or a bool, is zero.
    pub fn guard_nonzero(&mut self, inst: &InstData) {
        let p = self.arg(inst, 0);
        self.exit_unless(p, inst);
    }

    pub fn guard_zero(&mut self, inst: &InstData) {
        let p = self.arg(inst, 0);
        self.exit_if(p, inst);
    }

    pub fn guard_valid(&mut self, inst: &InstData) {
        let header = self.addr(self.t.header);
        let valid = self.load(types::I8, self.mem.valid, header, header::VALID as usize);
        // Above its low byte the eval breaker counts changes of what tools watch: tracing may have begun.
        let ts = self.load(types::I64, self.mem.ctx, self.ctx, ctx::TSTATE as usize);
        let now = self.load(types::I64, self.mem.tstate, ts, tstate::EVAL_BREAKER);
        let then = self.load(types::I64, self.mem.ctx, self.ctx, ctx::BREAKER as usize);
        let changed = self.b.ins().bxor(now, then);
        let same = self.b.ins().icmp_imm_u(IntCC::UnsignedLessThan, changed, 0x100);
        let ok = self.b.ins().band(valid, same);
        self.exit_unless(ok, inst);
    }

    // ---- reference counts

    pub fn refcnt(&mut self, p: CVal) -> CVal {
        self.load(types::I32, self.mem.refcnt, p, object::REFCNT)
    }

    pub fn set_refcnt(&mut self, p: CVal, n: CVal) {
        self.store(self.mem.refcnt, n, p, object::REFCNT);
    }

    /// Without a branch: an immortal object's count is written back as it was.
    pub fn incref(&mut self, p: CVal) {
        let n = self.refcnt(p);
        let more = self.b.ins().iadd_imm_s(n, 1);
        let immortal = self.icmp_imm(IntCC::SignedLessThan, n, 0);
        let n = self.b.ins().select(immortal, n, more);
        self.set_refcnt(p, n);
    }

    /// Does `f` to the operand; only when it is not null, where it may be.
    pub fn on_object(&mut self, inst: &InstData, nullable: bool, f: impl FnOnce(&mut Self, CVal)) {
        let p = self.arg(inst, 0);
        if !nullable {
            return f(self, p);
        }
        let (some, done) = (self.new_block(), self.new_block());
        self.brif(p, some, &[], done, &[]);
        self.at(some);
        f(self, p);
        self.jump(done, &[]);
        self.at(done);
    }

    /// One reference less; `free` gets control when it was the last, in a cold block like the case of immortal objects.
    fn decref_with(&mut self, p: CVal, free: impl FnOnce(&mut Self)) {
        let (shared, other, last, done) = (self.new_block(), self.cold_block(), self.cold_block(), self.new_block());
        let n = self.refcnt(p);
        let is_shared = self.icmp_imm(IntCC::SignedGreaterThan, n, 1);
        self.brif(is_shared, shared, &[], other, &[]);
        self.at(shared);
        let fewer = self.b.ins().iadd_imm_s(n, -1);
        self.set_refcnt(p, fewer);
        self.jump(done, &[]);
        self.at(other);
        let immortal = self.icmp_imm(IntCC::SignedLessThan, n, 0);
        self.brif(immortal, done, &[], last, &[]);
        self.at(last);
        free(self);
        self.jump(done, &[]);
        self.at(done);
    }

    pub fn decref_leaf(&mut self, p: CVal, ty: Ty) {
        let spares = match ty {
            Ty::Float => Some(self.t.spare_floats),
            Ty::Complex => Some(self.t.spare_complexes),
            _ => None,
        };
        let spares = spares.filter(|_| self.is_hot());
        self.decref_with(p, |cx| {
            let Some(spares) = spares else {
                cx.cold_call(cx.t.dealloc_leaf, &[p], None);
                return;
            };
            let (full, done) = (cx.cold_block(), cx.cold_block());
            cx.keep(p, spares, full);
            cx.jump(done, &[]);
            cx.at(full);
            cx.cold_call(cx.t.dealloc_leaf, &[p], None);
            cx.jump(done, &[]);
            cx.at(done);
        });
    }

    /// Puts a number that nobody has any more aside; goes to the block where there are enough.
    fn keep(&mut self, p: CVal, spares: u64, full: CBlock) {
        let flags = self.mem.spares;
        let at = self.addr(spares);
        let n = self.load(types::I64, flags, at, spares::COUNT);
        let room = self.icmp_imm(IntCC::UnsignedLessThan, n, spares::MOST as i64);
        self.leave_unless(room, full);
        let next = self.element(at, n, 3);
        self.store(flags, p, next, spares::BOXES);
        let more = self.b.ins().iadd_imm_s(n, 1);
        self.store(flags, more, at, spares::COUNT);
    }

    /// Freeing may run Python code: the state's frames are visible meanwhile.
    pub fn decref(&mut self, p: CVal, state: Option<StateId>) {
        self.decref_with(p, |cx| {
            let (number, buf) = match state {
                Some(s) => cx.save_state(s),
                None => (cx.b.ins().iconst(types::I32, -1), cx.iconst(0)),
            };
            cx.cold_call(cx.t.dealloc, &[cx.ctx, number, buf, p], None);
        });
    }
}
