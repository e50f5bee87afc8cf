//! What the program shows and asks outside its page: folders, the tray, notifications, the start with the system.

use std::io;
use std::path::{Path, PathBuf};

use session_api::dto::{DeskView, OnClose, Place};
use session_api::updates::UpdateWay;
use tauri::{AppHandle, Manager as _, Runtime};
use tauri_plugin_shell::ShellExt as _;
use tokio::sync::oneshot;

use super::{WINDOW, begin_anew, hide, show_cliente};
use crate::alerts::Alert;
use crate::autostart::Autostart;
use crate::host::Surface;
use crate::options::{Folders, Options};
use crate::updates::{self, NoSource, PluginSource, Source};
use crate::watch::Needs;
use crate::{folder_dialog, notify, tray};

/// Where to read how to get a browser.
const BROWSER_HELP: &str = "https://www.google.com/chrome/";

pub(super) struct Window<R: Runtime> {
    app: AppHandle<R>,
    data: PathBuf,
    /// Nothing where the program does not know its own place.
    autostart: Option<Autostart>,
}

impl<R: Runtime> Window<R> {
    /// The window of a program with these options.
    pub(super) fn of(app: &AppHandle<R>, options: &Options) -> Self {
        Self {
            app: app.clone(),
            data: options.data_dir.clone(),
            autostart: autostart(options),
        }
    }
}

impl<R: Runtime> Surface for Window<R> {
    fn open(&self, place: Place) -> bool {
        let target = match place {
            Place::Data => self.data.display().to_string(),
            Place::Logs => self.data.join("logs").display().to_string(),
            Place::BrowserHelp => BROWSER_HELP.to_owned(),
            Place::Downloads => match self.downloads() {
                Some(folder) => folder.display().to_string(),
                None => return false,
            },
        };
        let opener = if cfg!(target_os = "macos") {
            "open"
        } else if cfg!(target_os = "windows") {
            "explorer"
        } else {
            "xdg-open"
        };
        let started = self.app.shell().command(opener).arg(target).spawn();
        if let Err(error) = &started {
            tracing::warn!(%error, opener, "nothing was opened");
        }
        started.is_ok()
    }

    fn reveal(&self, path: &Path) -> bool {
        let shell = self.app.shell();
        let shown = if cfg!(target_os = "macos") {
            shell.command("open").arg("-R").arg(path).spawn()
        } else if cfg!(target_os = "windows") {
            shell
                .command("explorer")
                .arg(format!("/select,{}", path.display()))
                .spawn()
        } else {
            // Not every file manager of Linux can be asked to point at a file; all open a folder.
            let folder = path.parent().unwrap_or(path);
            shell.command("xdg-open").arg(folder).spawn()
        };
        if let Err(error) = &shown {
            tracing::warn!(%error, "the folder was not opened");
        }
        shown.is_ok()
    }

    fn downloads(&self) -> Option<PathBuf> {
        // Some desktops have none; the home folder is where people look next.
        let path = self.app.path();
        path.download_dir().or_else(|_| path.home_dir()).ok()
    }

    fn choose_folder(
        &self,
        title: &str,
        from: Option<&Path>,
    ) -> Option<oneshot::Receiver<Option<PathBuf>>> {
        let window = self.app.get_webview_window(WINDOW)?;
        Some(folder_dialog::open(&window, title, from))
    }

    fn close(&self, choice: OnClose) {
        match choice {
            OnClose::KeepRunning => hide(&self.app),
            OnClose::Quit => self.app.exit(0),
        }
    }

    fn updates(&self) -> Box<dyn Source> {
        if !updates::is_configured(self.app.config()) {
            return Box::new(NoSource(updates::way(UpdateWay::Nobody)));
        }
        let app = self.app.clone();
        Box::new(PluginSource::new(
            app.clone(),
            Box::new(move |last| begin_anew(&app, last)),
        ))
    }

    fn is_focused(&self) -> bool {
        let window = self.app.get_webview_window(WINDOW);
        window.is_some_and(|window| {
            window.is_visible().unwrap_or(false) && window.is_focused().unwrap_or(false)
        })
    }

    fn needs(&self, needs: &Needs) {
        let (app, needs) = (self.app.clone(), needs.clone());
        let pictures = self.data.join("tray");
        let drawn = self.app.run_on_main_thread(move || {
            let drawn = if app.tray_by_id(tray::TRAY).is_some() {
                tray::update(&app, &needs)
            } else {
                tray::build(&app, &needs, &pictures).map(|_| ())
            };
            if let Err(error) = drawn {
                // Some desktops have no tray; the window works without.
                tracing::warn!(%error, "no tray icon");
            }
        });
        if let Err(error) = drawn {
            tracing::debug!(%error, "nobody is there to draw the tray icon");
        }
    }

    fn notify(&self, alert: Alert) {
        let app = self.app.clone();
        notify::show(alert, move |id| show_cliente(&app, id));
    }

    fn desk(&self) -> Option<DeskView> {
        let asked = self.autostart.as_ref().map(Autostart::is_on);
        Some(DeskView {
            tray: tray::is_shown(),
            autostart: asked.and_then(|on| {
                on.inspect_err(
                    |error| tracing::warn!(%error, "the system does not say what it starts"),
                )
                .ok()
            }),
        })
    }

    fn set_autostart(&self, on: bool, minimized: bool) -> io::Result<()> {
        match &self.autostart {
            Some(autostart) => autostart.set(on, minimized),
            None => Err(io::ErrorKind::Unsupported.into()),
        }
    }
}

/// The start with the system of a program with these options.
fn autostart(options: &Options) -> Option<Autostart> {
    let folder = if options.demo {
        "session-manager-demo"
    } else {
        "session-manager"
    };
    let default = Folders::of_user().data.join(folder);
    let chosen = (options.data_dir != default).then_some(options.data_dir.as_path());
    Autostart::of(chosen, options.demo)
        .inspect_err(|error| tracing::warn!(%error, "the program does not know where it is"))
        .ok()
}
