//! Messages that come in.

use anyhow::{Context, Result, bail};
use session_core::ports::DriverEvent;
use session_core::{ChatId, Incoming, MessageText, Outgoing};
use tokio::time::{Duration, sleep};
use whatsapp_simulator::PhoneAction;

use crate::support::{Session, World};

const GROUP: &str = "120363000000000001@g.us";
const LAST: &str = "la última";

fn arrive(chat: &str, kind: &str, text: &str) -> PhoneAction {
    PhoneAction::Arrive {
        chat: chat.to_owned(),
        author: chat
            .ends_with("@g.us")
            .then(|| "5491155550033@c.us".to_owned()),
        kind: kind.to_owned(),
        text: text.to_owned(),
    }
}

/// What came in until the last one.
async fn received(session: &mut Session) -> Result<Vec<Incoming>> {
    let mut received = Vec::new();
    loop {
        match session.next().await? {
            DriverEvent::Received(message) => {
                if message
                    .text
                    .as_ref()
                    .is_some_and(|text| text.reveal() == LAST)
                {
                    return Ok(received);
                }
                received.push(message);
            }
            DriverEvent::BrowserExited => bail!("the browser ended"),
            _ => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_are_passed_on_to_who_asked_for_them() -> Result<()> {
    let world = World::new().await?;
    world.launcher.set_incoming(true);
    let mut session = world.linked(1).await?;
    let long = "☕🦤".repeat(3000);
    for action in [
        arrive("5491155550033@c.us", "chat", "hola \"ñandú\"\n"),
        arrive(GROUP, "chat", "a todos"),
        arrive("5491155550033@c.us", "image", "mirá"),
        arrive("5491155550033@c.us", "ptt", ""),
        arrive("5491155550033@c.us", "location", ""),
        arrive("10005491155550044@lid", "chat", "con otro nombre"),
        arrive("5491155550033@c.us", "chat", &long),
        // These are nobody's messages, or come from somebody without a number.
        arrive("status@broadcast", "chat", "estado"),
        arrive("7000123@lid", "chat", "oculto"),
        arrive("5491155550033@c.us", "e2e_notification", ""),
        arrive("5491155550033@c.us", "chat", LAST),
    ] {
        world.act(action).await?;
    }
    let mut got = received(&mut session).await?;
    let longest = got
        .pop()
        .and_then(|message| message.text)
        .context("no text")?;
    let longest = longest.reveal();
    assert!(
        long.starts_with(longest) && longest.len() > 14_000,
        "{}",
        longest.len()
    );
    let parts: Vec<_> = got
        .iter()
        .map(|message| {
            assert!(message.at.0 > 1_600_000_000_000, "{message:?}");
            assert!(message.id.reveal().starts_with("false_"), "{message:?}");
            let text = message.text.as_ref().map(MessageText::reveal);
            (message.chat.reveal(), message.kind.as_str(), text)
        })
        .collect();
    let eva = "5491155550033@c.us";
    assert_eq!(
        parts,
        [
            (eva, "text", Some("hola \"ñandú\"\n")),
            (GROUP, "text", Some("a todos")),
            (eva, "image", Some("mirá")),
            (eva, "audio", None),
            (eva, "location", None),
            ("5491155550044@c.us", "text", Some("con otro nombre")),
        ]
    );

    // What was told is not told again, and our own messages are not told.
    let text = MessageText::new("mía".to_owned()).context("no text")?;
    let mine = Outgoing::text(ChatId::parse("5491155550033")?, text);
    session.browser.send(&mine).await?;
    session.browser.reload().await?;
    session.connected().await?;
    world.act(arrive(eva, "chat", LAST)).await?;
    assert_eq!(received(&mut session).await?, []);
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_in_while_no_browser_ran_is_passed_on_by_the_next_one() -> Result<()> {
    let world = World::new().await?;
    // Nobody asked for them yet.
    let mut session = world.linked_and_marked(1).await?;
    let device = world.simulator.phone().devices()[0].id.clone();
    world.act(arrive(GROUP, "chat", "nadie escucha")).await?;
    session.browser.close().await;
    while let Some(event) = session.events.recv().await {
        assert!(!matches!(event, DriverEvent::Received(_)), "{event:?}");
    }
    let device = whatsapp_simulator::DeviceSelector::Id(device);
    let phone = world.simulator.phone();
    // A message to a page that has gone, and whose end the phone has not noticed yet, would be lost.
    while phone.device(&device)?.pages > 0 {
        sleep(Duration::from_millis(5)).await;
    }
    phone
        .act(&device, arrive(GROUP, "chat", "mientras tanto"))
        .await?;
    world.launcher.set_incoming(true);
    let mut session = world.launch(1).await?;
    // The message may be there before the page says that it is connected.
    let early = session
        .until(|event| matches!(event, DriverEvent::Connected(_)))
        .await?;
    let early = early.into_iter().filter_map(|event| match event {
        DriverEvent::Received(message) => Some(message),
        _ => None,
    });
    let mut told: Vec<_> = early.collect();
    world.act(arrive(GROUP, "chat", LAST)).await?;
    told.extend(received(&mut session).await?);
    let texts: Vec<_> = told
        .iter()
        .filter_map(|message| Some(message.text.as_ref()?.reveal()))
        .collect();
    assert_eq!(texts, ["mientras tanto"]);
    world.end().await
}
