//! Calls to the page about a file of this machine.

use std::time::Duration;

use chromiumoxide::cdp::browser_protocol::dom::SetFileInputFilesParams;
use chromiumoxide::cdp::js_protocol::runtime::{
    CallFunctionOnParams, EvaluateParams, ReleaseObjectParams, RemoteObjectId,
};
use futures::FutureExt;
use session_core::ports::CallError;
use tokio::time::{Instant, timeout_at};

use super::{PageLink, text_of};

/// What holds a file in the page. Made from the prototype, so that a page that changes how elements are made is not asked.
const FILE_INPUT: &str = "(()=>{const input=Document.prototype.createElement.call(document,'input');\
    input.type='file';return input})()";

impl PageLink {
    /// Calls a function, given as text, on a file of this machine, and waits for what it promises. The browser itself
    /// opens the file: its bytes never pass through here. In the page it hangs on an element that is no part of the
    /// document and has no name, so that neither its rules nor its scripts come near it.
    pub(crate) async fn call_with_file(
        &self,
        function: String,
        file: &str,
        deadline: Duration,
    ) -> Result<Option<String>, CallError> {
        let end = Instant::now() + deadline;
        let input = timeout_at(end, self.execute(EvaluateParams::new(FILE_INPUT)))
            .await
            .unwrap_or(Err(CallError::Timeout))?;
        let id = input.result.object_id.ok_or_else(|| {
            CallError::Unsupported("the page gives nothing to hold a file".to_owned())
        })?;
        let call = async {
            let hold = SetFileInputFilesParams::builder()
                .file(file)
                .object_id(id.clone())
                .build()
                .map_err(|_| CallError::Unsupported("the file has no name".to_owned()))?;
            self.execute(hold).await?;
            self.call_on(&id, function).await
        };
        let result = timeout_at(end, call)
            .await
            .unwrap_or(Err(CallError::Timeout));
        // The element goes, however it went. Nobody waits for that: a page that is gone has let go of it already.
        let _ = self.send(ReleaseObjectParams::new(id)).now_or_never();
        result
    }

    async fn call_on(
        &self,
        object: &RemoteObjectId,
        function: String,
    ) -> Result<Option<String>, CallError> {
        let mut params = CallFunctionOnParams::new(function);
        params.object_id = Some(object.clone());
        params.await_promise = Some(true);
        params.return_by_value = Some(true);
        params.silent = Some(true);
        let returns = self.execute(params).await?;
        if returns.exception_details.is_some() {
            return Err(CallError::Unsupported("the bridge failed".to_owned()));
        }
        Ok(text_of(&returns.result))
    }
}
