//! What happens to sessions, from the browser to the receiver.

use serde_json::{Value, json};
use session_core::ports::DriverEvent;
use session_core::{
    Account, ChatId, Incoming, LoginCode, MessageId, MessageText, PhoneNumber, Reason, Timestamp,
};
use session_webhooks::Draft;

use crate::office::{Office, draft, id, place};
use crate::receiver::{Receiver, Told};

async fn until(receiver: &Receiver, event: &str) -> Value {
    let mut count = 1;
    loop {
        let told = receiver.wait(count).await;
        if let Some(found) = told
            .iter()
            .map(Told::json)
            .find(|json| json["event"] == event)
        {
            return found;
        }
        count = told.len() + 1;
    }
}

fn incoming() -> Incoming {
    Incoming {
        id: MessageId::new("false_5491155559999@c.us_3EB0FFFF".to_owned()),
        chat: ChatId::parse("5491155559999").unwrap(),
        kind: "text".to_owned(),
        text: MessageText::new("hola".to_owned()),
        at: Timestamp(5000),
    }
}

/// A life of a session; two receivers are told, of whom one may know everything.
#[tokio::test]
async fn a_session_is_told_from_its_first_code_to_its_end() {
    let (_folder, path) = place();
    let office = Office::open(&path).await;
    let (discreet, curious) = (Receiver::new().await, Receiver::new().await);
    for (receiver, content) in [(&discreet, false), (&curious, true)] {
        office
            .add(Draft {
                events: vec!["*".into()],
                content,
                ..draft(receiver.url())
            })
            .await;
    }
    let cliente = id(7);
    office.begin(cliente).await;
    let tell = |event| office.world.tell(cliente, event);
    tell(DriverEvent::Code(LoginCode::new("2@secret-code"))).await;
    let code = until(&curious, "session.qr").await;
    assert_eq!(
        (&code["cliente_id"], &code["state"]),
        (&json!(7), &json!("QR_REQUIRED"))
    );
    assert!(
        code["qr"]
            .as_str()
            .unwrap()
            .starts_with("data:image/png;base64,")
    );
    assert!(code["expires_at"].as_u64() > code["issued_at"].as_u64());
    let code = until(&discreet, "session.qr").await;
    assert!(code["expires_at"].is_u64());
    assert_eq!(code["qr"], Value::Null);

    tell(DriverEvent::Connected(Account {
        number: PhoneNumber::parse("5491155551234").unwrap(),
        name: Some("Ana".to_owned()),
    }))
    .await;
    let ready = until(&curious, "session.ready").await;
    assert_eq!(
        ready["account"],
        json!({"number": "5491155551234", "name": "Ana"})
    );
    assert_eq!(
        until(&discreet, "session.ready").await["account"],
        Value::Null
    );

    tell(DriverEvent::Bridge(Some(Reason::BridgeOutdated))).await;
    let degraded = until(&discreet, "session.degraded").await;
    assert_eq!(
        (&degraded["state"], &degraded["reason"]),
        (&json!("READY"), &json!("BRIDGE_OUTDATED"))
    );

    tell(DriverEvent::Received(incoming())).await;
    let message = until(&discreet, "message.received").await;
    assert_eq!(
        message,
        json!({"id": message["id"], "timestamp": message["timestamp"], "event": "message.received", "cliente_id": 7,
            "message": "3EB0FFFF", "reason": null, "kind": "text", "sent_at": 5000})
    );
    let message = until(&curious, "message.received").await;
    assert_eq!(
        (&message["from"], &message["text"], &message["message_id"]),
        (
            &json!("5491155559999@c.us"),
            &json!("hola"),
            &json!("false_5491155559999@c.us_3EB0FFFF")
        )
    );

    office.registry.destroy(cliente, true).await.unwrap();
    let removed = until(&curious, "session.removed").await;
    assert_eq!(removed["cliente_id"], 7);
    until(&discreet, "session.removed").await;
    for told in discreet.told() {
        for personal in ["54911", "Ana", "hola", "data:image"] {
            assert!(!told.body.contains(personal), "{}", told.body);
        }
    }
    let states: Vec<_> = curious
        .told()
        .iter()
        .map(Told::json)
        .filter(|json| json["event"] == "session.status")
        .map(|json| json["state"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        states,
        ["INITIALIZING", "QR_REQUIRED", "READY", "NOT_INITIALIZED"]
    );
    office.close().await;
}

/// While nobody may know them, codes and texts do not even get into the database.
#[tokio::test]
async fn what_nobody_is_told_is_not_kept() {
    use session_core::ports::WebhookStore as _;
    use session_core::{News, WebhookEvent};
    let (_folder, path) = place();
    let office = Office::open(&path).await;
    let receiver = Receiver::new().await;
    receiver.always(crate::receiver::Reply::Status(500));
    let webhook = office
        .add(Draft {
            events: vec!["*".into()],
            ..draft(receiver.url())
        })
        .await;
    let kept = || {
        let db = rusqlite::Connection::open(&path).unwrap();
        db.query_row(
            "SELECT content FROM announcements ORDER BY seq DESC LIMIT 1",
            [],
            |row| row.get::<_, Option<String>>(0),
        )
        .unwrap()
    };
    let news = News {
        cliente: id(7),
        at: Timestamp(1),
        event: WebhookEvent::MessageReceived,
        reason: None,
        message: None,
        details: None,
        content: Some(r#"{"text":"hola"}"#.to_owned()),
    };
    office.store.announce(vec![news.clone()]).await.unwrap();
    assert_eq!(kept(), None);
    let curious = Draft {
        events: vec!["*".into()],
        content: true,
        ..draft(receiver.url())
    };
    office.webhooks.update(&webhook, &curious).await.unwrap();
    office.store.announce(vec![news]).await.unwrap();
    assert!(kept().is_some());
    office.close().await;
}
