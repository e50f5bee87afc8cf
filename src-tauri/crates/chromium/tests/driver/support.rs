//! One simulator, one launcher, one cliente; and waits that have a deadline.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use session_chromium::{ChromiumLauncher, FoundBrowser, LaunchSettings, ProfileFolders};
use session_core::ClienteId;
use session_core::ports::{Browser, DriverEvent, LaunchError, Launched, Launcher, Profiles};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use whatsapp_simulator::{DeviceSelector, PhoneAction, Simulator, SimulatorConfig, Timing};

/// Longer than anything takes here, shorter than a person's patience.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) fn cliente(id: u64) -> Result<ClienteId> {
    Ok(ClienteId::try_from(id)?)
}

/// Everything a test needs. Stops what it started.
pub(crate) struct World {
    _slot: File,
    pub(crate) simulator: Simulator,
    pub(crate) launcher: Arc<ChromiumLauncher>,
    pub(crate) profiles: Arc<ProfileFolders>,
    pub(crate) data: Data,
}

/// The folder for profiles.
pub(crate) struct Data {
    folder: PathBuf,
    _owned: Option<tempfile::TempDir>,
}

impl Data {
    pub(crate) fn path(&self) -> &Path {
        &self.folder
    }
}

pub(crate) fn settings() -> Result<LaunchSettings> {
    Ok(LaunchSettings {
        browser: Some(session_chromium::detect(None)?),
        // Chromium refuses its sandbox to root, which is who runs tests in a container.
        no_sandbox: is_root(),
        hook_timeout: Duration::from_secs(3),
        ..LaunchSettings::default()
    })
}

