//! The program around the sessions, as the control room sees it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use session_api::dto::{
    AppView, BrowserView, CommandError, ControlEvent, DeskView, Language, OnClose, PhoneAction,
    Place, SettingsPatch, SettingsView, StartingView,
};
use session_api::{Access, ErrorCode, Host};
use session_chromium::{ChromiumLauncher, detect};
use session_core::{ClienteId, Clock, Registry, SystemClock};
use tokio::sync::{broadcast, oneshot};

use crate::alerts::Alert;
use crate::closing::Closing;
use crate::demo::Phones;
use crate::downloads;
use crate::local_api::{LocalApi, Wish};
use crate::options::{Lang, Options};
use crate::settings::{Settings, SettingsFile};
use crate::texts;
use crate::updates::{Source, Updates};
use crate::watch::Needs;

/// What differs between a program with a window and one without.
pub(crate) trait Surface: Send + Sync + 'static {
    /// Opens a place outside; false where there is nothing to open it with.
    fn open(&self, place: Place) -> bool;

    /// Shows a file in its folder; false where there is nothing to show it with.
    fn reveal(&self, path: &Path) -> bool;

    /// Where the person keeps downloads; nothing without a window.
    fn downloads(&self) -> Option<PathBuf>;

    /// Opens the system's own dialog for a folder, beginning at this one, and tells which was chosen, or that none was.
    /// Nothing without a window.
    fn choose_folder(
        &self,
        _title: &str,
        _from: Option<&Path>,
    ) -> Option<oneshot::Receiver<Option<PathBuf>>> {
        None
    }

    /// Carries out what the person chose when the window was to close.
    fn close(&self, choice: OnClose);

    /// Where newer versions of the program come from.
    fn updates(&self) -> Box<dyn Source>;

    /// Whether somebody looks at the window now.
    fn is_focused(&self) -> bool {
        false
    }

    /// Shows who needs somebody, outside of the window.
    fn needs(&self, _needs: &Needs) {}

    /// Shows a notification.
    fn notify(&self, _alert: Alert) {}

    /// How the program sits on the desk, as the system says now; nothing without a window. May take a moment.
    fn desk(&self) -> Option<DeskView> {
        None
    }

    /// Has the program start with the system, or not. May take a moment.
    fn set_autostart(&self, _on: bool, _minimized: bool) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// The program with a window, or without.
pub(crate) struct Shell {
    pub(crate) options: Options,
    pub(crate) registry: Registry,
    pub(crate) launcher: Arc<ChromiumLauncher>,
    pub(crate) api: LocalApi,
    pub(crate) access: Arc<Access>,
    pub(crate) phones: Option<Phones>,
    pub(crate) surface: Box<dyn Surface>,
    pub(crate) updates: Arc<Updates>,
    pub(crate) file: SettingsFile,
    pub(crate) settings: Mutex<Settings>,
    pub(crate) events: broadcast::Sender<ControlEvent>,
    /// Held while a dialog of the system is open.
    pub(crate) choosing: tokio::sync::Mutex<()>,
    /// What closing the window means.
    pub(crate) closing: Closing,
    /// How the program sits on the desk, as the system said last.
    pub(crate) desk: Mutex<Option<DeskView>>,
    /// Sessions that are being started together.
    pub(crate) starting: Mutex<Option<StartingView>>,
}

