//! What can go wrong, in the words of the operation that failed.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::{DeviceState, SendFailure};

/// Why the simulator could not start.
#[derive(Debug, thiserror::Error)]
pub enum SimulatorError {
    /// A duration or count makes no sense.
    #[error("check the timing: {field}")]
    InvalidTiming {
        /// The field and the rule it breaks.
        field: &'static str,
    },
    /// The control port has no authentication, so it stays on this machine.
    #[error("open the phone's control port: {addr} is not a loopback address")]
    ControlNotLoopback {
        /// The refused address.
        addr: SocketAddr,
    },
    /// A port is taken or forbidden.
    #[error("listen on {addr}: {source}")]
    Bind {
        /// The address asked for.
        addr: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The self-signed certificate could not be made.
    #[error("make the page's certificate: {source}")]
    Certificate {
        /// What the generator said.
        source: rcgen::Error,
    },
    /// The TLS layer refused the certificate.
    #[error("set up TLS: {source}")]
    Tls {
        /// What the TLS layer said.
        source: rustls::Error,
    },
    /// The system gave no random bytes.
    #[error("gather random bytes: {source}")]
    Random {
        /// What the system said.
        source: getrandom::Error,
    },
    /// The state file exists but cannot be read.
    #[error("read the state file {}: {source}", path.display())]
    ReadState {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The state file is not one of ours; it is left untouched.
    #[error("understand the state file {}: {source}", path.display())]
    ParseState {
        /// The file.
        path: PathBuf,
        /// Where it stops making sense.
        source: serde_json::Error,
    },
}

/// Why the phone could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum PhoneError {
    /// No device has this identity, number or code.
    #[error("find the device: none matches {selector}")]
    UnknownDevice {
        /// What was looked for.
        selector: String,
    },
    /// The code was shown once, but has rotated away.
    #[error("scan the code: it has expired")]
    ExpiredCode,
    /// The code was never shown by this simulator.
    #[error("scan the code: this simulator never showed it")]
    UnknownCode,
    /// The code has the right shape but not the page's keys, or not the right shape at all.
    #[error("scan the code: {reason}")]
    InvalidCode {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// An account or message that no phone could have.
    #[error("read the request: {reason}")]
    InvalidRequest {
        /// What is wrong with it.
        reason: String,
    },
    /// The device is not in a state where this means anything.
    #[error("{action}: the device is {state}, {needs}")]
    WrongState {
        /// The action's name.
        action: &'static str,
        /// What the device is doing.
        state: DeviceState,
        /// What the action needs.
        needs: &'static str,
    },
    /// The change happened, but is not on disk.
    #[error("save the state file: {reason}")]
    NotSaved {
        /// What the system said.
        reason: String,
    },
}

impl std::fmt::Display for SendFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
