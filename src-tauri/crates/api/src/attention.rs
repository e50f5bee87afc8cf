//! Which sessions need a person: the rule of the wall's first group. The tray and the notifications ask here, the page has
//! it in `ui/src/lib/model/states.ts`; one table (`ui/src/lib/model/attention.json`) holds both.

use session_core::{BreakerState, Reason, StateName};

use crate::dto::SessionView;

/// Whether nothing goes on before a person has done something.
pub fn needs_somebody(session: &SessionView) -> bool {
    match doubt(session) {
        // What the program works on by itself is worth a person's time once it gave notice that this did not help.
        Some(wrong) => !is_mended(wrong) || session.notice == Some(wrong),
        None => match session.state {
            StateName::QrRequired
            | StateName::AuthFailure
            | StateName::DisconnectedLogout
            | StateName::DisconnectedBanned => true,
            StateName::Error => {
                session.restart.is_none() && session.reason != Some(Reason::DiskFull)
            }
            StateName::NotInitialized
            | StateName::Initializing
            | StateName::Reconnecting
            | StateName::Ready
            | StateName::DisconnectedRecoverable => false,
        },
    }
}

/// What is wrong with a session that is up.
fn doubt(session: &SessionView) -> Option<Reason> {
    match session.state {
        StateName::NotInitialized
        | StateName::AuthFailure
        | StateName::DisconnectedLogout
        | StateName::DisconnectedBanned
        | StateName::Error => None,
        _ => session
            .degraded
            .or((session.breaker != BreakerState::Closed).then_some(Reason::CallsFailing)),
    }
}

/// Troubles that the program works on by itself.
const fn is_mended(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::NotAcknowledged
            | Reason::CallsFailing
            | Reason::NetworkLost
            | Reason::Timeout
            | Reason::ProxyBlocked
            | Reason::ConnectionLost
    )
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const TABLE: &str = include_str!("../../../../ui/src/lib/model/attention.json");

    /// A session in this state, with some fields as the row of the table has them.
    fn session(state: &Value, patch: &Value) -> SessionView {
        let mut session = json!({
            "state": state, "since": 0, "reason": null, "browser": "none", "progress": null, "qr": null,
            "login_step": null, "attempts": 0, "max_attempts": 3, "can_send": false, "degraded": null,
            "cleanup_at": null, "sent": 0, "failed": 0, "visible": false, "needs_window": false, "browser_pid": null, "memory": null, "cpu": null,
            "hibernated": false, "restart": null, "restarts": 0, "notice": null, "breaker": "closed",
        });
        for (field, value) in patch.as_object().unwrap() {
            session[field] = value.clone();
        }
        serde_json::from_value(session).unwrap()
    }

    #[test]
    fn the_table_that_the_page_keeps_too_says_who_needs_somebody() {
        let rows: Vec<Value> = serde_json::from_str(TABLE).unwrap();
        let mut seen = Vec::new();
        for row in &rows {
            let session = session(&row["state"], &row["with"]);
            assert_eq!(
                Value::from(needs_somebody(&session)),
                row["attention"],
                "{row}"
            );
            seen.push(session.state);
        }
        for state in StateName::ALL {
            assert!(seen.contains(&state), "no row for {}", state.as_str());
        }
    }
}
