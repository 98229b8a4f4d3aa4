//! Which proxy leads to which server, as environment variables say.

use ureq::Proxy;

use super::Address;
use crate::hub::HubError;

/// The proxies of `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`; lower-case names come first, as in curl.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies {
    /// For addresses that begin with `https`.
    pub https: Option<String>,
    /// For addresses that begin with `http`.
    pub http: Option<String>,
    /// Hosts that are reached without a proxy.
    pub except: Vec<String>,
}

impl Proxies {
    /// Reads the variables with `text`.
    pub(in crate::hub) fn from_variables(text: impl Fn(&str) -> Option<String>) -> Self {
        let of = |name: &str| text(name).or_else(|| text(&name.to_ascii_uppercase()));
        let all = of("all_proxy");
        let except = of("no_proxy").unwrap_or_default();
        Self {
            https: of("https_proxy").or_else(|| all.clone()),
            http: of("http_proxy").or(all),
            except: except.split(',').map(|host| host.trim().to_ascii_lowercase()).filter(|h| !h.is_empty()).collect(),
        }
    }

    /// Whether a host is reached without a proxy: it is named, or is below a domain that is named.
    pub(super) fn excepts(&self, host: &str) -> bool {
        let host = host.trim_matches(['[', ']']).to_ascii_lowercase();
        self.except.iter().any(|name| {
            // A port is left out; the colons of an IPv6 address are not one.
            let name = match name.split_once(':') {
                Some((name, port)) if port.chars().all(|c| c.is_ascii_digit()) => name,
                _ => name,
            };
            let name = name.trim_start_matches('*').trim_start_matches('.');
            name.is_empty() || host == name || host.strip_suffix(name).is_some_and(|start| start.ends_with('.'))
        })
    }

    /// The proxy for an address that begins with `https` or not.
    ///
    /// # Errors
    /// [`HubError::Setup`] where the variable is no proxy's address.
    pub(super) fn of_scheme(&self, is_https: bool) -> Result<Option<Proxy>, HubError> {
        let (text, name) = if is_https { (&self.https, "HTTPS_PROXY") } else { (&self.http, "HTTP_PROXY") };
        let wrong = |_| HubError::Setup(format!("{name} is not the address of a proxy; set it as http://host:port."));
        text.as_deref().map(Proxy::new).transpose().map_err(wrong)
    }

    /// Whether there is a proxy for this address.
    pub(super) fn leads_to(&self, address: &Address) -> bool {
        let proxy = if address.is_https() { &self.https } else { &self.http };
        proxy.is_some() && !self.excepts(address.host())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Proxies {
        Proxies::from_variables(|name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn each_scheme_has_its_proxy_and_some_hosts_none() {
        let proxies =
            read(&[("HTTPS_PROXY", "http://p:1"), ("NO_PROXY", "localhost, .corp.test,*.lan,10.0.0.1:80,::1")]);
        let leads = |text: &str| proxies.leads_to(&Address::parse(text).expect("an address"));
        assert!(leads("https://huggingface.co/x") && !leads("http://huggingface.co/x"));
        for host in ["localhost", "a.corp.test", "corp.test", "x.lan", "10.0.0.1", "[::1]"] {
            assert!(!leads(&format!("https://{host}/")), "{host}");
        }
        assert!(leads("https://notcorp.test/"));
        assert!(read(&[("ALL_PROXY", "http://p:1"), ("no_proxy", "*")]).excepts("anything"));
        assert_eq!(
            read(&[("all_proxy", "http://p:1"), ("http_proxy", "http://q:2")]).http.as_deref(),
            Some("http://q:2")
        );
    }

    #[test]
    fn a_wrong_proxy_is_said_without_its_password() {
        let wrong = read(&[("https_proxy", "gopher://me:secret@p")]).of_scheme(true).expect_err("is wrong").to_string();
        assert!(wrong.contains("HTTPS_PROXY") && !wrong.contains("secret"), "{wrong}");
    }
}
