//! Shows the browser of a session, and hides it again.

use tokio::sync::oneshot;

use super::Actor;
use crate::machine::Event;
use crate::registry::CommandError;
use crate::state::{Login, State, StateName};

impl Actor {
    /// Whoever asked has made sure that a window can be shown here: nothing that works is ended in vain.
    pub(super) fn show(&mut self, reply: oneshot::Sender<Result<(), CommandError>>) {
        let answer = if self.session.state.can_start() || self.logging_out {
            Err(CommandError::NotNow(self.session.state.name()))
        } else {
            self.apply(Event::Show);
            Ok(())
        };
        let _ = reply.send(answer);
    }

    pub(super) fn raise(&self) {
        let id = self.id;
        self.on_page(async move |browser, _| {
            if let Err(error) = browser.raise().await {
                tracing::warn!(cliente = %id, %error, "the window could not be brought to the front");
            }
        });
    }

    /// Remembers that linking this account takes a passkey, until it is linked: the next try can have a window from the
    /// start. Outlives this session, because a person may well stop it and think.
    pub(super) fn note_passkey(&self) {
        let asked = match &self.session.state {
            State::QrRequired {
                login: Login::Passkey,
                ..
            } => true,
            state if state.name() == StateName::Ready => false,
            _ => return,
        };
        if self.published.get().passkey_asked != asked {
            self.published
                .update(|snapshot| snapshot.passkey_asked = asked);
        }
    }
}
