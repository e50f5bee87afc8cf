//! What is known of messages: acknowledgements, changes, numbers.

use session_core::ports::CallError;
use session_core::{Ack, Latency, MessageStatus};
use tokio::time::{Duration, Instant, sleep};

use super::{Setup, text};
use crate::support::{id, settle};

#[tokio::test(start_paused = true)]
async fn acknowledgements_raise_a_message_and_never_lower_it() {
    use MessageStatus::{Queued, Read, Sending, Sent, ServerAck};

    let (setup, browser) = Setup::connected().await;
    let mut changes = setup.outbox.subscribe();
    let key = setup.queue("hola").await;
    setup.becomes(&key, MessageStatus::Sent).await;
    sleep(Duration::from_millis(300)).await;
    for ack in [Ack::Server, Ack::Read, Ack::Device, Ack::Server, Ack::Read] {
        browser.acknowledge_key(&key, ack).await;
        settle().await;
    }
    let mut told = Vec::new();
    while let Ok(change) = changes.try_recv() {
        assert_eq!((change.cliente, &change.key), (id(1), &key));
        told.push((change.previous, change.status));
    }
    assert_eq!(
        told,
        [
            (None, Queued),
            (Some(Queued), Sending),
            (Some(Sending), Sent),
            (Some(Sent), ServerAck),
            (Some(ServerAck), Read),
        ]
    );
    let tally = setup.outbox.tally();
    assert_eq!(
        (tally.queued, tally.sending, tally.sent, tally.failed),
        (0, 0, 1, 0)
    );
    let place = Latency::BOUNDS
        .iter()
        .position(|bound| *bound >= 0.3)
        .unwrap();
    assert_eq!(tally.acknowledged.counts[place], 1);
}

#[tokio::test(start_paused = true)]
async fn a_plain_send_is_known_afterwards_even_when_it_is_acknowledged_before() {
    let (setup, browser) = Setup::connected().await;
    browser.hold();
    let sending = tokio::spawn({
        let outbox = setup.outbox.clone();
        async move { outbox.send(id(1), text("hola")).await }
    });
    sleep(Duration::from_secs(1)).await;
    let key = browser.asked.lock().unwrap()[0].0.clone();
    assert!(setup.outbox.message(&key).await.unwrap().is_none());
    browser.acknowledge_key(&key, Ack::Device).await;
    settle().await;
    browser.sends.add_permits(1);
    sending.await.unwrap().unwrap();
    settle().await;
    let record = setup.record(&key).await;
    assert_eq!(record.status, MessageStatus::DeviceAck);
    assert_eq!(record.to, "5491****34@c.us");
    assert!(!record.content_kept && record.message_id.is_some());
}

#[tokio::test(start_paused = true)]
async fn an_acknowledgement_ends_a_try_whose_outcome_nobody_knew() {
    let (setup, browser) = Setup::connected().await;
    let failures = (0..3).map(|_| CallError::Timeout);
    browser.failures.lock().unwrap().extend(failures);
    let (first, second) = (setup.queue("first").await, setup.queue("second").await);
    setup.becomes(&first, MessageStatus::Sending).await;
    sleep(Duration::from_millis(100)).await;
    let began = Instant::now();
    browser.failures.lock().unwrap().clear();
    // The page sent it by itself after all.
    browser.acknowledge_key(&first, Ack::Server).await;
    setup.becomes(&second, MessageStatus::Sent).await;
    assert!(
        began.elapsed() < Duration::from_millis(500),
        "it waits for a message that is gone"
    );
    assert_eq!(browser.take_texts(), ["first", "second"]);
    let first = setup.record(&first).await;
    assert_eq!(first.status, MessageStatus::ServerAck);
    assert!(first.message_id.is_some() && !first.content_kept);
}

#[tokio::test(start_paused = true)]
async fn an_acknowledgement_of_a_message_that_was_given_up_is_believed() {
    let (setup, browser) = Setup::connected().await;
    let failure = CallError::Refused("NUMBER_NOT_ON_WHATSAPP".into());
    browser.failures.lock().unwrap().push_back(failure);
    let key = setup.queue("hola").await;
    setup.becomes(&key, MessageStatus::Failed).await;
    browser.acknowledge_key(&key, Ack::Server).await;
    let known = setup.becomes(&key, MessageStatus::ServerAck).await;
    assert_eq!(known.reason, None);
}
