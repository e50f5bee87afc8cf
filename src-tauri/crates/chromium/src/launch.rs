//! Starts browsers.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use session_core::ports::{DriverEvent, LaunchError, Launched, Launcher, NoWindow};
use session_core::{ClienteId, Reason, WindowName};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::args::{self, Wishes};
use crate::bring_up::Launch;
use crate::browser::ChromiumBrowser;
use crate::detect::FoundBrowser;
use crate::diagnose::failed_start;
use crate::ending::Ending;
use crate::inject::WaJs;
use crate::keeper::{Charge, Keeper};
use crate::pipe::Gate;
use crate::process::Spawner;
use crate::profile::{self, LockError, ProfileFolders, ProfileLock};
use crate::screen;
use crate::settings::{Incoming, LaunchSettings};

/// Events that may wait for a session to read them.
const EVENTS: usize = 64;
/// How long all browsers may take to end when the program does, from the first word of it on. The `keeper` shares it out.
const SHUTDOWN: Duration = Duration::from_secs(12);
/// What is left of that for browsers that are closed late, whatever was used up before.
const SHUTDOWN_AT_LEAST: Duration = Duration::from_secs(1);

/// Starts Chromium on the profiles of clientes.
#[derive(Debug)]
pub struct ChromiumLauncher {
    settings: RwLock<LaunchSettings>,
    profiles: Arc<ProfileFolders>,
    /// Started with the first browser; browsers do not outlive it.
    spawner: Mutex<Option<Arc<Spawner>>>,
    tracker: TaskTracker,
    stop: CancellationToken,
    ending: Ending,
    calls: Arc<AtomicU64>,
}

impl ChromiumLauncher {
    /// A launcher that starts nothing yet.
    pub fn new(settings: LaunchSettings, profiles: Arc<ProfileFolders>) -> Self {
        Self {
            settings: RwLock::new(settings),
            profiles,
            spawner: Mutex::new(None),
            tracker: TaskTracker::new(),
            stop: CancellationToken::new(),
            ending: Ending::default(),
            calls: Arc::default(),
        }
    }

    /// Uses this browser from the next start on.
    pub fn set_browser(&self, browser: FoundBrowser) {
        self.update(|settings| settings.browser = Some(browser));
    }

    /// Passes on the messages that come in, or leaves them in the page, from the next start on.
    pub fn set_incoming(&self, passed_on: bool) {
        let incoming = if passed_on {
            Incoming::On
        } else {
            Incoming::Off
        };
        self.update(|settings| settings.incoming = incoming);
    }

    /// The profiles that browsers are started on.
    pub(crate) fn profiles(&self) -> &Arc<ProfileFolders> {
        &self.profiles
    }

    /// Changes the settings from the next start on.
    pub fn update(&self, change: impl FnOnce(&mut LaunchSettings)) {
        let mut settings = self
            .settings
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        change(&mut settings);
    }

