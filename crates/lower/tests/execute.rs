//! Runs boxes, reference counts, containers, calls, loops and exits.

mod common;

use common::machine::{
    Event, Machine, Outcome, answer, big_object, events, float_object, int_object, list_object, other_object, peek, refcnt, target,
};
use common::{Build, apply, apply_in_loop};
use whipsnake_abi::layout;
use whipsnake_hir::helpers::Helper;
use whipsnake_hir::ir::{Kind, Reason};
use whipsnake_hir::ops::{AttrAt, Cc, Op, Ovf};
use whipsnake_hir::types::{Repr, Ty};
use whipsnake_lower::{Native, Stored, status};

const IMMORTAL: i32 = -1 << 30;

fn machine(op: Op) -> Machine {
    Machine::new(&apply(op, &[]))
}

/// Out of loops and in loops the code differs.
fn machines(op: Op) -> [Machine; 2] {
    [machine(op), Machine::new(&apply_in_loop(op))]
}

// ---- boxes

#[test]
fn ints_are_unboxed_up_to_64_bits() {
    let mut all = machines(Op::UnboxInt);
    let mut values: Vec<i128> = vec![0, 1, -1, 5, (1 << 30) - 1, 1 << 30, (1 << 60) - 1, 1 << 60, (1 << 60) + 1, 1 << 62];
    values.extend([(1 << 63) - 1, 1 << 63, (1 << 63) + 1, 1 << 64, 9 << 60, 1 << 90, i128::MAX]);
    values.extend((0..63).map(|n| (1i128 << n) + 12345));
    for v in values.into_iter().flat_map(|v| [v, -v]) {
        for m in &mut all {
            let o = big_object(v, 1);
            let got = m.run(&[o]);
            match i64::try_from(v) {
                Ok(v) => assert_eq!(got, Outcome::Returned(v as u64), "{v}"),
                Err(_) => {
                    assert_eq!(got.reason(), Reason::BigInt, "{v}");
                    assert!(matches!(got, Outcome::Exited(_, _, l, Some(c)) if l == [o] && c == o));
                }
            }
        }
    }
}

#[test]
fn small_ints_come_from_the_table() {
    let t = target();
    machine(Op::BoxInt).run(&[5]);
    assert_eq!(events(), [Event::BoxInt(5)], "out of loops that is left to the function");
    let mut m = Machine::new(&apply_in_loop(Op::BoxInt));
    for v in -10..300i64 {
        let got = m.run(&[v as u64]);
        if (layout::SMALL_INT_MIN..=layout::SMALL_INT_MAX).contains(&v) {
            let nth = (v - layout::SMALL_INT_MIN) as u64;
            assert_eq!(got, Outcome::Returned(t.small_ints + nth * t.small_int_stride));
            assert!(events().is_empty());
        } else {
            assert_eq!(events(), [Event::BoxInt(v)]);
        }
    }
    m.run(&[i64::MIN as u64]);
    m.run(&[i64::MAX as u64]);
    assert_eq!(events(), [Event::BoxInt(i64::MIN), Event::BoxInt(i64::MAX)]);
}

#[test]
fn other_boxes() {
    let t = target();
    assert_eq!(machine(Op::BoxBool).run(&[1]), Outcome::Returned(t.true_));
    assert_eq!(machine(Op::BoxBool).run(&[0]), Outcome::Returned(t.false_));
    assert_eq!(machine(Op::UnboxBool).run(&[t.true_]), Outcome::Returned(1));
    assert_eq!(machine(Op::UnboxBool).run(&[t.false_]), Outcome::Returned(0));
    let f = float_object(2.5, 1);
    assert_eq!(machine(Op::UnboxFloat).run(&[f]), Outcome::Returned(2.5f64.to_bits()));
    machine(Op::BoxFloat).run(&[1.25f64.to_bits()]);
    assert_eq!(events(), [Event::BoxFloat(1.25)]);
}

#[test]
fn reals_are_floats_or_small_ints() {
    let mut m = machine(Op::RealOf);
    let returned = |x: f64| Outcome::Returned(x.to_bits());
    assert_eq!(m.run(&[float_object(-0.0, 1)]), returned(-0.0));
    assert_eq!(m.run(&[int_object(0, 1)]), returned(0.0));
    assert_eq!(m.run(&[int_object(-3, 1)]), returned(-3.0));
    assert_eq!(m.run(&[int_object((1 << 30) - 1, 1)]), returned(1_073_741_823.0));
    for other in [int_object(1 << 30, 1), other_object(Ty::Str, 1, &[])] {
        assert!(matches!(m.run(&[other]), Outcome::Exited(..)));
    }
}

#[test]
fn type_guards() {
    let mut m = machine(Op::GuardType { ty: Ty::Float });
    let (f, i) = (float_object(1.0, 1), int_object(1, 1));
    assert_eq!(m.run(&[f]), Outcome::Returned(0));
    assert_eq!(m.run(&[i]), Outcome::Exited(0, Reason::Type(Ty::Float), vec![i], Some(i)));
    assert_eq!(machine(Op::TypeIs { ty: Ty::Int }).run(&[i]), Outcome::Returned(1));
    assert_eq!(machine(Op::TypeIs { ty: Ty::Int }).run(&[f]), Outcome::Returned(0));
    assert!(matches!(machine(Op::GuardNotNull).run(&[0]), Outcome::Exited(..)));
    assert_eq!(machine(Op::GuardNotNull).run(&[f]), Outcome::Returned(0));
}

