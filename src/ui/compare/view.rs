//! The layout of the comparison: controls, pictures, and the list of changed settings.

use egui::{CentralPanel, Id, Label, Margin, Panel, RichText, Sense, Ui, Vec2, WidgetInfo};

use super::caption::{Corner, caption};
use super::picture::PixelSize;
use super::state::{CompareMode, Comparison};
use super::viewport::Room;
use super::{CompareSource, bar, changes, difference, legend, pointer, side_by_side, slider};
use crate::picture::{Fit, Placement};
use crate::ui::state::WindowState;
use crate::ui::{CompareCommand, UserCommand, keymap, theme};

/// Shows the comparison in place of canvas and results.
pub(in crate::ui) fn ui(state: &mut WindowState, ui: &mut Ui) -> Option<UserCommand> {
    let document = &state.document;
    let sources = CompareSource::all(document.rounds(), |round| state.compare.starts.get(round).is_some());
    let (shown, starts) = state.compare.parts_mut()?;
    if !shown.refresh(document, starts, &state.result_memory) {
        return Some(CompareCommand::Leave.into());
    }
    let (now, is_down) = (ui.input(|i| i.time), keymap::is_held(ui.ctx(), CompareCommand::Blink));
    if !is_down {
        shown.key_is_up(now);
    }
    shown.changes.update(shown.a.source(), shown.b.source(), document, &state.model.chosen.name);
    content(ui, shown, &sources)
}

fn content(ui: &mut Ui, shown: &mut Comparison, sources: &[CompareSource]) -> Option<UserCommand> {
    let frame = egui::Frame::side_top_panel(ui.style()).inner_margin(Margin::symmetric(12, 8));
    let mut command = None;
    Panel::top("compare bar").frame(frame).show(ui, |ui| {
        command = bar::ui(ui, shown, sources);
    });
    let width = (ui.available_width() * 0.22).clamp(190.0, 300.0);
    Panel::right("compare changes").frame(theme::panel(ui)).resizable(false).exact_size(width).show(ui, |ui| {
        changes::ui(ui, shown);
    });
    let note = note(shown);
    let is_difference = shown.mode == CompareMode::Difference;
    if is_difference || note.is_some() {
        Panel::bottom("compare foot").frame(frame).show(ui, |ui| {
            if is_difference {
                legend::ui(ui, shown);
            }
            if let Some(note) = &note {
                ui.add(Label::new(RichText::new(note).small().weak()).wrap());
            }
        });
    }
    CentralPanel::default().frame(theme::panel(ui).inner_margin(Margin::same(8))).show(ui, |ui| pictures(ui, shown));
    command
}

/// The area of the pictures.
fn pictures(ui: &mut Ui, shown: &mut Comparison) {
    let area = ui.available_rect_before_wrap();
    let names = [shown.a.source().name(), shown.b.source().name()];
    let response = ui.interact(area, Id::unique("compared pictures"), Sense::click_and_drag());
    let told = format!("Compared pictures: A {}, B {}", names[0], names[1]);
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Image, true, &told));
    take_keyboard(ui, shown, &response);

    let size = shown.size().unwrap_or((1, 1));
    let rooms = (shown.mode == CompareMode::SideBySide).then(|| side_by_side::rooms(area, size));
    let (first, second) = rooms.map_or((area, None), |[first, second]| (first, Some(second)));
    let picture = Vec2::new(size.0 as f32, size.1 as f32);
    let room = Room { rect: first, picture, pixels_per_point: ui.pixels_per_point() };
    (shown.room, shown.second) = (Some(room), second);
    pointer::follow(ui, &response, shown, &room, second);

    if second.is_none() {
        ui.painter().rect_filled(area, 4, theme::WELL);
    }
    let captions = [format!("A  ·  {}", names[0]), format!("B  ·  {}", names[1])];
    let captions = captions.each_ref().map(String::as_str);
    match (shown.mode, second) {
        (CompareMode::SideBySide, Some(second)) => side_by_side::ui(ui, shown, &room, second, captions),
        (CompareMode::Difference, _) => difference::ui(ui, shown, &room),
        (CompareMode::Blink, _) => blink(ui, shown, &room, size, captions),
        _ => slider::ui(ui, shown, &room, captions),
    }
}

/// One of the two pictures.
fn blink(ui: &Ui, shown: &mut Comparison, room: &Room, size: PixelSize, names: [&str; 2]) {
    let (frame, sharp) = (shown.viewport.frame(room), shown.viewport.is_sharp(room));
    let (picture, name) = match shown.shows_b {
        false => (&mut shown.a, names[0]),
        true => (&mut shown.b, names[1]),
    };
    picture.paint(ui, room.rect, frame, size, sharp);
    caption(ui, room.rect, Corner::Left, name);
}

/// The pictures have the keyboard unless another control was given it.
fn take_keyboard(ui: &Ui, shown: &mut Comparison, response: &egui::Response) {
    if ui.memory(|memory| memory.focused()).is_none() {
        response.request_focus();
    }
    shown.has_keyboard = pointer::takes_arrows(ui, response);
}

/// Says how pictures of different sizes are compared; `None` if they have the same.
fn note(shown: &Comparison) -> Option<String> {
    let (a, b) = (shown.a.size()?, shown.b.size()?);
    if a == b {
        return None;
    }
    let scaled = || format!("B is {} by {} pixels and A {} by {}: it is scaled to the size of A.", b.0, b.1, a.0, a.1);
    Some(Placement::new(b, a, Fit::Whole).notice("B", "A").unwrap_or_else(scaled))
}
