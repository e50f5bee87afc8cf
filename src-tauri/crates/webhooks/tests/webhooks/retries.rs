//! What fails is tried again, for a day.

use std::time::Duration;

use session_core::WebhookProblem;
use session_webhooks::Policy;

use crate::office::{Office, draft, place, quick};
use crate::receiver::{Receiver, Reply};

const DAY: i64 = 24 * 60 * 60 * 1000;

#[tokio::test]
async fn a_failing_receiver_is_reported_until_it_answers_again() {
    let (_folder, path) = place();
    let office = Office::open(&path).await;
    let receiver = Receiver::new().await;
    receiver.always(Reply::Status(502));
    let id = office.add(draft(receiver.url())).await;
    office.record(7, [1, 2, 3]).await;
    let report = office
        .until(&id, "it fails", |report| {
            report.tries.is_some_and(|tries| tries.number >= 3)
        })
        .await;
    assert_eq!(
        (
            report.status,
            report.problem,
            report.waiting,
            report.delivered
        ),
        (Some(502), Some(WebhookProblem::Status), 3, None)
    );
    assert!(report.failing.is_some());
    receiver.always(Reply::Status(200));
    let report = office
        .until(&id, "told", |report| report.waiting == 0)
        .await;
    assert_eq!(
        (report.status, report.problem, report.failing, report.tries),
        (Some(200), None, None, None)
    );
    assert!(report.delivered.is_some());
    let figures = office.webhooks.figures();
    assert_eq!((figures.delivered, figures.given_up), (3, 0));
    assert!(figures.failed >= 3);
    office.close().await;
}

#[tokio::test]
async fn after_a_day_it_is_a_dead_letter_and_the_next_one_goes_on() {
    let (_folder, path) = place();
    let office = Office::open(&path).await;
    let receiver = Receiver::new().await;
    receiver.always(Reply::Status(500));
    let id = office.add(draft(receiver.url())).await;
    office.record(7, [1, 2]).await;
    office
        .until(&id, "it fails", |report| report.tries.is_some())
        .await;
    office.clock.set(DAY);
    let report = office
        .until(&id, "given up on", |report| report.dead == 1)
        .await;
    assert_eq!(report.waiting, 1);
    let letters = office.webhooks.dead_letters(&id, 10).await.unwrap();
    assert_eq!(letters[0].announcement.at.0, 1);
    assert_eq!(letters[0].failure.status, Some(500));
    assert!(letters[0].tries >= 2);
    // The next one has a day of its own.
    let next = office
        .until(&id, "the next one fails", |report| report.tries.is_some())
        .await;
    assert!(next.dead == 1);
    receiver.always(Reply::Status(200));
    office
        .until(&id, "told", |report| report.waiting == 0)
        .await;
    assert_eq!(receiver.told().last().unwrap().at(), 2);
    assert_eq!(office.webhooks.figures().given_up, 1);
    office.close().await;
}

#[tokio::test]
async fn a_clock_that_is_set_back_stalls_nothing() {
    let (_folder, path) = place();
    let office = Office::open(&path).await;
    let receiver = Receiver::new().await;
    receiver.always(Reply::Status(500));
    let id = office.add(draft(receiver.url())).await;
    office.record(7, [1]).await;
    office
        .until(&id, "it fails", |report| report.tries.is_some())
        .await;
    office.clock.set(-365 * DAY);
    let before = receiver.told().len();
    receiver.wait(before + 3).await;
    // And the day is one from now on, not one from a year ahead.
    office.clock.set(DAY + 1000);
    office
        .until(&id, "given up on", |report| report.dead == 1)
        .await;
    office.close().await;
}

#[tokio::test]
async fn a_receiver_that_asks_for_patience_gets_it() {
    let (_folder, path) = place();
    let policy = Policy {
        longest_pause: Duration::from_secs(3600),
        ..quick()
    };
    let office = Office::with(&path, policy, &[]).await;
    let receiver = Receiver::new().await;
    receiver.then(&[Reply::Later(503, 1800)]);
    let id = office.add(draft(receiver.url())).await;
    office.record(7, [1]).await;
    let report = office
        .until(&id, "it fails", |report| report.tries.is_some())
        .await;
    let tries = report.tries.unwrap();
    assert_eq!(tries.next.since(tries.last), Duration::from_secs(1800));
    // A person who tries it in between, and sees that it works, need not wait.
    let tested = office.webhooks.test(&id).await.unwrap();
    assert_eq!((tested.status, tested.problem), (Some(200), None));
    office
        .until(&id, "told", |report| report.waiting == 0)
        .await;
    let told = receiver.told();
    assert_eq!(told[1].json()["event"], "test");
    assert_eq!(told[2].id(), told[0].id());
    office.close().await;
}

#[tokio::test]
async fn every_failure_has_a_name() {
    let (_folder, path) = place();
    let policy = Policy {
        deadline: Duration::from_millis(300),
        ..quick()
    };
    let office = Office::with(&path, policy, &[]).await;
    let receiver = Receiver::new().await;
    let id = office.add(draft(receiver.url())).await;
    let test = async || {
        let result = office.webhooks.test(&id).await.unwrap();
        (result.problem.map(WebhookProblem::code), result.status)
    };
    assert_eq!(test().await, (None, Some(200)));
    receiver.then(&[Reply::Status(404)]);
    assert_eq!(test().await, (Some("STATUS"), Some(404)));
    receiver.then(&[Reply::Status(410)]);
    assert_eq!(test().await, (Some("GONE"), Some(410)));
    assert!(
        office.report(&id).await.webhook.enabled,
        "a try by hand switches nothing off"
    );
    receiver.then(&[Reply::Silence]);
    assert_eq!(test().await, (Some("TIMEOUT"), None));
    let address = receiver.leave().await;
    assert_eq!(test().await, (Some("REFUSED"), None));
    let url = format!("https://{address}/");
    let receiver = Receiver::at(address).await;
    office.webhooks.update(&id, &draft(url)).await.unwrap();
    assert_eq!(test().await, (Some("TLS"), None), "it speaks no TLS");
    drop(receiver);
    // Too long for a name: no resolver is asked.
    let unknown = draft(format!("http://{}.test/", "x".repeat(64)));
    office.webhooks.update(&id, &unknown).await.unwrap();
    assert_eq!(test().await, (Some("UNKNOWN_HOST"), None));
    office.close().await;
}
