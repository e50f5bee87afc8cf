//! What a browser is started with.
//!
//! The list is our own and short. It keeps a hidden page awake, the memory low, and the browser silent: no telemetry,
//! no updates, no prompts. Certificate errors are respected, and the sandbox stays on unless somebody opted out.

use std::ffi::OsString;
use std::path::Path;

use session_core::WindowName;

use crate::screen::{self, Server};

/// What decides the arguments.
pub(crate) struct Wishes<'a> {
    /// The browser's own folder.
    pub(crate) user_data: &'a Path,
    /// The version, for a user agent that does not say "headless".
    pub(crate) version: Option<&'a str>,
    /// With a window.
    pub(crate) headed: bool,
    /// What the window is called.
    pub(crate) window: Option<&'a WindowName>,
    /// Without the sandbox: somebody asked for it.
    pub(crate) no_sandbox: bool,
    /// The user's own arguments. They come last, so they win.
    pub(crate) extra: &'a [String],
}

/// The page a browser comes up with.
pub(crate) const FIRST_PAGE: &str = "about:blank";

const ALWAYS: &[&str] = &[
    "--no-first-run",
    "--no-default-browser-check",
    "--no-service-autorun",
    "--noerrdialogs",
    "--hide-crash-restore-bubble",
    "--disable-session-crashed-bubble",
    "--disable-prompt-on-repost",
    "--mute-audio",
    // Nothing leaves for anybody but WhatsApp.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-client-side-phishing-detection",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-breakpad",
    "--disable-crash-reporter",
    "--metrics-recording-only",
    "--no-pings",
    // A page that nobody looks at must keep its socket alive.
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    // Else `navigator.webdriver` is true.
    "--disable-blink-features=AutomationControlled",
    "--disk-cache-size=67108864",
];

/// Extensions, an account of the browser and a screen are of use only to a person: a passkey may come from an extension,
/// or from what the browser keeps in that account.
const HEADLESS: &[&str] = &[
    "--headless=new",
    "--disable-gpu",
    // With a window, a graphics driver that crashes must not take the browser along.
    "--in-process-gpu",
    "--disable-sync",
    // Nothing is drawn in three dimensions, and the library that could takes 11 MB.
    "--disable-software-rasterizer",
    // Nobody looks, and each pixel of the window is held a few times.
    "--window-size=800,600",
    "--disable-extensions",
    "--disable-component-extensions-with-background-pages",
    // The screen is read by English labels where the page's modules cannot be.
    "--lang=en-US",
];

/// Enough for WhatsApp's two columns, and for the browser's own dialogs, on a small laptop.
const HEADED: &[&str] = &["--window-size=1120,720"];

// The network service stays a process of its own: inside the browser's it would save about 20 MB, but then an end right
// after a page set a cookie loses the cookie now and then (5 of 102 tries), although the browser ends well.
const FEATURES_OFF: &[&str] = &[
    "AutofillServerCommunication",
    "BackForwardCache",
    "CalculateNativeWinOcclusion",
    "DialMediaRouteProvider",
    "GlobalMediaControls",
    "IntensiveWakeUpThrottling",
    "InterestFeedContentSuggestions",
    "MediaRouter",
    "OptimizationHints",
    // A second renderer that waits for a second page.
    "SpareRendererForSitePerProcess",
    "Translate",
    // These three together keep a hidden renderer for the address bar.
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
    "WebUIOmniboxPopup",
];

