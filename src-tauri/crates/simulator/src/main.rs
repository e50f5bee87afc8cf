//! The simulator as a program of its own.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use tokio::io::AsyncReadExt as _;
use tokio::signal::unix::{SignalKind, signal};
use whatsapp_simulator::{Simulator, SimulatorConfig, Timing};

/// Serves a stand-in for WhatsApp Web, and a phone to control it with.
#[derive(Debug, Parser)]
#[command(version)]
struct Options {
    /// Where to serve the page (HTTPS).
    #[arg(long, default_value = "127.0.0.1:0")]
    page_addr: SocketAddr,
    /// Where to serve the phone (HTTP, loopback only).
    #[arg(long, default_value = "127.0.0.1:0")]
    control_addr: SocketAddr,
    /// Keep linked devices in this file.
    #[arg(long)]
    state_file: Option<PathBuf>,
    /// Milliseconds that the first QR of a series lives.
    #[arg(long)]
    qr_first: Option<u64>,
    /// Milliseconds that every later QR lives.
    #[arg(long)]
    qr_next: Option<u64>,
    /// How many QRs a series has.
    #[arg(long)]
    qr_limit: Option<u32>,
    /// Milliseconds from a scan, or a restored login, to a usable session.
    #[arg(long)]
    sync: Option<u64>,
    /// Start from the timings for tests.
    #[arg(long)]
    fast: bool,
    /// Serve the page without its module loader.
    #[arg(long)]
    break_hooks: bool,
    /// Stop when standard input closes, as it does when a parent dies.
    #[arg(long)]
    exit_with_stdin: bool,
}

impl Options {
    fn config(self) -> SimulatorConfig {
        let mut timing = if self.fast {
            Timing::fast()
        } else {
            Timing::default()
        };
        if let Some(ms) = self.qr_first {
            timing.qr_first = Duration::from_millis(ms);
        }
        if let Some(ms) = self.qr_next {
            timing.qr_next = Duration::from_millis(ms);
        }
        if let Some(limit) = self.qr_limit {
            timing.qr_limit = limit;
        }
        if let Some(ms) = self.sync {
            timing.sync = Duration::from_millis(ms);
            timing.resume = Duration::from_millis(ms);
        }
        SimulatorConfig {
            page_addr: self.page_addr,
            control_addr: Some(self.control_addr),
            timing,
            state_file: self.state_file,
            break_hooks: self.break_hooks,
            ..SimulatorConfig::default()
        }
    }
}

#[tokio::main]
async fn main() -> std::process::ExitCode {
    match run(Options::parse()).await {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("whatsapp-simulator: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<(), Box<dyn std::error::Error>> {
    let mut terminated = signal(SignalKind::terminate())?;
    let mut interrupted = signal(SignalKind::interrupt())?;
    let follow_stdin = options.exit_with_stdin;

    let simulator = Simulator::start(options.config()).await?;
    let ready = serde_json::json!({
        "page_addr": simulator.page_addr(),
        "control_addr": simulator.control_addr(),
        "chromium_args": simulator.chromium_args(),
    });
    println!("{ready}");

    tokio::select! {
        _ = terminated.recv() => {}
        _ = interrupted.recv() => {}
        () = stdin_closed(), if follow_stdin => {}
    }
    simulator.stop().await;
    if follow_stdin {
        // The read of standard input sits on a thread that nothing can interrupt.
        std::process::exit(0);
    }
    Ok(())
}

async fn stdin_closed() {
    let mut stdin = tokio::io::stdin();
    let mut ignored = [0; 256];
    while stdin.read(&mut ignored).await.is_ok_and(|count| count > 0) {}
}
