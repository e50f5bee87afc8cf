//! What survives: ends of the program, of clientes, of the store; and what does not.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use session_core::ports::CallError;
use session_core::{FailureCode, MediaSource, MessageStatus, NotQueued, OutboxPolicy, Wish};
use tokio::time::{Duration, Instant, sleep};

use super::{Setup, file, named, patient, text};
use crate::support::{id, ready, settle};

async fn restarted(setup: Setup) -> Setup {
    setup.outbox.shutdown().await;
    setup.registry.shutdown().await;
    let (store, files) = (Arc::clone(&setup.store), Arc::clone(&setup.files));
    Setup::over(store, files, OutboxPolicy::default()).await
}

#[tokio::test(start_paused = true)]
async fn what_waited_and_what_was_on_its_way_goes_out_after_a_restart_under_the_same_keys() {
    let (setup, browser) = Setup::connected().await;
    browser.hold();
    let (first, second) = (setup.queue("first").await, setup.queue("second").await);
    setup.becomes(&first, MessageStatus::Sending).await;
    let setup = restarted(setup).await;
    assert_eq!(setup.record(&first).await.status, MessageStatus::Sending);
    let tally = setup.outbox.tally();
    assert_eq!((tally.queued, tally.sending), (1, 1));
    let browser = ready(&setup.world, &setup.registry, 1).await;
    setup.becomes(&second, MessageStatus::Sent).await;
    let asked = browser.asked.lock().unwrap().clone();
    let keys: Vec<_> = asked.into_iter().map(|(key, _)| key).collect();
    assert_eq!(keys, [first, second]);
}

#[tokio::test(start_paused = true)]
async fn the_end_of_the_program_waits_for_the_message_that_is_on_its_way_and_takes_no_other() {
    let (setup, browser) = Setup::connected().await;
    browser.hold();
    let (first, second) = (setup.queue("first").await, setup.queue("second").await);
    setup.becomes(&first, MessageStatus::Sending).await;
    let ends = tokio::spawn({
        let outbox = setup.outbox.clone();
        async move { outbox.shutdown().await }
    });
    sleep(Duration::from_millis(500)).await;
    assert!(!ends.is_finished());
    let refused = setup.outbox.submit(id(1), text("x"), patient()).await;
    assert!(matches!(refused, Err(NotQueued::ShuttingDown)));
    browser.sends.add_permits(9);
    ends.await.unwrap();
    assert_eq!(setup.record(&first).await.status, MessageStatus::Sent);
    assert_eq!(setup.record(&second).await.status, MessageStatus::Queued);
    assert_eq!(browser.take_texts(), ["first"]);
}

#[tokio::test(start_paused = true)]
async fn the_end_of_the_program_does_not_wait_for_long() {
    let (setup, browser) = Setup::connected().await;
    browser.hold();
    let key = setup.queue("hola").await;
    setup.becomes(&key, MessageStatus::Sending).await;
    let began = Instant::now();
    setup.outbox.shutdown().await;
    assert!(began.elapsed() <= Duration::from_secs(2));
    assert_eq!(setup.record(&key).await.status, MessageStatus::Sending);
}

#[tokio::test(start_paused = true)]
async fn a_message_expires_to_the_second_and_does_not_go_out_later() {
    let setup = Setup::new().await;
    setup.known(1).await;
    let wish = Wish {
        life: Some(Duration::from_secs(90)),
        ..patient()
    };
    let began = Instant::now();
    let long = setup.queue("long").await;
    let short = setup
        .outbox
        .submit(id(1), text("short"), wish)
        .await
        .unwrap()
        .key;
    let failed = setup.becomes(&short, MessageStatus::Failed).await;
    assert_eq!(began.elapsed().as_secs(), 90);
    assert_eq!(failed.reason, Some(FailureCode::of(FailureCode::EXPIRED)));
    let failed = setup.becomes(&long, MessageStatus::Failed).await;
    assert_eq!(began.elapsed().as_secs(), 24 * 3600);
    assert_eq!(failed.reason, Some(FailureCode::of(FailureCode::EXPIRED)));
    let browser = ready(&setup.world, &setup.registry, 1).await;
    sleep(Duration::from_secs(60)).await;
    assert!(browser.take_texts().is_empty());
}

