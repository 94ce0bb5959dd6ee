//! Runs compiled code in this process: executable memory, a `Ctx`, stand-ins for the runtime's functions, and
//! made-up objects with CPython's layout.

use super::{Build, fake_target};
use std::cell::RefCell;
use whipsnake_hir::helpers::Helper;
use whipsnake_hir::ir::{Reason, Slot};
use whipsnake_hir::ops::{AttrAt, Math1, Math2};
use whipsnake_hir::types::{Repr, Ty};
use whipsnake_lower::{Compiled, Loc, LowerOptions, Native, Stored, Target, attr_at, compile, ctx, spares, status};

pub const TSTATE_WORDS: usize = 120;

/// What the runtime's functions were asked to do, in order.
#[derive(Clone, PartialEq, Debug)]
pub enum Event {
    FramesBegin {
        state: i32,
        first_word: u64,
    },
    FramesEnd,
    /// A call on its way, whose frames had to be shown.
    Deferred {
        state: u64,
        first_word: u64,
    },
    Dealloc {
        state: i32,
        object: u64,
    },
    DeallocLeaf(u64),
    /// An attribute to be set out of line: what is stored (bits of a float), and where.
    SetAttr(Stored, u64, AttrAt, u64),
    BoxInt(i64),
    BoxFloat(f64),
    ListNew(Vec<u64>),
    Quick(u64),
    Helper(u64, Vec<u64>),
}

thread_local! {
    static EVENTS: RefCell<Vec<Event>> = const { RefCell::new(Vec::new()) };
    static ANSWER: RefCell<u64> = const { RefCell::new(0) };
}

pub fn events() -> Vec<Event> {
    EVENTS.take()
}
fn event(e: Event) {
    EVENTS.with_borrow_mut(|v| v.push(e));
}
/// What the next helper calls return.
pub fn answer(v: u64) {
    ANSWER.set(v);
}

/// The thread's part of what compiled code sees; `exit` is where the exit handler leaves the number of the exit.
#[repr(C)]
pub struct Ctx {
    pub tstate: *mut u64,
    pub breaker: u64,
    pub forced: i64,
    pub exit: u64,
    pub deferred: u64,
    pub stack_limit: u64,
    pub current: u64,
    pub words: [u64; ctx::WORD_COUNT],
}

const _: () = assert!(std::mem::offset_of!(Ctx, words) == ctx::WORDS as usize);

/// Status the exit handler answers, in `words[479]` from the outside: 0 stands for 1.
const HANDLER_STATUS: usize = ctx::WORD_COUNT - 1;

