//! All devices and what they share, behind one lock. Nothing here waits or reads a clock.

mod actions;

use std::collections::BTreeMap;

use tokio::time::Instant;

use crate::account;
use crate::action::PhoneAction;
use crate::archive::{Archived, ArchivedDevice};
use crate::codes::{Mint, References, Scanned};
use crate::config::Defaults;
use crate::device::{Device, Link, Page};
use crate::outbox::{Outbox, OutboxEntry};
use crate::timers::{Due, Timers};
use crate::uploads::{Upload, Uploads};
use crate::wire::{FromPage, Hello};
use crate::{Account, DeviceSelector, DeviceState, DeviceView, PhoneError, Timing};

/// Devices that are linked to nothing and show nothing are forgotten beyond this number.
const MAX_DISPOSABLE: usize = 200;

/// What devices share.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) timing: Timing,
    pub(crate) defaults: Defaults,
    pub(crate) mint: Mint,
    pub(crate) references: References,
    pub(crate) timers: Timers,
    pub(crate) outbox: Outbox,
    pub(crate) uploads: Uploads,
    /// Position of the next account in the series.
    next_account: u64,
    /// Counts the changes that belong into the state file.
    generation: u64,
}

impl Core {
    /// Notes that the state file is out of date.
    pub(crate) fn changed(&mut self) {
        self.generation += 1;
    }
}

#[derive(Debug)]
pub(crate) struct World {
    devices: BTreeMap<String, Device>,
    core: Core,
    pages: u64,
}

impl World {
    pub(crate) fn new(timing: Timing, defaults: Defaults, mint: Mint, archived: Archived) -> Self {
        let core = Core {
            timing,
            defaults,
            mint,
            references: References::default(),
            timers: Timers::default(),
            outbox: Outbox::default(),
            uploads: Uploads::default(),
            next_account: archived.next_account,
            generation: 0,
        };
        let devices = archived.devices.into_iter().map(|saved| {
            let link = Link {
                account: saved.account,
                token: saved.token,
                since_ms: saved.linked_at_ms,
            };
            (
                saved.id.clone(),
                Device::restored(saved.id, link, saved.banned, &core),
            )
        });
        Self {
            devices: devices.collect(),
            core,
            pages: 0,
        }
    }

    // The state file.

    /// How many changes there have been.
    pub(crate) fn generation(&self) -> u64 {
        self.core.generation
    }

    pub(crate) fn archive(&self) -> Archived {
        let linked = self.devices.values().filter_map(|device| {
            device.link().map(|link| ArchivedDevice {
                id: device.id().to_owned(),
                account: link.account.clone(),
                token: link.token.clone(),
                linked_at_ms: link.since_ms,
                banned: device.banned(),
            })
        });
        Archived {
            version: 1,
            next_account: self.core.next_account,
            devices: linked.collect(),
        }
    }

    // Pages.

    /// Lets a page in and gives it a number.
    pub(crate) fn page_opened(
        &mut self,
        hello: Hello,
        sender: tokio::sync::mpsc::Sender<crate::wire::ToPage>,
        now: Instant,
    ) -> u64 {
        self.prune();
        self.pages += 1;
        let page = Page {
            number: self.pages,
            sender,
            knows_history: false,
        };
        let id = hello.device.clone();
        let core = &mut self.core;
        let device = self
            .devices
            .entry(id.clone())
            .or_insert_with(|| Device::new(id, core));
        device.page_opened(hello, page, core, now);
        self.pages
    }

    pub(crate) fn page_closed(&mut self, device: &str, page: u64) {
        if let Some(device) = self.devices.get_mut(device) {
            device.page_closed(page);
        }
    }

    pub(crate) fn page_said(&mut self, device: &str, page: u64, said: FromPage, now: Instant) {
        if let Some(device) = self.devices.get_mut(device) {
            device.page_said(page, said, &mut self.core, now);
        }
    }

    /// Takes in what a page has uploaded, and says where it can be found.
    pub(crate) fn uploaded(&mut self, upload: Upload) -> String {
        self.core.uploads.keep(upload)
    }

    fn prune(&mut self) {
        let disposable = self
            .devices
            .values()
            .filter(|device| device.is_disposable())
            .count();
        if disposable > MAX_DISPOSABLE {
            self.devices.retain(|_, device| !device.is_disposable());
        }
    }

