//! The rows of the window of models: each says what a model is and whether it is here, and what can be done with it.

use std::path::{Path, PathBuf};

use super::fetch_queue::{Fetch, FetchState};
use super::fetch_words::FetchLine;
use super::panel::ModelSection;
use crate::engine::{LoraFile, ModelChoice};
use crate::models::{BaseModel, CatalogueEntry, FetchSubject, FoundKind, FoundModel, size_text};
use crate::ui::state::WindowState;
use crate::ui::{
    AutoencoderUse, ControlCommand, FetchCommand, FileCommand, ModelCommand, ModelPanelCommand, UserCommand,
};

/// A row of the list.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ModelRow {
    /// What it is called.
    pub title: String,
    /// What it is.
    pub kind: FoundKind,
    /// What it is for, or where it is.
    pub purpose: String,
    /// Family, precision, prediction, size, hash, separated by dots.
    pub facts: String,
    /// What a longer look says.
    pub details: String,
    /// The words that call up what it was trained on.
    pub words: Vec<String>,
    /// Its preview picture.
    pub preview: Option<PathBuf>,
    /// Name and web address of its licence.
    pub licence: Option<(String, String)>,
    /// Whether it is here and can be used.
    pub state: RowState,
    /// What can be done with it.
    pub actions: Vec<RowAction>,
}

/// Whether a model is here and can be used.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum RowState {
    /// The next round uses it.
    InUse,
    /// It is here.
    Here,
    /// It is here and cannot be used, for this reason in one sentence.
    Refused(String),
    /// It is in the catalogue and not here; why it cannot be fetched now.
    NotHere(Option<String>),
    /// It is being fetched.
    Fetching(FetchLine),
    /// It could not be fetched.
    NotFetched {
        /// Why, as one sentence.
        reason: String,
        /// The page where access is granted, if that is what is missing.
        page: Option<String>,
    },
}

/// Something that can be done with a model.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RowAction {
    /// What stands on the button.
    pub label: String,
    /// What the button is called with the row it belongs to.
    pub spoken: String,
    /// What it does.
    pub help: String,
    /// Whether it can be done now.
    pub enabled: bool,
    /// What is done.
    pub command: UserCommand,
}

/// What the rows depend on.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RowsKey {
    version: u64,
    section: ModelSection,
    filter: String,
    model: ModelChoice,
    loras: (Option<PathBuf>, Vec<LoraFile>),
    embeddings: Option<PathBuf>,
    /// What is being fetched, where that shows.
    fetches: u64,
}

impl RowsKey {
    pub fn of(state: &WindowState) -> Self {
        Self {
            version: state.models.version,
            section: state.models.section,
            filter: state.models.filter.trim().to_lowercase(),
            model: state.model.chosen.choice.clone(),
            loras: (state.runtime.loras.clone(), state.runtime.found_loras.clone()),
            embeddings: state.runtime.embeddings.clone(),
            fetches: match state.models.section {
                ModelSection::Catalogue | ModelSection::Downloads => state.models.fetches.queue.version,
                ModelSection::Here | ModelSection::Folders => 0,
            },
        }
    }
}

/// The rows of the section on show that hold every word of the filter.
pub(super) fn rows(state: &WindowState, key: &RowsKey) -> Vec<ModelRow> {
    let base = state.models.base_in_use(&state.model);
    let mut rows = match key.section {
        ModelSection::Here => {
            let found = state.models.found().iter().map(|model| found_row(state, model, base.as_ref()));
            std::iter::once(starter_row(state)).chain(found).collect::<Vec<_>>()
        }
        ModelSection::Catalogue => {
            let places = state.models.fetches.queue.list().iter().filter_map(|fetch| place_row(state, fetch));
            let entries = state.models.catalogue().entries.iter();
            places.chain(entries.map(|entry| catalogue_row(state, entry, base.as_ref()))).collect()
        }
        ModelSection::Downloads => {
            state.models.fetches.queue.list().iter().filter_map(|fetch| download_row(state, fetch)).collect()
        }
        ModelSection::Folders => Vec::new(),
    };
    if key.section == ModelSection::Downloads {
        return rows;
    }
    rows.retain(|row| row.holds(&key.filter));
    // What can be used comes first, in the order that it has.
    rows.sort_by_key(|row| matches!(row.state, RowState::Refused(_)));
    rows
}

impl ModelRow {
    fn holds(&self, filter: &str) -> bool {
        let text = format!(
            "{} {} {} {} {} {}",
            self.title,
            self.kind.label(),
            self.purpose,
            self.facts,
            self.details,
            self.words.join(" ")
        );
        let text = text.to_lowercase();
        filter.split_whitespace().all(|word| text.contains(word))
    }
}

