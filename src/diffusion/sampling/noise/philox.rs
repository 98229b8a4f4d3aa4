//! The generator that `torch.randn` uses on CUDA devices, on any machine.
//!
//! Philox 4×32 with 10 rounds (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011)
//! and a Box-Muller transform. Counter-based: number `i` of draw `n` can be computed without the earlier ones.

const MULTIPLIER: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];

/// A stream of standard normal numbers.
#[derive(Clone, Debug)]
pub struct Philox {
    seed: u64,
    draws: u32,
}

impl Philox {
    pub fn new(seed: u64) -> Self {
        Self { seed, draws: 0 }
    }

    /// The next `count` numbers; every call moves the stream on by one.
    pub fn draw(&mut self, count: usize) -> Vec<f32> {
        let key = [self.seed as u32, (self.seed >> 32) as u32];
        let number = |i: usize| {
            let block = philox([self.draws, 0, i as u32, ((i as u64) >> 32) as u32], key);
            normal(block[0], block[1])
        };
        let values = (0..count).map(number).collect();
        self.draws += 1;
        values
    }
}

/// One block of four random words.
fn philox(mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    for round in 0..10 {
        if round > 0 {
            key = [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])];
        }
        let a = u64::from(counter[0]) * u64::from(MULTIPLIER[0]);
        let b = u64::from(counter[2]) * u64::from(MULTIPLIER[1]);
        counter = [(b >> 32) as u32 ^ counter[1] ^ key[0], b as u32, (a >> 32) as u32 ^ counter[3] ^ key[1], a as u32];
    }
    counter
}

/// Box-Muller, the sine half.
fn normal(a: u32, b: u32) -> f32 {
    const UNIT: f64 = 1.0 / 4_294_967_296.0;
    let u = f64::from(a) * UNIT + UNIT / 2.0;
    let v = (f64::from(b) * UNIT + UNIT / 2.0) * std::f64::consts::TAU;
    ((-2.0 * u.ln()).sqrt() * v.sin()) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn philox_gives_the_published_test_vectors() {
        // Known-answer tests distributed with the Random123 library.
        assert_eq!(philox([0; 4], [0; 2]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_eq!(philox([u32::MAX; 4], [u32::MAX; 2]), [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
        assert_eq!(
            philox([0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0]),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }
}
