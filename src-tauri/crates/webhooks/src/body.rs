//! What a webhook is told, as JSON.

use serde::Serialize;
use serde_json::{Map, Value, json};
use session_core::{
    Account, Announcement, StateName, Timestamp, Webhook, WebhookEvent, WebhookShape,
};

/// Writes an announcement as this webhook wants it.
pub(crate) fn write(
    webhook: &Webhook,
    announcement: &Announcement,
    version: &str,
    now: Timestamp,
) -> Result<Vec<u8>, serde_json::Error> {
    let told = Told::of(webhook, announcement, now);
    match webhook.shape {
        WebhookShape::Native => serde_json::to_vec(&told.native()),
        WebhookShape::Waha => serde_json::to_vec(&told.waha(version)),
    }
}

/// What is sent when a person tries a webhook.
pub(crate) fn test(
    webhook: &Webhook,
    id: &str,
    now: Timestamp,
    version: &str,
) -> Result<Vec<u8>, serde_json::Error> {
    match webhook.shape {
        WebhookShape::Native => {
            #[derive(Serialize)]
            struct Test<'a> {
                id: &'a str,
                timestamp: u64,
                event: &'a str,
            }
            serde_json::to_vec(&Test {
                id,
                timestamp: now.0,
                event: "test",
            })
        }
        WebhookShape::Waha => serde_json::to_vec(&Waha {
            id,
            timestamp: now.0,
            event: "test",
            session: String::new(),
            me: None,
            payload: json!({}),
            engine: ENGINE,
            environment: Environment { version },
        }),
    }
}

/// An announcement without what the webhook may not know.
struct Told<'a> {
    announcement: &'a Announcement,
    account: Option<&'a Account>,
    /// What belongs to the event.
    more: Map<String, Value>,
}

#[derive(Serialize)]
struct Native<'a> {
    id: &'a str,
    timestamp: u64,
    event: &'static str,
    cliente_id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_state: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_status: Option<&'a str>,
    reason: Option<&'a str>,
    #[serde(flatten)]
    more: &'a Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<NativeAccount<'a>>,
}

#[derive(Serialize)]
struct NativeAccount<'a> {
    number: &'a str,
    name: Option<&'a str>,
}

/// As WAHA writes what it tells.
#[derive(Serialize)]
struct Waha<'a> {
    id: &'a str,
    timestamp: u64,
    event: &'a str,
    session: String,
    me: Option<WahaAccount<'a>>,
    payload: Value,
    engine: &'static str,
    environment: Environment<'a>,
}

#[derive(Serialize)]
struct WahaAccount<'a> {
    id: String,
    #[serde(rename = "pushName")]
    push_name: Option<&'a str>,
}

#[derive(Serialize)]
struct Environment<'a> {
    version: &'a str,
}

const ENGINE: &str = "SESSION-MANAGER";

impl<'a> Told<'a> {
    fn of(webhook: &Webhook, announcement: &'a Announcement, now: Timestamp) -> Self {
        let mut more = object(announcement.details.as_deref());
        let is_over = more
            .get("expires_at")
            .and_then(Value::as_u64)
            .is_some_and(|at| at <= now.0);
        // A code that cannot be scanned any more is of use to nobody.
        if webhook.content && !is_over {
            more.extend(object(announcement.content.as_deref()));
        }
        let is_connected = announcement.event == WebhookEvent::SessionReady
            || (announcement.event == WebhookEvent::SessionStatus
                && announcement.current.as_deref() == Some(StateName::Ready.as_str()));
        Self {
            announcement,
            account: announcement
                .account
                .as_ref()
                .filter(|_| webhook.content && is_connected),
            more,
        }
    }

    fn is_of_a_message(&self) -> bool {
        matches!(
            self.announcement.event,
            WebhookEvent::MessageStatus | WebhookEvent::MessageReceived
        )
    }

    fn native(&self) -> Native<'_> {
        let told = self.announcement;
        let (current, previous) = (told.current.as_deref(), told.previous.as_deref());
        let message = self.is_of_a_message();
        Native {
            id: &told.id,
            timestamp: told.at.0,
            event: told.event.as_str(),
            cliente_id: told.cliente.get(),
            message: told.message.as_deref(),
            state: current.filter(|_| !message),
            previous_state: previous.filter(|_| !message),
            status: current.filter(|_| message),
            previous_status: previous.filter(|_| message),
            reason: told.reason.as_deref(),
            more: &self.more,
            account: self.account.map(|account| NativeAccount {
                number: account.number.reveal(),
                name: account.name.as_deref(),
            }),
        }
    }

    fn waha<'b>(&'b self, version: &'b str) -> Waha<'b> {
        let told = self.announcement;
        let name = told.cliente.to_string();
        let (event, payload) = match told.event {
            WebhookEvent::SessionStatus => ("session.status", self.waha_status(&name)),
            WebhookEvent::MessageStatus => ("message.ack", self.waha_ack()),
            WebhookEvent::MessageReceived => ("message", self.waha_message()),
            other => {
                let mut payload = self.more.clone();
                payload.insert("name".to_owned(), json!(name));
                payload.insert("reason".to_owned(), json!(told.reason));
                (other.as_str(), Value::Object(payload))
            }
        };
        Waha {
            id: &told.id,
            timestamp: told.at.0,
            event,
            session: name,
            me: self.account.map(|account| WahaAccount {
                id: format!("{}@c.us", account.number.reveal()),
                push_name: account.name.as_deref(),
            }),
            payload,
            engine: ENGINE,
            environment: Environment { version },
        }
    }

    fn waha_status(&self, name: &str) -> Value {
        let told = self.announcement;
        let current = told.current.as_deref().and_then(StateName::parse);
        // The timeline may be shorter than that, or gone with its cliente.
        let mut states = told.history.clone();
        if let Some(current) = current
            && states.last().is_none_or(|(last, _)| *last != current)
        {
            states.push((current, told.at));
        }
        // Several states are one word there.
        states.dedup_by_key(|(state, _)| state.waha());
        let statuses: Vec<_> = states
            .iter()
            .map(|(state, at)| json!({ "status": state.waha(), "timestamp": at.0 }))
            .collect();
        json!({
            "name": name,
            "status": current.map(StateName::waha),
            "statuses": statuses,
        })
    }

    fn waha_ack(&self) -> Value {
        let (ack, name) = match self.announcement.current.as_deref() {
            Some("failed") => (-1, "ERROR"),
            Some("sent" | "server_ack") => (1, "SERVER"),
            Some("device_ack") => (2, "DEVICE"),
            Some("read") => (3, "READ"),
            _ => (0, "PENDING"),
        };
        json!({
            "id": self.announcement.message,
            "fromMe": true,
            "ack": ack,
            "ackName": name,
        })
    }

    fn waha_message(&self) -> Value {
        let more = |name: &str| self.more.get(name).cloned().unwrap_or_default();
        let kind = self.more.get("kind").and_then(Value::as_str);
        json!({
            "id": self.more.get("message_id").cloned().unwrap_or_else(|| json!(self.announcement.message)),
            "timestamp": self.more.get("sent_at").and_then(Value::as_u64).map(|at| at / 1000),
            "from": more("from"),
            "fromMe": false,
            "body": more("text"),
            "hasMedia": matches!(kind, Some("image" | "audio" | "video" | "document")),
        })
    }
}

/// A JSON object; an empty one for what is none.
fn object(text: Option<&str>) -> Map<String, Value> {
    text.and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
