//! One result that can be clicked.

use egui::{Id, Rect, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo};

use super::Gallery;
use super::pictures::paint_fitted;
use crate::document::{ResultId, Round, Slot};
use crate::ui::refine::Scores;
use crate::ui::result_memory::ResultMemory;
use crate::ui::widgets::{keep_arrows, star_mark};
use crate::ui::{CompareCommand, UserCommand, theme};

/// What cells are drawn from.
pub(super) struct Shelf<'a> {
    pub round: &'a Round,
    pub memory: &'a ResultMemory,
    pub scores: &'a mut Scores,
}

/// Shows one result in `rect`. A click puts it on show; with the modifier of shortcuts held down it picks it. A `large`
/// cell shows the drift of the result on show, and says in a sentence what is wrong.
pub(super) fn ui(
    gallery: &mut Gallery,
    ui: &Ui,
    shelf: &mut Shelf<'_>,
    image: usize,
    (rect, large): (Rect, bool),
) -> Option<UserCommand> {
    let Shelf { round, memory, scores } = shelf;
    let id = ResultId { round: round.id, image };
    let response = ui.interact(rect, Id::unique(("result", image)), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, format!("Result {}", image + 1)));
    let response = match &round.plan.sheet {
        Some(sheet) => response.on_hover_text(sheet.label(image)),
        None => response,
    };
    let on_show = image == gallery.image;
    if response.contains_pointer() {
        gallery.under_pointer = Some(image);
    }
    if on_show && std::mem::take(&mut gallery.wants_focus) {
        response.request_focus();
        response.scroll_to_me(None);
    }
    if keep_arrows(ui, &response) {
        gallery.focused = Some(image);
    }
    ui.painter().rect_filled(rect, 4, theme::WELL);
    let drift = scores.drift_texture(ui.ctx(), id).filter(|_| large && on_show);
    match drift {
        Some(drift) => {
            paint_fitted(ui, drift, rect.shrink(2.0));
        }
        None => gallery.pictures.paint(ui, round, image, memory, rect.shrink(2.0), large),
    }
    let rim = if on_show {
        Stroke::new(2.0, theme::ACCENT)
    } else if response.hovered() || response.has_focus() {
        Stroke::new(1.5, theme::colors(ui).strong_line)
    } else {
        Stroke::new(1.0, theme::colors(ui).line)
    };
    ui.painter().rect_stroke(rect, 4, rim, StrokeKind::Inside);
    if let Some(place) = gallery.picked.iter().position(|picked| *picked == id) {
        badge(ui, rect, ["A", "B"][place.min(1)]);
    }
    if round.slots.get(image).and_then(Slot::result).is_some_and(|result| result.starred) {
        star_mark(ui.painter(), rect);
    }
    if response.clicked() && ui.input(|i| i.modifiers.command) {
        let result = round.slots.get(image).and_then(Slot::result);
        return result.map(|_| CompareCommand::Pick(round.id, image).into());
    }
    // With Alt held a press takes a colour.
    if response.clicked() && !ui.input(|i| i.modifiers.alt) {
        gallery.image = image;
        gallery.following = false;
    }
    None
}

/// Marks a picture that is picked for comparing.
fn badge(ui: &Ui, picture: Rect, letter: &str) {
    let rect = Rect::from_min_size(picture.min + Vec2::splat(4.0), Vec2::splat(18.0));
    ui.painter().rect_filled(rect, 4, theme::ACCENT);
    let font = egui::FontId::proportional(13.0);
    ui.painter().text(rect.center(), egui::Align2::CENTER_CENTER, letter, font, theme::ON_ACCENT);
}
