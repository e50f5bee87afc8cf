//! Receivers that speak TLS.

use std::sync::Arc;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::PrivateKeyDer;
use rustls::{RootCertStore, ServerConfig};
use session_core::WebhookProblem;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::office::{Office, draft, place, quick};

#[tokio::test]
async fn a_certificate_has_to_be_trusted() {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(tls));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!(
        "https://localhost:{}/",
        listener.local_addr().unwrap().port()
    );
    let server = tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let mut request = vec![0; 4096];
                let _ = stream.read(&mut request).await;
                let _ = stream
                    .write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")
                    .await;
                let _ = stream.shutdown().await;
            }
        }
    });

    let (_folder, path) = place();
    let office = Office::open(&path).await;
    let id = office.add(draft(url)).await;
    let result = office.webhooks.test(&id).await.unwrap();
    assert_eq!(
        (result.problem, result.status),
        (Some(WebhookProblem::Tls), None)
    );
    office.close().await;

    let mut roots = RootCertStore::empty();
    roots.add(cert.der().clone()).unwrap();
    let office = Office::trusting(&path, quick(), &[], roots).await;
    let result = office.webhooks.test(&id).await.unwrap();
    assert_eq!((result.problem, result.status), (None, Some(204)));
    office.close().await;
    server.abort();
}
