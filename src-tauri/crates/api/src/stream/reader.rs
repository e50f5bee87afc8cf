//! One subscriber's way through the log.

use std::sync::Arc;

use axum::body::Bytes;
use tokio::sync::watch;

use super::hub::Shared;
use super::log::{After, Place, Wanted};
use super::told::Told;

/// Reads at its own pace: nothing is kept for it, and nobody waits for it.
pub(crate) struct Reader {
    shared: Arc<Shared>,
    news: watch::Receiver<()>,
    wanted: Wanted,
    /// Nothing: it has to be told how everything is.
    place: Option<Place>,
}

impl Reader {
    pub(super) fn open(shared: Arc<Shared>, wanted: Wanted, last: Option<&str>) -> Self {
        let place = last.and_then(|id| shared.up_to_date().log.place(id));
        Self {
            news: shared.news.subscribe(),
            shared,
            wanted,
            place,
        }
    }

    /// The next event, written out. May be called off and called again.
    pub(crate) async fn next(&mut self) -> Bytes {
        loop {
            // Seen before the log is: what comes in between is then news.
            self.news.mark_unchanged();
            if let Some(text) = self.look() {
                return text;
            }
            if self.news.changed().await.is_err() {
                // Cannot be: the sender is among what this reader holds.
                std::future::pending::<()>().await;
            }
        }
    }

    fn look(&mut self) -> Option<Bytes> {
        if let Some(place) = self.place {
            let now = || self.shared.clock.now();
            match self.shared.book().log.after(place, self.wanted, now) {
                After::Event(text, place) => {
                    self.place = Some(place);
                    return Some(text);
                }
                After::Nothing(place) => {
                    self.place = Some(place);
                    return None;
                }
                After::Gap => {}
            }
        }
        self.snapshot()
    }

    /// How everything is, and the place behind it.
    fn snapshot(&mut self) -> Option<Bytes> {
        let book = self.shared.up_to_date();
        let place = book.log.end();
        let clientes: Vec<_> = match self.wanted.only {
            Some(id) => book.known.get(&id).cloned().into_iter().collect(),
            None => book.known.values().cloned().collect(),
        };
        let resources = self.wanted.only.is_none().then_some(book.resources);
        // Written without holding up the others.
        drop(book);
        self.place = Some(place);
        let told = Told::snapshot(&clientes, resources.as_ref(), self.shared.clock.now())?;
        Some(self.shared.book().log.text(&told, place))
    }
}
