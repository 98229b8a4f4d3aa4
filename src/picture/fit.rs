//! A picture of any size on a canvas of a given one, and what is lost on the way.

use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};

/// How a picture of another shape meets the canvas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fit {
    /// All of it shows; the rest of the canvas takes the paper's colour.
    Whole,
    /// It fills the canvas; what sticks out is cut off evenly.
    #[default]
    Fill,
    /// It fills the canvas and nothing is cut off; its proportions change.
    Stretch,
}

impl Fit {
    /// All ways, the default first.
    pub const ALL: [Self; 3] = [Self::Fill, Self::Whole, Self::Stretch];

    /// Its name on the command line.
    pub fn id(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Fill => "fill",
            Self::Stretch => "stretch",
        }
    }
}

/// Where a picture of one size lies on a canvas of another, in whole pixels.
///
/// Known before any pixel is touched, so that a person can be asked or told first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placement {
    /// Width and height of the picture.
    pub picture: (u32, u32),
    /// Width and height of the canvas.
    pub canvas: (u32, u32),
    /// Pixels of the picture that are cut off at its left, top, right and bottom.
    pub cut: [u32; 4],
    /// Pixels of the canvas that stay empty at its left, top, right and bottom.
    pub empty: [u32; 4],
}

impl Placement {
    /// Places a picture of `picture` pixels on a canvas of `canvas` pixels; sides of 0 count as 1.
    pub fn new(picture: (u32, u32), canvas: (u32, u32), fit: Fit) -> Self {
        let picture = (picture.0.max(1), picture.1.max(1));
        let canvas = (canvas.0.max(1), canvas.1.max(1));
        let across = f64::from(canvas.0) / f64::from(picture.0);
        let down = f64::from(canvas.1) / f64::from(picture.1);
        let side = |length: f64, most: u32| (length.round() as u32).clamp(1, most);
        let margins = |room: u32, part: u32| ((room - part) / 2, (room - part).div_ceil(2));
        let all = |across: (u32, u32), down: (u32, u32)| [across.0, down.0, across.1, down.1];
        let mut placed = Self { picture, canvas, cut: [0; 4], empty: [0; 4] };
        match fit {
            Fit::Stretch => {}
            Fit::Fill => {
                let scale = across.max(down);
                let (w, h) =
                    (side(f64::from(canvas.0) / scale, picture.0), side(f64::from(canvas.1) / scale, picture.1));
                placed.cut = all(margins(picture.0, w), margins(picture.1, h));
            }
            Fit::Whole => {
                let scale = across.min(down);
                let (w, h) =
                    (side(f64::from(picture.0) * scale, canvas.0), side(f64::from(picture.1) * scale, canvas.1));
                placed.empty = all(margins(canvas.0, w), margins(canvas.1, h));
            }
        }
        placed
    }

    /// Whether the picture's proportions change by more than rounding to whole pixels does.
    pub fn is_stretched(&self) -> bool {
        let [left, top, right, bottom] = self.cut;
        let [empty_left, empty_top, empty_right, empty_bottom] = self.empty;
        let from = (self.picture.0 - left - right, self.picture.1 - top - bottom);
        let to = (self.canvas.0 - empty_left - empty_right, self.canvas.1 - empty_top - empty_bottom);
        // One pixel more or less on the canvas would make up for it.
        let (across, down) = (u64::from(from.0) * u64::from(to.1), u64::from(from.1) * u64::from(to.0));
        across.abs_diff(down) > u64::from(from.0.max(from.1)).max(u64::from(to.0.max(to.1)))
    }

    /// What is lost, as one sentence; `None` where nothing is. `what` begins the sentence and `onto` is
    /// what the picture is laid on: `The start image`, `the result`.
    pub fn notice(&self, what: &str, onto: &str) -> Option<String> {
        let ((w, h), (to_w, to_h)) = (self.picture, self.canvas);
        let sizes = format!("{what} is {w} by {h} pixels and {onto} {to_w} by {to_h}");
        if self.cut != [0; 4] {
            let verb = if self.cut.iter().sum::<u32>() == 1 { "was" } else { "were" };
            return Some(format!("{sizes}: {} {verb} cut off.", listed(self.cut, "")));
        }
        if self.empty != [0; 4] {
            return Some(format!("{sizes}: it is shown whole, with {}.", listed(self.empty, "empty ")));
        }
        self.is_stretched().then(|| format!("{sizes}: it was stretched, so its proportions have changed."))
    }
}

/// `100 pixels at the left and 100 at the right`, with a word before `pixels`.
fn listed([left, top, right, bottom]: [u32; 4], word: &str) -> String {
    let sides = [(left, "the left"), (right, "the right"), (top, "the top"), (bottom, "the bottom")];
    let mut parts = Vec::new();
    for (count, side) in sides.into_iter().filter(|(count, _)| *count > 0) {
        let unit = match (parts.is_empty(), count) {
            (true, 1) => format!(" {word}pixel"),
            (true, _) => format!(" {word}pixels"),
            _ => String::new(),
        };
        parts.push(format!("{count}{unit} at {side}"));
    }
    parts.join(" and ")
}

