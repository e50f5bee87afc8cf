//! The key in the head of a request.

use axum::http::{HeaderMap, HeaderName, header};

/// The header that holds nothing but a key.
const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
const BEARER: &[u8] = b"bearer";

/// What a request shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown<'a> {
    /// Nothing. An `Authorization` of another scheme is meant for somebody else on the way.
    Nothing,
    /// Something that is to be a key.
    Key(&'a [u8]),
    /// Several things, and nobody can tell which one is meant.
    Several,
}

/// Reads `Authorization: Bearer` and `X-API-Key`. Both may be sent if they say the same.
pub(super) fn read(headers: &HeaderMap) -> Shown<'_> {
    let bearers = headers
        .get_all(header::AUTHORIZATION)
        .iter()
        .filter_map(|value| bearer(value.as_bytes()));
    let keys = headers
        .get_all(API_KEY)
        .iter()
        .map(|value| value.as_bytes().trim_ascii());
    let mut shown = bearers.chain(keys);
    let Some(first) = shown.next() else {
        return Shown::Nothing;
    };
    if shown.all(|other| other == first) {
        Shown::Key(first)
    } else {
        Shown::Several
    }
}

/// The token, in whichever case the scheme is written.
fn bearer(value: &[u8]) -> Option<&[u8]> {
    let value = value.trim_ascii();
    let (scheme, rest) = match value.iter().position(u8::is_ascii_whitespace) {
        Some(end) => value.split_at(end),
        None => (value, &[][..]),
    };
    scheme
        .eq_ignore_ascii_case(BEARER)
        .then(|| rest.trim_ascii())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn headers(authorization: &[&[u8]], keys: &[&[u8]]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in authorization {
            headers.append(
                header::AUTHORIZATION,
                HeaderValue::from_bytes(value).unwrap(),
            );
        }
        for value in keys {
            headers.append(API_KEY, HeaderValue::from_bytes(value).unwrap());
        }
        headers
    }

    #[test]
    fn a_key_is_found_wherever_it_may_be() {
        for (authorization, keys, shown) in [
            (&[][..], &[][..], Shown::Nothing),
            (&[b"Bearer smk_a".as_slice()], &[], Shown::Key(b"smk_a")),
            (&[b"bEARER   smk_a "], &[], Shown::Key(b"smk_a")),
            (&[], &[b"smk_a".as_slice()], Shown::Key(b"smk_a")),
            (&[b"Bearer smk_a"], &[b"smk_a"], Shown::Key(b"smk_a")),
            (&[b"Bearer smk_a"], &[b"smk_b"], Shown::Several),
            (&[b"Bearer smk_a", b"Bearer smk_b"], &[], Shown::Several),
            (&[], &[b"smk_a", b"smk_b"], Shown::Several),
            // For a proxy on the way.
            (&[b"Basic YTpi"], &[], Shown::Nothing),
            (&[b"Basic YTpi"], &[b"smk_a"], Shown::Key(b"smk_a")),
            (&[b"Bearersmk_a"], &[], Shown::Nothing),
            (&[b""], &[], Shown::Nothing),
            // Somebody wanted to send one: it is wrong, and not absent.
            (&[b"Bearer"], &[], Shown::Key(b"")),
            (&[], &[b""], Shown::Key(b"")),
            (&[], &[b"\xff"], Shown::Key(b"\xff")),
        ] {
            assert_eq!(
                read(&headers(authorization, keys)),
                shown,
                "{authorization:?} {keys:?}"
            );
        }
    }

    fn value() -> impl Strategy<Value = Vec<u8>> {
        proptest::collection::vec(
            prop_oneof![32_u8..=126, Just(b'\t'), 128_u8..=255, Just(b' ')],
            0..40,
        )
    }

    proptest! {
        #[test]
        fn no_header_is_read_as_a_key_that_it_does_not_hold(
            authorization in proptest::collection::vec(value(), 0..3),
            keys in proptest::collection::vec(value(), 0..3),
        ) {
            let authorization: Vec<_> = authorization.iter().map(Vec::as_slice).collect();
            let keys: Vec<_> = keys.iter().map(Vec::as_slice).collect();
            let headers = headers(&authorization, &keys);
            if let Shown::Key(key) = read(&headers) {
                prop_assert_eq!(key, key.trim_ascii());
                let held = |value: &[u8]| value.trim_ascii_end().ends_with(key);
                prop_assert!(keys.iter().all(|value| value.trim_ascii() == key));
                prop_assert!(authorization.iter().chain(&keys).any(|value| held(value)));
            } else {
                prop_assert!(keys.len() != 1 || authorization.iter().any(|value| bearer(value).is_some()));
            }
        }

        #[test]
        fn a_key_is_read_as_it_was_sent(key in "[A-Za-z0-9_-]{1,60}", spaces in 1_usize..5) {
            let line = format!("Bearer{}{key}", " ".repeat(spaces));
            let headers = headers(&[line.as_bytes()], &[key.as_bytes()]);
            prop_assert_eq!(read(&headers), Shown::Key(key.as_bytes()));
        }
    }
}
