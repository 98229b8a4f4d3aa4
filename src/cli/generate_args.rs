//! What can be said to `underpaint generate`.

use std::path::PathBuf;

use super::control_args::{ControlArg, control};
use super::inpaint_args::InpaintArgs;
use super::option_values::{axis, fit, number, preset, rng, sampler, schedule, seed, whole};
use super::options::{EngineOptions, FolderOptions};
use super::output_args::OutputArgs;
use super::region_args::{RegionArg, region};
use super::remote_args::RemoteArgs;
use super::sampler_args::SamplerArgs;
use crate::engine::{Error, Preset, Recommended, Rng, Sampler, Schedule, Settings, Sheet, SheetAxis};
use crate::picture::Fit;

/// The settings of `underpaint generate`. The defaults are those of the document where one is given, else those
/// of the classic img2img recipe, or what the model recommends.
#[derive(clap::Args, Debug)]
pub struct GenerateArgs {
    /// Document (.underpaint) that gets the round. It starts from the document's canvas unless --init is
    /// given, and prompt and settings are the document's where no option says otherwise. With --init a missing
    /// document is made
    #[arg(long, value_name = "FILE")]
    pub document: Option<PathBuf>,
    /// Picture to start from, img2img (PNG, JPEG, WebP, GIF, BMP or TIFF) [default: none, txt2img]
    #[arg(long, visible_alias = "input", value_name = "FILE")]
    pub init: Option<PathBuf>,
    /// Picture saved with its settings that is made again. Prompt and settings are its own where no option says
    /// otherwise, and so is the start image if the file carries it
    #[arg(long, value_name = "PICTURE", conflicts_with = "document")]
    pub from: Option<PathBuf>,
    /// What happens to a start picture of another shape: fill cuts off what sticks out (crop and resize),
    /// whole leaves white borders (resize and fill), stretch changes its proportions (just resize)
    #[arg(long, default_value = "fill", value_parser = fit, value_name = "fill|whole|stretch")]
    pub fit: Fit,
    /// Prompt: what the picture should show
    #[arg(long, value_name = "TEXT", required_unless_present_any = ["document", "from", "vary"])]
    pub prompt: Option<String>,
    /// Negative prompt: what it should not show
    #[arg(long, value_name = "TEXT")]
    pub negative: Option<String>,
    /// Make the pictures in this style; may be given several times. underpaint styles lists them
    #[arg(long, value_name = "NAME")]
    pub style: Vec<String>,
    /// Which model, and how it is run.
    #[command(flatten)]
    pub engine: EngineOptions,
    /// Which server makes the pictures instead of this machine.
    #[command(flatten)]
    pub remote: RemoteArgs,
    /// Where pictures are written and additions to the model are found.
    #[command(flatten)]
    pub folders: FolderOptions,
    /// As what pictures are written.
    #[command(flatten)]
    pub output: OutputArgs,
    /// Sampling steps, 1 to 150 [default: what the model recommends, else 20]
    #[arg(long, value_parser = whole, value_name = "N")]
    pub steps: Option<usize>,
    /// Sampling method, alone or with its schedule: dpm++2m-karras, euler-a, heun, dpm2, lcm, ...
    /// [default: what the model recommends, else dpm++2m-karras]
    #[arg(long, value_parser = sampler, value_name = "NAME")]
    pub sampler: Option<(Sampler, Option<Schedule>)>,
    /// Schedule type: automatic, uniform, karras, exponential, sgm-uniform, ...
    /// [default: the one named or recommended with the sampler, else automatic]
    #[arg(long, value_parser = schedule, value_name = "NAME")]
    pub schedule: Option<Schedule>,
    /// Clip skip: which of the text encoder's last layers is used; 1 is the last [default: 1]
    #[arg(long, value_parser = whole, value_name = "N")]
    pub clip_skip: Option<usize>,
    /// CFG scale: how strongly the prompt is followed, 1 to 30 [default: what the model recommends, else
    /// 11]
    #[arg(long, value_parser = number, value_name = "SCALE")]
    pub cfg: Option<f64>,
    /// Share of the steps with guidance, 0 to 1; the others, the last ones, ignore the negative prompt and
    /// take half the time [default: 1]
    #[arg(long, value_parser = number, value_name = "SHARE")]
    pub guided: Option<f64>,
    /// Reuse the features of the model's deep blocks (DeepCache): every N-th evaluation runs the whole model, the others
    /// only its outermost layers; 1 to 10, 1 is off [default: 1]
    #[arg(long, value_parser = whole, value_name = "N")]
    pub reuse: Option<usize>,
    /// Denoising strength, 0 to 1: 0 keeps the start picture, 1 ignores it [default: what the model
    /// recommends, else 0.75]
    #[arg(long, value_parser = number, value_name = "STRENGTH")]
    pub strength: Option<f64>,
    /// Seed of the first picture, which the others count up from; -1 draws one [default: -1]
    #[arg(long, value_parser = seed, value_name = "SEED")]
    pub seed: Option<i64>,
    /// Batch size: how many pictures, 1 to 16 [default: 4]
    #[arg(long, value_parser = whole, value_name = "N")]
    pub batch: Option<usize>,
    /// Width in pixels, a multiple of 8 [default: 512]
    #[arg(long, value_parser = whole, value_name = "PIXELS")]
    pub width: Option<usize>,
    /// Height in pixels, a multiple of 8 [default: 512]
    #[arg(long, value_parser = whole, value_name = "PIXELS")]
    pub height: Option<usize>,
    /// Random number generator of the seed: cuda for PyTorch's on graphics cards (GPU and NV in
    /// AUTOMATIC1111), cpu for PyTorch's on the processor [default: cuda]
    #[arg(long, value_parser = rng, value_name = "cuda|cpu")]
    pub rng: Option<Rng>,
    /// Variation seed: seed of the noise that is blended in [default: 0]
    #[arg(long, value_parser = seed, value_name = "SEED")]
    pub variation_seed: Option<i64>,
    /// Variation strength, 0 to 1: how much of it is blended in; above 0 the variation seed counts up
    /// instead of the seed [default: 0]
    #[arg(long, value_parser = number, value_name = "STRENGTH")]
    pub variation_strength: Option<f64>,
    /// Noise multiplier for img2img, 0 to 1.5 [default: 1]
    #[arg(long, value_parser = number, value_name = "FACTOR")]
    pub noise_multiplier: Option<f64>,
    /// Extra noise for img2img, 0 to 1 [default: 0]
    #[arg(long, value_parser = number, value_name = "AMOUNT")]
    pub extra_noise: Option<f64>,
    /// Everything that quality or speed takes: quality, or quick, which uses a LoRA or model for few steps that is
    /// here, and TAESD. Other options count before it
    #[arg(long, value_parser = preset, value_name = "quality|quick")]
    pub preset: Option<Preset>,
    /// Say how long the pictures would take and how much memory, and whether they fit, without making them
    #[arg(long)]
    pub estimate: bool,
    /// With img2img, do exactly as many steps as --steps says, whatever the denoising strength
    #[arg(long)]
    pub exact_steps: bool,
    /// Apply colour correction to img2img results, so that their colours match the start picture
    #[arg(long)]
    pub color_correct: bool,
    /// VAE that replaces the model's own: a file (.safetensors, .ckpt) or a folder in the diffusers
    /// layout; TAESD works too
    #[arg(long, value_name = "PATH")]
    pub vae: Option<PathBuf>,
    /// Which part of the start picture is repainted, and how.
    #[command(flatten)]
    pub inpaint: InpaintArgs,
    /// Follow lines with a ControlNet: model=FILE, and as wanted image=FILE (the picture to follow, else the start
    /// picture), preprocess=none|invert|threshold|xdog|lineart|canny|depth, weight=0 to 2, start=0 to 1, end=0 to 1,
    /// mode=balanced|prompt|control, with commas between them. Several controls add up [default after model:
    /// preprocess=lineart,weight=1,start=0,end=1,mode=balanced]
    #[arg(long, value_parser = control, value_name = "model=FILE,…")]
    pub control: Vec<ControlArg>,
    /// A prompt for a part of the picture: mask=PNG (white where it counts) and prompt=TEXT, with a comma between them. The
    /// prompt of the whole picture is added behind it. May be given several times
    #[arg(long, value_parser = region, value_name = "mask=PNG,prompt=TEXT")]
    pub region: Vec<RegionArg>,
    /// Options of sampling that few people change.
    #[command(flatten)]
    pub sampling: SamplerArgs,
    /// Width in pixels of the soft edge around what the mask lets change, 0 to 256 [default: 16, unless an option about
    /// the mask says otherwise]
    #[arg(long, value_parser = whole, value_name = "PIXELS")]
    pub feather: Option<usize>,
    /// Make a sheet instead of a batch: pictures with one seed over which one or two settings vary, the first
    /// from column to column, the second from row to row. SETTING=VALUES, for example strength=0.45,0.6,0.75
    /// or cfg=5-11 (+2); the settings are strength, cfg, steps, sampler, schedule, seed and variation
    #[arg(long, num_args = 1..=2, value_parser = axis, value_name = "SETTING=VALUES", conflicts_with = "batch")]
    pub sheet: Vec<SheetAxis>,
    /// Write the sheet as one labelled picture to this file too (PNG, JPEG or WebP)
    #[arg(long, value_name = "FILE", requires = "sheet")]
    pub sheet_picture: Option<PathBuf>,
    /// Make variations of this result: prompt, settings and seed are those written in its file where no option
    /// says otherwise, and the noise is turned a little towards that of other seeds (--variation-strength,
    /// here 0.15 unless given). Its start picture is given with --init, if the file does not carry it
    #[arg(long, value_name = "RESULT", conflicts_with_all = ["document", "from", "sheet"])]
    pub vary: Option<PathBuf>,
    /// Print one JSON event a line on standard output instead of file names
    #[arg(long)]
    pub json: bool,
}

