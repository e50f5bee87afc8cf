//! The secret of a key, and what is kept of it.
//!
//! A secret is 32 random bytes, so nobody can try them all, and its SHA-256 gives nothing away: a slow hash protects what
//! people think up, and would only make every request slow here.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq};

/// What every secret begins with, so that scanners for leaked ones can find it.
const PREFIX: &str = "smk_";

/// A secret as its holder sends it. Shown once, never kept; it cannot print itself by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A new one.
    pub(super) fn draw() -> Result<Self, getrandom::Error> {
        Ok(Self(format!("{PREFIX}{}", random()?)))
    }

    /// The text. For whoever asked for the key, and nobody else.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// 32 random bytes as base64url, 43 characters.
pub(crate) fn random() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// SHA-256 of a secret: all that is kept of it.
#[derive(Clone, Copy)]
pub(crate) struct Digest([u8; 32]);

impl Digest {
    /// Of whatever was sent: what is no secret has the digest of none.
    pub(crate) fn of(text: &[u8]) -> Self {
        Self(Sha256::digest(text).into())
    }

    /// Whether both are the same, in a time that does not depend on where they differ.
    pub(crate) fn is(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(…)")
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        URL_SAFE_NO_PAD
            .decode(text)
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .map(Self)
            .ok_or_else(|| de::Error::custom("this is no SHA-256"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_differ_and_do_not_print_themselves() {
        let (one, other) = (Secret::draw().unwrap(), Secret::draw().unwrap());
        assert_ne!(one, other);
        assert_eq!(one.reveal().len(), 4 + 43);
        assert!(one.reveal().starts_with(PREFIX));
        assert_eq!(format!("{one:?}"), "Secret(…)");
        let digest = Digest::of(one.reveal().as_bytes());
        assert_eq!(format!("{digest:?}"), "Digest(…)");
        let json = serde_json::to_string(&digest).unwrap();
        let read: Digest = serde_json::from_str(&json).unwrap();
        assert!(bool::from(read.is(&digest)));
        assert!(!bool::from(
            Digest::of(other.reveal().as_bytes()).is(&digest)
        ));
    }
}
