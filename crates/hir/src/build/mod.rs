//! Bytecode to HIR: an abstract interpretation of the interpreter's own frame.
//!
//! One walk over the bytecode does type speculation, unboxing and inlining at once: each instruction looks at what is
//! known of its operands (forward facts, guards already passed, inline caches, what exits taught, live values), emits the
//! op for the common case guarded where needed, and pushes a typed result. Code that never ran becomes an exit.
//! Ownership is explained in [`env`], merge points in [`merge`]; a file a family of opcodes does the rest.
//!
//! Discipline of a handler: look at the operands with `peek`/`want_*` while they are still on the stack (so that any exit's
//! state is the one before the instruction), emit, then `finish` (pop operands, push result, release operands).

mod arith;
mod call;
mod callee;
mod classes;
mod code;
mod complex;
mod control;
mod cost;
mod env;
mod generators;
mod instances;
mod intrinsics;
mod iter;
mod keys;
mod kinds;
mod locals;
mod merge;
mod mixed;
mod names;
mod nexts;
mod objects;
mod operators;
mod patterns;
mod region;
mod slices;
mod split;
mod subscr;
mod unroll;
mod wide;

use crate::ir::{Block, EntryMode, Function, Kind, Reason, Role, Slot, StateId, Value};
use crate::maps::{HashMap, HashSet};
use crate::ops::{ObjId, Op};
use crate::snapshot::{AttrSite, ClassAttr, Code, CodeId, Const, Desc, Feedback, Shape, Size, Snapshot, StackShape, add_classes};
use crate::types::{Repr, Ty};
use code::CodeInfo;
pub use cost::Built;
use env::{Frame, SlotV};
use kinds::K;
use merge::{Key, MergeVersion, Point};
use objects::Fresh;
use std::ops::Range;
use std::rc::Rc;
use whipsnake_abi::bytecode::{self, Instr};
use whipsnake_abi::opcode as op;

/// Why a function or loop was not compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Code unit, when one instruction is to blame.
    pub bci: Option<u32>,
    pub reason: String,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.reason)
    }
}

struct Work {
    block: Block,
    frames: Vec<Frame>,
    bci: u32,
    known: HashMap<Value, Ty>,
    fresh: HashMap<Value, Fresh>,
    way: Way,
}

/// What a block on the work list starts with.
enum Way {
    /// The instruction.
    Walk,
    /// Nothing: it only leads on to the loop header.
    EntersLoop,
    /// The instruction once more, its first candidates ruled out.
    Again { ruled_out: usize },
}

