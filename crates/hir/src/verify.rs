//! Checks the invariants listed in [`crate::ir`].
//!
//! [`verify`] checks structure, representations and dominance in one walk. [`verify_ownership`] checks reference
//! counts, backwards: at every point the *need* is how many references of each value the rest of the path consumes. An
//! exit needs what its frame state owns; a release or a stealing operand needs one more, `incref` one less; a value
//! that is born with a reference must be needed exactly once at its birth, a borrowed one not at all, an entry
//! parameter once (frame entry) or not at all (call). Every exit and both sides of every branch must agree, so a leak,
//! a double release or a wrong `owned` flag shows as a disagreement. A value known to be null on one side of a branch
//! and immortal constants are not counted. What was born owned and never moved into a container is not used, nor
//! named by a frame state, once its last reference has been released.

use crate::dom::Dom;
use crate::helpers::Helper;
use crate::ir::{Block, Def, EntryMode, Function, Inst, Slot, StateId, Value};
use crate::maps::HashSet;
use crate::ops::{Op, Opnd, Res};
use crate::types::{Repr, Ty};
use std::collections::BTreeMap;

/// Checks structure, representations, dominance and frame states.
pub fn verify(f: &Function) -> Result<(), String> {
    let d = structure(f)?;
    let mut v = Verifier {
        f,
        d: &d,
        at: vec![u32::MAX; f.insts.len()],
        block_of: vec![Block(u32::MAX); f.insts.len()],
    };
    v.run()
}

/// Every block ends with its only terminator and edges lead to blocks; what [`Dom`] needs to be true.
fn structure(f: &Function) -> Result<Dom, String> {
    if f.entry.index() >= f.blocks.len() {
        return Err(format!("entry {} does not exist", f.entry));
    }
    for (n, b) in f.blocks.iter().enumerate() {
        for &i in &b.insts {
            if i.index() >= f.insts.len() {
                return Err(format!("b{n}: {i} does not exist"));
            }
            for t in &f.inst(i).targets {
                if t.block.index() >= f.blocks.len() {
                    return Err(format!("b{n}: target {} does not exist", t.block));
                }
            }
        }
    }
    Ok(Dom::new(f))
}

struct Verifier<'a> {
    f: &'a Function,
    d: &'a Dom,
    /// Position of each instruction in its block, of reachable blocks.
    at: Vec<u32>,
    block_of: Vec<Block>,
}

