//! One device: a browser profile that opened the page. Theory of operation:
//!
//! *Phase* is how far the login has come; *trouble* lies over it, is what the page shows instead, and
//! when it ends the phase starts again from a sensible place. Every change of either moves the
//! *epoch* on, which makes the steps that were scheduled before it stale. A device never reads a
//! clock and never waits: it is told `now`, and it schedules.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::account;
use crate::codes;
use crate::outbox::{OutboxEntry, now_ms};
use crate::timers::Due;
use crate::wire::{Answer, Command, FromPage, Hello, PagePhase, ToPage, WireMessage};
use crate::world::Core;
use crate::{Account, BanKind, DeviceState, DeviceView, PhoneError, SendFailure, StorageView};

/// Messages that a freshly loaded page is told about.
const HISTORY: usize = 100;

#[derive(Debug)]
enum Phase {
    Absent,
    Starting,
    Qr {
        text: String,
        reference: String,
        rotation: u32,
    },
    Idle,
    Passkey {
        account: Account,
        challenge: String,
    },
    Syncing {
        step: u32,
    },
    Resuming,
    Main,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    Offline,
    Timeout,
    ProxyBlock,
    Conflict,
    Banned(BanKind),
    Outdated,
}

impl Trouble {
    /// Whether a reload of the page leaves it as it is.
    fn outlives_a_reload(self) -> bool {
        matches!(self, Self::Offline | Self::Banned(_) | Self::Outdated)
    }
}

/// The login, as the server knows it.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    pub(crate) account: Account,
    pub(crate) token: String,
    pub(crate) since_ms: u64,
}

/// One open page.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) number: u64,
    pub(crate) sender: mpsc::Sender<ToPage>,
    pub(crate) knows_history: bool,
}

/// How a login ended while its page could not be told.
#[derive(Debug)]
enum Ending {
    Logout(String),
    Forgotten,
}

#[derive(Debug, Default)]
struct Faults {
    fail: Option<(u32, SendFailure)>,
    stall: Option<(u32, i8)>,
}

/// A message between its first and its last ack.
#[derive(Debug)]
struct Sending {
    request: u64,
    to: String,
    last_ack: i8,
}

#[derive(Debug)]
pub(crate) struct Device {
    id: String,
    keys: [String; 3],
    link: Option<Link>,
    phase: Phase,
    trouble: Option<Trouble>,
    epoch: u64,
    /// Oldest first; only the last one is served.
    pages: Vec<Page>,
    pairing: Option<(String, String)>,
    storage: StorageView,
    loads: u32,
    last_logout: Option<String>,
    ending: Option<Ending>,
    passkey: bool,
    slow_start: Duration,
    faults: Faults,
    sending: HashMap<String, Sending>,
    waiting: VecDeque<ToPage>,
    history: VecDeque<WireMessage>,
}

impl Device {
    pub(crate) fn new(id: String, core: &Core) -> Self {
        Self {
            id,
            keys: Default::default(),
            link: None,
            phase: Phase::Absent,
            trouble: core.defaults.outdated.then_some(Trouble::Outdated),
            epoch: 0,
            pages: Vec::new(),
            pairing: None,
            storage: StorageView::default(),
            loads: 0,
            last_logout: None,
            ending: None,
            passkey: core.defaults.passkey,
            slow_start: Duration::from_millis(core.defaults.slow_start_ms),
            faults: Faults::default(),
            sending: HashMap::new(),
            waiting: VecDeque::new(),
            history: VecDeque::new(),
        }
    }

