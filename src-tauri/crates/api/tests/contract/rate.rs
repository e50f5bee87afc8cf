//! How many callers can poll.

use std::time::Instant;

use session_api::{Options, bind};
use session_core::StateName;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use crate::support::Setup;

const CLIENTS: u32 = 16;
const REQUESTS: u32 = 4000;

/// `cargo test --release -p session-api --test contract rate -- --ignored --nocapture`
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement, for a release build on a quiet machine"]
async fn a_status_with_a_qr_is_cheap() {
    let setup = Setup::new().await;
    setup.bring(1, StateName::QrRequired).await;
    let bound = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = bound.address();
    let stop = CancellationToken::new();
    let serving = tokio::spawn(bound.serve(setup.room.clone(), Options::default(), stop.clone()));
    let length = setup.get("/status", 1).await.body.len();

    let began = Instant::now();
    let clients = (0..CLIENTS).map(|_| {
        tokio::spawn(async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            let port = address.port();
            let request = format!(
                "GET /status HTTP/1.1\r\nHost: localhost:{port}\r\nX-Cliente-Id: 1\r\n\r\n"
            );
            let mut buffer = vec![0; 64 * 1024];
            for _ in 0..REQUESTS {
                stream.write_all(request.as_bytes()).await.unwrap();
                let mut read = 0;
                // The end of the body is the end of the answer.
                while read < length || !buffer[..read].ends_with(b"\"}") {
                    read += stream.read(&mut buffer[read..]).await.unwrap();
                }
                assert!(buffer.starts_with(b"HTTP/1.1 200"));
            }
        })
    });
    for client in futures::future::join_all(clients).await {
        client.unwrap();
    }
    let rate = f64::from(CLIENTS * REQUESTS) / began.elapsed().as_secs_f64();
    println!("{rate:.0} /status a second, {length} bytes each");
    stop.cancel();
    serving.await.unwrap();
    assert!(rate > 5000.0, "{rate:.0} a second");
}
