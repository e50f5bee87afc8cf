//! The rules of a session: `transition(session, event) -> (session, effects)`, with no task, clock, file or chance in
//! it.
//!
//! Two things are tracked apart: the [`State`] that people see, and the [`BrowserPhase`], because a session that has
//! failed may still have a browser that is closing. A launch is asked for only in [`BrowserPhase::None`], which is
//! what makes a second browser impossible. At most one timer runs; every state that waits for something other than a
//! person has one.

mod page;

use std::time::Duration;

use crate::account::Account;
use crate::clock::Timestamp;
use crate::ports::DriverEvent;
use crate::reason::Reason;
use crate::state::{Change, Login, Policy, Progress, Stage, State};

/// What the browser of a session is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrowserPhase {
    /// There is none.
    None,
    /// Waiting for its turn, or coming up.
    Launching,
    /// Up.
    Running,
    /// Being closed.
    Closing,
}

/// The wait that is running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// For a definite state.
    Init,
    /// For the end of linking, or for a new code after the page was reloaded.
    Linking,
    /// Before a lost socket counts as a lost session.
    LossGrace,
    /// Before the next retry.
    Backoff,
    /// For a retry to work.
    Retry,
    /// Before a final state is cleaned up.
    Cleanup,
}

/// What happens to a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Somebody wants it to run.
    Start {
        /// Whether the profile holds a login.
        saved_login: bool,
        /// Who wants it.
        reason: Reason,
    },
    /// The launch left the queue.
    LaunchBegan,
    /// The browser came up.
    Launched,
    /// It did not.
    LaunchFailed(Reason),
    /// The browser reports something.
    Driver(DriverEvent),
    /// The browser has been closed; no process of it is left.
    Closed,
    /// The timer ran out.
    Elapsed(Timer),
    /// The account was unlinked at our wish.
    LoggedOutHere,
    /// Somebody wants it to end.
    Stop(Reason),
}

/// What the owner of the session is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Launch the browser.
    Launch,
    /// Close the browser, or call off its launch.
    Close,
    /// Load the page anew.
    Reload,
    /// Ask for a new code.
    RefreshCode,
    /// Start this timer in place of any other.
    Arm(Timer, Duration),
    /// Stop the timer.
    Disarm,
    /// Remember whether the profile holds a login.
    MarkLogin(bool),
    /// Remember who is linked.
    Remember(Account),
    /// The session is over and nothing of it is left.
    End,
}

/// A session as the rules see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its state.
    pub state: State,
    /// Since when.
    pub since: Timestamp,
    /// Why.
    pub reason: Option<Reason>,
    /// Its browser.
    pub browser: BrowserPhase,
    /// The running timer.
    pub timer: Option<Timer>,
    /// Connected, but the bridge does not work as it should.
    pub bridge: Option<Reason>,
    /// Its browser was closed to make room for others; a start or a message wakes it.
    pub hibernated: bool,
    /// Something that happened and that the person should know of, until dismissed.
    pub notice: Option<Reason>,
}

/// An event that makes no sense here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a session in {state:?} with its browser {browser:?} cannot take {event}")]
pub struct InvalidTransition {
    /// The state.
    pub state: crate::state::StateName,
    /// The browser.
    pub browser: BrowserPhase,
    /// The event.
    pub event: &'static str,
}

/// What came of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The session after it.
    pub session: Session,
    /// What to do, in order.
    pub effects: Vec<Effect>,
    /// The change of state, if there was one.
    pub change: Option<Change>,
}

impl Session {
    /// A session that has not begun.
    pub fn new(now: Timestamp) -> Self {
        Self {
            state: State::NotInitialized,
            since: now,
            reason: None,
            browser: BrowserPhase::None,
            timer: None,
            bridge: None,
            hibernated: false,
            notice: None,
        }
    }
}

