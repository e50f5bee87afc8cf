//! Adding many clientes at once: all of them, or none.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};

use super::{CommandError, Registry};
use crate::cliente::{ClienteId, ClienteRecord};
use crate::snapshot::Snapshot;

/// A cliente that is to be added with others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCliente {
    /// Its id; nothing takes the next free one.
    pub id: Option<ClienteId>,
    /// What people call it.
    pub name: String,
    /// A free remark.
    pub note: String,
}

/// Why none of them was added.
#[derive(Debug, thiserror::Error)]
pub enum AddAllError {
    /// These, by their place in the list, have the id of a cliente that is there, or of one before them in the list.
    #[error("{} ids are taken", .0.len())]
    Taken(Vec<usize>),
    /// None could be.
    #[error(transparent)]
    Command(#[from] CommandError),
}

impl Registry {
    /// Adds clientes in one write, and answers them in the order of the list. Those without an id get the next free
    /// ones, after those that have one.
    pub async fn add_all(&self, new: Vec<NewCliente>) -> Result<Vec<Arc<Snapshot>>, AddAllError> {
        self.open_for_changes()?;
        // Nobody else adds one between the look at the ids and the write.
        let adding = self.0.adding.lock().await;
        let records = self.records_of(new)?;
        self.0
            .deps
            .journal
            .save_all(records.clone())
            .await
            .map_err(CommandError::from)?;
        let added = {
            let mut cells = self.0.cells.write().unwrap_or_else(PoisonError::into_inner);
            records
                .into_iter()
                .map(|record| match cells.get(&record.id) {
                    None => self.cell_in(&mut cells, record, false).published.get(),
                    // A start of an unknown cliente made it meanwhile: it is the same one, and now it has a name.
                    Some(cell) => {
                        cell.published.update(|snapshot| {
                            snapshot.record.name = record.name;
                            snapshot.record.note = record.note;
                        });
                        let snapshot = cell.published.get();
                        self.0.deps.journal.save_soon(snapshot.record.clone());
                        snapshot
                    }
                })
                .collect()
        };
        drop(adding);
        Ok(added)
    }

    fn records_of(&self, new: Vec<NewCliente>) -> Result<Vec<ClienteRecord>, AddAllError> {
        let mut ids: BTreeSet<ClienteId> = self.cells(|cells| cells.keys().copied().collect());
        let taken: Vec<usize> = new
            .iter()
            .enumerate()
            .filter(|(_, cliente)| cliente.id.is_some_and(|id| !ids.insert(id)))
            .map(|(place, _)| place)
            .collect();
        if !taken.is_empty() {
            return Err(AddAllError::Taken(taken));
        }
        let now = self.0.deps.clock.now();
        let mut free = (1..).filter_map(|id| ClienteId::try_from(id).ok());
        let mut next = || {
            free.find(|id| !ids.contains(id))
                .unwrap_or(ClienteId::FIRST)
        };
        Ok(new
            .into_iter()
            .map(|NewCliente { id, name, note }| ClienteRecord {
                name,
                note,
                ..ClienteRecord::new(id.unwrap_or_else(&mut next), now)
            })
            .collect())
    }
}
