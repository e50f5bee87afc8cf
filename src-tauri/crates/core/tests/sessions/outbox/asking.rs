//! Idempotency keys, taking back, trying again.

use session_core::ports::{CallError, PendingLimits};
use session_core::{
    ChangeError, FailureCode, MediaError, MediaSource, MessageKey, MessageStatus, NotQueued,
    NotSent, OutboxPolicy, SendError, StateName,
};
use tokio::time::{Duration, Instant};

use super::{Setup, file, named, patient, text};
use crate::support::{id, ready, settle};

#[tokio::test(start_paused = true)]
async fn the_same_key_with_the_same_message_sends_once() {
    let (setup, browser) = Setup::connected().await;
    let first = setup
        .outbox
        .submit(id(1), text("hola"), named("order-1"))
        .await
        .unwrap();
    let racing: Vec<_> = (0..20)
        .map(|_| {
            let outbox = setup.outbox.clone();
            tokio::spawn(async move {
                outbox
                    .submit(id(1), text("hola"), named("order-1"))
                    .await
                    .unwrap()
                    .key
            })
        })
        .collect();
    for racer in racing {
        assert_eq!(racer.await.unwrap(), first.key);
    }
    setup.becomes(&first.key, MessageStatus::Sent).await;
    let again = setup
        .outbox
        .submit(id(1), text("hola"), named("order-1"))
        .await
        .unwrap();
    assert_eq!((again.key, again.status), (first.key, MessageStatus::Sent));
    assert_eq!(browser.take_texts(), ["hola"]);
    // With another message it is a mistake, and for another cliente it is another key.
    let reused = setup
        .outbox
        .submit(id(1), text("other"), named("order-1"))
        .await;
    assert!(matches!(reused, Err(NotQueued::Reused)));
    let other = ready(&setup.world, &setup.registry, 2).await;
    let record = setup
        .outbox
        .submit(id(2), text("hola"), named("order-1"))
        .await
        .unwrap();
    setup.becomes(&record.key, MessageStatus::Sent).await;
    assert_eq!(other.take_texts(), ["hola"]);
}

