//! Text drawn into pictures, in the fonts of the window.

use std::sync::Arc;

use epaint::text::{FontDefinitions, FontProvider, Fonts, LayoutJob, TextOptions};
use epaint::{Color32, FontFamily, FontId, Galley};
use image::RgbImage;

use super::system_fonts::system_fonts;

/// The fonts, and the letters that were drawn already. Making one takes a moment: keep it for all labels.
pub struct Lettering {
    fonts: Fonts,
}

/// How a label looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LabelStyle {
    /// The height of the letters in pixels.
    pub size: f32,
    /// The colour of the letters, RGB.
    pub color: [u8; 3],
    /// Lines are broken at this width in pixels.
    pub width: u32,
    /// The most lines; a longer text ends in `…`.
    pub most_lines: usize,
}

/// A text broken into lines, ready to be drawn.
pub struct Label {
    galley: Galley,
    color: [u8; 3],
}

impl Label {
    /// The width of the longest line in pixels.
    pub fn width(&self) -> u32 {
        self.galley.size().x.max(0.0).ceil() as u32
    }

    /// The height of all lines in pixels.
    pub fn height(&self) -> u32 {
        self.galley.size().y.max(0.0).ceil() as u32
    }

    /// The text of each line.
    #[cfg(test)]
    pub(super) fn texts(&self) -> Vec<String> {
        self.galley.rows.iter().map(|row| row.text()).collect()
    }

    /// How many lines there are.
    pub fn lines(&self) -> usize {
        self.galley.rows.len()
    }
}

impl Default for Lettering {
    fn default() -> Self {
        Self::new()
    }
}

impl Lettering {
    /// Loads the fonts. Characters that they do not have are taken from the fonts of this machine.
    pub fn new() -> Self {
        Self::with_more(system_fonts())
    }

    fn with_more(more: Vec<Arc<dyn FontProvider>>) -> Self {
        let mut definitions = FontDefinitions::default();
        // Text takes what its own font lacks, such as arrows, from the font for code.
        let for_code = definitions.families.get(&FontFamily::Monospace).cloned().unwrap_or_default();
        let for_text = definitions.families.entry(FontFamily::Proportional).or_default();
        let missing: Vec<String> = for_code.into_iter().filter(|name| !for_text.contains(name)).collect();
        for_text.extend(missing);
        Self { fonts: Fonts::new(TextOptions::default(), definitions).with_font_providers(more) }
    }

    /// Breaks a text into lines.
    pub fn label(&mut self, text: &str, style: LabelStyle) -> Label {
        let font = FontId::proportional(style.size.clamp(4.0, 200.0));
        let mut job = LayoutJob::simple(text.to_owned(), font, Color32::WHITE, style.width as f32);
        job.wrap.max_rows = style.most_lines.max(1);
        Label { galley: self.fonts.layout_uncached(1.0, Arc::new(job)), color: style.color }
    }

    /// Draws a label with its upper left corner at `(x, y)`; what lies outside the picture is left out.
    pub fn draw(&self, label: &Label, picture: &mut RgbImage, (x, y): (u32, u32)) {
        let atlas = self.fonts.texture_atlas().image();
        for row in &label.galley.rows {
            for glyph in row.glyphs.iter().filter(|glyph| !glyph.uv_rect.is_nothing()) {
                let at = row.pos.to_vec2() + glyph.pos.to_vec2() + glyph.uv_rect.offset;
                let (left, top) = (i64::from(x) + at.x.round() as i64, i64::from(y) + at.y.round() as i64);
                let ([u0, v0], [u1, v1]) = (glyph.uv_rect.min, glyph.uv_rect.max);
                for v in v0..v1 {
                    for u in u0..u1 {
                        let index = usize::from(v) * atlas.size[0] + usize::from(u);
                        let Some(texel) = atlas.pixels.get(index) else { continue };
                        blend(picture, left + i64::from(u - u0), top + i64::from(v - v0), label.color, texel.a());
                    }
                }
            }
        }
    }
}

/// Mixes a colour into one pixel by its coverage.
fn blend(picture: &mut RgbImage, x: i64, y: i64, color: [u8; 3], coverage: u8) {
    let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y)) else { return };
    let Some(pixel) = picture.get_pixel_mut_checked(x, y) else { return };
    let alpha = u32::from(coverage);
    for (channel, color) in pixel.0.iter_mut().zip(color) {
        *channel = ((u32::from(*channel) * (255 - alpha) + u32::from(color) * alpha + 127) / 255) as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLE: LabelStyle = LabelStyle { size: 14.0, color: [200, 0, 0], width: 120, most_lines: 3 };

    #[test]
    fn a_text_is_broken_cut_and_drawn_in_its_colour() {
        let mut lettering = Lettering::new();
        let short = lettering.label("apple", STYLE);
        assert!(short.lines() == 1 && (20..60).contains(&short.width()) && (12..24).contains(&short.height()));
        let long = lettering.label(&"green apple ".repeat(50), STYLE);
        assert_eq!(long.lines(), 3);
        assert!(long.width() <= 130 && long.height() > 2 * short.height());
        let mut picture = RgbImage::from_pixel(140, 60, image::Rgb([255; 3]));
        lettering.draw(&short, &mut picture, (10, 5));
        let inked: Vec<(u32, u32)> =
            picture.enumerate_pixels().filter(|(_, _, p)| p.0 != [255; 3]).map(|(x, y, _)| (x, y)).collect();
        assert!(inked.len() > 40, "{} pixels", inked.len());
        assert!(inked.iter().all(|(x, y)| (8..70).contains(x) && (4..30).contains(y)), "{inked:?}");
        assert!(picture.pixels().any(|p| p.0[0] >= 200 && p.0[1] < 60), "the letters are red");
    }

    #[test]
    fn a_font_of_the_machine_that_is_no_font_is_passed_over() {
        use crate::picture::system_fonts::fonts_in;
        let folder = tempfile::tempdir().expect("folder");
        std::fs::write(folder.path().join("unifont.ttf"), "no font").expect("writes");
        let mut with = Lettering::with_more(fonts_in(&[folder.path().to_path_buf()]));
        let mut without = Lettering::with_more(Vec::new());
        let widths = [&mut with, &mut without].map(|lettering| lettering.label("苹果 a", STYLE).width());
        assert_eq!(widths[0], widths[1], "boxes stand for what no font has");
        assert!(widths[0] > 20);
    }

    #[test]
    fn any_text_at_any_place_is_harmless() {
        let mut lettering = Lettering::new();
        for text in ["", "\n\n", "苹果 🍏 é \u{202e}x\0\u{7}", &"x".repeat(20_000)] {
            for width in [0, 1, 120] {
                let label = lettering.label(text, LabelStyle { width, ..STYLE });
                let mut picture = RgbImage::new(20, 20);
                lettering.draw(&label, &mut picture, (u32::MAX, 3));
                lettering.draw(&label, &mut picture, (0, 15));
            }
        }
    }
}
