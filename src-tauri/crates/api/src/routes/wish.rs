//! How a message is to be sent: the query and the headers of `POST /send`.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName};
use session_core::Wish;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// How long a message may be worth sending, s.
const LIFE: std::ops::RangeInclusive<u64> = 1..=7 * 24 * 60 * 60;

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// Now or not at all.
    Now,
    /// Written down first.
    Sure {
        wish: Wish,
        /// Whether the caller waits for what comes of it.
        wait: bool,
    },
}

/// Reads it, or tells what is wrong with it. As strict as the other headers: nothing twice, no escapes.
pub(super) fn read(query: &str, headers: &HeaderMap) -> Result<Asked, &'static str> {
    let wait = match only(query, "wait")? {
        None | Some("true") => true,
        Some("false") => false,
        Some(_) => return Err("wait must be true or false"),
    };
    let life = only(query, "ttl")?.map(life).transpose()?;
    let mut keys = headers.get_all(IDEMPOTENCY_KEY).iter();
    let unusable = "Idempotency-Key must be 1 to 255 visible ASCII characters";
    let idempotency = match (keys.next(), keys.next()) {
        (None, _) => None,
        (Some(key), None) => {
            let key = key.to_str().ok().and_then(|key| key.parse().ok());
            Some(key.ok_or(unusable)?)
        }
        (Some(_), Some(_)) => return Err(unusable),
    };
    if wait && idempotency.is_none() {
        return match life {
            None => Ok(Asked::Now),
            Some(_) => Err("ttl needs wait=false or an Idempotency-Key"),
        };
    }
    let wish = Wish {
        idempotency,
        patient: !wait,
        life,
    };
    Ok(Asked::Sure { wish, wait })
}

fn life(text: &str) -> Result<Duration, &'static str> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits
        .then(|| text.parse().ok())
        .flatten()
        .filter(|seconds| LIFE.contains(seconds))
        .map(Duration::from_secs)
        .ok_or("ttl must be a number of seconds from 1 to 604800")
}

/// The value of a name that is given once at most.
pub(super) fn only<'a>(query: &'a str, name: &str) -> Result<Option<&'a str>, &'static str> {
    let mut values = query.split('&').filter_map(|pair| {
        let (found, value) = pair.split_once('=').unwrap_or((pair, ""));
        (found == name).then_some(value)
    });
    match (values.next(), values.next()) {
        (value, None) => Ok(value),
        (_, Some(_)) => Err("the query names something twice"),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn with(key: Option<&'static str>) -> HeaderMap {
        key.map(|key| (IDEMPOTENCY_KEY, HeaderValue::from_static(key)))
            .into_iter()
            .collect()
    }

    #[test]
    fn a_plain_request_is_what_it_always_was() {
        for query in ["", "x=1", "wait=true", "wait=true&x"] {
            assert_eq!(read(query, &with(None)), Ok(Asked::Now), "{query}");
        }
    }

    #[test]
    fn what_is_asked_for_is_read_strictly() {
        let sure = |query: &str, key| match read(query, &with(key)) {
            Ok(Asked::Sure { wish, wait }) => {
                (wait, wish.patient, wish.life, wish.idempotency.is_some())
            }
            other => panic!("{query}: {other:?}"),
        };
        let minute = Some(Duration::from_secs(60));
        assert_eq!(sure("wait=false", None), (false, true, None, false));
        assert_eq!(
            sure("wait=false&ttl=60", None),
            (false, true, minute, false)
        );
        assert_eq!(sure("", Some("order-1")), (true, false, None, true));
        assert_eq!(sure("ttl=60", Some("order-1")), (true, false, minute, true));
        assert_eq!(
            sure("wait=false", Some("order-1")),
            (false, true, None, true)
        );
        for (query, key) in [
            ("wait=no", None),
            ("wait=", None),
            ("wait", None),
            ("wait=false&wait=false", None),
            ("ttl=60", None),
            ("wait=false&ttl=0", None),
            ("wait=false&ttl=604801", None),
            ("wait=false&ttl=+60", None),
            ("wait=false&ttl=1e3", None),
            ("wait=false&ttl=", None),
            ("wait=false&ttl=99999999999999999999999", None),
            ("", Some("")),
            ("", Some("a b")),
        ] {
            assert!(read(query, &with(key)).is_err(), "{query} {key:?}");
        }
        let mut twice = with(Some("a"));
        twice.append(IDEMPOTENCY_KEY, HeaderValue::from_static("a"));
        assert!(read("", &twice).is_err());
    }

    proptest! {
        #[test]
        fn a_life_is_a_number_within_its_bounds(text in "[0-9+ -]{0,9}") {
            let plain = text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<u64>().ok()).flatten();
            let good = plain.is_some_and(|seconds| LIFE.contains(&seconds));
            prop_assert_eq!(life(&text).is_ok(), good);
        }
    }
}