extern "C" fn exit_handler(ctx: *mut Ctx, exit: u32) -> i64 {
    // SAFETY: compiled code hands through the pointer that `Machine::run` gave it.
    let ctx = unsafe { &mut *ctx };
    ctx.exit = u64::from(exit);
    let mut record = ctx.deferred as *mut [u64; 3];
    // SAFETY: each record lies in the stack frame of a call that has not returned, in front of its state's values.
    while let Some([outer, state, first_word]) = unsafe { record.as_mut() }
        && *outer & 1 == 0
    {
        event(Event::Deferred {
            state: *state,
            first_word: *first_word,
        });
        record = *outer as *mut _;
        *outer |= 1;
    }
    match ctx.words[HANDLER_STATUS] {
        0 => 1,
        n => n as i64,
    }
}
extern "C" fn frames_begin(_: *mut Ctx, state: i32, buf: *const u64) {
    // SAFETY: the states of these tests have at least one value.
    let first_word = unsafe { *buf };
    event(Event::FramesBegin { state, first_word });
}
extern "C" fn frames_end(_: *mut Ctx) {
    event(Event::FramesEnd);
}
extern "C" fn call_end(ctx: *mut Ctx, _: i32, _: i32) {
    // SAFETY: compiled code hands through the pointer that `Machine::run` gave it, and has linked a record.
    unsafe { (*ctx).deferred = *((*ctx).deferred as *const u64) & !1 };
}
extern "C" fn dealloc(_: *mut Ctx, state: i32, _: *const u64, object: u64) {
    event(Event::Dealloc { state, object });
}
extern "C" fn dealloc_leaf(object: u64) {
    poke(object, peek(object) >> 32 << 32);
    event(Event::DeallocLeaf(object));
}
/// The magnitude of an int of up to 128 bits, if it fits 64.
extern "C" fn large_int(object: u64) -> u64 {
    let tag = peek(object + 16);
    let digit = |n: u64| u128::from(peek(object + 24 + 4 * (n & !1)) >> (32 * (n & 1)) & 0xffff_ffff) << (30 * n);
    let all: u128 = (0..(tag >> 3).min(4)).map(digit).sum();
    let most = (1u128 << 63) - u128::from(tag & 3 == 0);
    if tag >> 3 <= 4 && all <= most { all as u64 } else { 0 }
}
/// Stores unless a list would die.
fn store(place: u64, make: impl FnOnce() -> u64) -> i32 {
    let old = peek(place);
    let last = old != 0 && refcnt(old) == 1;
    if last && peek(old + 8) == fake_target().types[Ty::List as usize] {
        return 0;
    }
    poke(place, make());
    if last {
        dealloc_leaf(old);
    } else if old != 0 && refcnt(old) > 0 {
        poke(old, peek(old) - 1);
    }
    1
}
extern "C" fn replace_object(place: u64, new: u64) -> i32 {
    store(place, || new)
}
extern "C" fn replace_int(place: u64, new: i64) -> i32 {
    store(place, || box_int(new))
}
extern "C" fn replace_float(place: u64, new: f64) -> i32 {
    store(place, || box_float(new))
}
/// Sets nothing; answers as it was told.
fn set(stored: Stored, object: u64, at: i64, new: u64) -> i32 {
    event(Event::SetAttr(stored, object, attr_at::unpack(at), new));
    ANSWER.with_borrow(|a| *a as i32)
}
extern "C" fn set_attr(object: u64, at: i64, new: u64) -> i32 {
    set(Stored::Object, object, at, new)
}
extern "C" fn set_attr_int(object: u64, at: i64, new: u64) -> i32 {
    set(Stored::Int, object, at, new)
}
extern "C" fn set_attr_float(object: u64, at: i64, new: f64) -> i32 {
    set(Stored::Float, object, at, new.to_bits())
}
/// Objects of these tests stand for ints by being even numbers; odd ones are of another type.
extern "C" fn unbox_result(ctx: *mut Ctx, object: u64, repr: i32) -> i32 {
    if object & 1 == 1 {
        return 0;
    }
    assert_eq!(repr, Repr::Int as i32);
    // SAFETY: as in `exit_handler`.
    unsafe { (*ctx).words[0] = object / 2 };
    1
}
extern "C" fn box_int(v: i64) -> u64 {
    event(Event::BoxInt(v));
    int_object(v, 1)
}
/// No boxes made ahead, but room for them.
fn no_spares() -> u64 {
    vec![0u64; 1 + spares::MOST].leak().as_ptr() as u64
}
extern "C" fn box_float(v: f64) -> u64 {
    event(Event::BoxFloat(v));
    float_object(v, 1)
}
extern "C" fn list_new(items: *const u64, n: usize) -> u64 {
    // SAFETY: compiled code passes a buffer of `n` words.
    event(Event::ListNew(unsafe { std::slice::from_raw_parts(items, n) }.to_vec()));
    0x4040
}
extern "C" fn helper1(a: u64) -> u64 {
    event(Event::Helper(1, vec![a]));
    ANSWER.with_borrow(|a| *a)
}
/// Declines odd numbers.
extern "C" fn quick1(a: u64) -> u64 {
    event(Event::Quick(a));
    if a.is_multiple_of(2) { a + 100 } else { 0 }
}
extern "C" fn helper2(a: u64, b: u64) -> u64 {
    event(Event::Helper(2, vec![a, b]));
    ANSWER.with_borrow(|a| *a)
}
extern "C" fn helper_kw(a: u64, b: u64, rest: *const u64, n: usize) -> u64 {
    // SAFETY: as in `list_new`.
    let rest = unsafe { std::slice::from_raw_parts(rest, n) };
    event(Event::Helper(3, [&[a, b], rest].concat()));
    ANSWER.with_borrow(|a| *a)
}

