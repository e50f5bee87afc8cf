//! `session-manager doctor`: whether sessions can be started on this machine, from a terminal. It looks at everything
//! that a session needs and tries it out with a real browser on a profile of its own. It changes nothing that is
//! there, and can be run beside a program that runs.

mod checks;
mod page;
mod report;

use std::path::PathBuf;

use anyhow::Context as _;

use crate::options::Options;
use report::{Report, Verdict};

/// Looks, tells, and says whether all is well: a warning is.
pub(crate) fn run(options: &Options, json: bool) -> anyhow::Result<bool> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("start the runtime")?;
    runtime.block_on(async {
        let mut report = Report::new(json);
        report.add(checks::program());
        let running = checks::running(&options.data_dir);
        report.add(checks::data_folder(&options.data_dir, running));
        report.add(checks::store(&options.data_dir).await);
        report.add(checks::disk(&options.data_dir).await);
        report.add(checks::memory(&options.data_dir).await);
        report.add(checks::api(options, running.is_some()).await);
        let browser = checks::browser(options).await;
        let found = browser.verdict != Verdict::Fail;
        report.add(browser);
        if found {
            report.announce(
                "Trying it out: a browser starts and loads WhatsApp Web, up to a minute …",
            );
            let scratch = Scratch::new()?;
            for finding in page::try_out(options, &scratch.0).await {
                report.add(finding);
            }
        }
        Ok(report.end())
    })
}

/// A folder for what is tried out, gone with this value.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> anyhow::Result<Self> {
        let folder =
            std::env::temp_dir().join(format!("session-manager-doctor-{}", std::process::id()));
        crate::instance::make_private(&folder).context("make a folder for the trial")?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left of it is in the system's folder for such things.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
