//! Browsers and a machine that exist only in memory.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use async_trait::async_trait;
use session_core::ports::{
    Browser, CallError, DriverEvent, LaunchError, Launched, Launcher, Memory, NoWindow,
    ProfileError, Profiles, Resources, Usage,
};
use session_core::{ClienteId, MessageId, Outgoing, PhoneNumber, WindowName};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

#[derive(Default)]
pub(crate) struct World {
    browsers: Mutex<HashMap<ClienteId, mpsc::Sender<DriverEvent>>>,
}

impl World {
    /// Something happens in the browser of a cliente.
    pub(crate) async fn tell(&self, id: ClienteId, event: DriverEvent) {
        let events = self.browsers.lock().unwrap()[&id].clone();
        events.send(event).await.unwrap();
    }
}

#[async_trait]
impl Launcher for World {
    async fn launch(
        &self,
        id: ClienteId,
        _: Option<WindowName>,
        _: CancellationToken,
    ) -> Result<Launched, LaunchError> {
        let (sender, events) = mpsc::channel(16);
        self.browsers.lock().unwrap().insert(id, sender);
        Ok(Launched {
            browser: std::sync::Arc::new(FakeBrowser),
            events,
        })
    }

    async fn can_show(&self) -> Result<(), NoWindow> {
        Err(NoWindow::NoScreen)
    }
}

struct FakeBrowser;

#[async_trait]
impl Browser for FakeBrowser {
    fn pid(&self) -> u32 {
        4242
    }

    async fn send(&self, _: &Outgoing) -> Result<MessageId, CallError> {
        Err(CallError::Gone)
    }

    async fn find_number(&self, _: &PhoneNumber) -> Result<Option<PhoneNumber>, CallError> {
        Ok(None)
    }

    async fn refresh_code(&self) -> Result<(), CallError> {
        Ok(())
    }

    async fn request_pairing_code(&self, _: &PhoneNumber) -> Result<String, CallError> {
        Err(CallError::Gone)
    }

    async fn reload(&self) -> Result<(), CallError> {
        Ok(())
    }

    async fn log_out(&self) -> Result<(), CallError> {
        Ok(())
    }

    async fn check(&self) -> Result<(), CallError> {
        Ok(())
    }

    async fn raise(&self) -> Result<(), CallError> {
        Ok(())
    }

    async fn keep_picture(&self) -> Result<(), CallError> {
        Ok(())
    }

    async fn close(&self) {}
}

#[async_trait]
impl Profiles for World {
    async fn has_login(&self, _: ClienteId) -> bool {
        false
    }

    async fn mark_login(&self, _: ClienteId, _: bool) -> Result<(), ProfileError> {
        Ok(())
    }

    async fn delete(&self, _: ClienteId) -> Result<(), ProfileError> {
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
        None
    }

    async fn memory(&self) -> Option<Memory> {
        None
    }

    async fn usage(&self, _: Vec<u32>) -> BTreeMap<u32, Usage> {
        BTreeMap::new()
    }

    async fn release_reserve(&self) {}

    async fn hold_reserve(&self) {}
}
