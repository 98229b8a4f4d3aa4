//! The area of nearly one colour around a pixel.

use std::collections::VecDeque;

use rayon::prelude::*;

use super::bits::{Bits, WORD};
use super::parallel::least_rows;
use super::tile::TilePlace;
use super::{Canvas, Selection, Size, Surface};

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

/// Pixels that are read in pieces of rows, each as long as a tile is wide.
pub trait PixelRows: Sync {
    /// Width and height in pixels.
    fn size(&self) -> Size;

    /// The RGBA pixels of a row that lie in a column of tiles.
    fn piece(&self, column: usize, y: usize) -> &[[u8; 4]];
}

impl PixelRows for Canvas {
    fn size(&self) -> Size {
        Self::size(self)
    }

    fn piece(&self, column: usize, y: usize) -> &[[u8; 4]] {
        let (from, row) = (column * WORD, self.row(y));
        row.get(from..(from + WORD).min(row.len())).unwrap_or_default()
    }
}

impl PixelRows for Surface {
    fn size(&self) -> Size {
        Self::size(self)
    }

    fn piece(&self, column: usize, y: usize) -> &[[u8; 4]] {
        static TRANSPARENT: [[u8; 4]; WORD] = [[0; 4]; WORD];
        let tile = self.tile(TilePlace { row: y / WORD, column });
        let row = tile.map_or(&TRANSPARENT[..], |tile| tile.row(y % WORD));
        &row[..self.width().saturating_sub(column * WORD).min(WORD)]
    }
}

/// The area around `(x, y)`. `None` if the place lies outside.
pub fn similar_area(pixels: &impl PixelRows, (x, y): (usize, usize), how: SimilarArea) -> Option<Selection> {
    let size = pixels.size();
    if x >= size.width() || y >= size.height() {
        return None;
    }
    let seed = *pixels.piece(x / WORD, y).get(x % WORD)?;
    let alike = alike(pixels, seed, how.tolerance);
    let area = match how {
        SimilarArea { contiguous: false, .. } => alike,
        SimilarArea { gap: 0, .. } => connected(&alike, (x, y)),
        SimilarArea { gap, .. } => without_leaks(&alike, (x, y), gap.min(SimilarArea::MAX_GAP)),
    };
    Some(Selection::from_bits(size, &area))
}

/// Which pixels have nearly this colour.
fn alike(pixels: &impl PixelRows, seed: [u8; 4], tolerance: u8) -> Bits {
    let mut bits = Bits::new(pixels.size());
    let (across, least) = (bits.across(), least_rows(bits.width()));
    bits.words_mut().par_chunks_mut(across).enumerate().with_min_len(least).for_each(|(y, row)| {
        for (column, word) in row.iter_mut().enumerate() {
            *word = word_of(pixels.piece(column, y), seed, tolerance);
        }
    });
    bits
}

fn word_of(pixels: &[[u8; 4]], seed: [u8; 4], tolerance: u8) -> u64 {
    let mut bits = 0;
    for (x, pixel) in pixels.iter().enumerate() {
        // Without branches, so that it is as quick for a photograph as for a plain area.
        let far = pixel.iter().zip(seed).fold(0, |far: u8, (a, b)| far.max(a.abs_diff(b)));
        bits |= u64::from(far <= tolerance) << x;
    }
    bits
}

