//! `underpaint models search-here`: names folders that are searched for models.

use std::path::PathBuf;

use anyhow::{anyhow, bail};

use super::super::{counted, default_home, harmless_line, print_error_line, print_line};
use super::here::models_here;
use crate::models::NamedFolders;

/// Which folders `underpaint models search-here` names.
#[derive(clap::Args, Debug)]
pub struct SearchHereArgs {
    /// Folders of models, or of AUTOMATIC1111, Forge, ComfyUI, InvokeAI or Krita AI; without any the named
    /// ones are listed
    #[arg(value_name = "DIR")]
    pub folders: Vec<PathBuf>,
    /// Do not search these folders any more; their files stay
    #[arg(long)]
    pub forget: bool,
}

/// Adds folders to those that are searched, now and later, and says how much is found in them. Returns whether all
/// could be added, or taken out.
///
/// # Errors
/// If the list cannot be kept.
pub(super) fn search_here(args: &SearchHereArgs) -> anyhow::Result<bool> {
    let data = default_home().ok_or_else(|| {
        anyhow!(
            "This system names no folder for the program's data, so folders cannot be kept. Set XDG_DATA_HOME or HOME."
        )
    })?;
    let mut named = NamedFolders::read(Some(&data));
    if args.folders.is_empty() {
        if args.forget {
            bail!("Say which folder to forget: underpaint models search-here --forget DIR");
        }
        named.list().iter().for_each(|folder| print_line(&harmless_line(&folder.display().to_string())));
        return Ok(true);
    }
    let mut all = true;
    for folder in &args.folders {
        // A folder that is gone is forgotten under the name that it had.
        let real = folder.canonicalize().or_else(|_| std::path::absolute(folder)).unwrap_or_else(|_| folder.clone());
        let trouble = match args.forget {
            true if named.remove(&real) => continue,
            true => "is not among the folders that are searched",
            false if !real.is_dir() => "is no folder",
            false if named.list().contains(&real) || named.add(&real) => continue,
            false => "could not be added: 100 folders are the most",
        };
        print_error_line(&format!("underpaint: {} {trouble}.", folder.display()));
        all = false;
    }
    named.keep(&data)?;
    let found = models_here()?;
    for folder in named.list() {
        let inside = found.list.iter().filter(|model| model.path.starts_with(folder)).count();
        print_line(&harmless_line(&format!("{}: {}", folder.display(), counted(inside, "file"))));
    }
    found.troubles.iter().for_each(|trouble| print_error_line(&format!("underpaint: {trouble}")));
    Ok(all)
}
