//! How the program was asked to run: command line before environment before configuration file before default.

mod command;
mod file;
mod values;

use std::ffi::OsString;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::builder::BoolishValueParser;
use clap::error::ErrorKind as Usage;
use clap::{ArgAction, Parser, ValueEnum};
use serde::Deserialize;
use session_api::{HostNames, Origins};
use session_core::WebhookSecret;

pub use command::{BundleArgs, Command, ImportWish, KeysAction};
use file::{File, plain};
use values::{
    parse_api, parse_browser_arg, parse_hosts, parse_origins, parse_rate, parse_url, parse_webhook,
};

/// What the whole program reads; nothing else looks at arguments, environment or configuration.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own on the command line"
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Everything against the built-in simulator.
    pub demo: bool,
    /// No window.
    pub headless: bool,
    /// The window stays away until somebody asks for it.
    pub minimized: bool,
    /// Where the local API listens, if that was said.
    pub api: Option<SocketAddr>,
    /// Where everything is kept.
    pub data_dir: PathBuf,
    /// The browser, if one was named.
    pub browser: Option<PathBuf>,
    /// Further arguments for the browser.
    pub browser_args: Vec<String>,
    /// Where WhatsApp Web is.
    pub whatsapp_url: String,
    /// Browsers run without their sandbox.
    pub no_sandbox: bool,
    /// Browsers show their windows.
    pub headed: bool,
    /// Restarts of a failing session by itself within five minutes.
    pub restarts: u32,
    /// Starts by `POST /init` in a minute from one address; 0: no limit.
    pub init_rate: u32,
    /// Messages by `POST /send` in a minute of one cliente; 0: no limit.
    pub send_rate: u32,
    /// Messages a minute of one cliente that leave, whoever sends them; 0: as fast as they come.
    pub pace: u32,
    /// Folders whose files may be sent by their path.
    pub media_dirs: Vec<PathBuf>,
    /// Whether messages that come in are told to tools, whatever the settings say.
    pub incoming: bool,
    /// Language of the control room.
    pub lang: Option<Lang>,
    /// How much is logged.
    pub log: LogLevel,
    /// Web origins that may call the local API.
    pub origins: Origins,
    /// Further names that calls of the local API may be meant for.
    pub allowed_hosts: HostNames,
    /// Callers of the local API need a key, whatever the settings say.
    pub require_key: bool,
    /// Other users of this machine may call the local API without a key where its own user may.
    pub allow_other_users: bool,
    /// What to do instead of running.
    pub command: Option<Command>,
    /// Where changes of state are told, beside what the control room says.
    pub webhooks: Vec<String>,
    /// What signs for these; nothing: a secret of its own each.
    pub webhook_secret: Option<WebhookSecret>,
}

/// A language of the control room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Español.
    Es,
    /// English.
    En,
    /// Português do Brasil.
    Pt,
}

/// How much is logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// Only failures.
    Error,
    /// And what may become one.
    Warn,
    /// And each change of a session.
    #[default]
    Info,
    /// And how it came about.
    Debug,
    /// Everything.
    Trace,
}

/// The program ends before it begins.
#[derive(Debug, PartialEq, Eq)]
pub enum Stop {
    /// Help or version, for standard output.
    Help(String),
    /// One line that names what cannot be used.
    Bad(String),
}

/// Restarts of a failing session by itself within five minutes, if nothing else was said.
const RESTARTS: u32 = 3;

/// Starts in a minute from one address, if nothing else was said. Contract.
const INIT_RATE: u32 = 5;

/// The default port of the local API.
pub(crate) const API_PORT: u16 = 3001;

