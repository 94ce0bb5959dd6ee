//! Frames made visible while compiled code calls something that may look at them.
//!
//! Before compiled code calls what may run Python code, `frames_begin` pushes a frame for each frame of the state (or
//! fills the interpreter's own frame, in frame mode), so that tracebacks, `sys._getframe`, `locals()` and the collector
//! see what they would see. `frames_end` takes them down again; when somebody took a frame object meanwhile, the
//! interpreter's own routine moves the frame's content into it. The operand stack is left empty: nothing looks at it.
//!
//! This happens at every such call, so it is kept short. What to push and where each local comes from is worked out once
//! a state, on first use ([`Plan`]). Objects are put in as borrowed references: the state keeps them alive throughout
//! the call. Unboxed values are put into boxes that the thread keeps, a stack of them; a box that nobody else has taken
//! a reference to is overwritten the next time.
//!
//! What dies with a frame, at its RETURN_VALUE, does so when the frame is gone: that one is not pushed.
//!
//! **Calls between compiled functions**, and those of a function by itself, leave the caller's frames invisible at first ([`call`]): what runs next is compiled code, and that looks at no
//! frames. They are made visible, outermost first, when it makes its own visible, leaves for the interpreter, or turns out not to
//! be entered after all ([`show_deferred`]); then they stay so until that call has returned. So frames are always on the stack in their order, and
//! all of them when anybody can look.
//!
//! **Writes from outside.** Somebody with a frame object may write to its locals. `frames_end` compares them with what was
//! put in, keeps what differs, and makes compiled code leave at the validity check that follows every such call; the exit
//! puts the new values into the frame it rebuilds. The same happens when somebody keeps a frame object: it is given the
//! rebuilt frame, so that it goes on showing where the function is. What a finaliser writes is lost: no such check follows one.

use crate::ctx::{self, Activation, BOXES, BoxSlot, Ctx, Deferred, Kept, Visible, Write};
use crate::entry::has_room;
use crate::frame::{self, InterpFrame, NULL, StackRef, borrow, close, code_units};
use crate::gil::{read, write};
use crate::helpers::{frees_only_memory, harvest};
use crate::hook;
use crate::layout as here;
use crate::link;
use crate::rebuild::Rebuild;
use crate::tier;
use crate::version::Version;
use pyo3::ffi::{self, PyObject, PyThreadState};
use std::ptr;
use whipsnake_abi::{layout, opcode};
use whipsnake_hir::ir::{EntryMode, Role, Slot};
use whipsnake_hir::types::Repr;
use whipsnake_lower::{Loc, status};

unsafe extern "C" {
    fn _PyThreadState_PopFrame(tstate: *mut PyThreadState, frame: *mut InterpFrame);
    static mut PyMethod_Type: ffi::PyTypeObject;
    fn PyMethod_Function(method: *mut PyObject) -> *mut PyObject;
    fn PyMethod_Self(method: *mut PyObject) -> *mut PyObject;
}

/// Where a visible local comes from.
#[derive(Clone, Copy)]
enum Show {
    /// An object in a word; null for an unset local.
    Object(u16),
    Int(u16),
    Float(u16),
    Bool(u16),
    /// Always the same: nothing, or an object that the code keeps.
    Fixed(StackRef),
    /// Built anew each time.
    Build,
}

/// One frame to make visible.
struct PlanFrame {
    /// The interpreter's own frame.
    own: bool,
    /// Index of its state.
    state: u32,
    /// The function object; none for the function that was called.
    func: Option<Show>,
    /// Index of its code.
    code: usize,
    instr_ptr: *mut u16,
    locals: Box<[Show]>,
    /// Whether names of the module are carried that the namespace does not have as they are.
    carries: bool,
}

/// What making a state's frames visible takes, outermost first.
pub struct Plan {
    frames: Box<[PlanFrame]>,
}

