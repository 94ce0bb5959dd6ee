//! Lists, tuples and cells.
//!
//! Storing into a list or cell replaces a reference. When the old object would die and is not of a leaf type, the op leaves
//! first: a finaliser might run. A number is stored into the old item's own box when the list holds the only
//! reference to it, so a loop over a list of floats allocates nothing.

use crate::cx::{CVal, Cx, Fallible};
use crate::objects::COMPACT_BELOW;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, types};
use whipsnake_abi::layout::{self, cell, float, list, long, tuple};
use whipsnake_hir::ir::InstData;
use whipsnake_hir::types::Ty;

impl Cx<'_, '_> {
    /// The index counted from the start, checked against the length as an unsigned number.
    pub fn index(&mut self, inst: &InstData) -> CVal {
        let (i, len) = (self.arg(inst, 0), self.arg(inst, 1));
        let i = match self.const_arg(inst, 0) {
            Some(c) if c >= 0 => i,
            Some(_) => self.b.ins().iadd(len, i),
            None => {
                let from_end = self.b.ins().iadd(i, len);
                let negative = self.icmp_imm(IntCC::SignedLessThan, i, 0);
                self.b.ins().select(negative, from_end, i)
            }
        };
        let inside = self.icmp(IntCC::UnsignedLessThan, i, len);
        self.exit_unless(inside, inst);
        i
    }

    pub fn index_pos(&mut self, inst: &InstData) -> CVal {
        let (i, len) = (self.arg(inst, 0), self.arg(inst, 1));
        let inside = self.icmp(IntCC::UnsignedLessThan, i, len);
        self.exit_unless(inside, inst);
        i
    }

    /// The address of a list's n-th item.
    fn list_slot(&mut self, inst: &InstData) -> CVal {
        let (p, i) = (self.arg(inst, 0), self.arg(inst, 1));
        let items = self.load(types::I64, self.mem.list_shape, p, list::ITEMS);
        self.element(items, i, 3)
    }

    pub fn list_get(&mut self, inst: &InstData) -> CVal {
        let slot = self.list_slot(inst);
        self.load(types::I64, self.mem.list_items, slot, 0)
    }

    pub fn tuple_get(&mut self, inst: &InstData) -> CVal {
        let (p, i) = (self.arg(inst, 0), self.arg(inst, 1));
        let slot = self.element(p, i, 3);
        self.load(types::I64, self.mem.fixed, slot, tuple::ITEMS)
    }

    pub fn list_set(&mut self, inst: &InstData) -> Fallible<()> {
        let slot = self.list_slot(inst);
        let new = self.arg(inst, 2);
        let items = self.mem.list_items;
        let old = self.load(types::I64, items, slot, 0);
        let to = self.exit(inst);
        let (free, n) = self.split_by_release(old, to)?;
        let done = self.new_block();
        self.store(items, new, slot, 0);
        self.release_shared(old, n);
        self.jump(done, &[]);
        self.at(free);
        self.store(items, new, slot, 0);
        self.free_leaf(old);
        self.jump(done, &[]);
        self.at(done);
        Ok(())
    }

    /// Stores the float into the old item's box, or a new box into the list.
    pub fn list_set_float(&mut self, inst: &InstData) -> Fallible<()> {
        let v = self.arg(inst, 2);
        self.list_set_number(
            inst,
            Ty::Float,
            |cx, old, _| cx.store(cx.mem.boxed, v, old, float::VALUE),
            |cx| cx.box_float(v),
        )
    }

