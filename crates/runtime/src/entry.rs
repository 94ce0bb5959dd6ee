//! Entering compiled code: arguments, locals and operands checked against the kinds it was compiled for and laid out in
//! the context's words.
//!
//! Checking comes first and has no effect, so that what does not fit can be left to the interpreter. In call mode the
//! words borrow from the caller. In frame mode everything is then moved out of the frame: compiled code owns a
//! reference to each object leaf, the frame's slots are empty, and iterators that nobody else holds are gone. No Python
//! code runs on the way: only exact builtin objects are released, and what they hold has been taken before.

use crate::ctx::{self, Activation, Ctx, WORDS};
use crate::frame::{self, InterpFrame, StackRef};
use crate::gil::read;
use crate::layout as here;
use crate::link;
use crate::trial;
use crate::version::Version;
use pyo3::ffi::{self, PyObject, PyThreadState, PyTypeObject};
use std::ptr;
use std::sync::Arc;
use whipsnake_abi::layout;
use whipsnake_hir::ir::Kind;
use whipsnake_hir::types::{Repr, Ty};
use whipsnake_lower::status;

/// What came of an attempt to enter.
pub enum Entered {
    /// Call mode: the result, a new reference.
    Value(*mut PyObject),
    /// Frame mode: the frame is up to date, go on interpreting it.
    Continue,
    /// An exception is set.
    Raised,
    /// The values do not fit; nothing has happened.
    Mismatch,
    /// Too deep in calls; nothing has happened. The interpreter knows what to do.
    TooDeep,
}

/// Digits of the largest ints that are taken apart into words.
const MOST_DIGITS: usize = 4;
/// Python calls left below which compiled code is not entered, so that the interpreter raises the error.
const CALLS_LEFT: i32 = 8;
/// Bytes of stack above the interpreter's soft limit that compiled code wants.
const STACK_LEFT: usize = 64 << 10;

/// The value of an exact int that fits 64 bits.
///
/// # Safety
/// `obj` is a live int.
#[inline]
pub unsafe fn long_value(obj: *mut PyObject) -> Option<i64> {
    // SAFETY: the caller's promise; there are as many digits as the tag says, and always at least one.
    unsafe {
        let tag: usize = read(obj, layout::long::TAG);
        let digit = |i: usize| u64::from(read::<u32>(obj, layout::long::DIGITS + 4 * i));
        let sign = 1 - (tag & layout::LONG_SIGN_MASK) as i64;
        match tag >> layout::LONG_NON_SIZE_BITS {
            0 | 1 => Some(sign * digit(0) as i64),
            2 => Some(sign * (digit(0) | digit(1) << layout::LONG_SHIFT) as i64),
            3 if digit(2) <= 15 => {
                let low = digit(0) | digit(1) << layout::LONG_SHIFT | digit(2) << (2 * layout::LONG_SHIFT);
                if low <= i64::MAX as u64 {
                    Some(sign * low as i64)
                } else if low == 1 << 63 && sign < 0 {
                    Some(i64::MIN)
                } else {
                    None
                }
            }
            _ => None,
        }
    }
}

/// The value of an exact int that fits 120 bits.
///
/// # Safety
/// `obj` is a live int.
pub unsafe fn wide_value(obj: *mut PyObject) -> Option<i128> {
    // SAFETY: the caller's promise; there are as many digits as the tag says.
    unsafe {
        let tag: usize = read(obj, layout::long::TAG);
        let n = tag >> layout::LONG_NON_SIZE_BITS;
        if n > MOST_DIGITS {
            return None;
        }
        let digit = |i: usize| i128::from(read::<u32>(obj, layout::long::DIGITS + 4 * i)) << (layout::LONG_SHIFT * i);
        let sign = 1 - (tag & layout::LONG_SIGN_MASK) as i128;
        Some(sign * (0..n).map(digit).sum::<i128>())
    }
}

/// Checks values against kinds and writes their leaves to the words; nothing else changes.
struct Marshal<'a> {
    words: *mut u64,
    n: usize,
    objs: &'a [*mut PyObject],
}

