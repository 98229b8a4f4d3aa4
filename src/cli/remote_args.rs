//! `--engine`: pictures made by servers instead of this machine.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use anyhow::{anyhow, bail};

use super::generate_args::GenerateArgs;
use super::options::{EngineOptions, one};
use crate::engine::{Engine, ModelChoice};
use crate::remote::{EngineChoice, Login, OwnGraph, Patience, Server, ServerUrl, ask_health, engine_of};

/// The environment variable that can hold the name and password of the server.
const AUTH_VARIABLE: &str = "UNDERPAINT_ENGINE_AUTH";
/// The longest file with names and passwords that is read, in bytes.
const LONGEST_LOGIN: u64 = 4096;
/// The longest file with a graph that is read, in bytes.
const LONGEST_GRAPH: u64 = 16 << 20;

/// Which servers make the pictures.
#[derive(clap::Args, Clone, Debug, Default, PartialEq)]
pub struct RemoteArgs {
    /// Server that makes the pictures instead of this machine: the address of ComfyUI or of anything that speaks the API of
    /// AUTOMATIC1111's web UI, such as underpaint serve, Forge or stable-diffusion.cpp's server. Start picture, mask, prompts
    /// and settings are sent there. Given several times, the pictures are shared; "local" stands for this machine among
    /// them. --model is then the name of a model of the servers [default: the one in use there]
    #[arg(long, value_name = "URL")]
    pub engine: Vec<EngineName>,
    /// File that holds name and password for the server, as USER:PASS, or for several servers a line HOST:PORT USER:PASS
    /// for each; the environment variable UNDERPAINT_ENGINE_AUTH can hold them too
    #[arg(long, value_name = "FILE", requires = "engine")]
    pub engine_auth: Option<PathBuf>,
    /// Graph that makes the pictures on ComfyUI: a file that was exported there in API format. Nodes whose title begins with
    /// underpaint say what is filled in, as in "underpaint: seed, steps"; see docs/server.md
    #[arg(long, value_name = "FILE", requires = "engine")]
    pub graph: Option<PathBuf>,
}

/// One of the engines that are named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EngineName {
    /// This machine.
    Local,
    /// A server.
    Server(ServerUrl),
}

impl FromStr for EngineName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "local" { Ok(Self::Local) } else { ServerUrl::parse(text).map(Self::Server) }
    }
}

impl RemoteArgs {
    /// These options together with those `before` the command.
    ///
    /// # Errors
    /// An option with different values in both places, as a sentence.
    pub fn merged(self, before: Self) -> Result<Self, String> {
        let mut engine = before.engine;
        engine.extend(self.engine);
        Ok(Self {
            engine,
            engine_auth: one("--engine-auth", before.engine_auth, self.engine_auth)?,
            graph: one("--graph", before.graph, self.graph)?,
        })
    }

    /// The engines that `--engine` names, with names and passwords; this machine if it names none.
    ///
    /// # Errors
    /// Options that count on this machine only, and a name and password that cannot be read.
    pub fn choice(&self, options: &EngineOptions) -> anyhow::Result<EngineChoice> {
        let mut urls: Vec<&ServerUrl> = Vec::new();
        for name in &self.engine {
            if let EngineName::Server(url) = name
                && !urls.contains(&url)
            {
                urls.push(url);
            }
        }
        let local = urls.is_empty() || self.engine.contains(&EngineName::Local);
        let here = EngineOptions { model: None, ..options.clone() };
        if let (false, Some(option)) = (local, here.first_given()) {
            bail!("{option} counts for pictures that are made on this machine. Leave it out, or leave --engine out.");
        }
        let logins = logins(self)?;
        let servers: anyhow::Result<Vec<Server>> = urls
            .iter()
            .map(|url| Ok(Server { url: (*url).clone(), login: login_of(&logins, url, urls.len())? }))
            .collect();
        let graph = self.graph.as_deref().map(own_graph).transpose()?;
        Ok(EngineChoice { local, servers: servers?, graph })
    }

    fn first_server(&self) -> Option<&ServerUrl> {
        self.engine.iter().find_map(|name| match name {
            EngineName::Server(url) => Some(url),
            EngineName::Local => None,
        })
    }
}

/// The servers that make the pictures, `None` if this machine does. Without `--model` the model becomes the one that is in
/// use on the first of them.
///
/// # Errors
/// As for [`RemoteArgs::choice`], options of the command that count on this machine only, and a server that cannot be asked.
pub fn servers_of(args: &mut GenerateArgs) -> anyhow::Result<Option<EngineChoice>> {
    let choice = args.remote.choice(&args.engine)?;
    let (Some(first), Some(url)) = (choice.servers.first(), args.remote.first_server()) else { return Ok(None) };
    if args.preset.is_some() || args.estimate {
        bail!("--preset and --estimate are about this machine. Leave them out, or leave --engine out.");
    }
    if choice.graph.is_some() && choice.local {
        bail!("--graph is for ComfyUI. Leave it out, or leave --engine local out.");
    }
    if args.engine.model.is_none() && choice.graph.is_some() {
        // The graph says which one it loads.
        args.engine.model = Some("graph".into());
    }
    if args.engine.model.is_none() {
        if args.from.is_some() || args.document.is_some() || args.vary.is_some() {
            bail!("Say with --model which of the models of {} is meant.", url.host());
        }
        let health = ask_health(first, Patience::default()).map_err(|reason| anyhow!(reason))?;
        // A server with one model uses that one.
        let only = health.models.first().filter(|_| health.models.len() == 1).cloned();
        let current = health.current.or(only).ok_or_else(|| {
            anyhow!("{} does not say which model it uses. Say with --model which one is meant.", url.host())
        })?;
        args.engine.model = Some(current.into());
    }
    Ok(Some(choice))
}

