//! What compiled code is worth: what its operations cost that go through CPython, against the bytecodes that are no longer interpreted.

use super::{Builder, op};
use crate::helpers::Helper;
use crate::ir::{EntryMode, Function, Role};

/// A built function, and how much of it is worth compiling.
#[derive(Debug)]
pub struct Built {
    pub function: Function,
    /// Bytecodes that go through CPython's own machinery with the frames made visible, weighted by loop depth.
    pub generic_ops: u64,
    /// What they cost more than in the interpreter, in bytecodes that make up for it.
    pub generic_cost: u64,
    /// All bytecodes built, weighted likewise.
    pub fast_ops: u64,
    /// Bytecodes of the loop that is entered, as they are written; of the whole code where none is.
    pub body: u64,
    /// Whether the function calls itself natively.
    pub recursive: bool,
}

impl Built {
    /// Whether compiled code may pay. Where the costs are anywhere near the gain they are too rough to decide by: that is left to
    /// measuring ([`Self::is_doubtful`]), and only what is far off is refused.
    pub fn pays(&self) -> bool {
        self.generic_cost <= HOPELESS * self.fast_ops
    }

    /// Whether so much of it goes through CPython's own machinery that only measuring tells whether it pays.
    pub fn is_doubtful(&self) -> bool {
        self.generic_cost * DOUBT > self.fast_ops
    }

    /// The share of interpretation that compiled code saves, roughly: none where it only just pays.
    pub fn saves(&self) -> f64 {
        1.0 - self.generic_cost as f64 / self.fast_ops.max(1) as f64
    }

    /// For a loop in which something is called: the bytecodes that a turn of it saves, roughly.
    pub fn saved_a_turn(&self) -> Option<u32> {
        // It takes one way through the body, and nobody knows how often the loops within turn.
        let most = self.body / 2;
        let saved = (self.fast_ops.saturating_sub(self.generic_cost) / LOOP_WEIGHT).min(most);
        (self.generic_ops > 0).then(|| u32::try_from(saved).unwrap_or(u32::MAX).max(1))
    }

    /// Whether a call saves less than entering costs. Compiled callers inline such a function all the same.
    pub fn too_short(&self) -> bool {
        self.function.mode == EntryMode::Call && self.fast_ops < SHORTEST && !self.recursive
    }
}

/// How much more often than once a loop's body is taken to run.
const LOOP_WEIGHT: u64 = 8;

/// Bytecodes whose compilation makes up for one generic operation (measured: about 40 ns against 2 to 3 ns each).
const GENERIC_COST: u64 = 16;

/// The same for one whose shortcut is likely to do: it costs about what it does in the interpreter.
const QUICK_COST: u64 = 3;

/// The same for one that has a shortcut for the operands it mostly meets.
const LIKELY_COST: u64 = 8;

/// The same for a call that the interpreter would run without leaving its own loop: a Python function's frame pushed in place, an
/// instance made and initialised.
const PYTHON_CALL_COST: u64 = 48;

/// The same where the callee may be compiled by itself, so that no frames need be visible.
const COMPILED_CALL_COST: u64 = 28;

/// The same where it is known which function that is.
const NATIVE_CALL_COST: u64 = 6;

/// The same for leaving and being entered again (measured: 85 ns).
const LEAVING_COST: u64 = 34;

/// What such a call costs of it (one in so many) where it is made only for instances of classes that are not among those told apart.
pub(super) const UNCOMMON: u64 = 4;

/// The share of generic operations in the cost (one in so many) from which code is doubtful.
const DOUBT: u64 = 8;

/// How many times the gain the cost has to be for code to be refused unmeasured.
const HOPELESS: u64 = 3;

/// Bytecodes that a function must run at each call to be worth entering from the interpreter.
const SHORTEST: u64 = 20;

impl Builder<'_> {
    /// How much more often than once the current instruction presumably runs.
    pub(super) fn weight(&self) -> u64 {
        let frames = self.frames.iter().filter(|f| !matches!(f.role, Role::Native(_)));
        let depth: u32 = frames.map(|f| self.infos[f.code.0 as usize].loop_depth(f.bci)).sum();
        LOOP_WEIGHT.pow(depth.min(8))
    }

    /// Counts an op that goes through CPython, unless it cannot run user code.
    pub(super) fn count_op(&mut self, h: Helper) {
        if !h.info().effects.user {
            return;
        }
        let frame = self.frames.last().expect("open");
        let raw = self.info(frame.code).at(frame.bci).map_or(0, |i| i.raw);
        let in_place = op::pushes_frame(raw) || matches!(raw, op::CALL_ALLOC_AND_ENTER_INIT | op::FOR_ITER_GEN);
        // A call that meets several callables is not specialised; a Python function is as likely among them as not.
        let in_place = in_place
            || matches!(h, Helper::CallPos | Helper::CallKw | Helper::CallEx)
                && matches!(raw, op::CALL | op::CALL_KW | op::CALL_FUNCTION_EX);
        let quick = matches!(
            h,
            Helper::CallBuiltin
                | Helper::DictNew
                | Helper::SetNew
                | Helper::StrJoin
                | Helper::FormatSimple
                | Helper::FormatWith
                | Helper::Convert
                | Helper::SetAdd
                | Helper::ListExtend
                | Helper::GetIter
                | Helper::IterNext
                | Helper::Contains
                | Helper::Length
                | Helper::StoreName
        );
        // A call of something in C, as the interpreter has found.
        let native = matches!(h, Helper::CallPos | Helper::CallKw)
            && !in_place
            && !matches!(raw, op::CALL_NON_PY_GENERAL | op::CALL_KW_NON_PY | op::CALL_ALLOC_AND_ENTER_INIT);
        let likely = matches!(
            h,
            Helper::GetItem
                | Helper::SetItem
                | Helper::DelItem
                | Helper::GetAttr
                | Helper::SetAttr
                | Helper::Binary
                | Helper::Compare
                | Helper::CompareBool
                | Helper::Truth
        );
        let cost = match () {
            _ if in_place && h == Helper::CallPos => COMPILED_CALL_COST,
            _ if in_place => PYTHON_CALL_COST,
            _ if quick => QUICK_COST,
            _ if likely || native => LIKELY_COST,
            _ => GENERIC_COST,
        };
        self.generic_cost += self.weight() * cost;
        self.generic_ops += self.weight();
    }

    /// Counts a way out in the middle of the code that it takes whenever it comes there, to be entered again soon.
    pub(super) fn count_leaving(&mut self) {
        let weight = self.weight();
        self.leaving += weight;
        self.leaving_at = self.leaving_at.max(weight);
    }

    /// Ways out count with the operations that cost, unless there are loops between one and the next: how long those take nobody knows.
    pub(super) fn settle_leaving(&mut self) {
        if self.deepest <= self.leaving_at {
            self.generic_cost += self.leaving * LEAVING_COST;
            self.generic_ops += self.leaving;
        }
    }

    /// Counts a call of a Python function by its native entry.
    pub(super) fn count_native(&mut self) {
        self.generic_cost += self.weight() * NATIVE_CALL_COST;
        self.generic_ops += self.weight();
    }
}
