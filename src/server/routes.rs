//! The addresses of the API.

use hyper::{Method, StatusCode};

use super::api::{List, RoundKind};
use super::failure::Failure;

/// What an address asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// Pictures.
    Pictures(RoundKind),
    Progress,
    Interrupt,
    Skip,
    ChangeOptions,
    PngInfo,
    List(List),
    /// Nothing but a sign that the server is there.
    Alive,
}

/// Every address below `/sdapi/v1/`, in the order of the web UI.
const ROUTES: [(&str, &str, Route); 30] = {
    use Route::{ChangeOptions, Interrupt, List as L, Pictures, PngInfo, Progress, Skip};
    [
        ("POST", "txt2img", Pictures(RoundKind::Txt2Img)),
        ("POST", "img2img", Pictures(RoundKind::Img2Img)),
        ("POST", "png-info", PngInfo),
        ("GET", "progress", Progress),
        ("POST", "interrupt", Interrupt),
        ("POST", "skip", Skip),
        ("GET", "options", L(List::Options)),
        ("POST", "options", ChangeOptions),
        ("GET", "cmd-flags", L(List::Flags)),
        ("GET", "samplers", L(List::Samplers)),
        ("GET", "schedulers", L(List::Schedulers)),
        ("GET", "sd-models", L(List::Models)),
        ("GET", "sd-vae", L(List::Vaes)),
        ("GET", "loras", L(List::Loras)),
        ("GET", "embeddings", L(List::Embeddings)),
        ("GET", "prompt-styles", L(List::Styles)),
        ("GET", "scripts", L(List::Scripts)),
        ("GET", "memory", L(List::Memory)),
        ("POST", "refresh-checkpoints", L(List::Refresh)),
        ("POST", "refresh-vae", L(List::Refresh)),
        ("POST", "refresh-loras", L(List::Refresh)),
        ("POST", "refresh-embeddings", L(List::Refresh)),
        ("GET", "upscalers", L(List::Nothing)),
        ("GET", "latent-upscale-modes", L(List::Nothing)),
        ("GET", "hypernetworks", L(List::Nothing)),
        ("GET", "face-restorers", L(List::Nothing)),
        ("GET", "realesrgan-models", L(List::Nothing)),
        ("GET", "script-info", L(List::Nothing)),
        ("GET", "sd-modules", L(List::Nothing)),
        ("GET", "extensions", L(List::Nothing)),
    ]
};

/// What a method and path ask for.
///
/// # Errors
/// 404 if there is no such address, 405 if it takes another method.
pub(super) fn route(method: &Method, path: &str) -> Result<Route, Failure> {
    let not_allowed = || Failure::new(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed");
    if ["/", "/internal/ping"].contains(&path) {
        return if method == Method::GET { Ok(Route::Alive) } else { Err(not_allowed()) };
    }
    let name = path.strip_prefix("/sdapi/v1/").map(|name| name.strip_suffix('/').unwrap_or(name));
    let here = || ROUTES.iter().filter(|(_, known, _)| Some(*known) == name);
    match here().find(|(known, ..)| *known == method.as_str()) {
        Some((_, _, route)) => Ok(*route),
        None if here().next().is_some() => Err(not_allowed()),
        None => Err(Failure::new(StatusCode::NOT_FOUND, "Not Found")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_methods_are_told_apart() {
        assert_eq!(route(&Method::GET, "/sdapi/v1/options"), Ok(Route::List(List::Options)));
        assert_eq!(route(&Method::POST, "/sdapi/v1/options/"), Ok(Route::ChangeOptions));
        assert_eq!(route(&Method::GET, "/"), Ok(Route::Alive));
        for (method, path, status) in [
            (Method::GET, "/sdapi/v1/txt2img", 405),
            (Method::DELETE, "/sdapi/v1/options", 405),
            (Method::POST, "/", 405),
            (Method::GET, "/sdapi/v1/nothing", 404),
            (Method::GET, "/sdapi/v1/", 404),
            (Method::GET, "/sdapi/v2/options", 404),
            (Method::GET, "", 404),
        ] {
            assert_eq!(route(&method, path).expect_err(path).status, status, "{method} {path}");
        }
    }
}
