//! The window is closed, and the sessions go on, or end, as the person wants.

use serde_json::json;

use crate::desk::{Desk, TITLE, program_on, start_again};
use crate::desktop::{Desktop, ENTER, SHIFT, Stand, TAB};
use crate::panel::Panel;
use crate::support::{Data, no_browser_left, wait_for};

const QUESTION: &str = "¿Seguir con las sesiones en segundo plano?";
const KEEP: &str = "Seguir en segundo plano";
const NO_TRAY: &str = "Este escritorio no tiene bandeja";

/// A second start, which brings the window back.
fn raise(desktop: &Desktop, data: &Data) {
    let second = start_again(desktop, data, &[]);
    assert!(second.status.success(), "{second:?}");
    desktop.see(TITLE, Stand::InFront);
}

#[tokio::test]
#[ignore = "needs a desktop: scripts/test window"]
async fn closing_asks_once_and_from_then_on_the_sessions_go_on_in_the_tray() {
    let (desktop, data) = (Desktop::start(), Data::new());
    let _panel = Panel::start(desktop.bus());
    let desk = Desk::open(&desktop, &data).await;
    let id = desk.link("Ventas").await;
    let browser = desk.session(id).await["browser_pid"].clone();
    assert!(browser.is_u64(), "{browser}");

    desktop.close(TITLE);
    desk.see_text(QUESTION).await;
    assert_ne!(desktop.stand(TITLE), Stand::Nowhere, "it went unasked");
    desk.press(KEEP).await;
    desktop.see(TITLE, Stand::Nowhere);
    let session = desk.session(id).await;
    assert_eq!(
        (&session["state"], &session["browser_pid"]),
        (&json!("READY"), &browser)
    );

    raise(&desktop, &data);
    desktop.close(TITLE);
    desktop.see(TITLE, Stand::Nowhere);
    raise(&desktop, &data);
    desk.unsee("dialog[open]").await;
    desk.end(&data).await;
    no_browser_left(&data);

    // Nor after another start.
    let desk = Desk::open(&desktop, &data).await;
    desktop.see(TITLE, Stand::InFront);
    desktop.close(TITLE);
    desktop.see(TITLE, Stand::Nowhere);
    desk.reach(id, "state", "READY").await;
    desk.end(&data).await;
    no_browser_left(&data);
}

#[tokio::test]
#[ignore = "needs a desktop: scripts/test window"]
async fn without_a_tray_the_window_is_minimised_and_panels_may_come_and_go() {
    let (desktop, data) = (Desktop::start(), Data::new());
    let desk = Desk::open(&desktop, &data).await;
    desk.see_text("Agrega un cliente").await;
    desktop.close(TITLE);
    desk.see_text(NO_TRAY).await;
    desk.press(KEEP).await;
    desktop.see(TITLE, Stand::Minimised);
    // It comes to the front of whatever is there by now, minimised or only covered.
    let other = desktop.distract();
    raise(&desktop, &data);
    drop(other);
    let _other = desktop.distract();
    raise(&desktop, &data);

    let panel = Panel::start(desktop.bus());
    panel.read("Salir");
    desktop.close(TITLE);
    desktop.see(TITLE, Stand::Nowhere);
    panel.press("Abrir Session Manager");
    desktop.see(TITLE, Stand::InFront);

    // Nobody could get it back from there now.
    panel.leave();
    desktop.close(TITLE);
    desktop.see(TITLE, Stand::Minimised);
    desk.end(&data).await;
}

#[tokio::test]
#[ignore = "needs a desktop: scripts/test window"]
async fn the_question_can_be_put_off_and_answered_with_the_end() {
    let (desktop, data) = (Desktop::start(), Data::new());
    let _panel = Panel::start(desktop.bus());
    let desk = Desk::open(&desktop, &data).await;
    desk.see_text("Agrega un cliente").await;
    desktop.close(TITLE);
    desk.see_text(QUESTION).await;
    desk.press("Cancelar").await;
    desk.unsee("dialog[open]").await;
    assert_ne!(desktop.stand(TITLE), Stand::Nowhere);
    desktop.close(TITLE);
    desk.see_text(QUESTION).await;
    // The button before the one that has the focus.
    desktop.strike(&[SHIFT, TAB]);
    desktop.strike(&[ENTER]);
    wait_for("the program to end", || {
        program_on(&data).is_none().then_some(())
    });
    desktop.see(TITLE, Stand::Nowhere);
    no_browser_left(&data);
}
