//! API keys and origins, of the whole program.

use serde_json::{Value, json};

use crate::app::{App, agent, answer};
use crate::support::{Data, free_port, wait_for};
use crate::{run, turn};

/// What does not start is not needed here.
const NO_BROWSER: &str = "--browser=/nowhere/chromium";

/// `session-manager keys …`: what it wrote to standard output and to standard error.
fn keys(data: &Data, arguments: &[&str]) -> (String, String) {
    let all = [&["keys"], arguments].concat();
    let output = run(data, &all);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (out, err) = (text(output.stdout), text(output.stderr));
    assert!(output.status.success(), "{arguments:?}: {err}");
    (out, err)
}

fn secret_of((out, err): (String, String)) -> String {
    let secret = out.strip_suffix('\n').unwrap().to_owned();
    assert!(secret.starts_with("smk_") && secret.len() == 47, "{out}");
    assert!(!err.contains("smk_"), "{err}");
    secret
}

/// `GET` with an API key.
fn get_with(app: &App, path: &str, secret: &str) -> (u16, Value) {
    let request = agent().get(format!("{}{path}", app.base));
    answer(request.header("X-API-Key", secret).call())
}

/// The status of a `GET` from a page of this origin.
fn get_from(app: &App, path: &str, origin: &str) -> u16 {
    let request = agent().get(format!("{}{path}", app.base));
    answer(request.header("Origin", origin).call()).0
}

/// The list of keys, once the use of all of them has been written down.
fn used(data: &Data) -> String {
    wait_for("the use of keys to be written down", || {
        let list = keys(data, &["list"]).0;
        (!list.contains("never")).then_some(list)
    })
}

#[test]
fn a_key_is_made_used_and_ended_while_the_program_runs() {
    let _turn = turn();
    let data = Data::new();
    assert_eq!(keys(&data, &["list"]).0, "");
    let app = App::start_with(&data, &["--require-key", NO_BROWSER]);
    assert_eq!(app.get("/clients", None).1["code"], "UNAUTHORIZED");
    let first = secret_of(keys(&data, &["create", "panel", "--scope", "read"]));
    assert_eq!(get_with(&app, "/clients", &first).0, 200);
    let (status, body) = get_with(&app, "/debug/calls", &first);
    assert_eq!((status, &body["code"]), (403, &json!("FORBIDDEN")));

    let second = secret_of(keys(&data, &["rotate", "panel"]));
    assert_eq!(get_with(&app, "/clients", &first).0, 401);
    assert_eq!(get_with(&app, "/clients", &second).0, 200);
    let list = used(&data);
    assert!(list.contains("panel") && list.contains("read"), "{list}");
    assert!(!list.contains("smk_"), "{list}");
    assert_eq!(get_with(&app, "/clients", &second).0, 200);

    let manager = secret_of(keys(&data, &["create", "boss", "--scope=manage"]));
    let (_, calls) = get_with(&app, "/debug/calls?limit=1", &manager);
    assert_eq!(calls[0]["caller"], "key:panel", "{calls}");
    keys(&data, &["revoke", "panel"]);
    assert_eq!(get_with(&app, "/clients", &second).0, 401);
    assert_eq!(app.get("/health/live", None).0, 200);
    let ticket = get_with(&app, "/events?ticket=hunter2hunter2", "smk_hunter2");
    assert_eq!(ticket.0, 401);

    let log = app.log();
    assert!(log.contains("a wrong API key was refused"), "{log}");
    for secret in [&first, &second, &manager] {
        assert!(!log.contains(&secret[4..]), "the log holds a secret");
    }
    assert!(!log.contains("smk_") && !log.contains("hunter2"), "{log}");
    let file = std::fs::read_to_string(data.path().join("api-keys.json")).unwrap();
    assert!(!file.contains(&manager[4..]), "{file}");
    assert!(app.end().0.success());
}

#[test]
fn what_cannot_be_done_with_keys_is_one_line() {
    let data = Data::new();
    keys(&data, &["create", "panel", "--scope", "read,send"]);
    for (arguments, code, named) in [
        (&["revoke", "nobody"][..], 1, "no such key"),
        (&["rotate", "nobody"], 1, "no such key"),
        (&["create", "panel", "--scope", "read"], 1, "already"),
        (&["create", "a/b", "--scope", "read"], 1, "letters"),
        (
            &["create", "x", "--scope", "all"],
            2,
            "read, send and manage",
        ),
        (&["create", "x"], 2, "--scope"),
    ] {
        let output = run(&data, &[&["keys"], arguments].concat());
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {text}");
        assert!(text.contains(named), "{arguments:?}: {text}");
        assert_eq!(text.lines().count(), 1, "{arguments:?}: {text}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn a_damaged_file_of_keys_lets_nobody_in() {
    let _turn = turn();
    let data = Data::new();
    let secret = secret_of(keys(&data, &["create", "panel", "--scope", "manage"]));
    let app = App::start_with(&data, &["--require-key", NO_BROWSER]);
    assert_eq!(get_with(&app, "/clients", &secret).0, 200);
    used(&data);
    std::fs::write(data.path().join("api-keys.json"), "{\"keys\":").unwrap();
    assert_eq!(get_with(&app, "/clients", &secret).0, 401);
    assert_eq!(app.get("/clients", None).0, 401);
    assert!(app.log().contains("were set aside"), "{}", app.log());
    let new = secret_of(keys(&data, &["create", "panel", "--scope", "read"]));
    assert_eq!(get_with(&app, "/clients", &new).0, 200);
    assert!(app.end().0.success());
}

#[test]
fn without_a_key_nothing_listens_for_other_machines() {
    let data = Data::new();
    let address = format!("0.0.0.0:{}", free_port());
    let output = run(
        &data,
        &["--headless", "--demo", NO_BROWSER, "--api", &address],
    );
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("session-manager keys create"), "{text}");
}

#[test]
fn origins_and_the_need_for_keys_change_at_once_and_are_remembered() {
    let _turn = turn();
    let data = Data::new();
    let arguments = [NO_BROWSER, "--allowed-origins=https://fixed.example"];
    let app = App::start_with(&data, &arguments);
    let settings = |app: &App, patch| app.post("/control/update_settings", None, &patch);
    let origin = "https://panel.example.com";
    assert_eq!(get_from(&app, "/clients", origin), 403);
    let (status, view) = settings(&app, json!({ "allowed_origins": [origin] }));
    assert_eq!(status, 200, "{view}");
    let shown = &view["settings"];
    assert_eq!(shown["allowed_origins"], json!([origin]));
    assert_eq!(shown["fixed_origins"], json!(["https://fixed.example"]));
    let bad = json!({ "allowed_origins": ["https://other.example", "*"] });
    let (status, refused) = settings(&app, bad);
    assert_eq!((status, &refused["code"]), (400, &json!("INVALID_ORIGIN")));
    assert_eq!(get_from(&app, "/clients", origin), 200);
    assert_eq!(get_from(&app, "/clients", "https://other.example"), 403);
    assert!(app.end().0.success());

    let app = App::start_with(&data, &arguments);
    assert_eq!(get_from(&app, "/clients", origin), 200);
    assert_eq!(get_from(&app, "/clients", "https://fixed.example"), 200);
    let (_, view) = settings(
        &app,
        json!({ "allowed_origins": [], "api_key_required": true }),
    );
    assert_eq!(view["api"]["key_required"], true);
    assert_eq!(get_from(&app, "/clients", origin), 403);
    assert_eq!(get_from(&app, "/clients", "https://fixed.example"), 401);
    assert_eq!(app.get("/clients", None).0, 401);
    assert!(app.end().0.success());
}
