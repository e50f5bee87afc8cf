//! What is believed of single values that a page gives.

use session_core::ports::DriverEvent;
use session_core::{Ack, ChatId, Incoming, MessageId, MessageText, Timestamp};

/// The longest id of a message, bytes. In a group it holds two numbers.
const LONGEST_ID: usize = 256;
/// The longest word for a kind of message, bytes.
const LONGEST_KIND: usize = 40;
/// The longest text of a message that came in, characters. The bridge has cut it to this before.
const LONGEST_TEXT: usize = 4096;
/// The longest name of an account, characters.
const LONGEST_NAME: usize = 100;

/// Whether this is where WhatsApp Web goes after a logout.
pub(super) fn says_logged_out(url: &str) -> bool {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let query = query.split('#').next().unwrap_or_default();
    query.split('&').any(|pair| pair == "post_logout=1")
}

/// How far a message of our own has come, if this can be the id of one.
pub(super) fn acknowledged(id: String, level: u8) -> Option<DriverEvent> {
    let ack = Ack::from_level(level)?;
    is_id(&id, "true_").then(|| DriverEvent::Acknowledged(MessageId::new(id), ack))
}

/// A message of somebody else, if this can be one.
pub(super) fn received(
    id: String,
    chat: &str,
    kind: &str,
    text: Option<String>,
    seconds: Option<f64>,
) -> Option<DriverEvent> {
    let is_word = (1..=LONGEST_KIND).contains(&kind.len())
        && kind
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    if !is_word || !is_id(&id, "false_") {
        return None;
    }
    Some(DriverEvent::Received(Incoming {
        id: MessageId::new(id),
        chat: ChatId::parse(chat).ok()?,
        kind: kind.to_owned(),
        text: text
            .map(|text| text.chars().take(LONGEST_TEXT).collect())
            .and_then(MessageText::new),
        at: Timestamp(whole_millis(seconds?)?),
    }))
}

fn is_id(id: &str, prefix: &str) -> bool {
    id.len() <= LONGEST_ID
        && id.starts_with(prefix)
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_@.:-".contains(&byte))
}

/// A moment in seconds since 1970 as milliseconds, if it is one that a clock could show.
fn whole_millis(seconds: f64) -> Option<u64> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the value was checked to be small and positive"
    )]
    (0.0..=1e11)
        .contains(&seconds)
        .then_some((seconds * 1000.0) as u64)
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
        assert!(acknowledged(id(LONGEST_ID), 1).is_some());
        assert!(acknowledged(id(LONGEST_ID + 1), 1).is_none());
    }

    #[test]
    fn a_message_is_acknowledged_by_level() {
        let level = |level| match acknowledged("true_1@c.us_3EB0".to_owned(), level) {
            Some(DriverEvent::Acknowledged(_, ack)) => Some(ack),
            _ => None,
        };
        let levels: Vec<_> = (0..=4).map(level).collect();
        let [server, device, read] = [Ack::Server, Ack::Device, Ack::Read].map(Some);
        assert_eq!(levels, [None, server, device, read, read]);
    }

    #[test]
    fn a_message_that_came_in_is_believed_only_so_far() {
        let take = |id: &str, chat: &str, kind: &str, text: &str, t| {
            received(id.to_owned(), chat, kind, Some(text.to_owned()), t)
        };
        let (id, chat) = ("false_5491155550033@c.us_3A", "5491155550033@c.us");
        match take(id, chat, "text", "hola", Some(1_700_000_000.5)) {
            Some(DriverEvent::Received(message)) => {
                assert_eq!(message.at, Timestamp(1_700_000_000_500));
                assert_eq!(message.text.unwrap().reveal(), "hola");
            }
            other => panic!("{other:?}"),
        }
        let long = "ñ".repeat(LONGEST_TEXT + 1);
        match take(id, chat, "text", &long, Some(0.0)) {
            Some(DriverEvent::Received(message)) => {
                assert_eq!(message.text.unwrap().reveal().chars().count(), LONGEST_TEXT);
            }
            other => panic!("{other:?}"),
        }
        for (id, chat, kind, t) in [
            ("true_5491155550033@c.us_3A", chat, "text", Some(1.0)),
            ("false_<b>", chat, "text", Some(1.0)),
            (id, "5491155550033@lid", "text", Some(1.0)),
            (id, "status@broadcast", "text", Some(1.0)),
            (id, chat, "", Some(1.0)),
            (id, chat, "a b", Some(1.0)),
            (id, chat, "text", Some(-1.0)),
            (id, chat, "text", Some(f64::NAN)),
            (id, chat, "text", None),
        ] {
            assert_eq!(take(id, chat, kind, "hola", t), None, "{id} {chat} {kind}");
        }
    }
}
