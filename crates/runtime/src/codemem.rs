//! Memory for machine code: own pages per function, written first and made executable after, never both.
//!
//! Pages are returned when the [`CodeMem`] is dropped; whoever drops it knows that nobody is inside. The total is
//! capped: beyond the cap, compilations are refused instead of memory being taken.

use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};

static CAP: AtomicUsize = AtomicUsize::new(256 << 20);
static USED: AtomicUsize = AtomicUsize::new(0);

/// Sets the cap.
pub fn set_cap_kib(kib: usize) {
    CAP.store(kib << 10, Ordering::Relaxed);
}

/// Bytes of pages in use.
pub fn used() -> usize {
    USED.load(Ordering::Relaxed)
}

/// Executable pages with one function's code.
pub struct CodeMem {
    base: *mut u8,
    size: usize,
}

// SAFETY: the pages are immutable once made executable, and freed by whichever thread drops the only owner.
unsafe impl Send for CodeMem {}
// SAFETY: as above; nothing writes through a shared reference.
unsafe impl Sync for CodeMem {}

impl CodeMem {
    /// Places code, which must not depend on its address.
    pub fn new(code: &[u8]) -> Result<CodeMem, String> {
        // SAFETY: sysconf has no preconditions.
        let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) }.max(4096) as usize;
        let size = code.len().max(1).next_multiple_of(page);
        if USED.fetch_add(size, Ordering::Relaxed) + size > CAP.load(Ordering::Relaxed) {
            USED.fetch_sub(size, Ordering::Relaxed);
            return Err("code memory is full".to_string());
        }
        // SAFETY: a fresh private mapping at an address of the kernel's choice touches no other memory.
        let base = unsafe {
            libc::mmap(
                ptr::null_mut(),
                size,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
                -1,
                0,
            )
        };
        if base == libc::MAP_FAILED {
            USED.fetch_sub(size, Ordering::Relaxed);
            return Err("no memory for code".to_string());
        }
        let mem = CodeMem { base: base.cast(), size };
        // SAFETY: the mapping is writable, at least as long as the code, and does not overlap it.
        unsafe { ptr::copy_nonoverlapping(code.as_ptr(), mem.base, code.len()) };
        // SAFETY: the whole of our own mapping; nobody holds a reference into it.
        if unsafe { libc::mprotect(base, size, libc::PROT_READ | libc::PROT_EXEC) } != 0 {
            return Err("the system does not let memory be made executable".to_string());
        }
        Ok(mem)
    }

    /// The address of an offset into the code.
    pub fn at(&self, offset: usize) -> *const u8 {
        assert!(offset < self.size);
        self.base.wrapping_add(offset)
    }
}

impl Drop for CodeMem {
    fn drop(&mut self) {
        // SAFETY: our own mapping, unmapped once.
        unsafe { libc::munmap(self.base.cast(), self.size) };
        USED.fetch_sub(self.size, Ordering::Relaxed);
    }
}
