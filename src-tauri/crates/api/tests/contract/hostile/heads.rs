//! Heads that only a socket can carry.

use std::sync::atomic::Ordering;
use std::time::Duration;

use session_api::{Options, bind};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use crate::support::Setup;

/// Heads that only a socket can carry, and the status that they get; none: no answer. `PORT` stands for the port.
const HEADS: [(&str, &str, &str); 22] = [
    (
        "no host",
        "POST /init HTTP/1.1\r\nX-Cliente-Id: 8\r\n\r\n",
        "403",
    ),
    (
        "an old version without a host",
        "POST /init HTTP/1.0\r\nX-Cliente-Id: 8\r\n\r\n",
        "403",
    ),
    (
        "two hosts",
        "POST /init HTTP/1.1\r\nHost: localhost:PORT\r\nHost: evil.example\r\nX-Cliente-Id: 8\r\n\r\n",
        "403",
    ),
    (
        "the port of another program",
        "POST /init HTTP/1.1\r\nHost: localhost:1\r\nX-Cliente-Id: 8\r\n\r\n",
        "403",
    ),
    (
        "another place in the line",
        "POST http://evil.example/init HTTP/1.1\r\nHost: localhost:PORT\r\nX-Cliente-Id: 8\r\n\r\n",
        "403",
    ),
    (
        "a tunnel",
        "CONNECT evil.example:443 HTTP/1.1\r\nHost: localhost:PORT\r\n\r\n",
        "403",
    ),
    (
        "a name in bytes",
        "POST /init HTTP/1.1\r\nHost: l\u{f6}calhost\r\nX-Cliente-Id: 8\r\n\r\n",
        "403",
    ),
    (
        "two lengths",
        "POST /init HTTP/1.1\r\nHost: localhost:PORT\r\nX-Cliente-Id: 8\r\nContent-Length: 0\r\nContent-Length: 40\r\n\r\n",
        "400",
    ),
    (
        "a length below nothing",
        "POST /init HTTP/1.1\r\nHost: localhost:PORT\r\nX-Cliente-Id: 8\r\nContent-Length: -1\r\n\r\n",
        "400",
    ),
    (
        "a length in letters",
        "POST /init HTTP/1.1\r\nHost: localhost:PORT\r\nX-Cliente-Id: 8\r\nContent-Length: 0x10\r\n\r\n",
        "400",
    ),
    (
        "an unknown coding",
        "POST /init HTTP/1.1\r\nHost: localhost:PORT\r\nX-Cliente-Id: 8\r\nTransfer-Encoding: gzip\r\n\r\n",
        "400",
    ),
    (
        "a coding under another",
        "POST /init HTTP/1.1\r\nHost: localhost:PORT\r\nX-Cliente-Id: 8\r\nTransfer-Encoding: chunked, identity\r\n\r\n",
        "400",
    ),
    (
        "a chunk that is none",
        "POST /send HTTP/1.1\r\nHost: localhost:PORT\r\nX-Cliente-Id: 8\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
        "400",
    ),
    (
        "a body that is larger than told",
        "POST /send HTTP/1.1\r\nHost: localhost:PORT\r\nX-Cliente-Id: 8\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n{",
        "413",
    ),
    (
        "a length that no number holds",
        "POST /send HTTP/1.1\r\nHost: localhost:PORT\r\nX-Cliente-Id: 8\r\nContent-Type: application/json\r\nContent-Length: 99999999999999999999999\r\n\r\n{",
        "400",
    ),
    (
        "a space before the colon",
        "POST /init HTTP/1.1\r\nHost : localhost:PORT\r\nX-Cliente-Id: 8\r\n\r\n",
        "400",
    ),
    (
        "a folded line",
        "POST /init HTTP/1.1\r\nHost: localhost:PORT\r\nX-Cliente-Id:\r\n 8\r\n\r\n",
        "400",
    ),
    (
        "a nothing in a name",
        "POST /init HTTP/1.1\r\nHost: localhost:PORT\r\nX-Cli\0ente-Id: 8\r\n\r\n",
        "400",
    ),
    (
        "a nothing in a value",
        "POST /init HTTP/1.1\r\nHost: localhost:PORT\r\nX-Cliente-Id: 8\0\r\n\r\n",
        "400",
    ),
    (
        "a space in the path",
        "POST /init /x HTTP/1.1\r\nHost: localhost:PORT\r\n\r\n",
        "400",
    ),
    ("another protocol", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", ""),
    (
        "no protocol",
        "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\r\n\r\n",
        "400",
    ),
];

#[tokio::test]
async fn heads_that_no_client_library_would_send() {
    let setup = Setup::new().await;
    let bound = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = bound.address();
    let stop = CancellationToken::new();
    let serving = tokio::spawn(bound.serve(setup.room.clone(), Options::default(), stop.clone()));
    let port = address.port().to_string();
    let head = |rest: &str| {
        format!("POST /init HTTP/1.1\r\nHost: localhost:{port}\r\nX-Cliente-Id: 8\r\n{rest}\r\n")
    };
    let mut cases: Vec<_> = HEADS
        .iter()
        .map(|&(what, head, status)| (what, head.replace("PORT", &port), status))
        .collect();
    cases.push((
        "a large header",
        head(&format!("X-Large: {}\r\n", "x".repeat(70_000))),
        "431",
    ));
    cases.push(("many headers", head(&"X-Many: x\r\n".repeat(200)), "431"));
    let path = format!(
        "POST /init?{} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n",
        "x".repeat(70_000)
    );
    // The parser tells a long line and a large head apart no further.
    cases.push(("a large path", path, "431"));
    for (what, head, status) in cases {
        let mut stream = BufReader::new(TcpStream::connect(address).await.unwrap());
        // A server that has seen enough may close before everything is written.
        let _ = stream.get_mut().write_all(head.as_bytes()).await;
        let mut line = String::new();
        let read = stream.read_line(&mut line);
        let read = tokio::time::timeout(Duration::from_secs(20), read)
            .await
            .expect("an answer in time");
        let said = line.split(' ').nth(1).unwrap_or_default();
        // What the server did not read anymore may cut its answer off.
        let cut_off = read.is_err() && status == "431";
        assert!(said == status || cut_off, "{what}: {line:?}");
        assert!(
            setup.registry.snapshots().is_empty(),
            "{what} made a cliente"
        );
    }
    assert_eq!(setup.world.launches.load(Ordering::SeqCst), 0);
    stop.cancel();
    serving.await.unwrap();
}
