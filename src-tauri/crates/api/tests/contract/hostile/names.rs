//! Hosts that are not this machine.

use axum::http::Request;
use axum::http::request::Builder;

use super::{HOST, Target, start};
use crate::support::post;

fn at_host(host: &[u8]) -> Builder {
    Request::builder()
        .method("POST")
        .uri("/init")
        .header("Host", host)
}

#[tokio::test(start_paused = true)]
async fn names_that_are_not_this_machine() {
    let mut target = Target::new().await;
    // What a page can make a browser send: a name of its own that points here, and every way to write an address.
    let hosts: [&[u8]; 38] = [
        b"evil.example",
        b"evil.example:3001",
        b"localhost.evil.example:3001",
        b"localhost.localdomain:3001",
        b"127.0.0.1.nip.io:3001",
        b"127-0-0-1.rebind.example:3001",
        b"a.localhost:3001",
        b"localhost.:3001",
        b".localhost:3001",
        b"localhost..:3001",
        b"localhost:0",
        b"localhost:80",
        b"localhost:3000",
        b"localhost:03001",
        b"localhost:3001 ",
        b"localhost:+3001",
        b"localhost:65536",
        b"localhost:68537",
        b"localhost:",
        b"localhost:3001:3001",
        b"localhost:3001/",
        b"localhost:3001@evil.example",
        b"evil.example@localhost:3001",
        b"user:secret@localhost:3001",
        b"localhost:3001,evil.example",
        b"localhost#evil.example:3001",
        b"localhost%00.evil.example",
        b"127.0.0.2:3001",
        b"127.1:3001",
        b"0177.0.0.1:3001",
        b"0x7f000001:3001",
        b"2130706433:3001",
        b"0.0.0.0:3001",
        b"[::]:3001",
        b"[0:0:0:0:0:0:0:1]:3001",
        b"[::ffff:127.0.0.1]:3001",
        b"xn--lcalhost-g5a:3001",
        b"l\xc3\xb6calhost:3001",
    ];
    let cases = hosts
        .iter()
        .map(|host| start(&String::from_utf8_lossy(host), at_host(host), HOST));
    target.refuses(cases).await;
    let twice = [
        ("localhost:3001", "evil.example"),
        ("evil.example", "localhost:3001"),
        ("localhost:3001", "localhost:3001"),
    ];
    let cases = twice.map(|(first, second)| {
        let both = at_host(first.as_bytes()).header("Host", second);
        start(&format!("{first} and {second}"), both, HOST)
    });
    target.refuses(cases).await;
    // A whole address in the request line overrules the header; what only proxies would believe is not looked at.
    let lines = [
        "http://evil.example/init",
        "http://evil.example:3001/init",
        "http://user:secret@localhost:3001/init",
        "http://localhost:3001@evil.example/init",
        "https://localhost:3002/init",
    ];
    target
        .refuses(lines.iter().map(|line| start(line, post(line), HOST)))
        .await;
    for name in ["X-Forwarded-Host", "X-Host", "X-Original-Host", "Forwarded"] {
        let forwarded = at_host(b"evil.example").header(name, "localhost:3001");
        target.refuses([start(name, forwarded, HOST)]).await;
    }
    assert_eq!(target.tried, 50);
}
