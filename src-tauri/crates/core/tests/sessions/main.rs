//! Sessions in a world of fakes, with paused time: every wait is real, none takes any.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod clientes;
mod memory;
mod outbox;
mod races;
mod recovery;
mod room;
mod running;
mod starting;
mod support;
mod turns;
