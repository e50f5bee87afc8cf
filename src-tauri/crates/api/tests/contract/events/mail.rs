//! What is told of messages.

use serde_json::json;
use session_core::ports::DriverEvent;
use session_core::{ChatId, Incoming, MessageId, MessageText, StateName, Timestamp};

use super::Stream;
use crate::support::{Setup, bare, get, id};

const BODY: &str = r#"{"to":"5491155551234","message":"hola"}"#;

fn incoming() -> DriverEvent {
    DriverEvent::Received(Incoming {
        id: MessageId::new("false_5491155559999@c.us_3EB0AA".into()),
        chat: ChatId::parse("5491155559999").unwrap(),
        kind: "text".into(),
        text: MessageText::new("¿hay alguien?".into()),
        at: Timestamp(999_000),
    })
}

#[tokio::test(start_paused = true)]
async fn a_message_is_told_of_step_by_step_and_nothing_of_what_it_holds() {
    let setup = Setup::new().await;
    setup.bring(7, StateName::Ready).await;
    let mut stream = Stream::open(&setup, "/events?cliente_id=7").await;
    stream.snapshot().await;
    assert_eq!(setup.send(7, BODY).await.status, 200);
    let plain = stream.until("message").await;
    assert_eq!(plain.data["status"], "sent");
    let request = crate::support::post("/send?wait=false").header("X-Cliente-Id", 7);
    setup.ask(crate::support::with_json(request, BODY)).await;
    let all = setup.json("/messages").await;
    let key = &all["messages"][0]["id"];
    for (previous, status) in [
        (json!(null), "queued"),
        (json!("queued"), "sending"),
        (json!("sending"), "sent"),
    ] {
        let told = stream.until("message").await;
        assert_eq!(
            told.data,
            json!({
                "cliente_id": 7, "id": key, "status": status, "previous_status": previous,
                "error": null, "at": 1_000_000,
            })
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_comes_in_is_told_to_streams_that_ask_for_it() {
    let setup = Setup::new().await;
    setup.bring(7, StateName::Ready).await;
    let mut plain = Stream::open(&setup, "/events").await;
    let mut curious = Stream::open(&setup, "/events?incoming=true").await;
    setup.world.tell(id(7), incoming()).await;
    let told = curious.until("incoming").await;
    assert_eq!(
        told.data,
        json!({
            "cliente_id": 7, "message_id": "false_5491155559999@c.us_3EB0AA", "from": "5491155559999@c.us",
            "kind": "text", "text": "¿hay alguien?", "at": 999_000,
        })
    );
    assert!(!plain.names().await.contains(&"incoming".to_owned()));
    // One that comes back is told what it missed, if it still asks for it.
    let mut back = Stream::resumed(&setup, "/events?incoming=true", "1000000-0").await;
    assert_eq!(back.until("incoming").await, told);
    for bad in ["incoming=yes", "incoming=", "incoming=true&incoming=true"] {
        let answer = setup.ask(bare(get(&format!("/events?{bad}")))).await;
        assert_eq!(answer.status, 400, "{bad}");
    }
}
