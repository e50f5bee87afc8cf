//! What families of processes take.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use session_core::ports::{Resources as _, Usage};
use session_resources::SystemResources;

const MIB: u64 = 1024 * 1024;

/// A process group like a browser's; gone with this.
struct Family {
    main: Child,
}

impl Family {
    /// Runs a script until it says that it is ready. What it reads from descriptor 3 ends with this, so that nobody
    /// who left the group stays behind.
    fn start(script: &str) -> Self {
        let mut main = Command::new("bash")
            .args(["-c", &format!("exec 3<&0; {script}")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        let mut line = String::new();
        let out = main.stdout.take().unwrap();
        BufReader::new(out).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        Self { main }
    }

    fn id(&self) -> u32 {
        self.main.id()
    }

    /// Kills all, and leaves the main process to be waited for.
    fn kill(&self) {
        let group = Pid::from_raw(i32::try_from(self.id()).unwrap());
        // Some of it may be gone already.
        let _ = killpg(group, Signal::SIGKILL);
    }
}

impl Drop for Family {
    fn drop(&mut self) {
        self.kill();
        self.main.wait().unwrap();
    }
}

fn resources() -> SystemResources {
    SystemResources::new(std::env::temp_dir())
}

async fn one(resources: &SystemResources, family: &Family) -> Usage {
    resources.usage(vec![family.id()]).await[&family.id()]
}

#[tokio::test]
async fn what_is_shared_is_counted_once() {
    // Two children that share all 100 MB of their parent.
    let family = Family::start(
        "x=$(head -c 100000000 /dev/zero | tr '\\0' a)
         (read <&3) & (read <&3) & echo ready; wait",
    );
    let usage = one(&resources(), &family).await;
    assert!(usage.memory > 95 * MIB, "{usage:?}");
    assert!(usage.memory < 180 * MIB, "{usage:?}");
}

#[tokio::test]
async fn everybody_s_children_count_for_their_own_family_only() {
    // The memory is in a grandchild that left the group.
    let large = Family::start(
        "(setsid bash -c 'x=$(head -c 50000000 /dev/zero | tr \"\\0\" a); echo ready; read <&3' & wait) & wait",
    );
    let small = Family::start("read <&3 & echo ready; wait");
    let usage = resources()
        .usage(vec![large.id(), small.id(), u32::MAX])
        .await;
    assert_eq!(usage.len(), 2, "{usage:?}");
    assert!(usage[&large.id()].memory > 45 * MIB, "{usage:?}");
    assert!(usage[&small.id()].memory < 20 * MIB, "{usage:?}");
    assert!(usage[&small.id()].memory > 0, "{usage:?}");
}

#[tokio::test]
async fn a_browser_that_grows_is_seen_to() {
    let mut family = Family::start(
        "echo ready; read <&3; x=$(head -c 50000000 /dev/zero | tr '\\0' a); read <&3",
    );
    let resources = resources();
    let before = one(&resources, &family).await;
    assert!(before.memory < 20 * MIB, "{before:?}");
    let again = one(&resources, &family).await;
    assert_eq!(again.memory, before.memory);
    family
        .main
        .stdin
        .as_mut()
        .unwrap()
        .write_all(b"\n")
        .unwrap();
    let began = Instant::now();
    while one(&resources, &family).await.memory < 45 * MIB {
        assert!(began.elapsed() < Duration::from_secs(20));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Processor time of the children of a process, as the system's own tool says.
fn seconds(pid: u32) -> f32 {
    let output = Command::new("ps")
        .args(["-o", "cputimes=", "--ppid", &pid.to_string()])
        .output()
        .unwrap();
    String::from_utf8(output.stdout)
        .unwrap()
        .split_ascii_whitespace()
        .map(|seconds| seconds.parse::<f32>().unwrap())
        .sum()
}

#[tokio::test]
async fn processor_time_is_that_since_the_last_look() {
    let family = Family::start("(while :; do :; done) & echo ready; wait");
    let resources = resources();
    let began = Instant::now();
    let first = one(&resources, &family).await;
    assert!(first.cpu == 0.0, "nothing to compare with: {first:?}");
    // However busy the machine is: until the child has had two seconds.
    while seconds(family.id()) < 2.0 {
        assert!(began.elapsed() < Duration::from_secs(60));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let second = one(&resources, &family).await;
    let elapsed = began.elapsed().as_secs_f32();
    let taken = second.cpu / 100.0 * elapsed;
    // One loop on one core cannot take more than the time that passed.
    assert!(
        taken > 1.9 && second.cpu < 105.0,
        "{second:?} in {elapsed} s"
    );

    // A family that began since the last look has taken all of its time since.
    let late =
        Family::start("i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; echo ready; read <&3");
    let usage = resources.usage(vec![late.id()]).await;
    assert!(usage[&late.id()].cpu > 0.0, "{usage:?}");
}

#[tokio::test]
async fn those_that_ended_are_left_out_with_what_they_left_behind() {
    let mut family = Family::start("(read <&3) & echo ready; wait");
    let resources = resources();
    assert_eq!(resources.usage(vec![family.id()]).await.len(), 1);
    // The main process alone, and nobody has waited for it yet: it is still in the table of processes.
    family.main.kill().unwrap();
    let began = Instant::now();
    while !resources.usage(vec![family.id()]).await.is_empty() {
        assert!(began.elapsed() < Duration::from_secs(20));
        tokio::task::yield_now().await;
    }
}