impl Plan {
    pub fn new(v: &Version, state: u32) -> Plan {
        let mut frames = Vec::new();
        let mut next = Some(state);
        while let Some(index) = next {
            let s = &v.states[index as usize];
            next = s.parent.map(|p| p.0);
            if matches!(s.role, Role::Native(_)) {
                continue;
            }
            let code = v.codes[s.code.0 as usize].ptr;
            if index == state && v.instrs[index as usize].op == opcode::RETURN_VALUE {
                // What dies with a frame does so when the frame is gone.
                continue;
            }
            let own = s.parent.is_none() && matches!(v.mode, EntryMode::Frame { .. });
            let fast = if own { v.fast_of(s) } else { s.locals.len() };
            let unit = v.instrs[index as usize].offset as usize;
            let locals: Box<[Show]> = s.locals[..fast].iter().map(|slot| Show::of(slot, v)).collect();
            // SAFETY: a live code object.
            let slots: i32 = unsafe { read(code, layout::code::NLOCALSPLUS) };
            assert!(locals.len() == slots as usize, "a state has every local of its frame");
            frames.push(PlanFrame {
                own,
                state: index,
                func: match &s.func {
                    Slot::Null => None,
                    // Nothing shows a frame's function; one that has not been made is left out.
                    // SAFETY: an immortal object.
                    Slot::Func(_) => Some(Show::Fixed(borrow(unsafe { ffi::Py_None() }))),
                    slot => Some(Show::of(slot, v)),
                },
                code: s.code.0 as usize,
                // SAFETY: the state's instruction lies within its code.
                instr_ptr: unsafe { code_units(code).add(unit) },
                locals,
                carries: own && s.carries(&v.names),
            });
        }
        frames.reverse();
        Plan { frames: frames.into() }
    }
}

impl Plan {
    /// How many of the frames are inlined ones: they count as Python calls beside what was entered.
    fn inlined(&self) -> i32 {
        self.frames.len() as i32 - 1
    }
}

impl Show {
    fn of(slot: &Slot<Loc>, v: &Version) -> Show {
        match slot {
            Slot::Null => Show::Fixed(NULL),
            Slot::Const(id) => Show::Fixed(borrow(v.objs[id.0 as usize])),
            Slot::Val { v: loc, .. } => match *loc {
                Loc::Word { index, repr: Repr::Obj } => Show::Object(index),
                Loc::Word { index, repr: Repr::Int } => Show::Int(index),
                Loc::Word { index, repr: Repr::Float } => Show::Float(index),
                Loc::Word { index, repr: Repr::Bool } => Show::Bool(index),
                Loc::Obj(id) => Show::Fixed(borrow(v.objs[id.0 as usize])),
                Loc::Null => Show::Fixed(NULL),
                Loc::Int(_) | Loc::Float(_) | Loc::Bool(_) => Show::Build,
            },
            _ => Show::Build,
        }
    }
}

/// The innermost frame that compiled code on this thread has made visible; null when none is.
pub fn active_frame() -> *mut InterpFrame {
    let ctx = ctx::existing();
    if ctx.is_null() {
        return ptr::null_mut();
    }
    // SAFETY: this thread's context, of which no reference is held across calls.
    unsafe { (*ctx).visible.last().map_or(ptr::null_mut(), |v| v.frame) }
}

/// A box that is free to be filled, if there is one left.
unsafe fn take_box(ctx: *mut Ctx) -> Option<*mut BoxSlot> {
    // SAFETY: this thread's context; the slot is within its boxes.
    unsafe {
        let n = (*ctx).boxes_used;
        if n == BOXES {
            return None;
        }
        (*ctx).boxes_used = n + 1;
        Some(ptr::addr_of_mut!((*ctx).boxes).cast::<BoxSlot>().add(n))
    }
}

/// Puts a freshly made object into a box.
unsafe fn refill(slot: *mut BoxSlot, bits: u64, repr: Repr, obj: *mut PyObject) -> StackRef {
    if obj.is_null() {
        frame::out_of_memory();
    }
    // SAFETY: a box of this thread; the old content is an int or a float, whose release runs no code.
    unsafe {
        let old = ptr::replace(slot, BoxSlot { bits, repr, obj });
        ffi::Py_XDECREF(old.obj);
    }
    borrow(obj)
}

