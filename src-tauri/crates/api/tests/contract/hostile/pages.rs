//! Pages of other origins, and what browsers tell of them.

use axum::http::request::Builder;

use super::{LISTED, ORIGIN, Target, case, json, send, start};
use crate::support::{get, post, request};

#[tokio::test(start_paused = true)]
async fn pages_of_other_origins() {
    let mut target = Target::new().await;
    let origins: [&[u8]; 45] = [
        b"null",
        b"NULL",
        b"",
        b"*",
        b"https://evil.example",
        b"http://evil.example:3001",
        // Near the one that is listed.
        b"http://panel.example.com",
        b"https://PANEL.example.com",
        b"HTTPS://panel.example.com",
        b"https://panel.example.com:443",
        b"https://panel.example.com:444",
        b"https://panel.example.com:0",
        b"https://panel.example.com:65536",
        b"https://panel.example.com.",
        b"https://panel.example.com/",
        b"https://panel.example.com?",
        b"https://panel.example.com#",
        b"https://panel.example.com.evil.example",
        b"https://a.panel.example.com",
        b"https://example.com",
        b"https://panelXexample.com",
        b"https://evil-panel.example.com",
        b"https://panel.example.com@evil.example",
        b"https://user@panel.example.com",
        b"https://evil.example#https://panel.example.com",
        b"https://panel.example.com https://evil.example",
        b"https://panel.example.com,https://evil.example",
        b"https://p\xc3\xa1nel.example.com",
        b"https://xn--pnel-5na.example.com",
        // Near the control room's own.
        b"http://LOCALHOST:3001",
        b"https://localhost:3001",
        b"http://localhost",
        b"http://localhost:0",
        b"http://localhost:3000",
        b"http://localhost:03001",
        b"http://localhost:65536",
        b"http://localhost:68537",
        b"http://localhost:3001/",
        b"http://localhost.:3001",
        b"http://a.localhost:3001",
        b"http://user@localhost:3001",
        b"http://127.1:3001",
        b"http://[0:0:0:0:0:0:0:1]:3001",
        b"http://[::ffff:127.0.0.1]:3001",
        b"ws://localhost:3001",
    ];
    for origin in origins {
        let name = String::from_utf8_lossy(origin).into_owned();
        let with = |request: Builder| json(request).header("Origin", origin);
        target
            .refuses([
                send(&format!("from {name:?}"), with(post("/send")), ORIGIN),
                start(&format!("from {name:?}"), with(post("/init")), ORIGIN),
                case(
                    format!("a preflight from {name:?}"),
                    request("OPTIONS", "/send")
                        .header("Origin", origin)
                        .header("Access-Control-Request-Method", "POST")
                        .header("Access-Control-Request-Private-Network", "true"),
                    "",
                    ORIGIN,
                ),
            ])
            .await;
    }
    let pairs = [
        (LISTED, LISTED),
        (LISTED, "https://evil.example"),
        ("https://evil.example", LISTED),
        ("http://localhost:3001", "https://evil.example"),
    ];
    let cases = pairs.map(|(first, second)| {
        let both = json(post("/send"))
            .header("Origin", first)
            .header("Origin", second);
        send(&format!("from {first} and {second}"), both, ORIGIN)
    });
    target.refuses(cases).await;
    // A listed page may use the API. It may not run the program, nor see who else calls.
    for (method, path) in [
        ("POST", "/control/stop"),
        ("POST", "/control/destroy"),
        ("POST", "/control/calls"),
        ("GET", "/debug/calls"),
    ] {
        let listed = json(request(method, path)).header("Origin", LISTED);
        let what = format!("{method} {path} from {LISTED}");
        target
            .refuses([case(what, listed, r#"{"id":7}"#, ORIGIN)])
            .await;
    }
    assert_eq!(target.tried, 143);
}

#[tokio::test(start_paused = true)]
async fn what_browsers_tell_of_a_request_without_an_origin() {
    let mut target = Target::new().await;
    // An image, a script, a frame, a link, a form of another page.
    for site in [
        "cross-site",
        "same-site",
        "Same-Origin",
        "none, cross-site",
        "",
        "new",
    ] {
        for (dest, method, path) in [
            ("image", "GET", "/qr"),
            ("script", "GET", "/debug/calls"),
            ("iframe", "GET", "/"),
            ("document", "GET", "/events"),
            ("document", "POST", "/init"),
            ("empty", "DELETE", "/session/7"),
            ("empty", "POST", "/control/destroy"),
        ] {
            let request = json(request(method, path))
                .header("X-Cliente-Id", 7)
                .header("Sec-Fetch-Site", site)
                .header("Sec-Fetch-Mode", "no-cors")
                .header("Sec-Fetch-Dest", dest);
            let what = format!("{method} {path} from {site:?}");
            target
                .refuses([case(what, request, r#"{"id":7,"forget":true}"#, ORIGIN)])
                .await;
        }
    }
    // One value of several that is not ours is enough; an origin of ours does not outweigh another site.
    for (first, second) in [("same-origin", "cross-site"), ("none", "same-site")] {
        let both = json(post("/send"))
            .header("Sec-Fetch-Site", first)
            .header("Sec-Fetch-Site", second);
        target
            .refuses([send(&format!("{first} and {second}"), both, ORIGIN)])
            .await;
    }
    for origin in [
        "http://localhost:3001",
        "http://127.0.0.1:3001",
        "http://[::1]:3001",
    ] {
        let other = json(post("/send"))
            .header("Origin", origin)
            .header("Sec-Fetch-Site", "cross-site");
        target
            .refuses([send(&format!("{origin}, cross-site"), other, ORIGIN)])
            .await;
    }
    let upgrade = get("/events")
        .header("Origin", "https://evil.example")
        .header("Connection", "Upgrade")
        .header("Upgrade", "websocket");
    target
        .refuses([case("a web socket".into(), upgrade, "", ORIGIN)])
        .await;
    assert_eq!(target.tried, 48);
}
