//! What one browser's events say about its login: how young it is, and whether the profile holds it.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use session_core::ports::DriverEvent;
use tokio::time::Instant;

/// The login of one browser.
#[derive(Debug)]
pub(crate) struct Login {
    fresh_for: Duration,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// A code was shown, and nobody has linked by it yet.
    code_shown: bool,
    linked: bool,
    fresh_until: Option<Instant>,
}

impl Login {
    /// Nothing is known yet. A login counts as fresh for this long after the scan.
    pub(crate) fn new(fresh_for: Duration) -> Self {
        Self {
            fresh_for,
            known: Mutex::default(),
        }
    }

    /// Takes in what the session is told.
    pub(crate) fn see(&self, event: &DriverEvent) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            DriverEvent::Connected(_) => {
                known.linked = true;
                if std::mem::take(&mut known.code_shown) {
                    known.fresh_until = Instant::now().checked_add(self.fresh_for);
                }
            }
            DriverEvent::Code(_) => {
                known.code_shown = true;
                known.linked = false;
            }
            DriverEvent::LoggedOut(_)
            | DriverEvent::LoginRefused
            | DriverEvent::Banned(_)
            | DriverEvent::StorageFailed => known.linked = false,
            _ => {}
        }
    }

    /// Until when the login may not be on disk yet.
    pub(crate) fn fresh_until(&self) -> Option<Instant> {
        self.known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .fresh_until
    }

    /// Whether it was connected, and nothing said since that the login is no more.
    pub(crate) fn is_linked(&self) -> bool {
        self.known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .linked
    }
}

#[cfg(test)]
mod tests {
    use session_core::{Account, LoginCode, PhoneNumber, Reason};

    use super::*;

    fn connected() -> DriverEvent {
        DriverEvent::Connected(Account {
            number: PhoneNumber::parse("5491155551234").unwrap(),
            name: None,
        })
    }

    #[tokio::test(start_paused = true)]
    async fn only_a_scan_makes_a_login_fresh() {
        let login = Login::new(Duration::from_secs(40));
        login.see(&connected());
        assert!(login.is_linked());
        assert_eq!(login.fresh_until(), None, "it was restored");

        login.see(&DriverEvent::Code(LoginCode::new("2@a")));
        assert!(!login.is_linked());
        login.see(&DriverEvent::CodeTaken);
        login.see(&connected());
        let fresh = login.fresh_until();
        assert_eq!(fresh, Some(Instant::now() + Duration::from_secs(40)));
        assert!(login.is_linked());
        // A connection that comes back is no scan.
        tokio::time::advance(Duration::from_secs(5)).await;
        login.see(&DriverEvent::SocketLost(Reason::NetworkLost));
        assert!(login.is_linked());
        login.see(&connected());
        assert_eq!(login.fresh_until(), fresh);
    }

    #[test]
    fn an_end_at_whatsapp_ends_the_login() {
        for end in [
            DriverEvent::LoggedOut(Reason::Unpaired),
            DriverEvent::LoginRefused,
            DriverEvent::Banned(Reason::Banned),
            DriverEvent::StorageFailed,
        ] {
            let login = Login::new(Duration::ZERO);
            login.see(&connected());
            login.see(&end);
            assert!(!login.is_linked(), "{end:?}");
        }
    }
}
