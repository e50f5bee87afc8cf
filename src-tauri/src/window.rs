//! The program with its window: built, closed, hidden, and ended in order.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use session_api::dto::{ControlEvent, DeskView, OnClose, Place};
use session_api::updates::UpdateWay;
use tauri::{
    AppHandle, LogicalSize, Manager as _, RunEvent, Runtime, WebviewUrl, WebviewWindowBuilder,
    WindowEvent,
};
use tauri_plugin_shell::ShellExt as _;
use tauri_plugin_window_state::{AppHandleExt as _, StateFlags};
use tokio::sync::oneshot;
use tokio_util::task::TaskTracker;

use crate::alerts::Alert;
use crate::autostart::Autostart;
use crate::backend::Backend;
use crate::commands::{self, Subscribers};
use crate::host::{Shell, Surface};
use crate::instance::Instance;
use crate::logging;
use crate::options::{Folders, Options};
use crate::signals::Signals;
use crate::updates::{self, LastAct, NoSource, PluginSource, Source};
use crate::watch::Needs;
use crate::{folder_dialog, notify, tray};

const WINDOW: &str = "main";
/// Room for what the system draws above the page, in logical pixels.
const TITLE_BAR: f64 = 48.0;
/// Where to read how to get a browser.
const BROWSER_HELP: &str = "https://www.google.com/chrome/";

/// What is remembered of the window. Whether it was hidden is not: who starts a program wants to see it.
const REMEMBERED: StateFlags = StateFlags::SIZE
    .union(StateFlags::POSITION)
    .union(StateFlags::MAXIMIZED);

struct Window<R: Runtime> {
    app: AppHandle<R>,
    data: PathBuf,
    /// Nothing where the program does not know its own place.
    autostart: Option<Autostart>,
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

/// What the window's events need. The backend leaves it when the program ends.
struct Running {
    backend: Mutex<Option<Backend>>,
    shell: Arc<Shell>,
    ending: AtomicBool,
    /// What is to be done when everything has ended, before the program starts anew; nothing: it just ends.
    anew: Mutex<Option<LastAct>>,
}

impl Running {
    /// Whether the end has begun.
    fn is_ending(&self) -> bool {
        let backend = self.backend.lock().unwrap_or_else(PoisonError::into_inner);
        backend.is_none()
    }
}

/// Runs until the person or a signal ends it.
pub(crate) fn run(options: Options, instance: Instance) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("start the runtime")?;
    tauri::async_runtime::set(runtime.handle().clone());
    // A panic in setup would tear the event loop down without a word; an error is told by `main`.
    let failed = Arc::new(Mutex::new(None));
    let setup_failed = Arc::clone(&failed);
    let (minimized, own_data) = (options.minimized, options.data_dir.join("window"));
    // An absolute path, which takes the place of the plugin's own folder: each data folder has its own window.
    let remembered = options.data_dir.join("window-state.json");
    let context = tauri::generate_context!();
    let mut builder = tauri::Builder::default()
        .plugin(logging::plugin(&options.data_dir.join("logs"), options.log))
        .plugin(tauri_plugin_shell::init())
        .plugin(tauri_plugin_dialog::init())
        .plugin(
            tauri_plugin_window_state::Builder::new()
                .with_filename(remembered.display().to_string())
                .with_state_flags(REMEMBERED)
                .build(),
        );
    if updates::is_configured(context.config()) {
        builder = builder.plugin(tauri_plugin_updater::Builder::new().build());
    }
    let app = builder
        .invoke_handler(commands::handler())
        .setup(move |app| {
            let outcome = tauri::async_runtime::block_on(open(app.handle(), options, instance))
                .and_then(|()| show(app.handle(), minimized, own_data));
            if let Err(error) = outcome {
                *setup_failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                app.handle().exit(1);
            }
            Ok(())
        })
        .build(context)
        .context("open the window")?;
    let code = app.run_return(on_event);
    let failure = failed.lock().unwrap_or_else(PoisonError::into_inner).take();
    match failure {
        Some(error) => Err(error),
        None if code == 0 => Ok(()),
        None => Err(anyhow::anyhow!("the window ended with code {code}")),
    }
}

async fn open<R: Runtime>(
    app: &AppHandle<R>,
    options: Options,
    instance: Instance,
) -> anyhow::Result<()> {
    let (ended, mut raises) = Signals::listen().context("listen to signals")?.split();
    let surface = Window {
        app: app.clone(),
        data: options.data_dir.clone(),
        autostart: autostart(&options),
    };
    let backend = Backend::open(options, instance, Box::new(surface)).await?;
    backend.begin().await?;
    let handle = app.clone();
    backend.spawn(async move {
        ended.await;
        handle.exit(0);
    });
    let handle = app.clone();
    backend.spawn(async move {
        loop {
            raises.next().await;
            reveal(&handle);
        }
    });
    app.manage(Subscribers::new(TaskTracker::new()));
    app.manage(backend.room.clone());
    app.manage(Running {
        shell: Arc::clone(&backend.shell),
        backend: Mutex::new(Some(backend)),
        ending: AtomicBool::new(false),
        anew: Mutex::new(None),
    });
    Ok(())
}

