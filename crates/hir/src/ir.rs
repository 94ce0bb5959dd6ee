//! The IR: a control-flow graph of blocks with parameters, in SSA form.
//!
//! Invariants (checked by [`crate::verify`]):
//! * every block ends with exactly one terminator, and has no other;
//! * a use is dominated by its definition; operand representations match the op's row;
//! * an edge passes as many arguments as the target has parameters, of the same representations;
//! * an op that may leave ([`Function::may_leave`]) has a frame state, and every value a frame state names dominates the op;
//! * **ownership**: at every exit the references that the function owns are exactly the frame state's slots
//!   flagged `owned`, each once. A slot not flagged is borrowed: from the caller, from the code's constants, or from a
//!   container that provably keeps it; the runtime takes a reference of its own when it rebuilds the frame.

use crate::ops::{AttrAt, ObjId, Op, Res};
use crate::snapshot::CodeId;
use crate::types::{Repr, Ty};
use smallvec::SmallVec;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u32);
        impl $name {
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
        }
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self, f)
            }
        }
    };
}

id!(Value, "v");
id!(Block, "b");
id!(Inst, "i");
id!(
    /// A frame state: where the interpreter goes on, and with what.
    StateId, "s");

/// Operands that are told apart when exits teach.
const MAX_DEPTH: usize = 8;

/// A value: a block parameter or an instruction's result.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ValueData {
    pub repr: Repr,
    /// For objects: what is known wherever the value is defined (not what a later guard proves).
    pub ty: Ty,
    pub def: Def,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Def {
    Param(Block, u16),
    Inst(Inst),
    /// Removed by a pass; must not be used.
    Gone,
}

/// An edge to a block.
#[derive(Clone, PartialEq, Debug)]
pub struct Target {
    pub block: Block,
    pub args: SmallVec<[Value; 8]>,
}

#[derive(Clone, PartialEq, Debug)]
pub struct InstData {
    pub op: Op,
    pub args: SmallVec<[Value; 4]>,
    pub result: Option<Value>,
    pub state: Option<StateId>,
    /// Why it would leave.
    pub reason: Reason,
    /// The bytecode it was made for, where a pass has moved it from there and given it another state.
    pub origin: Option<Origin>,
    /// Successors, for `Jump` (one) and `Branch` (two).
    pub targets: SmallVec<[Target; 2]>,
}

/// The bytecode that an instruction was made for: that is where its exit teaches.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Origin {
    pub code: CodeId,
    /// Code unit.
    pub bci: u32,
    /// Which operand the instruction looks at first: its depth on the stack, if it is there.
    pub depth: Option<u8>,
}

#[derive(Clone, Debug, Default)]
pub struct BlockData {
    pub params: Vec<Value>,
    pub insts: Vec<Inst>,
    /// Rarely executed: laid out behind the rest, nothing is hoisted for its sake.
    pub cold: bool,
    /// The frame state that holds on entry, in terms of the parameters; set on loop headers. Hoisted guards use it,
    /// with the entering edge's arguments in place of the parameters.
    pub entry_state: Option<StateId>,
    /// A guard hoisted out of this header's loop has failed.
    pub no_hoist: bool,
}

impl BlockData {
    /// Whether guards may be hoisted out of the loop that this block heads.
    pub fn may_hoist(&self) -> bool {
        self.entry_state.is_some() && !self.no_hoist
    }
}