// ---- reference counts

#[test]
fn reference_counts() {
    let o = float_object(1.0, 3);
    machine(Op::IncRef).run(&[o]);
    assert_eq!(refcnt(o), 4);
    machine(Op::DecRef).run(&[o]);
    machine(Op::DecRefLeaf).run(&[o]);
    machine(Op::XDecRef).run(&[o]);
    assert_eq!(refcnt(o), 1);
    for op in [Op::XIncRef, Op::XDecRef] {
        machine(op).run(&[0]);
    }
    let immortal = float_object(1.0, IMMORTAL);
    for op in [Op::IncRef, Op::XIncRef, Op::DecRef, Op::XDecRef, Op::DecRefLeaf] {
        machine(op).run(&[immortal]);
        assert_eq!(refcnt(immortal), IMMORTAL);
    }
    assert!(events().is_empty());
    machine(Op::DecRefLeaf).run(&[o]);
    assert_eq!(refcnt(o), 0);
    assert_eq!(events(), [Event::DeallocLeaf(o)]);
    let o = float_object(1.0, 1);
    machine(Op::DecRef).run(&[o]);
    assert_eq!(events(), [Event::Dealloc { state: 0, object: o }]);
}

// ---- containers

#[test]
fn indices() {
    let mut m = machine(Op::Index);
    for len in 0..4i64 {
        for i in [i64::MIN, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, i64::MAX] {
            let at = if i < 0 { i + len } else { i };
            let want = (0..len).contains(&at).then_some(at as u64);
            let mut constant = Machine::new(&apply(Op::Index, &[(0, i)]));
            for m in [&mut m, &mut constant] {
                match (m.run(&[i as u64, len as u64]), want) {
                    (Outcome::Returned(g), Some(w)) => assert_eq!(g, w),
                    (Outcome::Exited(..), None) => {}
                    (g, w) => panic!("[{i}] of {len}: {g:?}, not {w:?}"),
                }
            }
        }
    }
    assert!(matches!(machine(Op::IndexPos).run(&[3, 3]), Outcome::Exited(..)));
    assert_eq!(machine(Op::IndexPos).run(&[2, 3]), Outcome::Returned(2));
}

#[test]
fn list_items() {
    let (l, items) = list_object(&[11, 22, 33]);
    assert_eq!(machine(Op::ListLen).run(&[l]), Outcome::Returned(3));
    assert_eq!(machine(Op::ListGet).run(&[l, 1]), Outcome::Returned(22));
    let _ = items;
    machine(Op::ListNew).run(&[1, 2, 3]);
    assert_eq!(events(), [Event::ListNew(vec![1, 2, 3])]);
}

#[test]
fn list_set_releases_the_old_item() {
    let mut m = machine(Op::ListSet);
    let new = int_object(1, 1);
    let row = other_object(Ty::List, 1, &[]);
    let (l, items) = list_object(&[row]);
    assert_eq!(machine(Op::ListSwap).run(&[l, 0, new]), Outcome::Returned(row));
    assert_eq!((peek(items), refcnt(row)), (new, 1));
    // Shared, immortal, dying leaf, dying object that could run code.
    let shared = other_object(Ty::List, 2, &[]);
    let (l, items) = list_object(&[shared]);
    m.run(&[l, 0, new]);
    assert_eq!((peek(items), refcnt(shared)), (new, 1));
    let immortal = other_object(Ty::None, IMMORTAL, &[]);
    let (l, items) = list_object(&[immortal]);
    m.run(&[l, 0, new]);
    assert_eq!((peek(items), refcnt(immortal)), (new, IMMORTAL));
    assert!(events().is_empty());
    for ty in [Ty::Float, Ty::Int, Ty::Str, Ty::Complex, Ty::Bytes, Ty::Bool, Ty::None] {
        let leaf = other_object(ty, 1, &[0, 0]);
        let (l, items) = list_object(&[leaf]);
        m.run(&[l, 0, new]);
        assert_eq!((peek(items), refcnt(leaf)), (new, 0));
        assert_eq!(events(), [Event::DeallocLeaf(leaf)]);
    }
    let object = other_object(Ty::List, 1, &[]);
    let (l, items) = list_object(&[object]);
    assert!(matches!(m.run(&[l, 0, new]), Outcome::Exited(..)));
    assert_eq!((peek(items), refcnt(object)), (object, 1));
}

#[test]
fn a_float_goes_into_the_old_box() {
    machines(Op::ListSetFloat).iter_mut().for_each(a_float_is_stored);
}

