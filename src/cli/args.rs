//! What can be said on the command line.

use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};

use super::export_summary::SummaryArgs;
use super::models::ModelsCommand;
use super::options::{EngineOptions, FolderOptions};
use super::output_args::OutputArgs;
use super::reproduce::ReproduceArgs;
use crate::document::store::DOCUMENT_ENDING;
use crate::engine::{Error, Preset, Recommended, Rng, Sampler, Schedule, Settings, Sheet, SheetAxis, SheetSetting};
use crate::picture::Fit;

/// Paint a rough picture, say what it should become, and let Stable Diffusion on this machine
/// finish it. Without a command the window opens. Options may stand before a command or after it.
#[derive(Parser, Debug)]
#[command(name = "underpaint", version)]
pub struct Args {
    /// Which model, and how it is run.
    #[command(flatten)]
    pub engine: EngineOptions,
    /// Where pictures are written and additions to the model are found.
    #[command(flatten)]
    pub folders: FolderOptions,
    /// Document (.underpaint) to open in the window
    #[arg(value_name = "FILE", value_parser = document)]
    pub document: Option<PathBuf>,
    /// What to do instead of opening the window
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What the program can do without its window.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Make pictures from a prompt, or from a picture and a prompt
    #[command(allow_negative_numbers = true)]
    Generate(Box<GenerateArgs>),
    /// Time the parts of a model on this machine
    Bench(BenchArgs),
    /// List the rounds of a document: prompts, settings, seeds, results
    Rounds(RoundsArgs),
    /// Write every picture of a document as a file of its own
    Export(ExportArgs),
    /// Make a saved picture again and say whether it comes out the same: exit status 0 if it does, 1 if it
    /// differs, 2 if it cannot be made
    Reproduce(Box<ReproduceArgs>),
    /// Look whether a document is damaged, and save what can still be read of it
    Check(CheckArgs),
    /// Say what files are and what this program would make of them, without using them
    Inspect(InspectArgs),
    /// Models on this machine and on the Hugging Face hub
    #[command(subcommand)]
    Models(ModelsCommand),
    /// Print the licences of the program and of everything inside it
    Licenses,
}

impl Args {
    /// Reads the program's arguments and applies the options before the command to it.
    ///
    /// # Errors
    /// What clap reports, an option with two values, an option that its command has no use for, or
    /// `generate` without `--out` or `--document`, or `export` without `--out`.
    pub fn from_words<I>(words: I) -> Result<Self, clap::Error>
    where
        I: IntoIterator,
        I::Item: Into<std::ffi::OsString> + Clone,
    {
        let mut args = Self::try_parse_from(words)?;
        args.apply_to_command().map_err(|(kind, text)| Self::command().error(kind, text))?;
        Ok(args)
    }

    fn apply_to_command(&mut self) -> Result<(), (ErrorKind, String)> {
        let Some(command) = &mut self.command else { return Ok(()) };
        if self.document.is_some() {
            let text = "a document to open in the window cannot stand before a command";
            return Err((ErrorKind::ArgumentConflict, text.into()));
        }
        let (engine, folders) = (std::mem::take(&mut self.engine), std::mem::take(&mut self.folders));
        let conflict = |text| (ErrorKind::ArgumentConflict, text);
        let unused = |name: Option<&str>, command: &str| match name {
            Some(name) => Err(conflict(format!("underpaint {command} has no use for {name}"))),
            None => Ok(()),
        };
        match command {
            Command::Generate(args) => {
                args.engine = std::mem::take(&mut args.engine).merged(engine).map_err(conflict)?;
                args.folders = std::mem::take(&mut args.folders).merged(folders).map_err(conflict)?;
                if args.folders.out.is_none() && args.document.is_none() && !args.estimate {
                    let text = "underpaint generate needs a folder for its pictures, --out DIR, or a document, --document FILE";
                    return Err((ErrorKind::MissingRequiredArgument, text.into()));
                }
                Ok(())
            }
            Command::Export(args) => {
                let own = FolderOptions { out: args.out.take(), ..FolderOptions::default() };
                let merged = own.merged(folders).map_err(conflict)?;
                args.out = merged.out.clone();
                unused(engine.first_given(), "export")?;
                unused(FolderOptions { out: None, ..merged }.first_given(), "export")?;
                match &args.out {
                    Some(_) => Ok(()),
                    None if args.summary.is_given() && args.output.is_given() => Err(conflict(
                        "format and names of pictures count for those that are written with --out DIR".into(),
                    )),
                    None if args.summary.is_given() => Ok(()),
                    None => Err((
                        ErrorKind::MissingRequiredArgument,
                        "underpaint export needs a folder for the pictures: --out DIR".into(),
                    )),
                }
            }
            Command::Reproduce(args) => {
                args.engine = std::mem::take(&mut args.engine).merged(engine).map_err(conflict)?;
                args.folders = std::mem::take(&mut args.folders).merged(folders).map_err(conflict)?;
                unused(args.folders.out.as_ref().map(|_| "--out"), "reproduce")
            }
            Command::Rounds(_) => unused(engine.first_given().or(folders.first_given()), "rounds"),
            Command::Check(_) => unused(engine.first_given().or(folders.first_given()), "check"),
            Command::Bench(args) => {
                args.engine = std::mem::take(&mut args.engine).merged(engine).map_err(conflict)?;
                unused(folders.first_given(), "bench")
            }
            Command::Inspect(_) => unused(engine.first_given().or(folders.first_given()), "inspect"),
            Command::Models(_) => unused(engine.first_given().or(folders.first_given()), "models"),
            Command::Licenses => unused(engine.first_given().or(folders.first_given()), "licenses"),
        }
    }
}

