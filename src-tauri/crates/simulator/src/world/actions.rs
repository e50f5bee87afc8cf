//! Where each action of the phone means something, and what it does.

use tokio::time::Instant;

use super::Core;
use crate::account;
use crate::device::{Device, Trouble};
use crate::outbox::now_ms;
use crate::wire::{Command, WireMessage};
use crate::{DeviceState, PhoneAction, PhoneError};

/// What the device would have to be for `action` to mean anything, if it is not.
pub(super) fn unmet(device: &Device, action: &PhoneAction) -> Option<&'static str> {
    let state = device.state();
    let linked = device.link().is_some();
    let has_page = state != DeviceState::Absent;
    let (met, needs) = match action {
        PhoneAction::Rotate => (
            matches!(state, DeviceState::Qr | DeviceState::Idle),
            "it must show a QR or be idle",
        ),
        PhoneAction::Idle => (state == DeviceState::Qr, "it must show a QR"),
        PhoneAction::Logout { .. }
        | PhoneAction::Forget
        | PhoneAction::Ban { .. }
        | PhoneAction::Incoming { .. }
        | PhoneAction::Arrive { .. }
        | PhoneAction::Acknowledge { .. } => (linked, "it must be linked"),
        PhoneAction::Unban => (device.banned().is_some(), "it must be banned"),
        PhoneAction::Conflict | PhoneAction::Timeout => {
            (linked && has_page, "it must be linked and have a page open")
        }
        PhoneAction::ProxyBlock
        | PhoneAction::Hang { .. }
        | PhoneAction::Crash
        | PhoneAction::Reload
        | PhoneAction::Mark { .. }
        | PhoneAction::BackendEvent { .. } => (has_page, "it must have a page open"),
        PhoneAction::NetworkReturn => (
            matches!(
                device.trouble(),
                Some(Trouble::Offline | Trouble::Timeout | Trouble::ProxyBlock)
            ),
            "its network must be gone",
        ),
        PhoneAction::PasskeyConfirm | PhoneAction::PasskeyCancel => {
            (state == DeviceState::Passkey, "it must wait for a passkey")
        }
        PhoneAction::Updated => (
            device.trouble() == Some(Trouble::Outdated),
            "it must be outdated",
        ),
        PhoneAction::Scan { .. }
        | PhoneAction::NetworkDrop
        | PhoneAction::Passkey { .. }
        | PhoneAction::SlowStart { .. }
        | PhoneAction::Outdated
        | PhoneAction::FailSends { .. }
        | PhoneAction::NeverAck { .. } => (true, ""),
    };
    (!met).then_some(needs)
}

/// Does it. The caller has checked that it means something.
pub(super) fn perform(
    device: &mut Device,
    action: PhoneAction,
    core: &mut Core,
    now: Instant,
) -> Result<(), PhoneError> {
    match action {
        // Scanning picks an account first, so `act` handles it.
        PhoneAction::Scan { .. } => {}
        PhoneAction::Rotate => device.show_next_qr(core, now),
        PhoneAction::Idle => device.go_idle(core, now),
        PhoneAction::Logout { reason } => {
            device.logout(reason.unwrap_or_else(|| "user_initiated".to_owned()), core);
        }
        PhoneAction::Forget => device.forget(core),
        PhoneAction::Ban { kind } => {
            device.afflict(Trouble::Banned(kind));
            core.changed();
        }
        PhoneAction::Unban => {
            device.relieve(core, now);
            core.changed();
        }
        PhoneAction::Conflict => device.afflict(Trouble::Conflict),
        PhoneAction::NetworkDrop => device.afflict(Trouble::Offline),
        PhoneAction::Timeout => device.afflict(Trouble::Timeout),
        PhoneAction::ProxyBlock => device.afflict(Trouble::ProxyBlock),
        PhoneAction::Outdated => device.afflict(Trouble::Outdated),
        PhoneAction::NetworkReturn | PhoneAction::Updated => device.relieve(core, now),
        PhoneAction::Passkey { enabled } => device.set_passkey(enabled),
        PhoneAction::PasskeyConfirm => device.passkey_answered(true, core, now),
        PhoneAction::PasskeyCancel => device.passkey_answered(false, core, now),
        PhoneAction::SlowStart { ms } => device.set_slow_start(ms),
        PhoneAction::Hang { ms } => device.command(Command::Hang, ms),
        PhoneAction::Crash => device.command(Command::Crash, 0),
        PhoneAction::Reload => device.command(Command::Reload, 0),
        PhoneAction::FailSends { count, result } => device.fail_sends(count, result),
        PhoneAction::NeverAck { count, up_to } => {
            let up_to = i8::try_from(up_to).ok().filter(|ack| *ack <= 2);
            let up_to = up_to.ok_or_else(|| PhoneError::InvalidRequest {
                reason: "up_to must be 0, 1 or 2".to_owned(),
            })?;
            device.stall_acks(count, up_to);
        }
        PhoneAction::Incoming { from, text, name } => {
            if !account::is_number(&from) {
                return Err(PhoneError::InvalidRequest {
                    reason: format!("{from:?} is not a number of 7 to 15 digits"),
                });
            }
            device.receive(WireMessage {
                id: core.mint.message_id(),
                chat: format!("{from}@c.us"),
                from_me: false,
                author: None,
                kind: "chat".to_owned(),
                text,
                at: now_ms() / 1000,
                ack: 1,
                name,
            });
        }
        PhoneAction::Arrive {
            chat,
            author,
            kind,
            text,
        } => {
            let message = WireMessage {
                id: core.mint.message_id(),
                chat,
                from_me: false,
                author,
                kind,
                text,
                at: now_ms() / 1000,
                ack: 1,
                name: None,
            };
            arrive(device, message)?;
        }
        PhoneAction::Acknowledge { id, ack } => {
            let ack = i8::try_from(ack).ok().filter(|ack| (1..=4).contains(ack));
            let known = ack.is_some_and(|ack| device.acknowledge(&id, ack, core, now));
            if !known {
                return Err(PhoneError::InvalidRequest {
                    reason: "ack must be 1 to 4, of a message that was sent".to_owned(),
                });
            }
        }
        PhoneAction::Mark { value } => {
            // It goes into a cookie as it is.
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
            if !(1..=40).contains(&value.len()) || !value.bytes().all(plain) {
                return Err(PhoneError::InvalidRequest {
                    reason: "a mark has 1 to 40 letters, digits and dashes".to_owned(),
                });
            }
            device.mark(value);
        }
        PhoneAction::BackendEvent { name } => device.backend_event(name),
    }
    Ok(())
}

/// Lets a message come in, if the page can make sense of where it comes from.
fn arrive(device: &mut Device, message: WireMessage) -> Result<(), PhoneError> {
    let mut ids = std::iter::once(&message.chat).chain(&message.author);
    if let Some(bad) = ids.find(|id| !is_wid(id)) {
        return Err(PhoneError::InvalidRequest {
            reason: format!("{bad:?} is not an id like 5491155550002@c.us"),
        });
    }
    device.receive(message);
    Ok(())
}

/// Whether the page can make an id of this.
fn is_wid(text: &str) -> bool {
    text.split_once('@').is_some_and(|(user, server)| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let server_plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'.';
        !user.is_empty()
            && user.bytes().all(plain)
            && !server.is_empty()
            && server.bytes().all(server_plain)
    })
}
