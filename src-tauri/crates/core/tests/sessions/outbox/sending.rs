//! What goes out, when, and in which order.

use std::sync::atomic::Ordering;

use session_core::ports::{CallError, DriverEvent};
use session_core::{FailureCode, MessageStatus, OutboxPolicy, Reason, StateName};
use tokio::time::{Duration, Instant, sleep};

use super::{Setup, text};
use crate::support::{id, reach, ready, settle};

fn refused(word: &str) -> CallError {
    CallError::Refused(word.to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_message_is_on_disk_as_sending_before_the_page_is_asked() {
    let (setup, browser) = Setup::connected().await;
    browser.hold();
    let key = setup.queue("hola").await;
    setup.becomes(&key, MessageStatus::Sending).await;
    sleep(Duration::from_secs(1)).await;
    assert_eq!(browser.take_texts(), ["hola"]);
    let record = setup.record(&key).await;
    assert_eq!(
        (record.status, record.attempts),
        (MessageStatus::Sending, 1)
    );
    browser.sends.add_permits(1);
    let sent = setup.becomes(&key, MessageStatus::Sent).await;
    assert!(sent.message_id.is_some() && !sent.content_kept);
}

#[tokio::test(start_paused = true)]
async fn messages_go_out_in_the_order_in_which_they_came() {
    let (setup, browser) = Setup::connected().await;
    let mut keys = Vec::new();
    for number in 0..20 {
        keys.push(setup.queue(&number.to_string()).await);
    }
    for key in &keys {
        setup.becomes(key, MessageStatus::Sent).await;
    }
    let expected: Vec<_> = (0..20).map(|number| number.to_string()).collect();
    assert_eq!(browser.take_texts(), expected);
    assert_eq!(browser.most_sending.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_tried_again_holds_up_those_behind_it() {
    let (setup, browser) = Setup::connected().await;
    let failures = [
        refused("ERROR_NETWORK"),
        refused("ERROR_NETWORK"),
        refused("ERROR_NETWORK"),
    ];
    browser.failures.lock().unwrap().extend(failures);
    let began = Instant::now();
    let first = setup.queue("first").await;
    let second = setup.queue("second").await;
    assert_eq!(setup.becomes(&first, MessageStatus::Sent).await.attempts, 4);
    // 1, 5 and 20 s, a fifth more or less.
    let took = began.elapsed();
    assert!(
        took >= Duration::from_secs(20) && took <= Duration::from_secs(33),
        "{took:?}"
    );
    setup.becomes(&second, MessageStatus::Sent).await;
    assert_eq!(
        browser.take_texts(),
        ["first", "first", "first", "first", "second"]
    );
}

#[tokio::test(start_paused = true)]
async fn one_that_cannot_be_sent_lets_the_others_go_on() {
    let (setup, browser) = Setup::connected().await;
    let failures = [
        refused("NUMBER_NOT_ON_WHATSAPP"),
        CallError::Unsupported("x".into()),
    ];
    browser.failures.lock().unwrap().extend(failures);
    let (first, second) = (setup.queue("1").await, setup.queue("2").await);
    let third = setup.queue("3").await;
    setup.becomes(&third, MessageStatus::Sent).await;
    for (key, code) in [(first, "NUMBER_NOT_ON_WHATSAPP"), (second, "UNSUPPORTED")] {
        let failed = setup.record(&key).await;
        assert_eq!(failed.status, MessageStatus::Failed);
        assert_eq!(failed.reason, Some(FailureCode::of(code)));
        assert!(failed.content_kept);
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_of_which_nobody_knows_goes_out_again_under_the_same_key() {
    let (setup, browser) = Setup::connected().await;
    let failures = [
        CallError::Timeout,
        CallError::Gone,
        refused("ERROR_UNKNOWN"),
    ];
    browser.failures.lock().unwrap().extend(failures);
    let key = setup.queue("hola").await;
    setup.becomes(&key, MessageStatus::Sending).await;
    sleep(Duration::from_millis(500)).await;
    assert_eq!(setup.record(&key).await.status, MessageStatus::Sending);
    setup.becomes(&key, MessageStatus::Sent).await;
    let asked = browser.asked.lock().unwrap().clone();
    assert_eq!(asked.len(), 4);
    assert!(asked.iter().all(|(asked, _)| *asked == key));
}

#[tokio::test(start_paused = true)]
async fn a_message_that_never_gets_an_answer_does_not_hold_up_the_others_for_ever() {
    let setup = Setup::with(OutboxPolicy {
        attempts: 2,
        ..OutboxPolicy::default()
    })
    .await;
    let browser = ready(&setup.world, &setup.registry, 1).await;
    let failures = [
        CallError::Timeout,
        CallError::Timeout,
        refused("ERROR_UNKNOWN"),
        refused("ERROR_UNKNOWN"),
    ];
    browser.failures.lock().unwrap().extend(failures);
    let (lost, vague, good) = (
        setup.queue("1").await,
        setup.queue("2").await,
        setup.queue("3").await,
    );
    setup.becomes(&good, MessageStatus::Sent).await;
    for (key, code) in [
        (lost, FailureCode::OUTCOME_UNKNOWN),
        (vague, "ERROR_UNKNOWN"),
    ] {
        let failed = setup.record(&key).await;
        assert_eq!((failed.status, failed.attempts), (MessageStatus::Failed, 2));
        assert_eq!(failed.reason, Some(FailureCode::of(code)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_waits_until_its_session_can_send_and_nobody_asks_in_the_meantime() {
    let setup = Setup::new().await;
    setup.known(1).await;
    let key = setup.queue("hola").await;
    sleep(Duration::from_secs(3600)).await;
    let waits = setup.record(&key).await;
    assert_eq!((waits.status, waits.attempts), (MessageStatus::Queued, 0));
    assert_eq!(
        setup.world.launches.load(Ordering::SeqCst),
        0,
        "it starts nothing"
    );
    let written = setup.store.changes.load(Ordering::SeqCst);
    assert_eq!(written, 0);
    let browser = ready(&setup.world, &setup.registry, 1).await;
    setup.becomes(&key, MessageStatus::Sent).await;
    assert_eq!(browser.take_texts(), ["hola"]);
}

#[tokio::test(start_paused = true)]
async fn a_message_outlives_the_loss_of_its_session() {
    let (setup, browser) = Setup::connected().await;
    browser
        .tell(DriverEvent::SocketLost(Reason::NetworkLost))
        .await;
    reach(&setup.registry, id(1), StateName::DisconnectedRecoverable).await;
    let key = setup.queue("hola").await;
    settle().await;
    assert!(browser.take_texts().is_empty());
    browser.connect().await;
    setup.becomes(&key, MessageStatus::Sent).await;
    assert_eq!(browser.take_texts(), ["hola"]);
}

#[tokio::test(start_paused = true)]
async fn a_sleeping_session_is_woken() {
    let (setup, _) = Setup::connected().await;
    setup.registry.hibernate(id(1)).await.unwrap();
    let key = setup.queue("hola").await;
    let browser = setup.world.browser(id(1)).await;
    browser.connect().await;
    setup.becomes(&key, MessageStatus::Sent).await;
    assert_eq!(browser.take_texts(), ["hola"]);
}

#[tokio::test(start_paused = true)]
async fn one_cliente_does_not_wait_for_another() {
    let (setup, browser) = Setup::connected().await;
    browser.hold();
    let stuck = setup.queue("stuck").await;
    setup.becomes(&stuck, MessageStatus::Sending).await;
    let other = ready(&setup.world, &setup.registry, 2).await;
    let record = setup
        .outbox
        .submit(id(2), text("free"), super::patient())
        .await
        .unwrap();
    setup.becomes(&record.key, MessageStatus::Sent).await;
    assert_eq!(other.take_texts(), ["free"]);
}

#[tokio::test(start_paused = true)]
async fn messages_keep_their_pace() {
    let setup = Setup::with(OutboxPolicy {
        messages_per_minute: 6,
        ..OutboxPolicy::default()
    })
    .await;
    ready(&setup.world, &setup.registry, 1).await;
    let began = Instant::now();
    let first = setup.queue("first").await;
    setup.becomes(&first, MessageStatus::Sent).await;
    assert!(
        began.elapsed() < Duration::from_secs(1),
        "the first one goes at once"
    );
    let mut last = Instant::now();
    for number in 0..5 {
        let key = setup.queue(&number.to_string()).await;
        setup.becomes(&key, MessageStatus::Sent).await;
        let gap = last.elapsed();
        assert!(
            gap >= Duration::from_millis(6900) && gap <= Duration::from_millis(13_100),
            "{gap:?}"
        );
        last = Instant::now();
    }
}
