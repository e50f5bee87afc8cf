//! Watches the page and tells the session what happens in it.

use std::sync::Arc;

use chromiumoxide::Page;
use chromiumoxide::cdp::browser_protocol::inspector;
use chromiumoxide::cdp::browser_protocol::page::{
    EventFrameNavigated, EventJavascriptDialogOpening, HandleJavaScriptDialogParams,
};
use chromiumoxide::cdp::browser_protocol::target;
use chromiumoxide::cdp::js_protocol::runtime::EventBindingCalled;
use chromiumoxide::error::CdpError;
use chromiumoxide::listeners::EventStream;
use futures::{FutureExt, StreamExt};
use session_core::ports::DriverEvent;
use tokio::sync::{mpsc, watch};

use crate::cdp::Cdp;
use crate::login::Login;
use crate::page::Whereabouts;
use crate::signals::{PageSignal, Seen, Signals};

/// The streams of one page.
pub(crate) struct Watch {
    page: Page,
    binding: String,
    bridge: EventStream<EventBindingCalled>,
    navigations: EventStream<EventFrameNavigated>,
    dialogs: EventStream<EventJavascriptDialogOpening>,
    crashes: EventStream<inspector::EventTargetCrashed>,
    target_crashes: EventStream<target::EventTargetCrashed>,
    /// What the driver itself finds out about the page.
    notes: mpsc::Receiver<Seen>,
    whereabouts: watch::Sender<Whereabouts>,
    /// Crashes that each of the two streams told.
    told: [u64; 2],
}

/// One message of a stream.
enum Message {
    Bridge(Arc<EventBindingCalled>),
    Navigated(Arc<EventFrameNavigated>),
    Dialog,
    /// By which of the two streams.
    Crashed(usize),
    Note(Seen),
    Nothing,
}

impl Watch {
    /// Subscribes to everything that happens in the page from now on.
    pub(crate) async fn open(
        cdp: &Cdp,
        page: Page,
        binding: String,
        notes: mpsc::Receiver<Seen>,
        whereabouts: watch::Sender<Whereabouts>,
    ) -> Result<Self, CdpError> {
        Ok(Self {
            bridge: page.event_listener().await?,
            navigations: page.event_listener().await?,
            dialogs: page.event_listener().await?,
            crashes: page.event_listener().await?,
            target_crashes: cdp.browser().event_listener().await?,
            page,
            binding,
            notes,
            whereabouts,
            told: [0; 2],
        })
    }

    /// Passes everything on until the browser is gone or nobody listens.
    pub(crate) async fn run(mut self, events: mpsc::Sender<DriverEvent>, login: &Login) {
        let mut signals = Signals::default();
        while let Some(message) = self.next().await {
            let Some(seen) = self.understand(message) else {
                continue;
            };
            match seen {
                Seen::Bridge(PageSignal::Hello { .. }) => {
                    self.whereabouts.send_modify(|now| now.private = false);
                }
                Seen::Bridge(PageSignal::Hidden { messages }) => {
                    tracing::info!(
                        messages,
                        "messages came in from numbers that WhatsApp hides"
                    );
                }
                _ => {}
            }
            for event in signals.see(seen) {
                login.see(&event);
                if matches!(event, DriverEvent::Code(_) | DriverEvent::Connected(_)) {
                    self.whereabouts.send_modify(|now| now.private = true);
                }
                if events.send(event).await.is_err() {
                    return;
                }
            }
        }
    }

    /// What the bridge says comes first: before it leaves, a page explains the navigation that follows.
    async fn next(&mut self) -> Option<Message> {
        tokio::select! {
            biased;
            called = self.bridge.next() => called.map(Message::Bridge),
            crashed = self.crashes.next() => crashed.map(|_| Message::Crashed(0)),
            crashed = self.target_crashes.next() => crashed.map(|crashed| {
                if crashed.target_id == *self.page.target_id() { Message::Crashed(1) } else { Message::Nothing }
            }),
            navigated = self.navigations.next() => navigated.map(Message::Navigated),
            dialog = self.dialogs.next() => dialog.map(|_| Message::Dialog),
            Some(note) = self.notes.recv() => Some(Message::Note(note)),
        }
    }

    fn understand(&mut self, message: Message) -> Option<Seen> {
        match message {
            Message::Bridge(called) if called.name == self.binding => {
                PageSignal::read(&called.payload).map(Seen::Bridge)
            }
            Message::Navigated(navigated) if navigated.frame.parent_id.is_none() => {
                let unreachable = navigated.frame.unreachable_url.is_some();
                self.whereabouts.send_modify(|now| {
                    now.loads += 1;
                    now.unreachable = unreachable;
                    now.crashed = false;
                });
                Some(if unreachable {
                    Seen::Unreachable
                } else {
                    Seen::Navigated(navigated.frame.url.clone())
                })
            }
            Message::Crashed(stream) => {
                // Both tell each crash, one a moment after the other.
                self.told[stream] += 1;
                let crashes = self.told[0].max(self.told[1]);
                self.whereabouts.send_modify(|now| {
                    now.crashed = true;
                    now.crashes = crashes;
                });
                Some(Seen::Crashed)
            }
            Message::Dialog => {
                // A page that asks "leave?" would wait for an answer for ever. The answer itself may wait.
                let accept = self.page.execute(HandleJavaScriptDialogParams::new(true));
                let _ = accept.now_or_never();
                None
            }
            Message::Note(note) => Some(note),
            Message::Bridge(_) | Message::Navigated(_) | Message::Nothing => None,
        }
    }
}
