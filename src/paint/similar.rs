//! The area of nearly one colour around a pixel.

use std::collections::VecDeque;

use super::distance::squared_distances;
use super::{Selection, Size};

/// What counts as an area of nearly one colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SimilarArea {
    /// How far any channel may lie from the colour that was clicked, `0..=255`.
    pub tolerance: u8,
    /// Whether only what is connected to the clicked pixel counts, and not every pixel of the colour.
    pub contiguous: bool,
    /// Gaps in outlines of up to this many pixels count as closed; 0 for none. Only where `contiguous` is set.
    pub gap: usize,
}

impl SimilarArea {
    /// The widest gap that is closed, in pixels.
    pub const MAX_GAP: usize = 64;
}

impl Default for SimilarArea {
    /// So tolerant that the smooth edge of a brush stroke does not keep a pale rim.
    fn default() -> Self {
        Self { tolerance: 40, contiguous: true, gap: 0 }
    }
}

/// The area around `(x, y)` in a picture of RGBA pixels, row by row. `None` if the place lies outside, or the picture
/// has another number of pixels.
pub fn similar_area(pixels: &[[u8; 4]], size: Size, (x, y): (usize, usize), how: SimilarArea) -> Option<Selection> {
    let (width, height) = (size.width(), size.height());
    if x >= width || y >= height || pixels.len() != size.pixels() {
        return None;
    }
    let start = y * width + x;
    let seed = pixels[start];
    let alike: Vec<bool> =
        pixels.iter().map(|pixel| pixel.iter().zip(seed).all(|(a, b)| a.abs_diff(b) <= how.tolerance)).collect();
    let area = match how {
        SimilarArea { contiguous: false, .. } => alike,
        SimilarArea { gap: 0, .. } => connected(&alike, width, start),
        SimilarArea { gap, .. } => without_leaks(&alike, width, start, gap.min(SimilarArea::MAX_GAP)),
    };
    let levels: Vec<u8> = area.into_iter().map(|inside| if inside { 255 } else { 0 }).collect();
    Some(Selection::from_levels(size, &levels))
}

/// The pixels that are connected to one of them by their sides.
fn connected(open: &[bool], width: usize, start: usize) -> Vec<bool> {
    let height = open.len() / width;
    let mut seen = vec![false; open.len()];
    let mut waiting = vec![start];
    while let Some(at) = waiting.pop() {
        if seen[at] || !open[at] {
            continue;
        }
        let (row, x) = (at - at % width, at % width);
        let x0 = open[row..row + x].iter().rposition(|open| !open).map_or(0, |i| i + 1);
        let x1 = open[row + x..row + width].iter().position(|open| !open).map_or(width, |i| x + i);
        seen[row + x0..row + x1].fill(true);
        let y = row / width;
        for next in [y.checked_sub(1), (y + 1 < height).then_some(y + 1)].into_iter().flatten() {
            for i in x0..x1 {
                let at = next * width + i;
                let starts_run = i == x0 || !open[at - 1];
                if starts_run && open[at] && !seen[at] {
                    waiting.push(at);
                }
            }
        }
    }
    seen
}

/// As [`connected`], where gaps of up to `gap` pixels in what is not open count as closed.
///
/// Pixels that are too close to an outline are left out, so that the rest falls apart at the gaps. Those left out then
/// go to the part that is nearest, which cuts a gap in its middle.
fn without_leaks(open: &[bool], width: usize, start: usize, gap: usize) -> Vec<bool> {
    let outline: Vec<bool> = open.iter().map(|open| !open).collect();
    let near = |distance: u32| u64::from(distance) * 4 <= (gap as u64 + 1).pow(2);
    let wide: Vec<bool> = squared_distances(width, &outline).into_iter().map(|distance| !near(distance)).collect();
    let Some(start_in_wide) = nearest_wide(open, &wide, width, start, gap + 2) else {
        // All of it is narrower than the gap.
        return connected(open, width, start);
    };
    let inside = connected(&wide, width, start_in_wide);
    let mut owner: Vec<Option<bool>> = wide.iter().zip(&inside).map(|(wide, inside)| wide.then_some(*inside)).collect();
    let mut waiting: VecDeque<usize> = (0..open.len()).filter(|at| wide[*at]).collect();
    while let Some(at) = waiting.pop_front() {
        for next in neighbours(at, width, open.len()) {
            if open[next] && owner[next].is_none() {
                owner[next] = owner[at];
                waiting.push_back(next);
            }
        }
    }
    owner.into_iter().map(|owner| owner == Some(true)).collect()
}