/// Whether the box's object can be overwritten: it is of this representation and nobody else has it.
unsafe fn writable(slot: *mut BoxSlot, repr: Repr) -> bool {
    // SAFETY: a box of this thread, empty or with a live object.
    unsafe { !(*slot).obj.is_null() && (*slot).repr == repr && read::<u32>((*slot).obj, layout::object::REFCNT) == 1 }
}

unsafe fn holds(slot: *mut BoxSlot, repr: Repr, bits: u64) -> bool {
    // SAFETY: a box of this thread.
    unsafe { !(*slot).obj.is_null() && (*slot).bits == bits && (*slot).repr == repr }
}

/// An int to look at.
unsafe fn show_int(ctx: *mut Ctx, value: i64) -> StackRef {
    const DIGIT: u64 = 1 << layout::LONG_SHIFT;
    const ONE_DIGIT: usize = 1 << layout::LONG_NON_SIZE_BITS;
    if (layout::SMALL_INT_MIN..=layout::SMALL_INT_MAX).contains(&value) {
        let index = (value - layout::SMALL_INT_MIN) as usize;
        return (here::small_ints() as usize + index * layout::SMALL_INT_STRIDE) | 1;
    }
    // SAFETY: this thread's boxes. An int of one digit that nobody else has is overwritten by another of one digit.
    unsafe {
        let Some(slot) = take_box(ctx) else {
            let obj = ffi::PyLong_FromLongLong(value);
            return if obj.is_null() { frame::out_of_memory() } else { frame::steal(obj) };
        };
        if holds(slot, Repr::Int, value as u64) {
            return borrow((*slot).obj);
        }
        let one_digit = |i: i64| i.unsigned_abs() < DIGIT;
        if one_digit(value) && writable(slot, Repr::Int) && one_digit((*slot).bits as i64) {
            let obj = (*slot).obj;
            write(obj, layout::long::TAG, ONE_DIGIT | if value < 0 { 2 } else { 0 });
            write(obj, layout::long::DIGITS, value.unsigned_abs() as u32);
            (*slot).bits = value as u64;
            return borrow(obj);
        }
        refill(slot, value as u64, Repr::Int, ffi::PyLong_FromLongLong(value))
    }
}

/// A float to look at.
unsafe fn show_float(ctx: *mut Ctx, bits: u64) -> StackRef {
    let value = f64::from_bits(bits);
    // SAFETY: this thread's boxes. A float that nobody else has is overwritten.
    unsafe {
        let Some(slot) = take_box(ctx) else {
            let obj = ffi::PyFloat_FromDouble(value);
            return if obj.is_null() { frame::out_of_memory() } else { frame::steal(obj) };
        };
        if holds(slot, Repr::Float, bits) {
            return borrow((*slot).obj);
        }
        if writable(slot, Repr::Float) {
            write((*slot).obj, layout::float::VALUE, value);
            (*slot).bits = bits;
            return borrow((*slot).obj);
        }
        refill(slot, bits, Repr::Float, ffi::PyFloat_FromDouble(value))
    }
}

/// Makes the frames of a state visible; see the module's description.
///
/// # Safety
/// Called by compiled code: `ctx` is this thread's, with an activation, `state` one of its version's, `words` the
/// state's leaves.
pub unsafe extern "C" fn frames_begin(ctx: *mut Ctx, state: i32, words: *const u64) {
    // SAFETY: the caller's promise.
    unsafe {
        show_deferred(ctx);
        begin(ctx, &*(*ctx).current, state as u32, words);
    }
}

/// Makes the frames visible that calls still on their way have left invisible.
///
/// # Safety
/// `ctx` is this thread's context.
pub unsafe fn show_deferred(ctx: *mut Ctx) {
    // SAFETY: deferred calls are unlinked when they have returned; until then what they name is alive, the state's leaves in
    // their caller's own stack frame. Those of an activation lie within the one that was innermost when it began.
    unsafe {
        let mut hidden = Vec::new();
        let (mut act, mut d) = ((*ctx).current, (*ctx).deferred);
        while let Some(call) = d.as_ref().filter(|d| !d.is_shown()) {
            while (*act).deferred == d {
                act = (*act).previous;
            }
            hidden.push((act, call));
            d = call.outer();
        }
        for (act, call) in hidden.into_iter().rev() {
            let state = call.state as u32;
            begin(ctx, &*act, state, call.words());
            // They were counted when the call was made.
            frame::add_recursion((*ctx).tstate, (*(*act).version).plan(state).inlined());
            call.set_shown();
        }
    }
}

