//! One task owns one session and its browser. Every input arrives through one queue or is an event of that browser;
//! nobody else touches either.

mod calls;
mod launch;
mod window;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::FutureExt as _;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::account::{MessageId, PhoneNumber};
use crate::breaker::BreakerState;
use crate::cliente::{ClienteId, Wanted};
use crate::clock::Clock;
use crate::journal::Journal;
use crate::machine::{BrowserPhase, Effect, Event, Session, Timer, transition};
use crate::message::Outgoing;
use crate::ports::{
    Browser, CallError, Diagnosis, DriverEvent, LaunchError, Launched, Launcher, Profiles,
};
use crate::qr::draw;
use crate::reason::Reason;
use crate::registry::{Accepted, CommandError, SendError, StartError};
use crate::slots::{Slot, Slots};
use crate::snapshot::{Picture, Published, RegistryEvent};
use crate::state::{Login, Policy, State, StateName};

use calls::Calls;

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

/// What can be asked of a session.
pub(crate) enum Command {
    Start {
        reason: Reason,
        reply: oneshot::Sender<Result<Accepted, StartError>>,
    },
    /// Answered when no browser is left.
    Stop {
        reason: Reason,
        reply: oneshot::Sender<()>,
    },
    LogOut {
        reply: oneshot::Sender<Result<(), CommandError>>,
    },
    RefreshCode {
        reply: oneshot::Sender<Result<(), CommandError>>,
    },
    Send {
        message: Outgoing,
        /// When the caller hears of it at the latest.
        deadline: Instant,
        reply: oneshot::Sender<Result<MessageId, SendError>>,
    },
    PairingCode {
        number: PhoneNumber,
        reply: oneshot::Sender<Result<String, CommandError>>,
    },
    FindNumber {
        number: PhoneNumber,
        reply: oneshot::Sender<Result<Option<PhoneNumber>, CommandError>>,
    },
    /// Dropped where there is no browser.
    Diagnose {
        picture: bool,
        reply: oneshot::Sender<Result<Diagnosis, CommandError>>,
    },
    /// Answered when no browser is left.
    Hibernate {
        reply: oneshot::Sender<Result<(), CommandError>>,
    },
    /// Have its browser shown.
    Show {
        reply: oneshot::Sender<Result<(), CommandError>>,
    },
    Hide,
    SelfTest {
        on: bool,
    },
    Dismiss,
    /// Have the page look at its connection.
    Check,
    /// End it without a restart, as long as it is active.
    Abort {
        reason: Reason,
    },
}

/// What the actor's own tasks report.
enum Report {
    LaunchBegan,
    SpareUsed {
        used: bool,
        more: bool,
    },
    Launched(Launched, Slot),
    LaunchFailed(LaunchError),
    Closed,
    LoggedOut {
        outcome: Result<(), CallError>,
        reply: oneshot::Sender<Result<(), CommandError>>,
    },
    Reloaded(Result<(), CallError>),
    Sent(Result<MessageId, CallError>),
    TestedSelf(Result<MessageId, CallError>),
    /// A call ended; how is the breaker's business.
    Called,
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

    async fn command(&mut self, command: Command) {
        match command {
            Command::Start { reason, reply } => {
                let answer = self.start(reason).await;
                // The launch goes on although the caller hung up.
                let _ = reply.send(answer);
            }
            Command::Stop { reason, reply } => {
                self.stopping.push(reply);
                self.apply(Event::Stop(reason));
            }
            Command::LogOut { reply } => self.log_out(reply),
            Command::RefreshCode { reply } => {
                let answer = match self.session.state {
                    State::QrRequired {
                        login: Login::Code { .. } | Login::Idle | Login::Waiting,
                        ..
                    } => {
                        self.refresh_code();
                        Ok(())
                    }
                    _ => Err(CommandError::NotNow(self.session.state.name())),
                };
                let _ = reply.send(answer);
            }
            Command::Send {
                message,
                deadline,
                reply,
            } => self.send(message, deadline, reply),
            Command::PairingCode { number, reply } => self.pair(number, reply),
            Command::FindNumber { number, reply } => self.find_number(number, reply),
            Command::Diagnose { picture, reply } => self.diagnose(picture, reply),
            Command::Hibernate { reply } => self.hibernate(reply),
            Command::Show { reply } => self.show(reply),
            Command::Hide => self.apply(Event::Hide),
            Command::SelfTest { on } => self.apply(Event::SelfTest(on)),
            Command::Dismiss => self.apply(Event::Dismissed),
            Command::Check => self.check(),
            Command::Abort { reason } => self.apply(Event::Abort(reason)),
        }
    }

