//! The one page of a browser: scripts in, signals out, and calls that never hang.

mod file;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chromiumoxide::Page;
use chromiumoxide::cdp::browser_protocol::emulation::SetUserAgentOverrideParams;
use chromiumoxide::cdp::browser_protocol::page::{
    AddScriptToEvaluateOnNewDocumentParams, CaptureScreenshotFormat, CaptureScreenshotParams,
    NavigateParams, ReloadParams,
};
use chromiumoxide::cdp::browser_protocol::{inspector, log, network, performance};
use chromiumoxide::cdp::js_protocol::runtime::{AddBindingParams, EvaluateParams, RemoteObject};
use chromiumoxide::error::CdpError;
use chromiumoxide::types::Command;
use session_core::ports::CallError;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::window;

/// Where the main frame is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Whereabouts {
    /// Documents that were loaded so far.
    pub(crate) loads: u64,
    /// The last one is the browser's error page.
    pub(crate) unreachable: bool,
    /// The page crashed and has not been loaded anew.
    pub(crate) crashed: bool,
    /// How often a renderer of it crashed.
    pub(crate) crashes: u64,
    /// The document has shown a login code or chats.
    pub(crate) private: bool,
}

/// A page could not be loaded.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LoadError {
    /// The browser says why.
    #[error("the page cannot be reached ({0})")]
    Unreachable(String),
    /// The page could not be asked.
    #[error(transparent)]
    Call(#[from] CallError),
}

/// How long the name of a network error may be waited for.
const ERROR_NAME: Duration = Duration::from_secs(1);

/// How long a reload may take before the page is asked whether it lives, and how long it may take to say so.
const PATIENCE: Duration = Duration::from_secs(2);
const ALIVE: Duration = Duration::from_secs(1);
/// What the browser says of a document that is just giving way to another one, and how long until it is asked again.
const GIVING_WAY: &str = "Not attached to an active page";
const SWAP: Duration = Duration::from_millis(50);
/// The longest picture of a page, as text, bytes.
const LONGEST_PICTURE: usize = 8 * 1024 * 1024;

/// A page that can be called.
#[derive(Debug)]
pub(crate) struct PageLink {
    page: Page,
    gone: CancellationToken,
    whereabouts: watch::Receiver<Whereabouts>,
    calls: Arc<AtomicU64>,
}

impl PageLink {
    /// A link that fails as soon as `gone` fires; `calls` counts what is sent.
    pub(crate) fn new(
        page: Page,
        gone: CancellationToken,
        whereabouts: watch::Receiver<Whereabouts>,
        calls: Arc<AtomicU64>,
    ) -> Self {
        Self {
            page,
            gone,
            whereabouts,
            calls,
        }
    }

    /// Makes the page ours, before anything is loaded into it.
    pub(crate) async fn prepare(
        &self,
        binding: &str,
        scripts: [String; 3],
        identity: Option<SetUserAgentOverrideParams>,
        deadline: Duration,
    ) -> Result<(), CallError> {
        let steps = async {
            self.execute(inspector::EnableParams::default()).await?;
            // chromiumoxide turns these on; each is a stream of messages that nobody reads.
            self.execute(network::DisableParams::default()).await?;
            self.execute(log::DisableParams::default()).await?;
            self.execute(performance::DisableParams::default()).await?;
            if let Some(identity) = identity {
                self.execute(identity).await?;
            }
            self.execute(AddBindingParams::new(binding)).await?;
            for script in scripts {
                self.execute(AddScriptToEvaluateOnNewDocumentParams::new(script))
                    .await?;
            }
            Ok(())
        };
        timeout(deadline, steps)
            .await
            .unwrap_or(Err(CallError::Timeout))
    }