/// Whether a call of compiled code by compiled code is on its way whose caller's frames are invisible.
pub fn is_deferred() -> bool {
    let ctx = ctx::existing();
    // SAFETY: this thread's context; deferred calls are unlinked when they have returned.
    !ctx.is_null() && unsafe { (*ctx).deferred.as_ref().is_some_and(|d| !d.is_shown()) }
}

/// The most arguments of a method that is called without its frames being shown.
const MOST_ARGUMENTS: usize = 8;

/// Calls something with positional arguments: a Python function that is compiled, or a method of such, without making the state's frames visible
/// beforehand; anything else with them visible.
///
/// # Safety
/// As for [`frames_begin`]; `callable` and the `n` arguments are live objects.
pub unsafe extern "C" fn call(
    ctx: *mut Ctx,
    state: i32,
    words: *const u64,
    callable: *mut PyObject,
    args: *const *mut PyObject,
    n: usize,
) -> *mut PyObject {
    // SAFETY: the caller's promise. A method keeps its function and object alive; the record of the call outlives it.
    unsafe {
        let mut bound = [ptr::null_mut(); 1 + MOST_ARGUMENTS];
        let (mut func, mut given, mut count) = (callable, args, n);
        if ffi::Py_TYPE(callable) == &raw mut PyMethod_Type && n <= MOST_ARGUMENTS {
            func = PyMethod_Function(callable);
            bound[0] = PyMethod_Self(callable);
            bound[1..=n].copy_from_slice(std::slice::from_raw_parts(args, n));
            (given, count) = (bound.as_ptr(), n + 1);
        }
        let tstate = (*ctx).tstate;
        if let Some(entry) = link::native_entry(func, count)
            && has_room(tstate)
        {
            let answer = deferring(ctx, state as u32, words, 1, || entry(ctx, func, given));
            match answer.status {
                status::RETURNED | status::EXITED => return answer.value,
                status::DECLINED => {}
                _ => return ptr::null_mut(),
            }
        }
        if !hook::is_entered_compiled(func) {
            if ffi::PyFunction_Check(func) != 0 && hook::is_ordinary(func) {
                tier::on_compiled_call(func, std::slice::from_raw_parts(given, count));
            }
            frames_begin(ctx, state, words);
            let result = hook::call(callable, args, n, ptr::null_mut());
            frames_end(ctx);
            return result;
        }
        deferring(ctx, state as u32, words, 0, || hook::enter(func, given, count))
    }
}

/// Calls compiled code from a state whose frames stay invisible unless somebody looks; they count for the limit of recursion, and so do `levels`
/// of the callee that it does not count itself.
///
/// # Safety
/// As for [`frames_begin`].
unsafe fn deferring<R>(ctx: *mut Ctx, state: u32, words: *const u64, levels: i32, run: impl FnOnce() -> R) -> R {
    // SAFETY: the caller's promise; the record of the call outlives it.
    unsafe {
        let tstate = (*ctx).tstate;
        let inlined = (*(*(*ctx).current).version).plan(state).inlined();
        let limit = read(tstate, layout::tstate::PY_RECURSION_LIMIT);
        let left: i32 = read(tstate, layout::tstate::PY_RECURSION_REMAINING);
        (*ctx).deferred = Deferred::before(words, (*ctx).deferred, state);
        write(tstate, layout::tstate::PY_RECURSION_REMAINING, left - levels - inlined);
        let result = run();
        call_end(ctx, left, limit);
        result
    }
}

