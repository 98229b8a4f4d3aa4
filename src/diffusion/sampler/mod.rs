//! The samplers, written in sigma space as k-diffusion defines them, and their one table.

mod lcm;
mod path;
mod step;
#[cfg(test)]
mod trajectory_tests;
mod unipc;

use candle_core::Tensor;
use serde::{Deserialize, Serialize};

use super::Error;
use super::schedule::Noising;
use super::spacing::Schedule;
pub(super) use path::Path;
use step::History;

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

/// Where the noise of a stochastic step comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StepNoise {
    /// The image's own generator, one draw after the other.
    Draws,
    /// One Brownian path over all sigmas.
    Brownian,
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
    /// Whether the last sigma but one is dropped.
    drops_penultimate: bool,
    noise: StepNoise,
}

const fn row(
    sampler: Sampler,
    id: &'static str,
    label: &'static str,
    evaluations: usize,
    schedule: Schedule,
    noise: StepNoise,
) -> Row {
    let drops_penultimate = matches!(sampler, Sampler::DpmPp3mSde | Sampler::Dpm2 | Sampler::Dpm2A);
    Row { sampler, id, label, evaluations, schedule, drops_penultimate, noise }
}

const COUNT: usize = 14;

const TABLE: [Row; COUNT] = {
    use Schedule::{Exponential, Karras, SgmUniform, Uniform};
    use StepNoise::{Brownian, Draws};
    [
        row(Sampler::DpmPp2m, "dpm++2m", "DPM++ 2M", 1, Karras, Draws),
        row(Sampler::DpmPpSde, "dpm++sde", "DPM++ SDE", 2, Karras, Brownian),
        row(Sampler::DpmPp2mSde, "dpm++2m-sde", "DPM++ 2M SDE", 1, Exponential, Brownian),
        row(Sampler::DpmPp3mSde, "dpm++3m-sde", "DPM++ 3M SDE", 1, Exponential, Brownian),
        row(Sampler::DpmPp2sA, "dpm++2s-a", "DPM++ 2S a", 2, Karras, Draws),
        row(Sampler::Euler, "euler", "Euler", 1, Uniform, Draws),
        row(Sampler::EulerA, "euler-a", "Euler a", 1, Uniform, Draws),
        row(Sampler::Heun, "heun", "Heun", 2, Uniform, Draws),
        row(Sampler::Dpm2, "dpm2", "DPM2", 2, Karras, Draws),
        row(Sampler::Dpm2A, "dpm2-a", "DPM2 a", 2, Karras, Draws),
        row(Sampler::Ddim, "ddim", "DDIM", 1, Uniform, Draws),
        row(Sampler::UniPc, "unipc", "UniPC", 1, Uniform, Draws),
        row(Sampler::Lcm, "lcm", "LCM", 1, Uniform, Draws),
        row(Sampler::Tcd, "tcd", "TCD", 1, SgmUniform, Draws),
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

    pub(super) fn noise(self) -> StepNoise {
        self.row().noise
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

    /// The sigmas of `steps` steps, falling, with the end (0 in every schedule but one) last.
    fn sigmas(self, schedule: Schedule, noising: &Noising, steps: usize) -> Vec<f64> {
        if (self, schedule) == (Self::Lcm, Schedule::Automatic) {
            return lcm::sigmas(noising, steps);
        }
        let schedule = if schedule == Schedule::Automatic { self.own_schedule() } else { schedule };
        if !self.row().drops_penultimate {
            return schedule.sigmas(noising, steps);
        }
        let mut sigmas = schedule.sigmas(noising, steps + 1);
        let penultimate = sigmas.len() - 2;
        sigmas.remove(penultimate);
        sigmas
    }

    /// The timestep that the model is told at a sigma.
    pub(super) fn timestep(self, noising: &Noising, sigma: f64) -> f64 {
        if self == Self::Lcm { lcm::timestep(noising, sigma) } else { noising.timestep(sigma) }
    }

    /// What the sampler takes for the clean latent when the model says `clean` of `x`.
    pub(super) fn bounded(self, clean: Tensor, x: &Tensor, timestep: f64) -> candle_core::Result<Tensor> {
        if self == Self::Lcm { lcm::bounded(clean, x, timestep) } else { Ok(clean) }
    }

    /// How many steps the last `run` of `whole` are for this sampler.
    pub(super) fn steps_of(self, whole: usize, run: usize, picture: bool) -> usize {
        let changed = picture.then(|| run.saturating_sub(1));
        match self {
            Self::Ddim => path::ddim_steps(whole, changed),
            Self::UniPc => path::unipc_steps(whole, changed),
            _ => run,
        }
    }

    /// The way of one image, the last `run` of `whole` steps.
    pub(super) fn path(self, schedule: Schedule, noising: &Noising, whole: usize, run: usize, picture: bool) -> Path {
        match self {
            Self::Ddim => path::ddim(noising, whole, picture.then(|| run - 1)),
            Self::UniPc => path::unipc(noising, whole, picture.then(|| run - 1)),
            _ => Path::part(&self.sigmas(schedule, noising, whole), run),
        }
    }
}

/// Walks `x` `[1, c, h, w]` down the sigmas. `denoise(x, sigma, step)` gives the model's idea of the
/// clean latent; `step` counts from 0 and is `None` at the evaluations between. Stochastic samplers
/// take their noise from `noise(sigma, next)`, one tensor of `x`'s shape a call.
pub(super) fn sample(
    sampler: Sampler,
    noising: &Noising,
    mut x: Tensor,
    sigmas: &[f64],
    mut noise: impl FnMut(f64, f64) -> candle_core::Result<Tensor>,
    mut denoise: impl FnMut(&Tensor, f64, Option<usize>) -> Result<Tensor, Error>,
) -> Result<Tensor, Error> {
    if sampler == Sampler::UniPc {
        return unipc::sample(x, sigmas, |x, sigma, step| denoise(x, sigma, Some(step)));
    }
    let mut history = History::default();
    for (i, pair) in sigmas.windows(2).enumerate() {
        let (sigma, next) = (pair[0], pair[1]);
        let clean = denoise(&x, sigma, Some(i))?;
        let mut again = |x: &Tensor, sigma: f64| denoise(x, sigma, None);
        x = match sampler {
            Sampler::Euler | Sampler::Ddim | Sampler::UniPc => step::euler(&x, &clean, sigma, next)?,
            Sampler::EulerA => step::euler_ancestral(&x, &clean, sigma, next, &mut noise)?,
            Sampler::Heun => step::heun(&x, &clean, sigma, next, &mut again)?,
            Sampler::Dpm2 => step::dpm_2(&x, &clean, sigma, next, (next, 0.0), &mut noise, &mut again)?,
            Sampler::Dpm2A => {
                let split = step::ancestral(sigma, next);
                step::dpm_2(&x, &clean, sigma, next, split, &mut noise, &mut again)?
            }
            Sampler::DpmPp2sA => step::dpmpp_2s_ancestral(&x, &clean, sigma, next, &mut noise, &mut again)?,
            Sampler::DpmPpSde => step::dpmpp_sde(&x, &clean, sigma, next, &mut noise, &mut again)?,
            Sampler::DpmPp2m => step::dpmpp_2m(&x, clean, sigma, next, &mut history)?,
            Sampler::DpmPp2mSde => step::dpmpp_2m_sde(&x, clean, sigma, next, &mut noise, &mut history)?,
            Sampler::DpmPp3mSde => step::dpmpp_3m_sde(&x, clean, sigma, next, &mut noise, &mut history)?,
            Sampler::Lcm => step::lcm(clean, sigma, next, &mut noise)?,
            Sampler::Tcd => step::tcd(&x, &clean, sigma, next, noising, &mut noise)?,
        };
    }
    Ok(x)
}

#[cfg(test)]
mod tests {
    use candle_core::{DType, Device};

    use super::*;
    use crate::diffusion::config::ScheduleConfig;
    use crate::diffusion::noise::{Noise, Rng};

    fn noising() -> Noising {
        Noising::new(&ScheduleConfig::default()).expect("schedule")
    }

    /// For data that is one normal distribution the perfect denoiser is known:
    /// `mean + s²/(s² + σ²)·(x - mean)`.
    fn walk(sampler: Sampler, steps: usize) -> (f64, f64) {
        const MEAN: f64 = 0.7;
        const SPREAD: f64 = 0.5;
        let sigmas = sampler.sigmas(Schedule::Karras, &noising(), steps);
        let mut noise = Noise::new(Rng::Cuda, 7);
        let mut draw = |_, _| noise.draw((1, 4, 64, 64));
        let x = (draw(0.0, 0.0).expect("noise") * sigmas[0]).expect("start");
        let out = sample(sampler, &noising(), x, &sigmas, draw, |x, sigma, _| {
            let pull = SPREAD.powi(2) / (SPREAD.powi(2) + sigma.powi(2));
            Ok(((x * pull)? + MEAN * (1.0 - pull))?)
        })
        .expect("sampling");
        let values: Vec<f32> = out.flatten_all().and_then(|t| t.to_vec1()).expect("values");
        let n = values.len() as f64;
        let mean = values.iter().map(|v| f64::from(*v)).sum::<f64>() / n;
        let spread = (values.iter().map(|v| (f64::from(*v) - mean).powi(2)).sum::<f64>() / n).sqrt();
        (mean, spread)
    }

    #[test]
    fn samplers_turn_noise_into_the_distribution_their_denoiser_knows() {
        // LCM and TCD are not among them: they trust the model's clean latent and are for models made
        // for it.
        for sampler in Sampler::ALL.into_iter().filter(|s| !matches!(s, Sampler::Lcm | Sampler::Tcd)) {
            // Many steps: Euler's own error, not the formulas', is what shrinks with them.
            let (mean, spread) = walk(sampler, 150);
            assert!((mean - 0.7).abs() < 0.05, "{sampler:?}: mean {mean}");
            assert!((spread - 0.5).abs() < 0.05, "{sampler:?}: spread {spread}");
        }
    }

    fn no_noise(_: f64, _: f64) -> candle_core::Result<Tensor> {
        candle_core::bail!("no noise is due here")
    }

    #[test]
    fn sixteen_of_twenty_steps_end_where_k_diffusion_ends() {
        // k-diffusion 0.1.1 in f64, sample_* with noise that is always 0.5, on
        // get_sigmas_karras(20, 0.02916753850877285, 14.614641189575195)[4:], from
        // [1, -2, 0.5, 3] * sigma[4], with the denoiser below. LCM, which it lacks, by its formula.
        const EXPECTED: [(Sampler, [f64; 4]); 10] = [
            (Sampler::DpmPp2m, [1.096_345_901_9, -0.530_645_478_9, 0.949_952_285_9, 2.222_634_466_6]),
            (Sampler::EulerA, [1.286_053_263_1, 1.202_858_628_4, 1.270_527_445_4, 1.355_398_423_3]),
            (Sampler::Euler, [1.071_516_355_1, -0.388_631_141_2, 0.930_171_662_8, 2.011_490_931_4]),
            (Sampler::Heun, [1.094_997_920_2, -0.540_404_241_5, 0.952_065_285_8, 2.228_135_732_8]),
            (Sampler::Dpm2, [1.093_835_253_7, -0.529_085_435_7, 0.950_167_634_3, 2.212_960_527_8]),
            (Sampler::Dpm2A, [1.347_328_446_5, 1.237_573_715_3, 1.324_356_656_2, 1.466_713_855_6]),
            (Sampler::DpmPp2sA, [1.330_102_181_8, 1.228_833_355_4, 1.309_743_599_2, 1.429_711_432_9]),
            (Sampler::DpmPp2mSde, [1.360_586_972_3, 1.275_383_766_3, 1.344_074_733_5, 1.438_128_064_5]),
            (Sampler::DpmPp3mSde, [1.343_020_774_7, 1.260_309_989_2, 1.327_024_678_6, 1.418_308_602_9]),
            (Sampler::Lcm, [1.096_539_204_5, 1.096_539_204_5, 1.096_539_204_5, 1.096_539_204_5]),
        ];
        let sigmas = &Schedule::Karras.sigmas(&noising(), 20)[4..];
        for (sampler, expected) in EXPECTED {
            let x = Tensor::new(&[[[[1.0, -2.0, 0.5, 3.0f64]]]], &Device::Cpu).and_then(|x| x * sigmas[0]);
            let noise = |_, _| Tensor::full(0.5f64, (1, 1, 1, 4), &Device::Cpu);
            let out = sample(sampler, &noising(), x.expect("start"), sigmas, noise, |x, sigma, _| {
                let pull = 0.25 / (0.25 + sigma * sigma);
                let bend = ((x * 3.0)?.sin()? * (0.05 * pull))?;
                Ok((((x * pull)? + 0.7 * (1.0 - pull))? + bend)?)
            });
            let out: Vec<f64> = out.expect("sampling").flatten_all().and_then(|t| t.to_vec1()).expect("values");
            for (got, want) in out.iter().zip(expected) {
                assert!((got - want).abs() < 1e-5, "{sampler:?}: {out:?} is not {expected:?}");
            }
        }
    }

    #[test]
    fn one_step_lands_on_the_denoised_latent() {
        for sampler in Sampler::ALL {
            let x = Tensor::ones((1, 1, 2, 2), DType::F32, &Device::Cpu).expect("ones");
            let out =
                sample(sampler, &noising(), x, &[3.0, 0.0], no_noise, |x, _, _| Ok((x * 0.25)?)).expect("sampling");
            for value in out.flatten_all().and_then(|t| t.to_vec1::<f32>()).expect("values") {
                assert!((value - 0.25).abs() < 1e-6, "{sampler:?}: {value}");
            }
        }
    }

    #[test]
    fn each_step_is_counted_once_however_often_the_model_is_asked() {
        for sampler in Sampler::ALL {
            let sigmas = sampler.sigmas(Schedule::Automatic, &noising(), 6);
            assert_eq!(sigmas.len(), 7, "{sampler:?}");
            let (mut counted, mut asked) = (Vec::new(), 0);
            let x = Tensor::ones((1, 1, 2, 2), DType::F32, &Device::Cpu).expect("ones");
            let noise = |_, _| Tensor::zeros((1, 1, 2, 2), DType::F32, &Device::Cpu);
            sample(sampler, &noising(), x, &sigmas, noise, |x, _, step| {
                asked += 1;
                counted.extend(step);
                Ok((x * 0.5)?)
            })
            .expect("sampling");
            assert_eq!(counted, [0, 1, 2, 3, 4, 5]);
            // The last step, down to 0, never needs a second look.
            assert_eq!(asked, 6 + 5 * (sampler.evaluations() - 1), "{sampler:?}");
        }
    }

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
