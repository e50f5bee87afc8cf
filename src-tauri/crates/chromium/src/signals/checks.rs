//! What is believed of single values that a page gives.

use session_core::ports::DriverEvent;
use session_core::{Ack, MessageId};

/// The longest id of a message, bytes. In a group it holds two numbers.
const LONGEST_ID: usize = 256;
/// The longest name of an account, characters.
const LONGEST_NAME: usize = 100;

/// Whether this is where WhatsApp Web goes after a logout.
pub(super) fn says_logged_out(url: &str) -> bool {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let query = query.split('#').next().unwrap_or_default();
    query.split('&').any(|pair| pair == "post_logout=1")
}

/// A message of our own that has arrived, if this can be the id of one.
pub(super) fn acknowledged(id: String) -> Option<DriverEvent> {
    let possible = id.len() <= LONGEST_ID
        && id.starts_with("true_")
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_@.:-".contains(&byte));
    possible.then(|| DriverEvent::Acknowledged(MessageId::new(id), Ack::Server))
}

/// A percentage, if it is one.
pub(super) fn whole_percent(percent: f64) -> Option<u8> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the value was checked to lie within 0 to 100"
    )]
    (0.0..=100.0)
        .contains(&percent)
        .then(|| percent.round() as u8)
}

/// A name as it may be shown: of one line and some length.
pub(super) fn tidy(name: &str) -> Option<String> {
    let name: String = name
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(LONGEST_NAME)
        .collect();
    let name = name.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_tidied_before_it_is_shown() {
        for (name, shown) in [
            ("Ana", Some("Ana")),
            (" Ana\nMaría\u{7} ", Some("Ana María")),
            ("", None),
            (" \u{0} ", None),
        ] {
            assert_eq!(tidy(name).as_deref(), shown, "{name:?}");
        }
        assert_eq!(
            tidy(&"ñ".repeat(1000)).unwrap().chars().count(),
            LONGEST_NAME
        );
    }

    #[test]
    fn a_percentage_is_one_or_none() {
        for (percent, whole) in [
            (0.0, Some(0)),
            (99.6, Some(100)),
            (100.0, Some(100)),
            (-1.0, None),
            (1e300, None),
            (f64::NAN, None),
        ] {
            assert_eq!(whole_percent(percent), whole);
        }
    }

    #[test]
    fn the_id_of_a_message_is_of_some_length() {
        let id = |length: usize| format!("true_{}", "A".repeat(length - 5));
        assert!(acknowledged(id(LONGEST_ID)).is_some());
        assert!(acknowledged(id(LONGEST_ID + 1)).is_none());
    }
}
