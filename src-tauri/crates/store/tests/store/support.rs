//! A folder with a store in it.

use std::fs;
use std::path::{Path, PathBuf};

use session_core::{Change, ClienteId, ClienteRecord, Reason, StateName, Timestamp};
use session_store::{OpenError, OpenReport, SqliteStore};
use tempfile::TempDir;

pub(crate) struct Place {
    _folder: TempDir,
    pub(crate) path: PathBuf,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sessions.db");
        Self {
            _folder: folder,
            path,
        }
    }

    pub(crate) fn open(&self) -> (SqliteStore, OpenReport) {
        SqliteStore::open(&self.path).unwrap()
    }

    pub(crate) fn refused(&self) -> OpenError {
        match SqliteStore::open(&self.path) {
            Ok(_) => panic!("opened"),
            Err(error) => error,
        }
    }

    /// The database's log.
    pub(crate) fn log(&self) -> PathBuf {
        beside(&self.path, "-wal")
    }

    /// The database's backup copy.
    pub(crate) fn backup(&self) -> PathBuf {
        beside(&self.path, ".backup")
    }

    /// The files beside the database, by name.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(self.path.parent().unwrap())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    PathBuf::from(format!("{}{suffix}", path.display()))
}

pub(crate) fn id(id: u64) -> ClienteId {
    ClienteId::try_from(id).unwrap()
}

pub(crate) fn plain(number: u64) -> ClienteRecord {
    ClienteRecord::new(id(number), Timestamp(1_700_000_000_000))
}

pub(crate) fn change(at: u64, reason: Reason) -> Change {
    Change {
        from: StateName::QrRequired,
        to: StateName::Ready,
        reason,
        at: Timestamp(at),
    }
}
