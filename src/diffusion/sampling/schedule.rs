//! The sigmas of a schedule's steps.

use super::beta_distribution::BetaDistribution;
use crate::diffusion::sampling::noise_levels::NoiseLevels;
use crate::engine::{SamplerOptions, Schedule};

/// The `steps + 1` falling sigmas of a schedule; the last is 0 except for [`Schedule::KlOptimal`]. The options may give
/// other ends than the model's noise levels, and other shapes. Schedules that are lists of noise levels have neither.
pub(in crate::diffusion) fn sigmas_of(
    schedule: Schedule,
    levels: &NoiseLevels,
    steps: usize,
    options: &SamplerOptions,
) -> Vec<f64> {
    let (lowest, highest) = levels.range();
    let or = |given: f64, usual: f64| if given > 0.0 { given } else { usual };
    let high = or(options.max_sigma, highest);
    // Ends that cross give the sigmas of one.
    let low = or(options.min_sigma, lowest).min(high);
    let is_cut = (low, high) != (lowest, highest);
    let top = levels.count() as f64 - 1.0;
    let timestep = |share: f64| {
        if is_cut { between(levels.timestep(high), levels.timestep(low), share) } else { top * (1.0 - share) }
    };
    // Runs from 0 at the first step to 1 at the last.
    let share = |i: usize| if steps == 1 { 0.0 } else { i as f64 / (steps - 1) as f64 };
    let log = |share: f64| between(high.ln(), low.ln(), share).exp();
    let beta = BetaDistribution::new(options.beta_alpha, options.beta_beta);
    let at = |i: usize| match schedule {
        Schedule::Automatic | Schedule::Karras => {
            // In f32 as the reference does it: a Brownian path begins and ends at these very numbers.
            let rho = or(options.rho, 7.0);
            let (from, to) = (high.powf(1.0 / rho), low.powf(1.0 / rho));
            f64::from(f64::from(from as f32 + even(i, steps) * (to - from) as f32).powf(rho) as f32)
        }
        Schedule::Uniform => levels.sigma(top * (1.0 - share(i))),
        Schedule::Normal => levels.sigma(timestep(share(i))),
        Schedule::Exponential => log(share(i)),
        // As k-diffusion counts: from 1 at the highest to 0.
        Schedule::Polyexponential if options.rho > 0.0 => log(1.0 - (1.0 - share(i)).powf(options.rho)),
        Schedule::Polyexponential => log(share(i)),
        Schedule::SgmUniform => levels.sigma(timestep(i as f64 / steps as f64)),
        Schedule::KlOptimal => between(high.atan(), low.atan(), i as f64 / steps as f64).tan(),
        Schedule::AlignYourSteps => align_your_steps(share(i)),
        Schedule::Simple => {
            let stride = levels.count() as f64 / steps as f64;
            levels.trained(levels.count() - 1 - (i as f64 * stride) as usize)
        }
        Schedule::Ddim => levels.trained(1 + (levels.count() / steps).max(1) * (steps - 1 - i)),
        Schedule::Beta => between(low, high, beta.quantile(1.0 - share(i))),
    };
    let end = if schedule == Schedule::KlOptimal { low } else { 0.0 };
    (0..steps).map(at).chain([end]).collect()
}

/// Number `i` of `count` evenly from 0 to 1, with the rounding of `torch.linspace`: counted from the
/// nearer end.
fn even(i: usize, count: usize) -> f32 {
    let step = 1.0 / (count.max(2) - 1) as f32;
    if i < count / 2 || count == 1 { step * i as f32 } else { 1.0 - step * (count - 1 - i) as f32 }
}

/// The published table for SD 1.5, interpolated in log sigma; `share` runs from 0 to 1.
fn align_your_steps(share: f64) -> f64 {
    const TABLE: [f64; 11] = [14.615, 6.475, 3.861, 2.697, 1.886, 1.396, 0.963, 0.652, 0.399, 0.152, 0.029];
    let at = share * (TABLE.len() - 1) as f64;
    let below = (at as usize).min(TABLE.len() - 2);
    let (a, b) = (TABLE[below].ln(), TABLE[below + 1].ln());
    (a + (b - a) * (at - below as f64)).exp()
}

