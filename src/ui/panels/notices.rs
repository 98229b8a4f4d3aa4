//! The bars above the canvas that ask a question without stopping the work.

use egui::{Button, Margin, RichText};

use crate::engine::Settings;
use crate::ui::placement::{cut_off, edges};
use crate::ui::state::WindowState;
use crate::ui::{
    CanvasCommand, DocumentCommand, FileCommand, LayerFileCommand, OpenPlacement, SettingsCommand, UserCommand,
    ViewCommand, canvas_size as sizes, models, queue, theme,
};

/// Whether there is anything to show.
pub(in crate::ui) fn any(state: &WindowState) -> bool {
    state.shown.not_committed.is_some()
        || queue::bar::question(state).is_some()
        || state.naming.is_some()
        || state.replacing.is_some()
        || state.unsaved.is_some()
        || models::starter_hint::is_shown(state)
        || placed(state)
        || sizes::differs(state).is_some()
}

/// Shows the bars.
pub(in crate::ui) fn ui(ui: &mut egui::Ui, state: &mut WindowState) -> Option<UserCommand> {
    let mut command = None;
    ui.spacing_mut().item_spacing.y = 4.0;
    command = not_committed(ui, state).or(command);
    if let Some(sentence) = queue::bar::question(state) {
        bar(ui, RichText::new(sentence), |ui| command = queue::bar::buttons(ui, state).or(command.take()));
    }
    if let Some(name) = &mut state.naming {
        bar(ui, RichText::default(), |ui| command = name.ui(ui).or(command.take()));
    }
    if let Some(question) = replace_file(ui, state) {
        command = Some(question);
    }
    if let Some(question) = unsaved_results(ui, state) {
        command = Some(question);
    }
    if models::starter_hint::is_shown(state) {
        let buttons = |ui: &mut egui::Ui| command = models::starter_hint::buttons(ui).or(command.take());
        bar(ui, RichText::new(models::starter_hint::SENTENCE), buttons);
    }
    if placed(state) {
        command = placement(ui, state).or(command);
    } else if sizes::differs(state).is_some() {
        command = size(ui, state).or(command);
    }
    command
}

/// One bar: a sentence followed by buttons.
fn bar(ui: &mut egui::Ui, text: RichText, buttons: impl FnOnce(&mut egui::Ui)) {
    theme::card(ui).inner_margin(Margin::symmetric(10, 5)).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal_wrapped(|ui| {
            ui.label(text);
            buttons(ui);
        });
    });
}

/// Tells that the document could not be written, and offers another file.
fn not_committed(ui: &mut egui::Ui, state: &WindowState) -> Option<UserCommand> {
    let reason = state.shown.not_committed.as_ref()?;
    let mut command = None;
    let text = format!("{reason} Your latest work is only in this window; it is tried again.");
    let text = RichText::new(text).color(theme::colors(ui).error);
    bar(ui, text, |ui| {
        if ui.button("Save the document elsewhere…").clicked() {
            command = Some(DocumentCommand::ChooseSaveAs.into());
        }
    });
    command
}

/// Asks whether an existing file may be replaced.
fn replace_file(ui: &mut egui::Ui, state: &WindowState) -> Option<UserCommand> {
    let question = state.replacing.as_ref()?;
    let mut command = None;
    let name = question.path.file_name().unwrap_or(question.path.as_os_str()).to_string_lossy();
    bar(ui, RichText::new(format!("{name} exists already.")), |ui| {
        for (label, answer) in [
            ("Replace it", ViewCommand::ReplaceFile),
            ("Choose another name…", ViewCommand::ChooseOtherName),
            ("Cancel", ViewCommand::KeepFile),
        ] {
            if ui.button(label).clicked() {
                command = Some(answer.into());
            }
        }
    });
    command
}

/// Tells that results could not be written, and offers another folder.
fn unsaved_results(ui: &mut egui::Ui, state: &WindowState) -> Option<UserCommand> {
    let unsaved = state.unsaved.as_ref()?;
    let mut command = None;
    let count = match unsaved.results.len() {
        1 => "1 result is".to_owned(),
        many => format!("{many} results are"),
    };
    let text = format!("{} {count} not saved and only in this window.", unsaved.reason);
    let text = RichText::new(text).color(theme::colors(ui).error);
    bar(ui, text, |ui| {
        let help = "Save them there, and all later results too.";
        if ui.button("Save in another folder…").on_hover_text(help).clicked() {
            command = Some(FileCommand::ChooseResultsFolder.into());
        }
        if ui.button("Try again").clicked() {
            command = Some(FileCommand::UseResultsFolder(state.results_folder.clone()).into());
        }
        if ui.button("Dismiss").clicked() {
            command = Some(ViewCommand::DismissUnsaved.into());
        }
    });
    command
}

