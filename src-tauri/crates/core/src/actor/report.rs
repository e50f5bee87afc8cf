//! What comes back to a session: from its own tasks, and from its browser.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::Actor;
use crate::account::MessageId;
use crate::machine::{BrowserPhase, Event};
use crate::ports::{CallError, DriverEvent, LaunchError, Launched};
use crate::registry::CommandError;
use crate::slots::Slot;
use crate::snapshot::RegistryEvent;

/// What the actor's own tasks report.
pub(super) enum Report {
    LaunchBegan,
    SpareUsed {
        used: bool,
        more: bool,
    },
    Launched(Launched, Slot),
    LaunchFailed(LaunchError),
    Closed,
    LoggedOut {
        outcome: Result<(), CallError>,
        reply: oneshot::Sender<Result<(), CommandError>>,
    },
    Reloaded(Result<(), CallError>),
    Sent(Result<MessageId, CallError>),
    TestedSelf(Result<MessageId, CallError>),
    /// A call ended; how is the breaker's business.
    Called,
}

impl Actor {
    pub(super) fn report(&mut self, report: Report) {
        match report {
            Report::LaunchBegan => self.apply(Event::LaunchBegan),
            Report::SpareUsed { used, more } => self.apply(Event::SpareUsed { used, more }),
            Report::Launched(launched, slot) => {
                self.browser = Some(launched.browser);
                self.slot = Some(slot);
                self.calls.reset();
                self.publish_breaker();
                self.events = Some(launched.events);
                self.apply(Event::Launched);
            }
            Report::LaunchFailed(error) => {
                tracing::warn!(cliente = %self.id, reason = error.reason.code(), %error, "launch failed");
                // That one was called off is no news.
                if self.session.browser == BrowserPhase::Launching {
                    self.published
                        .update(|snapshot| snapshot.detail = Some(error.detail.into()));
                }
                self.apply(Event::LaunchFailed(error.reason));
            }
            Report::Closed => {
                self.browser = None;
                self.events = None;
                // Whoever waits for a place gets it only if nothing follows.
                self.kept = self.slot.take();
                self.published.update(|snapshot| snapshot.usage = None);
                self.apply(Event::Closed);
                self.kept = None;
            }
            Report::LoggedOut { outcome, reply } => {
                if outcome.is_ok() {
                    self.apply(Event::LoggedOutHere);
                }
                self.logging_out = false;
                let _ = reply.send(outcome.map_err(CommandError::Call));
            }
            Report::Reloaded(Ok(())) => {}
            // It was loaded, but there is no network: the timer that runs knows what to do.
            Report::Reloaded(Err(error @ CallError::Refused(_))) => {
                tracing::warn!(cliente = %self.id, %error, "reload failed");
            }
            Report::Reloaded(Err(error)) => {
                tracing::warn!(cliente = %self.id, %error, "reload failed");
                self.apply(Event::ReloadFailed);
            }
            Report::Sent(outcome) => self.sent(outcome),
            Report::TestedSelf(outcome) => self.tested_self(outcome),
            Report::Called => self.publish_breaker(),
        }
    }

    pub(super) fn driver(&mut self, event: Option<DriverEvent>) {
        // A driver that ends without a word has lost its browser.
        let event = match event {
            Some(event) => event,
            None => {
                self.events = None;
                DriverEvent::BrowserExited
            }
        };
        match &event {
            DriverEvent::Acknowledged(message, ack) => {
                self.published
                    .tell(RegistryEvent::Acknowledged(self.id, message.clone(), *ack));
            }
            DriverEvent::Received(message) => {
                let message = Arc::new(message.clone());
                self.published
                    .tell(RegistryEvent::Received(self.id, message));
                return;
            }
            _ => {}
        }
        let event = match event {
            DriverEvent::LoggedOut(_) if self.logging_out => Event::LoggedOutHere,
            event => Event::Driver(event),
        };
        self.apply(event);
    }
}
