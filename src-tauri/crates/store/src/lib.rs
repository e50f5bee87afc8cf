//! What outlives a restart: clientes, their timeline and their messages, in SQLite; and files that are to be sent.
//!
//! One thread owns the connection; the async port in front of it is a bounded queue. A database that cannot be read
//! is set aside, never deleted, and rebuilt from a backup copy; one that a newer program wrote is left untouched.

mod announce;
mod backup;
mod dead_letters;
mod deliveries;
mod examine;
mod files;
mod inspect;
mod media_files;
mod media_rows;
mod message_rows;
mod message_store;
mod messages;
mod open;
mod rows;
mod schema;
mod store;
mod tell;
mod unavailable;
mod webhooks;

pub use examine::{Examination, examine, timeline};
pub use inspect::look;
pub use media_files::MediaFolder;
pub use open::{OpenError, OpenReport, Recovered, SetAside};
pub use rows::TIMELINE_KEPT;
pub use store::SqliteStore;
pub use unavailable::UnavailableStore;
pub use webhooks::{DEAD_LETTERS_KEPT, WAITING_KEPT};
