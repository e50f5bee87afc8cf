//! The list of clientes behind the registry.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use tokio::sync::{Mutex, mpsc};

use super::Registry;
use crate::actor::Command;
use crate::breaker::BreakerState;
use crate::cliente::{ClienteId, ClienteRecord};
use crate::machine::Session;
use crate::snapshot::{Picture, Published, RegistryEvent, Snapshot};

pub(super) struct Cell {
    pub(super) id: ClienteId,
    pub(super) published: Arc<Published>,
    pub(super) control: Mutex<Control>,
}

#[derive(Default)]
pub(super) struct Control {
    pub(super) session: Option<mpsc::Sender<Command>>,
    pub(super) forgotten: bool,
}

impl Registry {
    pub(super) fn cells<T>(&self, read: impl FnOnce(&BTreeMap<ClienteId, Arc<Cell>>) -> T) -> T {
        read(&self.0.cells.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn cell(&self, id: ClienteId) -> Option<Arc<Cell>> {
        self.cells(|cells| cells.get(&id).cloned())
    }

    pub(super) fn cell_or_new(&self, id: ClienteId) -> Arc<Cell> {
        if let Some(cell) = self.cell(id) {
            return cell;
        }
        let mut cells = self.0.cells.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(cell) = cells.get(&id) {
            return Arc::clone(cell);
        }
        let record = ClienteRecord::new(id, self.0.deps.clock.now());
        self.0.deps.journal.save_soon(record.clone());
        self.cell_in(&mut cells, record, false)
    }

    pub(super) fn insert(&self, record: ClienteRecord, saved_login: bool) {
        let mut cells = self.0.cells.write().unwrap_or_else(PoisonError::into_inner);
        self.cell_in(&mut cells, record, saved_login);
    }

    pub(super) fn cell_in(
        &self,
        cells: &mut BTreeMap<ClienteId, Arc<Cell>>,
        record: ClienteRecord,
        saved_login: bool,
    ) -> Arc<Cell> {
        let id = record.id;
        let snapshot = Snapshot {
            record,
            saved_login,
            session: Session::new(self.0.deps.clock.now(), id.get()),
            picture: Picture::None,
            browser_pid: None,
            sent: 0,
            failed: 0,
            detail: None,
            passkey_asked: false,
            restarts: 0,
            usage: None,
            breaker: BreakerState::default(),
            last_used: self.0.deps.clock.now(),
        };
        let cell = Arc::new(Cell {
            id,
            published: Arc::new(Published::new(snapshot, self.0.events.clone())),
            control: Mutex::default(),
        });
        cells.insert(id, Arc::clone(&cell));
        cell
    }

    pub(super) fn forget(&self, cell: &Cell) {
        let mut cells = self.0.cells.write().unwrap_or_else(PoisonError::into_inner);
        cells.remove(&cell.id);
        // Told before the list is free again: one of the same id that is added next is new to everybody.
        let _ = self.0.events.send(RegistryEvent::Removed(cell.id));
    }
}

pub(super) fn next_free(cells: &BTreeMap<ClienteId, Arc<Cell>>) -> ClienteId {
    let mut free = 1;
    for id in cells.keys() {
        if id.get() != free {
            break;
        }
        free += 1;
    }
    // Nobody has 2^53 clientes; the first id stands in for the impossible.
    ClienteId::try_from(free).unwrap_or(ClienteId::FIRST)
}
