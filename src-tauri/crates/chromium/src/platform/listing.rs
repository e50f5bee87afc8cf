//! The processes of systems without `/proc`.

use sysinfo::{Process, ProcessRefreshKind, ProcessesToUpdate, System, UpdateKind};

/// The living processes with exactly one of these arguments. Those whose arguments cannot be read, such as other
/// users', are left out.
pub(crate) fn processes_with_argument(arguments: &[Vec<u8>]) -> Vec<u32> {
    let is_known = |process: &Process| {
        process
            .cmd()
            .iter()
            .any(|word| arguments.iter().any(|a| a == word.as_encoded_bytes()))
    };
    let kind = ProcessRefreshKind::nothing().with_cmd(UpdateKind::Always);
    processes_that(kind, is_known)
}

/// Every process there is.
#[cfg(unix)]
pub(super) fn processes() -> Vec<u32> {
    processes_that(ProcessRefreshKind::nothing(), |_| true)
}

/// None where the system does not let us look.
fn processes_that(kind: ProcessRefreshKind, wanted: impl Fn(&Process) -> bool) -> Vec<u32> {
    let Ok(mut system) = System::new() else {
        return Vec::new();
    };
    system.refresh_processes_specifics(ProcessesToUpdate::All, true, kind);
    system
        .processes()
        .iter()
        .filter(|(_, process)| wanted(process))
        .map(|(id, _)| id.as_u32())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Not a test: a process to be found, run by the test below.
    #[test]
    #[ignore = "it waits until it is killed"]
    fn somebody() {
        std::thread::park();
    }

    #[test]
    fn a_process_is_found_by_its_whole_argument() {
        let name = "platform::listing::tests::somebody";
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", name, "--", "a word of its own"])
            .spawn()
            .unwrap();
        let found = processes_with_argument(&[b"a word of its own".to_vec()]);
        let part = processes_with_argument(&[b"a word of its".to_vec()]);
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(found, [child.id()]);
        assert!(part.is_empty());
    }
}
