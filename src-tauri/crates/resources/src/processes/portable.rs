//! For systems without `/proc`: a browser's processes are its children and theirs.

use std::collections::{BTreeMap, BTreeSet};

use session_core::ports::Usage;
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

use super::owner;

/// Looks at browsers again and again.
#[derive(Debug)]
pub(crate) struct Watch {
    /// Nothing on a system that cannot be looked at.
    system: Option<System>,
}

impl Default for Watch {
    fn default() -> Self {
        Self {
            system: System::new().ok(),
        }
    }
}

impl Watch {
    /// What these browsers take. The first look knows no processor time to compare with and says 0.
    pub(crate) fn look(&mut self, browsers: &BTreeSet<u32>) -> BTreeMap<u32, Usage> {
        let Some(system) = &mut self.system else {
            return BTreeMap::new();
        };
        system.refresh_processes_specifics(
            ProcessesToUpdate::All,
            true,
            ProcessRefreshKind::nothing().with_memory().with_cpu(),
        );
        let processes = system.processes();
        let above = |pid: u32| Some(processes.get(&Pid::from_u32(pid))?.parent()?.as_u32());
        let mut totals: BTreeMap<u32, Usage> = BTreeMap::new();
        for (pid, process) in processes {
            let Some(browser) = owner(pid.as_u32(), browsers, above) else {
                continue;
            };
            let total = totals.entry(browser).or_insert(Usage {
                memory: 0,
                cpu: 0.0,
            });
            // On Windows the first is the working set with all that is shared, the second what the process was
            // promised for itself alone; elsewhere the second is the size of its address space.
            total.memory += process.memory().min(process.virtual_memory());
            total.cpu += process.cpu_usage();
        }
        totals
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::os::unix::process::CommandExt as _;
    use std::process::{Command, Stdio};

    use nix::sys::signal::{Signal, killpg};
    use nix::unistd::Pid as GroupId;

    use super::*;
    use crate::processes::linux;

    /// Both ways to look find the same processes.
    #[test]
    fn children_and_their_children_count() {
        let mut main = Command::new("sh")
            .args(["-c", "sh -c 'sleep 600 & echo; wait' & wait"])
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        let browsers = BTreeSet::from([main.id()]);
        let mut line = String::new();
        let out = main.stdout.take().unwrap();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut line).unwrap();

        let portable = Watch::default().look(&browsers)[&main.id()];
        let exact = linux::Watch::default().look(&browsers)[&main.id()];
        assert!(portable.memory > exact.memory, "{portable:?} {exact:?}");
        // Three small programs, most of whose pages are the same.
        assert!(
            portable.memory < 20 * exact.memory,
            "{portable:?} {exact:?}"
        );
        let group = GroupId::from_raw(i32::try_from(main.id()).unwrap());
        killpg(group, Signal::SIGKILL).unwrap();
        main.wait().unwrap();
        assert!(Watch::default().look(&browsers).is_empty());
    }
}
