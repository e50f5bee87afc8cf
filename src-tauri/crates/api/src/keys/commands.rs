//! The control room's commands about keys.

use std::sync::Arc;

use super::{Key, KeyError, KeyStore, Scopes, Secret};
use crate::commands::{CreateKeyArgs, KeyArgs, NoArgs};
use crate::control::ControlRoom;
use crate::dto::{CommandError, KeyView, NewKeyView};
use crate::error::ErrorCode;

impl ControlRoom {
    /// All API keys, the oldest first.
    pub async fn keys(&self, NoArgs {}: NoArgs) -> Result<Vec<KeyView>, CommandError> {
        let keys = self.with_keys(KeyStore::list).await?;
        Ok(keys.into_iter().map(view).collect())
    }

    /// Makes an API key, and tells its secret.
    pub async fn create_key(&self, args: CreateKeyArgs) -> Result<NewKeyView, CommandError> {
        let CreateKeyArgs { name, scopes } = args;
        let scopes = Scopes::new(scopes).map_err(KeyError::from)?;
        let created = self.with_keys(move |keys| keys.create(&name, scopes)).await;
        created.map(told)
    }

    /// Gives an API key another secret, and tells it; the one before ends at once.
    pub async fn rotate_key(&self, KeyArgs { key }: KeyArgs) -> Result<NewKeyView, CommandError> {
        self.with_keys(move |keys| keys.rotate(&key))
            .await
            .map(told)
    }

    /// Ends an API key.
    pub async fn revoke_key(&self, KeyArgs { key }: KeyArgs) -> Result<(), CommandError> {
        self.with_keys(move |keys| keys.revoke(&key))
            .await
            .map(drop)
    }

    /// Off the runtime: a disk may be slow, and the command line may hold the lock.
    async fn with_keys<T: Send + 'static>(
        &self,
        work: impl FnOnce(&KeyStore) -> Result<T, KeyError> + Send + 'static,
    ) -> Result<T, CommandError> {
        let Some(keys) = self.access.keys().map(Arc::clone) else {
            return Err(CommandError::new(
                ErrorCode::StoreUnavailable,
                "API keys are not kept here",
            ));
        };
        match tokio::task::spawn_blocking(move || work(&keys)).await {
            Ok(outcome) => Ok(outcome?),
            Err(error) => {
                tracing::error!(%error, "a change of API keys ended early");
                Err(CommandError::new(
                    ErrorCode::InternalError,
                    "Internal server error",
                ))
            }
        }
    }
}

impl From<KeyError> for CommandError {
    fn from(error: KeyError) -> Self {
        let code = match &error {
            KeyError::Name(_) | KeyError::NoScope(_) => ErrorCode::InvalidRequest,
            KeyError::Exists => ErrorCode::KeyExists,
            KeyError::NotFound => ErrorCode::KeyNotFound,
            KeyError::TooMany => ErrorCode::NotNow,
            KeyError::Newer | KeyError::Io(_) => ErrorCode::StoreUnavailable,
            KeyError::NoRandomness => ErrorCode::InternalError,
        };
        // What the system said may hold a path: it is in the log, not in the answer.
        let message = if let KeyError::Io(cause) = &error {
            tracing::error!(%cause, "the API keys cannot be read or written");
            "the API keys cannot be read or written - check the data folder and the free disk space"
                .to_owned()
        } else {
            error.to_string()
        };
        Self::new(code, message)
    }
}

fn view(key: Key) -> KeyView {
    KeyView {
        id: key.id,
        name: key.name,
        scopes: key.scopes.into(),
        created_at: key.created,
        last_used: key.last_used,
    }
}

fn told((key, secret): (Key, Secret)) -> NewKeyView {
    NewKeyView {
        key: view(key),
        secret: secret.reveal().to_owned(),
    }
}
