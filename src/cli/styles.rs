//! `underpaint styles`: the styles that pictures can be made in.

use std::path::PathBuf;

use anyhow::anyhow;

use super::{default_home, harmless, print_line};
use crate::prompts::{Style, StyleList};

/// What `underpaint styles` does besides listing them.
#[derive(clap::Args, Debug)]
pub struct StylesArgs {
    /// Add the styles of this file first: styles.csv of AUTOMATIC1111's web UI, or styles.json
    #[arg(long, value_name = "FILE")]
    pub import: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Prints every style with what it adds to a prompt, or one JSON object.
///
/// # Errors
/// If the styles cannot be read, or a file of styles cannot be imported.
pub fn styles(args: &StylesArgs) -> anyhow::Result<()> {
    let home = default_home().ok_or_else(|| anyhow!("The system names no data folder, where styles are kept."))?;
    let mut list = StyleList::read(&home)?;
    if let Some(file) = &args.import {
        list.import(file)?;
        list.keep(&home)?;
    }
    if args.json {
        print_line(&serde_json::json!({ "styles": list.all() }).to_string());
        return Ok(());
    }
    list.all().iter().flat_map(lines).for_each(|line| print_line(&harmless(&line)));
    Ok(())
}

/// The styles of these names.
///
/// # Errors
/// A name without a style, or styles that cannot be read.
pub(super) fn chosen(names: &[String]) -> anyhow::Result<Vec<Style>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let list = default_home().map_or_else(|| Ok(StyleList::default()), |home| StyleList::read(&home))?;
    let find = |name: &String| {
        list.get(name)
            .cloned()
            .ok_or_else(|| anyhow!("There is no style called {name}. underpaint styles lists those there are."))
    };
    names.iter().map(find).collect()
}

fn lines(style: &Style) -> Vec<String> {
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut lines = vec![format!("{}: {}", one_line(&style.name), one_line(&style.prompt))];
    if !style.negative.is_empty() {
        lines.push(format!("  negative prompt: {}", one_line(&style.negative)));
    }
    if !style.settings.is_empty() {
        lines.push(format!("  settings: {}", style.settings.in_words()));
    }
    lines
}
