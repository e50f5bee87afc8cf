use super::*;

/// Reads the arguments with this `config.toml`. The environment of the test run is left out of account by naming no
/// option twice.
fn load(arguments: &[&str], config: &str) -> Result<Options, Stop> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("config.toml"), config).unwrap();
    let folders = Folders {
        config: folder.path().to_owned(),
        data: PathBuf::from("/data"),
    };
    let all = std::iter::once("session-manager").chain(arguments.iter().copied());
    Options::load(all.map(OsString::from), &folders)
}

#[test]
fn nothing_said_means_a_window_and_the_real_whatsapp() {
    let options = load(&[], "").unwrap();
    assert!(!options.demo && !options.headless && !options.no_sandbox && !options.headed);
    assert_eq!(options.whatsapp_url, "https://web.whatsapp.com/");
    assert_eq!(options.data_dir, PathBuf::from("/data/session-manager"));
    assert_eq!(options.api, None);
}

#[test]
fn a_demo_keeps_to_a_folder_of_its_own() {
    assert_eq!(
        load(&["--demo"], "").unwrap().data_dir,
        PathBuf::from("/data/session-manager-demo")
    );
    assert_eq!(
        load(&["--demo", "--data-dir", "/x"], "").unwrap().data_dir,
        PathBuf::from("/x")
    );
}

#[test]
fn the_command_line_wins_over_the_file() {
    let file = "api = 4000\nlang = 'es'\nwhatsapp_url = 'https://a.example/'\nbrowser_arg = ['--a']\nheadless = true";
    let options = load(
        &["--lang", "en", "--browser-arg=--b=1", "--browser-arg=--c"],
        file,
    )
    .unwrap();
    assert_eq!(options.api, Some("127.0.0.1:4000".parse().unwrap()));
    assert_eq!(options.lang, Some(Lang::En));
    assert_eq!(options.whatsapp_url, "https://a.example/");
    assert_eq!(options.browser_args, ["--b=1", "--c"]);
    assert!(options.headless);
}

#[test]
fn api_takes_a_port_or_an_address() {
    for (text, address) in [
        ("3001", "127.0.0.1:3001"),
        ("127.0.0.1:8080", "127.0.0.1:8080"),
        ("localhost:8080", "127.0.0.1:8080"),
        ("[::1]:8080", "[::1]:8080"),
        // Only with a key, which is looked at when it listens.
        ("0.0.0.0:3001", "0.0.0.0:3001"),
        ("192.168.1.5:80", "192.168.1.5:80"),
    ] {
        assert_eq!(
            load(&["--api", text], "").unwrap().api,
            Some(address.parse().unwrap()),
            "{text}"
        );
    }
}

#[test]
fn starts_are_limited_and_messages_are_not_unless_somebody_says_so() {
    for (arguments, file, rates) in [
        (&[][..], "", (5, 0)),
        (&[], "init_rate = 0\nsend_rate = 30", (0, 30)),
        (
            &["--init-rate", "1000", "--send-rate=0"],
            "init_rate = 0\nsend_rate = 30",
            (1000, 0),
        ),
        (&["--init-rate=0", "--demo"], "", (0, 0)),
        (&["--demo"], "", (5, 0)),
    ] {
        let options = load(arguments, file).unwrap();
        assert_eq!(
            (options.init_rate, options.send_rate),
            rates,
            "{arguments:?}"
        );
    }
    assert_eq!(INIT_RATE, session_api::Limits::default().init_rate);
}

#[test]
fn a_bad_value_is_one_line_that_names_the_option() {
    for (arguments, named) in [
        (["--api", "0"], "--api"),
        (["--api", "70000"], "--api"),
        (["--api", "224.0.0.1:3001"], "--api"),
        (["--allowed-hosts", "*"], "--allowed-hosts"),
        (["--allowed-hosts", "a:80"], "--allowed-hosts"),
        (["keys", "crate"], "crate"),
        (["keys", "create"], "--scope"),
        (["--api", "example.com:3001"], "--api"),
        (["--lang", "fr"], "--lang"),
        (["--log", "loud"], "--log"),
        (["--whatsapp-url", "ftp://x"], "--whatsapp-url"),
        (
            ["--whatsapp-url", "http://web.whatsapp.com"],
            "--whatsapp-url",
        ),
        (["--whatsapp-url", "nonsense"], "--whatsapp-url"),
        (["--allowed-origins", "*"], "--allowed-origins"),
        (["--browser-arg", "disable-gpu"], "--browser-arg"),
        (["--browser-arg", "--user-data-dir=/tmp/x"], "--browser-arg"),
        (
            ["--browser-arg", "--remote-debugging-port=1"],
            "--browser-arg",
        ),
        (["--init-rate", "1.5"], "--init-rate"),
        (["--init-rate", "many"], "--init-rate"),
        (["--send-rate", "1001"], "--send-rate"),
        (["--colour", "red"], "--colour"),
    ] {
        let Err(Stop::Bad(line)) = load(&arguments, "") else {
            panic!("{arguments:?} was taken")
        };
        assert!(
            line.contains(named) && line.lines().count() == 1,
            "{arguments:?}: {line}"
        );
    }
}

