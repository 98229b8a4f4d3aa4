//! `underpaint serve`: this program's engine for other programs, in the terms of AUTOMATIC1111's web UI.

use std::net::{SocketAddr, ToSocketAddrs};

use anyhow::bail;

use super::models::models_here;
use super::options::{EngineOptions, FolderOptions};
use super::{default_home, print_error_line, print_line};
use crate::engine::Error;
use crate::prompts::{StyleList, WILDCARD_FOLDER, Wildcards};
use crate::server::{Credentials, MakeEngine, Server, ServerLimits, ServerSetup};

/// The environment variable that can hold what `--api-auth` says, which other users of the machine cannot read.
const AUTH_VARIABLE: &str = "UNDERPAINT_API_AUTH";

/// What `underpaint serve` listens to.
#[derive(clap::Args, Debug)]
pub struct ServeArgs {
    /// Which model, and how it is run.
    #[command(flatten)]
    pub engine: EngineOptions,
    /// Where additions to the model are found.
    #[command(flatten)]
    pub folders: FolderOptions,
    /// Address and port to listen on. Any address but those of this machine alone (127.0.0.1, ::1) needs --api-auth; port 0
    /// is any free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:7860", value_parser = address)]
    pub listen: SocketAddr,
    /// Name and password that clients have to give (HTTP Basic). Other users of this machine may see it in the list of
    /// processes; the environment variable UNDERPAINT_API_AUTH is not shown there
    #[arg(long, value_name = "USER:PASS", value_parser = Credentials::from_text)]
    pub api_auth: Option<Credentials>,
    /// Jobs that may wait for the running one, 1 to 1000; further ones are refused
    #[arg(long, value_name = "N", default_value = "16", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub queue: u16,
}

/// Answers requests until Ctrl+C; a second one ends the program at once. Prints where it listens.
///
/// # Errors
/// If it cannot listen there, or other machines could use it without a password.
pub fn serve(args: &ServeArgs, make_engine: MakeEngine) -> anyhow::Result<()> {
    let credentials = match (&args.api_auth, std::env::var(AUTH_VARIABLE)) {
        (Some(credentials), _) => Some(credentials.clone()),
        (None, Ok(text)) => {
            Some(Credentials::from_text(&text).map_err(|error| anyhow::anyhow!("{AUTH_VARIABLE}: {error}."))?)
        }
        (None, Err(std::env::VarError::NotPresent)) => None,
        (None, Err(std::env::VarError::NotUnicode(_))) => bail!("{AUTH_VARIABLE} is not UTF-8; set it to USER:PASS."),
    };
    let home = default_home();
    let styles = home.as_deref().map_or_else(|| Ok(StyleList::default()), StyleList::read)?;
    let server = Server::bind(ServerSetup {
        listen: args.listen,
        credentials,
        limits: ServerLimits { waiting: args.queue.into(), ..ServerLimits::default() },
        model: args.engine.model(),
        runtime: args.engine.runtime(&args.folders),
        make_engine,
        find_models: Box::new(|| models_here().map_err(|error| Error::File(error.to_string()))),
        styles,
        wildcards: home.map(|home| Wildcards::in_folder(home.join(WILDCARD_FOLDER))).unwrap_or_default(),
    })?;
    let stop = server.stop_handle();
    let handler = move || {
        if stop.stop() {
            std::process::exit(130);
        }
        print_error_line("Ending when the running job is finished. Press Ctrl+C again to end at once.");
    };
    if let Err(error) = ctrlc::set_handler(handler) {
        tracing::warn!(%error, "Ctrl+C ends the program at once");
    }
    print_line(&format!("Listening on http://{}. Ctrl+C ends it.", server.address()));
    server.run()?;
    Ok(())
}

/// An address with a port, also as a name such as `localhost:7860`.
fn address(text: &str) -> Result<SocketAddr, String> {
    let found = text.to_socket_addrs().ok().and_then(|mut addresses| addresses.next());
    found.ok_or_else(|| "give an address and a port, such as 127.0.0.1:7860".into())
}
