//! `underpaint generate`: one round of pictures without the window.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::bail;
use image::RgbImage;
use serde_json::json;

use super::control_args::{HintSources, controls};
use super::document_round::DocumentRound;
use super::estimate::print_estimate;
use super::extended_start::ExtendedStart;
use super::generate_args::GenerateArgs;
use super::mask_file::MaskFile;
use super::models::runtime_with_loras;
use super::picture_round::PictureRound;
use super::preset_option::PresetOption;
use super::progress::ProgressLine;
use super::region_args::regions;
use super::sheet_file::SheetFile;
use super::styles::chosen;
use super::variation::Variation;
use super::{default_home, print_line};
use crate::document::ResultId;
use crate::engine::{
    Cancel, Engine, Event, Plan, Recipe, Recommended, Request, Settings, SheetSetting, Stage, random_seed,
};
use crate::picture::{
    Carried, NamePattern, NameWords, OutputOptions, Parameters, Placement, SaveTarget, check_folder, fit, open,
    read_parameters,
};
use crate::prompts::{self, WILDCARD_FOLDER, Wildcards, apply_styles};

/// Makes the pictures and writes them into a folder, a document or both; prints the name of each file, or the
/// document with the number of the result, on a line, or JSON events.
///
/// # Errors
/// Whatever stops it, as one sentence: settings out of range, a folder or document that cannot be written, a
/// start picture or model that cannot be read, and errors while the pictures are made or written.
pub fn generate(args: &GenerateArgs, engine: &mut dyn Engine) -> anyhow::Result<()> {
    // What was typed is checked before anything slow begins, and so is whether the results can be written.
    let mut document = match &args.document {
        Some(path) => Some(DocumentRound::open(path, args.init.is_some())?),
        None => None,
    };
    let from = args.from.as_deref().map(PictureRound::read).transpose()?;
    if let Some(from) = &from {
        from.check_start(args.init.is_some())?;
        from.check_mask(args.inpaint.mask.is_some())?;
    }
    let output = args.output.options(NamePattern::default()).map_err(anyhow::Error::msg)?;
    if args.output.is_given() && args.folders.out.is_none() {
        bail!("Format and names of pictures count for those that are written with --out DIR.");
    }
    let has_canvas = document.as_ref().is_some_and(|document| document.settings().is_some());
    let own = match &from {
        Some(from) => Some(from.settings.clone()),
        None => document.as_ref().and_then(DocumentRound::settings).cloned(),
    };
    if own.is_none() && args.prompt.is_none() && args.vary.is_none() {
        bail!("A new document needs a prompt: --prompt TEXT.");
    }
    let varied = args.vary.as_deref().map(|result| Variation::read(result, args)).transpose()?;
    let choice = match (&document, &from) {
        (Some(document), _) => document.model(args)?,
        (None, Some(from)) => from.model(&args.engine)?,
        (None, None) => args.engine.model(),
    };
    let preset = args.preset.map(|preset| PresetOption::new(preset, &choice, &args.folders)).transpose()?;
    let styles = chosen(&args.style)?;
    let mask = args.inpaint.mask.as_deref().map(MaskFile::open).transpose()?;
    let extended = match (args.inpaint.extend, &args.init) {
        (Some(by), Some(init)) => Some(ExtendedStart::new(&open(init)?, by, mask.as_ref())),
        _ => None,
    };
    let unstyled = |recommended: Recommended| match (&own, &varied) {
        (_, Some(varied)) => varied.settings.clone(),
        (own, None) => {
            let mut base = own.clone().unwrap_or_else(|| args.fresh_settings(recommended));
            preset.iter().for_each(|preset| preset.apply(&mut base, recommended));
            let mut settings = args.settings_over(base);
            let is_size_given = args.width.is_some() || args.height.is_some();
            extended.iter().for_each(|extended| extended.sized(&mut settings, is_size_given));
            preset.iter().for_each(|preset| preset.apply_to_prompt(&mut settings.prompt));
            settings
        }
    };
    let controls = controls(&args.control, &unstyled(Recommended::default()).controls)?;
    let settings_for = |recommended: Recommended| Settings {
        controls: controls.clone(),
        ..apply_styles(&styles, &unstyled(recommended))
    };
    let mut plan = Plan { sheet: args.sheet()?, ..Plan::default() };
    let asked = settings_for(Recommended::default());
    plan.check(&asked)?;
    if let Some(runtime) = runtime_with_loras(&asked.prompt, &args.engine, &args.folders)? {
        engine.configure(&runtime);
    }
    let by_strength = args.sheet.iter().any(|axis| axis.setting() == SheetSetting::Strength);
    if let Some(path) = &args.sheet_picture {
        SaveTarget::of(path)?;
    }
    let init = match (&args.init, &from, &varied) {
        (Some(_), ..) if extended.is_some() => extended.as_ref().map(|extended| extended.picture.clone()),
        (Some(init), ..) => Some(open(init)?),
        (None, Some(from), _) => from.start.clone(),
        (None, None, Some(varied)) => varied.start.clone(),
        (None, None, None) => None,
    };
    let mask = extended.as_ref().map(|extended| &extended.mask).or(mask.as_ref());
    let has_start = init.is_some() || has_canvas;
    let start_size = init.as_ref().map(RgbImage::dimensions).or_else(|| document.as_ref()?.canvas_size());
    if by_strength && !has_start {
        bail!("Without a start image the denoising strength changes nothing: give --init with a picture.");
    }
    if mask.is_some() && !has_start {
        bail!("A mask needs a start image, from which the rest is kept: give --init with a picture.");
    }
    let out = args.folders.out.clone();
    if let Some(out) = &out {
        check_folder(out)?;
    }
    if args.estimate {
        return print_estimate(engine, &choice, settings_for, &plan, start_size.filter(|_| has_start), args.json);
    }
    let cancel = Cancel::default();
    let mut settings = settings_for(engine.load(&choice, &cancel)?.recommended);
    let made_with = engine.made_with(&choice);
    settings.keep_unpainted |= mask.is_some();
    let from_picture = has_start && plan.starts_from_picture(&settings);
    let steps = plan.steps_to_report(&settings, from_picture);
    // JSON goes to standard output for programs; people's progress stays on standard error.
    let progress = ProgressLine::new(&settings, steps, args.json);
    let notice = |text: &str| {
        report(args.json, &json!({"event": "notice", "text": text}));
        if !args.json {
            progress.notice(text);
        }
    };
    if let Some(explanation) = preset.as_ref().and_then(PresetOption::explanation) {
        notice(&explanation);
    }
    if let Some(losses) = from.as_ref().and_then(PictureRound::losses) {
        notice(&losses);
    }
    let size = (settings.width as u32, settings.height as u32);
    // Where only the masked part is sampled, the start image keeps its size.
    let keeps_size = mask.is_some() && settings.samples_masked_part() || settings.second_pass.is_some();
    if let (Some(mask), Some(start_size)) = (mask, start_size) {
        if let Some(text) = mask.notice(start_size) {
            notice(&text);
        }
        let size = if keeps_size { start_size } else { size };
        plan.mask = Some(mask.mask(size, args.fit, settings.inpaint.as_ref())?);
    }
    plan.hints = HintSources {
        from_picture,
        start: init.as_ref(),
        of_document: &|source| document.as_ref()?.control_picture(source),
        size: start_size.filter(|_| keeps_size).unwrap_or(size),
        fit: args.fit,
    }
    .hints(&settings.controls, &notice)?;
    let region_size = start_size.filter(|_| keeps_size).unwrap_or(size);
    if !args.region.is_empty() {
        (settings.regions, plan.regions) = regions(&args.region, region_size, args.fit)?;
    } else if let Some(from) = &from {
        plan.regions = from.regions_in(region_size, args.fit);
    } else if let Some(varied) = &varied {
        plan.regions = varied.regions_in(region_size, args.fit);
    }
    let init = init.map(|picture| {
        if keeps_size {
            return picture;
        }
        let placement = Placement::new(picture.dimensions(), size, args.fit);
        if let Some(text) = placement.notice("The start image", "the result") {
            notice(&format!("{text} Another --width, --height or --fit changes that."));
        }
        fit(&picture, size.0, size.1, args.fit, [255; 3])
    });
    let seeds = if plan.sheet.is_some() { 1 } else { settings.batch as i64 };
    if init.is_some() && from_picture && reuses_noise(args, settings.seed, seeds) {
        notice(&format!(
            "This start image was made with seed {0}; the same noise again leaves artefacts, so try --seed {1}.",
            settings.seed,
            settings.seed + seeds
        ));
    }
    let start = match &mut document {
        None => {
            if settings.seed < 0 {
                settings.seed = random_seed();
            }
            init.map(Arc::new)
        }
        Some(document) => {
            let known = seed_of(args).into_iter().collect();
            let begun = document.begin(settings, &plan, &choice.name(), init.map(|picture| (picture, known)))?;
            if let Some(text) = begun.notice {
                notice(&text);
            }
            (settings, plan) = (begun.settings, begun.plan);
            let keeps_size = plan.mask.is_some() && settings.samples_masked_part();
            begun.start.map(|start| match keeps_size || start.picture.dimensions() == size {
                true => start.picture,
                false => Arc::new(fit(&start.picture, size.0, size.1, start.fit, start.paper.0)),
            })
        }
    };

    let request = Request::planned(choice.clone(), settings, plan, start);
    let mut failure: Option<anyhow::Error> = None;
    let mut sheet_file = match (&args.sheet_picture, &request.plan.sheet) {
        (Some(path), Some(sheet)) => Some(SheetFile::new(path, sheet.clone(), size, output.encoding.jpeg_quality)),
        _ => None,
    };
    let mut on_event = |event: Event, recipe: Option<Recipe>| match event {
        Event::Notice(text) => notice(&text),
        Event::Stage(stage) => {
            progress.stage(stage);
            let (name, image) = match stage {
                Stage::ReadingPrompt => ("reading_prompt", None),
                Stage::Encoding => ("encoding", None),
                Stage::Enlarging => ("enlarging", None),
                Stage::Tile { .. } => ("tile", None),
                Stage::Decoding(image) => ("decoding", Some(image)),
                Stage::Working { image, .. } => ("working", Some(image)),
            };
            report(args.json, &json!({"event": "stage", "stage": name, "image": image}));
        }
        Event::Step { image, step, steps, .. } => {
            if !args.json {
                progress.step(image, step, steps);
            }
            report(args.json, &json!({"event": "step", "image": image, "step": step, "steps": steps}));
        }
        Event::Finished(made) => {
            let recipe = recipe.unwrap_or_default();
            if let Some(file) = &mut sheet_file {
                file.put(made.image, &made.picture);
            }
            let folder = out.as_deref().map(|out| (out, &output));
            let start = request.start().filter(|_| recipe.from_picture);
            let carried = Carried { start, regions: &request.plan.regions };
            match keep(folder, document.as_mut(), made.image, made.picture, carried, recipe) {
                Ok(kept) if args.json => report(
                    true,
                    &json!({
                        "event": "made", "image": made.image, "seed": made.seed, "round": kept.id.map(|id| id.round),
                        // A path need not be text, and JSON is.
                        "file": kept.file.as_ref().map(|file| file.to_string_lossy()),
                    }),
                ),
                Ok(Kept { file: Some(path), .. }) => progress.aside(|| print_line(&path.display().to_string())),
                Ok(Kept { id, .. }) => progress.aside(|| {
                    if let (Some(path), Some(ResultId { round, image })) = (&args.document, id) {
                        print_line(&format!("{}: result {} of round {round}", path.display(), image + 1));
                    }
                }),
                Err(error) => {
                    failure = Some(error);
                    cancel.cancel();
                }
            }
        }
    };
    let wildcards = default_home().map(|home| Wildcards::in_folder(home.join(WILDCARD_FOLDER))).unwrap_or_default();
    let done = prompts::generate(engine, &request, &wildcards, &made_with, &cancel, &mut on_event);
    progress.finish();
    if let Some(error) = failure {
        return Err(error);
    }
    done?;
    if let Some(file) = sheet_file {
        let path = file.save()?;
        match args.json {
            true => report(true, &json!({"event": "sheet", "file": path.to_string_lossy()})),
            false => print_line(&path.display().to_string()),
        }
    }
    report(args.json, &json!({"event": "complete"}));
    Ok(())
}

