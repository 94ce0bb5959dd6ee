//! What goes in and comes out of [`crate::compile`]: the runtime's addresses, and code with its exits.

use whipsnake_hir::helpers::Helper;
use whipsnake_hir::ir::{FrameState, Origin, Reason};
use whipsnake_hir::ops::{Math1, Math2, ObjId};
use whipsnake_hir::types::{Repr, Ty};

/// Where the fields of the runtime's `Ctx` are, and how many words it has.
///
/// The entry function gets a pointer to a `Ctx`. Its words carry the parameters in, and the result or the values
/// of an exit out; they are live only at those instants, so one `Ctx` serves nested activations on a thread.
pub mod ctx {
    /// The `PyThreadState*`.
    pub const TSTATE: i32 = 0;
    /// The eval breaker word as it was on entry.
    pub const BREAKER: i32 = 8;
    /// Countdown to the next forced exit (i64).
    pub const FORCED: i32 = 16;
    /// Turns until a loop that counts them leaves (i64).
    pub const TURNS: i32 = 24;
    /// The innermost call on its way whose caller's frames may not be visible: the address of what lies in front of its state's
    /// buffer, the address of the one around it (lowest bit: the frames are visible) and the number of the state.
    pub const DEFERRED: i32 = 32;
    /// Below this address the C stack is nearly used up.
    pub const STACK_LIMIT: i32 = 40;
    /// The innermost activation.
    pub const CURRENT: i32 = 48;
    /// The first word.
    pub const WORDS: i32 = 56;
    /// Number of words.
    pub const WORD_COUNT: usize = 480;
    /// Words in front of each buffer that a state is stored in, for such a record.
    pub const HEADER_WORDS: usize = 2;
}

/// One entry into compiled code, on the stack of whoever enters.
pub mod activation {
    /// What its version's header says under [`super::header::VERSION`].
    pub const VERSION: i32 = 0;
    /// The function that was called.
    pub const FUNC: i32 = 8;
    /// The interpreter's frame, null for a call.
    pub const FRAME: i32 = 16;
    /// The activation around it.
    pub const PREVIOUS: i32 = 24;
    /// The innermost deferred call when it began.
    pub const DEFERRED: i32 = 32;
    pub const SIZE: u32 = 40;
}

/// What compiled code and the runtime both know of a version.
pub mod header {
    /// A byte that is 1 while the version is valid.
    pub const VALID: i32 = 0;
    /// How many entries have not ended yet (i32).
    pub const INSIDE: i32 = 4;
    /// How many there have been (i64).
    pub const ENTRIES: i32 = 8;
    /// A pointer for [`super::activation::VERSION`].
    pub const VERSION: i32 = 16;
}

/// Boxes that nobody has yet, each with one reference: how many there are (i64), then their addresses.
pub mod spares {
    pub const COUNT: usize = 0;
    pub const BOXES: usize = 8;
    /// The most there can be.
    pub const MOST: usize = 2048;
}

/// What the entry function returns.
pub mod status {
    /// Word 0 holds the result in [`whipsnake_hir::ir::Function::ret`] (objects: a new reference).
    pub const RETURNED: i64 = 0;
    /// An exit was taken (this and what follows are odd), and the exit handler has dealt with it.
    pub const EXITED: i64 = 1;
    /// A Python exception is set.
    pub const RAISED: i64 = 3;
    /// Native entry: the arguments are not what the version is for, and nothing has happened.
    pub const DECLINED: i64 = 5;
}

/// What [`Target::replace`] and [`Target::set_attr`] store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    Object,
    Int,
    Float,
}

impl Stored {
    pub const ALL: [Stored; 3] = [Stored::Object, Stored::Int, Stored::Float];
}

/// Where an attribute is, in one word.
pub mod attr_at {
    use whipsnake_hir::ops::AttrAt;

    pub fn pack(at: AttrAt) -> i64 {
        (u64::from(at.offset) | u64::from(at.valid) << 32).cast_signed()
    }