impl Marshal<'_> {
    #[inline]
    fn put(&mut self, word: u64) -> bool {
        if self.n == WORDS {
            return false;
        }
        // SAFETY: within the context's words.
        unsafe { *self.words.add(self.n) = word };
        self.n += 1;
        true
    }

    /// Whether a value (null for an empty slot) fits a kind.
    ///
    /// # Safety
    /// `obj` is a live object or null.
    #[inline]
    unsafe fn check(&mut self, kind: &Kind, obj: *mut PyObject) -> bool {
        if obj.is_null() {
            return match kind {
                Kind::Null => true,
                Kind::Maybe => self.put(0),
                _ => false,
            };
        }
        // SAFETY: fields are read only after the exact type has been checked.
        unsafe {
            let ty = ffi::Py_TYPE(obj);
            match kind {
                Kind::Null => false,
                Kind::Maybe | Kind::Obj(Ty::Any) => self.put(obj as u64),
                Kind::Obj(t) => ty as u64 == here::type_of(*t) && self.put(obj as u64),
                Kind::Int => ty == ptr::addr_of_mut!(ffi::PyLong_Type) && long_value(obj).is_some_and(|i| self.put(i as u64)),
                Kind::Float => ty == ptr::addr_of_mut!(ffi::PyFloat_Type) && self.put(read(obj, layout::float::VALUE)),
                Kind::Bool => ty == ptr::addr_of_mut!(ffi::PyBool_Type) && self.put(u64::from(obj == ffi::Py_True())),
                Kind::Const(id) => obj == self.objs[id.0 as usize],
                _ => self.check_compound(kind, obj, ty),
            }
        }
    }

    /// An int object's value as a leaf.
    unsafe fn int(&mut self, obj: *mut PyObject) -> bool {
        // SAFETY: a live object.
        unsafe { self.check(&Kind::Int, obj) }
    }

    #[cold]
    unsafe fn check_compound(&mut self, kind: &Kind, obj: *mut PyObject, ty: *mut PyTypeObject) -> bool {
        // SAFETY: fields are read only after the exact type has been checked; what containers hold is live.
        unsafe {
            let ty = ty as u64;
            // An iterator that somebody else holds too must stay whole.
            let sole = ffi::Py_REFCNT(obj) == 1;
            match kind {
                Kind::Tuple(kinds) => {
                    ty == here::type_of(Ty::Tuple)
                        && read::<isize>(obj, layout::tuple::LEN) == kinds.len() as isize
                        && (0..kinds.len()).all(|i| self.check(&kinds[i], read(obj, layout::tuple::ITEMS + 8 * i)))
                }
                Kind::Word | Kind::Wide if ty != here::type_of(Ty::Int) => false,
                Kind::Word => wide_value(obj).and_then(|v| u64::try_from(v).ok()).is_some_and(|v| self.put(v)),
                Kind::Wide => wide_value(obj).is_some_and(|v| self.put(v as u64) && self.put((v >> 64) as u64)),
                Kind::Complex => {
                    use layout::complex::VALUE;
                    ty == here::type_of(Ty::Complex) && self.put(read(obj, VALUE)) && self.put(read(obj, VALUE + 8))
                }
                Kind::Range => {
                    ty == here::type_of(Ty::Range)
                        && [layout::range::START, layout::range::STOP, layout::range::STEP]
                            .iter()
                            .all(|&field| self.int(read(obj, field)))
                }
                Kind::RangeIter => {
                    use layout::range_iter::{LEN, START, STEP};
                    ty == here::type_of(Ty::RangeIter) && sole && [START, STEP, LEN].iter().all(|&field| self.put(read(obj, field)))
                }
                Kind::RangeBy(_) | Kind::RangeUp => {
                    use layout::range_iter::{LEN, START, STEP};
                    if ty != here::type_of(Ty::RangeIter) || !sole {
                        return false;
                    }
                    let (next, step): (i64, i64) = (read(obj, START), read(obj, STEP));
                    // What would come after the last item fits: other ranges have iterators of another type. Not so where a program
                    // has set the state of one.
                    let Some(stop) = step.checked_mul(read(obj, LEN)).and_then(|all| next.checked_add(all)) else {
                        return false;
                    };
                    self.put(next as u64)
                        && self.put(stop as u64)
                        && match kind {
                            Kind::RangeBy(known) => step == *known,
                            _ => step > 0 && self.put(step as u64),
                        }
                }
                Kind::ListIter(k) => ty == here::type_of(Ty::ListIter) && sole && self.check_seq_iter(k, obj),
                Kind::TupleIter(k) => ty == here::type_of(Ty::TupleIter) && sole && self.check_seq_iter(k, obj),
                Kind::StrIter(k) => here::is_str_iter(ty) && sole && self.check_seq_iter(k, obj),
                Kind::ListRevIter(k) => ty == here::list_rev_iter_type() && sole && self.check_seq_iter(k, obj),
                Kind::Enumerate(k) => {
                    use layout::enumerate::{INDEX, INNER, LONG_INDEX};
                    ty == here::enumerate_type()
                        && sole
                        && read::<usize>(obj, LONG_INDEX) == 0
                        && self.put(read(obj, INDEX))
                        && self.check(k, read(obj, INNER))
                }
                Kind::Zip(kinds) => {
                    if ty != here::zip_type() || !sole || read::<i32>(obj, layout::zip::STRICT) != 0 {
                        return false;
                    }
                    let inner: *mut PyObject = read(obj, layout::zip::INNER);
                    !inner.is_null()
                        && read::<isize>(inner, layout::tuple::LEN) == kinds.len() as isize
                        && (0..kinds.len()).all(|i| self.check(&kinds[i], read(inner, layout::tuple::ITEMS + 8 * i)))
                }
                _ => false,
            }
        }
    }

    /// An iterator with an index over a sequence that it has not let go of.
    unsafe fn check_seq_iter(&mut self, kind: &Kind, it: *mut PyObject) -> bool {
        // SAFETY: the exact type has been checked.
        unsafe {
            let seq: *mut PyObject = read(it, layout::seq_iter::SEQ);
            !seq.is_null() && self.check(kind, seq) && self.put(read(it, layout::seq_iter::INDEX))
        }
    }
}

