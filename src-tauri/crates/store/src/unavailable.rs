//! Stands in for a store that could not be opened, so that the program can run and say so.

use async_trait::async_trait;
use session_core::ports::{Store, StoreError};
use session_core::{Change, ClienteId, ClienteRecord};

use crate::open::OpenError;

/// A store in which every call fails with the reason why it could not be opened.
pub struct UnavailableStore(String);

impl UnavailableStore {
    /// Stands in for the store that failed so.
    pub fn new(error: &OpenError) -> Self {
        Self(error.to_string())
    }

    pub(crate) fn fail<T>(&self, operation: &'static str) -> Result<T, StoreError> {
        Err(StoreError {
            operation,
            detail: self.0.clone(),
        })
    }
}

#[async_trait]
impl Store for UnavailableStore {
    async fn clientes(&self) -> Result<Vec<ClienteRecord>, StoreError> {
        self.fail("read the clientes")
    }

    async fn save(&self, _: ClienteRecord) -> Result<(), StoreError> {
        self.fail("save a cliente")
    }

    async fn save_all(&self, _: Vec<ClienteRecord>) -> Result<(), StoreError> {
        self.fail("save clientes")
    }

    async fn remove(&self, _: ClienteId) -> Result<(), StoreError> {
        self.fail("remove a cliente")
    }

    async fn record(&self, _: ClienteId, _: Change) -> Result<(), StoreError> {
        self.fail("write to the timeline")
    }

    async fn timeline(&self, _: ClienteId, _: u32) -> Result<Vec<Change>, StoreError> {
        self.fail("read the timeline")
    }

    async fn close(&self) {}
}
