//! The samplers, written in sigma space as k-diffusion defines them.

mod lcm;
mod step;
mod stepping;
mod trajectory;
#[cfg(test)]
mod trajectory_tests;
mod unipc;

use candle_core::Tensor;

use crate::diffusion::sampling::noise_levels::NoiseLevels;
use crate::diffusion::sampling::schedule::sigmas_of;
use crate::engine::{Error, Sampler, SamplerOptions, Schedule};
use step::MultistepHistory;
pub(in crate::diffusion) use stepping::Stepping;
pub(in crate::diffusion) use trajectory::Trajectory;

/// Where the noise of a stochastic step comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::diffusion) enum StepNoise {
    /// The image's own generator, one draw after the other.
    Draws,
    /// One Brownian path over all sigmas.
    Brownian,
}

impl Sampler {
    pub(in crate::diffusion) fn noise(self) -> StepNoise {
        match self {
            Self::DpmPpSde | Self::DpmPp2mSde | Self::DpmPp3mSde => StepNoise::Brownian,
            _ => StepNoise::Draws,
        }
    }

    /// Whether the sampler leaves out the second-to-last sigma of a schedule.
    fn drops_penultimate(self) -> bool {
        matches!(self, Self::DpmPp3mSde | Self::Dpm2 | Self::Dpm2A)
    }

    /// The sigmas of `steps` steps, falling, with the end (0 in every schedule but one) last.
    fn sigmas(self, schedule: Schedule, levels: &NoiseLevels, steps: usize, options: &SamplerOptions) -> Vec<f64> {
        if (self, schedule) == (Self::Lcm, Schedule::Automatic) {
            return lcm::sigmas(levels, steps);
        }
        let schedule = if schedule == Schedule::Automatic { self.own_schedule() } else { schedule };
        if !self.drops_penultimate() && !options.discard_penultimate {
            return sigmas_of(schedule, levels, steps, options);
        }
        let mut sigmas = sigmas_of(schedule, levels, steps + 1, options);
        let penultimate = sigmas.len() - 2;
        sigmas.remove(penultimate);
        sigmas
    }

    /// The timestep that the model gets for a sigma.
    pub(in crate::diffusion) fn timestep(self, levels: &NoiseLevels, sigma: f64) -> f64 {
        if self == Self::Lcm { lcm::timestep(levels, sigma) } else { levels.timestep(sigma) }
    }

    /// The clean latent that the sampler uses when the model estimates `clean` for `x`.
    pub(in crate::diffusion) fn clean_latent(
        self,
        clean: Tensor,
        x: &Tensor,
        timestep: f64,
    ) -> candle_core::Result<Tensor> {
        if self == Self::Lcm { lcm::boundary_condition(clean, x, timestep) } else { Ok(clean) }
    }

    /// The trajectory of one image: the last `run` steps of a `whole`-step schedule.
    pub(in crate::diffusion) fn trajectory(
        self,
        schedule: Schedule,
        levels: &NoiseLevels,
        whole: usize,
        run: usize,
        picture: bool,
        options: &SamplerOptions,
    ) -> Trajectory {
        match self {
            Self::Ddim => trajectory::ddim(levels, whole, picture.then(|| run - 1)),
            Self::UniPc => trajectory::unipc(levels, whole, picture.then(|| run - 1)),
            _ => Trajectory::last_steps(&self.sigmas(schedule, levels, whole, options), run),
        }
    }
}

