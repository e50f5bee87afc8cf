//! `session-manager`: reads its options and runs.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "help and errors of a command line go there"
)]

use std::process::ExitCode;

use session_manager::options::{Folders, Options, Stop};

/// Exit code for options that cannot be used.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let options = match Options::load(std::env::args_os(), &Folders::of_user()) {
        Ok(options) => options,
        Err(Stop::Help(text)) => {
            print!("{text}");
            return ExitCode::SUCCESS;
        }
        Err(Stop::Bad(line)) => {
            eprintln!("error: {line}");
            return ExitCode::from(USAGE);
        }
    };
    match session_manager::run(options) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
