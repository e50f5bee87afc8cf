use session_chromium::*;
use session_core::ClienteId;
use session_core::ports::*;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use whatsapp_simulator::*;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let n: u64 = std::env::args().nth(1).unwrap_or("1".into()).parse()?;
    let sim = Simulator::start(SimulatorConfig {
        timing: Timing::fast(),
        ..Default::default()
    })
    .await?;
    println!("ARGS {}", sim.chromium_args().join(" "));
    let data = tempfile::tempdir()?;
    let profiles = ProfileFolders::open(data.path().join("profiles"))?;
    let headed = std::env::var("HEADED").is_ok();
    let l = ChromiumLauncher::new(
        LaunchSettings {
            browser: Some(detect(None)?),
            no_sandbox: true,
            headed,
            extra_args: sim
                .chromium_args()
                .into_iter()
                .chain(
                    std::env::var("EXTRA")
                        .ok()
                        .map(|e| e.split(' ').map(str::to_owned).collect::<Vec<_>>())
                        .unwrap_or_default(),
                )
                .collect(),
            ..Default::default()
        },
        profiles,
    );
    let mut all = vec![];
    for id in 1..=n {
        let t = Instant::now();
        let mut s = l
            .launch(ClienteId::try_from(id)?, CancellationToken::new())
            .await?;
        let launched = t.elapsed();
        while let Some(e) = s.events.recv().await {
            if matches!(e, DriverEvent::Code(_)) {
                break;
            }
        }
        let code = t.elapsed();
        println!(
            "session {id}: launched {launched:?} code {code:?} pid {}",
            s.browser.pid()
        );
        all.push(s);
    }
    tokio::time::sleep(Duration::from_secs(8)).await;
    let mut total = 0u64;
    let mut procs = 0;
    for e in std::fs::read_dir("/proc")? {
        let e = e?;
        let Some(pid) = e.file_name().to_str().and_then(|s| s.parse::<u32>().ok()) else {
            continue;
        };
        let c = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let c = String::from_utf8_lossy(&c).replace('\0', " ");
        if c.contains(&data.path().display().to_string()) {
            procs += 1;
            let pss = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))
                .unwrap_or_default()
                .lines()
                .find(|l| l.starts_with("Pss:"))
                .and_then(|l| {
                    l.split_whitespace()
                        .nth(1)
                        .and_then(|x| x.parse::<u64>().ok())
                })
                .unwrap_or(0);
            total += pss;
            if n == 1 {
                println!(
                    "  {} MB {}",
                    pss / 1024,
                    c.split(" --type=")
                        .nth(1)
                        .map_or("main", |s| &s[..s.len().min(60)])
                );
                if std::env::var("SHOW").is_ok() {
                    println!("{c}");
                }
            }
        }
    }
    println!(
        "{n} sessions: {procs} processes, PSS {} MB, each {} MB",
        total / 1024,
        total / 1024 / n
    );
    let t = Instant::now();
    all[0].browser.close().await;
    println!("close {:?}", t.elapsed());
    let t = Instant::now();
    if std::env::var("HOLD").is_ok() {
        tokio::time::sleep(Duration::from_secs(3600)).await;
    }
    l.shutdown().await;
    println!("shutdown {:?} calls {}", t.elapsed(), l.calls());
    sim.stop().await;
    Ok(())
}