#[tokio::test(start_paused = true)]
async fn one_that_may_have_arrived_is_not_said_to_have_expired() {
    let (setup, browser) = Setup::connected().await;
    browser
        .failures
        .lock()
        .unwrap()
        .push_back(CallError::Timeout);
    let key = setup.queue("hola").await;
    setup.becomes(&key, MessageStatus::Sending).await;
    setup.registry.stop(id(1)).await.unwrap();
    let failed = setup.becomes(&key, MessageStatus::Failed).await;
    assert_eq!(
        failed.reason,
        Some(FailureCode::of(FailureCode::OUTCOME_UNKNOWN))
    );
}

#[tokio::test(start_paused = true)]
async fn a_forgotten_cliente_loses_its_messages_and_files_and_another_with_its_id_gets_none() {
    let setup = Setup::new().await;
    setup.known(1).await;
    setup.queue("hola").await;
    let path = MediaSource::Path("/out/5.png".into());
    setup
        .outbox
        .submit(id(1), file(path), patient())
        .await
        .unwrap();
    assert_eq!(setup.files.files.lock().unwrap().len(), 1);
    setup.registry.destroy(id(1), true).await.unwrap();
    settle().await;
    assert!(setup.store.statuses().is_empty());
    assert!(setup.files.files.lock().unwrap().is_empty());
    assert_eq!(setup.outbox.tally().queued, 0);
    let browser = ready(&setup.world, &setup.registry, 1).await;
    let key = setup.queue("new").await;
    setup.becomes(&key, MessageStatus::Sent).await;
    assert_eq!(browser.take_texts(), ["new"]);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_keeps_nothing_from_being_sent_at_once() {
    let (setup, browser) = Setup::connected().await;
    setup.store.broken.store(true, Ordering::SeqCst);
    setup.outbox.send(id(1), text("plain")).await.unwrap();
    assert_eq!(browser.take_texts(), ["plain"]);
    for wish in [patient(), named("order-1")] {
        let refused = setup.outbox.submit(id(1), text("sure"), wish).await;
        assert!(matches!(refused, Err(NotQueued::Store(_))), "{refused:?}");
    }
    sleep(Duration::from_secs(60)).await;
    assert!(
        browser.take_texts().is_empty(),
        "what is not on disk does not go out"
    );
}

#[tokio::test(start_paused = true)]
async fn what_was_sent_while_the_store_failed_is_written_down_when_it_works_again() {
    let (setup, browser) = Setup::connected().await;
    browser.hold();
    let key = setup.queue("hola").await;
    setup.becomes(&key, MessageStatus::Sending).await;
    setup.store.broken.store(true, Ordering::SeqCst);
    browser.sends.add_permits(1);
    sleep(Duration::from_secs(60)).await;
    setup.store.broken.store(false, Ordering::SeqCst);
    setup.becomes(&key, MessageStatus::Sent).await;
    assert_eq!(browser.take_texts(), ["hola"], "sent twice");
}

#[tokio::test(start_paused = true)]
async fn a_copied_file_goes_with_its_message_and_an_upload_can_be_sent_again() {
    let (setup, browser) = Setup::connected().await;
    let path = MediaSource::Path("/out/5.png".into());
    let copy = setup
        .outbox
        .submit(id(1), file(path.clone()), patient())
        .await
        .unwrap();
    setup.becomes(&copy.key, MessageStatus::Sent).await;
    settle().await;
    assert!(setup.files.files.lock().unwrap().is_empty());
    setup.outbox.send(id(1), file(path)).await.unwrap();
    settle().await;
    assert!(setup.files.files.lock().unwrap().is_empty());
    let asked = browser.take_texts();
    assert!(
        asked.iter().all(|path| path.starts_with("/media/")),
        "{asked:?}"
    );

    let mut upload = setup.outbox.begin_media().await.unwrap();
    upload.write(b"png").await.unwrap();
    let media = setup
        .outbox
        .finish_media(upload, "image/png".into(), None, 3)
        .await
        .unwrap();
    for _ in 0..2 {
        let source = MediaSource::Upload(media.id.clone());
        let record = setup
            .outbox
            .submit(id(1), file(source), patient())
            .await
            .unwrap();
        setup.becomes(&record.key, MessageStatus::Sent).await;
    }
    assert_eq!(setup.files.files.lock().unwrap().len(), 1);
    sleep(Duration::from_secs(26 * 3600)).await;
    assert!(
        setup.files.files.lock().unwrap().is_empty(),
        "unused for a day"
    );
}
