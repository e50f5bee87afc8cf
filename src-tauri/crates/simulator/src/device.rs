//! One device: a browser profile that opened the page. Theory of operation:
//!
//! *Phase* is how far the login has come; *trouble* lies over it, is what the page shows instead, and
//! when it ends the phase starts again from a sensible place. Every change of either moves the
//! *epoch* on, which makes the steps that were scheduled before it stale. A device never reads a
//! clock and never waits: it is told `now`, and it schedules.

mod login;
mod messages;
mod pages;

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use self::messages::{Faults, Sending};
use crate::codes;
use crate::timers::Due;
use crate::wire::{Command, PagePhase, ToPage, WireMessage};
use crate::world::Core;
use crate::{Account, BanKind, DeviceState, DeviceView, MarksView, StorageView};

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
    marks: MarksView,
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
            marks: MarksView::default(),
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
            marks: self.marks.clone(),
            loads: self.loads,
            last_logout: self.last_logout.clone(),
            passkey: self.passkey,
            waiting: self.waiting.len(),
        }
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

    // What the phone does.

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

    pub(crate) fn command(&mut self, command: Command, ms: u64) {
        self.push(ToPage::Command { command, ms });
    }

    pub(crate) fn mark(&mut self, value: String) {
        self.push(ToPage::Mark { value });
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

    fn push(&mut self, message: ToPage) {
        if let Some(page) = self.pages.last()
            && page.sender.try_send(message).is_err()
        {
            // A page that reads nothing for hundreds of messages is as good as gone.
            let number = page.number;
            self.page_closed(number);
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
