//! Folds what is seen of the page into what the session needs to know.
//!
//! Pure: signals in, events out. The rules, and the traps they avoid:
//! - Connected is mode MAIN *and* info NORMAL *and* a known account. `main_ready` is true while a QR shows, and
//!   `authenticated` is silent for a restored login, so neither is used.
//! - A code that goes away was taken by a phone, unless the page went idle or offline.
//! - Losing the socket is told once, and only after it was connected.
//! - An end (unlinked, banned, outdated) is told once, by its first and best explanation: WhatsApp follows a logout up
//!   with a page load that says less.

mod checks;
mod page;

use session_core::ports::DriverEvent;
use session_core::{Account, Disconnection, LoginCode, PhoneNumber, Progress, Reason, Stage};

use checks::{acknowledged, received, says_logged_out, tidy, whole_percent};
pub(crate) use page::{PageSignal, Screen};

/// The longest login code, bytes. A QR holds about twice that.
const LONGEST_CODE: usize = 1024;

/// Something that was seen of the page.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Seen {
    /// The bridge said something.
    Bridge(PageSignal),
    /// The main frame went to this address.
    Navigated(String),
    /// The main frame shows the browser's error page.
    Unreachable,
    /// The page crashed.
    Crashed,
    /// The page answers nothing.
    Unresponsive,
    /// The page answers.
    Alive,
}

/// What is known of the page.
#[derive(Debug, Default)]
pub(crate) struct Signals {
    document: Document,
    phase: Phase,
    health: Health,
    /// The last thing said about the hooks.
    hooks: Option<bool>,
}

/// How far the session is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    /// Nothing definite was seen yet.
    #[default]
    Starting,
    /// A login code was shown, and it was not connected since.
    Code,
    /// Connected.
    Connected,
    /// Was connected.
    Lost,
    /// An end was told, and nothing has begun since.
    Ended,
}

/// Whether the page can be talked to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Health {
    #[default]
    Well,
    Silent,
    Crashed,
}

/// What is known of the document that is loaded.
#[derive(Debug, Default)]
struct Document {
    mode: Option<String>,
    info: Option<String>,
    /// The socket is stuck, whatever mode and info say.
    stuck: bool,
    code: Option<LoginCode>,
    idle: bool,
    account: Option<Account>,
    progress: Option<Progress>,
    logout_reason: Option<String>,
    chats_on_screen: bool,
}

impl Signals {
    /// Takes in what was seen and says what follows from it.
    pub(crate) fn see(&mut self, seen: Seen) -> Vec<DriverEvent> {
        let mut events = Vec::new();
        match seen {
            Seen::Bridge(signal) => {
                self.health = Health::Well;
                self.bridge(signal, &mut events);
            }
            Seen::Navigated(url) => {
                self.arrive();
                // Once a new code shows, the old logout is history, but the address may stay.
                if says_logged_out(&url) && self.phase != Phase::Code {
                    self.logged_out(&mut events);
                }
            }
            Seen::Unreachable => {
                self.arrive();
                self.lose(Reason::PageUnreachable, &mut events);
            }
            Seen::Crashed => {
                if self.health != Health::Crashed {
                    self.health = Health::Crashed;
                    self.leave_connected();
                    self.document = Document::default();
                    events.push(DriverEvent::PageCrashed);
                }
            }
            Seen::Unresponsive => {
                if self.health == Health::Well {
                    self.health = Health::Silent;
                    events.push(DriverEvent::PageUnresponsive);
                }
            }
            Seen::Alive => {
                // The next silence is another one. A page that crashed is told by the document that replaces it.
                if self.health == Health::Silent {
                    self.health = Health::Well;
                }
            }
        }
        events
    }

