//! Leaving compiled code: frames rebuilt from a frame state, and the interpreter going on in them.
//!
//! An exit names a frame state: where the interpreter goes on and with which locals and operands, for the frame and, when
//! code was inlined, for each calling frame. All frames are built first (outermost lowest on the data stack), so
//! nothing of the state is left in the context's words when Python code runs. Then:
//!
//! * **Call mode**: the innermost frame runs to its end in the interpreter, its result is pushed on the calling frame's
//!   stack, that one goes on after its CALL, and so on; the last result is the call's. Status 1, or 2 with an
//!   exception set.
//! * **Frame mode**: the same for inlined frames; the outermost one is the interpreter's own frame, which is brought up
//!   to date and goes on when the callback returns. Status 1, or 2 when no handler of that frame takes the exception.
//!
//! `Raised` exits carry an exception: it gets its traceback entry and is unwound into the innermost frame first.
//! `Stray` exits carry the result of a call made natively: it is pushed in place of the CALL's operands.
//!
//! **Recursion accounting.** Entering compiled code counts as one Python call. A frame that runs in the interpreter is
//! counted there; a frame that waits for an inlined one to finish is counted here.

use crate::ctx::{Activation, Ctx};
use crate::frame::{self, InterpFrame};
use crate::rebuild::Rebuild;
use crate::version::{CodeFacts, Version};
use crate::{generator, helpers, learn, natives, operators, unwind, visible};
use pyo3::ffi::{self, PyObject, PyThreadState};
use std::ffi::c_int;
use std::ptr;
use std::sync::Arc;
use whipsnake_abi::bytecode::Instr;
use whipsnake_abi::{layout, opcode};
use whipsnake_hir::ir::{Reason, Role, Slot};
use whipsnake_lower::{ExitPoint, Loc, status};

unsafe extern "C" {
    fn _PyEval_EvalFrameDefault(tstate: *mut PyThreadState, frame: *mut InterpFrame, throwflag: c_int) -> *mut PyObject;
}

/// One rebuilt frame and the instruction of its state.
struct Level<'a> {
    frame: *mut InterpFrame,
    instr: &'a Instr,
    code: &'a CodeFacts,
    role: Role,
    /// The interpreter's own frame (frame mode, outermost).
    own: bool,
    /// The generator whose frame it is; the calling level holds it.
    generator: *mut PyObject,
}

/// What a state names, rebuilt.
enum Step<'a> {
    Frame(Level<'a>),
    /// A builtin in the middle of its work, and an item it has fetched.
    Native(natives::Pending, Option<natives::Next>),
}

impl<'a> Step<'a> {
    fn frame(&self) -> Option<&Level<'a>> {
        match self {
            Step::Frame(l) => Some(l),
            Step::Native(..) => None,
        }
    }
}

/// What reaches a frame: it starts, or what it waited for has ended.
enum Event {
    Start,
    Value(*mut PyObject),
    /// The generator it resumed has returned.
    Exhausted,
    /// With nothing to push.
    Done,
    Raised,
}

