//! What the compiler knows of the running program: an owned copy, made under the GIL by the runtime's capture.
//! Nothing after capture asks the interpreter anything; objects are addresses that the snapshot's owner keeps alive.

use crate::builtins::{self, Builtin, Care};
use crate::ir::Kind;
use crate::maps::{HashMap, HashSet};
use crate::ops::AttrAt;
use crate::types::{Ty, TySet};

/// Index into [`Snapshot::codes`]; 0 is the code being compiled.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct CodeId(pub u32);

/// A constant or captured object.
#[derive(Clone, Debug)]
pub struct Const {
    pub ptr: u64,
    pub desc: Desc,
}

/// What is known of a captured object.
#[derive(Clone, Debug)]
pub enum Desc {
    None,
    Bool(bool),
    /// An int that fits 64 bits.
    Int(i64),
    /// One that fits 128 bits.
    Wide(i128),
    /// An int that does not.
    BigInt,
    Float(f64),
    Complex(f64, f64),
    /// Number of code points.
    Str {
        len: i64,
        text: String,
    },
    Tuple(Vec<Const>),
    /// A builtin the compiler knows.
    Intrinsic(Intrinsic),
    /// Another builtin function, or a method descriptor.
    Builtin(Builtin),
    /// A Python function whose code is in the snapshot.
    Func(FuncInfo),
    /// A module and those of its attributes that the code names.
    Module {
        attrs: HashMap<String, Const>,
    },
    /// A builtin class the compiler knows (`int`, `float`, `range`, ...).
    Class(Ty),
    /// A code object in the snapshot, for functions that the code makes.
    Code(CodeId),
    /// A slice of ints; `None` where a part is missing.
    Slice([Option<i64>; 3]),
    /// A cell of a function's closure, and what it holds at capture.
    Cell(Box<Shape>),
    /// Anything else, of this type if it is in the table.
    Other(Ty),
}

impl Desc {
    pub fn ty(&self) -> Ty {
        match self {
            Desc::None => Ty::None,
            Desc::Bool(_) => Ty::Bool,
            Desc::Int(_) | Desc::Wide(_) | Desc::BigInt => Ty::Int,
            Desc::Float(_) => Ty::Float,
            Desc::Complex(..) => Ty::Complex,
            Desc::Str { .. } => Ty::Str,
            Desc::Tuple(_) => Ty::Tuple,
            Desc::Cell(_) => Ty::Cell,
            Desc::Intrinsic(i) if i.is_class() => Ty::Type,
            Desc::Intrinsic(_) => Ty::Builtin,
            Desc::Builtin(b) if b.receiver.is_some() => Ty::Any,
            Desc::Builtin(_) => Ty::Builtin,
            Desc::Func(_) => Ty::Func,
            Desc::Module { .. } => Ty::Module,
            Desc::Class(_) => Ty::Type,
            Desc::Code(_) | Desc::Slice(_) => Ty::Any,
            Desc::Other(t) => *t,
        }
    }
}

/// A captured Python function: what a call to it needs. Unless it is one of many, a function watcher holds it: a change to
/// code or defaults invalidates.
#[derive(Clone, Debug)]
pub struct FuncInfo {
    pub code: CodeId,
    /// Positional defaults, for the last parameters.
    pub defaults: Vec<Const>,
    /// Defaults of the keyword-only parameters, as far as they are known; watched like the rest.
    pub kwdefaults: Vec<Option<Const>>,
    /// Cells of the closure.
    pub closure: Vec<Const>,
    /// Address of the globals dict.
    pub globals: u64,
    /// A function made within another: others of the same code and globals, with defaults and closures of their own, take its
    /// place. Calls check code and globals, and take the rest from the function that is called.
    pub one_of_many: bool,
}

/// A function that a call has met: its code, the globals it was made with, and how many defaults it had.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Callee {
    pub code: u64,
    pub globals: u64,
    pub defaults: usize,
}