pub(crate) struct Builder<'s> {
    snap: &'s Snapshot,
    f: Function,
    infos: Vec<Rc<CodeInfo>>,
    frames: Vec<Frame>,
    cur: Block,
    /// Whether the current block still takes instructions.
    open: bool,
    /// Exact types that guards have proved on the way here.
    known: HashMap<Value, Ty>,
    /// Classes that values turned out to be instances of: speculation, like `hints`.
    class_hints: HashMap<Value, u32>,
    /// Instances made here that no other code has seen.
    fresh: HashMap<Value, Fresh>,
    /// How many instances have been taken apart: the next one's number.
    instances: u32,
    /// Their numbers in the version of a block that is being opened, by those of its kind.
    renamed: HashMap<u32, u32>,
    /// Objects that may be null (unset locals carried as objects).
    nullable: HashSet<Value>,
    /// Objects that are exact ints or floats.
    numbers: HashSet<Value>,
    /// Those of them that the current instruction has checked.
    nonnull: HashSet<Value>,
    /// What live values looked like: speculation, never proof.
    hints: HashMap<Value, Rc<Shape>>,
    descs: HashMap<ObjId, Const>,
    versions: HashMap<Key, Vec<MergeVersion>>,
    work: Vec<Work>,
    /// By inlining context, code unit and callee.
    inline_ids: HashMap<(u32, u32, CodeId), u32>,
    state_cache: Option<StateId>,
    /// How many candidates of the next instruction's an earlier walk of it has dealt with.
    ruled_out: usize,
    /// Objects whose class is one of several that were told apart.
    told_apart: HashSet<Value>,
    /// Methods of instances of the classes that were not.
    uncommon: HashSet<Value>,
    /// Tuples whose iterators' loops are laid out, and how many items they have.
    unrolled: HashMap<Value, usize>,
    /// Stops of ranges whose loops are laid out.
    stops: HashMap<i64, Value>,
    /// The constant that high words of unsigned numbers are, in the entry block.
    zero: Option<Value>,
    /// Code unit after the current instruction, and after the next one where it does that one's work too.
    next_bci: u32,
    generic_ops: u64,
    generic_cost: u64,
    /// Ways out that are taken whenever they are reached, weighted, and the largest weight of one, and of any instruction.
    leaving: u64,
    leaving_at: u64,
    deepest: u64,
    fast_ops: u64,
    /// Representations returned, and whether the function calls itself natively.
    returns: HashSet<Repr>,
    calls_self: bool,
    /// The code units of the loops that are compiled, where the rest of the code is left to the interpreter.
    region: Option<Range<u32>>,
    /// Module level: the loop whose names are carried at a code unit, by its header.
    carriers: HashMap<u32, u32>,
    /// Module level: headers of the loops in which code runs that could look at the module's dict.
    looked_at: HashSet<u32>,
    /// The interpreter stands in a try statement: code that no handler covers is left to it, since what it raises must not be
    /// looked for a handler from there.
    in_try: bool,
    /// Whether the entry takes unboxed arguments for native self-calls.
    self_callable: bool,
    ret: Repr,
    /// Instructions after which nothing more is inlined.
    inline_budget: usize,
}

/// The share of the most instructions that a function may have (one in so many) after which nothing more is inlined; where that makes
/// too many, it is built once more with the next, in the end with nothing inlined.
const INLINING: [usize; 3] = [2, 8, 32];

/// Builds the HIR of the snapshot's entry point.
pub fn build(snap: &Snapshot) -> Result<Built, Refusal> {
    let infos = snap
        .codes
        .iter()
        .map(|c| CodeInfo::new(c).map(Rc::new))
        .collect::<Result<Vec<_>, _>>()?;
    let mut region = None;
    let mut first = run(snap, &infos, Repr::Obj, &None);
    if let EntryMode::Frame { bci } = snap.entry.mode
        && !snap.entry.module_level
    {
        region::narrow(snap, &infos, bci, &mut region, &mut first);
    }
    let (built, returns) = first?;
    if let (true, Some(&ret)) = (built.recursive && returns.len() == 1, returns.iter().next())
        && ret != Repr::Obj
    {
        let (unboxed, returns) = run(snap, &infos, ret, &region)?;
        if returns.iter().all(|r| *r == ret) {
            return Ok(unboxed);
        }
    }
    Ok(built)
}

type First = Result<(Built, HashSet<Repr>), Refusal>;

/// Whether the function finds itself by a global name, in a cell of its own closure, or as a method; what it calls may do so, too.
fn knows_itself(snap: &Snapshot) -> bool {
    let is_it = |d: &Desc| matches!(d, Desc::Func(f) if f.code == CodeId(0) && f.closure.is_empty());
    let held = |s: &Shape| s.item.as_ref().and_then(|i| i.func.as_ref()).is_some_and(|f| is_it(&f.desc));
    let mut cells = snap.entry.locals.iter().flatten().filter(|s| s.ty == Ty::Cell);
    let mut attributes = snap
        .codes
        .iter()
        .flat_map(|c| c.attrs.values())
        .flat_map(|sites| sites.cached.iter().chain(&sites.others));
    let found = |site: &AttrSite| matches!(site, AttrSite::Method { func, .. } | AttrSite::ClassMethod { func, .. } if is_it(&func.desc));
    let mut of_classes = snap.classes.values().flat_map(|c| c.attrs.values());
    let of_class = |attr: &ClassAttr| matches!(attr, ClassAttr::Plain(func) | ClassAttr::Method(func) if is_it(&func.desc));
    let mut globals = snap.codes.iter().flat_map(|c| c.globals.values());
    globals.any(|c| is_it(&c.desc)) || cells.any(held) || attributes.any(found) || of_classes.any(of_class)
}

