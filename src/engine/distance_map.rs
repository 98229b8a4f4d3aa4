//! How far each pixel is from the nearest of some pixels.

/// Farther than any pixel of a picture.
const FAR: f64 = 1e12;

/// The Euclidean distance of each pixel, row by row, to the nearest marked one, in pixels; infinite if none is
/// marked. Exact, in time proportional to the number of pixels (Felzenszwalb and Huttenlocher, "Distance Transforms
/// of Sampled Functions", 2012). `marked` has `width` times `height` values.
pub fn distance_map(width: usize, height: usize, marked: &[bool]) -> Vec<f32> {
    let mut squares: Vec<f64> = marked.iter().map(|marked| if *marked { 0.0 } else { FAR }).collect();
    squares.resize(width * height, FAR);
    let mut line = Envelope::default();
    let mut column = vec![0.0; height];
    for x in 0..width {
        for (y, value) in column.iter_mut().enumerate() {
            *value = squares[y * width + x];
        }
        line.transform(&mut column);
        for (y, value) in column.iter().enumerate() {
            squares[y * width + x] = *value;
        }
    }
    if width > 0 {
        squares.chunks_exact_mut(width).for_each(|row| line.transform(row));
    }
    squares.into_iter().map(|square| if square >= FAR { f32::INFINITY } else { square.sqrt() as f32 }).collect()
}

/// The lower envelope of parabolas along one line.
#[derive(Default)]
struct Envelope {
    values: Vec<f64>,
    /// The places of the parabolas that reach the envelope, and where each of them begins.
    places: Vec<(usize, f64)>,
}

impl Envelope {
    /// Replaces squared distances along the other axis by those in the plane.
    fn transform(&mut self, line: &mut [f64]) {
        self.values.clear();
        self.values.extend_from_slice(line);
        self.places.clear();
        for (q, value) in self.values.iter().enumerate() {
            if *value >= FAR {
                continue;
            }
            let mut begins = f64::NEG_INFINITY;
            while let Some((p, start)) = self.places.last().copied() {
                let (low, high) = (p as f64, q as f64);
                let meets = ((value + high * high) - (self.values[p] + low * low)) / (2.0 * (high - low));
                if meets > start {
                    begins = meets;
                    break;
                }
                self.places.pop();
            }
            self.places.push((q, begins));
        }
        if self.places.is_empty() {
            return;
        }
        let mut at = 0;
        for (x, value) in line.iter_mut().enumerate() {
            while self.places.get(at + 1).is_some_and(|(_, begins)| *begins < x as f64) {
                at += 1;
            }
            let place = self.places[at].0;
            *value = (x as f64 - place as f64).powi(2) + self.values[place];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_of_a_plain_search() {
        let (width, height) = (37, 23);
        for salt in [3_usize, 5, 11, 97] {
            let marked: Vec<bool> = (0..width * height).map(|i| (i * i * salt + i * 7) % 61 == 0).collect();
            let found = distance_map(width, height, &marked);
            for (i, found) in found.iter().enumerate() {
                let distance = |j: usize| {
                    let (dx, dy) = ((i % width).abs_diff(j % width), (i / width).abs_diff(j / width));
                    ((dx * dx + dy * dy) as f32).sqrt()
                };
                let nearest = (0..marked.len()).filter(|j| marked[*j]).map(distance).fold(f32::INFINITY, f32::min);
                assert!((found - nearest).abs() < 1e-4, "{salt}, {i}: {found} and not {nearest}");
            }
        }
    }

    #[test]
    fn nothing_marked_is_infinitely_far_and_no_pixels_are_no_distances() {
        assert!(distance_map(4, 3, &[false; 12]).iter().all(|distance| distance.is_infinite()));
        assert!(distance_map(0, 0, &[]).is_empty() && distance_map(0, 5, &[]).is_empty());
    }
}