/// The engine that asks these servers; `local` makes the one on this machine, if it is one of them.
pub fn remote_engine(choice: &EngineChoice, local: impl FnOnce() -> Box<dyn Engine>) -> Box<dyn Engine> {
    engine_of(choice, local)
}

/// The model of the window's first round on servers: what `--model` says.
pub fn model_on_servers(options: &EngineOptions) -> ModelChoice {
    options.model.as_ref().map_or(ModelChoice::Starter, |name| crate::remote::model_on_server(&name.to_string_lossy()))
}

/// Reads an exported graph.
fn own_graph(path: &Path) -> anyhow::Result<Arc<OwnGraph>> {
    let fail = |reason: String| anyhow!("{} could not be read: {reason}.", path.display());
    let length = std::fs::metadata(path).map_err(|e| fail(crate::picture::plain_reason(&e)))?.len();
    if length > LONGEST_GRAPH {
        return Err(fail("it is far too long for a graph".into()));
    }
    let text = std::fs::read_to_string(path).map_err(|e| fail(crate::picture::plain_reason(&e)))?;
    OwnGraph::parse(&text).map(Arc::new).map_err(|reason| anyhow!("{}: {reason}", path.display()))
}

/// The lines of the file or variable with names and passwords: the host that each counts for, if it says one.
fn logins(args: &RemoteArgs) -> anyhow::Result<Vec<(Option<String>, Login)>> {
    let text = match &args.engine_auth {
        Some(path) => {
            let fail = |reason: String| anyhow!("{} could not be read: {reason}.", path.display());
            let length = std::fs::metadata(path).map_err(|e| fail(crate::picture::plain_reason(&e)))?.len();
            if length > LONGEST_LOGIN {
                return Err(fail("it is too long for a name and a password".into()));
            }
            Some(std::fs::read_to_string(path).map_err(|e| fail(crate::picture::plain_reason(&e)))?)
        }
        None => std::env::var(AUTH_VARIABLE).ok().filter(|_| args.first_server().is_some()),
    };
    let lines = text.as_deref().unwrap_or_default().lines().filter(|line| !line.trim().is_empty());
    lines
        .map(login_line)
        .collect::<Result<_, _>>()
        .map_err(|error| anyhow!("Name and password of the server: {error}."))
}

/// `USER:PASS`, or `HOST:PORT USER:PASS`. A password may hold spaces, a host none.
fn login_line(line: &str) -> Result<(Option<String>, Login), String> {
    if let Some((host, pair)) = line.split_once(' ')
        && let (Ok(url), Ok(login)) = (ServerUrl::parse(host), Login::from_text(pair.trim_start()))
    {
        return Ok((Some(url.host().to_owned()), login));
    }
    Login::from_text(line).map(|login| (None, login))
}

/// The name and password for a server: of its own line, or where there is only one server of the line for any.
fn login_of(logins: &[(Option<String>, Login)], url: &ServerUrl, servers: usize) -> anyhow::Result<Option<Login>> {
    if let Some((_, login)) = logins.iter().find(|(host, _)| host.as_deref() == Some(url.host())) {
        return Ok(Some(login.clone()));
    }
    match logins.iter().find(|(host, _)| host.is_none()) {
        Some(_) if servers > 1 => {
            bail!("Say for which of the servers each name and password is: HOST:PORT USER:PASS, one a line.")
        }
        found => Ok(found.map(|(_, login)| login.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_goes_to_its_server_alone() {
        let (one, two) =
            (ServerUrl::parse("one:1").expect("an address"), ServerUrl::parse("two:2").expect("an address"));
        let read = |lines: &[&str]| lines.iter().map(|line| login_line(line).expect("a login")).collect::<Vec<_>>();
        let both = read(&["one:1 anna:a b", "two:2 bert:c"]);
        let text = |login: Option<Login>| login.map(|login| login.as_text().to_owned());
        assert_eq!(text(login_of(&both, &one, 2).expect("found")), Some("anna:a b".into()));
        assert_eq!(text(login_of(&both, &two, 2).expect("found")), Some("bert:c".into()));
        let plain = read(&["anna:secret word"]);
        assert_eq!(text(login_of(&plain, &one, 1).expect("found")), Some("anna:secret word".into()));
        assert!(login_of(&plain, &one, 2).is_err());
        assert_eq!(login_of(&both, &ServerUrl::parse("three").expect("an address"), 3).expect("none"), None);
    }

    #[test]
    fn this_machine_is_one_of_several_engines() {
        let args = |names: &[&str]| RemoteArgs {
            engine: names.iter().map(|name| name.parse().expect("an engine")).collect(),
            engine_auth: None,
            graph: None,
        };
        let choice = |names: &[&str]| args(names).choice(&EngineOptions::default()).expect("a choice");
        assert_eq!(choice(&[]), EngineChoice::default());
        assert_eq!(choice(&["local"]), EngineChoice::default());
        let both = choice(&["local", "one:1", "one:1/", "two"]);
        assert!(both.local && both.servers.len() == 2);
        assert!(!choice(&["one"]).local);
    }
}
