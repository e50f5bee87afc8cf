//! A running browser, as the session sees it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use session_core::ports::{Browser, CallError, Diagnosis};
use session_core::{ClienteId, Content, Media, MessageId, MessageText, Outgoing, PhoneNumber};
use tokio_util::sync::DropGuard;

use crate::calls;
use crate::keeper::Keeper;
use crate::media;
use crate::page::{LoadError, PageLink};
use crate::picture;
use crate::probe::Report;
use crate::pulse::Pulse;
use crate::settings::LaunchSettings;

/// How long a page may take to show that it is alive, after it left a call unanswered.
const HEARTBEAT: Duration = Duration::from_secs(3);
/// How much longer the page may wait for a message than the driver does.
const AFTERWARDS: Duration = Duration::from_secs(2);
/// How long the page may look at its connection; the bridge itself gives up earlier.
const CHECK: Duration = Duration::from_secs(5);
/// The longest text that a call may bring back, bytes.
const LONGEST_ANSWER: usize = 256;
/// The longest report of what was found in the page, bytes.
const LONGEST_REPORT: usize = 8 * 1024;

/// One browser with one page.
#[derive(Debug)]
pub(crate) struct ChromiumBrowser {
    cliente: ClienteId,
    keeper: Arc<Keeper>,
    page: Arc<PageLink>,
    api: String,
    deadlines: Deadlines,
    diagnostics: Option<PathBuf>,
    pulse: Pulse,
    /// A browser that nobody holds any more is closed.
    _close_when_dropped: DropGuard,
}

/// How long calls may take.
#[derive(Clone, Copy, Debug)]
struct Deadlines {
    send: Duration,
    media: Duration,
    call: Duration,
    reload: Duration,
}

impl ChromiumBrowser {
    /// The browser process and all around it.
    pub(crate) fn keeper(&self) -> &Keeper {
        &self.keeper
    }

    pub(crate) fn new(
        cliente: ClienteId,
        keeper: Arc<Keeper>,
        page: Arc<PageLink>,
        api: String,
        settings: &LaunchSettings,
        pulse: Pulse,
    ) -> Self {
        Self {
            cliente,
            page,
            api,
            deadlines: Deadlines {
                send: settings.send_timeout,
                media: settings.media_timeout,
                call: settings.call_timeout,
                reload: settings.reload_timeout,
            },
            diagnostics: settings.diagnostics.clone(),
            pulse,
            _close_when_dropped: keeper.close_signal().clone().drop_guard(),
            keeper,
        }
    }

    /// Calls the bridge. A page that lets a call time out must show that it is alive.
    async fn call(
        &self,
        name: &'static str,
        values: &[&str],
        deadline: Duration,
    ) -> Result<Option<String>, CallError> {
        let expression = calls::expression(&self.api, name, values);
        let result = self.page.evaluate(expression, deadline).await;
        self.understand(name, result, LONGEST_ANSWER)
    }

    async fn send_file(
        &self,
        chat: &str,
        key: &str,
        media: &Media,
    ) -> Result<Option<String>, CallError> {
        let path = media::readable(&media.path).await?;
        let deadline = self.deadlines.media;
        let (name, caption) = (media.name.as_deref(), media.caption.as_ref());
        let values = [
            chat,
            key,
            &patience(deadline),
            media::word(media.kind),
            &media.mime,
            name.unwrap_or_default(),
            caption.map(MessageText::reveal).unwrap_or_default(),
        ];
        let function = calls::function(&self.api, "sendFile", &values);
        let result = self.page.call_with_file(function, &path, deadline).await;
        self.understand("sendFile", result, LONGEST_ANSWER)
    }

    /// What the bridge finds in the page, as it says it.
    pub(crate) async fn inspect(&self) -> Result<String, CallError> {
        let expression = calls::expression(&self.api, "inspect", &[]);
        let result = self.page.evaluate(expression, self.deadlines.call).await;
        calls::value(self.understand("inspect", result, LONGEST_REPORT)?)
    }

    fn understand(
        &self,
        name: &'static str,
        result: Result<Option<String>, CallError>,
        longest: usize,
    ) -> Result<Option<String>, CallError> {
        if result == Err(CallError::Timeout) {
            tracing::warn!(cliente = %self.cliente, call = name, "the page did not answer");
            // The caller's time is over, so it does not wait for that. What is found is noted.
            let pulse = self.pulse.clone();
            self.keeper
                .tasks()
                .spawn(async move { drop(pulse.check(HEARTBEAT).await) });
        }
        match result? {
            None => Err(CallError::Unsupported(
                "the bridge is not in the page".to_owned(),
            )),
            Some(text) => calls::understand(&text, longest),
        }
    }
}

