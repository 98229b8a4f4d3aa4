//! A picture made larger, its border continued into what is new.

use image::{GrayImage, Luma, Rgb, RgbImage};

/// The strongest noise in what is new, in levels to either side.
const NOISE: i32 = 8;

/// By how many pixels a picture is made larger on each side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extension {
    /// At the left.
    pub left: u32,
    /// At the top.
    pub top: u32,
    /// At the right.
    pub right: u32,
    /// At the bottom.
    pub bottom: u32,
}

impl Extension {
    /// The most on one side, in pixels.
    pub const MAX: u32 = 2048;

    /// Reads `left,top,right,bottom`.
    ///
    /// # Errors
    /// What is wrong, as the end of a sentence.
    pub fn read(text: &str) -> Result<Self, String> {
        let numbers: Vec<u32> = text.split(',').map_while(|number| number.trim().parse().ok()).collect();
        match numbers[..] {
            [left, top, right, bottom] if text.split(',').count() == 4 => {
                if [left, top, right, bottom].iter().any(|side| *side > Self::MAX) {
                    return Err(format!("a side is extended by at most {} pixels", Self::MAX));
                }
                if [left, top, right, bottom] == [0; 4] {
                    return Err("give a number above 0 for at least one side".into());
                }
                Ok(Self { left, top, right, bottom })
            }
            _ => Err("give four numbers of pixels, LEFT,TOP,RIGHT,BOTTOM, such as 0,0,256,0".into()),
        }
    }

    /// The size of a picture of this size after it was extended.
    pub fn of(self, (width, height): (u32, u32)) -> (u32, u32) {
        let sum = |side: u32, more: [u32; 2]| side.saturating_add(more[0]).saturating_add(more[1]);
        (sum(width, [self.left, self.right]), sum(height, [self.top, self.bottom]))
    }

    /// A little more at the right and at the bottom, so that the sides of a picture of this size become multiples of
    /// `step`.
    #[must_use]
    pub fn rounded_up(self, size: (u32, u32), step: u32) -> Self {
        let step = step.max(1);
        let (width, height) = self.of(size);
        let missing = |side: u32| (step - side % step) % step;
        Self { right: self.right + missing(width), bottom: self.bottom + missing(height), ..self }
    }
}

/// The picture made larger. What is new continues the border outwards, ever more blurred along it, with a little noise that
/// is always the same; the picture itself is not changed. A picture without pixels becomes black.
pub fn extended(picture: &RgbImage, by: Extension) -> RgbImage {
    let (width, height) = by.of(picture.dimensions());
    let mut large = RgbImage::new(width, height);
    if picture.width() == 0 || picture.height() == 0 {
        return large;
    }
    image::imageops::replace(&mut large, picture, i64::from(by.left), i64::from(by.top));
    let rows = by.top..by.top + picture.height();
    let (first, last) = (by.left, by.left + picture.width() - 1);
    let column = |large: &RgbImage, x: u32| rows.clone().map(|y| *large.get_pixel(x, y)).collect::<Vec<_>>();
    let (left, right) = (BorderLine::new(&column(&large, first)), BorderLine::new(&column(&large, last)));
    for y in rows.clone() {
        (0..first).for_each(|x| large.put_pixel(x, y, left.beyond(y - by.top, first - x, (x, y))));
        (last + 1..width).for_each(|x| large.put_pixel(x, y, right.beyond(y - by.top, x - last, (x, y))));
    }
    let row = |large: &RgbImage, y: u32| (0..width).map(|x| *large.get_pixel(x, y)).collect::<Vec<_>>();
    let (first, last) = (rows.start, rows.end - 1);
    let (top, bottom) = (BorderLine::new(&row(&large, first)), BorderLine::new(&row(&large, last)));
    for x in 0..width {
        (0..first).for_each(|y| large.put_pixel(x, y, top.beyond(x, first - y, (x, y))));
        (last + 1..height).for_each(|y| large.put_pixel(x, y, bottom.beyond(x, y - last, (x, y))));
    }
    large
}

/// The mask of an extended picture, whose size was `size`: white in what is new and `overlap` pixels into the picture from
/// there, and elsewhere as the mask of the picture says.
pub fn extension_mask(size: (u32, u32), by: Extension, overlap: u32, mask: Option<&GrayImage>) -> GrayImage {
    let (width, height) = by.of(size);
    // A side that was not extended has no overlap, and half of the picture stays at least.
    let reach = |side: u32, length: u32| if side == 0 { 0 } else { overlap.min(length / 4) };
    let kept = |at: u32, before: u32, length: u32, after: u32| {
        (before + reach(before, length)..before + length - reach(after, length)).contains(&at)
    };
    GrayImage::from_fn(width, height, |x, y| {
        let is_kept = kept(x, by.left, size.0, by.right) && kept(y, by.top, size.1, by.bottom);
        let own = || mask.and_then(|mask| mask.get_pixel_checked(x - by.left, y - by.top)).copied();
        if is_kept { own().unwrap_or(Luma([0])) } else { Luma([255]) }
    })
}