/// The pixels that are connected to one of them by their sides.
fn connected(open: &Bits, start: (usize, usize)) -> Bits {
    let height = open.height();
    let mut seen = Bits::new(open.size());
    let mut waiting = vec![start];
    while let Some((x, y)) = waiting.pop() {
        if seen.get(x, y) || !open.get(x, y) {
            continue;
        }
        let run = open.run_around(x, y);
        let row = seen.row_mut(y);
        Bits::words_of(run.clone()).for_each(|(word, ones)| row[word] |= ones);
        for next in [y.checked_sub(1), (y + 1 < height).then_some(y + 1)].into_iter().flatten() {
            // One pixel of each run that begins beside this one, and of what is left of one that began before.
            let mut goes_on = false;
            for (word, ones) in Bits::words_of(run.clone()) {
                let found = open.row(next)[word] & !seen.row(next)[word] & ones;
                let mut begins = found & !(found << 1 | u64::from(goes_on));
                goes_on = found >> (WORD - 1) == 1;
                while begins != 0 {
                    waiting.push((word * WORD + begins.trailing_zeros() as usize, next));
                    begins &= begins - 1;
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
fn without_leaks(open: &Bits, start: (usize, usize), gap: usize) -> Bits {
    let wide = far_from_outline(open, gap);
    let Some(start_in_wide) = nearest_wide(open, &wide, start, gap + 2) else {
        // All of it is narrower than the gap.
        return connected(open, start);
    };
    let mut inside = connected(&wide, start_in_wide);
    // Each pixel goes to the part that reaches it first, where all parts grow at the same pace. At first only pixels with
    // an open neighbour that is not wide can reach one.
    let mut waiting: VecDeque<(usize, usize)> = edge_of(&wide, open);
    let mut reached = wide;
    while let Some((x, y)) = waiting.pop_front() {
        let is_inside = inside.get(x, y);
        for (x, y) in neighbours(x, y, open) {
            if open.get(x, y) && !reached.get(x, y) {
                reached.set(x, y);
                if is_inside {
                    inside.set(x, y);
                }
                waiting.push_back((x, y));
            }
        }
    }
    inside
}

/// The open pixels that are further from every pixel that is not open than half of `gap` and half a pixel.
fn far_from_outline(open: &Bits, gap: usize) -> Bits {
    let (size, across, height) = (open.size(), open.across(), open.height());
    // A pixel is near if four times the squared distance is at most the square of gap + 1.
    let most = (gap + 1).pow(2) / 4;
    let reach = most.isqrt();
    // How far to the sides an outline is near, so many rows above or below it.
    let widths: Vec<usize> = (0..=reach).map(|rows| (most - rows * rows).isqrt()).collect();
    let outlines: Vec<Vec<u64>> = (0..height).map(|y| closed_row(open, y)).collect();
    let mut wide = Bits::new(size);
    let least = least_rows(open.width());
    wide.words_mut().par_chunks_mut(across).enumerate().with_min_len(least).for_each(|(y, row)| {
        let mut near = vec![0; across];
        for (rows, sideways) in widths.iter().enumerate() {
            let above = y.checked_sub(rows).and_then(|y| outlines.get(y));
            let below = outlines.get(y + rows).filter(|_| rows > 0);
            let mut both = vec![0; across];
            for outline in above.into_iter().chain(below) {
                both.iter_mut().zip(outline).for_each(|(word, outline)| *word |= outline);
            }
            if both.iter().any(|word| *word != 0) {
                widen(&mut both, *sideways);
                near.iter_mut().zip(&both).for_each(|(word, more)| *word |= more);
            }
        }
        for ((word, near), open) in row.iter_mut().zip(&near).zip(open.row(y)) {
            *word = open & !near;
        }
    });
    wide
}

/// The pixels of a row that are not open; none beyond the right edge.
fn closed_row(open: &Bits, y: usize) -> Vec<u64> {
    let mut closed: Vec<u64> = open.row(y).iter().map(|word| !word).collect();
    let rest = open.width() % WORD;
    if let Some(last) = closed.last_mut().filter(|_| rest > 0) {
        *last &= !(!0 << rest);
    }
    closed
}

/// Sets the bits up to so many places left and right of each one. Bits may be set beyond the right edge.
fn widen(row: &mut [u64], by: usize) {
    // Each round may double how far it reaches. A longer step would leave gaps at the edges, where bits are shifted out.
    let mut done = 0;
    while done < by {
        let step = (by - done).min(done + 1).min(WORD - 1);
        let before = row.to_vec();
        let at = |word: Option<usize>| word.and_then(|word| before.get(word)).copied().unwrap_or(0);
        for (number, word) in row.iter_mut().enumerate() {
            let (left, here, right) = (at(number.checked_sub(1)), before[number], at(number.checked_add(1)));
            *word = here | here << step | left >> (WORD - step) | here >> step | right << (WORD - step);
        }
        done += step;
    }
}

/// The wide pixels beside an open one that is not wide, row by row.
fn edge_of(wide: &Bits, open: &Bits) -> VecDeque<(usize, usize)> {
    let (height, across) = (wide.height(), wide.across());
    let rest = |y: usize, word: usize| open.row(y)[word] & !wide.row(y)[word];
    let mut edge = VecDeque::new();
    for y in 0..height {
        for word in 0..across {
            let wide = wide.row(y)[word];
            if wide == 0 {
                continue;
            }
            let here = rest(y, word);
            let left = word.checked_sub(1).map_or(0, |left| rest(y, left) >> (WORD - 1));
            let right = if word + 1 < across { rest(y, word + 1) << (WORD - 1) } else { 0 };
            let above = y.checked_sub(1).map_or(0, |above| rest(above, word));
            let below = if y + 1 < height { rest(y + 1, word) } else { 0 };
            let mut found = wide & (here << 1 | left | here >> 1 | right | above | below);
            while found != 0 {
                edge.push_back((word * WORD + found.trailing_zeros() as usize, y));
                found &= found - 1;
            }
        }
    }
    edge
}

/// The nearest wide pixel that is reached from `start` over at most `most` open ones.
fn nearest_wide(open: &Bits, wide: &Bits, start: (usize, usize), most: usize) -> Option<(usize, usize)> {
    let mut seen = Bits::new(open.size());
    let mut waiting = VecDeque::from([(start, 0)]);
    while let Some(((x, y), steps)) = waiting.pop_front() {
        if wide.get(x, y) {
            return Some((x, y));
        }
        for (x, y) in neighbours(x, y, open).filter(|(x, y)| open.get(*x, *y)) {
            if steps < most && !seen.get(x, y) {
                seen.set(x, y);
                waiting.push_back(((x, y), steps + 1));
            }
        }
    }
    None
}

/// The pixels that share a side with one: left, right, above, below.
fn neighbours(x: usize, y: usize, of: &Bits) -> impl Iterator<Item = (usize, usize)> {
    let around = [
        x.checked_sub(1).map(|x| (x, y)),
        (x + 1 < of.width()).then_some((x + 1, y)),
        y.checked_sub(1).map(|y| (x, y)),
        (y + 1 < of.height()).then_some((x, y + 1)),
    ];
    around.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paint::distance::tests::squared_distances;

    /// A picture from text: every letter but a space is a colour of its own.
    fn picture(rows: &[&str]) -> Surface {
        let pixels = rows.iter().flat_map(|row| row.bytes()).map(|byte| match byte {
            b' ' => [255; 4],
            other => [other, 0, 0, 255],
        });
        surface(&pixels.collect::<Vec<_>>(), Size::new(rows[0].len(), rows.len()).expect("a size"))
    }

    fn surface(pixels: &[[u8; 4]], size: Size) -> Surface {
        Surface::with_picture(size, (0, 0), size.width(), pixels)
    }

    fn shown(selection: &Selection) -> Vec<String> {
        let rows = selection.levels();
        let rows = rows.chunks(selection.size().width());
        rows.map(|row| row.iter().map(|level| if *level == 255 { '+' } else { '.' }).collect()).collect()
    }

    #[test]
    fn an_area_stops_at_an_outline_and_a_colour_is_found_everywhere() {
        let pixels = picture(&["  x  ", "  x  ", "xxx x"]);
        let how = SimilarArea::default();
        let area = similar_area(&pixels, (0, 0), how).expect("inside");
        assert_eq!(shown(&area), ["++...", "++...", "....."]);
        let all = similar_area(&pixels, (0, 0), SimilarArea { contiguous: false, ..how }).expect("inside");
        assert_eq!(shown(&all), ["++.++", "++.++", "...+."]);
        assert!(similar_area(&pixels, (5, 0), how).is_none() && similar_area(&pixels, (0, 3), how).is_none());
    }

    #[test]
    fn tolerance_says_how_different_a_colour_may_be() {
        let pixels = [[100, 0, 0, 255], [110, 0, 0, 255], [120, 0, 0, 255], [120, 0, 0, 100]];
        let pixels = surface(&pixels, Size::new(4, 1).expect("a size"));
        let area = |tolerance| {
            let how = SimilarArea { tolerance, ..SimilarArea::default() };
            similar_area(&pixels, (0, 0), how).map(|area| shown(&area)).expect("inside")
        };
        assert_eq!((area(9), area(10), area(20)), (vec!["+...".into()], vec!["++..".into()], vec!["+++.".into()]));
        assert_eq!(area(255), ["++++"]);
    }

    /// A room of 30 by 30 pixels in the left half, whose right wall has a gap of this width in pixels.
    fn room(gap: usize) -> Surface {
        let (width, height) = (64, 34);
        let at = |i: usize| {
            let (x, y) = (i % width, i / width);
            let wall = (x == 1 || x == 32 || y == 1 || y == 32) && (1..=32).contains(&x) && (1..=32).contains(&y);
            let is_gap = x == 32 && (10..10 + gap).contains(&y);
            if wall && !is_gap { [0, 0, 0, 255] } else { [255; 4] }
        };
        surface(&(0..width * height).map(at).collect::<Vec<_>>(), Size::new(width, height).expect("a size"))
    }

    #[test]
    fn small_gaps_do_not_leak_and_the_corners_are_filled() {
        let count = |gap: usize, closed: usize, start| {
            let pixels = room(gap);
            let how = SimilarArea { gap: closed, ..SimilarArea::default() };
            let area = similar_area(&pixels, start, how).expect("inside");
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

    /// The area pixel by pixel: what the quick one must give.
    mod plain {
        use super::*;

        pub fn area(pixels: &[[u8; 4]], width: usize, (x, y): (usize, usize), how: SimilarArea) -> Vec<bool> {
            let start = y * width + x;
            let seed = pixels[start];
            let alike: Vec<bool> = pixels
                .iter()
                .map(|pixel| pixel.iter().zip(seed).all(|(a, b)| a.abs_diff(b) <= how.tolerance))
                .collect();
            match how {
                SimilarArea { contiguous: false, .. } => alike,
                SimilarArea { gap: 0, .. } => connected(&alike, width, start),
                SimilarArea { gap, .. } => without_leaks(&alike, width, start, gap.min(SimilarArea::MAX_GAP)),
            }
        }

        fn connected(open: &[bool], width: usize, start: usize) -> Vec<bool> {
            let mut seen = vec![false; open.len()];
            let mut waiting = vec![start];
            while let Some(at) = waiting.pop() {
                if open[at] && !std::mem::replace(&mut seen[at], true) {
                    waiting.extend(neighbours(at, width, open.len()));
                }
            }
            seen
        }

        fn without_leaks(open: &[bool], width: usize, start: usize, gap: usize) -> Vec<bool> {
            let outline: Vec<bool> = open.iter().map(|open| !open).collect();
            let near = |distance: u32| u64::from(distance) * 4 <= (gap as u64 + 1).pow(2);
            let wide: Vec<bool> =
                squared_distances(width, &outline).into_iter().map(|distance| !near(distance)).collect();
            let Some(start_in_wide) = nearest_wide(open, &wide, width, start, gap + 2) else {
                return connected(open, width, start);
            };
            let inside = connected(&wide, width, start_in_wide);
            let mut owner: Vec<Option<bool>> =
                wide.iter().zip(&inside).map(|(wide, inside)| wide.then_some(*inside)).collect();
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
    }

    #[test]
    fn areas_are_those_that_are_found_pixel_by_pixel() {
        let mut number = 0x2545_F491_4F6C_DD1D_u64;
        let mut below = |end: u64| {
            number ^= number << 13;
            number ^= number >> 7;
            number ^= number << 17;
            number % end
        };
        for round in 0..60 {
            let (width, height) = (1 + below(200) as usize, 1 + below(150) as usize);
            let size = Size::new(width, height).expect("a size");
            let mut pixels = vec![[255, 255, 255, 255]; width * height];
            if round % 3 == 0 {
                // Speckles.
                let shades = 1 + below(4);
                pixels.fill_with(|| [60 * below(shades) as u8, 0, 0, 255]);
            } else {
                // Lines with gaps, some slanted.
                for _ in 0..below(12) {
                    let (x, y, across) = (below(width as u64) as i64, below(height as u64) as i64, below(2) == 0);
                    let (slant, thick, gaps) = (below(3) as i64 - 1, 1 + below(3) as i64, 2 + below(60));
                    for along in -200..200_i64 {
                        let side = along * slant / 2;
                        for more in 0..thick {
                            let (x, y) =
                                if across { (x + along, y + side + more) } else { (x + side + more, y + along) };
                            let is_inside = (0..width as i64).contains(&x) && (0..height as i64).contains(&y);
                            if is_inside && along.unsigned_abs() % (gaps + 30) > gaps / 2 {
                                pixels[y as usize * width + x as usize] = [0, 0, 0, 255];
                            }
                        }
                    }
                }
            }
            let shown = surface(&pixels, size);
            let rgb: Vec<u8> = pixels.iter().flat_map(|[r, g, b, _]| [*r, *g, *b]).collect();
            let canvas = Canvas::from_rgb(width, height, &rgb).expect("a size");
            for gap in [0, 0, 1, 2, 3, 5, 8, 13, 33, 64, 900] {
                let at = (below(width as u64) as usize, below(height as u64) as usize);
                let how = SimilarArea { tolerance: below(80) as u8, contiguous: below(8) > 0, gap };
                let plain: Vec<u8> = plain::area(&pixels, width, at, how)
                    .into_iter()
                    .map(|inside| if inside { 255 } else { 0 })
                    .collect();
                let area = similar_area(&shown, at, how).expect("inside");
                assert!(area.levels() == plain, "{width} by {height}, {how:?} at {at:?} in round {round}");
                assert!(area.is_like(&Selection::from_levels(size, &plain)));
                assert!(similar_area(&canvas, at, how).expect("inside").levels() == plain);
            }
        }
    }
}