extern "C" fn c_exp(x: f64) -> f64 {
    x.exp()
}
extern "C" fn c_log(x: f64) -> f64 {
    x.ln()
}
extern "C" fn c_sin(x: f64) -> f64 {
    x.sin()
}
extern "C" fn c_pow(x: f64, y: f64) -> f64 {
    x.powf(y)
}
extern "C" fn c_fmod(x: f64, y: f64) -> f64 {
    x % y
}

/// CPython's float divmod.
pub fn py_divmod(x: f64, y: f64) -> (f64, f64) {
    let mut m = x % y;
    let mut d = (x - m) / y;
    if m != 0.0 {
        if (y < 0.0) != (m < 0.0) {
            m += y;
            d -= 1.0;
        }
    } else {
        m = 0f64.copysign(y);
    }
    if d != 0.0 {
        let mut floor = d.floor();
        if d - floor > 0.5 {
            floor += 1.0;
        }
        (floor, m)
    } else {
        (0f64.copysign(x / y), m)
    }
}
extern "C" fn py_floordiv(x: f64, y: f64, leave: *mut i64) -> f64 {
    // SAFETY: compiled code passes the address of a word.
    unsafe { *leave = 0 };
    py_divmod(x, y).0
}
extern "C" fn py_mod(x: f64, y: f64, leave: *mut i64) -> f64 {
    // SAFETY: as above.
    unsafe { *leave = 0 };
    py_divmod(x, y).1
}
extern "C" fn py_pow(x: f64, y: f64, leave: *mut i64) -> f64 {
    // SAFETY: as above.
    let r = x.powf(y);
    unsafe { *leave = i64::from(!r.is_finite() && x.is_finite() && y.is_finite()) };
    r
}

/// A target whose functions are those above; types stay made up.
pub fn target() -> Target {
    let mut t = fake_target();
    t.exit_handler = exit_handler as *const () as u64;
    t.frames_begin = frames_begin as *const () as u64;
    t.frames_end = frames_end as *const () as u64;
    t.call_end = call_end as *const () as u64;
    t.dealloc = dealloc as *const () as u64;
    t.dealloc_leaf = dealloc_leaf as *const () as u64;
    t.large_int = large_int as *const () as u64;
    t.replace = [
        replace_object as *const () as u64,
        replace_int as *const () as u64,
        replace_float as *const () as u64,
    ];
    t.set_attr = [
        set_attr as *const () as u64,
        set_attr_int as *const () as u64,
        set_attr_float as *const () as u64,
    ];
    t.unbox_result = unbox_result as *const () as u64;
    t.box_int = box_int as *const () as u64;
    t.box_float = box_float as *const () as u64;
    t.spare_ints = no_spares();
    t.spare_floats = no_spares();
    t.spare_complexes = no_spares();
    t.list_new = list_new as *const () as u64;
    t.helpers[Helper::Negate as usize] = helper1 as *const () as u64;
    t.helpers[Helper::IterNext as usize] = helper1 as *const () as u64;
    t.helpers[Helper::Truth as usize] = helper1 as *const () as u64;
    t.quick[Helper::Invert as usize] = quick1 as *const () as u64;
    t.helpers[Helper::Invert as usize] = helper1 as *const () as u64;
    t.helpers[Helper::LongAdd as usize] = helper2 as *const () as u64;
    t.helpers[Helper::CallKw as usize] = helper_kw as *const () as u64;
    t.math1[Math1::Exp as usize] = c_exp as *const () as u64;
    t.math1[Math1::Log as usize] = c_log as *const () as u64;
    t.math1[Math1::Sin as usize] = c_sin as *const () as u64;
    t.math2[Math2::Pow as usize] = c_pow as *const () as u64;
    t.math2[Math2::Fmod as usize] = c_fmod as *const () as u64;
    t.math2[Math2::PyFloorDiv as usize] = py_floordiv as *const () as u64;
    t.math2[Math2::PyMod as usize] = py_mod as *const () as u64;
    t.math2[Math2::PyPow as usize] = py_pow as *const () as u64;
    t
}

