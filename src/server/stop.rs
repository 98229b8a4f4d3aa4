//! The way to end the server.

use tokio::sync::watch;

/// Ends the server, from any thread.
#[derive(Clone, Debug)]
pub struct Stop(watch::Sender<bool>);

impl Stop {
    pub(super) fn new() -> Self {
        Self(watch::Sender::new(false))
    }

    /// Asks the server to end: it takes no more jobs, refuses those that wait, and ends when the one that it works on is
    /// answered. Returns whether that was asked for before.
    pub fn stop(&self) -> bool {
        self.0.send_replace(true)
    }

    /// Waits until it is asked for.
    pub(super) async fn asked_for(&self) {
        // The sender is this value, so it is not gone.
        let _ = self.0.subscribe().wait_for(|asked| *asked).await;
    }
}
