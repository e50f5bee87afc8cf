use super::*;

/// Writes a list of signals in short: `mode=MAIN`, `code=2@a`, `code-`, `url=…`.
fn seen(word: &str) -> Seen {
    let (name, value) = word.split_once('=').unwrap_or((word, ""));
    let text = || value.to_owned();
    Seen::Bridge(match name {
        "hello" => PageSignal::Hello { bridge: text() },
        "hooks" => PageSignal::Hooks { ok: value == "ok" },
        "mode" => PageSignal::Mode { mode: text() },
        "info" => PageSignal::Info { info: text() },
        "socket" => PageSignal::Socket { state: text() },
        "code" => PageSignal::Code {
            code: Some(text()),
            idle: false,
        },
        "code-" => PageSignal::Code {
            code: None,
            idle: false,
        },
        "code-idle" => PageSignal::Code {
            code: None,
            idle: true,
        },
        "idle" => PageSignal::Idle,
        "account" => PageSignal::Account {
            number: text(),
            name: Some("Ana".into()),
        },
        "progress" => PageSignal::Progress {
            percent: value.parse().ok(),
        },
        "why" => PageSignal::LogoutReason { reason: text() },
        "logout" => PageSignal::Logout,
        "backend" => PageSignal::Backend { name: text() },
        "passkey" => PageSignal::Passkey,
        "ack" => PageSignal::Acknowledged { id: text(), ack: 1 },
        "loading" => PageSignal::Screen {
            screen: Screen::Loading,
            code: None,
        },
        "shows" => PageSignal::Screen {
            screen: Screen::Code,
            code: Some(text()),
        },
        "chats" => PageSignal::Screen {
            screen: Screen::Chats,
            code: None,
        },
        "url" => return Seen::Navigated(text()),
        "unreachable" => return Seen::Unreachable,
        "crash" => return Seen::Crashed,
        "silent" => return Seen::Unresponsive,
        "alive" => return Seen::Alive,
        _ => unreachable!("{word}"),
    })
}

/// Writes events in short.
fn told(event: &DriverEvent) -> String {
    match event {
        DriverEvent::Progress(Progress { stage, percent }) => match percent {
            Some(percent) => format!("{stage:?} {percent}%"),
            None => format!("{stage:?}"),
        },
        DriverEvent::Code(code) => format!("Code {}", code.reveal()),
        DriverEvent::Connected(account) => format!("Connected {}", account.number.reveal()),
        DriverEvent::Acknowledged(id, _) => format!("Acknowledged {}", id.reveal()),
        other => format!("{other:?}"),
    }
}

fn run(signals: &mut Signals, words: &str) -> Vec<String> {
    words
        .split_whitespace()
        .flat_map(|word| signals.see(seen(word)))
        .map(|event| told(&event))
        .collect()
}

const LINKED: &str = "hello hooks=ok mode=MAIN info=NORMAL account=5491155551234";

#[test]
fn what_follows_from_a_fresh_page() {
    for (words, expected) in [
        ("hello", &["Loading"][..]),
        // A code, the next one, and the phone that takes it.
        (
            "hello hooks=ok mode=QR info=PAIRING code=2@a code=2@a code=2@b code- mode=SYNCING info=SYNCING progress=0 progress=50 progress=50 mode=MAIN info=NORMAL account=5491155551234",
            &[
                "Loading",
                "Bridge(None)",
                "Code 2@a",
                "Code 2@b",
                "CodeTaken",
                "Syncing",
                "Syncing 0%",
                "Syncing 50%",
                "Connected 5491155551234",
            ],
        ),
        // A restored login: nothing says that it was authenticated.
        (
            "hello info=OPENING mode=SYNCING info=RESUMING hooks=ok mode=MAIN account=5491155551234 info=NORMAL",
            &[
                "Loading",
                "Syncing",
                "Bridge(None)",
                "Connected 5491155551234",
            ],
        ),
        // MAIN alone is not connected, nor is NORMAL, nor both of an unknown account.
        (
            "hello mode=MAIN info=OFFLINE account=5491155551234",
            &["Loading"],
        ),
        (
            "hello mode=QR info=NORMAL account=5491155551234",
            &["Loading"],
        ),
        ("hello mode=MAIN info=NORMAL account=nobody", &["Loading"]),
        // A code that stops rotating is not taken, in whatever order that is said.
        (
            "hello code=2@a code-idle idle",
            &["Loading", "Code 2@a", "CodeIdle"],
        ),
        (
            "hello code=2@a idle code-",
            &["Loading", "Code 2@a", "CodeIdle"],
        ),
        (
            "hello code=2@a idle code=2@b idle",
            &["Loading", "Code 2@a", "CodeIdle", "Code 2@b", "CodeIdle"],
        ),
        // Nor is one that goes away with the network.
        (
            "hello code=2@a info=OFFLINE code- info=PAIRING code=2@b",
            &["Loading", "Code 2@a", "Code 2@b"],
        ),
        ("hello code-", &["Loading"]),
        // What is no code is not shown.
        ("hello code= code=ñandú", &["Loading"]),
        (
            "hello code=2@a code- passkey",
            &["Loading", "Code 2@a", "CodeTaken", "PasskeyRequested"],
        ),
        ("hello mode=DEPRECATED_VERSION", &["Loading", "Outdated"]),
        (
            "hello backend=storage_initialization_error",
            &["Loading", "StorageFailed"],
        ),
        ("hello backend=anything_else", &["Loading"]),
        // A saved login that is refused, and one that is merely gone.
        (
            "hello why=account_locked logout",
            &["Loading", "LoginRefused"],
        ),
        (
            "hello why=user_initiated logout",
            &["Loading", "LoggedOut(LoggedOut)"],
        ),
        (
            "hello why=unknown_companion logout",
            &["Loading", "LoggedOut(Unpaired)"],
        ),
        (
            "hello why=client_version_outdated logout",
            &["Loading", "Outdated"],
        ),
        (
            "hello crash crash hello code=2@a",
            &["Loading", "PageCrashed", "Loading", "Code 2@a"],
        ),
    ] {
        assert_eq!(run(&mut Signals::default(), words), expected, "{words}");
    }
}