impl Verifier<'_> {
    fn run(&mut self) -> Result<(), String> {
        let f = self.f;
        for &b in &self.d.rpo {
            for (n, &i) in f.block(b).insts.iter().enumerate() {
                if self.at[i.index()] != u32::MAX {
                    return Err(format!("{b}: {} is placed twice", show(f, i)));
                }
                self.at[i.index()] = n as u32;
                self.block_of[i.index()] = b;
            }
        }
        self.entry()?;
        for &b in &self.d.rpo {
            self.block(b).map_err(|e| format!("{b}: {e}"))?;
        }
        Ok(())
    }

    fn entry(&self) -> Result<(), String> {
        let mut want = Vec::new();
        for k in self.f.entry_locals.iter().chain(&self.f.entry_stack) {
            k.leaves(&mut |r, _| want.push(r));
        }
        let have: Vec<Repr> = self.f.block(self.f.entry).params.iter().map(|&v| self.f.repr(v)).collect();
        if want != have {
            return Err(format!("entry parameters are {have:?}, the entry's kinds say {want:?}"));
        }
        Ok(())
    }

    fn block(&self, b: Block) -> Result<(), String> {
        let f = self.f;
        let data = f.block(b);
        for (n, &p) in data.params.iter().enumerate() {
            if f.values.get(p.index()).map(|d| d.def) != Some(Def::Param(b, n as u16)) {
                return Err(format!("parameter {p} is defined elsewhere"));
            }
        }
        if let Some(s) = data.entry_state {
            self.state(s, b, 0).map_err(|e| format!("entry state: {e}"))?;
        }
        for (n, &i) in data.insts.iter().enumerate() {
            self.inst(b, n as u32, i).map_err(|e| format!("`{}`: {e}", show(f, i)))?;
            let last = n + 1 == data.insts.len();
            if f.inst(i).op.is_terminator() != last {
                return Err(if last {
                    "no terminator".to_string()
                } else {
                    format!("`{}` before the end", show(f, i))
                });
            }
        }
        if data.insts.is_empty() { Err("empty".to_string()) } else { Ok(()) }
    }

    /// A use at position `n` of block `b`.
    fn usable(&self, v: Value, b: Block, n: u32) -> Result<(), String> {
        let d = self.f.values.get(v.index()).ok_or_else(|| format!("{v} does not exist"))?;
        let (block, at) = match d.def {
            Def::Gone => return Err(format!("{v} is not defined")),
            Def::Param(p, k) => {
                if self.f.block(p).params.get(k as usize) != Some(&v) {
                    return Err(format!("{v} is not a parameter of {p} any more"));
                }
                (p, None)
            }
            Def::Inst(i) => {
                if self.at[i.index()] == u32::MAX || self.f.inst(i).result != Some(v) {
                    return Err(format!("{v} is not in a reachable block"));
                }
                (self.block_of[i.index()], Some(self.at[i.index()]))
            }
        };
        let ok = if block == b {
            at.is_none_or(|at| at < n)
        } else {
            self.d.reachable(block) && self.d.dominates(block, b)
        };
        if ok {
            Ok(())
        } else {
            Err(format!("{v} does not dominate its use"))
        }
    }

    fn state(&self, s: StateId, b: Block, n: u32) -> Result<(), String> {
        let mut cur = Some(s);
        let mut depth = 0;
        while let Some(id) = cur {
            let st = self.f.states.get(id.index()).ok_or_else(|| format!("{id} does not exist"))?;
            for slot in st.slots() {
                self.slot(slot, b, n).map_err(|e| format!("{id}: {e}"))?;
            }
            depth += 1;
            if depth > 64 {
                return Err(format!("{s}: calling frames go in circles"));
            }
            cur = st.parent;
        }
        Ok(())
    }

    fn slot(&self, s: &Slot<Value>, b: Block, n: u32) -> Result<(), String> {
        let mut bad = None;
        s.for_each(&mut |&v| {
            if bad.is_none() {
                bad = self.usable(v, b, n).err();
            }
        });
        if let Some(e) = bad {
            return Err(e);
        }
        let int = |v: Value| {
            if self.f.repr(v) == Repr::Int {
                Ok(())
            } else {
                Err(format!("{v} shall be an int"))
            }
        };
        match s {
            Slot::Null => Ok(()),
            Slot::Const(o) => self.obj(o.0),
            Slot::Val { v, owned } if *owned && self.f.repr(*v) != Repr::Obj => Err(format!("{v} is no object but owned")),
            Slot::Val { .. } => Ok(()),
            Slot::Tuple(items) | Slot::List(items) | Slot::Zip(items) => items.iter().try_for_each(|s| self.slot(s, b, n)),
            Slot::Range {
                start: x,
                stop: y,
                step: z,
            }
            | Slot::RangeBy { next: x, stop: y, step: z }
            | Slot::RangeIter { next: x, step: y, len: z } => [x, y, z].into_iter().try_for_each(|&v| int(v)),
            Slot::ListIter { list: s, index }
            | Slot::TupleIter { tuple: s, index }
            | Slot::StrIter { s, index }
            | Slot::ListRevIter { list: s, index }
            | Slot::Enumerate { count: index, inner: s } => {
                int(*index)?;
                self.slot(s, b, n)
            }
            Slot::Chr { v } => int(*v),
            Slot::Func(func) => {
                self.obj(func.code.0)?;
                self.obj(func.globals.0)?;
                func.slots().try_for_each(|s| self.slot(s, b, n))
            }
            Slot::Gen(g) => g.slots().try_for_each(|s| self.slot(s, b, n)),
            Slot::Inst(i) => {
                self.obj(i.class.0)?;
                i.slots().try_for_each(|s| self.slot(s, b, n))
            }
            Slot::Wide { lo, hi } => [lo, hi].into_iter().try_for_each(|&v| int(v)),
            Slot::Complex { re, im } => [re, im].into_iter().try_for_each(|&v| match self.f.repr(v) {
                Repr::Float => Ok(()),
                _ => Err(format!("{v} shall be a float")),
            }),
        }
    }

    fn obj(&self, o: u32) -> Result<(), String> {
        if (o as usize) < self.f.objs.len() {
            Ok(())
        } else {
            Err(format!("obj{o} does not exist"))
        }
    }

    fn inst(&self, b: Block, n: u32, i: Inst) -> Result<(), String> {
        let f = self.f;
        let d = f.inst(i);
        for &v in d.args.iter().chain(d.targets.iter().flat_map(|t| &t.args)) {
            self.usable(v, b, n)?;
        }
        self.operands(i)?;
        self.result(i)?;
        match d.state {
            Some(s) => self.state(s, b, n)?,
            None if f.may_leave(i) => return Err("no frame state".to_string()),
            None => {}
        }
        let targets = match d.op {
            Op::Jump => 1,
            Op::Branch => 2,
            _ => 0,
        };
        if d.targets.len() != targets {
            return Err(format!("{} targets, not {targets}", d.targets.len()));
        }
        for t in &d.targets {
            let params = &f.block(t.block).params;
            let same = t.args.len() == params.len() && t.args.iter().zip(params).all(|(&a, &p)| f.repr(a) == f.repr(p));
            if !same {
                return Err(format!("arguments do not fit the parameters of {}", t.block));
            }
        }
        if let Op::GuardIs { obj } | Op::ConstObj { obj } = d.op {
            self.obj(obj.0)?;
        }
        Ok(())
    }

    fn operands(&self, i: Inst) -> Result<(), String> {
        let f = self.f;
        let d = f.inst(i);
        let info = d.op.info();
        let fixed = info.operands.len() - usize::from(info.variadic);
        if d.args.len() < fixed || (!info.variadic && d.args.len() != fixed) {
            return Err(format!("{} operands, not {fixed}", d.args.len()));
        }
        for (k, &v) in d.args.iter().enumerate() {
            let want = info.operands[k.min(info.operands.len() - 1)];
            let ok = match want {
                Opnd::I => f.repr(v) == Repr::Int,
                Opnd::F => f.repr(v) == Repr::Float,
                Opnd::B => f.repr(v) == Repr::Bool,
                Opnd::O | Opnd::S => f.repr(v) == Repr::Obj,
                Opnd::A => true,
            };
            if !ok {
                return Err(format!("operand {v} is {}, not {want:?}", f.repr(v)));
            }
        }
        match d.op {
            Op::Select if f.repr(d.args[1]) != f.repr(d.args[2]) => Err("the two sides differ".to_string()),
            Op::Return if f.repr(d.args[0]) != f.ret => Err(format!("returns {}, not {}", f.repr(d.args[0]), f.ret)),
            Op::CallSelf => {
                let params = &f.block(f.entry).params;
                let same = params.len() == d.args.len() && d.args.iter().zip(params).all(|(&a, &p)| f.repr(a) == f.repr(p));
                if same {
                    Ok(())
                } else {
                    Err("operands are not the entry's parameters".to_string())
                }
            }
            _ => Ok(()),
        }
    }

    fn result(&self, i: Inst) -> Result<(), String> {
        let f = self.f;
        let d = f.inst(i);
        let want = match d.op.info().result {
            Res::None => None,
            Res::I => Some(Repr::Int),
            Res::F => Some(Repr::Float),
            Res::B => Some(Repr::Bool),
            Res::O | Res::N => Some(Repr::Obj),
            Res::A => d.args.last().map(|&a| f.repr(a)),
            Res::R => Some(f.ret),
        };
        let have = d.result.map(|v| f.repr(v));
        if want != have {
            return Err(format!("result is {have:?}, not {want:?}"));
        }
        match d.result {
            Some(v) if f.value(v).def != Def::Inst(i) => Err(format!("{v} is defined elsewhere")),
            _ => Ok(()),
        }
    }
}

