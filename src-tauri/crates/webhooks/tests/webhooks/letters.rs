//! Dead letters.

use crate::office::{Office, draft, place};
use crate::receiver::{Receiver, Reply, Told};

const DAY: i64 = 24 * 60 * 60 * 1000;

/// A webhook with three dead letters, of the moments 1, 2 and 3, and one that waits: 4.
async fn with_letters(path: &std::path::Path) -> (Office, Receiver, session_core::WebhookId) {
    let office = Office::open(path).await;
    let receiver = Receiver::new().await;
    receiver.always(Reply::Status(500));
    let id = office.add(draft(receiver.url())).await;
    office.record(7, 1..=4).await;
    for dead in 1..=3 {
        office
            .until(&id, "it fails", |report| report.tries.is_some())
            .await;
        office.clock.set(DAY);
        office
            .until(&id, "given up on", |report| report.dead == dead)
            .await;
    }
    (office, receiver, id)
}

fn moments(told: &[Told]) -> Vec<u64> {
    let mut moments: Vec<_> = told.iter().map(Told::at).collect();
    moments.dedup();
    moments
}

#[tokio::test]
async fn they_are_told_again_under_their_ids_before_what_waits() {
    let (_folder, path) = place();
    let (office, receiver, id) = with_letters(&path).await;
    let letters = office.webhooks.dead_letters(&id, 10).await.unwrap();
    let numbers: Vec<_> = letters
        .iter()
        .map(|letter| letter.announcement.at.0)
        .collect();
    assert_eq!(numbers, [3, 2, 1], "the newest first");
    let before = receiver.told();
    let first = before[0].id();
    // The receiver works again from here on, as far as it is asked for what it missed.
    office
        .webhooks
        .discard(&id, Some(letters[1].number))
        .await
        .unwrap();
    receiver.always(Reply::Status(200));
    let asked = office.webhooks.resend(&id, None).await.unwrap();
    assert_eq!(asked, 2);
    office
        .until(&id, "all told", |report| {
            report.dead == 0 && report.waiting == 0
        })
        .await;
    let told = receiver.told();
    let since = &told[before.len()..];
    let mut missed: Vec<_> = since.iter().map(Told::at).filter(|&at| at < 4).collect();
    missed.dedup();
    assert_eq!(missed, [1, 3]);
    assert!(since.iter().any(|told| told.id() == first));
    office.close().await;
}

#[tokio::test]
async fn one_that_fails_again_stays_and_holds_nothing_up() {
    let (_folder, path) = place();
    let (office, receiver, id) = with_letters(&path).await;
    let before = office.webhooks.dead_letters(&id, 10).await.unwrap();
    assert_eq!(office.webhooks.resend(&id, None).await.unwrap(), 3);
    // Only the first is tried.
    let oldest = before.last().unwrap();
    for _ in 0..1000 {
        let letters = office.webhooks.dead_letters(&id, 10).await.unwrap();
        if letters.last().unwrap().tries == oldest.tries + 1 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let count = receiver.told().len();
    receiver.wait(count + 2).await;
    let letters = office.webhooks.dead_letters(&id, 10).await.unwrap();
    assert_eq!(letters.len(), 3);
    assert_eq!(letters[2].tries, oldest.tries + 1);
    assert_eq!(
        letters[1].tries, before[1].tries,
        "the others were not tried"
    );
    receiver.always(Reply::Status(200));
    office
        .until(&id, "told", |report| report.waiting == 0)
        .await;
    assert_eq!(office.report(&id).await.dead, 3);
    assert_eq!(moments(&receiver.told()).last(), Some(&4));
    office.close().await;
}

#[tokio::test]
async fn they_are_thrown_away_one_or_all() {
    let (_folder, path) = place();
    let (office, _receiver, id) = with_letters(&path).await;
    let letters = office.webhooks.dead_letters(&id, 2).await.unwrap();
    assert_eq!(letters.len(), 2);
    let one = Some(letters[0].number);
    assert_eq!(office.webhooks.discard(&id, one).await.unwrap(), 1);
    assert_eq!(office.webhooks.discard(&id, one).await.unwrap(), 0);
    assert_eq!(office.webhooks.discard(&id, None).await.unwrap(), 2);
    assert!(
        office
            .webhooks
            .dead_letters(&id, 10)
            .await
            .unwrap()
            .is_empty()
    );
    office.close().await;
}
