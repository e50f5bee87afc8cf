//! Messages over a real file.

use std::time::Duration;

use rusqlite::Connection;
use session_core::ports::{
    Added, MessageFilter, MessageStore as _, Pending, PendingLimits, Retention, Store,
};
use session_core::{
    ChatId, FailureCode, IdempotencyKey, MessageId, MessageKey, MessageKind, MessageStatus,
    MessageStep, MessageText, NewMessage, QueuedContent, Timestamp,
};
use session_store::SqliteStore;

use crate::support::{Place, id, plain};

pub(crate) const LIMITS: PendingLimits = PendingLimits {
    of_cliente: 10_000,
    of_all: 10_000,
};
const KEPT: Retention = Retention {
    messages: Duration::from_millis(1000),
    rows: 1000,
    content: Duration::from_millis(100),
    media: Duration::from_millis(100),
};
pub(crate) const CHAT: &str = "5491155551234@c.us";

pub(crate) fn new(cliente: u64, text: &str, idempotency: Option<&str>) -> NewMessage {
    let chat = ChatId::parse(CHAT).unwrap();
    NewMessage {
        key: MessageKey::random(),
        cliente: id(cliente),
        idempotency: idempotency.map(|key| key.parse().unwrap()),
        fingerprint: [7; 32],
        kind: MessageKind::Text,
        to: chat.to_string(),
        content: Some(QueuedContent {
            chat,
            text: MessageText::new(text.to_owned()),
            media: None,
        }),
        sent: None,
        created: Timestamp(1000),
        expires: Timestamp(5000),
    }
}

pub(crate) async fn added(store: &SqliteStore, message: &NewMessage) {
    let added = store.add(message.clone(), LIMITS).await.unwrap();
    assert_eq!(added, Added::New);
}

pub(crate) fn step(key: &MessageKey, to: MessageStatus, at: u64) -> MessageStep {
    MessageStep::new(key.clone(), to, Timestamp(at))
}

fn message_id(key: &MessageKey) -> MessageId {
    MessageId::new(format!("true_{CHAT}_{key}"))
}

