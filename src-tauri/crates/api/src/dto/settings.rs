//! What the person chooses.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What the person chose.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own in the settings"
)]
pub struct SettingsView {
    /// The language; null follows the system.
    pub language: Option<Language>,
    /// The theme; null follows the system.
    pub theme: Option<Theme>,
    /// What closing the window does; null asks.
    pub on_close: Option<OnClose>,
    /// Browsers that may run at the same time; null lets the machine's memory decide.
    pub max_browsers: Option<u32>,
    /// Whether callers of the local API need a key; see also the local API's `key_required`.
    pub api_key_required: bool,
    /// Web origins that may call the local API.
    pub allowed_origins: Vec<String>,
    /// Further ones, which an option or the environment lists and the settings cannot change.
    pub fixed_origins: Vec<String>,
    /// Whether messages that come in are told to tools that ask for them.
    pub incoming_messages: bool,
    /// Whether the program asks for newer versions of itself; else it asks nobody.
    pub check_updates: bool,
    /// Whether the window stays away when the program starts with the system.
    pub start_minimized: bool,
    /// What the system's notifications tell.
    pub notifications: Notifications,
}

/// What the system's notifications tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Notifications {
    /// Nothing.
    Off,
    /// Sessions that need a person.
    #[default]
    Problems,
    /// And those that are connected again.
    All,
}

/// A language of the UI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// Español.
    Es,
    /// English.
    En,
    /// Português do Brasil.
    Pt,
}

/// A theme of the UI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// Light.
    Light,
    /// Dark.
    Dark,
    /// As much contrast as there can be; the system says whether light or dark.
    Contrast,
}

/// What closing the window does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum OnClose {
    /// Sessions keep running, the window hides.
    KeepRunning,
    /// Everything ends.
    Quit,
}

/// A change of some settings: a field that is absent stays as it is, and null goes back to the default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
#[ts(optional_fields)]
pub struct SettingsPatch {
    /// The language; null follows the system.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub language: Option<Option<Language>>,
    /// The theme; null follows the system.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub theme: Option<Option<Theme>>,
    /// What closing the window does; null asks.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub on_close: Option<Option<OnClose>>,
    /// Browsers that may run at the same time; null lets the machine's memory decide.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub max_browsers: Option<Option<u32>>,
    /// Whether messages that come in are told to tools that ask for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incoming_messages: Option<bool>,
    /// Whether the program asks for newer versions of itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check_updates: Option<bool>,
    /// Whether the program starts with the system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub autostart: Option<bool>,
    /// Whether the window stays away then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_minimized: Option<bool>,
    /// What the system's notifications tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notifications: Option<Notifications>,
    /// Whether the local API is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_enabled: Option<bool>,
    /// Its port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_port: Option<u16>,
    /// Whether its callers need a key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_key_required: Option<bool>,
    /// Web origins that may call it, in place of those before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_origins: Option<Vec<String>>,
}

/// Reads a field that is there, be it null; for one that is absent serde takes the default instead.
#[expect(
    clippy::option_option,
    reason = "absent, null and a value are three different wishes"
)]
fn given<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Some)
}