/// One instruction as text, for messages.
fn show(f: &Function, i: Inst) -> String {
    let d = f.inst(i);
    let mut s = d.result.map_or(String::new(), |v| format!("{v} = "));
    s += d.op.info().name;
    let imm = d.op.imm();
    if !imm.is_empty() {
        s = s + "." + &imm;
    }
    for v in &d.args {
        s += &format!(" {v}");
    }
    s
}

/// How many references of each value are consumed from some point on.
pub type Need = BTreeMap<Value, i32>;

fn is_release(op: Op) -> bool {
    matches!(op, Op::DecRef | Op::DecRefLeaf | Op::XDecRef)
}

/// What is owned at the start of every reachable block of a function that passes [`verify_ownership`].
pub fn owned_at_entries(f: &Function, d: &Dom) -> Vec<Need> {
    solve(f, d).entry.into_iter().map(Option::unwrap_or_default).collect()
}

/// Objects whose count does not matter: null and immortal objects, where the definition shows it.
pub fn uncounted(f: &Function, v: Value) -> bool {
    if f.repr(v) != Repr::Obj {
        return true;
    }
    let Def::Inst(i) = f.value(v).def else { return false };
    match f.inst(i).op {
        Op::BoxBool | Op::ConstNull | Op::Call { helper: Helper::LatinChr } => true,
        Op::ConstObj { obj } => matches!(f.objs[obj.0 as usize].ty, Ty::None | Ty::Bool),
        _ => false,
    }
}

