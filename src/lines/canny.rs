//! Canny's edges with the rules of OpenCV: Sobel gradients of 3 by 3 pixels, their length as |x| + |y|, three directions.
//!
//! `picture/edges.rs` finds edges for another purpose, blurred and with thresholds of its own.

use image::RgbImage;

/// Edges begin above this length of a gradient,
const HIGH: i32 = 200;
/// and go on down to this.
const LOW: i32 = 100;
/// The tangent of 22.5° in 32768ths.
const TAN_22: i64 = 13573;

/// 255 on edges, 0 elsewhere, row by row.
pub(super) fn edges(picture: &RgbImage) -> Vec<u8> {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let gradients = gradients(picture, width, height);
    let length = |x: isize, y: isize| {
        let inside = (0..width as isize).contains(&x) && (0..height as isize).contains(&y);
        if !inside {
            return 0;
        }
        let (across, down) = gradients[y as usize * width + x as usize];
        across.abs() + down.abs()
    };
    let mut found = vec![0; width * height];
    let mut candidates = vec![false; width * height];
    let mut waiting = Vec::new();
    for y in 0..height as isize {
        for x in 0..width as isize {
            let at = y as usize * width + x as usize;
            let own = length(x, y);
            if own > LOW && is_peak(gradients[at], own, |dx, dy| length(x + dx, y + dy)) {
                candidates[at] = true;
                if own > HIGH {
                    waiting.push(at);
                }
            }
        }
    }
    while let Some(at) = waiting.pop() {
        if std::mem::replace(&mut found[at], 255) == 255 {
            continue;
        }
        let (x, y) = (at % width, at / width);
        for y in y.saturating_sub(1)..(y + 2).min(height) {
            for x in x.saturating_sub(1)..(x + 2).min(width) {
                let next = y * width + x;
                if candidates[next] && found[next] == 0 {
                    waiting.push(next);
                }
            }
        }
    }
    found
}

/// Whether a gradient is longer than its neighbours along its direction. Of two equal ones in a row or column, the first
/// is taken.
fn is_peak((across, down): (i32, i32), own: i32, length: impl Fn(isize, isize) -> i32) -> bool {
    let (x, y) = (i64::from(across.abs()), i64::from(down.abs()) << 15);
    let flat = x * TAN_22;
    if y < flat {
        return own > length(-1, 0) && own >= length(1, 0);
    }
    // tan 67.5° = tan 22.5° + 2.
    if y > flat + (x << 16) {
        return own > length(0, -1) && own >= length(0, 1);
    }
    let way = if (across ^ down) < 0 { -1 } else { 1 };
    own > length(-way, -1) && own > length(way, 1)
}

/// The gradient of the channel that changes most at each pixel; borders are repeated.
fn gradients(picture: &RgbImage, width: usize, height: usize) -> Vec<(i32, i32)> {
    let bytes = picture.as_raw();
    let mut gradients = Vec::with_capacity(width * height);
    for y in 0..height {
        let rows = [y.saturating_sub(1), y, (y + 1).min(height - 1)].map(|row| row * width);
        for x in 0..width {
            let columns = [x.saturating_sub(1), x, (x + 1).min(width - 1)];
            let of = |channel: usize| {
                let at = |row: usize, column: usize| i32::from(bytes[3 * (rows[row] + columns[column]) + channel]);
                let across = at(0, 2) - at(0, 0) + 2 * (at(1, 2) - at(1, 0)) + at(2, 2) - at(2, 0);
                let down = at(2, 0) - at(0, 0) + 2 * (at(2, 1) - at(0, 1)) + at(2, 2) - at(0, 2);
                (across, down)
            };
            let mut longest = of(0);
            for other in [of(1), of(2)] {
                if other.0.abs() + other.1.abs() > longest.0.abs() + longest.1.abs() {
                    longest = other;
                }
            }
            gradients.push(longest);
        }
    }
    gradients
}
