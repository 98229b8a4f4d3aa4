//! Brushes: the one in use, presets with names and thumbnails, and how strokes follow the pen.
//!
//! - `preset.rs` holds the presets, `choices.rs` what is kept for the next launch.
//! - `panel.rs` shows them as a grid (`thumbnail.rs`) with the settings of the one in use (`settings.rs`, `dynamics.rs`) and
//!   of strokes (`strokes.rs`).

mod choices;
mod dynamics;
mod panel;
mod preset;
mod settings;
mod strokes;
mod thumbnail;

pub(super) use preset::PresetError;

use std::path::Path;

use super::commands::Services;
use super::state::WindowState;
use super::{Tool, kept};
use crate::jobs::FileTask;
use crate::paint::{Brush, BrushAction, Rgb, Stabilizer, StrokePlan};
use choices::{BrushChoices, FILE, KeptChoices};
use preset::BrushPreset;
use thumbnail::Thumbnails;

/// The brushes of the window.
pub(super) struct Brushes {
    /// What is expected again at the next launch.
    pub choices: BrushChoices,
    /// What of it is in the file.
    in_file: BrushChoices,
    /// Whether the file may be written: one that could not be read is not written over.
    keeps: bool,
    /// The preset that was in use before the present one.
    last: Option<String>,
    /// The preset that was deleted last, and its place.
    deleted: Option<(usize, BrushPreset)>,
    /// The name that is being typed for a preset.
    typed_name: String,
    thumbnails: Thumbnails,
}

impl Brushes {
    /// Reads what is kept in the data folder. If that cannot be read, the second value says why as one sentence.
    pub fn new(home: Option<&Path>) -> (Self, Option<String>) {
        let (kept, trouble) = kept::read::<KeptChoices>(home, FILE);
        let choices = kept.choices();
        let brushes = Self {
            in_file: choices.clone(),
            choices,
            keeps: home.is_some() && trouble.is_none(),
            last: None,
            deleted: None,
            typed_name: String::new(),
            thumbnails: Thumbnails::default(),
        };
        (brushes, trouble)
    }

    /// The brush that a tool paints with.
    pub fn of(&self, tool: Tool) -> &Brush {
        if tool == Tool::Eraser { &self.choices.eraser } else { &self.choices.brush }
    }

    fn of_mut(&mut self, tool: Tool) -> &mut Brush {
        if tool == Tool::Eraser { &mut self.choices.eraser } else { &mut self.choices.brush }
    }

    /// How a tool paints with this colour. Distances are still in points on screen, see [`on_canvas`].
    pub fn plan(&self, tool: Tool, color: Rgb) -> StrokePlan {
        StrokePlan {
            brush: Brush { color, ..self.of(tool).clone() },
            stabilizer: self.choices.stabilizer,
            symmetry: self.choices.symmetry,
            pressure: self.choices.pressure,
        }
    }

    /// Multiplies the size of a tool's brush by `factor`, and changes it by at least one pixel.
    pub fn resize(&mut self, tool: Tool, factor: f32) {
        let size = self.of(tool).size;
        let step = (size * (factor - 1.0)).abs().max(1.0).copysign(factor - 1.0);
        self.set_size(tool, (size + step).round());
    }

    /// Gives a tool's brush this diameter in pixels, or the nearest one that there is.
    pub fn set_size(&mut self, tool: Tool, size: f32) {
        if !size.is_nan() {
            self.of_mut(tool).size = size.clamp(*Brush::SIZES.start(), *Brush::SIZES.end());
        }
    }

    /// Uses a preset. Returns what it does; `None` if there is no such preset.
    pub fn use_preset(&mut self, name: &str) -> Option<BrushAction> {
        let BrushPreset { name, brush } = self.choices.presets.get(name)?.clone();
        let action = brush.action;
        self.choose(name);
        if action == BrushAction::Erase {
            self.choices.eraser = brush;
        } else {
            self.choices.brush = brush;
        }
        Some(action)
    }

    fn choose(&mut self, name: String) {
        if self.choices.chosen.as_ref() != Some(&name) {
            self.last = self.choices.chosen.replace(name);
        }
    }

    /// The name of the preset that was in use before the present one.
    pub fn last_preset(&self) -> Option<&str> {
        self.last.as_deref()
    }

    /// The name of the preset this many places after the one in use.
    pub fn preset_beside(&self, by: isize) -> Option<String> {
        self.choices.presets.step(self.choices.chosen.as_deref(), by).map(|preset| preset.name.clone())
    }

    /// Saves the brush of a tool under a name. Returns the name as it is kept.
    pub fn save_preset(&mut self, tool: Tool, name: &str) -> Result<String, PresetError> {
        let name = self.choices.presets.save(name, self.of(tool).clone())?;
        self.choose(name.clone());
        self.typed_name.clear();
        Ok(name)
    }

