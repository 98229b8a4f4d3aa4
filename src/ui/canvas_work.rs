//! Work on a large canvas, which another thread does while the person goes on looking.
//!
//! One piece of work is done at a time. Until it is put in place, everything that uses or changes the canvas waits and is then
//! done in the order in which it was asked for; strokes cannot begin. So each edit is computed on the canvas that it is put
//! on. What happens to a canvas all the same, as another document in its place, makes the result stale: it is dropped, and
//! what waited for it with it.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use egui::Context;

use super::commands::{self, Services};
use super::events;
use super::panels::Status;
use super::state::WindowState;
use super::{
    CanvasCommand, FileCommand, FrameCommand, HistoryCommand, LayerCommand, LayerFileCommand, LiveCommand, MaskCommand,
    RefineCommand, ReshapeCommand, ResultCommand, RoundCommand, SelectCommand, SettingsCommand, UserCommand,
};
use crate::document::{CopiedPixels, EditError, PlannedRound, PreparedRound, SlowEdit};
use crate::jobs::{CanvasReport, CanvasTask, FileReport, JobId, PendingHint, Report, prepared_round};

/// What takes less long is not told, in seconds: the line would flicker.
const NOT_TOLD: f64 = 0.15;

/// What the window does once an edit is made: it gets what [`Document::edit`](crate::document::Document::edit) returns.
type AfterEdit = Box<dyn FnOnce(&mut WindowState, &Services, Result<bool, EditError>)>;

/// What the window does once what is selected is copied; it gets nothing if there was nothing.
type AfterCopy = Box<dyn FnOnce(&mut WindowState, &Services, Option<CopiedPixels>)>;

/// What the window does once a round is prepared.
type AfterRound = Box<dyn FnOnce(&mut WindowState, &Services, PreparedRound)>;

/// What the window does once work is done.
enum After {
    Edit(AfterEdit),
    Copy(AfterCopy),
    Round(AfterRound),
}

/// The work that is being done, and what waits for it.
#[derive(Default)]
pub(super) struct CanvasWork {
    running: Option<Running>,
    waiting: VecDeque<Waiting>,
}

struct Running {
    job: JobId,
    /// What is being done, for the person who waits.
    progress: &'static str,
    /// When that was begun, in seconds.
    since: f64,
    /// What was told before, if it is told.
    told: Option<Status>,
    after: After,
}

enum Waiting {
    Command(UserCommand),
    Report(Box<FileReport>),
    Edit(SlowEdit, AfterEdit),
    Copy(bool, AfterCopy),
}

impl CanvasWork {
    /// Whether the canvas is being worked on.
    pub fn is_busy(&self) -> bool {
        self.running.is_some()
    }

    /// What is being done to the canvas; `None` if nothing is.
    pub fn progress(&self) -> Option<&'static str> {
        self.running.as_ref().map(|running| running.progress)
    }

    /// Another document is shown: what was being done, and what waited, belongs to the previous one.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// Lets a command wait before all others.
    pub fn wait_first(&mut self, command: impl Into<UserCommand>) {
        self.waiting.push_front(Waiting::Command(command.into()));
    }

    /// Lets a report that changes the canvas wait, if there is something to wait for; else it comes back.
    pub fn let_wait(&mut self, report: FileReport) -> Option<FileReport> {
        let changes_canvas = matches!(
            report,
            FileReport::Fitted { .. }
                | FileReport::Reshaped(_)
                | FileReport::LayersOpened(..)
                | FileReport::LayerFitted(..)
        );
        if !self.is_busy() || !changes_canvas {
            return Some(report);
        }
        self.waiting.push_back(Waiting::Report(Box::new(report)));
        None
    }
}

/// Makes an edit: at once, or on another thread if that takes long. Then the window does `after`.
pub(super) fn edit(
    state: &mut WindowState,
    services: &Services,
    edit: SlowEdit,
    after: impl FnOnce(&mut WindowState, &Services, Result<bool, EditError>) + 'static,
) {
    if state.work.is_busy() {
        state.work.waiting.push_back(Waiting::Edit(edit, Box::new(after)));
    } else if edit.is_slow_on(&state.document) {
        let planned = Box::new(state.document.plan_edit(edit));
        let progress = planned.progress();
        let job = begin(state, services, progress, After::Edit(Box::new(after)));
        services.jobs.canvas(CanvasTask::Edit(job, planned));
    } else {
        let outcome = state.document.edit(edit);
        after(state, services, outcome);
    }
}

