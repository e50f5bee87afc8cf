//! Finds a browser: Chromium, Chrome, Edge or Brave.

use std::env;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// A browser that can be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundBrowser {
    /// Where it is.
    pub path: PathBuf,
    /// What people call it.
    pub name: &'static str,
    /// Its version, `156.0.8078.79`; none where the program cannot be asked (Windows).
    pub version: Option<String>,
}

impl FoundBrowser {
    /// Whether this is Chromium's headless shell: the pages without the browser around them. It needs half the memory,
    /// and has no window to show.
    pub fn is_headless_shell(&self) -> bool {
        self.path.file_name().is_some_and(|name| {
            let name = name.to_string_lossy().to_lowercase();
            name.contains("headless-shell") || name.contains("headless_shell")
        })
    }
}

/// No browser to start.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum DetectError {
    /// Nothing is installed.
    #[error(
        "no browser was found: install Chromium, Google Chrome, Microsoft Edge or Brave, or name one with --browser"
    )]
    NotFound,
    /// The named file is not there.
    #[error("there is no browser at {}", .0.display())]
    Missing(PathBuf),
    /// The named file is not a program.
    #[error("{} is not a program that may be started", .0.display())]
    NotExecutable(PathBuf),
}

/// How long a browser may take to tell its version.
const VERSION_DEADLINE: Duration = Duration::from_secs(5);

/// Checks the given browser, or looks for one in the usual places. Blocks for up to 5 s while the browser tells its
/// version.
pub fn detect(explicit: Option<&Path>) -> Result<FoundBrowser, DetectError> {
    if let Some(path) = explicit {
        check(path)?;
        return Ok(describe(path.to_owned(), name_of(path)));
    }
    candidates()
        .into_iter()
        .find(|(path, _)| check(path).is_ok())
        .map(|(path, name)| describe(path, name))
        .ok_or(DetectError::NotFound)
}

fn describe(path: PathBuf, name: &'static str) -> FoundBrowser {
    let version = ask_version(&path);
    FoundBrowser {
        path,
        name,
        version,
    }
}

fn check(path: &Path) -> Result<(), DetectError> {
    let metadata = path
        .metadata()
        .map_err(|_| DetectError::Missing(path.to_owned()))?;
    if metadata.is_file() && may_execute(&metadata) {
        Ok(())
    } else {
        Err(DetectError::NotExecutable(path.to_owned()))
    }
}

#[cfg(unix)]
fn may_execute(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn may_execute(_metadata: &std::fs::Metadata) -> bool {
    true
}

fn name_of(path: &Path) -> &'static str {
    let file = path
        .file_name()
        .map(|name| name.to_string_lossy().to_lowercase())
        .unwrap_or_default();
    [
        ("brave", "Brave"),
        ("edge", "Edge"),
        ("chromium", "Chromium"),
        ("chrome", "Chrome"),
    ]
    .into_iter()
    .find_map(|(part, name)| file.contains(part).then_some(name))
    .unwrap_or("Chromium")
}

/// The places to look, the best first.
fn candidates() -> Vec<(PathBuf, &'static str)> {
    if cfg!(target_os = "macos") {
        mac_candidates(env::home_dir().as_deref())
    } else if cfg!(windows) {
        windows_candidates(&|name| env::var_os(name).map(PathBuf::from))
    } else {
        unix_candidates(&env::var_os("PATH").unwrap_or_default())
    }
}

fn unix_candidates(path: &std::ffi::OsStr) -> Vec<(PathBuf, &'static str)> {
    const NAMES: [(&str, &str); 9] = [
        ("chromium", "Chromium"),
        ("chromium-browser", "Chromium"),
        ("google-chrome-stable", "Chrome"),
        ("google-chrome", "Chrome"),
        ("chrome", "Chrome"),
        ("microsoft-edge-stable", "Edge"),
        ("microsoft-edge", "Edge"),
        ("brave-browser", "Brave"),
        ("brave", "Brave"),
    ];
    // What a program started from a desktop's menu may not have on its PATH.
    const PLACES: [&str; 7] = [
        "/usr/bin",
        "/usr/local/bin",
        "/snap/bin",
        "/opt/google/chrome",
        "/opt/microsoft/msedge",
        "/opt/brave.com/brave",
        "/usr/lib/chromium",
    ];
    let places: Vec<PathBuf> = env::split_paths(path)
        .filter(|place| place.is_absolute())
        .chain(PLACES.iter().map(PathBuf::from))
        .collect();
    NAMES
        .iter()
        .flat_map(|&(file, name)| places.iter().map(move |place| (place.join(file), name)))
        .collect()
}

