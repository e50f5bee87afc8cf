//! The support bundle of a whole program: everything private is planted, nothing of it is inside.

use std::fmt::Write as _;
use std::fs;
use std::io::Read as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::app::{App, agent, program};
use crate::support::{Data, wait_for};
use crate::turn;

const TO: &str = "5491155551234";
const TEXT: &str = "nos vemos a las ocho en lo de Beatriz";
const NAME: &str = "Panadería Lucrecia";
const NOTE: &str = "la clave del portón es mariposa";
const HOOK: &str = "https://ana:s3cretpw@127.0.0.1:9/hook/T0ken-in-the-path?sig=abcdef";

/// What is in a zip, by name.
fn unzip(path: &Path) -> Vec<(String, Vec<u8>)> {
    let mut zip = zip::ZipArchive::new(fs::File::open(path).unwrap()).unwrap();
    (0..zip.len())
        .map(|at| {
            let mut file = zip.by_index(at).unwrap();
            let mut content = Vec::new();
            file.read_to_end(&mut content).unwrap();
            (file.name().unwrap().into_owned(), content)
        })
        .collect()
}

fn find<'a>(files: &'a [(String, Vec<u8>)], name: &str) -> &'a [u8] {
    let found = files.iter().find(|(there, _)| there == name);
    let names: Vec<_> = files.iter().map(|(name, _)| name).collect();
    &found
        .unwrap_or_else(|| panic!("no {name} among {names:?}"))
        .1
}

fn contains(content: &[u8], needle: &[u8]) -> bool {
    content.windows(needle.len()).any(|window| window == needle)
}

/// No file holds any of these, however it is written.
fn holds_nothing_of(files: &[(String, Vec<u8>)], secrets: &[String]) {
    for secret in secrets {
        let percent = secret.bytes().fold(String::new(), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "%{byte:02X}");
            text
        });
        for way in [
            secret.clone(),
            STANDARD.encode(secret),
            URL_SAFE_NO_PAD.encode(secret),
            percent,
        ] {
            for (name, content) in files {
                assert!(!contains(content, way.as_bytes()), "{name} holds {way}");
                assert!(
                    !contains(name.as_bytes(), way.as_bytes()),
                    "{name} is called {way}"
                );
            }
        }
    }
}

/// The code on a picture, if a phone could read it.
fn decode(png: &[u8]) -> Option<String> {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(png));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut pixels).unwrap();
    let samples = frame.color_type.samples();
    let (width, height) = (frame.width as usize, frame.height as usize);
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
        pixels[(y * width + x) * samples]
    });
    let found = picture.detect_grids().first()?.decode().ok()?.1;
    Some(found)
}

fn collect(app: &App, wish: &Value) -> Value {
    let (status, mut view) = app.post("/control/begin_bundle", None, wish);
    assert_eq!(status, 200, "{view}");
    while !view["step"].is_null() {
        let seen = json!({ "revision": view["revision"] });
        view = app.post("/control/bundle_progress", None, &seen).1;
    }
    view
}