fn show<R: Runtime>(app: &AppHandle<R>, minimized: bool, own_data: PathBuf) -> anyhow::Result<()> {
    let window = WebviewWindowBuilder::new(app, WINDOW, WebviewUrl::default())
        .title("Session Manager")
        // Else the webview keeps its caches in a folder of its own beside ours.
        .data_directory(own_data)
        .inner_size(1200.0, 780.0)
        .min_inner_size(800.0, 500.0)
        // On a small screen the whole window shows, its title bar too.
        .prevent_overflow_with_margin(LogicalSize::new(0.0, TITLE_BAR))
        .visible(!minimized)
        // The control room is one page; nothing else is ever shown in this window.
        .on_navigation(|url| {
            matches!(url.scheme(), "tauri")
                || matches!(url.host_str(), Some("localhost" | "tauri.localhost"))
        })
        .build()
        .context("open the window")?;
    if minimized && !has_tray(app) {
        // Nobody could get it back from nowhere.
        window
            .minimize()
            .and_then(|()| window.show())
            .context("minimise the window")?;
    }
    Ok(())
}

/// Whether the person can get a hidden window back, as far as was known last.
fn has_tray<R: Runtime>(app: &AppHandle<R>) -> bool {
    let running = app.try_state::<Running>();
    running.is_some_and(|running| running.shell.desk().is_some_and(|desk| desk.tray))
}

fn on_event<R: Runtime>(app: &AppHandle<R>, event: RunEvent) {
    match event {
        // Somebody may have changed it with the system's own tools, or the panel with the tray came or went.
        RunEvent::WindowEvent {
            event: WindowEvent::Focused(true),
            ..
        } => {
            if let Some(running) = app.try_state::<Running>() {
                let shell = Arc::clone(&running.shell);
                tauri::async_runtime::spawn(async move { shell.look_at_desk().await });
            }
        }
        RunEvent::WindowEvent {
            event: WindowEvent::CloseRequested { api, .. },
            ..
        } => {
            let Some(running) = app.try_state::<Running>() else {
                return;
            };
            api.prevent_close();
            if running.is_ending() {
                return;
            }
            match running.shell.on_close() {
                Some(OnClose::Quit) => app.exit(0),
                Some(OnClose::KeepRunning) => hide(app),
                None => {}
            }
        }
        RunEvent::ExitRequested { api, code, .. } => {
            let Some(running) = app.try_state::<Running>() else {
                return;
            };
            let backend = running
                .backend
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take();
            let Some(backend) = backend else {
                // The second request comes from below, when everything has ended.
                if !running.ending.load(Ordering::SeqCst) {
                    api.prevent_exit();
                }
                return;
            };
            api.prevent_exit();
            // The page says so, and what is still open; a window that just vanished would leave a program nobody sees.
            let _ = running.shell.events.send(ControlEvent::Ending);
            remember(app);
            let (app, code) = (app.clone(), code.unwrap_or(0));
            tauri::async_runtime::spawn(async move {
                backend.shutdown().await;
                let Some(running) = app.try_state::<Running>() else {
                    return;
                };
                running.ending.store(true, Ordering::SeqCst);
                let anew = running
                    .anew
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .take();
                match anew {
                    Some(last) => {
                        last();
                        app.request_restart();
                    }
                    None => app.exit(code),
                }
            });
        }
        _ => {}
    }
}

/// Ends everything in order, as when somebody quits, and starts the program again.
fn begin_anew<R: Runtime>(app: &AppHandle<R>, last: LastAct) {
    if let Some(running) = app.try_state::<Running>() {
        *running.anew.lock().unwrap_or_else(PoisonError::into_inner) = Some(last);
    }
    app.exit(0);
}

/// Takes the window away: into the tray, or where there is none to the other minimised ones.
fn hide<R: Runtime>(app: &AppHandle<R>) {
    remember(app);
    let Some(running) = app.try_state::<Running>() else {
        return;
    };
    let (app, shell) = (app.clone(), Arc::clone(&running.shell));
    tauri::async_runtime::spawn(async move {
        // The panel may have come or gone since the window got the focus.
        shell.look_at_desk().await;
        take_away(&app);
    });
}

fn take_away<R: Runtime>(app: &AppHandle<R>) {
    let tray = has_tray(app);
    if let Some(window) = app.get_webview_window(WINDOW)
        && let Err(error) = if tray {
            window.hide()
        } else {
            window.minimize()
        }
    {
        tracing::warn!(%error, "the window cannot be hidden");
    }
}

/// Writes down where the window is: who is killed later cannot.
fn remember<R: Runtime>(app: &AppHandle<R>) {
    if let Err(error) = app.save_window_state(REMEMBERED) {
        tracing::warn!(%error, "the place of the window is not remembered");
    }
}

/// Shows the window, and in it the card of a cliente.
pub(crate) fn show_cliente<R: Runtime>(app: &AppHandle<R>, id: u64) {
    reveal(app);
    if let Some(running) = app.try_state::<Running>() {
        // Nobody listening is fine.
        let _ = running.shell.events.send(ControlEvent::ShowCliente { id });
    }
}

/// Shows the window.
pub(crate) fn reveal<R: Runtime>(app: &AppHandle<R>) {
    if let Some(window) = app.get_webview_window(WINDOW) {
        // What cannot be raised is at least not hidden.
        let _ = window
            .show()
            .and_then(|()| window.unminimize())
            .and_then(|()| window.set_focus());
    }
}