    /// Stores the int into the old item's box when both are of one digit and the new one is not preallocated.
    pub fn list_set_int(&mut self, inst: &InstData) -> Fallible<()> {
        let v = self.arg(inst, 2);
        self.list_set_number(
            inst,
            Ty::Int,
            |cx, old, other| {
                let boxed = cx.mem.boxed;
                let tag = cx.load(types::I64, boxed, old, long::TAG);
                let compact = cx.icmp_imm(IntCC::UnsignedLessThan, tag, COMPACT_BELOW);
                cx.leave_unless(compact, other);
                let magnitude = cx.b.ins().iabs(v);
                let above = cx.b.ins().iadd_imm_s(magnitude, -(layout::SMALL_INT_MAX + 1));
                let limit = (1 << layout::LONG_SHIFT) - (layout::SMALL_INT_MAX + 1);
                let one_digit = cx.icmp_imm(IntCC::UnsignedLessThan, above, limit);
                cx.leave_unless(one_digit, other);
                // One digit; the sign bit is 2 for a negative number.
                let sign = cx.b.ins().ushr_imm_u(v, 63);
                let sign = cx.b.ins().iadd(sign, sign);
                let tag = cx.b.ins().bor_imm_s(sign, 1 << layout::LONG_NON_SIZE_BITS);
                cx.store(boxed, tag, old, long::TAG);
                let digit = cx.b.ins().ireduce(types::I32, magnitude);
                cx.store(boxed, digit, old, long::DIGITS);
            },
            |cx| cx.box_int(v),
        )
    }

    /// Stores a number: `reuse` writes it into the old item, an unshared box of type `ty`, or branches to the block it is
    /// given, before any effect, where a box from `make` replaces the item.
    fn list_set_number(
        &mut self,
        inst: &InstData,
        ty: Ty,
        reuse: impl FnOnce(&mut Self, CVal, crate::cx::CBlock),
        make: impl FnOnce(&mut Self) -> CVal,
    ) -> Fallible<()> {
        let slot = self.list_slot(inst);
        let items = self.mem.list_items;
        let old = self.load(types::I64, items, slot, 0);
        let to = self.exit(inst);
        let (other, done) = (self.cold_block(), self.new_block());
        let n = self.refcnt(old);
        let only = self.icmp_imm(IntCC::Equal, n, 1);
        self.leave_unless(only, other);
        let same = self.type_is(old, ty)?;
        self.leave_unless(same, other);
        reuse(self, old, other);
        self.jump(done, &[]);

        self.at(other);
        let was_cold = std::mem::replace(&mut self.cold, true);
        let (free, n) = self.split_by_release(old, to)?;
        let (replace, must_free) = (self.cold_block(), self.cold_block());
        let kept = self.b.append_block_param(replace, types::I8);
        let no = self.b.ins().iconst(types::I8, 0);
        self.release_shared(old, n);
        self.jump(replace, &[no]);
        self.at(free);
        let yes = self.b.ins().iconst(types::I8, 1);
        self.jump(replace, &[yes]);
        self.at(replace);
        let new = make(self);
        self.store(items, new, slot, 0);
        self.brif(kept, must_free, &[], done, &[]);
        self.at(must_free);
        self.free_leaf(old);
        self.jump(done, &[]);
        self.cold = was_cold;
        self.at(done);
        Ok(())
    }

    pub fn cell_set(&mut self, inst: &InstData) -> Fallible<()> {
        let (p, new) = (self.arg(inst, 0), self.arg(inst, 1));
        let flags = self.mem.cell;
        let old = self.load(types::I64, flags, p, cell::REF);
        let to = self.exit(inst);
        let (some, done) = (self.new_block(), self.new_block());
        let fill = self.new_block();
        self.brif(old, some, &[], fill, &[]);
        self.at(some);
        let (free, n) = self.split_by_release(old, to)?;
        self.store(flags, new, p, cell::REF);
        self.release_shared(old, n);
        self.jump(done, &[]);
        self.at(free);
        self.store(flags, new, p, cell::REF);
        self.free_leaf(old);
        self.jump(done, &[]);
        self.at(fill);
        self.store(flags, new, p, cell::REF);
        self.jump(done, &[]);
        self.at(done);
        Ok(())
    }

    /// A list or tuple of the operands, whose references it takes over.
    pub fn sequence_new(&mut self, inst: &InstData, make: u64) -> CVal {
        let items: Vec<CVal> = inst.args.iter().map(|&a| self.val(a)).collect();
        let (buf, n) = self.spread(&items);
        self.call_value(make, &[buf, n], types::I64)
    }
}