/// Applies one event. The only place where the state of a session changes.
pub fn transition(
    session: &Session,
    event: Event,
    now: Timestamp,
    policy: &Policy,
) -> Result<Step, InvalidTransition> {
    let mut step = Stepper {
        session: session.clone(),
        effects: Vec::new(),
        change: None,
        now,
        policy,
    };
    match event {
        Event::Start {
            saved_login,
            reason,
        } => step.start(saved_login, reason)?,
        Event::LaunchBegan => step.launch_began()?,
        Event::Launched => step.launched()?,
        Event::LaunchFailed(reason) => step.launch_failed(reason)?,
        // A closing browser has nothing to say any more.
        Event::Driver(event) if session.browser == BrowserPhase::Running => step.driver(event),
        Event::Driver(_) => {}
        Event::Closed => step.closed()?,
        Event::Elapsed(timer) => step.elapsed(timer),
        Event::LoggedOutHere => step.logged_out(Reason::LoggedOutHere),
        Event::Stop(reason) => step.stop(reason),
    }
    Ok(Step {
        session: step.session,
        effects: step.effects,
        change: step.change,
    })
}

struct Stepper<'a> {
    session: Session,
    effects: Vec<Effect>,
    change: Option<Change>,
    now: Timestamp,
    policy: &'a Policy,
}

