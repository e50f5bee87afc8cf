//! Codes, scans, saved logins and their ends.

use super::*;

#[test]
fn codes_rotate_after_a_minute_then_every_20_seconds_and_go_idle_after_the_sixth() {
    let mut bench = Bench::new();
    assert_eq!(bench.state(), DeviceState::Starting);
    bench.pass(199);
    assert_eq!(bench.state(), DeviceState::Starting);
    bench.pass(1);
    let mut shown = vec![bench.qr()];
    bench.pass(59_999);
    assert_eq!(bench.qr(), shown[0]);
    bench.pass(1);
    for rotation in 2..=6 {
        assert_eq!(bench.view().qr_rotation, rotation);
        assert!(!shown.contains(&bench.qr()));
        shown.push(bench.qr());
        bench.pass(20_000);
    }
    assert_eq!(bench.state(), DeviceState::Idle);
    bench.pass(3_600_000);
    assert_eq!(bench.state(), DeviceState::Idle);

    bench.say(FromPage::RefreshQr);
    assert_eq!(bench.view().qr_rotation, 1);
    bench.pass(59_999);
    assert_eq!(bench.view().qr_rotation, 1);
}

#[test]
fn a_code_shown_early_lives_its_own_life() {
    let mut bench = Bench::at_qr();
    bench.pass(30_000);
    bench.act(PhoneAction::Rotate).unwrap();
    bench.pass(20_000);
    assert_eq!(bench.view().qr_rotation, 3);
    // The first code would have ended here.
    bench.pass(10_000);
    assert_eq!(bench.view().qr_rotation, 3);
    bench.pass(10_000);
    assert_eq!(bench.view().qr_rotation, 4);
}

#[test]
fn a_late_clock_does_not_stretch_the_series() {
    let mut bench = Bench::at_qr();
    // One look after 60 + 20 + 10 seconds finds the third code, with 10 seconds left.
    bench.pass(90_000);
    assert_eq!(bench.view().qr_rotation, 3);
    bench.pass(10_000);
    assert_eq!(bench.view().qr_rotation, 4);
}

#[test]
fn the_code_has_the_pages_keys_and_the_page_can_draw_it() {
    let mut bench = Bench::at_qr();
    let qr = bench.qr();
    let (reference, keys) = qr.split_once(',').unwrap();
    assert_eq!(keys, KEYS.join(","));
    let phases = bench.phases();
    let Some(PagePhase::Qr {
        code,
        life_ms,
        matrix,
    }) = phases.last()
    else {
        panic!("{phases:?}")
    };
    assert_eq!((code.as_str(), *life_ms), (reference, 60_000));
    assert!(!matrix.is_empty());
}

#[test]
fn scans_are_checked() {
    let mut bench = Bench::at_qr();
    let old = bench.qr();
    bench.act(PhoneAction::Rotate).unwrap();
    let (world, now) = (&mut bench.world, bench.now);
    let current = world.device(&id()).unwrap().qr.unwrap();

    let scan = |world: &mut World, text: &str, account| world.scan(text, account, now);
    assert!(matches!(
        scan(world, &old, None),
        Err(PhoneError::ExpiredCode)
    ));
    let foreign = format!("2@foreign,{}", KEYS.join(","));
    assert!(matches!(
        scan(world, &foreign, None),
        Err(PhoneError::UnknownCode)
    ));
    assert!(matches!(
        scan(world, "hello", None),
        Err(PhoneError::InvalidCode { .. })
    ));
    let swapped = current.replace(KEYS[0], KEYS[1]);
    assert!(matches!(
        scan(world, &swapped, None),
        Err(PhoneError::InvalidCode { .. })
    ));
    let nobody = Some(Account {
        number: "123".into(),
        name: "X".into(),
    });
    assert!(matches!(
        scan(world, &current, nobody),
        Err(PhoneError::InvalidRequest { .. })
    ));
    assert_eq!(world.device(&id()).unwrap().state, DeviceState::Qr);

    let linked = scan(world, &format!("{current},1"), None).unwrap();
    assert_eq!(linked.account, Some(ana()));
    assert!(matches!(
        scan(world, &current, None),
        Err(PhoneError::ExpiredCode)
    ));
}

#[test]
fn a_scan_links_syncs_and_is_ready() {
    let mut bench = Bench::at_qr();
    bench.heard();
    bench.act(PhoneAction::Scan { account: None }).unwrap();
    assert_eq!(bench.state(), DeviceState::Syncing);
    bench.pass(1999);
    assert_eq!(bench.state(), DeviceState::Syncing);
    bench.pass(1);
    assert_eq!(bench.state(), DeviceState::Ready);
    let heard = bench.heard();
    assert!(matches!(heard[0], ToPage::Linked { .. }));
    assert_eq!(heard[1], ToPage::Phase(PagePhase::Syncing));
    let percents: Vec<u32> = heard
        .iter()
        .filter_map(|message| match message {
            ToPage::Progress { percent } => Some(*percent),
            _ => None,
        })
        .collect();
    assert_eq!(percents, [25, 50, 75, 100]);
    assert_eq!(heard.last(), Some(&ToPage::Phase(PagePhase::Main)));
}

#[test]
fn a_saved_login_resumes_without_a_code() {
    let mut bench = Bench::ready();
    bench.reload();
    bench.pass(200);
    assert_eq!(bench.state(), DeviceState::Resuming);
    bench.pass(2000);
    assert_eq!(bench.state(), DeviceState::Ready);
    let phases = bench.phases();
    assert!(
        !phases
            .iter()
            .any(|phase| matches!(phase, PagePhase::Qr { .. })),
        "{phases:?}"
    );
}

