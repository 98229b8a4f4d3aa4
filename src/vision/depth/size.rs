//! The size in which a picture is looked at.

/// How many times the patches of a square picture one of another shape may have; attention takes their number squared.
const MOST_PATCHES: f64 = 4.0;

/// The size of a prepared picture: the original's shape as far as whole patches allow, the side that needs less scaling `side`
/// pixels long, as transformers' processor for DPT has it. Pictures that are very long are looked at in a smaller size.
pub(super) fn prepared_size((width, height): (u32, u32), side: usize, patch: usize) -> (u32, u32) {
    let (width, height) = (f64::from(width.max(1)), f64::from(height.max(1)));
    let (side, patch) = (side as f64, patch as f64);
    let (across, down) = (side / width, side / height);
    let mut scale = if (1.0 - across).abs() < (1.0 - down).abs() { across } else { down };
    let pixels = width * height * scale * scale;
    let most = MOST_PATCHES * side * side;
    if pixels > most {
        scale *= (most / pixels).sqrt();
    }
    let whole = |length: f64| ((length * scale / patch).round_ties_even().max(1.0) * patch) as u32;
    (whole(width), whole(height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn very_long_pictures_have_few_patches_and_at_least_one_a_side() {
        for size in [(1, 1), (8192, 1), (1, 8192), (8192, 600), (600, 8192), (8192, 8192), (0, 5)] {
            let (width, height) = prepared_size(size, 518, 14);
            assert!(width >= 14 && height >= 14 && width % 14 == 0 && height % 14 == 0, "{size:?}");
            assert!((width / 14) * (height / 14) <= 4 * 38 * 38, "{size:?}: {width} × {height}");
        }
        assert_eq!(prepared_size((8192, 8192), 518, 14), (518, 518));
    }
}