/// The whole command line, without the program.
pub(crate) fn arguments(wishes: &Wishes<'_>) -> Vec<OsString> {
    let mut list: Vec<String> = ALWAYS.iter().map(|&arg| arg.to_owned()).collect();
    if wishes.headed {
        list.extend(HEADED.iter().map(|&arg| arg.to_owned()));
        let server = screen::server(&|name| std::env::var_os(name));
        if cfg!(target_os = "linux") && server == Some(Server::Wayland) {
            list.push("--ozone-platform=wayland".to_owned());
        }
        list.extend(wishes.window.map(|name| format!("--window-name={name}")));
    } else {
        list.extend(HEADLESS.iter().map(|&arg| arg.to_owned()));
        list.extend(wishes.version.and_then(user_agent));
    }
    // Cookies are encrypted with a key from the desktop's keyring, which prompts. The choice must be the same with and
    // without a window, or the cookies of one are unreadable to the other.
    if cfg!(target_os = "linux") {
        list.push("--password-store=basic".to_owned());
    }
    // On macOS the same flag would also hide Touch ID, so a window goes without.
    if cfg!(target_os = "macos") && !wishes.headed {
        list.push("--use-mock-keychain".to_owned());
    }
    if wishes.no_sandbox {
        list.push("--no-sandbox".to_owned());
        // Chromium refuses to start with a sandbox and without a zygote.
        if cfg!(target_os = "linux") {
            list.push("--no-zygote".to_owned());
        }
    }
    list.push(format!("--disable-features={}", FEATURES_OFF.join(",")));

    let mut args: Vec<OsString> = merge(list, wishes.extra)
        .into_iter()
        .map(OsString::from)
        .collect();
    args.push("--remote-debugging-pipe".into());
    let mut folder = OsString::from("--user-data-dir=");
    folder.push(wishes.user_data);
    args.push(folder);
    args.push(FIRST_PAGE.into());
    args
}

/// Adds the user's arguments. Chromium honours only the last of a repeated argument, so lists of features are joined.
fn merge(own: Vec<String>, extra: &[String]) -> Vec<String> {
    let mut merged = own;
    for arg in extra.iter().map(|arg| arg.trim()) {
        let (name, value) = arg.split_once('=').unwrap_or((arg, ""));
        if !may_be_given(name) {
            tracing::warn!(argument = name, "this browser argument is not passed on");
            continue;
        }
        let known = merged
            .iter_mut()
            .find(|known| known.split_once('=').map_or(known.as_str(), |(n, _)| n) == name);
        match known {
            Some(list) if is_list(name) && !value.is_empty() => {
                list.push(',');
                list.push_str(value);
            }
            Some(known) => arg.clone_into(known),
            None => merged.push(arg.to_owned()),
        }
    }
    keep_wishes_apart(&mut merged);
    merged
}

/// A bare word would be opened as a page; a debugging port would let any program of this machine drive the account.
fn may_be_given(name: &str) -> bool {
    name.strip_prefix("--").is_some_and(|rest| {
        !rest.is_empty() && !rest.starts_with("remote-debugging-") && rest != "user-data-dir"
    })
}

fn is_list(name: &str) -> bool {
    matches!(
        name,
        "--enable-features" | "--disable-features" | "--disable-blink-features"
    )
}

/// A feature that is on both lists is off for Chromium; the user's list is the one that counts.
fn keep_wishes_apart(list: &mut [String]) {
    let wanted: Vec<String> = list
        .iter()
        .filter_map(|arg| arg.strip_prefix("--enable-features="))
        .flat_map(|value| value.split(','))
        .map(str::to_owned)
        .collect();
    for arg in list {
        if let Some(value) = arg.strip_prefix("--disable-features=") {
            let kept: Vec<&str> = value
                .split(',')
                .filter(|feature| !wanted.iter().any(|w| w == feature))
                .collect();
            *arg = format!("--disable-features={}", kept.join(","));
        }
    }
}

/// The user agent that the same browser sends with a window.
fn user_agent(version: &str) -> Option<String> {
    let major: u32 = version.split('.').next()?.parse().ok()?;
    let system = if cfg!(target_os = "macos") {
        "Macintosh; Intel Mac OS X 10_15_7"
    } else if cfg!(windows) {
        "Windows NT 10.0; Win64; x64"
    } else {
        "X11; Linux x86_64"
    };
    Some(format!(
        "--user-agent=Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{major}.0.0.0 Safari/537.36"
    ))
}

#[cfg(test)]
mod tests {
    use session_core::{ClienteId, ClienteRecord, Timestamp};

    use super::*;

    fn with(extra: &[&str], headed: bool, no_sandbox: bool) -> Vec<String> {
        let extra: Vec<String> = extra.iter().map(|&arg| arg.to_owned()).collect();
        let record = ClienteRecord {
            name: "Ventas".to_owned(),
            ..ClienteRecord::new(ClienteId::FIRST, Timestamp(0))
        };
        let name = WindowName::of(&record);
        arguments(&Wishes {
            user_data: Path::new("/data/profiles/7/chromium"),
            version: Some("156.0.8078.79"),
            headed,
            window: headed.then_some(&name),
            no_sandbox,
            extra: &extra,
        })
        .into_iter()
        .map(|arg| arg.into_string().unwrap())
        .collect()
    }

