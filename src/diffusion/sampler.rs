//! The samplers, written in sigma space as k-diffusion defines them, and their one table.

use candle_core::Tensor;
use serde::{Deserialize, Serialize};

use super::Error;
use super::schedule::Noising;

/// A sampler with its noise schedule. [`Sampler::ALL`] drives the panel, the command line and the
/// names in files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sampler {
    /// DPM++ 2M (Lu et al. 2022) on Karras sigmas.
    #[serde(rename = "dpm++2m-karras")]
    DpmPp2mKarras,
    /// Euler with ancestral noise on evenly spaced timesteps.
    #[serde(rename = "euler-a")]
    EulerA,
}

impl Sampler {
    /// All of them, the default first.
    pub const ALL: [Self; 2] = [Self::DpmPp2mKarras, Self::EulerA];

    /// Its name on the command line.
    pub fn id(self) -> &'static str {
        match self {
            Self::DpmPp2mKarras => "dpm++2m-karras",
            Self::EulerA => "euler-a",
        }
    }

    /// Its name in the window.
    pub fn label(self) -> &'static str {
        match self {
            Self::DpmPp2mKarras => "DPM++ 2M Karras",
            Self::EulerA => "Euler a",
        }
    }

    /// Sampler and schedule as AUTOMATIC1111 names them in files.
    pub fn infotext_names(self) -> (&'static str, &'static str) {
        match self {
            Self::DpmPp2mKarras => ("DPM++ 2M", "Karras"),
            Self::EulerA => ("Euler a", "Automatic"),
        }
    }

    /// Finds a sampler by its id or label, in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.id().eq_ignore_ascii_case(name) || s.label().eq_ignore_ascii_case(name))
    }

    /// `steps + 1` falling sigmas, the last one 0.
    pub(super) fn sigmas(self, noising: &Noising, steps: usize) -> Vec<f64> {
        match self {
            Self::DpmPp2mKarras => noising.karras(steps),
            Self::EulerA => noising.uniform(steps),
        }
    }
}

/// Walks `x` `[1, c, h, w]` down the sigmas. `denoise(x, sigma, index)` gives the model's idea of
/// the clean latent; ancestral samplers take their noise from `noise`, one tensor of `x`'s shape a call.
pub(super) fn sample(
    sampler: Sampler,
    mut x: Tensor,
    sigmas: &[f64],
    mut noise: impl FnMut() -> candle_core::Result<Tensor>,
    mut denoise: impl FnMut(&Tensor, f64, usize) -> Result<Tensor, Error>,
) -> Result<Tensor, Error> {
    let mut before: Option<(Tensor, f64)> = None;
    for (i, pair) in sigmas.windows(2).enumerate() {
        let (sigma, next) = (pair[0], pair[1]);
        let denoised = denoise(&x, sigma, i)?;
        x = match sampler {
            Sampler::DpmPp2mKarras => {
                let step = dpmpp_2m(&x, &denoised, before.take(), sigma, next)?;
                before = Some((denoised, sigma));
                step
            }
            Sampler::EulerA => euler_ancestral(&x, &denoised, sigma, next, &mut noise)?,
        };
    }
    Ok(x)
}

/// One step of DPM-Solver++(2M), with `lambda = -ln sigma` as time.
fn dpmpp_2m(
    x: &Tensor,
    denoised: &Tensor,
    before: Option<(Tensor, f64)>,
    sigma: f64,
    next: f64,
) -> candle_core::Result<Tensor> {
    let h = sigma.ln() - next.ln();
    let towards = match before {
        Some((old, old_sigma)) if next > 0.0 => {
            let r = (old_sigma.ln() - sigma.ln()) / h;
            let ahead = 1.0 / (2.0 * r);
            ((denoised * (1.0 + ahead))? - (old * ahead)?)?
        }
        _ => denoised.clone(),
    };
    // At the last step h is infinite: expm1(-h) is -1 and x becomes the denoised latent.
    (x * (next / sigma))? + (towards * -(-h).exp_m1())?
}

