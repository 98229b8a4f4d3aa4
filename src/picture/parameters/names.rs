//! Samplers, schedules and random number generators by the names that other programs give them.

use crate::engine::{Rng, Sampler, Schedule};

/// Names, without punctuation and in lower case, that differ from this program's own. `dpmpp` is `DPM++`.
///
/// They are those of ComfyUI, InvokeAI, NovelAI, stable-diffusion.cpp, Draw Things and the class names of
/// diffusers. Only what computes the same stands here: a sampler that is merely related would make another
/// picture.
const SAMPLERS: [(&str, Sampler); 20] = [
    ("eulerancestral", Sampler::EulerA),
    ("eulerdiscretescheduler", Sampler::Euler),
    ("eulerancestraldiscretescheduler", Sampler::EulerA),
    ("heundiscretescheduler", Sampler::Heun),
    ("kdpm2", Sampler::Dpm2),
    ("kdpm2a", Sampler::Dpm2A),
    ("dpm2ancestral", Sampler::Dpm2A),
    ("kdpm2discretescheduler", Sampler::Dpm2),
    ("kdpm2ancestraldiscretescheduler", Sampler::Dpm2A),
    ("dpmpp2sancestral", Sampler::DpmPp2sA),
    ("dpmsolvermultistepscheduler", Sampler::DpmPp2m),
    ("dpmppsdegpu", Sampler::DpmPpSde),
    ("dpmsolversdescheduler", Sampler::DpmPpSde),
    ("dpmpp2msdegpu", Sampler::DpmPp2mSde),
    ("dpmpp3msdegpu", Sampler::DpmPp3mSde),
    ("ddimv3", Sampler::Ddim),
    ("ddimscheduler", Sampler::Ddim),
    ("unipcmultistepscheduler", Sampler::UniPc),
    ("lcmscheduler", Sampler::Lcm),
    ("tcdscheduler", Sampler::Tcd),
];

/// The same for schedules.
const SCHEDULES: [(&str, Schedule); 5] = [
    ("default", Schedule::Automatic),
    // stable-diffusion.cpp and NovelAI for the plain spacing of timesteps.
    ("discrete", Schedule::Uniform),
    ("native", Schedule::Uniform),
    ("ddimuniform", Schedule::Ddim),
    ("ays", Schedule::AlignYourSteps),
];

/// A sampler by a name of any program, with the schedule where the name ends in one: `DPM++ 2M Karras`,
/// `dpmpp_2m_sde_gpu`, `euler_a`, `dpm++2s_a karras`, `k_euler_ancestral`, `dpmpp_2m_k`.
pub fn sampler(name: &str) -> Option<(Sampler, Option<Schedule>)> {
    let name = name.trim();
    let letters = letters_of(name);
    // NovelAI's names begin with `k_`.
    let without_k = name.to_ascii_lowercase().strip_prefix("k_").map(letters_of);
    for name in [Some(&letters), without_k.as_ref()].into_iter().flatten() {
        if let Some(sampler) = whole(name) {
            return Some((sampler, None));
        }
        for (ending, schedule) in schedules() {
            if let Some(sampler) = name.strip_suffix(ending.as_str()).and_then(whole) {
                return Some((sampler, Some(schedule)));
            }
        }
    }
    // InvokeAI's names for Karras' schedule end in `_k`.
    let name = name.to_ascii_lowercase();
    let sampler = whole(&letters_of(name.strip_suffix("_k")?))?;
    Some((sampler, Some(Schedule::Karras)))
}

/// A schedule by a name of any program.
pub fn schedule(name: &str) -> Option<Schedule> {
    let letters = letters_of(name);
    schedules().find(|(known, _)| *known == letters).map(|(_, schedule)| schedule)
}

/// A random number generator by a name of any program: `GPU`, `NV` and `cuda` are the same numbers.
pub(super) fn rng(name: &str) -> Option<Rng> {
    match name.trim().to_ascii_lowercase().as_str() {
        "gpu" | "nv" | "cuda" => Some(Rng::Cuda),
        "cpu" => Some(Rng::Cpu),
        _ => None,
    }
}

fn whole(letters: &str) -> Option<Sampler> {
    let own = Sampler::ALL.into_iter().find(|s| letters_of(s.label()) == letters || letters_of(s.id()) == letters);
    own.or_else(|| SAMPLERS.iter().find(|(name, _)| *name == letters).map(|(_, sampler)| *sampler))
}