/// Why compiled code leaves, as counted and reported.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, PartialOrd, Ord)]
pub enum Reason {
    /// The op cannot leave.
    #[default]
    None,
    /// An exact type was expected (first operand is the culprit).
    Type(Ty),
    /// An int result or value beyond 64 bits.
    Overflow,
    /// A boxed int beyond 64 bits.
    BigInt,
    /// An int beyond 128 bits.
    Huge,
    Bounds,
    ZeroDivision,
    /// Argument outside what the fast path computes (math domain, negative shift, ...).
    Domain,
    /// A branch that had never been taken when this was compiled, or an op never executed.
    Cold,
    /// A bytecode that is not compiled (its opcode).
    Unsupported(u8),
    /// A call to something other than what was expected (first operand is the culprit).
    Callee,
    /// An unbound name or empty cell.
    Unbound,
    /// An exception was raised by an op that had its effect.
    Raised,
    /// Signals, other threads, tracing.
    SafePoint,
    /// A watcher invalidated the code.
    Invalidated,
    /// Freeing an object here could run code.
    Finaliser,
    /// A native call to itself handed back an object of another type than promised.
    Stray,
    /// A check made before a loop that does not hold: it may not have been needed.
    Hoisted,
    /// Left the compiled region in the ordinary way.
    Done,
}

/// One local or stack slot of a frame, over leaves `V` (SSA values here, machine locations after lowering).
/// Compound slots are objects that compiled code keeps taken apart; an exit builds them.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Slot<V> {
    /// Unset local, or the NULL that CPython pushes.
    Null,
    /// `owned`: the slot holds a reference of its own (objects only).
    Val { v: V, owned: bool },
    /// An object carried by the code itself.
    Const(ObjId),
    /// A tuple of these items.
    Tuple(Vec<Slot<V>>),
    /// A list of these items that nobody has seen yet.
    List(Vec<Slot<V>>),
    /// `range(start, stop, step)`; leaves are ints.
    Range { start: V, stop: V, step: V },
    /// A range iterator: next value, step, remaining length (never negative).
    RangeIter { next: V, step: V, len: V },
    /// A range iterator whose step's sign is known, as it is a constant, or positive: there are items left while the next value has
    /// not reached the stop.
    RangeBy { next: V, stop: V, step: V },
    /// A list iterator: the list slot, next index. Exhausted iterators are not kept taken apart.
    ListIter { list: Box<Slot<V>>, index: V },
    /// A tuple iterator.
    TupleIter { tuple: Box<Slot<V>>, index: V },
    /// An iterator over a str, bytes, bytearray or array.array: that slot, next index.
    StrIter { s: Box<Slot<V>>, index: V },
    /// `reversed(list)`: the list slot, next index (-1 when done).
    ListRevIter { list: Box<Slot<V>>, index: V },
    /// `enumerate`: next count, inner iterator.
    Enumerate { count: V, inner: Box<Slot<V>> },
    /// `zip` of the inner iterators.
    Zip(Vec<Slot<V>>),
    /// The one-character str of this code point, below 256 (those are immortal, so identity is kept).
    Chr { v: V },
    /// An int of up to 128 bits: its low 64 bits, and the rest with the sign. Both are ints as machine words go; the low one
    /// stands for an unsigned number.
    Wide { lo: V, hi: V },
    /// A complex number of these parts, which are floats.
    Complex { re: V, im: V },
    /// A Python function that nobody has seen yet.
    Func(Box<FuncSlot<V>>),
    /// A suspended generator that nobody has seen yet.
    Gen(Box<GenSlot<V>>),
    /// An instance of a class written in Python that nobody has seen yet.
    Inst(Box<InstSlot<V>>),
}

/// An instance taken apart. Several slots of a state may hold the same one: each has the attributes, with references of its own to them.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct InstSlot<V> {
    /// Which one it is, among those of the state.
    pub id: u32,
    pub class: ObjId,
    /// The attributes that are set, in the order in which they were set first; of a class that derives from `tuple`, its items.
    pub fields: Vec<(AttrAt, Slot<V>)>,
}

impl<V> InstSlot<V> {
    pub fn slots(&self) -> impl DoubleEndedIterator<Item = &Slot<V>> {
        self.fields.iter().map(|f| &f.1)
    }
    pub fn slots_mut(&mut self) -> impl Iterator<Item = &mut Slot<V>> {
        self.fields.iter_mut().map(|f| &mut f.1)
    }
    fn map<W>(&self, f: &mut impl FnMut(&V) -> W) -> InstSlot<W> {
        InstSlot {
            id: self.id,
            class: self.class,
            fields: self.fields.iter().map(|(at, s)| (*at, s.map(f))).collect(),
        }
    }
}