/// Called by compiled code to leave through exit `exit_id`; the state's leaves are in the context's words.
///
/// # Safety
/// `ctx` is this thread's context, with an activation whose version has this exit.
pub unsafe extern "C" fn exit_handler(ctx: *mut Ctx, exit_id: u32) -> i64 {
    // SAFETY: the activation and its version outlive the call, since the code that exits runs within them.
    let (act, v): (&Activation, &Arc<Version>) = unsafe {
        let act = &*(*ctx).current;
        (act, &*act.version)
    };
    let point = &v.exits[exit_id as usize];
    // SAFETY: this thread's context.
    unsafe { visible::show_deferred(ctx) };
    // SAFETY: the context is live; the words are not written before the state has been rebuilt.
    let (tstate, words) = unsafe { ((*ctx).tstate, ptr::addr_of!((*ctx).words).cast::<u64>()) };
    let mut rebuild = Rebuild::new(words, v);
    // SAFETY: the culprit is one of the exit's words.
    let culprit = point.culprit.as_ref().map(|l| unsafe { rebuild.raw(l) }).filter(|p| !p.is_null());
    let raised = point.reason == Reason::Raised;
    let exc = if raised {
        // SAFETY: no preconditions; the exception is put back below.
        unsafe { ffi::PyErr_GetRaisedException() }
    } else {
        ptr::null_mut()
    };
    // SAFETY: the GIL is held; the culprit and the operands are alive.
    unsafe {
        let operands = operands(v, point, &rebuild);
        learn::on_exit(v, exit_id, culprit, &operands);
    }
    // SAFETY: every step has what it needs: the state's leaves are intact, the frames are fresh and on top of the stack.
    unsafe {
        if act.frame.is_null() {
            frame::add_recursion(tstate, 1);
        }
        let mut steps = Vec::new();
        build(&mut steps, v, act, tstate, point.state, &mut rebuild);
        put_writes(ctx, &steps, matches!(point.reason, Reason::Raised | Reason::Invalidated));
        put_kept(ctx, &steps, matches!(point.reason, Reason::Raised | Reason::Invalidated));
        drop(rebuild);
        if raised {
            ffi::PyErr_SetRaisedException(exc);
        }
        if let (Reason::Stray, Some(Step::Frame(innermost))) = (point.reason, steps.last()) {
            let value = culprit.expect("the stray result is the culprit");
            finish_call(tstate, innermost, value);
        }
        let status = run(ctx, tstate, steps, if raised { Event::Raised } else { Event::Start });
        if act.frame.is_null() {
            frame::add_recursion(tstate, -1);
        }
        status
    }
}

/// What an operator is applied to that compiled code has turned down, the last operand first; null where it is no object.
unsafe fn operands(v: &Version, point: &ExitPoint, rebuild: &Rebuild) -> Vec<*mut PyObject> {
    let (s, instr) = (&v.states[point.state as usize], &v.instrs[point.state as usize]);
    let here = point.origin.code == s.code && point.origin.bci == instr.start;
    let count = match instr.op {
        opcode::BINARY_OP | opcode::COMPARE_OP | opcode::CONTAINS_OP => 2,
        opcode::STORE_SUBSCR => 3,
        opcode::UNARY_NEGATIVE => 1,
        _ => 0,
    };
    if point.reason != Reason::Domain || !here || s.stack.len() < count {
        return Vec::new();
    }
    let object = |slot: &Slot<Loc>| match slot {
        // SAFETY: the words are those of this state.
        Slot::Val { v: loc, .. } => unsafe { rebuild.raw(loc) },
        _ => ptr::null_mut(),
    };
    s.stack.iter().rev().take(count).map(object).collect()
}

/// Builds the frames of a state, outermost first, and sets each to go on at its instruction.
unsafe fn build<'a>(
    steps: &mut Vec<Step<'a>>,
    v: &'a Version,
    act: &Activation,
    tstate: *mut PyThreadState,
    state: u32,
    rebuild: &mut Rebuild,
) {
    let (s, instr) = (&v.states[state as usize], &v.instrs[state as usize]);
    if let Some(parent) = s.parent {
        // SAFETY: the caller's promise.
        unsafe { build(steps, v, act, tstate, parent.0, rebuild) };
    }
    let code = &v.codes[s.code.0 as usize];
    let own = s.parent.is_none() && !act.frame.is_null();
    // SAFETY: functions and code that the version names are alive; each slot is taken once; the interpreter's own frame
    // had its locals and stack emptied on entry.
    unsafe {
        if let Role::Native(kind) = s.role {
            let gathered = s.locals.iter().map(|slot| rebuild.build(slot, true)).collect();
            // While a generator is resumed, it is what comes next.
            let mut stack = s.stack.iter().map(|slot| rebuild.build(slot, true));
            let iterator = stack.next().unwrap_or(ptr::null_mut());
            let item = stack.next().map(natives::Next::Item);
            let pending = natives::Pending { kind, gathered, iterator };
            steps.push(Step::Native(pending, item));
            return;
        }
        let previous = steps
            .iter()
            .rev()
            .find_map(Step::frame)
            .map_or_else(|| frame::current(tstate), |l| l.frame);
        let mut generator = ptr::null_mut();
        let f = if own {
            act.frame
        } else if s.role == Role::Generator {
            let func = rebuild.build(&s.func, true);
            generator = generator::make(func);
            ffi::Py_DECREF(func);
            generator::run(tstate, generator, previous);
            match steps.last_mut() {
                Some(Step::Frame(l)) => InterpFrame::push(l.frame, frame::steal(generator)),
                Some(Step::Native(n, _)) => n.iterator = generator,
                None => unreachable!("a generator is resumed by a frame"),
            }
            generator::frame(generator)
        } else {
            let func = match &s.func {
                Slot::Null => ffi::Py_NewRef(act.func),
                slot => rebuild.build(slot, true),
            };
            frame::push(tstate, frame::steal(func), code, previous, false)
        };
        let fast = if own { v.fast_of(s) } else { s.locals.len() };
        let locals = InterpFrame::locals(f);
        for (i, slot) in s.locals[..fast].iter().enumerate() {
            let r = rebuild.slot(slot);
            frame::close(ptr::replace(locals.add(i), r));
        }
        if own && v.module_level {
            frame::store_names(v, f, s, rebuild, true);
        }
        for slot in &s.stack {
            let r = rebuild.slot(slot);
            InterpFrame::push(f, r);
        }
        (*f).instr_ptr = frame::code_units(code.ptr).add(instr.start as usize);
        steps.push(Step::Frame(Level {
            frame: f,
            instr,
            code,
            role: s.role,
            own,
            generator,
        }));
    }
}

