//! The grain of paper that shows through a stroke.

use serde::{Deserialize, Serialize};

/// The paper that shows through a stroke.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grain {
    /// None.
    #[default]
    None,
    /// Smooth drawing paper.
    Fine,
    /// Rough watercolour paper.
    Rough,
    /// Woven canvas.
    Weave,
}

impl Grain {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::None, Self::Fine, Self::Rough, Self::Weave];
}

/// Side of the square that repeats, in pixels.
const SIDE: usize = 256;

/// How deep the paper lies at each pixel, as a square that repeats over the canvas.
pub(in crate::paint) struct GrainTile {
    /// Depths `0..=1` times the strength, row by row.
    depths: Vec<f32>,
}

impl GrainTile {
    /// The depths of a paper, times `strength`, `0..=1`; `None` if nothing shows through.
    pub fn new(grain: Grain, strength: f32) -> Option<Self> {
        if grain == Grain::None || strength <= 0.0 {
            return None;
        }
        let depth = |x: usize, y: usize| match grain {
            Grain::None => 0.0,
            Grain::Fine => 0.55 * noise(x, y, 1) + 0.45 * noise(x, y, 2),
            Grain::Rough => 0.2 * noise(x, y, 1) + 0.4 * noise(x, y, 4) + 0.4 * noise(x, y, 8),
            Grain::Weave => 0.7 * weave(x, y) + 0.3 * noise(x, y, 2),
        };
        let depths = (0..SIDE * SIDE).map(|i| depth(i % SIDE, i / SIDE) * strength).collect();
        Some(Self { depths })
    }

    /// Lowers coverages, which begin at pixel `(x, y)` and go on to the right, by the depth of the paper.
    pub fn apply(&self, x: usize, y: usize, coverage: &mut [f32]) {
        let row = &self.depths[(y % SIDE) * SIDE..(y % SIDE + 1) * SIDE];
        for (i, covered) in coverage.iter_mut().enumerate() {
            *covered = (*covered - row[(x + i) % SIDE]).max(0.0);
        }
    }
}

/// Threads that go over and under each other, four pixels wide.
fn weave(x: usize, y: usize) -> f32 {
    let across = |v: usize| {
        let place = (v % 4) as f32 - 1.5;
        place * place / 2.25
    };
    if (x / 4 + y / 4).is_multiple_of(2) { 0.8 * across(x) } else { 0.8 * across(y) + 0.2 }
}

/// Smooth random numbers, `0..=1`, from a grid of `cell` pixels, which divides [`SIDE`].
fn noise(x: usize, y: usize, cell: usize) -> f32 {
    let count = SIDE / cell;
    let corner = |i: usize, j: usize| random((i % count) as u32, (j % count) as u32, cell as u32);
    let (i, j) = (x / cell, y / cell);
    let ease = |v: usize| {
        let t = (v % cell) as f32 / cell as f32;
        t * t * (3.0 - 2.0 * t)
    };
    let (u, v) = (ease(x), ease(y));
    let above = corner(i, j) * (1.0 - u) + corner(i + 1, j) * u;
    let below = corner(i, j + 1) * (1.0 - u) + corner(i + 1, j + 1) * u;
    above * (1.0 - v) + below * v
}

/// A number in `0..1` that looks random and is always the same for the same place.
fn random(x: u32, y: u32, salt: u32) -> f32 {
    let mut h = x.wrapping_mul(0x9E37_79B1) ^ y.wrapping_mul(0x85EB_CA77) ^ salt.wrapping_mul(0xC2B2_AE3D);
    h ^= h >> 15;
    h = h.wrapping_mul(0x2C1B_3C6D);
    h ^= h >> 12;
    h = h.wrapping_mul(0x297A_2D39);
    h ^= h >> 15;
    (h >> 8) as f32 / (1u32 << 24) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_paper_has_hills_and_valleys_and_lowers_coverage_only() {
        for grain in [Grain::Fine, Grain::Rough, Grain::Weave] {
            let tile = GrainTile::new(grain, 1.0).expect("a paper");
            let (low, high) = tile.depths.iter().fold((1.0f32, 0.0f32), |(low, high), d| (low.min(*d), high.max(*d)));
            assert!(low < 0.15 && high > 0.75 && high <= 1.0, "{grain:?} from {low} to {high}");
            let mut row = [0.0, 0.5, 1.0, 1.0];
            tile.apply(usize::MAX / 2, 3, &mut row);
            assert!(row[0] == 0.0 && row[1] <= 0.5 && row.iter().all(|c| (0.0..=1.0).contains(c)));
        }
        assert!(GrainTile::new(Grain::None, 1.0).is_none() && GrainTile::new(Grain::Fine, 0.0).is_none());
    }
}
