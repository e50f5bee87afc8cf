//! Webhooks on the wire, towards the control room and the API alike.

use serde::{Deserialize, Serialize};
use session_core::{DeadLetter, WebhookProblem, WebhookReport, WebhookShape};
use session_webhooks::{Draft, TestResult};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::advice;
use crate::openapi::words;

/// A webhook, and how it goes with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[schema(as = Webhook)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a property of its own"
)]
pub struct WebhookView {
    /// What names it.
    pub id: String,
    /// Where it is told. It may hold a token of its owner.
    pub url: String,
    /// Of which events: names, `session.*`, `message.*`, `*`.
    pub events: Vec<String>,
    /// Of which clientes; null: of all.
    #[ts(type = "number[] | null")]
    #[schema(required)]
    pub clientes: Option<Vec<u64>>,
    /// How it looks.
    #[schema(value_type = words::TellsAs)]
    pub shape: WebhookShape,
    /// Whether numbers, names, codes and texts are told too.
    pub content: bool,
    /// Whether anything is told at all.
    pub enabled: bool,
    /// Whether it comes from the command line, where alone it can be changed.
    pub fixed: bool,
    /// Whether what is told can be read on the way: http, to another computer.
    pub unencrypted: bool,
    /// When it was added, ms since 1970.
    #[ts(type = "number")]
    pub created_at: u64,
    /// When something last arrived, ms since 1970.
    #[ts(type = "number | null")]
    #[schema(required)]
    pub last_delivery_at: Option<u64>,
    /// The HTTP status of the last answer; null where none came.
    #[schema(required)]
    pub last_status: Option<u16>,
    /// Why the last try failed; null: it did not. `GONE` in one that is switched off: its receiver did that.
    #[schema(required, value_type = Option<words::NotTold>)]
    pub last_error: Option<WebhookProblem>,
    /// The same in plain English.
    #[schema(required)]
    pub last_error_message: Option<String>,
    /// Since when nothing arrives, ms since 1970.
    #[ts(type = "number | null")]
    #[schema(required)]
    pub failing_since: Option<u64>,
    /// How often what is next was tried.
    pub attempts: u32,
    /// When it is tried again, ms since 1970.
    #[ts(type = "number | null")]
    #[schema(required)]
    pub next_try_at: Option<u64>,
    /// How much waits.
    pub waiting: u32,
    /// How much was given up on, and is kept.
    pub dead: u32,
    /// How much was given up on, and is not even kept any more.
    pub lost: u32,
    /// Until when the secret before signs too, ms since 1970.
    #[ts(type = "number | null")]
    #[schema(required)]
    pub old_secret_until: Option<u64>,
}

impl WebhookView {
    pub(super) fn of(report: &WebhookReport) -> Self {
        let webhook = &report.webhook;
        Self {
            id: webhook.id.to_string(),
            url: webhook.url.clone(),
            events: webhook.events.iter().cloned().map(String::from).collect(),
            clientes: webhook
                .clientes
                .as_ref()
                .map(|ids| ids.iter().map(|id| id.get()).collect()),
            shape: webhook.shape,
            content: webhook.content,
            enabled: webhook.enabled,
            fixed: webhook.fixed,
            unencrypted: session_webhooks::unencrypted(webhook),
            created_at: webhook.created.0,
            last_delivery_at: report.delivered.map(|at| at.0),
            last_status: report.status,
            last_error: report.problem,
            last_error_message: report
                .problem
                .map(|problem| advice::webhook(problem, report.status)),
            failing_since: report.failing.map(|at| at.0),
            attempts: report.tries.map_or(0, |tries| tries.number),
            next_try_at: report.tries.map(|tries| tries.next.0),
            waiting: report.waiting,
            dead: report.dead,
            lost: report.lost,
            old_secret_until: webhook.old_secret.as_ref().map(|(_, until)| until.0),
        }
    }
}

/// A webhook with its secret.
#[derive(Clone, Serialize, Deserialize, TS, ToSchema)]
#[schema(as = WebhookWithSecret)]
pub struct WebhookSecretView {
    /// The webhook.
    pub webhook: WebhookView,
    /// What signs: `whsec_` and base64.
    pub secret: String,
}

impl WebhookSecretView {
    pub(super) fn of(report: &WebhookReport) -> Self {
        Self {
            webhook: WebhookView::of(report),
            secret: report.webhook.secret.reveal().to_owned(),
        }
    }
}

