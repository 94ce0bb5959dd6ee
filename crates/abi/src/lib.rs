//! CPython 3.14's bytecode and memory layout as data.
//!
//! * [`opcode`]: opcode numbers, what each one specialises, inline cache sizes.
//! * [`bytecode`]: a decoder from code units to instructions.
//! * [`exception_table`]: the decoder of `co_exceptiontable`.
//! * [`layout`]: where the fields of CPython's structs are.
//!
//! The tables are generated from an interpreter and its headers by `scripts/gen_abi.py` and checked in; a test
//! compares them with the interpreter of `.venv` when there is one. Nothing here touches a running
//! interpreter: the runtime compares the layout with the process it finds itself in before it relies on it.

#![forbid(unsafe_code)]

pub mod bytecode;
pub mod exception_table;
pub mod opcode;

#[rustfmt::skip]
#[path = "layout_table.rs"]
pub mod layout;

#[cfg(test)]
mod tests;