    pub fn unpack(word: i64) -> AttrAt {
        let word = word.cast_unsigned();
        AttrAt {
            offset: word as u32,
            valid: (word >> 32) as u32,
        }
    }
}

/// Addresses of the running process that compiled code has baked in. All functions have the C calling convention;
/// `ctx` is the `Ctx*` the code was entered with, `object` a `PyObject*`.
///
/// A `state` argument (i32) is an index into [`Compiled::states`]; the buffer (`*const u64`) that comes with it is
/// laid out as the state's [`Loc::Word`]s say; of them it has what the frames show, their locals and functions.
#[derive(Clone, Debug)]
pub struct Target {
    /// Address of the version's [`header`].
    pub header: u64,
    /// `fn(ctx, exit: u32) -> i64`: takes an exit ([`Compiled::exits`]), whose values are in the `Ctx`'s
    /// words; answers [`status::EXITED`] or [`status::RAISED`].
    pub exit_handler: u64,
    /// `fn(ctx, state: i32, buffer)`: makes the state's frames visible before Python code runs.
    pub frames_begin: u64,
    /// `fn(ctx)`: takes those frames down.
    pub frames_end: u64,
    /// `fn(ctx, left: i32, limit: i32)`: unlinks the innermost deferred call, takes its caller's frames down if they have become visible, and
    /// has `left` Python frames left again, more or fewer by what the limit, then `limit`, has changed by since.
    pub call_end: u64,
    /// `fn(ctx, state: i32, buffer, callable, args: *const object, n: usize) -> object`: a call with positional arguments, for
    /// which the state's frames are made visible if and when anybody may look. Null with an exception set.
    pub call: u64,
    /// `fn(ctx, state: i32, buffer, object)`: gives up the last reference to an object, with the state's frames
    /// visible meanwhile. State -1, buffer null: without.
    pub dealloc: u64,
    /// `fn(object)`: gives up the last reference to an object of a leaf type.
    pub dealloc_leaf: u64,
    /// `fn(object) -> u64`: the magnitude of an int of more than one digit; 0 if that does not fit 64 bits (signed).
    pub large_int: u64,
    /// By [`Stored`]: `fn(place: *mut object, new) -> i32` stores an object, whose reference the container takes over, or a number, boxed. 0: freeing
    /// the object that was there could run code, and nothing has happened. There may have been none.
    pub replace: [u64; 3],
    /// The same for an attribute of an instance: `fn(object, at: i64, new) -> i32`, where it is as [`attr_at`] says.
    pub set_attr: [u64; 3],
    /// `fn(ctx, object, repr: i32) -> i32`: takes apart the result of a call to itself (`Repr as i32`). 1: the value is
    /// in word 0 and the object released. 0: it is of another type, or does not fit; nothing has happened.
    pub unbox_result: u64,
    /// `fn(i64) -> object`: a new int. Never null.
    pub box_int: u64,
    /// `fn(f64) -> object`: a new float. Never null.
    pub box_float: u64,
    /// `fn(f64, f64) -> object`: a new complex number. Never null.
    pub box_complex: u64,
    /// Boxes made ahead, ints of one digit, floats and complex numbers: [`spares`]. The functions above are called when there are none, and
    /// make some.
    pub spare_ints: u64,
    pub spare_floats: u64,
    pub spare_complexes: u64,
    /// `fn(items: *const object, n: usize) -> object`: a new list that takes over the references. Never null.
    pub list_new: u64,
    /// As `list_new`, a tuple.
    pub tuple_new: u64,
    /// The runtime helpers, in order of [`Helper::ALL`], with the calling convention of [`whipsnake_hir::helpers`].
    pub helpers: [u64; Helper::ALL.len()],
    /// Shortcuts for helpers that may run Python code, in the same order, 0 where there is none. Called first, with the
    /// helper's arguments but no frames made visible. For operands with which neither Python code can run nor anything
    /// fail they do the helper's work; otherwise nothing has happened and no exception is set, which they say by null (for
    /// `iter_next` by address 2) or -2.
    pub quick: [u64; Helper::ALL.len()],
    /// `fn(f64) -> f64` of the C library, in order of [`Math1::ALL`].
    pub math1: [u64; Math1::ALL.len()],
    /// In order of [`Math2::ALL`]. `fn(f64, f64) -> f64` for the functions of the C library (`modulus` is its `hypot`) and for
    /// `hypot`, which must round as CPython's does; `fn(f64, f64, leave: *mut i64) -> f64` for the `Py*` ones, which always set `leave`: to 1
    /// where Python raises or answers with another type, else 0. `copysign` is never called.
    pub math2: [u64; Math2::ALL.len()],
    /// Type objects, in order of [`Ty::ALL`]; 0 where there is none.
    pub types: [u64; Ty::ALL.len()],
    /// The bits of a dict's watchers that are not ours.
    pub other_watchers: u8,
    /// `True` and `False`.
    pub true_: u64,
    pub false_: u64,
    /// The preallocated int of the smallest value, and the distance between neighbours.
    pub small_ints: u64,
    pub small_int_stride: u64,
}

