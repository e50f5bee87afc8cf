//! Feels whether a page lives, and its browser.

use std::sync::Arc;
use std::time::Duration;

use session_core::ports::CallError;
use tokio::sync::mpsc;

use crate::keeper::Keeper;
use crate::page::PageLink;
use crate::signals::Seen;

/// How long a silent page has to answer once its browser did.
const AGAIN: Duration = Duration::from_secs(1);

/// Asks a page for the least it can do. Clones ask the same page.
#[derive(Clone, Debug)]
pub(crate) struct Pulse {
    page: Arc<PageLink>,
    keeper: Arc<Keeper>,
    notes: mpsc::Sender<Seen>,
}

impl Pulse {
    /// The pulse of this page in this browser. What it finds is noted.
    pub(crate) fn new(page: Arc<PageLink>, keeper: Arc<Keeper>, notes: mpsc::Sender<Seen>) -> Self {
        Self {
            page,
            keeper,
            notes,
        }
    }

    /// Asks the page, and the browser where the page is silent. A page that is silent alone is noted; a browser that is
    /// silent too is left to its keeper.
    pub(crate) async fn check(&self, patience: Duration) -> Result<(), CallError> {
        let mut answer = self.ask(patience).await;
        if matches!(answer, Err(CallError::Timeout)) && self.browser_answers().await? {
            // Both may have been held up, and come back in between.
            answer = self.ask(AGAIN.min(patience)).await;
            if matches!(answer, Err(CallError::Timeout)) {
                self.note(Seen::Unresponsive).await;
            }
        }
        if answer.is_ok() {
            self.keeper.line().heard();
            self.note(Seen::Alive).await;
        }
        answer
    }

    async fn ask(&self, patience: Duration) -> Result<(), CallError> {
        let answer = self.page.evaluate("'alive'".to_owned(), patience).await;
        answer.map(drop)
    }

    /// Asks the browser alone. Its keeper learns of it too.
    pub(crate) async fn browser_answers(&self) -> Result<bool, CallError> {
        tokio::select! {
            biased;
            () = self.keeper.gone().cancelled() => Err(CallError::Gone),
            answers = self.keeper.line().answers() => Ok(answers),
        }
    }

    async fn note(&self, seen: Seen) {
        // Whoever reads the notes is gone only together with the browser.
        let _ = self.notes.send(seen).await;
    }
}
