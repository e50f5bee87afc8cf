//! Files: taken, and sent.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use session_core::StateName;

use crate::support::{Answer, Setup, bare, get, id, post, with_json};

fn upload(path: &str, kind: Option<&str>, body: impl Into<Body>) -> Request<Body> {
    let request = post(path);
    let request = match kind {
        Some(kind) => request.header("Content-Type", kind),
        None => request,
    };
    request.body(body.into()).unwrap()
}

fn read(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap()
}

fn pieces(count: usize) -> Body {
    let piece = || Ok::<_, std::io::Error>(vec![7_u8; 1024 * 1024]);
    Body::from_stream(futures::stream::iter((0..count).map(move |_| piece())))
}

#[tokio::test(start_paused = true)]
async fn a_file_is_taken_and_sent_with_a_text_below_it() {
    let setup = Setup::new().await;
    setup.bring(7, StateName::Ready).await;
    let taken = setup
        .ask(upload(
            "/media?name=mi%20foto.png",
            Some("image/png"),
            "PNG",
        ))
        .await;
    assert_eq!(taken.status, 201, "{}", taken.body);
    let media = read(&taken)["media_id"].as_str().unwrap().to_owned();
    assert_eq!(
        read(&taken),
        json!({"media_id": media, "size": 3, "mime": "image/png", "name": "mi foto.png"})
    );
    let body = json!({"to": "5491155551234", "message": "mira", "media": {"id": media}});
    let sent = setup.send(7, &body.to_string()).await;
    assert_eq!(sent.status, 200, "{}", sent.body);
    let calls = setup.world.browser(id(7)).take_calls();
    assert_eq!(calls, ["send 5491155551234@c.us mira"]);
    let all = setup.json("/messages").await;
    assert_eq!(all["messages"][0]["kind"], "image");
    // And once more, for sure, without a text.
    let body = json!({"to": "5491155551234", "media": {"id": media, "kind": "document"}});
    let request = post("/send")
        .header("X-Cliente-Id", 7)
        .header("Idempotency-Key", "a");
    assert_eq!(
        setup
            .ask(with_json(request, &body.to_string()))
            .await
            .status,
        200
    );
    let all = setup.json("/messages").await;
    assert_eq!(all["messages"][0]["kind"], "document");
}

