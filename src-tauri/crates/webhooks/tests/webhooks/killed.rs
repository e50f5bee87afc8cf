//! A program that dies while it tells.

use std::env;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

use crate::office::{Office, draft, place};
use crate::receiver::{Receiver, Reply};

/// Tells the program that dies where its database is, and where it shall begin.
const PLACE: &str = "WEBHOOKS_TEST_PLACE";
const FIRST: &str = "WEBHOOKS_TEST_FIRST";
/// What it says after each change that was written, before the number.
const WRITTEN: &str = "written ";

/// The program that tells until it is killed. It is no test by itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tells_until_it_is_killed() {
    let (Some(path), Ok(first)) = (env::var_os(PLACE), env::var(FIRST)) else {
        return;
    };
    let office = Office::open(&PathBuf::from(path)).await;
    for number in first.parse().unwrap().. {
        office.record(7, [number]).await;
        // Past the harness, which would keep it.
        writeln!(std::io::stdout(), "{WRITTEN}{number}").unwrap();
    }
}

/// Whenever it dies, everything that was written arrives, in order; what was on its way may arrive twice, with its id.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_and_only_the_last_is_told_twice() {
    let (_folder, path) = place();
    let receiver = Receiver::new().await;
    let office = Office::open(&path).await;
    office.add(draft(receiver.url())).await;
    office.close().await;
    let mut written = Vec::new();
    for (round, patience) in (1..).zip([1, 2, 5, 30, 3, 80, 11, 150, 7, 40]) {
        // Some of them die while the receiver fails.
        receiver.then(&[Reply::Status(500), Reply::Status(200), Reply::Status(503)]);
        let mut teller = Command::new(env::current_exe().unwrap())
            .args(["--exact", "killed::tells_until_it_is_killed", "--nocapture"])
            .env(PLACE, &path)
            .env(FIRST, (round * 1_000_000).to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(teller.stdout.take().unwrap()).lines();
        let mut count = 0;
        while let Some(line) = lines.next_line().await.unwrap() {
            // Behind what the harness says without an end of line.
            if let Some((_, number)) = line.split_once(WRITTEN) {
                written.push(number.parse::<u64>().unwrap());
                count += 1;
            }
            if count == patience {
                // What it still says was written too, and is read to the end.
                teller.start_kill().unwrap();
            }
        }
        assert!(!teller.wait().await.unwrap().success(), "it was killed");
    }
    let office = Office::open(&path).await;
    let id = office.webhooks.list().await.unwrap()[0].webhook.id.clone();
    office
        .until(&id, "everything is told", |report| report.waiting == 0)
        .await;
    office.close().await;

    let told = receiver.told();
    let mut arrived: Vec<(u64, String)> = told.iter().map(|told| (told.at(), told.id())).collect();
    let whole = arrived.len();
    // The same one again only right after itself.
    arrived.dedup();
    assert!(arrived.is_sorted_by(|a, b| a.0 < b.0), "{arrived:?}");
    let mut ids: Vec<_> = arrived.iter().map(|(_, id)| id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), arrived.len());
    for number in &written {
        assert!(
            arrived.binary_search_by_key(number, |(at, _)| *at).is_ok(),
            "{number} never arrived"
        );
    }
    // What was being written when it died may have got in too: one a round.
    assert!(
        arrived.len() <= written.len() + 10,
        "{} of {}",
        arrived.len(),
        written.len()
    );
    assert!(whole >= arrived.len());
}