/// Puts what was written to locals while they were visible into the frames just built. That is only wanted at the exit
/// that follows the call in which it happened.
unsafe fn put_writes(ctx: *mut Ctx, steps: &[Step], wanted: bool) {
    // SAFETY: this thread's context; a write names a frame of the same chain and one of its locals. What the slot
    // held, or the unwanted value, is released once.
    unsafe {
        if (*ctx).writes.is_empty() {
            return;
        }
        for w in std::mem::take(&mut (*ctx).writes) {
            match steps.iter().filter_map(Step::frame).nth(w.level) {
                Some(l) if wanted => frame::close(ptr::replace(InterpFrame::locals(l.frame).add(w.index), w.value)),
                _ => frame::close(w.value),
            }
        }
    }
}

/// Gives the frames just built the frame objects that somebody kept of them, at the exit that follows the call in which
/// that happened.
unsafe fn put_kept(ctx: *mut Ctx, steps: &[Step], wanted: bool) {
    // SAFETY: this thread's context, which owns a reference to each object; a frame gets one only if it has none and runs
    // the same code.
    unsafe {
        if (*ctx).kept.is_empty() {
            return;
        }
        for k in std::mem::take(&mut (*ctx).kept) {
            let target = steps.iter().filter_map(Step::frame).nth(k.level).filter(|l| {
                let code = ffi::PyFrame_GetCode(k.obj.cast());
                ffi::Py_DECREF(code.cast());
                wanted && !l.own && code == l.code.ptr && (*l.frame).frame_obj.is_null() && frame::owns_content(k.obj)
            });
            match target {
                Some(l) => frame::attach(k.obj, l.frame),
                None => ffi::Py_DECREF(k.obj),
            }
        }
    }
}

/// Replaces the operands of the CALL a frame stands at by its result, and goes on after it.
unsafe fn finish_call(tstate: *mut PyThreadState, l: &Level, value: *mut PyObject) {
    let instr = l.instr;
    // SAFETY: the CALL's operands (callable, self or null, arguments) are on the stack; each is released once, after
    // the frame is in order again, and the result takes the room of one of them.
    unsafe {
        let operands: Vec<_> = (0..instr.arg + 2).map(|_| InterpFrame::pop(l.frame)).collect();
        InterpFrame::push(l.frame, frame::steal(value));
        (*l.frame).instr_ptr = frame::code_units(l.code.ptr).add(instr.next as usize);
        let current = frame::current(tstate);
        frame::set_current(tstate, l.frame);
        operands.into_iter().for_each(|r| frame::close(r));
        frame::set_current(tstate, current);
    }
}