    fn bridge(&mut self, signal: PageSignal, events: &mut Vec<DriverEvent>) {
        match signal {
            PageSignal::Hello { .. } => {
                self.lose(Reason::ConnectionLost, events);
                self.document = Document::default();
                self.progress(Stage::Loading, None, events);
            }
            PageSignal::Hooks { ok } => {
                if self.hooks != Some(ok) {
                    self.hooks = Some(ok);
                    events.push(DriverEvent::Bridge((!ok).then_some(Reason::BridgeOutdated)));
                }
                self.connect(events);
            }
            PageSignal::Mode { mode } => self.mode(mode, events),
            PageSignal::Info { info } => self.info(info, events),
            PageSignal::Socket { state } => self.socket(&state, events),
            PageSignal::Code { code, idle } => match code {
                Some(code) => self.code(&code, events),
                None => self.no_code(idle, events),
            },
            PageSignal::Idle => self.no_code(true, events),
            PageSignal::Account { number, name } => {
                if let Ok(number) = PhoneNumber::parse(&number) {
                    let name = name.as_deref().and_then(tidy);
                    self.document.account = Some(Account { number, name });
                    self.connect(events);
                }
            }
            PageSignal::Progress { percent } => {
                self.progress(Stage::Syncing, percent.and_then(whole_percent), events);
            }
            PageSignal::LogoutReason { reason } => self.document.logout_reason = Some(reason),
            PageSignal::Logout => self.logged_out(events),
            PageSignal::Backend { name } => match name.as_str() {
                "account_temporarily_banned" => self.end_by(&name, events),
                "storage_initialization_error" => self.end(DriverEvent::StorageFailed, events),
                _ => {}
            },
            PageSignal::Passkey => events.push(DriverEvent::PasskeyRequested),
            PageSignal::Acknowledged { id, ack } => events.extend(acknowledged(id, ack)),
            PageSignal::Incoming {
                id,
                chat,
                kind,
                text,
                t,
            } => events.extend(received(id, &chat, &kind, text, t)),
            // It changes nothing for the session; whoever watches the page writes it down.
            PageSignal::Hidden { .. } => {}
            PageSignal::Screen { screen, code } => self.screen(screen, code, events),
        }
    }

    fn mode(&mut self, mode: String, events: &mut Vec<DriverEvent>) {
        match mode.as_str() {
            "CONFLICT" | "TOS_BLOCK" | "SMB_TOS_BLOCK" | "DEPRECATED_VERSION" => {
                self.end_by(&mode, events);
            }
            "PROXYBLOCK" | "OFFLINE" => self.lose_by(&mode, events),
            // Shown while connected, it is a login that went away without a word; the code will tell.
            "QR" => self.lose(Reason::ConnectionLost, events),
            "SYNCING" => self.progress(Stage::Syncing, None, events),
            _ => {}
        }
        self.document.mode = Some(mode);
        self.connect(events);
    }

    fn info(&mut self, info: String, events: &mut Vec<DriverEvent>) {
        match info.as_str() {
            "OFFLINE" | "OPENING" | "RESUMING" => self.lose_by(&info, events),
            "SYNCING" => self.progress(Stage::Syncing, None, events),
            "NORMAL" => self.document.stuck = false,
            _ => {}
        }
        self.document.info = Some(info);
        self.connect(events);
    }

    /// Says more than mode and info where the connection is stuck. Its UNPAIRED is not a logout: a page that waits for
    /// a scan is unpaired too.
    fn socket(&mut self, state: &str, events: &mut Vec<DriverEvent>) {
        match state {
            "CONFLICT" | "TOS_BLOCK" | "SMB_TOS_BLOCK" | "DEPRECATED_VERSION" => {
                self.end_by(state, events);
            }
            "TIMEOUT" | "PROXYBLOCK" => {
                self.document.stuck = true;
                self.lose_by(state, events);
            }
            "CONNECTED" => {
                self.document.stuck = false;
                self.connect(events);
            }
            _ => {}
        }
    }

    fn code(&mut self, code: &str, events: &mut Vec<DriverEvent>) {
        let usable = !code.is_empty()
            && code.len() <= LONGEST_CODE
            && code.bytes().all(|byte| byte.is_ascii_graphic());
        let shown = self.document.code.as_ref().map(LoginCode::reveal);
        if !usable || self.is_connected() || shown == Some(code) {
            return;
        }
        let code = LoginCode::new(code);
        self.document.code = Some(code.clone());
        self.document.idle = false;
        self.document.progress = None;
        self.phase = Phase::Code;
        events.push(DriverEvent::Code(code));
    }

    fn no_code(&mut self, idle: bool, events: &mut Vec<DriverEvent>) {
        let was_shown = self.document.code.take().is_some();
        if self.is_connected() {
            return;
        }
        if idle {
            if !self.document.idle {
                self.document.idle = true;
                events.push(DriverEvent::CodeIdle);
            }
        } else if was_shown && !self.offline() {
            events.push(DriverEvent::CodeTaken);
        }
    }

    fn offline(&self) -> bool {
        let is = |value: &Option<String>| value.as_deref() == Some("OFFLINE");
        is(&self.document.mode) || is(&self.document.info)
    }