/// Brings a picture to `width` by `height` pixels. The empty parts of the canvas get the colour `paper`.
pub fn fit(picture: &RgbImage, width: u32, height: u32, fit: Fit, paper: [u8; 3]) -> RgbImage {
    if picture.dimensions() == (width, height) {
        return picture.clone();
    }
    let placed = Placement::new(picture.dimensions(), (width, height), fit);
    // Cut first, then scale: a very long picture must not be blown up only to be cut.
    let [left, top, right, bottom] = placed.cut;
    let kept = (placed.picture.0 - left - right, placed.picture.1 - top - bottom);
    let part = imageops::crop_imm(picture, left, top, kept.0, kept.1);
    let [empty_left, empty_top, empty_right, empty_bottom] = placed.empty;
    let size = (placed.canvas.0 - empty_left - empty_right, placed.canvas.1 - empty_top - empty_bottom);
    let scaled = imageops::resize(&*part, size.0, size.1, FilterType::CatmullRom);
    if placed.empty == [0; 4] {
        return scaled;
    }
    let mut canvas = RgbImage::from_pixel(width, height, Rgb(paper));
    imageops::replace(&mut canvas, &scaled, empty_left.into(), empty_top.into());
    canvas
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_keeps_both_ends_fill_leaves_no_paper_and_stretch_does_both() {
        let picture = RgbImage::from_fn(200, 100, |x, _| Rgb(if x < 10 { [255, 0, 0] } else { [0, 0, 255] }));
        let whole = fit(&picture, 64, 64, Fit::Whole, [9, 9, 9]);
        assert_eq!(whole.get_pixel(0, 0).0, [9, 9, 9]);
        assert_eq!(whole.get_pixel(0, 32).0, [255, 0, 0]);
        let fill = fit(&picture, 64, 64, Fit::Fill, [9, 9, 9]);
        assert!(fill.pixels().all(|p| p.0 == [0, 0, 255]));
        let stretched = fit(&picture, 64, 64, Fit::Stretch, [9, 9, 9]);
        assert_eq!((stretched.get_pixel(0, 0).0, stretched.get_pixel(63, 63).0), ([255, 0, 0], [0, 0, 255]));
    }

    #[test]
    fn extreme_shapes_are_taken() {
        for (w, h) in [(4000, 1), (1, 4000), (3, 2), (1, 1)] {
            let line = RgbImage::from_pixel(w, h, Rgb([1, 2, 3]));
            for mode in Fit::ALL {
                assert_eq!(fit(&line, 512, 512, mode, [0; 3]).dimensions(), (512, 512));
                assert_eq!(fit(&line, 64, 2048, mode, [0; 3]).dimensions(), (64, 2048));
            }
        }
        assert_eq!(Placement::new((0, 0), (0, 5), Fit::Fill).picture, (1, 1));
    }

    #[test]
    fn what_is_lost_is_said() {
        let notice =
            |picture, canvas, fit| Placement::new(picture, canvas, fit).notice("The start image", "the result");
        for (picture, mode, end) in [
            ((800, 600), Fit::Fill, "100 pixels at the left and 100 at the right were cut off."),
            ((512, 513), Fit::Fill, "1 pixel at the bottom was cut off."),
            ((800, 600), Fit::Whole, "it is shown whole, with 64 empty pixels at the top and 64 at the bottom."),
            ((800, 600), Fit::Stretch, "it was stretched, so its proportions have changed."),
        ] {
            let (w, h) = picture;
            let expected = format!("The start image is {w} by {h} pixels and the result 512 by 512: {end}");
            assert_eq!(notice(picture, (512, 512), mode), Some(expected));
        }
        for mode in Fit::ALL {
            for picture in [(512, 512), (1024, 1024), (100, 100), (3, 3)] {
                assert_eq!(notice(picture, (512, 512), mode), None, "{picture:?} {mode:?}");
            }
        }
    }

    #[test]
    fn a_placement_is_what_the_picture_gets() {
        let picture = RgbImage::from_fn(90, 60, |x, y| Rgb([x as u8, y as u8, 7]));
        let placed = Placement::new((90, 60), (60, 60), Fit::Fill);
        assert_eq!(placed.cut, [15, 0, 15, 0]);
        let filled = fit(&picture, 60, 60, Fit::Fill, [0; 3]);
        assert_eq!((filled.get_pixel(0, 0).0, filled.get_pixel(59, 59).0), ([15, 0, 7], [74, 59, 7]));
        assert_eq!(Placement::new((90, 60), (90, 90), Fit::Whole).empty, [0, 15, 0, 15]);
    }
}
