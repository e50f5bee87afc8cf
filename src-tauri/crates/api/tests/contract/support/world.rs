//! Browsers, profiles and a store that exist only in memory.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use session_core::ports::{
    Browser, CallError, DriverEvent, LaunchError, Launched, Launcher, Memory, NoWindow,
    ProfileError, Profiles, Resources, Store, StoreError, Usage,
};
use session_core::{
    Account, Change, ClienteId, ClienteRecord, Clock, Content, LoginCode, MessageId, MessageText,
    Outgoing, PhoneNumber, Reason, Timestamp, WindowName,
};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::memory::{MemoryFiles, MemoryMessages};

/// A clock that starts at a round number and moves with the test's time.
pub(crate) struct TestClock {
    began: Instant,
    /// Whether a look at it ends in a panic.
    pub(crate) panics: AtomicBool,
}

impl Default for TestClock {
    fn default() -> Self {
        Self {
            began: Instant::now(),
            panics: AtomicBool::new(false),
        }
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        assert!(
            !self.panics.load(Ordering::SeqCst),
            "secret /home/ana/token"
        );
        Timestamp(1_000_000).plus(self.began.elapsed())
    }
}

/// How the next launches go.
#[derive(Clone, Debug)]
pub(crate) enum Plan {
    /// The browser comes up and shows this code.
    Code(LoginCode),
    /// The browser comes up and tells this.
    Tell(DriverEvent),
    /// It fails.
    Fail(Reason),
    /// It hangs until it is called off.
    Hang,
}

pub(crate) struct World {
    plan: Mutex<Plan>,
    browsers: Mutex<HashMap<ClienteId, Arc<FakeBrowser>>>,
    logins: Mutex<BTreeSet<ClienteId>>,
    pub(crate) records: Mutex<BTreeMap<ClienteId, ClienteRecord>>,
    changes: Mutex<Vec<(ClienteId, Change)>>,
    pub(crate) launches: AtomicUsize,
    pub(crate) deleting_fails: AtomicBool,
    pub(crate) store_fails: AtomicBool,
    /// Bytes that are left on the disk; nothing where that cannot be told.
    pub(crate) disk: Mutex<Option<u64>>,
    /// What each browser takes.
    pub(crate) usage: Mutex<Option<Usage>>,
    pub(crate) messages: Arc<MemoryMessages>,
    pub(crate) files: Arc<MemoryFiles>,
    /// Why no window can be shown.
    pub(crate) no_window: Mutex<Option<NoWindow>>,
    /// What the windows of the browsers that were started are called; nothing for one without.
    pub(crate) windows: Mutex<Vec<Option<String>>>,
}

pub(crate) struct FakeBrowser {
    events: Mutex<Option<mpsc::Sender<DriverEvent>>>,
    /// Everything it was asked to do.
    pub(crate) calls: Mutex<Vec<String>>,
    /// What comes of a send or of another call; nothing: success.
    pub(crate) failure: Mutex<Option<CallError>>,
    /// Whether a send and a logout hang.
    pub(crate) hangs: AtomicBool,
    /// Whether its close hangs.
    pub(crate) close_hangs: AtomicBool,
    /// Whether sends, and nothing else, get no answer.
    pub(crate) sends_fail: AtomicBool,
}

