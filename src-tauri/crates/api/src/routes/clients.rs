//! `GET /clients`: all known clientes, running or not.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use session_core::{Reason, Snapshot, StateName, Wanted};
use utoipa::ToSchema;

use crate::answer;
use crate::openapi::words;
use crate::router::Api;

/// No account in it: a list is looked at in passing, and often logged.
#[derive(Serialize, ToSchema)]
#[schema(description = "A cliente and its session, without its account.")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the fields of /status, by the same names"
)]
struct Client<'a> {
    /// The cliente.
    id: u64,
    #[schema(value_type = words::State)]
    state: StateName,
    /// What people call it; may be empty.
    name: &'a str,
    connected: bool,
    can_send_messages: bool,
    needs_qr: bool,
    saved_login: bool,
    #[schema(value_type = words::Wish)]
    wanted: Wanted,
    #[schema(required, value_type = Option<words::Cause>)]
    reason: Option<Reason>,
    /// ms since 1970.
    since: u64,
    hibernated: bool,
    #[schema(required, value_type = Option<words::Cause>)]
    degraded: Option<Reason>,
}

#[utoipa::path(
    get,
    path = "/clients",
    tag = "Sessions",
    summary = "All clientes with their states",
    description = "All that are known, whether they run or not. No account is in it.",
    responses((status = 200, description = "The clientes, by id.", body = Vec<Client>, example = json!([{
        "id": 7, "state": "READY", "name": "Ventas", "connected": true, "can_send_messages": true, "needs_qr": false,
        "saved_login": true, "wanted": "running", "reason": "CONNECTED", "since": 1_764_000_000_000_u64,
        "hibernated": false, "degraded": null,
    }]))),
    extensions(("x-failures" = json!({"TIMED_OUT": {}})))
)]
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
