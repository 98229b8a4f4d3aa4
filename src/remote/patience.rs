//! How long anything may take, and how much a server may send.

use std::time::Duration;

/// How long anything may take, and how much a server may send.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Until a connection is made.
    pub connect: Duration,
    /// Until a short question is answered.
    pub answer: Duration,
    /// How long a server that makes a picture may leave questions about its progress unanswered.
    pub silence: Duration,
    /// How long one picture may take, with a model that is loaded first.
    pub picture: Duration,
    /// How often a server is asked how far it is.
    pub interval: Duration,
    /// Bytes of a list or of options.
    pub most_list: u64,
    /// Bytes of an answer with a picture.
    pub most_picture: u64,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            answer: Duration::from_secs(30),
            silence: Duration::from_secs(90),
            picture: Duration::from_secs(4 * 3600),
            interval: Duration::from_millis(500),
            most_list: 16 << 20,
            most_picture: 96 << 20,
        }
    }
}