/// One line of pixels, summed up so that any stretch of it has a mean at once.
struct BorderLine {
    /// Sums of all pixels before each place.
    sums: Vec<[u64; 3]>,
}

impl BorderLine {
    fn new(pixels: &[Rgb<u8>]) -> Self {
        let mut sums = vec![[0; 3]];
        let mut sum = [0u64; 3];
        for pixel in pixels {
            sum = [0, 1, 2].map(|c| sum[c] + u64::from(pixel.0[c]));
            sums.push(sum);
        }
        Self { sums }
    }

    /// The colour at a distance beyond a place of the line: the mean of that many pixels to either side, with the noise of `at`.
    fn beyond(&self, place: u32, distance: u32, at: (u32, u32)) -> Rgb<u8> {
        let length = self.sums.len() - 1;
        let radius = distance as usize - 1;
        let from = (place as usize).saturating_sub(radius);
        let to = (place as usize + radius + 1).min(length);
        let count = (to - from).max(1) as u64;
        let strength = NOISE.min(distance as i32);
        let mut channel = 0u32;
        Rgb([0, 1, 2].map(|c| {
            channel += 1;
            let mean = (self.sums[to][c] - self.sums[from][c] + count / 2) / count;
            let noise = scattered(at.0, at.1, channel) % (2 * strength as u32 + 1);
            (mean as i32 + noise as i32 - strength).clamp(0, 255) as u8
        }))
    }
}

/// A number that looks random and depends on these three alone.
fn scattered(x: u32, y: u32, channel: u32) -> u32 {
    let mut number = x.wrapping_mul(0x9e37_79b9) ^ y.wrapping_mul(0x85eb_ca6b) ^ channel.wrapping_mul(0xc2b2_ae35);
    for _ in 0..2 {
        number = (number ^ number >> 16).wrapping_mul(0x045d_9f3b);
    }
    number ^ number >> 16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture() -> RgbImage {
        RgbImage::from_fn(40, 24, |x, y| Rgb([x as u8 * 6, y as u8 * 10, 90]))
    }

    #[test]
    fn the_picture_stays_and_its_border_goes_on() {
        let by = Extension { left: 10, top: 0, right: 30, bottom: 7 };
        let large = extended(&picture(), by);
        assert_eq!(large.dimensions(), (80, 31));
        for (x, y, pixel) in picture().enumerate_pixels() {
            assert_eq!(large.get_pixel(x + 10, y), pixel);
        }
        let near = |(x, y): (u32, u32), want: [u8; 3]| {
            let found = large.get_pixel(x, y).0;
            assert!(found.iter().zip(want).all(|(a, b)| a.abs_diff(b) <= 9), "{x}, {y}: {found:?} is not {want:?}");
        };
        near((9, 5), [0, 50, 90]);
        near((50, 5), [234, 50, 90]);
        near((20, 24), [60, 230, 90]);
        near((79, 12), [234, 115, 90]);
        assert_eq!(extended(&picture(), by), large, "always the same");
        let flat = RgbImage::from_pixel(30, 30, Rgb([100; 3]));
        let grown = extended(&flat, Extension { left: 0, top: 20, right: 0, bottom: 0 });
        assert!((0..30).any(|x| grown.get_pixel(x, 3).0 != [100; 3]), "with noise");
    }

    #[test]
    fn what_is_new_is_masked_with_an_overlap_and_the_old_mask_counts_inside() {
        let by = Extension { left: 10, top: 0, right: 0, bottom: 8 };
        let own = GrayImage::from_fn(40, 24, |x, y| Luma([if x == 30 && y == 4 { 200 } else { 0 }]));
        let mask = extension_mask((40, 24), by, 5, Some(&own));
        assert_eq!(mask.dimensions(), (50, 32));
        let at = |x, y| mask.get_pixel(x, y).0[0];
        assert_eq!([at(0, 0), at(14, 0), at(15, 0), at(49, 18), at(49, 19), at(40, 4)], [255, 255, 0, 0, 255, 200]);
        let small = extension_mask((4, 4), Extension { left: 8, top: 8, right: 8, bottom: 8 }, 16, None);
        assert_eq!(small.get_pixel(9, 9).0[0], 0, "half of the picture stays");
    }

    #[test]
    fn sides_become_multiples_and_bad_words_are_refused() {
        let by = Extension::read("0, 5,3,0").expect("reads").rounded_up((30, 30), 8);
        assert_eq!((by, by.of((30, 30))), (Extension { left: 0, top: 5, right: 10, bottom: 5 }, (40, 40)));
        for (text, words) in [
            ("1,2,3", "four numbers"),
            ("1,2,3,4,5", "four numbers"),
            ("a,b,c,d", "four numbers"),
            ("0,0,0,0", "above 0"),
            ("0,0,9999,0", "2048"),
            ("-1,0,0,0", "four numbers"),
        ] {
            assert!(Extension::read(text).expect_err(text).contains(words), "{text}");
        }
        let none = extended(&RgbImage::new(0, 0), Extension { left: 2, ..Extension::default() });
        assert_eq!(none.dimensions(), (2, 0));
    }
}
