//! Owns one browser process from spawn to burial.
//!
//! One task holds the process, the profile's lock and the tasks around the browser. However it ends (asked to close,
//! killed, crashed, hung, pipe closed), the order is the same: calls fail at once, the process group is killed and looked
//! for, the tasks end, the lock is released, and only then is anybody told. So whoever hears of the end can start the
//! next browser on the same profile. After an end that went well, a spare of the login is taken before the lock is
//! released.

use std::path::Path;
use std::process::ExitStatus;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use session_core::ClienteId;
use session_core::ports::DriverEvent;
use tokio::process::Child;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::ending::Ending;
use crate::line::Line;
use crate::login::Login;
use crate::pipe::{self, Gate};
use crate::platform::{self, Group};
use crate::process::{ErrorTail, Spawner, Started};
use crate::profile::spares::{self, NotTaken};
use crate::profile::{self, ProfileLock};
use crate::tasks::Tasks;

/// How long a browser may take to end after its pipe closed.
const PIPE_CLOSED: Duration = Duration::from_secs(1);
/// How long the other processes may take to end after the main one, and how often to look.
const FOLLOWED: Duration = Duration::from_secs(3);
const LOOK: Duration = Duration::from_millis(10);
/// How long a killed process may take to be gone.
const KILLED: Duration = Duration::from_secs(5);
/// How long a spare of the login may take.
const SPARE: Duration = Duration::from_secs(3);
/// When the program ends, everything together has twelve seconds. This much of it is for closing politely, this much
/// until the pipe must have done it, this much until all processes are gone, and this much until a spare must be there.
/// Killing takes what is left.
const POLITE_AT_THE_END: Duration = Duration::from_secs(8);
const PIPE_AT_THE_END: Duration = Duration::from_secs(9);
const FOLLOWED_AT_THE_END: Duration = Duration::from_secs(10);
const SPARE_AT_THE_END: Duration = Duration::from_secs(11);
/// How long the tasks around a browser may take to end.
const TASKS: Duration = Duration::from_secs(1);

/// What a keeper needs besides the process.
pub(crate) struct Charge {
    pub(crate) cliente: ClienteId,
    pub(crate) lock: ProfileLock,
    pub(crate) gate: Gate,
    pub(crate) events: mpsc::Sender<DriverEvent>,
    /// Whether a person looks at it: that its window is closed is then no failure.
    pub(crate) shown: bool,
    /// How long a polite close may take.
    pub(crate) close_timeout: Duration,
    /// For how long after a scan it is not killed.
    pub(crate) fresh_login: Duration,
    /// How long it may take to answer the least question.
    pub(crate) answer_timeout: Duration,
    /// The thread that the process depends on.
    pub(crate) spawner: Arc<Spawner>,
}

/// A browser process and what is known of its end.
#[derive(Debug)]
pub(crate) struct Keeper {
    cliente: ClienteId,
    pid: u32,
    tasks: Tasks,
    close: CancellationToken,
    lost: CancellationToken,
    gone: CancellationToken,
    /// Closes the pipe.
    unplug: CancellationToken,
    buried: CancellationToken,
    shown: bool,
    /// Fires when the person has closed the window.
    window_closed: CancellationToken,
    line: Line,
    login: Login,
    ending: Ending,
    exit: OnceLock<ExitStatus>,
    complaints: ErrorTail,
}

enum End {
    Asked,
    WindowClosed,
    Exited,
    Unreachable,
    Hung,
}

