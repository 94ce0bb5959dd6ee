//! The compiler's hash tables: their keys are its own small numbers, which nobody chooses to collide.

pub use rustc_hash::{FxHashMap as HashMap, FxHashSet as HashSet};
