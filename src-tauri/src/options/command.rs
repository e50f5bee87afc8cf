//! What the program can do instead of running.

use clap::Subcommand;
use session_api::keys::Scope;

/// A command that does one thing and ends.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Look whether sessions can be started on this machine: data folder, database, disk, memory, browser, and a real
    /// page of WhatsApp Web with everything that is used of it. Ends with 1 if something fails
    Doctor {
        /// Write the findings as JSON
        #[arg(long)]
        json: bool,
    },

    /// Make, list and end the API keys of a data folder, whether the program runs or not
    Keys {
        /// What to do.
        #[command(subcommand)]
        action: KeysAction,
    },
}

/// What to do with API keys.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum KeysAction {
    /// Show all keys: id, name, scopes, when created, when last used
    List,
    /// Make a key and write its secret to standard output. It is not shown again
    Create {
        /// What to call it
        name: String,
        /// What it may do: read, send, manage (which includes the others); several with commas
        #[arg(long, value_name = "SCOPES", value_delimiter = ',', required = true)]
        scope: Vec<Scope>,
    },
    /// Give a key another secret and write it to standard output. The one before ends at once
    Rotate {
        /// Its name or id
        name: String,
    },
    /// End a key at once
    Revoke {
        /// Its name or id
        name: String,
    },
}
