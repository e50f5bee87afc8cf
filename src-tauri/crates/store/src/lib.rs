//! What outlives a restart: clientes and their timeline, in SQLite.
//!
//! One thread owns the connection; the async port in front of it is a bounded queue. A database that cannot be read
//! is set aside, never deleted, and rebuilt from a backup copy; one that a newer program wrote is left untouched.

mod announce;
mod backup;
mod dead_letters;
mod deliveries;
mod files;
mod inspect;
mod open;
mod rows;
mod schema;
mod store;
mod tell;
mod unavailable;
mod webhooks;

pub use inspect::look;
pub use open::{OpenError, OpenReport, Recovered, SetAside};
pub use rows::TIMELINE_KEPT;
pub use store::SqliteStore;
pub use unavailable::UnavailableStore;
pub use webhooks::{DEAD_LETTERS_KEPT, WAITING_KEPT};
