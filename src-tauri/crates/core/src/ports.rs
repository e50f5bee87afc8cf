//! What the core needs of the world: a browser per session, saved logins, and a memory. Implemented elsewhere.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::account::{Account, MessageId, PhoneNumber};
use crate::cliente::{ClienteId, ClienteRecord};
use crate::clock::Timestamp;
use crate::message::{Ack, Incoming, Outgoing};
use crate::qr::LoginCode;
use crate::reason::Reason;
use crate::state::{Change, Progress};
use crate::webhook::{
    DeadLetter, Delivery, News, Outcome, Place, Webhook, WebhookId, WebhookReport,
};
use crate::window::WindowName;

pub use crate::outbox::port::{
    Added, CopyError, MediaFiles, MediaWriter, MessageFilter, MessageStore, Pending, PendingLimits,
    Retention,
};

/// Starts browsers.
#[async_trait]
pub trait Launcher: Send + Sync + 'static {
    /// Starts the browser of a cliente on its own profile and opens WhatsApp Web in it.
    ///
    /// With a name it gets a window that is called so, for a person to see.
    ///
    /// On an error, and when `cancel` fires, nothing is left behind: no process, no lock, no file but the profile.
    /// The caller makes sure that a cliente has at most one launch or browser at a time.
    async fn launch(
        &self,
        cliente: ClienteId,
        window: Option<WindowName>,
        cancel: CancellationToken,
    ) -> Result<Launched, LaunchError>;

    /// Whether a browser could show a window here, as far as can be told without starting one.
    async fn can_show(&self) -> Result<(), NoWindow>;
}

/// Why no browser can show a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoWindow {
    /// The program runs where there is no screen, such as on a server.
    #[error("there is no screen to show a window on")]
    NoScreen,
    /// There is only a browser without windows.
    #[error("the browser that is installed has no windows")]
    NoBrowser,
}

/// A browser that came up.
pub struct Launched {
    /// The browser.
    pub browser: Arc<dyn Browser>,
    /// What happens in it. The last event is [`DriverEvent::BrowserExited`] or [`DriverEvent::WindowClosed`], unless it was
    /// closed by us.
    pub events: mpsc::Receiver<DriverEvent>,
}

/// Why a browser did not come up.
#[derive(Debug, thiserror::Error)]
#[error("launch the browser: {detail}")]
pub struct LaunchError {
    /// The cause a person can act on.
    pub reason: Reason,
    /// In plain English, without a path or secret.
    pub detail: String,
}

/// The browser of one session. Every call has a deadline and fails at once when the browser is gone.
#[async_trait]
pub trait Browser: Send + Sync + 'static {
    /// Its main process.
    fn pid(&self) -> u32;

    /// Sends a message under its key. A message that WhatsApp did not take is an error. One that the page already holds
    /// under this key is not sent a second time.
    async fn send(&self, message: &Outgoing) -> Result<MessageId, CallError>;

    /// The number as WhatsApp knows it, which may differ in a digit that a country has added; nothing where nobody has
    /// an account with it.
    async fn find_number(&self, number: &PhoneNumber) -> Result<Option<PhoneNumber>, CallError>;

    /// Asks WhatsApp for a new QR after it stopped rotating.
    async fn refresh_code(&self) -> Result<(), CallError>;

    /// Asks WhatsApp for a pairing code, to be typed on the phone with this number.
    async fn request_pairing_code(&self, number: &PhoneNumber) -> Result<String, CallError>;

    /// Loads the page anew. Also mends a page that crashed.
    async fn reload(&self) -> Result<(), CallError>;

    /// Unlinks the account. The page then reports the logout.
    async fn log_out(&self) -> Result<(), CallError>;

    /// Has the page look at its connection now, as after a sleep of the machine. A page that does not even answer is
    /// reported as [`DriverEvent::PageUnresponsive`].
    async fn check(&self) -> Result<(), CallError>;

    /// Brings its window to the front, if it has one.
    async fn raise(&self) -> Result<(), CallError>;

    /// Keeps a picture of the page for whoever looks into a failure later. No login code is on it.
    async fn keep_picture(&self) -> Result<(), CallError>;

    /// Looks at the page for whoever looks into a failure, and takes a picture of it if asked: with neither a login code
    /// nor a chat on it. A browser that cannot do this has nothing to tell.
    async fn diagnose(&self, _picture: bool) -> Diagnosis {
        Diagnosis::default()
    }

    /// Ends the browser: politely, then by force, each wait bounded. When it returns, no process of it is left.
    /// May be called again.
    async fn close(&self);
}

