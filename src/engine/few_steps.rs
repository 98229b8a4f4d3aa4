//! The LoRAs and models that make a picture in a few steps, and how each is run, by the names they are published under.

use super::{Sampler, Schedule};

/// How a LoRA or model that was distilled to a few steps is run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FewSteps {
    /// What it is called.
    pub label: &'static str,
    /// How many steps it takes.
    pub steps: usize,
    /// The sampler it was made for.
    pub sampler: Sampler,
    /// How its steps are spaced.
    pub schedule: Schedule,
    /// Guidance scale; 1 is without guidance.
    pub cfg_scale: f64,
    /// Which is chosen where there are several: the lowest.
    rank: usize,
}

const fn run(
    label: &'static str,
    steps: usize,
    sampler: Sampler,
    schedule: Schedule,
    cfg_scale: f64,
    rank: usize,
) -> FewSteps {
    FewSteps { label, steps, sampler, schedule, cfg_scale, rank }
}

/// LoRAs for Stable Diffusion 1.5. The first row counts all of whose words a name holds. Evenly spaced ("trailing")
/// DDIM steps, which Hyper-SD is made for, are the same as Euler's on the schedule SGM Uniform.
const LORAS: [(&[&str], FewSteps); 9] = {
    use Sampler::{Euler, Lcm, Tcd};
    use Schedule::{Automatic, SgmUniform};
    [
        (&["hyper", "12step", "cfg"], run("Hyper-SD with guidance", 12, Euler, SgmUniform, 5.0, 8)),
        (&["hyper", "8step", "cfg"], run("Hyper-SD with guidance", 8, Euler, SgmUniform, 5.0, 7)),
        (&["hyper", "1step"], run("Hyper-SD", 4, Tcd, SgmUniform, 1.0, 4)),
        (&["hyper", "2step"], run("Hyper-SD", 2, Euler, SgmUniform, 1.0, 5)),
        (&["hyper", "4step"], run("Hyper-SD", 4, Euler, SgmUniform, 1.0, 1)),
        (&["hyper", "8step"], run("Hyper-SD", 8, Euler, SgmUniform, 1.0, 6)),
        (&["tcd"], run("TCD", 4, Tcd, SgmUniform, 1.0, 2)),
        (&["lcm", "lora"], run("LCM-LoRA", 6, Lcm, Automatic, 1.0, 3)),
        (&["lcm", "sd"], run("LCM-LoRA", 6, Lcm, Automatic, 1.0, 3)),
    ]
};

/// Whole models. A latent consistency model takes its scale as an input, so that it costs nothing.
const MODELS: [(&[&str], FewSteps); 3] = {
    use Sampler::{Euler, Lcm};
    use Schedule::{Automatic, SgmUniform};
    [
        (&["sd-turbo"], run("SD-Turbo", 4, Euler, SgmUniform, 1.0, 0)),
        (&["sd_turbo"], run("SD-Turbo", 4, Euler, SgmUniform, 1.0, 0)),
        (&["lcm"], run("LCM", 6, Lcm, Automatic, 8.0, 0)),
    ]
};

/// Parts of names that say that a LoRA is for other models than Stable Diffusion 1.5.
const OTHER_FAMILIES: [&str; 6] = ["xl", "flux", "sd3", "sd2", "ssd-1b", "pixart"];

impl FewSteps {
    /// How the LoRA of this name for Stable Diffusion 1.5 is run; `None` for one that is not known. Folders may stand
    /// before the name.
    pub fn of_lora(name: &str) -> Option<Self> {
        let name = name.to_lowercase();
        if OTHER_FAMILIES.iter().any(|other| name.contains(other)) {
            return None;
        }
        first(&LORAS, &name)
    }

    /// How the model of this name is run; `None` for one that is not known.
    pub fn of_model(name: &str) -> Option<Self> {
        let name = name.to_lowercase();
        if name.contains("xl") { None } else { first(&MODELS, &name) }
    }

    /// Whether it uses guidance, and so the negative prompt.
    pub fn is_guided(&self) -> bool {
        self.cfg_scale != 1.0
    }

    /// The best of some LoRAs, by name.
    pub fn best<'a>(loras: impl IntoIterator<Item = &'a str>) -> Option<(&'a str, Self)> {
        let known = loras.into_iter().filter_map(|name| Some((name, Self::of_lora(name)?)));
        known.min_by_key(|(_, few)| few.rank)
    }
}

fn first(table: &[(&[&str], FewSteps)], name: &str) -> Option<FewSteps> {
    table.iter().find(|(words, _)| words.iter().all(|word| name.contains(word))).map(|(_, few)| *few)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loras_are_known_by_the_names_they_are_published_under() {
        let of = |name| FewSteps::of_lora(name).map(|few| (few.label, few.steps, few.sampler, few.cfg_scale));
        for (name, expected) in [
            ("Hyper-SD15-4steps-lora", ("Hyper-SD", 4, Sampler::Euler, 1.0)),
            ("Hyper-SD15-1step-lora", ("Hyper-SD", 4, Sampler::Tcd, 1.0)),
            ("Hyper-SD15-8steps-CFG-lora", ("Hyper-SD with guidance", 8, Sampler::Euler, 5.0)),
            ("hyper/Hyper-SD15-12steps-CFG-lora", ("Hyper-SD with guidance", 12, Sampler::Euler, 5.0)),
            ("lcm-lora-sdv1-5/pytorch_lora_weights", ("LCM-LoRA", 6, Sampler::Lcm, 1.0)),
            ("LCM_LoRA_Weights_SD15", ("LCM-LoRA", 6, Sampler::Lcm, 1.0)),
            ("TCD-SD15-LoRA", ("TCD", 4, Sampler::Tcd, 1.0)),
        ] {
            assert_eq!(of(name), Some(expected), "{name}");
        }
        for name in ["ink", "Hyper-SDXL-4steps-lora", "lcm-lora-sdxl", "TCD-SD21-base-LoRA", "pytorch_lora_weights", ""]
        {
            assert_eq!(of(name), None, "{name}");
        }
    }

    #[test]
    fn models_are_known_by_their_names() {
        let of = |name| FewSteps::of_model(name).map(|few| few.label);
        assert_eq!(of("LCM_Dreamshaper_v7_4k"), Some("LCM"));
        assert_eq!([of("sd-turbo"), of("sd_turbo")], [Some("SD-Turbo"); 2]);
        for name in ["starter", "dreamshaper_8", "sdxl-turbo"] {
            assert_eq!(of(name), None, "{name}");
        }
    }

    #[test]
    fn the_best_of_several_is_chosen() {
        let names = ["ink", "Hyper-SD15-8steps-CFG-lora", "lcm-lora-sdv1-5", "Hyper-SD15-4steps-lora"];
        assert_eq!(FewSteps::best(names).map(|(name, _)| name), Some(names[3]));
        assert_eq!(FewSteps::best(["ink"]), None);
    }
}
