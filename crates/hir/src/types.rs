//! What a value is: its machine representation and, for boxed objects, the exact Python type known of it.
//!
//! The lattice is flat: [`Ty::Any`] above every exact type. There are no subclass or union
//! types: compiled code only does the common thing, and the common thing has one exact type.

use std::fmt;
use std::str::FromStr;

/// How a value lives in a register.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub enum Repr {
    /// A `PyObject*` (i64). May be null only where an op says so.
    Obj,
    /// A Python int that fits 64 bits (i64).
    Int,
    /// A Python float (f64).
    Float,
    /// A Python bool (i8, 0 or 1).
    Bool,
}

impl fmt::Display for Repr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Repr::Obj => "obj",
            Repr::Int => "int",
            Repr::Float => "float",
            Repr::Bool => "bool",
        })
    }
}

impl FromStr for Repr {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        Ok(match s {
            "obj" => Repr::Obj,
            "int" => Repr::Int,
            "float" => Repr::Float,
            "bool" => Repr::Bool,
            _ => return Err(format!("unknown representation {s:?}")),
        })
    }
}

macro_rules! types {
    ($($(#[$doc:meta])* $name:ident = $text:literal, leaf: $leaf:literal;)*) => {
        /// The exact type (`type(x) is T`) of a boxed object, as far as known.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Ty { $($(#[$doc])* $name,)* }

        impl Ty {
            /// Every type, in order of its discriminant.
            pub const ALL: &'static [Ty] = &[$(Ty::$name,)*];

            /// Whether freeing such an object runs no code but the allocator's: it holds
            /// no references, has no finaliser and cannot be subclass-extended (the type is exact).
            pub fn is_leaf(self) -> bool { match self { $(Ty::$name => $leaf,)* } }

            /// Whether such an object, when something else takes its place, is likely to die with what it holds.
            pub fn releases(self) -> bool {
                self != Ty::Any && !self.is_leaf()
            }

            /// The name used in dumps.
            pub fn name(self) -> &'static str { match self { $(Ty::$name => $text,)* } }
        }
    };
}

types! {
    /// Nothing known.
    Any = "any", leaf: false;
    /// `int` of any size.
    Int = "int", leaf: true;
    Float = "float", leaf: true;
    Bool = "bool", leaf: true;
    /// The type of `None`.
    None = "none", leaf: true;
    Str = "str", leaf: true;
    Bytes = "bytes", leaf: true;
    Complex = "complex", leaf: true;
    Bytearray = "bytearray", leaf: false;
    /// `array.array`.
    Array = "array", leaf: false;
    List = "list", leaf: false;
    Tuple = "tuple", leaf: false;
    Dict = "dict", leaf: false;
    Set = "set", leaf: false;
    Range = "range", leaf: false;
    RangeIter = "range_iterator", leaf: false;
    ListIter = "list_iterator", leaf: false;
    TupleIter = "tuple_iterator", leaf: false;
    /// A closure cell.
    Cell = "cell", leaf: false;
    /// A Python function.
    Func = "function", leaf: false;
    /// `builtin_function_or_method`.
    Builtin = "builtin", leaf: false;
    Module = "module", leaf: false;
    /// A class (instance of exactly `type`).
    Type = "type", leaf: false;
}

impl Ty {
    /// The unboxed representation of this type, if it has one.
    pub fn unboxed(self) -> Option<Repr> {
        match self {
            Ty::Int => Some(Repr::Int),
            Ty::Float => Some(Repr::Float),
            Ty::Bool => Some(Repr::Bool),
            _ => None,
        }
    }

    /// Least upper bound.
    pub fn join(self, other: Ty) -> Ty {
        if self == other { self } else { Ty::Any }
    }
}

impl fmt::Display for Ty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Ty {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        Ty::ALL
            .iter()
            .copied()
            .find(|t| t.name() == s)
            .ok_or_else(|| format!("unknown type {s:?}"))
    }
}

impl Repr {
    /// The exact Python type of a value in this representation (`Any` for objects).
    pub fn ty(self) -> Ty {
        match self {
            Repr::Obj => Ty::Any,
            Repr::Int => Ty::Int,
            Repr::Float => Ty::Float,
            Repr::Bool => Ty::Bool,
        }
    }
}

/// A set of exact types seen at one place (bit `1 << Ty as u8`), learned from exits and live values.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct TySet(pub u32);

impl TySet {
    /// Adds one type; `Any` stands for "a type outside the table".
    pub fn insert(&mut self, t: Ty) {
        self.0 |= 1 << t as u8;
    }
    /// The single type seen, if it is one.
    pub fn only(self) -> Option<Ty> {
        if self.0.count_ones() == 1 {
            Some(Ty::ALL[self.0.trailing_zeros() as usize])
        } else {
            None
        }
    }
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
    pub fn contains(self, t: Ty) -> bool {
        self.0 & (1 << t as u8) != 0
    }
}
