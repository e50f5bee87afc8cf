//! The whole program in a real window, on a screen with a window manager and a session bus of the test's own: `scripts/test
//! window`. Needs Xvfb, openbox, dbus-daemon and WebKitWebDriver.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

#[path = "../support/app.rs"]
#[expect(dead_code, reason = "other tests use more of it")]
mod app;
#[path = "../support/desktop.rs"]
mod desktop;
#[path = "../support/inbox.rs"]
mod inbox;
#[path = "../support/panel.rs"]
mod panel;
#[path = "../support/screen.rs"]
#[expect(dead_code, reason = "other tests use more of it")]
mod screen;
#[path = "../support/mod.rs"]
mod support;

mod closing;
mod desk;
mod files;
mod notifications;
mod place;
mod sessions;
mod starts;
mod tray;
