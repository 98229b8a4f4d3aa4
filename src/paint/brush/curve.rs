//! A curve of straight pieces, from what the pen does to what the brush makes of it.

use serde::{Deserialize, Serialize};

/// The most points that a curve has.
const MOST: usize = 16;

/// A piecewise linear function from `0..=1` to `0..=1`. Serialised as a list of points `[input, output]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Vec<[f32; 2]>", into = "Vec<[f32; 2]>")]
pub struct Curve {
    /// In the order of their inputs, which all differ. Never empty.
    points: Vec<[f32; 2]>,
}

impl Curve {
    /// A straight line from one output at input 0 to another at input 1.
    pub fn straight(from: f32, to: f32) -> Self {
        Self::new(vec![[0.0, from], [1.0, to]])
    }

    /// A curve through these points `[input, output]`, which are brought into `0..=1` and into order. Points that are no
    /// numbers are left out, of two points with one input the second is, and from the seventeenth on they are. Without
    /// a point the output is the input.
    pub fn new(mut points: Vec<[f32; 2]>) -> Self {
        points.retain(|[input, output]| !input.is_nan() && !output.is_nan());
        points.iter_mut().flatten().for_each(|value| *value = value.clamp(0.0, 1.0));
        points.sort_by(|a, b| a[0].total_cmp(&b[0]));
        points.dedup_by(|b, a| a[0] == b[0]);
        points.truncate(MOST);
        if points.is_empty() {
            points = vec![[0.0, 0.0], [1.0, 1.0]];
        }
        Self { points }
    }

    /// The points `[input, output]` in the order of their inputs; at least one.
    pub fn points(&self) -> &[[f32; 2]] {
        &self.points
    }

    /// The output for an input. Before the first point and after the last one it is theirs.
    pub fn value(&self, input: f32) -> f32 {
        let after = self.points.partition_point(|point| point[0] <= input);
        let (Some(before), Some(next)) =
            (after.checked_sub(1).and_then(|i| self.points.get(i)), self.points.get(after))
        else {
            let end = if after == 0 { self.points.first() } else { self.points.last() };
            return end.map_or(1.0, |point| point[1]);
        };
        let share = (input - before[0]) / (next[0] - before[0]);
        before[1] + (next[1] - before[1]) * share
    }
}

impl From<Vec<[f32; 2]>> for Curve {
    fn from(points: Vec<[f32; 2]>) -> Self {
        Self::new(points)
    }
}

impl From<Curve> for Vec<[f32; 2]> {
    fn from(curve: Curve) -> Self {
        curve.points
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_lie_on_the_straight_pieces() {
        let curve = Curve::new(vec![[1.0, 0.5], [0.25, 0.0], [0.5, 1.0]]);
        for (input, output) in
            [(0.0, 0.0), (0.25, 0.0), (0.375, 0.5), (0.5, 1.0), (0.75, 0.75), (1.0, 0.5), (9.0, 0.5), (-1.0, 0.0)]
        {
            assert_eq!(curve.value(input), output, "at {input}");
        }
        assert_eq!(Curve::straight(0.0, 1.0).value(0.3), 0.3);
    }

    #[test]
    fn whatever_points_there_are_the_values_are_in_range() {
        let odd = [
            vec![],
            vec![[f32::NAN, 1.0]],
            vec![[5.0, -3.0]],
            vec![[0.5, 0.2], [0.5, 0.9], [0.5, 0.1]],
            (0..99).map(|i| [i as f32 / 98.0, 1.0]).collect(),
        ];
        for points in odd {
            let curve = Curve::new(points);
            assert!((1..=MOST).contains(&curve.points().len()));
            for i in -5..=15 {
                assert!((0.0..=1.0).contains(&curve.value(i as f32 / 10.0)), "{curve:?}");
            }
            assert!(curve.value(f32::NAN).is_finite());
        }
    }
}
