//! Reads `/proc` and the control groups that limit this program.

use std::path::{Component, Path, PathBuf};
use std::{fs, io};

use session_core::ports::Memory;

/// What this program can have of the machine's memory.
pub(crate) fn memory() -> io::Result<Memory> {
    below(Path::new("/"))
}

/// The same, with everything read below `root`.
fn below(root: &Path) -> io::Result<Memory> {
    let machine = machine(root)?;
    Ok(GENERATIONS
        .iter()
        .fold(machine, |memory, groups| groups.limit(root, memory)))
}

/// All of the machine's memory.
pub(super) fn machine(root: &Path) -> io::Result<Memory> {
    let table = fs::read_to_string(root.join("proc/meminfo"))?;
    let bytes = |name: &str| {
        entry(&table, name)
            .map(|kib| kib * 1024)
            .ok_or_else(|| io::Error::other(format!("/proc/meminfo has no {name}")))
    };
    Ok(Memory {
        total: bytes("MemTotal:")?,
        available: bytes("MemAvailable:")?,
    })
}

/// A value in a table of names and numbers.
fn entry(table: &str, name: &str) -> Option<u64> {
    let mut lines = table.lines().map(str::split_ascii_whitespace);
    let mut line = lines.find(|line| line.clone().next() == Some(name))?;
    line.nth(1)?.parse().ok()
}

/// Where control groups of one generation are, and what they call their limits.
struct Groups {
    folder: &'static str,
    /// In `/proc/self/cgroup`.
    controller: &'static str,
    limit: &'static str,
    used: &'static str,
    /// In `memory.stat`: files that were read once and can be dropped. They count as used, but are no loss.
    dispensable: &'static str,
}

const GENERATIONS: [Groups; 2] = [
    Groups {
        folder: "sys/fs/cgroup",
        controller: "",
        limit: "memory.max",
        used: "memory.current",
        dispensable: "inactive_file",
    },
    Groups {
        folder: "sys/fs/cgroup/memory",
        controller: "memory",
        limit: "memory.limit_in_bytes",
        used: "memory.usage_in_bytes",
        dispensable: "total_inactive_file",
    },
];

impl Groups {
    /// What the group of this program, and those around it, leave of the memory. What cannot be read limits
    /// nothing.
    fn limit(&self, root: &Path, mut memory: Memory) -> Memory {
        let top = root.join(self.folder);
        let whole = memory.total;
        for folder in self.own_group(root).ancestors() {
            // In a container, the group's path may be the one outside, and only the top is there.
            let folder = top.join(folder);
            let number = |name: &str| -> Option<u64> {
                let text = fs::read_to_string(folder.join(name)).ok()?;
                text.trim().parse().ok()
            };
            // "No limit" is a word in one generation and a huge number in the other.
            let Some(limit) = number(self.limit).filter(|limit| *limit < whole) else {
                continue;
            };
            let stat = fs::read_to_string(folder.join("memory.stat")).unwrap_or_default();
            let dispensable = entry(&stat, self.dispensable).unwrap_or_default();
            let used = number(self.used).unwrap_or_default();
            let left = limit.saturating_sub(used.saturating_sub(dispensable));
            memory.total = memory.total.min(limit);
            memory.available = memory.available.min(left);
        }
        memory
    }

