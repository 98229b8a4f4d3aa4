//! Whether a server can be reached, what it is and what it has.

use super::client::Client;
use super::comfy::ComfyOffer;
use super::offer::Offer;
use super::trouble::Trouble;
use super::{Patience, Server, ServerKind};

/// What a server says of itself.
#[derive(Clone, Debug, PartialEq)]
pub struct ServerHealth {
    /// What it speaks.
    pub kind: ServerKind,
    /// The program and its version, where it says so; otherwise empty.
    pub program: String,
    /// Its models, by name.
    pub models: Vec<String>,
    /// The model in use; `None` where it does not say.
    pub current: Option<String>,
    /// How many jobs wait there or are being made; `None` where it does not say.
    pub jobs: Option<usize>,
}

/// What was asked of a server.
pub(super) enum Asked {
    WebUi(ServerKind, Offer),
    ComfyUi(ComfyOffer),
}

/// Asks a server what it is and what it has. Waits for the server, so it is not for the window's thread.
///
/// # Errors
/// Why it cannot be asked, as one sentence.
pub fn ask_health(server: &Server, patience: Patience) -> Result<ServerHealth, String> {
    let client = Client::new(server.url.clone(), server.login.clone(), patience);
    match ask(&client) {
        Err(trouble) => Err(trouble.into_error(client.host()).to_string()),
        Ok(Asked::WebUi(kind, offer)) => Ok(ServerHealth {
            kind,
            models: offer.models.iter().map(|model| model.name.clone()).collect(),
            current: offer.current_choice().map(|choice| choice.name()),
            program: offer.program,
            jobs: None,
        }),
        Ok(Asked::ComfyUi(offer)) => Ok(ServerHealth {
            kind: ServerKind::ComfyUi,
            models: offer.models().map(str::to_owned).collect(),
            current: None,
            jobs: offer.jobs,
            program: offer.program,
        }),
    }
}

/// Finds out by asking what a server speaks.
pub(super) fn ask(client: &Client) -> Result<Asked, Trouble> {
    match Offer::ask(client) {
        Ok(offer) => {
            let is_cpp = client.get_path("/sdcpp/v1/capabilities").is_ok();
            let kind = if is_cpp { ServerKind::StableDiffusionCpp } else { ServerKind::WebUi };
            Ok(Asked::WebUi(kind, offer))
        }
        Err(trouble) if trouble.is_missing() => match ComfyOffer::ask(client) {
            Ok(offer) => Ok(Asked::ComfyUi(offer)),
            // It is neither; the first answer says what was missing.
            Err(other) if other.is_missing() || matches!(other, Trouble::Nonsense(_)) => Err(trouble),
            Err(other) => Err(other),
        },
        Err(trouble) => Err(trouble),
    }
}
