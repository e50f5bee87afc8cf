//! The system's wish that the program ends. The first one is granted in order, the second at once.

use std::io;

/// Exit code of a program that a signal ended.
const FORCED: i32 = 130;

#[cfg(unix)]
mod system {
    use tokio::signal::unix::{Signal, SignalKind, signal};

    pub(super) struct Signals([Signal; 3]);

    impl Signals {
        pub(super) fn listen() -> std::io::Result<Self> {
            Ok(Self([
                signal(SignalKind::terminate())?,
                signal(SignalKind::interrupt())?,
                signal(SignalKind::hangup())?,
            ]))
        }

        pub(super) async fn next(&mut self) {
            let [term, int, hup] = &mut self.0;
            tokio::select! {
                _ = term.recv() => {}
                _ = int.recv() => {}
                _ = hup.recv() => {}
            }
        }
    }
}

#[cfg(not(unix))]
mod system {
    pub(super) struct Signals;

    impl Signals {
        pub(super) fn listen() -> std::io::Result<Self> {
            Ok(Self)
        }

        pub(super) async fn next(&mut self) {
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending().await
            }
        }
    }
}

/// The signals, listened to from the moment this exists.
pub(crate) struct Signals(system::Signals);

impl Signals {
    /// Begins to listen.
    pub(crate) fn listen() -> io::Result<Self> {
        system::Signals::listen().map(Self)
    }

    /// Waits for the first signal. From then on a second one ends the program at once; its browsers end with their
    /// pipes.
    pub(crate) async fn ended(mut self) {
        self.0.next().await;
        tracing::info!("asked to end");
        tokio::spawn(async move {
            self.0.next().await;
            std::process::exit(FORCED);
        });
    }
}
