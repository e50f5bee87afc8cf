//! API keys: what a program shows to be let in, and what it then may do.
//!
//! They are kept in `api-keys.json` in the data folder, which the running program and the command line both change; the
//! program notices. Of a secret only its SHA-256 is kept, so that the file lets nobody in.

mod commands;
mod file;
mod scope;
mod secret;
mod store;
#[cfg(test)]
mod tests;

use std::io;

use serde::{Deserialize, Serialize};

pub use scope::{NoScope, Scope, Scopes, UnknownScope};
pub use secret::Secret;
pub(crate) use secret::{Digest, random};
pub use store::KeyStore;

/// One key, without its secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Key {
    /// What tells it from others, for as long as it exists.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub scopes: Scopes,
    /// When it was created or last rotated, ms since 1970.
    pub created: u64,
    /// The day on which it was last used (UTC), ms since 1970 at its beginning.
    pub last_used: Option<u64>,
    sha256: Digest,
}

/// Why the keys are not changed.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The name cannot be one.
    #[error("{0}")]
    Name(&'static str),
    /// It may do nothing.
    #[error(transparent)]
    NoScope(#[from] NoScope),
    /// There is one of this name.
    #[error("there is a key with this name already: choose another, or rotate it")]
    Exists,
    /// There is none of this name.
    #[error("there is no such key")]
    NotFound,
    /// There are as many as there may be.
    #[error("there are as many keys as there may be (100): revoke one")]
    TooMany,
    /// A newer program wrote the file.
    #[error("the keys are of a newer version of Session Manager: use that one")]
    Newer,
    /// The file cannot be read or written.
    #[error("the keys cannot be read or written in the data folder ({0})")]
    Io(#[from] io::Error),
    /// The system gives no random bytes.
    #[error("the system gives no random numbers")]
    NoRandomness,
}

/// Longest name, characters.
const NAME: usize = 60;

/// Names go into logs, lists and headers of tables: words of one line.
fn check_name(name: &str) -> Result<(), KeyError> {
    if name.is_empty() || name != name.trim() {
        return Err(KeyError::Name("a key needs a name"));
    }
    if name.chars().count() > NAME {
        return Err(KeyError::Name(
            "the name of a key has 60 characters at most",
        ));
    }
    let plain = |c: char| c.is_alphanumeric() || " -_.".contains(c);
    if !name.chars().all(plain) {
        return Err(KeyError::Name(
            "the name of a key is made of letters, digits, spaces and - _ .",
        ));
    }
    Ok(())
}
