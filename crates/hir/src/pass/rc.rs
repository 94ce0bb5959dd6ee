//! Removes reference counting that nothing can notice.
//!
//! Within a block, an `incref v` and a later release of `v` go together when, with both removed, `v` stays alive
//! between them and everyone still owns what they claim. The number of references of `v` that the function owns at each
//! point is known (the verifier's analysis); without the pair it is one less. Where that leaves none, something else
//! must keep `v`:
//! * the code itself (constants) or the caller (arguments of a function entered by a call), always;
//! * the container that `v` was loaded from, or moved into, from that op until one that may release references or
//!   change such containers. Stores to items exit before they would free anything but a leaf, so they end that only for
//!   values that may be leaves: another object stays alive whatever item is overwritten, and until the next release of some
//!   other kind somebody still holds it.
//!
//! At every exit in between, one slot that owned `v` only borrows it now. States are shared, so those are copies.
//!
//! Counts of immortal objects are dropped altogether. Releases of values that cannot be null are plain.

use super::fold::{is_null, obj_ty};
use crate::dom::Dom;
use crate::effects::Mem;
use crate::helpers::Helper;
use crate::ir::{Block, Def, EntryMode, Function, Inst, StateId, Value};
use crate::maps::{HashMap, HashSet};
use crate::ops::{Op, Opnd, Res};
use crate::types::Ty;
use crate::verify::{Need, owned_at_entries, uncounted};

/// The pass.
pub fn run(f: &mut Function) {
    let d = Dom::new(f);
    simplify(f, &d);
    let owned = owned_at_entries(f, &d);
    let mut copies = HashMap::default();
    for &b in &d.rpo {
        pairs(f, b, &owned[b.index()], &mut copies);
    }
}

fn simplify(f: &mut Function, d: &Dom) {
    for &b in &d.rpo {
        let mut insts = std::mem::take(&mut f.block_mut(b).insts);
        insts.retain(|&i| {
            let op = f.inst(i).op;
            if !matches!(op, Op::IncRef | Op::XIncRef | Op::DecRef | Op::DecRefLeaf | Op::XDecRef) {
                return true;
            }
            let v = f.inst(i).args[0];
            if uncounted(f, v) {
                return false;
            }
            let ty = obj_ty(f, v);
            let present = ty != Ty::Any || is_null(f, v) == Some(false);
            let new = match op {
                Op::XIncRef if present => Op::IncRef,
                Op::XDecRef | Op::DecRef if ty.is_leaf() => Op::DecRefLeaf,
                Op::XDecRef if present => Op::DecRef,
                op => op,
            };
            let d = f.inst_mut(i);
            d.op = new;
            if new == Op::DecRefLeaf {
                d.state = None;
            }
            true
        });
        f.block_mut(b).insts = insts;
    }
}

/// What an op may do to values that containers hold.
#[derive(PartialEq)]
enum Disturbance {
    None,
    /// It drops an item, but exits first if that would free anything but a leaf.
    Leaves,
    All,
}

fn disturbance(op: Op) -> Disturbance {
    match op {
        Op::ListSet
        | Op::ListSetFloat
        | Op::ListSetInt
        | Op::CellSet
        | Op::EntrySet { .. }
        | Op::EntrySetFloat { .. }
        | Op::EntrySetInt { .. }
        | Op::AttrSet { .. }
        | Op::AttrSetFloat { .. }
        | Op::AttrSetInt { .. } => return Disturbance::Leaves,
        Op::AttrInit { .. }
        | Op::Call {
            helper: Helper::ListAppend | Helper::ListAppendInt | Helper::ListAppendFloat,
        } => return Disturbance::None,
        _ => {}
    }
    let e = op.effects();
    let containers = Mem::LIST_ITEMS.or(Mem::LIST_SHAPE).or(Mem::CELL).or(Mem::DICT).or(Mem::ATTR);
    if e.releases || e.user || e.writes.overlaps(containers) {
        Disturbance::All
    } else {
        Disturbance::None
    }
}

/// Notes an object that an op shows not to be a leaf.
fn note_solid(f: &Function, i: Inst, solid: &mut HashSet<Value>) {
    let d = f.inst(i);
    let shown = match d.op {
        Op::GuardType { ty } => ty != Ty::Any && !ty.is_leaf(),
        // Only instances of classes written in Python have inline values.
        Op::AttrGet { at }
        | Op::AttrSet { at }
        | Op::AttrSetFloat { at }
        | Op::AttrSetInt { at }
        | Op::AttrSwap { at }
        | Op::AttrInit { at } => at.valid != 0,
        _ => false,
    };
    if shown {
        solid.insert(d.args[0]);
    }
}

/// An `incref` whose partner has not been met.
struct Pending {
    at: usize,
    v: Value,
}