    pub(crate) fn restored(id: String, link: Link, banned: Option<BanKind>, core: &Core) -> Self {
        let mut device = Self::new(id, core);
        device.link = Some(link);
        if let Some(kind) = banned {
            device.trouble = Some(Trouble::Banned(kind));
        }
        device
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn link(&self) -> Option<&Link> {
        self.link.as_ref()
    }

    pub(crate) fn banned(&self) -> Option<BanKind> {
        match self.trouble {
            Some(Trouble::Banned(kind)) => Some(kind),
            _ => None,
        }
    }

    pub(crate) fn pairing_code(&self) -> Option<&str> {
        self.pairing.as_ref().map(|(code, _)| code.as_str())
    }

    /// Whether nothing would be lost if this device were forgotten altogether.
    pub(crate) fn is_disposable(&self) -> bool {
        self.pages.is_empty() && self.link.is_none() && self.ending.is_none()
    }

    pub(crate) fn state(&self) -> DeviceState {
        if self.pages.is_empty() {
            return DeviceState::Absent;
        }
        match (self.trouble, &self.phase) {
            (Some(Trouble::Offline), _) => DeviceState::Offline,
            (Some(Trouble::Timeout), _) => DeviceState::Timeout,
            (Some(Trouble::ProxyBlock), _) => DeviceState::ProxyBlock,
            (Some(Trouble::Conflict), _) => DeviceState::Conflict,
            (Some(Trouble::Banned(_)), _) => DeviceState::Banned,
            (Some(Trouble::Outdated), _) => DeviceState::Outdated,
            (None, Phase::Absent) => DeviceState::Absent,
            (None, Phase::Starting) => DeviceState::Starting,
            (None, Phase::Qr { .. }) => DeviceState::Qr,
            (None, Phase::Idle) => DeviceState::Idle,
            (None, Phase::Passkey { .. }) => DeviceState::Passkey,
            (None, Phase::Syncing { .. }) => DeviceState::Syncing,
            (None, Phase::Resuming) => DeviceState::Resuming,
            (None, Phase::Main) => DeviceState::Ready,
        }
    }

    pub(crate) fn view(&self) -> DeviceView {
        let (qr, qr_rotation) = match &self.phase {
            Phase::Qr { text, rotation, .. } if self.trouble.is_none() => {
                (Some(text.clone()), *rotation)
            }
            _ => (None, 0),
        };
        DeviceView {
            id: self.id.clone(),
            state: self.state(),
            account: self.link.as_ref().map(|link| link.account.clone()),
            pages: self.pages.len(),
            qr,
            qr_rotation,
            pairing_code: self.pairing_code().map(str::to_owned),
            storage: self.storage,
            loads: self.loads,
            last_logout: self.last_logout.clone(),
            passkey: self.passkey,
            waiting: self.waiting.len(),
        }
    }

    /// Whether `reference` with these keys is what the device shows now.
    pub(crate) fn check_scan(&self, scanned: &codes::Scanned<'_>) -> Result<(), PhoneError> {
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

    // What pages do.

    pub(crate) fn page_opened(&mut self, hello: Hello, page: Page, core: &mut Core, now: Instant) {
        self.push(ToPage::Phase(PagePhase::Conflict));
        self.pages.push(page);
        self.loads += 1;
        self.storage = hello.storage;
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
            } => {
                self.send(request, id, to, text, core, now);
            }
            FromPage::Query { request, number } => {
                let exists = account::exists(&number);
                self.push(ToPage::Reply {
                    request,
                    answer: Answer::Exists { number, exists },
                });
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

    fn send(
        &mut self,
        request: u64,
        id: String,
        to: String,
        text: String,
        core: &mut Core,
        now: Instant,
    ) {
        let Some(link) = self
            .link
            .as_ref()
            .filter(|_| self.state() == DeviceState::Ready)
        else {
            let answer = Answer::Failed {
                result: SendFailure::ErrorNetwork.as_str(),
            };
            self.push(ToPage::Reply { request, answer });
            return;
        };
        let failure = take(&mut self.faults.fail);
        core.outbox.attempt(OutboxEntry {
            device: self.id.clone(),
            from: link.account.number.clone(),
            to: to.clone(),
            text: text.clone(),
            id: id.clone(),
            attempts: 1,
            result: failure.map_or("OK", SendFailure::as_str).to_owned(),
            ack: if failure.is_some() { -1 } else { 0 },
            acks: Vec::new(),
            at_ms: now_ms(),
        });
        if let Some(failure) = failure {
            let answer = Answer::Failed {
                result: failure.as_str(),
            };
            self.push(ToPage::Reply { request, answer });
            return;
        }
        if core
            .outbox
            .find(&self.id, &id)
            .is_some_and(|entry| entry.ack >= 1)
        {
            let answer = Answer::Accepted {
                at: now_ms() / 1000,
            };
            self.push(ToPage::Reply { request, answer });
            return;
        }
        let last_ack = take(&mut self.faults.stall).unwrap_or(3);
        self.remember(WireMessage {
            id: id.clone(),
            chat: to.clone(),
            from_me: true,
            text,
            at: now_ms() / 1000,
            ack: 0,
            name: None,
        });
        self.sending.insert(
            id.clone(),
            Sending {
                request,
                to,
                last_ack,
            },
        );
        if last_ack >= 1 {
            let due = Due::Ack {
                device: self.id.clone(),
                message: id,
                ack: 1,
            };
            core.timers.add(now + core.timing.ack_server, due);
        }
    }

    pub(crate) fn ack(&mut self, message: &str, ack: i8, core: &mut Core, now: Instant) {
        let Some(sending) = self.sending.get(message) else {
            return;
        };
        core.outbox.ack(&self.id, message, ack);
        let news = if ack == 1 {
            let answer = Answer::Accepted {
                at: now_ms() / 1000,
            };
            ToPage::Reply {
                request: sending.request,
                answer,
            }
        } else {
            ToPage::Receipt {
                chat: sending.to.clone(),
                id: message.to_owned(),
                ack,
            }
        };
        if ack < sending.last_ack {
            let wait = if ack == 1 {
                core.timing.ack_device
            } else {
                core.timing.ack_read
            };
            let due = Due::Ack {
                device: self.id.clone(),
                message: message.to_owned(),
                ack: ack + 1,
            };
            core.timers.add(now + wait, due);
        } else {
            self.sending.remove(message);
        }
        if let Some(entry) = self.history.iter_mut().find(|entry| entry.id == message) {
            entry.ack = ack;
        }
        self.deliver(news);
    }

    fn make_pairing_code(&mut self, number: String, core: &mut Core, now: Instant) -> Answer {
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

    // What time does.

    pub(crate) fn step(&mut self, epoch: u64, core: &mut Core, now: Instant) {
        if epoch != self.epoch {
            return;
        }
        match self.phase {
            Phase::Starting => self.begin(core.timing.resume, core, now),
            Phase::Qr { rotation, .. } if rotation >= core.timing.qr_limit => {
                self.enter(Phase::Idle, None, core, now);
            }
            Phase::Qr { rotation, .. } => self.show_qr(rotation + 1, core, now),
            Phase::Syncing { step } => {
                let step = step + 1;
                let steps = core.timing.sync_steps;
                self.push(ToPage::Progress {
                    percent: step * 100 / steps,
                });
                if step >= steps {
                    self.enter(Phase::Main, None, core, now);
                } else {
                    self.phase = Phase::Syncing { step };
                    self.schedule(core.timing.sync / steps, core, now);
                }
            }
            Phase::Resuming => self.enter(Phase::Main, None, core, now),
            Phase::Absent | Phase::Idle | Phase::Passkey { .. } | Phase::Main => {}
        }
    }

    pub(crate) fn code_expired(&mut self, code: &str) {
        if self.pairing_code() == Some(code) {
            self.pairing = None;
            self.push(ToPage::CodeExpired);
        }
    }

    // What the phone does.

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

    pub(crate) fn show_next_qr(&mut self, core: &mut Core, now: Instant) {
        let rotation = match self.phase {
            Phase::Qr { rotation, .. } => rotation + 1,
            _ => 1,
        };
        self.show_qr(rotation, core, now);
    }

    pub(crate) fn go_idle(&mut self, core: &mut Core, now: Instant) {
        self.enter(Phase::Idle, None, core, now);
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

    fn unlink(&mut self, reason: String, core: &mut Core) {
        self.link = None;
        self.last_logout = Some(reason);
        self.pairing = None;
        self.sending.clear();
        self.waiting.clear();
        self.history.clear();
        core.changed();
    }

    /// Says how the login ended. True if the page now leaves for the login page.
    fn tell_ending(&mut self) -> bool {
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

    /// Puts trouble over whatever the device was doing.
    pub(crate) fn afflict(&mut self, trouble: Trouble) {
        self.trouble = Some(trouble);
        self.epoch += 1;
        self.show();
    }

    pub(crate) fn trouble(&self) -> Option<Trouble> {
        self.trouble
    }

    /// Takes the trouble away and starts again.
    pub(crate) fn relieve(&mut self, core: &mut Core, now: Instant) {
        self.trouble = None;
        if !self.pages.is_empty() {
            self.begin(core.timing.reconnect, core, now);
        }
    }

    pub(crate) fn set_passkey(&mut self, enabled: bool) {
        self.passkey = enabled;
    }

    pub(crate) fn set_slow_start(&mut self, ms: u64) {
        self.slow_start = Duration::from_millis(ms);
    }

    pub(crate) fn fail_sends(&mut self, count: u32, result: SendFailure) {
        self.faults.fail = Some((count, result));
    }

    pub(crate) fn stall_acks(&mut self, count: u32, up_to: i8) {
        self.faults.stall = Some((count, up_to));
    }

    pub(crate) fn receive(&mut self, message: WireMessage) {
        self.remember(message.clone());
        self.deliver(ToPage::Message { message });
    }

    pub(crate) fn command(&mut self, command: Command, ms: u64) {
        self.push(ToPage::Command { command, ms });
    }

    pub(crate) fn backend_event(&mut self, name: String) {
        self.push(ToPage::BackendEvent { name });
    }

    // How it moves.

    /// Starts from what is known about the login.
    fn begin(&mut self, wait: Duration, core: &mut Core, now: Instant) {
        if self.trouble.is_some() {
            self.epoch += 1;
            self.show();
        } else if self.link.is_some() {
            self.enter(Phase::Resuming, Some(wait), core, now);
        } else if !self.tell_ending() {
            self.show_qr(1, core, now);
        }
    }

    fn show_qr(&mut self, rotation: u32, core: &mut Core, now: Instant) {
        let reference = core.mint.reference();
        core.references.remember(&reference, &self.id);
        let [noise, identity, secret] = &self.keys;
        let text = format!("{reference},{noise},{identity},{secret}");
        let life = if rotation == 1 {
            core.timing.qr_first
        } else {
            core.timing.qr_next
        };
        self.enter(
            Phase::Qr {
                text,
                reference,
                rotation,
            },
            Some(life),
            core,
            now,
        );
    }

    fn enter(&mut self, phase: Phase, wait: Option<Duration>, core: &mut Core, now: Instant) {
        self.epoch += 1;
        self.phase = phase;
        let arrives = self.state() == DeviceState::Ready;
        if arrives && self.pages.last().is_some_and(|page| !page.knows_history) {
            // What still waits is new to the page, and follows as such.
            let waits = |id: &str| {
                let mut waiting = self.waiting.iter();
                waiting.any(|w| matches!(w, ToPage::Message { message } if message.id == id))
            };
            let messages = self
                .history
                .iter()
                .filter(|m| !waits(&m.id))
                .cloned()
                .collect();
            self.push(ToPage::History { messages });
            if let Some(page) = self.pages.last_mut() {
                page.knows_history = true;
            }
        }
        self.show_for(wait);
        if let Some(wait) = wait {
            self.schedule(wait, core, now);
        }
        if arrives {
            for waiting in std::mem::take(&mut self.waiting) {
                self.push(waiting);
            }
        }
    }

    fn schedule(&mut self, wait: Duration, core: &mut Core, now: Instant) {
        core.timers.add(
            now + wait,
            Due::Step {
                device: self.id.clone(),
                epoch: self.epoch,
            },
        );
    }

    fn show(&mut self) {
        self.show_for(None);
    }

    fn show_for(&mut self, life: Option<Duration>) {
        let phase = match (self.trouble, &self.phase) {
            (Some(Trouble::Offline), _) => PagePhase::Offline,
            (Some(Trouble::Timeout), _) => PagePhase::Timeout,
            (Some(Trouble::ProxyBlock), _) => PagePhase::ProxyBlock,
            (Some(Trouble::Conflict), _) => PagePhase::Conflict,
            (Some(Trouble::Banned(kind)), _) => PagePhase::Banned { kind },
            (Some(Trouble::Outdated), _) => PagePhase::Outdated,
            (None, Phase::Absent | Phase::Starting) => PagePhase::Starting,
            (
                None,
                Phase::Qr {
                    text, reference, ..
                },
            ) => PagePhase::Qr {
                code: reference.clone(),
                life_ms: life.map_or(0, millis),
                matrix: codes::matrix(text),
            },
            (None, Phase::Idle) => PagePhase::Idle,
            (None, Phase::Passkey { challenge, .. }) => PagePhase::Passkey {
                challenge: challenge.clone(),
            },
            (None, Phase::Syncing { .. }) => PagePhase::Syncing,
            (None, Phase::Resuming) => PagePhase::Resuming,
            (None, Phase::Main) => PagePhase::Main,
        };
        self.push(ToPage::Phase(phase));
    }

    /// Sends to the page, or keeps it until the page can take it.
    fn deliver(&mut self, message: ToPage) {
        if self.state() == DeviceState::Ready {
            self.push(message);
        } else {
            self.waiting.push_back(message);
        }
    }

    fn push(&mut self, message: ToPage) {
        if let Some(page) = self.pages.last()
            && page.sender.try_send(message).is_err()
        {
            // A page that reads nothing for hundreds of messages is as good as gone.
            let number = page.number;
            self.page_closed(number);
        }
    }

    fn remember(&mut self, message: WireMessage) {
        self.history.push_back(message);
        if self.history.len() > HISTORY {
            self.history.pop_front();
        }
    }
}

/// Uses up one of a counted fault.
fn take<T: Copy>(fault: &mut Option<(u32, T)>) -> Option<T> {
    let (count, what) = fault.as_mut()?;
    let what = *what;
    *count = count.checked_sub(1)?;
    Some(what)
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