#[tokio::test(start_paused = true)]
async fn a_session_that_cannot_send_uses_up_no_key() {
    let setup = Setup::new().await;
    let refused = setup.outbox.submit(id(1), text("x"), named("a")).await;
    assert!(matches!(
        refused,
        Err(NotQueued::NotReady(StateName::NotInitialized))
    ));
    let refused = setup.outbox.submit(id(1), text("x"), patient()).await;
    assert!(
        matches!(refused, Err(NotQueued::NotReady(StateName::NotInitialized))),
        "unknown"
    );
    setup.known(1).await;
    let refused = setup.outbox.submit(id(1), text("x"), named("a")).await;
    assert!(matches!(
        refused,
        Err(NotQueued::NotReady(StateName::NotInitialized))
    ));
    let plain = setup.outbox.send(id(1), text("x")).await;
    assert!(matches!(plain, Err(NotSent::Send(SendError::NotReady(_)))));
    assert!(setup.store.statuses().is_empty());
    let browser = ready(&setup.world, &setup.registry, 1).await;
    let record = setup
        .outbox
        .submit(id(1), text("y"), named("a"))
        .await
        .unwrap();
    setup.becomes(&record.key, MessageStatus::Sent).await;
    assert_eq!(browser.take_texts(), ["y"]);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_waits_can_be_taken_back_and_no_other() {
    let (setup, browser) = Setup::connected().await;
    browser.hold();
    let (first, second) = (setup.queue("first").await, setup.queue("second").await);
    setup.becomes(&first, MessageStatus::Sending).await;
    let refused = setup.outbox.cancel(&first).await;
    assert!(matches!(
        refused,
        Err(ChangeError::NotNow(MessageStatus::Sending))
    ));
    let cancelled = setup.outbox.cancel(&second).await.unwrap();
    assert_eq!(
        cancelled.reason,
        Some(FailureCode::of(FailureCode::CANCELLED))
    );
    assert!(!cancelled.content_kept);
    let refused = setup.outbox.retry(&second).await;
    assert!(matches!(refused, Err(ChangeError::ContentGone)));
    let unknown = setup.outbox.cancel(&MessageKey::random()).await;
    assert!(matches!(unknown, Err(ChangeError::NotFound)));
    browser.sends.add_permits(9);
    setup.becomes(&first, MessageStatus::Sent).await;
    settle().await;
    assert_eq!(browser.take_texts(), ["first"]);
}

#[tokio::test(start_paused = true)]
async fn one_that_is_taken_back_in_its_pause_holds_nobody_up() {
    let (setup, browser) = Setup::connected().await;
    let failures = (0..4).map(|_| CallError::Refused("ERROR_NETWORK".into()));
    browser.failures.lock().unwrap().extend(failures);
    let (first, second) = (setup.queue("first").await, setup.queue("second").await);
    while setup.record(&first).await.attempts < 4 {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    settle().await;
    let began = Instant::now();
    setup.outbox.cancel(&first).await.unwrap();
    setup.becomes(&second, MessageStatus::Sent).await;
    assert!(began.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn one_that_failed_can_be_tried_again_under_its_key() {
    let (setup, browser) = Setup::connected().await;
    let failure = CallError::Refused("NUMBER_NOT_ON_WHATSAPP".into());
    browser.failures.lock().unwrap().push_back(failure);
    let key = setup.queue("hola").await;
    setup.becomes(&key, MessageStatus::Failed).await;
    let again = setup.outbox.retry(&key).await.unwrap();
    assert_eq!(again.key, key);
    setup.becomes(&key, MessageStatus::Sent).await;
    let refused = setup.outbox.retry(&key).await;
    assert!(matches!(
        refused,
        Err(ChangeError::NotNow(MessageStatus::Sent))
    ));
    let asked = browser.asked.lock().unwrap().clone();
    assert!(asked.iter().all(|(asked, _)| *asked == key));
    assert_eq!(asked.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_a_message_is_told_when_it_is_decided_and_not_later_than_asked() {
    let (setup, browser) = Setup::connected().await;
    browser.hold();
    let key = setup.queue("hola").await;
    let by = Instant::now() + Duration::from_secs(10);
    let undecided = setup.outbox.decided(&key, by).await.unwrap().unwrap();
    assert_eq!(undecided.status, MessageStatus::Sending);
    assert_eq!(Instant::now(), by);
    let waits = tokio::spawn({
        let (outbox, key) = (setup.outbox.clone(), key.clone());
        async move { outbox.decided(&key, by + Duration::from_secs(30)).await }
    });
    settle().await;
    browser.sends.add_permits(1);
    let sent = waits.await.unwrap().unwrap().unwrap();
    assert_eq!(sent.status, MessageStatus::Sent);
    assert!(Instant::now() < by + Duration::from_secs(1));
    let none = setup
        .outbox
        .decided(&MessageKey::random(), by)
        .await
        .unwrap();
    assert!(none.is_none());
}

#[tokio::test(start_paused = true)]
async fn no_more_wait_than_may() {
    let setup = Setup::with(OutboxPolicy {
        pending: PendingLimits {
            of_cliente: 2,
            of_all: 9,
        },
        ..OutboxPolicy::default()
    })
    .await;
    setup.known(1).await;
    setup.queue("1").await;
    setup.queue("2").await;
    let path = MediaSource::Path("/out/5.png".into());
    let refused = setup.outbox.submit(id(1), file(path), patient()).await;
    assert!(matches!(refused, Err(NotQueued::Full)));
    settle().await;
    assert!(
        setup.files.files.lock().unwrap().is_empty(),
        "the copy is left"
    );
}

#[tokio::test(start_paused = true)]
async fn a_plain_send_waits_for_its_turn_or_is_told_when_it_would_come() {
    let setup = Setup::with(OutboxPolicy {
        messages_per_minute: 4,
        patience: Duration::from_secs(25),
        ..OutboxPolicy::default()
    })
    .await;
    let browser = ready(&setup.world, &setup.registry, 1).await;
    let began = Instant::now();
    setup.outbox.send(id(1), text("1")).await.unwrap();
    setup.outbox.send(id(1), text("2")).await.unwrap();
    assert!(began.elapsed() >= Duration::from_secs(10));
    let racing: Vec<_> = (0..8)
        .map(|_| {
            let outbox = setup.outbox.clone();
            tokio::spawn(async move { outbox.send(id(1), text("x")).await })
        })
        .collect();
    let mut paced = 0;
    for racer in racing {
        match racer.await.unwrap() {
            Ok(_) => {}
            Err(NotSent::Paced(wait)) => {
                assert!(wait > Duration::from_secs(25));
                paced += 1;
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert!((5..=7).contains(&paced), "{paced}");
    assert_eq!(browser.take_texts().len(), 10 - paced);
}

#[tokio::test(start_paused = true)]
async fn files_that_cannot_be_sent_are_refused() {
    let (setup, browser) = Setup::connected().await;
    let path = |path: &str| file(MediaSource::Path(path.into()));
    let unknown = file(MediaSource::Upload(session_core::MediaId::random()));
    for (draft, words) in [
        (
            path("/etc/passwd"),
            "the file lies in no folder that was allowed",
        ),
        (path("/out/none.png"), "there is no such file"),
        (path("/out/99999999.png"), "the file is too large"),
        (unknown, "there is no such file"),
    ] {
        let refused = setup.outbox.submit(id(1), draft.clone(), patient()).await;
        assert_eq!(refused.unwrap_err().to_string(), words);
        let refused = setup.outbox.send(id(1), draft).await;
        assert_eq!(refused.unwrap_err().to_string(), words);
    }
    *setup.world.free_disk.lock().unwrap() = Some(500 << 20);
    tokio::time::sleep(Duration::from_secs(20)).await;
    let refused = setup.outbox.begin_media().await;
    assert!(matches!(refused, Err(MediaError::DiskFull)));
    assert!(browser.take_texts().is_empty());
}
