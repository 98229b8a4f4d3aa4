//! What a round will take on this machine, from the model's configs alone.
//!
//! Time is the work of each kind ([`networks`]) at the rates at which the kernels do it here ([`rates`]), corrected by
//! the steps that were really run ([`observed`]). Memory is that of the weights and of decoding
//! ([`memory`](crate::diffusion::memory)).

mod controls;
mod known_upscalers;
mod networks;
mod observed;
mod published;
mod rates;
#[cfg(test)]
mod tests;
mod work;

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub(in crate::diffusion) use observed::{Observed, StepClock};
pub(in crate::diffusion) use published::published_estimator;

use crate::diffusion::compute_device::ComputeDevice;
use crate::diffusion::memory;
use crate::diffusion::model_files::{ModelFiles, Numbers};
use crate::diffusion::networks::unet::UNetInputs;
use crate::diffusion::networks::unet::config::UNetConfig;
use crate::diffusion::networks::vae_config::VaeConfig;
use crate::diffusion::text::composition::compose;
use crate::diffusion::text::encoder::config::TextEncoderConfig;
use crate::diffusion::text::tags::without_tags;
use crate::engine::{
    ControlMode, ControlSettings, Estimate, Estimator, Plan, Recommended, RoundFiles, SecondPass, Settings, TiledVae,
};
use crate::kernels::{Precision, f16_is_fast};
use controls::KnownControls;
use known_upscalers::KnownUpscalers;
use rates::Rates;
use work::Work;

/// Tokens of one chunk of a prompt.
const TOKENS: usize = 77;

/// Bytes of the program without a model.
const PROGRAM: u64 = 100 << 20;

/// Bytes of the model that the engine holds. Clones share the number.
#[derive(Clone, Debug, Default)]
pub(in crate::diffusion) struct HeldMemory(Arc<AtomicU64>);

