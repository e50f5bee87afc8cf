//! How a reader comes to know what it missed.

use std::time::Duration;

use serde_json::{Value, json};
use session_core::ports::DriverEvent;
use session_core::{Reason, StateName};
use tokio::time::sleep;

use super::{Stream, Told, later};
use crate::support::{Setup, account, id};

#[tokio::test(start_paused = true)]
async fn who_comes_back_goes_on_where_it_was() {
    let setup = Setup::new().await;
    let mut stream = Stream::open(&setup, "/events").await;
    stream.snapshot().await;
    setup.bring(3, StateName::Ready).await;
    setup.bring(4, StateName::Ready).await;
    let mut told = Vec::new();
    for piece in 0.. {
        let next = stream.next().await;
        let is_last = next.name == "ready" && next.data["cliente_id"] == 4;
        told.push(next);
        if is_last {
            break;
        }
        assert!(piece < 100, "{told:?}");
    }
    drop(stream);
    for (missed, last) in told.iter().enumerate() {
        let mut again = Stream::resumed(&setup, "/events", &last.id).await;
        for next in &told[missed + 1..] {
            assert_eq!(&again.next().await, next);
        }
        let more = again.names().await;
        assert!(
            more.iter().all(|name| name == "resources"),
            "{more:?} after {last:?}"
        );
    }
    // Of one cliente only.
    let mut one = Stream::resumed(&setup, "/events?cliente_id=4", &told[0].id).await;
    let of_one: Vec<_> = told
        .iter()
        .filter(|told| told.data["cliente_id"] == 4)
        .collect();
    for next in of_one {
        assert_eq!(&one.next().await, next);
    }
}

#[tokio::test(start_paused = true)]
async fn who_comes_back_with_an_id_that_is_not_known_is_told_everything() {
    let setup = Setup::new().await;
    setup.bring(3, StateName::Ready).await;
    let mut stream = Stream::open(&setup, "/events").await;
    let newest = stream.next().await.id;
    let (_, number) = newest.split_once('-').unwrap();
    let ahead = format!("1000000-{}", number.parse::<u64>().unwrap() + 1);
    let earlier_run = format!("999999-{number}");
    for last in [&ahead, &earlier_run, number, "", "nonsense", "1000000-x"] {
        let mut again = Stream::resumed(&setup, "/events", last).await;
        let snapshot = again.snapshot().await;
        assert_eq!(snapshot["clientes"][0]["state"], "READY", "{last}");
    }
    // One that was known, but too long ago.
    let old = format!("1000000-{}", 1);
    for cliente in 100..1200 {
        let added = setup
            .registry
            .add(Some(id(cliente)), String::new(), String::new());
        added.await.unwrap();
    }
    let mut again = Stream::resumed(&setup, "/events", &old).await;
    let snapshot = again.snapshot().await;
    assert_eq!(snapshot["clientes"].as_array().unwrap().len(), 1101);
    // And what comes after that is told one by one again.
    setup.registry.destroy(id(100), true).await.unwrap();
    assert_eq!(again.until("removed").await.data["cliente_id"], 100);
}

/// A code that was replaced or has expired can only be scanned in vain.
#[tokio::test(start_paused = true)]
async fn old_codes_are_not_told_again() {
    let setup = Setup::new().await;
    let mut stream = Stream::open(&setup, "/events").await;
    let first = stream.next().await.id;
    setup.bring(7, StateName::QrRequired).await;
    for number in 2..5 {
        setup.world.tell(id(7), later(number)).await;
        setup
            .until(7, |snapshot| {
                matches!(
                    snapshot.session.state,
                    session_core::State::QrRequired { codes, .. } if codes == number
                )
            })
            .await;
    }
    let current = setup.get("/status", 7).await.body;
    let current: Value = serde_json::from_str(&current).unwrap();
    let path = "/events?cliente_id=7";
    let mut again = Stream::resumed(&setup, path, &first).await;
    let qr = again.until("qr").await;
    assert_eq!(qr.data["qr"], current["qr_code_base64"]);
    assert_eq!(again.names().await, [""; 0]);
    let snapshot = Stream::open(&setup, "/events").await.snapshot().await;
    assert_eq!(snapshot["clientes"][0]["qr"]["qr"], qr.data["qr"]);

    // 15 s have passed; a further code lives for 20.
    sleep(Duration::from_secs(5)).await;
    let mut late = Stream::resumed(&setup, path, &first).await;
    assert!(!late.names().await.contains(&"qr".to_owned()));
    let snapshot = Stream::open(&setup, "/events").await.snapshot().await;
    assert_eq!(snapshot["clientes"][0]["state"], "QR_REQUIRED");
    assert_eq!(snapshot["clientes"][0]["qr"], Value::Null);

    // One that was scanned is over at once.
    setup.world.tell(id(7), later(5)).await;
    setup
        .world
        .tell(id(7), DriverEvent::Connected(account()))
        .await;
    setup
        .until(7, |snapshot| snapshot.state() == StateName::Ready)
        .await;
    let mut after = Stream::resumed(&setup, path, &first).await;
    let names = after.names().await;
    assert!(!names.contains(&"qr".to_owned()), "{names:?}");
    assert_eq!(names.last().unwrap(), "ready");
}

