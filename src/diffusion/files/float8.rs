//! Floats of 8 bits (Micikevicius et al. 2022), which some model files store their weights in.

use half::f16;

/// Numbers with 5 bits of exponent and 2 of mantissa: the upper byte of an f16.
pub(super) fn from_e5m2(bytes: &[u8]) -> Vec<f16> {
    bytes.iter().map(|byte| f16::from_bits(u16::from(*byte) << 8)).collect()
}

/// Numbers with 4 bits of exponent and 3 of mantissa; it has no infinity, and 0x7f and 0xff are NaN.
pub(super) fn from_e4m3(bytes: &[u8]) -> Vec<f16> {
    let values: Vec<f16> = (0..=u8::MAX).map(e4m3).collect();
    bytes.iter().map(|byte| values[usize::from(*byte)]).collect()
}

fn e4m3(byte: u8) -> f16 {
    let (exponent, mantissa) = (i32::from(byte >> 3 & 0xf), f32::from(byte & 7));
    let value = match (exponent, byte & 7) {
        (15, 7) => f32::NAN,
        (0, _) => mantissa / 512.0,
        _ => (1.0 + mantissa / 8.0) * 2f32.powi(exponent - 7),
    };
    f16::from_f32(if byte & 0x80 == 0 { value } else { -value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_follows_the_published_table() {
        // The extremes of the formats' definition: largest, smallest normal, smallest.
        let e4m3 =
            from_e4m3(&[0x00, 0x7e, 0x08, 0x01, 0xfe, 0x38, 0x80]).iter().map(|v| v.to_f32()).collect::<Vec<_>>();
        assert_eq!(e4m3, [0.0, 448.0, 2f32.powi(-6), 2f32.powi(-9), -448.0, 1.0, 0.0]);
        let e5m2 = from_e5m2(&[0x00, 0x7b, 0x04, 0x01, 0xfb, 0x3c]).iter().map(|v| v.to_f32()).collect::<Vec<_>>();
        assert_eq!(e5m2, [0.0, 57344.0, 2f32.powi(-14), 2f32.powi(-16), -57344.0, 1.0]);
        assert!(from_e4m3(&[0x7f, 0xff]).iter().all(|v| v.is_nan()));
        assert!(from_e5m2(&[0x7c])[0].is_infinite() && from_e5m2(&[0x7e])[0].is_nan());
        // Each value is above the one before it.
        assert!(from_e4m3(&(0..0x7f).collect::<Vec<u8>>()).windows(2).all(|pair| pair[0] < pair[1]));
    }
}
