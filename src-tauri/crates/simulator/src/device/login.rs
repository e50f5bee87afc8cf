//! How a login begins and how it ends.

use tokio::time::Instant;

use super::{Device, Ending, Link, Phase, Trouble};
use crate::account;
use crate::codes::Scanned;
use crate::outbox::now_ms;
use crate::timers::Due;
use crate::wire::{Answer, ToPage};
use crate::world::Core;
use crate::{Account, DeviceState, PhoneError};

impl Device {
    /// Whether `reference` with these keys is what the device shows now.
    pub(crate) fn check_scan(&self, scanned: &Scanned<'_>) -> Result<(), PhoneError> {
        match &self.phase {
            Phase::Qr { reference, .. }
                if self.trouble.is_none() && reference == scanned.reference =>
            {
                if self
                    .keys
                    .iter()
                    .zip(scanned.keys)
                    .all(|(ours, theirs)| ours == theirs)
                {
                    Ok(())
                } else {
                    Err(PhoneError::InvalidCode {
                        reason: "its keys are not the page's",
                    })
                }
            }
            _ => Err(PhoneError::ExpiredCode),
        }
    }

    /// Links, or asks for the passkey first.
    pub(crate) fn scanned(&mut self, account: Account, core: &mut Core, now: Instant) {
        if self.passkey {
            let challenge = core.mint.token();
            self.enter(Phase::Passkey { account, challenge }, None, core, now);
        } else {
            self.become_linked(account, core, now);
        }
    }

    /// The account that asked for the code shown now, if `code` is that code.
    pub(crate) fn paired_number(&self, code: &str) -> Option<&str> {
        self.pairing
            .as_ref()
            .filter(|(ours, _)| ours == code)
            .map(|(_, number)| number.as_str())
    }

    pub(super) fn make_pairing_code(
        &mut self,
        number: String,
        core: &mut Core,
        now: Instant,
    ) -> Answer {
        if !matches!(self.state(), DeviceState::Qr | DeviceState::Idle) {
            return Answer::Refused {
                reason: format!("the device is {}", self.state()),
            };
        }
        if !account::is_number(&number) {
            return Answer::Refused {
                reason: format!("{number:?} is not a number"),
            };
        }
        let fresh = core.mint.pairing_code();
        let due = Due::CodeExpires {
            device: self.id.clone(),
            code: fresh.clone(),
        };
        core.timers.add(now + core.timing.pairing_code, due);
        self.pairing = Some((fresh.clone(), number));
        Answer::Code { code: fresh }
    }

    pub(crate) fn code_expired(&mut self, code: &str) {
        if self.pairing_code() == Some(code) {
            self.pairing = None;
            self.push(ToPage::CodeExpired);
        }
    }

    pub(crate) fn passkey_answered(&mut self, approved: bool, core: &mut Core, now: Instant) {
        if self.state() != DeviceState::Passkey {
            return;
        }
        match (approved, &self.phase) {
            (true, Phase::Passkey { account, .. }) => {
                let account = account.clone();
                self.become_linked(account, core, now);
            }
            _ => self.show_qr(1, core, now),
        }
    }

    fn become_linked(&mut self, account: Account, core: &mut Core, now: Instant) {
        let token = core.mint.token();
        self.link = Some(Link {
            account: account.clone(),
            token: token.clone(),
            since_ms: now_ms(),
        });
        core.changed();
        self.pairing = None;
        self.ending = None;
        self.last_logout = None;
        self.push(ToPage::Linked { account, token });
        let wait = core.timing.sync / core.timing.sync_steps;
        self.enter(Phase::Syncing { step: 0 }, Some(wait), core, now);
    }

    pub(crate) fn logout(&mut self, reason: String, core: &mut Core) {
        self.unlink(reason.clone(), core);
        self.ending = Some(Ending::Logout(reason));
        if self.trouble != Some(Trouble::Offline) {
            self.trouble = None;
            self.tell_ending();
        }
    }

    pub(crate) fn forget(&mut self, core: &mut Core) {
        self.unlink("forgotten".to_owned(), core);
        self.ending = Some(Ending::Forgotten);
    }

    pub(super) fn unlink(&mut self, reason: String, core: &mut Core) {
        self.link = None;
        self.last_logout = Some(reason);
        self.pairing = None;
        self.sending.clear();
        self.waiting.clear();
        self.history.clear();
        core.changed();
    }

    /// Says how the login ended. True if the page now leaves for the login page.
    pub(super) fn tell_ending(&mut self) -> bool {
        if self.pages.is_empty() {
            return false;
        }
        match self.ending.take() {
            Some(Ending::Logout(reason)) => {
                self.epoch += 1;
                self.phase = Phase::Starting;
                for page in &self.pages {
                    let _ = page.sender.try_send(ToPage::Logout {
                        reason: reason.clone(),
                    });
                }
                true
            }
            Some(Ending::Forgotten) => {
                self.push(ToPage::Forgotten);
                false
            }
            None => false,
        }
    }
}