/// A function taken apart.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct FuncSlot<V> {
    /// The code object.
    pub code: ObjId,
    /// The dict of the globals it was made with.
    pub globals: ObjId,
    /// Cells of the closure.
    pub closure: Vec<Slot<V>>,
    /// Positional defaults.
    pub defaults: Vec<Slot<V>>,
}

/// A generator taken apart: its function and its frame.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct GenSlot<V> {
    pub func: Slot<V>,
    pub code: CodeId,
    /// Code unit at which it is resumed, with what was sent on top of the stack.
    pub bci: u32,
    pub locals: Vec<Slot<V>>,
    pub stack: Vec<Slot<V>>,
}

impl<V> FuncSlot<V> {
    /// Closure, then defaults.
    pub fn slots(&self) -> impl Iterator<Item = &Slot<V>> {
        self.closure.iter().chain(&self.defaults)
    }
    fn slots_mut(&mut self) -> impl Iterator<Item = &mut Slot<V>> {
        self.closure.iter_mut().chain(&mut self.defaults)
    }
    fn map<W>(&self, f: &mut impl FnMut(&V) -> W) -> FuncSlot<W> {
        FuncSlot {
            code: self.code,
            globals: self.globals,
            closure: self.closure.iter().map(|s| s.map(f)).collect(),
            defaults: self.defaults.iter().map(|s| s.map(f)).collect(),
        }
    }
}

impl<V> GenSlot<V> {
    /// The function, locals, then the stack.
    pub fn slots(&self) -> impl Iterator<Item = &Slot<V>> {
        std::iter::once(&self.func).chain(&self.locals).chain(&self.stack)
    }
    fn slots_mut(&mut self) -> impl Iterator<Item = &mut Slot<V>> {
        std::iter::once(&mut self.func).chain(&mut self.locals).chain(&mut self.stack)
    }
    fn map<W>(&self, f: &mut impl FnMut(&V) -> W) -> GenSlot<W> {
        GenSlot {
            func: self.func.map(f),
            code: self.code,
            bci: self.bci,
            locals: self.locals.iter().map(|s| s.map(f)).collect(),
            stack: self.stack.iter().map(|s| s.map(f)).collect(),
        }
    }
}

impl<V> Slot<V> {
    /// Whether the slot holds such a value without a reference of its own.
    pub fn borrows(&self, which: &impl Fn(&V) -> bool) -> bool {
        match self {
            Slot::Val { v, owned } => !owned && which(v),
            Slot::Tuple(items) | Slot::List(items) | Slot::Zip(items) => items.iter().any(|s| s.borrows(which)),
            Slot::ListIter { list: s, .. }
            | Slot::TupleIter { tuple: s, .. }
            | Slot::StrIter { s, .. }
            | Slot::ListRevIter { list: s, .. }
            | Slot::Enumerate { inner: s, .. } => s.borrows(which),
            Slot::Func(func) => func.slots().any(|s| s.borrows(which)),
            Slot::Gen(g) => g.slots().any(|s| s.borrows(which)),
            Slot::Inst(i) => i.slots().any(|s| s.borrows(which)),
            Slot::Null
            | Slot::Const(_)
            | Slot::Range { .. }
            | Slot::RangeIter { .. }
            | Slot::RangeBy { .. }
            | Slot::Chr { .. }
            | Slot::Wide { .. }
            | Slot::Complex { .. } => false,
        }
    }

