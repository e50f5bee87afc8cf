//! What can be set before the simulator starts. Every duration it ever waits is in [`Timing`].

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::SimulatorError;

/// Where to listen, how fast to be, and what to remember.
#[derive(Debug, Clone)]
pub struct SimulatorConfig {
    /// Address of the HTTPS page server; port 0 takes a free one.
    pub page_addr: SocketAddr,
    /// Address of the plain-HTTP phone; `None` leaves it off. Only loopback is accepted.
    pub control_addr: Option<SocketAddr>,
    /// Every duration.
    pub timing: Timing,
    /// Linked devices are kept in this JSON file; `None` forgets them when the simulator stops.
    pub state_file: Option<PathBuf>,
    /// Serve the page without its module loader, as if WhatsApp had changed: injected clients find
    /// nothing to hook, only the DOM is left.
    pub break_hooks: bool,
    /// What a device that was never seen before starts with.
    pub defaults: Defaults,
}

impl Default for SimulatorConfig {
    fn default() -> Self {
        Self {
            page_addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            control_addr: None,
            timing: Timing::default(),
            state_file: None,
            break_hooks: false,
            defaults: Defaults::default(),
        }
    }
}

impl SimulatorConfig {
    pub(crate) fn validate(&self) -> Result<(), SimulatorError> {
        if let Some(addr) = self.control_addr
            && !addr.ip().is_loopback()
        {
            return Err(SimulatorError::ControlNotLoopback { addr });
        }
        self.timing.validate()
    }
}

/// How long each step takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timing {
    /// From the page's first contact to its QR, or to the start of a restore.
    pub start: Duration,
    /// Life of the first QR of a series.
    pub qr_first: Duration,
    /// Life of every later QR of a series.
    pub qr_next: Duration,
    /// How many QRs a series has before the page goes idle. At least 1.
    pub qr_limit: u32,
    /// Life of a pairing code.
    pub pairing_code: Duration,
    /// From the scan to a usable session. whatsapp-web.js misses `ready` under about 1.5 s.
    pub sync: Duration,
    /// How many progress steps the synchronisation reports. At least 1.
    pub sync_steps: u32,
    /// From a restored login to a usable session. whatsapp-web.js needs the same 1.5 s.
    pub resume: Duration,
    /// From the return of the network, or a takeover, to a usable session.
    pub reconnect: Duration,
    /// From sending a message to ack 1 (server).
    pub ack_server: Duration,
    /// From ack 1 to ack 2 (device).
    pub ack_device: Duration,
    /// From ack 2 to ack 3 (read).
    pub ack_read: Duration,
    /// How long a page shows that it logged out before it navigates to the login page.
    pub logout: Duration,
    /// How long a page waits before it connects again after it lost the simulator.
    pub retry: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            start: Duration::from_millis(200),
            qr_first: Duration::from_mins(1),
            qr_next: Duration::from_secs(20),
            qr_limit: 6,
            pairing_code: Duration::from_mins(3),
            sync: Duration::from_secs(2),
            sync_steps: 4,
            resume: Duration::from_secs(2),
            reconnect: Duration::from_millis(500),
            ack_server: Duration::from_millis(150),
            ack_device: Duration::from_millis(400),
            ack_read: Duration::from_millis(1500),
            logout: Duration::from_millis(300),
            retry: Duration::from_millis(500),
        }
    }
}

impl Timing {
    /// For tests: the same steps, a few milliseconds each. QRs still live long enough to be read.
    pub fn fast() -> Self {
        Self {
            start: Duration::ZERO,
            qr_first: Duration::from_mins(1),
            qr_next: Duration::from_secs(20),
            qr_limit: 6,
            pairing_code: Duration::from_mins(3),
            sync: Duration::from_millis(50),
            sync_steps: 4,
            resume: Duration::from_millis(50),
            reconnect: Duration::from_millis(20),
            ack_server: Duration::from_millis(10),
            ack_device: Duration::from_millis(20),
            ack_read: Duration::from_millis(20),
            logout: Duration::from_millis(50),
            retry: Duration::from_millis(50),
        }
    }

    fn validate(&self) -> Result<(), SimulatorError> {
        let invalid = |field| Err(SimulatorError::InvalidTiming { field });
        if self.qr_first.is_zero() {
            return invalid("qr_first must be longer than zero");
        }
        if self.qr_next.is_zero() {
            return invalid("qr_next must be longer than zero");
        }
        if self.qr_limit == 0 {
            return invalid("qr_limit must be at least 1");
        }
        if self.sync_steps == 0 {
            return invalid("sync_steps must be at least 1");
        }
        if self.retry.is_zero() {
            return invalid("retry must be longer than zero");
        }
        Ok(())
    }
}

/// What a device that was never seen before starts with. Can be changed while running.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Defaults {
    /// Added to [`Timing::start`], in milliseconds.
    pub slow_start_ms: u64,
    /// Whether the phone asks for a passkey after the scan.
    pub passkey: bool,
    /// Whether WhatsApp refuses the page as too old.
    pub outdated: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_are_valid() {
        for timing in [Timing::default(), Timing::fast()] {
            timing.validate().unwrap();
        }
    }

    #[test]
    fn a_phone_on_a_public_address_is_refused() {
        let config = SimulatorConfig {
            control_addr: Some("0.0.0.0:0".parse().unwrap()),
            ..SimulatorConfig::default()
        };
        let error = config.validate().unwrap_err();
        assert_eq!(
            error.to_string(),
            "open the phone's control port: 0.0.0.0:0 is not a loopback address"
        );
    }

    #[test]
    fn impossible_timings_are_refused() {
        let base = Timing::fast;
        let broken = [
            (
                Timing {
                    qr_first: Duration::ZERO,
                    ..base()
                },
                "qr_first",
            ),
            (
                Timing {
                    qr_next: Duration::ZERO,
                    ..base()
                },
                "qr_next",
            ),
            (
                Timing {
                    qr_limit: 0,
                    ..base()
                },
                "qr_limit",
            ),
            (
                Timing {
                    sync_steps: 0,
                    ..base()
                },
                "sync_steps",
            ),
            (
                Timing {
                    retry: Duration::ZERO,
                    ..base()
                },
                "retry",
            ),
        ];
        for (timing, field) in broken {
            let message = timing.validate().unwrap_err().to_string();
            assert!(message.contains(field), "{message} should name {field}");
        }
    }
}
