//! Edges in a picture (Canny 1986).

use image::RgbImage;

/// The Gaussian's standard deviation in pixels, at which the field measures boundaries (Martin, Fowlkes and Malik
/// 2004).
const SIGMA: f32 = 2.0;
/// From this change of brightness per pixel on, of 0 to 1, an edge begins,
const HIGH: f32 = 0.03;
/// and down to this it goes on.
const LOW: f32 = 0.012;

/// Whether each pixel lies on an edge, row by row. Edges are one pixel wide; an edge between two colours counts also
/// where both are equally bright.
pub(super) fn edges(picture: &RgbImage) -> Vec<bool> {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let (gradients, strengths) = gradients(picture, width, height);
    let thin = |i: usize| {
        let (x, y) = (i % width, i / width);
        // Along the gradient an edge is stronger than both neighbours.
        let (across, down) = gradients[i];
        let (dx, dy) = ((across / strengths[i]).round() as isize, (down / strengths[i]).round() as isize);
        let neighbour = |dx: isize, dy: isize| {
            let (x, y) = (x.checked_add_signed(dx)?, y.checked_add_signed(dy)?);
            (x < width && y < height).then(|| strengths[y * width + x])
        };
        let (ahead, behind) = (neighbour(dx, dy).unwrap_or(0.0), neighbour(-dx, -dy).unwrap_or(0.0));
        // One of two equal neighbours is an edge.
        strengths[i] > ahead && strengths[i] >= behind
    };
    let weak: Vec<bool> = (0..strengths.len()).map(|i| strengths[i] >= LOW && thin(i)).collect();
    let mut found = vec![false; weak.len()];
    let mut waiting: Vec<usize> = (0..weak.len()).filter(|i| weak[*i] && strengths[*i] >= HIGH).collect();
    while let Some(i) = waiting.pop() {
        if std::mem::replace(&mut found[i], true) {
            continue;
        }
        let (x, y) = (i % width, i / width);
        for y in y.saturating_sub(1)..(y + 2).min(height) {
            for x in x.saturating_sub(1)..(x + 2).min(width) {
                let next = y * width + x;
                if weak[next] && !found[next] {
                    waiting.push(next);
                }
            }
        }
    }
    found
}

/// The gradient of the channel that changes most at each pixel, and its length.
fn gradients(picture: &RgbImage, width: usize, height: usize) -> (Vec<(f32, f32)>, Vec<f32>) {
    let mut gradients = vec![(0.0, 0.0); width * height];
    let mut strengths = vec![0.0; width * height];
    for channel in 0..3 {
        let values = picture.pixels().map(|pixel| f32::from(pixel.0[channel]) / 255.0).collect();
        let smooth = blurred(values, width, height);
        for y in 0..height {
            for x in 0..width {
                let at = |x: usize, y: usize| smooth[y.min(height - 1) * width + x.min(width - 1)];
                let across = (at(x + 1, y) - at(x.saturating_sub(1), y)) / 2.0;
                let down = (at(x, y + 1) - at(x, y.saturating_sub(1))) / 2.0;
                let strength = across.hypot(down);
                if strength > strengths[y * width + x] {
                    strengths[y * width + x] = strength;
                    gradients[y * width + x] = (across, down);
                }
            }
        }
    }
    (gradients, strengths)
}

/// Gaussian blur; beyond the edges of the picture its outermost pixels go on.
fn blurred(values: Vec<f32>, width: usize, height: usize) -> Vec<f32> {
    let radius = (3.0 * SIGMA).ceil() as isize;
    let weight = |offset: isize| (-(offset as f32).powi(2) / (2.0 * SIGMA * SIGMA)).exp();
    let sum: f32 = (-radius..=radius).map(weight).sum();
    let kernel: Vec<(isize, f32)> = (-radius..=radius).map(|offset| (offset, weight(offset) / sum)).collect();
    let inside = |at: usize, offset: isize, end: usize| at.saturating_add_signed(offset).min(end - 1);
    let mut across = vec![0.0; values.len()];
    for (i, value) in across.iter_mut().enumerate() {
        let (x, row) = (i % width, i / width * width);
        *value = kernel.iter().map(|(offset, weight)| values[row + inside(x, *offset, width)] * weight).sum();
    }
    let mut both = values;
    for (i, value) in both.iter_mut().enumerate() {
        let (x, y) = (i % width, i / width);
        *value = kernel.iter().map(|(offset, weight)| across[inside(y, *offset, height) * width + x] * weight).sum();
    }
    both
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    fn count(picture: &RgbImage) -> usize {
        edges(picture).into_iter().filter(|edge| *edge).count()
    }

    #[test]
    fn a_square_has_a_thin_outline_where_it_ends() {
        let inside = |x: u32, y: u32| (20..44).contains(&x) && (20..44).contains(&y);
        let square = RgbImage::from_fn(64, 64, |x, y| Rgb(if inside(x, y) { [30, 90, 200] } else { [255; 3] }));
        let found = edges(&square);
        let near = |v: u32| (18..=21).contains(&v) || (42..=45).contains(&v);
        for (i, edge) in found.iter().enumerate().filter(|(_, edge)| **edge) {
            let (x, y) = (i as u32 % 64, i as u32 / 64);
            assert!(*edge && (near(x) || near(y)), "{x}, {y}");
        }
        let length = found.iter().filter(|edge| **edge).count();
        assert!((80..=120).contains(&length), "about 96 pixels around: {length}");
    }

    #[test]
    fn equally_bright_colours_have_an_edge_and_even_or_faint_pictures_none() {
        let halves = |left, right| RgbImage::from_fn(40, 40, |x, _| Rgb(if x < 20 { left } else { right }));
        assert_eq!(count(&halves([200, 0, 0], [0, 102, 0])), 40);
        assert_eq!(count(&halves([100; 3], [102; 3])), 0);
        assert_eq!(count(&RgbImage::new(0, 0)) + count(&RgbImage::new(1, 1)) + count(&RgbImage::new(50, 3)), 0);
    }
}
