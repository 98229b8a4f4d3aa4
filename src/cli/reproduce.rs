//! `underpaint reproduce`: makes a saved picture again and says whether it is the same.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::bail;
use serde_json::json;

use super::control_args::{ControlArg, HintSources, control, controls};
use super::mask_file::MaskFile;
use super::models::runtime_with_loras;
use super::options::{EngineOptions, FolderOptions};
use super::picture_round::PictureRound;
use super::print_line;
use super::progress::ProgressLine;
use crate::engine::{Cancel, Engine, Event, Plan, Request, Settings};
use crate::picture::{Fit, Reproduction, fit, open};

/// Which picture `underpaint reproduce` makes again. The exit status is 0 if it is the same, 1 if it differs, and
/// 2 if it could not be made.
#[derive(clap::Args, Debug)]
pub struct ReproduceArgs {
    /// A picture saved with its settings, and with its start image if it has one (--with-start)
    #[arg(value_name = "PICTURE")]
    pub file: PathBuf,
    /// The start image, if the file does not carry it
    #[arg(long, value_name = "FILE")]
    pub init: Option<PathBuf>,
    /// The mask, if a part of the start image was kept
    #[arg(long, value_name = "FILE")]
    pub mask: Option<PathBuf>,
    /// A ControlNet that the picture was made with, as underpaint generate takes it, if its file is not found by its name
    /// or followed another picture than the start image
    #[arg(long, value_parser = control, value_name = "model=FILE,…")]
    pub control: Vec<ControlArg>,
    /// Which model, and how it is run.
    #[command(flatten)]
    pub engine: EngineOptions,
    /// Where additions to the model are found.
    #[command(flatten)]
    pub folders: FolderOptions,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Makes the picture again, compares the pixels and prints the outcome. Gives whether they are the same.
///
/// # Errors
/// If the picture holds no settings, needs a start image or model that is not given, or cannot be made.
pub fn reproduce(args: &ReproduceArgs, engine: &mut dyn Engine) -> anyhow::Result<bool> {
    let round = PictureRound::read(&args.file)?;
    let saved = open(&args.file)?;
    round.check_start(args.init.is_some())?;
    round.check_mask(args.mask.is_some())?;
    let start = match &args.init {
        Some(init) => Some(open(init)?),
        None => round.start.clone(),
    };
    let model = round.model(&args.engine)?;
    let settings = round.settings.clone();
    let controls = controls(&args.control, &settings.controls)?;
    let settings = Settings { controls, ..settings };
    if settings.seed < 0 {
        bail!("{} does not say its seed, so it cannot be made again.", args.file.display());
    }
    settings.check()?;
    if let Some(runtime) = runtime_with_loras(&settings.prompt, &args.engine, &args.folders)? {
        engine.configure(&runtime);
    }
    let (width, height) = (settings.width as u32, settings.height as u32);
    if args.init.is_none() {
        round.check_start_size((width, height))?;
    }
    let keeps_size = round.keeps_start_size();
    let start = start.filter(|_| round.needs_start);
    let start = start.map(|start| match keeps_size || start.dimensions() == (width, height) {
        true => Arc::new(start),
        false => Arc::new(fit(&start, width, height, Fit::Fill, [255; 3])),
    });
    let mask = args.mask.as_deref().filter(|_| settings.keep_unpainted).map(MaskFile::open).transpose()?;
    let size = start.as_ref().map_or((width, height), |start| start.dimensions());
    let mask = mask.map(|mask| mask.mask(size, Fit::Fill, settings.inpaint.as_ref())).transpose()?;
    let hints =
        HintSources { from_picture: start.is_some(), start: None, of_document: &|_| None, size, fit: Fit::Fill }
            .hints(&settings.controls, &|_| {})?;
    let plan = Plan { mask, hints, regions: round.regions_in(size, Fit::Fill), ..Plan::default() };
    let cancel = Cancel::default();
    engine.load(&model, &cancel)?;
    let made_with = engine.made_with(&model);
    let request = Request::planned(model, settings.clone(), plan, start);
    let steps = request.plan.steps_to_report(&settings, request.start().is_some());
    let progress = ProgressLine::new(&settings, steps, args.json);
    if let Some(losses) = round.losses().filter(|_| !args.json) {
        progress.notice(&losses);
    }
    let mut again = None;
    let done = engine.generate(&request, &cancel, &mut |event| match event {
        Event::Step { image, step, steps, .. } if !args.json => progress.step(image, step, steps),
        Event::Stage(stage) => progress.stage(stage),
        Event::Finished(finished) => again = Some(finished.picture),
        Event::Notice(text) if !args.json => progress.notice(&text),
        Event::Notice(_) | Event::Step { .. } => {}
    });
    progress.finish();
    done?;
    let Some(again) = again else { bail!("The engine finished without a picture. Please report this.") };
    let outcome = Reproduction::compare((&saved, &round.made_with), (&again, &made_with), !round.is_lossless());
    if args.json {
        let not_taken: Vec<String> = round.not_taken.iter().map(ToString::to_string).collect();
        let mut object = json!({
            "file": args.file.to_string_lossy(), "sentence": outcome.sentence_with(&round.not_taken), "made_with": round.made_with,
            "makes_with": made_with, "not_taken": not_taken,
        });
        if let (Some(object), serde_json::Value::Object(fields)) =
            (object.as_object_mut(), serde_json::to_value(&outcome)?)
        {
            object.extend(fields);
        }
        print_line(&object.to_string());
    } else {
        print_line(&outcome.sentence_with(&round.not_taken));
    }
    Ok(outcome.same)
}