fn run(snap: &Snapshot, infos: &[Rc<CodeInfo>], ret: Repr, region: &Option<Range<u32>>) -> First {
    let mut looked_at = HashSet::default();
    let most = snap.options().max_insts as usize;
    let mut budgets = INLINING.iter().map(|share| most / share);
    let mut budget = budgets.next().unwrap_or(0);
    loop {
        let mut b = Builder::new(snap, infos, ret, looked_at.clone());
        b.region.clone_from(region);
        b.inline_budget = budget;
        let done = b.read();
        if b.f.insts.len() > most && budget > 0 {
            budget = budgets.next().unwrap_or(0);
            continue;
        }
        if b.looked_at != looked_at {
            looked_at = b.looked_at;
            continue;
        }
        done?;
        b.settle_leaving();
        let header = match snap.entry.mode {
            EntryMode::Call => 0,
            EntryMode::Frame { bci } => bci,
        };
        let built = Built {
            function: b.f,
            body: infos[0].instructions_in(&infos[0].loop_at(header)),
            generic_ops: b.generic_ops,
            generic_cost: b.generic_cost,
            fast_ops: b.fast_ops,
            recursive: b.calls_self,
        };
        return Ok((built, b.returns));
    }
}

impl<'s> Builder<'s> {
    fn new(snap: &'s Snapshot, infos: &[Rc<CodeInfo>], ret: Repr, looked_at: HashSet<u32>) -> Self {
        let mut f = Function::new(&snap.codes[0].name, CodeId(0), snap.entry.mode);
        f.ret = ret;
        Builder {
            snap,
            f,
            infos: infos.to_vec(),
            frames: Vec::new(),
            cur: Block(0),
            open: true,
            known: HashMap::default(),
            class_hints: HashMap::default(),
            fresh: HashMap::default(),
            instances: 0,
            renamed: HashMap::default(),
            nullable: HashSet::default(),
            numbers: HashSet::default(),
            nonnull: HashSet::default(),
            hints: HashMap::default(),
            descs: HashMap::default(),
            versions: HashMap::default(),
            work: Vec::new(),
            inline_ids: HashMap::default(),
            state_cache: None,
            ruled_out: 0,
            told_apart: HashSet::default(),
            uncommon: HashSet::default(),
            unrolled: HashMap::default(),
            stops: HashMap::default(),
            zero: None,
            next_bci: 0,
            generic_ops: 0,
            generic_cost: 0,
            leaving: 0,
            leaving_at: 0,
            deepest: 0,
            fast_ops: 0,
            returns: HashSet::default(),
            calls_self: false,
            region: None,
            carriers: HashMap::default(),
            looked_at,
            in_try: false,
            self_callable: knows_itself(snap),
            ret,
            inline_budget: 0,
        }
    }

    /// Reads all that is reached from the entry.
    fn read(&mut self) -> Result<(), Refusal> {
        self.enter()?;
        while let Some(w) = self.work.pop() {
            self.cur = w.block;
            self.frames = w.frames;
            self.known = w.known;
            self.fresh = w.fresh;
            self.open = true;
            self.state_cache = None;
            self.ruled_out = 0;
            match w.way {
                Way::EntersLoop => self.goto_merge(Point::Loop, w.bci),
                Way::Again { ruled_out } => {
                    self.ruled_out = ruled_out;
                    self.walk(w.bci)?;
                }
                Way::Walk => self.walk(w.bci)?,
            }
            if self.f.insts.len() > self.snap.options().max_insts as usize {
                return Err(Refusal {
                    bci: None,
                    reason: format!("too large: more than {} operations", self.snap.options().max_insts),
                });
            }
        }
        Ok(())
    }
}