/// All bytes of the database and its log.
fn bytes(place: &Place) -> Vec<u8> {
    let mut all = std::fs::read(&place.path).unwrap();
    all.extend(std::fs::read(place.log()).unwrap_or_default());
    all
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

#[tokio::test]
async fn a_message_goes_through_its_statuses_and_only_forward() {
    let place = Place::new();
    let (store, _) = place.open();
    let message = new(1, "hola", None);
    added(&store, &message).await;
    let head = store.next(id(1)).await.unwrap().unwrap();
    assert_eq!(head.key, message.key);
    assert_eq!(head.content, message.content);
    assert_eq!((head.status, head.attempts), (MessageStatus::Queued, 0));

    let sent = MessageStep {
        message_id: Some(message_id(&message.key)),
        ..step(&message.key, MessageStatus::Sent, 1300)
    };
    assert_eq!(
        store.change(sent.clone()).await.unwrap(),
        None,
        "not asked yet"
    );
    let begun = step(&message.key, MessageStatus::Sending, 1100);
    let change = store.change(begun.clone()).await.unwrap().unwrap();
    assert_eq!(change.previous, Some(MessageStatus::Queued));
    assert_eq!(change.after, Duration::from_millis(100));
    store.change(begun).await.unwrap().unwrap();
    store.change(sent.clone()).await.unwrap().unwrap();
    for (to, happens) in [
        (MessageStatus::DeviceAck, true),
        (MessageStatus::ServerAck, false),
        (MessageStatus::DeviceAck, false),
        (MessageStatus::Failed, false),
        (MessageStatus::Queued, false),
        (MessageStatus::Read, true),
    ] {
        let changed = store.change(step(&message.key, to, 1400)).await.unwrap();
        assert_eq!(changed.is_some(), happens, "{to:?}");
    }
    let record = store.message(&message.key).await.unwrap().unwrap();
    assert_eq!(record.status, MessageStatus::Read);
    assert_eq!(record.attempts, 2);
    assert_eq!(record.message_id, Some(message_id(&message.key)));
    assert_eq!(record.to, "5491****34@c.us");
    assert!(!record.content_kept);
    assert_eq!(store.next(id(1)).await.unwrap(), None);
}

#[tokio::test]
async fn a_text_that_was_sent_is_in_no_row_and_one_that_waits_survives_a_restart() {
    let place = Place::new();
    let (store, _) = place.open();
    let (sent, waits) = (new(1, "first secret", None), new(1, "second one", None));
    added(&store, &sent).await;
    added(&store, &waits).await;
    for to in [MessageStatus::Sending, MessageStatus::Sent] {
        store.change(step(&sent.key, to, 1100)).await.unwrap();
    }
    Store::close(&store).await;
    let db = Connection::open(&place.path).unwrap();
    let texts: Vec<Option<String>> = db
        .prepare("SELECT coalesce(chat, text) FROM messages ORDER BY seq")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(texts, [None, Some(CHAT.to_owned())]);
    db.close().unwrap();
    let (store, _) = place.open();
    assert_eq!(store.next(id(1)).await.unwrap().unwrap().key, waits.key);
    Store::close(&store).await;
    let all = bytes(&place);
    assert!(holds(&all, "second one"));
    assert!(!holds(&all, "first secret"), "it is still on the page");
}

#[tokio::test]
async fn an_idempotency_key_belongs_to_one_message_of_one_cliente() {
    let place = Place::new();
    let (store, _) = place.open();
    let first = new(1, "hola", Some("order-1"));
    added(&store, &first).await;
    let again = store
        .add(new(1, "other", Some("order-1")), LIMITS)
        .await
        .unwrap();
    let Added::Repeated(record) = again else {
        panic!("{again:?}");
    };
    assert_eq!(record.key, first.key);
    added(&store, &new(2, "hola", Some("order-1"))).await;
    added(&store, &new(1, "hola", None)).await;
    added(&store, &new(1, "hola", None)).await;
    let key: IdempotencyKey = "order-1".parse().unwrap();
    let found = store.repeated(id(1), &key).await.unwrap().unwrap();
    assert_eq!(found.key, first.key);
    assert_eq!(store.repeated(id(3), &key).await.unwrap(), None);
    // What the caller wrote is not kept.
    Store::close(&store).await;
    assert!(!holds(&bytes(&place), "order-1"));
}

#[tokio::test]
async fn no_more_wait_than_may() {
    let place = Place::new();
    let (store, _) = place.open();
    let limits = PendingLimits {
        of_cliente: 2,
        of_all: 3,
    };
    for (cliente, becomes) in [
        (1, Added::New),
        (1, Added::New),
        (1, Added::Full),
        (2, Added::New),
        (2, Added::Full),
    ] {
        let added = store.add(new(cliente, "x", None), limits).await.unwrap();
        assert_eq!(added, becomes);
    }
    // What was sent already does not wait.
    let mut sent = new(1, "x", None);
    sent.content = None;
    sent.sent = Some(message_id(&sent.key));
    assert_eq!(store.add(sent.clone(), limits).await.unwrap(), Added::New);
    let record = store.message(&sent.key).await.unwrap().unwrap();
    assert_eq!((record.status, record.attempts), (MessageStatus::Sent, 1));
    let pending = store.pending().await.unwrap();
    let count = |queued| Pending { queued, sending: 0 };
    assert_eq!(pending, [(id(1), count(2)), (id(2), count(1))]);
}

#[tokio::test]
async fn what_waits_for_too_long_fails_and_what_is_on_its_way_does_not() {
    let place = Place::new();
    let (store, _) = place.open();
    let (late, on_its_way, later) = (
        new(1, "x", None),
        new(1, "x", None),
        NewMessage {
            expires: Timestamp(9000),
            ..new(2, "x", None)
        },
    );
    for message in [&late, &on_its_way, &later] {
        added(&store, message).await;
    }
    let begun = step(&on_its_way.key, MessageStatus::Sending, 1100);
    store.change(begun).await.unwrap().unwrap();
    let (changes, next) = store.expire(Timestamp(4999)).await.unwrap();
    assert_eq!((changes, next), (Vec::new(), Some(Timestamp(5000))));
    let (changes, next) = store.expire(Timestamp(5000)).await.unwrap();
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].key, late.key);
    assert_eq!(
        changes[0].reason,
        Some(FailureCode::of(FailureCode::EXPIRED))
    );
    assert_eq!(next, Some(Timestamp(9000)));
}