/// The nearest wide pixel that is reached from `start` over at most `most` open ones.
fn nearest_wide(open: &[bool], wide: &[bool], width: usize, start: usize, most: usize) -> Option<usize> {
    let mut seen = vec![false; open.len()];
    let mut waiting = VecDeque::from([(start, 0)]);
    while let Some((at, steps)) = waiting.pop_front() {
        if wide[at] {
            return Some(at);
        }
        for next in neighbours(at, width, open.len()).filter(|next| open[*next]) {
            if steps < most && !std::mem::replace(&mut seen[next], true) {
                waiting.push_back((next, steps + 1));
            }
        }
    }
    None
}

/// The pixels that share a side with one.
fn neighbours(at: usize, width: usize, count: usize) -> impl Iterator<Item = usize> {
    let x = at % width;
    let around = [
        (x > 0).then(|| at.saturating_sub(1)),
        (x + 1 < width).then_some(at + 1),
        at.checked_sub(width),
        (at + width < count).then_some(at + width),
    ];
    around.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture from text: every letter but a space is a colour of its own.
    fn picture(rows: &[&str]) -> (Vec<[u8; 4]>, Size) {
        let pixels = rows.iter().flat_map(|row| row.bytes()).map(|byte| match byte {
            b' ' => [255; 4],
            other => [other, 0, 0, 255],
        });
        (pixels.collect(), Size::new(rows[0].len(), rows.len()).expect("a size"))
    }

    fn shown(selection: &Selection) -> Vec<String> {
        let rows = selection.levels();
        let rows = rows.chunks(selection.size().width());
        rows.map(|row| row.iter().map(|level| if *level == 255 { '+' } else { '.' }).collect()).collect()
    }

    #[test]
    fn an_area_stops_at_an_outline_and_a_colour_is_found_everywhere() {
        let (pixels, size) = picture(&["  x  ", "  x  ", "xxx x"]);
        let how = SimilarArea::default();
        let area = similar_area(&pixels, size, (0, 0), how).expect("inside");
        assert_eq!(shown(&area), ["++...", "++...", "....."]);
        let all = similar_area(&pixels, size, (0, 0), SimilarArea { contiguous: false, ..how }).expect("inside");
        assert_eq!(shown(&all), ["++.++", "++.++", "...+."]);
        assert!(similar_area(&pixels, size, (5, 0), how).is_none());
        assert!(similar_area(&pixels[1..], size, (0, 0), how).is_none());
    }

    #[test]
    fn tolerance_says_how_different_a_colour_may_be() {
        let pixels = [[100, 0, 0, 255], [110, 0, 0, 255], [120, 0, 0, 255], [120, 0, 0, 100]];
        let size = Size::new(4, 1).expect("a size");
        let area = |tolerance| {
            let how = SimilarArea { tolerance, ..SimilarArea::default() };
            similar_area(&pixels, size, (0, 0), how).map(|area| shown(&area)).expect("inside")
        };
        assert_eq!((area(9), area(10), area(20)), (vec!["+...".into()], vec!["++..".into()], vec!["+++.".into()]));
        assert_eq!(area(255), ["++++"]);
    }

    /// A room of 30 by 30 pixels in the left half, whose right wall has a gap of this width in pixels.
    fn room(gap: usize) -> (Vec<[u8; 4]>, Size) {
        let (width, height) = (64, 34);
        let at = |i: usize| {
            let (x, y) = (i % width, i / width);
            let wall = (x == 1 || x == 32 || y == 1 || y == 32) && (1..=32).contains(&x) && (1..=32).contains(&y);
            let is_gap = x == 32 && (10..10 + gap).contains(&y);
            if wall && !is_gap { [0, 0, 0, 255] } else { [255; 4] }
        };
        ((0..width * height).map(at).collect(), Size::new(width, height).expect("a size"))
    }

    #[test]
    fn small_gaps_do_not_leak_and_the_corners_are_filled() {
        let count = |gap: usize, closed: usize, start| {
            let (pixels, size) = room(gap);
            let how = SimilarArea { gap: closed, ..SimilarArea::default() };
            let area = similar_area(&pixels, size, start, how).expect("inside");
            area.levels().iter().filter(|level| **level == 255).count()
        };
        assert_eq!(count(0, 0, (5, 5)), 900);
        assert!(count(3, 0, (5, 5)) > 1500, "it leaks without closing");
        for gap in 1..=6 {
            let filled = count(gap, gap, (5, 5));
            assert!((900..=900 + gap).contains(&filled), "{filled} pixels with a gap of {gap}");
            // From a corner, where the outline is close.
            assert_eq!(count(gap, gap, (2, 2)), filled);
            assert!(count(gap + 3, gap, (5, 5)) > 1500, "wider gaps are openings");
        }
        assert!(count(0, 64, (5, 5)) == 900, "a room narrower than the gap is filled");
    }
}
