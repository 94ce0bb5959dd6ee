//! The interpreter's frames and the references in them: pushing, filling and popping them.
//!
//! A slot of a frame holds a *stack reference*: the address of an object, with bit 0 set when the slot does not own a
//! count (immortal objects, and borrowed ones on the stack); 1 alone is NULL; both low bits set is a small integer.
//!
//! Frames live on the thread's data stack, a list of chunks. Pushing is the interpreter's own way: bump the top, or
//! start another chunk. Only the topmost frame is popped, so pushes and pops nest.

use crate::gil::{read, write};
use crate::known;
use crate::rebuild::Rebuild;
use crate::version::{CodeFacts, Version};
use pyo3::ffi::{self, PyCodeObject, PyObject, PyThreadState};
use std::ffi::{c_int, c_void};
use std::mem::{offset_of, size_of};
use std::ptr;
use whipsnake_abi::layout;
use whipsnake_hir::ir::FrameState;
use whipsnake_lower::Loc;

/// One slot of a frame.
pub type StackRef = usize;

/// The empty slot.
pub const NULL: StackRef = 1;
const BORROWED: usize = 1;
const TAGGED_INT: usize = 3;

/// `_PyInterpreterFrame`.
#[repr(C)]
pub struct InterpFrame {
    pub executable: StackRef,
    pub previous: *mut InterpFrame,
    pub funcobj: StackRef,
    pub globals: *mut PyObject,
    pub builtins: *mut PyObject,
    pub locals: *mut PyObject,
    pub frame_obj: *mut PyObject,
    pub instr_ptr: *mut u16,
    pub stackpointer: *mut StackRef,
    pub return_offset: u16,
    pub owner: u8,
    pub visited: u8,
    padding: u32,
    localsplus: [StackRef; 1],
}

const _: () = {
    assert!(size_of::<InterpFrame>() == layout::FRAME_SIZE);
    assert!(offset_of!(InterpFrame, executable) == layout::frame::EXECUTABLE);
    assert!(offset_of!(InterpFrame, previous) == layout::frame::PREVIOUS);
    assert!(offset_of!(InterpFrame, funcobj) == layout::frame::FUNCOBJ);
    assert!(offset_of!(InterpFrame, globals) == layout::frame::GLOBALS);
    assert!(offset_of!(InterpFrame, builtins) == layout::frame::BUILTINS);
    assert!(offset_of!(InterpFrame, locals) == layout::frame::LOCALS);
    assert!(offset_of!(InterpFrame, frame_obj) == layout::frame::FRAME_OBJ);
    assert!(offset_of!(InterpFrame, instr_ptr) == layout::frame::INSTR_PTR);
    assert!(offset_of!(InterpFrame, stackpointer) == layout::frame::STACKPOINTER);
    assert!(offset_of!(InterpFrame, return_offset) == layout::frame::RETURN_OFFSET);
    assert!(offset_of!(InterpFrame, owner) == layout::frame::OWNER);
    assert!(offset_of!(InterpFrame, visited) == layout::frame::VISITED);
    assert!(offset_of!(InterpFrame, localsplus) == layout::frame::LOCALSPLUS);
};

unsafe extern "C" {
    fn _PyEval_FrameClearAndPop(tstate: *mut PyThreadState, frame: *mut InterpFrame);
    fn PyObject_GetArenaAllocator(allocator: *mut ArenaAllocator);
}

#[repr(C)]
struct ArenaAllocator {
    ctx: *mut c_void,
    alloc: unsafe extern "C" fn(*mut c_void, usize) -> *mut c_void,
    free: unsafe extern "C" fn(*mut c_void, *mut c_void, usize),
}

/// Ends the process: compiled code cannot go on without memory for the frame it must leave to.
#[cold]
pub fn out_of_memory() -> ! {
    // SAFETY: a static C string; the function does not return.
    unsafe { ffi::Py_FatalError(c"Whipsnake: out of memory while leaving compiled code".as_ptr()) }
}

// ---- references

/// The object of a slot, null for an empty one.
#[inline]
pub fn object(r: StackRef) -> *mut PyObject {
    (r & !BORROWED) as *mut PyObject
}

/// A slot that takes over a reference; null gives the empty slot.
///
/// # Safety
/// `obj` is null or a live object whose reference the caller gives up.
#[inline]
pub unsafe fn steal(obj: *mut PyObject) -> StackRef {
    if obj.is_null() {
        return NULL;
    }
    // SAFETY: a live object.
    if unsafe { immortal(obj) } {
        obj as usize | BORROWED
    } else {
        obj as usize
    }
}