    /// The group's path below the top; the top itself where that cannot be told.
    fn own_group(&self, root: &Path) -> PathBuf {
        let groups = fs::read_to_string(root.join("proc/self/cgroup")).unwrap_or_default();
        groups
            .lines()
            .filter_map(|line| {
                let (_, line) = line.split_once(':')?;
                let (controllers, path) = line.split_once(':')?;
                let ours = controllers.split(',').any(|name| name == self.controller);
                ours.then(|| Path::new(path.trim_start_matches('/')))
            })
            // A group outside of what this program can see has a path that leads up.
            .find(|path| !path.components().any(|part| part == Component::ParentDir))
            .unwrap_or(Path::new(""))
            .to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1024 * 1024;

    /// Files as the kernel shows them: a machine of 8 GiB with 6 available.
    fn files_of(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        let meminfo =
            "MemTotal:        8388608 kB\nMemFree:          100 kB\nMemAvailable:    6291456 kB\n";
        for (path, content) in [("proc/meminfo", meminfo)].iter().chain(files) {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        root
    }

    fn mib(files: &[(&str, &str)]) -> (u64, u64) {
        let memory = below(files_of(files).path()).unwrap();
        (memory.total / MIB, memory.available / MIB)
    }

    const GIB_2: &str = "2147483648\n";
    const GIB_1: &str = "1073741824\n";

    #[test]
    fn without_groups_or_limits_the_machine_counts() {
        assert_eq!(mib(&[]), (8192, 6144));
        assert_eq!(
            mib(&[
                ("proc/self/cgroup", "4:memory:/app\n0::/app\n"),
                ("sys/fs/cgroup/app/memory.max", "max\n"),
                ("sys/fs/cgroup/app/memory.current", GIB_2),
                (
                    "sys/fs/cgroup/memory/app/memory.limit_in_bytes",
                    "9223372036854771712\n"
                ),
                ("sys/fs/cgroup/memory/app/memory.usage_in_bytes", GIB_2),
            ]),
            (8192, 6144)
        );
    }

    #[test]
    fn a_limit_counts_and_what_can_be_dropped_is_not_used() {
        for (line, folder, limit, used, dropped) in [
            (
                "0::/app\n",
                "sys/fs/cgroup/app",
                "memory.max",
                "memory.current",
                "inactive_file",
            ),
            (
                "5:cpu:/x\n4:hugetlb,memory:/app\n0::/\n",
                "sys/fs/cgroup/memory/app",
                "memory.limit_in_bytes",
                "memory.usage_in_bytes",
                "total_inactive_file",
            ),
        ] {
            let stat = format!("anon 1\n{dropped} 268435456\nactive_file 99999999\n");
            let file = |name: &str| format!("{folder}/{name}");
            assert_eq!(
                mib(&[
                    ("proc/self/cgroup", line),
                    (&file(limit), GIB_2),
                    (&file(used), GIB_1),
                    (&file("memory.stat"), &stat),
                ]),
                (2048, 1024 + 256),
                "{line}"
            );
        }
    }

    #[test]
    fn the_tightest_group_around_counts_and_the_machine_may_be_tighter() {
        let nested = [
            ("proc/self/cgroup", "0::/outer/inner\n"),
            ("sys/fs/cgroup/outer/inner/memory.max", GIB_2),
            ("sys/fs/cgroup/outer/inner/memory.current", "0\n"),
            ("sys/fs/cgroup/outer/memory.max", "3221225472\n"),
            ("sys/fs/cgroup/outer/memory.current", "2684354560\n"),
        ];
        assert_eq!(mib(&nested), (2048, 512));
        let large = [
            ("proc/self/cgroup", "0::/app\n"),
            ("sys/fs/cgroup/app/memory.max", "7516192768\n"),
            ("sys/fs/cgroup/app/memory.current", "0\n"),
        ];
        assert_eq!(mib(&large), (7168, 6144));
    }

    /// In a container the own group is mounted as the top, whatever its path is called outside.
    #[test]
    fn a_container_sees_its_limit_at_the_top() {
        for path in [
            "0::/\n",
            "0::/docker/4f5c\n",
            "0::/../..\n",
            "0::/../other\n",
        ] {
            assert_eq!(
                mib(&[
                    ("proc/self/cgroup", path),
                    ("sys/fs/cgroup/memory.max", GIB_2),
                    ("sys/fs/cgroup/memory.current", "3221225472\n"),
                ]),
                (2048, 0),
                "{path}"
            );
        }
    }

    #[test]
    fn a_machine_that_does_not_say_is_an_error() {
        let root = files_of(&[("proc/meminfo", "MemTotal:  8388608 kB\n")]);
        let error = below(root.path()).unwrap_err();
        assert!(error.to_string().contains("MemAvailable"), "{error}");
    }
}
