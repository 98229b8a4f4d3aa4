//! The rectangle of a picture that is sampled when only its masked part is, by AUTOMATIC1111's rule.

use image::{GenericImageView, GrayImage, ImageBuffer, Pixel};

/// A rectangle of a picture, in pixels; never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Region {
    pub x: u32,
    pub y: u32,
    pub width: u32,
    pub height: u32,
}

impl Region {
    /// The rectangle around all pixels of the mask above 0 and `padding` pixels more, grown along one side to the shape
    /// of `size` as far as the picture allows. `None` for a mask that is 0 everywhere.
    pub fn around(mask: &GrayImage, padding: u32, size: (u32, u32)) -> Option<Self> {
        let marked = || mask.enumerate_pixels().filter(|(_, _, level)| level.0[0] > 0);
        let (left, right) = marked().fold((u32::MAX, 0), |(low, high), (x, _, _)| (low.min(x), high.max(x)));
        let (top, bottom) = marked().fold((u32::MAX, 0), |(low, high), (_, y, _)| (low.min(y), high.max(y)));
        if left == u32::MAX {
            return None;
        }
        let (width, height) = mask.dimensions();
        let low = |at: u32| i64::from(at.saturating_sub(padding));
        let high = |at: u32, most: u32| i64::from((at + 1).saturating_add(padding).min(most));
        let (mut across, mut down) = ((low(left), high(right, width)), (low(top), high(bottom, height)));
        let length = |(from, to): (i64, i64)| (to - from) as f64;
        let wanted = f64::from(size.0) / f64::from(size.1.max(1));
        if length(across) / length(down) > wanted {
            down = grown(down, length(across) / wanted, i64::from(height));
        } else {
            across = grown(across, length(down) * wanted, i64::from(width));
        }
        let part = |(from, to): (i64, i64)| (from as u32, (to - from).max(1) as u32);
        let ((x, width), (y, height)) = (part(across), part(down));
        Some(Self { x, y, width, height })
    }

    /// The pixels of a picture inside the rectangle.
    pub fn of<P: Pixel<Subpixel = u8> + 'static>(self, picture: &ImageBuffer<P, Vec<u8>>) -> ImageBuffer<P, Vec<u8>> {
        picture.view(self.x, self.y, self.width, self.height).to_image()
    }
}

/// A stretch grown to both sides to this length, moved back into `0..most` and cut off where it does not fit.
fn grown((from, to): (i64, i64), length: f64, most: i64) -> (i64, i64) {
    let more = (length - (to - from) as f64) as i64;
    let (mut from, mut to) = (from - more / 2, to + more - more / 2);
    if to >= most {
        (from, to) = (from - (to - most), most);
    }
    if from < 0 {
        (from, to) = (0, to - from);
    }
    (from, to.min(most))
}

#[cfg(test)]
mod tests {
    use image::Luma;

    use super::*;

    #[test]
    fn the_rectangle_holds_the_mask_its_padding_and_the_shape_where_there_is_room() {
        let mask =
            GrayImage::from_fn(300, 200, |x, y| Luma([u8::from((150..160).contains(&x) && (90..130).contains(&y))]));
        let found = Region::around(&mask, 8, (512, 512)).expect("a region");
        assert_eq!(found, Region { x: 127, y: 82, width: 56, height: 56 });
        let wide = Region::around(&mask, 8, (1024, 512)).expect("a region");
        assert_eq!((wide.width, wide.height), (112, 56));
        let all = Region::around(&mask, 400, (512, 512)).expect("a region");
        assert_eq!(all, Region { x: 0, y: 0, width: 300, height: 200 }, "no larger than the picture");
        assert_eq!(Region::around(&GrayImage::new(9, 9), 8, (64, 64)), None);
        let corner = GrayImage::from_fn(64, 64, |x, y| Luma([u8::from(x == 63 && y == 0)]));
        assert_eq!(
            Region::around(&corner, 4, (64, 32)),
            Some(Region { x: 54, y: 0, width: 10, height: 5 }),
            "moved back into the picture"
        );
        assert_eq!(Region { x: 1, y: 2, width: 3, height: 1 }.of(&mask).dimensions(), (3, 1));
    }
}
