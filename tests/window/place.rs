//! What the system and the disk are told of the desk: the start with the system, the place of the window.

use serde_json::json;

use crate::desk::{Desk, TITLE};
use crate::desktop::Desktop;
use crate::support::{Data, wait_for};

#[tokio::test]
#[ignore = "needs a desktop: scripts/test window"]
async fn settings_of_the_desk_reach_the_system_and_the_disk_at_once() {
    let (desktop, data) = (Desktop::start(), Data::new());
    let entries = data.path().join("no-config/autostart");
    let desk = Desk::open(&desktop, &data).await;
    desk.see_text("Agrega un cliente").await;
    desk.press("Ajustes").await;
    desk.choose("Abrir Session Manager al iniciar").await;
    let entry = wait_for("the entry of the system", || {
        let entry = std::fs::read_dir(&entries).ok()?.next()?.ok()?;
        std::fs::read_to_string(entry.path())
            .ok()
            .filter(|text| !text.is_empty())
    });
    let folder = format!("\"--data-dir={}\"", data.path().display());
    assert!(
        entry.contains(&folder) && entry.contains("\"--demo\""),
        "{entry}"
    );
    assert!(!entry.contains("--minimized"), "{entry}");
    desk.choose("Sin mostrar la ventana").await;
    wait_for("the entry to name the option", || {
        let entry = std::fs::read_dir(&entries).ok()?.next()?.ok()?;
        std::fs::read_to_string(entry.path())
            .ok()?
            .contains("--minimized")
            .then_some(())
    });
    desk.choose("Abrir Session Manager al iniciar").await;
    wait_for("the entry to go", || {
        std::fs::read_dir(&entries)
            .ok()?
            .next()
            .is_none()
            .then_some(())
    });
    desk.choose("Ninguna").await;
    wait_for("the choice on the disk", || {
        let text = std::fs::read_to_string(data.path().join("settings.json")).ok()?;
        text.contains("\"notifications\": \"off\"").then_some(())
    });
    desk.end(&data).await;
}

#[tokio::test]
#[ignore = "needs a desktop: scripts/test window"]
async fn the_window_comes_back_where_it_was_and_never_outside_of_the_screen() {
    let (desktop, data) = (Desktop::start(), Data::new());
    let remembered = data.path().join("window-state.json");
    let desk = Desk::open(&desktop, &data).await;
    desk.see_text("Agrega un cliente").await;
    wait_for("the window to fit on the screen", || {
        desktop.fits(TITLE).then_some(())
    });
    // Not every window manager makes a window smaller that is too large with its title bar: this one would.
    assert!(desk.number("innerHeight").await <= 768.0 - 48.0);
    desk.end(&data).await;
    let text = std::fs::read_to_string(&remembered).unwrap();
    let mut state: serde_json::Value = serde_json::from_str(&text).unwrap();
    let window = &mut state["main"];
    (window["width"], window["height"]) = (json!(912), json!(533));
    (window["x"], window["y"]) = (json!(31), json!(17));
    (window["prev_x"], window["prev_y"]) = (json!(31), json!(17));
    std::fs::write(&remembered, state.to_string()).unwrap();
    let desk = Desk::open(&desktop, &data).await;
    desk.see_text("Agrega un cliente").await;
    assert_eq!(
        (
            desk.number("innerWidth").await,
            desk.number("innerHeight").await
        ),
        (912.0, 533.0)
    );
    desk.end(&data).await;

    let window = &mut state["main"];
    (window["x"], window["y"]) = (json!(90_000), json!(90_000));
    (window["prev_x"], window["prev_y"]) = (json!(90_000), json!(90_000));
    std::fs::write(&remembered, state.to_string()).unwrap();
    let desk = Desk::open(&desktop, &data).await;
    desk.see_text("Agrega un cliente").await;
    assert!(desk.number("screenX").await < desk.number("screen.width").await);
    desk.end(&data).await;
    let text = std::fs::read_to_string(&remembered).unwrap();
    let state: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert!(state["main"]["x"].as_i64().unwrap() < 10_000, "{text}");
}