    /// Visits every leaf in a fixed order.
    pub fn for_each<'a>(&'a self, f: &mut impl FnMut(&'a V)) {
        match self {
            Slot::Null | Slot::Const(_) => {}
            Slot::Val { v, .. } => f(v),
            Slot::Tuple(items) | Slot::List(items) | Slot::Zip(items) => items.iter().for_each(|s| s.for_each(f)),
            Slot::Range { start, stop, step } => {
                f(start);
                f(stop);
                f(step);
            }
            Slot::RangeBy { next, stop, step } => {
                f(next);
                f(stop);
                f(step);
            }
            Slot::RangeIter { next, step, len } => {
                f(next);
                f(step);
                f(len);
            }
            Slot::ListIter { list: s, index }
            | Slot::TupleIter { tuple: s, index }
            | Slot::StrIter { s, index }
            | Slot::ListRevIter { list: s, index } => {
                s.for_each(f);
                f(index);
            }
            Slot::Enumerate { count, inner } => {
                f(count);
                inner.for_each(f);
            }
            Slot::Chr { v } => f(v),
            Slot::Func(func) => func.slots().for_each(|s| s.for_each(f)),
            Slot::Gen(g) => g.slots().for_each(|s| s.for_each(f)),
            Slot::Inst(i) => i.slots().for_each(|s| s.for_each(f)),
            Slot::Wide { lo: x, hi: y } | Slot::Complex { re: x, im: y } => {
                f(x);
                f(y);
            }
        }
    }

    /// The same slot over other leaves.
    pub fn map<W>(&self, f: &mut impl FnMut(&V) -> W) -> Slot<W> {
        match self {
            Slot::Null => Slot::Null,
            Slot::Const(o) => Slot::Const(*o),
            Slot::Val { v, owned } => Slot::Val { v: f(v), owned: *owned },
            Slot::Tuple(items) => Slot::Tuple(items.iter().map(|s| s.map(f)).collect()),
            Slot::List(items) => Slot::List(items.iter().map(|s| s.map(f)).collect()),
            Slot::Zip(items) => Slot::Zip(items.iter().map(|s| s.map(f)).collect()),
            Slot::Range { start, stop, step } => Slot::Range {
                start: f(start),
                stop: f(stop),
                step: f(step),
            },
            Slot::RangeIter { next, step, len } => Slot::RangeIter {
                next: f(next),
                step: f(step),
                len: f(len),
            },
            Slot::RangeBy { next, stop, step } => Slot::RangeBy {
                next: f(next),
                stop: f(stop),
                step: f(step),
            },
            Slot::ListIter { list, index } => Slot::ListIter {
                list: Box::new(list.map(f)),
                index: f(index),
            },
            Slot::TupleIter { tuple, index } => Slot::TupleIter {
                tuple: Box::new(tuple.map(f)),
                index: f(index),
            },
            Slot::StrIter { s, index } => Slot::StrIter {
                s: Box::new(s.map(f)),
                index: f(index),
            },
            Slot::ListRevIter { list, index } => Slot::ListRevIter {
                list: Box::new(list.map(f)),
                index: f(index),
            },
            Slot::Enumerate { count, inner } => Slot::Enumerate {
                count: f(count),
                inner: Box::new(inner.map(f)),
            },
            Slot::Chr { v } => Slot::Chr { v: f(v) },
            Slot::Func(func) => Slot::Func(Box::new(func.map(f))),
            Slot::Gen(g) => Slot::Gen(Box::new(g.map(f))),
            Slot::Inst(i) => Slot::Inst(Box::new(i.map(f))),
            Slot::Wide { lo, hi } => Slot::Wide { lo: f(lo), hi: f(hi) },
            Slot::Complex { re, im } => Slot::Complex { re: f(re), im: f(im) },
        }
    }

    /// Visits every `Val`'s leaf and ownership flag, mutably (for the reference-count pass).
    pub fn for_each_val_mut(&mut self, f: &mut impl FnMut(&mut V, &mut bool)) {
        self.for_each_val_slot(&mut |s| {
            if let Slot::Val { v, owned } = s {
                f(v, owned);
            }
        });
    }

    /// Visits every `Val`, mutably.
    pub fn for_each_val_slot(&mut self, f: &mut impl FnMut(&mut Slot<V>)) {
        self.for_each_slot(&mut |s| {
            if let Slot::Val { .. } = s {
                f(s);
            }
        });
    }