/// Whether the picture placed last lies untouched on a canvas of another size than its own.
fn placed(state: &WindowState) -> bool {
    let canvas = state.document.canvas();
    state.placed.as_ref().is_some_and(|placed| {
        placed.is_untouched(&state.document)
            && (placed.size() != (canvas.width(), canvas.height()) || placed.size() != placed.frame)
    })
}

/// Offers the ways in which the placed picture can lie on the canvas.
fn placement(ui: &mut egui::Ui, state: &WindowState) -> Option<UserCommand> {
    let placed = state.placed.as_ref()?;
    let (width, height) = placed.size();
    let own = placed.own_canvas();
    let (mut command, mut as_layer) = (None, None);
    let mut choice = |ui: &mut egui::Ui, label: &str, help: &str, way: OpenPlacement| {
        let button = Button::new(label).selected(placed.placement == way);
        if ui.add(button).on_hover_text(help).clicked() && placed.placement != way {
            command = Some(CanvasCommand::Place(way).into());
        }
    };
    bar(ui, RichText::new(format!("{} has {width} × {height} pixels.", placed.name)), |ui| {
        let cut = cut_off(placed.size(), placed.frame);
        if cut == (0, 0) {
            let label = format!("Scale to {} × {}", placed.frame.0, placed.frame.1);
            choice(ui, &label, "The picture is scaled to the size of the canvas.", OpenPlacement::Fit);
        } else {
            choice(
                ui,
                "Fit into the canvas",
                "The whole picture shows. Paper fills the rest of the canvas.",
                OpenPlacement::Fit,
            );
            choice(
                ui,
                "Fill the canvas",
                &format!("The canvas is filled without {}.", edges(cut)),
                OpenPlacement::Fill,
            );
        }
        if own != placed.frame {
            let mut help = "The canvas, and the results, take the picture's size.".to_owned();
            let cut = cut_off(placed.size(), own);
            if cut != (0, 0) {
                help += &format!(" Sides are multiples of {}, so this leaves out {}.", Settings::SIDE_STEP, edges(cut));
            }
            choice(ui, &format!("Resize the canvas to {} × {}", own.0, own.1), &help, OpenPlacement::ResizeCanvas);
        }
        let help = "The old canvas stays, and the picture becomes a layer above the current one.";
        if placed.is_from_outside() && ui.button("Add as layer").on_hover_text(help).clicked() {
            as_layer = Some(LayerFileCommand::AddPlaced.into());
        }
    });
    as_layer.or(command)
}

/// Asks what to do when the results would have another size than the canvas.
fn size(ui: &mut egui::Ui, state: &WindowState) -> Option<UserCommand> {
    let (canvas, results) = sizes::differs(state)?;
    let mut command = None;
    let text = format!(
        "The canvas has {} × {} pixels, the results will have {} × {}.",
        canvas.0, canvas.1, results.0, results.1
    );
    bar(ui, RichText::new(text), |ui| {
        let cut = cut_off(canvas, results);
        if cut == (0, 0) {
            let help = "Scale the canvas to the size of the results.";
            if ui.button("Scale the canvas").on_hover_text(help).clicked() {
                command = Some(CanvasCommand::ResizeToResults(OpenPlacement::Fit).into());
            }
        } else {
            let help = "Resize the canvas. All of it shows, and paper fills the rest.";
            if ui.button("Fit the canvas in").on_hover_text(help).clicked() {
                command = Some(CanvasCommand::ResizeToResults(OpenPlacement::Fit).into());
            }
            let help = format!("Resize the canvas. It is filled without {}.", edges(cut));
            if ui.button("Fill with the canvas").on_hover_text(help).clicked() {
                command = Some(CanvasCommand::ResizeToResults(OpenPlacement::Fill).into());
            }
        }
        if ui.button("Make results as large as the canvas").clicked() {
            command = Some(SettingsCommand::UseCanvasSize.into());
        }
    });
    command
}