impl HeldMemory {
    /// Sets the number of bytes that are held.
    pub fn set(&self, bytes: u64) {
        self.0.store(bytes, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Estimates rounds with a model of these configs.
#[derive(Clone, Debug)]
pub(in crate::diffusion) struct LocalEstimator {
    unet: UNetConfig,
    vae: VaeConfig,
    text: TextEncoderConfig,
    numbers: Numbers,
    recommended: Recommended,
    device: ComputeDevice,
    tiled_vae: TiledVae,
    rates: Rates,
    observed: Observed,
    held: HeldMemory,
    controls: KnownControls,
    upscalers: KnownUpscalers,
    /// Bytes that the system has available; 0 where it does not say.
    free: fn() -> u64,
}

impl LocalEstimator {
    /// An estimator for the model of these files; `vae` is its config where the model has none. Measures the
    /// kernels' rates when it is the first, which takes a part of a second.
    ///
    /// `None` for work on a graphics card, whose speed is not known.
    pub fn new(
        files: &ModelFiles,
        device: &ComputeDevice,
        tiled_vae: TiledVae,
        observed: Observed,
        held: HeldMemory,
    ) -> Option<Self> {
        if !device.is_processor() {
            return None;
        }
        Some(Self {
            unet: files.unet.clone(),
            vae: files.vae.clone()?,
            text: files.text.clone(),
            numbers: files.numbers(),
            recommended: files.recommended,
            device: device.clone(),
            tiled_vae,
            rates: Rates::of_this_machine(device.precision()),
            observed,
            held,
            controls: KnownControls::default(),
            upscalers: KnownUpscalers::default(),
            free: memory::available,
        })
    }

    /// Seconds that the rates promise for a step with these settings.
    pub fn promised_sampler_step(&self, settings: &Settings) -> f64 {
        let batch = if self.is_guided(settings) { self.guided_batch(settings) } else { prompts(settings).len() };
        self.rates.seconds(self.unet_work(settings, batch)) * settings.sampler.evaluations() as f64
    }

    fn unet_work(&self, settings: &Settings, batch: usize) -> Work {
        let (size, tokens) = self.extent(settings);
        networks::unet(&self.unet, size, batch, tokens)
    }

    /// Height and width of the latent, and tokens of the prompt.
    fn extent(&self, settings: &Settings) -> ((usize, usize), usize) {
        let factor = self.factor();
        let chunks = settings.prompt.len().max(settings.negative.len()) / 400 + 1;
        ((settings.height / factor, settings.width / factor), TOKENS * chunks)
    }

    /// The work of some of the UNet's evaluations, counted from 0, for `batch` latents. Every [`Settings::reuse`]-th runs the whole of it.
    fn evaluations_work(&self, settings: &Settings, batch: usize, evaluations: Range<usize>) -> Work {
        let whole = evaluations.clone().filter(|evaluation| evaluation % settings.reuse.max(1) == 0).count();
        let (size, tokens) = self.extent(settings);
        let reusing = networks::unet_reusing(&self.unet, size, batch, tokens);
        self.unet_work(settings, batch) * whole as f64 + reusing * (evaluations.len() - whole) as f64
    }

    fn factor(&self) -> usize {
        let factor = if self.vae.is_tiny() { self.vae.tiny.factor() } else { self.vae.full.factor() };
        factor.max(1)
    }

    fn widest(&self) -> u64 {
        if self.vae.is_tiny() {
            self.vae.tiny.decoder_block_out_channels.last().map_or(64, |width| *width as u64)
        } else {
            self.vae.full.block_out_channels.first().map_or(128, |width| *width as u64)
        }
    }

    fn is_edit(&self) -> bool {
        self.unet.inputs() == Some(UNetInputs::Edit)
    }

    /// How often the UNet is evaluated for a step with guidance: for the negative prompt and each prompt that is joined
    /// with AND. Models that edit pictures are guided by them too.
    fn guided_batch(&self, settings: &Settings) -> usize {
        prompts(settings).len() + if self.is_edit() { 2 } else { 1 }
    }

    /// Whether pictures with this setting are made with guidance.
    fn is_guided(&self, settings: &Settings) -> bool {
        let cancels = matches!(prompts(settings)[..], [weight] if settings.cfg_scale * weight == 1.0);
        (!cancels || self.is_edit()) && self.unet.time_cond_proj_dim.is_none()
    }

    /// The work of one picture and how often the UNet is evaluated for it.
    fn picture(&self, settings: &Settings, from_picture: bool) -> (Work, usize) {
        let steps = settings.steps_to_report(from_picture);
        let each = settings.sampler.evaluations();
        let guided = if self.is_guided(settings) { settings.guided_steps(steps).min(steps) } else { 0 };
        let (twice, once) = (guided * each, (steps - guided) * each);
        let size = (settings.height, settings.width);
        let (batch, alone) = (self.guided_batch(settings), prompts(settings).len());
        let work = self.evaluations_work(settings, batch, 0..twice)
            + self.evaluations_work(settings, alone, twice..twice + once)
            + self.controls(settings, from_picture)
            + networks::decode(&self.vae, size);
        (work, batch * twice + alone * once)
    }

    /// The work of the controls of one picture. Hints are counted with it, although a job's pictures share them.
    fn controls(&self, settings: &Settings, from_picture: bool) -> Work {
        let steps = settings.steps_to_report(from_picture);
        let guided_steps = if self.is_guided(settings) { settings.guided_steps(steps) } else { 0 };
        let each = settings.sampler.evaluations();
        let (size, tokens) = self.extent(settings);
        let alone = prompts(settings).len();
        let of = |control: &ControlSettings| {
            if let Some(adapter) = self.controls.adapter(&control.model) {
                let pixels = (settings.height, settings.width);
                return if control.is_run() { networks::adapter(&adapter.config, pixels) } else { Work::default() };
            }
            let active = (0..steps).filter(|step| control.is_active_at(*step, steps));
            let batch = |step: usize| match control.mode {
                _ if step >= guided_steps => alone,
                // The rows of the negative prompt are left alone.
                ControlMode::Control => alone,
                ControlMode::Balanced | ControlMode::Prompt => self.guided_batch(settings),
            };
            let evaluations = active.flat_map(|step| (step * each..(step + 1) * each).map(move |at| (step, at)));
            let runs = evaluations.map(|(step, evaluation)| match evaluation % settings.reuse.max(1) {
                0 => networks::control(&self.unet, size, batch(step), tokens),
                _ => networks::control_reusing(&self.unet, size, batch(step), tokens),
            });
            let hint = if control.is_run() {
                networks::hint(&self.unet, (settings.height, settings.width))
            } else {
                Work::default()
            };
            runs.sum::<Work>() + hint
        };
        settings.controls.iter().map(of).sum()
    }

    /// Bytes of the control networks that are run, each file once.
    fn control_memory(&self, settings: &Settings, precision: Precision) -> u64 {
        let mut files: Vec<_> =
            settings.controls.iter().filter(|control| control.is_run()).map(|control| &control.model).collect();
        files.sort();
        files.dedup();
        let of = |file: &PathBuf| {
            // The way down has 42 % of the UNet's numbers.
            let of_net = self.numbers.unet * 42 / 100;
            let unet = self.controls.adapter(file).map_or(of_net, |adapter| adapter.numbers);
            memory::packed_model(Numbers { unet, ..Numbers::default() }, precision)
        };
        files.into_iter().map(of).sum()
    }

    /// Bytes at the peak, with the model in this many bytes a weight and the autoencoder in tiles or not.
    fn memory(&self, (width, height): (usize, usize), precision: Precision, tiled: bool) -> u64 {
        let decoding = if tiled { memory::decoding_tiled } else { memory::decoding };
        PROGRAM + memory::packed_model(self.numbers, precision) + decoding(width, height, self.widest())
    }

    /// What would fit into `available` bytes where this does not.
    fn advice(&self, settings: &Settings, available: u64) -> String {
        let (size, precision) = ((settings.width, settings.height), self.device.precision());
        let tiles = self.tiled_vae != TiledVae::Off;
        let fits = |size, precision, tiled| {
            self.memory(size, precision, tiled) + self.control_memory(settings, precision) <= available
        };
        let mut ways = Vec::new();
        if !tiles && fits(size, precision, true) {
            ways.push("a tiled VAE".to_owned());
        }
        // Half precision is the more exact of the two that take half the memory, and the slower one without instructions.
        let (smaller_format, name) = if f16_is_fast() { (Precision::F16, "f16") } else { (Precision::Bf16, "bf16") };
        if precision == Precision::F32 && fits(size, smaller_format, tiles) {
            ways.push(format!("the precision {name}"));
        }
        if let Some((width, height)) = smaller(size).find(|size| fits(*size, precision, tiles)) {
            ways.push(format!("{width} by {height} pixels"));
        }
        match &ways[..] {
            [] => "No size of this model fits; choose a smaller model, or close other programs.".into(),
            [first] => format!("What would fit: {first}."),
            [first @ .., last] => format!("What would fit: {}, or {last}.", first.join(", ")),
        }
    }
}

/// The weights of the prompts that are joined with AND, at least one.
fn prompts(settings: &Settings) -> Vec<f64> {
    compose(&without_tags(&settings.prompt)).iter().map(|prompt| prompt.weight).collect()
}

/// Smaller sizes of about the same shape, the largest first.
fn smaller((width, height): (usize, usize)) -> impl Iterator<Item = (usize, usize)> {
    (1..16).rev().map(move |sixteenths| {
        let side = |length: usize| Settings::nearest_side(length * sixteenths / 16 / 64 * 64);
        (side(width), side(height))
    })
}

impl Estimator for LocalEstimator {
    fn knowing(&self, files: &RoundFiles) -> Option<Arc<dyn Estimator>> {
        let controls = KnownControls::read(&files.controls, &self.unet, self.factor());
        let upscalers = KnownUpscalers::read(&files.upscalers);
        Some(Arc::new(Self { controls, upscalers, ..self.clone() }))
    }

    fn recommended(&self) -> Recommended {
        self.recommended
    }

    fn enlarging_seconds(&self, pass: &SecondPass, start: (u32, u32)) -> Option<f64> {
        let Some(path) = pass.upscaler.file() else { return Some(0.0) };
        let pixels = f64::from(start.0) * f64::from(start.1);
        let work = Work { direct: self.upscalers.products_per_pixel(path)? * pixels, ..Work::default() };
        Some(self.rates.seconds(work))
    }

    fn estimate(&self, settings: &Settings, plan: &Plan, has_start: bool) -> Estimate {
        let from_picture = has_start && plan.starts_from_picture(settings);
        let pictures = (0..plan.images(settings)).map(|image| {
            let settings = plan.settings_of(image, settings);
            self.picture(&settings, from_picture && settings.noises_picture())
        });
        let (mut work, mut evaluations) = (Work::default(), 0);
        for (picture, count) in pictures {
            (work, evaluations) = (work + picture, evaluations.max(count));
        }
        let size = (settings.width, settings.height);
        let texts = prompts(settings).len() + usize::from(self.is_guided(settings));
        work = work + networks::text(&self.text) * texts as f64;
        if from_picture {
            work = work + networks::encode(&self.vae, (settings.height, settings.width));
        }
        let free = (self.free)();
        let available = (free > 0).then(|| free.saturating_add(self.held.get()).saturating_add(PROGRAM));
        let precision = self.device.precision();
        let controls = self.control_memory(settings, precision);
        let need = |tiled| self.memory(size, precision, tiled) + controls;
        let fits = |tiled| available.is_none_or(|available| need(tiled) <= available);
        let tiled = match self.tiled_vae {
            TiledVae::On => true,
            TiledVae::Off => false,
            TiledVae::Auto => !fits(false),
        };
        let needed = need(tiled);
        let obstacle = available.filter(|_| !fits(tiled)).map(|available| {
            let gigabytes = |bytes: u64| bytes as f64 / 1e9;
            format!(
                "This needs about {:.1} GB of memory and {:.1} GB are free. {}",
                gigabytes(needed),
                gigabytes(available),
                self.advice(settings, available)
            )
        });
        Estimate {
            seconds: self.rates.seconds(work) * self.observed.ratio(),
            memory_bytes: Some(needed),
            available_bytes: available,
            evaluations,
            tiled,
            obstacle,
        }
    }
}
