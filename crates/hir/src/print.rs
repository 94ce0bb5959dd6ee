//! The text form of a function; [`crate::parse`] reads it back.
//!
//! One statement a line: the `func` line, `locals`, `stack` and `names` of the entry, objects, the frame states in use,
//! then blocks in order. `;` starts a comment. A value is printed with its representation where it is defined,
//! `obj.list` being an object known to be a list.
//!
//! ```text
//! func "f" code0 frame 12 ret obj entry b0
//! locals int, obj.list
//! obj0 0x7f00 function
//! s0 code0@12 locals(v0, v1!) stack()
//! b0(v0: int, v1: obj.list) state s0:
//!   v2: int = const_int.1
//!   v3: int = iadd.check v0, v2 [s0 overflow]
//!   jump b1(v3)
//! ```
//!
//! A slot `v1!` owns its reference.

use crate::ir::{Block, EntryMode, FrameState, Function, Inst, Kind, Native, Reason, Role, Slot, StateId, Target, Value};
use crate::ops::Op;
use crate::types::{Repr, Ty};
use std::fmt::{self, Display, Formatter, Write};

impl Display for Reason {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Type(t) => return write!(f, "type({t})"),
            Reason::Unsupported(op) => return write!(f, "unsupported({op})"),
            _ => {}
        }
        f.write_str(match self {
            Reason::None => "none",
            Reason::Overflow => "overflow",
            Reason::BigInt => "bigint",
            Reason::Huge => "huge",
            Reason::Bounds => "bounds",
            Reason::ZeroDivision => "zero_division",
            Reason::Domain => "domain",
            Reason::Cold => "cold",
            Reason::Callee => "callee",
            Reason::Unbound => "unbound",
            Reason::Raised => "raised",
            Reason::SafePoint => "safepoint",
            Reason::Invalidated => "invalidated",
            Reason::Finaliser => "finaliser",
            Reason::Stray => "stray",
            Reason::Hoisted => "hoisted",
            Reason::Done => "done",
            Reason::Type(_) | Reason::Unsupported(_) => unreachable!(),
        })
    }
}

fn list<T>(f: &mut Formatter<'_>, items: &[T], mut one: impl FnMut(&mut Formatter<'_>, &T) -> fmt::Result) -> fmt::Result {
    for (i, x) in items.iter().enumerate() {
        if i > 0 {
            f.write_str(", ")?;
        }
        one(f, x)?;
    }
    Ok(())
}

impl Display for Native {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Native::Sum => "sum",
            Native::Min => "min",
            Native::Max => "max",
            Native::List => "list",
            Native::Tuple => "tuple",
            Native::Sorted => "sorted",
        })
    }
}

impl<V: Display> Display for Slot<V> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Slot::Null => f.write_str("null"),
            Slot::Val { v, owned } => write!(f, "{v}{}", if *owned { "!" } else { "" }),
            Slot::Const(o) => write!(f, "{o}"),
            Slot::Tuple(items) | Slot::List(items) | Slot::Zip(items) => {
                f.write_str(match self {
                    Slot::Tuple(_) => "tuple(",
                    Slot::List(_) => "list(",
                    _ => "zip(",
                })?;
                list(f, items, |f, s| s.fmt(f))?;
                f.write_char(')')
            }
            Slot::Range { start, stop, step } => write!(f, "range({start}, {stop}, {step})"),
            Slot::RangeIter { next, step, len } => write!(f, "rangeiter({next}, {step}, {len})"),
            Slot::RangeBy { next, stop, step } => write!(f, "rangeby({next}, {stop}, {step})"),
            Slot::ListIter { list, index } => write!(f, "listiter({list}, {index})"),
            Slot::TupleIter { tuple, index } => write!(f, "tupleiter({tuple}, {index})"),
            Slot::StrIter { s, index } => write!(f, "striter({s}, {index})"),
            Slot::ListRevIter { list, index } => write!(f, "listreviter({list}, {index})"),
            Slot::Enumerate { count, inner } => write!(f, "enumerate({count}, {inner})"),
            Slot::Chr { v } => write!(f, "chr({v})"),
            Slot::Func(func) => {
                write!(f, "func({}, {}, (", func.code, func.globals)?;
                list(f, &func.closure, |f, s| s.fmt(f))?;
                f.write_str("), (")?;
                list(f, &func.defaults, |f, s| s.fmt(f))?;
                f.write_str("))")
            }
            Slot::Gen(g) => {
                write!(f, "gen({}, code{}@{}, (", g.func, g.code.0, g.bci)?;
                list(f, &g.locals, |f, s| s.fmt(f))?;
                f.write_str("), (")?;
                list(f, &g.stack, |f, s| s.fmt(f))?;
                f.write_str("))")
            }
            Slot::Inst(i) => {
                write!(f, "inst({}, {}, (", i.id, i.class)?;
                list(f, &i.fields, |f, (at, s)| write!(f, "{at} {s}"))?;
                f.write_str("))")
            }
            Slot::Complex { re, im } => write!(f, "complex({re}, {im})"),
            Slot::Wide { lo, hi } => write!(f, "wide({lo}, {hi})"),
        }
    }
}

