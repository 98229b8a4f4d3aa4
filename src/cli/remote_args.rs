//! `--engine`: pictures made by a server instead of this machine.

use std::path::PathBuf;

use anyhow::{anyhow, bail};

use super::generate_args::GenerateArgs;
use super::options::{EngineOptions, one};
use crate::engine::{Cancel, ModelChoice};
use crate::remote::{Login, ServerUrl, WebUiEngine};

/// The environment variable that can hold the name and password of the server.
const AUTH_VARIABLE: &str = "UNDERPAINT_ENGINE_AUTH";
/// The longest file with a name and password that is read, in bytes.
const LONGEST_LOGIN: u64 = 4096;

/// Which server makes the pictures.
#[derive(clap::Args, Clone, Debug, Default, PartialEq)]
pub struct RemoteArgs {
    /// Server that makes the pictures instead of this machine: the address of anything that speaks the API of
    /// AUTOMATIC1111's web UI, such as underpaint serve, Forge or stable-diffusion.cpp's server. Start picture, mask, prompts
    /// and settings are sent there. --model is then the name of one of its models [default: the one in use there]
    #[arg(long, value_name = "URL")]
    pub engine: Option<ServerUrl>,
    /// File that holds name and password for the server, as USER:PASS; the environment variable UNDERPAINT_ENGINE_AUTH
    /// can hold them too
    #[arg(long, value_name = "FILE", requires = "engine")]
    pub engine_auth: Option<PathBuf>,
}

impl RemoteArgs {
    /// These options together with those `before` the command.
    ///
    /// # Errors
    /// An option with different values in both places, as a sentence.
    pub fn merged(self, before: Self) -> Result<Self, String> {
        Ok(Self {
            engine: one("--engine", before.engine, self.engine)?,
            engine_auth: one("--engine-auth", before.engine_auth, self.engine_auth)?,
        })
    }

    /// The server that `--engine` names, with its name and password; `None` if it names none. Without `--model` the model
    /// becomes the one that is in use there.
    ///
    /// # Errors
    /// Options that count on this machine only, a name and password that cannot be read, and a server that cannot be asked.
    pub fn server(&self, options: &mut EngineOptions) -> anyhow::Result<Option<RemoteServer>> {
        let Some(url) = self.engine.clone() else { return Ok(None) };
        let local = EngineOptions { model: None, ..options.clone() };
        if let Some(option) = local.first_given() {
            bail!("{option} counts for pictures that are made on this machine. Leave it out, or leave --engine out.");
        }
        let server = RemoteServer { url, login: login(self)? };
        if options.model.is_none() {
            let current = server.engine().offer(&Cancel::default())?.current_choice();
            let current = current.ok_or_else(|| {
                anyhow!("{} does not say which model it uses. Say with --model which one is meant.", server.url.host())
            })?;
            options.model = Some(match current {
                ModelChoice::Starter => ModelChoice::Starter.name().into(),
                ModelChoice::Path(path) => path,
            });
        }
        Ok(Some(server))
    }
}

/// A server that makes the pictures.
#[derive(Clone, Debug)]
pub struct RemoteServer {
    url: ServerUrl,
    login: Option<Login>,
}

impl RemoteServer {
    /// An engine that asks it.
    pub fn engine(&self) -> WebUiEngine {
        WebUiEngine::new(self.url.clone(), self.login.clone())
    }
}

/// The server that makes the pictures of `underpaint generate`; `None` if this machine does.
///
/// # Errors
/// As for [`RemoteArgs::server`], and for options of the command that count on this machine only.
pub fn server_of(args: &mut GenerateArgs) -> anyhow::Result<Option<RemoteServer>> {
    if let Some(url) = &args.remote.engine {
        if args.preset.is_some() || args.estimate {
            bail!("--preset and --estimate are about this machine. Leave them out, or leave --engine out.");
        }
        if args.engine.model.is_none() && (args.from.is_some() || args.document.is_some() || args.vary.is_some()) {
            bail!("Say with --model which of the models of {} is meant.", url.host());
        }
    }
    args.remote.server(&mut args.engine)
}

fn login(args: &RemoteArgs) -> anyhow::Result<Option<Login>> {
    let text = match &args.engine_auth {
        Some(path) => {
            let fail = |reason: String| anyhow!("{} could not be read: {reason}.", path.display());
            let length = std::fs::metadata(path).map_err(|e| fail(crate::picture::plain_reason(&e)))?.len();
            if length > LONGEST_LOGIN {
                return Err(fail("it is too long for a name and a password".into()));
            }
            Some(std::fs::read_to_string(path).map_err(|e| fail(crate::picture::plain_reason(&e)))?)
        }
        None => std::env::var(AUTH_VARIABLE).ok(),
    };
    let read =
        |text: String| Login::from_text(&text).map_err(|error| anyhow!("Name and password of the server: {error}."));
    text.map(read).transpose()
}
