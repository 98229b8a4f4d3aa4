//! The question how a result is made larger.

use egui::{Button, ComboBox, Context, DragValue, Id, Modal, RichText, Slider, Ui};

use crate::document::ResultId;
use crate::engine::{Estimate, ModelChoice, RoundFiles, SecondPass, Settings, Upscaler};
use crate::models::FoundKind;
use crate::ui::estimate::RoundEstimate;
use crate::ui::state::WindowState;
use crate::ui::{RefineCommand, UserCommand, theme};

const STRENGTH_HELP: &str = "How much of each tile is made again: about 0.2 sharpens, from 0.4 on other things appear.";
const TILE_HELP: &str = "Width and height of the tiles. The size that the model was trained in is best.";
const OVERLAP_HELP: &str = "Pixels in which neighbouring tiles fade into each other.";
const FOLLOWS_HELP: &str = "Each tile follows its part of what the result followed (Follow my lines), with the same ControlNets. It takes longer.";
const UPSCALER_HELP: &str = "How the picture is enlarged first. Networks (ESRGAN, Real-ESRGAN) are listed where the window of models finds them.";

/// How a result is made larger, as it is chosen in the window.
#[derive(Clone, Debug, PartialEq)]
pub struct SecondPassChoice {
    /// Scale, overlap and upscaler.
    pub pass: SecondPass,
    /// Width and height of a tile in pixels.
    pub tile: usize,
    /// The denoising strength, `0.0..=1.0`.
    pub strength: f64,
    /// Whether each tile follows its part of what the controls of the result's round followed.
    pub follows: bool,
}

impl SecondPassChoice {
    /// The settings of a second pass over a result that was made with these settings and this seed.
    pub fn settings_over(&self, made: &Settings, seed: u64) -> Settings {
        Settings {
            second_pass: Some(self.pass.clone()),
            width: self.tile,
            height: self.tile,
            strength: self.strength,
            seed: seed as i64,
            batch: 1,
            // The whole picture is worked over.
            keep_unpainted: false,
            inpaint: None,
            controls: if self.follows { made.controls.clone() } else { Vec::new() },
            ..made.clone()
        }
    }
}

/// The question, and what was chosen last.
#[derive(Default)]
pub(in crate::ui) struct UpscaleDialog {
    /// The result that is to be made larger and its size, while the question is on show.
    of: Option<(ResultId, (u32, u32))>,
    choice: SecondPassChoice,
    /// What it takes, and what that was estimated for and from.
    estimate: Option<((SecondPassChoice, u64, RoundFiles), Option<Estimate>)>,
}

impl Default for SecondPassChoice {
    fn default() -> Self {
        Self { pass: SecondPass::default(), tile: SecondPass::TILE, strength: SecondPass::STRENGTH, follows: true }
    }
}

impl UpscaleDialog {
    /// Asks how this result of this size, which was made with these settings, is made larger.
    pub fn ask(&mut self, id: ResultId, size: (u32, u32), made: &Settings) {
        let side = made.width.max(made.height);
        self.choice.tile = Settings::nearest_side(side.min(768));
        self.choice.pass.overlap = self.choice.pass.overlap.min(self.choice.tile / 2);
        (self.of, self.estimate) = (Some((id, size)), None);
    }

    /// Another document is shown.
    pub fn close(&mut self) {
        self.of = None;
    }
}

/// The files that the round would use that is asked about; none while the question is not on show.
pub(in crate::ui) fn files(state: &WindowState) -> RoundFiles {
    let dialog = &state.refine.upscale;
    let result = dialog.of.and_then(|(id, _)| state.document.rounds().result(id));
    let settings = result.map(|result| dialog.choice.settings_over(&result.recipe.settings, result.recipe.seed));
    settings.as_ref().map(RoundFiles::of).unwrap_or_default()
}

