//! What outlives a restart: clientes and their timeline, in SQLite.
//!
//! One thread owns the connection; the async port in front of it is a bounded queue. A database that cannot be read
//! is set aside, never deleted, and rebuilt from a backup copy; one that a newer program wrote is left untouched.

mod announce;
mod backup;
mod files;
mod inspect;
mod open;
mod rows;
mod schema;
mod store;
mod unavailable;

pub use open::{OpenError, OpenReport, Recovered, SetAside};
pub use rows::TIMELINE_KEPT;
pub use store::SqliteStore;
pub use unavailable::UnavailableStore;
