//! What the page of a session is asked to do. What a message needs to get there, a browser that sleeps included, is
//! done first.

use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use super::cells::Cell;
use super::{CommandError, Registry, SendError, StartError};
use crate::account::{MessageId, PhoneNumber};
use crate::actor::Command;
use crate::cliente::ClienteId;
use crate::message::{Content, Outgoing};
use crate::ports::{CallError, Diagnosis};
use crate::reason::Reason;
use crate::snapshot::Snapshot;
use crate::state::StateName;

/// How long a message waits for a session that sleeps.
const WAKE: Duration = Duration::from_secs(25);

impl Registry {
    /// Unlinks the account at WhatsApp.
    pub async fn log_out(&self, id: ClienteId) -> Result<(), CommandError> {
        self.ask(id, |reply| Command::LogOut { reply }).await
    }

    /// Asks WhatsApp for a new code.
    pub async fn refresh_code(&self, id: ClienteId) -> Result<(), CommandError> {
        self.ask(id, |reply| Command::RefreshCode { reply }).await
    }

    /// Asks WhatsApp for a code that links the account when it is typed on the phone with this number. Only while a QR
    /// would do so.
    pub async fn request_pairing_code(
        &self,
        id: ClienteId,
        number: PhoneNumber,
    ) -> Result<String, CommandError> {
        self.ask(id, |reply| Command::PairingCode { number, reply })
            .await
    }

    /// Asks WhatsApp whether somebody has an account with this number, and how WhatsApp writes it.
    pub async fn find_number(
        &self,
        id: ClienteId,
        number: PhoneNumber,
    ) -> Result<Option<PhoneNumber>, CommandError> {
        self.ask(id, |reply| Command::FindNumber { number, reply })
            .await
    }

    /// Looks at the page of a cliente for whoever looks into a failure. Changes nothing, and tells no breaker: a page
    /// that does not answer is what is being looked into.
    pub async fn diagnose(&self, id: ClienteId, picture: bool) -> Result<Diagnosis, CommandError> {
        self.ask(id, |reply| Command::Diagnose { picture, reply })
            .await
    }

    /// Sends a message. Messages of one cliente go one after another.
    pub async fn send(&self, id: ClienteId, message: Outgoing) -> Result<MessageId, SendError> {
        let not_ready = |state| Err(SendError::NotReady(state));
        let Some(cell) = self.cell(id) else {
            return not_ready(StateName::NotInitialized);
        };
        let policy = &self.0.deps.policy;
        let deadline = Instant::now()
            + match message.content {
                Content::Text(_) => policy.send_timeout,
                Content::Media(_) => policy.media_timeout,
            };
        if is_asleep_or_waking(&cell.published.get()) {
            // What comes of it is seen in the state.
            let _ = timeout_at(deadline.min(Instant::now() + WAKE), self.wake(&cell)).await;
        }
        let session = cell.control.lock().await.session.clone();
        let (reply, answer) = oneshot::channel();
        let sent = match session {
            Some(session) => session
                .send(Command::Send {
                    message,
                    deadline,
                    reply,
                })
                .await
                .is_ok(),
            None => false,
        };
        if !sent {
            return not_ready(cell.published.get().state());
        }
        answer
            .await
            .unwrap_or(Err(SendError::Call(CallError::Gone)))
    }

    /// Starts a session that sleeps, or waits for whoever does so already.
    async fn wake(&self, cell: &Cell) {
        let still = |now: &Snapshot| is_asleep_or_waking(now) || now.session.state.is_starting();
        let woken = self.resume(cell.id, Reason::Woken, still);
        if let Err(StartError::InProgress) = woken.await {
            let mut snapshots = cell.published.subscribe();
            let _ = snapshots
                .wait_for(|snapshot| !snapshot.session.state.is_starting())
                .await;
        }
    }
}

/// Whether a message is worth a wait: its session sleeps, or is waking for another message.
pub(crate) fn is_asleep_or_waking(snapshot: &Snapshot) -> bool {
    let session = &snapshot.session;
    session.hibernated || (session.state.is_starting() && session.reason == Some(Reason::Woken))
}
