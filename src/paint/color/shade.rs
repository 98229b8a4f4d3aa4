//! Lighter, darker, warmer and cooler colours, in steps that look even.

use super::{Oklab, Rgb};

/// How many steps a colour can be shaded in each direction.
pub const MOST_SHADES: i8 = 6;

/// The difference in lightness between two steps, in Oklab.
const LIGHTNESS: f64 = 0.055;
/// The distance between two steps of warmth, in Oklab.
const WARMTH: f64 = 0.022;
/// The hue of warm light in Oklab, in radians: an orange. Cool light is opposite.
const WARM_HUE: f64 = 1.13;

/// The colour some steps lighter (negative: darker) and warmer (negative: cooler); steps beyond
/// [`MOST_SHADES`] count as that many.
///
/// Lightness changes as if more or less light fell on the colour: in Oklab that scales lightness and colour alike, so a
/// shadow keeps its hue and does not turn grey. Warmth moves it towards orange or blue at the same lightness.
pub fn shade(color: Rgb, lighter: i8, warmer: i8) -> Rgb {
    let (lighter, warmer) = (lighter.clamp(-MOST_SHADES, MOST_SHADES), warmer.clamp(-MOST_SHADES, MOST_SHADES));
    if lighter == 0 && warmer == 0 {
        return color;
    }
    let from = Oklab::from(color);
    let lightness = LIGHTNESS.mul_add(f64::from(lighter), from.lightness).clamp(0.0, 1.0);
    // Black has no colour to scale.
    let scale = if from.lightness > 1e-3 { lightness / from.lightness } else { 1.0 };
    let warmth = WARMTH * f64::from(warmer);
    let (a, b) = (warmth.mul_add(WARM_HUE.cos(), from.a * scale), warmth.mul_add(WARM_HUE.sin(), from.b * scale));
    Oklab { lightness, a, b }.to_rgb()
}

#[cfg(test)]
mod tests {
    use super::*;

    const APPLE: Rgb = Rgb([88, 166, 46]);

    #[test]
    fn steps_of_lightness_are_even_and_keep_the_hue() {
        let steps: Vec<Oklab> = (-4..=3).map(|step| Oklab::from(shade(APPLE, step, 0))).collect();
        for pair in steps.windows(2) {
            let step = pair[1].lightness - pair[0].lightness;
            assert!((step - LIGHTNESS).abs() < 4e-3, "{step}");
            let turn = pair[1].b.atan2(pair[1].a) - pair[0].b.atan2(pair[0].a);
            assert!(turn.abs() < 0.03, "{turn}");
        }
        assert_eq!(shade(APPLE, 0, 0), APPLE);
    }

    #[test]
    fn steps_of_warmth_are_even_and_keep_the_lightness() {
        // Colours that the display can show much stronger, so that no step is cut off.
        for color in [Rgb([110, 150, 90]), Rgb([127; 3]), Rgb([200, 150, 120])] {
            let steps: Vec<Oklab> = (-3..=3).map(|step| Oklab::from(shade(color, 0, step))).collect();
            for pair in steps.windows(2) {
                assert!((pair[0].distance(pair[1]) - WARMTH).abs() < 6e-3, "{color:?}: {pair:?}");
                assert!(pair[1].b > pair[0].b, "more yellow is warmer");
            }
            assert!(steps.iter().all(|step| (step.lightness - steps[3].lightness).abs() < 6e-3));
        }
    }

    #[test]
    fn black_and_white_have_shades_on_one_side() {
        assert_eq!(shade(Rgb::WHITE, 3, 0), Rgb::WHITE);
        assert_eq!(shade(Rgb::BLACK, -3, 0), Rgb::BLACK);
        let [r, g, b] = shade(Rgb::BLACK, 2, 0).0;
        assert!(r > 0 && r == g && g == b);
        assert!(shade(Rgb::WHITE, -2, 0).0[0] < 230);
        for step in [i8::MIN, i8::MAX] {
            let _ = shade(APPLE, step, step);
        }
    }
}