#[tokio::test]
async fn a_message_that_is_tried_again_goes_to_the_end_of_the_line() {
    let place = Place::new();
    let (store, _) = place.open();
    let (first, second) = (new(1, "first", None), new(1, "second", None));
    added(&store, &first).await;
    added(&store, &second).await;
    let failed = MessageStep::failed(first.key.clone(), FailureCode::EXPIRED, Timestamp(2000));
    store.change(failed).await.unwrap().unwrap();
    let again = MessageStep {
        expires: Some(Timestamp(90_000)),
        requeue: true,
        ..step(&first.key, MessageStatus::Queued, 2100)
    };
    store.change(again).await.unwrap().unwrap();
    assert_eq!(store.next(id(1)).await.unwrap().unwrap().key, second.key);
    let cancelled =
        MessageStep::failed(second.key.clone(), FailureCode::CANCELLED, Timestamp(2200));
    store.change(cancelled).await.unwrap().unwrap();
    let head = store.next(id(1)).await.unwrap().unwrap();
    assert_eq!(
        (head.key, head.expires),
        (first.key.clone(), Timestamp(90_000))
    );
    let cancelled = store.message(&second.key).await.unwrap().unwrap();
    assert!(!cancelled.content_kept, "nobody wants it any more");
    // And the next new one comes behind it.
    let third = new(1, "third", None);
    added(&store, &third).await;
    assert_eq!(store.next(id(1)).await.unwrap().unwrap().key, first.key);
}

#[tokio::test]
async fn messages_are_listed_the_newest_first() {
    let place = Place::new();
    let (store, _) = place.open();
    let all: Vec<_> = [1, 2, 1, 2, 1]
        .map(|cliente| new(cliente, "x", None))
        .into();
    for message in &all {
        added(&store, message).await;
    }
    let failed = MessageStep::failed(all[2].key.clone(), FailureCode::EXPIRED, Timestamp(2000));
    store.change(failed).await.unwrap();
    for (cliente, status, limit, expected) in [
        (None, None, 10, &[4, 3, 2, 1, 0][..]),
        (None, None, 2, &[4, 3]),
        (Some(1), None, 10, &[4, 2, 0]),
        (None, Some(MessageStatus::Failed), 10, &[2]),
        (Some(1), Some(MessageStatus::Queued), 10, &[4, 0]),
        (Some(2), Some(MessageStatus::Failed), 10, &[]),
    ] {
        let filter = MessageFilter {
            cliente: cliente.map(id),
            status,
            limit,
        };
        let found = store.messages(filter).await.unwrap();
        let keys: Vec<_> = found.iter().map(|record| &record.key).collect();
        let wanted: Vec<_> = expected
            .iter()
            .map(|&place: &usize| &all[place].key)
            .collect();
        assert_eq!(keys, wanted, "{filter:?}");
    }
}

