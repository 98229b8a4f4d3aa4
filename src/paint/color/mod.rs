//! Colours: as they are stored, as people dial them, and as they look.
//!
//! - `rgb.rs` is what pixels hold; `hsv.rs` and `okhsv.rs` are hue, saturation and value by two measures, between which
//!   `model.rs` chooses.
//! - `oklab.rs` measures how colours look; `shade.rs` finds lighter, darker, warmer and cooler ones with it.
//! - `sample.rs` is the colour at a place in a picture.

mod hsv;
mod model;
mod okhsv;
mod oklab;
mod rgb;
mod sample;
mod shade;

pub use hsv::Hsv;
pub use model::ColorModel;
pub use okhsv::Okhsv;
pub use oklab::Oklab;
pub use rgb::Rgb;
pub use sample::{SampleArea, average};
pub use shade::{MOST_SHADES, shade};

#[cfg(test)]
mod tests {
    use super::Rgb;

    /// All greys, and colours with each channel in steps of 15.
    pub fn greys_and_grid() -> impl Iterator<Item = Rgb> {
        let steps = || (0..=255u8).step_by(15);
        let grid = steps().flat_map(move |r| steps().flat_map(move |g| steps().map(move |b| Rgb([r, g, b]))));
        (0..=255).map(|level| Rgb([level; 3])).chain(grid)
    }
}
