//! How far each pixel is from the nearest one of a set.

/// The distance where no pixel is set.
pub(super) const NOWHERE: u32 = u32::MAX;

/// The squared distance of each pixel to the nearest one that is set, row by row; [`NOWHERE`] if none is. Exact, by the
/// method of Meijster, Roerdink and Hesselink: down the columns first, then the lower envelope of parabolas in each row.
pub(super) fn squared_distances(width: usize, set: &[bool]) -> Vec<u32> {
    let height = set.len().checked_div(width).unwrap_or(0);
    // Longer than any distance inside, and small enough to be squared.
    let far = (width + height) as i64;
    let mut down = vec![far; width * height];
    for y in 0..height {
        for x in 0..width {
            let at = y * width + x;
            let above = if y == 0 { far } else { down[at - width] };
            down[at] = if set[at] { 0 } else { (above + 1).min(far) };
        }
    }
    for y in (0..height.saturating_sub(1)).rev() {
        for x in 0..width {
            let at = y * width + x;
            down[at] = down[at].min(down[at + width] + 1);
        }
    }
    let mut result = vec![NOWHERE; width * height];
    // The columns whose parabolas form the envelope, and from where on each does.
    let mut envelope: Vec<(usize, i64)> = Vec::with_capacity(width);
    for (columns, result) in down.chunks_exact(width.max(1)).zip(result.chunks_exact_mut(width.max(1))) {
        let value = |x: i64, column: usize| (x - column as i64).pow(2) + columns[column].pow(2);
        envelope.clear();
        for column in 0..columns.len() {
            while envelope.last().is_some_and(|(last, from)| value(*from, *last) > value(*from, column)) {
                envelope.pop();
            }
            let from = match envelope.last() {
                None => 0,
                Some((last, _)) => {
                    let (a, b) = (*last as i64, column as i64);
                    let between = b * b - a * a + columns[column].pow(2) - columns[*last].pow(2);
                    1 + between.div_euclid(2 * (b - a))
                }
            };
            if from < columns.len() as i64 {
                envelope.push((column, from));
            }
        }
        let mut at = envelope.len();
        for x in (0..columns.len()).rev() {
            while at > 1 && envelope[at - 1].1 > x as i64 {
                at -= 1;
            }
            let Some((column, _)) = at.checked_sub(1).and_then(|last| envelope.get(last)) else { continue };
            if columns[*column] < far {
                result[x] = u32::try_from(value(x as i64, *column)).unwrap_or(NOWHERE);
            }
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_to_the_nearest_of_all_set_pixels() {
        for (width, height, step) in [(17, 11, 7), (1, 9, 4), (9, 1, 4), (8, 8, 64), (23, 19, 1), (6, 7, 1000)] {
            let set: Vec<bool> = (0..width * height).map(|i| (i * 31 + 5) % step == step / 2).collect();
            let result = squared_distances(width, &set);
            for (at, found) in result.iter().enumerate() {
                let to = |other: usize| {
                    let across = (at % width).abs_diff(other % width);
                    let down = (at / width).abs_diff(other / width);
                    (across * across + down * down) as u32
                };
                let nearest = (0..set.len()).filter(|i| set[*i]).map(to).min().unwrap_or(NOWHERE);
                assert_eq!(*found, nearest, "{at} of {width} by {height}, {step}");
            }
        }
        assert!(squared_distances(0, &[]).is_empty());
    }
}
