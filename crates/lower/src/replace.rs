//! Replacing a reference that a container holds.
//!
//! When the old object would die and is not of a leaf type, the op leaves first: a finaliser might run. A number is
//! stored into the old object's own box when the container holds the only reference to it, so a loop over a list of
//! floats allocates nothing. Values borrowed from the place before are not used after such an op (it `releases`), so
//! nobody sees a box change.

use crate::cx::{CBlock, CVal, Cx, Fallible};
use crate::objects::COMPACT_BELOW;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, types};
use whipsnake_abi::layout::{self, float, long};
use whipsnake_hir::ir::InstData;
use whipsnake_hir::types::Ty;

/// Where a container holds a reference.
pub(crate) struct Place {
    pub base: CVal,
    pub offset: usize,
    pub flags: MemFlagsData,
}

/// The leaf types in the order in which they are likely in a container.
const LEAVES: [Ty; 7] = [Ty::Float, Ty::Int, Ty::Str, Ty::Complex, Ty::Bytes, Ty::Bool, Ty::None];

impl Cx<'_, '_> {
    pub fn place_load(&mut self, place: &Place) -> CVal {
        self.load(types::I64, place.flags, place.base, place.offset)
    }

    fn place_store(&mut self, place: &Place, new: CVal) {
        self.store(place.flags, new, place.base, place.offset);
    }

    /// Leaves when the container's reference is the object's only one and freeing it could run code. Goes on in the block
    /// returned when it is the only one otherwise, and in the current block when it is not; the count is returned too.
    fn split_by_release(&mut self, inst: &InstData, old: CVal) -> Fallible<(CBlock, CVal)> {
        let to = self.exit(inst);
        let (only, shared, free) = (self.new_block(), self.new_block(), self.new_block());
        let n = self.refcnt(old);
        let last = self.icmp_imm(IntCC::Equal, n, 1);
        self.brif(last, only, &[], shared, &[]);
        self.at(only);
        let ty = self.type_of(old);
        for (k, leaf) in LEAVES.into_iter().enumerate() {
            let want = self.type_addr(leaf)?;
            let same = self.is_addr(ty, want);
            if k + 1 == LEAVES.len() {
                self.brif(same, free, &[], to, &[]);
            } else {
                let next = self.cold_block();
                self.brif(same, free, &[], next, &[]);
                self.at(next);
            }
        }
        self.at(shared);
        Ok((free, n))
    }

    /// Takes one from a count known to be above one or immortal. A loop that replaces `True` by `False` would wait for each count
    /// that it stores, so those of immortal objects are left alone.
    fn release_shared(&mut self, old: CVal, n: CVal) {
        let (mortal, done) = (self.new_block(), self.new_block());
        let immortal = self.icmp_imm(IntCC::SignedLessThan, n, 0);
        self.brif(immortal, done, &[], mortal, &[]);
        self.at(mortal);
        let fewer = self.b.ins().iadd_imm_s(n, -1);
        self.set_refcnt(old, fewer);
        self.jump(done, &[]);
        self.at(done);
    }

    /// Frees a leaf object whose count was one.
    fn free_leaf(&mut self, old: CVal) {
        let zero = self.b.ins().iconst(types::I32, 0);
        self.set_refcnt(old, zero);
        self.cold_call(self.t.dealloc_leaf, &[old], None);
    }

    /// Stores an object, whose reference the container takes over, in place of another.
    pub fn replace(&mut self, inst: &InstData, place: &Place, new: CVal) -> Fallible<()> {
        let old = self.place_load(place);
        let (free, n) = self.split_by_release(inst, old)?;
        let done = self.new_block();
        self.place_store(place, new);
        self.release_shared(old, n);
        self.jump(done, &[]);
        self.at(free);
        self.place_store(place, new);
        self.free_leaf(old);
        self.jump(done, &[]);
        self.at(done);
        Ok(())
    }

    /// Stores an object, whose reference the container takes over, in place of another or none, whose reference is handed over.
    pub fn swap(&mut self, place: &Place, new: CVal) -> CVal {
        let old = self.place_load(place);
        self.place_store(place, new);
        old
    }

    /// Stores a float into the old object's box, or a new box.
    pub fn replace_float(&mut self, inst: &InstData, place: &Place, v: CVal) -> Fallible<()> {
        let reuse = |cx: &mut Self, old, _| cx.store(cx.mem.boxed, v, old, float::VALUE);
        self.replace_number(inst, place, Ty::Float, reuse, |cx| cx.box_float(v))
    }

    /// Stores an int into the old object's box when both are of one digit and the new one is not preallocated, else a box.
    pub fn replace_int(&mut self, inst: &InstData, place: &Place, v: CVal) -> Fallible<()> {
        let reuse = |cx: &mut Self, old, other| {
            let boxed = cx.mem.boxed;
            let tag = cx.load(types::I64, boxed, old, long::TAG);
            let compact = cx.icmp_imm(IntCC::UnsignedLessThan, tag, COMPACT_BELOW);
            cx.leave_unless(compact, other);
            let magnitude = cx.b.ins().iabs(v);
            let above = cx.b.ins().iadd_imm_s(magnitude, -(layout::SMALL_INT_MAX + 1));
            let limit = (1 << layout::LONG_SHIFT) - (layout::SMALL_INT_MAX + 1);
            let one_digit = cx.icmp_imm(IntCC::UnsignedLessThan, above, limit);
            cx.leave_unless(one_digit, other);
            cx.write_digit(old, v, magnitude);
        };
        self.replace_number(inst, place, Ty::Int, reuse, |cx| cx.box_int(v))
    }

    /// Stores a number: `reuse` writes it into the old object, an unshared box of type `ty`, or branches to the block it is
    /// given, before any effect, where a box from `make` replaces the object.
    fn replace_number(
        &mut self,
        inst: &InstData,
        place: &Place,
        ty: Ty,
        reuse: impl FnOnce(&mut Self, CVal, CBlock),
        make: impl FnOnce(&mut Self) -> CVal,
    ) -> Fallible<()> {
        let old = self.place_load(place);
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
        let (free, n) = self.split_by_release(inst, old)?;
        let (replace, must_free) = (self.new_block(), self.new_block());
        let died = self.b.append_block_param(replace, types::I8);
        self.release_shared(old, n);
        let no = self.b.ins().iconst(types::I8, 0);
        self.jump(replace, &[no]);
        self.at(free);
        let yes = self.b.ins().iconst(types::I8, 1);
        self.jump(replace, &[yes]);
        self.at(replace);
        let new = make(self);
        self.place_store(place, new);
        self.brif(died, must_free, &[], done, &[]);
        self.at(must_free);
        self.free_leaf(old);
        self.jump(done, &[]);
        self.cold = was_cold;
        self.at(done);
        Ok(())
    }
}
