//! How many steps a round takes, known before a model is loaded.

/// Training timesteps of every Stable Diffusion model.
const TRAINING_TIMESTEPS: usize = 1000;

/// How many of `steps` img2img runs at a denoising strength, by AUTOMATIC1111's rule.
///
/// `t_enc = int(min(strength, 0.999) * steps)` and sampling starts at sigma index
/// `steps - t_enc - 1`, so `t_enc + 1` steps are left: 20 at 0.75 run 16.
pub fn steps_that_run(steps: usize, strength: f64) -> usize {
    ((strength.clamp(0.0, 0.999) * steps as f64) as usize + 1).min(steps.max(1))
}

/// The timesteps, rising from 1, that AUTOMATIC1111 gives DDIM and UniPC for a schedule of `steps` on a
/// model with `trained` timesteps.
pub fn even_timesteps(trained: usize, steps: usize) -> Vec<usize> {
    (0..trained).step_by((trained / steps.max(1)).max(1)).map(|t| (t + 1).min(trained - 1)).collect()
}

/// How many of `all` timesteps are visited: all when an image is made from noise, otherwise `run`, at
/// least two where there are two.
pub fn visited_timesteps(all: usize, run: Option<usize>) -> usize {
    run.map_or(all, |run| run.clamp(2.min(all), all))
}

/// Steps of DDIM: between timesteps, so one fewer than it visits. `run` counts the timesteps that
/// change a start image; `None` starts from noise.
pub fn ddim_steps(steps: usize, run: Option<usize>) -> usize {
    unipc_steps(steps, run).saturating_sub(1)
}

/// Steps of UniPC: as many as the timesteps it visits. `run` counts the timesteps that change a start
/// image; `None` starts from noise.
pub fn unipc_steps(steps: usize, run: Option<usize>) -> usize {
    visited_timesteps(even_timesteps(TRAINING_TIMESTEPS, steps).len(), run)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_steps_at_three_quarters_run_sixteen() {
        assert_eq!(steps_that_run(20, 0.75), 16);
        assert_eq!(steps_that_run(20, 0.0), 1);
        assert_eq!(steps_that_run(20, 1.0), 20);
        assert_eq!(steps_that_run(1, 0.5), 1);
        assert_eq!(steps_that_run(50, 0.3), 16);
    }
}
