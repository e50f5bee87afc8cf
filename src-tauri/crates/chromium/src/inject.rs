//! The scripts that go into the page before its own.

use std::fmt::Write as _;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::settings::Incoming;

const BUNDLED_WA_JS: &str = include_str!(concat!(env!("OUT_DIR"), "/wa-js.js"));
const BRIDGE: &str = include_str!(concat!(env!("OUT_DIR"), "/bridge.js"));

/// A newer wa-js may be this long, bytes; it has half a megabyte today.
const LONGEST_WA_JS: u64 = 16 * 1024 * 1024;

/// Which wa-js goes into pages, for diagnostics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaJs {
    /// Whether it is the newer one from the data folder.
    pub replaced: bool,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
    source: Arc<str>,
}

impl WaJs {
    /// The one in this file if it can be read, else the one we were built with. Blocks.
    pub(crate) fn load(newer: Option<&Path>) -> Self {
        let newer = newer.filter(|path| path.exists()).and_then(|path| {
            read_bounded(path)
                .inspect_err(|cause| {
                    tracing::warn!(error = %cause.kind(), "the newer wa-js cannot be read; the built-in one is used");
                })
                .ok()
        });
        let replaced = newer.is_some();
        let source: Arc<str> = newer.map_or_else(|| BUNDLED_WA_JS.into(), Into::into);
        Self {
            replaced,
            sha256: hex(&Sha256::digest(source.as_bytes())),
            source,
        }
    }
}

fn read_bounded(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    fs::File::open(path)?
        .take(LONGEST_WA_JS)
        .read_to_string(&mut text)?;
    Ok(text)
}

/// The names that tie one page to its driver. Random, so that no script of the page can know them.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    /// The function by which the bridge reaches us. The bridge erases it from the page at once.
    pub(crate) push: String,
    /// The function by which we reach the bridge.
    pub(crate) api: String,
}

impl Names {
    pub(crate) fn new() -> std::io::Result<Self> {
        let mut random = [0_u8; 32];
        getrandom::fill(&mut random).map_err(std::io::Error::other)?;
        let (push, api) = random.split_at(16);
        Ok(Self {
            push: format!("_{}", hex(push)),
            api: format!("_{}", hex(api)),
        })
    }
}

/// The scripts, in the order in which they must run. Each stands alone: a wa-js that does not even parse leaves the
/// bridge its view of the screen.
pub(crate) fn scripts(
    names: &Names,
    wa_js: &WaJs,
    fallback_after: Duration,
    incoming: Incoming,
) -> [String; 3] {
    let config = json!({
        // Else wa-js reports to Google Analytics and shows links to other people's servers.
        "disableGoogleAnalytics": true,
        "linkPreviewApiServers": [],
    });
    let boot = json!({
        "push": names.push,
        "api": names.api,
        "fallbackAfter": u64::try_from(fallback_after.as_millis()).unwrap_or(u64::MAX),
        "incoming": incoming == Incoming::On,
    });
    let push = json!(names.push);
    [
        // Frames and the browser's own pages are none of ours.
        format!(
            "(()=>{{if(window!==window.top||!location.protocol.startsWith('http')){{delete globalThis[{push}];return}}\
             globalThis.WPPConfig={config};globalThis.__sessionBoot={boot}}})()"
        ),
        format!("if(globalThis.__sessionBoot){{{}\n}}", wa_js.source),
        BRIDGE.to_owned(),
    ]
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_wa_js_wins_and_is_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wa-js.js");
        let built_in = WaJs::load(Some(&path));
        assert!(!built_in.replaced);
        assert_eq!(built_in, WaJs::load(None));
        fs::write(&path, "self.WPP={}").unwrap();
        let newer = WaJs::load(Some(&path));
        assert!(newer.replaced);
        assert_eq!(newer.sha256, hex(&Sha256::digest("self.WPP={}")),);
        // Unreadable as text: the built-in one is better than none.
        fs::write(&path, [0xff, 0xfe]).unwrap();
        assert_eq!(WaJs::load(Some(&path)), built_in);
    }

    #[test]
    fn wa_js_is_told_to_keep_quiet_before_it_loads() {
        let names = Names::new().unwrap();
        let wa_js = WaJs::load(None);
        let after = Duration::from_secs(12);
        let scripts = scripts(&names, &wa_js, after, Incoming::Off);
        assert!(scripts[0].contains(r#""disableGoogleAnalytics":true"#));
        assert!(scripts[0].contains(r#""linkPreviewApiServers":[]"#));
        assert!(scripts[0].contains(r#""fallbackAfter":12000"#));
        assert!(scripts[0].contains(r#""incoming":false"#));
        assert!(scripts[1].contains("wa-js"));
        assert_ne!(names.push, names.api);
        assert_ne!(names.push, Names::new().unwrap().push);
    }
}