    /// Goes to an address. Returns when the first bytes are there, not when everything has loaded.
    pub(crate) async fn navigate(&self, url: &str, deadline: Duration) -> Result<(), LoadError> {
        let navigation = self.execute(NavigateParams::new(url));
        tokio::pin!(navigation);
        let arrival = self.arrival();
        tokio::pin!(arrival);
        let arrived = async {
            tokio::select! {
                biased;
                () = &mut arrival => None,
                result = &mut navigation => Some(result),
            }
        };
        let result = match timeout(deadline, arrived).await {
            Err(_) => return Err(CallError::Timeout.into()),
            Ok(Some(result)) => Some(result),
            Ok(None) if self.whereabouts().unreachable => {
                // The name of the error comes a moment later.
                timeout(ERROR_NAME, navigation).await.ok()
            }
            Ok(None) => return self.check_gone().map_err(Into::into),
        };
        match result {
            Some(Ok(returns)) => match returns.error_text {
                Some(name) => Err(LoadError::Unreachable(network_error(&name))),
                None if self.whereabouts().unreachable => {
                    Err(LoadError::Unreachable("unknown error".to_owned()))
                }
                None => Ok(()),
            },
            Some(Err(error)) => Err(error.into()),
            None => Err(LoadError::Unreachable("unknown error".to_owned())),
        }
    }

    /// Loads the page anew. Returns when the first bytes are there.
    pub(crate) async fn reload(&self, deadline: Duration) -> Result<(), LoadError> {
        let steps = async {
            let arrival = self.arrival();
            let crash = self.crash();
            let reload = async {
                self.ask_to_reload().await?;
                arrival.await;
                self.check_gone()
            };
            tokio::select! {
                biased;
                result = reload => result,
                () = crash => Err(CallError::Gone),
                error = self.insist() => Err(error),
            }
        };
        match timeout(deadline, steps).await {
            Err(_) => Err(CallError::Timeout.into()),
            Ok(Err(error)) => Err(error.into()),
            Ok(Ok(())) if self.whereabouts().unreachable => {
                Err(LoadError::Unreachable("unknown error".to_owned()))
            }
            Ok(Ok(())) => Ok(()),
        }
    }

    /// Evaluates an expression and waits for what it promises. Its value must be a text or nothing.
    pub(crate) async fn evaluate(
        &self,
        expression: String,
        deadline: Duration,
    ) -> Result<Option<String>, CallError> {
        let mut params = EvaluateParams::new(expression);
        params.await_promise = Some(true);
        params.return_by_value = Some(true);
        params.silent = Some(true);
        let returns = timeout(deadline, self.execute(params))
            .await
            .unwrap_or(Err(CallError::Timeout))?;
        if returns.exception_details.is_some() {
            return Err(CallError::Unsupported("the bridge failed".to_owned()));
        }
        Ok(text_of(&returns.result))
    }

    /// Sends a command that a crashed page cannot answer.
    async fn execute<T: Command>(&self, command: T) -> Result<T::Response, CallError> {
        let mut whereabouts = self.whereabouts.clone();
        tokio::select! {
            biased;
            _ = whereabouts.wait_for(|now| now.crashed) => Err(CallError::Gone),
            result = self.send(command) => result,
        }
    }

