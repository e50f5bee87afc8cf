//! The phone: a cheap handle to everything that a person, or the network, would do.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::archive::Archive;
use crate::config::Defaults;
use crate::world::World;
use crate::{Account, DeviceSelector, DeviceView, OutboxEntry, PhoneAction, PhoneError};

/// The world, its clock's bell, and its file.
#[derive(Debug)]
pub(crate) struct Shared {
    world: Mutex<World>,
    pub(crate) bell: Notify,
    archive: Option<Archive>,
}

impl Shared {
    pub(crate) fn new(world: World, archive: Option<Archive>) -> Self {
        Self {
            world: Mutex::new(world),
            bell: Notify::new(),
            archive,
        }
    }

    /// Does something to the world, hands the result to the state file, and wakes the clock.
    /// Also says which generation of the world the caller may have to wait for.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut World, Instant) -> T) -> (T, u64) {
        let mut world = self.lock();
        let result = change(&mut world, Instant::now());
        let generation = world.generation();
        if let Some(archive) = &self.archive {
            archive.offer(generation, || world.archive());
        }
        drop(world);
        self.bell.notify_one();
        (result, generation)
    }

    /// Does everything that is due now. The clock calls this, so its bell stays silent.
    pub(crate) fn advance(&self) {
        let mut world = self.lock();
        world.advance(Instant::now());
        if let Some(archive) = &self.archive {
            archive.offer(world.generation(), || world.archive());
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Like [`Self::change`], and waits until the change is on disk.
    async fn settle<T>(
        &self,
        change: impl FnOnce(&mut World, Instant) -> Result<T, PhoneError>,
    ) -> Result<T, PhoneError> {
        let (result, generation) = self.change(change);
        let result = result?;
        if let Some(archive) = &self.archive {
            archive.settled(generation).await?;
        }
        Ok(result)
    }
}

/// Controls every device of one simulator.
#[derive(Debug, Clone)]
pub struct Phone {
    shared: Arc<Shared>,
}

impl Phone {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Scans a QR by its text, with or without the fifth part that whatsapp-web.js appends. Without
    /// an account, the next of the series (`5491155550001` "Ana Demo", …) scans.
    pub async fn scan(
        &self,
        qr_text: &str,
        account: Option<Account>,
    ) -> Result<DeviceView, PhoneError> {
        self.shared
            .settle(|world, now| world.scan(qr_text, account, now))
            .await
    }

    /// Types a pairing code into the phone whose number asked for it.
    pub async fn pair(&self, code: &str, name: Option<String>) -> Result<DeviceView, PhoneError> {
        self.shared
            .settle(|world, now| world.pair(code, name, now))
            .await
    }

    /// Does one thing to one device.
    pub async fn act(
        &self,
        device: &DeviceSelector,
        action: PhoneAction,
    ) -> Result<DeviceView, PhoneError> {
        self.shared
            .settle(|world, now| world.act(device, action, now))
            .await
    }

    /// Every known device, in order of identity.
    pub fn devices(&self) -> Vec<DeviceView> {
        self.shared.lock().devices()
    }

    /// One device.
    pub fn device(&self, device: &DeviceSelector) -> Result<DeviceView, PhoneError> {
        self.shared.lock().device(device)
    }

    /// What all devices have sent, oldest first.
    pub fn outbox(&self) -> Vec<OutboxEntry> {
        self.shared.lock().outbox()
    }

    /// Forgets what has been sent.
    pub fn clear_outbox(&self) {
        self.shared.lock().clear_outbox();
    }

    /// What devices that were never seen before start with.
    pub fn defaults(&self) -> Defaults {
        self.shared.lock().defaults()
    }

    /// Changes what devices that were never seen before start with.
    pub fn set_defaults(&self, defaults: Defaults) {
        self.shared.lock().set_defaults(defaults);
    }
}
