//! `str`, `bytes`, `bytearray` and `array.array`: lengths and items, straight from memory.

use crate::cx::{CVal, Cx, Fallible};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{self as clif, InstBuilder, types};
use whipsnake_abi::layout::{STR_ASCII_BIT, STR_KIND_SHIFT, array, array_descr, bytearray, bytes, str};
use whipsnake_hir::ir::InstData;

/// One item of an integer array.
struct Item {
    log2_size: u8,
    signed: bool,
}

impl Item {
    fn of(code: char) -> Fallible<Item> {
        let (log2_size, signed) = match code {
            'b' => (0, true),
            'B' => (0, false),
            'h' => (1, true),
            'H' => (1, false),
            'i' => (2, true),
            'I' => (2, false),
            'l' | 'q' => (3, true),
            'L' | 'Q' => (3, false),
            _ => return Err(format!("array type code {code:?} is not of ints")),
        };
        Ok(Item { log2_size, signed })
    }

    fn ty(&self) -> clif::Type {
        [types::I8, types::I16, types::I32, types::I64][usize::from(self.log2_size)]
    }
}

/// Type and log2 of the size of one item of a float array.
fn float_item(code: char) -> Fallible<(clif::Type, u8)> {
    match code {
        'f' => Ok((types::F32, 2)),
        'd' => Ok((types::F64, 3)),
        _ => Err(format!("array type code {code:?} is not of floats")),
    }
}

impl Cx<'_, '_> {
    // ---- text

    /// ASCII in line, the other widths in cold blocks. An exact `str` is always compact: its data follow the header.
    pub fn str_ord_at(&mut self, inst: &InstData) -> CVal {
        let (p, i) = (self.arg(inst, 0), self.arg(inst, 1));
        let fixed = self.mem.fixed;
        let (done, result) = self.join_block(types::I64);
        let (ascii, other) = (self.new_block(), self.cold_block());
        let state = self.load(types::I32, fixed, p, str::STATE);
        let is_ascii = self.b.ins().band_imm_s(state, 1 << STR_ASCII_BIT);
        self.brif(is_ascii, ascii, &[], other, &[]);
        self.at(ascii);
        let at = self.element(p, i, 0);
        let c = self.b.ins().uload8(types::I64, fixed, at, str::ASCII_DATA as i32);
        self.jump(done, &[c]);

        self.at(other);
        let (latin, wide, two, four) = (self.cold_block(), self.cold_block(), self.cold_block(), self.cold_block());
        let kind = self.b.ins().ushr_imm_u(state, STR_KIND_SHIFT as i64);
        let kind = self.b.ins().band_imm_s(kind, 7);
        let one_byte = self.icmp_imm(IntCC::Equal, kind, 1);
        self.brif(one_byte, latin, &[], wide, &[]);
        self.at(latin);
        let at = self.element(p, i, 0);
        let c = self.b.ins().uload8(types::I64, fixed, at, str::COMPACT_DATA as i32);
        self.jump(done, &[c]);
        self.at(wide);
        let two_bytes = self.icmp_imm(IntCC::Equal, kind, 2);
        self.brif(two_bytes, two, &[], four, &[]);
        self.at(two);
        let at = self.element(p, i, 1);
        let c = self.b.ins().uload16(types::I64, fixed, at, str::COMPACT_DATA as i32);
        self.jump(done, &[c]);
        self.at(four);
        let at = self.element(p, i, 2);
        let c = self.b.ins().uload32(fixed, at, str::COMPACT_DATA as i32);
        self.jump(done, &[c]);
        self.at(done);
        result
    }

    // ---- bytes and bytearray

    pub fn bytes_get(&mut self, inst: &InstData) -> CVal {
        let p = self.arg(inst, 0);
        let (base, offset) = self.item_at(p, bytes::DATA, inst.args[1], 0);
        let flags = self.mem.fixed;
        self.b.ins().uload8(types::I64, flags, base, offset as i32)
    }

