//! Webhooks: who is told what, what there is to tell, and what became of it.

mod event;
mod names;
mod outcome;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::cliente::ClienteId;
use crate::clock::Timestamp;
use crate::state::StateName;

pub use event::{EventFilter, InvalidEventFilter, WebhookEvent};
pub use names::{InvalidWebhookId, InvalidWebhookSecret, WebhookId, WebhookSecret};
pub use outcome::{DeadLetter, Outcome, WebhookFailure, WebhookProblem, WebhookReport};

/// How what is told looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum WebhookShape {
    /// This program's own fields.
    #[default]
    Native,
    /// As WAHA writes it, for tools that were made for it.
    Waha,
}

/// Who is told what.
#[derive(Clone, PartialEq, Eq)]
pub struct Webhook {
    /// What names it.
    pub id: WebhookId,
    /// Where it is told. It may hold a token of its owner, so it is not for a log.
    pub url: String,
    /// Of which events; at least one.
    pub events: Vec<EventFilter>,
    /// Of which clientes; nothing: of all.
    pub clientes: Option<Vec<ClienteId>>,
    /// How it looks.
    pub shape: WebhookShape,
    /// Whether numbers, names, codes and texts are told too.
    pub content: bool,
    /// Whether anything is told at all.
    pub enabled: bool,
    /// Whether it comes from the command line, where alone it can be changed.
    pub fixed: bool,
    /// What signs.
    pub secret: WebhookSecret,
    /// What signs too, until then: for a receiver that does not know the new one yet.
    pub old_secret: Option<(WebhookSecret, Timestamp)>,
    /// When it was added.
    pub created: Timestamp,
}

impl Webhook {
    /// Whether it is to be told of this.
    pub fn wants(&self, event: WebhookEvent, cliente: ClienteId) -> bool {
        self.events.iter().any(|filter| filter.matches(event))
            && self
                .clientes
                .as_ref()
                .is_none_or(|wanted| wanted.contains(&cliente))
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook")
            .field("id", &self.id)
            .field("enabled", &self.enabled)
            .finish_non_exhaustive()
    }
}

/// Something to tell that no change in the store tells of by itself. Its JSON is not for a log.
#[derive(Clone, PartialEq, Eq)]
pub struct News {
    /// Of whom.
    pub cliente: ClienteId,
    /// When.
    pub at: Timestamp,
    /// What.
    pub event: WebhookEvent,
    /// The code of its reason.
    pub reason: Option<String>,
    /// The key of the message that it is about.
    pub message: Option<String>,
    /// More about it, a JSON object.
    pub details: Option<String>,
    /// What only those are told who are told numbers, codes and texts, a JSON object. Not even kept while nobody is.
    pub content: Option<String>,
}

/// Something to tell, as it is kept until everybody was told.
#[derive(Clone, PartialEq, Eq)]
pub struct Announcement {
    /// What names it, the same for every receiver and every try.
    pub id: String,
    /// Of whom.
    pub cliente: ClienteId,
    /// When.
    pub at: Timestamp,
    /// What.
    pub event: WebhookEvent,
    /// The state, or a message's status, before.
    pub previous: Option<String>,
    /// The state, or a message's status, now.
    pub current: Option<String>,
    /// The code of its reason.
    pub reason: Option<String>,
    /// The key of the message that it is about.
    pub message: Option<String>,
    /// More about it, a JSON object.
    pub details: Option<String>,
    /// What only those are told who are told numbers, codes and texts, a JSON object.
    pub content: Option<String>,
    /// The account that is linked, or was last.
    pub account: Option<Account>,
    /// The last states up to then, the oldest first.
    pub history: Vec<(StateName, Timestamp)>,
}

/// Where in the store a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the line of what waits.
    Line(i64),
    /// Among what was given up on, and is to be tried once more.
    DeadLetter(i64),
}

/// What a webhook is to be told next.
#[derive(Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Who.
    pub webhook: Webhook,
    /// What.
    pub announcement: Announcement,
    /// Where it stands.
    pub place: Place,
    /// The tries before; nothing: none.
    pub tries: Option<Tries>,
}

/// The tries of a delivery so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tries {
    /// How many.
    pub number: u32,
    /// When the first one was.
    pub first: Timestamp,
    /// When the last one was.
    pub last: Timestamp,
    /// When the next one is to be.
    pub next: Timestamp,
}
