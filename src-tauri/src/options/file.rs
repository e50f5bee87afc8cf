//! The configuration file: what may stand in it, and what is wrong with it.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::values::{
    check_rate, parse_api, parse_browser_arg, parse_hosts, parse_origins, parse_url, parse_webhook,
};
use super::{Lang, LogLevel, Stop};

/// `config.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct File {
    pub(super) demo: Option<bool>,
    pub(super) headless: Option<bool>,
    pub(super) minimized: Option<bool>,
    pub(super) api: Option<toml::Value>,
    pub(super) data_dir: Option<PathBuf>,
    pub(super) browser: Option<PathBuf>,
    pub(super) browser_arg: Vec<String>,
    pub(super) whatsapp_url: Option<String>,
    pub(super) no_sandbox: Option<bool>,
    pub(super) headed: Option<bool>,
    pub(super) restarts: Option<u32>,
    pub(super) init_rate: Option<u32>,
    pub(super) send_rate: Option<u32>,
    pub(super) pace: Option<u32>,
    pub(super) media_dir: Vec<PathBuf>,
    pub(super) incoming: Option<bool>,
    pub(super) lang: Option<Lang>,
    pub(super) log: Option<LogLevel>,
    pub(super) allowed_origins: Vec<String>,
    pub(super) require_key: Option<bool>,
    pub(super) allow_other_users: Option<bool>,
    pub(super) allowed_hosts: Vec<String>,
    pub(super) webhook: Vec<String>,
}

impl File {
    /// What is written there.
    pub(super) fn parse(text: &str, path: &Path) -> Result<Self, Stop> {
        toml::from_str(text).map_err(|error| {
            let line = error
                .span()
                .map_or(1, |span| text[..span.start].matches('\n').count() + 1);
            Stop::Bad(format!(
                "{}, line {line}: {}",
                path.display(),
                one_line(error.message())
            ))
        })
    }

    /// The same rules as on the command line.
    pub(super) fn check(&self, path: &Path) -> Result<(), Stop> {
        let bad =
            |key: &str, error: String| Stop::Bad(format!("{}: {key}: {error}", path.display()));
        if let Some(api) = &self.api {
            parse_api(&plain(api)).map_err(|error| bad("api", error))?;
        }
        for argument in &self.browser_arg {
            parse_browser_arg(argument).map_err(|error| bad("browser_arg", error))?;
        }
        if let Some(url) = &self.whatsapp_url {
            parse_url(url).map_err(|error| bad("whatsapp_url", error))?;
        }
        for (key, rate) in [
            ("init_rate", self.init_rate),
            ("send_rate", self.send_rate),
            ("pace", self.pace),
        ] {
            rate.map_or(Ok(0), check_rate)
                .map_err(|error| bad(key, error))?;
        }
        parse_origins(&self.allowed_origins.join(","))
            .map_err(|error| bad("allowed_origins", error))?;
        parse_hosts(&self.allowed_hosts.join(",")).map_err(|error| bad("allowed_hosts", error))?;
        for url in &self.webhook {
            parse_webhook(url).map_err(|error| bad("webhook", error))?;
        }
        Ok(())
    }
}

/// `api = 3001` and `api = "127.0.0.1:3001"` mean the same.
pub(super) fn plain(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn one_line(text: &str) -> String {
    text.lines().collect::<Vec<_>>().join(" ")
}
