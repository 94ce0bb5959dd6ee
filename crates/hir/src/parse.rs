//! Reads the text form that [`crate::print`] writes.
//!
//! Numbers of values, blocks and states are kept as written; gaps become unused entries. The reader checks the shape of
//! the text and the op table's names and immediates; everything else is the verifier's.

use crate::ir::{
    Block, BlockData, Def, EntryMode, FrameState, FuncSlot, Function, GenSlot, Inst, InstData, InstSlot, Kind, Native, ObjInfo, Origin,
    Reason, Role, Slot, StateId, Target, Value, ValueData,
};
use crate::ops::{ObjId, Op};
use crate::snapshot::CodeId;
use crate::types::{Repr, Ty};
use smallvec::SmallVec;

/// Where and what is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// From 1.
    pub line: usize,
    pub what: String,
}

impl std::fmt::Display for ParseError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

impl std::error::Error for ParseError {}

type Res<T> = Result<T, String>;

/// Reads one function.
pub fn parse(text: &str) -> Result<Function, ParseError> {
    let mut p = Parser {
        f: Function::new("", CodeId(0), EntryMode::Call),
        block: None,
        started: false,
    };
    for (n, line) in text.lines().enumerate() {
        p.line(line).map_err(|what| ParseError { line: n + 1, what })?;
    }
    if !p.started {
        return Err(ParseError {
            line: 1,
            what: "no func line".to_string(),
        });
    }
    Ok(p.f)
}

struct Parser {
    f: Function,
    block: Option<Block>,
    started: bool,
}

/// The words and punctuation of one line.
struct Line<'a> {
    toks: Vec<&'a str>,
    at: usize,
}

const PUNCT: &[char] = &['(', ')', ',', ':', '=', '[', ']', '!'];

fn tokens(line: &str) -> Res<Vec<&str>> {
    let mut out = Vec::new();
    let mut rest = line.trim_start();
    while let Some(c) = rest.chars().next() {
        let len = if c == ';' {
            break;
        } else if c == '"' {
            let mut escaped = false;
            let close = rest[1..].char_indices().find(|&(_, c)| {
                let end = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                end
            });
            close.ok_or("unclosed string")?.0 + 2
        } else if PUNCT.contains(&c) {
            1
        } else {
            rest.find(|c: char| c.is_whitespace() || c == ';' || PUNCT.contains(&c))
                .unwrap_or(rest.len())
        };
        out.push(&rest[..len]);
        rest = rest[len..].trim_start();
    }
    Ok(out)
}