/// What `underpaint bench` times.
#[derive(clap::Args, Debug)]
pub struct BenchArgs {
    /// Which model, and how it is run.
    #[command(flatten)]
    pub engine: EngineOptions,
    /// Side of the pictures in pixels, a multiple of 8
    #[arg(long, default_value_t = 512, value_parser = picture_side, value_name = "PIXELS")]
    pub size: usize,
    /// How many guided pictures the UNet takes at once
    #[arg(long, default_value_t = 1, value_parser = batch_size, value_name = "N")]
    pub batch: usize,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// What `underpaint inspect` looks at.
#[derive(clap::Args, Debug)]
pub struct InspectArgs {
    /// Pictures, models, LoRAs, textual inversions, VAEs, or folders of models
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Print one JSON object a file, each on a line of its own
    #[arg(long)]
    pub json: bool,
}

/// Which document `underpaint rounds` lists.
#[derive(clap::Args, Debug)]
pub struct RoundsArgs {
    /// A document (.underpaint)
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// What `underpaint export` writes where.
#[derive(clap::Args, Debug)]
pub struct ExportArgs {
    /// A document (.underpaint)
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Folder that the pictures are written to; made when missing. Nothing is written over
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// As what the results are written.
    #[command(flatten)]
    pub output: OutputArgs,
    /// A contact sheet or a time-lapse.
    #[command(flatten)]
    pub summary: SummaryArgs,
}

/// What `underpaint check` looks at.
#[derive(clap::Args, Debug)]
pub struct CheckArgs {
    /// A document (.underpaint)
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Write what can still be read into this new document
    #[arg(long, value_name = "NEW")]
    pub salvage: Option<PathBuf>,
}

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
    /// Which model, and how it is run.
    #[command(flatten)]
    pub engine: EngineOptions,
    /// Where pictures are written and additions to the model are found.
    #[command(flatten)]
    pub folders: FolderOptions,
    /// As what pictures are written.
    #[command(flatten)]
    pub output: OutputArgs,
    /// Sampling steps, 1 to 150 [default: 20]
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
    /// Mask: a picture that is white where the start picture may change and black where it is kept. It is
    /// fitted as the start picture is
    #[arg(long, value_name = "FILE")]
    pub mask: Option<PathBuf>,
    /// Width in pixels of the soft edge around what may change, 0 to 256 [default: 16]
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
            vae: self.vae.clone().or(base.vae),
        }
    }
}

/// A mistyped command must not be taken for a document.
fn document(name: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(name);
    match path.extension() {
        Some(ending) if ending.eq_ignore_ascii_case(DOCUMENT_ENDING) => Ok(path),
        _ => Err("this is neither a command nor a document (.underpaint)".into()),
    }
}

fn fit(name: &str) -> Result<Fit, String> {
    Fit::ALL.into_iter().find(|f| f.id().eq_ignore_ascii_case(name)).ok_or_else(|| "say fill, whole or stretch".into())
}

fn sampler(name: &str) -> Result<(Sampler, Option<Schedule>), String> {
    Sampler::with_schedule_from_name(name).ok_or_else(|| {
        let known: Vec<&str> = Sampler::ALL.iter().map(|s| s.id()).collect();
        format!("the samplers are {}", known.join(", "))
    })
}

