//! Taking a picture's settings over into the settings of the next round.

use std::fmt;

use super::inpaint::{self, Taken};
use super::{Parameters, control, names, second_pass};
use crate::engine::{MAX_SEED, Rng, Schedule, Settings};

/// A setting of a picture that was not taken over, or not as it stands, and why.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct NotTaken {
    /// What it is called.
    pub name: String,
    /// Its value.
    pub value: String,
    /// Why, as the end of a sentence.
    pub reason: String,
}

impl fmt::Display for NotTaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", shortened(&self.name), shortened(&self.value), self.reason)
    }
}

/// The beginning of a text: a message has no room for more.
fn shortened(text: &str) -> String {
    const MOST: usize = 80;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Settings that say something about the picture and do not change it, or that are taken over by other
/// means: the model is chosen by hand, LoRAs and embeddings are named in the prompt.
const INFORMATIVE: [&str; 30] = [
    "model",
    "model hash",
    "vae hash",
    "lora hashes",
    "ti hashes",
    "ti",
    "hashes",
    "version",
    "instructions",
    "precision",
    "model fingerprint",
    "user",
    "created date",
    "batch size",
    "batch pos",
    "batch count",
    "template",
    "negative template",
    "civitai resources",
    "civitai metadata",
    "civitai hashes override",
    "size-1",
    "size-2",
    "backend",
    "app",
    "pipeline",
    "operations",
    "generation mode",
    "parser",
    "source identifier",
];

/// Settings that belong to something this program does not have, by the beginning of their names.
const ABSENT: [(&str, &str); 8] = [
    ("region ", "where it lies is not in the file"),
    ("hires", "there is no high-resolution pass"),
    ("refiner", "there is no refiner"),
    ("adetailer", "there is no ADetailer"),
    ("mask", "inpainting has no such setting here"),
    ("inpaint", "inpainting has no such setting here"),
    ("face restoration", "there is no face restoration"),
    ("hypernet", "there are no hypernetworks"),
];

impl Parameters {
    /// Takes over what is said and fits, and lists the rest. What the text does not mention stays as it
    /// is in `settings`, except for those settings that are only written where they differ from their
    /// usual value: these get it. The batch size stays: the text speaks of one picture.
    pub fn apply_to(&self, settings: &mut Settings) -> Vec<NotTaken> {
        let fits = |text: &str| text.chars().count() <= Settings::MAX_PROMPT;
        let mut too_long = Vec::new();
        for (name, theirs, ours) in [
            ("Prompt", &self.prompt, &mut settings.prompt),
            ("Negative prompt", &self.negative, &mut settings.negative),
        ] {
            if fits(theirs) {
                ours.clone_from(theirs);
            } else {
                too_long.push((name, theirs));
            }
        }
        // Settings that are only written where they differ from these.
        let usual = Settings::default();
        settings.rng = usual.rng;
        settings.variation_strength = usual.variation_strength;
        settings.variation_seed = usual.variation_seed;
        settings.guided = usual.guided;
        settings.reuse = usual.reuse;
        settings.noise_multiplier = usual.noise_multiplier;
        settings.extra_noise = usual.extra_noise;
        settings.clip_skip = usual.clip_skip;
        settings.exact_steps = usual.exact_steps;
        settings.color_correct = usual.color_correct;
        settings.keep_unpainted = usual.keep_unpainted;
        settings.inpaint = usual.inpaint;
        settings.image_cfg = usual.image_cfg;
        settings.controls = usual.controls;
        settings.second_pass = usual.second_pass;
        settings.regions = self.regions();
        settings.sampling = usual.sampling;
        let mut taking = Taking { settings, left: Vec::new(), is_hires: self.has_hires() };
        for (name, text) in too_long {
            taking.leave(name, text, format!("prompts have up to {} characters here", Settings::MAX_PROMPT));
        }
        let mut seen: Vec<String> = Vec::new();
        // The generator decides what a long seed means, the sampler what a schedule means.
        let first = |name: &str| usize::from(!["rng", "sampler"].contains(&name));
        let mut fields: Vec<(String, &(String, String))> =
            self.fields.iter().map(|field| (field.0.to_ascii_lowercase(), field)).collect();
        fields.sort_by_key(|(name, _)| first(name));
        for (name, (shown, value)) in fields {
            // The first of two of the same name counts, as for `Parameters::field`.
            if seen.contains(&name) {
                continue;
            }
            taking.take(&name, shown, value, self);
            seen.push(name);
        }
        for line in &self.extra_lines {
            let name = line.split_once(':').map_or("", |(name, _)| name.trim()).to_ascii_lowercase();
            if !INFORMATIVE.contains(&name.as_str()) {
                taking.leave("Line below the settings", line, "it is not understood");
            }
        }
        taking.left
    }

    fn has_hires(&self) -> bool {
        self.fields.iter().any(|(name, _)| name.to_ascii_lowercase().starts_with("hires"))
    }
}

/// Settings on the way from a picture.
struct Taking<'a> {
    settings: &'a mut Settings,
    left: Vec<NotTaken>,
    /// The denoising strength is then that of a second pass.
    is_hires: bool,
}