    async fn send<T: Command>(&self, command: T) -> Result<T::Response, CallError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        tokio::select! {
            biased;
            () = self.gone.cancelled() => Err(CallError::Gone),
            result = self.page.execute(command) => match result {
                Ok(response) => Ok(response.result),
                Err(error) => Err(call_error(&error)),
            },
        }
    }

    /// Asks for a reload. A document that is just giving way to another one, such as the browser's error page, cannot be
    /// asked for a moment; that is no end of the page.
    async fn ask_to_reload(&self) -> Result<(), CallError> {
        loop {
            self.calls.fetch_add(1, Ordering::Relaxed);
            let result = tokio::select! {
                biased;
                () = self.gone.cancelled() => return Err(CallError::Gone),
                result = self.page.execute(ReloadParams::default()) => result,
            };
            match result {
                Ok(_) => return Ok(()),
                Err(CdpError::Chrome(error)) if error.message.contains(GIVING_WAY) => {
                    sleep(SWAP).await;
                }
                Err(error) => return Err(call_error(&error)),
            }
        }
    }

    /// Resolves when the next document has begun, or never will. Counts from the call, not from the first poll.
    fn arrival(&self) -> impl Future<Output = ()> + use<> {
        let mut whereabouts = self.whereabouts.clone();
        let before = whereabouts.borrow().loads;
        let gone = self.gone.clone();
        async move {
            tokio::select! {
                _ = whereabouts.wait_for(|now| now.loads > before) => {}
                () = gone.cancelled() => {}
            }
        }
    }

    /// Asks for a reload once more where the page answers nothing: a browser that lost its zygote does not notice that
    /// the renderer died, loses the first reload in it, and fails at the second. Resolves only if that cannot be sent.
    async fn insist(&self) -> CallError {
        sleep(PATIENCE).await;
        if self.evaluate("'alive'".to_owned(), ALIVE).await == Err(CallError::Timeout)
            && let Err(error) = self.send(ReloadParams::default()).await
        {
            return error;
        }
        std::future::pending().await
    }

    /// Resolves when a renderer crashes, counted from the call: one that comes up for a reload may not live long.
    fn crash(&self) -> impl Future<Output = ()> + use<> {
        let mut whereabouts = self.whereabouts.clone();
        let before = whereabouts.borrow().crashes;
        async move {
            if whereabouts
                .wait_for(|now| now.crashes > before)
                .await
                .is_err()
            {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Brings the page and its window to the front.
    pub(crate) async fn raise(&self, deadline: Duration) -> Result<(), CallError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        tokio::select! {
            biased;
            () = self.gone.cancelled() => Err(CallError::Gone),
            raised = timeout(deadline, window::raise(&self.page)) => match raised {
                Ok(raised) => raised.map_err(|error| call_error(&error)),
                Err(_) => Err(CallError::Timeout),
            },
        }
    }

    /// Draws the page, PNG. A page that hangs draws nothing.
    pub(crate) async fn capture(&self, deadline: Duration) -> Result<Vec<u8>, CallError> {
        let params = CaptureScreenshotParams::builder()
            .format(CaptureScreenshotFormat::Png)
            .build();
        let returns = timeout(deadline, self.execute(params))
            .await
            .unwrap_or(Err(CallError::Timeout))?;
        let text: &[u8] = returns.data.as_ref();
        let useless = || CallError::Unsupported("the browser drew no picture of use".to_owned());
        if text.len() > LONGEST_PICTURE {
            return Err(useless());
        }
        BASE64_STANDARD.decode(text).map_err(|_| useless())
    }

    /// Where the page is now.
    pub(crate) fn whereabouts(&self) -> Whereabouts {
        *self.whereabouts.borrow()
    }

    fn check_gone(&self) -> Result<(), CallError> {
        if self.gone.is_cancelled() {
            Err(CallError::Gone)
        } else {
            Ok(())
        }
    }
}

fn text_of(result: &RemoteObject) -> Option<String> {
    Some(result.value.as_ref()?.as_str()?.to_owned())
}

/// Errors of the protocol are not shown: they may quote what was evaluated.
fn call_error(error: &CdpError) -> CallError {
    match error {
        CdpError::Timeout => CallError::Timeout,
        // The page was replaced while it worked on the call, or the target is no more.
        CdpError::Chrome(_) | CdpError::ChannelSendError(_) | CdpError::Ws(_) => CallError::Gone,
        _ => CallError::Unsupported("the browser answered with something unknown".to_owned()),
    }
}

/// Only a name like `net::ERR_NAME_NOT_RESOLVED` is passed on.
fn network_error(text: &str) -> String {
    let name = text.strip_prefix("net::").unwrap_or_default();
    if !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_') {
        text.to_owned()
    } else {
        "unknown error".to_owned()
    }
}