fn a_float_is_stored(m: &mut Machine) {
    let v = 7.5f64.to_bits();
    let own = float_object(1.0, 1);
    let (l, items) = list_object(&[own]);
    m.run(&[l, 0, v]);
    assert_eq!((peek(items), peek(own + 16), refcnt(own)), (own, v, 1));
    assert!(events().is_empty());
    for (old, left, freed) in [
        (float_object(1.0, 2), 1, false),
        (float_object(1.0, IMMORTAL), IMMORTAL, false),
        (int_object(5, 1), 0, true),
        (int_object(5, 7), 6, false),
    ] {
        let (l, items) = list_object(&[old]);
        m.run(&[l, 0, v]);
        let new = peek(items);
        assert_ne!(new, old);
        assert_eq!(peek(new + 16), v);
        assert_eq!(refcnt(old), left);
        let mut want = vec![Event::BoxFloat(7.5)];
        want.extend(freed.then_some(Event::DeallocLeaf(old)));
        assert_eq!(events(), want);
    }
    let object = other_object(Ty::List, 1, &[]);
    let (l, items) = list_object(&[object]);
    assert!(matches!(m.run(&[l, 0, v]), Outcome::Exited(..)));
    assert_eq!((peek(items), refcnt(object)), (object, 1));
    assert!(events().is_empty());
}

#[test]
fn an_int_of_one_digit_goes_into_the_old_box() {
    machines(Op::ListSetInt).iter_mut().for_each(ints_go_into_the_old_box);
    // In loops, one that is preallocated in place of another.
    let mut m = Machine::new(&apply_in_loop(Op::ListSetInt));
    let t = target();
    let (l, items) = list_object(&[int_object(7, IMMORTAL)]);
    m.run(&[l, 0, 3]);
    assert_eq!(peek(items), t.small_ints + (3 - layout::SMALL_INT_MIN) as u64 * t.small_int_stride);
    assert!(events().is_empty());
}

fn ints_go_into_the_old_box(m: &mut Machine) {
    let mut unbox = machine(Op::UnboxInt);
    for v in [300, -300, 257, -257, (1 << 30) - 1, 1 - (1 << 30)] {
        let own = int_object(-1000, 1);
        let (l, items) = list_object(&[own]);
        m.run(&[l, 0, v as u64]);
        assert_eq!((peek(items), refcnt(own)), (own, 1));
        assert_eq!(unbox.run(&[own]), Outcome::Returned(v as u64));
        assert_eq!(peek(own + 16), peek(int_object(v, 1) + 16));
        assert!(events().is_empty());
    }
    for (old, v) in [
        (1000, 5),
        (1000, -6),
        (1 << 40, 400),
        (1000, 1 << 30),
        (1000, i64::MIN),
        (1000, i64::MAX),
    ] {
        let old = int_object(old, 1);
        let (l, items) = list_object(&[old]);
        m.run(&[l, 0, v as u64]);
        assert_ne!(peek(items), old);
        assert_eq!(events(), [Event::BoxInt(v), Event::DeallocLeaf(old)], "{v}");
    }
}

#[test]
fn cells() {
    let mut m = machine(Op::CellSet);
    let new = int_object(1, 1);
    let cell = other_object(Ty::Cell, 1, &[0]);
    m.run(&[cell, new]);
    assert_eq!(peek(cell + 16), new);
    let old = float_object(1.0, 2);
    let cell = other_object(Ty::Cell, 1, &[old]);
    m.run(&[cell, new]);
    assert_eq!((peek(cell + 16), refcnt(old)), (new, 1));
    m.run(&[other_object(Ty::Cell, 1, &[old]), new]);
    assert_eq!(events(), [Event::DeallocLeaf(old)]);
    assert_eq!(machine(Op::CellGet).run(&[cell]), Outcome::Returned(new));
    assert_eq!(machine(Op::CellSwap).run(&[cell, old]), Outcome::Returned(new));
    assert_eq!(peek(cell + 16), old);
}

#[test]
fn globals() {
    // Keys with version 77 (at byte 12); the entry's value is at 48.
    let keys = |value: u64| [0, 77 << 32, 0, 0, 0, 0, value].to_vec().leak().as_ptr() as u64;
    let dict = |watchers: u64, keys: u64| other_object(Ty::Dict, 1, &[1, watchers, keys]);
    let mut guard = machine(Op::GuardEntries { ver: 77 });
    // The lowest bit is our own watcher's.
    assert!(!matches!(guard.run(&[dict(1, keys(5))]), Outcome::Exited(..)));
    assert!(matches!(guard.run(&[dict(2, keys(5))]), Outcome::Exited(..)));
    assert!(matches!(
        machine(Op::GuardEntries { ver: 78 }).run(&[dict(1, keys(5))]),
        Outcome::Exited(..)
    ));
    let offset = 48;
    assert_eq!(machine(Op::EntryGet { offset }).run(&[dict(0, keys(5))]), Outcome::Returned(5));
    let (new, old) = (int_object(1, 1), float_object(1.0, 2));
    let at = keys(old);
    let mut set = machine(Op::EntrySet { offset });
    set.run(&[dict(0, at), new]);
    assert_eq!((peek(at + 48), refcnt(old)), (new, 1));
    set.run(&[dict(0, keys(old)), new]);
    assert_eq!(events(), [Event::DeallocLeaf(old)]);
    let mutable = other_object(Ty::List, 1, &[]);
    assert!(matches!(set.run(&[dict(0, keys(mutable)), new]), Outcome::Exited(..)));
    let at = keys(mutable);
    let mut swap = machine(Op::EntrySwap { offset });
    assert_eq!(swap.run(&[dict(0, at), new]), Outcome::Returned(mutable));
    assert_eq!(peek(at + 48), new);
    let at = keys(float_object(1.0, 1));
    machine(Op::EntrySetFloat { offset }).run(&[dict(0, at), 2.5f64.to_bits()]);
    assert_eq!(events(), []);
}