/// Copies what is selected, of the picture that all layers give or of the current layer: at once, or on another thread if
/// that takes long. Then the window does `after`.
pub(super) fn copy(
    state: &mut WindowState,
    services: &Services,
    merged: bool,
    after: impl FnOnce(&mut WindowState, &Services, Option<CopiedPixels>) + 'static,
) {
    if state.work.is_busy() {
        state.work.waiting.push_back(Waiting::Copy(merged, Box::new(after)));
        return;
    }
    let planned = state.document.plan_copy(merged);
    if state.document.is_large() {
        let job = begin(state, services, "Copying…", After::Copy(Box::new(after)));
        services.jobs.canvas(CanvasTask::Copy(job, planned));
    } else {
        after(state, services, planned.run());
    }
}

/// Prepares a round: at once, or on another thread if that takes long. Then the window does `after`. The canvas must not be
/// busy.
pub(super) fn prepare_round(
    state: &mut WindowState,
    services: &Services,
    (planned, hints): (PlannedRound, Vec<PendingHint>),
    after: impl FnOnce(&mut WindowState, &Services, PreparedRound) + 'static,
) {
    if state.document.is_large() {
        let job = begin(state, services, "Preparing the round…", After::Round(Box::new(after)));
        services.jobs.canvas(CanvasTask::Round(job, planned, hints));
    } else {
        after(state, services, prepared_round(planned, hints));
    }
}

/// Notes that work begins.
fn begin(state: &mut WindowState, services: &Services, progress: &'static str, after: After) -> JobId {
    let (job, since) = (services.jobs.next_id(), services.ctx.input(|input| input.time));
    state.work.running = Some(Running { job, progress, since, told: None, after });
    job
}

/// Says why an edit was refused, if it was.
pub(super) fn tell_refusal(state: &mut WindowState, _services: &Services, outcome: Result<bool, EditError>) {
    if let Err(error) = outcome {
        state.status.fail(error.to_string());
    }
}

/// Returns a command that can be executed now. One that has to wait is executed later.
pub(super) fn admit(state: &mut WindowState, services: &Services, command: UserCommand) -> Option<UserCommand> {
    if !uses_canvas(&command) {
        return Some(command);
    }
    if !state.work.is_busy() {
        let puts_down = state.document.is_transforming() && state.document.is_large() && !goes_on_lifting(&command);
        if !puts_down {
            return Some(command);
        }
        // Everything else puts down what is lifted before it begins.
        edit(state, services, SlowEdit::EndTransform, tell_refusal);
    }
    let waiting = &mut state.work.waiting;
    if let Some(Waiting::Command(last)) = waiting.back_mut()
        && replaces(&command, last)
    {
        *last = command;
    } else {
        waiting.push_back(Waiting::Command(command));
    }
    None
}

/// Applies what came of the work on a canvas.
pub(super) fn apply(state: &mut WindowState, services: &Services, report: CanvasReport) {
    let (CanvasReport::Edited(job, _)
    | CanvasReport::Copied(job, _)
    | CanvasReport::Prepared(job, _)
    | CanvasReport::Failed(job)) = report;
    // Late work of another document is dropped.
    let Some(running) = state.work.running.take_if(|running| running.job == job) else { return };
    if let Some(told) = running.told
        && state.status.text() == running.progress
    {
        state.status = told;
    }
    match (report, running.after) {
        (CanvasReport::Edited(_, computed), After::Edit(after)) => match state.document.put_edit(*computed) {
            Some(outcome) => after(state, services, outcome),
            None => {
                state.work.waiting.clear();
                state.status.fail("The canvas was changed meanwhile, so nothing was done to it. Please try once more.");
            }
        },
        (CanvasReport::Copied(_, copied), After::Copy(after)) => after(state, services, copied),
        (CanvasReport::Prepared(_, prepared), After::Round(after)) => after(state, services, *prepared),
        // That the thread has failed is told by another report.
        _ => state.work.waiting.clear(),
    }
    go_on(state, services);
}

/// Does what waited, up to the next work that takes long.
fn go_on(state: &mut WindowState, services: &Services) {
    while !state.work.is_busy()
        && let Some(waiting) = state.work.waiting.pop_front()
    {
        match waiting {
            Waiting::Command(command) => commands::perform(state, services, command),
            Waiting::Report(report) => events::apply_canvas(state, services, *report),
            Waiting::Edit(edit, after) => self::edit(state, services, edit, after),
            Waiting::Copy(merged, after) => copy(state, services, merged, after),
        }
    }
}

/// Tells what is being done if that takes a while. Runs once a frame.
pub(super) fn update(state: &mut WindowState, ctx: &Context) {
    let Some(running) = &mut state.work.running else { return };
    let took = ctx.input(|input| input.time) - running.since;
    if running.told.is_some() {
        return;
    }
    if took < NOT_TOLD {
        ctx.request_repaint_after_secs((NOT_TOLD - took) as f32);
        return;
    }
    running.told = Some(state.status.clone());
    state.status.say(running.progress);
}

