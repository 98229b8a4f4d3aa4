//! How large rough frames are, so that they follow the hand on any machine.

use crate::engine::LiveSize;

/// How long a rough frame should take, in seconds. The first frame of a stroke then follows within about 0.3 s, and a long
/// stroke sees three or four a second.
const AIM: f64 = 0.25;

/// A larger size is taken once it would take this share of the time aimed at. The gap to 1 keeps the size from changing to
/// and fro.
const GROWS_BELOW: f64 = 0.85;

/// A smaller size is taken once a frame takes this many times the time aimed at.
const SHRINKS_ABOVE: f64 = 1.25;

/// The weight of the latest frame in the average.
const LATEST: f64 = 0.5;

/// The size of the next rough frame, which follows how long the last ones took.
#[derive(Clone, Debug, Default)]
pub(super) struct RoughSize {
    size: LiveSize,
    /// The average time of frames of this size, in seconds; `None` before the first one.
    seconds: Option<f64>,
}

impl RoughSize {
    /// The size of the next one.
    pub fn size(&self) -> LiveSize {
        self.size
    }

    /// A frame of the present size took this long.
    pub fn measured(&mut self, seconds: f64) {
        let average = match self.seconds {
            // One frame may have waited for something else.
            Some(average) => average + (seconds.min(2.0 * average) - average) * LATEST,
            None => seconds,
        };
        // A little is the same at any size, so this is cautious about larger ones.
        let takes = |size: LiveSize| average * size.pixels() / self.size.pixels();
        let fits =
            |limit: f64| LiveSize::ALL.into_iter().rfind(|size| takes(*size) <= limit).unwrap_or(LiveSize::SMALLEST);
        let next = match average {
            slow if slow > AIM * SHRINKS_ABOVE => fits(AIM).min(self.size),
            _ => fits(AIM * GROWS_BELOW).max(self.size),
        };
        self.seconds = Some(takes(next));
        self.size = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sizes of frames on a machine where a whole picture takes so long, in seconds.
    fn settled(whole: f64) -> Vec<LiveSize> {
        let mut rough = RoughSize::default();
        (0..40)
            .map(|_| {
                let size = rough.size();
                rough.measured(whole * (0.1 + 0.9 * size.pixels()));
                size
            })
            .collect()
    }

    #[test]
    fn a_slow_machine_gets_a_smaller_frame_and_a_fast_one_the_whole_size() {
        let last = |whole| settled(whole).last().copied().expect("frames");
        assert_eq!(last(0.1), LiveSize::WHOLE);
        assert_eq!(last(20.0), LiveSize::SMALLEST);
        let sizes = [0.1, 0.4, 0.8, 3.0].map(last);
        assert!(sizes.windows(2).all(|two| two[0] > two[1]), "{sizes:?}");
        for (whole, size) in [(0.4, sizes[1]), (0.8, sizes[2])] {
            let seconds = whole * (0.1 + 0.9 * size.pixels());
            assert!((0.5 * AIM..AIM * SHRINKS_ABOVE).contains(&seconds), "{seconds} s at {size:?}");
        }
    }

    #[test]
    fn the_size_does_not_change_to_and_fro() {
        for whole in [0.2, 0.3, 0.5, 0.8, 1.2, 2.0, 5.0] {
            let sizes = settled(whole);
            assert!(sizes[30..].windows(2).all(|two| two[0] == two[1]), "{whole} s: {sizes:?}");
        }
    }

    #[test]
    fn one_frame_that_had_to_wait_makes_at_most_one_step() {
        let mut rough = RoughSize::default();
        (0..10).for_each(|_| rough.measured(0.2));
        let before = rough.size();
        rough.measured(9.0);
        let place = |size| LiveSize::ALL.iter().position(|known| *known == size).expect("one of them");
        assert!(place(before) - place(rough.size()) <= 1, "{before:?} {:?}", rough.size());
    }
}
