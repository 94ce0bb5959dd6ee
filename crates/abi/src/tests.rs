use crate::bytecode::{DecodeError, Instr, cache_u16, cache_u32, decode};
use crate::{exception_table, layout, opcode};
use std::path::Path;
use std::process::Command;

#[test]
fn bases_and_caches() {
    assert_eq!(opcode::base(opcode::BINARY_OP_ADD_INT), opcode::BINARY_OP);
    assert_eq!(opcode::base(opcode::INSTRUMENTED_JUMP_BACKWARD), opcode::JUMP_BACKWARD);
    assert_eq!(opcode::base(opcode::JUMP_BACKWARD_NO_JIT), opcode::JUMP_BACKWARD);
    assert_eq!(opcode::base(opcode::RESUME_CHECK), opcode::RESUME);
    assert_eq!(opcode::base(opcode::INSTRUMENTED_LINE), opcode::INSTRUMENTED_LINE);
    for op in 0..=255u8 {
        let base = opcode::base(op);
        assert_eq!(opcode::base(base), base, "the base of {op} has another base");
        if base != op {
            assert!(!opcode::name(op).is_empty() && !opcode::name(base).is_empty());
        }
    }
    assert_eq!(opcode::caches(opcode::LOAD_ATTR), 9);
    assert_eq!(opcode::caches(opcode::LOAD_FAST), 0);
    assert_eq!(opcode::name(opcode::FOR_ITER), "FOR_ITER");
    assert_eq!(opcode::nb::NB_ADD, 0);
    assert_eq!(opcode::nb::NB_SUBSCR, 26);
}

#[test]
fn decodes_prefixes_and_caches() {
    let (ext, attr, jump) = (opcode::EXTENDED_ARG, opcode::LOAD_ATTR, opcode::JUMP_BACKWARD);
    let mut bytes = vec![ext, 1, attr, 2];
    for i in 0..9u8 {
        bytes.extend([i, 0]);
    }
    bytes.extend([jump, 13, 0, 0]);
    let got = decode(&bytes).unwrap();
    assert_eq!(
        got[0],
        Instr {
            offset: 1,
            start: 0,
            op: attr,
            raw: attr,
            arg: 0x102,
            next: 11
        }
    );
    assert_eq!(got[1].jump_target(), Some(0));
    assert_eq!(cache_u16(&bytes, &got[0], 8), Some(8));
    assert_eq!(cache_u16(&bytes, &got[0], 9), None);
    assert_eq!(cache_u32(&bytes, &got[0], 1), Some(0x2_0001));
}

#[test]
fn refuses_what_is_not_bytecode() {
    assert_eq!(decode(&[1]), Err(DecodeError::Odd));
    assert_eq!(decode(&[opcode::EXTENDED_ARG, 0]), Err(DecodeError::Truncated { offset: 0 }));
    assert_eq!(decode(&[opcode::LOAD_ATTR, 0, 0, 0]), Err(DecodeError::Truncated { offset: 0 }));
    assert_eq!(
        decode(&[opcode::ENTER_EXECUTOR, 0]),
        Err(DecodeError::Unknown {
            offset: 0,
            op: opcode::ENTER_EXECUTOR
        })
    );
    assert_eq!(
        decode(&[
            opcode::LOAD_ATTR,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            opcode::JUMP_BACKWARD,
            7,
            0,
            0
        ]),
        Err(DecodeError::Jump { offset: 10, target: 5 })
    );
    assert_eq!(
        decode(&[opcode::JUMP_BACKWARD, 9, 0, 0]),
        Err(DecodeError::Jump { offset: 0, target: 0 })
    );
}

#[test]
fn exception_tables() {
    // start 3, length 70 (two groups), handler 90 (two groups), depth 2 with the flag
    let table = [0x83, 0x41, 0x06, 0x41, 0x1a, 0x05];
    let got = exception_table::parse(&table);
    assert_eq!(got.len(), 1);
    let e = got[0];
    assert_eq!((e.start, e.end, e.target, e.depth, e.lasti), (3, 73, 90, 2, true));
    assert_eq!(exception_table::find(&table, 72), Some(e));
    assert_eq!(exception_table::find(&table, 73), None);
    assert_eq!(exception_table::parse(&table[..5]), []);
}

#[test]
fn layout_is_plausible() {
    assert_eq!(layout::frame::EXECUTABLE, 0);
    assert_eq!(layout::frame::LOCALSPLUS + 8, layout::FRAME_SIZE);
    assert_eq!(layout::SMALL_INT_MIN, -5);
    assert_eq!(layout::SMALL_INT_MAX, 256);
}

/// The checked-in tables are what the interpreter of `.venv` gives. Needs `make setup` and a C compiler; without them
/// there is nothing to compare with.
#[test]
fn tables_are_fresh() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let python = root.join(".venv/bin/python");
    let cc = Command::new("cc").arg("--version").output().is_ok();
    if !python.exists() || !cc {
        eprintln!("not checked: no .venv/bin/python or no C compiler");
        return;
    }
    let out = Command::new(python)
        .arg(root.join("scripts/gen_abi.py"))
        .arg("--check")
        .output()
        .expect("the interpreter starts");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
}
