//! The noise schedules by name.

use serde::{Deserialize, Serialize};

/// How the sigmas of a sampler's steps are spaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Schedule {
    /// The sampler's own.
    Automatic,
    /// Evenly spaced timesteps, the last step from the lowest sigma to 0.
    Uniform,
    /// Dense where sigmas are low (Karras et al. 2022, eq. 5).
    Karras,
    /// Evenly spaced in log sigma.
    Exponential,
    /// Evenly spaced in log sigma as well; with its usual exponent of 1 the same as exponential.
    Polyexponential,
    /// Evenly spaced timesteps with a gap left above 0.
    SgmUniform,
    /// Evenly spaced in arctangent of sigma (Sabour et al. 2024); ends above 0.
    KlOptimal,
    /// The optimised table of "Align Your Steps" for SD 1.5 (Sabour et al. 2024).
    AlignYourSteps,
    /// Every n-th training sigma, from the highest.
    Simple,
    /// As uniform.
    Normal,
    /// Every n-th training sigma, from the lowest but one.
    Ddim,
    /// Quantiles of a beta distribution (Lee et al. 2024), many steps at both ends.
    Beta,
}

/// A row of the table: command line id, name in the window and in files.
const TABLE: [(Schedule, &str, &str); 12] = [
    (Schedule::Automatic, "automatic", "Automatic"),
    (Schedule::Uniform, "uniform", "Uniform"),
    (Schedule::Karras, "karras", "Karras"),
    (Schedule::Exponential, "exponential", "Exponential"),
    (Schedule::Polyexponential, "polyexponential", "Polyexponential"),
    (Schedule::SgmUniform, "sgm-uniform", "SGM Uniform"),
    (Schedule::KlOptimal, "kl-optimal", "KL Optimal"),
    (Schedule::AlignYourSteps, "align-your-steps", "Align Your Steps"),
    (Schedule::Simple, "simple", "Simple"),
    (Schedule::Normal, "normal", "Normal"),
    (Schedule::Ddim, "ddim", "DDIM"),
    (Schedule::Beta, "beta", "Beta"),
];

impl Schedule {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|row| row.0)
    }

    fn row(self) -> &'static (Self, &'static str, &'static str) {
        // Every schedule has its row; a test walks through them.
        TABLE.iter().find(|row| row.0 == self).unwrap_or(&TABLE[0])
    }

    /// Its name on the command line.
    pub fn id(self) -> &'static str {
        self.row().1
    }

    /// Its name in the window and in files, as AUTOMATIC1111 writes it.
    pub fn label(self) -> &'static str {
        self.row().2
    }

    /// Finds a schedule by its id or label, in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::all().find(|s| s.id().eq_ignore_ascii_case(name) || s.label().eq_ignore_ascii_case(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schedule_has_its_row_and_is_found_by_its_names() {
        for schedule in Schedule::all() {
            assert_eq!(Schedule::from_name(schedule.id()), Some(schedule));
            assert_eq!(Schedule::from_name(&schedule.label().to_uppercase()), Some(schedule));
        }
        assert_eq!(Schedule::from_name("never"), None);
    }
}
