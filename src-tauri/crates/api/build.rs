//! The control room is embedded from `ui/dist`, the page of the API from `ui/reference/dist`. The folders are made here so
//! that the crate also builds before the UI was, and so that there is something to watch for changes.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    for folder in ["../../../ui/dist", "../../../ui/reference/dist"] {
        let dist = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        // On a read-only checkout the embedding itself copes with a missing folder.
        let _ = std::fs::create_dir_all(&dist);
        println!("cargo::rerun-if-changed={}", dist.display());
    }
}
