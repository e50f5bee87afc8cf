//! What follows from a failure: a restart by itself, a copy of the login, or the end.

use std::time::Duration;

use crate::account::Account;
use crate::clock::Timestamp;
use crate::machine::{BrowserPhase, Effect, Session, Stepper, Timer};
use crate::reason::Reason;
use crate::state::{Login, Policy, Progress, Restart, Stage, State};

/// What was tried to keep a session alive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Restarts by itself that still count.
    restarts: Vec<Timestamp>,
    /// Restarts in a row, without a while in order between them: the pauses grow with these.
    row: u32,
    /// Restarts in a row without a network.
    offline: u32,
    /// Page loads to mend the page since it last was in order.
    reloads: u8,
    /// Whether the profile holds a login, as far as is known.
    saved_login: bool,
    /// Whether there is a copy of the login that has not been tried.
    spare: bool,
    /// Why it was started last.
    started: Option<Reason>,
}

impl Recovery {
    /// Whether the profile holds a login, as far as is known.
    pub(super) const fn saved_login(&self) -> bool {
        self.saved_login
    }
}

/// How often a failure is worth a restart by itself.
enum Remedy {
    /// Never: only a person can change what is wrong.
    None,
    /// Once.
    Once,
    /// A few times within a while.
    Some,
    /// Until it works, with growing pauses.
    Patience,
}

impl Session {
    /// Whether somebody asked for the start and waits to hear of it, as opposed to one that happens by itself.
    pub(crate) const fn is_attended(&self) -> bool {
        !matches!(
            self.recovery.started,
            Some(
                Reason::Restored
                    | Reason::Restarted
                    | Reason::BrowserHidden
                    | Reason::WindowClosed
                    | Reason::WindowUnavailable
            )
        )
    }
}

