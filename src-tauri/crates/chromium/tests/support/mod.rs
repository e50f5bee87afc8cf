//! One simulator, one launcher, one cliente; and waits that have a deadline.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use session_chromium::{ChromiumLauncher, FoundBrowser, LaunchSettings, ProfileFolders};
use session_core::ClienteId;
use session_core::ports::{Browser, DriverEvent, LaunchError, Launched, Launcher};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use whatsapp_simulator::{DeviceSelector, PhoneAction, Simulator, SimulatorConfig, Timing};

/// Longer than anything takes here, shorter than a person's patience.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub fn cliente(id: u64) -> ClienteId {
    ClienteId::try_from(id).unwrap()
}

/// Everything a test needs. Stops what it started.
pub struct World {
    pub simulator: Simulator,
    pub launcher: Arc<ChromiumLauncher>,
    pub profiles: Arc<ProfileFolders>,
    pub data: tempfile::TempDir,
}

pub fn settings() -> Result<LaunchSettings> {
    Ok(LaunchSettings {
        browser: Some(session_chromium::detect(None)?),
        // Chromium refuses its sandbox to root, which is who runs tests in a container.
        no_sandbox: is_root(),
        hook_timeout: Duration::from_secs(3),
        ..LaunchSettings::default()
    })
}

fn is_root() -> bool {
    std::fs::read_to_string("/proc/self/status")
        .is_ok_and(|status| status.lines().any(|line| line.starts_with("Uid:\t0\t")))
}

impl World {
    pub async fn new() -> Result<Self> {
        Self::with(SimulatorConfig::default()).await
    }

    pub async fn with(config: SimulatorConfig) -> Result<Self> {
        let simulator = Simulator::start(SimulatorConfig {
            timing: Timing::fast(),
            ..config
        })
        .await?;
        let data = tempfile::tempdir()?;
        let profiles = ProfileFolders::open(data.path().join("profiles"))?;
        let launcher = Arc::new(ChromiumLauncher::new(
            LaunchSettings {
                extra_args: simulator.chromium_args(),
                ..settings()?
            },
            Arc::clone(&profiles),
        ));
        Ok(Self {
            simulator,
            launcher,
            profiles,
            data,
        })
    }

    pub async fn launch(&self, id: u64) -> Result<Session> {
        let Launched { browser, events } = self.try_launch(id).await?;
        Ok(Session { browser, events })
    }

    pub async fn try_launch(&self, id: u64) -> Result<Launched, LaunchError> {
        self.launcher
            .launch(cliente(id), CancellationToken::new())
            .await
    }

    /// Starts a session and links it.
    pub async fn linked(&self, id: u64) -> Result<Session> {
        let mut session = self.launch(id).await?;
        let code = session.code().await?;
        self.simulator.phone().scan(&code, None).await?;
        session.connected().await?;
        Ok(session)
    }

    pub async fn act(&self, action: PhoneAction) -> Result<()> {
        let devices = self.simulator.phone().devices();
        let device = devices.last().context("no device")?;
        self.simulator
            .phone()
            .act(&DeviceSelector::Id(device.id.clone()), action)
            .await?;
        Ok(())
    }

    /// Ends everything and checks that nothing is left.
    pub async fn end(self) -> Result<()> {
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
pub struct Session {
    pub browser: Arc<dyn Browser>,
    pub events: mpsc::Receiver<DriverEvent>,
}

impl Session {
    pub async fn next(&mut self) -> Result<DriverEvent> {
        tokio::time::timeout(PATIENCE, self.events.recv())
            .await
            .context("nothing happened")?
            .context("the events ended")
    }

    /// Waits for an event; gives those that came before it too.
    pub async fn until(
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

    pub async fn code(&mut self) -> Result<String> {
        let seen = self
            .until(|event| matches!(event, DriverEvent::Code(_)))
            .await?;
        match seen.last() {
            Some(DriverEvent::Code(code)) => Ok(code.reveal().to_owned()),
            _ => bail!("no code"),
        }
    }

    pub async fn connected(&mut self) -> Result<String> {
        let seen = self
            .until(|event| matches!(event, DriverEvent::Connected(_)))
            .await?;
        match seen.last() {
            Some(DriverEvent::Connected(account)) => Ok(account.number.reveal().to_owned()),
            _ => bail!("not connected"),
        }
    }

    /// Waits for exactly this event.
    pub async fn expect(&mut self, wanted: DriverEvent) -> Result<Vec<DriverEvent>> {
        self.until(|event| *event == wanted)
            .await
            .with_context(|| format!("waiting for {wanted:?}"))
    }
}

/// The living processes whose command line names something under this folder.
pub fn browsers_under(folder: &Path) -> Vec<(u32, String)> {
    let needle = folder.display().to_string();
    processes()
        .into_iter()
        .filter(|&pid| pid != std::process::id())
        .filter_map(|pid| Some((pid, command_line(pid)?)))
        .filter(|(_, line)| line.contains(&needle))
        .collect()
}

/// The page's renderer.
pub fn renderer_of(browser: u32) -> Option<u32> {
    descendants(browser).into_iter().find(|&pid| {
        command_line(pid).is_some_and(|line| {
            line.contains("--type=renderer") && !line.contains("--extension-process")
        })
    })
}

pub fn descendants(root: u32) -> Vec<u32> {
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

pub fn is_alive(pid: u32) -> bool {
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

pub fn kill(pid: u32) {
    // The `kill` of the shell, so that no test needs unsafe code or another crate.
    let _ = std::process::Command::new("kill")
        .args(["-9", &pid.to_string()])
        .status();
}

/// Waits for something that can only be looked at.
pub async fn eventually(what: &str, check: impl Fn() -> bool) -> Result<()> {
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
pub fn script(folder: &Path, body: &str) -> Result<FoundBrowser> {
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