fn mac_candidates(home: Option<&Path>) -> Vec<(PathBuf, &'static str)> {
    const APPS: [(&str, &str); 4] = [
        ("Google Chrome", "Chrome"),
        ("Chromium", "Chromium"),
        ("Microsoft Edge", "Edge"),
        ("Brave Browser", "Brave"),
    ];
    let folders = [
        Some(PathBuf::from("/Applications")),
        home.map(|home| home.join("Applications")),
    ];
    APPS.iter()
        .flat_map(|&(app, name)| {
            folders
                .iter()
                .flatten()
                .map(move |folder| (folder.join(format!("{app}.app/Contents/MacOS/{app}")), name))
        })
        .collect()
}

fn windows_candidates(variable: &dyn Fn(&str) -> Option<PathBuf>) -> Vec<(PathBuf, &'static str)> {
    const APPS: [(&str, &str); 4] = [
        (r"Google\Chrome\Application\chrome.exe", "Chrome"),
        (r"Chromium\Application\chrome.exe", "Chromium"),
        (r"Microsoft\Edge\Application\msedge.exe", "Edge"),
        (
            r"BraveSoftware\Brave-Browser\Application\brave.exe",
            "Brave",
        ),
    ];
    let folders: Vec<PathBuf> = ["ProgramFiles", "ProgramFiles(x86)", "LocalAppData"]
        .into_iter()
        .filter_map(variable)
        .collect();
    APPS.iter()
        .flat_map(|&(app, name)| folders.iter().map(move |folder| (folder.join(app), name)))
        .collect()
}

/// Asks the program itself. On Windows `chrome.exe --version` opens a window instead of answering.
fn ask_version(path: &Path) -> Option<String> {
    if cfg!(windows) {
        return None;
    }
    let mut child = Command::new(path)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let output = child.stdout.take();
    let end = Instant::now() + VERSION_DEADLINE;
    let answered = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status.success(),
            Ok(None) if Instant::now() < end => thread::sleep(Duration::from_millis(10)),
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                break false;
            }
        }
    };
    if !answered {
        return None;
    }
    // A version line fits into any pipe, so the program could end without being read.
    let mut text = String::new();
    output?.take(4096).read_to_string(&mut text).ok()?;
    parse_version(&text)
}

/// The first dotted number: `Chromium 156.0.8078.79 built on Debian`.
fn parse_version(text: &str) -> Option<String> {
    text.split_whitespace()
        .find(|word| {
            word.contains('.')
                && word
                    .split('.')
                    .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
        })
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_out_of_what_browsers_say() {
        for (text, version) in [
            (
                "Chromium 156.0.8078.79 built on Debian GNU/Linux 12 (bookworm)\n",
                Some("156.0.8078.79"),
            ),
            ("Google Chrome 141.0.7390.54 \n", Some("141.0.7390.54")),
            ("Brave Browser 140.1.82.166 unknown", Some("140.1.82.166")),
            ("Microsoft Edge 141.0.3537.57", Some("141.0.3537.57")),
            ("no version here", None),
            ("1..2", None),
            ("", None),
        ] {
            assert_eq!(parse_version(text).as_deref(), version, "{text}");
        }
    }

    #[test]
    fn a_named_browser_must_be_a_program() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("none");
        assert_eq!(
            detect(Some(&missing)),
            Err(DetectError::Missing(missing.clone()))
        );
        let text = folder.path().join("text");
        std::fs::write(&text, "not a program").unwrap();
        assert_eq!(
            detect(Some(&text)),
            Err(DetectError::NotExecutable(text.clone()))
        );
        assert_eq!(
            detect(Some(folder.path())),
            Err(DetectError::NotExecutable(folder.path().to_owned()))
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_named_browser_is_asked_for_its_version() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("brave-browser");
        std::fs::write(&script, "#!/bin/sh\necho 'Brave Browser 9.8.7.6'; exit 0\n").unwrap();
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
        let found = detect(Some(&script)).unwrap();
        assert_eq!(
            (found.name, found.version.as_deref()),
            ("Brave", Some("9.8.7.6"))
        );
    }

    #[test]
    fn each_system_has_its_own_places() {
        let unix = unix_candidates(std::ffi::OsStr::new("/here:relative:/there"));
        assert_eq!(unix[0], (PathBuf::from("/here/chromium"), "Chromium"));
        assert_eq!(unix[1], (PathBuf::from("/there/chromium"), "Chromium"));
        assert!(unix.iter().all(|(path, _)| path.is_absolute()));
        let mac = mac_candidates(Some(Path::new("/Users/ana")));
        assert!(mac.contains(&(
            PathBuf::from("/Users/ana/Applications/Brave Browser.app/Contents/MacOS/Brave Browser"),
            "Brave"
        )));
        let windows = windows_candidates(&|name| (name == "LocalAppData").then(|| "L".into()));
        assert_eq!(windows.len(), 4);
    }
}
