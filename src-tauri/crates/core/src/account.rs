//! Numbers, chats and texts, as types that cannot print themselves whole.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A phone number: digits with country code. Its `Debug` and `Display` are masked, so that no log line can hold it.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PhoneNumber(String);

/// A text that is not a phone number or chat id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a number is 5 to 20 digits with country code; a chat id ends in @c.us or @g.us")]
pub struct InvalidRecipient;

impl PhoneNumber {
    /// Reads a number as people write it: a leading `+`, spaces, dashes, dots and brackets are dropped.
    pub fn parse(text: &str) -> Result<Self, InvalidRecipient> {
        let text = text.trim();
        let text = text.strip_prefix('+').unwrap_or(text);
        let mut digits = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                '0'..='9' => digits.push(c),
                ' ' | '-' | '.' | '(' | ')' | '\u{a0}' => {}
                _ => return Err(InvalidRecipient),
            }
        }
        // E.164 allows 15 digits; WhatsApp's own service accounts have fewer than 8.
        if (5..=20).contains(&digits.len()) {
            Ok(Self(digits))
        } else {
            Err(InvalidRecipient)
        }
    }

    /// All digits. Only for what leaves towards WhatsApp or the person's own screen, never for a log.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// Keeps the first four and the last two digits: `5491****34`.
pub fn mask(number: &str) -> String {
    let chars: Vec<char> = number.chars().collect();
    if chars.len() < 8 {
        return "****".to_owned();
    }
    let head: String = chars.iter().take(4).collect();
    let tail: String = chars.iter().skip(chars.len() - 2).collect();
    format!("{head}****{tail}")
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&mask(&self.0))
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&mask(&self.0))
    }
}

/// The account that a session is linked to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its number.
    pub number: PhoneNumber,
    /// The profile name, when WhatsApp gives one.
    pub name: Option<String>,
}

/// Where a message goes: `<digits>@c.us` for a person, `<id>@g.us` for a group.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ChatId(String);

impl ChatId {
    /// The chat with this number.
    pub(crate) fn of(number: &PhoneNumber) -> Self {
        Self(format!("{}@c.us", number.0))
    }

    /// Reads a recipient: a number as people write it, or a chat id as it is.
    pub fn parse(text: &str) -> Result<Self, InvalidRecipient> {
        let text = text.trim();
        let Some((user, server)) = text.split_once('@') else {
            return PhoneNumber::parse(text).map(|number| Self::of(&number));
        };
        let valid = match server {
            "c.us" => (5..=20).contains(&user.len()) && user.bytes().all(|b| b.is_ascii_digit()),
            // Old groups are `<creator>-<time>@g.us`.
            "g.us" => {
                (5..=64).contains(&user.len())
                    && user.bytes().all(|b| b.is_ascii_digit() || b == b'-')
            }
            _ => false,
        };
        if valid {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidRecipient)
        }
    }

    /// The whole id. Only for what leaves towards WhatsApp, never for a log.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ChatId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (user, server) = self.0.split_once('@').unwrap_or((&self.0, ""));
        write!(f, "{}@{server}", mask(user))
    }
}

impl fmt::Display for ChatId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// The text of a message. It prints only its length.
#[derive(Clone, PartialEq, Eq)]
pub struct MessageText(String);

impl MessageText {
    /// A text with something in it.
    pub fn new(text: String) -> Option<Self> {
        (!text.trim().is_empty()).then_some(Self(text))
    }

    /// What a session writes to its own account, to see that messages go out.
    pub(crate) fn self_test() -> Self {
        Self("✓ Session Manager".to_owned())
    }

    /// The text. Never for a log.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for MessageText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} characters>", self.0.chars().count())
    }
}

/// The id WhatsApp knows a message by: `true_<chat>_3EB0…`. It holds the recipient's number, so it prints masked.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct MessageId(String);

impl MessageId {
    /// Wraps the id as the page gave it.
    pub fn new(id: String) -> Self {
        Self(id)
    }

    /// The part that stays the same whichever way the chat is named: `3EB0…`.
    pub fn key(&self) -> &str {
        self.0.split('_').nth(2).unwrap_or(&self.0)
    }

    /// The whole id, for the caller that sent the message.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tail: String = self
            .0
            .rsplit('_')
            .next()
            .unwrap_or_default()
            .chars()
            .take(8)
            .collect();
        write!(f, "…_{tail}…")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recipients_are_read_as_people_write_them() {
        for (text, chat) in [
            ("5491155551234", "5491155551234@c.us"),
            ("+54 9 11 5555-1234", "5491155551234@c.us"),
            (" (54) 911.5555.1234 ", "5491155551234@c.us"),
            ("5491155551234@c.us", "5491155551234@c.us"),
            ("120363000000000000@g.us", "120363000000000000@g.us"),
            (
                "5491155551234-1500000000@g.us",
                "5491155551234-1500000000@g.us",
            ),
        ] {
            assert_eq!(
                ChatId::parse(text).map(|c| c.0),
                Ok(chat.to_owned()),
                "{text}"
            );
        }
        for bad in [
            "",
            "+",
            "1234",
            "abc",
            "54a11",
            "5491155551234@evil",
            "@c.us",
            "a@c.us",
            "549+115555",
            "123456789012345678901",
        ] {
            assert_eq!(ChatId::parse(bad), Err(InvalidRecipient), "{bad}");
        }
    }

    #[test]
    fn nothing_personal_is_printed_whole() {
        let number = PhoneNumber::parse("5491155551234").unwrap();
        assert_eq!(format!("{number} {number:?}"), "5491****34 5491****34");
        assert_eq!(
            format!("{:?}", ChatId::parse("5491155551234").unwrap()),
            "5491****34@c.us"
        );
        let account = Account {
            number,
            name: Some("Ana".into()),
        };
        assert!(!format!("{account:?}").contains("55551"));
        let id = MessageId::new("true_5491155551234@c.us_3EB0AAAABBBBCCCC".into());
        assert!(!format!("{id:?}").contains("549"));
        assert_eq!(
            format!("{:?}", MessageText::new("hola".into()).unwrap()),
            "<4 characters>"
        );
        assert_eq!(mask("1234567"), "****");
    }
}
