//! The connection to the browser through chromiumoxide, which is not used to launch it.

use std::time::Duration;

use chromiumoxide::cdp::browser_protocol::browser::{
    CloseParams, GetVersionParams, SetDownloadBehaviorBehavior, SetDownloadBehaviorParams,
};
use chromiumoxide::cdp::browser_protocol::target::EventAttachedToTarget;
use chromiumoxide::error::CdpError;
use chromiumoxide::handler::HandlerConfig;
use chromiumoxide::{Browser, Page};
use futures::StreamExt;
use tokio_util::sync::CancellationToken;

use crate::args::FIRST_PAGE;
use crate::tasks::Tasks;

/// chromiumoxide's own deadline. Ours are shorter, that of a file too; this one only clears its tables.
const EVICTION: Duration = Duration::from_secs(600);

/// A browser that we talk to.
#[derive(Debug)]
pub(crate) struct Cdp {
    browser: Browser,
}

impl Cdp {
    /// Connects to the gate in front of the browser's pipe. `lost` fires when the connection ends for whatever reason:
    /// chromiumoxide's handler may also just stay silent then, or panic.
    pub(crate) async fn connect(
        url: &str,
        tasks: &Tasks,
        lost: &CancellationToken,
    ) -> Result<Self, CdpError> {
        let config = HandlerConfig {
            ignore_https_errors: false,
            viewport: None,
            request_timeout: EVICTION,
            ..HandlerConfig::default()
        };
        let (browser, mut handler) = Browser::connect_with_config(url, config).await?;
        let lost = lost.clone().drop_guard();
        tasks.spawn(async move {
            let _lost = lost;
            while let Some(Ok(())) = handler.next().await {}
        });
        Ok(Self { browser })
    }

    /// The page that we asked the browser to come up with. Waits for it.
    pub(crate) async fn first_page(&self) -> Result<Page, CdpError> {
        let mut attached = self
            .browser
            .event_listener::<EventAttachedToTarget>()
            .await?;
        loop {
            // Listening began first, so an attachment cannot slip through between the look and the wait. Other pages may
            // come up too, such as the welcome of an extension.
            for page in self.browser.pages().await? {
                if page.url().await?.as_deref() == Some(FIRST_PAGE) {
                    return Ok(page);
                }
            }
            if attached.next().await.is_none() {
                return Err(CdpError::NoResponse);
            }
        }
    }

    /// Has the browser save no file: nobody would look for it.
    pub(crate) async fn refuse_downloads(&self) -> Result<(), CdpError> {
        let refuse = SetDownloadBehaviorParams::new(SetDownloadBehaviorBehavior::Deny);
        self.browser.execute(refuse).await.map(drop)
    }

    /// The browser itself, for its events.
    pub(crate) fn browser(&self) -> &Browser {
        &self.browser
    }

    /// Asks the browser for the least it can say.
    pub(crate) async fn version(&self) -> Result<(), CdpError> {
        self.browser
            .execute(GetVersionParams::default())
            .await
            .map(drop)
    }

    /// Its version, as `156.0.8078.79`; none where it does not answer.
    pub(crate) async fn product_version(&self) -> Option<String> {
        let version = self.browser.version().await.ok()?;
        let (_, number) = version.product.split_once('/')?;
        Some(number.to_owned())
    }

    /// Asks the browser to end. It may do so before it answers.
    pub(crate) async fn close(&self) -> Result<(), CdpError> {
        self.browser.execute(CloseParams::default()).await.map(drop)
    }
}