fn axis(text: &str) -> Result<SheetAxis, String> {
    let (name, values) = text.split_once('=').ok_or("write SETTING=VALUES, for example strength=0.45,0.6,0.75")?;
    let known = SheetSetting::ALL.into_iter().find(|setting| setting.id().eq_ignore_ascii_case(name.trim()));
    let setting = known.ok_or_else(|| {
        let names: Vec<&str> = SheetSetting::ALL.iter().map(|setting| setting.id()).collect();
        format!("the settings of a sheet are {}", names.join(", "))
    })?;
    SheetAxis::read(setting, values).map_err(|error| error.to_string())
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

/// A number as people write it, with a decimal point or comma. The settings say which range it must be in.
fn number(text: &str) -> Result<f64, String> {
    text.trim().replace(',', ".").parse().map_err(|_| "give a number such as 7.5".into())
}

fn whole(text: &str) -> Result<usize, String> {
    text.trim().parse().map_err(|_| "give a whole number such as 20".into())
}

fn seed(text: &str) -> Result<i64, String> {
    text.trim().parse().map_err(|_| format!("give a whole number between 0 and {}", crate::engine::MAX_SEED))
}

fn preset(name: &str) -> Result<Preset, String> {
    Preset::from_name(name).ok_or_else(|| "say quality or quick".into())
}

fn picture_side(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(side @ 64..=4096) if side % Settings::SIDE_STEP == 0 => Ok(side),
        _ => Err(format!("give a multiple of {} between 64 and 4096", Settings::SIDE_STEP)),
    }
}

