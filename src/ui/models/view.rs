//! The window of models.

use egui::{Context, Id, Modal, RichText, ScrollArea, TextEdit, Ui};

use super::panel::{ModelPanel, ModelSection};
use super::rows::{RowsKey, rows};
use super::{fetch_foot, folders, licence_question, row_view};
use crate::ui::state::WindowState;
use crate::ui::{FetchCommand, ModelCommand, ModelPanelCommand, UserCommand, theme};

/// Shows the window while it is open. Escape, a click beside it and its button close it.
pub(in crate::ui) fn show(ctx: &Context, state: &mut WindowState) -> Option<UserCommand> {
    if !state.models.is_open {
        return None;
    }
    let key = RowsKey::of(state);
    if state.models.rows.as_ref().is_none_or(|(known, _)| *known != key) {
        let rows = rows(state, &key);
        state.models.rows = Some((key, rows));
    }
    let screen = ctx.content_rect().size();
    let panel = &mut state.models;
    let shown = Modal::new(Id::unique("models")).show(ctx, |ui| {
        ui.set_width((screen.x - 60.0).clamp(300.0, 980.0));
        let mut command = heading(ui, panel);
        let height = (screen.y - 200.0).max(120.0);
        command = match panel.section {
            ModelSection::Folders => folders::ui(ui, panel, height),
            ModelSection::Downloads => list(ui, panel, height),
            ModelSection::Here => list(ui, panel, height),
            ModelSection::Catalogue => {
                let pressed = list(ui, panel, (height - fetch_foot::HEIGHT).max(80.0));
                ui.add_space(4.0);
                fetch_foot::ui(ui, &mut panel.fetches).or(pressed)
            }
        }
        .or(command);
        ui.add_space(4.0);
        command = footer(ui, panel).or(command);
        command
    });
    let answer = licence_question::show(ctx, &mut state.models);
    let command = if shown.should_close() { Some(ModelPanelCommand::Close.into()) } else { shown.inner };
    answer.or(command)
}

/// The title, the sections and the filter.
fn heading(ui: &mut Ui, panel: &mut ModelPanel) -> Option<UserCommand> {
    let mut command = None;
    ui.horizontal_wrapped(|ui| {
        theme::section(ui, "Models");
        ui.add_space(8.0);
        let downloads = match panel.fetches.queue.list().len() {
            0 => "Downloads".to_owned(),
            count => format!("Downloads ({count})"),
        };
        for (section, name) in [
            (ModelSection::Here, "On this machine"),
            (ModelSection::Catalogue, "Catalogue"),
            (ModelSection::Downloads, downloads.as_str()),
            (ModelSection::Folders, "Folders"),
        ] {
            if ui.selectable_label(panel.section == section, name).clicked() {
                command = Some(ModelPanelCommand::Show(section).into());
            }
        }
    });
    if panel.section.has_filter() {
        ui.horizontal(|ui| {
            let label = ui.label("Filter");
            let field = TextEdit::singleline(&mut panel.filter).desired_width(f32::INFINITY).char_limit(200);
            let field = field.hint_text("name, kind, hash, trigger word");
            let field = ui.add(field).labelled_by(label.id);
            if std::mem::take(&mut panel.focuses_filter) {
                field.request_focus();
            }
        });
    }
    command
}

/// The rows; only those in view are laid out.
fn list(ui: &mut Ui, panel: &mut ModelPanel, height: f32) -> Option<UserCommand> {
    let Some((_, rows)) = &panel.rows else { return None };
    if rows.is_empty() {
        of_height(ui, height, |ui| {
            let text = match panel.section {
                ModelSection::Downloads => "Nothing is being fetched. The catalogue has what is worth fetching.",
                _ => "No model matches the filter.",
            };
            ui.label(RichText::new(text).weak());
        });
        return None;
    }
    let mut command = None;
    of_height(ui, height, |ui| {
        let area = ScrollArea::vertical().id_salt(("models", panel.section as u8)).auto_shrink(false);
        area.show_rows(ui, row_view::HEIGHT, rows.len(), |ui, range| {
            for (place, row) in rows.iter().enumerate().skip(range.start).take(range.len()) {
                let pressed = ui.push_id(place, |ui| row_view::ui(ui, row, &mut panel.previews)).inner;
                command = pressed.or(command.take());
            }
        });
    });
    command
}

/// Takes this height at once. A window that grows with its content would move under the pointer while it opens.
pub(super) fn of_height(ui: &mut Ui, height: f32, content: impl FnOnce(&mut Ui)) {
    ui.scope(|ui| {
        ui.set_height(height);
        content(ui);
    });
}

/// What goes on, and the buttons below the list.
fn footer(ui: &mut Ui, panel: &ModelPanel) -> Option<UserCommand> {
    let mut command = None;
    ui.horizontal_wrapped(|ui| {
        if ui.button("Close").clicked() {
            command = Some(ModelPanelCommand::Close.into());
        }
        if panel.section == ModelSection::Downloads {
            command = all_downloads(ui, panel).or(command.take());
            return;
        }
        let help = "Look through all folders again. Files that did not change are not read again.";
        if ui.button("Search again").on_hover_text(help).clicked() {
            command = Some(ModelPanelCommand::Search.into());
        }
        for (name, help, wanted) in [
            ("Choose a file…", "Choose a checkpoint that is in none of the folders.", ModelCommand::ChooseFile),
            ("Choose a folder…", "Choose a model folder in the diffusers layout.", ModelCommand::ChooseFolder),
        ] {
            if ui.button(name).on_hover_text(help).clicked() {
                command = Some(wanted.into());
            }
        }
        ui.label(RichText::new(progress(panel)).small().weak());
    });
    command
}

/// The buttons for everything that is being fetched.
fn all_downloads(ui: &mut Ui, panel: &ModelPanel) -> Option<UserCommand> {
    let list = panel.fetches.queue.list();
    let wanted = || list.iter().filter(|fetch| fetch.is_wanted());
    let mut command = None;
    for (name, help, enabled, wanted) in [
        ("Pause all", "Fetch nothing for now.", wanted().any(|fetch| !fetch.is_paused), FetchCommand::PauseAll),
        ("Resume all", "Go on with everything.", wanted().any(|fetch| fetch.is_paused), FetchCommand::ResumeAll),
        (
            "Cancel all",
            "Fetch nothing of this. What is here is kept for the next time.",
            !list.is_empty(),
            FetchCommand::CancelAll,
        ),
    ] {
        if ui.add_enabled(enabled, egui::Button::new(name)).on_hover_text(help).clicked() {
            command = Some(wanted.into());
        }
    }
    let text = "One is fetched after the other. After the next launch they wait until you go on.";
    ui.label(RichText::new(text).small().weak());
    command
}

/// What the thread that finds models is doing, or what it found.
fn progress(panel: &ModelPanel) -> String {
    if let Some(count) = panel.searching {
        return format!("Searching: {count} found so far");
    }
    if let Some((path, done)) = &panel.hashing {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        return format!("Computing the hash of {name}: {} MB", done / 1_000_000);
    }
    let found = match panel.found().len() {
        1 => "1 file found".to_owned(),
        count => format!("{count} files found"),
    };
    match panel.troubles().len() {
        0 => found,
        1 => format!("{found}; 1 problem, see Folders"),
        count => format!("{found}; {count} problems, see Folders"),
    }
}
