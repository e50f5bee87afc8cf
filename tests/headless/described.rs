//! The API as its description and its documents say it is, on the whole program: a stranger tries it by the description
//! alone, and the clients of the documents are run as they are written. `scripts/test openapi` sets up what they need.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::app::App;
use crate::support::{Data, no_browser_left};
use crate::turn;

/// How long the stranger may take on a slow machine; it takes a quarter of it elsewhere.
const PATIENCE: Duration = Duration::from_secs(400);

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
#[ignore = "needs schemathesis: scripts/test openapi"]
fn the_api_does_what_its_description_says() {
    let _turn = turn();
    let program = std::env::var_os("SCHEMATHESIS").map_or_else(
        || root().join("target/openapi/bin/schemathesis"),
        PathBuf::from,
    );
    let data = Data::new();
    let app = App::start(&data);
    let child = Command::new(program)
        .arg("--config-file")
        .arg(root().join("tests/openapi/schemathesis.toml"))
        .args(["run", "--no-color", &format!("{}/openapi.json", app.base)])
        .current_dir(data.path())
        .env("NO_PROXY", "127.0.0.1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let said = finish(child, PATIENCE, || {});
    // It says nothing against what it did not try.
    let number = |name: &str| -> Option<u32> {
        let (_, rest) = said.split_once(name)?;
        rest.split(|c: char| !c.is_ascii_digit())
            .next()?
            .parse()
            .ok()
    };
    let tried = number("Tested: ");
    assert!(tried > Some(30) && tried == number("Selected: "), "{said}");
    let (status, _) = app.end();
    assert!(status.success(), "{status}");
    no_browser_left(&data);
}

#[test]
#[ignore = "with the others: scripts/test openapi"]
fn the_clients_of_the_documents_work_as_they_are_written() {
    let _turn = turn();
    let text = std::fs::read_to_string(root().join("docs/clients.md")).unwrap();
    let data = Data::new();
    let app = App::start(&data);
    // What a branch adds is tried where it is there.
    let (_, described) = app.get("/openapi.json", None);
    let tells_messages = described["paths"].get("/messages/{id}").is_some();
    for (cliente, (language, program, ending)) in (11..).zip([
        ("sh", "bash", "sh"),
        ("js", "node", "mjs"),
        ("python", "python3", "py"),
        ("php", "php", "php"),
    ]) {
        if Command::new(program).arg("--version").output().is_err() {
            println!("skipped: there is no {program}");
            continue;
        }
        let blocks = blocks(&text, language);
        assert_eq!(blocks.len(), 2, "{language}");
        // The second one of the shell asks for a message that it does not name.
        let whole = tells_messages && language != "sh";
        let code = if whole {
            blocks.join("\n")
        } else {
            blocks[0].clone()
        };
        let file = data.path().join(format!("client.{ending}"));
        std::fs::write(&file, code).unwrap();
        let child = Command::new(program)
            .arg(&file)
            .env("SESSION_MANAGER_URL", &app.base)
            .env("CLIENTE", cliente.to_string())
            .env("ORDER", format!("order-{cliente}"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut scanned = false;
        let said = finish(child, Duration::from_secs(120), || {
            if !scanned && app.state(cliente) == "QR_REQUIRED" {
                app.phone(cliente, "scan");
                scanned = true;
            }
        });
        assert!(scanned, "{language}: nothing was started");
        assert!(said.contains("3EB0"), "{language}: {said}");
        if language != "sh" {
            assert!(
                said.contains("scan this: data:image/png;base64,"),
                "{language}: {said}"
            );
        }
        if whole {
            let last = said.lines().last().unwrap();
            assert!(
                ["sent", "server_ack", "device_ack", "read"].contains(&last),
                "{language}: {said}"
            );
        }
    }
    app.end();
    no_browser_left(&data);
}

/// The pieces of a document that are in this language.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    text.split(&fence)
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap().to_owned())
        .collect()
}

/// Waits until a program ends, and does something meanwhile. What it wrote; that it ended well is a part of it.
fn finish(mut child: Child, patience: Duration, mut meanwhile: impl FnMut()) -> String {
    let since = Instant::now();
    let mut stdout = child.stdout.take().unwrap();
    let reader = std::thread::spawn(move || std::io::read_to_string(&mut stdout));
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break Some(status);
        }
        if since.elapsed() > patience {
            child.kill().unwrap();
            child.wait().unwrap();
            break None;
        }
        meanwhile();
        std::thread::sleep(Duration::from_millis(100));
    };
    let said = reader.join().unwrap().unwrap();
    assert!(
        status.is_some_and(|status| status.success()),
        "{status:?} after {:?}:\n{said}",
        since.elapsed()
    );
    said
}