/// What becomes of the result of a frame that this one called.
unsafe fn returned(value: *mut PyObject, how: Role, l: &Level) -> Event {
    // SAFETY: a live object, whose reference is handed on or released; an operator's operands are on the frame's stack.
    unsafe {
        match how {
            Role::Call | Role::Generator | Role::Native(_) | Role::Next => Event::Value(value),
            Role::Discard => {
                ffi::Py_DECREF(value);
                Event::Done
            }
            Role::Init => returned_from_init(value),
            Role::New => {
                let n = l.instr.arg as usize;
                let args: Vec<_> = (0..n).rev().map(|d| InterpFrame::peek(l.frame, d)).collect();
                let result = initialised(InterpFrame::peek(l.frame, n + 1), &args, value);
                let operands: Vec<_> = (0..n + 2).map(|_| InterpFrame::pop(l.frame)).collect();
                operands.into_iter().for_each(|r| frame::close(r));
                if result.is_null() { Event::Raised } else { Event::Value(result) }
            }
            Role::Operator => {
                let result = operators::finish(InterpFrame::peek(l.frame, 1), InterpFrame::peek(l.frame, 0), l.instr, value);
                let operands = [InterpFrame::pop(l.frame), InterpFrame::pop(l.frame)];
                operands.into_iter().for_each(|r| frame::close(r));
                if result.is_null() { Event::Raised } else { Event::Value(result) }
            }
        }
    }
}

/// What calling a class does with the result of its `__new__`: an instance is initialised as its own class says. Null with an exception set; takes over
/// the reference.
unsafe fn initialised(class: *mut PyObject, args: &[*mut PyObject], value: *mut PyObject) -> *mut PyObject {
    // SAFETY: a live class and objects; the tuple holds references of its own to the arguments.
    unsafe {
        let of = ffi::Py_TYPE(value);
        let Some(init) = (*of).tp_init.filter(|_| ffi::PyType_IsSubtype(of, class.cast()) != 0) else {
            return value;
        };
        args.iter().for_each(|&a| ffi::Py_INCREF(a));
        let args = helpers::tuple_new(args.as_ptr(), args.len());
        let failed = init(value, args, ptr::null_mut()) < 0;
        ffi::Py_DECREF(args);
        if failed {
            ffi::Py_DECREF(value);
            return ptr::null_mut();
        }
        value
    }
}

/// What the interpreter does with the result of an `__init__`.
unsafe fn returned_from_init(result: *mut PyObject) -> Event {
    // SAFETY: a live object, whose reference is released here.
    unsafe {
        let event = if result == ffi::Py_None() {
            Event::Done
        } else {
            ffi::PyErr_Format(
                ffi::PyExc_TypeError,
                c"__init__() should return None, not '%.200s'".as_ptr(),
                (*ffi::Py_TYPE(result)).tp_name,
            );
            Event::Raised
        };
        ffi::Py_DECREF(result);
        event
    }
}