fn starter_row(state: &WindowState) -> ModelRow {
    let is_used = state.model.chosen.choice == ModelChoice::Starter;
    ModelRow {
        title: "starter".into(),
        kind: FoundKind::Model,
        purpose: "A small model to try the program with. It knows nothing outside its small world.".into(),
        facts: "built in".into(),
        details: String::new(),
        words: Vec::new(),
        preview: None,
        licence: None,
        state: if is_used { RowState::InUse } else { RowState::Here },
        actions: vec![use_model("starter", ModelChoice::Starter, !is_used)],
    }
}

fn use_model(title: &str, choice: ModelChoice, enabled: bool) -> RowAction {
    RowAction {
        label: "Use".into(),
        spoken: format!("Use the model {title}"),
        help: "Make the next round with this model.".into(),
        enabled,
        command: ModelCommand::Use(choice).into(),
    }
}

fn found_row(state: &WindowState, model: &FoundModel, base: Option<&BaseModel>) -> ModelRow {
    let choice = ModelChoice::Path(model.path.clone());
    let is_used = state.model.chosen.choice == choice;
    let row_state = match model.refusal(base) {
        Some(reason) => RowState::Refused(reason),
        None if is_used => RowState::InUse,
        None => RowState::Here,
    };
    let mut actions = actions_of(state, model, &row_state);
    actions.push(RowAction {
        label: "Show".into(),
        spoken: format!("Show {} in its folder", model.name),
        help: "Show its folder in the file manager.".into(),
        enabled: true,
        command: FileCommand::ShowFolder(model.path.parent().unwrap_or(Path::new("/")).to_path_buf()).into(),
    });
    ModelRow {
        title: model.name.clone(),
        kind: model.kind,
        purpose: place(model),
        facts: facts(model),
        details: format!("{}\n{}", model.path.display(), model.sentence),
        words: model.words.clone(),
        preview: model.preview.clone(),
        licence: None,
        state: row_state,
        actions,
    }
}

/// Whose folder a model is in, and its path.
fn place(model: &FoundModel) -> String {
    match &model.repository {
        Some(repository) => format!("{}: {repository}", model.origin.label()),
        None => format!("{}: {}", model.origin.label(), model.path.display()),
    }
}

fn facts(model: &FoundModel) -> String {
    let mut facts: Vec<String> = Vec::new();
    facts.extend(model.base.as_ref().map(|base| base.label.clone()));
    facts.extend(Some(model.precision.clone()).filter(|precision| !precision.is_empty()));
    facts.extend(model.prediction.clone());
    facts.push(size_text(model.size));
    facts.extend(model.web_hash().map(str::to_owned));
    facts.join(" · ")
}

/// What can be done with a found model besides showing it.
fn actions_of(state: &WindowState, model: &FoundModel, row_state: &RowState) -> Vec<RowAction> {
    let enabled = !matches!(row_state, RowState::Refused(_));
    let name = &model.name;
    match model.kind {
        FoundKind::Model => {
            let choice = ModelChoice::Path(model.path.clone());
            vec![use_model(name, choice, enabled && *row_state != RowState::InUse)]
        }
        FoundKind::Lora | FoundKind::TextualInversion => {
            let is_lora = model.kind == FoundKind::Lora;
            let folder = if is_lora { &state.runtime.loras } else { &state.runtime.embeddings };
            let what = if is_lora { "LoRAs" } else { "textual inversions" };
            let is_known =
                |name: &str| state.runtime.found_loras.iter().any(|lora| lora.name == name && lora.path == model.path);
            let by_name = is_lora && model.lora_name().is_some_and(is_known);
            if by_name || folder.as_ref().is_some_and(|folder| model.path.starts_with(folder)) {
                let Some(text) = model.in_prompt() else { return Vec::new() };
                return vec![RowAction {
                    label: "Add".into(),
                    spoken: format!("Add {name} to the prompt"),
                    help: format!("Add {text} to the prompt."),
                    enabled,
                    command: ModelPanelCommand::AddToPrompt(text).into(),
                }];
            }
            let command = match is_lora {
                true => ModelPanelCommand::UseLoraFolder(model.folder.clone()),
                false => ModelPanelCommand::UseEmbeddingFolder(model.folder.clone()),
            };
            vec![RowAction {
                label: "Use folder".into(),
                spoken: format!("Use the folder of {name} for {what}"),
                help: format!(
                    "Prompts find {what} in one folder. Take {} until the window closes.",
                    model.folder.display()
                ),
                enabled,
                command: command.into(),
            }]
        }
        FoundKind::Vae => {
            let mut actions = vec![RowAction {
                label: "Use".into(),
                spoken: format!("Use {name} for results"),
                help: "Encode the canvas and decode results with this autoencoder.".into(),
                enabled: enabled && state.document.settings().vae.as_ref() != Some(&model.path),
                command: ModelCommand::UseAutoencoder(AutoencoderUse::Results, Some(model.path.clone())).into(),
            }];
            if model.tiny_vae {
                actions.push(RowAction {
                    label: "Previews".into(),
                    spoken: format!("Use {name} for previews"),
                    help: "Decode the previews with this autoencoder while a picture is made.".into(),
                    enabled: enabled && state.runtime.preview_vae.as_ref() != Some(&model.path),
                    command: ModelCommand::UseAutoencoder(AutoencoderUse::Previews, Some(model.path.clone())).into(),
                });
            }
            actions
        }
        FoundKind::ControlNet => {
            let controls = &state.document.settings().controls;
            vec![RowAction {
                label: "Use".into(),
                spoken: format!("Use {name} to follow lines"),
                help: "Let the next round follow the lines of the sketch with this ControlNet.".into(),
                enabled: enabled && controls.first().is_none_or(|control| control.model != model.path),
                command: ControlCommand::UseModel(0, model.path.clone()).into(),
            }]
        }
        // They are used where a picture is enlarged or described, something selected, or depth followed.
        FoundKind::Upscaler
        | FoundKind::Segmenter
        | FoundKind::Captioner
        | FoundKind::DepthEstimator
        | FoundKind::Other => Vec::new(),
    }
}

