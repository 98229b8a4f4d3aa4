//! How patient fetching is, and how much it asks for at once.

use std::time::Duration;

/// How patient fetching is, and how much it asks for at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchLimits {
    /// A connection without a byte for this long is cut, and what it should bring is asked for again. Half a minute by
    /// default.
    pub silence: Duration,
    /// How long to wait before the first new try; each further wait is twice as long. Half a second by default.
    pub first_wait: Duration,
    /// The longest wait between two tries. A server that asks for a longer one ends fetching. One minute by default.
    pub longest_wait: Duration,
    /// How many tries in a row may fail without a new byte. 6 by default.
    pub tries: u32,
    /// How many parts of one file are fetched at the same time. 4 by default.
    pub parts: usize,
    /// Smaller files, in bytes, are fetched in one part. 64 MiB by default.
    pub parts_from: u64,
}

impl Default for FetchLimits {
    fn default() -> Self {
        Self {
            silence: Duration::from_secs(30),
            first_wait: Duration::from_millis(500),
            longest_wait: Duration::from_secs(60),
            tries: 6,
            parts: 4,
            parts_from: 64 << 20,
        }
    }
}

impl FetchLimits {
    /// How long to wait after this many failures in a row, from 1 on.
    pub(super) fn wait(&self, failures: u32) -> Duration {
        let doublings = failures.saturating_sub(1).min(16);
        self.first_wait.saturating_mul(1 << doublings).min(self.longest_wait)
    }
}
