//! Whether the program starts with the system: asked of the system and told to it, never remembered here.

use std::io;
use std::path::{Path, PathBuf};

/// The start of this program, with this data folder, together with the system.
#[derive(Clone, Debug)]
pub(crate) struct Autostart {
    program: PathBuf,
    arguments: Vec<String>,
    /// Tells entries of several data folders apart.
    name: String,
}

impl Autostart {
    /// For the program as it runs now. With a data folder that was chosen, an entry of its own.
    pub(crate) fn of(data: Option<&Path>, demo: bool) -> io::Result<Self> {
        let mut name = "session-manager".to_owned();
        let mut arguments = Vec::new();
        if demo {
            name.push_str("-demo");
            arguments.push("--demo".to_owned());
        }
        if let Some(data) = data {
            name.push('-');
            name.push_str(&fingerprint(data));
            arguments.push(format!("--data-dir={}", data.display()));
        }
        Ok(Self {
            program: std::env::current_exe()?,
            arguments,
            name,
        })
    }

    /// What the system says.
    pub(crate) fn is_on(&self) -> io::Result<bool> {
        system::is_on(self)
    }

    /// Tells the system. What it has from before is written anew.
    pub(crate) fn set(&self, on: bool, minimized: bool) -> io::Result<()> {
        let mut entry = self.clone();
        if minimized {
            entry.arguments.push("--minimized".to_owned());
        }
        if on {
            system::enable(&entry)
        } else {
            system::disable(&entry)
        }
    }
}

/// Short, and the same at every start: FNV-1a.
fn fingerprint(path: &Path) -> String {
    let bytes = path.as_os_str().as_encoded_bytes();
    let hash = bytes.iter().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    });
    format!("{hash:08x}")
}

/// By the desktop entry specification. The crate used elsewhere looks in one fixed folder here, quotes nothing, and takes
/// an entry that the desktop's own settings switched off for one that is on.
#[cfg(target_os = "linux")]
mod system {
    use std::{fs, io};

    use super::{Autostart, PathBuf};

    fn file(entry: &Autostart) -> io::Result<PathBuf> {
        let config = dirs::config_dir()
            .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "no configuration folder"))?;
        Ok(config
            .join("autostart")
            .join(format!("{}.desktop", entry.name)))
    }

    pub(super) fn is_on(entry: &Autostart) -> io::Result<bool> {
        match fs::read_to_string(file(entry)?) {
            Ok(text) => Ok(!text.lines().any(|line| {
                matches!(
                    line.split_once('=')
                        .map(|(key, value)| (key.trim(), value.trim())),
                    Some(("Hidden", "true") | ("X-GNOME-Autostart-enabled", "false"))
                )
            })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    pub(super) fn enable(entry: &Autostart) -> io::Result<()> {
        let path = file(entry)?;
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, text(entry))
    }

    pub(super) fn disable(entry: &Autostart) -> io::Result<()> {
        match fs::remove_file(file(entry)?) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    pub(super) fn text(entry: &Autostart) -> String {
        let mut line = quoted(&entry.program.display().to_string());
        for argument in &entry.arguments {
            line.push(' ');
            line.push_str(&quoted(argument));
        }
        format!(
            "[Desktop Entry]\nType=Application\nName=Session Manager\nExec={line}\nTerminal=false\nX-GNOME-Autostart-enabled=true\n"
        )
    }

    /// As an argument of `Exec`: quoted, and escaped once more as a value of the file.
    fn quoted(argument: &str) -> String {
        let mut text = String::from("\"");
        for letter in argument.chars() {
            match letter {
                '"' | '`' | '$' => {
                    text.push_str("\\\\");
                    text.push(letter);
                }
                '\\' => text.push_str("\\\\\\\\"),
                '%' => text.push_str("%%"),
                _ => text.push(letter),
            }
        }
        text.push('"');
        text
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::io;

    use super::Autostart;

    fn launch(entry: &Autostart) -> io::Result<auto_launch::AutoLaunch> {
        auto_launch::AutoLaunchBuilder::new()
            .set_app_name(&entry.name)
            .set_app_path(&entry.program.display().to_string())
            .set_args(&entry.arguments)
            .build()
            .map_err(io::Error::other)
    }

    pub(super) fn is_on(entry: &Autostart) -> io::Result<bool> {
        launch(entry)?.is_enabled().map_err(io::Error::other)
    }

    pub(super) fn enable(entry: &Autostart) -> io::Result<()> {
        launch(entry)?.enable().map_err(io::Error::other)
    }

    pub(super) fn disable(entry: &Autostart) -> io::Result<()> {
        launch(entry)?.disable().map_err(io::Error::other)
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_anything_in_it_is_one_argument() {
        let entry = Autostart {
            program: PathBuf::from("/opt/my programs/s\"m$"),
            arguments: vec!["--data-dir=/a b/100%\\x".to_owned()],
            name: "session-manager".to_owned(),
        };
        let text = system::text(&entry);
        assert!(
            text.contains(
                "Exec=\"/opt/my programs/s\\\\\"m\\\\$\" \"--data-dir=/a b/100%%\\\\\\\\x\"\n"
            ),
            "{text}"
        );
    }

    #[test]
    fn each_data_folder_has_an_entry_of_its_own() {
        let of = |data: &str| Autostart::of(Some(Path::new(data)), false).unwrap().name;
        assert_ne!(of("/a"), of("/b"));
        assert_eq!(of("/a"), of("/a"));
        assert_eq!(Autostart::of(None, false).unwrap().name, "session-manager");
    }
}
