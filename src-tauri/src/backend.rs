//! Everything but the window: opened once, ended once, in order.

mod stores;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::thread::available_parallelism;

use anyhow::Context as _;
use session_api::keys::KeyStore;
use session_api::{Access, ControlRoom};
use session_chromium::{ChromiumLauncher, LaunchSettings, ProfileFolders, detect};
use session_core::ports::{MessageStore, WebhookStore};
use session_core::{Outbox, OutboxParts, OutboxPolicy, Parts, Policy, Registry, SystemClock};
use session_resources::SystemResources;
use session_store::MediaFolder;
use session_webhooks::Webhooks;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::stores::{Stores, open_store};
use crate::bundle::Bundler;
use crate::closing::Closing;
use crate::demo::Demo;
use crate::host::{Shell, Surface};
use crate::instance::Instance;
use crate::local_api::{LocalApi, Wish};
use crate::options::Options;
use crate::settings::SettingsFile;
use crate::updates::Updates;
use crate::watch::watch;

/// The running program without its window.
pub(crate) struct Backend {
    /// What the control room can do.
    pub(crate) room: ControlRoom,
    /// The program as the control room sees it.
    pub(crate) shell: Arc<Shell>,
    outbox: Outbox,
    demo: Option<Demo>,
    tasks: TaskTracker,
    stop: CancellationToken,
    _instance: Instance,
}

impl Backend {
    /// Opens the data folder and everything in it. What can be missing (a browser, a working store) is shown in the
    /// control room; what cannot is an error.
    pub(crate) async fn open(
        options: Options,
        instance: Instance,
        surface: Box<dyn Surface>,
    ) -> anyhow::Result<Self> {
        let data = options.data_dir.clone();
        let demo = Demo::start_if(options.demo, &data).await?;
        let file = SettingsFile::in_folder(&data);
        let settings = file.load();
        let folder = data.join("profiles");
        let profiles = tokio::task::spawn_blocking(move || ProfileFolders::open(folder))
            .await?
            .context("open the saved logins")?;
        let launcher = Arc::new(ChromiumLauncher::new(
            launch_settings(&options, demo.as_ref()).await,
            Arc::clone(&profiles),
        ));
        let Stores {
            sessions: store,
            telling,
            messages,
        } = open_store(&options).await?;
        let files = MediaFolder::new(data.join("media"), &options.media_dirs)
            .context("find the folders of --media-dir")?;
        let registry = Registry::open(Parts {
            launcher: Arc::clone(&launcher) as _,
            profiles: Arc::clone(&profiles) as _,
            store,
            clock: Arc::new(SystemClock),
            policy: Policy {
                restarts: options.restarts,
                ..Policy::default()
            },
            // A browser that comes up keeps about one core busy, and waits for the page in between.
            resources: Arc::new(SystemResources::new(data.clone())),
            max_browsers: settings.view.max_browsers,
            launches: available_parallelism().map_or(3, |cores| cores.get() + 1),
        })
        .await;

        let access = Arc::new(Access::new(
            KeyStore::in_folder(&data),
            options.forces_key(),
        ));
        settings.apply(&access);
        let outbox = open_outbox(&options, &registry, messages, files).await;

        let (api, keeper) = LocalApi::new(options.api_address());
        let shell = Arc::new(Shell {
            registry: registry.clone(),
            launcher,
            api,
            access: Arc::clone(&access),
            phones: demo.as_ref().map(Demo::phones),
            updates: Arc::new(Updates::new(surface.updates(), settings.view.check_updates)),
            surface,
            settings: Mutex::new(settings),
            file,
            events: broadcast::Sender::new(64),
            choosing: tokio::sync::Mutex::default(),
            closing: Closing::default(),
            desk: Mutex::default(),
            starting: Mutex::default(),
            options,
        });
        shell.launcher.set_incoming(shell.tells_incoming());
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let webhooks = Webhooks::open(webhook_parts(&shell, telling, &tasks, &stop)).await?;
        let room = ControlRoom::new(registry, outbox.clone(), Arc::clone(&shell) as _)
            .with_access(access)
            .with_webhooks(webhooks)
            .with_bundles(Arc::new(Bundler::new(
                Arc::clone(&shell),
                tasks.clone(),
                stop.clone(),
            )))
            .with_old_logins(profiles, tasks.clone(), stop.clone());
        let api_options = shell.options.for_the_api();
        tasks.spawn(keeper.run(room.clone(), api_options, tasks.clone(), stop.clone()));
        tasks.spawn(
            stop.clone()
                .run_until_cancelled_owned(tell_of_changes(Arc::clone(&shell))),
        );
        Ok(Self {
            room,
            shell,
            outbox,
            demo,
            tasks,
            stop,
            _instance: instance,
        })
    }

    /// Switches the local API on if it is to be on, and begins to restore sessions.
    pub(crate) async fn begin(&self) -> anyhow::Result<()> {
        let options = &self.shell.options;
        let settings = self.shell.settings();
        let mut address = options.api_address();
        if options.api.is_none() && !options.headless {
            address.set_port(settings.api_port);
        }
        let enabled = options.headless || options.api.is_some() || settings.api_enabled;
        let listening = self.shell.api.set(Wish { enabled, address }).await;
        if options.headless {
            // Nobody could reach the program, or see why.
            listening.context("start the local API")?;
        }
        self.shell.look_at_desk().await;
        self.shell.tell();
        let registry = self.shell.registry.clone();
        let restoring = registry.to_be_restored();
        let restoring = restoring.into_iter().map(session_core::ClienteId::get);
        self.spawn(watch(Arc::clone(&self.shell), restoring.collect()));
        self.tasks.spawn(async move { registry.restore().await });
        self.spawn(Arc::clone(&self.shell.updates).run());
        Ok(())
    }