    // Time.

    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        self.core.timers.next()
    }

    /// Does everything that is due.
    pub(crate) fn advance(&mut self, now: Instant) {
        while let Some((at, due)) = self.core.timers.pop(now) {
            let (Due::Step { device, .. }
            | Due::CodeExpires { device, .. }
            | Due::Ack { device, .. }) = &due;
            let Some(device) = self.devices.get_mut(device) else {
                continue;
            };
            // Steps count from when they were due, so a late clock does not stretch the whole series.
            match due {
                Due::Step { epoch, .. } => device.step(epoch, &mut self.core, at),
                Due::CodeExpires { code, .. } => device.code_expired(&code),
                Due::Ack { message, ack, .. } => device.ack(&message, ack, &mut self.core, at),
            }
        }
    }

    // The phone.

    pub(crate) fn devices(&self) -> Vec<DeviceView> {
        self.devices.values().map(Device::view).collect()
    }

    pub(crate) fn device(&self, selector: &DeviceSelector) -> Result<DeviceView, PhoneError> {
        let id = self.find(selector)?;
        Ok(self.devices[&id].view())
    }

    pub(crate) fn outbox(&self) -> Vec<OutboxEntry> {
        self.core.outbox.list()
    }

    pub(crate) fn clear_outbox(&mut self) {
        self.core.outbox.clear();
    }

    pub(crate) fn defaults(&self) -> Defaults {
        self.core.defaults
    }

    pub(crate) fn set_defaults(&mut self, defaults: Defaults) {
        self.core.defaults = defaults;
    }

    pub(crate) fn scan(
        &mut self,
        text: &str,
        account: Option<Account>,
        now: Instant,
    ) -> Result<DeviceView, PhoneError> {
        let id = self.find_by_qr(text)?;
        self.link(&id, account, now)
    }

    pub(crate) fn pair(
        &mut self,
        code: &str,
        name: Option<String>,
        now: Instant,
    ) -> Result<DeviceView, PhoneError> {
        let code = code.replace('-', "").trim().to_uppercase();
        let found = self.devices.values().find_map(|device| {
            Some((
                device.id().to_owned(),
                device.paired_number(&code)?.to_owned(),
            ))
        });
        let Some((id, number)) = found else {
            return Err(PhoneError::UnknownCode);
        };
        let name = name.unwrap_or_else(|| account::nth(0).name);
        self.link(&id, Some(Account { number, name }), now)
    }

    pub(crate) fn act(
        &mut self,
        selector: &DeviceSelector,
        action: PhoneAction,
        now: Instant,
    ) -> Result<DeviceView, PhoneError> {
        let id = self.find(selector)?;
        if let PhoneAction::Scan { account } = action {
            return self.link(&id, account, now);
        }
        let device = self.devices.get_mut(&id).ok_or_else(|| unknown(selector))?;
        if let Some(needs) = actions::unmet(device, &action) {
            let action = action.name();
            return Err(PhoneError::WrongState {
                action,
                state: device.state(),
                needs,
            });
        }
        actions::perform(device, action, &mut self.core, now)?;
        Ok(device.view())
    }

    fn link(
        &mut self,
        id: &str,
        account: Option<Account>,
        now: Instant,
    ) -> Result<DeviceView, PhoneError> {
        if let Some(account) = &account {
            account.validate()?;
        }
        let selector = DeviceSelector::Id(id.to_owned());
        let state = self
            .devices
            .get(id)
            .map(Device::state)
            .ok_or_else(|| unknown(&selector))?;
        // A pairing code outlives the QRs beside it.
        let shows_code = state == DeviceState::Qr
            || state == DeviceState::Idle && self.devices[id].pairing_code().is_some();
        if !shows_code {
            let needs = "it must show a code";
            return Err(PhoneError::WrongState {
                action: "scan",
                state,
                needs,
            });
        }
        let account = account.unwrap_or_else(|| self.next_account());
        let device = self.devices.get_mut(id).ok_or_else(|| unknown(&selector))?;
        device.scanned(account, &mut self.core, now);
        Ok(device.view())
    }

    fn next_account(&mut self) -> Account {
        loop {
            let account = account::nth(self.core.next_account);
            self.core.next_account += 1;
            if self.find_by_number(&account.number).is_none() {
                return account;
            }
        }
    }

    fn find(&self, selector: &DeviceSelector) -> Result<String, PhoneError> {
        match selector {
            DeviceSelector::Id(id) => self
                .devices
                .contains_key(id)
                .then(|| id.clone())
                .ok_or_else(|| unknown(selector)),
            DeviceSelector::Number(number) => {
                self.find_by_number(number).ok_or_else(|| unknown(selector))
            }
            DeviceSelector::Qr(text) => self.find_by_qr(text),
        }
    }

    fn find_by_number(&self, number: &str) -> Option<String> {
        let linked = self
            .devices
            .values()
            .filter_map(|device| Some((device.link()?, device)));
        linked
            .filter(|(link, _)| link.account.number == number)
            .max_by_key(|(link, _)| link.since_ms)
            .map(|(_, device)| device.id().to_owned())
    }

    fn find_by_qr(&self, text: &str) -> Result<String, PhoneError> {
        let scanned = Scanned::parse(text)?;
        let id = self
            .core
            .references
            .device(scanned.reference)
            .ok_or(PhoneError::UnknownCode)?;
        let device = self.devices.get(id).ok_or(PhoneError::ExpiredCode)?;
        device.check_scan(&scanned)?;
        Ok(id.to_owned())
    }
}

fn unknown(selector: &DeviceSelector) -> PhoneError {
    PhoneError::UnknownDevice {
        selector: selector.to_string(),
    }
}

#[cfg(test)]
mod tests;