impl<'a> Line<'a> {
    fn peek(&self) -> Option<&'a str> {
        self.toks.get(self.at).copied()
    }
    fn next(&mut self) -> Res<&'a str> {
        let t = self.peek().ok_or("line ends too early")?;
        self.at += 1;
        Ok(t)
    }
    fn eat(&mut self, t: &str) -> bool {
        let hit = self.peek() == Some(t);
        self.at += usize::from(hit);
        hit
    }
    fn expect(&mut self, t: &str) -> Res<()> {
        let got = self.next()?;
        if got == t {
            Ok(())
        } else {
            Err(format!("expected {t:?}, found {got:?}"))
        }
    }
    fn end(&self) -> Res<()> {
        self.peek()
            .map_or(Ok(()), |t| Err(format!("unexpected {t:?} at the end of the line")))
    }
    fn id(&mut self, prefix: &str) -> Res<u32> {
        let t = self.next()?;
        numbered(t, prefix).ok_or_else(|| format!("expected {prefix}<number>, found {t:?}"))
    }
    fn value(&mut self) -> Res<Value> {
        self.id("v").map(Value)
    }
    fn obj(&mut self) -> Res<ObjId> {
        self.id("obj").map(ObjId)
    }
    /// `item, item, ...` up to the closing token, which is consumed.
    fn list<T>(&mut self, close: &str, mut one: impl FnMut(&mut Self) -> Res<T>) -> Res<Vec<T>> {
        let mut out = Vec::new();
        if self.eat(close) {
            return Ok(out);
        }
        loop {
            out.push(one(self)?);
            if self.eat(close) {
                return Ok(out);
            }
            self.expect(",")?;
        }
    }
    /// `code<n>@<code unit>`.
    fn place(&mut self) -> Res<(CodeId, u32)> {
        let place = self.next()?;
        let (code, bci) = place.split_once('@').ok_or("expected code<n>@<code unit>")?;
        let code = CodeId(numbered(code, "code").ok_or("expected code<n>@<code unit>")?);
        let bci = bci.parse().map_err(|_| format!("not a code unit: {bci:?}"))?;
        Ok((code, bci))
    }

    fn slots(&mut self) -> Res<Vec<Slot<Value>>> {
        self.expect("(")?;
        self.list(")", |l| l.slot())
    }

    fn slot(&mut self) -> Res<Slot<Value>> {
        let t = self.next()?;
        if let Some(n) = numbered(t, "v") {
            return Ok(Slot::Val {
                v: Value(n),
                owned: self.eat("!"),
            });
        }
        if let Some(n) = numbered(t, "obj") {
            return Ok(Slot::Const(ObjId(n)));
        }
        if t == "null" {
            return Ok(Slot::Null);
        }
        self.expect("(")?;
        let (boxed, comma) = (|l: &mut Self| l.slot().map(Box::new), |l: &mut Self| l.expect(","));
        let s = match t {
            "list" => return Ok(Slot::List(self.list(")", |l| l.slot())?)),
            "tuple" => return Ok(Slot::Tuple(self.list(")", |l| l.slot())?)),
            "zip" => return Ok(Slot::Zip(self.list(")", |l| l.slot())?)),
            "range" | "rangeiter" | "rangeby" => {
                let a = self.value()?;
                comma(self)?;
                let b = self.value()?;
                comma(self)?;
                let c = self.value()?;
                if t == "range" {
                    Slot::Range {
                        start: a,
                        stop: b,
                        step: c,
                    }
                } else if t == "rangeby" {
                    Slot::RangeBy { next: a, stop: b, step: c }
                } else {
                    Slot::RangeIter { next: a, step: b, len: c }
                }
            }
            "listiter" | "tupleiter" | "striter" | "listreviter" => {
                let s = boxed(self)?;
                comma(self)?;
                let index = self.value()?;
                match t {
                    "listiter" => Slot::ListIter { list: s, index },
                    "tupleiter" => Slot::TupleIter { tuple: s, index },
                    "striter" => Slot::StrIter { s, index },
                    _ => Slot::ListRevIter { list: s, index },
                }
            }
            "enumerate" => {
                let count = self.value()?;
                comma(self)?;
                Slot::Enumerate {
                    count,
                    inner: boxed(self)?,
                }
            }
            "chr" => Slot::Chr { v: self.value()? },
            "func" => {
                let code = self.obj()?;
                comma(self)?;
                let globals = self.obj()?;
                comma(self)?;
                let closure = self.slots()?;
                comma(self)?;
                let defaults = self.slots()?;
                Slot::Func(Box::new(FuncSlot {
                    code,
                    globals,
                    closure,
                    defaults,
                }))
            }
            "gen" => {
                let func = self.slot()?;
                comma(self)?;
                let (code, bci) = self.place()?;
                comma(self)?;
                let locals = self.slots()?;
                comma(self)?;
                let stack = self.slots()?;
                Slot::Gen(Box::new(GenSlot {
                    func,
                    code,
                    bci,
                    locals,
                    stack,
                }))
            }
            "inst" => {
                let id = self.next()?;
                let id = id.parse().map_err(|_| format!("not a number: {id:?}"))?;
                comma(self)?;
                let class = self.obj()?;
                comma(self)?;
                self.expect("(")?;
                let fields = self.list(")", |l| {
                    let at = l.next()?.parse()?;
                    Ok((at, l.slot()?))
                })?;
                Slot::Inst(Box::new(InstSlot { id, class, fields }))
            }
            "complex" | "wide" => {
                let x = self.value()?;
                comma(self)?;
                let y = self.value()?;
                if t == "complex" {
                    Slot::Complex { re: x, im: y }
                } else {
                    Slot::Wide { lo: x, hi: y }
                }
            }
            _ => return Err(format!("unknown slot {t:?}")),
        };
        self.expect(")")?;
        Ok(s)
    }

    fn kind(&mut self) -> Res<Kind> {
        let t = self.next()?;
        if let Some(n) = numbered(t, "obj") {
            return Ok(Kind::Const(ObjId(n)));
        }
        if let Some(ty) = t.strip_prefix("obj.") {
            return Ok(Kind::Obj(ty.parse()?));
        }
        if let Some(step) = t.strip_prefix("rangeby.") {
            return Ok(Kind::RangeBy(step.parse().map_err(|_| format!("not a step: {step:?}"))?));
        }
        Ok(match t {
            "null" => Kind::Null,
            "int" => Kind::Int,
            "float" => Kind::Float,
            "bool" => Kind::Bool,
            "maybe" => Kind::Maybe,
            "range" => Kind::Range,
            "rangeiter" => Kind::RangeIter,
            "rangeup" => Kind::RangeUp,
            "complex" => Kind::Complex,
            "word" => Kind::Word,
            "wide" => Kind::Wide,
            "tuple" | "zip" => {
                self.expect("(")?;
                let items = self.list(")", |l| l.kind())?;
                if t == "tuple" { Kind::Tuple(items) } else { Kind::Zip(items) }
            }
            "listiter" | "tupleiter" | "striter" | "listreviter" | "enumerate" => {
                self.expect("(")?;
                let k = Box::new(self.kind()?);
                self.expect(")")?;
                match t {
                    "listiter" => Kind::ListIter(k),
                    "tupleiter" => Kind::TupleIter(k),
                    "striter" => Kind::StrIter(k),
                    "listreviter" => Kind::ListRevIter(k),
                    _ => Kind::Enumerate(k),
                }
            }
            _ => return Err(format!("unknown kind {t:?}")),
        })
    }

    fn typed(&mut self) -> Res<(Repr, Ty)> {
        let t = self.next()?;
        if let Some(ty) = t.strip_prefix("obj.") {
            return Ok((Repr::Obj, ty.parse()?));
        }
        let r: Repr = t.parse()?;
        Ok((r, r.ty()))
    }

    fn reason(&mut self) -> Res<Reason> {
        let t = self.next()?;
        Ok(match t {
            "none" => Reason::None,
            "overflow" => Reason::Overflow,
            "bigint" => Reason::BigInt,
            "huge" => Reason::Huge,
            "bounds" => Reason::Bounds,
            "zero_division" => Reason::ZeroDivision,
            "domain" => Reason::Domain,
            "cold" => Reason::Cold,
            "callee" => Reason::Callee,
            "unbound" => Reason::Unbound,
            "raised" => Reason::Raised,
            "safepoint" => Reason::SafePoint,
            "invalidated" => Reason::Invalidated,
            "finaliser" => Reason::Finaliser,
            "stray" => Reason::Stray,
            "hoisted" => Reason::Hoisted,
            "done" => Reason::Done,
            "type" | "unsupported" => {
                self.expect("(")?;
                let arg = self.next()?;
                self.expect(")")?;
                if t == "type" {
                    Reason::Type(arg.parse()?)
                } else {
                    Reason::Unsupported(arg.parse().map_err(|_| format!("not an opcode: {arg:?}"))?)
                }
            }
            _ => return Err(format!("unknown reason {t:?}")),
        })
    }

    fn target(&mut self) -> Res<Target> {
        let block = Block(self.id("b")?);
        self.expect("(")?;
        let args = self.list(")", |l| l.value())?.into_iter().collect();
        Ok(Target { block, args })
    }
}

