//! Every op compiles, checked by Cranelift's verifier and register allocation checker; exits are described as they should.

mod common;

use common::{Build, all_ops, apply, fake_target};
use whipsnake_hir::ir::{FrameState, Kind, Reason, Slot};
use whipsnake_hir::ops::{Op, Ovf};
use whipsnake_hir::snapshot::CodeId;
use whipsnake_hir::types::{Repr, Ty};
use whipsnake_lower::{Compiled, Loc, LowerOptions, compile};

fn options(exit_every: u32) -> LowerOptions {
    LowerOptions {
        verify: true,
        exit_every,
        ..LowerOptions::default()
    }
}

fn lower(b: &Build) -> Compiled {
    compile(&b.f, &fake_target(), &options(0)).unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn every_op_compiles() {
    let t = fake_target();
    for op in all_ops() {
        let b = apply(op, &[]);
        for exit_every in [0, 3] {
            let c = compile(&b.f, &t, &options(exit_every)).unwrap_or_else(|e| panic!("{op:?}: {e}"));
            assert!(!c.code.is_empty());
            for e in &c.exits {
                let s = &c.states[e.state as usize];
                assert_eq!(s.locals.len(), b.f.block(b.f.entry).params.len(), "{op:?}");
            }
        }
    }
}

#[test]
fn int_ops_compile_with_constants() {
    let t = fake_target();
    let consts = [i64::MIN, i64::MIN + 1, -7, -2, -1, 0, 1, 2, 3, 7, 10, 63, 64, 1 << 40, i64::MAX];
    for op in all_ops() {
        let n = op.info().operands.len();
        if op.info().operands.iter().any(|o| *o != whipsnake_hir::ops::Opnd::I) || n == 0 || op == Op::CallSelf {
            continue;
        }
        for c in consts {
            for place in 0..n {
                let b = apply(op, &[(place, c)]);
                compile(&b.f, &t, &options(0)).unwrap_or_else(|e| panic!("{op:?} of {c}: {e}"));
            }
        }
    }
}

#[test]
fn guards_of_one_state_share_their_exit() {
    let mut b = Build::new(Repr::Int, &[Kind::Int, Kind::Int]);
    let (x, y) = (b.param(0), b.param(1));
    let s = b.state(3, &[x, y]);
    let add = Op::IAdd { ovf: Ovf::Check };
    let v = b.inst(add, &[x, y], Some(s), Reason::Overflow, None).expect("a sum");
    let v = b.inst(add, &[v, y], Some(s), Reason::Overflow, None).expect("a sum");
    b.ret(v);
    let c = lower(&b);
    assert_eq!(c.exits.len(), 1);
    assert_eq!(c.exits[0].reason, Reason::Overflow);
    assert_eq!(c.exits[0].culprit, None);
}

#[test]
fn constants_are_described_and_duplicates_stored_once() {
    let mut b = Build::new(Repr::Int, &[Kind::Int, Kind::Obj(Ty::Any), Kind::Bool]);
    let (x, o, t) = (b.param(0), b.param(1), b.param(2));
    let five = b.op(Op::ConstInt { v: 5 }, &[]);
    let half = b.op(Op::ConstFloat { bits: 0.5f64.to_bits() }, &[]);
    let null = b.op(Op::ConstNull, &[]);
    let s = b.state(9, &[x, five, half, o, x, t, null]);
    b.inst(Op::GuardType { ty: Ty::Float }, &[o], Some(s), Reason::Type(Ty::Float), None);
    b.ret(x);
    let c = lower(&b);
    let word = |index, repr| Loc::Word { index, repr };
    let val = |v| Slot::Val { v, owned: false };
    assert_eq!(
        c.states[c.exits[0].state as usize].locals,
        vec![
            val(word(0, Repr::Int)),
            val(Loc::Int(5)),
            val(Loc::Float(0.5f64.to_bits())),
            val(word(1, Repr::Obj)),
            val(word(0, Repr::Int)),
            val(word(2, Repr::Bool)),
            val(Loc::Null),
        ]
    );
    assert_eq!(c.exits[0].culprit, Some(word(1, Repr::Obj)));
}

#[test]
fn a_culprit_outside_the_state_has_the_next_word() {
    let mut b = Build::new(Repr::Int, &[Kind::Int, Kind::Obj(Ty::Any)]);
    let (x, o) = (b.param(0), b.param(1));
    let s = b.state(9, &[x]);
    b.inst(Op::GuardType { ty: Ty::Int }, &[o], Some(s), Reason::Type(Ty::Int), None);
    b.ret(x);
    let c = lower(&b);
    assert_eq!(c.exits[0].culprit, Some(Loc::Word { index: 1, repr: Repr::Obj }));
}

#[test]
fn words_of_a_calling_frame_are_the_same_in_all_its_callees() {
    let mut b = Build::new(Repr::Int, &[Kind::Int, Kind::Int, Kind::Int]);
    let p: Vec<_> = (0..3).map(|n| b.param(n)).collect();
    let outer = b.state(1, &[p[2]]);
    let mut inner = |bci, locals: &[_]| {
        let locals = locals.iter().map(|&v| Slot::Val { v, owned: false }).collect();
        b.f.add_state(FrameState {
            parent: Some(outer),
            code: CodeId(1),
            role: Default::default(),
            func: Slot::Null,
            bci,
            locals,
            stack: Vec::new(),
        })
    };
    let (a, c) = (inner(5, &[p[0], p[1]]), inner(6, &[p[1], p[2]]));
    let add = Op::IAdd { ovf: Ovf::Check };
    let v = b.inst(add, &[p[0], p[1]], Some(a), Reason::Overflow, None).expect("a sum");
    let v = b.inst(add, &[v, p[2]], Some(c), Reason::Overflow, None).expect("a sum");
    b.ret(v);
    let done = lower(&b);
    let locals = |s: whipsnake_hir::ir::StateId| -> Vec<u16> {
        done.states[s.index()]
            .locals
            .iter()
            .map(|l| match l {
                Slot::Val {
                    v: Loc::Word { index, .. },
                    ..
                } => *index,
                _ => panic!("{l:?}"),
            })
            .collect()
    };
    assert_eq!(locals(outer), [0]);
    // What both name comes first, so that both store it by the same code.
    assert_eq!(locals(a), [2, 1]);
    assert_eq!(locals(c), [1, 0]);
}

#[test]
fn unused_states_are_empty() {
    let mut b = Build::new(Repr::Int, &[Kind::Int]);
    let x = b.param(0);
    let s = b.state(1, &[x]);
    b.ret(x);
    let c = lower(&b);
    assert!(c.exits.is_empty());
    assert!(c.states[s.index()].locals.is_empty());
}

#[test]
fn too_many_live_values_are_refused() {
    let mut b = Build::new(Repr::Int, &vec![Kind::Int; 480]);
    let params = b.f.block(b.f.entry).params.clone();
    let s = b.state(1, &params);
    let v = b
        .inst(Op::IAdd { ovf: Ovf::Check }, &params[..2], Some(s), Reason::Overflow, None)
        .expect("a sum");
    b.ret(v);
    assert!(compile(&b.f, &fake_target(), &options(0)).is_err());
}

#[test]
fn an_unknown_type_is_refused() {
    let b = apply(Op::GuardType { ty: Ty::Array }, &[]);
    let mut t = fake_target();
    t.types[Ty::Array as usize] = 0;
    assert!(compile(&b.f, &t, &options(0)).is_err());
}

#[test]
fn text_is_made_on_request() {
    let b = apply(Op::FAdd, &[]);
    let o = LowerOptions {
        want_clif: true,
        want_asm: true,
        ..options(0)
    };
    let c = compile(&b.f, &fake_target(), &o).expect("compiles");
    assert!(c.clif.expect("asked for").contains("fadd"));
    assert!(c.asm.expect("asked for").contains("addsd"));
    assert!(lower(&b).asm.is_none());
}
