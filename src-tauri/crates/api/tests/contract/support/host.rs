//! A program around the sessions that only remembers what it was asked.

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use session_api::dto::{
    ApiView, AppView, BrowserView, CommandError, ControlEvent, OnClose, PhoneAction, Place,
    SettingsPatch, SettingsView,
};
use session_api::updates::{UpdateState, UpdateWay, UpdatesView};
use session_api::{ErrorCode, Host};
use session_core::ClienteId;
use tokio::sync::broadcast;

pub(crate) struct TestHost {
    pub(crate) app: Mutex<AppView>,
    pub(crate) events: broadcast::Sender<ControlEvent>,
    pub(crate) asked: Mutex<Vec<String>>,
    /// Whether a look at the program ends in a panic.
    pub(crate) panics: AtomicBool,
}

impl Default for TestHost {
    fn default() -> Self {
        Self {
            app: Mutex::new(AppView {
                version: "3.0.0".into(),
                demo: false,
                headless: true,
                browser: BrowserView {
                    name: Some("Google Chrome 140.0.1".into()),
                    path: Some("/usr/bin/chrome".into()),
                },
                no_sandbox: false,
                api: ApiView {
                    enabled: true,
                    address: "127.0.0.1:3001".into(),
                    error: None,
                    key_required: false,
                },
                settings: SettingsView::default(),
                store_ok: true,
                resources: session_api::view::resources(&session_core::ResourceReport::default()),
                updates: UpdatesView {
                    way: UpdateWay::Itself,
                    state: UpdateState::Unknown,
                },
                data_dir: "/data".into(),
                desk: None,
                starting: None,
                now: 1,
            }),
            events: broadcast::Sender::new(4),
            asked: Mutex::default(),
            panics: AtomicBool::new(false),
        }
    }
}

impl TestHost {
    fn note(&self, what: String) {
        self.asked.lock().unwrap().push(what);
    }

    pub(crate) fn take_asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

#[async_trait]
impl Host for TestHost {
    fn app(&self) -> AppView {
        assert!(
            !self.panics.load(Ordering::SeqCst),
            "secret /home/ana/token"
        );
        self.app.lock().unwrap().clone()
    }

    fn subscribe_app(&self) -> broadcast::Receiver<ControlEvent> {
        self.events.subscribe()
    }

    async fn update_settings(&self, patch: SettingsPatch) -> Result<AppView, CommandError> {
        self.note(format!("{patch:?}"));
        Ok(self.app())
    }

    async fn find_browser(&self) -> Result<AppView, CommandError> {
        self.note("find_browser".into());
        Ok(self.app())
    }

    async fn open_place(&self, place: Place) -> Result<(), CommandError> {
        self.note(format!("open {place:?}"));
        Ok(())
    }

    async fn save_file(&self, name: String, text: String) -> Result<String, CommandError> {
        self.note(format!("save {name}: {text}"));
        Ok(format!("/home/ana/Descargas/{name}"))
    }

    async fn choose_folder(&self, from: Option<PathBuf>) -> Result<Option<String>, CommandError> {
        self.note(format!("choose {from:?}"));
        Ok(from.map(|from| from.join("sessions").display().to_string()))
    }

    async fn close_decided(
        &self,
        choice: Option<OnClose>,
        remember: bool,
    ) -> Result<(), CommandError> {
        self.note(format!("close {choice:?} {remember}"));
        Ok(())
    }

    async fn check_update(&self) -> Result<(), CommandError> {
        self.note("check_update".into());
        Ok(())
    }

    async fn install_update(&self) -> Result<(), CommandError> {
        self.note("install_update".into());
        Ok(())
    }

    async fn phone(&self, cliente: ClienteId, action: PhoneAction) -> Result<(), CommandError> {
        if !self.app.lock().unwrap().demo {
            return Err(CommandError::new(ErrorCode::NotFound, "not in demo mode"));
        }
        self.note(format!("phone {cliente} {action:?}"));
        Ok(())
    }
}