/// Largest id accepted, so that a typo cannot ask for gigabytes.
const MAX_ID: u32 = 1 << 22;

fn numbered(t: &str, prefix: &str) -> Option<u32> {
    let digits = t.strip_prefix(prefix)?;
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok().filter(|&n| n < MAX_ID)
}

impl Parser {
    fn line(&mut self, text: &str) -> Res<()> {
        let mut l = Line {
            toks: tokens(text)?,
            at: 0,
        };
        let Some(first) = l.peek() else { return Ok(()) };
        if first == "func" {
            self.func(&mut l)?;
        } else if !self.started {
            return Err("expected a func line first".to_string());
        } else if first == "locals" || first == "stack" {
            l.next()?;
            let mut kinds = vec![l.kind()?];
            while l.eat(",") {
                kinds.push(l.kind()?);
            }
            *(if first == "locals" {
                &mut self.f.entry_locals
            } else {
                &mut self.f.entry_stack
            }) = kinds;
        } else if first == "names" {
            l.next()?;
            loop {
                let n = l.id("")?;
                let stored = l.eat("!");
                self.f.names.push((n, stored));
                if !l.eat(",") {
                    break;
                }
            }
        } else if numbered(first, "obj").is_some() {
            self.object(&mut l)?;
        } else if numbered(first, "s").is_some() {
            self.state(&mut l)?;
        } else if numbered(first, "b").is_some() {
            self.block_line(&mut l)?;
        } else {
            self.inst(&mut l)?;
        }
        l.end()
    }