/// Takes `x` `[1, c, h, w]` down the sigmas, step by step. `denoise(x, sigma, step)` gives the model's
/// estimate of the clean latent; `step` counts from 0 and is `None` at the evaluations between two steps.
/// Stochastic samplers take their noise from `noise(sigma, next)`, one tensor of `x`'s shape a call.
/// `after(step, x)` may change the latent, which is `clean + next·noise`, once a step is done.
pub(in crate::diffusion) fn sample(
    stepping: impl Into<Stepping>,
    levels: &NoiseLevels,
    mut x: Tensor,
    sigmas: &[f64],
    mut noise: impl FnMut(f64, f64) -> candle_core::Result<Tensor>,
    mut denoise: impl FnMut(&Tensor, f64, Option<usize>) -> Result<Tensor, Error>,
    mut after: impl FnMut(usize, Tensor) -> Result<Tensor, Error>,
) -> Result<Tensor, Error> {
    let stepping = stepping.into();
    let (sampler, eta) = (stepping.sampler, stepping.eta);
    if sampler == Sampler::UniPc {
        return unipc::sample(x, sigmas, |x, sigma, step| denoise(x, sigma, Some(step)), after);
    }
    let mut noise = |sigma: f64, next: f64| {
        let drawn = noise(sigma, next)?;
        if stepping.noise == 1.0 { Ok(drawn) } else { drawn * stepping.noise }
    };
    let mut history = MultistepHistory::default();
    let steps = sigmas.len() - 1;
    for (i, pair) in sigmas.windows(2).enumerate() {
        let (sigma, next) = (pair[0], pair[1]);
        let (start, sigma) = stepping.churned(x, (sigma, next), steps, &mut noise)?;
        x = start;
        let clean = denoise(&x, sigma, Some(i))?;
        let mut again = |x: &Tensor, sigma: f64| denoise(x, sigma, None);
        x = match sampler {
            // DDIM with noise is Euler's method with ancestral noise, on other sigmas.
            Sampler::EulerA | Sampler::Ddim if eta > 0.0 => {
                step::euler_ancestral(&x, &clean, (sigma, next), eta, &mut noise)?
            }
            Sampler::Euler | Sampler::EulerA | Sampler::Ddim | Sampler::UniPc => step::euler(&x, &clean, sigma, next)?,
            Sampler::Heun => step::heun(&x, &clean, sigma, next, &mut again)?,
            Sampler::Dpm2 => step::dpm_2(&x, &clean, sigma, next, (next, 0.0), &mut noise, &mut again)?,
            Sampler::Dpm2A => {
                let split = step::ancestral(sigma, next, eta);
                step::dpm_2(&x, &clean, sigma, next, split, &mut noise, &mut again)?
            }
            Sampler::DpmPp2sA => step::dpmpp_2s_ancestral(&x, &clean, (sigma, next), eta, &mut noise, &mut again)?,
            Sampler::DpmPpSde => step::dpmpp_sde(&x, &clean, (sigma, next), eta, &mut noise, &mut again)?,
            Sampler::DpmPp2m => step::dpmpp_2m(&x, clean, sigma, next, &mut history)?,
            Sampler::DpmPp2mSde => step::dpmpp_2m_sde(&x, clean, (sigma, next), eta, &mut noise, &mut history)?,
            Sampler::DpmPp3mSde => step::dpmpp_3m_sde(&x, clean, (sigma, next), eta, &mut noise, &mut history)?,
            Sampler::Lcm => step::lcm(clean, sigma, next, &mut noise)?,
            Sampler::Tcd => step::tcd(&x, &clean, sigma, next, levels, &mut noise)?,
        };
        x = after(i, x)?;
    }
    Ok(x)
}

#[cfg(test)]
mod tests {
    use candle_core::{DType, Device};

    use super::*;
    use crate::diffusion::sampling::noise::Noise;
    use crate::diffusion::sampling::scheduler_config::SchedulerConfig;
    use crate::engine::Rng;

    fn levels() -> NoiseLevels {
        NoiseLevels::new(&SchedulerConfig::default()).expect("schedule")
    }

