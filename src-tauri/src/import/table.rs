//! What was found, and what came of it, as a person or a program reads it.

use std::path::Path;

use serde_json::{Value, json};
use session_core::ClienteId;
use session_core::old_login::{InUse, OldKind, OldLogin, TakeError};

use crate::keys::day;

/// One login.
pub(super) struct Row {
    pub(super) login: OldLogin,
    /// The id that it is to have here.
    pub(super) id: ClienteId,
    /// Whether there is a login of this id.
    pub(super) taken: bool,
    pub(super) outcome: Outcome,
}

/// What came of it.
pub(super) enum Outcome {
    /// Nothing was tried yet.
    Found,
    Taken,
    Not(TakeError),
}

impl Row {
    pub(super) const fn new(login: OldLogin, id: ClienteId) -> Self {
        Self {
            login,
            id,
            taken: false,
            outcome: Outcome::Found,
        }
    }

    /// What people call it; its folder's name where nobody gave it one.
    pub(super) fn name(&self) -> String {
        if self.login.name.is_empty() {
            "session".to_owned()
        } else {
            self.login.name.clone()
        }
    }

    /// The name that the cliente gets: none where the id says it all.
    pub(super) fn given_name(&self) -> String {
        if self.login.id.is_some() {
            String::new()
        } else {
            self.login.name.chars().take(120).collect()
        }
    }

    pub(super) fn lies_in(&self, folder: &str) -> bool {
        self.login.path == Path::new(folder)
    }

    pub(super) fn is_called(&self, name: &str) -> bool {
        self.name() == name
    }

    /// Whether the other program knew it by this id.
    pub(super) fn had_id(&self, id: &str) -> bool {
        self.login.id.is_some_and(|it| it.to_string() == id)
    }

    /// How it is, and what to do about it.
    fn says(&self) -> String {
        match &self.outcome {
            Outcome::Taken => format!("taken over as cliente {}", self.id),
            Outcome::Not(error) => format!("NOT taken over: {error}"),
            Outcome::Found => match self.hindrance() {
                Some(error) => error.to_string(),
                None => "can be taken over".to_owned(),
            },
        }
    }

    /// Why it could not be taken over now.
    fn hindrance(&self) -> Option<TakeError> {
        match self.login.in_use {
            InUse::Here => Some(TakeError::InUse),
            InUse::Elsewhere => Some(TakeError::InUseElsewhere),
            InUse::Free if !self.login.linked => Some(TakeError::NoLogin),
            InUse::Free => self.taken.then_some(TakeError::IdTaken),
        }
    }

    fn json(&self) -> Value {
        let (outcome, failure) = match &self.outcome {
            Outcome::Found => ("found", self.hindrance()),
            Outcome::Taken => ("taken", None),
            Outcome::Not(error) => {
                return self.with(
                    "not_taken",
                    Some((error.code().to_owned(), error.to_string())),
                );
            }
        };
        self.with(
            outcome,
            failure.map(|error| (error.code().to_owned(), error.to_string())),
        )
    }

    fn with(&self, outcome: &str, problem: Option<(String, String)>) -> Value {
        let (code, message) = problem.unzip();
        json!({
            "name": self.name(),
            "kind": self.login.kind.code(),
            "path": self.login.path.display().to_string(),
            "id": self.id.get(),
            "bytes": self.login.bytes,
            "last_used": self.login.last_used.map(|time| time.0),
            "outcome": outcome,
            "problem": code,
            "message": message,
        })
    }
}

/// Writes all of them.
pub(super) fn show(rows: &[Row], as_json: bool) {
    if as_json {
        json(rows);
    } else {
        text(rows);
    }
}

#[expect(clippy::print_stdout, reason = "this is what was asked for")]
pub(super) fn json(rows: &[Row]) {
    let all: Vec<Value> = rows.iter().map(Row::json).collect();
    println!("{:#}", Value::Array(all));
}

#[expect(clippy::print_stdout, reason = "this is what was asked for")]
fn text(rows: &[Row]) {
    let longest = rows.iter().map(|row| row.name().chars().count()).max();
    let width = longest.unwrap_or_default().max(4);
    println!(
        "{:width$}  {:>6}  {:16}  {:>9}  {:10}  WHAT",
        "NAME", "ID", "SAVED BY", "SIZE", "LAST USED"
    );
    for row in rows {
        let by = match row.login.kind {
            OldKind::Service => "session-manager",
            OldKind::LocalAuth => "whatsapp-web.js",
        };
        let used = row
            .login
            .last_used
            .map_or_else(|| "?".to_owned(), |it| day(it.0));
        let (name, size, says) = (row.name(), size(row.login.bytes), row.says());
        println!(
            "{name:width$}  {:>6}  {by:16}  {size:>9}  {used:10}  {says}",
            row.id
        );
    }
}

/// A number of bytes as people read it.
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_written_as_people_read_them() {
        assert_eq!(size(999), "999 B");
        assert_eq!(size(64_500), "64 kB");
        assert_eq!(size(12_345_678), "12.3 MB");
    }
}
