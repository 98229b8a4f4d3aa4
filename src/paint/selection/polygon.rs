//! How much of each pixel lies inside a polygon.

use crate::paint::Size;

/// Lines of samples in each row of pixels.
const LINES: usize = 8;
/// Coordinates further away are moved to here.
const FAR: f32 = 1e6;

/// How much of each pixel lies inside the closed lines, from 0 to 255, by the even-odd rule. With `smooth` that is the
/// covered area, else 255 where the centre of the pixel is inside.
pub(super) fn polygon_levels(size: Size, lines: &[&[(f32, f32)]], smooth: bool) -> Vec<u8> {
    let (width, height) = (size.width(), size.height());
    let per_row = if smooth { LINES } else { 1 };
    let mut crossings: Vec<Vec<f32>> = vec![Vec::new(); height * per_row];
    for line in lines {
        let points: Vec<_> = line.iter().filter(|(x, y)| x.is_finite() && y.is_finite()).collect();
        for (i, from) in points.iter().enumerate() {
            let to = points[(i + 1) % points.len()];
            note_crossings(**from, *to, per_row, &mut crossings);
        }
    }
    let mut levels = vec![0; width * height];
    let mut covered = vec![0.0_f32; width];
    for (levels, samples) in levels.chunks_exact_mut(width).zip(crossings.chunks_mut(per_row)) {
        if samples.iter().all(Vec::is_empty) {
            continue;
        }
        covered.fill(0.0);
        for sample in samples {
            sample.sort_by(f32::total_cmp);
            for pair in sample.chunks_exact(2) {
                if smooth {
                    cover(&mut covered, pair[0], pair[1]);
                } else {
                    let inside = |x: f32| (x - 0.5).ceil().clamp(0.0, width as f32) as usize;
                    let (from, to) = (inside(pair[0]), inside(pair[1]));
                    covered[from.min(to)..to].fill(1.0);
                }
            }
        }
        let level = |covered: &f32| (covered / per_row as f32 * 255.0).round().clamp(0.0, 255.0) as u8;
        levels.iter_mut().zip(&covered).for_each(|(to, covered)| *to = level(covered));
    }
    levels
}

/// Notes where an edge crosses the lines of samples.
fn note_crossings(from: (f32, f32), to: (f32, f32), per_row: usize, crossings: &mut [Vec<f32>]) {
    let [(x0, y0), (x1, y1)] = [from, to].map(|(x, y)| (x.clamp(-FAR, FAR), y.clamp(-FAR, FAR)));
    let ((left, top), (right, bottom)) = if y0 <= y1 { ((x0, y0), (x1, y1)) } else { ((x1, y1), (x0, y0)) };
    let line_at = |y: f32| (y * per_row as f32 - 0.5).ceil().clamp(0.0, crossings.len() as f32) as usize;
    let (first, end) = (line_at(top), line_at(bottom));
    for (line, crossings) in crossings.iter_mut().enumerate().take(end).skip(first) {
        let y = (line as f32 + 0.5) / per_row as f32;
        let share = (y - top) / (bottom - top);
        crossings.push(left + (right - left) * share);
    }
}

/// Adds the part of each pixel of a row that lies between two places.
fn cover(row: &mut [f32], from: f32, to: f32) {
    let (from, to) = (from.clamp(0.0, row.len() as f32), to.clamp(0.0, row.len() as f32));
    let (first, last) = (from as usize, (to.ceil() as usize).min(row.len()));
    for (x, covered) in row.iter_mut().enumerate().take(last).skip(first) {
        *covered += (to.min((x + 1) as f32) - from.max(x as f32)).max(0.0);
    }
}
