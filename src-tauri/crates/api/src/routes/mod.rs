//! One file per route: read the request, ask the registry or the control room, write the answer.

pub(crate) mod bundle;
pub(crate) mod clients;
pub(crate) mod contacts;
pub(crate) mod control;
pub(crate) mod debug;
mod draft;
pub(crate) mod events;
pub(crate) mod health;
pub(crate) mod init;
pub(crate) mod media;
pub(crate) mod messages;
pub(crate) mod metrics;
pub(crate) mod qr;
pub(crate) mod ready;
pub(crate) mod reference;
pub(crate) mod send;
pub(crate) mod session;
pub(crate) mod status;
pub(crate) mod ticket;
pub(crate) mod ui;
pub(crate) mod waha;
pub(crate) mod webhooks;
mod wish;
