//! Replacing a reference that a container holds.
//!
//! In line is what happens most: the old object lives on, or a number is stored into the old object's own box, when the
//! container holds the only reference to it, so a loop over a list of floats allocates nothing. Values borrowed from the place
//! before are not used after such an op (it `releases`), so nobody sees a box change. The runtime does the rest
//! ([`Target::replace`](crate::api::Target::replace)): it stores where there was nothing, and frees an old object of a leaf type. For others the op leaves
//! before anything has happened: a finaliser might run.

use crate::api::{Stored, attr_at};
use crate::cx::{CBlock, CVal, Cx, Fallible};
use crate::objects::COMPACT_BELOW;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, types};
use whipsnake_abi::layout::{self, float, long};
use whipsnake_hir::ir::InstData;
use whipsnake_hir::ops::AttrAt;
use whipsnake_hir::types::Ty;

/// What the reference is.
#[derive(Clone, Copy)]
pub(crate) enum Holder {
    /// An item, which is always there.
    Item,
    /// A cell's content, which may be unset.
    Cell,
    /// An instance's attribute, which may be unset.
    Attr(AttrAt),
}

/// Where a container holds a reference.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub base: CVal,
    pub offset: usize,
    pub flags: MemFlagsData,
    pub holder: Holder,
}

impl Cx<'_, '_> {
    pub fn place_load(&mut self, place: &Place) -> CVal {
        self.load(types::I64, place.flags, place.base, place.offset)
    }

    fn place_store(&mut self, place: &Place, new: CVal) {
        self.store(place.flags, new, place.base, place.offset);
    }

    /// The old object; goes to the block where there is none.
    fn old_at(&mut self, place: &Place, none: CBlock) -> CVal {
        let old = self.place_load(place);
        if !matches!(place.holder, Holder::Item) {
            self.leave_unless(old, none);
        }
        old
    }

    /// Takes one from a count known to be above one or immortal. A loop that replaces `True` by `False` would wait for each count
    /// that it stores, so those of immortal objects are left alone.
    fn release_shared(&mut self, old: CVal, n: CVal, done: CBlock) {
        let immortal = self.icmp_imm(IntCC::SignedLessThan, n, 0);
        self.leave_if(immortal, done);
        let fewer = self.b.ins().iadd_imm_s(n, -1);
        self.set_refcnt(old, fewer);
        self.jump(done, &[]);
    }

    /// In the cold block given, has the runtime store, and leaves where it does not; then goes on in the other.
    fn replace_by_call(&mut self, inst: &InstData, place: &Place, stored: Stored, new: CVal, slow: CBlock, done: CBlock) {
        self.at(slow);
        let was_cold = std::mem::replace(&mut self.cold, true);
        let replaced = match place.holder {
            Holder::Attr(at) => {
                let at = self.iconst(attr_at::pack(at));
                self.cold_call_value(self.t.set_attr[stored as usize], &[place.base, at, new], types::I32)
            }
            Holder::Item | Holder::Cell => {
                let p = self.b.ins().iadd_imm_s(place.base, place.offset as i64);
                self.cold_call_value(self.t.replace[stored as usize], &[p, new], types::I32)
            }
        };
        self.exit_unless(replaced, inst);
        self.jump(done, &[]);
        self.cold = was_cold;
        self.at(done);
    }

    /// Stores an object, whose reference the container takes over, in place of another.
    pub fn replace(&mut self, inst: &InstData, place: &Place, new: CVal) {
        let (slow, done) = (self.cold_block(), self.new_block());
        let old = self.old_at(place, slow);
        let n = self.refcnt(old);
        let only = self.icmp_imm(IntCC::Equal, n, 1);
        self.leave_if(only, slow);
        self.place_store(place, new);
        self.release_shared(old, n, done);
        self.replace_by_call(inst, place, Stored::Object, new, slow, done);
    }

    /// Stores an object, whose reference the container takes over, in place of another or none, whose reference is handed over.
    pub fn swap(&mut self, place: &Place, new: CVal) -> CVal {
        let old = self.place_load(place);
        self.place_store(place, new);
        old
    }

    /// Leaves for the block given unless the container's reference is the only one to an object of this type.
    fn unshared(&mut self, old: CVal, ty: Ty, other: CBlock) -> Fallible<()> {
        let n = self.refcnt(old);
        let only = self.icmp_imm(IntCC::Equal, n, 1);
        self.leave_unless(only, other);
        let same = self.type_is(old, ty)?;
        self.leave_unless(same, other);
        Ok(())
    }

    /// Stores a float into the old object's box, or a new box.
    pub fn replace_float(&mut self, inst: &InstData, place: &Place, v: CVal) -> Fallible<()> {
        let (slow, done) = (self.cold_block(), self.new_block());
        let old = self.old_at(place, slow);
        self.unshared(old, Ty::Float, slow)?;
        self.store(self.mem.boxed, v, old, float::VALUE);
        self.jump(done, &[]);
        self.replace_by_call(inst, place, Stored::Float, v, slow, done);
        Ok(())
    }

    /// Stores an int into the old object's box when both are of one digit and the new one is not preallocated, else a box. In loops also a preallocated one
    /// in place of another immortal object is stored in line.
    pub fn replace_int(&mut self, inst: &InstData, place: &Place, v: CVal) -> Fallible<()> {
        let (slow, done) = (self.cold_block(), self.new_block());
        let old = self.old_at(place, slow);
        if self.is_hot() {
            let large = self.new_block();
            let small = self.small_int(v, large);
            let n = self.refcnt(old);
            let immortal = self.icmp_imm(IntCC::SignedLessThan, n, 0);
            self.leave_unless(immortal, slow);
            self.place_store(place, small);
            self.jump(done, &[]);
            self.at(large);
        }
        self.unshared(old, Ty::Int, slow)?;
        let tag = self.load(types::I64, self.mem.boxed, old, long::TAG);
        let compact = self.icmp_imm(IntCC::UnsignedLessThan, tag, COMPACT_BELOW);
        self.leave_unless(compact, slow);
        let magnitude = self.b.ins().iabs(v);
        let above = self.b.ins().iadd_imm_s(magnitude, -(layout::SMALL_INT_MAX + 1));
        let limit = (1 << layout::LONG_SHIFT) - (layout::SMALL_INT_MAX + 1);
        let one_digit = self.icmp_imm(IntCC::UnsignedLessThan, above, limit);
        self.leave_unless(one_digit, slow);
        self.write_digit(old, v, magnitude);
        self.jump(done, &[]);
        self.replace_by_call(inst, place, Stored::Int, v, slow, done);
        Ok(())
    }
}