/// Unlinks the innermost deferred call, which has returned, and takes its caller's frames down if they have become visible. The Python frames that
/// were left before it, and their limit then, say how many are left now: whatever was counted in between has been taken back.
///
/// # Safety
/// `ctx` is this thread's context, and the call is the innermost that was linked there.
pub unsafe extern "C" fn call_end(ctx: *mut Ctx, left: i32, limit: i32) {
    // SAFETY: the caller's promise.
    unsafe {
        let call = &*(*ctx).deferred;
        (*ctx).deferred = call.outer();
        if call.is_shown() {
            end(ctx, true);
        }
        let tstate = (*ctx).tstate;
        let now: i32 = read(tstate, layout::tstate::PY_RECURSION_LIMIT);
        write(tstate, layout::tstate::PY_RECURSION_REMAINING, left + now - limit);
    }
}

/// Makes the frames of a state of an activation visible.
///
/// # Safety
/// As for [`frames_begin`]; the frames of the activations around it are visible.
unsafe fn begin(ctx: *mut Ctx, act: &Activation, state: u32, words: *const u64) {
    // SAFETY: the activation and its version outlive the call, since compiled code runs within them. Functions and code
    // objects that the version names are alive while it runs. The frames are pushed on top of each other and popped by
    // `frames_end`; each has a slot for each local of its state.
    unsafe {
        let v: &Version = &*act.version;
        let tstate = (*ctx).tstate;
        let before = frame::current(tstate);
        let (boxes, shown) = ((*ctx).boxes_used, (*ctx).shown.len());
        let mut f = before;
        let mut pushed = 0;
        for p in &v.plan(state).frames {
            if p.own {
                f = act.frame;
            } else {
                let func = match p.func {
                    Some(Show::Fixed(r)) => r,
                    Some(Show::Object(w)) => borrow(*words.add(w as usize) as *mut PyObject),
                    _ => borrow(act.func),
                };
                f = frame::push(tstate, func, &v.codes[p.code], f, true);
                pushed += 1;
            }
            let locals = InterpFrame::locals(f);
            for (i, show) in p.locals.iter().enumerate() {
                let r = match *show {
                    Show::Object(w) => borrow(*words.add(w as usize) as *mut PyObject),
                    Show::Int(w) => show_int(ctx, *words.add(w as usize) as i64),
                    Show::Float(w) => show_float(ctx, *words.add(w as usize)),
                    Show::Bool(w) if *words.add(w as usize) & 1 != 0 => borrow(ffi::Py_True()),
                    Show::Bool(_) => borrow(ffi::Py_False()),
                    Show::Fixed(r) => r,
                    Show::Build => Rebuild::new(words, v).show(&v.states[p.state as usize].locals[i]),
                };
                *locals.add(i) = r;
                (*ctx).shown.push(r);
            }
            (*f).instr_ptr = p.instr_ptr;
            if p.carries {
                let s = &v.states[p.state as usize];
                frame::store_names(v, f, s, &mut Rebuild::new(words, v), false);
            }
        }
        frame::set_current(tstate, f);
        // The interpreter's own frame and the one of a call are counted by whoever entered.
        let inlined = pushed as i32 - i32::from(act.frame.is_null());
        if inlined != 0 {
            frame::add_recursion(tstate, -inlined);
        }
        (*ctx).visible.push(Visible {
            frame: f,
            pushed,
            before,
            boxes,
            shown,
        });
    }
}

/// The locals that somebody with a frame object has written to since they were shown, kept as writes.
unsafe fn note_writes(ctx: *mut Ctx, f: *mut InterpFrame, level: usize) {
    // SAFETY: this thread's context and a live frame, the innermost one still shown. The values are alive in its slots.
    unsafe {
        let locals = InterpFrame::locals(f);
        let n = InterpFrame::stack_base(f).offset_from(locals) as usize;
        let first = (*ctx).shown.len() - n;
        for index in 0..n {
            let value = *locals.add(index);
            if value != (&(*ctx).shown)[first + index] {
                let obj = frame::object(value);
                ffi::Py_XINCREF(obj);
                let value = frame::steal(obj);
                (*ctx).writes.push(Write { level, index, value });
                (*ctx).breaker = u64::MAX;
            }
        }
    }
}