/// A webhook as somebody wants it.
#[derive(Clone, Serialize, Deserialize, TS, ToSchema)]
#[schema(as = WebhookDraft)]
#[serde(deny_unknown_fields)]
pub struct WebhookDraft {
    /// Where it is told: http or https.
    #[schema(pattern = "^https?://", example = "http://127.0.0.1:9/hook")]
    pub url: String,
    /// Of which events; none: of changes of state.
    #[serde(default)]
    pub events: Vec<String>,
    /// Of which clientes; null: of all.
    #[serde(default)]
    #[ts(type = "number[] | null")]
    pub clientes: Option<Vec<u64>>,
    /// How it looks.
    #[serde(default)]
    #[schema(value_type = words::TellsAs, required = false)]
    pub shape: WebhookShape,
    /// Whether numbers, names, codes and texts are told too.
    #[serde(default)]
    pub content: bool,
    /// Whether anything is told at all.
    #[serde(default = "yes")]
    pub enabled: bool,
}

const fn yes() -> bool {
    true
}

impl From<WebhookDraft> for Draft {
    fn from(draft: WebhookDraft) -> Self {
        Self {
            url: draft.url,
            events: draft.events,
            clientes: draft.clientes,
            shape: draft.shape,
            content: draft.content,
            enabled: draft.enabled,
        }
    }
}

/// A webhook to change.
#[derive(Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct WebhookUpdate {
    /// Which.
    pub webhook: String,
    /// What it is to be.
    pub draft: WebhookDraft,
}

/// A command about one webhook.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct WebhookArgs {
    /// Which.
    pub webhook: String,
}

/// Dead letters to read.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct LettersLimitArgs {
    /// Whose.
    pub webhook: String,
    /// How many at most.
    pub limit: u32,
}

/// Dead letters to do something with.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct LettersArgs {
    /// Whose.
    pub webhook: String,
    /// Which; null: all.
    #[ts(type = "number | null")]
    pub letter: Option<i64>,
}

/// How many dead letters something was done with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[schema(as = DeadLetterCount)]
pub struct LettersView {
    /// How many.
    #[ts(type = "number")]
    pub count: u64,
}

/// What came of trying a webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[schema(as = WebhookTest)]
pub struct WebhookTestView {
    /// Whether it arrived.
    pub ok: bool,
    /// The HTTP status, if there was an answer.
    #[schema(required)]
    pub status: Option<u16>,
    /// How long it took, ms.
    #[ts(type = "number")]
    pub duration_ms: u64,
    /// Why it did not arrive.
    #[schema(required, value_type = Option<words::NotTold>)]
    pub error: Option<WebhookProblem>,
    /// The same in plain English.
    #[schema(required)]
    pub message: Option<String>,
}

impl WebhookTestView {
    pub(super) fn of(result: TestResult) -> Self {
        Self {
            ok: result.problem.is_none(),
            status: result.status,
            duration_ms: u64::try_from(result.took.as_millis()).unwrap_or(u64::MAX),
            error: result.problem,
            message: result
                .problem
                .map(|problem| advice::webhook(problem, result.status)),
        }
    }
}

/// What a webhook was not told, without its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[schema(as = DeadLetter)]
pub struct DeadLetterView {
    /// Its number.
    #[ts(type = "number")]
    pub letter: i64,
    /// What names it towards the receiver.
    pub id: String,
    /// What it tells.
    pub event: String,
    /// Of which cliente.
    #[ts(type = "number")]
    pub cliente_id: u64,
    /// When that happened, ms since 1970.
    #[ts(type = "number")]
    pub at: u64,
    /// When it was given up on, ms since 1970.
    #[ts(type = "number")]
    pub died_at: u64,
    /// How often it was tried.
    pub attempts: u32,
    /// The HTTP status of the last answer; null where none came.
    #[schema(required)]
    pub status: Option<u16>,
    /// Why it did not arrive.
    #[schema(value_type = words::NotTold)]
    pub error: WebhookProblem,
    /// The same in plain English.
    pub message: String,
}

impl DeadLetterView {
    pub(super) fn of(letter: &DeadLetter) -> Self {
        let announcement = &letter.announcement;
        Self {
            letter: letter.number,
            id: announcement.id.clone(),
            event: announcement.event.as_str().to_owned(),
            cliente_id: announcement.cliente.get(),
            at: announcement.at.0,
            died_at: letter.at.0,
            attempts: letter.tries,
            status: letter.failure.status,
            error: letter.failure.problem,
            message: advice::webhook(letter.failure.problem, letter.failure.status),
        }
    }
}
