//! The op table: one row an op. The row generates the enum, its name, operand and result
//! representations, effects and ownership; the verifier, printer, parser, passes and the
//! reference-count pass all read it, and the lowering matches it exhaustively.
//!
//! Operand letters: `I` int, `F` float, `B` bool, `O` object (borrowed for the op), `S` object whose
//! reference the op takes over (stolen), `A` any representation. A trailing `*` repeats the last letter.
//! Result letters: `I F B` unboxed, `O` an object borrowed from an operand or immortal,
//! `N` an object with a reference the function now owns, `A` same representation as the last
//! operand, `R` as the helper's or callee's row says, `-` nothing.
//!
//! An op with `exits` leaves through its frame state *before* any effect, so the interpreter can do
//! the whole bytecode again. An op with `raises` leaves through its frame state after its effect, with an
//! exception set; the operands that the frame state still holds are the interpreter's to release.

use crate::effects::{Effects, Mem};
use crate::helpers::Helper;
use crate::types::Ty;
use std::fmt;
use std::str::FromStr;

/// A comparison, of ints signed, of floats ordered (NaN: only `Ne` is true).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Cc {
    Lt,
    Le,
    Eq,
    Ne,
    Gt,
    Ge,
}

impl Cc {
    /// `a cc b` is `b cc.swap() a`.
    pub fn swap(self) -> Cc {
        match self {
            Cc::Lt => Cc::Gt,
            Cc::Le => Cc::Ge,
            Cc::Gt => Cc::Lt,
            Cc::Ge => Cc::Le,
            c => c,
        }
    }
    /// The negation; for ints only (NaN breaks it for floats).
    pub fn negate(self) -> Cc {
        match self {
            Cc::Lt => Cc::Ge,
            Cc::Le => Cc::Gt,
            Cc::Eq => Cc::Ne,
            Cc::Ne => Cc::Eq,
            Cc::Gt => Cc::Le,
            Cc::Ge => Cc::Lt,
        }
    }
}

/// How integer overflow is treated.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Ovf {
    /// Exit when the exact result does not fit 64 bits.
    Check,
    /// Proved not to overflow, or only the low bits are used: plain machine arithmetic.
    Wrap,
}

/// Float to int rounding.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Round {
    Trunc,
    Floor,
    Ceil,
    /// Half to even, as `round(x)`.
    Even,
}

/// One-argument functions of the C library that CPython's `math` calls, with its error rule: leave
/// when the result is NaN for a non-NaN argument or infinite for a finite one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Math1 {
    Sin,
    Cos,
    Tan,
    Asin,
    Acos,
    Atan,
    Sinh,
    Cosh,
    Tanh,
    Asinh,
    Acosh,
    Atanh,
    Exp,
    Exp2,
    Expm1,
    Log,
    Log2,
    Log10,
    Log1p,
    Cbrt,
    Erf,
    Erfc,
}

/// Two-argument float functions; exit under the same rule as [`Math1`], and wherever Python raises.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Math2 {
    /// `math.atan2`.
    Atan2,
    /// `math.fmod`.
    Fmod,
    /// `math.pow`.
    Pow,
    /// `math.copysign`.
    Copysign,
    /// `math.hypot` of two arguments.
    Hypot,
    /// `abs` of a complex number's parts.
    Modulus,
    /// Python's float `**`: exits when Python would raise or answer with a complex.
    PyPow,
    /// Python's float `//`: exits on a zero divisor.
    PyFloorDiv,
    /// Python's float `%`: exits on a zero divisor.
    PyMod,
}

/// Float classification.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum FClass {
    IsNan,
    IsInf,
    IsFinite,
}

macro_rules! text_enum {
    ($ty:ident { $($v:ident = $t:literal),* $(,)? }) => {
        impl fmt::Display for $ty {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $($ty::$v => $t,)* })
            }
        }
        impl FromStr for $ty {
            type Err = String;
            fn from_str(s: &str) -> Result<Self, String> {
                match s { $($t => Ok($ty::$v),)* _ => Err(format!(concat!("unknown ", stringify!($ty), " {:?}"), s)) }
            }
        }
        impl $ty {
            /// Every member.
            pub const ALL: &'static [$ty] = &[$($ty::$v,)*];
        }
    };
}

