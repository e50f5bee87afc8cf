//! For systems without `/proc`.

use std::io;

use session_core::ports::Memory;
use sysinfo::{MemoryRefreshKind, System};

/// The machine's memory.
pub(crate) fn memory() -> io::Result<Memory> {
    let mut system = System::new().map_err(io::Error::other)?;
    system.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram());
    Ok(Memory {
        total: system.total_memory(),
        available: system.available_memory(),
    })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    /// Both ways to look see the same machine.
    #[test]
    fn the_machine_has_memory() {
        let portable = memory().unwrap();
        let exact = crate::memory::linux::machine(std::path::Path::new("/")).unwrap();
        assert_eq!(portable.total, exact.total);
        // Other programs go on meanwhile.
        let apart = portable.available.abs_diff(exact.available);
        assert!(apart < exact.total / 10, "{portable:?} {exact:?}");
    }
}
