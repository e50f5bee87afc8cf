//! Session states, the session actor and the registry of clientes.
//!
//! A session is a pure state machine ([`machine`]) inside one task that owns one browser. The
//! [`Registry`] hands out sessions and holds the snapshots that everybody else reads. The world (browsers, profiles,
//! database) is reached through the traits in [`ports`].

mod account;
mod actor;
mod breaker;
mod cliente;
mod clock;
mod journal;
pub mod machine;
mod message;
pub mod old_login;
mod outbox;
pub mod ports;
mod qr;
mod random;
mod reason;
mod registry;
mod resources;
mod slots;
mod snapshot;
mod state;
mod webhook;
mod window;

pub use account::{Account, ChatId, InvalidRecipient, MessageId, MessageText, PhoneNumber, mask};
pub use breaker::BreakerState;
pub use cliente::{ClienteId, ClienteRecord, InvalidClienteId, Wanted};
pub use clock::{Clock, SystemClock, Timestamp};
pub use message::{
    Ack, Content, Incoming, InvalidMessageKey, Media, MediaKind, MessageKey, Outgoing,
};
pub use outbox::{
    ChangeError, Draft, DraftContent, FailureCode, Fingerprint, IdempotencyKey,
    InvalidIdempotencyKey, InvalidMediaId, Latency, MediaDraft, MediaError, MediaId, MediaRecord,
    MediaSource, MessageChange, MessageKind, MessageRecord, MessageStatus, MessageStep, NewMessage,
    NotQueued, NotSent, Outbox, OutboxParts, OutboxPolicy, PendingMessage, QueuedContent,
    QueuedMedia, Tally, Wish,
};
pub use qr::{LoginCode, QrError, draw};
pub use reason::{Disconnection, Reason};
pub use registry::{
    Accepted, AddAllError, CommandError, NewCliente, Parts, Registry, SendError, StartError,
    Started,
};
pub use resources::{DiskState, ResourceReport};
pub use snapshot::{Picture, RegistryEvent, Snapshot};
pub use state::{Change, Login, Policy, Progress, Restart, Stage, State, StateName};
pub use webhook::{
    Announcement, DeadLetter, Delivery, EventFilter, InvalidEventFilter, InvalidWebhookId,
    InvalidWebhookSecret, News, Outcome, Place, Tries, Webhook, WebhookEvent, WebhookFailure,
    WebhookId, WebhookProblem, WebhookReport, WebhookSecret, WebhookShape,
};
pub use window::WindowName;
