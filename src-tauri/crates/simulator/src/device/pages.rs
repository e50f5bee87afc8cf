//! What open pages do: come, go, and ask.

use tokio::time::Instant;

use super::messages::Sent;
use super::{Device, Ending, Page, Phase, Trouble};
use crate::DeviceState;
use crate::account;
use crate::wire::{Answer, FromPage, Hello, PagePhase, ToPage};
use crate::world::Core;

impl Device {
    pub(crate) fn page_opened(&mut self, hello: Hello, page: Page, core: &mut Core, now: Instant) {
        self.push(ToPage::Phase(PagePhase::Conflict));
        self.pages.push(page);
        self.loads += 1;
        self.storage = hello.storage;
        self.marks = hello.marks;
        self.keys = [hello.static_key, hello.identity_key, hello.adv_secret];
        self.trouble = self.trouble.filter(|trouble| trouble.outlives_a_reload());
        self.pairing = None;

        let known = self.link.as_ref().map(|link| link.token.as_str());
        match (hello.token.as_deref(), known) {
            (Some(shown), Some(known)) if shown == known => {}
            (None, None) => self.ending = None,
            (None, Some(_)) => self.unlink("login_lost".to_owned(), core),
            (Some(_), _) => {
                if self.link.is_some() {
                    self.unlink("unknown_companion".to_owned(), core);
                }
                if self.ending.is_none() {
                    self.ending = Some(Ending::Logout("unknown_companion".to_owned()));
                }
            }
        }
        let wait = core.timing.start + self.slow_start;
        self.enter(Phase::Starting, Some(wait), core, now);
    }

    pub(crate) fn page_closed(&mut self, number: u64) {
        let newest = self.pages.last().is_some_and(|page| page.number == number);
        self.pages.retain(|page| page.number != number);
        if !newest {
            return;
        }
        self.pairing = None;
        self.epoch += 1;
        if self.pages.is_empty() {
            self.phase = Phase::Absent;
        } else {
            // The pages that are left have shown the conflict for a while, and still do.
            self.trouble = self.trouble.or(Some(Trouble::Conflict));
        }
    }

    pub(crate) fn page_said(&mut self, number: u64, said: FromPage, core: &mut Core, now: Instant) {
        if matches!(said, FromPage::Takeover) {
            self.takeover(number, core, now);
            return;
        }
        // An older page is in conflict: its user can take over, everything else is ignored.
        if self.pages.last().is_none_or(|page| page.number != number) {
            return;
        }
        match said {
            FromPage::Send {
                request,
                id,
                to,
                text,
                media,
            } => {
                let sent = Sent {
                    id,
                    to,
                    text,
                    media,
                };
                self.send(request, sent, core, now);
            }
            FromPage::Query { request, number } => {
                // A page that has not noticed yet that it is cut off learns nothing either.
                let answer = if self.state() == DeviceState::Ready {
                    let wid = account::wid(&number);
                    Answer::Found { wid }
                } else {
                    Answer::Unsent
                };
                self.push(ToPage::Reply { request, answer });
            }
            FromPage::PairingCode { request, number } => {
                let answer = self.make_pairing_code(number, core, now);
                self.push(ToPage::Reply { request, answer });
            }
            FromPage::RefreshQr => {
                if matches!(self.state(), DeviceState::Qr | DeviceState::Idle) {
                    self.show_qr(1, core, now);
                }
            }
            FromPage::Logout => {
                if self.link.is_some() {
                    self.logout("user_initiated".to_owned(), core);
                }
            }
            FromPage::Passkey { approved } => self.passkey_answered(approved, core, now),
            FromPage::Marked { marks } => self.marks = marks,
            FromPage::Takeover => {}
        }
    }

    fn takeover(&mut self, number: u64, core: &mut Core, now: Instant) {
        let Some(position) = self.pages.iter().position(|page| page.number == number) else {
            return;
        };
        if position + 1 < self.pages.len() {
            self.push(ToPage::Phase(PagePhase::Conflict));
            let page = self.pages.remove(position);
            self.pages.push(page);
            self.trouble = self.trouble.or(Some(Trouble::Conflict));
        }
        if self.trouble == Some(Trouble::Conflict) {
            self.relieve(core, now);
        }
    }
}
