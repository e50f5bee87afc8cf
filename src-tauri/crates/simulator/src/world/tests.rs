//! The device's life, step by step, with a clock that only the test moves.

mod login;
mod messages;
mod troubles;

use std::time::Duration;

use tokio::sync::mpsc;

use super::*;
use crate::wire::{Answer, PagePhase, ToPage};
use crate::{BanKind, MarksView, SendFailure, StorageView};

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
            marks: MarksView::default(),
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
            media: None,
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