#[test]
fn a_saved_login_outlives_the_simulator() {
    let mut first = Bench::ready();
    first
        .act(PhoneAction::Ban {
            kind: BanKind::SmbTosBlock,
        })
        .unwrap();
    let archived = first.world.archive();
    assert_eq!(archived.devices.len(), 1);

    let mut second = Bench::with(archived, first.token.clone(), Defaults::default());
    second.pass(200);
    assert_eq!(second.state(), DeviceState::Banned);
    second.act(PhoneAction::Unban).unwrap();
    second.pass(500);
    assert_eq!(second.state(), DeviceState::Ready);
    assert_eq!(second.view().account, Some(ana()));
    // The series does not start over.
    assert_ne!(second.world.next_account(), ana());
}

#[test]
fn a_login_nobody_knows_is_told_so() {
    let mut bench = Bench::with(
        Archived::default(),
        Some("made up".into()),
        Defaults::default(),
    );
    bench.pass(200);
    assert_eq!(logouts(&bench.heard()), ["unknown_companion"]);
    // The page leaves and comes back as somebody new.
    bench.reload();
    bench.pass(200);
    assert_eq!(bench.state(), DeviceState::Qr);
}

#[test]
fn a_logout_reaches_the_page_at_once() {
    let mut bench = Bench::ready();
    bench
        .act(PhoneAction::Logout {
            reason: Some("account_locked".into()),
        })
        .unwrap();
    assert_eq!(logouts(&bench.heard()), ["account_locked"]);
    let view = bench.view();
    assert_eq!(
        (view.account, view.last_logout.as_deref()),
        (None, Some("account_locked"))
    );
}

#[test]
fn a_logout_waits_for_the_network_and_for_the_page() {
    let mut offline = Bench::ready();
    offline.act(PhoneAction::NetworkDrop).unwrap();
    offline.act(PhoneAction::Logout { reason: None }).unwrap();
    assert_eq!(logouts(&offline.heard()), [""; 0]);
    offline.act(PhoneAction::NetworkReturn).unwrap();
    assert_eq!(logouts(&offline.heard()), ["user_initiated"]);

    let mut absent = Bench::ready();
    absent.close();
    absent
        .act(PhoneAction::Logout {
            reason: Some("md_opt_out".into()),
        })
        .unwrap();
    absent.load();
    absent.pass(200);
    assert_eq!(logouts(&absent.heard()), ["md_opt_out"]);
}

#[test]
fn a_forgotten_login_ends_quietly_when_the_page_loads_next() {
    let mut bench = Bench::ready();
    bench.act(PhoneAction::Forget).unwrap();
    assert_eq!(bench.heard(), []);
    bench.reload();
    bench.pass(200);
    let heard = bench.heard();
    assert!(heard.contains(&ToPage::Forgotten));
    assert_eq!(logouts(&heard), [""; 0]);
    assert_eq!(bench.state(), DeviceState::Qr);
}

#[test]
fn a_login_without_its_token_is_gone() {
    let mut bench = Bench::ready();
    bench.token = None;
    bench.reload();
    bench.pass(200);
    assert_eq!(
        (bench.state(), bench.view().account),
        (DeviceState::Qr, None)
    );
}

#[test]
fn a_pairing_code_links_the_number_that_asked() {
    let mut bench = Bench::at_qr();
    bench.heard();
    bench.say(FromPage::PairingCode {
        request: 1,
        number: "5491155550044".into(),
    });
    let code = bench.view().pairing_code.unwrap();
    let reply = ToPage::Reply {
        request: 1,
        answer: Answer::Code { code: code.clone() },
    };
    assert_eq!(bench.heard(), [reply]);
    // The code beside it rotates and goes idle; the pairing code still holds.
    bench.pass(179_999);
    assert_eq!(bench.state(), DeviceState::Idle);
    let typed = format!("{}-{}", &code[..4], code[4..].to_lowercase());
    let linked = bench
        .world
        .pair(&typed, Some("Dora".into()), bench.now)
        .unwrap();
    let dora = Account {
        number: "5491155550044".into(),
        name: "Dora".into(),
    };
    assert_eq!(linked.account, Some(dora));
}

#[test]
fn a_pairing_code_expires_and_the_page_hears_of_it() {
    let mut bench = Bench::at_qr();
    bench.say(FromPage::PairingCode {
        request: 1,
        number: "5491155550044".into(),
    });
    let code = bench.view().pairing_code.unwrap();
    bench.heard();
    bench.pass(180_000);
    assert!(bench.heard().contains(&ToPage::CodeExpired));
    let late = bench.world.pair(&code, None, bench.now);
    assert!(matches!(late, Err(PhoneError::UnknownCode)));
}

#[test]
fn a_passkey_stands_between_scan_and_login() {
    let mut bench = Bench::at_qr();
    bench.act(PhoneAction::Passkey { enabled: true }).unwrap();
    bench.act(PhoneAction::Scan { account: None }).unwrap();
    assert_eq!(
        (bench.state(), bench.view().account),
        (DeviceState::Passkey, None)
    );
    bench.act(PhoneAction::PasskeyCancel).unwrap();
    assert_eq!(bench.state(), DeviceState::Qr);

    bench
        .act(PhoneAction::Scan {
            account: Some(ana()),
        })
        .unwrap();
    bench.say(FromPage::Passkey { approved: true });
    assert_eq!(
        (bench.state(), bench.view().account),
        (DeviceState::Syncing, Some(ana()))
    );
}