#[test]
fn attributes() {
    // Inline values at 16: the valid byte at 19, values from 24 on.
    let at = AttrAt { offset: 24, valid: 19 };
    let slots = AttrAt { offset: 16, valid: 0 };
    let float = float_object(1.0, 1);
    // Valid, room for one, none set.
    let valid = 1 << 24 | 1;
    // The dict pointer is at -24: words in front of the object.
    let instance = |dict: u64, valid: u64, v: u64| {
        let words = [dict, 0, 0, 1, 0x99, valid, v, u64::MAX].to_vec().leak();
        words.as_ptr() as u64 + 24
    };
    let mut get = machine(Op::AttrGet { at });
    assert_eq!(get.run(&[instance(0, valid, 77)]), Outcome::Returned(77));
    assert_eq!(get.run(&[instance(5, valid, 77)]), Outcome::Returned(77));
    assert!(matches!(get.run(&[instance(0, 0, 77)]), Outcome::Exited(..)));
    assert!(matches!(get.run(&[instance(0, valid, 0)]), Outcome::Exited(..)));
    assert_eq!(machine(Op::AttrGet { at: slots }).run(&[instance(0, 33, 0)]), Outcome::Returned(33));

    let mut set = machine(Op::AttrSetFloat { at });
    let v = 9.5f64.to_bits();
    set.run(&[instance(0, valid, float), v]);
    assert_eq!(peek(float + 16), v);
    for bad in [instance(5, valid, float), instance(0, 0, float)] {
        assert!(matches!(set.run(&[bad, v]), Outcome::Exited(..)));
    }
    assert!(events().is_empty());
    let new = int_object(3, 1);
    let shared = float_object(1.0, 2);
    let o = instance(0, valid, shared);
    machine(Op::AttrSet { at }).run(&[o, new]);
    assert_eq!((peek(o + 24), refcnt(shared)), (new, 1));
    assert!(events().is_empty());
    // Nothing there, or something that dies: out of line.
    for (op, stored, v) in [
        (Op::AttrSet { at }, Stored::Object, new),
        (Op::AttrSetInt { at }, Stored::Int, 5),
        (Op::AttrSetFloat { at }, Stored::Float, v),
    ] {
        for mut m in machines(op) {
            for old in [0, other_object(Ty::List, 1, &[])] {
                let o = instance(0, valid, old);
                answer(1);
                assert!(matches!(m.run(&[o, v]), Outcome::Returned(_)));
                answer(0);
                assert!(matches!(m.run(&[o, v]), Outcome::Exited(..)));
                let asked = Event::SetAttr(stored, o, at, v);
                assert_eq!(events(), [asked.clone(), asked]);
            }
        }
    }

    // The first store is entered into the order of attributes, behind the values.
    for op in [Op::AttrSwap { at }, Op::AttrInit { at }] {
        let o = instance(0, valid, 0);
        let outcome = machine(op).run(&[o, new]);
        assert!(matches!(outcome, Outcome::Returned(_)));
        assert_eq!((peek(o + 24), peek(o + 16) >> 8 & 0xff, peek(o + 32) & 0xff), (new, 1, 0));
    }
    let o = instance(0, valid | 1 << 8, new);
    assert_eq!(machine(Op::AttrSwap { at }).run(&[o, v]), Outcome::Returned(new));
    assert_eq!((peek(o + 24), peek(o + 16) >> 8 & 0xff), (v, 1));
}

#[test]
fn text_and_buffers() {
    let ascii = 1u64 << layout::STR_ASCII_BIT | 1 << layout::STR_COMPACT_BIT | 1 << layout::STR_KIND_SHIFT;
    let s = other_object(Ty::Str, 1, &[3, 0, ascii, u64::from_le_bytes(*b"abc\0\0\0\0\0")]);
    let mut at = machine(Op::StrOrdAt);
    assert_eq!(at.run(&[s, 2]), Outcome::Returned(u64::from(b'c')));
    for (kind, data, want) in [
        (1u64, 0x0000_00ff_e9aau64, [0xaa, 0xe9]),
        (2, 0x1234_abcd, [0xabcd, 0x1234]),
        (4, 0x0001_f600_0010_ffff, [0x10_ffff, 0x1_f600]),
    ] {
        let state = 1 << layout::STR_COMPACT_BIT | kind << layout::STR_KIND_SHIFT;
        let s = other_object(Ty::Str, 1, &[2, 0, state, 0, 0, data]);
        for n in 0..2 {
            assert_eq!(at.run(&[s, n]), Outcome::Returned(want[n as usize]));
        }
    }
    let data = [0x1122_3344_5566_7788u64, 0].to_vec().leak().as_ptr() as u64;
    let array = other_object(Ty::Array, 1, &[8, data, 0, 0]);
    for (code, want) in [
        ('b', -0x78i64),
        ('B', 0x88),
        ('h', 0x7788),
        ('i', 0x5566_7788),
        ('q', 0x1122_3344_5566_7788),
    ] {
        assert_eq!(machine(Op::ArrayGetInt { code }).run(&[array, 0]), Outcome::Returned(want as u64));
    }
    for (code, bits, signed) in [
        ('b', 8, true),
        ('B', 8, false),
        ('h', 16, true),
        ('H', 16, false),
        ('i', 32, true),
        ('I', 32, false),
    ] {
        let mut set = machine(Op::ArraySetInt { code });
        let mut get = machine(Op::ArrayGetInt { code });
        let (lo, hi) = if signed {
            (-(1i64 << (bits - 1)), (1i64 << (bits - 1)) - 1)
        } else {
            (0, (1i64 << bits) - 1)
        };
        for v in [lo, hi, 0, 1] {
            assert_eq!(set.run(&[array, 1, v as u64]), Outcome::Returned(0));
            assert_eq!(get.run(&[array, 1]), Outcome::Returned(v as u64));
        }
        for v in [lo - 1, hi + 1, i64::MIN, i64::MAX] {
            assert!(matches!(set.run(&[array, 1, v as u64]), Outcome::Exited(..)));
        }
    }
    let mut set = machine(Op::ArraySetInt { code: 'Q' });
    assert!(matches!(set.run(&[array, 0, -1i64 as u64]), Outcome::Exited(..)));
    machine(Op::ArraySetFloat { code: 'f' }).run(&[array, 1, 0.1f64.to_bits()]);
    let got = machine(Op::ArrayGetFloat { code: 'f' }).run(&[array, 1]);
    assert_eq!(got, Outcome::Returned(f64::from(0.1f32).to_bits()));
}