fn catalogue_row(state: &WindowState, entry: &CatalogueEntry, base: Option<&BaseModel>) -> ModelRow {
    let here = entry.among(state.models.found());
    let found = here.map(|model| found_row(state, model, base));
    let fetch = state.models.fetches.queue.of(&FetchSubject::Entry(entry.id.clone()));
    let is_fetched = |fetch: &&Fetch| !matches!(fetch.state, FetchState::Done | FetchState::Failed { .. });
    let (row_state, actions) = match (found, fetch) {
        (Some(row), fetch) if fetch.as_ref().is_none_or(|fetch| !is_fetched(fetch)) => (row.state, row.actions),
        (_, Some(fetch)) => (state_of(state, fetch), fetch_actions(state, fetch, &entry.name)),
        (_, None) => {
            let why_not = state.models.fetches.why_not();
            let actions = vec![fetch_entry(entry, why_not.is_none()), copy_command(entry)];
            (RowState::NotHere(why_not), actions)
        }
    };
    let memory = match entry.memory_mb.bf16 {
        0 => String::new(),
        megabytes => format!(" · {:.1} GB of memory in bf16", megabytes as f64 / 1e3),
    };
    let time = entry.typical.as_ref().zip(state.models.time_of(&entry.id));
    let time = time.map(|(typical, seconds)| format!(" · {}", typical.summary(seconds))).unwrap_or_default();
    let unconfirmed = match entry.unconfirmed.as_slice() {
        [] => String::new(),
        list => format!("\nNot confirmed: {}.", list.join(", ")),
    };
    ModelRow {
        title: entry.name.clone(),
        kind: entry.kind,
        purpose: entry.purpose.clone(),
        facts: format!("{}{memory}{time} · {}", size_of(entry), entry.repository),
        details: format!("{}\n{}{unconfirmed}", entry.purpose, entry.fetch_command()),
        words: Vec::new(),
        preview: None,
        licence: Some((entry.licence.name.clone(), entry.licence.link.clone())),
        state: row_state,
        actions,
    }
}

/// How much an entry of the catalogue fetches.
fn size_of(entry: &CatalogueEntry) -> String {
    size_text(entry.about_mb.saturating_mul(1_000_000))
}

fn fetch_entry(entry: &CatalogueEntry, enabled: bool) -> RowAction {
    RowAction {
        label: format!("Fetch, {}", size_of(entry)),
        spoken: format!("Fetch {}, {}", entry.name, size_of(entry)),
        help: format!("Fetch it from {} into the cache of the Hugging Face hub.", entry.repository),
        enabled,
        command: FetchCommand::Entry(entry.id.clone()).into(),
    }
}

/// The row of anything that is fetched or failed.
fn download_row(state: &WindowState, fetch: &Fetch) -> Option<ModelRow> {
    let FetchSubject::Entry(id) = &fetch.subject else { return place_row(state, fetch) };
    let entry = state.models.catalogue().entries.iter().find(|entry| entry.id == *id)?;
    let actions = fetch_actions(state, fetch, &entry.name);
    Some(ModelRow { state: state_of(state, fetch), actions, ..catalogue_row(state, entry, None) })
}

