//! HIR to x86-64 machine code through Cranelift.
//!
//! * [`api`]: what goes in and out; everything the runtime needs is re-exported here.
//! * `cx`: the state of one lowering and the tools all ops share.
//! * `control`: entry, blocks, terminators, and the exhaustive dispatch on ops; `ints`, `floats`, `powers` (constant exponents), `objects` (boxes, guards,
//!   reference counts), `replace` (storing in place of another reference), `lists` (tuples and cells too), `attrs`, `buffers`
//!   (text, bytes, arrays), `calls`: one file a family.
//! * `exits`: side exits and the locations of frame states.
//! * `entries`: ways in, for the runtime and for compiled callers.
//! * `flow`: which loops are rotated, which calls must preserve registers; `thunks`: how they do.
//! * `code`: Cranelift's settings, and from its output to self-contained code.
//!
//! Cranelift runs without its mid-level optimiser, which duplicates pure ops into the exit blocks; what there is to
//! optimise has been done in HIR. Slow paths and exits are in cold blocks, laid out behind the rest.
//!
//! A loop becomes one machine function `fn(ctx) -> status` that reads its parameters from the `Ctx`'s words. What is entered by calls becomes
//! a body `fn(ctx, parameters) -> (status, value)`, which may call itself with its arguments in registers, and others in front of it
//! (`entries`). A body whose status is not "returned" has no value: what the exit handler left is in word 0.
#![forbid(unsafe_code)]

pub mod api;
mod attrs;
mod buffers;
mod calls;
mod code;
mod control;
mod cx;
mod entries;
mod exits;
mod floats;
mod flow;
mod globals;
mod ints;
mod lists;
mod objects;
mod powers;
mod replace;
mod thunks;
mod wides;
mod words;

pub use api::{Compiled, ExitPoint, Loc, LowerOptions, Native, Stored, Target, activation, attr_at, ctx, header, spares, status};
pub use code::compile;