impl Stepper<'_> {
    fn start(&mut self, saved_login: bool, reason: Reason) -> Result<(), InvalidTransition> {
        let state = &self.session.state;
        if !(state.is_final() || matches!(state, State::NotInitialized)) {
            return Err(self.invalid("Start"));
        }
        let progress = Progress {
            stage: Stage::Queued,
            percent: None,
        };
        self.session.bridge = None;
        self.go(
            if saved_login {
                State::Reconnecting(progress)
            } else {
                State::Initializing(progress)
            },
            reason,
        );
        match self.session.browser {
            BrowserPhase::None => {
                self.session.browser = BrowserPhase::Launching;
                self.effects.push(Effect::Launch);
            }
            // The old browser has to be gone first; `closed` goes on from there.
            BrowserPhase::Launching | BrowserPhase::Running => self.close(),
            BrowserPhase::Closing => {}
        }
        Ok(())
    }

    fn launch_began(&mut self) -> Result<(), InvalidTransition> {
        match self.session.browser {
            BrowserPhase::Launching => {
                self.progress(Progress {
                    stage: Stage::Launching,
                    percent: None,
                });
                self.arm(Timer::Init, self.policy.init_timeout);
                Ok(())
            }
            // Called off at the same moment.
            BrowserPhase::Closing => Ok(()),
            BrowserPhase::None | BrowserPhase::Running => Err(self.invalid("LaunchBegan")),
        }
    }

    fn launched(&mut self) -> Result<(), InvalidTransition> {
        match self.session.browser {
            BrowserPhase::Launching => {
                self.session.browser = BrowserPhase::Running;
                self.progress(Progress {
                    stage: Stage::Loading,
                    percent: None,
                });
                Ok(())
            }
            // Called off at the same moment.
            BrowserPhase::Closing => {
                self.effects.push(Effect::Close);
                Ok(())
            }
            BrowserPhase::None | BrowserPhase::Running => Err(self.invalid("Launched")),
        }
    }

    fn launch_failed(&mut self, reason: Reason) -> Result<(), InvalidTransition> {
        match self.session.browser {
            BrowserPhase::Launching => {
                self.session.browser = BrowserPhase::None;
                self.fail(reason);
                Ok(())
            }
            BrowserPhase::Closing => self.closed(),
            BrowserPhase::None | BrowserPhase::Running => Err(self.invalid("LaunchFailed")),
        }
    }

    fn closed(&mut self) -> Result<(), InvalidTransition> {
        if self.session.browser != BrowserPhase::Closing {
            return Err(self.invalid("Closed"));
        }
        self.session.browser = BrowserPhase::None;
        if self.session.state.is_starting() {
            self.session.browser = BrowserPhase::Launching;
            self.effects.push(Effect::Launch);
        } else if matches!(self.session.state, State::NotInitialized) {
            self.effects.push(Effect::End);
        }
        Ok(())
    }

    fn stop(&mut self, reason: Reason) {
        self.go(State::NotInitialized, reason);
        self.session.bridge = None;
        if self.session.browser == BrowserPhase::None {
            self.effects.push(Effect::End);
        } else {
            self.close();
        }
    }

    fn elapsed(&mut self, timer: Timer) {
        // A timer that was replaced while its end was on the way.
        if self.session.timer != Some(timer) {
            return;
        }
        self.session.timer = None;
        match (timer, self.session.state.clone()) {
            (Timer::Init, state) if state.is_starting() => self.fail(Reason::InitTimeout),
            (
                Timer::Linking,
                State::QrRequired {
                    login: Login::Waiting,
                    ..
                },
            ) => {
                self.fail(Reason::InitTimeout);
            }
            (Timer::Linking, State::QrRequired { .. }) => self.reload_login(),
            (
                Timer::LossGrace,
                State::Ready {
                    account,
                    losing: Some(reason),
                },
            ) => {
                self.lose(account, 1, reason);
            }
            (
                Timer::Backoff,
                State::DisconnectedRecoverable {
                    account, attempt, ..
                },
            ) => {
                self.retry(account, attempt, None);
            }
            (
                Timer::Retry,
                State::DisconnectedRecoverable {
                    account, attempt, ..
                },
            ) => {
                if attempt < Policy::MAX_ATTEMPTS {
                    let reason = self.session.reason.unwrap_or(Reason::ConnectionLost);
                    self.lose(account, attempt + 1, reason);
                } else {
                    self.fail(Reason::RetriesExhausted);
                }
            }
            (
                Timer::Cleanup,
                State::DisconnectedLogout { .. } | State::DisconnectedBanned { .. },
            ) => {
                self.stop(Reason::CleanedUp);
            }
            _ => {}
        }
    }

    /// The session is lost; the next retry comes after a pause.
    fn lose(&mut self, account: Account, attempt: u8, reason: Reason) {
        self.go(
            State::DisconnectedRecoverable {
                attempt,
                trying: false,
                account,
            },
            reason,
        );
        let index = usize::from(attempt.saturating_sub(1)).min(self.policy.backoff.len() - 1);
        self.arm(Timer::Backoff, self.policy.backoff[index]);
    }

    /// A retry begins: the page is loaded anew.
    fn retry(&mut self, account: Account, attempt: u8, reason: Option<Reason>) {
        let reason = reason
            .or(self.session.reason)
            .unwrap_or(Reason::ConnectionLost);
        self.go(
            State::DisconnectedRecoverable {
                attempt,
                trying: true,
                account,
            },
            reason,
        );
        self.arm(Timer::Retry, self.policy.retry_timeout);
        self.effects.push(Effect::Reload);
    }

    /// The page is loaded anew while it waits for a person; a second failure in a row ends in ERROR.
    fn reload_login(&mut self) {
        if let State::QrRequired {
            login: Login::Waiting,
            ..
        } = self.session.state
            && self.session.timer.is_some()
        {
            self.fail(Reason::PageUnresponsive);
        } else {
            self.login(Login::Waiting, 0);
            self.arm(Timer::Linking, self.policy.linking_timeout);
            self.effects.push(Effect::Reload);
        }
    }

    /// A technical failure ends whatever was going on; a state that is final already stays as it is.
    fn fail(&mut self, reason: Reason) {
        if !self.session.state.is_final() && !matches!(self.session.state, State::NotInitialized) {
            self.go(State::Error { restart: None }, reason);
            self.close();
        }
    }

    fn close(&mut self) {
        if matches!(
            self.session.browser,
            BrowserPhase::Launching | BrowserPhase::Running
        ) {
            self.session.browser = BrowserPhase::Closing;
            self.effects.push(Effect::Close);
        }
    }

    fn login(&mut self, login: Login, codes: u32) {
        self.session.state = State::QrRequired { login, codes };
    }

    /// Enters a state: no timer of the old one goes on.
    fn go(&mut self, state: State, reason: Reason) {
        self.disarm();
        let (from, to) = (self.session.state.name(), state.name());
        self.session.state = state;
        self.session.reason = Some(reason);
        if from != to {
            self.session.since = self.now;
            self.change = Some(Change {
                from,
                to,
                reason,
                at: self.now,
            });
        }
    }

    fn arm(&mut self, timer: Timer, after: Duration) {
        self.session.timer = Some(timer);
        self.effects.push(Effect::Arm(timer, after));
    }

    fn disarm(&mut self) {
        if self.session.timer.take().is_some() {
            self.effects.push(Effect::Disarm);
        }
    }

    fn invalid(&self, event: &'static str) -> InvalidTransition {
        InvalidTransition {
            state: self.session.state.name(),
            browser: self.session.browser,
            event,
        }
    }
}
