//! Room on the disk, and a file that keeps some of it for the day there is none: browsers that have to end then can
//! still write what they hold.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use fs4::FileExt as _;

use crate::complaint::Complaint;

/// What is held back, bytes.
const RESERVE: u64 = 64 * 1024 * 1024;
/// With less than this free, nothing is taken away from others, bytes.
const PLENTY: u64 = 2 * 1024 * 1024 * 1024;

#[derive(Debug)]
pub(crate) struct Disk {
    folder: PathBuf,
    /// Held while the reserve is made or given away.
    turn: Mutex<()>,
    unknown: Complaint,
    not_held: Complaint,
    not_released: Complaint,
}

impl Disk {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            turn: Mutex::default(),
            unknown: Complaint::default(),
            not_held: Complaint::default(),
            not_released: Complaint::default(),
        }
    }

    /// Bytes that an ordinary user can still write.
    pub(crate) fn free(&self) -> Option<u64> {
        self.unknown.about(
            "the free disk space cannot be told",
            fs4::available_space(&self.folder),
        )
    }

    pub(crate) fn hold(&self) {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let path = self.reserve();
        let held = fs::metadata(&path).is_ok_and(|file| file.len() == RESERVE);
        if held || self.free().is_none_or(|free| free < PLENTY) {
            return;
        }
        self.not_held.about(
            "no disk space could be held back",
            make(&path).inspect_err(|_| {
                // A part of it would only be in the way.
                let _ = fs::remove_file(&path);
            }),
        );
    }

    pub(crate) fn release(&self) {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let removed = match fs::remove_file(self.reserve()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        };
        self.not_released
            .about("the disk space held back could not be given away", removed);
    }

    fn reserve(&self) -> PathBuf {
        self.folder.join("reserve")
    }
}

/// A file that really takes its space.
fn make(path: &Path) -> io::Result<()> {
    let mut file = File::create(path)?;
    match file.allocate(RESERVE) {
        // Where space cannot be asked for, it is written to.
        Err(error) if error.kind() == io::ErrorKind::Unsupported => fill(&mut file, RESERVE)?,
        allocated => allocated?,
    }
    file.sync_all()
}

/// Writes what no file system can pack into less: the same sequence of arbitrary numbers (xorshift) each time.
fn fill(file: &mut File, size: u64) -> io::Result<()> {
    let mut number = 0x9e37_79b9_7f4a_7c15_u64;
    let mut block = vec![0; 64 * 1024];
    let mut left = size;
    while left > 0 {
        for bytes in block.chunks_exact_mut(8) {
            number ^= number << 13;
            number ^= number >> 7;
            number ^= number << 17;
            bytes.copy_from_slice(&number.to_le_bytes());
        }
        let part = usize::try_from(left).unwrap_or(usize::MAX).min(block.len());
        file.write_all(&block[..part])?;
        left -= part as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reserve_that_is_written_takes_all_of_its_space() {
        let mut file = tempfile::tempfile().unwrap();
        // Not a multiple of what is written at a time.
        let size = 3 * 64 * 1024 + 4096;
        fill(&mut file, size).unwrap();
        file.sync_all().unwrap();
        assert_eq!(file.metadata().unwrap().len(), size);
        assert!(file.allocated_size().unwrap() >= size);
    }
}