impl World {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            plan: Mutex::new(Plan::Code(drawable())),
            browsers: Mutex::default(),
            logins: Mutex::default(),
            records: Mutex::default(),
            changes: Mutex::default(),
            launches: AtomicUsize::new(0),
            deleting_fails: AtomicBool::new(false),
            store_fails: AtomicBool::new(false),
            disk: Mutex::default(),
            usage: Mutex::default(),
            messages: Arc::default(),
            files: Arc::default(),
            no_window: Mutex::default(),
            windows: Mutex::default(),
        })
    }

    pub(crate) fn plan(&self, plan: Plan) {
        *self.plan.lock().unwrap() = plan;
    }

    pub(crate) fn set_login(&self, id: ClienteId, linked: bool) {
        let mut logins = self.logins.lock().unwrap();
        if linked {
            logins.insert(id);
        } else {
            logins.remove(&id);
        }
    }

    pub(crate) fn has_saved(&self, id: ClienteId) -> bool {
        self.logins.lock().unwrap().contains(&id)
    }

    /// The newest browser of a cliente.
    pub(crate) fn browser(&self, id: ClienteId) -> Arc<FakeBrowser> {
        Arc::clone(&self.browsers.lock().unwrap()[&id])
    }

    pub(crate) async fn tell(&self, id: ClienteId, event: DriverEvent) {
        let events = self.browser(id).events.lock().unwrap().clone().unwrap();
        events.send(event).await.unwrap();
    }

    fn answer(&self, operation: &'static str) -> Result<(), StoreError> {
        if self.store_fails.load(Ordering::SeqCst) {
            Err(StoreError {
                operation,
                detail: "/data/sessions.db: disk I/O error".into(),
            })
        } else {
            Ok(())
        }
    }
}

impl FakeBrowser {
    fn call(&self, what: String) -> Result<(), CallError> {
        self.calls.lock().unwrap().push(what);
        self.failure.lock().unwrap().clone().map_or(Ok(()), Err)
    }

    pub(crate) fn take_calls(&self) -> Vec<String> {
        std::mem::take(&mut self.calls.lock().unwrap())
    }
}

#[async_trait]
impl Launcher for World {
    async fn launch(
        &self,
        cliente: ClienteId,
        window: Option<WindowName>,
        cancel: CancellationToken,
    ) -> Result<Launched, LaunchError> {
        self.launches.fetch_add(1, Ordering::SeqCst);
        let called = window.map(|name| name.to_string());
        self.windows.lock().unwrap().push(called);
        let failed = |reason| LaunchError {
            reason,
            detail: "exit code 21".into(),
        };
        let plan = self.plan.lock().unwrap().clone();
        let first = match plan {
            Plan::Fail(reason) => return Err(failed(reason)),
            Plan::Hang => {
                cancel.cancelled().await;
                return Err(failed(Reason::StopRequested));
            }
            Plan::Code(code) => DriverEvent::Code(code),
            Plan::Tell(event) => event,
        };
        let (events, receiver) = mpsc::channel(16);
        events.send(first).await.unwrap();
        let browser = Arc::new(FakeBrowser {
            events: Mutex::new(Some(events)),
            calls: Mutex::default(),
            failure: Mutex::default(),
            hangs: AtomicBool::new(false),
            close_hangs: AtomicBool::new(false),
            sends_fail: AtomicBool::new(false),
        });
        self.browsers
            .lock()
            .unwrap()
            .insert(cliente, Arc::clone(&browser));
        Ok(Launched {
            browser,
            events: receiver,
        })
    }

    async fn can_show(&self) -> Result<(), NoWindow> {
        match *self.no_window.lock().unwrap() {
            Some(why) => Err(why),
            None => Ok(()),
        }
    }
}

#[async_trait]
impl Browser for FakeBrowser {
    fn pid(&self) -> u32 {
        4242
    }

    async fn send(&self, message: &Outgoing) -> Result<MessageId, CallError> {
        let chat = message.chat.reveal();
        let text = match &message.content {
            Content::Text(text) => text.reveal(),
            Content::Media(media) => media.caption.as_ref().map_or("", MessageText::reveal),
        };
        self.call(format!("send {chat} {text}"))?;
        if self.hangs.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        if self.sends_fail.load(Ordering::SeqCst) {
            return Err(CallError::Timeout);
        }
        Ok(MessageId::new(format!("true_{chat}_3EB0C0FFEE")))
    }

    async fn find_number(&self, number: &PhoneNumber) -> Result<Option<PhoneNumber>, CallError> {
        self.call("find".into()).map(|()| Some(number.clone()))
    }

    async fn refresh_code(&self) -> Result<(), CallError> {
        self.call("refresh".into())
    }

    async fn request_pairing_code(&self, _: &PhoneNumber) -> Result<String, CallError> {
        self.call("pair".into()).map(|()| "ABCD-EFGH".into())
    }

    async fn reload(&self) -> Result<(), CallError> {
        self.call("reload".into())
    }