/// Lets the frames run, innermost first; the result goes to the context's first word.
unsafe fn run(ctx: *mut Ctx, tstate: *mut PyThreadState, mut steps: Vec<Step>, mut event: Event) -> i64 {
    let waiting = steps.iter().filter_map(Step::frame).filter(|l| !l.own).count().saturating_sub(1) as i32;
    let outside = match steps.first() {
        // SAFETY: a state starts with a frame, which is complete.
        Some(Step::Frame(l)) if !l.own => unsafe { (*l.frame).previous },
        _ => ptr::null_mut(),
    };
    let mut ran = false;
    let mut inner = Role::Call;
    // SAFETY: the frames are complete and linked to each other; each is run or popped exactly once, the topmost first.
    unsafe {
        frame::add_recursion(tstate, -waiting);
        while let Some(step) = steps.pop() {
            let l = match step {
                Step::Native(pending, item) => {
                    // It runs in the frame that called it.
                    let caller = steps.iter().rev().find_map(Step::frame).map_or(outside, |l| l.frame);
                    frame::set_current(tstate, caller);
                    event = finish_native(pending, item, event);
                    inner = Role::Call;
                    continue;
                }
                Step::Frame(l) => l,
            };
            let f = l.frame;
            let unit = l.instr;
            let units = frame::code_units(l.code.ptr);
            if std::mem::replace(&mut ran, true) && !l.own {
                frame::add_recursion(tstate, 1);
            }
            if let Event::Value(v) = event {
                event = returned(v, inner, &l);
            } else if matches!(event, Event::Raised) && inner == Role::Next && ffi::PyErr_ExceptionMatches(ffi::PyExc_StopIteration) != 0 {
                ffi::PyErr_Clear();
                event = Event::Exhausted;
            }
            inner = l.role;
            match event {
                Event::Done => (*f).instr_ptr = frame::code_units(l.code.ptr).add(unit.next as usize),
                Event::Start => {}
                Event::Value(v) => {
                    InterpFrame::push(f, frame::steal(v));
                    (*f).instr_ptr = units.add(unit.next as usize);
                }
                Event::Exhausted => {
                    let end = unit.jump_target().expect("a FOR_ITER asked for the item");
                    (*f).instr_ptr = units.add(end as usize + 1);
                }
                Event::Raised => {
                    (*f).instr_ptr = units.add(unit.offset as usize);
                    if l.own && l.code.handler(unit.offset).is_none() {
                        // The interpreter adds the traceback entry itself when the callback fails.
                        frame::set_current(tstate, f);
                        return status::RAISED;
                    }
                    unwind::trace(tstate, f, l.code, unit.next);
                    if !unwind::handle(tstate, f, l.code, unit.offset) {
                        unwind::leaves(tstate, f, unit.next);
                        frame::set_current(tstate, (*f).previous);
                        let exc = ffi::PyErr_GetRaisedException();
                        frame::clear_and_pop(tstate, f);
                        ffi::PyErr_SetRaisedException(exc);
                        continue;
                    }
                }
            }
            if l.own {
                frame::set_current(tstate, f);
                return status::EXITED;
            }
            frame::set_current(tstate, (*f).previous);
            let result = _PyEval_EvalFrameDefault(tstate, f, 0);
            event = if result.is_null() {
                Event::Raised
            } else if !l.generator.is_null() && !generator::has_yielded(l.generator) {
                ffi::Py_DECREF(result);
                Event::Exhausted
            } else {
                Event::Value(result)
            };
        }
        match event {
            Event::Value(v) => {
                (*ctx).words[0] = v as u64;
                status::EXITED
            }
            _ => status::RAISED,
        }
    }
}

/// Finishes a builtin that waited for an item, or was in the middle of dealing with one.
unsafe fn finish_native(pending: natives::Pending, item: Option<natives::Next>, event: Event) -> Event {
    use natives::Next;
    let next = match event {
        Event::Start => item,
        Event::Value(v) => Some(Next::Item(v)),
        Event::Exhausted | Event::Done => Some(Next::Done),
        Event::Raised => Some(Next::Raised),
    };
    // SAFETY: the state had what the builtin needs; the GIL is held.
    let result = unsafe { pending.finish(next) };
    if result.is_null() { Event::Raised } else { Event::Value(result) }
}

/// Unboxes the result of a native call that was finished in the interpreter. True when it has the expected
/// representation: then the value is in the context's first word and the object released (or handed on).
///
/// # Safety
/// Called by compiled code; `obj` is an object whose reference the caller owns.
pub unsafe extern "C" fn unbox_result(ctx: *mut Ctx, obj: *mut PyObject, repr: i32) -> i32 {
    use whipsnake_hir::types::Repr;
    const OBJ: i32 = Repr::Obj as i32;
    const INT: i32 = Repr::Int as i32;
    const FLOAT: i32 = Repr::Float as i32;
    // SAFETY: the caller's promise; fields are read after the type has been checked.
    unsafe {
        let ty = ffi::Py_TYPE(obj);
        let word = match repr {
            OBJ => {
                (*ctx).words[0] = obj as u64;
                return 1;
            }
            INT if ty == ptr::addr_of_mut!(ffi::PyLong_Type) => match crate::entry::long_value(obj) {
                Some(i) => i as u64,
                None => return 0,
            },
            FLOAT if ty == ptr::addr_of_mut!(ffi::PyFloat_Type) => crate::gil::read(obj, layout::float::VALUE),
            INT | FLOAT => return 0,
            _ if obj == ffi::Py_True() => 1,
            _ if obj == ffi::Py_False() => 0,
            _ => return 0,
        };
        ffi::Py_DECREF(obj);
        (*ctx).words[0] = word;
        1
    }
}
