//! Every sampler's trajectory beside the reference programs' (see tests/fixtures/samplers.py).

use std::collections::HashMap;
use std::path::Path;

use candle_core::{Device, Tensor};

use super::*;
use crate::diffusion::sampling::noise::{Brownian, Noise};
use crate::diffusion::sampling::scheduler_config::SchedulerConfig;
use crate::engine::Rng;

const SHAPE: (usize, usize, usize, usize) = (1, 4, 4, 4);
const SEED: u64 = 4242;

fn levels() -> NoiseLevels {
    NoiseLevels::new(&SchedulerConfig::default()).expect("schedule")
}

fn clean(x: &Tensor, sigma: f64) -> candle_core::Result<Tensor> {
    let pull = 0.25 / (0.25 + sigma * sigma);
    ((x * pull)? + 0.7 * (1.0 - pull))? + ((x * 3.0)?.sin()? * (0.05 * pull))?
}

fn numbers(x: &Tensor) -> Vec<f32> {
    x.flatten_all().and_then(|t| t.to_vec1()).expect("values")
}

/// Largest difference over the largest value.
fn apart(got: &[f32], want: &[f32]) -> f32 {
    assert_eq!(got.len(), want.len());
    let largest = want.iter().fold(1e-3f32, |most, v| most.max(v.abs()));
    got.iter().zip(want).fold(0f32, |most, (a, b)| most.max((a - b).abs())) / largest
}

#[test]
fn every_step_of_every_sampler_is_where_the_reference_is() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/samplers.safetensors");
    let reference: HashMap<String, Tensor> = candle_core::safetensors::load(file, &Device::Cpu).expect("fixture");
    let names = [
        ("dpmpp_2m", Sampler::DpmPp2m),
        ("dpmpp_sde", Sampler::DpmPpSde),
        ("dpmpp_2m_sde", Sampler::DpmPp2mSde),
        ("dpmpp_3m_sde", Sampler::DpmPp3mSde),
        ("dpmpp_2s_ancestral", Sampler::DpmPp2sA),
        ("euler", Sampler::Euler),
        ("euler_ancestral", Sampler::EulerA),
        ("heun", Sampler::Heun),
        ("dpm_2", Sampler::Dpm2),
        ("dpm_2_ancestral", Sampler::Dpm2A),
        ("ddim", Sampler::Ddim),
        ("unipc", Sampler::UniPc),
        ("tcd", Sampler::Tcd),
        ("lcm", Sampler::Lcm),
    ];
    assert_eq!(names.len(), Sampler::ALL.len());
    let levels = levels();
    let usual = SamplerOptions::default();
    for (name, sampler) in names {
        let sigmas = &reference[&format!("{name}.sigmas")];
        let sigmas: Vec<f64> = numbers(sigmas).into_iter().map(f64::from).collect();
        let places: Vec<Vec<f32>> = reference[&format!("{name}.path")].to_vec2().expect("path");
        let trajectory = match sampler {
            Sampler::Lcm => sampler.trajectory(Schedule::Automatic, &levels, 6, 6, false, &usual),
            Sampler::Ddim | Sampler::UniPc => sampler.trajectory(Schedule::Automatic, &levels, 20, 16, true, &usual),
            _ => Trajectory::last_steps(&sigmas_of(Schedule::Karras, &levels, 20, &usual), 16),
        };
        if sampler != Sampler::Tcd {
            assert_eq!(trajectory.sigmas.len(), sigmas.len(), "{name}");
            for (ours, theirs) in trajectory.sigmas.iter().zip(&sigmas) {
                assert!((ours - theirs).abs() < 1e-4 * ours.max(0.03), "{name}: {ours} is not {theirs}");
            }
        }
        let mut noise = Noise::new(Rng::Cpu, SEED);
        let first = noise.draw(SHAPE).expect("noise");
        let start = if sampler == Sampler::Tcd { sigmas[0] } else { trajectory.noise * trajectory.gain };
        let brownian = Brownian::new(Rng::Cpu, SEED, SHAPE, trajectory.range);
        let draw = |sigma: f64, next: f64| match sampler.noise() {
            StepNoise::Brownian => brownian.between(sigma, next),
            StepNoise::Draws => noise.draw(SHAPE),
        };
        let x = (first * start).expect("start");
        let mut passed = 0;
        let end = sample(
            sampler,
            &levels,
            x,
            &sigmas,
            draw,
            |x, sigma, step| {
                if let Some(step) = step {
                    // UniPC evaluates the model at its prediction, and so does the reference.
                    let difference = apart(&numbers(x), &places[step]);
                    assert!(difference < 1e-4, "{name} is {difference} apart before step {step}");
                    passed += 1;
                }
                Ok(sampler.clean_latent(clean(x, sigma)?, x, sampler.timestep(&levels, sigma))?)
            },
            |_, x| Ok(x),
        )
        .expect("sampling");
        assert_eq!(passed, sigmas.len() - 1, "{name}");
        let difference = apart(&numbers(&end), &places[sigmas.len() - 1]);
        assert!(difference < 1e-4, "{name} ends {difference} apart");
        if let Some(kept) = reference.get(&format!("{name}.end")) {
            let end = (end * trajectory.end_gain).expect("end");
            assert!(apart(&numbers(&end), &numbers(kept)) < 1e-4, "{name}");
        }
    }
}
