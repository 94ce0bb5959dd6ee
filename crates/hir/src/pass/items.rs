//! Gives the ops that look into lists and buffers the place of the items as an operand.
//!
//! Later passes then find it once and hoist it, as they do with lengths. Runs when no other pass looks at the operands of
//! these ops any more, except for value numbering, which ignores this one.

use crate::dom::Dom;
use crate::ir::{Function, Reason};

/// The pass.
pub fn run(f: &mut Function) {
    for b in Dom::new(f).rpo {
        let mut out = Vec::with_capacity(f.block(b).insts.len());
        for i in std::mem::take(&mut f.block_mut(b).insts) {
            let d = f.inst(i);
            if let Some((op, operands)) = d.op.items()
                && d.args.len() == operands
            {
                let container = d.args[0];
                let (place, items) = f.make_inst(op, &[container], None, Reason::None, None);
                out.push(place);
                f.inst_mut(i).args.push(items.expect("a place has one"));
            }
            out.push(i);
        }
        f.block_mut(b).insts = out;
    }
}
