//! The panel of brushes.

use egui::{Button, Image, Response, Role, TextEdit, Ui, Vec2, WidgetInfo};

use super::{Brushes, settings, strokes};
use crate::ui::keymap::tooltip;
use crate::ui::{BrushCommand, Tool, UserCommand};

/// The least width of a thumbnail with its frame, in points.
const CELL: f32 = 54.0;

impl Brushes {
    /// Shows the presets, and the settings of the brush in use and of strokes.
    pub fn ui(&mut self, ui: &mut Ui, tool: Tool) -> Option<UserCommand> {
        let mut command = self.presets(ui, tool);
        ui.add_space(2.0);
        // The brush is edited in place: a command for each step of a slider would say nothing more than the new value.
        settings::ui(ui, self.of_mut(tool), tool == Tool::Eraser);
        command = strokes::ui(ui, &mut self.choices).or(command);
        command = self.own_presets(ui).or(command);
        command
    }

    fn presets(&mut self, ui: &mut Ui, tool: Tool) -> Option<UserCommand> {
        let mut command = None;
        let gap = 4.0;
        let columns = ((ui.available_width() + gap) / (CELL + gap)).floor().max(1.0);
        let width = (ui.available_width() + gap) / columns - gap;
        let size = Vec2::new(width, (width * 2.0 / 3.0).round());
        ui.scope(|ui| {
            ui.spacing_mut().item_spacing = Vec2::splat(gap);
            ui.spacing_mut().button_padding = Vec2::splat(2.0);
            ui.horizontal_wrapped(|ui| {
                for preset in self.choices.presets.all() {
                    let is_chosen = self.choices.chosen.as_ref() == Some(&preset.name);
                    let texture = self.thumbnails.of(ui.ctx(), &preset.brush);
                    let image = Image::new(&texture).fit_to_exact_size(size - Vec2::splat(4.0)).corner_radius(3);
                    let button = Button::image(image).selected(is_chosen).min_size(size);
                    let response = ui.add_sized(size, button);
                    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_chosen, &preset.name));
                    if hover(response, &preset.name).clicked() {
                        command = Some(BrushCommand::UsePreset(preset.name.clone()).into());
                    }
                }
            });
        });
        let is_there = |name: &&str| self.choices.presets.get(name).is_some();
        let name = self.choices.chosen.as_deref().filter(is_there).unwrap_or("None");
        let is_changed = self.choices.presets.get(name).is_none_or(|preset| preset.brush != Self::plain(self.of(tool)));
        ui.horizontal(|ui| {
            ui.label(egui::RichText::new(name).small());
            if is_changed && self.choices.presets.get(name).is_some() {
                let help = "Set the brush back to the preset.";
                if ui.small_button("Reset").on_hover_text(help).clicked() {
                    command = Some(BrushCommand::UsePreset(name.to_owned()).into());
                }
            }
        });
        command
    }

    /// Saving, renaming and deleting presets.
    fn own_presets(&mut self, ui: &mut Ui) -> Option<UserCommand> {
        let mut command = None;
        egui::CollapsingHeader::new("Save brushes").id_salt("own brushes").show(ui, |ui| {
            let field = TextEdit::singleline(&mut self.typed_name).hint_text("Name").char_limit(60);
            let response = ui.add(field.desired_width(f32::INFINITY));
            response.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, "Name of the brush"));
            let name = self.typed_name.trim().to_owned();
            let chosen = self.choices.chosen.clone().filter(|chosen| self.choices.presets.is_own(chosen));
            ui.horizontal_wrapped(|ui| {
                let save = Button::new("Save");
                let help = "Save the brush under this name. A brush of yours with this name is replaced.";
                if ui.add_enabled(!name.is_empty(), save).on_hover_text(help).clicked() {
                    command = Some(BrushCommand::SavePreset(name.clone()).into());
                }
                let can_rename = chosen.is_some() && !name.is_empty();
                let help = "Give the chosen brush this name.";
                if ui.add_enabled(can_rename, Button::new("Rename")).on_hover_text(help).clicked()
                    && let Some(chosen) = &chosen
                {
                    command = Some(BrushCommand::RenamePreset(chosen.clone(), name.clone()).into());
                }
                let help = "Delete the chosen brush, if it is one of yours.";
                if ui.add_enabled(chosen.is_some(), Button::new("Delete")).on_hover_text(help).clicked()
                    && let Some(chosen) = &chosen
                {
                    command = Some(BrushCommand::DeletePreset(chosen.clone()).into());
                }
            });
            if let Some((_, preset)) = &self.deleted
                && ui.button(format!("Bring back “{}”", preset.name)).clicked()
            {
                command = Some(BrushCommand::RestorePreset.into());
            }
        });
        command
    }
}

impl Brushes {
    /// A brush as presets hold it, for comparing.
    fn plain(brush: &crate::paint::Brush) -> crate::paint::Brush {
        crate::paint::Brush { color: crate::paint::Brush::default().color, ..brush.clone() }
    }
}

/// The tooltip of a preset, with the keys that go through the presets.
fn hover(response: Response, name: &str) -> Response {
    let ctx = response.ctx.clone();
    response.on_hover_ui(|ui| {
        ui.label(name);
        for (help, command) in [
            ("Next brush.", BrushCommand::NextPreset),
            ("Previous brush.", BrushCommand::PreviousPreset),
            ("The brush that was used before.", BrushCommand::LastPreset),
        ] {
            ui.label(egui::RichText::new(tooltip(&ctx, help, command)).small().weak());
        }
    })
}
