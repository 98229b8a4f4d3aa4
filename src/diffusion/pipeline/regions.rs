//! The regions of a job: which of them count, their texts, and where they lie on what is sampled.

use std::sync::Arc;

use candle_core::Device;
use image::{GrayImage, Luma, Rgb, RgbImage};

use super::inpaint::Repaint;
use super::job::Job;
use super::prompts::RegionPrompts;
use crate::diffusion::networks::unet::{RegionMasks, UNetInputs};
use crate::diffusion::text::prompt_plan::PromptPlan;
use crate::diffusion::text::tags::without_tags;
use crate::engine::{Error, Event, RegionPrompt, Settings};

/// The regions of a job that count.
#[derive(Default)]
pub(super) struct Regions {
    prompts: Vec<RegionPrompt>,
    masks: Vec<GrayImage>,
    /// The masks of what is sampled, once [`Regions::cut`] has made them.
    cut: Option<Arc<RegionMasks>>,
}

impl Regions {
    /// Those of a job; says which of them do not count.
    pub fn new(job: &Job<'_>, on_event: &mut dyn FnMut(Event)) -> Self {
        let mut regions = Self::default();
        let asked = job.request.settings.regions.iter().zip(&job.request.plan.regions);
        if job.model.inputs == UNetInputs::Edit {
            if asked.len() > 0 {
                let text = "Models that edit pictures follow one prompt, so the prompts of regions are not used.";
                on_event(Event::Notice(text.into()));
            }
            return regions;
        }
        for (region, mask) in asked {
            let prompt = without_tags(&region.prompt);
            if prompt != region.prompt.trim() {
                let text = "LoRAs count for the whole picture; name them in its prompt and not in that of a region.";
                on_event(Event::Notice(text.into()));
            }
            if prompt.trim().is_empty() {
                continue;
            }
            if mask.is_blank() {
                let text = format!("The region \"{}\" covers nothing, so its prompt is not used.", prompt.trim());
                on_event(Event::Notice(text));
                continue;
            }
            regions.prompts.push(RegionPrompt { prompt, layer: region.layer });
            regions.masks.push(mask.picture().clone());
        }
        regions
    }

    /// What each region follows over the steps of a picture with these settings, beside this prompt.
    ///
    /// # Errors
    /// A prompt that joins others with AND.
    pub fn plans(&self, root: &str, settings: &Settings) -> Result<Vec<PromptPlan>, Error> {
        if self.prompts.is_empty() {
            return Ok(Vec::new());
        }
        let joined = PromptPlan::new(root, &settings.negative, settings)?.weights().len();
        let plan = |region: &RegionPrompt| {
            let plan = PromptPlan::new(&region.with_root(root), &settings.negative, settings)?;
            if plan.weights().len() != joined {
                return Err(Error::Setting(format!(
                    "The prompt of a region cannot join prompts with AND: \"{}\".",
                    region.prompt.trim()
                )));
            }
            Ok(plan)
        };
        self.prompts.iter().map(plan).collect()
    }

    /// Cuts the masks to what is sampled, where that is a part of the start image.
    pub fn cut(&mut self, repaint: Option<&Repaint>, device: &Device) {
        if self.prompts.is_empty() {
            return;
        }
        let part = |mask: GrayImage| match repaint {
            None => mask,
            Some(repaint) => {
                let color = RgbImage::from_fn(mask.width(), mask.height(), |x, y| Rgb([mask.get_pixel(x, y).0[0]; 3]));
                let part = repaint.sampled_part(&color);
                GrayImage::from_fn(part.width(), part.height(), |x, y| Luma([part.get_pixel(x, y).0[0]]))
            }
        };
        let masks = std::mem::take(&mut self.masks).into_iter().map(part).collect();
        self.cut = Some(Arc::new(RegionMasks::new(masks, device)));
    }

    /// The prompts of the regions for one picture with these settings; `None` without regions.
    ///
    /// # Errors
    /// None for a picture of the job that was prepared.
    pub fn of_picture(&self, root: &str, settings: &Settings) -> Result<Option<RegionPrompts>, Error> {
        let Some(masks) = &self.cut else { return Ok(None) };
        Ok(Some(RegionPrompts { plans: self.plans(root, settings)?, masks: Arc::clone(masks) }))
    }
}
