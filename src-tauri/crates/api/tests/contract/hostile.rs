//! What hostile pages, tools and heads try. Each case says what it is refused with; none of them may cause anything: no
//! session, no call to a browser, no command.

mod bodies;
mod heads;
mod names;
mod pages;
mod paths;

use std::sync::atomic::Ordering;

use axum::body::Body;
use axum::http::Request;
use axum::http::request::Builder;
use session_api::{Options, Origins};
use session_core::StateName;

use crate::support::{Setup, id};

const HOST: (u16, &str) = (403, "HOST_NOT_ALLOWED");
const ORIGIN: (u16, &str) = (403, "ORIGIN_NOT_ALLOWED");
const TYPE: (u16, &str) = (415, "UNSUPPORTED_MEDIA_TYPE");
const UNKNOWN: (u16, &str) = (404, "NOT_FOUND");
const METHOD: (u16, &str) = (405, "METHOD_NOT_ALLOWED");
const HEADER: (u16, &str) = (400, "INVALID_HEADER");
const UNUSABLE: (u16, &str) = (400, "INVALID_REQUEST");
const LARGE: (u16, &str) = (413, "PAYLOAD_TOO_LARGE");

const MESSAGE: &str = r#"{"to":"5491155551234","message":"x"}"#;
const LISTED: &str = "https://panel.example.com";

struct Case {
    what: String,
    request: Request<Body>,
    refused: (u16, &'static str),
}

/// A program that serves its control room, lists one origin, and has one session that could be harmed.
struct Target {
    setup: Setup,
    tried: usize,
}

impl Target {
    async fn new() -> Self {
        let setup = Setup::with(Options {
            control_room: true,
            origins: Origins::parse(LISTED).unwrap(),
            ..Options::default()
        })
        .await;
        setup.bring(7, StateName::Ready).await;
        Self { setup, tried: 0 }
    }

    async fn refuses(&mut self, cases: impl IntoIterator<Item = Case>) {
        for Case {
            what,
            request,
            refused: (status, code),
        } in cases
        {
            self.tried += 1;
            let answer = self.setup.ask(request).await;
            assert_eq!(answer.status, status, "{what}: {}", answer.body);
            // A browser gets no body with an answer to HEAD.
            if !answer.body.is_empty() {
                let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
                let said = if body["code"].is_null() {
                    &body["error"]
                } else {
                    &body["code"]
                };
                assert_eq!(said, code, "{what}: {}", answer.body);
            }
            // A page that was refused may not even read why, and no answer tells where things are.
            if status == 403 && code != "NOT_FOUND" && !what.contains(LISTED) {
                assert_eq!(answer.header("access-control-allow-origin"), None, "{what}");
            }
            assert_eq!(
                answer.header("x-content-type-options"),
                Some("nosniff"),
                "{what}"
            );
            assert!(!answer.body.contains("/data"), "{what}: {}", answer.body);
            self.is_unharmed(&what);
        }
    }

    #[track_caller]
    fn is_unharmed(&self, what: &str) {
        let setup = &self.setup;
        assert_eq!(setup.registry.snapshots().len(), 1, "{what} made a cliente");
        assert_eq!(setup.state(7), StateName::Ready, "{what}");
        assert_eq!(
            setup.world.launches.load(Ordering::SeqCst),
            1,
            "{what} launched"
        );
        let calls = setup.world.browser(id(7)).take_calls();
        assert!(calls.is_empty(), "{what} reached the browser: {calls:?}");
        let asked = setup.host.take_asked();
        assert!(asked.is_empty(), "{what} reached the program: {asked:?}");
    }
}

/// Whoever it is, it would be a start of an unknown cliente.
fn start(with: &str, request: Builder, refused: (u16, &'static str)) -> Case {
    case(
        format!("POST /init {with}"),
        request.header("X-Cliente-Id", 8),
        "",
        refused,
    )
}

/// A message that would go out.
fn send(with: &str, request: Builder, refused: (u16, &'static str)) -> Case {
    case(
        format!("POST /send {with}"),
        request.header("X-Cliente-Id", 7),
        MESSAGE,
        refused,
    )
}

fn case(what: String, request: Builder, body: &str, refused: (u16, &'static str)) -> Case {
    let request = request.body(Body::from(body.to_owned())).unwrap();
    Case {
        what,
        request,
        refused,
    }
}

fn json(request: Builder) -> Builder {
    request.header("Content-Type", "application/json")
}
