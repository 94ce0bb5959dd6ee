//! Instances taken apart: those of classes written in Python that nobody but the code being built has seen.
//!
//! `Vec(1.0, 2.0)` allocates nothing: each slot that holds the instance has its number and its attributes, unboxed where they are
//! numbers. Loading an attribute is a copy of a slot, storing one changes all slots that hold the instance. At merge points the
//! attributes cross like other slots, so that a loop that makes a new instance each time round carries numbers.
//!
//! **It is made** ([`Builder::make_instance`]) when an op needs an object, and before anything that may run other code: that could look at the frames'
//! locals, and must find there what the code goes on with. An exit makes it as well, once for all slots with its number.
//! What a finaliser sees of such an instance, in the locals of a frame, is a copy.
//!
//! **Ownership**: every slot has references of its own to the attributes, or borrows them as the instance itself would be borrowed there. Where
//! the last slot goes, the attributes are released in the order in which an instance releases them.
//!
//! Only classes whose instances die quietly qualify: without `__del__`, and derived from no builtin class but `tuple`, whose items are the attributes
//! then. The class is checked to be as it was when the instance is made and wherever an attribute is looked up.

use super::Builder;
use super::callee::borrowed;
use super::env::SlotV;
use crate::helpers::Helper;
use crate::ir::{InstSlot, Reason, Slot, Value};
use crate::ops::{AttrAt, ObjId, Op};
use crate::snapshot::{AttrSite, ClassInfo, Desc};
use crate::types::Ty;
use whipsnake_abi::bytecode::Instr;
use whipsnake_abi::layout::tuple;
use whipsnake_abi::opcode as op;

/// The numbers of the instances that a slot names, those in attributes of others first.
pub(super) fn named(slot: &SlotV) -> Vec<u32> {
    let mut ids = Vec::new();
    slot.clone().for_each_slot(&mut |s| {
        if let Slot::Inst(i) = s
            && !ids.contains(&i.id)
        {
            ids.push(i.id);
        }
    });
    ids
}

/// How many operands an instruction takes whose handler knows no instances that are taken apart.
pub(super) fn plain_operands(ins: &Instr) -> usize {
    let n = ins.arg as usize;
    match ins.op {
        op::BUILD_LIST | op::BUILD_TUPLE | op::BUILD_SET | op::BUILD_STRING | op::BUILD_SLICE => n,
        op::BUILD_MAP => 2 * n,
        op::MATCH_CLASS => 3,
        op::STORE_SLICE => 4,
        op::BINARY_SLICE => 3,
        op::MATCH_KEYS | op::DELETE_SUBSCR | op::CONTAINS_OP | op::FORMAT_WITH_SPEC | op::MAP_ADD | op::SET_FUNCTION_ATTRIBUTE => 2,
        op::FORMAT_SIMPLE
        | op::CONVERT_VALUE
        | op::SET_ADD
        | op::LIST_APPEND
        | op::LIST_EXTEND
        | op::DICT_MERGE
        | op::CALL_INTRINSIC_1
        | op::UNPACK_SEQUENCE
        | op::UNPACK_EX
        | op::MATCH_SEQUENCE
        | op::MATCH_MAPPING
        | op::GET_LEN
        | op::GET_ITER
        | op::UNARY_INVERT
        | op::UNARY_NOT
        | op::TO_BOOL
        | op::STORE_DEREF
        | op::STORE_NAME
        | op::STORE_GLOBAL
        | op::YIELD_VALUE => 1,
        _ => 0,
    }
}

/// Where a tuple has an item.
fn item_at(index: u32) -> AttrAt {
    AttrAt {
        offset: tuple::ITEMS as u32 + 8 * index,
        valid: 0,
    }
}

/// What an attribute can hold without being made an object first.
fn keeps(slot: &SlotV) -> bool {
    matches!(
        slot,
        Slot::Val { .. } | Slot::Const(_) | Slot::Chr { .. } | Slot::Complex { .. } | Slot::Wide { .. } | Slot::Inst(_)
    )
}

impl<'s> Builder<'s> {
    /// A new instance of a class, for its `__init__` and for its caller: taken apart where that is possible. Exits when the class has changed.
    pub(super) fn new_instance_slots(&mut self, class: ObjId, known: &ClassInfo) -> [SlotV; 2] {
        if known.quiet && self.snap.options().optimise {
            self.guard_class(class, known.version);
            let slot = Slot::Inst(Box::new(InstSlot {
                id: self.instances,
                class,
                fields: Vec::new(),
            }));
            self.instances += 1;
            return [slot.clone(), slot];
        }
        let v = self.new_instance(class, known.version);
        self.emit(Op::IncRef, &[v], Reason::None);
        [Slot::Val { v, owned: true }, Slot::Val { v, owned: true }]
    }

