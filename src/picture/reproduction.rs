//! Whether a picture that was made again is the same, and what may explain a difference.

use image::RgbImage;
use serde::Serialize;

use super::NotTaken;
use crate::engine::{MadeWith, MadeWithDifference};

/// A saved picture compared with the one that its settings make now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reproduction {
    /// Whether every pixel is the same.
    pub same: bool,
    /// The largest difference of a colour channel, 0 to 255; `None` if the sizes differ.
    pub largest_difference: Option<u8>,
    /// How many pixels differ.
    pub different_pixels: u64,
    /// How many pixels the saved picture has.
    pub pixels: u64,
    /// What computed the two differently, as far as both are known: first the saved picture, second the new one.
    pub computed_differently: Vec<MadeWithDifference>,
    /// Whether the saved file has lost pixels itself, as a JPEG has.
    pub saved_with_losses: bool,
}

impl Reproduction {
    /// Compares a saved picture with the one made again. `saved_with_losses` says that the saved file is a JPEG.
    pub fn compare(
        (saved, saved_with): (&RgbImage, &MadeWith),
        (again, made_with): (&RgbImage, &MadeWith),
        saved_with_losses: bool,
    ) -> Self {
        let pixels = u64::from(saved.width()) * u64::from(saved.height());
        let computed_differently = saved_with.differences(made_with);
        if saved.dimensions() != again.dimensions() {
            let (same, largest_difference) = (false, None);
            let different_pixels = pixels;
            return Self {
                same,
                largest_difference,
                different_pixels,
                pixels,
                computed_differently,
                saved_with_losses,
            };
        }
        let mut largest = 0;
        let mut different_pixels = 0;
        for (one, other) in saved.pixels().zip(again.pixels()) {
            let most = one.0.iter().zip(other.0).map(|(one, other)| one.abs_diff(other)).max().unwrap_or(0);
            different_pixels += u64::from(most > 0);
            largest = largest.max(most);
        }
        Self {
            same: largest == 0,
            largest_difference: Some(largest),
            different_pixels,
            pixels,
            computed_differently,
            saved_with_losses,
        }
    }

    /// The outcome in one or two sentences.
    pub fn sentence(&self) -> String {
        self.sentence_with(&[])
    }

    /// The outcome in one or two sentences, where settings of the saved picture were not taken over as they stand: they
    /// explain a difference before anything else does.
    pub fn sentence_with(&self, not_taken: &[NotTaken]) -> String {
        if self.same {
            return "The picture comes out the same again, to the last pixel.".into();
        }
        let Some(largest) = self.largest_difference else {
            return match settings_sentence(not_taken) {
                Some(settings) => format!("The picture comes out in another size. {settings}"),
                None => "The picture comes out in another size, because the saved one was resized or its settings were changed.".into(),
            };
        };
        let share = self.different_pixels as f64 * 100.0 / self.pixels.max(1) as f64;
        let what = format!(
            "The picture comes out differently: {share:.1} % of its pixels differ, by at most {largest} of 255."
        );
        format!("{what} {}", settings_sentence(not_taken).unwrap_or_else(|| self.explanation()))
    }

    fn explanation(&self) -> String {
        let differences: Vec<String> = self
            .computed_differently
            .iter()
            .map(|d| format!("the {} ({} then, {} now)", d.what, d.first, d.second))
            .collect();
        match (differences.is_empty(), self.saved_with_losses) {
            (false, _) => format!("What differs is {}.", differences.join(" and ")),
            (true, true) => {
                "It was saved as a JPEG, which changes pixels; only PNG and WebP files can be the same.".into()
            }
            (true, false) => {
                "The file was made by an unknown version or other model files, or was changed since.".into()
            }
        }
    }
}

/// Says which settings were not taken over; `None` if all were.
fn settings_sentence(not_taken: &[NotTaken]) -> Option<String> {
    const MOST: usize = 4;
    let list: Vec<String> = not_taken.iter().take(MOST).map(ToString::to_string).collect();
    let more = if not_taken.len() > MOST { "; and others" } else { "" };
    (!list.is_empty()).then(|| format!("Settings in its file were not used as they stand: {}{more}.", list.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(again: &RgbImage, precision: &str, losses: bool) -> Reproduction {
        let saved = RgbImage::from_pixel(10, 10, image::Rgb([100, 100, 100]));
        let with = |precision: &str| MadeWith { precision: precision.into(), ..MadeWith::default() };
        Reproduction::compare((&saved, &with("f32")), (again, &with(precision)), losses)
    }

    #[test]
    fn a_single_pixel_counts_and_the_cause_is_named() {
        let same = RgbImage::from_pixel(10, 10, image::Rgb([100, 100, 100]));
        assert!(compared(&same, "bf16", false).same, "whatever computed it");
        let mut other = same.clone();
        other.put_pixel(3, 4, image::Rgb([100, 93, 101]));
        let differs = compared(&other, "bf16", false);
        assert_eq!((differs.same, differs.largest_difference, differs.different_pixels), (false, Some(7), 1));
        let text = differs.sentence();
        assert!(text.contains("1.0 % of its pixels differ, by at most 7 of 255"), "{text}");
        assert!(text.ends_with("What differs is the precision (f32 then, bf16 now)."), "{text}");
        assert!(compared(&other, "f32", true).sentence().contains("JPEG"));
        assert!(compared(&other, "f32", false).sentence().contains("unknown version"));
        let resized = compared(&RgbImage::new(20, 10), "f32", false);
        assert_eq!((resized.same, resized.largest_difference), (false, None));
        assert!(resized.sentence().contains("the saved one was resized"));
        let size = NotTaken { name: "Size".into(), value: "500x500".into(), reason: "504x504 is used".into() };
        for differs in [&resized, &compared(&other, "bf16", false)] {
            let text = differs.sentence_with(std::slice::from_ref(&size));
            assert!(text.contains("Size (500x500): 504x504 is used") && !text.contains("resized"), "{text}");
        }
        assert!(
            !compared(&same, "f32", false).sentence_with(&[size]).contains("500"),
            "what is the same needs no reason"
        );
    }
}
