//! What a person chose about the window, in `window.json` in the data folder.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Arrangement;
use crate::jobs::FileTask;
use crate::ui::commands::Services;
use crate::ui::state::WindowState;
use crate::ui::{LiveView, NotifyWhen, ThemeChoice, kept};

/// The file in the data folder.
const FILE: &str = "window.json";

/// The scales that can be chosen, in percent.
pub(in crate::ui) const SCALES: [u16; 7] = [100, 125, 150, 175, 200, 250, 300];

/// The window is never scaled so much that less than this is left of it, in points.
const LEAST: egui::Vec2 = egui::vec2(760.0, 400.0);

/// What a person chose about the window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::ui) struct WindowChoices {
    /// Which colours it has.
    pub theme: ThemeChoice,
    /// How large everything is drawn, in percent.
    pub scale: u16,
    /// When the end of the queue is notified.
    pub notify: NotifyWhen,
    /// Where the panels are.
    pub arrangement: Arrangement,
    /// How frames of live painting are shown.
    pub live: LiveView,
}

impl Default for WindowChoices {
    fn default() -> Self {
        Self {
            theme: ThemeChoice::default(),
            scale: 100,
            notify: NotifyWhen::default(),
            arrangement: Arrangement::default(),
            live: LiveView::default(),
        }
    }
}

impl WindowChoices {
    /// The choices of the last launch. If they cannot be read, the usual ones and why, as one sentence.
    pub fn read(folder: Option<&Path>) -> (Self, Option<String>) {
        kept::read(folder, FILE)
    }

    /// The scale as a factor, for a window of this size at 100 %, in points.
    fn zoom_factor(&self, window: egui::Vec2) -> f32 {
        let wanted = f32::from(self.scale.clamp(SCALES[0], SCALES[SCALES.len() - 1])) / 100.0;
        let most = (window / LEAST).min_elem();
        // In steps, so that nothing flickers while the window is resized.
        wanted.min((most * 20.0).floor() / 20.0).max(1.0)
    }
}

/// Draws the window as it was chosen, and keeps what was chosen since the last frame. Runs once a frame.
pub(in crate::ui) fn update(state: &mut WindowState, services: &Services) {
    let (layout, ctx) = (&mut state.layout, &services.ctx);
    layout.choices.notify = state.queue.notify;
    apply(&layout.choices, ctx);
    // The width of a side changes with every move of the pointer.
    if layout.choices != layout.kept && !ctx.input(|i| i.pointer.any_down()) {
        layout.kept = layout.choices.clone();
        match serde_json::to_string_pretty(&layout.choices) {
            Ok(json) => services.jobs.files(FileTask::KeepChoices { file: FILE, json }),
            Err(error) => state.status.fail(format!("The layout could not be kept: {error}.")),
        }
    }
}

/// Gives the window its theme and scale.
pub(super) fn apply(choices: &WindowChoices, ctx: &egui::Context) {
    let theme = choices.theme.into();
    if ctx.options(|options| options.theme_preference) != theme {
        ctx.set_theme(theme);
    }
    ctx.set_zoom_factor(choices.zoom_factor(ctx.content_rect().size() * ctx.zoom_factor()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_leaves_room_for_the_window() {
        let of =
            |scale, width, height| WindowChoices { scale, ..Default::default() }.zoom_factor([width, height].into());
        assert_eq!(of(100, 1024.0, 600.0), 1.0);
        assert_eq!(of(300, 3840.0, 2160.0), 3.0);
        assert_eq!(of(200, 1024.0, 600.0), 1.3, "not narrower than the smallest window");
        assert_eq!(of(300, 640.0, 400.0), 1.0);
        assert_eq!((of(0, 3840.0, 2160.0), of(u16::MAX, 3840.0, 2160.0)), (1.0, 3.0));
    }

    #[test]
    fn unknown_fields_are_passed_over() {
        let read: WindowChoices =
            serde_json::from_str(r#"{"theme": "light", "hats": [1], "scale": 150}"#).expect("reads");
        assert_eq!(read, WindowChoices { theme: ThemeChoice::Light, scale: 150, ..Default::default() });
    }
}
