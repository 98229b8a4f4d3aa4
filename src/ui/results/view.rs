//! The panel of the results: heading, pictures, buttons.

use egui::{Sense, TextureId, Ui};

use super::cell::Shelf;
use super::gallery::{Gallery, images};
use super::pictures::centred;
use super::{buttons, grid, heading, single, strip};
use crate::document::{ResultId, Rounds};
use crate::ui::keymap::is_held;
use crate::ui::refine::Scores;
use crate::ui::result_memory::ResultMemory;
use crate::ui::{GalleryCommand, UserCommand, theme};

impl Gallery {
    /// Shows the round; `memory` knows which of its pictures cannot be read.
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        rounds: &Rounds,
        memory: &ResultMemory,
        scores: &mut Scores,
    ) -> Option<UserCommand> {
        (self.under_pointer, self.focused) = (None, None);
        self.pictures.drawn.clear();
        if rounds.get(self.round).is_none()
            && let Some(latest) = rounds.latest()
        {
            self.round = latest.id;
            self.image = latest.results().next().map_or(0, |(image, _)| image);
        }
        let command = self.contents(ui, rounds, memory, scores);
        self.wants_focus = false;
        self.update_peek(ui, rounds);
        command
    }

    fn contents(
        &mut self,
        ui: &mut Ui,
        rounds: &Rounds,
        memory: &ResultMemory,
        scores: &mut Scores,
    ) -> Option<UserCommand> {
        let Some(round) = rounds.get(self.round) else {
            if self.view.folded {
                return strip::ui(self, ui, None, &[]);
            }
            empty(ui);
            return None;
        };
        let images = scores.order(round.id, images(round));
        if !images.contains(&self.image) {
            let next = images.iter().filter(|image| **image > self.image).min().or(images.iter().max());
            self.image = next.copied().unwrap_or(0);
        }
        let mut shelf = Shelf { round, memory, scores };
        if self.view.folded {
            return strip::ui(self, ui, Some(&mut shelf), &images);
        }
        let mut command = heading::ui(self, ui, round, rounds);
        let height = (ui.available_height() - buttons::HEIGHT).max(40.0);
        let picked = match self.view.single {
            true => single::ui(self, ui, &mut shelf, &images, height),
            false => grid::ui(self, ui, &mut shelf, &images, height),
        };
        command = picked.or(command);
        let edits_note = std::mem::take(&mut self.edits_note);
        match round.slots.get(self.image) {
            Some(slot) => buttons::ui(ui, round, (self.image, slot), scores, edits_note).or(command),
            None => command,
        }
    }

    /// Decides which result is shown on the canvas in the next frame.
    fn update_peek(&mut self, ui: &Ui, rounds: &Rounds) {
        let can_be_seen = |id: &ResultId| rounds.slot(id.round, id.image).is_some();
        let id = |image: usize| ResultId { round: self.round, image };
        // While something is dragged the pointer passes over results without pointing at them.
        let is_free = ui.ctx().dragged_id().is_none();
        let hovered = self.under_pointer.filter(|_| is_free).map(id).filter(can_be_seen);
        let focused = self.focused.map(id).filter(can_be_seen);
        let (now, holds) = (ui.input(|i| i.time), is_held(ui.ctx(), GalleryCommand::ShowSketch));
        self.peek.hides &= holds;
        let before = (self.peek.shown(), self.peek.hides);
        if let Some(seconds) = self.peek.update(hovered, focused, now) {
            ui.ctx().request_repaint_after_secs(seconds as f32);
        }
        if before != (self.peek.shown(), self.peek.hides) {
            // The canvas is drawn before the results.
            ui.ctx().request_repaint();
        }
    }

    /// The result that is seen in place of the canvas.
    pub fn seen_in_place(&self) -> Option<ResultId> {
        self.peek.shown().filter(|_| !self.peek.hides)
    }

    /// The texture of the result that is shown in place on the canvas, which is drawn with `zoom` screen pixels per
    /// canvas pixel of `width`.
    pub fn peeked_texture(
        &mut self,
        ctx: &egui::Context,
        rounds: &Rounds,
        zoom: f32,
        width: usize,
    ) -> Option<TextureId> {
        let id = self.seen_in_place()?;
        let slot = rounds.slot(id.round, id.image)?;
        let own_width = slot.result().map_or(0, |result| result.recipe.settings.width).max(1);
        let sharp = zoom * width as f32 / own_width as f32 > crate::ui::canvas::SHARP;
        self.pictures.texture_in_place(ctx, id, slot, sharp)
    }
}

/// What is shown before the first round.
fn empty(ui: &mut Ui) {
    ui.horizontal(|ui| theme::section(ui, "Results"));
    let (well, _) = ui.allocate_exact_size(ui.available_size(), Sense::hover());
    ui.painter().rect_filled(well, 6, theme::WELL);
    let text = "Paint something rough, describe it in the prompt, and press Generate. The results appear here.";
    centred(ui, well.shrink(8.0), text, 13.5);
}
