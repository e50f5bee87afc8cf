//! Clientes whose login was put into their profile while the program runs.

use std::sync::{Arc, PoisonError};

use super::Registry;
use super::answers::CommandError;
use crate::cliente::{ClienteId, ClienteRecord};
use crate::snapshot::Snapshot;

impl Registry {
    /// Whether a login may be put into the profile of this cliente: it has none, and no session works on it.
    pub fn has_room_for_login(&self, id: ClienteId) -> bool {
        self.snapshot(id)
            .is_none_or(|it| !it.saved_login && it.session.state.can_start())
    }

    /// Takes in a cliente whose profile holds a login now, known or not; `name` is for one that has none. The list is
    /// written soon: should that fail, the next start finds the login by itself.
    pub async fn take_in(
        &self,
        id: ClienteId,
        name: String,
    ) -> Result<Arc<Snapshot>, CommandError> {
        self.open_for_changes()?;
        let _adding = self.0.adding.lock().await;
        if !self.0.deps.profiles.has_login(id).await {
            return Err(CommandError::NotFound);
        }
        let cell = {
            let mut cells = self.0.cells.write().unwrap_or_else(PoisonError::into_inner);
            match cells.get(&id) {
                Some(cell) => {
                    let cell = Arc::clone(cell);
                    cell.published.update(|snapshot| {
                        snapshot.saved_login = true;
                        if snapshot.record.name.is_empty() {
                            snapshot.record.name = name;
                        }
                    });
                    cell
                }
                None => {
                    let record = ClienteRecord {
                        name,
                        ..ClienteRecord::new(id, self.0.deps.clock.now())
                    };
                    self.cell_in(&mut cells, record, true)
                }
            }
        };
        let snapshot = cell.published.get();
        self.0.deps.journal.save_soon(snapshot.record.clone());
        Ok(snapshot)
    }
}
