//! Somebody who is told by a webhook, and notes what.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::world::STUCK;

/// The statuses of a message that went out.
const OUT: [&str; 4] = ["sent", "server_ack", "device_ack", "read"];

/// Whoever is told by a webhook.
pub(crate) struct Receiver {
    pub(crate) url: String,
    told: Arc<Mutex<Vec<Value>>>,
}

impl Receiver {
    pub(crate) fn listen() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let told = Arc::default();
        let noted = Arc::clone(&told);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let noted = Arc::clone(&noted);
                std::thread::spawn(move || serve(stream, &noted));
            }
        });
        Self { url, told }
    }

    /// Everything so far, in order.
    fn told(&self) -> Vec<Value> {
        self.told
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Waits until it has been told that these messages went out. Everything was told in order, and what came again came
    /// right behind itself, under the same id and in the same words.
    pub(crate) fn was_told(&self, messages: &BTreeSet<String>) {
        let begun = Instant::now();
        let missing = |events: &[Value]| -> Vec<String> {
            let out: BTreeSet<_> = events
                .iter()
                .filter(|event| OUT.contains(&event["status"].as_str().unwrap_or_default()))
                .filter_map(|event| event["message"].as_str())
                .collect();
            let known = |id: &&String| !out.contains(id.as_str());
            messages.iter().filter(known).cloned().collect()
        };
        while !missing(&self.told()).is_empty() {
            let late = begun.elapsed() > STUCK;
            assert!(!late, "nobody was told of {:?}", missing(&self.told()));
            sleep(Duration::from_millis(100));
        }
        let events = self.told();
        let mut last = "";
        let mut seen: BTreeMap<&str, &Value> = BTreeMap::new();
        let mut again = 0;
        for event in &events {
            let id = event["id"].as_str().unwrap();
            if let Some(before) = seen.insert(id, event) {
                assert!(before == event && last == id, "{before}, and then {event}");
                again += 1;
            }
            last = id;
        }
        println!("{} events told, {again} of them again", events.len());
    }
}

/// Takes every event of one connection, until its other end is gone.
fn serve(stream: TcpStream, noted: &Mutex<Vec<Value>>) -> Option<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let mut length = 0;
        let mut line = String::new();
        while line != "\r\n" {
            line.clear();
            if stream.read_line(&mut line).ok()? == 0 {
                return None;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).ok()?;
        // Noted before it is taken: a program that is killed in between tells it once more.
        noted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(serde_json::from_slice(&body).ok()?);
        let answer = b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n";
        stream.get_mut().write_all(answer).ok()?;
    }
}