/// One Euler step to below the next sigma, and fresh noise back up to it.
fn euler_ancestral(
    x: &Tensor,
    denoised: &Tensor,
    sigma: f64,
    next: f64,
    noise: &mut impl FnMut() -> candle_core::Result<Tensor>,
) -> candle_core::Result<Tensor> {
    let up = (next.powi(2) * (sigma.powi(2) - next.powi(2)) / sigma.powi(2)).sqrt().min(next);
    let down = (next.powi(2) - up.powi(2)).sqrt();
    let slope = ((x - denoised)? / sigma)?;
    let x = (x + (slope * (down - sigma))?)?;
    if next > 0.0 {
        return x + (noise()? * up)?;
    }
    Ok(x)
}

#[cfg(test)]
mod tests {
    use candle_core::{DType, Device};

    use super::*;
    use crate::diffusion::config::ScheduleConfig;
    use crate::diffusion::noise::Noise;

    /// For data that is one normal distribution the perfect denoiser is known:
    /// `mean + s²/(s² + σ²)·(x - mean)`.
    fn walk(sampler: Sampler, steps: usize) -> (f64, f64) {
        const MEAN: f64 = 0.7;
        const SPREAD: f64 = 0.5;
        let noising = Noising::new(&ScheduleConfig::default()).expect("schedule");
        let sigmas = sampler.sigmas(&noising, steps);
        let mut noise = Noise::new(7);
        let mut draw = || noise.draw((1, 4, 64, 64), &Device::Cpu);
        let x = (draw().expect("noise") * sigmas[0]).expect("start");
        let out = sample(sampler, x, &sigmas, draw, |x, sigma, _| {
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
    fn both_samplers_turn_noise_into_the_distribution_their_denoiser_knows() {
        for sampler in Sampler::ALL {
            // Many steps: Euler's own error, not the formulas', is what shrinks with them.
            let (mean, spread) = walk(sampler, 150);
            assert!((mean - 0.7).abs() < 0.05, "{sampler:?}: mean {mean}");
            assert!((spread - 0.5).abs() < 0.05, "{sampler:?}: spread {spread}");
        }
    }

    fn no_noise() -> candle_core::Result<Tensor> {
        candle_core::bail!("no noise is due here")
    }

    #[test]
    fn sixteen_of_twenty_steps_end_where_k_diffusion_ends() {
        // k-diffusion 0.1.1 in f64: sample_dpmpp_2m and sample_euler_ancestral (with noise that is
        // always 0.5) on get_sigmas_karras(20, 0.02916753850877285, 14.614641189575195)[4:], from
        // [1, -2, 0.5, 3] * sigma[4], with the denoiser below.
        let expected = [
            (Sampler::DpmPp2mKarras, [1.096_345_916_6, -0.530_645_474_3, 0.949_952_299_2, 2.222_634_524_5]),
            (Sampler::EulerA, [1.286_053_252_1, 1.202_858_639_0, 1.270_527_439_3, 1.355_398_385_6]),
        ];
        let noising = Noising::new(&ScheduleConfig::default()).expect("schedule");
        let sigmas = &noising.karras(20)[4..];
        for (sampler, expected) in expected {
            let x = Tensor::new(&[[[[1.0, -2.0, 0.5, 3.0f64]]]], &Device::Cpu).and_then(|x| x * sigmas[0]);
            let noise = || Tensor::full(0.5f64, (1, 1, 1, 4), &Device::Cpu);
            let out = sample(sampler, x.expect("start"), sigmas, noise, |x, sigma, _| {
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
            let out = sample(sampler, x, &[3.0, 0.0], no_noise, |x, _, _| Ok((x * 0.25)?)).expect("sampling");
            assert_eq!(out.flatten_all().and_then(|t| t.to_vec1::<f32>()).expect("values"), [0.25; 4]);
        }
    }

    #[test]
    fn every_sampler_is_found_by_its_names() {
        for sampler in Sampler::ALL {
            assert_eq!(Sampler::from_name(sampler.id()), Some(sampler));
            assert_eq!(Sampler::from_name(&sampler.label().to_uppercase()), Some(sampler));
        }
        assert_eq!(Sampler::from_name("magic"), None);
    }
}
