//! Helpers for the lowering tests: functions made by hand, a target of made-up addresses.
#![allow(dead_code, reason = "each test binary uses a part")]

pub mod machine;

use whipsnake_hir::helpers::Helper;
use whipsnake_hir::ir::{Block, EntryMode, FrameState, Function, InstData, Kind, ObjInfo, Reason, Slot, StateId, Target as Edge, Value};
use whipsnake_hir::ops::{AttrAt, Cc, FClass, Math1, Math2, ObjId, Op, Opnd, Ovf, Res, Round};
use whipsnake_hir::snapshot::CodeId;
use whipsnake_hir::types::{Repr, Ty};
use whipsnake_lower::Target;

/// A target whose every address is different and means nothing.
pub fn fake_target() -> Target {
    let mut next = 0x7000_0000_0000u64;
    let mut addr = || {
        next += 0x100;
        next
    };
    Target {
        header: addr(),
        exit_handler: addr(),
        frames_begin: addr(),
        frames_end: addr(),
        call_end: addr(),
        call: addr(),
        dealloc: addr(),
        dealloc_leaf: addr(),
        large_int: addr(),
        replace: std::array::from_fn(|_| addr()),
        set_attr: std::array::from_fn(|_| addr()),
        unbox_result: addr(),
        box_int: addr(),
        box_float: addr(),
        spare_ints: addr(),
        spare_floats: addr(),
        spare_complexes: addr(),
        box_complex: addr(),
        list_new: addr(),
        tuple_new: addr(),
        helpers: std::array::from_fn(|_| addr()),
        quick: std::array::from_fn(|_| 0),
        math1: std::array::from_fn(|_| addr()),
        math2: std::array::from_fn(|_| addr()),
        types: std::array::from_fn(|_| addr()),
        other_watchers: 0xfe,
        true_: addr(),
        false_: addr(),
        small_ints: addr(),
        small_int_stride: 32,
    }
}

/// A function under construction, one block at a time.
pub struct Build {
    pub f: Function,
    pub at: Block,
}

impl Build {
    pub fn new(ret: Repr, params: &[Kind]) -> Build {
        let mut f = Function::new("test", CodeId(0), EntryMode::Call);
        f.ret = ret;
        f.entry_locals = params.to_vec();
        let at = f.entry;
        for k in params {
            k.leaves(&mut |repr, ty| {
                f.add_param(at, repr, ty);
            });
        }
        Build { f, at }
    }

    pub fn param(&self, n: usize) -> Value {
        self.f.block(self.f.entry).params[n]
    }

    /// A state at this code unit whose locals are the values.
    pub fn state(&mut self, bci: u32, locals: &[Value]) -> StateId {
        let locals = locals.iter().map(|&v| Slot::Val { v, owned: false }).collect();
        self.f.add_state(FrameState {
            parent: None,
            code: CodeId(0),
            role: Default::default(),
            func: Slot::Null,
            bci,
            locals,
            stack: Vec::new(),
        })
    }

    pub fn inst(&mut self, op: Op, args: &[Value], state: Option<StateId>, reason: Reason, result: Option<(Repr, Ty)>) -> Option<Value> {
        let (i, v) = self.f.make_inst(op, args, state, reason, result);
        self.f.block_mut(self.at).insts.push(i);
        v
    }

    /// An op without a state.
    pub fn op(&mut self, op: Op, args: &[Value]) -> Value {
        self.inst(op, args, None, Reason::None, None).expect("the op has a result")
    }

    pub fn ret(&mut self, v: Value) {
        self.inst(Op::Return, &[v], None, Reason::None, None);
    }

    pub fn end(&mut self, op: Op, args: &[Value], targets: &[(Block, &[Value])]) {
        self.inst(op, args, None, Reason::None, None);
        let i = *self.f.block(self.at).insts.last().expect("just pushed");
        let inst: &mut InstData = self.f.inst_mut(i);
        inst.targets = targets
            .iter()
            .map(|(b, a)| Edge {
                block: *b,
                args: a.iter().copied().collect(),
            })
            .collect();
    }

