//! Text on a picture, in the font of the window.

use ab_glyph::{Font, FontRef, PxScale, ScaleFont, point};
use image::{Rgb, RgbImage};

/// A font that draws one line at a time, without kerning.
pub(super) struct TextPen {
    font: FontRef<'static>,
    scale: PxScale,
    color: [u8; 3],
}

impl TextPen {
    /// A pen whose lines are `height` pixels high; `None` if the font cannot be read.
    pub fn new(height: f32, color: [u8; 3]) -> Option<Self> {
        let font = FontRef::try_from_slice(epaint_default_fonts::UBUNTU_LIGHT).ok()?;
        Some(Self { font, scale: PxScale::from(height), color })
    }

    /// How wide a text is, in pixels.
    pub fn width(&self, text: &str) -> f32 {
        let font = self.font.as_scaled(self.scale);
        text.chars().map(|c| font.h_advance(font.glyph_id(c))).sum()
    }

    /// The beginning of a text that is at most so many pixels wide, with an ellipsis where it is cut off.
    pub fn shortened(&self, text: &str, width: f32) -> String {
        if self.width(text) <= width {
            return text.to_owned();
        }
        let mut shown: String = text.into();
        while shown.pop().is_some() && self.width(&shown) + self.width("…") > width {}
        shown + "…"
    }

    /// Draws a text whose line begins at the left top corner `(x, y)`. What lies outside the picture is cut off.
    pub fn draw(&self, picture: &mut RgbImage, (x, y): (f32, f32), text: &str) {
        let font = self.font.as_scaled(self.scale);
        let mut at = x;
        for c in text.chars() {
            let id = font.glyph_id(c);
            let glyph = id.with_scale_and_position(self.scale, point(at, y + font.ascent()));
            at += font.h_advance(id);
            let Some(outlined) = self.font.outline_glyph(glyph) else { continue };
            let corner = outlined.px_bounds().min;
            outlined.draw(|dx, dy, coverage| {
                let (x, y) = (corner.x + dx as f32, corner.y + dy as f32);
                if x >= 0.0
                    && y >= 0.0
                    && let Some(pixel) = picture.get_pixel_mut_checked(x as u32, y as u32)
                {
                    let share = coverage.clamp(0.0, 1.0);
                    let mixed = |from: u8, to: u8| (f32::from(from) + (f32::from(to) - f32::from(from)) * share) as u8;
                    *pixel = Rgb(std::array::from_fn(|i| mixed(pixel.0[i], self.color[i])));
                }
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_drawn_where_it_should_be_and_cut_off_at_the_edges() {
        let pen = TextPen::new(20.0, [0; 3]).expect("the font");
        let mut picture = RgbImage::from_pixel(60, 40, Rgb([255; 3]));
        pen.draw(&mut picture, (30.0, 10.0), "HIH");
        let dark: Vec<(u32, u32)> =
            picture.enumerate_pixels().filter(|(_, _, p)| p.0[0] < 128).map(|(x, y, _)| (x, y)).collect();
        assert!(dark.len() > 20, "{dark:?}");
        assert!(dark.iter().all(|(x, y)| *x >= 30 && (10..30).contains(y)), "{dark:?}");
        for place in [(-500.0, -500.0), (-5.0, -5.0), (1e9, 3.0)] {
            pen.draw(&mut picture, place, "cut off");
        }
    }

    #[test]
    fn a_long_text_is_shortened_to_the_room() {
        let pen = TextPen::new(20.0, [0; 3]).expect("the font");
        assert_eq!(pen.shortened("abc", 500.0), "abc");
        let short = pen.shortened("a very long text indeed", 80.0);
        assert!(short.ends_with('…') && pen.width(&short) <= 80.0, "{short}");
        assert_eq!(pen.shortened("abc", 0.0), "…");
    }
}
