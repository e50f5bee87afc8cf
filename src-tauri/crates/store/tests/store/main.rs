//! The store over real files.
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

mod damage;
mod killed;
mod media;
mod messages;
mod opening;
mod places;
mod rows;
mod support;
