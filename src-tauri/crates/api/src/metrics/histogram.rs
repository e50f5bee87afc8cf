//! How long things take.

use std::collections::HashMap;
use std::time::Duration;

use prometheus_client::encoding::{EncodeMetric, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::{MetricType, TypedMetric};
use serde::Serialize;
use serde::ser::SerializeStruct as _;
use utoipa::ToSchema;

/// Upper bounds, s: from an answer out of memory to the longest wait that there is.
const BOUNDS: [f64; 14] = [
    0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 40.0, 120.0,
];

/// How long something took, all together.
#[derive(ToSchema)]
#[schema(as = Durations)]
#[expect(dead_code, reason = "only described: a histogram writes itself")]
pub(crate) struct Written {
    /// How often.
    count: u64,
    /// s.
    sum_seconds: f64,
    /// How many took at most so long: pairs of s and a number.
    at_most_seconds: Vec<Vec<f64>>,
}

/// Durations, counted by how long they are.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Histogram {
    /// How many lie up to each bound and above the one before; the last is without a bound.
    counts: [u64; BOUNDS.len() + 1],
    count: u64,
    /// s.
    sum: f64,
}

impl Histogram {
    pub(crate) fn note(&mut self, took: Duration) {
        let seconds = took.as_secs_f64();
        let place = BOUNDS.partition_point(|bound| *bound < seconds);
        self.counts[place] += 1;
        self.count += 1;
        self.sum += seconds;
    }

    fn buckets(&self) -> impl Iterator<Item = (f64, u64)> {
        let bounds = BOUNDS.into_iter().chain([f64::INFINITY]);
        bounds.zip(self.counts)
    }
}

impl EncodeMetric for Histogram {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> std::fmt::Result {
        let buckets: Vec<_> = self.buckets().collect();
        encoder.encode_histogram::<NoLabelSet>(
            self.sum,
            self.count,
            &buckets,
            None::<&HashMap<_, _>>,
        )
    }

    fn metric_type(&self) -> MetricType {
        Self::TYPE
    }
}

impl TypedMetric for Histogram {
    const TYPE: MetricType = MetricType::Histogram;
}

/// In JSON: how many, how long together, and how many took at most so long.
impl Serialize for Histogram {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut until = 0;
        let at_most: Vec<(f64, u64)> = BOUNDS
            .into_iter()
            .zip(self.counts)
            .map(|(bound, count)| {
                until += count;
                (bound, until)
            })
            .collect();
        let mut fields = serializer.serialize_struct("Histogram", 3)?;
        fields.serialize_field("count", &self.count)?;
        fields.serialize_field("sum_seconds", &self.sum)?;
        fields.serialize_field("at_most_seconds", &at_most)?;
        fields.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_counted_where_it_belongs() {
        let mut histogram = Histogram::default();
        for millis in [0, 1, 2, 120_000, 120_001] {
            histogram.note(Duration::from_millis(millis));
        }
        let buckets: Vec<_> = histogram
            .buckets()
            .filter(|(_, count)| *count > 0)
            .collect();
        assert_eq!(
            buckets,
            [(0.001, 2), (0.005, 1), (120.0, 1), (f64::INFINITY, 1)]
        );
        assert_eq!(histogram.count, 5);
    }
}