    pub(super) fn guard_class(&mut self, class: ObjId, ver: u32) {
        let c = self.slot_obj(&Slot::Const(class));
        self.emit(Op::GuardClass { ver }, &[c], Reason::Callee);
    }

    /// The instance taken apart in the slot at `depth`, and its class.
    pub(super) fn apart(&self, depth: usize) -> Option<(InstSlot<Value>, &'s ClassInfo)> {
        let Slot::Inst(i) = self.peek(depth) else { return None };
        let known = self.snap.classes.get(&self.f.objs[i.class.0 as usize].ptr)?;
        Some(((**i).clone(), known))
    }

    /// Exits unless the class of the instance in the slot at `depth` is as it was.
    pub(super) fn guard_apart(&mut self, depth: usize) {
        if let Some((i, class)) = self.apart(depth) {
            self.guard_class(i.class, class.version);
        }
    }

    /// Whether two slots hold the same object, if one of them is an instance taken apart.
    pub(super) fn same_instance(&self, a: &SlotV, b: &SlotV) -> Option<bool> {
        match (a, b) {
            (Slot::Inst(a), Slot::Inst(b)) => Some(a.id == b.id),
            // Nothing else holds it; what is apart itself is an object of its own.
            (Slot::Inst(_), Slot::Val { .. } | Slot::Const(_)) | (Slot::Val { .. } | Slot::Const(_), Slot::Inst(_)) => Some(false),
            _ => None,
        }
    }

    // ---- making them

    /// Makes what the top `n` slots name.
    pub(super) fn settle(&mut self, n: usize) {
        for depth in 0..n {
            let slot = self.peek(depth).clone();
            self.settled(slot, depth);
        }
    }

    /// Makes what the slot, which is the one at `depth`, names; what is there then.
    pub(super) fn settled(&mut self, slot: SlotV, depth: usize) -> SlotV {
        let ids = named(&slot);
        if ids.is_empty() {
            return slot;
        }
        for id in ids {
            self.make_instance(id);
        }
        self.peek(depth).clone()
    }

    /// Makes all instances.
    pub(super) fn settle_all(&mut self) {
        let mut ids: Vec<u32> = Vec::new();
        for fr in &self.frames {
            for slot in fr.locals.iter().chain(&fr.stack).chain([&fr.func]) {
                ids.extend(named(slot));
            }
        }
        let mut done = crate::maps::HashSet::default();
        ids.retain(|id| done.insert(*id));
        for id in ids {
            self.make_instance(id);
        }
    }

    /// Makes an instance, for all slots that hold it; those in its attributes are made before. The only exit comes first.
    pub(super) fn make_instance(&mut self, id: u32) {
        let mut found = None;
        self.for_each_place(&mut |s| {
            if let Slot::Inst(i) = s
                && i.id == id
            {
                found.get_or_insert_with(|| (**i).clone());
            }
        });
        let Some(inst) = found else { return };
        let known = &self.snap.classes[&self.f.objs[inst.class.0 as usize].ptr];
        self.guard_class(inst.class, known.version);
        let class = self.slot_obj(&Slot::Const(inst.class));
        let v = if known.tuple {
            self.make_tuple(class, &inst)
        } else {
            self.make_plain(class, &inst)
        };
        self.class_hints.insert(v, known.version);
        let mut places: Vec<InstSlot<Value>> = Vec::new();
        self.for_each_place(&mut |s| {
            if let Slot::Inst(i) = s
                && i.id == id
            {
                places.push((**i).clone());
                *s = Slot::Val { v, owned: true };
            }
        });
        self.changed();
        for _ in 1..places.len() {
            self.emit(Op::IncRef, &[v], Reason::None);
        }
        for i in places {
            self.release_instance(i);
        }
    }

    /// Gives up what a slot that holds the instance has, in the order in which an instance that dies does: by the places, a tuple's last item first.
    pub(super) fn release_instance(&mut self, mut inst: InstSlot<Value>) {
        inst.fields.sort_by_key(|(at, _)| at.offset);
        if self.snap.classes[&self.f.objs[inst.class.0 as usize].ptr].tuple {
            inst.fields.reverse();
        }
        inst.fields.into_iter().for_each(|(_, s)| self.release(s));
    }

