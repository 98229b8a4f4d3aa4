//! Which seed a round starts with.

use crate::engine::MAX_SEED;

/// The seeds whose noise is already in the canvas: those of every result it was painted over.
pub type Ancestry = Vec<u64>;

/// The seed of a round, and a sentence when it is not the one that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeedChoice {
    /// First image's seed.
    pub seed: i64,
    /// What to tell the person.
    pub notice: Option<String>,
}

/// A random seed, `0..=4294967294`.
pub fn random_seed() -> i64 {
    // Every RandomState of the standard library is keyed afresh from the system's randomness.
    use std::hash::{BuildHasher, RandomState};
    (RandomState::new().hash_one(std::time::SystemTime::now()) % MAX_SEED.unsigned_abs()) as i64
}

/// Draws a random seed for -1, and moves a fixed one on by the batch size for as long as one of
/// the batch's seeds made the canvas: the same noise a second time burns in.
pub fn choose_seed(asked: i64, batch: usize, ancestry: &[u64]) -> SeedChoice {
    if asked < 0 {
        return SeedChoice { seed: random_seed(), notice: None };
    }
    let span = batch.max(1) as i64;
    let clashes = |seed: i64| ancestry.iter().any(|a| (0..span).any(|i| (seed + i) & MAX_SEED == *a as i64));
    let mut seed = asked;
    while clashes(seed) {
        seed = (seed + span) & MAX_SEED;
    }
    let notice = (seed != asked).then(|| {
        format!("Seed {asked} made this canvas, so this round uses {seed}: the same noise twice would burn in.")
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
    fn random_seeds_differ_and_stay_in_range() {
        let seeds: Vec<i64> = (0..50).map(|_| choose_seed(-1, 4, &[]).seed).collect();
        assert!(seeds.iter().all(|s| (0..MAX_SEED).contains(s)));
        assert!(seeds.iter().any(|s| *s != seeds[0]));
    }
}
