//! Selections that grow, shrink or become soft.

use super::Selection;
use crate::paint::distance::{NOWHERE, squared_distances};

/// From this level on a pixel counts as chosen where a selection has to be one or the other.
const CHOSEN: u8 = 128;

impl Selection {
    /// The largest radius of [`Selection::grown`] and the like, in pixels.
    pub const MAX_RADIUS: f32 = 500.0;

    /// With everything within `radius` pixels of it; the new edge is smooth.
    #[must_use]
    pub fn grown(&self, radius: f32) -> Self {
        let radius = usable(radius);
        if radius == 0.0 {
            return self.clone();
        }
        let mut levels = self.levels();
        let set: Vec<bool> = levels.iter().map(|level| *level >= CHOSEN).collect();
        for (level, distance) in levels.iter_mut().zip(squared_distances(self.size().width(), &set)) {
            if distance != NOWHERE {
                // The edge of a chosen pixel is half a pixel from its middle, as that of this one is.
                let near = (radius + 1.0 - (distance as f32).sqrt()).clamp(0.0, 1.0);
                *level = (*level).max((near * 255.0).round() as u8);
            }
        }
        Self::from_levels(self.size(), &levels)
    }

    /// Without everything within `radius` pixels of what is not chosen. The edge of the canvas is no edge of the
    /// selection.
    #[must_use]
    pub fn shrunk(&self, radius: f32) -> Self {
        self.inverted().grown(radius).inverted()
    }

    /// A band along its edge, `radius` pixels to both sides.
    #[must_use]
    pub fn border(&self, radius: f32) -> Self {
        self.grown(radius).combined(&self.shrunk(radius), super::SelectionMode::Subtract)
    }

    /// With a soft edge: blurred so that it falls from full to nothing over about twice `radius` pixels.
    #[must_use]
    pub fn feathered(&self, radius: f32) -> Self {
        let radius = usable(radius);
        // Three means in a row come close to a bell curve.
        let reach = (radius / 2.0).round() as usize;
        if reach == 0 {
            return self.clone();
        }
        let (width, height) = (self.size().width(), self.size().height());
        let mut levels: Vec<f32> = self.levels().into_iter().map(f32::from).collect();
        for _ in 0..3 {
            levels = transposed(&means(&levels, width, reach), width);
            levels = transposed(&means(&levels, height, reach), height);
        }
        let levels: Vec<u8> = levels.into_iter().map(|level| level.round().clamp(0.0, 255.0) as u8).collect();
        Self::from_levels(self.size(), &levels)
    }
}

fn usable(radius: f32) -> f32 {
    if radius.is_finite() { radius.clamp(0.0, Selection::MAX_RADIUS) } else { 0.0 }
}

/// Each number becomes the mean of those up to `reach` places away in its row. The edge numbers go on for ever.
fn means(numbers: &[f32], width: usize, reach: usize) -> Vec<f32> {
    let mut result = Vec::with_capacity(numbers.len());
    let count = (2 * reach + 1) as f64;
    for row in numbers.chunks_exact(width) {
        let at = |i: usize| f64::from(row[i.saturating_sub(reach).min(width - 1)]);
        let mut sum: f64 = (0..=2 * reach).map(at).sum();
        for x in 0..width {
            result.push((sum / count) as f32);
            sum += at(x + 2 * reach + 1) - at(x);
        }
    }
    result
}

fn transposed(numbers: &[f32], width: usize) -> Vec<f32> {
    let height = numbers.len() / width;
    (0..width).flat_map(|x| (0..height).map(move |y| numbers[y * width + x])).collect()
}
