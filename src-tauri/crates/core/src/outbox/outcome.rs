//! What comes of a try to send a message, and what is done next.

use std::time::Duration;

use super::FailureCode;
use crate::account::MessageId;
use crate::ports::CallError;
use crate::registry::SendError;

/// How a try ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// WhatsApp Web took it.
    Sent(MessageId),
    /// It was not even tried: the session cannot send.
    NotReady,
    /// It was not sent, and may be later. Nobody can do anything about it but wait.
    Later(FailureCode),
    /// It was not sent, and may be later; but if it goes on like this, it is the message's fault.
    Doubtful(FailureCode),
    /// Nobody knows whether it was sent. It stays what it is, and goes out again under the same key.
    Unknown,
    /// It will never be sent.
    Never(FailureCode),
}

/// WhatsApp Web has no connection.
const NO_NETWORK: &str = "ERROR_NETWORK";
/// It says so little that a further try may help.
const VAGUE: [&str; 4] = [
    "ERROR_UNKNOWN",
    "ERROR_UPLOAD",
    "ERROR_EXPIRED",
    "ERROR_CANCELLED",
];

impl Outcome {
    pub(super) fn of(result: Result<MessageId, SendError>) -> Self {
        match result {
            Ok(id) => Self::Sent(id),
            Err(SendError::NotReady(_)) => Self::NotReady,
            Err(SendError::Call(error)) => match error {
                CallError::Timeout | CallError::Gone => Self::Unknown,
                CallError::Suspended => Self::Later(FailureCode::of("SUSPENDED")),
                CallError::Refused(word) if word == NO_NETWORK => {
                    Self::Later(FailureCode::of(&word))
                }
                CallError::Refused(word) if VAGUE.contains(&word.as_str()) => {
                    Self::Doubtful(FailureCode::of(&word))
                }
                CallError::Refused(word) => Self::Never(FailureCode::of(&word)),
                CallError::Unsupported(_) => Self::Never(FailureCode::of(FailureCode::UNSUPPORTED)),
            },
        }
    }
}

/// The pause after so many tries, from 1: the last one also stands for all further ones. A fifth more or less, so that
/// many clientes do not come back at the same moment.
pub(super) fn pause(backoff: &[Duration], attempts: u32, chance: f64) -> Duration {
    let place = usize::try_from(attempts.saturating_sub(1)).unwrap_or(usize::MAX);
    let pause = backoff
        .get(place)
        .or(backoff.last())
        .copied()
        .unwrap_or(Duration::from_secs(1));
    pause.mul_f64(0.8 + 0.4 * chance.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::state::StateName;

    #[test]
    fn what_whatsapp_says_decides_how_it_goes_on() {
        let refused = |word: &str| Err(SendError::Call(CallError::Refused(word.to_owned())));
        let call = |error| Err(SendError::Call(error));
        let code = FailureCode::of;
        for (result, outcome) in [
            (
                Err(SendError::NotReady(StateName::Error)),
                Outcome::NotReady,
            ),
            (
                refused("ERROR_NETWORK"),
                Outcome::Later(code("ERROR_NETWORK")),
            ),
            (
                refused("ERROR_UNKNOWN"),
                Outcome::Doubtful(code("ERROR_UNKNOWN")),
            ),
            (
                refused("ERROR_UPLOAD"),
                Outcome::Doubtful(code("ERROR_UPLOAD")),
            ),
            (
                refused("NUMBER_NOT_ON_WHATSAPP"),
                Outcome::Never(code("NUMBER_NOT_ON_WHATSAPP")),
            ),
            (refused("12345 said no"), Outcome::Never(code("REFUSED"))),
            (call(CallError::Timeout), Outcome::Unknown),
            (call(CallError::Gone), Outcome::Unknown),
            (
                call(CallError::Suspended),
                Outcome::Later(code("SUSPENDED")),
            ),
            (
                call(CallError::Unsupported("x".into())),
                Outcome::Never(code("UNSUPPORTED")),
            ),
        ] {
            assert_eq!(Outcome::of(result), outcome);
        }
    }

    proptest! {
        #[test]
        fn pauses_grow_and_stay_within_a_fifth(attempts in 1_u32..100, chance in 0.0..1.0_f64) {
            let backoff = [1, 5, 20, 60].map(Duration::from_secs);
            let exact = backoff[(attempts as usize - 1).min(3)];
            let pause = pause(&backoff, attempts, chance);
            prop_assert!(pause >= exact.mul_f64(0.799) && pause <= exact.mul_f64(1.201));
        }
    }
}
