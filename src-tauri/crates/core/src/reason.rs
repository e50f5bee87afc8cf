//! Why a session is where it is: one code per cause that a person can do something about.

use serde::{Deserialize, Serialize};

macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident => $code:literal,)*) => {
        /// A cause, as it appears in the timeline, on the wire and on the card. The UI translates the code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "ts", derive(ts_rs::TS))]
        pub enum Reason {
            $($(#[$doc])* #[serde(rename = $code)] $variant,)*
        }

        impl Reason {
            /// Every reason there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code on the wire.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The reason with this code.
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|reason| reason.code() == code)
            }
        }
    };
}

reasons! {
    /// Somebody asked for the start.
    StartRequested => "START_REQUESTED",
    /// It was running when the program last ended.
    Restored => "RESTORED",
    /// Somebody stopped it.
    StopRequested => "STOP_REQUESTED",
    /// The program is ending.
    Shutdown => "SHUTDOWN",
    /// The final state had been readable for long enough.
    CleanedUp => "CLEANED_UP",
    /// A code waits to be scanned.
    LoginNeeded => "LOGIN_NEEDED",
    /// A saved login was there, and WhatsApp wants a new scan.
    LoginExpired => "LOGIN_EXPIRED",
    /// WhatsApp refused the saved login.
    LoginRefused => "LOGIN_REFUSED",
    /// WhatsApp asks for a passkey that only a person at the browser can give.
    PasskeyNeeded => "PASSKEY_NEEDED",
    /// Linked, and the socket is connected.
    Connected => "CONNECTED",
    /// Unlinked from the phone.
    LoggedOut => "LOGGED_OUT",
    /// Logged out from here.
    LoggedOutHere => "LOGGED_OUT_HERE",
    /// Nobody used the phone for about two weeks, or WhatsApp dropped the device.
    Unpaired => "UNPAIRED",
    /// The session was opened elsewhere.
    Conflict => "CONFLICT",
    /// The number is banned.
    Banned => "BANNED",
    /// The number is blocked.
    Blocked => "BLOCKED",
    /// The number is restricted.
    Restricted => "RESTRICTED",
    /// The number is suspended.
    Suspended => "SUSPENDED",
    /// Blocked for a breach of the terms of service.
    TermsBlock => "TOS_BLOCK",
    /// No network between WhatsApp Web and its server.
    NetworkLost => "NETWORK_LOST",
    /// WhatsApp's server did not answer in time.
    Timeout => "TIMEOUT",
    /// A proxy refuses the connection.
    ProxyBlocked => "PROXYBLOCK",
    /// A loss that WhatsApp did not explain.
    ConnectionLost => "CONNECTION_LOST",
    /// Three attempts in a row failed.
    RetriesExhausted => "RETRIES_EXHAUSTED",
    /// WhatsApp refuses this version of its page or browser.
    OutdatedVersion => "OUTDATED_VERSION",
    /// The page could not open its own storage.
    StorageFailed => "STORAGE_FAILED",
    /// No Chromium, Chrome, Edge or Brave on this machine.
    BrowserNotFound => "BROWSER_NOT_FOUND",
    /// The browser cannot start with its sandbox here.
    SandboxUnavailable => "SANDBOX_UNAVAILABLE",
    /// Another program holds this cliente's profile.
    ProfileInUse => "PROFILE_IN_USE",
    /// The profile folder cannot be read or written.
    ProfileUnusable => "PROFILE_UNUSABLE",
    /// The browser did not come up.
    LaunchFailed => "LAUNCH_FAILED",
    /// The page could not be loaded.
    PageUnreachable => "PAGE_UNREACHABLE",
    /// No definite state in time.
    InitTimeout => "INIT_TIMEOUT",
    /// The page crashed.
    PageCrashed => "PAGE_CRASHED",
    /// The page stopped answering.
    PageUnresponsive => "PAGE_UNRESPONSIVE",
    /// The browser ended by itself or was killed.
    BrowserDied => "BROWSER_DIED",
    /// It failed before, and was started again by itself.
    Restarted => "RESTARTED",
    /// It failed so often that it is not started again by itself.
    KeepsFailing => "KEEPS_FAILING",
    /// A mistake of this program ended it.
    InternalFailure => "INTERNAL_FAILURE",
    /// Idle, and its browser was closed to make room for others.
    Hibernated => "HIBERNATED",
    /// It slept, and somebody needs it.
    Woken => "WOKEN",
    /// No room for another browser came free in time.
    CapacityReached => "CAPACITY_REACHED",
    /// The disk is full; browsers were closed before they lose their logins.
    DiskFull => "DISK_FULL",
    /// WhatsApp's server did not acknowledge a message in time.
    NotAcknowledged => "NOT_ACKNOWLEDGED",
    /// Calls to the page keep failing, and are suspended for a moment.
    CallsFailing => "CALLS_FAILING",
    /// The saved login could not be used, and a copy of it took its place.
    LoginRestored => "LOGIN_RESTORED",
    /// Somebody wants to see its browser, so one with a window takes its place.
    BrowserShown => "BROWSER_SHOWN",
    /// Somebody has seen enough of its browser; one without a window takes its place.
    BrowserHidden => "BROWSER_HIDDEN",
    /// The person closed its browser's window; the session goes on without one.
    WindowClosed => "WINDOW_CLOSED",
    /// No browser can show a window here.
    WindowUnavailable => "WINDOW_UNAVAILABLE",
    /// WhatsApp changed and the bridge only sees the screen.
    BridgeOutdated => "BRIDGE_OUTDATED",
}

