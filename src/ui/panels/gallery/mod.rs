//! The results: one large picture, the thumbnails of its round, and buttons to earlier rounds.

mod buttons;

use std::collections::HashMap;
use std::sync::Arc;

use egui::{
    Button, Color32, ColorImage, Pos2, Rect, Sense, Stroke, StrokeKind, TextureHandle, TextureOptions, Vec2, WidgetInfo,
};
use image::RgbImage;

use crate::document::{ResultId, Round, RoundId, Rounds, Slot, State};
use crate::ui::refine::Scores;
use crate::ui::result_memory::ResultMemory;
use crate::ui::widgets::star_mark;
use crate::ui::{CompareCommand, UserCommand, theme};

/// Below this width in points the heading has room for the buttons alone.
const NARROW_HEADING: f32 = 224.0;

/// Which result is shown, and the textures of its round.
#[derive(Default)]
pub(in crate::ui) struct Gallery {
    round: RoundId,
    image: usize,
    /// Whether the large picture is always the one being made.
    following: bool,
    /// The place of the thumbnail under the pointer.
    under_pointer: Option<usize>,
    /// The results that are picked for comparing, two at most.
    picked: Vec<ResultId>,
    /// Whether the note is to get the keyboard.
    edits_note: bool,
    textures: HashMap<(RoundId, usize), (u64, TextureHandle)>,
}

impl Gallery {
    /// Shows a round that has just begun, and follows the picture being made.
    pub fn follow(&mut self, round: RoundId) {
        self.round = round;
        self.image = 0;
        self.following = true;
        self.textures.clear();
    }

    /// Whether the large picture is always the one being made, or nothing was shown yet.
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

    /// The picture that is shown large.
    pub fn shown(&self) -> ResultId {
        ResultId { round: self.round, image: self.image }
    }

    /// Shows one picture large.
    pub fn show(&mut self, id: ResultId) {
        if self.round != id.round {
            self.turn_to(id.round);
        }
        self.image = id.image;
        self.following = false;
    }

    /// Puts the keyboard into the note of the picture that is shown large.
    pub fn edit_note(&mut self) {
        self.edits_note = true;
    }

