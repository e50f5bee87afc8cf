//! What is private by its shape: addresses, keys, codes, numbers.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use regex::{Captures, Regex};

/// Fewer digits are no number of a phone.
const DIGITS: usize = 8;
/// A word this long with capitals, small letters and digits is no word of a language.
const MIXED: usize = 20;
/// And one this long of hexadecimal digits.
const HEX: usize = 16;

pub(super) struct Shapes {
    address: Regex,
    secret: Regex,
    chat: Regex,
    code: Regex,
    number: Regex,
    word: Regex,
    base64: Regex,
}

impl Shapes {
    pub(super) fn new() -> Result<Self, regex::Error> {
        Ok(Self {
            address: Regex::new(r#"(?i)\b([a-z][a-z0-9+.-]{1,20}://)([^\s"'<>\\]*)"#)?,
            secret: Regex::new(
                r#"(?xi) \b(?:smk|whsec|sk|pk|ghp|xox[a-z])[_-][A-Za-z0-9+/=_-]{6,}
                | \b(?P<head>(?:authorization|x-api-key|api[_-]?key|password|passwd|secret|token|ticket)
                    "?\s*[:=]\s*"?(?:bearer\s+|basic\s+)?)[^\s"',;&]{4,}
                | \bbearer\s+[^\s"',;]{4,}
                | \b\d@[A-Za-z0-9+/=,_-]{16,}"#,
            )?,
            chat: Regex::new(
                r"[\p{L}\p{N}._:*+-]+@(?:c\.us|lid|g\.us|s\.whatsapp\.net|broadcast|newsletter)\b",
            )?,
            code: Regex::new(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b|\b[A-Z0-9]{8}\b")?,
            number: Regex::new(
                r"(?x) (?P<keep>
                    \b20\d{2}-[01]\d-[0-3]\d(?:[T_\x20][0-2]\d[:-][0-5]\d(?:[:-][0-5]\d)?(?:\.\d{1,9}\b)?Z?)?
                    | \b\d{1,3}\.0\.\d{1,5}\.\d{1,4}\b
                    | \b2\.3\d{3}\.\d{1,10}\b )
                | [+(]{0,2}\p{Nd}(?:[\x20().\u{00a0}\u{2010}-\u{2015}-]{0,2}\p{Nd}){7,}",
            )?,
            word: Regex::new(r"[\p{L}\p{N}%+_=~-]{8,}")?,
            base64: Regex::new(r"[A-Za-z0-9+/_-]{8,}={0,2}")?,
        })
    }

    /// Without what a mark beside it gives away.
    pub(super) fn marked(&self, text: &str) -> String {
        let text = self.address.replace_all(text, without_path);
        let text = self.secret.replace_all(&text, |found: &Captures<'_>| {
            let head = found.name("head").map_or("", |head| head.as_str());
            format!("{head}[secret]")
        });
        self.chat.replace_all(&text, "[chat]").into_owned()
    }

    /// Without what shows its shape.
    pub(super) fn replace(&self, text: &str, vocabulary: &HashSet<String>) -> String {
        let text = self.marked(text);
        let text = self.code.replace_all(&text, |found: &Captures<'_>| {
            let word = &found[0];
            let is_number = word.chars().all(|c| c.is_ascii_digit() || c == '-');
            if is_number || vocabulary.contains(word) {
                word.to_owned()
            } else {
                "[code]".to_owned()
            }
        });
        let text = self.number.replace_all(&text, |found: &Captures<'_>| {
            let whole = &found[0];
            let known = || {
                found
                    .get(0)
                    .is_some_and(|at| vocabulary.contains(word_around(&text, at.range())))
            };
            if found.name("keep").is_some() || known() {
                whole.to_owned()
            } else {
                masked(whole)
            }
        });
        text.into_owned()
    }

    /// Whether a word in it looks drawn by a machine.
    pub(super) fn has_random(&self, text: &str) -> bool {
        self.word
            .find_iter(text)
            .any(|word| pieces(word.as_str()).any(is_random))
    }

    /// Without the words that are secret in this sense.
    pub(super) fn words(&self, text: &str, is_secret: impl Fn(&str) -> bool) -> String {
        let judge = |found: &Captures<'_>| {
            let word = &found[0];
            if is_secret(word) {
                "[secret]".to_owned()
            } else {
                word.to_owned()
            }
        };
        let text: Cow<'_, str> = self.base64.replace_all(text, |found: &Captures<'_>| {
            let word = &found[0];
            // Paths have slashes too, and are looked at part by part below.
            if word.contains('/') && !super::encoded::is_readable(word) || !is_secret(word) {
                word.to_owned()
            } else {
                "[secret]".to_owned()
            }
        });
        self.word.replace_all(&text, judge).into_owned()
    }
}

/// An address with its host only: user, path and query can each be a secret.
fn without_path(found: &Captures<'_>) -> String {
    let (scheme, rest) = (&found[1], &found[2]);
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = authority.rsplit('@').next().unwrap_or(authority);
    let path = match path {
        "" => "",
        "/" => "/",
        _ => "/…",
    };
    format!("{scheme}{host}{path}")
}

/// A word, and what it may have grown together from.
pub(super) fn pieces(word: &str) -> impl Iterator<Item = &str> {
    let parts = word.split(['=', '_', '+', '~']);
    std::iter::once(word)
        .chain(parts.filter(move |part| part.len() >= DIGITS && part.len() < word.len()))
}

/// The whole word that this is a part of.
fn word_around(text: &str, part: Range<usize>) -> &str {
    let outside = |c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-'));
    let start = text[..part.start].rfind(outside).map_or(0, |at| {
        at + text[at..].chars().next().map_or(1, char::len_utf8)
    });
    let end = text[part.end..]
        .find(outside)
        .map_or(text.len(), |at| part.end + at);
    &text[start..end]
}

/// What is left of a number: enough to tell two apart.
fn masked(number: &str) -> String {
    let digits: String = number.chars().filter(|c| c.is_numeric()).collect();
    if digits.chars().count() > DIGITS + 1 {
        session_core::mask(&digits)
    } else {
        "****".to_owned()
    }
}

/// Whether it looks drawn by a machine.
pub(super) fn is_random(word: &str) -> bool {
    let has = |of: fn(&char) -> bool| word.chars().any(|c| of(&c));
    let digits = has(char::is_ascii_digit);
    let bare: Vec<char> = word.chars().filter(|c| c.is_alphanumeric()).collect();
    let is_hex = bare.iter().all(char::is_ascii_hexdigit);
    let mixed = has(char::is_ascii_uppercase) && has(char::is_ascii_lowercase);
    digits
        && ((mixed && word.len() >= MIXED)
            || (is_hex && bare.len() >= HEX && has(char::is_ascii_alphabetic))
            || (word.len() >= 2 * HEX && word.bytes().all(|byte| byte.is_ascii_alphanumeric())))
}