#[test]
#[expect(
    clippy::too_many_lines,
    reason = "one table of what is said and what follows"
)]
fn what_follows_from_a_connected_page() {
    for (words, expected) in [
        (
            "info=OFFLINE info=OPENING",
            &["SocketLost(NetworkLost)"][..],
        ),
        (
            "info=RESUMING info=NORMAL",
            &["SocketLost(NetworkLost)", "Connected 5491155551234"],
        ),
        ("info=SYNCING", &[]),
        (
            "mode=OFFLINE mode=MAIN",
            &["SocketLost(NetworkLost)", "Connected 5491155551234"],
        ),
        ("mode=PROXYBLOCK", &["SocketLost(ProxyBlocked)"]),
        ("socket=TIMEOUT info=OPENING", &["SocketLost(Timeout)"]),
        (
            "socket=TIMEOUT mode=MAIN socket=CONNECTED",
            &["SocketLost(Timeout)", "Connected 5491155551234"],
        ),
        ("socket=UNPAIRED socket=OPENING", &[]),
        ("mode=CONFLICT socket=CONFLICT", &["LoggedOut(Conflict)"]),
        (
            "socket=CONFLICT mode=CONFLICT mode=MAIN",
            &["LoggedOut(Conflict)", "Connected 5491155551234"],
        ),
        ("mode=TOS_BLOCK", &["Banned(TermsBlock)"]),
        (
            "socket=SMB_TOS_BLOCK mode=SMB_TOS_BLOCK",
            &["Banned(TermsBlock)"],
        ),
        (
            "backend=account_temporarily_banned logout",
            &["Banned(Banned)"],
        ),
        ("mode=SOMETHING_NEW info=ELSE socket=NEW backend=new", &[]),
        // The reason, the logout, and the page that only repeats it.
        (
            "why=unknown_companion logout url=https://web.whatsapp.com/?post_logout=1&logout_reason=0 hello mode=QR code=2@a url=https://web.whatsapp.com/?post_logout=1",
            &["LoggedOut(Unpaired)", "Code 2@a"],
        ),
        (
            "url=https://web.whatsapp.com/?post_logout=1",
            &["LoggedOut(LoggedOut)"],
        ),
        ("url=https://web.whatsapp.com/?a=b#post_logout=1", &[]),
        ("url=https://web.whatsapp.com/?post_logout=10", &[]),
        ("why=account_locked logout", &["LoggedOut(LoggedOut)"]),
        // The page loads itself anew.
        (
            "hello mode=MAIN info=NORMAL account=5491155551234",
            &[
                "SocketLost(ConnectionLost)",
                "Loading",
                "Connected 5491155551234",
            ],
        ),
        ("unreachable unreachable", &["SocketLost(PageUnreachable)"]),
        ("crash info=OFFLINE", &["PageCrashed"]),
        (
            "silent silent info=SYNCING silent",
            &["PageUnresponsive", "PageUnresponsive"],
        ),
        // It recovers without a word of its own, and hangs again.
        (
            "alive silent alive alive silent silent",
            &["PageUnresponsive", "PageUnresponsive"],
        ),
        ("crash silent", &["PageCrashed"]),
        ("crash alive crash", &["PageCrashed"]),
        // A new document crashes before it says a word.
        (
            "crash crash url=https://web.whatsapp.com/ crash crash",
            &["PageCrashed", "PageCrashed"],
        ),
        ("crash unreachable crash", &["PageCrashed", "PageCrashed"]),
        // Each receipt counts, whatever the phase; what cannot be an id is none.
        (
            "ack=true_5491155550000@c.us_3EB0AA ack=true_5491155550000@c.us_3EB0AA",
            &[
                "Acknowledged true_5491155550000@c.us_3EB0AA",
                "Acknowledged true_5491155550000@c.us_3EB0AA",
            ],
        ),
        (
            "crash ack=true_120363@g.us_3EB0_5491155551234:7@lid",
            &[
                "PageCrashed",
                "Acknowledged true_120363@g.us_3EB0_5491155551234:7@lid",
            ],
        ),
        (
            "ack=false_5491155550000@c.us_3EB0AA ack= ack=true_ñ ack=true_<b>",
            &[],
        ),
        // The login went away without a word.
        (
            "mode=QR code=2@a",
            &["SocketLost(ConnectionLost)", "Code 2@a"],
        ),
        ("code=2@a idle code-", &[]),
    ] {
        let mut signals = Signals::default();
        assert_eq!(
            run(&mut signals, LINKED).last().map(String::as_str),
            Some("Connected 5491155551234")
        );
        assert_eq!(run(&mut signals, words), expected, "{words}");
    }
}

#[test]
fn the_screen_is_enough_to_link_an_account() {
    let mut signals = Signals::default();
    assert_eq!(
        run(
            &mut signals,
            "hello hooks=none loading shows=2@a shows=2@b loading chats account=5491155551234"
        ),
        [
            "Loading",
            "Bridge(Some(BridgeOutdated))",
            "Code 2@a",
            "Code 2@b",
            "CodeTaken",
            "Syncing",
            "Connected 5491155551234",
        ]
    );
    // An update of wa-js later finds its hooks.
    assert_eq!(
        run(&mut signals, "hello hooks=ok hooks=ok"),
        ["SocketLost(ConnectionLost)", "Loading", "Bridge(None)"]
    );
}
