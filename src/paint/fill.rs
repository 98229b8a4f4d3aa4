//! Flood fill: the connected area of nearly one colour.

use super::{Canvas, PixelRect, Rgb};

/// The pixels connected to `(x, y)` whose channels all lie within `tolerance` of its colour, as
/// runs `(y, x0, x1)` of whole rows, and the rectangle around them. The seed must lie inside.
pub(super) fn area(canvas: &Canvas, x: usize, y: usize, tolerance: u8) -> (Vec<(usize, usize, usize)>, PixelRect) {
    let (width, height) = (canvas.width(), canvas.height());
    let seed = canvas.row(y)[x];
    let alike = |p: [u8; 4]| p.iter().zip(seed).all(|(a, b)| a.abs_diff(b) <= tolerance);
    let mut seen = vec![false; width * height];
    let mut runs = Vec::new();
    let mut rect = PixelRect { x0: x, y0: y, x1: x + 1, y1: y + 1 };
    let mut waiting = vec![(x, y)];
    while let Some((x, y)) = waiting.pop() {
        let row = canvas.row(y);
        if seen[y * width + x] || !alike(row[x]) {
            continue;
        }
        let x0 = row[..x].iter().rposition(|p| !alike(*p)).map_or(0, |i| i + 1);
        let x1 = row[x..].iter().position(|p| !alike(*p)).map_or(width, |i| x + i);
        seen[y * width + x0..y * width + x1].fill(true);
        runs.push((y, x0, x1));
        rect = rect.union(PixelRect { x0, y0: y, x1, y1: y + 1 });
        for next in [y.checked_sub(1), (y + 1 < height).then_some(y + 1)].into_iter().flatten() {
            let neighbours = canvas.row(next);
            for i in x0..x1 {
                let starts_run = i == x0 || !alike(neighbours[i - 1]);
                if starts_run && alike(neighbours[i]) && !seen[next * width + i] {
                    waiting.push((i, next));
                }
            }
        }
    }
    (runs, rect)
}

/// Paint the runs in one colour.
pub(super) fn paint(canvas: &mut Canvas, runs: &[(usize, usize, usize)], color: Rgb) {
    let [r, g, b] = color.0;
    for &(y, x0, x1) in runs {
        canvas.row_mut(y)[x0..x1].fill([r, g, b, 255]);
    }
}