fn batch_size(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(batch @ 1..=64) => Ok(batch),
        _ => Err("give a number between 1 and 64".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{DeviceChoice, Dtype, TiledVae};

    const OPTIONS: [[&str; 2]; 8] = [
        ["--model", "/m"],
        ["--threads", "3"],
        ["--dtype", "bf16"],
        ["--device", "cuda:1"],
        ["--tiled-vae", "on"],
        ["--out", "/o"],
        ["--loras", "/l"],
        ["--embeddings", "/e"],
    ];
    /// The first of them are the engine's, the others folders.
    const ENGINE_OPTIONS: usize = 5;
    const GENERATE: [&str; 3] = ["generate", "--prompt", "x"];
    const FULL: [&str; 5] = ["generate", "--prompt", "x", "--out", "/o"];

    fn read(parts: &[&[&str]]) -> Result<Args, clap::Error> {
        Args::from_words(["underpaint"].into_iter().chain(parts.concat()))
    }

    fn options_of(args: Args) -> (EngineOptions, FolderOptions) {
        match args.command {
            None => (args.engine, args.folders),
            Some(Command::Generate(args)) => (args.engine, args.folders),
            Some(Command::Reproduce(args)) => (args.engine, args.folders),
            Some(Command::Bench(args)) => (args.engine, FolderOptions::default()),
            Some(Command::Export(args)) => {
                (EngineOptions::default(), FolderOptions { out: args.out, ..Default::default() })
            }
            Some(
                Command::Rounds(_) | Command::Check(_) | Command::Inspect(_) | Command::Models(_) | Command::Licenses,
            ) => Default::default(),
        }
    }

    fn everything() -> (EngineOptions, FolderOptions) {
        let engine = EngineOptions {
            model: Some("/m".into()),
            threads: Some(3),
            dtype: Some(Dtype::Bf16),
            device: Some(DeviceChoice::Cuda(1)),
            tiled_vae: Some(TiledVae::On),
        };
        let folders = FolderOptions { out: Some("/o".into()), loras: Some("/l".into()), embeddings: Some("/e".into()) };
        (engine, folders)
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        let generate = |words: &[&str]| match read(&[&FULL, words]).map(|args| args.command) {
            Ok(Some(Command::Generate(args))) => Ok(args),
            Ok(_) => panic!("another command"),
            Err(error) => Err(error.to_string()),
        };
        let args = generate(&["--cfg", "7,5", "--strength", "0.25", "--seed", "-1"]).expect("reads");
        assert_eq!((args.cfg, args.strength, args.seed), (Some(7.5), Some(0.25), Some(-1)));
        // A number below the range is a number: the settings say what the range is.
        let args = generate(&["--guided", "-1", "--cfg", "-0.5"]).expect("reads");
        assert_eq!((args.guided, args.cfg), (Some(-1.0), Some(-0.5)));
        assert!(args.settings(Recommended::default()).check().is_err());
        for (words, told) in [
            (["--cfg", "1,000,5"], "give a number such as 7.5"),
            (["--steps", "-3"], "give a whole number such as 20"),
            (["--batch", "2.5"], "give a whole number such as 20"),
            (["--seed", "99999999999999999999"], "between 0 and 4294967295"),
        ] {
            let text = generate(&words).expect_err("refused");
            assert!(text.contains(told), "{words:?}: {text}");
        }
    }

    #[test]
    fn an_option_counts_before_a_command_and_after_it() {
        let all: Vec<&str> = OPTIONS.concat();
        for parts in [&[&all[..]][..], &[&all, &GENERATE], &[&GENERATE, &all]] {
            assert_eq!(options_of(read(parts).expect("valid")), everything(), "{parts:?}");
        }
        let engine: Vec<&str> = OPTIONS[..ENGINE_OPTIONS].concat();
        for parts in [&[&engine[..], &["bench"]][..], &[&["bench"], &engine]] {
            assert_eq!(options_of(read(parts).expect("valid")).0, everything().0, "{parts:?}");
        }
    }

    #[test]
    fn each_option_alone_counts_in_both_places() {
        for option in OPTIONS {
            let [before, after] = [[&option[..], &GENERATE], [&GENERATE, &option[..]]].map(|parts| {
                let parts = [parts[0], parts[1], if option[0] == "--out" { &[] } else { &["--out", "/o"] }];
                options_of(read(&parts).expect("valid"))
            });
            assert_eq!(before, after, "{option:?}");
            assert_ne!(before, options_of(read(&[&["generate", "--prompt", "x", "--out", "/p"]]).expect("valid")));
        }
    }

    #[test]
    fn two_values_for_one_option_are_an_error_and_the_same_twice_is_none() {
        for ([name, value], other) in OPTIONS.into_iter().zip(["/n", "4", "f32", "cpu", "off", "/p", "/k", "/f"]) {
            let out: &[&str] = if name == "--out" { &[] } else { &["--out", "/o"] };
            let error = read(&[&[name, value], &GENERATE, out, &[name, other]]).expect_err(name);
            assert_eq!(error.kind(), ErrorKind::ArgumentConflict, "{name}");
            assert!(error.to_string().contains(name), "{error}");
            read(&[&[name, value], &GENERATE, out, &[name, value]]).expect(name);
        }
    }

    #[test]
    fn an_option_that_a_command_has_no_use_for_is_refused_in_both_places() {
        for (i, option) in OPTIONS.iter().enumerate() {
            let commands: &[&[&str]] =
                &[&["bench"], &["inspect", "x"], &["licenses"], &["rounds", "x"], &["check", "x"]];
            for command in if i < ENGINE_OPTIONS { &commands[1..] } else { commands } {
                for parts in [[&option[..], command], [command, &option[..]]] {
                    let error = read(&parts).expect_err("refused").to_string();
                    assert!(error.contains(option[0]), "{parts:?}: {error}");
                }
            }
        }
    }

    #[test]
    fn generate_needs_a_folder_and_the_defaults_are_the_usual_ones() {
        assert_eq!(read(&[&GENERATE]).expect_err("refused").kind(), ErrorKind::MissingRequiredArgument);
        let args = read(&[&FULL]).expect("valid");
        let Some(Command::Generate(args)) = args.command else { panic!("generate") };
        assert_eq!((args.engine.model(), args.engine.dtype(), args.fit), (Default::default(), Dtype::Auto, Fit::Fill));
        assert_eq!(args.engine.device(), DeviceChoice::Auto);
    }

    #[test]
    fn a_document_alone_is_opened_in_the_window() {
        let args = read(&[&["--threads", "2", "a.underpaint"]]).expect("valid");
        assert_eq!((args.document, args.command.is_none()), (Some("a.underpaint".into()), true));
        assert!(read(&[&["genrate"]]).expect_err("refused").to_string().contains("neither a command nor a document"));
        assert!(read(&[&["a.underpaint", "licenses"]]).is_err());
    }

    #[test]
    fn a_document_stands_in_for_a_folder_and_a_prompt() {
        let args = read(&[&["generate", "--document", "/d", "--steps", "7"]]).expect("valid");
        let Some(Command::Generate(args)) = args.command else { panic!("generate") };
        let base = Settings { prompt: "a pear".into(), cfg_scale: 3.0, batch: 2, ..Settings::default() };
        let expected = Settings { steps: 7, ..base.clone() };
        assert_eq!(args.settings_over(base), expected);
        assert!(read(&[&["generate", "--out", "/o"]]).is_err(), "no prompt");
        assert!(read(&[&["export", "/d"]]).is_err(), "no folder");
        for parts in [["--out", "/o", "export", "/d"], ["export", "/d", "--out", "/o"]] {
            assert_eq!(options_of(read(&[&parts]).expect("valid")).1.out, Some("/o".into()));
        }
        let sheet = ["export", "/d", "--contact-sheet", "/s.png"];
        assert!(read(&[&sheet]).is_ok() && read(&[&sheet, &["--out", "/o", "--format", "jpg"]]).is_ok());
        for option in [["--format", "jpg"], ["--name", "{seed}"]] {
            let text = read(&[&sheet, &option]).expect_err("refused").to_string();
            assert!(text.contains("--out"), "{text}");
        }
        assert!(read(&[&["--loras", "/l", "export", "/d", "--out", "/o"]]).is_err());
    }

    #[test]
    fn the_definition_of_the_arguments_is_sound() {
        Args::command().debug_assert();
    }
}
