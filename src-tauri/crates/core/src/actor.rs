//! One task owns one session and its browser. Every input arrives through one queue or is an event of that browser;
//! nobody else touches either.

use std::sync::Arc;

use tokio::sync::{Mutex, Semaphore, mpsc, oneshot};
use tokio::time::{Instant, sleep_until, timeout_at};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::account::{ChatId, MessageId, MessageText};
use crate::cliente::{ClienteId, Wanted};
use crate::clock::Clock;
use crate::journal::Journal;
use crate::machine::{BrowserPhase, Effect, Event, Session, Timer, transition};
use crate::ports::{Browser, CallError, DriverEvent, LaunchError, Launched, Launcher, Profiles};
use crate::qr::draw;
use crate::reason::Reason;
use crate::registry::{Accepted, CommandError, SendError, StartError};
use crate::snapshot::{Picture, Published};
use crate::state::{Login, Policy, State};

/// What a session needs of the world.
pub(crate) struct Deps {
    pub(crate) launcher: Arc<dyn Launcher>,
    pub(crate) profiles: Arc<dyn Profiles>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) policy: Policy,
    pub(crate) journal: Journal,
    /// Browsers that may be coming up at the same time.
    pub(crate) launches: Arc<Semaphore>,
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
        chat: ChatId,
        text: MessageText,
        reply: oneshot::Sender<Result<MessageId, SendError>>,
    },
}

