//! `underpaint generate`: one round of pictures without the window.

use std::sync::Arc;

use serde_json::json;

use super::args::GenerateArgs;
use super::print_line;
use super::progress::ProgressLine;
use crate::document::random_seed;
use crate::engine::{Cancel, Engine, Event, Recipe, Recommended, Request, Settings, Stage};
use crate::picture::{Parameters, Placement, check_folder, encode_png, fit, open, read_parameters, save_numbered};

/// Makes the pictures and writes them; prints the name of each file on a line, or JSON events.
///
/// # Errors
/// Whatever stops it, as one sentence: settings out of range, a folder that cannot be written, a start
/// picture or model that cannot be read, and errors while the pictures are made or written.
pub fn generate(args: &GenerateArgs, engine: &mut dyn Engine) -> anyhow::Result<()> {
    // What was typed is checked before anything slow begins, and so is whether the results can be written.
    let mut settings = args.settings(Recommended::default());
    settings.check()?;
    let out = args.folders.out();
    check_folder(&out)?;
    let init = args.init.as_deref().map(open).transpose()?;
    let choice = args.engine.model();
    let cancel = Cancel::default();
    settings = args.settings(engine.load(&choice, &cancel)?.recommended);
    let from_picture = init.is_some() && settings.strength < 1.0;
    let run = settings.steps_to_report(from_picture);
    // JSON goes to standard output for programs; people's progress stays on standard error.
    let progress = ProgressLine::new(&settings, run, args.json);
    let notice = |text: &str| {
        report(args.json, &json!({"event": "notice", "text": text}));
        if !args.json {
            progress.notice(text);
        }
    };
    let size = (settings.width as u32, settings.height as u32);
    let init = init.map(|picture| {
        let placement = Placement::new(picture.dimensions(), size, args.fit);
        if let Some(text) = placement.notice("The start image", "the result") {
            notice(&format!("{text} Another --width, --height or --fit changes that."));
        }
        fit(&picture, size.0, size.1, args.fit, [255; 3])
    });
    if from_picture && reuses_noise(args, &settings) {
        notice(&format!(
            "This start image was made with seed {0}; the same noise again leaves artefacts, so try --seed {1}.",
            settings.seed,
            settings.seed + settings.batch as i64
        ));
    }
    if settings.seed < 0 {
        settings.seed = random_seed();
    }

    let request = Request::new(choice.clone(), settings.clone(), init.map(Arc::new));
    let mut failure: Option<anyhow::Error> = None;
    let mut on_event = |event: Event| match event {
        Event::Notice(text) => notice(&text),
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
                .and_then(|bytes| save_numbered(&out, made.seed, &bytes));
            match saved {
                Ok(path) if args.json => {
                    // A path need not be text, and JSON is.
                    let file = path.to_string_lossy();
                    report(true, &json!({"event": "made", "image": made.image, "seed": made.seed, "file": file}));
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

/// Whether the start image says that it was made with one of the seeds that are about to be used.
fn reuses_noise(args: &GenerateArgs, settings: &Settings) -> bool {
    let Some(seed) = args.init.as_deref().and_then(read_parameters).and_then(|text| Parameters::read(&text).seed())
    else {
        return false;
    };
    let first = settings.seed;
    let seeds = first..first.saturating_add(settings.batch as i64);
    first >= 0 && i64::try_from(seed).is_ok_and(|seed| seeds.contains(&seed))
}

fn report(json: bool, event: &serde_json::Value) {
    if json {
        print_line(&event.to_string());
    }
}
