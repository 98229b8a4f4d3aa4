use super::*;

mod golden;

#[test]
fn every_mode_gives_what_the_formulas_of_the_specification_give() {
    assert_eq!(golden::RESULTS.map(|(id, _)| id), BlendMode::ALL.map(BlendMode::id));
    for (id, results) in golden::RESULTS {
        let mode = BlendMode::from_id(id).expect("a mode");
        for ((backdrop, source), expected) in golden::PAIRS.into_iter().zip(results) {
            assert_eq!(over(mode, backdrop, source, 255), expected, "{id}: {source:?} over {backdrop:?}");
            if backdrop[3] == 255 {
                assert_eq!(inside(mode, backdrop, source, 255), expected, "{id}: {source:?} on {backdrop:?}");
            }
        }
    }
}

/// The formulas in double precision, for the modes that are exact.
fn by_formula(blend: impl Fn(f64, f64) -> f64, backdrop: [u8; 4], source: [u8; 4]) -> [u8; 4] {
    let [s, a] = [source[3], backdrop[3]].map(|alpha| f64::from(alpha) / 255.0);
    let union = s + a * (1.0 - s);
    let channel = |i: usize| {
        let (b, c) = (f64::from(backdrop[i]) / 255.0, f64::from(source[i]) / 255.0);
        let sum = s * (1.0 - a) * c + a * (1.0 - s) * b + s * a * blend(b, c);
        // A tie is computed a little below or above a half.
        (sum / union * 255.0 + 0.5 + 1e-9) as u8
    };
    if union == 0.0 { backdrop } else { [channel(0), channel(1), channel(2), (union * 255.0 + 0.5 + 1e-9) as u8] }
}

#[test]
fn the_arithmetic_is_exact_for_many_alphas_and_never_overflows() {
    let values = [0, 1, 2, 63, 64, 127, 128, 129, 200, 254, 255];
    for (b, s) in values.iter().flat_map(|b| values.iter().map(move |s| (*b, *s))) {
        for (below, above) in values.iter().flat_map(|b| values.iter().map(move |s| (*b, *s))) {
            let (backdrop, source) = ([b, 255 - b, 7, below], [s, s / 2, 255 - s, above]);
            for (mode, formula) in [
                (BlendMode::Normal, &(|_, s| s) as &dyn Fn(f64, f64) -> f64),
                (BlendMode::Multiply, &|b, s| b * s),
                (BlendMode::Screen, &|b, s| b + s - b * s),
                (BlendMode::Exclusion, &|b, s| b + s - 2.0 * b * s),
                (BlendMode::Difference, &|b, s| (b - s).abs()),
            ] {
                let expected = by_formula(formula, backdrop, source);
                assert_eq!(over(mode, backdrop, source, 255), expected, "{mode:?}: {source:?} over {backdrop:?}");
            }
            for mode in BlendMode::ALL {
                let inner = inside(mode, backdrop, source, 255);
                assert!(inner[3] == below && over(mode, backdrop, source, 0) == backdrop);
                assert!(above > 0 || (inside(mode, backdrop, source, 255) == backdrop));
            }
        }
    }
}

/// Normal as its formula says, each product divided on its own.
fn by_division(backdrop: [u8; 4], source: [u8; 4], opacity: u8) -> [u8; 4] {
    let s = alpha(source, opacity);
    let channel = |i: usize| ((u32::from(source[i]) * s + u32::from(backdrop[i]) * (255 - s) + 127) / 255) as u8;
    [channel(0), channel(1), channel(2), backdrop[3]]
}

#[test]
fn the_modes_with_loops_of_their_own_are_as_the_others() {
    let source: Vec<[u8; 4]> = (0..=255_u8).map(|i| [i, 255 - i, i / 3, i.wrapping_mul(7)]).collect();
    let backdrop: Vec<[u8; 4]> = (0..=255).map(|i| [255 - i, i / 2, i, 255]).collect();
    for mode in BlendMode::ALL {
        let mut row = backdrop.clone();
        inside_row(mode, &mut row, &source, 200);
        // Over an opaque backdrop both ways are the same.
        let expected: Vec<[u8; 4]> = backdrop.iter().zip(&source).map(|(b, s)| over(mode, *b, *s, 200)).collect();
        assert_eq!(row, expected, "{mode:?}");
    }
}

#[test]
fn whole_rows_are_as_single_pixels() {
    for opacity in [0, 1, 100, 255] {
        let source: Vec<[u8; 4]> = (0..=255).map(|i| [i, 255 - i, i / 3, 255 - i / 2 * 2]).collect();
        let mut row: Vec<[u8; 4]> = (0..=255).map(|i| [255 - i, i / 2, i, i]).collect();
        let expected: Vec<[u8; 4]> = row.iter().zip(&source).map(|(b, s)| by_division(*b, *s, opacity)).collect();
        inside_row(BlendMode::Normal, &mut row, &source, opacity);
        assert_eq!(row, expected, "opacity {opacity}");
    }
}