/// A slot that borrows.
#[inline]
pub fn borrow(obj: *mut PyObject) -> StackRef {
    obj as usize | BORROWED
}

/// Whether an object is never freed.
///
/// # Safety
/// `obj` is a live object.
#[inline]
pub unsafe fn immortal(obj: *mut PyObject) -> bool {
    // SAFETY: a live object has a reference count there.
    unsafe { read::<i32>(obj, layout::object::REFCNT) < 0 }
}

/// Releases what a slot owns.
///
/// # Safety
/// `r` is a slot's content, which nobody uses afterwards. May run Python code.
#[inline]
pub unsafe fn close(r: StackRef) {
    if r & BORROWED == 0 {
        // SAFETY: without the tag the slot owned a reference.
        unsafe { ffi::Py_DECREF(r as *mut PyObject) }
    }
}

/// Whether a slot holds a small integer instead of an object.
pub fn is_tagged_int(r: StackRef) -> bool {
    r & TAGGED_INT == TAGGED_INT
}

/// A slot with a small integer, as exception handling pushes it.
pub fn tagged_int(i: u32) -> StackRef {
    (i as usize) << 2 | TAGGED_INT
}

// ---- frames

/// The first code unit of a code object.
///
/// # Safety
/// `code` is a live code object.
pub unsafe fn code_units(code: *mut PyCodeObject) -> *mut u16 {
    code.cast::<u8>().wrapping_add(layout::code::CODE_ADAPTIVE).cast()
}

impl InterpFrame {
    /// The code object that runs in a frame.
    ///
    /// # Safety
    /// `f` is a live frame of Python code.
    pub unsafe fn code(f: *mut InterpFrame) -> *mut PyCodeObject {
        // SAFETY: the caller's promise.
        object(unsafe { (*f).executable }).cast()
    }

    /// Where the locals are.
    ///
    /// # Safety
    /// `f` is a frame, which may be uninitialised.
    pub unsafe fn locals(f: *mut InterpFrame) -> *mut StackRef {
        // SAFETY: only an address is computed, within the frame.
        unsafe { ptr::addr_of_mut!((*f).localsplus).cast() }
    }

    /// The bottom of the operand stack.
    ///
    /// # Safety
    /// `f` is a live frame of Python code.
    pub unsafe fn stack_base(f: *mut InterpFrame) -> *mut StackRef {
        // SAFETY: the frame has as many local slots as its code says.
        unsafe { Self::locals(f).add(read::<i32>(Self::code(f), layout::code::NLOCALSPLUS) as usize) }
    }

    /// Pushes one operand.
    ///
    /// # Safety
    /// `f` is a live frame with room on its stack.
    pub unsafe fn push(f: *mut InterpFrame, r: StackRef) {
        // SAFETY: the caller's promise.
        unsafe {
            *(*f).stackpointer = r;
            (*f).stackpointer = (*f).stackpointer.add(1);
        }
    }

    /// The operand `depth` below the topmost one (borrowed).
    ///
    /// # Safety
    /// `f` is a live frame with that many operands on its stack.
    pub unsafe fn peek(f: *mut InterpFrame, depth: usize) -> *mut PyObject {
        // SAFETY: the caller's promise.
        unsafe { object(*(*f).stackpointer.sub(depth + 1)) }
    }

    /// Pops one operand.
    ///
    /// # Safety
    /// `f` is a live frame with an operand on its stack.
    pub unsafe fn pop(f: *mut InterpFrame) -> StackRef {
        // SAFETY: the caller's promise.
        unsafe {
            (*f).stackpointer = (*f).stackpointer.sub(1);
            *(*f).stackpointer
        }
    }
}

/// The thread's current frame.
///
/// # Safety
/// `tstate` is the current thread's state.
pub unsafe fn current(tstate: *mut PyThreadState) -> *mut InterpFrame {
    // SAFETY: the field is always initialised.
    unsafe { read(tstate, layout::tstate::CURRENT_FRAME) }
}

/// Whether an import is going on: the machinery is among the frames, as far as they are looked at.
///
/// # Safety
/// The GIL is held; `tstate` is the current thread's state.
pub unsafe fn is_importing(tstate: *mut PyThreadState) -> bool {
    const DEEPEST: usize = 200;
    // SAFETY: frames are linked while they run; the outermost has none before it.
    unsafe {
        let next = |f: &*mut InterpFrame| Some((**f).previous).filter(|p| !p.is_null());
        let first = Some(current(tstate)).filter(|f| !f.is_null());
        std::iter::successors(first, next)
            .take(DEEPEST)
            .any(|f| known::imports((*f).globals))
    }
}

