//! Calls to the page. They run beside the session, so that a slow page never blocks a change of state, and behind a
//! circuit breaker, so that callers of a page that keeps failing hear so at once.

use std::sync::{Arc, Mutex as Lock, PoisonError};

use tokio::sync::{Mutex, oneshot};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::{Actor, Report};
use crate::account::{ChatId, MessageId, MessageText, PhoneNumber};
use crate::breaker::{Breaker, BreakerState};
use crate::machine::Event;
use crate::message::Outgoing;
use crate::ports::{Browser, CallError, Diagnosis};
use crate::reason::Reason;
use crate::registry::{CommandError, SendError};
use crate::state::State;

/// What the calls of one session share.
#[derive(Clone, Default)]
pub(super) struct Calls {
    breaker: Arc<Lock<Breaker>>,
    /// Held while a message is on its way: one after another, first come first served.
    line: Arc<Mutex<()>>,
    /// Messages that are on their way or stand in the line.
    sending: usize,
}

impl Calls {
    /// A new browser starts without the failures of the old one.
    pub(super) fn reset(&mut self) {
        *self.lock() = Breaker::default();
    }

    /// Resolves when a pause ends that the breaker takes now.
    pub(super) async fn pause_ends(&self) {
        let end = self.lock().reopens(Instant::now());
        match end {
            Some(end) => sleep_until(end).await,
            None => std::future::pending().await,
        }
    }

    fn state(&self) -> BreakerState {
        self.lock().state(Instant::now())
    }

