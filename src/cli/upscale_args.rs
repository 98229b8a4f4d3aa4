//! What can be said to `underpaint upscale`.

use std::path::PathBuf;

use super::control_args::{ControlArg, control};
use super::option_values::{number, rng, sampler, schedule, seed, whole};
use super::options::{EngineOptions, FolderOptions};
use super::output_args::OutputArgs;
use super::sampler_args::SamplerArgs;
use crate::engine::{Rng, Sampler, Schedule, SecondPass, Settings, Upscaler};

/// How `underpaint upscale` makes a picture larger. Prompt and settings are those that the picture says it was made with,
/// where no option says otherwise.
#[derive(clap::Args, Debug)]
pub struct UpscaleArgs {
    /// The picture to make larger
    #[arg(value_name = "PICTURE")]
    pub picture: PathBuf,
    /// How many times larger either side becomes, 1 to 4 [default: 2]
    #[arg(long, value_parser = number, value_name = "FACTOR")]
    pub scale: Option<f64>,
    /// Width and height of the tiles in pixels, a multiple of 8 [default: 512, or what the picture was made in]
    #[arg(long, value_parser = whole, value_name = "PIXELS")]
    pub tile: Option<usize>,
    /// Pixels in which neighbouring tiles fade into each other, 0 to 256 and at most half a tile [default: 64]
    #[arg(long, value_parser = whole, value_name = "PIXELS")]
    pub overlap: Option<usize>,
    /// How the picture is enlarged first: lanczos, nearest, or the file of an ESRGAN or Real-ESRGAN
    /// network, or its name if underpaint models list shows it [default: lanczos]
    #[arg(long, value_name = "lanczos|nearest|PATH|NAME")]
    pub upscaler: Option<String>,
    /// Denoising strength, 0 to 1: how much of each tile is made again [default: 0.3]
    #[arg(long, value_parser = number, value_name = "STRENGTH")]
    pub strength: Option<f64>,
    /// Prompt: what the picture shows
    #[arg(long, value_name = "TEXT")]
    pub prompt: Option<String>,
    /// Negative prompt: what it should not show
    #[arg(long, value_name = "TEXT")]
    pub negative: Option<String>,
    /// Which model, and how it is run.
    #[command(flatten)]
    pub engine: EngineOptions,
    /// Where pictures are written and additions to the model are found.
    #[command(flatten)]
    pub folders: FolderOptions,
    /// As what pictures are written.
    #[command(flatten)]
    pub output: OutputArgs,
    /// Sampling steps, 1 to 150, of which the denoising strength runs a part
    #[arg(long, value_parser = whole, value_name = "N")]
    pub steps: Option<usize>,
    /// Sampling method, as for underpaint generate
    #[arg(long, value_parser = sampler, value_name = "NAME")]
    pub sampler: Option<(Sampler, Option<Schedule>)>,
    /// Schedule type, as for underpaint generate
    #[arg(long, value_parser = schedule, value_name = "NAME")]
    pub schedule: Option<Schedule>,
    /// Clip skip: which of the text encoder's last layers is used
    #[arg(long, value_parser = whole, value_name = "N")]
    pub clip_skip: Option<usize>,
    /// CFG scale: how strongly the prompt is followed, 1 to 30
    #[arg(long, value_parser = number, value_name = "SCALE")]
    pub cfg: Option<f64>,
    /// Share of the steps with guidance, 0 to 1
    #[arg(long, value_parser = number, value_name = "SHARE")]
    pub guided: Option<f64>,
    /// Seed of the first tile, from which it counts up; -1 draws one
    #[arg(long, value_parser = seed, value_name = "SEED")]
    pub seed: Option<i64>,
    /// How many pictures, 1 to 16 [default: 1]
    #[arg(long, value_parser = whole, value_name = "N")]
    pub batch: Option<usize>,
    /// Random number generator of the seed: cuda or cpu
    #[arg(long, value_parser = rng, value_name = "cuda|cpu")]
    pub rng: Option<Rng>,
    /// Do exactly as many steps as --steps says, whatever the denoising strength
    #[arg(long)]
    pub exact_steps: bool,
    /// Match the colours of each tile to what it started from
    #[arg(long)]
    pub color_correct: bool,
    /// VAE that replaces the model's own
    #[arg(long, value_name = "PATH")]
    pub vae: Option<PathBuf>,
    /// Follow a ControlNet or T2I-Adapter in every tile, as for underpaint generate; without image=FILE it follows the
    /// picture. Without this option those are followed that the picture was made with
    #[arg(long, value_parser = control, value_name = "model=FILE,…")]
    pub control: Vec<ControlArg>,
    /// Options of sampling that few people change.
    #[command(flatten)]
    pub sampling: SamplerArgs,
    /// Say how long it would take and how much memory, without doing it
    #[arg(long)]
    pub estimate: bool,
    /// Print one JSON event a line on standard output instead of file names
    #[arg(long)]
    pub json: bool,
}

impl UpscaleArgs {
    /// The settings of the second pass over a picture that was made with these settings.
    pub fn settings_over(&self, base: Settings) -> Settings {
        let (sampler, schedule) = self.sampler.unwrap_or((base.sampler, Some(base.schedule)));
        let pass = base.second_pass.unwrap_or_default();
        let tile = |side: Option<usize>| self.tile.or(side).unwrap_or(SecondPass::TILE);
        let upscaler = self.upscaler.as_deref().map(Upscaler::from_name);
        Settings {
            prompt: self.prompt.clone().unwrap_or(base.prompt),
            negative: self.negative.clone().unwrap_or(base.negative),
            steps: self.steps.unwrap_or(base.steps),
            sampler,
            schedule: self.schedule.or(schedule).unwrap_or(Schedule::Automatic),
            clip_skip: self.clip_skip.unwrap_or(base.clip_skip),
            cfg_scale: self.cfg.unwrap_or(base.cfg_scale),
            guided: self.guided.unwrap_or(base.guided),
            strength: self.strength.unwrap_or(SecondPass::STRENGTH),
            seed: self.seed.unwrap_or(base.seed),
            batch: self.batch.unwrap_or(1),
            width: tile(Some(base.width)),
            height: tile(Some(base.height)),
            rng: self.rng.unwrap_or(base.rng),
            exact_steps: self.exact_steps || base.exact_steps,
            color_correct: self.color_correct || base.color_correct,
            // The whole picture is worked over.
            keep_unpainted: false,
            inpaint: None,
            second_pass: Some(SecondPass {
                scale: self.scale.unwrap_or(pass.scale),
                overlap: self.overlap.unwrap_or(pass.overlap),
                upscaler: upscaler.unwrap_or(pass.upscaler),
            }),
            vae: self.vae.clone().or(base.vae),
            sampling: self.sampling.options_over(base.sampling),
            ..base
        }
    }
}
