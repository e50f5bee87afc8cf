//! A browser with a window, for what only a person at it can do. One without cannot get one while it runs, so it makes
//! way for another on the same profile.

use crate::machine::{BrowserPhase, Effect, InvalidTransition, Session, Stepper};
use crate::reason::Reason;
use crate::state::{Login, Progress, Stage, State};

impl Session {
    /// Whether its browser has a window, or is about to have one.
    pub const fn is_visible(&self) -> bool {
        self.window && !matches!(self.browser, BrowserPhase::None)
    }
}

impl Stepper<'_> {
    /// The person wants to see its browser.
    pub(super) fn show(&mut self) -> Result<(), InvalidTransition> {
        if self.session.state.can_start() {
            // Whoever wants to see a session that has ended starts it.
            return Err(self.invalid("Show"));
        }
        if !self.session.window {
            self.change_browser(true, Reason::BrowserShown);
        } else if self.session.browser == BrowserPhase::Running {
            self.effects.push(Effect::Raise);
        }
        Ok(())
    }

    /// The person has seen enough.
    pub(super) fn hide(&mut self) {
        if self.session.window {
            self.go_on_without_window(Reason::BrowserHidden);
        }
    }

    /// The window is gone, by the person's hand: it is no failure, and the session goes on.
    pub(super) fn window_closed(&mut self) {
        if self.session.state.can_start() {
            // Nothing goes on here, but what is left of the browser has to be reaped.
            self.session.window = false;
            self.close();
        } else {
            self.go_on_without_window(Reason::WindowClosed);
        }
    }

    /// A browser that cannot have its window here can still do without. Says whether it is tried.
    pub(super) fn do_without_window(&mut self, reason: Reason) -> bool {
        let of_the_window = matches!(reason, Reason::WindowUnavailable | Reason::LaunchFailed);
        if !self.session.window || !of_the_window || !self.session.state.is_starting() {
            return false;
        }
        self.session.notice = Some(Reason::WindowUnavailable);
        self.change_browser(false, Reason::WindowUnavailable);
        true
    }

    /// A passkey is asked for: nobody should have to look for the window.
    pub(super) fn passkey_requested(&mut self) {
        if let State::QrRequired { codes, .. } = self.session.state {
            self.login(Login::Passkey, codes);
            self.session.reason = Some(Reason::PasskeyNeeded);
            self.disarm();
            if self.session.window {
                self.effects.push(Effect::Raise);
            }
        }
    }

    fn go_on_without_window(&mut self, reason: Reason) {
        if self.session.state.can_start() {
            self.session.window = false;
        } else {
            self.change_browser(false, reason);
        }
    }

    /// Another browser takes the place of this one; a login that is saved is loaded by it.
    fn change_browser(&mut self, window: bool, reason: Reason) {
        self.session.window = window;
        self.session.bridge = None;
        self.note_change_of_browser(reason);
        let progress = Progress {
            stage: Stage::Queued,
            percent: None,
        };
        self.go(
            if self.session.recovery.saved_login() {
                State::Reconnecting(progress)
            } else {
                State::Initializing(progress)
            },
            reason,
        );
        match self.session.browser {
            BrowserPhase::None => self.launch(),
            BrowserPhase::Launching | BrowserPhase::Running => self.close(),
            // `closed` goes on from there.
            BrowserPhase::Closing => {}
        }
    }
}
