//! The program is killed while messages are on their way. Every message that it answered for is at WhatsApp exactly once,
//! and so is every one that its caller repeated under the same key until there was an answer; and of each of them a
//! webhook is told, in order.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::calls::{Answer, Caller};
use crate::receiver::Receiver;
use crate::scale::{Random, count};
use crate::support::wait_for;
use crate::turn;
use crate::world::{STUCK, World};

/// Kills in the long form.
const KILLS: u32 = 50;
/// How long messages are sent before a kill, at most.
const MEANWHILE: Duration = Duration::from_millis(2500);

/// What callers know of their messages, by text.
#[derive(Default)]
struct Letters {
    /// Answered for.
    promised: BTreeSet<String>,
    /// Sent under a key, which is its text, and not answered for yet.
    open: Vec<String>,
    /// Sent without a key and without an answer: nobody knows.
    unknown: Vec<String>,
}

/// Sends until the program is gone.
fn keep_sending(caller: &Caller, round: u32, keyed: bool, letters: &Mutex<Letters>) {
    for number in 0.. {
        let kind = if keyed { "key" } else { "later" };
        let text = format!("{kind}-{round}-{number}");
        let call = caller.send_for_sure(1, &text, keyed.then_some(&*text));
        let mut letters = letters.lock().unwrap();
        match call.answer {
            Answer::Said(200 | 202, _) => {
                letters.promised.insert(text);
            }
            // The session is on its way back: nothing was taken.
            Answer::Said(409, _) => {}
            Answer::Said(status, body) => panic!("{text}: {status} {body}"),
            Answer::Broken(_) | Answer::Hung => {
                let lost = if keyed {
                    &mut letters.open
                } else {
                    &mut letters.unknown
                };
                lost.push(text);
                return;
            }
        }
        drop(letters);
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
#[ignore = "takes minutes: scripts/test faults runs all of these"]
fn messages_outlive_kills() {
    let _turn = turn();
    let seed = Random::seed();
    println!("FAULTS_SEED={seed}");
    let mut random = Random::new(seed);
    let mut world = World::started();
    world.link(&[1]);
    let receiver = Receiver::listen();
    let hook = json!({"url": receiver.url, "events": ["message.status"]});
    let (status, added) = world.app().post("/webhooks", None, &hook);
    assert_eq!(status, 201, "{added}");
    let letters = Mutex::new(Letters::default());
    for round in 0..count(KILLS) {
        let (caller, pause) = (world.caller(), random.time(MEANWHILE));
        std::thread::scope(|scope| {
            for keyed in [true, false] {
                let (caller, letters) = (&caller, &letters);
                scope.spawn(move || keep_sending(caller, round, keyed, letters));
            }
            std::thread::sleep(pause);
            world.kill();
        });
        world.start(&[]);
        // Some are killed again before they are up.
        if random.below(4) > 0 {
            let back = world.recovery(1, "READY", None, Instant::now());
            assert!(back.is_ok(), "{back:?}");
        }
    }
    let back = world.recovery(1, "READY", None, Instant::now());
    assert!(back.is_ok(), "{back:?}");
    let caller = world.caller();
    let Letters {
        mut promised,
        open,
        unknown,
    } = letters.into_inner().unwrap();
    for text in open {
        wait_for("an answer to a repeated message", || {
            let call = caller.send_for_sure(1, &text, Some(&text));
            matches!(call.answer, Answer::Said(200 | 202, _)).then_some(())
        });
        promised.insert(text);
    }
    let begun = Instant::now();
    while caller.pending() > 0 {
        assert!(begun.elapsed() < STUCK, "messages are still to be sent");
        std::thread::sleep(Duration::from_millis(100));
    }
    receiver.was_told(&world.taken_ids());
    let taken = world.taken();
    println!(
        "{} kills, {} messages answered for, {} of which nobody knows, {} at WhatsApp",
        count(KILLS),
        promised.len(),
        unknown.len(),
        taken.len()
    );
    for text in &promised {
        assert_eq!(taken.get(text), Some(&1), "{text}");
    }
    for (text, count) in &taken {
        assert_eq!(*count, 1, "{text}");
        assert!(promised.contains(text) || unknown.contains(text), "{text}");
    }
    world.end();
}
