//! Sends requests. The token goes to the hub's server and to no other.

use std::sync::Arc;

use ureq::Agent;
use ureq::http::{HeaderMap, Method};
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};

use super::{Address, Answer, Failure, Proxies};
use crate::hub::{FetchLimits, HubError};

/// How many redirects are followed.
const MOST_REDIRECTS: usize = 10;

/// Which redirects are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::hub) enum Follow {
    /// All but those from `https` to `http`.
    All,
    /// Those that stay on the hub's server; any other is the answer.
    OnHub,
}

/// One request.
#[derive(Clone, Debug)]
pub(in crate::hub) struct Request {
    /// Where to.
    pub address: Address,
    /// Whether only the headers are wanted.
    pub is_head: bool,
    /// The `Range` header.
    pub range: Option<String>,
    /// The `If-Range` header.
    pub if_range: Option<String>,
    /// Which redirects are followed.
    pub follow: Follow,
}

/// Sends requests to the hub and to the servers that it refers to.
pub(in crate::hub) struct Client {
    endpoint: Address,
    token: Option<String>,
    proxies: Proxies,
    direct: Agent,
    /// For `http` and `https`.
    proxied: [Agent; 2],
}

impl Client {
    /// A client of the hub at `endpoint`.
    ///
    /// # Errors
    /// [`HubError::Setup`] where endpoint, token or a proxy make no sense.
    pub fn new(endpoint: &str, token: Option<&str>, proxies: &Proxies, limits: &FetchLimits) -> Result<Self, HubError> {
        let endpoint = Address::parse(endpoint).ok_or_else(|| {
            HubError::Setup("HF_ENDPOINT is not the address of a server; set it as https://host, or remove it.".into())
        })?;
        if token.is_some_and(|token| !token.chars().all(|c| c.is_ascii_graphic())) {
            return Err(HubError::Setup(
                "The access token in HF_TOKEN has characters that no token has; copy it again.".into(),
            ));
        }
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .root_certs(RootCerts::PlatformVerifier)
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        let agent = |proxy| {
            Agent::config_builder()
                .tls_config(tls.clone())
                .proxy(proxy)
                .user_agent(concat!("underpaint/", env!("CARGO_PKG_VERSION")))
                // Ranges are of the bytes as they are.
                .accept_encoding("identity")
                .http_status_as_error(false)
                .max_redirects(0)
                .timeout_resolve(Some(limits.silence))
                .timeout_connect(Some(limits.silence))
                .timeout_recv_response(Some(limits.silence))
                .timeout_per_read(Some(limits.silence))
                .timeout_per_write(Some(limits.silence))
                .build()
                .new_agent()
        };
        let proxied = [agent(proxies.of_scheme(false)?), agent(proxies.of_scheme(true)?)];
        let (token, proxies) = (token.map(str::to_owned), proxies.clone());
        Ok(Self { endpoint, token, proxies, direct: agent(None), proxied })
    }

    /// The hub's address.
    pub fn endpoint(&self) -> &Address {
        &self.endpoint
    }

    /// An address on the hub.
    pub fn endpoint_with(&self, path: &str) -> Result<Address, Failure> {
        let text = format!("{}{path}", self.endpoint.uri().to_string().trim_end_matches('/'));
        Address::parse(&text).ok_or_else(|| Failure::Final(HubError::Place(format!("{text} is not an address."))))
    }

    /// Whether the hub is told who asks.
    pub fn has_token(&self) -> bool {
        self.token.is_some()
    }

    /// Sends a request and follows redirects. An answer with an error status is an answer.
    pub fn send(&self, request: &Request) -> Result<Answer, Failure> {
        let mut address = request.address.clone();
        let mut hub_headers = HeaderMap::new();
        for _ in 0..=MOST_REDIRECTS {
            let answer = self.send_once(request, &address)?;
            let is_hub = address.is_same_server(&self.endpoint);
            let (parts, body) = answer.into_parts();
            if is_hub {
                hub_headers.extend(parts.headers.clone());
            }
            let location = parts.headers.get("location").and_then(|value| value.to_str().ok().map(str::to_owned));
            let next = match (parts.status.as_u16(), location) {
                (301 | 302 | 303 | 307 | 308, Some(location)) => Some(address.join(&location)),
                _ => None,
            };
            let Some(next) = next else {
                return Ok(Answer::new(parts.status.as_u16(), parts.headers, hub_headers, address, body));
            };
            let host = address.host();
            let next = next.ok_or_else(|| {
                let text = format!("{host} refers to an address that makes no sense; try again later.");
                Failure::Final(HubError::Answer(text))
            })?;
            if address.is_https() && !next.is_https() {
                let text =
                    format!("{host} refers to an address without encryption, {}, which is not followed.", next.host());
                return Err(Failure::Final(HubError::Answer(text)));
            }
            if request.follow == Follow::OnHub && !next.is_same_server(&self.endpoint) {
                return Ok(Answer::new(parts.status.as_u16(), parts.headers, hub_headers, address, body));
            }
            address = next;
        }
        let text = format!("{} refers from one address to the next without end; try again later.", address.host());
        Err(Failure::Final(HubError::Answer(text)))
    }

    fn send_once(&self, request: &Request, address: &Address) -> Result<ureq::http::Response<ureq::Body>, Failure> {
        let method = if request.is_head { Method::HEAD } else { Method::GET };
        let mut builder = ureq::http::Request::builder().method(method).uri(address.uri().clone());
        if let Some(token) = self.token.as_ref().filter(|_| address.is_same_server(&self.endpoint)) {
            builder = builder.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in [("range", &request.range), ("if-range", &request.if_range)] {
            if let Some(value) = value {
                builder = builder.header(name, value);
            }
        }
        let built = builder.body(()).map_err(|error| {
            Failure::Final(HubError::Answer(format!("{} cannot be asked: {error}.", address.host())))
        })?;
        let agent = match (self.proxies.leads_to(address), address.is_https()) {
            (false, _) => &self.direct,
            (true, is_https) => &self.proxied[usize::from(is_https)],
        };
        agent.run(built).map_err(|error| Failure::of_network(error, address.host()))
    }
}
