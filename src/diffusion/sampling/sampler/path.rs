//! Where one image's way begins, which sigmas it passes and where it ends.

use crate::diffusion::sampling::noising::Noising;
use crate::engine::steps::{even_timesteps, visited_timesteps};

/// A way down, with the latent written as `clean + sigma·noise` throughout.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::diffusion) struct Path {
    /// Falling; one step fewer than there are sigmas.
    pub sigmas: Vec<f64>,
    /// Standard deviation of the noise that is added at the start.
    pub noise: f64,
    /// What the noised picture is multiplied by then.
    pub gain: f64,
    /// What the latent is multiplied by at the end.
    pub end_gain: f64,
    /// The lowest sigma above 0 and the highest of the whole schedule.
    pub range: (f64, f64),
}

impl Path {
    /// The last `run` steps of a schedule.
    pub fn part(whole: &[f64], run: usize) -> Self {
        // As the reference keeps them; a Brownian path sees the difference.
        let kept = |sigma: &f64| f64::from(*sigma as f32);
        let sigmas: Vec<f64> = whole[whole.len() - 1 - run..].iter().map(kept).collect();
        let highest = kept(&whole[0]);
        let lowest = whole.iter().rev().map(kept).find(|sigma| *sigma > 0.0).unwrap_or(highest);
        Self { noise: sigmas[0], sigmas, gain: 1.0, end_gain: 1.0, range: (lowest, highest) }
    }

    /// A way that ends above 0 in a latent whose variance is kept at 1, as the reference's samplers on
    /// timesteps write it. `noised` is the sigma that a picture is noised to; without one, all is noise.
    fn kept(sigmas: Vec<f64>, noised: Option<f64>) -> Self {
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

/// The timesteps that a picture passes which is to be changed by so many, and the one it is noised to:
/// the next above. At least one step is made.
fn started(timesteps: &[usize], changed: usize) -> (&[usize], usize) {
    let changed = visited_timesteps(timesteps.len(), Some(changed));
    (&timesteps[..changed], timesteps[changed.min(timesteps.len() - 1)])
}

/// DDIM's way; `changed` is how many timesteps a picture is changed by.
pub(super) fn ddim(noising: &Noising, steps: usize, changed: Option<usize>) -> Path {
    let all = even_timesteps(noising.count(), steps);
    let falling = |rising: &[usize]| rising.iter().rev().map(|t| noising.trained(*t)).collect();
    match changed {
        None => Path::kept(falling(&all), None),
        Some(changed) => {
            let (part, noised) = started(&all, changed);
            Path::kept(falling(part), Some(noising.trained(noised)))
        }
    }
}

/// UniPC's way: even steps of continuous time, between timesteps too.
pub(super) fn unipc(noising: &Noising, steps: usize, changed: Option<usize>) -> Path {
    let all = even_timesteps(noising.count(), steps);
    let down_from = |top: f64, steps: usize| {
        (0..=steps).map(|i| noising.sigma_between(top * (1.0 - i as f64 / steps as f64))).collect::<Vec<_>>()
    };
    match changed {
        None => Path::kept(down_from(noising.count() as f64 - 1.0, all.len()), None),
        Some(changed) => {
            let (part, noised) = started(&all, changed);
            Path::kept(down_from(part[part.len() - 1] as f64, part.len()), Some(noising.trained(noised)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diffusion::networks::config::ScheduleConfig;
    use crate::engine::steps::{ddim_steps, unipc_steps};

    fn noising() -> Noising {
        Noising::new(&ScheduleConfig::default()).expect("schedule")
    }

    #[test]
    fn ddim_walks_every_fiftieth_timestep_down_to_one() {
        let n = noising();
        let path = ddim(&n, 20, None);
        assert_eq!(path.sigmas.len(), 20);
        assert_eq!((path.sigmas[0], path.sigmas[19]), (n.trained(951), n.trained(1)));
        // The noise has the variance 1 that the reference gives it.
        assert!((path.noise.powi(2) - 1.0 - path.sigmas[0].powi(2)).abs() < 1e-9);
    }

    #[test]
    fn a_picture_is_noised_one_timestep_above_the_first_it_passes() {
        let n = noising();
        let path = ddim(&n, 20, Some(15));
        assert_eq!((path.sigmas[0], path.noise), (n.trained(701), n.trained(751)));
        assert_eq!(path.sigmas.len(), 15);
        for changed in [0, 1, 2, 19, 20, 50] {
            for path in [ddim(&n, 20, Some(changed)), unipc(&n, 20, Some(changed))] {
                assert!(path.sigmas.len() >= 2 && path.sigmas.windows(2).all(|pair| pair[0] > pair[1]), "{changed}");
            }
        }
    }

    #[test]
    fn any_number_of_steps_makes_a_way() {
        for steps in [1, 2, 3, 7, 30, 150, 1000] {
            for path in [ddim(&noising(), steps, None), unipc(&noising(), steps, None)] {
                assert!(path.sigmas.iter().all(|sigma| sigma.is_finite() && *sigma > 0.0), "{steps}");
            }
        }
    }

    #[test]
    fn the_number_of_steps_is_known_before() {
        for steps in [1, 3, 7, 20, 30, 150] {
            for changed in [None, Some(0), Some(1), Some(steps / 2), Some(steps)] {
                assert_eq!(ddim_steps(steps, changed), ddim(&noising(), steps, changed).sigmas.len() - 1);
                assert_eq!(unipc_steps(steps, changed), unipc(&noising(), steps, changed).sigmas.len() - 1);
            }
        }
    }
}
