//! What goes wrong, and where the phone is refused.

use super::*;

#[test]
fn trouble_hides_the_login_and_gives_it_back() {
    let cases = [
        (
            PhoneAction::NetworkDrop,
            DeviceState::Offline,
            PhoneAction::NetworkReturn,
        ),
        (
            PhoneAction::Timeout,
            DeviceState::Timeout,
            PhoneAction::NetworkReturn,
        ),
        (
            PhoneAction::ProxyBlock,
            DeviceState::ProxyBlock,
            PhoneAction::NetworkReturn,
        ),
        (
            PhoneAction::Ban {
                kind: BanKind::TosBlock,
            },
            DeviceState::Banned,
            PhoneAction::Unban,
        ),
        (
            PhoneAction::Outdated,
            DeviceState::Outdated,
            PhoneAction::Updated,
        ),
    ];
    for (trouble, state, cure) in cases {
        let mut bench = Bench::ready();
        bench.act(trouble.clone()).unwrap();
        assert_eq!(bench.state(), state, "{trouble:?}");
        bench.pass(3_600_000);
        assert_eq!(bench.state(), state, "{trouble:?} lasts");
        bench.act(cure.clone()).unwrap();
        bench.pass(500);
        assert_eq!(bench.state(), DeviceState::Ready, "{cure:?}");
    }
}

#[test]
fn codes_do_not_rotate_without_a_network() {
    let mut bench = Bench::at_qr();
    let before = bench.qr();
    bench.act(PhoneAction::NetworkDrop).unwrap();
    assert_eq!(bench.view().qr, None);
    let scanned = bench.world.scan(&before, None, bench.now);
    assert!(matches!(scanned, Err(PhoneError::ExpiredCode)));
    bench.pass(3_600_000);
    bench.act(PhoneAction::NetworkReturn).unwrap();
    assert_eq!(bench.view().qr_rotation, 1);
    assert_ne!(bench.qr(), before);
}

#[test]
fn a_reload_ends_a_conflict_but_not_a_ban() {
    let mut conflict = Bench::ready();
    conflict.act(PhoneAction::Conflict).unwrap();
    conflict.reload();
    conflict.pass(200);
    assert_eq!(conflict.state(), DeviceState::Resuming);

    let mut ban = Bench::ready();
    ban.act(PhoneAction::Ban {
        kind: BanKind::TosBlock,
    })
    .unwrap();
    ban.reload();
    ban.pass(60_000);
    assert_eq!(ban.state(), DeviceState::Banned);
}

#[test]
fn the_newest_page_has_the_session_until_an_older_one_takes_over() {
    let mut bench = Bench::ready();
    let (second, mut second_inbox) = bench.open_page();
    assert_eq!(bench.phases(), [PagePhase::Conflict]);
    bench.pass(200);
    bench.pass(2000);
    assert_eq!((bench.state(), bench.view().pages), (DeviceState::Ready, 2));

    bench.say(FromPage::Takeover);
    bench.pass(500);
    assert_eq!(bench.phases(), [PagePhase::Resuming, PagePhase::Main]);
    let mut last = None;
    while let Ok(message) = second_inbox.try_recv() {
        last = Some(message);
    }
    assert_eq!(last, Some(ToPage::Phase(PagePhase::Conflict)));

    // The page that has the session closes: the other one still shows the conflict.
    bench.close();
    assert_eq!(bench.state(), DeviceState::Conflict);
    bench
        .world
        .page_said(ID, second, FromPage::Takeover, bench.now);
    bench.pass(500);
    assert_eq!(bench.state(), DeviceState::Ready);
}

#[test]
fn new_devices_start_with_the_defaults() {
    let defaults = Defaults {
        slow_start_ms: 5000,
        passkey: true,
        outdated: false,
    };
    let mut bench = Bench::with(Archived::default(), None, defaults);
    bench.pass(5199);
    assert_eq!(bench.state(), DeviceState::Starting);
    bench.pass(1);
    assert_eq!(bench.state(), DeviceState::Qr);
    bench.act(PhoneAction::Scan { account: None }).unwrap();
    assert_eq!(bench.state(), DeviceState::Passkey);

    let outdated = Defaults {
        outdated: true,
        ..Defaults::default()
    };
    assert_eq!(
        Bench::with(Archived::default(), None, outdated).state(),
        DeviceState::Outdated
    );
}

#[test]
fn a_page_that_reads_nothing_is_let_go() {
    let mut bench = Bench::ready();
    for number in 0..100 {
        bench.act(incoming(&number.to_string())).unwrap();
    }
    let view = bench.view();
    assert_eq!((view.state, view.pages), (DeviceState::Absent, 0));
    assert!(view.account.is_some());
}

#[test]
fn a_mark_goes_to_the_page_and_what_the_page_found_is_told() {
    let mut bench = Bench::ready();
    let mark = |value: &str| PhoneAction::Mark {
        value: value.to_owned(),
    };
    bench.act(mark("one-1")).unwrap();
    assert_eq!(
        bench.heard(),
        [ToPage::Mark {
            value: "one-1".to_owned()
        }]
    );
    assert_eq!(bench.view().marks, MarksView::default());
    let marks = MarksView {
        cookie: Some("one-1".to_owned()),
        ..MarksView::default()
    };
    bench.say(FromPage::Marked {
        marks: marks.clone(),
    });
    assert_eq!(bench.view().marks, marks);
    // A page that says hello tells what it found, which is nothing here.
    bench.reload();
    assert_eq!(bench.view().marks, MarksView::default());
    for bad in ["", "a;b", &"x".repeat(41)] {
        assert!(bench.act(mark(bad)).is_err(), "{bad:?} was taken");
    }
}

