//! The system's notifications, seen by a desktop that shows them.

use serde_json::json;

use crate::desk::{Desk, TITLE};
use crate::desktop::{Desktop, Stand};
use crate::inbox::Inbox;
use crate::panel::Panel;
use crate::support::{Data, no_browser_left};

#[tokio::test]
#[ignore = "needs a desktop: scripts/test window"]
async fn who_needs_somebody_is_told_once_while_nobody_looks_and_a_click_leads_there() {
    let (desktop, data) = (Desktop::start(), Data::new());
    let (_panel, inbox) = (Panel::start(desktop.bus()), Inbox::start(desktop.bus()));
    let desk = Desk::open_with(&desktop, &data, &["--minimized"]).await;

    let new = json!({ "id": null, "name": "<Caja> +54 9 11 5555-1234", "note": "", "start": true });
    desk.command("add_cliente", new).await;
    let note = inbox.next(0);
    assert_eq!(note.program, "Session Manager");
    assert_eq!(note.title, "<Caja> +•• • •• ••••-•234");
    assert_eq!(note.body, "Hay que escanear un código QR.");
    assert!(note.actions.contains(&"default".to_owned()), "{note:?}");
    assert_eq!(desktop.stand(TITLE), Stand::Nowhere);
    inbox.click(&note, || desktop.stand(TITLE) == Stand::InFront);
    desk.see("article[data-id='1']:focus").await;

    // Whoever looks at the window is told by it alone.
    desk.phone(1, "scan").await;
    desk.reach(1, "state", "READY").await;
    for name in ["Local 2", "Local 3"] {
        desk.link(name).await;
    }
    assert_eq!(inbox.notes().len(), 1, "{:?}", inbox.notes());

    let keep = json!({ "choice": "keep_running", "remember": false });
    desk.command("close_decided", keep).await;
    desktop.see(TITLE, Stand::Nowhere);
    for id in 1..=3 {
        desk.phone(id, "log_out").await;
    }
    let note = inbox.next(1);
    assert_eq!(note.title, "3 sesiones te necesitan");
    assert_eq!(
        note.body,
        "&lt;Caja&gt; +•• • •• ••••-•234, Local 2, Local 3"
    );
    inbox.click(&note, || desktop.stand(TITLE) == Stand::InFront);
    desk.see("article[data-id='1']:focus").await;
    desk.end(&data).await;
    assert_eq!(inbox.notes().len(), 2, "{:?}", inbox.notes());
    no_browser_left(&data);
}