// ---- helpers

#[test]
fn helpers_that_run_python_code_have_visible_frames() {
    let call = |helper| machine(Op::Call { helper });
    answer(0x1000);
    assert_eq!(call(Helper::Negate).run(&[7]), Outcome::Returned(0x1000));
    let begin = Event::FramesBegin { state: 0, first_word: 7 };
    assert_eq!(events(), [begin.clone(), Event::Helper(1, vec![7]), Event::FramesEnd]);
    answer(0);
    assert_eq!(call(Helper::Negate).run(&[7]), Outcome::Exited(0, Reason::Raised, vec![7], None));
    // An exhausted iterator is not an exception.
    assert_eq!(call(Helper::IterNext).run(&[7]), Outcome::Returned(0));
    answer(1);
    assert_eq!(call(Helper::IterNext).run(&[7]).reason(), Reason::Raised);
    assert_eq!(call(Helper::Truth).run(&[7]), Outcome::Returned(1));
    answer(0xff);
    assert_eq!(call(Helper::Truth).run(&[7]).reason(), Reason::Raised);
    events();
    answer(5);
    assert_eq!(call(Helper::LongAdd).run(&[1, 2]), Outcome::Returned(5));
    assert_eq!(events(), [Event::Helper(2, vec![1, 2])]);
    answer(0);
    assert_eq!(call(Helper::LongAdd).run(&[1, 2]).reason(), Reason::Bounds);
    events();
    answer(5);
    assert_eq!(call(Helper::CallKw).run(&[1, 2, 3, 4, 5]), Outcome::Returned(5));
    assert_eq!(events()[1], Event::Helper(3, vec![1, 2, 3, 4, 5]));
}

#[test]
fn shortcuts_come_first_and_without_frames() {
    let mut m = machine(Op::Call { helper: Helper::Invert });
    assert_eq!(m.run(&[6]), Outcome::Returned(106));
    assert_eq!(events(), [Event::Quick(6)]);
    answer(9);
    assert_eq!(m.run(&[7]), Outcome::Returned(9));
    let begin = Event::FramesBegin { state: 0, first_word: 7 };
    assert_eq!(events(), [Event::Quick(7), begin, Event::Helper(1, vec![7]), Event::FramesEnd]);
    answer(0);
    assert_eq!(m.run(&[7]).reason(), Reason::Raised);
}

#[test]
fn a_module_whose_names_change_takes_no_shortcuts() {
    let mut b = apply(Op::Call { helper: Helper::Invert }, &[]);
    b.f.names = vec![(0, true)];
    answer(9);
    assert_eq!(Machine::new(&b).run(&[6]), Outcome::Returned(9));
    assert_eq!(events()[1], Event::Helper(1, vec![6]));
}

// ---- control

/// `acc = 0; i = 0; while i < n: acc += i * k; i += 1; return acc`, leaving on overflow.
fn sum_loop() -> Build {
    let mut b = Build::new(Repr::Int, &[Kind::Int, Kind::Int]);
    let (n, k) = (b.param(0), b.param(1));
    let zero = b.op(Op::ConstInt { v: 0 }, &[]);
    let one = b.op(Op::ConstInt { v: 1 }, &[]);
    let int = (Repr::Int, Ty::Int);
    let (head, hp) = b.block(&[int, int]);
    let (body, bp) = b.block(&[int, int]);
    let (done, dp) = b.block(&[int]);
    b.end(Op::Jump, &[], &[(head, &[zero, zero])]);
    b.at = head;
    let more = b.op(Op::ICmp { cc: Cc::Lt }, &[hp[0], n]);
    b.end(Op::Branch, &[more], &[(body, &hp), (done, &[hp[1]])]);
    b.at = body;
    let s = b.state(4, &[bp[0], bp[1]]);
    b.inst(Op::SafePoint, &[], Some(s), Reason::SafePoint, None);
    let term = b
        .inst(Op::IMul { ovf: Ovf::Check }, &[bp[0], k], Some(s), Reason::Overflow, None)
        .expect("a product");
    let acc = b
        .inst(Op::IAdd { ovf: Ovf::Check }, &[bp[1], term], Some(s), Reason::Overflow, None)
        .expect("a sum");
    let i = b.op(Op::IAdd { ovf: Ovf::Wrap }, &[bp[0], one]);
    b.end(Op::Jump, &[], &[(head, &[i, acc])]);
    b.at = done;
    b.ret(dp[0]);
    b
}

