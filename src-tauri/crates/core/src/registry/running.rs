//! Sessions are started, shown, laid to sleep and ended.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::cells::{Cell, Control};
use super::{Accepted, CommandError, Registry, StartError, Started, care};
use crate::actor::{Actor, Command};
use crate::cliente::{ClienteId, Wanted};
use crate::reason::Reason;
use crate::snapshot::Snapshot;

impl Registry {
    /// Starts the session of a cliente, known or not, and waits for its first definite state. However many callers
    /// race, one browser is launched.
    pub async fn start(&self, id: ClienteId, reason: Reason) -> Result<Started, StartError> {
        let accepted = self.begin(id, reason).await?;
        self.settled(id, accepted).await
    }

    /// Starts the session of a cliente, known or not, without waiting for what comes of it.
    pub async fn begin(&self, id: ClienteId, reason: Reason) -> Result<Accepted, StartError> {
        let cell = || Some(self.cell_or_new(id));
        self.begin_in(id, reason, cell, |_| true).await
    }

    /// Starts the session of a known cliente without waiting for what comes of it. One that is forgotten at this moment
    /// is not made anew.
    pub async fn begin_known(&self, id: ClienteId, reason: Reason) -> Result<Accepted, StartError> {
        self.begin_in(id, reason, || self.cell(id), |_| true).await
    }

    /// Starts a session that no person asks for now, and waits for its first definite state. That takes its turn, so it is
    /// asked in the end whether the session `still` waits for it: somebody may have stopped it, started it, or forgotten
    /// its cliente meanwhile.
    pub(super) async fn resume(
        &self,
        id: ClienteId,
        reason: Reason,
        still: impl Fn(&Snapshot) -> bool,
    ) -> Result<Started, StartError> {
        let accepted = self.begin_in(id, reason, || self.cell(id), still).await?;
        self.settled(id, accepted).await
    }

    async fn settled(&self, id: ClienteId, accepted: Accepted) -> Result<Started, StartError> {
        let now = || self.snapshot(id).ok_or(StartError::Stopped);
        match accepted {
            Accepted::AlreadyRunning => Ok(Started::AlreadyRunning(now()?)),
            Accepted::Begun(settled) => {
                settled.await.unwrap_or(Err(StartError::Stopped))?;
                Ok(Started::Begun(now()?))
            }
        }
    }

    async fn begin_in(
        &self,
        id: ClienteId,
        reason: Reason,
        cell: impl Fn() -> Option<Arc<Cell>>,
        still: impl Fn(&Snapshot) -> bool,
    ) -> Result<Accepted, StartError> {
        // One that runs needs no more room than it has.
        let begins = self
            .snapshot(id)
            .is_none_or(|snapshot| snapshot.session.state.can_start());
        if begins && !care::disk_allows(self.0.machine.free_disk().await, reason) {
            return Err(StartError::DiskFull);
        }
        loop {
            if self.0.ending.is_cancelled() {
                return Err(StartError::ShuttingDown);
            }
            let cell = cell().ok_or(StartError::NotFound)?;
            let mut control = cell.control.lock().await;
            if control.forgotten {
                continue;
            }
            if !still(&cell.published.get()) {
                return Err(StartError::Stopped);
            }
            let session = match &control.session {
                Some(session) if !session.is_closed() => session,
                _ => control.session.insert(Actor::spawn(
                    id,
                    Arc::clone(&cell.published),
                    Arc::clone(&self.0.deps),
                )),
            };
            let (reply, answer) = oneshot::channel();
            let sent = session.send(Command::Start { reason, reply }).await;
            drop(control);
            // An actor that ended at this moment drops the command; the next round begins a new one.
            if sent.is_ok()
                && let Ok(answer) = answer.await
            {
                return answer;
            }
        }
    }

    /// Ends the session of a cliente and keeps its login. Nothing of the browser is left when this returns.
    pub async fn stop(&self, id: ClienteId) -> Result<Arc<Snapshot>, CommandError> {
        let cell = self.cell(id).ok_or(CommandError::NotFound)?;
        let control = cell.control.lock().await;
        self.want_stopped(&cell);
        end(&control, Reason::StopRequested).await;
        drop(control);
        Ok(cell.published.get())
    }

    /// Closes the browser of an idle session; a start or a message wakes it.
    pub async fn hibernate(&self, id: ClienteId) -> Result<Arc<Snapshot>, CommandError> {
        let cell = self.cell(id).ok_or(CommandError::NotFound)?;
        self.ask(id, |reply| Command::Hibernate { reply }).await?;
        Ok(cell.published.get())
    }

    /// Brings the browser of a session that runs up as a window, or to the front where it has one. What runs without a
    /// window is closed first, so the page is loaded anew, and a code that waits is another one.
    pub async fn show(&self, id: ClienteId) -> Result<Arc<Snapshot>, CommandError> {
        let cell = self.cell(id).ok_or(CommandError::NotFound)?;
        self.can_show().await?;
        self.ask(id, |reply| Command::Show { reply }).await?;
        Ok(cell.published.get())
    }

    /// Whether a browser could show a window here, as far as can be told without starting one.
    pub async fn can_show(&self) -> Result<(), CommandError> {
        Ok(self.0.deps.launcher.can_show().await?)
    }

    /// Lets a session go on without a window. One that has none stays as it is.
    pub async fn hide(&self, id: ClienteId) -> Result<Arc<Snapshot>, CommandError> {
        let cell = self.cell(id).ok_or(CommandError::NotFound)?;
        // Without a session there is no window.
        self.tell_and_wait(&cell, |reply| Command::Hide { reply })
            .await;
        Ok(cell.published.get())
    }

    /// Remembers that a session is not to be started again by itself.
    pub(super) fn want_stopped(&self, cell: &Cell) {
        if cell.published.get().session.hibernated {
            cell.published
                .update(|snapshot| snapshot.session.hibernated = false);
        }
        if cell.published.get().record.wanted != Wanted::Stopped {
            cell.published
                .update(|snapshot| snapshot.record.wanted = Wanted::Stopped);
            self.0
                .deps
                .journal
                .save_soon(cell.published.get().record.clone());
        }
    }
}

/// Ends a session, if there is one, and waits until nothing of its browser is left.
pub(super) async fn end(control: &Control, reason: Reason) {
    if let Some(session) = &control.session {
        let (reply, ended) = oneshot::channel();
        if session.send(Command::Stop { reason, reply }).await.is_ok() {
            // An actor that ended first has no browser either.
            let _ = ended.await;
        }
    }
}
