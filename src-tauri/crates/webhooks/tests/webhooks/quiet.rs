//! Nothing that is nobody's business gets into the log.

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};

use session_webhooks::Draft;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::office::{Office, draft, place};
use crate::receiver::{Receiver, Reply};

/// Keeps every event, of every level and crate.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<String>>);

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, " {field}={value:?}");
    }
}

impl Subscriber for Lines {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut Line(&mut self.0.lock().unwrap()));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut Line(&mut self.0.lock().unwrap()));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut lines = self.0.lock().unwrap();
        let _ = write!(
            lines,
            "\n{} {}:",
            event.metadata().level(),
            event.metadata().target()
        );
        event.record(&mut Line(&mut lines));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn no_address_secret_or_content_is_logged() {
    let lines = Lines::default();
    // What other tests do meanwhile is kept too, and no less quiet.
    tracing::subscriber::set_global_default(lines.clone()).unwrap();
    let (_folder, path) = place();
    let office = Office::open(&path).await;
    let receiver = Receiver::new().await;
    receiver.then(&[
        Reply::Status(500),
        Reply::Redirect,
        Reply::Status(200),
        Reply::Status(410),
    ]);
    let id = office
        .add(Draft {
            events: vec!["*".into()],
            content: true,
            ..draft(receiver.url())
        })
        .await;
    let secret = office.report(&id).await.webhook.secret;
    office.cliente(7).await;
    office.record(7, [1, 2]).await;
    office
        .until(&id, "switched off", |report| !report.webhook.enabled)
        .await;
    let report = office.report(&id).await;
    tracing::info!(?report, "a webhook prints itself");
    office.close().await;
    let lines = lines.0.lock().unwrap().clone();
    assert!(lines.contains(&format!("webhook={id}")), "{lines}");
    for nobodys in [
        "Pa55word",
        "whsec_",
        secret.reveal(),
        "5491155551234",
        "Secreta",
    ] {
        if let Some(at) = lines.find(nobodys) {
            let begin = at.saturating_sub(300);
            panic!("{nobodys} is in the log: {}", &lines[begin..at + 40]);
        }
    }
}
