//! The window of a browser that a person looks at.

use chromiumoxide::Page;
use chromiumoxide::cdp::browser_protocol::browser::{
    Bounds, GetWindowForTargetParams, SetWindowBoundsParams, WindowState,
};
use chromiumoxide::cdp::browser_protocol::page::BringToFrontParams;
use chromiumoxide::cdp::browser_protocol::target::EventTargetDestroyed;
use chromiumoxide::error::CdpError;
use futures::StreamExt;

use crate::cdp::Cdp;

/// Resolves when the person has closed our page. The browser may go on without it: where another tab is open, and on
/// macOS always.
pub(crate) async fn closed(
    cdp: &Cdp,
    page: &Page,
) -> Result<impl Future<Output = ()> + use<>, CdpError> {
    let mut ends = cdp
        .browser()
        .event_listener::<EventTargetDestroyed>()
        .await?;
    let ours = page.target_id().clone();
    Ok(async move {
        while let Some(end) = ends.next().await {
            if end.target_id == ours {
                return;
            }
        }
        // The browser is gone altogether; its keeper sees that.
        std::future::pending::<()>().await;
    })
}

/// Brings the page to the front in its window, and the window to the front of the desktop.
pub(crate) async fn raise(page: &Page) -> Result<(), CdpError> {
    let window = page.execute(GetWindowForTargetParams::default()).await?;
    if window.result.bounds.window_state == Some(WindowState::Minimized) {
        let normal = Bounds::builder().window_state(WindowState::Normal).build();
        page.execute(SetWindowBoundsParams::new(window.result.window_id, normal))
            .await?;
    }
    page.execute(BringToFrontParams::default()).await.map(drop)
}
