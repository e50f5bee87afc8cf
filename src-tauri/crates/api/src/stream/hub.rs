//! Follows the registry and writes down what happens, once for all readers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use session_core::{
    ClienteId, Clock, MessageChange, Registry, RegistryEvent, ResourceReport, Snapshot,
};
use tokio::sync::broadcast::{
    self,
    error::{RecvError, TryRecvError},
};
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;

use super::log::{Log, Wanted};
use super::reader::Reader;
use super::told::{self, Told};
use crate::control::ControlRoom;

/// What happens, from the moment it was opened.
pub(crate) struct Hub {
    shared: Arc<Shared>,
    _follower: AbortOnDropHandle<()>,
}

pub(super) struct Shared {
    registry: Registry,
    pub(super) clock: Arc<dyn Clock>,
    book: Mutex<Book>,
    /// Fires whenever there is something new in the log.
    pub(super) news: watch::Sender<()>,
}

/// What is known, and what was told of it. The two change together, so that a snapshot has an exact place in the log.
pub(super) struct Book {
    changes: broadcast::Receiver<RegistryEvent>,
    machine: watch::Receiver<ResourceReport>,
    messages: broadcast::Receiver<MessageChange>,
    pub(super) known: BTreeMap<ClienteId, Arc<Snapshot>>,
    pub(super) resources: ResourceReport,
    pub(super) log: Log,
}

impl Hub {
    /// Follows from now on. Has to be called inside the runtime.
    pub(crate) fn open(room: &ControlRoom, clock: Arc<dyn Clock>) -> Self {
        let registry = room.registry.clone();
        // These only tell that there is something to read. Older than the book, so that they miss nothing of it.
        let (changes, machine) = (registry.subscribe(), registry.resources());
        let messages = room.outbox.subscribe();
        let log = Log::new(clock.now());
        let shared = Arc::new(Shared {
            book: Mutex::new(Book::open(&registry, room.outbox.subscribe(), log)),
            registry,
            clock,
            news: watch::Sender::new(()),
        });
        let follower = tokio::spawn(follow(changes, machine, messages, Arc::clone(&shared)));
        Self {
            shared,
            _follower: AbortOnDropHandle::new(follower),
        }
    }

    /// A reader of what it wants; after the event that it has read last, where that is known.
    pub(crate) fn read(&self, wanted: Wanted, last: Option<&str>) -> Reader {
        Reader::open(Arc::clone(&self.shared), wanted, last)
    }
}

async fn follow(
    mut changes: broadcast::Receiver<RegistryEvent>,
    mut machine: watch::Receiver<ResourceReport>,
    mut messages: broadcast::Receiver<MessageChange>,
    shared: Arc<Shared>,
) {
    loop {
        tokio::select! {
            change = changes.recv() => if matches!(change, Err(RecvError::Closed)) { return },
            seen = machine.changed() => if seen.is_err() { return },
            change = messages.recv() => if matches!(change, Err(RecvError::Closed)) { return },
        }
        drop(shared.up_to_date());
    }
}

impl Shared {
    pub(super) fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The book with everything in it that happened until now, whether or not the follower had its turn.
    pub(super) fn up_to_date(&self) -> MutexGuard<'_, Book> {
        let mut book = self.book();
        let before = book.log.end();
        book.catch_up(&self.registry);
        if book.log.end() != before {
            self.news.send_replace(());
        }
        book
    }
}

impl Book {
    fn open(registry: &Registry, messages: broadcast::Receiver<MessageChange>, log: Log) -> Self {
        let (mut changes, mut machine) = (registry.subscribe(), registry.resources());
        let known = look(registry, &mut changes);
        let resources = *machine.borrow_and_update();
        Self {
            changes,
            machine,
            messages,
            known,
            resources,
            log,
        }
    }

    fn catch_up(&mut self, registry: &Registry) {
        loop {
            match self.changes.try_recv() {
                Ok(RegistryEvent::Changed(now)) => self.change(&now),
                Ok(RegistryEvent::Removed(id)) => self.remove(id),
                Ok(RegistryEvent::Received(id, message)) => {
                    self.tell(Told::incoming(id, &message).as_ref());
                }
                Ok(RegistryEvent::Acknowledged(..)) => {}
                Err(TryRecvError::Lagged(_)) => self.leap(registry),
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            }
        }
        loop {
            match self.messages.try_recv() {
                Ok(change) => self.tell(Told::message(&change).as_ref()),
                Err(TryRecvError::Lagged(_)) => self.log.skip(),
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            }
        }
        let resources = *self.machine.borrow_and_update();
        if resources != self.resources {
            self.resources = resources;
            self.tell(Told::resources(&resources).as_ref());
        }
    }

    /// Goes by how everything is, because what happened in between is not known.
    fn leap(&mut self, registry: &Registry) {
        let now = look(registry, &mut self.changes);
        let gone: Vec<_> = self
            .known
            .keys()
            .filter(|id| !now.contains_key(id))
            .copied()
            .collect();
        for id in gone {
            self.remove(id);
        }
        for snapshot in now.values() {
            self.change(snapshot);
        }
    }

    fn change(&mut self, now: &Arc<Snapshot>) {
        let id = now.record.id;
        let before = self.known.insert(id, Arc::clone(now));
        let news = told::compare(before.as_deref(), now);
        for name in news.over {
            self.log.withdraw(name, Some(id));
        }
        for told in &news.told {
            self.log.push(told);
        }
    }

    fn remove(&mut self, id: ClienteId) {
        if self.known.remove(&id).is_some() {
            self.tell(Told::removed(id).as_ref());
        }
    }

    fn tell(&mut self, told: Option<&Told>) {
        if let Some(told) = told {
            self.log.push(told);
        }
    }
}

/// How everything is, with nothing queued that is older. A change is queued before anybody can see it: what is queued
/// after a look is what was seen, or newer.
fn look(
    registry: &Registry,
    changes: &mut broadcast::Receiver<RegistryEvent>,
) -> BTreeMap<ClienteId, Arc<Snapshot>> {
    let all = || -> BTreeMap<_, _> {
        registry
            .snapshots()
            .into_iter()
            .map(|snapshot| (snapshot.record.id, snapshot))
            .collect()
    };
    *changes = changes.resubscribe();
    let mut now = all();
    loop {
        match changes.try_recv() {
            Ok(RegistryEvent::Changed(snapshot)) => {
                now.insert(snapshot.record.id, snapshot);
            }
            Ok(RegistryEvent::Removed(id)) => {
                now.remove(&id);
            }
            Ok(RegistryEvent::Acknowledged(..) | RegistryEvent::Received(..)) => {}
            Err(TryRecvError::Lagged(_)) => now = all(),
            Err(TryRecvError::Empty | TryRecvError::Closed) => return now,
        }
    }
}
