//! Whether a browser works on a folder that is not ours. Only looks: no lock is taken there.
//!
//! A Chromium with a window or in its new headless mode leaves its host and process number in `SingletonLock`, which
//! outlives it when it is killed. The headless shell leaves nothing. Both hold the locks of their databases, and have the
//! folder on their command line.

use std::path::Path;

use session_core::old_login::InUse;

use crate::platform;
use crate::profile::{known_by, spares::Item};

/// Looks at everything that tells.
pub(super) fn look(user_data: &Path, items: &[Item]) -> InUse {
    if holds_database(user_data, items)
        || !platform::processes_with_argument(&known_by(user_data)).is_empty()
    {
        return InUse::Here;
    }
    signed(user_data)
}

/// Whether a process holds the lock of a database of this login, whoever it belongs to and in whatever container.
#[cfg(unix)]
#[cfg_attr(
    target_os = "linux",
    expect(
        clippy::cast_possible_truncation,
        reason = "the constants are small, and wider than the fields on some systems"
    )
)]
fn holds_database(user_data: &Path, items: &[Item]) -> bool {
    use nix::fcntl::{FcntlArg, fcntl};
    use nix::libc;

    let is_held = |path: &Path| {
        let Ok(file) = std::fs::File::open(path) else {
            return false;
        };
        // SAFETY: a structure of plain numbers, for which all zeros are values.
        let mut lock: libc::flock = unsafe { std::mem::zeroed() };
        lock.l_type = libc::F_WRLCK as libc::c_short;
        lock.l_whence = libc::SEEK_SET as libc::c_short;
        fcntl(&file, FcntlArg::F_GETLK(&mut lock)).is_ok()
            && lock.l_type != libc::F_UNLCK as libc::c_short
    };
    items
        .iter()
        .filter(|item| item.path.file_name().is_some_and(|name| name == "LOCK"))
        .any(|item| is_held(&user_data.join(&item.path)))
}

/// Windows lets nobody read a database that is open; the copy would fail on it.
#[cfg(not(unix))]
fn holds_database(_: &Path, _: &[Item]) -> bool {
    false
}

#[cfg(unix)]
fn signed(user_data: &Path) -> InUse {
    use nix::errno::Errno;
    use nix::sys::signal::kill;
    use nix::unistd::{Pid, gethostname};

    let Ok(owner) = std::fs::read_link(user_data.join("SingletonLock")) else {
        return InUse::Free;
    };
    let owner = owner.to_string_lossy();
    let Some((host, process)) = owner.rsplit_once('-') else {
        return InUse::Free;
    };
    let Ok(process) = process.parse::<i32>() else {
        return InUse::Free;
    };
    if gethostname().is_ok_and(|own| own.to_string_lossy() != host) {
        return InUse::Elsewhere;
    }
    let lives = matches!(
        kill(Pid::from_raw(process), None),
        Ok(()) | Err(Errno::EPERM)
    );
    if lives && may_be_a_browser(process) {
        InUse::Here
    } else {
        InUse::Free
    }
}

/// Numbers of processes are used again. One that shows what it was started with, and that is no browser, is none.
#[cfg(unix)]
fn may_be_a_browser(process: i32) -> bool {
    let own = b"--user-data-dir=";
    match std::fs::read(format!("/proc/{process}/cmdline")) {
        Ok(line) => line.windows(own.len()).any(|part| part == own),
        Err(_) => true,
    }
}

/// A browser holds this file open as long as it lives, and Windows deletes it with it.
#[cfg(not(unix))]
fn signed(user_data: &Path) -> InUse {
    match std::fs::symlink_metadata(user_data.join("lockfile")) {
        Ok(_) => InUse::Here,
        Err(_) => InUse::Free,
    }
}
