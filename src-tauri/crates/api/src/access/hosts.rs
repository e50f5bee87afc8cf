//! Which names of this machine a request may be meant for.
//!
//! A page that had its own name point here (DNS rebinding) sends that name. So names count only when somebody listed
//! them; an address cannot be pointed anywhere, and counts when the connection really came to it.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, Uri, header};

const LOCAL: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Further names that requests may be meant for, such as that of a reverse proxy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostNames(BTreeSet<String>);

/// A text that is no name of a machine.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no name of a machine: write it without scheme and port, as in panel.example.com or 192.168.1.5"
)]
pub struct InvalidHost(pub String);

impl HostNames {
    /// Reads a comma-separated list. A wildcard is no name: it would let every page in.
    pub fn parse(list: &str) -> Result<Self, InvalidHost> {
        list.split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .map(normal)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The spelling that browsers send, with brackets around an IPv6 address.
fn normal(text: &str) -> Result<String, InvalidHost> {
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(text);
    if let Ok(address) = bare.parse::<IpAddr>() {
        return Ok(spelled(address));
    }
    let label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    if text.split('.').all(label) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err(InvalidHost(text.to_owned()))
    }
}

fn spelled(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}

/// The address of this machine that a connection came to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reached(pub(crate) SocketAddr);

/// What requests may name.
pub(crate) struct Hosts {
    port: u16,
    listed: HostNames,
    /// Whether addresses of this machine count that others can reach.
    exposed: bool,
}

impl Hosts {
    pub(crate) fn new(port: u16, listed: HostNames, exposed: bool) -> Self {
        Self {
            port,
            listed,
            exposed,
        }
    }

    /// Whether the request names this machine, and nothing else.
    pub(crate) fn admit(&self, headers: &HeaderMap, uri: &Uri, reached: Option<Reached>) -> bool {
        let mut hosts = headers.get_all(header::HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else {
            return false;
        };
        let named = host.to_str().is_ok_and(|host| self.is_ours(host, reached));
        // A request line with a whole address in it overrules the header.
        named
            && uri
                .authority()
                .is_none_or(|authority| self.is_ours(authority.as_str(), reached))
    }

    /// The names that are local whatever was listed.
    pub(crate) fn local() -> impl Iterator<Item = &'static str> {
        LOCAL.into_iter()
    }

    /// What to say to whoever names something else.
    pub(crate) const fn refusal(&self) -> &'static str {
        if self.exposed {
            "This API answers only to addresses and names of its own - list this name with --allowed-hosts"
        } else {
            "This API answers only to localhost, 127.0.0.1 and [::1]"
        }
    }

    fn is_ours(&self, host: &str, reached: Option<Reached>) -> bool {
        let name = match host.rsplit_once(':') {
            Some((name, port)) if port == self.port.to_string() => name,
            _ => host,
        };
        let local = LOCAL.iter().any(|known| known.eq_ignore_ascii_case(name));
        local
            || self.listed.0.contains(&name.to_ascii_lowercase())
            || self.is_reached(name, reached)
    }

    fn is_reached(&self, name: &str, reached: Option<Reached>) -> bool {
        self.exposed
            && reached.is_some_and(|Reached(address)| spelled(address.ip().to_canonical()) == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_holds_names_and_addresses_and_nothing_else() {
        let names = HostNames::parse(" Panel.Example.com,, 192.168.1.5,[FE80::1],::2").unwrap();
        let expected = ["192.168.1.5", "[::2]", "[fe80::1]", "panel.example.com"];
        assert!(names.0.iter().eq(expected), "{names:?}");
        assert!(HostNames::parse("").unwrap().is_empty());
        for bad in [
            "*",
            "*.example.com",
            "http://a",
            "a:80",
            "a/b",
            "a b",
            "a..b",
            ".a",
            "a.",
            "[a]",
            "user@a",
        ] {
            assert_eq!(
                HostNames::parse(bad),
                Err(InvalidHost(bad.to_owned())),
                "{bad}"
            );
        }
    }

    #[test]
    fn an_address_counts_only_where_it_was_reached_and_others_can_reach_it() {
        let at = |text: &str| Some(Reached(text.parse().unwrap()));
        let open = Hosts::new(3001, HostNames::parse("panel.example.com").unwrap(), true);
        let closed = Hosts::new(3001, HostNames::default(), false);
        for (host, reached, is_ours) in [
            ("192.168.1.5:3001", at("192.168.1.5:3001"), true),
            ("192.168.1.5", at("[::ffff:192.168.1.5]:3001"), true),
            ("[fe80::1]:3001", at("[fe80::1]:3001"), true),
            ("192.168.1.6:3001", at("192.168.1.5:3001"), false),
            ("192.168.1.5:80", at("192.168.1.5:3001"), false),
            ("0.0.0.0:3001", at("192.168.1.5:3001"), false),
            ("192.168.1.5", None, false),
            ("evil.example", at("192.168.1.5:3001"), false),
            ("PANEL.example.com", at("192.168.1.5:3001"), true),
            ("panel.example.com:3001", None, true),
            ("panel.example.com:443", None, false),
            ("localhost:3001", at("127.0.0.1:3001"), true),
        ] {
            assert_eq!(open.is_ours(host, reached), is_ours, "{host} {reached:?}");
        }
        assert!(!closed.is_ours("127.0.0.2:3001", at("127.0.0.2:3001")));
    }
}
