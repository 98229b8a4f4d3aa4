//! `underpaint models remove`: deletes what was fetched.

use std::path::Path;

use anyhow::bail;

use super::super::{default_home, harmless, print_line};
use super::here::{keep, models_here};
use crate::hub::cache::Cache;
use crate::hub::{Environment, Repository};
use crate::models::{FoundKind, FoundModel, Origin, Remembered, named_model, size_text};

/// What `underpaint models remove` deletes.
#[derive(clap::Args, Debug)]
pub struct RemoveArgs {
    /// A name from underpaint models list, or owner/name of the hub
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Delete it; without this nothing is deleted, and what would be is said
    #[arg(long)]
    pub yes: bool,
}

/// Deletes a model from the hub's cache, with all of its repository there, or from the program's own folder. Files of
/// other programs and of named folders are left alone. Returns whether something was deleted.
///
/// # Errors
/// If it is not here, belongs to another program, or cannot be deleted.
pub(super) fn remove(args: &RemoveArgs) -> anyhow::Result<bool> {
    let found = models_here()?;
    let model = named_model(&args.name, &found.list, &FoundKind::ALL)?;
    match (model.origin, &model.repository) {
        (Origin::HubCache, Some(repository)) => remove_repository(args, model, repository),
        (Origin::Own, _) => remove_own(args, model),
        _ => bail!(
            "{} is in a folder of {}, and only the hub's cache and the program's own folder are tidied here. Delete it by hand: {}",
            model.name,
            model.origin.label(),
            model.path.display()
        ),
    }
}

fn remove_repository(args: &RemoveArgs, model: &FoundModel, id: &str) -> anyhow::Result<bool> {
    let (cache, repository) = (Cache::new(Environment::of_this_process()?.cache), Repository::new(id)?);
    let size = cache.repository(&repository).map_or(model.size, |found| found.size);
    if !args.yes {
        print_line(&harmless(&format!(
            "This would delete {id} from {}, which frees {}. Other programs that use it fetch it again. To do it, add --yes.",
            cache.root().display(),
            size_text(size)
        )));
        return Ok(false);
    }
    let freed = cache.remove(&repository, None)?;
    forget(&model.path);
    print_line(&harmless(&format!("{id} was deleted, which freed {}.", size_text(freed))));
    Ok(true)
}

fn remove_own(args: &RemoveArgs, model: &FoundModel) -> anyhow::Result<bool> {
    let (path, size) = (&model.path, size_text(model.size));
    if let Some(reason) = keeps(model) {
        bail!("{} is not deleted: {reason}. Delete its files by hand.", path.display());
    }
    if !args.yes {
        let text = format!("This would delete {}, which frees {size}. To do it, add --yes.", path.display());
        print_line(&harmless(&text));
        return Ok(false);
    }
    // A link is deleted and not what it leads to.
    let is_folder = std::fs::symlink_metadata(path).is_ok_and(|about| about.is_dir());
    let deleted = if is_folder { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
    if let Err(error) = deleted {
        bail!("{} could not be deleted: {}.", path.display(), crate::picture::plain_reason(&error));
    }
    forget(path);
    print_line(&harmless(&format!("{} was deleted, which freed {size}.", path.display())));
    Ok(true)
}

/// Why a model of the program's own folders is left alone, if it is: deleting it would delete more than the model.
fn keeps(model: &FoundModel) -> Option<String> {
    let path = &model.path;
    if *path == model.folder {
        return Some("it is the folder of all models".into());
    }
    // A folder on the way may be a link to somewhere else.
    let parent = path.parent().and_then(|parent| parent.canonicalize().ok());
    if !parent.zip(model.folder.canonicalize().ok()).is_some_and(|(parent, own)| parent.starts_with(own)) {
        return Some("a link leads to it out of the program's own folder".into());
    }
    // In a folder of several files, only those with the names of the layout belong to the model.
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    let weights = ["safetensors", "ckpt", "pt", "bin", "gguf"];
    let known = ["diffusion_pytorch_model", "model", "pytorch_model"];
    let is_other = |name: &&String| {
        name.rsplit_once('.').is_some_and(|(stem, ending)| {
            weights.contains(&ending.to_lowercase().as_str()) && !known.iter().any(|known| stem.starts_with(known))
        })
    };
    names.iter().find(is_other).map(|name| format!("its folder holds {name} too"))
}

/// What was known of a file that is gone is of no use.
fn forget(path: &Path) {
    let mut remembered = Remembered::open(default_home().as_deref());
    remembered.forget(path);
    keep(&mut remembered);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::FoundModel;

    fn model(path: &Path, folder: &Path) -> FoundModel {
        FoundModel {
            name: "m".into(),
            path: path.to_path_buf(),
            kind: FoundKind::Vae,
            usable: true,
            sentence: String::new(),
            base: None,
            precision: String::new(),
            prediction: None,
            tiny_vae: false,
            size: 1,
            origin: Origin::Own,
            folder: folder.to_path_buf(),
            repository: None,
            sha256: None,
            words: Vec::new(),
            preview: None,
        }
    }

    #[test]
    fn only_a_models_own_files_are_deleted() {
        let own = tempfile::tempdir().expect("folder");
        let (inside, file) = (own.path().join("vae"), own.path().join("a.safetensors"));
        std::fs::create_dir(&inside).expect("folder");
        for path in [inside.join("config.json"), inside.join("diffusion_pytorch_model.safetensors"), file.clone()] {
            std::fs::write(path, "x").expect("writes");
        }
        assert_eq!(keeps(&model(&inside, own.path())), None);
        assert_eq!(keeps(&model(&file, own.path())), None);
        std::fs::write(inside.join("ink.safetensors"), "x").expect("writes");
        assert!(keeps(&model(&inside, own.path())).is_some_and(|why| why.contains("ink.safetensors")));
        assert!(keeps(&model(own.path(), own.path())).is_some_and(|why| why.contains("all models")));
    }

    #[cfg(unix)]
    #[test]
    fn what_a_link_leads_to_is_left_alone() {
        let (own, other) = (tempfile::tempdir().expect("folder"), tempfile::tempdir().expect("folder"));
        std::fs::write(other.path().join("ink.safetensors"), "x").expect("writes");
        std::os::unix::fs::symlink(other.path(), own.path().join("linked")).expect("links");
        let model = model(&own.path().join("linked").join("ink.safetensors"), own.path());
        assert!(keeps(&model).is_some_and(|why| why.contains("link")));
    }
}
