//! What a person says of a webhook, and what of it can be used.

use session_core::{ClienteId, EventFilter, WebhookEvent, WebhookShape};
use url::{Host, Url};

/// Longest address, bytes.
const LONGEST: usize = 2048;
/// Most clientes that can be named.
const CLIENTES: usize = 1000;

/// A webhook as somebody wants it.
#[derive(Clone, PartialEq, Eq)]
pub struct Draft {
    /// Where it is told.
    pub url: String,
    /// Of which events; none: of changes of state.
    pub events: Vec<String>,
    /// Of which clientes; nothing: of all.
    pub clientes: Option<Vec<u64>>,
    /// How it looks.
    pub shape: WebhookShape,
    /// Whether numbers, names, codes and texts are told too.
    pub content: bool,
    /// Whether anything is told at all.
    pub enabled: bool,
}

/// Something in it cannot be used; the words say what.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidDraft(pub String);

/// A draft in which everything can be used.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) url: String,
    pub(crate) events: Vec<EventFilter>,
    pub(crate) clientes: Option<Vec<ClienteId>>,
}

impl Draft {
    pub(crate) fn check(&self) -> Result<Checked, InvalidDraft> {
        let mut events = self
            .events
            .iter()
            .map(|text| text.parse())
            .collect::<Result<Vec<EventFilter>, _>>()
            .map_err(|error| InvalidDraft(error.to_string()))?;
        if events.is_empty() {
            events.push(WebhookEvent::SessionStatus.into());
        }
        events.sort();
        events.dedup();
        let clientes = match &self.clientes {
            None => None,
            Some(ids) if ids.is_empty() || ids.len() > CLIENTES => {
                return Err(InvalidDraft(format!(
                    "name 1 to {CLIENTES} clientes, or none at all for all of them"
                )));
            }
            Some(ids) => {
                let mut ids = ids
                    .iter()
                    .map(|&id| ClienteId::try_from(id))
                    .collect::<Result<Vec<_>, _>>()
                    .map_err(|error| InvalidDraft(error.to_string()))?;
                ids.sort_unstable();
                ids.dedup();
                Some(ids)
            }
        };
        Ok(Checked {
            url: check_url(&self.url)?,
            events,
            clientes,
        })
    }
}

/// The address as it is used. Only http and https; what would be lost on the way (a fragment) or does not belong into an
/// address (a password) is refused.
pub fn check_url(text: &str) -> Result<String, InvalidDraft> {
    let refused = |why: &str| Err(InvalidDraft(why.to_owned()));
    let text = text.trim();
    if text.len() > LONGEST {
        return refused("the address is longer than 2048 characters");
    }
    let Ok(url) = Url::parse(text) else {
        return refused("the address must begin with https:// or http:// and name a computer");
    };
    if !matches!(url.scheme(), "http" | "https") {
        return refused("the address must begin with https:// or http://");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refused("the address must hold no name and no password");
    }
    if url.fragment().is_some() {
        return refused("the address must not have a part after #: it would not be sent");
    }
    if url.port() == Some(0) || hyper::Uri::try_from(url.as_str()).is_err() {
        return refused("nothing can be sent to this address");
    }
    Ok(url.into())
}

/// Whether what is sent there can be read on the way.
pub(crate) fn is_unencrypted(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| {
        url.scheme() == "http"
            && match url.host() {
                Some(Host::Domain(name)) => name != "localhost" && !name.ends_with(".localhost"),
                Some(Host::Ipv4(ip)) => !ip.is_loopback(),
                Some(Host::Ipv6(ip)) => !ip.is_loopback(),
                None => true,
            }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_can_be_sent_to_whole_are_taken() {
        for (text, used) in [
            (
                "https://example.org/hook?a=1",
                "https://example.org/hook?a=1",
            ),
            (" http://192.168.0.9:8080 ", "http://192.168.0.9:8080/"),
            ("HTTPS://Example.org", "https://example.org/"),
            ("https://exämple.org/ñ", "https://xn--exmple-cua.org/%C3%B1"),
            ("http://[::1]:9/x", "http://[::1]:9/x"),
        ] {
            assert_eq!(check_url(text).as_deref(), Ok(used), "{text}");
        }
        let long = format!("https://example.org/{}", "a".repeat(2048));
        for bad in [
            "",
            "example.org",
            "/hook",
            "ftp://example.org",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "data:text/plain,x",
            "https://ana@example.org",
            "https://ana:secret@example.org",
            "https://:secret@example.org",
            "https://example.org/#top",
            "https://example.org/#",
            "https://",
            "http://example.org:0/",
            "http://example.org:99999/",
            &long,
        ] {
            assert!(check_url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_can_be_read_on_the_way_is_known() {
        for (url, unencrypted) in [
            ("https://example.org/", false),
            ("http://example.org/", true),
            ("http://localhost:3000/", false),
            ("http://127.0.0.9/", false),
            ("http://[::1]/", false),
            ("http://192.168.0.9/", true),
            ("http://localhost.example.org/", true),
        ] {
            assert_eq!(is_unencrypted(url), unencrypted, "{url}");
        }
    }

    #[test]
    fn a_draft_is_checked_whole() {
        let draft = Draft {
            url: "https://example.org/".into(),
            events: vec![],
            clientes: None,
            shape: WebhookShape::Native,
            content: false,
            enabled: true,
        };
        let checked = draft.check().unwrap();
        assert_eq!(checked.events, ["session.status".parse().unwrap()]);
        let with = |change: fn(&mut Draft)| {
            let mut draft = draft.clone();
            change(&mut draft);
            draft.check()
        };
        let checked = with(|draft| draft.clientes = Some(vec![9, 7, 9])).unwrap();
        let ids: Vec<u64> = checked
            .clientes
            .unwrap()
            .into_iter()
            .map(u64::from)
            .collect();
        assert_eq!(ids, [7, 9]);
        assert!(with(|draft| draft.clientes = Some(vec![])).is_err());
        assert!(with(|draft| draft.clientes = Some(vec![0])).is_err());
        assert!(with(|draft| draft.events = vec!["session.*".into(), "qr".into()]).is_err());
        assert!(with(|draft| draft.url = "gopher://x".into()).is_err());
    }
}
