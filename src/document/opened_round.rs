//! A saved result that carries its start image, opened as the round it came from.

use super::edit::{Change, Meaning};
use super::painted::Unpainted;
use super::{Ancestry, Document, Edit, EditKind, Settings};
use crate::paint::{Canvas, LayerEdit};

impl Document {
    /// Puts the start image of a saved result on the canvas with the settings that made the result, as one edit
    /// that undo takes back whole. Which seeds are in the start image is not known, so the seed stays as it is
    /// and the same picture can be made again. Nothing of the canvas then counts as painted.
    pub fn open_round(&mut self, start: Canvas, settings: Settings) {
        self.end_stroke();
        let meaning = Meaning {
            paper: self.paper,
            ancestry: Ancestry::new(),
            origin: None,
            unpainted: Some(Unpainted::new(&start)),
            result_size: None,
            settings: Some(Box::new(settings)),
            marks: None,
        };
        let layers = self.layers_showing("Start image", &start);
        let change = Change::Layers { edit: LayerEdit::replace(layers), meaning: Some(Box::new(meaning)) };
        let edit = Edit { kind: EditKind::OpenRound, change };
        if self.would_change(&edit)
            && let Some(inverse) = self.exchange_from_history(edit)
        {
            self.history.record(inverse);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::tests::{document, dot, sheet, state_of};
    use crate::paint::Rgb;

    #[test]
    fn canvas_and_settings_change_together_and_one_undo_brings_both_back() {
        let mut document = document();
        document.open_picture(sheet(80, 64, Rgb::BLACK), vec![4]);
        dot(&mut document, 20.0, 20.0);
        document.settings_mut().prompt = "an apple".into();
        let (before, settings) = (state_of(&document), document.settings().clone());
        let opened =
            Settings { prompt: "a pear".into(), seed: 4, steps: 9, width: 128, height: 64, ..Settings::default() };
        document.open_round(sheet(128, 64, Rgb::WHITE), opened.clone());
        assert_eq!((document.settings(), document.ancestry()), (&opened, &[][..]));
        assert_eq!(document.canvas().color_at(127, 63), Some(Rgb::WHITE));
        assert!(document.painted().is_empty(), "nothing of it was painted here");
        assert_eq!(document.next_undo().map(EditKind::label), Some("opening a round"));
        let next = document.next_seed();
        assert_eq!((next.seed, next.notice), (4, None), "the same picture can be made again");
        document.open_round(sheet(128, 64, Rgb::WHITE), opened.clone());
        document.undo();
        assert!(state_of(&document) == before);
        assert_eq!(document.settings(), &settings);
        document.redo();
        assert_eq!(document.settings(), &opened);
    }
}
