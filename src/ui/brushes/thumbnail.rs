//! Small pictures of brushes: a stroke that the brush itself paints.

use egui::{ColorImage, Context, TextureHandle, TextureOptions};

use crate::paint::{
    Brush, BrushAction, Canvas, Composition, LayerStack, Mixing, PenSample, Rgb, Size, Stroke, Surface,
};
use crate::ui::results::color_image;

/// Width and height of a thumbnail in pixels.
const SIZE: (usize, usize) = (108, 72);
/// Larger brushes are shown this large, in pixels.
const LARGEST: f32 = 34.0;
const PAPER: Rgb = Rgb([236, 236, 232]);
const INK: Rgb = Rgb([36, 40, 46]);
/// The stripes that a smudge is shown on.
const STRIPES: [Rgb; 3] = [Rgb([196, 84, 60]), Rgb([232, 188, 84]), Rgb([60, 110, 150])];

/// The thumbnails of brushes that were shown lately.
#[derive(Default)]
pub(super) struct Thumbnails {
    /// The brush, its picture, and whether it was shown since the last tidying.
    kept: Vec<(Brush, TextureHandle, bool)>,
}

impl Thumbnails {
    /// The thumbnail of a brush.
    pub fn of(&mut self, ctx: &Context, brush: &Brush) -> TextureHandle {
        if let Some((_, texture, is_shown)) = self.kept.iter_mut().find(|(known, ..)| known == brush) {
            *is_shown = true;
            return texture.clone();
        }
        let texture = ctx.load_texture("brush", picture(brush), TextureOptions::LINEAR);
        self.kept.push((brush.clone(), texture.clone(), true));
        texture
    }

    /// Frees what was not shown since the last call.
    pub fn tidy(&mut self) {
        self.kept.retain_mut(|(_, _, is_shown)| std::mem::take(is_shown));
    }
}

/// A stroke of the brush, from light to hard and back.
fn picture(brush: &Brush) -> ColorImage {
    let (width, height) = SIZE;
    let Ok(size) = Size::new(width, height) else { return ColorImage::default() };
    let mut surface = Surface::filled(size, if brush.action == BrushAction::Erase { INK } else { PAPER });
    if brush.action == BrushAction::Smudge {
        for (i, color) in STRIPES.into_iter().enumerate() {
            let x = width as f32 * (i as f32 + 0.5) / STRIPES.len() as f32;
            let stripe = Brush { size: 16.0, hardness: 1.0, ..Brush::default() };
            let mut stroke = Stroke::begin(stripe, Mixing::Paint(color), &mut surface, PenSample::mouse(x, -20.0, 0.0));
            stroke.move_to(&mut surface, PenSample::mouse(x, height as f32 + 20.0, 0.0));
        }
    }
    let color = if brush.action == BrushAction::Erase { PAPER } else { INK };
    // A brush of one pixel is shown three times as large: it would hardly be seen.
    let size = if brush.size < 3.0 { brush.size * 3.0 } else { brush.size.min(LARGEST) };
    let action = if brush.action == BrushAction::Erase { BrushAction::Paint } else { brush.action };
    let (shown, mixing) = (Brush { size, action, ..brush.clone() }, Mixing::Paint(color));
    let samples = (0..=40).map(|i| {
        let t = i as f32 / 40.0;
        let x = width as f32 * (0.14 + 0.72 * t);
        let y = height as f32 * (0.5 - 0.28 * (t * std::f32::consts::TAU).sin());
        let pressure = 1.0 - (2.0 * t - 1.0).powi(2) * 0.9;
        PenSample { pressure, tilt: (0.25, 0.25), ..PenSample::mouse(x, y, f64::from(t) * 0.6) }
    });
    let mut stroke: Option<Stroke> = None;
    for sample in samples {
        match &mut stroke {
            Some(stroke) => {
                stroke.move_to(&mut surface, sample);
            }
            None => stroke = Some(Stroke::begin(shown.clone(), mixing, &mut surface, sample)),
        }
    }
    let layers = LayerStack::of_surface("brush", surface);
    let rgb = Canvas::composed(&layers, PAPER, Composition::Picture).to_rgb();
    image::RgbImage::from_raw(width as u32, height as u32, rgb).map(|rgb| color_image(&rgb)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::preset::PresetList;
    use super::*;

    #[test]
    fn every_preset_has_a_picture_of_its_own() {
        let pictures: Vec<ColorImage> =
            PresetList::default().all().iter().map(|preset| picture(&preset.brush)).collect();
        for (i, one) in pictures.iter().enumerate() {
            assert!(pictures[i + 1..].iter().all(|other| other.pixels != one.pixels));
            assert!(one.pixels.iter().any(|pixel| *pixel != one.pixels[0]), "something is painted");
        }
    }

    #[test]
    fn what_is_not_shown_any_more_is_freed() {
        let ctx = Context::default();
        let mut thumbnails = Thumbnails::default();
        let brush = Brush::default();
        let first = thumbnails.of(&ctx, &brush);
        assert_eq!(thumbnails.of(&ctx, &brush).id(), first.id());
        thumbnails.tidy();
        assert_eq!(thumbnails.kept.len(), 1);
        thumbnails.tidy();
        assert!(thumbnails.kept.is_empty());
    }
}
