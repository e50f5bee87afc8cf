//! What a real browser finds.

use std::path::Path;

use session_chromium::{ChromiumLauncher, Probe, ProfileFolders};
use session_core::Reason;
use session_core::ports::LaunchError;

use super::report::Finding;
use crate::backend::launch_settings;
use crate::demo::Demo;
use crate::options::Options;

/// Without these no message goes out; the others tell more, or tell it sooner.
const NEEDED: [&str; 4] = [
    "conn.getStreamData",
    "conn.getAuthCode",
    "chat.sendTextMessage",
    "contact.queryExists",
];

/// Starts a browser and loads WhatsApp Web, or in demo mode the simulator.
pub(super) async fn try_out(options: &Options, scratch: &Path) -> Vec<Finding> {
    let demo = if options.demo {
        match Demo::start(scratch).await {
            Ok(demo) => Some(demo),
            Err(error) => {
                return vec![Finding::fail(
                    "simulator",
                    format!("{error:#}"),
                    "report this",
                )];
            }
        }
    } else {
        None
    };
    let folder = scratch.join("profiles");
    let findings = match tokio::task::spawn_blocking(move || ProfileFolders::open(folder)).await {
        Ok(Ok(profiles)) => {
            let settings = launch_settings(options, demo.as_ref()).await;
            let launcher = ChromiumLauncher::new(settings, profiles);
            let findings = match launcher.probe().await {
                Ok(probe) => judge(options, &probe),
                Err(error) => vec![failed(&error)],
            };
            launcher.shutdown().await;
            findings
        }
        Ok(Err(error)) => vec![Finding::fail(
            "launch",
            error.to_string(),
            "make the folder for temporary files writable",
        )],
        Err(error) => vec![Finding::fail("launch", error.to_string(), "try again")],
    };
    if let Some(demo) = demo {
        demo.stop().await;
    }
    findings
}

fn failed(error: &LaunchError) -> Finding {
    let remedy = match error.reason {
        Reason::BrowserNotFound => {
            "install Chromium, Google Chrome, Microsoft Edge or Brave, or name one with --browser"
        }
        Reason::SandboxUnavailable => {
            "do not run as root and allow user namespaces, or use --no-sandbox where that cannot be"
        }
        Reason::PageUnreachable => "check the network connection and the proxy",
        Reason::ProfileUnusable => {
            "make the folder for temporary files writable and free some space"
        }
        _ => "update or reinstall the browser",
    };
    let found = format!("{} ({})", error.detail, error.reason.code());
    Finding::fail("launch", found, remedy)
}

fn judge(options: &Options, probe: &Probe) -> Vec<Finding> {
    let version = |version: &Option<String>| {
        version
            .clone()
            .unwrap_or_else(|| "of unknown version".to_owned())
    };
    let mut findings = vec![Finding::ok(
        "launch",
        format!(
            "{} {} came up in {:.1} s",
            probe.browser,
            version(&probe.browser_version),
            probe.launch.as_secs_f64()
        ),
    )];
    findings.push(match (probe.code_shown, probe.trouble) {
        (true, _) => Finding::ok(
            "page",
            format!(
                "WhatsApp Web {} showed a QR after {:.1} s",
                version(&probe.whatsapp_version),
                probe.load.as_secs_f64()
            ),
        ),
        (false, Some(reason)) => Finding::fail(
            "page",
            format!("{} showed no QR: {}", options.whatsapp_url, reason.code()),
            "update the browser and Session Manager, and check the network connection",
        ),
        (false, None) => Finding::fail(
            "page",
            format!(
                "{} showed no QR within {:.0} s",
                options.whatsapp_url,
                probe.load.as_secs_f64()
            ),
            "check the network connection and the proxy",
        ),
    });
    let origin = if probe.wa_js.replaced {
        "from the data folder"
    } else {
        "built in"
    };
    findings.push(Finding::ok(
        "wa-js",
        format!(
            "{} ({origin}, SHA-256 {})",
            version(&probe.wa_js_version),
            probe.wa_js.sha256
        ),
    ));
    findings.push(hooks(probe));
    findings
}

fn hooks(probe: &Probe) -> Finding {
    const UPDATE: &str =
        "update Session Manager, or put a newer wa-js.js into the folder bridge of the data folder";
    let missing: Vec<_> = probe
        .hooks
        .iter()
        .filter(|hook| !hook.found)
        .map(|hook| hook.name.as_str())
        .collect();
    let needed = missing.iter().any(|name| NEEDED.contains(name));
    match probe.hooked {
        Some(_) if probe.hooks.is_empty() => Finding::fail(
            "hooks",
            "the page did not say what it offers".to_owned(),
            UPDATE,
        ),
        Some(true) if missing.is_empty() => {
            let names: Vec<_> = probe.hooks.iter().map(|hook| hook.name.as_str()).collect();
            Finding::ok(
                "hooks",
                format!("all {} found: {}", names.len(), names.join(", ")),
            )
        }
        Some(true) if !needed => {
            Finding::warn("hooks", format!("missing: {}", missing.join(", ")), UPDATE)
        }
        Some(true) => Finding::fail("hooks", format!("missing: {}", missing.join(", ")), UPDATE),
        Some(false) => Finding::fail(
            "hooks",
            "WhatsApp Web changed: sessions only see its screen and cannot send".to_owned(),
            UPDATE,
        ),
        None => Finding::fail(
            "hooks",
            "the page did not say in time".to_owned(),
            "check the network connection",
        ),
    }
}
