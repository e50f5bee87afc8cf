//! Looks for logins of other programs in a folder.

use std::collections::VecDeque;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use session_core::old_login::{OldKind, OldLogin, OldLoginsFound};
use session_core::{ClienteId, Timestamp};

use super::busy;
use crate::profile::spares;

/// From the parent of a service's folder down to a login: `service/sessions/cliente_7/session-cliente_7`.
const DEPTH: usize = 4;
/// Somebody may choose a whole disk.
const MOST_FOLDERS: usize = 20_000;
/// Where WhatsApp Web keeps its keys, below the browser's own folder.
const WHATSAPP: &str = "Default/IndexedDB/https_web.whatsapp.com_0.indexeddb.leveldb";

/// Finds the logins in this folder. Links are followed to the folder itself and no further. Blocks.
pub(super) fn find(folder: &Path) -> io::Result<OldLoginsFound> {
    let root = dunce::canonicalize(folder)?;
    // Where nothing can be listed there is nothing to show for it but the error.
    fs::read_dir(&root)?;
    let mut found = OldLoginsFound::default();
    let mut looked = 0;
    let mut waiting = VecDeque::from([(root, 0)]);
    while let Some((folder, depth)) = waiting.pop_front() {
        if looked == MOST_FOLDERS {
            found.cut_short = true;
            break;
        }
        looked += 1;
        match login(&folder) {
            Ok(Some(login)) => found.logins.push(login),
            Ok(None) if depth == DEPTH => {}
            Ok(None) => match subfolders(&folder) {
                Ok(below) => waiting.extend(below.into_iter().map(|path| (path, depth + 1))),
                Err(cause) => found.unreadable.push((folder, cause.kind())),
            },
            Err(cause) => found.unreadable.push((folder, cause.kind())),
        }
    }
    found.logins.sort_by(|a, b| {
        let key = |login: &OldLogin| (login.id.is_none(), login.id, login.path.clone());
        key(a).cmp(&key(b))
    });
    Ok(found)
}

/// The login that this folder is, if it is one.
pub(super) fn login(folder: &Path) -> io::Result<Option<OldLogin>> {
    let Some((kind, name)) = named(folder) else {
        return Ok(None);
    };
    let is_there = |name: &str| fs::symlink_metadata(folder.join(name)).is_ok();
    // Listed, so that a folder that nobody may enter is told and not passed over.
    fs::read_dir(folder)?;
    if !is_there("Local State") && !is_there("Default") {
        return Ok(None);
    }
    let items = spares::list_login(folder)?;
    let last_used = items
        .iter()
        .filter_map(|item| fs::metadata(folder.join(&item.path)).ok()?.modified().ok())
        .max()
        .and_then(millis);
    Ok(Some(OldLogin {
        path: folder.to_owned(),
        kind,
        id: name.strip_prefix("cliente_").and_then(id),
        name,
        bytes: items.iter().map(|item| item.length).sum(),
        last_used,
        linked: items.iter().any(|item| {
            item.length > 0 && item.path.starts_with(WHATSAPP) && holds_records(&item.path)
        }),
        in_use: busy::look(folder, &items),
    }))
}

/// What a folder's name, and that of the folder around it, says.
fn named(folder: &Path) -> Option<(OldKind, String)> {
    let name = folder.file_name()?.to_str()?;
    let client = match name.strip_prefix("session")? {
        "" => "",
        rest => rest.strip_prefix('-')?,
    };
    let around = folder
        .parent()
        .and_then(|parent| parent.file_name()?.to_str());
    let is_service =
        client.strip_prefix("cliente_").and_then(id).is_some() && around == Some(client);
    let kind = if is_service {
        OldKind::Service
    } else {
        OldKind::LocalAuth
    };
    Some((kind, client.to_owned()))
}

fn id(text: &str) -> Option<ClienteId> {
    text.parse().ok()
}

/// LevelDB's logs and tables; the other files are there in an empty database too.
fn holds_records(path: &Path) -> bool {
    path.extension()
        .is_some_and(|kind| kind == "log" || kind == "ldb" || kind == "sst")
}

fn millis(time: SystemTime) -> Option<Timestamp> {
    let millis = time.duration_since(UNIX_EPOCH).ok()?.as_millis();
    u64::try_from(millis).ok().map(Timestamp)
}

/// The folders in a folder that may lead to logins.
fn subfolders(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut below = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let hidden = name.starts_with('.') && name != ".wwebjs_auth";
        // Of the entry itself: a link is no folder.
        if entry.file_type()?.is_dir() && !hidden && name != "node_modules" {
            below.push(entry.path());
        }
    }
    below.sort();
    Ok(below)
}
