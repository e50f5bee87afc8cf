//! What is sent and received.

use super::*;
use crate::wire::WireMessage;

#[test]
fn acks_come_one_after_the_other() {
    let mut bench = Bench::ready();
    bench.send(7, "3EB0A");
    bench.pass(149);
    assert_eq!(bench.heard(), []);
    bench.pass(1);
    let [
        ToPage::Reply {
            request: 7,
            answer: Answer::Accepted { .. },
        },
    ] = bench.heard()[..]
    else {
        panic!("no reply");
    };
    let receipt = |ack| ToPage::Receipt {
        chat: "5491155550009@c.us".into(),
        id: "3EB0A".into(),
        ack,
    };
    bench.pass(400);
    assert_eq!(bench.heard(), [receipt(2)]);
    bench.pass(1500);
    assert_eq!(bench.heard(), [receipt(3)]);
    assert_eq!(bench.acks(), [1, 2, 3]);
}

#[test]
fn acks_can_stop_anywhere() {
    for (up_to, expected) in [(0, &[][..]), (1, &[1][..]), (2, &[1, 2][..])] {
        let mut bench = Bench::ready();
        bench
            .act(PhoneAction::NeverAck { count: 1, up_to })
            .unwrap();
        bench.send(1, "3EB0A");
        bench.pass(60_000);
        assert_eq!(bench.acks(), expected, "up to {up_to}");
        bench.world.clear_outbox();
        bench.send(2, "3EB0B");
        bench.pass(60_000);
        assert_eq!(bench.acks(), [1, 2, 3], "the fault is used up");
    }
    let refused = Bench::ready().act(PhoneAction::NeverAck { count: 1, up_to: 3 });
    assert!(matches!(refused, Err(PhoneError::InvalidRequest { .. })));
}

#[test]
fn sends_fail_as_often_as_asked() {
    let mut bench = Bench::ready();
    let fail = PhoneAction::FailSends {
        count: 2,
        result: SendFailure::ErrorUpload,
    };
    bench.act(fail).unwrap();
    for request in 1..=3 {
        bench.send(request, &format!("3EB0{request}"));
    }
    let failed = |request| ToPage::Reply {
        request,
        answer: Answer::Failed {
            result: "ERROR_UPLOAD",
        },
    };
    assert_eq!(bench.heard(), [failed(1), failed(2)]);
    let results: Vec<_> = bench
        .world
        .outbox()
        .into_iter()
        .map(|e| (e.result, e.ack))
        .collect();
    let error = ("ERROR_UPLOAD".to_owned(), -1);
    assert_eq!(results, [error.clone(), error, ("OK".to_owned(), 0)]);
}

#[test]
fn the_same_id_is_the_same_message() {
    let mut bench = Bench::ready();
    bench.send(1, "3EB0A");
    bench.pass(150);
    bench.heard();
    bench.send(2, "3EB0A");
    let [
        ToPage::Reply {
            request: 2,
            answer: Answer::Accepted { .. },
        },
    ] = bench.heard()[..]
    else {
        panic!("the second attempt is not answered at once");
    };
    let outbox = bench.world.outbox();
    assert_eq!((outbox.len(), outbox[0].attempts), (1, 2));
}

#[test]
fn what_arrives_meanwhile_is_delivered_once() {
    let mut bench = Bench::ready();
    bench.act(incoming("before")).unwrap();
    bench.heard();
    bench.close();
    bench.act(incoming("meanwhile")).unwrap();
    assert_eq!(bench.view().waiting, 1);
    bench.load();
    bench.pass(200);
    bench.pass(2000);
    let heard = bench.heard();
    let history = heard.iter().find_map(|message| match message {
        ToPage::History { messages } => Some(messages),
        _ => None,
    });
    let texts = |messages: &[WireMessage]| -> Vec<String> {
        messages
            .iter()
            .map(|message| message.text.clone())
            .collect()
    };
    assert_eq!(texts(history.unwrap()), ["before"]);
    let Some(ToPage::Message { message }) = heard.last() else {
        panic!("{heard:?}")
    };
    assert_eq!(message.text, "meanwhile");
    assert_eq!(bench.view().waiting, 0);
}

