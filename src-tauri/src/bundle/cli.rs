//! `session-manager bundle`: the same from a terminal. A program without a window that runs on the data folder is asked
//! to collect, so that pictures and states are in it; else what is on the disk is collected.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use session_api::support::{BundleStep, BundleWish};

use super::collect::{self, Sources};
use super::places;
use crate::instance::{Instance, InstanceError};
use crate::options::{BundleArgs, Options};

/// How long the running program may take for one answer: longer than it waits for news.
const ANSWER: Duration = Duration::from_secs(40);

/// Collects a bundle and writes its path to standard output.
pub(crate) fn run(options: &Options, arguments: BundleArgs) -> anyhow::Result<()> {
    let data = &options.data_dir;
    if !data.is_dir() {
        bail!(
            "there is no data folder {}: name another with --data-dir",
            data.display()
        );
    }
    if let Some(output) = &arguments.output
        && output.exists()
    {
        bail!("{} is there already: choose another name", output.display());
    }
    let wish = BundleWish {
        cliente: arguments.cliente,
        pictures: !arguments.no_pictures,
        names: arguments.names,
    };
    let running = matches!(Instance::look(data), Err(InstanceError::Running { .. }));
    if running {
        match ask(options, wish) {
            Ok(path) => return end(&moved(path, arguments.output.as_deref())?),
            Err(error) => say(&format!(
                "The program that runs could not be asked ({error:#}): what is on the disk is collected."
            )),
        }
    }
    let target = arguments
        .output
        .unwrap_or_else(|| places::free_name(&places::downloads(data)));
    let sources = Sources::of_disk(options.clone(), wish);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("start the runtime")?;
    let (path, _, _) = collect::collect(&sources, target, runtime.handle(), &tell)?;
    end(&path)
}

/// Has the running program collect one, and tells where it is.
fn ask(options: &Options, wish: BundleWish) -> anyhow::Result<PathBuf> {
    let mut view = command(options, "begin_bundle", &json!(wish))?;
    while let Some(step) = view["step"].as_str() {
        say(&format!("… {step}"));
        let seen = json!({ "revision": view["revision"] });
        view = command(options, "bundle_progress", &seen)?;
    }
    match view["file"]["path"].as_str() {
        Some(path) => Ok(path.into()),
        None => bail!(
            "{}",
            view["failure"]["message"]
                .as_str()
                .unwrap_or("it was cancelled")
        ),
    }
}

fn command(options: &Options, name: &str, arguments: &Value) -> anyhow::Result<Value> {
    let address = options.api_address();
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(3))
        .context("its local API does not listen")?;
    stream.set_read_timeout(Some(ANSWER))?;
    let body = arguments.to_string();
    write!(
        stream,
        "POST /control/{name} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.take(1 << 20).read_to_string(&mut answer)?;
    let (head, body) = answer
        .split_once("\r\n\r\n")
        .context("its local API does not answer")?;
    if head.split(' ').nth(1) != Some("200") {
        bail!("its control room is not open to this terminal");
    }
    serde_json::from_str(body).context("its local API does not answer")
}

/// The file under the name that was asked for.
fn moved(path: PathBuf, output: Option<&Path>) -> anyhow::Result<PathBuf> {
    let Some(output) = output else {
        return Ok(path);
    };
    if std::fs::rename(&path, output).is_err() {
        // Another disk.
        std::fs::copy(&path, output).with_context(|| format!("write {}", output.display()))?;
        std::fs::remove_file(&path)?;
    }
    Ok(output.to_owned())
}

fn tell(step: BundleStep) {
    let name = serde_json::to_value(step).unwrap_or_default();
    say(&format!("… {}", name.as_str().unwrap_or_default()));
}

#[expect(clippy::print_stdout, reason = "the path is what was asked for")]
fn end(path: &Path) -> anyhow::Result<()> {
    println!("{}", std::path::absolute(path)?.display());
    say("Nothing was sent anywhere. README.txt in it says what is in it, and what is not.");
    Ok(())
}

#[expect(clippy::print_stderr, reason = "for the person at the terminal")]
fn say(text: &str) {
    eprintln!("{text}");
}