/// A class written in Python. What is said here holds while it has this version.
#[derive(Clone, Debug)]
pub struct ClassInfo {
    pub version: u32,
    /// Addresses of the classes it derives from, itself included.
    pub bases: Vec<u64>,
    /// Whether all of them but `object` are written in Python.
    pub pure: bool,
    /// Whether it is pure, and its instances die without a finaliser.
    pub quiet: bool,
    /// Whether it derives from `tuple`, and its instances die without a finaliser and keep nothing but their items that the compiler knows of.
    pub tuple: bool,
    /// Whether its instances' `__class__` is what it seems.
    pub candid: bool,
    /// Special methods that it has, by name: the function where it is a Python function.
    pub special: HashMap<&'static str, Option<Const>>,
    /// `__init__`, where calling the class makes an instance the way `object` does and then runs that function.
    pub init: Option<Const>,
    /// `__new__`, where calling the class runs that function and then nothing.
    pub new: Option<Const>,
    /// Whether that it stays as it is is assumed: then code may name it.
    pub lasting: bool,
    /// What the class itself is an instance of.
    pub kind: Ty,
    /// Attributes of the class itself that the code may mean by the names it loads attributes by. That they stay is assumed.
    pub attrs: HashMap<String, ClassAttr>,
    /// Where its instances keep attributes that codes of this snapshot set by `object.__setattr__`.
    pub places: HashMap<String, AttrAt>,
}

/// What loading an attribute of a class comes to.
#[derive(Clone, Debug)]
pub enum ClassAttr {
    /// This object: data, a function, or what a `staticmethod` holds.
    Plain(Const),
    /// The function of a `classmethod`, which is called with the class.
    Method(Const),
}

/// Special methods that may be inlined where an operator calls them: binary operators in order of BINARY_OP's argument (plain,
/// reflected, in place), comparisons in theirs, and others.
pub const BINARY_METHODS: [[&str; 3]; 13] = [
    ["__add__", "__radd__", "__iadd__"],
    ["__and__", "__rand__", "__iand__"],
    ["__floordiv__", "__rfloordiv__", "__ifloordiv__"],
    ["__lshift__", "__rlshift__", "__ilshift__"],
    ["__matmul__", "__rmatmul__", "__imatmul__"],
    ["__mul__", "__rmul__", "__imul__"],
    ["__mod__", "__rmod__", "__imod__"],
    ["__or__", "__ror__", "__ior__"],
    ["__pow__", "__rpow__", "__ipow__"],
    ["__rshift__", "__rrshift__", "__irshift__"],
    ["__sub__", "__rsub__", "__isub__"],
    ["__truediv__", "__rtruediv__", "__itruediv__"],
    ["__xor__", "__rxor__", "__ixor__"],
];
pub const COMPARE_METHODS: [&str; 6] = ["__lt__", "__le__", "__eq__", "__ne__", "__gt__", "__ge__"];
pub const OTHER_METHODS: [&str; 7] = [
    "__getitem__",
    "__setitem__",
    "__neg__",
    "__iter__",
    "__next__",
    "__enter__",
    "__exit__",
];
/// What a `with` looks up, by the argument of LOAD_SPECIAL.
pub const WITH_METHODS: [&str; 2] = ["__enter__", "__exit__"];

macro_rules! intrinsics {
    ($($name:ident = $module:literal . $attr:literal;)*) => {
        /// Builtins the compiler gives their own ops.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum Intrinsic { $($name,)* }
        impl Intrinsic {
            /// Every intrinsic.
            pub const ALL: &'static [Intrinsic] = &[$(Intrinsic::$name,)*];
            /// Module and attribute under which the interpreter has it.
            pub fn path(self) -> (&'static str, &'static str) {
                match self { $(Intrinsic::$name => ($module, $attr),)* }
            }
        }
    };
}

