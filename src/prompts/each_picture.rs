//! Makes the pictures of a request whose wildcards choose differently for each of them.

use super::Wildcards;
use crate::engine::{
    Cancel, Engine, Error, Event, FinishedImage, MadeWith, Plan, PromptTemplate, Recipe, Request, RequestKind, Settings,
};

/// The request for one picture with its wildcards replaced by what its seed chooses. Those that cannot be replaced stay.
pub fn with_choices(request: Request, wildcards: &Wildcards) -> Request {
    let Settings { prompt, negative, .. } = &request.settings;
    if !Wildcards::are_in(prompt) && !Wildcards::are_in(negative) {
        return request;
    }
    let (prompt, negative, _) = choices(&request, wildcards, 0);
    Request { settings: Settings { prompt, negative, ..request.settings.clone() }, ..request }
}

/// The prompt and the negative prompt of a picture, and what could not be replaced.
fn choices(request: &Request, wildcards: &Wildcards, image: usize) -> (String, String, Vec<String>) {
    let (seed, variation_seed) = request.seeds_of(image);
    // The pictures of a variation differ in the variation seed.
    let seed = if request.settings.variation_strength > 0.0 { seed ^ variation_seed.rotate_left(32) } else { seed };
    let [prompt, negative] =
        [&request.settings.prompt, &request.settings.negative].map(|text| wildcards.expand(text, seed));
    let problems = prompt.problems.into_iter().chain(negative.problems).collect();
    (prompt.text, negative.text, problems)
}

/// Makes every picture of a request that is not left out, as [`Engine::generate`] does, with the wildcards of its prompts
/// replaced by what each picture's own seed chooses. `on_event` gets each event, and for a finished picture what made it.
/// Wildcards that cannot be replaced are told in a notice and stay as they are.
///
/// # Errors
/// As for [`Engine::generate`].
pub fn generate(
    engine: &mut dyn Engine,
    request: &Request,
    wildcards: &Wildcards,
    made_with: &MadeWith,
    cancel: &Cancel,
    on_event: &mut dyn FnMut(Event, Option<Recipe>),
) -> Result<(), Error> {
    // What was chosen stands in the recipe's prompts; the template says what it was chosen for.
    let made_with_template = |choice: Option<&(String, String)>| {
        let template = choice.and_then(|choice| template(&request.settings, choice));
        MadeWith { template, ..made_with.clone() }
    };
    if !Wildcards::are_in(&request.settings.prompt) && !Wildcards::are_in(&request.settings.negative) {
        return all(engine, request, &made_with_template(None), cancel, on_event);
    }
    let mut told: Vec<String> = Vec::new();
    let chosen: Vec<(String, String)> = (0..request.images())
        .map(|image| {
            let (prompt, negative, problems) = choices(request, wildcards, image);
            told.extend(problems);
            (prompt, negative)
        })
        .collect();
    told.sort();
    told.dedup();
    told.into_iter().for_each(|problem| on_event(Event::Notice(problem), None));
    let with = |(prompt, negative): &(String, String), settings: Settings| Settings {
        prompt: prompt.clone(),
        negative: negative.clone(),
        ..settings
    };
    if let Some(first) = chosen.first().filter(|first| chosen.iter().all(|choice| choice == *first)) {
        let request = Request { settings: with(first, request.settings.clone()), ..request.clone() };
        return all(engine, &request, &made_with_template(Some(first)), cancel, on_event);
    }
    let requests: Vec<Request> =
        chosen.iter().enumerate().map(|(image, choice)| alone(request, image, choice, &with)).collect();
    engine.generate_each(&requests, cancel, &mut |event| {
        let recipe = match &event {
            Event::Finished(made) => requests
                .get(made.image)
                .map(|request| recipe_of(request, made, &made_with_template(chosen.get(made.image)))),
            _ => None,
        };
        on_event(event, recipe);
    })
}

/// The prompts of these settings that have other texts in `choice`, which replaced their wildcards; `None` if neither has.
fn template(settings: &Settings, (prompt, negative): &(String, String)) -> Option<PromptTemplate> {
    let changed = |before: &String, after: &String| if before == after { String::new() } else { before.clone() };
    let template =
        PromptTemplate { prompt: changed(&settings.prompt, prompt), negative: changed(&settings.negative, negative) };
    (template != PromptTemplate::default()).then_some(template)
}

/// The request for one picture of another one.
fn alone(
    request: &Request,
    image: usize,
    choice: &(String, String),
    with: &dyn Fn(&(String, String), Settings) -> Settings,
) -> Request {
    let (seed, variation_seed) = request.seeds_of(image);
    let settings =
        Settings { seed: seed as i64, variation_seed: variation_seed as i64, batch: 1, ..request.settings_of(image) };
    let plan = Plan { sheet: None, ..request.plan.clone() };
    let start = match &request.kind {
        RequestKind::TextToImage => None,
        RequestKind::ImageToImage { start } => Some(std::sync::Arc::clone(start)),
    };
    Request::planned(request.model.clone(), with(choice, settings), plan, start)
}

/// Makes all pictures of one request.
fn all(
    engine: &mut dyn Engine,
    request: &Request,
    made_with: &MadeWith,
    cancel: &Cancel,
    on_event: &mut dyn FnMut(Event, Option<Recipe>),
) -> Result<(), Error> {
    engine.generate(request, cancel, &mut |event| {
        let recipe = match &event {
            Event::Finished(made) => Some(recipe_of(request, made, made_with)),
            _ => None,
        };
        on_event(event, recipe);
    })
}

/// What made a finished picture of this request.
fn recipe_of(request: &Request, made: &FinishedImage, made_with: &MadeWith) -> Recipe {
    // A server that made it knows nothing of wildcards.
    let by = made.made_by.as_ref().map_or(made_with, |by| &by.made_with).clone();
    request.recipe_of(made, MadeWith { template: made_with.template.clone(), ..by })
}
