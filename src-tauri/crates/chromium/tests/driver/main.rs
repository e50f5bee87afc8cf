//! The driver with a real browser against a stand-in for WhatsApp Web.
#![cfg(target_os = "linux")]

mod crashes;
mod endings;
mod failures;
mod fallback;
mod fresh;
mod hangs;
mod link;
mod orphans;
mod page;
mod picture;
mod spares;
mod support;
mod torn;
