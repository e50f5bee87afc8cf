//! What outlives a restart: saved logins, clientes and their changes.

use std::sync::atomic::Ordering;

use async_trait::async_trait;
use session_core::ports::{ProfileError, Profiles, Store, StoreError};
use session_core::{Change, ClienteId, ClienteRecord};
use tokio::time::sleep;

use super::world::Handle;

#[async_trait]
impl Profiles for Handle {
    async fn has_login(&self, id: ClienteId) -> bool {
        self.0.has_login(id)
    }

    async fn mark_login(&self, id: ClienteId, linked: bool) -> Result<(), ProfileError> {
        let delay = self.0.mark_delays.lock().unwrap().pop_front();
        sleep(delay.unwrap_or_default()).await;
        let mut logins = self.0.logins.lock().unwrap();
        if linked {
            logins.insert(id)
        } else {
            logins.remove(&id)
        };
        Ok(())
    }

    async fn delete(&self, id: ClienteId) -> Result<(), ProfileError> {
        assert_eq!(
            self.0.alive.lock().unwrap().get(&id).copied().unwrap_or(0),
            0,
            "profile deleted under a browser"
        );
        self.0.logins.lock().unwrap().remove(&id);
        Ok(())
    }

    async fn has_spare(&self, id: ClienteId) -> bool {
        self.0
            .spares
            .lock()
            .unwrap()
            .get(&id)
            .is_some_and(|&count| count > 0)
    }

    async fn restore_spare(&self, id: ClienteId) -> Result<bool, ProfileError> {
        let browsers = self.0.alive.lock().unwrap().get(&id).copied();
        assert_eq!(browsers.unwrap_or(0), 0, "profile replaced under a browser");
        let mut spares = self.0.spares.lock().unwrap();
        let count = spares.entry(id).or_default();
        let there = *count > 0;
        *count = count.saturating_sub(1);
        Ok(there)
    }

    async fn known(&self) -> Vec<ClienteId> {
        self.0.logins.lock().unwrap().iter().copied().collect()
    }
}

impl Handle {
    fn working(&self) -> Result<(), StoreError> {
        if self.0.store_broken.load(Ordering::SeqCst) {
            return Err(StoreError {
                operation: "write",
                detail: "as planned".to_owned(),
            });
        }
        Ok(())
    }
}

#[async_trait]
impl Store for Handle {
    async fn clientes(&self) -> Result<Vec<ClienteRecord>, StoreError> {
        self.working()?;
        Ok(self.0.records.lock().unwrap().values().cloned().collect())
    }

    async fn save(&self, record: ClienteRecord) -> Result<(), StoreError> {
        self.working()?;
        self.0.records.lock().unwrap().insert(record.id, record);
        Ok(())
    }

    async fn save_all(&self, records: Vec<ClienteRecord>) -> Result<(), StoreError> {
        self.working()?;
        let mut known = self.0.records.lock().unwrap();
        known.extend(records.into_iter().map(|record| (record.id, record)));
        Ok(())
    }

    async fn remove(&self, id: ClienteId) -> Result<(), StoreError> {
        self.working()?;
        self.0.records.lock().unwrap().remove(&id);
        self.0.changes.lock().unwrap().retain(|(of, _)| *of != id);
        Ok(())
    }

    async fn record(&self, id: ClienteId, change: Change) -> Result<(), StoreError> {
        self.working()?;
        self.0.changes.lock().unwrap().push((id, change));
        Ok(())
    }

    async fn timeline(&self, id: ClienteId, limit: u32) -> Result<Vec<Change>, StoreError> {
        self.working()?;
        let changes = self.0.changes.lock().unwrap();
        let of_cliente = changes
            .iter()
            .rev()
            .filter(|(of, _)| *of == id)
            .map(|(_, change)| change.clone());
        Ok(of_cliente.take(limit as usize).collect())
    }

    async fn close(&self) {}
}