    /// Where the local API is.
    pub(crate) fn address(&self) -> String {
        self.shell.api.view().address
    }

    /// Whether other machines can reach it.
    pub(crate) fn is_exposed(&self) -> bool {
        self.shell.options.is_exposed()
    }

    /// Runs something for as long as the program does.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        self.tasks
            .spawn(async move { stop.run_until_cancelled(task).await });
    }

    /// Ends everything in order: callers, sessions, browsers, simulator. Bounded by its parts to less than 15 s.
    pub(crate) async fn shutdown(self) {
        self.stop.cancel();
        // From now on every wait for a browser counts against the time that the program has.
        self.shell.launcher.begin_shutdown();
        // Sessions end while the last requests are drained; before, the messages that are on their way have a moment, and
        // what came of them is written down while there is a store.
        let sessions = async {
            self.outbox.shutdown().await;
            self.shell.registry.shutdown().await;
        };
        tokio::join!(sessions, async {
            self.tasks.close();
            self.tasks.wait().await;
        });
        self.shell.launcher.shutdown().await;
        if let Some(demo) = self.demo {
            demo.stop().await;
        }
        tracing::info!("all sessions have ended");
    }
}

impl Options {
    /// Where the local API is to listen.
    pub(crate) fn api_address(&self) -> SocketAddr {
        self.api
            .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], crate::options::API_PORT)))
    }

    /// How the local API is to behave.
    fn for_the_api(&self) -> session_api::Options {
        session_api::Options {
            origins: self.origins.clone(),
            allowed_hosts: self.allowed_hosts.clone(),
            allow_other_users: self.allow_other_users,
            control_room: self.headless,
            limits: session_api::Limits {
                init_rate: self.init_rate,
                send_rate: self.send_rate,
                ..session_api::Limits::default()
            },
            ..session_api::Options::default()
        }
    }

    /// Whether other machines can reach the local API: by its address, or through what names it to them.
    fn is_exposed(&self) -> bool {
        let address = self.api_address().ip().to_canonical();
        !address.is_loopback() || !self.allowed_hosts.is_empty()
    }

    /// Whether callers need a key whatever the settings say.
    fn forces_key(&self) -> bool {
        self.require_key || self.is_exposed()
    }
}

async fn open_outbox(
    options: &Options,
    registry: &Registry,
    store: Arc<dyn MessageStore>,
    files: MediaFolder,
) -> Outbox {
    Outbox::open(OutboxParts {
        registry: registry.clone(),
        store,
        files: Arc::new(files),
        clock: Arc::new(SystemClock),
        policy: OutboxPolicy {
            messages_per_minute: options.pace,
            ..OutboxPolicy::default()
        },
    })
    .await
}

fn webhook_parts(
    shell: &Shell,
    store: Arc<dyn WebhookStore>,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) -> session_webhooks::Parts {
    session_webhooks::Parts {
        store,
        registry: shell.registry.clone(),
        clock: Arc::new(SystemClock),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        policy: session_webhooks::Policy::default(),
        fixed: shell.options.webhooks.clone(),
        fixed_secret: shell.options.webhook_secret.clone(),
        tasks: tasks.clone(),
        stop: stop.clone(),
    }
}

pub(crate) async fn launch_settings(options: &Options, demo: Option<&Demo>) -> LaunchSettings {
    let explicit = options.browser.clone();
    let browser = match tokio::task::spawn_blocking(move || detect(explicit.as_deref())).await {
        Ok(Ok(browser)) => {
            tracing::info!(
                name = browser.name,
                version = browser.version.as_deref(),
                "browser found"
            );
            Some(browser)
        }
        Ok(Err(error)) => {
            tracing::error!(%error, "no browser");
            None
        }
        Err(error) => {
            tracing::error!(%error, "looking for a browser failed");
            None
        }
    };
    let mut extra_args = demo.map(Demo::browser_args).unwrap_or_default();
    extra_args.extend(options.browser_args.iter().cloned());
    LaunchSettings {
        browser,
        whatsapp_url: options.whatsapp_url.clone(),
        extra_args,
        no_sandbox: options.no_sandbox,
        headed: options.headed,
        wa_js_override: Some(options.data_dir.join("bridge").join("wa-js.js")),
        diagnostics: Some(options.data_dir.join("diagnostics")),
        ..LaunchSettings::default()
    }
}

/// The control room shows whether the store works and what the machine has left, so it is told when that changes.
async fn tell_of_changes(shell: Arc<Shell>) {
    let mut health = shell.registry.store_health();
    let mut resources = shell.registry.resources();
    let mut updates = shell.updates.subscribe();
    loop {
        let changed = tokio::select! {
            changed = health.changed() => changed,
            changed = resources.changed() => changed,
            changed = updates.changed() => changed,
        };
        if changed.is_err() {
            return;
        }
        shell.tell();
    }
}
