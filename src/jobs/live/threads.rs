//! The threads that make frames of live painting. They leave the processor to the window when it needs it.

use std::sync::OnceLock;

use rayon::{ThreadPool, ThreadPoolBuilder};

/// How much lower the threads' priority is than the window's, as Linux counts it: at 10 the window gets nine tenths of a
/// core that both want.
#[cfg(target_os = "linux")]
const LOWER: i32 = 10;

/// Threads with a low priority where the system lets a program choose it for a thread; elsewhere one thread fewer than
/// there are cores.
#[derive(Default)]
pub(in crate::jobs) struct LiveThreads {
    /// Started with the first frame. `None` where they could not be started.
    pool: OnceLock<Option<ThreadPool>>,
}

impl LiveThreads {
    /// Does work with these threads. What is computed does not depend on them.
    pub fn run<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        match self.pool.get_or_init(start) {
            Some(pool) => pool.install(work),
            None => work(),
        }
    }
}

fn start() -> Option<ThreadPool> {
    let threads = ThreadPoolBuilder::new().thread_name(|at| format!("live {at}")).num_threads(count());
    match threads.start_handler(|_| lower_priority()).build() {
        Ok(pool) => Some(pool),
        Err(error) => {
            tracing::warn!("live painting has no threads of its own: {error}");
            None
        }
    }
}

#[cfg(target_os = "linux")]
fn count() -> usize {
    rayon::current_num_threads()
}

#[cfg(not(target_os = "linux"))]
fn count() -> usize {
    rayon::current_num_threads().saturating_sub(1).max(1)
}

#[cfg(target_os = "linux")]
fn lower_priority() {
    // On Linux this is about the calling thread alone.
    if let Err(error) = rustix::process::nice(LOWER) {
        tracing::debug!("a thread keeps its priority: {error}");
    }
}

#[cfg(not(target_os = "linux"))]
fn lower_priority() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn its_threads_have_a_lower_priority_and_others_keep_theirs() {
        let threads = LiveThreads::default();
        let priority = || rustix::process::getpriority_process(None).expect("known");
        let before = priority();
        assert_eq!(threads.run(priority), (before + LOWER).min(19));
        assert_eq!(priority(), before);
        assert_eq!(threads.run(rayon::current_num_threads), rayon::current_num_threads());
    }
}
