//! A browser that notes what it is asked, and tells what a test says.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use session_core::ports::{Browser, CallError, DriverEvent};
use session_core::{
    Account, Ack, ClienteId, Content, LoginCode, MessageId, MessageKey, Outgoing, PhoneNumber,
};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::Duration;

use super::World;

pub(crate) struct FakeBrowser {
    id: ClienteId,
    world: Arc<World>,
    events: Mutex<Option<mpsc::Sender<DriverEvent>>>,
    closed: AtomicBool,
    pub(crate) calls: Mutex<Vec<String>>,
    /// Sends wait here for a permit each.
    pub(crate) sends: Semaphore,
    pub(crate) sending: AtomicUsize,
    pub(crate) most_sending: AtomicUsize,
    pub(crate) refuse: AtomicBool,
    /// Messages taken so far; each is named by its number.
    pub(crate) sent: AtomicUsize,
    /// Calls never come back in time.
    pub(crate) silent: AtomicBool,
    /// The keys and texts of the messages that it was asked to send.
    pub(crate) asked: Mutex<Vec<(MessageKey, String)>>,
    /// What comes of the next sends instead.
    pub(crate) failures: Mutex<VecDeque<CallError>>,
}

impl FakeBrowser {
    /// One that has just come up, and where it tells what happens.
    pub(super) fn new(
        id: ClienteId,
        world: &Arc<World>,
    ) -> (Arc<Self>, mpsc::Receiver<DriverEvent>) {
        let (sender, events) = mpsc::channel(16);
        let browser = Arc::new(Self {
            id,
            world: Arc::clone(world),
            events: Mutex::new(Some(sender)),
            closed: AtomicBool::new(false),
            calls: Mutex::default(),
            sends: Semaphore::new(Semaphore::MAX_PERMITS),
            sending: AtomicUsize::new(0),
            most_sending: AtomicUsize::new(0),
            refuse: AtomicBool::new(false),
            sent: AtomicUsize::new(0),
            silent: AtomicBool::new(false),
            asked: Mutex::default(),
            failures: Mutex::default(),
        });
        (browser, events)
    }

    pub(crate) async fn tell(&self, event: DriverEvent) {
        let events = self.events.lock().unwrap().clone();
        // A session that ended does not listen any more.
        if let Some(events) = events {
            let _ = events.send(event).await;
        }
    }

    pub(crate) async fn code(&self, text: &str) {
        self.tell(DriverEvent::Code(LoginCode::new(text))).await;
    }

    pub(crate) async fn connect(&self) {
        self.tell(DriverEvent::Connected(account())).await;
    }

    /// The server has the message with this number.
    pub(crate) async fn acknowledge(&self, number: usize) {
        // The page may name the chat another way than the caller did.
        let id = MessageId::new(format!("true_4915@lid_3EB0{number}"));
        self.tell(DriverEvent::Acknowledged(id, Ack::Server)).await;
    }

    /// The server has the message with this key, or its receiver.
    pub(crate) async fn acknowledge_key(&self, key: &MessageKey, ack: Ack) {
        let id = MessageId::new(format!("true_4915@lid_{key}"));
        self.tell(DriverEvent::Acknowledged(id, ack)).await;
    }

    /// Sends wait from now on.
    pub(crate) fn hold(&self) {
        self.sends.forget_permits(Semaphore::MAX_PERMITS);
    }

    /// The texts that it was asked to send since the last look.
    pub(crate) fn take_texts(&self) -> Vec<String> {
        let asked = std::mem::take(&mut *self.asked.lock().unwrap());
        asked.into_iter().map(|(_, text)| text).collect()
    }

    /// Ends as a killed browser does: it says so, then its events end.
    pub(crate) async fn die(&self) {
        self.tell(DriverEvent::BrowserExited).await;
        self.events.lock().unwrap().take();
    }

    pub(crate) fn called(&self, name: &str) -> usize {
        self.calls
            .lock()
            .unwrap()
            .iter()
            .filter(|call| *call == name)
            .count()
    }

    fn note(&self, call: &str) -> Result<(), CallError> {
        self.calls.lock().unwrap().push(call.to_owned());
        if self.closed.load(Ordering::SeqCst) {
            Err(CallError::Gone)
        } else {
            Ok(())
        }
    }
}

pub(crate) fn account() -> Account {
    Account {
        number: PhoneNumber::parse("5491155550001").unwrap(),
        name: Some("Ana".to_owned()),
    }
}

#[async_trait]
impl Browser for FakeBrowser {
    fn pid(&self) -> u32 {
        4242
    }

    async fn send(&self, message: &Outgoing) -> Result<MessageId, CallError> {
        self.note("send")?;
        let text = match &message.content {
            Content::Text(text) => text.reveal().to_owned(),
            Content::Media(media) => media.path.display().to_string(),
        };
        let key = message.key.clone();
        self.asked.lock().unwrap().push((key, text));
        let failure = self.failures.lock().unwrap().pop_front();
        if let Some(failure) = failure {
            return Err(failure);
        }
        if self.silent.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_secs(1)).await;
            return Err(CallError::Timeout);
        }
        let sending = self.sending.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_sending.fetch_max(sending, Ordering::SeqCst);
        // A real page takes a while, so that sends that are not in line overlap.
        tokio::time::sleep(Duration::from_millis(5)).await;
        self.sends.acquire().await.unwrap().forget();
        self.sending.fetch_sub(1, Ordering::SeqCst);
        if self.refuse.load(Ordering::SeqCst) {
            return Err(CallError::Refused("ERROR_NETWORK".to_owned()));
        }
        let nth = self.sent.fetch_add(1, Ordering::SeqCst) + 1;
        Ok(MessageId::new(format!(
            "true_{}_3EB0{nth}",
            message.chat.reveal()
        )))
    }

    async fn find_number(&self, number: &PhoneNumber) -> Result<Option<PhoneNumber>, CallError> {
        self.note("find").map(|()| Some(number.clone()))
    }

    async fn refresh_code(&self) -> Result<(), CallError> {
        self.note("refresh")
    }

    async fn request_pairing_code(&self, _: &PhoneNumber) -> Result<String, CallError> {
        self.note("pair").map(|()| "ABCD1234".to_owned())
    }

    async fn reload(&self) -> Result<(), CallError> {
        self.note("reload")?;
        if self.silent.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_secs(8)).await;
            return Err(CallError::Timeout);
        }
        Ok(())
    }

    async fn log_out(&self) -> Result<(), CallError> {
        self.note("log out")
    }

    async fn check(&self) -> Result<(), CallError> {
        self.note("check")
    }

    async fn raise(&self) -> Result<(), CallError> {
        self.note("raise")
    }

    async fn keep_picture(&self) -> Result<(), CallError> {
        self.note("picture")
    }

    async fn close(&self) {
        if !self.closed.swap(true, Ordering::SeqCst) {
            // A real browser takes a while.
            tokio::time::sleep(Duration::from_millis(200)).await;
            self.world.died(self.id);
            self.events.lock().unwrap().take();
        }
    }
}
