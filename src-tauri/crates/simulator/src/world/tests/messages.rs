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
