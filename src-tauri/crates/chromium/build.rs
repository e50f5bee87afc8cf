//! Brings the page scripts in: wa-js, which npm installs, and our bridge, which esbuild bundles.

use std::path::{Path, PathBuf};
use std::{env, fs};

const SCRIPTS: [(&str, &str, &str); 2] = [
    (
        "node_modules/@wppconnect/wa-js/dist/wppconnect-wa.js",
        "wa-js.js",
        "npm ci",
    ),
    ("bridge/dist/bridge.js", "bridge.js", "npm run build:bridge"),
];

fn main() -> Result<(), String> {
    let here = variable("CARGO_MANIFEST_DIR")?;
    let out = variable("OUT_DIR")?;
    let ui = here.join("../../../ui");
    for (from, to, command) in SCRIPTS {
        let from = ui.join(from);
        println!("cargo:rerun-if-changed={}", from.display());
        copy(&from, &out.join(to)).map_err(|cause| {
            format!(
                "{} is missing ({cause}): run `{command}` in `ui/`",
                from.display()
            )
        })?;
    }
    Ok(())
}

fn variable(name: &str) -> Result<PathBuf, String> {
    env::var_os(name)
        .map(PathBuf::from)
        .ok_or_else(|| format!("{name} is not set"))
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::read(from).and_then(|script| fs::write(to, script))
}
