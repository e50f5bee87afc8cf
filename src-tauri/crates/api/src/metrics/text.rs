//! The numbers as text. It is both of the formats that monitors read: OpenMetrics, and the older Prometheus text, to
//! which what is new in OpenMetrics is a comment and a counter has no type. So no type occurs that only one of them
//! knows, such as `info`: an older reader would refuse the whole text.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, text};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::{MetricType, TypedMetric};
use prometheus_client::registry::{Registry, Unit};

use super::{Histogram, Report};

/// Begins every name.
const PREFIX: &str = "session_manager";

impl Report {
    /// The whole text.
    pub(crate) fn into_text(self) -> Result<String, fmt::Error> {
        let mut registry = Registry::with_prefix(PREFIX);
        registry.register_collector(Box::new(self));
        let mut written = String::new();
        text::encode(&mut written, &registry)?;
        Ok(written)
    }
}

impl Collector for Report {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut page = Page(encoder);
        self.write_program(&mut page)?;
        self.write_sessions(&mut page)?;
        self.write_outbox(&mut page)?;
        self.write_machine(&mut page)?;
        self.write_http(&mut page)?;
        self.write_webhooks(&mut page)
    }
}

impl Report {
    fn write_program(&self, page: &mut Page<'_>) -> fmt::Result {
        page.many(
            "build_info",
            "The program; always 1.",
            "version",
            [(&*self.version, gauge(1))],
        )?;
        page.one(
            "uptime",
            "How long the program has been running.",
            Some(&Unit::Seconds),
            &gauge(self.uptime_seconds),
        )?;
        page.one(
            "store_ok",
            "Whether the database can be read and written.",
            None,
            &gauge(u64::from(self.store_ok)),
        )
    }

    fn write_sessions(&self, page: &mut Page<'_>) -> fmt::Result {
        let sessions = &self.sessions;
        page.many(
            "sessions",
            "Known clientes by the state of their session.",
            "state",
            counted(&sessions.by_state),
        )?;
        page.many(
            "sessions_degraded",
            "Sessions that are connected but not as they should be, by reason.",
            "reason",
            counted(&sessions.degraded),
        )?;
        page.one(
            "sessions_hibernated",
            "Sessions whose browser was closed to make room for others.",
            None,
            &gauge(u64::from(sessions.hibernated)),
        )?;
        page.many(
            "session_starts",
            "Starts of sessions by how they went, those by themselves included.",
            "outcome",
            [
                ("ok", ConstCounter::new(sessions.starts.ok)),
                ("failed", ConstCounter::new(sessions.starts.failed)),
                ("stopped", ConstCounter::new(sessions.starts.stopped)),
            ],
        )?;
        let took = &sessions.start_seconds;
        page.timed(
            "session_start",
            "How long starts took until a QR showed, until they were connected, or until they had failed.",
            "outcome",
            [
                ("qr", took.qr),
                ("connected", took.connected),
                ("failed", took.failed),
            ],
        )?;
        page.one(
            "session_restarts",
            "Failed sessions that were started again by themselves.",
            None,
            &ConstCounter::new(sessions.restarts),
        )?;
        page.one(
            "messages_sent",
            "Messages that WhatsApp took.",
            None,
            &ConstCounter::new(self.messages.sent),
        )?;
        page.one(
            "messages_failed",
            "Messages that WhatsApp refused or did not answer for.",
            None,
            &ConstCounter::new(self.messages.failed),
        )?;
        page.many(
            "breakers",
            "Circuit breakers of the calls to a page, one a session, by what they do.",
            "state",
            [
                ("closed", gauge(u64::from(self.breakers.closed))),
                ("open", gauge(u64::from(self.breakers.open))),
                ("half_open", gauge(u64::from(self.breakers.half_open))),
            ],
        )
    }

    fn write_outbox(&self, page: &mut Page<'_>) -> fmt::Result {
        let outbox = &self.messages.outbox;
        page.many(
            "messages",
            "Messages of the outbox that are still to be sent, by how far they are.",
            "status",
            [
                ("queued", gauge(outbox.queued)),
                ("sending", gauge(outbox.sending)),
            ],
        )?;
        page.many(
            "outbox_messages",
            "Messages of the outbox by what became of them.",
            "outcome",
            [
                ("sent", ConstCounter::new(outbox.sent)),
                ("failed", ConstCounter::new(outbox.failed)),
            ],
        )?;
        page.one(
            "message_ack",
            "How long WhatsApp's server took to acknowledge messages that were sent.",
            Some(&Unit::Seconds),
            &outbox.ack_seconds,
        )
    }

