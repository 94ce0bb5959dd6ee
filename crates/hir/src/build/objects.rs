//! Objects: attributes loaded and stored where the inline cache says they are, methods, properties.

use super::Builder;
use super::callee::borrowed;
use super::env::SlotV;
use crate::helpers::Helper;
use crate::ir::{Reason, Role, Slot, Value};
use crate::ops::{AttrAt, Cc, ObjId, Op};
use crate::snapshot::{AttrSite, CLASSES, ClassInfo, Const, Desc, FuncInfo, Intrinsic, WITH_METHODS};
use crate::types::{Repr, Ty};
use std::rc::Rc;
use whipsnake_abi::bytecode::Instr;
use whipsnake_abi::opcode as op;

/// An instance that only the code being built knows of.
#[derive(Clone)]
pub(super) struct Fresh {
    pub version: u32,
    /// Offsets of the attributes it has got.
    set: Vec<u32>,
}

impl Builder<'_> {
    /// Calls a class whose instances are made as `object` makes them: makes one and goes on in its `__init__`.
    pub(super) fn call_class(&mut self, ins: &Instr) -> bool {
        let n = ins.arg as usize;
        let Slot::Const(class) = *self.peek(n + 1) else { return false };
        let Some(known) = self.snap.classes.get(&self.f.objs[class.0 as usize].ptr) else {
            return false;
        };
        if let Some(new) = &known.new {
            return self.call_new(ins, class, known, new);
        }
        let Some(init) = &known.init else { return false };
        let Desc::Func(info) = &init.desc else { return false };
        if !self.inlinable(info, n + 1) || !self.plain_arguments(n) {
            return false;
        }
        let [this, made] = self.new_instance_slots(class, known);
        let mut args: Vec<SlotV> = (0..n).map(|_| self.pop()).collect();
        args.push(this);
        args.reverse();
        self.pop();
        self.pop();
        self.push(made);
        let func = self.obj_id(init);
        self.open_frame(ins, func, info, args, Role::Init);
        true
    }

    /// Goes on in a class's `__new__`. The class and the arguments stay where they are until that is done: what it gives may have to be initialised.
    fn call_new(&mut self, ins: &Instr, class: ObjId, known: &ClassInfo, new: &Const) -> bool {
        let n = ins.arg as usize;
        let Desc::Func(info) = &new.desc else { return false };
        if !self.inlinable(info, n + 1) || !self.plain_arguments(n) {
            return false;
        }
        self.guard_class(class, known.version);
        let given: Vec<SlotV> = (0..n).rev().map(|d| self.peek(d).clone()).collect();
        let mut args = vec![Slot::Const(class)];
        args.extend(given.into_iter().map(|s| self.own(borrowed(&s))));
        let func = self.obj_id(new);
        self.open_frame(ins, func, info, args, Role::New);
        true
    }

    /// Leaves an inlined `__new__`, at its return, unless it gives an instance of the very class that was called, which has no `__init__`, or of
    /// none that derives from it.
    pub(super) fn check_new_result(&mut self, slot: &SlotV) {
        let caller = &self.frames[self.frames.len() - 2];
        let call = *self.info(caller.code).at(caller.bci).expect("the call's own unit");
        let Slot::Const(class) = caller.stack[caller.stack.len() - 2 - call.arg as usize] else {
            unreachable!("a class that is known was called")
        };
        match slot {
            Slot::Inst(i) if i.class == class => {}
            Slot::Val { v, .. } if self.slot_ty(slot) == Ty::Any => {
                let version = self.snap.classes[&self.f.objs[class.0 as usize].ptr].version;
                self.guard_version(*v, version);
            }
            _ if self.slot_ty(slot) != Ty::Any => {}
            _ => self.leave(Reason::Cold),
        }
    }

    /// A new instance of a class with this version; exits when it has another one by now.
    pub(super) fn new_instance(&mut self, class: ObjId, ver: u32) -> Value {
        self.guard_class(class, ver);
        let c = self.slot_obj(&Slot::Const(class));
        let helper = Helper::NewInstance;
        let v = self.obj(Op::Call { helper }, &[c], Reason::Domain, Ty::Any);
        let fresh = Fresh {
            version: ver,
            set: Vec::new(),
        };
        self.fresh.insert(v, fresh);
        self.class_hints.insert(v, ver);
        v
    }

    /// Exits unless the object's class has this version.
    pub(super) fn guard_version(&mut self, o: Value, ver: u32) {
        self.class_hints.insert(o, ver);
        if self.fresh.get(&o).is_none_or(|f| f.version != ver) {
            self.emit(Op::GuardVersion { ver }, &[o], Reason::Callee);
        }
    }

    pub(super) fn load_attr(&mut self, ins: &Instr) {
        let name = self.code().names[(ins.arg >> 1) as usize].clone();
        let method = ins.arg & 1 == 1;
        let slot = self.peek(0).clone();
        if let Some(Desc::Module { attrs }) = self.desc(&slot).map(|c| &c.desc)
            && let Some(c) = attrs.get(&name).cloned()
        {
            let s = self.const_slot(&c);
            self.finish(1, Some(s));
            if method {
                self.push(Slot::Null);
            }
            return;
        }
        if self.class_attr(ins, &name, method) {
            return;
        }
        if !method && name == "__class__" && self.class_of_instance(ins) {
            return;
        }
        if !method && self.complex_part(&name, ins) {
            return;
        }
        if method && let Some(i) = self.complex_method(&name, ins) {
            self.expect(0, Ty::Complex);
            let ptr = self.snap.intrinsic_ptrs[&i];
            let s = Slot::Const(self.obj_id(&Const {
                ptr,
                desc: Desc::Intrinsic(i),
            }));
            let this = self.pop();
            self.push(s);
            self.push(this);
            return;
        }
        if method && self.builtin_method(&name, ins) {
            return;
        }
        let fb = self.feedback(ins.start);
        // Instances of classes that are not told apart.
        let others = self.ruled_out > 0;
        if !fb.polymorphic_call && self.load_attr_apart(ins, method) {
            return;
        }
        self.settle(1);
        if !fb.generic && !fb.polymorphic_call && self.attr_site(ins, method) {
            return;
        }
        let Some(v) = self.want_obj(0) else {
            return self.leave(Reason::Unsupported(ins.op));
        };
        let key = self.code().name_ptrs[(ins.arg >> 1) as usize];
        let k = self.raw_obj(key, Ty::Str);
        // Two objects instead of one that binds them together, unless the cache says or an exit has shown that it is something else.
        let usual = matches!(
            ins.raw,
            op::LOAD_ATTR | op::LOAD_ATTR_METHOD_WITH_VALUES | op::LOAD_ATTR_METHOD_NO_DICT | op::LOAD_ATTR_METHOD_LAZY_DICT
        );
        if method && usual && !fb.domain && !fb.generic {
            let helper = Helper::GetMethod;
            let v = self.obj(Op::Call { helper }, &[v, k], Reason::Domain, Ty::Any);
            if others {
                self.uncommon.insert(v);
            }
            let this = self.pop();
            self.push(Slot::Val { v, owned: true });
            self.push(this);
            return;
        }
        self.count_op(Helper::GetAttr);
        let (get, reason) = self.calling(Helper::GetAttr);
        let r = self.obj(get, &[v, k], reason, Ty::Any);
        self.finish_val(1, r);
        if method {
            self.push(Slot::Null);
        }
        self.after(Helper::GetAttr);
    }

    /// Where the attribute may be, by the classes that the object may be of: the one it is known to be of; else the one that the inline
    /// cache knows and those met instead.
    fn candidates(&self, ins: &Instr, o: Value) -> Vec<AttrSite> {
        let Some(sites) = self.code().attrs.get(&ins.start) else {
            return Vec::new();
        };
        let all = || sites.cached.iter().chain(&sites.others);
        let met = self.feedback(ins.start).met;
        if self.ruled_out == 0
            && let Some(version) = self.class_hints.get(&o)
        {
            let site = all().find(|s| s.version() == *version);
            if site.is_some() || met.contains(version) {
                return site.cloned().into_iter().collect();
            }
        }
        let cached = sites.cached.as_ref().map(AttrSite::version);
        // What another instruction has met on the same object this one will meet as well.
        let code = self.code();
        let mut elsewhere: Vec<u32> = self.info(self.frames.last().expect("open").code).alike(ins.start).collect();
        elsewhere.sort_unstable();
        let elsewhere = elsewhere
            .iter()
            .filter_map(|at| code.feedback.get(at))
            .flat_map(|fb| fb.met.iter().copied());
        let likely = self.hints.get(&o).map(|h| h.classes.clone()).unwrap_or_default();
        // Where it looks as if there were several, the inline cache knows the one that came last.
        let several = if likely.len() > 1 { likely.as_slice() } else { &[] };
        let mut found: Vec<AttrSite> = Vec::new();
        for version in met.into_iter().chain(cached).chain(elsewhere).chain(several.iter().copied()) {
            if let Some(site) = all().find(|s| s.version() == version)
                && !found.iter().any(|f| f.version() == version)
            {
                found.push(site.clone());
            }
        }
        if found.is_empty() {
            found.extend(all().find(|s| likely.contains(&s.version())).cloned());
        }
        found.truncate(CLASSES);
        found
    }

    /// `super().name`: a method that is known by the object's class, else through CPython.
    pub(super) fn load_super_attr(&mut self, ins: &Instr) {
        let method = ins.arg & 1 == 1;
        let plain = matches!(self.desc(self.peek(2)).map(|c| &c.desc), Some(Desc::Intrinsic(Intrinsic::Super)));
        if method && plain && !self.feedback(ins.start).polymorphic_call && self.super_method_apart(ins) {
            return;
        }
        if !plain || self.want_obj(1).is_none() || self.want_obj(0).is_none() {
            return self.leave(Reason::Unsupported(ins.op));
        }
        let (class, this) = (self.peek(1).clone(), self.peek(0).clone());
        let (class, o) = (self.slot_obj(&class), self.slot_obj(&this));
        let fb = self.feedback(ins.start);
        if method
            && !fb.generic
            && !fb.polymorphic_call
            && let Some(AttrSite::Super { index, func, .. }) = self.site(ins, o, false)
        {
            self.emit(Op::GuardMro { index }, &[o, class], Reason::Callee);
            let func = Slot::Const(self.obj_id(&func));
            let this = self.pop();
            self.finish(2, Some(func));
            self.push(this);
            return;
        }
        let key = self.code().name_ptrs[(ins.arg >> 2) as usize];
        let k = self.raw_obj(key, Ty::Str);
        let helper = Helper::SuperAttr;
        self.count_op(helper);
        let v = self.obj(Op::Call { helper }, &[class, o, k], Reason::Raised, Ty::Any);
        self.finish_val(3, v);
        if method {
            self.push(Slot::Null);
        }
        self.after_user();
    }

    /// Finds out which of its candidates an attribute instruction meets: tests them in turn, from where an earlier walk of it left off.
    /// A method of several classes may be met in others yet: for those there is none.
    fn site(&mut self, ins: &Instr, o: Value, method: bool) -> Option<AttrSite> {
        let all = self.candidates(ins, o);
        let first = std::mem::take(&mut self.ruled_out);
        let last = all.len().saturating_sub(1);
        let open = method && last > 0;
        let Some(site) = all.into_iter().nth(first) else {
            self.class_hints.remove(&o);
            return None;
        };
        let ver = site.version();
        if first < last || open {
            let here = self.emit(Op::VersionIs { ver }, &[o], Reason::None).expect("has a result");
            self.candidate(here, first + 1);
            self.class_hints.insert(o, ver);
            self.told_apart.insert(o);
        } else {
            self.guard_version(o, ver);
        }
        Some(site)
    }

    /// An attribute whose place is known.
    fn attr_site(&mut self, ins: &Instr, method: bool) -> bool {
        let slot = self.peek(0).clone();
        let boxed = matches!(slot, Slot::Const(_)) || matches!(slot, Slot::Val { v, .. } if self.f.repr(v) == Repr::Obj);
        if !boxed {
            return false;
        }
        let o = self.slot_obj(&slot);
        let Some(site) = self.site(ins, o, method) else { return false };
        match site {
            AttrSite::Property { .. } if method => return false,
            AttrSite::Super { .. } => unreachable!("of another instruction"),
            AttrSite::Value { version, at } => {
                let v = self.obj(Op::AttrGet { at }, &[o], Reason::Unbound, Ty::Any);
                if let Some(shape) = self.snap.attr_shapes.get(&(version, at.offset)) {
                    self.hints.insert(v, Rc::new(shape.clone()));
                }
                self.emit(Op::IncRef, &[v], Reason::None);
                self.finish_val(1, v);
                if method {
                    self.push(Slot::Null);
                }
            }
            AttrSite::Item { index, .. } => {
                let (len, i) = (self.val(Op::TupleLen, &[o], Reason::None), self.int(i64::from(index)));
                let within = self.val(Op::ICmp { cc: Cc::Lt }, &[i, len], Reason::None);
                self.emit(Op::GuardTrue, &[within], Reason::Domain);
                let v = self.obj(Op::TupleGet, &[o, i], Reason::None, Ty::Any);
                if let Some(shape) = self.hints.get(&o).and_then(|h| h.fields.get(index as usize)) {
                    self.hints.insert(v, Rc::new(shape.clone()));
                }
                self.emit(Op::IncRef, &[v], Reason::None);
                self.finish_val(1, v);
                if method {
                    self.push(Slot::Null);
                }
            }
            AttrSite::Method { keys, func, .. } => {
                self.guard_keys(o, keys);
                if !method {
                    return false;
                }
                let f = Slot::Const(self.obj_id(&func));
                let this = self.pop();
                self.push(f);
                self.push(this);
            }
            AttrSite::ClassMethod { keys, func, class, .. } => {
                if !method {
                    return false;
                }
                self.guard_keys(o, keys);
                let (func, class) = (Slot::Const(self.obj_id(&func)), Slot::Const(self.obj_id(&class)));
                self.finish(1, Some(func));
                self.push(class);
            }
            AttrSite::Constant { keys, value, .. } => {
                self.guard_keys(o, keys);
                let s = self.const_slot(&value);
                self.finish(1, Some(s));
                if method {
                    self.push(Slot::Null);
                }
            }
            AttrSite::Property { getter, .. } => {
                let Desc::Func(info) = getter.desc.clone() else { return false };
                if !self.inlinable(&info, 1) {
                    return false;
                }
                self.call_getter(ins, &getter, &info);
            }
        }
        true
    }

    /// Goes on in the getter of a property of the object on top of the stack.
    pub(super) fn call_getter(&mut self, ins: &Instr, getter: &Const, info: &FuncInfo) {
        let f = self.obj_id(getter);
        let this = self.pop();
        self.push(Slot::Const(f));
        self.push(Slot::Null);
        self.push(this);
        self.inline(ins, info, 1, false);
    }

    fn guard_keys(&mut self, o: Value, ver: u32) {
        if ver != 0 {
            self.emit(Op::GuardKeys { ver }, &[o], Reason::Callee);
        }
    }

    /// What `with` calls, looked up in the object's class.
    pub(super) fn load_special(&mut self, ins: &Instr) {
        let fb = self.feedback(ins.start);
        let Some(&name) = WITH_METHODS.get(ins.arg as usize) else {
            return self.leave(Reason::Unsupported(ins.op));
        };
        let known = if fb.generic || fb.polymorphic_call {
            None
        } else {
            self.class_of(0, ins)
        };
        if let Some(class) = known
            && let Some(Some(method)) = class.special.get(name)
        {
            self.guard_class_of_top(class);
            let func = Slot::Const(self.obj_id(method));
            let this = self.pop();
            self.push(func);
            self.push(this);
            return;
        }
        let key = self.snap.with_names[ins.arg as usize];
        let Some(v) = self.want_obj(0).filter(|_| !fb.domain && !fb.generic && key != 0) else {
            return self.leave(Reason::Unsupported(ins.op));
        };
        let k = self.raw_obj(key, Ty::Str);
        let helper = Helper::GetMethod;
        let v = self.obj(Op::Call { helper }, &[v, k], Reason::Domain, Ty::Any);
        let this = self.pop();
        self.push(Slot::Val { v, owned: true });
        self.push(this);
    }

    /// A method of a builtin type that the receiver has or is taken to have.
    fn builtin_method(&mut self, name: &str, ins: &Instr) -> bool {
        let fb = self.feedback(ins.start);
        if fb.generic || !matches!(self.peek(0), Slot::Val { v, .. } if self.f.repr(*v) == Repr::Obj) && self.ty(0) == Ty::Any {
            return false;
        }
        let cached = match self.code().attrs.get(&ins.start).and_then(|s| s.cached.as_ref()) {
            Some(AttrSite::Method { ty, .. }) if !self.polymorphic(ins) => *ty,
            _ => Ty::Any,
        };
        let ty = match self.assume(0, ins) {
            Ty::Any => cached,
            t => t,
        };
        let Some(method) = self.snap.methods.get(&(ty, name.to_string())).cloned() else {
            return false;
        };
        if self.want_obj(0).is_none() {
            return false;
        }
        self.expect(0, ty);
        let method = Slot::Const(self.obj_id(&method));
        let this = self.pop();
        self.push(method);
        self.push(this);
        true
    }

    pub(super) fn store_attr(&mut self, ins: &Instr) {
        let fb = self.feedback(ins.start);
        if !fb.polymorphic_call && self.store_attr_apart(ins) {
            return;
        }
        self.settle(1);
        let boxed = matches!(self.peek(0), Slot::Val { v, .. } if self.f.repr(*v) == Repr::Obj);
        if boxed && !fb.polymorphic_call {
            let slot = self.peek(0).clone();
            let o = self.slot_obj(&slot);
            if let Some(AttrSite::Value { version, at }) = self.site(ins, o, false) {
                let releases = fb.generic || self.snap.attr_dying.contains(&(version, at.offset));
                if !self.store_value(o, at, releases) {
                    return self.leave(Reason::Unsupported(ins.op));
                }
                return;
            }
        }
        if self.want_obj(0).is_none() || self.want_obj(1).is_none() {
            return self.leave(Reason::Unsupported(ins.op));
        }
        let (o, v) = (self.peek(0).clone(), self.peek(1).clone());
        let (o, v) = (self.slot_obj(&o), self.slot_obj(&v));
        let key = self.code().name_ptrs[ins.arg as usize];
        let k = self.raw_obj(key, Ty::Str);
        self.count_op(Helper::SetAttr);
        let (set, reason) = self.calling(Helper::SetAttr);
        self.emit(set, &[o, k, v], reason);
        self.finish(2, None);
        self.after(Helper::SetAttr);
    }

    /// Stores where the attribute is known to be, and ends the op. `releases`: what was there is likely to die, by code of its own.
    fn store_value(&mut self, o: Value, at: AttrAt, releases: bool) -> bool {
        if let Some(f) = self.fresh.get_mut(&o)
            && !f.set.contains(&at.offset)
        {
            f.set.push(at.offset);
            if !self.emit_stealing(Op::AttrInit { at }, &[o], 1, Reason::None) {
                return false;
            }
            self.finish(2, None);
            return true;
        }
        if !self.fresh.contains_key(&o) {
            // It may be one of them, by another name.
            self.fresh.clear();
        }
        if releases {
            let Some(old) = self.emit_swap(Op::AttrSwap { at }, &[o], 1, Reason::Callee) else {
                return false;
            };
            let owner = self.pop();
            self.pop();
            self.release(old);
            self.release(owner);
            return true;
        }
        if !self.store_in_place([Op::AttrSetFloat { at }, Op::AttrSetInt { at }, Op::AttrSet { at }], o, 1) {
            return false;
        }
        self.finish(2, None);
        true
    }
}