/// Sets the thread's current frame.
///
/// # Safety
/// `tstate` is the current thread's state, `f` a frame of it.
pub unsafe fn set_current(tstate: *mut PyThreadState, f: *mut InterpFrame) {
    // SAFETY: the caller's promise.
    unsafe { write(tstate, layout::tstate::CURRENT_FRAME, f) }
}

/// Adds to the number of Python calls this thread may still nest.
///
/// # Safety
/// `tstate` is the current thread's state.
pub unsafe fn add_recursion(tstate: *mut PyThreadState, n: i32) {
    // SAFETY: the field is an int of the live thread state.
    unsafe {
        let left: c_int = read(tstate, layout::tstate::PY_RECURSION_REMAINING);
        write(tstate, layout::tstate::PY_RECURSION_REMAINING, left + n);
    }
}

/// Room for `slots` words on the data stack.
unsafe fn push_slots(tstate: *mut PyThreadState, slots: usize) -> *mut InterpFrame {
    use layout::tstate::{DATASTACK_LIMIT, DATASTACK_TOP};
    // SAFETY: the fields of the live thread state.
    let (top, limit): (*mut usize, *mut usize) = unsafe { (read(tstate, DATASTACK_TOP), read(tstate, DATASTACK_LIMIT)) };
    if !top.is_null() && slots < (limit as usize - top as usize) / 8 {
        // SAFETY: there is room up to the limit.
        unsafe { write(tstate, DATASTACK_TOP, top.add(slots)) };
        return top.cast();
    }
    // SAFETY: as the caller promised.
    unsafe { push_chunk(tstate, slots) }
}

/// Starts another chunk of the data stack.
#[cold]
unsafe fn push_chunk(tstate: *mut PyThreadState, slots: usize) -> *mut InterpFrame {
    use layout::{chunk, tstate as ts};
    let mut size = layout::DATASTACK_CHUNK_SIZE;
    while size < 8 * (slots + 1000) {
        size *= 2;
    }
    // SAFETY: all reads and writes are to fields of the live thread state and of chunks that it owns or that were just
    // allocated with the allocator the interpreter frees them with.
    unsafe {
        let previous: *mut u8 = read(tstate, ts::DATASTACK_CHUNK);
        let cached: *mut u8 = read(tstate, ts::DATASTACK_CACHED_CHUNK);
        let fresh = if !cached.is_null() && read::<usize>(cached, chunk::SIZE_FIELD) >= size {
            write(tstate, ts::DATASTACK_CACHED_CHUNK, ptr::null_mut::<u8>());
            cached
        } else {
            let mut arena = std::mem::MaybeUninit::<ArenaAllocator>::uninit();
            PyObject_GetArenaAllocator(arena.as_mut_ptr());
            let arena = arena.assume_init();
            let p: *mut u8 = (arena.alloc)(arena.ctx, size).cast();
            if p.is_null() {
                out_of_memory();
            }
            write(p, chunk::SIZE_FIELD, size);
            p
        };
        write(fresh, chunk::PREVIOUS, previous);
        write(fresh, chunk::TOP, 0usize);
        if !previous.is_null() {
            let top: *mut u8 = read(tstate, ts::DATASTACK_TOP);
            write(previous, chunk::TOP, (top as usize - previous as usize - chunk::DATA) / 8);
        }
        let base = fresh.add(chunk::DATA).cast::<usize>().add(usize::from(previous.is_null()));
        write(tstate, ts::DATASTACK_CHUNK, fresh);
        write(tstate, ts::DATASTACK_LIMIT, fresh.add(read::<usize>(fresh, chunk::SIZE_FIELD)));
        write(tstate, ts::DATASTACK_TOP, base.add(slots));
        base.cast()
    }
}

