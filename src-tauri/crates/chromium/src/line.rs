//! The line to a browser process: whether anybody is at its other end.
//!
//! A page that hangs is one thing: its browser lives, and a reload may mend it. A browser whose own process hangs can
//! neither reload the page nor close, and waiting for it is in vain. From outside both begin alike, with a page that is
//! silent, so whoever finds one asks the browser next.

use std::sync::OnceLock;
use std::time::Duration;

use chromiumoxide::error::CdpError;
use tokio::sync::watch;
use tokio::time::{Instant, timeout, timeout_at};

use crate::cdp::Cdp;
use crate::login::Login;

/// The connection to one browser, and whether it has left a question unanswered.
#[derive(Debug)]
pub(crate) struct Line {
    cdp: OnceLock<Cdp>,
    /// How long the least question may stay unanswered.
    patience: Duration,
    /// It left the last question unanswered, and has said nothing since.
    dead: watch::Sender<bool>,
}

impl Line {
    /// A line that is not connected yet. A question may stay unanswered for this long.
    pub(crate) fn new(patience: Duration) -> Self {
        Self {
            cdp: OnceLock::new(),
            patience,
            dead: watch::Sender::new(false),
        }
    }

    /// Hands over the connection.
    pub(crate) fn connected(&self, cdp: Cdp) -> &Cdp {
        self.cdp.get_or_init(|| cdp)
    }

    /// The version of the browser at the other end.
    pub(crate) async fn version(&self) -> Option<String> {
        let asking = self.cdp.get()?.product_version();
        timeout(self.patience, asking).await.ok()?
    }

    /// Remembers that the browser was heard.
    pub(crate) fn heard(&self) {
        self.dead.send_replace(false);
    }

    /// Asks the browser for the least it can do, and says whether it did.
    pub(crate) async fn answers(&self) -> bool {
        let Some(cdp) = self.cdp.get() else {
            return false;
        };
        let answer = async {
            match cdp.version().await {
                // A refusal is an answer too.
                Ok(()) | Err(CdpError::Chrome(_)) => {}
                // The connection itself has failed, which is noticed elsewhere.
                Err(_) => std::future::pending().await,
            }
        };
        let answered = timeout(self.patience, answer).await.is_ok();
        self.dead.send_replace(!answered);
        answered
    }

    /// Resolves when the browser is as good as dead: it left a question unanswered, and its login is on disk. One with a
    /// fresh login is asked again and again until that is no reason to wait any more; if it answers, all is well.
    pub(crate) async fn hangs(&self, login: &Login) {
        let mut dead = self.dead.subscribe();
        loop {
            // It cannot fail: the sender is ours.
            let _ = dead.wait_for(|dead| *dead).await;
            if login.fresh_until().is_none_or(|end| end <= Instant::now()) {
                return;
            }
            self.answers().await;
        }
    }

    /// Asks the browser to end. Resolves only when it is in vain to wait for that: nothing is connected, or the line was
    /// dead, and neither the time of a question nor that of a fresh login brought it back. A browser that is merely slow
    /// to end has confirmed that it will.
    pub(crate) async fn close(&self, fresh_until: Option<Instant>) {
        let Some(cdp) = self.cdp.get() else {
            return;
        };
        let closing = async {
            if cdp.close().await.is_err() {
                tracing::debug!("the browser did not confirm that it closes");
            }
        };
        if *self.dead.borrow() {
            let patience = Some(Instant::now() + self.patience);
            let end = fresh_until.max(patience).unwrap_or_else(Instant::now);
            if timeout_at(end, closing).await.is_err() {
                return;
            }
        } else {
            closing.await;
        }
        std::future::pending::<()>().await;
    }
}