    /// For data that is one normal distribution the perfect denoiser is known:
    /// `mean + s²/(s² + σ²)·(x - mean)`.
    fn walk(sampler: Sampler, steps: usize) -> (f64, f64) {
        const MEAN: f64 = 0.7;
        const SPREAD: f64 = 0.5;
        let sigmas = sampler.sigmas(Schedule::Karras, &levels(), steps, &SamplerOptions::default());
        let mut noise = Noise::new(Rng::Cuda, 7);
        let mut draw = |_, _| noise.draw((1, 4, 64, 64));
        let x = (draw(0.0, 0.0).expect("noise") * sigmas[0]).expect("start");
        let out = sample(
            sampler,
            &levels(),
            x,
            &sigmas,
            draw,
            |x, sigma, _| {
                let pull = SPREAD.powi(2) / (SPREAD.powi(2) + sigma.powi(2));
                Ok(((x * pull)? + MEAN * (1.0 - pull))?)
            },
            unchanged,
        )
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

    fn unchanged(_: usize, x: Tensor) -> Result<Tensor, Error> {
        Ok(x)
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
        let sigmas = &sigmas_of(Schedule::Karras, &levels(), 20, &SamplerOptions::default())[4..];
        for (sampler, expected) in EXPECTED {
            let x = Tensor::new(&[[[[1.0, -2.0, 0.5, 3.0f64]]]], &Device::Cpu).and_then(|x| x * sigmas[0]);
            let noise = |_, _| Tensor::full(0.5f64, (1, 1, 1, 4), &Device::Cpu);
            let out = sample(
                sampler,
                &levels(),
                x.expect("start"),
                sigmas,
                noise,
                |x, sigma, _| {
                    let pull = 0.25 / (0.25 + sigma * sigma);
                    let bend = ((x * 3.0)?.sin()? * (0.05 * pull))?;
                    Ok((((x * pull)? + 0.7 * (1.0 - pull))? + bend)?)
                },
                unchanged,
            );
            let out: Vec<f64> = out.expect("sampling").flatten_all().and_then(|t| t.to_vec1()).expect("values");
            for (got, want) in out.iter().zip(expected) {
                assert!((got - want).abs() < 1e-5, "{sampler:?}: {out:?} is not {expected:?}");
            }
        }
    }

    #[test]
    fn eta_churn_and_noise_of_steps_are_those_of_k_diffusion() {
        // As above, with eta 0.6, s_noise 1.1 and, where there is churn, s_churn 5, s_tmin 0.1 and s_tmax 3; k-diffusion
        // 0.1.1. DDIM by its formula (Song et al. 2020, equation 12), on the sigmas but the last, which is 0.
        const EXPECTED: [(Sampler, [f64; 4]); 10] = [
            (Sampler::Euler, [1.328_462_454_8, 1.164_896_395_5, 1.296_687_645_9, 1.475_465_922_9]),
            (Sampler::Heun, [1.428_120_817, 1.206_825_634_8, 1.379_087_280_4, 1.697_076_894_2]),
            (Sampler::Dpm2, [1.425_883_630_3, 1.207_714_755_6, 1.378_038_714_4, 1.679_910_851_7]),
            (Sampler::EulerA, [1.424_745_291_2, 0.973_904_625_7, 1.323_527_869_9, 2.021_789_000_7]),
            (Sampler::Dpm2A, [1.575_592_466_3, 1.029_533_898_4, 1.429_871_951_5, 2.444_213_052_3]),
            (Sampler::DpmPp2sA, [1.558_120_034_6, 1.026_436_213_9, 1.420_465_819_2, 2.373_492_305]),
            (Sampler::DpmPpSde, [1.613_678_884_9, 1.072_102_963_5, 1.471_269_290_6, 2.390_741_065]),
            (Sampler::DpmPp2mSde, [1.556_769_522_7, 1.263_341_437_7, 1.488_562_465_3, 1.929_872_834_4]),
            (Sampler::DpmPp3mSde, [1.536_612_176, 1.251_305_626_9, 1.469_795_049, 1.912_861_300_2]),
            (Sampler::Ddim, [1.475_168_088_1, 0.962_229_014_4, 1.366_553_849_2, 2.035_130_023_7]),
        ];
        let options = SamplerOptions {
            eta: Some(0.6),
            churn: 5.0,
            churn_from: 0.1,
            churn_to: 3.0,
            step_noise: 1.1,
            ..SamplerOptions::default()
        };
        let all = &sigmas_of(Schedule::Karras, &levels(), 20, &SamplerOptions::default())[4..];
        for (sampler, expected) in EXPECTED {
            let sigmas = if sampler == Sampler::Ddim { &all[..all.len() - 1] } else { all };
            let x = Tensor::new(&[[[[1.0, -2.0, 0.5, 3.0f64]]]], &Device::Cpu).and_then(|x| x * sigmas[0]);
            let noise = |_, _| Tensor::full(0.5f64, (1, 1, 1, 4), &Device::Cpu);
            let clean = |x: &Tensor, sigma: f64, _: Option<usize>| {
                let pull = 0.25 / (0.25 + sigma * sigma);
                let bend = ((x * 3.0)?.sin()? * (0.05 * pull))?;
                Ok((((x * pull)? + 0.7 * (1.0 - pull))? + bend)?)
            };
            let out =
                sample(Stepping::new(sampler, &options), &levels(), x.expect("start"), sigmas, noise, clean, unchanged);
            let out: Vec<f64> = out.expect("sampling").flatten_all().and_then(|t| t.to_vec1()).expect("values");
            for (got, want) in out.iter().zip(expected) {
                assert!((got - want).abs() < 1e-5, "{sampler:?}: {out:?} is not {expected:?}");
            }
        }
    }

    #[test]
    fn without_noise_a_stochastic_sampler_is_the_plain_one() {
        // DPM++ 2M SDE with eta 0 is DPM++ 2M (Lu et al. 2022), and Euler a is Euler.
        let still = SamplerOptions { eta: Some(0.0), ..SamplerOptions::default() };
        for (stochastic, plain) in [(Sampler::EulerA, Sampler::Euler), (Sampler::DpmPp2mSde, Sampler::DpmPp2m)] {
            let run = |stepping: Stepping| {
                let sigmas = [9.0, 3.0, 1.0, 0.2, 0.0];
                let x = Tensor::new(&[[[[1.0, -2.0, 0.5, 3.0f64]]]], &Device::Cpu).expect("start");
                let clean = |x: &Tensor, sigma: f64, _: Option<usize>| Ok(((x * 3.0)?.sin()? / (1.0 + sigma))?);
                let out = sample(stepping, &levels(), x, &sigmas, no_noise, clean, unchanged).expect("sampling");
                out.flatten_all().and_then(|t| t.to_vec1::<f64>()).expect("values")
            };
            for (a, b) in run(Stepping::new(stochastic, &still)).iter().zip(run(plain.into())) {
                assert!((a - b).abs() < 1e-9, "{stochastic:?}: {a} is not {b}");
            }
        }
    }

    #[test]
    fn the_penultimate_sigma_is_left_out_on_demand() {
        let options = SamplerOptions { discard_penultimate: true, ..SamplerOptions::default() };
        let usual = SamplerOptions::default();
        let longer = Sampler::Euler.sigmas(Schedule::Karras, &levels(), 7, &usual);
        let cut = Sampler::Euler.sigmas(Schedule::Karras, &levels(), 6, &options);
        assert_eq!(cut, [&longer[..6], &longer[7..]].concat());
        // Once is enough.
        let dpm2 = |options| Sampler::Dpm2.sigmas(Schedule::Karras, &levels(), 6, options);
        assert_eq!(dpm2(&options), dpm2(&usual));
    }

    #[test]
    fn one_step_lands_on_the_denoised_latent() {
        for sampler in Sampler::ALL {
            let x = Tensor::ones((1, 1, 2, 2), DType::F32, &Device::Cpu).expect("ones");
            let out = sample(sampler, &levels(), x, &[3.0, 0.0], no_noise, |x, _, _| Ok((x * 0.25)?), unchanged)
                .expect("sampling");
            for value in out.flatten_all().and_then(|t| t.to_vec1::<f32>()).expect("values") {
                assert!((value - 0.25).abs() < 1e-6, "{sampler:?}: {value}");
            }
        }
    }

    #[test]
    fn each_step_is_counted_once_however_often_the_model_is_asked() {
        for sampler in Sampler::ALL {
            let sigmas = sampler.sigmas(Schedule::Automatic, &levels(), 6, &SamplerOptions::default());
            assert_eq!(sigmas.len(), 7, "{sampler:?}");
            let (mut counted, mut asked) = (Vec::new(), 0);
            let x = Tensor::ones((1, 1, 2, 2), DType::F32, &Device::Cpu).expect("ones");
            let noise = |_, _| Tensor::zeros((1, 1, 2, 2), DType::F32, &Device::Cpu);
            sample(
                sampler,
                &levels(),
                x,
                &sigmas,
                noise,
                |x, _, step| {
                    asked += 1;
                    counted.extend(step);
                    Ok((x * 0.5)?)
                },
                unchanged,
            )
            .expect("sampling");
            assert_eq!(counted, [0, 1, 2, 3, 4, 5]);
            // The last step, down to 0, never needs a second look.
            assert_eq!(asked, 6 + 5 * (sampler.evaluations() - 1), "{sampler:?}");
        }
    }

    #[test]
    fn what_follows_a_step_is_asked_once_a_step_and_its_latent_is_used() {
        for sampler in Sampler::ALL {
            let sigmas = sampler.sigmas(Schedule::Automatic, &levels(), 6, &SamplerOptions::default());
            let (mut asked, mut seen) = (Vec::new(), Vec::new());
            let x = Tensor::ones((1, 1, 2, 2), DType::F32, &Device::Cpu).expect("ones");
            let noise = |_, _| Tensor::zeros((1, 1, 2, 2), DType::F32, &Device::Cpu);
            let denoise = |x: &Tensor, _: f64, step: Option<usize>| {
                seen.push((step, x.flatten_all()?.to_vec1::<f32>()?[0]));
                Ok((x * 0.5)?)
            };
            let out = sample(sampler, &levels(), x, &sigmas, noise, denoise, |step, x| {
                asked.push(step);
                Ok((x.zeros_like()? + 100.0)?)
            })
            .expect("sampling");
            assert_eq!(asked, [0, 1, 2, 3, 4, 5], "{sampler:?}");
            assert_eq!(out.flatten_all().and_then(|t| t.to_vec1::<f32>()).expect("values"), [100.0; 4], "{sampler:?}");
            // UniPC shows the model a latent that it predicts from the changed one.
            if sampler != Sampler::UniPc {
                assert!(seen.iter().filter(|(step, _)| *step > Some(0)).all(|(_, x)| *x == 100.0), "{sampler:?}");
            }
        }
    }
}
