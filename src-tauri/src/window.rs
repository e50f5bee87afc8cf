//! The program with its window: built, closed, hidden, and ended in order.

mod surface;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use session_api::dto::{ControlEvent, OnClose};
use tauri::{
    AppHandle, LogicalSize, Manager as _, RunEvent, Runtime, WebviewUrl, WebviewWindowBuilder,
    WindowEvent,
};
use tauri_plugin_window_state::{AppHandleExt as _, StateFlags};
use tokio_util::task::TaskTracker;

use crate::backend::Backend;
use crate::commands::{self, Subscribers};
use crate::host::Shell;
use crate::instance::Instance;
use crate::logging;
use crate::options::Options;
use crate::signals::Signals;
use crate::updates::{self, LastAct};

use surface::Window;

const WINDOW: &str = "main";
/// Room for what the system draws above the page, in logical pixels.
const TITLE_BAR: f64 = 48.0;

/// What is remembered of the window. Whether it was hidden is not: who starts a program wants to see it.
const REMEMBERED: StateFlags = StateFlags::SIZE
    .union(StateFlags::POSITION)
    .union(StateFlags::MAXIMIZED);

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
    let surface = Window::of(app, &options);
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
