//! What can be said on the command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use super::{default_embedding_folder, default_lora_folder};
use crate::engine::{DeviceChoice, Dtype, ModelChoice, Recommended, Rng, Runtime, Sampler, Schedule, Settings};

/// Paint a rough picture, say what it should become, and let Stable Diffusion on this machine
/// finish it. Without a command the window opens.
#[derive(Parser, Debug)]
#[command(name = "underpaint", version)]
pub struct Args {
    /// Model to start with: starter, a checkpoint in one file, or a folder in the diffusers layout
    #[arg(long, default_value = "starter", value_name = "starter|PATH")]
    pub model: String,
    /// Folder that results are written to
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Folder that the LoRAs named in prompts lie in [default: underpaint/loras in your data folder]
    #[arg(long, value_name = "DIR")]
    pub loras: Option<PathBuf>,
    /// Folder of textual inversions, whose file names are words in prompts [default:
    /// underpaint/embeddings in your data folder]
    #[arg(long, value_name = "DIR")]
    pub embeddings: Option<PathBuf>,
    /// Threads for the arithmetic [default: all cores]
    #[arg(long, value_parser = thread_count)]
    pub threads: Option<usize>,
    /// What models are kept and multiplied in: f32, bf16, or auto, which is bf16 where the processor
    /// has instructions for it
    #[arg(long, default_value = "auto", value_parser = dtype)]
    pub dtype: Dtype,
    /// Where the arithmetic runs: auto, cpu, cuda:N or metal
    #[arg(long, default_value = "auto", value_parser = device)]
    pub device: DeviceChoice,
    /// What to do instead of opening the window
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Jobs that need no window.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Make pictures from a sketch and a prompt
    Generate(Box<GenerateArgs>),
    /// Time the parts of a model on this machine
    Bench(BenchArgs),
    /// Print the licences of the program and of everything inside it
    Licenses,
}

/// What `underpaint bench` times.
#[derive(clap::Args, Debug)]
pub struct BenchArgs {
    /// Model: starter, a checkpoint in one file, or a folder in the diffusers layout
    #[arg(long, default_value = "starter", value_name = "starter|PATH")]
    pub model: String,
    /// Threads for the arithmetic [default: all cores]
    #[arg(long, value_parser = thread_count)]
    pub threads: Option<usize>,
    /// What models are kept and multiplied in: f32, bf16, or auto, which is bf16 where the processor
    /// has instructions for it
    #[arg(long, default_value = "auto", value_parser = dtype)]
    pub dtype: Dtype,
    /// Where the arithmetic runs: auto, cpu, cuda:N or metal
    #[arg(long, default_value = "auto", value_parser = device)]
    pub device: DeviceChoice,
    /// Side of the pictures in pixels, a multiple of 64
    #[arg(long, default_value_t = 512, value_parser = picture_side)]
    pub size: usize,
    /// How many guided pictures the UNet takes at once
    #[arg(long, default_value_t = 1, value_parser = batch_size)]
    pub batch: usize,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

impl BenchArgs {
    /// The model to use.
    pub fn model(&self) -> ModelChoice {
        ModelChoice::from_text(&self.model)
    }
}

/// The settings of `underpaint generate`; the defaults are the classic img2img recipe, save where
/// the model recommends otherwise.
#[derive(clap::Args, Debug)]
pub struct GenerateArgs {
    /// Picture to start from (PNG, JPEG or WebP); without it the prompt alone is used
    #[arg(long, value_name = "FILE")]
    pub init: Option<PathBuf>,
    /// What the picture should become
    #[arg(long)]
    pub prompt: String,
    /// What it should not show
    #[arg(long, default_value = "")]
    pub negative: String,
    /// Model: starter, a checkpoint in one file, or a folder in the diffusers layout
    #[arg(long, default_value = "starter", value_name = "starter|PATH")]
    pub model: String,
    /// Length of the noise schedule
    #[arg(long, default_value_t = 20)]
    pub steps: usize,
    /// Sampler, with its schedule if you like: dpm++2m-karras, euler-a, heun, dpm2, lcm, ...
    /// [default: what the model recommends, else dpm++2m-karras]
    #[arg(long, value_parser = sampler)]
    pub sampler: Option<(Sampler, Option<Schedule>)>,
    /// How the steps are spaced: automatic, uniform, karras, exponential, sgm-uniform, ...
    /// [default: the one named or recommended with the sampler, else automatic]
    #[arg(long, value_parser = schedule)]
    pub schedule: Option<Schedule>,
    /// Which of the text encoder's last layers is read; 1 is the last
    #[arg(long, default_value_t = 1)]
    pub clip_skip: usize,
    /// How strongly the prompt is followed [default: what the model recommends, else 11]
    #[arg(long)]
    pub cfg: Option<f64>,
    /// Share of the steps that are guided, 0 to 1; the last ones then follow the prompt alone, in half
    /// the time
    #[arg(long, default_value_t = 1.0)]
    pub guided: f64,
    /// How far the sketch may be left behind: 0 keeps it, 1 ignores it [default: what the model
    /// recommends, else 0.75]
    #[arg(long)]
    pub strength: Option<f64>,
    /// Seed of the first picture; -1 draws one
    #[arg(long, default_value_t = -1, allow_negative_numbers = true)]
    pub seed: i64,
    /// How many pictures
    #[arg(long, default_value_t = 4)]
    pub batch: usize,
    /// Width in pixels, a multiple of 64
    #[arg(long, default_value_t = 512)]
    pub width: usize,
    /// Height in pixels, a multiple of 64
    #[arg(long, default_value_t = 512)]
    pub height: usize,
    /// Whose random numbers the seed stands for: PyTorch's on a CUDA device or on the CPU
    #[arg(long, default_value = "cuda", value_parser = rng)]
    pub rng: Rng,
    /// Seed of the noise that the picture's own is turned towards
    #[arg(long, default_value_t = 0)]
    pub variation_seed: i64,
    /// How far it is turned, 0 to 1; the variation seed then counts up instead of the seed
    #[arg(long, default_value_t = 0.0)]
    pub variation_strength: f64,
    /// Scales the noise that a start image gets, 0 to 1.5
    #[arg(long, default_value_t = 1.0)]
    pub noise_multiplier: f64,
    /// Noise added on top, 0 to 1
    #[arg(long, default_value_t = 0.0)]
    pub extra_noise: f64,
    /// Run exactly as many steps as --steps says, whatever the strength
    #[arg(long)]
    pub exact_steps: bool,
    /// Pull the results' colours back towards the start image
    #[arg(long)]
    pub color_correct: bool,
    /// Threads for the arithmetic [default: all cores]
    #[arg(long, value_parser = thread_count)]
    pub threads: Option<usize>,
    /// What models are kept and multiplied in: f32, bf16, or auto, which is bf16 where the processor
    /// has instructions for it
    #[arg(long, default_value = "auto", value_parser = dtype)]
    pub dtype: Dtype,
    /// Where the arithmetic runs: auto, cpu, cuda:N or metal
    #[arg(long, default_value = "auto", value_parser = device)]
    pub device: DeviceChoice,
    /// Folder that the LoRAs named in the prompt (`<lora:name:0.8>`) lie in [default:
    /// underpaint/loras in your data folder]
    #[arg(long, value_name = "DIR")]
    pub loras: Option<PathBuf>,
    /// Folder of textual inversions, whose file names are words in prompts [default:
    /// underpaint/embeddings in your data folder]
    #[arg(long, value_name = "DIR")]
    pub embeddings: Option<PathBuf>,
    /// Another autoencoder than the model's own: a file (.safetensors, .ckpt) or a folder in the
    /// diffusers layout, TAESD among them
    #[arg(long, value_name = "PATH")]
    pub vae: Option<PathBuf>,
    /// Print one JSON event a line on standard output instead of file names
    #[arg(long)]
    pub json: bool,
    /// Folder that the pictures are written to; made when missing
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

impl GenerateArgs {
    /// The engine's settings with a model that recommends these.
    pub fn settings(&self, recommended: Recommended) -> Settings {
        let mut fresh = Settings::default();
        recommended.apply_to(&mut fresh);
        let (sampler, schedule) = self.sampler.unwrap_or((fresh.sampler, Some(fresh.schedule)));
        Settings {
            prompt: self.prompt.clone(),
            negative: self.negative.clone(),
            steps: self.steps,
            sampler,
            schedule: self.schedule.or(schedule).unwrap_or(Schedule::Automatic),
            clip_skip: self.clip_skip,
            cfg_scale: self.cfg.unwrap_or(fresh.cfg_scale),
            guided: self.guided,
            strength: self.strength.unwrap_or(fresh.strength),
            seed: self.seed,
            batch: self.batch,
            width: self.width,
            height: self.height,
            rng: self.rng,
            variation_seed: self.variation_seed,
            variation_strength: self.variation_strength,
            noise_multiplier: self.noise_multiplier,
            extra_noise: self.extra_noise,
            exact_steps: self.exact_steps,
            color_correct: self.color_correct,
            vae: self.vae.clone(),
        }
    }

