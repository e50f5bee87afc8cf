//! Whether a window can be shown here, and in which browser.

use std::ffi::OsString;

use session_core::ports::NoWindow;

use crate::detect::{FoundBrowser, detect};

/// Whether there is a screen, as far as the environment says. A browser finds out for itself whether it answers.
pub(crate) fn is_there() -> bool {
    // Windows and macOS have one wherever a person can start a program.
    !cfg!(target_os = "linux") || server(&|name| std::env::var_os(name)).is_some()
}

/// Whose windows there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Server {
    /// X11, natively or through Wayland's bridge to it.
    X11,
    /// Wayland alone.
    Wayland,
}

/// The display server that the environment names.
pub(crate) fn server(variable: &dyn Fn(&str) -> Option<OsString>) -> Option<Server> {
    let names = |name| variable(name).is_some_and(|value| !value.is_empty());
    if names("DISPLAY") {
        Some(Server::X11)
    } else if names("WAYLAND_DISPLAY") {
        Some(Server::Wayland)
    } else {
        None
    }
}

/// The browser to show: the one that is used, unless that has no windows. Blocks for up to 5 s where another one has to
/// be found.
pub(crate) fn with_windows(used: &FoundBrowser) -> Result<FoundBrowser, NoWindow> {
    if !is_there() {
        return Err(NoWindow::NoScreen);
    }
    if used.is_headless_shell() {
        detect(None).map_err(|_| NoWindow::NoBrowser)
    } else {
        Ok(used.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_screen_is_the_one_that_the_environment_names() {
        for (set, expected) in [
            (&[][..], None),
            (&[("DISPLAY", "")][..], None),
            (&[("DISPLAY", ":0")][..], Some(Server::X11)),
            (
                &[("WAYLAND_DISPLAY", "wayland-0")][..],
                Some(Server::Wayland),
            ),
            (
                &[("DISPLAY", ":0"), ("WAYLAND_DISPLAY", "wayland-0")][..],
                Some(Server::X11),
            ),
        ] {
            let variable = |name: &str| {
                let found = set.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| OsString::from(value))
            };
            assert_eq!(server(&variable), expected, "{set:?}");
        }
    }
}
