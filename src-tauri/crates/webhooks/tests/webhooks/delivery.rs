//! What arrives, and in which order.

use serde_json::json;
use session_core::{WebhookProblem, WebhookShape};
use session_webhooks::{Draft, WebhookError};

use crate::office::{Office, draft, place};
use crate::receiver::{Receiver, Reply, Told};

fn moments(told: &[Told]) -> Vec<u64> {
    told.iter().map(Told::at).collect()
}

#[tokio::test]
async fn a_change_is_told_to_everybody_who_wants_to_know_and_to_nobody_else() {
    let (_folder, path) = place();
    let office = Office::open(&path).await;
    let (all, one, other) = (
        Receiver::new().await,
        Receiver::new().await,
        Receiver::new().await,
    );
    office.add(draft(all.url())).await;
    office
        .add(Draft {
            clientes: Some(vec![7]),
            shape: WebhookShape::Waha,
            ..draft(one.url())
        })
        .await;
    let bystander = office
        .add(Draft {
            events: vec!["message.*".into()],
            ..draft(other.url())
        })
        .await;
    office.record(7, [10]).await;
    office.record(8, [20]).await;
    let told = all.wait(2).await;
    assert_eq!(moments(&told), [10, 20]);
    assert_eq!(
        told[0].json(),
        json!({"id": told[0].id(), "timestamp": 10, "event": "session.status", "cliente_id": 7,
            "state": "QR_REQUIRED", "previous_state": "INITIALIZING", "reason": "LOGIN_NEEDED"})
    );
    assert_eq!(told[0].path, "/hook-Pa55word");
    assert_eq!(told[0].header("content-type"), "application/json");
    assert_eq!(told[0].header("user-agent"), "session-manager/3.0.0");
    assert_ne!(told[0].id(), told[1].id());
    let waha = one.wait(1).await;
    assert_eq!(waha[0].json()["payload"]["status"], "SCAN_QR_CODE");
    assert_eq!(
        waha[0].id(),
        told[0].id(),
        "the same thing has the same id for everybody"
    );
    office
        .until(&bystander, "nothing waits", |report| report.waiting == 0)
        .await;
    assert_eq!((one.told().len(), other.told().len()), (1, 0));
    office.close().await;
}

#[tokio::test]
async fn a_new_webhook_is_not_told_what_was_before() {
    let (_folder, path) = place();
    let office = Office::open(&path).await;
    let (first, second) = (Receiver::new().await, Receiver::new().await);
    first.always(Reply::Status(500));
    office.record(7, [1, 2]).await;
    office.add(draft(first.url())).await;
    office.record(7, [3]).await;
    office.add(draft(second.url())).await;
    office.record(7, [4]).await;
    assert_eq!(moments(&second.wait(1).await), [4]);
    assert_eq!(moments(&first.wait(1).await)[0], 3);
    office.close().await;
}

#[tokio::test]
async fn order_is_kept_while_a_receiver_fails_now_and_then() {
    let (_folder, path) = place();
    let office = Office::open(&path).await;
    let receiver = Receiver::new().await;
    receiver.then(&[
        Reply::Status(500),
        Reply::Status(200),
        Reply::Status(503),
        Reply::Status(404),
        Reply::Later(429, 0),
    ]);
    office.add(draft(receiver.url())).await;
    office.record(7, 1..=20).await;
    let told = receiver.wait(24).await;
    assert_eq!(
        moments(&told),
        [
            1, 1, 2, 2, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20
        ]
    );
    assert_eq!(told[0].id(), told[1].id());
    assert_eq!(told[0].body, told[1].body);
    assert_eq!(told[2].id(), told[5].id());
    office.close().await;
}

#[tokio::test]
async fn a_silent_receiver_holds_up_nobody_else() {
    let (_folder, path) = place();
    let office = Office::open(&path).await;
    let (silent, quick) = (Receiver::new().await, Receiver::new().await);
    silent.always(Reply::Silence);
    let stuck = office.add(draft(silent.url())).await;
    office.add(draft(quick.url())).await;
    office.record(7, 1..=50).await;
    assert_eq!(moments(&quick.wait(50).await), (1..=50).collect::<Vec<_>>());
    assert_eq!(silent.told().len(), 1, "one at a time");
    assert_eq!(office.report(&stuck).await.waiting, 50);
    office.close().await;
}