intrinsics! {
    Len = "builtins"."len"; Min = "builtins"."min"; Max = "builtins"."max"; Abs = "builtins"."abs"; Sum = "builtins"."sum";
    Round = "builtins"."round"; Divmod = "builtins"."divmod"; Pow = "builtins"."pow"; Ord = "builtins"."ord"; Chr = "builtins"."chr";
    Isinstance = "builtins"."isinstance"; Any = "builtins"."any"; All = "builtins"."all"; Iter = "builtins"."iter"; Next = "builtins"."next";
    Object = "builtins"."object"; Type = "builtins"."type"; ObjectSetattr = "builtins.object"."__setattr__"; TupleNewOf = "builtins.tuple"."__new__";
    Int = "builtins"."int"; Float = "builtins"."float"; Bool = "builtins"."bool"; Str = "builtins"."str"; Range = "builtins"."range";
    Enumerate = "builtins"."enumerate"; Zip = "builtins"."zip"; Reversed = "builtins"."reversed"; Sorted = "builtins"."sorted"; Super = "builtins"."super"; List = "builtins"."list"; Tuple = "builtins"."tuple";
    MathSqrt = "math"."sqrt"; MathSin = "math"."sin"; MathCos = "math"."cos"; MathTan = "math"."tan"; MathAsin = "math"."asin"; MathAcos = "math"."acos";
    MathAtan = "math"."atan"; MathAtan2 = "math"."atan2"; MathSinh = "math"."sinh"; MathCosh = "math"."cosh"; MathTanh = "math"."tanh";
    MathAsinh = "math"."asinh"; MathAcosh = "math"."acosh"; MathAtanh = "math"."atanh"; MathExp = "math"."exp"; MathExp2 = "math"."exp2"; MathExpm1 = "math"."expm1";
    MathLog = "math"."log"; MathLog2 = "math"."log2"; MathLog10 = "math"."log10"; MathLog1p = "math"."log1p"; MathPow = "math"."pow"; MathFmod = "math"."fmod";
    MathFabs = "math"."fabs"; MathFloor = "math"."floor"; MathCeil = "math"."ceil"; MathTrunc = "math"."trunc"; MathHypot = "math"."hypot";
    MathCopysign = "math"."copysign"; MathIsnan = "math"."isnan"; MathIsinf = "math"."isinf"; MathIsfinite = "math"."isfinite"; MathCbrt = "math"."cbrt";
    IntBitLength = "builtins.int"."bit_length"; OperatorIndex = "_operator"."index";
    ListAppend = "builtins.list"."append"; ListPop = "builtins.list"."pop"; MathErf = "math"."erf"; MathErfc = "math"."erfc"; MathGcd = "math"."gcd"; MathIsqrt = "math"."isqrt"; MathRadians = "math"."radians"; MathDegrees = "math"."degrees";
    Complex = "builtins"."complex"; ComplexConjugate = "builtins.complex"."conjugate"; CmathExp = "cmath"."exp"; CmathLog = "cmath"."log"; CmathSqrt = "cmath"."sqrt";
    CmathSin = "cmath"."sin"; CmathCos = "cmath"."cos"; CmathTan = "cmath"."tan"; CmathSinh = "cmath"."sinh"; CmathCosh = "cmath"."cosh"; CmathTanh = "cmath"."tanh";
    CmathAsin = "cmath"."asin"; CmathAcos = "cmath"."acos"; CmathAtan = "cmath"."atan"; CmathPhase = "cmath"."phase"; CmathRect = "cmath"."rect";
}

impl Intrinsic {
    /// What is known of it as a call, where none of its ops fits.
    pub fn builtin(self) -> Builtin {
        let (owner, name) = self.path();
        let owner = owner.strip_prefix("builtins.").unwrap_or(owner);
        let (care, result) = if self.is_class() {
            (Care::Any, Ty::Any)
        } else {
            builtins::lookup(owner, name)
        };
        Builtin {
            care,
            result,
            receiver: None,
        }
    }

    /// Whether the builtin is a class rather than a function.
    pub fn is_class(self) -> bool {
        use Intrinsic::*;
        matches!(
            self,
            Object | Type | Int | Float | Complex | Bool | Str | Range | Enumerate | Zip | Reversed | Super | List | Tuple
        )
    }
}

/// One code object.
#[derive(Clone, Debug)]
pub struct Code {
    pub name: String,
    pub filename: String,
    /// `co_code_adaptive` as it stood: two bytes a code unit, specialised opcodes and caches included.
    pub bytes: Vec<u8>,
    pub consts: Vec<Const>,
    pub names: Vec<String>,
    /// Addresses of the `co_names` strings.
    pub name_ptrs: Vec<u64>,
    pub localsplus: Vec<LocalKind>,
    /// Names of the parameters, those of `*args` and `**kwargs` left out.
    pub parameters: Vec<String>,
    pub argcount: u32,
    pub kwonly: u32,
    pub posonly: u32,
    pub stacksize: u32,
    pub flags: u32,
    pub exception_table: Vec<u8>,
    /// Address of the code object.
    pub ptr: u64,
    /// Where the runtime keeps the native entry of what is compiled for it; 0: nowhere.
    pub link: u64,
    /// What LOAD_GLOBAL / LOAD_NAME of each name finds and may be taken as constant (watched); by name index.
    pub globals: HashMap<u32, Const>,
    /// Where the globals are that change, or are a module's data, by name index.
    pub entries: HashMap<u32, Entry>,
    /// Address of the globals dict this code ran with, and of its builtins.
    pub globals_ptr: u64,
    pub builtins_ptr: u64,
    /// Where attributes are found, by code unit (`Instr::start`).
    pub attrs: HashMap<u32, AttrSites>,
    /// Functions that calls have met or are going to, by code unit, besides those that live values show. All are
    /// one of many.
    pub callees: HashMap<u32, Vec<FuncInfo>>,
    /// What exits and warm-up taught, by code unit.
    pub feedback: HashMap<u32, Feedback>,
    /// Whether anything has run yet; without, an unspecialised cache means nothing.
    pub warm: bool,
    /// By parameter, the first ones: versions of the classes of the arguments that calls have had.
    pub met: Vec<Vec<u32>>,
}

