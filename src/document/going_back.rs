//! Going back to a round: canvas, prompt and settings as they were when it was begun.

use super::edit::{Change, Meaning};
use super::painted::{Unpainted, fitted};
use super::{Document, Edit, EditKind, Round, RoundId};
use crate::paint::{Canvas, LayerEdit, LayerStack, Surface};
use crate::picture::Fit;

impl Document {
    /// Makes canvas, paper, the seeds in the canvas, prompt and settings those that a round was begun with, as one
    /// edit that undo takes back whole. `start` is the canvas that it started from; without one, as for a round
    /// from noise alone, the canvas stays as it is. The seed is the one that was drawn, so that the same pictures
    /// can be made again. What the round painted over is what counts as painted then; nothing, if it changed
    /// everything. The start of a round that was made from a part of the canvas becomes a layer there. Returns whether there is such a round.
    pub fn go_back(&mut self, round: RoundId, start: Option<Canvas>) -> bool {
        let Some(round) = self.rounds.get(round) else { return false };
        let settings = Box::new((*round.settings).clone());
        let change = match start {
            Some(canvas) => {
                let meaning = Meaning {
                    paper: round.start.map_or(self.paper, |start| start.paper),
                    ancestry: round.ancestry.clone(),
                    origin: round.parent,
                    unpainted: Some(painted_in(round, &canvas)),
                    result_size: None,
                    settings: Some(settings),
                    marks: None,
                };
                let name = format!("Start of round {}", round.id);
                let id = round.id;
                let layers = self.layers_showing(&name, &canvas);
                match self.start_at_place(id, &canvas, meaning.clone()) {
                    Some(change) => change,
                    None => Change::Layers { edit: LayerEdit::replace(layers), meaning: Some(Box::new(meaning)) },
                }
            }
            None => Change::Settings(settings),
        };
        self.end_stroke();
        let edit = Edit { kind: EditKind::GoBack, change };
        let changes = match &edit.change {
            Change::Settings(settings) => **settings != self.settings,
            _ => self.would_change(&edit),
        };
        if changes && let Some(inverse) = self.exchange_from_history(edit) {
            self.history.record(inverse);
        }
        true
    }
}

impl Document {
    /// Layers that give this picture: the present ones if they do, else one of this name.
    pub(super) fn layers_showing(&self, name: &str, picture: &Canvas) -> LayerStack {
        match picture.shows_the_same_as(&self.canvas) {
            true => self.layers.clone(),
            false => LayerStack::of_surface(name, Surface::from_canvas(picture)),
        }
    }
}

/// What was painted on the start image of a round, as far as the round kept the rest.
fn painted_in(round: &Round, canvas: &Canvas) -> Unpainted {
    let Some(mask) = round.plan.changing(&round.settings) else { return Unpainted::new(canvas) };
    // The mask has the size of the results. Where the whole canvas was shown in that, the paper around it is cut off.
    let how = match round.start.map(|start| start.fit) {
        Some(Fit::Whole) => Fit::Fill,
        Some(other) => other,
        None => Fit::Stretch,
    };
    Unpainted::with_earlier(canvas, Some(fitted(&mask, canvas.width() as u32, canvas.height() as u32, how)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Settings;
    use crate::document::tests::{DocumentState, document, dot, make_round, sheet, state_of};
    use crate::paint::Rgb;

    #[test]
    fn going_back_restores_canvas_paper_seeds_and_settings_and_undo_takes_all_of_it_back() {
        let mut document = document();
        document.new_sheet(Rgb([10, 20, 30]));
        dot(&mut document, 20.0, 20.0);
        *document.settings_mut() =
            Settings { prompt: "a pear".into(), batch: 1, width: 64, height: 64, ..Settings::default() };
        let first = make_round(&mut document, 7);
        let (then, canvas) = (state_of(&document), document.canvas().clone());
        document.paint_over(first, sheet(128, 64, Rgb::BLACK));
        document.settings_mut().prompt = "an apple".into();
        document.settings_mut().steps = 9;
        let (now, settings) = (state_of(&document), document.settings().clone());
        assert_eq!(document.ancestry(), [7]);

        assert!(document.go_back(1, Some(canvas.clone())));
        // The canvas is one layer now.
        let back = state_of(&document);
        assert_eq!(back.layers[0].0.name, "Start of round 1");
        assert!(DocumentState { layers: then.layers.clone(), ..back } == then);
        assert_eq!(document.settings(), &*document.rounds().get(1).expect("made").settings);
        assert_eq!((document.settings().prompt.as_str(), document.settings().seed), ("a pear", 7));
        assert_eq!(document.next_undo(), Some(EditKind::GoBack));
        assert!(document.next_seed().notice.is_none(), "its noise is not in this canvas");

        document.settings_mut().prompt = "a plum".into();
        document.settings_mut().width = 256;
        document.undo();
        assert!(state_of(&document) == now);
        assert_eq!(document.settings(), &settings, "one undo brings prompt and settings back too");
        document.redo();
        assert_eq!((document.settings().prompt.as_str(), document.settings().width), ("a plum", 256));
        assert_eq!(document.canvas().to_rgb(), canvas.to_rgb());
    }

    #[test]
    fn what_a_round_painted_over_counts_as_painted_again_and_nothing_where_it_kept_nothing() {
        let mut document = document();
        *document.settings_mut() =
            Settings { batch: 1, width: 64, height: 64, keep_unpainted: true, ..Settings::default() };
        dot(&mut document, 20.0, 20.0);
        let (painted, canvas) = (document.painted(), document.canvas().clone());
        let masked = make_round(&mut document, 1);
        let mask = document.rounds().get(masked.round).expect("made").plan.mask.clone();
        document.settings_mut().keep_unpainted = false;
        let whole = make_round(&mut document, 2);
        document.new_sheet(Rgb::BLACK);
        assert!(document.painted().is_empty());

        document.go_back(masked.round, Some(canvas.clone()));
        assert!(document.painted().is_painted(20, 20) && !document.painted().is_painted(50, 50));
        assert!(document.settings().keep_unpainted && document.painted_at_result_size() == mask.expect("a mask"));
        document.undo();
        assert!(document.painted().is_empty());
        document.go_back(whole.round, Some(canvas));
        assert!(document.painted().is_empty(), "what was painted then is not known");
        assert!(!painted.is_empty());
    }

    #[test]
    fn a_round_from_noise_alone_leaves_the_canvas_as_it_is() {
        let mut document = document();
        *document.settings_mut() = Settings { strength: 1.0, batch: 1, prompt: "a pear".into(), ..Settings::default() };
        make_round(&mut document, 3);
        dot(&mut document, 30.0, 30.0);
        *document.settings_mut() = Settings { prompt: "an apple".into(), ..Settings::default() };
        let before = state_of(&document);
        assert!(document.go_back(1, None));
        assert_eq!((document.settings().prompt.as_str(), document.settings().seed), ("a pear", 3));
        document.undo();
        assert_eq!(document.settings().prompt, "an apple");
        assert!(state_of(&document) == before && document.can_undo(), "the dot is undone next");
    }

    #[test]
    fn going_back_to_what_is_there_is_no_step_of_undo_and_a_missing_round_changes_nothing() {
        let mut document = document();
        document.settings_mut().batch = 1;
        make_round(&mut document, 3);
        document.settings_mut().seed = 3;
        let canvas = document.canvas().clone();
        assert!(document.go_back(1, Some(canvas.clone())));
        assert!(!document.can_undo());
        assert!(!document.go_back(2, Some(canvas)));
    }
}