#[test]
fn devices_that_are_nothing_any_more_are_forgotten() {
    let mut bench = Bench::ready();
    for number in 0..MAX_DISPOSABLE + 2 {
        let (sender, _inbox) = mpsc::channel(8);
        let device = format!("{number:032x}");
        let keys = KEYS.map(str::to_owned);
        let [static_key, identity_key, adv_secret] = keys;
        let hello = Hello {
            device: device.clone(),
            static_key,
            identity_key,
            adv_secret,
            token: None,
            storage: StorageView::default(),
            marks: MarksView::default(),
        };
        let page = bench.world.page_opened(hello, sender, bench.now);
        bench.world.page_closed(&device, page);
    }
    assert_eq!(
        bench.world.devices().len(),
        2,
        "the linked one, and the last one"
    );
}

/// Every action in every state: what is refused must be refused, and nothing else.
#[test]
fn actions_are_refused_exactly_where_they_mean_nothing() {
    type Make = fn() -> Bench;
    let states: [(&str, Make); 8] = [
        ("absent", || {
            let mut bench = Bench::ready();
            bench.close();
            bench
        }),
        ("qr", Bench::at_qr),
        ("idle", || {
            let mut bench = Bench::at_qr();
            bench.act(PhoneAction::Idle).unwrap();
            bench
        }),
        ("passkey", || {
            let mut bench = Bench::at_qr();
            bench.act(PhoneAction::Passkey { enabled: true }).unwrap();
            bench.act(PhoneAction::Scan { account: None }).unwrap();
            bench
        }),
        ("ready", Bench::ready),
        ("offline", || {
            let mut bench = Bench::ready();
            bench.act(PhoneAction::NetworkDrop).unwrap();
            bench
        }),
        ("banned", || {
            let mut bench = Bench::ready();
            bench
                .act(PhoneAction::Ban {
                    kind: BanKind::TosBlock,
                })
                .unwrap();
            bench
        }),
        ("outdated", || {
            let mut bench = Bench::ready();
            bench.act(PhoneAction::Outdated).unwrap();
            bench
        }),
    ];
    let everywhere = "absent qr idle passkey ready offline banned outdated";
    let linked = "absent ready offline banned outdated";
    let page = "qr idle passkey ready offline banned outdated";
    let actions: [(PhoneAction, &str); 25] = [
        (PhoneAction::Scan { account: None }, "qr"),
        (PhoneAction::Rotate, "qr idle"),
        (PhoneAction::Idle, "qr"),
        (PhoneAction::Logout { reason: None }, linked),
        (PhoneAction::Forget, linked),
        (
            PhoneAction::Ban {
                kind: BanKind::TosBlock,
            },
            linked,
        ),
        (PhoneAction::Unban, "banned"),
        (PhoneAction::Conflict, "ready offline banned outdated"),
        (PhoneAction::NetworkDrop, everywhere),
        (PhoneAction::NetworkReturn, "offline"),
        (PhoneAction::Timeout, "ready offline banned outdated"),
        (PhoneAction::ProxyBlock, page),
        (PhoneAction::Passkey { enabled: false }, everywhere),
        (PhoneAction::PasskeyConfirm, "passkey"),
        (PhoneAction::PasskeyCancel, "passkey"),
        (PhoneAction::SlowStart { ms: 1 }, everywhere),
        (PhoneAction::Hang { ms: 1 }, page),
        (PhoneAction::Crash, page),
        (PhoneAction::Reload, page),
        (PhoneAction::Outdated, everywhere),
        (PhoneAction::Updated, "outdated"),
        (
            PhoneAction::FailSends {
                count: 1,
                result: SendFailure::ErrorNetwork,
            },
            everywhere,
        ),
        (PhoneAction::NeverAck { count: 1, up_to: 0 }, everywhere),
        (incoming("hola"), linked),
        (PhoneAction::BackendEvent { name: "x".into() }, page),
    ];
    for (state, make) in states {
        for (action, accepted) in &actions {
            let mut bench = make();
            let result = bench.act(action.clone());
            let expected = accepted.split(' ').any(|name| name == state);
            match result {
                Ok(_) => assert!(expected, "{action:?} was accepted while {state}"),
                Err(PhoneError::WrongState { action: name, .. }) => {
                    assert!(!expected, "{action:?} was refused while {state}");
                    assert_eq!(name, action.name());
                }
                Err(other) => panic!("{action:?} while {state}: {other}"),
            }
        }
    }
}

#[test]
fn devices_are_found_by_id_number_and_code() {
    let mut bench = Bench::ready();
    let find = |bench: &Bench, selector| bench.world.device(&selector).map(|view| view.id);
    assert_eq!(
        find(&bench, DeviceSelector::Number(ana().number)).unwrap(),
        ID
    );
    let nobody = find(&bench, DeviceSelector::Number("5491155559999".into()));
    assert!(matches!(nobody, Err(PhoneError::UnknownDevice { .. })));
    let nobody = find(&bench, DeviceSelector::Id("nobody".into()));
    assert!(matches!(nobody, Err(PhoneError::UnknownDevice { .. })));
    bench.act(PhoneAction::Logout { reason: None }).unwrap();
    bench.heard();
    bench.reload();
    bench.pass(200);
    assert_eq!(find(&bench, DeviceSelector::Qr(bench.qr())).unwrap(), ID);
}
