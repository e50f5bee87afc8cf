//! A *cliente*: one account to link, named by a positive whole number.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

/// The number that names a cliente: 1 … 2^53-1, so that JavaScript callers can hold it exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct ClienteId(u64);

/// A text or number that does not name a cliente.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a cliente id is a whole number from 1 to 9007199254740991")]
pub struct InvalidClienteId;

impl ClienteId {
    /// The largest id: JavaScript's `Number.MAX_SAFE_INTEGER`.
    pub const MAX: u64 = (1 << 53) - 1;

    /// The id that a first cliente gets.
    pub const FIRST: Self = Self(1);

    /// The id as a number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl TryFrom<u64> for ClienteId {
    type Error = InvalidClienteId;

    fn try_from(value: u64) -> Result<Self, Self::Error> {
        if (1..=Self::MAX).contains(&value) {
            Ok(Self(value))
        } else {
            Err(InvalidClienteId)
        }
    }
}

impl From<ClienteId> for u64 {
    fn from(id: ClienteId) -> Self {
        id.0
    }
}

impl FromStr for ClienteId {
    type Err = InvalidClienteId;

    /// Digits only: no sign, no space, no fraction. Rust's own integer parser would let `+7` through.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(InvalidClienteId);
        }
        text.parse::<u64>()
            .map_err(|_| InvalidClienteId)
            .and_then(Self::try_from)
    }
}

impl fmt::Display for ClienteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// What the person wants of a session, apart from what it is at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Wanted {
    /// Restored when the program starts.
    Running,
    /// Left alone until somebody starts it.
    Stopped,
}

/// What is remembered of a cliente over restarts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClienteRecord {
    /// Its id.
    pub id: ClienteId,
    /// What people call it; empty when nobody named it.
    pub name: String,
    /// A free remark.
    pub note: String,
    /// Whether its session is to be restored at start.
    pub wanted: Wanted,
    /// When it was first seen.
    pub created: Timestamp,
    /// The account that was last linked, if any.
    pub account: Option<crate::account::Account>,
    /// Whether it writes to itself now and then, to know that messages still go out.
    pub self_test: bool,
}

impl ClienteRecord {
    /// A cliente nobody has named yet.
    pub fn new(id: ClienteId, created: Timestamp) -> Self {
        Self {
            id,
            name: String::new(),
            note: String::new(),
            wanted: Wanted::Stopped,
            created,
            account: None,
            self_test: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_positive_integers_are_ids() {
        for good in ["1", "300", "007", "9007199254740991"] {
            assert!(good.parse::<ClienteId>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "0",
            "00",
            "-1",
            "+1",
            "1.5",
            "12abc",
            " 1",
            "1 ",
            "1e3",
            "0x10",
            "١",
            "9007199254740992",
            "99999999999999999999999999",
        ] {
            assert_eq!(bad.parse::<ClienteId>(), Err(InvalidClienteId), "{bad}");
        }
    }
}