    /// An object with these attributes, references of its own to them.
    fn make_plain(&mut self, class: Value, inst: &InstSlot<Value>) -> Value {
        let helper = Helper::NewInstance;
        let v = self.obj(Op::Call { helper }, &[class], Reason::Domain, Ty::Any);
        for (at, slot) in &inst.fields {
            let (field, new) = self.box_slot(&borrowed(slot)).expect("attributes can be boxed");
            if !new {
                self.emit(Op::IncRef, &[field], Reason::None);
            }
            self.emit(Op::AttrInit { at: *at }, &[v, field], Reason::None);
        }
        v
    }

    /// An object with these items, references of its own to them.
    fn make_tuple(&mut self, class: Value, inst: &InstSlot<Value>) -> Value {
        let (mut args, mut boxes) = (vec![class], Vec::new());
        for slot in inst.slots() {
            let (item, new) = self.box_slot(&borrowed(slot)).expect("items can be boxed");
            args.push(item);
            boxes.extend(new.then_some(item));
        }
        let helper = Helper::NewTuple;
        let v = self.obj(Op::Call { helper }, &args, Reason::Domain, Ty::Any);
        for item in boxes {
            self.release(Slot::Val { v: item, owned: true });
        }
        v
    }

    /// `tuple.__new__(cls, (a, b, ...))` of a class that derives from `tuple`, as named tuples do it: the instance is taken apart. False if that
    /// takes the call.
    pub(super) fn new_named_tuple(&mut self) -> bool {
        let (Slot::Const(class), Slot::Tuple(items)) = (self.peek(1).clone(), self.peek(0).clone()) else {
            return false;
        };
        let known = self.snap.classes.get(&self.f.objs[class.0 as usize].ptr);
        let Some(known) = known.filter(|c| c.tuple && self.snap.options().optimise) else {
            return false;
        };
        if !items.iter().all(keeps) {
            return false;
        }
        self.guard_class(class, known.version);
        self.pop();
        let fields = items.into_iter().enumerate().map(|(i, item)| (item_at(i as u32), item)).collect();
        let inst = InstSlot {
            id: self.instances,
            class,
            fields,
        };
        self.instances += 1;
        self.finish(3, Some(Slot::Inst(Box::new(inst))));
        true
    }

    /// Visits every slot of the environment, and those within.
    fn for_each_place(&mut self, f: &mut impl FnMut(&mut SlotV)) {
        for fr in &mut self.frames {
            for slot in fr.locals.iter_mut().chain(&mut fr.stack).chain([&mut fr.func]) {
                slot.for_each_slot(f);
            }
        }
    }

    /// Slots of any frame have changed: states made before do not hold.
    fn changed(&mut self) {
        self.state_cache = None;
        for fr in &mut self.frames {
            fr.calling = None;
        }
    }

    // ---- attributes

    /// What an attribute instruction finds in the class of an instance taken apart.
    fn site_of(&self, ins: &Instr, version: u32) -> Option<AttrSite> {
        let sites = self.code().attrs.get(&ins.start)?;
        sites.cached.iter().chain(&sites.others).find(|s| s.version() == version).cloned()
    }

    /// LOAD_ATTR of an instance taken apart; false if that takes the object.
    pub(super) fn load_attr_apart(&mut self, ins: &Instr, method: bool) -> bool {
        let Some((inst, class)) = self.apart(0) else { return false };
        let Some(site) = self.site_of(ins, class.version) else {
            return false;
        };
        let site = match site {
            AttrSite::Item { version, index } => AttrSite::Value {
                version,
                at: item_at(index),
            },
            site => site,
        };
        match site {
            AttrSite::Value { at, .. } => {
                let Some((_, field)) = inst.fields.iter().find(|f| f.0 == at) else {
                    return false;
                };
                self.guard_class(inst.class, class.version);
                let value = self.own(borrowed(field));
                self.finish(1, Some(value));
                if method {
                    self.push(Slot::Null);
                }
            }
            AttrSite::Method { keys, func, .. } if method => {
                self.guard_found(inst.class, class.version, keys);
                let func = Slot::Const(self.obj_id(&func));
                let this = self.pop();
                self.push(func);
                self.push(this);
            }
            AttrSite::ClassMethod { keys, func, class: of, .. } if method => {
                self.guard_found(inst.class, class.version, keys);
                let (func, of) = (Slot::Const(self.obj_id(&func)), Slot::Const(self.obj_id(&of)));
                self.finish(1, Some(func));
                self.push(of);
            }
            AttrSite::Constant { keys, value, .. } => {
                self.guard_found(inst.class, class.version, keys);
                let value = self.const_slot(&value);
                self.finish(1, Some(value));
                if method {
                    self.push(Slot::Null);
                }
            }
            AttrSite::Property { getter, .. } if !method => {
                let Desc::Func(info) = getter.desc.clone() else { return false };
                if !self.inlinable(&info, 1) {
                    return false;
                }
                self.guard_class(inst.class, class.version);
                self.call_getter(ins, &getter, &info);
            }
            _ => return false,
        }
        true
    }

