//! The control room's commands about webhooks, one method each.

mod views;

pub use views::{
    DeadLetterView, LettersArgs, LettersLimitArgs, LettersView, WebhookArgs, WebhookDraft,
    WebhookSecretView, WebhookTestView, WebhookUpdate, WebhookView,
};

use session_core::WebhookId;
use session_webhooks::{WebhookError, Webhooks};

use crate::commands::NoArgs;
use crate::control::{ControlRoom, unusable};
use crate::dto::CommandError;
use crate::error::ErrorCode;

/// Most dead letters in one answer.
const LETTERS: u32 = 1000;

impl ControlRoom {
    /// With these webhooks. Without them, the commands about webhooks fail.
    #[must_use]
    pub fn with_webhooks(mut self, webhooks: Webhooks) -> Self {
        self.webhooks = Some(webhooks);
        self
    }

    /// All webhooks, the oldest first.
    pub async fn webhooks(&self, NoArgs {}: NoArgs) -> Result<Vec<WebhookView>, CommandError> {
        let reports = self.told()?.list().await?;
        Ok(reports.iter().map(WebhookView::of).collect())
    }

    /// One webhook.
    pub(crate) async fn webhook(
        &self,
        WebhookArgs { webhook }: WebhookArgs,
    ) -> Result<WebhookView, CommandError> {
        let report = self.told()?.get(&named(&webhook)?).await?;
        Ok(WebhookView::of(&report))
    }

    /// Adds a webhook, and tells its secret.
    pub async fn add_webhook(&self, new: WebhookDraft) -> Result<WebhookSecretView, CommandError> {
        let report = self.told()?.add(&new.into()).await?;
        Ok(WebhookSecretView::of(&report))
    }

    /// Changes a webhook; its secret stays.
    pub async fn update_webhook(
        &self,
        WebhookUpdate { webhook, draft }: WebhookUpdate,
    ) -> Result<WebhookView, CommandError> {
        let report = self
            .told()?
            .update(&named(&webhook)?, &draft.into())
            .await?;
        Ok(WebhookView::of(&report))
    }

    /// Removes a webhook, with everything that it was still to be told.
    pub async fn remove_webhook(
        &self,
        WebhookArgs { webhook }: WebhookArgs,
    ) -> Result<(), CommandError> {
        Ok(self.told()?.remove(&named(&webhook)?).await?)
    }

    /// Sends a `test` event now.
    pub async fn test_webhook(
        &self,
        WebhookArgs { webhook }: WebhookArgs,
    ) -> Result<WebhookTestView, CommandError> {
        let result = self.told()?.test(&named(&webhook)?).await?;
        Ok(WebhookTestView::of(result))
    }

    /// Tells the secret of a webhook.
    pub async fn webhook_secret(
        &self,
        WebhookArgs { webhook }: WebhookArgs,
    ) -> Result<WebhookSecretView, CommandError> {
        let report = self.told()?.get(&named(&webhook)?).await?;
        Ok(WebhookSecretView::of(&report))
    }

    /// Gives a webhook a new secret. For a day the one before signs too.
    pub async fn rotate_webhook_secret(
        &self,
        WebhookArgs { webhook }: WebhookArgs,
    ) -> Result<WebhookSecretView, CommandError> {
        let report = self.told()?.rotate(&named(&webhook)?).await?;
        Ok(WebhookSecretView::of(&report))
    }

    /// What a webhook was not told, the newest first.
    pub async fn dead_letters(
        &self,
        LettersLimitArgs { webhook, limit }: LettersLimitArgs,
    ) -> Result<Vec<DeadLetterView>, CommandError> {
        let limit = limit.min(LETTERS);
        let letters = self.told()?.dead_letters(&named(&webhook)?, limit).await?;
        Ok(letters.iter().map(DeadLetterView::of).collect())
    }

    /// Has one dead letter told again, or all.
    pub async fn resend_dead_letters(
        &self,
        LettersArgs { webhook, letter }: LettersArgs,
    ) -> Result<LettersView, CommandError> {
        let count = self.told()?.resend(&named(&webhook)?, letter).await?;
        Ok(LettersView { count })
    }

    /// Throws one dead letter away, or all.
    pub async fn discard_dead_letters(
        &self,
        LettersArgs { webhook, letter }: LettersArgs,
    ) -> Result<LettersView, CommandError> {
        let count = self.told()?.discard(&named(&webhook)?, letter).await?;
        Ok(LettersView { count })
    }

    fn told(&self) -> Result<&Webhooks, CommandError> {
        self.webhooks.as_ref().ok_or_else(|| {
            CommandError::new(ErrorCode::NotNow, "there are no webhooks in this program")
        })
    }
}

/// A text that cannot be an id names nothing either.
fn named(id: &str) -> Result<WebhookId, CommandError> {
    id.parse().map_err(|_| WebhookError::NotFound.into())
}

impl From<WebhookError> for CommandError {
    fn from(error: WebhookError) -> Self {
        match error {
            WebhookError::NotFound => Self::new(ErrorCode::WebhookNotFound, error.to_string()),
            WebhookError::Fixed | WebhookError::SwitchedOff => {
                Self::new(ErrorCode::NotNow, error.to_string())
            }
            WebhookError::Invalid(error) => unusable(&error.to_string()),
            WebhookError::Store(error) => {
                // The whole cause goes to the log, because it may hold a path.
                tracing::warn!(%error, "webhooks cannot be read or written");
                session_core::CommandError::Store(error).into()
            }
        }
    }
}
