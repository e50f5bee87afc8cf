//! Changes that people make to messages: taking back, trying again.

use super::service::Outbox;
use super::{FailureCode, MessageRecord, MessageStatus, MessageStep};
use crate::message::MessageKey;
use crate::ports::StoreError;

/// Why a message was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// There is no such message.
    #[error("there is no such message")]
    NotFound,
    /// It is in no status for this.
    #[error("not possible while the message is {}", .0.as_str())]
    NotNow(MessageStatus),
    /// What it held is not kept any more.
    #[error("what the message held is not kept any more")]
    ContentGone,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Outbox {
    /// Takes a message back that waits. What it held is erased.
    pub async fn cancel(&self, key: &MessageKey) -> Result<MessageRecord, ChangeError> {
        let step = MessageStep {
            from: &[MessageStatus::Queued],
            ..MessageStep::failed(key.clone(), FailureCode::CANCELLED, self.0.clock.now())
        };
        let changed = self.apply(step).await?;
        let record = self.message(key).await?.ok_or(ChangeError::NotFound)?;
        match changed {
            Some(change) => {
                self.ring_if_there(change.cliente);
                Ok(record)
            }
            None => Err(ChangeError::NotNow(record.status)),
        }
    }

    /// Puts a message that failed to the end of the line, under the same key, to be worth sending for as long again.
    pub async fn retry(&self, key: &MessageKey) -> Result<MessageRecord, ChangeError> {
        let record = self.message(key).await?.ok_or(ChangeError::NotFound)?;
        if record.status != MessageStatus::Failed {
            return Err(ChangeError::NotNow(record.status));
        }
        if !record.content_kept {
            return Err(ChangeError::ContentGone);
        }
        let now = self.0.clock.now();
        let step = MessageStep {
            from: &[MessageStatus::Failed],
            expires: Some(now.plus(self.0.policy.life)),
            requeue: true,
            ..MessageStep::new(key.clone(), MessageStatus::Queued, now)
        };
        let changed = self.apply(step).await?;
        let record = self.message(key).await?.ok_or(ChangeError::NotFound)?;
        match changed {
            Some(change) => {
                self.0.upkeep.notify_one();
                self.ring(change.cliente);
                Ok(record)
            }
            None => Err(ChangeError::NotNow(record.status)),
        }
    }
}