/// What the actor's own tasks report.
enum Report {
    LaunchBegan,
    Launched(Launched),
    LaunchFailed(LaunchError),
    Closed,
    LoggedOut {
        outcome: Result<(), CallError>,
        reply: oneshot::Sender<Result<(), CommandError>>,
    },
    Reloaded(Result<(), CallError>),
    Sent {
        ok: bool,
    },
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
    timer: Option<(Timer, Instant)>,
    logging_out: bool,
    ended: bool,
    reports: (mpsc::Sender<Report>, mpsc::Receiver<Report>),
    starting: Vec<oneshot::Sender<Result<(), StartError>>>,
    stopping: Vec<oneshot::Sender<()>>,
    /// Held while a message is on its way: one after another, first come first served.
    line: Arc<Mutex<()>>,
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
            session: Session::new(deps.clock.now()),
            deps,
            published,
            browser: None,
            events: None,
            calling_off: CancellationToken::new(),
            timer: None,
            logging_out: false,
            ended: false,
            reports: mpsc::channel(QUEUE),
            starting: Vec::new(),
            stopping: Vec::new(),
            line: Arc::default(),
        };
        tasks.spawn(actor.run(commands));
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
                () = elapse(self.timer) => {
                    if let Some((timer, _)) = self.timer.take() {
                        self.apply(Event::Elapsed(timer));
                    }
                }
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
            Command::Send { chat, text, reply } => self.send(chat, text, reply),
        }
    }

    async fn start(&mut self, reason: Reason) -> Result<Accepted, StartError> {
        if self.session.state.is_starting() {
            return Err(StartError::InProgress);
        }
        if !self.session.state.is_final() && !matches!(self.session.state, State::NotInitialized) {
            return Ok(Accepted::AlreadyRunning);
        }
        let saved_login = self.deps.profiles.has_login(self.id).await;
        let (reply, settled) = oneshot::channel();
        self.starting.push(reply);
        self.want(Wanted::Running);
        self.apply(Event::Start {
            saved_login,
            reason,
        });
        Ok(Accepted::Begun(settled))
    }

    fn report(&mut self, report: Report) {
        match report {
            Report::LaunchBegan => self.apply(Event::LaunchBegan),
            Report::Launched(launched) => {
                self.browser = Some(launched.browser);
                self.events = Some(launched.events);
                self.apply(Event::Launched);
            }
            Report::LaunchFailed(error) => {
                tracing::warn!(cliente = %self.id, reason = error.reason.code(), %error, "launch failed");
                self.apply(Event::LaunchFailed(error.reason));
            }
            Report::Closed => {
                self.browser = None;
                self.events = None;
                self.apply(Event::Closed);
            }
            Report::LoggedOut { outcome, reply } => {
                if outcome.is_ok() {
                    self.apply(Event::LoggedOutHere);
                }
                self.logging_out = false;
                let _ = reply.send(outcome.map_err(CommandError::Call));
            }
            // A page that cannot even be reloaded will be noticed by the timer that runs.
            Report::Reloaded(outcome) => {
                if let Err(error) = outcome {
                    tracing::warn!(cliente = %self.id, %error, "reload failed");
                }
            }
            Report::Sent { ok } => self.published.update(|snapshot| {
                let count = if ok {
                    &mut snapshot.sent
                } else {
                    &mut snapshot.failed
                };
                *count = count.saturating_add(1);
            }),
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
            self.deps.journal.record(self.id, change);
        }
        for effect in step.effects {
            self.effect(effect);
        }
        self.answer();
    }

    fn effect(&mut self, effect: Effect) {
        match effect {
            Effect::Launch => self.launch(),
            Effect::Close => self.close(),
            Effect::Reload => {
                let reports = self.reports.0.clone();
                self.on_page(async move |browser| {
                    let outcome = browser.reload().await;
                    let _ = reports.send(Report::Reloaded(outcome)).await;
                });
            }
            Effect::RefreshCode => self.refresh_code(),
            Effect::Arm(timer, after) => self.timer = Some((timer, Instant::now() + after)),
            Effect::Disarm => self.timer = None,
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
        }
    }

    fn launch(&mut self) {
        self.calling_off = CancellationToken::new();
        let (id, deps, cancel, reports) = (
            self.id,
            Arc::clone(&self.deps),
            self.calling_off.clone(),
            self.reports.0.clone(),
        );
        self.deps.tasks.spawn(async move {
            let called_off = || LaunchError {
                reason: Reason::StopRequested,
                detail: "called off".to_owned(),
            };
            let place = tokio::select! {
                place = deps.launches.acquire() => place.ok(),
                () = cancel.cancelled() => None,
            };
            let outcome = if place.is_some() {
                let _ = reports.send(Report::LaunchBegan).await;
                deps.launcher.launch(id, cancel).await
            } else {
                Err(called_off())
            };
            let report = match outcome {
                Ok(launched) => Report::Launched(launched),
                Err(error) => Report::LaunchFailed(error),
            };
            let _ = reports.send(report).await;
        });
    }

    fn close(&mut self) {
        match &self.browser {
            // The launch answers with a failure, which ends the closing.
            None => self.calling_off.cancel(),
            Some(browser) => {
                let (browser, reports) = (Arc::clone(browser), self.reports.0.clone());
                self.deps.tasks.spawn(async move {
                    browser.close().await;
                    let _ = reports.send(Report::Closed).await;
                });
            }
        }
    }

    fn refresh_code(&mut self) {
        let id = self.id;
        self.on_page(async move |browser| {
            if let Err(error) = browser.refresh_code().await {
                tracing::warn!(cliente = %id, %error, "no new code");
            }
        });
    }

    fn log_out(&mut self, reply: oneshot::Sender<Result<(), CommandError>>) {
        if !matches!(self.session.state, State::Ready { .. }) || self.logging_out {
            let _ = reply.send(Err(CommandError::NotNow(self.session.state.name())));
            return;
        }
        self.logging_out = true;
        let reports = self.reports.0.clone();
        self.on_page(async move |browser| {
            let outcome = browser.log_out().await;
            let _ = reports.send(Report::LoggedOut { outcome, reply }).await;
        });
    }

    fn send(
        &mut self,
        chat: ChatId,
        text: MessageText,
        reply: oneshot::Sender<Result<MessageId, SendError>>,
    ) {
        if !self.session.state.name().can_send() {
            let _ = reply.send(Err(SendError::NotReady(self.session.state.name())));
            return;
        }
        let (id, line, reports) = (self.id, Arc::clone(&self.line), self.reports.0.clone());
        let deadline = Instant::now() + self.deps.policy.send_timeout;
        self.on_page(async move |browser| {
            let sending = async {
                let _turn = line.lock().await;
                // A caller that hung up while it stood in the line gets no message sent behind its back.
                if reply.is_closed() {
                    return Err(CallError::Timeout);
                }
                browser.send_text(&chat, &text).await
            };
            let outcome = timeout_at(deadline, sending)
                .await
                .unwrap_or(Err(CallError::Timeout));
            match &outcome {
                Ok(message) => tracing::info!(cliente = %id, to = %chat, ?message, "message sent"),
                Err(error) => tracing::warn!(cliente = %id, to = %chat, %error, "message not sent"),
            }
            let _ = reports
                .send(Report::Sent {
                    ok: outcome.is_ok(),
                })
                .await;
            let _ = reply.send(outcome.map_err(SendError::Call));
        });
    }

    /// Runs a call to the page without making the session wait for it.
    fn on_page<F, Fut>(&self, call: F)
    where
        F: FnOnce(Arc<dyn Browser>) -> Fut,
        Fut: Future<Output = ()> + Send + 'static,
    {
        if let Some(browser) = &self.browser {
            self.deps.tasks.spawn(call(Arc::clone(browser)));
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

async fn elapse(timer: Option<(Timer, Instant)>) {
    match timer {
        Some((_, at)) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}
