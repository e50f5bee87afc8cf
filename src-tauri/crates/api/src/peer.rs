//! Who is at the other end of a connection.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

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

    /// Whose allowance a call counts against. The API listens on this machine alone, so that an IPv6 address is one
    /// caller; there are no networks of them to be taken together. Callers that nobody knows are one caller.
    pub(crate) fn ip(self) -> IpAddr {
        self.0
            .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| address.ip())
    }
}

impl<S: Sync> FromRequestParts<S> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.extensions))
    }
}
