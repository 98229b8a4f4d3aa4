//! `underpaint generate`: one round without a window.

use std::sync::Arc;

use serde_json::json;

use super::args::GenerateArgs;
use super::print_line;
use super::progress::Progress;
use crate::document::random_seed;
use crate::engine::{Cancel, Engine, Event, Recipe, Recommended, Request, Settings, Stage};
use crate::picture::{Fit, Parameters, encode_png, fit, open, read_parameters, save_numbered};

/// Makes the pictures and writes them; prints one line a file, or one JSON event a line.
///
/// # Errors
/// Whatever stops it, as one sentence.
pub fn generate(args: &GenerateArgs, engine: &mut dyn Engine) -> anyhow::Result<()> {
    // What was typed is checked before anything slow begins.
    let mut settings = args.settings(Recommended::default());
    settings.check()?;
    let init = match &args.init {
        Some(path) => {
            let (w, h) = (settings.width as u32, settings.height as u32);
            Some(fit(&open(path)?, w, h, Fit::Fill, [255; 3]))
        }
        None => None,
    };
    std::fs::create_dir_all(&args.out)
        .map_err(|e| anyhow::anyhow!("{} could not be made: {e}.", args.out.display()))?;
    let choice = args.model();
    let cancel = Cancel::default();
    settings = args.settings(engine.load(&choice, &cancel)?.recommended);
    let from_picture = init.is_some() && settings.strength < 1.0;
    let run = settings.steps_to_report(from_picture);
    // JSON goes to standard output for programs; people's progress stays on standard error.
    let progress = Progress::new(&settings, run, args.json);
    if from_picture && burns_in(args, &settings) {
        let text = format!(
            "This start image was made with seed {0}; the same noise twice burns in, so try --seed {1}.",
            settings.seed,
            settings.seed + settings.batch as i64
        );
        report(args.json, &json!({"event": "notice", "text": text}));
        if !args.json {
            progress.notice(&text);
        }
    }
    if settings.seed < 0 {
        settings.seed = random_seed();
    }

    let request = Request::new(choice.clone(), settings.clone(), init.map(Arc::new));
    let mut failure: Option<anyhow::Error> = None;
    let mut on_event = |event: Event| match event {
        Event::Notice(text) => {
            report(args.json, &json!({"event": "notice", "text": text}));
            progress.notice(&text);
        }
        Event::Stage(stage) => {
            progress.stage(stage);
            let (name, image) = match stage {
                Stage::ReadingPrompt => ("reading_prompt", None),
                Stage::Encoding => ("encoding", None),
                Stage::Decoding(image) => ("decoding", Some(image)),
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
            let settings = Settings { variation_seed: made.variation_seed as i64, ..settings.clone() };
            let recipe = Recipe { settings, seed: made.seed, model: choice.name(), from_picture };
            let saved = encode_png(&made.picture, Some(&recipe.infotext()))
                .and_then(|bytes| save_numbered(&args.out, made.seed, &bytes));
            match saved {
                Ok(path) if args.json => {
                    report(true, &json!({"event": "made", "image": made.image, "seed": made.seed, "file": path}));
                }
                Ok(path) => progress.aside(|| print_line(&path.display().to_string())),
                Err(error) => {
                    failure = Some(error.into());
                    cancel.cancel();
                }
            }
        }
    };
    let done = engine.generate(&request, &cancel, &mut on_event);
    progress.finish();
    if let Some(error) = failure {
        return Err(error);
    }
    done?;
    report(args.json, &json!({"event": "complete"}));
    Ok(())
}

/// Whether the start image says it was made with one of the seeds about to be used.
fn burns_in(args: &GenerateArgs, settings: &Settings) -> bool {
    let Some(seed) = args.init.as_deref().and_then(read_parameters).and_then(|text| Parameters::read(&text).seed())
    else {
        return false;
    };
    let first = settings.seed;
    first >= 0 && (first..first + settings.batch as i64).contains(&(seed as i64))
}

fn report(json: bool, event: &serde_json::Value) {
    if json {
        print_line(&event.to_string());
    }
}
