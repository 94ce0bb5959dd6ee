//! One compiled function or loop: its machine code and what the runtime needs to enter it and to leave it.
//!
//! A version holds **no** references to Python objects and touches none when dropped: objects and code objects are
//! plain addresses. Whoever installs the version keeps them alive as long as it can be entered or somebody is inside.

use crate::codemem::CodeMem;
use crate::ctx::Ctx;
pub use crate::helpers::target;
use crate::visible::Plan;
use crate::worth::Balance;
use pyo3::ffi::{PyCodeObject, PyObject};
use std::mem::offset_of;
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use whipsnake_abi::bytecode::{self, Instr};
use whipsnake_abi::exception_table::{self, Entry};
use whipsnake_hir::helpers::Helper;
use whipsnake_hir::ir::{EntryMode, FrameState, Function, Kind};
use whipsnake_hir::ops::Op;
use whipsnake_hir::snapshot::Snapshot;
use whipsnake_hir::types::Repr;
use whipsnake_lower::{Compiled, ExitPoint, Loc, header};

/// The entry of compiled code: arguments in the context's words, a status as result.
pub type EntryFn = unsafe extern "C" fn(*mut Ctx) -> i64;

/// The native entry of compiled code: context, function, arguments (borrowed).
pub type NativeFn = unsafe extern "C" fn(*mut Ctx, *mut PyObject, *const *mut PyObject) -> Answer;

/// What a native entry gives.
#[repr(C)]
pub struct Answer {
    /// See [`whipsnake_lower::status`].
    pub status: i64,
    /// The result, a new reference, after `RETURNED` and `EXITED`.
    pub value: *mut PyObject,
}

/// What compiled code and the runtime both know of a version. Its address is part of the code. Compiled code changes it with the GIL held, so
/// whoever else does needs no more than plain loads and stores.
#[repr(C)]
pub struct Header {
    /// 1 while valid.
    valid: AtomicU8,
    /// Entries that have not ended yet.
    inside: AtomicU32,
    entries: AtomicU64,
    /// What activations point to; null until the version is installed.
    version: AtomicPtr<Arc<Version>>,
}

const _: () = {
    assert!(offset_of!(Header, valid) == header::VALID as usize);
    assert!(offset_of!(Header, inside) == header::INSIDE as usize);
    assert!(offset_of!(Header, entries) == header::ENTRIES as usize);
    assert!(offset_of!(Header, version) == header::VERSION as usize);
};

/// Identity and header of a version, needed while it is being compiled.
pub struct Slot {
    pub id: u64,
    pub header: Box<Header>,
}

impl Slot {
    #[allow(clippy::new_without_default)]
    pub fn new() -> Slot {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Slot {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            header: Box::new(Header {
                valid: AtomicU8::new(1),
                inside: AtomicU32::new(0),
                entries: AtomicU64::new(0),
                version: AtomicPtr::new(ptr::null_mut()),
            }),
        }
    }
}

/// What leaving needs to know of one code object.
pub struct CodeFacts {
    pub ptr: *mut PyCodeObject,
    /// The namespaces it runs in.
    pub globals: *mut PyObject,
    pub builtins: *mut PyObject,
    handlers: Vec<Entry>,
}

impl CodeFacts {
    /// The handler that covers a code unit.
    pub fn handler(&self, unit: u32) -> Option<&Entry> {
        self.handlers.iter().find(|e| e.start <= unit && unit < e.end)
    }
}

/// What is to be remembered of a compilation.
pub struct About {
    pub compile_us: u64,
    pub hir_ops: u32,
    pub doubtful: bool,
    pub saved_a_turn: Option<u32>,
}

pub struct Version {
    pub id: u64,
    header: Box<Header>,
    pub mode: EntryMode,
    pub entry_locals: Vec<Kind>,
    pub entry_stack: Vec<Kind>,
    /// Module level: `co_names` index and whether it is stored to, a local each.
    pub names: Vec<(u32, bool)>,
    /// How many of a frame entry's locals are the frame's own; behind them are the names carried from the start.
    pub fast_locals: usize,
    /// Module level: the locals are a namespace.
    pub module_level: bool,
    pub ret: Repr,
    pub exits: Vec<ExitPoint>,
    pub exit_counts: Vec<AtomicU32>,
    pub states: Vec<FrameState<Loc>>,
    /// The instruction of each state.
    pub instrs: Vec<Instr>,
    /// Addresses of the objects the code names.
    pub objs: Vec<*mut PyObject>,
    pub codes: Vec<CodeFacts>,
    /// Of entries in the middle of a frame.
    pub balance: Balance,
    pub compile_us: u64,
    pub hir_ops: u32,
    /// Whether it calls itself natively.
    pub calls_self: bool,
    /// Whether it calls what may be compiled by itself.
    pub calls: bool,
    /// Whether only measuring tells that it pays.
    pub doubtful: bool,
    /// For a loop that counts its turns: the bytecodes that one saves.
    pub saved_a_turn: Option<u32>,
    pub code_bytes: usize,
    pub entry: EntryFn,
    /// The code's parameters, keyword-only ones included: what a caller by position has to bring for [`Self::native`].
    pub parameters: usize,
    /// For compiled callers.
    pub native: Option<NativeFn>,
    /// How to make each state's frames visible; made on first use.
    plans: Vec<OnceLock<Plan>>,
    /// Keeps the code in place.
    _memory: CodeMem,
}

