//! The local API as other programs see it: every documented answer to the letter, over fake browsers; and the server
//! over real sockets.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a failed step fails the test"
)]

mod bad_input;
mod bounds;
mod calls;
mod care;
mod contacts;
mod control;
mod control_events;
mod described;
mod events;
mod guard;
mod health;
mod hostile;
mod init;
mod keys;
mod many;
mod media;
mod messages;
mod metrics;
mod old_logins;
mod rate;
mod rates;
mod recovery;
mod send;
mod server;
mod sessions;
mod states;
mod streams;
mod support;
mod ui;
#[cfg(target_os = "linux")]
mod users;
mod waha;
mod webhooks;
mod window;
