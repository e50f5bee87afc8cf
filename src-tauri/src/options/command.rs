//! What the program can do instead of running.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use session_api::keys::Scope;
use session_core::ClienteId;

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

    /// Take over logins that session-manager v2.0 or whatsapp-web.js (LocalAuth) saved, so that no account has to be
    /// scanned again. Copies them, and leaves the old folder as it is; the program must not run meanwhile
    ///
    /// Ends with 0 when all were taken over, 1 when one was not, 3 when there is none in the folder.
    Import(ImportWish),

    /// Make, list and end the API keys of a data folder, whether the program runs or not
    Keys {
        /// What to do.
        #[command(subcommand)]
        action: KeysAction,
    },
}

/// Which logins to take over.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
pub struct ImportWish {
    /// Folder of the other program: its own, the one around it, sessions, .wwebjs_auth, or that of one session
    pub dir: PathBuf,
    /// Only show what is there; nothing is changed
    #[arg(long)]
    pub list: bool,
    /// Only these, by name or id; several with commas
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Another id for a login than the one that is shown; may be given more than once
    #[arg(long = "as", value_name = "NAME=ID", value_parser = parse_as)]
    pub renamed: Vec<(String, ClienteId)>,
    /// Have their sessions started when the program starts
    #[arg(long)]
    pub start: bool,
    /// Write what was found, and what came of it, as JSON
    #[arg(long)]
    pub json: bool,
}

fn parse_as(text: &str) -> Result<(String, ClienteId), String> {
    let (name, id) = text
        .rsplit_once('=')
        .ok_or("write NAME=ID, such as ventas=12")?;
    let id = id
        .parse()
        .map_err(|error: session_core::InvalidClienteId| error.to_string())?;
    Ok((name.to_owned(), id))
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
