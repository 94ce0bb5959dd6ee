//! `co_exceptiontable`: which handler covers which instructions.
//!
//! Four numbers an entry (start, length, handler, depth and a flag), each in groups of six bits, the highest group
//! first; bit 6 of a byte says that another group follows, bit 7 marks the first byte of an entry.

/// One covered range; all positions in code units.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entry {
    pub start: u32,
    /// One past the last code unit covered.
    pub end: u32,
    /// Where the handler is.
    pub target: u32,
    /// Operands left on the stack when it is entered.
    pub depth: u32,
    /// Whether the position of the raising instruction is pushed below the exception.
    pub lasti: bool,
}

/// All entries, in the table's order (ascending, not overlapping). What follows a malformed entry is left out.
pub fn parse(table: &[u8]) -> Vec<Entry> {
    let mut out = Vec::new();
    let mut bytes = table.iter().copied();
    let mut number = move || -> Option<u32> {
        let mut b = bytes.next()?;
        let mut v = u32::from(b & 63);
        while b & 64 != 0 {
            b = bytes.next()?;
            v = v.checked_mul(64)? | u32::from(b & 63);
        }
        Some(v)
    };
    let mut entry = || -> Option<Entry> {
        let (start, length, target, flags) = (number()?, number()?, number()?, number()?);
        Some(Entry {
            start,
            end: start.checked_add(length)?,
            target,
            depth: flags >> 1,
            lasti: flags & 1 != 0,
        })
    };
    while let Some(e) = entry() {
        out.push(e);
    }
    out
}

/// The entry that covers the code unit `at`.
pub fn find(table: &[u8], at: u32) -> Option<Entry> {
    parse(table).into_iter().find(|e| e.start <= at && at < e.end)
}
