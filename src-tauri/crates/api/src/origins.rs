//! The web origins that may call: nobody, unless somebody listed them.

use std::collections::BTreeSet;

/// Origins from configuration, as browsers write them: `https://panel.example.com`, `http://localhost:5173`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins(BTreeSet<String>);

/// A text that is not an origin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no origin: write scheme, host and, if it is not the usual one, port, as in https://panel.example.com \
     or http://localhost:5173"
)]
pub struct InvalidOrigin(pub String);

impl Origins {
    /// Reads a comma-separated list, the form of `ALLOWED_ORIGINS`. A wildcard and `null` are no origins: they would
    /// let every page in.
    pub fn parse(list: &str) -> Result<Self, InvalidOrigin> {
        list.split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .map(normal)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Reads one origin an item, as the settings keep them. The first that is none is named.
    pub fn from_items<T: AsRef<str>>(
        items: impl IntoIterator<Item = T>,
    ) -> Result<Self, InvalidOrigin> {
        items
            .into_iter()
            .map(|item| normal(item.as_ref().trim()))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Each of them, as browsers spell it.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    pub(crate) fn contains(&self, origin: &str) -> bool {
        self.0.contains(origin)
    }
}

/// The one spelling that browsers send: lower case, no path, no port where it goes without saying.
fn normal(text: &str) -> Result<String, InvalidOrigin> {
    let invalid = || InvalidOrigin(text.to_owned());
    let lower = text.to_ascii_lowercase();
    let lower = lower.strip_suffix('/').unwrap_or(&lower);
    let (scheme, rest) = lower.split_once("://").ok_or_else(invalid)?;
    let usual = match scheme {
        "http" => ":80",
        "https" => ":443",
        // Desktop shells serve their pages from schemes of their own.
        "app" | "tauri" | "capacitor" | "ionic" | "chrome-extension" | "moz-extension" => "",
        _ => return Err(invalid()),
    };
    let rest = match rest.strip_suffix(usual) {
        Some(host) if !usual.is_empty() => host,
        _ => rest,
    };
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if !rest.ends_with(']') => (host, Some(port)),
        _ => (rest, None),
    };
    let host_is_plain = match host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => {
            !host.is_empty()
                && host
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
        }
    };
    let port_is_plain = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
    if host_is_plain && port_is_plain {
        Ok(format!("{scheme}://{rest}"))
    } else {
        Err(invalid())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_as_browsers_spell_origins() {
        let list = Origins::parse(
            " https://Panel.Example.com/ ,http://localhost:5173,,http://a.b:80,https://a.b:443, http://[::1]:9, tauri://localhost",
        )
        .unwrap();
        for origin in [
            "https://panel.example.com",
            "http://localhost:5173",
            "http://a.b",
            "https://a.b",
            "http://[::1]:9",
            "tauri://localhost",
        ] {
            assert!(list.contains(origin), "{origin} in {list:?}");
        }
        assert_eq!(list.0.len(), 6);
        assert_eq!(Origins::parse(""), Ok(Origins::default()));
        let items: Vec<_> = list.iter().collect();
        assert_eq!(Origins::from_items(&items), Ok(list.clone()));
        for bad in ["", "http://a,http://b"] {
            let items = ["http://a.b", bad];
            assert_eq!(
                Origins::from_items(items),
                Err(InvalidOrigin(bad.to_owned()))
            );
        }
    }

    #[test]
    fn what_would_let_everybody_in_or_never_match_is_refused() {
        for bad in [
            "*",
            "null",
            "panel.example.com",
            "https://*.example.com",
            "https://a.b/path",
            "https://user@a.b",
            "https://",
            "https://a.b:0",
            "https://a.b:99999",
            "https://a.b:",
            "file://",
            "javascript://a",
            "http://[::1",
            "http://a b",
        ] {
            assert_eq!(
                Origins::parse(bad),
                Err(InvalidOrigin(bad.to_owned())),
                "{bad}"
            );
        }
    }
}
