//! The description of the local API (OpenAPI 3.1), made from the handlers and the types that they answer with, so that it
//! cannot say anything else than they do. `docs/openapi.json` is a copy of it.
//!
//! The control room's commands and pages are not part of it: they belong to this program and change with it.

mod examples;
mod failures;
pub(crate) mod words;

use std::sync::LazyLock;

use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::{IntoParams, OpenApi};

use crate::error::ErrorCode;
use crate::routes;

/// The cliente that a request is about.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(
    dead_code,
    reason = "only described: the header is read by its own rules"
)]
pub(crate) struct Cliente {
    /// The cliente: digits only, and only once.
    #[param(
        rename = "X-Cliente-Id",
        minimum = 1,
        maximum = 9_007_199_254_740_991_u64,
        example = 7
    )]
    id: u64,
}

/// The cliente that a request may be about.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(
    dead_code,
    reason = "only described: the header is read by its own rules"
)]
pub(crate) struct MaybeCliente {
    /// The cliente whose state is asked for; without it, of none in particular.
    #[param(
        rename = "X-Cliente-Id",
        minimum = 1,
        maximum = 9_007_199_254_740_991_u64,
        nullable = false
    )]
    id: Option<u64>,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Session Manager",
        description = "The local HTTP API of Session Manager, which keeps WhatsApp Web accounts linked.\n\n\
            Unless told otherwise it listens on this machine only. Requests for another `Host`, and web pages whose \
            origin is not listed, are refused with 403. A key is needed where it was asked for, and where other machines \
            can reach the API: it goes into `Authorization: Bearer` or `X-API-Key`, and opens what its scopes name: `read` \
            what reads, `send` sending, `manage` everything.\n\nMost routes take the header `X-Cliente-Id`: the number of a *cliente*, which is an account. \
            Bodies are `application/json` and at most 64 KiB large. `GET` routes change nothing; only `/contacts/…` asks WhatsApp. More fields, events and \
            codes may come: pass over what you do not know.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    servers(
        (url = "/", description = "Where this description came from"),
        (url = "http://127.0.0.1:3001", description = "Where the API listens unless told otherwise"),
    ),
    tags(
        (name = "Sessions", description = "Starting, watching and ending sessions"),
        (name = "Messages", description = "Sending, what became of it, files and numbers"),
        (name = "QR", description = "What a phone scans. Errors of these two routes have a shape of their own"),
        (name = "Events", description = "What happens, so that nobody has to poll"),
        (name = "Webhooks", description = "Who is told what happens, and what they were not told"),
        (name = "Monitoring", description = "Health, numbers and calls"),
        (name = "WAHA", description = "The routes of WAHA's sessions, QR, pairing code and text, for its clients"),
        (name = "Description", description = "This page's source"),
    ),
    paths(
        routes::init::init,
        routes::status::status,
        routes::session::destroy,
        routes::clients::clients,
        routes::send::send,
        routes::messages::list,
        routes::messages::one,
        routes::messages::cancel,
        routes::messages::retry,
        routes::media::upload,
        routes::contacts::exists,
        routes::qr::qr,
        routes::qr::qr_code,
        routes::events::events,
        routes::ticket::issue,
        routes::webhooks::list,
        routes::webhooks::add,
        routes::webhooks::one,
        routes::webhooks::update,
        routes::webhooks::remove,
        routes::webhooks::test,
        routes::webhooks::rotate,
        routes::webhooks::letters,
        routes::webhooks::resend,
        routes::webhooks::discard,
        routes::health::health,
        routes::ready::live,
        routes::ready::ready,
        routes::metrics::metrics,
        routes::debug::calls,
        routes::reference::description,
    ),
    components(schemas(
        ErrorCode,
        failures::Failure,
        failures::QrFailure,
        failures::WahaFailure,
        failures::WahaUnexpected,
    )),
)]
struct Description;

/// The description as it is served: JSON, for people to read too.
pub fn json() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        let mut text = serde_json::to_string_pretty(&describe())
            .inspect_err(|error| tracing::error!(%error, "the description could not be written"))
            .unwrap_or_default();
        text.push('\n');
        text
    });
    &TEXT
}

fn describe() -> utoipa::openapi::OpenApi {
    let mut document = Description::openapi();
    let waha = routes::waha::Description::openapi();
    document.merge(waha);
    for (path, item) in &mut document.paths.paths {
        for operation in operations(item) {
            failures::describe(path, operation);
        }
    }
    if let Some(components) = &mut document.components {
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("A key of this program, where one is required."))
            .build();
        let header = ApiKeyValue::with_description(
            "X-API-Key",
            "The same key, for clients that cannot send the other header.",
        );
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        components.add_security_scheme("key", SecurityScheme::ApiKey(ApiKey::Header(header)));
    }
    // The first one: nothing, as on this machine unless keys are required.
    document.security = Some(vec![
        SecurityRequirement::default(),
        SecurityRequirement::new("bearer", [""; 0]),
        SecurityRequirement::new("key", [""; 0]),
    ]);
    document
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [
        &mut item.get,
        &mut item.post,
        &mut item.put,
        &mut item.patch,
        &mut item.delete,
    ]
    .into_iter()
    .filter_map(Option::as_mut)
}
