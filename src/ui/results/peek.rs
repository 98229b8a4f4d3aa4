//! Which result is shown in place on the canvas.

use crate::document::ResultId;

/// How long the pointer rests on a result, in seconds, until it is shown on the canvas.
const REST: f64 = 0.15;

/// Follows pointer and focus over the results. Times are seconds of the window's clock.
#[derive(Default)]
pub(super) struct Peek {
    /// The result under the pointer, and since when.
    hovered: Option<(ResultId, f64)>,
    /// A result under the resting pointer that is not to be shown: it was dismissed, or keys went on from it.
    passed_over: Option<ResultId>,
    /// What is shown on the canvas.
    shown: Option<ResultId>,
    /// Whether the canvas itself is shown as long as a key is held.
    pub hides: bool,
}

impl Peek {
    /// What is shown on the canvas, as of the last frame.
    pub fn shown(&self) -> Option<ResultId> {
        self.shown
    }

    /// Takes what is under the pointer and what has the focus in this frame. Returns after how many seconds to look
    /// again although nothing moves.
    pub fn update(&mut self, hovered: Option<ResultId>, focused: Option<ResultId>, now: f64) -> Option<f64> {
        self.passed_over = self.passed_over.filter(|passed| hovered == Some(*passed));
        let hovered = hovered.filter(|hovered| self.passed_over != Some(*hovered));
        self.hovered = hovered.map(|id| match self.hovered {
            Some((before, since)) if before == id => (id, since),
            _ => (id, now),
        });
        let (rested, remaining) = match self.hovered {
            // Once a result is on the canvas, the next ones come at once.
            Some((id, since)) if self.shown.is_some() || now - since >= REST => (Some(id), None),
            Some((_, since)) => (None, Some(REST - (now - since))),
            None => (None, None),
        };
        self.shown = rested.or(focused);
        self.hides &= self.shown.is_some();
        remaining
    }

    /// Keys act on the results, or nothing is to be shown any more: the result under the resting pointer does not count
    /// until the pointer has left it.
    pub fn pass_over_hovered(&mut self) {
        self.passed_over = self.hovered.take().map(|(id, _)| id).or(self.passed_over);
    }

    /// Shows the canvas itself again.
    pub fn stop(&mut self) {
        self.pass_over_hovered();
        self.shown = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: ResultId = ResultId { round: 1, image: 0 };
    const B: ResultId = ResultId { round: 1, image: 1 };

    #[test]
    fn a_result_is_shown_once_the_pointer_rests_on_it_and_the_next_one_at_once() {
        let mut peek = Peek::default();
        let wait = peek.update(Some(A), None, 10.0).expect("a time to wait");
        assert!(peek.shown().is_none() && wait > 0.0);
        assert_eq!(peek.update(Some(A), None, 10.0 + wait), None);
        assert_eq!(peek.shown(), Some(A));
        peek.update(Some(B), None, 10.3);
        assert_eq!(peek.shown(), Some(B));
        peek.update(None, None, 10.4);
        assert_eq!(peek.shown(), None);
        peek.update(Some(A), None, 10.5);
        assert_eq!(peek.shown(), None, "it must rest again");
    }

    #[test]
    fn what_was_dismissed_stays_away_until_the_pointer_has_left() {
        let mut peek = Peek::default();
        peek.update(Some(A), None, 1.0);
        peek.update(Some(A), None, 2.0);
        peek.stop();
        for now in [3.0, 4.0] {
            peek.update(Some(A), None, now);
            assert_eq!(peek.shown(), None);
        }
        peek.update(None, None, 5.0);
        peek.update(Some(A), None, 6.0);
        peek.update(Some(A), None, 7.0);
        assert_eq!(peek.shown(), Some(A));
    }

    #[test]
    fn keys_go_on_although_the_pointer_rests_on_a_result() {
        let mut peek = Peek::default();
        peek.update(Some(A), None, 1.0);
        peek.update(Some(A), None, 2.0);
        peek.pass_over_hovered();
        peek.update(Some(A), Some(B), 3.0);
        assert_eq!(peek.shown(), Some(B));
        peek.hides = true;
        peek.update(Some(A), None, 4.0);
        assert!(peek.shown().is_none() && !peek.hides);
    }
}