#[test]
fn a_bad_file_is_one_line_that_names_the_file_and_the_key() {
    for (text, named) in [
        ("api = 'x'", "api"),
        ("lang = 'fr'", "line 1"),
        ("\ncolour = 1", "line 2"),
        ("browser_arg = ['x']", "browser_arg"),
        ("whatsapp_url = 'x'", "whatsapp_url"),
        ("allowed_origins = ['*']", "allowed_origins"),
        ("allowed_hosts = ['a/b']", "allowed_hosts"),
        ("require_key = 1", "line 1"),
        ("demo = maybe", "line 1"),
        ("init_rate = 1001", "init_rate"),
        ("send_rate = -1", "line 1"),
    ] {
        let Err(Stop::Bad(line)) = load(&[], text) else {
            panic!("{text} was taken")
        };
        assert!(
            line.contains("config.toml") && line.contains(named) && line.lines().count() == 1,
            "{text}: {line}"
        );
    }
}

#[test]
fn help_names_every_option_with_its_variable() {
    let Err(Stop::Help(help)) = load(&["--help"], "") else {
        panic!("no help")
    };
    for name in [
        "--demo",
        "--headless",
        "--api",
        "--data-dir",
        "--browser",
        "--browser-arg",
        "--whatsapp-url",
        "--no-sandbox",
        "--headed",
        "--init-rate",
        "--send-rate",
        "--lang",
        "--log",
        "--allowed-origins",
        "--allowed-hosts",
        "--require-key",
        "keys",
        "PORT",
        "ALLOWED_ORIGINS",
        "SESSION_MANAGER_DATA_DIR",
        "SESSION_MANAGER_INIT_RATE",
        "SESSION_MANAGER_SEND_RATE",
    ] {
        assert!(help.contains(name), "{name} is missing in\n{help}");
    }
}

#[test]
fn keys_are_asked_for_by_an_option_or_the_file() {
    for (arguments, file, required, hosts) in [
        (&[][..], "", false, ""),
        (&["--require-key"], "", true, ""),
        (
            &[],
            "require_key = true\nallowed_hosts = ['a.b', 'c']",
            true,
            "a.b,c",
        ),
        (
            &["--allowed-hosts", "d"],
            "allowed_hosts = ['a.b']",
            false,
            "d",
        ),
    ] {
        let options = load(arguments, file).unwrap();
        assert_eq!(options.require_key, required, "{arguments:?}");
        let hosts = HostNames::parse(hosts).unwrap();
        assert_eq!(options.allowed_hosts, hosts, "{arguments:?}");
    }
}

#[test]
fn other_users_are_let_in_only_where_somebody_says_so() {
    for (arguments, file, allowed) in [
        (&[][..], "", false),
        (&["--allow-other-users"], "", true),
        (&[], "allow_other_users = true", true),
        (&[], "allow_other_users = false", false),
    ] {
        let options = load(arguments, file).unwrap();
        assert_eq!(options.allow_other_users, allowed, "{arguments:?} {file}");
    }
}

#[test]
fn a_command_stands_before_or_behind_the_options_that_it_needs() {
    use session_api::keys::Scope;
    let action = KeysAction::Create {
        name: "panel".into(),
        scope: vec![Scope::Read, Scope::Send],
    };
    for arguments in [
        [
            "--data-dir",
            "/x",
            "keys",
            "create",
            "panel",
            "--scope",
            "read,send",
        ],
        [
            "keys",
            "create",
            "panel",
            "--scope",
            "read,send",
            "--data-dir",
            "/x",
        ],
    ] {
        let options = load(&arguments, "").unwrap();
        assert_eq!(options.data_dir, PathBuf::from("/x"), "{arguments:?}");
        let action = action.clone();
        assert_eq!(options.command, Some(Command::Keys { action }));
    }
    assert_eq!(load(&["--demo"], "").unwrap().command, None);
}

#[test]
fn webhooks_are_addresses_that_can_be_sent_to() {
    let options = load(
        &[
            "--webhook",
            "https://a.example/x",
            "--webhook=http://127.0.0.1:9",
        ],
        "webhook = ['https://file.example/']",
    )
    .unwrap();
    assert_eq!(
        options.webhooks,
        ["https://a.example/x", "http://127.0.0.1:9/"]
    );
    let options = load(&[], "webhook = ['https://file.example/']").unwrap();
    assert_eq!(options.webhooks, ["https://file.example/"]);
    for (arguments, file) in [
        (&["--webhook", "ftp://a.example/"][..], ""),
        (&[], "webhook = ['https://ana:x@a.example/']"),
    ] {
        let Err(Stop::Bad(text)) = load(arguments, file) else {
            panic!("taken: {arguments:?} {file}");
        };
        assert!(
            text.contains("webhook") && text.contains("address"),
            "{text}"
        );
    }
}

#[test]
fn messages_have_no_pace_and_no_folder_unless_somebody_says_so() {
    let options = load(&[], "").unwrap();
    assert_eq!((options.pace, options.incoming), (0, false));
    assert!(options.media_dirs.is_empty());
    let file = "pace = 6\nincoming = true\nmedia_dir = ['/srv/a', '/srv/b']";
    let options = load(&[], file).unwrap();
    assert_eq!((options.pace, options.incoming), (6, true));
    assert_eq!(options.media_dirs, ["/srv/a", "/srv/b"].map(PathBuf::from));
    let options = load(&["--media-dir", "/c", "--pace", "0"], file).unwrap();
    assert_eq!(options.pace, 0);
    assert_eq!(options.media_dirs, [PathBuf::from("/c")]);
    for bad in ["--pace=1001", "--pace=-1", "--pace=x"] {
        assert!(load(&[bad], "").is_err(), "{bad}");
    }
}