/// Takes a reference for each object leaf of a value that has been checked.
unsafe fn acquire(kind: &Kind, obj: *mut PyObject) {
    // SAFETY: the value fits the kind, so the fields are what they are taken for.
    unsafe {
        match kind {
            Kind::Obj(_) | Kind::Maybe => ffi::Py_XINCREF(obj),
            Kind::Tuple(kinds) => (0..kinds.len()).for_each(|i| acquire(&kinds[i], read(obj, layout::tuple::ITEMS + 8 * i))),
            Kind::ListIter(k) | Kind::TupleIter(k) | Kind::StrIter(k) | Kind::ListRevIter(k) => {
                acquire(k, read(obj, layout::seq_iter::SEQ));
            }
            Kind::Enumerate(k) => acquire(k, read(obj, layout::enumerate::INNER)),
            Kind::Zip(kinds) => {
                let inner: *mut PyObject = read(obj, layout::zip::INNER);
                (0..kinds.len()).for_each(|i| acquire(&kinds[i], read(inner, layout::tuple::ITEMS + 8 * i)));
            }
            Kind::Null
            | Kind::Int
            | Kind::Word
            | Kind::Wide
            | Kind::Float
            | Kind::Bool
            | Kind::Complex
            | Kind::Const(_)
            | Kind::Range
            | Kind::RangeIter
            | Kind::RangeUp
            | Kind::RangeBy(_) => {}
        }
    }
}

/// Moves a checked value out of a frame's slot.
unsafe fn take(kind: &Kind, slot: *mut StackRef) {
    // SAFETY: the slot is live; it is emptied before its reference is released.
    unsafe {
        let r = ptr::replace(slot, frame::NULL);
        let obj = frame::object(r);
        if obj.is_null() || (obj as usize == r && matches!(kind, Kind::Obj(_) | Kind::Maybe)) {
            return;
        }
        acquire(kind, obj);
        frame::close(r);
    }
}

