//! Whole surfaces in another shape: a part, with room around it, turned by quarters, mirrored. Pixels keep their values.

use super::{Region, Size, Surface};

/// What lies around a surface where room is added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Border {
    /// Nothing: what is below shows, which at last is the paper.
    #[default]
    Clear,
    /// The pixels at the edge, again and again.
    Continued,
}

/// By how much a surface is turned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuarterTurns {
    /// 90° clockwise.
    Right,
    /// 90° anticlockwise.
    Left,
    /// 180°.
    Half,
}

/// What a surface exchanges when it is mirrored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MirrorAxis {
    /// Left and right.
    Vertical,
    /// Top and bottom.
    Horizontal,
}

impl QuarterTurns {
    /// The size of a turned surface.
    pub fn size(self, of: Size) -> Size {
        match self {
            Self::Right | Self::Left => of.turned(),
            Self::Half => of,
        }
    }
}

impl Surface {
    /// What lies in a region, which has the size of the new surface. `border` says what is there beside the old one.
    #[must_use]
    pub fn part(&self, region: Region, border: Border) -> Self {
        let Some(bounds) = self.bounds() else { return Self::new(region.size) };
        if border == Border::Continued && !region.is_inside(self.size()) {
            return self.continued(region);
        }
        let place = |at: usize, from: i64| (at as i64).saturating_sub(from);
        let place = (place(bounds.x0, region.x), place(bounds.y0, region.y));
        Self::with_picture(region.size, place, bounds.width(), &self.copy_rect(bounds))
    }

    /// What lies in a region, where the pixels at the edge go on for ever.
    fn continued(&self, region: Region) -> Self {
        let pixels = self.copy_rect(super::PixelRect::whole(self.width(), self.height()));
        let (width, height) = (region.size.width(), region.size.height());
        let nearest = |from: i64, by: usize, side: usize| from.saturating_add(by as i64).clamp(0, side as i64 - 1);
        let mut continued = Vec::with_capacity(region.size.pixels());
        for y in 0..height {
            let row = nearest(region.y, y, self.height()) as usize * self.width();
            let row = &pixels[row..row + self.width()];
            continued.extend((0..width).map(|x| row[nearest(region.x, x, self.width()) as usize]));
        }
        Self::with_picture(region.size, (0, 0), width, &continued)
    }

    /// The surface turned.
    #[must_use]
    pub fn turned(&self, turns: QuarterTurns) -> Self {
        let size = turns.size(self.size());
        let Some(bounds) = self.bounds() else { return Self::new(size) };
        let pixels = self.copy_rect(bounds);
        let (width, height) = (bounds.width(), bounds.height());
        // The column right of the block and the row below it, counted from the other edge of the surface.
        let (right, below) = ((self.width() - bounds.x1) as i64, (self.height() - bounds.y1) as i64);
        let (left, above) = (bounds.x0 as i64, bounds.y0 as i64);
        let column = |x: usize| (0..height).map(move |y| y * width + x);
        let (place, across, order): (_, _, Vec<usize>) = match turns {
            QuarterTurns::Right => ((below, left), height, (0..width).flat_map(|x| column(x).rev()).collect()),
            QuarterTurns::Left => ((above, right), height, (0..width).rev().flat_map(column).collect()),
            QuarterTurns::Half => ((right, below), width, (0..pixels.len()).rev().collect()),
        };
        let turned: Vec<[u8; 4]> = order.into_iter().map(|at| pixels[at]).collect();
        Self::with_picture(size, place, across, &turned)
    }

