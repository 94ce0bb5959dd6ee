//! From a frame state's leaves to objects: boxing, and building what compiled code kept taken apart.
//!
//! Every object built has an exact builtin type, so no Python code runs. An unboxed value that is in several slots is
//! boxed once, so that `a is b` still holds. References that the state owns are taken over; of others a new one is made.

use crate::frame::{self, InterpFrame, StackRef};
use crate::gil::write;
use crate::version::Version;
use crate::{generator, helpers};
use pyo3::ffi::{self, PyObject, PyTypeObject};
use std::ptr;
use whipsnake_abi::layout;
use whipsnake_hir::ir::{FuncSlot, GenSlot, InstSlot, Slot};
use whipsnake_hir::types::Repr;
use whipsnake_lower::Loc;

unsafe extern "C" {
    static mut PyReversed_Type: PyTypeObject;
    static mut PyEnum_Type: PyTypeObject;
    static mut PyZip_Type: PyTypeObject;
}

/// A state's leaves, on their way into objects.
pub struct Rebuild<'a> {
    words: *const u64,
    v: &'a Version,
    /// Boxes made so far: word, representation, object. What gets one first may not keep it (an `enumerate` only takes its count from there), so
    /// each has a reference here until all is built.
    boxes: Vec<(u16, Repr, *mut PyObject)>,
    /// As `boxes`, numbers of two leaves.
    pairs: Vec<(Slot<Loc>, *mut PyObject)>,
    /// Instances made so far, by their numbers.
    instances: Vec<(u32, *mut PyObject)>,
}

