//! What a device sends and receives, and how that fails.

use tokio::time::Instant;

use super::Device;
use crate::outbox::{OutboxEntry, now_ms};
use crate::timers::Due;
use crate::wire::{Answer, ToPage, WireMessage};
use crate::world::Core;
use crate::{DeviceState, SendFailure};

/// Messages that a freshly loaded page is told about.
const HISTORY: usize = 100;

/// What the phone has ordered to go wrong.
#[derive(Debug, Default)]
pub(super) struct Faults {
    fail: Option<(u32, SendFailure)>,
    stall: Option<(u32, i8)>,
}

/// A message between its first and its last ack.
#[derive(Debug)]
pub(super) struct Sending {
    request: u64,
    to: String,
    last_ack: i8,
}

impl Device {
    pub(super) fn send(
        &mut self,
        request: u64,
        id: String,
        to: String,
        text: String,
        core: &mut Core,
        now: Instant,
    ) {
        let Some(link) = self
            .link
            .as_ref()
            .filter(|_| self.state() == DeviceState::Ready)
        else {
            let answer = Answer::Failed {
                result: SendFailure::ErrorNetwork.as_str(),
            };
            self.push(ToPage::Reply { request, answer });
            return;
        };
        let failure = take(&mut self.faults.fail);
        core.outbox.attempt(OutboxEntry {
            device: self.id.clone(),
            from: link.account.number.clone(),
            to: to.clone(),
            text: text.clone(),
            id: id.clone(),
            attempts: 1,
            result: failure.map_or("OK", SendFailure::as_str).to_owned(),
            ack: if failure.is_some() { -1 } else { 0 },
            acks: Vec::new(),
            at_ms: now_ms(),
        });
        if let Some(failure) = failure {
            let answer = Answer::Failed {
                result: failure.as_str(),
            };
            self.push(ToPage::Reply { request, answer });
            return;
        }
        if core
            .outbox
            .find(&self.id, &id)
            .is_some_and(|entry| entry.ack >= 1)
        {
            let answer = Answer::Accepted {
                at: now_ms() / 1000,
            };
            self.push(ToPage::Reply { request, answer });
            return;
        }
        let last_ack = take(&mut self.faults.stall).unwrap_or(3);
        self.remember(WireMessage {
            id: id.clone(),
            chat: to.clone(),
            from_me: true,
            text,
            at: now_ms() / 1000,
            ack: 0,
            name: None,
        });
        self.sending.insert(
            id.clone(),
            Sending {
                request,
                to,
                last_ack,
            },
        );
        if last_ack >= 1 {
            let due = Due::Ack {
                device: self.id.clone(),
                message: id,
                ack: 1,
            };
            core.timers.add(now + core.timing.ack_server, due);
        }
    }

    pub(crate) fn ack(&mut self, message: &str, ack: i8, core: &mut Core, now: Instant) {
        let Some(sending) = self.sending.get(message) else {
            return;
        };
        core.outbox.ack(&self.id, message, ack);
        let news = if ack == 1 {
            let answer = Answer::Accepted {
                at: now_ms() / 1000,
            };
            ToPage::Reply {
                request: sending.request,
                answer,
            }
        } else {
            ToPage::Receipt {
                chat: sending.to.clone(),
                id: message.to_owned(),
                ack,
            }
        };
        if ack < sending.last_ack {
            let wait = if ack == 1 {
                core.timing.ack_device
            } else {
                core.timing.ack_read
            };
            let due = Due::Ack {
                device: self.id.clone(),
                message: message.to_owned(),
                ack: ack + 1,
            };
            core.timers.add(now + wait, due);
        } else {
            self.sending.remove(message);
        }
        if let Some(entry) = self.history.iter_mut().find(|entry| entry.id == message) {
            entry.ack = ack;
        }
        self.deliver(news);
    }

    pub(crate) fn receive(&mut self, message: WireMessage) {
        self.remember(message.clone());
        self.deliver(ToPage::Message { message });
    }

    pub(crate) fn fail_sends(&mut self, count: u32, result: SendFailure) {
        self.faults.fail = Some((count, result));
    }

    pub(crate) fn stall_acks(&mut self, count: u32, up_to: i8) {
        self.faults.stall = Some((count, up_to));
    }

    /// Sends to the page, or keeps it until the page can take it.
    fn deliver(&mut self, message: ToPage) {
        if self.state() == DeviceState::Ready {
            self.push(message);
        } else {
            self.waiting.push_back(message);
        }
    }

    fn remember(&mut self, message: WireMessage) {
        self.history.push_back(message);
        if self.history.len() > HISTORY {
            self.history.pop_front();
        }
    }
}

/// Uses up one of a counted fault.
fn take<T: Copy>(fault: &mut Option<(u32, T)>) -> Option<T> {
    let (count, what) = fault.as_mut()?;
    let what = *what;
    *count = count.checked_sub(1)?;
    Some(what)
}
