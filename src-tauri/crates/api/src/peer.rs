//! Who is at the other end of a connection.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::Extensions;
use axum::http::request::Parts;

/// The address at the other end of the connection, as the system tells it. What a header such as `X-Forwarded-For` says
/// is not looked at: whoever writes the request writes that too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Peer(pub(crate) Option<SocketAddr>);

impl Peer {
    pub(crate) fn of(extensions: &Extensions) -> Self {
        Self(
            extensions
                .get::<ConnectInfo<SocketAddr>>()
                .map(|&ConnectInfo(address)| address),
        )
    }

    /// Whose allowance a call counts against. Whoever has an IPv6 address elsewhere has a network of 2^64 of them, which
    /// is one caller. Callers that nobody knows are one caller.
    pub(crate) fn ip(self) -> IpAddr {
        let Some(address) = self.0 else {
            return IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        };
        match address.ip().to_canonical() {
            IpAddr::V6(ip) if !ip.is_loopback() => {
                IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64))
            }
            ip => ip,
        }
    }

    /// Whether it is on this machine. Nobody knows where a caller without an address is; there is none over a socket.
    pub(crate) fn is_local(self) -> bool {
        self.0
            .is_none_or(|address| address.ip().to_canonical().is_loopback())
    }
}

impl<S: Sync> FromRequestParts<S> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.extensions))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_one_caller_and_an_address_of_this_machine_is_itself() {
        for (address, ip, is_local) in [
            ("127.0.0.1:1", "127.0.0.1", true),
            ("[::ffff:127.0.0.1]:1", "127.0.0.1", true),
            ("[::1]:1", "::1", true),
            ("192.168.1.5:1", "192.168.1.5", false),
            ("[::ffff:192.168.1.5]:1", "192.168.1.5", false),
            ("[2001:db8:1:2:3:4:5:6]:1", "2001:db8:1:2::", false),
        ] {
            let peer = Peer(Some(address.parse().unwrap()));
            assert_eq!(peer.ip(), ip.parse::<IpAddr>().unwrap(), "{address}");
            assert_eq!(peer.is_local(), is_local, "{address}");
        }
    }
}
