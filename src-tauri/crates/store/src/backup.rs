//! A second copy of the database, for the day the first one is damaged. A thread of its own makes it, over a
//! connection of its own, so that no caller of the store ever waits for it or sees it fail.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use crate::files;
use crate::inspect::{BUSY_TIMEOUT, Problem, inspect};

/// The least time from one copy to the next while the program runs.
pub(crate) const EVERY: Duration = Duration::from_secs(10 * 60);

/// Where the copy of this database is.
pub(crate) fn path_of(database: &Path) -> PathBuf {
    files::with_suffix(database, ".backup")
}

/// Has the copy follow the database.
pub(crate) struct Keeper {
    changes: SyncSender<()>,
    thread: JoinHandle<()>,
}

impl Keeper {
    /// Makes a copy now, and later again after changes, but not before `every` has passed.
    pub(crate) fn start(database: PathBuf, every: Duration) -> io::Result<Self> {
        // One note is enough to know that there was a change.
        let (changes, notes) = sync_channel(1);
        let thread = thread::Builder::new()
            .name("store-backup".to_owned())
            .spawn(move || keep(&database, every, &notes))?;
        Ok(Self { changes, thread })
    }

    /// Takes note of a change.
    pub(crate) fn changed(&self) {
        // Full: it knows already.
        let _ = self.changes.try_send(());
    }

    /// Makes a last copy if something changed since the one before. The database must still be open: a reader alone
    /// would leave its side files behind.
    pub(crate) fn finish(self) {
        drop(self.changes);
        if self.thread.join().is_err() {
            tracing::error!("the thread that copies the database panicked");
        }
    }
}

fn keep(database: &Path, every: Duration, changes: &Receiver<()>) {
    let mut kept = try_copy(database);
    loop {
        let due = Instant::now() + every;
        if kept && changes.recv().is_err() {
            return;
        }
        // Notes that come until then are about what the next copy holds.
        let ended = loop {
            let left = due.saturating_duration_since(Instant::now());
            match changes.recv_timeout(left) {
                Ok(()) => {}
                Err(RecvTimeoutError::Timeout) => break false,
                Err(RecvTimeoutError::Disconnected) => break true,
            }
        };
        kept = try_copy(database);
        if ended {
            return;
        }
    }
}