#[expect(
    clippy::too_many_lines,
    reason = "one program, one story: what is planted is looked for in each of its bundles"
)]
#[test]
fn a_support_bundle_tells_what_helps_and_nothing_that_is_private() {
    let _turn = turn();
    let data = Data::new();
    let downloads = data.path().join("Descargas");
    fs::create_dir(&downloads).unwrap();
    fs::create_dir_all(data.path().join("no-config")).unwrap();
    fs::write(
        data.path().join("no-config/user-dirs.dirs"),
        format!("XDG_DOWNLOAD_DIR=\"{}\"\n", downloads.display()),
    )
    .unwrap();
    let mut command = program(data.path());
    let app = App::start_as(&data, command.arg("--demo"));

    let new = json!({ "id": 7, "name": NAME, "note": NOTE, "start": true });
    assert_eq!(app.post("/control/add_cliente", None, &new).0, 200);
    app.reach(7, "QR_REQUIRED");
    app.phone(7, "scan");
    app.reach(7, "READY");
    let message = json!({ "to": TO, "message": TEXT });
    assert_eq!(app.post("/send", Some(7), &message).0, 200);
    let account = app.view(7)["account"]["number"]
        .as_str()
        .unwrap()
        .to_owned();
    app.init(8);
    app.reach(8, "QR_REQUIRED");
    let code = app.get("/qr-code", Some(8)).1["qr"]
        .as_str()
        .unwrap()
        .to_owned();
    let shown = STANDARD.decode(code.split_once(',').unwrap().1).unwrap();
    let reference =
        decode(&shown).expect("the QR on the card can be read, so a picture of it could");
    let key = json!({ "name": "crm", "scopes": ["read"] });
    let key = app.post("/control/create_key", None, &key).1["secret"]
        .as_str()
        .unwrap()
        .to_owned();
    let hook = json!({ "url": HOOK.replace("ana:s3cretpw@", ""), "events": ["session.status"], "clientes": null,
        "shape": "native", "content": false, "enabled": true });
    let (status, hook) = app.post("/control/add_webhook", None, &hook);
    assert_eq!(status, 200, "{hook}");
    // As a careless library would.
    let log = data.path().join("logs/session-manager-old.log");
    fs::write(
        &log,
        format!(
            "to={TO} text {key} ref {reference}\nGET {HOOK}\n{NAME}: {}\n",
            STANDARD.encode(TO)
        ),
    )
    .unwrap();

    let view = collect(
        &app,
        &json!({ "cliente": null, "pictures": true, "names": false }),
    );
    let path = Path::new(
        view["file"]["path"]
            .as_str()
            .unwrap_or_else(|| panic!("{view}")),
    );
    assert_eq!(path.parent(), Some(downloads.as_path()));
    assert_eq!(
        fs::read_dir(&downloads).unwrap().count(),
        1,
        "nothing half-written is left"
    );
    let files = unzip(path);
    if let Ok(keep) = std::env::var("KEEP_BUNDLE") {
        fs::copy(path, keep).unwrap();
    }
    let secrets = [
        TO,
        TEXT,
        NAME,
        NOTE,
        &account,
        &key,
        &reference,
        "s3cretpw",
        "T0ken-in-the-path",
        "sig=abcdef",
    ];
    let mut secrets: Vec<String> = secrets.into_iter().map(str::to_owned).collect();
    secrets.push(hook["secret"].as_str().unwrap().to_owned());
    holds_nothing_of(&files, &secrets);

    let json = |name: &str| -> Value { serde_json::from_slice(find(&files, name)).unwrap() };
    let clientes = json("clientes.json");
    assert_eq!(clientes[0]["session"]["state"], "READY");
    assert_eq!(clientes[1]["session"]["state"], "QR_REQUIRED");
    assert!(clientes[0]["page"]["wa_js"].is_string(), "{clientes}");
    assert_eq!(json("database.json")["integrity_check"], json!(["ok"]));
    assert_eq!(json("profiles.json")[0]["login_marked"], true);
    let timeline = String::from_utf8(find(&files, "timeline/7.jsonl").to_vec()).unwrap();
    assert!(timeline.contains("\"to\":\"READY\""), "{timeline}");
    for name in [
        "README.txt",
        "about.json",
        "settings.json",
        "metrics.txt",
        "api-calls.json",
        "webhooks.json",
        "logs/session-manager.log",
        "logs/session-manager-old.log",
    ] {
        assert!(!find(&files, name).is_empty(), "{name} is empty");
    }
    let log = String::from_utf8_lossy(find(&files, "logs/session-manager.log")).into_owned();
    assert!(
        log.contains("cliente=7") && log.contains("READY"),
        "too much is taken out:\n{log}"
    );
    let picture = find(&files, "screenshots/8.png");
    assert_eq!(decode(picture), None, "the QR is on the picture");
    assert!(
        files.iter().all(|(name, _)| name != "screenshots/7.png"),
        "a session that is well is not pictured"
    );

    // The page in a browser gets the same file.
    let mut answer = agent()
        .get(format!("{}/control/bundle", app.base))
        .call()
        .unwrap();
    let disposition = answer.headers()["content-disposition"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        disposition.contains("session-manager-support-"),
        "{disposition}"
    );
    assert_eq!(
        answer.body_mut().read_to_vec().unwrap(),
        fs::read(path).unwrap()
    );

    // From a terminal, beside the running program: through it.
    let output = data.path().join("of-8.zip");
    let port = app.base.rsplit(':').next().unwrap();
    let run = program(data.path())
        .args(["bundle", "--cliente", "8", "--api", port, "--output"])
        .arg(&output)
        .output()
        .unwrap();
    assert!(
        run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
    let files = unzip(&output);
    holds_nothing_of(&files, &secrets);
    find(&files, "screenshots/8.png");
    assert!(files.iter().all(|(name, _)| name != "timeline/7.jsonl"));
    let log = String::from_utf8_lossy(find(&files, "logs/session-manager.log")).into_owned();
    assert!(
        log.contains("cliente=8") && !log.contains("cliente=7"),
        "{log}"
    );
    app.end();

    // And of one that does not run: without pictures, and never over a file that is there.
    let command = || {
        let mut command = program(data.path());
        command.args(["bundle", "--output"]);
        command
    };
    let refused = command().arg(&output).output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    let output = data.path().join("stopped.zip");
    let run = command().arg(&output).output().unwrap();
    assert!(
        run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
    let files = unzip(&output);
    holds_nothing_of(&files, &secrets);
    find(&files, "timeline/8.jsonl");
    assert!(
        files
            .iter()
            .all(|(name, _)| !name.starts_with("screenshots/"))
    );
}

#[test]
fn a_bundle_is_cancelled_and_a_hung_page_does_not_hold_it_up() {
    let _turn = turn();
    let data = Data::new();
    let app = App::start(&data);
    app.init(1);
    app.reach(1, "QR_REQUIRED");
    // A page that answers nothing keeps the bundle at it for a while.
    let pid = app.view(1)["session"]["browser_pid"].as_i64().unwrap();
    let browser = nix::unistd::Pid::from_raw(i32::try_from(pid).unwrap());
    nix::sys::signal::kill(browser, nix::sys::signal::Signal::SIGSTOP).unwrap();
    let wish = json!({ "cliente": null, "pictures": true, "names": false });
    let (status, view) = app.post("/control/begin_bundle", None, &wish);
    assert_eq!((status, view["step"].is_null()), (200, false), "{view}");
    let (status, body) = app.post("/control/begin_bundle", None, &wish);
    assert_eq!((status, &body["code"]), (409, &json!("NOT_NOW")), "{body}");
    app.post("/control/cancel_bundle", None, &json!({}));
    let view = wait_for("the bundle to end", || {
        let view = app
            .post(
                "/control/bundle_progress",
                None,
                &json!({ "revision": u32::MAX }),
            )
            .1;
        view["step"].is_null().then_some(view)
    });
    assert_eq!(
        (&view["cancelled"], &view["file"]),
        (&json!(true), &Value::Null),
        "{view}"
    );
    let (status, body) = app.post("/control/begin_bundle", None, &json!({ "cliente": 99 }));
    assert_eq!(
        (status, &body["code"]),
        (404, &json!("CLIENTE_NOT_FOUND")),
        "{body}"
    );
    let view = collect(&app, &wish);
    let path = view["file"]["path"]
        .as_str()
        .unwrap_or_else(|| panic!("{view}"));
    let files = unzip(Path::new(path));
    let clientes: Value = serde_json::from_slice(find(&files, "clientes.json")).unwrap();
    assert_eq!(clientes[0]["id"], "1");
    assert!(
        files
            .iter()
            .all(|(name, _)| !name.starts_with("screenshots/"))
    );
    fs::remove_file(path).unwrap();
}
