//! The program, its machine, and how it was asked to run.

use std::fs;

use serde_json::{Value, json};
use session_chromium::{WaJs, detect};
use session_core::ports::Resources as _;
use session_resources::SystemResources;

use super::collect::Sources;
use super::redact::Private;
use crate::options::Options;

const MIB: u64 = 1024 * 1024;

/// The program and its machine.
pub(super) async fn about(sources: &Sources, wa_js: Option<&WaJs>) -> Value {
    let machine = SystemResources::new(sources.options.data_dir.clone());
    let memory = machine.memory().await;
    let browser = match &sources.live {
        Some(live) => live.shell.launcher.settings().browser,
        None => detect(sources.options.browser.as_deref()).ok(),
    };
    json!({
        "program": {
            "version": env!("CARGO_PKG_VERSION"),
            "running": sources.live.is_some(),
            "uptime_s": sources.live.as_ref().map(|live| live.room.uptime().as_secs()),
            "debug_build": cfg!(debug_assertions),
        },
        "system": {
            "os": std::env::consts::OS,
            "arch": std::env::consts::ARCH,
            "name": os_name(),
            "kernel": read("/proc/sys/kernel/osrelease"),
            "cores": std::thread::available_parallelism().map_or(0, std::num::NonZero::get),
            "memory_mib": memory.map(|memory| memory.total / MIB),
            "memory_available_mib": memory.map(|memory| memory.available / MIB),
            "disk_free_mib": machine.free_disk().await.map(|free| free / MIB),
            "display": display(),
            "desktop": variable("XDG_CURRENT_DESKTOP"),
        },
        "browser": browser.map(|browser| json!({
            "name": browser.name, "version": browser.version, "path": browser.path,
        })),
        "wa_js": wa_js.map(|wa_js| json!({ "sha256": wa_js.sha256, "replaced": wa_js.replaced })),
    })
}

/// How the program was asked to run, without what could be secret.
pub(super) fn options(options: &Options) -> Value {
    let arguments = options.browser_args.iter();
    json!({
        "demo": options.demo,
        "headless": options.headless,
        "api": options.api,
        "data_dir": options.data_dir,
        "browser": options.browser,
        // Values may be anything, such as a proxy with its password.
        "browser_args": arguments.map(|one| one.split('=').next().unwrap_or_default()).collect::<Vec<_>>(),
        "whatsapp_url": options.whatsapp_url,
        "no_sandbox": options.no_sandbox,
        "headed": options.headed,
        "restarts": options.restarts,
        "init_rate": options.init_rate,
        "send_rate": options.send_rate,
        "pace": options.pace,
        "media_dirs": options.media_dirs.len(),
        "incoming": options.incoming,
        "log": format!("{:?}", options.log).to_lowercase(),
        "origins": options.origins.iter().collect::<Vec<_>>(),
        "allowed_hosts": !options.allowed_hosts.is_empty(),
        "require_key": options.require_key,
        "allow_other_users": options.allow_other_users,
        "webhooks": options.webhooks,
    })
}

/// What is private about the machine and the options.
pub(super) fn private(options: &Options) -> Vec<Private> {
    let mut all = Vec::new();
    if let Some(home) = dirs::home_dir().map(|home| home.display().to_string())
        && home.len() > 1
    {
        all.push(Private::Home(home));
    }
    all.extend(
        variable("USER")
            .or_else(|| variable("USERNAME"))
            .map(Private::User),
    );
    all.extend(
        read("/proc/sys/kernel/hostname")
            .or_else(|| variable("COMPUTERNAME"))
            .map(Private::Host),
    );
    if let Some(secret) = &options.webhook_secret {
        all.push(Private::Secret(secret.reveal().to_owned()));
    }
    all
}

fn os_name() -> Option<String> {
    let text = fs::read_to_string("/etc/os-release").ok()?;
    let name = text
        .lines()
        .find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    Some(name.trim_matches('"').to_owned())
}

fn display() -> &'static str {
    if variable("WAYLAND_DISPLAY").is_some() {
        "wayland"
    } else if variable("DISPLAY").is_some() {
        "x11"
    } else if cfg!(target_os = "linux") {
        "none"
    } else {
        "system"
    }
}

fn read(path: &str) -> Option<String> {
    fs::read_to_string(path)
        .ok()
        .map(|text| text.trim().to_owned())
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