/// Waits until all work is done, for at most `patience`: the window closes.
pub(super) fn finish(
    state: &mut WindowState,
    services: &Services,
    patience: Duration,
    mut other: impl FnMut(&mut WindowState, Report),
) {
    let begun = Instant::now();
    while state.work.is_busy() {
        let Some(left) = patience.checked_sub(begun.elapsed()) else {
            tracing::error!("an edit of the canvas was not done in time");
            return;
        };
        match services.jobs.wait(left) {
            Some(Report::Canvas(report)) => apply(state, services, report),
            Some(report) => other(state, report),
            None => {}
        }
    }
}

/// Whether a command uses or changes the pixels, layers or marks of the canvas.
fn uses_canvas(command: &UserCommand) -> bool {
    match command {
        UserCommand::Canvas(command) => !matches!(
            command,
            CanvasCommand::UseTool(_)
                | CanvasCommand::SmallerBrush
                | CanvasCommand::LargerBrush
                | CanvasCommand::Place(_)
        ),
        UserCommand::Layers(command) => !matches!(
            command,
            LayerCommand::Explain(_) | LayerCommand::Fold(_) | LayerCommand::AskForName | LayerCommand::KeepName
        ),
        UserCommand::Select(command) => !matches!(
            command,
            SelectCommand::UseShape(_)
                | SelectCommand::UseDrawn(_)
                | SelectCommand::Explain(_)
                | SelectCommand::ExplainNoResult
                | SelectCommand::ShowObjectModel
        ),
        UserCommand::Mask(command) => *command != MaskCommand::ToggleShown,
        UserCommand::Frame(command) => *command != FrameCommand::Tell,
        UserCommand::Reshape(command) => {
            matches!(command, ReshapeCommand::Reshape(_) | ReshapeCommand::CropToSelection)
        }
        UserCommand::Result(command) => {
            matches!(command, ResultCommand::PaintOver(..) | ResultCommand::AddAsLayer(..))
        }
        UserCommand::History(command) => matches!(
            command,
            HistoryCommand::GoBack(_)
                | HistoryCommand::GoBackToShown
                | HistoryCommand::DeleteResult(..)
                | HistoryCommand::DeleteShownResult
                | HistoryCommand::DeleteRound(_)
                | HistoryCommand::DeleteShownRound
        ),
        UserCommand::Round(command) => *command == RoundCommand::Generate,
        UserCommand::Refine(command) => matches!(
            command,
            RefineCommand::StrengthLadder
                | RefineCommand::MakeSheet(_)
                | RefineCommand::Vary(..)
                | RefineCommand::VaryShown
                | RefineCommand::Upscale(..)
        ),
        UserCommand::Live(command) => matches!(command, LiveCommand::Keep | LiveCommand::PaintOver),
        UserCommand::File(command) => {
            matches!(command, FileCommand::SaveCanvas(_) | FileCommand::PastePicture(_) | FileCommand::PasteText(_))
        }
        UserCommand::LayerFile(command) => {
            !matches!(command, LayerFileCommand::ChooseSave | LayerFileCommand::ChooseAdd)
        }
        UserCommand::Settings(command) => matches!(command, SettingsCommand::UseOfferedRound),
        UserCommand::Document(_) => true,
        _ => false,
    }
}

/// Whether a command leaves lifted pixels lifted, or decides itself what becomes of them.
fn goes_on_lifting(command: &UserCommand) -> bool {
    match command {
        UserCommand::Canvas(command) => matches!(
            command,
            CanvasCommand::Undo | CanvasCommand::AbandonStroke | CanvasCommand::GoToStep(_) | CanvasCommand::Edit(_)
        ),
        UserCommand::Select(command) => matches!(
            command,
            SelectCommand::BeginTransform
                | SelectCommand::Place(_)
                | SelectCommand::Nudge(..)
                | SelectCommand::Apply
                | SelectCommand::Leave
                | SelectCommand::UseShownResult
        ),
        UserCommand::Layers(command) => matches!(command, LayerCommand::Paste),
        _ => false,
    }
}

/// Whether a command that comes right after another one makes that useless: both set the same thing, as a slider does.
fn replaces(command: &UserCommand, last: &UserCommand) -> bool {
    use CanvasCommand::Edit;
    use LayerCommand::{SetOpacity, SetPaper};
    use UserCommand::{Canvas, Layers, Select};
    match (command, last) {
        (Layers(SetOpacity(one, _)), Layers(SetOpacity(other, _))) => one == other,
        (Layers(SetPaper(_)), Layers(SetPaper(_))) => true,
        (Select(SelectCommand::Place(_)), Select(SelectCommand::Place(_))) => true,
        (Canvas(Edit(one)), Canvas(Edit(other))) => {
            matches!((&**one, &**other), (SlowEdit::Place(..), SlowEdit::Place(..)))
        }
        _ => false,
    }
}
