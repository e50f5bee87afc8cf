//! Session states, the session actor and the registry of clientes.
//!
//! A session is a pure state machine ([`machine`]) inside one task ([`actor`]) that owns one browser. The
//! [`Registry`] hands out sessions and holds the snapshots that everybody else reads. The world (browsers, profiles,
//! database) is reached through the traits in [`ports`].

mod account;
mod cliente;
mod clock;
pub mod ports;
mod qr;
mod reason;
mod state;

pub use account::{Account, ChatId, InvalidRecipient, MessageId, MessageText, PhoneNumber, mask};
pub use cliente::{ClienteId, ClienteRecord, InvalidClienteId, Wanted};
pub use clock::{Clock, SystemClock, Timestamp};
pub use qr::{LoginCode, QrError, draw};
pub use reason::{Disconnection, Reason};
pub use state::{Change, Login, Policy, Progress, Stage, State, StateName};
