//! Tells other programs over HTTP what happens to sessions, so that nobody has to poll.
//!
//! ```text
//!  a change in the store ──► announcement, in the same transaction ──┐
//!  registry ──► announcer: codes, doubts, incoming messages ─────────┴─► the line (in the store)
//!                                                                          │ a cursor for each webhook
//!                             worker (one a webhook, one try at a time) ◄──┘
//!                                │ signed POST
//!                                ├─ 2xx: the cursor moves on
//!                                ├─ anything else: again, later and later, for a day; then a dead letter
//!                                └─ 410: the webhook is switched off
//! ```
//!
//! What was not yet written down as delivered is told again after a restart, under the same id.

mod announcer;
mod backoff;
mod body;
mod client;
mod draft;
mod figures;
mod service;
mod sign;
mod worker;

pub use backoff::Policy;
pub use draft::{Draft, InvalidDraft, check_url};
pub use figures::{Depth, Figures};
pub use service::{OpenError, Parts, TestResult, WebhookError, Webhooks, unencrypted};
