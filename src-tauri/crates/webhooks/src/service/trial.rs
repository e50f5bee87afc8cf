//! A webhook is tried, past everything that waits.

use std::time::Duration;

use session_core::{WebhookId, WebhookProblem};
use tokio::time::Instant;

use super::{WebhookError, Webhooks};
use crate::body;
use crate::draft::InvalidDraft;

/// What came of trying a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TestResult {
    /// Why it was not told; nothing: it was.
    pub problem: Option<WebhookProblem>,
    /// The HTTP status, if it answered.
    pub status: Option<u16>,
    /// How long it took.
    pub took: Duration,
}

impl Webhooks {
    /// Sends one a `test` event now, past everything that waits, also while it is switched off. If it arrives, what
    /// waits is tried at once.
    pub async fn test(&self, id: &WebhookId) -> Result<TestResult, WebhookError> {
        let webhook = self.get(id).await?.webhook;
        let now = self.shared.now();
        let name = format!("test_{}", WebhookId::random());
        let body = body::test(&webhook, &name, now, &self.shared.version)
            .map_err(|error| InvalidDraft(error.to_string()))?;
        let begun = Instant::now();
        let answer = self.shared.client.post(&webhook, &name, now, body).await;
        let took = begun.elapsed();
        let (problem, status) = match answer {
            Ok(answer) => match answer.status {
                200..=299 => (None, Some(answer.status)),
                410 => (Some(WebhookProblem::Gone), Some(410)),
                status => (Some(WebhookProblem::Status), Some(status)),
            },
            Err(problem) => (Some(problem), None),
        };
        if problem.is_none() {
            let workers = self.workers.lock().await;
            // As it is now: it may have been changed meanwhile.
            if let Ok(report) = self.get(id).await
                && report.tries.is_some()
            {
                let now = self.shared.now();
                self.shared.store.save_webhook(report.webhook, now).await?;
                if let Some(worker) = workers.get(id) {
                    worker.poke();
                }
            }
        }
        Ok(TestResult {
            problem,
            status,
            took,
        })
    }
}