impl Builder<'_> {
    fn code(&self) -> &Code {
        self.snap.code(self.frames.last().expect("open").code)
    }

    fn info(&self, id: CodeId) -> Rc<CodeInfo> {
        self.infos[id.0 as usize].clone()
    }

    /// The next instruction, if it has this opcode and is only reached through `ins`: the two may be built as one.
    fn following(&self, ins: &Instr, op: u8) -> Option<Instr> {
        let info = self.info(self.frames.last().expect("open").code);
        let alone = info.preds.get(&ins.next).copied().unwrap_or(0) <= 1;
        info.at(ins.next).filter(|next| next.op == op && alone).cloned()
    }

    pub(super) fn feedback(&self, bci: u32) -> Feedback {
        self.code().feedback.get(&bci).cloned().unwrap_or_default()
    }

    /// Opens the root frame from the entry's live shapes.
    fn enter(&mut self) -> Result<(), Refusal> {
        let snap = self.snap;
        let code = snap.code(CodeId(0));
        let entry = self.f.entry;
        self.cur = entry;
        let mut frame = Frame {
            code: CodeId(0),
            inline: 0,
            role: Role::Call,
            func: Slot::Null,
            locals: Vec::new(),
            stack: Vec::new(),
            bci: 0,
            calling: None,
            carried: None,
        };
        let start = match snap.entry.mode {
            EntryMode::Call => {
                if code.flags & (CO_VARARGS | CO_VARKEYWORDS) != 0 {
                    return Err(Refusal {
                        bci: None,
                        reason: "variable parameters: only its loops are compiled".into(),
                    });
                }
                let nargs = (code.argcount + code.kwonly) as usize;
                for i in 0..code.localsplus.len() {
                    let slot = if i < nargs {
                        let mut shape = snap.entry.locals.get(i).cloned().flatten();
                        if let (Some(s), Some(met)) = (&mut shape, code.met.get(i))
                            && s.ty == Ty::Any
                        {
                            add_classes(&mut s.classes, met);
                        }
                        let shape = shape.as_ref();
                        let kind = match shape {
                            Some(_) if self.self_callable => match self.entry_kind(shape, true) {
                                Kind::Word | Kind::Wide => Kind::Obj(Ty::Int),
                                k => k,
                            },
                            Some(s) => Kind::Obj(s.ty),
                            None => Kind::Obj(Ty::Any),
                        };
                        let slot = self.entry_param(&kind, shape, false);
                        self.f.entry_locals.push(kind);
                        slot
                    } else {
                        Slot::Null
                    };
                    frame.locals.push(slot);
                }
                for (i, k) in code.localsplus.iter().enumerate() {
                    if *k == crate::snapshot::LocalKind::Free {
                        let shape = snap.entry.locals.get(i).and_then(|s| s.as_ref());
                        frame.locals[i] = self.entry_param(&Kind::Obj(Ty::Cell), shape, false);
                        self.f.entry_locals.push(Kind::Obj(Ty::Cell));
                    }
                }
                0
            }
            EntryMode::Frame { bci } => {
                for (i, shape) in snap.entry.locals.iter().enumerate() {
                    // A float that the loops only read stays the object that it is: of a NaN, that is what containers go by.
                    let float = shape.as_ref().is_some_and(|s| s.ty == Ty::Float);
                    let stored = self.infos[0].stored(i) && (!float || self.infos[0].stored_around(i, bci));
                    let kind = self.entry_kind(shape.as_ref(), stored);
                    let slot = self.entry_param(&kind, shape.as_ref(), true);
                    self.f.entry_locals.push(kind);
                    frame.locals.push(slot);
                }
                if snap.entry.module_level {
                    let region = self.infos[0].loop_at(bci);
                    self.region = Some(region.clone());
                    self.enter_names(&mut frame, &region);
                }
                for s in &snap.entry.stack {
                    let (kind, shape) = match s {
                        StackShape::Null => (Kind::Null, None),
                        StackShape::Value(s) => (self.entry_kind(Some(s), false), Some(s)),
                        StackShape::Iter(k, s) => (k.clone(), s.as_ref()),
                    };
                    let slot = self.entry_param(&kind, shape, true);
                    self.f.entry_stack.push(kind);
                    frame.stack.push(slot);
                }
                self.in_try = self.infos[0].at(bci).is_some_and(|i| self.infos[0].has_handler(i.offset));
                bci
            }
        };
        frame.bci = start;
        self.frames = vec![frame];
        self.next_bci = start;
        if !self.infos[0].index.contains_key(&start) {
            return Err(Refusal {
                bci: Some(start),
                reason: "the entry is not at an instruction".into(),
            });
        }
        self.goto(start);
        Ok(())
    }

    /// How a live value enters: unboxed where the code assigns the local (it will change), boxed where it only reads it.
    fn entry_kind(&self, shape: Option<&Shape>, stored: bool) -> Kind {
        match shape {
            None => Kind::Null,
            Some(s) => match s.ty {
                Ty::Int if stored && s.size == Size::Int => Kind::Int,
                Ty::Int if stored && s.size == Size::Word => Kind::Word,
                Ty::Int if stored && s.size == Size::Wide => Kind::Wide,
                Ty::Float if stored => Kind::Float,
                Ty::Complex if stored => Kind::Complex,
                Ty::Bool if stored => Kind::Bool,
                t => Kind::Obj(t),
            },
        }
    }

    fn entry_param(&mut self, kind: &Kind, shape: Option<&Shape>, owned: bool) -> SlotV {
        let k = match kind {
            Kind::Obj(ty) => K::Obj { ty: *ty, owned },
            other => kind_to_k(other, owned),
        };
        let entry = self.f.entry;
        let slot = self.bind(entry, &k, &[], &mut 0);
        if let Some(shape) = shape {
            let mut first = None;
            slot.for_each(&mut |v| {
                first.get_or_insert(*v);
            });
            if let Some(v) = first
                && self.f.repr(v) == Repr::Obj
            {
                self.hints.insert(v, Rc::new(shape.clone()));
            }
        }
        slot
    }

    fn queue(&mut self, block: Block, frames: Vec<Frame>, bci: u32, known: HashMap<Value, Ty>, fresh: HashMap<Value, Fresh>, way: Way) {
        self.work.push(Work {
            block,
            frames,
            bci,
            known,
            fresh,
            way,
        });
    }

    /// Reads instructions from `bci` until the block ends.
    fn walk(&mut self, start: u32) -> Result<(), Refusal> {
        let mut bci = start;
        let mut first = true;
        while self.open {
            let frame = self.frames.last().expect("open");
            if let Role::Native(_) = frame.role {
                self.resume();
                bci = self.top().bci;
                first = false;
                continue;
            }
            let info = self.info(frame.code);
            let Some(&ix) = info.index.get(&bci) else {
                return Err(Refusal {
                    bci: Some(bci),
                    reason: "a jump into the middle of an instruction".into(),
                });
            };
            let ins = info.instrs[ix];
            if !first && info.preds.get(&bci).copied().unwrap_or(0) > 1 {
                self.goto(bci);
                return Ok(());
            }
            first = false;
            let outside = self.region.as_ref().is_some_and(|r| !r.contains(&bci))
                || self.in_try && !is_silent(ins.op) && !info.has_handler(ins.offset);
            if self.frames.len() == 1 && outside {
                self.top().bci = bci;
                self.state_cache = None;
                self.leave(Reason::Done);
                return Ok(());
            }
            self.top().bci = bci;
            self.state_cache = None;
            self.carry_names(bci);
            if !self.open {
                return Ok(());
            }
            self.next_bci = ins.next;
            let weight = self.weight();
            self.fast_ops += weight;
            self.deepest = self.deepest.max(weight);
            self.nonnull.clear();
            let depth = self.frames.len();
            let varying = self.varying(&ins);
            self.split(&varying, &ins);
            self.instruction(&ins)?;
            if self.frames.len() != depth {
                // A call was inlined or an inlined callee returned: go on where that frame stands.
                bci = self.top().bci;
                if !self.open {
                    return Ok(());
                }
                continue;
            }
            bci = self.next_bci;
            if !varying.is_empty() && self.open {
                self.goto(bci);
            }
        }
        Ok(())
    }

    /// Leaves for the interpreter at the current instruction.
    fn leave(&mut self, reason: Reason) {
        self.emit(Op::Exit, &[], reason);
        self.open = false;
    }

    /// Whether the instruction has an inline cache that shows it never ran: then it becomes an exit.
    fn never_ran(&self, ins: &Instr) -> bool {
        let code = self.code();
        code.warm
            && op::caches(ins.op) > 0
            && ins.raw == ins.op
            && !matches!(
                ins.op,
                op::JUMP_BACKWARD | op::POP_JUMP_IF_TRUE | op::POP_JUMP_IF_FALSE | op::POP_JUMP_IF_NONE | op::POP_JUMP_IF_NOT_NONE
            )
            && bytecode::cache_u16(&code.bytes, ins, 0) == Some(UNTOUCHED_COUNTER)
            && !self.feedback(ins.start).reached
    }

    fn instruction(&mut self, ins: &Instr) -> Result<(), Refusal> {
        if self.never_ran(ins) {
            self.leave(Reason::Cold);
            return Ok(());
        }
        self.settle(instances::plain_operands(ins));
        match ins.op {
            op::NOP | op::RESUME | op::NOT_TAKEN | op::COPY_FREE_VARS => {}
            op::POP_TOP => self.finish(1, None),
            op::POP_ITER => {
                self.finish(1, None);
                self.end_gathering();
            }
            op::END_FOR => self.finish(1, None),
            op::PUSH_NULL => self.push(Slot::Null),
            op::COPY => {
                let s = self.peek(ins.arg as usize - 1).clone();
                let s = self.duplicate(s, ins.arg as usize - 1);
                match s {
                    Some(s) => self.push(s),
                    None => self.leave(Reason::Unsupported(ins.op)),
                }
            }
            op::SWAP => {
                let n = ins.arg as usize - 1;
                let (a, b) = (self.peek(0).clone(), self.peek(n).clone());
                self.set_slot(0, b);
                self.set_slot(n, a);
            }
            op::LOAD_FAST
            | op::LOAD_FAST_BORROW
            | op::LOAD_FAST_CHECK
            | op::LOAD_FAST_LOAD_FAST
            | op::LOAD_FAST_BORROW_LOAD_FAST_BORROW
            | op::LOAD_FAST_AND_CLEAR
            | op::STORE_FAST
            | op::STORE_FAST_LOAD_FAST
            | op::STORE_FAST_STORE_FAST
            | op::DELETE_FAST
            | op::LOAD_CONST
            | op::LOAD_SMALL_INT
            | op::LOAD_GLOBAL
            | op::LOAD_NAME
            | op::STORE_NAME
            | op::STORE_GLOBAL
            | op::LOAD_COMMON_CONSTANT
            | op::MAKE_CELL
            | op::LOAD_DEREF
            | op::STORE_DEREF => self.locals_op(ins),
            op::BINARY_OP if ins.arg == op::nb::NB_SUBSCR => self.subscr(ins),
            op::BINARY_OP => self.binary(ins),
            op::UNARY_NEGATIVE | op::UNARY_INVERT | op::UNARY_NOT | op::TO_BOOL => self.unary(ins),
            op::COMPARE_OP | op::IS_OP | op::CONTAINS_OP => self.compare(ins),
            op::STORE_SUBSCR
            | op::DELETE_SUBSCR
            | op::BINARY_SLICE
            | op::BUILD_LIST
            | op::BUILD_TUPLE
            | op::BUILD_MAP
            | op::BUILD_SET
            | op::BUILD_SLICE
            | op::BUILD_STRING
            | op::FORMAT_SIMPLE
            | op::FORMAT_WITH_SPEC
            | op::CONVERT_VALUE
            | op::MAP_ADD
            | op::SET_ADD
            | op::LIST_APPEND
            | op::LIST_EXTEND
            | op::DICT_MERGE
            | op::STORE_SLICE
            | op::CALL_INTRINSIC_1
            | op::UNPACK_SEQUENCE => self.container(ins),
            op::MATCH_SEQUENCE | op::MATCH_MAPPING | op::MATCH_KEYS | op::MATCH_CLASS | op::GET_LEN | op::UNPACK_EX => self.pattern(ins),
            op::GET_ITER | op::FOR_ITER => self.iteration(ins)?,
            op::JUMP_FORWARD
            | op::JUMP_BACKWARD
            | op::JUMP_BACKWARD_NO_INTERRUPT
            | op::POP_JUMP_IF_TRUE
            | op::POP_JUMP_IF_FALSE
            | op::POP_JUMP_IF_NONE
            | op::POP_JUMP_IF_NOT_NONE
            | op::RETURN_VALUE => self.control(ins)?,
            op::CALL | op::CALL_KW | op::CALL_FUNCTION_EX | op::LOAD_ATTR | op::STORE_ATTR | op::LOAD_SUPER_ATTR => {
                self.call_family(ins)?
            }
            op::MAKE_FUNCTION => self.make_function(ins),
            op::SET_FUNCTION_ATTRIBUTE => self.set_function_attribute(ins),
            op::YIELD_VALUE => self.yield_value(ins),
            op::RAISE_VARARGS => self.raise(ins),
            op::LOAD_SPECIAL => self.load_special(ins),
            other => self.leave(Reason::Unsupported(other)),
        }
        Ok(())
    }
}