    /// Gives a preset of the person another name. Returns the name as it is kept.
    pub fn rename_preset(&mut self, from: &str, to: &str) -> Result<String, PresetError> {
        let name = self.choices.presets.rename(from, to)?;
        for used in [&mut self.choices.chosen, &mut self.last] {
            if used.as_deref() == Some(from) {
                *used = Some(name.clone());
            }
        }
        self.typed_name.clear();
        Ok(name)
    }

    /// Deletes a preset of the person. Returns whether there was one.
    pub fn delete_preset(&mut self, name: &str) -> bool {
        self.deleted = self.choices.presets.remove(name).or(self.deleted.take());
        self.choices.presets.get(name).is_none()
    }

    /// Brings back the preset that was deleted last. Returns its name.
    pub fn restore_preset(&mut self) -> Option<String> {
        let (at, preset) = self.deleted.take()?;
        let name = preset.name.clone();
        self.choices.presets.put_back(at, preset).then_some(name)
    }
}

/// The plan with its distances in canvas pixels, which are `scale` points large.
pub(super) fn on_canvas(plan: &StrokePlan, scale: f32) -> StrokePlan {
    let mut plan = plan.clone();
    plan.stabilizer = match plan.stabilizer {
        Stabilizer::Off => Stabilizer::Off,
        Stabilizer::Weighted(distance) => Stabilizer::Weighted(distance / scale),
        Stabilizer::Rope(length) => Stabilizer::Rope(length / scale),
    };
    plan.pressure.taper /= scale;
    plan
}

/// Keeps what has changed, when no pointer is down. Runs once a frame.
pub(super) fn update(state: &mut WindowState, services: &Services) {
    let brushes = &mut state.brush;
    brushes.thumbnails.tidy();
    let is_changed = brushes.keeps && brushes.choices != brushes.in_file;
    if !is_changed || services.ctx.input(|input| input.pointer.any_down()) {
        return;
    }
    brushes.in_file.clone_from(&brushes.choices);
    match serde_json::to_string_pretty(&KeptChoices::of(&brushes.choices)) {
        Ok(json) => services.jobs.files(FileTask::KeepChoices { file: FILE, json }),
        Err(error) => tracing::error!("brushes could not be written as JSON: {error}"),
    }
}

#[cfg(test)]
mod golden_tests;
#[cfg(test)]
mod tests {
    use super::*;

    fn brushes() -> Brushes {
        Brushes::new(None).0
    }

    #[test]
    fn brush_and_eraser_have_sizes_of_their_own() {
        let mut brushes = brushes();
        let eraser = brushes.of(Tool::Eraser).size;
        brushes.set_size(Tool::Brush, 5000.0);
        assert_eq!((brushes.of(Tool::Brush).size, brushes.of(Tool::Eraser).size), (1000.0, eraser));
        brushes.set_size(Tool::Eraser, -3.0);
        brushes.set_size(Tool::Eraser, f32::NAN);
        assert_eq!(brushes.of(Tool::Eraser).size, 1.0);
        brushes.resize(Tool::Eraser, 1.18);
        assert_eq!(brushes.of(Tool::Eraser).size, 2.0);
    }

    #[test]
    fn a_preset_is_used_by_its_kind_and_the_last_one_is_remembered() {
        let mut brushes = brushes();
        assert_eq!(brushes.use_preset("Airbrush"), Some(BrushAction::Paint));
        assert_eq!(brushes.use_preset("Eraser"), Some(BrushAction::Erase));
        assert_eq!(brushes.last_preset(), Some("Airbrush"));
        assert!(brushes.of(Tool::Brush).rate > 0.0, "the eraser left the brush alone");
        assert_eq!(brushes.use_preset("no such"), None);
        assert_eq!(brushes.preset_beside(1).as_deref(), Some("Round hard"), "after the last one");
    }

    #[test]
    fn a_deleted_preset_can_be_brought_back() {
        let mut brushes = brushes();
        assert!(!brushes.delete_preset("Pencil"), "one that the program comes with");
        brushes.save_preset(Tool::Brush, "Mine").expect("saves");
        assert!(brushes.delete_preset("Mine") && brushes.choices.presets.own().is_empty());
        assert_eq!(brushes.restore_preset().as_deref(), Some("Mine"));
        assert_eq!(brushes.restore_preset(), None);
    }

    #[test]
    fn distances_are_points_on_screen() {
        let mut brushes = brushes();
        brushes.choices.stabilizer = Stabilizer::Rope(40.0);
        brushes.choices.pressure.taper = 10.0;
        let plan = on_canvas(&brushes.plan(Tool::Brush, Rgb::BLACK), 0.5);
        assert_eq!((plan.stabilizer, plan.pressure.taper), (Stabilizer::Rope(80.0), 20.0));
    }
}
