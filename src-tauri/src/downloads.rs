//! Files that the person asked for, saved beside what browsers download.

use std::fs::{File, create_dir_all, remove_file};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// Names that are tried for one file.
const TRIES: u32 = 1000;

/// Saves a text under this name, or under "name (2).csv" and so on where it is taken: nothing is ever written over.
pub(crate) fn save(folder: &Path, name: &str, text: &str) -> io::Result<PathBuf> {
    create_dir_all(folder)?;
    for number in 1..=TRIES {
        let path = folder.join(numbered(name, number));
        match File::create_new(&path) {
            Ok(mut file) => {
                // Half a file looks like a whole one.
                let written = file
                    .write_all(text.as_bytes())
                    .and_then(|()| file.sync_all());
                if let Err(error) = written {
                    let _ = remove_file(&path);
                    return Err(error);
                }
                return Ok(path);
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

fn numbered(name: &str, number: u32) -> String {
    match (number, name.rsplit_once('.')) {
        (1, _) => name.to_owned(),
        (_, Some((stem, extension))) => format!("{stem} ({number}).{extension}"),
        (_, None) => format!("{name} ({number})"),
    }
}

#[cfg(test)]
mod tests {
    use super::save;

    #[test]
    fn a_file_that_is_there_is_never_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("Descargas");
        let names: Vec<_> = ["one", "two", "three"]
            .map(|text| save(&deep, "clientes.csv", text).unwrap())
            .iter()
            .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
            .collect();
        assert_eq!(
            names,
            ["clientes.csv", "clientes (2).csv", "clientes (3).csv"]
        );
        let first = std::fs::read_to_string(deep.join("clientes.csv")).unwrap();
        assert_eq!(first, "one");
    }
}
