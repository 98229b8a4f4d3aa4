//! One step of each sampler: from the latent `x` at `sigma`, where the model's estimate of the clean latent
//! is `clean`, to the latent at `next`.

use candle_core::{Result, Tensor};

use crate::diffusion::sampling::noise_levels::NoiseLevels;
use crate::engine::Error;

/// Asks the model for the clean latent of another latent and sigma.
type Again<'a> = &'a mut dyn FnMut(&Tensor, f64) -> std::result::Result<Tensor, Error>;
/// Noise for the step between two sigmas.
type Draw<'a> = &'a mut dyn FnMut(f64, f64) -> Result<Tensor>;

/// What multistep samplers remember of earlier steps: the clean latent, and the step's length in -ln sigma.
#[derive(Default)]
pub(super) struct MultistepHistory {
    previous: Option<(Tensor, f64)>,
    second_previous: Option<(Tensor, f64)>,
}

impl MultistepHistory {
    fn remember(&mut self, clean: Tensor, length: f64) {
        self.second_previous = self.previous.replace((clean, length));
    }
}

/// The sigma that an ancestral step goes down to, and the deviation of the noise that brings it up to `next`; with `eta`
/// 0 there is no noise, with 1 the usual.
pub(super) fn ancestral(sigma: f64, next: f64, eta: f64) -> (f64, f64) {
    let up = (eta * (next.powi(2) * (sigma.powi(2) - next.powi(2)) / sigma.powi(2)).sqrt()).min(next);
    ((next.powi(2) - up.powi(2)).sqrt(), up)
}

/// `a·x + b·y`.
fn mix(x: &Tensor, a: f64, y: &Tensor, b: f64) -> Result<Tensor> {
    (x * a)? + (y * b)?
}

fn with_noise(x: Tensor, up: f64, (sigma, next): (f64, f64), noise: Draw<'_>) -> Result<Tensor> {
    if up > 0.0 { x + (noise(sigma, next)? * up)? } else { Ok(x) }
}

pub(super) fn euler(x: &Tensor, clean: &Tensor, sigma: f64, next: f64) -> Result<Tensor> {
    // x + (x - clean)/sigma·(next - sigma)
    mix(x, next / sigma, clean, 1.0 - next / sigma)
}

pub(super) fn euler_ancestral(
    x: &Tensor,
    clean: &Tensor,
    (sigma, next): (f64, f64),
    eta: f64,
    noise: Draw<'_>,
) -> Result<Tensor> {
    let (down, up) = ancestral(sigma, next, eta);
    with_noise(euler(x, clean, sigma, down)?, up, (sigma, next), noise)
}

/// Averages the slope here and the slope where Euler's method would arrive.
pub(super) fn heun(
    x: &Tensor,
    clean: &Tensor,
    sigma: f64,
    next: f64,
    again: Again<'_>,
) -> std::result::Result<Tensor, Error> {
    let ahead = euler(x, clean, sigma, next)?;
    if next == 0.0 {
        return Ok(ahead);
    }
    let slope = ((x - clean)? / sigma)?;
    let slope_ahead = ((&ahead - again(&ahead, next)?)? / next)?;
    Ok((x + ((slope + slope_ahead)? * ((next - sigma) / 2.0))?)?)
}

/// Takes the slope halfway down (in log sigma) for the whole step, then adds noise.
pub(super) fn dpm_2(
    x: &Tensor,
    clean: &Tensor,
    sigma: f64,
    next: f64,
    (down, up): (f64, f64),
    noise: Draw<'_>,
    again: Again<'_>,
) -> std::result::Result<Tensor, Error> {
    if down == 0.0 {
        return Ok(with_noise(euler(x, clean, sigma, 0.0)?, up, (sigma, next), noise)?);
    }
    let middle = (sigma * down).sqrt();
    let halfway = euler(x, clean, sigma, middle)?;
    let slope = ((&halfway - again(&halfway, middle)?)? / middle)?;
    Ok(with_noise((x + (slope * (down - sigma))?)?, up, (sigma, next), noise)?)
}

pub(super) fn dpmpp_2s_ancestral(
    x: &Tensor,
    clean: &Tensor,
    (sigma, next): (f64, f64),
    eta: f64,
    noise: Draw<'_>,
    again: Again<'_>,
) -> std::result::Result<Tensor, Error> {
    let (down, up) = ancestral(sigma, next, eta);
    if down == 0.0 {
        return Ok(with_noise(euler(x, clean, sigma, 0.0)?, up, (sigma, next), noise)?);
    }
    let h = sigma.ln() - down.ln();
    let middle = (sigma * down).sqrt();
    let halfway = mix(x, middle / sigma, clean, -(-h / 2.0).exp_m1())?;
    let clean = again(&halfway, middle)?;
    Ok(with_noise(mix(x, down / sigma, &clean, -(-h).exp_m1())?, up, (sigma, next), noise)?)
}

