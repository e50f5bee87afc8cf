//! The desktop shell of Session Manager: command line, window, Tauri commands, logs. It decides nothing about
//! sessions; that is the business of `session-core`.

mod alerts;
mod autostart;
mod backend;
mod badge;
mod bundle;
mod closing;
mod commands;
mod demo;
mod doctor;
mod downloads;
mod folder_dialog;
mod headless;
mod host;
mod import;
mod instance;
mod keys;
mod local_api;
mod logging;
mod notify;
pub mod options;
mod settings;
mod signals;
mod starting;
mod texts;
mod tray;
mod updates;
mod watch;
mod window;

use std::process::ExitCode;

use instance::{Instance, InstanceError};
use options::{Command, Options};

/// Does what was asked for on the command line: one command, or the program until somebody ends it.
pub fn run(mut options: Options) -> anyhow::Result<ExitCode> {
    options.data_dir = std::path::absolute(&options.data_dir)?;
    match options.command.take() {
        Some(Command::Keys { action }) => keys::run(&options.data_dir, action)?,
        Some(Command::Import(wish)) => return import::run(&options, wish),
        Some(Command::Doctor { json }) => {
            if !doctor::run(&options, json)? {
                return Ok(ExitCode::FAILURE);
            }
        }
        Some(Command::Bundle(arguments)) => bundle::cli::run(&options, arguments)?,
        None => serve(options)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs the program itself.
fn serve(mut options: Options) -> anyhow::Result<()> {
    if !options.headless && !has_display() {
        no_display();
        options.headless = true;
    }
    let instance = match Instance::take(&options.data_dir, !options.headless) {
        // Nobody asked for the window: the system started both.
        Err(InstanceError::Running {
            pid: Some(pid),
            window: true,
            ..
        }) if !options.headless && options.minimized => {
            already_runs(pid, false);
            return Ok(());
        }
        // Whoever starts a desktop program twice wants to see it.
        Err(InstanceError::Running {
            pid: Some(pid),
            window: true,
            ..
        }) if !options.headless && signals::raise(pid) => {
            already_runs(pid, true);
            return Ok(());
        }
        taken => taken?,
    };
    if options.headless {
        headless::run(options, instance)
    } else {
        window::run(options, instance)
    }
}

/// Whether a window can be opened.
fn has_display() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

#[expect(
    clippy::print_stderr,
    reason = "logs do not run yet, and the person at the terminal has to know"
)]
fn no_display() {
    eprintln!("There is no display, so no window is opened: running as with --headless.");
}

#[expect(clippy::print_stderr, reason = "this process has no log of its own")]
fn already_runs(pid: u32, raised: bool) {
    let window = if raised {
        "its window has been asked to show"
    } else {
        "its window stays as it is"
    };
    eprintln!("Session Manager already runs (process {pid}); {window}.");
}