/// How long the page may hold on to a call, ms: longer than anybody waits for it, so that a caller that gives up hears
/// that there was no answer, and not the page's word for that.
fn patience(deadline: Duration) -> String {
    (deadline + AFTERWARDS).as_millis().to_string()
}

#[async_trait]
impl Browser for ChromiumBrowser {
    fn pid(&self) -> u32 {
        self.keeper.pid()
    }

    async fn send(&self, message: &Outgoing) -> Result<MessageId, CallError> {
        let (chat, key) = (message.chat.reveal(), message.key.as_str());
        let answer = match &message.content {
            Content::Text(text) => {
                let deadline = self.deadlines.send;
                let values = [chat, key, &patience(deadline), text.reveal()];
                self.call("sendText", &values, deadline).await?
            }
            Content::Media(media) => self.send_file(chat, key, media).await?,
        };
        calls::value(answer).map(MessageId::new)
    }

    async fn find_number(&self, number: &PhoneNumber) -> Result<Option<PhoneNumber>, CallError> {
        let answer = self
            .call("findNumber", &[number.reveal()], self.deadlines.call)
            .await?;
        Ok(answer.and_then(|number| PhoneNumber::parse(&number).ok()))
    }

    async fn refresh_code(&self) -> Result<(), CallError> {
        self.call("refreshCode", &[], self.deadlines.call)
            .await
            .map(drop)
    }

    async fn request_pairing_code(&self, number: &PhoneNumber) -> Result<String, CallError> {
        calls::value(
            self.call("pairingCode", &[number.reveal()], self.deadlines.call)
                .await?,
        )
    }

    async fn reload(&self) -> Result<(), CallError> {
        match self.page.reload(self.deadlines.reload).await {
            Ok(()) => Ok(()),
            Err(LoadError::Call(error)) => {
                if error == CallError::Timeout {
                    // A page that hangs is known already; its browser may hang as well, and is then ended by its keeper.
                    self.pulse.browser_answers().await?;
                }
                Err(error)
            }
            Err(LoadError::Unreachable(_)) => {
                Err(CallError::Refused("PAGE_UNREACHABLE".to_owned()))
            }
        }
    }

    async fn log_out(&self) -> Result<(), CallError> {
        self.call("logOut", &[], self.deadlines.call)
            .await
            .map(drop)
    }

    async fn check(&self) -> Result<(), CallError> {
        self.pulse.check(HEARTBEAT).await?;
        self.call("checkConnection", &[], CHECK).await.map(drop)
    }

    async fn raise(&self) -> Result<(), CallError> {
        self.page.raise(self.deadlines.call).await
    }

    async fn keep_picture(&self) -> Result<(), CallError> {
        let folder = self
            .diagnostics
            .clone()
            .ok_or_else(|| CallError::Unsupported("there is no place for pictures".to_owned()))?;
        let key = format!("{}_shown", self.api);
        let picture = picture::take(&self.page, &key).await?;
        let cliente = self.cliente;
        let kept = tokio::task::spawn_blocking(move || picture::keep(&folder, cliente, &picture));
        match kept.await {
            Ok(Ok(())) => {
                tracing::info!(%cliente, "a picture of the page was kept");
                Ok(())
            }
            failed => {
                let error = failed.map_or(std::io::ErrorKind::Other, |kept| {
                    kept.map_or_else(|cause| cause.kind(), |()| std::io::ErrorKind::Other)
                });
                tracing::warn!(%cliente, %error, "a picture of the page could not be written");
                Err(CallError::Unsupported(
                    "the picture could not be written".to_owned(),
                ))
            }
        }
    }

    async fn diagnose(&self, picture: bool) -> Diagnosis {
        let report: Report = match self.inspect().await {
            Ok(text) => serde_json::from_str(&text).unwrap_or_default(),
            // A page that does not answer is one more thing that was found.
            Err(_) => Report::default(),
        };
        let picture = if picture {
            let key = format!("{}_shown", self.api);
            Some(picture::take(&self.page, &key).await)
        } else {
            None
        };
        let missing = report.hooks.into_iter().filter(|hook| !hook.found);
        Diagnosis {
            wa_js: report.wa_js,
            whatsapp: report.whatsapp,
            missing: missing.map(|hook| hook.name).collect(),
            picture,
        }
    }

    async fn close(&self) {
        self.keeper.close().await;
    }
}
