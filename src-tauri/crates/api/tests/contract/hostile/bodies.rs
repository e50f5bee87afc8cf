//! Bodies that a form can send, and bodies without an end.

use axum::body::Body;

use super::{Case, LARGE, MESSAGE, TYPE, Target, UNUSABLE, case, json, send};
use crate::support::post;

const FORMS: [&str; 3] = [
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/plain",
];

#[tokio::test(start_paused = true)]
async fn bodies_that_a_form_can_send() {
    let mut target = Target::new().await;
    for kind in FORMS {
        for (path, body) in [
            ("/send", MESSAGE),
            ("/init", "{}"),
            ("/control/destroy", r#"{"id":7,"forget":true}"#),
        ] {
            let form = post(path)
                .header("X-Cliente-Id", 7)
                .header("Content-Type", kind);
            target
                .refuses([case(format!("{kind} to {path}"), form, body, TYPE)])
                .await;
        }
    }
    for kind in [
        "",
        "json",
        "text/json",
        "application/jsonp",
        "application/json+x",
        "application/x-json",
        "application/json, text/plain",
        "text/plain; application/json",
        "text/plain, application/json",
        "multipart/form-data; boundary=application/json",
        "application/json\t/x",
        "application/\u{443}son",
    ] {
        let odd = post("/send").header("Content-Type", kind.as_bytes());
        target
            .refuses([send(&format!("as {kind:?}"), odd, TYPE)])
            .await;
    }
    let twice = post("/send")
        .header("Content-Type", "application/json")
        .header("Content-Type", "text/plain");
    let none = post("/send");
    let coded = json(post("/send")).header("Content-Encoding", "gzip");
    target
        .refuses([
            send("as two types", twice, TYPE),
            send("as no type", none, TYPE),
            case(
                "a body that is not what it says".into(),
                coded.header("X-Cliente-Id", 7),
                "\u{1f}\u{8b}",
                UNUSABLE,
            ),
        ])
        .await;
    // Sizes: one byte too many, and one that tells no length.
    let large = format!(
        r#"{{"to":"5491155551234","message":"{}"}}"#,
        "x".repeat(64 * 1024)
    );
    let sized = json(post("/send")).header("X-Cliente-Id", 7);
    target
        .refuses([case("a large body".into(), sized, &large, LARGE)])
        .await;
    let chunks = std::iter::repeat_with(|| Ok::<_, std::io::Error>("x".repeat(1000))).take(1000);
    let endless = json(post("/send")).header("X-Cliente-Id", 7);
    let endless = endless
        .body(Body::from_stream(futures::stream::iter(chunks)))
        .unwrap();
    target
        .refuses([Case {
            what: "a body without a length".into(),
            request: endless,
            refused: LARGE,
        }])
        .await;
    // Deeper than any stack: read by the recursion limit of the parser, and refused.
    let deep = json(post("/send")).header("X-Cliente-Id", 7);
    target
        .refuses([case(
            "a deep body".into(),
            deep,
            &"[".repeat(60_000),
            UNUSABLE,
        )])
        .await;
    assert_eq!(target.tried, 27);
}
