//! ComfyUI's names of samplers and schedules.

use crate::engine::{Sampler, Schedule};

/// What ComfyUI calls a sampler; `None` where it has none that does the same.
pub(super) fn sampler_name(sampler: Sampler) -> Option<&'static str> {
    Some(match sampler {
        Sampler::DpmPp2m => "dpmpp_2m",
        Sampler::DpmPpSde => "dpmpp_sde",
        Sampler::DpmPp2mSde => "dpmpp_2m_sde",
        Sampler::DpmPp3mSde => "dpmpp_3m_sde",
        Sampler::DpmPp2sA => "dpmpp_2s_ancestral",
        Sampler::Euler => "euler",
        Sampler::EulerA => "euler_ancestral",
        Sampler::Heun => "heun",
        Sampler::Dpm2 => "dpm_2",
        Sampler::Dpm2A => "dpm_2_ancestral",
        Sampler::Ddim => "ddim",
        Sampler::UniPc => "uni_pc",
        Sampler::Lcm => "lcm",
        Sampler::Tcd => return None,
    })
}

/// What ComfyUI calls the schedule of a sampler; `None` where it has none that does the same.
pub(super) fn schedule_name(sampler: Sampler, schedule: Schedule) -> Option<&'static str> {
    let schedule = if schedule == Schedule::Automatic { sampler.own_schedule() } else { schedule };
    Some(match schedule {
        _ if sampler == Sampler::Ddim => "ddim_uniform",
        _ if sampler.has_fixed_schedule() => "normal",
        Schedule::Uniform | Schedule::Normal => "normal",
        Schedule::Karras => "karras",
        Schedule::Exponential | Schedule::Polyexponential => "exponential",
        Schedule::SgmUniform => "sgm_uniform",
        Schedule::KlOptimal => "kl_optimal",
        Schedule::Simple => "simple",
        Schedule::Ddim => "ddim_uniform",
        Schedule::Beta => "beta",
        Schedule::Automatic | Schedule::AlignYourSteps => return None,
    })
}
