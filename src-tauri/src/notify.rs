//! Shows the system's notifications, and tells when one was clicked where the system does.

use notify_rust::Notification;

use crate::alerts::Alert;

/// Shows one. `clicked` is called from a thread of its own. Both may take as long as the system wants.
pub(crate) fn show(alert: Alert, clicked: impl FnOnce(u64) + Send + 'static) {
    let spawned = std::thread::Builder::new()
        .name("notification".to_owned())
        .spawn(move || {
            if let Err(error) = try_to_show(&alert, clicked) {
                tracing::info!(%error, "no notification was shown");
            }
        });
    if let Err(error) = spawned {
        tracing::warn!(%error, "no thread for a notification");
    }
}

#[cfg(target_os = "linux")]
fn try_to_show(
    alert: &Alert,
    clicked: impl FnOnce(u64) + Send + 'static,
) -> Result<(), notify_rust::error::Error> {
    let shown = Notification::new()
        .appname("Session Manager")
        .icon("session-manager")
        .summary(&alert.title)
        .body(&escaped(&alert.body))
        // What a click on the notification itself is called.
        .action("default", &alert.title)
        // Else one that nobody looks at keeps its thread for ever.
        .timeout(notify_rust::Timeout::Milliseconds(15_000))
        .show()?;
    let mut clicked = Some(clicked);
    shown.wait_for_action(|action| {
        if action == "default"
            && let Some(clicked) = clicked.take()
        {
            clicked(alert.cliente);
        }
    });
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn try_to_show(
    alert: &Alert,
    _clicked: impl FnOnce(u64) + Send + 'static,
) -> Result<(), notify_rust::error::Error> {
    Notification::new()
        .appname("Session Manager")
        .summary(&alert.title)
        .body(&alert.body)
        .show()
        .map(|_| ())
}

/// The body may hold markup there.
#[cfg(target_os = "linux")]
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::escaped;

    #[test]
    fn a_name_is_no_markup() {
        assert_eq!(
            escaped("<b>Ventas</b> & <a href=\"x\">Caja</a> &lt;"),
            "&lt;b&gt;Ventas&lt;/b&gt; &amp; &lt;a href=\"x\"&gt;Caja&lt;/a&gt; &amp;lt;"
        );
    }
}