impl Shell {
    /// What the person chose.
    pub(crate) fn settings(&self) -> Settings {
        self.settings
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Whether messages that come in are told to tools that ask for them.
    pub(crate) fn tells_incoming(&self) -> bool {
        self.options.incoming || self.settings().view.incoming_messages
    }

    /// The language of what is said outside of the control room's page.
    pub(crate) fn language(&self) -> Language {
        language(&self.options, self.settings().view.language)
    }

    /// How the sessions that are being started together do, from now on.
    pub(crate) fn set_starting(&self, view: Option<StartingView>) {
        let mut starting = self.starting.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = *starting != view;
        *starting = view;
        drop(starting);
        if changed {
            self.tell();
        }
    }

    /// Asks the system anew how the program sits on the desk.
    pub(crate) async fn look_at_desk(self: &Arc<Self>) {
        let shell = Arc::clone(self);
        let Ok(view) = tokio::task::spawn_blocking(move || shell.surface.desk()).await else {
            return;
        };
        let mut desk = self.desk.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = *desk != view;
        *desk = view;
        drop(desk);
        if changed {
            self.tell();
        }
    }

    /// How the program sits on the desk, as the system said last.
    pub(crate) fn desk(&self) -> Option<DeskView> {
        *self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the system whether to start the program, and believes what it says afterwards.
    fn change_autostart(&self, on: bool, minimized: bool) -> Result<(), CommandError> {
        let outcome = self.surface.set_autostart(on, minimized);
        let view = self.surface.desk();
        *self.desk.lock().unwrap_or_else(PoisonError::into_inner) = view;
        let taken = view.and_then(|desk| desk.autostart) == Some(on);
        match outcome {
            Ok(()) if taken => Ok(()),
            outcome => {
                tracing::warn!(?outcome, on, "the start with the system was not changed");
                Err(CommandError::new(
                    ErrorCode::AutostartFailed,
                    "the system did not take over whether the program starts with it",
                ))
            }
        }
    }

    /// Tells everybody that the program changed.
    pub(crate) fn tell(&self) {
        // Nobody listening is fine.
        let _ = self.events.send(ControlEvent::App(self.app()));
    }

    /// What closing the window means; nothing while the person is being asked.
    pub(crate) fn on_close(&self) -> Option<OnClose> {
        let choice = self.closing.begin(self.settings().view.on_close);
        if choice.is_none() {
            let _ = self.events.send(ControlEvent::CloseRequested);
        }
        choice
    }

    fn change(&self, patch: &SettingsPatch) -> Result<Settings, CommandError> {
        let mut settings = self.settings.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = settings.with(patch);
        if changed != *settings {
            self.file.save(&changed).map_err(|cause| {
                tracing::error!(%cause, "the settings cannot be saved");
                CommandError::new(
                    ErrorCode::StoreUnavailable,
                    "the settings cannot be saved in the data folder",
                )
            })?;
            *settings = changed.clone();
        }
        Ok(changed)
    }
}

#[async_trait]
impl Host for Shell {
    fn app(&self) -> AppView {
        let browser = self.launcher.settings().browser;
        let settings = self.settings();
        let mut api = self.api.view();
        api.key_required = self.access.key_required();
        AppView {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            demo: self.phones.is_some(),
            headless: self.options.headless,
            browser: BrowserView {
                name: browser.as_ref().map(|found| match &found.version {
                    Some(version) => format!("{} {version}", found.name),
                    None => found.name.to_owned(),
                }),
                path: browser.map(|found| found.path.display().to_string()),
            },
            no_sandbox: self.options.no_sandbox,
            api,
            settings: SettingsView {
                language: settings
                    .view
                    .language
                    .or_else(|| self.options.lang.map(spoken)),
                fixed_origins: self.options.origins.iter().map(str::to_owned).collect(),
                incoming_messages: self.tells_incoming(),
                ..settings.view
            },
            resources: session_api::view::resources(&self.registry.resources().borrow()),
            store_ok: *self.registry.store_health().borrow(),
            updates: self.updates.view(),
            data_dir: self.options.data_dir.display().to_string(),
            desk: self.desk(),
            starting: *self.starting.lock().unwrap_or_else(PoisonError::into_inner),
            now: SystemClock.now().0,
        }
    }

    fn subscribe_app(&self) -> broadcast::Receiver<ControlEvent> {
        self.events.subscribe()
    }

    async fn update_settings(&self, patch: SettingsPatch) -> Result<AppView, CommandError> {
        let settings = self.change(&patch)?;
        // An entry that is there says whether the window stays away.
        let on = patch.autostart.or_else(|| {
            let enabled = self.desk()?.autostart?;
            (enabled && patch.start_minimized.is_some()).then_some(true)
        });
        if let Some(on) = on {
            let minimized = settings.view.start_minimized;
            let changed = tokio::task::block_in_place(|| self.change_autostart(on, minimized));
            if changed.is_err() {
                self.tell();
            }
            changed?;
        }
        if patch.max_browsers.is_some() {
            self.registry.set_max_browsers(settings.view.max_browsers);
        }
        settings.apply(&self.access);
        self.updates.set_wanted(settings.view.check_updates);
        self.launcher.set_incoming(self.tells_incoming());
        // Without a window the API is how the person got here: its address comes from the options alone.
        if !self.options.headless && (patch.api_enabled.is_some() || patch.api_port.is_some()) {
            let mut address = self.options.api_address();
            address.set_port(settings.api_port);
            // A port that is taken is shown in the view, beside the switch.
            let _ = self
                .api
                .set(Wish {
                    enabled: settings.api_enabled,
                    address,
                })
                .await;
        }
        self.tell();
        Ok(self.app())
    }

    async fn find_browser(&self) -> Result<AppView, CommandError> {
        let explicit = self.options.browser.clone();
        let found = tokio::task::spawn_blocking(move || detect(explicit.as_deref())).await;
        match found {
            Ok(Ok(browser)) => self.launcher.set_browser(browser),
            Ok(Err(error)) => tracing::warn!(%error, "no browser"),
            Err(error) => tracing::error!(%error, "looking for a browser failed"),
        }
        self.tell();
        Ok(self.app())
    }

    async fn open_place(&self, place: Place) -> Result<(), CommandError> {
        if self.surface.open(place) {
            Ok(())
        } else {
            Err(CommandError::new(
                ErrorCode::NotNow,
                "there is nothing here to open it with",
            ))
        }
    }

    async fn save_file(&self, name: String, text: String) -> Result<String, CommandError> {
        let Some(folder) = self.surface.downloads() else {
            return Err(CommandError::new(
                ErrorCode::NotNow,
                "the browser saves its own files",
            ));
        };
        let saved =
            tokio::task::spawn_blocking(move || downloads::save(&folder, &name, &text)).await;
        match saved.map_err(std::io::Error::from).and_then(|saved| saved) {
            Ok(path) => Ok(path.display().to_string()),
            Err(cause) => {
                tracing::error!(%cause, "a file cannot be saved");
                Err(CommandError::new(
                    ErrorCode::StoreUnavailable,
                    "the file cannot be saved in the downloads folder",
                ))
            }
        }
    }

    async fn choose_folder(&self, from: Option<PathBuf>) -> Result<Option<String>, CommandError> {
        let not_now = |message| CommandError::new(ErrorCode::NotNow, message);
        let Ok(_open) = self.choosing.try_lock() else {
            return Err(not_now("a dialog of the system is open"));
        };
        // A disk of the network may take a moment.
        let looking = tokio::task::spawn_blocking(move || {
            let near = from.as_deref().and_then(nearest);
            near.or_else(std::env::home_dir)
        });
        let from = looking.await.ok().flatten();
        let title = texts::texts(self.language()).old_folder;
        match self.surface.choose_folder(title, from.as_deref()) {
            // A dialog that is gone without an answer chose nothing.
            Some(answer) => Ok(answer
                .await
                .ok()
                .flatten()
                .map(|it| it.display().to_string())),
            None => Err(not_now("there is no window for a dialog of the system")),
        }
    }

    async fn close_decided(
        &self,
        choice: Option<OnClose>,
        remember: bool,
    ) -> Result<(), CommandError> {
        self.closing.answered();
        let Some(choice) = choice else { return Ok(()) };
        if remember {
            self.change(&SettingsPatch {
                on_close: Some(Some(choice)),
                ..SettingsPatch::default()
            })?;
            self.tell();
        }
        self.surface.close(choice);
        Ok(())
    }

    async fn check_update(&self) -> Result<(), CommandError> {
        self.updates.check()
    }

    async fn install_update(&self) -> Result<(), CommandError> {
        self.updates.install()
    }

    async fn phone(&self, id: ClienteId, action: PhoneAction) -> Result<(), CommandError> {
        match &self.phones {
            Some(phones) => phones.act(&self.registry, id, action).await,
            None => Err(CommandError::new(
                ErrorCode::NotFound,
                "there is a simulated phone in demo mode only",
            )),
        }
    }
}

/// The folder that is there and nearest to this one.
fn nearest(folder: &Path) -> Option<PathBuf> {
    let found = folder.ancestors().find(|folder| folder.is_dir());
    found.map(Path::to_path_buf)
}

/// The language of a person: the chosen one, else that of the options, else that of the system.
pub(crate) fn language(options: &Options, chosen: Option<Language>) -> Language {
    chosen
        .or_else(|| options.lang.map(spoken))
        .unwrap_or_else(texts::of_the_system)
}

const fn spoken(lang: Lang) -> Language {
    match lang {
        Lang::Es => Language::Es,
        Lang::En => Language::En,
        Lang::Pt => Language::Pt,
    }
}