// SAFETY: the addresses it holds are only followed by threads that hold the GIL; everything else is atomic or never
// changes after construction.
unsafe impl Send for Version {}
// SAFETY: as above.
unsafe impl Sync for Version {}

impl Version {
    /// How many of a state's locals are its frame's own: the outermost one's carry names behind them.
    pub fn fast_of(&self, s: &FrameState<Loc>) -> usize {
        if s.parent.is_none() {
            s.locals.len() - self.names.len()
        } else {
            s.locals.len()
        }
    }

    /// How often it has been entered.
    pub fn entries(&self) -> u64 {
        self.header.entries.load(Ordering::Relaxed)
    }

    /// Entries that have not ended yet.
    pub fn inside(&self) -> u32 {
        self.header.inside.load(Ordering::Relaxed)
    }

    /// Counts an entry.
    pub fn count_entry(&self) {
        self.header.entries.store(self.entries() + 1, Ordering::Relaxed);
    }

    /// Says that somebody goes in.
    pub fn enter(&self) {
        self.header.inside.store(self.inside() + 1, Ordering::Relaxed);
    }

    /// Says that somebody has come out.
    pub fn leave(&self) {
        self.header.inside.store(self.inside() - 1, Ordering::Relaxed);
    }

    /// Ends its validity.
    pub fn end(&self) {
        self.header.valid.store(0, Ordering::Relaxed);
    }

    /// Says where it is kept, for as long as somebody may be inside.
    pub fn keep_at(&self, at: &Arc<Version>) {
        self.header.version.store(ptr::from_ref(at).cast_mut(), Ordering::Relaxed);
    }

    /// How to make a state's frames visible.
    #[inline]
    pub fn plan(&self, state: u32) -> &Plan {
        self.plans[state as usize].get_or_init(|| Plan::new(self, state))
    }

    /// Places the code and makes it ready to enter. `codes` are the addresses of the snapshot's code objects, in order.
    pub fn new(
        slot: Slot,
        snapshot: &Snapshot,
        f: &Function,
        compiled: Compiled,
        codes: &[*mut PyCodeObject],
        about: About,
    ) -> Result<Arc<Version>, String> {
        let memory = CodeMem::new(&compiled.code)?;
        let entry = memory.at(compiled.entry as usize);
        // SAFETY: the compiler put the exported entry, a function of this type, at this offset of its code; the pages are
        // executable and live as long as the version.
        let entry = unsafe { std::mem::transmute::<*const u8, EntryFn>(entry) };
        // SAFETY: likewise, of this type.
        let native = |at| unsafe { std::mem::transmute::<*const u8, NativeFn>(memory.at(at as usize)) };
        let native = compiled.native.map(native);
        let decoded = snapshot
            .codes
            .iter()
            .map(|code| bytecode::decode(&code.bytes))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|e| e.to_string())?;
        let instrs = compiled
            .states
            .iter()
            .map(|s| {
                // A state names the opcode or one of its prefixes.
                let code = &decoded[s.code.0 as usize];
                let at = code.partition_point(|i| i.offset < s.bci);
                code.get(at).copied().ok_or("a frame state lies outside its code")
            })
            .collect::<Result<_, _>>()?;
        let codes = snapshot
            .codes
            .iter()
            .zip(codes)
            .map(|(code, &ptr)| CodeFacts {
                ptr,
                globals: code.globals_ptr as *mut PyObject,
                builtins: code.builtins_ptr as *mut PyObject,
                handlers: exception_table::parse(&code.exception_table),
            })
            .collect();
        Ok(Arc::new(Version {
            id: slot.id,
            header: slot.header,
            mode: f.mode,
            entry_locals: f.entry_locals.clone(),
            entry_stack: f.entry_stack.clone(),
            names: f.names.clone(),
            fast_locals: snapshot.codes[0].localsplus.len(),
            module_level: snapshot.entry.module_level,
            ret: f.ret,
            exit_counts: compiled.exits.iter().map(|_| AtomicU32::new(0)).collect(),
            exits: compiled.exits,
            plans: compiled.states.iter().map(|_| OnceLock::new()).collect(),
            states: compiled.states,
            instrs,
            objs: f.objs.iter().map(|o| o.ptr as *mut PyObject).collect(),
            codes,
            balance: Balance::default(),
            compile_us: about.compile_us,
            hir_ops: about.hir_ops,
            calls_self: f.insts.iter().any(|i| matches!(i.op, Op::CallSelf)),
            doubtful: about.doubtful,
            calls: f.insts.iter().any(|i| calls_others(&i.op)),
            saved_a_turn: about.saved_a_turn,
            code_bytes: compiled.code.len(),
            entry,
            parameters: (snapshot.codes[0].argcount + snapshot.codes[0].kwonly) as usize,
            native,
            _memory: memory,
        }))
    }
}

fn calls_others(op: &Op) -> bool {
    match op {
        Op::CallNative { .. } => true,
        Op::Call { helper } => matches!(helper, Helper::CallPos | Helper::CallKw | Helper::CallEx),
        _ => false,
    }
}
