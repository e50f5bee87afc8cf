//! What the system and a second start of the program want of this one.

use std::io;

/// Exit code of a program that a signal ended.
const FORCED: i32 = 130;

#[cfg(unix)]
mod system {
    use std::io;

    use nix::sys::signal::{Signal as Number, kill};
    use nix::unistd::Pid;
    use tokio::signal::unix::{Signal, SignalKind, signal};

    pub(super) struct Endings([Signal; 3]);

    impl Endings {
        pub(super) fn listen() -> io::Result<Self> {
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

    /// SIGUSR2: WebKit's JavaScript engine needs SIGUSR1 for itself.
    pub(super) struct Raises(Signal);

    impl Raises {
        pub(super) fn listen() -> io::Result<Self> {
            signal(SignalKind::user_defined2()).map(Self)
        }

        pub(super) async fn next(&mut self) {
            self.0.recv().await;
        }
    }

    pub(super) fn raise(pid: u32) -> bool {
        i32::try_from(pid).is_ok_and(|pid| kill(Pid::from_raw(pid), Number::SIGUSR2).is_ok())
    }
}

#[cfg(not(unix))]
mod system {
    use std::io;

    pub(super) struct Endings;

    impl Endings {
        #[expect(clippy::unnecessary_wraps, reason = "it can fail elsewhere")]
        pub(super) fn listen() -> io::Result<Self> {
            Ok(Self)
        }

        pub(super) async fn next(&mut self) {
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending().await
            }
        }
    }

    pub(super) struct Raises;

    impl Raises {
        #[expect(clippy::unnecessary_wraps, reason = "it can fail elsewhere")]
        pub(super) fn listen() -> io::Result<Self> {
            Ok(Self)
        }

        pub(super) async fn next(&mut self) {
            std::future::pending().await
        }
    }

    pub(super) fn raise(_: u32) -> bool {
        false
    }
}

/// The wishes, listened to from the moment this exists.
pub(crate) struct Signals {
    endings: system::Endings,
    raises: system::Raises,
}

/// Wishes that the window be shown. A program without a window has to have them too: unheard, the signal would end it.
pub(crate) struct Raises(system::Raises);

impl Signals {
    /// Begins to listen.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {
            endings: system::Endings::listen()?,
            raises: system::Raises::listen()?,
        })
    }

    /// The wish to end, and the wishes to show the window.
    pub(crate) fn split(self) -> (impl Future<Output = ()> + Send, Raises) {
        (ended(self.endings), Raises(self.raises))
    }
}

impl Raises {
    /// Waits for the next one.
    pub(crate) async fn next(&mut self) {
        self.0.next().await;
    }
}

/// Waits for the first wish to end. From then on a second one ends the program at once; its browsers end with their
/// pipes.
async fn ended(mut endings: system::Endings) {
    endings.next().await;
    tracing::info!("asked to end");
    tokio::spawn(async move {
        endings.next().await;
        std::process::exit(FORCED);
    });
}

/// Asks another process of this program to show its window; tells whether it could be asked.
pub(crate) fn raise(pid: u32) -> bool {
    system::raise(pid)
}