    /// Visits every slot within this one, and then itself, mutably.
    pub fn for_each_slot(&mut self, f: &mut impl FnMut(&mut Slot<V>)) {
        match self {
            Slot::Tuple(items) | Slot::List(items) | Slot::Zip(items) => items.iter_mut().for_each(|s| s.for_each_slot(f)),
            Slot::ListIter { list: s, .. }
            | Slot::TupleIter { tuple: s, .. }
            | Slot::StrIter { s, .. }
            | Slot::ListRevIter { list: s, .. } => s.for_each_slot(f),
            Slot::Enumerate { inner, .. } => inner.for_each_slot(f),
            Slot::Func(func) => func.slots_mut().for_each(|s| s.for_each_slot(f)),
            Slot::Gen(g) => g.slots_mut().for_each(|s| s.for_each_slot(f)),
            Slot::Inst(i) => i.slots_mut().for_each(|s| s.for_each_slot(f)),
            Slot::Val { .. }
            | Slot::Null
            | Slot::Const(_)
            | Slot::Range { .. }
            | Slot::RangeIter { .. }
            | Slot::RangeBy { .. }
            | Slot::Chr { .. }
            | Slot::Wide { .. }
            | Slot::Complex { .. } => {}
        }
        f(self);
    }
}

/// What a frame is to the frame that called it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Role {
    /// A call: its result goes on the calling frame's stack, behind the instruction that called.
    #[default]
    Call,
    /// A generator that is being resumed: it goes on the calling frame's stack, then what it yields; when it
    /// returns, the calling frame's FOR_ITER is done.
    Generator,
    /// A builtin that consumes an iterator, which its stack holds: no frame of the interpreter's. Its result is a call's.
    Native(Native),
    /// Its result is dropped.
    Discard,
    /// A special method that an operator runs: its result is the operator's, unless it is `NotImplemented`. The calling frame's stack
    /// still holds both operands.
    Operator,
    /// A `__new__` that a call of its class runs. Its result is the call's; where that is an instance of a class derived from the one called, it gets its own
    /// `__init__` first. The calling frame's stack still holds the class and the arguments.
    New,
    /// A `__next__` that a FOR_ITER runs: its result goes on the calling frame's stack, above the iterator; where it raises StopIteration,
    /// the FOR_ITER is done.
    Next,
    /// An `__init__`: it must give `None`. The new instance is on the calling frame's stack already (where the interpreter has a frame
    /// of its own in between to hold it, which nothing shows).
    Init,
}

/// A builtin that consumes an iterator. Its locals are what it has gathered so far.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Native {
    /// `sum`: the total, and for a float the compensation (else null).
    Sum,
    /// `min`: the smallest item, null before the first.
    Min,
    /// `max`.
    Max,
    /// `list`: the items, in a list.
    List,
    /// `tuple`: as for `list`.
    Tuple,
    /// `sorted`: as for `list`.
    Sorted,
}

/// Where and with what the interpreter goes on: one frame, and the frame that called it when this one is inlined.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct FrameState<V = Value> {
    /// The calling frame's state, whose `bci` is the CALL (or FOR_ITER) itself, its operands already popped.
    pub parent: Option<StateId>,
    pub role: Role,
    pub code: CodeId,
    /// The function object of an inlined frame. It belongs to the state like the locals.
    pub func: Slot<V>,
    /// Code unit to resume at (the op itself: it runs again; for `raised`, the op that raised).
    pub bci: u32,
    /// One per localsplus entry; for a module-level frame, then one per entry of [`Function::names`].
    pub locals: Vec<Slot<V>>,
    pub stack: Vec<Slot<V>>,
}

