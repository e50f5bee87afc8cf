//! What is on the disk, from outside: sizes, ages, and whether it is whole. No content of a saved login.

use std::fs::{self, File};
use std::io::{self, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use session_core::{Change, ClienteId};
use session_store::Examination;

use super::plain;

/// Files of a profile that are counted before it is called large.
const MOST_FILES: usize = 50_000;

fn database_path(data: &Path) -> PathBuf {
    data.join("sessions.db")
}

/// Checks the database.
pub(super) fn examine(data: &Path) -> Result<Examination, String> {
    let path = database_path(data);
    if !path.exists() {
        return Err("there is none".to_owned());
    }
    session_store::examine(&path)
}

/// The changes of a cliente, read from the file.
pub(super) fn timeline(data: &Path, id: ClienteId, limit: u32) -> Result<Vec<Change>, String> {
    session_store::timeline(&database_path(data), id, limit)
}

/// What was found of the database, and its files.
pub(super) fn database(data: &Path, found: &Result<Examination, String>) -> Value {
    let files: Vec<Value> = entries(data)
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("sessions.db"))
        .map(|entry| {
            json!({ "name": entry.file_name().to_string_lossy(), "kib": kib(entry.metadata().map_or(0, |of| of.len())) })
        })
        .collect();
    match found {
        Ok(found) => json!({
            "integrity_check": found.integrity,
            "schema": found.schema.0,
            "schema_of_this_program": found.schema.1,
            "rows": found.rows,
            "files": files,
        }),
        Err(error) => json!({ "error": error, "files": files }),
    }
}

/// A profile from outside.
pub(super) fn profile(data: &Path, id: ClienteId, ids: &[ClienteId]) -> Value {
    let folder = data.join("profiles").join(id.to_string());
    let (size, files) = size(&folder);
    let marked = fs::read(folder.join("login.json"))
        .ok()
        .and_then(|text| serde_json::from_slice::<Value>(&text).ok())
        .map(|mark| mark["linked"] == true);
    let spares: Vec<Value> = entries(&folder.join("spares"))
        .map(|entry| json!({ "taken": modified(&entry).map(plain::moment), "kib": kib(size_of(&entry)) }))
        .collect();
    json!({
        "id": plain::label(id, ids),
        "there": folder.is_dir(),
        "kib": kib(size),
        "files": files,
        "login_marked": marked,
        "spares": spares,
    })
}

/// Pictures that were kept when something failed: whose, when (ms since 1970), where.
pub(super) fn kept_pictures(data: &Path) -> Vec<(ClienteId, u64, PathBuf)> {
    entries(&data.join("diagnostics"))
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let (id, millis) = name.strip_suffix(".png")?.split_once('-')?;
            Some((id.parse().ok()?, millis.parse().ok()?, entry.path()))
        })
        .collect()
}

/// The logs with their sizes, the newest first.
pub(super) fn logs(data: &Path) -> Vec<(PathBuf, u64)> {
    let mut all: Vec<_> = entries(&data.join("logs"))
        .filter(|entry| entry.file_name().to_string_lossy().contains(".log"))
        .filter_map(|entry| {
            let about = entry.metadata().ok().filter(fs::Metadata::is_file)?;
            Some((modified(&entry), entry.path(), about.len()))
        })
        .collect();
    all.sort_by_key(|(time, _, _)| std::cmp::Reverse(*time));
    all.into_iter()
        .map(|(_, path, size)| (path, size))
        .collect()
}

/// Stands at the last so many bytes: of a long log the end is what counts.
pub(super) fn skip_to_last(file: &mut File, size: u64, taken: u64) -> io::Result<()> {
    file.seek(SeekFrom::Start(size - taken)).map(drop)
}

/// Whether a line of the log is about this cliente, or about none.
pub(super) fn concerns(line: &str, id: u64) -> bool {
    let Some((_, after)) = line.split_once("cliente=") else {
        return true;
    };
    let end = after
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(after.len());
    after[..end] == id.to_string()
}

fn entries(folder: &Path) -> impl Iterator<Item = fs::DirEntry> {
    fs::read_dir(folder).into_iter().flatten().flatten()
}

fn modified(entry: &fs::DirEntry) -> Option<u64> {
    let time: SystemTime = entry.metadata().ok()?.modified().ok()?;
    u64::try_from(time.duration_since(UNIX_EPOCH).ok()?.as_millis()).ok()
}

fn size_of(entry: &fs::DirEntry) -> u64 {
    if entry.path().is_dir() {
        size(&entry.path()).0
    } else {
        entry.metadata().map_or(0, |of| of.len())
    }
}

/// Bytes and files of a folder. Links are not followed.
fn size(folder: &Path) -> (u64, usize) {
    let (mut bytes, mut files) = (0, 0);
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in entries(&folder) {
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                bytes += entry.metadata().map_or(0, |of| of.len());
                files += 1;
            }
            if files > MOST_FILES {
                return (bytes, files);
            }
        }
    }
    (bytes, files)
}

const fn kib(bytes: u64) -> u64 {
    bytes.div_ceil(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_about_another_cliente_concerns_nobody_else() {
        for (line, concerned) in [
            ("INFO core state changed cliente=7 from=READY", true),
            ("INFO core state changed cliente=70 from=READY", false),
            ("INFO core state changed cliente=7", true),
            ("INFO the local API listens", true),
        ] {
            assert_eq!(concerns(line, 7), concerned, "{line}");
        }
    }
}
