//! One POST, and what the receiver says to it: a status, never a body. No proxy, no redirect, no cookie.

use std::error::Error;
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER, USER_AGENT};
use hyper::{Method, Request, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::{ClientConfig, RootCertStore};
use session_core::{Timestamp, Webhook, WebhookProblem};

use crate::sign;

/// How long a connection is kept for the next one.
const IDLE: Duration = Duration::from_secs(20);

/// Sends.
pub(crate) struct Client {
    http: legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    agent: HeaderValue,
    deadline: Duration,
}

/// What a receiver answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// How long it wants to be left alone.
    pub(crate) retry_after: Option<Duration>,
}

/// The certificates that this machine trusts. Reads files.
pub(crate) fn trusted() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added == 0 {
        tracing::warn!(
            errors = found.errors.len(),
            "this machine trusts no certificates: webhooks with https will fail"
        );
    }
    roots
}

impl Client {
    pub(crate) fn new(
        version: &str,
        deadline: Duration,
        roots: RootCertStore,
    ) -> Result<Self, rustls::Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let mut connector = HttpConnector::new();
        connector.enforce_http(false);
        connector.set_nodelay(true);
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(connector);
        Ok(Self {
            deadline,
            http: legacy::Client::builder(TokioExecutor::new())
                .pool_timer(TokioTimer::new())
                .pool_idle_timeout(IDLE)
                .pool_max_idle_per_host(1)
                .build(connector),
            agent: HeaderValue::from_str(&format!("session-manager/{version}"))
                .unwrap_or(HeaderValue::from_static("session-manager")),
        })
    }

    /// Tells a webhook something, once.
    pub(crate) async fn post(
        &self,
        webhook: &Webhook,
        id: &str,
        now: Timestamp,
        body: Vec<u8>,
    ) -> Result<Answer, WebhookProblem> {
        let request = self
            .request(webhook, id, now, body)
            .map_err(|_| WebhookProblem::Connection)?;
        // What follows the head is not read: it is of no use to anybody, and may have no end.
        match tokio::time::timeout(self.deadline, self.http.request(request)).await {
            Ok(Ok(response)) => Ok(Answer {
                status: response.status().as_u16(),
                retry_after: retry_after(response.headers()),
            }),
            Ok(Err(error)) => Err(problem(&error)),
            Err(_) => Err(WebhookProblem::Timeout),
        }
    }

    fn request(
        &self,
        webhook: &Webhook,
        id: &str,
        now: Timestamp,
        body: Vec<u8>,
    ) -> Result<Request<Full<Bytes>>, hyper::http::Error> {
        Request::builder()
            .method(Method::POST)
            .uri(Uri::try_from(&webhook.url)?)
            .header(CONTENT_TYPE, "application/json")
            .header(USER_AGENT, &self.agent)
            .header("webhook-id", id)
            .header("webhook-timestamp", sign::seconds(now))
            .header(
                "webhook-signature",
                sign::signatures(webhook, id, now, &body),
            )
            .body(Full::new(Bytes::from(body)))
    }
}

/// In seconds, or as a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    match text.parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => httpdate::parse_http_date(text)
            .ok()?
            .duration_since(SystemTime::now())
            .ok(),
    }
}

/// What stands behind a failed connection, without its words: they may hold anything.
fn problem(error: &(dyn Error + 'static)) -> WebhookProblem {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<rustls::Error>() {
            return WebhookProblem::Tls;
        }
        if let Some(io) = error.downcast_ref::<std::io::Error>() {
            match io.kind() {
                ErrorKind::ConnectionRefused => return WebhookProblem::Refused,
                ErrorKind::TimedOut => return WebhookProblem::Timeout,
                _ => {}
            }
            // What an I/O error wraps is not among its sources.
            if let Some(inner) = io.get_ref()
                && problem(inner) == WebhookProblem::Tls
            {
                return WebhookProblem::Tls;
            }
        }
        if error.to_string() == "dns error" {
            return WebhookProblem::UnknownHost;
        }
        cause = error.source();
    }
    WebhookProblem::Connection
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_in_both_of_its_forms() {
        let read = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, text.parse().unwrap());
            retry_after(&headers)
        };
        assert_eq!(read("120"), Some(Duration::from_secs(120)));
        let soon = SystemTime::now() + Duration::from_secs(300);
        let seconds = read(&httpdate::fmt_http_date(soon)).unwrap().as_secs();
        assert!((290..=300).contains(&seconds), "{seconds}");
        for nothing in ["", "-5", "soon", "Mon, 01 Jan 2001 00:00:00 GMT"] {
            assert_eq!(read(nothing), None, "{nothing}");
        }
    }
}
