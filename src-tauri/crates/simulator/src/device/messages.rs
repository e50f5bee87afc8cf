//! What a device sends and receives, and how that fails.

use tokio::time::Instant;

use super::Device;
use crate::outbox::{OutboxEntry, now_ms};
use crate::timers::Due;
use crate::wire::{Answer, SentMedia, ToPage, WireMessage};
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

/// A message that a page wants sent.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) id: String,
    pub(super) to: String,
    pub(super) text: String,
    pub(super) media: Option<SentMedia>,
}

/// A message between its first and its last ack.
#[derive(Debug)]
pub(super) struct Sending {
    request: u64,
    to: String,
    last_ack: i8,
}

impl Device {
    pub(super) fn send(&mut self, request: u64, sent: Sent, core: &mut Core, now: Instant) {
        let Some(link) = self
            .link
            .as_ref()
            .filter(|_| self.state() == DeviceState::Ready)
        else {
            let answer = Answer::Unsent;
            self.push(ToPage::Reply { request, answer });
            return;
        };
        let upload = match &sent.media {
            None => None,
            Some(media) => match core.uploads.find(&media.path) {
                Some(upload) => Some(upload),
                None => {
                    let result = SendFailure::ErrorUpload.as_str();
                    let answer = Answer::Failed { result };
                    self.push(ToPage::Reply { request, answer });
                    return;
                }
            },
        };
        let failure = take(&mut self.faults.fail);
        let media = sent.media.as_ref();
        core.outbox.attempt(OutboxEntry {
            device: self.id.clone(),
            from: link.account.number.clone(),
            to: sent.to.clone(),
            kind: media.map_or_else(|| "text".to_owned(), |media| media.kind.clone()),
            text: sent.text.clone(),
            mime: media.map(|media| media.mime.clone()),
            name: media.and_then(|media| media.name.clone()),
            caption: media.and_then(|media| media.caption.clone()),
            size: upload.as_ref().map(|upload| upload.size),
            sha256: upload.map(|upload| upload.sha256),
            id: sent.id.clone(),
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
            .find(&self.id, &sent.id)
            .is_some_and(|entry| entry.ack >= 1)
        {
            let answer = Answer::Accepted {
                at: now_ms() / 1000,
            };
            self.push(ToPage::Reply { request, answer });
            return;
        }
        let last_ack = take(&mut self.faults.stall).unwrap_or(3);
        // A second attempt may overtake the acks of the first, which then answer it.
        let sending = Sending {
            request,
            to: sent.to.clone(),
            last_ack,
        };
        let repeated = self.sending.insert(sent.id.clone(), sending);
        if repeated.is_none_or(|first| first.last_ack < 1) && last_ack >= 1 {
            let due = Due::Ack {
                device: self.id.clone(),
                message: sent.id.clone(),
                ack: 1,
            };
            core.timers.add(now + core.timing.ack_server, due);
        }
        if !self.history.iter().any(|message| message.id == sent.id) {
            self.remember(WireMessage {
                id: sent.id,
                chat: sent.to,
                from_me: true,
                author: None,
                kind: sent
                    .media
                    .map_or_else(|| "chat".to_owned(), |media| media.kind),
                text: sent.text,
                at: now_ms() / 1000,
                ack: 0,
                name: None,
            });
        }
    }

    pub(crate) fn ack(&mut self, message: &str, ack: i8, core: &mut Core, now: Instant) {
        let Some(sending) = self.sending.get(message) else {
            return;
        };
        if !core.outbox.ack(&self.id, message, ack) {
            return;
        }
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

    /// The receiver, or the server, acknowledges a message now. False for one that was never sent.
    pub(crate) fn acknowledge(
        &mut self,
        message: &str,
        ack: i8,
        core: &mut Core,
        now: Instant,
    ) -> bool {
        let Some(entry) = core.outbox.find(&self.id, message) else {
            return false;
        };
        let chat = entry.to.clone();
        if ack == 1 && self.sending.contains_key(message) {
            self.ack(message, 1, core, now);
        } else if core.outbox.ack(&self.id, message, ack) {
            let id = message.to_owned();
            self.deliver(ToPage::Receipt { chat, id, ack });
        }
        true
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
