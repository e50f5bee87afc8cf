//! The program with its window: built, closed, hidden, and ended in order.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use session_api::dto::{OnClose, Place};
use tauri::menu::{MenuBuilder, MenuItemBuilder};
use tauri::tray::TrayIconBuilder;
use tauri::{
    AppHandle, Manager as _, RunEvent, Runtime, WebviewUrl, WebviewWindowBuilder, WindowEvent,
};
use tauri_plugin_shell::ShellExt as _;
use tokio_util::task::TaskTracker;

use crate::backend::Backend;
use crate::commands::{self, Subscribers};
use crate::host::{Shell, Surface};
use crate::instance::Instance;
use crate::logging;
use crate::options::{Lang, Options};
use crate::signals::Signals;

const WINDOW: &str = "main";
/// Where to read how to get a browser.
const BROWSER_HELP: &str = "https://www.google.com/chrome/";

struct Window<R: Runtime> {
    app: AppHandle<R>,
    data: PathBuf,
}

impl<R: Runtime> Surface for Window<R> {
    fn open(&self, place: Place) -> bool {
        let target = match place {
            Place::Data => self.data.display().to_string(),
            Place::Logs => self.data.join("logs").display().to_string(),
            Place::BrowserHelp => BROWSER_HELP.to_owned(),
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

    fn close(&self, choice: OnClose) {
        match choice {
            OnClose::KeepRunning => hide(&self.app),
            OnClose::Quit => self.app.exit(0),
        }
    }
}

/// What the window's events need. The backend leaves it when the program ends.
struct Running {
    backend: Mutex<Option<Backend>>,
    shell: Arc<Shell>,
    ending: AtomicBool,
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
    let (lang, own_data) = (options.lang, options.data_dir.join("window"));
    let app = tauri::Builder::default()
        .plugin(logging::plugin(&options.data_dir.join("logs"), options.log))
        .plugin(tauri_plugin_shell::init())
        .invoke_handler(commands::handler())
        .setup(move |app| {
            let outcome = tauri::async_runtime::block_on(open(app.handle(), options, instance))
                .and_then(|()| show(app.handle(), lang, own_data));
            if let Err(error) = outcome {
                *setup_failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                app.handle().exit(1);
            }
            Ok(())
        })
        .build(tauri::generate_context!())
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
    });
    Ok(())
}

fn show<R: Runtime>(
    app: &AppHandle<R>,
    lang: Option<Lang>,
    own_data: PathBuf,
) -> anyhow::Result<()> {
    WebviewWindowBuilder::new(app, WINDOW, WebviewUrl::default())
        .title("Session Manager")
        // Else the webview keeps its caches in a folder of its own beside ours.
        .data_directory(own_data)
        .inner_size(1200.0, 780.0)
        .min_inner_size(800.0, 500.0)
        // The control room is one page; nothing else is ever shown in this window.
        .on_navigation(|url| {
            matches!(url.scheme(), "tauri")
                || matches!(url.host_str(), Some("localhost" | "tauri.localhost"))
        })
        .build()
        .context("open the window")?;
    if let Err(error) = tray(app, lang) {
        // Some desktops have no tray; the window works without.
        tracing::warn!(%error, "no tray icon");
    }
    Ok(())
}

fn tray<R: Runtime>(app: &AppHandle<R>, lang: Option<Lang>) -> tauri::Result<()> {
    let (open, quit) = match lang {
        Some(Lang::En) => ("Open Session Manager", "Quit"),
        Some(Lang::Pt) => ("Abrir o Session Manager", "Sair"),
        Some(Lang::Es) | None => ("Abrir Session Manager", "Salir"),
    };
    let open = MenuItemBuilder::with_id("open", open).build(app)?;
    let quit = MenuItemBuilder::with_id("quit", quit).build(app)?;
    let menu = MenuBuilder::new(app).items(&[&open, &quit]).build()?;
    let mut builder = TrayIconBuilder::new()
        .menu(&menu)
        .tooltip("Session Manager")
        .on_menu_event(|app, event| match event.id().as_ref() {
            "open" => reveal(app),
            "quit" => app.exit(0),
            _ => {}
        });
    if let Some(icon) = app.default_window_icon() {
        builder = builder.icon(icon.clone());
    }
    builder.build(app)?;
    Ok(())
}

fn on_event<R: Runtime>(app: &AppHandle<R>, event: RunEvent) {
    match event {
        RunEvent::WindowEvent {
            event: WindowEvent::CloseRequested { api, .. },
            ..
        } => {
            let Some(running) = app.try_state::<Running>() else {
                return;
            };
            match running.shell.on_close() {
                Some(OnClose::Quit) => app.exit(0),
                Some(OnClose::KeepRunning) => hide(app),
                None => {}
            }
            api.prevent_close();
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
            hide(app);
            let (app, code) = (app.clone(), code.unwrap_or(0));
            tauri::async_runtime::spawn(async move {
                backend.shutdown().await;
                if let Some(running) = app.try_state::<Running>() {
                    running.ending.store(true, Ordering::SeqCst);
                }
                app.exit(code);
            });
        }
        _ => {}
    }
}

fn hide<R: Runtime>(app: &AppHandle<R>) {
    if let Some(window) = app.get_webview_window(WINDOW)
        && let Err(error) = window.hide()
    {
        tracing::warn!(%error, "the window cannot be hidden");
    }
}

fn reveal<R: Runtime>(app: &AppHandle<R>) {
    if let Some(window) = app.get_webview_window(WINDOW) {
        // What cannot be raised is at least not hidden.
        let _ = window
            .show()
            .and_then(|()| window.unminimize())
            .and_then(|()| window.set_focus());
    }
}
