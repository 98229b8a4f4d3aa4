//! Who may ask this server.

use std::net::IpAddr;

use hyper::header::{AUTHORIZATION, HOST, HeaderMap, HeaderName, ORIGIN};
use hyper::{StatusCode, Uri};

use super::failure::Failure;
use super::shared::Shared;

/// Checks a request's head before anything else is looked at.
///
/// A web page that a person visits can make their browser ask servers on their own machine. A browser says from which page
/// a request comes (`Origin`), and a page that gave its own name the address of this machine (DNS rebinding) still sends
/// that name as `Host`.
///
/// # Errors
/// 403 for requests of web pages, 401 without the right name and password.
pub(super) fn check(shared: &Shared, uri: &Uri, headers: &HeaderMap) -> Result<(), Failure> {
    let host = text(headers, &HOST).or_else(|| uri.authority().map(hyper::http::uri::Authority::as_str));
    if shared.is_local && !host.is_some_and(is_this_machine) {
        return Err(Failure::new(
            StatusCode::FORBIDDEN,
            "This server answers requests to 127.0.0.1 and localhost only, and the Host header names another.",
        ));
    }
    if headers.contains_key(ORIGIN) {
        let own = host.map(|host| [format!("http://{host}"), format!("https://{host}")]);
        let is_own =
            own.is_some_and(|own| text(headers, &ORIGIN).is_some_and(|origin| own.iter().any(|o| o == origin)));
        if !is_own {
            return Err(Failure::new(StatusCode::FORBIDDEN, "Web pages of other addresses may not use this server."));
        }
    }
    match &shared.credentials {
        Some(credentials) if !text(headers, &AUTHORIZATION).is_some_and(|header| credentials.are_in(header)) => {
            Err(Failure::new(StatusCode::UNAUTHORIZED, "Incorrect username or password"))
        }
        _ => Ok(()),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    // Two values for one of these headers is a trick.
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    if values.next().is_some() { None } else { first.to_str().ok() }
}

/// Whether a `Host` header names this machine: `localhost` or a loopback address, with any port.
fn is_this_machine(host: &str) -> bool {
    let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => host.split(':').next().unwrap_or(host),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_its_own() {
        for host in ["localhost", "LOCALHOST:7860", "127.0.0.1", "127.0.0.1:1", "127.1.2.3:80", "[::1]:7860", "[::1]"] {
            assert!(is_this_machine(host), "{host}");
        }
        for host in
            ["", "evil.example", "localhost.evil.example", "192.168.0.1:7860", "127.0.0.1.nip.io", "[::2]", "::1:80"]
        {
            assert!(!is_this_machine(host), "{host}");
        }
    }
}
