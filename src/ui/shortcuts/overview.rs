//! The window with all actions and their keys.

use egui::{Align, ComboBox, Context, Id, Layout, Modal, RichText, ScrollArea, TextEdit, Ui};

use super::action_row;
use super::state::Shortcuts;
use crate::ui::keymap::{self, ActionId, KeyPreset, Keymap};
use crate::ui::state::WindowState;
use crate::ui::{ShortcutCommand, UserCommand, theme};

/// Shows the window while it is open.
pub(in crate::ui) fn show(ctx: &Context, state: &mut WindowState) -> Option<UserCommand> {
    let shortcuts = &mut state.shortcuts;
    if !shortcuts.is_open {
        return None;
    }
    let map = keymap::in_force(ctx);
    let screen = ctx.content_rect().size();
    let mut command = None;
    let shown = Modal::new(Id::unique("shortcuts")).show(ctx, |ui| {
        ui.set_width((screen.x - 80.0).min(640.0));
        theme::section(ui, "Keyboard shortcuts");
        command = controls(ui, shortcuts, &map);
        if let Some(refusal) = &shortcuts.refusal {
            ui.label(RichText::new(refusal).color(theme::colors(ui).error));
        }
        let height = (screen.y - 220.0).clamp(80.0, 560.0);
        ScrollArea::vertical().max_height(height).min_scrolled_height(height).auto_shrink(false).show(ui, |ui| {
            let mut any = false;
            for action in ActionId::all().filter(|action| matches(ctx, &map, *action, &shortcuts.filter)) {
                command = action_row::ui(ui, shortcuts, &map, action).or(command.take());
                any = true;
            }
            if !any {
                ui.label(RichText::new("No action has these words or keys.").weak());
            }
        });
        ui.add_space(4.0);
        ui.button("Close").clicked()
    });
    if shown.inner {
        command = Some(ShortcutCommand::Close.into());
    } else if shown.should_close() {
        // One press answers the question, the next one closes the window.
        let close = if shortcuts.asked.is_some() { ShortcutCommand::StopAsking } else { ShortcutCommand::Close };
        command = Some(close.into());
    }
    command
}

/// The filter, the presets, and the button that takes all changes back.
fn controls(ui: &mut Ui, state: &mut Shortcuts, map: &Keymap) -> Option<UserCommand> {
    let mut command = None;
    ui.horizontal(|ui| {
        let label = ui.label("Find");
        let hint = "an action, or keys such as Shift";
        let field = ui.add(TextEdit::singleline(&mut state.filter).hint_text(hint).desired_width(190.0));
        let field = field.labelled_by(label.id);
        if std::mem::take(&mut state.focuses_filter) {
            field.request_focus();
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let help = "Give every action the keys of the preset again.";
            let preset = map.choices().preset;
            let changed = *map != Keymap::of_preset(preset);
            if ui.add_enabled(changed, egui::Button::new("Reset all")).on_hover_text(help).clicked() {
                command = Some(ShortcutCommand::UsePreset(preset).into());
            }
            let list = ComboBox::from_id_salt("preset of keys").selected_text(preset.label()).width(110.0);
            let list = list.show_ui(ui, |ui| {
                for choice in KeyPreset::ALL {
                    let entry = ui.selectable_label(choice == preset, choice.label());
                    if entry.on_hover_text("All keys become those of this preset.").clicked() {
                        command = Some(ShortcutCommand::UsePreset(choice).into());
                    }
                }
            });
            let label = ui.label("Preset");
            list.response.labelled_by(label.id);
        });
    });
    command
}

/// Whether an action is listed: every word is in what it does, or in its keys.
fn matches(ctx: &Context, map: &Keymap, action: ActionId, filter: &str) -> bool {
    if filter.trim().is_empty() {
        return true;
    }
    let mut text = action.help().to_lowercase();
    for chord in map.keys(action) {
        text.push(' ');
        text += &chord.name(ctx).to_lowercase();
    }
    filter.to_lowercase().split_whitespace().all(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filter_finds_words_and_keys() {
        let (ctx, map) = (Context::default(), Keymap::default());
        let found = |filter: &str| -> Vec<String> {
            ActionId::all().filter(|action| matches(&ctx, &map, *action, filter)).map(ActionId::help).collect()
        };
        assert_eq!(found("undo"), ["Undo"]);
        assert_eq!(found(" BRUSH smaller"), ["Smaller brush"]);
        assert_eq!(found("ctrl+y"), ["Redo"]);
        assert_eq!(found("").len(), ActionId::all().count());
        assert!(found("hat").iter().all(|help| help.contains("hat")));
    }
}
