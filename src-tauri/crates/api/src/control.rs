//! The control room's commands, one method each. Tauri commands and `POST /control/…` both call these and nothing
//! else; what only the desktop shell can do sits behind [`Host`].

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use session_core::ports::CallError;
use session_core::{
    Accepted, ChatId, ClienteId, DiskState, Draft, DraftContent, MessageText, NotSent, Outbox,
    PhoneNumber, Reason, Registry, SendError, StartError,
};
use session_webhooks::Webhooks;
use tokio::sync::broadcast;
use tokio::time::Instant;

use crate::access::Access;
use crate::advice;
use crate::calls::{CallLog, CallView};
use crate::commands::{
    CallsArgs, CloseArgs, DescribeArgs, DestroyArgs, IdArgs, NoArgs, PairingArgs, PhoneArgs,
    PlaceArgs, SelfTestArgs, SendArgs, TimelineArgs,
};
use crate::dto::{
    AppView, ClienteView, CommandError, ControlEvent, NewCliente, OnClose, PairingCodeView,
    PhoneAction, Place, SentView, SettingsPatch, Snapshot, TimelineView,
};
use crate::error::ErrorCode;
use crate::metrics::Ledger;
use crate::old_logins::Desk as OldLoginDesk;
use crate::origins::Origins;
use crate::support::SupportBundles;
use crate::view;

/// What only the program around the sessions can do.
#[async_trait]
pub trait Host: Send + Sync + 'static {
    /// The program as it is now. Called for every snapshot, so it must be cheap: no file, no browser.
    fn app(&self) -> AppView;

    /// What happens to the program from now on: [`ControlEvent::App`] and [`ControlEvent::CloseRequested`].
    fn subscribe_app(&self) -> broadcast::Receiver<ControlEvent>;

    /// Changes settings, and tells what they are now.
    async fn update_settings(&self, patch: SettingsPatch) -> Result<AppView, CommandError>;

    /// Looks for a browser again.
    async fn find_browser(&self) -> Result<AppView, CommandError>;

    /// Opens a place outside the window.
    async fn open_place(&self, place: Place) -> Result<(), CommandError>;

    /// Saves a file where the person keeps downloads, under a name of its own if this one is taken, and says where.
    /// `NOT_NOW` without a window.
    async fn save_file(&self, name: String, text: String) -> Result<String, CommandError>;

    /// Has the person choose a folder in the system's own dialog, which begins as near to `from` as there is a folder.
    /// Tells its path, or nothing where they chose none. `NOT_NOW` without a window, and while a dialog is open.
    async fn choose_folder(&self, from: Option<PathBuf>) -> Result<Option<String>, CommandError>;

    /// What the person chose when the window was to close; nothing: it stays open.
    async fn close_decided(
        &self,
        choice: Option<OnClose>,
        remember: bool,
    ) -> Result<(), CommandError>;

    /// Asks whether there is a newer version, and returns before the answer is there; `NOT_NOW` when the person has not
    /// switched that on, or this copy does not update itself.
    async fn check_update(&self) -> Result<(), CommandError>;

    /// Begins to install the newer version that was found; `NOT_NOW` when there is none.
    async fn install_update(&self) -> Result<(), CommandError>;

    /// Lets the simulated phone of a cliente do something; `NOT_FOUND` when not in demo mode.
    async fn phone(&self, cliente: ClienteId, action: PhoneAction) -> Result<(), CommandError>;
}

/// The commands. Cheap to clone.
#[derive(Clone)]
pub struct ControlRoom {
    pub(crate) registry: Registry,
    pub(crate) outbox: Outbox,
    pub(crate) host: Arc<dyn Host>,
    pub(crate) ledger: Arc<Ledger>,
    /// Kept here, so that it outlives a server that is switched off and on.
    pub(crate) calls: Arc<CallLog>,
    /// Who may use the local API.
    pub(crate) access: Arc<Access>,
    pub(crate) webhooks: Option<Webhooks>,
    pub(crate) bundles: Option<Arc<dyn SupportBundles>>,
    pub(crate) old_logins: Option<Arc<OldLoginDesk>>,
    pub(crate) opened: Instant,
}

/// Longest name of a cliente, in characters.
pub(crate) const NAME: usize = 120;
/// Longest remark, in characters.
pub(crate) const NOTE: usize = 4000;
/// Most browsers at the same time that can be asked for.
const MOST_BROWSERS: u32 = 500;
/// Most origins that can be listed.
const MOST_ORIGINS: usize = 100;
/// Most lines of a timeline in one answer.
const TIMELINE: u32 = 1000;

