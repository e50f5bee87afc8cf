//! Free space and the reserve, on file systems made for the test.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use session_core::ports::Resources as _;
use session_resources::SystemResources;
use tempfile::TempDir;

const MIB: u64 = 1024 * 1024;
const GIB: u64 = 1024 * MIB;
/// A file's own block in a file system in memory, and the folder's.
const ODDS: u64 = 64 * 1024;

/// A file system in memory.
struct Small(TempDir);

impl Small {
    /// Nothing, with a word about it, where no file system may be mounted.
    fn mount(size: u64) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(folder.path())
            .output()
            .is_ok_and(|output| output.status.success());
        if !mounted {
            println!("skipped: no file system may be mounted here");
        }
        mounted.then_some(Self(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn reserve(&self) -> PathBuf {
        self.path().join("reserve")
    }

    fn resources(&self) -> SystemResources {
        SystemResources::new(self.path().to_owned())
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        // Lazily: a program that another test is just starting may hold our files until it runs.
        let unmounted = Command::new("umount").arg("-l").arg(self.path()).status();
        // A second panic would hide the first.
        assert!(std::thread::panicking() || unmounted.is_ok_and(|status| status.success()));
    }
}

#[tokio::test]
async fn free_space_is_what_is_left_of_this_file_system() {
    let Some(small) = Small::mount(10 * MIB) else {
        return;
    };
    let free = async || small.resources().free_disk().await.unwrap();
    let empty = free().await;
    assert!((10 * MIB - ODDS..=10 * MIB).contains(&empty), "{empty}");
    fs::write(small.path().join("file"), vec![1; 4 * 1024 * 1024]).unwrap();
    let after = free().await;
    assert!((6 * MIB - ODDS..=6 * MIB).contains(&after), "{after}");
    let full = fs::write(small.path().join("rest"), vec![1; 7 * 1024 * 1024]);
    assert!(full.is_err());
    assert_eq!(free().await, 0);
}

#[tokio::test]
async fn a_folder_that_is_not_there_says_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let resources = SystemResources::new(folder.path().join("gone"));
    assert_eq!(resources.free_disk().await, None);
    // And nothing can be held there.
    resources.hold_reserve().await;
    resources.release_reserve().await;
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn the_reserve_really_takes_its_space_and_gives_it_back() {
    let Some(small) = Small::mount(3 * GIB) else {
        return;
    };
    let resources = small.resources();
    let before = resources.free_disk().await.unwrap();
    resources.release_reserve().await;

    resources.hold_reserve().await;
    let file = fs::metadata(small.reserve()).unwrap();
    assert_eq!(file.len(), 64 * MIB);
    assert_eq!(file.blocks() * 512, 64 * MIB);
    let held = resources.free_disk().await.unwrap();
    assert!(before - held >= 64 * MIB, "{before} {held}");
    // Again: the same file.
    resources.hold_reserve().await;
    assert_eq!(fs::metadata(small.reserve()).unwrap().ino(), file.ino());

    resources.release_reserve().await;
    resources.release_reserve().await;
    assert!(!small.reserve().exists());
    assert_eq!(resources.free_disk().await, Some(before));
}

#[tokio::test]
async fn half_a_reserve_is_made_whole() {
    let Some(small) = Small::mount(3 * GIB) else {
        return;
    };
    fs::write(small.reserve(), "the program ended here").unwrap();
    small.resources().hold_reserve().await;
    let file = fs::metadata(small.reserve()).unwrap();
    assert_eq!(file.blocks() * 512, 64 * MIB);
    assert_eq!(file.len(), 64 * MIB);
}

#[tokio::test]
async fn nothing_is_held_where_space_is_scarce() {
    let Some(small) = Small::mount(2 * GIB) else {
        return;
    };
    // The folder itself takes a page, so a little less than two are free.
    fs::write(small.path().join("file"), "1").unwrap();
    small.resources().hold_reserve().await;
    assert!(!small.reserve().exists());
}
