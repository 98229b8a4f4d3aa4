//! What the server takes on at most.

use std::time::Duration;

/// What the server takes on at most. The settings of a picture have their own ranges, see
/// [`Settings::check`](crate::engine::Settings::check).
#[derive(Clone, Copy, Debug)]
pub struct ServerLimits {
    /// Jobs that wait for the one that is worked on.
    pub waiting: usize,
    /// Connections at a time; further ones wait until one ends.
    pub connections: usize,
    /// Bytes of one request's body.
    pub body: usize,
    /// Bytes of all bodies that are being read.
    pub bodies: usize,
    /// How long a client may take to send a request's head, or to send the next one over the same connection.
    pub head_time: Duration,
    /// How long a client may pause while it sends a body or takes an answer.
    pub pause: Duration,
    /// How long a whole body may take.
    pub body_time: Duration,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            waiting: 16,
            connections: 128,
            body: 64 << 20,
            bodies: 256 << 20,
            head_time: Duration::from_secs(30),
            pause: Duration::from_secs(20),
            body_time: Duration::from_secs(300),
        }
    }
}