/// The address on the C stack below which compiled code is not entered.
#[inline]
unsafe fn stack_limit(tstate: *mut PyThreadState) -> usize {
    // SAFETY: a field of the live thread state.
    unsafe { read::<usize>(tstate, layout::tstate_impl::C_STACK_SOFT_LIMIT) + STACK_LEFT }
}

/// Whether there is room for compiled code on the C stack and in the recursion limit.
///
/// # Safety
/// `tstate` is the current thread's.
#[inline]
pub unsafe fn has_room(tstate: *mut PyThreadState) -> bool {
    let here = 0u8;
    // SAFETY: fields of the live thread state.
    unsafe {
        read::<i32>(tstate, layout::tstate::PY_RECURSION_REMAINING) > CALLS_LEFT && ptr::addr_of!(here) as usize > stack_limit(tstate)
    }
}

/// Runs compiled code within an activation. The words are filled.
#[inline]
unsafe fn run(ctx: *mut Ctx, v: &Arc<Version>, tstate: *mut PyThreadState, func: *mut PyObject, frame: *mut InterpFrame) -> i64 {
    // SAFETY: this thread's context; the activation outlives the code's run and is unlinked after it. The code was compiled
    // for the words that `Marshal` wrote, and the caller keeps alive what it names.
    unsafe {
        let activation = Activation {
            version: v,
            func,
            frame,
            previous: (*ctx).current,
            deferred: (*ctx).deferred,
        };
        let breaker = (*ctx).breaker;
        (*ctx).tstate = tstate;
        (*ctx).stack_limit = stack_limit(tstate);
        (*ctx).breaker = read::<u64>(tstate, layout::tstate::EVAL_BREAKER) & !0xff;
        link::check_links(tstate, (*ctx).breaker);
        (*ctx).current = &activation;
        v.count_entry();
        trial::begins(v.id);
        let status = (v.entry)(ctx);
        (*ctx).current = activation.previous;
        (*ctx).breaker = breaker;
        status
    }
}

/// Whether a version can be called with these arguments; nothing happens.
///
/// # Safety
/// As for [`enter_call`].
pub unsafe fn takes_call(v: &Version, args: *const *mut PyObject) -> bool {
    // SAFETY: the caller's promise; the words are this thread's, and carry nothing between calls.
    unsafe {
        let mut m = Marshal {
            words: ptr::addr_of_mut!((*ctx::get()).words).cast(),
            n: 0,
            objs: &v.objs,
        };
        v.entry_locals.iter().enumerate().all(|(i, kind)| m.check(kind, *args.add(i)))
    }
}

/// Calls compiled code. `args` are borrowed, as many as the version has parameters.
///
/// # Safety
/// The GIL is held, `tstate` is the current thread's, `func` a function of the version's code; what the version names is
/// alive until this returns.
pub unsafe fn enter_call(v: &Arc<Version>, tstate: *mut PyThreadState, func: *mut PyObject, args: *const *mut PyObject) -> Entered {
    let ctx = ctx::get();
    // SAFETY: the caller's promise; the words are this thread's.
    unsafe {
        if !has_room(tstate) {
            return Entered::TooDeep;
        }
        let words = ptr::addr_of_mut!((*ctx).words).cast::<u64>();
        let mut m = Marshal {
            words,
            n: 0,
            objs: &v.objs,
        };
        for (i, kind) in v.entry_locals.iter().enumerate() {
            if !m.check(kind, *args.add(i)) {
                return Entered::Mismatch;
            }
        }
        frame::add_recursion(tstate, -1);
        let status = run(ctx, v, tstate, func, ptr::null_mut());
        frame::add_recursion(tstate, 1);
        let word = *words;
        match status {
            status::RETURNED => match v.ret {
                Repr::Obj => Entered::Value(word as *mut PyObject),
                Repr::Int => boxed(ffi::PyLong_FromLongLong(word as i64)),
                Repr::Float => boxed(ffi::PyFloat_FromDouble(f64::from_bits(word))),
                Repr::Bool => Entered::Value(if word & 0xff != 0 { ffi::Py_True() } else { ffi::Py_False() }),
            },
            status::EXITED => Entered::Value(word as *mut PyObject),
            _ => Entered::Raised,
        }
    }
}