impl<'a> Rebuild<'a> {
    pub fn new(words: *const u64, v: &'a Version) -> Rebuild<'a> {
        Rebuild {
            words,
            v,
            boxes: Vec::new(),
            pairs: Vec::new(),
            instances: Vec::new(),
        }
    }

    /// The raw word of an object leaf, null if it holds none.
    ///
    /// # Safety
    /// The words are those of the state the location belongs to.
    pub unsafe fn raw(&self, loc: &Loc) -> *mut PyObject {
        match *loc {
            // SAFETY: compiled code stored every word its locations name.
            Loc::Word { index, repr: Repr::Obj } => unsafe { *self.words.add(index as usize) as *mut PyObject },
            Loc::Obj(id) => self.v.objs[id.0 as usize],
            _ => ptr::null_mut(),
        }
    }

    /// An int leaf.
    unsafe fn int(&self, loc: &Loc) -> i64 {
        match *loc {
            // SAFETY: as in `raw`.
            Loc::Word { index, .. } => unsafe { *self.words.add(index as usize) as i64 },
            Loc::Int(i) => i,
            Loc::Bool(b) => i64::from(b),
            _ => unreachable!("an int leaf is an int"),
        }
    }

    /// A float leaf.
    unsafe fn float(&self, loc: &Loc) -> f64 {
        match *loc {
            // SAFETY: as in `raw`.
            Loc::Word { index, .. } => f64::from_bits(unsafe { *self.words.add(index as usize) }),
            Loc::Float(bits) => f64::from_bits(bits),
            _ => unreachable!("a float leaf is a float"),
        }
    }

    /// A leaf as an object with a reference for the caller; null for the null pointer.
    unsafe fn leaf(&mut self, loc: &Loc, owned: bool) -> *mut PyObject {
        // SAFETY: as in `raw`; object leaves are live or null.
        unsafe {
            match *loc {
                Loc::Null => ptr::null_mut(),
                Loc::Int(i) => made(ffi::PyLong_FromLongLong(i)),
                Loc::Float(bits) => made(ffi::PyFloat_FromDouble(f64::from_bits(bits))),
                Loc::Bool(b) => boolean(b),
                Loc::Word { repr: Repr::Obj, .. } | Loc::Obj(_) => {
                    let p = self.raw(loc);
                    if !owned {
                        ffi::Py_XINCREF(p);
                    }
                    p
                }
                Loc::Word { index, repr } => {
                    if let Some(b) = self.boxes.iter().find(|b| (b.0, b.1) == (index, repr)) {
                        return ffi::Py_NewRef(b.2);
                    }
                    let word = *self.words.add(index as usize);
                    let p = match repr {
                        Repr::Int => made(ffi::PyLong_FromLongLong(word as i64)),
                        Repr::Float => made(ffi::PyFloat_FromDouble(f64::from_bits(word))),
                        _ => boolean(word & 1 != 0),
                    };
                    self.boxes.push((index, repr, ffi::Py_NewRef(p)));
                    p
                }
            }
        }
    }

    /// A slot's object with a reference for the caller, null for an empty slot. With `take`, owned leaves are taken over.
    ///
    /// # Safety
    /// The slot belongs to the state whose leaves this was made for, and its leaves are taken once.
    pub unsafe fn build(&mut self, slot: &Slot<Loc>, take: bool) -> *mut PyObject {
        // SAFETY: as in `raw`; all calls are of exact builtin types with operands of the kinds they expect, and the fields
        // written are those of objects just made.
        unsafe {
            match slot {
                Slot::Null => ptr::null_mut(),
                Slot::Val { v, owned } => self.leaf(v, *owned && take),
                Slot::Const(id) => ffi::Py_NewRef(self.v.objs[id.0 as usize]),
                Slot::Tuple(items) => self.tuple(items, take),
                Slot::List(items) => {
                    let tuple = self.tuple(items, take);
                    let list = made(ffi::PySequence_List(tuple));
                    ffi::Py_DECREF(tuple);
                    list
                }
                Slot::Range { start, stop, step } => {
                    let args = [self.leaf(start, true), self.leaf(stop, true), self.leaf(step, true)];
                    call(ptr::addr_of_mut!(ffi::PyRange_Type), &args)
                }
                Slot::RangeIter { next, step, len } => range_iter(self.int(next), self.int(step), self.int(len)),
                Slot::RangeBy { next, stop, step } => {
                    let (next, stop, step) = (self.int(next), self.int(stop), self.int(step));
                    let left = (i128::from(stop) - i128::from(next)) * i128::from(step.signum());
                    let size = i128::from(step.unsigned_abs());
                    let len = ((left + size - 1) / size).max(0);
                    let end = i128::from(next) + i128::from(step) * len;
                    // Where ints of any size are needed, the iterator has another type.
                    match (i64::try_from(len), i64::try_from(end)) {
                        (Ok(len), Ok(_)) => range_iter(next, step, len),
                        _ => {
                            let bounds = [next, stop, step].map(|i| made(ffi::PyLong_FromLongLong(i)));
                            let range = call(ptr::addr_of_mut!(ffi::PyRange_Type), &bounds);
                            let it = made(ffi::PyObject_GetIter(range));
                            ffi::Py_DECREF(range);
                            it
                        }
                    }
                }
                Slot::ListIter { list: s, index } | Slot::TupleIter { tuple: s, index } | Slot::StrIter { s, index } => {
                    let seq = self.build(s, take);
                    let it = made(ffi::PyObject_GetIter(seq));
                    ffi::Py_DECREF(seq);
                    write(it, layout::seq_iter::INDEX, self.int(index));
                    it
                }
                Slot::ListRevIter { list, index } => {
                    let list = [self.build(list, take)];
                    let it = call(ptr::addr_of_mut!(PyReversed_Type), &list);
                    write(it, layout::seq_iter::INDEX, self.int(index));
                    it
                }
                Slot::Enumerate { count, inner } => {
                    let args = [self.build(inner, take), self.leaf(count, true)];
                    call(ptr::addr_of_mut!(PyEnum_Type), &args)
                }
                Slot::Zip(items) => {
                    let args: Vec<_> = items.iter().map(|s| self.build(s, take)).collect();
                    call(ptr::addr_of_mut!(PyZip_Type), &args)
                }
                Slot::Complex { .. } | Slot::Wide { .. } => {
                    if let Some(known) = self.pairs.iter().find(|k| k.0 == *slot) {
                        return ffi::Py_NewRef(known.1);
                    }
                    let p = match slot {
                        Slot::Complex { re, im } => made(ffi::PyComplex_FromDoubles(self.float(re), self.float(im))),
                        Slot::Wide { lo, hi } => helpers::boxed_wide(self.int(lo), self.int(hi)),
                        _ => unreachable!("matched above"),
                    };
                    self.pairs.push((slot.clone(), ffi::Py_NewRef(p)));
                    p
                }
                Slot::Chr { v } => made(ffi::PyUnicode_FromOrdinal(self.int(v) as i32)),
                Slot::Func(func) => self.function(func, take),
                Slot::Gen(g) => self.generator(g, take),
                Slot::Inst(i) => self.instance(i, take),
            }
        }
    }

    unsafe fn function(&mut self, func: &FuncSlot<Loc>, take: bool) -> *mut PyObject {
        // SAFETY: as in `build`; the function keeps references of its own to what it is given.
        unsafe {
            let [closure, defaults] = [&func.closure, &func.defaults].map(|items| {
                if items.is_empty() {
                    ptr::null_mut()
                } else {
                    self.tuple(items, take)
                }
            });
            helpers::function(
                self.v.objs[func.code.0 as usize],
                self.v.objs[func.globals.0 as usize],
                closure,
                defaults,
            )
        }
    }

    /// An instance, made for the first slot that holds it; others get a reference to that.
    unsafe fn instance(&mut self, inst: &InstSlot<Loc>, take: bool) -> *mut PyObject {
        // SAFETY: as in `build`; an instance just made has no attributes, and places for those of the state. One that has been made keeps
        // what the slot's own references are to.
        unsafe {
            if let Some((_, made)) = self.instances.iter().find(|i| i.0 == inst.id) {
                let made = ffi::Py_NewRef(*made);
                for slot in inst.slots().filter(|_| take) {
                    slot.clone().for_each_val_mut(&mut |loc, owned| {
                        if *owned {
                            ffi::Py_XDECREF(self.raw(loc));
                        }
                    });
                }
                return made;
            }
            let class = self.v.objs[inst.class.0 as usize];
            let o = if ffi::PyType_FastSubclass(class.cast(), ffi::Py_TPFLAGS_TUPLE_SUBCLASS) != 0 {
                helpers::blank_tuple(class, inst.fields.len() as isize)
            } else {
                made(ffi::PyType_GenericAlloc(class.cast(), 0))
            };
            self.instances.push((inst.id, o));
            for (at, slot) in &inst.fields {
                let value = self.build(slot, take);
                helpers::init_attribute(o, *at, value);
            }
            o
        }
    }

    /// A generator with everything its frame had, suspended.
    unsafe fn generator(&mut self, g: &GenSlot<Loc>, take: bool) -> *mut PyObject {
        // SAFETY: as in `build`; the frame is that of a generator of this code, not running.
        unsafe {
            let func = self.build(&g.func, take);
            let generator = generator::make(func);
            ffi::Py_DECREF(func);
            let frame = generator::frame(generator);
            let start = (*frame).instr_ptr;
            for (i, slot) in g.locals.iter().enumerate() {
                let r = frame::steal(self.build(slot, take));
                frame::close(ptr::replace(InterpFrame::locals(frame).add(i), r));
            }
            for slot in &g.stack {
                let r = frame::steal(self.build(slot, take));
                InterpFrame::push(frame, r);
            }
            let code = self.v.codes[g.code.0 as usize].ptr;
            (*frame).instr_ptr = frame::code_units(code).add(g.bci as usize);
            if (*frame).instr_ptr != start {
                generator::suspend(generator);
            }
            generator
        }
    }

    unsafe fn tuple(&mut self, items: &[Slot<Loc>], take: bool) -> *mut PyObject {
        // SAFETY: as in `build`; the tuple takes over the items' references.
        unsafe {
            let items: Vec<_> = items.iter().map(|s| self.build(s, take)).collect();
            helpers::tuple_new(items.as_ptr(), items.len())
        }
    }

    /// A slot for a frame, owning what it holds; takes over what the state owns.
    ///
    /// # Safety
    /// The slot belongs to the state whose leaves this was made for, and each slot is taken once.
    pub unsafe fn slot(&mut self, slot: &Slot<Loc>) -> StackRef {
        // SAFETY: the caller's promise.
        unsafe { frame::steal(self.build(slot, true)) }
    }

    /// A slot to look at while the state keeps its references: borrowed where it holds an object as it is.
    ///
    /// # Safety
    /// As for [`Rebuild::slot`], but nothing is taken; the result is dropped before the state changes.
    pub unsafe fn show(&mut self, slot: &Slot<Loc>) -> StackRef {
        // SAFETY: the caller's promise.
        unsafe {
            match slot {
                Slot::Val {
                    v: v @ (Loc::Word { repr: Repr::Obj, .. } | Loc::Obj(_)),
                    ..
                } => frame::borrow(self.raw(v)),
                Slot::Const(id) => frame::borrow(self.v.objs[id.0 as usize]),
                _ => frame::steal(self.build(slot, false)),
            }
        }
    }
}

impl Drop for Rebuild<'_> {
    fn drop(&mut self) {
        let boxes = self.boxes.iter().map(|b| b.2).chain(self.pairs.iter().map(|p| p.1));
        // SAFETY: states are rebuilt with the GIL held; each reference is given up once. Numbers run no code when they die.
        boxes.for_each(|b| unsafe { ffi::Py_DECREF(b) });
    }
}