    pub fn block(&mut self, params: &[(Repr, Ty)]) -> (Block, Vec<Value>) {
        let b = self.f.new_block();
        let p = params.iter().map(|&(r, t)| self.f.add_param(b, r, t)).collect();
        (b, p)
    }
}

/// Every op at least once, with every immediate that changes its code.
pub fn all_ops() -> Vec<Op> {
    let obj = ObjId(0);
    let mut ops = vec![
        Op::ConstInt { v: 5 },
        Op::ConstFloat { bits: 1.5f64.to_bits() },
        Op::ConstBool { v: true },
        Op::ConstObj { obj },
        Op::ConstNull,
        Op::IAbs,
        Op::IFloorDiv,
        Op::IMod,
        Op::ITrueDiv,
        Op::IPow,
        Op::IAnd,
        Op::IOr,
        Op::IXor,
        Op::INot,
        Op::IBits,
        Op::IShr,
        Op::IToF,
        Op::FAdd,
        Op::FSub,
        Op::FMul,
        Op::FDiv,
        Op::FNeg,
        Op::FAbs,
        Op::FSqrt,
        Op::BNot,
        Op::BAnd,
        Op::BOr,
        Op::BXor,
        Op::BToI,
        Op::Select,
        Op::BoxInt,
        Op::BoxFloat,
        Op::BoxBool,
        Op::UnboxInt,
        Op::UnboxFloat,
        Op::RealOf,
        Op::UnboxBool,
        Op::GuardType { ty: Ty::Float },
        Op::GuardIs { obj },
        Op::GuardNotNull,
        Op::GuardArrayCode { code: 'd' },
        Op::GuardTrue,
        Op::GuardFalse,
        Op::GuardValid,
        Op::TypeIs { ty: Ty::List },
        Op::ObjIs,
        Op::IsNull,
        Op::IncRef,
        Op::XIncRef,
        Op::DecRefLeaf,
        Op::DecRef,
        Op::XDecRef,
        Op::ListLen,
        Op::ListItems,
        Op::TupleLen,
        Op::Index,
        Op::IndexPos,
        Op::ListGet,
        Op::TupleGet,
        Op::ListSet,
        Op::ListSwap,
        Op::ListSetFloat,
        Op::ListSetInt,
        Op::ListNew,
        Op::TupleNew,
        Op::StrLen,
        Op::StrOrdAt,
        Op::BytesLen,
        Op::BytesGet,
        Op::BytearrayLen,
        Op::BytearrayItems,
        Op::BytearrayGet,
        Op::BytearraySet,
        Op::ArrayLen,
        Op::ArrayItems,
        Op::CellGet,
        Op::CellSet,
        Op::CellSwap,
        Op::GuardEntries { ver: 77 },
        Op::EntryGet { offset: 48 },
        Op::EntrySet { offset: 48 },
        Op::EntrySwap { offset: 48 },
        Op::EntrySetFloat { offset: 48 },
        Op::EntrySetInt { offset: 48 },
        Op::GuardVersion { ver: 77 },
        Op::VersionIs { ver: 78 },
        Op::GuardMro { index: 2 },
        Op::GuardKeys { ver: u32::MAX },
        Op::CallSelf,
        Op::CallNative { link: 0x7123_4567_9000 },
        Op::SafePoint,
        Op::Exit,
        Op::Return,
    ];
    for ovf in [Ovf::Check, Ovf::Wrap] {
        ops.extend([
            Op::IAdd { ovf },
            Op::ISub { ovf },
            Op::IMul { ovf },
            Op::INeg { ovf },
            Op::IShl { ovf },
        ]);
    }
    for valid in [0, 16] {
        let at = AttrAt { offset: 40, valid };
        ops.extend([
            Op::AttrGet { at },
            Op::AttrSet { at },
            Op::AttrSetFloat { at },
            Op::AttrSetInt { at },
            Op::AttrSwap { at },
            Op::AttrInit { at },
            Op::GuardClass { ver: 1 },
        ]);
    }
    for &cc in Cc::ALL {
        ops.extend([Op::ICmp { cc }, Op::FCmp { cc }, Op::IFCmp { cc }]);
    }
    ops.extend(Math1::ALL.iter().map(|&f| Op::FMath1 { f }));
    ops.extend(Math2::ALL.iter().map(|&f| Op::FMath2 { f }));
    ops.extend(FClass::ALL.iter().map(|&class| Op::FIs { class }));
    ops.extend(Round::ALL.iter().map(|&mode| Op::FToI { mode }));
    ops.extend(
        "bBhHiIlLqQ"
            .chars()
            .flat_map(|code| [Op::ArrayGetInt { code }, Op::ArraySetInt { code }]),
    );
    ops.extend(
        "fd".chars()
            .flat_map(|code| [Op::ArrayGetFloat { code }, Op::ArraySetFloat { code }]),
    );
    ops.extend(Helper::ALL.iter().map(|&helper| Op::Call { helper }));
    ops
}