/// Shows the question while it is open. Escape, a click beside it and its button close it.
pub(in crate::ui) fn show(ctx: &Context, state: &mut WindowState) -> Option<UserCommand> {
    let (id, size) = state.refine.upscale.of?;
    let Some(result) = state.document.rounds().result(id) else {
        state.refine.upscale.close();
        return None;
    };
    let made = (result.recipe.settings.clone(), result.recipe.seed);
    let upscalers: Vec<Upscaler> = [Upscaler::Lanczos, Upscaler::Nearest]
        .into_iter()
        .chain(
            state
                .models
                .found()
                .iter()
                .filter(|model| model.kind == FoundKind::Upscaler && model.usable)
                .map(|model| Upscaler::File(model.path.clone())),
        )
        .collect();
    let (dialog, estimator, model) = (&mut state.refine.upscale, &state.estimate, &state.model.chosen.choice);
    let mut command = None;
    let shown = Modal::new(Id::unique("upscale")).show(ctx, |ui| {
        ui.set_width((ctx.content_rect().width() - 80.0).min(420.0));
        theme::section(ui, "Upscale");
        ui.label("The result is enlarged, then worked over in tiles. It becomes a result of its own.");
        choices(ui, &mut dialog.choice, &upscalers);
        if !made.0.controls.is_empty() {
            ui.checkbox(&mut dialog.choice.follows, "Follow the same lines").on_hover_text(FOLLOWS_HELP);
        }
        let settings = dialog.choice.settings_over(&made.0, made.1);
        let trouble = dialog.trouble(&settings, size);
        match &trouble {
            Some(trouble) => {
                ui.label(RichText::new(trouble).color(theme::colors(ui).error));
            }
            None => {
                let (width, height) = dialog.choice.pass.result_size(size);
                let tiles = dialog.choice.pass.grid(&settings, size).len();
                let tiles = if tiles == 1 { "1 tile".to_owned() } else { format!("{tiles} tiles") };
                let takes = dialog.estimated(estimator, model, &settings, size);
                let takes = takes.map(|takes| format!(", {}", takes.summary())).unwrap_or_default();
                ui.label(format!("{width} × {height} pixels, {tiles}{takes}"));
                if let Some(obstacle) = dialog.obstacle() {
                    ui.label(RichText::new(obstacle).color(theme::colors(ui).error));
                }
            }
        }
        ui.horizontal(|ui| {
            let make = Button::new(RichText::new("Upscale").color(theme::ON_ACCENT)).fill(theme::ACCENT);
            let make = ui.add_enabled(trouble.is_none(), make);
            if make.on_disabled_hover_text("The values cannot be used as they are.").clicked() {
                command = Some(RefineCommand::Upscale(id.round, id.image, Box::new(dialog.choice.clone())).into());
            }
            ui.button("Close").clicked()
        })
        .inner
    });
    if shown.inner || shown.should_close() || command.is_some() {
        dialog.close();
    }
    command
}

impl UpscaleDialog {
    /// What is wrong with what is chosen, as one sentence.
    fn trouble(&self, settings: &Settings, size: (u32, u32)) -> Option<String> {
        settings.check().and_then(|()| self.choice.pass.check_size(size)).err().map(|error| error.to_string())
    }

    /// What it takes, estimated again when something changes.
    fn estimated(
        &mut self,
        estimator: &RoundEstimate,
        model: &ModelChoice,
        settings: &Settings,
        size: (u32, u32),
    ) -> Option<&Estimate> {
        let (number, known) = estimator.knowledge();
        let is_same = |(choice, of, from): &(SecondPassChoice, u64, RoundFiles)| {
            *choice == self.choice && *of == number && from == known
        };
        if !self.estimate.as_ref().is_some_and(|(of, _)| is_same(of)) {
            let takes = estimator.of_second_pass(model, &self.choice.pass, settings, size);
            self.estimate = Some(((self.choice.clone(), number, known.clone()), takes));
        }
        self.estimate.as_ref()?.1.as_ref()
    }

    fn obstacle(&self) -> Option<&str> {
        self.estimate.as_ref()?.1.as_ref()?.obstacle.as_deref()
    }
}

fn choices(ui: &mut Ui, choice: &mut SecondPassChoice, upscalers: &[Upscaler]) {
    let row = |ui: &mut Ui, name: &str, help: &str, add: &mut dyn FnMut(&mut Ui) -> egui::Response| {
        ui.horizontal(|ui| {
            let label = ui.label(name).on_hover_text(help);
            add(ui).labelled_by(label.id).on_hover_text(help);
        });
    };
    row(ui, "Scale", "How many times larger either side becomes.", &mut |ui| {
        ui.add(Slider::new(&mut choice.pass.scale, 1.0..=SecondPass::MAX_SCALE).step_by(0.25))
    });
    row(ui, "Strength", STRENGTH_HELP, &mut |ui| ui.add(Slider::new(&mut choice.strength, 0.0..=1.0).step_by(0.05)));
    row(ui, "Upscaler", UPSCALER_HELP, &mut |ui| {
        ComboBox::from_id_salt("upscaler")
            .width(220.0)
            .selected_text(choice.pass.upscaler.label())
            .show_ui(ui, |ui| {
                for upscaler in upscalers {
                    ui.selectable_value(&mut choice.pass.upscaler, upscaler.clone(), upscaler.label());
                }
            })
            .response
    });
    row(ui, "Tile", TILE_HELP, &mut |ui| {
        let range = Settings::MIN_SIDE..=Settings::MAX_SIDE;
        let response = ui.add(DragValue::new(&mut choice.tile).range(range).speed(8.0).suffix(" px"));
        choice.tile = Settings::nearest_side(choice.tile);
        response
    });
    row(ui, "Overlap", OVERLAP_HELP, &mut |ui| {
        let most = SecondPass::MAX_OVERLAP.min(choice.tile / 2);
        choice.pass.overlap = choice.pass.overlap.min(most);
        ui.add(DragValue::new(&mut choice.pass.overlap).range(0..=most).suffix(" px"))
    });
}
