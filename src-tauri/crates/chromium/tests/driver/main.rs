//! The driver with a real browser against a stand-in for WhatsApp Web.
#![cfg(target_os = "linux")]

mod crashes;
mod endings;
mod failures;
mod fallback;
mod files;
mod fresh;
mod hangs;
mod incoming;
mod link;
mod messages;
mod orphans;
mod page;
mod picture;
mod probe;
mod spares;
mod support;
mod torn;