/// Links and keeps alive many WhatsApp Web accounts, one browser each.
///
/// Without options it opens a window. Every option can also be set by the environment variable shown with it, or by a
/// key of the same name (with _ for -) in config.toml in the configuration folder.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own on the command line"
)]
#[derive(Debug, Default, Parser)]
#[command(name = "session-manager", version, max_term_width = 100)]
struct Arguments {
    /// Run everything against the built-in WhatsApp Web simulator: no phone and no network needed
    #[arg(long, global = true, env = "SESSION_MANAGER_DEMO", action = ArgAction::SetTrue, value_parser = BoolishValueParser::new())]
    demo: bool,

    /// Run without a window; the control room is then a page of the local API
    #[arg(long, env = "SESSION_MANAGER_HEADLESS", action = ArgAction::SetTrue, value_parser = BoolishValueParser::new())]
    headless: bool,

    /// Start without showing the window: it is in the tray, or minimised where there is no tray
    #[arg(long, env = "SESSION_MANAGER_MINIMIZED", action = ArgAction::SetTrue, value_parser = BoolishValueParser::new())]
    minimized: bool,

    /// Where the local HTTP API listens. Off in the window until switched on; without a window it is on at
    /// 127.0.0.1:3001. Where other machines can reach it, every caller needs an API key
    #[arg(long, env = "PORT", global = true, value_name = "[ADDR:]PORT", value_parser = parse_api)]
    api: Option<SocketAddr>,

    /// Folder for everything that is kept: clientes, saved logins, logs
    #[arg(
        long,
        global = true,
        env = "SESSION_MANAGER_DATA_DIR",
        value_name = "DIR"
    )]
    data_dir: Option<PathBuf>,

    /// Browser to use: Chromium, Chrome, Edge or Brave. Found by itself if not given
    #[arg(
        long,
        env = "SESSION_MANAGER_BROWSER",
        global = true,
        value_name = "PATH"
    )]
    browser: Option<PathBuf>,

    /// Further argument for every browser, as Chromium takes it; may be given more than once. In the environment: one
    /// per line
    #[arg(
        long = "browser-arg",
        env = "SESSION_MANAGER_BROWSER_ARG",
        global = true,
        value_name = "--FLAG=VALUE",
        value_delimiter = '\n',
        allow_hyphen_values = true,
        value_parser = parse_browser_arg
    )]
    browser_arg: Vec<String>,

    /// Address of WhatsApp Web [default: https://web.whatsapp.com/]
    #[arg(long, env = "SESSION_MANAGER_WHATSAPP_URL", global = true, value_name = "URL", value_parser = parse_url)]
    whatsapp_url: Option<String>,

    /// Run browsers without their sandbox. Only for where it cannot work: as root, or in a container
    #[arg(long, env = "SESSION_MANAGER_NO_SANDBOX", global = true, action = ArgAction::SetTrue, value_parser = BoolishValueParser::new())]
    no_sandbox: bool,

    /// Show the windows of the browsers
    #[arg(long, env = "SESSION_MANAGER_HEADED", action = ArgAction::SetTrue, value_parser = BoolishValueParser::new())]
    headed: bool,

    /// How often a failing session is started again by itself within five minutes; 0 leaves it to you [default: 3]
    #[arg(long, env = "SESSION_MANAGER_RESTARTS", value_name = "N")]
    restarts: Option<u32>,

    /// How many POST /init a minute from one address the local API takes; 0: any number [default: 5]
    #[arg(long, env = "SESSION_MANAGER_INIT_RATE", value_name = "N", value_parser = parse_rate)]
    init_rate: Option<u32>,

    /// How many messages a minute of one cliente the local API takes; 0: any number [default: 0]
    #[arg(long, env = "SESSION_MANAGER_SEND_RATE", value_name = "N", value_parser = parse_rate)]
    send_rate: Option<u32>,

    /// How many messages a minute of one cliente leave; the others wait for their turn; 0: as fast as they come
    /// [default: 0]
    #[arg(long, env = "SESSION_MANAGER_PACE", value_name = "N", value_parser = parse_rate)]
    pace: Option<u32>,

    /// Folder whose files may be sent by their path; may be given more than once. In the environment: one per line
    #[arg(
        long = "media-dir",
        env = "SESSION_MANAGER_MEDIA_DIR",
        value_name = "DIR",
        value_delimiter = '\n'
    )]
    media_dir: Vec<PathBuf>,

    /// Tell messages that come in to tools that ask for them
    #[arg(long, env = "SESSION_MANAGER_INCOMING", action = ArgAction::SetTrue, value_parser = BoolishValueParser::new())]
    incoming: bool,

    /// Language of the control room; that of the system if not given
    #[arg(
        long,
        env = "SESSION_MANAGER_LANG",
        value_name = "es|en|pt",
        hide_possible_values = true
    )]
    lang: Option<Lang>,

    /// How much is logged [default: info]
    #[arg(long, env = "SESSION_MANAGER_LOG", value_name = "LEVEL")]
    log: Option<LogLevel>,

    /// Web origins that may call the local API, separated by commas
    #[arg(long, env = "ALLOWED_ORIGINS", value_name = "ORIGINS", value_parser = parse_origins)]
    allowed_origins: Option<Origins>,

    /// Callers of the local API need an API key. Always so where other machines can reach it
    #[arg(long, env = "SESSION_MANAGER_REQUIRE_KEY", action = ArgAction::SetTrue, value_parser = BoolishValueParser::new())]
    require_key: bool,

    /// Other users of this machine may call the local API as its own user may: without an API key, where none is
    /// required
    #[arg(long, env = "SESSION_MANAGER_ALLOW_OTHER_USERS", action = ArgAction::SetTrue, value_parser = BoolishValueParser::new())]
    allow_other_users: bool,

    /// Names by which other machines reach the local API, such as that of a reverse proxy, separated by commas. Callers
    /// then need a key
    #[arg(long, env = "SESSION_MANAGER_ALLOWED_HOSTS", value_name = "NAMES", value_parser = parse_hosts)]
    allowed_hosts: Option<HostNames>,

    #[command(subcommand)]
    command: Option<Command>,
    /// Address that every change of a session's state is told; may be given more than once. In the environment: one
    /// per line. What signs is in SESSION_MANAGER_WEBHOOK_SECRET (whsec_ and base64), or made up and shown in the
    /// control room
    #[arg(
        long = "webhook",
        env = "SESSION_MANAGER_WEBHOOK",
        value_name = "URL",
        value_delimiter = '\n',
        hide_env_values = true,
        value_parser = parse_webhook
    )]
    webhook: Vec<String>,

    /// What signs for --webhook. An option would show it to everybody who lists processes.
    #[arg(skip)]
    webhook_secret: Option<WebhookSecret>,
}