impl GenerateArgs {
    /// The sheet that was asked for.
    ///
    /// # Errors
    /// Too many pictures, an axis without values, or the same setting twice.
    pub fn sheet(&self) -> Result<Option<Sheet>, Error> {
        let mut axes = self.sheet.iter().cloned();
        axes.next().map(|columns| Sheet::new(columns, axes.next())).transpose()
    }

    /// The settings of a new piece of work with a model that recommends these.
    pub fn settings(&self, recommended: Recommended) -> Settings {
        self.settings_over(self.fresh_settings(recommended))
    }

    /// The settings without any option.
    pub fn fresh_settings(&self, recommended: Recommended) -> Settings {
        let mut fresh = Settings { prompt: String::new(), ..Settings::default() };
        recommended.apply_to(&mut fresh);
        fresh
    }

    /// These settings, changed where an option says so.
    pub fn settings_over(&self, base: Settings) -> Settings {
        let (sampler, schedule) = self.sampler.unwrap_or((base.sampler, Some(base.schedule)));
        Settings {
            prompt: self.prompt.clone().unwrap_or(base.prompt),
            negative: self.negative.clone().unwrap_or(base.negative),
            steps: self.steps.unwrap_or(base.steps),
            sampler,
            schedule: self.schedule.or(schedule).unwrap_or(Schedule::Automatic),
            clip_skip: self.clip_skip.unwrap_or(base.clip_skip),
            cfg_scale: self.cfg.unwrap_or(base.cfg_scale),
            guided: self.guided.unwrap_or(base.guided),
            reuse: self.reuse.unwrap_or(base.reuse),
            strength: self.strength.unwrap_or(base.strength),
            seed: self.seed.unwrap_or(base.seed),
            batch: self.batch.unwrap_or(base.batch),
            width: self.width.unwrap_or(base.width),
            height: self.height.unwrap_or(base.height),
            rng: self.rng.unwrap_or(base.rng),
            variation_seed: self.variation_seed.unwrap_or(base.variation_seed),
            variation_strength: self.variation_strength.unwrap_or(base.variation_strength),
            noise_multiplier: self.noise_multiplier.unwrap_or(base.noise_multiplier),
            extra_noise: self.extra_noise.unwrap_or(base.extra_noise),
            exact_steps: self.exact_steps || base.exact_steps,
            color_correct: self.color_correct || base.color_correct,
            keep_unpainted: base.keep_unpainted,
            feather: self.feather.unwrap_or(base.feather),
            inpaint: self.inpaint.inpaint_over(base.inpaint, self.feather),
            image_cfg: self.inpaint.image_cfg.or(base.image_cfg),
            controls: base.controls,
            regions: base.regions,
            second_pass: base.second_pass,
            vae: self.vae.clone().or(base.vae),
            sampling: self.sampling.options_over(base.sampling),
        }
    }
}
