//! What the next launch shows again: colours, palettes, and how colours are dialled.

use std::time::Duration;

use crate::jobs::{FileTask, PaletteReport, PaletteTask};
use crate::palettes::ColorPreferences;
use crate::ui::commands::Services;
use crate::ui::state::WindowState;

/// How long a change may wait until it is kept, in seconds: dragging through colours writes nothing.
const PATIENCE: f64 = 2.0;

/// What is in the file, and since when something else is shown.
#[derive(Default)]
pub(in crate::ui) struct Kept {
    /// `None` until the file was read; nothing is kept before that.
    preferences: Option<ColorPreferences>,
    changed_at: Option<f64>,
}

/// Applies what the file thread reports about colours.
pub(in crate::ui) fn report(state: &mut WindowState, report: PaletteReport) {
    let color = &mut state.color;
    match report {
        PaletteReport::Read(library, preferences) => {
            color.picker.shape = preferences.shape;
            color.sample = preferences.sample;
            color.current.use_model(preferences.model);
            color.current.restore(preferences.foreground, preferences.background);
            color.recent.read(&preferences.recent);
            color.palettes.read(library, preferences.palette);
            // What was chosen since the window opened is kept only when it changes again.
            state.color.kept.preferences = Some(self::preferences(state));
        }
        PaletteReport::Imported(palette) => {
            let count = palette.swatches().len();
            match color.palettes.add(palette) {
                true => {
                    let colors = if count == 1 { "1 colour".to_owned() } else { format!("{count} colours") };
                    state.status.say(format!("The palette with {colors} was imported."));
                }
                false => state.status.fail("There are too many palettes. Delete one first."),
            }
        }
    }
}

/// Keeps palettes at once, and the rest once it has not changed for a while.
pub(super) fn update(state: &mut WindowState, services: &Services) {
    keep_palettes(state, services);
    let now = services.ctx.input(|i| i.time);
    let preferences = preferences(state);
    let kept = &mut state.color.kept;
    if kept.preferences.as_ref().is_none_or(|known| *known == preferences) {
        kept.changed_at = None;
        return;
    }
    let changed_at = *kept.changed_at.get_or_insert(now);
    if now - changed_at >= PATIENCE {
        keep_preferences(state, services, preferences);
    } else {
        services.ctx.request_repaint_after(Duration::from_secs_f64(PATIENCE));
    }
}

/// Keeps everything now, because the window closes.
pub(in crate::ui) fn keep_now(state: &mut WindowState, services: &Services) {
    keep_palettes(state, services);
    let preferences = preferences(state);
    if state.color.kept.preferences.as_ref().is_some_and(|known| *known != preferences) {
        keep_preferences(state, services, preferences);
    }
}

fn keep_palettes(state: &mut WindowState, services: &Services) {
    if state.color.kept.preferences.is_none() {
        return;
    }
    let palettes = state.color.palettes.take_unkept();
    if !palettes.is_empty() {
        services.jobs.files(FileTask::Palettes(PaletteTask::Keep(palettes)));
    }
}

fn keep_preferences(state: &mut WindowState, services: &Services, preferences: ColorPreferences) {
    state.color.kept = Kept { preferences: Some(preferences.clone()), changed_at: None };
    services.jobs.files(FileTask::Palettes(PaletteTask::KeepPreferences(preferences)));
}

fn preferences(state: &WindowState) -> ColorPreferences {
    let color = &state.color;
    ColorPreferences {
        model: color.current.model(),
        shape: color.picker.shape,
        sample: color.sample,
        palette: color.palettes.file().map(str::to_owned),
        foreground: Some(color.current.rgb()),
        background: Some(color.current.background()),
        recent: color.recent.all().to_vec(),
    }
}