impl Stepper<'_> {
    /// A technical failure ends whatever was going on; a state that is final already stays as it is.
    pub(super) fn fail(&mut self, reason: Reason) {
        if self.session.state.can_start() {
            return;
        }
        let (restart, reason) = self.plan(reason);
        self.go(State::Error { restart }, reason);
        if let Some(restart) = restart {
            self.arm(Timer::Restart, restart.at.since(self.now));
        }
        self.close();
    }

    /// Ends it without a restart.
    pub(super) fn abort(&mut self, reason: Reason) {
        if !self.session.state.can_start() {
            self.go(State::Error { restart: None }, reason);
            self.close();
        } else if let State::Error { restart: Some(_) } = self.session.state {
            self.go(State::Error { restart: None }, reason);
        }
    }

    fn remedy(&self, reason: Reason) -> Remedy {
        // Somebody who waits for the start is told that it failed, and decides.
        let unattended = !self.session.is_attended();
        match reason {
            Reason::BrowserDied
            | Reason::PageCrashed
            | Reason::PageUnresponsive
            | Reason::NotAcknowledged
            | Reason::CallsFailing => Remedy::Some,
            Reason::LaunchFailed if unattended => Remedy::Some,
            Reason::InitTimeout | Reason::StorageFailed => Remedy::Once,
            Reason::RetriesExhausted => Remedy::Patience,
            Reason::PageUnreachable if unattended => Remedy::Patience,
            _ => Remedy::None,
        }
    }

    /// The restart that follows from this failure, and what is said to be its reason.
    fn plan(&mut self, reason: Reason) -> (Option<Restart>, Reason) {
        let (now, policy) = (self.now, self.policy);
        let worked_for = match self.session.state {
            State::Ready { .. } => now.since(self.session.since),
            _ => Duration::ZERO,
        };
        let recovery = &mut self.session.recovery;
        recovery
            .restarts
            .retain(|&at| now.since(at) < policy.restart_window);
        if worked_for >= policy.restart_settled {
            recovery.row = 0;
        }
        let row = recovery.row;
        let made = u32::try_from(recovery.restarts.len()).unwrap_or(u32::MAX);
        let step = |pauses: &[Duration], made: u32| pauses[(made as usize).min(pauses.len() - 1)];
        let (attempt, last, pause) = match self.remedy(reason) {
            Remedy::None => return (None, reason),
            Remedy::Once if self.session.recovery.started == Some(Reason::Restarted) => {
                return (None, reason);
            }
            Remedy::Once => (1, Some(1), step(&policy.restart_backoff, 0)),
            Remedy::Some if made >= policy.restarts => {
                let reason = if made == 0 {
                    reason
                } else {
                    Reason::KeepsFailing
                };
                return (None, reason);
            }
            Remedy::Some => (
                made + 1,
                Some(policy.restarts),
                step(&policy.restart_backoff, row),
            ),
            Remedy::Patience => {
                let made = self.session.recovery.offline;
                self.session.recovery.offline = made.saturating_add(1);
                (
                    made.saturating_add(1),
                    None,
                    step(&policy.offline_backoff, made),
                )
            }
        };
        let at = now.plus(spread(pause, self.session.seed, now));
        (Some(Restart { attempt, last, at }), reason)
    }

    /// Takes down how a start came about.
    pub(super) fn note_start(&mut self, saved_login: bool, spare: bool, reason: Reason) {
        let offline = matches!(
            self.session.reason,
            Some(Reason::RetriesExhausted | Reason::PageUnreachable)
        );
        let recovery = &mut self.session.recovery;
        if reason == Reason::Restarted {
            // The network's failures are not the browser's.
            if !offline {
                recovery.restarts.push(self.now);
                recovery.row = recovery.row.saturating_add(1);
            }
        } else {
            recovery.restarts.clear();
            recovery.row = 0;
            recovery.offline = 0;
        }
        recovery.started = Some(reason);
        recovery.saved_login = saved_login;
        recovery.spare = spare;
        recovery.reloads = 0;
    }

    /// Takes down that another browser takes the place of the one before, at a person's wish.
    pub(super) fn note_change_of_browser(&mut self, reason: Reason) {
        self.session.recovery.started = Some(reason);
        self.session.recovery.reloads = 0;
    }

    /// The pause is over.
    pub(super) fn restart(&mut self) {
        let recovery = &self.session.recovery;
        let (saved_login, spare) = (recovery.saved_login, recovery.spare);
        // A failed session can always be started.
        let _ = self.start(saved_login, spare, Reason::Restarted);
    }

    /// The session works: what went wrong before is history, but for the restarts, which count by the clock.
    pub(super) fn note_connected(&mut self) {
        let recovery = &mut self.session.recovery;
        recovery.offline = 0;
        recovery.reloads = 0;
        recovery.saved_login = true;
    }

    /// The page came up: the next time it is lost, it may be loaded anew again.
    pub(super) fn note_page_in_order(&mut self) {
        self.session.recovery.reloads = 0;
    }

    /// Remembers whether the profile holds a login. One that was ended must not come back from a copy.
    pub(super) fn mark_login(&mut self, linked: bool) {
        self.session.recovery.saved_login = linked;
        if !linked {
            self.session.recovery.spare = false;
        }
        self.effects.push(Effect::MarkLogin(linked));
    }

    /// A login was saved, and nobody ended it, and still it does not work: a copy of it gets a chance, if there is one.
    pub(super) fn try_spare(&mut self) -> bool {
        if !self.session.recovery.spare || !matches!(self.session.state, State::Reconnecting(_)) {
            return false;
        }
        self.session.recovery.spare = false;
        self.disarm();
        self.session.restoring = true;
        self.progress(Progress {
            stage: Stage::Restoring,
            percent: None,
        });
        if self.session.browser == BrowserPhase::None {
            self.launch();
        } else {
            self.close();
        }
        true
    }

    /// What came of the copy.
    pub(super) fn spare_used(&mut self, used: bool, more: bool) {
        // The damage may be older than the newest copy.
        self.session.recovery.spare = more;
        if used {
            self.session.notice = Some(Reason::LoginRestored);
        }
    }

    /// The page crashed or answers nothing any more: it is loaded anew once, and then the browser is.
    pub(super) fn page_lost(&mut self, reason: Reason) {
        match self.session.state.clone() {
            State::Initializing(_) | State::Reconnecting(_) => {
                if self.session.recovery.reloads == 0 {
                    self.session.recovery.reloads = 1;
                    self.effects.push(Effect::Reload);
                } else {
                    self.fail(reason);
                }
            }
            State::QrRequired { .. } => self.reload_login(reason),
            State::Ready { account, .. } => self.retry(account, 1, Some(reason)),
            State::DisconnectedRecoverable {
                trying: false,
                account,
                attempt,
            } => self.retry(account, attempt, Some(reason)),
            State::DisconnectedRecoverable { .. } => self.fail(reason),
            State::NotInitialized => {}
            _ => self.close(),
        }
    }

    /// A page that cannot even be loaded anew is no better than its browser.
    pub(super) fn reload_failed(&mut self) {
        match self.session.state {
            State::QrRequired {
                login: Login::Waiting,
                ..
            }
            | State::Initializing(_)
            | State::Reconnecting(_)
            | State::DisconnectedRecoverable { trying: true, .. } => {
                let reason = match self.session.reason {
                    Some(reason) if reason.is_of_the_page() => reason,
                    _ => Reason::PageUnresponsive,
                };
                self.fail(reason);
            }
            _ => {}
        }
    }

    /// The session is lost; the next retry comes after a pause.
    pub(super) fn lose(&mut self, account: Account, attempt: u8, reason: Reason) {
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
    pub(super) fn retry(&mut self, account: Account, attempt: u8, reason: Option<Reason>) {
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

    /// A retry did not work.
    pub(super) fn retry_failed(&mut self, account: Account, attempt: u8) {
        let reason = self.session.reason.unwrap_or(Reason::ConnectionLost);
        if reason.is_of_the_page() {
            // It was loaded anew and is no better.
            self.fail(reason);
        } else if attempt < Policy::MAX_ATTEMPTS {
            self.lose(account, attempt + 1, reason);
        } else {
            self.fail(Reason::RetriesExhausted);
        }
    }

    /// The page is loaded anew while it waits for a person; a second failure in a row ends in ERROR.
    pub(super) fn reload_login(&mut self, reason: Reason) {
        if let State::QrRequired {
            login: Login::Waiting,
            ..
        } = self.session.state
            && self.session.timer.is_some()
        {
            self.fail(reason);
        } else {
            self.login(Login::Waiting, 0);
            self.arm(Timer::Linking, self.policy.linking_timeout);
            self.effects.push(Effect::Reload);
        }
    }
}

/// A pause made up to a fifth longer or shorter, so that sessions that failed together do not come back together. It
/// follows from the session and the moment, so the rules stay without chance.
fn spread(pause: Duration, seed: u64, now: Timestamp) -> Duration {
    // The mixing step of SplitMix64.
    let mut x = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ now.0;
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^= x >> 31;
    let permille = 800 + u32::try_from(x % 401).unwrap_or(0);
    pause * permille / 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_spread_by_a_fifth_either_way() {
        let pauses: Vec<_> = (0..1000)
            .map(|seed| spread(Duration::from_secs(10), seed, Timestamp(5)).as_millis())
            .collect();
        assert!(pauses.iter().all(|pause| (8_000..=12_000).contains(pause)));
        let below = pauses.iter().filter(|&&pause| pause < 9_000).count();
        let above = pauses.iter().filter(|&&pause| pause > 11_000).count();
        assert!(
            (150..350).contains(&below),
            "{below} of 1000 in the lowest quarter"
        );
        assert!(
            (150..350).contains(&above),
            "{above} of 1000 in the highest quarter"
        );
    }
}