/// `a` at 0 and `b` at 1.
fn between(a: f64, b: f64, by: f64) -> f64 {
    a + (b - a) * by
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diffusion::sampling::scheduler_config::SchedulerConfig;

    fn levels() -> NoiseLevels {
        NoiseLevels::new(&SchedulerConfig::default()).expect("the standard schedule")
    }

    /// A schedule with the usual options.
    fn sigmas_of(schedule: Schedule, levels: &NoiseLevels, steps: usize) -> Vec<f64> {
        super::sigmas_of(schedule, levels, steps, &SamplerOptions::default())
    }

    #[test]
    fn ten_steps_lie_where_the_reference_puts_them() {
        // numpy and scipy in f64 on the f32 sigmas of Stable Diffusion, with the formulas of the web UI's sd_schedulers; Karras by
        // k-diffusion 0.1.1.
        #[rustfmt::skip]
        let expected: [(Schedule, [f64; 11]); 9] = [
            (Schedule::Uniform, [14.614642, 7.8398829, 4.6091743, 2.9183071, 1.9501615, 1.3449278, 0.93235803, 0.62497693, 0.3686578, 0.029167535, 0.0]),
            (Schedule::Exponential, [14.614642, 7.3248811, 3.6712417, 1.840032, 0.92222684, 0.46222151, 0.23166613, 0.11611142, 0.058195222, 0.029167535, 0.0]),
            (Schedule::SgmUniform, [14.614642, 8.3071729, 5.0924073, 3.3250691, 2.2797302, 1.6155803, 1.1628645, 0.83188366, 0.57118889, 0.34370485, 0.0]),
            (Schedule::KlOptimal, [14.614642, 4.5650376, 2.6328885, 1.7864458, 1.2947677, 0.96158839, 0.71162716, 0.50941974, 0.33563772, 0.17834681, 0.029167535]),
            (Schedule::Simple, [14.614642, 8.302804, 5.0877628, 3.3210831, 2.276463, 1.6128862, 1.1605784, 0.82985955, 0.56928492, 0.34167388, 0.0]),
            (Schedule::Ddim, [8.3906851, 5.1344309, 3.3477638, 2.2928538, 1.6236923, 1.168216, 0.83565277, 0.57405031, 0.34618676, 0.041314479, 0.0]),
            (Schedule::Beta, [14.614642, 13.927786, 12.490981, 10.597609, 8.4424374, 6.2013723, 4.0462011, 2.1528286, 0.71602404, 0.029167535, 0.0]),
            (Schedule::AlignYourSteps, [14.615, 6.1135137, 3.5651137, 2.3938735, 1.6499555, 1.1357873, 0.7425183, 0.44500744, 0.16920512, 0.029, 0.0]),
            (Schedule::Normal, [14.614642, 7.8398829, 4.6091743, 2.9183071, 1.9501615, 1.3449278, 0.93235803, 0.62497693, 0.3686578, 0.029167535, 0.0]),
        ];
        for (schedule, expected) in expected {
            let got = sigmas_of(schedule, &levels(), 10);
            for (got, want) in got.iter().zip(expected) {
                assert!((got - want).abs() <= 1e-6 * want.max(1.0), "{schedule:?}: {got} is not {want}");
            }
        }
        for (got, want) in
            sigmas_of(Schedule::Karras, &levels(), 5).iter().zip([14.6146, 4.7965, 1.2741, 0.2480, 0.0292])
        {
            assert!((got - want).abs() < 6e-5, "{got} is not {want}");
        }
    }

    #[test]
    fn every_schedule_falls_whatever_the_number_of_steps() {
        for schedule in Schedule::all() {
            for steps in [1, 2, 3, 7, 20, 33, 150] {
                let sigmas = sigmas_of(schedule, &levels(), steps);
                assert_eq!(sigmas.len(), steps + 1, "{schedule:?}");
                assert!(sigmas.windows(2).all(|w| w[1] < w[0]), "{schedule:?} {steps}: {sigmas:?}");
            }
        }
    }

    #[test]
    fn options_give_schedules_other_ends_and_shapes() {
        // numpy and scipy in f64, with the formulas of k-diffusion and the web UI's sd_schedulers.
        let options = SamplerOptions {
            min_sigma: 0.1,
            max_sigma: 10.0,
            rho: 5.0,
            beta_alpha: 0.5,
            beta_beta: 0.7,
            ..SamplerOptions::default()
        };
        #[rustfmt::skip]
        let expected: [(Schedule, [f64; 6]); 7] = [
            (Schedule::Karras, [10.0, 4.42471601, 1.66936897, 0.49682260, 0.1, 0.0]),
            (Schedule::Exponential, [10.0, 3.16227766, 1.0, 0.31622777, 0.1, 0.0]),
            (Schedule::Polyexponential, [10.0, 0.29826986, 0.11547820, 0.10045074, 0.1, 0.0]),
            (Schedule::SgmUniform, [10.0, 4.07967725, 2.01374851, 1.08899534, 0.55981152, 0.0]),
            (Schedule::Normal, [10.0, 3.37101126, 1.47440390, 0.67304927, 0.1, 0.0]),
            (Schedule::KlOptimal, [10.0, 2.54824818, 1.32021867, 0.75745028, 0.39242645, 0.1]),
            (Schedule::Beta, [10.0, 7.22092784, 3.67473074, 1.05214895, 0.1, 0.0]),
        ];
        for (schedule, expected) in expected {
            let got = super::sigmas_of(schedule, &levels(), 5, &options);
            assert_eq!(got.len(), expected.len());
            for (got, want) in got.iter().zip(expected) {
                assert!((got - want).abs() <= 2e-6 * want.max(1.0), "{schedule:?}: {got} is not {want}");
            }
        }
        for schedule in [Schedule::Uniform, Schedule::Simple, Schedule::Ddim, Schedule::AlignYourSteps] {
            assert_eq!(super::sigmas_of(schedule, &levels(), 5, &options), sigmas_of(schedule, &levels(), 5));
        }
        // Ends that cross make no schedule that rises.
        let crossed = SamplerOptions { min_sigma: 900.0, ..SamplerOptions::default() };
        for schedule in Schedule::all() {
            let sigmas = super::sigmas_of(schedule, &levels(), 5, &crossed);
            assert!(sigmas.windows(2).all(|pair| pair[1] <= pair[0]), "{schedule:?}: {sigmas:?}");
        }
    }
}
