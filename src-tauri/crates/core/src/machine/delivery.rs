//! Whether messages that were sent really go out: the last ones have to be acknowledged by WhatsApp's server.

use crate::account::MessageId;
use crate::clock::Timestamp;
use crate::machine::{Effect, Stepper, Timer};
use crate::reason::Reason;
use crate::state::State;

/// Messages that are watched at the same time; of more, the oldest are not.
const WATCHED: usize = 64;

/// What is known of the messages that were sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// Sent, and not acknowledged yet; the oldest first.
    awaited: Vec<(MessageId, Timestamp)>,
    /// When the last acknowledgement came.
    proven: Option<Timestamp>,
    /// Why it is doubtful that messages go out; the remedy for it has been tried.
    pub doubt: Option<Reason>,
    /// The running timer of the delivery, beside that of the state.
    pub timer: Option<Timer>,
}

impl Stepper<'_> {
    /// The page took a message.
    pub(super) fn sent(&mut self, message: MessageId) {
        let delivery = &mut self.session.delivery;
        if delivery.awaited.len() == WATCHED {
            delivery.awaited.remove(0);
        }
        delivery.awaited.push((message, self.now));
        if delivery.doubt == Some(Reason::CallsFailing) {
            delivery.doubt = None;
        }
        if matches!(self.session.state, State::Ready { .. }) {
            self.watch_delivery();
        }
    }

    /// The server has a message, and with it those before.
    pub(super) fn acknowledged(&mut self, message: &MessageId) {
        let delivery = &mut self.session.delivery;
        let Some(place) = delivery
            .awaited
            .iter()
            .position(|(awaited, _)| awaited.key() == message.key())
        else {
            return;
        };
        delivery.awaited.drain(..=place);
        delivery.proven = Some(self.now);
        delivery.doubt = None;
        self.disarm_delivery();
        if matches!(self.session.state, State::Ready { .. }) {
            self.watch_delivery();
        }
    }

    /// Messages may not go out although the session looks connected: the page is loaded anew, once.
    pub(super) fn doubt(&mut self, reason: Reason) {
        let State::Ready { account, .. } = self.session.state.clone() else {
            return;
        };
        let tried = self.session.delivery.doubt.replace(reason).is_some();
        if tried {
            // What could be done was done: now a person has to know.
            self.session.notice = Some(reason);
        } else {
            self.retry(account, 1, Some(reason));
        }
    }

    /// Starts the timer that is due: for what is awaited, or for the next test.
    pub(super) fn watch_delivery(&mut self) {
        let delivery = &self.session.delivery;
        let (timer, after) = if let Some((_, oldest)) = delivery.awaited.first() {
            // After a remedy the page gets the whole time again.
            let waited = if delivery.doubt.is_some() {
                std::time::Duration::ZERO
            } else {
                self.now.since(*oldest)
            };
            (Timer::Ack, self.policy.ack_timeout.saturating_sub(waited))
        } else if self.session.self_test {
            let since = delivery.proven.map(|proven| self.now.since(proven));
            let due = since.map_or(self.policy.self_test_first, |since| {
                self.policy
                    .self_test_every
                    .saturating_sub(since)
                    .max(self.policy.self_test_first)
            });
            (Timer::SelfTest, due)
        } else {
            return self.disarm_delivery();
        };
        if self.session.delivery.timer != Some(timer) {
            self.session.delivery.timer = Some(timer);
            self.effects.push(Effect::Arm(timer, after));
        }
    }

    /// Nothing is watched while the session is not connected.
    pub(super) fn disarm_delivery(&mut self) {
        if let Some(timer) = self.session.delivery.timer.take() {
            self.effects.push(Effect::Disarm(timer));
        }
    }

    /// Whether it tests itself was chosen.
    pub(super) fn self_test(&mut self, on: bool) {
        self.session.self_test = on;
        if matches!(self.session.state, State::Ready { .. }) {
            if self.session.delivery.timer == Some(Timer::SelfTest) {
                self.disarm_delivery();
            }
            self.watch_delivery();
        }
    }
}
