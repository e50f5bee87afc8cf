use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use proptest::prelude::*;
use std::fmt::Write as _;

use super::*;

fn redactor(private: Vec<Private>) -> Redactor {
    Redactor::new(
        private,
        vec!["2.3000.1027934701-alpha".to_owned(), "a".repeat(31) + "1"],
    )
    .unwrap()
}

#[test]
fn what_a_log_needs_stays() {
    let redactor = redactor(vec![
        Private::Name("Session".to_owned()),
        Private::User("root".to_owned()),
    ]);
    for line in [
        "2026-11-24 18:02:30.123 INFO  session_core::actor state changed cliente=7 from=QR_REQUIRED to=READY",
        "browser found name=Chromium version=156.0.7204.92",
        "wa-js 3.18.4, WhatsApp Web 2.3000.1027934701",
        "pid 1234567 ended with code 137 after 12.25 s",
        "\"at\": \"2026-11-24T18:02:30Z\", \"reason\": \"CONFLICT\"",
        "session-manager-2026-11-24_18-02-30.log",
        "the local API listens on 127.0.0.1:3001",
        "https://web.whatsapp.com/",
        "replaced=false sha256=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1",
        "sha256 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1",
        "~/.local/share/session-manager/profiles/7/spares",
        "ñandú, ¿qué? …",
        "",
    ] {
        assert_eq!(redactor.line(line), line);
    }
}

#[test]
fn what_is_private_by_its_shape_is_taken_out() {
    let redactor = redactor(Vec::new());
    for (line, safe) in [
        ("to 5491155551234@c.us", "to [chat]"),
        ("to +54 9 11 5555-1234 now", "to 5491****34 now"),
        ("tel:(011) 5555 1234.", "tel:0115****34."),
        ("x5491155551234x", "x5491****34x"),
        ("١٢٣٤٥٦٧٨٩٠", "١٢٣٤****٩٠"),
        (
            "at https://ana:pw@hooks.example.com:8443/s/3cr3t?t=1",
            "at https://hooks.example.com:8443/…",
        ),
        (
            "Authorization: Bearer abcdef",
            "Authorization: Bearer [secret]",
        ),
        ("password=hunter2 ok", "password=[secret] ok"),
        ("code ABCD-EFGH and ABCD1234", "code [code] and [code]"),
        ("ref 2@Zm9vYmFyYmF6cXV4Zm9v,xx", "ref [secret]"),
        (
            "smk_fUcIzFVjvqTwEcJmHiZxZ2QIj4gZ0cxwWbJJ4V6c8bE",
            "[secret]",
        ),
        (
            "ticket fUcIzFVjvqTwEcJmHiZxZ2QIj4gZ0cxwWbJJ4V6c8bE",
            "ticket [secret]",
        ),
        ("key 0123456789abcdef0123", "key [secret]"),
    ] {
        assert_eq!(redactor.line(line), safe);
    }
}

#[test]
fn what_is_known_to_be_private_is_found_however_it_is_written() {
    let redactor = redactor(vec![
        Private::Name("Ana \"Pía\"".to_owned()),
        Private::Name("Ana".to_owned()),
        Private::Name("llama los martes\nsolo de tarde".to_owned()),
        Private::Number("56912345".to_owned()),
        Private::Home("/home/marta".to_owned()),
        Private::User("marta".to_owned()),
        Private::Host("pc".to_owned()),
    ]);
    for (line, safe) in [
        ("card of ANA \"Pía\" moved", "card of [name] moved"),
        (r#"{"name":"Ana \"Pía\""}"#, r#"{"name":"[name]"}"#),
        ("Ana? Analysis", "[name]? Analysis"),
        ("note: Solo de tarde!", "note: [name]!"),
        ("/home/marta/x on pc, pcs", "~/x on [host], pcs"),
        ("n=56912345;", "n=5691****45;"),
    ] {
        assert_eq!(redactor.line(line), safe);
    }
}

#[test]
fn what_is_known_to_be_private_is_found_in_words_that_were_encoded_and_grew_together() {
    let redactor = redactor(vec![
        Private::Name("Ventas".to_owned()),
        Private::Name("Maria Lopez".to_owned()),
    ]);
    // Too short, or too plain, to look drawn by a machine.
    for word in [
        "56656e746173",
        "client=56656e746173",
        "page_56656e746173",
        "VmVudGFz",
        "%56entas%20",
        "TWFyaWEgTG9wZXo",
        "xTWFyaWEgTG9wZXo",
        "xyTWFyaWEgTG9wZXo",
    ] {
        let safe = redactor.line(&format!("open {word} now"));
        assert!(
            safe.starts_with("open ") && safe.ends_with(" now"),
            "{safe}"
        );
        assert!(!safe.contains(&word[word.len() - 4..]), "{word}: {safe}");
    }
}

/// One that knows of nothing private. Its patterns take longer to read than a line does.
static BLANK: LazyLock<Redactor> = LazyLock::new(|| redactor(Vec::new()));

/// The ways in which a secret could stand in a file.
fn ways(secret: &str) -> Vec<String> {
    let percent = secret.bytes().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "%{byte:02X}");
        text
    });
    let hex = secret.bytes().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    vec![
        secret.to_owned(),
        STANDARD.encode(secret),
        URL_SAFE_NO_PAD.encode(secret),
        STANDARD.encode(format!("to={secret};")),
        percent,
        hex,
    ]
}

fn secrets() -> impl Strategy<Value = String> {
    prop_oneof![
        "[2-9][0-9]{9,14}",
        "\\+54 9 11 [0-9]{4}-[0-9]{4}",
        "[0-9]{11,15}@(c\\.us|lid)",
        "smk_[A-Za-z0-9_-]{43}",
        "whsec_[A-Za-z0-9+/]{32}",
        "[0-9A-F]{20}[A-F][0-9]",
        "2@[A-Za-z0-9+/]{44}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_secret_outlives_a_line(secret in secrets(), before in "[ -~]{0,12}[ :=,\"(]", after in "[ ;,\")][ -~]{0,12}") {
        for way in ways(&secret) {
            let line = BLANK.line(&format!("{before}{way}{after}"));
            prop_assert!(!line.contains(&way), "{way} stands in {line}");
            prop_assert!(!line.contains(&secret), "{secret} stands in {line}");
        }
    }

    #[test]
    fn no_name_outlives_a_line(name in "[A-ZÑa-zñ]{3,8} [A-Za-zá]{4,9}", before in "[ -~]{0,12}[ :=,\"(]", after in "[ ;,\")][ -~]{0,12}") {
        let redactor = redactor(vec![Private::Name(name.clone())]);
        for way in ways(&name) {
            let line = redactor.line(&format!("{before}{way}{after}"));
            prop_assert!(!line.contains(&way), "{way} stands in {line}");
        }
    }

    #[test]
    fn nothing_is_redacted_twice(line in "[ -~ñá]{0,80}") {
        let once = BLANK.line(&line);
        prop_assert_eq!(BLANK.line(&once), once);
    }
}