impl Options {
    /// Reads everything there is to read. `folders` are where the system keeps configuration and data.
    pub fn load(
        arguments: impl IntoIterator<Item = OsString>,
        folders: &Folders,
    ) -> Result<Self, Stop> {
        let mut arguments = Arguments::try_parse_from(arguments).map_err(|error| stop(&error))?;
        arguments.webhook_secret = webhook_secret()?;
        let path = folders.config.join("config.toml");
        let file = match std::fs::read_to_string(&path) {
            Ok(text) => File::parse(&text, &path)?,
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                File::default()
            }
            Err(error) => {
                return Err(Stop::Bad(format!(
                    "{} cannot be read: {error}",
                    path.display()
                )));
            }
        };
        file.check(&path)?;
        Ok(merge(arguments, file, folders))
    }
}

/// What signs for `--webhook`. Only from the environment.
fn webhook_secret() -> Result<Option<WebhookSecret>, Stop> {
    const NAME: &str = "SESSION_MANAGER_WEBHOOK_SECRET";
    match std::env::var(NAME) {
        Ok(text) if !text.is_empty() => match text.parse() {
            Ok(secret) => Ok(Some(secret)),
            Err(error) => Err(Stop::Bad(format!("{NAME}: {error}"))),
        },
        _ => Ok(None),
    }
}

