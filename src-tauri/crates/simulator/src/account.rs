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

/// Whether anyone has this number. Those that end in `00000` are nobody's, so that a client can be
/// tested against a number without WhatsApp.
pub(crate) fn exists(number: &str) -> bool {
    is_number(number) && !number.ends_with("00000")
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
    fn numbers_that_end_in_five_zeros_are_nobodys() {
        assert!(exists("5491155550001"));
        assert!(!exists("5491155500000"));
    }
}
