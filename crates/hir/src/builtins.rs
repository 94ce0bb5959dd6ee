//! What is known of functions and methods of the interpreter's own modules that have no ops of their own: when calling one
//! cannot run Python code, and the exact type it answers with.
//!
//! A [`Care`] is a promise on a condition: the runtime looks at the arguments when the call is made, and where the condition holds
//! calls without making frames visible. What the promise says of the first argument includes a method's object.

use crate::ops::text_enum;
use crate::types::Ty;
use std::fmt;
use std::str::FromStr;

/// The condition under which a builtin runs no Python code, and frees nothing that could.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Care {
    /// Never promised.
    Any,
    /// Always.
    Free,
    /// Every argument is a number, str, bytes or `None`, or a list or tuple of such.
    Plain,
    /// Every argument but the first, which is a method's object, is as for `Plain`.
    Rest,
    /// There is no argument but a method's object.
    Alone,
    /// `isinstance`.
    IsInstance,
    /// `getattr` without a default.
    GetAttr,
    /// `len`: of a builtin container too.
    Len,
    /// `dict.get(key[, default])`.
    DictGet,
    /// `dict.setdefault(key[, default])`.
    DictSetDefault,
    /// `dict.pop(key[, default])`.
    DictPop,
    /// `set.add(key)`.
    SetAdd,
    /// `set.discard(key)`, `set.remove(key)`.
    SetRemove,
    /// `list.append(item)`.
    ListAppend,
    /// `list.pop()`, `list.pop(index)`.
    ListPop,
    /// `clear()` of a list or dict.
    Clear,
    /// `list.insert(index, item)`.
    ListInsert,
    /// `list.extend(items)`.
    ListExtend,
    /// `list.index(item)`, `list.count(item)`.
    ListFind,
    /// `list.sort()`.
    ListSort,
    /// `str.join(items)`.
    StrJoin,
    /// `deque.append(item)`: with a length limit it drops the item at the other end.
    DequeAppend,
    /// `deque.appendleft(item)`.
    DequeAppendLeft,
    /// `heapq.heappush(heap, item)`.
    HeapPush,
    /// `heapq.heappop(heap)`.
    HeapPop,
}

text_enum!(Care {
    Any = "any", Free = "free", Plain = "plain", Rest = "rest", Alone = "alone", IsInstance = "isinstance", GetAttr = "getattr", Len = "len", DictGet = "dict_get", DictSetDefault = "dict_setdefault",
    DictPop = "dict_pop", SetAdd = "set_add", SetRemove = "set_remove", ListAppend = "list_append", ListPop = "list_pop", Clear = "clear", ListInsert = "list_insert", ListExtend = "list_extend",
    ListFind = "list_find", ListSort = "list_sort", StrJoin = "str_join", DequeAppend = "deque_append", DequeAppendLeft = "deque_appendleft", HeapPush = "heap_push",
    HeapPop = "heap_pop",
});

/// A builtin function or method.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Builtin {
    pub care: Care,
    /// The exact type of the result, where it is always the same.
    pub result: Ty,
    /// For a method found on a type: that type, if it is in the table (`Any` if not).
    pub receiver: Option<Ty>,
}

type Row = (&'static str, &'static str, Care, Ty);

