//! Which bytes of a file are here.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// Ranges of bytes, in order and apart from each other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct DoneRanges(Vec<(u64, u64)>);

impl DoneRanges {
    /// Adds `start..end`.
    pub fn add(&mut self, start: u64, end: u64) {
        if start >= end {
            return;
        }
        // Most often the range that grows is the one that ends here.
        let first = self.0.partition_point(|range| range.1 < start);
        let last = self.0.partition_point(|range| range.0 <= end);
        let merged =
            self.0[first..last].iter().fold((start, end), |all, range| (all.0.min(range.0), all.1.max(range.1)));
        self.0.splice(first..last, [merged]);
    }

    /// How many bytes are here.
    pub fn count(&self) -> u64 {
        self.0.iter().map(|range| range.1.saturating_sub(range.0)).sum()
    }

    /// The end of the last range.
    pub fn end(&self) -> u64 {
        self.0.last().map_or(0, |range| range.1)
    }

    /// What is missing of a file of this size, in pieces of at most `piece` bytes.
    pub fn missing(&self, size: u64, piece: u64) -> Vec<Range<u64>> {
        let piece = piece.max(1);
        let mut missing = Vec::new();
        let mut at = 0;
        for (start, end) in self.0.iter().copied().chain([(size, size)]) {
            while at < start.min(size) {
                let next = at.saturating_add(piece).min(start);
                missing.push(at..next);
                at = next;
            }
            at = at.max(end);
        }
        missing
    }

    /// Whether these are ranges of a file of this size, as a record that was read must be.
    pub fn fits(&self, size: u64) -> bool {
        let is_good = |range: &(u64, u64)| range.0 < range.1 && range.1 <= size;
        self.0.iter().all(is_good) && self.0.windows(2).all(|pair| pair[0].1 < pair[1].0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(ranges: &[(u64, u64)]) -> DoneRanges {
        let mut done = DoneRanges::default();
        ranges.iter().for_each(|(start, end)| done.add(*start, *end));
        done
    }

    #[test]
    fn ranges_that_touch_become_one() {
        assert_eq!(of(&[(0, 5), (5, 9)]).0, [(0, 9)]);
        assert_eq!(of(&[(10, 20), (0, 5), (4, 11)]).0, [(0, 20)]);
        assert_eq!(of(&[(0, 5), (10, 20), (30, 40), (12, 35)]).0, [(0, 5), (10, 40)]);
        assert_eq!(of(&[(10, 20), (12, 15), (7, 7)]).0, [(10, 20)]);
        assert_eq!(of(&[(10, 20), (30, 40)]).count(), 20);
    }

    #[test]
    fn what_is_missing_is_cut_into_pieces() {
        assert_eq!(of(&[]).missing(10, 4), [0..4, 4..8, 8..10]);
        assert_eq!(of(&[(2, 3), (5, 10)]).missing(10, 100), [0..2, 3..5]);
        assert_eq!(of(&[(0, 10)]).missing(10, 4), []);
        assert_eq!(of(&[]).missing(0, 4), []);
        assert_eq!(of(&[]).missing(u64::MAX, u64::MAX).first(), Some(&(0..u64::MAX)));
    }

    #[test]
    fn adding_and_asking_agree_with_a_plain_list_of_bytes() {
        let mut random = 7_u64;
        let mut next = |below: u64| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) % below
        };
        for _ in 0..300 {
            let (mut done, mut bytes) = (DoneRanges::default(), [false; 40]);
            for _ in 0..next(12) {
                let start = next(40);
                let end = start + next(41 - start);
                done.add(start, end);
                (start..end).for_each(|at| bytes[at as usize] = true);
            }
            assert!(done.fits(40));
            assert_eq!(done.count(), bytes.iter().filter(|byte| **byte).count() as u64);
            for piece in done.missing(40, 1 + next(10)) {
                for at in piece {
                    assert!(!std::mem::replace(&mut bytes[at as usize], true), "{at} is asked for twice or is here");
                }
            }
            assert!(bytes.iter().all(|byte| *byte), "{done:?}");
        }
    }

    #[test]
    fn a_record_that_makes_no_sense_is_refused() {
        let read = |text: &str| serde_json::from_str::<DoneRanges>(text).expect("reads");
        assert!(read("[[0,5],[7,9]]").fits(9) && read("[]").fits(0));
        for bad in ["[[0,5],[5,9]]", "[[5,3]]", "[[0,10]]", "[[7,9],[0,5]]", "[[3,3]]"] {
            assert!(!read(bad).fits(9), "{bad}");
        }
    }
}