fn try_copy(database: &Path) -> bool {
    match copy(database) {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!(%error, "the database could not be copied; the copy before is kept");
            false
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum CopyError {
    #[error("{0}")]
    File(#[from] io::Error),
    #[error("{0}")]
    Database(#[from] rusqlite::Error),
    #[error("the database is in use")]
    Busy,
    #[error("the copy is not in order: {0}")]
    Unusable(Problem),
}

/// Makes the copy. What is there stays until the new one is whole, checked and on disk.
fn copy(database: &Path) -> Result<(), CopyError> {
    let place = path_of(database);
    let draft = files::draft(&place)?;
    let copied = copy_to(database, &draft)
        .and_then(|()| inspect(&draft).map_err(CopyError::Unusable))
        .and_then(|()| Ok(files::finish(&draft, &place)?));
    if copied.is_err() {
        // It may have filled the disk.
        files::discard(&draft)?;
    }
    copied
}

fn copy_to(database: &Path, draft: &Path) -> Result<(), CopyError> {
    let source = Connection::open_with_flags(
        database,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    source.busy_timeout(BUSY_TIMEOUT)?;
    let mut target = Connection::open_with_flags(
        draft,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    // It is synced as a whole before it counts.
    target.pragma_update(None, "synchronous", "OFF")?;
    // In one step: it reads what was there when it began, and writers go on meanwhile.
    match Backup::new(&source, &mut target)?.step(-1)? {
        StepResult::Done => {}
        _ => return Err(CopyError::Busy),
    }
    // A file that stands alone: nothing of it is in a log beside it.
    target.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(()))?;
    target.close().map_err(|(_, error)| error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::schema::{APPLICATION_ID, MIGRATIONS};

    fn database(folder: &Path) -> (PathBuf, Connection) {
        let path = folder.join("sessions.db");
        let mut db = Connection::open(&path).unwrap();
        db.pragma_update(None, "application_id", APPLICATION_ID)
            .unwrap();
        db.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))
            .unwrap();
        MIGRATIONS.to_latest(&mut db).unwrap();
        (path, db)
    }

    fn add(db: &Connection, name: &str) {
        db.execute(
            "INSERT INTO clientes (name, note, wanted, created) VALUES (?1, '', 'stopped', 0)",
            [name],
        )
        .unwrap();
    }

    fn names(path: &Path) -> Vec<String> {
        let Ok(db) = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY) else {
            return Vec::new();
        };
        let mut query = db.prepare("SELECT name FROM clientes ORDER BY id").unwrap();
        let names = query.query_map([], |row| row.get(0)).unwrap();
        names.map(Result::unwrap).collect()
    }

    /// Waits for what another thread does.
    fn until(what: &str, done: impl Fn() -> bool) {
        let patience = Instant::now() + Duration::from_secs(20);
        while !done() {
            assert!(Instant::now() < patience, "{what}");
            thread::sleep(Duration::from_millis(5));
        }
    }

    #[test]
    fn a_copy_is_made_at_once_and_a_last_one_at_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let (path, db) = database(folder.path());
        add(&db, "a");
        let keeper = Keeper::start(path.clone(), Duration::from_secs(3600)).unwrap();
        until("the first copy", || names(&path_of(&path)) == ["a"]);
        add(&db, "b");
        keeper.changed();
        add(&db, "c");
        keeper.changed();
        keeper.finish();
        assert_eq!(names(&path_of(&path)), ["a", "b", "c"]);
        // It stands alone: no log, no draft.
        let beside: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.contains(".backup"))
            .collect();
        assert_eq!(beside, ["sessions.db.backup"]);
    }

    #[test]
    fn changes_are_copied_while_the_program_runs_and_only_then() {
        let folder = tempfile::tempdir().unwrap();
        let (path, db) = database(folder.path());
        let keeper = Keeper::start(path.clone(), Duration::from_millis(20)).unwrap();
        for name in ["a", "b"] {
            add(&db, name);
            keeper.changed();
            until(name, || {
                names(&path_of(&path))
                    .last()
                    .is_some_and(|last| last == name)
            });
        }
        let when = fs::metadata(path_of(&path)).unwrap().modified().unwrap();
        keeper.finish();
        let after = fs::metadata(path_of(&path)).unwrap().modified().unwrap();
        assert_eq!(when, after, "nothing had changed since");
    }

    #[test]
    fn a_copy_that_fails_leaves_the_one_before_and_no_draft() {
        let folder = tempfile::tempdir().unwrap();
        let (path, db) = database(folder.path());
        add(&db, "a");
        copy(&path).unwrap();
        let before = fs::read(path_of(&path)).unwrap();
        // Another program's database is copied well, but is not in order.
        db.pragma_update(None, "application_id", 77).unwrap();
        assert!(matches!(copy(&path), Err(CopyError::Unusable(_))));
        assert_eq!(fs::read(path_of(&path)).unwrap(), before);
        assert!(!files::with_suffix(&path, ".backup.draft").exists());
    }

    #[test]
    fn a_copy_holds_what_is_still_in_the_log_while_a_writer_is_at_work() {
        let folder = tempfile::tempdir().unwrap();
        let (path, db) = database(folder.path());
        add(&db, "a");
        db.execute_batch("BEGIN IMMEDIATE").unwrap();
        add(&db, "not yet");
        copy(&path).unwrap();
        assert_eq!(names(&path_of(&path)), ["a"]);
        db.execute_batch("COMMIT").unwrap();
    }
}