/// Where a finished picture is now.
#[derive(Default)]
struct Kept {
    file: Option<PathBuf>,
    id: Option<ResultId>,
}

/// Writes a finished picture into the folder, the document or both.
fn keep(
    folder: Option<(&Path, &OutputOptions)>,
    document: Option<&mut DocumentRound>,
    image: usize,
    picture: RgbImage,
    carried: Carried<'_>,
    recipe: Recipe,
) -> anyhow::Result<Kept> {
    let mut kept = Kept::default();
    if let Some((folder, output)) = folder {
        let round = document.as_ref().and_then(|document| document.round()).unwrap_or(1);
        let words = NameWords::new(&recipe, round, image, NameWords::now());
        kept.file = Some(output.write(folder, &picture, &recipe, carried, &words)?.path);
    }
    if let Some(document) = document {
        kept.id = document.finished(image, picture, recipe, kept.file.clone())?;
    }
    Ok(kept)
}

/// The seed that the start image says it was made with.
fn seed_of(args: &GenerateArgs) -> Option<u64> {
    args.init.as_deref().and_then(read_parameters).and_then(|text| Parameters::read(&text).seed())
}

/// Whether the start image says that it was made with one of the seeds that are about to be used, so many from the
/// first on.
fn reuses_noise(args: &GenerateArgs, first: i64, count: i64) -> bool {
    let Some(seed) = seed_of(args) else { return false };
    let seeds = first..first.saturating_add(count);
    first >= 0 && i64::try_from(seed).is_ok_and(|seed| seeds.contains(&seed))
}

fn report(json: bool, event: &serde_json::Value) {
    if json {
        print_line(&event.to_string());
    }
}
