//! What the window tells or asks without stopping the work. `notice_stack.rs` lays these notices over the canvas.

use egui::{Button, Margin, RichText};

use crate::engine::Settings;
use crate::ui::placement::{cut_off, edges};
use crate::ui::state::WindowState;
use crate::ui::{
    CanvasCommand, DocumentCommand, FetchCommand, FileCommand, LayerFileCommand, OpenPlacement, SettingsCommand,
    UserCommand, ViewCommand, canvas_size as sizes, keymap, models, queue, theme,
};

/// What the window tells or asks without stopping the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The document could not be written.
    NotCommitted,
    /// An error that is too long for the line at the bottom.
    Error,
    /// The document gets another name.
    Name,
    /// A file exists already.
    Replace,
    /// Results could not be written.
    Unsaved,
    /// The queue does not go on by itself.
    Queue,
    /// Downloads were not finished last time.
    Downloads,
    /// What the starter is.
    Starter,
    /// How the opened picture lies on the canvas.
    Placement,
    /// The results will have another size than the canvas.
    Size,
}

impl Notice {
    /// All, the most urgent first.
    const ALL: [Self; 10] = [
        Self::NotCommitted,
        Self::Error,
        Self::Name,
        Self::Replace,
        Self::Unsaved,
        Self::Queue,
        Self::Downloads,
        Self::Starter,
        Self::Placement,
        Self::Size,
    ];

    /// What dismisses it; `None` where work would be lost unseen.
    pub(in crate::ui) fn dismissal(self) -> Option<UserCommand> {
        Some(match self {
            Self::NotCommitted => return None,
            Self::Name => DocumentCommand::KeepName.into(),
            Self::Replace => ViewCommand::KeepFile.into(),
            Self::Unsaved => ViewCommand::DismissUnsaved.into(),
            Self::Starter => FetchCommand::DismissStarterLine.into(),
            Self::Error | Self::Queue | Self::Downloads | Self::Placement | Self::Size => {
                ViewCommand::Dismiss(self).into()
            }
        })
    }
}

/// What there is to tell, whether it was dismissed or not, the most urgent first. With each goes what it is about: a
/// notice about something else is another one.
pub(in crate::ui) fn all(state: &WindowState) -> Vec<(Notice, String)> {
    Notice::ALL.into_iter().filter_map(|notice| Some((notice, about(state, notice)?))).collect()
}

/// What a notice is about; `None` if there is nothing to tell.
fn about(state: &WindowState, notice: Notice) -> Option<String> {
    let nothing = String::new;
    match notice {
        Notice::NotCommitted => state.shown.not_committed.as_ref().map(|_| nothing()),
        Notice::Error => state.status.is_hidden_error(state.layout.is_canvas_only).then(nothing),
        Notice::Name => state.naming.as_ref().map(|_| nothing()),
        Notice::Replace => state.replacing.as_ref().map(|_| nothing()),
        Notice::Unsaved => state.unsaved.as_ref().map(|_| nothing()),
        Notice::Queue => queue::bar::question(state),
        Notice::Downloads => models::kept_question::question(state),
        Notice::Starter => models::starter_hint::is_shown(state).then(nothing),
        Notice::Placement => {
            let placed = state.placed.as_ref().filter(|_| placed(state))?;
            Some(format!("{} {:?}", placed.name, placed.size()))
        }
        Notice::Size if placed(state) => None,
        Notice::Size => sizes::differs(state).map(|(canvas, results)| format!("{canvas:?} {results:?}")),
    }
}

/// Shows one notice: a sentence with buttons.
pub(in crate::ui) fn ui(ui: &mut egui::Ui, state: &mut WindowState, notice: Notice) -> Option<UserCommand> {
    let mut command = None;
    match notice {
        Notice::NotCommitted => return not_committed(ui, state),
        Notice::Error => {
            let text = RichText::new(state.status.text()).color(theme::colors(ui).error);
            bar(ui, text, |ui| command = dismiss(ui, "Dismiss", notice));
        }
        Notice::Queue => {
            let sentence = queue::bar::question(state)?;
            bar(ui, RichText::new(sentence), |ui| {
                command = queue::bar::buttons(ui, state);
                command = dismiss(ui, "Dismiss the question about the queue", notice).or(command.take());
            });
        }
        Notice::Downloads => {
            let sentence = models::kept_question::question(state)?;
            bar(ui, RichText::new(sentence), |ui| {
                command = models::kept_question::buttons(ui);
                command = dismiss(ui, "Dismiss the question about the downloads", notice).or(command.take());
            });
        }
        Notice::Name => {
            let name = state.naming.as_mut()?;
            bar(ui, RichText::default(), |ui| command = name.ui(ui));
        }
        Notice::Replace => return replace_file(ui, state),
        Notice::Unsaved => return unsaved_results(ui, state),
        Notice::Starter => {
            let sentence = RichText::new(models::starter_hint::SENTENCE);
            bar(ui, sentence, |ui| command = models::starter_hint::buttons(ui));
        }
        Notice::Placement => return placement(ui, state),
        Notice::Size => return size(ui, state),
    }
    command
}

/// The button that dismisses a notice, with the name that screen readers get.
fn dismiss(ui: &mut egui::Ui, name: &str, notice: Notice) -> Option<UserCommand> {
    let help = keymap::tooltip(ui.ctx(), "Do not show this now.", ViewCommand::DismissNotice);
    let button = ui.button("Dismiss").on_hover_text(help);
    button.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, name));
    if button.clicked() { notice.dismissal() } else { None }
}

/// One bar: a sentence followed by buttons. The sentence is read out when it appears.
fn bar(ui: &mut egui::Ui, text: RichText, buttons: impl FnOnce(&mut egui::Ui)) {
    let line = egui::Stroke::new(1.0, theme::colors(ui).strong_line);
    theme::card(ui).inner_margin(Margin::symmetric(10, 5)).stroke(line).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal_wrapped(|ui| {
            let told = ui.label(text);
            ui.ctx().accesskit_node_builder(told.id, |node| node.set_live(egui::accesskit::Live::Polite));
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
        if ui.button("Add as layer").on_hover_text(help).clicked() {
            as_layer = Some(LayerFileCommand::AddPlaced.into());
        }
        let name = "Dismiss the question about the picture";
        as_layer = dismiss(ui, name, Notice::Placement).or(as_layer.take());
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
        command = dismiss(ui, "Dismiss the question about the size", Notice::Size).or(command.take());
    });
    command
}
