//! Runtime helpers: C-ABI functions of the runtime that compiled code calls, one row each.
//!
//! ABI, for every row: the operands in order (`O`/`S` pointer, `I` i64, `F` f64, `B` i8). Result: `N`/`O` a pointer,
//! `I` i64, `F` f64, `B` i8, `-` i32. A row that `raises` signals an exception by a null pointer, or by -1 where the result is
//! `B` (i8) or `-` (i32). A row that `exits` (without `raises`) signals "leave before any effect" by null, `i64::MIN`, NaN's payload
//! never: only `N`, `O`, `I`, `B`, `-` rows may exit. Variadic rows take a pointer to the operands and their number
//! (`*const *mut PyObject, usize`), where the fixed letters before the repeated one are still passed in registers first.
//! `user` rows run arbitrary Python code: the frames of the state are made visible first and taken down after.

use crate::effects::{Effects, Mem};
use crate::ops::{OpInfo, Opnd, Res};
use std::fmt;
use std::str::FromStr;

macro_rules! helpers {
    ($( $(#[$doc:meta])* $name:ident ($($opnds:tt)*) -> $res:tt, $text:literal, $eff:expr; )*) => {
        /// A runtime helper.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum Helper { $( $(#[$doc])* $name, )* }

        impl Helper {
            /// Every helper, in order of its discriminant.
            pub const ALL: &'static [Helper] = &[$( Helper::$name, )*];

            pub fn info(self) -> OpInfo {
                match self {
                    $( Helper::$name => {
                        const OPNDS: (&[Opnd], bool) = opnds!($($opnds)*);
                        OpInfo { name: $text, operands: OPNDS.0, variadic: OPNDS.1, result: res!($res), effects: $eff }
                    } )*
                }
            }
        }
    };
}

impl Helper {
    /// Whether there is a shortcut for the operands that it mostly meets, which runs no Python code and has no effect where it declines.
    /// (A call's is not listed: what it calls is known to be in C only at run time.)
    pub fn has_shortcut(self) -> bool {
        self.shortcut_changes() || self.shortcut_only_looks()
    }

    /// Shortcuts that change what they are given. That may be a namespace, so what is assumed has to be checked again.
    pub fn shortcut_changes(self) -> bool {
        use Helper::*;
        matches!(self, CallBuiltin | SetItem | DelItem | SetAttr | Binary | ListExtend | SetAdd)
    }

    fn shortcut_only_looks(self) -> bool {
        use Helper::*;
        let looks = matches!(
            self,
            Compare | CompareBool | Truth | Contains | Length | GetItem | GetAttr | GetIter
        );
        looks || matches!(self, DictNew | SetNew | StrJoin | FormatSimple | FormatWith | Convert)
    }

    /// The effects of the shortcut by itself.
    pub fn shortcut_effects(self) -> Effects {
        let changes = self.shortcut_changes();
        Effects {
            writes: if changes { Mem::ALL } else { Mem::NONE },
            exits: true,
            user: false,
            releases: changes,
            raises: false,
            ..self.info().effects
        }
    }
}

const NEW: Effects = Effects::NEW;
const USER: Effects = Effects::USER;
const LIST: Mem = Mem::LIST_SHAPE.or(Mem::LIST_ITEMS);

helpers! {
    // ---- exact ints of any size (operands are exact ints): no user code. Errors (zero division, memory, too large) exit.
    LongAdd (O O) -> N, "long_add", NEW.exit();
    LongSub (O O) -> N, "long_sub", NEW.exit();
    LongMul (O O) -> N, "long_mul", NEW.exit();
    LongFloorDiv (O O) -> N, "long_floordiv", NEW.exit();
    LongMod (O O) -> N, "long_mod", NEW.exit();
    LongAnd (O O) -> N, "long_and", NEW.exit();
    LongOr (O O) -> N, "long_or", NEW.exit();
    LongXor (O O) -> N, "long_xor", NEW.exit();
    LongLshift (O O) -> N, "long_lshift", NEW.exit();
    LongRshift (O O) -> N, "long_rshift", NEW.exit();
    LongNeg (O) -> N, "long_neg", NEW.exit();
    /// `a < b`, ... by the third operand: 0 lt, 1 le, 2 eq, 3 ne, 4 gt, 5 ge.
    LongCmp (O O I) -> B, "long_cmp", Effects::PURE;

    // ---- ints of up to 128 bits, as low and high word, two operands each; exit when the result does not fit, and on zero divisors
    WideBox (I I) -> N, "wide_box", NEW;
    WideToFloat (I I) -> F, "wide_to_float", Effects::PURE;
    /// The high word of a product.
    WideMulHigh (I I I I) -> I, "wide_mul_high", Effects::EXIT;
    /// Python's `//` and `%`, low and high words.
    WideDiv (I I I I) -> I, "wide_div", Effects::EXIT;
    WideDivHigh (I I I I) -> I, "wide_div_high", Effects::EXIT;
    WideMod (I I I I) -> I, "wide_mod", Effects::EXIT;
    WideModHigh (I I I I) -> I, "wide_mod_high", Effects::EXIT;
    /// Shifts by a count from 0: the high word of `<<`, low and high word of `>>`.
    WideShlHigh (I I I) -> I, "wide_shl_high", Effects::EXIT;
    WideShr (I I I) -> I, "wide_shr", Effects::PURE;
    WideShrHigh (I I I) -> I, "wide_shr_high", Effects::PURE;

    // ---- str (operands are exact str): no user code
    StrConcat (O O) -> N, "str_concat", NEW.exit();
    /// `s + t` where nobody needs `s` any more: it grows in place if this is the only reference.
    StrAppend (S O) -> N, "str_append", NEW.exit().release();
    /// The one-character string at a checked index.
    StrGet (O I) -> N, "str_get", NEW;
    /// Third operand as for `long_cmp`.
    StrCmp (O O I) -> B, "str_cmp", Effects::PURE;
    /// `ord`: exits unless the string has length one.
    StrOrd (O) -> I, "str_ord", Effects::EXIT;
    /// The immortal one-character str of a code point below 256.
    LatinChr (I) -> O, "latin_chr", Effects::PURE;
    /// `chr`: exits when out of range.
    StrChr (I) -> N, "str_chr", NEW.exit();
    /// `needle in haystack`; operands needle, haystack.
    StrContains (O O) -> B, "str_contains", Effects::PURE;

    // ---- classes
    /// `type(x)`.
    TypeOf (O) -> N, "type_of", NEW.read(Mem::TYPE);

    // ---- lists and tuples
    /// List, new item.
    ListAppend (O S) -> -, "list_append", Effects::EXIT.read(LIST).write(LIST);
    /// List, int, boxed inside.
    ListAppendInt (O I) -> -, "list_append_int", Effects::EXIT.read(LIST).write(LIST);
    ListAppendFloat (O F) -> -, "list_append_float", Effects::EXIT.read(LIST).write(LIST);
    /// `list.pop()`: exits when empty.
    ListPop (O) -> N, "list_pop", Effects::EXIT.read(LIST).write(LIST).fresh();
    /// `list * n` (a new list).
    ListRepeat (O I) -> N, "list_repeat", NEW.read(LIST).exit();
    /// `list + list`.
    ListConcat (O O) -> N, "list_concat", NEW.read(LIST).exit();
    /// `list[lo:hi]` with indices clamped as Python does; a missing bound is `i64::MIN`/`i64::MAX`.
    ListSlice (O I I) -> N, "list_slice", NEW.read(LIST).exit();
    /// `list[lo:hi:step]`: the last operand's bit 0 says that the lower bound is missing, bit 1 the upper one. The step is not zero.
    ListSliceStep (O I I I I) -> N, "list_slice_step", NEW.read(LIST).exit();
    /// `list[lo:hi] = value`, bounds as for `list_slice`, an exact list or tuple. Exits first when freeing what it replaces could run
    /// code.
    ListSetSlice (O I I S) -> -, "list_set_slice", Effects::EXIT.read(LIST).write(LIST).release();
    /// `list[lo:hi] = other[lo:hi:step]`: the operands of `list_set_slice` but for the value, then those of `list_slice_step`. Exits first
    /// when freeing what it replaces could run code.
    ListMoveSlice (O I I O I I I I) -> -, "list_move_slice", Effects::EXIT.read(LIST).write(LIST).release();
    TupleConcat (O O) -> N, "tuple_concat", NEW.exit();
    /// A list of a tuple's or list's items, `list(x)` / `[*x]`.
    ListFrom (O) -> N, "list_from", NEW.read(LIST).exit();
    /// A tuple of a list's items.
    TupleFrom (O) -> N, "tuple_from", NEW.read(LIST);
    /// Tuple, indices: a list of the items between them.
    TupleRest (O I I) -> N, "tuple_rest", NEW;
    /// `len` of an exact dict or set.
    DictLen (O) -> I, "dict_len", Effects::PURE.read(Mem::DICT);
    SetLen (O) -> I, "set_len", Effects::PURE.read(Mem::DICT);

    // ---- instances
    /// A new instance of a class that leaves making one to `object`; exits without memory.
    NewInstance (O) -> N, "new_instance", NEW.exit();
    /// Class, items: a new instance of a class derived from `tuple` that leaves making one to that.
    NewTuple (O O*) -> N, "new_tuple", NEW;
    /// Object, name: what the object's class has by that name, if it is a function or the like and the object has nothing of its own by
    /// that name; else exits.
    GetMethod (O O) -> N, "get_method", Effects::EXIT.read(Mem::TYPE.or(Mem::ATTR).or(Mem::DICT)).fresh();

    // ---- dicts (exact) with exact str or int keys: exits when the key is missing, or when the search meets a key of
    // another type with the same hash (its `__eq__` could be anything)
    DictGetItem (O O) -> N, "dict_get_item", Effects::EXIT.read(Mem::DICT).fresh();
    /// Dict, key, value. Exits first when freeing the old value could run code, or somebody watches the dict: it may have what compiled
    /// code takes for constant.
    DictSetItem (O O O) -> -, "dict_set_item", Effects::EXIT.read(Mem::DICT).write(Mem::DICT).release();
    /// Dict, another one: puts the items of that into the first. Exits first unless all keys are str and those of the second are new.
    DictMerge (O O) -> -, "dict_merge", Effects::EXIT.read(Mem::DICT).write(Mem::DICT);
    /// Dict, key; never exits for a missing key.
    DictContains (O O) -> B, "dict_contains", Effects::EXIT.read(Mem::DICT);

    // ---- dicts and sets (exact) asked for a tuple that has not been made: its items come last. They exit when hashing or comparing those could run
    // code, else like those above
    DictGetApart (O O*) -> N, "dict_get_apart", Effects::EXIT.read(Mem::DICT).fresh();
    DictHasApart (O O*) -> B, "dict_has_apart", Effects::EXIT.read(Mem::DICT);
    SetHasApart (O O*) -> B, "set_has_apart", Effects::EXIT.read(Mem::DICT);
    /// Dict, value, items.
    DictSetApart (O O O*) -> -, "dict_set_apart", Effects::EXIT.read(Mem::DICT).write(Mem::DICT).release();

    // ---- complex (exact): no user code
    /// Third operand is the BINARY_OP argument; both operands exact int, float or complex. Exits on an error.
    NumBinary (O O I) -> N, "num_binary", NEW.exit();
    /// The same of exact ints and floats; exits for anything else, too.
    RealBinary (O O I) -> N, "real_binary", NEW.exit();

    /// A builtin function that runs no Python code for exact numbers, then its arguments, which are such. Exits on an error.
    CallNumeric (O O*) -> N, "call_numeric", NEW.exit();

    // ---- rounding and conversion
    /// `round(x, n)` of a float.
    FloatRound (F I) -> N, "float_round", NEW.exit();
    /// `int(x)` of a float of any size; exits on nan and inf.
    FloatToLong (F) -> N, "float_to_long", NEW.exit();

    // ---- module namespace and globals (dict, name): no user code on lookup of an exact str key in a dict of str keys
    /// Borrowed content is returned as a new reference; exits when missing.
    DictGetName (O O) -> N, "dict_get_name", Effects::EXIT.read(Mem::DICT).fresh();
    /// Dict, name, value: as `dict_set_item`, whoever watches. The name is one that is known to change.
    DictSetName (O O O) -> -, "dict_set_name", Effects::EXIT.read(Mem::DICT).write(Mem::DICT).release();

    // ---- anything else, through CPython itself; operands stay owned by the frame state
    /// Third operand is the BINARY_OP argument.
    Binary (O O I) -> N, "binary", USER;
    /// Third operand as for `long_cmp`.
    Compare (O O I) -> N, "compare", USER;
    /// As `compare`, and the truth of what that gives.
    CompareBool (O O I) -> B, "compare_bool", USER;
    Negate (O) -> N, "negate", USER;
    Invert (O) -> N, "invert", USER;
    /// Truth: 0, 1, or -1 for an exception.
    Truth (O) -> B, "truth", USER;
    /// `needle in container`; operands needle, container.
    Contains (O O) -> B, "contains", USER;
    GetItem (O O) -> N, "get_item", USER;
    /// Container, key, value.
    SetItem (O O O) -> -, "set_item", USER;
    DelItem (O O) -> -, "del_item", USER;
    /// Object, name.
    GetAttr (O O) -> N, "get_attr", USER;
    /// `super(class, object)`, and its attribute of this name.
    SuperAttr (O O O) -> N, "super_attr", USER;
    /// Object, name, value.
    SetAttr (O O O) -> -, "set_attr", USER;
    /// `list.sort()`.
    ListSort (O) -> -, "list_sort", USER;
    /// List, iterable: appends every item.
    ListExtend (O O) -> -, "list_extend", USER;
    /// `iter(x)`.
    GetIter (O) -> N, "get_iter", USER;
    /// The next item, or the null pointer without an exception when the iterator is done; on an exception the immortal
    /// address 1 (never a valid object).
    IterNext (O) -> N, "iter_next", USER;
    /// Callable, then arguments, all positional.
    CallPos (O O*) -> N, "call_pos", USER;
    /// Callable, tuple of keyword names, then arguments (keyword values last).
    CallKw (O O O*) -> N, "call_kw", USER;
    /// Callable, tuple of arguments, then perhaps a dict of keyword arguments.
    CallEx (O O O*) -> N, "call_ex", USER;
    /// A builtin function or method, its [`crate::builtins::Care`] as a number, then arguments, all positional.
    CallBuiltin (O I O*) -> N, "call_builtin", USER;
    /// Dict, name, value: binds a name in a module's namespace.
    StoreName (O O O) -> -, "store_name", USER;
    /// A dict of alternating keys and values.
    DictNew (O*) -> N, "dict_new", USER;
    /// `{}`: exits without memory.
    DictEmpty () -> N, "dict_empty", NEW.exit();
    /// The dict that `**kwargs` gets: alternating names, all different, and values.
    KwDict (O*) -> N, "kw_dict", NEW;
    /// A set of the items.
    SetNew (O*) -> N, "set_new", USER;
    /// Joined str of formatted pieces (all exact str).
    StrJoin (O*) -> N, "str_join", USER;
    /// `format(x, "")` as FORMAT_SIMPLE does.
    FormatSimple (O) -> N, "format_simple", USER;
    /// A Python function: code object, globals, then closure and defaults (tuples, or None).
    FuncNew (O O S S) -> N, "func_new", NEW;
    /// A cell holding the object, or empty for the null pointer.
    CellNew (S) -> N, "cell_new", NEW;
    /// Object, specification: `format(x, spec)`.
    FormatWith (O O) -> N, "format_with", USER;
    /// `str`, `repr` or `ascii` of an object, by CONVERT_VALUE's argument.
    Convert (O I) -> N, "convert", USER;
    /// Whether the object's class counts as one of sequences, of mappings.
    IsSequence (O) -> B, "is_sequence", Effects::PURE.read(Mem::TYPE);
    IsMapping (O) -> B, "is_mapping", Effects::PURE.read(Mem::TYPE);
    /// `len(x)`.
    Length (O) -> I, "length", USER;
    /// Mapping, tuple of keys: their values, a tuple, or None.
    MatchKeys (O O) -> N, "match_keys", USER;
    /// Subject, class, names of attributes, how many come by position: the attributes, a tuple, or None.
    MatchClass (O O O I) -> N, "match_class", USER;
    /// Set, new item.
    SetAdd (O O) -> -, "set_add", USER;
    /// A slice object: start, stop, step.
    SliceNew (O O O) -> N, "slice_new", NEW.exit();
}

impl fmt::Display for Helper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.info().name)
    }
}

impl FromStr for Helper {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        Helper::ALL
            .iter()
            .copied()
            .find(|h| h.info().name == s)
            .ok_or_else(|| format!("unknown helper {s:?}"))
    }
}