/// What was found in a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnosis {
    /// The version of wa-js in it.
    pub wa_js: Option<String>,
    /// The version of WhatsApp Web.
    pub whatsapp: Option<String>,
    /// The hooks that are missing, by their names in wa-js.
    pub missing: Vec<String>,
    /// What came of the picture, PNG; nothing if none was asked for.
    pub picture: Option<Result<Vec<u8>, CallError>>,
}

/// Why a call to the page failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// No answer in time.
    #[error("the page did not answer in time")]
    Timeout,
    /// The browser or page is gone.
    #[error("the browser is gone")]
    Gone,
    /// WhatsApp said no, with its own word for it.
    #[error("WhatsApp refused: {0}")]
    Refused(String),
    /// The page cannot do this: the bridge found no way.
    #[error("the page offers no way to do this: {0}")]
    Unsupported(String),
    /// Not even tried: the calls before failed, and the browser gets a rest from them.
    #[error("calls to the browser keep failing and are suspended for a moment")]
    Suspended,
}

/// What a browser tells its session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DriverEvent {
    /// The page is on its way.
    Progress(Progress),
    /// A login code shows.
    Code(LoginCode),
    /// The login code went away: a phone took it.
    CodeTaken,
    /// The login code stopped rotating.
    CodeIdle,
    /// WhatsApp asks for a passkey.
    PasskeyRequested,
    /// Linked, and the socket is connected.
    Connected(Account),
    /// The socket is not connected any more.
    SocketLost(Reason),
    /// The account was unlinked.
    LoggedOut(Reason),
    /// The number may not be used.
    Banned(Reason),
    /// WhatsApp refused the saved login.
    LoginRefused,
    /// Only an update helps.
    Outdated,
    /// The page could not open its storage.
    StorageFailed,
    /// A message that was sent from here got so far.
    Acknowledged(MessageId, Ack),
    /// A message came in. Told only where somebody asked for it.
    Received(Incoming),
    /// What the bridge found in the page; a reason when it can only see the screen.
    Bridge(Option<Reason>),
    /// The page crashed; the browser lives.
    PageCrashed,
    /// The page answers no call any more; the browser lives.
    PageUnresponsive,
    /// The person closed its window, and nothing is left of the browser.
    WindowClosed,
    /// The browser ended by itself or was killed.
    BrowserExited,
}

/// Saved logins on disk.
#[async_trait]
pub trait Profiles: Send + Sync + 'static {
    /// Whether the next start needs no scan.
    async fn has_login(&self, cliente: ClienteId) -> bool;

    /// Remembers that the profile holds a login.
    async fn mark_login(&self, cliente: ClienteId, linked: bool) -> Result<(), ProfileError>;

    /// Deletes the profile, with its spare logins. No browser may be using it.
    async fn delete(&self, cliente: ClienteId) -> Result<(), ProfileError>;

    /// Whether there is a spare login: a copy of the profile from after a clean end.
    async fn has_spare(&self, cliente: ClienteId) -> bool;

    /// Puts the newest spare login in place of a profile that cannot be used, and says whether there was one. It is
    /// used up by this: if it is no better, the next call takes an older one. No browser may be using the profile.
    async fn restore_spare(&self, cliente: ClienteId) -> Result<bool, ProfileError>;

    /// The clientes that have a profile, whether or not the store knows them.
    async fn known(&self) -> Vec<ClienteId>;
}

/// What the machine has left, and what browsers take of it.
#[async_trait]
pub trait Resources: Send + Sync + 'static {
    /// Bytes that can still be written where profiles are; nothing where that cannot be told.
    async fn free_disk(&self) -> Option<u64>;

    /// The machine's memory; nothing where that cannot be told.
    async fn memory(&self) -> Option<Memory>;

    /// What these browsers take, each with all its processes, by the process id of its main process. Those that ended
    /// are left out.
    async fn usage(&self, browsers: Vec<u32>) -> BTreeMap<u32, Usage>;

    /// Gives the space that was held back to those who need it to end well; may be called again.
    async fn release_reserve(&self);

    /// Holds back some space for the day the disk is full; may be called again.
    async fn hold_reserve(&self);
}

