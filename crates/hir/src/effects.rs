//! Effects: what an op reads, writes, and may do besides producing its result.
//!
//! Memory is split into alias classes; two ops commute when neither writes a class the other
//! touches. "User code" means that arbitrary Python code may run (a finaliser, an `__add__`): it
//! reads and writes everything, may release any reference, and may change any watched fact.

/// A set of alias classes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mem(pub u16);

impl Mem {
    pub const NONE: Mem = Mem(0);
    /// A list's size and item pointer.
    pub const LIST_SHAPE: Mem = Mem(1);
    /// The pointers stored in lists.
    pub const LIST_ITEMS: Mem = Mem(2);
    /// A cell's content.
    pub const CELL: Mem = Mem(4);
    /// Raw bytes in bytearray and array.array buffers.
    pub const BUFFER: Mem = Mem(8);
    /// Size and pointer of those buffers.
    pub const BUFFER_SHAPE: Mem = Mem(16);
    /// Dict contents, module namespaces included.
    pub const DICT: Mem = Mem(32 | 1024);
    /// Which keys a dict has, and where.
    pub const DICT_KEYS: Mem = Mem(32);
    /// The position of heap iterators and anything not named above.
    pub const OTHER: Mem = Mem(64);
    /// Instance attributes in inline values and slots.
    pub const ATTR: Mem = Mem(128);
    /// Type objects: versions and cached keys (written by arbitrary code only).
    pub const TYPE: Mem = Mem(256);
    /// Code, globals, defaults and closure of functions (written by arbitrary code only).
    pub const FUNC: Mem = Mem(512);
    /// The values that a module's dict has for names already in it (`DICT` is said by whatever touches dicts without further
    /// ado, and with it this).
    pub const GLOBAL: Mem = Mem(1024);
    pub const ALL: Mem = Mem(0x7ff);

    pub const fn or(self, o: Mem) -> Mem {
        Mem(self.0 | o.0)
    }
    pub const fn overlaps(self, o: Mem) -> bool {
        self.0 & o.0 != 0
    }
}

/// The effects of one op.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Effects {
    pub reads: Mem,
    pub writes: Mem,
    /// May leave through its frame state, before having had any effect.
    pub exits: bool,
    /// May run arbitrary Python code. Implies reads and writes of everything.
    pub user: bool,
    /// May drop a reference that a container or another slot held, so a value borrowed from
    /// there may die. No user code runs unless `user` is set as well.
    pub releases: bool,
    /// After its effect, may leave with a Python exception set (frame state flagged `raised`).
    pub raises: bool,
    /// Changes a reference count or ends a block: never removed, duplicated or moved by the general passes.
    pub pinned: bool,
    /// Produces a fresh object or reference each time: removable when unused, never merged.
    pub fresh: bool,
}

impl Effects {
    /// No effect at all: may be merged, moved and removed.
    pub const PURE: Effects = Effects {
        reads: Mem::NONE,
        writes: Mem::NONE,
        exits: false,
        user: false,
        releases: false,
        raises: false,
        pinned: false,
        fresh: false,
    };
    /// A check or an op with a check: may exit, otherwise pure.
    pub const EXIT: Effects = Effects {
        exits: true,
        ..Effects::PURE
    };
    /// Control flow and reference counts.
    pub const PIN: Effects = Effects {
        pinned: true,
        ..Effects::PURE
    };
    /// Allocates.
    pub const NEW: Effects = Effects {
        fresh: true,
        ..Effects::PURE
    };
    /// Arbitrary Python code, which may raise.
    pub const USER: Effects = Effects {
        reads: Mem::ALL,
        writes: Mem::ALL,
        exits: false,
        user: true,
        releases: true,
        raises: true,
        pinned: true,
        fresh: false,
    };

    pub const fn read(self, m: Mem) -> Effects {
        Effects {
            reads: self.reads.or(m),
            ..self
        }
    }
    pub const fn write(self, m: Mem) -> Effects {
        Effects {
            writes: self.writes.or(m),
            pinned: true,
            ..self
        }
    }
    pub const fn exit(self) -> Effects {
        Effects { exits: true, ..self }
    }
    pub const fn raise(self) -> Effects {
        Effects {
            raises: true,
            pinned: true,
            ..self
        }
    }
    pub const fn release(self) -> Effects {
        Effects {
            releases: true,
            pinned: true,
            ..self
        }
    }
    pub const fn fresh(self) -> Effects {
        Effects { fresh: true, ..self }
    }

    /// May be merged with an equal op that dominates it (loads only while nothing wrote between).
    pub fn mergeable(&self) -> bool {
        !self.pinned && !self.fresh && !self.user && self.writes == Mem::NONE
    }
    /// May be deleted when its result is unused (an exit that proves nothing used is not a loss).
    pub fn removable(&self) -> bool {
        !self.pinned && !self.user && self.writes == Mem::NONE
    }
}
