//! Where the coverage of a stroke meets the pixels of a layer.

use super::Rgb;
use super::wide::wide;

/// What a stroke does to the pixels that it covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mixing {
    /// Lays this colour over them.
    Paint(Rgb),
    /// Lays this colour over them and leaves their alpha as it is.
    PaintInside(Rgb),
    /// Makes them transparent.
    Erase,
}

impl Mixing {
    /// A pixel of which `share`, `0..=1`, is covered; `before` is its value when the stroke began, so that sweeping over it
    /// twice does not count twice. Alpha and colour are rounded to the nearest of 256 levels; a transparent pixel has
    /// no colour.
    #[inline]
    pub(super) fn mix(self, before: [u8; 4], share: f32) -> [u8; 4] {
        match self {
            Self::Erase => erase(before, share),
            Self::PaintInside(_) if before[3] == 0 => [0; 4],
            Self::PaintInside(color) => toward(before, color, share, before[3]),
            Self::Paint(color) => lay_over(before, color, share),
        }
    }

    /// Mixes pixels in a row. `coverage`, `0..=1` a pixel, times `opacity` is the share. The three slices are of the
    /// same pixels.
    pub(super) fn mix_row(self, pixels: &mut [[u8; 4]], before: &[[u8; 4]], coverage: &[f32], opacity: f32) {
        let row = pixels.iter_mut().zip(before).zip(coverage);
        match self {
            // What is usual, without looking at each pixel's alpha.
            Self::Paint(color) | Self::PaintInside(color) if before.iter().all(|pixel| pixel[3] == 255) => wide!({
                for ((pixel, before), covered) in row {
                    *pixel = toward(*before, color, covered * opacity, 255);
                }
            }),
            Self::Paint(color) => wide!({
                for ((pixel, before), covered) in row {
                    *pixel = lay_over(*before, color, covered * opacity);
                }
            }),
            Self::Erase => wide!({
                for ((pixel, before), covered) in row {
                    *pixel = erase(*before, covered * opacity);
                }
            }),
            Self::PaintInside(_) => {
                for ((pixel, before), covered) in row {
                    *pixel = self.mix(*before, covered * opacity);
                }
            }
        }
    }
}

/// The nearest whole number of a value in `0.0..=255.0`; halves go up. This is `f32::round` without a call for each pixel.
#[inline(always)]
pub(super) fn round(value: f32) -> u8 {
    rounded(value) as u8
}

/// As [`round`], in arithmetic that is done on many pixels at once.
#[inline(always)]
fn rounded(value: f32) -> u32 {
    /// From here to twice this, floats are the whole numbers, and their lowest bits count up.
    const WHOLE: f32 = 8_388_608.0;
    let nearest = (value + WHOLE) - WHOLE;
    // Of halves the even neighbour came out.
    let nearest = nearest + if value - nearest >= 0.5 { 1.0 } else { 0.0 };
    (nearest + WHOLE).to_bits() & 255
}

/// A pixel of which this share gets a colour. Both ways of an `if` are computed, so that a loop has no jumps in it.
#[inline(always)]
fn lay_over(before: [u8; 4], color: Rgb, share: f32) -> [u8; 4] {
    let alpha = u32::from_le_bytes(before) >> 24;
    let under = alpha as i32 as f32 / 255.0 * (1.0 - share);
    let union = share + under;
    // Without any alpha the share is no number; the pixel is transparent then.
    let of_union = share / union;
    let share = if alpha == 255 { share } else { of_union };
    let joined = rounded(union * 255.0);
    let alpha = if alpha == 255 { 255 } else { joined };
    let after = toward_bits(before, color, share) | alpha << 24;
    (if alpha == 0 { 0 } else { after }).to_le_bytes()
}

/// A pixel that loses this share of its alpha.
#[inline(always)]
fn erase(before: [u8; 4], share: f32) -> [u8; 4] {
    let before = u32::from_le_bytes(before);
    let alpha = rounded((before >> 24) as i32 as f32 * (1.0 - share));
    let after = before & 0x00ff_ffff | alpha << 24;
    (if alpha == 0 { 0 } else { after }).to_le_bytes()
}

