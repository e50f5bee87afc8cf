//! macOS, and whatever else is a Unix and not Linux.
//!
//! There is no parent-death signal. The closed debugging pipe ends a browser when we die, whether or not its pages
//! still answer: the pipe is read by a thread of its own. Only a browser that hangs as a whole stays, and it is found by
//! its command line when the program starts again or before its profile is used. A watchdog process would have to be
//! started and watched itself, to gain no more than the time until then.

use nix::unistd::{Pid, getpgid};

use crate::platform::listing;

/// The living processes of a group. Zombies have no group here.
pub(super) fn group_members(leader: u32) -> Vec<u32> {
    let Ok(group) = i32::try_from(leader) else {
        return Vec::new();
    };
    listing::processes()
        .into_iter()
        .filter(|&process| {
            i32::try_from(process)
                .is_ok_and(|raw| getpgid(Some(Pid::from_raw(raw))) == Ok(Pid::from_raw(group)))
        })
        .collect()
}