/// Pushes a frame for a code object, unlinked, its locals empty. It takes over the reference to the function; one to
/// the code is owned or, when `borrowed`, not.
///
/// # Safety
/// `func` holds a live Python function whose code and namespaces are these (or, in a frame that is only shown, None), and
/// `tstate` is the current thread's state.
pub unsafe fn push(
    tstate: *mut PyThreadState,
    func: StackRef,
    facts: &CodeFacts,
    previous: *mut InterpFrame,
    borrowed: bool,
) -> *mut InterpFrame {
    let code = facts.ptr;
    // SAFETY: the code object is live; the pushed slots are the frame's own, and the code's frame size covers header,
    // locals and stack.
    unsafe {
        let f = push_slots(tstate, read::<i32>(code, layout::code::FRAMESIZE) as usize);
        if borrowed {
            (*f).executable = borrow(code.cast());
        } else {
            ffi::Py_INCREF(code.cast());
            (*f).executable = steal(code.cast());
        }
        (*f).funcobj = func;
        (*f).previous = previous;
        (*f).globals = facts.globals;
        (*f).builtins = facts.builtins;
        (*f).locals = ptr::null_mut();
        (*f).frame_obj = ptr::null_mut();
        (*f).instr_ptr = code_units(code);
        (*f).return_offset = 0;
        (*f).owner = layout::FRAME_OWNED_BY_THREAD as u8;
        (*f).visited = 0;
        (*f).padding = 0;
        let n = read::<i32>(code, layout::code::NLOCALSPLUS) as usize;
        let locals = InterpFrame::locals(f);
        for i in 0..n {
            *locals.add(i) = NULL;
        }
        (*f).stackpointer = locals.add(n);
        f
    }
}

/// Clears and pops the topmost frame, which must not be current any more.
///
/// # Safety
/// `f` is the topmost frame of the thread's data stack; its `previous` is valid.
pub unsafe fn clear_and_pop(tstate: *mut PyThreadState, f: *mut InterpFrame) {
    // SAFETY: the caller's promise; references are released once and the frame is not used afterwards.
    unsafe { _PyEval_FrameClearAndPop(tstate, f) }
}

/// Gives a frame object that has become the owner of its frame's content a live frame again, which takes over the
/// caller's reference to it.
///
/// # Safety
/// `obj` is such a frame object, `f` a complete frame of the same code without one.
pub unsafe fn attach(obj: *mut PyObject, f: *mut InterpFrame) {
    use layout::frame_object as fo;
    // SAFETY: the object leaves its own copy of the frame before the copy's references are released, each once. The link to
    // the calling frame's object is made anew when the frame ends, and so is its tracking by the collector.
    unsafe {
        let copy: *mut InterpFrame = read(obj, fo::FRAME);
        let back: *mut PyObject = read(obj, fo::BACK);
        ffi::PyObject_GC_UnTrack(obj.cast());
        write(obj, fo::FRAME, f);
        write(obj, fo::BACK, ptr::null_mut::<PyObject>());
        (*f).frame_obj = obj;
        let mut slot = InterpFrame::locals(copy);
        while slot < (*copy).stackpointer {
            close(ptr::replace(slot, NULL));
            slot = slot.add(1);
        }
        close((*copy).funcobj);
        close((*copy).executable);
        ffi::Py_XDECREF((*copy).locals);
        ffi::Py_XDECREF(back);
    }
}

/// Whether a frame object owns its frame's content.
///
/// # Safety
/// A live frame object.
pub unsafe fn owns_content(obj: *mut PyObject) -> bool {
    // SAFETY: the caller's promise.
    unsafe {
        let f: *mut InterpFrame = read(obj, layout::frame_object::FRAME);
        usize::from((*f).owner) == layout::FRAME_OWNED_BY_FRAME_OBJECT
    }
}

/// Writes the module-level names that the code stores to back into the namespace. With `take`, the references that the
/// state owns are handed over or released.
///
/// # Safety
/// `frame` is the module-level frame of the activation, `s` its state, `rebuild` over that state's leaves.
pub unsafe fn store_names(v: &Version, frame: *mut InterpFrame, s: &FrameState<Loc>, rebuild: &mut Rebuild, take: bool) {
    // SAFETY: `f_locals` of such a frame is a dict, checked on entry; names come from the code's own table. All
    // values are built before the first store, which may run Python code.
    unsafe {
        let names: *mut PyObject = read(v.codes[s.code.0 as usize].ptr, layout::code::NAMES);
        let values: Vec<StackRef> = s.locals[v.fast_of(s)..]
            .iter()
            .map(|slot| if take { rebuild.slot(slot) } else { rebuild.show(slot) })
            .collect();
        for (&(name, stored), value) in v.names.iter().zip(values) {
            if stored && value != NULL {
                let name = ffi::PyTuple_GetItem(names, name as isize);
                if ffi::PyDict_SetItem((*frame).locals, name, object(value)) < 0 {
                    out_of_memory();
                }
            }
            close(value);
        }
    }
}