    async fn log_out(&self) -> Result<(), CallError> {
        self.call("log out".into())?;
        if self.hangs.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        Ok(())
    }

    async fn check(&self) -> Result<(), CallError> {
        self.call("check".into())
    }

    async fn raise(&self) -> Result<(), CallError> {
        self.call("raise".into())
    }

    async fn keep_picture(&self) -> Result<(), CallError> {
        self.call("picture".into())
    }

    async fn close(&self) {
        self.events.lock().unwrap().take();
        self.calls.lock().unwrap().push("close".into());
        if self.close_hangs.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
    }
}

#[async_trait]
impl Profiles for World {
    async fn has_login(&self, cliente: ClienteId) -> bool {
        self.has_saved(cliente)
    }

    async fn mark_login(&self, cliente: ClienteId, linked: bool) -> Result<(), ProfileError> {
        self.set_login(cliente, linked);
        Ok(())
    }

    async fn delete(&self, cliente: ClienteId) -> Result<(), ProfileError> {
        if self.deleting_fails.load(Ordering::SeqCst) {
            return Err(ProfileError {
                operation: "delete the profile",
                cause: io::Error::other("/data/profiles/1: busy"),
            });
        }
        self.set_login(cliente, false);
        Ok(())
    }

    async fn has_spare(&self, _: ClienteId) -> bool {
        false
    }

    async fn restore_spare(&self, _: ClienteId) -> Result<bool, ProfileError> {
        Ok(false)
    }

    async fn known(&self) -> Vec<ClienteId> {
        Vec::new()
    }
}

#[async_trait]
impl Resources for World {
    async fn free_disk(&self) -> Option<u64> {
        *self.disk.lock().unwrap()
    }

    async fn memory(&self) -> Option<Memory> {
        None
    }

    async fn usage(&self, browsers: Vec<u32>) -> BTreeMap<u32, Usage> {
        let usage = *self.usage.lock().unwrap();
        browsers
            .into_iter()
            .filter_map(|pid| Some((pid, usage?)))
            .collect()
    }

    async fn release_reserve(&self) {}

    async fn hold_reserve(&self) {}
}

#[async_trait]
impl Store for World {
    async fn clientes(&self) -> Result<Vec<ClienteRecord>, StoreError> {
        self.answer("read the clientes")?;
        Ok(self.records.lock().unwrap().values().cloned().collect())
    }

    async fn save(&self, record: ClienteRecord) -> Result<(), StoreError> {
        self.answer("save a cliente")?;
        self.records.lock().unwrap().insert(record.id, record);
        Ok(())
    }

    async fn save_all(&self, records: Vec<ClienteRecord>) -> Result<(), StoreError> {
        self.answer("save clientes")?;
        let mut known = self.records.lock().unwrap();
        known.extend(records.into_iter().map(|record| (record.id, record)));
        Ok(())
    }

    async fn remove(&self, cliente: ClienteId) -> Result<(), StoreError> {
        self.answer("remove a cliente")?;
        self.records.lock().unwrap().remove(&cliente);
        Ok(())
    }

    async fn record(&self, cliente: ClienteId, change: Change) -> Result<(), StoreError> {
        self.answer("write to the timeline")?;
        self.changes.lock().unwrap().push((cliente, change));
        Ok(())
    }

    async fn timeline(&self, cliente: ClienteId, limit: u32) -> Result<Vec<Change>, StoreError> {
        self.answer("read the timeline")?;
        let changes = self.changes.lock().unwrap();
        let of_cliente = changes.iter().rev().filter(|(id, _)| *id == cliente);
        Ok(of_cliente
            .take(limit as usize)
            .map(|(_, change)| change.clone())
            .collect())
    }

    async fn close(&self) {}
}

pub(crate) fn account() -> Account {
    Account {
        number: PhoneNumber::parse("5491155551234").unwrap(),
        name: Some("Ana".into()),
    }
}

pub(crate) fn code(text: &str) -> LoginCode {
    LoginCode::new(text)
}

/// A code of the usual length.
pub(crate) fn drawable() -> LoginCode {
    code(&format!("2@{}", "AbCd1234".repeat(25)))
}
