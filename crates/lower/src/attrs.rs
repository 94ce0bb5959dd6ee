//! Attributes of instances, at places the interpreter's inline caches have found.
//!
//! An instance keeps its attributes inline behind the object, with a byte that says whether they are still valid (it drops
//! when the instance gets a dict of another shape), or in `__slots__`, which have no such byte. Either way an
//! attribute is a pointer at a fixed offset, null when unset.

use crate::cx::{CVal, Cx, Fallible};
use crate::replace::{Holder, Place};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, types};
use whipsnake_abi::layout::{MANAGED_DICT, dict_keys, heap_type, inline_values, tuple, type_object};
use whipsnake_hir::ir::InstData;
use whipsnake_hir::ops::AttrAt;

impl Cx<'_, '_> {
    pub fn version_is(&mut self, inst: &InstData, ver: u32) -> CVal {
        let p = self.arg(inst, 0);
        let ty = self.type_of(p);
        let have = self.load(types::I32, self.mem.types, ty, type_object::VERSION_TAG);
        self.icmp_imm(IntCC::Equal, have, i64::from(ver.cast_signed()))
    }

    pub fn guard_version(&mut self, inst: &InstData, ver: u32) {
        let same = self.version_is(inst, ver);
        self.exit_unless(same, inst);
    }

    /// The class has been checked to have so long an order.
    pub fn guard_mro(&mut self, inst: &InstData, index: u32) {
        let (p, class) = (self.arg(inst, 0), self.arg(inst, 1));
        let ty = self.type_of(p);
        let order = self.load(types::I64, self.mem.types, ty, type_object::MRO);
        let at = tuple::ITEMS + size_of::<u64>() * index as usize;
        let have = self.load(types::I64, self.mem.types, order, at);
        let same = self.b.ins().icmp(IntCC::Equal, have, class);
        self.exit_unless(same, inst);
    }

    /// The instance's own attributes are where its class's keys say, and those are the keys the cache was made for.
    pub fn guard_keys(&mut self, inst: &InstData, ver: u32) {
        let p = self.arg(inst, 0);
        let ty = self.type_of(p);
        let types_mem = self.mem.types;
        let size = self.load(types::I64, types_mem, ty, type_object::BASICSIZE);
        let values = self.b.ins().iadd(p, size);
        let valid = self.load(types::I8, self.mem.attr, values, inline_values::VALID);
        self.exit_unless(valid, inst);
        self.exit_unless_keys(inst, ty, ver);
    }

    pub fn guard_class_keys(&mut self, inst: &InstData, ver: u32) {
        let class = self.arg(inst, 0);
        self.exit_unless_keys(inst, class, ver);
    }

    fn exit_unless_keys(&mut self, inst: &InstData, class: CVal, ver: u32) {
        let keys = self.load(types::I64, self.mem.types, class, heap_type::CACHED_KEYS);
        let have = self.load(types::I32, self.mem.types, keys, dict_keys::VERSION);
        let same = self.icmp_imm(IntCC::Equal, have, i64::from(ver.cast_signed()));
        self.exit_unless(same, inst);
    }

    fn exit_unless_valid(&mut self, inst: &InstData, p: CVal, at: AttrAt) {
        if at.valid != 0 {
            let valid = self.load(types::I8, self.mem.attr, p, at.valid as usize);
            self.exit_unless(valid, inst);
        }
    }

    pub fn attr_get(&mut self, inst: &InstData, at: AttrAt) -> CVal {
        let p = self.arg(inst, 0);
        self.exit_unless_valid(inst, p, at);
        let v = self.load(types::I64, self.mem.attr, p, at.offset as usize);
        self.exit_unless(v, inst);
        v
    }

    /// The place to store an attribute in. A dict that the instance has may share the inline values,
    /// so there must be none.
    fn attr_place(&mut self, inst: &InstData, at: AttrAt) -> Place {
        let p = self.arg(inst, 0);
        if at.valid != 0 {
            let flags = self.mem.attr;
            let dict = self.b.ins().load(types::I64, flags, p, MANAGED_DICT as i32);
            self.exit_if(dict, inst);
        }
        self.exit_unless_valid(inst, p, at);
        Place {
            base: p,
            offset: at.offset as usize,
            flags: self.mem.attr,
            holder: Holder::Attr(at),
        }
    }

    /// Notes that the attribute is the latest that the instance got.
    fn note_order(&mut self, p: CVal, at: AttrAt) {
        if at.valid == 0 {
            return;
        }
        let values = at.valid as usize - inline_values::VALID;
        let index = (at.offset as usize - values - inline_values::VALUES) / size_of::<u64>();
        let flags = self.mem.attr;
        // The order is kept behind as many places for values as there are, an index a byte.
        let capacity = self.b.ins().uload8(types::I64, flags, p, (values + inline_values::CAPACITY) as i32);
        let size = self.b.ins().uload8(types::I64, flags, p, (values + inline_values::SIZE) as i32);
        let room = self.b.ins().ishl_imm_u(capacity, 3);
        let end = self.b.ins().iadd(p, room);
        let end = self.b.ins().iadd(end, size);
        let index = self.b.ins().iconst(types::I8, index as i64);
        self.store(flags, index, end, values + inline_values::VALUES);
        let size = self.b.ins().iadd_imm_s(size, 1);
        let size = self.b.ins().ireduce(types::I8, size);
        self.store(flags, size, p, values + inline_values::SIZE);
    }

    pub fn attr_set(&mut self, inst: &InstData, at: AttrAt) {
        let place = self.attr_place(inst, at);
        let new = self.arg(inst, 1);
        self.replace(inst, &place, new);
    }

    pub fn attr_set_float(&mut self, inst: &InstData, at: AttrAt) -> Fallible<()> {
        let place = self.attr_place(inst, at);
        let v = self.arg(inst, 1);
        self.replace_float(inst, &place, v)
    }

    pub fn attr_set_int(&mut self, inst: &InstData, at: AttrAt) -> Fallible<()> {
        let place = self.attr_place(inst, at);
        let v = self.arg(inst, 1);
        self.replace_int(inst, &place, v)
    }

    /// The old content, null if there was none; the container's reference goes with it.
    pub fn attr_swap(&mut self, inst: &InstData, at: AttrAt) -> CVal {
        let place = self.attr_place(inst, at);
        let new = self.arg(inst, 1);
        let old = self.swap(&place, new);
        let (first, done) = (self.cold_block(), self.new_block());
        self.brif(old, done, &[], first, &[]);
        self.at(first);
        self.note_order(place.base, at);
        self.jump(done, &[]);
        self.at(done);
        old
    }

    pub fn attr_init(&mut self, inst: &InstData, at: AttrAt) {
        let (p, new) = (self.arg(inst, 0), self.arg(inst, 1));
        let flags = self.mem.attr;
        self.store(flags, new, p, at.offset as usize);
        self.note_order(p, at);
    }

    pub fn guard_class(&mut self, inst: &InstData, ver: u32) {
        let class = self.arg(inst, 0);
        let have = self.load(types::I32, self.mem.types, class, type_object::VERSION_TAG);
        let same = self.icmp_imm(IntCC::Equal, have, i64::from(ver.cast_signed()));
        self.exit_unless(same, inst);
    }
}
