//! The disk fills up under running sessions.

use std::fs::{self, File};
use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use nix::fcntl::{FallocateFlags, fallocate};
use nix::sys::statvfs::statvfs;
use whatsapp_simulator::MarksView;

use crate::calls::Answer;
use crate::figures::{Fault, Figures, skipped};
use crate::scale::count;
use crate::world::{World, brief};
use crate::{processes, turn};

const MIB: u64 = 1024 * 1024;
const LINKED: [u64; 2] = [1, 2];
/// How long it may take until the program has noticed.
const NOTICED: Duration = Duration::from_secs(60);

/// A small disk of its own, mounted over the data folder.
pub(crate) struct Disk {
    place: PathBuf,
    filler: PathBuf,
    /// How many it takes.
    files: u64,
}

impl Disk {
    /// Nothing where that is not permitted.
    pub(crate) fn mount(place: &Path) -> Option<Self> {
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=1600m,mode=0700", "tmpfs"])
            .arg(place)
            .output();
        mounted
            .is_ok_and(|output| output.status.success())
            .then(|| Self {
                place: place.to_owned(),
                filler: place.join("filler"),
                files: statvfs(place).unwrap().files(),
            })
    }

    fn free(&self) -> u64 {
        let space = statvfs(&self.place).unwrap();
        space.blocks_available() * space.fragment_size()
    }

    /// Leaves only so much.
    fn leave(&self, left: u64) {
        let file = File::options()
            .create(true)
            .append(true)
            .open(&self.filler)
            .unwrap();
        let length = file.metadata().unwrap().len();
        let more = self.free().saturating_sub(left);
        if more > 0 {
            let (from, more) = (i64::try_from(length).unwrap(), i64::try_from(more).unwrap());
            // A disk that fills up meanwhile is as full as it is to be.
            let _ = fallocate(file.as_fd(), FallocateFlags::empty(), from, more);
        }
    }

    fn clear(&self) {
        fs::remove_file(&self.filler).unwrap();
    }

    /// Lets it take only a few files more, however much of it is free.
    pub(crate) fn shut(&self) {
        const MORE: u64 = 30;
        let space = statvfs(&self.place).unwrap();
        self.remount(space.files() - space.files_free() + MORE);
    }

    /// As it was at first.
    pub(crate) fn open(&self) {
        self.remount(self.files);
    }

    fn remount(&self, files: u64) {
        let mounted = Command::new("mount")
            .args(["-o", &format!("remount,nr_inodes={files}")])
            .arg(&self.place)
            .output();
        assert!(mounted.unwrap().status.success());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: a browser that is ending may still have files open.
        let _ = Command::new("umount").arg("-l").arg(&self.place).status();
    }
}

/// Waits until this is so, for as long as the program may take to notice.
fn noticed(mut look: impl FnMut() -> bool) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < NOTICED {
        if look() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    false
}

#[test]
#[ignore = "takes minutes: scripts/test faults runs all of these"]
fn disk_full() {
    let _turn = turn();
    let figures = Figures::new("disk_full");
    let mut world = World::new();
    let Some(disk) = Disk::mount(world.data.path()) else {
        skipped("disk_full", "this user may not mount a disk");
        return;
    };
    world.start(&[]);
    world.link(&LINKED);
    let caller = world.caller();
    for round in 0..count(10) {
        for cliente in LINKED {
            world.mark(cliente, round);
        }
        figures.made();

        disk.leave(700 * MIB);
        let refused = noticed(|| {
            let call = caller.init(3);
            let refused = matches!(call.answer, Answer::Said(507, _))
                && call.body()["code"] == "INSUFFICIENT_STORAGE";
            if !refused {
                caller.delete(3, true);
            }
            refused
        });
        if !refused {
            figures.fault(Fault::Wrong, "a new session starts with 700 MiB left");
        }
        for cliente in LINKED {
            let session = caller.session(cliente);
            if session["state"] != "READY" {
                figures.fault(Fault::Wrong, format!("700 MiB left: {}", brief(&session)));
            }
        }

        // At first with some room for the end, then with none at all.
        disk.leave(if round % 2 == 0 { 100 * MIB } else { 0 });
        let closed = noticed(|| {
            LINKED.iter().all(|cliente| {
                let session = caller.session(*cliente);
                session["state"] == "ERROR" && session["reason"] == "DISK_FULL"
            })
        });
        if !closed {
            let session = brief(&caller.session(1));
            figures.fault(
                Fault::Wrong,
                format!("not closed on a full disk: {session}"),
            );
        }
        if !noticed(|| processes::all(world.data.path()).is_empty()) {
            figures.fault(Fault::Wrong, "browsers run on a full disk");
        }

        disk.clear();
        let since = Instant::now();
        let wanted = LINKED.map(|cliente| (cliente, "READY", None));
        for (cliente, outcome) in world.recoveries(&wanted, since) {
            if !figures.outcome(outcome) {
                continue;
            }
            let expected = MarksView::everywhere(round);
            let found = world.device(cliente).marks;
            if found != expected {
                figures.fault(
                    Fault::Lost,
                    format!("cliente {cliente}: {found:?}, not {round}"),
                );
            }
        }
    }
    assert!(world.end().0.success());
    let left = world.left(&[]);
    figures.orphans(&left, "the end");
    drop(disk);
    figures.finish();
}