impl ControlRoom {
    /// The control room of these sessions in this program. Counts what happens from now on, in a task of its own.
    pub fn new(registry: Registry, outbox: Outbox, host: Arc<dyn Host>) -> Self {
        Self {
            ledger: Arc::new(Ledger::open(registry.clone())),
            registry,
            outbox,
            host,
            calls: Arc::default(),
            access: Arc::default(),
            webhooks: None,
            bundles: None,
            old_logins: None,
            opened: Instant::now(),
        }
    }

    /// The same, with keys and origins.
    #[must_use]
    pub fn with_access(self, access: Arc<Access>) -> Self {
        Self { access, ..self }
    }

    /// Who may use the local API.
    pub fn access(&self) -> &Arc<Access> {
        &self.access
    }

    /// How everything is now.
    pub fn now(&self) -> Snapshot {
        let clientes = self.registry.snapshots();
        Snapshot {
            app: self.host.app(),
            clientes: clientes
                .iter()
                .map(|snapshot| view::cliente(snapshot))
                .collect(),
        }
    }

    /// Everything at once.
    #[expect(clippy::unused_async, reason = "all commands are called alike")]
    pub async fn snapshot(&self, NoArgs {}: NoArgs) -> Result<Snapshot, CommandError> {
        Ok(self.now())
    }

    /// Adds a cliente, and starts it if asked.
    pub async fn add_cliente(&self, new: NewCliente) -> Result<ClienteView, CommandError> {
        let id = new.id.map(cliente_id).transpose()?;
        let (name, note) = described(&new.name, &new.note)?;
        let added = self.registry.add(id, name, note).await?;
        let id = added.record.id;
        if new.start {
            self.registry.begin(id, Reason::StartRequested).await?;
        }
        self.view(id)
    }

    /// Changes what people call a cliente.
    pub async fn update_cliente(
        &self,
        DescribeArgs { id, name, note }: DescribeArgs,
    ) -> Result<ClienteView, CommandError> {
        let (name, note) = described(&name, &note)?;
        let snapshot = self.registry.describe(cliente_id(id)?, name, note).await?;
        Ok(view::cliente(&snapshot))
    }

    /// Begins the session of a known cliente; the events tell what comes of it.
    pub async fn start(&self, IdArgs { id }: IdArgs) -> Result<ClienteView, CommandError> {
        let id = self.known(id)?;
        self.begin(id).await
    }

    /// Ends a session and keeps its login.
    pub async fn stop(&self, IdArgs { id }: IdArgs) -> Result<ClienteView, CommandError> {
        let snapshot = self.registry.stop(cliente_id(id)?).await?;
        Ok(view::cliente(&snapshot))
    }

    /// Ends a session and begins it anew.
    pub async fn restart(&self, IdArgs { id }: IdArgs) -> Result<ClienteView, CommandError> {
        let id = self.known(id)?;
        // Seen before anything is ended: one that runs is worth more than one that cannot be started again.
        let disk = self.registry.resources().borrow().disk;
        if disk != DiskState::Ok {
            return Err(StartError::DiskFull.into());
        }
        self.registry.stop(id).await?;
        self.begin(id).await
    }

    /// Unlinks the account at WhatsApp.
    pub async fn log_out(&self, IdArgs { id }: IdArgs) -> Result<ClienteView, CommandError> {
        let id = cliente_id(id)?;
        self.registry
            .log_out(id)
            .await
            .inspect_err(logged(id, "not logged out"))?;
        self.view(id)
    }

    /// Closes the browser of an idle session; a start or a message wakes it.
    pub async fn hibernate(&self, IdArgs { id }: IdArgs) -> Result<ClienteView, CommandError> {
        let snapshot = self.registry.hibernate(cliente_id(id)?).await?;
        Ok(view::cliente(&snapshot))
    }

    /// Chooses whether a cliente writes to itself now and then, to know that messages still go out.
    pub async fn set_self_test(
        &self,
        SelfTestArgs { id, on }: SelfTestArgs,
    ) -> Result<ClienteView, CommandError> {
        let snapshot = self.registry.set_self_test(cliente_id(id)?, on).await?;
        Ok(view::cliente(&snapshot))
    }

    /// The person has read the notice.
    pub async fn dismiss_notice(&self, IdArgs { id }: IdArgs) -> Result<ClienteView, CommandError> {
        let snapshot = self.registry.dismiss_notice(cliente_id(id)?).await?;
        Ok(view::cliente(&snapshot))
    }

    /// Ends a session; with `forget` also deletes its login and the cliente.
    pub async fn destroy(
        &self,
        DestroyArgs { id, forget }: DestroyArgs,
    ) -> Result<(), CommandError> {
        let id = cliente_id(id)?;
        Ok(self
            .registry
            .destroy(id, forget)
            .await
            .inspect_err(logged(id, "not destroyed"))?)
    }