/// Where a dict has a key.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Version of the dict's keys.
    pub version: u32,
    /// Bytes from the keys to the pointer to the value.
    pub offset: u32,
    /// The value at capture.
    pub shape: Shape,
}

/// What is known of an attribute instruction.
#[derive(Clone, Debug, Default)]
pub struct AttrSites {
    /// What its inline cache says.
    pub cached: Option<AttrSite>,
    /// The same for other classes that the code has met, here or elsewhere, or that it has methods of.
    pub others: Vec<AttrSite>,
}

/// Where instances of one class have an attribute, resolved at capture. Versions are type version tags.
#[derive(Clone, Debug)]
pub enum AttrSite {
    /// LOAD_ATTR / STORE_ATTR specialised to inline values or a slot of `__slots__`.
    Value { version: u32, at: AttrAt },
    /// LOAD_ATTR_METHOD_*: a function found on the class; `keys` is the cached keys' version to check (0: none). `ty` is the class,
    /// if it is a builtin one in the table.
    Method { version: u32, keys: u32, ty: Ty, func: Const },
    /// A property's getter.
    Property { version: u32, getter: Const },
    /// The function of a class method, and the class that it is called with.
    ClassMethod {
        version: u32,
        keys: u32,
        func: Const,
        class: Const,
    },
    /// A class attribute that is no descriptor, or what a static method holds.
    Constant { version: u32, keys: u32, value: Const },
    /// A field of a named tuple: its place among the items.
    Item { version: u32, index: u32 },
    /// What `super()` finds: a method, behind the class at this place of the order.
    Super { version: u32, index: u32, func: Const },
}

