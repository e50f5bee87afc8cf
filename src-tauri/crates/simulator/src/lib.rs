//! A stand-in for WhatsApp Web, with a phone to remote-control.
//!
//! The simulator serves, over HTTPS, a page that unmodified third-party clients take for
//! `https://web.whatsapp.com`. Chromium is pointed at it with [`Simulator::chromium_args`], so the
//! origin, and with it the browser's storage, stays the same when the simulator moves to another port.
//!
//! The server decides everything: a page only shows the phase it is told and reports what its user
//! asked for. All waiting happens in one clock task and comes from [`Timing`].
//!
//! ```no_run
//! # async fn demo() -> Result<(), Box<dyn std::error::Error>> {
//! use whatsapp_simulator::{DeviceSelector, PhoneAction, Simulator, SimulatorConfig};
//!
//! let simulator = Simulator::start(SimulatorConfig::default()).await?;
//! println!("start Chromium with {:?}", simulator.chromium_args());
//! let phone = simulator.phone();
//! let device = phone.scan("2@…,…,…,…", None).await?;
//! phone.act(&DeviceSelector::Id(device.id), PhoneAction::NetworkDrop).await?;
//! simulator.stop().await;
//! # Ok(())
//! # }
//! ```

mod account;
mod action;
mod archive;
mod certificate;
mod codes;
mod config;
mod control;
mod device;
mod error;
mod outbox;
mod page;
mod phone;
mod serve;
mod simulator;
mod socket;
mod timers;
mod uploads;
mod view;
mod wire;
mod world;

pub use account::Account;
pub use action::{BanKind, DeviceSelector, PhoneAction, SendFailure};
pub use config::{Defaults, SimulatorConfig, Timing};
pub use error::{PhoneError, SimulatorError};
pub use outbox::{AckEntry, OutboxEntry};
pub use phone::Phone;
pub use simulator::Simulator;
pub use view::{DeviceState, DeviceView, MarksView, StorageView};