#[test]
fn loops_and_their_exits() {
    let mut m = Machine::new(&sum_loop());
    assert_eq!(m.run(&[0, 3]), Outcome::Returned(0));
    assert_eq!(m.run(&[1000, 3]), Outcome::Returned(3 * 499_500));
    let k = i64::MAX / 4;
    // 0 + k + 2k fits, the next 3k does not.
    let out = m.run(&[10, k as u64]);
    assert!(matches!(out, Outcome::Exited(_, Reason::Overflow, l, None) if l == [3, 3 * k as u64]));
    m.tstate[layout::tstate::EVAL_BREAKER / 8] = 1;
    assert_eq!(m.run(&[10, 1]), Outcome::Exited(0, Reason::SafePoint, vec![0, 0], None));
    m.handler_raises();
    assert_eq!(m.run(&[10, 1]), Outcome::Raised);
}

#[test]
fn forced_exits_come_every_so_often() {
    let mut m = Machine::with(&sum_loop(), &target(), 7);
    // Three ops of each round may leave: the seventh is the safe point of the third round.
    assert!(matches!(m.run(&[100, 1]), Outcome::Exited(_, Reason::SafePoint, l, _) if l == [2, 1]));
    assert_eq!(m.ctx.forced, 7);
    assert!(matches!(m.run(&[100, 1]), Outcome::Exited(_, Reason::SafePoint, l, _) if l == [2, 1]));
}

/// `fib(n)`, the result in the representation asked for.
fn fib() -> Build {
    let mut b = Build::new(Repr::Int, &[Kind::Int, Kind::Obj(Ty::Any)]);
    let (n, o) = (b.param(0), b.param(1));
    let two = b.op(Op::ConstInt { v: 2 }, &[]);
    let one = b.op(Op::ConstInt { v: 1 }, &[]);
    let less = b.op(Op::ICmp { cc: Cc::Lt }, &[n, two]);
    let (small, _) = b.block(&[]);
    let (large, _) = b.block(&[]);
    b.end(Op::Branch, &[less], &[(small, &[]), (large, &[])]);
    b.at = small;
    let s = b.state(1, &[n, o]);
    // Leaves on a null object: the interpreter would finish this call.
    b.inst(Op::GuardNotNull, &[o], Some(s), Reason::Unbound, None);
    b.ret(n);
    b.at = large;
    let s = b.state(2, &[n]);
    let call = |b: &mut Build, k| {
        let m = b.op(Op::ISub { ovf: Ovf::Wrap }, &[n, k]);
        b.inst(Op::CallSelf, &[m, o], Some(s), Reason::Raised, Some((Repr::Int, Ty::Int)))
            .expect("a result")
    };
    let (x, y) = (call(&mut b, one), call(&mut b, two));
    let sum = b.op(Op::IAdd { ovf: Ovf::Wrap }, &[x, y]);
    b.ret(sum);
    b
}

#[test]
fn calls_to_itself() {
    let left = layout::tstate::PY_RECURSION_REMAINING / 8;
    let mut m = Machine::new(&fib());
    assert_eq!(m.run(&[15, 1]), Outcome::Returned(610));
    assert_eq!(m.tstate[left], 1000);
    // With nine frames left one more call may be made, with eight none.
    m.tstate[left] = 9;
    assert_eq!(m.run(&[2, 1]), Outcome::Returned(1));
    m.tstate[left] = 8;
    assert_eq!(m.run(&[2, 1]).reason(), Reason::Domain);
    assert_eq!(m.tstate[left], 8);
    assert_eq!(m.ctx.deferred, 0);
}

/// What the frames of callers are shown from: for each call on its way a record, innermost first.
#[test]
fn calls_on_their_way_are_linked() {
    let mut b = Build::new(Repr::Int, &[Kind::Int]);
    let n = b.param(0);
    let one = b.op(Op::ConstInt { v: 1 }, &[]);
    let more = b.op(Op::ICmp { cc: Cc::Gt }, &[n, one]);
    let (last, _) = b.block(&[]);
    let (deeper, _) = b.block(&[]);
    b.end(Op::Branch, &[more], &[(deeper, &[]), (last, &[])]);
    b.at = last;
    let s = b.state(1, &[n]);
    b.inst(Op::GuardTrue, &[more], Some(s), Reason::Bounds, None);
    b.ret(n);
    b.at = deeper;
    let s = b.state(2, &[n]);
    let less = b.op(Op::ISub { ovf: Ovf::Wrap }, &[n, one]);
    let r = b
        .inst(Op::CallSelf, &[less], Some(s), Reason::Raised, Some((Repr::Int, Ty::Int)))
        .expect("a result");
    b.ret(r);
    let mut m = Machine::new(&b);
    // The innermost one leaves.
    m.handler_raises();
    assert_eq!(m.run(&[3]), Outcome::Raised);
    let calls: Vec<_> = events()
        .into_iter()
        .filter_map(|e| match e {
            Event::Deferred { state, first_word } => Some((state, first_word)),
            _ => None,
        })
        .collect();
    assert_eq!(calls, [(u64::from(s.0), 2), (u64::from(s.0), 3)]);
    assert_eq!(m.ctx.deferred, 0);
}

