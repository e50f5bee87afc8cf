//! The program without a window: the control room is a page of the local API.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use session_api::dto::{OnClose, Place};
use session_api::updates::UpdateWay;

use crate::backend::Backend;
use crate::host::Surface;
use crate::instance::Instance;
use crate::logging;
use crate::options::Options;
use crate::signals::Signals;
use crate::updates::{self, NoSource, Source};

struct NoWindow;

impl Surface for NoWindow {
    fn open(&self, _: Place) -> bool {
        false
    }

    fn reveal(&self, _: &Path) -> bool {
        false
    }

    // A browser saves its own files.
    fn downloads(&self) -> Option<PathBuf> {
        None
    }

    // A page in a browser closes without asking us.
    fn close(&self, _: OnClose) {}

    // Whoever runs it so decides when it ends.
    fn updates(&self) -> Box<dyn Source> {
        Box::new(NoSource(updates::way(UpdateWay::Headless)))
    }
}

/// Runs until a signal asks it to end.
pub(crate) fn run(options: Options, instance: Instance) -> anyhow::Result<()> {
    let _logs = logging::without_window(&options.data_dir.join("logs"), options.log)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("start the runtime")?;
    runtime.block_on(async {
        let (ended, _raises) = Signals::listen().context("listen to signals")?.split();
        let backend = Backend::open(options, instance, Box::new(NoWindow)).await?;
        let begun = backend.begin().await;
        if begun.is_ok() {
            announce(&backend);
            ended.await;
        }
        backend.shutdown().await;
        begun
    })
}

/// For the person at the terminal, who may not read logs.
#[expect(
    clippy::print_stdout,
    reason = "this is what a program without a window has to say"
)]
fn announce(backend: &Backend) {
    let address = backend.address();
    if backend.is_exposed() {
        // The control room's page sends no key.
        println!("Local API: http://{address}/ (every caller needs an API key)");
    } else {
        println!("Control room: http://{address}/");
    }
}
