//! The browser driver: one Chromium per cliente over the debugging pipe.

mod args;
mod detect;
mod diagnose;
mod pipe;
mod platform;
mod process;
mod tasks;

pub use detect::{DetectError, FoundBrowser, detect};
