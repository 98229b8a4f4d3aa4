//! The menu of styles, and the chips of those that are chosen.

use egui::containers::menu::{MenuButton, MenuConfig};
use egui::{Align, Button, Layout, PopupCloseBehavior, RichText, ScrollArea, TextEdit, Ui, WidgetInfo};

use super::{Prompting, suggestion};
use crate::prompts::Style;
use crate::ui::keymap::tooltip;
use crate::ui::{PromptCommand, UserCommand, theme};

/// The room that a chip needs at least, in points.
const CHIP: f32 = 64.0;

/// Shows the menu, the button of the earlier prompts and the chips in a row.
pub(in crate::ui) fn row(ui: &mut Ui, prompting: &mut Prompting) -> Option<UserCommand> {
    let mut command = menu(ui, prompting);
    let help = tooltip(ui.ctx(), "Find a prompt that was used before.", PromptCommand::ShowPast);
    let button = ui.add(Button::new(RichText::new("Earlier…").small())).on_hover_text(help);
    button.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, "Earlier prompts"));
    if button.clicked() {
        command = Some(PromptCommand::ShowPast.into());
    }
    command = suggestion::describe_button(ui, prompting).or(command);
    chips(ui, prompting).or(command)
}

fn menu(ui: &mut Ui, prompting: &mut Prompting) -> Option<UserCommand> {
    let mut command = None;
    let config = MenuConfig::new().close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    let menu = MenuButton::new(RichText::new("Styles").small()).config(config).ui(ui, |ui| {
        ui.set_max_width(260.0);
        let room = (ui.ctx().content_rect().height() * 0.45).clamp(120.0, 380.0);
        ScrollArea::vertical().max_height(room).show(ui, |ui| {
            for style in prompting.styles.all() {
                command = entry(ui, style, prompting.is_chosen(&style.name)).or(command.take());
            }
            if prompting.styles.all().is_empty() {
                ui.label(RichText::new("There are no styles.").small());
            }
        });
        ui.separator();
        if ui.add_enabled(!prompting.chosen.is_empty(), Button::new("Use none")).clicked() {
            command = Some(PromptCommand::UseNoStyle.into());
        }
        let help = "Add the styles of a file: styles.csv of AUTOMATIC1111's web UI, or styles.json.";
        if let Some(removed) = &prompting.removed {
            let label = Button::new(format!("Bring “{}” back", removed.name)).truncate();
            if ui.add(label).on_hover_text("Put the style that was removed last back into the list.").clicked() {
                command = Some(PromptCommand::BringStyleBack.into());
            }
        }
        if ui.button("Import styles…").on_hover_text(help).clicked() {
            command = Some(PromptCommand::ChooseStyleFile.into());
            ui.close();
        }
        ui.horizontal(|ui| {
            let label = ui.label(RichText::new("New style").small());
            ui.add(TextEdit::singleline(&mut prompting.new_style).hint_text("Name").desired_width(110.0))
                .labelled_by(label.id);
            let name = prompting.new_style.trim();
            let help = "Keep the prompt and negative prompt under this name. {prompt} in it stands for the prompt it is used with.";
            let save = ui.add_enabled(!name.is_empty(), Button::new("Save")).on_hover_text(help);
            save.widget_info(|| WidgetInfo::labeled(egui::Role::Button, !name.is_empty(), "Save the prompt as a style"));
            if save.clicked() {
                command = Some(PromptCommand::SaveStyle(name.to_owned()).into());
                ui.close();
            }
        });
    });
    menu.0.on_hover_text("Add the words of a style to the prompt when pictures are made.");
    command
}

/// One style of the list: its name, which chooses it or gives it up, and at the right the button that removes it.
fn entry(ui: &mut Ui, style: &Style, is_chosen: bool) -> Option<UserCommand> {
    let mut command = None;
    ui.horizontal(|ui| {
        let bin = ui.spacing().interact_size.y;
        let name = Button::selectable(is_chosen, &style.name).truncate();
        let room = (ui.available_width() - bin - ui.spacing().item_spacing.x).max(0.0);
        let name = ui.allocate_ui_with_layout(egui::vec2(room, bin), Layout::left_to_right(Align::Center), |ui| {
            ui.set_min_width(room);
            ui.add(name)
        });
        if name.inner.on_hover_text(described(style)).clicked() {
            command = Some(PromptCommand::ChooseStyle(style.name.clone(), !is_chosen).into());
        }
        let remove = ui.add(Button::new(RichText::new("×").small()).frame(false)).on_hover_text("Remove from the list");
        remove
            .widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, format!("Remove the style {}", style.name)));
        if remove.clicked() {
            command = Some(PromptCommand::RemoveStyle(style.name.clone()).into());
        }
    });
    command
}

/// The chosen styles as small buttons, as many as there is room for. A click gives one up.
fn chips(ui: &mut Ui, prompting: &Prompting) -> Option<UserCommand> {
    let mut command = None;
    for (at, name) in prompting.chosen.iter().enumerate() {
        let left = prompting.chosen.len() - at;
        if ui.available_width() < CHIP * if left > 1 { 2.0 } else { 1.0 } {
            let others = prompting.chosen.get(at..).unwrap_or_default().join(", ");
            ui.label(RichText::new(format!("+{left}")).small()).on_hover_text(others);
            break;
        }
        let known = prompting.styles.get(name);
        let text = RichText::new(format!("{name} ×")).small().color(theme::ON_ACCENT);
        let chip = Button::new(text).fill(theme::ACCENT).small().truncate();
        let help = known.map_or_else(|| "There is no style of this name any more.".into(), described);
        let chip = ui.add(chip).on_hover_text(format!("{help}\nClick to make pictures without it."));
        chip.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, format!("Without the style {name}")));
        if chip.clicked() {
            command = Some(PromptCommand::ChooseStyle(name.clone(), false).into());
        }
    }
    command
}

/// What a style does.
fn described(style: &Style) -> String {
    let mut text = style.prompt.clone();
    if !style.negative.is_empty() {
        text += &format!("\nNegative prompt: {}", style.negative);
    }
    if !style.settings.is_empty() {
        text += &format!("\nSettings: {}", style.settings.in_words());
    }
    text
}