impl<V> FrameState<V> {
    /// Function, locals, then the stack.
    pub fn slots(&self) -> impl Iterator<Item = &Slot<V>> {
        std::iter::once(&self.func).chain(&self.locals).chain(&self.stack)
    }
    pub fn slots_mut(&mut self) -> impl Iterator<Item = &mut Slot<V>> {
        std::iter::once(&mut self.func).chain(&mut self.locals).chain(&mut self.stack)
    }
    /// Whether it has values of names that the code stores: the namespace need not have them as they are. `names` are the function's.
    pub fn carries(&self, names: &[(u32, bool)]) -> bool {
        let carried = || self.locals[self.locals.len() - names.len()..].iter().zip(names);
        self.parent.is_none() && carried().any(|(slot, (_, stored))| *stored && !matches!(slot, Slot::Null))
    }
    /// The same state over other leaves.
    pub fn map<W>(&self, f: &mut impl FnMut(&V) -> W) -> FrameState<W> {
        FrameState {
            parent: self.parent,
            role: self.role,
            code: self.code,
            func: self.func.map(f),
            bci: self.bci,
            locals: self.locals.iter().map(|s| s.map(f)).collect(),
            stack: self.stack.iter().map(|s| s.map(f)).collect(),
        }
    }
}

/// How one parameter slot of the entry is prepared by the runtime: the shape of locals and stack, flattened in order
/// into the entry block's parameters.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    Null,
    Int,
    Float,
    Bool,
    /// A non-null object of this exact type.
    Obj(Ty),
    /// An object or null.
    Maybe,
    Const(ObjId),
    Tuple(Vec<Kind>),
    Range,
    RangeIter,
    /// A range iterator with this step: its next value and its stop.
    RangeBy(i64),
    /// A range iterator with a positive step: its next value, its stop, and the step.
    RangeUp,
    ListIter(Box<Kind>),
    TupleIter(Box<Kind>),
    StrIter(Box<Kind>),
    ListRevIter(Box<Kind>),
    Enumerate(Box<Kind>),
    Zip(Vec<Kind>),
    Complex,
    /// An int from 0 up to 2**64: its bits.
    Word,
    /// An int of up to 128 bits, as [`Slot::Wide`].
    Wide,
}

impl Kind {
    /// The leaves of this kind, in [`Slot::for_each`] order, with the known type of object leaves.
    pub fn leaves(&self, f: &mut impl FnMut(Repr, Ty)) {
        match self {
            Kind::Null | Kind::Const(_) => {}
            Kind::Int | Kind::Word => f(Repr::Int, Ty::Int),
            Kind::Wide | Kind::RangeBy(_) => (0..2).for_each(|_| f(Repr::Int, Ty::Int)),
            Kind::Float => f(Repr::Float, Ty::Float),
            Kind::Bool => f(Repr::Bool, Ty::Bool),
            Kind::Obj(t) => f(Repr::Obj, *t),
            Kind::Maybe => f(Repr::Obj, Ty::Any),
            Kind::Tuple(items) | Kind::Zip(items) => items.iter().for_each(|k| k.leaves(f)),
            Kind::Complex => (0..2).for_each(|_| f(Repr::Float, Ty::Float)),
            Kind::Range | Kind::RangeIter | Kind::RangeUp => (0..3).for_each(|_| f(Repr::Int, Ty::Int)),
            Kind::ListIter(k) | Kind::TupleIter(k) | Kind::StrIter(k) | Kind::ListRevIter(k) => {
                k.leaves(f);
                f(Repr::Int, Ty::Int);
            }
            Kind::Enumerate(k) => {
                f(Repr::Int, Ty::Int);
                k.leaves(f);
            }
        }
    }
}

/// How compiled code is entered.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum EntryMode {
    /// By a call: parameters are the code's arguments (borrowed), the other locals unset.
    Call,
    /// In the middle of an interpreter frame at this code unit: parameters are its locals and stack, moved out of the frame.
    Frame { bci: u32 },
}

