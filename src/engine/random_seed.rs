//! Drawing seeds.

use super::MAX_SEED;

/// A random seed, `0..=4294967294`.
pub fn random_seed() -> i64 {
    // Every RandomState of the standard library is keyed afresh from the system's randomness.
    use std::hash::{BuildHasher, RandomState};
    (RandomState::new().hash_one(std::time::SystemTime::now()) % MAX_SEED.unsigned_abs()) as i64
}
