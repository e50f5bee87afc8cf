use super::*;
use session_core::{ClienteId, PhoneNumber, WebhookId, WebhookSecret};

const AT: Timestamp = Timestamp(1_764_000_000_000);

fn webhook(shape: WebhookShape, content: bool) -> Webhook {
    Webhook {
        id: WebhookId::random(),
        url: "http://127.0.0.1/".into(),
        events: vec!["*".parse().unwrap()],
        clientes: None,
        shape,
        content,
        enabled: true,
        fixed: false,
        secret: WebhookSecret::random(),
        old_secret: None,
        created: AT,
    }
}

fn told(event: WebhookEvent) -> Announcement {
    Announcement {
        id: "0f".into(),
        cliente: ClienteId::try_from(7).unwrap(),
        at: AT,
        event,
        previous: None,
        current: None,
        reason: None,
        message: None,
        details: None,
        content: None,
        account: Some(Account {
            number: PhoneNumber::parse("5491155551234").unwrap(),
            name: Some("Ana".into()),
        }),
        history: Vec::new(),
    }
}

fn ready() -> Announcement {
    Announcement {
        previous: Some("QR_REQUIRED".into()),
        current: Some("READY".into()),
        reason: Some("CONNECTED".into()),
        history: vec![
            (StateName::Initializing, Timestamp(1)),
            (StateName::Reconnecting, Timestamp(2)),
            (StateName::QrRequired, Timestamp(3)),
            (StateName::Ready, AT),
        ],
        ..told(WebhookEvent::SessionStatus)
    }
}

fn code() -> Announcement {
    Announcement {
        details: Some(format!(
            r#"{{"state":"QR_REQUIRED","expires_at":{}}}"#,
            AT.0 + 1
        )),
        content: Some(r#"{"qr":"data:image/png;base64,AA"}"#.into()),
        ..told(WebhookEvent::SessionQr)
    }
}

fn incoming() -> Announcement {
    Announcement {
        message: Some("3EB0AA".into()),
        details: Some(r#"{"kind":"image","sent_at":1764000000999}"#.into()),
        content: Some(
            r#"{"message_id":"false_5491155551234@c.us_3EB0AA","from":"5491155551234@c.us","text":"hola"}"#
                .into(),
        ),
        ..told(WebhookEvent::MessageReceived)
    }
}

fn written(shape: WebhookShape, content: bool, announcement: &Announcement, now: u64) -> String {
    let body = write(
        &webhook(shape, content),
        announcement,
        "3.0.0",
        Timestamp(now),
    )
    .unwrap();
    String::from_utf8(body).unwrap()
}

#[test]
fn a_change_of_state_has_these_fields_and_no_others() {
    assert_eq!(
        written(WebhookShape::Native, false, &ready(), AT.0),
        r#"{"id":"0f","timestamp":1764000000000,"event":"session.status","cliente_id":7,"state":"READY","previous_state":"QR_REQUIRED","reason":"CONNECTED"}"#
    );
    assert_eq!(
        written(WebhookShape::Native, true, &ready(), AT.0),
        r#"{"id":"0f","timestamp":1764000000000,"event":"session.status","cliente_id":7,"state":"READY","previous_state":"QR_REQUIRED","reason":"CONNECTED","account":{"number":"5491155551234","name":"Ana"}}"#
    );
}

#[test]
fn a_message_has_a_status_and_its_key() {
    let message = Announcement {
        message: Some("3EB0AA".into()),
        previous: Some("sending".into()),
        current: Some("sent".into()),
        ..told(WebhookEvent::MessageStatus)
    };
    assert_eq!(
        written(WebhookShape::Native, true, &message, AT.0),
        r#"{"id":"0f","timestamp":1764000000000,"event":"message.status","cliente_id":7,"message":"3EB0AA","status":"sent","previous_status":"sending","reason":null}"#
    );
    let waha: Value =
        serde_json::from_str(&written(WebhookShape::Waha, true, &message, AT.0)).unwrap();
    assert_eq!(waha["event"], "message.ack");
    assert_eq!(
        waha["payload"],
        json!({"id": "3EB0AA", "fromMe": true, "ack": 1, "ackName": "SERVER"})
    );
}

#[test]
fn nothing_personal_is_told_unless_wanted() {
    for announcement in [ready(), code(), incoming()] {
        for shape in [WebhookShape::Native, WebhookShape::Waha] {
            let text = written(shape, false, &announcement, AT.0);
            for personal in ["5491155551234", "Ana", "hola", "image/png"] {
                assert!(!text.contains(personal), "{text}");
            }
            let whole = written(shape, true, &announcement, AT.0);
            assert_ne!(text, whole, "{whole}");
        }
    }
}

#[test]
fn a_code_that_has_expired_is_not_told() {
    let fresh = written(WebhookShape::Native, true, &code(), AT.0);
    assert!(fresh.contains(r#""qr":"data:"#), "{fresh}");
    let late = written(WebhookShape::Native, true, &code(), AT.0 + 1);
    assert!(!late.contains("data:"), "{late}");
    assert!(late.contains("expires_at"), "{late}");
}

#[test]
fn waha_is_told_in_its_own_words() {
    assert_eq!(
        written(WebhookShape::Waha, false, &ready(), AT.0),
        r#"{"id":"0f","timestamp":1764000000000,"event":"session.status","session":"7","me":null,"payload":{"name":"7","status":"WORKING","statuses":[{"status":"STARTING","timestamp":1},{"status":"SCAN_QR_CODE","timestamp":3},{"status":"WORKING","timestamp":1764000000000}]},"engine":"SESSION-MANAGER","environment":{"version":"3.0.0"}}"#
    );
    let whole: Value =
        serde_json::from_str(&written(WebhookShape::Waha, true, &ready(), AT.0)).unwrap();
    assert_eq!(
        whole["me"],
        json!({"id": "5491155551234@c.us", "pushName": "Ana"})
    );
    let message: Value =
        serde_json::from_str(&written(WebhookShape::Waha, true, &incoming(), AT.0)).unwrap();
    assert_eq!(message["event"], "message");
    assert_eq!(
        message["payload"],
        json!({"id": "false_5491155551234@c.us_3EB0AA", "timestamp": 1_764_000_000, "from": "5491155551234@c.us",
            "fromMe": false, "body": "hola", "hasMedia": true})
    );
}

#[test]
fn a_state_without_a_timeline_is_told_all_the_same() {
    let forgotten = Announcement {
        history: Vec::new(),
        account: None,
        ..ready()
    };
    let waha: Value =
        serde_json::from_str(&written(WebhookShape::Waha, true, &forgotten, AT.0)).unwrap();
    assert_eq!(
        waha["payload"]["statuses"],
        json!([{"status": "WORKING", "timestamp": AT.0}])
    );
}