impl AttrSite {
    pub fn version(&self) -> u32 {
        match self {
            AttrSite::Value { version, .. }
            | AttrSite::Method { version, .. }
            | AttrSite::Property { version, .. }
            | AttrSite::ClassMethod { version, .. }
            | AttrSite::Constant { version, .. }
            | AttrSite::Item { version, .. }
            | AttrSite::Super { version, .. } => *version,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LocalKind {
    Local,
    Cell,
    Free,
    /// A parameter that is also captured by an inner function.
    ArgCell,
}

/// What exits at one bytecode have taught.
#[derive(Clone, Debug, Default)]
pub struct Feedback {
    /// Types seen where a guard failed, by the operand's depth on the stack (0: top).
    pub types: HashMap<u8, TySet>,
    /// Ints or floats that were expected there instead.
    pub wanted: TySet,
    /// Versions of the classes of such objects, where they are written in Python; 0 when they differ.
    pub classes: HashMap<u8, u32>,
    /// The int result did not fit: use big ints.
    pub overflow: bool,
    /// A boxed int here did not fit.
    pub bigint: bool,
    /// An int here did not fit 128 bits either.
    pub huge: bool,
    /// Bounds, zero division or finaliser exits are frequent: use the generic op.
    pub generic: bool,
    /// Arguments outside what the fast path computes are frequent.
    pub domain: bool,
    /// Reached although it looked cold.
    pub reached: bool,
    /// A guard hoisted out of the loop failed: do not hoist from here.
    pub no_hoist: bool,
    /// The callee varies, or is better called than inlined.
    pub polymorphic_call: bool,
    /// What has been called instead of what was expected.
    pub callees: Vec<Callee>,
    /// Versions of classes whose instances have been met where those of another were expected.
    pub met: Vec<u32>,
    /// When it last changed, by the runtime's own count.
    pub revision: u64,
}

/// Classes that are remembered of one value or attribute instruction.
pub const CLASSES: usize = 4;

/// Adds versions of classes to those that are remembered, as far as there is room.
pub fn add_classes(known: &mut Vec<u32>, more: &[u32]) {
    for &version in more {
        if version != 0 && known.len() < CLASSES && !known.contains(&version) {
            known.push(version);
        }
    }
}

/// A live value's shape at the moment of capture: its type, and, for containers, what its items had in common.
#[derive(Clone, Debug)]
pub struct Shape {
    pub ty: Ty,
    /// Common shape of the items sampled (lists, tuples).
    pub item: Option<Box<Shape>>,
    /// Of a list or tuple of few items, where they are not all alike: the shape of each.
    pub fields: Vec<Shape>,
    /// `array.array` type code.
    pub typecode: Option<char>,
    /// Ints only: how large it is.
    pub size: Size,
    /// It stands for several objects, which are ints and floats.
    pub real: bool,
    /// Versions of its class, or of its classes where it stands for several objects; those written in Python, at most [`CLASSES`].
    pub classes: Vec<u32>,
    /// Address, where the object itself may be taken as a constant (functions, builtins the compiler knows).
    pub ptr: u64,
    /// For functions: what a call to this very object needs.
    pub func: Option<Box<Const>>,
}

impl Shape {
    /// A value of which only the type is known.
    pub fn of(ty: Ty) -> Shape {
        Shape {
            ty,
            item: None,
            fields: Vec::new(),
            typecode: None,
            size: Size::Int,
            real: false,
            classes: Vec::new(),
            ptr: 0,
            func: None,
        }
    }

    /// What an item looks like: the one at this place, if it is known which.
    pub fn item_at(&self, index: Option<i64>) -> Option<&Shape> {
        let n = self.fields.len() as i64;
        index
            .map(|i| if i < 0 { i + n } else { i })
            .and_then(|i| self.fields.get(usize::try_from(i).ok()?))
            .or(self.item.as_deref())
    }
}

/// How an int can be held.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Size {
    /// It fits 64 bits.
    #[default]
    Int,
    /// It fits 64 bits without a sign.
    Word,
    /// It fits 128 bits.
    Wide,
    Huge,
}

/// Where compiled code shall be entered and what is live there.
#[derive(Clone, Debug)]
pub struct EntryPoint {
    pub mode: crate::ir::EntryMode,
    /// For `Call`: shapes of the arguments, and of the cells of the closure where there is one, each in its place. For `Frame`: of all localsplus (`None`: unset).
    pub locals: Vec<Option<Shape>>,
    /// For `Frame`: the operand stack; kinds with iterators the runtime can take apart (sole reference) already named.
    pub stack: Vec<StackShape>,
    /// For module-level frames: names bound in the namespace, by `co_names` index, with their shapes.
    pub names: Vec<(u32, Shape)>,
    /// Module level: locals live in a dict.
    pub module_level: bool,
    /// Module level: some code of the module gets hold of that dict, and may look into it without running Python code.
    pub dict_known: bool,
}

/// A live stack operand.
#[derive(Clone, Debug)]
pub enum StackShape {
    Null,
    Value(Shape),
    /// An iterator that may be taken apart, as the kind it will have, and the shape of what it iterates over.
    Iter(Kind, Option<Shape>),
}

/// Everything one compilation may look at.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub codes: Vec<Code>,
    pub entry: EntryPoint,
    /// Addresses of immortal singletons and of types, for constants the builder makes itself.
    pub none: u64,
    /// Classes written in Python that the codes name or whose instances they meet, by address.
    pub classes: HashMap<u64, ClassInfo>,
    /// What attributes of live instances look like, by the class's version and the attribute's offset: mere hints.
    pub attr_shapes: HashMap<(u32, u32), Shape>,
    /// Those of them that hold what nobody else does and what may hold other things: likely to die when they are stored to.
    pub attr_dying: HashSet<(u32, u32)>,
    /// Address of `NotImplemented`.
    pub not_implemented: u64,
    /// The strs of [`WITH_METHODS`].
    pub with_names: [u64; 2],
    /// `StopIteration`.
    pub stop_iteration: u64,
    /// Address of every [`Intrinsic`] (functions, classes, method descriptors).
    pub intrinsic_ptrs: HashMap<Intrinsic, u64>,
    /// Methods of builtin types, by type and name: those whose names the codes use.
    pub methods: HashMap<(Ty, String), Const>,
    pub true_: u64,
    pub false_: u64,
    /// Switches handed through to builder, passes and lowering.
    pub options: Options,
}

/// Compiler switches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Run the optimising passes.
    pub optimise: bool,
    /// Run the verifier after every pass (always on in debug builds).
    pub verify: bool,
    /// Force an exit at every n-th guard executed (0: never).
    pub exit_every: u32,
    /// The largest number of HIR instructions accepted.
    pub max_insts: u32,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            optimise: true,
            verify: cfg!(debug_assertions),
            exit_every: 0,
            max_insts: 8_000,
        }
    }
}

impl Snapshot {
    pub fn options(&self) -> &Options {
        &self.options
    }
    pub fn code(&self, id: CodeId) -> &Code {
        &self.codes[id.0 as usize]
    }
}
