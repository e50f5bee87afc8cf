//! What the phone tells about its devices.

use serde::{Deserialize, Serialize};

use crate::Account;

/// What a device is doing, as its page shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceState {
    /// No page is open.
    Absent,
    /// The page has connected and waits.
    Starting,
    /// A QR waits to be scanned.
    Qr,
    /// The QRs stopped rotating.
    Idle,
    /// The phone waits for a passkey.
    Passkey,
    /// Scanned, loading.
    Syncing,
    /// A saved login, loading.
    Resuming,
    /// Linked and connected.
    Ready,
    /// The network is gone.
    Offline,
    /// The connection is stuck.
    Timeout,
    /// A proxy is in the way.
    ProxyBlock,
    /// Opened elsewhere.
    Conflict,
    /// The account is blocked.
    Banned,
    /// The page is too old.
    Outdated,
}

impl std::fmt::Display for DeviceState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Absent => "absent",
            Self::Starting => "starting",
            Self::Qr => "showing a QR",
            Self::Idle => "idle",
            Self::Passkey => "waiting for a passkey",
            Self::Syncing => "syncing",
            Self::Resuming => "resuming",
            Self::Ready => "ready",
            Self::Offline => "offline",
            Self::Timeout => "timed out",
            Self::ProxyBlock => "blocked by a proxy",
            Self::Conflict => "in conflict",
            Self::Banned => "banned",
            Self::Outdated => "outdated",
        })
    }
}

/// One device: a browser profile that opened the page at least once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceView {
    /// The identity that the page keeps in its browser's storage.
    pub id: String,
    /// What it is doing.
    pub state: DeviceState,
    /// The account it is linked to.
    pub account: Option<Account>,
    /// How many pages of it are open; every one but the newest is in conflict.
    pub pages: usize,
    /// The full text of the QR it shows now.
    pub qr: Option<String>,
    /// Position of that QR in its series, from 1; 0 when there is none.
    pub qr_rotation: u32,
    /// The pairing code it shows now.
    pub pairing_code: Option<String>,
    /// Where the page found its identity when it was loaded last.
    pub storage: StorageView,
    /// What was marked last, as the page found it when it was loaded or marked last.
    pub marks: MarksView,
    /// How many page loads have connected.
    pub loads: u32,
    /// Why it was unlinked last.
    pub last_logout: Option<String>,
    /// Whether the phone asks for a passkey after the next scan.
    pub passkey: bool,
    /// Incoming messages that wait for the page.
    pub waiting: usize,
}

/// Which parts of the browser's storage already held the identity. A copy of a profile is complete
/// when all three are true.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StorageView {
    /// The IndexedDB database: the only part that the login needs.
    pub indexed_db: bool,
    /// The localStorage mirror.
    pub local_storage: bool,
    /// The cookie.
    pub cookie: bool,
}

/// What each part of the browser's storage holds of the action `mark`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarksView {
    /// The IndexedDB database.
    pub indexed_db: Option<String>,
    /// localStorage.
    pub local_storage: Option<String>,
    /// The cookie.
    pub cookie: Option<String>,
}

impl MarksView {
    /// As they are after the page wrote this value everywhere.
    #[must_use]
    pub fn everywhere(value: u32) -> Self {
        let value = Some(value.to_string());
        Self {
            indexed_db: value.clone(),
            local_storage: value.clone(),
            cookie: value,
        }
    }
}