/// One function or loop on its way through the compiler.
#[derive(Clone, Debug)]
pub struct Function {
    pub name: String,
    pub code: CodeId,
    pub mode: EntryMode,
    pub entry: Block,
    /// Kinds of the locals (or module names), then of the stack, on entry. For `Call`: of the arguments only.
    pub entry_locals: Vec<Kind>,
    pub entry_stack: Vec<Kind>,
    /// For module-level code: which `co_names` indices are carried behind the locals, and whether the region stores to them.
    pub names: Vec<(u32, bool)>,
    /// What `Return` yields, and `CallSelf` expects.
    pub ret: Repr,
    pub blocks: Vec<BlockData>,
    pub insts: Vec<InstData>,
    pub values: Vec<ValueData>,
    pub states: Vec<FrameState>,
    /// Objects the code names: addresses, opaque here. Indexed by [`ObjId`].
    pub objs: Vec<ObjInfo>,
}

/// An object that the code names.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ObjInfo {
    /// Its address in the process.
    pub ptr: u64,
    pub ty: Ty,
}

impl Function {
    pub fn new(name: &str, code: CodeId, mode: EntryMode) -> Function {
        let mut f = Function {
            name: name.to_string(),
            code,
            mode,
            entry: Block(0),
            entry_locals: Vec::new(),
            entry_stack: Vec::new(),
            names: Vec::new(),
            ret: Repr::Obj,
            blocks: Vec::new(),
            insts: Vec::new(),
            values: Vec::new(),
            states: Vec::new(),
            objs: Vec::new(),
        };
        f.entry = f.new_block();
        f
    }

    pub fn new_block(&mut self) -> Block {
        self.blocks.push(BlockData::default());
        Block(self.blocks.len() as u32 - 1)
    }

    pub fn block(&self, b: Block) -> &BlockData {
        &self.blocks[b.index()]
    }
    pub fn block_mut(&mut self, b: Block) -> &mut BlockData {
        &mut self.blocks[b.index()]
    }
    pub fn inst(&self, i: Inst) -> &InstData {
        &self.insts[i.index()]
    }
    pub fn inst_mut(&mut self, i: Inst) -> &mut InstData {
        &mut self.insts[i.index()]
    }
    pub fn value(&self, v: Value) -> &ValueData {
        &self.values[v.index()]
    }
    pub fn repr(&self, v: Value) -> Repr {
        self.values[v.index()].repr
    }
    pub fn state(&self, s: StateId) -> &FrameState {
        &self.states[s.index()]
    }

    /// The outermost frame's state of those that a state is made of.
    pub fn root_state(&self, s: StateId) -> &FrameState {
        let state = self.state(s);
        state.parent.map_or(state, |p| self.root_state(p))
    }

    pub fn new_value(&mut self, repr: Repr, ty: Ty, def: Def) -> Value {
        self.values.push(ValueData { repr, ty, def });
        Value(self.values.len() as u32 - 1)
    }

    pub fn add_param(&mut self, b: Block, repr: Repr, ty: Ty) -> Value {
        let n = self.block(b).params.len() as u16;
        let v = self.new_value(repr, ty, Def::Param(b, n));
        self.block_mut(b).params.push(v);
        v
    }

    pub fn add_state(&mut self, s: FrameState) -> StateId {
        self.states.push(s);
        StateId(self.states.len() as u32 - 1)
    }

    /// Interns an object.
    pub fn obj(&mut self, info: ObjInfo) -> ObjId {
        if let Some(i) = self.objs.iter().position(|o| o.ptr == info.ptr) {
            return ObjId(i as u32);
        }
        self.objs.push(info);
        ObjId(self.objs.len() as u32 - 1)
    }

