//! Starting and stopping a round.

/// Commands that start or stop a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoundCommand {
    /// Ask for a round with the current canvas and settings. It is made after those that were asked for before.
    Generate,
    /// Cancel the running round; its finished pictures are kept.
    Cancel,
}
