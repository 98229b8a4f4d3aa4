//! `underpaint inspect`: what files are, and what this program would make of them.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::document_report::DocumentReport;
use super::open_raster_report::OpenRasterReport;
use super::{harmless, print_line};
use crate::diffusion::{ModelReport, inspect_model, is_meant_as_weights};
use crate::document::open_raster::is_open_raster;
use crate::document::store::is_document;
use crate::picture::{Conversion, Inspection, InspectionDetails, PictureReport, SettingsReport};

/// What `underpaint inspect` looks at.
#[derive(clap::Args, Debug)]
pub struct InspectArgs {
    /// Pictures, OpenRaster files, documents, models, LoRAs, textual inversions, VAEs, or folders of models
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Print one JSON object a file, each on a line of its own
    #[arg(long)]
    pub json: bool,
}

/// Prints a report on every file, as lines or as one JSON object each; gives whether all files can be
/// used.
pub fn inspect(args: &InspectArgs) -> bool {
    let mut all_usable = true;
    for path in &args.files {
        let report = report_on(path);
        all_usable &= report.is_usable();
        if args.json {
            match serde_json::to_string(&report) {
                Ok(line) => print_line(&line),
                Err(error) => tracing::error!(%error, "a report could not be written as JSON"),
            }
        } else {
            report.lines().iter().for_each(|line| print_line(&harmless(line)));
        }
    }
    all_usable
}

/// What is known of one file or folder.
#[derive(Serialize)]
#[serde(untagged)]
enum Finding {
    /// Of weights: a model, LoRA, textual inversion or VAE, or a folder.
    Weights(Box<ModelReport>),
    /// Of a document.
    Document(Box<DocumentReport>),
    /// Of an OpenRaster picture.
    Layers(OpenRasterReport),
    /// Of everything else.
    Picture(Inspection),
}

impl Finding {
    fn is_usable(&self) -> bool {
        match self {
            Self::Weights(report) => report.usable,
            Self::Document(report) => report.usable,
            Self::Layers(report) => report.usable,
            Self::Picture(report) => report.usable,
        }
    }

    /// The report for people: the sentence, and below it what else is known.
    fn lines(&self) -> Vec<String> {
        match self {
            Self::Weights(report) => {
                let mut lines = vec![report.sentence.clone()];
                weights_lines(report, &mut lines);
                lines
            }
            Self::Document(report) => report.lines(),
            Self::Layers(report) => report.lines(),
            Self::Picture(report) => {
                let mut lines = vec![report.sentence.clone()];
                if let InspectionDetails::Picture(picture) = &report.details {
                    picture_lines(picture, &mut lines);
                }
                lines
            }
        }
    }
}

/// Looks at a file's content first, and at its name only where the content says nothing.
fn report_on(path: &Path) -> Finding {
    if is_document(path) {
        return Finding::Document(Box::new(DocumentReport::read(path)));
    }
    if is_open_raster(path) {
        return Finding::Layers(OpenRasterReport::read(path));
    }
    if is_meant_as_weights(path) {
        return Finding::Weights(Box::new(inspect_model(path)));
    }
    Finding::Picture(crate::picture::inspect(path))
}

fn weights_lines(report: &ModelReport, lines: &mut Vec<String>) {
    if report.tensors > 0 {
        let precision: Vec<String> =
            report.precision.iter().map(|(format, count)| format!("{count} in {format}")).collect();
        lines.push(format!("  tensors: {} ({})", report.tensors, precision.join(", ")));
    }
    for part in &report.parts {
        let state = if !part.present {
            "missing".to_owned()
        } else if part.missing_tensors.is_empty() {
            format!("{:.1} million numbers", part.parameters as f64 / 1e6)
        } else {
            let first = part.missing_tensors.first().map_or("", String::as_str);
            format!("lacks {} tensors, such as {first}", part.missing_tensors.len())
        };
        lines.push(format!("  {}: {state}", part.name));
    }
    if let Some(prediction) = report.prediction {
        lines.push(format!("  prediction: {prediction}"));
    }
}

fn picture_lines(picture: &PictureReport, lines: &mut Vec<String>) {
    lines.push(format!("  colour: {}", picture.color));
    if let Some(name) = &picture.color_profile {
        let done = match picture.color_conversion {
            Some(Conversion::Converted) => "converted to sRGB",
            Some(Conversion::SameAsSrgb) => "the same as sRGB",
            Some(Conversion::Ignored) | None => "not understood, so the colours are taken for sRGB",
        };
        lines.push(format!("  colour profile: {name} ({done})"));
    }
    lines.push(format!("  orientation: {}", picture.orientation));
    if let Some(settings) = &picture.settings {
        settings_lines(settings, lines);
    }
}

fn settings_lines(settings: &SettingsReport, lines: &mut Vec<String>) {
    // Prompts may have several lines.
    let indented = |text: &str| text.replace('\n', "\n    ");
    lines.push(format!("  prompt: {}", indented(&settings.prompt)));
    if !settings.negative_prompt.is_empty() {
        lines.push(format!("  negative prompt: {}", indented(&settings.negative_prompt)));
    }
    if !settings.fields.is_empty() {
        lines.push("  settings:".into());
        lines.extend(settings.fields.iter().map(|(name, value)| format!("    {name}: {}", indented(value))));
    }
    if !settings.not_taken.is_empty() {
        lines.push("  not taken over as it stands:".into());
        lines.extend(settings.not_taken.iter().map(|left| format!("    {}", indented(&left.to_string()))));
    }
}