    async fn start(&mut self, reason: Reason) -> Result<Accepted, StartError> {
        if self.session.state.is_starting() {
            return Err(StartError::InProgress);
        }
        if !self.session.state.can_start() {
            return Ok(Accepted::AlreadyRunning);
        }
        let saved_login = self.deps.profiles.has_login(self.id).await;
        let spare = saved_login && self.deps.profiles.has_spare(self.id).await;
        self.apply(Event::SelfTest(self.published.get().record.self_test));
        let (reply, settled) = oneshot::channel();
        self.starting.push(reply);
        self.want(Wanted::Running);
        self.apply(Event::Start {
            saved_login,
            spare,
            reason,
        });
        Ok(Accepted::Begun(settled))
    }

    fn report(&mut self, report: Report) {
        match report {
            Report::LaunchBegan => self.apply(Event::LaunchBegan),
            Report::SpareUsed { used, more } => self.apply(Event::SpareUsed { used, more }),
            Report::Launched(launched, slot) => {
                self.browser = Some(launched.browser);
                self.slot = Some(slot);
                self.calls.reset();
                self.publish_breaker();
                self.events = Some(launched.events);
                self.apply(Event::Launched);
            }
            Report::LaunchFailed(error) => {
                tracing::warn!(cliente = %self.id, reason = error.reason.code(), %error, "launch failed");
                // That one was called off is no news.
                if self.session.browser == BrowserPhase::Launching {
                    self.published
                        .update(|snapshot| snapshot.detail = Some(error.detail.into()));
                }
                self.apply(Event::LaunchFailed(error.reason));
            }
            Report::Closed => {
                self.browser = None;
                self.events = None;
                // Whoever waits for a place gets it only if nothing follows.
                self.kept = self.slot.take();
                self.published.update(|snapshot| snapshot.usage = None);
                self.apply(Event::Closed);
                self.kept = None;
            }
            Report::LoggedOut { outcome, reply } => {
                if outcome.is_ok() {
                    self.apply(Event::LoggedOutHere);
                }
                self.logging_out = false;
                let _ = reply.send(outcome.map_err(CommandError::Call));
            }
            Report::Reloaded(Ok(())) => {}
            // It was loaded, but there is no network: the timer that runs knows what to do.
            Report::Reloaded(Err(error @ CallError::Refused(_))) => {
                tracing::warn!(cliente = %self.id, %error, "reload failed");
            }
            Report::Reloaded(Err(error)) => {
                tracing::warn!(cliente = %self.id, %error, "reload failed");
                self.apply(Event::ReloadFailed);
            }
            Report::Sent(outcome) => self.sent(outcome),
            Report::TestedSelf(outcome) => self.tested_self(outcome),
            Report::Called => self.publish_breaker(),
        }
    }

    fn driver(&mut self, event: Option<DriverEvent>) {
        // A driver that ends without a word has lost its browser.
        let event = match event {
            Some(event) => event,
            None => {
                self.events = None;
                DriverEvent::BrowserExited
            }
        };
        match &event {
            DriverEvent::Acknowledged(message, ack) => {
                self.published
                    .tell(RegistryEvent::Acknowledged(self.id, message.clone(), *ack));
            }
            DriverEvent::Received(message) => {
                let message = Arc::new(message.clone());
                self.published
                    .tell(RegistryEvent::Received(self.id, message));
                return;
            }
            _ => {}
        }
        let event = match event {
            DriverEvent::LoggedOut(_) if self.logging_out => Event::LoggedOutHere,
            event => Event::Driver(event),
        };
        self.apply(event);
    }

