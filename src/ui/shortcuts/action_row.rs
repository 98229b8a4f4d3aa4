//! One action of the overview with its keys.

use egui::{Align, Button, Label, Layout, Response, RichText, Role, Ui, WidgetInfo};
use lucide_icons::Icon;

use super::state::Shortcuts;
use crate::ui::keymap::{ActionId, KeyChord, Keymap};
use crate::ui::{ShortcutCommand, UserCommand, theme};

/// Shows an action: what it does, its keys, and a button that takes changes back.
pub(super) fn ui(ui: &mut Ui, state: &Shortcuts, map: &Keymap, action: ActionId) -> Option<UserCommand> {
    let help = action.help();
    let mut command = None;
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            command = keys(ui, state, map, action, &help);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.add(Label::new(&help).truncate()).on_hover_text(&help);
            });
        });
    });
    if let Some(asked) = state.asked.filter(|asked| asked.action == action) {
        let question = match asked.taken {
            Some((chord, other)) => taken(ui, chord, other),
            None => waiting(ui, map.keys(action).len() > asked.place),
        };
        command = question.or(command);
    }
    command
}

/// The keys from right to left: taking changes back, one more, the last, ..., the first.
fn keys(ui: &mut Ui, state: &Shortcuts, map: &Keymap, action: ActionId, help: &str) -> Option<UserCommand> {
    let mut command = None;
    let changed = map.is_changed(action);
    let reset = ui.add_enabled(changed, small(theme::icon(Icon::RotateCcw, 12.0)));
    let reset = reset.on_hover_text("Give it the keys of the preset again.");
    if named(&reset, changed, &format!("Reset {help}")).clicked() {
        command = Some(ShortcutCommand::Reset(action).into());
    }
    let chords = map.keys(action);
    let is_asked = |place| state.asked.is_some_and(|asked| asked.action == action && asked.place == place);
    let more = ui.add(small(theme::icon(Icon::Plus, 12.0)).selected(is_asked(chords.len())));
    let more = more.on_hover_text("Give it one more key.");
    if named(&more, true, &format!("Add a key for {help}")).clicked() {
        command = Some(ShortcutCommand::Ask(action, chords.len()).into());
    }
    for (place, chord) in chords.iter().enumerate().rev() {
        let is_fixed = chord.is_the_clipboards();
        let name = chord.name(ui.ctx());
        let button = Button::new(RichText::new(&name).strong()).selected(is_asked(place));
        let button = ui.add_enabled(!is_fixed, button).on_hover_text("Press it, then the new keys.");
        let button = button.on_disabled_hover_text("The system gives these keys; they cannot be changed.");
        if named(&button, !is_fixed, &format!("{help}: {name}")).clicked() {
            command = Some(ShortcutCommand::Ask(action, place).into());
        }
    }
    command
}

/// What is said while new keys are asked for.
fn waiting(ui: &mut Ui, can_remove: bool) -> Option<UserCommand> {
    let mut command = None;
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new("Press the new keys.").color(theme::colors(ui).good));
        if can_remove && ui.button("Remove this key").clicked() {
            command = Some(ShortcutCommand::Remove.into());
        }
        if ui.button("Leave it").clicked() {
            command = Some(ShortcutCommand::StopAsking.into());
        }
    });
    command
}

/// What is said when another action has the keys that were pressed.
fn taken(ui: &mut Ui, chord: KeyChord, other: ActionId) -> Option<UserCommand> {
    let mut command = None;
    ui.horizontal_wrapped(|ui| {
        let text = format!("{} belongs to: {}.", chord.name(ui.ctx()), other.help());
        ui.label(RichText::new(text).color(theme::colors(ui).error));
        let help = "This action gets the keys, and the other one those that this one had.";
        if ui.button("Swap the keys").on_hover_text(help).clicked() {
            command = Some(ShortcutCommand::Swap.into());
        }
        if ui.button("Leave it").clicked() {
            command = Some(ShortcutCommand::StopAsking.into());
        }
    });
    command
}

fn small(text: RichText) -> Button<'static> {
    Button::new(text).frame_when_inactive(false)
}

fn named<'a>(response: &'a Response, enabled: bool, name: &str) -> &'a Response {
    response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, name));
    response
}