/// The row of something that was typed, until it is here.
fn place_row(state: &WindowState, fetch: &Fetch) -> Option<ModelRow> {
    let FetchSubject::Place(place) = &fetch.subject else { return None };
    Some(ModelRow {
        title: place.clone(),
        kind: FoundKind::Other,
        purpose: String::new(),
        facts: fetch.licence.as_ref().map(|licence| format!("licence: {licence}")).unwrap_or_default(),
        details: place.clone(),
        words: Vec::new(),
        preview: None,
        licence: None,
        state: state_of(state, fetch),
        actions: fetch_actions(state, fetch, place),
    })
}

fn state_of(state: &WindowState, fetch: &Fetch) -> RowState {
    let fetches = &state.models.fetches;
    match &fetch.state {
        FetchState::Failed { reason, page } => RowState::NotFetched { reason: reason.clone(), page: page.clone() },
        FetchState::CutOff { reason, .. } if !fetch.is_paused => {
            RowState::NotFetched { reason: format!("{reason} It is tried again by itself."), page: None }
        }
        FetchState::CutOff { .. } => {
            RowState::Fetching(FetchLine { share: None, text: "Paused; the connection was lost".into() })
        }
        FetchState::Queued(_) | FetchState::Starting | FetchState::Working(_) | FetchState::Done => {
            RowState::Fetching(FetchLine::of(fetch, fetches.queue.ahead_of(fetch.job), fetches.is_offline()))
        }
    }
}

/// What can be done while something waits or is fetched, or after it failed.
fn fetch_actions(state: &WindowState, fetch: &Fetch, name: &str) -> Vec<RowAction> {
    let action = |label: &str, spoken: String, help: &str, command: FetchCommand| RowAction {
        label: label.into(),
        spoken,
        help: help.into(),
        enabled: true,
        command: command.into(),
    };
    let job = fetch.job;
    let pause = || match fetch.is_paused {
        true => action("Resume", format!("Resume fetching {name}"), "Go on.", FetchCommand::Resume(job)),
        false => {
            let help = "Fetch no more of it for now. What waits for its turn is fetched meanwhile.";
            action("Pause", format!("Pause fetching {name}"), help, FetchCommand::Pause(job))
        }
    };
    if fetch.is_unanswered && fetch.is_wanted() {
        let help = "Fetch it. What is here already is not fetched twice.";
        let remove = "Do not fetch it. What is here is kept for the next time.";
        return vec![
            action("Go on", format!("Go on fetching {name}"), help, FetchCommand::Resume(job)),
            action("Remove", format!("Remove {name} from the downloads"), remove, FetchCommand::Cancel(job)),
        ];
    }
    let cancel = || {
        let help = "Stop. What is here is kept for the next time.";
        action("Cancel", format!("Cancel fetching {name}"), help, FetchCommand::Cancel(job))
    };
    match &fetch.state {
        FetchState::Done => Vec::new(),
        FetchState::Failed { .. } => {
            let again = "Fetch it again. What is here already is not fetched twice.";
            let dismiss = format!("Dismiss the failure of {name}");
            vec![
                action("Try again", format!("Try again to fetch {name}"), again, FetchCommand::TryAgain(job)),
                action("Dismiss", dismiss, "Leave it for now.", FetchCommand::Cancel(job)),
            ]
        }
        FetchState::CutOff { .. } => {
            let again = "Do not wait. What is here already is not fetched twice.";
            let again = action("Try now", format!("Try now to fetch {name}"), again, FetchCommand::TryAgain(job));
            vec![again, pause(), cancel()]
        }
        FetchState::Queued(_) if state.models.fetches.queue.ahead_of(job) > 1 => {
            let help = "Fetch it next, after what is being fetched.";
            let next = action("Next", format!("Fetch {name} next"), help, FetchCommand::MoveUp(job));
            vec![next, pause(), cancel()]
        }
        FetchState::Queued(_) | FetchState::Starting | FetchState::Working(_) => vec![pause(), cancel()],
    }
}

fn copy_command(entry: &CatalogueEntry) -> RowAction {
    RowAction {
        label: "Copy command".into(),
        spoken: format!("Copy the command that fetches {}", entry.name),
        help: format!("Copy the command that fetches it: {}", entry.fetch_command()),
        enabled: true,
        command: ModelPanelCommand::CopyText(entry.fetch_command()).into(),
    }
}