/// Owner (a type's `tp_name` or a module's name), names, condition, result.
const TABLE: &[Row] = &[
    ("builtins", "abs divmod hash max min pow repr round sum", Care::Plain, Ty::Any),
    ("builtins", "all any", Care::Plain, Ty::Bool),
    ("builtins", "bin chr hex oct", Care::Plain, Ty::Str),
    ("builtins", "sorted", Care::Plain, Ty::List),
    ("builtins", "ord", Care::Plain, Ty::Int),
    ("builtins", "len", Care::Len, Ty::Int),
    ("builtins", "id", Care::Free, Ty::Int),
    ("builtins", "isinstance", Care::IsInstance, Ty::Bool),
    ("builtins", "getattr", Care::GetAttr, Ty::Any),
    ("builtins", "callable", Care::Free, Ty::Bool),
    (
        "math",
        "acos acosh asin asinh atan atan2 atanh cbrt copysign cos cosh degrees dist erf erfc exp exp2 expm1 fabs fmod fsum gamma \
         hypot ldexp lgamma log1p modf nextafter pow radians remainder sin sinh sqrt sumprod tan tanh ulp",
        Care::Plain,
        Ty::Any,
    ),
    (
        "math",
        "ceil factorial floor fma gcd isqrt lcm log log10 log2 perm prod trunc",
        Care::Plain,
        Ty::Any,
    ),
    ("math", "isclose isfinite isinf isnan", Care::Plain, Ty::Bool),
    ("_random.Random", "random", Care::Free, Ty::Float),
    ("_random.Random", "getrandbits", Care::Rest, Ty::Int),
    (
        "time",
        "monotonic perf_counter process_time thread_time time",
        Care::Free,
        Ty::Float,
    ),
    (
        "time",
        "monotonic_ns perf_counter_ns process_time_ns thread_time_ns time_ns",
        Care::Free,
        Ty::Int,
    ),
    ("_bisect", "bisect_left bisect_right bisect", Care::Plain, Ty::Int),
    ("_heapq", "heappush", Care::HeapPush, Ty::None),
    ("_heapq", "heappop", Care::HeapPop, Ty::Any),
    ("re.Match", "group groups start end span groupdict", Care::Rest, Ty::Any),
    ("_struct.Struct", "pack unpack unpack_from", Care::Rest, Ty::Any),
    ("str", "join", Care::StrJoin, Ty::Str),
    ("str", "encode", Care::Alone, Ty::Bytes),
    ("bytes", "decode", Care::Alone, Ty::Str),
    (
        "str",
        "capitalize casefold center expandtabs ljust lower lstrip removeprefix removesuffix replace rjust rstrip strip swapcase title \
         upper zfill",
        Care::Plain,
        Ty::Str,
    ),
    ("str", "split rsplit splitlines", Care::Plain, Ty::List),
    ("str", "partition rpartition", Care::Plain, Ty::Tuple),
    ("str", "count find index rfind rindex", Care::Plain, Ty::Int),
    (
        "str",
        "endswith isalnum isalpha isascii isdecimal isdigit isidentifier islower isnumeric isprintable isspace istitle isupper startswith",
        Care::Plain,
        Ty::Bool,
    ),
    ("str", "format translate", Care::Plain, Ty::Any),
    ("bytes", "count find index rfind rindex", Care::Plain, Ty::Int),
    ("bytes", "endswith startswith isalpha isdigit isspace", Care::Plain, Ty::Bool),
    ("bytes", "hex", Care::Plain, Ty::Str),
    ("bytes", "join lower lstrip replace rstrip strip upper", Care::Plain, Ty::Bytes),
    ("bytes", "split", Care::Plain, Ty::List),
    ("int", "bit_count bit_length", Care::Plain, Ty::Int),
    ("int", "to_bytes", Care::Plain, Ty::Bytes),
    ("float", "hex", Care::Plain, Ty::Str),
    ("float", "is_integer", Care::Plain, Ty::Bool),
    ("float", "as_integer_ratio", Care::Plain, Ty::Tuple),
    ("tuple", "count index", Care::ListFind, Ty::Int),
    ("list", "count index", Care::ListFind, Ty::Int),
    ("list", "append", Care::ListAppend, Ty::None),
    ("list", "copy", Care::Free, Ty::List),
    ("list", "reverse", Care::Free, Ty::None),
    ("list", "pop", Care::ListPop, Ty::Any),
    ("list", "clear", Care::Clear, Ty::None),
    ("list", "remove", Care::ListFind, Ty::None),
    ("list", "insert", Care::ListInsert, Ty::None),
    ("list", "extend", Care::ListExtend, Ty::None),
    ("list", "sort", Care::ListSort, Ty::None),
    ("dict", "get", Care::DictGet, Ty::Any),
    ("dict", "setdefault", Care::DictSetDefault, Ty::Any),
    ("dict", "pop", Care::DictPop, Ty::Any),
    ("dict", "clear", Care::Clear, Ty::None),
    ("dict", "copy", Care::Free, Ty::Dict),
    ("dict", "popitem", Care::Free, Ty::Tuple),
    ("dict", "items keys values", Care::Free, Ty::Any),
    ("set", "add", Care::SetAdd, Ty::None),
    ("set", "discard remove", Care::SetRemove, Ty::None),
    ("set", "copy pop", Care::Free, Ty::Any),
    ("collections.deque", "append", Care::DequeAppend, Ty::None),
    ("collections.deque", "appendleft", Care::DequeAppendLeft, Ty::None),
    ("collections.deque", "pop popleft", Care::Free, Ty::Any),
    ("collections.deque", "rotate", Care::Rest, Ty::None),
];

/// What is known of a builtin by its owner and name.
pub fn lookup(owner: &str, name: &str) -> (Care, Ty) {
    TABLE
        .iter()
        .find(|(o, names, ..)| *o == owner && names.split(' ').any(|n| n == name))
        .map_or((Care::Any, Ty::Any), |row| (row.2, row.3))
}