impl<V: Display> Display for FrameState<V> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "code{}@{}", self.code.0, self.bci)?;
        if let Some(p) = self.parent {
            write!(f, " parent {p}")?;
        }
        match self.role {
            Role::Call => {}
            Role::Generator => f.write_str(" generator")?,
            Role::Discard => f.write_str(" discard")?,
            Role::Operator => f.write_str(" operator")?,
            Role::Init => f.write_str(" init")?,
            Role::New => f.write_str(" new")?,
            Role::Next => f.write_str(" next")?,
            Role::Native(n) => write!(f, " {n}")?,
        }
        if !matches!(self.func, Slot::Null) {
            write!(f, " func {}", self.func)?;
        }
        f.write_str(" locals(")?;
        list(f, &self.locals, |f, s| s.fmt(f))?;
        f.write_str(") stack(")?;
        list(f, &self.stack, |f, s| s.fmt(f))?;
        f.write_char(')')
    }
}

impl Display for Kind {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Null => f.write_str("null"),
            Kind::Int => f.write_str("int"),
            Kind::Float => f.write_str("float"),
            Kind::Bool => f.write_str("bool"),
            Kind::Obj(t) => write!(f, "obj.{t}"),
            Kind::Maybe => f.write_str("maybe"),
            Kind::Const(o) => write!(f, "{o}"),
            Kind::Tuple(items) | Kind::Zip(items) => {
                f.write_str(if matches!(self, Kind::Tuple(_)) { "tuple(" } else { "zip(" })?;
                list(f, items, |f, s| s.fmt(f))?;
                f.write_char(')')
            }
            Kind::Complex => f.write_str("complex"),
            Kind::Word => f.write_str("word"),
            Kind::Wide => f.write_str("wide"),
            Kind::Range => f.write_str("range"),
            Kind::RangeIter => f.write_str("rangeiter"),
            Kind::RangeUp => f.write_str("rangeup"),
            Kind::RangeBy(step) => write!(f, "rangeby.{step}"),
            Kind::ListIter(k) => write!(f, "listiter({k})"),
            Kind::TupleIter(k) => write!(f, "tupleiter({k})"),
            Kind::StrIter(k) => write!(f, "striter({k})"),
            Kind::ListRevIter(k) => write!(f, "listreviter({k})"),
            Kind::Enumerate(k) => write!(f, "enumerate({k})"),
        }
    }
}

struct Typed(Repr, Ty);

impl Display for Typed {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Typed(Repr::Obj, Ty::Any) => f.write_str("obj"),
            Typed(Repr::Obj, t) => write!(f, "obj.{t}"),
            Typed(r, _) => r.fmt(f),
        }
    }
}

impl Function {
    fn fmt_values(&self, f: &mut Formatter<'_>, vs: &[Value]) -> fmt::Result {
        list(f, vs, |f, v| v.fmt(f))
    }

    fn fmt_target(&self, f: &mut Formatter<'_>, t: &Target) -> fmt::Result {
        write!(f, " {}(", t.block)?;
        self.fmt_values(f, &t.args)?;
        f.write_char(')')
    }

