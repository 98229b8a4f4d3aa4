//! Values of options, read from what was typed. Each error is the end of a sentence.

use crate::engine::{InpaintArea, MaskedContent, Preset, Rng, Sampler, Schedule, SheetAxis, SheetSetting};
use crate::picture::{Extension, Fit};

pub(super) fn fit(name: &str) -> Result<Fit, String> {
    Fit::ALL.into_iter().find(|f| f.id().eq_ignore_ascii_case(name)).ok_or_else(|| "say fill, whole or stretch".into())
}

pub(super) fn sampler(name: &str) -> Result<(Sampler, Option<Schedule>), String> {
    Sampler::with_schedule_from_name(name).ok_or_else(|| {
        let known: Vec<&str> = Sampler::ALL.iter().map(|s| s.id()).collect();
        format!("the samplers are {}", known.join(", "))
    })
}

pub(super) fn axis(text: &str) -> Result<SheetAxis, String> {
    let (name, values) = text.split_once('=').ok_or("write SETTING=VALUES, for example strength=0.45,0.6,0.75")?;
    let known = SheetSetting::ALL.into_iter().find(|setting| setting.id().eq_ignore_ascii_case(name.trim()));
    let setting = known.ok_or_else(|| {
        let names: Vec<&str> = SheetSetting::ALL.iter().map(|setting| setting.id()).collect();
        format!("the settings of a sheet are {}", names.join(", "))
    })?;
    SheetAxis::read(setting, values).map_err(|error| error.to_string())
}

pub(super) fn rng(name: &str) -> Result<Rng, String> {
    Rng::ALL.into_iter().find(|r| r.id().eq_ignore_ascii_case(name)).ok_or_else(|| "say cuda or cpu".into())
}

pub(super) fn schedule(name: &str) -> Result<Schedule, String> {
    Schedule::from_name(name).ok_or_else(|| {
        let known: Vec<&str> = Schedule::all().map(Schedule::id).collect();
        format!("the schedules are {}", known.join(", "))
    })
}

/// A number as people write it, with a decimal point or comma. The settings say which range it must be in.
pub(super) fn number(text: &str) -> Result<f64, String> {
    text.trim().replace(',', ".").parse().map_err(|_| "give a number such as 7.5".into())
}

pub(super) fn whole(text: &str) -> Result<usize, String> {
    text.trim().parse().map_err(|_| "give a whole number such as 20".into())
}

pub(super) fn seed(text: &str) -> Result<i64, String> {
    text.trim().parse().map_err(|_| format!("give a whole number between 0 and {}", crate::engine::MAX_SEED))
}

pub(super) fn area(name: &str) -> Result<InpaintArea, String> {
    InpaintArea::from_name(name).ok_or_else(|| "say whole or masked".into())
}

pub(super) fn content(name: &str) -> Result<MaskedContent, String> {
    MaskedContent::from_name(name).ok_or_else(|| "say original, fill, latent-noise or latent-nothing".into())
}

pub(super) fn extension(text: &str) -> Result<Extension, String> {
    Extension::read(text)
}

pub(super) fn preset(name: &str) -> Result<Preset, String> {
    Preset::from_name(name).ok_or_else(|| "say quality or quick".into())
}
