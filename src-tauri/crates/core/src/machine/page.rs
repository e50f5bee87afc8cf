//! What the page and the browser report, and what follows from it.

use crate::account::Account;
use crate::machine::{Effect, Stepper, Timer};
use crate::ports::DriverEvent;
use crate::qr::LoginCode;
use crate::reason::Reason;
use crate::state::{Login, Progress, Stage, State};

impl Stepper<'_> {
    pub(super) fn driver(&mut self, event: DriverEvent) {
        match event {
            DriverEvent::Progress(progress) => self.progress(progress),
            DriverEvent::Code(code) => self.code(code),
            DriverEvent::CodeTaken => self.code_taken(),
            DriverEvent::CodeIdle => {
                if let State::QrRequired { codes, .. } = self.session.state {
                    self.login(Login::Idle, codes);
                    self.disarm();
                    self.effects.push(Effect::RefreshCode);
                }
            }
            DriverEvent::PasskeyRequested => self.passkey_requested(),
            DriverEvent::Connected(account) => self.connected(account),
            DriverEvent::SocketLost(reason) => {
                if let State::Ready { losing, .. } = &mut self.session.state
                    && losing.is_none()
                {
                    *losing = Some(reason);
                    self.arm(Timer::LossGrace, self.policy.loss_grace);
                }
            }
            DriverEvent::LoggedOut(reason) => self.logged_out(reason),
            DriverEvent::Banned(reason) => {
                if !self.session.state.is_final() {
                    let cleanup_at = self.now.plus(self.policy.cleanup_after);
                    self.go(State::DisconnectedBanned { cleanup_at }, reason);
                    self.arm(Timer::Cleanup, self.policy.cleanup_after);
                    self.close();
                }
            }
            DriverEvent::LoginRefused => {
                if self.session.state.is_starting()
                    || matches!(self.session.state, State::QrRequired { .. })
                {
                    self.go(State::AuthFailure, Reason::LoginRefused);
                    self.mark_login(false);
                    self.close();
                }
            }
            DriverEvent::Outdated => self.fail(Reason::OutdatedVersion),
            DriverEvent::StorageFailed => {
                if !self.try_spare() {
                    self.fail(Reason::StorageFailed);
                }
            }
            DriverEvent::Acknowledged(message, _) => self.acknowledged(&message),
            // Of no account for the session; the actor passes it on.
            DriverEvent::Received(_) => {}
            DriverEvent::Bridge(problem) => self.session.bridge = problem,
            DriverEvent::PageCrashed => self.page_lost(Reason::PageCrashed),
            DriverEvent::PageUnresponsive => self.page_lost(Reason::PageUnresponsive),
            DriverEvent::WindowClosed => self.window_closed(),
            DriverEvent::BrowserExited => {
                self.fail(Reason::BrowserDied);
                // Even when the state was final already: the driver still has to reap it.
                self.close();
            }
        }
    }

    pub(super) fn progress(&mut self, progress: Progress) {
        let timeout = self.policy.linking_timeout;
        match &mut self.session.state {
            State::Initializing(known) | State::Reconnecting(known) => *known = progress,
            State::QrRequired {
                login: Login::Linking(known),
                ..
            } => {
                *known = progress;
                self.arm(Timer::Linking, timeout);
            }
            State::QrRequired { login, .. }
                if matches!(progress.stage, Stage::Linking | Stage::Syncing) =>
            {
                *login = Login::Linking(progress);
                self.arm(Timer::Linking, timeout);
            }
            _ => {}
        }
    }

    fn code(&mut self, code: LoginCode) {
        // WhatsApp says so when it ends a login; without a word, it was lost here.
        if self.try_spare() {
            return;
        }
        let (codes, reason) = match &self.session.state {
            State::Initializing(_) => (0, Reason::LoginNeeded),
            State::Reconnecting(_) | State::DisconnectedRecoverable { .. } => {
                self.mark_login(false);
                (0, Reason::LoginExpired)
            }
            State::QrRequired { codes, .. } => {
                (*codes, self.session.reason.unwrap_or(Reason::LoginNeeded))
            }
            // A page that asks for a login has lost the one it had, said or unsaid.
            State::Ready { .. } => return self.logged_out(Reason::LoggedOut),
            // After a logout the page wipes its data and comes back with a code: now it may be closed.
            State::DisconnectedLogout { .. } => return self.close(),
            _ => return,
        };
        self.note_page_in_order();
        let life = if codes == 0 {
            self.policy.first_code_life
        } else {
            self.policy.code_life
        };
        let login = Login::Code {
            code,
            issued: self.now,
            expires: self.now.plus(life),
        };
        let state = State::QrRequired {
            login,
            codes: codes.saturating_add(1),
        };
        if matches!(self.session.state, State::QrRequired { .. }) {
            self.session.state = state;
        } else {
            self.go(state, reason);
        }
        self.disarm();
    }

    fn code_taken(&mut self) {
        if let State::QrRequired {
            login: Login::Code { .. } | Login::Idle,
            codes,
        } = self.session.state
        {
            let progress = Progress {
                stage: Stage::Linking,
                percent: None,
            };
            self.login(Login::Linking(progress), codes);
            self.arm(Timer::Linking, self.policy.linking_timeout);
        }
    }

    fn connected(&mut self, account: Account) {
        if self.session.state.is_final() || matches!(self.session.state, State::NotInitialized) {
            return;
        }
        self.disarm();
        let known = match &self.session.state {
            State::Ready { account: known, .. } => Some(known),
            _ => None,
        };
        if known != Some(&account) {
            self.mark_login(true);
            self.effects.push(Effect::Remember(account.clone()));
        }
        let state = State::Ready {
            account,
            losing: None,
        };
        if matches!(self.session.state, State::Ready { .. }) {
            self.session.state = state;
        } else {
            self.go(state, Reason::Connected);
        }
        self.note_connected();
        self.watch_delivery();
    }

    pub(super) fn logged_out(&mut self, reason: Reason) {
        let kept = reason == Reason::Conflict;
        match self.session.state {
            // The page goes on to a code by itself: QR_REQUIRED, with the login expired.
            State::Reconnecting(_) if !kept => self.mark_login(false),
            State::Reconnecting(_)
            | State::Ready { .. }
            | State::DisconnectedRecoverable { .. } => {
                let cleanup_at = self.now.plus(self.policy.cleanup_after);
                self.go(State::DisconnectedLogout { cleanup_at }, reason);
                self.arm(Timer::Cleanup, self.policy.cleanup_after);
                if kept {
                    self.close();
                } else {
                    // The browser stays for now: the page is wiping the login.
                    self.mark_login(false);
                }
            }
            // Not linked yet, so there is nothing to be unlinked from: the page starts over with a new code.
            State::QrRequired {
                login: Login::Linking(_) | Login::Passkey,
                codes,
            } => {
                self.login(Login::Waiting, codes);
                self.arm(Timer::Linking, self.policy.linking_timeout);
            }
            _ => {}
        }
    }
}
