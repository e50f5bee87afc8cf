//! What the commands need of the program around them.

use std::path::PathBuf;

use async_trait::async_trait;
use session_core::ClienteId;
use tokio::sync::broadcast;

use crate::dto::{AppView, CommandError, ControlEvent, OnClose, PhoneAction, Place, SettingsPatch};

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
