//! Executes the commands that take over several settings at once.

use std::sync::Arc;

use image::RgbImage;

use super::Services;
use crate::document::SlowEdit;
use crate::document::size::nearest_result_size;
use crate::engine::{Mask, Preset, QuickRecipe, RegionPrompt, Settings, use_quality};
use crate::picture::{NotTaken, Parameters};
use crate::ui::canvas_work::edit;
use crate::ui::control::{find_models, known_files};
use crate::ui::models::{PictureModel, picture_model};
use crate::ui::state::WindowState;
use crate::ui::{ModelCommand, SettingsCommand};

/// How many settings that were not taken over are named.
const MOST_SHOWN: usize = 8;

pub(super) fn perform(state: &mut WindowState, services: &Services, command: SettingsCommand) {
    match command {
        SettingsCommand::UseRecommended => state.model.recommended.apply_to(&mut state.document.settings_mut()),
        // If they bring another size, the opened picture is placed again, see `canvas_size`.
        SettingsCommand::UseOffered | SettingsCommand::UseOfferedTemplate => {
            if let Some(parameters) = state.offered.take() {
                let mut settings = state.document.settings().clone();
                let mut left = parameters.apply_to(&mut settings);
                left.extend(without_second_pass(&mut settings));
                if let (SettingsCommand::UseOfferedTemplate, Some(template)) = (&command, parameters.template()) {
                    template.apply_to(&mut settings);
                }
                let regions = regions_of(&parameters, &mut settings);
                let size = (settings.width as u32, settings.height as u32);
                *state.document.settings_mut() = settings;
                left.extend(add_regions(state, regions, Some(size)));
                let known = known_files(state);
                find_models(&mut state.document.settings_mut(), &known);
                state.prompting.chosen.clear();
                let done = "The next round uses the picture's own prompt and settings.";
                state.status.say(with_losses(done, &left));
            }
            state.offered_start = None;
        }
        SettingsCommand::UseOfferedRound => use_offered_round(state, services),
        SettingsCommand::DismissOffer => (state.offered, state.offered_start) = (None, None),
        SettingsCommand::UsePreset(preset) => use_preset(state, preset),
        SettingsCommand::UseOfferedModel => {
            if let Some(PictureModel::Here(choice)) = picture_model(state) {
                super::perform(state, services, ModelCommand::Use(choice).into());
            }
        }
        SettingsCommand::UseCanvasSize => {
            let (width, height) = nearest_result_size(state.document.canvas().size());
            let mut settings = state.document.settings_mut();
            (settings.width, settings.height) = (width, height);
        }
    }
}

/// Sets everything that a preset takes, and says what it gives up.
fn use_preset(state: &mut WindowState, preset: Preset) {
    let files = &state.extras.presets;
    match preset {
        Preset::Quality => {
            use_quality(&mut state.document.settings_mut(), state.model.recommended, files);
            if state.runtime.preview_vae == files.tiny_vae {
                state.runtime.preview_vae = None;
            }
            state.status.say("Quality: the usual number of steps, with guidance.");
        }
        Preset::Quick => match QuickRecipe::new(&state.model.chosen.choice, files) {
            Ok(recipe) => {
                recipe.apply(&mut state.document.settings_mut());
                if let Some(tiny) = recipe.tiny_vae() {
                    state.runtime.preview_vae = Some(tiny.clone());
                }
                state.status.say(format!("Quick: {}", recipe.explanation()));
            }
            Err(reason) => state.status.fail(reason),
        },
    }
}

/// Opens the round that the opened picture came from: its start image on the canvas, its prompt and settings.
fn use_offered_round(state: &mut WindowState, services: &Services) {
    let (Some(parameters), Some(start)) = (state.offered.take(), state.offered_start.take()) else { return };
    // One undo then brings back what was there before the picture was opened.
    if state.placed.take().is_some_and(|placed| placed.can_be_taken_back(&state.document)) {
        edit(state, services, SlowEdit::Undo, move |state, services, _| {
            open_round(state, services, &parameters, start);
        });
    } else {
        open_round(state, services, &parameters, start);
    }
}

fn open_round(state: &mut WindowState, services: &Services, parameters: &Parameters, start: Arc<RgbImage>) {
    let mut settings = state.document.settings().clone();
    let mut left = parameters.apply_to(&mut settings);
    left.extend(without_second_pass(&mut settings));
    let regions = regions_of(parameters, &mut settings);
    find_models(&mut settings, &known_files(state));
    let done = match settings.keep_unpainted {
        false => "The canvas is the picture's start image, and the next round makes the picture again.",
        true => {
            "The canvas is the picture's start image. The picture cannot be made again as it was, because its file does not hold what was painted; paint what should change."
        }
    };
    edit(state, services, SlowEdit::OpenRound(start, Box::new(settings)), move |state, _, opened| match opened {
        Ok(_) => {
            left.extend(add_regions(state, regions, None));
            state.prompting.chosen.clear();
            state.status.say(with_losses(done, &left));
        }
        Err(error) => state.status.fail(format!("The start image cannot be put on the canvas. {error}")),
    });
}

/// Takes the regions out of settings that a picture brings: prompts, and where they lie.
fn regions_of(parameters: &Parameters, settings: &mut Settings) -> Vec<(RegionPrompt, Mask)> {
    std::mem::take(&mut settings.regions).into_iter().zip(parameters.region_masks().iter().cloned()).collect()
}

/// Adds a hidden layer for each region. With the `size` of the next results, only where that, the canvas and the masks have
/// one size: the opened picture is placed again otherwise. Returns what was not taken over.
fn add_regions(state: &mut WindowState, regions: Vec<(RegionPrompt, Mask)>, size: Option<(u32, u32)>) -> Vec<NotTaken> {
    let canvas = state.document.canvas();
    let canvas = (canvas.width() as u32, canvas.height() as u32);
    let mut left = Vec::new();
    for (number, (region, mask)) in regions.into_iter().enumerate() {
        let reason = match size {
            Some(size) if size != canvas || mask.size() != canvas => {
                Some("it lies in a picture of another size".into())
            }
            _ => state.document.add_region(&region.prompt, &mask).err().map(|error| error.to_string()),
        };
        if let Some(reason) = reason {
            left.push(NotTaken { name: format!("Region {}", number + 1), value: region.prompt, reason });
        }
    }
    left
}

/// Takes a second pass out of settings for the next round; what is said of that.
fn without_second_pass(settings: &mut Settings) -> Option<NotTaken> {
    let pass = settings.second_pass.take()?;
    let reason = "it is done to a finished result, with Upscale in its menu";
    Some(NotTaken { name: "SD upscale".into(), value: pass.summary(), reason: reason.into() })
}

/// A sentence, and after it what was not taken over.
fn with_losses(done: &str, left: &[NotTaken]) -> String {
    if left.is_empty() {
        return done.to_owned();
    }
    let shown: Vec<String> = left.iter().take(MOST_SHOWN).map(ToString::to_string).collect();
    let others = match left.len() - shown.len() {
        0 => String::new(),
        count => format!("; and {count} more"),
    };
    format!("{done} Not taken over as it stands: {}{others}.", shown.join("; "))
}
