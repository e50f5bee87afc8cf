//! Logs: console and files, 10 MB a file, five files, one line an event. In the window tauri-plugin-log writes them;
//! it needs a Tauri app, so without a window flexi_logger writes the same lines to the same place.

use std::path::Path;

use anyhow::Context as _;
use flexi_logger::{
    Cleanup, Criterion, DeferredNow, Duplicate, FileSpec, LogSpecification, Logger, LoggerHandle,
    Naming,
};
use log::{LevelFilter, Record};
use tauri::Runtime;
use tauri::plugin::TauriPlugin;
use tauri_plugin_log::{RotationStrategy, Target, TargetKind, TimezoneStrategy};

use crate::options::LogLevel;

const FILE_SIZE: u64 = 10_000_000;
const FILES: usize = 5;
/// Name of the log file, without its ending.
const NAME: &str = "session-manager";
/// The file being written has no number in its name, as with tauri-plugin-log.
const NAMING: Naming = Naming::TimestampsCustomFormat {
    current_infix: Some(""),
    format: "%Y-%m-%d_%H-%M-%S",
};
/// Crates that say too much, and the most that each may say. At debug they write whole messages: a login code or a text
/// could be among them. chromiumoxide also takes every closed browser for an error; our driver tells which ones are.
const NOISY: [(&str, LevelFilter); 6] = [
    ("chromiumoxide", LevelFilter::Off),
    ("tungstenite", LevelFilter::Off),
    ("async_tungstenite", LevelFilter::Off),
    ("hyper", LevelFilter::Warn),
    ("hyper_util", LevelFilter::Warn),
    ("rustls", LevelFilter::Warn),
];

impl From<LogLevel> for LevelFilter {
    fn from(level: LogLevel) -> Self {
        match level {
            LogLevel::Error => Self::Error,
            LogLevel::Warn => Self::Warn,
            LogLevel::Info => Self::Info,
            LogLevel::Debug => Self::Debug,
            LogLevel::Trace => Self::Trace,
        }
    }
}

/// The plugin that writes the logs while there is a window.
pub(crate) fn plugin<R: Runtime>(folder: &Path, level: LogLevel) -> TauriPlugin<R> {
    let file = TargetKind::Folder {
        path: folder.to_owned(),
        file_name: Some(NAME.to_owned()),
    };
    let mut builder = tauri_plugin_log::Builder::new()
        .clear_targets()
        .target(Target::new(TargetKind::Stderr))
        .target(Target::new(file))
        .max_file_size(u128::from(FILE_SIZE))
        .rotation_strategy(RotationStrategy::KeepSome(FILES))
        .timezone_strategy(TimezoneStrategy::UseLocal)
        .level(LevelFilter::from(level))
        .format(|out, message, record| {
            let now = time();
            out.finish(format_args!(
                "{now} {} {}",
                head(record),
                redact(&message.to_string())
            ));
        });
    for (crate_name, most) in NOISY {
        builder = builder.level_for(crate_name, most.min(level.into()));
    }
    builder.build()
}

/// Writes the logs while there is no window, for as long as the handle lives.
pub(crate) fn without_window(folder: &Path, level: LogLevel) -> anyhow::Result<LoggerHandle> {
    let mut levels = LogSpecification::builder();
    levels.default(LevelFilter::from(level));
    for (crate_name, most) in NOISY {
        levels.module(crate_name, most.min(level.into()));
    }
    Logger::with(levels.build())
        .log_to_file(
            FileSpec::default()
                .directory(folder)
                .basename(NAME)
                .suppress_timestamp(),
        )
        .append()
        .rotate(
            Criterion::Size(FILE_SIZE),
            NAMING,
            Cleanup::KeepLogFiles(FILES - 1),
        )
        .duplicate_to_stderr(Duplicate::All)
        .format(|out, _: &mut DeferredNow, record| {
            write!(
                out,
                "{} {} {}",
                time(),
                head(record),
                redact(&record.args().to_string())
            )
        })
        .start()
        .with_context(|| format!("write logs to {}", folder.display()))
}

fn time() -> String {
    // The format of both writers, so that the two kinds of run can share a file.
    flexi_logger::DeferredNow::new()
        .format("%Y-%m-%d %H:%M:%S%.3f")
        .to_string()
}

fn head(record: &Record<'_>) -> String {
    format!("{:5} {}", record.level(), record.target())
}

/// The last line of defence: types mask numbers already, and what still looks like one (ten digits or more) is cut.
/// The id of a cliente is the only long number that a log needs.
fn redact(line: &str) -> String {
    const LONGEST: usize = 9;
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from_digit) = rest.split_at(start);
        out.push_str(before);
        let end = from_digit
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(from_digit.len());
        let (digits, after) = from_digit.split_at(end);
        // Digits inside a word are part of a hash, not of a number.
        let in_word = before.ends_with(|c: char| c.is_ascii_alphabetic())
            || after.starts_with(|c: char| c.is_ascii_alphabetic());
        if digits.len() > LONGEST && !in_word && !before.ends_with("cliente=") {
            out.push_str(&session_core::mask(digits));
        } else {
            out.push_str(digits);
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_cut_and_the_id_of_a_cliente_is_not() {
        for (line, safe) in [
            ("to 5491155551234@c.us", "to 5491****34@c.us"),
            (
                "state changed cliente=9007199254740991 from=READY",
                "state changed cliente=9007199254740991 from=READY",
            ),
            ("sha256=ab4083123456789081cf", "sha256=ab4083123456789081cf"),
            ("pid 123456789", "pid 123456789"),
            ("ñandú 12345678901 y 1", "ñandú 1234****01 y 1"),
            ("", ""),
        ] {
            assert_eq!(redact(line), safe);
        }
    }
}