    /// The settings of the next start.
    pub fn settings(&self) -> LaunchSettings {
        self.settings
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Commands sent to browsers so far.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Which wa-js the next page gets. Blocks for a moment.
    pub fn wa_js(&self) -> WaJs {
        WaJs::load(self.settings().wa_js_override.as_deref())
    }

    /// Says that the program is ending: whatever is closed from now on, and what is being closed, has to end in time for
    /// that, even a browser with a fresh login. [`Self::shutdown`] follows when the sessions have closed their own.
    pub fn begin_shutdown(&self) {
        self.ending.begin();
    }

    /// Closes all browsers and starts no more. When it returns, none is left. Takes no longer than 12 s, counted from
    /// [`Self::begin_shutdown`] if that came before.
    pub async fn shutdown(&self) {
        let end = self.ending.begin() + SHUTDOWN;
        self.stop.cancel();
        self.tracker.close();
        let end = end.max(Instant::now() + SHUTDOWN_AT_LEAST);
        if timeout_at(end, self.tracker.wait()).await.is_err() {
            tracing::error!("browsers are left that could not be closed in time");
        }
        self.spawner
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
    }

    fn spawner(&self) -> io::Result<Arc<Spawner>> {
        let mut spawner = self.spawner.lock().unwrap_or_else(PoisonError::into_inner);
        match &*spawner {
            Some(running) => Ok(Arc::clone(running)),
            None => Ok(Arc::clone(spawner.insert(Arc::new(Spawner::start()?)))),
        }
    }

    async fn with_windows(browser: FoundBrowser) -> Result<FoundBrowser, NoWindow> {
        tokio::task::spawn_blocking(move || screen::with_windows(&browser))
            .await
            .unwrap_or(Err(NoWindow::NoBrowser))
    }

    async fn lock_profile(launch: &Launch) -> Result<ProfileLock, LaunchError> {
        let (profiles, cliente) = (Arc::clone(&launch.profiles), launch.cliente);
        tokio::task::spawn_blocking(move || profiles.acquire(cliente))
            .await
            .map_err(|_| error(Reason::ProfileUnusable, "the profile could not be opened"))?
            .map_err(|cause| match cause {
                LockError::InUse(_) => error(Reason::ProfileInUse, &cause.to_string()),
                LockError::Unusable(cause) => error(
                    Reason::ProfileUnusable,
                    &format!("the profile folder cannot be used: {}", cause.kind()),
                ),
            })
    }

    /// Starts the process and gives it a keeper. From here on, closing the keeper cleans up everything.
    async fn start(&self, launch: &Launch) -> Result<(Arc<Keeper>, String), LaunchError> {
        let lock = Self::lock_profile(launch).await?;
        let failed = |cause: io::Error| {
            let reason = match cause.kind() {
                io::ErrorKind::NotFound => Reason::BrowserNotFound,
                _ => Reason::LaunchFailed,
            };
            error(
                reason,
                &format!("the browser cannot be started: {}", cause.kind()),
            )
        };
        let spawner = self.spawner().map_err(failed)?;
        let gate = Gate::open().await.map_err(failed)?;
        let url = gate.url();
        let arguments = args::arguments(&Wishes {
            user_data: lock.user_data(),
            version: launch.browser.version.as_deref(),
            headed: launch.settings.headed,
            window: launch.window.as_ref(),
            no_sandbox: launch.settings.no_sandbox,
            extra: &launch.settings.extra_args,
        });
        let started = spawner
            .spawn(
                &launch.browser.path,
                arguments,
                &profile::crash_dumps(lock.user_data()),
            )
            .await
            .map_err(failed)?;
        let charge = Charge {
            cliente: launch.cliente,
            lock,
            gate,
            events: launch.events.clone(),
            shown: launch.window.is_some(),
            close_timeout: launch.settings.close_timeout,
            fresh_login: launch.settings.fresh_login,
            answer_timeout: launch.settings.answer_timeout,
            spawner,
        };
        let keeper = Keeper::start(started, charge, &self.tracker, &self.stop, &self.ending);
        Ok((keeper, url))
    }

    /// Starts a browser on a profile in this folder.
    pub(crate) async fn launch_on(
        &self,
        profiles: &Arc<ProfileFolders>,
        cliente: ClienteId,
        window: Option<WindowName>,
        cancel: CancellationToken,
    ) -> Result<(ChromiumBrowser, mpsc::Receiver<DriverEvent>), LaunchError> {
        // The end of the program waits for this start to be through.
        let _under_way = self.tracker.token();
        let mut settings = self.settings();
        settings.headed |= window.is_some();
        let mut browser = settings
            .browser
            .clone()
            .ok_or_else(|| error(Reason::BrowserNotFound, "no browser was found"))?;
        let cancelled = || error(Reason::StopRequested, "the start was called off");
        if cancel.is_cancelled() || self.stop.is_cancelled() {
            return Err(cancelled());
        }
        if window.is_some() {
            browser = Self::with_windows(browser)
                .await
                .map_err(|cause| error(Reason::WindowUnavailable, &cause.to_string()))?;
        }
        let patience = settings.launch_timeout;
        let (events, receiver) = mpsc::channel(EVENTS);
        let launch = Launch {
            cliente,
            profiles: Arc::clone(profiles),
            settings,
            browser,
            window,
            events,
        };
        let (keeper, url) = self.start(&launch).await?;
        // Where this future itself is dropped, the browser goes too.
        let guard = keeper.close_signal().clone().drop_guard();
        tracing::info!(%cliente, pid = keeper.pid(), "the browser is starting");

        let result = tokio::select! {
            biased;
            () = cancel.cancelled() => Err(cancelled()),
            () = self.stop.cancelled() => Err(cancelled()),
            () = keeper.gone().cancelled() => Err(error(Reason::LaunchFailed, "the browser ended")),
            result = timeout(patience, launch.bring_up(&keeper, &url, &self.calls)) => result
                .unwrap_or_else(|_| Err(error(Reason::LaunchFailed, "the browser did not come up in time"))),
        };
        match result {
            Ok(browser) => {
                // The browser has a guard of its own by now.
                guard.disarm();
                Ok((browser, receiver))
            }
            Err(cause) => {
                let died = keeper.gone().is_cancelled() || keeper.lost().is_cancelled();
                keeper.close().await;
                let cause = if died && cause.reason == Reason::LaunchFailed {
                    failed_start(keeper.exit(), &keeper.complaints())
                } else {
                    cause
                };
                tracing::warn!(%cliente, reason = cause.reason.code(), "the browser did not come up");
                Err(cause)
            }
        }
    }
}

#[async_trait]
impl Launcher for ChromiumLauncher {
    async fn launch(
        &self,
        cliente: ClienteId,
        window: Option<WindowName>,
        cancel: CancellationToken,
    ) -> Result<Launched, LaunchError> {
        let (browser, events) = self
            .launch_on(&self.profiles, cliente, window, cancel)
            .await?;
        Ok(Launched {
            browser: Arc::new(browser),
            events,
        })
    }

    async fn can_show(&self) -> Result<(), NoWindow> {
        match self.settings().browser {
            Some(browser) => Self::with_windows(browser).await.map(drop),
            None => Err(NoWindow::NoBrowser),
        }
    }
}

pub(crate) fn error(reason: Reason, detail: &str) -> LaunchError {
    LaunchError {
        reason,
        detail: detail.to_owned(),
    }
}
