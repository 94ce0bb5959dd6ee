//! Names of a module, in the entries of its dict.
//!
//! While a dict's keys have a certain version, each of its keys has a value, and the pointer to it is at a known offset from the
//! keys. Storing there is what the interpreter's own store to a key that is in the dict already comes to, when nobody watches.

use crate::cx::{CVal, Cx, Fallible};
use crate::replace::{Holder, Place};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, types};
use whipsnake_abi::layout::{dict, dict_keys};
use whipsnake_hir::ir::InstData;

impl Cx<'_, '_> {
    pub fn guard_entries(&mut self, inst: &InstData, ver: u32) {
        let d = self.arg(inst, 0);
        let mem = self.mem.dict_keys;
        let watchers = self.load(types::I8, mem, d, dict::WATCHER_TAG);
        let others = self.b.ins().band_imm_u(watchers, i64::from(self.t.other_watchers));
        self.exit_if(others, inst);
        let keys = self.load(types::I64, mem, d, dict::KEYS);
        let have = self.load(types::I32, mem, keys, dict_keys::VERSION);
        let same = self.icmp_imm(IntCC::Equal, have, i64::from(ver.cast_signed()));
        self.exit_unless(same, inst);
    }

    fn entry_place(&mut self, inst: &InstData, offset: u32) -> Place {
        let d = self.arg(inst, 0);
        Place {
            base: self.load(types::I64, self.mem.dict_keys, d, dict::KEYS),
            offset: offset as usize,
            flags: self.mem.global,
            holder: Holder::Item,
        }
    }

    pub fn entry_get(&mut self, inst: &InstData, offset: u32) -> CVal {
        let place = self.entry_place(inst, offset);
        self.place_load(&place)
    }

    pub fn entry_set(&mut self, inst: &InstData, offset: u32) {
        let place = self.entry_place(inst, offset);
        let new = self.arg(inst, 1);
        self.replace(inst, &place, new);
    }

    pub fn entry_swap(&mut self, inst: &InstData, offset: u32) -> CVal {
        let place = self.entry_place(inst, offset);
        let new = self.arg(inst, 1);
        self.swap(&place, new)
    }

    pub fn entry_set_float(&mut self, inst: &InstData, offset: u32) -> Fallible<()> {
        let place = self.entry_place(inst, offset);
        let new = self.arg(inst, 1);
        self.replace_float(inst, &place, new)
    }

    pub fn entry_set_int(&mut self, inst: &InstData, offset: u32) -> Fallible<()> {
        let place = self.entry_place(inst, offset);
        let new = self.arg(inst, 1);
        self.replace_int(inst, &place, new)
    }
}