    /// Asks WhatsApp for a new QR.
    pub async fn refresh_qr(&self, IdArgs { id }: IdArgs) -> Result<(), CommandError> {
        let id = cliente_id(id)?;
        Ok(self
            .registry
            .refresh_code(id)
            .await
            .inspect_err(logged(id, "no new code"))?)
    }

    /// Asks WhatsApp for a code that links the account when it is typed on the phone with this number.
    pub async fn pairing_code(
        &self,
        PairingArgs { id, number }: PairingArgs,
    ) -> Result<PairingCodeView, CommandError> {
        let id = cliente_id(id)?;
        let number = PhoneNumber::parse(&number)
            .map_err(|_| unusable("a number is 5 to 20 digits with country code"))?;
        let asked = self.registry.request_pairing_code(id, number).await;
        match asked.inspect_err(logged(id, "no pairing code")) {
            Ok(code) => Ok(PairingCodeView { code }),
            // Of all failures of a page the one that another number or some patience mends.
            Err(session_core::CommandError::Call(error @ CallError::Refused(_))) => Err(
                CommandError::new(ErrorCode::PairingRefused, advice::call(&error)),
            ),
            Err(error) => Err(error.into()),
        }
    }

    /// Sends a text.
    pub async fn send_message(
        &self,
        SendArgs { id, to, text }: SendArgs,
    ) -> Result<SentView, CommandError> {
        let id = self.known(id)?;
        let chat = ChatId::parse(&to).map_err(|error| unusable(&error.to_string()))?;
        let text = MessageText::new(text).ok_or_else(|| unusable("the message is empty"))?;
        let content = DraftContent::Text(text);
        let message = self.outbox.send(id, Draft { chat, content }).await?;
        Ok(SentView {
            message_id: message.reveal().to_owned(),
        })
    }

    /// The newest changes of a cliente first.
    pub async fn timeline(
        &self,
        TimelineArgs { id, limit }: TimelineArgs,
    ) -> Result<Vec<TimelineView>, CommandError> {
        let id = cliente_id(id)?;
        let changes = self
            .registry
            .timeline(id, limit.min(TIMELINE))
            .await
            .inspect_err(logged(id, "timeline not read"))?;
        Ok(changes.iter().map(view::change).collect())
    }

    /// The last calls of the local API, the newest first; [`ControlEvent::Calls`] tells when there are more.
    #[expect(clippy::unused_async, reason = "all commands are called alike")]
    pub async fn calls(
        &self,
        CallsArgs { limit, after }: CallsArgs,
    ) -> Result<Vec<CallView>, CommandError> {
        Ok(self.calls.after(after.unwrap_or_default(), limit as usize))
    }

    /// Changes settings.
    pub async fn update_settings(&self, mut patch: SettingsPatch) -> Result<AppView, CommandError> {
        if patch.api_port == Some(0) {
            return Err(unusable("a port is a number from 1 to 65535"));
        }
        if let Some(Some(most)) = patch.max_browsers
            && !(1..=MOST_BROWSERS).contains(&most)
        {
            return Err(unusable("the number of browsers is from 1 to 500"));
        }
        if let Some(origins) = &mut patch.allowed_origins {
            if origins.len() > MOST_ORIGINS {
                return Err(unusable("there are 100 origins at most"));
            }
            let listed = Origins::from_items(&*origins)
                .map_err(|error| CommandError::new(ErrorCode::InvalidOrigin, error.to_string()))?;
            *origins = listed.iter().map(str::to_owned).collect();
        }
        self.host.update_settings(patch).await
    }

    /// Looks for a browser again.
    pub async fn find_browser(&self, NoArgs {}: NoArgs) -> Result<AppView, CommandError> {
        self.host.find_browser().await
    }

    /// Opens a place outside the window.
    pub async fn open_place(&self, PlaceArgs { place }: PlaceArgs) -> Result<(), CommandError> {
        self.host.open_place(place).await
    }

    /// What the person chose when the window was to close.
    pub async fn close_decided(
        &self,
        CloseArgs { choice, remember }: CloseArgs,
    ) -> Result<(), CommandError> {
        self.host.close_decided(choice, remember).await
    }

    /// Lets the simulated phone of a cliente do something.
    pub async fn demo_phone(
        &self,
        PhoneArgs { id, action }: PhoneArgs,
    ) -> Result<(), CommandError> {
        let id = self.known(id)?;
        self.host.phone(id, action).await
    }

    /// How long the program has been running.
    pub fn uptime(&self) -> Duration {
        self.opened.elapsed()
    }

