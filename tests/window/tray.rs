//! The icon in the tray, seen by a panel.

use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::app::{App, program};
use crate::desk::{Desk, TITLE, nothing_left, start_again};
use crate::desktop::{Desktop, Stand};
use crate::panel::Panel;
use crate::support::{Data, free_port, wait_for};

const CALM: &str = "Nadie te necesita";
const OPEN: &str = "Abrir Session Manager";
const QUIT: &str = "Salir";

#[tokio::test]
#[ignore = "needs a desktop: scripts/test window"]
async fn the_tray_says_who_needs_somebody_and_leads_there() {
    let (desktop, data) = (Desktop::start(), Data::new());
    let panel = Panel::start(desktop.bus());
    let desk = Desk::open_with(&desktop, &data, &["--minimized"]).await;
    panel.read(CALM);
    let (file, calm) = panel.picture();
    // Another program of this user would write over it elsewhere.
    assert!(file.starts_with(data.path()), "{file:?}");
    assert!(calm.starts_with(b"\x89PNG"), "no picture");
    assert_eq!(desktop.stand(TITLE), Stand::Nowhere);

    let new = json!({ "id": null, "name": "Ventas & Sur_2", "note": "", "start": true });
    desk.command("add_cliente", new).await;
    let title = panel.read("Una sesión te necesita");
    assert!(!title.enabled, "there is nothing to press there");
    let menu = panel.menu();
    let labels: Vec<_> = menu.iter().map(|line| line.label.as_str()).collect();
    assert_eq!(labels, [&title.label, "Ventas & Sur_2", "", OPEN, QUIT]);
    assert_ne!(panel.picture().1, calm, "the count is not in the picture");
    panel.press("Ventas & Sur_2");
    desktop.see(TITLE, Stand::InFront);
    desk.see("article[data-id='1']:focus").await;

    desk.phone(1, "scan").await;
    panel.read(CALM);
    assert_eq!(panel.picture().1, calm);
    let keep = json!({ "choice": "keep_running", "remember": false });
    desk.command("close_decided", keep).await;
    desktop.see(TITLE, Stand::Nowhere);
    panel.press(OPEN);
    desktop.see(TITLE, Stand::InFront);
    assert_eq!(panel.icons(), 1);

    // A panel that was started anew shows it too.
    panel.leave();
    let panel = Panel::start(desktop.bus());
    panel.read(CALM);
    desk.end(&data).await;
    nothing_left(&data);
}

/// Starts the program with its window and nobody who drives it.
fn start(desktop: &Desktop, data: &Data, further: &[&str]) -> App {
    let port = free_port();
    let mut command = program(data.path());
    let child = desktop
        .seat(&mut command)
        .args(["--demo", "--lang=es", "--api", &port.to_string()])
        .args(further)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let app = App::of(child, port, data);
    wait_for("the local API", || {
        std::net::TcpStream::connect(("127.0.0.1", port)).ok()
    });
    app
}

#[test]
#[ignore = "needs a desktop: scripts/test window"]
fn a_start_without_its_window_is_minimised_where_no_tray_is() {
    let (desktop, data) = (Desktop::start(), Data::new());
    let _other = desktop.distract();
    let app = start(&desktop, &data, &["--minimized"]);
    desktop.see(TITLE, Stand::Minimised);
    let second = start_again(&desktop, &data, &[]);
    assert!(second.status.success(), "{second:?}");
    desktop.see(TITLE, Stand::InFront);
    assert!(app.end().0.success());
    nothing_left(&data);
}

#[test]
#[ignore = "needs a desktop: scripts/test window"]
fn a_start_without_its_window_restores_and_is_ended_in_the_tray_with_no_login_lost() {
    let (desktop, data) = (Desktop::start(), Data::new());
    let app = App::start(&data);
    app.init(1);
    app.reach(1, "QR_REQUIRED");
    wait_for("a code", || {
        (app.view(1)["session"]["login_step"] == "code").then_some(())
    });
    app.phone(1, "scan");
    app.reach(1, "READY");
    assert!(app.end().0.success());

    let panel = Panel::start(desktop.bus());
    let mut app = start(&desktop, &data, &["--minimized"]);
    app.reach(1, "READY");
    panel.read(CALM);
    assert_eq!(desktop.stand(TITLE), Stand::Nowhere);
    let second = start_again(&desktop, &data, &["--minimized"]);
    assert!(second.status.success(), "{second:?}");
    assert_eq!(desktop.stand(TITLE), Stand::Nowhere, "nobody asked for it");
    let second = start_again(&desktop, &data, &[]);
    assert!(second.status.success(), "{second:?}");
    desktop.see(TITLE, Stand::InFront);

    let since = Instant::now();
    panel.press(QUIT);
    let status = wait_for("the program to end", || app.child.try_wait().unwrap());
    assert!(status.success(), "{status}\n{}", app.log());
    assert!(
        since.elapsed() < Duration::from_secs(15),
        "{:?}",
        since.elapsed()
    );
    nothing_left(&data);

    let before = app.log().len();
    let app = start(&desktop, &data, &[]);
    app.reach(1, "READY");
    let log = app.log();
    assert!(
        !log[before..].contains("QR_REQUIRED"),
        "a scan was needed\n{log}"
    );
    assert!(app.end().0.success());
    nothing_left(&data);
}
