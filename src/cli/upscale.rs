//! `underpaint upscale`: a picture made larger by a second pass.

use std::sync::Arc;

use anyhow::{anyhow, bail};
use serde_json::json;

use super::control_args::{HintSources, controls};
use super::estimate::{knowing_files, print_second_pass};
use super::models::{named_upscaler, runtime_with_loras};
use super::picture_round::PictureRound;
use super::print_line;
use super::progress::ProgressLine;
use super::upscale_args::UpscaleArgs;
use crate::engine::{
    Cancel, Engine, Event, ModelChoice, Plan, Recipe, Recommended, Request, SecondPass, Settings, Stage, Upscaler,
    is_bare_name, random_seed,
};
use crate::picture::{Carried, Fit, NamePattern, NameWords, check_folder, open, read_parameters};

/// Makes the picture larger and writes the result into a folder; prints the name of its file, or JSON events.
///
/// # Errors
/// Whatever stops it, as one sentence: settings out of range, a picture, model or upscaler that cannot be read, a folder
/// that cannot be written.
pub fn upscale(args: &UpscaleArgs, engine: &mut dyn Engine) -> anyhow::Result<()> {
    let picture = Arc::new(open(&args.picture)?);
    let round = match read_parameters(&args.picture) {
        Some(_) => PictureRound::read(&args.picture).ok(),
        None => None,
    };
    let output = args.output.options(NamePattern::default()).map_err(anyhow::Error::msg)?;
    let choice = match &round {
        Some(round) => round.model(&args.engine)?,
        None => args.engine.model(),
    };
    let settings_for = |recommended: Recommended| {
        let base = round.as_ref().map(|round| round.settings.clone()).unwrap_or_else(|| {
            let mut base = Settings { prompt: String::new(), ..Settings::default() };
            recommended.apply_to(&mut base);
            (base.width, base.height) = (SecondPass::TILE, SecondPass::TILE);
            base
        });
        args.settings_over(base)
    };
    let asked = settings_for(Recommended::default());
    let controls = controls(&args.control, &asked.controls)?;
    let pass = pass_here(&asked)?;
    let settings_for = |recommended| Settings {
        controls: controls.clone(),
        second_pass: Some(pass.clone()),
        ..settings_for(recommended)
    };
    let asked = settings_for(Recommended::default());
    let mut plan = Plan::default();
    plan.check(&asked)?;
    let request_of =
        |settings: Settings, plan: Plan| Request::planned(choice.clone(), settings, plan, Some(Arc::clone(&picture)));
    request_of(Settings { seed: 0, controls: Vec::new(), ..asked.clone() }, plan.clone()).check()?;
    if let Some(runtime) = runtime_with_loras(&asked.prompt, &args.engine, &args.folders)? {
        engine.configure(&runtime);
    }
    if args.estimate {
        return print_estimate(args, engine, &choice, &pass, settings_for, picture.dimensions());
    }
    let Some(out) = args.folders.out.clone() else {
        bail!("underpaint upscale needs a folder for the picture: --out DIR");
    };
    check_folder(&out)?;
    let cancel = Cancel::default();
    let mut settings = settings_for(engine.load(&choice, &cancel)?.recommended);
    if settings.seed < 0 {
        settings.seed = random_seed();
    }
    let made_with = engine.made_with(&choice);
    let tiles = pass.grid(&settings, picture.dimensions()).len();
    let steps = vec![tiles * settings.steps_to_report(true); settings.batch];
    let progress = ProgressLine::new(&settings, steps, args.json);
    let notice = |text: &str| {
        report(args.json, &json!({"event": "notice", "text": text}));
        if !args.json {
            progress.notice(text);
        }
    };
    if round.is_none() && args.prompt.is_none() {
        notice("The picture does not say how it was made, so there is no prompt; --prompt gives one.");
    }
    if let Some(losses) = round.as_ref().and_then(PictureRound::losses) {
        notice(&losses);
    }
    // Controls that the picture itself names follow again what they followed, as far as its file holds that.
    let followed = round.as_ref().filter(|_| args.control.is_empty() && !controls.is_empty());
    let start = followed.and_then(|round| round.start.as_ref());
    if followed.is_some() && start.is_none() {
        notice(
            "The picture's file does not hold what its ControlNets followed, so they follow the picture itself; --control with image=FILE gives another.",
        );
    }
    plan.hints = HintSources {
        from_picture: start.is_none(),
        start: start.or(Some(&*picture)),
        of_document: &|_| None,
        size: picture.dimensions(),
        fit: Fit::Fill,
    }
    .hints(&settings.controls, &notice)?;
    plan.regions = round.as_ref().map(|round| round.regions_in(picture.dimensions(), Fit::Stretch)).unwrap_or_default();
    let request = request_of(settings, plan);
    let mut failure: Option<anyhow::Error> = None;
    let done = engine.generate(&request, &cancel, &mut |event| match event {
        Event::Notice(text) => notice(&text),
        Event::Stage(stage) => {
            progress.stage(stage);
            match stage {
                Stage::Enlarging => report(args.json, &json!({"event": "stage", "stage": "enlarging"})),
                Stage::Tile { tile, tiles } => {
                    report(args.json, &json!({"event": "stage", "stage": "tile", "tile": tile, "tiles": tiles}));
                }
                Stage::ReadingPrompt | Stage::Encoding | Stage::Decoding(_) | Stage::Working { .. } => {}
            }
        }
        Event::Step { image, step, steps, .. } => {
            if !args.json {
                progress.step(image, step, steps);
            }
            report(args.json, &json!({"event": "step", "image": image, "step": step, "steps": steps}));
        }
        Event::Finished(made) => {
            let recipe: Recipe = request.recipe_of(&made, made_with.clone());
            let words = NameWords::new(&recipe, 1, made.image, NameWords::now());
            let carried = Carried { start: request.start(), regions: &request.plan.regions };
            match output.write(&out, &made.picture, &recipe, carried, &words) {
                Ok(written) if args.json => report(
                    true,
                    &json!({
                        "event": "made", "image": made.image, "seed": made.seed, "file": written.path.to_string_lossy(),
                    }),
                ),
                Ok(written) => progress.aside(|| print_line(&written.path.display().to_string())),
                Err(error) => {
                    failure = Some(error.into());
                    cancel.cancel();
                }
            }
        }
    });
    progress.finish();
    if let Some(error) = failure {
        return Err(error);
    }
    done?;
    report(args.json, &json!({"event": "complete"}));
    Ok(())
}

