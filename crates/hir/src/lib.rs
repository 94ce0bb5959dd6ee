//! The middle of the compiler: bytecode and feedback ([`snapshot`]) to typed SSA ([`ir`], built by [`build`]),
//! passes over it ([`pass`]), and its text form. No Python in the process, no unsafe code.
#![forbid(unsafe_code)]

#[macro_use]
mod rows;

pub mod build;
pub mod builtins;
pub mod dom;
pub mod effects;
pub mod helpers;
pub mod ir;
pub mod maps;
pub mod ops;
pub mod parse;
pub mod pass;
pub mod print;
pub mod snapshot;
pub mod types;
pub mod verify;