    /// Makes an instruction (not yet in a block). `result` gives representation and type where the op's row does not
    /// (`Select`, `CallSelf`, object results of known type).
    pub fn make_inst(
        &mut self,
        op: Op,
        args: &[Value],
        state: Option<StateId>,
        reason: Reason,
        result: Option<(Repr, Ty)>,
    ) -> (Inst, Option<Value>) {
        let i = Inst(self.insts.len() as u32);
        let res = match op.info().result {
            Res::None => None,
            Res::I => Some((Repr::Int, Ty::Int)),
            Res::F => Some((Repr::Float, Ty::Float)),
            Res::B => Some((Repr::Bool, Ty::Bool)),
            Res::O | Res::N => Some(result.unwrap_or((Repr::Obj, Ty::Any))),
            Res::A => Some(result.unwrap_or_else(|| {
                let d = self.value(*args.last().expect("an op with a result like its operand has one"));
                (d.repr, d.ty)
            })),
            Res::R => Some(result.expect("CallSelf names its result")),
        };
        let v = res.map(|(repr, ty)| self.new_value(repr, ty, Def::Inst(i)));
        self.insts.push(InstData {
            op,
            args: args.iter().copied().collect(),
            result: v,
            state,
            reason,
            origin: None,
            targets: SmallVec::new(),
        });
        (i, v)
    }

    /// Where an instruction's exit teaches.
    pub fn origin(&self, d: &InstData) -> Option<Origin> {
        if d.origin.is_some() {
            return d.origin;
        }
        let st = self.state(d.state?);
        let is_operand = |s: &Slot<Value>| matches!(s, Slot::Val { v, .. } if d.args.first() == Some(v));
        Some(Origin {
            code: st.code,
            bci: st.bci,
            depth: st.stack.iter().rev().take(MAX_DEPTH).position(is_operand).map(|n| n as u8),
        })
    }

    /// The last instruction of a block.
    pub fn terminator(&self, b: Block) -> Option<Inst> {
        self.block(b).insts.last().copied().filter(|&i| self.inst(i).op.is_terminator())
    }

    /// Successor blocks, in order.
    pub fn succs(&self, b: Block) -> SmallVec<[Block; 2]> {
        self.terminator(b)
            .map(|t| self.inst(t).targets.iter().map(|t| t.block).collect())
            .unwrap_or_default()
    }

    /// Every value a state names, the calling frames' included.
    pub fn state_values(&self, s: StateId, f: &mut impl FnMut(Value)) {
        let mut cur = Some(s);
        while let Some(id) = cur {
            let st = self.state(id);
            for slot in st.slots() {
                slot.for_each(&mut |v| f(*v));
            }
            cur = st.parent;
        }
    }

    /// Whether the instruction may leave through its state. Some ops cannot with a constant operand; they need no state then.
    pub fn may_leave(&self, i: Inst) -> bool {
        let d = self.inst(i);
        let e = d.op.effects();
        let right = || self.const_op(*d.args.get(1)?);
        e.raises
            || e.exits
                && !match d.op {
                    Op::IMod => matches!(right(), Some(Op::ConstInt { v }) if v != 0),
                    Op::IFloorDiv => matches!(right(), Some(Op::ConstInt { v }) if v != 0 && v != -1),
                    Op::IShr => matches!(right(), Some(Op::ConstInt { v }) if v >= 0),
                    Op::IUDiv | Op::IURem => matches!(right(), Some(Op::ConstInt { v }) if v != 0),
                    Op::FDiv => matches!(right(), Some(Op::ConstFloat { bits }) if f64::from_bits(bits) != 0.0),
                    _ => false,
                }
    }

    /// The constant an SSA value is, if it is defined by a constant op.
    pub fn const_op(&self, v: Value) -> Option<Op> {
        match self.value(v).def {
            Def::Inst(i) => match self.inst(i).op {
                op @ (Op::ConstInt { .. } | Op::ConstFloat { .. } | Op::ConstBool { .. } | Op::ConstObj { .. } | Op::ConstNull) => Some(op),
                _ => None,
            },
            _ => None,
        }
    }

    /// The int an SSA value is, if constant.
    pub fn const_int(&self, v: Value) -> Option<i64> {
        match self.const_op(v) {
            Some(Op::ConstInt { v }) => Some(v),
            _ => None,
        }
    }
}