    /// The place of the picture under the pointer, or else of the one that is shown large.
    pub fn target(&self) -> ResultId {
        ResultId { round: self.round, image: self.under_pointer.unwrap_or(self.image) }
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

    /// Shows the round; `memory` knows which of its pictures cannot be read.
    pub fn ui(
        &mut self,
        ui: &mut egui::Ui,
        rounds: &Rounds,
        memory: &ResultMemory,
        scores: &mut Scores,
    ) -> Option<UserCommand> {
        self.under_pointer = None;
        if rounds.get(self.round).is_none()
            && let Some(latest) = rounds.latest()
        {
            self.round = latest.id;
            self.image = latest.results().next().map_or(0, |(image, _)| image);
        }
        let Some(round) = rounds.get(self.round) else {
            empty(ui);
            return None;
        };
        self.heading(ui, round, rounds);
        let images = scores.order(round.id, images(round));
        let across = across(round);
        let lines = images.len().div_ceil(across).min(2) as f32;
        // In a low window the large picture keeps most of the room.
        let gaps = (across - 1) as f32 * 6.0;
        let thumb = ((ui.available_width() - gaps) / across as f32).min(96.0).min(ui.available_height() * 0.2 / lines);
        let large_height = (ui.available_height() - lines * (thumb + 6.0) - buttons::HEIGHT).max(40.0);
        let (well, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), large_height), Sense::hover());
        ui.painter().rect_filled(well, 6, theme::WELL);
        if !images.contains(&self.image) {
            let next = images.iter().filter(|image| **image > self.image).min().or(images.iter().max());
            self.image = next.copied().unwrap_or(0);
        }
        match scores.drift_texture(ui.ctx(), ResultId { round: round.id, image: self.image }) {
            Some(drift) => paint(ui, drift, well.shrink(4.0)),
            None => self.picture(ui, round, self.image, memory, well.shrink(4.0), true),
        }
        let mut picked = None;
        egui::ScrollArea::vertical().id_salt("thumbs").max_height(lines * (thumb + 6.0)).show(ui, |ui| {
            ui.spacing_mut().item_spacing = Vec2::splat(6.0);
            for line in images.chunks(across) {
                ui.horizontal(|ui| {
                    for image in line {
                        picked = self.thumbnail(ui, round, *image, memory, thumb).or(picked.take());
                    }
                });
            }
        });
        let edits_note = std::mem::take(&mut self.edits_note);
        match round.slots.get(self.image) {
            Some(slot) => buttons::ui(ui, round, (self.image, slot), scores, edits_note).or(picked),
            None => picked,
        }
    }

    fn heading(&mut self, ui: &mut egui::Ui, round: &Round, rounds: &Rounds) {
        let (earlier, later) = (rounds.earlier(round.id), rounds.later(round.id));
        let (number, last) = (round.id, rounds.latest().map_or(round.id, |latest| latest.id));
        ui.horizontal(|ui| {
            let narrow = ui.available_width() < NARROW_HEADING;
            if !narrow {
                theme::section(ui, "Results");
            }
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let button = ui.add_enabled(later.is_some(), Button::new("Later").small());
                if let (true, Some(later)) = (button.on_hover_text("Show the next round.").clicked(), later) {
                    self.turn_to(later);
                }
                let long = format!("Round {number} of {last}");
                let short = match narrow {
                    true => format!("{number}/{last}"),
                    false => format!("{number} of {last}"),
                };
                ui.label(if ui.available_width() < 190.0 { &short } else { &long }).on_hover_text(&long);
                let button = ui.add_enabled(earlier.is_some(), Button::new("Earlier").small());
                if let (true, Some(earlier)) = (button.on_hover_text("Show the previous round.").clicked(), earlier) {
                    self.turn_to(earlier);
                }
            });
        });
    }

    /// Shows another round.
    pub fn turn_to(&mut self, round: RoundId) {
        self.round = round;
        self.image = 0;
        self.following = false;
        self.textures.clear();
    }

    /// A small picture. A click shows it large; with the modifier of shortcuts held down it picks it.
    fn thumbnail(
        &mut self,
        ui: &mut egui::Ui,
        round: &Round,
        image: usize,
        memory: &ResultMemory,
        side: f32,
    ) -> Option<UserCommand> {
        let (rect, response) = ui.allocate_exact_size(Vec2::splat(side), Sense::click());
        response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, format!("Result {}", image + 1)));
        let response = match &round.plan.sheet {
            Some(sheet) => response.on_hover_text(sheet.label(image)),
            None => response,
        };
        if response.contains_pointer() {
            self.under_pointer = Some(image);
        }
        ui.painter().rect_filled(rect, 4, theme::WELL);
        self.picture(ui, round, image, memory, rect.shrink(2.0), false);
        let rim = if image == self.image {
            Stroke::new(2.0, theme::ACCENT)
        } else if response.hovered() || response.has_focus() {
            Stroke::new(1.0, Color32::from_gray(160))
        } else {
            Stroke::new(1.0, Color32::from_gray(60))
        };
        ui.painter().rect_stroke(rect, 4, rim, StrokeKind::Inside);
        let id = ResultId { round: round.id, image };
        if let Some(place) = self.picked.iter().position(|picked| *picked == id) {
            badge(ui, rect, ["A", "B"][place.min(1)]);
        }
        if round.slots.get(image).and_then(Slot::result).is_some_and(|result| result.starred) {
            star_mark(ui.painter(), rect);
        }
        if response.clicked() && ui.input(|i| i.modifiers.command) {
            let result = round.slots.get(image).and_then(Slot::result);
            return result.map(|_| CompareCommand::Pick(round.id, image).into());
        }
        if response.clicked() {
            self.image = image;
            self.following = false;
        }
        None
    }

    /// Draws one picture of the round inside `room`: the result, its preview, or a word why there is none.
    fn picture(&mut self, ui: &egui::Ui, round: &Round, image: usize, memory: &ResultMemory, room: Rect, large: bool) {
        let Some(slot) = round.slots.get(image) else { return };
        let picture = match &slot.state {
            State::Waiting | State::Dropped | State::Deleted(_) => None,
            State::Denoising { preview, .. } => Some(preview),
            State::Done(result) => result.image.pixels(),
        };
        if !self.draw(ui, (round.id, image), slot, picture, room) {
            let unreadable = memory.unreadable(ResultId { round: round.id, image });
            let size = if large { 14.0 } else { 11.0 };
            centred(ui, room, words(&slot.state, unreadable, large), size, Color32::from_gray(120));
        }
    }

    /// Uploads the picture if it changed, and draws it as large as `room` allows. Without a picture it
    /// draws the one that was uploaded before; returns whether there was one.
    fn draw(
        &mut self,
        ui: &egui::Ui,
        key: (RoundId, usize),
        slot: &Slot,
        picture: Option<&Arc<RgbImage>>,
        room: Rect,
    ) -> bool {
        let known = self.textures.get(&key).is_some_and(|(revision, _)| *revision == slot.revision);
        if let (false, Some(picture)) = (known, picture) {
            let image = color_image(picture);
            match self.textures.get_mut(&key) {
                Some((revision, texture)) => {
                    texture.set(image, TextureOptions::LINEAR);
                    *revision = slot.revision;
                }
                None => {
                    let texture = ui.ctx().load_texture("result", image, TextureOptions::LINEAR);
                    self.textures.insert(key, (slot.revision, texture));
                }
            }
        }
        let Some((_, texture)) = self.textures.get(&key).filter(|_| known || picture.is_some()) else { return false };
        paint(ui, texture, room);
        true
    }
}