fn boxed(p: *mut PyObject) -> Entered {
    if p.is_null() { Entered::Raised } else { Entered::Value(p) }
}

/// Enters compiled code in the middle of the frame that the interpreter is running.
///
/// # Safety
/// The GIL is held, `tstate` is the current thread's, `f` its current frame, standing where the version is entered; what
/// the version names is alive until this returns.
pub unsafe fn enter_frame(v: &Arc<Version>, tstate: *mut PyThreadState, f: *mut InterpFrame) -> Entered {
    let ctx = ctx::get();
    // SAFETY: the caller's promise. Slots are moved out only after all of them have been checked.
    unsafe {
        if !has_room(tstate) {
            return Entered::TooDeep;
        }
        let mut m = Marshal {
            words: ptr::addr_of_mut!((*ctx).words).cast(),
            n: 0,
            objs: &v.objs,
        };
        let (locals, base) = (InterpFrame::locals(f), InterpFrame::stack_base(f));
        let depth = (*f).stackpointer.offset_from(base);
        if depth != v.entry_stack.len() as isize {
            return Entered::Mismatch;
        }
        let fast = &v.entry_locals[..v.fast_locals];
        for (i, kind) in fast.iter().enumerate() {
            if !m.check(kind, frame::object(*locals.add(i))) {
                return Entered::Mismatch;
            }
        }
        if v.module_level && !check_names(v, f, &mut m) {
            return Entered::Mismatch;
        }
        for (i, kind) in v.entry_stack.iter().enumerate() {
            let r = *base.add(i);
            if frame::is_tagged_int(r) || !m.check(kind, frame::object(r)) {
                return Entered::Mismatch;
            }
        }
        fast.iter().enumerate().for_each(|(i, kind)| take(kind, locals.add(i)));
        if v.module_level {
            take_names(v, f);
        }
        v.entry_stack.iter().enumerate().for_each(|(i, kind)| take(kind, base.add(i)));
        (*f).stackpointer = base;
        match run(ctx, v, tstate, ptr::null_mut(), f) {
            status::EXITED => Entered::Continue,
            _ => Entered::Raised,
        }
    }
}

/// The value of a module-level name, borrowed; null when it is not bound in the namespace.
unsafe fn name_value(v: &Version, f: *mut InterpFrame, index: u32) -> *mut PyObject {
    // SAFETY: the namespace is an exact dict, and the name one of the code's. The value is held by the dict.
    unsafe {
        let names: *mut PyObject = read(InterpFrame::code(f), layout::code::NAMES);
        debug_assert_eq!(InterpFrame::code(f), v.codes[0].ptr);
        ffi::PyDict_GetItemWithError((*f).locals, ffi::PyTuple_GetItem(names, index as isize))
    }
}

unsafe fn check_names(v: &Version, f: *mut InterpFrame, m: &mut Marshal) -> bool {
    // SAFETY: a live frame; its namespace is null or an object.
    unsafe {
        let namespace = (*f).locals;
        !namespace.is_null()
            && ffi::PyDict_CheckExact(namespace) != 0
            && v.names
                .iter()
                .zip(&v.entry_locals[v.fast_locals..])
                .all(|(&(name, _), kind)| m.check(kind, name_value(v, f, name)))
    }
}

/// Takes references to the object leaves of module-level names.
unsafe fn take_names(v: &Version, f: *mut InterpFrame) {
    // SAFETY: checked just before, and nothing ran in between.
    unsafe {
        for (&(name, _), kind) in v.names.iter().zip(&v.entry_locals[v.fast_locals..]) {
            let obj = name_value(v, f, name);
            if !obj.is_null() {
                acquire(kind, obj);
            }
        }
    }
}