/// The native entry takes objects, gives one, and is counted while somebody is inside.
#[test]
fn compiled_callers_bring_objects() {
    let mut b = Build::new(Repr::Float, &[Kind::Int, Kind::Float, Kind::Obj(Ty::List)]);
    let (n, x, l) = (b.param(0), b.param(1), b.param(2));
    let n = b.op(Op::IToF, &[n]);
    let sum = b.op(Op::FAdd, &[n, x]);
    let s = b.state(1, &[l]);
    let wanted = b.op(Op::FCmp { cc: Cc::Lt }, &[sum, x]);
    b.inst(Op::GuardFalse, &[wanted], Some(s), Reason::Bounds, None);
    b.ret(sum);
    let mut t = target();
    // Valid, nobody inside, five entries so far, kept at 77.
    let header: &mut [u64] = vec![1, 5, 77].leak();
    t.header = header.as_ptr() as u64;
    let native = Native {
        parameters: 3,
        globals: 0x1110,
        builtins: 0x2220,
    };
    let mut m = Machine::for_callers(&b, &t, native);
    let func = |globals: u64, builtins: u64| {
        let words = vec![0u64; 32].leak();
        words[layout::func::GLOBALS / 8] = globals;
        words[layout::func::BUILTINS / 8] = builtins;
        words.as_ptr() as u64
    };
    let f = func(0x1110, 0x2220);
    let (two, half, list) = (int_object(2, 1), float_object(0.5, 1), list_object(&[]).0);
    m.ctx.current = 99;
    let (st, o) = m.call(f, &[two, half, list]);
    assert_eq!(st, status::RETURNED);
    assert_eq!(peek(o + layout::float::VALUE as u64), 2.5f64.to_bits());
    assert_eq!(header[1], 6);
    // What is not for this version changes nothing.
    for args in [
        [half, half, list],
        [two, two, list],
        [two, half, two],
        [big_object(1 << 70, 1), half, list],
    ] {
        assert_eq!(m.call(f, &args).0, status::DECLINED);
    }
    for other in [func(0x1118, 0x2220), func(0x1110, 0x2228)] {
        assert_eq!(m.call(other, &[two, half, list]).0, status::DECLINED);
    }
    assert_eq!((header[1], m.ctx.current), (6, 99));
    // An exit hands back what the interpreter made of the call, here word 0: the list.
    let (st, o) = m.call(f, &[int_object(-3, 1), half, list]);
    assert_eq!((st, o), (status::EXITED, list));
    m.handler_raises();
    assert_eq!(m.call(f, &[int_object(-3, 1), half, list]).0, status::RAISED);
    assert_eq!((header[0], header[1], m.ctx.current), (1, 8, 99));
}

#[test]
fn the_interpreter_is_let_in_before_a_call() {
    let mut m = Machine::new(&fib());
    m.ctx.breaker = 1;
    assert_eq!(m.run(&[1, 1]), Outcome::Returned(1));
    assert_eq!(m.run(&[2, 1]).reason(), Reason::SafePoint);
    assert_eq!(m.ctx.deferred, 0);
}

#[test]
fn a_call_that_left_hands_back_an_object() {
    let mut m = Machine::new(&fib());
    // Both inner calls leave with word 0 = their argument: 0 stands for the int 0, but 1 for a stray object.
    let out = m.run(&[2, 0]);
    assert_eq!(out, Outcome::Exited(m.ctx.exit as u32, Reason::Stray, vec![2], Some(1)));
    m.handler_raises();
    assert_eq!(m.run(&[2, 0]), Outcome::Raised);
    assert_eq!(m.compiled.exits[m.ctx.exit as usize].reason, Reason::Raised);
}

#[test]
fn the_c_stack_is_watched() {
    let mut m = Machine::new(&fib());
    m.ctx.stack_limit = u64::MAX - (1 << 20);
    assert_eq!(m.run(&[5, 1]).reason(), Reason::Domain);
}