impl Reason {
    /// Whether it is the page or its browser that does not work, so that loading it anew may help.
    pub(crate) const fn is_of_the_page(self) -> bool {
        matches!(
            self,
            Self::PageCrashed | Self::PageUnresponsive | Self::NotAcknowledged | Self::CallsFailing
        )
    }
}

/// What a disconnection means for the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disconnection {
    /// The login is gone.
    Logout(Reason),
    /// The number may not be used.
    Banned(Reason),
    /// Worth another try.
    Recoverable(Reason),
    /// Only an update helps.
    Outdated,
}

impl Disconnection {
    /// Classifies what WhatsApp Web calls the reason, case-insensitively against a list and never by a substring:
    /// `ban` also occurs in `urban`.
    pub fn classify(reason: &str) -> Self {
        let reason = reason.trim().to_ascii_uppercase();
        match reason.as_str() {
            "LOGOUT" | "USER_INITIATED" => Self::Logout(Reason::LoggedOut),
            "UNPAIRED" | "UNPAIRED_IDLE" => Self::Logout(Reason::Unpaired),
            "CONFLICT" => Self::Logout(Reason::Conflict),
            "BANNED" | "ACCOUNT_TEMPORARILY_BANNED" => Self::Banned(Reason::Banned),
            "BLOCKED" => Self::Banned(Reason::Blocked),
            "RESTRICTED" => Self::Banned(Reason::Restricted),
            "SUSPENDED" => Self::Banned(Reason::Suspended),
            "TOS_BLOCK" | "SMB_TOS_BLOCK" => Self::Banned(Reason::TermsBlock),
            "DEPRECATED_VERSION" => Self::Outdated,
            "TIMEOUT" => Self::Recoverable(Reason::Timeout),
            "PROXYBLOCK" => Self::Recoverable(Reason::ProxyBlocked),
            "NETWORK" | "OFFLINE" | "OPENING" | "RESUMING" => {
                Self::Recoverable(Reason::NetworkLost)
            }
            _ => Self::Recoverable(Reason::ConnectionLost),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_unique_and_reads_back() {
        for &reason in Reason::ALL {
            assert_eq!(Reason::from_code(reason.code()), Some(reason));
        }
        assert_eq!(Reason::from_code("NOPE"), None);
    }

    #[test]
    fn reasons_are_matched_whole_and_case_insensitively() {
        use Disconnection as D;
        for (text, expected) in [
            ("LOGOUT", D::Logout(Reason::LoggedOut)),
            ("logout", D::Logout(Reason::LoggedOut)),
            ("Unpaired_Idle", D::Logout(Reason::Unpaired)),
            ("CONFLICT", D::Logout(Reason::Conflict)),
            ("banned", D::Banned(Reason::Banned)),
            ("SMB_TOS_BLOCK", D::Banned(Reason::TermsBlock)),
            ("suspended", D::Banned(Reason::Suspended)),
            ("restricted", D::Banned(Reason::Restricted)),
            ("BLOCKED", D::Banned(Reason::Blocked)),
            ("DEPRECATED_VERSION", D::Outdated),
            ("TIMEOUT", D::Recoverable(Reason::Timeout)),
            ("PROXYBLOCK", D::Recoverable(Reason::ProxyBlocked)),
            ("urban", D::Recoverable(Reason::ConnectionLost)),
            ("UNBLOCKED", D::Recoverable(Reason::ConnectionLost)),
            ("", D::Recoverable(Reason::ConnectionLost)),
        ] {
            assert_eq!(D::classify(text), expected, "{text}");
        }
    }
}