#[tokio::test]
async fn what_is_old_is_forgotten_and_what_waits_is_not() {
    let place = Place::new();
    let (store, _) = place.open();
    let (failed, waits, sent) = (new(1, "x", None), new(1, "x", None), new(1, "x", None));
    for message in [&failed, &waits, &sent] {
        added(&store, message).await;
    }
    let fail = MessageStep::failed(failed.key.clone(), FailureCode::EXPIRED, Timestamp(2000));
    store.change(fail).await.unwrap();
    for to in [MessageStatus::Sending, MessageStatus::Sent] {
        store.change(step(&sent.key, to, 2900)).await.unwrap();
    }
    let kept = async || {
        store
            .message(&failed.key)
            .await
            .unwrap()
            .map(|it| it.content_kept)
    };
    store.prune(Timestamp(2100), KEPT).await.unwrap();
    assert_eq!(kept().await, Some(true));
    store.prune(Timestamp(2101), KEPT).await.unwrap();
    assert_eq!(kept().await, Some(false));
    store.prune(Timestamp(3001), KEPT).await.unwrap();
    assert_eq!(kept().await, None);
    let there = async |message: &NewMessage| store.message(&message.key).await.unwrap().is_some();
    assert!(there(&waits).await && there(&sent).await);
    // Of those that are over, no more than so many.
    let few = Retention { rows: 0, ..KEPT };
    store.prune(Timestamp(3001), few).await.unwrap();
    assert!(there(&waits).await && !there(&sent).await);
    // And what waits for a cliente that never came.
    store.prune(Timestamp(6001), KEPT).await.unwrap();
    assert!(!there(&waits).await);
}

#[tokio::test]
async fn a_forgotten_cliente_takes_its_messages_along() {
    let place = Place::new();
    let (store, _) = place.open();
    store.save(plain(1)).await.unwrap();
    added(&store, &new(1, "x", None)).await;
    added(&store, &new(2, "x", None)).await;
    store.remove(id(1)).await.unwrap();
    let pending = store.pending().await.unwrap();
    assert_eq!(
        pending.iter().map(|(id, _)| *id).collect::<Vec<_>>(),
        [id(2)]
    );
    store.forget(id(2)).await.unwrap();
    assert!(store.pending().await.unwrap().is_empty());
}

#[tokio::test]
async fn every_change_is_announced_once_and_only_where_somebody_listens() {
    let place = Place::new();
    let (store, _) = place.open();
    let announced = || -> Vec<(Option<String>, String, Option<String>, String)> {
        let db = Connection::open(&place.path).unwrap();
        db.prepare(
            "SELECT previous, current, reason, message FROM announcements
             WHERE event = 'message.status' ORDER BY seq",
        )
        .unwrap()
        .query_map([], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .unwrap()
        .map(Result::unwrap)
        .collect()
    };
    added(&store, &new(1, "x", None)).await;
    assert_eq!(announced(), []);
    Connection::open(&place.path)
        .unwrap()
        .execute(
            "INSERT INTO webhooks (id, url, events, shape, content, enabled, fixed, secret, created, cursor)
             VALUES ('w', 'http://x/', '[\"*\"]', 'native', 0, 1, 0, 's', 0, 0)",
            [],
        )
        .unwrap();
    let message = new(1, "x", None);
    added(&store, &message).await;
    let again = MessageStep {
        reason: Some(FailureCode::of("ERROR_NETWORK")),
        ..step(&message.key, MessageStatus::Queued, 1200)
    };
    for step in [
        step(&message.key, MessageStatus::Sending, 1100),
        step(&message.key, MessageStatus::Sending, 1150),
        again,
        step(&message.key, MessageStatus::Sent, 1300),
        step(&message.key, MessageStatus::ServerAck, 1400),
    ] {
        store.change(step).await.unwrap();
    }
    let told = announced();
    let words: Vec<_> = told
        .iter()
        .map(|(previous, current, reason, _)| {
            (previous.as_deref(), current.as_str(), reason.as_deref())
        })
        .collect();
    assert_eq!(
        words,
        [
            (None, "queued", None),
            (Some("queued"), "sending", None),
            (Some("sending"), "queued", Some("ERROR_NETWORK")),
            (Some("queued"), "server_ack", None),
        ]
    );
    assert!(told.iter().all(|(.., key)| *key == message.key.as_str()));
}
