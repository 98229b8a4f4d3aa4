//! `underpaint models list`: what is on this machine, and the catalogue.

use serde_json::{Value, json};

use super::super::{harmless_line, print_line};
use super::here::models_here;
use crate::diffusion::HeaderInspector;
use crate::models::{Catalogue, CatalogueEntry, FoundModel, FoundModels, size_text};

/// How `underpaint models list` prints.
#[derive(clap::Args, Debug)]
pub struct ListArgs {
    /// Say how long four pictures take with the models of the catalogue on this machine, which is measured in a
    /// second
    #[arg(long)]
    pub times: bool,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Prints the starter, the models on this machine, and the catalogue with what of it is here.
///
/// # Errors
/// If the folders cannot be searched.
pub(super) fn list(args: &ListArgs) -> anyhow::Result<bool> {
    let found = models_here()?;
    if args.json {
        print_line(&list_json(&found, args.times).to_string());
        return Ok(true);
    }
    print_line("starter: the small model inside the program");
    print_line("");
    print_line("On this machine:");
    if found.list.is_empty() {
        print_line("  nothing was found; name a folder with: underpaint models search-here DIR");
    }
    found.list.iter().flat_map(found_lines).for_each(|line| print_line(&harmless_line(&line)));
    print_line("");
    print_line("Catalogue:");
    for entry in &Catalogue::built_in().entries {
        entry_lines(entry, &found.list, args.times).iter().for_each(|line| print_line(&harmless_line(line)));
    }
    found.troubles.iter().for_each(|trouble| super::super::print_error_line(&format!("underpaint: {trouble}")));
    Ok(true)
}

fn list_json(found: &FoundModels, times: bool) -> Value {
    let entry = |entry: &CatalogueEntry| {
        let here = entry.among(&found.list).map(|model| model.path.to_string_lossy());
        let mut value = serde_json::to_value(entry).unwrap_or_default();
        value["path"] = json!(here);
        value["fetch"] = json!(entry.fetch_command());
        if times {
            value["seconds"] = json!(seconds(entry));
        }
        value
    };
    // A path that is not UTF-8 is written with what it lacks replaced.
    let model = |model: &FoundModel| {
        serde_json::to_value(model)
            .unwrap_or_else(|_| json!({"name": model.name, "path": model.path.to_string_lossy()}))
    };
    json!({
        "starter": {"name": "starter", "path": null},
        "here": found.list.iter().map(model).collect::<Vec<_>>(),
        "catalogue": Catalogue::built_in().entries.iter().map(entry).collect::<Vec<_>>(),
        "troubles": found.troubles,
    })
}

fn found_lines(model: &FoundModel) -> Vec<String> {
    let mut facts = vec![model.kind.label().to_owned()];
    facts.extend(model.base.as_ref().map(|base| base.label.clone()));
    facts.extend(Some(model.precision.clone()).filter(|precision| !precision.is_empty()));
    facts.extend(model.prediction.clone());
    facts.push(size_text(model.size));
    facts.extend(model.web_hash().map(str::to_owned));
    facts.push(model.origin.label().to_owned());
    let mut lines = vec![format!("  {}: {}", model.name, facts.join(", ")), format!("    {}", model.path.display())];
    if !model.words.is_empty() {
        lines.push(format!("    trigger words: {}", model.words.join(", ")));
    }
    if !model.usable {
        lines.push(format!("    {}", model.sentence));
    }
    lines
}

/// How long a usual round with it takes here.
fn seconds(entry: &CatalogueEntry) -> Option<f64> {
    entry.typical.as_ref()?.seconds(&HeaderInspector)
}

fn entry_lines(entry: &CatalogueEntry, found: &[FoundModel], times: bool) -> Vec<String> {
    let mut lines = vec![format!("  {}: {}, {}", entry.id, entry.name, entry.kind.label())];
    lines.push(format!("    {}", entry.purpose));
    let mut facts = vec![size_text(entry.about_mb * 1_000_000)];
    if entry.memory_mb.bf16 > 0 {
        let (bf16, f32) = (entry.memory_mb.bf16 as f64 / 1e3, entry.memory_mb.f32 as f64 / 1e3);
        facts.push(format!("{bf16:.1} GB of memory in bf16, {f32:.1} GB in f32"));
    }
    lines.push(format!("    {}; licence: {}, {}", facts.join(", "), entry.licence.name, entry.licence.link));
    if times && let (Some(typical), Some(seconds)) = (&entry.typical, seconds(entry)) {
        lines.push(format!("    {}, 512 by 512 pixels", typical.summary(seconds)));
    }
    if !entry.unconfirmed.is_empty() {
        lines.push(format!("    not confirmed: {}", entry.unconfirmed.join(", ")));
    }
    lines.push(match entry.among(found) {
        Some(model) => format!("    here: {}", model.path.display()),
        None => format!("    not here: {}", entry.fetch_command()),
    });
    lines
}