    fn fmt_inst(&self, f: &mut Formatter<'_>, i: Inst) -> fmt::Result {
        let d = self.inst(i);
        f.write_str("  ")?;
        if let Some(v) = d.result {
            let vd = self.value(v);
            write!(f, "{v}: {} = ", Typed(vd.repr, vd.ty))?;
        }
        f.write_str(d.op.info().name)?;
        let imm = d.op.imm();
        if !imm.is_empty() {
            write!(f, ".{imm}")?;
        }
        if !d.args.is_empty() {
            f.write_char(' ')?;
            self.fmt_values(f, &d.args)?;
        }
        for t in &d.targets {
            self.fmt_target(f, t)?;
        }
        match (d.state, d.reason) {
            (None, Reason::None) => {}
            (Some(s), Reason::None) => write!(f, " [{s}]")?,
            (Some(s), r) => write!(f, " [{s} {r}]")?,
            (None, r) => write!(f, " [- {r}]")?,
        }
        if let Some(o) = d.origin {
            write!(f, " from code{}@{}", o.code.0, o.bci)?;
            if let Some(depth) = o.depth {
                write!(f, " depth {depth}")?;
            }
        }
        if let Op::ConstFloat { bits } = d.op {
            write!(f, " ; {:?}", f64::from_bits(bits))?;
        }
        f.write_char('\n')
    }

    /// The states that instructions and blocks use, calling frames included.
    pub fn used_states(&self) -> Vec<bool> {
        let mut used = vec![false; self.states.len()];
        let mut mark = |s: Option<StateId>| {
            let mut cur = s;
            while let Some(id) = cur {
                if std::mem::replace(&mut used[id.index()], true) {
                    break;
                }
                cur = self.state(id).parent;
            }
        };
        for b in &self.blocks {
            mark(b.entry_state);
            for &i in &b.insts {
                mark(self.inst(i).state);
            }
        }
        used
    }
}

impl Display for Function {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let name = self.name.replace('\\', "\\\\").replace('"', "\\\"");
        write!(f, "func \"{name}\" code{}", self.code.0)?;
        match self.mode {
            EntryMode::Call => f.write_str(" call")?,
            EntryMode::Frame { bci } => write!(f, " frame {bci}")?,
        }
        writeln!(f, " ret {} entry {}", self.ret, self.entry)?;
        for (what, kinds) in [("locals", &self.entry_locals), ("stack", &self.entry_stack)] {
            if !kinds.is_empty() {
                write!(f, "{what} ")?;
                list(f, kinds, |f, k| k.fmt(f))?;
                f.write_char('\n')?;
            }
        }
        if !self.names.is_empty() {
            f.write_str("names ")?;
            list(f, &self.names, |f, (n, stored)| write!(f, "{n}{}", if *stored { "!" } else { "" }))?;
            f.write_char('\n')?;
        }
        for (i, o) in self.objs.iter().enumerate() {
            writeln!(f, "obj{i} {:#x} {}", o.ptr, o.ty)?;
        }
        for (i, used) in self.used_states().into_iter().enumerate() {
            if used {
                writeln!(f, "{} {}", StateId(i as u32), self.states[i])?;
            }
        }
        for (i, b) in self.blocks.iter().enumerate() {
            let id = Block(i as u32);
            if b.insts.is_empty() && b.params.is_empty() && id != self.entry {
                continue;
            }
            write!(f, "{id}(")?;
            list(f, &b.params, |f, &v| {
                let d = self.value(v);
                write!(f, "{v}: {}", Typed(d.repr, d.ty))
            })?;
            f.write_char(')')?;
            if b.cold {
                f.write_str(" cold")?;
            }
            if let Some(s) = b.entry_state {
                write!(f, " state {s}")?;
            }
            if b.no_hoist {
                f.write_str(" no_hoist")?;
            }
            f.write_str(":\n")?;
            for &i in &b.insts {
                self.fmt_inst(f, i)?;
            }
        }
        Ok(())
    }
}