    /// The place of an item of a buffer whose start is stored at this offset of the object.
    fn item(&mut self, inst: &InstData, start: usize, log2_size: u8) -> (CVal, usize) {
        let items = self.items_of(inst, self.mem.buffer_shape, start);
        self.item_at(items, 0, inst.args[1], log2_size)
    }

    pub fn bytearray_get(&mut self, inst: &InstData) -> CVal {
        let (at, offset) = self.item(inst, bytearray::START, 0);
        let flags = self.mem.buffer;
        self.b.ins().uload8(types::I64, flags, at, offset as i32)
    }

    pub fn bytearray_set(&mut self, inst: &InstData) {
        let v = self.arg(inst, 2);
        let over = self.icmp_imm(IntCC::UnsignedGreaterThan, v, 255);
        self.exit_if(over, inst);
        let (at, offset) = self.item(inst, bytearray::START, 0);
        let flags = self.mem.buffer;
        self.b.ins().istore8(flags, v, at, offset as i32);
    }

    // ---- array.array

    pub fn guard_array_code(&mut self, inst: &InstData, code: char) {
        let p = self.arg(inst, 0);
        let descr = self.load(types::I64, self.mem.fixed, p, array::DESCR);
        let have = self.load(types::I8, self.mem.fixed, descr, array_descr::TYPECODE);
        let same = self.icmp_imm(IntCC::Equal, have, i64::from(code as u8));
        self.exit_unless(same, inst);
    }

    pub fn array_get_int(&mut self, inst: &InstData, code: char) -> Fallible<CVal> {
        let item = Item::of(code)?;
        let (at, offset) = self.item(inst, array::ITEMS, item.log2_size);
        let raw = self.load(item.ty(), self.mem.buffer, at, offset);
        Ok(match (item.log2_size, item.signed) {
            (3, true) => raw,
            (3, false) => {
                let over = self.icmp_imm(IntCC::SignedLessThan, raw, 0);
                self.exit_if(over, inst);
                raw
            }
            (_, true) => self.b.ins().sextend(types::I64, raw),
            (_, false) => self.b.ins().uextend(types::I64, raw),
        })
    }

    pub fn array_get_float(&mut self, inst: &InstData, code: char) -> Fallible<CVal> {
        let (ty, log2_size) = float_item(code)?;
        let (at, offset) = self.item(inst, array::ITEMS, log2_size);
        let raw = self.load(ty, self.mem.buffer, at, offset);
        Ok(if ty == types::F32 {
            self.b.ins().fpromote(types::F64, raw)
        } else {
            raw
        })
    }

    pub fn array_set_int(&mut self, inst: &InstData, code: char) -> Fallible<()> {
        let item = Item::of(code)?;
        let v = self.arg(inst, 2);
        match (item.log2_size, item.signed) {
            (3, true) => {}
            (3, false) => {
                let negative = self.icmp_imm(IntCC::SignedLessThan, v, 0);
                self.exit_if(negative, inst);
            }
            (n, signed) => {
                let bits = 8 << n;
                let above = if signed { self.b.ins().iadd_imm_s(v, 1 << (bits - 1)) } else { v };
                let over = self.icmp_imm(IntCC::UnsignedGreaterThan, above, (1 << bits) - 1);
                self.exit_if(over, inst);
            }
        }
        let (at, offset) = self.item(inst, array::ITEMS, item.log2_size);
        let raw = if item.log2_size == 3 {
            v
        } else {
            self.b.ins().ireduce(item.ty(), v)
        };
        self.store(self.mem.buffer, raw, at, offset);
        Ok(())
    }

    pub fn array_set_float(&mut self, inst: &InstData, code: char) -> Fallible<()> {
        let (ty, log2_size) = float_item(code)?;
        let v = self.arg(inst, 2);
        let (at, offset) = self.item(inst, array::ITEMS, log2_size);
        let raw = if ty == types::F32 { self.b.ins().fdemote(types::F32, v) } else { v };
        self.store(self.mem.buffer, raw, at, offset);
        Ok(())
    }
}