/// The machine's memory, bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// All of it.
    pub total: u64,
    /// What programs can still have without swapping.
    pub available: u64,
}

/// What one browser takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usage {
    /// Memory in bytes, what is shared counted by its share (Linux: PSS). Elsewhere the resident memory; on Windows at
    /// most what is private.
    pub memory: u64,
    /// Of one core, in percent, since the last look.
    pub cpu: f32,
}

/// A profile folder could not be changed.
#[derive(Debug, thiserror::Error)]
#[error("{operation}: {cause}")]
pub struct ProfileError {
    /// What was attempted.
    pub operation: &'static str,
    /// What the system said.
    pub cause: std::io::Error,
}

/// What outlives a restart.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// All known clientes.
    async fn clientes(&self) -> Result<Vec<ClienteRecord>, StoreError>;

    /// Writes a cliente, new or known.
    async fn save(&self, record: ClienteRecord) -> Result<(), StoreError>;

    /// Writes clientes, new or known: all of them, or none.
    async fn save_all(&self, records: Vec<ClienteRecord>) -> Result<(), StoreError>;

    /// Forgets a cliente and its timeline.
    async fn remove(&self, cliente: ClienteId) -> Result<(), StoreError>;

    /// Adds a change of state to the timeline.
    async fn record(&self, cliente: ClienteId, change: Change) -> Result<(), StoreError>;

    /// The newest changes first, at most `limit`.
    async fn timeline(&self, cliente: ClienteId, limit: u32) -> Result<Vec<Change>, StoreError>;

    /// Writes everything out and closes.
    async fn close(&self);
}

/// Who is told what happens, and what they are still to be told: a log in the store with a place in it for each
/// webhook. Changes of state and of messages are written to it together with the change itself.
#[async_trait]
pub trait WebhookStore: Send + Sync + 'static {
    /// Fires whenever there is something new to tell.
    fn announced(&self) -> watch::Receiver<i64>;

    /// Has something told. While nobody is to be told anything, nothing is written.
    async fn announce(&self, news: Vec<News>) -> Result<(), StoreError>;

    /// All webhooks, the oldest first.
    async fn webhooks(&self) -> Result<Vec<WebhookReport>, StoreError>;

    /// One of them.
    async fn webhook(&self, id: WebhookId) -> Result<Option<WebhookReport>, StoreError>;

    /// Writes a webhook, new or known. A new one, and one that was switched off, is told what happens from now on. One
    /// that is switched off now leaves what waits among its dead letters.
    async fn save_webhook(&self, webhook: Webhook, now: Timestamp) -> Result<(), StoreError>;

    /// Removes a webhook and its dead letters, and says whether there was one.
    async fn remove_webhook(&self, id: WebhookId) -> Result<bool, StoreError>;

    /// What a webhook is to be told next: first dead letters that are to be tried again, then what waits, the oldest
    /// first. Nothing for one that is gone or switched off.
    async fn next_delivery(&self, id: WebhookId) -> Result<Option<Delivery>, StoreError>;

    /// Writes down what became of a try.
    async fn settle(&self, id: WebhookId, place: Place, outcome: Outcome)
    -> Result<(), StoreError>;

    /// The newest dead letters first, at most `limit`.
    async fn dead_letters(&self, id: WebhookId, limit: u32) -> Result<Vec<DeadLetter>, StoreError>;

    /// Has one dead letter tried again, or all, and says how many.
    async fn resend(&self, id: WebhookId, number: Option<i64>) -> Result<u64, StoreError>;

    /// Throws one dead letter away, or all, and says how many.
    async fn discard(&self, id: WebhookId, number: Option<i64>) -> Result<u64, StoreError>;
}

/// The store could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{operation}: {detail}")]
pub struct StoreError {
    /// What was attempted.
    pub operation: &'static str,
    /// What the database said.
    pub detail: String,
}