    fn func(&mut self, l: &mut Line<'_>) -> Res<()> {
        l.next()?;
        let name = l.next()?;
        let name = name
            .strip_prefix('"')
            .and_then(|n| n.strip_suffix('"'))
            .ok_or("the function's name is a quoted string")?;
        self.f.name = name.replace("\\\"", "\"").replace("\\\\", "\\");
        self.f.code = CodeId(l.id("code")?);
        self.f.mode = match l.next()? {
            "call" => EntryMode::Call,
            "frame" => EntryMode::Frame { bci: l.id("")? },
            t => return Err(format!("unknown entry mode {t:?}")),
        };
        l.expect("ret")?;
        self.f.ret = l.next()?.parse()?;
        l.expect("entry")?;
        self.f.entry = Block(l.id("b")?);
        self.grow_block(self.f.entry);
        self.started = true;
        Ok(())
    }

    fn object(&mut self, l: &mut Line<'_>) -> Res<()> {
        let id = l.id("obj")?;
        if id as usize != self.f.objs.len() {
            return Err("objects are numbered from obj0 without gaps".to_string());
        }
        let t = l.next()?;
        let ptr = t.strip_prefix("0x").and_then(|h| u64::from_str_radix(h, 16).ok());
        let ptr = ptr.ok_or_else(|| format!("expected an address in hexadecimal, found {t:?}"))?;
        let ty = l.next()?.parse()?;
        self.f.objs.push(ObjInfo { ptr, ty });
        Ok(())
    }

    fn state(&mut self, l: &mut Line<'_>) -> Res<()> {
        let id = StateId(l.id("s")?);
        let (code, bci) = l.place()?;
        let parent = if l.eat("parent") { Some(StateId(l.id("s")?)) } else { None };
        let role = match l.peek() {
            Some("generator") => Role::Generator,
            Some("discard") => Role::Discard,
            Some("operator") => Role::Operator,
            Some("new") => Role::New,
            Some("next") => Role::Next,
            Some("init") => Role::Init,
            Some("sum") => Role::Native(Native::Sum),
            Some("min") => Role::Native(Native::Min),
            Some("max") => Role::Native(Native::Max),
            Some("list") => Role::Native(Native::List),
            Some("tuple") => Role::Native(Native::Tuple),
            Some("sorted") => Role::Native(Native::Sorted),
            _ => Role::Call,
        };
        if role != Role::Call {
            l.next()?;
        }
        let func = if l.eat("func") { l.slot()? } else { Slot::Null };
        l.expect("locals")?;
        let locals = l.slots()?;
        l.expect("stack")?;
        let stack = l.slots()?;
        for s in [Some(id), parent].into_iter().flatten() {
            self.grow_state(s);
        }
        self.f.states[id.index()] = FrameState {
            parent,
            role,
            code,
            func,
            bci,
            locals,
            stack,
        };
        Ok(())
    }

