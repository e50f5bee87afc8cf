//! Signatures, checked by those who would check them: the verifiers of docs/webhooks.md.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::json;
use session_core::WebhookSecret;

use crate::office::{Office, draft, place};
use crate::receiver::{Receiver, Told};

/// The block of code in this language.
fn example(language: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../docs/webhooks.md");
    let text = std::fs::read_to_string(path).unwrap().replace("\r\n", "\n");
    let begin = format!("```{language}\n");
    let (_, rest) = text.split_once(&begin).unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

/// Whether a verifier takes a delivery for genuine. It gets the secret, the headers and the body as JSON.
fn verify(program: &str, code: &str, secret: &WebhookSecret, told: &Told) -> bool {
    let mut child = Command::new(program)
        .arg(if program == "node" { "-e" } else { "-c" })
        .arg(code)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let input = json!({
        "secret": secret.reveal(),
        "headers": {
            "webhook-id": told.header("webhook-id"),
            "webhook-timestamp": told.header("webhook-timestamp"),
            "webhook-signature": told.header("webhook-signature"),
        },
        "body": told.body,
    });
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.to_string().as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    match String::from_utf8(output.stdout).unwrap().trim() {
        "true" | "True" => true,
        "false" | "False" => false,
        other => panic!("{other}"),
    }
}

/// The verifiers, as programs that read what [`verify`] writes.
fn verifiers() -> [(&'static str, String); 2] {
    let javascript = format!(
        "{}\nconst {{ secret, headers, body }} = JSON.parse(require('fs').readFileSync(0));\n\
         console.log(isGenuine(secret, headers, body));",
        // As a module it would be imported; the tests hand it over on the command line.
        example("js").replace(
            "import { createHmac, timingSafeEqual } from 'node:crypto';",
            "const { createHmac, timingSafeEqual } = require('node:crypto');"
        )
    );
    let python = format!(
        "{}\nimport json, sys\nsent = json.load(sys.stdin)\n\
         print(is_genuine(sent['secret'], sent['headers'], sent['body'].encode()))",
        example("python")
    );
    [("node", javascript), ("python3", python)]
}

fn is_there(program: &str) -> bool {
    Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .status()
        .is_ok()
}

#[tokio::test]
async fn the_documented_verifiers_take_what_is_genuine_and_nothing_else() {
    let (_folder, path) = place();
    let office = Office::open(&path).await;
    let receiver = Receiver::new().await;
    let id = office.add(draft(receiver.url())).await;
    let before = office.report(&id).await.webhook.secret;
    office.record(7, [1]).await;
    let told = receiver.wait(1).await[0].clone();
    assert!(told.header("webhook-signature").starts_with("v1,"));
    for (program, code) in verifiers() {
        if !is_there(program) {
            continue;
        }
        assert!(verify(program, &code, &before, &told), "{program}");
        let stranger = WebhookSecret::random();
        assert!(!verify(program, &code, &stranger, &told), "{program}");
        let forged = Told {
            body: told.body.replace("QR_REQUIRED", "READY"),
            ..told.clone()
        };
        assert!(!verify(program, &code, &before, &forged), "{program}");
        let mut old = told.clone();
        let an_hour_ago = told.header("webhook-timestamp").parse::<u64>().unwrap() - 3600;
        old.headers.insert("webhook-timestamp", an_hour_ago.into());
        assert!(
            !verify(program, &code, &before, &old),
            "{program}: a replay"
        );
    }

    // For a day after a change both secrets sign.
    let after = office.webhooks.rotate(&id).await.unwrap().webhook.secret;
    assert_ne!(before, after);
    office.record(7, [2]).await;
    let told = receiver.wait(2).await[1].clone();
    assert_eq!(told.header("webhook-signature").split(' ').count(), 2);
    for (program, code) in verifiers() {
        if is_there(program) {
            assert!(verify(program, &code, &before, &told), "{program}");
            assert!(verify(program, &code, &after, &told), "{program}");
        }
    }
    office.clock.set(24 * 60 * 60 * 1000);
    office.record(7, [3]).await;
    let told = receiver.wait(3).await[2].clone();
    assert_eq!(told.header("webhook-signature").split(' ').count(), 1);
    office.close().await;
}
