//! Webhooks: who is told what, what there is to tell, and what became of it.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::cliente::ClienteId;
use crate::clock::Timestamp;
use crate::state::StateName;

/// What names a webhook. It says nothing of its address, and may stand in a URL or a log.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WebhookId(String);

/// A text that names no webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the id of a webhook is 1 to 40 small letters, digits, _ or -")]
pub struct InvalidWebhookId;

impl WebhookId {
    /// An id that no other webhook has.
    pub fn random() -> Self {
        Self(format!("wh_{:016x}", u64::from_be_bytes(random())))
    }

    /// The id of one that comes from the command line.
    pub fn fixed(number: u64) -> Self {
        Self(format!("fixed_{number:016x}"))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for WebhookId {
    type Err = InvalidWebhookId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_id = (1..=40).contains(&text.len())
            && text
                .bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'));
        if is_id {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidWebhookId)
        }
    }
}

impl fmt::Display for WebhookId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What deliveries are signed with, as the Standard Webhooks specification writes it. It never prints.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookSecret(String);

/// A text that is no secret to sign with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a webhook's secret is whsec_ and 24 to 64 bytes in base64")]
pub struct InvalidWebhookSecret;

impl WebhookSecret {
    const PREFIX: &'static str = "whsec_";

    /// 32 random bytes.
    pub fn random() -> Self {
        Self(format!(
            "{}{}",
            Self::PREFIX,
            STANDARD.encode(random::<32>())
        ))
    }

    /// The secret as its receiver has to know it. Never for a log.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The bytes that sign.
    pub fn key(&self) -> Vec<u8> {
        Self::decode(&self.0).unwrap_or_default()
    }

    fn decode(text: &str) -> Option<Vec<u8>> {
        STANDARD.decode(text.strip_prefix(Self::PREFIX)?).ok()
    }
}

impl FromStr for WebhookSecret {
    type Err = InvalidWebhookSecret;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match Self::decode(text) {
            Some(key) if (24..=64).contains(&key.len()) => Ok(Self(text.to_owned())),
            _ => Err(InvalidWebhookSecret),
        }
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<secret>")
    }
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    #[expect(
        clippy::expect_used,
        reason = "a system without randomness could not start a browser either"
    )]
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    bytes
}

macro_rules! events {
    ($($(#[$doc:meta])* $variant:ident => $name:literal,)*) => {
        /// What a webhook can be told of. The names are documented, and stay as they are.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum WebhookEvent {
            $($(#[$doc])* $variant,)*
        }

        impl WebhookEvent {
            /// Every event there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The event with this name.
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|event| event.as_str() == name)
            }
        }
    };
}

events! {
    /// A session went from one state to another.
    SessionStatus => "session.status",
    /// A session is connected: messages can be sent.
    SessionReady => "session.ready",
    /// There is a new code to scan.
    SessionQr => "session.qr",
    /// A session is connected but not as it should be, or well again.
    SessionDegraded => "session.degraded",
    /// A cliente was forgotten.
    SessionRemoved => "session.removed",
    /// A message that was sent from here got further, or failed.
    MessageStatus => "message.status",
    /// A message came in.
    MessageReceived => "message.received",
}

/// Which events a webhook is told of: one by its name, all of a kind (`session.*`), or all (`*`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EventFilter(String);

/// A filter that would never match.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no event {0:?}: use *, session.*, message.*, or a name such as session.status")]
pub struct InvalidEventFilter(String);

impl EventFilter {
    /// The filter as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the event passes.
    pub fn matches(&self, event: WebhookEvent) -> bool {
        match self.0.strip_suffix('*') {
            Some(kind) => event.as_str().starts_with(kind),
            None => event.as_str() == self.0,
        }
    }
}

impl FromStr for EventFilter {
    type Err = InvalidEventFilter;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known =
            matches!(text, "*" | "session.*" | "message.*") || WebhookEvent::parse(text).is_some();
        if known {
            Ok(Self(text.to_owned()))
        } else {
            // A caller's own text may be anything: only its beginning comes back.
            Err(InvalidEventFilter(text.chars().take(40).collect()))
        }
    }
}

