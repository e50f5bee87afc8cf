//! What a scrape finds. A number that is added here is in the JSON by itself, and in the text by a line in `text.rs`.

use std::collections::BTreeMap;
use std::fmt;

use prometheus_client::encoding::{EncodeMetric, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use serde::Serialize;
use session_core::{BreakerState, Latency, Snapshot, StateName, Tally};
use session_webhooks::{Figures, Webhooks};
use utoipa::ToSchema;

use super::ledger::{Starts, Took, Totals};
use crate::calls::Http;
use crate::control::ControlRoom;

/// Everything at the moment of a scrape.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Numbers)]
pub(crate) struct Report {
    pub(super) version: String,
    pub(super) uptime_seconds: u64,
    pub(super) store_ok: bool,
    pub(super) sessions: Sessions,
    pub(super) messages: Messages,
    pub(super) breakers: Breakers,
    pub(super) browsers: Browsers,
    pub(super) disk: Disk,
    pub(super) http: Http,
    pub(super) webhooks: Told,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SessionNumbers)]
pub(super) struct Sessions {
    /// All states, also those that no session is in: a series that comes and goes cannot be watched.
    pub(super) by_state: BTreeMap<&'static str, u32>,
    /// By reason; only reasons that there are.
    pub(super) degraded: BTreeMap<&'static str, u32>,
    pub(super) hibernated: u32,
    pub(super) starts: Starts,
    pub(super) start_seconds: Took,
    pub(super) restarts: u64,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MessageNumbers)]
pub(super) struct Messages {
    pub(super) sent: u64,
    pub(super) failed: u64,
    pub(super) outbox: Outbox,
}

/// Messages that are on disk before they are sent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OutboxNumbers)]
pub(super) struct Outbox {
    pub(super) queued: u64,
    pub(super) sending: u64,
    pub(super) sent: u64,
    pub(super) failed: u64,
    pub(super) ack_seconds: AckSeconds,
}

/// How long WhatsApp's server took to acknowledge messages that were sent.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AckSeconds {
    pub(super) count: u64,
    pub(super) sum: f64,
    #[serde(skip)]
    pub(super) latency: Latency,
}

impl Outbox {
    fn of(tally: Tally) -> Self {
        Self {
            queued: tally.queued,
            sending: tally.sending,
            sent: tally.sent,
            failed: tally.failed,
            ack_seconds: AckSeconds {
                count: tally.acknowledged.count(),
                sum: tally.acknowledged.sum,
                latency: tally.acknowledged,
            },
        }
    }
}

/// All webhooks together.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookNumbers)]
pub(super) struct Told {
    pub(super) delivered: u64,
    pub(super) failed: u64,
    pub(super) dead: u64,
    pub(super) queue: Queue,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookQueue)]
pub(super) struct Queue {
    /// For receivers that answer.
    pub(super) waiting: u64,
    /// For receivers that do not.
    pub(super) retrying: u64,
    /// Given up on, and kept.
    pub(super) dead: u64,
}

impl Told {
    const fn of(figures: &Figures) -> Self {
        Self {
            delivered: figures.delivered,
            failed: figures.failed,
            dead: figures.given_up,
            queue: Queue {
                waiting: figures.depth.waiting,
                retrying: figures.depth.retrying,
                dead: figures.depth.dead,
            },
        }
    }
}

#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = BreakerNumbers)]
pub(super) struct Breakers {
    pub(super) closed: u32,
    pub(super) open: u32,
    pub(super) half_open: u32,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BrowserNumbers)]
pub(super) struct Browsers {
    pub(super) running: u32,
    pub(super) limit: u32,
    pub(super) waiting: u32,
    /// Those that the machine has memory for; null where that cannot be told.
    #[schema(required)]
    pub(super) fit: Option<u32>,
    pub(super) memory_bytes: u64,
    /// Of one core.
    pub(super) cpu_percent: f64,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DiskNumbers)]
pub(super) struct Disk {
    /// Null where that cannot be told.
    #[schema(required)]
    pub(super) free_bytes: Option<u64>,
}

impl ControlRoom {
    /// The numbers for a monitor. Reads what is published and nothing else.
    pub(crate) fn report(&self) -> Report {
        // The totals first: whatever happens in between is then missing from them, not counted before it shows.
        let totals = self.ledger.totals();
        let snapshots = self.registry.snapshots();
        let machine = *self.registry.resources().borrow();
        let app = self.host.app();
        let mut report = Report {
            version: app.version,
            uptime_seconds: self.uptime().as_secs(),
            store_ok: app.store_ok && *self.registry.store_health().borrow(),
            sessions: Sessions::none(&totals),
            messages: Messages {
                sent: totals.sent,
                failed: totals.failed,
                outbox: Outbox::of(self.outbox.tally()),
            },
            breakers: Breakers::default(),
            browsers: Browsers {
                running: machine.running,
                limit: machine.limit,
                waiting: machine.waiting,
                fit: machine.fits,
                memory_bytes: 0,
                cpu_percent: 0.0,
            },
            disk: Disk {
                free_bytes: machine.disk_free,
            },
            http: self.calls.totals(),
            webhooks: Told::of(
                &self
                    .webhooks
                    .as_ref()
                    .map_or_else(Figures::default, Webhooks::figures),
            ),
        };
        for snapshot in &snapshots {
            report.add(snapshot);
        }
        report
    }
}

impl Report {
    fn add(&mut self, snapshot: &Snapshot) {
        let sessions = &mut self.sessions;
        *sessions
            .by_state
            .entry(snapshot.state().as_str())
            .or_default() += 1;
        if let Some(reason) = snapshot.degraded() {
            *sessions.degraded.entry(reason.code()).or_default() += 1;
        }
        sessions.hibernated += u32::from(snapshot.session.hibernated);
        *match snapshot.breaker {
            BreakerState::Closed => &mut self.breakers.closed,
            BreakerState::Open => &mut self.breakers.open,
            BreakerState::HalfOpen => &mut self.breakers.half_open,
        } += 1;
        if let Some(usage) = snapshot.usage {
            self.browsers.memory_bytes += usage.memory;
            self.browsers.cpu_percent += f64::from(usage.cpu);
        }
    }
}

impl Sessions {
    fn none(totals: &Totals) -> Self {
        Self {
            by_state: StateName::ALL.map(|state| (state.as_str(), 0)).into(),
            degraded: BTreeMap::new(),
            hibernated: 0,
            starts: totals.starts,
            start_seconds: totals.took,
            restarts: totals.restarts,
        }
    }
}

impl EncodeMetric for AckSeconds {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        let bounds = Latency::BOUNDS.into_iter().chain([f64::INFINITY]);
        let buckets: Vec<_> = bounds.zip(self.latency.counts).collect();
        encoder.encode_histogram::<NoLabelSet>(self.sum, self.count, &buckets, None)
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Histogram
    }
}
