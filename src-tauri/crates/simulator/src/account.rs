//! Accounts a phone can have.

use serde::{Deserialize, Serialize};

use crate::PhoneError;

/// A WhatsApp account: the phone that scans.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// International number, digits only.
    pub number: String,
    /// The name the account shows to others.
    pub name: String,
}

impl Account {
    pub(crate) fn validate(&self) -> Result<(), PhoneError> {
        if !is_number(&self.number) {
            return Err(PhoneError::InvalidRequest {
                reason: format!("{:?} is not a number of 7 to 15 digits", self.number),
            });
        }
        if self.name.trim().is_empty() {
            return Err(PhoneError::InvalidRequest {
                reason: "the account has no name".to_owned(),
            });
        }
        Ok(())
    }
}

/// Whether `text` could be an international number: 7 to 15 digits.
pub(crate) fn is_number(text: &str) -> bool {
    (7..=15).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The id that WhatsApp has for this number; none where nobody has an account with it.
///
/// So that a client can be tested against all it may meet: numbers that end in `00000` are nobody's, those that end in
/// `77777` are known by their hidden id only, and an Argentine number without the 9 of a mobile is taken for the one
/// with it.
pub(crate) fn wid(number: &str) -> Option<String> {
    if !is_number(number) || number.ends_with("00000") {
        return None;
    }
    let number = match number.strip_prefix("54") {
        Some(local) if local.len() == 10 => format!("549{local}"),
        _ => number.to_owned(),
    };
    Some(if number.ends_with("77777") {
        hidden(&number)
    } else {
        format!("{number}@c.us")
    })
}

/// The hidden id of a number.
pub(crate) fn hidden(number: &str) -> String {
    format!("1000{number}@lid")
}

const FIRST_NUMBER: u64 = 5_491_155_550_001;
const NAMES: [&str; 8] = [
    "Ana Demo",
    "Bruno Demo",
    "Carla Demo",
    "Diego Demo",
    "Elena Demo",
    "Fabio Demo",
    "Gala Demo",
    "Hugo Demo",
];

/// The `position`-th account of the series that scans without an account take: always the same.
pub(crate) fn nth(position: u64) -> Account {
    let names = NAMES.len() as u64;
    let name = usize::try_from(position % names).map_or(NAMES[0], |index| NAMES[index]);
    Account {
        number: (FIRST_NUMBER + position).to_string(),
        name: if position < names {
            name.to_owned()
        } else {
            format!("{name} {}", position / names + 1)
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_series_starts_with_ana_and_never_repeats() {
        assert_eq!(
            nth(0),
            Account {
                number: "5491155550001".into(),
                name: "Ana Demo".into()
            }
        );
        assert_eq!(nth(8).name, "Ana Demo 2");
        let numbers: std::collections::HashSet<_> = (0..100).map(|n| nth(n).number).collect();
        assert_eq!(numbers.len(), 100);
    }

    #[test]
    fn numbers_are_digits_of_a_sane_length() {
        for (text, good) in [
            ("5491155550001", true),
            ("1234567", true),
            ("123456", false),
            ("1234567890123456", false),
            ("+5491155550001", false),
            ("54 911 5555", false),
        ] {
            assert_eq!(is_number(text), good, "{text}");
        }
    }

    #[test]
    fn numbers_are_known_by_the_id_that_whatsapp_has() {
        for (number, known) in [
            ("5491155550001", Some("5491155550001@c.us")),
            ("541155550001", Some("5491155550001@c.us")),
            ("5491155500000", None),
            ("54911", None),
            ("5491155577777", Some("10005491155577777@lid")),
        ] {
            assert_eq!(wid(number).as_deref(), known, "{number}");
        }
    }
}
