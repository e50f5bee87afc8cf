//! The one way into a bundle: every line of every file goes through [`Redactor::line`].
//!
//! Two things are looked for. What this program knows to be private (names, accounts, paths) is found as it is
//! written. What it cannot know (a key in a log line, a number that somebody typed) is found by its shape, and rather
//! too much is taken out than too little. Both are looked for once more in what a word says when it is read as base64,
//! as hexadecimal digits, or as part of an address.

mod encoded;
mod shapes;

use std::collections::HashSet;

use aho_corasick::{AhoCorasick, Input, MatchKind};
use session_api::ErrorCode;
use session_core::{Reason, StateName};

use shapes::Shapes;

/// Longest line that is read as one; what is behind it is left out.
pub(super) const LONGEST_LINE: usize = 16 * 1024;
/// Shorter words stand for nobody.
const SHORTEST: usize = 2;
/// Up to this length a word is looked for as a whole word only, or `Ana` would be found in `Analysis`. Characters.
const WHOLE: usize = 4;
/// Words of this program and its logs: a cliente of that name is told by none of them.
const OWN: [&str; 26] = [
    "account", "api", "app", "browser", "chromium", "client", "cliente", "core", "debug", "demo",
    "error", "false", "info", "local", "manager", "message", "null", "ready", "session",
    "sessions", "state", "test", "true", "warn", "web", "whatsapp",
];

/// Something that is private, and what takes its place.
pub(super) enum Private {
    /// What people call a cliente or an account, or wrote of it.
    Name(String),
    /// The number of an account.
    Number(String),
    /// A key, or what signs.
    Secret(String),
    /// The folder of this user.
    Home(String),
    /// The user of the system.
    User(String),
    /// The machine.
    Host(String),
}

struct Known {
    in_place: String,
    whole: bool,
}

/// Takes out what is private.
pub(super) struct Redactor {
    finder: Option<AhoCorasick>,
    known: Vec<Known>,
    shapes: Shapes,
    /// Words of the program that look like secrets and are none.
    vocabulary: HashSet<String>,
}

impl Redactor {
    /// Knows these to be private, and these words not to be.
    pub(super) fn new(private: Vec<Private>, public: Vec<String>) -> anyhow::Result<Self> {
        let (mut patterns, mut known) = (Vec::new(), Vec::new());
        for one in private {
            for (text, entry) in entries(one) {
                patterns.push(text);
                known.push(entry);
            }
        }
        let finder = if patterns.is_empty() {
            None
        } else {
            let mut builder = AhoCorasick::builder();
            builder
                .match_kind(MatchKind::Standard)
                .ascii_case_insensitive(true);
            Some(builder.build(&patterns)?)
        };
        let codes = Reason::ALL.iter().map(|reason| reason.code());
        let states = StateName::ALL.iter().map(|state| state.as_str());
        let errors = ErrorCode::ALL.iter().map(|code| code.as_str());
        let vocabulary = codes.chain(states).chain(errors).map(str::to_owned);
        Ok(Self {
            finder,
            known,
            shapes: Shapes::new()?,
            vocabulary: vocabulary.chain(public).collect(),
        })
    }

    /// A line without what is private.
    pub(super) fn line(&self, line: &str) -> String {
        let marked = self.shapes.marked(line);
        // Then words: a number that is taken out of one would leave the rest of it.
        let words = self.shapes.words(&marked, |word| {
            shapes::pieces(word).any(|piece| self.is_secret(piece, word))
        });
        self.plain(&words)
    }

    /// Whether a piece of a word is. What stands around a word that is known to be none is none by itself.
    fn is_secret(&self, piece: &str, word: &str) -> bool {
        let known = |text| self.vocabulary.contains(text);
        let beside_known = piece == word && shapes::pieces(word).any(known);
        !known(piece)
            && !beside_known
            && (shapes::is_random(piece)
                || encoded::readings(piece)
                    .iter()
                    .any(|reading| self.tells(reading)))
    }

    /// Whether what somebody encoded is private.
    fn tells(&self, reading: &str) -> bool {
        self.shapes.has_random(reading) || self.plain(reading) != reading
    }

    /// Without what is private as it stands there.
    fn plain(&self, text: &str) -> String {
        let text = self.without_known(text);
        self.shapes.replace(&text, &self.vocabulary)
    }

    /// Every place in which something known stands, also where one begins within another.
    fn without_known(&self, text: &str) -> String {
        let Some(finder) = &self.finder else {
            return text.to_owned();
        };
        let mut spans: Vec<(usize, usize, usize)> = finder
            .find_overlapping_iter(Input::new(text))
            .map(|found| (found.start(), found.end(), found.pattern().as_usize()))
            .filter(|&(start, end, which)| {
                !self.known[which].whole || stands_alone(text, start, end)
            })
            .collect();
        if spans.is_empty() {
            return text.to_owned();
        }
        // The longest of those that begin together.
        spans.sort_by_key(|&(start, end, _)| (start, std::cmp::Reverse(end)));
        let (mut out, mut done) = (String::with_capacity(text.len()), 0);
        for (start, end, which) in spans {
            if start >= done {
                out.push_str(&text[done..start]);
                out.push_str(&self.known[which].in_place);
            }
            done = done.max(end);
        }
        out.push_str(&text[done..]);
        out
    }
}

/// The ways in which something private is written, in plain text and as JSON.
fn entries(private: Private) -> Vec<(String, Known)> {
    let (text, in_place, whole) = match private {
        Private::Name(text) => (text, "[name]".to_owned(), None),
        Private::Number(text) => {
            let masked = session_core::mask(&text);
            (text, masked, Some(false))
        }
        Private::Secret(text) => (text, "[secret]".to_owned(), Some(false)),
        Private::Home(text) => (text, "~".to_owned(), Some(false)),
        Private::User(text) => (text, "[user]".to_owned(), Some(true)),
        Private::Host(text) => (text, "[host]".to_owned(), Some(true)),
    };
    text.lines()
        .map(str::trim)
        .filter(|line| line.chars().count() >= SHORTEST)
        .filter(|line| !OWN.contains(&line.to_lowercase().as_str()))
        .flat_map(|line| {
            let whole = whole.unwrap_or_else(|| line.chars().count() <= WHOLE);
            let json = serde_json::Value::from(line).to_string();
            let escaped = json[1..json.len() - 1].to_owned();
            let known = |text: String| {
                let in_place = in_place.clone();
                (text, Known { in_place, whole })
            };
            let mut ways = vec![known(line.to_owned())];
            if escaped != line {
                ways.push(known(escaped));
            }
            ways
        })
        .collect()
}

fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    !text[..start].ends_with(char::is_alphanumeric)
        && !text[end..].starts_with(char::is_alphanumeric)
}

#[cfg(test)]
mod tests;