/// The colour this share of the way to another one.
#[inline(always)]
fn toward(before: [u8; 4], color: Rgb, share: f32, alpha: u8) -> [u8; 4] {
    (toward_bits(before, color, share) | u32::from(alpha) << 24).to_le_bytes()
}

/// The three channels of [`toward`] in the lower bytes.
#[inline(always)]
fn toward_bits(before: [u8; 4], color: Rgb, share: f32) -> u32 {
    let before = u32::from_le_bytes(before);
    let channel = |at: usize| {
        let from = (before >> (8 * at) & 255) as i32 as f32;
        rounded(from + (f32::from(color.0[at]) - from) * share) << (8 * at)
    };
    channel(0) | channel(1) | channel(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RED: Rgb = Rgb([255, 0, 0]);

    #[test]
    fn paint_lies_over_what_is_there_and_an_eraser_takes_it_away() {
        assert_eq!(Mixing::Paint(RED).mix([0; 4], 0.5), [255, 0, 0, 128], "pure colour where there was none");
        assert_eq!(Mixing::Paint(RED).mix([0, 0, 255, 255], 0.5), [128, 0, 128, 255]);
        assert_eq!(Mixing::Paint(RED).mix([0, 0, 255, 128], 1.0), [255, 0, 0, 255]);
        // Half of red over half of blue: alpha 3/4, two thirds of it red.
        assert_eq!(Mixing::Paint(RED).mix([0, 0, 255, 128], 0.5), [170, 0, 85, 192]);
        assert_eq!(Mixing::Erase.mix([9, 8, 7, 200], 0.5), [9, 8, 7, 100]);
        assert_eq!(Mixing::Erase.mix([9, 8, 7, 200], 1.0), [0; 4]);
        assert_eq!(Mixing::PaintInside(RED).mix([0, 0, 255, 77], 1.0), [255, 0, 0, 77]);
        assert_eq!(Mixing::PaintInside(RED).mix([0; 4], 1.0), [0; 4]);
    }

    #[test]
    fn rounding_is_that_of_the_standard_library() {
        for i in 0..=255 {
            for value in [i as f32, i as f32 + 0.5, (i as f32 + 0.5).next_down(), (i as f32 + 0.5).next_up()] {
                let value = value.min(255.0);
                assert_eq!(f32::from(round(value)), value.round(), "{value}");
            }
        }
    }

    #[test]
    fn a_row_is_mixed_as_its_pixels_are() {
        let rows = [[[9, 80, 255, 255], [0, 0, 0, 255], [7, 7, 7, 255]], [[9, 80, 255, 255], [0; 4], [7, 7, 7, 90]]];
        for mixing in [Mixing::Paint(RED), Mixing::PaintInside(RED), Mixing::Erase] {
            for before in rows {
                let (coverage, mut pixels) = ([0.3, 0.8, 0.0], before);
                mixing.mix_row(&mut pixels, &before, &coverage, 0.7);
                for (i, pixel) in pixels.into_iter().enumerate() {
                    assert_eq!(pixel, mixing.mix(before[i], coverage[i] * 0.7), "{mixing:?}");
                }
            }
        }
    }

    #[test]
    fn nothing_covered_changes_nothing_and_no_alpha_is_lost_by_painting() {
        for mixing in [Mixing::Paint(RED), Mixing::PaintInside(RED), Mixing::Erase] {
            for alpha in 1..=255 {
                assert_eq!(mixing.mix([10, 200, 30, alpha], 0.0), [10, 200, 30, alpha]);
                for share in [0.01, 0.3, 0.99, 1.0] {
                    let after = mixing.mix([10, 200, 30, alpha], share)[3];
                    let expected = match mixing {
                        Mixing::Paint(_) => after >= alpha,
                        Mixing::PaintInside(_) => after == alpha,
                        Mixing::Erase => after <= alpha,
                    };
                    assert!(expected, "{mixing:?} {share} of alpha {alpha}");
                }
            }
        }
    }
}
