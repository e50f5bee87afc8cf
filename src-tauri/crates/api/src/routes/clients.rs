//! `GET /clients`: all known clientes, running or not.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use session_core::{Reason, Snapshot, StateName, Wanted};

use crate::answer;
use crate::router::Api;

/// No account in it: a list is looked at in passing, and often logged.
#[derive(Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the fields of /status, by the same names"
)]
struct Client<'a> {
    id: u64,
    state: StateName,
    name: &'a str,
    connected: bool,
    can_send_messages: bool,
    needs_qr: bool,
    saved_login: bool,
    wanted: Wanted,
    reason: Option<Reason>,
    since: u64,
    hibernated: bool,
    degraded: Option<Reason>,
}

pub(crate) async fn clients(State(api): State<Arc<Api>>) -> Response {
    let snapshots = api.room.registry.snapshots();
    let list: Vec<_> = snapshots.iter().map(|snapshot| client(snapshot)).collect();
    answer::json(StatusCode::OK, &list)
}

fn client(snapshot: &Snapshot) -> Client<'_> {
    let state = snapshot.state();
    Client {
        id: snapshot.record.id.get(),
        state,
        name: &snapshot.record.name,
        connected: state.can_send(),
        can_send_messages: state.can_send(),
        needs_qr: state.needs_qr(),
        saved_login: snapshot.saved_login,
        wanted: snapshot.record.wanted,
        reason: snapshot.session.reason,
        since: snapshot.session.since.0,
        hibernated: snapshot.session.hibernated,
        degraded: snapshot.degraded(),
    }
}