impl Keeper {
    /// Takes charge of a process that was just started. It is closed when `stop` fires.
    pub(crate) fn start(
        started: Started,
        charge: Charge,
        tracker: &TaskTracker,
        stop: &CancellationToken,
        ending: &Ending,
    ) -> Arc<Self> {
        let Started {
            child,
            pid,
            group,
            pipe,
            errors,
        } = started;
        let Charge {
            cliente,
            lock,
            gate,
            events,
            shown,
            close_timeout,
            fresh_login,
            answer_timeout,
            spawner,
        } = charge;
        let keeper = Arc::new(Self {
            cliente,
            pid,
            tasks: Tasks::new(),
            close: stop.child_token(),
            lost: CancellationToken::new(),
            gone: CancellationToken::new(),
            unplug: CancellationToken::new(),
            buried: CancellationToken::new(),
            shown,
            window_closed: CancellationToken::new(),
            line: Line::new(answer_timeout),
            login: Login::new(fresh_login),
            ending: ending.clone(),
            exit: OnceLock::new(),
            complaints: errors.clone(),
        });
        keeper.tasks.spawn(errors.follow());
        let lost = keeper.lost.clone().drop_guard();
        let unplug = keeper.unplug.clone();
        keeper.tasks.spawn(async move {
            let _lost = lost;
            let carried = unplug.run_until_cancelled(pipe::carry(gate, pipe)).await;
            if let Some(Err(cause)) = carried {
                tracing::debug!(%cliente, %cause, "the debugging pipe ended");
            }
        });
        let kept = Arc::clone(&keeper);
        tracker.spawn(async move {
            kept.keep(child, group, lock, events, close_timeout).await;
            drop(spawner);
        });
        keeper
    }

    /// The browser's main process.
    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// The tasks that end with the browser.
    pub(crate) fn tasks(&self) -> &Tasks {
        &self.tasks
    }

    /// Fires when the connection to the browser ends.
    pub(crate) fn lost(&self) -> &CancellationToken {
        &self.lost
    }

    /// Fires as soon as the browser is of no use any more.
    pub(crate) fn gone(&self) -> &CancellationToken {
        &self.gone
    }

    /// Fire it when the person has closed the window.
    pub(crate) fn window_closed(&self) -> &CancellationToken {
        &self.window_closed
    }

    /// What is known of the login.
    pub(crate) fn login(&self) -> &Login {
        &self.login
    }

    /// What a close is asked with.
    pub(crate) fn close_signal(&self) -> &CancellationToken {
        &self.close
    }

    /// The line to the browser.
    pub(crate) fn line(&self) -> &Line {
        &self.line
    }

    /// Ends the browser. When it returns, nothing of it is left; the lock is free.
    pub(crate) async fn close(&self) {
        self.close.cancel();
        self.buried.cancelled().await;
    }

    /// How the process ended, once it has.
    pub(crate) fn exit(&self) -> Option<ExitStatus> {
        self.exit.get().copied()
    }

    /// The end of what it complained about.
    pub(crate) fn complaints(&self) -> String {
        self.complaints.text()
    }

    async fn keep(
        &self,
        mut child: Child,
        group: Group,
        lock: ProfileLock,
        events: mpsc::Sender<DriverEvent>,
        close_timeout: Duration,
    ) {
        let end = tokio::select! {
            biased;
            () = self.close.cancelled() => End::Asked,
            () = self.window_closed.cancelled() => End::WindowClosed,
            _ = child.wait() => End::Exited,
            () = self.lost.cancelled() => End::Unreachable,
            () = self.line.hangs(&self.login) => End::Hung,
        };
        self.gone.cancel();
        if matches!(end, End::Hung) {
            tracing::warn!(cliente = %self.cliente, pid = self.pid, "the browser hangs and is ended");
        }
        let fresh_until = self.login.fresh_until();
        let mut ended = matches!(end, End::Exited);
        if matches!(end, End::Asked | End::WindowClosed) {
            let patience = Instant::now() + close_timeout;
            ended = self
                .ask_to_end(&mut child, fresh_until.max(Some(patience)))
                .await;
        }
        self.unplug.cancel();
        if !ended {
            // One that we lost touch with gets the time for a fresh login here; one that hangs had it. That the pipe
            // closes can end it well if it comes back just now.
            let patience = Some(Instant::now() + PIPE_CLOSED);
            ended = self
                .wait_for(&mut child, fresh_until.max(patience), PIPE_AT_THE_END)
                .await;
        }
        let group = Arc::new(group);
        if ended {
            self.let_the_rest_end(&group).await;
        }
        group.kill();
        let status = timeout(KILLED, child.wait()).await;
        if let Ok(Ok(status)) = status {
            let _ = self.exit.set(status);
        } else {
            tracing::error!(cliente = %self.cliente, pid = self.pid, "the browser cannot be killed");
        }
        let user_data = lock.user_data().to_owned();
        let pid = self.pid;
        let left = tokio::task::spawn_blocking(move || bury_the_rest(&group, &user_data)).await;
        let buried = matches!(left, Ok(0));
        if !buried {
            tracing::error!(cliente = %self.cliente, pid, "processes of the browser are left");
        }
        let well = ended && buried && self.exit().is_some_and(|status| status.success());
        // A browser whose last window was closed may have been gone before it could say so.
        let by_hand = self.shown
            && (matches!(end, End::WindowClosed)
                || (matches!(end, End::Exited | End::Unreachable) && well));
        let lock = if (by_hand || matches!(end, End::Asked)) && well && self.login.is_linked() {
            self.take_spare(lock).await
        } else {
            Some(lock)
        };
        self.complaints.complete().await;
        self.tasks.stop(TASKS).await;
        drop(lock);
        self.buried.cancel();
        tracing::info!(cliente = %self.cliente, pid, asked = matches!(end, End::Asked), "the browser ended");
        if !matches!(end, End::Asked) {
            let last = if by_hand {
                DriverEvent::WindowClosed
            } else {
                DriverEvent::BrowserExited
            };
            // A full channel must not keep us once somebody closes.
            tokio::select! {
                () = self.close.cancelled() => {}
                _ = events.send(last) => {}
            }
        }
    }

