//! What names a webhook, and what signs for it.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

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
        Self(format!(
            "wh_{:016x}",
            u64::from_be_bytes(crate::random::bytes())
        ))
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
            STANDARD.encode(crate::random::bytes::<32>())
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
