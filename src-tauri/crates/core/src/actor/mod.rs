//! One task owns one session and its browser. Every input arrives through one queue or is an event of that browser;
//! nobody else touches either.

mod calls;
mod command;
mod launch;
mod report;
mod step;
mod window;

pub(crate) use command::Command;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::FutureExt as _;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::breaker::BreakerState;
use crate::cliente::ClienteId;
use crate::clock::Clock;
use crate::journal::Journal;
use crate::machine::{Event, Session, Timer};
use crate::ports::{Browser, DriverEvent, Launcher, Profiles};
use crate::reason::Reason;
use crate::registry::{CommandError, StartError};
use crate::slots::{Slot, Slots};
use crate::snapshot::{Picture, Published};
use crate::state::Policy;

use calls::Calls;
use report::Report;

/// What a session needs of the world.
pub(crate) struct Deps {
    pub(crate) launcher: Arc<dyn Launcher>,
    pub(crate) profiles: Arc<dyn Profiles>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) policy: Policy,
    pub(crate) journal: Journal,
    /// Browsers that may be coming up at the same time.
    pub(crate) launches: Arc<Semaphore>,
    /// Browsers that may run at the same time.
    pub(crate) slots: Slots,
    pub(crate) tasks: TaskTracker,
}

/// Inputs that may wait.
const QUEUE: usize = 64;

pub(crate) struct Actor {
    id: ClienteId,
    deps: Arc<Deps>,
    published: Arc<Published>,
    session: Session,
    browser: Option<Arc<dyn Browser>>,
    events: Option<mpsc::Receiver<DriverEvent>>,
    calling_off: CancellationToken,
    /// Of the state, and of the delivery.
    timers: [Option<(Timer, Instant)>; 2],
    /// The place of the browser that runs.
    slot: Option<Slot>,
    /// That of a browser that just ended, for the one that follows it at once.
    kept: Option<Slot>,
    /// Whether a picture of the page is kept before it is closed.
    picture_first: bool,
    logging_out: bool,
    ended: bool,
    reports: (mpsc::Sender<Report>, mpsc::Receiver<Report>),
    starting: Vec<oneshot::Sender<Result<(), StartError>>>,
    stopping: Vec<oneshot::Sender<()>>,
    sleeping: Vec<oneshot::Sender<Result<(), CommandError>>>,
    calls: Calls,
}

impl Actor {
    /// Begins a session that has not been started yet. Its queue closes when the session is over.
    pub(crate) fn spawn(
        id: ClienteId,
        published: Arc<Published>,
        deps: Arc<Deps>,
    ) -> mpsc::Sender<Command> {
        let (sender, commands) = mpsc::channel(QUEUE);
        let tasks = deps.tasks.clone();
        let actor = Self {
            id,
            session: Session::new(deps.clock.now(), id.get()),
            deps,
            published,
            browser: None,
            events: None,
            calling_off: CancellationToken::new(),
            timers: [None; 2],
            slot: None,
            kept: None,
            picture_first: false,
            logging_out: false,
            ended: false,
            reports: mpsc::channel(QUEUE),
            starting: Vec::new(),
            stopping: Vec::new(),
            sleeping: Vec::new(),
            calls: Calls::default(),
        };
        let (published, clock) = (Arc::clone(&actor.published), Arc::clone(&actor.deps.clock));
        tasks.spawn(async move {
            let run = AssertUnwindSafe(actor.run(commands)).catch_unwind();
            // What it held is gone with it: its browser is closed, its callers are answered. Without a word it would
            // go on to look as it did.
            if run.await.is_err() {
                tracing::error!(cliente = %id, "the session ended by a mistake of the program");
                let now = clock.now();
                published.update(|snapshot| {
                    snapshot.session = Session::broken(now, id.get());
                    snapshot.picture = Picture::None;
                    snapshot.browser_pid = None;
                    snapshot.usage = None;
                    snapshot.breaker = BreakerState::default();
                });
            }
        });
        sender
    }

    async fn run(mut self, mut commands: mpsc::Receiver<Command>) {
        let mut reachable = true;
        while !self.ended {
            tokio::select! {
                // What happened comes before what is wanted: a command then sees the state as it is.
                biased;
                Some(report) = self.reports.1.recv() => self.report(report),
                event = next(&mut self.events) => self.driver(event),
                timer = elapse(self.timers) => {
                    self.timers[slot_of(timer)] = None;
                    self.apply(Event::Elapsed(timer));
                }
                () = self.calls.pause_ends() => self.publish_breaker(),
                command = commands.recv(), if reachable => match command {
                    Some(command) => self.command(command).await,
                    None => {
                        reachable = false;
                        self.apply(Event::Stop(Reason::Shutdown));
                    }
                },
            }
        }
        // A command that is still in the queue is dropped unanswered; its sender begins anew.
    }
}

async fn next(events: &mut Option<mpsc::Receiver<DriverEvent>>) -> Option<DriverEvent> {
    match events {
        Some(events) => events.recv().await,
        None => std::future::pending().await,
    }
}

/// Where a timer stands in the list.
const fn slot_of(timer: Timer) -> usize {
    timer.is_of_the_delivery() as usize
}

/// The first timer to end, when it does.
async fn elapse(timers: [Option<(Timer, Instant)>; 2]) -> Timer {
    match timers.into_iter().flatten().min_by_key(|(_, at)| *at) {
        Some((timer, at)) => {
            sleep_until(at).await;
            timer
        }
        None => std::future::pending().await,
    }
}
