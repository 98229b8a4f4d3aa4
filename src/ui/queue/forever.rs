//! Generate for ever: when no job waits, the next round is added, with the next seed.

use crate::ui::commands::{Services, ask_for_round};
use crate::ui::state::WindowState;

/// Adds the next round from the canvas and the settings as they are now, if that is wanted and nothing else is to be
/// made. It waits for a stroke that is being painted, and for other work on the canvas.
pub(super) fn add_round(state: &mut WindowState, services: &Services) {
    let queue = state.document.queue();
    let is_wanted = state.queue.is_forever && queue.is_empty() && queue.paused().is_none();
    if !is_wanted || state.document.is_stroking() || state.work.is_busy() {
        return;
    }
    // A fixed seed would make the same pictures again.
    let (seed, batch) = (state.document.settings().seed, state.document.settings().batch);
    if seed >= 0 && state.last_seed == u64::try_from(seed).ok() {
        state.document.settings_mut().seed = next_seed(seed, batch);
    }
    ask_for_round(state, services, None, |state, _, is_asked| state.queue.is_forever &= is_asked);
}

/// The first seed after those of a batch. Seeds wrap at the largest one.
fn next_seed(seed: i64, batch: usize) -> i64 {
    seed.wrapping_add(batch as i64) & crate::engine::MAX_SEED
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::MAX_SEED;

    #[test]
    fn the_next_seed_is_the_one_after_the_batch() {
        assert_eq!(next_seed(100, 4), 104);
        assert_eq!(next_seed(MAX_SEED, 4), 3);
    }
}
