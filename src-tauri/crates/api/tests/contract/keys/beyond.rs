//! A program that other machines can reach.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use axum::http::request::Builder;
use session_api::dto::ApiProblem;
use session_api::keys::{KeyStore, Scope};
use session_api::{BindError, HostNames, Options, bind_beyond};

use super::{Locked, NO_KEY, WRONG_KEY, with_key};
use crate::support::{Answer, about, bare, get, post};

async fn exposed() -> Locked {
    let locked = Locked::with(Options {
        control_room: true,
        exposed: true,
        ..Options::default()
    })
    .await;
    // Whatever the settings say.
    locked.access.require_key(false);
    locked
}

fn from(address: &str, mut request: Request<Body>) -> Request<Body> {
    let address: SocketAddr = format!("{address}:50000").parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(address));
    request
}

#[tokio::test]
async fn everybody_needs_a_key_there_the_page_too() {
    let locked = exposed().await;
    locked.ask(about(get("/status"), 1)).await.is(401, NO_KEY);
    let own = |request: Builder| {
        request
            .header("Origin", "http://localhost:3001")
            .header("Sec-Fetch-Site", "same-origin")
    };
    for request in [
        get("/"),
        get("/nothing"),
        own(get("/clients")),
        own(post("/control/keys")),
    ] {
        assert_eq!(locked.ask(bare(request)).await.status, 401);
    }
    assert_eq!(locked.status_with(locked.secret(Scope::Read)).await, 200);
    assert_eq!(locked.ask(bare(get("/health"))).await.status, 200);
}

#[tokio::test]
async fn a_name_that_others_use_makes_a_key_needed() {
    let locked = Locked::with(Options {
        allowed_hosts: HostNames::parse("panel.example.com").unwrap(),
        ..Options::default()
    })
    .await;
    locked.access.require_key(false);
    let named = |host: &str| Request::get("/clients").header("Host", host);
    for host in ["panel.example.com", "localhost:3001"] {
        locked.ask(bare(named(host))).await.is(401, NO_KEY);
        let with = with_key(named(host), locked.secret(Scope::Read));
        assert_eq!(locked.ask(bare(with)).await.status, 200, "{host}");
    }
    let other = with_key(named("evil.example"), locked.secret(Scope::Read));
    let answer = locked.ask(bare(other)).await;
    assert!(answer.body.contains("HOST_NOT_ALLOWED"), "{}", answer.body);
    assert!(answer.body.contains("--allowed-hosts"), "{}", answer.body);
}

async fn guess(locked: &Locked, address: &str, secret: &str) -> Answer {
    let request = about(with_key(get("/status"), secret), 1);
    locked.ask(from(address, request)).await
}

#[tokio::test(start_paused = true)]
async fn whoever_guesses_has_to_wait_and_nobody_else() {
    let locked = exposed().await;
    let read = locked.secret(Scope::Read);
    for number in 0..10 {
        let answer = guess(&locked, "192.168.1.9", &format!("smk_{number}")).await;
        answer.is(401, WRONG_KEY);
    }
    // Even the right one: or guessing would go on.
    for secret in ["smk_11", read] {
        let answer = guess(&locked, "192.168.1.9", secret).await;
        assert_eq!(answer.status, 429, "{}", answer.body);
        assert_eq!(answer.header("retry-after"), Some("60"));
        assert!(answer.body.contains("RATE_LIMIT_EXCEEDED"));
    }
    assert_eq!(guess(&locked, "192.168.1.10", read).await.status, 200);
    tokio::time::advance(std::time::Duration::from_secs(60)).await;
    assert_eq!(guess(&locked, "192.168.1.9", read).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_network_of_addresses_is_one_guesser_and_this_machine_is_none() {
    let locked = exposed().await;
    for number in 0..10 {
        guess(&locked, &format!("[2001:db8::{number}]"), "smk_x").await;
    }
    assert_eq!(guess(&locked, "[2001:db8::99]", "smk_x").await.status, 429);
    assert_eq!(
        guess(&locked, "[2001:db8:0:1::]", "smk_x").await.status,
        401
    );
    for _ in 0..20 {
        for address in ["127.0.0.1", "[::1]"] {
            assert_eq!(guess(&locked, address, "smk_x").await.status, 401);
        }
    }
    // Who sends none guesses none.
    for _ in 0..20 {
        let asked = from("192.168.1.9", about(get("/status"), 1));
        assert_eq!(locked.ask(asked).await.status, 401);
    }
    let read = locked.secret(Scope::Read);
    assert_eq!(guess(&locked, "192.168.1.9", read).await.status, 200);
}

#[tokio::test]
async fn without_a_key_nobody_listens_there() {
    let folder = tempfile::tempdir().unwrap();
    let keys = KeyStore::in_folder(folder.path());
    let address = "0.0.0.0:0".parse().unwrap();
    let error = bind_beyond(address, &keys).await.err().unwrap();
    assert!(matches!(error, BindError::NoKey(_)), "{error:?}");
    assert_eq!(error.problem(), ApiProblem::KeyMissing);
    assert!(error.to_string().contains("session-manager keys create"));
    let scopes = session_api::keys::Scopes::new([Scope::Read]).unwrap();
    keys.create("panel", scopes).unwrap();
    // Only asked whether it may: a test opens nothing to other machines.
    let local = "127.0.0.1:0".parse().unwrap();
    assert!(bind_beyond(local, &keys).await.is_ok());
}