    fn write_machine(&self, page: &mut Page<'_>) -> fmt::Result {
        let browsers = &self.browsers;
        page.one(
            "browsers_running",
            "Browsers that run or come up.",
            None,
            &gauge(u64::from(browsers.running)),
        )?;
        page.one(
            "browsers_limit",
            "Browsers that may run at the same time.",
            None,
            &gauge(u64::from(browsers.limit)),
        )?;
        page.one(
            "browsers_waiting",
            "Sessions that wait for a browser to end.",
            None,
            &gauge(u64::from(browsers.waiting)),
        )?;
        if let Some(fit) = browsers.fit {
            page.one(
                "browsers_fit",
                "Browsers that the machine has memory for, those that run included.",
                None,
                &gauge(u64::from(fit)),
            )?;
        }
        page.one(
            "browsers_memory",
            "Memory of all browsers, what is shared counted by its share.",
            Some(&Unit::Bytes),
            &gauge(browsers.memory_bytes),
        )?;
        page.one(
            "browsers_cpu",
            "Processor time of all browsers; 1 is one core.",
            Some(&Unit::Other("ratio".to_owned())),
            &ConstGauge::new(browsers.cpu_percent / 100.0),
        )?;
        match self.disk.free_bytes {
            Some(free) => page.one(
                "disk_free",
                "Space that is left where the profiles are.",
                Some(&Unit::Bytes),
                &gauge(free),
            ),
            None => Ok(()),
        }
    }
}

impl Report {
    fn write_webhooks(&self, page: &mut Page<'_>) -> fmt::Result {
        let webhooks = &self.webhooks;
        for (name, help, count) in [
            (
                "webhook_delivered",
                "Deliveries of webhooks that arrived.",
                webhooks.delivered,
            ),
            (
                "webhook_failed",
                "Tries to deliver that failed.",
                webhooks.failed,
            ),
            (
                "webhook_dead",
                "Deliveries of webhooks that were given up on.",
                webhooks.dead,
            ),
        ] {
            page.one(name, help, None, &ConstCounter::new(count))?;
        }
        page.many(
            "webhook_queue",
            "Deliveries of webhooks to come, to receivers that answer and to those that do not, and those given up on.",
            "state",
            [
                ("waiting", gauge(webhooks.queue.waiting)),
                ("retrying", gauge(webhooks.queue.retrying)),
                ("dead", gauge(webhooks.queue.dead)),
            ],
        )
    }

    fn write_http(&self, page: &mut Page<'_>) -> fmt::Result {
        let mut family = page.0.encode_descriptor(
            "http_requests",
            "Calls of the local API by route and status; 0: the caller hung up before there was one.",
            None,
            MetricType::Counter,
        )?;
        for ((method, route, status), count) in &self.http.requests {
            let labels = [
                ("method", method.as_str()),
                ("route", route.as_str()),
                ("status", &status.to_string()),
            ];
            ConstCounter::new(*count).encode(family.encode_family(&labels)?)?;
        }
        page.timed(
            "http_request_duration",
            "How long answers took; of a stream, until it began.",
            "route",
            self.http
                .seconds
                .iter()
                .map(|(route, took)| (route.as_str(), *took)),
        )
    }
}

fn gauge(value: u64) -> ConstGauge<u64> {
    ConstGauge::new(value)
}

fn counted<'a>(
    counts: impl IntoIterator<Item = (&'a &'static str, &'a u32)>,
) -> impl Iterator<Item = (&'a str, ConstGauge<u64>)> {
    counts
        .into_iter()
        .map(|(label, count)| (*label, gauge(u64::from(*count))))
}

/// Writes one family after the other.
struct Page<'a>(DescriptorEncoder<'a>);

impl Page<'_> {
    /// A family of one number.
    fn one(
        &mut self,
        name: &str,
        help: &str,
        unit: Option<&Unit>,
        metric: &impl EncodeMetric,
    ) -> fmt::Result {
        let encoder = self
            .0
            .encode_descriptor(name, help, unit, metric.metric_type())?;
        metric.encode(encoder)
    }

    /// A family with a number for each value of a label.
    fn many<'l, M: EncodeMetric + TypedMetric>(
        &mut self,
        name: &str,
        help: &str,
        label: &str,
        metrics: impl IntoIterator<Item = (&'l str, M)>,
    ) -> fmt::Result {
        self.family(name, help, None, label, metrics)
    }

    /// A family of durations, one for each value of a label.
    fn timed<'l>(
        &mut self,
        name: &str,
        help: &str,
        label: &str,
        metrics: impl IntoIterator<Item = (&'l str, Histogram)>,
    ) -> fmt::Result {
        self.family(name, help, Some(&Unit::Seconds), label, metrics)
    }

    fn family<'l, M: EncodeMetric + TypedMetric>(
        &mut self,
        name: &str,
        help: &str,
        unit: Option<&Unit>,
        label: &str,
        metrics: impl IntoIterator<Item = (&'l str, M)>,
    ) -> fmt::Result {
        let mut family = self.0.encode_descriptor(name, help, unit, M::TYPE)?;
        for (value, metric) in metrics {
            metric.encode(family.encode_family(&[(label, value)])?)?;
        }
        Ok(())
    }
}