    /// Exits unless a class still has what was found in it, and no instance's own attributes come before that.
    fn guard_found(&mut self, class: ObjId, version: u32, keys: u32) {
        self.guard_class(class, version);
        if keys != 0 {
            let c = self.slot_obj(&Slot::Const(class));
            self.emit(Op::GuardClassKeys { ver: keys }, &[c], Reason::Callee);
        }
    }

    /// The method that `super()` finds for the instance taken apart on top of the stack.
    pub(super) fn super_method_apart(&mut self, ins: &Instr) -> bool {
        let Some((inst, class)) = self.apart(0) else { return false };
        let Some(AttrSite::Super { func, .. }) = self.site_of(ins, class.version) else {
            return false;
        };
        self.guard_class(inst.class, class.version);
        let func = Slot::Const(self.obj_id(&func));
        let this = self.pop();
        self.finish(2, Some(func));
        self.push(this);
        true
    }

    /// STORE_ATTR to an instance taken apart; false if that takes the object.
    pub(super) fn store_attr_apart(&mut self, ins: &Instr) -> bool {
        let Some((inst, class)) = self.apart(0) else { return false };
        let Some(AttrSite::Value { at, .. }) = self.site_of(ins, class.version) else {
            return false;
        };
        if !self.takes(&inst, 1) {
            return false;
        }
        self.guard_class(inst.class, class.version);
        let owner = self.pop();
        self.set_field(inst.id, at);
        self.release(owner);
        true
    }

    /// Whether an attribute of the instance can hold what the slot at `depth` does: anything but what names the instance itself.
    fn takes(&mut self, inst: &InstSlot<Value>, depth: usize) -> bool {
        if !keeps(self.peek(depth)) {
            // Making the value an object makes the instance, too, if the value names it.
            return self.want_obj(depth).is_some() && self.is_apart(inst.id);
        }
        !named(self.peek(depth)).contains(&inst.id)
    }

    fn is_apart(&mut self, id: u32) -> bool {
        let mut found = false;
        self.for_each_place(&mut |s| found |= matches!(s, Slot::Inst(i) if i.id == id));
        found
    }

    /// `object.__setattr__(instance, name, value)` for an instance taken apart, which is how frozen dataclasses set their attributes; false if
    /// that takes the call.
    pub(super) fn set_by_name(&mut self) -> bool {
        let Some((inst, class)) = self.apart(2) else { return false };
        let Some(Desc::Str { text, .. }) = self.desc(self.peek(1)).map(|c| c.desc.clone()) else {
            return false;
        };
        let Some(&at) = class.places.get(&text) else { return false };
        if !self.takes(&inst, 0) {
            return false;
        }
        self.guard_class(inst.class, class.version);
        self.set_field(inst.id, at);
        let none = self.none_slot();
        self.finish(4, Some(none));
        true
    }

    /// Takes a value off the stack and sets an attribute to it, in all slots that hold the instance, each with a reference of its own.
    fn set_field(&mut self, id: u32, at: AttrAt) {
        let given = self.pop();
        let given = self.own(given);
        let value = borrowed(&given);
        let mut places = 0;
        self.for_each_place(&mut |s| places += usize::from(matches!(s, Slot::Inst(i) if i.id == id)));
        let mut copies: Vec<SlotV> = (0..places).map(|_| self.own(value.clone())).collect();
        let mut old = Vec::new();
        self.for_each_place(&mut |s| {
            if let Slot::Inst(i) = s
                && i.id == id
            {
                let new = copies.pop().expect("one for each place");
                match i.fields.iter_mut().find(|f| f.0 == at) {
                    Some((_, field)) => old.push(std::mem::replace(field, new)),
                    None => i.fields.push((at, new)),
                }
            }
        });
        self.changed();
        self.release(given);
        old.into_iter().for_each(|s| self.release(s));
    }
}
