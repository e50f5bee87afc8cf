//! What the machine has left: disk, memory, and what browsers take of it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use async_trait::async_trait;
use session_core::ports::{Memory, Resources, Usage};

/// The machine that the program runs on.
#[derive(Debug)]
pub struct SystemResources {
    _data: PathBuf,
}

impl SystemResources {
    /// Looks at the disk that this folder is on.
    pub fn new(data: PathBuf) -> Self {
        Self { _data: data }
    }
}

#[async_trait]
impl Resources for SystemResources {
    async fn free_disk(&self) -> Option<u64> {
        None
    }

    async fn memory(&self) -> Option<Memory> {
        None
    }

    async fn usage(&self, _browsers: Vec<u32>) -> BTreeMap<u32, Usage> {
        BTreeMap::new()
    }

    async fn release_reserve(&self) {}

    async fn hold_reserve(&self) {}
}
