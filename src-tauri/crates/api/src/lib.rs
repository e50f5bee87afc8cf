//! The local HTTP API and the control room's commands, over one set of wire types.
//!
//! [`ControlRoom`] is what the control room can do; Tauri commands call it directly, and this crate serves it over
//! HTTP when there is no window. [`bind`] and [`Bound::serve`] run the local API that other programs speak. Handlers
//! only translate: nothing here decides anything about a session.

mod access;
mod advice;
mod answer;
mod attention;
mod bounds;
mod calls;
mod cliente_header;
pub mod commands;
mod control;
mod crowd;
pub mod dto;
mod error;
mod events;
mod guard;
pub mod keys;
pub mod many;
mod metrics;
pub mod old_logins;
pub mod openapi;
mod origins;
mod owner;
mod peer;
mod rate;
mod resources;
mod router;
mod routes;
mod server;
mod stream;
pub mod support;
pub mod updates;
pub mod view;
pub mod webhooks;

pub use access::{Access, HostNames, InvalidHost};
pub use attention::needs_somebody;
pub use calls::CallView;
pub use control::{ControlRoom, Host};
pub use error::ErrorCode;
pub use origins::{InvalidOrigin, Origins};
pub use owner::{Owner, Owners};
pub use router::{Limits, Options, router};
pub use server::{BindError, Bound, bind, bind_beyond};