/// The second pass with the file of its upscaler, which may be given by its name.
fn pass_here(settings: &Settings) -> anyhow::Result<SecondPass> {
    let mut pass = settings.second_pass.clone().unwrap_or_default();
    if let Upscaler::File(path) = &pass.upscaler
        && !path.exists()
    {
        if !is_bare_name(path) {
            bail!("There is no upscaler at {}: neither lanczos nor nearest nor a file.", path.display());
        }
        pass.upscaler = Upscaler::File(named_upscaler(&path.to_string_lossy())?);
    }
    Ok(pass)
}

/// Prints what it would take.
fn print_estimate(
    args: &UpscaleArgs,
    engine: &mut dyn Engine,
    choice: &ModelChoice,
    pass: &SecondPass,
    settings_for: impl Fn(Recommended) -> Settings,
    size: (u32, u32),
) -> anyhow::Result<()> {
    let estimator = engine.estimator(choice).ok_or_else(|| {
        anyhow!(
            "What {} would take cannot be estimated: its files cannot be read, or it would run on a graphics card.",
            choice.name()
        )
    })?;
    // The file of an upscaler that was given by its name is the one in `pass`.
    let settings = Settings { second_pass: Some(pass.clone()), ..settings_for(estimator.recommended()) };
    print_second_pass(&*knowing_files(estimator, &settings), pass, &settings, size, args.json)
}

fn report(json: bool, event: &serde_json::Value) {
    if json {
        print_line(&event.to_string());
    }
}
