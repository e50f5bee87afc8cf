//! The core's words for the description of the API. The core knows nothing of OpenAPI, so they are written down here, from
//! its own lists where it has them.

use std::borrow::Cow;

use serde::Serialize;
use session_core::{
    BreakerState, DiskState, MediaKind, MessageKind, MessageStatus, Reason, StateName, Wanted,
    WebhookProblem, WebhookShape,
};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// Defines a type that stands for a set of words in a schema.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident as $word:literal = $text:literal: $list:expr;)*) => {$(
        $(#[$doc])*
        pub(crate) struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                enumeration($text, $list)
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed($word)
            }
        }
    )*};
}

words! {
    /// For fields that are a [`StateName`].
    State as "State" = "The state of a session.": &StateName::ALL;
    /// For fields that are a [`Reason`].
    Cause as "Reason" = "Why something is as it is. More may come.": Reason::ALL;
    /// For fields that are a [`Wanted`].
    Wish as "Wanted" = "Whether the session is restored when the program starts.": &[Wanted::Running, Wanted::Stopped];
    /// For fields that are a [`BreakerState`].
    Breaker as "BreakerState" = "Whether calls to the page of WhatsApp Web go through, are suspended, or are being tried again.":
        &[BreakerState::Closed, BreakerState::Open, BreakerState::HalfOpen];
    /// For fields that are a [`DiskState`].
    Disk as "DiskState" = "`low`: no session is started. `full`: browsers were closed to protect their logins.":
        &[DiskState::Ok, DiskState::Low, DiskState::Full];
    /// For fields that are a [`MessageStatus`].
    Progress as "MessageStatus" = "How far a message has come.": &MessageStatus::ALL;
    /// For fields that are a [`MessageKind`].
    Kind as "MessageKind" = "What kind of message it is.": &MessageKind::ALL;
    /// For fields that are a [`MediaKind`].
    FileKind as "MediaKind" = "What a file is sent as.":
        &[MediaKind::Image, MediaKind::Document, MediaKind::Audio, MediaKind::Video];
    /// For fields that are a [`WebhookProblem`].
    NotTold as "WebhookProblem" = "Why a receiver was not told.": WebhookProblem::ALL;
    /// For fields that are a [`WebhookShape`].
    TellsAs as "WebhookShape" = "How what is told looks: this program's own fields, or as WAHA writes it.":
        &[WebhookShape::Native, WebhookShape::Waha];
}

/// The schema of an X.
fn enumeration<T: Serialize>(description: &str, list: &[T]) -> RefOr<Schema> {
    let words = list
        .iter()
        .filter_map(|word| serde_json::to_value(word).ok());
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(description))
        .enum_values(Some(words))
        .into()
}