    fn value<'a>(args: &'a [String], name: &str) -> Vec<&'a str> {
        args.iter()
            .filter_map(|arg| arg.strip_prefix(name)?.strip_prefix('='))
            .collect()
    }

    #[test]
    fn the_pipe_the_folder_and_one_blank_page_are_always_there() {
        for headed in [true, false] {
            let args = with(
                &[
                    "--user-data-dir=/tmp/elsewhere",
                    "--remote-debugging-pipe=CBOR",
                    "--remote-debugging-port=9222",
                ],
                headed,
                false,
            );
            assert_eq!(
                &args[args.len() - 3..],
                [
                    "--remote-debugging-pipe",
                    "--user-data-dir=/data/profiles/7/chromium",
                    "about:blank"
                ]
            );
            assert_eq!(value(&args, "--user-data-dir").len(), 1);
            assert!(
                !args
                    .iter()
                    .any(|arg| arg.contains("9222") || arg.contains("CBOR"))
            );
        }
    }

    #[test]
    fn nothing_weakens_the_browser_by_default() {
        let args = with(&[], false, false);
        for never in [
            "--no-sandbox",
            "--no-zygote",
            "--ignore-certificate-errors",
            "--disable-web-security",
            "--single-process",
            "--enable-automation",
        ] {
            assert!(!args.iter().any(|arg| arg.starts_with(never)), "{never}");
        }
        assert!(
            args.iter()
                .all(|arg| !arg.starts_with("--remote-debugging-port"))
        );
    }

    #[test]
    fn the_sandbox_goes_only_when_asked() {
        let args = with(&[], false, true);
        assert!(args.contains(&"--no-sandbox".to_owned()));
        assert_eq!(
            args.contains(&"--no-zygote".to_owned()),
            cfg!(target_os = "linux")
        );
    }

    #[test]
    fn a_window_keeps_extensions_and_the_own_user_agent() {
        let args = with(&[], true, false);
        for hidden in [
            "--headless",
            "--disable-extensions",
            "--disable-component-extensions-with-background-pages",
            "--disable-sync",
            "--disable-gpu",
            "--in-process-gpu",
            "--enable-automation",
            "--test-type",
            "--use-mock-keychain",
        ] {
            assert!(!args.iter().any(|arg| arg.starts_with(hidden)), "{hidden}");
        }
        assert!(value(&args, "--user-agent").is_empty());
        assert_eq!(value(&args, "--window-name"), ["#1 · Ventas · WhatsApp"]);
        assert!(value(&with(&[], false, false), "--window-name").is_empty());
    }

    #[test]
    fn the_user_agent_is_that_of_a_browser_with_a_window() {
        let args = with(&[], false, false);
        let agents = value(&args, "--user-agent");
        assert_eq!(agents.len(), 1);
        assert!(agents[0].contains("Chrome/156.0.0.0 Safari"), "{agents:?}");
        assert!(!agents[0].contains("Headless"));
        assert_eq!(user_agent("unknown"), None);
    }

    #[test]
    fn the_users_arguments_win_and_lists_of_features_are_joined() {
        let args = with(
            &[
                "--disable-features=Foo,Bar",
                "--enable-features=Translate",
                "--lang=es-AR",
                " --proxy-server=localhost:1 ",
                "https://example.org",
                "-x",
                "--",
            ],
            false,
            false,
        );
        let off = value(&args, "--disable-features");
        assert_eq!(off.len(), 1, "one list, or Chromium forgets the other");
        assert!(off[0].ends_with(",Foo,Bar"), "{off:?}");
        assert!(off[0].contains("WebUIOmniboxPopup,"), "{off:?}");
        assert!(!off[0].split(',').any(|feature| feature == "Translate"));
        assert_eq!(value(&args, "--enable-features"), ["Translate"]);
        assert_eq!(value(&args, "--lang"), ["es-AR"]);
        assert_eq!(value(&args, "--proxy-server"), ["localhost:1"]);
        assert!(
            !args
                .iter()
                .any(|arg| arg == "-x" || arg == "--" || arg.contains("example.org"))
        );
    }
}
