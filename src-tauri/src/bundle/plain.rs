//! Values as a bundle writes them. Whoever redacts takes long numbers for those of phones, so moments are written as
//! dates and large counts with an exponent.

use serde_json::{Number, Value};
use session_core::ClienteId;
use time::OffsetDateTime;

/// Longer ids may be somebody's number.
const LONGEST_ID: u64 = 9_999_999;
/// Numbers from here on are written with an exponent.
const LARGE: f64 = 1e7;
/// Moments from 2017 to 2096, ms.
const MOMENTS: std::ops::Range<f64> = 1.5e12..4e12;

/// A moment (ms since 1970, UTC) as ISO 8601 writes it.
pub(super) fn moment(millis: u64) -> String {
    i64::try_from(millis / 1000)
        .ok()
        .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
        .map_or_else(
            || "?".to_owned(),
            |at| {
                let (hour, minute, second) = at.to_hms();
                format!("{}T{hour:02}:{minute:02}:{second:02}Z", at.date())
            },
        )
}

/// A cliente as a bundle calls it: its id, or what tells it apart where that could be a number.
pub(super) fn label(id: ClienteId, all: &[ClienteId]) -> String {
    if id.get() <= LONGEST_ID {
        return id.to_string();
    }
    let place = all
        .iter()
        .position(|other| *other == id)
        .map_or(0, |place| place + 1);
    format!("id{place}-long")
}

/// The same value with all its numbers written so that they stay.
pub(super) fn written(value: Value) -> Value {
    match value {
        Value::Number(number) => written_number(&number),
        Value::Array(values) => values.into_iter().map(written).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| (name, written(value)))
            .collect(),
        other => other,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "within the range of moments, which are whole and positive"
)]
fn written_number(number: &Number) -> Value {
    let Some(value) = number.as_f64() else {
        return Value::Null;
    };
    if MOMENTS.contains(&value) {
        moment(value as u64).into()
    } else if value.abs() >= LARGE {
        format!("{value:.3e}").into()
    } else if number.is_f64() {
        ((value * 1000.0).round() / 1000.0).into()
    } else {
        number.clone().into()
    }
}

/// Lines of metrics with their values short.
pub(super) fn metrics(text: &str) -> String {
    text.lines()
        .map(|line| match line.rsplit_once(' ') {
            Some((name, value)) if !line.starts_with('#') => match value.parse::<f64>() {
                Ok(number) if value.len() > 6 => format!("{name} {number:.3e}\n"),
                _ => format!("{line}\n"),
            },
            _ => format!("{line}\n"),
        })
        .collect()
}
