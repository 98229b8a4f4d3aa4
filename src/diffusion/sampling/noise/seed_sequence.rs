//! Seeds from a seed: NumPy's `SeedSequence` (O'Neill's `seed_seq_fe`), which `torchsde` uses to give
//! every branch of a Brownian tree its own random numbers.

const POOL: usize = 24;
const HASH_A: (u32, u32) = (0x43b0_d7e5, 0x931e_8875);
const HASH_B: (u32, u32) = (0x8b51_f9dd, 0x58f3_8ded);
const MIX: (u32, u32) = (0xca01_f9dd, 0x4973_f715);
const SHIFT: u32 = 16;

/// The first `N` words that `SeedSequence(entropy, spawn_key=spawn, pool_size=24)` generates.
pub(super) fn seeds<const N: usize>(entropy: u64, spawn: &[u32]) -> [u32; N] {
    let mut words = vec![entropy as u32];
    if entropy >> 32 != 0 {
        words.push((entropy >> 32) as u32);
    }
    if !spawn.is_empty() {
        words.resize(POOL, 0);
        words.extend(spawn);
    }
    let mut hash = Hash::new(HASH_A);
    let mut pool: [u32; POOL] = std::array::from_fn(|i| hash.of(words.get(i).copied().unwrap_or(0)));
    for from in 0..POOL {
        for to in (0..POOL).filter(|to| *to != from) {
            pool[to] = mixed(pool[to], hash.of(pool[from]));
        }
    }
    for word in words.iter().skip(POOL) {
        for place in &mut pool {
            *place = mixed(*place, hash.of(*word));
        }
    }
    let mut hash = Hash::new(HASH_B);
    std::array::from_fn(|i| hash.of(pool[i % POOL]))
}

struct Hash {
    constant: u32,
    factor: u32,
}

impl Hash {
    fn new((constant, factor): (u32, u32)) -> Self {
        Self { constant, factor }
    }

    fn of(&mut self, value: u32) -> u32 {
        let value = value ^ self.constant;
        self.constant = self.constant.wrapping_mul(self.factor);
        let value = value.wrapping_mul(self.constant);
        value ^ (value >> SHIFT)
    }
}

fn mixed(x: u32, y: u32) -> u32 {
    let value = x.wrapping_mul(MIX.0).wrapping_sub(y.wrapping_mul(MIX.1));
    value ^ (value >> SHIFT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_numpys() {
        // numpy.random.SeedSequence(entropy, spawn_key=..., pool_size=24).generate_state(4), NumPy 2.4.
        assert_eq!(seeds::<4>(0, &[]), NUMPY[0]);
        assert_eq!(seeds::<4>(1234, &[]), NUMPY[1]);
        assert_eq!(seeds::<4>(4_294_967_296 + 5, &[]), NUMPY[2]);
        assert_eq!(seeds::<4>(1234, &[5, 3]), NUMPY[3]);
        assert_eq!(seeds::<4>(4_294_967_294, &[0, 0]), NUMPY[4]);
    }

    const NUMPY: [[u32; 4]; 5] = [
        [4_025_752_534, 2_687_548_107, 2_326_983_537, 1_576_567_101],
        [4_280_268_349, 3_829_106_894, 2_675_148_735, 1_502_016_262],
        [3_001_752_692, 252_864_033, 810_806_329, 58_457_048],
        [1_860_635_963, 869_273_324, 1_971_674_113, 2_280_051_663],
        [166_727_201, 505_601_247, 3_742_236_310, 360_826_722],
    ];
}
