//! One step of a session: the rules are asked, what they answer is published, and what they ask for is done.

use std::sync::Arc;

use tokio::time::Instant;

use super::{Actor, slot_of};
use crate::cliente::Wanted;
use crate::machine::{BrowserPhase, Effect, Event, transition};
use crate::qr::{LoginCode, draw};
use crate::reason::Reason;
use crate::registry::StartError;
use crate::snapshot::Picture;
use crate::state::{Login, State, StateName};

impl Actor {
    /// Applies an event, publishes what came of it, and does what it asks for.
    pub(super) fn apply(&mut self, event: Event) {
        let now = self.deps.clock.now();
        let step = match transition(&self.session, event, now, &self.deps.policy) {
            Ok(step) => step,
            Err(error) => {
                tracing::error!(cliente = %self.id, %error, "event ignored");
                return;
            }
        };
        let codes_before = code_of(&self.session.state);
        self.session = step.session;
        let code = code_of(&self.session.state);
        let picture = (code != codes_before).then(|| self.picture());
        let pid = match self.session.browser {
            BrowserPhase::Running | BrowserPhase::Closing => self.browser.as_ref().map(|b| b.pid()),
            BrowserPhase::None | BrowserPhase::Launching => None,
        };
        self.published.update(|snapshot| {
            snapshot.session = self.session.clone();
            snapshot.browser_pid = pid;
            if let Some(picture) = picture {
                snapshot.picture = picture;
            }
        });
        if let Some(change) = step.change {
            tracing::info!(
                cliente = %self.id,
                from = change.from.as_str(),
                to = change.to.as_str(),
                reason = change.reason.code(),
                "state changed"
            );
            if change.reason == Reason::CleanedUp {
                self.want(Wanted::Stopped);
            }
            if change.reason == Reason::Restarted {
                self.published
                    .update(|snapshot| snapshot.restarts = snapshot.restarts.saturating_add(1));
            }
            if matches!(change.to, StateName::Initializing | StateName::Reconnecting) {
                self.published.update(|snapshot| snapshot.detail = None);
            }
            if change.to == StateName::Ready {
                self.note_use();
            }
            self.deps.journal.record(self.id, change);
        }
        self.note_passkey();
        for effect in step.effects {
            self.effect(effect);
        }
        self.answer();
    }

    fn effect(&mut self, effect: Effect) {
        match effect {
            Effect::Launch { restore, window } => self.launch(restore, window),
            Effect::Raise => self.raise(),
            Effect::KeepPicture => self.picture_first = true,
            Effect::Close => self.close(),
            Effect::Reload => self.reload(),
            Effect::RefreshCode => self.refresh_code(),
            Effect::Arm(timer, after) => {
                self.timers[slot_of(timer)] = Some((timer, Instant::now() + after));
            }
            Effect::Disarm(timer) => self.timers[slot_of(timer)] = None,
            Effect::TestSelf => self.test_self(),
            Effect::MarkLogin(linked) => {
                self.published
                    .update(|snapshot| snapshot.saved_login = linked);
                let (id, profiles) = (self.id, Arc::clone(&self.deps.profiles));
                let published = Arc::clone(&self.published);
                self.deps.tasks.spawn(async move {
                    let _turn = published.marking().await;
                    // It may have changed again, and another task may have been first to say so.
                    let linked = published.get().saved_login;
                    if let Err(error) = profiles.mark_login(id, linked).await {
                        tracing::error!(cliente = %id, %error, "the login could not be marked on disk");
                    }
                });
            }
            Effect::Remember(account) => {
                self.published
                    .update(|snapshot| snapshot.record.account = Some(account));
                self.deps
                    .journal
                    .save_soon(self.published.get().record.clone());
            }
            Effect::End => self.ended = true,
        }
    }

    /// Answers everybody who waits for what has now come about.
    fn answer(&mut self) {
        if !self.session.state.is_starting() {
            for waiting in self.starting.drain(..) {
                let outcome = match (&self.session.state, self.session.reason) {
                    (State::NotInitialized, _) => Err(StartError::Stopped),
                    (state, Some(reason)) if state.is_final() => Err(StartError::Failed(reason)),
                    _ => Ok(()),
                };
                let _ = waiting.send(outcome);
            }
        }
        if self.session.browser == BrowserPhase::None {
            for waiting in self.stopping.drain(..) {
                let _ = waiting.send(());
            }
            for waiting in self.sleeping.drain(..) {
                let _ = waiting.send(Ok(()));
            }
        }
    }

    pub(super) fn want(&self, wanted: Wanted) {
        if self.published.get().record.wanted != wanted {
            self.published
                .update(|snapshot| snapshot.record.wanted = wanted);
            self.deps
                .journal
                .save_soon(self.published.get().record.clone());
        }
    }

    fn picture(&self) -> Picture {
        let State::QrRequired {
            login: Login::Code { code, .. },
            ..
        } = &self.session.state
        else {
            return Picture::None;
        };
        match draw(code) {
            Ok(image) => Picture::Drawn(image),
            Err(error) => {
                tracing::error!(cliente = %self.id, %error, "the QR cannot be drawn");
                Picture::Failed
            }
        }
    }
}

fn code_of(state: &State) -> Option<LoginCode> {
    match state {
        State::QrRequired {
            login: Login::Code { code, .. },
            ..
        } => Some(code.clone()),
        _ => None,
    }
}
