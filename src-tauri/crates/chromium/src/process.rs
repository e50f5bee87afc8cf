//! Starts the browser's process and knows how it ended.
//!
//! Every browser is spawned from one thread that lives as long as the launcher: on Linux the signal that takes a
//! browser down with us follows the thread that spawned it, and a worker thread of the runtime may end early.

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::process::{Child, ChildStderr, Command};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::platform::{DebugPipe, Group, Launch};

/// A browser process that was started.
pub(crate) struct Started {
    pub(crate) child: Child,
    pub(crate) pid: u32,
    pub(crate) group: Group,
    pub(crate) pipe: DebugPipe,
    pub(crate) errors: ErrorTail,
}

struct Request {
    launch: Launch,
    runtime: Handle,
    reply: oneshot::Sender<io::Result<(Child, Group)>>,
}

/// The thread that spawns browsers. They die with it.
#[derive(Debug)]
pub(crate) struct Spawner {
    requests: Option<mpsc::Sender<Request>>,
    thread: Option<JoinHandle<()>>,
}

impl Spawner {
    /// Starts the thread.
    pub(crate) fn start() -> io::Result<Self> {
        let (requests, queue) = mpsc::channel(8);
        let thread = thread::Builder::new()
            .name("browser-spawner".to_owned())
            .spawn(move || serve(queue))?;
        Ok(Self {
            requests: Some(requests),
            thread: Some(thread),
        })
    }

    /// Starts a program on a debugging pipe. Its standard error is kept in part; the rest of its streams are closed.
    pub(crate) async fn spawn(
        &self,
        program: &Path,
        args: Vec<OsString>,
        crash_dumps: &Path,
    ) -> io::Result<Started> {
        let mut command = Command::new(program);
        command
            .args(args)
            // There is no argument for it.
            .env("BREAKPAD_DUMP_LOCATION", crash_dumps)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let (launch, pipe) = Launch::prepare(command)?;

        let (reply, answer) = oneshot::channel();
        let request = Request {
            launch,
            runtime: Handle::current(),
            reply,
        };
        let gone = || io::Error::other("the spawning thread is gone");
        let requests = self.requests.as_ref().ok_or_else(gone)?;
        requests.send(request).await.map_err(|_| gone())?;
        let (mut child, group) = answer.await.map_err(|_| gone())??;
        let pid = child
            .id()
            .ok_or_else(|| io::Error::other("the process ended at once"))?;
        let errors = ErrorTail::default();
        let stderr = child.stderr.take();
        errors.follow_later(stderr);
        Ok(Started {
            child,
            pid,
            group,
            pipe,
            errors,
        })
    }
}

impl Drop for Spawner {
    fn drop(&mut self) {
        self.requests.take();
        if let Some(thread) = self.thread.take() {
            // It ends at once: nobody can ask it for anything any more.
            let _ = thread.join();
        }
    }
}

fn serve(mut queue: mpsc::Receiver<Request>) {
    while let Some(request) = queue.blocking_recv() {
        let Request {
            launch,
            runtime,
            reply,
        } = request;
        let _context = runtime.enter();
        // Where nobody waits any more, the child is killed as it is dropped.
        drop(reply.send(launch.spawn()));
    }
}

/// How much of a browser's complaints is kept, bytes.
const TAIL: usize = 8 * 1024;
/// How long the last complaints may take to arrive after the end.
const LAST_WORDS: Duration = Duration::from_millis(300);

/// The end of what a browser wrote to its standard error. Only for finding out why a start failed: never shown or
/// logged, as it may hold paths and page texts.
#[derive(Clone, Debug, Default)]
pub(crate) struct ErrorTail {
    text: Arc<Mutex<Vec<u8>>>,
    stream: Arc<Mutex<Option<ChildStderr>>>,
    ended: CancellationToken,
}

impl ErrorTail {
    fn follow_later(&self, stream: Option<ChildStderr>) {
        *self.stream.lock().unwrap_or_else(PoisonError::into_inner) = stream;
    }

    /// Reads until the stream ends.
    pub(crate) async fn follow(self) {
        let stream = self
            .stream
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(mut stream) = stream {
            let mut chunk = [0; 4096];
            while let Ok(count @ 1..) = stream.read(&mut chunk).await {
                self.push(&chunk[..count]);
            }
        }
        self.ended.cancel();
    }

    fn push(&self, chunk: &[u8]) {
        let mut text = self.text.lock().unwrap_or_else(PoisonError::into_inner);
        text.extend_from_slice(chunk);
        let excess = text.len().saturating_sub(TAIL);
        text.drain(..excess);
    }

    /// Waits a moment for the last words to arrive.
    pub(crate) async fn complete(&self) {
        let _ = tokio::time::timeout(LAST_WORDS, self.ended.cancelled()).await;
    }

    /// Everything kept.
    pub(crate) fn text(&self) -> String {
        let text = self.text.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&text).into_owned()
    }
}

/// How a process ended, for a person: no path, no secret.
pub(crate) fn describe(status: ExitStatus) -> String {
    if let Some(code) = status.code() {
        return format!("it ended with code {code}");
    }
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return format!("it was ended by signal {signal}");
    }
    "it ended".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[tokio::test]
    async fn a_process_gets_the_pipe_and_its_place_for_crash_dumps() {
        use tokio::io::AsyncWriteExt;
        let spawner = Spawner::start().unwrap();
        let script = "read line <&3; echo \"$line\" >&4; echo \"dumps in $BREAKPAD_DUMP_LOCATION\" >&2; exit 7";
        let args = vec![OsString::from("-c"), OsString::from(script)];
        let mut started = spawner
            .spawn(Path::new("/bin/sh"), args, Path::new("/profile/crashes"))
            .await
            .unwrap();
        started.pipe.commands.write_all(b"hello\n").await.unwrap();
        let mut answer = String::new();
        // The end comes only because no copy of the pipe is left with us.
        let reading = started.pipe.answers.read_to_string(&mut answer);
        tokio::time::timeout(Duration::from_secs(10), reading)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(answer, "hello\n");
        started.errors.clone().follow().await;
        assert_eq!(started.errors.text(), "dumps in /profile/crashes\n");
        let status = started.child.wait().await.unwrap();
        assert_eq!(describe(status), "it ended with code 7");
    }

    #[test]
    fn only_the_end_of_the_complaints_is_kept() {
        let tail = ErrorTail::default();
        for n in 0..2000 {
            tail.push(format!("line {n}\n").as_bytes());
        }
        let text = tail.text.lock().unwrap();
        assert_eq!(text.len(), TAIL);
        assert!(text.ends_with(b"line 1999\n"));
    }
}
