//! How a pixel meets what lies below it: the blend modes and source-over of W3C Compositing and Blending Level 1.
//!
//! Colours are straight, eight bits a channel, in the display's encoding. A mode says which colour B(backdrop, source)
//! the two give where both are opaque. With the alphas a of the backdrop and s of the source the result is
//!
//! - alpha: s + a (1 - s)
//! - colour times alpha: s (1 - a) source + a (1 - s) backdrop + s a B
//!
//! All of it is integer arithmetic. B is known to 1/65025 of the full range; alpha and colour are then rounded to the
//! nearest of 256 levels, halves up.

use super::blend_mode::BlendMode;
use super::wide::wide;

/// 1 in the scale of the values that a mode gives.
const ONE: u32 = 255 * 255;

/// Puts a source pixel over a backdrop pixel. `opacity` is that of the source's layer, 255 is all of it.
pub(super) fn over(mode: BlendMode, backdrop: [u8; 4], source: [u8; 4], opacity: u8) -> [u8; 4] {
    let (s, a) = (alpha(source, opacity), u32::from(backdrop[3]));
    if s == 0 {
        return backdrop;
    }
    // In 1/65025.
    let (only_source, only_backdrop, both) = (s * (255 - a), a * (255 - s), s * a);
    let union = only_source + only_backdrop + both;
    let blended = mode.blend([backdrop[0], backdrop[1], backdrop[2]], [source[0], source[1], source[2]]);
    let channel = |i: usize| {
        let (from, to) = (u32::from(backdrop[i]) * 255, u32::from(source[i]) * 255);
        // At most 255 * 65025 * 255 and half a divisor, which 32 bits just hold.
        let sum = to * only_source + from * only_backdrop + blended[i] * both;
        ((sum + 255 * union / 2) / (255 * union)) as u8
    };
    [channel(0), channel(1), channel(2), ((union + 127) / 255) as u8]
}

/// As [`over`], for a backdrop whose alpha stays as it is: an opaque one, or the layer that another is clipped to.
#[cfg(test)]
pub(super) fn inside(mode: BlendMode, backdrop: [u8; 4], source: [u8; 4], opacity: u8) -> [u8; 4] {
    let mut row = [backdrop];
    inside_row(mode, &mut row, &[source], opacity);
    row[0]
}

/// Puts a row of source pixels over backdrop pixels; see [`over`].
pub(super) fn over_row(mode: BlendMode, backdrop: &mut [[u8; 4]], source: &[[u8; 4]], opacity: u8) {
    for (below, above) in backdrop.iter_mut().zip(source).filter(|(_, above)| above[3] > 0) {
        *below = over(mode, *below, *above, opacity);
    }
}

/// As [`over_row`], for a backdrop whose alpha stays as it is: an opaque one, or the layer that another is clipped to.
pub(super) fn inside_row(mode: BlendMode, backdrop: &mut [[u8; 4]], source: &[[u8; 4]], opacity: u8) {
    let rows = (backdrop, source, opacity);
    // The modes that are used most have loops of their own, in which several pixels are mixed at once.
    match mode {
        BlendMode::Normal => wide!(normal_inside_row(rows)),
        BlendMode::Multiply => wide!(each_inside(rows, |b, s| b * s)),
        BlendMode::Screen => wide!(each_inside(rows, |b, s| 255 * (b + s) - b * s)),
        BlendMode::Darken => wide!(each_inside(rows, |b, s| 255 * b.min(s))),
        BlendMode::Lighten => wide!(each_inside(rows, |b, s| 255 * b.max(s))),
        BlendMode::Difference => wide!(each_inside(rows, |b, s| 255 * b.abs_diff(s))),
        _ => all_inside(rows, |b, s| mode.blend(b, s)),
    }
}

type Rows<'a> = (&'a mut [[u8; 4]], &'a [[u8; 4]], u8);

/// A mode that treats each channel alone.
#[inline(always)]
fn each_inside((backdrop, source, opacity): Rows<'_>, blend: impl Fn(u32, u32) -> u32) {
    for (below, above) in backdrop.iter_mut().zip(source) {
        // Without alpha a pixel changes nothing, which needs no case of its own.
        *below = mixed(*below, *above, opacity, |b, a, s| (b * 255 * (255 - s) + blend(b, a) * s + ONE / 2) / ONE);
    }
}

fn all_inside((backdrop, source, opacity): Rows<'_>, blend: impl Fn([u8; 3], [u8; 3]) -> [u32; 3]) {
    for (below, above) in backdrop.iter_mut().zip(source).filter(|(_, above)| above[3] > 0) {
        let s = alpha(*above, opacity);
        let [b0, b1, b2, _] = *below;
        let blended = blend([b0, b1, b2], [above[0], above[1], above[2]]);
        for (channel, blended) in below.iter_mut().zip(blended) {
            let from = u32::from(*channel) * 255;
            *channel = ((from * (255 - s) + blended * s + ONE / 2) / ONE) as u8;
        }
    }
}

/// [`inside_row`] in the mode Normal: what most of a picture is made of.
#[inline(always)]
fn normal_inside_row((backdrop, source, opacity): Rows<'_>) {
    let bits = source.iter().map(|pixel| u32::from_le_bytes(*pixel));
    let (any, all) = bits.fold((0, u32::MAX), |(any, all), pixel| (any | pixel, all & pixel));
    let row = backdrop.iter_mut().zip(source);
    if any >> 24 == 0 {
        return;
    }
    if all >> 24 == 255 && opacity == 255 {
        for (below, above) in row {
            *below = [above[0], above[1], above[2], below[3]];
        }
        return;
    }
    for (below, above) in row {
        *below = mixed(*below, *above, opacity, |b, a, s| nearest_255th(a * s + b * (255 - s)));
    }
}

/// A pixel whose colour channels are made from those of two pixels and the alpha of the upper one. All of it is
/// arithmetic on 32 bits, which compilers turn into instructions on many pixels.
#[inline(always)]
fn mixed(below: [u8; 4], above: [u8; 4], opacity: u8, channel: impl Fn(u32, u32, u32) -> u32) -> [u8; 4] {
    let (b, a) = (u32::from_le_bytes(below), u32::from_le_bytes(above));
    let s = nearest_255th((a >> 24) * u32::from(opacity));
    let at = |shift: u32| channel((b >> shift) & 255, (a >> shift) & 255, s) << shift;
    (at(0) | at(8) | at(16) | (b & 0xff00_0000)).to_le_bytes()
}

/// A number up to 65025 divided by 255 and rounded to the nearest, without a division.
#[inline(always)]
fn nearest_255th(value: u32) -> u32 {
    let half = value + 128;
    (half + (half >> 8)) >> 8
}

/// The alpha of a pixel of a layer with this opacity, to the nearest of 256 levels.
fn alpha(pixel: [u8; 4], opacity: u8) -> u32 {
    (u32::from(pixel[3]) * u32::from(opacity) + 127) / 255
}

#[cfg(test)]
mod tests;
