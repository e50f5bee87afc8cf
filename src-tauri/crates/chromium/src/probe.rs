//! Tries out whether all that a session needs is there: a browser that starts, WhatsApp Web, and in it what the bridge
//! holds on to. On a profile of its own that is thrown away, so it needs no cliente and disturbs none.

use std::time::Duration;

use serde::Deserialize;
use session_core::ports::{Browser, DriverEvent, LaunchError};
use session_core::{ClienteId, Reason};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::browser::ChromiumBrowser;
use crate::inject::WaJs;
use crate::launch::{ChromiumLauncher, error};

/// How long the page may take to show a login code.
const PATIENCE: Duration = Duration::from_secs(45);
/// A name for the log only: the profile lies elsewhere.
const NOBODY: u64 = 999_999_999;

/// What a trial found.
#[derive(Clone, Debug)]
pub struct Probe {
    /// What people call the browser.
    pub browser: &'static str,
    /// Its version, as it says itself.
    pub browser_version: Option<String>,
    /// Which wa-js went into the page.
    pub wa_js: WaJs,
    /// The version of wa-js; none where it did not load.
    pub wa_js_version: Option<String>,
    /// The version of WhatsApp Web, where wa-js found it.
    pub whatsapp_version: Option<String>,
    /// Whether wa-js found its way into the page; none where the page did not say in time.
    pub hooked: Option<bool>,
    /// What the bridge uses of the page; empty where the page does not answer.
    pub hooks: Vec<Hook>,
    /// Whether a login code showed.
    pub code_shown: bool,
    /// What the page says instead, where it shows none for good: outdated, no storage, blocked.
    pub trouble: Option<Reason>,
    /// How long it took from the start of the browser to the first bytes of the page.
    pub launch: Duration,
    /// How long it took from there to the login code, or to the end of the trial where there was none.
    pub load: Duration,
}

/// Something that the bridge uses.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Hook {
    /// Its name in wa-js.
    pub name: String,
    /// Whether it is there.
    pub found: bool,
}

/// What the bridge answers. The shape is that of `ui/bridge/src/inspect.ts`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    pub(crate) wa_js: Option<String>,
    pub(crate) whatsapp: Option<String>,
    pub(crate) hooks: Vec<Hook>,
}

impl ChromiumLauncher {
    /// Starts a browser on a profile that nobody uses, opens WhatsApp Web, and says what it finds there. Takes up to a
    /// minute. When it returns, the browser is closed and the profile deleted.
    pub async fn probe(&self) -> Result<Probe, LaunchError> {
        let nobody = ClienteId::try_from(NOBODY)
            .map_err(|_| error(Reason::LaunchFailed, "the trial has no name"))?;
        let folder = self.profiles().aside().await.map_err(|cause| {
            let detail = format!("a folder for the trial cannot be made: {}", cause.kind());
            error(Reason::ProfileUnusable, &detail)
        })?;
        let (browser, wa_js) = (self.settings().browser, self.wa_js());
        let start = Instant::now();
        let launched = self
            .launch_on(&folder, nobody, None, CancellationToken::new())
            .await;
        let launch = start.elapsed();
        let found = match launched {
            Err(cause) => Err(cause),
            Ok((page, events)) => {
                let found = look(&page, events).await;
                page.close().await;
                Ok(found)
            }
        };
        folder.throw_away().await;
        let found = found?;
        Ok(Probe {
            browser: browser.map_or("Chromium", |browser| browser.name),
            browser_version: found.browser_version,
            wa_js,
            wa_js_version: found.report.wa_js,
            whatsapp_version: found.report.whatsapp,
            hooked: found.hooked,
            hooks: found.report.hooks,
            code_shown: found.code_shown,
            trouble: found.trouble,
            launch,
            load: found.load,
        })
    }
}

/// What was seen of a page.
#[derive(Default)]
struct Findings {
    hooked: Option<bool>,
    code_shown: bool,
    trouble: Option<Reason>,
    load: Duration,
    browser_version: Option<String>,
    report: Report,
}

/// Waits until the page has said what it is, one way or the other, and asks what the bridge finds in it.
async fn look(page: &ChromiumBrowser, mut events: mpsc::Receiver<DriverEvent>) -> Findings {
    let start = Instant::now();
    let end = start + PATIENCE;
    let mut found = Findings::default();
    while found.hooked.is_none() || !(found.code_shown || found.trouble.is_some()) {
        let Ok(Some(event)) = timeout_at(end, events.recv()).await else {
            break;
        };
        match event {
            DriverEvent::Bridge(trouble) => found.hooked = Some(trouble.is_none()),
            DriverEvent::Code(_) => found.code_shown = true,
            DriverEvent::Outdated => found.trouble = Some(Reason::OutdatedVersion),
            DriverEvent::StorageFailed => found.trouble = Some(Reason::StorageFailed),
            DriverEvent::Banned(reason)
            | DriverEvent::LoggedOut(reason)
            | DriverEvent::SocketLost(reason) => found.trouble = Some(reason),
            DriverEvent::PageCrashed => found.trouble = Some(Reason::PageCrashed),
            DriverEvent::PageUnresponsive => found.trouble = Some(Reason::PageUnresponsive),
            DriverEvent::BrowserExited => {
                found.trouble = Some(Reason::BrowserDied);
                break;
            }
            _ => {}
        }
    }
    found.load = start.elapsed();
    found.browser_version = page.keeper().line().version().await;
    // A page that does not answer is one more thing that was found.
    if let Ok(report) = page.inspect().await {
        found.report = serde_json::from_str(&report).unwrap_or_default();
    }
    found
}