#[tokio::test(start_paused = true)]
async fn what_a_page_can_send_without_asking_is_no_file() {
    let setup = Setup::new().await;
    for kind in [
        None,
        Some("text/plain"),
        Some("Text/Plain; charset=utf-8"),
        Some("multipart/form-data; boundary=x"),
        Some("application/x-www-form-urlencoded"),
        Some("png"),
        Some(""),
    ] {
        let answer = setup.ask(upload("/media", kind, "x")).await;
        assert_eq!(answer.status, 415, "{kind:?}: {}", answer.body);
    }
    let twice = post("/media")
        .header("Content-Type", "image/png")
        .header("Content-Type", "image/png");
    assert_eq!(
        setup.ask(twice.body(Body::from("x")).unwrap()).await.status,
        415
    );
    let foreign = post("/media")
        .header("Content-Type", "image/png")
        .header("Origin", "https://evil.example");
    assert_eq!(
        setup
            .ask(foreign.body(Body::from("x")).unwrap())
            .await
            .status,
        403
    );
    // On no other route is anything but JSON taken, or more of it.
    for path in ["/send", "/media/", "/media/x", "/messages"] {
        let answer = setup.ask(upload(path, Some("image/png"), "x")).await;
        assert_eq!(answer.status, 415, "{path}");
    }
    assert!(setup.world.files.files.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_file_is_bounded_whatever_it_says_of_itself() {
    let setup = Setup::new().await;
    let whole = setup
        .ask(upload("/media", Some("video/mp4"), pieces(64)))
        .await;
    assert_eq!(
        (whole.status, &read(&whole)["size"]),
        (201, &json!(64 << 20))
    );
    let large = setup
        .ask(upload("/media", Some("video/mp4"), pieces(65)))
        .await;
    assert_eq!(
        (large.status, &read(&large)["code"]),
        (413, &json!("PAYLOAD_TOO_LARGE"))
    );
    let announced = setup
        .ask(upload("/media", Some("video/mp4"), vec![0; (64 << 20) + 1]))
        .await;
    assert_eq!(announced.status, 413);
    let empty = setup.ask(upload("/media", Some("video/mp4"), "")).await;
    assert_eq!(empty.status, 400);
    let slow = Body::from_stream(futures::stream::pending::<Result<Vec<u8>, std::io::Error>>());
    let late = setup.ask(upload("/media", Some("video/mp4"), slow)).await;
    assert_eq!(late.status, 400, "{}", late.body);
    for name in ["..", "a%2Fb", "a%5Cb", "a%0Ab", "", "a&name=b"] {
        let path = format!("/media?name={name}");
        let answer = setup.ask(upload(&path, Some("image/png"), "x")).await;
        assert_eq!(answer.status, 400, "{name}");
    }
    assert_eq!(
        setup.world.files.files.lock().unwrap().len(),
        1,
        "a part is left"
    );
}

#[tokio::test(start_paused = true)]
async fn only_so_many_files_are_taken_at_the_same_time() {
    let setup = std::sync::Arc::new(Setup::new().await);
    let taking: Vec<_> = (0..4)
        .map(|_| {
            let setup = std::sync::Arc::clone(&setup);
            let body =
                Body::from_stream(futures::stream::pending::<Result<Vec<u8>, std::io::Error>>());
            tokio::spawn(async move { setup.ask(upload("/media", Some("image/png"), body)).await })
        })
        .collect();
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let answer = setup.ask(upload("/media", Some("image/png"), "x")).await;
    assert_eq!(
        (answer.status, answer.header("retry-after")),
        (503, Some("1"))
    );
    for taken in taking {
        assert_eq!(taken.await.unwrap().status, 400);
    }
    assert_eq!(
        setup
            .ask(upload("/media", Some("image/png"), "x"))
            .await
            .status,
        201
    );
}

#[tokio::test(start_paused = true)]
async fn a_full_disk_takes_no_file() {
    let setup = Setup::new().await;
    setup.bring(7, StateName::Ready).await;
    *setup.world.disk.lock().unwrap() = Some(500 << 20);
    tokio::time::sleep(std::time::Duration::from_secs(20)).await;
    let answer = setup.ask(upload("/media", Some("image/png"), "x")).await;
    assert_eq!(
        (answer.status, &read(&answer)["code"]),
        (507, &json!("INSUFFICIENT_STORAGE"))
    );
    let body = r#"{"to":"5491155551234","media":{"path":"/out/5.png"}}"#;
    assert_eq!(setup.send(7, body).await.status, 507);
}

#[tokio::test(start_paused = true)]
async fn a_path_is_sent_from_an_allowed_folder_and_from_nowhere_else() {
    let setup = Setup::new().await;
    setup.bring(7, StateName::Ready).await;
    let send = async |path: &str| {
        let body = json!({"to": "5491155551234", "media": {"path": path}});
        setup.send(7, &body.to_string()).await
    };
    assert_eq!(send("/out/5.png").await.status, 200);
    for (path, status, code) in [
        ("/etc/passwd", 403, "PATH_NOT_ALLOWED"),
        ("/out/none", 404, "MEDIA_NOT_FOUND"),
        ("/out/99999999.mp4", 413, "PAYLOAD_TOO_LARGE"),
        ("out/5.png", 400, "INVALID_REQUEST"),
    ] {
        let answer = send(path).await;
        assert_eq!(
            (answer.status, &read(&answer)["code"]),
            (status, &json!(code)),
            "{path}"
        );
        assert!(!answer.body.contains(path), "{}", answer.body);
    }
    let body = json!({"to": "5491155551234", "media": {"id": "0".repeat(32)}});
    let answer = setup.send(7, &body.to_string()).await;
    assert_eq!(
        (answer.status, &read(&answer)["code"]),
        (404, &json!("MEDIA_NOT_FOUND"))
    );
    assert_eq!(setup.world.browser(id(7)).take_calls().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_log_of_calls_holds_no_name_of_a_file_and_no_number() {
    let setup = Setup::new().await;
    setup
        .ask(upload("/media?name=secret.png", Some("image/png"), "x"))
        .await;
    let number = get("/contacts/5491155551234/exists").header("X-Cliente-Id", 7);
    setup.ask(bare(number)).await;
    let calls = setup.json("/debug/calls").await.to_string();
    assert!(calls.contains("/contacts/{number}/exists"), "{calls}");
    assert!(
        !calls.contains("secret") && !calls.contains("5491155551234"),
        "{calls}"
    );
}