    fn grow_state(&mut self, s: StateId) {
        while self.f.states.len() <= s.index() {
            self.f.states.push(FrameState {
                parent: None,
                role: Role::Call,
                code: CodeId(0),
                func: Slot::Null,
                bci: 0,
                locals: Vec::new(),
                stack: Vec::new(),
            });
        }
    }

    fn grow_block(&mut self, b: Block) {
        while self.f.blocks.len() <= b.index() {
            self.f.blocks.push(BlockData::default());
        }
    }

    fn define(&mut self, v: Value, (repr, ty): (Repr, Ty), def: Def) -> Res<()> {
        while self.f.values.len() <= v.index() {
            self.f.values.push(ValueData {
                repr: Repr::Int,
                ty: Ty::Int,
                def: Def::Gone,
            });
        }
        let d = &mut self.f.values[v.index()];
        if d.def != Def::Gone {
            return Err(format!("{v} is defined twice"));
        }
        *d = ValueData { repr, ty, def };
        Ok(())
    }

    fn block_line(&mut self, l: &mut Line<'_>) -> Res<()> {
        let b = Block(l.id("b")?);
        self.grow_block(b);
        if !self.f.block(b).insts.is_empty() || !self.f.block(b).params.is_empty() {
            return Err(format!("{b} is defined twice"));
        }
        l.expect("(")?;
        let params = l.list(")", |l| {
            let v = l.value()?;
            l.expect(":")?;
            Ok((v, l.typed()?))
        })?;
        for (i, (v, typed)) in params.into_iter().enumerate() {
            self.define(v, typed, Def::Param(b, i as u16))?;
            self.f.block_mut(b).params.push(v);
        }
        self.f.block_mut(b).cold = l.eat("cold");
        if l.eat("state") {
            let s = StateId(l.id("s")?);
            self.grow_state(s);
            self.f.block_mut(b).entry_state = Some(s);
        }
        self.f.block_mut(b).no_hoist = l.eat("no_hoist");
        l.expect(":")?;
        self.block = Some(b);
        Ok(())
    }

    fn inst(&mut self, l: &mut Line<'_>) -> Res<()> {
        let b = self.block.ok_or("an instruction before the first block")?;
        let result = match l.peek().and_then(|t| numbered(t, "v")) {
            Some(n) => {
                l.next()?;
                l.expect(":")?;
                let typed = l.typed()?;
                l.expect("=")?;
                Some((Value(n), typed))
            }
            None => None,
        };
        let word = l.next()?;
        let (name, imm) = word.split_once('.').unwrap_or((word, ""));
        let op = Op::parse(name, imm)?;
        let mut args = SmallVec::new();
        if l.peek().is_some_and(|t| numbered(t, "v").is_some()) {
            args.push(l.value()?);
            while l.eat(",") {
                args.push(l.value()?);
            }
        }
        let mut targets = SmallVec::new();
        while l.peek().is_some_and(|t| numbered(t, "b").is_some()) {
            let t = l.target()?;
            self.grow_block(t.block);
            targets.push(t);
        }
        let (mut state, mut reason) = (None, Reason::None);
        if l.eat("[") {
            if !l.eat("-") {
                let s = StateId(l.id("s")?);
                self.grow_state(s);
                state = Some(s);
            }
            if l.peek() != Some("]") {
                reason = l.reason()?;
            }
            l.expect("]")?;
        }
        let mut origin = None;
        if l.eat("from") {
            let (code, bci) = l.place()?;
            let depth = if l.eat("depth") { Some(l.id("")? as u8) } else { None };
            origin = Some(Origin { code, bci, depth });
        }
        let i = Inst(self.f.insts.len() as u32);
        if let Some((v, typed)) = result {
            self.define(v, typed, Def::Inst(i))?;
        }
        let result = result.map(|r| r.0);
        self.f.insts.push(InstData {
            op,
            args,
            result,
            state,
            reason,
            origin,
            targets,
        });
        self.f.block_mut(b).insts.push(i);
        Ok(())
    }
}