#[tokio::test]
async fn redirects_are_not_followed_and_bodies_are_not_read() {
    let (_folder, path) = place();
    let office = Office::open(&path).await;
    let receiver = Receiver::new().await;
    receiver.then(&[Reply::Redirect, Reply::Endless]);
    let id = office.add(draft(receiver.url())).await;
    office.record(7, [1, 2]).await;
    let told = receiver.wait(3).await;
    assert_eq!(moments(&told), [1, 1, 2]);
    assert!(
        told.iter().all(|told| told.path == "/hook-Pa55word"),
        "{told:?}"
    );
    // What fits into buffers on the way was taken, and no more.
    let taken = receiver.bytes_read();
    assert!(taken < 32 * 1024 * 1024, "{taken}");
    office
        .until(&id, "all is well", |report| {
            report.waiting == 0 && report.status == Some(200) && report.problem.is_none()
        })
        .await;
    office.close().await;
}

#[tokio::test]
async fn whoever_is_switched_off_or_removed_is_told_nothing_more() {
    let (_folder, path) = place();
    let office = Office::open(&path).await;
    let receiver = Receiver::new().await;
    receiver.always(Reply::Silence);
    let id = office.add(draft(receiver.url())).await;
    office.record(7, [1, 2]).await;
    receiver.wait(1).await;
    let off = Draft {
        enabled: false,
        ..draft(receiver.url())
    };
    // In the middle of a try.
    let report = office.webhooks.update(&id, &off).await.unwrap();
    assert_eq!((report.waiting, report.dead), (0, 2));
    office.record(7, [3]).await;
    assert!(matches!(
        office.webhooks.resend(&id, None).await,
        Err(WebhookError::SwitchedOff)
    ));
    // On again: what happens from now on.
    receiver.always(Reply::Status(200));
    office
        .webhooks
        .update(&id, &draft(receiver.url()))
        .await
        .unwrap();
    office.record(7, [4]).await;
    assert_eq!(moments(&receiver.wait(2).await), [1, 4]);

    office.webhooks.remove(&id).await.unwrap();
    office.record(7, [5]).await;
    assert!(matches!(
        office.webhooks.get(&id).await,
        Err(WebhookError::NotFound)
    ));
    assert_eq!(receiver.told().len(), 2);
    office.close().await;
}

#[tokio::test]
async fn a_receiver_that_says_gone_is_switched_off() {
    let (_folder, path) = place();
    let office = Office::open(&path).await;
    let receiver = Receiver::new().await;
    receiver.then(&[Reply::Status(410)]);
    let id = office.add(draft(receiver.url())).await;
    office.record(7, [1]).await;
    let report = office
        .until(&id, "switched off", |report| !report.webhook.enabled)
        .await;
    assert_eq!(
        (
            report.status,
            report.problem.map(WebhookProblem::code),
            report.dead
        ),
        (Some(410), Some("GONE"), 1)
    );
    office.record(7, [2]).await;
    // A person switches it on again.
    office
        .webhooks
        .update(&id, &draft(receiver.url()))
        .await
        .unwrap();
    office.record(7, [3]).await;
    assert_eq!(moments(&receiver.wait(2).await), [1, 3]);
    let report = office
        .until(&id, "told", |report| report.waiting == 0)
        .await;
    assert_eq!((report.problem, report.failing), (None, None));
    office.close().await;
}

#[tokio::test]
async fn nothing_is_written_while_there_is_nobody_to_tell() {
    let (_folder, path) = place();
    let office = Office::open(&path).await;
    let rows = || {
        let db = rusqlite::Connection::open(&path).unwrap();
        db.query_row("SELECT count(*) FROM announcements", [], |row| {
            row.get::<_, i64>(0)
        })
        .unwrap()
    };
    office.record(7, [1]).await;
    let receiver = Receiver::new().await;
    let id = office
        .add(Draft {
            enabled: false,
            ..draft(receiver.url())
        })
        .await;
    office.record(7, [2]).await;
    assert_eq!(rows(), 0);
    receiver.always(Reply::Status(500));
    office
        .webhooks
        .update(&id, &draft(receiver.url()))
        .await
        .unwrap();
    office.record(7, [3]).await;
    assert_eq!(rows(), 1, "it waits");
    receiver.always(Reply::Status(204));
    office
        .until(&id, "told", |report| report.waiting == 0)
        .await;
    assert_eq!(rows(), 0, "what everybody was told goes");
    office.close().await;
}