pub(crate) use text_enum;

/// A tuple that a Python function holds.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum FuncField {
    /// Null without defaults.
    Defaults,
    /// Null without a closure; it never changes.
    Closure,
}

text_enum!(FuncField { Defaults = "defaults", Closure = "closure" });

text_enum!(Cc { Lt = "lt", Le = "le", Eq = "eq", Ne = "ne", Gt = "gt", Ge = "ge" });
text_enum!(Ovf { Check = "check", Wrap = "wrap" });
text_enum!(Round { Trunc = "trunc", Floor = "floor", Ceil = "ceil", Even = "even" });
text_enum!(FClass { IsNan = "isnan", IsInf = "isinf", IsFinite = "isfinite" });
text_enum!(Math1 {
    Sin = "sin", Cos = "cos", Tan = "tan", Asin = "asin", Acos = "acos", Atan = "atan", Sinh = "sinh", Cosh = "cosh",
    Tanh = "tanh", Asinh = "asinh", Acosh = "acosh", Atanh = "atanh", Exp = "exp", Exp2 = "exp2", Expm1 = "expm1",
    Log = "log", Log2 = "log2", Log10 = "log10", Log1p = "log1p", Cbrt = "cbrt", Erf = "erf", Erfc = "erfc",
});
text_enum!(Math2 {
    Atan2 = "atan2", Fmod = "fmod", Pow = "pow", Copysign = "copysign", Hypot = "hypot",
    Modulus = "modulus", PyPow = "py_pow", PyFloorDiv = "py_floordiv", PyMod = "py_mod",
});

/// An index into [`crate::ir::Function::objs`]: an object that the code keeps alive.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct ObjId(pub u32);

impl fmt::Display for ObjId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "obj{}", self.0)
    }
}
impl FromStr for ObjId {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        s.strip_prefix("obj")
            .and_then(|n| n.parse().ok())
            .map(ObjId)
            .ok_or_else(|| format!("not an object id: {s:?}"))
    }
}

/// Where an instance keeps an attribute: byte offset of the pointer in the object; for inline values also the offset of their
/// `valid` byte (0 for a slot of `__slots__`, which has none).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct AttrAt {
    pub offset: u32,
    pub valid: u32,
}

impl fmt::Display for AttrAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.offset, self.valid)
    }
}
impl FromStr for AttrAt {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        let bad = || format!("not an attribute place: {s:?}");
        let (o, v) = s.split_once('/').ok_or_else(bad)?;
        Ok(AttrAt {
            offset: o.parse().map_err(|_| bad())?,
            valid: v.parse().map_err(|_| bad())?,
        })
    }
}

/// What one operand is and who owns it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Opnd {
    I,
    F,
    B,
    /// Object, borrowed.
    O,
    /// Object, its reference taken over.
    S,
    /// Any representation.
    A,
}

/// What an op yields.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Res {
    I,
    F,
    B,
    /// Borrowed object.
    O,
    /// Object with a new reference.
    N,
    /// As the last operand.
    A,
    /// Given by the instruction's own result value (helper rows, `CallSelf`).
    R,
    None,
}

/// One row of the op table or of the helper table.
#[derive(Clone, Copy, Debug)]
pub struct OpInfo {
    pub name: &'static str,
    pub operands: &'static [Opnd],
    /// The last operand letter repeats.
    pub variadic: bool,
    pub result: Res,
    pub effects: Effects,
}

