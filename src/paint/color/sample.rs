//! The colour at a place in a picture.

use serde::{Deserialize, Serialize};

use super::Rgb;

/// How many pixels around a place its colour is averaged over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SampleArea {
    /// The pixel alone.
    #[default]
    #[serde(rename = "point")]
    Point,
    /// The pixel and its neighbours.
    #[serde(rename = "3x3")]
    Three,
    /// The pixels up to two away.
    #[serde(rename = "5x5")]
    Five,
}

impl SampleArea {
    /// All areas with their names.
    pub const ALL: [(Self, &'static str); 3] = [(Self::Point, "Point"), (Self::Three, "3×3"), (Self::Five, "5×5")];

    /// How many pixels it reaches to each side.
    pub fn reach(self) -> usize {
        match self {
            Self::Point => 0,
            Self::Three => 1,
            Self::Five => 2,
        }
    }
}

/// The mean colour around a pixel. `pixel` gives the colours of a picture of any size, and `None` outside it; what is
/// outside does not count. `None` if the pixel itself is outside.
pub fn average(area: SampleArea, (x, y): (usize, usize), pixel: impl Fn(usize, usize) -> Option<Rgb>) -> Option<Rgb> {
    pixel(x, y)?;
    let reach = area.reach();
    let range = |at: usize| at.saturating_sub(reach)..=at.saturating_add(reach);
    let colors = range(y).flat_map(|y| range(x).map(move |x| (x, y))).filter_map(|(x, y)| pixel(x, y));
    let (mut sums, mut count) = ([0u32; 3], 0u32);
    for color in colors {
        sums.iter_mut().zip(color.0).for_each(|(sum, channel)| *sum += u32::from(channel));
        count += 1;
    }
    // At most 25 pixels, so a mean is at most 255.
    Some(Rgb(sums.map(|sum| ((sum + count / 2) / count.max(1)) as u8)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture 3 pixels wide and 2 high.
    fn pixel(x: usize, y: usize) -> Option<Rgb> {
        (x < 3 && y < 2).then(|| Rgb([(10 * x) as u8, (100 * y) as u8, 7]))
    }

    #[test]
    fn an_area_averages_the_pixels_inside_the_picture() {
        assert_eq!(average(SampleArea::Point, (2, 1), pixel), Some(Rgb([20, 100, 7])));
        assert_eq!(average(SampleArea::Three, (1, 0), pixel), Some(Rgb([10, 50, 7])));
        assert_eq!(average(SampleArea::Three, (0, 0), pixel), Some(Rgb([5, 50, 7])));
        assert_eq!(average(SampleArea::Five, (0, 1), pixel), Some(Rgb([10, 50, 7])));
    }

    #[test]
    fn there_is_no_colour_outside_a_picture() {
        for area in SampleArea::ALL.map(|(area, _)| area) {
            assert_eq!(average(area, (3, 0), pixel), None);
            assert_eq!(average(area, (usize::MAX, usize::MAX), pixel), None);
        }
        assert_eq!(average(SampleArea::Five, (0, 0), |_, _| Some(Rgb::WHITE)), Some(Rgb::WHITE));
    }
}
