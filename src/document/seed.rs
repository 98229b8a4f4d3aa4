//! The seed of the next round, and the seeds whose noise is in a picture already.

use crate::engine::{MAX_SEED, random_seed};

/// The seeds whose noise is in a picture already: those of every result it came from. The order says
/// nothing, and no seed is listed twice.
pub type Ancestry = Vec<u64>;

/// The seeds in a result that was made with `seed` from a picture with the seeds `before`.
pub(super) fn with_seed(before: &[u64], seed: u64) -> Ancestry {
    let mut ancestry = before.to_vec();
    if !ancestry.contains(&seed) {
        ancestry.push(seed);
    }
    ancestry
}

/// The seed of a round, and a sentence if it is not the one in the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeedChoice {
    /// The first image's seed.
    pub seed: i64,
    /// Why the seed differs from the one in the settings.
    pub notice: Option<String>,
}

/// Draws a random seed for -1, and moves a fixed one on by the batch size for as long as one of the
/// batch's seeds is in the ancestry of the start image: reusing the same noise leaves artefacts.
pub fn choose_seed(asked: i64, batch: usize, ancestry: &[u64]) -> SeedChoice {
    if asked < 0 {
        return SeedChoice { seed: random_seed(), notice: None };
    }
    // Wide enough for every batch, small enough that the search below ends.
    let span = batch.clamp(1, 1 << 16) as i64;
    let clashes = |seed: i64| {
        ancestry
            .iter()
            .any(|a| i64::try_from(*a).is_ok_and(|a| (a.wrapping_sub(seed) & MAX_SEED) < span && a <= MAX_SEED))
    };
    let mut seed = asked;
    let tries = ancestry.len().saturating_mul(2).saturating_add(2);
    for _ in 0..tries {
        if !clashes(seed) {
            break;
        }
        seed = seed.wrapping_add(span) & MAX_SEED;
    }
    let notice = (seed != asked).then(|| {
        format!("Seed {asked} is in this canvas already, so this round uses {seed}: reusing the same noise would leave artefacts.")
    });
    SeedChoice { seed, notice }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_seed_moves_on_by_the_batch_once_its_noise_is_in_the_canvas() {
        assert_eq!(choose_seed(42, 4, &[]), SeedChoice { seed: 42, notice: None });
        let second = choose_seed(42, 4, &[44]);
        assert_eq!(second.seed, 46);
        assert!(second.notice.is_some_and(|n| n.contains("42") && n.contains("46")));
        assert_eq!(choose_seed(42, 4, &[44, 47]).seed, 50);
        assert_eq!(choose_seed(42, 4, &[41, 46]).seed, 42);
    }

    #[test]
    fn seeds_wrap_and_wild_values_end() {
        assert_eq!(choose_seed(MAX_SEED, 4, &[1]).seed, 3, "the batch is 4294967295, 0, 1, 2");
        assert_eq!(choose_seed(5, 4, &[u64::MAX, u64::MAX - 1]).seed, 5);
        for asked in [0, MAX_SEED, i64::MAX] {
            for batch in [0, 1, usize::MAX] {
                choose_seed(asked, batch, &[0, 1, 70_000, u64::MAX]);
            }
        }
    }

    #[test]
    fn a_seed_is_listed_once() {
        assert_eq!(with_seed(&with_seed(&[3], 4), 4), [3, 4]);
    }

    #[test]
    fn random_seeds_differ_and_stay_in_range() {
        let seeds: Vec<i64> = (0..50).map(|_| choose_seed(-1, 4, &[]).seed).collect();
        assert!(seeds.iter().all(|s| (0..MAX_SEED).contains(s)));
        assert!(seeds.iter().any(|s| *s != seeds[0]));
    }
}