    async fn begin(&self, id: ClienteId) -> Result<ClienteView, CommandError> {
        let reason = self.wish(id).await;
        match self.registry.begin(id, reason).await? {
            // The events tell how it goes on; nobody waits for the receiver.
            Accepted::Begun(_) | Accepted::AlreadyRunning => self.view(id),
        }
    }

    /// The registry would take a start of an unknown cliente for the wish to add it.
    pub(crate) fn known(&self, id: u64) -> Result<ClienteId, CommandError> {
        let id = cliente_id(id)?;
        match self.registry.snapshot(id) {
            Some(_) => Ok(id),
            None => Err(session_core::CommandError::NotFound.into()),
        }
    }

    pub(crate) fn view(&self, id: ClienteId) -> Result<ClienteView, CommandError> {
        self.registry
            .snapshot(id)
            .map(|snapshot| view::cliente(&snapshot))
            // Forgotten in the meantime.
            .ok_or_else(|| session_core::CommandError::NotFound.into())
    }
}

/// The whole cause goes to the log, because the answer only says what to do.
pub(crate) fn logged(
    id: ClienteId,
    what: &'static str,
) -> impl FnOnce(&session_core::CommandError) {
    move |error| tracing::warn!(cliente = %id, %error, "{what}")
}

pub(crate) fn cliente_id(id: u64) -> Result<ClienteId, CommandError> {
    ClienteId::try_from(id).map_err(|error| unusable(&error.to_string()))
}

pub(crate) fn described(name: &str, note: &str) -> Result<(String, String), CommandError> {
    let (name, note) = (name.trim(), note.trim());
    if name.chars().count() > NAME {
        return Err(unusable("a name has 120 characters at most"));
    }
    if note.chars().count() > NOTE {
        return Err(unusable("a note has 4000 characters at most"));
    }
    Ok((name.to_owned(), note.to_owned()))
}

pub(crate) fn unusable(message: &str) -> CommandError {
    CommandError::new(ErrorCode::InvalidRequest, message)
}

impl CommandError {
    /// A failure without a known cause.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            reason: None,
        }
    }
}

impl From<session_core::CommandError> for CommandError {
    fn from(error: session_core::CommandError) -> Self {
        use session_core::CommandError as Core;
        let code = match &error {
            Core::NotFound => ErrorCode::ClienteNotFound,
            Core::Exists => ErrorCode::ClienteExists,
            Core::NotNow(_) => ErrorCode::NotNow,
            Core::NoWindow(_) => ErrorCode::NoWindow,
            Core::Call(_) => ErrorCode::PageFailed,
            Core::Profile(_) => ErrorCode::DeleteFailed,
            Core::Store(_) => ErrorCode::StoreUnavailable,
            Core::ShuttingDown => ErrorCode::ShuttingDown,
        };
        // What the system or the page said may hold a path or worse: it is in the log, not in the answer.
        let message = match &error {
            Core::NotFound | Core::Exists | Core::NotNow(_) | Core::ShuttingDown => {
                error.to_string()
            }
            Core::NoWindow(why) => advice::window(*why).to_owned(),
            Core::Call(call) => advice::call(call),
            Core::Profile(_) => {
                "the saved login could not be deleted - close whatever uses its folder and try again"
                    .to_owned()
            }
            Core::Store(_) => {
                "the database cannot be read or written - check the data folder and the free disk space"
                    .to_owned()
            }
        };
        Self::new(code, message)
    }
}

impl From<StartError> for CommandError {
    fn from(error: StartError) -> Self {
        let (code, reason) = match error {
            StartError::InProgress => (ErrorCode::InitializationInProgress, None),
            StartError::Failed(reason) => (ErrorCode::InitializationFailed, Some(reason)),
            StartError::Stopped => (ErrorCode::InitializationFailed, None),
            StartError::DiskFull => (ErrorCode::InsufficientStorage, None),
            StartError::ShuttingDown => (ErrorCode::ShuttingDown, None),
        };
        Self {
            code,
            message: advice::start(error).to_owned(),
            reason,
        }
    }
}

impl From<SendError> for CommandError {
    fn from(error: SendError) -> Self {
        let code = match &error {
            SendError::NotReady(_) => ErrorCode::SessionNotReady,
            SendError::Call(_) => ErrorCode::SendFailed,
        };
        Self::new(code, advice::send(&error))
    }
}

impl From<NotSent> for CommandError {
    fn from(error: NotSent) -> Self {
        match error {
            NotSent::Send(error) => error.into(),
            NotSent::Paced(wait) => Self::new(
                ErrorCode::RateLimitExceeded,
                advice::paced(crate::rate::whole_seconds(wait)),
            ),
            // A text has no file.
            NotSent::Media(error) => {
                tracing::error!(%error, "a text was refused for its file");
                Self::new(ErrorCode::InternalError, "the message could not be sent")
            }
        }
    }
}