    /// `Browser.close` and time to obey: nothing that the page wrote is lost. Says whether it ended.
    async fn ask_to_end(&self, child: &mut Child, patience: Option<Instant>) -> bool {
        tokio::select! {
            ended = self.wait_for(child, patience, POLITE_AT_THE_END) => ended,
            () = self.line.close(self.login.fresh_until()) => false,
        }
    }

    /// The main process goes first. Those that keep cookies, local storage and databases learn of it then, and write out
    /// what they hold; killed in that moment, they would take a fresh login with them.
    async fn let_the_rest_end(&self, group: &Arc<Group>) {
        let followed = async {
            loop {
                let group = Arc::clone(group);
                let left = tokio::task::spawn_blocking(move || group.members().len()).await;
                if !left.is_ok_and(|left| left > 0) {
                    return;
                }
                sleep(LOOK).await;
            }
        };
        tokio::select! {
            biased;
            () = followed => {}
            () = sleep(FOLLOWED) => {
                tracing::info!(cliente = %self.cliente, pid = self.pid, "not all processes followed the browser");
            }
            () = self.ending.lasts(FOLLOWED_AT_THE_END) => {}
        }
    }

    /// Waits for the process to end by itself. The end of the program lets it have no more than this share of its time.
    async fn wait_for(
        &self,
        child: &mut Child,
        patience: Option<Instant>,
        share: Duration,
    ) -> bool {
        let patience = patience.unwrap_or_else(Instant::now);
        tokio::select! {
            biased;
            ended = child.wait() => ended.is_ok(),
            () = sleep_until(patience) => false,
            () = self.ending.lasts(share) => false,
        }
    }

    /// Copies the login while nobody can write to it, and gives the lock back.
    async fn take_spare(&self, lock: ProfileLock) -> Option<ProfileLock> {
        let start = Instant::now();
        let mut deadline = start + SPARE;
        if let Some(since) = self.ending.since() {
            deadline = deadline.min(since + SPARE_AT_THE_END);
        }
        let taking = tokio::task::spawn_blocking(move || {
            let taken = spares::take(&lock, deadline.into_std());
            (lock, taken)
        });
        let (lock, taken) = taking.await.ok()?;
        match taken {
            Ok(taken) => tracing::info!(
                cliente = %self.cliente,
                files = taken.files,
                copied = taken.copied,
                shared = taken.shared,
                ms = start.elapsed().as_millis(),
                "a spare of the login was taken"
            ),
            Err(NotTaken::NotLinked) => {
                tracing::debug!(cliente = %self.cliente, "there is no login to spare");
            }
            Err(cause) => {
                tracing::warn!(cliente = %self.cliente, %cause, "no spare of the login was taken");
            }
        }
        Some(lock)
    }
}

/// Kills what is left of the browser's processes; says how many resist.
fn bury_the_rest(group: &Group, user_data: &Path) -> usize {
    let arguments = profile::known_by(user_data);
    let end = Instant::now() + KILLED;
    loop {
        let mut left = group.members();
        left.extend(platform::processes_with_argument(&arguments));
        if left.is_empty() || Instant::now() > end {
            return left.len();
        }
        left.into_iter().for_each(platform::signal_kill);
        std::thread::sleep(Duration::from_millis(10));
    }
}
