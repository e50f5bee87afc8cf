//! The stream of events for tools: what happens to sessions, as it happens, each event with an id to go on from.
//!
//! ```text
//!  registry ──► hub: compares with what was known ──► log: the newest events, written out once ──► reader, reader, …
//! ```
//!
//! Every reader reads the same log at its own pace, so that a code is written once for however many there are, a reader
//! that stands still holds nothing up, and one that comes back goes on where it was. Who asks for what the log does not
//! hold any more gets a snapshot, and then what comes after it.

mod hub;
mod log;
mod mail;
mod reader;
mod told;

pub(crate) use hub::Hub;
pub(crate) use log::Wanted;
