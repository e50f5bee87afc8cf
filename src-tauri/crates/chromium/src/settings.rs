//! How browsers are started.

use std::path::PathBuf;
use std::time::Duration;

use crate::detect::FoundBrowser;

/// Whether messages that come in are passed on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Incoming {
    /// They stay in the page.
    #[default]
    Off,
    /// Each is told as [`session_core::ports::DriverEvent::Received`].
    On,
}

/// How browsers are started.
#[derive(Clone, Debug)]
pub struct LaunchSettings {
    /// The browser; none until one is found.
    pub browser: Option<FoundBrowser>,
    /// Where WhatsApp Web is.
    pub whatsapp_url: String,
    /// The user's own arguments for the browser.
    pub extra_args: Vec<String>,
    /// Whether to go without the sandbox. Only for where it cannot work: as root, or in a container.
    pub no_sandbox: bool,
    /// Whether to show windows.
    pub headed: bool,
    /// A newer wa-js; used when the file is there.
    pub wa_js_override: Option<PathBuf>,
    /// How long a start may take until the page's first bytes are there.
    pub launch_timeout: Duration,
    /// How long a browser may take to close when asked.
    pub close_timeout: Duration,
    /// For how long after a scan a browser is not killed, however long it takes to close: a login that is this young may
    /// not be on disk yet. Only the end of the program is not held up by it.
    pub fresh_login: Duration,
    /// How long WhatsApp may take to accept a message.
    pub send_timeout: Duration,
    /// How long it may take to upload a file and accept the message with it.
    pub media_timeout: Duration,
    /// How long any other call to the page may take.
    pub call_timeout: Duration,
    /// How long a reload may take until the page's first bytes are there. A hung page never gets that far.
    pub reload_timeout: Duration,
    /// How long wa-js may take to hook the page before the bridge reads the screen instead.
    pub hook_timeout: Duration,
    /// How often a page is asked whether it is alive.
    pub heartbeat: Duration,
    /// How long a page may leave that unanswered. A first synchronisation keeps it busy for seconds. Where its browser
    /// answers it has up to a second more.
    pub silence: Duration,
    /// How long a browser whose page is silent may take to answer a question of its own. One that does not even do that
    /// is ended.
    pub answer_timeout: Duration,
    /// Where pictures of pages in trouble are kept; nowhere if missing.
    pub diagnostics: Option<PathBuf>,
    /// Whether messages that come in are passed on.
    pub incoming: Incoming,
}

impl Default for LaunchSettings {
    fn default() -> Self {
        Self {
            browser: None,
            whatsapp_url: "https://web.whatsapp.com/".to_owned(),
            extra_args: Vec::new(),
            no_sandbox: false,
            headed: false,
            wa_js_override: None,
            launch_timeout: Duration::from_secs(25),
            close_timeout: Duration::from_secs(5),
            fresh_login: Duration::from_secs(40),
            send_timeout: Duration::from_secs(45),
            media_timeout: Duration::from_secs(180),
            call_timeout: Duration::from_secs(12),
            reload_timeout: Duration::from_secs(8),
            hook_timeout: Duration::from_secs(12),
            heartbeat: Duration::from_secs(5),
            silence: Duration::from_secs(14),
            answer_timeout: Duration::from_secs(2),
            diagnostics: None,
            incoming: Incoming::Off,
        }
    }
}