/// A fresh object, which there must be.
pub fn made(p: *mut PyObject) -> *mut PyObject {
    if p.is_null() {
        frame::out_of_memory();
    }
    p
}

fn boolean(b: bool) -> *mut PyObject {
    // SAFETY: the singletons are always there; they are immortal.
    unsafe { if b { ffi::Py_True() } else { ffi::Py_False() } }
}

/// An iterator over a range whose ints fit machine words.
unsafe fn range_iter(next: i64, step: i64, len: i64) -> *mut PyObject {
    // SAFETY: the fields written are those of the iterator just made.
    unsafe {
        let zero = [made(ffi::PyLong_FromLong(0))];
        let range = call(ptr::addr_of_mut!(ffi::PyRange_Type), &zero);
        let it = made(ffi::PyObject_GetIter(range));
        ffi::Py_DECREF(range);
        write(it, layout::range_iter::START, next);
        write(it, layout::range_iter::STEP, step);
        write(it, layout::range_iter::LEN, len);
        it
    }
}

/// Calls a builtin type; the arguments' references are taken over.
unsafe fn call(ty: *mut PyTypeObject, args: &[*mut PyObject]) -> *mut PyObject {
    // SAFETY: the arguments are live objects; they are released once, after the call.
    unsafe {
        let r = ffi::PyObject_Vectorcall(ty.cast(), args.as_ptr(), args.len(), ptr::null_mut());
        args.iter().for_each(|&a| ffi::Py_DECREF(a));
        made(r)
    }
}
