//! How far each pixel is from the nearest one of a set.

use rayon::prelude::*;

use super::parallel::least_rows;

/// The distance where no set pixel is near.
pub(super) const NOWHERE: u32 = u32::MAX;

/// The squared distance of each pixel to the nearest one that is set, row by row; [`NOWHERE`] if that is more than
/// `reach` pixels away. Exact, by the method of Meijster, Roerdink and Hesselink: down the columns first, then the lower
/// envelope of parabolas in each row. `reach` is less than 65,535, and no side is longer than 16,384.
pub(super) fn squared_distances_within(width: usize, set: &[bool], reach: usize) -> Vec<u32> {
    if width == 0 {
        return Vec::new();
    }
    let height = set.len() / width;
    // From here on a column has nothing near.
    let far = reach as u16 + 1;
    let mut down = vec![far; width * height];
    for y in 0..height {
        let (above, row) = down.split_at_mut(y * width);
        let above = above.get(above.len().saturating_sub(width)..).unwrap_or_default();
        let row = row[..width].iter_mut().zip(&set[y * width..]).enumerate();
        for (x, (down, set)) in row {
            let above = above.get(x).copied().unwrap_or(far);
            *down = if *set { 0 } else { (above + 1).min(far) };
        }
    }
    for y in (0..height.saturating_sub(1)).rev() {
        let (row, below) = down.split_at_mut((y + 1) * width);
        let row = row[y * width..].iter_mut().zip(below);
        row.for_each(|(down, below)| *down = (*down).min(*below + 1));
    }
    let most = (reach * reach) as u32;
    let mut result = vec![NOWHERE; width * height];
    let rows = result.par_chunks_exact_mut(width).zip(down.par_chunks_exact(width)).with_min_len(least_rows(width));
    rows.for_each_init(Vec::new, |envelope, (row, down)| {
        squared_distances_of_row(envelope, down, far, row);
        row.iter_mut().filter(|distance| **distance > most).for_each(|distance| *distance = NOWHERE);
    });
    result
}

/// The squared distances of one row, of which the distances along the columns are known; those of `far` do not count. The
/// envelope is the columns whose parabolas form it, and from where on each does.
fn squared_distances_of_row(envelope: &mut Vec<(i32, i32)>, columns: &[u16], far: u16, result: &mut [u32]) {
    let square = |column: i32| i32::from(columns[column as usize]).pow(2);
    let value = |x: i32, column: i32| (x - column).pow(2) + square(column);
    let width = columns.len() as i32;
    envelope.clear();
    for column in 0..width {
        let at = column as usize;
        let here = columns[at];
        if here == far {
            continue;
        }
        // What lies between set pixels is nearest to nothing but itself.
        let is_inner = here == 0 && at > 0 && columns[at - 1] == 0 && columns.get(at + 1) == Some(&0);
        if is_inner {
            continue;
        }
        while envelope.last().is_some_and(|(last, from)| value(*from, *last) > value(*from, column)) {
            envelope.pop();
        }
        let from = match envelope.last() {
            None => 0,
            Some((last, _)) => {
                let between = column * column - last * last + square(column) - square(*last);
                1 + between.div_euclid(2 * (column - last))
            }
        };
        if from < width {
            envelope.push((column, from));
        }
    }
    let mut at = envelope.len();
    for x in (0..width).rev() {
        let here = &mut result[x as usize];
        if columns[x as usize] == 0 {
            *here = 0;
            continue;
        }
        while at > 1 && envelope[at - 1].1 > x {
            at -= 1;
        }
        if let Some((column, _)) = at.checked_sub(1).and_then(|last| envelope.get(last)) {
            *here = value(x, *column) as u32;
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The squared distance of each pixel to the nearest one that is set, row by row; [`NOWHERE`] if none is. Exact, by the
    /// method of Meijster, Roerdink and Hesselink: down the columns first, then the lower envelope of parabolas in each row.
    pub(in crate::paint) fn squared_distances(width: usize, set: &[bool]) -> Vec<u32> {
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

    #[test]
    fn within_reach_they_are_the_same_and_further_away_there_is_nothing() {
        let mut number = 0x9E37_79B9_7F4A_7C15_u64;
        let mut below = |end: u64| {
            number ^= number << 13;
            number ^= number >> 7;
            number ^= number << 17;
            number % end
        };
        for _ in 0..150 {
            let (width, height) = (1 + below(90) as usize, 1 + below(70) as usize);
            let mut set = vec![false; width * height];
            // Speckles or blocks.
            for _ in 0..below(5) {
                let (x0, y0) = (below(width as u64) as usize, below(height as u64) as usize);
                let (wide, high) = (below(30) as usize, below(30) as usize);
                for y in y0..(y0 + high).min(height) {
                    set[y * width + x0..y * width + (x0 + wide).min(width)].fill(true);
                }
            }
            (0..below(9)).for_each(|_| set[below((width * height) as u64) as usize] = true);
            let all = squared_distances(width, &set);
            for reach in [0, 1, 2, 7, 30, 200] {
                let near = |distance: &u32| if *distance <= (reach * reach) as u32 { *distance } else { NOWHERE };
                let expected: Vec<u32> = all.iter().map(near).collect();
                assert!(squared_distances_within(width, &set, reach) == expected, "{width} by {height}, {reach}");
            }
        }
        assert!(squared_distances_within(0, &[], 3).is_empty());
    }
}
