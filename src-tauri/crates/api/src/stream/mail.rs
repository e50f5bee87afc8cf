//! What is told of messages: of those that are sent how far they have come, and of those that come in, for whoever asks
//! for it, what they hold.

use serde::Serialize;
use session_core::{
    ClienteId, FailureCode, Incoming, MessageChange, MessageKey, MessageStatus, MessageText,
    Timestamp,
};

use super::told::{Name, Told};

#[derive(Serialize)]
struct Outgoing<'a> {
    cliente_id: ClienteId,
    id: &'a MessageKey,
    status: MessageStatus,
    previous_status: Option<MessageStatus>,
    /// Why it failed or was put off.
    error: Option<&'a str>,
    at: Timestamp,
}

#[derive(Serialize)]
struct Received<'a> {
    cliente_id: ClienteId,
    message_id: &'a str,
    from: &'a str,
    kind: &'a str,
    text: Option<&'a str>,
    at: Timestamp,
}

impl Told {
    /// A message that is sent changed.
    pub(super) fn message(change: &MessageChange) -> Option<Self> {
        let data = Outgoing {
            cliente_id: change.cliente,
            id: &change.key,
            status: change.status,
            previous_status: change.previous,
            error: change.reason.as_ref().map(FailureCode::as_str),
            at: change.at,
        };
        Self::new(Name::Message, Some(change.cliente), &data)
    }

    /// A message came in.
    pub(super) fn incoming(id: ClienteId, message: &Incoming) -> Option<Self> {
        let data = Received {
            cliente_id: id,
            message_id: message.id.reveal(),
            from: message.chat.reveal(),
            kind: &message.kind,
            text: message.text.as_ref().map(MessageText::reveal),
            at: message.at,
        };
        Self::new(Name::Incoming, Some(id), &data)
    }
}
