//! Which round and result are on show.

use egui::{Pos2, Vec2};

use super::peek::Peek;
use super::pictures::Pictures;
use crate::document::{ResultId, ResultsView, Round, RoundId, Rounds, Slot, State};
use crate::ui::MoveDirection;

/// Which results are shown and how, and the textures of their round.
#[derive(Default)]
pub(in crate::ui) struct Gallery {
    pub(super) round: RoundId,
    pub(super) image: usize,
    /// Whether the result on show is always the one being made.
    pub(super) following: bool,
    /// The place of the small picture under the pointer.
    pub(super) under_pointer: Option<usize>,
    /// The results that are picked for comparing, two at most.
    pub(super) picked: Vec<ResultId>,
    /// Whether the note is to get the keyboard.
    pub(super) edits_note: bool,
    pub(super) pictures: Pictures,
    pub(super) view: ResultsView,
    pub(super) peek: Peek,
    /// The place of the result that has the focus.
    pub(super) focused: Option<usize>,
    /// Whether the result on show is to get the focus.
    pub(super) wants_focus: bool,
    /// The places on show in their order, and how many are beside each other, as of the last frame.
    pub(super) arranged: (Vec<usize>, usize),
}

impl Gallery {
    /// How results are shown, to be kept.
    pub fn view(&self) -> ResultsView {
        self.view
    }

    /// Shows results in this way.
    pub fn use_view(&mut self, view: ResultsView) {
        self.view = view.checked();
    }

    /// Whether arrow keys move among the results.
    pub fn has_keyboard(&self) -> bool {
        self.focused.is_some()
    }

    /// Puts the keyboard into the results, and unfolds them.
    pub fn take_focus(&mut self) {
        self.view.folded = false;
        self.wants_focus = true;
        self.peek.pass_over_hovered();
    }

    /// Goes to the next result in a direction, if there is one.
    pub fn walk(&mut self, direction: MoveDirection) {
        let (places, across) = &self.arranged;
        let Some(at) = places.iter().position(|image| *image == self.image) else { return };
        let next = match direction {
            MoveDirection::Left => at.checked_sub(1),
            MoveDirection::Right => at.checked_add(1),
            MoveDirection::Up => at.checked_sub(*across),
            MoveDirection::Down => at.checked_add(*across),
        };
        if let Some(image) = next.and_then(|next| places.get(next)) {
            self.image = *image;
            self.following = false;
        }
        self.wants_focus = true;
        self.peek.pass_over_hovered();
    }

    /// The result that is shown in place on the canvas.
    pub fn peeked(&self) -> Option<ResultId> {
        self.peek.shown()
    }

    /// Shows no result on the canvas, until the pointer or a key goes to one again.
    pub fn stop_peeking(&mut self) {
        self.peek.stop();
    }

    /// Shows the canvas itself for as long as the key for that is held.
    pub fn hide_peeked(&mut self) {
        self.peek.hides = true;
    }

    /// Shows a round that has just begun, and follows the picture being made.
    pub fn follow(&mut self, round: RoundId) {
        self.round = round;
        self.image = 0;
        self.following = true;
        self.pictures.clear();
    }

    /// Whether the result on show is always the one being made, or nothing was shown yet.
    pub fn follows(&self) -> bool {
        self.following || self.round == 0
    }

    /// Shows the picture being made, unless the user has chosen another.
    pub fn made_progress(&mut self, round: RoundId, image: usize) {
        if self.following && self.round == round {
            self.image = image;
        }
    }

    /// A round is over: where its picture on show was not made, the nearest finished one is shown, earlier ones first.
    pub fn leave_empty_place(&mut self, rounds: &Rounds, ended: RoundId) {
        let Some(round) = rounds.get(ended).filter(|round| round.id == self.round) else { return };
        let mut earlier = round.results().map(|(image, _)| image).take_while(|image| *image <= self.image);
        let first = || round.results().next().map(|(image, _)| image);
        if let Some(image) = earlier.by_ref().last().or_else(first) {
            self.image = image;
        }
    }

    /// The round that is shown.
    pub fn round(&self) -> RoundId {
        self.round
    }

    /// The result on show.
    pub fn shown(&self) -> ResultId {
        ResultId { round: self.round, image: self.image }
    }

    /// Puts one result on show.
    pub fn show(&mut self, id: ResultId) {
        if self.round != id.round {
            self.turn_to(id.round);
        }
        self.image = id.image;
        self.following = false;
    }

    /// Puts the keyboard into the note of the result on show.
    pub fn edit_note(&mut self) {
        self.edits_note = true;
    }

    /// The place of the picture under the pointer, or else of the result on show.
    pub fn target(&self) -> ResultId {
        ResultId { round: self.round, image: self.under_pointer.unwrap_or(self.image) }
    }

    /// The picture at a point of the screen, and where in it that is, as shares of width and height.
    pub fn picture_at(&self, at: Pos2) -> Option<(ResultId, Vec2)> {
        let picture = self.pictures.drawn.iter().find(|picture| picture.seen.contains(at))?;
        Some((picture.id, (at - picture.rect.min) / picture.rect.size()))
    }

    /// The results that are picked for comparing, in the order they were picked.
    pub fn picked(&self) -> &[ResultId] {
        &self.picked
    }

    /// Picks a result for comparing, or unpicks it. Of three results the one picked first is unpicked.
    pub fn pick(&mut self, id: ResultId) {
        let count = self.picked.len();
        self.picked.retain(|picked| *picked != id);
        if self.picked.len() == count {
            self.picked.push(id);
        }
        if self.picked.len() > 2 {
            self.picked.remove(0);
        }
    }

    /// Picks no result any more.
    pub fn unpick_all(&mut self) {
        self.picked.clear();
    }

    /// Shows another round.
    pub fn turn_to(&mut self, round: RoundId) {
        self.round = round;
        self.image = 0;
        self.following = false;
        self.pictures.clear();
    }
}

/// The places of a round that are shown: all but those of deleted pictures.
pub(super) fn images(round: &Round) -> Vec<usize> {
    let is_shown = |slot: &Slot| !matches!(slot.state, State::Deleted(_));
    round.slots.iter().enumerate().filter(|(_, slot)| is_shown(slot)).map(|(image, _)| image).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrow_keys_move_in_the_grid_and_stop_at_its_edges() {
        use MoveDirection::{Down, Left, Right, Up};
        let mut gallery = Gallery { arranged: (vec![0, 1, 3, 4, 5], 2), ..Gallery::default() };
        for (direction, image) in [
            (Left, 0),
            (Up, 0),
            (Down, 3),
            (Right, 4),
            (Down, 4),
            (Up, 1),
            (Right, 3),
            (Down, 5),
            (Right, 5),
            (Down, 5),
        ] {
            gallery.walk(direction);
            assert_eq!(gallery.shown().image, image, "{direction:?}");
        }
        gallery.arranged = (Vec::new(), 0);
        gallery.walk(Down);
        assert_eq!(gallery.shown().image, 5);
    }
}
