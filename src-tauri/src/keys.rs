//! `session-manager keys`: the API keys of a data folder, from the command line. A program that runs notices.

use std::path::Path;

use session_api::keys::{Key, KeyError, KeyStore, Scopes, Secret};
use time::OffsetDateTime;

use crate::instance::make_private;
use crate::options::KeysAction;

/// Does it. Secrets and lists go to standard output, everything else to standard error.
pub(crate) fn run(data: &Path, action: KeysAction) -> anyhow::Result<()> {
    let keys = KeyStore::in_folder(data);
    let done = act(&keys, data, action);
    if let Some(aside) = keys.set_aside() {
        say(&format!(
            "The keys could not be understood and were set aside as {}: those from before are not valid any more.",
            aside.display()
        ));
    }
    Ok(done?)
}

fn act(keys: &KeyStore, data: &Path, action: KeysAction) -> Result<(), KeyError> {
    match action {
        KeysAction::List => list(&keys.list()?),
        KeysAction::Create { name, scope } => {
            let scopes = Scopes::new(scope)?;
            make_private(data)?;
            let (key, secret) = keys.create(&name, scopes)?;
            tell(&key, &secret);
        }
        KeysAction::Rotate { name } => {
            is_there(data)?;
            let (key, secret) = keys.rotate(&name)?;
            tell(&key, &secret);
        }
        KeysAction::Revoke { name } => {
            is_there(data)?;
            let key = keys.revoke(&name)?;
            say(&format!("The key {:?} has ended.", key.name));
        }
    }
    Ok(())
}

/// A folder that is not there has no keys, and is not made for looking.
fn is_there(data: &Path) -> Result<(), KeyError> {
    if data.is_dir() {
        Ok(())
    } else {
        Err(KeyError::NotFound)
    }
}

#[expect(clippy::print_stdout, reason = "the list is what was asked for")]
fn list(keys: &[Key]) {
    if keys.is_empty() {
        say("There are no keys.");
        return;
    }
    let longest = keys.iter().map(|key| key.name.chars().count()).max();
    let width = longest.unwrap_or_default().max(4);
    println!(
        "{:8}  {:width$}  {:16}  {:10}  LAST USED",
        "ID", "NAME", "SCOPES", "CREATED"
    );
    for key in keys {
        let used = key.last_used.map_or_else(|| "never".to_owned(), day);
        let (scopes, created) = (key.scopes.to_string(), day(key.created));
        println!(
            "{:8}  {:width$}  {scopes:16}  {created:10}  {used}",
            key.id, key.name
        );
    }
}

#[expect(
    clippy::print_stdout,
    reason = "the secret is what was asked for, and goes nowhere else"
)]
fn tell(key: &Key, secret: &Secret) {
    println!("{}", secret.reveal());
    say(&format!(
        "The key {:?} may: {}. Keep this secret: it is not shown again.",
        key.name, key.scopes
    ));
}

#[expect(clippy::print_stderr, reason = "for the person at the terminal")]
fn say(text: &str) {
    eprintln!("{text}");
}

/// The day (UTC) of a moment, as ISO 8601 writes it.
pub(crate) fn day(millis: u64) -> String {
    i64::try_from(millis / 1000)
        .ok()
        .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
        .map_or_else(|| "?".to_owned(), |moment| moment.date().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_as_everybody_reads_them() {
        assert_eq!(day(0), "1970-01-01");
        assert_eq!(day(1_795_478_400_000), "2026-11-24");
        assert_eq!(day(u64::MAX), "?");
    }
}
