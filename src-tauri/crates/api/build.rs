//! The control room is embedded from `ui/dist`. The folder is made here so that the crate also builds before the UI
//! was, and so that there is something to watch for changes.

fn main() {
    let dist = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../ui/dist");
    // On a read-only checkout the embedding itself copes with a missing folder.
    let _ = std::fs::create_dir_all(&dist);
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", dist.display());
}