/// A function that applies one op to its parameters (or to int constants in the given places) and returns the result.
/// Every op that may leave does so with the parameters as locals.
pub fn apply(op: Op, consts: &[(usize, i64)]) -> Build {
    apply_in(op, consts, false)
}

/// The same in a loop, of one turn.
pub fn apply_in_loop(op: Op) -> Build {
    apply_in(op, &[], true)
}

fn apply_in(op: Op, consts: &[(usize, i64)], in_loop: bool) -> Build {
    let info = op.info();
    let mut letters = info.operands.to_vec();
    if op.items().is_some() {
        letters.pop();
    } else if info.variadic {
        letters.extend([*letters.last().expect("a variadic row has a letter"); 2]);
    }
    if op == Op::CallSelf {
        letters = vec![Opnd::I, Opnd::F, Opnd::O];
    }
    let kinds: Vec<Kind> = letters
        .iter()
        .map(|l| match l {
            Opnd::I => Kind::Int,
            Opnd::F => Kind::Float,
            Opnd::B => Kind::Bool,
            Opnd::O | Opnd::S => Kind::Obj(Ty::Any),
            Opnd::A => Kind::Int,
        })
        .collect();
    let ret = match info.result {
        Res::I | Res::A | Res::R | Res::None => Repr::Int,
        Res::F => Repr::Float,
        Res::B => Repr::Bool,
        Res::O | Res::N => Repr::Obj,
    };
    let mut b = Build::new(ret, &kinds);
    b.f.obj(ObjInfo {
        ptr: 0x7123_4567_89a0,
        ty: Ty::Func,
    });
    let params: Vec<Value> = b.f.block(b.f.entry).params.clone();
    let state = b.state(7, &params);
    let mut args = params;
    for &(n, v) in consts {
        args[n] = match letters[n] {
            Opnd::F => b.op(Op::ConstFloat { bits: v as u64 }, &[]),
            _ => b.op(Op::ConstInt { v }, &[]),
        };
    }
    let reason = match op {
        Op::GuardType { ty } => Reason::Type(ty),
        Op::UnboxInt => Reason::BigInt,
        _ => Reason::Bounds,
    };
    let result = (info.result == Res::R).then_some((Repr::Int, Ty::Int));
    let head = in_loop.then(|| {
        let zero = b.op(Op::ConstInt { v: 0 }, &[]);
        let (head, turn) = b.block(&[(Repr::Int, Ty::Int)]);
        b.end(Op::Jump, &[], &[(head, &[zero])]);
        b.at = head;
        (head, turn[0])
    });
    let v = b.inst(op, &args, Some(state), reason, result);
    if let Some((head, turn)) = head {
        let one = b.op(Op::ConstInt { v: 1 }, &[]);
        let next = b.op(Op::IAdd { ovf: Ovf::Wrap }, &[turn, one]);
        let more = b.op(Op::ICmp { cc: Cc::Lt }, &[next, one]);
        let (done, _) = b.block(&[]);
        b.end(Op::Branch, &[more], &[(head, &[next]), (done, &[])]);
        b.at = done;
    }
    if !op.is_terminator() {
        let v = v.unwrap_or_else(|| b.op(Op::ConstInt { v: 0 }, &[]));
        b.ret(v);
    }
    b
}
