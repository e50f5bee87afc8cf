//! The memory that browsers can have: the machine's, or what this program's container leaves of it.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(test, not(target_os = "linux")))]
mod portable;

#[cfg(target_os = "linux")]
pub(crate) use linux::memory;
#[cfg(not(target_os = "linux"))]
pub(crate) use portable::memory;