    /// Applies an event, publishes what came of it, and does what it asks for.
    fn apply(&mut self, event: Event) {
        let now = self.deps.clock.now();
        let step = match transition(&self.session, event, now, &self.deps.policy) {
            Ok(step) => step,
            Err(error) => {
                tracing::error!(cliente = %self.id, %error, "event ignored");
                return;
            }
        };
        let codes_before = code_of(&self.session.state);
        self.session = step.session;
        let code = code_of(&self.session.state);
        let picture = (code != codes_before).then(|| self.picture());
        let pid = match self.session.browser {
            BrowserPhase::Running | BrowserPhase::Closing => self.browser.as_ref().map(|b| b.pid()),
            BrowserPhase::None | BrowserPhase::Launching => None,
        };
        self.published.update(|snapshot| {
            snapshot.session = self.session.clone();
            snapshot.browser_pid = pid;
            if let Some(picture) = picture {
                snapshot.picture = picture;
            }
        });
        if let Some(change) = step.change {
            tracing::info!(
                cliente = %self.id,
                from = change.from.as_str(),
                to = change.to.as_str(),
                reason = change.reason.code(),
                "state changed"
            );
            if change.reason == Reason::CleanedUp {
                self.want(Wanted::Stopped);
            }
            if change.reason == Reason::Restarted {
                self.published
                    .update(|snapshot| snapshot.restarts = snapshot.restarts.saturating_add(1));
            }
            if matches!(change.to, StateName::Initializing | StateName::Reconnecting) {
                self.published.update(|snapshot| snapshot.detail = None);
            }
            if change.to == StateName::Ready {
                self.note_use();
            }
            self.deps.journal.record(self.id, change);
        }
        self.note_passkey();
        for effect in step.effects {
            self.effect(effect);
        }
        self.answer();
    }

    fn effect(&mut self, effect: Effect) {
        match effect {
            Effect::Launch { restore, window } => self.launch(restore, window),
            Effect::Raise => self.raise(),
            Effect::KeepPicture => self.picture_first = true,
            Effect::Close => self.close(),
            Effect::Reload => self.reload(),
            Effect::RefreshCode => self.refresh_code(),
            Effect::Arm(timer, after) => {
                self.timers[slot_of(timer)] = Some((timer, Instant::now() + after));
            }
            Effect::Disarm(timer) => self.timers[slot_of(timer)] = None,
            Effect::TestSelf => self.test_self(),
            Effect::MarkLogin(linked) => {
                self.published
                    .update(|snapshot| snapshot.saved_login = linked);
                let (id, profiles) = (self.id, Arc::clone(&self.deps.profiles));
                self.deps.tasks.spawn(async move {
                    if let Err(error) = profiles.mark_login(id, linked).await {
                        tracing::error!(cliente = %id, %error, "the login could not be marked on disk");
                    }
                });
            }
            Effect::Remember(account) => {
                self.published
                    .update(|snapshot| snapshot.record.account = Some(account));
                self.deps
                    .journal
                    .save_soon(self.published.get().record.clone());
            }
            Effect::End => self.ended = true,
        }
    }

    /// Answers everybody who waits for what has now come about.
    fn answer(&mut self) {
        if !self.session.state.is_starting() {
            for waiting in self.starting.drain(..) {
                let outcome = match (&self.session.state, self.session.reason) {
                    (State::NotInitialized, _) => Err(StartError::Stopped),
                    (state, Some(reason)) if state.is_final() => Err(StartError::Failed(reason)),
                    _ => Ok(()),
                };
                let _ = waiting.send(outcome);
            }
        }
        if self.session.browser == BrowserPhase::None {
            for waiting in self.stopping.drain(..) {
                let _ = waiting.send(());
            }
            for waiting in self.sleeping.drain(..) {
                let _ = waiting.send(Ok(()));
            }
        }
    }

    fn want(&self, wanted: Wanted) {
        if self.published.get().record.wanted != wanted {
            self.published
                .update(|snapshot| snapshot.record.wanted = wanted);
            self.deps
                .journal
                .save_soon(self.published.get().record.clone());
        }
    }

    fn picture(&self) -> Picture {
        let State::QrRequired {
            login: Login::Code { code, .. },
            ..
        } = &self.session.state
        else {
            return Picture::None;
        };
        match draw(code) {
            Ok(image) => Picture::Drawn(image),
            Err(error) => {
                tracing::error!(cliente = %self.id, %error, "the QR cannot be drawn");
                Picture::Failed
            }
        }
    }
}

fn code_of(state: &State) -> Option<crate::qr::LoginCode> {
    match state {
        State::QrRequired {
            login: Login::Code { code, .. },
            ..
        } => Some(code.clone()),
        _ => None,
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
