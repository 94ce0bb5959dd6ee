//! Opcodes of CPython 3.14: a constant for every base, specialised and instrumented one.

#[rustfmt::skip]
#[path = "opcode_table.rs"]
mod table;
pub use table::*;

/// The opcode that `op` specialises or instruments; `op` itself where there is none. `INSTRUMENTED_LINE`,
/// `INSTRUMENTED_INSTRUCTION` and `ENTER_EXECUTOR` stand for any opcode and are their own base.
pub const fn base(op: u8) -> u8 {
    table::BASE[op as usize]
}

/// Inline cache entries (code units) that follow the base opcode `op`.
pub const fn caches(op: u8) -> usize {
    table::CACHES[op as usize] as usize
}

/// The name of an opcode, empty for a number that is not one.
pub const fn name(op: u8) -> &'static str {
    table::NAMES[op as usize]
}

/// Whether the specialised opcode `op` calls a Python function by pushing its frame in place.
pub const fn pushes_frame(op: u8) -> bool {
    matches!(
        op,
        CALL_PY_EXACT_ARGS
            | CALL_PY_GENERAL
            | CALL_BOUND_METHOD_EXACT_ARGS
            | CALL_BOUND_METHOD_GENERAL
            | CALL_KW_PY
            | CALL_KW_BOUND_METHOD
            | BINARY_OP_SUBSCR_GETITEM
    )
}

/// Whether the argument of the base opcode `op` is a distance to jump backwards.
pub const fn jumps_back(op: u8) -> bool {
    matches!(op, JUMP_BACKWARD | JUMP_BACKWARD_NO_INTERRUPT)
}

/// Whether the argument of the base opcode `op` is a distance to jump forwards.
pub const fn jumps_forward(op: u8) -> bool {
    matches!(
        op,
        JUMP_FORWARD | FOR_ITER | SEND | POP_JUMP_IF_FALSE | POP_JUMP_IF_TRUE | POP_JUMP_IF_NONE | POP_JUMP_IF_NOT_NONE
    )
}
