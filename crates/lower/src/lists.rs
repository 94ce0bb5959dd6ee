//! Lists, tuples and cells.

use crate::cx::{CVal, Cx, Fallible};
use crate::replace::{Holder, Place};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, types};
use whipsnake_abi::layout::{cell, list, tuple};
use whipsnake_hir::helpers::Helper;
use whipsnake_hir::ir::InstData;

impl Cx<'_, '_> {
    /// The index counted from the start. Compared as an unsigned number, a negative one is too large; adding the length
    /// then either brings it into range or not, and takes an index beyond the end no closer.
    pub fn index(&mut self, inst: &InstData) -> CVal {
        let (i, len) = (self.arg(inst, 0), self.arg(inst, 1));
        match self.const_arg(inst, 0) {
            Some(c) if c >= 0 => return self.index_pos(inst),
            Some(_) => {
                let i = self.b.ins().iadd(len, i);
                let inside = self.icmp(IntCC::UnsignedLessThan, i, len);
                self.exit_unless(inside, inst);
                return i;
            }
            None => {}
        }
        let (done, result) = self.join_block(types::I64);
        let from_end = self.cold_block();
        let inside = self.icmp(IntCC::UnsignedLessThan, i, len);
        self.brif(inside, done, &[i], from_end, &[]);
        self.at(from_end);
        let back = self.b.ins().iadd(i, len);
        let inside = self.icmp(IntCC::UnsignedLessThan, back, len);
        let to = self.exit(inst);
        self.brif(inside, done, &[back], to, &[]);
        self.at(done);
        result
    }

    pub fn index_pos(&mut self, inst: &InstData) -> CVal {
        let (i, len) = (self.arg(inst, 0), self.arg(inst, 1));
        let inside = self.icmp(IntCC::UnsignedLessThan, i, len);
        self.exit_unless(inside, inst);
        i
    }

    /// A list's n-th item.
    fn list_place(&mut self, inst: &InstData) -> Place {
        let items = self.items_of(inst, self.mem.list_shape, list::ITEMS);
        let (base, offset) = self.item_at(items, 0, inst.args[1], 3);
        Place {
            base,
            offset,
            flags: self.mem.list_items,
            holder: Holder::Item,
        }
    }

    pub fn list_get(&mut self, inst: &InstData) -> CVal {
        let place = self.list_place(inst);
        self.place_load(&place)
    }

    pub fn tuple_get(&mut self, inst: &InstData) -> CVal {
        let p = self.arg(inst, 0);
        let (base, offset) = self.item_at(p, tuple::ITEMS, inst.args[1], 3);
        self.load(types::I64, self.mem.fixed, base, offset)
    }

    pub fn list_set(&mut self, inst: &InstData) {
        let (place, new) = (self.list_place(inst), self.arg(inst, 2));
        self.replace(inst, &place, new);
    }

    pub fn list_swap(&mut self, inst: &InstData) -> CVal {
        let (place, new) = (self.list_place(inst), self.arg(inst, 2));
        self.swap(&place, new)
    }

    pub fn list_set_float(&mut self, inst: &InstData) -> Fallible<()> {
        let (place, v) = (self.list_place(inst), self.arg(inst, 2));
        self.replace_float(inst, &place, v)
    }

    pub fn list_set_int(&mut self, inst: &InstData) -> Fallible<()> {
        let (place, v) = (self.list_place(inst), self.arg(inst, 2));
        self.replace_int(inst, &place, v)
    }

    /// In line where the list has room; the helper does the rest.
    pub fn list_append(&mut self, inst: &InstData, helper: Helper) -> Fallible<()> {
        let address = self.helper_address(helper)?;
        let (list, v) = (self.arg(inst, 0), self.arg(inst, 1));
        let (full, done) = (self.cold_block(), self.new_block());
        let shape = self.mem.list_shape;
        let n = self.load(types::I64, shape, list, list::LEN);
        let allocated = self.load(types::I64, shape, list, list::ALLOCATED);
        let room = self.icmp(IntCC::SignedLessThan, n, allocated);
        self.leave_unless(room, full);
        let item = match helper {
            Helper::ListAppendInt => self.box_int(v),
            Helper::ListAppendFloat => self.box_float(v),
            _ => v,
        };
        let items = self.load(types::I64, shape, list, list::ITEMS);
        let place = self.element(items, n, 3);
        self.store(self.mem.list_items, item, place, 0);
        let more = self.b.ins().iadd_imm_s(n, 1);
        self.store(shape, more, list, list::LEN);
        self.jump(done, &[]);
        self.at(full);
        let was_cold = std::mem::replace(&mut self.cold, true);
        let r = self.cold_call_value(address, &[list, v], types::I32);
        let to = self.exit(inst);
        self.leave_on_failure(helper, r, to);
        self.jump(done, &[]);
        self.cold = was_cold;
        self.at(done);
        Ok(())
    }

    fn cell_place(&mut self, inst: &InstData) -> Place {
        Place {
            base: self.arg(inst, 0),
            offset: cell::REF,
            flags: self.mem.cell,
            holder: Holder::Cell,
        }
    }

    pub fn cell_swap(&mut self, inst: &InstData) -> CVal {
        let (place, new) = (self.cell_place(inst), self.arg(inst, 1));
        self.swap(&place, new)
    }

    /// The old content may be null.
    pub fn cell_set(&mut self, inst: &InstData) {
        let (place, new) = (self.cell_place(inst), self.arg(inst, 1));
        self.replace(inst, &place, new);
    }

    /// A list or tuple of the operands, whose references it takes over.
    pub fn sequence_new(&mut self, inst: &InstData, make: u64) -> CVal {
        let items: Vec<CVal> = inst.args.iter().map(|&a| self.val(a)).collect();
        let (buf, n) = self.spread(&items);
        self.call_value(make, &[buf, n], types::I64)
    }
}