/// A reader that fell behind is told how things are now, and nothing old after that.
#[tokio::test(start_paused = true)]
async fn a_slow_reader_gets_a_snapshot_instead_of_a_backlog() {
    let setup = Setup::new().await;
    let mut stream = Stream::open(&setup, "/events").await;
    stream.snapshot().await;
    for cliente in 1..=1100 {
        let added = setup
            .registry
            .add(Some(id(cliente)), String::new(), String::new());
        added.await.unwrap();
    }
    let snapshot = stream.snapshot().await;
    assert_eq!(snapshot["clientes"].as_array().unwrap().len(), 1100);
    setup.registry.destroy(id(1100), true).await.unwrap();
    let next = stream.next().await;
    assert_eq!(
        (next.name.as_str(), &next.data["cliente_id"]),
        ("removed", &json!(1100))
    );
}

/// What a tool knows of a cliente after an event, by the rules of the documentation.
fn apply(known: &mut serde_json::Map<String, Value>, told: &Told) {
    let data = told.data.as_object().unwrap();
    let cliente = data["cliente_id"].to_string();
    if told.name == "removed" {
        known.remove(&cliente);
        return;
    }
    let entry = known.entry(cliente).or_insert_with(
        || json!({"account": null, "degraded": null, "progress": null, "qr": null}),
    );
    let mut part = data.clone();
    match told.name.as_str() {
        "state" => {
            part.remove("previous_state");
            for (field, value) in part {
                entry[field] = value;
            }
            if entry["state"] != "READY" {
                entry["account"] = Value::Null;
            }
            if entry["login_step"] != "code" {
                entry["qr"] = Value::Null;
            }
            let loads =
                ["INITIALIZING", "RECONNECTING"].contains(&entry["state"].as_str().unwrap());
            if !loads && entry["login_step"] != "linking" {
                entry["progress"] = Value::Null;
            }
        }
        "ready" => entry["account"] = data["account"].clone(),
        "degraded" => entry["degraded"] = data["reason"].clone(),
        "progress" | "qr" => {
            part.remove("cliente_id");
            entry[told.name.as_str()] = Value::Object(part);
        }
        "hibernated" => assert_eq!(entry["hibernated"], true),
        other => panic!("{other}"),
    }
}

/// Whoever follows the events knows at any time what a snapshot would say.
#[tokio::test(start_paused = true)]
async fn the_events_keep_a_snapshot_up_to_date() {
    use session_core::{Progress, Stage};
    let setup = Setup::new().await;
    let mut stream = Stream::open(&setup, "/events").await;
    stream.snapshot().await;
    let mut known = serde_json::Map::new();
    let tell = async |cliente, event| setup.world.tell(id(cliente), event).await;
    for step in 0..12 {
        match step {
            0 => setup.bring(1, StateName::QrRequired).await,
            1 => setup.bring(2, StateName::Ready).await,
            2 => setup.bring(3, StateName::Initializing).await,
            3 => setup.bring(4, StateName::Error).await,
            4 => tell(1, later(2)).await,
            5 => {
                tell(1, DriverEvent::CodeTaken).await;
                let progress = Progress {
                    stage: Stage::Syncing,
                    percent: Some(40),
                };
                tell(1, DriverEvent::Progress(progress)).await;
            }
            6 => tell(2, DriverEvent::SocketLost(Reason::NetworkLost)).await,
            7 => tell(1, DriverEvent::Connected(account())).await,
            8 => tell(2, DriverEvent::LoggedOut(Reason::LoggedOut)).await,
            9 => drop(setup.registry.stop(id(3)).await.unwrap()),
            10 => setup.registry.destroy(id(2), true).await.unwrap(),
            _ => tell(1, DriverEvent::Banned(Reason::Banned)).await,
        }
        // Long enough for what was told to arrive, short enough for no code to expire.
        sleep(Duration::from_millis(100)).await;
        let now = Stream::open(&setup, "/events").await.next().await;
        let mut last = String::new();
        while last != now.id {
            let told = stream.next().await;
            last.clone_from(&told.id);
            if told.name != "resources" {
                apply(&mut known, &told);
            }
        }
        let followed: Vec<_> = known.values().cloned().collect();
        assert_eq!(json!(followed), now.data["clientes"], "after step {step}");
    }
}
