//! Which theme a person chose.

use serde::{Deserialize, Serialize};

/// Which theme the window has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThemeChoice {
    /// Light letters on dark panels.
    #[default]
    Dark,
    /// Dark letters on light panels.
    Light,
    /// That of the desktop; dark where the desktop does not tell.
    System,
}

impl ThemeChoice {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::Dark, Self::Light, Self::System];

    /// Its name in the window.
    pub fn label(self) -> &'static str {
        match self {
            Self::Dark => "Dark",
            Self::Light => "Light",
            Self::System => "As the desktop",
        }
    }
}

impl From<ThemeChoice> for egui::ThemePreference {
    fn from(choice: ThemeChoice) -> Self {
        match choice {
            ThemeChoice::Dark => Self::Dark,
            ThemeChoice::Light => Self::Light,
            ThemeChoice::System => Self::System,
        }
    }
}