impl TryFrom<String> for EventFilter {
    type Error = InvalidEventFilter;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<EventFilter> for String {
    fn from(filter: EventFilter) -> Self {
        filter.0
    }
}

impl From<WebhookEvent> for EventFilter {
    fn from(event: WebhookEvent) -> Self {
        Self(event.as_str().to_owned())
    }
}

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

macro_rules! problems {
    ($($(#[$doc:meta])* $variant:ident => $code:literal,)*) => {
        /// Why a receiver was not told.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "ts", derive(ts_rs::TS))]
        pub enum WebhookProblem {
            $($(#[$doc])* #[serde(rename = $code)] $variant,)*
        }

        impl WebhookProblem {
            /// Every problem there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code on the wire.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The problem with this code.
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|problem| problem.code() == code)
            }
        }
    };
}

problems! {
    /// It answered with a status that is not 2xx.
    Status => "STATUS",
    /// It said that it wants nothing any more (410).
    Gone => "GONE",
    /// It did not answer in time.
    Timeout => "TIMEOUT",
    /// Its name is not known.
    UnknownHost => "UNKNOWN_HOST",
    /// Nothing listens there.
    Refused => "REFUSED",
    /// Its certificate cannot be trusted, or it does not speak TLS.
    Tls => "TLS",
    /// The connection failed otherwise, or what came is no HTTP.
    Connection => "CONNECTION",
    /// It was switched off before it was told.
    SwitchedOff => "SWITCHED_OFF",
    /// So much came after it that it fell out of the line.
    Overflow => "OVERFLOW",
}

/// Why a receiver was not told, and what it answered if it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WebhookFailure {
    /// Why.
    pub problem: WebhookProblem,
    /// The HTTP status.
    pub status: Option<u16>,
}

/// What became of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver has it.
    Delivered {
        /// When.
        at: Timestamp,
        /// The HTTP status.
        status: u16,
    },
    /// It is to be tried again.
    Failed {
        /// Why.
        failure: WebhookFailure,
        /// The tries, this one included.
        tries: Tries,
    },
    /// It is given up on, and the next one goes on.
    GivenUp {
        /// Why.
        failure: WebhookFailure,
        /// When.
        at: Timestamp,
    },
    /// The receiver wants nothing any more: its webhook is switched off.
    Gone {
        /// When.
        at: Timestamp,
    },
}

/// A webhook and how it goes with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookReport {
    /// The webhook.
    pub webhook: Webhook,
    /// When something last arrived.
    pub delivered: Option<Timestamp>,
    /// The HTTP status of the last answer; nothing where none came.
    pub status: Option<u16>,
    /// Why the last try failed; nothing: it did not.
    pub problem: Option<WebhookProblem>,
    /// Since when nothing arrives.
    pub failing: Option<Timestamp>,
    /// The tries of what is next.
    pub tries: Option<Tries>,
    /// What waits.
    pub waiting: u32,
    /// What was given up on and is still kept.
    pub dead: u32,
    /// What was given up on and is not even kept any more.
    pub lost: u32,
}

/// What was given up on.
#[derive(Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// Its number.
    pub number: i64,
    /// What it tells. Without account and history.
    pub announcement: Announcement,
    /// How often it was tried.
    pub tries: u32,
    /// When it was given up on.
    pub at: Timestamp,
    /// Why.
    pub failure: WebhookFailure,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(text: &str) -> EventFilter {
        text.parse().unwrap()
    }

    #[test]
    fn filters_match_by_name_by_kind_or_all() {
        for &event in WebhookEvent::ALL {
            assert!(filter("*").matches(event));
            assert!(filter(event.as_str()).matches(event));
            assert_eq!(WebhookEvent::parse(event.as_str()), Some(event));
        }
        assert!(filter("session.*").matches(WebhookEvent::SessionQr));
        assert!(!filter("session.*").matches(WebhookEvent::MessageStatus));
        assert!(!filter("session.status").matches(WebhookEvent::SessionReady));
        for bad in [
            "",
            "session",
            "session*",
            "sess*",
            "test",
            "SESSION.STATUS",
            "**",
        ] {
            assert!(bad.parse::<EventFilter>().is_err(), "{bad}");
        }
    }

    #[test]
    fn secrets_are_long_differ_and_do_not_print() {
        let (one, other) = (WebhookSecret::random(), WebhookSecret::random());
        assert_ne!(one, other);
        assert_eq!(one.key().len(), 32);
        assert_eq!(one.reveal().parse(), Ok(one.clone()));
        assert_eq!(format!("{one:?}"), "<secret>");
        let short = format!("whsec_{}", STANDARD.encode([0; 23]));
        for bad in ["", "whsec_", "secret", "whsec_???", &short] {
            assert_eq!(bad.parse::<WebhookSecret>(), Err(InvalidWebhookSecret));
        }
    }

    #[test]
    fn ids_are_plain() {
        let id = WebhookId::random();
        assert_eq!(id.as_str().parse(), Ok(id.clone()));
        assert_ne!(id, WebhookId::random());
        for bad in ["", "a/b", "A", "a b", &"a".repeat(41)] {
            assert_eq!(bad.parse::<WebhookId>(), Err(InvalidWebhookId), "{bad}");
        }
    }

    #[test]
    fn every_problem_reads_back() {
        for &problem in WebhookProblem::ALL {
            assert_eq!(WebhookProblem::from_code(problem.code()), Some(problem));
        }
    }
}
