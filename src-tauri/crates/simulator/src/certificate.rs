//! The page's self-signed certificate, new at every start, and how Chromium is told to trust it.

use std::net::SocketAddr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use rcgen::PublicKeyData as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use sha2::{Digest, Sha256};

use crate::SimulatorError;

/// The host that clients believe to be talking to.
pub(crate) const HOST: &str = "web.whatsapp.com";

#[derive(Debug, Clone)]
pub(crate) struct Certificate {
    pub(crate) tls: Arc<rustls::ServerConfig>,
    pub(crate) der: CertificateDer<'static>,
    /// Base64 of the SHA-256 of the public key's SPKI.
    spki: String,
}

impl Certificate {
    pub(crate) fn generate() -> Result<Self, SimulatorError> {
        let names = vec![
            HOST.to_owned(),
            "localhost".to_owned(),
            "127.0.0.1".to_owned(),
        ];
        let made = rcgen::generate_simple_self_signed(names)
            .map_err(|source| SimulatorError::Certificate { source })?;
        let der = made.cert.der().clone();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let spki = BASE64.encode(Sha256::digest(made.signing_key.subject_public_key_info()));

        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut tls = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|builder| {
                builder
                    .with_no_client_auth()
                    .with_single_cert(vec![der.clone()], key)
            })
            .map_err(|source| SimulatorError::Tls { source })?;
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            tls: Arc::new(tls),
            der,
            spki,
        })
    }

    /// Chromium's command line for a page server at `addr`.
    pub(crate) fn chromium_args(&self, addr: SocketAddr) -> Vec<String> {
        vec![
            format!("--host-resolver-rules=MAP {HOST}:443 {addr}"),
            format!("--ignore-certificate-errors-spki-list={}", self.spki),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chromium_is_told_the_address_and_the_key() {
        let certificate = Certificate::generate().unwrap();
        let args = certificate.chromium_args("127.0.0.1:4567".parse().unwrap());
        assert_eq!(
            args[0],
            "--host-resolver-rules=MAP web.whatsapp.com:443 127.0.0.1:4567"
        );
        let hash = args[1]
            .strip_prefix("--ignore-certificate-errors-spki-list=")
            .unwrap();
        assert_eq!(BASE64.decode(hash).unwrap().len(), 32);
    }

    #[test]
    fn every_start_has_its_own_key() {
        let [one, two] = [(); 2].map(|()| Certificate::generate().unwrap().spki);
        assert_ne!(one, two);
    }
}
