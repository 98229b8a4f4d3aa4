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
pub(super) fn inside(mode: BlendMode, backdrop: [u8; 4], source: [u8; 4], opacity: u8) -> [u8; 4] {
    let s = alpha(source, opacity);
    let blended = mode.blend([backdrop[0], backdrop[1], backdrop[2]], [source[0], source[1], source[2]]);
    let channel = |i: usize| {
        let from = u32::from(backdrop[i]) * 255;
        ((from * (255 - s) + blended[i] * s + ONE / 2) / ONE) as u8
    };
    [channel(0), channel(1), channel(2), backdrop[3]]
}

/// [`inside`] in the mode Normal, for whole rows: what most of a picture is made of.
pub(super) fn normal_inside_row(backdrop: &mut [[u8; 4]], source: &[[u8; 4]], opacity: u8) {
    for (below, above) in backdrop.iter_mut().zip(source) {
        let s = alpha(*above, opacity);
        match s {
            0 => {}
            255 => *below = [above[0], above[1], above[2], below[3]],
            _ => {
                let (from, to) = (lanes(*below), lanes(*above));
                let [r, g, b, _] = packed(nearest_255th(to * u64::from(s) + from * u64::from(255 - s)));
                *below = [r, g, b, below[3]];
            }
        }
    }
}

/// The alpha of a pixel of a layer with this opacity, to the nearest of 256 levels.
fn alpha(pixel: [u8; 4], opacity: u8) -> u32 {
    (u32::from(pixel[3]) * u32::from(opacity) + 127) / 255
}

/// The four channels, 16 bits apart, so that one multiplication is four.
fn lanes([r, g, b, a]: [u8; 4]) -> u64 {
    u64::from(r) | u64::from(g) << 16 | u64::from(b) << 32 | u64::from(a) << 48
}

fn packed(lanes: u64) -> [u8; 4] {
    [lanes as u8, (lanes >> 16) as u8, (lanes >> 32) as u8, (lanes >> 48) as u8]
}

/// Each of four lanes of at most 65025, divided by 255 and rounded to the nearest.
fn nearest_255th(lanes: u64) -> u64 {
    const EIGHT_BITS: u64 = 0x00ff_00ff_00ff_00ff;
    let half = lanes + 0x0080_0080_0080_0080;
    ((half + ((half >> 8) & EIGHT_BITS)) >> 8) & EIGHT_BITS
}

#[cfg(test)]
mod tests;
