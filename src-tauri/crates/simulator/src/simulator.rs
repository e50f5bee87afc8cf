//! Starting and stopping.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::archive::{self, Archived};
use crate::certificate::Certificate;
use crate::codes::Mint;
use crate::page::PageServer;
use crate::phone::Shared;
use crate::serve::serve;
use crate::world::World;
use crate::{Phone, SimulatorConfig, SimulatorError, control};

/// How long [`Simulator::stop`] waits. Every task ends at the token, so this is only a safety net.
const STOP: Duration = Duration::from_secs(5);

/// A running simulator. Dropping it stops it too, but does not wait.
#[derive(Debug)]
pub struct Simulator {
    page_addr: SocketAddr,
    control_addr: Option<SocketAddr>,
    certificate: Certificate,
    phone: Phone,
    tasks: TaskTracker,
    stop: DropGuard,
}

impl Simulator {
    /// Reads the state file, opens the ports and starts serving.
    pub async fn start(config: SimulatorConfig) -> Result<Self, SimulatorError> {
        config.validate()?;
        let archived = match &config.state_file {
            Some(path) => archive::read(path).await?,
            None => Archived::default(),
        };
        let certificate = Certificate::generate()?;
        let (pages, page_addr) = bind(config.page_addr).await?;
        let control = match config.control_addr {
            Some(addr) => Some(bind(addr).await?),
            None => None,
        };

        let tasks = TaskTracker::new();
        let stopped = CancellationToken::new();
        let archive = config.state_file.map(|path| {
            let (archive, writer) = archive::open(path);
            tasks.spawn(writer.run(stopped.clone()));
            archive
        });
        let world = World::new(
            config.timing.clone(),
            config.defaults,
            Mint::new()?,
            archived,
        );
        let shared = Arc::new(Shared::new(world, archive));
        tasks.spawn(keep_time(Arc::clone(&shared), stopped.clone()));

        let server = PageServer::new(
            Arc::clone(&shared),
            tasks.clone(),
            stopped.clone(),
            &config.timing,
            config.break_hooks,
        );
        let tls = Some(Arc::clone(&certificate.tls));
        tasks.spawn(serve(
            pages,
            tls,
            server.router(),
            tasks.clone(),
            stopped.clone(),
        ));

        let phone = Phone::new(shared);
        let control_addr = control.map(|(listener, addr)| {
            let info = control::Info {
                page_addr,
                chromium_args: certificate.chromium_args(page_addr),
            };
            let router = control::router(phone.clone(), info);
            tasks.spawn(serve(
                listener,
                None,
                router,
                tasks.clone(),
                stopped.clone(),
            ));
            addr
        });
        tasks.close();
        tracing::info!(%page_addr, ?control_addr, "simulator started");
        Ok(Self {
            page_addr,
            control_addr,
            certificate,
            phone,
            tasks,
            stop: stopped.drop_guard(),
        })
    }

    /// Where the page is served.
    pub fn page_addr(&self) -> SocketAddr {
        self.page_addr
    }

    /// Where the phone is served, if it is.
    pub fn control_addr(&self) -> Option<SocketAddr> {
        self.control_addr
    }

    /// What Chromium needs on its command line to take this simulator for `https://web.whatsapp.com`.
    pub fn chromium_args(&self) -> Vec<String> {
        self.certificate.chromium_args(self.page_addr)
    }

    /// The page's certificate in DER, for clients that are not Chromium.
    pub fn certificate_der(&self) -> Vec<u8> {
        self.certificate.der.to_vec()
    }

    /// The phone.
    pub fn phone(&self) -> Phone {
        self.phone.clone()
    }

    /// Closes every connection, saves what is left to save, and waits for all tasks.
    pub async fn stop(self) {
        drop(self.stop);
        if tokio::time::timeout(STOP, self.tasks.wait()).await.is_err() {
            tracing::error!(left = self.tasks.len(), "simulator tasks did not end");
        }
    }
}

async fn bind(addr: SocketAddr) -> Result<(TcpListener, SocketAddr), SimulatorError> {
    let failed = |source| SimulatorError::Bind { addr, source };
    let listener = TcpListener::bind(addr).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

/// The only place that waits: for the next thing that is due, or for a new one to be scheduled.
async fn keep_time(shared: Arc<Shared>, stopped: CancellationToken) {
    loop {
        let deadline = shared.lock().next_deadline();
        let wait = async {
            match deadline {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = wait => {}
            () = shared.bell.notified() => continue,
            () = stopped.cancelled() => return,
        }
        shared.advance();
    }
}