/// DPM-Solver++(2M): with -ln sigma as time, the clean latent follows a line through this step and the
/// previous one.
pub(super) fn dpmpp_2m(
    x: &Tensor,
    clean: Tensor,
    sigma: f64,
    next: f64,
    history: &mut MultistepHistory,
) -> Result<Tensor> {
    let h = sigma.ln() - next.ln();
    let towards = match &history.previous {
        Some((previous, length)) if next > 0.0 => {
            let ahead = h / (2.0 * length);
            mix(&clean, 1.0 + ahead, previous, -ahead)?
        }
        _ => clean.clone(),
    };
    history.remember(clean, h);
    // At the last step h is infinite: expm1(-h) is -1 and x becomes the denoised latent.
    mix(x, next / sigma, &towards, -(-h).exp_m1())
}

/// DPM-Solver++(2M) for the stochastic equation, with the midpoint correction.
pub(super) fn dpmpp_2m_sde(
    x: &Tensor,
    clean: Tensor,
    (sigma, next): (f64, f64),
    eta: f64,
    noise: Draw<'_>,
    history: &mut MultistepHistory,
) -> Result<Tensor> {
    if next == 0.0 {
        return Ok(clean);
    }
    let h = sigma.ln() - next.ln();
    let reach = -(-h - eta * h).exp_m1();
    let mut out = mix(x, next / sigma * (-eta * h).exp(), &clean, reach)?;
    if let Some((previous, length)) = &history.previous {
        out = (out + ((&clean - previous)? * (0.5 * reach * h / length))?)?;
    }
    history.remember(clean, h);
    with_noise(out, next * (-(-2.0 * eta * h).exp_m1()).sqrt(), (sigma, next), noise)
}

/// DPM-Solver++(3M) for the stochastic equation: a parabola through this step and the previous two.
pub(super) fn dpmpp_3m_sde(
    x: &Tensor,
    clean: Tensor,
    (sigma, next): (f64, f64),
    eta: f64,
    noise: Draw<'_>,
    history: &mut MultistepHistory,
) -> Result<Tensor> {
    if next == 0.0 {
        return Ok(clean);
    }
    let h = sigma.ln() - next.ln();
    // The length of the step with its noise.
    let longer = (eta + 1.0) * h;
    let reach = -(-longer).exp_m1();
    let phi_2 = 1.0 - reach / longer;
    let mut out = mix(x, (-longer).exp(), &clean, reach)?;
    if let Some((previous, length)) = &history.previous {
        let r0 = length / h;
        let first = ((&clean - previous)? / r0)?;
        out = match &history.second_previous {
            Some((second_previous, length)) => {
                let r1 = length / h;
                let older = ((previous - second_previous)? / r1)?;
                let bend = ((&first - older)? / (r0 + r1))?;
                let slope = mix(&first, 1.0, &bend, r0)?;
                let phi_3 = phi_2 / longer - 0.5;
                (out + mix(&slope, phi_2, &bend, -phi_3)?)?
            }
            None => (out + (first * phi_2)?)?,
        };
    }
    history.remember(clean, h);
    with_noise(out, next * (-(-2.0 * eta * h).exp_m1()).sqrt(), (sigma, next), noise)
}

/// The model's clean latent with new noise.
pub(super) fn lcm(clean: Tensor, sigma: f64, next: f64, noise: Draw<'_>) -> Result<Tensor> {
    with_noise(clean, next, (sigma, next), noise)
}

/// TCD's gamma: the share of the next timestep by which a step goes beyond it.
const GAMMA: f64 = 0.3;

/// Trajectory consistency distillation's "strategic stochastic sampling": along the model's direction beyond
/// the next sigma, then noise brings the latent back up to it.
pub(super) fn tcd(
    x: &Tensor,
    clean: &Tensor,
    sigma: f64,
    next: f64,
    levels: &NoiseLevels,
    noise: Draw<'_>,
) -> Result<Tensor> {
    if next == 0.0 {
        return Ok(clean.clone());
    }
    let beyond = levels.sigma(((1.0 - GAMMA) * levels.timestep(next)).floor());
    let up = (next.powi(2) - beyond.powi(2)).max(0.0).sqrt();
    with_noise(euler(x, clean, sigma, beyond)?, up, (sigma, next), noise)
}

/// DPM-Solver++ for the stochastic equation: half a step (in log sigma) with its noise, then the whole step
/// along the slope found there.
pub(super) fn dpmpp_sde(
    x: &Tensor,
    clean: &Tensor,
    (sigma, next): (f64, f64),
    eta: f64,
    noise: Draw<'_>,
    again: Again<'_>,
) -> std::result::Result<Tensor, Error> {
    if next == 0.0 {
        return Ok(euler(x, clean, sigma, 0.0)?);
    }
    let middle = (sigma * next).sqrt();
    let halfway = euler_ancestral(x, clean, (sigma, middle), eta, noise)?;
    let clean = again(&halfway, middle)?;
    Ok(euler_ancestral(x, &clean, (sigma, next), eta, noise)?)
}
