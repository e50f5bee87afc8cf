//! Plain words for a caller: what failed and what to do. Never a path, a secret or a page's own text.

use session_core::ports::{CallError, NoWindow};
use session_core::{FailureCode, Reason, SendError, StartError, WebhookProblem};

/// Why a session did not start, and what to do about it.
pub(crate) fn start(error: StartError) -> &'static str {
    match error {
        StartError::NotFound => "there is no such cliente",
        StartError::InProgress => "Client initialization already in progress",
        StartError::Failed(reason) => failed_start(reason),
        StartError::Stopped => {
            "The session was stopped before it was up - call POST /init to try again"
        }
        StartError::DiskFull => failed_start(Reason::DiskFull),
        StartError::ShuttingDown => "Session Manager is shutting down",
    }
}

fn failed_start(reason: Reason) -> &'static str {
    match reason {
        Reason::BrowserNotFound => {
            "No browser found - install Chromium, Google Chrome, Microsoft Edge or Brave, or name one with --browser"
        }
        Reason::SandboxUnavailable => {
            "The browser cannot start with its sandbox on this machine - do not run as root and allow user \
             namespaces, or start Session Manager with --no-sandbox"
        }
        Reason::ProfileInUse => {
            "Another browser is using this cliente's profile - close it and call POST /init again"
        }
        Reason::ProfileUnusable => {
            "This cliente's profile folder cannot be read or written - check its permissions and the free disk space"
        }
        Reason::LaunchFailed => {
            "The browser did not start - update or reinstall it, and look into the log for its own words"
        }
        Reason::PageUnreachable => {
            "WhatsApp Web could not be loaded - check the network connection and the proxy"
        }
        Reason::InitTimeout => {
            "WhatsApp Web did not come up in time - check the network connection and call POST /init again"
        }
        Reason::PageCrashed => {
            "The page of WhatsApp Web crashed - check the free memory and call POST /init again"
        }
        Reason::PageUnresponsive => {
            "The page of WhatsApp Web stopped answering - check the free memory and call POST /init again"
        }
        Reason::BrowserDied => {
            "The browser ended unexpectedly - check the free memory and call POST /init again"
        }
        Reason::StorageFailed => {
            "The page could not open its storage - check the free disk space and call POST /init again"
        }
        Reason::OutdatedVersion => {
            "WhatsApp refuses this version - update the browser and Session Manager"
        }
        Reason::LoginRefused | Reason::LoginExpired => {
            "WhatsApp refused the saved login - call POST /init again and scan the new QR code"
        }
        Reason::LoggedOut | Reason::LoggedOutHere | Reason::Unpaired => {
            "The account was unlinked - call POST /init again and scan the QR code"
        }
        Reason::Conflict => {
            "WhatsApp Web was opened elsewhere with this session - close it there and call POST /init again"
        }
        Reason::Banned
        | Reason::Blocked
        | Reason::Restricted
        | Reason::Suspended
        | Reason::TermsBlock => "Number banned - contact WhatsApp support",
        Reason::NetworkLost
        | Reason::Timeout
        | Reason::ProxyBlocked
        | Reason::ConnectionLost
        | Reason::RetriesExhausted => {
            "The connection to WhatsApp was lost - check the network connection and the proxy"
        }
        Reason::StopRequested | Reason::Shutdown | Reason::CleanedUp => {
            "The session was stopped before it was up - call POST /init to try again"
        }
        Reason::KeepsFailing => {
            "The session failed several times in a row and is not started again by itself - check the free memory and \
             call POST /init again"
        }
        Reason::InternalFailure => {
            "The session ended by a mistake of Session Manager - call POST /init again and report it"
        }
        Reason::CapacityReached => {
            "This computer already runs as many browsers as it may - stop a session or raise the limit, and call POST \
             /init again"
        }
        Reason::WindowUnavailable => {
            "The browser's window cannot be shown here - start Session Manager on a desktop"
        }
        Reason::DiskFull => "The disk is almost full - free some space and call POST /init again",
        Reason::NotAcknowledged | Reason::CallsFailing => {
            "WhatsApp Web does not answer as it should - check the network connection and call POST /init again"
        }
        // No cause of a failure; said plainly should it ever be given as one.
        Reason::StartRequested
        | Reason::Restored
        | Reason::LoginNeeded
        | Reason::PasskeyNeeded
        | Reason::Connected
        | Reason::BrowserShown
        | Reason::BrowserHidden
        | Reason::WindowClosed
        | Reason::Restarted
        | Reason::Hibernated
        | Reason::Woken
        | Reason::LoginRestored
        | Reason::BridgeOutdated => "The session could not be started - call POST /init again",
    }
}

/// Why a browser cannot be shown.
pub(crate) const fn window(why: NoWindow) -> &'static str {
    match why {
        NoWindow::NoScreen => {
            "there is no screen to show the browser on - start Session Manager on a desktop, or let it use one (DISPLAY)"
        }
        NoWindow::NoBrowser => {
            "the browser that is installed has no windows - install Chromium, Google Chrome, Microsoft Edge or Brave"
        }
    }
}

/// Why a message was not sent.
pub(crate) fn send(error: &SendError) -> String {
    match error {
        SendError::NotReady(state) => format!(
            "WhatsApp session not ready. Current state: {}",
            state.as_str()
        ),
        SendError::Call(CallError::Timeout) => {
            "WhatsApp did not confirm the message in time - it may still arrive".to_owned()
        }
        SendError::Call(error) => call(error),
    }
}

/// When the turn of a message comes that is not to wait for it.
pub(crate) fn paced(seconds: u64) -> String {
    format!("Messages of this cliente go out one by one - try again in {seconds} s")
}

