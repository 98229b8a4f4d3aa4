//! The samplers by name: the one table behind the panel, the command line and the names in files.

use serde::{Deserialize, Serialize};

use super::Schedule;
use super::steps::{ddim_steps, unipc_steps};

/// How noise becomes a picture. [`Sampler::ALL`] drives the panel, the command line and the names in
/// files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sampler {
    /// DPM-Solver++(2M) (Lu et al. 2022).
    DpmPp2m,
    /// DPM-Solver++ as a stochastic equation: two evaluations a step.
    DpmPpSde,
    /// DPM-Solver++(2M) as a stochastic equation.
    DpmPp2mSde,
    /// DPM-Solver++(3M) as a stochastic equation.
    DpmPp3mSde,
    /// DPM-Solver++(2S) with ancestral noise.
    DpmPp2sA,
    /// Euler's method.
    Euler,
    /// Euler's method with ancestral noise.
    EulerA,
    /// Heun's method (Karras et al. 2022): two evaluations a step.
    Heun,
    /// DPM-Solver-2 as k-diffusion writes it: two evaluations a step.
    Dpm2,
    /// The same with ancestral noise.
    Dpm2A,
    /// Denoising diffusion implicit models (Song et al. 2020), on timesteps of its own.
    Ddim,
    /// A predictor and corrector of third order (Zhao et al. 2023), on timesteps of its own.
    UniPc,
    /// For models distilled to consistency (Luo et al. 2023), 2 to 8 steps.
    Lcm,
    /// For models distilled to trajectories (Zheng et al. 2024), 2 to 8 steps.
    Tcd,
}

/// A row of the table.
struct Row {
    sampler: Sampler,
    /// On the command line.
    id: &'static str,
    /// In the window and in files, as AUTOMATIC1111 writes it.
    label: &'static str,
    /// How often the model is asked in one step.
    evaluations: usize,
    /// What [`Schedule::Automatic`] means for it.
    schedule: Schedule,
}

const fn row(sampler: Sampler, id: &'static str, label: &'static str, evaluations: usize, schedule: Schedule) -> Row {
    Row { sampler, id, label, evaluations, schedule }
}

const COUNT: usize = 14;

const TABLE: [Row; COUNT] = {
    use Schedule::{Exponential, Karras, SgmUniform, Uniform};
    [
        row(Sampler::DpmPp2m, "dpm++2m", "DPM++ 2M", 1, Karras),
        row(Sampler::DpmPpSde, "dpm++sde", "DPM++ SDE", 2, Karras),
        row(Sampler::DpmPp2mSde, "dpm++2m-sde", "DPM++ 2M SDE", 1, Exponential),
        row(Sampler::DpmPp3mSde, "dpm++3m-sde", "DPM++ 3M SDE", 1, Exponential),
        row(Sampler::DpmPp2sA, "dpm++2s-a", "DPM++ 2S a", 2, Karras),
        row(Sampler::Euler, "euler", "Euler", 1, Uniform),
        row(Sampler::EulerA, "euler-a", "Euler a", 1, Uniform),
        row(Sampler::Heun, "heun", "Heun", 2, Uniform),
        row(Sampler::Dpm2, "dpm2", "DPM2", 2, Karras),
        row(Sampler::Dpm2A, "dpm2-a", "DPM2 a", 2, Karras),
        row(Sampler::Ddim, "ddim", "DDIM", 1, Uniform),
        row(Sampler::UniPc, "unipc", "UniPC", 1, Uniform),
        row(Sampler::Lcm, "lcm", "LCM", 1, Uniform),
        row(Sampler::Tcd, "tcd", "TCD", 1, SgmUniform),
    ]
};

impl Sampler {
    /// All of them, the default first.
    pub const ALL: [Self; COUNT] = {
        let mut all = [Self::DpmPp2m; COUNT];
        let mut i = 0;
        while i < all.len() {
            all[i] = TABLE[i].sampler;
            i += 1;
        }
        all
    };

    fn row(self) -> &'static Row {
        // Every sampler has its row; a test walks through them.
        TABLE.iter().find(|row| row.sampler == self).unwrap_or(&TABLE[0])
    }

    /// Its name on the command line.
    pub fn id(self) -> &'static str {
        self.row().id
    }

    /// Its name in the window and in files, as AUTOMATIC1111 writes it.
    pub fn label(self) -> &'static str {
        self.row().label
    }

    /// How often the model is asked in one step.
    pub fn evaluations(self) -> usize {
        self.row().evaluations
    }

    /// What [`Schedule::Automatic`] means for it.
    pub fn own_schedule(self) -> Schedule {
        self.row().schedule
    }

    /// Whether it walks timesteps of its own, whatever the schedule.
    pub fn has_fixed_schedule(self) -> bool {
        matches!(self, Self::Ddim | Self::UniPc)
    }

    /// Finds a sampler by its id or label, in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.id().eq_ignore_ascii_case(name) || s.label().eq_ignore_ascii_case(name))
    }

    /// Finds a sampler and, where the name ends in one, a schedule: `dpm++2m-karras`,
    /// `DPM++ 2M Karras` (as files older than 2024 say) or `euler`.
    pub fn with_schedule_from_name(name: &str) -> Option<(Self, Option<Schedule>)> {
        if let Some(sampler) = Self::from_name(name) {
            return Some((sampler, None));
        }
        let (first, last) = name.rsplit_once(['-', ' '])?;
        Some((Self::from_name(first)?, Some(Schedule::from_name(last)?)))
    }

    /// Steps this sampler performs when the final `run` steps of a `whole`-step schedule are used;
    /// `from_image` says whether there is a start image.
    pub fn steps_of(self, whole: usize, run: usize, from_image: bool) -> usize {
        let changed = from_image.then(|| run.saturating_sub(1));
        match self {
            Self::Ddim => ddim_steps(whole, changed),
            Self::UniPc => unipc_steps(whole, changed),
            _ => run,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sampler_has_its_row_and_is_found_by_its_names() {
        for (i, sampler) in Sampler::ALL.into_iter().enumerate() {
            assert!(!Sampler::ALL[..i].contains(&sampler) && sampler.row().sampler == sampler);
            assert_eq!(Sampler::from_name(sampler.id()), Some(sampler));
            assert_eq!(Sampler::from_name(&sampler.label().to_uppercase()), Some(sampler));
        }
        assert_eq!(Sampler::from_name("magic"), None);
        let karras = Some((Sampler::DpmPp2m, Some(Schedule::Karras)));
        assert_eq!(Sampler::with_schedule_from_name("dpm++2m-karras"), karras);
        assert_eq!(Sampler::with_schedule_from_name("DPM++ 2M Karras"), karras);
        assert_eq!(Sampler::with_schedule_from_name("euler-a"), Some((Sampler::EulerA, None)));
        assert_eq!(Sampler::with_schedule_from_name("euler-magic"), None);
    }
}