macro_rules! ops {
    ($( $(#[$doc:meta])* $name:ident $({ $f:ident : $t:ty })? ($($opnds:tt)*) -> $res:tt, $text:literal, $eff:expr; )*) => {
        /// An operation with its immediate.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum Op { $( $(#[$doc])* $name $({ $f: $t })?, )* }

        impl Op {
            /// The row of this op, helper rows folded in.
            pub fn info(&self) -> OpInfo {
                let mut info = match self {
                    $( Op::$name $({ $f: _ })? => {
                        const OPNDS: (&[Opnd], bool) = opnds!($($opnds)*);
                        OpInfo { name: $text, operands: OPNDS.0, variadic: OPNDS.1, result: res!($res), effects: $eff }
                    } )*
                };
                if let Op::Call { helper } | Op::Shortcut { helper } = self {
                    info = OpInfo { name: info.name, ..helper.info() };
                }
                if let Op::Shortcut { helper } = self {
                    info.effects = helper.shortcut_effects();
                }
                info
            }

            /// The immediate as text, empty when there is none.
            pub fn imm(&self) -> String {
                match self {
                    $( Op::$name $({ $f })? => { String::new() $( + &$f.to_string() )? } )*
                }
            }

            /// The op of this name with this immediate.
            pub fn parse(name: &str, imm: &str) -> Result<Op, String> {
                let _ = imm;
                match name {
                    $( $text => Ok(Op::$name $({ $f: imm.parse::<$t>().map_err(|e| format!("{}: {e:?}", $text))? })?), )*
                    _ => Err(format!("unknown op {name:?}")),
                }
            }
        }
    };
}

const PURE: Effects = Effects::PURE;
const EXIT: Effects = Effects::EXIT;
const PIN: Effects = Effects::PIN;
const NEW: Effects = Effects::NEW;
const LIST: Mem = Mem::LIST_SHAPE.or(Mem::LIST_ITEMS);
const BUF: Mem = Mem::BUFFER.or(Mem::BUFFER_SHAPE);

ops! {
    // ---- constants
    ConstInt { v: i64 } () -> I, "const_int", PURE;
    /// Bits of an f64.
    ConstFloat { bits: u64 } () -> F, "const_float", PURE;
    ConstBool { v: bool } () -> B, "const_bool", PURE;
    /// An object the code keeps alive.
    ConstObj { obj: ObjId } () -> O, "const_obj", PURE;
    /// The null pointer (an unset local that is carried as an object).
    ConstNull () -> O, "const_null", PURE;

    // ---- ints
    IAdd { ovf: Ovf } (I I) -> I, "iadd", EXIT;
    ISub { ovf: Ovf } (I I) -> I, "isub", EXIT;
    IMul { ovf: Ovf } (I I) -> I, "imul", EXIT;
    INeg { ovf: Ovf } (I) -> I, "ineg", EXIT;
    IAbs (I) -> I, "iabs", EXIT;
    /// Python's `//`: floors; exits on a zero divisor and on overflow.
    IFloorDiv (I I) -> I, "ifloordiv", EXIT;
    /// Python's `%`: the sign of the divisor; exits on a zero divisor.
    IMod (I I) -> I, "imod", EXIT;
    /// `/` of ints: exits on a zero divisor or when an operand is beyond 2**53 in magnitude.
    ITrueDiv (I I) -> F, "itruediv", EXIT;
    /// `**`: exits on a negative exponent or overflow.
    IPow (I I) -> I, "ipow", EXIT;
    IAnd (I I) -> I, "iand", PURE;
    IOr (I I) -> I, "ior", PURE;
    IXor (I I) -> I, "ixor", PURE;
    INot (I) -> I, "inot", PURE;
    /// Bits of the magnitude: `x.bit_length()`.
    IBits (I) -> I, "ibits", PURE;
    /// `<<`: exits on a negative count or when bits would be lost.
    IShl { ovf: Ovf } (I I) -> I, "ishl", EXIT;
    /// `>>`: exits on a negative count; counts past 63 give the sign.
    IShr (I I) -> I, "ishr", EXIT;
    ICmp { cc: Cc } (I I) -> B, "icmp", PURE;
    IToF (I) -> F, "itof", PURE;

    // ---- ints beyond 64 bits, as words: low ones unsigned, high ones with the sign
    /// `>>` of an unsigned word by a count below 64.
    IUShr (I I) -> I, "iushr", PURE;
    /// Comparison of unsigned words.
    IUCmp { cc: Cc } (I I) -> B, "iucmp", PURE;
    /// The high word of a product of unsigned words; checked, exits when it is not a positive number as a signed one.
    IUMulHigh { ovf: Ovf } (I I) -> I, "iumulhigh", EXIT;
    /// The high word of a product of signed words.
    IMulHigh (I I) -> I, "imulhigh", PURE;
    /// Quotient and remainder of unsigned words: exit on a zero divisor.
    IUDiv (I I) -> I, "iudiv", EXIT;
    IURem (I I) -> I, "iurem", EXIT;
    /// An unsigned word as the nearest float.
    IUToF (I) -> F, "iutof", PURE;
    /// Low and high word: the int, which exits when it does not fit 64 bits.
    Narrow (I I) -> I, "narrow", EXIT;
    /// The low word of an object known an exact int; exits when it does not fit 120 bits.
    UnboxLow (O) -> I, "unbox_low", EXIT;
    /// The high word of an int, of which the second operand is the low one: that there is no more to it is known from there.
    UnboxHigh (O I) -> I, "unbox_high", PURE;

    // ---- floats
    FAdd (F F) -> F, "fadd", PURE;
    FSub (F F) -> F, "fsub", PURE;
    FMul (F F) -> F, "fmul", PURE;
    /// Exits on a zero divisor.
    FDiv (F F) -> F, "fdiv", EXIT;
    FNeg (F) -> F, "fneg", PURE;
    FAbs (F) -> F, "fabs", PURE;
    /// Exits on a negative argument (`-0.0` and NaN pass).
    FSqrt (F) -> F, "fsqrt", EXIT;
    FCmp { cc: Cc } (F F) -> B, "fcmp", PURE;
    FMath1 { f: Math1 } (F) -> F, "fmath1", EXIT;
    FMath2 { f: Math2 } (F F) -> F, "fmath2", EXIT;
    FIs { class: FClass } (F) -> B, "fis", PURE;
    /// Exits on NaN and when the rounded value is 2**62 or more in magnitude.
    FToI { mode: Round } (F) -> I, "ftoi", EXIT;
    /// Compares the modulus of a complex number's parts with a constant; exits where `fmath2` would.
    ModulusCmp { cc: Cc } (F F F) -> B, "modulus_cmp", EXIT;
    /// Exits when both are NaN: the parts of a complex product or quotient where CPython recovers infinities.
    GuardPart (F F) -> -, "guard_part", EXIT;
    /// Exact comparison of an int with a float; exits when the int is beyond 2**53 in magnitude.
    IFCmp { cc: Cc } (I F) -> B, "ifcmp", EXIT;

    // ---- bools
    BNot (B) -> B, "bnot", PURE;
    BAnd (B B) -> B, "band", PURE;
    BOr (B B) -> B, "bor", PURE;
    BXor (B B) -> B, "bxor", PURE;
    BToI (B) -> I, "btoi", PURE;
    /// `cond ? a : b`; operands: cond, a, b. Objects are borrowed on both sides.
    Select (B A A) -> A, "select", PURE;

    // ---- boxes
    BoxInt (I) -> N, "box_int", NEW;
    BoxFloat (F) -> N, "box_float", NEW;
    /// `True` or `False`, immortal.
    BoxBool (B) -> O, "box_bool", PURE;
    /// The operand is known an exact int; exits when it does not fit 64 bits.
    UnboxInt (O) -> I, "unbox_int", EXIT;
    UnboxFloat (O) -> F, "unbox_float", PURE;
    /// The number that an exact float or an exact int of at most one digit is; exits for anything else.
    RealOf (O) -> F, "real_of", EXIT;
    UnboxBool (O) -> B, "unbox_bool", PURE;
    /// Real and imaginary part.
    BoxComplex (F F) -> N, "box_complex", NEW;
    /// The operand is known an exact complex number.
    ComplexReal (O) -> F, "complex_real", PURE;
    ComplexImag (O) -> F, "complex_imag", PURE;

    // ---- guards and tests
    /// Exits unless `type(x) is ty`. The operand is not null.
    GuardType { ty: Ty } (O) -> -, "guard_type", EXIT;
    /// Exits unless the pointers are equal.
    GuardIs { obj: ObjId } (O) -> -, "guard_is", EXIT;
    /// Exits when the pointer is null (unbound local, empty cell).
    GuardNotNull (O) -> -, "guard_not_null", EXIT;
    /// Exits unless the array.array's typecode is this.
    GuardArrayCode { code: char } (O) -> -, "guard_array_code", EXIT;
    /// Exits unless the condition is true.
    GuardTrue (B) -> -, "guard_true", EXIT;
    GuardFalse (B) -> -, "guard_false", EXIT;
    /// Does nothing. A comparison was decided by what the operand's own exits prove, so they must stay.
    Proof (I) -> -, "proof", PIN;
    /// Exits when a watcher has invalidated this code.
    GuardValid () -> -, "guard_valid", EXIT.read(Mem::ALL);
    TypeIs { ty: Ty } (O) -> B, "type_is", PURE;
    ObjIs (O O) -> B, "obj_is", PURE;
    IsNull (O) -> B, "is_null", PURE;

    // ---- reference counts
    /// One more reference to a non-null object.
    IncRef (O) -> -, "incref", PIN;
    /// As `incref`, for an object that may be null.
    XIncRef (O) -> -, "xincref", PIN;
    /// One reference less to an object of a leaf type: only memory is freed.
    DecRefLeaf (S) -> -, "decref_leaf", PIN;
    /// One reference less: may run a finaliser.
    DecRef (S) -> -, "decref", Effects { raises: false, ..Effects::USER };
    /// As `decref`, for an object that may be null.
    XDecRef (S) -> -, "xdecref", Effects { raises: false, ..Effects::USER };

    // ---- lists and tuples (operand types are guarded before)
    ListLen (O) -> I, "list_len", PURE.read(Mem::LIST_SHAPE);
    TupleLen (O) -> I, "tuple_len", PURE;
    /// Operands index, length: the index with a negative one counted from the end; exits when out of range.
    Index (I I) -> I, "index", EXIT;
    /// As `index`, for an index known not negative.
    IndexPos (I I) -> I, "index_pos", EXIT;
    /// Where the items are. For the ops below that have an optional last int operand: this, or what it stands for is read again.
    ListItems (O) -> I, "list_items", PURE.read(Mem::LIST_SHAPE);
    /// Operands list, checked index.
    ListGet (O I I*) -> O, "list_get", PURE.read(LIST);
    TupleGet (O I) -> O, "tuple_get", PURE;
    /// List, checked index, new item. Exits first when freeing the old item could run code.
    ListSet (O I S I*) -> -, "list_set", EXIT.read(LIST).write(Mem::LIST_ITEMS).release();
    /// As `list_set`, whatever the old item is: it is the result.
    ListSwap (O I S I*) -> N, "list_swap", PURE.read(LIST).write(Mem::LIST_ITEMS).release().fresh();
    /// As `list_set` with a float; reuses the old item's box when the list holds its only reference.
    ListSetFloat (O I F I*) -> -, "list_set_float", EXIT.read(LIST).write(Mem::LIST_ITEMS).release();
    /// As `list_set` with an int.
    ListSetInt (O I I I*) -> -, "list_set_int", EXIT.read(LIST).write(Mem::LIST_ITEMS).release();
    /// A new list of the items.
    ListNew (S*) -> N, "list_new", NEW.read(Mem::OTHER);
    TupleNew (S*) -> N, "tuple_new", NEW.read(Mem::OTHER);

    // ---- text and bytes
    StrLen (O) -> I, "str_len", PURE;
    /// Code point at a checked index.
    StrOrdAt (O I) -> I, "str_ord_at", PURE;
    BytesLen (O) -> I, "bytes_len", PURE;
    BytesGet (O I) -> I, "bytes_get", PURE;
    BytearrayLen (O) -> I, "bytearray_len", PURE.read(Mem::BUFFER_SHAPE);
    BytearrayItems (O) -> I, "bytearray_items", PURE.read(Mem::BUFFER_SHAPE);
    BytearrayGet (O I I*) -> I, "bytearray_get", PURE.read(BUF);
    /// Exits unless the value is 0..=255.
    BytearraySet (O I I I*) -> -, "bytearray_set", EXIT.read(BUF).write(Mem::BUFFER);
    ArrayLen (O) -> I, "array_len", PURE.read(Mem::BUFFER_SHAPE);
    ArrayItems (O) -> I, "array_items", PURE.read(Mem::BUFFER_SHAPE);
    /// An item of an integer array whose typecode (immediate) is guarded; exits when it does not fit 64 bits.
    ArrayGetInt { code: char } (O I I*) -> I, "array_get_int", EXIT.read(BUF);
    ArrayGetFloat { code: char } (O I I*) -> F, "array_get_float", PURE.read(BUF);
    /// Exits when the value does not fit the item type.
    ArraySetInt { code: char } (O I I I*) -> -, "array_set_int", EXIT.read(BUF).write(Mem::BUFFER);
    ArraySetFloat { code: char } (O I F I*) -> -, "array_set_float", PURE.read(BUF).write(Mem::BUFFER);

    // ---- cells and heap iterators
    /// The content, which may be null.
    CellGet (O) -> O, "cell_get", PURE.read(Mem::CELL);
    /// Exits first when freeing the old content could run code.
    CellSet (O S) -> -, "cell_set", EXIT.read(Mem::CELL).write(Mem::CELL).release();
    /// As `cell_set`, whatever the old content is: it is the result, null if there was none.
    CellSwap (O S) -> N, "cell_swap", PURE.read(Mem::CELL).write(Mem::CELL).release().fresh();

    // ---- names of a module that its code changes: entries of its dict, at an offset from the dict's keys
    /// Exits unless the dict's keys have this version (non-zero: so every key is where it was) and no watcher but ours is to be told
    /// of changes.
    GuardEntries { ver: u32 } (O) -> -, "guard_entries", EXIT.read(Mem::DICT_KEYS);
    EntryGet { offset: u32 } (O) -> O, "entry_get", PURE.read(Mem::GLOBAL);
    /// Exits first when freeing the old value could run code.
    EntrySet { offset: u32 } (O S) -> -, "entry_set", EXIT.read(Mem::GLOBAL).write(Mem::GLOBAL).release();
    /// As `entry_set`, whatever the old value is: it is the result.
    EntrySwap { offset: u32 } (O S) -> N, "entry_swap", PURE.read(Mem::GLOBAL).write(Mem::GLOBAL).release().fresh();
    /// As `entry_set` with a float or int; reuses the old box when the dict holds its only reference.
    EntrySetFloat { offset: u32 } (O F) -> -, "entry_set_float", EXIT.read(Mem::GLOBAL).write(Mem::GLOBAL).release();
    EntrySetInt { offset: u32 } (O I) -> -, "entry_set_int", EXIT.read(Mem::GLOBAL).write(Mem::GLOBAL).release();

    // ---- functions (guarded before)
    /// Exits unless the function's code is this object.
    GuardCode { obj: ObjId } (O) -> -, "guard_code", EXIT.read(Mem::FUNC);
    /// Exits unless the function's globals are this dict.
    GuardGlobals { obj: ObjId } (O) -> -, "guard_globals", EXIT.read(Mem::FUNC);
    /// Whether the function's code is this object.
    CodeIs { obj: ObjId } (O) -> B, "code_is", PURE.read(Mem::FUNC);
    /// What the function holds there.
    FuncGet { field: FuncField } (O) -> O, "func_get", PURE.read(Mem::FUNC);

    // ---- attributes of instances
    /// Exits unless the type's version tag is this (non-zero: so the type is the one the cache was made for, unchanged).
    GuardVersion { ver: u32 } (O) -> -, "guard_version", EXIT.read(Mem::TYPE);
    /// Whether the type's version tag is this.
    VersionIs { ver: u32 } (O) -> B, "version_is", PURE.read(Mem::TYPE);
    /// Exits unless this class has this version tag.
    GuardClass { ver: u32 } (O) -> -, "guard_class", EXIT.read(Mem::TYPE);
    /// Exits unless the cached keys of this class have this version: as `guard_keys`, for an instance that is taken apart.
    GuardClassKeys { ver: u32 } (O) -> -, "guard_class_keys", EXIT.read(Mem::TYPE);
    /// Exits unless the second operand is at this place of the method resolution order of the first one's class.
    GuardMro { index: u32 } (O O) -> -, "guard_mro", EXIT.read(Mem::TYPE);
    /// Exits unless the heap type's cached keys have this version: no instance has an attribute of its own that shadows the class's.
    GuardKeys { ver: u32 } (O) -> -, "guard_keys", EXIT.read(Mem::TYPE.or(Mem::ATTR));
    /// The attribute's content. Exits when it is unset or inline values are no longer valid.
    AttrGet { at: AttrAt } (O) -> O, "attr_get", EXIT.read(Mem::ATTR);
    /// Exits when the instance has a dict of its own, or when freeing the old content could run code. An attribute unset so far is
    /// entered into the order in which the instance got its attributes.
    AttrSet { at: AttrAt } (O S) -> -, "attr_set", EXIT.read(Mem::ATTR).write(Mem::ATTR).release();
    /// As `attr_set` with a float; reuses the old box when the instance holds its only reference.
    AttrSetFloat { at: AttrAt } (O F) -> -, "attr_set_float", EXIT.read(Mem::ATTR).write(Mem::ATTR).release();
    /// As `attr_set`, whatever the old content is: it is the result, null if there was none.
    AttrSwap { at: AttrAt } (O S) -> N, "attr_swap", EXIT.read(Mem::ATTR).write(Mem::ATTR).release().fresh();
    /// The first store to the attribute of an instance that nobody else has seen.
    AttrInit { at: AttrAt } (O S) -> -, "attr_init", PURE.read(Mem::ATTR).write(Mem::ATTR);
    AttrSetInt { at: AttrAt } (O I) -> -, "attr_set_int", EXIT.read(Mem::ATTR).write(Mem::ATTR).release();

    // ---- calls
    /// A runtime helper: operands, result and effects are its own row's.
    Call { helper: Helper } (A*) -> R, "call", PURE;
    /// The shortcut of a helper that may run Python code, by itself: exits where it declines.
    Shortcut { helper: Helper } (A*) -> R, "shortcut", PURE;
    /// A Python function, then as many arguments as it has parameters: called by way of the native entry that the runtime keeps at this
    /// address for the function's code, whatever it is at the time. Exits before the call, to let the interpreter in; raises what the callee does.
    CallNative { link: u64 } (O O*) -> N, "call_native", Effects::USER.exit();
    /// This same function again, natively: operands as the entry's parameters (objects borrowed).
    /// The result has the function's return kind, with a new reference when an object.
    CallSelf (A*) -> R, "call_self", Effects::USER.exit();

    // ---- control (always last in a block)
    Jump () -> -, "jump", PIN;
    /// Two targets: the first when true.
    Branch (B) -> -, "branch", PIN;
    /// Hands the value back; an object operand's reference goes to the caller.
    Return (A) -> -, "return", PIN;
    /// Leaves unconditionally.
    Exit () -> -, "exit", EXIT;
    /// At back-edges: exits when the interpreter has something pending.
    SafePoint () -> -, "safepoint", Effects { pinned: true, ..EXIT };
}

impl Op {
    pub fn effects(&self) -> Effects {
        let mut e = self.info().effects;
        if let Op::IAdd { ovf } | Op::ISub { ovf } | Op::IMul { ovf } | Op::INeg { ovf } | Op::IShl { ovf } | Op::IUMulHigh { ovf } = self {
            e.exits = *ovf == Ovf::Check;
        }
        e
    }
    /// For an op with an optional last operand, where a container's items are: what computes that, and how many operands
    /// come before.
    pub fn items(&self) -> Option<(Op, usize)> {
        Some(match self {
            Op::ListGet => (Op::ListItems, 2),
            Op::ListSet | Op::ListSwap | Op::ListSetFloat | Op::ListSetInt => (Op::ListItems, 3),
            Op::BytearrayGet => (Op::BytearrayItems, 2),
            Op::BytearraySet => (Op::BytearrayItems, 3),
            Op::ArrayGetInt { .. } | Op::ArrayGetFloat { .. } => (Op::ArrayItems, 2),
            Op::ArraySetInt { .. } | Op::ArraySetFloat { .. } => (Op::ArrayItems, 3),
            _ => return None,
        })
    }
    /// Whether it takes or gives up a reference, and does nothing else with its operand.
    pub fn is_count(&self) -> bool {
        matches!(self, Op::IncRef | Op::XIncRef | Op::DecRef | Op::DecRefLeaf | Op::XDecRef)
    }
    pub fn is_terminator(&self) -> bool {
        matches!(self, Op::Jump | Op::Branch | Op::Return | Op::Exit)
    }
}
