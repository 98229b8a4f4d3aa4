//! Which machines make the pictures.

use crate::remote::{Login, ServerUrl};

/// Commands about the engines: this machine and servers.
#[derive(Clone, Debug, PartialEq)]
pub enum EngineCommand {
    /// Show the list of engines.
    Open,
    /// Close it.
    Close,
    /// Add a server to the list, with name and password if it asks for them, and ask it what it is.
    Add(ServerUrl, Option<Login>),
    /// Take a server off the list.
    Remove(ServerUrl),
    /// Let a server make pictures, or no longer.
    Switch(ServerUrl, bool),
    /// Let this machine make pictures, or no longer.
    SwitchLocal(bool),
    /// Agree that sketch, prompt and settings are sent to the server that was asked about.
    Agree,
    /// Send nothing to it.
    Decline,
    /// Ask all servers of the list what they are and have.
    AskAll,
}
