//! Follows the registry for what no change in the store tells of: codes, doubts about a session, incoming messages.

use std::collections::BTreeMap;

use serde_json::json;
use session_core::{
    ClienteId, Incoming, Login, MessageText, News, Picture, Reason, Registry, RegistryEvent,
    Snapshot, State, Timestamp, WebhookEvent,
};
use tokio::sync::broadcast::{
    self,
    error::{RecvError, TryRecvError},
};

use crate::service::Shared;

/// Most events that are written together.
const BATCH: usize = 256;

/// What was told of a cliente.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Seen {
    degraded: Option<Reason>,
    /// When the code that waits was given, and when it expires.
    code: Option<(Timestamp, Timestamp)>,
}

impl Seen {
    fn of(snapshot: &Snapshot) -> Self {
        let code = match &snapshot.session.state {
            State::QrRequired {
                login: Login::Code {
                    issued, expires, ..
                },
                ..
            } if snapshot.picture != Picture::None => Some((*issued, *expires)),
            _ => None,
        };
        Self {
            degraded: snapshot.degraded(),
            code,
        }
    }
}

/// Tells until nobody is left to be told, or the registry is gone.
pub(crate) async fn follow(
    shared: &Shared,
    registry: Registry,
    mut events: broadcast::Receiver<RegistryEvent>,
) {
    let mut known = look(&registry);
    loop {
        let mut event = match events.recv().await {
            Ok(event) => Ok(event),
            Err(RecvError::Lagged(missed)) => Err(missed),
            Err(RecvError::Closed) => return,
        };
        let mut news = Vec::new();
        for _ in 0..BATCH {
            match event {
                Ok(event) => take(event, &mut known, shared.now(), &mut news),
                Err(missed) => {
                    tracing::warn!(
                        missed,
                        "some events were missed and no webhook is told of them"
                    );
                    events = events.resubscribe();
                    for snapshot in registry.snapshots() {
                        change(&snapshot, &mut known, shared.now(), &mut news);
                    }
                }
            }
            event = match events.try_recv() {
                Ok(event) => Ok(event),
                Err(TryRecvError::Lagged(missed)) => Err(missed),
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            };
        }
        if !news.is_empty()
            && shared.is_listening()
            && let Err(error) = shared.store.announce(news).await
        {
            tracing::warn!(%error, "no webhook is told of some events");
        }
    }
}

fn look(registry: &Registry) -> BTreeMap<ClienteId, Seen> {
    registry
        .snapshots()
        .iter()
        .map(|snapshot| (snapshot.record.id, Seen::of(snapshot)))
        .collect()
}

fn take(
    event: RegistryEvent,
    known: &mut BTreeMap<ClienteId, Seen>,
    now: Timestamp,
    news: &mut Vec<News>,
) {
    match event {
        RegistryEvent::Changed(snapshot) => change(&snapshot, known, now, news),
        RegistryEvent::Removed(id) => {
            known.remove(&id);
        }
        RegistryEvent::Received(id, message) => news.push(received(id, &message, now)),
        RegistryEvent::Acknowledged(..) => {}
    }
}

fn change(
    snapshot: &Snapshot,
    known: &mut BTreeMap<ClienteId, Seen>,
    now: Timestamp,
    news: &mut Vec<News>,
) {
    let id = snapshot.record.id;
    let is = Seen::of(snapshot);
    let was = known.insert(id, is).unwrap_or_default();
    let state = snapshot.state();
    if is.degraded != was.degraded {
        news.push(News {
            reason: is.degraded.map(|reason| reason.code().to_owned()),
            details: Some(json!({ "state": state }).to_string()),
            ..plain(id, now, WebhookEvent::SessionDegraded)
        });
    }
    if let Some((issued, expires)) = is.code
        && is.code != was.code
    {
        let picture = match &snapshot.picture {
            Picture::Drawn(image) => Some(&**image),
            Picture::None | Picture::Failed => None,
        };
        news.push(News {
            details: Some(
                json!({ "state": state, "issued_at": issued.0, "expires_at": expires.0 })
                    .to_string(),
            ),
            content: Some(json!({ "qr": picture }).to_string()),
            ..plain(id, now, WebhookEvent::SessionQr)
        });
    }
}

fn received(id: ClienteId, message: &Incoming, now: Timestamp) -> News {
    News {
        message: Some(message.id.key().to_owned()),
        details: Some(json!({ "kind": message.kind, "sent_at": message.at.0 }).to_string()),
        content: Some(
            json!({
                "message_id": message.id.reveal(),
                "from": message.chat.reveal(),
                "text": message.text.as_ref().map(MessageText::reveal),
            })
            .to_string(),
        ),
        ..plain(id, now, WebhookEvent::MessageReceived)
    }
}

fn plain(cliente: ClienteId, at: Timestamp, event: WebhookEvent) -> News {
    News {
        cliente,
        at,
        event,
        reason: None,
        message: None,
        details: None,
        content: None,
    }
}
