//! Boxes that only frame states and reference counts mention are not made: the states name the number instead, and an exit
//! boxes it.

use super::rewrite::Uses;
use crate::dom::Dom;
use crate::helpers::Helper;
use crate::ir::{Def, Function, Slot, Value};
use crate::ops::Op;

/// The pass.
pub fn run(f: &mut Function) {
    let d = Dom::new(f);
    let mut counted = vec![0u32; f.values.len()];
    for &b in &d.rpo {
        for &i in &f.block(b).insts {
            let data = f.inst(i);
            if data.op.is_count() {
                counted[data.args[0].index()] += 1;
            }
        }
    }
    let uses = Uses::count(f);
    let mut content: Vec<Option<Slot<Value>>> = vec![None; f.values.len()];
    let mut gone = vec![false; f.values.len()];
    let mut any = false;
    for &b in &d.rpo {
        for &i in &f.block(b).insts {
            let data = f.inst(i);
            let boxes = matches!(
                data.op,
                Op::BoxInt | Op::BoxFloat | Op::BoxComplex | Op::Call { helper: Helper::WideBox }
            );
            if let (true, Some(v)) = (boxes, data.result)
                && uses.insts[v.index()] == counted[v.index()]
            {
                content[v.index()] = Some(match data.args[..] {
                    [lo, hi] if data.op != Op::BoxComplex => Slot::Wide { lo, hi },
                    [re, im] => Slot::Complex { re, im },
                    _ => Slot::Val {
                        v: data.args[0],
                        owned: false,
                    },
                });
                gone[v.index()] = true;
                any = true;
            }
        }
    }
    if !any {
        return;
    }
    for &b in &d.rpo {
        let mut insts = std::mem::take(&mut f.block_mut(b).insts);
        insts.retain(|&i| {
            let data = f.inst(i);
            let sunk = |v: Option<Value>| v.is_some_and(|v| gone[v.index()]);
            !(sunk(data.result) || data.op.is_count() && sunk(data.args.first().copied()))
        });
        f.block_mut(b).insts = insts;
    }
    for s in &mut f.states {
        for slot in s.slots_mut() {
            unbox(slot, &content);
        }
    }
    for (v, gone) in gone.into_iter().enumerate() {
        if gone {
            f.values[v].def = Def::Gone;
        }
    }
}

fn unbox(slot: &mut Slot<Value>, content: &[Option<Slot<Value>>]) {
    slot.for_each_val_slot(&mut |s| {
        if let Slot::Val { v, .. } = s
            && let Some(number) = &content[v.index()]
        {
            *s = number.clone();
        }
    });
}