    /// The model to use.
    pub fn model(&self) -> ModelChoice {
        ModelChoice::from_text(&self.model)
    }

    /// Where and with what the engine works.
    pub fn runtime(&self) -> Runtime {
        Runtime {
            device: self.device,
            dtype: self.dtype,
            loras: Some(self.loras.clone().unwrap_or_else(default_lora_folder)),
            embeddings: Some(self.embeddings.clone().unwrap_or_else(default_embedding_folder)),
            preview_vae: None,
        }
    }
}

fn sampler(name: &str) -> Result<(Sampler, Option<Schedule>), String> {
    Sampler::with_schedule_from_name(name).ok_or_else(|| {
        let known: Vec<&str> = Sampler::ALL.iter().map(|s| s.id()).collect();
        format!("the samplers are {}", known.join(", "))
    })
}

fn dtype(name: &str) -> Result<Dtype, String> {
    Dtype::ALL.into_iter().find(|d| d.id().eq_ignore_ascii_case(name)).ok_or_else(|| "say auto, f32 or bf16".into())
}

fn device(name: &str) -> Result<DeviceChoice, String> {
    DeviceChoice::from_name(name).ok_or_else(|| "say auto, cpu, cuda:N or metal".into())
}

fn rng(name: &str) -> Result<Rng, String> {
    Rng::ALL.into_iter().find(|r| r.id().eq_ignore_ascii_case(name)).ok_or_else(|| "say cuda or cpu".into())
}

fn schedule(name: &str) -> Result<Schedule, String> {
    Schedule::from_name(name).ok_or_else(|| {
        let known: Vec<&str> = Schedule::all().map(Schedule::id).collect();
        format!("the schedules are {}", known.join(", "))
    })
}

fn picture_side(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(side @ 64..=4096) if side % 64 == 0 => Ok(side),
        _ => Err("give a multiple of 64 between 64 and 4096".into()),
    }
}

fn batch_size(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(batch @ 1..=64) => Ok(batch),
        _ => Err("give a number between 1 and 64".into()),
    }
}

fn thread_count(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(n @ 1..=1024) => Ok(n),
        _ => Err("give a number of threads between 1 and 1024".into()),
    }
}
