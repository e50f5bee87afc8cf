//! What a page sees of us, with a small page of our own.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use session_core::ports::{CallError, DriverEvent};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::support::{World, eventually};

const HTML: &str =
    "<!doctype html><title>page</title><iframe src=/frame></iframe><script src=/page.js></script>";

const SCRIPT: &str = "
const names = (w) => Object.getOwnPropertyNames(w).filter((n) => /^_[0-9a-f]{32}$/.test(n) || n === '__sessionBoot').length;
const tell = (key, value) => fetch('/tell?' + key + '=' + encodeURIComponent(String(value)));
window.addEventListener('load', async () => {
  await tell('agent', navigator.userAgent);
  await tell('webdriver', navigator.webdriver);
  await tell('brands', navigator.userAgentData?.brands.map((b) => b.brand).join());
  await tell('analytics', WPP.config.disableGoogleAnalytics);
  await tell('previews', WPP.config.linkPreviewApiServers.length);
  await tell('names', names(window));
  await tell('framed', names(frames[0]) + typeof frames[0].WPP);
  alert('stay?');
  await tell('after', 'alert');
});
";

/// A web server for one page.
struct Server {
    address: SocketAddr,
    told: Arc<Mutex<Vec<(String, String)>>>,
    task: JoinHandle<()>,
}

impl Server {
    async fn start(at: &str) -> Result<Self> {
        let listener = TcpListener::bind(at).await?;
        let address = listener.local_addr()?;
        let told: Arc<Mutex<Vec<(String, String)>>> = Arc::default();
        let heard = Arc::clone(&told);
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(answer(stream, Arc::clone(&heard)));
            }
        });
        Ok(Self {
            address,
            told,
            task,
        })
    }

    async fn stop(self) {
        self.task.abort();
        let _ = self.task.await;
    }

    fn heard(&self, key: &str) -> Option<String> {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.iter()
            .find(|(k, _)| k == key)
            .map(|(_, value)| value.clone())
    }
}

async fn answer(mut stream: TcpStream, told: Arc<Mutex<Vec<(String, String)>>>) -> Option<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        let byte = stream.read_u8().await.ok()?;
        request.push(byte);
    }
    let request = String::from_utf8(request).ok()?;
    let path = request.split(' ').nth(1)?;
    let (kind, body) = match path {
        "/page.js" => ("text/javascript", SCRIPT),
        "/" => ("text/html", HTML),
        _ => ("text/html", ""),
    };
    if let Some((key, value)) = path
        .strip_prefix("/tell?")
        .and_then(|pair| pair.split_once('='))
    {
        let value = value
            .replace("%20", " ")
            .replace("%2F", "/")
            .replace("%3B", ";")
            .replace("%2C", ",");
        told.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((key.to_owned(), value));
    }
    // As strict as WhatsApp's own: what we inject must not depend on the page's leave.
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\
         content-security-policy: default-src 'self'; require-trusted-types-for 'script'\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.ok()?;
    stream.write_all(body.as_bytes()).await.ok()?;
    stream.shutdown().await.ok()
}

async fn world_at(server: &Server) -> Result<World> {
    let world = World::new().await?;
    let url = format!("http://{}/", server.address);
    world
        .launcher
        .update(|settings| settings.whatsapp_url = url);
    Ok(world)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_sees_an_ordinary_browser() -> Result<()> {
    sees_an_ordinary_browser(None).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_sees_an_ordinary_browser_in_a_headless_shell() -> Result<()> {
    sees_an_ordinary_browser(Some("/usr/bin/chromium-headless-shell".as_ref())).await
}

async fn sees_an_ordinary_browser(browser: Option<&std::path::Path>) -> Result<()> {
    let server = Server::start("127.0.0.1:0").await?;
    let world = world_at(&server).await?;
    world
        .launcher
        .set_browser(session_chromium::detect(browser)?);
    let _session = world.launch(1).await?;
    eventually("the page goes on after its question", || {
        server.heard("after").is_some()
    })
    .await?;

    let heard = |key: &str| {
        server
            .heard(key)
            .with_context(|| format!("{key} was not told"))
    };
    let agent = heard("agent")?;
    assert!(
        agent.contains("Chrome/") && agent.contains(".0.0.0 Safari"),
        "{agent}"
    );
    assert!(!agent.contains("Headless"), "{agent}");
    let brands = heard("brands")?;
    assert!(
        brands.contains("Chromium") && !brands.contains("Headless"),
        "{brands}"
    );
    assert_eq!(heard("webdriver")?, "false");
    assert_eq!(heard("analytics")?, "true");
    assert_eq!(heard("previews")?, "0");
    // Only our own call is left in the page, under a name that nobody knows; frames have nothing.
    assert_eq!(heard("names")?, "1");
    assert_eq!(heard("framed")?, "0undefined");
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_is_not_known_before_the_start() -> Result<()> {
    let server = Server::start("127.0.0.1:0").await?;
    let world = world_at(&server).await?;
    world.launcher.update(|settings| {
        if let Some(browser) = &mut settings.browser {
            browser.version = None;
        }
    });
    let _session = world.launch(1).await?;
    eventually("the page tells", || server.heard("agent").is_some()).await?;
    let agent = server.heard("agent").context("not told")?;
    assert!(
        agent.contains("Chrome/") && !agent.contains("Headless"),
        "{agent}"
    );
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_asked_to_look_at_its_connection() -> Result<()> {
    let server = Server::start("127.0.0.1:0").await?;
    let world = world_at(&server).await?;
    // As much of wa-js as this needs. A look at a network that is not there lasts until it is called off.
    let path = world.data.path().join("wa-js.js");
    std::fs::write(
        &path,
        "const tell = (what) => fetch('/tell?' + what + '=1');
        window.WPP = {
          loader: { onInjected() {} }, on() {}, off() {}, config: { linkPreviewApiServers: [] },
          conn: { getStreamData: () => ({ mode: 'MAIN', info: 'NORMAL' }) },
          whatsapp: { NetworkStatus: { checkOnline: ({ signal }) => {
            tell('looked');
            signal.addEventListener('abort', () => tell('called-off'));
            return new Promise(() => {});
          } } },
        };",
    )?;
    world
        .launcher
        .update(|settings| settings.wa_js_override = Some(path));
    let session = world.launch(1).await?;
    eventually("the page has loaded", || server.heard("after").is_some()).await?;
    let start = std::time::Instant::now();
    session.browser.check().await?;
    assert!(
        start.elapsed() < std::time::Duration::from_secs(5),
        "{:?}",
        start.elapsed()
    );
    assert!(server.heard("looked").is_some());
    eventually("the look is called off", || {
        server.heard("called-off").is_some()
    })
    .await?;
    world.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_went_away_is_reloaded_when_it_is_back() -> Result<()> {
    let server = Server::start("127.0.0.1:0").await?;
    let address = server.address.to_string();
    let world = world_at(&server).await?;
    let mut session = world.launch(1).await?;
    eventually("the page has loaded", || server.heard("after").is_some()).await?;
    server.stop().await;

    assert_eq!(
        session.browser.reload().await,
        Err(CallError::Refused("PAGE_UNREACHABLE".to_owned()))
    );
    let server = Server::start(&address).await?;
    session.browser.reload().await?;
    eventually("the page has loaded", || server.heard("after").is_some()).await?;
    // It was never connected, so there was no connection to lose.
    session.browser.close().await;
    while let Some(event) = session.events.recv().await {
        assert!(!matches!(event, DriverEvent::SocketLost(_)), "{event:?}");
    }
    world.end().await
}