/// Stores into a list in a loop that calls nothing else: the slow path goes through a thunk, and the values that live
/// across it in registers survive.
#[test]
fn slow_paths_in_quiet_loops_preserve_registers() {
    let mut b = Build::new(Repr::Float, &[Kind::Obj(Ty::List), Kind::Int, Kind::Float, Kind::Float]);
    let (l, n, x, y) = (b.param(0), b.param(1), b.param(2), b.param(3));
    let zero = b.op(Op::ConstInt { v: 0 }, &[]);
    let one = b.op(Op::ConstInt { v: 1 }, &[]);
    let (int, float) = ((Repr::Int, Ty::Int), (Repr::Float, Ty::Float));
    let (head, hp) = b.block(&[int, float]);
    let (body, _) = b.block(&[]);
    let (done, _) = b.block(&[]);
    b.end(Op::Jump, &[], &[(head, &[zero, x])]);
    b.at = head;
    let more = b.op(Op::ICmp { cc: Cc::Lt }, &[hp[0], n]);
    b.end(Op::Branch, &[more], &[(body, &[]), (done, &[])]);
    b.at = body;
    let s = b.state(4, &[hp[0], hp[1]]);
    let a = b.op(Op::FMul, &[hp[1], y]);
    let a = b.op(Op::FAdd, &[a, x]);
    b.inst(Op::ListSetFloat, &[l, hp[0], a], Some(s), Reason::Finaliser, None);
    let i = b.op(Op::IAdd { ovf: Ovf::Wrap }, &[hp[0], one]);
    b.end(Op::Jump, &[], &[(head, &[i, a])]);
    b.at = done;
    b.ret(hp[1]);

    let mut m = Machine::new(&b);
    assert!(m.compiled.code.len() > 400, "there is a thunk");
    let old: Vec<u64> = (0..6)
        .map(|n| match n % 3 {
            0 => float_object(0.0, IMMORTAL),
            1 => float_object(0.0, 1),
            _ => int_object(n, 1),
        })
        .collect();
    let (list, items) = list_object(&old);
    let out = m.run(&[list, 6, 1.0f64.to_bits(), 0.5f64.to_bits()]);
    let mut acc = 1.0;
    for n in 0..6 {
        acc = acc * 0.5 + 1.0;
        assert_eq!(peek(peek(items + 8 * n) + 16), f64::to_bits(acc));
    }
    assert_eq!(out, Outcome::Returned(acc.to_bits()));
    assert_eq!(events().iter().filter(|e| matches!(e, Event::BoxFloat(_))).count(), 4);
    // The third old item: an object that might have a finaliser.
    let (list, _) = list_object(&[old[1], other_object(Ty::List, 1, &[])]);
    let out = m.run(&[list, 2, 1.0f64.to_bits(), 0.5f64.to_bits()]);
    assert!(matches!(out, Outcome::Exited(_, Reason::Bounds | Reason::Finaliser, l, _) if l == [1, 1.5f64.to_bits()]));
}

/// Two nested loops with a break that meets the ordinary way out, their headers' values used behind them.
#[test]
fn nested_loops_with_a_break() {
    let mut b = Build::new(Repr::Int, &[Kind::Int, Kind::Int]);
    let (n, stop) = (b.param(0), b.param(1));
    let int = (Repr::Int, Ty::Int);
    let zero = b.op(Op::ConstInt { v: 0 }, &[]);
    let one = b.op(Op::ConstInt { v: 1 }, &[]);
    let thousand = b.op(Op::ConstInt { v: 1000 }, &[]);
    let (outer, op) = b.block(&[int, int]);
    let (inner, ip) = b.block(&[int, int]);
    let [(pre, _), (body, _), (more, _), (next, _), (end, _)] = [(); 5].map(|()| b.block(&[]));
    b.end(Op::Jump, &[], &[(outer, &[zero, zero])]);
    b.at = outer;
    let c = b.op(Op::ICmp { cc: Cc::Lt }, &[op[0], n]);
    b.end(Op::Branch, &[c], &[(pre, &[]), (end, &[])]);
    b.at = pre;
    b.end(Op::Jump, &[], &[(inner, &[zero, op[1]])]);
    b.at = inner;
    let c = b.op(Op::ICmp { cc: Cc::Le }, &[ip[0], op[0]]);
    b.end(Op::Branch, &[c], &[(body, &[]), (next, &[])]);
    b.at = body;
    // Breaks out of the inner loop, to where it ends as well.
    let c = b.op(Op::ICmp { cc: Cc::Ge }, &[ip[1], stop]);
    b.end(Op::Branch, &[c], &[(next, &[]), (more, &[])]);
    b.at = more;
    let k = b.op(Op::IAdd { ovf: Ovf::Wrap }, &[ip[0], one]);
    let acc = b.op(Op::IAdd { ovf: Ovf::Wrap }, &[ip[1], k]);
    b.end(Op::Jump, &[], &[(inner, &[k, acc])]);
    b.at = next;
    let i = b.op(Op::IAdd { ovf: Ovf::Wrap }, &[op[0], one]);
    let scaled = b.op(Op::IMul { ovf: Ovf::Wrap }, &[ip[0], thousand]);
    let acc = b.op(Op::IAdd { ovf: Ovf::Wrap }, &[scaled, ip[1]]);
    b.end(Op::Jump, &[], &[(outer, &[i, acc])]);
    b.at = end;
    let out = b.op(Op::ISub { ovf: Ovf::Wrap }, &[op[1], op[0]]);
    b.ret(out);

    let mut m = Machine::new(&b);
    for n in 0..8i64 {
        for stop in [0, 5, 1000, 3000, 1 << 40] {
            let (mut i, mut acc) = (0, 0i64);
            while i < n {
                let mut k = 0;
                while k <= i && acc < stop {
                    k += 1;
                    acc += k;
                }
                acc += k * 1000;
                i += 1;
            }
            assert_eq!(m.run(&[n as u64, stop as u64]), Outcome::Returned((acc - i) as u64), "{n} {stop}");
        }
    }
}
