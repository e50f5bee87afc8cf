//! What the machine has left, on real file systems and with real processes.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

mod disk;
mod group;
mod usage;
