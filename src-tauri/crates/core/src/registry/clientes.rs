//! The list of clientes, and what people choose for each.

use std::sync::{Arc, PoisonError};

use tokio::sync::mpsc;

use super::cells::{Cell, next_free};
use super::running::end;
use super::{CommandError, Registry};
use crate::actor::Command;
use crate::cliente::{ClienteId, ClienteRecord};
use crate::reason::Reason;
use crate::snapshot::Snapshot;
use crate::state::Change;

impl Registry {
    /// Adds a cliente; without an id, the next free one.
    pub async fn add(
        &self,
        id: Option<ClienteId>,
        name: String,
        note: String,
    ) -> Result<Arc<Snapshot>, CommandError> {
        self.open_for_changes()?;
        let _adding = self.0.adding.lock().await;
        let cell = {
            let mut cells = self.0.cells.write().unwrap_or_else(PoisonError::into_inner);
            let id = match id {
                Some(id) if cells.contains_key(&id) => return Err(CommandError::Exists),
                Some(id) => id,
                None => next_free(&cells),
            };
            let record = ClienteRecord {
                name,
                note,
                ..ClienteRecord::new(id, self.0.deps.clock.now())
            };
            self.cell_in(&mut cells, record, false)
        };
        let snapshot = cell.published.get();
        if let Err(error) = self.0.deps.journal.save(snapshot.record.clone()).await {
            self.forget(&cell);
            return Err(error.into());
        }
        Ok(snapshot)
    }

    /// Changes what people call a cliente.
    pub async fn describe(
        &self,
        id: ClienteId,
        name: String,
        note: String,
    ) -> Result<Arc<Snapshot>, CommandError> {
        let (cell, _) = self
            .change(id, |record| {
                record.name = name;
                record.note = note;
            })
            .await?;
        Ok(cell.published.get())
    }

    /// Changes what is remembered of a cliente: on disk first, then for everybody. Says which session it has.
    async fn change(
        &self,
        id: ClienteId,
        change: impl FnOnce(&mut ClienteRecord),
    ) -> Result<(Arc<Cell>, Option<mpsc::Sender<Command>>), CommandError> {
        let cell = self.cell(id).ok_or(CommandError::NotFound)?;
        // Held to the end, so that one who is being forgotten is not written anew, or told of after the end.
        let control = cell.control.lock().await;
        if control.forgotten {
            return Err(CommandError::NotFound);
        }
        let mut record = cell.published.get().record.clone();
        change(&mut record);
        self.0.deps.journal.save(record.clone()).await?;
        cell.published.update(|snapshot| {
            // The account and the wish are the session's, and may have changed meanwhile.
            snapshot.record.name = record.name;
            snapshot.record.note = record.note;
            snapshot.record.self_test = record.self_test;
        });
        let session = control.session.clone();
        drop(control);
        Ok((cell, session))
    }

    /// Chooses whether a cliente writes to itself now and then, to know that messages still go out.
    pub async fn set_self_test(
        &self,
        id: ClienteId,
        on: bool,
    ) -> Result<Arc<Snapshot>, CommandError> {
        let (cell, session) = self.change(id, |record| record.self_test = on).await?;
        if let Some(session) = session {
            // One that has ended reads it when it begins again.
            let _ = session.send(Command::SelfTest { on }).await;
        }
        Ok(cell.published.get())
    }

    /// The person has read the notice.
    pub async fn dismiss_notice(&self, id: ClienteId) -> Result<Arc<Snapshot>, CommandError> {
        let cell = self.cell(id).ok_or(CommandError::NotFound)?;
        if !self
            .tell_and_wait(&cell, |reply| Command::Dismiss { reply })
            .await
        {
            // Without a session nobody else writes the snapshot.
            cell.published
                .update(|snapshot| snapshot.session.notice = None);
        }
        Ok(cell.published.get())
    }

    /// The newest changes of a cliente first.
    pub async fn timeline(&self, id: ClienteId, limit: u32) -> Result<Vec<Change>, CommandError> {
        self.cell(id).ok_or(CommandError::NotFound)?;
        Ok(self.0.store.timeline(id, limit).await?)
    }

    /// Ends the session of a cliente. With `forget`, also deletes its login and everything known of it. An unknown
    /// cliente is no error: it is gone, as wanted.
    pub async fn destroy(&self, id: ClienteId, forget: bool) -> Result<(), CommandError> {
        let Some(cell) = self.cell(id) else {
            if forget {
                self.0.deps.profiles.delete(id).await?;
            }
            return Ok(());
        };
        // Held to the end, so that no start slips in between the end of the browser and that of its profile.
        let mut control = cell.control.lock().await;
        self.want_stopped(&cell);
        end(&control, Reason::StopRequested).await;
        if forget && !control.forgotten {
            self.0.deps.profiles.delete(id).await?;
            cell.published.update(|snapshot| {
                snapshot.saved_login = false;
                snapshot.record.account = None;
            });
            self.0.deps.journal.remove(id).await?;
            control.forgotten = true;
            control.session = None;
            self.forget(&cell);
        }
        Ok(())
    }
}
