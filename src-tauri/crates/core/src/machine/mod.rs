//! The rules of a session: `transition(session, event) -> (session, effects)`, with no task, clock, file or chance in
//! it.
//!
//! Two things are tracked apart: the [`State`] that people see, and the [`BrowserPhase`], because a session that has
//! failed may still have a browser that is closing. A launch is asked for only in [`BrowserPhase::None`], which is
//! what makes a second browser impossible. At most one timer of the state runs, and one of the delivery; every state
//! that waits for something other than a person has one.

mod delivery;
mod page;
mod recovery;
mod types;
mod window;

use std::time::Duration;

pub use delivery::Delivery;
pub use recovery::Recovery;
pub use types::{BrowserPhase, Effect, Event, InvalidTransition, Session, Step, Timer};

use crate::clock::Timestamp;
use crate::reason::Reason;
use crate::state::{Change, Login, Policy, Progress, Stage, State};

impl Session {
    /// A session that has not begun.
    ///
    /// The `seed` makes its pauses differ from those of other sessions.
    pub fn new(now: Timestamp, seed: u64) -> Self {
        Self {
            state: State::NotInitialized,
            since: now,
            reason: None,
            browser: BrowserPhase::None,
            timer: None,
            bridge: None,
            window: false,
            hibernated: false,
            notice: None,
            delivery: Delivery::default(),
            self_test: false,
            recovery: Recovery::default(),
            restoring: false,
            seed,
        }
    }
}

impl Session {
    /// What is left of a session whose owner broke down.
    pub(crate) fn broken(now: Timestamp, seed: u64) -> Self {
        Self {
            state: State::Error { restart: None },
            reason: Some(Reason::InternalFailure),
            ..Self::new(now, seed)
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
            spare,
            reason,
        } => step.start(saved_login, spare, reason)?,
        Event::SpareUsed { used, more } => step.spare_used(used, more),
        Event::LaunchBegan => step.launch_began()?,
        Event::Launched => step.launched()?,
        Event::LaunchFailed(reason) => step.launch_failed(reason)?,
        // A closing browser has nothing to say any more.
        Event::Driver(event) if session.browser == BrowserPhase::Running => step.driver(event),
        Event::Driver(_) => {}
        Event::Closed => step.closed()?,
        Event::Elapsed(timer) => step.elapsed(timer),
        Event::ReloadFailed => step.reload_failed(),
        Event::Sent(message) => step.sent(message),
        Event::Doubted(reason) => step.doubt(reason),
        Event::SelfTest(on) => step.self_test(on),
        Event::Dismissed => step.session.notice = None,
        Event::LoggedOutHere => step.logged_out(Reason::LoggedOutHere),
        Event::Show => step.show()?,
        Event::Hide => step.hide(),
        Event::Hibernate => step.hibernate()?,
        Event::Abort(reason) => step.abort(reason),
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
    fn start(
        &mut self,
        saved_login: bool,
        spare: bool,
        reason: Reason,
    ) -> Result<(), InvalidTransition> {
        if !self.session.state.can_start() {
            return Err(self.invalid("Start"));
        }
        let progress = Progress {
            stage: Stage::Queued,
            percent: None,
        };
        self.session.bridge = None;
        self.session.hibernated = false;
        self.session.restoring = false;
        if reason != Reason::Restarted {
            self.session.notice = None;
            self.session.window = reason == Reason::BrowserShown;
        }
        self.note_start(saved_login, spare, reason);
        self.go(
            if saved_login {
                State::Reconnecting(progress)
            } else {
                State::Initializing(progress)
            },
            reason,
        );
        match self.session.browser {
            BrowserPhase::None => self.launch(),
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
                let mended = self.do_without_window(reason)
                    || (reason == Reason::ProfileUnusable && self.try_spare());
                if !mended {
                    self.fail(reason);
                }
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
            self.launch();
        } else if matches!(self.session.state, State::NotInitialized) {
            self.effects.push(Effect::End);
        }
        Ok(())
    }

    /// A browser is launched only from here, and only where there is none.
    fn launch(&mut self) {
        self.session.browser = BrowserPhase::Launching;
        let restore = std::mem::take(&mut self.session.restoring);
        let window = self.session.window;
        self.effects.push(Effect::Launch { restore, window });
    }

    fn hibernate(&mut self) -> Result<(), InvalidTransition> {
        let idle = matches!(self.session.state, State::Ready { losing: None, .. });
        // A person is looking at it.
        if !idle || self.session.window {
            return Err(self.invalid("Hibernate"));
        }
        self.stop(Reason::Hibernated);
        self.session.hibernated = true;
        Ok(())
    }

    fn stop(&mut self, reason: Reason) {
        self.go(State::NotInitialized, reason);
        self.session.bridge = None;
        self.session.hibernated = false;
        self.session.window = false;
        self.session.restoring = false;
        if self.session.browser == BrowserPhase::None {
            self.effects.push(Effect::End);
        } else {
            self.close();
        }
    }

    fn elapsed(&mut self, timer: Timer) {
        // A timer that was replaced while its end was on the way.
        let running = if timer.is_of_the_delivery() {
            &mut self.session.delivery.timer
        } else {
            &mut self.session.timer
        };
        if *running != Some(timer) {
            return;
        }
        *running = None;
        match (timer, self.session.state.clone()) {
            (Timer::Init, state) if state.is_starting() => {
                self.effects.push(Effect::KeepPicture);
                self.fail(Reason::InitTimeout);
            }
            (Timer::Restart, State::Error { .. }) => self.restart(),
            (Timer::Ack, State::Ready { .. }) => self.doubt(Reason::NotAcknowledged),
            (Timer::SelfTest, State::Ready { .. }) => self.effects.push(Effect::TestSelf),
            (
                Timer::Linking,
                State::QrRequired {
                    login: Login::Waiting,
                    ..
                },
            ) => {
                self.fail(Reason::InitTimeout);
            }
            (Timer::Linking, State::QrRequired { .. }) => {
                self.reload_login(Reason::PageUnresponsive);
            }
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
            ) => self.retry_failed(account, attempt),
            (
                Timer::Cleanup,
                State::DisconnectedLogout { .. } | State::DisconnectedBanned { .. },
            ) => {
                self.stop(Reason::CleanedUp);
            }
            _ => {}
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
        self.disarm_delivery();
        if !matches!(
            state,
            State::Ready { .. } | State::DisconnectedRecoverable { .. }
        ) {
            // A message of a session that ended is not awaited any more.
            self.session.delivery = Delivery::default();
        }
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
        if let Some(timer) = self.session.timer.take() {
            self.effects.push(Effect::Disarm(timer));
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