pub(super) const CO_VARARGS: u32 = 4;
pub(super) const CO_VARKEYWORDS: u32 = 8;

/// Whether the instruction cannot raise. Such ones are often not covered by a handler in the midst of others that are.
fn is_silent(opcode: u8) -> bool {
    matches!(
        opcode,
        op::NOP
            | op::NOT_TAKEN
            | op::JUMP_FORWARD
            | op::JUMP_BACKWARD
            | op::JUMP_BACKWARD_NO_INTERRUPT
            | op::POP_JUMP_IF_TRUE
            | op::POP_JUMP_IF_FALSE
            | op::POP_JUMP_IF_NONE
            | op::POP_JUMP_IF_NOT_NONE
            | op::END_FOR
            | op::POP_ITER
            | op::SWAP
            | op::STORE_FAST
            | op::LOAD_FAST
            | op::LOAD_FAST_BORROW
            | op::RETURN_VALUE
    )
}

/// The counter of an inline cache that has never been executed (value 1, backoff 1).
const UNTOUCHED_COUNTER: u16 = 0x11;

fn kind_to_k(kind: &Kind, owned: bool) -> K {
    let sub = |k: &Kind| Box::new(kind_to_k(k, owned));
    match kind {
        Kind::Null => K::Null,
        Kind::Int => K::Int,
        Kind::Float => K::Float,
        Kind::Bool => K::Bool,
        Kind::Obj(ty) => K::Obj { ty: *ty, owned },
        Kind::Maybe => K::Maybe,
        Kind::Const(o) => K::Const(*o),
        Kind::Tuple(ks) => K::Tuple(ks.iter().map(|k| kind_to_k(k, owned)).collect()),
        Kind::Zip(ks) => K::Zip(ks.iter().map(|k| kind_to_k(k, owned)).collect()),
        Kind::Complex => K::Complex,
        Kind::Word => K::Word,
        Kind::Wide => K::Wide,
        Kind::Range => K::Range,
        Kind::RangeIter => K::RangeIter,
        Kind::RangeBy(step) => K::RangeBy(Some(*step)),
        Kind::RangeUp => K::RangeBy(None),
        Kind::ListIter(k) => K::ListIter(sub(k)),
        Kind::TupleIter(k) => K::TupleIter(sub(k)),
        Kind::StrIter(k) => K::StrIter(sub(k)),
        Kind::ListRevIter(k) => K::ListRevIter(sub(k)),
        Kind::Enumerate(k) => K::Enumerate(sub(k)),
    }
}
