//! What is there before anything is started.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use session_chromium::detect;
use session_core::ports::Resources as _;
use session_resources::SystemResources;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::report::Finding;
use crate::instance::{Instance, InstanceError};
use crate::options::Options;

const MIB: u64 = 1024 * 1024;
/// Below this no session is started.
const DISK_LOW: u64 = 1024 * MIB;
/// Below this the running ones are closed.
const DISK_FULL: u64 = 300 * MIB;
/// About what the first session takes.
const SESSION: u64 = 400 * MIB;
/// How long a program on this machine may take to answer.
const ANSWER: Duration = Duration::from_secs(3);

/// Whose the data folder is.
#[derive(Clone, Copy)]
pub(super) struct Running {
    pid: Option<u32>,
    window: bool,
}

pub(super) fn program() -> Finding {
    Finding::ok(
        "program",
        format!(
            "Session Manager {} on {} {}",
            env!("CARGO_PKG_VERSION"),
            std::env::consts::OS,
            std::env::consts::ARCH
        ),
    )
}

/// The program that runs on this folder, if one does.
pub(super) fn running(data: &Path) -> Option<Running> {
    if !data.is_dir() {
        return None;
    }
    match Instance::look(data) {
        Err(InstanceError::Running { pid, window, .. }) => Some(Running { pid, window }),
        _ => None,
    }
}

pub(super) fn data_folder(data: &Path, running: Option<Running>) -> Finding {
    let shown = data.display();
    if let Some(Running { pid, window }) = running {
        let pid = pid.map_or_else(String::new, |pid| format!(", process {pid}"));
        let how = if window {
            "with a window"
        } else {
            "without a window"
        };
        return Finding::ok(
            "data folder",
            format!("{shown}; Session Manager runs on it {how}{pid}"),
        );
    }
    if !data.exists() {
        return Finding::ok(
            "data folder",
            format!("{shown} will be made at the first start"),
        );
    }
    match Instance::look(data) {
        Ok(()) => Finding::ok("data folder", shown.to_string()),
        Err(error) => Finding::fail(
            "data folder",
            error.to_string(),
            "make it writable for this user, or choose another with --data-dir",
        ),
    }
}

pub(super) async fn store(data: &Path) -> Finding {
    let path = data.join("sessions.db");
    if !path.exists() {
        return Finding::ok("store", "no clientes yet");
    }
    match tokio::task::spawn_blocking(move || session_store::look(&path)).await {
        Ok(Ok(clientes)) => Finding::ok("store", format!("{clientes} clientes")),
        Ok(Err(detail)) => Finding::warn(
            "store",
            detail,
            "a damaged list is set aside and rebuilt from its backup copy at the next start; saved logins are not touched",
        ),
        Err(error) => Finding::fail("store", error.to_string(), "try again"),
    }
}

pub(super) async fn disk(data: &Path) -> Finding {
    // The nearest folder that there is: the data folder may have to be made yet.
    let there = data
        .ancestors()
        .find(|folder| folder.exists())
        .unwrap_or(data);
    let free = SystemResources::new(there.to_owned()).free_disk().await;
    match free {
        None => Finding::warn(
            "disk",
            "the free space cannot be told",
            "look whether the disk can be read",
        ),
        Some(free) if free < DISK_FULL => Finding::fail(
            "disk",
            format!(
                "{} MiB are free: all browsers are closed to protect their logins",
                free / MIB
            ),
            "free at least 1 GiB",
        ),
        Some(free) if free < DISK_LOW => Finding::fail(
            "disk",
            format!("{} MiB are free: no session is started", free / MIB),
            "free at least 1 GiB",
        ),
        Some(free) => Finding::ok("disk", format!("{} MiB are free", free / MIB)),
    }
}

pub(super) async fn memory(data: &Path) -> Finding {
    match SystemResources::new(data.to_owned()).memory().await {
        None => Finding::warn(
            "memory",
            "it cannot be told",
            "choose a number of browsers in the settings",
        ),
        Some(memory) if memory.available < SESSION => Finding::warn(
            "memory",
            format!(
                "{} of {} MiB are free",
                memory.available / MIB,
                memory.total / MIB
            ),
            "a session takes 100 to 400 MiB: end other programs",
        ),
        Some(memory) => Finding::ok(
            "memory",
            format!(
                "{} of {} MiB are free",
                memory.available / MIB,
                memory.total / MIB
            ),
        ),
    }
}

pub(super) async fn browser(options: &Options) -> Finding {
    let explicit = options.browser.clone();
    match tokio::task::spawn_blocking(move || detect(explicit.as_deref())).await {
        Ok(Ok(browser)) => Finding::ok(
            "browser",
            format!(
                "{} {} ({})",
                browser.name,
                browser.version.as_deref().unwrap_or("of unknown version"),
                browser.path.display()
            ),
        ),
        Ok(Err(error)) => Finding::fail(
            "browser",
            error.to_string(),
            "install Chromium, Google Chrome, Microsoft Edge or Brave, or name one with --browser",
        ),
        Err(error) => Finding::fail("browser", error.to_string(), "try again"),
    }
}

/// Where the local API is, or would be.
pub(super) async fn api(options: &Options, running: bool) -> Finding {
    let address = options.api_address();
    match session_api::bind(address).await {
        Ok(_) if running => Finding::ok("local API", format!("{address} is free: the API is off")),
        Ok(_) => Finding::ok("local API", format!("{address} is free")),
        Err(error) => {
            if is_ours(address).await {
                return Finding::ok("local API", format!("Session Manager answers on {address}"));
            }
            Finding::warn(
                "local API",
                error.to_string(),
                "end that program, or choose another port with --api",
            )
        }
    }
}

/// Whether what listens there says that it is one of us.
async fn is_ours(address: SocketAddr) -> bool {
    let ask = async {
        let mut stream = TcpStream::connect(address).await.ok()?;
        let request =
            format!("GET /health/live HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut answer = Vec::new();
        stream.take(64 * 1024).read_to_end(&mut answer).await.ok()?;
        let answer = String::from_utf8_lossy(&answer);
        Some(answer.contains(r#""service":"session-manager""#))
    };
    tokio::time::timeout(ANSWER, ask)
        .await
        .ok()
        .flatten()
        .unwrap_or(false)
}
