//! What the machine has left: disk, memory, and what browsers take of it.
//!
//! Looking takes a while (the kernel adds up pages), so it is done beside the async threads.

mod complaint;
mod disk;
mod memory;
mod processes;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use session_core::ports::{Memory, Resources, Usage};

use crate::complaint::Complaint;
use crate::disk::Disk;

/// The machine that the program runs on.
#[derive(Debug)]
pub struct SystemResources(Arc<Machine>);

#[derive(Debug)]
struct Machine {
    disk: Disk,
    processes: Mutex<processes::Watch>,
    no_memory: Complaint,
}

impl SystemResources {
    /// Looks at the disk that this folder is on, and holds the reserve in it as a file named `reserve`.
    pub fn new(data: PathBuf) -> Self {
        Self(Arc::new(Machine {
            disk: Disk::new(data),
            processes: Mutex::default(),
            no_memory: Complaint::default(),
        }))
    }

    /// Does something that takes a while; nothing if it failed.
    async fn beside<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Machine) -> T + Send + 'static,
    ) -> Option<T> {
        let machine = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || work(&machine))
            .await
            .inspect_err(|error| tracing::error!(%error, "looking at the machine failed"))
            .ok()
    }
}

#[async_trait]
impl Resources for SystemResources {
    async fn free_disk(&self) -> Option<u64> {
        self.beside(|machine| machine.disk.free()).await?
    }

    async fn memory(&self) -> Option<Memory> {
        self.beside(|machine| {
            machine
                .no_memory
                .about("the machine's memory cannot be told", memory::memory())
        })
        .await?
    }

    async fn usage(&self, browsers: Vec<u32>) -> BTreeMap<u32, Usage> {
        let look = move |machine: &Machine| {
            let mut processes = machine
                .processes
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            processes.look(&browsers.into_iter().collect())
        };
        self.beside(look).await.unwrap_or_default()
    }

    async fn release_reserve(&self) {
        self.beside(|machine| machine.disk.release()).await;
    }

    async fn hold_reserve(&self) {
        self.beside(|machine| machine.disk.hold()).await;
    }
}