    fn screen(&mut self, screen: Screen, code: Option<String>, events: &mut Vec<DriverEvent>) {
        self.document.chats_on_screen = screen == Screen::Chats;
        match (screen, code) {
            (Screen::Code, Some(code)) => self.code(&code, events),
            (Screen::Code, None) => {}
            (Screen::Loading, _) => {
                self.no_code(false, events);
                let stage = if self.phase == Phase::Code {
                    Stage::Syncing
                } else {
                    Stage::Loading
                };
                self.progress(stage, None, events);
            }
            (Screen::Chats, _) => {
                self.no_code(false, events);
                self.connect(events);
            }
        }
    }

    fn connect(&mut self, events: &mut Vec<DriverEvent>) {
        let document = &self.document;
        let hooked = document.mode.as_deref() == Some("MAIN")
            && document.info.as_deref() == Some("NORMAL")
            && !document.stuck;
        let seen = self.hooks == Some(false) && document.chats_on_screen;
        if self.is_connected() || !(hooked || seen) {
            return;
        }
        if let Some(account) = document.account.clone() {
            self.phase = Phase::Connected;
            self.document.code = None;
            self.document.progress = None;
            self.document.logout_reason = None;
            events.push(DriverEvent::Connected(account));
        }
    }

    fn progress(&mut self, stage: Stage, percent: Option<u8>, events: &mut Vec<DriverEvent>) {
        let settled = matches!(self.phase, Phase::Connected | Phase::Ended);
        if settled || self.document.code.is_some() {
            return;
        }
        // A stage that was told with a percentage is not told again without.
        if let Some(known) = self.document.progress
            && known.stage == stage
            && (percent.is_none() || known.percent == percent)
        {
            return;
        }
        let progress = Progress { stage, percent };
        self.document.progress = Some(progress);
        events.push(DriverEvent::Progress(progress));
    }

    /// A document that arrives can crash anew, even before it says anything.
    fn arrive(&mut self) {
        if self.health == Health::Crashed {
            self.health = Health::Well;
        }
    }

    fn is_connected(&self) -> bool {
        self.phase == Phase::Connected
    }

    /// Says whether it was connected until now.
    fn leave_connected(&mut self) -> bool {
        let was = self.is_connected();
        if was {
            self.phase = Phase::Lost;
        }
        was
    }

    fn lose(&mut self, reason: Reason, events: &mut Vec<DriverEvent>) {
        if self.leave_connected() {
            events.push(DriverEvent::SocketLost(reason));
        }
    }

    fn lose_by(&mut self, word: &str, events: &mut Vec<DriverEvent>) {
        let reason = match Disconnection::classify(word) {
            Disconnection::Recoverable(reason) => reason,
            _ => Reason::ConnectionLost,
        };
        self.lose(reason, events);
    }

    fn end(&mut self, event: DriverEvent, events: &mut Vec<DriverEvent>) {
        self.document.code = None;
        if self.phase != Phase::Ended {
            self.phase = Phase::Ended;
            events.push(event);
        }
    }

    fn end_by(&mut self, word: &str, events: &mut Vec<DriverEvent>) {
        let event = match Disconnection::classify(word) {
            Disconnection::Logout(reason) => DriverEvent::LoggedOut(reason),
            Disconnection::Banned(reason) => DriverEvent::Banned(reason),
            Disconnection::Outdated => DriverEvent::Outdated,
            Disconnection::Recoverable(reason) => return self.lose(reason, events),
        };
        self.end(event, events);
    }

    fn logged_out(&mut self, events: &mut Vec<DriverEvent>) {
        let reason = self.document.logout_reason.take().unwrap_or_default();
        let event = match reason.as_str() {
            "client_version_outdated" => DriverEvent::Outdated,
            "web_fail_storage_initialization" | "cache_storage_open_failed" => {
                DriverEvent::StorageFailed
            }
            // The login itself is refused; while connected, the same words end a session like any logout.
            "account_locked" | "invalid_adv_status" | "primary_identity_key_change"
                if self.phase == Phase::Starting =>
            {
                DriverEvent::LoginRefused
            }
            "unknown_companion" | "md_opt_out" => DriverEvent::LoggedOut(Reason::Unpaired),
            _ => DriverEvent::LoggedOut(Reason::LoggedOut),
        };
        self.end(event, events);
    }
}

#[cfg(test)]
mod tests;
