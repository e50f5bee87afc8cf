//! What the program can do instead of running.

use std::path::PathBuf;

use clap::{Args, Subcommand};
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

    /// Collect what somebody needs who looks into a failure, as one zip without messages, numbers, codes or keys. Works
    /// while the program runs and while it does not, when there are no pictures. Nothing is sent anywhere
    Bundle(BundleArgs),

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

/// What is to be in a support bundle, and where it goes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
pub struct BundleArgs {
    /// File to write; it must not be there yet [default: a new one in the folder for downloads]
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Only what concerns this cliente
    #[arg(long, value_name = "ID")]
    pub cliente: Option<u64>,
    /// Leave out pictures of sessions in trouble
    #[arg(long)]
    pub no_pictures: bool,
    /// Take in what people call their clientes
    #[arg(long)]
    pub names: bool,
}
