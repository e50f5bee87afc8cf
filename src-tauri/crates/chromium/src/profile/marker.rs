//! Whether the next start needs no scan: `login.json`, beside the browser's own folder.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

/// What `login.json` says.
#[derive(Serialize, Deserialize)]
struct Login {
    linked: bool,
}

/// What it says of the profile in this folder. A file that is none counts as "not linked".
pub(super) fn says_linked(folder: &Path) -> bool {
    fs::read(folder.join("login.json"))
        .ok()
        .and_then(|text| serde_json::from_slice::<Login>(&text).ok())
        .is_some_and(|login| login.linked)
}

/// Has it say this from now on, whatever happens meanwhile. The folder has to be there.
pub(super) fn write(folder: &Path, linked: bool) -> io::Result<()> {
    let target = folder.join("login.json");
    let draft = folder.join("login.json.new");
    let mut file = fs::File::create(&draft)?;
    file.write_all(&serde_json::to_vec(&Login { linked })?)?;
    file.sync_all()?;
    drop(file);
    fs::rename(draft, target)
}
