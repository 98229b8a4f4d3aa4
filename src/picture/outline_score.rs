//! How well a picture follows the outlines of another.

use image::RgbImage;

use super::edges::edges;
use crate::engine::distance_map;

/// How far two edges may be apart and still match, as a share of the picture's diagonal (Martin, Fowlkes and Malik
/// 2004).
const TOLERANCE: f32 = 0.0075;

/// How well the edges of two pictures of one size match, `0.0..=1.0`: the F-measure, the harmonic mean of the shares
/// of edge pixels on either side that have an edge of the other near them (Martin, Fowlkes and Malik, "Learning to
/// Detect Natural Image Boundaries", 2004; there each edge pixel is matched once, here only its distance counts).
/// `None` if the sketch has no edges or the sizes differ.
pub fn outline_score(sketch: &RgbImage, result: &RgbImage) -> Option<f32> {
    if sketch.dimensions() != result.dimensions() {
        return None;
    }
    let (width, height) = (sketch.width() as usize, sketch.height() as usize);
    let (wanted, found) = (edges(sketch), edges(result));
    let tolerance = (TOLERANCE * (width as f32).hypot(height as f32)).max(1.5);
    let matched = |of: &[bool], near: &[bool]| {
        let distances = distance_map(width, height, near);
        let (mut all, mut matched) = (0.0, 0.0);
        for (_, distance) in of.iter().zip(distances).filter(|(edge, _)| **edge) {
            all += 1.0;
            matched += if distance <= tolerance { 1.0 } else { 0.0 };
        }
        (all > 0.0).then(|| matched / all)
    };
    let recall: f32 = matched(&wanted, &found)?;
    let precision = matched(&found, &wanted).unwrap_or(0.0);
    Some(if recall + precision > 0.0 { 2.0 * recall * precision / (recall + precision) } else { 0.0 })
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    fn disc(x: f32, y: f32, radius: f32) -> RgbImage {
        RgbImage::from_fn(96, 96, |px, py| {
            let inside = (px as f32 - x).hypot(py as f32 - y) < radius;
            Rgb(if inside { [40, 160, 60] } else { [250; 3] })
        })
    }

    #[test]
    fn the_same_outline_scores_one_a_near_one_too_and_another_one_nothing() {
        let sketch = disc(48.0, 48.0, 20.0);
        assert_eq!(outline_score(&sketch, &sketch), Some(1.0));
        let near = outline_score(&sketch, &disc(48.8, 48.0, 20.0)).expect("edges");
        assert!(near > 0.9, "{near}");
        let apart = outline_score(&sketch, &disc(20.0, 48.0, 8.0)).expect("edges");
        assert!(apart < 0.1, "{apart}");
        let shifted = outline_score(&sketch, &disc(54.0, 48.0, 20.0)).expect("edges");
        assert!(apart < shifted && shifted < near, "{apart}, {shifted}, {near}");
    }

    #[test]
    fn colours_do_not_count_and_invented_edges_do() {
        let sketch = disc(48.0, 48.0, 20.0);
        let mut inverted = sketch.clone();
        inverted.pixels_mut().for_each(|pixel| pixel.0 = pixel.0.map(|v| 255 - v));
        assert!(outline_score(&sketch, &inverted).expect("edges") > 0.99);
        let mut busy = sketch.clone();
        for (x, _, pixel) in busy.enumerate_pixels_mut().filter(|(_, y, _)| *y < 20 || *y > 76) {
            pixel.0 = if x % 16 < 8 { [0; 3] } else { [255; 3] };
        }
        let score = outline_score(&sketch, &busy).expect("edges");
        assert!((0.2..0.7).contains(&score), "{score}");
    }

    #[test]
    fn a_blank_sketch_has_no_score_and_a_blank_result_scores_nothing() {
        let (sketch, blank) = (disc(48.0, 48.0, 20.0), RgbImage::new(96, 96));
        assert_eq!(outline_score(&blank, &sketch), None);
        assert_eq!(outline_score(&sketch, &blank), Some(0.0));
        assert_eq!(outline_score(&sketch, &RgbImage::new(9, 9)), None);
    }
}
