//! From code units to instructions.
//!
//! A code unit is an opcode byte and an argument byte. `EXTENDED_ARG` prefixes carry the higher bytes of an
//! argument; inline caches follow an instruction and are skipped. All positions are in code units.

use crate::opcode;
use std::fmt;

/// One instruction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Instr {
    /// Where the opcode is.
    pub offset: u32,
    /// Where its first `EXTENDED_ARG` is; `offset` when it has none. Jumps come here.
    pub start: u32,
    /// The base opcode.
    pub op: u8,
    /// The opcode as it stands in the code: base or specialised.
    pub raw: u8,
    pub arg: u32,
    /// The first code unit after the caches.
    pub next: u32,
}

impl Instr {
    /// Where the instruction may jump to, besides `next`.
    pub fn jump_target(&self) -> Option<u32> {
        if opcode::jumps_forward(self.op) {
            self.next.checked_add(self.arg)
        } else if opcode::jumps_back(self.op) {
            self.next.checked_sub(self.arg)
        } else {
            None
        }
    }
}

/// Why bytes are not bytecode.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DecodeError {
    /// An odd number of bytes.
    Odd,
    /// An instruction, its caches or what its `EXTENDED_ARG` prefixes lies beyond the end.
    Truncated { offset: u32 },
    /// A number that is no opcode, or one that hides another (`INSTRUMENTED_LINE` and the like).
    Unknown { offset: u32, op: u8 },
    /// A jump to something that is not the start of an instruction.
    Jump { offset: u32, target: u32 },
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DecodeError::Odd => write!(f, "an odd number of bytes"),
            DecodeError::Truncated { offset } => write!(f, "the instruction at {offset} is cut off"),
            DecodeError::Unknown { offset, op } => write!(f, "opcode {op} at {offset} is not known"),
            DecodeError::Jump { offset, target } => write!(f, "the instruction at {offset} jumps to {target}, inside another"),
        }
    }
}

impl std::error::Error for DecodeError {}

/// All instructions in order. Every jump leads to some instruction's `start` or to the end.
pub fn decode(bytes: &[u8]) -> Result<Vec<Instr>, DecodeError> {
    if !bytes.len().is_multiple_of(2) {
        return Err(DecodeError::Odd);
    }
    let units = bytes.len() / 2;
    let mut out = Vec::new();
    let mut at = 0;
    while at < units {
        let start = at as u32;
        let mut arg = 0u32;
        while bytes[2 * at] == opcode::EXTENDED_ARG {
            arg = (arg | u32::from(bytes[2 * at + 1])) << 8;
            at += 1;
            if at == units {
                return Err(DecodeError::Truncated { offset: start });
            }
        }
        let (raw, offset) = (bytes[2 * at], at as u32);
        arg |= u32::from(bytes[2 * at + 1]);
        let op = opcode::base(raw);
        if opcode::name(raw).is_empty()
            || matches!(
                raw,
                opcode::ENTER_EXECUTOR | opcode::INSTRUMENTED_LINE | opcode::INSTRUMENTED_INSTRUCTION
            )
        {
            return Err(DecodeError::Unknown { offset, op: raw });
        }
        at += 1 + opcode::caches(op);
        if at > units {
            return Err(DecodeError::Truncated { offset });
        }
        out.push(Instr {
            offset,
            start,
            op,
            raw,
            arg,
            next: at as u32,
        });
    }
    for i in &out {
        let Some(target) = i.jump_target() else {
            if opcode::jumps_back(i.op) || opcode::jumps_forward(i.op) {
                return Err(DecodeError::Jump {
                    offset: i.offset,
                    target: 0,
                });
            }
            continue;
        };
        if target as usize != units && out.binary_search_by_key(&target, |j| j.start).is_err() {
            return Err(DecodeError::Jump { offset: i.offset, target });
        }
    }
    Ok(out)
}

/// The `i`-th inline cache entry of an instruction.
pub fn cache_u16(bytes: &[u8], instr: &Instr, i: usize) -> Option<u16> {
    let at = 2 * (instr.offset as usize + 1 + i);
    if instr.offset as usize + 1 + i >= instr.next as usize {
        return None;
    }
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

/// The inline cache entries `i` and `i + 1` as one number.
pub fn cache_u32(bytes: &[u8], instr: &Instr, i: usize) -> Option<u32> {
    let lo = cache_u16(bytes, instr, i)?;
    let hi = cache_u16(bytes, instr, i + 1)?;
    Some(u32::from(lo) | u32::from(hi) << 16)
}
