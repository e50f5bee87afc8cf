//! A desktop's notifications, as far as programs see them on the session bus.

#![expect(
    clippy::unused_self,
    clippy::used_underscore_binding,
    reason = "what a method of the bus is like is not ours to choose"
)]

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use zbus::blocking::{Connection, connection};
use zbus::zvariant::Value;

use crate::support::wait_for;

const PATH: &str = "/org/freedesktop/Notifications";
const NAME: &str = "org.freedesktop.Notifications";

/// A notification that was shown.
#[derive(Clone, Debug)]
pub(crate) struct Note {
    id: u32,
    pub(crate) program: String,
    pub(crate) title: String,
    pub(crate) body: String,
    /// Ids and labels in turn.
    pub(crate) actions: Vec<String>,
}

/// Who shows notifications, and keeps them all.
pub(crate) struct Inbox {
    bus: Connection,
    notes: Arc<Mutex<Vec<Note>>>,
}

struct Server(Arc<Mutex<Vec<Note>>>);

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Server {
    #[expect(clippy::too_many_arguments, reason = "the desktop's own words")]
    fn notify(
        &self,
        program: String,
        _replaces: u32,
        _icon: String,
        title: String,
        body: String,
        actions: Vec<String>,
        _hints: HashMap<String, Value<'_>>,
        _timeout: i32,
    ) -> u32 {
        let mut notes = self.0.lock().unwrap();
        let id = u32::try_from(notes.len()).unwrap() + 1;
        notes.push(Note {
            id,
            program,
            title,
            body,
            actions,
        });
        id
    }

    fn get_capabilities(&self) -> [&'static str; 3] {
        ["actions", "body", "body-markup"]
    }
}

impl Inbox {
    /// It comes up on the bus with this address.
    pub(crate) fn start(bus: &str) -> Self {
        let notes = Arc::default();
        let bus = connection::Builder::address(bus)
            .unwrap()
            .serve_at(PATH, Server(Arc::clone(&notes)))
            .unwrap()
            .name(NAME)
            .unwrap()
            .build()
            .unwrap();
        Self { bus, notes }
    }

    /// All that were shown.
    pub(crate) fn notes(&self) -> Vec<Note> {
        self.notes.lock().unwrap().clone()
    }

    /// Waits for one more than these.
    pub(crate) fn next(&self, known: usize) -> Note {
        wait_for("a notification", || self.notes().get(known).cloned())
    }

    /// Clicks on one until that has led somewhere. Programs listen for clicks only after they were told that it is shown; no
    /// person is that fast, this is.
    pub(crate) fn click(&self, note: &Note, led: impl Fn() -> bool) {
        wait_for("a click on a notification to lead somewhere", || {
            self.tell("ActionInvoked", &(note.id, "default"));
            // It goes when it is clicked; 2: a person dismissed it.
            self.tell("NotificationClosed", &(note.id, 2_u32));
            led().then_some(())
        });
    }

    fn tell(&self, signal: &str, body: &(impl serde::Serialize + zbus::zvariant::DynamicType)) {
        self.bus
            .emit_signal(None::<&str>, PATH, NAME, signal, body)
            .unwrap();
    }
}
