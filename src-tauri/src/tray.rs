//! The icon in the tray: how many sessions need somebody, and the way to them.

use std::path::Path;

use tauri::image::Image;
use tauri::menu::{Menu, MenuBuilder, MenuItemBuilder};
use tauri::tray::{TrayIcon, TrayIconBuilder};
use tauri::{AppHandle, Runtime};

use crate::badge;
use crate::texts::{fill, texts};
use crate::watch::Needs;
use crate::window;

/// Its id.
pub(crate) const TRAY: &str = "main";
/// Begins the ids of lines that lead to a cliente.
const CLIENTE: &str = "cliente-";

/// Puts the icon into the tray. On Linux panels read its picture from a file in the folder `pictures`, which no other
/// program may share: the files of all are called alike. An error where there cannot be one; that nobody shows it is no
/// error on Linux, see [`is_shown`].
pub(crate) fn build<R: Runtime>(
    app: &AppHandle<R>,
    needs: &Needs,
    pictures: &Path,
) -> tauri::Result<TrayIcon<R>> {
    let mut builder = TrayIconBuilder::with_id(TRAY)
        .temp_dir_path(pictures)
        .menu(&menu(app, needs)?)
        .tooltip(tooltip(needs))
        .on_menu_event(|app, event| match event.id().as_ref() {
            "open" => window::reveal(app),
            "quit" => app.exit(0),
            id => {
                if let Some(id) = id.strip_prefix(CLIENTE).and_then(|id| id.parse().ok()) {
                    window::show_cliente(app, id);
                }
            }
        });
    if let Some(icon) = icon(app, needs.count) {
        builder = builder.icon(icon);
    }
    builder.build(app)
}

/// Says how it is now.
pub(crate) fn update<R: Runtime>(app: &AppHandle<R>, needs: &Needs) -> tauri::Result<()> {
    let Some(tray) = app.tray_by_id(TRAY) else {
        return Ok(());
    };
    tray.set_menu(Some(menu(app, needs)?))?;
    tray.set_tooltip(Some(tooltip(needs)))?;
    if let Some(icon) = icon(app, needs.count) {
        tray.set_icon(Some(icon))?;
    }
    Ok(())
}

fn menu<R: Runtime>(app: &AppHandle<R>, needs: &Needs) -> tauri::Result<Menu<R>> {
    let texts = texts(needs.language);
    let title = MenuItemBuilder::new(words(needs))
        .enabled(false)
        .build(app)?;
    let mut menu = MenuBuilder::new(app).item(&title);
    for (id, name) in &needs.first {
        // A single & would underline the next letter.
        let name = name.replace('&', "&&");
        menu = menu.item(&MenuItemBuilder::with_id(format!("{CLIENTE}{id}"), name).build(app)?);
    }
    menu.separator()
        .item(&MenuItemBuilder::with_id("open", texts.open).build(app)?)
        .item(&MenuItemBuilder::with_id("quit", texts.quit).build(app)?)
        .build()
}

fn words(needs: &Needs) -> String {
    let texts = texts(needs.language);
    match needs.count {
        0 => texts.calm.to_owned(),
        1 => texts.one_needs.to_owned(),
        count => fill(texts.many_need, &[("n", &count.to_string())]),
    }
}

fn tooltip(needs: &Needs) -> String {
    format!("Session Manager: {}", words(needs))
}

fn icon<R: Runtime>(app: &AppHandle<R>, count: usize) -> Option<Image<'static>> {
    let plain = app.default_window_icon()?;
    let (width, height) = (plain.width(), plain.height());
    let mut rgba = plain.rgba().to_vec();
    badge::draw(
        &mut rgba,
        usize::try_from(width).ok()?,
        usize::try_from(height).ok()?,
        count,
    );
    Some(Image::new_owned(rgba, width, height))
}

/// Whether somebody shows the icons of trays now. Asks the session bus, so it may take a moment.
#[cfg(target_os = "linux")]
pub(crate) fn is_shown() -> bool {
    let asked = || -> zbus::Result<bool> {
        let bus = zbus::blocking::connection::Builder::session()?
            .method_timeout(std::time::Duration::from_secs(2))
            .build()?;
        let names = zbus::blocking::fdo::DBusProxy::new(&bus)?;
        let watcher = "org.kde.StatusNotifierWatcher".try_into()?;
        Ok(names.name_has_owner(watcher)?)
    };
    asked().unwrap_or_else(|error| {
        tracing::info!(%error, "no session bus to ask for a tray");
        false
    })
}

/// Whether somebody shows the icons of trays now.
#[cfg(not(target_os = "linux"))]
pub(crate) fn is_shown() -> bool {
    true
}
