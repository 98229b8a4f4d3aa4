//! The trajectory of one image: how it starts, which sigmas it passes, how it ends.

use crate::diffusion::sampling::noise_levels::NoiseLevels;
use crate::engine::steps::{even_timesteps, visited_timesteps};

/// The sigmas of one image's steps, with the latent written as `clean + sigma·noise` throughout.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::diffusion) struct Trajectory {
    /// Falling; one step fewer than there are sigmas.
    pub sigmas: Vec<f64>,
    /// Standard deviation of the noise that is added at the start.
    pub noise: f64,
    /// Factor of the noised picture at the start.
    pub gain: f64,
    /// Factor of the latent at the end.
    pub end_gain: f64,
    /// The lowest sigma above 0 and the highest of the whole schedule.
    pub range: (f64, f64),
}

impl Trajectory {
    /// The last `run` steps of a schedule.
    pub fn last_steps(whole: &[f64], run: usize) -> Self {
        // As the reference keeps them; a Brownian path sees the difference.
        let kept = |sigma: &f64| f64::from(*sigma as f32);
        let sigmas: Vec<f64> = whole[whole.len() - 1 - run..].iter().map(kept).collect();
        let highest = kept(&whole[0]);
        let lowest = whole.iter().rev().map(kept).find(|sigma| *sigma > 0.0).unwrap_or(highest);
        Self { noise: sigmas[0], sigmas, gain: 1.0, end_gain: 1.0, range: (lowest, highest) }
    }

    /// A trajectory that ends above 0, for a reference that keeps the latent's variance at 1, as its samplers
    /// on timesteps do. `noised` is the sigma that a picture is noised to; `None` starts from pure noise.
    fn variance_preserving(sigmas: Vec<f64>, noised: Option<f64>) -> Self {
        let (first, last) = (sigmas[0], sigmas[sigmas.len() - 1]);
        let size = |sigma: f64| (1.0 + sigma * sigma).sqrt();
        Self {
            noise: noised.unwrap_or_else(|| size(first)),
            gain: noised.map_or(1.0, |noised| size(first) / size(noised)),
            end_gain: 1.0 / size(last),
            range: (last, first),
            sigmas,
        }
    }
}

/// The timesteps that change a picture, `changed` of them, and the next higher one, which it is noised to. At
/// least one step is made.
fn changed_timesteps(timesteps: &[usize], changed: usize) -> (&[usize], usize) {
    let changed = visited_timesteps(timesteps.len(), Some(changed));
    (&timesteps[..changed], timesteps[changed.min(timesteps.len() - 1)])
}

/// DDIM's trajectory; `changed` is the number of timesteps that change a picture, `None` without one.
pub(super) fn ddim(levels: &NoiseLevels, steps: usize, changed: Option<usize>) -> Trajectory {
    let all = even_timesteps(levels.count(), steps);
    let falling = |rising: &[usize]| rising.iter().rev().map(|t| levels.trained(*t)).collect();
    match changed {
        None => Trajectory::variance_preserving(falling(&all), None),
        Some(changed) => {
            let (part, noised) = changed_timesteps(&all, changed);
            Trajectory::variance_preserving(falling(part), Some(levels.trained(noised)))
        }
    }
}

/// UniPC's trajectory, in even steps of continuous time, which may lie between timesteps; `changed` is the
/// number of timesteps that change a picture, `None` without one.
pub(super) fn unipc(levels: &NoiseLevels, steps: usize, changed: Option<usize>) -> Trajectory {
    let all = even_timesteps(levels.count(), steps);
    let down_from = |top: f64, steps: usize| {
        (0..=steps).map(|i| levels.sigma_between(top * (1.0 - i as f64 / steps as f64))).collect::<Vec<_>>()
    };
    match changed {
        None => Trajectory::variance_preserving(down_from(levels.count() as f64 - 1.0, all.len()), None),
        Some(changed) => {
            let (part, noised) = changed_timesteps(&all, changed);
            Trajectory::variance_preserving(
                down_from(part[part.len() - 1] as f64, part.len()),
                Some(levels.trained(noised)),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diffusion::sampling::scheduler_config::SchedulerConfig;
    use crate::engine::steps::{ddim_steps, unipc_steps};

    fn levels() -> NoiseLevels {
        NoiseLevels::new(&SchedulerConfig::default()).expect("schedule")
    }

    #[test]
    fn ddim_walks_every_fiftieth_timestep_down_to_one() {
        let n = levels();
        let trajectory = ddim(&n, 20, None);
        assert_eq!(trajectory.sigmas.len(), 20);
        assert_eq!((trajectory.sigmas[0], trajectory.sigmas[19]), (n.trained(951), n.trained(1)));
        // The noise has the variance 1 that the reference gives it.
        assert!((trajectory.noise.powi(2) - 1.0 - trajectory.sigmas[0].powi(2)).abs() < 1e-9);
    }

    #[test]
    fn a_picture_is_noised_one_timestep_above_the_first_it_passes() {
        let n = levels();
        let trajectory = ddim(&n, 20, Some(15));
        assert_eq!((trajectory.sigmas[0], trajectory.noise), (n.trained(701), n.trained(751)));
        assert_eq!(trajectory.sigmas.len(), 15);
        for changed in [0, 1, 2, 19, 20, 50] {
            for trajectory in [ddim(&n, 20, Some(changed)), unipc(&n, 20, Some(changed))] {
                assert!(
                    trajectory.sigmas.len() >= 2 && trajectory.sigmas.windows(2).all(|pair| pair[0] > pair[1]),
                    "{changed}"
                );
            }
        }
    }

    #[test]
    fn any_number_of_steps_makes_a_trajectory() {
        for steps in [1, 2, 3, 7, 30, 150, 1000] {
            for trajectory in [ddim(&levels(), steps, None), unipc(&levels(), steps, None)] {
                assert!(trajectory.sigmas.iter().all(|sigma| sigma.is_finite() && *sigma > 0.0), "{steps}");
            }
        }
    }

    #[test]
    fn the_number_of_steps_is_known_before() {
        for steps in [1, 3, 7, 20, 30, 150] {
            for changed in [None, Some(0), Some(1), Some(steps / 2), Some(steps)] {
                assert_eq!(ddim_steps(steps, changed), ddim(&levels(), steps, changed).sigmas.len() - 1);
                assert_eq!(unipc_steps(steps, changed), unipc(&levels(), steps, changed).sigmas.len() - 1);
            }
        }
    }
}