#[test]
fn a_stopped_ack_goes_on_when_the_phone_says_so() {
    let mut bench = Bench::ready();
    let stop = PhoneAction::NeverAck { count: 1, up_to: 0 };
    bench.act(stop).unwrap();
    bench.send(1, "3EB0A");
    let acknowledge = |ack| PhoneAction::Acknowledge {
        id: "3EB0A".into(),
        ack,
    };
    bench.act(acknowledge(1)).unwrap();
    bench.act(acknowledge(4)).unwrap();
    bench.act(acknowledge(2)).unwrap();
    let [
        ToPage::Reply {
            request: 1,
            answer: Answer::Accepted { .. },
        },
        ToPage::Receipt { ack: 4, .. },
    ] = bench.heard()[..]
    else {
        panic!("an ack is missing, or one is too many");
    };
    assert_eq!(bench.acks(), [1, 4]);
    for (id, ack) in [("3EB0A", 0), ("3EB0A", 5), ("3EB0B", 1)] {
        let id = id.to_owned();
        let refused = bench.act(PhoneAction::Acknowledge { id, ack });
        assert!(matches!(refused, Err(PhoneError::InvalidRequest { .. })));
    }
}

#[test]
fn the_acks_of_the_first_attempt_answer_the_second() {
    let mut bench = Bench::ready();
    bench.send(1, "3EB0A");
    bench.pass(100);
    bench.send(2, "3EB0A");
    bench.pass(50);
    let [
        ToPage::Reply {
            request: 2,
            answer: Answer::Accepted { .. },
        },
    ] = bench.heard()[..]
    else {
        panic!("the second attempt is not answered");
    };
    bench.pass(60_000);
    assert_eq!(bench.acks(), [1, 2, 3]);
    assert_eq!(bench.heard().len(), 2, "each receipt comes once");
}

#[test]
fn what_is_sent_without_a_network_is_not_tried() {
    let mut bench = Bench::ready();
    bench.act(PhoneAction::NetworkDrop).unwrap();
    bench.heard();
    bench.send(1, "3EB0A");
    let answer = Answer::Unsent;
    assert_eq!(bench.heard(), [ToPage::Reply { request: 1, answer }]);
    assert_eq!(bench.world.outbox(), []);
}

#[test]
fn a_file_that_was_not_uploaded_cannot_be_sent() {
    let mut bench = Bench::ready();
    let upload = crate::uploads::Upload {
        size: 3,
        sha256: "abc".into(),
    };
    let path = bench.world.uploaded(upload);
    for (request, path) in [(1, "/v/other".to_owned()), (2, path)] {
        bench.say(FromPage::Send {
            request,
            id: format!("3EB0{request}"),
            to: "5491155550009@c.us".to_owned(),
            text: String::new(),
            media: Some(crate::wire::SentMedia {
                path,
                kind: "image".to_owned(),
                mime: "image/png".to_owned(),
                name: None,
                caption: None,
            }),
        });
    }
    let result = "ERROR_UPLOAD";
    let answer = Answer::Failed { result };
    assert_eq!(bench.heard(), [ToPage::Reply { request: 1, answer }]);
    let [entry] = &bench.world.outbox()[..] else {
        panic!("not one message")
    };
    assert_eq!((entry.kind.as_str(), entry.size), ("image", Some(3)));
}

#[test]
fn any_message_can_arrive_from_where_messages_come() {
    let mut bench = Bench::ready();
    let arrive = |chat: &str, author: Option<&str>| PhoneAction::Arrive {
        chat: chat.to_owned(),
        author: author.map(str::to_owned),
        kind: "image".to_owned(),
        text: "mirá".to_owned(),
    };
    let group = "120363000000000001@g.us";
    bench
        .act(arrive(group, Some("5491155550033@c.us")))
        .unwrap();
    let [ToPage::Message { message }] = &bench.heard()[..] else {
        panic!("not one message")
    };
    assert_eq!(
        (message.chat.as_str(), message.kind.as_str()),
        (group, "image")
    );
    for (chat, author) in [("nobody", None), ("a b@c.us", None), (group, Some("x"))] {
        let refused = bench.act(arrive(chat, author));
        assert!(matches!(refused, Err(PhoneError::InvalidRequest { .. })));
    }
}