fn solve<'a>(f: &'a Function, d: &Dom) -> Ownership<'a> {
    let mut o = Ownership {
        f,
        entry: vec![None; f.blocks.len()],
        later: vec![HashSet::default(); f.blocks.len()],
        watched: HashSet::default(),
    };
    // A loop without an exit learns its need from the blocks behind it, one block a round.
    loop {
        let mut changed = false;
        for &b in d.rpo.iter().rev() {
            if o.entry[b.index()].is_none() {
                let (need, _) = o.block(b, false);
                changed |= need.is_some();
                o.entry[b.index()] = need;
            }
        }
        if !changed {
            return o;
        }
    }
}

/// Checks that every path consumes exactly the references it owns. The function has passed [`verify`].
pub fn verify_ownership(f: &Function) -> Result<(), String> {
    let d = Dom::new(f);
    let mut o = solve(f, &d);
    o.find_later_uses(&d);
    for &b in &d.rpo {
        let (need, problem) = o.block(b, true);
        if let Some(p) = problem {
            return Err(format!("{b}: {p}"));
        }
        if b == f.entry {
            o.at_entry(&need.unwrap_or_default())?;
        }
    }
    Ok(())
}

struct Ownership<'a> {
    f: &'a Function,
    /// What each block needs at its start; unknown where no exit has been seen yet.
    entry: Vec<Option<Need>>,
    /// Watched values that may be used at or behind each block's start.
    later: Vec<HashSet<Value>>,
    /// Objects that nothing but the references counted here keeps, as far as known: born owned, released, never
    /// moved into a container; and parameters, which may be such an object.
    watched: HashSet<Value>,
}

fn add(n: &mut Need, v: Value, k: i32) {
    let e = n.entry(v).or_insert(0);
    *e += k;
    if *e == 0 {
        n.remove(&v);
    }
}

