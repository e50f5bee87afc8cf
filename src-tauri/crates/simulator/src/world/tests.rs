//! The device's life, step by step, with a clock that only the test moves.

use std::time::Duration;

use tokio::sync::mpsc;

use super::*;
use crate::wire::{Answer, PagePhase, ToPage};
use crate::{BanKind, SendFailure, StorageView};

const KEYS: [&str; 3] = [
    "c3RhdGljS2V5c3RhdGljS2V5c3RhdGljS2V5c3RhdDE=",
    "aWRlbnRpdHlLZXlpZGVudGl0eUtleWlkZW50aXR5SzE=",
    "YWR2U2VjcmV0YWR2U2VjcmV0YWR2U2VjcmV0YWR2UzE=",
];

/// A world, the time, and one browser profile.
struct Bench {
    world: World,
    now: Instant,
    token: Option<String>,
    page: u64,
    inbox: mpsc::Receiver<ToPage>,
}

const ID: &str = "0123456789abcdef0123456789abcdef";

fn id() -> DeviceSelector {
    DeviceSelector::Id(ID.to_owned())
}

fn ana() -> Account {
    account::nth(0)
}

impl Bench {
    /// A page that has just been let in.
    fn new() -> Self {
        Self::with(Archived::default(), None, Defaults::default())
    }

    fn with(archived: Archived, token: Option<String>, defaults: Defaults) -> Self {
        let world = World::new(Timing::default(), defaults, Mint::new().unwrap(), archived);
        let (_, inbox) = mpsc::channel(1);
        let mut bench = Self {
            world,
            now: Instant::now(),
            token,
            page: 0,
            inbox,
        };
        bench.load();
        bench
    }

    /// A page with a QR on it.
    fn at_qr() -> Self {
        let mut bench = Self::new();
        bench.pass(200);
        bench
    }

    /// A linked page, ready.
    fn ready() -> Self {
        let mut bench = Self::at_qr();
        bench
            .act(PhoneAction::Scan {
                account: Some(ana()),
            })
            .unwrap();
        bench.pass(2000);
        assert_eq!(bench.state(), DeviceState::Ready);
        bench.heard();
        bench
    }

    /// The page loads (again) with what its storage holds.
    fn load(&mut self) {
        let (page, inbox) = self.open_page();
        (self.page, self.inbox) = (page, inbox);
    }

    fn open_page(&mut self) -> (u64, mpsc::Receiver<ToPage>) {
        let (sender, inbox) = mpsc::channel(64);
        let [static_key, identity_key, adv_secret] = KEYS.map(str::to_owned);
        let hello = Hello {
            device: ID.to_owned(),
            static_key,
            identity_key,
            adv_secret,
            token: self.token.clone(),
            storage: StorageView::default(),
        };
        assert!(hello.is_sane());
        (self.world.page_opened(hello, sender, self.now), inbox)
    }

    fn close(&mut self) {
        self.world.page_closed(ID, self.page);
    }

    fn reload(&mut self) {
        self.close();
        self.load();
    }

    /// Lets `ms` pass.
    fn pass(&mut self, ms: u64) {
        self.now += Duration::from_millis(ms);
        self.world.advance(self.now);
    }

    fn say(&mut self, said: FromPage) {
        self.world.page_said(ID, self.page, said, self.now);
    }

    fn act(&mut self, action: PhoneAction) -> Result<DeviceView, PhoneError> {
        self.world.act(&id(), action, self.now)
    }

    fn view(&self) -> DeviceView {
        self.world.device(&id()).unwrap()
    }

    fn state(&self) -> DeviceState {
        self.view().state
    }

    fn qr(&self) -> String {
        self.view().qr.unwrap()
    }

    /// What the page has heard since it was asked last. Keeps the login, as the page does.
    fn heard(&mut self) -> Vec<ToPage> {
        let mut heard = Vec::new();
        while let Ok(message) = self.inbox.try_recv() {
            match &message {
                ToPage::Linked { token, .. } => self.token = Some(token.clone()),
                ToPage::Logout { .. } | ToPage::Forgotten => self.token = None,
                _ => {}
            }
            heard.push(message);
        }
        heard
    }

    fn phases(&mut self) -> Vec<PagePhase> {
        let phase = |message| match message {
            ToPage::Phase(phase) => Some(phase),
            _ => None,
        };
        self.heard().into_iter().filter_map(phase).collect()
    }

    fn send(&mut self, request: u64, message: &str) {
        self.say(FromPage::Send {
            request,
            id: message.to_owned(),
            to: "5491155550009@c.us".to_owned(),
            text: "hola".to_owned(),
        });
    }

    /// The acks of the only message in the outbox.
    fn acks(&self) -> Vec<i8> {
        let [entry] = &self.world.outbox()[..] else {
            panic!("not one message")
        };
        entry.acks.iter().map(|ack| ack.ack).collect()
    }
}

fn incoming(text: &str) -> PhoneAction {
    PhoneAction::Incoming {
        from: "5491155550033".into(),
        text: text.into(),
        name: None,
    }
}

fn logouts(heard: &[ToPage]) -> Vec<&str> {
    let mut reasons = Vec::new();
    for message in heard {
        if let ToPage::Logout { reason } = message {
            reasons.push(reason.as_str());
        }
    }
    reasons
}

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