    /// The surface mirrored.
    #[must_use]
    pub fn mirrored(&self, axis: MirrorAxis) -> Self {
        let Some(bounds) = self.bounds() else { return Self::new(self.size()) };
        let mut pixels = self.copy_rect(bounds);
        let (left, above) = (bounds.x0 as i64, bounds.y0 as i64);
        let place = match axis {
            MirrorAxis::Vertical => {
                pixels.chunks_exact_mut(bounds.width()).for_each(<[_]>::reverse);
                ((self.width() - bounds.x1) as i64, above)
            }
            MirrorAxis::Horizontal => {
                pixels = pixels.chunks_exact(bounds.width()).rev().flatten().copied().collect();
                (left, (self.height() - bounds.y1) as i64)
            }
        };
        Self::with_picture(self.size(), place, bounds.width(), &pixels)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(width: usize, height: usize) -> Size {
        Size::new(width, height).expect("a size")
    }

    /// 150 by 90 pixels, of which a block off the middle has colours that are all different.
    fn block() -> Surface {
        let pixels: Vec<[u8; 4]> = (0..80 * 30).map(|i| [(i % 80) as u8, (i / 80) as u8, 7, 200]).collect();
        Surface::with_picture(size(150, 90), (65, 12), 80, &pixels)
    }

    fn at(surface: &Surface, x: i64, y: i64) -> [u8; 4] {
        let inside = usize::try_from(x).ok().zip(usize::try_from(y).ok());
        inside.and_then(|(x, y)| surface.pixel(x, y)).unwrap_or([0; 4])
    }

    #[test]
    fn a_part_shows_the_same_pixels_wherever_it_lies_and_nothing_beside() {
        let block = block();
        for (x, y) in [(0, 0), (60, 10), (-30, -5), (100, 60), (-500, 0), (149, 89)] {
            let part = block.part(Region { x, y, size: size(72, 64) }, Border::Clear);
            assert_eq!(part.size(), size(72, 64));
            for row in 0..64 {
                for column in 0..72 {
                    assert_eq!(at(&part, column, row), at(&block, column + x, row + y), "{column}, {row} of {x}, {y}");
                }
            }
        }
        let there_and_back = block.part(Region { x: -8, y: -16, size: size(176, 128) }, Border::Clear);
        let back = there_and_back.part(Region { x: 8, y: 16, size: size(150, 90) }, Border::Clear);
        assert!(back.shows_the_same_as(&block));
    }

    #[test]
    fn a_continued_border_repeats_the_nearest_pixel() {
        let pixels: Vec<[u8; 4]> = (0..20 * 10).map(|i| [(i % 20) as u8, (i / 20) as u8, 0, 255]).collect();
        let small = Surface::with_picture(size(20, 10), (0, 0), 20, &pixels);
        let wide = small.part(Region { x: -6, y: -3, size: size(40, 20) }, Border::Continued);
        for (x, y, wanted) in [(0, 0, (0, 0)), (3, 9, (0, 6)), (39, 19, (19, 9)), (10, 5, (4, 2)), (30, 4, (19, 1))] {
            assert_eq!(wide.pixel(x, y), Some([wanted.0, wanted.1, 0, 255]), "{x}, {y}");
        }
        let far = small.part(Region { x: i64::MAX, y: i64::MIN, size: size(3, 3) }, Border::Continued);
        assert_eq!(far.pixel(1, 1), Some([19, 0, 0, 255]));
    }

    #[test]
    fn a_turn_goes_clockwise_and_four_of_them_lead_back() {
        let block = block();
        let right = block.turned(QuarterTurns::Right);
        assert_eq!(right.size(), size(90, 150));
        for (x, y) in [(65, 12), (144, 41), (70, 20), (0, 0), (149, 89)] {
            assert_eq!(right.pixel(89 - y, x), block.pixel(x, y), "{x}, {y}");
        }
        let back = right.turned(QuarterTurns::Left);
        assert!(back.shows_the_same_as(&block));
        assert!(right.turned(QuarterTurns::Right).shows_the_same_as(&block.turned(QuarterTurns::Half)));
        assert!(!block.turned(QuarterTurns::Half).shows_the_same_as(&block));
    }

    #[test]
    fn mirroring_twice_leads_back_and_both_ways_are_a_half_turn() {
        let block = block();
        for axis in [MirrorAxis::Vertical, MirrorAxis::Horizontal] {
            let once = block.mirrored(axis);
            assert!(!once.shows_the_same_as(&block) && once.mirrored(axis).shows_the_same_as(&block));
        }
        assert_eq!(block.mirrored(MirrorAxis::Vertical).pixel(149 - 65, 12), block.pixel(65, 12));
        assert_eq!(block.mirrored(MirrorAxis::Horizontal).pixel(65, 89 - 12), block.pixel(65, 12));
        let both = block.mirrored(MirrorAxis::Vertical).mirrored(MirrorAxis::Horizontal);
        assert!(both.shows_the_same_as(&block.turned(QuarterTurns::Half)));
    }
}
