//! What the person chose, kept in `settings.json` in the data folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use session_api::dto::{SettingsPatch, SettingsView};
use session_api::{Access, Origins};

use crate::options::API_PORT;

/// The choices, as they are on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Settings {
    /// What the control room shows as choices.
    #[serde(flatten)]
    pub(crate) view: SettingsView,
    /// Whether the local API is on while there is a window.
    pub(crate) api_enabled: bool,
    /// Its port.
    pub(crate) api_port: u16,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            view: SettingsView::default(),
            api_enabled: false,
            api_port: API_PORT,
        }
    }
}

impl Settings {
    /// The same choices with some changed.
    #[must_use]
    pub(crate) fn with(&self, patch: &SettingsPatch) -> Self {
        Self {
            view: SettingsView {
                language: patch.language.unwrap_or(self.view.language),
                theme: patch.theme.unwrap_or(self.view.theme),
                on_close: patch.on_close.unwrap_or(self.view.on_close),
                max_browsers: patch.max_browsers.unwrap_or(self.view.max_browsers),
                api_key_required: patch.api_key_required.unwrap_or(self.view.api_key_required),
                allowed_origins: patch
                    .allowed_origins
                    .clone()
                    .unwrap_or_else(|| self.view.allowed_origins.clone()),
                // Nobody's choice here.
                fixed_origins: Vec::new(),
                incoming_messages: patch
                    .incoming_messages
                    .unwrap_or(self.view.incoming_messages),
                check_updates: patch.check_updates.unwrap_or(self.view.check_updates),
                start_minimized: patch.start_minimized.unwrap_or(self.view.start_minimized),
                notifications: patch.notifications.unwrap_or(self.view.notifications),
            },
            api_enabled: patch.api_enabled.unwrap_or(self.api_enabled),
            api_port: patch.api_port.unwrap_or(self.api_port),
        }
    }
}

impl Settings {
    /// Lets in whom these choices let in, from the next request on. What is no origin, because somebody wrote the file by
    /// hand, stays in it and lets nobody in.
    pub(crate) fn apply(&self, access: &Access) {
        access.require_key(self.view.api_key_required);
        let listed = self.view.allowed_origins.iter().filter(|origin| {
            Origins::from_items([origin])
                .inspect_err(|error| tracing::warn!(%error, "an origin in the settings is none"))
                .is_ok()
        });
        access.list_origins(Origins::from_items(listed).unwrap_or_default());
    }
}

/// Where the choices are kept.
#[derive(Clone, Debug)]
pub(crate) struct SettingsFile(PathBuf);

impl SettingsFile {
    /// The file in this data folder.
    pub(crate) fn in_folder(data: &Path) -> Self {
        Self(data.join("settings.json"))
    }

    /// Reads the choices. A file that cannot be understood is set aside, and the defaults hold.
    pub(crate) fn load(&self) -> Settings {
        let text = match fs::read_to_string(&self.0) {
            Ok(text) => text,
            Err(error) => {
                if error.kind() != io::ErrorKind::NotFound {
                    tracing::warn!(%error, "the settings cannot be read; the defaults hold");
                }
                return Settings::default();
            }
        };
        serde_json::from_str(&text).unwrap_or_else(|error| {
            let aside = self.0.with_extension("json.broken");
            let kept = fs::rename(&self.0, &aside).is_ok();
            tracing::warn!(%error, kept, "the settings cannot be understood and were set aside; the defaults hold");
            Settings::default()
        })
    }

    /// The choices, as somebody who only looks finds them; nothing if they cannot be read. Leaves the file as it is.
    pub(crate) fn look(&self) -> Option<Settings> {
        serde_json::from_str(&fs::read_to_string(&self.0).ok()?).ok()
    }

    /// Writes the choices: all or nothing.
    pub(crate) fn save(&self, settings: &Settings) -> io::Result<()> {
        let text = serde_json::to_string_pretty(settings)?;
        let new = self.0.with_extension("json.new");
        fs::write(&new, text)?;
        fs::rename(&new, &self.0)
    }
}

#[cfg(test)]
mod tests {
    use session_api::dto::{Language, OnClose};

    use super::*;

    #[test]
    fn choices_survive_and_a_patch_changes_only_what_it_names() {
        let folder = tempfile::tempdir().unwrap();
        let file = SettingsFile::in_folder(folder.path());
        assert_eq!(file.load(), Settings::default());
        let patch = SettingsPatch {
            language: Some(Some(Language::En)),
            api_port: Some(4000),
            ..SettingsPatch::default()
        };
        file.save(&file.load().with(&patch)).unwrap();
        let patch = SettingsPatch {
            on_close: Some(Some(OnClose::Quit)),
            ..SettingsPatch::default()
        };
        file.save(&file.load().with(&patch)).unwrap();
        let settings = file.load();
        assert_eq!(
            (settings.view.language, settings.view.on_close),
            (Some(Language::En), Some(OnClose::Quit))
        );
        assert_eq!((settings.api_enabled, settings.api_port), (false, 4000));
    }

    #[test]
    fn a_broken_file_is_set_aside_and_not_lost() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("settings.json"), "{ \"theme\": ").unwrap();
        let file = SettingsFile::in_folder(folder.path());
        assert_eq!(file.load(), Settings::default());
        assert_eq!(
            fs::read_to_string(folder.path().join("settings.json.broken")).unwrap(),
            "{ \"theme\": "
        );
    }
}