fn pairs(f: &mut Function, b: Block, owned: &Need, copies: &mut HashMap<(StateId, Vec<Value>), StateId>) {
    let insts = f.block(b).insts.clone();
    let entry_params: HashSet<Value> = f.block(f.entry).params.iter().copied().collect();
    let lasting = |f: &Function, v: Value| match f.value(v).def {
        Def::Inst(i) => matches!(f.inst(i).op, Op::ConstObj { .. }),
        _ => f.mode == EntryMode::Call && entry_params.contains(&v),
    };
    let mut count: HashMap<Value, i32> = owned.iter().map(|(&v, &n)| (v, n)).collect();
    // Values known to be in some container now.
    let mut held: HashSet<Value> = HashSet::default();
    // Values known to be no leaves.
    let mut solid: HashSet<Value> = HashSet::default();
    let mut pending: Vec<Pending> = Vec::new();
    let mut removed: HashSet<usize> = HashSet::default();
    let mut found: Vec<(usize, usize, Value)> = Vec::new();
    for (n, &i) in insts.iter().enumerate() {
        let d = f.inst(i);
        match d.op {
            Op::IncRef | Op::XIncRef => {
                let v = d.args[0];
                let before = count.get(&v).copied().unwrap_or(0);
                if before > 0 || held.contains(&v) || lasting(f, v) {
                    pending.push(Pending { at: n, v });
                }
                *count.entry(v).or_default() += 1;
                continue;
            }
            Op::DecRef | Op::DecRefLeaf | Op::XDecRef => {
                let v = d.args[0];
                *count.entry(v).or_default() -= 1;
                if let Some(k) = pending.iter().rposition(|p| p.v == v) {
                    let p = pending.remove(k);
                    removed.extend([p.at, n]);
                    found.push((p.at, n, v));
                    continue;
                }
            }
            _ => {
                let info = d.op.info();
                for (k, &v) in d.args.iter().enumerate() {
                    if info.operands.get(k.min(info.operands.len().saturating_sub(1))) == Some(&Opnd::S) {
                        *count.entry(v).or_default() -= 1;
                    }
                }
                if let Some(v) = d.result.filter(|_| matches!(info.result, Res::N | Res::R)) {
                    *count.entry(v).or_default() += 1;
                }
            }
        }
        note_solid(f, i, &mut solid);
        match disturbance(d.op) {
            Disturbance::None => {}
            Disturbance::Leaves => held.retain(|&v| solid.contains(&v) || !obj_ty(f, v).is_leaf() && obj_ty(f, v) != Ty::Any),
            Disturbance::All => held.clear(),
        }
        match d.op {
            Op::ListGet | Op::TupleGet | Op::CellGet | Op::EntryGet { .. } | Op::FuncGet { .. } | Op::AttrGet { .. } => {
                held.extend(d.result)
            }
            Op::ListSet => {
                held.insert(d.args[2]);
            }
            Op::CellSet | Op::EntrySet { .. } | Op::AttrSet { .. } => {
                held.insert(d.args[1]);
            }
            Op::Call {
                helper: crate::helpers::Helper::ListAppend,
            } => {
                held.insert(d.args[1]);
            }
            _ => {}
        }
        // Without its pair the value would be owned once less from here on.
        pending.retain(|p| {
            let outstanding = count.get(&p.v).copied().unwrap_or(0);
            outstanding > 1 || held.contains(&p.v) || lasting(f, p.v)
        });
    }
    if found.is_empty() {
        return;
    }
    borrow_between(f, &insts, &found, copies);
    let mut n = 0;
    f.block_mut(b).insts.retain(|_| {
        n += 1;
        !removed.contains(&(n - 1))
    });
}

/// Between the ends of each removed pair, one slot less owns the value.
fn borrow_between(f: &mut Function, insts: &[Inst], found: &[(usize, usize, Value)], copies: &mut HashMap<(StateId, Vec<Value>), StateId>) {
    let mut starts: Vec<(usize, usize, Value)> = found.to_vec();
    starts.sort_unstable();
    let mut active: Vec<(usize, Value)> = Vec::new();
    let mut next = starts.into_iter().peekable();
    for (n, &i) in insts.iter().enumerate() {
        active.retain(|&(end, _)| end > n);
        if !active.is_empty()
            && let Some(s) = f.inst(i).state
        {
            let mut flips: Vec<Value> = active.iter().map(|a| a.1).collect();
            flips.sort_unstable();
            let new = match copies.get(&(s, flips.clone())) {
                Some(&new) => new,
                None => {
                    let new = flips.iter().fold(s, |s, &v| borrow(f, s, v).unwrap_or(s));
                    copies.insert((s, flips), new);
                    new
                }
            };
            f.inst_mut(i).state = Some(new);
        }
        while let Some((_, end, v)) = next.next_if(|&(start, ..)| start == n) {
            active.push((end, v));
        }
    }
}

/// A copy of the state in which one slot that owned `v` borrows it; the innermost frame's stack is tried first, its function last.
fn borrow(f: &mut Function, s: StateId, v: Value) -> Option<StateId> {
    let mut st = f.state(s).clone();
    let mut done = false;
    for slot in st.stack.iter_mut().rev().chain(&mut st.locals).chain(std::iter::once(&mut st.func)) {
        slot.for_each_val_mut(&mut |w, owned| {
            if !done && *w == v && *owned {
                *owned = false;
                done = true;
            }
        });
        if done {
            break;
        }
    }
    if !done {
        st.parent = Some(borrow(f, st.parent?, v)?);
    }
    Some(f.add_state(st))
}
