//! Clientes and their timeline.

use rusqlite::Connection;
use session_core::ports::Store as _;
use session_core::{Account, ClienteId, ClienteRecord, PhoneNumber, Reason, Timestamp, Wanted};
use session_store::{OpenReport, TIMELINE_KEPT};

use crate::support::{Place, change, id, plain};

#[tokio::test]
async fn what_was_saved_is_there_after_reopening() {
    let place = Place::new();
    let full = ClienteRecord {
        name: "Ventas 'norte' 🙂".into(),
        note: "línea 1\nlínea 2".into(),
        wanted: Wanted::Running,
        account: Some(Account {
            number: PhoneNumber::parse("5491155551234").unwrap(),
            name: Some("Ana".into()),
        }),
        self_test: true,
        ..plain(ClienteId::MAX)
    };
    let unnamed = ClienteRecord {
        account: Some(Account {
            number: PhoneNumber::parse("34600111222").unwrap(),
            name: None,
        }),
        ..plain(2)
    };
    {
        let (store, report) = place.open();
        assert!(report.created && report.set_aside.is_none(), "{report:?}");
        store.save(full.clone()).await.unwrap();
        store.save(plain(2)).await.unwrap();
        store.save(plain(7)).await.unwrap();
        // Saved again: changed, not doubled, and its timeline stays.
        store
            .record(id(2), change(5, Reason::Connected))
            .await
            .unwrap();
        store.save(unnamed.clone()).await.unwrap();
        store.remove(id(7)).await.unwrap();
        store.close().await;
    }
    let (store, report) = place.open();
    assert_eq!(report, OpenReport::default());
    assert_eq!(store.clientes().await.unwrap(), [unnamed, full]);
    assert_eq!(
        store.timeline(id(2), 10).await.unwrap(),
        [change(5, Reason::Connected)]
    );
}

#[tokio::test]
async fn many_are_written_whole_or_not_at_all() {
    let place = Place::new();
    let (store, _) = place.open();
    store.save(plain(2)).await.unwrap();
    store.close().await;
    // Some row in the middle that the disk does not take.
    Connection::open(&place.path)
        .unwrap()
        .execute_batch(
            "CREATE TRIGGER no BEFORE INSERT ON clientes WHEN NEW.id = 4 BEGIN SELECT RAISE(ABORT, 'no'); END",
        )
        .unwrap();
    let (store, _) = place.open();
    store
        .save_all(vec![plain(3), plain(4), plain(5)])
        .await
        .unwrap_err();
    assert_eq!(store.clientes().await.unwrap(), [plain(2)]);
    store.save_all(vec![plain(5), plain(3)]).await.unwrap();
    assert_eq!(
        store.clientes().await.unwrap(),
        [plain(2), plain(3), plain(5)]
    );
}

#[tokio::test]
async fn the_timeline_is_newest_first_and_limited() {
    let place = Place::new();
    let (store, _) = place.open();
    store.save(plain(1)).await.unwrap();
    store.save(plain(2)).await.unwrap();
    // The clock is set back in between: the order is that of the writing.
    for (at, reason) in [
        (10, Reason::LoginNeeded),
        (20, Reason::Connected),
        (5, Reason::NetworkLost),
    ] {
        store.record(id(1), change(at, reason)).await.unwrap();
    }
    store
        .record(id(2), change(1, Reason::Banned))
        .await
        .unwrap();
    let times = async |limit| -> Vec<u64> {
        let changes = store.timeline(id(1), limit).await.unwrap();
        changes.iter().map(|change| change.at.0).collect()
    };
    assert_eq!(times(10).await, [5, 20, 10]);
    assert_eq!(times(2).await, [5, 20]);
    assert_eq!(times(0).await, []);
    assert_eq!(
        store.timeline(id(2), 10).await.unwrap(),
        [change(1, Reason::Banned)]
    );
}