/// Waits for one of two places, so that no more than two browsers run at once on a small machine, however the tests are
/// run.
pub(crate) async fn slot() -> Result<File> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let places: Vec<File> = ["browser-1.lock", "browser-2.lock"]
        .iter()
        .map(|name| File::create(folder.join(name)))
        .collect::<std::io::Result<_>>()?;
    loop {
        for place in &places {
            if place.try_lock().is_ok() {
                return Ok(place.try_clone()?);
            }
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub(crate) fn is_root() -> bool {
    std::fs::read_to_string("/proc/self/status")
        .is_ok_and(|status| status.lines().any(|line| line.starts_with("Uid:\t0\t")))
}

impl World {
    pub(crate) async fn new() -> Result<Self> {
        Self::with(SimulatorConfig::default()).await
    }

    pub(crate) async fn with(config: SimulatorConfig) -> Result<Self> {
        let data = tempfile::tempdir()?;
        let folder = data.path().to_owned();
        Self::build(config, &folder, Some(data)).await
    }

    /// In a folder that outlives it.
    pub(crate) async fn in_folder(folder: &Path) -> Result<Self> {
        Self::build(SimulatorConfig::default(), folder, None).await
    }

    async fn build(
        config: SimulatorConfig,
        folder: &Path,
        data: Option<tempfile::TempDir>,
    ) -> Result<Self> {
        let slot = slot().await?;
        let simulator = Simulator::start(SimulatorConfig {
            timing: Timing::fast(),
            ..config
        })
        .await?;
        let data = Data {
            folder: folder.to_owned(),
            _owned: data,
        };
        let profiles = ProfileFolders::open(data.path().join("profiles"))?;
        let launcher = Arc::new(ChromiumLauncher::new(
            LaunchSettings {
                extra_args: simulator.chromium_args(),
                ..settings()?
            },
            Arc::clone(&profiles),
        ));
        Ok(Self {
            _slot: slot,
            simulator,
            launcher,
            profiles,
            data,
        })
    }

    pub(crate) async fn launch(&self, id: u64) -> Result<Session> {
        let Launched { browser, events } = self.try_launch(id).await??;
        Ok(Session { browser, events })
    }

    pub(crate) async fn try_launch(&self, id: u64) -> Result<Result<Launched, LaunchError>> {
        let launching = self
            .launcher
            .launch(cliente(id)?, None, CancellationToken::new());
        Ok(launching.await)
    }

    /// Starts a session and links it.
    pub(crate) async fn linked(&self, id: u64) -> Result<Session> {
        let mut session = self.launch(id).await?;
        let code = session.code().await?;
        self.simulator.phone().scan(&code, None).await?;
        session.connected().await?;
        Ok(session)
    }

    pub(crate) async fn act(&self, action: PhoneAction) -> Result<()> {
        let devices = self.simulator.phone().devices();
        let device = devices
            .iter()
            .find(|device| device.pages > 0)
            .context("no device")?;
        self.simulator
            .phone()
            .act(&DeviceSelector::Id(device.id.clone()), action)
            .await?;
        Ok(())
    }

    /// Starts a session, links it, and remembers that, as the session does.
    pub(crate) async fn linked_and_marked(&self, id: u64) -> Result<Session> {
        let session = self.linked(id).await?;
        self.profiles.mark_login(cliente(id)?, true).await?;
        Ok(session)
    }

    /// The browser's own folder.
    pub(crate) fn user_data(&self, id: u64) -> PathBuf {
        self.data.path().join(format!("profiles/{id}/chromium"))
    }

    /// Checks that nobody holds the profile.
    pub(crate) fn profiles_are_free(&self, id: u64) -> Result<()> {
        let lock = self.data.path().join(format!("profiles/{id}/lock"));
        if lock.exists() {
            File::open(lock)?
                .try_lock()
                .context("the profile is held")?;
        }
        Ok(())
    }

    /// Ends everything and checks that nothing is left.
    pub(crate) async fn end(self) -> Result<()> {
        self.launcher.shutdown().await;
        let left = browsers_under(self.data.path());
        self.simulator.stop().await;
        if !left.is_empty() {
            bail!("processes are left: {left:?}");
        }
        Ok(())
    }
}

/// A browser and what it says.
pub(crate) struct Session {
    pub(crate) browser: Arc<dyn Browser>,
    pub(crate) events: mpsc::Receiver<DriverEvent>,
}

impl Session {
    pub(crate) async fn next(&mut self) -> Result<DriverEvent> {
        tokio::time::timeout(PATIENCE, self.events.recv())
            .await
            .context("nothing happened")?
            .context("the events ended")
    }

    /// Waits for an event; gives those that came before it too.
    pub(crate) async fn until(
        &mut self,
        wanted: impl Fn(&DriverEvent) -> bool,
    ) -> Result<Vec<DriverEvent>> {
        let mut seen = Vec::new();
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            match self.next().await {
                Ok(event) => {
                    let found = wanted(&event);
                    seen.push(event);
                    if found {
                        return Ok(seen);
                    }
                }
                Err(error) => bail!("{error} after {seen:?}"),
            }
        }
        bail!("it did not happen; instead: {seen:?}")
    }

    pub(crate) async fn code(&mut self) -> Result<String> {
        let seen = self
            .until(|event| matches!(event, DriverEvent::Code(_)))
            .await?;
        match seen.last() {
            Some(DriverEvent::Code(code)) => Ok(code.reveal().to_owned()),
            _ => bail!("no code"),
        }
    }

    pub(crate) async fn connected(&mut self) -> Result<String> {
        let seen = self
            .until(|event| matches!(event, DriverEvent::Connected(_)))
            .await?;
        match seen.last() {
            Some(DriverEvent::Connected(account)) => Ok(account.number.reveal().to_owned()),
            _ => bail!("not connected"),
        }
    }

    /// Waits for exactly this event.
    pub(crate) async fn expect(&mut self, wanted: DriverEvent) -> Result<Vec<DriverEvent>> {
        self.until(|event| *event == wanted)
            .await
            .with_context(|| format!("waiting for {wanted:?}"))
    }
}

/// The living processes whose command line names something under this folder.
pub(crate) fn browsers_under(folder: &Path) -> Vec<(u32, String)> {
    let needle = folder.display().to_string();
    processes()
        .into_iter()
        .filter(|&pid| pid != std::process::id())
        .filter_map(|pid| Some((pid, command_line(pid)?)))
        .filter(|(_, line)| line.contains(&needle))
        .collect()
}

/// The page's renderer.
pub(crate) fn renderer_of(browser: u32) -> Option<u32> {
    descendant(browser, |line| {
        line.contains("--type=renderer") && !line.contains("--extension-process")
    })
}

/// A process under this one, by its command line.
pub(crate) fn descendant(root: u32, wanted: impl Fn(&str) -> bool) -> Option<u32> {
    descendants(root)
        .into_iter()
        .find(|&pid| command_line(pid).is_some_and(|line| wanted(&line)))
}

pub(crate) fn descendants(root: u32) -> Vec<u32> {
    let all: Vec<(u32, u32)> = processes()
        .into_iter()
        .filter_map(|pid| Some((pid, parent_of(pid)?)))
        .collect();
    let mut found = vec![root];
    let mut at = 0;
    while at < found.len() {
        let parent = found[at];
        found.extend(
            all.iter()
                .filter(|(_, p)| *p == parent)
                .map(|(pid, _)| *pid),
        );
        at += 1;
    }
    found
}

pub(crate) fn is_alive(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| {
        !stat
            .rsplit_once(") ")
            .is_some_and(|(_, rest)| rest.starts_with('Z'))
    })
}

fn processes() -> Vec<u32> {
    std::fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect()
}

fn parent_of(pid: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(") ")?;
    rest.split_ascii_whitespace().nth(1)?.parse().ok()
}

fn command_line(pid: u32) -> Option<String> {
    let bytes = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    (!bytes.is_empty()).then(|| String::from_utf8_lossy(&bytes).replace('\0', " "))
}

pub(crate) fn kill(pid: u32) {
    signal(pid, "-KILL");
}

pub(crate) fn signal(pid: u32, name: &str) {
    let _ = std::process::Command::new("kill")
        .args([name, &pid.to_string()])
        .status();
}

/// Waits for something that can only be looked at.
pub(crate) async fn eventually(what: &str, check: impl Fn() -> bool) -> Result<()> {
    let end = Instant::now() + PATIENCE;
    while !check() {
        if Instant::now() > end {
            bail!("{what}: not in time");
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(())
}

/// A browser that is none: a script of the shell.
pub(crate) fn script(folder: &Path, body: &str) -> Result<FoundBrowser> {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.join("browser.sh");
    std::fs::write(&path, format!("#!/bin/sh\n{body}\n"))?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755))?;
    Ok(FoundBrowser {
        path,
        name: "Chromium",
        version: Some("156.0.0.0".to_owned()),
    })
}
