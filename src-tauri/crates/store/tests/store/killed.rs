//! A program that dies.

use std::env;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use session_core::ports::{MessageStore, Store as _};
use session_core::{ClienteRecord, MessageKey, MessageStatus, NewMessage, Reason, Timestamp};
use session_store::{OpenReport, SqliteStore};

use crate::messages::{added, new, step};
use crate::support::{Place, change, id, plain};

/// Tells the program that writes where to, and where it shall begin.
const PLACE: &str = "STORE_TEST_PLACE";
const FIRST: &str = "STORE_TEST_FIRST";
/// What it says after each write that was answered, before the number.
const SAVED: &str = "saved ";

fn written(number: u64) -> ClienteRecord {
    ClienteRecord {
        name: format!("cliente {number}"),
        note: "x".repeat(usize::try_from(number % 3000).unwrap()),
        ..plain(number)
    }
}

const STEPS: [MessageStatus; 2] = [MessageStatus::Sending, MessageStatus::Sent];

/// A message whose key tells its number.
fn message(number: u64) -> NewMessage {
    NewMessage {
        key: key(number),
        ..new(
            number,
            &"x".repeat(usize::try_from(number % 500 + 1).unwrap()),
            None,
        )
    }
}

fn key(number: u64) -> MessageKey {
    format!("3EB0{number:020X}").parse().unwrap()
}

/// The program that writes until it is killed. It is no test by itself.
#[tokio::test]
async fn writes_until_it_is_killed() {
    let (Some(path), Ok(first)) = (env::var_os(PLACE), env::var(FIRST)) else {
        return;
    };
    let (store, report) = SqliteStore::open(&PathBuf::from(path)).unwrap();
    assert!(report.set_aside.is_none(), "{report:?}");
    for number in first.parse().unwrap().. {
        store.save(written(number)).await.unwrap();
        store
            .record(id(number), change(number, Reason::Connected))
            .await
            .unwrap();
        // In one of three ways: waits, is on its way, was sent.
        let message = message(number);
        added(&store, &message).await;
        for to in &STEPS[..usize::try_from(number % 3).unwrap()] {
            let step = step(&message.key, *to, number);
            MessageStore::change(&store, step).await.unwrap().unwrap();
        }
        // Past the harness, which would keep it.
        writeln!(std::io::stdout(), "{SAVED}{number}").unwrap();
    }
}

#[tokio::test]
async fn every_write_that_was_answered_is_there_after_a_kill() {
    let place = Place::new();
    let mut last = 0;
    // Between a few and many writes: in the middle of the first ones, and after the log went into the file.
    for patience in [1, 2, 3, 40, 7, 300, 150, 5] {
        let mut writer = Command::new(env::current_exe().unwrap())
            .args([
                "--exact",
                "killed::writes_until_it_is_killed",
                "--nocapture",
            ])
            .env(PLACE, &place.path)
            .env(FIRST, (last + 1).to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut answered = 0;
        for line in BufReader::new(writer.stdout.take().unwrap()).lines() {
            // Behind what the harness says without an end of line.
            if let Some((_, number)) = line.unwrap().split_once(SAVED) {
                last = number.parse().unwrap();
                answered += 1;
            }
            if answered == patience {
                // What it still says was answered too, and is read to the end.
                writer.kill().unwrap();
            }
        }
        assert!(!writer.wait().unwrap().success(), "it was killed");
        assert!(answered >= patience);

        let (store, report) = place.open();
        assert_eq!(report, OpenReport::default());
        let clientes = store.clientes().await.unwrap();
        // The one that was being written may be there as well.
        let count = u64::try_from(clientes.len()).unwrap();
        assert!((last..=last + 1).contains(&count), "{count} of {last}");
        for (number, record) in (1..).zip(clientes) {
            assert_eq!(record, written(number));
        }
        for number in 1..=last {
            let changes = store.timeline(id(number), 10).await.unwrap();
            assert_eq!(
                changes.last().map(|change| change.at),
                Some(Timestamp(number))
            );
            let expected = [MessageStatus::Queued, STEPS[0], STEPS[1]];
            let found = store.message(&key(number)).await.unwrap().unwrap();
            assert_eq!(found.status, expected[usize::try_from(number % 3).unwrap()]);
        }
        store.close().await;
    }
}
