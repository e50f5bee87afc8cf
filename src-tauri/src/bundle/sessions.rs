//! What sessions tell: their pages, their state, their past.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::StreamExt as _;
use serde_json::{Value, json};
use session_api::support::BundleWish;
use session_core::machine::BrowserPhase;
use session_core::ports::{CallError, Diagnosis};
use session_core::{Change, ClienteId, ClienteRecord, Snapshot, StateName};
use tokio::time::timeout;

use super::collect::{Live, Sources};
use super::plain;

/// How long one page may take; its driver gives up on each question earlier.
const ONE: Duration = Duration::from_secs(25);
/// How long all of them may take.
const ALL: Duration = Duration::from_secs(60);
/// Pages that are asked at the same time: each draws a picture.
const AT_ONCE: usize = 3;
/// Pictures that are taken.
const PICTURES: usize = 12;
/// Pages that are asked.
const PAGES: usize = 40;

/// What came of asking a page.
pub(super) struct Page {
    pub(super) found: Diagnosis,
    /// What came of its picture; nothing if none was asked for.
    pub(super) picture: Option<Result<Vec<u8>, CallError>>,
}

/// By cliente.
pub(super) type Pages = BTreeMap<ClienteId, Page>;

/// Asks the pages of running sessions, those in trouble first, and takes pictures of these. One that hangs is left.
pub(super) async fn ask(live: &Live, wish: BundleWish) -> Pages {
    let mut running: Vec<_> = live
        .shell
        .registry
        .snapshots()
        .into_iter()
        .filter(|one| wish.cliente.is_none_or(|id| id == one.record.id.get()))
        .filter(|one| {
            matches!(
                one.session.browser,
                BrowserPhase::Running | BrowserPhase::Launching
            )
        })
        .collect();
    running.sort_by_key(|one| (is_well(one), std::cmp::Reverse(one.session.since)));
    let asked = running.iter().take(PAGES).enumerate().map(|(place, one)| {
        let id = one.record.id;
        let chosen = wish.cliente == Some(id.get());
        let pictured = wish.pictures && place < PICTURES && (chosen || !is_well(one));
        async move {
            let asked = timeout(ONE, live.shell.registry.diagnose(id, pictured)).await;
            let mut found = match asked {
                Ok(Ok(found)) => found,
                Ok(Err(_)) => Diagnosis::default(),
                Err(_) => Diagnosis {
                    picture: pictured.then_some(Err(CallError::Timeout)),
                    ..Diagnosis::default()
                },
            };
            let picture = found.picture.take();
            (id, Page { found, picture })
        }
    });
    let mut pages = Pages::new();
    let collecting = futures::stream::iter(asked)
        .buffer_unordered(AT_ONCE)
        .for_each(|(id, page)| {
            pages.insert(id, page);
            std::future::ready(())
        });
    // Those that did not answer by then are missing.
    let _ = timeout(ALL, collecting).await;
    pages
}

fn is_well(snapshot: &Snapshot) -> bool {
    snapshot.state() == StateName::Ready && snapshot.degraded().is_none()
}

/// A cliente with its session, without what is private.
pub(super) fn describe(
    sources: &Sources,
    record: &ClienteRecord,
    page: Option<&Page>,
    ids: &[ClienteId],
) -> Value {
    let snapshot = sources
        .live
        .as_ref()
        .and_then(|live| live.shell.registry.snapshot(record.id));
    let mut session = snapshot.as_ref().and_then(|snapshot| {
        serde_json::to_value(session_api::view::cliente(snapshot).session).ok()
    });
    if let Some(qr) = session
        .as_mut()
        .and_then(|session| session["qr"].as_object_mut())
    {
        qr.remove("image");
    }
    json!({
        "id": plain::label(record.id, ids),
        "name": sources.wish.names.then_some(&record.name),
        "created": plain::moment(record.created.0),
        "wanted": record.wanted,
        "self_test": record.self_test,
        "account": record.account.as_ref().map(|account| account.number.to_string()),
        "saved_login": snapshot.as_ref().map(|snapshot| snapshot.saved_login),
        "last_failure": snapshot.as_ref().and_then(|snapshot| snapshot.detail.clone()),
        "session": session,
        "page": page.map(|page| json!({
            "wa_js": page.found.wa_js,
            "whatsapp_web": page.found.whatsapp,
            "missing_hooks": page.found.missing,
            "picture": match &page.picture {
                None => "not asked for".to_owned(),
                Some(Ok(_)) => "taken".to_owned(),
                Some(Err(error)) => format!("not taken: {}", reason(error)),
            },
        })),
    })
}

/// Why there is no picture; what WhatsApp said of it stays out.
fn reason(error: &CallError) -> &'static str {
    match error {
        CallError::Timeout => "the page did not answer in time",
        CallError::Gone => "the browser is gone",
        CallError::Refused(_) | CallError::Suspended => "the page refused",
        CallError::Unsupported(_) => "what is private could not be hidden",
    }
}

/// The changes of a cliente, one a line, the newest first.
pub(super) fn timeline(changes: Result<Vec<Change>, String>) -> String {
    match changes {
        Ok(changes) => {
            let lines = changes.iter().map(|change| {
                json!({
                    "at": plain::moment(change.at.0), "from": change.from, "to": change.to, "reason": change.reason,
                })
                .to_string()
                    + "\n"
            });
            lines.collect()
        }
        Err(error) => format!("{}\n", json!({ "error": error })),
    }
}