/// A function that compiled callers may enter with objects as arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Native {
    /// Arguments; what the entry has besides are the cells of the closure.
    pub parameters: usize,
    /// The namespaces that it was compiled for.
    pub globals: u64,
    pub builtins: u64,
}

/// How to lower.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LowerOptions {
    /// Make a native entry, if its parameters allow that.
    pub native: Option<Native>,
    /// Check the Cranelift IR and the register allocation.
    pub verify: bool,
    /// Force an exit at every n-th op that may exit (0: never). The countdown lives in the `Ctx`.
    pub exit_every: u32,
    /// Count the turns of the loop that is entered, and leave when there are none left. The countdown lives in the `Ctx`.
    pub count_turns: bool,
    /// Keep the Cranelift IR as text.
    pub want_clif: bool,
    /// Keep the machine code as text.
    pub want_asm: bool,
}

/// Where an exit finds a value.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Loc {
    /// In a word of the `Ctx`, or of the buffer handed to `frames_begin` and `dealloc`. Bools take a whole word.
    Word {
        index: u16,
        repr: Repr,
    },
    Int(i64),
    /// Bits of an f64.
    Float(u64),
    Bool(bool),
    /// A constant object. In a slot flagged `owned` the code holds a reference to it for the slot, as for any other.
    Obj(ObjId),
    /// The null pointer: an unset local.
    Null,
}

/// One way out of compiled code.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExitPoint {
    /// Index into [`Compiled::states`].
    pub state: u32,
    pub reason: Reason,
    /// The bytecode to learn for.
    pub origin: Origin,
    /// The object that failed a `Type`, `Callee` or `BigInt` check (borrowed); for `Stray` the result of the call, with
    /// its reference.
    pub culprit: Option<Loc>,
}

/// Machine code and what the runtime needs to know of it.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// Self-contained: no relocations are left, it may be placed anywhere at a multiple of `align`.
    pub code: Vec<u8>,
    pub align: u32,
    /// Offset of `extern "C" fn(ctx) -> i64` (see [`status`]).
    pub entry: u32,
    /// Offset of the native entry: `extern "C" fn(ctx, function, args: *const object) -> (i64, object)`, the status and, after
    /// [`status::RETURNED`] and [`status::EXITED`], the result, a new reference. The arguments are borrowed.
    pub native: Option<u32>,
    /// Indexed by the number handed to the exit handler.
    pub exits: Vec<ExitPoint>,
    /// Indexed as the function's states. Those that nothing refers to are empty. A calling frame's words are the same
    /// for every state inlined in it.
    pub states: Vec<FrameState<Loc>>,
    /// Cranelift instructions.
    pub insts: u32,
    pub clif: Option<String>,
    pub asm: Option<String>,
}