impl Taking<'_> {
    fn leave(&mut self, name: &str, value: &str, reason: impl Into<String>) {
        self.left.push(NotTaken { name: name.to_owned(), value: value.to_owned(), reason: reason.into() });
    }

    /// Takes one setting: `name` in lower case, `shown` as it was written.
    fn take(&mut self, name: &str, shown: &str, value: &str, all: &Parameters) {
        let number = || value.parse::<f64>().ok();
        let whole = || value.parse::<f64>().ok().filter(|v| v.fract() == 0.0 && (0.0..1e9).contains(v));
        if !all.region_masks.is_empty() && name.starts_with("region ") {
            return;
        }
        match name {
            "steps" => self.set(shown, value, whole(), |s, steps| s.steps = steps as usize),
            "cfg scale" => self.set(shown, value, number(), |s, scale| s.cfg_scale = scale),
            "denoising strength" | "strength" if self.is_hires => {
                self.leave(shown, value, "it is that of the high-resolution pass, which there is not here");
            }
            "denoising strength" | "strength" => self.set(shown, value, number(), |s, strength| s.strength = strength),
            "variation seed strength" => self.set(shown, value, number(), |s, v| s.variation_strength = v),
            "guided share" => self.set(shown, value, number(), |s, share| s.guided = share),
            "deepcache interval" => self.set(shown, value, whole(), |s, interval| s.reuse = interval as usize),
            "noise multiplier" => self.set(shown, value, number(), |s, v| s.noise_multiplier = v),
            "extra noise" => self.set(shown, value, number(), |s, noise| s.extra_noise = noise),
            "clip skip" => self.set(shown, value, whole(), |s, skip| s.clip_skip = skip as usize),
            "exact steps" => self.set(shown, value, truth(value), |s, exact| s.exact_steps = exact),
            "color correction" => self.set(shown, value, truth(value), |s, correct| s.color_correct = correct),
            "keep unpainted" => self.set(shown, value, truth(value), |s, keep| s.keep_unpainted = keep),
            "image cfg scale" => self.set(shown, value, number(), |s, scale| s.image_cfg = Some(scale)),
            "feather" => self.set(shown, value, whole(), |s, feather| s.feather = feather as usize),
            "seed" => {
                if let Some(seed) = self.seed(shown, value) {
                    self.set(shown, value, Some(seed), |s, seed| s.seed = seed);
                }
            }
            "variation seed" => {
                if let Some(seed) = self.seed(shown, value) {
                    self.set(shown, value, Some(seed), |s, seed| s.variation_seed = seed);
                }
            }
            "sampler" => self.sampler(shown, value, all),
            // Taken together with the sampler.
            "schedule type" | "scheduler" => {
                if all.field("Sampler").and_then(names::sampler).is_none() {
                    self.leave(shown, value, "its sampler is not known here");
                } else if names::schedule(value).is_none() {
                    self.leave(shown, value, "there is no schedule of this name; the sampler's own is used");
                }
            }
            "rng" => match names::rng(value) {
                Some(rng) => self.settings.rng = rng,
                None => self.leave(shown, value, "there is no random number generator of this name"),
            },
            "size" => self.size(shown, value),
            "vae" if ["automatic", "none", ""].contains(&value.to_ascii_lowercase().as_str()) => {}
            "vae" => self.leave(shown, value, "a replacement VAE is a file that has to be chosen by hand"),
            name if INFORMATIVE.contains(&name) => {}
            name if self.option(name, shown, value) => {}
            name => match inpaint::take(name, value)
                .or_else(|| control::take(name, value))
                .or_else(|| second_pass::take(name, value))
            {
                Some(Taken::Set(set)) => self.set(shown, value, Some(()), |s, ()| set(s)),
                Some(Taken::Unreadable) => self.leave(shown, value, "this is not a value for it"),
                Some(Taken::Left(reason)) => self.leave(shown, value, reason),
                Some(Taken::Nothing) => {}
                None => {
                    let absent = ABSENT.iter().find(|(beginning, _)| name.starts_with(beginning));
                    self.leave(shown, value, absent.map_or("there is no such setting", |(_, reason)| *reason));
                }
            },
        }
    }

    /// Takes an option of sampling; false if it is none.
    fn option(&mut self, name: &str, shown: &str, value: &str) -> bool {
        let mut options = self.settings.sampling.clone();
        let Some(is_read) = options.take(name, value) else { return false };
        self.set(shown, value, is_read.then_some(options), |settings, options| settings.sampling = options);
        true
    }

    /// Sets a value that could be read, if the settings are valid with it.
    fn set<T>(&mut self, shown: &str, value: &str, read: Option<T>, set: impl FnOnce(&mut Settings, T)) {
        let Some(read) = read else {
            self.leave(shown, value, "this is not a value for it");
            return;
        };
        let mut changed = self.settings.clone();
        set(&mut changed, read);
        match changed.check() {
            Ok(()) => *self.settings = changed,
            Err(error) => {
                let text = error.to_string();
                // The settings may have been invalid before.
                self.leave(shown, value, text.trim_end_matches('.'));
            }
        }
    }

    /// A seed that this program can use. PyTorch's generator for the CPU looks at the low 32 bits only,
    /// so longer seeds, as ComfyUI draws them, mean the same noise as their rest.
    fn seed(&mut self, shown: &str, value: &str) -> Option<i64> {
        let Ok(seed) = value.parse::<u64>() else {
            self.leave(shown, value, "this is not a value for it");
            return None;
        };
        let most = MAX_SEED.unsigned_abs();
        if seed <= most {
            return Some(seed as i64);
        }
        if self.settings.rng == Rng::Cpu {
            let rest = seed & most;
            self.leave(shown, value, format!("{rest} is used, which gives the same noise with the CPU's generator"));
            return Some(rest as i64);
        }
        self.leave(shown, value, format!("seeds go up to {most} here"));
        None
    }

    /// `DPM++ 2M` with `Schedule type: Karras`, the older `DPM++ 2M Karras`, or another program's name.
    fn sampler(&mut self, shown: &str, value: &str, all: &Parameters) {
        let Some((sampler, with)) = names::sampler(value) else {
            self.leave(shown, value, "there is no sampler of this name; the one that is set stays");
            return;
        };
        let said = all.field("Schedule type").or_else(|| all.field("Scheduler")).and_then(names::schedule);
        self.settings.sampler = sampler;
        self.settings.schedule = said.or(with).unwrap_or(Schedule::Automatic);
    }

    /// A size is taken as it is or, where its sides do not fit the grid, as the nearest that does.
    fn size(&mut self, shown: &str, value: &str) {
        let sides = value.split_once(['x', 'X', '×']).and_then(|(width, height)| {
            Some((width.trim().parse::<usize>().ok()?, height.trim().parse::<usize>().ok()?))
        });
        let Some((width, height)) = sides.filter(|(width, height)| *width > 0 && *height > 0) else {
            self.leave(shown, value, "this is not a size");
            return;
        };
        let used = (Settings::nearest_side(width), Settings::nearest_side(height));
        self.set(shown, value, Some(used), |s, (width, height)| (s.width, s.height) = (width, height));
        if used != (width, height) {
            let (step, most) = (Settings::SIDE_STEP, Settings::MAX_SIDE);
            let reason = format!("{}x{} is used; sides are multiples of {step} up to {most} here", used.0, used.1);
            self.leave(shown, value, reason);
        }
    }
}

fn truth(value: &str) -> Option<bool> {
    match value.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}