/// All names of schedules, the longest first, so that `polyexponential` is not taken for `exponential`.
fn schedules() -> impl Iterator<Item = (String, Schedule)> {
    let own = Schedule::all().flat_map(|s| [(letters_of(s.id()), s), (letters_of(s.label()), s)]);
    let mut all: Vec<_> = own.chain(SCHEDULES.map(|(name, schedule)| (name.to_owned(), schedule))).collect();
    all.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    all.into_iter()
}

/// A name without case and punctuation; `++` becomes `pp`.
fn letters_of(name: &str) -> String {
    let name = name.to_lowercase().replace("++", "pp");
    name.chars().filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_names_are_known() {
        for known in Sampler::ALL {
            assert_eq!(sampler(known.id()), Some((known, None)), "{}", known.id());
            assert_eq!(sampler(known.label()), Some((known, None)), "{}", known.label());
            let with = format!("{} Karras", known.label());
            assert_eq!(sampler(&with), Some((known, Some(Schedule::Karras))), "{with}");
        }
        for known in Schedule::all() {
            assert_eq!((schedule(known.id()), schedule(known.label())), (Some(known), Some(known)));
        }
    }

    #[test]
    fn names_of_other_programs_are_known() {
        use Sampler::*;
        use Schedule::{AlignYourSteps, Exponential, Karras, Polyexponential};
        for (name, expected) in [
            // AUTOMATIC1111 and Forge, before and after schedules had names of their own.
            ("DPM++ 2M Karras", (DpmPp2m, Some(Karras))),
            ("DPM++ 2M SDE Exponential", (DpmPp2mSde, Some(Exponential))),
            ("DPM2 a Karras", (Dpm2A, Some(Karras))),
            ("euler a", (EulerA, None)),
            // ComfyUI.
            ("euler_ancestral", (EulerA, None)),
            ("dpmpp_2s_ancestral", (DpmPp2sA, None)),
            ("dpmpp_sde_gpu", (DpmPpSde, None)),
            ("dpmpp_3m_sde", (DpmPp3mSde, None)),
            ("dpm_2_ancestral", (Dpm2A, None)),
            ("uni_pc", (UniPc, None)),
            // stable-diffusion.cpp.
            ("dpm++2s_a karras", (DpmPp2sA, Some(Karras))),
            ("euler_a", (EulerA, None)),
            ("dpm++2m ays", (DpmPp2m, Some(AlignYourSteps))),
            // InvokeAI.
            ("kdpm_2_a_k", (Dpm2A, Some(Karras))),
            ("dpmpp_2m_sde_k", (DpmPp2mSde, Some(Karras))),
            ("euler_k", (Euler, Some(Karras))),
            ("unipc", (UniPc, None)),
            // NovelAI.
            ("k_euler_ancestral", (EulerA, None)),
            ("k_dpmpp_2m", (DpmPp2m, None)),
            ("k_dpm_2", (Dpm2, None)),
            // Draw Things, diffusers.
            ("Euler Ancestral", (EulerA, None)),
            ("DPM++ 2M AYS", (DpmPp2m, Some(AlignYourSteps))),
            ("EulerAncestralDiscreteScheduler", (EulerA, None)),
            ("dpmpp_2m_polyexponential", (DpmPp2m, Some(Polyexponential))),
        ] {
            assert_eq!(sampler(name), Some(expected), "{name}");
        }
        for name in ["", "karras", "Restart", "LMS", "dpmpp_2s", "dpm++2mv2", "uni_pc_bh2", "DDIM CFG++", "k", "苹果"]
        {
            assert_eq!(sampler(name), None, "{name}");
        }
    }

    #[test]
    fn schedules_and_generators_of_other_programs_are_known() {
        for (name, expected) in [
            ("ddim_uniform", Schedule::Ddim),
            ("sgm_uniform", Schedule::SgmUniform),
            ("kl_optimal", Schedule::KlOptimal),
            ("discrete", Schedule::Uniform),
            ("AYS", Schedule::AlignYourSteps),
            ("Automatic", Schedule::Automatic),
        ] {
            assert_eq!(schedule(name), Some(expected), "{name}");
        }
        assert_eq!(schedule("linear_quadratic"), None);
        assert_eq!([rng("NV"), rng("gpu"), rng("CUDA")], [Some(Rng::Cuda); 3]);
        assert_eq!((rng("CPU"), rng("std_default")), (Some(Rng::Cpu), None));
    }
}
