//! The generator that `torch.randn` uses on the CPU.
//!
//! The Mersenne Twister MT19937 (Matsumoto and Nishimura 1998), 24 bits of each word as a number in
//! 0..1, and a Box-Muller transform on blocks of sixteen: the first eight are radii, the others
//! angles. Numbers that do not fill a block are drawn again together with the fifteen before them.

const SIZE: usize = 624;
const MIDDLE: usize = 397;
const BLOCK: usize = 16;

/// A stream of standard normal numbers.
#[derive(Clone)]
pub struct Twister {
    state: [u32; SIZE],
    next: usize,
}

impl Twister {
    /// Only the lower 32 bits of the seed count, as in PyTorch.
    pub fn new(seed: u64) -> Self {
        let mut state = [0; SIZE];
        state[0] = seed as u32;
        for i in 1..SIZE {
            let before: u32 = state[i - 1];
            state[i] = 1_812_433_253u32.wrapping_mul(before ^ (before >> 30)).wrapping_add(i as u32);
        }
        Self { state, next: SIZE }
    }

    /// The next `count` numbers, at least sixteen.
    pub fn draw(&mut self, count: usize) -> Vec<f32> {
        debug_assert!(count >= BLOCK, "PyTorch draws fewer than sixteen in another way");
        let mut values: Vec<f32> = (0..count).map(|_| self.uniform()).collect();
        values.chunks_exact_mut(BLOCK).for_each(normal);
        if !count.is_multiple_of(BLOCK) {
            let rest = &mut values[count - BLOCK..];
            rest.fill_with(|| self.uniform());
            normal(rest);
        }
        values
    }

    fn uniform(&mut self) -> f32 {
        (self.word() & 0x00ff_ffff) as f32 / (1 << 24) as f32
    }

    fn word(&mut self) -> u32 {
        if self.next == SIZE {
            self.turn();
        }
        let mut y = self.state[self.next];
        self.next += 1;
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c_5680;
        y ^= (y << 15) & 0xefc6_0000;
        y ^ (y >> 18)
    }

    fn turn(&mut self) {
        for i in 0..SIZE {
            let y = (self.state[i] & 0x8000_0000) | (self.state[(i + 1) % SIZE] & 0x7fff_ffff);
            let odd = if y & 1 == 1 { 0x9908_b0df } else { 0 };
            self.state[i] = self.state[(i + MIDDLE) % SIZE] ^ (y >> 1) ^ odd;
        }
        self.next = 0;
    }
}

/// Sixteen numbers in 0..1 become sixteen normal ones.
fn normal(block: &mut [f32]) {
    for i in 0..BLOCK / 2 {
        // From 0..1 to 1..0, so that the logarithm never sees 0.
        let radius = (-2.0 * (1.0 - block[i]).ln()).sqrt();
        let angle = std::f32::consts::TAU * block[i + BLOCK / 2];
        block[i] = radius * angle.cos();
        block[i + BLOCK / 2] = radius * angle.sin();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(got: &[f32], want: &[f32]) {
        for (got, want) in got.iter().zip(want) {
            assert!((got - want).abs() < 3e-6, "{got} is not {want}");
        }
    }

    #[test]
    fn the_words_are_the_published_ones() {
        // The first outputs of MT19937 for its own default seed 5489, and the 10,000th (C++ standard).
        let mut twister = Twister::new(5489);
        let words: Vec<u32> = (0..10_000).map(|_| twister.word()).collect();
        assert_eq!((words[0], words[9_999]), (3_499_211_612, 4_123_659_995));
    }

    #[test]
    fn the_numbers_are_pytorchs() {
        // torch.randn(4, 4, 4, generator=torch.Generator().manual_seed(seed)) of PyTorch 2.15:
        // the first six and last three, and the first three of the draw after.
        type Case = (u64, [f32; 6], [f32; 3], [f32; 3]);
        const CASES: [Case; 3] = [
            (
                0,
                [-1.125_84, -1.152_36, -0.250_579, -0.433_879, 0.848_71, 0.692_009],
                [-1.234_135, 1.819_725, -0.551_529],
                [-0.569_248, 0.919_971, 1.110_816],
            ),
            (
                42,
                [1.926_915, 1.487_284, 0.900_717, -2.105_521, 0.678_418, -1.234_545],
                [1.844_594, -1.184_537, 1.383_549],
                [1.445_134, 0.856_413, 2.218_076],
            ),
            (
                3_141_592_653,
                [-0.141_872, -1.906_265, -0.109_286, -0.909_812, -1.088_142, 0.065_646],
                [-1.432_141, -0.276_843, -0.706_889],
                [-0.886_697, 0.303_785, -0.888_443],
            ),
        ];
        for (seed, first, last, second) in CASES {
            let mut twister = Twister::new(seed);
            let values = twister.draw(64);
            close(&values, &first);
            close(&values[61..], &last);
            close(&twister.draw(64), &second);
        }
    }

    #[test]
    fn an_uneven_number_ends_as_pytorchs_does() {
        // torch.randn(21) with seed 7.
        let want = [
            -0.820_135, 0.395_631, 0.898_908, -1.388_404, -0.166_996, 0.782_073, 1.039_108, -0.724_511, -0.848_909,
            -1.216_929, -0.081_022, 1.361_485, -1.303_217, 0.674_101, -1.323_346, -1.359_769, -0.866_702, -0.564_007,
            -2.056_463, -0.356_723, 1.095_58,
        ];
        close(&Twister::new(7).draw(21), &want);
    }
}
