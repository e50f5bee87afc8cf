//! What became of what a webhook was to be told.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::webhook::{Announcement, Tries, Webhook};

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

    #[test]
    fn every_problem_reads_back() {
        for &problem in WebhookProblem::ALL {
            assert_eq!(WebhookProblem::from_code(problem.code()), Some(problem));
        }
    }
}
