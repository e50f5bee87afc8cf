//! What a webhook can be told of, and what it wants to be told of.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

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
}
