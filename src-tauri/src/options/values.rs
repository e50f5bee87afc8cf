//! The values of options, and the rules that they keep: the same for the command line, the environment and the file.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr as _;

use session_api::{HostNames, Origins};

/// The most that a limit can be: each call that counts is remembered for a minute.
const HIGHEST_RATE: u32 = 1000;

pub(super) fn parse_api(text: &str) -> Result<SocketAddr, String> {
    let port = |text: &str| match u16::from_str(text) {
        Ok(port) if port > 0 => Ok(port),
        _ => Err("a port is a number from 1 to 65535".to_owned()),
    };
    let address = match text.rsplit_once(':') {
        None => SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port(text)?),
        Some(("localhost", number)) => {
            SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port(number)?)
        }
        Some((host, number)) => {
            let host = host.trim_start_matches('[').trim_end_matches(']');
            let ip =
                IpAddr::from_str(host).map_err(|_| format!("{host:?} is not an IP address"))?;
            SocketAddr::new(ip, port(number)?)
        }
    };
    if address.ip().is_multicast() {
        Err("nobody can listen on a multicast address".to_owned())
    } else {
        Ok(address)
    }
}

/// Arguments that would take the browser out of our hands.
const OURS: [&str; 6] = [
    "remote-debugging-port",
    "remote-debugging-pipe",
    "remote-debugging-address",
    "user-data-dir",
    "profile-directory",
    "single-process",
];

pub(super) fn parse_browser_arg(text: &str) -> Result<String, String> {
    let Some(name) = text
        .strip_prefix("--")
        .map(|rest| rest.split('=').next().unwrap_or(rest))
    else {
        return Err(
            "write it as Chromium takes it, with two dashes: --flag or --flag=value".to_owned(),
        );
    };
    if name.is_empty() || name.chars().any(char::is_whitespace) {
        return Err("there is no such argument".to_owned());
    }
    if OURS.contains(&name) {
        return Err(format!(
            "--{name} is set by this program and cannot be changed"
        ));
    }
    Ok(text.to_owned())
}

pub(super) fn parse_url(text: &str) -> Result<String, String> {
    let url = url::Url::parse(text).map_err(|error| error.to_string())?;
    let local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    match url.scheme() {
        "https" => Ok(url.into()),
        "http" if local => Ok(url.into()),
        _ => Err("an address that begins with https:// is needed".to_owned()),
    }
}

pub(super) fn parse_webhook(text: &str) -> Result<String, String> {
    session_webhooks::check_url(text).map_err(|error| error.to_string())
}

pub(super) fn parse_rate(text: &str) -> Result<u32, String> {
    // What is no number at all is too much as well.
    check_rate(text.parse().unwrap_or(u32::MAX))
}

pub(super) fn check_rate(rate: u32) -> Result<u32, String> {
    if rate <= HIGHEST_RATE {
        Ok(rate)
    } else {
        Err(format!("a rate is a number from 0 to {HIGHEST_RATE}"))
    }
}

pub(super) fn parse_origins(text: &str) -> Result<Origins, String> {
    Origins::parse(text).map_err(|error| error.to_string())
}

pub(super) fn parse_hosts(text: &str) -> Result<HostNames, String> {
    HostNames::parse(text).map_err(|error| error.to_string())
}
