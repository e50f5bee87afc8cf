//! Tells from how a browser ended why it did not come up.

use std::process::ExitStatus;

use session_core::Reason;
use session_core::ports::LaunchError;

use crate::process::describe;

/// Chromium's code for a profile that another browser holds.
const PROFILE_IN_USE: i32 = 21;

/// The cause of a failed start. Nothing of `complaints` is passed on: it holds paths.
pub(crate) fn failed_start(status: Option<ExitStatus>, complaints: &str) -> LaunchError {
    let complaints = complaints.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| complaints.contains(word));
    let error = |reason, detail: &str| LaunchError {
        reason,
        detail: detail.to_owned(),
    };
    let code = status.and_then(|status| status.code());

    if says(&[
        "no usable sandbox",
        "running as root without --no-sandbox",
        "failed to move to new namespace",
        "suid sandbox helper",
        "zygote cannot be disabled if sandbox is enabled",
    ]) && code != Some(0)
    {
        return error(
            Reason::SandboxUnavailable,
            "the browser cannot use its sandbox here",
        );
    }
    if code == Some(PROFILE_IN_USE) || says(&["processsingleton", "profile appears to be in use"]) {
        return error(
            Reason::ProfileInUse,
            "another browser uses the profile of this cliente",
        );
    }
    if says(&[
        "error while loading shared libraries",
        "symbol lookup error",
    ]) {
        return error(
            Reason::LaunchFailed,
            "the browser lacks a system library; install it again",
        );
    }
    if says(&[
        "missing x server",
        "cannot open display",
        "unable to open x display",
    ]) {
        return error(
            Reason::WindowUnavailable,
            "the browser found no screen to open its window on",
        );
    }
    match status {
        Some(status) => error(
            Reason::LaunchFailed,
            &format!("the browser did not start: {}", describe(status)),
        ),
        None => error(Reason::LaunchFailed, "the browser did not answer"),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    #[test]
    fn a_failed_start_is_told_by_what_the_browser_said() {
        for (code, complaints, reason) in [
            (
                1,
                "[1:1:ERROR:zygote_host_impl_linux.cc(101)] Running as root without --no-sandbox is not supported.",
                Reason::SandboxUnavailable,
            ),
            (
                133,
                "[FATAL:zygote_host_impl_linux.cc(128)] No usable sandbox! If you are running on Ubuntu",
                Reason::SandboxUnavailable,
            ),
            (
                21,
                "[ERROR:process_singleton_posix.cc(340)] The profile appears to be in use by another Chromium process",
                Reason::ProfileInUse,
            ),
            (21, "", Reason::ProfileInUse),
            (
                127,
                "/opt/secret/chrome: error while loading shared libraries: libnss3.so: cannot open",
                Reason::LaunchFailed,
            ),
            (1, "Missing X server or $DISPLAY", Reason::WindowUnavailable),
            (139, "", Reason::LaunchFailed),
        ] {
            let error = failed_start(Some(ExitStatus::from_raw(code << 8)), complaints);
            assert_eq!(error.reason, reason, "{complaints}");
            assert!(!error.detail.contains('/'), "{}", error.detail);
        }
        assert_eq!(failed_start(None, "").reason, Reason::LaunchFailed);
    }
}