/// Where the system keeps what belongs to a user.
#[derive(Clone, Debug)]
pub struct Folders {
    /// Configuration of this program.
    pub config: PathBuf,
    /// Data of all programs.
    pub data: PathBuf,
}

impl Folders {
    /// The folders of this user; the working folder where the system names none.
    pub fn of_user() -> Self {
        let here = || PathBuf::from(".");
        Self {
            config: dirs::config_dir()
                .unwrap_or_else(here)
                .join("session-manager"),
            data: dirs::data_dir().unwrap_or_else(here),
        }
    }
}

fn merge(arguments: Arguments, file: File, folders: &Folders) -> Options {
    let demo = arguments.demo || file.demo.unwrap_or(false);
    // A demo never touches the accounts of real people.
    let default_dir = folders.data.join(if demo {
        "session-manager-demo"
    } else {
        "session-manager"
    });
    let from_file = |value: &toml::Value| parse_api(&plain(value)).ok();
    Options {
        demo,
        headless: arguments.headless || file.headless.unwrap_or(false),
        minimized: arguments.minimized || file.minimized.unwrap_or(false),
        api: arguments
            .api
            .or_else(|| file.api.as_ref().and_then(from_file)),
        data_dir: arguments.data_dir.or(file.data_dir).unwrap_or(default_dir),
        browser: arguments.browser.or(file.browser),
        browser_args: if arguments.browser_arg.is_empty() {
            file.browser_arg
        } else {
            arguments.browser_arg
        },
        whatsapp_url: arguments
            .whatsapp_url
            .or(file.whatsapp_url)
            .unwrap_or_else(|| "https://web.whatsapp.com/".to_owned()),
        no_sandbox: arguments.no_sandbox || file.no_sandbox.unwrap_or(false),
        headed: arguments.headed || file.headed.unwrap_or(false),
        restarts: arguments.restarts.or(file.restarts).unwrap_or(RESTARTS),
        init_rate: arguments.init_rate.or(file.init_rate).unwrap_or(INIT_RATE),
        send_rate: arguments.send_rate.or(file.send_rate).unwrap_or(0),
        pace: arguments.pace.or(file.pace).unwrap_or(0),
        media_dirs: if arguments.media_dir.is_empty() {
            file.media_dir
        } else {
            arguments.media_dir
        },
        incoming: arguments.incoming || file.incoming.unwrap_or(false),
        lang: arguments.lang.or(file.lang),
        log: arguments.log.or(file.log).unwrap_or_default(),
        origins: arguments
            .allowed_origins
            .or_else(|| parse_origins(&file.allowed_origins.join(",")).ok())
            .unwrap_or_default(),
        allowed_hosts: arguments
            .allowed_hosts
            .or_else(|| parse_hosts(&file.allowed_hosts.join(",")).ok())
            .unwrap_or_default(),
        require_key: arguments.require_key || file.require_key.unwrap_or(false),
        allow_other_users: arguments.allow_other_users || file.allow_other_users.unwrap_or(false),
        command: arguments.command,
        webhooks: if arguments.webhook.is_empty() {
            file.webhook
        } else {
            arguments.webhook
        },
        webhook_secret: arguments.webhook_secret,
    }
}

fn stop(error: &clap::Error) -> Stop {
    match error.kind() {
        Usage::DisplayHelp | Usage::DisplayVersion => Stop::Help(error.render().to_string()),
        _ => {
            let text = error.render().to_string();
            // What is missing is listed below the first line.
            let words: Vec<_> = text
                .lines()
                .map(str::trim)
                .take_while(|line| !line.is_empty())
                .collect();
            let line = words.join(" ");
            Stop::Bad(line.strip_prefix("error: ").unwrap_or(&line).to_owned())
        }
    }
}

#[cfg(test)]
mod manual;
#[cfg(test)]
mod tests;