// ---- objects: leaked arrays of words

fn object(refcnt: i32, ty: Ty, rest: &[u64]) -> u64 {
    let words: Vec<u64> = [u64::from(refcnt.cast_unsigned()), fake_target().types[ty as usize]]
        .into_iter()
        .chain(rest.iter().copied())
        .collect();
    words.leak().as_ptr() as u64
}

pub fn float_object(v: f64, refcnt: i32) -> u64 {
    object(refcnt, Ty::Float, &[v.to_bits()])
}

/// An int of any size that fits 128 bits.
pub fn big_object(v: i128, refcnt: i32) -> u64 {
    let mut m = v.unsigned_abs();
    let mut digits = Vec::new();
    while m != 0 {
        digits.push((m & ((1 << 30) - 1)) as u32);
        m >>= 30;
    }
    let sign = match v.signum() {
        0 => 1,
        1 => 0,
        _ => 2,
    };
    let mut rest = vec![(digits.len() as u64) << 3 | sign];
    rest.extend(digits.chunks(2).map(|c| u64::from(c[0]) | u64::from(*c.get(1).unwrap_or(&0)) << 32));
    rest.resize(rest.len().max(4), 0);
    object(refcnt, Ty::Int, &rest)
}

pub fn int_object(v: i64, refcnt: i32) -> u64 {
    big_object(i128::from(v), refcnt)
}

pub fn other_object(ty: Ty, refcnt: i32, rest: &[u64]) -> u64 {
    object(refcnt, ty, rest)
}

/// A list of these items; returns the list and the address of its first item.
pub fn list_object(items: &[u64]) -> (u64, u64) {
    let n = items.len() as u64;
    let items = items.to_vec().leak().as_ptr() as u64;
    (object(1, Ty::List, &[n, items, n]), items)
}

pub fn peek(addr: u64) -> u64 {
    // SAFETY: the tests only look at objects made above, which are never freed.
    unsafe { *(addr as *const u64) }
}
fn poke(addr: u64, v: u64) {
    // SAFETY: as above.
    unsafe { *(addr as *mut u64) = v };
}
pub fn refcnt(object: u64) -> i32 {
    peek(object) as u32 as i32
}

/// What one run did.
#[derive(Clone, PartialEq, Debug)]
pub enum Outcome {
    /// Word 0.
    Returned(u64),
    /// The exit's number, reason, and its state's locals.
    Exited(u32, Reason, Vec<u64>, Option<u64>),
    Raised,
}

impl Outcome {
    pub fn reason(&self) -> Reason {
        match self {
            Outcome::Exited(_, r, ..) => *r,
            o => panic!("{o:?}"),
        }
    }
}

/// Executable code and its context.
pub struct Machine {
    map: *mut libc::c_void,
    len: usize,
    pub compiled: Compiled,
    pub ctx: Box<Ctx>,
    pub tstate: Box<[u64; TSTATE_WORDS]>,
}

impl Machine {
    pub fn new(b: &Build) -> Machine {
        Machine::with(b, &target(), 0)
    }

    pub fn with(b: &Build, t: &Target, exit_every: u32) -> Machine {
        let o = LowerOptions {
            verify: true,
            exit_every,
            ..LowerOptions::default()
        };
        Machine::by(b, t, &o)
    }

    /// One whose function compiled callers may enter.
    pub fn for_callers(b: &Build, t: &Target, native: Native) -> Machine {
        let o = LowerOptions {
            verify: true,
            native: Some(native),
            ..LowerOptions::default()
        };
        Machine::by(b, t, &o)
    }

