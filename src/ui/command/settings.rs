//! Taking over settings.

use crate::engine::Preset;

/// Commands that take over several settings at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingsCommand {
    /// Use what is recommended for the model.
    UseRecommended,
    /// Use the settings stored in the opened picture.
    UseOffered,
    /// Use them with the prompts as they were before their wildcards were replaced.
    UseOfferedTemplate,
    /// Put the start image stored in the opened picture on the canvas, and use its settings.
    UseOfferedRound,
    /// Dismiss the offer to use the opened picture's settings.
    DismissOffer,
    /// Use the model that made the opened picture.
    UseOfferedModel,
    /// Make results as large as the canvas.
    UseCanvasSize,
    /// Set everything that quality or speed takes.
    UsePreset(Preset),
}