    async fn guarded<T>(
        &self,
        call: impl Future<Output = Result<T, CallError>>,
    ) -> Result<T, CallError> {
        self.lock().admit(Instant::now())?;
        let outcome = call.await;
        self.lock().note(&outcome, Instant::now());
        outcome
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Actor {
    pub(super) fn reload(&self) {
        let reports = self.reports.0.clone();
        self.on_page(async move |browser, _| {
            let outcome = browser.reload().await;
            let _ = reports.send(Report::Reloaded(outcome)).await;
        });
    }

    pub(super) fn refresh_code(&self) {
        let (id, reports) = (self.id, self.reports.0.clone());
        self.on_page(async move |browser, calls| {
            if let Err(error) = calls.guarded(browser.refresh_code()).await {
                tracing::warn!(cliente = %id, %error, "no new code");
            }
            let _ = reports.send(Report::Called).await;
        });
    }

    /// The machine may have slept: whether the socket is still there is to be known now, not when a message is lost.
    pub(super) fn check(&self) {
        let id = self.id;
        self.on_page(async move |browser, _| {
            if let Err(error) = browser.check().await {
                tracing::warn!(cliente = %id, %error, "the page could not look at its connection");
            }
        });
    }

    pub(super) fn log_out(&mut self, reply: oneshot::Sender<Result<(), CommandError>>) {
        if !matches!(self.session.state, State::Ready { .. }) || self.logging_out {
            let _ = reply.send(Err(CommandError::NotNow(self.session.state.name())));
            return;
        }
        self.logging_out = true;
        let reports = self.reports.0.clone();
        self.on_page(async move |browser, calls| {
            let outcome = calls.guarded(browser.log_out()).await;
            let _ = reports.send(Report::LoggedOut { outcome, reply }).await;
        });
    }

    pub(super) fn send(
        &mut self,
        message: Outgoing,
        deadline: Instant,
        reply: oneshot::Sender<Result<MessageId, SendError>>,
    ) {
        if !self.session.state.name().can_send() {
            let _ = reply.send(Err(SendError::NotReady(self.session.state.name())));
            return;
        }
        self.calls.sending += 1;
        self.note_use();
        let (id, reports) = (self.id, self.reports.0.clone());
        self.on_page(async move |browser, calls| {
            let sending = async {
                let _turn = calls.line.lock().await;
                // A caller that hung up while it stood in the line gets no message sent behind its back.
                if reply.is_closed() {
                    return Err(CallError::Timeout);
                }
                let call = timeout_at(deadline, browser.send(&message));
                calls
                    .guarded(async { call.await.unwrap_or(Err(CallError::Timeout)) })
                    .await
            };
            let outcome = timeout_at(deadline, sending)
                .await
                .unwrap_or(Err(CallError::Timeout));
            match &outcome {
                Ok(_) => {
                    tracing::info!(cliente = %id, to = %message.chat, key = %message.key, "message sent");
                }
                Err(error) => {
                    tracing::warn!(cliente = %id, to = %message.chat, key = %message.key, %error, "message not sent");
                }
            }
            let _ = reports.send(Report::Sent(outcome.clone())).await;
            let _ = reply.send(outcome.map_err(SendError::Call));
        });
    }

    pub(super) fn sent(&mut self, outcome: Result<MessageId, CallError>) {
        self.calls.sending = self.calls.sending.saturating_sub(1);
        let ok = outcome.is_ok();
        self.published.update(|snapshot| {
            let count = if ok {
                &mut snapshot.sent
            } else {
                &mut snapshot.failed
            };
            *count = count.saturating_add(1);
        });
        if let Ok(message) = outcome {
            self.apply(Event::Sent(message));
        }
        self.publish_breaker();
    }

    /// Writes to the account's own chat: what WhatsApp's server acknowledges there, it would for others.
    pub(super) fn test_self(&self) {
        let State::Ready { account, .. } = &self.session.state else {
            return;
        };
        let (chat, reports) = (ChatId::of(&account.number), self.reports.0.clone());
        let deadline = Instant::now() + self.deps.policy.call_timeout;
        self.on_page(async move |browser, calls| {
            let sending = async {
                let _turn = calls.line.lock().await;
                let message = Outgoing::text(chat, MessageText::self_test());
                calls.guarded(browser.send(&message)).await
            };
            let outcome = timeout_at(deadline, sending)
                .await
                .unwrap_or(Err(CallError::Timeout));
            let _ = reports.send(Report::TestedSelf(outcome)).await;
        });
    }

    pub(super) fn tested_self(&mut self, outcome: Result<MessageId, CallError>) {
        match outcome {
            Ok(message) => self.apply(Event::Sent(message)),
            Err(error) => {
                tracing::warn!(cliente = %self.id, %error, "the test message was not sent");
                self.apply(Event::Doubted(Reason::NotAcknowledged));
            }
        }
        self.publish_breaker();
    }

    pub(super) fn hibernate(&mut self, reply: oneshot::Sender<Result<(), CommandError>>) {
        let connected = matches!(self.session.state, State::Ready { losing: None, .. });
        let busy = self.calls.sending > 0 || self.logging_out || self.session.is_visible();
        if !connected || busy {
            let _ = reply.send(Err(CommandError::NotNow(self.session.state.name())));
            return;
        }
        self.sleeping.push(reply);
        self.apply(Event::Hibernate);
    }

    /// Somebody made use of the session.
    pub(super) fn note_use(&self) {
        let now = self.deps.clock.now();
        self.published.update(|snapshot| snapshot.last_used = now);
    }

    /// Shows what the breaker does. When it opens, a page that looks connected is in doubt.
    pub(super) fn publish_breaker(&mut self) {
        let (before, now) = (self.published.get().breaker, self.calls.state());
        if before == now {
            return;
        }
        self.published.update(|snapshot| snapshot.breaker = now);
        if now == BreakerState::Open {
            tracing::warn!(cliente = %self.id, "calls to the page keep failing and are suspended for a moment");
            if before == BreakerState::Closed {
                self.apply(Event::Doubted(Reason::CallsFailing));
            }
        }
    }

    /// Asks WhatsApp for a code to be typed on the phone with this number.
    pub(super) fn pair(
        &self,
        number: PhoneNumber,
        reply: oneshot::Sender<Result<String, CommandError>>,
    ) {
        if !matches!(self.session.state, State::QrRequired { .. }) {
            let _ = reply.send(Err(CommandError::NotNow(self.session.state.name())));
            return;
        }
        self.ask_page(reply, async move |browser| {
            browser.request_pairing_code(&number).await
        });
    }

    /// Asks WhatsApp whether somebody has an account with this number.
    pub(super) fn find_number(
        &self,
        number: PhoneNumber,
        reply: oneshot::Sender<Result<Option<PhoneNumber>, CommandError>>,
    ) {
        if !self.session.state.name().can_send() {
            let _ = reply.send(Err(CommandError::NotNow(self.session.state.name())));
            return;
        }
        self.note_use();
        self.ask_page(reply, async move |browser| {
            browser.find_number(&number).await
        });
    }

    /// Looks at the page without a word to the breaker.
    pub(super) fn diagnose(
        &self,
        picture: bool,
        reply: oneshot::Sender<Result<Diagnosis, CommandError>>,
    ) {
        self.on_page(async move |browser, _| {
            let _ = reply.send(Ok(browser.diagnose(picture).await));
        });
    }

    /// Runs a call to the page for whoever waits for its answer.
    fn ask_page<T, F, Fut>(&self, reply: oneshot::Sender<Result<T, CommandError>>, call: F)
    where
        T: Send + 'static,
        F: FnOnce(Arc<dyn Browser>) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, CallError>> + Send,
    {
        let reports = self.reports.0.clone();
        self.on_page(async move |browser, calls| {
            let outcome = calls.guarded(call(browser)).await;
            let _ = reports.send(Report::Called).await;
            let _ = reply.send(outcome.map_err(CommandError::Call));
        });
    }

    /// Runs a call to the page without making the session wait for it.
    pub(super) fn on_page<F, Fut>(&self, call: F)
    where
        F: FnOnce(Arc<dyn Browser>, Calls) -> Fut,
        Fut: Future<Output = ()> + Send + 'static,
    {
        if let Some(browser) = &self.browser {
            self.deps
                .tasks
                .spawn(call(Arc::clone(browser), self.calls.clone()));
        }
    }
}