/// Why a message failed that was to be sent for sure.
pub(crate) fn failed(code: &str) -> String {
    match code {
        FailureCode::EXPIRED => {
            "The message could not be sent for as long as it was to be - send it again".to_owned()
        }
        FailureCode::CANCELLED => "The message was cancelled".to_owned(),
        FailureCode::OUTCOME_UNKNOWN => {
            "WhatsApp did not confirm the message in time - it may still arrive".to_owned()
        }
        FailureCode::CONTENT_LOST => {
            "The message could not be read again - send it again".to_owned()
        }
        FailureCode::UNSUPPORTED => call(&CallError::Unsupported(String::new())),
        FailureCode::REFUSED => "WhatsApp refused".to_owned(),
        word => call(&CallError::Refused(word.to_owned())),
    }
}

/// Why the page did not do what it was asked.
pub(crate) fn call(error: &CallError) -> String {
    match error {
        CallError::Timeout => "WhatsApp Web did not answer in time - try again".to_owned(),
        CallError::Gone => "The browser ended before the answer came - try again".to_owned(),
        CallError::Suspended => {
            "Calls to WhatsApp Web keep failing and are suspended for a moment - try again in half a minute".to_owned()
        }
        CallError::Refused(word) if is_plain(word) => format!("WhatsApp refused: {word}"),
        CallError::Refused(_) => "WhatsApp refused".to_owned(),
        CallError::Unsupported(_) => {
            "WhatsApp Web changed and offers no way to do this - update Session Manager".to_owned()
        }
    }
}

/// Why a webhook was not told.
pub(crate) fn webhook(problem: WebhookProblem, status: Option<u16>) -> String {
    let text = match (problem, status) {
        (WebhookProblem::Status, Some(status @ 300..=399)) => {
            return format!(
                "The receiver sends elsewhere ({status}) - enter the address where it really is"
            );
        }
        (WebhookProblem::Status, Some(status @ (401 | 403))) => {
            return format!("The receiver refuses ({status}) - check the address and its token");
        }
        (WebhookProblem::Status, Some(404)) => {
            "There is nothing at this address of the receiver (404) - check the address"
        }
        (WebhookProblem::Status, Some(status)) => {
            return format!("The receiver answered {status} - see its log");
        }
        (WebhookProblem::Status, None) => "The receiver failed - see its log",
        (WebhookProblem::Gone, _) => {
            "The receiver wants nothing any more (410) - check the address and switch the webhook on again"
        }
        (WebhookProblem::Timeout, _) => {
            "The receiver did not answer in 10 seconds - let it answer first and work later"
        }
        (WebhookProblem::UnknownHost, _) => {
            "The name in the address is not known - check the address and the network"
        }
        (WebhookProblem::Refused, _) => {
            "Nothing listens at this address - start the receiver or check the port"
        }
        (WebhookProblem::Tls, _) => {
            "There is no secure connection to the receiver - check its certificate, or whether it speaks https at all"
        }
        (WebhookProblem::Connection, _) => {
            "The connection to the receiver failed - check the address and the network"
        }
        (WebhookProblem::SwitchedOff, _) => {
            "The webhook was switched off before it was told - switch it on and resend it"
        }
        (WebhookProblem::Overflow, _) => {
            "Too much waited for this receiver - see why it fails and resend it"
        }
    };
    text.to_owned()
}

/// Whether a word of the page is one: short, and with room for neither a number nor a piece of a message.
fn is_plain(word: &str) -> bool {
    !word.is_empty()
        && word.len() <= 40
        && word
            .bytes()
            .all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-' | b' '))
}

/// What the driver says of a launch that failed, if it says no more than a caller may know. It is made of the driver's own
/// words and of what the system calls an error; should a path or a number ever get into it, it stays in the log.
pub(crate) fn detail(text: &str) -> Option<&str> {
    // A process id has seven digits at most, a phone number has more.
    let numbers = text.split(|c: char| !c.is_ascii_digit());
    let tells = text.contains(['/', '\\']) || numbers.map(str::len).any(|digits| digits > 7);
    (!tells).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_words_that_say_what_to_do() {
        for &reason in Reason::ALL {
            let text = failed_start(reason);
            assert!(text.contains(" - "), "{}: {text}", reason.code());
            assert!(!text.contains('/') || text.contains("POST /init"), "{text}");
        }
    }

    #[test]
    fn every_failure_of_a_webhook_has_words_that_say_what_to_do() {
        for &problem in WebhookProblem::ALL {
            for status in [None, Some(302), Some(403), Some(404), Some(500)] {
                let text = webhook(problem, status);
                assert!(text.contains(" - "), "{text}");
            }
        }
    }

    #[test]
    fn a_detail_with_a_path_or_a_number_in_it_is_kept_back() {
        for plain in ["exit code 21", "process 4194304 on pc-2 holds the profile"] {
            assert_eq!(detail(plain), Some(plain));
        }
        for telling in [
            "/home/ana/profiles/1: busy",
            r"C:\Users\ana: busy",
            "http://127.0.0.1/x",
            "chat 5491155551234",
        ] {
            assert_eq!(detail(telling), None, "{telling}");
        }
    }

    #[test]
    fn a_page_cannot_put_its_own_text_into_an_answer() {
        let refused = |word: &str| call(&CallError::Refused(word.to_owned()));
        assert_eq!(
            refused("NOT_ON_WHATSAPP"),
            "WhatsApp refused: NOT_ON_WHATSAPP"
        );
        for word in ["", "5491155551234", "at /home/ana/x.js:3", &"x".repeat(41)] {
            assert_eq!(refused(word), "WhatsApp refused");
        }
    }
}