    fn by(b: &Build, t: &Target, o: &LowerOptions) -> Machine {
        let exit_every = o.exit_every;
        let compiled = compile(&b.f, t, o).unwrap_or_else(|e| panic!("{e}"));
        let len = compiled.code.len();
        // SAFETY: a fresh private mapping, filled before it is made executable and never written after.
        let map = unsafe {
            let prot = libc::PROT_READ | libc::PROT_WRITE;
            let map = libc::mmap(std::ptr::null_mut(), len, prot, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1, 0);
            assert_ne!(map, libc::MAP_FAILED);
            std::ptr::copy_nonoverlapping(compiled.code.as_ptr(), map.cast::<u8>(), len);
            assert_eq!(libc::mprotect(map, len, libc::PROT_READ | libc::PROT_EXEC), 0);
            map
        };
        let mut tstate = Box::new([0u64; TSTATE_WORDS]);
        // Frames left, in the lower half of the word at its offset; no limit on the C stack.
        tstate[whipsnake_abi::layout::tstate::PY_RECURSION_REMAINING / 8] = 1000;
        let ctx = Box::new(Ctx {
            tstate: tstate.as_mut_ptr(),
            breaker: 0,
            forced: i64::from(exit_every),
            exit: u64::MAX,
            deferred: 0,
            stack_limit: 0,
            current: 0,
            words: [0; ctx::WORD_COUNT],
        });
        Machine {
            map,
            len,
            compiled,
            ctx,
            tstate,
        }
    }

    fn value(&self, l: Loc) -> u64 {
        match l {
            Loc::Word { index, .. } => self.ctx.words[usize::from(index)],
            Loc::Int(v) => v as u64,
            Loc::Float(b) => b,
            Loc::Bool(b) => u64::from(b),
            Loc::Obj(o) => u64::from(o.0),
            Loc::Null => 0,
        }
    }

    /// Calls the native entry: status and result.
    pub fn call(&mut self, func: u64, args: &[u64]) -> (i64, u64) {
        #[repr(C)]
        struct Answer(i64, u64);
        self.ctx.tstate = self.tstate.as_mut_ptr();
        let entry = self.map as usize + self.compiled.native.expect("it has one") as usize;
        // SAFETY: the code at that offset has this type, and what it is given lives until it returns.
        let Answer(status, value) = unsafe {
            let f: extern "C" fn(*mut Ctx, u64, *const u64) -> Answer = std::mem::transmute(entry);
            f(&raw mut *self.ctx, func, args.as_ptr())
        };
        (status, value)
    }

    pub fn run(&mut self, args: &[u64]) -> Outcome {
        self.ctx.words[..args.len()].copy_from_slice(args);
        self.ctx.tstate = self.tstate.as_mut_ptr();
        let entry = self.map as usize + self.compiled.entry as usize;
        // SAFETY: the code at the entry offset has this type, and its context and target are valid.
        let status = unsafe {
            let f: extern "C" fn(*mut Ctx) -> i64 = std::mem::transmute(entry);
            f(&raw mut *self.ctx)
        };
        match status {
            0 => Outcome::Returned(self.ctx.words[0]),
            1 => {
                let e = &self.compiled.exits[self.ctx.exit as usize];
                let mut locals = Vec::new();
                for slot in &self.compiled.states[e.state as usize].locals {
                    let Slot::Val { v, .. } = slot else { panic!("{slot:?}") };
                    locals.push(self.value(*v));
                }
                Outcome::Exited(self.ctx.exit as u32, e.reason, locals, e.culprit.map(|l| self.value(l)))
            }
            status::RAISED => Outcome::Raised,
            s => panic!("status {s}"),
        }
    }

    /// Makes the exit handler report an exception.
    pub fn handler_raises(&mut self) {
        self.ctx.words[HANDLER_STATUS] = status::RAISED as u64;
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // SAFETY: mapped in `with`; nothing runs in it any more.
        unsafe { libc::munmap(self.map, self.len) };
    }
}