/// Empties a frame's locals again.
unsafe fn hide_locals(f: *mut InterpFrame) {
    // SAFETY: a live frame; slots hold valid references, each taken out before it is released.
    unsafe {
        let (locals, end) = (InterpFrame::locals(f), InterpFrame::stack_base(f));
        for i in 0..end.offset_from(locals) as usize {
            let r = ptr::replace(locals.add(i), NULL);
            close(r);
        }
    }
}

/// A tool that starts to watch running code does not change the eval breaker: makes compiled code leave at its next
/// safe point all the same.
unsafe fn leave_if_traced(ctx: *mut Ctx, f: *mut InterpFrame) {
    // SAFETY: this thread's context, and a live frame of it.
    unsafe {
        if !hook::untraced(InterpFrame::code(f).cast()) {
            (*ctx).breaker = u64::MAX;
        }
    }
}

/// Takes down what the last `frames_begin` made visible.
///
/// # Safety
/// Called by compiled code, once for each `frames_begin`.
pub unsafe extern "C" fn frames_end(ctx: *mut Ctx) {
    // SAFETY: the caller's promise.
    unsafe { end(ctx, true) }
}

/// As `frames_end`; without `writes`, what was written to locals is lost.
unsafe fn end(ctx: *mut Ctx, writes: bool) {
    // SAFETY: this thread's context with an activation; the pushed frames are the topmost of the data stack, because
    // everything called in between has returned.
    unsafe {
        let own = (*(*ctx).current).frame;
        let tstate = (*ctx).tstate;
        let Some(visible) = (*ctx).visible.pop() else { return };
        frame::set_current(tstate, visible.before);
        (*ctx).boxes_used = visible.boxes;
        let outside = usize::from(!own.is_null());
        let mut f = visible.frame;
        for level in (outside..outside + visible.pushed as usize).rev() {
            let previous = (*f).previous;
            let n = InterpFrame::stack_base(f).offset_from(InterpFrame::locals(f)) as usize;
            leave_if_traced(ctx, f);
            if (*f).frame_obj.is_null() && (*f).locals.is_null() {
                hide_locals(f);
                _PyThreadState_PopFrame(tstate, f);
            } else {
                if writes {
                    note_writes(ctx, f, level);
                }
                // Clearing may run finalisers, which must not see the exception on its way.
                let exc = ffi::PyErr_GetRaisedException();
                let obj = (*f).frame_obj;
                // One that traces has to go on doing so.
                let wanted = |obj| ffi::Py_REFCNT(obj) > 1 || read::<usize>(obj, layout::frame_object::TRACE) != 0;
                if writes && !obj.is_null() && wanted(obj) {
                    ffi::Py_INCREF(obj);
                    (*ctx).kept.push(Kept { level, obj });
                    if exc.is_null() {
                        (*ctx).breaker = u64::MAX;
                    }
                }
                frame::clear_and_pop(tstate, f);
                ffi::PyErr_SetRaisedException(exc);
            }
            let shown = (*ctx).shown.len() - n;
            (*ctx).shown.truncate(shown);
            f = previous;
        }
        if !own.is_null() {
            leave_if_traced(ctx, own);
            if writes && !(*own).frame_obj.is_null() {
                note_writes(ctx, own, 0);
            }
            hide_locals(own);
        }
        (*ctx).shown.truncate(visible.shown);
        let inlined = visible.pushed as i32 - i32::from(own.is_null());
        if inlined != 0 {
            frame::add_recursion(tstate, inlined);
        }
    }
}

/// Frees an object whose count reached zero, its frames visible if a state is given (else -1) and freeing it may run
/// Python code.
///
/// # Safety
/// Called by compiled code; `obj` has one reference, the caller's, which is given up. The rest as for [`frames_begin`].
pub unsafe extern "C" fn dealloc(ctx: *mut Ctx, state: i32, words: *const u64, obj: *mut PyObject) {
    // SAFETY: the caller's promise.
    unsafe {
        if state < 0 || frees_only_memory(obj) {
            harvest(obj);
            ffi::Py_DECREF(obj);
        } else {
            frames_begin(ctx, state, words);
            ffi::Py_DECREF(obj);
            end(ctx, false);
        }
    }
}
