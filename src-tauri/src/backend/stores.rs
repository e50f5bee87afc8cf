//! The store of the program, and what was found wrong with it.

use std::sync::Arc;

use session_core::ports::{MessageStore, Store, WebhookStore};
use session_store::{Recovered, SqliteStore, UnavailableStore};

use crate::options::Options;

/// The store, as sessions, webhooks and messages see it.
pub(super) struct Stores {
    pub(super) sessions: Arc<dyn Store>,
    pub(super) telling: Arc<dyn WebhookStore>,
    pub(super) messages: Arc<dyn MessageStore>,
}

impl Stores {
    fn of<S: Store + WebhookStore + MessageStore>(store: S) -> Self {
        let store = Arc::new(store);
        Self {
            sessions: Arc::clone(&store) as _,
            telling: Arc::clone(&store) as _,
            messages: store,
        }
    }
}

/// Opens the store. One that does not work is replaced by one that says so.
pub(super) async fn open_store(options: &Options) -> anyhow::Result<Stores> {
    let path = options.data_dir.join("sessions.db");
    let opened = tokio::task::spawn_blocking(move || SqliteStore::open(&path)).await?;
    Ok(match opened {
        Ok((store, report)) => {
            if let Some(aside) = report.set_aside {
                let outcome = match aside.recovered {
                    Recovered::Backup => {
                        "it was rebuilt from its backup copy; the last minutes may be missing"
                    }
                    Recovered::WithoutLog => "only its newest changes are missing",
                    Recovered::Nothing => {
                        "there was no usable backup copy: names and remarks are gone"
                    }
                };
                tracing::error!(
                    path = %aside.path.display(),
                    detail = aside.detail,
                    outcome,
                    "the list of clientes was damaged and has been set aside; saved logins are not touched"
                );
            }
            Stores::of(store)
        }
        // A newer format is no fault of the disk: going on would hide every cliente.
        Err(error @ session_store::OpenError::Newer { .. }) => return Err(error.into()),
        Err(error) => {
            tracing::error!(%error, "the store does not work; nothing new will be remembered");
            Stores::of(UnavailableStore::new(&error))
        }
    })
}
