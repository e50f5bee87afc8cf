//! Methods, paths and headers that pretend to be others.

use super::{HEADER, METHOD, Target, UNKNOWN, UNUSABLE, case, json};
use crate::support::{post, request};

/// Spellings of a path, and what each of them is.
const PATHS: [(&str, &str, (u16, &str)); 46] = [
    ("POST", "//init", UNKNOWN),
    ("POST", "/init/", UNKNOWN),
    ("POST", "/init//", UNKNOWN),
    ("POST", "/INIT", UNKNOWN),
    ("POST", "/%69nit", UNKNOWN),
    ("POST", "/init%2f", UNKNOWN),
    ("POST", "/init%00", UNKNOWN),
    ("POST", "/init;x=1", UNKNOWN),
    ("POST", "/./init", UNKNOWN),
    ("POST", "/x/../init", UNKNOWN),
    ("POST", "/x/%2e%2e/init", UNKNOWN),
    ("POST", "/%2e/init", UNKNOWN),
    ("POST", "/status/../init", UNKNOWN),
    ("POST", "//evil.example/init", UNKNOWN),
    ("POST", "/control/%73top", UNKNOWN),
    ("POST", "/control/stop%2f", UNKNOWN),
    ("POST", "/control//stop", UNKNOWN),
    ("POST", "/control/stop/", UNKNOWN),
    ("POST", "/control/../control/stop", UNKNOWN),
    ("POST", "/control/%2e%2e%2finit", UNKNOWN),
    ("POST", "/Control/stop", UNKNOWN),
    ("POST", "/control/STOP", UNKNOWN),
    ("DELETE", "/session/%37", UNUSABLE),
    ("DELETE", "/session/7%2f", UNUSABLE),
    ("DELETE", "/session/7%00", UNUSABLE),
    ("DELETE", "/session/+7", UNUSABLE),
    ("DELETE", "/session/7;forget=true", UNUSABLE),
    ("DELETE", "/session/7,8", UNUSABLE),
    ("DELETE", "/session/-7", UNUSABLE),
    ("DELETE", "/session/7?forget=yes", UNUSABLE),
    ("DELETE", "/session/7?forget=true&forget=false", UNUSABLE),
    ("DELETE", "/session/7/", UNKNOWN),
    ("DELETE", "/session//7", UNKNOWN),
    ("DELETE", "/session/..%2f7", UNUSABLE),
    ("GET", "/../../etc/passwd", UNKNOWN),
    ("GET", "/%2e%2e/%2e%2e/etc/passwd", UNKNOWN),
    ("GET", "/..%2f..%2fetc%2fpasswd", UNKNOWN),
    ("GET", "/assets/../index.html", UNKNOWN),
    ("GET", "//index.html", UNKNOWN),
    ("GET", "///", UNKNOWN),
    ("GET", "/index.html%00.png", UNKNOWN),
    ("GET", "/..%5c..%5cwindows%5cwin.ini", UNKNOWN),
    ("GET", "/.env", UNKNOWN),
    ("GET", "/.git/config", UNKNOWN),
    ("GET", "/metrics/../debug/calls", UNKNOWN),
    ("GET", "/debug/calls/", UNKNOWN),
];

#[tokio::test(start_paused = true)]
async fn methods_paths_and_headers_that_pretend() {
    let mut target = Target::new().await;
    for name in [
        "X-HTTP-Method-Override",
        "X-HTTP-Method",
        "X-Method-Override",
    ] {
        for (method, path, wanted) in [
            ("GET", "/init", "POST"),
            ("GET", "/session/7", "DELETE"),
            ("POST", "/session/7?_method=DELETE", "DELETE"),
            ("GET", "/control/stop?_method=POST", "POST"),
        ] {
            let pretends = json(request(method, path))
                .header("X-Cliente-Id", 8)
                .header(name, wanted);
            let what = format!("{method} {path}, {name}: {wanted}");
            target
                .refuses([case(what, pretends, r#"{"id":7}"#, METHOD)])
                .await;
        }
    }
    for (method, path) in [
        ("HEAD", "/init"),
        ("PUT", "/init"),
        ("PATCH", "/session/7"),
        ("TRACE", "/status"),
        ("CONNECT", "/status"),
        ("post", "/init"),
        ("PROPFIND", "/control/stop"),
    ] {
        let odd = json(request(method, path)).header("X-Cliente-Id", 8);
        target
            .refuses([case(format!("{method} {path}"), odd, "{}", METHOD)])
            .await;
    }
    for (method, path, refused) in PATHS {
        let odd = json(request(method, path)).header("X-Cliente-Id", 8);
        target
            .refuses([case(
                format!("{method} {path}"),
                odd,
                r#"{"id":7}"#,
                refused,
            )])
            .await;
    }
    for cliente in [
        "7, 8",
        "7;8",
        "7 8",
        "+7",
        "-7",
        "7.0",
        "7e0",
        "0x7",
        "7\u{ff17}",
        "\u{ff17}",
        "true",
        "[7]",
        "9007199254740992",
        "18446744073709551623",
    ] {
        let odd = post("/init").header("X-Cliente-Id", cliente.as_bytes());
        target
            .refuses([case(format!("cliente {cliente:?}"), odd, "", HEADER)])
            .await;
    }
    let twice = post("/init")
        .header("X-Cliente-Id", 7)
        .header("X-Cliente-Id", 8);
    target
        .refuses([case("two clientes".into(), twice, "", HEADER)])
        .await;
    assert_eq!(target.tried, 80);
}