impl Ownership<'_> {
    fn bump(&self, n: &mut Need, v: Value, k: i32) {
        if !uncounted(self.f, v) {
            add(n, v, k);
        }
    }

    fn owned_by(&self, s: StateId) -> Need {
        let mut n = Need::new();
        let mut cur = Some(s);
        while let Some(id) = cur {
            let st = self.f.state(id);
            for slot in st.slots() {
                slot.clone().for_each_val_mut(&mut |v, owned| {
                    if *owned {
                        self.bump(&mut n, *v, 1);
                    }
                });
            }
            cur = st.parent;
        }
        n
    }

    /// The object tested, when the condition is a null test, and whether true means null.
    fn null_test(&self, c: Value) -> Option<(Value, bool)> {
        let Def::Inst(i) = self.f.value(c).def else { return None };
        let d = self.f.inst(i);
        match d.op {
            Op::IsNull => Some((d.args[0], true)),
            Op::BNot => self.null_test(d.args[0]).map(|(v, t)| (v, !t)),
            _ => None,
        }
    }

    fn edge(&self, i: Inst, k: usize) -> Option<Need> {
        let t = &self.f.inst(i).targets[k];
        let mut n = self.entry[t.block.index()].clone()?;
        // All at once: an argument may be another parameter of the same block.
        let params = self.f.block(t.block).params.iter().zip(&t.args);
        let passed: Vec<(Value, i32)> = params.filter_map(|(p, &a)| n.remove(p).map(|c| (a, c))).collect();
        for (a, c) in passed {
            self.bump(&mut n, a, c);
        }
        Some(n)
    }

    fn at_end(&self, i: Inst, problem: &mut Option<String>) -> Option<Need> {
        let d = self.f.inst(i);
        match d.op {
            Op::Return => {
                let mut n = Need::new();
                self.bump(&mut n, d.args[0], 1);
                Some(n)
            }
            Op::Jump => self.edge(i, 0),
            Op::Branch => {
                let mut sides = [self.edge(i, 0), self.edge(i, 1)];
                if let (Some((v, when)), [Some(a), Some(b)]) = (self.null_test(d.args[0]), &mut sides) {
                    let (null, other) = if when { (a, b) } else { (b, a) };
                    let c = other.get(&v).copied().unwrap_or(0);
                    null.remove(&v);
                    add(null, v, c);
                }
                let [a, b] = sides;
                if let (Some(a), Some(b)) = (&a, &b)
                    && a != b
                {
                    *problem = Some(format!("`{}`: one side consumes {a:?}, the other {b:?}", show(self.f, i)));
                }
                a.or(b)
            }
            _ => None,
        }
    }

    /// Finds what may be used behind each block's start.
    fn find_later_uses(&mut self, d: &Dom) {
        let f = self.f;
        let mut moved = HashSet::default();
        for &b in &d.rpo {
            // A borrowed parameter is a use of what is passed for it.
            self.watched
                .extend(f.block(b).params.iter().filter(|&&p| f.repr(p) == Repr::Obj && b != f.entry));
            for &i in &f.block(b).insts {
                let inst = f.inst(i);
                let info = inst.op.info();
                if is_release(inst.op) {
                    if self.came_owned(inst.args[0]) {
                        self.watched.insert(inst.args[0]);
                    }
                } else {
                    let stolen = |k: usize| info.operands.get(k.min(info.operands.len().saturating_sub(1))) == Some(&Opnd::S);
                    moved.extend(inst.args.iter().enumerate().filter(|x| stolen(x.0)).map(|x| *x.1));
                }
            }
        }
        self.watched.retain(|v| !moved.contains(v));
        loop {
            let mut changed = false;
            for &b in d.rpo.iter().rev() {
                let mut live = self.behind(b);
                f.block(b).insts.iter().rev().for_each(|&i| self.note_uses(i, &mut live));
                changed |= live.len() != self.later[b.index()].len();
                self.later[b.index()] = live;
            }
            if !changed {
                return;
            }
        }
    }

    /// Whether the value comes with a reference of its own. (One that is borrowed stays valid when a reference taken for a
    /// while is given back.)
    fn came_owned(&self, v: Value) -> bool {
        !uncounted(self.f, v)
            && match self.f.value(v).def {
                Def::Inst(i) => matches!(self.f.inst(i).op.info().result, Res::N | Res::R),
                Def::Param(b, _) => self.entry[b.index()].as_ref().is_some_and(|n| n.contains_key(&v)),
                Def::Gone => false,
            }
    }

    /// What may be used behind a block's end.
    fn behind(&self, b: Block) -> HashSet<Value> {
        let mut live = HashSet::default();
        let Some(t) = self.f.terminator(b) else { return live };
        for t in &self.f.inst(t).targets {
            let params = &self.f.block(t.block).params;
            let passed = |v: &Value| params.iter().position(|p| p == v).map_or(*v, |n| t.args[n]);
            live.extend(self.later[t.block.index()].iter().map(passed));
        }
        live.retain(|v| self.watched.contains(v));
        live
    }

    fn note_uses(&self, i: Inst, live: &mut HashSet<Value>) {
        let inst = self.f.inst(i);
        live.extend(inst.args.iter().filter(|v| self.watched.contains(v)));
        if let Some(s) = inst.state.filter(|_| !is_release(inst.op)) {
            self.f.state_values(s, &mut |v| {
                if self.watched.contains(&v) {
                    live.insert(v);
                }
            });
        }
        if let Some(v) = inst.result {
            live.remove(&v);
        }
    }

    /// The need at the start of a block, and the first disagreement from the end.
    fn block(&self, b: Block, check: bool) -> (Option<Need>, Option<String>) {
        let f = self.f;
        let mut problem = None;
        let mut need: Option<Need> = None;
        let mut live = if check { self.behind(b) } else { HashSet::default() };
        for (n, &i) in f.block(b).insts.iter().enumerate().rev() {
            let d = f.inst(i);
            if n + 1 == f.block(b).insts.len() {
                need = self.at_end(i, &mut problem);
            }
            if let (Some(n), Some(v)) = (&mut need, d.result)
                && f.repr(v) == Repr::Obj
                && !uncounted(f, v)
            {
                let born = i32::from(matches!(d.op.info().result, Res::N | Res::R));
                let have = n.remove(&v).unwrap_or(0);
                if have != born {
                    problem = Some(format!("`{}` is born with {born} references, {have} are consumed", show(f, i)));
                }
            }
            if check {
                let gone = |v: &Value| live.contains(v) && need.as_ref().is_some_and(|n| !n.contains_key(v));
                if let Some(v) = d.args.first().filter(|v| is_release(d.op) && gone(v) && self.came_owned(**v)) {
                    problem = Some(format!("`{}`: the last reference goes, but {v} is used later", show(f, i)));
                }
                self.note_uses(i, &mut live);
            }
            if let Some(n) = &mut need {
                self.operands(i, n);
                if let Some((v, c)) = n.iter().find(|(_, c)| **c < 0) {
                    problem = Some(format!("`{}`: {} references of {v} too many", show(f, i), -c));
                }
            }
            let e = d.op.effects();
            if let Some(s) = d.state.filter(|_| e.exits || e.raises) {
                let owned = self.owned_by(s);
                match &mut need {
                    None => need = Some(owned),
                    Some(n) => {
                        if let (Op::GuardTrue | Op::GuardFalse, Some((v, when))) = (d.op, d.args.first().and_then(|&c| self.null_test(c)))
                            && when == (d.op == Op::GuardTrue)
                        {
                            n.remove(&v);
                            add(n, v, owned.get(&v).copied().unwrap_or(0));
                        }
                        if *n != owned {
                            problem = Some(format!("`{}`: {s} owns {owned:?}, but {n:?} are consumed otherwise", show(f, i)));
                            *n = owned;
                        }
                    }
                }
            }
            if check && problem.is_some() {
                return (need, problem);
            }
        }
        if let (Some(s), Some(n)) = (f.block(b).entry_state, &need) {
            let owned = self.owned_by(s);
            if owned != *n {
                problem = Some(format!("entry state {s} owns {owned:?}, but {n:?} are consumed"));
            }
        }
        (need, problem)
    }

    fn operands(&self, i: Inst, n: &mut Need) {
        let d = self.f.inst(i);
        match d.op {
            Op::IncRef | Op::XIncRef => self.bump(n, d.args[0], -1),
            // Counted at the end of the block.
            Op::Return => {}
            _ => {
                let info = d.op.info();
                for (k, &v) in d.args.iter().enumerate() {
                    if info.operands[k.min(info.operands.len() - 1)] == Opnd::S {
                        self.bump(n, v, 1);
                    }
                }
            }
        }
    }

    fn at_entry(&self, need: &Need) -> Result<(), String> {
        let f = self.f;
        let want = i32::from(matches!(f.mode, EntryMode::Frame { .. }));
        let params = &f.block(f.entry).params;
        for &p in params.iter().filter(|&&p| f.repr(p) == Repr::Obj) {
            let have = need.get(&p).copied().unwrap_or(0);
            if have != want {
                return Err(format!("entry: parameter {p} comes with {want} references, {have} are consumed"));
            }
        }
        match need.keys().find(|v| !params.contains(v)) {
            Some(v) => Err(format!("entry: {v} is consumed but never owned")),
            None => Ok(()),
        }
    }
}
