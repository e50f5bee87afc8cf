//! What outlives the program.

use std::time::Duration;

use session_webhooks::{Policy, WebhookError};

use crate::office::{Office, draft, place, quick};
use crate::receiver::{Receiver, Reply};

#[tokio::test]
async fn what_was_not_told_is_told_after_a_restart_under_the_same_id() {
    let (_folder, path) = place();
    let receiver = Receiver::new().await;
    let office = Office::open(&path).await;
    receiver.always(Reply::Silence);
    office.add(draft(receiver.url())).await;
    office.record(7, [1, 2]).await;
    receiver.wait(1).await;
    office.close().await;

    receiver.always(Reply::Status(200));
    let office = Office::open(&path).await;
    let told = receiver.wait(3).await;
    assert_eq!([told[0].at(), told[1].at(), told[2].at()], [1, 1, 2]);
    assert_eq!(told[0].id(), told[1].id());
    office.close().await;
}

#[tokio::test]
async fn pauses_and_tries_go_on_after_a_restart() {
    let (_folder, path) = place();
    let policy = Policy {
        longest_pause: Duration::from_secs(3600),
        ..quick()
    };
    let receiver = Receiver::new().await;
    receiver.always(Reply::Later(500, 1800));
    let office = Office::with(&path, policy, &[]).await;
    let id = office.add(draft(receiver.url())).await;
    office.record(7, [1]).await;
    let before = office
        .until(&id, "it fails", |report| report.tries.is_some())
        .await;
    office.close().await;

    let office = Office::with(&path, policy, &[]).await;
    let report = office.report(&id).await;
    assert_eq!(report.tries, before.tries);
    assert_eq!(receiver.told().len(), 1, "the pause is not over");
    // Until it is.
    office.clock.set(1_900_000);
    office.close().await;
    let office = Office::with(&path, policy, &[]).await;
    office.clock.set(1_900_000);
    receiver.always(Reply::Status(200));
    // Changing it has it tried at once.
    office
        .webhooks
        .update(&id, &draft(receiver.url()))
        .await
        .unwrap();
    receiver.wait(2).await;
    office.close().await;
}

#[tokio::test]
async fn those_of_the_command_line_cannot_be_changed_and_go_with_it() {
    let (_folder, path) = place();
    let receiver = Receiver::new().await;
    // Named twice is named once.
    let fixed = [receiver.url(), format!(" {}", receiver.url())];
    let office = Office::with(&path, quick(), &fixed).await;
    let [report] = office.webhooks.list().await.unwrap().try_into().unwrap();
    assert!(report.webhook.fixed);
    let id = report.webhook.id.clone();
    let other = draft("http://127.0.0.1:9/".to_owned());
    for outcome in [
        office.webhooks.update(&id, &other).await.map(|_| ()),
        office.webhooks.remove(&id).await,
        office.webhooks.rotate(&id).await.map(|_| ()),
    ] {
        assert!(matches!(outcome, Err(WebhookError::Fixed)));
    }
    receiver.always(Reply::Status(500));
    office.record(7, [1]).await;
    receiver.wait(1).await;
    office.close().await;

    receiver.always(Reply::Status(200));
    let office = Office::with(&path, quick(), &fixed).await;
    office
        .until(&id, "told", |report| report.waiting == 0)
        .await;
    let before = receiver.told().len();
    office.record(7, 2..=5).await;
    office
        .until(&id, "told", |report| report.waiting == 0)
        .await;
    assert_eq!(receiver.told().len(), before + 4, "each once");
    assert_eq!(
        office.report(&id).await.webhook.secret,
        report.webhook.secret
    );
    office.close().await;

    let office = Office::open(&path).await;
    assert!(office.webhooks.list().await.unwrap().is_empty());
    office.close().await;
}
