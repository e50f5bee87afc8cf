//! What happens between the process and the first bytes of the page.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use session_core::ports::{CallError, DriverEvent, LaunchError};
use session_core::{ClienteId, Reason, WindowName};
use tokio::sync::{mpsc, watch};
use tokio::time::sleep;

use crate::browser::ChromiumBrowser;
use crate::cdp::Cdp;
use crate::detect::FoundBrowser;
use crate::identity::identity;
use crate::inject::{self, Names, WaJs};
use crate::keeper::Keeper;
use crate::launch::error;
use crate::page::{LoadError, PageLink, Whereabouts};
use crate::profile::ProfileFolders;
use crate::pulse::Pulse;
use crate::settings::LaunchSettings;
use crate::watch::Watch;
use crate::window;

/// Everything one launch needs to know.
pub(crate) struct Launch {
    pub(crate) cliente: ClienteId,
    pub(crate) profiles: Arc<ProfileFolders>,
    pub(crate) settings: LaunchSettings,
    pub(crate) browser: FoundBrowser,
    /// What its window is called, if somebody wants to see it.
    pub(crate) window: Option<WindowName>,
    pub(crate) events: mpsc::Sender<DriverEvent>,
}

impl Launch {
    /// Everything between the process and the first bytes of the page.
    pub(crate) async fn bring_up(
        &self,
        keeper: &Arc<Keeper>,
        url: &str,
        calls: &Arc<AtomicU64>,
    ) -> Result<ChromiumBrowser, LaunchError> {
        let connecting = |_| error(Reason::LaunchFailed, "the browser did not answer");
        let settings = &self.settings;
        let cdp = Cdp::connect(url, keeper.tasks(), keeper.lost())
            .await
            .map_err(connecting)?;
        let cdp = keeper.line().connected(cdp);
        let page = cdp.first_page().await.map_err(connecting)?;
        if !settings.headed {
            cdp.refuse_downloads().await.map_err(connecting)?;
        }

        let names = Names::new()
            .map_err(|_| error(Reason::LaunchFailed, "the system gives no random numbers"))?;
        let (notes, findings) = mpsc::channel(4);
        let (place, whereabouts) = watch::channel(Whereabouts::default());
        let watch = Watch::open(cdp, page.clone(), names.push.clone(), findings, place)
            .await
            .map_err(connecting)?;
        if self.window.is_some() {
            let closed = window::closed(cdp, &page).await.map_err(connecting)?;
            let told = keeper.window_closed().clone();
            keeper.tasks().spawn(async move {
                closed.await;
                told.cancel();
            });
        }
        let (events, told) = (self.events.clone(), Arc::clone(keeper));
        keeper
            .tasks()
            .spawn(async move { watch.run(events, told.login()).await });

        let link = Arc::new(PageLink::new(
            page,
            keeper.gone().clone(),
            whereabouts,
            Arc::clone(calls),
        ));
        let newer = settings.wa_js_override.clone();
        let wa_js = tokio::task::spawn_blocking(move || WaJs::load(newer.as_deref()))
            .await
            .map_err(|_| error(Reason::LaunchFailed, "wa-js could not be read"))?;
        tracing::info!(
            cliente = %self.cliente,
            replaced = wa_js.replaced,
            sha256 = %wa_js.sha256,
            "wa-js goes into the page"
        );
        let identity = identity(&self.browser, settings.headed, cdp).await;
        let scripts = inject::scripts(&names, &wa_js, settings.hook_timeout, settings.incoming);
        link.prepare(&names.push, scripts, identity, settings.launch_timeout)
            .await
            .map_err(|cause| called(&cause))?;
        link.navigate(&settings.whatsapp_url, settings.launch_timeout)
            .await
            .map_err(|cause| match cause {
                LoadError::Unreachable(_) => error(Reason::PageUnreachable, &cause.to_string()),
                LoadError::Call(cause) => called(&cause),
            })?;

        let pulse = Pulse::new(Arc::clone(&link), Arc::clone(keeper), notes);
        let felt = pulse.clone();
        let (every, silence) = (settings.heartbeat, settings.silence);
        keeper.tasks().spawn(async move {
            loop {
                sleep(every).await;
                // What it finds is noted.
                let _ = felt.check(silence).await;
            }
        });
        Ok(ChromiumBrowser::new(
            self.cliente,
            Arc::clone(keeper),
            link,
            names.api,
            settings,
            pulse,
        ))
    }
}

fn called(cause: &CallError) -> LaunchError {
    error(Reason::LaunchFailed, &cause.to_string())
}