#[tokio::test]
async fn the_oldest_changes_go_first() {
    let place = Place::new();
    let (store, _) = place.open();
    store.save(plain(1)).await.unwrap();
    store.save(plain(2)).await.unwrap();
    store
        .record(id(2), change(1, Reason::Banned))
        .await
        .unwrap();
    store.close().await;
    // Filled behind the store's back: a thousand synced writes are slow.
    Connection::open(&place.path)
        .unwrap()
        .execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
             INSERT INTO timeline (cliente, at, before, after, reason)
             SELECT 1, i, 'QR_REQUIRED', 'READY', 'CONNECTED' FROM n",
            [TIMELINE_KEPT],
        )
        .unwrap();

    let (store, _) = place.open();
    for at in [5001, 5002] {
        store
            .record(id(1), change(at, Reason::Connected))
            .await
            .unwrap();
    }
    let kept = store.timeline(id(1), u32::MAX).await.unwrap();
    assert_eq!(kept.len(), 1000);
    assert_eq!(kept[0].at.0, 5002);
    assert_eq!(kept[999].at.0, 3);
    assert_eq!(store.timeline(id(2), 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn forgetting_a_cliente_takes_its_timeline_along() {
    let place = Place::new();
    let (store, _) = place.open();
    store.save(plain(1)).await.unwrap();
    store
        .record(id(1), change(1, Reason::Connected))
        .await
        .unwrap();
    store.remove(id(1)).await.unwrap();
    store.remove(id(1)).await.expect("gone is as wanted");
    // A change that was on its way is no failure of the store.
    store
        .record(id(1), change(2, Reason::StopRequested))
        .await
        .unwrap();
    assert_eq!(store.timeline(id(1), 10).await.unwrap(), []);
    store.save(plain(1)).await.unwrap();
    assert_eq!(store.timeline(id(1), 10).await.unwrap(), []);
}

#[tokio::test]
async fn codes_of_another_version_do_not_break_reading() {
    let place = Place::new();
    let (store, _) = place.open();
    store.save(plain(1)).await.unwrap();
    store
        .record(id(1), change(1, Reason::Connected))
        .await
        .unwrap();
    store.close().await;
    Connection::open(&place.path)
        .unwrap()
        .execute_batch(
            "INSERT INTO timeline (cliente, at, before, after, reason) VALUES
                 (1, 2, 'HIBERNATING', 'READY', 'CONNECTED'),
                 (1, 3, 'READY', 'LEVITATING', 'CONNECTED'),
                 (1, 4, 'READY', 'ERROR', 'SUNSPOTS'),
                 (1, -9, 'READY', 'ERROR', 'BROWSER_DIED');
             INSERT INTO clientes (id, name, note, wanted, created, account_number) VALUES
                 (2, 'b', '', 'perhaps', -5, 'not a number');",
        )
        .unwrap();

    let (store, report) = place.open();
    assert_eq!(report, OpenReport::default());
    let clientes = store.clientes().await.unwrap();
    assert_eq!(clientes.len(), 2);
    assert_eq!(clientes[1].wanted, Wanted::Stopped);
    assert_eq!(clientes[1].account, None);
    assert_eq!(clientes[1].created, Timestamp(0));
    // The unknown ones are left out and take no place of the known ones.
    let reasons: Vec<_> = store
        .timeline(id(1), 2)
        .await
        .unwrap()
        .iter()
        .map(|change| change.reason)
        .collect();
    assert_eq!(reasons, [Reason::BrowserDied, Reason::Connected]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_callers_at_once_lose_nothing() {
    let place = Place::new();
    let (store, _) = place.open();
    let store = std::sync::Arc::new(store);
    let callers: Vec<_> = (1..=40)
        .map(|number| {
            let store = std::sync::Arc::clone(&store);
            tokio::spawn(async move {
                store.save(plain(number)).await.unwrap();
                for at in 1..=5 {
                    store
                        .record(id(number), change(at, Reason::Connected))
                        .await
                        .unwrap();
                    store.clientes().await.unwrap();
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
    assert_eq!(store.clientes().await.unwrap().len(), 40);
    for number in 1..=40 {
        let times: Vec<_> = store
            .timeline(id(number), 10)
            .await
            .unwrap()
            .iter()
            .map(|change| change.at.0)
            .collect();
        assert_eq!(times, [5, 4, 3, 2, 1]);
    }
}

#[tokio::test]
async fn what_a_caller_asked_for_is_done_although_it_left() {
    let place = Place::new();
    let (store, _) = place.open();
    {
        // One poll puts the call into the queue; then the caller is gone.
        let mut saving = std::pin::pin!(store.save(plain(1)));
        let polled =
            std::future::poll_fn(|cx| std::task::Poll::Ready(saving.as_mut().poll(cx).is_ready()));
        polled.await;
    }
    assert_eq!(store.clientes().await.unwrap(), [plain(1)]);
}