/// The places of a round that are shown: all but those of deleted pictures.
fn images(round: &Round) -> Vec<usize> {
    let is_shown = |slot: &Slot| !matches!(slot.state, State::Deleted(_));
    round.slots.iter().enumerate().filter(|(_, slot)| is_shown(slot)).map(|(image, _)| image).collect()
}

/// Draws a picture as large as `room` allows.
fn paint(ui: &egui::Ui, texture: &TextureHandle, room: Rect) {
    let size = texture.size_vec2();
    let size = size * (room.width() / size.x).min(room.height() / size.y);
    let uv = Rect::from_min_max(Pos2::ZERO, Pos2::new(1.0, 1.0));
    ui.painter().image(texture.id(), Rect::from_center_size(room.center(), size), uv, Color32::WHITE);
}

/// How many small pictures stand beside each other: as many as a sheet has columns, if there is room for them.
fn across(round: &Round) -> usize {
    let columns = round.plan.sheet.as_ref().map_or(4, |sheet| sheet.columns().count());
    if (1..=8).contains(&columns) { columns } else { 8 }
}

/// What is written where a picture is not at hand. `unreadable` says why it cannot be read; only a `large`
/// place has room for that.
fn words<'a>(state: &State, unreadable: Option<&'a str>, large: bool) -> &'a str {
    match (state, unreadable) {
        (State::Waiting, _) => "waiting",
        (State::Dropped, _) => "not made",
        (State::Deleted(_), _) => "deleted",
        (State::Denoising { .. }, _) => "",
        (State::Done(_), Some(reason)) if large => reason,
        (State::Done(_), Some(_)) => "cannot be read",
        (State::Done(_), None) => "loading",
    }
}

/// Writes a text in the middle of a place, in several lines where it is long.
fn centred(ui: &egui::Ui, room: Rect, text: &str, size: f32, color: Color32) {
    let width = (room.width() - 16.0).max(40.0);
    let galley = ui.painter().layout(text.into(), egui::FontId::proportional(size), color, width);
    let at = room.center() - galley.size() / 2.0;
    ui.painter().with_clip_rect(room).galley(at, galley, color);
}

/// Marks a picture that is picked for comparing.
fn badge(ui: &egui::Ui, picture: Rect, letter: &str) {
    let rect = Rect::from_min_size(picture.min + Vec2::splat(4.0), Vec2::splat(18.0));
    ui.painter().rect_filled(rect, 4, theme::ACCENT);
    let font = egui::FontId::proportional(13.0);
    ui.painter().text(rect.center(), egui::Align2::CENTER_CENTER, letter, font, theme::ON_ACCENT);
}

/// The picture in egui's format, for textures and the clipboard.
pub(in crate::ui) fn color_image(picture: &RgbImage) -> ColorImage {
    ColorImage::from_rgb([picture.width() as usize, picture.height() as usize], picture.as_raw())
}

/// What is shown before the first round.
fn empty(ui: &mut egui::Ui) {
    ui.horizontal(|ui| theme::section(ui, "Results"));
    let (well, _) = ui.allocate_exact_size(ui.available_size(), Sense::hover());
    ui.painter().rect_filled(well, 6, theme::WELL);
    let text = "Paint something rough, describe it in the prompt, and press Generate. The results appear here.";
    centred(ui, well.shrink(8.0), text, 13.5, Color32::from_gray(140));
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use image::RgbImage;

    use super::*;
    use crate::document::Document;
    use crate::engine::{Recipe, Settings};
    use crate::paint::{Rgb, Size};

    #[test]
    fn a_result_whose_file_is_gone_does_not_load_for_ever() {
        let mut document = Document::new(Size::DEFAULT, Rgb::WHITE, Settings::default());
        let (round, _) = document.begin_round(1, "starter".into());
        let recipe = Recipe {
            settings: Settings::default(),
            seed: 1,
            model: "m".into(),
            from_picture: false,
            made_with: Default::default(),
        };
        let id = ResultId { round, image: 0 };
        document.rounds_mut().finished(id, Arc::new(RgbImage::new(8, 8)), Arc::new(recipe));
        let state = &document.rounds().slot(round, 0).expect("a slot").state;
        let gone = Some("a.png could not be read: it does not exist.");
        assert_eq!(words(state, None, true), "loading");
        assert_eq!(words(state, gone, true), "a.png could not be read: it does not exist.");
        assert_eq!(words(state, gone, false), "cannot be read");
        assert_eq!(words(&State::Waiting, None, false), "waiting");
    }
}
