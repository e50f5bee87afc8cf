//! A limit of the container that this program is in.

use std::env;
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::{self, Command, Stdio};

use session_core::ports::Resources as _;
use session_resources::SystemResources;

/// Makes a run of this test the program inside.
const INSIDE: &str = "RESOURCES_TEST_INSIDE";
const LIMIT: u64 = 256 * 1024 * 1024;
const SAYS: &str = "memory ";

/// A control group with a limit; gone with this.
struct Group(PathBuf);

impl Group {
    fn new() -> Option<Self> {
        let name = format!("session-resources-{}", process::id());
        // Both generations; the second has a controller only where it was passed down.
        [
            ("/sys/fs/cgroup/memory", "memory.limit_in_bytes"),
            ("/sys/fs/cgroup", "memory.max"),
        ]
        .into_iter()
        .find_map(|(top, limit)| {
            let folder = PathBuf::from(top).join(&name);
            fs::create_dir(&folder).ok()?;
            let group = Self(folder);
            let limited = group.0.join(limit).exists()
                && fs::write(group.0.join(limit), LIMIT.to_string()).is_ok();
            limited.then_some(group)
        })
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // Only an empty one can be removed; a program that has ended leaves it at once.
        let _ = fs::remove_dir(&self.0);
    }
}

/// The program inside. It is no test by itself.
#[tokio::test]
async fn says_what_memory_there_is() {
    if env::var_os(INSIDE).is_none() {
        return;
    }
    // Waits to be put into the group.
    let mut word = [0];
    std::io::stdin().read_exact(&mut word).unwrap();
    let memory = SystemResources::new(env::temp_dir())
        .memory()
        .await
        .unwrap();
    writeln!(
        std::io::stdout(),
        "{SAYS}{} {}",
        memory.total,
        memory.available
    )
    .unwrap();
}

#[tokio::test]
async fn a_limit_of_the_container_is_the_memory_there_is() {
    let outside = SystemResources::new(env::temp_dir())
        .memory()
        .await
        .unwrap();
    assert!(outside.total > LIMIT && outside.available <= outside.total);
    let Some(group) = Group::new() else {
        println!("skipped: no control group may be made here");
        return;
    };
    let mut inside = Command::new(env::current_exe().unwrap())
        .args(["--exact", "group::says_what_memory_there_is", "--nocapture"])
        .env(INSIDE, "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    fs::write(group.0.join("cgroup.procs"), inside.id().to_string()).unwrap();
    inside.stdin.take().unwrap().write_all(b".").unwrap();
    let output = inside.wait_with_output().unwrap();
    let output = String::from_utf8(output.stdout).unwrap();
    let (_, said) = output.split_once(SAYS).expect(&output);
    let mut numbers = said
        .split_ascii_whitespace()
        .map(|word| word.parse::<u64>().unwrap_or(0));
    assert_eq!(numbers.next(), Some(LIMIT));
    let available = numbers.next().unwrap();
    assert!(available > LIMIT / 2 && available < LIMIT, "{available}");
}
