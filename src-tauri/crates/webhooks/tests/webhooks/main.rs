//! Webhooks with a real database, real HTTP on loopback and a real receiver. Only browsers are made up.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod delivery;
mod killed;
mod letters;
mod office;
mod quiet;
mod receiver;
mod restarts;
mod retries;
mod secrets;
mod sessions;
mod tls;
mod world;
